//! `copysim validate`: scenarios are checked and not run, and what is found is text or one document.

use serde_json::{Value, json};

use crate::program::Place;

const TWICE: &str = r#"{
  "schema_version": 1,
  "regions": { "a": {}, "b": { "cap": 3 } },
  "images": { "i": { "region": "a", "size": "1GiB" } },
  "requests": [
    { "copy": { "id": "r", "image": "i", "to": ["b", "b"] } },
    { "arrivals": { "process": { "periodic": { "every": "1h" } }, "count": 2, "copy": { "image": "i", "to": "b" } } },
  ],
}"#;

/// Two faults: on line 3 and, with another place that plays a part, on line 5.
const FAULTY: &str = r#"{
  "schema_version": 1,
  "regions": { "a": { "kap": 1 }, "b": {} },
  "images": { "i": { "region": "a", "name": "n" },
    "é": { "region": "a", "name": "n" } },
}"#;

fn place() -> Place {
    let place = Place::with_quickstart();
    place.write("plans/twice.json", TWICE);
    place
}

fn document(place: &Place, arguments: &str, status: i32) -> Value {
    let ended = place.run(arguments);
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(status), ""), "{ended:?}");
    serde_json::from_str(&ended.stdout).expect("one document")
}

#[test]
fn valid_scenarios_have_a_line_each() {
    let place = place();
    let said = "\
ok     plans/twice.json   2 regions, 1 copy listed, 1 stream
  note: r: b is named twice: one copy is made there
ok     scenarios/quickstart.json   10 regions, 11 copies listed

2 valid, 0 invalid
";
    assert_eq!(place.stdout("validate scenarios plans/twice.json"), said);
    assert!(!place.exists("results"), "nothing is run");
    let quiet = place.stdout("validate --quiet scenarios plans");
    assert_eq!(quiet, said.replace("  note: r: b is named twice: one copy is made there\n", ""));
}

#[test]
fn faults_are_shown_at_their_places() {
    let place = place();
    place.write("a.json", FAULTY);
    let ended = place.run("validate a.json scenarios");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(65), ""), "{ended:?}");
    assert!(ended.stdout.starts_with("ERROR  a.json   2 errors\nerror: "), "{ended:?}");
    assert!(ended.stdout.contains(" --> a.json:3:23\n") && ended.stdout.contains(" --> a.json:5:35\n"));
    let end = "\n\nok     scenarios/quickstart.json   10 regions, 11 copies listed\n\n1 valid, 1 invalid\n";
    assert!(ended.stdout.ends_with(end), "{ended:?}");
    assert!(!ended.stdout.contains("nothing was run"), "nobody wanted to run it: {ended:?}");
}

#[test]
fn the_document_has_every_fault_with_its_places() {
    let place = place();
    place.write("a.json", FAULTY);
    let found = document(&place, "validate plans a.json --format json", 65);
    assert_eq!((&found["schema"], &found["valid"]), (&json!("copysim/diagnostics/1"), &json!(false)));
    let lines: Vec<&str> = FAULTY.lines().collect();
    let expected = json!([
        {
            "file": "a.json", "valid": false, "notices": [],
            "diagnostics": [
                {
                    "severity": "error", "message": "unknown key `kap`", "help": "did you mean `cap`?",
                    "path": "regions.a.kap", "file": "a.json", "line": 3, "column": 23, "end_line": 3,
                    "end_column": 28, "excerpt": lines[2], "related": [],
                },
                {
                    "severity": "error", "message": "this name is taken in this region",
                    "help": "names are unique per account and region: choose another one",
                    "path": "images.é.name", "file": "a.json", "line": 5, "column": 35, "end_line": 5,
                    "end_column": 38, "excerpt": lines[4],
                    "related": [{ "label": "taken here", "file": "a.json", "line": 4, "column": 45,
                        "end_line": 4, "end_column": 48 }],
                },
            ],
        },
        {
            "file": "plans/twice.json", "valid": true,
            "notices": ["r: b is named twice: one copy is made there"], "diagnostics": [],
        },
    ]);
    assert_eq!(found["files"], expected);
    let valid = document(&place, "validate plans --format json", 0);
    assert_eq!(valid["valid"], json!(true));
}

#[test]
fn a_fault_of_an_override_is_in_the_override() {
    let found = document(&place(), "validate plans --set regions.b.cap=-1 --format json", 65);
    let fault = &found["files"][0]["diagnostics"][0];
    // regions.b.cap= are 14 characters.
    assert_eq!((&fault["file"], &fault["path"]), (&json!("--set"), &json!("regions.b.cap")));
    assert_eq!((&fault["line"], &fault["column"], &fault["end_column"]), (&json!(1), &json!(15), &json!(17)));
    assert_eq!(fault["excerpt"], json!("regions.b.cap=-1"));
}

#[test]
fn a_file_that_cant_be_read_is_66_unless_another_is_invalid() {
    let place = place();
    let ended = place.run("validate nope.json scenarios");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(66), ""), "{ended:?}");
    assert!(ended.stdout.starts_with("ERROR  nope.json\nerror: can't read `nope.json`"), "{ended:?}");
    assert!(ended.stdout.ends_with("\n\n1 valid, 0 invalid, 1 unreadable\n"), "{ended:?}");
    let found = document(&place, "validate nope.json --format json", 66);
    let fault = found["files"][0]["diagnostics"][0].as_object().expect("a fault");
    assert_eq!((&fault["file"], &fault["severity"]), (&json!("nope.json"), &json!("error")));
    assert!(!fault.contains_key("line") && !fault.contains_key("excerpt"), "it has no place: {fault:?}");
    place.write("bad.json", "{}");
    for arguments in ["validate nope.json bad.json", "validate bad.json nope.json"] {
        assert_eq!(place.run(arguments).status, Some(65));
    }
    // Where nothing is selected there is nothing to tell of any file.
    place.write("notes/readme.md", "");
    let nothing = place.run("validate notes --format json");
    assert_eq!((nothing.status, nothing.stdout.as_str()), (Some(66), ""), "{nothing:?}");
    assert!(nothing.stderr.starts_with("error: there is no scenario below notes"), "{nothing:?}");
}

#[test]
fn two_of_one_name_are_two_scenarios_and_golden_results_are_none() {
    let place = place();
    place.write("plans/quickstart.json", TWICE);
    place.stdout("check scenarios --accept");
    let said = place.stdout("validate .");
    assert!(said.ends_with("\n\n3 valid, 0 invalid\n"), "{said}");
}

#[test]
fn thousands_of_faults_take_no_long_time() {
    let place = Place::new();
    // One line of 200 thousand characters and as many places to be found in it as there are copies.
    let requests = r#"{ "copy": { "image": "i", "to": "a" } }, "#.repeat(5000);
    place.write(
        "many.json",
        format!(r#"{{ "schema_version": 1, "regions": {{ "a": {{}} }}, "requests": [{requests}] }}"#),
    );
    let found = document(&place, "validate many.json --format json", 65);
    let faults = found["files"][0]["diagnostics"].as_array().expect("faults");
    assert_eq!(faults.len(), 5000);
    // 62 characters to the first request and 22 in it to its image; 41 from one to the next.
    let column = |fault: &Value| fault["column"].as_u64();
    assert_eq!(
        column(&faults[4999]).zip(column(&faults[0])).map(|(last, first)| last - first),
        Some(4999 * 41)
    );
    let excerpt = faults[2500]["excerpt"].as_str().expect("a line");
    assert!(excerpt.starts_with('…') && excerpt.ends_with('…') && excerpt.chars().count() < 120, "{excerpt}");
}
