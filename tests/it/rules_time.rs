//! The rules of time, order and the end of a run (model section 1).

use copysim::ids::RequestKey;
use copysim::records::Outcome;
use copysim::simulation::RunError;
use copysim::time::SimTime;
use serde_json::{Value, json};

use crate::scenes::{Scene, secs};
use crate::support::{Ran, try_run};

/// 2^53 - 1 microseconds.
const LAST_MICROSECOND: &str = "9007199254740991us";

/// The error that a scenario's run stops with.
fn error_of(scene: &Scene) -> RunError {
    try_run(&scene.text()).err().unwrap_or_else(|| panic!("this run must stop: {}", scene.text()))
}

fn beyond_time(entry: u32, number: u64, field: &'static str) -> RunError {
    RunError::BeyondTime { key: RequestKey::new(entry, number).expect("small numbers"), field }
}

#[test]
fn r1_1_the_largest_time_is_reached_but_not_passed() {
    let late = |length: &str| {
        let body = json!({ "at": "9007199254740986us", "duration": length });
        Scene::lane(1).copy("first", 0, 1).copy_with("late", 0, body)
    };
    assert_eq!(late("5us").run().copy("late@r").end, Some(SimTime::MAX));
    assert_eq!(error_of(&late("6us")), beyond_time(1, 0, "the copy's length"));
}

#[test]
fn r1_1_parts_that_sum_to_more_than_all_time_are_a_fault() {
    let parts = json!({ "setup": LAST_MICROSECOND, "throughput": "1GiB/s", "finalize": "1us" });
    let faults = Scene::lane(1).copy_with("long", 0, json!({ "copy_time": parts })).faults();
    assert_eq!(faults, ["this copy would take longer than simulated time can be (285 years)"]);
}

#[test]
fn r1_1_a_delay_beyond_the_end_of_time() {
    let relay = json!({ "after": "a", "delay": LAST_MICROSECOND, "to": "s" });
    let scene = Scene::lane(1).copy("a", 0, 1).copy_with("b", 0, relay);
    assert_eq!(error_of(&scene), beyond_time(1, 0, "delay"));
    // Beyond a horizon nothing is planned, however far beyond it is.
    let ran = scene.set("horizon", "100s").run();
    assert_eq!((ran.end_seconds(), ran.end.by_horizon, ran.end.not_planned), (100, true, 1));
}

/// Arrivals so far apart that the third lies beyond the end of time.
fn rare_arrivals(limit: (&str, Value)) -> Scene {
    let mut stream = json!({
        "process": { "periodic": { "every": "5000000000000000us" } },
        "copy": { "from": "a", "to": "r", "duration": "1s" },
    });
    stream[limit.0] = limit.1;
    Scene::lane(1).request("arrivals", stream)
}

#[test]
fn r1_1_an_arrival_beyond_the_end_of_time() {
    let too_many = rare_arrivals(("count", 3.into()));
    assert_eq!(error_of(&too_many), beyond_time(0, 2, "every"));
    let ran = rare_arrivals(("count", 2.into())).run();
    assert_eq!(ran.count(Outcome::Available), 2);
    let ran = rare_arrivals(("until", LAST_MICROSECOND.into())).run();
    assert_eq!(ran.count(Outcome::Available), 2);
}

#[test]
fn r1_1_beyond_a_horizon_no_arrival_is_out_of_time() {
    // The third arrival lies beyond the end of time, and beyond a horizon after the second one.
    let horizon = rare_arrivals(("count", 3.into())).set("horizon", "6000000000000000us");
    let ran = horizon.run();
    assert_eq!((ran.count(Outcome::Available), ran.end.by_horizon), (2, true));
    // At the very last instant it can't be told apart from an arrival of that instant.
    let last = rare_arrivals(("count", 3.into())).set("horizon", LAST_MICROSECOND);
    assert_eq!(error_of(&last), beyond_time(0, 2, "every"));
}

#[test]
fn r1_1_a_drain_a_lock_or_a_token_beyond_the_end_of_time() {
    let service = |body: Value| {
        Scene::lane(1)
            .set("service", body)
            .copy("a", 0, 600)
            .request("cancel", json!({ "id": "stop", "at": "1us", "copy": "a" }))
    };
    let drain = service(json!({ "cap": 1, "cancel": { "drain": LAST_MICROSECOND } }));
    assert_eq!(error_of(&drain), beyond_time(1, 0, "service.cancel.drain"));
    let lock = Scene::lane(1)
        .set("service", json!({ "cap": 1, "request_lock": LAST_MICROSECOND }))
        .copy("a", 0, 1)
        .copy("b", 1, 1);
    assert_eq!(error_of(&lock), beyond_time(1, 0, "service.request_lock"));
    let life = Scene::lane(1)
        .set("service", json!({ "cap": 1, "token_life": LAST_MICROSECOND }))
        .copy_with("a", 0, json!({ "client_token": "a" }))
        .copy_with("b", 1, json!({ "client_token": "b" }));
    assert_eq!(error_of(&life), beyond_time(1, 0, "service.token_life"));
}

#[test]
fn r1_1_a_written_time_beyond_the_end_of_time_is_a_fault() {
    let at = |at: &str| Scene::lane(1).copy_with("a", 0, json!({ "at": at, "duration": "0s" }));
    assert_eq!(at(LAST_MICROSECOND).run().copy("a@r").end, Some(SimTime::MAX));
    assert_eq!(at("9007199254740992us").faults().len(), 1);
}

#[test]
fn r1_4_equal_times_are_handled_in_file_order() {
    let stream = json!({
        "id": "stream",
        "process": { "periodic": { "every": "10s" } },
        "count": 2,
        "copy": { "from": "a", "to": ["s", "r"], "duration": "1s" },
    });
    let scene = Scene::lane(1).copy("late", 10, 1).request("arrivals", stream);
    let scene =
        scene.image("x").image("y").copy_with("fan", 10, json!({ "image": ["y", "x"], "to": ["s", "r"] }));
    let ran = scene.run();
    assert_eq!(
        ran.order_of_starts(),
        [
            // At 0 only the stream's first arrival.
            "stream#1@s",
            "stream#1@r",
            // At 10: entry by entry; in the fan-out image by image, then destination by destination.
            "late@r",
            "stream#2@s",
            "stream#2@r",
            "fan:y@s",
            "fan:y@r",
            "fan:x@s",
            "fan:x@r",
        ]
    );
}

#[test]
fn r1_4_the_order_of_requests_matters_for_ties_only() {
    let calls = [("a", 0), ("b", 100), ("c", 50), ("d", 70)];
    let run = |order: [usize; 4]| {
        let scene = order
            .iter()
            .fold(Scene::lane(1), |scene, place| scene.copy(calls[*place].0, calls[*place].1, 600));
        scene.run()
    };
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        assert_eq!(run(order).starts(&["a", "c", "d", "b"]), [Some(0), Some(600), Some(1200), Some(1800)]);
    }
    let tie = |first: &str, second: &str| Scene::lane(1).copy(first, 0, 600).copy(second, 0, 600).run();
    assert_eq!(tie("a", "b").starts(&["a", "b"]), [Some(0), Some(600)]);
    assert_eq!(tie("b", "a").starts(&["a", "b"]), [Some(600), Some(0)]);
}

#[test]
fn r1_5_levels_are_read_when_the_clock_moves_on() {
    // Ten copies without length wait for each other inside the instant, and nobody does after it.
    let ran = Scene::lane(1).copies("c", 1..=10, 5, 0).copy("last", 9, 2).run();
    assert_eq!(ran.levels("a"), [(5, 0, 0), (9, 1, 0), (11, 0, 0)]);
    assert_eq!(ran.peak_inside_instants(), 1);
    let tally = ran.tally();
    assert_eq!((tally.slots[0].waiting.peak(), tally.slots[0].held.peak()), (0, 1));
}

#[test]
fn r1_6_a_copy_cancelled_in_the_instant_of_its_start_never_starts() {
    let ran = Scene::lane(1).copy("a", 0, 600).copy("b", 0, 600).cancel("x", 600, "b").run();
    assert_eq!((ran.span("b@r"), ran.outcome("b@r")), ((None, Some(600)), Outcome::CancelledWaiting));
    assert_eq!(ran.order_of_starts(), ["a@r"]);
}

/// End of the run in seconds, and whether the horizon cut something off.
fn ending(ran: &Ran) -> (u64, bool) {
    (ran.end_seconds(), ran.end.by_horizon)
}

#[test]
fn r1_7_a_run_ends_with_its_last_event_or_at_the_horizon() {
    let one = Scene::lane(1).copy("a", 0, 600);
    assert_eq!(ending(&one.run()), (600, false));
    assert_eq!(ending(&one.clone().set("horizon", "600s").run()), (600, false));
    assert_eq!(ending(&one.clone().set("horizon", "1000s").run()), (600, false));
    assert_eq!(ending(&one.clone().set("horizon", "599s").run()), (599, true));
    // Something is still to come, so the end is the horizon and not the last event.
    assert_eq!(ending(&one.copy("b", 2000, 600).set("horizon", "1000s").run()), (1000, true));
    assert_eq!(ending(&Scene::lane(1).run()), (0, false));
}

#[test]
fn r1_7_a_call_still_to_be_made_is_work() {
    let one = Scene::lane(1).copy("a", 0, 600);
    assert_eq!(ending(&one.clone().cancel("x", 2000, "a").run()), (2000, false));
    assert_eq!(ending(&one.delete("x", 2000, "a").run()), (2000, false));
}

#[test]
fn r1_7_capacity_changes_keep_a_run_going_only_for_a_copy_that_may_move() {
    let one = |cap: u32, changes: &[(u64, u32)]| Scene::lane(cap).copy("a", 0, 600).caps("a", changes).run();
    assert_eq!(ending(&one(1, &[(5000, 2)])), (600, false));
    assert_eq!(ending(&one(0, &[(5000, 1), (9000, 7)])), (5600, false));
    assert_eq!(ending(&one(0, &[(50, 0), (60, 0)])), (0, false));
    assert_eq!(ending(&Scene::lane(0).copy("a", 0, 600).caps("r", &[(50, 9)]).run()), (0, false));
    // Slots of the two regions are never free at once.
    let both = Scene::lane(0).copy("a", 0, 600).set("service.cap_scope", "both").set("regions.r.cap", 0);
    let never = both.clone().caps("a", &[(100, 1), (200, 0)]).caps("r", &[(200, 1)]).run();
    assert_eq!((ending(&never), never.end.never_startable.len()), ((0, false), 1));
    let once = both.caps("a", &[(100, 1), (200, 0)]).caps("r", &[(199, 1)]).run();
    assert_eq!(once.span("a@r"), (Some(199), Some(799)));
}

#[test]
fn r1_7_drains_keep_a_run_going_only_for_a_copy_that_waits() {
    let draining = Scene::lane(1).set("service.cancel.drain", "50s").copy("a", 0, 600).cancel("x", 100, "a");
    assert_eq!(ending(&draining.run()), (100, false));
    assert_eq!(ending(&draining.copy("b", 0, 600).run()), (750, false));
}

#[test]
fn r1_7_an_outdated_timer_does_not_move_the_clock() {
    let cancelled = Scene::lane(1).copy("a", 0, 600).cancel("x", 100, "a");
    assert_eq!(ending(&cancelled.run()), (100, false));
    assert_eq!(ending(&cancelled.set("horizon", "300s").run()), (100, false));
    // The place of the cancelled copy is used again by one whose end must not come at 600.
    let again = Scene::lane(1).copy("a", 0, 600).cancel("x", 100, "a").copy("b", 100, 700).run();
    assert_eq!((again.span("b@r"), ending(&again)), ((Some(100), Some(800)), (800, false)));
}

#[test]
fn r1_7_copies_that_can_never_start_are_unfinished_and_named() {
    let scene = Scene::lane(0).copy("a", 3, 600).copy("b", 0, 600);
    let ran = scene.copy_with("relay", 0, json!({ "after": "a", "to": "s" })).run();
    let named: Vec<String> =
        ran.end.never_startable.iter().map(|key| ran.scenario.catalog.label(*key)).collect();
    assert_eq!(named, ["b@r", "a@r"]);
    assert_eq!(ran.outcomes(), [(Outcome::Waiting, 2)].into());
    assert_eq!((ending(&ran), ran.end.not_planned), ((3, false), 1));
}

#[test]
fn r1_8_too_many_events_in_one_instant_stop_the_run() {
    let scene = |limit: u32| {
        let lane = Scene::lane(1).copy("calm", 0, 1).set("max_events_per_instant", limit);
        lane.copies("c", 1..=3, 7, 0).copy_with("busy", 7, json!({ "to": ["r", "s", "t"], "duration": "0s" }))
    };
    // Six calls, six starts and six ends at 7 s.
    assert_eq!(scene(18).run().count(Outcome::Available), 7);
    let at = SimTime::from_micros(7_000_000).expect("a small time");
    assert_eq!(error_of(&scene(17)), RunError::TooManyEvents { at, limit: 17, busiest: Some(4) });
}

#[test]
fn r1_9_spans_are_half_open() {
    let locked = |at: u64| {
        let scene = Scene::lane(5).set("service.request_lock", "100s").copy("a", 0, 1);
        scene.copy_with("b", at, json!({ "image": "a", "to": "s" })).run().answer("b@s")
    };
    assert_eq!([locked(99), locked(100)], ["InvalidOperation.Conflict", "ok"]);
    let stream = json!({
        "process": { "periodic": { "every": "10s" } },
        "from": "10s",
        "until": secs(40),
        "copy": { "from": "a", "to": "r", "duration": "1s" },
    });
    let ran = Scene::lane(5).request("arrivals", stream).run();
    let accepted: Vec<u64> =
        ran.trace().iter().filter(|(_, what, _)| *what == "accepted").map(|row| row.0).collect();
    assert_eq!(accepted, [10, 20, 30]);
}

#[test]
fn r9_1_every_listed_copy_is_planned_or_counted_as_not_planned() {
    // `a` fails; `b` would have been due after the horizon, `c` behind it is skipped with it.
    let scene = Scene::lane(1)
        .copy_with("a", 0, json!({ "fail": { "after": "1s" } }))
        .copy_with("b", 5000, json!({ "after": "a", "image": "a", "to": "s" }))
        .request("copy", json!({ "id": "c", "after": "b", "image": "a", "to": "t", "duration": "1s" }))
        .copy("later", 2000, 1);
    let ran = scene.set("horizon", "1000s").run();
    assert_eq!((ran.observed.records.len(), ran.end.not_planned), (2, 2));
    assert_eq!((ran.count(Outcome::Failed), ran.count(Outcome::Skipped)), (1, 1));
}
