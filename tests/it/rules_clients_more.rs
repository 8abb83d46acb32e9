//! Clients together with what else a request can have: relays, retentions, tokens, dry runs, faults, images that are
//! there already, and the presets.

use copysim::records::Outcome;
use serde_json::{Value, json};

use crate::client_words::{again_after_failures, again_on, patience};
use crate::program::Place;
use crate::scenes::Scene;
use crate::support::Ran;

/// A copy of the product of `x` to `s`, planned when the client of `x` says so.
fn relay(scene: Scene, more: Value) -> Scene {
    let mut body = json!({ "after": "x", "to": "s" });
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    scene.copy_with("relay", 0, body)
}

/// When the relay of `x` is planned, `x` being noticed at 750: it runs up to 600, and polls are 250 s apart.
fn planned(more: Value) -> Option<u64> {
    let scene = Scene::lane(9).client("c", json!({ "poll": "250s" })).ask("x", 0, json!({}));
    let ran = relay(scene, more).run();
    ran.copy("relay@s").planned.map(crate::support::seconds)
}

#[test]
fn r3_3_a_relay_is_planned_when_the_client_notices() {
    assert_eq!(planned(json!({})), Some(750));
    assert_eq!(planned(json!({ "delay": "30s" })), Some(780));
    assert_eq!(planned(json!({ "at": "700s" })), Some(750));
    assert_eq!(planned(json!({ "at": "1000s" })), Some(1000));
    // After both of these: the other one ends at 800, and nobody has to look after it.
    let scene =
        Scene::lane(9).client("c", json!({ "poll": "250s" })).ask("x", 0, json!({})).copy("y", 0, 800);
    let both = json!({ "after": ["x", "y"], "image": "y" });
    let ran = relay(scene, both).run();
    assert_eq!(ran.span("relay@s"), (Some(800), Some(1400)));
}

#[test]
fn r3_3_a_relay_is_skipped_when_the_client_leaves() {
    for client in [json!({}), json!({ "poll": "250s" }), json!({ "concurrency": 1 })] {
        for then in ["leave", "cancel"] {
            let mut client = client.clone();
            client["timeout"] = patience(300, then);
            let scene = relay(Scene::lane(9).client("c", client).ask("x", 0, json!({})), json!({}));
            let ran = scene.copy_with("further", 0, json!({ "after": "relay", "to": "t" })).run();
            // It waits for that client's word; so does what waits for the relay.
            assert_eq!([ran.row("relay@s"), ran.row("further@t")], ["skipped:", "skipped:"]);
            assert_eq!([ran.story("relay@s"), ran.story("further@t")], ["300 skipped", "300 skipped"]);
            let ready = if then == "leave" { Outcome::Available } else { Outcome::CancelledRunning };
            assert_eq!(ran.outcome("x@r"), ready);
        }
    }
    // It was ready at 600, and left at 700 before the poll at 750.
    let client = json!({ "poll": "250s", "timeout": patience(700, "leave") });
    let ran = relay(Scene::lane(9).client("c", client).ask("x", 0, json!({})), json!({})).run();
    assert_eq!(ran.story("relay@s"), "700 skipped");
}

#[test]
fn r3_3_a_relay_waits_for_further_calls() {
    // Refused at 0 and 30, and given up; or refused four times and accepted at 120.
    let scene = |attempts: u32| {
        let client = json!({ "retry": again_on("any", attempts, 30) });
        let lane = Scene::lane(1).set("service.over_limit", "reject").client("c", client);
        relay(lane.copy("b", 0, 100).ask("x", 0, json!({})), json!({}))
    };
    assert_eq!(scene(2).run().story("relay@s"), "30 skipped");
    assert_eq!(scene(5).run().story("relay@s"), "720 accepted, 720 started, 1320 completed");
    // It fails at 300, is asked for again at 330, and fails for good at 630.
    let client = json!({ "retry": again_after_failures(2, 30) });
    let fails = Scene::lane(1).client("c", client).ask("x", 0, json!({ "fail": { "after": "300s" } }));
    assert_eq!(relay(fails, json!({})).run().story("relay@s"), "630 skipped");
    // A client that never sees the failure doesn't ask again, and nothing waits for that.
    let blind = json!({ "poll": "50s", "sees": "available", "retry": again_after_failures(2, 30) });
    let fails = Scene::lane(1).client("c", blind).ask("x", 0, json!({ "fail": { "after": "300s" } }));
    let ran = relay(fails, json!({})).run();
    assert_eq!((ran.story("relay@s").as_str(), ran.end_seconds()), ("300 skipped", 300));
}

/// `r` is out from 100 to 200, so that `x` fails at 100. Its client asks again 50 s later, with this token.
fn fails_once(token: &str) -> Scene {
    let mut retry = again_after_failures(2, 50);
    retry["token"] = token.into();
    let outage = json!([{ "from": "100s", "to": "200s", "running": "fail" }]);
    let scene = Scene::lane(9).client("c", json!({ "retry": retry })).set("regions.r.outages", outage);
    scene.ask("x", 0, json!({ "name": "golden" }))
}

#[test]
fn r8_3_a_second_copy_takes_the_place_of_the_one_that_failed() {
    // Accepted at 150, since calls are answered in outages too; it runs from 200 to 800 under the same name.
    let row = "available: planned 0 sent 0 accepted 150 start 200 end 800 noticed 800 calls 2 failures 1";
    let ran = relay(fails_once("same"), json!({})).run();
    assert_eq!(ran.row("x@r"), row);
    assert_eq!(
        ran.story("x@r"),
        "0 accepted, 0 started, 100 failed, 100 calls again, 150 deleted, 150 accepted, 200 started, 800 completed"
    );
    // What waits for it copies the second image.
    assert_eq!(
        ran.row("relay@s"),
        "available: planned 800 sent 800 accepted 800 start 800 end 1400 noticed 1400 calls 1"
    );
    let record = ran.copy("x@r");
    assert_eq!(
        record.moved.0 - record.moved_in_vain.0,
        1 << 30,
        "the image, but for what the first copy moved"
    );
    assert!(record.moved_in_vain.0 > 0);
    // A cancel or a delete by the request's name is of the second image.
    let ran = fails_once("same").cancel("y", 300, "x").run();
    assert_eq!(
        ran.row("x@r"),
        "cancelled_running: planned 0 sent 0 accepted 150 start 200 end 300 noticed 300 calls 2 failures 1"
    );
    let ran = fails_once("same").delete("y", 900, "x").copy_with("z", 901, json!({ "name": "golden" })).run();
    assert_eq!([ran.answer("y"), ran.answer("z@r")], ["ok", "ok"]);
}

#[test]
fn r5_4_a_retention_counts_from_the_end_not_from_the_notice() {
    let kept = |client: Value| {
        let scene =
            Scene::lane(9).client("c", client).ask("x", 0, json!({ "retention": "100s", "name": "golden" }));
        scene.copy_with("y", 700, json!({ "name": "golden" })).run()
    };
    let left = json!({ "poll": "250s", "timeout": patience(300, "leave") });
    for (client, noticed) in
        [(json!({ "poll": "250s" }), Some(750)), (json!({ "concurrency": 1 }), Some(600)), (left, None)]
    {
        let ran = kept(client);
        assert_eq!(ran.copy("x@r").noticed.map(crate::support::seconds), noticed);
        assert!(ran.story("x@r").contains("700 deleted"), "{}", ran.story("x@r"));
        assert_eq!((ran.outcome("x@r"), ran.answer("y@r")), (Outcome::Available, "ok"));
    }
}

#[test]
fn r8_1_copies_of_before_the_run_are_nobodys() {
    // `b` has 100 s left of its copy, and takes a slot, but no place of the client.
    let already = json!({ "running": { "remaining": "100s" } });
    let there = json!({ "id": "b", "image": "b", "to": "r", "duration": "10m", "already": already });
    let scene = Scene::lane(1).client("c", json!({ "concurrency": 1 })).image("b").request("copy", there);
    let ran = scene.ask("x", 0, json!({})).run();
    assert_eq!(
        ran.row("x@r"),
        "available: planned 0 sent 0 accepted 0 start 100 end 700 noticed 700 calls 1"
    );
}

/// `x` is refused four times and accepted at 120, with the token T on its first call; `y` asks for the same later.
fn with_token(token: &str) -> Ran {
    let mut retry = again_on("any", 9, 30);
    retry["token"] = token.into();
    let scene = Scene::lane(1).set("service.over_limit", "reject").client("c", json!({ "retry": retry }));
    let call = json!({ "client_token": "T", "image": "x" });
    scene.image("x").copy("b", 0, 100).ask("x", 0, call.clone()).copy_with("y", 130, call).run()
}

#[test]
fn r8_3_further_calls_carry_the_same_token_or_a_new_one() {
    // The call at 120 binds the token that it carries.
    let ran = with_token("same");
    assert_eq!(
        (ran.outcome("y@r"), ran.label(ran.copy("y@r").replays.unwrap())),
        (Outcome::Replayed, "x@r".to_owned())
    );
    let ran = with_token("new");
    assert_eq!(ran.answer("y@r"), "OperationDenied.ImageCopyConflict");
    assert_eq!(ran.copy("x@r").calls, 5);
}

#[test]
fn r7_3_a_further_call_gets_its_own_answer_again() {
    let asks = |token: &str| {
        let mut scene = fails_once(token);
        scene.0["requests"][0]["copy"]["client_token"] = "T".into();
        relay(scene, json!({})).run()
    };
    // With the same token the service gives the first answer again: an image that its client has just deleted.
    let ran = asks("same");
    assert_eq!(ran.row("x@r"), "replayed: planned 0 sent 0 calls 2 failures 1");
    assert_eq!(
        ran.story("x@r"),
        "0 accepted, 0 started, 100 failed, 100 calls again, 150 deleted, 150 replayed"
    );
    assert_eq!(ran.story("relay@s"), "150 skipped");
    assert_eq!(asks("new").span("x@r"), (Some(200), Some(800)));
}

#[test]
fn r7_4_dry_runs_are_called_again_and_take_a_place_for_no_time() {
    let client = json!({ "concurrency": 1, "retry": again_on("any", 9, 30) });
    let lane = || Scene::lane(1).client("c", client.clone());
    let ran = lane().ask("x", 0, json!({ "dry_run": true })).ask("y", 0, json!({})).run();
    assert_eq!(
        (ran.row("x@r"), ran.story("x@r")),
        ("dry_run: planned 0 sent 0 calls 1".to_owned(), "0 dry run".to_owned())
    );
    assert_eq!(ran.span("y@r"), (Some(0), Some(600)));
    let rejects = lane().set("service.over_limit", "reject").copy("b", 0, 100);
    let ran = rejects.ask("x", 0, json!({ "dry_run": true })).run();
    assert_eq!(ran.row("x@r"), "dry_run: planned 0 sent 0 calls 5 refusals 4");
}

#[test]
fn r7_8_each_further_call_meets_faults_of_its_own() {
    let client = json!({ "retry": again_on("InternalError", 50, 1) });
    let group = json!({ "region": "a", "size": "1GiB", "count": 200 });
    let scene = Scene::lane(1000).client("c", client).set("images.g", group);
    let scene = scene.set("faults", json!({ "flaky": { "probability": 0.5 } }));
    let ran = scene.ask("x", 0, json!({ "image": "g", "duration": "1s" })).run();
    assert_eq!(ran.outcomes(), [(Outcome::Available, 200)].into());
    // Each call is refused with probability 1/2: 1 refusal for each request on the average, of a variance of 2. So
    // 200 of a standard deviation of 20; five of these either way.
    let refusals: u32 = ran.observed.records.iter().map(|record| record.refusals).sum();
    assert!((100..=300).contains(&refusals), "{refusals}");
    assert!(ran.observed.records.iter().any(|record| record.calls > 3));
}

#[test]
fn r8_1_what_is_there_already_is_not_asked_for() {
    let there = json!({ "region": "r", "size": "1GiB", "name": "golden" });
    let lane = || Scene::lane(9).client("c", json!({ "skip_existing": true, "concurrency": 1 }));
    let golden = || json!({ "name": "golden" });
    let scene = relay(lane().set("images.there", there).ask("x", 0, golden()), json!({}));
    let ran = scene.ask("y", 0, json!({})).run();
    assert_eq!(
        (ran.row("x@r"), ran.story("x@r")),
        ("skipped: planned 0".to_owned(), "0 found existing".to_owned())
    );
    // What waits for it copies the image that is there, and its client has a free place at once.
    assert_eq!([ran.span("relay@s"), ran.span("y@r")], [(Some(0), Some(600)); 2]);
    // A copy that goes on isn't seen, so that the service has to refuse.
    let busy = lane().copy_with("b", 0, golden()).ask("x", 100, golden()).run();
    assert_eq!(busy.answer("x@r"), "InvalidImageName.Duplicated");
    // It looks when it is about to call: held back by `y` up to 600, when the copy of `b` is there.
    let held = lane().copy_with("b", 0, golden()).ask("y", 0, json!({})).ask("x", 0, golden()).run();
    assert_eq!(held.story("x@r"), "0 held back, 600 found existing");
    assert_eq!(held.row("x@r"), "skipped: planned 0");
}

#[test]
fn r8_presets_are_how_tools_behave() {
    let ran = |preset: &str, scene: Scene| {
        let scene = scene.client("c", json!({ "preset": preset }));
        (1..=6)
            .fold(scene, |scene, n| scene.ask(&format!("x{n}"), 0, json!({ "name": format!("n{n}") })))
            .run()
    };
    let free = || Scene::lane(9);
    assert_eq!(ran("serial_fan_out", free()).starts(&["x1", "x6"]), [Some(0), Some(0)]);
    assert_eq!(ran("five_at_a_time", free()).starts(&["x1", "x5", "x6"]), [Some(0), Some(0), Some(600)]);
    let long = Scene::lane(5);
    let row = ran("ten_minute_wait", long).row("x6@r");
    assert_eq!(row, "available: planned 0 sent 0 accepted 0 start 600 end 1200 timed_out 600 calls 1");
    // Four calls a second apart.
    let ran4 = ran("immediate_retry", Scene::lane(5).set("service.over_limit", "reject"));
    assert_eq!(ran4.row("x6@r"), "refused: planned 0 sent 0 calls 4 refusals 4");
    assert!(ran4.story("x6@r").ends_with("2 calls again, 3 refused"));
    let there = json!({ "region": "r", "size": "1GiB", "name": "n6" });
    assert_eq!(ran("name_exists_check", free().set("images.there", there)).row("x6@r"), "skipped: planned 0");
    // Other keys are added to it.
    let scene = Scene::lane(9).client("c", json!({ "preset": "five_at_a_time", "concurrency": 1 }));
    assert_eq!(scene.ask("x1", 0, json!({})).ask("x2", 0, json!({})).run().starts(&["x2"]), [Some(600)]);
}

#[test]
fn r8_3_the_last_answer_is_what_is_expected() {
    let held = |expect: &str, timeout: u64| {
        let client = json!({ "retry": again_on("any", 9, 30), "timeout": patience(timeout, "leave") });
        let scene = Scene::lane(1).set("service.over_limit", "reject").client("c", client).copy("b", 0, 100);
        let place = Place::new();
        place.write("s.json", scene.ask("x", 0, json!({ "expect": expect })).text());
        place.run("run s.json --write none").status
    };
    // Accepted at 120; or left at 45, when the call at 30 was the last one and was refused.
    assert_eq!([held("accepted", 900), held("ResourceLimitExceeded", 900)], [Some(0), Some(1)]);
    assert_eq!([held("accepted", 45), held("ResourceLimitExceeded", 45)], [Some(1), Some(0)]);
}
