//! Times without memory.

use super::unfit::{Unfit, positive};
use super::{Distribution, Family, Probability};
use crate::random::{Draws, LnMethod};

#[derive(Debug)]
struct Exponential {
    mean: f64,
}

impl Distribution {
    /// P(X > x) = e^(-x/mean).
    ///
    /// # Errors
    /// When the mean isn't above 0.
    pub fn exponential(mean: f64) -> Result<Self, Unfit> {
        positive("mean", mean).map(|mean| Self::of(Exponential { mean }))
    }
}

impl Family for Exponential {
    /// The quantile of the next uniform, where its logarithm may be known already.
    fn draw(&self, draws: &mut Draws) -> f64 {
        -self.mean * draws.ln_complement(LnMethod::Log1p)
    }

    fn quantile(&self, probability: Probability) -> f64 {
        -self.mean * probability.ln_above()
    }

    fn cdf(&self, x: f64) -> Probability {
        if x <= 0.0 {
            return Probability::ZERO;
        }
        let means = x / self.mean;
        Probability { below: -libm::expm1(-means), above: libm::exp(-means) }
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        // That of an Erlang distribution of two phases: 1 - (1 + y) e^-y.
        if x <= 0.0 {
            return Probability::ZERO;
        }
        let means = x / self.mean;
        let above = libm::exp(-means);
        Probability::of_above(if above == 0.0 { 0.0 } else { (1.0 + means) * above })
    }
}
