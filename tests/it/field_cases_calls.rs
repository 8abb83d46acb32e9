//! Field cases about calls: what is answered, and what happens when things fall into one instant.

use copysim::records::Outcome;
use serde_json::{Value, json};

use crate::program::Place;
use crate::scenes::{Scene, mean_seconds};
use crate::support::Ran;

/// The golden image at 0, and another image under its name in `to` at `at`.
fn same_name(to: &str, at: u64) -> Ran {
    let golden = |to: &str| json!({ "name": "golden-1", "to": to });
    Scene::lane(1).copy_with("one", 0, golden("r")).copy_with("two", at, golden(to)).run()
}

#[test]
fn field_case_06_a_taken_name_is_refused() {
    for at in [0, 300, 600, 700] {
        let ran = same_name("r", at);
        assert_eq!(ran.answer("two@r"), "InvalidImageName.Duplicated", "at {at}");
        let two = ran.copy("two@r");
        assert_eq!(two.refused.map(|refused| refused.refusal.code.http_status()), Some(400));
        assert_eq!((two.accepted, two.start), (None, None));
        // It takes no place in the queue either.
        assert!(ran.levels("a").iter().all(|(_, held, waiting)| (*held, *waiting) <= (1, 0)), "at {at}");
    }
}

#[test]
fn field_case_06_the_name_is_free_in_another_region() {
    let ran = same_name("s", 700);
    assert_eq!((ran.answer("two@s"), ran.span("two@s")), ("ok", (Some(700), Some(1300))));
}

#[test]
fn field_case_06_the_name_is_taken_by_a_queued_copy_and_by_a_failed_one() {
    let golden = json!({ "name": "golden-1" });
    let queued = Scene::lane(1).copy("first", 0, 600).copy_with("one", 0, golden.clone());
    assert_eq!(
        queued.copy_with("two", 1, golden.clone()).run().answer("two@r"),
        "InvalidImageName.Duplicated"
    );
    let fails = json!({ "name": "golden-1", "fail": { "after": "5s" } });
    let failed = Scene::lane(1).copy_with("one", 0, fails).copy_with("two", 700, golden.clone());
    assert_eq!(failed.run().answer("two@r"), "InvalidImageName.Duplicated");
    let deleted = failed.delete("x", 700, "one").run();
    assert_eq!((deleted.answer("x"), deleted.answer("two@r")), ("ok", "ok"));
}

/// `a` runs and `b` waits behind it.
fn one_runs_one_waits() -> Scene {
    Scene::lane(1).copy("a", 0, 600).copy("b", 0, 600)
}

#[test]
fn field_case_10_what_cancel_answers_in_each_state() {
    let scene = one_runs_one_waits()
        .request("cancel", json!({ "id": "at-source", "at": "50s", "copy": "a", "region": "a" }))
        .cancel("queued", 100, "b")
        .delete("delete", 100, "a")
        .request("cancel", json!({ "id": "not-a-copy", "at": "100s", "image": "a" }))
        .cancel("finished", 700, "a")
        .cancel("again", 800, "b")
        .delete("still-there", 900, "a");
    let ran = scene.run();
    for (call, expected) in [
        ("at-source", "InvalidImageId.NotFound"),
        ("queued", "ok"),
        ("delete", "OperationDenied.ImageCopying"),
        ("not-a-copy", "ImageCreatedNotFromCopy"),
        ("finished", "IncorrectImageStatus"),
        ("again", "InvalidImageId.NotFound"),
        ("still-there", "ok"),
    ] {
        assert_eq!(ran.answer(call), expected, "{call}");
    }
    assert_eq!(ran.spans(&["a", "b"]), [(Some(0), Some(600)), (None, Some(100))]);
    assert_eq!(ran.outcomes(), [(Outcome::Available, 1), (Outcome::CancelledWaiting, 1)].into());
}

#[test]
fn field_case_10_a_failed_copy_and_an_unknown_region() {
    let scene = Scene::lane(1)
        .copy_with("a", 0, json!({ "fail": { "after": "5s" } }))
        .cancel("failed", 10, "a")
        .request("cancel", json!({ "id": "nowhere", "at": "1s", "copy": "a", "region": { "literal": "x" } }));
    let ran = scene.run();
    assert_eq!(ran.answer("failed"), "IncorrectImageStatus");
    assert_eq!(ran.answer("nowhere"), "InvalidRegionId.NotFound");
    assert_eq!(ran.outcome("a@r"), Outcome::Failed);
}

#[test]
fn field_case_11_the_source_region_among_the_destinations() {
    let fan_out = |encrypted: bool| {
        let body = json!({ "to": ["a", "r", "r", "s"], "encrypted": encrypted });
        Scene::lane(5).copy_with("x", 0, body).run()
    };
    let plain = fan_out(false);
    assert_eq!(plain.observed.records.len(), 2);
    assert_eq!([plain.answer("x@r"), plain.answer("x@s")], ["ok"; 2]);
    assert_eq!(plain.scenario.notices.len(), 2, "{:?}", plain.scenario.notices);
    for (notice, region) in plain.scenario.notices.iter().zip(["a", "r"]) {
        assert!(notice.starts_with(&format!("x: {region} is ")), "{notice}");
    }
    let encrypted = fan_out(true);
    assert_eq!(encrypted.observed.records.len(), 3);
    assert_eq!(["x@a", "x@r", "x@s"].map(|label| encrypted.answer(label)), ["ok"; 3]);
    assert_eq!(encrypted.scenario.notices.len(), 1, "{:?}", encrypted.scenario.notices);
}

#[test]
fn field_case_11_a_single_call_into_the_own_region_is_sent() {
    let call =
        |encrypted: bool| Scene::lane(5).copy_with("x", 0, json!({ "to": "a", "encrypted": encrypted }));
    assert_eq!(call(true).run().span("x@a"), (Some(0), Some(600)));
    assert_eq!(call(false).run().answer("x@a"), "IncorrectDestinationRegion");
    let allowed = call(false).set("service.same_region_plain", "allowed").run();
    assert_eq!(allowed.span("x@a"), (Some(0), Some(600)));
    // Only what will be refused is worth a notice.
    let refused = call(false).run().scenario.notices;
    assert!(matches!(&refused[..], [notice] if notice.starts_with("x: a plain copy into")), "{refused:?}");
    for ran in [call(true).run(), allowed] {
        assert_eq!(ran.scenario.notices, Vec::<String>::new());
    }
}

/// A line under the token `T` at 0 and at 5 s, and one to another destination.
fn one_line_twice() -> Scene {
    let line = |to: &str| json!({ "image": "os", "to": to, "client_token": "T" });
    let scene = Scene::lane(1).image("os").copy_with("one", 0, line("r")).copy_with("again", 5, line("r"));
    scene.copy_with("other", 5, line("s"))
}

#[test]
fn field_case_13_a_token_makes_one_copy_of_two_calls() {
    let ran = one_line_twice().run();
    assert_eq!([ran.told("one@r"), ran.told("again@r")], ["accepted", "replayed"]);
    assert_eq!(ran.told("other@s"), "IdempotentParameterMismatch");
    let outcomes = [(Outcome::Available, 1), (Outcome::Refused, 1), (Outcome::Replayed, 1)];
    assert_eq!(ran.outcomes(), outcomes.into());
    // One slot, and nobody waits for it.
    assert_eq!(ran.levels("a"), [(0, 1, 0), (600, 0, 0)]);
}

#[test]
fn field_case_13_both_calls_are_answered_with_one_image() {
    let place = Place::new();
    place.write("case.json", one_line_twice().text());
    place.stdout("run case.json --out result");
    let trace = String::from_utf8(place.files("result")["trace.jsonl"].clone()).expect("text");
    let lines: Vec<Value> = trace.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let answer = |copy: &str| {
        let line = lines.iter().find(|line| line["copy"] == copy).expect("an answer");
        [&line["image_id"], &line["request_id"]]
    };
    assert_eq!(answer("one@r"), answer("again@r"));
    assert!(answer("one@r")[0].as_str().is_some_and(|id| id.starts_with("m-")));
    assert_eq!(answer("other@s")[0], &Value::Null);
    assert_ne!(answer("one@r")[1], answer("other@s")[1]);
}

#[test]
fn field_case_13_no_service_takes_such_a_token() {
    let faults =
        |token: &str| Scene::lane(1).copy_with("x", 0, json!({ "client_token": token })).faults().len();
    assert_eq!(
        ["t".repeat(64), "t".repeat(65), "tok\u{e9}n".to_owned()].map(|token| faults(&token)),
        [0, 1, 1]
    );
}

/// Copies of one image to `r`, from 0 and from `at`.
fn same_image_again(at: u64, first: serde_json::Value) -> Scene {
    let scene = Scene::lane(5).copy_with("a", 0, first);
    scene.copy_with("b", at, json!({ "image": "a", "name": "another" }))
}

#[test]
fn field_case_20_an_end_comes_before_a_submit_of_the_same_instant() {
    let ran = same_image_again(600, json!({})).run();
    assert_eq!((ran.answer("b@r"), ran.span("b@r")), ("ok", (Some(600), Some(1200))));
    let at_600: Vec<&str> =
        ran.trace().into_iter().filter(|(at, ..)| *at == 600).map(|(_, what, _)| what).collect();
    assert_eq!(at_600, ["completed", "accepted", "started"]);
    let early = same_image_again(599, json!({})).run();
    assert_eq!(early.answer("b@r"), "OperationDenied.ImageCopyConflict");
}

#[test]
fn field_case_20_so_do_a_failure_and_a_cancel() {
    let failing = json!({ "fail": { "after": "300s" } });
    assert_eq!(same_image_again(300, failing.clone()).run().answer("b@r"), "ok");
    let before = same_image_again(299, failing).run();
    assert_eq!(before.answer("b@r"), "OperationDenied.ImageCopyConflict");
    // The cancel stands after the submit in the file.
    assert_eq!(same_image_again(300, json!({})).cancel("x", 300, "a").run().answer("b@r"), "ok");
    let before = same_image_again(300, json!({})).cancel("x", 301, "a").run();
    assert_eq!(before.answer("b@r"), "OperationDenied.ImageCopyConflict");
}

#[test]
fn field_case_20_ends_cap_changes_and_drains_come_before_a_refusal_for_the_limit() {
    let full = Scene::lane(1).set("service.over_limit", "reject").copy("a", 0, 600);
    let second = |scene: Scene, at: u64| scene.copy("b", at, 600).run().answer("b@r");
    assert_eq!(second(full.clone(), 599), "ResourceLimitExceeded");
    assert_eq!(second(full.clone(), 600), "ok");
    let raised = full.clone().caps("a", &[(300, 2)]);
    assert_eq!([second(raised.clone(), 299), second(raised, 300)], ["ResourceLimitExceeded", "ok"]);
    let drained = full.set("service.cancel.drain", "50s").cancel("x", 100, "a");
    assert_eq!([second(drained.clone(), 149), second(drained, 150)], ["ResourceLimitExceeded", "ok"]);
}

#[test]
fn field_case_20_a_delete_comes_before_a_submit_that_takes_the_name() {
    let golden = json!({ "name": "golden-1" });
    let scene = Scene::lane(1).copy_with("a", 0, golden.clone()).copy_with("b", 700, golden);
    assert_eq!(scene.clone().delete("x", 700, "a").run().answer("b@r"), "ok");
    assert_eq!(scene.delete("x", 701, "a").run().answer("b@r"), "InvalidImageName.Duplicated");
}

/// Three copies on one slot, written in this order.
fn three(order: [&str; 3]) -> Scene {
    order.iter().fold(Scene::lane(1), |scene, id| scene.copy(id, 0, 600))
}

#[test]
fn field_case_21_a_cancel_in_the_instant_of_the_end_or_start() {
    // Whichever of the two calls and of the copies is written first.
    for [first, second, third] in [["a", "b", "c"], ["b", "a", "c"]] {
        let end = |scene: Scene| scene.cancel("end", 600, first);
        let start = |scene: Scene| scene.cancel("start", 600, second);
        for scene in [start(end(three([first, second, third]))), end(start(three([first, second, third])))] {
            let ran = scene.run();
            assert_eq!((ran.answer("end"), ran.answer("start")), ("IncorrectImageStatus", "ok"));
            assert_eq!(ran.outcome(&format!("{first}@r")), Outcome::Available);
            assert_eq!(ran.outcome(&format!("{second}@r")), Outcome::CancelledWaiting);
            assert_eq!(ran.spans(&[second, third]), [(None, Some(600)), (Some(600), Some(1200))]);
            let waited = ran.copy(&format!("{second}@r")).waited(ran.end.at);
            assert_eq!(waited.map(|waited| waited.micros()), Some(600_000_000));
            assert_eq!(ran.observed.records.len(), 3);
        }
    }
}

#[test]
fn field_case_21_a_cancel_written_before_the_copies() {
    let scene = Scene::lane(1).cancel("end", 600, "a").cancel("start", 600, "b");
    let ran = ["a", "b", "c"].iter().fold(scene, |scene, id| scene.copy(id, 0, 600)).run();
    assert_eq!((ran.answer("end"), ran.answer("start")), ("IncorrectImageStatus", "ok"));
    assert_eq!(ran.starts(&["a", "b", "c"]), [Some(0), None, Some(600)]);
}

#[test]
fn field_case_21_a_cancel_in_the_instant_of_a_failure() {
    let fails = json!({ "fail": { "after": "300s" } });
    let scene = Scene::lane(1).copy_with("a", 0, fails).copy("b", 0, 600).copy("c", 0, 600);
    let ran = scene.cancel("end", 300, "a").cancel("start", 300, "b").run();
    assert_eq!((ran.answer("end"), ran.answer("start")), ("IncorrectImageStatus", "ok"));
    assert_eq!(ran.outcome("a@r"), Outcome::Failed);
    assert_eq!(ran.starts(&["a", "b", "c"]), [Some(0), None, Some(300)]);
}

#[test]
fn field_case_21_a_cancel_in_the_instant_of_the_end_of_a_drain() {
    let drained = three(["a", "b", "c"]).set("service.cancel.drain", "50s").cancel("x", 100, "a");
    // The slot is free at 150, `b` would start then and is cancelled instead.
    let ran = drained.clone().cancel("start", 150, "b").cancel("again", 150, "a").run();
    assert_eq!((ran.answer("start"), ran.answer("again")), ("ok", "InvalidImageId.NotFound"));
    assert_eq!(ran.starts(&["a", "b", "c"]), [Some(0), None, Some(150)]);
    // A cancel of a copy that is ending in this instant starts no drain.
    let ran = three(["a", "b", "c"]).set("service.cancel.drain", "50s").cancel("x", 600, "a").run();
    assert_eq!((ran.answer("x"), ran.starts(&["b"])), ("IncorrectImageStatus", vec![Some(600)]));
}

#[test]
fn field_case_21_a_cancel_in_the_instant_of_a_raised_cap_or_of_the_submit() {
    let ran = three(["a", "b", "c"]).caps("a", &[(100, 2)]).cancel("x", 100, "b").run();
    assert_eq!(ran.starts(&["a", "b", "c"]), [Some(0), None, Some(100)]);
    // Cancels come before submits: there is no such image yet, and the copy runs.
    let ran = Scene::lane(1).copy("a", 50, 600).cancel("x", 50, "a").run();
    assert_eq!((ran.answer("x"), ran.span("a@r")), ("InvalidImageId.NotFound", (Some(50), Some(650))));
}

#[test]
fn field_case_21_a_delete_in_the_instant_of_the_end() {
    let ran = three(["a", "b", "c"]).delete("x", 600, "a").delete("y", 599, "a").run();
    assert_eq!((ran.answer("x"), ran.answer("y")), ("ok", "OperationDenied.ImageCopying"));
    assert_eq!(ran.outcome("a@r"), Outcome::Available);
}

#[test]
fn field_case_28_a_refused_call_is_neither_finished_nor_failed() {
    let golden = json!({ "name": "golden-1" });
    let scene = Scene::lane(5).copy_with("a", 0, golden.clone()).copy("b", 0, 600);
    let ran = scene.copy_with("c", 0, golden).run();
    assert_eq!(ran.outcomes(), [(Outcome::Available, 2), (Outcome::Refused, 1)].into());
    let refused = ran.copy("c@r");
    assert_eq!((refused.accepted, refused.start, refused.end), (None, None, None));
    let tally = ran.tally();
    let figures = &tally.all.figures;
    for (figure, smallest) in [
        (&figures.copy, 600),
        (&figures.total, 600),
        (&figures.lead, 600),
        (&figures.wait, 0),
        (&figures.waited, 0),
    ] {
        assert_eq!(figure.n(), 2);
        assert_eq!(figure.min().map(|min| min.micros()), Some(smallest * 1_000_000));
    }
    assert_eq!(mean_seconds(&figures.copy), Some(600));
}
