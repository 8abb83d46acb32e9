//! Form (R7.5), quotas (R7.7), and several accounts that share regions, through scenarios.

use copysim::records::Outcome;
use serde_json::{Value, json};

use crate::scenes::Scene;

const OK: &str = "accepted";
const IMAGES: &str = "QuotaExceed.Image";
const SNAPSHOTS: &str = "QuotaExceed.Snapshot";

/// What a call that says this is told.
fn told(body: Value) -> &'static str {
    Scene::lane(9).copy_with("x", 0, body).run().told("x@r")
}

#[test]
fn r7_5_names_have_2_to_128_characters() {
    let malformed = "InvalidImageName.Malformed";
    for (name, expected) in [
        ("n".to_owned(), malformed),
        ("n".repeat(2), OK),
        ("n".repeat(128), OK),
        ("n".repeat(129), malformed),
        // Characters, not bytes: each of these has three.
        ("镜".to_owned(), malformed),
        ("镜像".to_owned(), OK),
        ("镜".repeat(128), OK),
        ("镜".repeat(129), malformed),
        ("日本語-1.0:a_b".to_owned(), OK),
        ("1a".to_owned(), malformed),
        ("acs:a".to_owned(), malformed),
        ("aliyun".to_owned(), malformed),
        ("Aliyun".to_owned(), OK),
        ("a-http://b".to_owned(), malformed),
        ("a b".to_owned(), malformed),
    ] {
        assert_eq!(told(json!({ "name": name })), expected, "{name}");
    }
    // It is the name in effect that counts, not the text that it is made from.
    assert_eq!(told(json!({ "name": "{to}" })), malformed, "`r` is of one character");
    assert_eq!(told(json!({ "name": format!("{}{{to}}", "n".repeat(127)) })), OK);
    assert_eq!(told(json!({ "name": format!("{}{{to}}", "n".repeat(128)) })), malformed);
}

#[test]
fn r7_5_descriptions_have_2_to_256_characters() {
    let malformed = "InvalidDescription.Malformed";
    for (description, expected) in [
        (String::new(), malformed),
        ("d".to_owned(), malformed),
        ("d".repeat(2), OK),
        ("d".repeat(256), OK),
        ("d".repeat(257), malformed),
        ("像".repeat(256), OK),
        ("像".repeat(257), malformed),
        ("http://a".to_owned(), malformed),
        ("https://a".to_owned(), malformed),
        ("HTTP://a".to_owned(), OK),
        ("see https://a".to_owned(), OK),
    ] {
        assert_eq!(told(json!({ "description": description })), expected, "{description}");
    }
}

#[test]
fn r7_5_tags() {
    let tags =
        |count: usize| -> Vec<Value> { (0..count).map(|tag| json!({ "key": format!("k{tag}") })).collect() };
    assert_eq!(told(json!({ "tags": tags(20) })), OK);
    let mut repeated = tags(19);
    repeated.push(json!({ "key": "k0", "value": "other" }));
    assert_eq!(told(json!({ "tags": repeated })), "Duplicate.TagKey");
    // For what else can be wrong with tags the service has no code.
    let faults = |tags: Value| Scene::lane(9).copy_with("x", 0, json!({ "tags": tags })).faults();
    assert_eq!(faults(tags(21).into()).len(), 1);
    let long = |count: usize| "t".repeat(count);
    for (tag, is_right) in [
        (json!({ "key": long(128), "value": long(128) }), true),
        (json!({ "key": long(129) }), false),
        (json!({ "key": "" }), false),
        (json!({ "key": "k", "value": long(129) }), false),
        (json!({ "key": "aliyun" }), false),
        (json!({ "key": "acs:k" }), false),
        (json!({ "key": "k", "value": "aliyun" }), true),
        (json!({ "key": "k", "value": "acs:v" }), false),
        (json!({ "key": "k", "value": "see http://v" }), false),
    ] {
        assert_eq!(faults(json!([tag])).len(), usize::from(!is_right), "{tag}");
    }
}

/// `r` takes so many images.
fn room_for(images: u32) -> Scene {
    Scene::lane(1).set("regions.r.images_quota", images)
}

#[test]
fn r7_7_images_that_are_given_waiting_running_finished_and_failed_count() {
    let given = json!({ "region": "r", "size": "1GiB" });
    let used = |scene: Scene| {
        let scene = scene.copy_with("fails", 0, json!({ "duration": "9s", "fail": { "after": "5s" } }));
        scene.copy("ends", 0, 5).copy("runs", 0, 600).copy("waits", 0, 600)
    };
    let last = |quota: u32| {
        let scene = used(room_for(quota)).set("images.given", given.clone());
        // At 100 s: one failed, one is Available, one runs, one waits, and one was given.
        scene.copy("x", 100, 5).run().told("x@r")
    };
    assert_eq!([last(5), last(6)], [IMAGES, OK]);
    // They are counted from acceptance on, in the destination only.
    let ran = used(room_for(2)).image("in-a").run();
    assert_eq!(ran.all_told(["fails", "ends", "runs", "waits"]), [OK, OK, IMAGES, IMAGES]);
}

#[test]
fn r7_7_a_group_counts_all_its_members() {
    let group = json!({ "region": "r", "size": "1GiB", "count": 3 });
    let told = |quota: u32| room_for(quota).set("images.g", group.clone()).copy("x", 0, 5).run().told("x@r");
    assert_eq!([told(3), told(4)], [IMAGES, OK]);
}

#[test]
fn r7_7_a_cancel_gives_the_place_back_and_a_failure_does_not() {
    let fails = json!({ "fail": { "after": "5s" } });
    let scene = room_for(1).set("regions.r.snapshots_quota", 1);
    let probe = |scene: Scene| scene.copy("x", 10, 5).run().told("x@r");
    assert_eq!(probe(scene.clone().copy("a", 0, 600)), IMAGES);
    assert_eq!(probe(scene.clone().copy("a", 0, 600).cancel("c", 10, "a")), OK);
    // Queued or running, and even while the slot drains.
    let queued = scene.clone().copy_with("s", 0, json!({ "to": "s" })).copy("a", 0, 600);
    assert_eq!(probe(queued.cancel("c", 10, "a")), OK);
    let draining = scene.clone().set("service.cancel.drain", "1h").copy("a", 0, 600);
    assert_eq!(probe(draining.cancel("c", 10, "a")), OK);
    assert_eq!(probe(scene.copy_with("a", 0, fails)), IMAGES);
}

#[test]
fn r7_7_a_delete_gives_the_place_back_but_not_the_snapshots() {
    let fails = json!({ "fail": { "after": "5s" } });
    for body in [json!({ "duration": "5s" }), fails] {
        let probe = |quota: &str| {
            let scene = Scene::lane(1).set(&format!("regions.r.{quota}"), 1).copy_with("a", 0, body.clone());
            scene.delete("d", 10, "a").copy("x", 10, 5).run().told("x@r")
        };
        assert_eq!([probe("images_quota"), probe("snapshots_quota")], [OK, SNAPSHOTS], "{body}");
    }
    // A given image has a place, and none of its snapshots is of a copy.
    let given = |quota: &str, deletes: bool| {
        let scene = Scene::lane(1).set(&format!("regions.r.{quota}"), 1);
        let scene = scene.set("images.g", json!({ "region": "r", "size": "1GiB", "disks": 3 }));
        let delete = json!({ "id": "d", "at": "10s", "image": "g" });
        let scene = if deletes { scene.request("delete", delete) } else { scene };
        scene.copy("x", 10, 5).run().told("x@r")
    };
    assert_eq!([given("images_quota", false), given("images_quota", true)], [IMAGES, OK]);
    assert_eq!([given("snapshots_quota", false), given("snapshots_quota", true)], [OK; 2]);
}

#[test]
fn r7_7_a_retention_gives_the_place_back() {
    let scene = room_for(1).copy_with("a", 0, json!({ "duration": "5s", "retention": "55s" }));
    let ran = scene.copy("x", 59, 5).copy("y", 60, 5).run();
    assert_eq!(ran.all_told(["x", "y"]), [IMAGES, OK]);
}

#[test]
fn r7_7_a_copy_uses_as_many_snapshots_as_its_image_has_disks() {
    let told = |image: Value, quota: u32| {
        let mut image = image;
        (image["region"], image["size"]) = ("a".into(), "1GiB".into());
        let scene = Scene::lane(9).set("regions.r.snapshots_quota", quota).set("images.os", image);
        let call = json!({ "image": "os", "duration": "5s" });
        let ran = scene.copy_with("x", 0, call.clone()).copy_with("y", 10, call).run();
        ran.all_told(["x", "y"])
    };
    assert_eq!(told(json!({}), 1), [OK, SNAPSHOTS]);
    assert_eq!(told(json!({ "disks": 3 }), 2), [SNAPSHOTS; 2]);
    assert_eq!(told(json!({ "disks": 3 }), 5), [OK, SNAPSHOTS]);
    assert_eq!(told(json!({ "disks": 3 }), 6), [OK; 2]);
    assert_eq!(told(json!({ "snapshots": [{}, {}] }), 3), [OK, SNAPSHOTS]);
    assert_eq!(told(json!({ "snapshots": [{}, {}] }), 4), [OK; 2]);
    // A product has the disks of its source.
    let scene = Scene::lane(9).set("images.os", json!({ "region": "a", "size": "1GiB", "disks": 3 }));
    let scene = scene.set("regions.s.snapshots_quota", 2).copy_with("x", 0, json!({ "image": "os" }));
    let ran = scene.request("copy", json!({ "id": "on", "after": "x", "to": "s" })).run();
    assert_eq!(ran.told("on@s"), SNAPSHOTS);
}

#[test]
fn r7_7_a_quota_of_a_region_counts_before_that_of_the_service() {
    let scene = Scene::lane(9).set("service.images_quota", 1).set("regions.r.images_quota", 2);
    let to = |region: &str| json!({ "to": region });
    let scene = scene.copy("r1", 0, 5).copy("r2", 0, 5).copy("r3", 0, 5);
    let ran = scene.copy_with("s1", 0, to("s")).copy_with("s2", 0, to("s")).run();
    assert_eq!(ran.all_told(["r1", "r2", "r3"]), [OK, OK, IMAGES]);
    assert_eq!([ran.told("s1@s"), ran.told("s2@s")], [OK, IMAGES]);
    // Without one there is no end.
    assert_eq!(Scene::lane(9).copies("c", 1..=200, 0, 1).run().count(Outcome::Available), 200);
}

/// Two accounts with an image each in `a`, and what `call` asks for with both of them at 0.
fn both(scene: Scene, call: Value) -> [&'static str; 2] {
    let image = |account: &str| json!({ "region": "a", "size": "1GiB", "account": account });
    let scene = scene.set("accounts.one.users", json!({})).set("accounts.two.users", json!({}));
    let scene = scene.set("images.one", image("one")).set("images.two", image("two"));
    let call = |image: &str| {
        let mut call = call.clone();
        call["image"] = image.into();
        call
    };
    scene.copy_with("x", 0, call("one")).copy_with("y", 0, call("two")).run().all_told(["x", "y"])
}

#[test]
fn r2_3_r6_4_r7_2_r7_3_r7_7_accounts_share_regions_and_nothing_else() {
    let reject = Scene::lane(1).set("service.over_limit", "reject");
    // Slots, unless they are shared.
    assert_eq!(both(reject.clone(), json!({})), [OK; 2]);
    let shared = reject.set("service.cap_per_account", false);
    assert_eq!(both(shared, json!({})), [OK, "ResourceLimitExceeded"]);
    // Names, tokens, quotas and rate limits.
    assert_eq!(both(Scene::lane(1), json!({ "name": "golden" })), [OK; 2]);
    assert_eq!(both(Scene::lane(1), json!({ "client_token": "T" })), [OK; 2]);
    let quotas = room_for(1).set("regions.r.snapshots_quota", 1);
    assert_eq!(both(quotas, json!({})), [OK; 2]);
    assert_eq!(both(Scene::lane(1).set("service.rate_limit", 1), json!({})), [OK; 2]);
    // What is said of one account isn't true of the other.
    let overdue = Scene::lane(1).set("accounts.one.overdue", json!([{}]));
    assert_eq!(both(overdue, json!({})), ["Account.Arrearage", OK]);
    let by_default = Scene::lane(1).set("accounts.two.default_encryption", "r");
    assert_eq!(both(by_default, json!({})), [OK, "InvalidEncrypted.NotMatchDiskDefaultEncryption"]);
}

#[test]
fn r6_1_r6_3_the_conflict_key_and_the_lock_hold_whatever_account_asks() {
    let image = json!({ "region": "a", "size": "1GiB", "account": "one", "shared_with": ["two"] });
    let scene = Scene::lane(9).set("accounts", json!({ "one": {}, "two": {} })).set("images.os", image);
    let call = |account: &str| json!({ "image": "os", "to": "a", "encrypted": true, "account": account });
    let scene =
        scene.copy_with("x", 0, call("one")).copy_with("y", 5, call("two")).copy_with("z", 600, call("two"));
    let ran = scene.clone().run();
    let told = ["x@a", "y@a", "z@a"].map(|label| ran.told(label));
    assert_eq!(told, [OK, "OperationDenied.ImageCopyConflict", OK]);
    let ran = scene.set("service.conflict_key", "off").set("service.request_lock", "10s").run();
    let told = ["x@a", "y@a", "z@a"].map(|label| ran.told(label));
    assert_eq!(told, [OK, "InvalidOperation.Conflict", OK]);
}

#[test]
fn r5_1_r5_4_nobody_cancels_or_deletes_what_is_of_another_account() {
    let image = |account: &str| json!({ "region": "a", "size": "1GiB", "account": account });
    let scene =
        Scene::lane(9).set("accounts", json!({ "one": {}, "two": {} })).set("images.os", image("one"));
    let call =
        |id: &str, at: &str, account: &str| json!({ "id": id, "at": at, "copy": "x", "account": account });
    let scene = scene.copy_with("x", 0, json!({ "image": "os" })).request("cancel", call("c", "5s", "two"));
    let scene =
        scene.request("delete", call("d", "700s", "two")).request("delete", call("own", "700s", "one"));
    let ran = scene.run();
    assert_eq!(
        ["c", "d", "own"].map(|id| ran.answer(id)),
        ["InvalidImageId.NotFound", "InvalidImageId.NotFound", "ok"]
    );
    assert_eq!(ran.outcome("x@r"), Outcome::Available);
}

#[test]
fn r7_6_only_an_own_image_is_told_of_its_own_region() {
    // A plain copy within a region is refused of an own image, and that alone is worth a notice.
    let scene = |image: Value, call: Value| {
        let mut call = call;
        (call["image"], call["to"]) = ("os".into(), "a".into());
        let scene = Scene::lane(9).set("accounts", json!({ "one": {}, "two": {} })).set("images.os", image);
        scene.copy_with("x", 0, call).run()
    };
    let own = json!({ "region": "a", "size": "1GiB", "account": "one" });
    let ran = scene(own.clone(), json!({}));
    assert_eq!((ran.told("x@a"), ran.scenario.notices.len()), ("IncorrectDestinationRegion", 1));
    let lent = json!({ "region": "a", "size": "1GiB", "owner": "shared" });
    let mut shared = own.clone();
    shared["shared_with"] = json!(["two"]);
    for (image, account, expected) in
        [(lent, "one", OK), (shared, "two", OK), (own, "two", "InvalidImageId.NotFound")]
    {
        let ran = scene(image, json!({ "account": account }));
        assert_eq!((ran.told("x@a"), &ran.scenario.notices[..]), (expected, &[][..]));
    }
}
