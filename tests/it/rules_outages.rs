//! Outages of regions: hand-computed times (R4.4 and what other rules say of copies that stand still).

use copysim::records::Outcome;
use serde_json::{Value, json};

use crate::scenes::{Scene, secs};
use crate::support::Ran;

/// Regions that are out in these seconds.
fn outages(spans: &[(u64, u64)], running: &str) -> Value {
    let span = |(from, to): &(u64, u64)| json!({ "from": secs(*from), "to": secs(*to), "running": running });
    spans.iter().map(span).collect::<Vec<_>>().into()
}

/// So many slots in `a`, and a region that is out for some time.
fn out(cap: u32, region: &str, spans: &[(u64, u64)]) -> Scene {
    Scene::lane(cap).set(&format!("regions.{region}.outages"), outages(spans, "pause"))
}

/// As [`out`], where running copies fail.
fn fails(cap: u32, region: &str, spans: &[(u64, u64)]) -> Scene {
    Scene::lane(cap).set(&format!("regions.{region}.outages"), outages(spans, "fail"))
}

/// A copy of 600 s to another region than `r`.
fn copy_to(scene: Scene, id: &str, at: u64, to: &str) -> Scene {
    scene.copy_with(id, at, json!({ "to": to }))
}

fn fate(ran: &Ran, label: &str) -> (Option<u64>, Outcome) {
    (ran.span(label).1, ran.outcome(label))
}

#[test]
fn r4_4_a_running_copy_stands_still_and_keeps_its_slot() {
    for region in ["a", "r"] {
        let ran = out(1, region, &[(100, 250)]).copies("c", 1..=2, 0, 600).run();
        // 100 s, a pause of 150, and 500 more; the slot is free after that.
        assert_eq!(ran.spans(&["c1", "c2"]), [(Some(0), Some(750)), (Some(750), Some(1350))], "{region}");
        assert!(ran.levels("a").iter().all(|(_, held, _)| *held <= 1));
    }
    let ran = out(1, "s", &[(100, 250)]).copy("c1", 0, 600).run();
    assert_eq!(ran.spans(&["c1"]), [(Some(0), Some(600))], "another region is out");
}

#[test]
fn r4_4_one_copy_stands_still_several_times() {
    let ran = out(1, "r", &[(100, 200), (300, 350), (350, 400)]).copy("c", 0, 600).run();
    // Pauses of 100, 50 and 50.
    assert_eq!(ran.spans(&["c"]), [(Some(0), Some(800))]);
}

#[test]
fn r4_4_outages_of_both_regions_hold_a_copy_up_from_the_first_to_the_last() {
    let end = |of_a: (u64, u64), of_r: (u64, u64)| {
        let scene = out(1, "a", &[of_a]).set("regions.r.outages", outages(&[of_r], "pause"));
        scene.copy("c", 0, 600).run().spans(&["c"])[0].1
    };
    assert_eq!(end((100, 200), (150, 300)), Some(800), "out from 100 to 300");
    assert_eq!(end((150, 300), (100, 200)), Some(800));
    assert_eq!(end((100, 300), (150, 200)), Some(800), "one within the other");
    assert_eq!(end((100, 200), (200, 300)), Some(800), "one when the other is over");
    assert_eq!(end((200, 300), (100, 200)), Some(800));
    assert_eq!(end((100, 200), (300, 400)), Some(800), "one after the other");
}

#[test]
fn r1_9_an_outage_holds_at_its_first_instant_and_no_longer_at_its_last() {
    let scene = out(9, "r", &[(100, 200)]);
    let ran =
        [99, 100, 199, 200].iter().fold(scene, |scene, at| scene.copy(&format!("c{at}"), *at, 10)).run();
    assert_eq!(ran.spans(&["c99"]), [(Some(99), Some(209))], "1 s before the outage and 9 after it");
    assert_eq!(ran.starts(&["c100", "c199", "c200"]), [Some(200); 3]);
}

#[test]
fn r1_3_a_copy_that_is_done_when_an_outage_begins_is_done() {
    for scene in [out(1, "r", &[(600, 700)]), fails(1, "r", &[(600, 700)])] {
        let ran = copy_to(scene.copy("c", 0, 600), "d", 0, "s").run();
        assert_eq!(fate(&ran, "c@r"), (Some(600), Outcome::Available));
        assert_eq!(ran.span("d@s").0, Some(600));
    }
}

#[test]
fn r4_4_running_copies_fail_where_the_scenario_says_so() {
    let scene = fails(2, "r", &[(100, 250)]).copies("c", 1..=3, 0, 600);
    let ran = copy_to(copy_to(scene, "d1", 0, "s"), "d2", 0, "s").run();
    assert_eq!([fate(&ran, "c1@r"), fate(&ran, "c2@r")], [(Some(100), Outcome::Failed); 2]);
    // Their slots are free at once, and those behind c3, which the outage touches, take them.
    assert_eq!([ran.span("d1@s"), ran.span("d2@s")], [(Some(100), Some(700)); 2]);
    assert_eq!(ran.span("c3@r"), (Some(700), Some(1300)));
}

#[test]
fn r4_4_an_outage_lets_copies_fail_that_another_one_paused() {
    let scene = out(1, "a", &[(100, 300)]).set("regions.r.outages", outages(&[(200, 250)], "fail"));
    let ran = scene.copy("c", 0, 600).run();
    assert_eq!(fate(&ran, "c@r"), (Some(200), Outcome::Failed));
}

#[test]
fn r4_4_a_touched_copy_holds_nobody_up() {
    let orders = [json!({}), json!({ "queue": "priority" }), json!({ "queue": "shortest_first" })];
    for service in orders {
        let scene = out(1, "r", &[(0, 1000)]).set("service", service.clone());
        let ran = copy_to(scene.copy("c", 0, 600), "d", 0, "s").run();
        assert_eq!(ran.span("d@s"), (Some(0), Some(600)), "{service}");
        assert_eq!(ran.span("c@r"), (Some(1000), Some(1600)), "{service}");
    }
}

#[test]
fn r4_4_a_touched_copy_holds_nobody_up_who_needs_slots_of_two_regions() {
    for blocking in [false, true] {
        let service = json!({ "cap_scope": "both", "head_of_line_blocking": blocking });
        let scene = out(3, "r", &[(0, 1000)]).set("service", service).set("regions.s.cap", 1);
        // s1 takes the slot of s, s2 waits for it and t1 is behind it in line at a; c is touched.
        let scene = copy_to(copy_to(scene.copy("c", 0, 600), "s1", 0, "s"), "s2", 0, "s");
        let ran = copy_to(scene, "t1", 0, "t").run();
        assert_eq!(ran.span("s1@s"), (Some(0), Some(600)), "blocking: {blocking}");
        assert_eq!(ran.span("s2@s").0, Some(600));
        assert_eq!(ran.span("t1@t").0, Some(if blocking { 600 } else { 0 }), "only s2 holds it up");
        assert_eq!(ran.span("c@r").0, Some(1000));
    }
}

#[test]
fn r2_4_copies_step_back_into_line_at_their_old_places() {
    let scene = out(1, "r", &[(0, 100)]).copy("c1", 0, 10);
    // d1 up to 60 and d2 up to 120, when c1 has been back in line for 20 s and d3 and c2 wait behind it.
    let at = [("d1", 0, 60), ("d2", 10, 60), ("d3", 20, 60)];
    let scene = at.iter().fold(scene, |scene, (id, at, length)| {
        scene.copy_with(id, *at, json!({ "to": "s", "duration": secs(*length) }))
    });
    let ran = scene.copy("c2", 110, 10).run();
    assert_eq!(ran.order_of_starts(), ["d1@s", "d2@s", "c1@r", "d3@s", "c2@r"]);
    assert_eq!(ran.span("c1@r"), (Some(120), Some(130)));
}

#[test]
fn r4_4_calls_are_answered_as_always() {
    // Copies that wait for the end of an outage count as waiting.
    let scene = out(1, "r", &[(0, 1000)]).set("service.max_queue", 1).copies("c", 1..=3, 0, 600);
    let ran = scene.delete("gone", 50, "c1").cancel("stop", 100, "c1").run();
    let answers = ["c1@r", "c2@r", "c3@r", "gone", "stop"].map(|label| ran.answer(label));
    assert_eq!(answers, ["ok", "ok", "ResourceLimitExceeded", "OperationDenied.ImageCopying", "ok"]);
    assert_eq!(fate(&ran, "c1@r"), (Some(100), Outcome::CancelledWaiting));
    assert_eq!(ran.span("c2@r"), (Some(1000), Some(1600)));
}

#[test]
fn r5_2_a_copy_that_stands_still_can_be_cancelled() {
    let scene = out(1, "r", &[(100, 1000)]).copy("c", 0, 600).cancel("stop", 300, "c");
    let ran = copy_to(scene, "d", 0, "s").run();
    assert_eq!(fate(&ran, "c@r"), (Some(300), Outcome::CancelledRunning));
    // A sixth of 2^30 bytes had moved, rounded down, and d has the slot at once.
    let c = ran.copy("c@r");
    assert_eq!((c.moved.0, c.percent), ((1 << 30) / 6, Some(16)));
    assert_eq!(ran.span("d@s"), (Some(300), Some(900)));
}

#[test]
fn r5_2_a_slot_drains_during_an_outage_too() {
    let scene = out(1, "r", &[(100, 1000)]).set("service.cancel.drain", "50s");
    let scene = scene.copy("c", 0, 600).cancel("stop", 300, "c");
    assert_eq!(copy_to(scene, "d", 0, "s").run().span("d@s").0, Some(350));
}

#[test]
fn r5_2_a_copy_that_stands_still_comes_no_nearer_to_the_point_of_no_return() {
    let answer = |at: u64| {
        let scene = out(1, "r", &[(100, 1000)]).set("service.cancel.point_of_no_return", 0.5);
        scene.copy("c", 0, 600).cancel("stop", at, "c").run().answer("stop")
    };
    // It has run for 300 s at 1200.
    assert_eq!([answer(999), answer(1199), answer(1200)], ["ok", "ok", "CancelNotSupported"]);
}

#[test]
fn r4_3_a_failure_after_a_running_time_waits_for_the_end_of_an_outage() {
    let ended = |fail: Value| {
        let scene = out(1, "r", &[(100, 200)]).copy_with("c", 0, json!({ "fail": fail }));
        fate(&scene.run(), "c@r")
    };
    assert_eq!(ended(json!({ "after": "300s" })), (Some(400), Outcome::Failed));
    assert_eq!(ended(json!({ "at": 0.5 })), (Some(400), Outcome::Failed));
    assert_eq!(ended(json!({ "after": "100s" })), (Some(100), Outcome::Failed), "before the outage begins");
    assert_eq!(ended(json!({ "after": "601s" })), (Some(700), Outcome::Available));
}

#[test]
fn r3_5_progress_stands_still_during_an_outage() {
    let percent_at = |horizon: u64| {
        let scene = out(1, "r", &[(150, 450)]).copy("c", 0, 600).set("horizon", secs(horizon));
        scene.run().copy("c@r").percent
    };
    // 150 of 600 s have run up to 450.
    assert_eq!([75, 150, 300, 450, 600].map(percent_at), [12, 25, 25, 25, 50].map(Some));
}

/// 1000 bytes at 10 bytes a second, with setup and finalize of 50 s each.
fn phases() -> Value {
    json!({ "image": "c", "copy_time": { "setup": "50s", "throughput": "10B/s", "finalize": "50s" } })
}

#[test]
fn r4_4_setup_transfer_and_finalize_stand_still() {
    for span in [(0, 30), (20, 50), (50, 80), (100, 130), (150, 180), (170, 200)] {
        for egress in [json!(null), json!({ "capacity": "10B/s" }), json!({ "capacity": "1GB/s" })] {
            let scene = out(1, "r", &[span]);
            let scene = if egress.is_null() { scene } else { scene.set("regions.a.egress", egress) };
            let scene = scene.set("images.c", json!({ "region": "a", "size": "1000B" }));
            let ran = scene.copy_with("c", 0, phases()).run();
            // 200 s and 30 of outage; a copy that is called during one starts when it is over.
            let start = if span.0 == 0 { 30 } else { 0 };
            assert_eq!(ran.spans(&["c"]), [(Some(start), Some(230))], "{span:?}");
        }
    }
}

#[test]
fn r4_2_a_copy_that_stands_still_leaves_its_share_to_others() {
    let scene = out(9, "r", &[(10, 20)]).set("regions.a.egress", json!({ "capacity": "60B/s" }));
    let scene = scene.set("copy_time", json!({ "setup": "0s" }));
    let image = |size: u64| json!({ "region": "a", "size": format!("{size}B") });
    let mover = |scene: Scene, id: &str, size: u64, to: &str| {
        let scene = scene.set(&format!("images.{id}"), image(size));
        scene.request("copy", json!({ "id": id, "image": id, "to": to }))
    };
    let ran = mover(mover(scene, "c", 1200, "r"), "d", 1200, "s").run();
    // 30 each up to 10, when c stands still; d has 60 up to 20, and then 30 for its last 300 bytes. Then c, with
    // 600 of its bytes left, has 60.
    assert_eq!([ran.span("c@r"), ran.span("d@s")], [(Some(0), Some(40)), (Some(0), Some(30))]);
}

#[test]
fn r4_4_a_copy_that_is_there_already_stands_still_from_the_start_of_the_run() {
    let already = json!({ "running": { "remaining": "200s" } });
    let scene = out(1, "r", &[(0, 100)]).image("old");
    let scene = scene.request(
        "copy",
        json!({ "id": "old", "image": "old", "to": "r", "duration": "600s", "already": already }),
    );
    assert_eq!(scene.run().spans(&["old"]), [(Some(0), Some(300))]);
}

#[test]
fn r8_2_clients_lose_patience_during_an_outage() {
    let outcome = |then: &str, from: u64| {
        let timeout = json!({ "after": "300s", "then": then });
        let scene = out(1, "r", &[(from, 1000)]).copy_with("c", 0, json!({ "timeout": timeout }));
        fate(&scene.run(), "c@r")
    };
    assert_eq!(outcome("cancel", 100), (Some(300), Outcome::CancelledRunning));
    assert_eq!(outcome("cancel_if_waiting", 0), (Some(300), Outcome::CancelledWaiting));
    assert_eq!(outcome("cancel_if_waiting", 100), (Some(1500), Outcome::Available));
}

#[test]
fn r1_7_outages_keep_a_run_going_only_for_copies_that_move_after_them() {
    let end = |spans: &[(u64, u64)], running: &str| {
        let scene = Scene::lane(1).set("regions.r.outages", outages(spans, running));
        scene.copy("c", 0, 600).run().end_seconds()
    };
    assert_eq!(end(&[(1000, 2000)], "pause"), 600, "nothing is left to be held up");
    assert_eq!(end(&[(1000, 2000)], "fail"), 600);
    assert_eq!(end(&[(100, 2000)], "pause"), 2500);
    assert_eq!(end(&[(100, 2000)], "fail"), 100);
    assert_eq!(end(&[(0, 2000)], "fail"), 2600, "it waits for the end of the outage");
    // Nobody can ever start here.
    let ran = Scene::lane(0).set("regions.r.outages", outages(&[(10, 20)], "pause")).copy("c", 0, 600).run();
    assert_eq!((ran.end_seconds(), ran.end.never_startable.len()), (0, 1));
}

#[test]
fn r1_7_an_outage_that_lets_a_copy_fail_keeps_a_run_going() {
    // x is held up for good at 5, and fails at 1000; 2000 is of no matter to anybody.
    let cut = json!({ "capacity": "60B/s", "capacity_changes": [{ "at": "5s", "capacity": "0B/s" }] });
    let scene = fails(1, "r", &[(1000, 2000)]).set("regions.a.egress", cut);
    let scene = scene.set("images.x", json!({ "region": "a", "size": "600B" }));
    let body = json!({ "image": "x", "copy_time": { "setup": "0s" } });
    let ran = scene.copy_with("x", 0, body).run();
    assert_eq!((fate(&ran, "x@r"), ran.end_seconds()), ((Some(1000), Outcome::Failed), 1000));
}

#[test]
fn r3_3_what_waits_for_a_copy_goes_by_when_it_is_ready() {
    let scene = |running: &str| {
        let scene = Scene::lane(5).set("regions.r.outages", outages(&[(100, 200)], running));
        scene.copy("c", 0, 600).copy_with("next", 0, json!({ "after": "c", "image": "c", "to": "s" }))
    };
    assert_eq!(scene("pause").run().span("next@s").0, Some(700));
    assert_eq!(scene("fail").run().outcome("next@s"), Outcome::Skipped);
}
