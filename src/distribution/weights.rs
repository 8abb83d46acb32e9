//! A choice by weights.

use super::unfit::{Reason, Unfit, not_negative};
use crate::random::Uniform;

/// Weights to choose by: how much each counts beside the others.
#[derive(Clone, Debug)]
pub struct Weights {
    weights: Vec<f64>,
    /// The share of each and all before it.
    shares: Vec<f64>,
    total: f64,
}

/// Sums beyond this could overflow when they are multiplied by values.
const MAX_TOTAL: f64 = 1e200;

impl Weights {
    /// Takes weights that aren't negative, and not all 0.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(weights: Vec<f64>) -> Result<Self, Unfit> {
        const NAME: &str = "weights";
        if weights.is_empty() {
            return Err(Reason::Empty.of(NAME));
        }
        let mut total = 0.0;
        let mut shares = Vec::with_capacity(weights.len());
        for (index, weight) in weights.iter().enumerate() {
            total += not_negative(NAME, *weight).map_err(|unfit| unfit.at(index))?;
            shares.push(total);
        }
        if total > MAX_TOTAL {
            return Err(Reason::NotFinite.of(NAME));
        }
        if total == 0.0 {
            return Err(Reason::NoWeight.of(NAME));
        }
        shares.iter_mut().for_each(|share| *share /= total);
        Ok(Self { weights, shares, total })
    }

    /// Which one a draw chooses; never one of weight 0.
    pub fn choose(&self, uniform: Uniform) -> usize {
        self.reaching(uniform.value())
    }

    /// The first whose share with all before it is at least `share`, which is above 0; the last one that
    /// counts for what is above 1.
    pub(super) fn reaching(&self, share: f64) -> usize {
        // The last ones have a share of exactly 1, as the total is divided by itself.
        self.shares.partition_point(|reached| *reached < share.min(1.0))
    }

    /// The share of one of them.
    pub fn share(&self, place: usize) -> f64 {
        self.weights[place] / self.total
    }

    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The share of the first `count`.
    pub(super) fn share_of_first(&self, count: usize) -> f64 {
        count.checked_sub(1).map_or(0.0, |last| self.shares[last])
    }

    /// The mean of values that have these weights.
    pub(super) fn mean_of(&self, values: impl IntoIterator<Item = f64>) -> f64 {
        let weighted = self.weights.iter().zip(values).map(|(weight, value)| weight * value);
        weighted.sum::<f64>() / self.total
    }
}
