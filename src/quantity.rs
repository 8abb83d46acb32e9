//! Sizes in whole bytes, rates in whole bytes per second, and fractions in whole millionths (R1.2).

use std::fmt;

use crate::decimal::{self, DecimalError};
use crate::time::SimDuration;

/// The largest size or rate that can be written: 2^53 - 1, exact in every JSON reader.
pub const MAX_BYTES: u64 = (1 << 53) - 1;

/// A size in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

/// A rate in bytes per second, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

/// What a link can move, in bytes per second; 0 when it is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capacity(u64);

/// A share of a whole in millionths, from 0 to 1 inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fraction(u32);

/// A number by which others are multiplied, in millionths, above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Factor(u64);

impl Factor {
    pub const ONE: Self = Self(1_000_000);
    /// The largest one: a million.
    pub const MAX: Self = Self(1_000_000_000_000);

    /// The factor of so many millionths, unless that is 0 or above a million.
    pub const fn from_millionths(millionths: u64) -> Option<Self> {
        if millionths == 0 || millionths > Self::MAX.0 { None } else { Some(Self(millionths)) }
    }

    /// `number` times this, rounded down.
    pub fn of(self, number: u64) -> u64 {
        let product = u128::from(number) * u128::from(self.0) / 1_000_000;
        u64::try_from(product).unwrap_or(u64::MAX)
    }

    /// `number` times this, rounded half up; none where it doesn't fit.
    pub fn of_rounded(self, number: u64) -> Option<u64> {
        u64::try_from((u128::from(number) * u128::from(self.0) + 500_000) / 1_000_000).ok()
    }
}

/// Decimal and binary units, largest first, so that printing finds the coarsest that is exact.
const UNITS: [(&str, u64); 11] = [
    ("PiB", 1 << 50),
    ("PB", 1_000_000_000_000_000),
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];

impl Bytes {
    /// The largest size there is.
    pub const MAX: Self = Self(MAX_BYTES);

    /// Reads a size with its unit: `40GiB`, `1.5TB`, `500MB`, `123B`.
    ///
    /// # Errors
    /// What is wrong with the text: no or an unknown unit, negative, part of a byte, or too large.
    pub fn parse(text: &str) -> Result<Self, SizeError> {
        parse_amount(text).map(Self)
    }

    /// The time that these bytes take at `rate`: ceil(size x 10^6 / rate) microseconds (R1.2);
    /// `None` when that is longer than simulated time can be.
    pub fn time_at(self, rate: Rate) -> Option<SimDuration> {
        let micros = match self.0.checked_mul(1_000_000) {
            Some(millionths) => Some(millionths.div_ceil(rate.0)),
            // The division of larger numbers takes longer.
            None => u64::try_from((u128::from(self.0) * 1_000_000).div_ceil(u128::from(rate.0))).ok(),
        };
        micros.and_then(SimDuration::from_micros)
    }
}

impl Rate {
    /// The largest rate there is.
    pub const MAX: Self = Self(MAX_BYTES);

    /// The rate of `bytes_per_second`, unless it is 0.
    pub const fn new(bytes_per_second: u64) -> Option<Self> {
        if bytes_per_second == 0 { None } else { Some(Self(bytes_per_second)) }
    }

    pub const fn bytes_per_second(self) -> u64 {
        self.0
    }

    /// Reads a rate with its unit: `15MiB/s`.
    ///
    /// # Errors
    /// As [`Bytes::parse`]; also a rate of zero and a rate that isn't per second.
    pub fn parse(text: &str) -> Result<Self, SizeError> {
        let amount = text.strip_suffix("/s").ok_or(SizeError::NotPerSecond)?;
        Self::new(parse_amount(amount)?).ok_or(SizeError::ZeroRate)
    }
}

impl Capacity {
    pub const fn bytes_per_second(self) -> u64 {
        self.0
    }

    /// The capacity of so many bytes per second.
    pub const fn new(bytes_per_second: u64) -> Self {
        Self(bytes_per_second)
    }

    /// Reads a capacity with its unit: `2GiB/s`, `0B/s`.
    ///
    /// # Errors
    /// As [`Bytes::parse`]; also one that isn't per second.
    pub fn parse(text: &str) -> Result<Self, SizeError> {
        let amount = text.strip_suffix("/s").ok_or(SizeError::NotPerSecond)?;
        parse_amount(amount).map(Self)
    }
}

impl Fraction {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(1_000_000);

    /// The fraction of `millionths`, unless it is above 1.
    pub const fn from_millionths(millionths: u32) -> Option<Self> {
        if millionths <= 1_000_000 { Some(Self(millionths)) } else { None }
    }

    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// The first whole number that is at least this fraction of `total`.
    pub fn ceil_of(self, total: u128) -> u128 {
        (total * u128::from(self.0)).div_ceil(1_000_000)
    }
}

fn parse_amount(text: &str) -> Result<u64, SizeError> {
    if text.starts_with('-') {
        return Err(SizeError::Negative);
    }
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit_text) = text.split_at(split);
    if number.is_empty() {
        return Err(SizeError::Malformed);
    }
    if unit_text.is_empty() {
        return Err(SizeError::NoUnit);
    }
    let unit = UNITS.iter().find(|(name, _)| *name == unit_text).map(|(_, bytes)| *bytes);
    let unit = unit.ok_or_else(|| SizeError::UnknownUnit(unit_text.to_owned()))?;
    match u64::try_from(decimal::times_unit(number, unit)?) {
        Ok(bytes) if bytes <= MAX_BYTES => Ok(bytes),
        _ => Err(SizeError::TooLarge),
    }
}

/// What is wrong with a written size or rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SizeError {
    Malformed,
    NoUnit,
    UnknownUnit(String),
    Negative,
    /// Not a whole number of bytes.
    TooFine,
    /// Beyond [`MAX_BYTES`].
    TooLarge,
    NotPerSecond,
    ZeroRate,
}

impl From<DecimalError> for SizeError {
    fn from(error: DecimalError) -> Self {
        match error {
            DecimalError::Malformed => Self::Malformed,
            DecimalError::TooFine => Self::TooFine,
            DecimalError::TooLarge => Self::TooLarge,
        }
    }
}

impl SizeError {
    /// The way out for a size, in words.
    pub const SIZE_HELP: &'static str =
        "write a number with a unit, such as \"40GiB\" (2^30 bytes each) or \"40GB\" (10^9 bytes each)";
    /// The way out for a rate, in words.
    pub const RATE_HELP: &'static str = "write a size per second, such as \"15MiB/s\"";
}

impl fmt::Display for SizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => write!(f, "this is not a size"),
            Self::NoUnit => write!(f, "this size has no unit"),
            Self::UnknownUnit(unit) if unit.starts_with(' ') => {
                write!(f, "a number and its unit stand together, without a blank")
            }
            Self::UnknownUnit(unit) => {
                write!(f, "`{unit}` is not a unit of size here")?;
                match UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)) {
                    Some((name, _)) => write!(f, ": did you mean `{name}`?"),
                    None if unit.contains("bit") => write!(f, ": sizes are in bytes, of 8 bits each"),
                    None => Ok(()),
                }
            }
            Self::Negative => write!(f, "a size can't be negative"),
            Self::TooFine => write!(f, "a size must be a whole number of bytes"),
            Self::TooLarge => write!(f, "a size can't be more than 2^53 - 1 bytes"),
            Self::NotPerSecond => write!(f, "this is not a rate in bytes per second"),
            Self::ZeroRate => write!(f, "a rate can't be zero: nothing would ever arrive"),
        }
    }
}

impl Bytes {
    /// Two sizes for one line: as each is printed if that is in one unit, else both with two decimals in the
    /// unit that suits the first.
    pub fn beside(self, other: Self) -> (String, String) {
        let (first, second) = (self.to_string(), other.to_string());
        let unit_of =
            |text: &str| text.trim_start_matches(|sign: char| !sign.is_ascii_alphabetic()).to_owned();
        if other.0 == 0 || unit_of(&first) == unit_of(&second) {
            return (first, second);
        }
        let unit = binary_unit_of(self.0);
        (in_hundredths(self.0, unit), in_hundredths(other.0, unit))
    }
}

impl Bytes {
    /// As it is printed if that is short, else with two decimals in the binary unit that suits it.
    pub fn about(self) -> String {
        let exact = self.to_string();
        if exact.len() <= "999.99MiB".len() { exact } else { in_hundredths(self.0, binary_unit_of(self.0)) }
    }
}

/// The largest binary unit of which there is one at least.
fn binary_unit_of(bytes: u64) -> (&'static str, u64) {
    let mut binary = UNITS.into_iter().filter(|(name, _)| name.contains('i'));
    binary.find(|(_, unit)| bytes >= *unit).unwrap_or(("B", 1))
}

/// With two decimals, rounded half up; bytes are whole.
fn in_hundredths(bytes: u64, (name, unit): (&str, u64)) -> String {
    if unit == 1 {
        return format!("{bytes}{name}");
    }
    let hundredths = (u128::from(bytes) * 100 + u128::from(unit) / 2) / u128::from(unit);
    format!("{}.{:02}{name}", hundredths / 100, hundredths % 100)
}

/// In the largest binary or decimal unit that gives a whole number (`27GiB`, `500MB`), else in the
/// largest binary unit with two decimals, rounded half up.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS.iter().find(|(_, unit)| self.0.is_multiple_of(*unit) && self.0 / unit > 0);
        match exact {
            Some((name, unit)) if self.0 / unit < 10_000 => write!(f, "{}{name}", self.0 / unit),
            None => write!(f, "0B"),
            Some(_) => f.write_str(&in_hundredths(self.0, binary_unit_of(self.0))),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", Bytes(self.0))
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", Bytes(self.0))
    }
}

/// As a decimal without trailing zeros: `0.95`, `1`.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::time::Seconds(u64::from(self.0)).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_multiply_exactly() {
        let factor = |millionths| Factor::from_millionths(millionths).unwrap();
        assert_eq!(factor(1_500_000).of(3), 4, "4.5 rounded down");
        assert_eq!(factor(1_500_000).of_rounded(3), Some(5), "4.5 rounded half up");
        assert_eq!(Factor::ONE.of(u64::MAX), u64::MAX);
        assert_eq!((Factor::from_millionths(0), Factor::MAX.of_rounded(u64::MAX)), (None, None));
    }

    #[test]
    fn r1_2_a_gib_and_a_gb_differ_and_times_round_up() {
        let rate = Rate::new(100_000_000).unwrap();
        assert_eq!(Bytes::parse("1GiB"), Ok(Bytes(1_073_741_824)));
        assert_eq!(Bytes::parse("1GB"), Ok(Bytes(1_000_000_000)));
        // 1073741824 bytes at 10^8 bytes/s are 10.73741824 s: rounded up to the microsecond.
        assert_eq!(Bytes(1_073_741_824).time_at(rate).unwrap().micros(), 10_737_419);
        assert_eq!(Bytes(1_000_000_000).time_at(rate).unwrap().micros(), 10_000_000);
        assert_eq!(Bytes(0).time_at(rate), Some(SimDuration::ZERO));
        assert_eq!(Bytes(MAX_BYTES).time_at(Rate::new(1).unwrap()), None);
    }

    #[test]
    fn reads_sizes_and_rates() {
        assert_eq!(Bytes::parse("1.5KiB"), Ok(Bytes(1536)));
        assert_eq!(Bytes::parse("123B"), Ok(Bytes(123)));
        assert_eq!(Rate::parse("15MiB/s"), Ok(Rate(15 * 1024 * 1024)));
        for (text, expected) in [
            ("40", SizeError::NoUnit),
            ("40gib", SizeError::UnknownUnit("gib".into())),
            ("10M", SizeError::UnknownUnit("M".into())),
            ("-1GiB", SizeError::Negative),
            ("0.5B", SizeError::TooFine),
            ("GiB", SizeError::Malformed),
            ("1.2.3GiB", SizeError::Malformed),
            ("9007199254740993B", SizeError::TooLarge),
        ] {
            let expected = Err(expected);
            assert_eq!(Bytes::parse(text), expected, "{text}");
        }
        assert_eq!(Rate::parse("0MiB/s"), Err(SizeError::ZeroRate));
        assert_eq!(Rate::parse("15MiB"), Err(SizeError::NotPerSecond));
    }

    #[test]
    fn prints_exact_where_it_can() {
        assert_eq!(Bytes(27 << 30).to_string(), "27GiB");
        assert_eq!(Bytes(40_000_000_000).to_string(), "40GB");
        assert_eq!(Bytes(0).to_string(), "0B");
        assert_eq!(Bytes(1_234_567_891).to_string(), "1.15GiB");
        assert_eq!(Rate(15 << 20).to_string(), "15MiB/s");
        assert_eq!(Fraction(950_000).to_string(), "0.95");
    }

    #[test]
    fn two_sizes_in_a_line_have_one_unit() {
        let beside = |first: u64, second: u64| {
            let (first, second) = Bytes(first).beside(Bytes(second));
            format!("{first} {second}")
        };
        assert_eq!(beside(324 << 30, 9 << 30), "324GiB 9GiB");
        // 9000 MiB are 8.789 GiB.
        assert_eq!(beside(324 << 30, 9000 << 20), "324.00GiB 8.79GiB");
        assert_eq!(beside(10_000_000_000, 1 << 30), "9.31GiB 1.00GiB");
        assert_eq!(beside(1 << 30, 1 << 30), "1GiB 1GiB");
        assert_eq!(beside(1 << 30, 0), "1GiB 0B");
        assert_eq!(beside(1023, 1000), "1023B 1000B");
    }
}
