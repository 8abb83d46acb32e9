//! A probability with what it leaves to 1.

use crate::random::{NEAR_ZERO, Uniform};

/// A probability and what it leaves to 1, both in full precision: one near 1 says how near only by its rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probability {
    pub below: f64,
    pub above: f64,
}

impl Probability {
    pub const ZERO: Self = Self { below: 0.0, above: 1.0 };
    pub const ONE: Self = Self { below: 1.0, above: 0.0 };

    pub fn of_below(below: f64) -> Self {
        Self { below, above: 1.0 - below }
    }

    pub fn of_above(above: f64) -> Self {
        Self { below: 1.0 - above, above }
    }

    pub fn of_uniform(uniform: Uniform) -> Self {
        Self::of_below(uniform.value())
    }

    /// That of a single value with all of it.
    pub fn of_step(is_reached: bool) -> Self {
        if is_reached { Self::ONE } else { Self::ZERO }
    }

    /// Whether it is the smaller part of 1, and so the more precise one to go by.
    pub fn is_lower_half(self) -> bool {
        self.below <= self.above
    }

    /// The logarithm of what is left to 1.
    pub fn ln_above(self) -> f64 {
        // Taken from `above` as far down as that is precise enough, as this is the faster way.
        if self.below < NEAR_ZERO { libm::log1p(-self.below) } else { libm::log(self.above) }
    }

    /// How much larger it is than an earlier one.
    pub fn since(self, earlier: Self) -> f64 {
        let difference =
            if earlier.is_lower_half() { self.below - earlier.below } else { earlier.above - self.above };
        difference.max(0.0)
    }

    /// The one that lies this far between two others.
    pub fn between(self, from: Self, to: Self) -> Self {
        // Sums of what isn't negative, so that neither loses precision.
        let below = from.below * self.above + to.below * self.below;
        let above = from.above * self.above + to.above * self.below;
        Self { below, above }
    }
}
