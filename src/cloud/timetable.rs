//! What changes at instants that are known in advance: caps (R2.2), outages (R4.4), and what links and regions can
//! move (R4.2).

use std::sync::Arc;

use super::Class;
use crate::ids::RegionId;
use crate::kernel::EventKey;
use crate::quantity::{Capacity, Fraction};
use crate::time::SimTime;
use crate::transfer::LinkId;

/// A change, and when it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub at: SimTime,
    pub what: Changed,
}

/// What is different from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Copies that may run at once in a region.
    Cap { region: RegionId, cap: u32 },
    /// An outage of a region is over.
    OutageOver { region: RegionId },
    /// An outage of a region begins.
    Outage { region: RegionId, running: OutageEffect },
    /// The share of their own throughput that transfers from and to a region reach.
    Slowed { region: RegionId, to: Fraction },
    /// What a link can move.
    Capacity { link: LinkId, capacity: Capacity },
}

/// What an outage does to the running copies that it touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutageEffect {
    /// They stand still and keep their slots.
    Pause,
    /// They fail.
    Fail,
}

impl Change {
    /// Changes of an instant come by region, of a region in the order of [`Changed`], then by link.
    fn key(&self) -> EventKey {
        let of_region = |region: RegionId, kind: u64| u64::from(region.0) << 2 | kind;
        let rank = match self.what {
            Changed::Cap { region, .. } => of_region(region, 0),
            Changed::OutageOver { region } => of_region(region, 1),
            Changed::Outage { region, .. } => of_region(region, 2),
            Changed::Slowed { region, .. } => of_region(region, 3),
            Changed::Capacity { link, .. } => 1 << u32::BITS << 2 | u64::from(link.0),
        };
        EventKey::new(self.at, Class::Capacity.into(), rank)
    }
}

/// All changes, by instant, then in the order of their keys.
#[derive(Clone, Debug, Default)]
pub struct Timetable {
    /// Shared, since a cloud is copied to look ahead.
    changes: Arc<[Change]>,
    done: usize,
    /// The key of the next change, which is asked for at each event.
    next: Option<EventKey>,
}

impl Timetable {
    /// Nothing must change twice in one instant.
    pub fn new(mut changes: Vec<Change>) -> Self {
        changes.sort_by_key(Change::key);
        let next = changes.first().map(Change::key);
        Self { changes: changes.into(), done: 0, next }
    }

    /// The key of the next change.
    pub fn peek(&self) -> Option<EventKey> {
        self.next
    }

    pub fn take(&mut self) -> Option<Change> {
        let change = self.changes.get(self.done).copied()?;
        self.done += 1;
        self.next = self.changes.get(self.done).map(Change::key);
        Some(change)
    }
}
