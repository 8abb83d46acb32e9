//! Collects what the charts show while a run goes on, in bounded memory, and draws them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::WAITS_AT_BOTH;
use super::charts::axis::count;
use super::charts::gantt::{BarEnd, GanttBar, GanttChart};
use super::charts::latency::{LatencyChart, LatencySeries};
use super::charts::outcomes::{CodeBar, MoreCodes, OutcomesChart};
use super::charts::slots::{LevelPoint, SlotsChart, SlotsPanel};
use super::charts::{gantt, latency, outcomes, slots};
use crate::clock::Clock;
use crate::ids::RequestKey;
use crate::records::{
    AnswerCounts, CopyRecord, Figures, Operation, Outcome, OutcomeCounts, Percentile, SlotLevels, Tally,
};
use crate::scenario::{Labels, Scenario};
use crate::service::SlotKey;
use crate::service::codes::Code;
use crate::time::SimTime;

/// Rows of the Gantt chart.
const MAX_BARS: usize = 300;
/// Panels of the slots chart.
const MAX_PANELS: usize = 6;
/// Codes with a bar of their own.
const MAX_CODES: usize = 20;
/// Points kept for each slot key before they are thinned.
const MAX_POINTS: usize = 4096;
/// Steps drawn of a distribution.
const MAX_STEPS: usize = 2000;

/// Collects the data of the charts.
#[derive(Debug, Default)]
pub struct PlotData {
    series: Vec<Series>,
    /// The first copies by time of acceptance, then place in the file.
    bars: BTreeMap<(SimTime, RequestKey), Bar>,
    /// Accepted copies without a row.
    left_out: Option<LeftOut>,
    /// Requests without a copy of their own.
    copyless: OutcomeCounts,
    /// Whether a copy waited at two slot keys.
    waits_at_both: bool,
}

/// How many copies were left out, and when the first and the last of them were accepted.
#[derive(Clone, Copy, Debug)]
struct LeftOut {
    count: u64,
    first: SimTime,
    last: SimTime,
}

impl LeftOut {
    /// One more, accepted at this time.
    fn add(found: Option<Self>, accepted: SimTime) -> Self {
        found.map_or(Self { count: 1, first: accepted, last: accepted }, |found| Self {
            count: found.count + 1,
            first: found.first.min(accepted),
            last: found.last.max(accepted),
        })
    }

    /// ` The first 300 accepted copies are shown, and the axis ends with the last of them; 90 more, accepted from
    /// 2h to 5h, are in copies.csv. The run ended at 6h.`
    fn in_words(self, run_end: SimTime, clock: Option<Clock>) -> String {
        let span = clock.map(|clock| format!(" ({})", clock.span_label(self.first, self.last)));
        let ended = clock.map(|clock| format!(" ({})", clock.label(run_end)));
        let (span, ended) = (span.unwrap_or_default(), ended.unwrap_or_default());
        format!(
            " The first {MAX_BARS} accepted copies are shown, and the axis ends with the last of them; {} more, \
             accepted from {} to {}{span}, are in copies.csv. The run ended at {run_end}{ended}.",
            self.count, self.first, self.last
        )
    }
}

/// A row of the Gantt chart.
#[derive(Debug)]
struct Bar {
    record: CopyRecord,
    label: String,
}

/// The levels of a slot key over time. When there are too many points, neighbours are joined and the
/// highest levels kept.
#[derive(Debug, Default)]
struct Series {
    points: Vec<LevelPoint>,
    /// Microseconds in which only the highest levels are kept; 0 keeps every change.
    grain: u64,
    used: bool,
}

impl Series {
    fn add(&mut self, at: SimTime, levels: SlotLevels) {
        let cell = |micros: u64, grain: u64| micros.checked_div(grain).unwrap_or(micros);
        self.used |= levels.held > 0 || levels.waiting > 0;
        let point = LevelPoint {
            at_us: at.micros(),
            held: levels.held,
            waiting: u64::from(levels.waiting),
            cap: levels.cap,
        };
        match self.points.last_mut() {
            Some(last) if cell(last.at_us, self.grain) == cell(point.at_us, self.grain) => join(last, &point),
            _ => self.points.push(point),
        }
        while self.points.len() > MAX_POINTS {
            let span = self.points.last().map_or(1, |last| last.at_us).max(1);
            self.grain = (self.grain * 2).max(span / (MAX_POINTS as u64 / 2)).max(1);
            let mut joined: Vec<LevelPoint> = Vec::with_capacity(MAX_POINTS);
            for point in std::mem::take(&mut self.points) {
                match joined.last_mut() {
                    Some(last) if last.at_us / self.grain == point.at_us / self.grain => join(last, &point),
                    _ => joined.push(point),
                }
            }
            self.points = joined;
        }
    }
}

fn join(into: &mut LevelPoint, point: &LevelPoint) {
    into.held = into.held.max(point.held);
    into.waiting = into.waiting.max(point.waiting);
    into.cap = into.cap.max(point.cap);
}

/// A chart's file name and text.
pub struct Plot {
    pub name: &'static str,
    pub svg: String,
}

impl PlotData {
    pub fn begin(&mut self, slots: &[(SlotKey, u32)]) {
        let series = |cap: u32| {
            let mut series = Series::default();
            series.add(SimTime::ZERO, SlotLevels { cap, ..SlotLevels::default() });
            series
        };
        self.series = slots.iter().map(|(_, cap)| series(*cap)).collect();
    }

    pub fn levels(&mut self, at: SimTime, slot: u32, levels: SlotLevels) {
        let series = &mut self.series[slot as usize];
        // The state before the first instant is no state of the run.
        if at == SimTime::ZERO {
            series.points.clear();
        }
        series.add(at, levels);
    }

    pub fn closed(&mut self, record: &CopyRecord, labels: &Labels<'_>) {
        if !record.outcome.is_of_accepted() {
            self.copyless.add(record.outcome);
        }
        let Some(accepted) = record.accepted else { return };
        let has_waited = record.start != record.accepted;
        self.waits_at_both |= has_waited && record.slots.iter().count() > 1;
        let place = (accepted, record.key);
        if self.bars.len() == MAX_BARS {
            let last = self.bars.last_key_value().map(|((last, key), _)| (*last, *key));
            let is_later = last.is_some_and(|last| last < place);
            let left_out = if is_later { accepted } else { last.map_or(accepted, |(last, _)| last) };
            self.left_out = Some(LeftOut::add(self.left_out, left_out));
            if is_later {
                return;
            }
            self.bars.pop_last();
        }
        self.bars.insert(place, Bar { record: *record, label: labels.label(record.key) });
    }

    /// All charts of a run called `title`.
    pub fn draw(&self, title: &str, tally: &Tally, slots: &[SlotKey], scenario: &Scenario) -> Vec<Plot> {
        vec![
            Plot { name: "latency.svg", svg: latency::draw(&latency_chart(title, tally)) },
            Plot { name: "slots.svg", svg: slots::draw(&self.slots_chart(title, tally, slots, scenario)) },
            Plot { name: "gantt.svg", svg: gantt::draw(&self.gantt_chart(title, tally.end(), scenario)) },
            Plot {
                name: "outcomes.svg",
                svg: outcomes::draw(&outcomes_chart(title, tally, scenario.warm_up)),
            },
        ]
    }

    fn slots_chart(&self, title: &str, tally: &Tally, keys: &[SlotKey], scenario: &Scenario) -> SlotsChart {
        let mut used: Vec<usize> = (0..keys.len()).filter(|key| self.series[*key].used).collect();
        let name = |key: &usize| scenario.catalog.slot(keys[*key]);
        // Busiest first: most waiting, then most held, then by name.
        used.sort_by_key(|key| {
            let slot = &tally.slots[*key];
            (Reverse((slot.waiting.area(), slot.held.area())), name(key))
        });
        let left_out = used.len().saturating_sub(MAX_PANELS);
        used.truncate(MAX_PANELS);
        let panel = |key: &usize| SlotsPanel { label: name(key), points: self.series[*key].points.clone() };
        let more = if left_out > 0 {
            format!(" The {MAX_PANELS} with most waiting are shown, {left_out} more are in timeseries.csv.")
        } else {
            String::new()
        };
        let thinned = self.series.iter().any(|series| series.grain > 0);
        let thinned =
            if thinned { " Thinned: of neighbouring instants the highest counts are kept." } else { "" };
        let both = if self.waits_at_both { format!(" {WAITS_AT_BOTH}") } else { String::new() };
        SlotsChart {
            title: format!("{title}: slots held and copies waiting"),
            panels: used.iter().map(panel).collect(),
            end_us: tally.end().micros(),
            clock: scenario.starts_at,
            definition: format!(
                "{}Counts at the end of each instant; slots held by running and draining copies, copies that wait \
                 for one.{both}{more}{thinned}",
                start_of(scenario.starts_at)
            ),
        }
    }

    fn gantt_chart(&self, title: &str, end: SimTime, scenario: &Scenario) -> GanttChart {
        let bar = |Bar { record, label }: &Bar| GanttBar {
            label: label.clone(),
            accepted_us: record.accepted.unwrap_or(end).micros(),
            start_us: record.start.map(SimTime::micros),
            end_us: record.end.unwrap_or(end).micros(),
            end: bar_end(record.outcome),
        };
        let clock = scenario.starts_at;
        let more = self.left_out.map_or_else(String::new, |left_out| left_out.in_words(end, clock));
        GanttChart {
            title: format!("{title}: when each copy waits and runs"),
            bars: self.bars.values().map(bar).collect(),
            // The rest of the run would be empty, as its copies are left out.
            end_us: if self.left_out.is_some() { 0 } else { end.micros() },
            clock: scenario.starts_at,
            definition: format!(
                "{}A row is an accepted copy, from its acceptance to its end.{more}{}",
                start_of(scenario.starts_at),
                without_row(&self.copyless)
            ),
        }
    }
}

/// ` 3 refused and 15 skipped requests have no row.`
fn without_row(copyless: &OutcomeCounts) -> String {
    let kind = |(outcome, count): (Outcome, u64)| match outcome {
        Outcome::DryRun => format!("{count} dry-run"),
        Outcome::NotSent => format!("{count} unsent"),
        outcome => format!("{count} {}", outcome.label()),
    };
    let kinds: Vec<String> = copyless.occurred().map(kind).collect();
    let kinds = match kinds.split_last() {
        None => return String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    };
    let have = if copyless.total() == 1 { "request has" } else { "requests have" };
    format!(" {kinds} {have} no row.")
}

/// `The run started on Mon 2 Nov 2026 at 08:00 (UTC+08:00). `: what the labels of a time axis leave out.
fn start_of(clock: Option<Clock>) -> String {
    clock.map_or_else(String::new, |clock| format!("The run started on {}. ", clock.start_in_words()))
}

fn bar_end(outcome: Outcome) -> BarEnd {
    match outcome {
        Outcome::Available => BarEnd::Available,
        Outcome::Failed => BarEnd::Failed,
        Outcome::CancelledWaiting => BarEnd::CancelledWaiting,
        Outcome::CancelledRunning => BarEnd::CancelledRunning,
        Outcome::Running => BarEnd::Running,
        Outcome::Waiting
        | Outcome::Refused
        | Outcome::Skipped
        | Outcome::Replayed
        | Outcome::DryRun
        | Outcome::NotSent => BarEnd::Waiting,
    }
}

fn latency_chart(title: &str, tally: &Tally) -> LatencyChart {
    let figures = &tally.all.figures;
    let shown = Figures::NAMES.into_iter().zip(figures.all()).filter(|(name, _)| *name != "waited");
    let series = shown.map(|(name, figure)| {
        let at = |percentile| figure.percentile(percentile).map_or(0, crate::time::SimDuration::micros);
        LatencySeries {
            name,
            steps: figure.steps(MAX_STEPS),
            n: figure.n(),
            p50: at(Percentile::P50),
            p95: at(Percentile::P95),
            p99: at(Percentile::P99),
        }
    });
    let left_out = tally.all.outcomes.occurred().filter(|(outcome, _)| *outcome != Outcome::Available);
    let left_out: Vec<String> = left_out.map(|(outcome, count)| outcome.counted(count)).collect();
    let left_out =
        if left_out.is_empty() { String::new() } else { format!(" Not available: {}.", left_out.join(", ")) };
    let inexact = figures.all().iter().any(|figure| !figure.is_exact());
    let inexact = if inexact { " Percentiles from buckets of 3 significant digits." } else { "" };
    LatencyChart {
        title: format!("{title}: how long copies took"),
        series: series.collect(),
        definition: format!(
            "Wait: copies that started; copy, total and lead: Available copies.{left_out}{inexact}"
        ),
    }
}

/// How requests ended and which codes were answered, the largest counts first.
fn outcomes_chart(title: &str, tally: &Tally, warm_up: SimTime) -> OutcomesChart {
    let mut outcomes: Vec<(Outcome, u64)> = tally.all.outcomes.occurred().collect();
    outcomes.sort_by_key(|(_, count)| Reverse(*count));
    let bar = |operation, (code, count): (&Code, &u64)| CodeBar {
        operation,
        code: code.literal(),
        http_status: code.http_status(),
        count: *count,
    };
    let of = |(operation, answers): (Operation, &'_ AnswerCounts)| -> Vec<CodeBar> {
        answers.refused.iter().map(|refused| bar(operation.name(), refused)).collect()
    };
    let mut codes: Vec<CodeBar> = tally.calls.iter().flat_map(of).collect();
    codes.sort_by_key(|bar| (Reverse(bar.count), bar.operation, bar.code));
    let refused: u64 = codes.iter().map(|bar| bar.count).sum();
    let rest = codes.split_off(codes.len().min(MAX_CODES));
    let more = MoreCodes { codes: rest.len() as u64, count: rest.iter().map(|bar| bar.count).sum() };
    let since = match warm_up {
        SimTime::ZERO => String::new(),
        warm_up => format!(" Counted from {warm_up} on, when the warm-up ends."),
    };
    OutcomesChart {
        title: format!("{title}: how requests ended, and why calls were refused"),
        outcomes,
        codes,
        more: (more.codes > 0).then_some(more),
        definition: format!(
            "Requests by how they ended (n = {}), and calls that were refused (n = {}); each part has its own scale.\
             {since}",
            count(tally.all.outcomes.total()),
            count(refused)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{CallAnswer, TallySettings};
    use crate::time::SimDuration;

    fn at(minutes: u64) -> SimTime {
        SimTime::ZERO.checked_add(SimDuration::from_seconds(60 * minutes)).expect("a time")
    }

    /// `count` copies of a stream, one a minute, each accepted at once and running for ten.
    fn bars_of(count: u64) -> PlotData {
        let text = r#"{ "schema_version": 1, "regions": { "a": {}, "b": {} }, "requests": [{ "arrivals": {
            "process": { "periodic": { "every": "1m" } }, "copy": { "from": "a", "to": "b", "size": "1GiB" } } }],
            "horizon": "1h" }"#;
        let scenario = Scenario::read("stream.json", text.into(), &[]).expect("a valid scenario");
        let mut data = PlotData::default();
        // The last one closes first.
        for minute in (0..count).rev() {
            let key = RequestKey::new(0, minute).expect("a small number");
            let mut record = CopyRecord::new(key, Outcome::Available);
            (record.accepted, record.start, record.end) =
                (Some(at(minute)), Some(at(minute)), Some(at(minute + 10)));
            data.closed(&record, &Labels::new(&scenario.catalog));
        }
        data
    }

    #[test]
    fn copies_without_a_row_are_told_with_their_span() {
        assert!(bars_of(300).left_out.is_none());
        let data = bars_of(420);
        assert_eq!(data.bars.len(), 300);
        // The rows are of the minutes 0 to 299; 420 - 300 copies follow, the last of them in minute 419.
        let left_out = data.left_out.expect("copies are left out");
        assert_eq!(
            left_out.in_words(at(600), None),
            " The first 300 accepted copies are shown, and the axis ends with the last of them; 120 more, accepted \
             from 5h to 6h 59m, are in copies.csv. The run ended at 10h."
        );
        let clock = Clock::parse("2026-11-02T20:00:00+08:00").expect("a clock");
        assert!(
            left_out.in_words(at(600), Some(clock)).ends_with(
                " 120 more, accepted from 5h to 6h 59m (Tue 3 Nov 01:00 to 02:59), are in copies.csv. The run ended \
                 at 10h (Tue 3 Nov 06:00)."
            )
        );
    }

    #[test]
    fn requests_without_a_row_are_counted_by_kind() {
        use Outcome::{DryRun, Refused, Replayed, Skipped};
        for (outcomes, words) in [
            (&[] as &[Outcome], ""),
            (&[Refused], " 1 refused request has no row."),
            (&[Skipped, Skipped, Skipped], " 3 skipped requests have no row."),
            (&[Refused, Skipped, Refused], " 2 refused and 1 skipped requests have no row."),
            (&[DryRun, Replayed, Skipped], " 1 skipped, 1 replayed and 1 dry-run requests have no row."),
        ] {
            let mut counts = OutcomeCounts::default();
            outcomes.iter().for_each(|outcome| counts.add(*outcome));
            assert_eq!(without_row(&counts), words);
        }
    }

    #[test]
    fn codes_are_drawn_largest_first_and_the_rest_is_summed() {
        let mut tally = Tally::new(
            TallySettings { warm_up: at(0), exact_limit: 1, has_double_slots: false, regions: 0, entries: 0 },
            &[],
        );
        let codes = &Code::ALL[..25];
        for (code, count) in codes.iter().zip(1..) {
            for _ in 0..count {
                tally.answered(at(0), Operation::CopyImage, CallAnswer::Refused(*code));
            }
        }
        tally.answered(at(0), Operation::DeleteImage, CallAnswer::Refused(codes[24]));
        tally.answered(at(0), Operation::CopyImage, CallAnswer::Accepted);
        tally.answered(at(0), Operation::CopyImage, CallAnswer::DryRun);
        let chart = outcomes_chart("t", &tally, at(0));
        let counts: Vec<u64> = chart.codes.iter().map(|bar| bar.count).collect();
        // 25 codes of one operation and one of another: the 20 largest have 25 to 6 calls.
        assert_eq!(counts, (6..=25).rev().collect::<Vec<u64>>());
        // 5 + 4 + 3 + 2 + 1, and the one of DeleteImage.
        assert_eq!(chart.more, Some(MoreCodes { codes: 6, count: 16 }));
        assert!(chart.outcomes.is_empty());
        // 25 x 26 / 2 + 1 = 326.
        assert!(chart.definition.contains("calls that were refused (n = 326)"), "{}", chart.definition);
    }
}
