//! Images and snapshots that accounts have in regions, for the quotas (R7.7).

use rustc_hash::FxHashMap;

use crate::ids::{AccountId, RegionId};

/// What an account has in a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Images that the scenario put there, and products of copies: unfinished, finished and failed ones.
    pub images: u64,
    /// Snapshots of copies.
    pub snapshots: u64,
}

/// What all accounts have. It is only counted where a region has a quota.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    used: FxHashMap<(AccountId, RegionId), Used>,
    is_counted: bool,
}

impl Usage {
    pub fn new(is_counted: bool) -> Self {
        Self { used: FxHashMap::default(), is_counted }
    }

    pub fn of(&self, account: AccountId, region: RegionId) -> Used {
        self.used.get(&(account, region)).copied().unwrap_or_default()
    }

    /// An image is there from now on.
    pub fn add(&mut self, account: AccountId, region: RegionId, snapshots: u32) {
        if self.is_counted {
            let used = self.used.entry((account, region)).or_default();
            used.images += 1;
            used.snapshots += u64::from(snapshots);
        }
    }

    /// An image is gone, with so many snapshots.
    pub fn remove(&mut self, account: AccountId, region: RegionId, snapshots: u32) {
        if self.is_counted {
            let used = self.used.entry((account, region)).or_default();
            used.images -= 1;
            used.snapshots -= u64::from(snapshots);
        }
    }
}
