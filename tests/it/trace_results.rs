//! Traces through the program: what is said of bad ones, and what results show of their rows.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

#[cfg(unix)]
use crate::program::Ended;
use crate::program::Place;
use crate::scenes::Scene;

/// A folder with a scenario and its trace.
fn place_with(csv: &str) -> Place {
    let place = Place::new();
    let trace = json!({ "id": "t", "file": "logs/t.csv", "copy": { "to": "r", "duration": "10m" } });
    let scene = Scene::lane(2).image("web").image("api").request("trace", trace);
    place.write("plans/plan.json", scene.text());
    place.write("plans/logs/t.csv", csv);
    place
}

#[test]
fn what_users_see_of_a_bad_trace() {
    let ended =
        place_with("id,at,image\njob-1,0s,web\njob-2,-5s,wep\njob-1,9s,api\n").run("run plans/plan.json");
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(65), ""), "{ended:?}");
    assert_eq!(
        ended.stderr,
        r#"error: `-5s`: a duration can't be negative
 --> plans/logs/t.csv:3:7
  |
3 | job-2,-5s,wep
  |       ^^^
  |
  = at: row 2, column at
  = help: write a number with a unit, such as "90s", "15m", "2h30m" or "1d" (units: us ms s m h d w)

error: there is no image `wep`
 --> plans/logs/t.csv:3:11
  |
3 | job-2,-5s,wep
  |           ^^^
  |
  = at: row 2, column image
  = help: did you mean `web`?

error: rows 1 and 3 are both called `job-1`
 --> plans/logs/t.csv:4:1
  |
4 | job-1,9s,api
  | ^^^^^
  |
 ::: plans/logs/t.csv:2:1
  |
2 | job-1,0s,web
  | ----- the first of them
  |
  = at: row 3, column id
  = help: give each row an id of its own

3 errors in `plans/plan.json`; nothing was run
"#
    );
}

#[test]
fn a_file_that_can_not_be_read_is_told_at_its_name() {
    for (file, message) in [
        ("none.csv", "there is no file `plans/none.csv`"),
        ("logs", "`plans/logs` is a folder"),
        ("/dev/null", "`/dev/null` can't be read twice"),
        ("logs/t.csv/below", "there is no file"),
    ] {
        let place = place_with("at,image\n0s,web\n");
        let ended = place.run(&format!("run plans/plan.json --set requests.t.file={file}"));
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(66), ""), "{file}: {ended:?}");
        assert!(ended.stderr.starts_with(&format!("error: {message}")), "{file}: {}", ended.stderr);
        assert!(ended.stderr.contains("= help: "), "{file}: {}", ended.stderr);
        assert!(!place.exists("results"), "nothing is run");
        // With another kind of fault beside it, the scenario is invalid.
        let ended =
            place.run(&format!("run plans/plan.json --set requests.t.file={file} --set horizon=soon"));
        assert_eq!(ended.status, Some(65), "{file}: {ended:?}");
    }
}

/// More rows with ids than are compared in memory.
#[cfg(unix)]
fn place_with_a_long_trace() -> Place {
    let rows: String = (0..300_000).map(|row| format!("job-{row},{row}s,web\n")).collect();
    place_with(&format!("id,at,image\n{rows}"))
}

#[cfg(unix)]
#[test]
fn a_temporary_folder_that_is_missing_is_73() {
    let place = place_with_a_long_trace();
    let run = |variable: &str, folder: &str| {
        let mut command = place.command("validate plans/plan.json");
        Ended::of(command.env(variable, folder).output().expect("the program starts"), folder)
    };
    assert_eq!(run("TMPDIR", ".").status, Some(0));
    let ended = run("TMPDIR", "nowhere");
    assert_eq!(ended.status, Some(73), "{ended:?}");
    let said = ended.stdout;
    assert!(
        said.contains("can't create a temporary file in `nowhere`: no such file or directory\n"),
        "{said}"
    );
    assert!(
        said.contains(" --> plans/plan.json:") && said.contains("= help: set TMPDIR to a folder"),
        "{said}"
    );
    assert!(said.ends_with("\n0 valid, 0 invalid, 1 not checked\n"), "{said}");
    assert!(!said.contains("t.csv`"), "the trace is not the cause: {said}");
    // With another kind of fault beside it, the scenario is invalid.
    let mut command = place.command("validate plans/plan.json --set horizon=soon");
    assert_eq!(command.env("TMPDIR", "nowhere").output().expect("it starts").status.code(), Some(65));
}

#[cfg(unix)]
#[test]
fn a_temporary_folder_that_is_full_is_74() {
    let place = place_with_a_long_trace();
    // A limit on files, as a full disk can't be had here.
    let script =
        format!("trap '' XFSZ; ulimit -f 8; exec {} validate plans/plan.json", crate::program::PROGRAM);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).current_dir(place.path("")).env("TMPDIR", ".");
    let ended = Ended::of(shell.output().expect("a shell"), &script);
    assert_eq!(ended.status, Some(74), "{ended:?}");
    let said = ended.stdout;
    assert!(said.contains("can't write a temporary file in `.`: file too large\n"), "{said}");
    assert!(said.contains("= help: set TMPDIR to a folder"), "{said}");
}

#[test]
fn what_was_read_of_a_trace_is_told_on_request() {
    let place = place_with("id,at,image\njob-1,0s,web\n\njob-2,5s,web\n");
    let said = place.run("validate plans/plan.json -v").stderr;
    assert!(said.contains("read `plans/logs/t.csv`: 2 rows\n"), "{said}");
    let said = place_with("at,image\n0s,web\n").run("validate plans/plan.json -v").stderr;
    assert!(said.contains("read `plans/logs/t.csv`: 1 row\n"), "{said}");
    assert!(!place.run("validate plans/plan.json").stderr.contains("t.csv"), "only on request");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let place = place_with("at,image\n0s,web\n");
    let made = std::process::Command::new("mkfifo").arg(place.path("plans/pipe")).status().expect("mkfifo");
    assert!(made.success());
    let ended = place.run("run plans/plan.json --set requests.t.file=pipe");
    assert_eq!(ended.status, Some(66), "{ended:?}");
    assert!(ended.stderr.contains("can't be read twice"), "{}", ended.stderr);
}

/// Forty rows with different times: own images and given ones, names, cancels and conflicts.
fn rows() -> Vec<String> {
    let row = |number: u64| {
        let at = number * 97;
        let image = if number.is_multiple_of(3) { "" } else { ["web", "api"][number as usize % 2] };
        let from = if image.is_empty() { "a" } else { "" };
        let to = ["r", "s", "t"][number as usize / 2 % 3];
        let id = if number.is_multiple_of(5) { String::new() } else { format!("job-{number}") };
        let cancel = if number % 7 == 3 { format!("{}s", at + 500) } else { String::new() };
        format!("{id},{at}s,{image},{from},{to},{cancel}")
    };
    (0..40).map(row).collect()
}

const HEADER: &str = "id,at,image,from,to,cancel_at\n";

#[test]
fn field_case_54_every_result_file_of_a_shuffled_trace_is_the_same() {
    let sorted = rows();
    let results = |rows: &[String]| -> (BTreeMap<String, Vec<u8>>, String) {
        let place = place_with(&format!("{HEADER}{}\n", rows.join("\n")));
        let ended = place.run("run plans/plan.json --out result --check-invariants");
        assert_eq!(ended.status, Some(0), "{ended:?}");
        (place.files("result"), ended.stderr)
    };
    let (expected, said) = results(&sorted);
    assert!(said.is_empty(), "{said}");
    assert!(expected.len() > 14 && expected.contains_key("manifest.json"), "{:?}", expected.keys());
    for step in [3, 7, 13, 39] {
        let shuffled: Vec<String> = (0..40).map(|place| sorted[place * step % 40].clone()).collect();
        let (found, said) = results(&shuffled);
        let differing: Vec<&String> =
            expected.keys().filter(|name| expected.get(*name) != found.get(*name)).collect();
        assert!(differing.is_empty() && expected.len() == found.len(), "step {step}: {differing:?} differ");
        assert!(said.starts_with("note: t: row ") && said.contains("the rows were sorted by time"), "{said}");
        assert_eq!(said.lines().count(), 1, "said once");
    }
}

#[test]
fn results_call_a_row_by_its_id() {
    let place = place_with(&format!("{HEADER}{}\n", rows().join("\n")));
    place.stdout("run plans/plan.json --out result");
    let copies = fs::read_to_string(place.path("result/copies.csv")).expect("rows");
    let row = |label: &str| {
        let line = copies.lines().find(|line| line.starts_with(&format!("{label},")));
        line.unwrap_or_else(|| panic!("no {label}")).split(',').map(str::to_owned).collect::<Vec<_>>()
    };
    // Copy, request, number, account, image, from, to.
    assert_eq!(row("t#job-1@r")[..7], ["t#job-1@r", "t", "2", "default", "api", "a", "r"]);
    assert_eq!(row("t#job-9@s")[..7], ["t#job-9@s", "t", "10", "default", "t#job-9", "a", "s"]);
    assert_eq!(row("t#1@r")[..7], ["t#1@r", "t", "1", "default", "t#1", "a", "r"]);
    assert!(copies.contains("is being copied by t#job-"), "conflicts name the other row:\n{copies}");
    let trace = fs::read_to_string(place.path("result/trace.jsonl")).expect("a trace");
    let lines: Vec<Value> = trace.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of_call = |call: &str| lines.iter().find(|line| line["call"] == call).expect("a call");
    assert_eq!(of_call("t#job-3#cancel")["target"], "t#job-3@s");
    assert_eq!(of_call("t#job-3#cancel")["region"], "s");
    let summary: Value =
        serde_json::from_slice(&fs::read(place.path("result/summary.json")).expect("a summary"))
            .expect("JSON");
    for destination in summary["destinations"].as_array().expect("destinations") {
        let region = destination["region"].as_str().expect("a region");
        let last = &destination["last_ready"];
        // The last of those that are Available there, by copies.csv.
        let ready = copies.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
        let ready = ready.filter(|cells| cells[6] == region && cells[9] == "available");
        let latest = ready
            .max_by(|left, right| left[15].parse::<f64>().unwrap().total_cmp(&right[15].parse().unwrap()));
        assert_eq!(last["copy"], latest.expect("a copy")[0], "{region}");
    }
    assert_eq!(summary["by_request"][0]["request"], "t");
    assert_eq!(summary["by_request"][0]["requests"]["planned"], 40);
    let gantt = fs::read_to_string(place.path("result/plots/gantt.svg")).expect("a chart");
    assert!(gantt.contains("t#job-1@r") && gantt.contains("t#1@r"));
}

#[test]
fn r3_4_ids_are_of_the_row_and_not_of_its_place() {
    let ids = |csv: &str| -> BTreeMap<String, String> {
        let place = place_with(csv);
        place.stdout("run plans/plan.json --out result --write rows,trace");
        let trace = fs::read_to_string(place.path("result/trace.jsonl")).expect("a trace");
        let lines = trace.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let accepted = lines.filter(|line| line["event"] == "accepted" || line["event"] == "cancelled");
        let mut ids = BTreeMap::new();
        for line in accepted {
            let of = format!("{} {}", text(&line["event"]), text(&line["copy"]));
            assert_ne!(line["request_id"], Value::Null);
            ids.insert(of, format!("{} {}", text(&line["image_id"]), text(&line["request_id"])));
        }
        ids
    };
    let before = ids("id,at,image,to,cancel_at\nx,10s,web,r,60s\n,20s,api,s,\n");
    let after = ids("id,at,image,to,cancel_at\n,0s,web,t,\nx,10s,web,r,60s\n,20s,api,s,\n");
    assert_eq!(before.len(), 3);
    assert_eq!(before["accepted t#x@r"], after["accepted t#x@r"]);
    assert_eq!(before["cancelled t#x@r"], after["cancelled t#x@r"]);
    assert_ne!(before["accepted t#2@s"], after["accepted t#3@s"], "its rank is another one");
    let distinct: std::collections::BTreeSet<&String> = after.values().collect();
    assert_eq!(distinct.len(), after.len(), "{after:?}");
}

#[test]
fn explain_tells_the_life_of_a_row() {
    let csv = "id,at,from,to,size,cancel_at\n,0s,a,r,1GiB,\njob-2,1s,a,r,1GiB,\nlate,60s,a,s,2GiB,15m\n";
    let place = place_with(csv);
    // Two slots, ten minutes each: the third row starts when the first ends.
    assert_eq!(
        place.stdout("explain t#late@s plans/plan.json"),
        "t#late@s   its own image   a -> s   2GiB\n\n          \
         1m   accepted; 2 of 2 slots of a taken, 0 waiting before it\n         \
         10m   started after waiting 9m\n         \
         15m   cancelled while running, by its row's cancel_at\n\n\
         while it waited 9m, slots were held by\n  t#1@r       0s to 10m\n  t#job-2@r   1s to 10m 1s\n"
    );
    let ended = place.run("explain t#lite@s plans/plan.json");
    assert!(ended.stderr.contains("did you mean `t#late@s`?"), "{ended:?}");
}

#[test]
fn a_check_takes_no_trace_for_a_scenario() {
    let place = place_with("at,image\n0s,web\n");
    place.write("plans/logs/other.json.csv", "at\n");
    place.stdout("check plans --accept");
    assert_eq!(
        place.stdout("check plans"),
        "PASS   plans/plan.json   2 files as golden\n\n1 passed, 0 failed\n"
    );
    place.write("plans/logs/t.csv", "at,image\n1s,web\n");
    let ended = place.run("check plans");
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("differs from golden: copies.csv"), "{ended:?}");
    place.write("plans/logs/t.csv", "at,image\n-1s,web\n");
    let ended = place.run("check plans");
    assert!(ended.status == Some(65) && ended.stdout.contains("plans/logs/t.csv:2:1"), "{ended:?}");
}
