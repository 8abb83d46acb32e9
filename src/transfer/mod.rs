//! When a running copy ends, and how far it has come (R3.5, R4.1-R4.3): by itself ([`Work`]), or where its transfer
//! shares links with others ([`Network`]).

mod filling;
mod network;
mod plan;
mod work;

pub use network::{Flow, LinkLevels, Network};
pub use plan::{LinkId, NetworkPlan, Path, PathId};
pub use work::{Fate, PhaseTimes, Plan, Work};
