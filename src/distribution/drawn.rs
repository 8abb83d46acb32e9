//! Quantities of a simulation that are drawn, or fixed.

use std::fmt;

use super::Distribution;
use crate::quantity::{Bytes, MAX_BYTES, Rate};
use crate::random::Draws;
use crate::time::SimDuration;

/// A whole number of a unit that can be drawn.
pub trait Quantity: Copy + fmt::Debug + Send + Sync {
    /// In its smallest unit: microseconds, bytes, bytes per second.
    fn to_f64(self) -> f64;

    /// A number of the smallest unit, rounded half up; `None` beyond the largest value.
    fn from_f64(number: f64) -> Option<Self>;
}

impl Quantity for SimDuration {
    fn to_f64(self) -> f64 {
        self.micros() as f64
    }

    /// What is negative is 0.
    fn from_f64(number: f64) -> Option<Self> {
        Self::from_micros(whole(number)?)
    }
}

impl Quantity for Bytes {
    fn to_f64(self) -> f64 {
        self.0 as f64
    }

    /// What is negative is 0.
    fn from_f64(number: f64) -> Option<Self> {
        whole(number).map(Self)
    }
}

impl Quantity for Rate {
    fn to_f64(self) -> f64 {
        self.bytes_per_second() as f64
    }

    /// What is below 1 is 1, as at a rate of 0 nothing would ever arrive.
    fn from_f64(number: f64) -> Option<Self> {
        Self::new(whole(number)?.max(1))
    }
}

/// The whole number next to `number`, half up, from 0 to [`MAX_BYTES`], which is the end of time too.
fn whole(number: f64) -> Option<u64> {
    const LIMIT: f64 = (MAX_BYTES + 1) as f64;
    // What is no number isn't below it either; through signed numbers, which processors convert faster.
    let below = (number < LIMIT).then_some(number.max(0.0) as i64)?;
    let rounded = below + i64::from(number - below as f64 >= 0.5);
    u64::try_from(rounded).ok().filter(|rounded| *rounded <= MAX_BYTES)
}

/// A quantity that is the same each time, or drawn each time.
#[derive(Clone, Debug)]
pub enum Drawn<T> {
    Fixed(T),
    /// Of the number of the smallest unit.
    Random(Distribution),
}

impl<T: Quantity> Drawn<T> {
    /// The next one; `None` if it is beyond the largest value of its type. It takes [`Drawn::uniforms`] words
    /// of the stream in any case.
    pub fn draw(&self, draws: &mut Draws) -> Option<T> {
        match self {
            Self::Fixed(value) => Some(*value),
            Self::Random(distribution) => T::from_f64(distribution.draw(draws)),
        }
    }

    /// Uniforms that each takes.
    pub fn uniforms(&self) -> u32 {
        match self {
            Self::Fixed(_) => 0,
            Self::Random(distribution) => distribution.uniforms(),
        }
    }

    /// The mean in the smallest unit, before rounding.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Fixed(value) => value.to_f64(),
            Self::Random(distribution) => distribution.mean(),
        }
    }

    /// The value, if it is always the same.
    pub fn fixed(&self) -> Option<T> {
        match self {
            Self::Fixed(value) => Some(*value),
            Self::Random(_) => None,
        }
    }
}

impl<T> From<T> for Drawn<T> {
    fn from(value: T) -> Self {
        Self::Fixed(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r10_2_numbers_round_half_up_within_their_type() {
        let micros = |number| SimDuration::from_f64(number).map(SimDuration::micros);
        assert_eq!(micros(2.5), Some(3));
        assert_eq!(micros(2.499_999_999_999_999_6), Some(2));
        assert_eq!(
            micros(0.499_999_999_999_999_94),
            Some(0),
            "not 1, as adding a half and cutting would give"
        );
        assert_eq!(micros(-7.0), Some(0));
        assert_eq!(micros(9_007_199_254_740_991.0), Some((1 << 53) - 1));
        assert_eq!(micros(9_007_199_254_740_992.0), None);
        assert_eq!(micros(f64::INFINITY), None);
        assert_eq!(micros(f64::NAN), None);
        assert_eq!(Bytes::from_f64(1.5), Some(Bytes(2)));
        assert_eq!(Rate::from_f64(0.2), Rate::new(1));
        assert_eq!(Rate::from_f64(1e300), None);
    }

    #[test]
    fn fixed_values_read_no_words() {
        let drawn = Drawn::from(Bytes(7));
        let mut draws = Draws::new(crate::random::Seed::default(), "p", "s");
        let first = draws.clone().uniform();
        assert_eq!((drawn.draw(&mut draws), drawn.uniforms(), drawn.mean()), (Some(Bytes(7)), 0, 7.0));
        assert_eq!(draws.uniform(), first);
    }
}
