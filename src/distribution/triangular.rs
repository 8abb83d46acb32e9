//! A guess of three values: the least, the most likely and the greatest.

use super::unfit::{Reason, Unfit, not_negative};
use super::{Distribution, Family, Probability};

#[derive(Debug)]
struct Triangular {
    min: f64,
    mode: f64,
    max: f64,
}

impl Distribution {
    /// A density that rises straight from `min` to `mode`, and falls straight to `max`.
    ///
    /// # Errors
    /// When one is negative or they aren't in order; `mode` may be the same as one of the others.
    pub fn triangular(min: f64, mode: f64, max: f64) -> Result<Self, Unfit> {
        let min = not_negative("min", min)?;
        let mode = not_negative("mode", mode)?;
        let max = not_negative("max", max)?;
        if min >= max {
            return Err(Reason::NotBelow("max").of("min"));
        }
        if min > mode {
            return Err(Reason::Above("mode").of("min"));
        }
        if mode > max {
            return Err(Reason::Above("max").of("mode"));
        }
        Ok(Self::of(Triangular { min, mode, max }))
    }
}

impl Family for Triangular {
    fn quantile(&self, probability: Probability) -> f64 {
        let (width, rise, fall) = (self.max - self.min, self.mode - self.min, self.max - self.mode);
        if probability.below * width <= rise {
            return self.min + libm::sqrt(probability.below * width * rise);
        }
        // max - sqrt(above x width x fall), from the mode on, which doesn't cancel where `mode` is 0.
        let left = libm::sqrt(probability.above * width / fall);
        self.mode + (probability.below * width - rise) / (1.0 + left)
    }

    fn cdf(&self, x: f64) -> Probability {
        let x = x.clamp(self.min, self.max);
        let width = self.max - self.min;
        if x < self.mode {
            let risen = x - self.min;
            Probability::of_below(risen / width * (risen / (self.mode - self.min)))
        } else if x < self.max {
            let left = self.max - x;
            Probability::of_above(left / width * (left / (self.max - self.mode)))
        } else {
            Probability::ONE
        }
    }

    fn mean(&self) -> f64 {
        self.min + ((self.mode - self.min) + (self.max - self.min)) / 3.0
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        // With density 2s/(width x rise) at min + s: the integral of (min + s) x density.
        let x = x.clamp(self.min, self.max);
        let share = self.cdf(x);
        if x < self.mode {
            let mean_of_lower = self.min + (x - self.min) * 2.0 / 3.0;
            Probability::of_below(share.below * (mean_of_lower / self.mean()))
        } else {
            let mean_of_upper = self.max - (self.max - x) * 2.0 / 3.0;
            Probability::of_above(share.above * (mean_of_upper / self.mean()))
        }
    }
}
