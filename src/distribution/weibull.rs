//! Times until something wears out, or settles.

use super::special::IncompleteGamma;
use super::unfit::{SHAPES, Unfit, inside, positive};
use super::{Distribution, Family, Probability};

#[derive(Debug)]
struct Weibull {
    shape: f64,
    scale: f64,
    mean: f64,
    of_mean: IncompleteGamma,
}

impl Distribution {
    /// P(X > x) = e^-(x/scale)^shape, with scale = mean / Γ(1 + 1/shape).
    ///
    /// # Errors
    /// When the mean isn't above 0 or the shape is too small or large for anything real.
    pub fn weibull(shape: f64, mean: f64) -> Result<Self, Unfit> {
        let shape = inside("shape", shape, SHAPES)?;
        let mean = positive("mean", mean)?;
        let scale = mean / libm::tgamma(1.0 + 1.0 / shape);
        Ok(Self::of(Weibull { shape, scale, mean, of_mean: IncompleteGamma::new(1.0 + 1.0 / shape) }))
    }
}

impl Weibull {
    fn hazard(&self, x: f64) -> f64 {
        libm::pow(x / self.scale, self.shape)
    }
}

impl Family for Weibull {
    fn quantile(&self, probability: Probability) -> f64 {
        self.scale * libm::pow(-probability.ln_above(), 1.0 / self.shape)
    }

    fn cdf(&self, x: f64) -> Probability {
        if x <= 0.0 {
            return Probability::ZERO;
        }
        let hazard = self.hazard(x);
        Probability { below: -libm::expm1(-hazard), above: libm::exp(-hazard) }
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        if x <= 0.0 { Probability::ZERO } else { self.of_mean.at(self.hazard(x)) }
    }
}
