//! What is drawn for requests stays put whatever else is in the scenario (R10.1), and comes out as it is said
//! (R4.1, R4.3, R8.2, R10.2).

use std::collections::BTreeMap;

use copysim::records::{CopyRecord, History, Outcome};
use copysim::simulation::RunError;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::scenes::Scene;
use crate::support::Ran;

/// A stream with everything that can be drawn, to two destinations.
fn everything(scene: Scene, id: &str) -> Scene {
    scene.request(
        "arrivals",
        json!({
            "id": id, "process": { "poisson": { "per_minute": 2 } }, "batch": { "geometric": { "mean": 2 } },
            "count": 200,
            "copy": {
                "from": "a", "to": ["r", "s"], "size": { "log_normal": { "median": "1GiB", "sigma": 1 } },
                "copy_time": {
                    "setup": { "exponential": { "mean": "10s" } },
                    "throughput": { "uniform": { "min": "1MiB/s", "max": "20MiB/s" } },
                    "finalize": { "erlang": { "k": 3, "mean": "5s" } },
                },
                "fail": { "probability": 0.2 },
                "timeout": { "after": { "exponential": { "mean": "10m" } }, "then": "cancel" },
            },
        }),
    )
}

/// By label: when a copy was planned, its size, how long it ran, and its outcome.
type Drawn = BTreeMap<String, (u64, Option<u64>, Option<u64>, Outcome)>;

/// What was drawn for each copy, as far as it shows when slots are never lacking.
fn drawn(ran: &Ran, id: &str) -> Drawn {
    let copy = |record: &CopyRecord| {
        let label = ran.scenario.catalog.label(record.key);
        let planned = record.planned.expect("it was planned").micros();
        let ran_for = record.start.zip(record.end).map(|(start, end)| end.since(start).micros());
        (label, (planned, record.size.map(|size| size.0), ran_for, record.outcome))
    };
    let all = ran.observed.records.iter().map(copy);
    all.filter(|(label, _)| label.starts_with(&format!("{id}#"))).collect()
}

/// Everything of a scenario in front of which something is put.
fn front(mut scene: Scene, section: &str, entry: Value) -> Scene {
    scene.0[section].as_array_mut().expect("a list").insert(0, entry);
    scene
}

#[test]
fn r10_1_field_case_35_nothing_that_is_added_changes_a_draw() {
    let scene = everything(Scene::lane(1_000_000), "builds").set("service", json!({ "rate_limit": "off" }));
    let alone = drawn(&scene.run(), "builds");
    assert_eq!(alone.len(), 400);
    let outcomes: std::collections::BTreeSet<Outcome> = alone.values().map(|copy| copy.3).collect();
    assert_eq!(outcomes.len(), 3, "available, failed and cancelled: {outcomes:?}");
    // A region that sorts first, an image, a copy, a cancel and another stream, all in front.
    let more = scene.clone().set("regions.0first", json!({ "cap": 3 })).image("0first");
    let more = everything(more, "0other");
    let copy =
        json!({ "copy": { "id": "0copy", "at": "1s", "image": "0first", "to": "s", "duration": "1m" } });
    let cancel = json!({ "cancel": { "id": "0cancel", "at": "20s", "copy": "0copy" } });
    let mut more = front(front(more, "requests", cancel), "requests", copy);
    more.0["requests"].as_array_mut().unwrap().swap(1, 3);
    assert_eq!(drawn(&more.run(), "builds"), alone);
    // Another destination, in front too.
    let mut wider = scene.clone();
    wider.0["requests"][0]["arrivals"]["copy"]["to"] = json!(["t", "r", "s"]);
    let wider = drawn(&wider.run(), "builds");
    let without: BTreeMap<_, _> = wider.into_iter().filter(|(label, _)| !label.ends_with("@t")).collect();
    assert_eq!(without, alone);
    // Another seed and another name draw anew.
    assert_ne!(drawn(&scene.clone().set("seed", 2).run(), "builds"), alone);
    let renamed = drawn(&everything(Scene::lane(1_000_000), "tests").run(), "tests");
    assert!(renamed.values().zip(alone.values()).all(|(one, other)| one.0 != other.0));
}

#[test]
fn r10_1_what_becomes_of_a_copy_changes_no_draw() {
    let scene = everything(Scene::lane(1_000_000), "builds").set("service", json!({ "rate_limit": "off" }));
    let open = drawn(&scene.run(), "builds");
    // With two slots most copies wait, and many are cancelled before they start; with a quota many are refused.
    let narrow = drawn(&scene.clone().set("regions.a.cap", 2).run(), "builds");
    let full = drawn(&scene.set("service.images_quota", 20).run(), "builds");
    for other in [narrow, full] {
        let planned =
            |all: &Drawn| all.iter().map(|(label, copy)| (label.clone(), copy.0, copy.1)).collect::<Vec<_>>();
        assert_eq!(planned(&other), planned(&open));
        let both = other
            .iter()
            .filter(|(label, copy)| copy.3 == Outcome::Available && open[*label].3 == Outcome::Available);
        let mut compared = 0;
        for (label, copy) in both {
            assert_eq!(copy.2, open[label].2, "{label} takes as long");
            compared += 1;
        }
        assert!(compared > 10, "{compared} are Available in both");
    }
}

#[test]
fn r4_1_sizes_and_times_are_drawn_for_listed_copies_and_groups_too() {
    let fleet =
        json!({ "region": "a", "count": 50, "size": { "uniform": { "min": "1GiB", "max": "2GiB" } } });
    let scene = Scene::lane(1000).set("images.fleet", fleet.clone()).request(
        "copy",
        json!({ "id": "all", "image": "fleet", "to": "r", "copy_time": { "setup": "0s", "throughput": "1MiB/s" } }),
    );
    let ran = scene.run();
    let sizes: Vec<u64> = ran.observed.records.iter().map(|record| record.size.unwrap().0).collect();
    assert_eq!(sizes.len(), 50);
    assert!(sizes.iter().all(|size| (1 << 30..=2 << 30).contains(size)));
    assert!(sizes.iter().collect::<std::collections::BTreeSet<_>>().len() > 45, "each has its own");
    for record in &ran.observed.records {
        // ceil(size x 10^6 / rate), R1.2.
        let micros = (u128::from(record.size.unwrap().0) * 1_000_000).div_ceil(1 << 20);
        assert_eq!(u128::from(record.copy().unwrap().micros()), micros);
    }
    // A larger group has the same sizes first.
    let mut larger = fleet;
    larger["count"] = json!(60);
    let larger = scene.set("images.fleet", larger).run();
    let first: Vec<u64> =
        (1..=50).map(|number| larger.copy(&format!("all:fleet-{number}@r")).size.unwrap().0).collect();
    let before: Vec<u64> =
        (1..=50).map(|number| ran.copy(&format!("all:fleet-{number}@r")).size.unwrap().0).collect();
    assert_eq!(first, before);
}

#[test]
fn r4_1_drawn_times_hold_by_region_pair_and_wildcard() {
    let scene = Scene::lane(1000)
        .set("links", json!([
            { "from": "a", "to": "r", "copy_time": { "duration": { "uniform": { "min": "10s", "max": "20s" } } } },
            { "from": "*", "to": "*", "copy_time": { "duration": { "uniform": { "min": "100s", "max": "200s" } } } },
        ]))
        .request("arrivals", json!({
            "id": "x", "process": { "periodic": { "every": "1s" } }, "count": 100,
            "copy": { "from": "a", "to": ["r", "s"] },
        }));
    let ran = scene.set("service", json!({ "rate_limit": "off" })).run();
    for record in &ran.observed.records {
        let seconds = record.copy().unwrap().micros() / 1_000_000;
        let is_near = ran.scenario.catalog.label(record.key).ends_with("@r");
        assert!(if is_near { (10..=20).contains(&seconds) } else { (100..=200).contains(&seconds) });
    }
}

#[test]
fn r4_3_a_share_of_the_copies_fails_anywhere_in_its_progress() {
    let scene = Scene::lane(1000).set("service", json!({ "rate_limit": "off" })).request(
        "arrivals",
        json!({
            "id": "x", "process": { "periodic": { "every": "1s" } }, "count": 2000,
            "copy": { "from": "a", "to": "r", "duration": "100s", "fail": { "probability": 0.25 } },
        }),
    );
    let ran = scene.run();
    let failed: Vec<f64> = ran
        .observed
        .records
        .iter()
        .filter(|record| record.outcome == Outcome::Failed)
        .map(|record| record.end.unwrap().since(record.start.unwrap()).micros() as f64 / 1e8)
        .collect();
    // 500 of 2000, with a standard deviation of 19.4; uniform moments with a mean of a half.
    assert!((403..=597).contains(&failed.len()), "{}", failed.len());
    let mean = failed.iter().sum::<f64>() / failed.len() as f64;
    assert!((mean - 0.5).abs() < 5.0 / (12.0 * failed.len() as f64).sqrt(), "{mean}");
}

#[test]
fn r8_2_impatient_clients_cancel_what_still_waits() {
    let timeout = |then: &str| json!({ "duration": "100s", "timeout": { "after": "60s", "then": then } });
    let scene = |then: &str| {
        Scene::lane(1).copy_with("a", 0, timeout(then)).copy_with("b", 0, timeout(then)).copy("c", 0, 100)
    };
    let waiting = scene("cancel_if_waiting").run();
    assert_eq!(waiting.span("a@r"), (Some(0), Some(100)), "it had started");
    assert_eq!(waiting.copy("b@r").outcome, Outcome::CancelledWaiting);
    assert_eq!(waiting.span("b@r"), (None, Some(60)));
    assert_eq!(waiting.span("c@r"), (Some(100), Some(200)));
    let whatever = scene("cancel").run();
    assert_eq!(whatever.copy("a@r").outcome, Outcome::CancelledRunning);
    assert_eq!(whatever.span("a@r"), (Some(0), Some(60)));
    assert_eq!(whatever.copy("b@r").outcome, Outcome::CancelledWaiting, "both have waited as long");
    assert_eq!(whatever.span("c@r"), (Some(60), Some(160)));
}

#[test]
fn r1_6_a_time_out_in_the_instant_of_the_start_or_of_the_end() {
    let timeout = |then: &str| json!({ "duration": "60s", "timeout": { "after": "60s", "then": then } });
    // `b` would start at 60 s, and never does; `a` ends then, and its client has noticed.
    let ran = Scene::lane(1)
        .copy_with("a", 0, timeout("cancel"))
        .copy_with("b", 0, timeout("cancel_if_waiting"))
        .copy("c", 0, 60)
        .run();
    assert_eq!(ran.copy("a@r").outcome, Outcome::Available);
    assert_eq!((ran.copy("b@r").outcome, ran.span("b@r").0), (Outcome::CancelledWaiting, None));
    assert_eq!(ran.span("c@r"), (Some(60), Some(120)));
}

#[test]
fn r1_7_an_outdated_time_out_moves_no_clock_and_one_of_a_waiting_copy_does() {
    let timeout = json!({ "duration": "10s", "timeout": { "after": "1h", "then": "cancel_if_waiting" } });
    assert_eq!(Scene::lane(1).copy_with("a", 0, timeout.clone()).run().end_seconds(), 10);
    // Nothing can ever start, but the client gives up after an hour.
    let ran = Scene::lane(0).copy_with("a", 0, timeout).run();
    assert_eq!((ran.end_seconds(), ran.copy("a@r").outcome), (3600, Outcome::CancelledWaiting));
}

#[test]
fn r8_2_a_cancel_that_is_refused_ends_the_waiting_all_the_same() {
    let stuck = json!({
        "duration": "100s", "cancellable": false, "timeout": { "after": "60s", "then": "cancel" },
    });
    let ran = Scene::lane(1).copy_with("a", 0, stuck).run();
    assert_eq!(ran.span("a@r"), (Some(0), Some(100)));
    assert_eq!(ran.copy("a@r").outcome, Outcome::Available);
}

/// How many of 1200 arrivals copied each image to each region, as `image@region`.
fn counts_of_copies(scene: Scene, copy: Value) -> BTreeMap<String, u64> {
    let arrivals =
        json!({ "id": "s", "process": { "periodic": { "every": "10s" } }, "count": 1200, "copy": copy });
    let ran = scene.request("arrivals", arrivals).set("service", json!({ "conflict_key": "off" })).run();
    let mut counts = BTreeMap::new();
    for record in &ran.observed.records {
        let call = ran.scenario.catalog.call(record.key).expect("an arrival has a call");
        *counts.entry(format!("{}@{}", call.image, call.to)).or_default() += 1;
    }
    counts
}

#[test]
fn r8_4_arrivals_take_images_and_destinations_by_turns_and_weights() {
    let counts = |copy| counts_of_copies(Scene::lane(1000).image("x").image("y").image("z"), copy);
    let in_turn =
        counts(json!({ "image": ["x", "y"], "to": { "in_turn": ["r", "s", "t"] }, "duration": "1s" }));
    assert_eq!(in_turn.len(), 6);
    assert!(in_turn.values().all(|count| *count == 200), "{in_turn:?}");
    let equal = counts(json!({ "image": ["x", "y"], "to": { "in_turn": ["r", "s"] }, "duration": "1s" }));
    assert_eq!(equal.len(), 4, "one choice goes on when the other has come round: {equal:?}");
    assert!(equal.values().all(|count| *count == 300), "{equal:?}");
    let drawn = counts(json!({
        "image": { "one_of": { "x": 3, "y": 1, "z": 0 } }, "to": { "one_of": ["r", "s"] }, "duration": "1s",
    }));
    let of = |label: &str| drawn.get(label).copied().unwrap_or(0) as f64;
    assert_eq!(drawn.values().sum::<u64>(), 1200, "one copy an arrival");
    assert_eq!((of("z@r"), of("z@s")), (0.0, 0.0));
    for (label, share) in [("x@r", 0.375), ("x@s", 0.375), ("y@r", 0.125), ("y@s", 0.125)] {
        let deviation = f64::sqrt(1200.0 * share * (1.0 - share));
        assert!((of(label) - 1200.0 * share).abs() < 5.0 * deviation, "{label}: {drawn:?}");
    }
}

#[test]
fn r1_9_batches_and_streams_end_at_their_bounds() {
    let stream = |bounds: Value| {
        let mut arrivals = json!({
            "id": "s", "process": { "periodic": { "every": "10s" } }, "batch": { "fixed": 3 },
            "copy": { "from": "a", "to": "r", "duration": "1s" },
        });
        for (key, value) in bounds.as_object().unwrap() {
            arrivals[key] = value.clone();
        }
        Scene::lane(1000).request("arrivals", arrivals).run().observed.records.len()
    };
    assert_eq!(stream(json!({ "until": "30s" })), 9, "at 0, 10 and 20 s, and none at 30 s");
    assert_eq!(stream(json!({ "count": 7 })), 7, "the last batch is cut off");
    assert_eq!(stream(json!({ "from": "5s", "until": "30s" })), 9);
}

#[test]
fn profiles_of_a_day_follow_the_clock() {
    let scene = |starts_at: Option<&str>| {
        let rates = json!([
            { "at": "0s", "rate": { "per_hour": 0 } },
            { "at": "9h", "rate": { "per_hour": 60 } },
            { "at": "10h", "rate": { "per_hour": 0 } },
        ]);
        let scene = Scene::lane(1000).set("horizon", "1d").request(
            "arrivals",
            json!({
                "id": "s", "process": { "profile": { "rates": rates, "period": "1d" } },
                "copy": { "from": "a", "to": "r", "duration": "1s" },
            }),
        );
        let scene = starts_at.into_iter().fold(scene, |scene, at| scene.set("starts_at", at));
        let ran = scene.run();
        let hours: std::collections::BTreeSet<u64> = ran
            .observed
            .records
            .iter()
            .map(|record| record.planned.unwrap().micros() / 3_600_000_000)
            .collect();
        hours.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(scene(None), [9], "without a clock from the start of the run");
    // The run begins at seven in the morning: nine o'clock is two hours later.
    assert_eq!(scene(Some("2026-11-02T07:00:00+08:00")), [2]);
}

/// Of the ends of ten thousand copies in microseconds, by arrival: what `.ci/stochastic_twin.py` prints, a second
/// program with its own generator, arithmetic and queue.
const ENDS_BY_SECOND_PROGRAM: &str = "a639db20318ba25defaad4290e06fb481d71298472c00c1cccf24c7cf8c5d506";

#[test]
fn field_case_34_a_stochastic_run_ends_as_a_second_program_says() {
    let scenario = crate::support::read(include_str!("../data/stochastic.json"));
    let ran = crate::support::try_run_scenario(scenario).expect("it runs");
    let mut ends: Vec<(u64, u64)> = ran
        .observed
        .records
        .iter()
        .map(|record| (record.key.number(), record.end.expect("every copy ends").micros()))
        .collect();
    ends.sort_unstable();
    let bytes: Vec<u8> = ends.iter().flat_map(|(_, end)| end.to_le_bytes()).collect();
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, ENDS_BY_SECOND_PROGRAM);
}

#[test]
fn r2_4_arrivals_take_priorities_by_turns_and_weights() {
    let priorities = |priority: Value| -> BTreeMap<i32, u64> {
        let scene = Scene::lane(1000).set("service", json!({ "queue": "priority" })).request(
            "arrivals",
            json!({
                "id": "s", "process": { "periodic": { "every": "10s" } }, "count": 1200,
                "copy": { "from": "a", "to": ["r", "s"], "duration": "1s", "priority": priority },
            }),
        );
        let ran = scene.run();
        let mut counts = BTreeMap::new();
        let mut of_arrival = BTreeMap::new();
        for (_, what) in &ran.observed.history {
            let History::Accepted { key, priority, .. } = what else { continue };
            *counts.entry(*priority).or_default() += 1;
            let arrival = ran.scenario.catalog.arrival(*key);
            assert_eq!(of_arrival.insert(arrival, *priority).unwrap_or(*priority), *priority);
        }
        counts
    };
    assert_eq!(priorities(json!(-3)), BTreeMap::from([(-3, 2400)]));
    let in_turn = priorities(json!({ "in_turn": [0, 1, 2] }));
    assert_eq!(in_turn, BTreeMap::from([(0, 800), (1, 800), (2, 800)]));
    let drawn = priorities(json!({ "one_of": { "-1": 1, "0": 3 } }));
    // A quarter of 1200 arrivals, within five standard deviations, and two copies each.
    assert!((drawn[&-1] as f64 / 2.0 - 300.0).abs() < 5.0 * 15.0, "{drawn:?}");
    assert_eq!(drawn.values().sum::<u64>(), 2400);
}

#[test]
fn r10_1_the_order_of_choices_and_their_weights_move_no_other_draw() {
    let scene = |to: Value| {
        Scene::lane(1_000_000)
            .set("service", json!({ "rate_limit": "off" }))
            .set("links", json!([{ "from": "a", "to": "s", "copy_time": { "duration": "1m" } }]))
            .request(
                "arrivals",
                json!({
                    "id": "x", "process": { "periodic": { "every": "1s" } }, "count": 300,
                    "copy": {
                        "from": "a", "size": { "exponential": { "mean": "1GiB" } }, "to": { "one_of": to },
                        "fail": { "probability": 0.3 },
                    },
                }),
            )
            .set("copy_time", json!({ "duration": { "exponential": { "mean": "10m" } } }))
    };
    let one = drawn(&scene(json!({ "r": 1, "s": 2, "t": 1 })).run(), "x");
    assert_eq!(drawn(&scene(json!({ "t": 1, "s": 2, "r": 1 })).run(), "x"), one);
    // With other weights some go elsewhere; those that don't are as they were, whatever the others read.
    let other = drawn(&scene(json!({ "r": 3, "s": 1, "t": 1 })).run(), "x");
    let same = one.iter().filter(|(label, copy)| other.get(*label) == Some(copy)).count();
    let labels = one.keys().filter(|label| other.contains_key(*label)).count();
    assert!(labels > 100, "{labels}");
    assert_eq!(same, labels);
}

#[test]
fn r8_4_a_group_shares_its_weight_and_the_most_particular_name_counts() {
    let fleet = json!({ "region": "a", "size": "1GiB", "count": 3 });
    let counts =
        |copy| counts_of_copies(Scene::lane(1000).set("images.fleet", fleet.clone()).image("db"), copy);
    let near = |count: Option<&u64>, share: f64| {
        let count = count.copied().unwrap_or(0) as f64;
        (count - 1200.0 * share).abs() < 5.0 * f64::sqrt(1200.0 * share * (1.0 - share))
    };
    let images =
        counts(json!({ "image": { "one_of": { "fleet": 3, "db": 1 } }, "to": "r", "duration": "1s" }));
    assert!(near(images.get("db@r"), 0.25) && near(images.get("fleet-2@r"), 0.25), "{images:?}");
    let regions = counts(json!({
        "image": "db", "to": { "one_of": { "all-others": 1, "s": 2 } }, "duration": "1s",
    }));
    assert!(near(regions.get("db@s"), 0.5) && near(regions.get("db@t"), 0.25), "{regions:?}");
}

#[test]
fn r1_1_a_drawn_time_beyond_the_end_of_time_stops_the_run() {
    let far = json!({ "uniform": { "min": "104000d", "max": "104200d" } });
    let beyond = json!({ "mixture": [{ "weight": 1, "of": far }] });
    let scene = |scene: Scene| match crate::support::try_run(&scene.0.to_string()) {
        Err(RunError::BeyondTime { field, .. }) => field,
        other => panic!("{:?}", other.map(|ran| ran.end)),
    };
    // Within time at 0 s, and beyond it a year later.
    assert_eq!(
        Scene::lane(1).copy_with("a", 0, json!({ "duration": beyond })).run().count(Outcome::Available),
        1
    );
    let late = Scene::lane(1).copy_with("a", 31_536_000, json!({ "duration": beyond }));
    assert_eq!(scene(late), "the copy's length");
    let drawn = json!({ "log_normal": { "median": "100000d", "sigma": 20 } });
    let endless = Scene::lane(1000).request(
        "arrivals",
        json!({
            "id": "s", "process": { "periodic": { "every": "1s" } }, "count": 50,
            "copy": { "from": "a", "to": "r", "duration": drawn },
        }),
    );
    assert_eq!(scene(endless), "duration");
}

#[test]
fn r5_4_r8_2_a_copy_with_a_retention_and_a_time_out() {
    let both = json!({
        "duration": "10s", "retention": "1m", "timeout": { "after": "30s", "then": "cancel" },
    });
    let ran = Scene::lane(1).copy_with("a", 0, both.clone()).copy_with("b", 0, both.clone()).run();
    assert_eq!([ran.span("a@r").1, ran.span("b@r").1], [Some(10), Some(20)]);
    let late = Scene::lane(0).copy_with("a", 0, both).run();
    assert_eq!((late.copy("a@r").outcome, late.end_seconds()), (Outcome::CancelledWaiting, 30));
}
