//! Images that are deleted when their retention is over (model R5.4, R1.3, R1.4, R1.7).

use copysim::records::{History, Outcome};
use copysim::simulation::RunError;
use serde_json::json;

use crate::scenes::{Scene, secs};
use crate::support::{Ran, try_run};

/// Deletes in order: second, what happened, and the request that is named.
fn deletes(ran: &Ran) -> Vec<(u64, &'static str, String)> {
    ran.trace().into_iter().filter(|(_, what, _)| what.starts_with("delete")).collect()
}

fn refused_with(ran: &Ran) -> Vec<&'static str> {
    let codes = ran.observed.history.iter().filter_map(|(_, what)| match what {
        History::DeleteRefused { refused, .. } => Some(refused.refusal.code.literal()),
        _ => None,
    });
    codes.collect()
}

/// A copy of 600 s whose image is kept for 100 s, and so deleted at 700 s.
fn kept() -> Scene {
    Scene::lane(2).copy_with("a", 0, json!({ "retention": "100s", "name": "golden" }))
}

#[test]
fn r5_4_a_retention_counts_from_the_end_of_the_copy_and_frees_the_name() {
    let named = |id: &str, at: u64, scene: Scene| {
        scene.copy_with(id, at, json!({ "name": "golden", "duration": "50s" }))
    };
    let ran = named("just", 700, named("early", 699, kept())).run();
    assert_eq!(ran.answer("early@r"), "InvalidImageName.Duplicated");
    // Deletes come before submits (R1.3).
    assert_eq!(ran.answer("just@r"), "ok");
    assert_eq!(deletes(&ran), [(700, "deleted", "a@r".to_owned())]);
}

#[test]
fn r5_4_an_image_that_is_being_copied_on_stays() {
    let on = json!({ "after": "a", "from": "r", "to": "s", "delay": "50s" });
    let scene = kept().copy_with("on", 0, on);
    let ran = scene.copy_with("again", 2000, json!({ "name": "golden", "duration": "1s" })).run();
    // It runs from 650 to 1250 s; the delete isn't called a second time.
    assert_eq!(ran.span("on@s"), (Some(650), Some(1250)));
    assert_eq!(deletes(&ran), [(700, "delete refused", "a@r".to_owned())]);
    assert_eq!(refused_with(&ran), ["OperationDenied.ImageCopying"]);
    assert_eq!(ran.answer("again@r"), "InvalidImageName.Duplicated");
}

#[test]
fn r5_4_a_deleted_image_is_gone_for_everything_after_it() {
    let scene = kept().copy_with("late", 700, json!({ "image": { "product_of": "a" }, "to": "s" }));
    let ran = scene.cancel("cancel", 800, "a").delete("delete", 800, "a").run();
    let gone = [ran.answer("late@s"), ran.answer("cancel"), ran.answer("delete")];
    assert_eq!(gone, ["InvalidImageId.NotFound"; 3]);
    // A listed delete before the end of the retention is the first of two.
    let ran = kept().delete("first", 650, "a").copy("other", 800, 5).run();
    assert_eq!(ran.answer("first"), "ok");
    assert_eq!(refused_with(&ran), ["InvalidImageId.NotFound"]);
}

#[test]
fn r1_7_a_retention_keeps_no_run_going() {
    let ran = kept().run();
    assert_eq!((ran.end_seconds(), deletes(&ran)), (600, Vec::new()));
    // Other work up to that instant is enough for it; the last event is no longer before it.
    for (other, expected) in [(699, 0), (700, 0), (701, 1)] {
        let ran = kept().copy("other", 0, other).run();
        assert_eq!((ran.end_seconds(), deletes(&ran).len()), (other, expected), "other work until {other} s");
    }
    // Neither does it beside a copy that can never start.
    let stuck = json!({ "image": "os", "from": "r", "to": "a" });
    let scene = kept().set("service.cap_scope", "destination").set("regions.a.cap", 0);
    let ran =
        scene.set("images.os", json!({ "region": "r", "size": "1GiB" })).copy_with("stuck", 0, stuck).run();
    assert_eq!((ran.end_seconds(), ran.end.never_startable.len()), (600, 1));
}

#[test]
fn r1_4_deletes_of_one_instant_go_by_the_place_of_their_requests() {
    // All due at 700 s: b and the listed delete of c stand before and behind a in the file.
    let scene = Scene::lane(9).copy_with("b", 0, json!({ "duration": "650s", "retention": "50s" }));
    let scene = scene.copy_with("a", 0, json!({ "retention": "100s" })).copy("c", 0, 10);
    let ran = scene.delete("of-c", 700, "c").copy("work", 0, 800).run();
    let order: Vec<String> = deletes(&ran).into_iter().map(|(_, _, label)| label).collect();
    assert_eq!(order, ["b@r", "a@r", "of-c"]);
}

#[test]
fn only_available_images_have_a_retention() {
    let failing = json!({ "retention": "10s", "fail": { "after": "5s" } });
    let scene = Scene::lane(3).copy_with("failed", 0, failing);
    let scene = scene.copy_with("gone", 0, json!({ "retention": "10s" })).cancel("x", 3, "gone");
    let ran = scene.copy("work", 0, 900).run();
    assert_eq!(
        (ran.outcome("failed@r"), ran.outcome("gone@r")),
        (Outcome::Failed, Outcome::CancelledRunning)
    );
    assert_eq!(deletes(&ran), []);
}

#[test]
fn r8_4_each_copy_of_a_fan_out_and_each_arrival_has_its_own_retention() {
    let scene = Scene::lane(1).image("os").request(
        "copy",
        json!({ "id": "out", "image": "os", "to": ["r", "s"], "duration": "60s", "retention": "30s" }),
    );
    let ran = scene.copy("work", 0, 600).run();
    assert_eq!(deletes(&ran), [(90, "deleted", "out@r".to_owned()), (150, "deleted", "out@s".to_owned())]);
    let stream = json!({
        "id": "builds", "process": { "periodic": { "every": "100s" } }, "count": 3,
        "copy": { "from": "a", "size": "1GiB", "to": "r", "duration": "10s", "retention": "100s" },
    });
    let ran = Scene::lane(1).request("arrivals", stream).run();
    // With the end of the third one at 210 s no work is left, so the deletes due from then on aren't made.
    assert_eq!(deletes(&ran), [(110, "deleted", "builds#1@r".to_owned())]);
}

#[test]
fn r1_1_a_retention_beyond_the_end_of_time_is_an_error_but_not_beyond_a_horizon() {
    let scene = Scene::lane(2).copy_with("a", 0, json!({ "retention": "9007199254s" })).copy("work", 0, 700);
    match try_run(&scene.text()) {
        Err(RunError::BeyondTime { field: "retention", key }) => {
            assert_eq!((key.entry(), key.number()), (0, 0))
        }
        other => panic!("{:?}", other.map(|ran| ran.end)),
    }
    let ran = scene.set("horizon", secs(1000)).run();
    assert_eq!((ran.end_seconds(), deletes(&ran)), (700, Vec::new()));
}

#[test]
fn r5_4_each_image_of_a_long_stream_is_deleted_once() {
    let stream = json!({
        "id": "builds", "process": { "periodic": { "every": "10s" } }, "count": 1000,
        "copy": { "from": "a", "size": "1GiB", "to": "r", "duration": "10s", "retention": "5s" },
    });
    let ran = Scene::lane(1).request("arrivals", stream).run();
    // Each is due while the next copy runs, but for the last one, after which no work is left.
    let expected: Vec<_> =
        (1..1000).map(|number| (number * 10 + 5, "deleted", format!("builds#{number}@r"))).collect();
    assert_eq!(deletes(&ran), expected);
}
