//! Charts to look at and to check: ordinary ones and extreme ones.

use super::gantt::{BarEnd, GanttBar, GanttChart};
use super::latency::{LatencyChart, LatencySeries};
use super::outcomes::{CodeBar, MoreCodes, OutcomesChart};
use super::slots::{LevelPoint, SlotsChart, SlotsPanel};

use crate::records::Outcome;
use crate::service::codes::Code;

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 24 * 60 * MINUTE;

/// Names that are hard to set.
const HARD: [&str; 5] = [
    "镜像-网关-生产环境-二零二四年",
    "a & b < c > \"d\" 'e'",
    "a-very-long-image-name-that-goes-on-and-on-for-ever-000017",
    "x\u{1}\u{202e}\ty",
    "",
];

/// A fixed sequence that looks random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }

    /// Values with a long tail to the right, around `middle`.
    fn spread(&mut self, middle: u64, times: u32) -> u64 {
        (0..times).fold(middle, |value, _| value * (40 + self.below(140)) / 100)
    }
}

fn series(name: &'static str, mut values: Vec<u64>) -> LatencySeries {
    values.sort_unstable();
    let n = values.len() as u64;
    let rank = |p: u64| (p * n).div_ceil(100).max(1) as usize - 1;
    let at = |p| values.get(rank(p)).copied().unwrap_or(0);
    let (p50, p95, p99) = (at(50), at(95), at(99));
    let mut steps: Vec<(u64, u64)> = Vec::new();
    for (value, copies) in values.iter().zip(1..) {
        match steps.last_mut() {
            Some(last) if last.0 == *value => last.1 = copies,
            _ => steps.push((*value, copies)),
        }
    }
    LatencySeries { name, steps, n, p50, p95, p99 }
}

fn latency(title: &str, [wait, copy, total, lead]: [Vec<u64>; 4]) -> LatencyChart {
    let series =
        vec![series("wait", wait), series("copy", copy), series("total", total), series("lead", lead)];
    let definition = "Every copy that started (wait), ended as Available (copy, total) or had a planned time (lead); 2 cancelled while waiting are left out.";
    LatencyChart { title: title.to_owned(), series, definition: definition.to_owned() }
}

/// Copies in the order given, five at a time: accepted, then how long each runs.
fn schedule(work: &[(String, u64, u64, BarEnd)]) -> (Vec<GanttBar>, u64) {
    let mut slots = [0u64; 5];
    let mut bars = Vec::new();
    for (label, accepted, run, end) in work {
        let label = label.clone();
        let slot = slots.iter_mut().min_by_key(|free| **free);
        let Some(slot) = slot else { continue };
        let start = (*accepted).max(*slot);
        let bar = |start_us, end_us, end| GanttBar { label, accepted_us: *accepted, start_us, end_us, end };
        if *end == BarEnd::CancelledWaiting && start > accepted + run {
            bars.push(bar(None, accepted + run, BarEnd::CancelledWaiting));
            continue;
        }
        let end = if *end == BarEnd::CancelledWaiting { BarEnd::CancelledRunning } else { *end };
        *slot = start + run;
        bars.push(bar(Some(start), *slot, end));
    }
    let end = bars.iter().map(|bar| bar.end_us).max().unwrap_or(0);
    (bars, end)
}

/// What is unfinished at `end`.
fn cut(bars: &mut Vec<GanttBar>, end: u64) {
    bars.retain(|bar| bar.accepted_us < end);
    for bar in bars.iter_mut().filter(|bar| bar.end_us > end) {
        bar.end_us = end;
        let running = bar.start_us.is_some_and(|start| start < end);
        if !running {
            bar.start_us = None;
        }
        bar.end = if running { BarEnd::Running } else { BarEnd::Waiting };
    }
}

/// Held slots and queue length as the bars change them.
fn levels(bars: &[GanttBar]) -> Vec<LevelPoint> {
    let mut changes: Vec<(u64, i32, i64)> = Vec::new();
    for bar in bars {
        changes.extend([(bar.accepted_us, 0, 1), (bar.start_us.unwrap_or(bar.end_us), 0, -1)]);
        changes.extend(bar.start_us.into_iter().flat_map(|start| [(start, 1, 0), (bar.end_us, -1, 0)]));
    }
    changes.sort_unstable_by_key(|change| change.0);
    let (mut held, mut waiting, mut points) = (0i32, 0i64, Vec::<LevelPoint>::new());
    for (at_us, slots, queued) in changes {
        (held, waiting) = (held + slots, waiting + queued);
        let point = LevelPoint { at_us, held: held.max(0) as u32, waiting: waiting.max(0) as u64, cap: 5 };
        match points.last_mut() {
            Some(last) if last.at_us == at_us => *last = point,
            _ => points.push(point),
        }
    }
    points
}

fn release() -> (Vec<GanttBar>, u64) {
    let work: Vec<_> =
        (1..=29).map(|n| (format!("region-{n:02}"), 0, 35 * MINUTE, BarEnd::Available)).collect();
    schedule(&work)
}

fn nightly(images: u64, cut_at: Option<u64>) -> (Vec<GanttBar>, u64) {
    let mut dice = Dice(7);
    let work: Vec<_> = (1..=images)
        .map(|n| {
            let end = match n % 13 {
                4 => BarEnd::Failed,
                7 | 11 => BarEnd::CancelledWaiting,
                _ => BarEnd::Available,
            };
            let name = match n % 4 {
                0 => format!("web-frontend-{n:03}"),
                1 => format!("db-{n:03}"),
                2 => format!("batch-worker-with-gpu-drivers-2024-11-{n:03}"),
                _ => format!("网关镜像-{n:03}"),
            };
            (name, n * dice.below(90) * SECOND, 4 * MINUTE + dice.spread(9 * MINUTE, 3), end)
        })
        .collect();
    let mut work = work;
    work.sort_by_key(|one| one.1);
    let (mut bars, end) = schedule(&work);
    let end = cut_at.unwrap_or(end);
    cut(&mut bars, end);
    (bars, end)
}

fn gantt(title: &str, (bars, end_us): (Vec<GanttBar>, u64)) -> GanttChart {
    let definition = "Each row is a copy from its acceptance to its end; a source region holds at most five slots at once.";
    GanttChart { title: title.to_owned(), bars, end_us, clock: None, definition: definition.to_owned() }
}

fn slots(title: &str, panels: Vec<(String, Vec<LevelPoint>)>, end_us: u64) -> SlotsChart {
    let definition = "Read when all that happens in an instant has happened; within one pixel the largest value is drawn. Slots are counted at the source region.";
    let panels = panels.into_iter().map(|(label, points)| SlotsPanel { label, points }).collect();
    SlotsChart { title: title.to_owned(), panels, end_us, clock: None, definition: definition.to_owned() }
}

fn waits(bars: &[GanttBar]) -> [Vec<u64>; 4] {
    let wait = bars.iter().filter_map(|bar| bar.start_us.map(|start| start - bar.accepted_us)).collect();
    let done = || bars.iter().filter(|bar| bar.end == BarEnd::Available);
    let copy = done().filter_map(|bar| bar.start_us.map(|start| bar.end_us - start)).collect();
    [wait, copy, done().map(|bar| bar.end_us - bar.accepted_us).collect(), Vec::new()]
}

/// All latency charts, each with a short name.
pub fn latencies() -> Vec<(&'static str, LatencyChart)> {
    let mut dice = Dice(42);
    let mut spread = |middle, times| (0..10_000).map(|_| dice.spread(middle, times)).collect::<Vec<u64>>();
    let (wait, copy, lead) = (spread(20 * MINUTE, 6), spread(15 * MINUTE, 2), spread(9 * DAY, 3));
    let total = wait.iter().zip(&copy).map(|(wait, copy)| wait + copy).collect();
    let tail = spread(90 * MINUTE, 12);
    vec![
        ("release", latency("Release to 29 regions: how long copies took", waits(&release().0))),
        ("spread", latency("Ten thousand copies: how long they took", [wait.clone(), copy, total, lead])),
        ("tail", latency("A long tail", [tail.clone(), vec![35 * MINUTE; 900], tail, Vec::new()])),
        (
            "equal",
            latency(
                "All copies took the same",
                [vec![0; 12], vec![35 * MINUTE; 12], vec![35 * MINUTE; 12], vec![]],
            ),
        ),
        ("one", latency(HARD[1], [vec![3], vec![17], vec![20], vec![1_234_567]])),
        ("none", latency(HARD[2], [vec![], vec![], vec![], vec![]])),
        (
            "years",
            latency(
                HARD[0],
                [vec![0, 285 * 365 * DAY], vec![1, 2, 3], vec![285 * 365 * DAY; 3], vec![u64::MAX]],
            ),
        ),
        ("nothing", LatencyChart { title: String::new(), series: vec![], definition: String::new() }),
    ]
}

/// All charts of slots, each with a short name.
pub fn slot_charts() -> Vec<(&'static str, SlotsChart)> {
    let ((bars, end), (night, night_end), (many, many_end)) =
        (release(), nightly(60, None), nightly(300, None));
    let of = |name: &str, points: &[LevelPoint]| (name.to_owned(), points.to_vec());
    let (release, night, many) = (levels(&bars), levels(&night), levels(&many));
    let crowd: Vec<LevelPoint> = (0..9_000u64)
        .map(|n| LevelPoint {
            at_us: n * 3 * SECOND,
            held: 5 - u32::from(n % 977 == 0),
            waiting: (n * (9_000 - n)) / 5_000,
            cap: if (3_000..3_600).contains(&n) { 6 } else { 5 },
        })
        .collect();
    let six: Vec<_> = ["cn-hangzhou", "cn-shanghai", "eu-central-1", "us-west-1", HARD[0], HARD[2]]
        .into_iter()
        .zip([&release, &night, &many, &crowd, &release, &vec![]])
        .map(|(name, points)| of(name, points))
        .collect();
    let odd: Vec<_> = HARD.iter().take(3).map(|name| of(&name.repeat(3), &night)).collect();
    let huge = vec![LevelPoint { at_us: 0, held: u32::MAX, waiting: u64::MAX, cap: u32::MAX }];
    vec![
        (
            "release",
            slots(
                "Release to 29 regions: slots held and copies waiting",
                vec![of("cn-hangzhou", &release)],
                end,
            ),
        ),
        (
            "nightly",
            slots(
                "Nightly batch: slots held and copies waiting",
                vec![of("cn-hangzhou", &night), of("cn-shanghai", &many)],
                many_end,
            ),
        ),
        ("six", slots("Six regions", six, 27_000 * SECOND)),
        ("odd", slots(HARD[1], odd, night_end)),
        ("none", slots("No region", vec![], 0)),
        ("instant", slots("A run without length", vec![of("cn-hangzhou", &release)], 0)),
        ("huge", slots("Huge", vec![of("x", &huge)], u64::MAX)),
    ]
}

/// All Gantt charts, each with a short name.
pub fn gantts() -> Vec<(&'static str, GanttChart)> {
    let all = [
        BarEnd::Available,
        BarEnd::Failed,
        BarEnd::CancelledWaiting,
        BarEnd::CancelledRunning,
        BarEnd::Waiting,
        BarEnd::Running,
    ];
    let hard = |unit: u64| {
        let bars = HARD.iter().zip(all.into_iter().rev()).zip(0..).map(|((name, end), n)| {
            let start_us = if matches!(end, BarEnd::CancelledWaiting | BarEnd::Waiting) {
                None
            } else {
                Some(2 * n * unit)
            };
            GanttBar { label: (*name).to_owned(), accepted_us: n * unit, start_us, end_us: 9 * unit, end }
        });
        (bars.collect::<Vec<_>>(), 9 * unit)
    };
    let one = |unit| {
        (
            vec![GanttBar {
                label: "only".to_owned(),
                accepted_us: 0,
                start_us: Some(0),
                end_us: unit,
                end: BarEnd::Available,
            }],
            unit,
        )
    };
    vec![
        ("release", gantt("Release to 29 regions: five copies at once", release())),
        (
            "nightly",
            gantt("Nightly batch of 60 images with cancels and failures", nightly(60, Some(150 * MINUTE))),
        ),
        ("many", gantt("Three hundred copies", nightly(300, None))),
        ("hard", gantt(&HARD.join(" "), hard(MINUTE))),
        ("micro", gantt("Microseconds", hard(1))),
        ("years", gantt("Years", hard(32 * 365 * DAY))),
        ("one", gantt("One copy", one(35 * MINUTE))),
        ("instant", gantt("A copy without length", one(0))),
        ("none", gantt("No copy", (vec![], 0))),
    ]
}

/// All charts of outcomes, each with a short name.
pub fn outcome_charts() -> Vec<(&'static str, OutcomesChart)> {
    let chart = |title: &str, outcomes: Vec<(Outcome, u64)>, codes: Vec<CodeBar>| OutcomesChart {
        title: title.to_owned(),
        outcomes,
        codes,
        more: None,
        definition: "Above: how the requests ended. Below: calls of all operations that were refused."
            .to_owned(),
    };
    let bar = |code: &Code, count| {
        let (code, http_status) = (code.literal(), code.http_status());
        CodeBar { operation: "CancelCopyImage", code, http_status, count }
    };
    let all = Outcome::ALL.into_iter().zip(0..).map(|(outcome, power)| (outcome, 10_u64.pow(10 - power)));
    let mut long: Vec<&Code> = Code::ALL.iter().collect();
    long.sort_by_key(|code| std::cmp::Reverse(code.literal().len()));
    let long: Vec<CodeBar> = long.into_iter().zip((1..=20).rev()).map(|(code, n)| bar(code, n)).collect();
    let more = |codes, count| Some(MoreCodes { codes, count });
    let huge = vec![bar(&Code::InternalError, u64::MAX), bar(&Code::Forbbiden, 1)];
    vec![
        ("release", chart("Release: how requests ended", vec![(Outcome::Available, 29)], vec![])),
        (
            "all",
            OutcomesChart { more: more(43, 1_234_567), ..chart("All there is", all.collect(), long.clone()) },
        ),
        (
            "mistakes",
            OutcomesChart {
                more: more(1, 1),
                ..chart(HARD[1], vec![(Outcome::Refused, 7), (Outcome::DryRun, 1)], long)
            },
        ),
        ("huge", chart(HARD[2], vec![(Outcome::Available, u64::MAX), (Outcome::Failed, 1)], huge)),
        ("none", chart(HARD[0], vec![], vec![])),
        ("nothing", OutcomesChart { definition: String::new(), ..chart("", vec![], vec![]) }),
    ]
}
