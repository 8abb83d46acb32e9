//! A stream while a run goes on: the arrival that is ready, and what it takes.

use super::ArrivalsEntry;
use super::process::{Moments, Next, Process};
use crate::random::{Draws, Seed};
use crate::time::SimTime;

/// Where a stream is.
#[derive(Clone, Debug)]
pub struct Stream {
    moments: Moments,
    batches: Draws,
    images: Draws,
    destinations: Draws,
    /// Further arrivals of the present batch.
    left_in_batch: u64,
}

/// Whether there is a next arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextArrival {
    /// Its time, and the number of its first call.
    At(SimTime, u64),
    Never,
    /// The time of this arrival would be beyond the end of simulated time.
    BeyondTime(u64),
    /// The calls of this arrival can't be numbered.
    BeyondNumbers,
}

impl Stream {
    /// The stream of the entry of this name. Each thing that is drawn has draws of its own (R10.1).
    pub fn new(seed: Seed, name: &str) -> Self {
        let draws = |purpose| Draws::new(seed, purpose, name);
        Self {
            moments: Moments::new(draws("arrivals"), draws("stays")),
            batches: draws("batch"),
            images: draws("image"),
            destinations: draws("destination"),
            left_in_batch: 0,
        }
    }

    /// The first arrival.
    pub fn first(&mut self, entry: &ArrivalsEntry, limit: SimTime) -> NextArrival {
        let next = self.moments.first(&entry.process, entry.from, limit);
        self.arrival(entry, 0, next)
    }

    /// The arrival after number `arrival`, which came at `at`; what comes after `limit` needn't be found.
    #[inline]
    pub fn next(&mut self, entry: &ArrivalsEntry, arrival: u64, at: SimTime, limit: SimTime) -> NextArrival {
        if self.left_in_batch > 0 {
            self.left_in_batch -= 1;
            return self.ready(entry, arrival + 1, at);
        }
        // Workers beyond the first ones come when they are ready.
        if let Process::ClosedLoop(closed) = &entry.process
            && arrival + 1 >= closed.workers
        {
            return NextArrival::Never;
        }
        let next = self.moments.next(&entry.process, at, limit);
        self.arrival(entry, arrival + 1, next)
    }

    /// A worker of a closed loop is ready for arrival number `arrival` at `at`.
    pub fn next_of_loop(&mut self, entry: &ArrivalsEntry, arrival: u64, at: SimTime) -> NextArrival {
        self.ready(entry, arrival, at)
    }

    /// The first arrival of a batch.
    #[inline(always)]
    fn arrival(&mut self, entry: &ArrivalsEntry, arrival: u64, next: Next) -> NextArrival {
        match next {
            Next::At(at) => {
                self.left_in_batch = entry.batch.size(&mut self.batches).saturating_sub(1);
                self.ready(entry, arrival, at)
            }
            Next::Never => NextArrival::Never,
            // Another bound may end the stream before that.
            Next::BeyondTime if entry.has_arrival(arrival, SimTime::MAX) => NextArrival::BeyondTime(arrival),
            Next::BeyondTime => NextArrival::Never,
        }
    }

    #[inline(always)]
    fn ready(&mut self, entry: &ArrivalsEntry, arrival: u64, at: SimTime) -> NextArrival {
        if !entry.has_arrival(arrival, at) {
            return NextArrival::Never;
        }
        if !entry.numbering.can_have(arrival) {
            return NextArrival::BeyondNumbers;
        }
        let turn = entry.image.place(arrival, entry.numbering.turns, &mut self.images);
        let call = match &entry.destination {
            Some(picks) => {
                let calls = entry.turns[turn as usize].len() as u64;
                picks[turn as usize].place(entry.destination_round(arrival), calls, &mut self.destinations)
            }
            None => 0,
        };
        NextArrival::At(at, entry.numbering.number(arrival, turn, call))
    }
}
