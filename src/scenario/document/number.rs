//! Exact decimal numbers.
//!
//! Whole numbers never go through floating point: `1e3` is 1000 because its
//! digits say so, and a number that is too large is refused, not rounded.

use std::fmt;

/// The largest magnitude of a whole number, 2^53: every whole number up to
/// here can be held by every program that reads JSON.
pub const LARGEST_INTEGER: u64 = 1 << 53;

/// Exponents beyond this are no different from it: both are out of range.
const EXPONENT_LIMIT: i64 = 1 << 60;

/// A number as its sign, its significant digits and the place of its point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: String,
    /// The value is 0.DIGITS times ten to the power of this.
    point: i64,
}

/// What a number is when a whole number is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integer {
    /// A whole number of at most 2^53 in magnitude.
    Whole(i64),
    /// A number with a fraction.
    Fraction,
    /// A whole number that is larger than 2^53 in magnitude.
    OutOfRange,
}

impl Decimal {
    /// Reads a JSON number; `None` if the text is not one.
    ///
    /// Time and memory grow with the length of the text only, whatever its
    /// exponent says.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || leading_zero || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Decimal { negative: false, digits, point: 0 });
        }
        let leading_zeros = all.len() - significant.len();
        let point = length(whole) - length_of(leading_zeros) + exponent;
        Some(Decimal { negative, digits, point })
    }

    /// The number as a whole number.
    pub fn integer(&self) -> Integer {
        if self.digits.is_empty() {
            return Integer::Whole(0);
        }
        if length(&self.digits) > self.point {
            return Integer::Fraction;
        }
        // 2^53 has sixteen digits.
        let Some(missing) = usize::try_from(self.point)
            .ok()
            .filter(|&point| point <= 16)
            .map(|point| point - self.digits.len())
        else {
            return Integer::OutOfRange;
        };
        let padded = format!("{}{}", self.digits, "0".repeat(missing));
        match padded.parse::<u64>().ok().map(|size| (size, i64::try_from(size))) {
            Some((size, Ok(value))) if size <= LARGEST_INTEGER => {
                Integer::Whole(if self.negative { -value } else { value })
            }
            _ => Integer::OutOfRange,
        }
    }

    /// The nearest floating-point number; `None` if the number is too large to
    /// be finite or so small that it would become zero. Never negative zero.
    pub fn float(&self) -> Option<f64> {
        if self.digits.is_empty() {
            return Some(0.0);
        }
        let sign = if self.negative { "-" } else { "" };
        let text = format!("{sign}0.{}e{}", self.digits, self.point);
        text.parse::<f64>().ok().filter(|value| value.is_finite() && *value != 0.0)
    }
}

/// One spelling per number: without an exponent where that is short.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        let digits = self.digits.as_str();
        if self.point > -6 && self.point <= 0 {
            let zeros = usize::try_from(-self.point).unwrap_or_default();
            return write!(f, "0.{}{digits}", "0".repeat(zeros));
        }
        if self.point > 0 && self.point <= 21 {
            let point = usize::try_from(self.point).unwrap_or_default();
            return match digits.split_at_checked(point) {
                Some((whole, "")) => f.write_str(whole),
                Some((whole, fraction)) => write!(f, "{whole}.{fraction}"),
                None => write!(f, "{digits}{}", "0".repeat(point - digits.len())),
            };
        }
        match digits.split_at_checked(1) {
            Some((first, rest)) if !rest.is_empty() => {
                write!(f, "{first}.{rest}e{}", self.point - 1)
            }
            _ => write!(f, "{digits}e{}", self.point - 1),
        }
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !is_digits(digits) {
        return None;
    }
    // Digits alone fail to parse only if there are too many of them.
    let size = digits.parse::<i64>().unwrap_or(EXPONENT_LIMIT);
    let size = size.min(EXPONENT_LIMIT);
    Some(if negative { -size } else { size })
}

fn length(text: &str) -> i64 {
    length_of(text.len())
}

fn length_of(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(EXPONENT_LIMIT)
}
