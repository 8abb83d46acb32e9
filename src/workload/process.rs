//! When the arrivals of a stream come.

use crate::time::{SimDuration, SimTime};

/// An arrival process. A new one is a variant here and in the scenario's schema.
#[derive(Clone, Copy, Debug)]
pub enum Process {
    /// One arrival at the start of the span, and one more every so often; draws nothing.
    Periodic { every: SimDuration },
}

impl Process {
    /// The time of the arrival after one at `at`; none beyond the end of time.
    pub fn next_after(self, at: SimTime) -> Option<SimTime> {
        match self {
            Self::Periodic { every } => at.checked_add(every),
        }
    }

    /// The field of the scenario that is added to get there, for messages.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Periodic { .. } => "every",
        }
    }
}
