//! summary.json: the figures of a run with their definitions' names, units in the keys (R9).

mod behaviour;
mod checks;
mod document;
mod traffic;
mod warnings;

pub use self::document::{
    AlreadySummary, Answers, BrokenExpectation, CheckLimit, CheckScope, CheckSummary, DestinationSummary,
    ExpectationsSummary, Figure, FixedLine, LastReady, LinkSummary, RefusedCalls, RequestSummary, Requests,
    RetentionSummary, SettingLine, SlotSummary, Statistics, Summary, TrafficSummary, WorstCopy,
};
use self::traffic::{traffic, whole};
use super::expectations::Broken;
use super::numbers::{Decimal, InOrder};
use super::recorder::RunInfo;
use crate::ids::RegionId;
use crate::records::checks::CheckTally;
use crate::records::{
    AlreadyThere, AnswerCounts, Expectation, Figures, Group, Operation, Outcome, OutcomeCounts, Percentile,
    RequestSpan, RetentionDeletes, Sample, SlotTally, Tally, Traffic, ratio_millionths,
};
use crate::scenario::{Calls, Catalog, FIXED, Labels, Scenario, Source, refusal_message};
use crate::service::SlotKey;
use crate::service::codes::Code;
use crate::simulation::RunEnd;
use crate::time::{SimDuration, SimTime};

impl Requests {
    fn of(counts: &OutcomeCounts) -> Self {
        let outcomes = Outcome::ALL.into_iter().map(|outcome| (outcome.key(), counts.of(outcome)));
        Self { planned: counts.total(), outcomes: InOrder(outcomes.collect()) }
    }
}

impl Summary {
    /// The summary of a finished run.
    pub fn new(
        info: &RunInfo<'_>,
        tally: &Tally,
        slots: &[SlotKey],
        end: &RunEnd,
        expectations: Option<(u64, Vec<Broken>)>,
        checked: &CheckTally,
        labels: &Labels<'_>,
    ) -> Self {
        let scenario = info.scenario;
        let catalog = &scenario.catalog;
        let is_whole = end.not_planned == 0;
        let total = |bytes: fn(&Traffic) -> u128| whole(tally.traffic.values().map(bytes).sum());
        let makespan = tally.span.makespan().filter(|_| is_whole);
        Self {
            schema: "copysim/summary/1",
            scenario: info.name.to_owned(),
            description: scenario.description.clone(),
            seed: scenario.seed(),
            overrides: scenario.overrides.clone(),
            starts_at: scenario.starts_at,
            warm_up_s: scenario.warm_up.into(),
            end_s: end.at.into(),
            end_at: clock_time(scenario, end.at),
            ended_by: if end.by_horizon { "horizon" } else { "no work left" },
            requests: Requests::of(&tally.all.outcomes),
            already: already(tally.already),
            retention: retention(tally.retention),
            expectations: expectations.map(|(held, broken)| expected(held, &broken, labels)),
            checks: checks::checks(&scenario.checks, checked, end, labels),
            not_planned: end.not_planned,
            never_startable: end.never_startable.len() as u64,
            stalled: (!end.stalled.is_empty()).then_some(end.stalled.len() as u64),
            makespan_s: makespan.map(Decimal::from),
            throughput_per_hour: throughput_per_hour(tally),
            figures: figures(&tally.all),
            calls: answers(tally),
            timed_out: tally.span.behaviour.timed_out,
            clients: if_any(behaviour::clients(tally, scenario)),
            outages: if_any(behaviour::outages(tally, catalog)),
            links: if_any(behaviour::links(tally, catalog)),
            destinations: destinations(tally, scenario, labels),
            slots: slot_summaries(tally, slots, catalog),
            by_request: by_request(tally, scenario),
            moved_bytes: total(|traffic| traffic.moved),
            in_vain_bytes: total(|traffic| traffic.in_vain),
            traffic: traffic(tally, catalog),
            settings: settings(scenario),
            fixed: FIXED.iter().map(|fixed| FixedLine { rule: fixed.rule, text: fixed.text }).collect(),
            notices: scenario.notices.clone(),
            warnings: warnings::warnings(end, scenario, tally, labels),
        }
    }

    /// Whether every promise was kept: calls were answered as they must be, and every check passed.
    pub fn has_passed(&self) -> bool {
        self.expectations.as_ref().is_none_or(|found| found.passed)
            && self.checks().iter().all(|check| check.passed)
    }

    /// The promises on the run.
    pub fn checks(&self) -> &[CheckSummary] {
        self.checks.as_deref().unwrap_or_default()
    }

    /// The document as it is written and printed.
    ///
    /// # Errors
    /// Never for a summary that was made by [`Summary::new`].
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}

/// A list with something in it.
fn if_any<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// What the scenario's clock shows, if it has one.
fn clock_time(scenario: &Scenario, time: SimTime) -> Option<String> {
    scenario.starts_at.map(|clock| clock.rfc3339(time))
}

/// Calls that broke what is expected of them, of those that are named.
const MAX_BROKEN: usize = 100;

fn expected(held: u64, broken: &[Broken], labels: &Labels<'_>) -> ExpectationsSummary {
    let first = broken.iter().take(MAX_BROKEN).map(|broken| BrokenExpectation {
        call: labels.label(broken.key),
        expected: broken.expected.word(),
        answered: broken.answered.map(Expectation::word),
        message: broken.refused.map(|refused| refusal_message(&refused, broken.key, labels)),
    });
    ExpectationsSummary {
        passed: broken.is_empty(),
        held,
        broken: broken.len() as u64,
        first_broken: first.collect(),
    }
}

fn already(AlreadyThere { running, queued }: AlreadyThere) -> Option<AlreadySummary> {
    (running + queued > 0).then_some(AlreadySummary { running, queued })
}

fn retention(RetentionDeletes { accepted, refused }: RetentionDeletes) -> Option<RetentionSummary> {
    (accepted + refused > 0).then_some(RetentionSummary { deleted: accepted, refused })
}

/// Available ends per hour in [warm-up, end] (R9.3).
fn throughput_per_hour(tally: &Tally) -> Option<Decimal> {
    const HOUR_MICROS: u128 = 3_600_000_000;
    let ready = u128::from(tally.ready_in_span) * HOUR_MICROS;
    ratio_millionths(ready, u128::from(tally.span_length().micros())).map(Decimal)
}

fn figures(group: &Group) -> InOrder<Figure> {
    let figure = |(name, sample): (&'static str, &Sample)| {
        let included = |outcome| match name {
            "wait" => group.started.of(outcome),
            "waited" if !outcome.is_of_accepted() => 0,
            "waited" => group.outcomes.of(outcome),
            _ if outcome == Outcome::Available => group.outcomes.of(outcome),
            _ => 0,
        };
        let left_out = Outcome::ALL
            .into_iter()
            .map(|outcome| (outcome.key(), group.outcomes.of(outcome) - included(outcome)));
        let left_out = InOrder(left_out.filter(|(_, count)| *count > 0).collect());
        (name, Figure { n: sample.n(), left_out, exact: sample.is_exact(), statistics: statistics(sample) })
    };
    InOrder(Figures::NAMES.into_iter().zip(group.figures.all()).map(figure).collect())
}

fn statistics(sample: &Sample) -> Option<Statistics> {
    let at = |percentile| sample.percentile(percentile).map(Decimal::from);
    Some(Statistics {
        min_s: sample.min()?.into(),
        mean_s: sample.mean()?.into(),
        p50_s: at(Percentile::P50)?,
        p90_s: at(Percentile::P90)?,
        p95_s: at(Percentile::P95)?,
        p99_s: at(Percentile::P99)?,
        p99_9_s: at(Percentile::P99_9)?,
        max_s: sample.max()?.into(),
    })
}

fn answers(tally: &Tally) -> Vec<Answers> {
    let refused = |(code, count): (&Code, &u64)| RefusedCalls {
        code: code.literal(),
        http_status: code.http_status(),
        count: *count,
    };
    let answers = |(operation, counts): (Operation, &AnswerCounts)| {
        let of_copy = |count| (operation == Operation::CopyImage).then_some(count);
        Answers {
            operation: operation.name(),
            accepted: counts.accepted,
            replayed: of_copy(counts.replayed),
            dry_runs: of_copy(counts.dry_runs),
            refused: counts.refused.iter().map(refused).collect(),
        }
    };
    tally.calls.iter().map(answers).collect()
}

fn destinations(tally: &Tally, scenario: &Scenario, catalog: &Labels<'_>) -> Vec<DestinationSummary> {
    let mut used: Vec<_> = (0..)
        .zip(&tally.destinations)
        .filter(|(_, destination)| destination.outcomes.total() > 0)
        .map(|(region, destination)| (catalog.region(RegionId(region)), destination))
        .collect();
    // Last ready first; regions without a ready copy come at the very end, since nothing is known of them.
    used.sort_by_key(|(region, destination)| {
        let ready = destination.last_ready.map(|copy| copy.end);
        (std::cmp::Reverse(ready), *region)
    });
    let summary = |(region, destination): (&str, &crate::records::Destination)| DestinationSummary {
        region: region.to_owned(),
        requests: Requests::of(&destination.outcomes),
        last_ready: destination.last_ready.as_ref().and_then(|record| {
            Some(LastReady {
                copy: catalog.label(record.key),
                request: catalog.entry(record.key).to_owned(),
                size_bytes: record.size.map(|size| size.0),
                wait_s: record.wait?.into(),
                copy_s: record.copy?.into(),
                ready_s: record.end.into(),
                ready_at: clock_time(scenario, record.end),
            })
        }),
    };
    used.into_iter().map(summary).collect()
}

fn slot_summaries(tally: &Tally, keys: &[SlotKey], catalog: &Catalog) -> Vec<SlotSummary> {
    let mut used: Vec<(SlotKey, &SlotTally)> = keys
        .iter()
        .copied()
        .zip(&tally.slots)
        .filter(|(_, slot)| {
            slot.group.outcomes.total() > 0 || slot.held.area() > 0 || slot.waiting.area() > 0
        })
        .collect();
    used.sort_by_key(|(key, _)| *key);
    let summary = |(key, slot): (SlotKey, &SlotTally)| SlotSummary {
        slots: catalog.slot(key),
        requests: Requests::of(&slot.group.outcomes),
        cap_min: slot.cap.low(),
        cap_max: slot.cap.peak(),
        cap_mean: slot.cap.mean_millionths().map(Decimal),
        in_use_mean: slot.held.mean_millionths().map(Decimal),
        in_use_max: slot.held.peak(),
        utilisation: ratio_millionths(slot.held.area(), slot.cap.area()).map(Decimal),
        waiting_mean: slot.waiting.mean_millionths().map(Decimal),
        waiting_max: slot.waiting.peak(),
        figures: figures(&slot.group),
    };
    used.into_iter().map(summary).collect()
}

/// Requests of the scenario that asked for copies, with their makespans. What was asked for before the run
/// began has none.
fn by_request(tally: &Tally, scenario: &Scenario) -> Vec<RequestSummary> {
    let summary = |(entry, span): (&crate::scenario::EntryInfo, &RequestSpan)| {
        if entry.is_already {
            return None;
        }
        let listed = match &entry.calls {
            Calls::Listed { calls, .. } => calls.len() as u64,
            Calls::Rows(rows) => rows.count,
            Calls::Arriving { .. } => 0,
            Calls::Targets(_) => return None,
        };
        // A listed request that wasn't planned as a whole is unfinished.
        let makespan = span.makespan().filter(|_| span.has_all(listed));
        Some(RequestSummary {
            request: entry.name.clone(),
            requests: Requests::of(&span.outcomes),
            first_planned_s: span.first_planned.map(Decimal::from),
            last_ready_s: span.last_ready.map(Decimal::from),
            last_ready_at: span.last_ready.and_then(|ready| clock_time(scenario, ready)),
            makespan_s: makespan.map(SimDuration::into),
            wait_mean_s: span.wait_mean().map(Decimal::from),
            wait_max_s: span.wait_max().map(Decimal::from),
        })
    };
    scenario.catalog.entries.iter().zip(&tally.spans).filter_map(summary).collect()
}

fn settings(scenario: &Scenario) -> Vec<SettingLine> {
    let line = |setting: &crate::scenario::Setting| SettingLine {
        key: setting.key,
        value: setting.value.clone(),
        from: if setting.is_set { "scenario" } else { "default" },
        basis: match setting.source {
            Source::Documented => "documented",
            Source::Chosen => "chosen",
            Source::Assumed => "assumed",
        },
        rule: setting.rule,
    };
    scenario.settings.iter().map(line).collect()
}
