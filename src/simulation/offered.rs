//! The load that streams offer to slots, before anything is run.

use std::collections::BTreeMap;

use super::Model;
use crate::distribution::{Distribution, Drawn};
use crate::ids::Named;
use crate::quantity::{Bytes, Rate};
use crate::service::{ConflictKey, Settings, SlotKey};
use crate::time::SimTime;
use crate::workload::{
    ArrivalsEntry, Batch, CoursePlan, CourseWork, DrawnTime, Entry, Failure, FailureMoment, ImageSource,
    Member, Pick, Process, TimedOut, Workload,
};

/// What the streams of a scenario offer to a slot key.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OfferedLoad {
    /// Copies that would run at a time if each started at once: their rate times their mean length (Erlang).
    pub copies: f64,
    /// The part of it that nothing holds back: whose clients wait for as long as it takes, and whose copies don't
    /// conflict with each other.
    pub patient: f64,
    /// How many copies that part brings in all, at most; infinite without an end.
    pub brought: f64,
    /// As `brought`, of all copies.
    pub brought_by_all: f64,
    /// Whether anything of it is random.
    pub is_random: bool,
}

impl OfferedLoad {
    /// Whether the queue grows for as long as the copies come, and by so much that it is seen: at the end of them
    /// as many as there are slots would wait.
    pub fn overloads(&self, cap: u32) -> bool {
        /// Copies for each slot after which a queue at a load of exactly 1 has grown.
        const MANY: f64 = 100.0;
        let cap = f64::from(cap);
        let is_level = (self.patient - cap).abs() <= cap * 1e-9;
        if is_level {
            return self.is_random && self.patient > 0.0 && self.brought >= MANY * cap;
        }
        self.patient > cap && self.brought * (1.0 - cap / self.patient) >= cap.max(1.0)
    }

    /// Whether so many copies come that some of them can't run, and are cancelled by their clients or refused: as
    /// many as there are slots at least.
    pub fn sheds(&self, cap: u32) -> bool {
        let cap = f64::from(cap);
        self.copies > cap * (1.0 + 1e-9) && self.brought_by_all * (1.0 - cap / self.copies) >= cap.max(1.0)
    }
}

/// The offered load of each slot key. Listed requests and traces, which have no rate, don't count, and neither do
/// streams without one rate that holds for good, nor dry runs.
pub fn offered_loads(model: &Model) -> BTreeMap<SlotKey, OfferedLoad> {
    let mut loads: BTreeMap<SlotKey, OfferedLoad> = BTreeMap::new();
    let mut means = Means::default();
    for entry in &model.workload.entries {
        let Entry::Arrivals(arrivals) = entry else { continue };
        let Some(moments) = arrivals.process.mean_rate() else { continue };
        let rate = moments * arrivals.batch.mean();
        let in_all = arrivals_in_all(arrivals, rate, model.horizon);
        let is_regular = matches!(arrivals.process, Process::Periodic { .. }) && arrivals.batch == Batch::ONE;
        for (turn, calls) in arrivals.turns.iter().enumerate() {
            let of_turn = share(&arrivals.image, turn, arrivals.turns.len());
            for (call, member) in calls.iter().enumerate() {
                let picks = arrivals.destination.as_ref();
                let share = of_turn * picks.map_or(1.0, |picks| share(&picks[turn], call, calls.len()));
                let Some(length) = means.length(member, arrivals, &model.workload) else { continue };
                let copies = rate * share * length;
                let is_held_back = has_timeout(member, &model.workload) || conflicts(member, &model.settings);
                for key in keys_of(member, &model.settings) {
                    let load = loads.entry(key).or_default();
                    load.copies += copies;
                    load.brought_by_all += in_all * share;
                    if !is_held_back {
                        load.patient += copies;
                        load.brought += in_all * share;
                        load.is_random |= !is_regular || matches!(member.course, CoursePlan::Drawn(_));
                    }
                }
            }
        }
    }
    loads
}

/// How many arrivals come in all, at most.
fn arrivals_in_all(arrivals: &ArrivalsEntry, rate: f64, horizon: Option<SimTime>) -> f64 {
    let count = arrivals.count.map_or(f64::INFINITY, |count| count as f64);
    let end = [arrivals.until, horizon].into_iter().flatten().min();
    let span = end.map(|end| end.micros().saturating_sub(arrivals.from.micros()) as f64);
    span.map_or(count, |span| count.min(rate * span))
}

/// Whether copies of a call conflict with each other, so that one at a time is unfinished (R6.1).
fn conflicts(member: &Member, settings: &Settings) -> bool {
    settings.conflict_key != ConflictKey::Off && member.image != ImageSource::Fresh
}

/// The share of arrivals that take one of several things.
fn share(pick: &Pick, place: usize, things: usize) -> f64 {
    match pick {
        Pick::InTurn => 1.0 / things as f64,
        Pick::Drawn(weights) => weights.share(place),
    }
}

/// Means that are asked for more than once.
#[derive(Default)]
struct Means {
    /// Of 1 / rate, by distribution.
    inverse: Vec<(Distribution, f64)>,
}

impl Means {
    /// The mean length of the copies of a call in microseconds; none where it can't be told.
    fn length(&mut self, member: &Member, arrivals: &ArrivalsEntry, workload: &Workload) -> Option<f64> {
        if member.dry_run {
            return None;
        }
        let plan = match member.course {
            CoursePlan::Fixed(course) => {
                let CourseWork::Known(work) = course.work else { return None };
                return Some(work.plan(course.fate)?.length.micros() as f64);
            }
            CoursePlan::Drawn(plan) => workload.draw_plan(plan),
            CoursePlan::OfRow => return None,
        };
        let whole = match &plan.time {
            DrawnTime::Known(work) => work.length()?.micros() as f64,
            DrawnTime::Duration(duration) => duration.mean(),
            DrawnTime::Phases { setup, throughput, finalize } => {
                let size = mean_size(member.image, arrivals, workload)?;
                setup.mean() + size * 1e6 * self.inverse(throughput) + finalize.mean()
            }
        };
        Some(until_failure(&plan.failure, whole))
    }

    /// The mean of 1 / rate, by the midpoints of a thousand equal shares.
    fn inverse(&mut self, rate: &Drawn<Rate>) -> f64 {
        const SHARES: u32 = 1000;
        let distribution = match rate {
            Drawn::Fixed(rate) => return 1.0 / rate.bytes_per_second() as f64,
            Drawn::Random(distribution) => distribution,
        };
        if let Some((_, mean)) = self.inverse.iter().find(|(known, _)| known.is_same(distribution)) {
            return *mean;
        }
        let at = |share| distribution.quantile((f64::from(share) + 0.5) / f64::from(SHARES)).max(1.0);
        let mean = (0..SHARES).map(|share| 1.0 / at(share)).sum::<f64>() / f64::from(SHARES);
        self.inverse.push((distribution.clone(), mean));
        mean
    }
}

/// About how long copies run that take so long on the average, if some of them fail before.
fn until_failure(failure: &Failure, whole: f64) -> f64 {
    let failed = match &failure.moment {
        FailureMoment::Never => whole,
        FailureMoment::After(time) => time.mean().min(whole),
        FailureMoment::At(share) => whole * f64::from(share.millionths()) / 1e6,
        FailureMoment::Anywhere => whole / 2.0,
    };
    let share = failure.probability.map_or(1.0, |share| f64::from(share.millionths()) / 1e6);
    share * failed + (1.0 - share) * whole
}

fn mean_size(image: ImageSource, arrivals: &ArrivalsEntry, workload: &Workload) -> Option<f64> {
    let known = |size: Option<Bytes>| size.map(|size| size.0 as f64);
    match image {
        ImageSource::Fresh => {
            let drawn = arrivals.fresh_size.as_ref().map(Drawn::mean);
            drawn.or(known(arrivals.fresh.and_then(|fresh| fresh.size)))
        }
        ImageSource::Given(place) => {
            let after = workload.drawn_sizes.partition_point(|drawn| drawn.first <= place);
            let last = after.checked_sub(1).map(|last| &workload.drawn_sizes[last]);
            let drawn = last.filter(|drawn| place < drawn.first + drawn.count).map(|drawn| drawn.size.mean());
            drawn.or(known(workload.given[place as usize].size))
        }
        ImageSource::Product(_) | ImageSource::Literal => None,
    }
}

/// Whether a client that has waited long enough takes its copy away.
fn cancels(then: TimedOut) -> bool {
    then != TimedOut::Leave
}

fn has_timeout(member: &Member, workload: &Workload) -> bool {
    match member.course {
        CoursePlan::Fixed(course) => course.timeout.is_some_and(|timeout| cancels(timeout.then)),
        CoursePlan::Drawn(plan) => {
            workload.draw_plan(plan).timeout.as_ref().is_some_and(|timeout| cancels(timeout.then))
        }
        CoursePlan::OfRow => false,
    }
}

/// The slot keys of the copies of a call (R2.3); none for a call that can't be accepted.
fn keys_of(member: &Member, settings: &Settings) -> Vec<SlotKey> {
    let (Some(caller), Named::Known(from), Named::Known(to)) = (member.caller, member.from, member.to) else {
        return Vec::new();
    };
    let account = settings.cap_per_account.then_some(caller.account);
    let (first, second) = SlotKey::of_copy(settings.cap_scope, account, from, to);
    [first].into_iter().chain(second).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    fn loads(text: &str) -> Vec<OfferedLoad> {
        let scenario = Scenario::read("x.json", text.as_bytes().to_vec(), &[]).expect("it is valid");
        offered_loads(&scenario.model).into_values().collect()
    }

    fn scenario(service: &str, arrivals: &str) -> String {
        format!(
            r#"{{ "schema_version": 1, "horizon": "1d", "service": {service},
                "regions": {{ "a": {{}}, "b": {{}}, "c": {{}} }}, "requests": [ {{ "arrivals": {arrivals} }} ] }}"#
        )
    }

    fn assert_near(load: f64, expected: f64) {
        assert!((load - expected).abs() < expected * 1e-3, "{load}, not {expected}");
    }

    #[test]
    fn the_load_is_the_rate_times_the_mean_length() {
        // 27 an hour of ten minutes each: 4.5 at a time.
        let poisson = r#"{ "process": { "poisson": { "per_hour": 27 } },
            "copy": { "from": "a", "to": "b", "duration": { "exponential": { "mean": "10m" } } } }"#;
        let found = loads(&scenario("{}", poisson));
        assert_near(found[0].copies, 4.5);
        assert_eq!(found[0].patient, found[0].copies);
        // Two at a time every ten minutes to one of two regions, 1:3, with 5 minutes and 900 MB at 1 MB/s.
        let batches = r#"{ "process": { "periodic": { "every": "10m" } }, "batch": { "fixed": 2 },
            "copy": { "from": "a", "size": "900MB", "to": { "one_of": { "b": 1, "c": 3 } },
                "copy_time": { "throughput": "1MB/s", "setup": { "uniform": { "min": "0s", "max": "10m" } } } } }"#;
        let found = loads(&scenario(r#"{ "cap_scope": "destination" }"#, batches));
        // A copy takes 20 minutes: 4 at a time in all.
        assert_near(found[0].copies, 1.0);
        assert_near(found[1].copies, 3.0);
    }

    #[test]
    fn only_what_really_piles_up_is_an_overload() {
        let is_overload = |arrivals: &str| {
            let text = scenario(r#"{ "rate_limit": "off" }"#, arrivals);
            let scenario = Scenario::read("x.json", text.into_bytes(), &[]).expect("it is valid");
            offered_loads(&scenario.model).into_values().any(|load| load.overloads(5))
        };
        let stream = |process: &str, more: &str, copy: &str| {
            format!(r#"{{ "process": {process}, {more} "copy": {{ "from": "a", "to": "b", {copy} }} }}"#)
        };
        let poisson = r#"{ "poisson": { "per_hour": 36 } }"#;
        // 36 an hour of ten minutes each are 6 at a time.
        assert!(is_overload(&stream(poisson, "", r#""duration": "10m""#)));
        assert!(
            !is_overload(&stream(poisson, r#""count": 20,"#, r#""duration": "10m""#)),
            "20 - 5/6 x 20 < 5"
        );
        assert!(!is_overload(&stream(poisson, "", r#""duration": "10m", "dry_run": true"#)));
        let failing = r#""duration": "10m", "fail": { "probability": 0.5 }"#;
        assert!(!is_overload(&stream(poisson, "", failing)), "half of them run half as long: 4.5");
        // Every two minutes ten minutes: exactly 5 at a time, and none of them waits.
        let regular = r#"{ "periodic": { "every": "2m" } }"#;
        assert!(!is_overload(&stream(regular, "", r#""duration": "10m""#)));
        let level = r#"{ "poisson": { "per_hour": 30 } }"#;
        assert!(is_overload(&stream(level, "", r#""duration": "10m""#)), "at a load of 1 it grows too");
    }

    #[test]
    fn clients_that_give_up_are_told_apart() {
        let impatient = r#"{ "process": { "poisson": { "per_hour": 6 } },
            "copy": { "from": "a", "to": "b", "duration": "1h",
                "timeout": { "after": "1h", "then": "cancel_if_waiting" } } }"#;
        let found = loads(&scenario("{}", impatient));
        assert_near(found[0].copies, 6.0);
        assert_eq!(found[0].patient, 0.0);
        // A sixth of them can't run. In a day 144 come, and 24 of them are more than five.
        assert!(found[0].sheds(5) && !found[0].overloads(5) && !found[0].sheds(6));
    }
}
