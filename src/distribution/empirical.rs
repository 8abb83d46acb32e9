//! Values that were seen, each as it is.

use super::truncated::{Bounds, Within};
use super::unfit::{Reason, Unfit, not_negative};
use super::{Distribution, Family, Probability, Weights};

/// Values in order, with their weights.
#[derive(Debug)]
struct Empirical {
    values: Vec<f64>,
    weights: Weights,
    mean: f64,
}

impl Distribution {
    /// One of `values`; each counts as its weight says, or all the same without weights. Their order is of no
    /// account.
    ///
    /// # Errors
    /// When there is no value, one is negative, or the weights aren't as many, are negative or all 0.
    pub fn empirical(values: Vec<f64>, weights: Option<Vec<f64>>) -> Result<Self, Unfit> {
        const NAME: &str = "values";
        if values.is_empty() {
            return Err(Reason::Empty.of(NAME));
        }
        for (index, value) in values.iter().enumerate() {
            not_negative(NAME, *value).map_err(|unfit| unfit.at(index))?;
        }
        let weights = weights.unwrap_or_else(|| vec![1.0; values.len()]);
        if weights.len() != values.len() {
            let reason = Reason::WrongCount { weights: weights.len(), values: values.len() };
            return Err(reason.of("weights"));
        }
        // Checked as they are written, so that a fault is told at its place.
        Weights::new(weights.clone())?;
        Empirical::new(values.into_iter().zip(weights).collect()).map(Self::of)
    }
}

impl Empirical {
    fn new(mut weighted: Vec<(f64, f64)>) -> Result<Self, Unfit> {
        weighted.retain(|(_, weight)| *weight > 0.0);
        weighted.sort_by(|(left, left_weight), (right, right_weight)| {
            left.total_cmp(right).then(left_weight.total_cmp(right_weight))
        });
        weighted.dedup_by(|(value, weight), (kept, sum)| {
            let is_same = value == kept;
            *sum += if is_same { *weight } else { 0.0 };
            is_same
        });
        let (values, weights): (Vec<f64>, Vec<f64>) = weighted.into_iter().unzip();
        let weights = Weights::new(weights)?;
        Ok(Self { mean: weights.mean_of(values.iter().copied()), values, weights })
    }

    fn weighted(&self) -> impl Iterator<Item = (f64, f64)> {
        self.values.iter().copied().zip(self.weights.weights().iter().copied())
    }
}

impl Family for Empirical {
    fn quantile(&self, probability: Probability) -> f64 {
        self.values[self.weights.reaching(probability.below)]
    }

    fn cdf(&self, x: f64) -> Probability {
        let reached = self.values.partition_point(|value| *value <= x);
        Probability::of_below(self.weights.share_of_first(reached))
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn share_of_mean(&self, x: f64) -> Probability {
        if self.mean == 0.0 {
            return Probability::ONE;
        }
        let reached = self.values.iter().map(|value| if *value <= x { *value } else { 0.0 });
        Probability::of_below(self.weights.mean_of(reached) / self.mean)
    }

    fn within(&self, bounds: Bounds) -> Option<Within> {
        let (left, rest): (Vec<_>, Vec<_>) = self.weighted().partition(|(value, _)| bounds.contains(*value));
        let sum = |part: &[(f64, f64)]| part.iter().map(|(_, weight)| weight).sum::<f64>();
        let share = sum(&left) / (sum(&left) + sum(&rest));
        Some(Within { left: Self::new(left).ok().map(Distribution::of), share })
    }
}
