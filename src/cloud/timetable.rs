//! Capacity changes that are known in advance (R2.2).

use super::Class;
use crate::ids::RegionId;
use crate::kernel::EventKey;
use crate::time::SimTime;

/// From `at` on, the region's cap is `cap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapChange {
    pub at: SimTime,
    pub region: RegionId,
    pub cap: u32,
}

impl CapChange {
    fn key(&self) -> EventKey {
        EventKey::new(self.at, Class::Capacity.into(), u64::from(self.region.0))
    }
}

/// All changes, by instant, then region.
#[derive(Clone, Debug, Default)]
pub struct Timetable {
    changes: Vec<CapChange>,
    done: usize,
    /// The key of the next change, which is asked for at each event.
    next: Option<EventKey>,
}

impl Timetable {
    /// A region must not change twice in one instant.
    pub fn new(mut changes: Vec<CapChange>) -> Self {
        changes.sort_by_key(CapChange::key);
        let next = changes.first().map(CapChange::key);
        Self { changes, done: 0, next }
    }

    /// The changes still to come.
    pub fn rest(&self) -> &[CapChange] {
        &self.changes[self.done..]
    }

    /// The key of the next change.
    pub fn peek(&self) -> Option<EventKey> {
        self.next
    }

    pub fn take(&mut self) -> Option<CapChange> {
        let change = self.rest().first().copied()?;
        self.done += 1;
        self.next = self.rest().first().map(CapChange::key);
        Some(change)
    }
}
