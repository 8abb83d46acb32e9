//! The simulator against the Kiefer-Wolfowitz recursion, job by job, and what must hold on every path of
//! a first-come-first-served line (F2 to F6 and T1 to T6 of queueing theory's properties).

use copysim::records::{History, Outcome};
use copysim::time::SimTime;
use serde_json::json;

use crate::kiefer_wolfowitz;
use crate::scenes::Scene;
use crate::support::Ran;

/// Random lanes compared in a test run.
const LANES: u64 = 300;

/// Small random numbers: splitmix64.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % bound
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Job {
    arrival: u64,
    length: u64,
    cancel_at: Option<u64>,
}

/// One limited region and what is sent to it, in order of arrival.
#[derive(Clone, Debug)]
struct Lane {
    cap: u32,
    jobs: Vec<Job>,
}

/// Start and end of a job, and how it ended.
type Fate = (Option<u64>, Option<u64>, Outcome);

impl Lane {
    /// On a coarse grid, so that much falls into the same instants.
    fn random(seed: u64, most_jobs: u64) -> Self {
        let mut numbers = Numbers(seed);
        let cap = 1 + numbers.below(6) as u32;
        let (grid, span) = (1 + numbers.below(20), 5 + numbers.below(60));
        let has_cancels = numbers.below(2) == 0;
        let count = 1 + numbers.below(most_jobs);
        let mut jobs: Vec<Job> = (0..count)
            .map(|_| {
                let arrival = grid * numbers.below(span);
                let length = grid * numbers.below(12);
                let is_cancelled = has_cancels && numbers.below(3) == 0;
                let cancel_at = is_cancelled.then(|| grid * numbers.below(span + 30));
                Job { arrival, length, cancel_at }
            })
            .collect();
        jobs.sort_by_key(|job| job.arrival);
        Self { cap, jobs }
    }

    fn add_to(&self, scene: Scene, region: &str) -> Scene {
        let scene = scene.set(&format!("regions.{region}"), json!({ "cap": self.cap }));
        (0..).zip(&self.jobs).fold(scene, |scene, (n, job): (usize, _)| {
            let id = format!("{region}{n}");
            let image = json!({ "region": region, "size": "1GiB" });
            let body = json!({ "image": id, "duration": format!("{}s", job.length) });
            let scene = scene.set(&format!("images.{id}"), image).copy_with(&id, job.arrival, body);
            job.cancel_at.into_iter().fold(scene, |scene, at| scene.cancel(&format!("x{id}"), at, &id))
        })
    }

    fn run(&self) -> Ran {
        self.add_to(Scene::lane(0), "a").run()
    }

    fn fates(&self) -> Vec<Fate> {
        fates(&self.run(), "a", self.jobs.len())
    }

    /// The lane with every time multiplied and then shifted.
    fn mapped(&self, factor: u64, shift: u64) -> Self {
        let map = |time: u64| factor * time + shift;
        let job = |job: &Job| Job {
            arrival: map(job.arrival),
            length: factor * job.length,
            cancel_at: job.cancel_at.map(map),
        };
        Self { cap: self.cap, jobs: self.jobs.iter().map(job).collect() }
    }
}

fn fates(ran: &Ran, region: &str, count: usize) -> Vec<Fate> {
    let mut found = vec![(None, None, Outcome::Skipped); count];
    for record in &ran.observed.records {
        let id = ran.scenario.catalog.entry(record.key);
        if let Some(Ok(number)) = id.strip_prefix(region).map(str::parse::<usize>) {
            let seconds = |time: SimTime| time.micros() / 1_000_000;
            found[number] = (record.start.map(seconds), record.end.map(seconds), record.outcome);
        }
    }
    found
}

fn start((start, _, _): Fate) -> u64 {
    start.unwrap_or(u64::MAX)
}

/// No job other than `changed` starts later than before.
fn assert_no_later_start(before: &[Fate], after: &[Fate], changed: usize) {
    for (number, (before, after)) in before.iter().zip(after).enumerate() {
        assert!(
            number == changed || start(*after) <= start(*before),
            "job {number}: {before:?} to {after:?}"
        );
    }
}

#[test]
fn f1_every_job_starts_and_ends_as_the_recursion_says() {
    for seed in 0..LANES {
        let lane = Lane::random(seed, 200);
        let jobs: Vec<_> = lane.jobs.iter().map(|job| (job.arrival, job.length, job.cancel_at)).collect();
        let expected = kiefer_wolfowitz::starts(lane.cap as usize, &jobs);
        for (number, (fate, (job, started))) in
            lane.fates().into_iter().zip(lane.jobs.iter().zip(expected)).enumerate()
        {
            // The recursion knows no cancel before or in the instant of the submit (R1.3).
            let cancel = job.cancel_at.filter(|at| *at > job.arrival).unwrap_or(u64::MAX);
            let end = started.map_or(cancel, |started| (started + job.length).min(cancel));
            let outcome = match started {
                None => Outcome::CancelledWaiting,
                Some(started) if started + job.length > cancel => Outcome::CancelledRunning,
                Some(_) => Outcome::Available,
            };
            assert_eq!(fate, (started, Some(end), outcome), "job {number} of lane {seed}");
        }
    }
}

#[test]
fn f2_a_larger_cap_makes_no_job_later() {
    for seed in 1000..1100 {
        let lane = Lane::random(seed, 60);
        let wider = Lane { cap: lane.cap + 1, ..lane.clone() };
        for (narrow, wide) in lane.fates().into_iter().zip(wider.fates()) {
            assert!(start(wide) <= start(narrow));
            let is_ready = |fate: Fate| fate.2 == Outcome::Available;
            assert!(!is_ready(narrow) || is_ready(wide), "the completed jobs only grow");
            assert!(!is_ready(narrow) || wide.1 <= narrow.1, "no completed job ends later");
        }
    }
}

#[test]
fn f3_a_shorter_or_missing_job_delays_no_other() {
    for seed in 2000..2100 {
        let lane = Lane::random(seed, 60);
        let before = lane.fates();
        let changed = seed as usize % lane.jobs.len();
        let mut shorter = lane.clone();
        shorter.jobs[changed].length /= 2;
        assert_no_later_start(&before, &shorter.fates(), changed);
        let mut fewer = lane.clone();
        fewer.jobs.remove(changed);
        let mut after = fewer.fates();
        after.insert(changed, before[changed]);
        assert_no_later_start(&before, &after, changed);
    }
}

#[test]
fn f4_a_later_arrival_changes_nothing_for_earlier_ones() {
    for seed in 3000..3100 {
        let lane = Lane::random(seed, 60);
        let last = lane.jobs.last().map_or(0, |job| job.arrival);
        let mut longer = lane.clone();
        longer.jobs.push(Job { arrival: last, length: 50, cancel_at: None });
        assert_eq!(longer.fates()[..lane.jobs.len()], lane.fates());
    }
}

#[test]
fn f5_an_earlier_cancel_delays_no_other() {
    for seed in 4000..4100 {
        let lane = Lane::random(seed, 60);
        let changed = seed as usize % lane.jobs.len();
        let mut earlier = lane.clone();
        let job = &mut earlier.jobs[changed];
        // Still after the arrival: a cancel before it finds no copy.
        let before = job.cancel_at.filter(|at| *at > job.arrival).unwrap_or(job.arrival + 200);
        job.cancel_at = Some(job.arrival + (before - job.arrival).div_ceil(2));
        assert_no_later_start(&lane.fates(), &earlier.fates(), changed);
    }
}

#[test]
fn f6_jobs_start_in_order_of_arrival() {
    for seed in 5000..5100 {
        let lane = Lane::random(seed, 100);
        let ran = lane.run();
        let order: Vec<usize> = ran
            .order_of_starts()
            .iter()
            .filter_map(|label| label.strip_prefix('a')?.strip_suffix("@r")?.parse().ok())
            .collect();
        assert!(order.is_sorted(), "{order:?}");
    }
}

#[test]
fn t1_every_submitted_job_is_somewhere_at_every_instant() {
    for seed in 6000..6020 {
        let lane = Lane::random(seed, 60);
        for horizon in (0..400).step_by(23) {
            let scene = lane.add_to(Scene::lane(0), "a").set("horizon", format!("{horizon}s"));
            let ran = scene.run();
            let submitted = lane.jobs.iter().filter(|job| job.arrival <= horizon).count() as u64;
            assert_eq!(ran.outcomes().values().sum::<u64>(), submitted, "lane {seed} at {horizon}");
            let unfinished = ran.count(Outcome::Waiting) + ran.count(Outcome::Running);
            assert!(ran.end.by_horizon || unfinished == 0);
        }
    }
}

#[test]
fn t2_littles_law_holds_exactly() {
    for seed in 7000..7100 {
        let ran = Lane::random(seed, 100).run();
        let tally = ran.tally();
        let slot =
            tally.slots.iter().max_by_key(|slot| slot.group.outcomes.total()).expect("there are slots");
        let time_of = |of: fn(&copysim::records::CopyRecord, SimTime) -> Option<u64>| -> u128 {
            ran.observed.records.iter().filter_map(|record| of(record, ran.end.at)).map(u128::from).sum()
        };
        let running = time_of(|record, _| Some(record.end?.since(record.start?).micros()));
        let waiting = time_of(|record, end| record.waited(end).map(|waited| waited.micros()));
        assert_eq!((slot.held.area(), slot.waiting.area()), (running, waiting), "lane {seed}");
    }
}

#[test]
fn t3_t4_times_scale_and_shift() {
    for seed in 8000..8100 {
        let lane = Lane::random(seed, 60);
        for (factor, shift) in [(7, 0), (1, 1000), (3, 11)] {
            let map = |time: Option<u64>| time.map(|time| factor * time + shift);
            let expected: Vec<Fate> = lane
                .fates()
                .into_iter()
                .map(|(start, end, outcome)| (map(start), map(end), outcome))
                .collect();
            assert_eq!(lane.mapped(factor, shift).fates(), expected, "lane {seed}");
        }
    }
}

#[test]
fn t5_names_mean_nothing() {
    // `z` comes after every other region in byte order, `A` before.
    for seed in 9000..9050 {
        let lane = Lane::random(seed, 60);
        for region in ["A", "z"] {
            let renamed = lane.add_to(Scene::lane(0), region).run();
            assert_eq!(fates(&renamed, region, lane.jobs.len()), lane.fates(), "lane {seed}");
        }
    }
}

#[test]
fn t6_regions_do_not_touch_each_other() {
    for seed in 10_000..10_050 {
        let lanes = ["a", "b", "c"]
            .map(|region| (region, Lane::random(seed * 3 + u64::from(region.as_bytes()[0]), 40)));
        let together =
            lanes.iter().fold(Scene::lane(0), |scene, (region, lane)| lane.add_to(scene, region)).run();
        let permuted =
            lanes.iter().rev().fold(Scene::lane(0), |scene, (region, lane)| lane.add_to(scene, region)).run();
        for (region, lane) in &lanes {
            let alone = lane.fates();
            assert_eq!(fates(&together, region, lane.jobs.len()), alone, "{region} of {seed}");
            assert_eq!(fates(&permuted, region, lane.jobs.len()), alone, "{region} of {seed}");
        }
    }
}

/// The lanes above are only worth their time if they queue, tie and cancel.
#[test]
fn the_random_lanes_are_busy_ones() {
    let (mut waited, mut cancelled, mut tied) = (0, 0, 0);
    for seed in 0..LANES {
        let lane = Lane::random(seed, 200);
        let ran = lane.run();
        waited += ran.observed.levels.iter().any(|(_, _, levels)| levels.waiting > 3) as u64;
        let is_cancel = |(_, what): &(SimTime, History)| matches!(what, History::Cancelled { .. });
        cancelled += ran.observed.history.iter().any(is_cancel) as u64;
        tied += lane.jobs.windows(2).any(|pair| pair[0].arrival == pair[1].arrival) as u64;
    }
    assert!(waited > LANES / 2 && cancelled > LANES / 3 && tied > LANES / 2, "{waited} {cancelled} {tied}");
}
