//! Which calls will meet injected faults (R7.8): decided when a call is generated, whatever becomes of it.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::plan::Workload;
use crate::ids::RequestKey;
use crate::random::{Draws, Seed};
use crate::service::facts::{Facts, FaultHits, FaultOperation};

/// The draws of all faults.
#[derive(Debug)]
pub struct FaultDraws {
    facts: Arc<Facts>,
    workload: Arc<Workload>,
    seed: Seed,
    /// By entry and fault; made when they are needed.
    streams: FxHashMap<(u32, usize), Draws>,
}

impl FaultDraws {
    pub fn new(facts: Arc<Facts>, workload: Arc<Workload>, seed: Seed) -> Self {
        Self { facts, workload, seed, streams: FxHashMap::default() }
    }

    /// The faults that the call of a request will meet if it gets so far while they hold. One word is read
    /// for each fault that has a probability (R10.1).
    pub fn hits(&mut self, key: RequestKey, operation: FaultOperation) -> FaultHits {
        let mut hits = FaultHits::default();
        for (place, fault) in self.facts.faults.iter().enumerate() {
            if fault.operation != operation {
                continue;
            }
            let is_drawn = fault.probability.is_none_or(|share| {
                let source = || &self.workload.names[key.entry() as usize];
                let purpose = || format!("fault {}", fault.name);
                let stream = self.streams.entry((key.entry(), place));
                stream
                    .or_insert_with(|| Draws::new(self.seed, &purpose(), source()))
                    .uniform()
                    .is_below(share)
            });
            if is_drawn && fault.requests.as_ref().is_none_or(|requests| requests.contains(key)) {
                hits.add(place);
            }
        }
        hits
    }
}
