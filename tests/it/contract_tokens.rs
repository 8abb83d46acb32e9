//! Client tokens (R7.3) and dry runs (R7.4).

use std::collections::BTreeMap;

use copysim::records::{CopyRecord, Outcome};
use serde_json::{Value, json};

use crate::scenes::Scene;
use crate::support::{Ran, faults, run_text, seconds};
use crate::worlds::scenario_text;
use crate::worlds::{describe, random_world};

const OK: &str = "accepted";
const AGAIN: &str = "replayed";
const MISMATCH: &str = "IdempotentParameterMismatch";
const DRY: &str = "DryRunOperation";

/// A copy of `os` under the token `T`, and what it says beside that.
fn with_token(more: Value) -> Value {
    let mut body = json!({ "image": "os", "client_token": "T" });
    more.as_object().expect("an object").iter().for_each(|(key, value)| body[key] = value.clone());
    body
}

/// The first copy at 0 for 600 s on one slot, with what more it says.
fn bound_by(more: Value) -> Scene {
    Scene::lane(1).image("os").copy_with("first", 0, with_token(more))
}

fn bound() -> Scene {
    bound_by(json!({}))
}

#[test]
fn r7_3_tokens_are_case_sensitive() {
    let scene = bound().copy_with("upper", 5, with_token(json!({})));
    let ran = scene.copy_with("lower", 5, with_token(json!({ "client_token": "t", "to": "s" }))).run();
    assert_eq!([ran.told("upper@r"), ran.told("lower@s")], [AGAIN, OK]);
}

#[test]
fn r7_3_accounts_and_source_regions_have_tokens_of_their_own() {
    let image = |region: &str, account: &str| json!({ "region": region, "size": "1GiB", "account": account });
    let images =
        json!({ "one-a": image("a", "one"), "one-s": image("s", "one"), "two-a": image("a", "two") });
    let scene = Scene::lane(9).set("accounts", json!({ "one": {}, "two": {} })).set("images", images);
    let call = |scene: Scene, id: &str, at: u64, image: &str| {
        scene.copy_with(id, at, json!({ "image": image, "client_token": "T" }))
    };
    let scene = call(call(call(scene, "x", 0, "one-a"), "y", 0, "one-s"), "z", 0, "two-a");
    let ran = call(call(call(scene, "x2", 5, "one-a"), "y2", 5, "one-s"), "z2", 5, "two-a").run();
    assert_eq!(ran.all_told(["x", "y", "z"]), [OK; 3]);
    for (first, second) in [("x@r", "x2@r"), ("y@r", "y2@r"), ("z@r", "z2@r")] {
        assert_eq!(ran.copy(second).replays, Some(ran.copy(first).key));
    }
}

#[test]
fn r7_3_other_parameters_are_a_mismatch() {
    let tag = |key: &str| json!([{ "key": key }]);
    let scene = bound_by(json!({ "encrypted": true, "tags": tag("t") }))
        .set("kms_keys.k", json!({}))
        .set("resource_groups.g", json!({}))
        .image("else");
    let all = |more: Value| {
        let mut said = json!({ "encrypted": true, "tags": tag("t") });
        more.as_object().expect("an object").iter().for_each(|(key, value)| said[key] = value.clone());
        with_token(said)
    };
    let told = |body: Value| {
        let to = body["to"].as_str().unwrap_or("r").to_owned();
        scene.clone().copy_with("x", 5, body).run().told(&format!("x@{to}"))
    };
    assert_eq!(told(all(json!({}))), AGAIN);
    for other in [
        json!({ "image": "else" }),
        json!({ "to": "s" }),
        json!({ "name": "golden" }),
        json!({ "description": "golden" }),
        json!({ "encrypted": false }),
        json!({ "encrypted": null }),
        json!({ "kms_key": "k" }),
        json!({ "encrypt_algorithm": "aes-256" }),
        json!({ "resource_group": "g" }),
        // The default group that is written isn't the same as none.
        json!({ "resource_group": "default" }),
        json!({ "tags": tag("T") }),
        json!({ "tags": [] }),
    ] {
        let mut body = all(other.clone());
        body.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        assert_eq!(told(body), MISMATCH, "{other}");
    }
    // What isn't sent to the service makes no difference.
    assert_eq!(told(all(json!({ "duration": "1s", "cancellable": false, "fail": { "at": 0.5 } }))), AGAIN);
}

#[test]
fn r7_3_absent_is_absent() {
    // No destination is the source region, and yet not the same as writing it.
    let body = |to: Option<&str>| {
        let mut body =
            json!({ "id": "x", "image": "os", "encrypted": true, "client_token": "T", "duration": "9s" });
        if let Some(to) = to {
            body["to"] = to.into();
        }
        body
    };
    let told = |first: Option<&str>, second: Option<&str>| {
        let mut again = body(second);
        (again["id"], again["at"]) = ("y".into(), "5s".into());
        Scene::lane(1).image("os").request("copy", body(first)).request("copy", again).run().told("y@a")
    };
    assert_eq!([told(None, None), told(Some("a"), Some("a"))], [AGAIN; 2]);
    assert_eq!([told(None, Some("a")), told(Some("a"), None)], [MISMATCH; 2]);
    // Encrypted as false is what counts where it isn't written.
    let plain = |first: Value| bound_by(first).copy_with("y", 5, with_token(json!({ "encrypted": false })));
    assert_eq!(plain(json!({})).run().told("y@r"), MISMATCH);
    assert_eq!(plain(json!({ "encrypted": false })).run().told("y@r"), AGAIN);
    // An empty name is none.
    let named = |name: &str| bound().copy_with("y", 5, with_token(json!({ "name": name }))).run().told("y@r");
    assert_eq!([named(""), named("golden")], [AGAIN, MISMATCH]);
}

#[test]
fn r7_3_refusals_bind_nothing_and_are_checked_afresh() {
    // Refused while the name is taken, then accepted under the same token, with other parameters too.
    let golden = json!({ "name": "golden" });
    let scene = Scene::lane(9).image("os").copy_with("taken", 0, golden.clone());
    let scene =
        scene.copy_with("x", 1, with_token(golden.clone())).copy_with("x2", 2, with_token(golden.clone()));
    let scene = scene.cancel("c", 10, "taken").copy_with("x3", 11, with_token(golden.clone()));
    let ran = scene.copy_with("x4", 12, with_token(golden)).run();
    let taken = "InvalidImageName.Duplicated";
    assert_eq!(ran.all_told(["x", "x2", "x3", "x4"]), [taken, taken, OK, AGAIN]);
    assert_eq!(ran.copy("x4@r").replays, Some(ran.copy("x3@r").key));
    let scene = Scene::lane(9).image("os").copy_with("x", 0, with_token(json!({ "name": "1" })));
    let ran = scene.copy_with("y", 1, with_token(json!({ "name": "golden" }))).run();
    assert_eq!(ran.all_told(["x", "y"]), ["InvalidImageName.Malformed", OK]);
    // A mismatch binds nothing either.
    let scene = bound().copy_with("other", 1, with_token(json!({ "to": "s" })));
    let ran = scene.copy_with("again", 2, with_token(json!({}))).run();
    assert_eq!([ran.told("other@s"), ran.told("again@r")], [MISMATCH, AGAIN]);
}

/// Scenes in which the first copy, asked for at 0, is in each state at 700 s.
fn states() -> Vec<(&'static str, Scene)> {
    let long = |more: Value| {
        let mut body = json!({ "duration": "1000s" });
        more.as_object().expect("an object").iter().for_each(|(key, value)| body[key] = value.clone());
        bound_by(body)
    };
    let behind = |scene: Scene| {
        let blocker = json!({ "id": "blocker", "image": "blocker", "to": "r", "duration": "800s" });
        let mut scene = scene.image("blocker");
        scene.0["requests"].as_array_mut().expect("requests").insert(0, json!({ "copy": blocker }));
        scene
    };
    vec![
        ("waiting", behind(long(json!({})))),
        ("running", long(json!({}))),
        ("available", bound()),
        ("failed", long(json!({ "fail": { "after": "5s" } }))),
        ("cancelled while waiting", behind(long(json!({}))).cancel("c", 600, "first")),
        ("cancelled while running", long(json!({})).cancel("c", 600, "first")),
        ("draining", long(json!({})).set("service.cancel.drain", "500s").cancel("c", 600, "first")),
        ("deleted", bound().delete("d", 650, "first")),
    ]
}

#[test]
fn r7_3_the_first_answer_is_given_again_in_every_state_of_the_copy() {
    for (state, scene) in states() {
        let alone = scene.run();
        let ran = scene.copy_with("again", 700, with_token(json!({}))).run();
        let again = ran.copy("again@r");
        assert_eq!(
            (again.outcome, again.replays),
            (Outcome::Replayed, Some(ran.copy("first@r").key)),
            "{state}"
        );
        assert_eq!(
            (again.accepted, again.start, again.end, again.refusals),
            (None, None, None, 0),
            "{state}"
        );
        // The first copy and all others go on as if it had never been asked for again.
        let others = |ran: &Ran| -> Vec<CopyRecord> {
            ran.observed
                .records
                .iter()
                .copied()
                .filter(|record| record.outcome != Outcome::Replayed)
                .collect()
        };
        assert_eq!(others(&ran), others(&alone), "{state}");
    }
}

#[test]
fn r7_3_a_replay_meets_no_later_check_and_takes_nothing() {
    // Name, conflict key, quota, limit and lock all stand in the way of a second copy, and its account and
    // image are no longer in order.
    let scene = bound_by(json!({ "name": "golden" }))
        .set("accounts", json!({ "main": { "overdue": [{ "from": "1s" }] } }))
        .set("service", json!({ "request_lock": "60s", "over_limit": "reject", "images_quota": 1 }))
        .set("images.os.status_changes", json!([{ "at": "1s", "status": "UnAvailable" }]));
    let ran = scene.clone().copy_with("again", 5, with_token(json!({ "name": "golden" }))).run();
    assert_eq!(ran.told("again@r"), AGAIN);
    // Rate limit and form are looked at before.
    let limited = scene.clone().set("service.rate_limit", 1);
    let ran = limited.copy_with("again", 5, with_token(json!({ "name": "golden" }))).run();
    assert_eq!(ran.told("again@r"), "Throttling.User");
    let ran = scene.copy_with("again", 5, with_token(json!({ "name": "1" }))).run();
    assert_eq!(ran.told("again@r"), "InvalidImageName.Malformed");
}

#[test]
fn r7_3_what_names_a_replayed_request_follows_the_first_copy() {
    // What waits for it begins when the first copy ends: at 600 s, however late the call was made again.
    for (at, start) in [(0, 600), (5, 600), (599, 600), (600, 600), (700, 700)] {
        let scene = bound().copy_with("again", at, with_token(json!({})));
        let on = json!({ "id": "on", "after": "again", "to": "s", "duration": "10s" });
        let ran = scene.request("copy", on).run();
        assert_eq!(ran.copy("on@s").start.map(seconds), Some(start), "again at {at}");
    }
    for (state, scene) in states() {
        let scene = scene.copy_with("again", 700, with_token(json!({})));
        let on = json!({ "id": "on", "after": "again", "to": "s", "duration": "10s" });
        let ran = scene.request("copy", on).run();
        let start = match state {
            // From 800 to 1800, behind the blocker.
            "waiting" => Some(1800),
            "running" => Some(1000),
            "available" => Some(700),
            _ => None,
        };
        let on = ran.copy("on@s");
        assert_eq!(on.start.map(seconds), start, "{state}");
        assert_eq!(on.outcome == Outcome::Skipped, start.is_none(), "{state}");
    }
}

#[test]
fn r7_3_so_do_a_copy_of_its_product_a_cancel_and_a_delete() {
    let again = || bound().copy_with("again", 5, with_token(json!({})));
    let product = json!({ "image": { "product_of": "again" }, "to": "s" });
    let ran = again().copy_with("early", 599, product.clone()).copy_with("on", 600, product).run();
    assert_eq!([ran.told("early@s"), ran.told("on@s")], ["OperationDenied.ImageCopying", OK]);
    let ran = again().cancel("c", 10, "again").cancel("c2", 10, "first").run();
    assert_eq!([ran.answer("c"), ran.answer("c2")], ["ok", "InvalidImageId.NotFound"]);
    assert_eq!(ran.outcome("first@r"), Outcome::CancelledRunning);
    let ran =
        again().delete("early", 599, "again").delete("d", 600, "again").delete("d2", 600, "first").run();
    assert_eq!(
        ["early", "d", "d2"].map(|id| ran.answer(id)),
        ["OperationDenied.ImageCopying", "ok", "InvalidImageId.NotFound"]
    );
    // Before the call was made again, nobody knows of an image by its name.
    let ran = again().cancel("c", 4, "again").run();
    assert_eq!((ran.answer("c"), ran.outcome("first@r")), ("InvalidImageId.NotFound", Outcome::Available));
}

#[test]
fn r7_3_the_life_of_the_token_ends_that_of_no_copy() {
    let scene = bound().set("service.token_life", "100s");
    // The first copy still runs: a second one is a conflict, and binds nothing.
    let scene = scene.copy_with("again", 100, with_token(json!({})));
    let ran = scene.copy_with("other", 100, with_token(json!({ "to": "s" }))).run();
    assert_eq!([ran.told("again@r"), ran.told("other@s")], ["OperationDenied.ImageCopyConflict", OK]);
    assert_eq!(ran.outcome("first@r"), Outcome::Available);
}

#[test]
fn r7_3_the_form_of_tokens() {
    let faults = |token: &str| bound_by(json!({ "client_token": token })).faults();
    assert_eq!(faults(&"t".repeat(64)), Vec::<String>::new());
    assert_eq!(faults(" ~!\"[\\"), Vec::<String>::new(), "any ASCII character");
    for (token, words) in [
        ("t".repeat(65), "can't be longer than 64 characters, and this has 65"),
        ("caf\u{e9}".to_owned(), "can't hold `\u{e9}`"),
        ("镜像".to_owned(), "can't hold `镜`"),
        (String::new(), "is empty"),
    ] {
        let told = faults(&token);
        assert!(matches!(&told[..], [one] if one.contains(words)), "{token}: {told:?}");
    }
    // It counts what is sent: the placeholders are filled in.
    let long = faults(&format!("{}{{to}}", "t".repeat(64)));
    assert!(matches!(&long[..], [one] if one.contains("this has 65")), "{long:?}");
}

#[test]
fn r7_3_a_fan_out_fills_its_tokens_in() {
    let fan = |token: &str| {
        let body = with_token(json!({ "to": ["r", "s"], "client_token": token }));
        let ran = Scene::lane(9).image("os").copy_with("x", 0, body.clone()).copy_with("y", 5, body).run();
        ["x@r", "x@s", "y@r", "y@s"].map(|label| ran.told(label))
    };
    assert_eq!(fan("release-{to}"), [OK, OK, AGAIN, AGAIN]);
    assert_eq!(fan("release"), [OK, MISMATCH, AGAIN, MISMATCH]);
}

/// The requests of a scenario, each copy with its dry run before it.
fn with_dry_runs(text: &str) -> String {
    let mut scenario: Value = serde_json::from_str(text).expect("a JSON document");
    let requests = scenario["requests"].take();
    let requests = requests.as_array().expect("requests").iter().flat_map(|request| {
        let body = request["copy"].as_object().filter(|body| !body.contains_key("already"));
        let dry = body.map(|body| {
            let mut dry = body.clone();
            ["retention", "fail", "cancellable"].iter().for_each(|key| drop(dry.remove(*key)));
            dry.insert("id".to_owned(), format!("dry-{}", body["id"].as_str().expect("an id")).into());
            dry.insert("dry_run".to_owned(), true.into());
            json!({ "copy": dry })
        });
        dry.into_iter().chain([request.clone()])
    });
    scenario["requests"] = requests.collect::<Vec<Value>>().into();
    scenario.to_string()
}

/// The same without what a dry run has no part in, or takes part in without a copy: tokens and the rate limit.
fn alike(text: &str) -> String {
    let mut scenario: Value = serde_json::from_str(text).expect("a world is written as JSON");
    scenario["service"]["rate_limit"] = "off".into();
    for request in scenario["requests"].as_array_mut().expect("requests are a list") {
        if let Some(copy) = request.get_mut("copy").and_then(Value::as_object_mut) {
            copy.remove("client_token");
        }
    }
    scenario.to_string()
}

/// What became of each copy, but for the keys, which count the dry runs too.
fn fates(ran: &Ran) -> BTreeMap<String, String> {
    let fate = |record: &CopyRecord| {
        let code = record.refused.map_or("", |refused| refused.refusal.code.literal());
        let times = [record.sent, record.accepted, record.start, record.end];
        (ran.label(record.key), format!("{:?} {code} {times:?} {:?}", record.outcome, record.moved))
    };
    ran.observed.records.iter().map(fate).collect()
}

#[test]
fn r7_4_a_dry_run_is_told_what_the_call_would_be_told_and_changes_nothing() {
    let mut refused = 0;
    for seed in 0..1_500 {
        let world = random_world(seed);
        let text = alike(&scenario_text(&world));
        // Some of them ask for what can't be.
        if !faults(&text).is_empty() {
            continue;
        }
        let (plain, dry) = (run_text(&text), run_text(&with_dry_runs(&text)));
        let (dry_runs, fates_then): (BTreeMap<_, _>, BTreeMap<_, _>) =
            fates(&dry).into_iter().partition(|(label, _)| label.starts_with("dry-"));
        assert_eq!(fates_then, fates(&plain), "seed {seed}\n{}", describe(&world));
        for label in dry_runs.keys() {
            let real = dry.told(label.trim_start_matches("dry-"));
            let expected = if real == OK { DRY } else { real };
            assert_eq!(dry.told(label), expected, "seed {seed}: {label}\n{}", describe(&world));
            refused += usize::from(![DRY, "skipped"].contains(&expected));
        }
    }
    assert!(refused > 500, "{refused} dry runs were refused");
}

#[test]
fn r7_4_nothing_is_reserved() {
    // Name, token, conflict key, image lock, quota and the only slot: all are still there for the call.
    let all = with_token(json!({ "name": "golden" }));
    let mut dry = all.clone();
    dry["dry_run"] = true.into();
    let scene = Scene::lane(1)
        .image("os")
        .set(
            "service",
            json!({ "request_lock": "60s", "over_limit": "reject", "images_quota": 1, "snapshots_quota": 1 }),
        )
        .copy_with("dry", 0, dry.clone())
        .copy_with("dry2", 0, dry)
        .copy_with("real", 0, all);
    let ran = scene.run();
    assert_eq!(ran.all_told(["dry", "dry2", "real"]), [DRY, DRY, OK]);
    assert_eq!(ran.span("real@r"), (Some(0), Some(600)));
    assert_eq!(ran.outcomes(), [(Outcome::Available, 1), (Outcome::DryRun, 2)].into());
}

#[test]
fn r7_4_its_token_is_neither_read_nor_bound() {
    let dry = |more: Value| {
        let mut body = with_token(more);
        body["dry_run"] = true.into();
        body
    };
    // Not bound: another call can have it.
    let scene = Scene::lane(9).image("os").copy_with("dry", 0, dry(json!({})));
    assert_eq!(scene.copy_with("x", 1, with_token(json!({ "to": "s" }))).run().told("x@s"), OK);
    // Not read: neither a mismatch nor a replay, but what the call would be told without it.
    let ran = bound().copy_with("other", 1, dry(json!({ "to": "s" }))).run();
    assert_eq!(ran.told("other@s"), DRY);
    let ran = bound().copy_with("same", 1, dry(json!({}))).run();
    assert_eq!(ran.told("same@r"), "OperationDenied.ImageCopyConflict");
    assert_eq!(bound().copy_with("same", 600, dry(json!({}))).run().told("same@r"), DRY);
    // Its form is an input error all the same.
    assert_eq!(bound_by(json!({ "dry_run": true, "client_token": "t".repeat(65) })).faults().len(), 1);
}

#[test]
fn r7_4_there_is_no_copy_to_wait_for_or_to_cancel() {
    let scene = Scene::lane(9).copy_with("dry", 0, json!({ "dry_run": true }));
    let on = json!({ "id": "on", "after": "dry", "to": "s", "duration": "10s" });
    let ran = scene.request("copy", on).cancel("c", 5, "dry").delete("d", 5, "dry").run();
    assert_eq!(ran.outcome("on@s"), Outcome::Skipped);
    assert_eq!([ran.answer("c"), ran.answer("d")], ["InvalidImageId.NotFound"; 2]);
    let record = ran.copy("dry@r");
    assert_eq!((record.calls, record.refusals, record.accepted, record.end), (1, 0, None, None));
}
