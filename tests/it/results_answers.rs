//! What results show of answers that make no copy: replays, dry runs and refusals (R7.1, R7.3, R7.4).

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::program::Place;
use crate::scenes::Scene;

/// One copy of `i` to `r`, from 0 s to 600 s, and six calls that make none.
pub fn scene() -> Scene {
    let ask = |more: Value| {
        let mut body = json!({ "image": "i" });
        more.as_object().expect("keys").iter().for_each(|(key, value)| body[key] = value.clone());
        body
    };
    let token = json!({ "client_token": "t" });
    Scene::lane(2)
        .image("i")
        .copy_with("first", 0, ask(token.clone()))
        .copy_with("dry", 5, ask(json!({ "to": "t", "dry_run": true })))
        .copy_with("nobody", 10, ask(json!({ "anonymous": true })))
        .copy_with("again", 60, ask(token.clone()))
        .copy_with("other", 60, ask(json!({ "to": "s", "client_token": "t" })))
        .copy_with("dry-busy", 60, ask(json!({ "dry_run": true })))
        .copy_with("late", 700, ask(token))
}

/// The results of a run of the scene.
fn place() -> Place {
    let place = Place::new();
    place.write("plan.json", scene().text());
    place.stdout("run plan.json --out r");
    place
}

/// The rows of copies.csv by copy, each by column.
fn rows(place: &Place, folder: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let bytes = &place.files(folder)["copies.csv"];
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let row =
        |record: csv::StringRecord| header.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
    let rows = reader.records().map(|record| row(record.expect("a row")));
    rows.map(|row: BTreeMap<String, String>| (row["copy"].clone(), row)).collect()
}

/// The lines of the trace that tell of these events, by copy.
fn lines(place: &Place, folder: &str, events: &[&str]) -> BTreeMap<String, Value> {
    let text = fs::read_to_string(place.path(&format!("{folder}/trace.jsonl"))).expect("a trace");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let lines = lines.filter(|line| events.iter().any(|event| line["event"] == *event));
    lines.map(|line| (line["copy"].as_str().expect("a copy").to_owned(), line)).collect()
}

#[test]
fn r7_3_a_replayed_request_shows_the_first_answer_again() {
    let place = place();
    let rows = rows(&place, "r");
    let lines = lines(&place, "r", &["accepted", "replayed"]);
    let first = &rows["first@r"];
    assert_eq!((first["outcome"].as_str(), first["replays"].as_str()), ("available", ""));
    for (copy, at) in [("again@r", "60"), ("late@r", "700")] {
        let row = &rows[copy];
        assert_eq!(row["outcome"], "replayed");
        assert_eq!(row["replays"], "first@r");
        assert_eq!(row["image_id"], first["image_id"]);
        assert_eq!((row["planned_s"].as_str(), row["accepted_s"].as_str()), (at, ""));
        assert_eq!((row["calls"].as_str(), row["refusals"].as_str(), row["code"].as_str()), ("1", "0", ""));
        let line = &lines[copy];
        assert_eq!((line["event"].as_str(), line["replays"].as_str()), (Some("replayed"), Some("first@r")));
        assert_eq!(line["image_id"], first["image_id"].as_str());
        assert_eq!(line["request_id"], lines["first@r"]["request_id"]);
    }
}

#[test]
fn r7_4_a_dry_run_shows_what_the_call_would_get() {
    let place = place();
    let rows = rows(&place, "r");
    let lines = lines(&place, "r", &["dry_run", "refused"]);
    let message = "the call would be accepted now; make it without `dry_run` to copy `i` to t";
    let dry = &rows["dry@t"];
    let cells = ["outcome", "code", "http_status", "message", "image_id", "calls", "refusals"];
    assert_eq!(
        cells.map(|column| dry[column].as_str()),
        ["dry_run", "DryRunOperation", "400", message, "", "1", "0"]
    );
    let line = &lines["dry@t"];
    assert_eq!(
        (&line["event"], &line["code"], &line["http_status"], &line["message"]),
        (&json!("dry_run"), &json!("DryRunOperation"), &json!(400), &json!(message))
    );
    assert!(line["request_id"].is_string() && line["image_id"].is_null(), "{line}");
    // Where a copy is in the way, a dry run is refused as the real call would be.
    assert_eq!(rows["dry-busy@r"]["outcome"], "refused");
    assert_eq!(rows["dry-busy@r"]["code"], "OperationDenied.ImageCopyConflict");
}

#[test]
fn r7_1_refusals_show_who_and_what() {
    let rows = rows(&place(), "r");
    let nobody = &rows["nobody@r"];
    assert_eq!((nobody["account"].as_str(), nobody["code"].as_str()), ("", "InvalidAliUid.IsNull"));
    let other = &rows["other@s"];
    assert_eq!(other["code"], "IdempotentParameterMismatch");
    assert_eq!(
        other["message"],
        "the client token is bound by first@r, which has DestinationRegionId `r`, not `s`; repeat that call as it \
         was, or send another token"
    );
}

#[test]
fn r9_1_answers_are_counted_apart() {
    let place = place();
    let summary: Value = serde_json::from_slice(&place.files("r")["summary.json"]).expect("JSON");
    let refused = |code: &str, status: u16| json!({ "code": code, "http_status": status, "count": 1 });
    assert_eq!(
        summary["calls"],
        json!([{
            "operation": "CopyImage", "accepted": 1, "replayed": 2, "dry_runs": 1,
            "refused": [
                refused("InvalidAliUid.IsNull", 401),
                refused("IdempotentParameterMismatch", 400),
                refused("OperationDenied.ImageCopyConflict", 400),
            ],
        }])
    );
    let requests = &summary["requests"];
    let counts = ["planned", "available", "refused", "replayed", "dry_run"].map(|key| requests[key].as_u64());
    assert_eq!(counts, [7, 1, 3, 2, 1].map(Some));
    for figure in ["wait", "waited", "copy", "total", "lead"] {
        let figure = &summary["figures"][figure];
        assert_eq!(figure["n"], 1);
        assert_eq!(figure["left_out"], json!({ "refused": 3, "replayed": 2, "dry_run": 1 }));
    }
    // One copy of ten minutes, asked for at 0 s; the other requests change nothing.
    assert_eq!(summary["makespan_s"], 600);
    let text = place.stdout("run plan.json --write none");
    assert!(text.contains("  1 available, 3 refused, 2 replayed, 1 dry run   makespan 10m\n"), "{text}");
    let line = "  1 dry run passes every check; 2 calls got an earlier answer again by their tokens\n";
    assert!(text.contains(line), "{text}");
    assert!(!text.contains("DryRunOperation"), "it is no refusal: {text}");
}

#[test]
fn charts_draw_outcomes_and_codes() {
    let place = place();
    let chart = String::from_utf8(place.files("r")["plots/outcomes.svg"].clone()).expect("text");
    for title in [
        "replayed: 2",
        "dry run: 1",
        "refused: 3",
        "CopyImage: InvalidAliUid.IsNull (401): 1",
        "CopyImage: IdempotentParameterMismatch (400): 1",
    ] {
        assert!(chart.contains(&format!("<title>{title}</title>")), "{title}");
    }
    assert!(!chart.contains("DryRunOperation"), "it is no refusal");
    let gantt = String::from_utf8(place.files("r")["plots/gantt.svg"].clone()).expect("text");
    assert!(gantt.contains("3 refused, 2 replayed and 1 dry-run requests have no row."));
}

#[test]
fn explain_tells_both_sides_of_a_replay() {
    let place = place();
    let of = |copy: &str| place.stdout(&format!("explain {copy} plan.json"));
    assert!(
        of("again@r").ends_with(
            "\n          1m   answered as first@r was, by its client token; nothing new is copied\n"
        )
    );
    let first = of("first@r");
    assert!(
        first.contains("          1m   its answer is given again to again@r, which has its client token\n")
    );
    assert!(
        first.contains("     11m 40s   its answer is given again to late@r, which has its client token\n")
    );
    assert!(of("dry@t").contains("5s   dry run: DryRunOperation (400): the call would be accepted now; "));
}

#[test]
fn r7_3_a_row_is_named_as_long_as_it_binds_its_token() {
    // A row each hour; the token of the first one, which has no id, is bound for a day.
    let hours = (1..=25).map(|hour| format!("fill-{hour},{hour}h,api,s,\n"));
    let rows_of_day: String = hours.collect();
    let place = Place::new();
    let trace = json!({ "id": "t", "file": "t.csv", "copy": { "duration": "10m" } });
    place.write("plan.json", Scene::lane(2).image("web").image("api").request("trace", trace).text());
    place.write(
        "t.csv",
        format!("id,at,image,to,client_token\n,0s,web,r,x\n{rows_of_day}again,86399s,web,r,x\nnew,86400s,web,r,x\n"),
    );
    place.stdout("run plan.json --out r");
    let rows = rows(&place, "r");
    let lines = lines(&place, "r", &["accepted", "replayed"]);
    let (first, again) = (&rows["t#1@r"], &rows["t#again@r"]);
    assert_eq!((again["outcome"].as_str(), again["replays"].as_str()), ("replayed", "t#1@r"));
    assert_eq!(again["image_id"], first["image_id"]);
    assert_eq!(lines["t#again@r"]["request_id"], lines["t#1@r"]["request_id"]);
    // At the last instant of its life the token is free (R1.9).
    assert_eq!(rows["t#new@r"]["outcome"], "available");
    assert_ne!(rows["t#new@r"]["image_id"], first["image_id"]);
}
