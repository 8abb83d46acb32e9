//! Exact reading of a decimal number times a whole unit, shared by durations, sizes and rates.

/// Why a decimal text isn't a whole multiple of the smallest unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not digits with at most one point between them.
    Malformed,
    /// Not a whole number of the smallest unit.
    TooFine,
    /// Far beyond what any quantity here can hold.
    TooLarge,
}

/// More digits than any quantity here has before its point.
const MAX_WHOLE_DIGITS: usize = 17;
/// More digits than any unit here can resolve after the point.
const MAX_FRACTION_DIGITS: usize = 18;

/// `number` (digits with at most one point) times `unit`, exactly.
///
/// # Errors
/// See [`DecimalError`].
pub fn times_unit(number: &str, unit: u64) -> Result<u128, DecimalError> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || number.ends_with('.') || !digits_only(whole) || !digits_only(fraction) {
        return Err(DecimalError::Malformed);
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > MAX_WHOLE_DIGITS {
        return Err(DecimalError::TooLarge);
    }
    if fraction.len() > MAX_FRACTION_DIGITS {
        return Err(DecimalError::TooFine);
    }
    let value = |digits: &str| digits.bytes().fold(0_u128, |sum, digit| sum * 10 + u128::from(digit - b'0'));
    let scale = fraction.bytes().fold(1_u128, |scale, _| scale * 10);
    let scaled = (value(whole) * scale + value(fraction)) * u128::from(unit);
    if scaled % scale == 0 { Ok(scaled / scale) } else { Err(DecimalError::TooFine) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_exactly_or_says_why_not() {
        assert_eq!(times_unit("1.5", 60), Ok(90));
        assert_eq!(times_unit("0.10", 1_000_000), Ok(100_000));
        assert_eq!(times_unit("007", 1), Ok(7));
        assert_eq!(times_unit("0.5", 1), Err(DecimalError::TooFine));
        assert_eq!(times_unit("0.0000000000000000001", u64::MAX), Err(DecimalError::TooFine));
        assert_eq!(times_unit("999999999999999999", 1), Err(DecimalError::TooLarge));
        for malformed in ["", ".", ".5", "1.", "1.2.3", "1e3", "-1", "+1", " 1"] {
            assert_eq!(times_unit(malformed, 1), Err(DecimalError::Malformed), "{malformed}");
        }
    }
}
