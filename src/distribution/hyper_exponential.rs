//! Times that vary more than those without memory: many short ones and some long ones.

use super::Distribution;
use super::unfit::{MAX_SCV, Unfit, inside, positive};

impl Distribution {
    /// Two phases with balanced means, of squared coefficient of variation `scv`: with s = sqrt((scv - 1) /
    /// (scv + 1)), exponential with rate 2p/mean with probability p = (1 + s)/2, else with rate 2(1 - p)/mean.
    ///
    /// # Errors
    /// When the mean isn't above 0, or `scv` is below 1 or far above anything real.
    pub fn hyper_exponential(mean: f64, scv: f64) -> Result<Self, Unfit> {
        let mean = positive("mean", mean)?;
        let scv = inside("scv", scv, (1.0, MAX_SCV))?;
        let spread = libm::sqrt((scv - 1.0) / (scv + 1.0));
        // 1 - s = (1 - s^2)/(1 + s), which doesn't cancel.
        let shares = [(1.0 + spread) / 2.0, 1.0 / ((scv + 1.0) * (1.0 + spread))];
        let phase = |share: f64| Ok((share, Self::exponential(mean / (2.0 * share))?));
        Self::mixture(shares.into_iter().map(phase).collect::<Result<_, Unfit>>()?)
    }
}
