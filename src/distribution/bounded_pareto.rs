//! Sizes with a heavy tail that is cut.

use super::unfit::{Reason, SHAPES, Unfit, inside, not_negative, positive};
use super::{Distribution, Family, Probability};

#[derive(Debug)]
struct BoundedPareto {
    shape: f64,
    min: f64,
    max: f64,
    /// What an unbounded one has within the bounds, and beyond `max`.
    kept: f64,
    cut: f64,
}

impl Distribution {
    /// F(x) = (1 - (min/x)^shape) / (1 - (min/max)^shape) from `min` to `max`.
    ///
    /// # Errors
    /// When `min` isn't above 0 or not below `max`, or the shape is too small or large for anything real.
    pub fn bounded_pareto(shape: f64, min: f64, max: f64) -> Result<Self, Unfit> {
        let shape = inside("shape", shape, SHAPES)?;
        let (min, max) = (positive("min", min)?, not_negative("max", max)?);
        if min >= max {
            return Err(Reason::NotBelow("max").of("min"));
        }
        let decay = shape * ln_ratio(min, max);
        let (kept, cut) = (-libm::expm1(-decay), libm::exp(-decay));
        Ok(Self::of(BoundedPareto { shape, min, max, kept, cut }))
    }
}

/// ln(to/from), for `to` not below `from`.
fn ln_ratio(from: f64, to: f64) -> f64 {
    // Precise where the two are next to each other.
    if to < 2.0 * from { libm::log1p((to - from) / from) } else { libm::log(to / from) }
}

impl Family for BoundedPareto {
    fn quantile(&self, probability: Probability) -> f64 {
        let ln_left = if probability.below < 0.5 {
            libm::log1p(-probability.below * self.kept)
        } else {
            libm::log(probability.above + probability.below * self.cut)
        };
        (self.min * libm::exp(-ln_left / self.shape)).clamp(self.min, self.max)
    }

    fn cdf(&self, x: f64) -> Probability {
        let x = x.clamp(self.min, self.max);
        let (fallen, left) = (self.shape * ln_ratio(self.min, x), self.shape * ln_ratio(x, self.max));
        let below = -libm::expm1(-fallen) / self.kept;
        // (min/x)^shape - (min/max)^shape, in a form that doesn't cancel.
        Probability { below, above: libm::exp(-fallen) * -libm::expm1(-left) / self.kept }
    }

    fn mean(&self) -> f64 {
        self.shape * self.min * growth(1.0 - self.shape, ln_ratio(self.min, self.max)) / self.kept
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        let x = x.clamp(self.min, self.max);
        let power = 1.0 - self.shape;
        let (before, after) = (ln_ratio(self.min, x), ln_ratio(x, self.max));
        let whole = growth(power, before + after);
        Probability {
            below: growth(power, before) / whole,
            above: libm::exp(power * before) * growth(power, after) / whole,
        }
    }
}

/// (e^(power x length) - 1)/power: the integral of e^(power x t) over t from 0 to `length`.
fn growth(power: f64, length: f64) -> f64 {
    if power == 0.0 { length } else { libm::expm1(power * length) / power }
}
