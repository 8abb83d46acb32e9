//! The order of the waiting list: who is ahead of whom (R2.4).
//!
//! Another order is one more variant of [`QueueOrder`] with its arm in [`QueueOrder::key`], and a word for
//! it in the scenario. Everything else goes by the [`QueueRank`] that comes of it.

use std::cmp::Ordering;

use crate::quantity::Bytes;

/// The order in which waiting copies start, ties by acceptance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueOrder {
    /// By acceptance alone.
    #[default]
    Fifo,
    /// The smallest priority first; running copies are never interrupted.
    Priority,
    /// The smallest image first.
    ShortestFirst,
}

impl QueueOrder {
    /// What a copy goes by before its acceptance, smaller first. A copy of an image without a size comes
    /// after all with one.
    pub(super) fn key(self, priority: i32, size: Option<Bytes>) -> u64 {
        match self {
            Self::Fifo => 0,
            Self::Priority => u64::from(priority.cast_unsigned() ^ SIGN),
            Self::ShortestFirst => size.map_or(u64::MAX, |size| size.0),
        }
    }
}

/// With this bit turned over, signed numbers are in order as unsigned ones.
const SIGN: u32 = 1 << 31;

/// The place of a copy in the waiting list; no two copies have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueRank {
    pub(super) key: u64,
    pub(super) acceptance: u64,
}

impl QueueRank {
    /// Both in one number, which is compared without a branch.
    fn packed(self) -> u128 {
        u128::from(self.key) << 64 | u128::from(self.acceptance)
    }
}

impl Ord for QueueRank {
    fn cmp(&self, other: &Self) -> Ordering {
        self.packed().cmp(&other.packed())
    }
}

impl PartialOrd for QueueRank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    fn lt(&self, other: &Self) -> bool {
        self.packed() < other.packed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r2_4_keys_are_in_queue_order() {
        let priorities = [i32::MIN, -2, -1, 0, 1, 2, i32::MAX];
        let keys = |order: QueueOrder| priorities.map(|priority| order.key(priority, None));
        assert!(keys(QueueOrder::Priority).is_sorted_by(|left, right| left < right));
        assert_eq!((keys(QueueOrder::Fifo), keys(QueueOrder::ShortestFirst)), ([0; 7], [u64::MAX; 7]));
        let sizes = [Some(0), Some(1), Some(crate::quantity::MAX_BYTES), None];
        let keys = sizes.map(|size| QueueOrder::ShortestFirst.key(0, size.map(Bytes)));
        assert!(keys.is_sorted_by(|left, right| left < right));
    }
}
