//! The order of the queue, and who holds up whom (R2.4).

use copysim::records::Outcome;
use copysim::time::SimDuration;
use serde_json::{Value, json};

use crate::scenes::Scene;
use crate::support::Ran;

/// One slot from `a`, held by `busy` for the first 100 s.
fn busy(queue: &str) -> Scene {
    Scene::lane(1).set("service", json!({ "queue": queue })).copy("busy", 0, 100)
}

/// A copy of 100 s with this priority.
fn urgent(scene: Scene, id: &str, at: u64, priority: i32) -> Scene {
    scene.copy_with(id, at, json!({ "duration": "100s", "priority": priority }))
}

/// A copy of 100 s of an image of this size.
fn sized(scene: Scene, id: &str, at: u64, size: Option<&str>) -> Scene {
    let image = match size {
        Some(size) => json!({ "region": "a", "size": size }),
        None => json!({ "region": "a" }),
    };
    scene.set(&format!("images.{id}"), image).copy_with(id, at, json!({ "image": id, "duration": "100s" }))
}

/// The ids of copies to `r` in the order of their starts.
fn order(ran: &Ran) -> Vec<String> {
    ran.order_of_starts().iter().map(|label| label.trim_end_matches("@r").to_owned()).collect()
}

#[test]
fn r2_4_fifo_heeds_neither_priority_nor_size() {
    for scene in [busy("fifo"), Scene::lane(1).copy("busy", 0, 100)] {
        let scene = sized(urgent(scene, "low", 1, 9), "large", 2, Some("9GiB"));
        let scene = sized(urgent(scene, "high", 3, -9), "small", 4, Some("1B"));
        assert_eq!(order(&scene.run()), ["busy", "low", "large", "high", "small"]);
    }
}

#[test]
fn r2_4_the_smallest_priority_first_and_ties_by_acceptance() {
    let scene = urgent(urgent(busy("priority"), "five", 1, 5), "high", 2, -1);
    let scene = urgent(scene.copy("unsaid", 3, 100), "zero", 4, 0);
    let scene = urgent(urgent(scene, "five-again", 5, 5), "last", 6, i32::MAX);
    let scene = urgent(urgent(scene, "first", 7, i32::MIN), "high-again", 8, -1);
    let started = order(&scene.run());
    assert_eq!(
        started,
        ["busy", "first", "high", "high-again", "unsaid", "zero", "five", "five-again", "last"]
    );
}

#[test]
fn r2_4_the_smallest_image_first_and_ties_by_acceptance() {
    let sizes =
        [("large", Some("40GiB")), ("small", Some("1GiB")), ("unsaid", None), ("small-again", Some("1GiB"))];
    let scene =
        (1..).zip(sizes).fold(busy("shortest_first"), |scene, (at, (id, size))| sized(scene, id, at, size));
    let scene = sized(sized(scene, "unsaid-again", 5, None), "huge", 6, Some("100GiB"));
    assert_eq!(
        order(&scene.run()),
        ["busy", "small", "small-again", "large", "huge", "unsaid", "unsaid-again"]
    );
}

#[test]
fn r2_4_a_copy_of_a_product_has_the_size_of_its_image() {
    let scene =
        sized(Scene::lane(5).set("service", json!({ "queue": "shortest_first" })), "x", 0, Some("9GiB"));
    let scene = scene.set("regions.r.cap", 1);
    let scene = scene.set("images.b", json!({ "region": "r", "size": "1GiB" }));
    let scene = scene.set("images.c", json!({ "region": "r", "size": "5GiB" }));
    let onward = |image: Value| json!({ "image": image, "to": "s", "duration": "100s" });
    let scene = scene.copy_with("b", 99, onward("b".into()));
    let scene = scene.copy_with("y", 150, onward(json!({ "product_of": "x" })));
    let ran = scene.copy_with("c", 151, onward("c".into())).run();
    assert_eq!(ran.order_of_starts(), ["x@r", "b@s", "c@s", "y@s"]);
}

#[test]
fn r2_4_running_copies_are_never_interrupted() {
    let ran = urgent(urgent(busy("priority"), "low", 0, 1), "high", 150, -1).run();
    // `low` runs from 100 to 200 whatever waits.
    assert_eq!(
        ran.spans(&["busy", "low", "high"]),
        [(Some(0), Some(100)), (Some(100), Some(200)), (Some(200), Some(300))]
    );
}

#[test]
fn r2_4_all_calls_of_an_instant_are_in_the_queue_before_it_is_read() {
    let scene = Scene::lane(2).set("service", json!({ "queue": "priority" }));
    let scene = [("a", 3), ("b", 1), ("c", 2), ("d", 1)]
        .into_iter()
        .fold(scene, |scene, (id, priority)| urgent(scene, id, 0, priority));
    assert_eq!(order(&scene.run()), ["b", "d", "c", "a"]);
}

#[test]
fn r2_4_slots_that_a_higher_cap_adds_go_to_the_first_in_queue_order() {
    let scene = Scene::lane(0)
        .set("service", json!({ "queue": "priority" }))
        .caps("a", &[(50, 2), (60, 0), (400, 1)]);
    let scene = [("a", 3), ("b", 1), ("c", 2), ("d", 0)]
        .into_iter()
        .fold(scene, |scene, (id, priority)| urgent(scene, id, 0, priority));
    let ran = scene.run();
    assert_eq!(ran.starts(&["d", "b", "c", "a"]), [Some(50), Some(50), Some(400), Some(500)]);
    // The lower cap interrupts nothing.
    assert_eq!(ran.spans(&["d", "b"]), [(Some(50), Some(150)); 2]);
}

#[test]
fn r2_4_when_the_first_is_cancelled_the_next_one_is_first() {
    let scene = urgent(urgent(urgent(busy("priority"), "low", 1, 2), "high", 2, 0), "middle", 3, 1);
    let ran = scene.cancel("stop", 50, "high").run();
    assert_eq!(
        (order(&ran), ran.outcome("high@r")),
        (["busy", "middle", "low"].map(String::from).into(), Outcome::CancelledWaiting)
    );
    // In the instant of its start too (R1.6), and when it went ahead of one that was first before.
    let scene = urgent(urgent(busy("priority"), "low", 1, 2), "high", 2, 0).cancel("stop", 100, "high");
    assert_eq!(order(&scene.run()), ["busy", "low"]);
    let scene = urgent(urgent(urgent(busy("priority"), "low", 1, 2), "high", 2, 0), "higher", 3, -1);
    let scene = scene.cancel("stop", 4, "higher").cancel("stop-too", 5, "low");
    assert_eq!(order(&urgent(scene, "lower", 6, 3).run()), ["busy", "high", "lower"]);
}

#[test]
fn r2_4_copies_of_before_the_run_are_in_the_queue_order_too() {
    let before =
        |state: Value, priority: i32| json!({ "duration": "100s", "priority": priority, "already": state });
    let scene = Scene::lane(1).set("service", json!({ "queue": "priority" }));
    let scene =
        [("low", "queued".into(), 2), ("high", "queued".into(), 1), ("runs", json!({ "running": {} }), 3)]
            .into_iter()
            .fold(scene, |scene, (id, state, priority)| {
                let mut body = before(state, priority);
                (body["image"], body["to"], body["id"]) = (id.into(), "r".into(), id.into());
                scene.image(id).request("copy", body)
            });
    let ran = urgent(scene, "new", 50, 0).run();
    assert_eq!(order(&ran), ["new", "high", "low"]);
    assert_eq!(ran.span("runs@r"), (Some(0), Some(100)));
}

#[test]
fn r7_3_the_priority_is_no_parameter_of_the_call() {
    let call = |priority: i32| json!({ "image": "web", "client_token": "t", "priority": priority });
    let scene = Scene::lane(1).set("service", json!({ "queue": "priority" })).image("web");
    let ran = scene.copy_with("first", 0, call(1)).copy_with("again", 1, call(2)).run();
    assert_eq!(ran.outcome("again@r"), Outcome::Replayed);
}

#[test]
fn r2_4_rows_of_a_trace_have_priorities() {
    let csv = "id,at,image,priority\nbusy,0s,w,\nlow,1s,x,3\nhigh,2s,y,-1\nunsaid,3s,z,\n";
    let images = ["w", "x", "y", "z"];
    let scene = images.iter().fold(Scene::lane(1), |scene, image| scene.image(image));
    let trace =
        |priority: i32| scene.clone().trace(json!({ "to": "r", "duration": "100s", "priority": priority }));
    let queue = |scene: Scene| scene.set("service", json!({ "queue": "priority" }));
    let ran = queue(trace(2)).run_trace(csv);
    assert_eq!(ran.order_of_starts(), ["busy", "high", "unsaid", "low"].map(|id| format!("t#{id}@r")));
    assert!(ran.scenario.notices.is_empty());
    let ran = queue(trace(4)).run_trace(csv);
    assert_eq!(ran.order_of_starts(), ["busy", "high", "low", "unsaid"].map(|id| format!("t#{id}@r")));
    // A notice where they count for nothing, whether the rows have them or the entry.
    let plain = scene.clone().trace(json!({ "to": "r", "duration": "100s" }));
    let without = "id,at,image\nbusy,0s,w\n";
    assert_eq!(plain.run_trace(csv).scenario.notices.len(), 1);
    assert_eq!(trace(1).run_trace(without).scenario.notices.len(), 1);
    assert!(plain.run_trace(without).scenario.notices.is_empty());
}

/// Two slots of `a` and one of `r`, each copy holding both its regions', for whom something may be held up.
fn both(blocking: bool) -> Scene {
    let service = json!({ "cap_scope": "both", "queue": "priority", "head_of_line_blocking": blocking });
    Scene::lane(2).set("service", service).set("regions.r.cap", 1)
}

/// A copy of 100 s between two regions.
fn between(scene: Scene, id: &str, at: u64, [from, to]: [&str; 2], priority: i32) -> Scene {
    let image = json!({ "region": from, "size": "1GiB" });
    let body = json!({ "image": id, "to": to, "duration": "100s", "priority": priority });
    scene.set(&format!("images.{id}"), image).copy_with(id, at, body)
}

#[test]
fn r2_4_a_copy_behind_one_that_cannot_start_goes_ahead_unless_it_is_held_up() {
    let starts = |blocking: bool| {
        let scene = between(both(blocking), "first", 0, ["a", "r"], 0);
        let scene = between(scene, "stuck", 0, ["a", "r"], 0);
        let scene = between(scene, "behind", 0, ["a", "s"], 0);
        // Held up by one that is held up itself.
        let scene = between(scene, "behind-that", 0, ["t", "s"], 0);
        let ran = between(scene, "apart", 0, ["t", "a"], 0).run();
        ["first@r", "stuck@r", "behind@s", "behind-that@s", "apart@a"].map(|label| ran.span(label).0)
    };
    // `apart` finds both slots of `a` held until 100.
    assert_eq!(starts(false), [Some(0), Some(100), Some(0), Some(0), Some(100)]);
    // At 100 `stuck` and `behind` take the slots of `a`, which are free again at 200.
    assert_eq!(starts(true), [Some(0), Some(100), Some(100), Some(100), Some(200)]);
}

#[test]
fn r2_4_whoever_goes_ahead_of_all_holds_them_up() {
    let ran = |blocking: bool, cancel: bool| {
        let scene = between(both(blocking), "first", 0, ["a", "r"], 0);
        let scene = between(scene, "urgent", 10, ["a", "r"], -1);
        let scene = between(scene, "behind", 20, ["a", "s"], 0);
        let scene = if cancel { scene.cancel("stop", 50, "urgent") } else { scene };
        scene.run().span("behind@s").0
    };
    assert_eq!([ran(false, false), ran(true, false), ran(true, true)], [Some(20), Some(100), Some(50)]);
    // One with a slot of its own isn't held up by those that come after it.
    let scene = between(both(true), "first", 0, ["a", "r"], 0);
    let scene = between(scene, "later", 10, ["a", "r"], 5);
    assert_eq!(between(scene, "ahead", 20, ["a", "s"], 4).run().span("ahead@s").0, Some(20));
}

#[test]
fn r2_4_one_that_waits_for_a_higher_cap_holds_up_the_others_until_then() {
    let starts = |blocking: bool| {
        let scene = both(blocking).set("regions.r.cap", 0).caps("r", &[(70, 1)]);
        let scene = between(scene, "stuck", 0, ["a", "r"], 0);
        let ran = between(scene, "behind", 5, ["a", "s"], 0).run();
        [ran.span("stuck@r").0, ran.span("behind@s").0]
    };
    assert_eq!([starts(false), starts(true)], [[Some(70), Some(5)], [Some(70), Some(70)]]);
}

#[test]
fn r1_7_copies_held_up_for_good_can_never_start() {
    for (blocking, never) in [(false, 1), (true, 2)] {
        let scene = between(both(blocking).set("regions.r.cap", 0), "stuck", 0, ["a", "r"], 0);
        let ran = between(scene, "behind", 5, ["a", "s"], 0).run();
        assert_eq!(ran.end.never_startable.len(), never);
        assert_eq!(ran.count(Outcome::Waiting), never as u64);
    }
}

#[test]
fn r2_4_with_one_key_nobody_is_held_up_by_another_line() {
    for scope in ["source", "destination", "pair"] {
        for blocking in [false, true] {
            let service = json!({ "cap_scope": scope, "head_of_line_blocking": blocking });
            let scene = Scene::lane(1).set("service", service).set("regions.r.cap", 1);
            let scene = between(between(scene, "first", 0, ["a", "r"], 0), "stuck", 0, ["a", "r"], 0);
            let scene = between(between(scene, "other", 0, ["a", "s"], 0), "apart", 0, ["t", "s"], 0);
            let ran = scene.run();
            let starts = ["first@r", "stuck@r", "other@s", "apart@s"].map(|label| ran.span(label).0);
            let other = if scope == "source" { 200 } else { 0 };
            assert_eq!(starts, [Some(0), Some(100), Some(other), Some(0)], "{scope} {blocking}");
        }
    }
}

#[test]
fn r2_4_one_that_is_overtaken_waits_on() {
    let ran = urgent(urgent(busy("priority"), "low", 10, 1), "high", 90, 0).run();
    let wait = |id: &str| ran.copy(&format!("{id}@r")).wait();
    assert_eq!(["low", "high"].map(wait), [190, 10].map(|waited| Some(SimDuration::from_seconds(waited))));
    // Slots held and copies waiting.
    assert_eq!(ran.levels("a"), [(0, 1, 0), (10, 1, 1), (90, 1, 2), (100, 1, 1), (200, 1, 0), (300, 0, 0)]);
}
