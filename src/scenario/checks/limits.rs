//! The limits of a check: of the right kind, and such that a value can be within them.

use crate::decimal::{DecimalError, times_unit};
use crate::records::checks::{Check, Kind, Limits, Statistic, Unit};
use crate::scenario::decode::Spanned;
use crate::scenario::document::{Decimal, Node, Value};
use crate::scenario::faults::Faults;
use crate::scenario::schema::{CheckText, LimitText};

const MILLIONTHS: u64 = 1_000_000;

/// The limits that are written; `node` is what `text` is read from, `check` what they are for.
pub fn limits(text: &Spanned<CheckText>, node: &Node, check: &Check, faults: &mut Faults) -> Option<Limits> {
    let mut is_right = true;
    let mut limit = |written: &Option<Spanned<LimitText>>, key: &str| {
        let written = written.as_ref()?;
        let limit = limit(written, node.get(key), check, faults);
        is_right &= limit.is_some();
        limit
    };
    let limits = Limits {
        min: limit(&text.min, "min"),
        max: limit(&text.max, "max"),
        equals: limit(&text.equals, "equals"),
    };
    if !is_right {
        return None;
    }
    let (min, max) = (text.min.as_ref(), text.max.as_ref());
    if text.equals.is_none() && min.is_none() && max.is_none() {
        faults.add(text.span, "this check has no limit", "add `max`, `min` or `equals`");
        return None;
    }
    if let (Some(equals), true) = (&text.equals, min.is_some() || max.is_some()) {
        let message = "`equals` doesn't go with `min` or `max`";
        faults.add(equals.span, message, "leave one of the two out");
        return None;
    }
    if let (Some(least), Some(most)) = (limits.min, limits.max)
        && least > most
    {
        let span = min.map_or(text.span, |min| min.span);
        faults.add(span, "`min` is above `max`: no value is between them", "exchange the two");
        return None;
    }
    Some(limits)
}

/// One limit in millionths.
fn limit(
    written: &Spanned<LimitText>,
    node: Option<&Node>,
    check: &Check,
    faults: &mut Faults,
) -> Option<u128> {
    let number = match node.map(|node| &node.value) {
        Some(Value::Number(text)) => text.as_str(),
        _ => "",
    };
    match (check.unit(), written.value) {
        (Unit::Seconds, LimitText::Duration(limit)) => Some(u128::from(limit.micros())),
        (Unit::Seconds, LimitText::Number) => {
            let message = format!("`{}` is a duration, and this has no unit", check.metric.word());
            faults.add(written.span, message, format!("write `\"{number}s\"`, or with another unit"));
            None
        }
        (Unit::PerHour | Unit::One, LimitText::Duration(_)) => {
            let (what, example) = in_words(check);
            faults.add(written.span, format!("this is a duration, but {what}"), example);
            None
        }
        (Unit::PerHour | Unit::One, LimitText::Number) => plain(number, written, check, faults),
    }
}

/// A number, read as it is written and never as a float.
fn plain(number: &str, written: &Spanned<LimitText>, check: &Check, faults: &mut Faults) -> Option<u128> {
    let plain = Decimal::parse(number).map(|decimal| decimal.to_string()).unwrap_or_default();
    let limit = times_unit(&plain, MILLIONTHS);
    let (what, example) = in_words(check);
    let wrong = match limit {
        Ok(limit) if is_count(check) && !limit.is_multiple_of(u128::from(MILLIONTHS)) => what,
        Ok(limit) if check.is_share() && limit > u128::from(MILLIONTHS) => what,
        Ok(limit) => return Some(limit),
        Err(DecimalError::TooFine) => "a limit has at most six decimals",
        Err(DecimalError::Malformed | DecimalError::TooLarge) => "this is more than any figure can be",
    };
    faults.add(written.span, wrong, example);
    None
}

fn is_count(check: &Check) -> bool {
    match check.metric.kind() {
        Kind::Calls => true,
        Kind::Level => matches!(check.statistic, Statistic::Min | Statistic::Max),
        _ => check.statistic == Statistic::Count,
    }
}

/// What a value is that has no unit of time, and how a limit of it is written.
fn in_words(check: &Check) -> (&'static str, &'static str) {
    if check.is_share() {
        return ("a share is a number from 0 to 1", "write a number such as 0.95");
    }
    match check.unit() {
        Unit::PerHour => ("this is a number per hour", "write a number such as 8.5"),
        _ if is_count(check) => ("this is a whole number", "write a number such as 0"),
        _ => ("this is a plain number", "write a number such as 4.5"),
    }
}
