//! Time averages of a level that changes in steps, in integers (R9.4, R9.5).

use crate::time::{SimDuration, SimTime};

/// Area, peak and mean of a level over [warm-up, end].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeAverage {
    from: SimTime,
    last: SimTime,
    level: u64,
    area: u128,
    peak: u64,
    low: u64,
}

impl TimeAverage {
    /// A level that holds from the start of the clock; it is averaged from `from` on.
    pub fn new(from: SimTime, level: u64) -> Self {
        Self { from, last: SimTime::ZERO, level, area: 0, peak: 0, low: u64::MAX }
    }

    /// From `at` on the level is `level`.
    #[inline]
    pub fn set(&mut self, at: SimTime, level: u64) {
        if level == self.level {
            return;
        }
        self.advance(at);
        self.level = level;
    }

    /// The run is over at `end`.
    pub fn finish(&mut self, end: SimTime) {
        self.advance(end);
        if end >= self.from {
            self.see(self.level);
        }
    }

    fn see(&mut self, level: u64) {
        self.peak = self.peak.max(level);
        self.low = self.low.min(level);
    }

    #[inline]
    fn advance(&mut self, at: SimTime) {
        let begin = self.last.max(self.from);
        if at > begin {
            self.area += u128::from(self.level) * u128::from(at.since(begin).micros());
            self.see(self.level);
        }
        self.last = at;
    }

    /// The level that holds now.
    pub fn level(&self) -> u64 {
        self.level
    }

    /// How long it has been averaged.
    pub fn length(&self) -> SimDuration {
        self.last.since(self.from)
    }

    /// Whether a level was seen at or after the warm-up: else it has no peak and no low.
    pub fn has_begun(&self) -> bool {
        self.low < u64::MAX
    }

    /// Level times microseconds.
    pub fn area(&self) -> u128 {
        self.area
    }

    /// The highest level that held for some time, or at the end.
    pub fn peak(&self) -> u64 {
        self.peak
    }

    /// The lowest level that held for some time, or at the end.
    pub fn low(&self) -> u64 {
        self.low.min(self.peak)
    }

    /// The mean level in millionths, rounded half up; none over a span without length.
    pub fn mean_millionths(&self) -> Option<u64> {
        ratio_millionths(self.area, u128::from(self.length().micros()))
    }
}

/// `part` / `whole` in millionths, rounded half up; none where `whole` is 0 (R9.4, R9.7).
pub fn ratio_millionths(part: u128, whole: u128) -> Option<u64> {
    let doubled = (part.checked_mul(2_000_000)?).checked_add(whole)?;
    u64::try_from(doubled.checked_div(whole.checked_mul(2)?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> SimTime {
        SimTime::from_micros(micros).unwrap()
    }

    #[test]
    fn r9_4_averages_start_at_the_warm_up() {
        // Level 2 on [0, 10), 4 on [10, 40), 0 on [40, 50]; averaged over [20, 50].
        let mut average = TimeAverage::new(at(20), 2);
        average.set(at(10), 4);
        average.set(at(40), 0);
        average.finish(at(50));
        assert_eq!(average.area(), 4 * 20);
        assert_eq!(average.mean_millionths(), Some(2_666_667));
        assert_eq!((average.low(), average.peak()), (0, 4));
    }

    #[test]
    fn a_level_before_the_warm_up_is_no_peak() {
        let mut average = TimeAverage::new(at(20), 9);
        average.set(at(20), 1);
        average.finish(at(30));
        assert_eq!((average.peak(), average.area()), (1, 10));
    }

    #[test]
    fn r9_7_a_span_without_length_has_no_mean() {
        let mut average = TimeAverage::new(at(0), 3);
        average.finish(at(0));
        assert_eq!(average.mean_millionths(), None);
        assert_eq!(average.peak(), 3);
        assert_eq!(ratio_millionths(1, 3), Some(333_333));
        assert_eq!(ratio_millionths(1, 2_000_000), Some(1), "half up");
    }
}
