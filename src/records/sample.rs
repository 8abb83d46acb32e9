//! The values of a figure: exact while they are few, in a histogram beyond (R9.5, R9.8).

use std::fmt;

use hdrhistogram::Histogram;

use super::buckets::Buckets;
use crate::decimal::times_unit;
use crate::time::{Seconds, SimDuration};

/// A percentile from 0 to 100 with up to four decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percentile {
    ten_thousandths: u32,
}

impl Percentile {
    pub const P50: Self = Self { ten_thousandths: 500_000 };
    pub const P90: Self = Self { ten_thousandths: 900_000 };
    pub const P95: Self = Self { ten_thousandths: 950_000 };
    pub const P99: Self = Self { ten_thousandths: 990_000 };
    pub const P99_9: Self = Self { ten_thousandths: 999_000 };

    /// Those that are shown of every figure, ascending.
    const SHOWN: [Self; 5] = [Self::P50, Self::P90, Self::P95, Self::P99, Self::P99_9];

    /// The percentile of so many ten-thousandths of a percent, unless it is above 100.
    pub const fn new(ten_thousandths: u32) -> Option<Self> {
        if ten_thousandths <= 1_000_000 { Some(Self { ten_thousandths }) } else { None }
    }

    /// Nearest rank among `n` values, from 1: max(1, ceil(p n / 100)), in integers (R9.5).
    pub fn rank(self, n: u64) -> u64 {
        let rank = (u128::from(self.ten_thousandths) * u128::from(n)).div_ceil(1_000_000);
        u64::try_from(rank).unwrap_or(u64::MAX).max(1)
    }

    /// The place of the nearest rank among ascending values, from 0.
    fn place(self, values: usize) -> usize {
        usize::try_from(self.rank(values as u64) - 1).unwrap_or(usize::MAX)
    }

    /// Reads it as it is asked for: `p95`, `p99.9`.
    pub fn parse(text: &str) -> Option<Self> {
        let ten_thousandths = times_unit(text.strip_prefix('p')?, 10_000).ok()?;
        Self::new(u32::try_from(ten_thousandths).ok()?)
    }
}

/// As it is asked for: `p95`, `p99.9`.
impl fmt::Display for Percentile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ten-thousandths in hundredfold are millionths, as those of a second are microseconds.
        write!(f, "p{}", Seconds(u64::from(self.ten_thousandths) * 100))
    }
}

/// Values of a figure, in microseconds.
#[derive(Clone, Debug)]
pub struct Sample {
    n: u64,
    sum: u128,
    min: u64,
    max: u64,
    exact_limit: u64,
    values: Values,
    /// Values that aren't in the buckets yet.
    batch: Vec<u64>,
    is_sealed: bool,
    /// Ascending limits, each with the number of values that are up to it and above the one before.
    watched: Vec<(u64, u64)>,
}

#[derive(Clone, Debug)]
enum Values {
    /// In no order, but that each at the rank of a shown percentile is in its place once the sample is sealed.
    Exact(Vec<u64>),
    Buckets(Buckets),
}

/// Values that are counted in buckets together: so the processor fetches several buckets at once, which mostly lie in
/// slower memory.
const BATCH: usize = 64;

const UNSEALED: &str = "what is asked of a sample is asked when it is sealed";

impl Sample {
    /// An empty sample that keeps up to `exact_limit` values as they are.
    pub fn new(exact_limit: u64) -> Self {
        Self {
            n: 0,
            sum: 0,
            min: u64::MAX,
            max: 0,
            exact_limit,
            values: Values::Exact(Vec::new()),
            batch: Vec::new(),
            is_sealed: false,
            watched: Vec::new(),
        }
    }

    /// From here on values up to so many microseconds are counted, exactly at any size (R9.8). To be called
    /// before the first value.
    pub fn watch(&mut self, limit_micros: u64) {
        debug_assert!(self.n == 0, "limits are known before the first value");
        if let Err(place) = self.watched.binary_search_by_key(&limit_micros, |(limit, _)| *limit) {
            self.watched.insert(place, (limit_micros, 0));
        }
    }

    /// The number of values up to a limit that is watched.
    pub fn count_up_to(&self, limit_micros: u64) -> Option<u64> {
        let place = self.watched.binary_search_by_key(&limit_micros, |(limit, _)| *limit).ok()?;
        Some(self.watched[..=place].iter().map(|(_, count)| count).sum())
    }

    #[inline(always)]
    pub fn add(&mut self, value: SimDuration) {
        debug_assert!(!self.is_sealed, "a sealed sample has all its values");
        let micros = value.micros();
        self.n += 1;
        self.sum += u128::from(micros);
        self.min = self.min.min(micros);
        self.max = self.max.max(micros);
        if !self.watched.is_empty() {
            self.count_watched(micros);
        }
        match &mut self.values {
            Values::Exact(values) if self.n <= self.exact_limit => values.push(micros),
            _ => {
                self.batch.push(micros);
                if self.batch.len() == BATCH {
                    self.fill_buckets();
                }
            }
        }
    }

    fn count_watched(&mut self, micros: u64) {
        let place = self.watched.partition_point(|(limit, _)| *limit < micros);
        if let Some((_, count)) = self.watched.get_mut(place) {
            *count += 1;
        }
    }

    /// Counts the values of the batch: there are too many values to keep all as they are.
    fn fill_buckets(&mut self) {
        let mut buckets = self.take_buckets();
        self.batch.drain(..).for_each(|value| buckets.add(value));
        self.values = Values::Buckets(buckets);
    }

    fn take_buckets(&mut self) -> Buckets {
        match &mut self.values {
            Values::Exact(values) => buckets_of(&std::mem::take(values)),
            Values::Buckets(buckets) => std::mem::take(buckets),
        }
    }

    /// Takes up the values of another sample, as if they had been added one by one.
    pub fn merge(&mut self, other: &Self) {
        debug_assert!(self.watched.is_empty() && other.watched.is_empty(), "watched samples stay apart");
        self.is_sealed = false;
        self.n += other.n;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        if let (Values::Exact(values), Values::Exact(more)) = (&mut self.values, &other.values)
            && self.n <= self.exact_limit
        {
            values.extend_from_slice(more);
            return;
        }
        let mut buckets = self.take_buckets();
        self.batch.drain(..).chain(other.batch.iter().copied()).for_each(|value| buckets.add(value));
        match &other.values {
            Values::Exact(values) => values.iter().for_each(|value| buckets.add(*value)),
            Values::Buckets(more) => buckets.merge(more),
        }
        self.values = Values::Buckets(buckets);
    }

    /// To be called when all values are in: the percentiles that are always shown are found. That takes a part of
    /// the time of putting all values in order.
    pub fn seal(&mut self) {
        self.is_sealed = true;
        if !self.batch.is_empty() {
            self.fill_buckets();
        }
        let Values::Exact(values) = &mut self.values else { return };
        let mut above = 0;
        for percentile in Percentile::SHOWN {
            let place = percentile.place(values.len());
            if place >= above && place < values.len() {
                values[above..].select_nth_unstable(place - above);
                above = place + 1;
            }
        }
    }

    pub fn n(&self) -> u64 {
        self.n
    }

    /// The sum of all values in microseconds.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Whether percentiles are exact; else they come from buckets of 3 significant digits.
    pub fn is_exact(&self) -> bool {
        self.n <= self.exact_limit
    }

    pub fn min(&self) -> Option<SimDuration> {
        (self.n > 0).then(|| duration(self.min))
    }

    pub fn max(&self) -> Option<SimDuration> {
        (self.n > 0).then(|| duration(self.max))
    }

    /// The mean, rounded half up to the microsecond (R9.5).
    pub fn mean(&self) -> Option<SimDuration> {
        let n = u128::from(self.n);
        let mean = (2 * self.sum + n).checked_div(2 * n)?;
        u64::try_from(mean).ok().map(duration)
    }

    /// The value at the nearest rank of `percentile`; none where there are no values (R9.7). From buckets
    /// it is the upper edge of the value's bucket, never beyond the largest value.
    ///
    /// # Panics
    /// When values were added after the last [`Sample::seal`].
    pub fn percentile(&self, percentile: Percentile) -> Option<SimDuration> {
        assert!(self.batch.is_empty(), "{UNSEALED}");
        match &self.values {
            Values::Exact(values) => {
                let place = percentile.place(values.len());
                let is_in_place = self.is_sealed && Percentile::SHOWN.contains(&percentile);
                let value = match values.get(place)? {
                    value if is_in_place => *value,
                    _ => *values.clone().select_nth_unstable(place).1,
                };
                Some(duration(value))
            }
            Values::Buckets(buckets) => {
                let rank = percentile.rank(self.n);
                let mut below = 0;
                let (edge, _) = buckets.iter().find(|(_, count)| {
                    below += count;
                    below >= rank
                })?;
                Some(duration(edge.clamp(self.min, self.max)))
            }
        }
    }

    /// The histogram of the values, for distribution files.
    ///
    /// # Panics
    /// As [`Sample::percentile`].
    pub fn histogram(&self) -> Histogram<u64> {
        assert!(self.batch.is_empty(), "{UNSEALED}");
        match &self.values {
            Values::Exact(values) => buckets_of(values).histogram(),
            Values::Buckets(buckets) => buckets.histogram(),
        }
    }

    /// Ascending values with the number of values up to each, at most about `limit` of them.
    ///
    /// # Panics
    /// As [`Sample::percentile`].
    pub fn steps(&self, limit: usize) -> Vec<(u64, u64)> {
        assert!(self.batch.is_empty(), "{UNSEALED}");
        let steps: Vec<(u64, u64)> = match &self.values {
            Values::Exact(values) => {
                let mut values = values.clone();
                values.sort_unstable();
                let equal = values.chunk_by(|left, right| left == right);
                equal
                    .scan(0, |total, equal| {
                        *total += equal.len() as u64;
                        Some((equal[0], *total))
                    })
                    .collect()
            }
            Values::Buckets(buckets) => buckets
                .iter()
                .scan(0, |total, (edge, count)| {
                    *total += count;
                    Some((edge.clamp(self.min, self.max), *total))
                })
                .collect(),
        };
        let stride = steps.len().div_ceil(limit.max(1)).max(1);
        let last = steps.len().saturating_sub(1);
        let kept = steps.iter().enumerate().filter(|(place, _)| place % stride == 0 || *place == last);
        kept.map(|(_, step)| *step).collect()
    }
}

fn buckets_of(values: &[u64]) -> Buckets {
    let mut buckets = Buckets::default();
    values.iter().for_each(|value| buckets.add(*value));
    buckets
}

fn duration(micros: u64) -> SimDuration {
    SimDuration::from_micros(micros).unwrap_or(SimDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_samples_are_as_if_all_values_had_been_added_to_one() {
        let sizes =
            [(0, 0), (3, 4), (4, 7), (0, 30), (30, 2), (25, 25), (0, 300), (100, 300), (300, 2), (74, 138)];
        for (few, many) in sizes {
            let value = |number: u64| number * 7919 % 100_003;
            let (first, second) = ((0..few).map(value), (few..few + many).map(value));
            let mut merged = of(first.clone(), 10);
            merged.merge(&of(second.clone(), 10));
            merged.seal();
            let whole = of(first.chain(second), 10);
            assert_eq!(merged.is_exact(), whole.is_exact());
            assert_eq!((merged.n(), merged.mean(), merged.max()), (whole.n(), whole.mean(), whole.max()));
            assert_eq!(merged.steps(1000), whole.steps(1000));
            let all = (0..few + many).map(value).collect::<Vec<_>>();
            assert_eq!(whole.steps(1000).last().map_or(0, |(_, count)| *count), all.len() as u64);
            for percentile in Percentile::SHOWN.into_iter().chain(Percentile::new(1_000_000)) {
                assert_eq!(merged.percentile(percentile), whole.percentile(percentile));
            }
        }
    }

    fn of(values: impl IntoIterator<Item = u64>, exact_limit: u64) -> Sample {
        let mut sample = Sample::new(exact_limit);
        values.into_iter().for_each(|value| sample.add(duration(value)));
        sample.seal();
        sample
    }

    fn p(sample: &Sample, ten_thousandths: u32) -> u64 {
        sample.percentile(Percentile::new(ten_thousandths).unwrap()).unwrap().micros()
    }

    #[test]
    fn field_case_40_nearest_rank() {
        let values = of([1, 2, 2, 2, 2], 100);
        assert_eq!((p(&values, 200_000), p(&values, 250_000)), (1, 2));
        let values = of([1, 2], 100);
        assert_eq!((p(&values, 500_000), p(&values, 510_000)), (1, 2));
        let values = of(std::iter::repeat_n(1, 1000).chain([10_000_000]), 100_000);
        assert_eq!((p(&values, 990_000), p(&values, 1_000_000)), (1, 10_000_000));
        let values = of(std::iter::repeat_n(1, 99).chain([10_000_000]), 100_000);
        assert_eq!(p(&values, 990_000), 1);
        assert_eq!(p(&values, 0), 1, "rank is at least 1");
    }

    #[test]
    fn field_case_40_ranks_in_integers() {
        for (ten_thousandths, n, expected) in
            [(550_000, 100, 55), (70_000, 100, 7), (140_000, 50, 7), (999_000, 1000, 999)]
        {
            assert_eq!(Percentile::new(ten_thousandths).unwrap().rank(n), expected);
            assert_eq!(p(&of(1..=n, 100_000), ten_thousandths), expected);
        }
    }

    #[test]
    fn field_case_40_labels_echo_what_was_asked() {
        for text in ["p0", "p50", "p99", "p99.9", "p99.99", "p99.9999", "p100", "p0.0001"] {
            assert_eq!(Percentile::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "p", "95", "p101", "p100.0001", "p99.99999", "p-1", "p1e1", "p.5", "P95"] {
            assert_eq!(Percentile::parse(text), None, "{text}");
        }
    }

    #[test]
    fn r9_8_values_up_to_a_limit_are_counted_exactly() {
        let mut sample = Sample::new(10);
        // All of these share one bucket: 3 digits tell 10_000_000 from 10_010_000, but not from its neighbours.
        [9_999_999, 10_000_000, 10_000_001].into_iter().for_each(|limit| sample.watch(limit));
        (0..100).for_each(|_| sample.add(duration(10_000_000)));
        sample.add(duration(10_000_001));
        sample.add(duration(5));
        let counted = [9_999_999, 10_000_000, 10_000_001].map(|limit| sample.count_up_to(limit));
        assert_eq!(counted, [Some(1), Some(101), Some(102)]);
        assert!(!sample.is_exact());
        assert_eq!(sample.count_up_to(7), None, "nobody watches it");
    }

    #[test]
    fn r9_5_means_round_half_up() {
        assert_eq!(of([1, 2], 9).mean(), Some(duration(2)));
        assert_eq!(of([1, 1, 2], 9).mean(), Some(duration(1)));
    }

    #[test]
    fn r9_7_nothing_has_no_statistics() {
        let nothing = of([], 100);
        assert_eq!((nothing.min(), nothing.mean(), nothing.max()), (None, None, None));
        assert_eq!(nothing.percentile(Percentile::P95), None);
        assert!(nothing.steps(10).is_empty());
    }

    #[test]
    fn r9_8_beyond_the_limit_percentiles_come_from_buckets() {
        let exact = of(1..=100_000, 100_000);
        let coarse = of(1..=100_001, 100_000);
        assert!(exact.is_exact() && !coarse.is_exact());
        assert_eq!(coarse.n(), 100_001);
        assert_eq!((coarse.min(), coarse.max()), (Some(duration(1)), Some(duration(100_001))));
        assert_eq!(coarse.mean(), Some(duration(50_001)));
        for ten_thousandths in [10_000, 500_000, 950_000, 990_000, 999_000] {
            let (fine, rough) = (p(&exact, ten_thousandths), p(&coarse, ten_thousandths));
            assert!(rough >= fine && rough - fine <= fine / 1000 + 1, "{rough} for {fine}");
        }
        assert_eq!(p(&coarse, 1_000_000), 100_001);
    }

    #[test]
    fn percentiles_never_cross() {
        for n in 1..60 {
            let values = of((1..=n).map(|value| value * value), 30);
            let at: Vec<u64> = [500_000, 900_000, 950_000, 990_000, 999_000, 1_000_000]
                .map(|percentile| p(&values, percentile))
                .to_vec();
            assert!(at.is_sorted() && at[5] == n * n, "{at:?}");
        }
    }

    #[test]
    fn steps_end_at_the_last_value() {
        assert_eq!(of([5, 1, 5, 9], 10).steps(100), [(1, 1), (5, 3), (9, 4)]);
        let thinned = of(0..1000, 2000).steps(10);
        assert!(thinned.len() <= 11 && thinned.last() == Some(&(999, 1000)));
    }
}
