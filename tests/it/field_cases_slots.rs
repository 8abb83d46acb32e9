//! Field cases about slots and the waiting list: who runs, who waits, and who starts when a slot is free.

use copysim::records::Outcome;
use serde_json::json;

use crate::scenes::{Scene, mean_seconds, secs};
use crate::support::Ran;

const SCOPES: [&str; 4] = ["source", "destination", "both", "pair"];
const ABCD: [&str; 4] = ["a", "b", "c", "d"];

/// `cap` slots wherever a copy from `a` to `r` may have to take one.
fn narrow(scope: &str, cap: u32) -> Scene {
    Scene::lane(cap).set("regions.r.cap", cap).set("service.cap_scope", scope)
}

/// Four copies of 600 s on two slots.
fn two_run_two_wait(scope: &str) -> Scene {
    ABCD.iter().fold(narrow(scope, 2), |scene, id| scene.copy(id, 0, 600))
}

#[test]
fn field_case_01_sixth_copy_waits() {
    let ran = Scene::lane(5).copies("c", 1..=8, 0, 600).run();
    assert_eq!(ran.count(Outcome::Refused), 0);
    assert_eq!(ran.starts(&["c1", "c2", "c3", "c4", "c5"]), [Some(0); 5]);
    assert_eq!(ran.starts(&["c6", "c7", "c8"]), [Some(600); 3]);
    assert_eq!(ran.peak_inside_instants(), 5);
    assert_eq!(ran.last_end(), Some(1200));
}

#[test]
fn field_case_01_sixth_copy_waits_in_every_scope() {
    for scope in SCOPES {
        let ran = narrow(scope, 5).copies("c", 1..=8, 0, 600).run();
        assert_eq!(ran.outcomes(), [(Outcome::Available, 8)].into(), "{scope}");
        assert_eq!((ran.peak_inside_instants(), ran.last_end()), (5, Some(1200)), "{scope}");
    }
}

/// 81 copies of which every fourth meets `trouble`.
fn every_fourth(trouble: &serde_json::Value) -> Scene {
    (1..=81).fold(Scene::lane(5), |scene, number| {
        let body = if number % 4 == 0 { trouble.clone() } else { json!({}) };
        scene.copy_with(&format!("c{number}"), 0, body)
    })
}

/// Whenever the clock moves on with copies waiting, all five slots are held.
fn assert_five_run_while_any_waits(ran: &Ran) {
    for (at, held, waiting) in ran.levels("a") {
        assert!(waiting == 0 || held == 5, "at {at} s {waiting} wait and {held} run");
    }
}

#[test]
fn field_case_03_failures_give_their_slots_back() {
    let ran = every_fourth(&json!({ "fail": { "after": "300s" } })).run();
    assert_eq!(ran.outcomes(), [(Outcome::Available, 61), (Outcome::Failed, 20)].into());
    assert_eq!(ran.last_end(), Some(8700));
    assert_five_run_while_any_waits(&ran);
}

#[test]
fn field_case_03_without_failures() {
    let ran = every_fourth(&json!({})).run();
    assert_eq!(ran.last_end(), Some(10_200));
    assert_five_run_while_any_waits(&ran);
}

#[test]
fn field_case_03_cancels_give_their_slots_back() {
    let cancelled = (1..=20).fold(every_fourth(&json!({})), |scene, number| {
        // Each is cancelled 300 s into its run where it has one by then, and in the queue else.
        scene.cancel(&format!("x{number}"), 300 * number, &format!("c{}", 4 * number))
    });
    for drain in [0, 60] {
        let ran = cancelled.clone().set("service.cancel.drain", secs(drain)).run();
        let counts = [Outcome::CancelledWaiting, Outcome::CancelledRunning].map(|outcome| ran.count(outcome));
        assert_eq!((counts[0] + counts[1], ran.count(Outcome::Available)), (20, 61));
        assert_five_run_while_any_waits(&ran);
    }
}

#[test]
fn field_case_05_fan_out_to_23_regions() {
    let regions: serde_json::Map<_, _> =
        (0..24).map(|number| (format!("r{number:02}"), json!({ "cap": 5 }))).collect();
    let fan_out = |scope: &str| {
        let scene = Scene::lane(5).set("regions", regions.clone()).set("service.cap_scope", scope);
        let scene = scene.set("images.os", json!({ "region": "r00", "size": "1GiB" }));
        scene.copy_with("os", 0, json!({ "image": "os", "to": "all-others" })).run()
    };
    let starts = |ran: &Ran| -> Vec<u64> {
        (1..24).filter_map(|number| ran.span(&format!("os@r{number:02}")).0).collect()
    };
    let by_destination = fan_out("destination");
    assert_eq!(starts(&by_destination), [0; 23]);
    assert_eq!(by_destination.last_end(), Some(600));
    let by_source = fan_out("source");
    let expected: Vec<u64> = (0..23).map(|place| place / 5 * 600).collect();
    assert_eq!(starts(&by_source), expected);
    assert_eq!(by_source.last_end(), Some(3000));
    for ran in [by_destination, by_source] {
        assert_eq!(ran.outcomes(), [(Outcome::Available, 23)].into());
    }
}

/// Ten copies, and ten more in the instant in which the first slots are freed.
fn two_waves(second: impl IntoIterator<Item = u32>) -> Ran {
    let first = Scene::lane(5).copies("c", 1..=10, 0, 600);
    second.into_iter().fold(first, |scene, number| scene.copy(&format!("d{number}"), 600, 600)).run()
}

#[test]
fn field_case_16_never_more_than_the_cap() {
    let ran = two_waves(1..=10);
    assert_eq!(ran.peak_inside_instants(), 5);
    assert_eq!(ran.last_end(), Some(2400));
}

#[test]
fn field_case_17_waiting_copies_go_before_new_ones() {
    let forwards = two_waves(1..=10);
    assert_eq!(forwards.starts(&["c6", "c7", "c8", "c9", "c10"]), [Some(600); 5]);
    assert_eq!(forwards.starts(&["d1", "d2", "d3", "d4", "d5"]), [Some(1200); 5]);
    assert_eq!(forwards.starts(&["d6", "d7", "d8", "d9", "d10"]), [Some(1800); 5]);
    let backwards = two_waves((1..=10).rev());
    assert_eq!(backwards.starts(&["c6", "c7", "c8", "c9", "c10"]), [Some(600); 5]);
    assert_eq!(backwards.starts(&["d6", "d7", "d8", "d9", "d10"]), [Some(1200); 5]);
    assert_eq!(backwards.starts(&["d1", "d2", "d3", "d4", "d5"]), [Some(1800); 5]);
}

#[test]
fn field_case_17_a_written_first_newcomer_does_not_overtake() {
    // The newcomer stands before the waiting copies in the file, and still comes after them.
    let ran = Scene::lane(1).copy("new", 600, 600).copy("a", 0, 600).copy("b", 0, 600).run();
    assert_eq!(ran.starts(&["a", "b", "new"]), [Some(0), Some(600), Some(1200)]);
}

#[test]
fn field_case_23_a_cancelled_copy_leaves_the_queue_count() {
    let lane = Scene::lane(1).copy("a", 0, 600).copy("b", 0, 600).copy("c", 0, 600);
    let ran = lane.cancel("x", 100, "b").run();
    // (second, running, waiting): 2 wait on [0, 100), 1 on [100, 600), none after.
    assert_eq!(ran.levels("a"), [(0, 1, 2), (100, 1, 1), (600, 1, 0), (1200, 0, 0)]);
    assert_eq!(ran.spans(&["b", "c"]), [(None, Some(100)), (Some(600), Some(1200))]);
    let tally = ran.tally();
    assert_eq!((tally.all.figures.wait.n(), mean_seconds(&tally.all.figures.wait)), (2, Some(300)));
    let b = ran.copy("b@r");
    assert_eq!(b.outcome, Outcome::CancelledWaiting);
    assert_eq!(b.waited(ran.end.at).map(|waited| waited.micros()), Some(100_000_000));
}

#[test]
fn field_case_23_cancelled_copies_leave_from_any_place_of_the_queue() {
    for gone in ["b", "c", "d"] {
        let lane = ABCD.iter().fold(Scene::lane(1), |scene, id| scene.copy(id, 0, 600));
        let ran = lane.cancel("x", 100, gone).run();
        let left: Vec<&str> = ABCD.into_iter().filter(|id| *id != gone).collect();
        assert_eq!(ran.starts(&left), [Some(0), Some(600), Some(1200)], "without {gone}");
        assert_eq!(ran.levels("a")[1], (100, 1, 2), "without {gone}");
    }
}

#[test]
fn field_case_24_two_freed_slots_wake_two() {
    for scope in SCOPES {
        let ran = two_run_two_wait(scope).run();
        assert_eq!(ran.starts(&ABCD), [Some(0), Some(0), Some(600), Some(600)], "{scope}");
        assert_eq!(ran.last_end(), Some(1200), "{scope}");
        ran.assert_no_slot_idles();
    }
}

#[test]
fn field_case_24_two_cancelled_runners_wake_two() {
    for scope in SCOPES {
        let ran = two_run_two_wait(scope).cancel("x", 100, "a").cancel("y", 100, "b").run();
        assert_eq!(ran.spans(&["c", "d"]), [(Some(100), Some(700)); 2], "{scope}");
        ran.assert_no_slot_idles();
    }
}

#[test]
fn field_case_24_two_failures_wake_two() {
    for scope in SCOPES {
        let failing = json!({ "fail": { "after": "300s" } });
        let scene = ["a", "b"]
            .iter()
            .fold(narrow(scope, 2), |scene, id| scene.copy_with(id, 0, failing.clone()))
            .copy("c", 0, 600)
            .copy("d", 0, 600);
        let ran = scene.run();
        assert_eq!(ran.spans(&["c", "d"]), [(Some(300), Some(900)); 2], "{scope}");
        ran.assert_no_slot_idles();
    }
}

#[test]
fn field_case_24_two_ended_drains_wake_two() {
    for scope in SCOPES {
        let scene = two_run_two_wait(scope).set("service.cancel.drain", "50s");
        let ran = scene.cancel("x", 100, "a").cancel("y", 100, "b").run();
        assert_eq!(ran.spans(&["c", "d"]), [(Some(150), Some(750)); 2], "{scope}");
        ran.assert_no_slot_idles();
    }
}

#[test]
fn field_case_24_a_cap_raised_by_two_wakes_two() {
    for scope in SCOPES {
        let ran = two_run_two_wait(scope).caps("a", &[(200, 4)]).caps("r", &[(200, 4)]).run();
        assert_eq!(ran.spans(&["c", "d"]), [(Some(200), Some(800)); 2], "{scope}");
        ran.assert_no_slot_idles();
    }
}

#[test]
fn field_case_24_with_two_keys_both_must_be_free() {
    // Only one end of the two is raised, so nothing starts before slots are freed at the other.
    for raised in ["a", "r"] {
        let ran = two_run_two_wait("both").caps(raised, &[(200, 4)]).run();
        assert_eq!(ran.starts(&["c", "d"]), [Some(600); 2], "{raised}");
    }
}

#[test]
fn field_case_24_a_cancelled_head_frees_those_behind_it() {
    // The head waits for `r`, which is full; the one behind it waits for `s` and for a slot of `a`.
    let scene = narrow("both", 2).set("regions.r.cap", 1).copy("a", 0, 600).copy("head", 0, 600);
    let scene = scene.copy_with("b", 0, json!({ "to": "s" })).copy_with("c", 0, json!({ "to": "s" }));
    let ran = scene.cancel("x", 100, "head").cancel("y", 200, "a").run();
    assert_eq!(ran.span("b@s"), (Some(0), Some(600)));
    assert_eq!(ran.span("c@s"), (Some(200), Some(800)));
    assert_eq!(ran.outcome("head@r"), Outcome::CancelledWaiting);
}

#[test]
fn field_case_26_a_falling_cap_interrupts_nothing() {
    let ran = Scene::lane(5).copies("c", 1..=8, 0, 600).caps("a", &[(300, 2), (900, 0), (1500, 5)]).run();
    assert_eq!(ran.spans(&["c1", "c2", "c3", "c4", "c5"]), [(Some(0), Some(600)); 5]);
    assert_eq!(ran.spans(&["c6", "c7"]), [(Some(600), Some(1200)); 2]);
    assert_eq!(ran.spans(&["c8"]), [(Some(1500), Some(2100))]);
    assert_eq!(ran.end_seconds(), 2100);
}

#[test]
fn field_case_26_a_cap_change_in_the_instant_of_an_end() {
    // Ends come first, then the cap: so many of the three waiting ones start at 600.
    for (cap, expected) in [
        (1, [Some(600), Some(1200), Some(1800)]),
        (2, [Some(600), Some(600), Some(1200)]),
        (3, [Some(600), Some(600), Some(600)]),
    ] {
        for scope in SCOPES {
            let lane = narrow(scope, 2).copies("c", 1..=5, 0, 600);
            let ran = lane.caps("a", &[(600, cap)]).caps("r", &[(600, cap)]).run();
            assert_eq!(ran.starts(&["c3", "c4", "c5"]), expected, "{scope}, cap {cap}");
            assert!(ran.peak_inside_instants() <= cap.max(2));
        }
    }
}

#[test]
fn field_case_26_a_cap_of_zero_in_the_instant_of_an_end() {
    let ran = Scene::lane(2).copies("c", 1..=3, 0, 600).caps("a", &[(600, 0)]).run();
    assert_eq!(ran.spans(&["c1", "c2", "c3"]), [(Some(0), Some(600)), (Some(0), Some(600)), (None, None)]);
    assert_eq!(ran.outcome("c3@r"), Outcome::Waiting);
    assert_eq!((ran.end_seconds(), ran.end.never_startable.len()), (600, 1));
}
