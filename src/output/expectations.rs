//! What requests must be answered with (`expect`), against what they are.

use std::collections::BTreeSet;

use crate::ids::RequestKey;
use crate::records::{Expectation, History, Refused};
use crate::scenario::{Calls, Catalog, EntryInfo};

/// What is expected of a run, while it goes on.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    /// By entry of `requests`.
    entries: Vec<Option<Awaited>>,
    /// Whether anything is expected at all.
    is_needed: bool,
    held: u64,
    broken: Vec<Broken>,
}

/// The answer that the calls of an entry must get.
#[derive(Clone, Debug)]
struct Awaited {
    expected: Expectation,
    /// Whether it copies; else it cancels or deletes.
    is_copy: bool,
    /// The calls that weren't answered yet.
    open: BTreeSet<u64>,
}

/// A call that wasn't answered as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    pub key: RequestKey,
    pub expected: Expectation,
    /// None: the call was never made.
    pub answered: Option<Expectation>,
    /// Why it was refused, where it was.
    pub refused: Option<Refused>,
}

impl Expectations {
    pub fn of(catalog: &Catalog) -> Self {
        let awaited = |entry: &EntryInfo| {
            let (is_copy, calls) = match &entry.calls {
                Calls::Listed { calls, .. } => (true, calls.len()),
                Calls::Targets(targets) => (false, targets.len()),
                Calls::Arriving { .. } | Calls::Rows(_) => return None,
            };
            Some(Awaited { expected: entry.expect?, is_copy, open: (0..calls as u64).collect() })
        };
        let entries: Vec<Option<Awaited>> = catalog.entries.iter().map(awaited).collect();
        let is_needed = entries.iter().any(Option::is_some);
        Self { entries, is_needed, held: 0, broken: Vec::new() }
    }

    /// Whether anything is expected of any call.
    pub fn are_any(&self) -> bool {
        self.is_needed
    }

    /// A call was answered.
    pub fn answered(&mut self, what: &History) {
        let (key, is_copy, answer, refused) = match *what {
            History::Accepted { key, .. } => (key, true, Expectation::Accepted, None),
            History::Replayed { key, .. } => (key, true, Expectation::Replayed, None),
            History::DryRun { key, .. } => (key, true, Expectation::DRY_RUN, None),
            History::CopyRefused { key, refused, .. } => {
                (key, true, Expectation::Code(refused.refusal.code), Some(refused))
            }
            History::Cancelled { call, .. } | History::Deleted { call, failed_call: None } => {
                (call, false, Expectation::Accepted, None)
            }
            History::CancelRefused { call, refused }
            | History::DeleteRefused { call, refused, failed_call: None } => {
                (call, false, Expectation::Code(refused.refusal.code), Some(refused))
            }
            _ => return,
        };
        // The delete at the end of a retention goes by the key of its copy.
        let Some(awaited) = self.entries[key.entry() as usize].as_mut().filter(|of| of.is_copy == is_copy)
        else {
            return;
        };
        let expected = awaited.expected;
        if !awaited.open.remove(&key.number()) {
            self.forget_answer(key);
        }
        if answer == expected {
            self.held += 1;
        } else {
            self.broken.push(Broken { key, expected, answered: Some(answer), refused });
        }
    }

    /// The client of a request called again: the answer that it had doesn't count any more.
    fn forget_answer(&mut self, key: RequestKey) {
        match self.broken.iter().rposition(|broken| broken.key == key) {
            Some(place) => drop(self.broken.remove(place)),
            None => self.held -= 1,
        }
    }

    /// The run is over: calls that were never made break what is expected of them. Gives how many were
    /// answered as they must be, and those that weren't, in the order of the file; none if nothing is expected.
    pub fn finish(self) -> Option<(u64, Vec<Broken>)> {
        let mut broken = self.broken;
        let mut is_any = false;
        for (entry, awaited) in (0..).zip(self.entries) {
            let Some(Awaited { expected, open, .. }) = awaited else { continue };
            is_any = true;
            broken.extend(open.into_iter().filter_map(|number| {
                Some(Broken { key: RequestKey::new(entry, number)?, expected, answered: None, refused: None })
            }));
        }
        broken.sort_by_key(|broken| broken.key);
        is_any.then_some((self.held, broken))
    }
}
