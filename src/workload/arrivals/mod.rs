//! Streams of copy requests: when arrivals come, and what each of them takes.

mod batch;
mod numbering;
mod pick;
mod process;
mod profile;
mod stream;

pub use batch::Batch;
pub use numbering::Numbering;
pub use pick::Pick;
pub use process::{BurstState, Gap, Process};
pub use profile::{Profile, ProfilePiece};
pub use stream::{NextArrival, Stream};

use super::plan::{FreshImage, HandleId, Member};
use crate::distribution::Drawn;
use crate::quantity::Bytes;
use crate::time::SimTime;

/// A stream of copy requests.
#[derive(Clone, Debug)]
pub struct ArrivalsEntry {
    pub process: Process,
    /// How many come at each moment of the process.
    pub batch: Batch,
    pub from: SimTime,
    /// Half-open: no arrival at or after this instant (R1.9).
    pub until: Option<SimTime>,
    pub count: Option<u64>,
    /// By image that an arrival can take: the calls to its destinations.
    pub turns: Vec<Vec<Member>>,
    pub numbering: Numbering,
    /// Which of the images an arrival takes.
    pub image: Pick,
    /// By image, which of the destinations an arrival copies to; none where it copies to all of them.
    pub destination: Option<Vec<Pick>>,
    /// Set where an arrival takes one of several priorities.
    pub priorities: Option<Priorities>,
    /// The image that each arrival brings along, if it does.
    pub fresh: Option<FreshImage>,
    /// The size of that image, where it is drawn.
    pub fresh_size: Option<Drawn<Bytes>>,
    /// By destination that each arrival copies to: what the draws of its copies are found by. Empty where an
    /// arrival copies to one of them.
    pub draw_names: Vec<String>,
    /// By image and destination of a call: which of these draws are its own.
    pub draw_slots: Vec<u32>,
    /// The copies that something names, by their number in this entry, ascending.
    pub named: Vec<(u64, HandleId)>,
}

/// The priorities of which each arrival takes one.
#[derive(Clone, Debug)]
pub struct Priorities {
    pub of: Vec<i32>,
    pub pick: Pick,
}

impl ArrivalsEntry {
    /// Which of [`ArrivalsEntry::draw_names`] the draws for a call are found by; the stream's own name where there are
    /// none.
    #[inline]
    pub fn draw_slot(&self, number: u64) -> usize {
        if self.draw_slots.is_empty() {
            return 0;
        }
        let place = self.numbering.turn(number) * self.numbering.width + self.numbering.call(number);
        self.draw_slots.get(place as usize).map_or(0, |slot| *slot as usize)
    }

    /// The handle of the copy of this number in this entry, if something names it.
    #[inline]
    pub fn handle(&self, number: u64) -> Option<HandleId> {
        if self.named.is_empty() {
            return None;
        }
        let place = self.named.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(self.named[place].1)
    }

    /// What is left of an arrival's number for the choice of its destination. Where several choices go in turn, each
    /// goes on when the one before it has come round: first the image's, then the destination's, then the
    /// priority's.
    pub fn destination_round(&self, arrival: u64) -> u64 {
        self.image.round(arrival, self.turns.len())
    }

    /// As [`ArrivalsEntry::destination_round`], for the choice of its priority.
    pub fn priority_round(&self, arrival: u64) -> u64 {
        let round = self.destination_round(arrival);
        let Some(pick) = self.destination.as_ref().and_then(|picks| picks.first()) else { return round };
        let turn = Pick::in_turn(arrival, self.turns.len() as u64);
        pick.round(round, self.turns.get(turn as usize).map_or(1, Vec::len))
    }

    /// Whether there is an arrival of this number, from 0, at this time.
    pub fn has_arrival(&self, arrival: u64, at: SimTime) -> bool {
        self.count.is_none_or(|count| arrival < count)
            && self.until.is_none_or(|until| at < until)
            && self.numbering.width > 0
    }
}
