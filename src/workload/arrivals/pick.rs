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
    #[inline(always)]
    pub fn place(&self, arrival: u64, things: u64, draws: &mut Draws) -> u64 {
        match self {
            Self::InTurn => Self::in_turn(arrival, things),
            Self::Drawn(weights) => weights.choose(draws.uniform()) as u64,
        }
    }

    /// The place of the thing that the one of this number takes in turn.
    pub fn in_turn(number: u64, things: u64) -> u64 {
        // One is all that most streams have, and a division is slow.
        if things <= 1 { 0 } else { number % things }
    }

    /// How often a choice among so many things has come round by a number; what is drawn has no rounds.
    pub fn round(&self, number: u64, things: usize) -> u64 {
        match self {
            Self::InTurn if things > 1 => number / things as u64,
            _ => number,
        }
    }
}
