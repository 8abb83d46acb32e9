//! The state table of a client's request, where it is called again (R8.3): refused calls and copies that failed. Every
//! request is a copy of 600 s at 0 s unless its line says otherwise.

use copysim::records::Outcome;
use serde_json::{Value, json};

use crate::client_words::{again_after_failures, again_on, assert_lines, patience, running};
use crate::scenes::Scene;

/// The code of a call beyond the cap, where these are rejected.
const OVER_LIMIT: &str = "ResourceLimitExceeded";

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
fn r4_3_a_copy_that_follows_a_failed_one_has_luck_of_its_own() {
    // 200 requests whose copies fail with a probability of 0.3, five calls each: 0.3^5 is 1 in 400, so a few fail at the
    // most, and the failures before them are about 200 x (0.3 + 0.09 + ...) = 86.
    let retry = json!({ "failed_copies": true, "attempts": 5, "delay": { "fixed": "1s" } });
    let scene = Scene::lane(1_000).client("c", json!({ "retry": retry }));
    let ran = scene
        .set("images.many", json!({ "region": "s", "size": "1GiB", "count": 200 }))
        .copy_with("x", 10, json!({ "image": "many", "client": "c", "fail": { "probability": 0.3 } }))
        .run();
    let records: Vec<_> = ran.observed.records.iter().collect();
    let failed = records.iter().filter(|record| record.outcome == Outcome::Failed).count();
    let failures: u32 = records.iter().map(|record| record.failures).sum();
    assert_eq!(records.len(), 200);
    assert!(failed <= 5 && (50..=125).contains(&failures), "{failed} failed, {failures} before");
}
