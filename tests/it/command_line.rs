//! What people and CI jobs meet: exit codes, what is on which stream, and help whose examples run.

use std::fs::{self, File};
use std::io::Read;
use std::process::Stdio;

use crate::program::{Ended, Place};

const QUICK: &str = "scenarios/quickstart.json";

/// Runs a command that must end like this, with all its words on stderr, and a way out among them.
fn assert_fails(place: &Place, arguments: &str, status: i32, words: &str) {
    let ended = place.run(arguments);
    assert_eq!(ended.status, Some(status), "{ended:?}");
    assert!(ended.stdout.is_empty(), "{ended:?}");
    assert!(ended.stderr.starts_with("error: ") && ended.stderr.contains(words), "{words}: {ended:?}");
    assert!(ended.stderr.contains("\n  help: ") && !ended.stderr.contains("os error"), "{ended:?}");
}

#[test]
fn a_wrong_command_line_is_2() {
    let place = Place::with_quickstart();
    for (arguments, words) in [
        ("frobnicate", "`frobnicate`"),
        ("rum scenarios/quickstart.json", "help: did you mean `run`?"),
        ("rn scenarios/quickstart.json", "help: did you mean `run`?"),
        ("help rn", "help: did you mean `run`?"),
        ("run -q -v scenarios/quickstart.json", "error: `--quiet` and `--verbose` exclude each other"),
        ("run", "<SCENARIO>"),
        ("run a.json b.json", "`b.json`"),
        ("run scenarios/quickstart.json --sed 1", "`--seed`"),
        ("run scenarios/quickstart.json --seed", "--seed <N>"),
        ("run scenarios/quickstart.json --seed x", "a whole number from 0 to 9007199254740992"),
        ("run scenarios/quickstart.json --seed -1", "a whole number from 0"),
        ("run scenarios/quickstart.json --seed 1.5", "a whole number from 0"),
        ("run scenarios/quickstart.json --seed 9007199254740993", "a whole number from 0"),
        ("run scenarios/quickstart.json --format xml", "text, json"),
        ("run scenarios/quickstart.json --write rows,all", "`all`"),
        ("run scenarios/quickstart.json --out=", "--out <DIR>"),
        ("explain release@us-east-1", "<SCENARIO>"),
        ("check", "<PATHS>"),
        ("check scenarios --write rows", "--accept"),
        ("check scenarios --accept --write none", "`none`"),
        ("--colour", "`--colour`"),
    ] {
        assert_fails(&place, arguments, 2, words);
    }
    assert!(!place.exists("results"));
}

#[test]
fn an_invalid_scenario_is_65_and_says_where() {
    let place = Place::new();
    place.write("bad.json", "{\n  \"schema_version\": 1,\n  \"regions\": { \"cn\": { \"kap\": 1 } }\n}");
    for command in ["run bad.json --out r", "run bad.json --format json", "explain a@cn bad.json"] {
        let ended = place.run(command);
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(65), ""), "{ended:?}");
        assert!(ended.stderr.contains("--> bad.json:3:24"), "{ended:?}");
        assert!(ended.stderr.contains("did you mean `cap`?"), "{ended:?}");
        assert!(ended.stderr.ends_with("\n\n1 error in `bad.json`; nothing was run\n"), "{ended:?}");
    }
    assert!(!place.exists("r") && !place.exists("results"));
    let ended = place.run("check bad.json");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(65), ""), "{ended:?}");
    assert!(ended.stdout.starts_with("ERROR  bad.json\n"), "{ended:?}");
    assert!(ended.stdout.contains("--> bad.json:3:24"), "{ended:?}");
}

#[test]
fn of_thousands_of_errors_the_first_are_shown() {
    let place = Place::new();
    let requests = r#"{ "copy": { "image": "i", "to": "a" } }, "#.repeat(5000);
    place.write(
        "many.json",
        format!(r#"{{ "schema_version": 1, "regions": {{ "a": {{}} }}, "requests": [{requests}] }}"#),
    );
    let ended = place.run("run many.json");
    assert_eq!(ended.status, Some(65));
    assert_eq!(ended.stderr.matches("error: there is no image `i`").count(), 50);
    let end = "\n\n5000 errors in `many.json`, of which 50 are shown; nothing was run\n";
    assert!(ended.stderr.ends_with(end), "{ended:?}");
}

#[test]
fn a_missing_input_is_66() {
    let place = Place::with_quickstart();
    fs::create_dir(place.path("empty")).unwrap();
    place.write("notes/readme.md", "no scenario");
    File::create(place.path("huge.json")).unwrap().set_len((1 << 30) + 1).unwrap();
    for (arguments, words) in [
        ("run nope.json", "can't read `nope.json`: no such file"),
        ("run scenarios", "`scenarios` is a folder"),
        ("run scenarios/quickstart.json/x", "can't read"),
        ("run huge.json", "larger than 1 GiB"),
        ("explain release@us-east-1 nope.json", "nope.json"),
        ("explain release@us-east-9 scenarios/quickstart.json", "did you mean `release@us-east-1`?"),
        ("explain nobody scenarios/quickstart.json", "no copy `nobody`"),
        ("run -", "`/dev/stdin`"),
        ("check empty", "no scenario below empty"),
        ("check notes", "no scenario below notes"),
    ] {
        assert_fails(&place, arguments, 66, words);
    }
    place.write("again/quickstart.json", "{}");
    assert_fails(&place, "check scenarios again", 66, "have one name");
}

#[test]
fn an_output_that_cant_be_created_is_73() {
    let place = Place::with_quickstart();
    place.write("file", "mine");
    place.write("foreign/notes.txt", "mine");
    // Causes that hold for every user: root may write into a folder without permissions.
    let mut targets = vec!["file", "file/below/it", "foreign", "."];
    if cfg!(target_os = "linux") {
        targets.push("/proc/copysim");
    }
    for target in targets {
        assert_fails(&place, &format!("run {QUICK} --out {target}"), 73, "");
    }
    assert_eq!(place.files("foreign").into_keys().collect::<Vec<_>>(), ["notes.txt"]);
    assert_eq!(fs::read(place.path("file")).unwrap(), b"mine");
    let ended = place.run(&format!("check {QUICK} --accept --golden file"));
    assert_eq!(ended.status, Some(73), "{ended:?}");
    assert!(ended.stdout.contains("name another folder with --golden"), "{ended:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cant_be_written_is_74() {
    let place = Place::with_quickstart();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for arguments in ["", "--help", "run scenarios/quickstart.json --write none", "check scenarios"] {
        let ended = Ended::of(place.command(arguments).stdout(full()).output().unwrap(), arguments);
        assert_eq!(ended.status, Some(74), "{ended:?}");
    }
    // The files of a result are made new in a folder of their own, so no link to a full disk gets in
    // their way; a folder that stands where one has to go does.
    place.stdout(&format!("run {QUICK} --out r"));
    fs::remove_file(place.path("r/copies.csv")).unwrap();
    place.write("r/copies.csv/foreign", "mine");
    assert_fails(&place, &format!("run {QUICK} --out r"), 74, "copies.csv");
    assert!(place.exists("r/copies.csv/foreign") && !place.exists("r/manifest.json"));
}

#[test]
fn check_compares_byte_for_byte() {
    let place = Place::with_quickstart();
    let fails = |words: &str| {
        let ended = place.run("check scenarios");
        assert_eq!((ended.status, ended.stderr.as_str()), (Some(1), ""), "{ended:?}");
        assert!(ended.stdout.starts_with("FAIL   scenarios/quickstart.json"), "{ended:?}");
        assert!(ended.stdout.contains(words) && ended.stdout.contains("--accept"), "{words}: {ended:?}");
    };
    fails("no golden result");
    let accepted = place.stdout("check scenarios --accept");
    assert_eq!(accepted, "GOLDEN scenarios/quickstart.json   2 files accepted\n\n1 passed, 0 failed\n");
    assert_eq!(
        place.stdout("check scenarios"),
        "PASS   scenarios/quickstart.json   2 files as golden\n\n1 passed, 0 failed\n"
    );
    let golden = place.path("results/golden/quickstart/copies.csv");
    let right = fs::read(&golden).unwrap();
    let mut wrong = right.clone();
    wrong[right.len() / 2] ^= 1;
    for bytes in [&wrong, &right[1..], &[], &[&right[..], b"\n"].concat()] {
        fs::write(&golden, bytes).unwrap();
        fails("differs from golden: copies.csv");
    }
    // What can't be read is never equal.
    fs::remove_file(&golden).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", &golden).unwrap();
        fails("copies.csv: the golden file can't be read");
        // It is the link that is replaced, and nothing that it leads to.
        place.stdout("check scenarios --accept");
        assert!(golden.symlink_metadata().unwrap().is_file() && !place.exists("nowhere"));
    }
    fs::write(&golden, &right).unwrap();
    place.stdout("check scenarios");
}

#[test]
fn accepting_chooses_the_files() {
    let place = Place::with_quickstart();
    place.stdout("check scenarios --accept --write summary,charts");
    let names = |place: &Place| place.files("results/golden/quickstart").into_keys().collect::<Vec<_>>();
    let charts = ["plots/gantt.svg", "plots/latency.svg", "plots/outcomes.svg", "plots/slots.svg"];
    assert_eq!(names(&place), [&charts[..], &["summary.json"]].concat());
    // Without a choice it stays with the files that are there.
    place.stdout("check scenarios --accept");
    assert_eq!(names(&place).len(), 5);
    let accepted = place.stdout("check scenarios --accept --write rows,summary");
    let words = "2 files accepted, 1 added: copies.csv; \
                 4 removed: plots/gantt.svg, plots/latency.svg, plots/outcomes.svg, plots/slots.svg\n";
    assert!(accepted.contains(words), "{accepted}");
    assert_eq!(names(&place), ["copies.csv", "summary.json"]);
    place.write("results/golden/quickstart/summary.json", "{}");
    let accepted = place.stdout("check scenarios --accept");
    assert!(accepted.contains("   2 files accepted, 1 changed: summary.json\n"), "{accepted}");
    let accepted = place.stdout("check scenarios --accept");
    assert!(accepted.contains("   2 files accepted, none changed\n"), "{accepted}");
    place.stdout("check scenarios");
}

#[test]
fn the_most_serious_outcome_of_a_check_is_its_status() {
    // A broken invariant (70) can't be brought about from outside.
    let place = Place::with_quickstart();
    place.write("bad.json", "{}");
    for (arguments, status) in [
        ("check scenarios bad.json", 65),
        ("check bad.json scenarios", 65),
        ("check scenarios nope.json", 66),
        ("check nope.json scenarios", 66),
    ] {
        let ended = place.run(arguments);
        assert_eq!(ended.status, Some(status), "{ended:?}");
        assert!(ended.stdout.contains("ERROR  ") && ended.stdout.contains("FAIL   "), "{ended:?}");
    }
    // Results can't be made, but the invalid scenario is the more serious thing.
    for (arguments, status) in [("check scenarios bad.json", 65), ("check scenarios", 73)] {
        let mut command = place.command(arguments);
        let ended = Ended::of(command.env("TMPDIR", "/nonexistent").output().unwrap(), arguments);
        assert_eq!(ended.status, Some(status), "{ended:?}");
    }
}

#[test]
fn stdout_is_data_and_stderr_is_talk() {
    let place = Place::with_quickstart();
    let json = place.run(&format!("run {QUICK} --format json --out r"));
    assert_eq!(json.stderr, "note: results in r\n");
    assert_eq!(json.stdout.as_bytes(), fs::read(place.path("r/summary.json")).unwrap());
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["requests"]["available"], 10);
    let text = place.run(&format!("run {QUICK} --out r"));
    assert_eq!((text.status, text.stderr.as_str()), (Some(0), ""));
    assert!(text.stdout.ends_with("\n\nr\n"), "the folder comes last: {}", text.stdout);
    assert!(text.stdout.contains("makespan 1h 11m 26s"));
    let nothing = place.run(&format!("run {QUICK} --write none --format json"));
    assert_eq!((nothing.status, nothing.stderr.as_str()), (Some(0), ""));
    assert!(!place.exists("results"));
    // A notice is talk, whatever the format.
    place.write(
        "twice.json",
        r#"{ "schema_version": 1, "regions": { "a": {}, "b": {} },
             "images": { "i": { "region": "a", "size": "1GiB" } },
             "requests": [{ "copy": { "id": "r", "image": "i", "to": ["b", "b"] } }] }"#,
    );
    let noticed = place.run("run twice.json --format json --write none");
    assert!(serde_json::from_str::<serde_json::Value>(&noticed.stdout).is_ok());
    assert_eq!(noticed.stderr, "note: r: b is named twice: one copy is made there\n");
    // A warning is part of the summary, so it is talk only where that is a document.
    place.write(
        "never.json",
        r#"{ "schema_version": 1, "regions": { "a": { "cap": 0 }, "b": {} },
             "images": { "i": { "region": "a", "size": "1GiB" } },
             "requests": [{ "copy": { "id": "r", "image": "i", "to": "b" } }] }"#,
    );
    let warned = place.run("run never.json --format json --write none");
    assert_eq!(warned.stderr.matches("note: 1 copy can never start").count(), 1, "{warned:?}");
    let warned = place.run("run never.json --write none");
    assert_eq!((warned.status, warned.stderr.as_str()), (Some(0), ""));
}

#[test]
fn the_seed_of_the_command_line_stands_in() {
    let place = Place::with_quickstart();
    let text = place.stdout(&format!("run {QUICK} --seed 7 --write none"));
    assert!(text.contains("seed 7"), "{text}");
    place.stdout(&format!("run {QUICK} --seed 7 --write summary"));
    let runs: Vec<String> = place.files("results/runs/quickstart").into_keys().collect();
    assert!(runs.iter().all(|name| name.starts_with("7-") && name.find('/') == Some(8)), "{runs:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::with_quickstart();
    for arguments in
        ["", "--help", "run scenarios/quickstart.json --write none --format json", "check scenarios --accept"]
    {
        let mut child =
            place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""), "{arguments}");
    }
}

#[test]
fn without_arguments_it_says_what_it_is_for() {
    let ended = Place::new().run("");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
    let place = |text: &str| ended.stdout.find(text).unwrap_or_else(|| panic!("{text}: {}", ended.stdout));
    assert!(place("deterministic simulator") < place("run "));
    let in_order_of_use =
        ["  init ", "  validate ", "  run ", "  explain ", "  check ", "  schema "].map(place);
    assert!(in_order_of_use.is_sorted(), "{}", ended.stdout);
    assert_eq!(ended.stdout.split("Examples:\n").nth(1).unwrap().lines().count(), 2);
}

#[test]
fn every_example_in_the_help_runs() {
    let place = Place::with_quickstart();
    // The examples check against golden results, so some have to be there.
    place.stdout("check scenarios --accept");
    for command in ["", "init", "validate", "run", "explain", "check", "schema"] {
        let help = place.stdout(&format!("{command} --help"));
        let examples = help.split("Examples:\n").nth(1).unwrap_or_else(|| panic!("no examples: {help}"));
        let examples: Vec<&str> =
            examples.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
        assert!(!examples.is_empty(), "{help}");
        for example in examples {
            let arguments = example.strip_prefix("copysim ").expect("an example starts with the name");
            // Where the output goes is the shell's business.
            place.stdout(arguments.split(" > ").next().expect("a command"));
        }
        if !command.is_empty() {
            assert_eq!(place.stdout(&format!("help {command}")), help);
        }
    }
    assert_eq!(place.stdout("help"), place.stdout("--help"));
    assert_eq!(place.stdout("--version"), format!("copysim {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_help_lists_the_statuses_that_a_command_can_have() {
    // Only run and check hold what is expected; what runs nothing breaks no invariant, and what reads no trace and writes no file can't
    // fail to create one.
    for (command, expected) in [
        ("init", "0 2 73 74"),
        ("validate", "0 2 65 66 73 74 130"),
        ("run", "0 1 2 65 66 70 73 74 130"),
        ("explain", "0 2 65 66 70 73 74 130"),
        ("check", "0 1 2 65 66 70 73 74 130"),
        ("schema", "0 2 74"),
    ] {
        let help = Place::new().stdout(&format!("{command} --help"));
        let listed = help.split("Exit status:\n").nth(1).unwrap_or_else(|| panic!("no status: {help}"));
        let statuses: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(statuses.join(" "), expected, "{command}");
    }
}

#[test]
fn a_scenario_in_place_of_the_copy_is_told() {
    let place = Place::with_quickstart();
    place.write("plan", "{}");
    let right = "help: write `copysim explain 'log#7@us-east-1' scenarios/quickstart.json`";
    assert_fails(&place, &format!("explain {QUICK} log#7@us-east-1"), 2, right);
    // Whatever its name, a file is no copy.
    assert_fails(&place, "explain plan wave@us-east-1", 2, "the copy comes first, then the scenario");
    assert_fails(&place, "explain nope.json wave@us-east-1", 2, "copysim explain wave@us-east-1 nope.json");
    // Two scenarios are no swap.
    assert_fails(&place, &format!("explain plan {QUICK}"), 66, "the run has no copy `plan`");
}

#[test]
fn explaining_a_request_lists_its_copies() {
    let ended = Place::with_quickstart().run(&format!("explain hotfix {QUICK}"));
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(66), ""));
    assert_eq!(
        ended.stderr,
        "error: the run has no copy `hotfix`; `hotfix` has 2 copies\n  hotfix@us-east-1\n  hotfix@us-west-1\n  \
         help: name a copy in full, such as `hotfix@us-east-1`\n"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_scenario_can_be_piped_in() {
    let place = Place::with_quickstart();
    let mut command = place.command("validate /dev/stdin");
    let file = File::open(place.path(QUICK)).unwrap();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::copy(&mut &file, &mut child.stdin.take().unwrap()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}
