//! The load that streams offer to slots, before anything is run.

use std::collections::BTreeMap;

use super::Model;
use crate::distribution::Drawn;
use crate::ids::Named;
use crate::quantity::{Bytes, Rate};
use crate::service::{Settings, SlotKey};
use crate::workload::{
    ArrivalsEntry, CoursePlan, CourseWork, DrawnTime, Entry, ImageSource, Member, Pick, Workload,
};

/// What the streams of a scenario offer to a slot key.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OfferedLoad {
    /// Copies that would run at a time if each started at once: their rate times their mean length (Erlang).
    pub copies: f64,
    /// The part of it whose clients wait for as long as it takes.
    pub patient: f64,
}

/// The offered load of each slot key. Listed requests and traces, which have no rate, don't count, and neither do
/// streams without one rate that holds for good.
pub fn offered_loads(model: &Model) -> BTreeMap<SlotKey, OfferedLoad> {
    let mut loads: BTreeMap<SlotKey, OfferedLoad> = BTreeMap::new();
    for entry in &model.workload.entries {
        let Entry::Arrivals(arrivals) = entry else { continue };
        let Some(moments) = arrivals.process.mean_rate() else { continue };
        let rate = moments * arrivals.batch.mean();
        for (turn, calls) in arrivals.turns.iter().enumerate() {
            let of_turn = share(&arrivals.image, turn, arrivals.turns.len());
            for (call, member) in calls.iter().enumerate() {
                let picks = arrivals.destination.as_ref();
                let of_call = picks.map_or(1.0, |picks| share(&picks[turn], call, calls.len()));
                let Some(length) = mean_micros(member, arrivals, &model.workload) else { continue };
                let copies = rate * of_turn * of_call * length;
                let patient = if has_timeout(member, &model.workload) { 0.0 } else { copies };
                for key in keys_of(member, &model.settings) {
                    let load = loads.entry(key).or_default();
                    load.copies += copies;
                    load.patient += patient;
                }
            }
        }
    }
    loads
}

/// The share of arrivals that take one of several things.
fn share(pick: &Pick, place: usize, things: usize) -> f64 {
    match pick {
        Pick::InTurn => 1.0 / things as f64,
        Pick::Drawn(weights) => weights.weights()[place] / weights.weights().iter().sum::<f64>(),
    }
}

/// The mean length of the copies of a call in microseconds; none where the size of its image isn't known.
fn mean_micros(member: &Member, arrivals: &ArrivalsEntry, workload: &Workload) -> Option<f64> {
    let time = match member.course {
        CoursePlan::Fixed(course) => {
            let CourseWork::Known(work) = course.work else { return None };
            return Some(work.plan(course.fate)?.length.micros() as f64);
        }
        CoursePlan::Drawn(plan) => &workload.draw_plan(plan).time,
        CoursePlan::OfRow => return None,
    };
    match time {
        DrawnTime::Known(work) => Some(work.length()?.micros() as f64),
        DrawnTime::Duration(duration) => Some(duration.mean()),
        DrawnTime::Phases { setup, throughput, finalize } => {
            let size = mean_size(member.image, arrivals, workload)?;
            Some(setup.mean() + size * 1e6 * mean_of_inverse(throughput) + finalize.mean())
        }
    }
}

fn mean_size(image: ImageSource, arrivals: &ArrivalsEntry, workload: &Workload) -> Option<f64> {
    let known = |size: Option<Bytes>| size.map(|size| size.0 as f64);
    match image {
        ImageSource::Fresh => {
            let drawn = arrivals.fresh_size.as_ref().map(Drawn::mean);
            drawn.or(known(arrivals.fresh.and_then(|fresh| fresh.size)))
        }
        ImageSource::Given(place) => {
            let is_it = |drawn: &&crate::workload::DrawnSizes| {
                (drawn.first..drawn.first + drawn.count).contains(&place)
            };
            let drawn = workload.drawn_sizes.iter().find(is_it).map(|drawn| drawn.size.mean());
            drawn.or(known(workload.given[place as usize].size))
        }
        ImageSource::Product(_) | ImageSource::Literal => None,
    }
}

/// The mean of 1 / rate, by the midpoints of a thousand equal shares.
fn mean_of_inverse(rate: &Drawn<Rate>) -> f64 {
    const SHARES: u32 = 1000;
    match rate {
        Drawn::Fixed(rate) => 1.0 / rate.bytes_per_second() as f64,
        Drawn::Random(distribution) => {
            let at = |share| distribution.quantile((f64::from(share) + 0.5) / f64::from(SHARES)).max(1.0);
            (0..SHARES).map(|share| 1.0 / at(share)).sum::<f64>() / f64::from(SHARES)
        }
    }
}

fn has_timeout(member: &Member, workload: &Workload) -> bool {
    match member.course {
        CoursePlan::Fixed(course) => course.timeout.is_some(),
        CoursePlan::Drawn(plan) => workload.draw_plan(plan).timeout.is_some(),
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
    fn clients_that_give_up_are_told_apart() {
        let impatient = r#"{ "process": { "poisson": { "per_hour": 6 } },
            "copy": { "from": "a", "to": "b", "duration": "1h",
                "timeout": { "after": "1h", "then": "cancel_if_waiting" } } }"#;
        let found = loads(&scenario("{}", impatient));
        assert_near(found[0].copies, 6.0);
        assert_eq!(found[0].patient, 0.0);
    }
}
