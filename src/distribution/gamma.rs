//! Sums of times without memory, and what lies between them.

use super::special::IncompleteGamma;
use super::unfit::{SHAPES, Unfit, inside, positive};
use super::{Distribution, Family, Probability};

#[derive(Debug)]
struct Gamma {
    mean: f64,
    scale: f64,
    of_scale_1: IncompleteGamma,
    /// That of the next shape, which gives shares of the mean.
    of_mean: IncompleteGamma,
}

impl Distribution {
    /// A gamma distribution with density in proportion to x^(shape - 1) e^(-x/scale), with scale =
    /// mean/shape. Its squared coefficient of variation is 1/shape.
    ///
    /// # Errors
    /// When the mean isn't above 0 or the shape is too small or large for anything real.
    pub fn gamma(shape: f64, mean: f64) -> Result<Self, Unfit> {
        Self::gamma_of(inside("shape", shape, SHAPES)?, mean)
    }

    /// The sum of `k` exponential times that have this mean together.
    ///
    /// # Errors
    /// When `k` is 0 or too large, or the mean isn't above 0.
    pub fn erlang(k: u32, mean: f64) -> Result<Self, Unfit> {
        Self::gamma_of(inside("k", f64::from(k), (1.0, SHAPES.1))?, mean)
    }

    fn gamma_of(shape: f64, mean: f64) -> Result<Self, Unfit> {
        let mean = positive("mean", mean)?;
        Ok(Self::of(Gamma {
            mean,
            scale: mean / shape,
            of_scale_1: IncompleteGamma::new(shape),
            of_mean: IncompleteGamma::new(shape + 1.0),
        }))
    }
}

impl Family for Gamma {
    fn quantile(&self, probability: Probability) -> f64 {
        self.scale * self.of_scale_1.inverse(probability)
    }

    fn cdf(&self, x: f64) -> Probability {
        self.of_scale_1.at(x / self.scale)
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        self.of_mean.at(x / self.scale)
    }
}
