//! Joins load and cloud: one loop that always handles the smallest key next (R1.3), keeps what a request
//! needs until it closes, and tells an observer everything in order.

mod already;
mod auditor;
mod calls;
mod clients;
mod errands;
mod observer;
mod offered;
mod run;
mod timeouts;

pub use already::{NotThere, impossible_start};
pub use auditor::Auditor;
pub use observer::Observer;
pub use offered::{OfferedLoad, offered_loads};
pub use run::run;

use std::fmt;
use std::sync::Arc;

use crate::cloud::Surroundings;
use crate::ids::{ImageId, RequestKey};
use crate::random::Seed;
use crate::service::Settings;
use crate::time::SimTime;
use crate::workload::{FaultDraws, Load, LoadError, RowsError, Workload};

/// Everything a run needs, resolved to numbers.
#[derive(Clone, Debug)]
pub struct Model {
    pub settings: Settings,
    pub seed: Seed,
    /// What happens around the service.
    pub surroundings: Surroundings,
    pub workload: Arc<Workload>,
    /// The last instant of the run, if it has one (R1.7).
    pub horizon: Option<SimTime>,
    /// Events in one instant beyond which the run stops (R1.8).
    pub max_events_per_instant: u64,
}

impl Model {
    /// The load of a run; `given` are the cloud's ids of the given images.
    ///
    /// # Errors
    /// When the rows of a trace can't be had, or a first call lies beyond the end of time.
    fn load(&self, given: Vec<ImageId>) -> Result<Load<'_>, LoadError> {
        let faults = FaultDraws::new(&self.settings.facts, &self.workload, self.seed);
        Load::new(&self.workload, self.seed, given, self.horizon, faults)
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    pub at: SimTime,
    /// Calls made and events of the cloud, all in all.
    pub events: u64,
    /// Whether the horizon cut something off.
    pub by_horizon: bool,
    /// Listed copies whose calls were not planned by the end.
    pub not_planned: u64,
    /// Requests of waiting copies that could never start (R1.7).
    pub never_startable: Vec<RequestKey>,
    /// Requests of copies that hold a slot and could never go on, since their links can move nothing (R4.2).
    pub stalled: Vec<RequestKey>,
}

/// Why a run stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    /// A time passed the end of simulated time (R1.1).
    BeyondTime { key: RequestKey, field: &'static str },
    /// Too much happened in one instant (R1.8).
    /// `busiest` is the entry of `requests` with most of the last half of them.
    TooManyEvents { at: SimTime, limit: u64, busiest: Option<u32> },
    /// The calls of this entry are more than can be numbered.
    BeyondNumbers { entry: u32 },
    /// The rows of this entry's trace can't be had any more.
    Rows { entry: u32, error: RowsError },
    /// A bug of the simulator: an invariant doesn't hold.
    BrokenInvariant { at: SimTime, event: u64, what: String },
}

impl From<LoadError> for RunError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::BeyondTime { key, field } => Self::BeyondTime { key, field },
            LoadError::BeyondNumbers { entry } => Self::BeyondNumbers { entry },
            LoadError::Rows { entry, error } => Self::Rows { entry, error },
        }
    }
}

/// A broken invariant, in words.
#[derive(Debug)]
pub struct Broken(pub String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
