//! What holds for the whole simulated service. Each field names its rule; a scenario sets them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::facts::Facts;
use super::queue::QueueOrder;
use crate::ids::RegionId;
use crate::quantity::{Bytes, Fraction};
use crate::time::SimDuration;

/// Whose slots a copy holds (R2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapScope {
    /// The source region's.
    Source,
    /// The destination region's.
    Destination,
    /// One of each; a copy inside one region holds one.
    Both,
    /// The ordered pair's.
    Pair,
}

impl CapScope {
    /// Whether a copy may need a slot at each of two keys.
    pub const fn has_two_keys(self) -> bool {
        matches!(self, Self::Both)
    }
}

/// What two unfinished copies may not have in common (R6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKey {
    /// Source image and destination region.
    ImageAndDestination,
    /// The source image.
    Image,
    /// Anything goes.
    Off,
}

/// How CancelCopyImage behaves where the vendor is silent (R5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelSettings {
    /// Whether a copy that is still queued can be cancelled.
    pub queued_allowed: bool,
    /// The progress from which a running copy can't be cancelled any more.
    pub point_of_no_return: Option<Fraction>,
    /// How long the slot stays held after a running copy was cancelled.
    pub drain: SimDuration,
}

/// The settings of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Copies that may hold a slot at once, by region (R2.2); the index is the region's id.
    pub caps: Vec<u32>,
    /// Caps of ordered pairs, where they differ from the source region's (R2.3).
    pub pair_caps: FxHashMap<(RegionId, RegionId), u32>,
    pub cap_scope: CapScope,
    /// Whether each account has slots of its own (R2.3).
    pub cap_per_account: bool,
    pub accounts: u32,
    /// The order in which waiting copies start (R2.4).
    pub queue: QueueOrder,
    /// Whether only a copy that is first in line at each of its slot keys can start (R2.4).
    pub head_of_line_blocking: bool,
    /// Waiting copies beyond the cap from which a call is refused; none: never, 0: reject (R2.5).
    pub max_queue: Option<u32>,
    pub conflict_key: ConflictKey,
    /// How long an accepted call locks its source image against others (R6.3).
    pub request_lock: SimDuration,
    /// Whether a plain copy of an own image into its own region is allowed (R7.6).
    pub same_region_plain: bool,
    pub cancel: CancelSettings,
    /// CopyImage calls of an account in a source region in each window; none: any number (R7.2).
    pub rate_limit: Option<u32>,
    /// How long an accepted call binds its token (R7.3).
    pub token_life: SimDuration,
    /// The largest image that can be copied (R7.8).
    pub max_image_size: Option<Bytes>,
    /// What is true of accounts, regions, images and keys.
    pub facts: Arc<Facts>,
}

impl Settings {
    pub fn regions(&self) -> u32 {
        u32::try_from(self.caps.len()).unwrap_or(u32::MAX)
    }
}
