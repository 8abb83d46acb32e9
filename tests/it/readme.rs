//! The README shows what the program really prints, and its other commands exist.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::program::{Ended, Place};

/// The first line and the rest of each `console` block.
fn blocks() -> Vec<(String, String)> {
    let readme = include_str!("../../README.md").replace("\r\n", "\n");
    let blocks = readme.split("```console\n").skip(1);
    let block = |text: &str| {
        let block = text.split("```").next().expect("a block ends");
        let (command, output) = block.split_once('\n').expect("a block begins with its command");
        (command.to_owned(), output.to_owned())
    };
    blocks.map(block).collect()
}

/// The first block in this language.
fn shown(language: &str) -> String {
    let readme = include_str!("../../README.md").replace("\r\n", "\n");
    let (_, rest) = readme.split_once(&format!("```{language}\n")).expect("there is such a block");
    rest.split("```").next().expect("a block ends").to_owned()
}

/// The whole scenario that is shown.
fn scenario() -> String {
    shown("jsonc")
}

/// The same with two slips: the README shows what is said about them.
fn draft() -> String {
    let slips = [(r#""setup": "5m""#, r#""setup": 300"#), ("release@us-east-1", "release@us-east-2")];
    slips.into_iter().fold(scenario(), |text, (right, wrong)| {
        assert!(text.contains(right), "{right} is in the scenario that is shown");
        text.replacen(right, wrong, 1)
    })
}

/// A copy of what the commands read, so that nothing is written into the checkout.
fn workplace() -> tempfile::TempDir {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).expect("a temporary folder can be filled");
        for entry in std::fs::read_dir(from).expect("the checkout can be read") {
            let entry = entry.expect("the checkout can be read").path();
            let target = to.join(entry.file_name().expect("an entry has a name"));
            if entry.is_dir() {
                copy(&entry, &target);
            } else {
                std::fs::copy(&entry, &target).expect("a file can be copied");
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workplace = tempfile::tempdir().expect("a temporary folder can be made");
    for folder in ["scenarios", "results/golden"] {
        copy(&root.join(folder), &workplace.path().join(folder));
    }
    std::fs::write(workplace.path().join("draft.json"), draft()).expect("a file can be written");
    workplace
}

#[test]
fn shown_output_is_real_output() {
    let workplace = workplace();
    let mut compared = 0;
    for (command, shown) in blocks() {
        let Some(arguments) = command.strip_prefix("$ copysim ") else { continue };
        // One that fails shows its status too.
        let (arguments, shows_status) = match arguments.strip_suffix("; echo $?") {
            Some(arguments) => (arguments, true),
            None => (arguments, false),
        };
        let output = Command::new(env!("CARGO_BIN_EXE_copysim"))
            .args(arguments.split(' '))
            .current_dir(workplace.path())
            .output()
            .expect("the program runs");
        let mut printed = String::from_utf8(output.stdout).expect("output is UTF-8");
        if shows_status {
            printed += &output.status.code().expect("it ends by itself").to_string();
        } else {
            assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(printed.trim_end(), shown.trim_end(), "{command}");
        compared += 1;
    }
    assert!(compared >= 5, "the README shows run, explain, check and validate");
}

#[test]
fn cargo_commands_run_what_is_shown() {
    let shown: Vec<String> = blocks().into_iter().map(|(command, _)| command).collect();
    let cargo = "$ cargo run --release -- ";
    let arguments = shown.iter().find_map(|command| command.strip_prefix(cargo)).expect("how to start");
    assert!(shown.contains(&format!("$ copysim {arguments}")), "its output is shown elsewhere");
}

#[test]
fn the_scenario_that_is_shown_runs() {
    let ran = crate::support::run_text(&scenario());
    // 27 GiB at 15 MiB/s after 5 minutes are 2143.2 s: at 20 minutes the copy to cn-shanghai still runs.
    assert_eq!(ran.copy("release@cn-shanghai").outcome, copysim::records::Outcome::CancelledRunning);
    assert_eq!(ran.copy("relay@cn-shanghai").end.map(|end| end.micros()), Some(2 * 2_143_200_000));
}

/// Rules that a text cites: `R2.3`.
fn cited(text: &str) -> BTreeSet<String> {
    let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let rules = text.match_indices('R').filter_map(|(place, _)| {
        let (section, rest) = (number(&text[place + 1..]), &text[place + 1..]);
        let rule = number(rest[section.len()..].strip_prefix('.')?);
        (!section.is_empty() && !rule.is_empty()).then(|| format!("R{section}.{rule}"))
    });
    rules.collect()
}

#[test]
fn every_rule_that_is_cited_is_on_the_page_of_rules() {
    fn texts(folder: &Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).expect("the checkout can be read") {
            let path = entry.expect("the checkout can be read").path();
            match path.is_dir() {
                true => texts(&path, found),
                false if path.ends_with("rules.md") => {}
                false => found.push_str(&std::fs::read_to_string(&path).unwrap_or_default()),
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = include_str!("../../README.md").to_owned();
    ["src", "docs", "scenarios"].into_iter().for_each(|folder| texts(&root.join(folder), &mut found));
    let page = include_str!("../../docs/rules.md");
    let listed: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| R")?.split(' ').next())
        .map(|rule| format!("R{rule}"))
        .collect();
    let cited = cited(&found);
    assert!(cited.len() > 30, "{cited:?}");
    let missing: Vec<&String> = cited.difference(&listed).collect();
    assert!(missing.is_empty(), "these rules are cited and not explained: {missing:?}");
}

#[test]
fn the_table_of_codes_is_fresh() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("<!-- codes: copysim schema codes -->\n").expect("a mark before it");
    let (table, _) = rest.split_once("<!-- end of codes -->").expect("a mark after it");
    assert_eq!(table.trim(), Place::new().stdout("schema codes").trim(), "`copysim schema codes` prints it");
    for link in table.split("](").skip(1).filter_map(|link| link.split(')').next()) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(link);
        assert!(path.is_file(), "{link} is shown by a scenario");
    }
}

#[test]
fn the_trace_that_is_shown_is_one() {
    let place = Place::new();
    place.write("shown.json", scenario());
    place.write("t.csv", shown("csv"));
    let mut command =
        place.command("run shown.json --out result --set starts_at=2026-11-02T21:00:00+08:00 --set");
    command.arg(r#"requests=[{ "trace": { "id": "t", "file": "t.csv" } }]"#);
    let ended = Ended::of(command.output().expect("the program starts"), "run shown.json");
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let copies = String::from_utf8(place.files("result")["copies.csv"].clone()).expect("text");
    // An hour after the start, and five minutes and a half later.
    for planned in ["3600", "3930"] {
        assert!(copies.contains(&format!(",{planned},")), "{planned} in {copies}");
    }
}
