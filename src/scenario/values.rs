//! How times, sizes, rates, fractions and the start of the clock are written in a scenario.

use std::fmt;
use std::marker::PhantomData;

use jiff::civil::Date;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use super::decode::{expecting_unit, fault_with_help};
use super::diagnostic::quoted;
use super::names::nearest;
use crate::clock::{Clock, ClockError};
use crate::decimal;
use crate::quantity::{Bytes, Capacity, Fraction, Rate, SizeError};
use crate::records::Expectation;
use crate::time::{DurationError, SimDuration, SimTime};

/// A value that is written as a string of a form of its own, such as a number with a unit.
pub trait Written: Sized {
    const EXPECTED: &'static str;
    /// The unit that a bare number most likely lacks, if a unit is all that it lacks.
    const UNIT: Option<&'static str> = None;
    /// Reads the text, or says what is wrong and what to write.
    fn read(text: &str) -> Result<Self, (String, &'static str)>;
}

impl Written for SimDuration {
    const EXPECTED: &'static str = "a string with a unit, such as \"90s\" or \"2h30m\"";
    const UNIT: Option<&'static str> = Some("s");

    fn read(text: &str) -> Result<Self, (String, &'static str)> {
        Self::parse(text).map_err(|error| (error.to_string(), DurationError::HELP))
    }
}

impl Written for SimTime {
    const EXPECTED: &'static str =
        "a string with a unit, such as \"90s\" or \"2h30m\", counted from the start";
    const UNIT: Option<&'static str> = SimDuration::UNIT;

    fn read(text: &str) -> Result<Self, (String, &'static str)> {
        if is_like_clock(text) {
            return Err((format!("{} is a clock time", quoted(text)), CLOCK_HELP));
        }
        let since_start = SimDuration::read(text)?;
        Ok(Self::ZERO.checked_add(since_start).unwrap_or(Self::MAX))
    }
}

const CLOCK_HELP: &str =
    "times count from the start of the run: write `\"14h\"` for what comes 14 hours later";

/// Whether a text is most likely meant as a date or as what a clock shows: `2026-11-02`, `22:00`.
fn is_like_clock(text: &str) -> bool {
    let begins_with = |digits: std::ops::RangeInclusive<usize>, sign: char| {
        text.split_once(sign).is_some_and(|(before, _)| {
            digits.contains(&before.len()) && before.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    begins_with(1..=2, ':') || begins_with(4..=4, '-')
}

impl Written for Bytes {
    const EXPECTED: &'static str = "a string with a unit, such as \"40GiB\"";
    const UNIT: Option<&'static str> = Some("MiB");

    fn read(text: &str) -> Result<Self, (String, &'static str)> {
        Self::parse(text).map_err(|error| (error.to_string(), SizeError::SIZE_HELP))
    }
}

impl Written for Rate {
    const EXPECTED: &'static str = "a string with a unit, such as \"15MiB/s\"";
    const UNIT: Option<&'static str> = Some("MiB/s");

    fn read(text: &str) -> Result<Self, (String, &'static str)> {
        Self::parse(text).map_err(|error| (error.to_string(), SizeError::RATE_HELP))
    }
}

impl Written for Capacity {
    const EXPECTED: &'static str = "a string with a unit, such as \"2GiB/s\"";
    const UNIT: Option<&'static str> = Some("MiB/s");

    fn read(text: &str) -> Result<Self, (String, &'static str)> {
        Self::parse(text).map_err(|error| (error.to_string(), SizeError::RATE_HELP))
    }
}

impl Written for Clock {
    const EXPECTED: &'static str = "a string such as \"2026-11-02T08:00:00+08:00\"";

    fn read(text: &str) -> Result<Self, (String, &'static str)> {
        Self::parse(text).map_err(|error| (error.to_string(), ClockError::HELP))
    }
}

/// A day, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayText(pub Date);

impl Written for DayText {
    const EXPECTED: &'static str = "a day such as \"2013-07-14\"";

    fn read(text: &str) -> Result<Self, (String, &'static str)> {
        let day = text.parse().map(Self);
        day.map_err(|_| (format!("{} is no day", quoted(text)), "write it as \"2013-07-14\""))
    }
}

/// What calls must be answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectText(pub Expectation);

impl Written for ExpectText {
    const EXPECTED: &'static str = "\"accepted\", \"replayed\" or an error code";

    fn read(text: &str) -> Result<Self, (String, &'static str)> {
        const HELP: &str = "write \"accepted\", \"replayed\" or an error code as the service spells it";
        Expectation::parse(text).map(Self).ok_or_else(|| {
            let near = nearest(text, Expectation::words());
            let near = near.map_or_else(String::new, |near| format!("; did you mean {}?", quoted(near)));
            (format!("{} is no answer of the service{near}", quoted(text)), HELP)
        })
    }
}

/// Calls in a minute, or any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitText(pub Option<u32>);

struct RateLimitVisitor;

impl Visitor<'_> for RateLimitVisitor {
    type Value = RateLimitText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of calls, or \"off\"")
    }

    fn visit_u64<E: de::Error>(self, calls: u64) -> Result<RateLimitText, E> {
        let calls = u32::try_from(calls);
        calls.map(|calls| RateLimitText(Some(calls))).map_err(|_| {
            fault_with_help("this is more than a limit can be", "write \"off\" for no limit at all")
        })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<RateLimitText, E> {
        if text == "off" {
            return Ok(RateLimitText(None));
        }
        let message = format!("{} is no rate limit", quoted(text));
        Err(fault_with_help(&message, "write a number of calls a minute, such as 1000, or \"off\""))
    }
}

impl<'de> Deserialize<'de> for RateLimitText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RateLimitVisitor)
    }
}

struct WrittenVisitor<T>(PhantomData<T>);

impl<T: Written> Visitor<'_> for WrittenVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match T::UNIT {
            Some(unit) => expecting_unit(f, T::EXPECTED, unit),
            None => f.write_str(T::EXPECTED),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::read(text).map_err(|(message, help)| fault_with_help(&message, help))
    }
}

macro_rules! deserialize_written {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(WrittenVisitor::<$type>(PhantomData))
            }
        }
    )*};
}

deserialize_written!(SimDuration, SimTime, Bytes, Rate, Capacity, Clock, DayText, ExpectText);

struct FractionVisitor;

impl Visitor<'_> for FractionVisitor {
    type Value = Fraction;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0 to 1, such as 0.95")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Fraction, E> {
        match number {
            0 => Ok(Fraction::ZERO),
            1 => Ok(Fraction::ONE),
            _ => Err(fault_with_help("this fraction is above 1", "write a number from 0 to 1, such as 0.95")),
        }
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Fraction, E> {
        Err(fault_with_help("a fraction can't be negative", "write a number from 0 to 1, such as 0.95"))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Fraction, E> {
        // The shortest text that reads back as the same number is what was written, up to trailing zeros.
        let millionths = decimal::times_unit(&number.to_string(), 1_000_000).ok();
        let fraction = millionths.and_then(|millionths| u32::try_from(millionths).ok());
        fraction.and_then(Fraction::from_millionths).ok_or_else(|| {
            fault_with_help(
                "this is not a fraction from 0 to 1 with at most six decimals",
                "write a number from 0 to 1, such as 0.95",
            )
        })
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FractionVisitor)
    }
}
