//! Flows that always move alike.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashSet;

use crate::ids::CopyId;
use crate::kernel::{Calendar, EventKey};
use crate::quantity::Rate;
use crate::time::SimTime;
use crate::transfer::plan::PathId;

/// Flows with the same links and the same ceiling, and so always with the same share.
#[derive(Clone, Debug)]
pub(super) struct Bundle {
    pub path: PathId,
    pub ceiling: Rate,
    /// Its flows, by what they wait for: the count at which they are through, then acceptance.
    flows: BinaryHeap<Reverse<(u128, u64, u32)>>,
    /// Flows that left before they were through, by acceptance: they are dropped when they are first.
    gone: FxHashSet<u64>,
    pub size: u64,
    /// What each flow has now, in bytes per second.
    pub share: u64,
    /// Millionths of bytes that a flow has moved by `as_of` that was here from the beginning.
    count: u128,
    as_of: SimTime,
    /// When its first flow is through; the end of time if never.
    pub end: SimTime,
    pub found_in: u64,
    /// Whether it is among those that changed.
    pub is_changed: bool,
}

/// The calendar of ends is one of times only: the ends of an instant are taken together.
const ANY_CLASS: u8 = 1;

impl Bundle {
    pub fn count_at(&self, now: SimTime) -> u128 {
        self.count + u128::from(self.share) * u128::from(now.since(self.as_of).micros())
    }

    /// The first flow that is still there.
    pub fn first(&mut self) -> Option<(u128, CopyId)> {
        while let Some(&Reverse((target, acceptance, index))) = self.flows.peek() {
            if self.gone.is_empty() || !self.gone.remove(&acceptance) {
                return Some((target, CopyId { acceptance, index }));
            }
            self.flows.pop();
        }
        None
    }

    /// Each flow moves so many bytes per second from `now` on.
    #[inline]
    pub fn set_share(&mut self, now: SimTime, share: u64, ends: &mut Calendar<u32>, place: u32) {
        self.count = self.count_at(now);
        (self.as_of, self.share) = (now, share);
        let end = self.next_end();
        if end != self.end {
            self.end = end;
            if end != SimTime::MAX {
                ends.push(EventKey::new(end, ANY_CLASS, place.into()), place);
            }
        }
    }

    /// When the first flow is through at the present share.
    fn next_end(&mut self) -> SimTime {
        let Some((target, _)) = self.first() else { return SimTime::MAX };
        if self.share == 0 {
            return SimTime::MAX;
        }
        let left = target.saturating_sub(self.count);
        let micros = match u64::try_from(left) {
            Ok(left) => Some(left.div_ceil(self.share)),
            // The division of larger numbers takes longer.
            Err(_) => u64::try_from(left.div_ceil(self.share.into())).ok(),
        };
        let end = micros.and_then(|micros| self.as_of.micros().checked_add(micros));
        end.and_then(SimTime::from_micros).unwrap_or(SimTime::MAX)
    }

    /// An empty bundle.
    pub fn new(path: PathId, ceiling: Rate, now: SimTime) -> Self {
        Self {
            path,
            ceiling,
            flows: BinaryHeap::new(),
            gone: FxHashSet::default(),
            size: 0,
            share: 0,
            count: 0,
            as_of: now,
            end: SimTime::MAX,
            found_in: 0,
            is_changed: false,
        }
    }

    /// The same as a new one, in the memory of one that is empty.
    pub fn renew(&mut self, path: PathId, ceiling: Rate, now: SimTime) {
        let (mut flows, mut gone) = (std::mem::take(&mut self.flows), std::mem::take(&mut self.gone));
        flows.clear();
        gone.clear();
        *self = Self { flows, gone, ..Self::new(path, ceiling, now) };
    }

    /// A flow joins with so much left. Gives the count at which it is through.
    pub fn add(&mut self, now: SimTime, copy: CopyId, left: u128) -> u128 {
        let target = self.count_at(now) + left;
        // It may have left before, and not be forgotten yet.
        if !self.gone.is_empty() && self.gone.remove(&copy.acceptance) {
            self.flows.retain(|Reverse((_, acceptance, _))| *acceptance != copy.acceptance);
        }
        self.flows.push(Reverse((target, copy.acceptance, copy.index)));
        target
    }

    /// A flow leaves before it is through.
    pub fn remove(&mut self, copy: CopyId) {
        self.gone.insert(copy.acceptance);
        // Memory is needed for what is still there only.
        if self.gone.len() as u64 > 16 + self.size {
            let gone = std::mem::take(&mut self.gone);
            self.flows.retain(|Reverse((_, acceptance, _))| !gone.contains(acceptance));
        }
    }

    /// Takes out the flows that are through by `now`, and gives how many.
    pub fn take_through(&mut self, now: SimTime, through: &mut impl FnMut(CopyId)) -> i64 {
        let count = self.count_at(now);
        let mut taken = 0;
        while let Some((target, copy)) = self.first()
            && target <= count
        {
            self.flows.pop();
            taken += 1;
            through(copy);
        }
        self.end = SimTime::MAX;
        taken
    }
}
