//! How much of a shared link was used over time (R4.2).

use super::TimeAverage;
use crate::time::SimTime;
use crate::transfer::LinkLevels;

/// The use of a link, in bytes per second over time.
#[derive(Clone, Debug)]
pub struct LinkTally {
    pub capacity: TimeAverage,
    pub used: TimeAverage,
    pub flows: TimeAverage,
    /// What its transfers could move if each had all that it can take.
    pub wanted: TimeAverage,
    /// 1 while there is no byte per second left for each of its transfers, else 0.
    pub full: TimeAverage,
}

impl LinkTally {
    /// An idle link; averages are taken from `warm_up` on.
    pub fn new(warm_up: SimTime, capacity: u64) -> Self {
        let idle = TimeAverage::new(warm_up, 0);
        Self {
            capacity: TimeAverage::new(warm_up, capacity),
            used: idle.clone(),
            flows: idle.clone(),
            wanted: idle.clone(),
            full: idle,
        }
    }

    /// What is used of it from `at` on.
    pub fn set(&mut self, at: SimTime, levels: LinkLevels) {
        let LinkLevels { capacity, used, flows, wanted } = levels;
        self.capacity.set(at, capacity);
        self.used.set(at, used);
        self.flows.set(at, flows);
        self.wanted.set(at, wanted);
        self.full.set(at, u64::from(wanted > used && capacity - used < flows.max(1)));
    }

    pub(super) fn finish(&mut self, end: SimTime) {
        let levels = [&mut self.capacity, &mut self.used, &mut self.flows, &mut self.wanted, &mut self.full];
        levels.into_iter().for_each(|level| level.finish(end));
    }
}
