//! The result folder: what is in it, what is left of an earlier result, and that a run that fails leaves
//! everything as it was.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::determinism::busy_scenario;
use crate::program::{Ended, Place};

const QUICK: &str = "scenarios/quickstart.json";

const ALL_FILES: [&str; 17] = [
    "copies.csv",
    "copy.hgrm",
    "copy.hlog",
    "lead.hgrm",
    "lead.hlog",
    "manifest.json",
    "plots/gantt.svg",
    "plots/latency.svg",
    "plots/outcomes.svg",
    "plots/slots.svg",
    "summary.json",
    "timeseries.csv",
    "total.hgrm",
    "total.hlog",
    "trace.jsonl",
    "wait.hgrm",
    "wait.hlog",
];

fn names(place: &Place, folder: &str) -> Vec<String> {
    place.files(folder).into_keys().collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_manifest_lists_every_file_with_size_and_hash() {
    let place = Place::with_quickstart();
    place.stdout(&format!("run {QUICK} --seed 3 --out r"));
    let files = place.files("r");
    assert_eq!(files.keys().collect::<Vec<_>>(), ALL_FILES);
    let manifest: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(manifest["schema"], "copysim/manifest/1");
    assert_eq!(manifest["copysim_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((manifest["scenario"].as_str(), manifest["seed"].as_u64()), (Some("quickstart"), Some(3)));
    assert_eq!(manifest["scenario_sha256"].as_str().unwrap().len(), 64);
    let listed: BTreeMap<&str, (u64, &str)> = manifest["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            let text = |key: &str| file[key].as_str().unwrap();
            (text("path"), (file["bytes"].as_u64().unwrap(), text("sha256")))
        })
        .collect();
    let hashes: BTreeMap<&str, String> =
        files.iter().map(|(name, bytes)| (name.as_str(), sha256(bytes))).collect();
    let expected: BTreeMap<&str, (u64, &str)> = files
        .iter()
        .filter(|(name, _)| *name != "manifest.json")
        .map(|(name, bytes)| (name.as_str(), (bytes.len() as u64, hashes[name.as_str()].as_str())))
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn the_default_folder_is_named_by_scenario_seed_and_hash() {
    let place = Place::with_quickstart();
    let stdout = place.stdout(&format!("run {QUICK} --write summary"));
    let folder = stdout.lines().last().unwrap().to_owned();
    let manifest: serde_json::Value = serde_json::from_slice(&place.files(&folder)["manifest.json"]).unwrap();
    let hash = manifest["scenario_sha256"].as_str().unwrap();
    assert_eq!(folder, format!("results/runs/quickstart/1-{}", &hash[..6]));
}

#[test]
fn write_chooses_the_files() {
    let place = Place::with_quickstart();
    let histograms: Vec<&str> = ALL_FILES.into_iter().filter(|name| name.contains(".h")).collect();
    let charts: Vec<&str> = ALL_FILES.into_iter().filter(|name| name.starts_with("plots/")).collect();
    for (parts, files) in [
        ("summary", vec!["summary.json"]),
        ("rows", vec!["copies.csv"]),
        ("timeseries", vec!["timeseries.csv"]),
        ("trace", vec!["trace.jsonl"]),
        ("histograms", histograms),
        ("charts", charts),
        ("rows,summary", vec!["copies.csv", "summary.json"]),
        ("none,rows", vec!["copies.csv"]),
    ] {
        place.stdout(&format!("run {QUICK} --out {parts} --write {parts}"));
        let mut expected = [files, vec!["manifest.json"]].concat();
        expected.sort_unstable();
        assert_eq!(names(&place, parts), expected);
    }
    place.stdout(&format!("run {QUICK} --out none --write none"));
    assert!(!place.exists("none") && !place.exists("results"));
}

#[test]
fn a_rerun_replaces_its_own_files_and_no_others() {
    let place = Place::with_quickstart();
    place.stdout(&format!("run {QUICK} --out r"));
    let first = place.files("r");
    place.write("r/notes.txt", "mine");
    place.write("r/plots/mine.svg", "mine");
    place.stdout(&format!("run {QUICK} --out r"));
    let mut again = place.files("r");
    assert_eq!(again.remove("notes.txt").as_deref(), Some(&b"mine"[..]));
    assert_eq!(again.remove("plots/mine.svg").as_deref(), Some(&b"mine"[..]));
    assert!(again == first, "a rerun gives the same bytes");
    place.stdout(&format!("run {QUICK} --out r --write summary"));
    assert_eq!(names(&place, "r"), ["manifest.json", "notes.txt", "plots/mine.svg", "summary.json"]);
    fs::remove_file(place.path("r/plots/mine.svg")).unwrap();
    place.stdout(&format!("run {QUICK} --out r"));
    place.stdout(&format!("run {QUICK} --out r --write rows"));
    assert_eq!(names(&place, "r"), ["copies.csv", "manifest.json", "notes.txt"]);
    assert!(!place.exists("r/plots"), "no empty folder stays");
}

/// A manifest of ours that lists these files.
fn manifest_of(files: &[&str]) -> String {
    let files: Vec<_> =
        files.iter().map(|path| serde_json::json!({ "path": path, "bytes": 4, "sha256": "" })).collect();
    serde_json::json!({ "schema": "copysim/manifest/1", "files": files }).to_string()
}

#[test]
fn a_manifest_removes_nothing_but_files_of_results() {
    let place = Place::with_quickstart();
    let outside = place.path("mine.txt");
    let mine = ["mine.txt", "r/notes.txt", "r/plots/mine.svg", "r/src/main.rs", "r/summary.json"];
    mine.iter().for_each(|name| place.write(name, "mine"));
    let listed = [
        "../mine.txt",
        &outside.to_string_lossy(),
        "notes.txt",
        "plots/mine.svg",
        "src/main.rs",
        "summary.json",
    ];
    place.write("r/manifest.json", manifest_of(&listed));
    place.stdout(&format!("run {QUICK} --out r --write rows"));
    for name in &mine[..4] {
        assert_eq!(fs::read(place.path(name)).unwrap(), b"mine", "{name}");
    }
    assert!(!place.exists("r/summary.json"), "a stale file of the earlier result goes");
}

#[test]
fn a_folder_with_a_manifest_of_others_is_no_result() {
    let place = Place::with_quickstart();
    let file = r#"{ "path": "summary.json", "bytes": 4, "sha256": "" }"#;
    for manifest in [
        String::new(),
        "{}".to_owned(),
        "not json".to_owned(),
        "[1]".to_owned(),
        format!(r#"{{ "files": [{file}] }}"#),
        format!(r#"{{ "schema": "copysim/manifest/9", "files": [{file}] }}"#),
        r#"{ "schema": "copysim/manifest/1" }"#.to_owned(),
        r#"{ "name": "an extension", "manifest_version": 3, "files": ["summary.json"] }"#.to_owned(),
    ] {
        place.write("r/manifest.json", &manifest);
        place.write("r/summary.json", "mine");
        let before = place.files("r");
        let ended = place.run(&format!("run {QUICK} --out r --write rows"));
        assert_eq!(ended.status, Some(73), "{manifest}: {ended:?}");
        let words =
            "error: `r` is no result to replace: its manifest.json is not of copysim\n  help: move it away";
        assert!(ended.stderr.starts_with(words), "{ended:?}");
        assert!(place.files("r") == before, "{manifest}");
    }
}

#[test]
fn an_incomplete_result_can_be_replaced() {
    let place = Place::with_quickstart();
    place.write("r/wait.hlog", "half");
    place.write("r/plots/gantt.svg", "half");
    // Nothing says that these are of a run that was broken off.
    assert_eq!(place.run(&format!("run {QUICK} --out r")).status, Some(73));
    place.write("r/.copysim-incomplete", "");
    place.stdout(&format!("run {QUICK} --out r --write rows"));
    assert_eq!(names(&place, "r"), ["copies.csv", "manifest.json"]);
    assert!(!place.exists("r/plots"));
    // With anything else in it, it may be somebody's work.
    for foreign in ["notes.txt", "plots/mine.svg", "wait.hlog/mine", ".hidden"] {
        let place = Place::with_quickstart();
        place.write("r/.copysim-incomplete", "");
        place.write("r/copies.csv", "half");
        place.write(&format!("r/{foreign}"), "mine");
        let ended = place.run(&format!("run {QUICK} --out r"));
        assert_eq!(ended.status, Some(73), "{ended:?}");
        let name = foreign.trim_end_matches("/mine");
        assert!(
            ended.stderr.contains(&format!("`r` is no result to replace: it holds `{name}`")),
            "{ended:?}"
        );
        assert_eq!(fs::read(place.path("r/copies.csv")).unwrap(), b"half");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_killed_runs_left_is_removed() {
    let place = Place::with_quickstart();
    let mut gone = Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    let [dead, alive] = [gone.id(), std::process::id()].map(|id| format!("r/.copysim-{id}"));
    place.write(&format!("{dead}/copies.csv"), "half");
    place.write(&format!("{alive}/copies.csv"), "half");
    place.stdout(&format!("run {QUICK} --out r --write rows"));
    assert!(place.exists("r/copies.csv") && place.exists("r/manifest.json"));
    assert!(place.exists(&dead), "it may be of a process of another machine");
    let two_days_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 24 * 60 * 60);
    for folder in [&dead, &alive] {
        fs::File::open(place.path(folder)).unwrap().set_modified(two_days_ago).unwrap();
    }
    place.stdout(&format!("run {QUICK} --out r --write rows"));
    assert!(!place.exists(&dead), "its process is gone");
    assert!(place.exists(&alive), "its process may be writing");
    place.write("s/.copysim-notes/mine", "mine");
    assert_eq!(place.run(&format!("run {QUICK} --out s")).status, Some(73));
    assert!(place.exists("s/.copysim-notes/mine"));
}

/// Scenarios that stop while they run, or before.
fn failing() -> [(&'static str, String); 3] {
    let stream = |more: &str, from: &str| {
        format!(
            r#"{{ "schema_version": 1, "regions": {{ "a": {{}}, "b": {{}} }}, {more}
                 "requests": [{{ "arrivals": {{ "process": {{ "periodic": {{ "every": "1s" }} }}, "count": 100,
                 "from": "{from}", "copy": {{ "from": "a", "to": "b", "duration": "3d" }} }} }}] }}"#
        )
    };
    [
        ("is missing", "{}".to_owned()),
        ("events at", stream(r#""max_events_per_instant": 1,"#, "0s")),
        ("end of simulated time", stream("", "104249d")),
    ]
}

#[test]
fn a_run_that_fails_leaves_an_earlier_result_and_nothing_of_its_own() {
    let place = Place::with_quickstart();
    place.stdout(&format!("run {QUICK} --out r"));
    let earlier = place.files("r");
    for (words, text) in failing() {
        place.write("bad.json", text);
        for out in ["r", "fresh", "deep/er/fresh"] {
            let ended = place.run(&format!("run bad.json --out {out}"));
            assert_eq!((ended.status, ended.stdout.as_str()), (Some(65), ""), "{ended:?}");
            assert!(ended.stderr.contains(words) && ended.stderr.contains("help: "), "{ended:?}");
        }
        assert!(place.files("r") == earlier, "the earlier result is untouched");
        assert!(!place.exists("fresh") && !place.exists("deep"), "nothing is left behind");
        let entries = fs::read_dir(place.path("r")).unwrap().count();
        assert_eq!(entries, 14, "no staging folder is left: 13 files and `plots`");
    }
}

#[test]
fn a_result_that_cant_be_finished_has_no_manifest() {
    let place = Place::with_quickstart();
    place.stdout(&format!("run {QUICK} --out r"));
    // A folder stands where the last file has to go.
    fs::remove_file(place.path("r/wait.hlog")).unwrap();
    place.write("r/wait.hlog/mine", "");
    let ended = place.run(&format!("run {QUICK} --out r"));
    assert_eq!(ended.status, Some(74), "{ended:?}");
    assert!(ended.stderr.contains("r/wait.hlog"), "{ended:?}");
    assert!(!place.exists("r/manifest.json"), "readers would take it for whole");
    // Without what stood in the way it can be replaced.
    fs::remove_dir_all(place.path("r/wait.hlog")).unwrap();
    place.stdout(&format!("run {QUICK} --out r"));
    assert_eq!(names(&place, "r"), ALL_FILES);
}

#[test]
fn a_long_trace_is_left_out_and_that_is_said() {
    let place = Place::new();
    let stream = |count: u32| {
        format!(
            r#"{{ "schema_version": 1, "regions": {{ "a": {{}}, "b": {{}} }}, "requests": [{{ "arrivals": {{
                 "process": {{ "periodic": {{ "every": "1s" }} }}, "count": {count},
                 "copy": {{ "from": "a", "to": "b", "duration": "2s" }} }} }}] }}"#
        )
    };
    place.write("just.json", stream(100_000));
    let ended = place.run("run just.json --out just");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
    assert!(place.exists("just/trace.jsonl"));
    place.write("long.json", stream(100_001));
    let ended = place.run("run long.json --out long");
    let words =
        "note: more than 100 thousand copies: no trace.jsonl was written; `--write trace` writes it\n";
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), words));
    let files = place.files("long");
    assert!(!files.contains_key("trace.jsonl"));
    assert!(!String::from_utf8_lossy(&files["manifest.json"]).contains("trace"));
    place.stdout("run long.json --out traced --write trace");
    let trace = fs::read_to_string(place.path("traced/trace.jsonl")).unwrap();
    assert_eq!(trace.lines().filter(|line| line.contains("\"accepted\"")).count(), 100_001);
}

#[test]
fn copies_that_never_end_count_for_the_trace() {
    let place = Place::new();
    // None ends before the horizon; and a third of them is refused.
    let scenario = |count: u32, limits: &str| {
        format!(
            r#"{{ "schema_version": 1, "regions": {{ "a": {{}}, "b": {{}} }}, "horizon": "30d", {limits}
                 "requests": [{{ "arrivals": {{ "process": {{ "periodic": {{ "every": "1s" }} }},
                 "count": {count}, "copy": {{ "from": "a", "to": "b", "duration": "90d" }} }} }}] }}"#
        )
    };
    for limits in ["", r#""service": { "max_queue": 66000 },"#] {
        for (count, has_trace) in [(100_000, true), (100_001, false)] {
            place.write("long.json", scenario(count, limits));
            let ended = place.run("run long.json --out r");
            assert_eq!(ended.status, Some(0), "{ended:?}");
            assert_eq!(place.exists("r/trace.jsonl"), has_trace, "{count} {limits}");
            assert_eq!(ended.stderr.is_empty(), has_trace, "{ended:?}");
        }
    }
}

#[test]
fn every_line_of_the_trace_is_a_document() {
    let place = Place::new();
    place.write("busy.json", busy_scenario(false));
    place.stdout("run busy.json --out r --write trace");
    let trace = fs::read_to_string(place.path("r/trace.jsonl")).unwrap();
    let mut last = 0.0;
    for line in trace.lines() {
        let document: serde_json::Value = serde_json::from_str(line).unwrap();
        let at = document["at_s"].as_f64().unwrap();
        assert!(at >= last && document["event"].is_string(), "{line}");
        assert!(!document.as_object().unwrap().values().any(serde_json::Value::is_null), "{line}");
        last = at;
    }
    assert!(trace.lines().count() > 500);
}

#[test]
fn runs_into_one_folder_at_a_time_leave_a_whole_result() {
    let place = Place::with_quickstart();
    place.stdout(&format!("run {QUICK} --out alone"));
    for _ in 0..5 {
        let start = |_| {
            let mut command = place.command(&format!("run {QUICK} --out deep/r"));
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
        };
        let runs: Vec<_> = (0..6).map(start).collect();
        let codes: Vec<_> = runs.into_iter().map(|mut run| run.wait().unwrap().code()).collect();
        // One that comes while another moves its files into place finds no result there, and doesn't touch it.
        assert!(codes.contains(&Some(0)), "{codes:?}");
        assert!(codes.iter().all(|code| matches!(code, Some(0 | 73))), "{codes:?}");
        assert!(place.files("deep/r") == place.files("alone"));
        assert_eq!(fs::read_dir(place.path("deep/r")).unwrap().count(), 14, "no staging folder is left");
        fs::remove_dir_all(place.path("deep")).unwrap();
    }
}

#[cfg(unix)]
const ENDLESS: &str = r#"{ "schema_version": 1, "regions": { "a": {}, "b": {} }, "requests": [{ "arrivals": {
    "process": { "periodic": { "every": "1s" } }, "until": "5000w",
    "copy": { "from": "a", "to": "b", "duration": "3s" } } }] }"#;

/// Waits until something is written below a folder.
#[cfg(unix)]
fn await_bytes(place: &Place, folder: &str) {
    let begin = Instant::now();
    while !place.files(folder).values().any(|bytes| !bytes.is_empty()) {
        assert!(begin.elapsed() < Duration::from_secs(60), "the run doesn't begin to write");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Starts a run that takes long, and waits until it writes.
#[cfg(unix)]
fn start_long_run(place: &Place, out: &str) -> std::process::Child {
    place.write("endless.json", ENDLESS);
    let mut command = place.command(&format!("run endless.json --write rows,timeseries,summary --out {out}"));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    await_bytes(place, out);
    child
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing() {
    let place = Place::with_quickstart();
    for (signal, existing) in [("-INT", false), ("-INT", true), ("-TERM", false)] {
        if existing {
            place.stdout(&format!("run {QUICK} --out deep/r"));
        }
        let earlier = place.files("deep");
        let child = start_long_run(&place, "deep/r");
        // Another run puts its result beside the first one meanwhile.
        place.stdout(&format!("run {QUICK} --out deep/other --write rows"));
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let ended = Ended::of(child.wait_with_output().unwrap(), signal);
        let words = "interrupted; nothing was written\n";
        assert_eq!((ended.status, ended.stdout.as_str(), ended.stderr.as_str()), (Some(130), "", words));
        let mut left = place.files("deep");
        assert_eq!(left.remove("other/copies.csv").is_some(), left.remove("other/manifest.json").is_some());
        assert!(left == earlier, "{:?}", left.keys());
        assert_eq!(place.exists("deep/r"), existing);
        assert!(place.exists("deep/other/manifest.json"), "the other result stays");
        fs::remove_dir_all(place.path("deep")).unwrap();
    }
    let child = start_long_run(&place, "deep/r");
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert!(!place.exists("deep"), "folders that were made for it go too");
}

#[cfg(unix)]
#[test]
fn an_interrupted_check_says_so_and_leaves_nothing() {
    let place = Place::new();
    place.write("endless.json", ENDLESS);
    fs::create_dir(place.path("tmp")).unwrap();
    let mut command = place.command("check endless.json --accept");
    command.env("TMPDIR", place.path("tmp")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    await_bytes(&place, "tmp");
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let ended = Ended::of(child.wait_with_output().unwrap(), "check");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(130), "interrupted\n"));
    assert!(!place.exists("results"), "no folder is left");
    assert_eq!(fs::read_dir(place.path("tmp")).unwrap().count(), 0, "no temporary folder is left");
}

#[test]
fn simultaneous_runs_into_one_folder_leave_one_whole_result() {
    for _ in 0..5 {
        let place = Place::with_quickstart();
        place.stdout(&format!("run {QUICK} --out r"));
        let start = |seed: u32| {
            place
                .command(&format!("run {QUICK} --out r --seed {seed}"))
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        };
        let runs: Vec<_> = (1..=6).map(start).collect();
        for mut run in runs {
            assert_eq!(run.wait().unwrap().code(), Some(0));
        }
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(place.path("r/manifest.json")).unwrap()).unwrap();
        for file in manifest["files"].as_array().unwrap() {
            let name = file["path"].as_str().unwrap();
            let bytes = fs::read(place.path(&format!("r/{name}"))).unwrap();
            assert_eq!(copysim::output::manifest::sha256(&bytes), file["sha256"], "{name}");
        }
    }
}
