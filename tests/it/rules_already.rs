//! Copies that were accepted before the run begins, and what figures make of them (model R1.3, R1.5, R2,
//! R9.4).

use copysim::records::{CopyRecord, Outcome};
use copysim::scenario::Scenario;
use serde_json::{Value, json};

use crate::scenes::Scene;
use crate::support::Ran;

/// A copy of `length` seconds of an image of its own to `r` that is there at the start.
fn already(scene: Scene, id: &str, length: u64, state: Value) -> Scene {
    already_with(scene, id, length, state, json!({}))
}

fn already_with(scene: Scene, id: &str, length: u64, state: Value, body: Value) -> Scene {
    let mut call = json!({
        "id": id, "image": id, "to": "r", "duration": format!("{length}s"), "already": state,
    });
    for (key, value) in body.as_object().expect("the body is an object") {
        call[key] = value.clone();
    }
    scene.image(id).request("copy", call)
}

fn running(remaining: u64) -> Value {
    json!({ "running": { "remaining": format!("{remaining}s") } })
}

/// The only fault: its message, its help, and the text that it points at.
fn fault(scene: &Scene) -> (String, String, String) {
    let text = scene.text();
    let error = Scenario::read("test.json", text.clone().into_bytes(), &[]).expect_err("it can't begin so");
    let [fault] = error.diagnostics.as_slice() else { panic!("{:?}", error.diagnostics) };
    let span = fault.span.expect("it has a place");
    (fault.message.clone(), fault.help.clone().unwrap_or_default(), text[span.start..span.end].to_owned())
}

#[test]
fn r2_1_running_copies_hold_slots_and_queued_ones_come_before_all_calls() {
    // In the file the queued ones stand first.
    let scene = already(Scene::lane(2), "q1", 100, json!("queued"));
    let scene = already(scene, "q2", 100, json!("queued"));
    let scene = already(scene.copy("new", 0, 100), "r1", 600, running(30));
    let ran = already(scene, "r2", 50, json!({ "running": {} })).run();
    // r1 has 30 s left and r2 its whole length; the queue goes on with q1, q2 and the new one.
    assert_eq!(ran.spans(&["r1", "r2"]), [(Some(0), Some(30)), (Some(0), Some(50))]);
    assert_eq!(ran.starts(&["q1", "q2", "new"]), [Some(30), Some(50), Some(130)]);
    let at_zero: Vec<(&str, String)> =
        ran.trace().into_iter().take(5).map(|(_, what, label)| (what, label)).collect();
    let expected = [
        ("already running", "r1@r"),
        ("already running", "r2@r"),
        ("already queued", "q1@r"),
        ("already queued", "q2@r"),
        ("accepted", "new@r"),
    ];
    assert_eq!(at_zero, expected.map(|(what, label)| (what, label.to_owned())));
    assert_eq!(ran.levels("a")[0], (0, 2, 3));
}

#[test]
fn r1_5_queued_copies_start_in_the_pass_of_the_first_instant() {
    let scene = already(Scene::lane(2), "q1", 100, json!("queued"));
    let ran = already(scene.copy("new", 0, 100), "q2", 100, json!("queued")).run();
    assert_eq!(ran.starts(&["q1", "q2", "new"]), [Some(0), Some(0), Some(100)]);
}

#[test]
fn r1_3_they_are_there_before_anything_of_the_first_instant() {
    let scene = already(Scene::lane(1), "run", 600, running(100));
    let scene = already(scene, "queue", 50, json!("queued"));
    // A cancel of the first instant finds both.
    let ran = scene.clone().cancel("x", 0, "run").cancel("y", 0, "queue").run();
    assert_eq!(ran.outcome("run@r"), Outcome::CancelledRunning);
    assert_eq!(ran.outcome("queue@r"), Outcome::CancelledWaiting);
    // A cap that is 0 from the first instant on interrupts nothing and starts nothing (R2.2).
    let ran = scene.caps("a", &[(0, 0), (300, 1)]).run();
    assert_eq!(ran.spans(&["run", "queue"]), [(Some(0), Some(100)), (Some(300), Some(350))]);
}

#[test]
fn r3_5_progress_and_bytes_count_what_was_before() {
    // 1000 bytes at 100 bytes/s after 5 s and before 5 s: with 12 s left it has run for 8 s, 3 of them moving.
    let time = json!({ "setup": "5s", "throughput": "100B/s", "finalize": "5s" });
    let lane = || Scene::lane(1).set("images.a", json!({ "region": "a", "size": "1000B" }));
    let call = json!({ "id": "a", "image": "a", "to": "r", "copy_time": time, "already": running(12) });
    let scene = lane().request("copy", call.clone());
    let ran = scene.run();
    assert_eq!((ran.span("a@r"), ran.copy("a@r").moved.0), ((Some(0), Some(12)), 700));
    let ran = scene.clone().cancel("x", 2, "a").run();
    let cancelled = ran.copy("a@r");
    assert_eq!((cancelled.moved.0, cancelled.percent), (200, Some(50)));
    // Half of it is reached after 10 s, so after 2 s of the run (R5.2).
    let point = scene.clone().set("service.cancel.point_of_no_return", 0.5);
    assert_eq!(point.clone().cancel("x", 1, "a").run().answer("x"), "ok");
    assert_eq!(point.cancel("x", 2, "a").run().answer("x"), "CancelNotSupported");
    // It fails after 9 s of its life (R4.3).
    let mut failing = call;
    failing["fail"] = json!({ "after": "9s" });
    let failing = lane().request("copy", failing).run();
    assert_eq!((failing.span("a@r"), failing.copy("a@r").moved.0), ((Some(0), Some(1)), 100));
}

#[test]
fn a_copy_with_nothing_left_ends_in_the_first_instant() {
    let scene = already(Scene::lane(1), "done", 600, running(0)).copy("next", 0, 50);
    let scene = scene.copy_with("relay", 0, json!({ "after": "done", "from": "r", "to": "s" }));
    let ran = scene.set("regions.r.cap", 1).run();
    assert_eq!(ran.span("done@r"), (Some(0), Some(0)));
    assert_eq!((ran.starts(&["next"]), ran.span("relay@s").0), (vec![Some(0)], Some(0)));
}

#[test]
fn everything_else_of_a_copy_works_with_them() {
    let scene = Scene::lane(3).set("images.web", json!({ "region": "a", "size": "1GiB", "count": 2 }));
    let scene = scene.request(
        "copy",
        json!({ "id": "fleet", "image": "web", "to": ["r", "s"], "name": "{image}", "duration": "100s",
                "already": "queued", "retention": "50s" }),
    );
    let scene = scene.copy_with("taken", 0, json!({ "name": "web-1" }));
    let scene = scene.copy_with("on", 0, json!({ "after": "fleet:web-2@s", "from": "s", "to": "t" }));
    let ran = scene.copy_with("free", 150, json!({ "name": "web-1" })).run();
    assert_eq!(ran.span("fleet:web-2@s"), (Some(100), Some(200)));
    assert_eq!(ran.answer("taken@r"), "InvalidImageName.Duplicated");
    assert_eq!((ran.span("on@t").0, ran.answer("free@r")), (Some(200), "ok"));
}

#[test]
fn r6_3_calls_of_before_lock_nothing() {
    let scene = Scene::lane(9).set("service.request_lock", "60s").image("os");
    let out = json!({ "id": "out", "image": "os", "to": ["r", "s"], "duration": "9s", "already": "queued" });
    let ran = scene.request("copy", out).copy_with("call", 0, json!({ "image": "os", "to": "t" })).run();
    assert_eq!(ran.answer("call@t"), "ok");
}

#[test]
fn r9_4_figures_leave_them_out_but_slots_are_held() {
    let scene = already(Scene::lane(1), "run", 600, running(100));
    let ran = already(scene, "queue", 100, json!("queued")).copy("new", 0, 100).run();
    let tally = ran.tally();
    assert_eq!(tally.all.outcomes.total(), 1);
    assert_eq!(tally.all.figures.wait.max().map(|wait| wait.micros()), Some(200_000_000));
    // One slot is held for all of the 300 s, two copies wait for 100 s and one for 100 s.
    let slot = tally.slots.iter().find(|slot| slot.held.area() > 0).expect("slots of `a`");
    assert_eq!((slot.held.area(), slot.waiting.area()), (300_000_000, 300_000_000));
    assert_eq!((slot.held.peak(), slot.waiting.peak()), (1, 2));
    let row: &CopyRecord = ran.copy("queue@r");
    assert_eq!((row.planned, row.sent, row.calls), (None, None, 0));
    assert_eq!(row.accepted.map(|at| at.micros()), Some(0));
    assert!(row.was_already_there() && !ran.copy("new@r").was_already_there());
    // Bytes of before and of those copies are no traffic of what is counted.
    assert_eq!(tally.traffic.values().map(|traffic| traffic.moved).sum::<u128>(), 1 << 30);
}

#[test]
fn r1_7_a_queued_copy_that_can_never_start_is_named() {
    let ran: Ran = already(Scene::lane(0), "q", 100, json!("queued")).run();
    assert_eq!((ran.outcome("q@r"), ran.end.never_startable.len()), (Outcome::Waiting, 1));
}

/// Three copies that run at the start: two of `x` from `a` to `r`, one of `y` from `a` to `s`.
fn three_running(scope: &str, per_account: bool) -> Scene {
    let scene = Scene::lane(9).set("accounts", json!({ "x": {}, "y": {} }));
    let scene = scene.set("service", json!({ "cap_scope": scope, "cap_per_account": per_account }));
    let of = |scene: Scene, id: &str, account: &str, to: &str| {
        let scene = already_with(scene, id, 60, running(5), json!({ "to": to }));
        scene.set(&format!("images.{id}.account"), account)
    };
    of(of(of(scene, "one", "x", "r"), "two", "x", "r"), "three", "y", "s")
}

#[test]
fn r2_3_more_running_than_slots_is_a_fault_that_names_the_key() {
    // Scope, per account, the cap that is too low by one, the key, and how many would run there.
    let of_a = ("regions.a.cap", "a");
    for (scope, per_account, (path, place), running) in [
        ("source", false, of_a, 3),
        ("source", true, of_a, 2),
        ("both", false, of_a, 3),
        ("both", true, ("regions.r.cap", "r"), 2),
        ("destination", true, ("regions.r.cap", "r"), 2),
        ("pair", false, ("regions.a.cap", "a>r"), 2),
        ("pair", true, ("regions.a.cap", "a>r"), 2),
    ] {
        let scene = three_running(scope, per_account);
        assert_eq!(scene.clone().set(path, running).faults(), Vec::<String>::new(), "{scope} {per_account}");
        let key = if per_account { format!("x/{place}") } else { place.to_owned() };
        let (message, help, at) = fault(&scene.set(path, running - 1));
        let slots = if running == 2 { "1 slot" } else { "2 slots" };
        let expected = format!("{running} copies can't run when the run begins: {key} has {slots}");
        assert_eq!(message, expected, "{scope} {per_account}");
        assert!(help.contains("queued"), "{help}");
        assert_eq!(at, running_text());
    }
}

fn running_text() -> String {
    running(5).to_string()
}

#[test]
fn r2_5_a_full_queue_cant_hold_more_at_the_start() {
    let scene = Scene::lane(1).set("service.max_queue", 1);
    let full = already(already(scene, "run", 60, running(5)), "first", 60, json!("queued"));
    assert_eq!(full.faults(), Vec::<String>::new());
    let (message, help, at) = fault(&already(full, "second", 60, json!("queued")));
    assert_eq!(
        message,
        "`second@r` can't be there: the service would have refused it with ResourceLimitExceeded"
    );
    assert!(help.contains("at a up to 1 copies may run and 1 wait"), "{help}");
    assert_eq!(at, "\"queued\"");
    // A cap that is too low is told as such where nothing may wait.
    let reject = Scene::lane(1).set("service.over_limit", "reject");
    let reject = already(already(reject, "run", 60, running(5)), "more", 60, running(5));
    assert_eq!(fault(&reject).0, "2 copies can't run when the run begins: a has 1 slot");
}

#[test]
fn r7_1_what_the_service_would_refuse_cant_be_there() {
    let named = |name: &str| json!({ "name": name });
    let scene = already_with(Scene::lane(9), "one", 60, json!("queued"), named("golden"));
    let (message, help, _) = fault(&already_with(scene.clone(), "two", 60, json!("queued"), named("golden")));
    assert!(message.contains("`two@r`") && message.contains("InvalidImageName.Duplicated"), "{message}");
    assert!(help.contains("`golden`"), "{help}");
    // The running one is accepted first, wherever it stands.
    let same = already_with(scene.clone(), "two", 60, running(5), named("golden"));
    assert!(fault(&same).0.contains("`one@r`"));
    let conflict = already_with(scene.clone(), "two", 60, running(5), json!({ "image": "one" }));
    let (message, help, _) = fault(&conflict);
    assert!(message.contains("`one@r`") && message.contains("ImageCopyConflict"), "{message}");
    assert!(help.contains("being copied by two@r"), "{help}");
    let of_product = json!({ "image": { "product_of": "one" }, "to": "s" });
    assert!(fault(&already_with(scene, "two", 60, json!("queued"), of_product)).0.contains("ImageCopying"));
}
