//! When facts hold: spans are half-open (R1.9), and calls are counted in windows of the clock (R7.2).

use copysim::records::Outcome;
use serde_json::{Value, json};

use crate::scenes::Scene;
use crate::support::Ran;

const OK: &str = "accepted";
const THROTTLED: &str = "Throttling.User";

/// What the same call, of an image of its own each time unless it names one, is told at these instants.
fn told_at<const N: usize>(scene: Scene, body: &Value, times: [&str; N]) -> [&'static str; N] {
    let id = |probe: usize| format!("probe{probe}");
    let call = |scene: Scene, (probe, at): (usize, &&str)| {
        let mut body = body.clone();
        body["at"] = (*at).into();
        scene.copy_with(&id(probe), 0, body)
    };
    let ran = times.iter().enumerate().fold(scene, call).run();
    std::array::from_fn(|probe| ran.told(&format!("{}@r", id(probe))))
}

/// The instants around those of a span from 60 s to 120 s.
const AROUND: [&str; 4] = ["59999999us", "60s", "119999999us", "120s"];

#[test]
fn r1_9_an_account_is_overdue_from_the_first_instant_and_no_longer_at_the_last() {
    let overdue = json!({ "main": { "overdue": [{ "from": "60s", "until": "120s" }] } });
    let scene = Scene::lane(9).set("accounts", overdue);
    let refused = "Account.Arrearage";
    assert_eq!(told_at(scene, &json!({}), AROUND), [OK, refused, refused, OK]);
    // Two spans that meet are one; the last has no end.
    let spans = json!([{ "until": "60s" }, { "from": "60s", "until": "61s" }, { "from": "120s" }]);
    let scene = Scene::lane(9).set("accounts", json!({ "main": { "overdue": spans } }));
    let times = ["0s", "59999999us", "60s", "61s", "119999999us", "120s", "1000h"];
    assert_eq!(told_at(scene, &json!({}), times), [refused, refused, refused, OK, OK, refused, refused]);
}

#[test]
fn r1_9_a_status_holds_from_the_instant_of_its_change() {
    let changes = json!([{ "at": "120s", "status": "Available" }, { "at": "60s", "status": "UnAvailable" }]);
    let scene = Scene::lane(9).image("os").set("images.os.status_changes", changes);
    let body = json!({ "image": "os", "dry_run": true });
    let (dry, refused) = ("DryRunOperation", "IncorrectImageStatus");
    assert_eq!(told_at(scene, &body, AROUND), [dry, refused, refused, dry]);
    for status in ["Waiting", "Creating", "UnAvailable", "CreateFailed", "Deprecated"] {
        let scene = Scene::lane(9).image("os").set("images.os.status", status);
        let scene = scene.set("images.os.status_changes", json!([{ "at": "60s", "status": "Available" }]));
        assert_eq!(told_at(scene, &body, ["0s", "59999999us", "60s"]), [refused, refused, dry], "{status}");
    }
}

#[test]
fn r1_9_a_fault_is_met_within_its_span() {
    let fault = |code: &str| json!({ "f": { "code": code, "from": "60s", "until": "120s" } });
    let scene = Scene::lane(9).set("faults", fault("InternalError"));
    assert_eq!(told_at(scene, &json!({}), AROUND), [OK, "InternalError", "InternalError", OK]);
    let code = "InvalidParameter.DataEncryptedKeyCreateFailed";
    let scene = Scene::lane(9).set("faults", fault(code)).set("kms_keys.k", json!({}));
    let body = json!({ "encrypted": true, "kms_key": "k" });
    assert_eq!(told_at(scene, &body, AROUND), [OK, code, code, OK]);
    let scene = Scene::lane(9).copy("a", 0, 600);
    let scene =
        scene.set("faults.f", json!({ "operation": "CancelCopyImage", "from": "60s", "until": "120s" }));
    let cancel = |scene: Scene, at: &str| {
        scene.request("cancel", json!({ "id": at, "at": at, "copy": "a" })).run().answer(at)
    };
    assert_eq!(AROUND.map(|at| cancel(scene.clone(), at)), ["ok", "InternalError", "InternalError", "ok"]);
}

#[test]
fn r1_9_a_lock_holds_from_acceptance_for_its_length() {
    let scene =
        Scene::lane(9).set("service.request_lock", "60s").copy_with("first", 60, json!({ "to": "s" }));
    let locked = "InvalidOperation.Conflict";
    let body = json!({ "image": "first", "dry_run": true });
    let dry = "DryRunOperation";
    assert_eq!(told_at(scene, &body, AROUND), [dry, locked, locked, dry]);
}

#[test]
fn r1_9_a_token_lives_from_acceptance_for_its_length() {
    let bound = json!({ "client_token": "T", "to": "r", "duration": "1s" });
    let scene = Scene::lane(9).set("service.token_life", "60s").image("os");
    let mut body = bound;
    body["image"] = "os".into();
    // Bound at 60 s; the replays don't lengthen its life, and at 120 s it is bound anew.
    let times = ["60s", "61s", "119999999us", "120s", "179999999us", "180s"];
    let again = "replayed";
    assert_eq!(told_at(scene, &body, times), [OK, again, again, OK, again, OK]);
}

#[test]
fn r7_2_windows_are_minutes_of_the_clock() {
    let scene = Scene::lane(99).set("service.rate_limit", 2);
    let times =
        ["0s", "59999999us", "59999999us", "60s", "119s", "119999999us", "120s", "1h", "3601s", "3602s"];
    let told = [OK, OK, THROTTLED, OK, OK, THROTTLED, OK, OK, OK, THROTTLED];
    assert_eq!(told_at(scene.clone(), &json!({}), times), told);
    assert_eq!(told_at(scene.set("service.rate_limit", "off"), &json!({}), times), [OK; 10]);
}

#[test]
fn r7_2_by_default_a_thousand_calls_a_minute() {
    let stream = json!({
        "process": { "periodic": { "every": "1ms" } }, "count": 1002,
        "copy": { "from": "a", "size": "1GiB", "to": "r", "dry_run": true },
    });
    let ran = Scene::lane(1).request("arrivals", stream).run();
    assert_eq!((ran.count(Outcome::DryRun), ran.count(Outcome::Refused)), (1000, 2));
    let refused = ran.observed.records.iter().filter(|record| record.outcome == Outcome::Refused);
    let codes: Vec<&str> = refused.map(|record| record.refused.unwrap().refusal.code.literal()).collect();
    assert_eq!(codes, [THROTTLED; 2]);
}

/// One call, then another one at a limit of one.
fn after(first: Value) -> Ran {
    let scene = Scene::lane(9).set("service.rate_limit", 1).set("accounts", json!({ "main": {} }));
    let scene = scene.image("os").copy_with("bound", 0, json!({ "client_token": "T", "image": "os" }));
    // The minute of the other two.
    scene.copy_with("first", 60, first).copy("second", 119, 1).copy("third", 120, 1).run()
}

#[test]
fn r7_2_every_call_that_carries_an_account_counts() {
    for (first, told) in [
        (json!({}), OK),
        (json!({ "name": "1" }), "InvalidImageName.Malformed"),
        (json!({ "image": { "literal": "m-none" }, "from": "a" }), "InvalidImageId.NotFound"),
        (json!({ "image": "os" }), "OperationDenied.ImageCopyConflict"),
        (json!({ "dry_run": true }), "DryRunOperation"),
        (json!({ "client_token": "T", "image": "os" }), "replayed"),
    ] {
        let ran = after(first);
        assert_eq!(ran.told("first@r"), told);
        assert_eq!([ran.told("second@r"), ran.told("third@r")], [THROTTLED, OK], "after {told}");
    }
    let ran = after(json!({ "anonymous": true }));
    assert_eq!([ran.told("first@r"), ran.told("second@r")], ["InvalidAliUid.IsNull", OK]);
}

#[test]
fn r7_2_calls_over_the_limit_count_too() {
    // The minute is full for good, however many more calls are made in it.
    let scene = Scene::lane(9).set("service.rate_limit", 1);
    let times = ["0s", "1s", "2s", "3s", "59s", "60s", "61s"];
    let told = [OK, THROTTLED, THROTTLED, THROTTLED, THROTTLED, OK, THROTTLED];
    assert_eq!(told_at(scene, &json!({}), times), told);
}

#[test]
fn r7_2_accounts_and_source_regions_are_counted_apart() {
    let image = |region: &str, account: &str| json!({ "region": region, "size": "1GiB", "account": account });
    let scene =
        Scene::lane(9).set("service.rate_limit", 1).set("accounts", json!({ "one": {}, "two": {} })).set(
            "images",
            json!({ "one-a": image("a", "one"), "one-s": image("s", "one"), "two-a": image("a", "two") }),
        );
    let call = |scene: Scene, id: &str, image: &str, to: &str| {
        scene.copy_with(id, 0, json!({ "image": image, "to": to }))
    };
    let scene = call(call(call(scene, "x", "one-a", "r"), "y", "one-s", "r"), "z", "two-a", "r");
    // The destination makes no difference.
    let ran = call(call(scene, "x2", "one-a", "t"), "y2", "one-s", "t").run();
    assert_eq!(ran.all_told(["x", "y", "z"]), [OK; 3]);
    assert_eq!([ran.told("x2@t"), ran.told("y2@t")], [THROTTLED; 2]);
}

#[test]
fn r7_2_cancels_and_deletes_are_not_counted() {
    let scene = Scene::lane(9).set("service.rate_limit", 1).image("old").copy("a", 60, 600);
    let scene =
        scene.cancel("cancel", 0, "a").request("delete", json!({ "id": "d", "at": "0s", "image": "old" }));
    let ran = scene.copy("b", 0, 1).run();
    assert_eq!((ran.answer("d"), ran.told("b@r")), ("ok", OK));
}
