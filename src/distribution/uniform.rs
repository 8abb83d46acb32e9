//! All values within bounds alike.

use super::unfit::{Reason, Unfit, not_negative};
use super::{Distribution, Family, Probability};

#[derive(Debug)]
struct Uniform {
    min: f64,
    max: f64,
}

impl Distribution {
    /// Alike from `min` to `max`.
    ///
    /// # Errors
    /// When a bound is negative, or `min` isn't below `max`.
    pub fn uniform(min: f64, max: f64) -> Result<Self, Unfit> {
        let (min, max) = (not_negative("min", min)?, not_negative("max", max)?);
        if min < max { Ok(Self::of(Uniform { min, max })) } else { Err(Reason::NotBelow("max").of("min")) }
    }
}

impl Family for Uniform {
    fn quantile(&self, probability: Probability) -> f64 {
        self.min + (self.max - self.min) * probability.below
    }

    fn cdf(&self, x: f64) -> Probability {
        let x = x.clamp(self.min, self.max);
        let width = self.max - self.min;
        Probability { below: (x - self.min) / width, above: (self.max - x) / width }
    }

    fn mean(&self) -> f64 {
        self.min + (self.max - self.min) / 2.0
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        // (x^2 - min^2)/(max^2 - min^2)
        let share = self.cdf(x);
        let x = x.clamp(self.min, self.max);
        let sum = self.max + self.min;
        Probability {
            below: share.below * ((x + self.min) / sum),
            above: share.above * ((self.max + x) / sum),
        }
    }
}
