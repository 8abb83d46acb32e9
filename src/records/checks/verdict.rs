//! Whether a value is within limits, in integers, and what is shown of it.

use super::Limits;
use crate::ids::RequestKey;
use crate::records::{Percentile, Sample};
use crate::time::SimDuration;

/// What became of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Never without data (R9.7).
    pub passed: bool,
    /// The value in millionths of its unit, rounded so that it agrees with the verdict; none: no data.
    pub observed: Option<u128>,
    /// Whether what is shown comes from buckets; the verdict doesn't (R9.8).
    pub is_approximate: bool,
    pub worst: Option<Worst>,
}

/// The copy with the largest value of a metric; of a makespan the copy that was ready last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worst {
    pub key: RequestKey,
    pub value: SimDuration,
    /// What it is called, where its key doesn't tell: a row of a trace.
    pub name: Option<String>,
}

/// A value in millionths as an exact fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    part: u128,
    whole: u128,
}

impl Whole {
    pub fn count(count: u64) -> Self {
        Self { part: u128::from(count) * 1_000_000, whole: 1 }
    }

    pub fn micros(value: SimDuration) -> Self {
        Self { part: u128::from(value.micros()), whole: 1 }
    }

    /// `part` millionths / `whole`; none where `whole` is 0.
    pub fn millionths(part: u128, whole: u128) -> Option<Self> {
        (whole > 0).then_some(Self { part, whole })
    }

    /// `part` / `whole`; none where `whole` is 0.
    pub fn ratio(part: u128, whole: u128) -> Option<Self> {
        Self::millionths(part.saturating_mul(1_000_000), whole)
    }

    /// A limit so large that the product can't be told is above every value.
    fn is_at_most(self, limit: u128) -> bool {
        limit.checked_mul(self.whole).is_none_or(|limit| self.part <= limit)
    }

    fn is_at_least(self, limit: u128) -> bool {
        limit.checked_mul(self.whole).is_some_and(|limit| self.part >= limit)
    }

    /// Rounded half up (R9.5).
    fn rounded(self) -> u128 {
        let (quotient, rest) = (self.part / self.whole, self.part % self.whole);
        quotient + u128::from(rest >= self.whole - rest)
    }
}

/// The verdict on a value.
pub fn of_value(value: Option<Whole>, limits: Limits) -> Verdict {
    let Some(value) = value else { return NO_DATA };
    decided(value.rounded(), limits, |limit| value.is_at_most(limit), |limit| value.is_at_least(limit))
}

/// The verdict on a percentile, by counting values: the value at its rank is at most a limit if as many values
/// are (R9.8).
pub fn of_percentile(sample: &Sample, percentile: Percentile, limits: Limits) -> Verdict {
    let Some(value) = sample.percentile(percentile) else { return NO_DATA };
    let rank = percentile.rank(sample.n());
    // No value is beyond what a duration can be.
    let counted = |limit: u128| match u64::try_from(limit) {
        Ok(limit) => sample.count_up_to(limit).unwrap_or(0),
        Err(_) => sample.n(),
    };
    let at_most = |limit: u128| counted(limit) >= rank;
    let at_least = |limit: u128| limit.checked_sub(1).is_none_or(|below| counted(below) < rank);
    let verdict = decided(u128::from(value.micros()), limits, at_most, at_least);
    Verdict { is_approximate: !sample.is_exact(), ..verdict }
}

/// There is nothing to look at.
pub const NO_DATA: Verdict = Verdict { passed: false, observed: None, is_approximate: false, worst: None };

/// What is shown is moved to the side of each limit on which the value is, where rounding or a bucket had put it
/// on the other.
fn decided(
    shown: u128,
    limits: Limits,
    is_at_most: impl Fn(u128) -> bool,
    is_at_least: impl Fn(u128) -> bool,
) -> Verdict {
    let below = |shown: u128, limit| if is_at_most(limit) { shown.min(limit) } else { shown.max(limit + 1) };
    // Where a value isn't at least a limit, the limit is above 0.
    let above = |shown: u128, limit| if is_at_least(limit) { shown.max(limit) } else { shown.min(limit - 1) };
    let agreeing = [limits.max, limits.equals].into_iter().flatten().fold(shown, below);
    let agreeing = [limits.min, limits.equals].into_iter().flatten().fold(agreeing, above);
    let passed = limits.max.is_none_or(&is_at_most)
        && limits.min.is_none_or(&is_at_least)
        && limits.equals.is_none_or(|limit| is_at_most(limit) && is_at_least(limit));
    Verdict { passed, observed: Some(agreeing), is_approximate: false, worst: None }
}
