//! Counts of values in the buckets of an HDR histogram of 3 significant digits (R9.8).
//!
//! Its layout is that of the crate `hdrhistogram`, into which it can be turned for files. Counting is done here
//! since it happens several times for each copy: finding the bucket takes a few instructions.

use hdrhistogram::Histogram;

/// Significant decimal digits.
const DIGITS: u8 = 3;

/// Values below this have a bucket each: the power of two that holds 2 x 10^3 values. Every later octave has half
/// as many buckets.
const LINEAR_BITS: u32 = 11;

/// Buckets of an octave.
const HALF: u64 = 1 << (LINEAR_BITS - 1);

/// How many values there are in each bucket.
#[derive(Clone, Debug, Default)]
pub struct Buckets {
    counts: Vec<u64>,
}

impl Buckets {
    /// Counts a value.
    pub fn add(&mut self, value: u64) {
        let place = place_of(value);
        match self.counts.get_mut(place) {
            Some(count) => *count += 1,
            None => self.grow(place),
        }
    }

    #[cold]
    fn grow(&mut self, place: usize) {
        self.counts.resize(place + 1, 0);
        self.counts[place] = 1;
    }

    /// Takes up the counts of another one.
    pub fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
    }

    /// The buckets with values in them, ascending: the largest value that each takes, and its count.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        let filled = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(place, count)| (last_of(place as u64), *count))
    }

    /// The same histogram as the crate has it.
    pub fn histogram(&self) -> Histogram<u64> {
        let mut histogram = Histogram::new(DIGITS).expect("3 digits are valid");
        for (value, count) in self.iter() {
            histogram.record_n(value, count).expect("a histogram that grows takes any time");
        }
        histogram
    }
}

/// The bucket of a value.
fn place_of(value: u64) -> usize {
    let octave = u64::BITS - (value | (2 * HALF - 1)).leading_zeros() - LINEAR_BITS;
    (u64::from(octave) * HALF + (value >> octave)) as usize
}

/// The largest value in a bucket.
fn last_of(place: u64) -> u64 {
    let octave = (place / HALF).saturating_sub(1);
    let first = place - octave * HALF;
    ((first + 1) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values around every power of two and of ten.
    fn values() -> Vec<u64> {
        let powers = (0..53).map(|bits| 1_u64 << bits).chain((0..16).map(|digits| 10_u64.pow(digits)));
        let near = |value: u64| [value - 1, value, value + 1, value + value / 3];
        powers.flat_map(near).chain(0..5_000).collect()
    }

    #[test]
    fn r9_8_buckets_are_those_of_the_crate() {
        let crates = Histogram::<u64>::new(DIGITS).unwrap();
        for value in values() {
            let place = place_of(value) as u64;
            assert_eq!(last_of(place), crates.highest_equivalent(value), "of {value}");
            assert!(place == 0 || last_of(place - 1) < value, "{value} is above the bucket before");
        }
    }

    #[test]
    fn r9_8_it_turns_into_the_crates_histogram() {
        let (mut buckets, mut histogram) = (Buckets::default(), Histogram::<u64>::new(DIGITS).unwrap());
        for value in values() {
            buckets.add(value);
            histogram.record(value).unwrap();
        }
        assert_eq!(buckets.histogram(), histogram);
        let counted: u64 = buckets.iter().map(|(_, count)| count).sum();
        assert_eq!(counted, values().len() as u64);
    }
}
