//! `copysim check`: which files it takes, what it says of a difference, and what it never touches.

use std::fs;

use crate::program::Place;

const QUICK: &str = "scenarios/quickstart.json";

fn golden(name: &str) -> String {
    format!("results/golden/quickstart/{name}")
}

#[test]
fn accepting_touches_nothing_of_others() {
    let place = Place::with_quickstart();
    place.write("docs.json", fs::read(place.path(QUICK)).unwrap());
    place.write("docs/guide.md", "mine");
    place.write("docs/summary.json", "mine");
    let before = place.files("docs");
    for write in ["", " --write rows", " --write summary,charts"] {
        let ended = place.run(&format!("check docs.json --golden . --accept{write}"));
        assert_eq!(ended.status, Some(73), "{ended:?}");
        assert!(ended.stdout.contains("it holds `guide.md`, which is not of copysim"), "{ended:?}");
        assert!(ended.stdout.contains("with --golden"), "{ended:?}");
        assert!(place.files("docs") == before, "nothing is touched");
        assert_eq!(fs::read_dir(place.path("docs")).unwrap().count(), 2);
    }
    for foreign in ["old.csv", "plots/mine.svg", "copies.csv/below", "sub/summary.json", "plots/summary.json"]
    {
        let place = Place::with_quickstart();
        place.write(&golden(foreign), "mine");
        let ended = place.run("check scenarios --accept");
        assert_eq!(ended.status, Some(73), "{foreign}: {ended:?}");
        assert_eq!(place.files("results/golden/quickstart").len(), 1, "{foreign}");
    }
}

#[test]
fn an_empty_choice_leaves_a_golden_result() {
    let place = Place::with_quickstart();
    place.stdout("check scenarios --accept");
    let before = place.files("results");
    assert_eq!(place.run("check scenarios --accept --write none").status, Some(2));
    assert!(place.files("results") == before);
}

#[test]
fn what_is_beside_a_golden_result_is_told() {
    let place = Place::with_quickstart();
    place.stdout("check scenarios --accept");
    place.write(&golden("old.csv"), "");
    let ended = place.run("check scenarios");
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert_eq!(
        ended.stdout,
        "FAIL   scenarios/quickstart.json   `results/golden/quickstart` holds `old.csv`, and no result has \
         such a file\n  help: move it away\n\n0 passed, 1 failed\n"
    );
    place.write(&golden("summary.json"), "");
    let ended = place.run("check scenarios");
    assert!(ended.stdout.contains("differs from golden: summary.json, old.csv\n"), "{ended:?}");
}

#[test]
fn a_difference_is_shown_where_it_begins() {
    let place = Place::with_quickstart();
    place.stdout("check scenarios --accept --write summary,rows,timeseries,charts");
    let edit = |name: &str, from: &str, to: &str| {
        let text = fs::read_to_string(place.path(&golden(name))).unwrap();
        assert!(text.contains(from), "{name} has {from}");
        place.write(&golden(name), text.replacen(from, to, 1));
    };
    edit("copies.csv", "release@cn-beijing", "release@cn-beijinh");
    let copies = fs::read_to_string(place.path(&golden("copies.csv"))).unwrap();
    let line = copies.lines().position(|line| line.starts_with("release@cn-beijinh")).unwrap() + 1;
    let ended = place.run("check scenarios");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(1), ""), "{ended:?}");
    let begin = format!(
        "FAIL   {QUICK}   differs from golden: copies.csv\n  copies.csv, line {line}\n    golden  release@cn-beijinh,"
    );
    assert!(ended.stdout.starts_with(&begin), "{ended:?}");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(lines[3].starts_with("    new     release@cn-beijing,"), "{ended:?}");
    assert!(lines.iter().all(|line| line.chars().count() <= 120), "{ended:?}");
    assert_eq!(
        lines[4..],
        [
            "  help: `copysim run scenarios/quickstart.json --out DIR` writes the new result;",
            "        `copysim check scenarios/quickstart.json --accept` makes it the golden result",
            "",
            "0 passed, 1 failed",
        ]
    );
    // Of many files the first three are shown, the others are named.
    for name in ["summary.json", "timeseries.csv", "plots/slots.svg"] {
        place.write(&golden(name), "short\u{1b}[31m");
    }
    let ended = place.run("check scenarios");
    assert!(
        ended.stdout.contains("golden: copies.csv, plots/slots.svg, summary.json, timeseries.csv\n"),
        "{ended:?}"
    );
    assert_eq!(ended.stdout.matches("    golden  ").count(), 3, "{ended:?}");
    assert!(ended.stdout.contains("    golden  short\\u{1b}[31m\n    new     {\n"), "{ended:?}");
}

#[test]
fn a_difference_at_the_end_is_told_too() {
    let place = Place::with_quickstart();
    place.stdout("check scenarios --accept --write summary");
    let right = fs::read_to_string(place.path(&golden("summary.json"))).unwrap();
    let last = right.lines().count();
    let shorter: Vec<&str> = right.lines().take(last - 1).collect();
    let after = last + 1;
    for (text, words) in [
        (format!("{right}x\n"), format!("line {after}\n    golden  x\n    new     (the file has ended)\n")),
        (
            shorter.join("\n") + "\n",
            format!("line {last}\n    golden  (the file has ended)\n    new     }}\n"),
        ),
        (right.trim_end().to_owned(), "summary.json: only one of the files ends with".to_owned()),
        (String::new(), "line 1\n    golden  (nothing)\n    new     {\n".to_owned()),
    ] {
        place.write(&golden("summary.json"), text);
        let ended = place.run("check scenarios");
        assert!(ended.status == Some(1) && ended.stdout.contains(&words), "{words}: {ended:?}");
    }
    // A long line is cut on both sides of the difference.
    let long = right.replacen('{', &format!("{{{}", "é".repeat(500)), 1);
    place.write(&golden("summary.json"), long.replacen("\n", "\u{202e}\n", 1));
    let ended = place.run("check scenarios");
    let shown = ended.stdout.lines().find(|line| line.starts_with("    golden  ")).unwrap();
    assert!(shown.starts_with("    golden  {éé") && shown.ends_with("é…"), "{shown}");
    assert_eq!(shown.chars().count(), "    golden  ".len() + 101);
}

#[test]
fn the_way_out_names_the_golden_folder() {
    let place = Place::with_quickstart();
    let ended = place.run("check scenarios --golden promises");
    let words = "`copysim check scenarios/quickstart.json --golden promises --accept` makes";
    assert!(ended.stdout.contains(words), "{ended:?}");
}

#[test]
fn a_file_that_is_named_twice_is_checked_once() {
    let place = Place::with_quickstart();
    place.stdout("check scenarios --accept");
    for paths in [
        "scenarios scenarios/../scenarios",
        "scenarios/../scenarios scenarios/quickstart.json",
        "scenarios/quickstart.json ./scenarios/./quickstart.json .",
    ] {
        let stdout = place.stdout(&format!("check {paths}"));
        assert!(stdout.ends_with("\n1 passed, 0 failed\n"), "{paths}: {stdout}");
        let first = paths.split(' ').next().unwrap();
        assert!(stdout.starts_with(&format!("PASS   {first}")), "shown as it was given: {stdout}");
    }
}

#[cfg(unix)]
#[test]
fn links_dont_lead_in_circles() {
    use std::os::unix::fs::symlink;
    let place = Place::with_quickstart();
    symlink("..", place.path("scenarios/up")).unwrap();
    symlink(".", place.path("scenarios/here")).unwrap();
    symlink("quickstart.json", place.path("scenarios/other.json")).unwrap();
    // A link with its own name has its own golden result.
    let stdout = place.stdout("check scenarios --accept");
    assert!(stdout.ends_with("\n2 passed, 0 failed\n"), "{stdout}");
}

#[test]
fn the_top_of_a_checkout_can_be_checked() {
    let place = Place::with_quickstart();
    place.stdout("check scenarios --accept");
    place.stdout(&format!("run {QUICK}"));
    place.stdout(&format!("run {QUICK} --out elsewhere/r"));
    place.write(".git/config.json", "{}");
    place.write("target/CACHEDIR.TAG", "");
    place.write("target/debug/unit.json", "{}");
    let stdout = place.stdout("check .");
    assert!(stdout.ends_with("\n1 passed, 0 failed\n"), "{stdout}");
    // What is named is taken.
    for named in [".git/config.json", ".git", "target/debug/unit.json", "target/debug", "elsewhere/r"] {
        let ended = place.run(&format!("check {named}"));
        assert!(ended.status == Some(65) && ended.stdout.contains("ERROR  "), "{named}: {ended:?}");
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_cant_steer_the_screen() {
    let place = Place::with_quickstart();
    let name = "red\u{1b}[31m\nname\u{202e}.json";
    for command in ["run", "check", "explain"] {
        let mut started = place.command(command);
        let copy = if command == "explain" { &["a@b"][..] } else { &[] };
        let output = started.args(copy).arg(name).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(66), "{said}");
        assert!(said.contains("`red\\u{1b}[31m\\u{a}name\\u{202e}.json`"), "{said}");
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said}");
    }
    fs::copy(place.path(QUICK), place.path(name)).unwrap();
    for arguments in [&["check"][..], &["check", "--accept"], &["check"]] {
        let output = place.command("").args(arguments).arg(name).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.contains(" red\\u{1b}[31m"), "{said}");
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said}");
    }
}
