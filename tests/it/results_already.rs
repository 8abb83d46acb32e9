//! What results show of copies that are there at the start, of retentions and of names with placeholders.

use serde_json::{Value, json};

use crate::program::Place;
use crate::scenes::Scene;

/// Two slots. `run` has 100 s left of 600 s, `queue` waits and follows it, `new` comes at 50 s. The image of
/// `run` is kept for 60 s.
fn scene() -> Scene {
    let copy = |id: &str, body: Value| {
        let mut call = json!({ "id": id, "image": id, "to": ["r", "s"], "duration": "600s" });
        for (key, value) in body.as_object().expect("the body is an object") {
            call[key] = value.clone();
        }
        call
    };
    let running = json!({ "running": { "remaining": "100s" } });
    let scene = Scene::lane(2).image("run").image("queue");
    let scene = scene.request(
        "copy",
        copy(
            "run",
            json!({ "already": running, "retention": "60s", "name": "{image}-{from}-{to}-{request}" }),
        ),
    );
    scene.request("copy", copy("queue", json!({ "already": "queued" }))).copy("new", 50, 10)
}

/// The rows of copies.csv as maps from column to cell.
fn rows(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row has a cell for each column")).collect()
}

#[test]
fn r9_4_the_summary_counts_them_apart() {
    let place = Place::new();
    let printed = |scene: &Scene| {
        place.write("x.json", scene.text());
        place.stdout("run x.json --write none")
    };
    let text = printed(&scene());
    let line = "\n  2 copies were running and 2 queued when the run began: not counted here\n";
    assert!(text.contains(line) && text.contains("  1 available "), "{text}");
    let one = |state: Value, to: Value| {
        let call = json!({ "id": "x", "image": "x", "to": to, "duration": "9s", "already": state });
        printed(&Scene::lane(5).image("x").request("copy", call))
    };
    for (state, to, expected) in [
        (json!("queued"), json!("r"), "  1 copy was queued when the run began"),
        (json!({ "running": {} }), json!("r"), "  1 copy was running when the run began"),
        (json!({ "running": {} }), json!(["r", "s"]), "  2 copies were running when the run began"),
    ] {
        let text = one(state, to);
        assert!(text.contains(expected) && text.contains("no copy was requested"), "{text}");
    }
    assert!(!printed(&Scene::lane(5).copy("x", 0, 9)).contains("when the run began"));
}

#[test]
fn result_files_tell_what_was_before_the_run() {
    let place = Place::new();
    place.write("x.json", scene().text());
    place.stdout("run x.json --out r");
    let read =
        |name: &str| std::fs::read_to_string(place.path(&format!("r/{name}"))).expect("it was written");
    let summary: Value = serde_json::from_str(&read("summary.json")).expect("it is JSON");
    assert_eq!(summary["already"], json!({ "running": 2, "queued": 2 }));
    assert_eq!(
        (&summary["requests"]["planned"], &summary["slots"][0]["waiting_max"]),
        (&json!(1), &json!(3))
    );
    let requests: Vec<&Value> =
        summary["by_request"].as_array().unwrap().iter().map(|it| &it["request"]).collect();
    assert_eq!(requests, [&json!("new")]);
    // The CopyImage calls of before aren't of this run; both deletes are.
    let calls = json!([
        { "operation": "CopyImage", "accepted": 1, "replayed": 0, "dry_runs": 0, "refused": [] },
        { "operation": "DeleteImage", "accepted": 2, "refused": [] },
    ]);
    assert_eq!(summary["calls"], calls);
    let rows = rows(&read("copies.csv"));
    let row = |label: &str| rows.iter().find(|row| row["copy"] == label).expect("it has a row");
    let cells = |label: &str, columns: [&str; 7]| columns.map(|column| row(label)[column].clone());
    let columns = ["counted", "planned_s", "sent_s", "accepted_s", "start_s", "end_s", "name"];
    assert_eq!(cells("run@s", columns), ["false", "", "", "0", "0", "100", "run-a-s-run"]);
    assert_eq!(cells("queue@r", columns), ["false", "", "", "0", "100", "700", ""]);
    assert_eq!(cells("new@r", columns), ["true", "50", "50", "50", "700", "710", ""]);
    // 100 of 600 s, so a sixth of 1 GiB, the part of a byte left out at both ends.
    let before = (1_u64 << 30) * 500 / 600;
    assert_eq!(row("run@r")["moved_bytes"], ((1_u64 << 30) - before).to_string());
}

#[test]
fn the_trace_names_the_copy_whose_retention_is_over() {
    let place = Place::new();
    let on = json!({ "after": "run@s", "from": "s", "to": "t" });
    place.write("x.json", scene().copy_with("on", 0, on).text());
    place.stdout("run x.json --out r --write trace");
    let trace = std::fs::read_to_string(place.path("r/trace.jsonl")).expect("it was written");
    let events: Vec<Value> =
        trace.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    let find = |event: &str| -> Vec<&Value> { events.iter().filter(|it| it["event"] == event).collect() };
    let copies =
        |event: &str| -> Vec<&str> { find(event).iter().filter_map(|it| it["copy"].as_str()).collect() };
    assert_eq!(copies("already_running"), ["run@r", "run@s"]);
    assert_eq!(copies("already_queued"), ["queue@r", "queue@s"]);
    assert_eq!(copies("deleted"), ["run@r"]);
    let [deleted] = find("deleted")[..] else { panic!("{trace}") };
    assert_eq!(
        (&deleted["at_s"], &deleted["because"], &deleted["region"]),
        (&json!(160), &json!("retention"), &json!("r"))
    );
    let [refused] = find("delete_refused")[..] else { panic!("{trace}") };
    assert_eq!((&refused["copy"], &refused["because"]), (&json!("run@s"), &json!("retention")));
    assert_eq!(refused["code"], "OperationDenied.ImageCopying");
    let message = refused["message"].as_str().expect("a refusal has a message");
    assert!(message.contains("`run@s` is the source or product of on@t"), "{message}");
    // No two answers have one id.
    let mut ids: Vec<&str> = events.iter().filter_map(|it| it["request_id"].as_str()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn life_lines_begin_with_the_run_and_end_with_the_retention() {
    let place = Place::new();
    let on = json!({ "after": "run@s", "from": "s", "to": "t" });
    place.write("x.json", scene().copy_with("on", 0, on).text());
    let lines = |label: &str| -> Vec<String> {
        let text = place.stdout(&format!("explain {label} x.json"));
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let run = lines("run@r");
    for line in [
        "0s already running when the run began",
        "1m 40s available after running 1m 40s",
        "2m 40s its image is deleted, as its retention is over",
    ] {
        assert!(run.contains(&line.to_owned()), "{line}: {run:?}");
    }
    let kept = lines("run@s");
    assert!(
        kept.iter().any(|line| line.contains("its retention is over, but it can't be deleted")),
        "{kept:?}"
    );
    let queue = lines("queue@s");
    for line in [
        "0s already queued when the run began; 2 of 2 slots of a taken, 1 waiting before it",
        "1m 40s started after waiting 1m 40s",
        "run@r 0s to 1m 40s",
    ] {
        assert!(queue.contains(&line.to_owned()), "{line}: {queue:?}");
    }
}
