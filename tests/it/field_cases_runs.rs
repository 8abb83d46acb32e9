//! Field cases about whole runs and their figures: order of the file, ends, times and percentiles.

use std::sync::Arc;

use copysim::ids::RegionId;
use copysim::records::{CopyRecord, History, Outcome, Percentile, Sample};
use copysim::time::SimTime;
use serde_json::{Map, Value, json};

use crate::scenes::{Scene, mean_seconds};
use crate::support::Ran;

#[test]
fn field_case_07_a_count_for_each_state() {
    let state_at = |horizon: &str| {
        let ran = Scene::lane(5).copies("c", 1..=7, 0, 600).set("horizon", horizon).run();
        [Outcome::Running, Outcome::Waiting, Outcome::Available].map(|outcome| ran.count(outcome))
    };
    assert_eq!(state_at("1s"), [5, 2, 0]);
    assert_eq!(state_at("601s"), [2, 0, 5]);
    assert_eq!(state_at("1201s"), [0, 0, 7]);
    for horizon in ["0s", "599s", "599999999us", "600s", "1199s", "1200s"] {
        assert_eq!(state_at(horizon).iter().sum::<u64>(), 7, "at {horizon}");
    }
}

/// A few numbers that look random.
fn scrambled(number: u64, below: u64) -> u64 {
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) % below
}

/// 300 copies among 30 regions, with `regions`, `images` and `accounts` in this order of their numbers.
fn many_regions(order: impl Fn(u64) -> Vec<u64>) -> Ran {
    let block = |length: u64, entry: fn(u64) -> (String, Value)| -> Map<String, Value> {
        order(length).into_iter().map(entry).collect()
    };
    let regions = |n: u64| {
        (format!("r{n:02}"), json!({ "cap": 1 + n % 3, "cap_changes": [{ "at": "900s", "cap": 2 }] }))
    };
    let images = |n: u64| {
        let owner = format!("owner{}", n % 2);
        (
            format!("i{n}"),
            json!({ "region": format!("r{:02}", scrambled(n, 30)), "account": owner, "size": "1GiB" }),
        )
    };
    let scene = Scene::lane(1)
        .set("regions", block(30, regions))
        .set("images", block(60, images))
        .set("accounts", block(2, |n| (format!("owner{n}"), json!({}))))
        .set("service.cap_scope", "both");
    let scene = (0..300).fold(scene, |scene, n| {
        let to = format!("r{:02}", scrambled(n + 1000, 30));
        let body = json!({
            "image": format!("i{}", scrambled(n + 2000, 60)),
            "to": to,
            "encrypted": true,
            "duration": format!("{}s", 1 + scrambled(n + 3000, 900)),
        });
        scene.copy_with(&format!("c{n}"), scrambled(n + 4000, 40) * 60, body)
    });
    scene.run()
}

#[test]
fn field_case_19_the_order_of_regions_and_images_changes_nothing() {
    let written = many_regions(|length| (0..length).collect());
    let everything = |ran: &Ran| -> (Vec<CopyRecord>, Vec<(SimTime, History)>) {
        (ran.observed.records.clone(), ran.observed.history.clone())
    };
    assert_eq!(written.observed.records.len(), 300);
    assert!(written.observed.levels.iter().any(|(_, _, levels)| levels.waiting > 0), "nobody ever waited");
    let reversed = many_regions(|length| (0..length).rev().collect());
    let rotated = many_regions(|length| (0..length).map(|n| (n + length / 3) % length).collect());
    for other in [reversed, rotated] {
        assert_eq!(everything(&other), everything(&written));
        assert_eq!(other.end, written.end);
        assert_eq!(other.scenario.catalog.region(RegionId(7)), "r07");
    }
}

#[test]
fn field_case_27_unfinished_copies_are_counted() {
    let run = || Scene::lane(1).copies("c", 1..=3, 0, 600).set("horizon", "700s").run();
    let ran = run();
    assert_eq!(
        ran.outcomes(),
        [(Outcome::Available, 1), (Outcome::Running, 1), (Outcome::Waiting, 1)].into()
    );
    assert_eq!((ran.end_seconds(), ran.end.by_horizon), (700, true));
    let (running, waiting) = (ran.copy("c2@r"), ran.copy("c3@r"));
    assert_eq!(running.start.map(|start| ran.end.at.since(start).micros()), Some(100_000_000));
    assert_eq!(waiting.waited(ran.end.at).map(|waited| waited.micros()), Some(700_000_000));
    let tally = ran.tally();
    let wait = &tally.all.figures.wait;
    assert_eq!((wait.n(), mean_seconds(wait)), (2, Some(300)));
    // What is left out of the mean: 3 requests, 2 of which started.
    assert_eq!(tally.all.outcomes.total() - tally.all.started.total(), 1);
    assert_eq!(tally.all.outcomes.of(Outcome::Waiting), 1);
    assert_eq!(tally.all.figures.waited.n(), 3);
    assert_eq!(run().observed.records, ran.observed.records);
}

#[test]
fn field_case_29_everything_due_at_the_horizon_happens() {
    let three = |horizon: &str| Scene::lane(5).copies("c", 1..=3, 0, 600).set("horizon", horizon).run();
    assert_eq!(three("600s").outcomes(), [(Outcome::Available, 3)].into());
    assert_eq!(three("599s").outcomes(), [(Outcome::Running, 3)].into());
    assert_eq!(three("599s").end_seconds(), 599);
}

#[test]
fn field_case_29_nothing_beyond_the_horizon_happens() {
    let ran = Scene::lane(1).copy("a", 10, 600).set("horizon", "5s").run();
    assert_eq!((ran.observed.history.len(), ran.observed.records.len()), (0, 0));
    assert_eq!((ran.end_seconds(), ran.end.by_horizon, ran.end.not_planned), (5, true, 1));
}

#[test]
fn field_case_29_submits_at_the_horizon() {
    let ran = Scene::lane(2).copies("c", 1..=3, 600, 600).copy("late", 601, 600).set("horizon", "600s").run();
    assert_eq!(ran.outcomes(), [(Outcome::Running, 2), (Outcome::Waiting, 1)].into());
    assert_eq!(ran.starts(&["c1", "c2", "c3"]), [Some(600), Some(600), None]);
    assert_eq!(ran.end.not_planned, 1);
}

#[test]
fn field_case_29_cancels_at_the_horizon() {
    let scene = Scene::lane(1).copies("c", 1..=4, 0, 900).set("horizon", "600s");
    let ran = scene.cancel("x", 600, "c1").cancel("y", 600, "c2").cancel("z", 601, "c3").run();
    assert_eq!(ran.outcome("c1@r"), Outcome::CancelledRunning);
    assert_eq!(ran.outcome("c2@r"), Outcome::CancelledWaiting);
    assert_eq!((ran.outcome("c3@r"), ran.span("c3@r")), (Outcome::Running, (Some(600), None)));
    assert_eq!(ran.outcome("c4@r"), Outcome::Waiting);
}

#[test]
fn field_case_29_cap_changes_at_the_horizon() {
    let lane =
        |at: u64| Scene::lane(1).copies("c", 1..=3, 0, 900).caps("a", &[(at, 2)]).set("horizon", "600s");
    let ran = lane(600).run();
    assert_eq!(ran.outcomes(), [(Outcome::Running, 2), (Outcome::Waiting, 1)].into());
    assert_eq!(ran.span("c2@r"), (Some(600), None));
    let ran = lane(601).run();
    assert_eq!(ran.outcomes(), [(Outcome::Running, 1), (Outcome::Waiting, 2)].into());
}

#[test]
fn field_case_29_a_chain_of_calls_at_the_horizon() {
    let chain = Scene::lane(5)
        .copy("a", 0, 600)
        .copy_with("b", 0, json!({ "after": "a", "to": "s", "duration": "0s" }))
        .copy_with("c", 0, json!({ "after": "b", "to": "t", "duration": "1s" }));
    let ran = chain.set("horizon", "600s").run();
    assert_eq!(ran.span("b@s"), (Some(600), Some(600)));
    assert_eq!((ran.span("c@t"), ran.outcome("c@t")), ((Some(600), None), Outcome::Running));
}

#[test]
fn field_case_31_a_thousand_tenths_are_a_hundred_seconds() {
    let scene = (1..=1000).fold(Scene::lane(1), |scene, number| {
        scene.copy_with(&format!("c{number}"), 0, json!({ "duration": "0.1s" }))
    });
    let ran = scene.run();
    assert_eq!(ran.last_end(), Some(100));
    assert_eq!(ran.end.at.micros(), 100_000_000);
}

#[test]
fn field_case_31_a_tenth_and_two_tenths_end_with_three_tenths() {
    let parts = |scene: Scene| {
        let scene = scene.copy_with("p1", 0, json!({ "duration": "0.1s" }));
        scene.copy_with("p2", 0, json!({ "duration": "0.2s" }))
    };
    let whole = |scene: Scene| {
        let scene = scene.set("images.w", json!({ "region": "b", "size": "1GiB" }));
        scene.copy_with("whole", 0, json!({ "duration": "0.3s", "image": "w" }))
    };
    let lane = Scene::lane(1).set("regions.b", json!({ "cap": 1 }));
    for (scene, last) in
        [(whole(parts(lane.clone())), ["p2@r", "whole@r"]), (parts(whole(lane)), ["whole@r", "p2@r"])]
    {
        let ran = scene.run();
        assert_eq!(
            ["p2@r", "whole@r"].map(|label| ran.copy(label).end.map(SimTime::micros)),
            [Some(300_000); 2]
        );
        // Equal times are told apart by acceptance.
        let closed: Vec<String> =
            ran.observed.records.iter().map(|record| ran.scenario.catalog.label(record.key)).collect();
        assert_eq!(closed[1..], last);
    }
}

#[test]
fn field_case_32_ten_thousand_copies_without_length() {
    let group = json!({ "region": "a", "size": "1GiB", "count": 10_000 });
    let scene = Scene::lane(5).set("service.rate_limit", "off").set("images.group", group);
    let ran = scene.copy_with("all", 0, json!({ "image": "group", "duration": "0s" })).run_long();
    assert_eq!(ran.outcomes(), [(Outcome::Available, 10_000)].into());
    assert_eq!((ran.end_seconds(), ran.peak_inside_instants() <= 5), (0, true));
}

#[test]
fn field_case_32_a_stream_that_never_advances_is_an_input_error() {
    for process in ["0s", "0us"] {
        let stream = json!({
            "process": { "periodic": { "every": process } },
            "count": 10,
            "copy": { "from": "a", "to": "r", "duration": "1s" },
        });
        let faults = Scene::lane(1).request("arrivals", stream).faults();
        assert_eq!(faults, ["arrivals every 0s would never let the clock move on"]);
    }
}

#[test]
fn field_case_38_figures_of_nothing_are_absent() {
    // Plain copies into their own region are all refused.
    let ran = (0..5)
        .fold(Scene::lane(1), |scene, n| scene.copy_with(&format!("c{n}"), 0, json!({ "to": "a" })))
        .run();
    assert_eq!(ran.outcomes(), [(Outcome::Refused, 5)].into());
    let tally = ran.tally();
    for figure in tally.all.figures.all() {
        assert_eq!(figure.n(), 0);
        assert_eq!((figure.min(), figure.max(), figure.mean()), (None, None, None));
        for percentile in
            [Percentile::P50, Percentile::P90, Percentile::P95, Percentile::P99, Percentile::P99_9]
        {
            assert_eq!(figure.percentile(percentile), None);
        }
    }
    assert_eq!(tally.span.makespan(), None);
    assert_eq!(tally.slots[0].held.mean_millionths(), None);
}

/// The `copy` figure of a run of copies with these lengths in seconds.
fn lengths(lengths: impl IntoIterator<Item = u64>) -> Arc<Sample> {
    let lane = Scene::lane(1_000_000).set("service.rate_limit", "off");
    let scene = (0..)
        .zip(lengths)
        .fold(lane, |scene, (n, length): (u32, u64)| scene.copy(&format!("c{n}"), 0, length));
    scene.run().tally().all.figures.copy
}

/// A percentile, given in ten-thousandths of a percent, in whole seconds.
fn percentile(figure: &Sample, ten_thousandths: u32) -> u64 {
    let value = figure.percentile(Percentile::new(ten_thousandths).expect("at most 100 %"));
    value.expect("there are values").micros() / 1_000_000
}

#[test]
fn field_case_40_nearest_rank() {
    let figure = lengths([1, 2, 2, 2, 2]);
    assert_eq!([200_000, 250_000].map(|p| percentile(&figure, p)), [1, 2]);
    let figure = lengths([1, 2]);
    assert_eq!([500_000, 510_000].map(|p| percentile(&figure, p)), [1, 2]);
    let figure = lengths(std::iter::repeat_n(1, 1000).chain([10_000_000]));
    assert_eq!([990_000, 1_000_000].map(|p| percentile(&figure, p)), [1, 10_000_000]);
    let figure = lengths(std::iter::repeat_n(1, 99).chain([10_000_000]));
    assert_eq!(percentile(&figure, 990_000), 1);
}

#[test]
fn field_case_40_ranks_are_integers() {
    // In binary fractions these would be 56, 8, 8 and 1000.
    for (n, ten_thousandths, expected) in
        [(100, 550_000, 55), (100, 70_000, 7), (50, 140_000, 7), (1000, 999_000, 999)]
    {
        assert_eq!(percentile(&lengths(1..=n), ten_thousandths), expected, "p{ten_thousandths} of 1..={n}");
    }
    // Every whole percentile of 1..=100 is itself.
    let hundred = lengths(1..=100);
    for p in 1..=100 {
        assert_eq!(percentile(&hundred, p * 10_000), u64::from(p));
    }
    assert_eq!([0, 1, 10_000, 10_001].map(|p| percentile(&hundred, p)), [1, 1, 1, 2]);
    assert_eq!(Percentile::new(1_000_001), None);
}

#[test]
fn field_case_40_percentiles_never_fall() {
    let figure = lengths((0..300).map(|n| scrambled(n, 5000)));
    let mut last = figure.min();
    for percentile in [Percentile::P50, Percentile::P90, Percentile::P95, Percentile::P99, Percentile::P99_9]
    {
        let value = figure.percentile(percentile);
        assert!(value >= last);
        last = value;
    }
    assert!(figure.max() >= last);
}
