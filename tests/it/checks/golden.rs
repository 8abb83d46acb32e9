//! `copysim check` on scenarios with promises, with golden results and without.

use serde_json::{Value, json};

use super::eight;
use crate::program::Place;
use crate::scenes::Scene;

fn with(place: &Place, name: &str, scene: Scene, checks: Value) {
    place.write(&format!("plans/{name}.json"), scene.checks(checks).text());
}

fn kept() -> Value {
    json!([
        { "metric": "makespan", "max": "20m" }, { "metric": "failed", "max": 0 }, { "metric": "planned", "equals": 8 }
    ])
}

#[test]
fn a_scenario_with_checks_needs_no_golden_result() {
    let place = Place::new();
    with(&place, "promised", eight(), kept());
    assert_eq!(place.stdout("check plans"), "PASS   plans/promised.json   3 checks\n\n1 passed, 0 failed\n");
    // None comes to be by the way, but it can have one.
    assert_eq!(place.stdout("check plans --accept"), place.stdout("check plans"));
    assert!(!place.exists("results"));
    let accepted = place.stdout("check plans --accept --write summary");
    assert!(accepted.starts_with("GOLDEN plans/promised.json   1 file accepted\n"), "{accepted}");
    let both = "PASS   plans/promised.json   1 file as golden, 3 checks\n\n1 passed, 0 failed\n";
    assert_eq!(place.stdout("check plans"), both);
    place.stdout("check plans --accept");
    assert_eq!(place.stdout("check plans"), both, "it stays with the files that are there");
    place.write("results/golden/promised/summary.json", "");
    assert_eq!(place.run("check plans").status, Some(1), "then it must be as golden too");
    with(&place, "promised", eight(), json!([]));
    place.write("results/golden/promised/old.csv", "");
    assert!(place.run("check plans").stdout.contains("summary.json, old.csv"));
}

#[test]
fn with_neither_there_is_no_golden_result() {
    let place = Place::new();
    with(&place, "bare", eight(), json!([]));
    let ended = place.run("check plans");
    assert_eq!(ended.status, Some(1));
    assert!(ended.stdout.contains(" makes it the golden result; with `checks` it needs none\n"), "{ended:?}");
    assert!(ended.stdout.starts_with("FAIL   plans/bare.json   no golden result\n"), "{ended:?}");
}

#[test]
fn broken_checks_are_shown_and_leave_the_golden_result() {
    let place = Place::new();
    with(&place, "plan", eight(), kept());
    place.stdout("check plans --accept --write summary");
    let before = place.files("results");
    let broken = json!([
        { "metric": "makespan", "max": "19m" }, { "metric": "failed", "max": 0 },
        { "metric": "lead", "stat": "p95", "max": "1h", "to": "s" }
    ]);
    with(&place, "plan", eight(), broken);
    let ended = place.run("check plans");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(1), ""));
    assert_eq!(
        ended.stdout,
        "FAIL   plans/plan.json   2 of 3 checks failed\n  \
         FAIL      makespan            20m   <= 19m   last ready: c6@r\n  \
         NO DATA   lead p95 to s   no data   <= 1h\n  \
         help: `copysim run plans/plan.json` shows all figures; change what they come from, or the limits\n\n\
         0 passed, 1 failed\n"
    );
    assert_eq!(place.run("check plans --accept").status, Some(1));
    assert!(place.files("results") == before, "it is left as it is");
}

#[test]
fn both_kinds_of_promises_are_told_together() {
    let place = Place::new();
    let scene = Scene::lane(5).copy_with("x", 0, json!({ "to": "a", "expect": "accepted" }));
    with(&place, "plan", scene, json!([{ "metric": "refused", "max": 0 }]));
    let stdout = place.run("check plans").stdout;
    assert!(
        stdout.starts_with("FAIL   plans/plan.json   not answered as expected, 1 of 1 check failed\n"),
        "{stdout}"
    );
    assert!(stdout.contains("\n  x@a: expected accepted, answered IncorrectDestinationRegion"), "{stdout}");
    assert!(stdout.contains("\n  FAIL   refused   1   <= 0\n"), "{stdout}");
}
