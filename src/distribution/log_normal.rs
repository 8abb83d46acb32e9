//! Quantities whose logarithm is normal: products of many causes.

use super::special::normal;
use super::unfit::{MAX_SCV, Reason, Unfit, inside, positive};
use super::{Distribution, Family, Probability};

#[derive(Debug)]
struct LogNormal {
    median: f64,
    sigma: f64,
}

/// With a larger sigma the mean is e^450 medians.
const MAX_SIGMA: f64 = 30.0;

impl Distribution {
    /// ln X is normal with mean ln `median` and standard deviation `sigma`.
    ///
    /// # Errors
    /// When one isn't above 0, or sigma is far above anything real.
    pub fn log_normal(median: f64, sigma: f64) -> Result<Self, Unfit> {
        let (median, sigma) = (positive("median", median)?, positive("sigma", sigma)?);
        if sigma > MAX_SIGMA {
            return Err(Reason::Outside(0.0, MAX_SIGMA).of("sigma"));
        }
        Ok(Self::of(LogNormal { median, sigma }))
    }

    /// The same by its mean and squared coefficient of variation: sigma^2 = ln(1 + scv), and the median is
    /// mean / sqrt(1 + scv).
    ///
    /// # Errors
    /// When one isn't above 0, or `scv` is far above anything real.
    pub fn log_normal_of_mean(mean: f64, scv: f64) -> Result<Self, Unfit> {
        let (mean, scv) = (positive("mean", mean)?, positive("scv", scv)?);
        let scv = inside("scv", scv, (0.0, MAX_SCV))?;
        Self::log_normal(mean / libm::sqrt(1.0 + scv), libm::sqrt(libm::log1p(scv)))
    }
}

impl LogNormal {
    /// How many standard deviations the logarithm is above its mean.
    fn standardized(&self, x: f64) -> f64 {
        libm::log(x / self.median) / self.sigma
    }
}

impl Family for LogNormal {
    fn quantile(&self, probability: Probability) -> f64 {
        self.median * libm::exp(self.sigma * normal::quantile(probability))
    }

    fn cdf(&self, x: f64) -> Probability {
        if x <= 0.0 { Probability::ZERO } else { normal::cdf(self.standardized(x)) }
    }

    fn mean(&self) -> f64 {
        self.median * libm::exp(self.sigma * self.sigma / 2.0)
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        if x <= 0.0 { Probability::ZERO } else { normal::cdf(self.standardized(x) - self.sigma) }
    }
}
