//! The verdicts on what a run must come to: they stand in front of its figures.

use std::fmt::Write;

use super::super::style::{ERROR, PASSED};
use super::super::summary::{BrokenExpectation, ExpectationsSummary};
use super::counted;

/// Broken expectations shown before the rest is counted.
const SHOWN: usize = 10;

/// The verdict on how requests were answered, as lines with escape sequences for colour.
pub(super) fn expectations(text: &mut String, found: &ExpectationsSummary) {
    if found.passed {
        let answers = counted(found.held, "answer", "answers");
        let _ = writeln!(text, "\n  {PASSED}PASS{PASSED:#}  {answers} as expected");
        return;
    }
    let _ = writeln!(text);
    for line in broken_lines(found) {
        let _ = writeln!(text, "  {ERROR}FAIL{ERROR:#}  {line}");
    }
}

/// Each of the first broken expectations in a line, and how many there are beyond them.
pub fn broken_lines(found: &ExpectationsSummary) -> Vec<String> {
    let mut lines: Vec<String> = found.first_broken.iter().take(SHOWN).map(broken).collect();
    let more = found.broken - lines.len() as u64;
    if more > 0 {
        lines.push(format!("{} not answered as expected", counted(more, "more call", "more calls")));
    }
    lines
}

fn broken(BrokenExpectation { call, expected, answered, message }: &BrokenExpectation) -> String {
    let why = message.as_ref().map_or_else(String::new, |message| format!(": {message}"));
    match answered {
        Some(answered) => format!("{call}: expected {expected}, answered {answered}{why}"),
        None => format!("{call}: expected {expected}, never called"),
    }
}
