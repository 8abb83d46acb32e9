//! A value that is always the same.

use super::truncated::{Bounds, Within};
use super::unfit::{Unfit, not_negative};
use super::{Distribution, Family, Probability};
use crate::random::Draws;

#[derive(Debug)]
struct Fixed(f64);

impl Distribution {
    /// Always `value`.
    ///
    /// # Errors
    /// When it is negative or not finite.
    pub fn fixed(value: f64) -> Result<Self, Unfit> {
        not_negative("fixed", value).map(|value| Self::of(Fixed(value)))
    }
}

impl Family for Fixed {
    fn uniforms(&self) -> u32 {
        0
    }

    fn draw(&self, _: &mut Draws) -> f64 {
        self.0
    }

    fn quantile(&self, _: Probability) -> f64 {
        self.0
    }

    fn cdf(&self, x: f64) -> Probability {
        Probability::of_step(x >= self.0)
    }

    fn mean(&self) -> f64 {
        self.0
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        self.cdf(x)
    }

    fn within(&self, bounds: Bounds) -> Option<Within> {
        let is_left = bounds.contains(self.0);
        Some(if is_left { Within::all(Distribution::of(Self(self.0))) } else { Within::NOTHING })
    }
}
