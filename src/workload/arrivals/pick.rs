//! Which one of several things an arrival takes.

use crate::distribution::Weights;
use crate::random::Draws;

/// A way of taking one of several things.
#[derive(Clone, Debug)]
pub enum Pick {
    /// One after the other, by the number of the arrival.
    InTurn,
    /// By weights; one uniform each time.
    Drawn(Weights),
}

impl Pick {
    pub fn is_drawn(&self) -> bool {
        matches!(self, Self::Drawn(_))
    }

    /// The place of the thing that this arrival takes, of so many.
    pub fn place(&self, arrival: u64, things: u64, draws: &mut Draws) -> u64 {
        match self {
            Self::InTurn => arrival % things.max(1),
            Self::Drawn(weights) => weights.choose(draws.uniform()) as u64,
        }
    }
}
