//! The rules of figures (model section 9) and of what is remembered (R10.4).

use copysim::ids::{AccountId, Named, RegionId};
use copysim::records::{Outcome, ratio_millionths};
use copysim::service::{CopyImage, DeleteImage, Service};
use copysim::time::{SimDuration, SimTime};
use serde_json::json;

use crate::scenes::{Scene, mean_seconds, secs};
use crate::services::{call, copy, given, settings};

/// One of each outcome by 1000 s, on two slots.
fn one_of_each() -> Scene {
    Scene::lane(2)
        .copy("available", 0, 300)
        .copy_with("failed", 0, json!({ "fail": { "after": "100s" } }))
        .copy("stopped", 0, 900)
        .copy("dropped", 0, 600)
        .copy_with("refused", 0, json!({ "to": "a" }))
        .copy_with("skipped", 0, json!({ "after": "failed", "image": "available", "to": "s" }))
        .copy("running", 100, 900)
        .copy("running2", 150, 900)
        .copy("waiting", 200, 600)
        .copy("unplanned", 2000, 600)
        .cancel("x", 50, "dropped")
        .cancel("y", 200, "stopped")
        .set("horizon", "1000s")
}

#[test]
fn r9_1_outcomes_sum_to_the_requests_planned_by_the_end() {
    let ran = one_of_each().run();
    // Two slots: `available` up to 300, `failed` up to 100, `stopped` 100 to 200, `running` from 200,
    // `running2` from 300, and `waiting` behind them.
    let expected = [
        (Outcome::Available, 1),
        (Outcome::Failed, 1),
        (Outcome::CancelledWaiting, 1),
        (Outcome::CancelledRunning, 1),
        (Outcome::Refused, 1),
        (Outcome::Skipped, 1),
        (Outcome::Waiting, 1),
        (Outcome::Running, 2),
    ];
    assert_eq!(ran.outcomes(), expected.into());
    assert_eq!(ran.tally().all.outcomes.total(), 9);
    assert_eq!(ran.end.not_planned, 1);
}

#[test]
fn r9_1_what_a_row_says() {
    let ran = one_of_each().run();
    let of = |label: &str| {
        let record = ran.copy(label);
        let times = [record.planned, record.sent, record.accepted, record.start, record.end, record.noticed];
        (times.map(|time| time.map(|time| time.micros() / 1_000_000)), record.calls, record.refusals)
    };
    assert_eq!(of("available@r"), ([Some(0), Some(0), Some(0), Some(0), Some(300), Some(300)], 1, 0));
    assert_eq!(of("failed@r"), ([Some(0), Some(0), Some(0), Some(0), Some(100), Some(100)], 1, 0));
    assert_eq!(of("stopped@r"), ([Some(0), Some(0), Some(0), Some(100), Some(200), Some(200)], 1, 0));
    assert_eq!(of("dropped@r"), ([Some(0), Some(0), Some(0), None, Some(50), Some(50)], 1, 0));
    assert_eq!(of("refused@a"), ([Some(0), Some(0), None, None, None, None], 1, 1));
    assert_eq!(of("skipped@s"), ([None; 6], 0, 0));
    assert_eq!(of("running@r"), ([Some(100), Some(100), Some(100), Some(200), None, None], 1, 0));
    assert_eq!(of("waiting@r"), ([Some(200), Some(200), Some(200), None, None, None], 1, 0));
}

#[test]
fn r9_2_which_copies_a_figure_is_of() {
    let ran = one_of_each().run();
    let tally = ran.tally();
    let figures = &tally.all.figures;
    // wait: available 0, failed 0, stopped 100, running 100, running2 150.
    assert_eq!((figures.wait.n(), mean_seconds(&figures.wait)), (5, Some(70)));
    // waited: these, dropped 50 and waiting 800: 1200 s over 7 copies.
    assert_eq!(figures.waited.n(), 7);
    assert_eq!(figures.waited.mean().map(SimDuration::micros), Some(171_428_571));
    // Of Available copies only.
    for figure in [&figures.copy, &figures.total, &figures.lead] {
        assert_eq!((figure.n(), mean_seconds(figure)), (1, Some(300)));
    }
    assert_eq!((tally.all.started.total(), tally.all.started.of(Outcome::Failed)), (5, 1));
}

#[test]
fn r9_2_copy_total_and_lead_count_from_different_moments() {
    let ran = Scene::lane(1).copy("a", 0, 100).copy("b", 40, 200).run();
    let b = ran.copy("b@r");
    let figures = [b.wait(), b.copy(), b.total(), b.lead()].map(|figure| figure.map(SimDuration::micros));
    assert_eq!(figures, [60, 200, 260, 260].map(|seconds| Some(seconds * 1_000_000)));
}

#[test]
fn r9_3_makespan_and_throughput() {
    let scene = Scene::lane(1).copy("first", 50, 100).copy_with(
        "fan",
        60,
        json!({ "to": ["r", "s"], "duration": "100s" }),
    );
    let makespan = |scene: &Scene| {
        let tally = scene.run().tally();
        let seconds = |length: SimDuration| length.micros() / 1_000_000;
        (tally.span.makespan().map(seconds), tally.spans[1].makespan().map(seconds), tally.ready_in_span)
    };
    // 50 to 350 in all; the fan-out from 60 to 350.
    assert_eq!(makespan(&scene), (Some(300), Some(290), 3));
    assert_eq!(makespan(&scene.clone().set("horizon", "349s")), (None, None, 2));
    // A failed one counts for nothing but is no unfinished one.
    let failing = scene.copy_with("bad", 400, json!({ "fail": { "after": "5s" } }));
    assert_eq!(makespan(&failing), (Some(300), Some(290), 3));
}

#[test]
fn r9_4_warm_up_and_utilisation() {
    let scene = Scene::lane(2).copy("early", 0, 300).copy("late", 100, 100).set("warm_up", "100s");
    let tally = scene.run().tally();
    assert_eq!(tally.all.outcomes.total(), 1);
    assert_eq!(tally.ready_in_span, 2);
    // Over [100, 300]: `early` holds a slot for 200 s and `late` for 100 s, of 2 x 200 s.
    let slot = tally.slots.iter().max_by_key(|slot| slot.held.area()).expect("there are slots");
    assert_eq!((slot.held.area(), slot.cap.area()), (300_000_000, 400_000_000));
    assert_eq!(ratio_millionths(slot.held.area(), slot.cap.area()), Some(750_000));
    assert_eq!(slot.held.mean_millionths(), Some(1_500_000));
}

#[test]
fn r9_4_no_capacity_has_no_utilisation() {
    let tally = Scene::lane(0).copy("a", 0, 600).set("horizon", "100s").run().tally();
    let slot = tally.slots.iter().max_by_key(|slot| slot.waiting.peak()).expect("there are slots");
    assert_eq!(ratio_millionths(slot.held.area(), slot.cap.area()), None);
}

#[test]
fn r9_5_means_are_rounded_half_up_to_the_microsecond() {
    let mean = |micros: &[u64]| {
        let scene = (0..).zip(micros).fold(Scene::lane(9), |scene, (n, micros): (u32, _)| {
            scene.copy_with(&format!("c{n}"), 0, json!({ "duration": format!("{micros}us") }))
        });
        scene.run().tally().all.figures.copy.mean().map(SimDuration::micros)
    };
    assert_eq!(
        [mean(&[1, 2]), mean(&[1, 1, 2]), mean(&[1, 2, 2]), mean(&[0, 0, 0])],
        [Some(2), Some(1), Some(2), Some(0)]
    );
}

#[test]
fn r9_5_several_regions_are_pooled() {
    // Ten copies of 1 s from `a` and one of 100 s from `b`: no mean of percentiles gives 1 s.
    let scene = Scene::lane(20).copies("c", 1..=10, 0, 1).set("regions.b", json!({}));
    let scene = scene.set("images.far", json!({ "region": "b", "size": "1GiB" }));
    let tally = scene.copy_with("far", 0, json!({ "image": "far", "duration": "100s" })).run().tally();
    let p90 = copysim::records::Percentile::P90;
    assert_eq!(tally.all.figures.copy.percentile(p90).map(SimDuration::micros), Some(1_000_000));
    assert_eq!(tally.all.figures.copy.n(), 11);
}

#[test]
fn r9_6_rows_stand_in_the_order_in_which_requests_close() {
    let ran = one_of_each().run();
    let order: Vec<String> =
        ran.observed.records.iter().map(|record| ran.scenario.catalog.label(record.key)).collect();
    assert_eq!(
        order,
        [
            "refused@a",
            "dropped@r",
            "failed@r",
            "skipped@s",
            "stopped@r",
            "available@r",
            "running@r",
            "running2@r",
            "waiting@r",
        ]
    );
}

#[test]
fn r9_6_bytes_moved_and_moved_in_vain() {
    // 1000 B/s and no set-up; 600 000 bytes are 600 s.
    let time = json!({ "setup": "0s", "throughput": "1000B/s" });
    let scene = ["good", "bad", "gone", "late"].iter().fold(Scene::lane(9), |scene, image| {
        scene.set(&format!("images.{image}"), json!({ "region": "a", "size": "600000B" }))
    });
    let body = |image: &str| json!({ "image": image, "copy_time": time });
    let mut failing = body("bad");
    failing["fail"] = json!({ "at": 0.5 });
    let scene = scene.copy_with("good", 0, body("good")).copy_with("bad", 0, failing).copy_with(
        "gone",
        0,
        body("gone"),
    );
    let ran =
        scene.copy_with("late", 500, body("late")).cancel("x", 100, "gone").set("horizon", secs(700)).run();
    let tally = ran.tally();
    let region = |id: &str| {
        RegionId(ran.scenario.catalog.regions.iter().position(|known| known == id).unwrap() as u32)
    };
    let traffic = tally.traffic[&(region("a"), region("r"))];
    // 600 000 by `good`, 300 000 by `bad`, 100 000 by `gone`, 200 000 so far by `late`.
    assert_eq!((traffic.moved, traffic.in_vain), (1_200_000, 400_000));
}

/// A call of an arrival that brings its image along.
fn arrival(service: &mut Service, keep_product: bool) -> CopyImage {
    let image = service.put_image(given(0, None));
    CopyImage { keep_product, ..call(image, 1, None) }
}

#[test]
fn r10_4_finished_copies_that_nobody_can_ask_for_leave_memory() {
    let mut service = Service::new(settings(2, 3));
    for number in 0..10_000 {
        let call = arrival(&mut service, false);
        let (copy, _) = copy(&mut service, SimTime::ZERO, &call).expect("nothing is in the way");
        service.forget(call.image.known().expect("the image is there"));
        assert_eq!(service.images().iter().count(), 2, "source and target are in use");
        if number % 4 == 0 {
            service.commit_cancel(copy);
            continue;
        }
        assert_eq!(service.next_start(), Some(copy));
        service.start(copy);
        match number % 4 {
            1 => service.complete(copy),
            2 => service.fail(copy),
            _ => drop(service.commit_cancel(copy)),
        }
        assert_eq!((service.images().iter().count(), service.copies().iter().count()), (0, 0));
    }
}

#[test]
fn r10_4_an_image_for_one_call_goes_with_its_copy() {
    let mut service = Service::new(settings(2, 3));
    for ends in [Service::complete, Service::fail, |service: &mut Service, copy| {
        service.commit_cancel(copy);
    }] {
        let image = service.put_image_for_one(given(0, None));
        let call = CopyImage { keep_product: false, ..call(image, 1, None) };
        let (copy, _) = copy(&mut service, SimTime::ZERO, &call).expect("nothing is in the way");
        service.start(copy);
        assert_eq!(service.images().iter().count(), 2, "source and target are in use");
        ends(&mut service, copy);
        assert_eq!(service.images().iter().count(), 0);
    }
    let image = service.put_image_for_one(given(0, None));
    let dry_run = CopyImage { dry_run: true, ..call(image, 1, None) };
    assert!(copy(&mut service, SimTime::ZERO, &dry_run).is_err());
    assert_eq!(service.images().iter().count(), 1, "its call may be made again");
    service.forget(image);
    assert_eq!(service.images().iter().count(), 0);
}

#[test]
fn r10_4_a_product_that_can_be_asked_for_is_kept_until_it_is_deleted() {
    let mut service = Service::new(settings(2, 3));
    let call = arrival(&mut service, true);
    let (copy, image) = copy(&mut service, SimTime::ZERO, &call).expect("nothing is in the way");
    service.forget(call.image.known().expect("the image is there"));
    service.start(copy);
    service.complete(copy);
    assert_eq!(service.images().iter().map(|(id, _)| id).collect::<Vec<_>>(), [image]);
    let delete =
        DeleteImage { account: AccountId(0), region: Named::Known(RegionId(1)), image: Named::Known(image) };
    let image = service.check_delete(SimTime::ZERO, &delete).expect("it is finished");
    service.commit_delete(image);
    assert_eq!(service.images().iter().count(), 0);
}

#[test]
fn r10_4_a_written_name_stays_taken_after_the_copy_left_memory() {
    let golden = json!({ "name": "golden" });
    let scene = Scene::lane(1).copy_with("a", 0, golden.clone()).copies("c", 1..=20, 700, 1);
    assert_eq!(scene.copy_with("b", 9000, golden).run().answer("b@r"), "InvalidImageName.Duplicated");
}

#[test]
fn r10_4_a_copy_is_kept_for_requests_that_were_told_of_it_by_their_token() {
    // Nothing names the first request, and its token is free again at 50 s.
    let body = |length: u64| json!({ "image": "os", "client_token": "t", "duration": secs(length) });
    let scene = Scene::lane(9).image("os").set("service.token_life", "50s");
    let scene = scene.copy_with("first", 0, body(100)).copy_with("again", 10, body(100));
    let scene = scene.copy("other", 120, 5).copy_with(
        "next",
        0,
        json!({ "after": "again", "from": "r", "to": "s", "delay": "30s" }),
    );
    let ran = scene.delete("x", 200, "again").run();
    assert_eq!(ran.copy("again@r").replays, Some(ran.copy("first@r").key));
    assert_eq!(ran.span("next@s").0, Some(130));
    assert_eq!(ran.answer("x"), "OperationDenied.ImageCopying");
    // So it is after the delete at the end of a retention, which only the first request has, was refused.
    let mut first = body(100);
    first["retention"] = secs(50).into();
    let busy = json!({ "image": { "product_of": "again" }, "from": "r", "to": "s", "duration": secs(100) });
    let scene = Scene::lane(9).image("os").copy_with("first", 0, first).copy_with("again", 10, body(100));
    let ran = scene.copy_with("busy", 120, busy).delete("x", 300, "again").run();
    assert_eq!([ran.answer("busy@s"), ran.answer("x")], ["ok", "ok"]);
}

#[test]
fn r10_4_an_image_is_kept_until_the_last_one_who_can_ask_for_it_is_done() {
    let mut service = Service::new(settings(2, 3));
    let call = arrival(&mut service, true);
    let (copy, image) = copy(&mut service, SimTime::ZERO, &call).expect("nothing is in the way");
    service.forget(call.image.known().expect("the image is there"));
    service.keep(image);
    service.start(copy);
    service.complete(copy);
    service.forget(image);
    assert_eq!(service.images().iter().map(|(id, _)| id).collect::<Vec<_>>(), [image]);
    service.forget(image);
    assert_eq!(service.images().iter().count(), 0);
}
