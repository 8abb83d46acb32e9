//! The state table of a client's request (R8.1 to R8.3): in each state each thing that can happen, and what the row
//! and the history must be then. Every request is a copy of 600 s at 0 s unless its line says otherwise.

use serde_json::{Value, json};

use crate::client_words::{again_after_failures, again_on, patience};
use crate::scenes::Scene;

/// The code of a call beyond the cap, where these are rejected.
const OVER_LIMIT: &str = "ResourceLimitExceeded";

/// A line of the table: what happens, the scenario, and the row and history of its request `x`.
type Line = (&'static str, Scene, &'static str, &'static str);

fn assert_lines(lines: Vec<Line>) {
    for (what, scene, row, story) in lines {
        let ran = scene.run();
        assert_eq!(ran.row("x@r"), row, "{what}");
        assert_eq!(ran.story("x@r"), story, "{what}");
        // Whatever happens to it, it is one row (R9.1).
        let planned =
            scene.0["requests"].as_array().unwrap().iter().filter(|kind| kind.get("copy").is_some());
        assert_eq!(ran.observed.records.len(), planned.count(), "{what}");
    }
}

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

/// Another copy has the only slot up to 100 s, and calls beyond it are rejected; `x` is called again each 30 s,
/// three times at most.
fn calls_again(attempts: u32, client: Value, x: Value) -> Scene {
    let mut client = client;
    client["retry"] = again_on(OVER_LIMIT, attempts, 30);
    let scene = Scene::lane(1).set("service.over_limit", "reject").client("c", client);
    scene.copy("b", 0, 100).ask("x", 0, x)
}

#[test]
fn r8_3_requests_that_wait_to_be_called_again() {
    // Calls at 0, 30, 60, 90 are refused, the one at 120 finds the slot that is free since 100.
    let refused_thrice = "0 refused, 0 calls again, 30 refused, 30 calls again, 60 refused";
    let waits_at_45 = "0 refused, 0 calls again, 30 refused, 30 calls again";
    let waits_and_leaves = "0 refused, 0 calls again, 30 refused, 30 calls again, 45 timed out";
    let timed_out = "refused: planned 0 sent 0 timed_out 45 calls 2 refusals 2";
    let named = calls_again(5, json!({}), json!({ "name": "golden" }));
    // From another region, so that there is a slot for it.
    let same_name = json!({ "region": "s", "size": "1GiB" });
    let same_name =
        named.set("images.n", same_name).copy_with("n", 20, json!({ "image": "n", "name": "golden" }));
    let waits = |then: &str| calls_again(5, json!({}), json!({ "timeout": patience(45, then) }));
    assert_lines(vec![
        (
            "a call is accepted",
            calls_again(5, json!({}), json!({})),
            "available: planned 0 sent 0 accepted 120 start 120 end 720 noticed 720 calls 5 refusals 4",
            "0 refused, 0 calls again, 30 refused, 30 calls again, 60 refused, 60 calls again, 90 refused, \
             90 calls again, 120 accepted, 120 started, 720 completed",
        ),
        (
            "its three calls are used up",
            calls_again(3, json!({}), json!({})),
            "refused: planned 0 sent 0 calls 3 refusals 3",
            refused_thrice,
        ),
        (
            "a call is refused with a code that isn't listed, that of the name",
            same_name,
            "refused: planned 0 sent 0 calls 2 refusals 2",
            "0 refused, 0 calls again, 30 refused",
        ),
        ("it is left at 45", waits("leave"), timed_out, waits_and_leaves),
        ("it is cancelled at 45: there is nothing to cancel", waits("cancel"), timed_out, waits_and_leaves),
        ("the same if it waits: it hasn't started", waits("cancel_if_waiting"), timed_out, waits_and_leaves),
        (
            "somebody else cancels nothing at 45",
            calls_again(3, json!({}), json!({})).cancel("y", 45, "x"),
            "refused: planned 0 sent 0 calls 3 refusals 3",
            refused_thrice,
        ),
        (
            "the horizon comes before the next call",
            calls_again(5, json!({}), json!({})).set("horizon", "45s"),
            "refused: planned 0 sent 0 calls 2 refusals 2",
            waits_at_45,
        ),
        (
            "polls see nothing of it",
            calls_again(3, json!({ "poll": "10s" }), json!({})),
            "refused: planned 0 sent 0 calls 3 refusals 3",
            refused_thrice,
        ),
    ]);
}

#[test]
fn r8_3_first_calls_that_are_refused() {
    let unlisted = |retry: Value| {
        let scene = Scene::lane(1).set("service.over_limit", "reject").client("c", json!({ "retry": retry }));
        scene.copy("b", 0, 100).ask("x", 0, json!({}))
    };
    let refused = "refused: planned 0 sent 0 calls 1 refusals 1";
    assert_lines(vec![
        ("a code that isn't listed", unlisted(again_on("Throttling.User", 9, 30)), refused, "0 refused"),
        ("one call in all", unlisted(again_on("any", 1, 30)), refused, "0 refused"),
        ("failed copies only", unlisted(again_after_failures(9, 30)), refused, "0 refused"),
        (
            // 30 + 60 + 120 = 210: the delay doubles from call to call; 0, 30 and 90 are refused.
            "a delay that doubles",
            unlisted(json!({ "on": "any", "attempts": 9, "delay": { "exponential": { "first": "30s" } } })),
            "available: planned 0 sent 0 accepted 210 start 210 end 810 noticed 810 calls 4 refusals 3",
            "0 refused, 0 calls again, 30 refused, 30 calls again, 90 refused, 90 calls again, 210 accepted, \
             210 started, 810 completed",
        ),
        (
            // 30, then 40 as the longest: 0, 30 and 70 are refused, 110 isn't.
            "a delay that doubles up to 40 s",
            unlisted(json!({ "on": "any", "attempts": 9,
                "delay": { "exponential": { "first": "30s", "max": "40s" } } })),
            "available: planned 0 sent 0 accepted 110 start 110 end 710 noticed 710 calls 4 refusals 3",
            "0 refused, 0 calls again, 30 refused, 30 calls again, 70 refused, 70 calls again, 110 accepted, \
             110 started, 710 completed",
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

/// `x` runs from 0 to 600.
fn running(client: Value, x: Value) -> Scene {
    Scene::lane(1).client("c", client).ask("x", 0, x)
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
fn r8_3_copies_that_failed_are_asked_for_again() {
    let fails = |attempts: u32, poll: Option<&str>| {
        let mut client = json!({ "retry": again_after_failures(attempts, 30) });
        if let Some(poll) = poll {
            client["poll"] = poll.into();
        }
        running(client, json!({ "fail": { "after": "300s" } }))
    };
    assert_lines(vec![
        (
            // What is left of it is deleted in the instant of the call, so that its name is free.
            "it is called again 30 s later, and its calls are used up",
            fails(2, None),
            "failed: planned 0 sent 0 accepted 330 start 330 end 630 noticed 630 calls 2 failures 1",
            "0 accepted, 0 started, 300 failed, 300 calls again, 330 deleted, 330 accepted, 330 started, 630 failed",
        ),
        (
            // Polls each 200 s from the acceptance: 400, then 430 + 400 = 830.
            "a poll sees that it failed",
            fails(2, Some("200s")),
            "failed: planned 0 sent 0 accepted 430 start 430 end 730 noticed 830 calls 2 failures 1",
            "0 accepted, 0 started, 300 failed, 400 noticed, 400 calls again, 430 deleted, 430 accepted, \
             430 started, 730 failed, 830 noticed",
        ),
        (
            "the horizon comes before the next call: the row is of the copy that failed, which none followed",
            fails(2, None).set("horizon", "320s"),
            "failed: planned 0 sent 0 accepted 0 start 0 end 300 noticed 300 calls 1",
            "0 accepted, 0 started, 300 failed, 300 calls again",
        ),
        (
            "its client leaves it before the next call",
            fails(2, None).set("clients.c.timeout", patience(320, "leave")),
            "failed: planned 0 sent 0 accepted 0 start 0 end 300 noticed 300 timed_out 320 calls 1",
            "0 accepted, 0 started, 300 failed, 300 calls again, 320 timed out",
        ),
        (
            // The other copy takes the slot at 310, and runs up to 910; the second copy waits for it.
            "a copy has started, so that a second one isn't cancelled while it waits",
            fails(2, None).set("clients.c.timeout", patience(400, "cancel_if_waiting")).copy("b", 310, 600),
            "failed: planned 0 sent 0 accepted 330 start 910 end 1210 noticed 1210 calls 2 failures 1",
            "0 accepted, 0 started, 300 failed, 300 calls again, 330 deleted, 330 accepted, 910 started, 1210 failed",
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
