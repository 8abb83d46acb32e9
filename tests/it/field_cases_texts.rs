//! Field cases about what is read and what is printed.

use crate::program::Place;

const ESCAPE: char = '\u{1b}';

/// A scenario of 40 lines whose third request, on line 17, has this duration.
fn forty_lines(duration: &str) -> String {
    let mut lines = vec![
        "{".to_owned(),
        r#"  "schema_version": 1,"#.to_owned(),
        r#"  "regions": { "cn-hangzhou": {}, "us-east-1": {}, "us-west-1": {} },"#.to_owned(),
        r#"  "images": { "web": { "region": "cn-hangzhou", "size": "27GiB" } },"#.to_owned(),
        r#"  "requests": ["#.to_owned(),
        r#"    { "copy": { "id": "first", "image": "web", "to": "us-east-1" } },"#.to_owned(),
        r#"    { "copy": { "id": "second", "image": "web", "to": "us-west-1" } },"#.to_owned(),
    ];
    lines.resize(12, "    // room".to_owned());
    lines.push(r#"    { "copy": {"#.to_owned());
    lines.push(r#"        "id": "third","#.to_owned());
    lines.push(r#"        "at": "2h","#.to_owned());
    lines.push(r#"        "image": "web","#.to_owned());
    lines.push(format!(r#"        "duration": {duration},"#));
    lines.push(r#"        "to": "us-east-1" } },"#.to_owned());
    lines.resize(38, "    // room".to_owned());
    lines.extend(["  ]", "}"].map(str::to_owned));
    assert_eq!(lines.len(), 40);
    lines.join("\n")
}

#[test]
fn case_49_an_error_points_at_its_line() {
    let place = Place::new();
    place.write("plan.json", forty_lines("600"));
    let ended = place.run("run plan.json");
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(65), ""), "{ended:?}");
    let lines: Vec<&str> = ended.stderr.lines().map(str::trim).collect();
    let words = [
        r#"error: expected a string with a unit, such as "90s" or "2h30m", or an object that names a distribution, found the number `600`"#,
        "--> plan.json:17:21",
        "= at: requests[2].copy.duration",
        r#"= help: write `"600s"`, or with another unit"#,
    ];
    for words in words {
        assert!(lines.contains(&words), "{words}: {ended:?}");
    }
    place.write("plan.json", forty_lines("\"600s\""));
    place.stdout("validate plan.json");
}

#[test]
fn case_49_a_number_is_proposed_with_the_unit_that_it_lacks() {
    let place = Place::with_quickstart();
    let help = |set: &str| {
        let ended = place.run(&format!("run scenarios/quickstart.json --set {set}"));
        assert_eq!(ended.status, Some(65), "{ended:?}");
        let line = ended.stderr.lines().find_map(|line| line.split("= help: ").nth(1));
        line.map(str::to_owned)
    };
    for (set, proposed) in [
        ("copy_time.setup=1.5", "\"1.5s\""),
        ("horizon=7200", "\"7200s\""),
        ("images.web-1.0.size=600", "\"600MiB\""),
        ("copy_time.throughput=15", "\"15MiB/s\""),
    ] {
        assert_eq!(help(set), Some(format!("write `{proposed}`, or with another unit")), "{set}");
    }
    // `-5s` and `1e3s` would be wrong too.
    assert_eq!(help("horizon=-5"), None);
    assert_eq!(help("horizon=1e3"), None);
}

#[test]
fn case_56_a_document_on_stdout_is_one_document() {
    let place = Place::with_quickstart();
    for arguments in [
        "run scenarios/quickstart.json --format json --verbose",
        "--color always run scenarios/quickstart.json --format json -v",
        "validate scenarios --format json --verbose",
        "validate scenarios --format json --color=always",
    ] {
        let output = place.command(arguments).output().expect("the program starts");
        assert_eq!(output.status.code(), Some(0), "{arguments}");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one document");
        assert!(document["schema"].as_str().is_some_and(|schema| schema.starts_with("copysim/")));
        assert!(!output.stdout.contains(&(ESCAPE as u8)), "{arguments}");
    }
}

#[test]
fn case_56_a_usage_error_is_2_and_leaves_stdout_empty() {
    let place = Place::with_quickstart();
    for arguments in ["run --format json", "--color sometimes run scenarios/quickstart.json", "run -q -v x"] {
        let ended = place.run(arguments);
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.starts_with("error: "), "{ended:?}");
    }
}

#[cfg(unix)]
mod on_a_terminal {
    use super::{ESCAPE, Place};
    use crate::terminal::Stream::{Stderr, Stdout};
    use crate::terminal::{Stream, run_on_terminal};

    /// Each stream with something to colour there: help, verdicts, a diagnostic, an error in one line, a
    /// note and an error of the command line.
    const COLOURED: [(Stream, &str); 6] = [
        (Stdout, "run --help"),
        (Stdout, "validate scenarios"),
        (Stderr, "run bad.json"),
        (Stderr, "run nope.json"),
        (Stderr, "run scenarios/quickstart.json --format json"),
        (Stderr, "run --sed 1"),
    ];

    fn place() -> Place {
        let place = Place::with_quickstart();
        place.write("bad.json", "{}");
        place
    }

    /// What a stream shows on a terminal with NO_COLOR as given; the other one is a pipe.
    fn shown(place: &Place, stream: Stream, arguments: &str, no_color: Option<&str>) -> String {
        let mut command = place.command(arguments);
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        let (shown, piped) = run_on_terminal(command, stream);
        assert!(!piped.contains(ESCAPE) || arguments.contains("always"), "{arguments}: {piped:?}");
        assert!(!shown.is_empty(), "{arguments}");
        shown
    }

    #[test]
    fn case_56_a_terminal_has_colours_unless_they_are_not_wanted() {
        let place = place();
        for (stream, arguments) in COLOURED {
            let has_colours = |no_color| shown(&place, stream, arguments, no_color).contains(ESCAPE);
            assert!(has_colours(None), "{arguments}");
            assert!(has_colours(Some("")), "{arguments}: empty is as if unset");
            assert!(!has_colours(Some("1")), "{arguments}");
            assert!(!has_colours(Some("0")), "{arguments}: any text will do");
        }
    }

    #[test]
    fn case_56_the_option_beats_terminal_and_environment() {
        let place = place();
        for (stream, arguments) in COLOURED {
            let always = format!("--color always {arguments}");
            for no_color in [Some("1"), Some("0"), Some(""), None] {
                assert!(shown(&place, stream, &always, no_color).contains(ESCAPE), "{always} {no_color:?}");
            }
            let never = format!("--color=never {arguments}");
            assert!(!shown(&place, stream, &never, None).contains(ESCAPE), "{never}");
        }
    }

    #[test]
    fn case_56_a_redirected_stream_has_no_colours() {
        let place = place();
        // The other stream on a terminal changes nothing.
        for (stream, arguments) in COLOURED {
            let other = if stream == Stdout { Stderr } else { Stdout };
            let (_, piped) = run_on_terminal(place.command(arguments), other);
            assert!(!piped.is_empty() && !piped.contains(ESCAPE), "{arguments}: {piped:?}");
        }
    }

    #[test]
    fn case_56_a_terminal_that_knows_no_colours_gets_none() {
        let place = place();
        let mut command = place.command("run bad.json");
        command.env("TERM", "dumb");
        let (shown, _) = run_on_terminal(command, Stderr);
        assert!(shown.contains("error: ") && !shown.contains(ESCAPE), "{shown}");
    }
}
