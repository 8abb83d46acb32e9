//! How much of a shared link was used over time (R4.2).

use super::TimeAverage;
use crate::time::SimTime;
use crate::transfer::LinkLevels;

/// The use of a link, in bytes per second over time.
#[derive(Clone, Debug)]
pub struct LinkTally {
    warm_up: SimTime,
    pub capacity: TimeAverage,
    pub used: TimeAverage,
    pub flows: TimeAverage,
    /// The most that its transfers could have moved if each had had all that it can take.
    pub wanted_max: u64,
    wanted: u64,
    /// 1 while there is no byte per second left for each of its transfers, else 0.
    pub full: TimeAverage,
}

impl LinkTally {
    /// An idle link; averages are taken from `warm_up` on.
    pub fn new(warm_up: SimTime, capacity: u64) -> Self {
        let idle = TimeAverage::new(warm_up, 0);
        Self {
            warm_up,
            capacity: TimeAverage::new(warm_up, capacity),
            used: idle.clone(),
            flows: idle.clone(),
            wanted_max: 0,
            wanted: 0,
            full: idle,
        }
    }

    /// What is used of it from `at` on.
    pub fn set(&mut self, at: SimTime, levels: LinkLevels) {
        let LinkLevels { capacity, used, flows, wanted } = levels;
        self.capacity.set(at, capacity);
        self.used.set(at, used);
        self.flows.set(at, flows);
        self.note_wanted(at);
        self.wanted = wanted;
        self.full.set(at, u64::from(wanted > used && capacity - used < flows.max(1)));
    }

    /// What was wanted up to `at` counts if any of that was after the warm-up.
    fn note_wanted(&mut self, at: SimTime) {
        if at > self.warm_up {
            self.wanted_max = self.wanted_max.max(self.wanted);
        }
    }

    pub(super) fn finish(&mut self, end: SimTime) {
        self.note_wanted(end);
        let levels = [&mut self.capacity, &mut self.used, &mut self.flows, &mut self.full];
        levels.into_iter().for_each(|level| level.finish(end));
    }
}
