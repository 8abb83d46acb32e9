//! The rules of slots and of the life of a copy (model sections 2 to 4).

use copysim::records::Outcome;
use copysim::service::{ImageStatus, Service};
use serde_json::{Value, json};

use crate::scenes::{Scene, secs};
use crate::services::{call, copy, given, settings};
use crate::support::Ran;

#[test]
fn r2_2_the_cap_is_5_unless_something_says_otherwise() {
    let running = |scene: Scene| scene.copies("c", 1..=9, 0, 600).run().peak_inside_instants();
    let plain = Scene::lane(1).set("regions.a", json!({}));
    assert_eq!(running(plain.clone()), 5);
    assert_eq!(running(plain.clone().set("service.cap", 3)), 3);
    assert_eq!(running(plain.set("service.cap", 3).set("regions.a.cap", 7)), 7);
    assert_eq!(running(Scene::lane(0)), 0);
}

#[test]
fn r2_2_a_lower_cap_never_interrupts() {
    let ran = Scene::lane(3).copies("c", 1..=4, 0, 600).caps("a", &[(100, 0), (650, 1)]).run();
    assert_eq!(ran.spans(&["c1", "c2", "c3"]), [(Some(0), Some(600)); 3]);
    assert_eq!(ran.span("c4@r"), (Some(650), Some(1250)));
}

/// Two copies of 600 s between these regions with one slot everywhere; whether both run at once.
fn run_at_once(scope: &str, first: [&str; 2], second: [&str; 2]) -> bool {
    let one = json!({ "cap": 1 });
    let scene = Scene::lane(1).set("service.cap_scope", scope);
    let scene =
        ["a", "r", "s", "t"].iter().fold(scene, |scene, id| scene.set(&format!("regions.{id}"), one.clone()));
    let scene = [("x", first), ("y", second)].iter().fold(scene, |scene, (id, [from, to])| {
        let image = json!({ "region": from, "size": "1GiB" });
        let body = json!({ "image": id, "to": to, "encrypted": true });
        scene.set(&format!("images.{id}"), image).copy_with(id, 0, body)
    });
    scene.run().span(&format!("y@{}", second[1])).0 == Some(0)
}

#[test]
fn r2_3_whose_slots_a_copy_holds() {
    for (first, second, at_once) in [
        // Source, destination, both, pair.
        (["a", "r"], ["a", "r"], [false, false, false, false]),
        (["a", "r"], ["a", "s"], [false, true, false, true]),
        (["a", "r"], ["s", "r"], [true, false, false, true]),
        (["a", "r"], ["r", "a"], [true, true, false, true]),
        (["a", "r"], ["r", "s"], [true, true, false, true]),
        (["a", "r"], ["s", "t"], [true, true, true, true]),
        // A copy inside one region holds one slot there.
        (["a", "a"], ["r", "r"], [true, true, true, true]),
        (["a", "a"], ["a", "a"], [false, false, false, false]),
        (["a", "a"], ["a", "r"], [false, true, false, true]),
        (["a", "a"], ["r", "a"], [true, false, false, true]),
    ] {
        let scopes = ["source", "destination", "both", "pair"];
        assert_eq!(
            scopes.map(|scope| run_at_once(scope, first, second)),
            at_once,
            "{first:?} and {second:?}"
        );
    }
}

#[test]
fn r2_3_slots_are_counted_per_account_unless_shared() {
    let scene = ["one", "two"].iter().fold(Scene::lane(1), |scene, account| {
        let image = json!({ "region": "a", "size": "1GiB", "account": account });
        let scene =
            scene.set(&format!("accounts.{account}"), json!({})).set(&format!("images.{account}"), image);
        scene.copy_with(account, 0, json!({ "image": account }))
    });
    assert_eq!(scene.run().starts(&["one", "two"]), [Some(0), Some(0)]);
    let shared = scene.set("service.cap_per_account", false);
    assert_eq!(shared.run().starts(&["one", "two"]), [Some(0), Some(600)]);
}

/// Copies of a group of nine to `to` at once, where pairs have slots and `links` caps.
fn at_once_on_pair(links: Value, to: &str) -> u32 {
    let scene = Scene::lane(4).set("service.cap_scope", "pair").set("links", links);
    let scene = scene.set("images.group", json!({ "region": "a", "size": "1GiB", "count": 9 }));
    scene.copy_with("x", 0, json!({ "image": "group", "to": to })).run().peak_inside_instants()
}

#[test]
fn r2_3_the_cap_of_a_pair_is_that_of_its_link() {
    assert_eq!(at_once_on_pair(json!([]), "r"), 4);
    assert_eq!(at_once_on_pair(json!([{ "from": "a", "to": "r", "cap": 2 }]), "r"), 2);
    assert_eq!(at_once_on_pair(json!([{ "from": "a", "to": "r", "cap": 2 }]), "s"), 4);
    let wild = json!([{ "from": "*", "to": "*", "cap": 1 }, { "from": "a", "to": "*", "cap": 2 }, { "from": "a", "to": "r", "cap": 3 }]);
    assert_eq!([at_once_on_pair(wild.clone(), "r"), at_once_on_pair(wild, "s")], [3, 2]);
    // Among equally particular ones the first written counts.
    let equal = json!([{ "from": "a", "to": "*", "cap": 2 }, { "from": "*", "to": "r", "cap": 3 }]);
    assert_eq!(at_once_on_pair(equal, "r"), 2);
}

#[test]
fn r2_3_changes_of_the_source_region_leave_the_cap_of_a_link_alone() {
    let scene = Scene::lane(1).set("service.cap_scope", "pair").caps("a", &[(100, 2)]);
    let links = json!([{ "from": "a", "to": "s", "cap": 1 }]);
    let scene = scene.set("links", links).copy("a", 0, 600).copy("b", 0, 600);
    let scene = scene.copy_with("c", 0, json!({ "to": "s" })).copy_with("d", 0, json!({ "to": "s" }));
    let ran = scene.run();
    assert_eq!([ran.span("b@r").0, ran.span("d@s").0], [Some(100), Some(600)]);
}

/// Answers of `count` copies at once where this many may wait.
fn answers(scene: Scene, count: u32) -> Vec<&'static str> {
    let ran = scene.copies("c", 1..=count, 0, 600).run();
    (1..=count).map(|number| ran.answer(&format!("c{number}@r"))).collect()
}

#[test]
fn r2_5_calls_over_the_limit_are_refused() {
    const FULL: &str = "ResourceLimitExceeded";
    assert_eq!(answers(Scene::lane(1), 4), ["ok"; 4]);
    assert_eq!(answers(Scene::lane(1).set("service.over_limit", "reject"), 3), ["ok", FULL, FULL]);
    assert_eq!(answers(Scene::lane(1).set("service.max_queue", 2), 4), ["ok", "ok", "ok", FULL]);
    assert_eq!(answers(Scene::lane(0).set("service.max_queue", 1), 2), ["ok", FULL]);
    assert_eq!(answers(Scene::lane(0).set("service.over_limit", "reject"), 1), [FULL]);
    // Any of the copy's keys can be full.
    let both = Scene::lane(9).set("regions.r.cap", 1).set("service.cap_scope", "both");
    assert_eq!(answers(both.set("service.over_limit", "reject"), 2), ["ok", FULL]);
}

#[test]
fn r2_5_a_slot_freed_in_this_instant_is_free_and_a_promised_one_taken() {
    let reject = Scene::lane(1).set("service.over_limit", "reject").copy("a", 0, 600);
    let ran = reject.copy("b", 600, 600).copy("c", 600, 600).run();
    // `b` takes the freed slot; it has not started yet when `c` asks.
    assert_eq!([ran.answer("b@r"), ran.answer("c@r")], ["ok", "ResourceLimitExceeded"]);
    let queue = Scene::lane(1).set("service.max_queue", 1).copy("a", 0, 600).copy("b", 0, 600);
    let ran = queue.copy("c", 600, 600).copy("d", 600, 600).run();
    // The freed slot is promised to `b`, so only one place is left in the queue.
    assert_eq!([ran.answer("c@r"), ran.answer("d@r")], ["ok", "ResourceLimitExceeded"]);
    assert_eq!(ran.starts(&["b", "c"]), [Some(600), Some(1200)]);
}

#[test]
fn r3_1_the_status_of_a_new_image() {
    let mut service = Service::new(settings(2, 1));
    let source = service.put_image(given(0, None));
    let now = copysim::time::SimTime::ZERO;
    let mut made = Vec::new();
    for to in [0, 1, 1] {
        let mut call = call(source, to, None);
        call.parameters.encrypted = Some(true);
        // The second copy to region 1 has the conflict key of the first.
        made.extend(copy(&mut service, now, &call));
    }
    let status = |service: &Service, image| service.status(now, image);
    let [(first, image), (second, other)] = made[..] else { panic!("two copies are accepted") };
    assert_eq!(status(&service, image), Some(ImageStatus::Waiting));
    service.start(first);
    assert_eq!(
        (status(&service, image), status(&service, other)),
        (Some(ImageStatus::Creating), Some(ImageStatus::Waiting))
    );
    service.complete(first);
    service.start(second);
    service.fail(second);
    assert_eq!(
        (status(&service, image), status(&service, other)),
        (Some(ImageStatus::Available), Some(ImageStatus::CreateFailed))
    );
    let (third, cancelled) = copy(&mut service, now, &call(source, 1, None)).expect("the key is free again");
    service.commit_cancel(third);
    assert_eq!(status(&service, cancelled), None);
}

#[test]
fn r3_2_source_and_target_of_an_unfinished_copy_are_held() {
    let scene = Scene::lane(1).copy("running", 0, 600).copy("queued", 0, 600);
    let scene = ["running", "queued"].iter().fold(scene, |scene, id| {
        let scene = scene.request("delete", json!({ "id": format!("{id}-source"), "at": "1s", "image": id }));
        let use_it = json!({ "image": { "product_of": id }, "to": "s" });
        scene.delete(&format!("{id}-target"), 1, id).copy_with(&format!("{id}-use"), 1, use_it)
    });
    let ran = scene.run();
    for id in ["running", "queued"] {
        for call in ["source", "target", "use@s"] {
            assert_eq!(ran.answer(&format!("{id}-{call}")), "OperationDenied.ImageCopying", "{id}-{call}");
        }
    }
    assert_eq!(ran.count(Outcome::Available), 2);
}

#[test]
fn r3_2_they_are_free_once_it_is_finished() {
    let scene = Scene::lane(1)
        .copy("a", 0, 600)
        .request("delete", json!({ "id": "source", "at": "600s", "image": "a" }));
    let ran = scene.delete("target", 600, "a").run();
    assert_eq!([ran.answer("source"), ran.answer("target")], ["ok", "ok"]);
}

/// A wave to `r` (300 s long) and `s` (900 s, by its link), and what comes after it.
fn wave(next: Value) -> Ran {
    let scene = Scene::lane(5).image("os").set(
        "links",
        json!([
            { "from": "a", "to": "r", "copy_time": { "duration": "300s" } },
            { "from": "a", "to": "s", "copy_time": { "duration": "900s" } },
        ]),
    );
    let listed = json!({ "copy": { "id": "wave", "at": "0s", "image": "os", "to": ["r", "s"] } });
    let scene = scene.set("requests", json!([listed]));
    scene.copy_with("next", 0, next).run()
}

#[test]
fn r3_3_a_copy_waits_for_a_whole_wave_or_for_one_copy_of_it() {
    let span = |next: Value| wave(next).span("next@t");
    assert_eq!(span(json!({ "after": "wave", "image": "os", "to": "t" })), (Some(900), Some(1500)));
    assert_eq!(span(json!({ "after": "wave@r", "image": "os", "to": "t" })), (Some(300), Some(900)));
    assert_eq!(
        span(json!({ "after": ["wave@r", "wave@s"], "image": "os", "to": "t" })),
        (Some(900), Some(1500))
    );
    assert_eq!(
        span(json!({ "after": "wave@r", "image": "os", "to": "t", "delay": "10s" })),
        (Some(310), Some(910))
    );
    assert_eq!(
        span(json!({ "after": "wave@r", "image": "os", "to": "t", "at": "500s" })),
        (Some(500), Some(1100))
    );
    assert_eq!(
        span(json!({ "after": "wave@r", "image": "os", "to": "t", "at": "50s" })),
        (Some(300), Some(900))
    );
    // The delay counts from the end, not from `at`.
    let both = json!({ "after": "wave@r", "image": "os", "to": "t", "at": "305s", "delay": "10s" });
    assert_eq!(span(both), (Some(310), Some(910)));
}

#[test]
fn r3_3_without_an_image_the_product_is_copied_onward() {
    let ran = wave(json!({ "after": "wave@r", "to": "t" }));
    let next = ran.copy("next@t");
    assert_eq!(next.from.map(|from| ran.scenario.catalog.region(from)), Some("r"));
    assert_eq!((next.outcome, ran.span("next@t")), (Outcome::Available, (Some(300), Some(900))));
    let several = Scene::lane(5).image("os").copy_with("wave", 0, json!({ "image": "os", "to": ["r", "s"] }));
    assert_eq!(several.copy_with("next", 0, json!({ "after": "wave", "to": "t" })).faults().len(), 1);
}

#[test]
fn r3_3_a_planned_time_is_that_of_the_call() {
    let ran = wave(json!({ "after": "wave@r", "image": "os", "to": "t", "delay": "10s" }));
    let next = ran.copy("next@t");
    assert_eq!((next.planned, next.sent, next.accepted), (next.accepted, next.accepted, next.start));
    assert_eq!(next.planned.map(copysim::time::SimTime::micros), Some(310_000_000));
}

/// `root`, one that waits for it, and two that wait for that one.
fn tree(root: Scene) -> Ran {
    let scene = root.copy_with("child", 0, json!({ "after": "root", "image": "os", "to": "s" }));
    let scene = scene.copy_with("x", 0, json!({ "after": "child", "to": "t" }));
    scene.copy_with("y", 0, json!({ "after": ["child", "x"], "image": "os", "to": ["r", "t"] })).run()
}

#[test]
fn r3_3_a_lost_copy_takes_its_whole_tree_along() {
    let root = |body: Value| Scene::lane(5).image("os").copy_with("root", 0, body);
    let fails = root(json!({ "image": "os", "fail": { "after": "5s" } }));
    let refused = root(json!({ "image": { "literal": "m-none" }, "from": "a" }));
    let cancelled = root(json!({ "image": "os" })).cancel("c", 100, "root");
    for (scene, outcome) in
        [(fails, Outcome::Failed), (refused, Outcome::Refused), (cancelled, Outcome::CancelledRunning)]
    {
        let ran = tree(scene);
        assert_eq!(ran.outcomes(), [(outcome, 1), (Outcome::Skipped, 4)].into());
        let skipped = ran.copy("x@t");
        assert_eq!((skipped.planned, skipped.sent, skipped.calls), (None, None, 0));
    }
    let fine = tree(root(json!({ "image": "os" })));
    assert_eq!(fine.outcomes(), [(Outcome::Available, 5)].into());
}

#[test]
fn r3_3_an_arrival_can_be_waited_for() {
    let stream = json!({
        "id": "stream",
        "process": { "periodic": { "every": "100s" } },
        "count": 3,
        "copy": { "from": "a", "to": "r", "size": "1GiB", "duration": "30s" },
    });
    let scene = Scene::lane(5).request("arrivals", stream);
    let ran = scene.copy_with("next", 0, json!({ "after": "stream#2", "to": "t" })).run();
    assert_eq!(ran.span("next@t"), (Some(130), Some(730)));
}

#[test]
fn r3_3_a_circle_is_a_fault() {
    let scene = Scene::lane(5).image("os").copy_with("x", 0, json!({ "after": "y", "image": "os" }));
    let faults = scene.copy_with("y", 0, json!({ "after": "x", "image": "os" })).faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("x -> y -> x"), "{faults:?}");
}

#[test]
fn r3_5_progress() {
    let parts = json!({ "copy_time": { "setup": "100s", "throughput": "1000B/s", "finalize": "50s" } });
    let percent = |horizon: u64, body: &Value| {
        let scene = Scene::lane(1).set("images.x", json!({ "region": "a", "size": "300000B" }));
        let mut body = body.clone();
        body["image"] = "x".into();
        let ran = scene.copy_with("x", 0, body).copy("behind", 0, 600).set("horizon", secs(horizon)).run();
        [ran.copy("x@r").percent, ran.copy("behind@r").percent]
    };
    // 100 s of setup, 300 s of transfer, 50 s of finalize.
    for (horizon, expected) in
        [(0, 0), (99, 0), (100, 0), (102, 0), (103, 1), (250, 50), (399, 99), (400, 100), (449, 100)]
    {
        assert_eq!(percent(horizon, &parts), [Some(expected), Some(0)], "at {horizon}");
    }
    let given = json!({ "duration": "600s" });
    for (horizon, expected) in [(0, 0), (5, 0), (6, 1), (300, 50), (599, 99)] {
        assert_eq!(percent(horizon, &given), [Some(expected), Some(0)], "at {horizon}");
    }
}

#[test]
fn r3_5_progress_at_the_end_is_kept() {
    // 100 s of setup and 300 s of transfer: cancelled at 103 s, 3 s of 300 s are 1 %; failed at 0.999 of
    // the bytes, the percent is rounded down.
    let parts = json!({ "image": "x", "copy_time": { "setup": "100s", "throughput": "1000B/s" } });
    let with = |more: &[(&str, Value)]| {
        let mut body = parts.clone();
        more.iter().for_each(|(key, value)| body[*key] = value.clone());
        body
    };
    let scene = Scene::lane(2).set("images.x", json!({ "region": "a", "size": "300000B" }));
    let scene = scene.copy_with("stopped", 0, with(&[])).cancel("stop", 103, "stopped");
    let scene = scene.copy_with("broken", 0, with(&[("to", "s".into()), ("fail", json!({ "at": 0.999 }))]));
    let ran = scene.copy("whole", 600, 60).copies("q", 1..=2, 600, 60).cancel("late", 630, "q2").run();
    let percent = |label: &str| ran.copy(label).percent;
    assert_eq!((percent("stopped@r"), percent("broken@s")), (Some(1), Some(99)));
    assert_eq!((percent("whole@r"), ran.outcome("q2@r")), (Some(100), Outcome::CancelledWaiting));
    assert_eq!(percent("q2@r"), None, "it never started");
}

#[test]
fn r4_1_the_most_particular_copy_time_wins() {
    let length = |levels: usize| {
        // From the top down to the request, each with a duration of its own.
        let places = ["copy_time", "regions.a.copy_time", "links", "images.x.copy_time"];
        let scene = Scene::lane(1).set("images.x", json!({ "region": "a", "size": "27GiB" }));
        let scene = (0..levels.min(4)).fold(scene, |scene, level| {
            let time = json!({ "duration": secs(level as u64 + 1) });
            let is_links = places[level] == "links";
            scene.set(
                places[level],
                if is_links { json!([{ "from": "a", "to": "*", "copy_time": time }]) } else { time },
            )
        });
        let mut call = json!({ "id": "x", "image": "x", "to": "r" });
        if levels == 5 {
            call["copy_time"] = json!({ "duration": "5s" });
        }
        let ran = scene.request("copy", call).run();
        ran.end.at.micros()
    };
    // 5 minutes and 27 GiB at 15 MiB/s.
    assert_eq!(length(0), 2_143_200_000);
    assert_eq!([1, 2, 3, 4, 5].map(length), [1, 2, 3, 4, 5].map(|seconds| seconds * 1_000_000));
}

#[test]
fn r4_3_failures() {
    let run = |fail: Value| Scene::lane(1).copy_with("a", 0, json!({ "fail": fail })).copy("b", 0, 600).run();
    for (fail, outcome, end) in [
        (json!({ "after": "300s" }), Outcome::Failed, 300),
        (json!({ "after": "0s" }), Outcome::Failed, 0),
        (json!({ "at": 0.25 }), Outcome::Failed, 150),
        (json!({ "after": "600s" }), Outcome::Failed, 600),
        (json!({ "after": "601s" }), Outcome::Available, 600),
    ] {
        let ran = run(fail.clone());
        assert_eq!((ran.outcome("a@r"), ran.span("a@r").1), (outcome, Some(end)), "{fail}");
        // The slot is free at once.
        assert_eq!(ran.span("b@r").0, Some(end), "{fail}");
    }
}
