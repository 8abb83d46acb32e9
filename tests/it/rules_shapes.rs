//! Traces that are asked for in another shape than they were recorded in.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Texts, read_with, run_with};

const ROWS: &str = "id,at\none,0s\ntwo,10s\nthree,20s\nfour,30s\n";

fn scenario(shape: &Value) -> String {
    let mut trace =
        json!({ "id": "t", "file": "rows.csv", "copy": { "from": "a", "to": "b", "duration": "1s" } });
    for (key, value) in shape.as_object().unwrap() {
        trace[key] = value.clone();
    }
    json!({ "schema_version": 1, "regions": { "a": { "cap": 100 }, "b": {} }, "requests": [{ "trace": trace }] })
        .to_string()
}

/// The copies with their times in seconds.
fn planned(shape: Value) -> Vec<(String, u64)> {
    let files: Arc<dyn copysim::scenario::Files> = Arc::new(Texts::one("rows.csv", ROWS));
    let ran = run_with(&scenario(&shape), &files);
    let mut copies: Vec<(String, u64)> = ran
        .observed
        .records
        .iter()
        .map(|record| {
            let label = ran.label(record.key);
            let name = label.trim_start_matches("t#").trim_end_matches("@b").to_owned();
            (name, record.planned.unwrap().micros() / 1_000_000)
        })
        .collect();
    copies.sort_by_key(|(_, at)| *at);
    copies
}

fn faults(shape: Value) -> Vec<(String, String)> {
    let files: Arc<dyn copysim::scenario::Files> = Arc::new(Texts::one("rows.csv", ROWS));
    let error = read_with(&scenario(&shape), &files).expect_err("it is wrong");
    error.diagnostics.into_iter().map(|fault| (fault.message, fault.help.unwrap_or_default())).collect()
}

fn named(copies: &[(&str, u64)]) -> Vec<(String, u64)> {
    copies.iter().map(|(name, at)| ((*name).to_owned(), *at)).collect()
}

#[test]
fn times_are_multiplied() {
    assert_eq!(planned(json!({})), named(&[("one", 0), ("two", 10), ("three", 20), ("four", 30)]));
    let faster = planned(json!({ "time_factor": 0.5 }));
    assert_eq!(faster, named(&[("one", 0), ("two", 5), ("three", 10), ("four", 15)]));
}

#[test]
fn rows_are_left_out_and_doubled_evenly() {
    assert_eq!(planned(json!({ "rate_factor": 0.5 })), named(&[("two", 10), ("four", 30)]));
    let more = planned(json!({ "rate_factor": 1.5 }));
    let expected = [("one", 0), ("two", 10), ("two+2", 10), ("three", 20), ("four", 30), ("four+2", 30)];
    assert_eq!(more, named(&expected));
}

#[test]
fn a_trace_comes_again() {
    let again = planned(json!({ "repeat": { "every": "1m", "times": 2 }, "rate_factor": 0.5 }));
    assert_eq!(again, named(&[("two", 10), ("four", 30), ("two~2", 70), ("four~2", 90)]));
}

#[test]
fn what_makes_no_sense_is_told() {
    let told = |shape: Value, message: &str, help: &str| {
        let found = faults(shape);
        assert!(found.len() == 1 && found[0].0.contains(message) && found[0].1.contains(help), "{found:?}");
    };
    told(json!({ "time_factor": 0 }), "`0` is no factor", "above 0");
    told(json!({ "rate_factor": -1 }), "`-1` is no factor", "above 0");
    told(json!({ "rate_factor": 0.1 }), "of 4 rows this would make 0", "1 to");
    told(
        json!({ "repeat": { "every": "20s", "times": 2 } }),
        "before its last row at 30s",
        "at least \"30s\"",
    );
    told(json!({ "repeat": { "every": "1m", "times": 0 } }), "comes 0 times", "at least 1");
    told(
        json!({ "time_factor": 1_000_000, "repeat": { "every": "30s", "times": 2 } }),
        "begins again",
        "at least",
    );
}

const CANCELLED: &str = "id,at,duration,cancel_at\none,0s,100s,40s\ntwo,10s,100s,\n";

#[test]
fn cancels_and_references_keep_to_the_shape() {
    let files: Arc<dyn copysim::scenario::Files> = Arc::new(Texts::one("rows.csv", CANCELLED));
    let shape = json!({ "time_factor": 0.5, "repeat": { "every": "10m", "times": 2 } });
    let mut text: Value = serde_json::from_str(&scenario(&shape)).unwrap();
    text["requests"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "cancel": { "id": "x", "at": "25s", "copy": "t#two" } }));
    let ran = run_with(&text.to_string(), &files);
    let ends = |label: &str| ran.span(label).1;
    assert_eq!([ends("t#one@b"), ends("t#two@b")], [Some(20), Some(25)], "the first time only");
    assert_eq!([ends("t#one~2@b"), ends("t#two~2@b")], [Some(620), Some(705)]);
}

#[test]
fn r1_7_what_the_horizon_cuts_off_is_counted_without_reading_it_all() {
    let files: Arc<dyn copysim::scenario::Files> = Arc::new(Texts::one("rows.csv", ROWS));
    let shape = json!({ "rate_factor": 1.5, "repeat": { "every": "1m", "times": 10_000_000_000_u64 } });
    let mut text: Value = serde_json::from_str(&scenario(&shape)).unwrap();
    text["horizon"] = json!("70s");
    let ran = run_with(&text.to_string(), &files);
    // Six in the first minute, and those at 60 s and 70 s, which are three.
    assert_eq!(ran.observed.records.len(), 9);
    assert_eq!(ran.end.not_planned, 60_000_000_000 - 9);
}
