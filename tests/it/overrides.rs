//! Values that are laid over a scenario are seen wherever its result is.

use serde_json::{Value, json};

use crate::program::Place;

const RUN: &str = "run scenarios/quickstart.json --out r";

fn overrides_in(place: &Place, file: &str) -> Value {
    let document: Value = serde_json::from_slice(&place.files("r")[file]).expect("a document");
    document["overrides"].clone()
}

#[test]
fn overrides_in_force_are_in_the_summary_and_the_manifest() {
    let place = Place::with_quickstart();
    let set = "--set service.cap=10 --set requests.hotfix.at=1h";
    let printed = place.stdout(&format!("{RUN} {set}"));
    let head: Vec<&str> = printed.lines().take(3).collect();
    assert!(head[0].starts_with("quickstart   seed 1   "), "{printed}");
    assert_eq!(head[1..], ["set: service.cap=10", "set: requests.hotfix.at=1h"]);
    for file in ["summary.json", "manifest.json"] {
        assert_eq!(overrides_in(&place, file), json!(["service.cap=10", "requests.hotfix.at=1h"]), "{file}");
    }
    let printed = place.stdout(RUN);
    assert!(!printed.contains("\nset: "), "{printed}");
    for file in ["summary.json", "manifest.json"] {
        assert_eq!(overrides_in(&place, file), json!([]), "{file}");
    }
}

#[test]
fn an_override_of_several_lines_takes_one_on_the_screen() {
    let place = Place::with_quickstart();
    let mut command = place.command("run scenarios/quickstart.json --write none");
    let output = command.args(["--set", "service={\n\"cap\": 3 }"]).output().expect("the program starts");
    let printed = String::from_utf8(output.stdout).expect("text");
    assert_eq!(printed.lines().nth(1), Some(r#"set: service={\u{a}"cap": 3 }"#), "{printed}");
}

#[test]
fn facts_of_a_run_are_told_to_those_who_want_them() {
    let place = Place::with_quickstart();
    let told = place.run(&format!("{RUN} --verbose --set service.cap=10 --write summary,rows"));
    let facts: Vec<&str> = told.stderr.lines().collect();
    let bytes = place.files("scenarios")["quickstart.json"].len();
    let manifest: Value = serde_json::from_slice(&place.files("r")["manifest.json"]).expect("a document");
    let hash = manifest["scenario_sha256"].as_str().expect("a hash");
    assert_eq!(facts[0], format!("info: read `scenarios/quickstart.json`: {bytes} bytes"));
    assert_eq!(facts[1], "info: set service.cap=10");
    assert_eq!(facts[2], format!("info: scenario hash {hash}"));
    // 12 calls, 11 starts and 10 ends: one copy is cancelled while it runs. The hotfix, asked for at 30
    // minutes, is copied at once for 300 + 27 * 1024 / 15 = 2143.2 s.
    assert_eq!(facts[3], "info: simulated 33 events up to 1h 5m 43s");
    assert_eq!(facts[4], "info: wrote copies.csv, summary.json, manifest.json to `r`");
    assert_eq!(facts.len(), 5, "{facts:?}");
    // No wall clock: said twice, it is the same.
    assert_eq!(place.run(&format!("{RUN} -v --set service.cap=10 --write summary,rows")).stderr, told.stderr);
}

#[test]
fn quiet_leaves_the_errors() {
    let place = Place::with_quickstart();
    let quiet = place.run(&format!("{RUN} --format json --quiet"));
    assert_eq!((quiet.status, quiet.stderr.as_str()), (Some(0), ""));
    let loud = place.run(&format!("{RUN} --format json"));
    assert_eq!((loud.stderr.as_str(), &loud.stdout), ("note: results in r\n", &quiet.stdout));
    let failed = place.run("-q run nope.json");
    assert_eq!(failed.status, Some(66));
    assert!(failed.stderr.starts_with("error: can't read `nope.json`"), "{failed:?}");
}
