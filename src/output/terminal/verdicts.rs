//! The verdicts on what a run must come to: they stand in front of its figures.

use std::fmt::Write;

use super::super::numbers::{Decimal, rounded};
use super::super::style::{ERROR, PASSED};
use super::super::summary::{BrokenExpectation, CheckLimit, CheckSummary, ExpectationsSummary};
use super::table::Table;
use super::{counted, length};
use crate::records::checks::Unit;
use crate::time::{Seconds, SimDuration};

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

const PASS: &str = "PASS";
const FAIL: &str = "FAIL";
const NO_DATA: &str = "NO DATA";

/// The verdicts on the promises of a run, each in a line with escape sequences for colour.
pub(super) fn checks(text: &mut String, checks: &[CheckSummary]) {
    if checks.is_empty() {
        return;
    }
    let _ = writeln!(text);
    for line in check_lines(checks.iter()) {
        let _ = writeln!(text, "{line}");
    }
}

/// These verdicts in columns: what is checked, its value, the limit, and what broke it.
pub fn check_lines<'a>(checks: impl Iterator<Item = &'a CheckSummary>) -> Vec<String> {
    let mut table = Table::plain(2..3);
    let mut words = Vec::new();
    for check in checks {
        let word = if check.no_data.is_some() { NO_DATA } else { FAIL };
        let word = if check.passed { PASS } else { word };
        let Shown { observed, limit } = Shown::of(check);
        table.row(vec![word.to_owned(), check.check.clone(), observed, limit, cause(check)]);
        words.push(word);
    }
    // Styled when the columns stand: escape sequences take none.
    let styled = |(line, word): (&str, &str)| {
        let style = if word == PASS { PASSED } else { ERROR };
        line.replacen(word, &format!("{style}{word}{style:#}"), 1)
    };
    table.text().lines().zip(words).map(styled).collect()
}

/// A broken check in words: `makespan is 3h 30m, and not <= 3h`.
pub fn broken_check(check: &CheckSummary) -> String {
    let Shown { observed, limit } = Shown::of(check);
    if check.no_data.is_some() {
        return format!("{}: no data, and it must be {limit}", check.check);
    }
    let cause = match cause(check) {
        cause if cause.is_empty() => cause,
        cause => format!("; {cause}"),
    };
    format!("{} is {observed}, and must be {limit}{cause}", check.check)
}

/// The copy that a broken limit is about.
fn cause(check: &CheckSummary) -> String {
    let Some(worst) = check.worst.as_ref().filter(|_| !check.passed) else { return String::new() };
    match check.metric {
        "makespan" => format!("last ready: {}", worst.copy),
        _ => format!("longest: {} {}", worst.copy, length(worst.value_s)),
    }
}

/// A value and its limits, as people read them.
struct Shown {
    observed: String,
    limit: String,
}

impl Shown {
    fn of(check: &CheckSummary) -> Self {
        let (value, limit, unit) = match (check.limit_s, check.limit_per_hour, check.limit) {
            (Some(limit), ..) => (check.observed_s, limit, Unit::Seconds),
            (None, Some(limit), _) => (check.observed_per_hour, limit, Unit::PerHour),
            (None, None, limit) => (check.observed, limit.unwrap_or(NO_LIMIT), Unit::One),
        };
        // Rounded for people, a value that misses its limit by little would look like it.
        let is_near = |limit: Option<Decimal>| {
            let both = limit.zip(value).filter(|(limit, value)| limit != value);
            both.is_some_and(|(limit, value)| exact(limit, unit) == rounded_for_people(value, unit))
        };
        let is_near = [limit.min, limit.max, limit.equals].into_iter().any(is_near);
        let put = if is_near { exact } else { rounded_for_people };
        let about = if check.approximate.is_some() { "~" } else { "" };
        let observed =
            value.map_or_else(|| NO_VALUE.to_owned(), |value| format!("{about}{}", put(value, unit)));
        Self { observed, limit: limits(limit, unit) }
    }
}

const NO_LIMIT: CheckLimit = CheckLimit { min: None, max: None, equals: None };
const NO_VALUE: &str = "no data";

/// `<= 2h`, `>= 0.95`, `= 29`, `1h to 2h`.
fn limits(limit: CheckLimit, unit: Unit) -> String {
    let put = |limit| exact(limit, unit);
    match (limit.equals, limit.min, limit.max) {
        (Some(equals), ..) => format!("= {}", put(equals)),
        (None, Some(min), Some(max)) => format!("{} to {}", put(min), put(max)),
        (None, Some(min), None) => format!(">= {}", put(min)),
        (None, None, Some(max)) => format!("<= {}", put(max)),
        (None, None, None) => String::new(),
    }
}

/// Decimals of a number that people read.
const DECIMALS: u32 = 4;

fn rounded_for_people(value: Decimal, unit: Unit) -> String {
    let plain = || {
        let text = rounded(value.0, DECIMALS);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match unit {
        Unit::Seconds => length(value),
        Unit::PerHour => format!("{} an hour", plain()),
        Unit::One => plain(),
    }
}

/// As short as can be without rounding.
fn exact(value: Decimal, unit: Unit) -> String {
    let all = Seconds(value.0);
    match unit {
        Unit::Seconds => {
            let short = length(value);
            let is_exact = SimDuration::parse(&short).is_ok_and(|read| read.micros() == value.0);
            if is_exact { short } else { format!("{all}s") }
        }
        Unit::PerHour => format!("{all} an hour"),
        Unit::One => all.to_string(),
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
