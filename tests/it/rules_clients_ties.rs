//! Clients when several things fall into one instant (R1.3, R1.4, R1.6), and the order of what they hold back.

use serde_json::{Value, json};

use crate::client_words::{again_after_failures, again_on, patience};
use crate::scenes::Scene;

/// The kinds of time-out.
const THEN: [&str; 3] = ["leave", "cancel", "cancel_if_waiting"];

/// A client of its own way (`is_followed`) or one that does nothing but wait: what becomes of a copy is the same.
fn waits(is_followed: bool, after: u64, then: &str) -> Value {
    let mut client = json!({ "timeout": patience(after, then) });
    if is_followed {
        client["concurrency"] = 9.into();
    }
    client
}

#[test]
fn r1_6_a_time_out_in_the_instant_of_the_start() {
    // The slot is free at 100, and so is the time-out: cancels come before starts.
    let cancelled =
        "cancelled_waiting: planned 0 sent 0 accepted 0 end 100 noticed 100 timed_out 100 calls 1";
    let left = "available: planned 0 sent 0 accepted 0 start 100 end 700 timed_out 100 calls 1";
    for is_followed in [false, true] {
        for (then, expected) in THEN.iter().zip([left, cancelled, cancelled]) {
            let scene = Scene::lane(1).client("c", waits(is_followed, 100, then)).copy("b", 0, 100);
            let ran = scene.ask("x", 0, json!({})).copy("y", 0, 600).run();
            assert_eq!(ran.row("x@r"), expected, "{then} {is_followed}");
            // The slot goes to the next in line in the same instant.
            let next = if *then == "leave" { 700 } else { 100 };
            assert_eq!(ran.starts(&["y"]), [Some(next)], "{then} {is_followed}");
        }
    }
}

#[test]
fn r1_6_a_time_out_in_the_instant_of_the_end() {
    let ends = "available: planned 0 sent 0 accepted 0 start 0 end 600 noticed 600 calls 1";
    for then in THEN {
        for is_followed in [false, true] {
            let scene = Scene::lane(1).client("c", waits(is_followed, 600, then)).ask("x", 0, json!({}));
            assert_eq!(scene.run().row("x@r"), ends, "{then} {is_followed}");
        }
        // A client that polls looks in that instant too, though its polls are at 250, 500 and 750. Whoever
        // cancels only what waits has no time-out any more, and polls.
        let mut client = waits(true, 600, then);
        client["poll"] = "250s".into();
        let ran = Scene::lane(1).client("c", client).ask("x", 0, json!({})).run();
        let noticed = if then == "cancel_if_waiting" { 750 } else { 600 };
        assert_eq!(ran.row("x@r"), ends.replace("noticed 600", &format!("noticed {noticed}")), "{then}");
        let story = format!("0 accepted, 0 started, 600 completed, {noticed} noticed");
        assert_eq!(ran.story("x@r"), story, "{then}");
        assert_eq!(ran.end_seconds(), noticed, "{then}");
    }
}

#[test]
fn r1_6_a_time_out_in_the_instant_of_a_failure() {
    let scene = |client: Value| {
        let mut client = client;
        client["timeout"] = patience(300, "leave");
        Scene::lane(1).client("c", client).ask("x", 0, json!({ "fail": { "after": "300s" } }))
    };
    let noticed = "failed: planned 0 sent 0 accepted 0 start 0 end 300 noticed 300 calls 1";
    for client in [json!({}), json!({ "concurrency": 1 }), json!({ "poll": "40s" })] {
        assert_eq!(scene(client.clone()).run().row("x@r"), noticed, "{client}");
    }
    // It would call again at 330, but has no time left for that.
    let gives_up = "failed: planned 0 sent 0 accepted 0 start 0 end 300 noticed 300 timed_out 300 calls 1";
    for client in [json!({}), json!({ "poll": "40s" })] {
        let mut client = client;
        client["retry"] = again_after_failures(9, 30);
        assert_eq!(scene(client.clone()).run().row("x@r"), gives_up, "{client}");
    }
    // It never sees a failure, and so finds nothing but that it waited for too long.
    let blind = json!({ "poll": "40s", "sees": "available", "retry": again_after_failures(9, 30) });
    let row = scene(blind).run().row("x@r");
    assert_eq!(row, "failed: planned 0 sent 0 accepted 0 start 0 end 300 timed_out 300 calls 1");
}

#[test]
fn r1_6_a_copy_that_starts_and_ends_after_its_client_left() {
    // The slot is free at 100. The client leaves in that instant, then the copy of no length starts and ends.
    for (length, fail) in [("0s", json!(null)), ("600s", json!({ "after": "0s" }))] {
        for is_followed in [false, true] {
            let scene = Scene::lane(1).client("c", waits(is_followed, 100, "leave")).copy("b", 0, 100);
            let mut x = json!({ "duration": length });
            if fail.is_object() {
                x["fail"] = fail.clone();
            }
            let ran = scene.ask("x", 0, x).run();
            let outcome = if fail.is_object() { "failed" } else { "available" };
            let row =
                format!("{outcome}: planned 0 sent 0 accepted 0 start 100 end 100 timed_out 100 calls 1");
            assert_eq!(ran.row("x@r"), row, "{length} {is_followed}");
        }
    }
}

#[test]
fn r1_4_a_time_out_and_somebody_elses_cancel_in_one_instant() {
    // Both are of the same class: the one that stands first in the file comes first.
    for is_followed in [false, true] {
        let lane = || Scene::lane(1).client("c", waits(is_followed, 300, "leave"));
        let left = lane().ask("x", 0, json!({})).cancel("y", 300, "x").run();
        let row = "cancelled_running: planned 0 sent 0 accepted 0 start 0 end 300 timed_out 300 calls 1";
        assert_eq!(left.row("x@r"), row, "{is_followed}");
        assert_eq!(left.story("x@r"), "0 accepted, 0 started, 300 timed out, 300 cancelled");
        let cancelled = lane().cancel("y", 300, "x").ask("x", 0, json!({})).run();
        let row = "cancelled_running: planned 0 sent 0 accepted 0 start 0 end 300 noticed 300 calls 1";
        assert_eq!(cancelled.row("x@r"), row, "{is_followed}");
        assert_eq!(cancelled.story("x@r"), "0 accepted, 0 started, 300 cancelled");
    }
}

#[test]
fn r1_3_a_time_out_in_the_instant_of_the_poll() {
    // The poll at 750 would see the end of 600, but time-outs come first.
    for then in ["leave", "cancel"] {
        let client = json!({ "poll": "250s", "timeout": patience(750, then) });
        let ran = Scene::lane(1).client("c", client).ask("x", 0, json!({})).run();
        let row = "available: planned 0 sent 0 accepted 0 start 0 end 600 timed_out 750 calls 1";
        assert_eq!(ran.row("x@r"), row, "{then}");
    }
}

#[test]
fn r1_3_a_time_out_in_the_instant_of_the_retry() {
    // Calls at 0 and 30, a time-out at 30: it comes before the call.
    for then in THEN {
        let client = json!({ "retry": again_on("any", 9, 30), "timeout": patience(30, then) });
        let scene = Scene::lane(1).set("service.over_limit", "reject").client("c", client);
        let ran = scene.copy("b", 0, 100).ask("x", 0, json!({})).run();
        assert_eq!(ran.row("x@r"), "refused: planned 0 sent 0 timed_out 30 calls 1 refusals 1", "{then}");
    }
}

#[test]
fn r8_2_a_time_out_of_no_time() {
    // It comes after the call of its instant, and before the start.
    for is_followed in [false, true] {
        let row = |then| {
            let scene = Scene::lane(1).client("c", waits(is_followed, 0, then)).ask("x", 5, json!({}));
            scene.run().row("x@r")
        };
        let left = "available: planned 5 sent 5 accepted 5 start 5 end 605 timed_out 5 calls 1";
        let cancelled = "cancelled_waiting: planned 5 sent 5 accepted 5 end 5 noticed 5 timed_out 5 calls 1";
        assert_eq!(THEN.map(row), [left, cancelled, cancelled], "{is_followed}");
    }
}

#[test]
fn r1_3_free_slots_are_filled_before_a_poll() {
    // At 100 `x` ends, the copies that wait start and end, since they have no length, and only then does the poll see
    // the end of `x`. So there is a slot for the relay, of a service that queues nothing beyond two.
    let scene = Scene::lane(1).set("service.max_queue", 2).client("c", json!({ "poll": "100s" }));
    let scene = scene.ask("x", 0, json!({ "duration": "100s" })).copy("y", 0, 0).copy("z", 0, 0);
    let ran = scene.copy("late", 100, 0).copy_with("relay", 0, json!({ "after": "x", "to": "s" })).run();
    let of_100: Vec<_> =
        ran.trace().into_iter().filter(|(at, ..)| *at == 100).map(|(_, what, of)| (what, of)).collect();
    let told = |what, of: &str| (what, of.to_owned());
    let expected = [
        told("completed", "x@r"),
        told("accepted", "late@r"),
        told("started", "y@r"),
        told("completed", "y@r"),
        told("started", "z@r"),
        told("completed", "z@r"),
        told("started", "late@r"),
        told("completed", "late@r"),
        told("noticed", "x@r"),
        told("accepted", "relay@s"),
        told("started", "relay@s"),
    ];
    assert_eq!(of_100, expected);
}

#[test]
fn r8_1_a_place_free_in_the_instant_in_which_another_request_is_planned() {
    let scene = Scene::lane(9).client("c", json!({ "concurrency": 1 }));
    // `y` stands first in the file and is planned for 600, when the place is free; `x` was planned before.
    let scene = scene.ask("y", 600, json!({})).ask("a", 0, json!({})).ask("x", 0, json!({}));
    let ran = scene.run();
    assert_eq!(
        ran.row("x@r"),
        "available: planned 0 sent 600 accepted 600 start 600 end 1200 noticed 1200 calls 1"
    );
    assert_eq!(
        ran.row("y@r"),
        "available: planned 600 sent 1200 accepted 1200 start 1200 end 1800 noticed 1800 calls 1"
    );
    // Without `x` the place is free for it at once: ends come before calls.
    let scene = Scene::lane(9).client("c", json!({ "concurrency": 1 }));
    let ran = scene.ask("y", 600, json!({})).ask("a", 0, json!({})).run();
    assert_eq!(ran.story("y@r"), "600 accepted, 600 started, 1200 completed");
}

#[test]
fn r8_1_a_place_that_a_poll_frees_is_taken_in_the_same_instant() {
    // Concurrency 1 with polls: x is held back at 0, and again y at 100, though their copies would fit.
    let scene = Scene::lane(9).client("c", json!({ "concurrency": 1, "poll": "100s" }));
    let length = |secs: &str| json!({ "duration": secs });
    let ran = scene.ask("a", 0, length("50s")).ask("x", 0, length("100s")).ask("y", 100, length("1s")).run();
    // a ends at 50 and is seen at 100; x runs from 100 to 200, and the poll in that instant sees it.
    assert_eq!(ran.row("a@r"), "available: planned 0 sent 0 accepted 0 start 0 end 50 noticed 100 calls 1");
    assert_eq!(
        ran.row("x@r"),
        "available: planned 0 sent 100 accepted 100 start 100 end 200 noticed 200 calls 1"
    );
    assert_eq!(
        ran.row("y@r"),
        "available: planned 100 sent 200 accepted 200 start 200 end 201 noticed 300 calls 1"
    );
}

#[test]
fn r8_1_requests_wait_by_planned_time_and_then_by_place() {
    let scene = Scene::lane(9).client("c", json!({ "concurrency": 1 }));
    let scene = scene.ask("late", 10, json!({})).ask("a", 0, json!({}));
    let ran =
        scene.ask("first", 5, json!({})).ask("second", 5, json!({})).ask("earliest", 4, json!({})).run();
    assert_eq!(ran.order_of_starts(), ["a@r", "earliest@r", "first@r", "second@r", "late@r"]);
    // A fan-out is held back by its own members, in the order of its destinations.
    let scene = Scene::lane(9).client("c", json!({ "concurrency": 2 }));
    let ran = scene.ask("fan", 0, json!({ "to": ["t", "r", "s"] })).run();
    assert_eq!(ran.story("fan@s"), "0 held back, 600 accepted, 600 started, 1200 completed");
    assert_eq!(ran.story("fan@r"), "0 accepted, 0 started, 600 completed");
}

#[test]
fn r8_1_clients_hold_back_their_own_requests_only() {
    let scene =
        Scene::lane(9).client("c", json!({ "concurrency": 1 })).client("d", json!({ "concurrency": 1 }));
    let of_d = json!({ "client": "d", "duration": "100s" });
    let scene = scene.ask("c1", 0, json!({})).ask("c2", 0, json!({}));
    let ran = scene.copy_with("d1", 0, of_d.clone()).copy_with("d2", 0, of_d).copy("nobodys", 0, 600).run();
    let starts = ran.starts(&["c1", "c2", "d1", "d2", "nobodys"]);
    assert_eq!(starts, [Some(0), Some(600), Some(0), Some(100), Some(0)]);
}

#[test]
fn r8_1_a_request_that_waits_to_be_called_again_has_its_place() {
    // The slot is free from 100 on. x is refused at 0 and called again at 120; y has no place before x is over.
    let client = json!({ "concurrency": 1, "retry": again_on("any", 9, 120) });
    let scene = Scene::lane(1).set("service.over_limit", "reject").client("c", client).copy("b", 0, 100);
    let ran = scene.ask("x", 0, json!({ "duration": "10s" })).ask("y", 0, json!({ "duration": "10s" })).run();
    let row = "available: planned 0 sent 0 accepted 120 start 120 end 130 noticed 130 calls 2 refusals 1";
    assert_eq!(ran.row("x@r"), row);
    let row = "available: planned 0 sent 130 accepted 130 start 130 end 140 noticed 140 calls 1";
    assert_eq!(ran.row("y@r"), row);
}

#[test]
fn r8_1_a_place_is_free_at_once_when_a_request_is_given_up() {
    // Three requests at 0 and one place: each is refused and makes room for the next in the same instant.
    let scene = Scene::lane(1).set("service.over_limit", "reject").client("c", json!({ "concurrency": 1 }));
    let ran =
        ["x", "y", "z"].iter().fold(scene.copy("b", 0, 100), |scene, id| scene.ask(id, 0, json!({}))).run();
    for id in ["x", "y", "z"] {
        assert_eq!(ran.row(&format!("{id}@r")), "refused: planned 0 sent 0 calls 1 refusals 1");
        assert_eq!(ran.story(&format!("{id}@r")), "0 refused");
    }
}
