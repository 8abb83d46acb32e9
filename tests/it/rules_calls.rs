//! The rules of calls: cancel and delete, conflicts and names, order of the checks, destinations
//! (model sections 5 to 8).

use copysim::records::Outcome;
use serde_json::{Value, json};

use crate::scenes::Scene;

/// `a` runs for 600 s and `b` waits behind it.
fn one_runs_one_waits() -> Scene {
    Scene::lane(1).copy("a", 0, 600).copy("b", 0, 600)
}

#[test]
fn r5_1_a_cancel_leaves_the_source_alone() {
    let ran =
        one_runs_one_waits().cancel("x", 100, "a").copy_with("again", 100, json!({ "image": "a" })).run();
    assert_eq!((ran.answer("x"), ran.answer("again@r")), ("ok", "ok"));
    assert_eq!(ran.outcome("a@r"), Outcome::CancelledRunning);
}

#[test]
fn r5_2_queued_copies_can_be_marked_as_not_cancellable() {
    let refused = one_runs_one_waits().set("service.cancel.queued", "refused");
    let ran = refused.cancel("queued", 100, "b").cancel("running", 700, "b").run();
    assert_eq!([ran.answer("queued"), ran.answer("running")], ["IncorrectImageStatus", "ok"]);
}

#[test]
fn r5_2_reaching_the_point_of_no_return_is_being_past_it() {
    let cancel = |point: f64, at: u64| {
        let scene = one_runs_one_waits().set("service.cancel.point_of_no_return", point);
        scene.cancel("running", at, "a").cancel("queued", at, "b").run()
    };
    for (point, at, expected) in
        [(0.5, 299, "ok"), (0.5, 300, "CancelNotSupported"), (1.0, 599, "ok"), (0.0, 1, "CancelNotSupported")]
    {
        let ran = cancel(point, at);
        assert_eq!([ran.answer("running"), ran.answer("queued")], [expected, "ok"], "{point} at {at}");
    }
}

#[test]
fn r5_2_a_drain_holds_the_slot_of_a_cancelled_runner_only() {
    let scene = one_runs_one_waits().set("service.cancel.drain", "60s").copy("c", 0, 600);
    let ran = scene.clone().cancel("x", 100, "a").run();
    assert_eq!(ran.starts(&["b", "c"]), [Some(160), Some(760)]);
    assert_eq!(ran.span("a@r"), (Some(0), Some(100)));
    assert_eq!(ran.levels("a")[..3], [(0, 1, 2), (100, 1, 2), (160, 1, 1)]);
    let ran = scene.cancel("x", 100, "b").run();
    assert_eq!(ran.starts(&["c"]), [Some(600)]);
}

#[test]
fn r5_2_copies_and_images_can_be_marked_as_not_cancellable() {
    let never = json!({ "cancellable": false });
    let by_request = Scene::lane(1).copy_with("a", 0, never.clone()).copy_with("b", 0, never);
    let by_image = ["a", "b"]
        .iter()
        .fold(one_runs_one_waits(), |scene, image| scene.set(&format!("images.{image}.cancellable"), false));
    for scene in [by_request, by_image] {
        let ran = scene.cancel("running", 100, "a").cancel("queued", 100, "b").run();
        assert_eq!([ran.answer("running"), ran.answer("queued")], ["CancelNotSupported"; 2]);
        assert_eq!(ran.count(Outcome::Available), 2);
    }
}

#[test]
fn r5_3_a_cancel_frees_name_and_conflict_key_at_once() {
    let named = json!({ "name": "golden" });
    let again = json!({ "name": "golden", "image": "a" });
    let scene = Scene::lane(2).copy_with("a", 0, named).copy_with("again", 100, again);
    let refused = scene.run();
    assert_eq!(refused.answer("again@r"), "InvalidImageName.Duplicated");
    // Even while the slot drains.
    let ran = scene.set("service.cancel.drain", "900s").cancel("x", 100, "a").run();
    assert_eq!((ran.answer("x"), ran.answer("again@r")), ("ok", "ok"));
}

#[test]
fn r5_3_a_cancel_of_a_copy_without_an_image_is_sent() {
    let scene = Scene::lane(1).cancel("not-sent", 10, "late").copy("late", 20, 600);
    let scene = scene.copy_with("refused", 0, json!({ "to": "a" }));
    let scene = scene.request("cancel", json!({ "id": "of-refused", "at": "5s", "copy": "refused" }));
    let ran = scene.run();
    assert_eq!([ran.answer("not-sent"), ran.answer("of-refused")], ["InvalidImageId.NotFound"; 2]);
}

#[test]
fn r5_4_a_delete_removes_finished_images_and_frees_their_names() {
    let golden = |body: Value| {
        let mut body = body;
        body["name"] = "golden".into();
        Scene::lane(1).copy_with("a", 0, body).copy_with("b", 700, json!({ "name": "golden" }))
    };
    for scene in [golden(json!({})), golden(json!({ "fail": { "after": "5s" } }))] {
        assert_eq!(scene.run().answer("b@r"), "InvalidImageName.Duplicated");
        let ran = scene.delete("x", 650, "a").delete("again", 660, "a").cancel("cancel", 660, "a").run();
        assert_eq!([ran.answer("x"), ran.answer("b@r")], ["ok", "ok"]);
        assert_eq!([ran.answer("again"), ran.answer("cancel")], ["InvalidImageId.NotFound"; 2]);
    }
}

#[test]
fn r5_4_given_images_can_be_deleted() {
    let scene = Scene::lane(1).image("os").request("delete", json!({ "id": "x", "at": "5s", "image": "os" }));
    let ran = scene.copy_with("late", 5, json!({ "image": "os" })).run();
    assert_eq!((ran.answer("x"), ran.answer("late@r")), ("ok", "InvalidImageId.NotFound"));
}

/// The answer to a second copy of one image.
fn second(key: Value, at: u64, body: Value) -> &'static str {
    let scene = Scene::lane(1).copy("blocker", 0, 100).copy("a", 0, 600).set("service.conflict_key", key);
    let mut body = body;
    body["image"] = "a".into();
    let to = body["to"].as_str().unwrap_or("r").to_owned();
    scene.copy_with("b", at, body).run().answer(&format!("b@{to}"))
}

#[test]
fn r6_1_an_unfinished_copy_holds_its_conflict_key() {
    const CONFLICT: &str = "OperationDenied.ImageCopyConflict";
    // It is queued up to 100 s, runs up to 700 s, and is finished then.
    for (at, expected) in [(0, CONFLICT), (50, CONFLICT), (300, CONFLICT), (700, "ok")] {
        assert_eq!(second(json!("image+destination"), at, json!({})), expected, "at {at}");
        assert_eq!(second(json!("image+destination"), at, json!({ "to": "s" })), "ok", "at {at}");
        assert_eq!(second(json!("image"), at, json!({})), expected, "at {at}");
        assert_eq!(second(json!("image"), at, json!({ "to": "s" })), expected, "at {at}");
        assert_eq!(second(json!("off"), at, json!({})), "ok", "at {at}");
    }
}

#[test]
fn r6_1_the_key_has_the_destination_in_effect() {
    // No destination given is the source region.
    let body = |id: &str, to: Option<&str>| {
        let mut body = json!({ "id": id, "at": "0s", "image": "os", "encrypted": true, "duration": "9s" });
        if let Some(to) = to {
            body["to"] = to.into();
        }
        body
    };
    let scene =
        Scene::lane(5).image("os").request("copy", body("x", None)).request("copy", body("y", Some("a")));
    let ran = scene.run();
    assert_eq!([ran.answer("x@a"), ran.answer("y@a")], ["ok", "OperationDenied.ImageCopyConflict"]);
}

#[test]
fn r6_2_a_source_that_is_no_finished_image() {
    let copy_on = json!({ "image": { "product_of": "a" }, "to": "s" });
    let scene = Scene::lane(1).copy("blocker", 0, 100).copy("a", 0, 600);
    let ran = [50, 300, 700]
        .iter()
        .fold(scene, |scene, at| scene.copy_with(&format!("at{at}"), *at, copy_on.clone()))
        .run();
    let answers = ["at50@s", "at300@s", "at700@s"].map(|label| ran.answer(label));
    assert_eq!(answers, ["OperationDenied.ImageCopying", "OperationDenied.ImageCopying", "ok"]);
    let failed = Scene::lane(1).copy_with("a", 0, json!({ "fail": { "after": "5s" } }));
    assert_eq!(failed.copy_with("b", 5, copy_on).run().answer("b@s"), "IncorrectImageStatus");
}

#[test]
fn r6_3_an_accepted_call_locks_its_source_image() {
    let to = |region: &str| json!({ "image": "a", "to": region });
    let scene = Scene::lane(9).set("service.request_lock", "60s").copy("a", 0, 5);
    let scene = scene.copy_with("same", 59, to("r")).copy_with("other", 59, to("s")).copy("else", 59, 5);
    let ran = scene.copy_with("after", 60, to("s")).copy_with("locked", 61, to("t")).run();
    assert_eq!([ran.answer("same@r"), ran.answer("other@s")], ["InvalidOperation.Conflict"; 2]);
    // Another image isn't locked, refused calls don't extend the lock, an accepted one begins a new one.
    assert_eq!(
        [ran.answer("else@r"), ran.answer("after@s"), ran.answer("locked@t")],
        ["ok", "ok", "InvalidOperation.Conflict"]
    );
}

#[test]
fn r6_4_names_are_taken_per_account_and_destination() {
    let scene = ["one", "two"].iter().fold(Scene::lane(9), |scene, account| {
        let image = json!({ "region": "a", "size": "1GiB", "account": account });
        scene.set(&format!("accounts.{account}"), json!({})).set(&format!("images.{account}"), image)
    });
    let there = json!({ "region": "s", "size": "1GiB", "account": "one", "name": "golden" });
    let body = |image: &str, to: &str| json!({ "image": image, "to": to, "name": "golden" });
    let scene = scene.set("images.there", there).copy_with("x", 0, body("one", "r"));
    let ran = scene
        .copy_with("y", 0, body("two", "r"))
        .copy_with("z", 0, body("one", "s"))
        .copy_with("w", 0, body("two", "s"))
        .run();
    assert_eq!([ran.answer("x@r"), ran.answer("y@r"), ran.answer("w@s")], ["ok"; 3]);
    assert_eq!(ran.answer("z@s"), "InvalidImageName.Duplicated");
}

#[test]
fn r6_4_a_missing_or_empty_name_is_made_up_and_unique() {
    for body in [json!({}), json!({ "name": "" })] {
        let ran = Scene::lane(9).copy_with("x", 0, body.clone()).copy_with("y", 0, body.clone()).run();
        assert_eq!([ran.answer("x@r"), ran.answer("y@r")], ["ok"; 2], "{body}");
    }
    let images = json!({ "image": ["x", "y"], "name": "" });
    let ran = Scene::lane(9).image("x").image("y").copy_with("fan", 0, images).run();
    assert_eq!(ran.count(Outcome::Available), 2);
    let empty = json!({ "region": "r", "size": "1GiB", "name": "" });
    assert_eq!(
        Scene::lane(9).set("images.x", empty.clone()).set("images.y", empty).faults(),
        Vec::<String>::new()
    );
}

#[test]
fn r6_4_one_name_for_a_whole_fan_out() {
    let ran = Scene::lane(9).copy_with("x", 0, json!({ "to": ["r", "s"], "name": "golden" })).run();
    assert_eq!(ran.count(Outcome::Available), 2);
    let images = |name: &str| {
        let body = json!({ "image": ["x", "y"], "name": name });
        Scene::lane(9).image("x").image("y").copy_with("fan", 0, body)
    };
    assert_eq!(images("golden").faults().len(), 1);
    assert_eq!(images("golden-{image}").run().count(Outcome::Available), 2);
}

#[test]
fn r7_1_the_first_row_that_applies_answers() {
    // `two` breaks every rule there is for it; each step mends what the answer complained about.
    let scene = Scene::lane(1)
        .set("service", json!({ "over_limit": "reject", "request_lock": "50s" }))
        .image("os")
        .copy_with("one", 0, json!({ "image": "os", "name": "golden" }));
    let answer = |body: Value| {
        let scene = scene.clone().copy_with("two", body["at"].as_str().map_or(1, |_| 60), body);
        let ran = scene.run();
        ran.observed
            .records
            .iter()
            .find_map(|record| record.refused)
            .map(|refused| refused.refusal.code.literal())
    };
    let nowhere = json!({ "literal": "nowhere" });
    let unknown = json!({ "literal": "m-none" });
    for (body, expected) in [
        (json!({ "image": unknown, "from": nowhere, "to": nowhere }), "SourceRegion.NotFound"),
        (json!({ "image": unknown, "from": "a", "to": nowhere }), "DestinationRegion.NotFound"),
        (json!({ "image": unknown, "from": "a", "to": "a" }), "InvalidImageId.NotFound"),
        (json!({ "image": { "product_of": "one" }, "to": "r" }), "IncorrectDestinationRegion"),
        (json!({ "image": { "product_of": "one" }, "to": "s" }), "OperationDenied.ImageCopying"),
        (json!({ "image": "os", "to": "a", "name": "golden" }), "IncorrectDestinationRegion"),
        (json!({ "image": "os", "name": "golden" }), "InvalidOperation.Conflict"),
        (json!({ "image": "os", "name": "golden", "at": "60s" }), "InvalidImageName.Duplicated"),
        (json!({ "image": "os", "at": "60s" }), "OperationDenied.ImageCopyConflict"),
        (json!({ "image": "os", "to": "s", "at": "60s" }), "ResourceLimitExceeded"),
    ] {
        assert_eq!(answer(body.clone()), Some(expected), "{body}");
    }
}

#[test]
fn r7_1_so_do_those_of_cancel_and_delete() {
    let scene = one_runs_one_waits().set("service.cancel.queued", "refused");
    let scene = scene.set("images.b.cancellable", false);
    let scene = scene.cancel("queued", 10, "b").cancel("running", 610, "b");
    let unknown = json!({ "id": "nowhere", "at": "10s", "image": { "literal": "m-none" }, "region": { "literal": "x" } });
    let scene = scene.request("cancel", unknown.clone());
    let mut deleted = unknown;
    deleted["id"] = "nowhere-to-delete".into();
    let ran = scene.request("delete", deleted).run();
    // Still queued and not cancellable at all: the status comes first.
    assert_eq!([ran.answer("queued"), ran.answer("running")], ["IncorrectImageStatus", "CancelNotSupported"]);
    assert_eq!([ran.answer("nowhere"), ran.answer("nowhere-to-delete")], ["InvalidRegionId.NotFound"; 2]);
}

#[test]
fn r7_1_a_refused_call_takes_nothing() {
    // Refused for the name, then again for the key; neither takes a slot, a name or a key.
    let scene = Scene::lane(2).copy_with("one", 0, json!({ "name": "golden" }));
    let scene = scene.copy_with("bad-name", 1, json!({ "image": "os", "name": "golden" })).image("os");
    let scene = scene.copy_with("bad-key", 1, json!({ "image": "one", "name": "silver" }));
    let ran = scene.copy_with("good", 2, json!({ "image": "os", "name": "silver" })).run();
    assert_eq!(ran.span("good@r"), (Some(2), Some(602)));
    assert_eq!(
        (ran.answer("bad-name@r"), ran.answer("bad-key@r")),
        ("InvalidImageName.Duplicated", "OperationDenied.ImageCopyConflict")
    );
}

#[test]
fn r7_6_without_a_destination_it_is_the_source_region() {
    let body =
        |encrypted: bool| json!({ "id": "x", "image": "os", "encrypted": encrypted, "duration": "5s" });
    let scene = |encrypted: bool| Scene::lane(1).image("os").request("copy", body(encrypted));
    assert_eq!(scene(true).run().span("x@a"), (Some(0), Some(5)));
    assert_eq!(scene(false).run().answer("x@a"), "IncorrectDestinationRegion");
    assert_eq!(scene(false).set("service.same_region_plain", "allowed").run().answer("x@a"), "ok");
}

#[test]
fn r8_4_wildcards_give_destinations_in_byte_order() {
    let order = |to: Value| {
        let scene = Scene::lane(1).set("regions.S2", json!({})).copy_with(
            "x",
            0,
            json!({ "to": to, "duration": "0s" }),
        );
        scene.run().order_of_starts()
    };
    assert_eq!(order(json!("all-others")), ["x@S2", "x@r", "x@s", "x@t"]);
    assert_eq!(order(json!("*")), ["x@S2", "x@r", "x@s", "x@t"]);
    assert_eq!(order(json!(["t", "*"])), ["x@t", "x@S2", "x@r", "x@s"]);
    assert_eq!(order(json!(["s", "r"])), ["x@s", "x@r"]);
}

#[test]
fn r8_4_a_listed_copy_takes_a_whole_group_and_an_arrival_its_next_member() {
    let group = json!({ "region": "a", "size": "1GiB", "count": 3 });
    let scene = Scene::lane(1).set("images.g", group);
    let listed =
        scene.clone().copy_with("x", 0, json!({ "image": "g", "to": ["r", "s"], "duration": "0s" })).run();
    assert_eq!(listed.order_of_starts(), ["x:g-1@r", "x:g-1@s", "x:g-2@r", "x:g-2@s", "x:g-3@r", "x:g-3@s"]);
    let stream = json!({
        "process": { "periodic": { "every": "1s" } },
        "count": 5,
        "copy": { "image": "g", "to": "r", "duration": "0s" },
    });
    let ran = scene.request("arrivals", stream).run();
    let images = ran.observed.records.iter().filter_map(|record| ran.scenario.catalog.call(record.key));
    assert_eq!(
        images.map(|call| call.image.as_str()).collect::<Vec<_>>(),
        ["g-1", "g-2", "g-3", "g-1", "g-2"]
    );
}

#[test]
fn r7_9_what_waits_for_a_copy_of_a_literal_is_skipped() {
    // No size is known of it and none is needed: none of the two will ever run.
    let unknown = json!({ "image": { "literal": "m-nosuchimage" }, "from": "a", "duration": "1s" });
    let ran = Scene::lane(1)
        .copy_with("unknown", 0, unknown)
        .request("copy", json!({ "id": "relay", "after": "unknown", "to": "s" }))
        .run();
    assert_eq!(ran.answer("unknown@r"), "InvalidImageId.NotFound");
    assert_eq!(ran.copy("relay@s").outcome, Outcome::Skipped);
}

#[test]
fn r7_9_a_literal_is_sent_as_it_stands() {
    // The service knows `s`, whoever writes it how.
    let known = json!({ "to": { "literal": "s" }, "duration": "1s" });
    let ran = Scene::lane(1).copy_with("known", 0, known).run();
    assert_eq!(ran.answer("known@s"), "ok");
}

#[test]
fn r8_4_an_image_that_is_named_twice_is_copied_once() {
    let twice = json!({ "id": "twice", "image": ["x", "x"], "to": ["s", "r"], "duration": "1s" });
    let ran = Scene::lane(1).image("x").request("copy", twice).run();
    assert_eq!(ran.observed.records.len(), 2);
    assert_eq!(ran.scenario.notices, ["image `x` is named twice: it is copied once"]);
}

#[test]
fn r8_4_no_image_has_the_name_of_a_groups_member() {
    let group = json!({ "region": "a", "size": "1GiB", "count": 3 });
    let scene = |name: &str| Scene::lane(1).set("images.x", group.clone()).image(name);
    assert_eq!(scene("x-3").faults(), ["`x-3` is the name of a member of the group `x`"]);
    assert!(scene("x-4").faults().is_empty() && scene("x-03").faults().is_empty());
}

#[test]
fn r4_3_a_failure_after_the_end_is_noticed_as_none() {
    let late = json!({ "duration": "10m", "fail": { "after": "20m" } });
    let ran = Scene::lane(1).copy_with("late", 0, late).run();
    assert_eq!(ran.copy("late@r").outcome, Outcome::Available);
    assert_eq!(ran.scenario.notices, ["late: no failure after 20m, since the copy is done after 10m"]);
}
