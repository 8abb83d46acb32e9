//! Traces with a mistake: each is told with its line, row and column and the way out, and nothing is run.

use copysim::scenario::{Cause, Diagnostic, ScenarioError, render};
use serde_json::json;

use crate::scenes::Scene;
use crate::support::read_with;
use crate::traces::files;

/// Two images and a group from `a`, and rows that all go to `r`.
fn scene() -> Scene {
    Scene::lane(1)
        .image("web")
        .image("api")
        .set("images.fleet", json!({ "region": "a", "count": 3, "size": "1GiB" }))
        .set("images.bare", json!({ "region": "a" }))
        .trace(json!({ "to": "r" }))
}

fn error_of(scene: &Scene, csv: impl Into<Vec<u8>>) -> ScenarioError {
    let csv = csv.into();
    let shown = String::from_utf8_lossy(&csv).into_owned();
    read_with(&scene.text(), &files(csv)).err().unwrap_or_else(|| panic!("this is valid:\n{shown}"))
}

/// The text without its marks, and the line, column and length of what is between them.
fn marked(csv: &str) -> (String, (usize, usize, usize)) {
    let (before, rest) = csv.split_once('«').unwrap_or_else(|| panic!("no mark in {csv}"));
    let (place, after) = rest.split_once('»').expect("two marks");
    let line = before.matches('\n').count() + 1;
    // A byte-order mark is in no column.
    let before_it = before.rsplit('\n').next().unwrap_or_default().trim_start_matches('\u{feff}');
    let column = before_it.chars().count() + 1;
    (format!("{before}{place}{after}"), (line, column, place.len()))
}

/// Line, column and length of a fault in the trace.
fn place(error: &ScenarioError, fault: &Diagnostic) -> (usize, usize, usize) {
    let span = fault.span.expect("a place");
    let (start, _) = error.sources.positions(span);
    assert_eq!(error.sources.get(span.source).name, "t.csv");
    (start.line, start.column, span.end - span.start)
}

/// Checks that each trace has one fault, at the marks, with these words in its path, message and help.
fn assert_faults(scene: &Scene, cases: &[(&str, &str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (csv, path, message, help) in cases {
        let (plain, expected) = marked(csv);
        let error = error_of(scene, plain);
        let screen = render(&error.sources, &error.diagnostics, false);
        let [fault] = error.diagnostics.as_slice() else {
            wrong.push(format!("not one fault: {csv:?}\n{screen}"));
            continue;
        };
        let found = place(&error, fault);
        let said = fault.path.as_deref().unwrap_or_default() == *path
            && fault.message.contains(message)
            && fault.help.as_ref().is_some_and(|found| !found.is_empty() && found.contains(help));
        if found != expected || !said {
            wrong.push(format!("want {expected:?} {path:?} {message:?} {help:?}, found {found:?}\n{screen}"));
        }
        assert!(screen.lines().all(|line| line.chars().count() <= 160), "too wide:\n{screen}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faults_of_the_dialect() {
    assert_faults(
        &scene(),
        &[
            ("id«;»at;image\nx;0s;web\n", "", "separated by `;`", "commas"),
            ("id«\t»at\timage\nx\t0s\tweb\n", "", "separated by tabs", "commas"),
            ("«»", "", "file is empty", "column names"),
            ("«0s,web,r»\n10s,web,s\n", "", "names no column", "`id,at,image,to`"),
            ("at,image\n«0s»\n", "row 1", "has 1 cell, and the header has 2", "comma for every cell"),
            ("at,image\n0s,web\n«5s,web,»\n", "row 2", "has 3 cells, and the header has 2", "quotes"),
            ("at,image\n\n0s,web\n\r\n«5s»\n", "row 2", "has 1 cell", "comma"),
            ("at,image\n0s,«\"»web\n", "row 1", "quote isn't closed", "written twice"),
            ("at,image\n0s,we«\"»b\n", "row 1", "quote stands inside", "whole value into quotes"),
            ("at,image\n0s,\"web\"«x»\n", "row 1", "text follows", "comma"),
            ("at,image\n0s,web«»\r5s,web\n", "row 1", "carriage return", "LF or CRLF"),
            ("at,image«»\r0s,web\r5s,web\r", "", "carriage return", "LF or CRLF"),
        ],
    );
}

#[test]
fn faults_of_the_header() {
    assert_faults(
        &scene(),
        &[
            ("at,«imgae»\n0s,web\n", "", "no column `imgae`", "did you mean `image`?"),
            ("at,«colour»\n0s,red\n", "", "no column `colour`", "known columns: id, at,"),
            ("at,image,«at»\n0s,web,1s\n", "", "`at` comes twice", "leave one"),
            ("at,image,«at_s»\n0s,web,1\n", "", "`at` and `at_s` say the same", "keep one"),
            ("at,image,«client»\n0s,web,ci\n", "", "no clients yet", "leave the column out"),
            ("«id,image»\nx,web\n", "", "when each copy is asked for", "`at_s`"),
            ("at,image,«»\n0s,web,\n", "", "has no name", "leave it out"),
            ("\u{feff}at,«\"imgae\"»\n0s,web\n", "", "no column `imgae`", "`image`"),
        ],
    );
    let both = error_of(&scene(), "at,imgae,client\n0s,web,ci\n");
    assert_eq!(both.diagnostics.len(), 2, "all faults of a header at once");
}

#[test]
fn field_case_54_times_that_are_none() {
    let rows = |value: &str| {
        let row = |number: u32| format!("{}s,web\n", number * 10);
        let before: String = (1..7).map(row).collect();
        format!("at,image\n{before}«{value}»,web\n{}", row(8))
    };
    let seconds = |value: &str| rows(value).replace("s,web", ",web").replacen("at,", "at_s,", 1);
    for (value, message) in [
        ("-5", "negative"),
        ("-5s", "negative"),
        ("nan", "`nan`"),
        ("inf", "`inf`"),
        ("5", "no unit"),
        ("1e3s", "`e`"),
        ("10M", "`M`"),
        ("0.5us", "microsecond"),
        ("300000d", "285 years"),
        ("tomorrow", "`tomorrow`"),
        ("2026-11-01", ""),
    ] {
        let quoted = format!("`{value}`: ");
        assert_faults(&scene(), &[(&rows(value), "row 7, column at", &quoted, "such as")]);
        assert_faults(&scene(), &[(&rows(value), "row 7, column at", message, "such as")]);
    }
    assert_faults(&scene(), &[(&rows(""), "row 7, column at", "`at` is empty", "asked for")]);
    for (value, message) in [
        ("-5", "a time can't be negative"),
        ("nan", "not a number of seconds"),
        ("inf", "not a number of seconds"),
        ("5s", "not a number of seconds"),
        ("1e3", "not a number of seconds"),
        ("0.0000001", "microsecond"),
        ("99999999999", "285 years"),
        ("999999999999999999999", "285 years"),
    ] {
        assert_faults(&scene(), &[(&seconds(value), "row 7, column at_s", message, "plain decimal")]);
    }
    assert_faults(&scene(), &[(&seconds(""), "row 7, column at_s", "`at_s` is empty", "asked for")]);
}

#[test]
fn faults_of_cells() {
    let at = |column: &str| format!("row 1, column {column}");
    let check = |csv: &str, column: &str, message: &str, help: &str| {
        assert_faults(&scene(), &[(csv, &at(column), message, help)]);
    };
    check("at,image\n0s,«wep»\n", "image", "no image `wep`", "did you mean `web`?");
    check("at,image\n0s,«fleet»\n", "image", "group of 3 images", "from `fleet-1` to `fleet-3`");
    check("at,image\n0s,«fleet-4»\n", "image", "no image `fleet-4`", "");
    check("at,image\n0s,«fleet-01»\n", "image", "no image `fleet-01`", "");
    check("at,image,from\n0s,web,«b»\n", "from", "no region `b`", "known regions");
    check("at,image,to\n0s,web,«»rr\n".replace("«»rr", "«rr»").as_str(), "to", "no region `rr`", "`r`");
    check("at,image,account\n0s,web,«me»\n", "account", "no account `me`", "`default`");
    check("at,from,size\n0s,a,«40»\n", "size", "`40`: this size has no unit", "40GiB");
    check("at,from,size\n0s,a,«-1GiB»\n", "size", "negative", "40GiB");
    check("at,from,size_bytes\n0s,a,«1.5»\n", "size_bytes", "whole number of bytes", "`size`");
    check("at,from,size_bytes\n0s,a,«-1»\n", "size_bytes", "negative", "`size`");
    check("at,from,size_bytes\n0s,a,«9007199254740992»\n", "size_bytes", "2^53", "`size`");
    check("at,image,size\n0s,web,«1GiB»\n", "size", "names an `image` or gives the `size`", "empty");
    check("at,image,duration\n0s,web,«35»\n", "duration", "no unit", "such as");
    check("at,image,duration_s\n0s,web,«35s»\n", "duration_s", "not a number of seconds", "plain");
    check("at,image,cancel_at\n10s,web,«10s»\n", "cancel_at", "not after the copy", "later");
    check("at,image,cancel_at_s\n10s,web,«9.999999»\n", "cancel_at_s", "not after the copy", "later");
    check("at,image,cancel_at\n10s,web,«never»\n", "cancel_at", "`never`", "such as");
    check("at,image,encrypted\n0s,web,«yes»\n", "encrypted", "neither true nor false", "write true");
    check("at,image,cancellable\n0s,web,«1»\n", "cancellable", "neither true nor false", "write true");
    for priority in ["1.5", "high", "--1", "1e3"] {
        let csv = format!("at,image,priority\n0s,web,«{priority}»\n");
        check(&csv, "priority", "not a whole number", "such as 5 or -1");
    }
    let csv = "at,image,priority\n0s,web,«2147483648»\n";
    check(csv, "priority", "from -2147483648 to 2147483647", "smallest starts first");
    check("at,image,id\n0s,web,«a b»\n", "id", "can't be a name", "letters, digits");
    check("at,image,id\n0s,web,«a@b»\n", "id", "can't be a name", "letters, digits");
    check("at,image,name\n0s,web,«a\u{200b}b»\n", "name", "aren't seen", "take them out");
    check("at,image,name\n0s,web,«{image}-2»\n", "name", "as it stands", "braces");
    check("at,image\n0s,«\"we\u{301}b\"»\n", "image", "no image", "");
}

#[test]
fn faults_of_rows() {
    let two = scene().set("accounts", json!({ "x": {}, "y": {} }));
    let two = two
        .set("images", json!({}))
        .set("images.web", json!({ "region": "a", "account": "x", "size": "1GiB" }));
    assert_faults(
        &scene(),
        &[
            ("at,image\n«0s,bare»\n", "row 1", "no size, and no duration", "`duration`"),
            ("at,size\n«0s,1GiB»\n", "row 1", "neither an image nor where", "`from`"),
            ("at,from\n«0s,a»\n", "row 1", "no size, and no duration", "`duration`"),
        ],
    );
    assert_faults(&two, &[("at,from,size\n«0s,a,1GiB»\n", "row 1", "several accounts", "one of x, y")]);
    let literal = Scene::lane(1).trace(json!({ "image": { "literal": "m-x" }, "to": "r" }));
    assert_faults(&literal, &[("at\n«0s»\n", "row 1", "literal image is in no region", "`from`")]);
    let slow = scene().set("copy_time", json!({ "throughput": "1B/s" }));
    assert_faults(
        &slow,
        &[("at,from,size\n«0s,a,7PiB»\n", "row 1", "longer than simulated time", "throughput")],
    );
}

#[test]
fn rows_with_one_name_are_told_together() {
    let check = |csv: &str, path: &str, message: &str, help: &str, first: (usize, usize)| {
        assert_faults(&scene(), &[(csv, path, message, help)]);
        let error = error_of(&scene(), marked(csv).0);
        let (related, _) = &error.diagnostics[0].related[0];
        let (start, _) = error.sources.positions(*related);
        assert_eq!((start.line, start.column), first, "{csv}");
    };
    let twice = "rows 1 and 3 are both called `x`";
    check("at,image,id\n0s,web,x\n1s,web,y\n2s,web,«x»\n", "row 3, column id", twice, "of its own", (2, 8));
    // Also where the rows aren't sorted, in the order of the file.
    check(
        "at,image,id\n9s,web,x\n1s,web,y\n2s,web,«\"x\"»\n",
        "row 3, column id",
        twice,
        "of its own",
        (2, 8),
    );
    // Row 2 is the second in time and has no id.
    let clash = "rows 1 and 2 are both called `2`";
    check(
        "at,image,id\n0s,web,2\n«1s,web,»\n",
        "row 2, column id",
        clash,
        "none that is a whole number",
        (2, 8),
    );
    // Here it is the first.
    assert!(read_with(&scene().text(), &files("at,image,id\n1s,web,2\n0s,api,\n")).is_ok());
    let many: String = (0..300).map(|row| format!("{row}s,web,{}\n", row % 100)).collect();
    let error = error_of(&scene(), format!("at,image,id\n{many}"));
    assert_eq!(error.diagnostics.len(), 41);
    assert!(
        error.diagnostics[0].message.contains("200 faults, of which 40 are shown"),
        "{:?}",
        error.diagnostics[0]
    );
}

#[test]
fn rows_with_one_name_are_told_beside_other_faults() {
    let paths = |csv: &str| -> Vec<String> {
        let error = error_of(&scene(), csv);
        let path = |fault: &Diagnostic| fault.path.clone().unwrap_or_default();
        error.diagnostics.iter().map(path).collect()
    };
    let ids =
        |rows: &[u32]| -> Vec<String> { rows.iter().map(|row| format!("row {row}, column id")).collect() };
    // Row 1 has a wrong image, row 3 a wrong time, and both are called x.
    let told = paths("at,image,id\n0s,wep,x\n1s,web,y\nsoon,web,x\n2s,web,y\n");
    let [image, time] = ["row 1, column image", "row 3, column at"].map(str::to_owned);
    assert_eq!(told, [vec![image.clone(), time], ids(&[3, 4])].concat());
    // All times are known, and so is the number of the row without an id, sorted or not.
    assert_eq!(paths("at,image,id\n0s,wep,2\n1s,web,\n"), [vec![image.clone()], ids(&[2])].concat());
    assert_eq!(paths("at,image,id\n5s,wep,1\n1s,web,\n"), [vec![image.clone()], ids(&[2])].concat());
    assert_eq!(paths("at,image,id\n5s,wep,2\n1s,web,\n"), [image]);
    // A row without a time may be any in time, and so may those behind it.
    assert_eq!(paths("at,image,id\nsoon,web,2\n1s,web,\n"), ["row 1, column at"]);
    assert_eq!(paths("at,image,id\n0s,web,3\n1s\n2s,web,\n"), ["row 2"]);
    // An id that can't be one is no id, and no reason to call the row by its number.
    assert_eq!(paths("at,image,id\n0s,web,2\n1s,web,a b\n"), ["row 2, column id"]);
}

#[test]
fn of_thousands_of_rows_with_one_name_the_first_are_told_and_all_are_counted() {
    let many: String = (0..20_000).rev().map(|row| format!("{}s,web,same\n", row / 10_000)).collect();
    let error = error_of(&scene(), format!("at,image,id\n{many}"));
    assert_eq!(error.diagnostics[0].message, "this trace has 19999 faults, of which 40 are shown");
    let paths: Vec<_> = error.diagnostics[1..].iter().map(|fault| fault.path.clone()).collect();
    let expected: Vec<_> = (2..=41).map(|row| Some(format!("row {row}, column id"))).collect();
    assert_eq!(paths, expected);
    assert_eq!(error.diagnostics[40].message, "rows 1 and 41 are both called `same`");
}

#[test]
fn clock_times_that_no_run_has() {
    let start = "2026-11-02T22:00:00+08:00";
    let rows = |value: &str| format!("at,image\n5s,web\n«{value}»,web\n");
    let check = |scene: &Scene, value: &str, message: &str, help: &str| {
        let message = format!("`{value}`: {message}");
        assert_faults(scene, &[(&rows(value), "row 2, column at", &message, help)]);
        let cancel = format!("at,image,cancel_at\n5s,web,6s\n5s,web,«{value}»\n");
        assert_faults(scene, &[(&cancel, "row 2, column cancel_at", &message, help)]);
    };
    let clocked = scene().set("starts_at", start);
    let before = format!("this is before the start of the run, whose clock then shows {start}");
    check(&clocked, "2026-11-02T21:59:59.999999+08:00", &before, "set `starts_at`");
    check(&clocked, "2026-11-02T13:59:59Z", &before, "set `starts_at`");
    check(&clocked, "2313-01-01T00:00:00Z", "this is later than simulated time can be", "check the year");
    check(&clocked, "2026-11-02T22:00:00", "this time has no offset", "\"2026-11-02T00:00:00Z\"");
    check(&clocked, "2026-11-02", "this is not a day and a time", "\"2026-11-02T00:00:00Z\"");
    check(&clocked, "2026-11-31T22:00:00Z", "there is no such day", "\"2026-11-02T00:00:00Z\"");
    check(&scene(), start, "this is a clock time, and the scenario doesn't say", "set `starts_at`");
    check(&scene(), "2026-11-02", "this is a clock time, and the scenario doesn't say", "set `starts_at`");
    // Numbers of seconds and durations are no clock times.
    let seconds = format!("at_s,image\n«{start}»,web\n");
    assert_faults(&clocked, &[(&seconds, "row 1, column at_s", "not a number of seconds", "plain decimal")]);
    let duration = format!("at,image,duration\n5s,web,«{start}»\n");
    assert_faults(&clocked, &[(&duration, "row 1, column duration", start, "such as")]);
    let cancel = "at,image,cancel_at\n2026-11-02T22:01:00+08:00,web,«1m»\n";
    assert_faults(&clocked, &[(cancel, "row 1, column cancel_at", "not after the copy", "later")]);
    // A start with a fault of its own is no reason for more.
    let wrong = error_of(&scene().set("starts_at", "today"), rows(start).replace(['«', '»'], ""));
    let paths: Vec<_> = wrong.diagnostics.iter().map(|fault| fault.path.as_deref()).collect();
    assert_eq!(paths, [Some("starts_at")]);
}

#[test]
fn all_bad_cells_are_told_with_the_faults_of_the_scenario() {
    let scene = scene().set("horizon", "soon").copy_with("x", 0, json!({ "image": "wep" }));
    let csv = "at,image,to,encrypted\n-5s,wep,rr,no\n0s,web,r,\n1s,api\n,web,r,maybe\n";
    let error = error_of(&scene, csv);
    let told: Vec<&str> = error.diagnostics.iter().map(|fault| fault.path.as_deref().unwrap_or("")).collect();
    let expected = [
        "horizon",
        "requests[1].copy.image",
        "row 1, column at",
        "row 1, column image",
        "row 1, column to",
        "row 1, column encrypted",
        "row 3",
        "row 4, column at",
        "row 4, column encrypted",
    ];
    let mut sorted = told.clone();
    sorted.sort_unstable();
    let mut wanted = expected.to_vec();
    wanted.sort_unstable();
    assert_eq!(sorted, wanted, "{}", render(&error.sources, &error.diagnostics, false));
    assert_eq!(error.cause(), Cause::Text);
}

#[test]
fn of_many_faults_the_first_are_told_and_the_others_counted() {
    let rows: String = (0..100).map(|row| format!("{row},web\n")).collect();
    let error = error_of(&scene(), format!("at,image\n{rows}"));
    assert_eq!(error.diagnostics.len(), 41);
    let headline = &error.diagnostics[0];
    assert_eq!(headline.message, "this trace has 100 faults, of which 40 are shown");
    assert_eq!(headline.path.as_deref(), Some("requests[0].trace.file"));
    assert_eq!(error.diagnostics[40].path.as_deref(), Some("row 40, column at"));
}

#[test]
fn other_encodings_are_named() {
    let wide = |marks: &[u8], order: fn(u16) -> [u8; 2]| {
        let units = "at,image\n0s,web\n".encode_utf16().flat_map(order);
        marks.iter().copied().chain(units).collect::<Vec<u8>>()
    };
    for (bytes, name) in [
        (wide(b"\xFF\xFE", u16::to_le_bytes), "UTF-16 (little-endian)"),
        (wide(b"\xFE\xFF", u16::to_be_bytes), "UTF-16 (big-endian)"),
        (wide(b"", u16::to_le_bytes), "UTF-16 (little-endian)"),
        (b"\xFF\xFE\0\0a\0\0\0".to_vec(), "UTF-32 (little-endian)"),
    ] {
        let error = error_of(&scene(), bytes);
        assert!(error.diagnostics[0].message.contains(name), "{name}: {:?}", error.diagnostics);
        assert_eq!(error.diagnostics[0].help.as_deref(), Some("save it as UTF-8"));
    }
    let latin = error_of(&scene(), b"at,image\n0s,web\n1s,caf\xE9\n".to_vec());
    assert_eq!(latin.diagnostics[0].message, "the byte 0xE9 is not valid UTF-8 here");
    assert_eq!(place(&latin, &latin.diagnostics[0]).0, 3);
    assert!(latin.diagnostics[0].help.as_ref().is_some_and(|help| help.contains("Latin-1")));
    let long = error_of(&scene(), format!("at,image\n0s,{}\n", "x".repeat(70_000)));
    assert!(long.diagnostics[0].message.contains("longer than 64 KiB"), "{:?}", long.diagnostics);
}

#[test]
fn faults_of_the_entry() {
    let faults = |trace: serde_json::Value, csv: &str| {
        let scene = Scene::lane(1).image("web").set("images.fleet", json!({ "region": "a", "count": 3 }));
        let error = read_with(&scene.request("trace", trace).text(), &files(csv)).expect_err("a fault");
        let told = |fault: &Diagnostic| {
            (
                fault.path.clone().unwrap_or_default(),
                fault.message.clone(),
                fault.help.clone().unwrap_or_default(),
            )
        };
        error.diagnostics.iter().map(told).collect::<Vec<_>>()
    };
    let with = |copy: serde_json::Value| json!({ "file": "t.csv", "copy": copy });
    for (trace, path, message, help) in [
        (json!({ "id": "t" }), "requests[0].trace", "`file` is missing", "\"file\""),
        (json!({ "file": "u.csv" }), "requests[0].trace.file", "no file `u.csv`", "folder of the scenario"),
        (json!({ "file": "t.csv", "at": "0s" }), "requests[0].trace.at", "unknown key `at`", ""),
        (with(json!({ "image": "wep" })), "requests[0].trace.copy.image", "no image `wep`", "`web`"),
        (with(json!({ "image": "fleet" })), "requests[0].trace.copy.image", "3 images", "`fleet-1`"),
        (
            with(json!({ "image": "web", "size": "1GiB" })),
            "requests[0].trace.copy.size",
            "brings along",
            "leave",
        ),
        (with(json!({ "from": "b" })), "requests[0].trace.copy.from", "no region `b`", ""),
        (with(json!({ "to": ["r", "s"] })), "requests[0].trace.copy.to", "expected a region id", ""),
        (with(json!({ "account": "me" })), "requests[0].trace.copy.account", "no account `me`", ""),
        (with(json!({ "name": "x" })), "requests[0].trace.copy.name", "unknown key `name`", ""),
        (
            with(json!({ "duration": "1m", "copy_time": { "setup": "1s" } })),
            "requests[0].trace.copy.duration",
            "either a `duration` or a `copy_time`",
            "leave",
        ),
        (with(json!({ "fail": {} })), "requests[0].trace.copy.fail", "either `after`", "0.5"),
    ] {
        let found = faults(trace.clone(), "at,image,to\n0s,web,r\n");
        let [(at, said, helped)] = found.as_slice() else { panic!("{trace}: {found:?}") };
        assert!(at == path && said.contains(message) && helped.contains(help), "{trace}: {found:?}");
    }
    let empty = faults(json!({ "file": "t.csv" }), "at,image,to\n\n");
    assert_eq!(empty[0].1, "this trace has no rows");
}

#[test]
fn faults_of_references_to_rows() {
    let check = |copy: &str, message: &str, help: &str| {
        let scene = scene().cancel("stop", 60, copy);
        let error = error_of(&scene, "id,at,image\nx,0s,web\n,1s,api\n");
        let [fault] = error.diagnostics.as_slice() else { panic!("{copy}: {:?}", error.diagnostics) };
        assert!(fault.message.contains(message), "{copy}: {fault:?}");
        assert!(fault.help.as_ref().is_some_and(|found| found.contains(help)), "{copy}: {fault:?}");
    };
    check("t", "`t` is a trace", "`t#1`");
    check("t#y", "`t` has no row `y`", "called by its `id`");
    // The first row has an id.
    check("t#1", "`t` has no row `1`", "called by its `id`");
    check("t#3", "`t` has no row `3`", "number in the order of time");
    check("t#x@s", "names no copy of `t`", "destinations of it: `r`");
    // A trace with faults of its own is no reason for more.
    let error = error_of(&scene().cancel("stop", 60, "t#y"), "id,at,image\nx,zero,web\n");
    assert_eq!(error.diagnostics.len(), 1, "{:?}", error.diagnostics);
}
