//! Transfers that share links: hand-computed times (model section 4).

use copysim::records::Outcome;
use copysim::simulation::RunError;
use serde_json::{Value, json};

use crate::scenes::{Scene, secs};
use crate::support::{Ran, try_run};

/// What is wide enough for anything here, in bytes per second.
const WIDE: u64 = 1_000_000;

/// A hundred slots in `a` and everywhere else, and no setup.
fn scene() -> Scene {
    let plain = json!({ "setup": "0s", "throughput": bytes(WIDE) + "/s" });
    let scene = Scene::lane(100).set("copy_time", plain);
    scene.set("service", json!({ "conflict_key": "off", "same_region_plain": "allowed" }))
}

fn bytes(bytes: u64) -> String {
    format!("{bytes}B")
}

fn rate(rate: u64) -> String {
    format!("{rate}B/s")
}

/// A link of this capacity, which changes at these seconds.
fn link(capacity: u64, changes: &[(u64, u64)]) -> Value {
    let change = |(at, to): &(u64, u64)| json!({ "at": secs(*at), "capacity": rate(*to) });
    json!({ "capacity": rate(capacity), "capacity_changes": changes.iter().map(change).collect::<Vec<_>>() })
}

/// A time in which transfers of a region are slow.
fn slow(from: u64, to: u64, throughput: f64) -> Value {
    json!({ "from": secs(from), "to": secs(to), "throughput": throughput })
}

/// A copy of so many bytes between two regions, but for what `body` says.
fn mover(scene: Scene, id: &str, at: u64, [from, to]: [&str; 2], size: u64, body: Value) -> Scene {
    let image = json!({ "region": from, "size": bytes(size) });
    let mut call = json!({ "id": id, "at": secs(at), "image": id, "to": to });
    for (key, value) in body.as_object().expect("the body is an object") {
        call[key] = value.clone();
    }
    if call.get("already").is_some() {
        call.as_object_mut().expect("it is an object").remove("at");
    }
    scene.set(&format!("images.{id}"), image).request("copy", call)
}

/// A copy from `a` to `r`.
fn a_to_r(scene: Scene, id: &str, at: u64, size: u64) -> Scene {
    mover(scene, id, at, ["a", "r"], size, json!({}))
}

/// With this throughput of its own.
fn at_most(throughput: u64) -> Value {
    json!({ "copy_time": { "throughput": rate(throughput) } })
}

fn end(ran: &Ran, label: &str) -> Option<u64> {
    ran.span(label).1
}

#[test]
fn r4_2_copies_share_the_egress_of_their_source() {
    let scene = scene().set("regions.a.egress", link(60, &[]));
    let scene = mover(scene, "x", 0, ["a", "r"], 600, json!({}));
    let ran = mover(scene, "y", 5, ["a", "s"], 600, json!({})).run();
    // x has 60 for 5 s, and 300 left; then both have 30 for 10 s, and y has 300 left for 60.
    assert_eq!([end(&ran, "x@r"), end(&ran, "y@s")], [Some(15), Some(20)]);
}

#[test]
fn r4_2_copies_share_the_ingress_of_their_destination() {
    let scene = scene().set("regions.r.ingress", link(60, &[])).set("regions.s.egress", link(20, &[]));
    let scene = mover(scene, "x", 0, ["a", "r"], 600, json!({}));
    let ran = mover(scene, "y", 0, ["s", "r"], 600, json!({})).run();
    // 20 is all that s sends, and x has the other 40.
    assert_eq!([end(&ran, "x@r"), end(&ran, "y@r")], [Some(15), Some(30)]);
}

#[test]
fn r4_2_each_pair_has_its_own_link_and_a_cable_is_one_for_all() {
    let pairs = [("x", "r"), ("y", "r"), ("z", "s")];
    let ends = |links: Value| {
        let scene = pairs.iter().fold(scene().set("links", links), |scene, (id, to)| {
            mover(scene, id, 0, ["a", to], 600, json!({}))
        });
        let ran = scene.run();
        pairs.map(|(id, to)| end(&ran, &format!("{id}@{to}")))
    };
    // 60 for each pair: x and y have 30, z has 60.
    let each = json!([{ "from": "a", "to": "*", "capacity": "60B/s" }]);
    assert_eq!(ends(each), [Some(20), Some(20), Some(10)]);
    // 60 for all three of them: 20 each.
    let cable = json!([{ "from": "a", "to": "*", "shared": { "capacity": "60B/s" } }]);
    assert_eq!(ends(cable), [Some(30), Some(30), Some(30)]);
    // Both, and the most particular limit of a pair counts for it: x and y have 10 of the 20 of their pair, and z has
    // the 40 that they leave of the cable. When z is through at 15 the others are still held by their pair.
    let both = json!([
        { "from": "a", "to": "*", "capacity": "50B/s", "shared": { "capacity": "60B/s" } },
        { "from": "a", "to": "r", "capacity": "20B/s" },
    ]);
    assert_eq!(ends(both), [Some(60), Some(60), Some(15)]);
}

#[test]
fn r4_2_a_copy_inside_a_region_uses_neither_egress_nor_ingress() {
    let ends = |links: Value| {
        let scene = scene().set("links", links).set("regions.a.egress", link(60, &[]));
        let scene = scene.set("regions.a.ingress", link(1, &[]));
        let scene = mover(scene, "inside", 0, ["a", "a"], 600, at_most(600));
        let ran = a_to_r(scene, "x", 0, 600).run();
        [end(&ran, "inside@a"), end(&ran, "x@r")]
    };
    assert_eq!(ends(json!([])), [Some(1), Some(10)]);
    // A link of its own limits it, and a cable that it goes over: 20 each.
    assert_eq!(ends(json!([{ "from": "a", "to": "a", "capacity": "20B/s" }])), [Some(30), Some(10)]);
    let cable = json!([{ "from": "a", "to": "*", "shared": { "capacity": "40B/s" } }]);
    assert_eq!(ends(cable), [Some(30), Some(30)]);
}

#[test]
fn r4_2_what_a_copy_cannot_use_goes_to_the_others() {
    let scene = scene().set("regions.a.egress", link(60, &[]));
    let scene = mover(scene, "slow", 0, ["a", "r"], 600, at_most(10));
    let ran = a_to_r(a_to_r(scene, "x", 0, 500), "y", 0, 500).run();
    // 10 for the slow one and 25 for each of the others.
    assert_eq!([end(&ran, "slow@r"), end(&ran, "x@r"), end(&ran, "y@r")], [Some(60), Some(20), Some(20)]);
}

#[test]
fn r4_2_a_copy_that_reaches_its_throughput_stops_before_a_link_of_that_share_is_full() {
    // 61 / 2 is 30 and a half: at 30 the first one is at its own throughput, and the other one has 31.
    let scene = scene().set("regions.a.egress", link(61, &[]));
    let scene = mover(scene, "x", 0, ["a", "r"], 300, at_most(30));
    let ran = a_to_r(scene, "y", 0, 310).run();
    assert_eq!([end(&ran, "x@r"), end(&ran, "y@r")], [Some(10), Some(10)]);
}

#[test]
fn r4_2_setup_and_finalize_hold_the_slot_and_use_no_link() {
    let time = json!({ "copy_time": { "setup": "10s", "finalize": "5s" } });
    let scene = scene().set("regions.a", json!({ "cap": 2, "egress": link(60, &[]) }));
    let scene = mover(scene, "x", 0, ["a", "r"], 600, time.clone());
    let scene = mover(scene, "y", 0, ["a", "r"], 1200, json!({}));
    let ran = mover(scene, "z", 0, ["a", "r"], 60, time).run();
    // y has 60 for 10 s and 30 from then on, up to 30; x finishes its transfer at 30 too, and then its 5 s.
    assert_eq!([ran.span("x@r"), ran.span("y@r")], [(Some(0), Some(35)), (Some(0), Some(30))]);
    // z starts in the slot of y: 10 s of setup, 1 s for 60 bytes, 5 s.
    assert_eq!(ran.span("z@r"), (Some(30), Some(46)));
}

#[test]
fn r4_2_a_given_duration_uses_no_link() {
    let scene = scene().set("regions.a.egress", link(60, &[]));
    let scene = mover(scene, "given", 0, ["a", "r"], 600, json!({ "duration": "7s" }));
    let ran = a_to_r(scene, "x", 0, 600).run();
    assert_eq!([end(&ran, "given@r"), end(&ran, "x@r")], [Some(7), Some(10)]);
}

#[test]
fn r4_2_a_link_changes_while_copies_use_it() {
    let scene = scene().set("regions.a.egress", link(60, &[(5, 20), (10, 0), (100, 30)]));
    let ran = a_to_r(scene, "x", 0, 550).run();
    // 300 by 5, 400 by 10, and the last 150 from 100 on.
    assert_eq!(end(&ran, "x@r"), Some(105));
}

#[test]
fn r4_2_a_transfer_is_through_in_the_first_microsecond_in_which_all_has_moved() {
    let at_the_end = |size: u64, capacity: u64| {
        let ran = a_to_r(scene().set("regions.a.egress", link(capacity, &[])), "x", 0, size).run();
        let record = ran.copy("x@r");
        (record.end.map(copysim::time::SimTime::micros), record.moved.0)
    };
    // 7 / 3 s, rounded up. A whole number of microseconds isn't rounded.
    assert_eq!(at_the_end(7, 3), (Some(2_333_334), 7));
    assert_eq!(at_the_end(7, 4), (Some(1_750_000), 7));
    assert_eq!(at_the_end(0, 4), (Some(0), 0));
    // Nothing to move goes over a link that is cut.
    assert_eq!(at_the_end(0, 0), (Some(0), 0));
}

#[test]
fn r1_7_copies_over_a_link_that_is_cut_for_good_are_unfinished_and_named() {
    let scene = scene().set("regions.a.egress", link(60, &[(5, 0)]));
    let scene = a_to_r(a_to_r(scene, "x", 0, 600), "y", 0, 120);
    // y is through at 4 with 30 a second; x has moved 120 + 60 when its link is cut.
    let ran = scene.run();
    assert_eq!((ran.end_seconds(), ran.end.by_horizon), (5, false));
    assert_eq!([ran.outcome("x@r"), ran.outcome("y@r")], [Outcome::Running, Outcome::Available]);
    let x = ran.copy("x@r");
    assert_eq!((x.moved.0, x.percent, ran.end.stalled.as_slice()), (180, Some(30), &[x.key][..]));
    // Up to a horizon nothing more happens.
    assert_eq!(scene.set("horizon", "1h").run().end_seconds(), 5);
}

#[test]
fn r1_7_changes_that_let_nothing_move_do_not_keep_a_run_going() {
    let links = |later: &[(u64, u64)]| {
        let scene = scene().set("regions.a.egress", link(60, &[(5, 0)]));
        let scene = scene.set("regions.s.egress", link(60, later));
        let scene = mover(scene, "done", 0, ["s", "r"], 60, json!({}));
        a_to_r(scene, "x", 0, 600).run().end_seconds()
    };
    // x is held up for good at 5, whatever happens to the link of s.
    assert_eq!(links(&[]), 5);
    assert_eq!(links(&[(1000, 30)]), 5);
    // A link that comes back lets it move: 300 bytes at 60 from 2000 on.
    let cut = link(60, &[(5, 0), (1000, 0), (2000, 60)]);
    let ran = a_to_r(scene().set("regions.a.egress", cut), "x", 0, 600).run();
    assert_eq!((ran.end_seconds(), end(&ran, "x@r")), (2005, Some(2005)));
}

#[test]
fn r1_1_a_transfer_that_is_not_through_before_the_end_of_time_can_be_watched_up_to_a_horizon() {
    // 10^15 bytes take 10^21 microseconds, and a simulated time is below 2^53 of them.
    let scene = scene().set("regions.a.egress", link(1, &[(100, 3)]));
    let scene = a_to_r(scene, "x", 0, 1_000_000_000_000_000);
    let ran = scene.clone().set("horizon", "150s").run();
    assert_eq!((ran.end_seconds(), ran.end.by_horizon), (150, true));
    assert_eq!((ran.outcome("x@r"), ran.copy("x@r").moved.0), (Outcome::Running, 100 + 50 * 3));
    let error = try_run(&scene.text()).err();
    assert!(matches!(error, Some(RunError::BeyondTime { field: "the copy's length", .. })), "{error:?}");
    // Beside it others go on.
    let ran = a_to_r(scene.set("horizon", "1h"), "y", 200, 3).run();
    assert_eq!((ran.outcome("y@r"), ran.end.by_horizon), (Outcome::Available, true));
}

#[test]
fn r4_2_of_a_link_with_less_than_a_byte_for_each_nobody_has_anything() {
    let scene = scene().set("regions.a.egress", link(2, &[]));
    let three = ["x", "y", "z"].iter().fold(scene, |scene, id| a_to_r(scene, id, 0, 10));
    let ran = three.clone().run();
    assert_eq!((ran.end_seconds(), ran.end.stalled.len()), (0, 3));
    // As soon as one of them is cancelled the others have one byte a second.
    let ran = three.cancel("stop", 7, "y").run();
    assert_eq!([end(&ran, "x@r"), end(&ran, "z@r")], [Some(17), Some(17)]);
}

#[test]
fn r4_2_transfers_of_slow_regions_reach_a_part_of_their_throughput() {
    // 600 bytes at 20 bytes a second, after 10 s of setup and before 10 s of finalize.
    let time = json!({ "copy_time": { "setup": "10s", "throughput": "20B/s", "finalize": "10s" } });
    let end_with = |of_a: Value, of_r: Value| {
        let scene = scene().set("regions.a.degradations", of_a).set("regions.r.degradations", of_r);
        end(&mover(scene, "x", 0, ["a", "r"], 600, time.clone()).run(), "x@r")
    };
    assert_eq!(end_with(json!([]), json!([])), Some(50));
    // From 20 to 30 it moves 100 and not 200: 5 s more.
    assert_eq!(end_with(json!([slow(20, 30, 0.5)]), json!([])), Some(55));
    assert_eq!(end_with(json!([]), json!([slow(20, 30, 0.5)])), Some(55));
    // The slower one counts: 120 by 16, nothing up to 24, 60 up to 30, and 420 in 21 s.
    assert_eq!(end_with(json!([slow(20, 30, 0.5)]), json!([slow(16, 24, 0.0)])), Some(61));
    // One span after the other: 200 by 20, 100 up to 30, 40 up to 38, and 260 in 13 s.
    assert_eq!(end_with(json!([slow(30, 38, 0.25), slow(20, 30, 0.5)]), json!([])), Some(61));
    // Setup and finalize take as long as ever.
    assert_eq!(end_with(json!([slow(0, 10, 0.5), slow(40, 50, 0.5)]), json!([])), Some(50));
}

#[test]
fn r4_2_a_slow_copy_leaves_its_share_to_others() {
    let scene = scene().set("regions.a.egress", link(60, &[]));
    let scene = scene.set("regions.s.degradations", json!([slow(0, 1000, 0.25)]));
    let scene = mover(scene, "slow", 0, ["a", "s"], 400, at_most(40));
    let ran = a_to_r(scene, "x", 0, 500).run();
    // A quarter of 40, and 50 for the other.
    assert_eq!([end(&ran, "slow@s"), end(&ran, "x@r")], [Some(40), Some(10)]);
}

#[test]
fn r4_2_regions_that_no_copy_uses_may_be_slow_or_limited() {
    let scene = scene().set("regions.t.degradations", json!([slow(1, 2, 0.5)]));
    let scene = scene.set("regions.t.egress", link(60, &[(1, 0)]));
    let ran = scene.copy("given", 0, 7).run();
    assert_eq!((end(&ran, "given@r"), ran.observed.shared.len()), (Some(7), 0));
}

#[test]
fn r4_2_observers_are_told_what_is_used_of_a_link_up_to_its_last_byte() {
    let scene = scene().set("regions.a.egress", link(60, &[]));
    let scene = mover(scene, "slow", 0, ["a", "r"], 600, at_most(20));
    let ran = a_to_r(scene, "x", 0, 200).run();
    let told = ran.observed.shared.iter();
    let told = told.map(|(at, _, of)| (at.micros() / 1_000_000, of.used, of.flows, of.capacity));
    // x has 40 up to 5, the other one 20 up to 30.
    let told: Vec<_> = told.collect();
    assert_eq!(told, [(0, 60, 2, 60), (5, 20, 1, 60), (30, 0, 0, 60)]);
    // Over time that is all that has moved: 600 and 200 bytes.
    let area: u64 = told.windows(2).map(|pair| (pair[1].0 - pair[0].0) * pair[0].1).sum();
    assert_eq!(area, ran.copy("slow@r").moved.0 + ran.copy("x@r").moved.0);
}

#[test]
fn r4_2_a_copy_that_is_there_already_shares_from_the_start_of_the_run() {
    let scene = scene().set("regions.a.egress", link(60, &[]));
    // Alone it takes 10 s, of which 5 are over: 300 bytes are left.
    let old =
        json!({ "copy_time": { "throughput": "60B/s" }, "already": { "running": { "remaining": "5s" } } });
    let scene = mover(scene, "old", 0, ["a", "r"], 600, old);
    let ran = a_to_r(scene, "x", 0, 600).run();
    // 30 each up to 10; then x has 60 for its other 300.
    assert_eq!([ran.span("old@r"), ran.span("x@r")], [(Some(0), Some(10)), (Some(0), Some(15))]);
    assert_eq!([ran.copy("old@r").moved.0, ran.copy("x@r").moved.0], [300, 600], "since the run began");
}

#[test]
fn r4_3_a_copy_fails_at_a_share_of_what_it_moves_over_a_shared_link() {
    let scene = scene().set("regions.a.egress", link(60, &[]));
    let scene = mover(scene, "x", 0, ["a", "r"], 600, json!({ "fail": { "at": 0.5 } }));
    let ran = a_to_r(scene, "y", 0, 600).run();
    // 300 of 600 bytes at 30 a second; then y has 60 for its other 300.
    assert_eq!([end(&ran, "x@r"), end(&ran, "y@r")], [Some(10), Some(15)]);
    let x = ran.copy("x@r");
    assert_eq!((x.outcome, x.moved.0, x.percent), (Outcome::Failed, 300, Some(50)));
}

#[test]
fn r4_3_a_copy_fails_after_a_running_time_however_far_it_is() {
    let end_of = |others: u32, after: u64| {
        let scene = scene().set("regions.a.egress", link(60, &[]));
        let fails = json!({ "fail": { "after": secs(after) } });
        let scene = mover(scene, "x", 0, ["a", "r"], 600, fails);
        let scene = (0..others).fold(scene, |scene, number| a_to_r(scene, &format!("y{number}"), 0, 6000));
        let ran = scene.run();
        (end(&ran, "x@r"), ran.outcome("x@r"))
    };
    // Alone it is through at 10, and a failure in that instant is one; with another one it is through at 20.
    assert_eq!(end_of(0, 11), (Some(10), Outcome::Available));
    assert_eq!(end_of(0, 10), (Some(10), Outcome::Failed));
    assert_eq!(end_of(1, 11), (Some(11), Outcome::Failed));
    assert_eq!(end_of(1, 21), (Some(20), Outcome::Available));
}

#[test]
fn r5_2_a_cancel_gives_the_share_of_a_copy_to_the_others_at_once() {
    let scene = scene().set("regions.a.egress", link(60, &[]));
    let scene = a_to_r(a_to_r(scene, "x", 0, 600), "y", 0, 600).cancel("stop", 10, "x");
    let ran = scene.run();
    assert_eq!((ran.outcome("x@r"), ran.copy("x@r").moved.0), (Outcome::CancelledRunning, 300));
    assert_eq!(end(&ran, "y@r"), Some(15), "300 at 30, and 300 at 60");
}

#[test]
fn r5_2_a_slot_that_drains_uses_no_link() {
    let scene = scene().set("regions.a", json!({ "cap": 2, "egress": link(60, &[]) }));
    let scene = scene.set("service.cancel.drain", "20s");
    let scene = ["x", "y", "z"].iter().fold(scene, |scene, id| a_to_r(scene, id, 0, 600));
    let ran = scene.cancel("stop", 10, "x").run();
    // y is through at 15 as if nothing drained, and z starts in its slot.
    assert_eq!([ran.span("y@r"), ran.span("z@r")], [(Some(0), Some(15)), (Some(15), Some(25))]);
}

#[test]
fn r5_2_the_point_of_no_return_is_a_share_of_what_has_moved() {
    let answer = |micros: u64| {
        let scene = scene().set("regions.a.egress", link(60, &[]));
        let scene = scene.set("service.cancel.point_of_no_return", 0.5);
        let scene = a_to_r(a_to_r(scene, "x", 0, 600), "y", 0, 600);
        let stop = json!({ "id": "stop", "at": format!("{micros}us"), "copy": "x" });
        scene.request("cancel", stop).run().answer("stop")
    };
    // Alone x would have moved half of its bytes at 5; beside y it has at 10.
    assert_eq!(answer(9_999_999), "ok");
    assert_eq!(answer(10_000_000), "CancelNotSupported");
}

#[test]
fn r2_3_slots_of_a_copy_that_shares_are_free_when_it_ends() {
    // One slot: each copy has the whole link, one after the other.
    let scene = scene().set("regions.a", json!({ "cap": 1, "egress": link(60, &[]) }));
    let ran = a_to_r(a_to_r(scene, "x", 0, 600), "y", 0, 600).run();
    assert_eq!(ran.spans(&["x", "y"]), [(Some(0), Some(10)), (Some(10), Some(20))]);
}
