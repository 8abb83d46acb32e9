//! Which calls will meet injected faults (R7.8): decided when a call is generated, whatever becomes of it.

use rustc_hash::FxHashMap;

use super::plan::{Entry, Workload};
use crate::ids::RequestKey;
use crate::quantity::Fraction;
use crate::random::{Draws, Seed};
use crate::service::facts::{Facts, FaultHits, FaultOperation, InjectedFault};

/// The draws of all faults.
#[derive(Debug)]
pub struct FaultDraws<'a> {
    facts: &'a Facts,
    workload: &'a Workload,
    seed: Seed,
    /// Of arrivals and traces, by entry, source in it and fault; made when they are needed.
    streams: FxHashMap<(u32, u64, usize), Draws>,
}

impl<'a> FaultDraws<'a> {
    pub fn new(facts: &'a Facts, workload: &'a Workload, seed: Seed) -> Self {
        Self { facts, workload, seed, streams: FxHashMap::default() }
    }

    /// The faults that the call of a request will meet if it gets so far while they hold.
    #[inline]
    pub fn hits(&mut self, key: RequestKey, operation: FaultOperation) -> FaultHits {
        if self.facts.faults.is_empty() { FaultHits::default() } else { self.drawn_hits(key, operation) }
    }

    fn drawn_hits(&mut self, key: RequestKey, operation: FaultOperation) -> FaultHits {
        let mut hits = FaultHits::default();
        for (place, fault) in self.facts.faults.iter().enumerate() {
            let is_of_operation = fault.operation == operation;
            if is_of_operation
                && fault.requests.as_ref().is_none_or(|requests| requests.may_be_of(key.entry()))
            {
                let is_drawn = fault.probability.is_none_or(|share| self.is_drawn(key, place, fault, share));
                if is_drawn && fault.requests.as_ref().is_none_or(|requests| requests.contains(key)) {
                    hits.add(place);
                }
            }
        }
        hits
    }

    /// The faults that call number `call` of a request will meet, if it isn't the first: its draws are found by both
    /// numbers, so that they move no others (R10.1).
    pub fn hits_of_further_call(&self, key: RequestKey, call: u32) -> FaultHits {
        let mut hits = FaultHits::default();
        for (place, fault) in self.facts.faults.iter().enumerate() {
            if fault.operation != FaultOperation::CopyImage
                || fault.requests.as_ref().is_some_and(|requests| !requests.contains(key))
            {
                continue;
            }
            let source = || format!("{}/{call}", self.workload.further_source(key));
            let draw = || Draws::new(self.seed, &format!("fault {}", fault.name), &source()).uniform();
            if fault.probability.is_none_or(|share| draw().is_below(share)) {
                hits.add(place);
            }
        }
        hits
    }

    /// One draw for a call. A listed call has a draw of its own, found by what the call is; each destination
    /// of a stream has a running stream of draws, and so have the rows of a trace (R10.1).
    fn is_drawn(&mut self, key: RequestKey, place: usize, fault: &InjectedFault, share: Fraction) -> bool {
        let purpose = || format!("fault {}", fault.name);
        let entry = key.entry() as usize;
        let own_name = &self.workload.names[entry];
        let (slot, source) = match &self.workload.entries[entry] {
            Entry::Copy(_) | Entry::Cancel(_) | Entry::Delete(_) => {
                let source = &self.workload.draws[entry][key.number() as usize];
                return Draws::new(self.seed, &purpose(), source).uniform().is_below(share);
            }
            // The same sources as those of what copies do.
            Entry::Arrivals(arrivals) => {
                let slot = arrivals.draw_slot(key.number());
                (slot as u64, arrivals.draw_names.get(slot).unwrap_or(own_name))
            }
            Entry::Trace(_) => (0, own_name),
        };
        let stream = self.streams.entry((key.entry(), slot, place));
        stream.or_insert_with(|| Draws::new(self.seed, &purpose(), source)).uniform().is_below(share)
    }
}
