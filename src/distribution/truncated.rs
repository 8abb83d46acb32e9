//! What is left of a distribution within bounds.

use super::unfit::{Reason, Unfit};
use super::{Distribution, Family, Probability};

/// The share of a distribution that a truncation must leave: with less, it is hardly the one that was meant.
pub const LEAST_SHARE: f64 = 1e-9;

/// The least and the greatest value, both included.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    min: f64,
    max: f64,
}

/// What is left of a distribution within bounds, and its share of all.
pub struct Within {
    pub left: Option<Distribution>,
    pub share: f64,
}

impl Bounds {
    pub fn new(min: f64, max: f64) -> Result<Self, Unfit> {
        if min.is_nan() || min < 0.0 {
            return Err(Reason::Negative.of("min"));
        }
        if min <= max { Ok(Self { min, max }) } else { Err(Reason::Above("max").of("min")) }
    }

    pub fn contains(self, value: f64) -> bool {
        (self.min..=self.max).contains(&value)
    }
}

impl Within {
    pub const NOTHING: Self = Self { left: None, share: 0.0 };

    pub fn all(left: Distribution) -> Self {
        Self { left: Some(left), share: 1.0 }
    }
}

/// A continuous distribution within bounds.
#[derive(Debug)]
pub struct Truncated {
    of: Distribution,
    bounds: Bounds,
    from: Probability,
    to: Probability,
    mean: f64,
}

impl Truncated {
    /// What is left of a distribution without values of their own probability.
    pub fn within(of: &Distribution, bounds: Bounds) -> Within {
        let (from, to) = (of.0.cdf(bounds.min), of.0.cdf(bounds.max));
        let share = to.since(from);
        if share == 0.0 {
            return Within::NOTHING;
        }
        let share_of_mean = of.0.share_of_mean(bounds.max).since(of.0.share_of_mean(bounds.min));
        let mean = (of.mean() * share_of_mean / share).clamp(bounds.min, bounds.max);
        let left = Distribution::of(Self { of: of.clone(), bounds, from, to, mean });
        Within { left: Some(left), share }
    }
}

impl Family for Truncated {
    fn quantile(&self, probability: Probability) -> f64 {
        let value = self.of.0.quantile(probability.between(self.from, self.to));
        value.clamp(self.bounds.min, self.bounds.max)
    }

    fn cdf(&self, x: f64) -> Probability {
        if x < self.bounds.min {
            return Probability::ZERO;
        }
        let reached = self.of.0.cdf(x.min(self.bounds.max));
        let share = self.to.since(self.from);
        Probability { below: reached.since(self.from) / share, above: self.to.since(reached) / share }
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        let [from, at, to] = [self.bounds.min, x.clamp(self.bounds.min, self.bounds.max), self.bounds.max]
            .map(|x| self.of.0.share_of_mean(x));
        let whole = to.since(from);
        Probability { below: at.since(from) / whole, above: to.since(at) / whole }
    }
}
