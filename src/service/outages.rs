//! Regions that are out (R4.4): a copy from or to one doesn't start, and doesn't hold up those behind it.

use super::Service;
use super::copies::{Copy, Phase};
use crate::ids::{CopyId, RegionId};

/// Which regions are out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outages {
    /// In ascending order; mostly none.
    out: Vec<RegionId>,
}

impl Outages {
    /// Whether a copy between these regions can't start.
    #[inline(always)]
    pub fn touch(&self, from: RegionId, to: RegionId) -> bool {
        !self.out.is_empty() && (self.out.contains(&from) || self.out.contains(&to))
    }
}

impl Service {
    /// Whether an outage touches this copy.
    pub fn is_touched(&self, copy: &Copy) -> bool {
        self.outages.touch(copy.from, copy.to)
    }

    /// A region is out: the waiting copies that this touches step out of line. Gives how many.
    pub fn begin_outage(&mut self, region: RegionId) -> u32 {
        if let Err(place) = self.outages.out.binary_search(&region) {
            self.outages.out.insert(place, region);
        }
        let touched = self.waiting_copies(|service, copy| !copy.is_held_back && service.is_touched(copy));
        for id in &touched {
            self.slots.hold_back(*id, &mut self.copies);
        }
        u32::try_from(touched.len()).unwrap_or(u32::MAX)
    }

    /// A region is back: the waiting copies that nothing touches any more step back into line. Gives how many.
    pub fn end_outage(&mut self, region: RegionId) -> u32 {
        self.outages.out.retain(|out| *out != region);
        let back = self.waiting_copies(|service, copy| copy.is_held_back && !service.is_touched(copy));
        let count = u32::try_from(back.len()).unwrap_or(u32::MAX);
        self.slots.let_back(back, &mut self.copies);
        count
    }

    fn waiting_copies(&self, is_meant: impl Fn(&Self, &Copy) -> bool) -> Vec<CopyId> {
        let waiting = self.copies.iter().filter(|(_, copy)| copy.phase == Phase::Waiting);
        waiting.filter(|(_, copy)| is_meant(self, copy)).map(|(id, _)| id).collect()
    }

    /// Running copies that an outage of this region touches, in order of acceptance.
    pub fn running_at(&self, region: RegionId) -> Vec<CopyId> {
        let running = self.copies.iter().filter(|(_, copy)| copy.phase == Phase::Running);
        let touched = running.filter(|(_, copy)| copy.from == region || copy.to == region);
        let mut ids: Vec<CopyId> = touched.map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    }
}
