//! Simulated time: whole microseconds from 0, never a float (R1.1).
//!
//! [`SimTime`] is an instant, [`SimDuration`] a length. Both end at 2^53 - 1 microseconds, about 285
//! years, which every JSON reader holds exactly. Arithmetic is checked: a sum that passes the end is
//! `None`, and the caller says which request and field was to blame.

use std::fmt;
use std::num::NonZeroU64;

use crate::decimal::{self, DecimalError};

/// The largest instant and the longest duration: 2^53 - 1 microseconds (R1.1).
pub const MAX_MICROS: u64 = (1 << 53) - 1;

const MICROS_PER_SECOND: u64 = 1_000_000;

/// An instant of the simulated clock, in microseconds since its start.
///
/// It is kept as one more than that, so that an instant that isn't there takes no more room: records have many.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(NonZeroU64);

/// A length of simulated time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(u64);

impl SimTime {
    pub const ZERO: Self = Self(NonZeroU64::MIN);
    pub const MAX: Self = Self(NonZeroU64::new(MAX_MICROS + 1).expect("it is above 0"));

    /// The instant `micros` after the start, unless it lies beyond [`MAX_MICROS`].
    pub const fn from_micros(micros: u64) -> Option<Self> {
        match NonZeroU64::new(micros.wrapping_add(1)) {
            Some(kept) if micros <= MAX_MICROS => Some(Self(kept)),
            _ => None,
        }
    }

    pub const fn micros(self) -> u64 {
        self.0.get() - 1
    }

    /// This instant and `length` more, unless that lies beyond the end of time.
    pub fn checked_add(self, length: SimDuration) -> Option<Self> {
        Self::from_micros(self.micros() + length.0)
    }

    /// The time passed since `earlier`; zero where `earlier` is the later one.
    pub fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.get().saturating_sub(earlier.0.get()))
    }
}

impl Default for SimTime {
    fn default() -> Self {
        Self::ZERO
    }
}

impl fmt::Debug for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimTime").field(&self.micros()).finish()
    }
}

impl SimDuration {
    pub const ZERO: Self = Self(0);
    pub const MAX: Self = Self(MAX_MICROS);

    /// A length of `micros`, unless it is beyond [`MAX_MICROS`].
    pub const fn from_micros(micros: u64) -> Option<Self> {
        if micros <= MAX_MICROS { Some(Self(micros)) } else { None }
    }

    /// A length of `seconds`.
    ///
    /// # Panics
    /// When the length is beyond [`MAX_MICROS`]; meant for constants, where that fails the build.
    pub const fn from_seconds(seconds: u64) -> Self {
        assert!(seconds <= MAX_MICROS / MICROS_PER_SECOND, "longer than simulated time can be");
        Self(seconds * MICROS_PER_SECOND)
    }

    pub const fn micros(self) -> u64 {
        self.0
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_micros(self.0 + other.0)
    }

    /// This length without `other`, unless that is the longer one.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// This length `count` times over, unless that is too long.
    pub fn checked_mul(self, count: u64) -> Option<Self> {
        self.0.checked_mul(count).and_then(Self::from_micros)
    }

    /// Reads a length written with units: `90s`, `15m`, `2h30m`, `1.5h`, `30d`, `1w`, `250ms`, `10us`.
    ///
    /// # Errors
    /// What is wrong with the text: no unit, an unknown or ambiguous unit, a negative length, a part
    /// below a microsecond, or a length beyond [`MAX_MICROS`].
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        if text.trim_start().starts_with('-') {
            return Err(DurationError::Negative);
        }
        let mut total: u128 = 0;
        let mut rest = text;
        let mut last_unit = u64::MAX;
        if rest.is_empty() || rest.starts_with(char::is_whitespace) {
            return Err(DurationError::Malformed);
        }
        while !rest.is_empty() {
            let (number, tail) = split_at_first(rest, |c| !(c.is_ascii_digit() || c == '.'));
            let (unit_text, tail) = split_at_first(tail, |c| c.is_ascii_digit() || c == ' ' || c == '.');
            if !number.is_empty() && unit_text.is_empty() && !tail.trim_start().is_empty() {
                // A unit that is none is the worse mistake of the two.
                unit_micros(split_at_first(tail.trim_start(), |c| c == ' ').0)?;
                return Err(DurationError::BlankBeforeUnit);
            }
            let unit = unit_micros(unit_text)?;
            if unit >= last_unit {
                return Err(DurationError::UnitOrder);
            }
            last_unit = unit;
            total += decimal::times_unit(number, unit)?;
            if total > u128::from(MAX_MICROS) {
                return Err(DurationError::TooLong);
            }
            // One blank between parts is accepted, since that is how durations are printed.
            rest = match tail.strip_prefix(' ') {
                Some("") => return Err(DurationError::Malformed),
                Some(more) => more,
                None => tail,
            };
        }
        u64::try_from(total).ok().and_then(Self::from_micros).ok_or(DurationError::TooLong)
    }
}

fn split_at_first(text: &str, stop: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(stop).unwrap_or(text.len()))
}

fn unit_micros(unit: &str) -> Result<u64, DurationError> {
    Ok(match unit {
        "us" | "µs" | "μs" => 1,
        "ms" => 1_000,
        "s" => MICROS_PER_SECOND,
        "m" => 60 * MICROS_PER_SECOND,
        "h" => 3_600 * MICROS_PER_SECOND,
        "d" => 86_400 * MICROS_PER_SECOND,
        "w" => 7 * 86_400 * MICROS_PER_SECOND,
        "" => return Err(DurationError::NoUnit),
        _ => return Err(DurationError::UnknownUnit(unit.to_owned())),
    })
}

/// What is wrong with a written duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DurationError {
    /// Not a number followed by a unit.
    Malformed,
    /// A bare number.
    NoUnit,
    BlankBeforeUnit,
    /// A unit that is none, or that could mean two things (`M`, `mo`, `y`).
    UnknownUnit(String),
    /// The same unit twice, or a larger one after a smaller one.
    UnitOrder,
    Negative,
    /// A part below one microsecond.
    TooFine,
    /// Beyond [`MAX_MICROS`].
    TooLong,
}

impl From<DecimalError> for DurationError {
    fn from(error: DecimalError) -> Self {
        match error {
            DecimalError::Malformed => Self::Malformed,
            DecimalError::TooFine => Self::TooFine,
            DecimalError::TooLarge => Self::TooLong,
        }
    }
}

impl DurationError {
    /// The way out, in words.
    pub const HELP: &'static str =
        "write a number with a unit, such as \"90s\", \"15m\", \"2h30m\" or \"1d\" (units: us ms s m h d w)";
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => write!(f, "this is not a duration"),
            Self::NoUnit => write!(f, "this duration has no unit"),
            Self::BlankBeforeUnit => write!(f, "a number and its unit stand together, without a blank"),
            Self::UnknownUnit(unit) => {
                write!(f, "`{unit}` is not a unit of time here")?;
                match unit.as_str() {
                    "M" => write!(f, ": minutes are `m`, and months have no fixed length"),
                    "mo" | "month" | "months" => write!(f, ": months have no fixed length"),
                    "y" | "yr" | "year" | "years" => write!(f, ": years have no fixed length"),
                    "sec" | "secs" | "second" | "seconds" => write!(f, ": seconds are `s`"),
                    "min" | "mins" | "minute" | "minutes" => write!(f, ": minutes are `m`"),
                    "hr" | "hrs" | "hour" | "hours" | "H" => write!(f, ": hours are `h`"),
                    "day" | "days" | "D" => write!(f, ": days are `d`"),
                    "week" | "weeks" | "W" => write!(f, ": weeks are `w`"),
                    ":" => write!(f, ": a time of day counts from midnight, such as `9h30m`"),
                    _ => Ok(()),
                }
            }
            Self::UnitOrder => write!(f, "the units of a duration go from large to small, each once"),
            Self::Negative => write!(f, "a duration can't be negative"),
            Self::TooFine => write!(f, "a duration can't be finer than one microsecond"),
            Self::TooLong => write!(f, "a time can't be longer than 2^53 - 1 microseconds (285 years)"),
        }
    }
}

/// Seconds as an exact decimal without trailing zeros: `2100`, `0.1`, `16.666667`. For machines.
pub struct Seconds(pub u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, micros) = (self.0 / MICROS_PER_SECOND, self.0 % MICROS_PER_SECOND);
        if micros == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{micros:06}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

/// For people: `3h 30m`, `1d 2h 5s`, `35m`, `1.5s`. From a minute up rounded (half up) to the second, as
/// clock times beside it are; below a minute exact. Exact values are in the result files.
impl fmt::Display for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 3_600;
        const DAY: u64 = 86_400;
        if self.0 < MINUTE * MICROS_PER_SECOND {
            return write!(f, "{}s", Seconds(self.0));
        }
        let seconds = (self.0 + MICROS_PER_SECOND / 2) / MICROS_PER_SECOND;
        let parts = [
            (seconds / DAY, "d"),
            (seconds % DAY / HOUR, "h"),
            (seconds % HOUR / MINUTE, "m"),
            (seconds % MINUTE, "s"),
        ];
        let mut separator = "";
        for (amount, unit) in parts.iter().filter(|(amount, _)| *amount > 0) {
            write!(f, "{separator}{amount}{unit}")?;
            separator = " ";
        }
        Ok(())
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SimDuration(self.micros()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Result<u64, DurationError> {
        SimDuration::parse(text).map(SimDuration::micros)
    }

    #[test]
    fn reads_every_unit_exactly() {
        for (text, expected) in [
            ("90s", 90_000_000),
            ("10m", 600_000_000),
            ("1h30m", 5_400_000_000),
            ("2h 30m", 9_000_000_000),
            ("1.5h", 5_400_000_000),
            ("0.1s", 100_000),
            ("250ms", 250_000),
            ("10us", 10),
            ("10µs", 10),
            ("30d", 2_592_000_000_000),
            ("1w", 604_800_000_000),
            ("0s", 0),
            ("9007199254740991us", MAX_MICROS),
        ] {
            assert_eq!(micros(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_unclear() {
        for (text, expected) in [
            ("600", DurationError::NoUnit),
            ("10 ", DurationError::NoUnit),
            ("10 min", DurationError::UnknownUnit("min".into())),
            ("10 m", DurationError::BlankBeforeUnit),
            ("1h 5 m", DurationError::BlankBeforeUnit),
            ("1h 5", DurationError::NoUnit),
            ("", DurationError::Malformed),
            (" 1h", DurationError::Malformed),
            ("10M", DurationError::UnknownUnit("M".into())),
            ("1mo", DurationError::UnknownUnit("mo".into())),
            ("ten", DurationError::UnknownUnit("ten".into())),
            ("1.5.2h", DurationError::Malformed),
            ("1.h", DurationError::Malformed),
            ("-5m", DurationError::Negative),
            ("5m ago", DurationError::UnknownUnit("ago".into())),
            ("00:15:00", DurationError::UnknownUnit(":".into())),
            ("5m5m", DurationError::UnitOrder),
            ("5s1h", DurationError::UnitOrder),
            ("5m ", DurationError::Malformed),
            ("0.1us", DurationError::TooFine),
            ("9007199254740992us", DurationError::TooLong),
            ("9007199254740993us", DurationError::TooLong),
            ("99999999999999999999999999w", DurationError::TooLong),
        ] {
            assert_eq!(micros(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn prints_for_machines_and_people() {
        assert_eq!(Seconds(100_000).to_string(), "0.1");
        assert_eq!(Seconds(2_100_000_000).to_string(), "2100");
        assert_eq!(Seconds(16_666_667).to_string(), "16.666667");
        for (micros, expected) in [
            (0, "0s"),
            (1, "0.000001s"),
            (59_999_999, "59.999999s"),
            (60_000_000, "1m"),
            (12_600_000_000, "3h 30m"),
            (3_599_999_999, "1h"),
            (86_400_000_000, "1d"),
            // 1d 2h are 93600 s; 28 h 18 min 46.8 s are 1d 4h 18m and 46.8 s.
            (93_630_000_000, "1d 2h 30s"),
            (101_926_499_999, "1d 4h 18m 46s"),
            (101_926_800_000, "1d 4h 18m 47s"),
        ] {
            assert_eq!(SimDuration(micros).to_string(), expected);
        }
    }

    #[test]
    fn an_instant_that_isnt_there_takes_no_more_room() {
        assert_eq!(size_of::<Option<SimTime>>(), size_of::<u64>());
        assert_eq!(SimTime::from_micros(u64::MAX), None);
        assert_eq!([SimTime::ZERO, SimTime::MAX].map(SimTime::micros), [0, MAX_MICROS]);
    }

    #[test]
    fn r1_1_sums_beyond_the_end_are_none() {
        assert_eq!(SimTime::MAX.checked_add(SimDuration::ZERO), Some(SimTime::MAX));
        assert_eq!(SimTime::MAX.checked_add(SimDuration(1)), None);
        assert_eq!(SimDuration::MAX.checked_mul(2), None);
        assert_eq!(SimDuration(u64::MAX / 2).checked_mul(3), None);
    }
}
