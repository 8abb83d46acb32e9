//! Injected faults and their draws (R7.8, R10.1).

use copysim::records::Outcome;
use serde_json::{Value, json};

use crate::scenes::Scene;

/// A stream of 200 copies, one a minute, and whoever else asks.
fn stream(scene: Scene, id: &str) -> Scene {
    let copy = json!({ "from": "a", "to": "r", "duration": "5s", "size": "1GiB" });
    let process = json!({ "periodic": { "every": "1m" } });
    scene.request("arrivals", json!({ "id": id, "process": process, "count": 200, "copy": copy }))
}

fn flaky(probability: f64) -> Value {
    json!({ "flaky": { "probability": probability } })
}

/// The arrivals of a stream that were refused.
fn refused(scene: &Scene, id: &str) -> Vec<String> {
    let ran = scene.run();
    let labels = ran.observed.records.iter().filter(|record| record.outcome == Outcome::Refused);
    let labels = labels.map(|record| ran.scenario.catalog.label(record.key));
    labels.filter(|label| label.starts_with(&format!("{id}#"))).collect()
}

#[test]
fn r7_8_about_the_share_of_calls_meets_a_fault() {
    let scene = stream(Scene::lane(5), "builds").set("faults", flaky(0.25));
    let met = refused(&scene, "builds");
    // 200 draws of a quarter: 50, with a standard deviation of 6.1; five of them either way.
    assert!((20..=80).contains(&met.len()), "{}", met.len());
    let ran = scene.run();
    let codes = ran.observed.records.iter().filter_map(|record| record.refused);
    assert!(codes.into_iter().all(|refused| refused.refusal.code.literal() == "InternalError"));
    for (probability, count) in [(0.0, 0), (1.0, 200)] {
        assert_eq!(refused(&scene.clone().set("faults", flaky(probability)), "builds").len(), count);
    }
}

#[test]
fn r10_1_draws_stay_put_whatever_else_is_in_the_scenario() {
    let scene = stream(Scene::lane(5), "builds").set("faults", flaky(0.3));
    let alone = refused(&scene, "builds");
    assert!(!alone.is_empty());
    // Another stream, a copy and a cancel in front; a region that sorts first; a fault that sorts first.
    let others = stream(Scene::lane(5).copy("first", 0, 60).cancel("stop", 10, "first"), "other");
    let with_others = stream(others, "builds").set("regions.0first", json!({ "cap": 3 })).set(
        "faults",
        json!({ "earlier": { "probability": 0.5, "requests": "other" }, "flaky": { "probability": 0.3 } }),
    );
    assert_eq!(refused(&with_others, "builds"), alone);
    // Refused calls read their words too: what is overdue for a while changes no later draw.
    let overdue = json!({ "main": { "overdue": [{ "from": "10m", "until": "1h" }] } });
    let late =
        |met: &[String]| -> Vec<String> { met.iter().filter(|label| number(label) > 61).cloned().collect() };
    let met = refused(&scene.clone().set("accounts", overdue), "builds");
    assert_eq!(late(&met), late(&alone));
    assert_ne!(refused(&scene.set("seed", 2), "builds"), alone);
}

fn number(label: &str) -> u64 {
    label.split(['#', '@']).nth(1).and_then(|number| number.parse().ok()).expect("an arrival has a number")
}

#[test]
fn r7_8_faults_hold_for_a_span_and_for_regions_and_requests() {
    let answers = |fault: Value| {
        let scene = Scene::lane(5).set("faults", json!({ "f": fault }));
        let scene = scene.copy("a1", 0, 5).copy("a2", 59, 5).copy("a3", 60, 5).copy("a4", 120, 5);
        let ran = scene.run();
        ["a1", "a2", "a3", "a4"].map(|id| ran.answer(&format!("{id}@r")) != "ok")
    };
    assert_eq!(answers(json!({})), [true; 4]);
    assert_eq!(answers(json!({ "from": "59s", "until": "2m" })), [false, true, true, false]);
    assert_eq!(answers(json!({ "region": "a" })), [true; 4], "where the call is sent to");
    assert_eq!(answers(json!({ "region": ["r", "s"] })), [false; 4]);
    assert_eq!(answers(json!({ "requests": ["a2", "a4@r"] })), [false, true, false, true]);
    assert_eq!(answers(json!({ "operation": "CancelCopyImage" })), [false; 4]);
}

#[test]
fn r7_8_a_cancel_can_meet_a_fault() {
    let scene = Scene::lane(5).copy("a1", 0, 600).copy("a2", 0, 600);
    let scene = scene.cancel("stop", 10, "a1").cancel("other", 10, "a2");
    let fault = json!({ "f": { "operation": "CancelCopyImage", "requests": "stop" } });
    let ran = scene.set("faults", fault).run();
    assert_eq!([ran.answer("stop"), ran.answer("other")], ["InternalError", "ok"]);
    assert_eq!(ran.copy("a1@r").outcome, Outcome::Available);
}

#[test]
fn r7_8_only_calls_that_name_a_key_make_a_data_key() {
    let fault = json!({ "f": { "code": "InvalidParameter.DataEncryptedKeyCreateFailed", "region": "r" } });
    let keyed = |to: &str| json!({ "encrypted": true, "kms_key": "k", "to": to });
    let scene = Scene::lane(5).set("kms_keys", json!({ "k": {} })).set("faults", fault);
    let scene = scene.copy("plain", 0, 5).copy_with("keyed", 0, keyed("r")).copy_with("else", 0, keyed("s"));
    let ran = scene.run();
    let answers = ["plain@r", "keyed@r", "else@s"].map(|label| ran.answer(label));
    assert_eq!(answers, ["ok", "InvalidParameter.DataEncryptedKeyCreateFailed", "ok"]);
}

#[test]
fn r10_3_a_seed_draws_the_same_wherever_it_is_written() {
    let place = crate::program::Place::new();
    let scene = stream(Scene::lane(5), "builds").set("faults", flaky(0.5));
    place.write("one/x.json", scene.clone().set("seed", 7).text());
    place.write("two/x.json", scene.text());
    let rows = |arguments: &str| {
        place.stdout(&format!("run {arguments} --write rows --out r"));
        place.files("r")["copies.csv"].clone()
    };
    let written = rows("one/x.json");
    assert!(written == rows("two/x.json --seed 7"), "on the command line");
    assert!(written == rows("two/x.json --set seed=7"), "laid over the file");
    assert!(written != rows("two/x.json --seed 8"), "another seed draws otherwise");
}

#[test]
fn r10_1_another_destination_changes_no_draw_of_a_fan_out() {
    let scene = |regions: u32| {
        let scene = Scene::lane(50).set("faults", flaky(0.5)).image("web");
        let scene = (0..regions).fold(scene, |scene, number| {
            // The later ones sort first.
            scene.set(&format!("regions.q{:02}", 40 - number), json!({}))
        });
        let wide = json!({ "image": "web", "to": "q*", "duration": "5s" });
        scene.request("copy", wide)
    };
    let refused = |scene: Scene| -> Vec<String> {
        let ran = scene.run();
        let records = ran.observed.records.iter().filter(|record| record.outcome == Outcome::Refused);
        let mut labels: Vec<String> = records.map(|record| ran.scenario.catalog.label(record.key)).collect();
        labels.sort();
        labels
    };
    let (few, many) = (refused(scene(20)), refused(scene(30)));
    assert!(few.len() > 3 && few.len() < 17, "about half of 20: {few:?}");
    let of_few: Vec<String> = many.into_iter().filter(|label| label.as_str() > "copy-1@q20").collect();
    assert_eq!(of_few, few);
}

#[test]
fn r10_3_the_order_of_faults_changes_no_word() {
    let rows = |faults: &str| {
        let place = crate::program::Place::new();
        let text = Scene::lane(5).copy("c", 0, 5).text().replacen(
            "\"requests\"",
            &format!("{faults}, \"requests\""),
            1,
        );
        place.write("x.json", text);
        place.stdout("run x.json --write rows --out r");
        String::from_utf8(place.files("r")["copies.csv"].clone()).expect("rows are text")
    };
    let [one, other] = [r#""faults": { "a": {}, "b": {} }"#, r#""faults": { "b": {}, "a": {} }"#].map(rows);
    assert!(one.contains("the fault `a`"), "{one}");
    assert_eq!(one, other);
}
