//! One of several distributions, chosen by weights for each variate.

use super::truncated::{Bounds, Within};
use super::unfit::{Reason, Unfit};
use super::{Distribution, Family, Probability, Weights};
use crate::random::Draws;

#[derive(Debug)]
struct Mixture {
    weights: Weights,
    parts: Vec<Distribution>,
    uniforms_of_parts: u32,
}

impl Distribution {
    /// One of `parts`, each with its weight. A variate takes one uniform to choose a part, and as many more as
    /// the part that takes most, whichever is chosen.
    ///
    /// # Errors
    /// When there is no part, a weight is negative or all are 0.
    pub fn mixture(parts: Vec<(f64, Self)>) -> Result<Self, Unfit> {
        Mixture::new(parts).map(Self::of)
    }
}

impl Mixture {
    fn new(parts: Vec<(f64, Distribution)>) -> Result<Self, Unfit> {
        let (weights, parts): (Vec<f64>, Vec<Distribution>) = parts.into_iter().unzip();
        if parts.is_empty() {
            return Err(Reason::Empty.of("mixture"));
        }
        let weights = Weights::new(weights).map_err(|unfit| Unfit { parameter: "weight", ..unfit })?;
        let uniforms_of_parts = parts.iter().map(Distribution::uniforms).max().unwrap_or(0);
        Ok(Self { weights, parts, uniforms_of_parts })
    }

    /// The parts that are ever chosen.
    fn counted(&self) -> impl Iterator<Item = &Distribution> {
        self.weights
            .weights()
            .iter()
            .zip(&self.parts)
            .filter(|(weight, _)| **weight > 0.0)
            .map(|(_, part)| part)
    }

    /// The weighted sum of probabilities of the parts.
    fn weighted(&self, probabilities: impl Fn(&Distribution) -> Probability) -> Probability {
        let (below, above): (Vec<f64>, Vec<f64>) =
            self.parts.iter().map(&probabilities).map(|part| (part.below, part.above)).unzip();
        Probability { below: self.weights.mean_of(below), above: self.weights.mean_of(above) }
    }
}

impl Family for Mixture {
    fn uniforms(&self) -> u32 {
        1 + self.uniforms_of_parts
    }

    fn draw(&self, draws: &mut Draws) -> f64 {
        let part = &self.parts[self.weights.choose(draws.uniform())];
        let value = part.draw(draws);
        for _ in part.uniforms()..self.uniforms_of_parts {
            draws.uniform();
        }
        value
    }

    /// Found by halving, as there is no formula: that of the mixture lies between those of its parts.
    fn quantile(&self, probability: Probability) -> f64 {
        let of_parts = || self.counted().map(|part| part.0.quantile(probability));
        let mut least = of_parts().fold(f64::INFINITY, f64::min);
        let mut most = of_parts().fold(0.0, f64::max);
        let is_reached = |x: f64| {
            let cdf = self.cdf(x);
            if probability.is_lower_half() {
                cdf.below >= probability.below
            } else {
                cdf.above <= probability.above
            }
        };
        if is_reached(least) {
            return least;
        }
        // Numbers that aren't negative are in the order of their bits.
        while most.to_bits() - least.to_bits() > 1 {
            let middle = f64::from_bits(least.to_bits() + (most.to_bits() - least.to_bits()) / 2);
            if is_reached(middle) { most = middle } else { least = middle }
        }
        most
    }

    fn cdf(&self, x: f64) -> Probability {
        self.weighted(|part| part.0.cdf(x))
    }

    fn mean(&self) -> f64 {
        self.weights.mean_of(self.parts.iter().map(Distribution::mean))
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        let mean = self.mean();
        if mean == 0.0 {
            return Probability::ONE;
        }
        self.weighted(|part| {
            let share = part.0.share_of_mean(x);
            let scale = part.mean() / mean;
            Probability { below: share.below * scale, above: share.above * scale }
        })
    }

    /// Its parts within the bounds, each weighted with what is left of it.
    fn within(&self, bounds: Bounds) -> Option<Within> {
        let parts: Vec<Within> = self.parts.iter().map(|part| part.within(bounds)).collect();
        let share = self.weights.mean_of(parts.iter().map(|part| part.share));
        let weighted = self.weights.weights().iter().zip(parts);
        let left = weighted.filter_map(|(weight, part)| Some((weight * part.share, part.left?))).collect();
        let left = Self::new(left).ok().map(Distribution::of);
        Some(Within { left, share })
    }
}
