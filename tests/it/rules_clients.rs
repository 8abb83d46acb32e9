//! The state table of a client's request (R8.1, R8.2): in each state each thing that can happen, and what the row
//! and the history must be then. Every request is a copy of 600 s at 0 s unless its line says otherwise.

use serde_json::{Value, json};

use crate::client_words::{again_after_failures, assert_lines, patience, running};
use crate::scenes::Scene;

/// `a` has the only place of the client, and `x` is held back behind it. There are slots for both.
fn held_back(client: Value, a: Value) -> Scene {
    let mut client = client;
    client["concurrency"] = 1.into();
    Scene::lane(2).client("c", client).ask("a", 0, a).ask("x", 0, json!({}))
}

#[test]
fn r8_1_held_back_requests() {
    assert_lines(vec![
        (
            // a: 0 to 600, x: 600 to 1200.
            "the one in hand ends",
            held_back(json!({}), json!({})),
            "available: planned 0 sent 600 accepted 600 start 600 end 1200 noticed 1200 calls 1",
            "0 held back, 600 accepted, 600 started, 1200 completed",
        ),
        (
            "it fails at 50",
            held_back(json!({}), json!({ "fail": { "after": "50s" } })),
            "available: planned 0 sent 50 accepted 50 start 50 end 650 noticed 650 calls 1",
            "0 held back, 50 accepted, 50 started, 650 completed",
        ),
        (
            "somebody else cancels it at 50",
            held_back(json!({}), json!({})).cancel("y", 50, "a"),
            "available: planned 0 sent 50 accepted 50 start 50 end 650 noticed 650 calls 1",
            "0 held back, 50 accepted, 50 started, 650 completed",
        ),
        (
            "its client leaves it at 100",
            held_back(json!({}), json!({ "timeout": patience(100, "leave") })),
            "available: planned 0 sent 100 accepted 100 start 100 end 700 noticed 700 calls 1",
            "0 held back, 100 accepted, 100 started, 700 completed",
        ),
        (
            "its client cancels it at 100",
            held_back(json!({}), json!({ "timeout": patience(100, "cancel") })),
            "available: planned 0 sent 100 accepted 100 start 100 end 700 noticed 700 calls 1",
            "0 held back, 100 accepted, 100 started, 700 completed",
        ),
        (
            // Polls of a at 250, 500 and 750; of x 250 s apart from 750 on: its end at 1350 is seen at 1500.
            "a poll sees its end at 750",
            held_back(json!({ "poll": "250s" }), json!({})),
            "available: planned 0 sent 750 accepted 750 start 750 end 1350 noticed 1500 calls 1",
            "0 held back, 750 accepted, 750 started, 1350 completed, 1500 noticed",
        ),
        (
            "its time-out counts from its own first call: 600 + 50",
            held_back(
                json!({ "timeout": patience(50, "leave") }),
                json!({ "timeout": patience(9999, "leave") }),
            ),
            "available: planned 0 sent 600 accepted 600 start 600 end 1200 timed_out 650 calls 1",
            "0 held back, 600 accepted, 600 started, 650 timed out, 1200 completed",
        ),
        (
            "it has no image yet that a cancel could name (R5.3)",
            held_back(json!({}), json!({})).cancel("y", 100, "x"),
            "available: planned 0 sent 600 accepted 600 start 600 end 1200 noticed 1200 calls 1",
            "0 held back, 600 accepted, 600 started, 1200 completed",
        ),
        (
            "the horizon comes first",
            held_back(json!({}), json!({})).set("horizon", "599s"),
            "not_sent: planned 0",
            "0 held back",
        ),
        (
            "a place is free at the horizon",
            held_back(json!({}), json!({})).set("horizon", "600s"),
            "running: planned 0 sent 600 accepted 600 start 600 calls 1",
            "0 held back, 600 accepted, 600 started",
        ),
    ]);
}

/// Another copy has the only slot up to 100 s, and `x` is queued behind it.
fn queued(client: Value, x: Value) -> Scene {
    Scene::lane(1).client("c", client).copy("b", 0, 100).ask("x", 0, x)
}

#[test]
fn r8_2_queued_copies() {
    // A client that has to be followed, so that nothing is left to the short way of others.
    let one = || json!({ "concurrency": 1 });
    let waits = |then: &str| queued(one(), json!({ "timeout": patience(50, then) }));
    let cancelled_by_client =
        "cancelled_waiting: planned 0 sent 0 accepted 0 end 50 noticed 50 timed_out 50 calls 1";
    let left = "available: planned 0 sent 0 accepted 0 start 100 end 700 timed_out 50 calls 1";
    let cancelled = |client: Value| queued(client, json!({})).cancel("y", 50, "x");
    assert_lines(vec![
        (
            "a slot is free",
            queued(one(), json!({})),
            "available: planned 0 sent 0 accepted 0 start 100 end 700 noticed 700 calls 1",
            "0 accepted, 100 started, 700 completed",
        ),
        (
            "somebody else cancels it, and its client knows at once",
            cancelled(one()),
            "cancelled_waiting: planned 0 sent 0 accepted 0 end 50 noticed 50 calls 1",
            "0 accepted, 50 cancelled",
        ),
        (
            "somebody else cancels it, and a poll sees that",
            cancelled(json!({ "poll": "30s" })),
            "cancelled_waiting: planned 0 sent 0 accepted 0 end 50 noticed 60 calls 1",
            "0 accepted, 50 cancelled, 60 noticed",
        ),
        (
            "somebody else cancels it, and polls show Available images only",
            cancelled(json!({ "poll": "30s", "sees": "available" })),
            "cancelled_waiting: planned 0 sent 0 accepted 0 end 50 calls 1",
            "0 accepted, 50 cancelled",
        ),
        ("it is left", waits("leave"), left, "0 accepted, 50 timed out, 100 started, 700 completed"),
        ("it is cancelled", waits("cancel"), cancelled_by_client, "0 accepted, 50 timed out, 50 cancelled"),
        (
            "it is cancelled since it waits",
            waits("cancel_if_waiting"),
            cancelled_by_client,
            "0 accepted, 50 timed out, 50 cancelled",
        ),
        (
            "its client is done with it though the cancel is refused",
            waits("cancel").set("service.cancel.queued", "refused"),
            left,
            "0 accepted, 50 timed out, 50 cancel refused, 100 started, 700 completed",
        ),
        (
            "the horizon comes first",
            queued(one(), json!({})).set("horizon", "80s"),
            "waiting: planned 0 sent 0 accepted 0 calls 1",
            "0 accepted",
        ),
        (
            "the horizon comes after the time-out",
            waits("leave").set("horizon", "80s"),
            "waiting: planned 0 sent 0 accepted 0 timed_out 50 calls 1",
            "0 accepted, 50 timed out",
        ),
    ]);
}

#[test]
fn r8_2_running_copies() {
    let one = || json!({ "concurrency": 1 });
    let waits = |then: &str| running(one(), json!({ "timeout": patience(300, then) }));
    let left = "available: planned 0 sent 0 accepted 0 start 0 end 600 timed_out 300 calls 1";
    let ends = "available: planned 0 sent 0 accepted 0 start 0 end 600 noticed 600 calls 1";
    assert_lines(vec![
        ("it ends", running(one(), json!({})), ends, "0 accepted, 0 started, 600 completed"),
        (
            "it fails",
            running(one(), json!({ "fail": { "after": "300s" } })),
            "failed: planned 0 sent 0 accepted 0 start 0 end 300 noticed 300 calls 1",
            "0 accepted, 0 started, 300 failed",
        ),
        (
            "somebody else cancels it",
            running(one(), json!({})).cancel("y", 300, "x"),
            "cancelled_running: planned 0 sent 0 accepted 0 start 0 end 300 noticed 300 calls 1",
            "0 accepted, 0 started, 300 cancelled",
        ),
        ("it is left", waits("leave"), left, "0 accepted, 0 started, 300 timed out, 600 completed"),
        (
            "it is cancelled",
            waits("cancel"),
            "cancelled_running: planned 0 sent 0 accepted 0 start 0 end 300 noticed 300 timed_out 300 calls 1",
            "0 accepted, 0 started, 300 timed out, 300 cancelled",
        ),
        (
            "it isn't cancelled, since it has started",
            waits("cancel_if_waiting"),
            ends,
            "0 accepted, 0 started, 600 completed",
        ),
        (
            "its client is done with it though the cancel is refused",
            waits("cancel").set("service.cancel.point_of_no_return", 0.5),
            left,
            "0 accepted, 0 started, 300 timed out, 300 cancel refused, 600 completed",
        ),
        (
            "the horizon comes first",
            running(one(), json!({})).set("horizon", "300s"),
            "running: planned 0 sent 0 accepted 0 start 0 calls 1",
            "0 accepted, 0 started",
        ),
    ]);
}

#[test]
fn r8_1_copies_that_are_over_and_not_noticed_yet() {
    // It runs from 0 to 600, and polls are at 250, 500 and 750.
    let polls = |x: Value| running(json!({ "poll": "250s" }), x);
    let waits = |then: &str| polls(json!({ "timeout": patience(700, then) }));
    let noticed = "available: planned 0 sent 0 accepted 0 start 0 end 600 noticed 750 calls 1";
    let left = "available: planned 0 sent 0 accepted 0 start 0 end 600 timed_out 700 calls 1";
    let until_noticed = "0 accepted, 0 started, 600 completed, 750 noticed";
    assert_lines(vec![
        ("a poll sees the end", polls(json!({})), noticed, until_noticed),
        (
            "a poll in the instant of the end sees it: it ends at 500",
            polls(json!({ "duration": "500s" })),
            "available: planned 0 sent 0 accepted 0 start 0 end 500 noticed 500 calls 1",
            "0 accepted, 0 started, 500 completed, 500 noticed",
        ),
        (
            "the first poll is an interval after the acceptance, also of a copy without length",
            polls(json!({ "duration": "0s" })),
            "available: planned 0 sent 0 accepted 0 start 0 end 0 noticed 250 calls 1",
            "0 accepted, 0 started, 0 completed, 250 noticed",
        ),
        ("it is left", waits("leave"), left, "0 accepted, 0 started, 600 completed, 700 timed out"),
        (
            "its client's cancel comes too late",
            waits("cancel"),
            left,
            "0 accepted, 0 started, 600 completed, 700 timed out, 700 cancel refused",
        ),
        (
            "it has started, so that nothing comes of this time-out",
            waits("cancel_if_waiting"),
            noticed,
            until_noticed,
        ),
        (
            "somebody else's cancel comes too late",
            polls(json!({})).cancel("y", 700, "x"),
            noticed,
            until_noticed,
        ),
        (
            "somebody else deletes the image: it was Available, as the row says",
            polls(json!({})).delete("y", 700, "x"),
            noticed,
            until_noticed,
        ),
        (
            "the horizon comes before the poll",
            polls(json!({})).set("horizon", "700s"),
            "available: planned 0 sent 0 accepted 0 start 0 end 600 calls 1",
            "0 accepted, 0 started, 600 completed",
        ),
        (
            "it failed, and polls show Available images only",
            running(json!({ "poll": "250s", "sees": "available" }), json!({ "fail": { "after": "300s" } })),
            "failed: planned 0 sent 0 accepted 0 start 0 end 300 calls 1",
            "0 accepted, 0 started, 300 failed",
        ),
    ]);
    // The client has still to notice, so the run isn't over at 600 (R1.7).
    assert_eq!(polls(json!({})).run().end_seconds(), 750);
}

#[test]
fn r8_2_copies_that_were_left() {
    let left_at_300 = |client: Value, x: Value| {
        let mut x = x;
        x["timeout"] = patience(300, "leave");
        running(client, x)
    };
    let one = || json!({ "concurrency": 1, "retry": again_after_failures(9, 30) });
    assert_lines(vec![
        (
            "it fails, and nobody asks again",
            left_at_300(one(), json!({ "fail": { "after": "400s" } })),
            "failed: planned 0 sent 0 accepted 0 start 0 end 400 timed_out 300 calls 1",
            "0 accepted, 0 started, 300 timed out, 400 failed",
        ),
        (
            "somebody else cancels it",
            left_at_300(one(), json!({})).cancel("y", 400, "x"),
            "cancelled_running: planned 0 sent 0 accepted 0 start 0 end 400 timed_out 300 calls 1",
            "0 accepted, 0 started, 300 timed out, 400 cancelled",
        ),
        (
            "nobody polls any more",
            left_at_300(json!({ "poll": "250s" }), json!({})),
            "available: planned 0 sent 0 accepted 0 start 0 end 600 timed_out 300 calls 1",
            "0 accepted, 0 started, 300 timed out, 600 completed",
        ),
        (
            "the horizon comes first",
            left_at_300(one(), json!({})).set("horizon", "500s"),
            "running: planned 0 sent 0 accepted 0 start 0 timed_out 300 calls 1",
            "0 accepted, 0 started, 300 timed out",
        ),
    ]);
    assert_eq!(left_at_300(json!({ "poll": "250s" }), json!({})).run().end_seconds(), 600);
}
