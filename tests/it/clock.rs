//! `starts_at`: clock times beside simulated ones on screens, in summary.json and in charts, and nothing
//! else than that.

use std::collections::BTreeMap;

use copysim::output::Explainer;
use copysim::scenario::{Scenario, render};
use copysim::simulation::run;
use serde_json::{Value, json};

use crate::program::Place;
use crate::scenes::Scene;
use crate::support::read;

/// One slot and three copies of 10 minutes, called at 23:45; the third is cut off at 00:10 the next day.
fn night() -> Scene {
    let scene = Scene::lane(1).copies("c", 1..=3, 0, 600).set("horizon", "25m");
    scene.set("starts_at", "2026-11-02T23:45:00+08:00")
}

fn without_clock(scene: &Scene) -> Scene {
    let mut scene = scene.clone();
    scene.0.as_object_mut().unwrap().remove("starts_at");
    scene
}

/// The files of a run, and what it prints.
fn run_into_folder(scene: &Scene) -> (BTreeMap<String, Vec<u8>>, String) {
    let place = Place::new();
    place.write("x.json", scene.text());
    let printed = place.stdout("run x.json --out r");
    (place.files("r"), printed)
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap()
}

/// What is written in a chart.
fn words(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Vec<String> {
    let svg = text(files, name);
    let texts = svg.split("<text").skip(1);
    texts.map(|text| text.split(['>', '<']).nth(1).unwrap_or_default().to_owned()).collect()
}

#[test]
fn times_on_the_screen_have_a_clock_beside_them() {
    let (_, printed) = run_into_folder(&night());
    assert!(
        printed.contains(
            "\n  started on Mon 2 Nov 2026 at 23:45 (UTC+08:00)\n  ended at 25m (Tue 3 Nov 00:10): "
        ),
        "{printed}"
    );
    let rows: Vec<Vec<&str>> = printed.lines().map(|line| line.split_whitespace().collect()).collect();
    let row = |first: &str, of: usize| {
        rows.iter().filter(|row| row.first() == Some(&first)).nth(of).unwrap_or_else(|| panic!("{printed}"))
    };
    assert!(row("ready", 0).ends_with(&["ready", "at", "clock"]), "{printed}");
    // The second copy is ready after 20 minutes.
    assert!(row("r", 0).ends_with(&["20m", "Tue", "3", "Nov", "00:05"]), "{printed}");
    assert_eq!(row("request", 0)[4..6], ["clock", "makespan"], "{printed}");
    assert_eq!(row("c1", 0)[4..6], ["10m", "23:55"], "{printed}");
    assert_eq!(row("c2", 0)[4..9], ["20m", "Tue", "3", "Nov", "00:05"], "{printed}");
    // Nothing of it is ready.
    assert_eq!(row("c3", 0)[4..8], ["-", "-", "no", "data"], "{printed}");
    assert_eq!(printed.matches("UTC").count(), 1, "the offset is told once");
}

#[test]
fn the_summary_has_clock_times_beside_seconds() {
    let (files, _) = run_into_folder(&night().set("starts_at", "2026-11-02t23:45:00.500-00:00"));
    let summary: Value = serde_json::from_slice(&files["summary.json"]).unwrap();
    assert_eq!(summary["starts_at"], "2026-11-02T23:45:00.5Z");
    assert_eq!((&summary["end_s"], &summary["end_at"]), (&json!(1500), &json!("2026-11-03T00:10:00.5Z")));
    let last = &summary["destinations"][0]["last_ready"];
    assert_eq!((&last["ready_s"], &last["ready_at"]), (&json!(1200), &json!("2026-11-03T00:05:00.5Z")));
    let first = &summary["by_request"][0];
    assert_eq!(
        (&first["last_ready_s"], &first["last_ready_at"]),
        (&json!(600), &json!("2026-11-02T23:55:00.5Z"))
    );
    assert!(summary["by_request"][2].get("last_ready_at").is_none(), "nothing of c3 is ready");
    let keys = text(&files, "summary.json");
    assert!(keys.find("starts_at") < keys.find("end_at") && keys.find("end_at") < keys.find("requests"));
}

/// Removes them from a document, and counts them.
fn take_clock_times(document: &mut Value) -> usize {
    match document {
        Value::Object(members) => {
            let before = members.len();
            members.retain(|key, _| !key.ends_with("_at"));
            before - members.len() + members.values_mut().map(take_clock_times).sum::<usize>()
        }
        Value::Array(elements) => elements.iter_mut().map(take_clock_times).sum(),
        _ => 0,
    }
}

#[test]
fn a_clock_changes_no_simulated_byte() {
    let (with, printed_with) = run_into_folder(&night());
    let (without, printed) = run_into_folder(&without_clock(&night()));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&with), names(&without));
    let labelled = ["manifest.json", "plots/gantt.svg", "plots/slots.svg", "summary.json"];
    for (name, bytes) in &with {
        assert_eq!(bytes != &without[name], labelled.contains(&name.as_str()), "{name}");
    }
    // Take the clock out of the summary and nothing else is different.
    let summary = |files| serde_json::from_str::<Value>(&text(files, "summary.json")).unwrap();
    let mut labelled = summary(&with);
    // The start, the end, and the last ready copy of `r`, of c1 and of c2.
    assert_eq!(take_clock_times(&mut labelled), 5);
    assert_eq!(labelled, summary(&without));
    assert!(printed_with.contains("clock") && !printed.contains("clock"), "{printed}");
    // It is no part of what decides a run, as little as the description.
    let manifest = |files| serde_json::from_str::<Value>(&text(files, "manifest.json")).unwrap();
    let sha = |files| manifest(files)["scenario_sha256"].clone();
    assert_eq!(sha(&with), sha(&without));
}

#[test]
fn explain_has_a_clock_beside_each_instant() {
    let life = |scene: &Scene, label: &str| {
        let scenario = read(&scene.text());
        let mut explainer = Explainer::new(label, &scenario);
        let end = run(&scenario.model, &mut explainer, true).unwrap();
        explainer.finish(end.at).unwrap_or_else(|error| panic!("{error:?}")).to_string()
    };
    assert_eq!(
        life(&night(), "c3@r"),
        "c3@r   c3   a -> r   1GiB
the run started on Mon 2 Nov 2026 at 23:45 (UTC+08:00)

          0s             23:45   accepted; 1 of 1 slots of a taken, 1 waiting before it
         20m   Tue 3 Nov 00:05   started after waiting 20m
         25m   Tue 3 Nov 00:10   still running when the run ended, 50 % done

while it waited 20m, slots were held by
  c1@r   0s to 10m (23:45 to 23:55)
  c2@r   10m to 20m (23:55 to Tue 3 Nov 00:05)
"
    );
    let endless = life(&night().set("horizon", "15m"), "c3@r");
    assert!(endless.contains("\n  c2@r   10m to the end (from 23:55)\n"), "{endless}");
    let plain = life(&without_clock(&night()), "c3@r");
    assert!(plain.starts_with("c3@r   c3   a -> r   1GiB\n\n          0s   accepted"), "{plain}");
    assert!(plain.contains("\n  c1@r   0s to 10m\n"), "{plain}");
}

#[test]
fn charts_with_a_time_axis_show_the_clock() {
    let (with, without) = (run_into_folder(&night()).0, run_into_folder(&without_clock(&night())).0);
    for chart in ["plots/gantt.svg", "plots/slots.svg"] {
        let found = words(&with, chart);
        let has = |word: &str| found.iter().any(|found| found.starts_with(word));
        assert!(["23:50", "Tue 3 Nov", "00:05", "clock time"].into_iter().all(has), "{found:?}");
        assert!(has("The run started on Mon 2 Nov 2026 at 23:45 (UTC+08:00). "), "{found:?}");
        assert!(!has("time from start") && !has("5 min"), "{found:?}");
        let found = words(&without, chart);
        assert!(found.contains(&"time from start".to_owned()), "{found:?}");
        assert!(!found.iter().any(|found| found.contains("clock") || found.contains("The run")), "{found:?}");
    }
    assert!(text(&with, "plots/gantt.svg").contains("c2@r: accepted at 0s (23:45), waited"));
}

#[test]
fn r1_1_a_run_to_the_end_of_time_has_a_clock_too() {
    let scene = night().set("starts_at", "2200-12-31T23:59:59.999999Z");
    let scene = scene.set("horizon", "9007199254740991us");
    let scene = scene.copy_with("late", 9_007_199_254, json!({ "duration": "740991us" }));
    let (files, printed) = run_into_folder(&scene);
    // 104249 days and 23:47:34.740991 after the last microsecond of 2200.
    assert!(printed.contains(" (Tue 4 Jun 2486 23:47:35): no work left"), "{printed}");
    assert!(text(&files, "summary.json").contains("\"end_at\": \"2486-06-04T23:47:34.74099Z\""));
    assert!(words(&files, "plots/slots.svg").contains(&"2400".to_owned()));
}

#[test]
fn a_start_that_is_none_is_told_at_its_place_with_a_right_one() {
    let fault = |written: Value| {
        let text = night().set("starts_at", written.clone()).text();
        let error = Scenario::read("x.json", text.clone().into(), &[]).err();
        let error = error.unwrap_or_else(|| panic!("{written} is no start"));
        let [fault] = error.diagnostics.as_slice() else { panic!("not one fault: {error:?}") };
        let span = fault.span.unwrap();
        assert_eq!(&text[span.start..span.end], written.to_string());
        let screen = render(&error.sources, &error.diagnostics, false);
        assert!(screen.contains("\"2026-11-02T08:00:00+08:00\""), "{screen}");
        fault.message.clone()
    };
    for (written, message) in [
        ("2026-11-02T08:00:00", "this time has no offset from UTC"),
        (
            "2026-11-02T08:00:00+08:00[Asia/Shanghai]",
            "time zones by name are not known here, only fixed offsets from UTC",
        ),
        ("2026-11-02T08:00:00+8", "this offset from UTC is not one from -23:59 to +23:59"),
        ("2026-02-30T08:00:00Z", "there is no such day"),
        ("2026-11-02T25:00:00Z", "there is no such time of day"),
        ("2016-12-31T23:59:60Z", "leap seconds are not known here"),
        ("1969-12-31T23:59:59Z", "a run can't start before 1970 or after 2200"),
        ("2201-01-01T00:00:00Z", "a run can't start before 1970 or after 2200"),
        ("2026-11-02T08:00:00.0000001Z", "a time can't be finer than one microsecond"),
        ("tomorrow at eight", "this is not a day and a time with seconds"),
    ] {
        assert_eq!(fault(json!(written)), message, "{written}");
    }
    assert!(fault(json!(8)).starts_with("expected a string such as"));
}
