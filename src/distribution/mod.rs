//! Random distributions of quantities that are never negative (R10.2).
//!
//! Every variate is an inverse transform of a fixed number of uniforms: nothing is rejected, so draws stay
//! put. All mathematics is that of the crate `libm` and basic operations, whose results are the same on every
//! platform; the functions of `f64` in the standard library aren't.
//!
//! | distribution | parameters | uniforms |
//! |---|---|---|
//! | [exponential](Distribution::exponential) | mean | 1 |
//! | [erlang](Distribution::erlang) | k, mean | 1 |
//! | [gamma](Distribution::gamma) | shape, mean | 1 |
//! | [hyper_exponential](Distribution::hyper_exponential) | mean, scv | 2 |
//! | [log_normal](Distribution::log_normal) | median, sigma (or [mean, scv](Distribution::log_normal_of_mean)) | 1 |
//! | [uniform](Distribution::uniform) | min, max | 1 |
//! | [triangular](Distribution::triangular) | min, mode, max | 1 |
//! | [weibull](Distribution::weibull) | shape, mean | 1 |
//! | [bounded_pareto](Distribution::bounded_pareto) | shape, min, max | 1 |
//! | [fixed](Distribution::fixed) | value | 0 |
//! | [empirical](Distribution::empirical) | values, weights | 1 |
//! | [mixture](Distribution::mixture) | weighted parts | 1 and the most of a part |
//! | [truncated](Distribution::truncated) | another one, min, max | as what is left of it |
//!
//! Each lies in a file of its own, which implements `Family` and adds a constructor to `Distribution`.

mod bounded_pareto;
mod drawn;
mod empirical;
mod exponential;
mod fixed;
mod gamma;
mod hyper_exponential;
mod log_normal;
mod mixture;
mod probability;
mod special;
#[cfg(test)]
mod tests;
mod triangular;
mod truncated;
mod unfit;
mod uniform;
mod weibull;
mod weights;

use std::fmt;
use std::sync::Arc;

pub use drawn::{Drawn, Quantity};
pub use unfit::{Reason, Unfit};
pub use weights::Weights;

use probability::Probability;
use truncated::{Bounds, Truncated, Within};

use crate::random::Draws;

/// A distribution of a quantity that is never negative, with parameters that fit. Clones share what it holds.
#[derive(Clone)]
pub struct Distribution(Arc<dyn Family>);

/// What a kind of distribution knows of itself.
trait Family: fmt::Debug + Send + Sync {
    /// Uniforms that a variate takes, whatever it comes to.
    fn uniforms(&self) -> u32 {
        1
    }

    /// The next variate.
    fn draw(&self, draws: &mut Draws) -> f64 {
        self.quantile(Probability::of_uniform(draws.uniform()))
    }

    /// The least value that a variate is at most equal to with this probability.
    fn quantile(&self, probability: Probability) -> f64;

    /// The probability of at most `x`, which may be infinite.
    fn cdf(&self, x: f64) -> Probability;

    fn mean(&self) -> f64;

    /// The share of the mean that values of at most `x` make: E[X; X <= x] / E[X]. For truncated means.
    fn share_of_mean(&self, x: f64) -> Probability;

    /// What is left within bounds, for those that have single values with a probability of their own, or
    /// parts; any other one is conditioned by its cdf.
    fn within(&self, _: Bounds) -> Option<Within> {
        None
    }
}

impl Distribution {
    fn of(family: impl Family + 'static) -> Self {
        Self(Arc::new(family))
    }

    /// Uniforms that a variate takes, whatever it comes to (R10.2).
    pub fn uniforms(&self) -> u32 {
        self.0.uniforms()
    }

    /// The next variate; it takes [`Distribution::uniforms`] words of the stream.
    pub fn draw(&self, draws: &mut Draws) -> f64 {
        self.0.draw(draws)
    }

    /// The least value that a variate is at most equal to with probability `p`, from 0 to 1.
    pub fn quantile(&self, p: f64) -> f64 {
        self.0.quantile(Probability::of_below(p))
    }

    /// Whether both are clones of one.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The probability of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.0.cdf(x).below
    }

    pub fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// This one given that it is within `min` and `max`, both included: quantile(F(min) + u (F(max) - F(min))).
    /// A bound that isn't wanted is 0 or infinite.
    ///
    /// # Errors
    /// When the bounds aren't in order, or (almost) nothing lies within them.
    pub fn truncated(&self, min: f64, max: f64) -> Result<Self, Unfit> {
        let within = self.within(Bounds::new(min, max)?);
        within.left.filter(|_| within.share >= truncated::LEAST_SHARE).ok_or(Reason::LeavesNothing.of("of"))
    }

    fn within(&self, bounds: Bounds) -> Within {
        self.0.within(bounds).unwrap_or_else(|| Truncated::within(self, bounds))
    }
}

impl fmt::Debug for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
