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
    let told = place.stdout("init four");
    assert!(!told.contains("scenario.schema.json"), "{told}");
    assert_eq!(place.files(".")["scenario.schema.json"], foreign.as_bytes());
}
