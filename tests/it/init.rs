//! `copysim init`: what it writes can be run as it stands, and it overwrites nothing.

use crate::program::Place;
use crate::schema::document;

const TEMPLATES: [&str; 3] = ["release", "nightly", "trace"];

#[test]
fn every_template_runs_as_it_stands() {
    for template in TEMPLATES {
        let place = Place::new();
        let told = place.stdout(&format!("init plans/mine --template {template}"));
        assert!(told.contains("copysim run plans/mine.json"), "{told}");
        let ended = place.run("run plans/mine.json --write none");
        assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""), "{template}: {ended:?}");
        assert!(ended.stdout.contains(" available"), "{ended:?}");
        let text = String::from_utf8(place.files("plans")["mine.json"].clone()).unwrap();
        assert!(!text.contains("NAME"), "{text}");
        let comments = text.lines().filter(|line| line.contains("//")).count();
        assert!(comments >= 5, "a {template} explains itself:\n{text}");
    }
}

#[test]
fn what_it_writes_keeps_to_the_schema_beside_it() {
    for template in TEMPLATES {
        let place = Place::new();
        place.stdout(&format!("init mine --template {template}"));
        let files = place.files(".");
        let read = |name: &str| String::from_utf8(files[name].clone()).unwrap();
        let schema = serde_json::from_str(&read("scenario.schema.json")).unwrap();
        let scenario = document(&read("mine.json"));
        assert_eq!(scenario["$schema"], "./scenario.schema.json");
        let validator = jsonschema::draft7::new(&schema).unwrap();
        let faults: Vec<String> = validator.iter_errors(&scenario).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{template}: {faults:?}");
    }
}

#[test]
fn names_are_taken_as_they_come() {
    for (arguments, file) in [
        ("init", "release.json"),
        ("init --template nightly", "nightly.json"),
        ("init spring.json", "spring.json"),
        ("init spring.jsonc", "spring.jsonc"),
        ("init a/b/spring-1.2", "a/b/spring-1.2.json"),
    ] {
        let place = Place::new();
        place.stdout(arguments);
        assert!(place.exists(file), "{arguments}: {:?}", place.files(".").keys());
    }
}

#[test]
fn nothing_is_overwritten_and_nothing_is_half_done() {
    let place = Place::new();
    place.write("mine.csv", "my own");
    let ended = place.run("init mine --template trace");
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(73), ""));
    assert!(ended.stderr.contains("`mine.csv` is there already"), "{}", ended.stderr);
    assert_eq!(place.files(".").keys().collect::<Vec<_>>(), ["mine.csv"]);
    place.write("folder/release.json", "my own");
    assert_eq!(place.run("init folder/release").status, Some(73));
    assert_eq!(place.files("folder")["release.json"], b"my own");
    let ended = place.run("init ..");
    assert_eq!(ended.status, Some(2), "{ended:?}");
}

#[test]
fn an_older_schema_is_brought_up_to_date_and_that_of_others_is_left_alone() {
    let place = Place::new();
    place.stdout("init one");
    let schema = place.files(".")["scenario.schema.json"].clone();
    place.write("scenario.schema.json", r#"{ "title": "copysim scenario", "type": "object" }"#);
    let told = place.stdout("init two");
    assert!(told.contains("scenario.schema.json"), "{told}");
    assert_eq!(place.files(".")["scenario.schema.json"], schema);
    let told = place.stdout("init three");
    assert!(!told.contains("scenario.schema.json"), "it is as it should be: {told}");
    let foreign = r#"{ "title": "something else" }"#;
    place.write("scenario.schema.json", foreign);
    let told = place.run("init four");
    assert!(!told.stdout.contains("scenario.schema.json"), "{told:?}");
    assert!(
        told.stderr.starts_with("note: `scenario.schema.json` is not of copysim and was kept"),
        "{told:?}"
    );
    assert_eq!(place.files(".")["scenario.schema.json"], foreign.as_bytes());
}

#[test]
fn the_commands_that_it_shows_can_be_pasted() {
    let place = Place::new();
    let mut command = place.command("init");
    let output = command.arg("my plans/it's.jsonc").output().expect("the program starts");
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(told.ends_with(
        "\nnext:\n  copysim run 'my plans/it'\\''s.jsonc'\n  copysim validate 'my plans/it'\\''s.jsonc'\n"
    ));
    assert!(place.exists("my plans/it's.jsonc"));
}

#[test]
fn the_question_of_the_trace_has_an_answer() {
    let place = Place::new();
    place.stdout("init log --template trace");
    let waits = |set: &str| {
        let text = place.stdout(&format!("run log.json --write none --format json{set}"));
        let summary: serde_json::Value = serde_json::from_str(&text).expect("a document");
        summary["figures"]["wait"]["max_s"].clone()
    };
    // Five slots are taken up to 28m39s at least: three by images of 40 GiB that take 50 minutes, two by the first
    // of 12 GiB. The last to wait comes at 21m and gets the slot of the row that is cancelled at 45m.
    assert_eq!(waits(""), 1440);
    assert_eq!(waits(" --set service.cap=10"), 0);
}
