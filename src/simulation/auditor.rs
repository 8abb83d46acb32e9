//! An independent check of a run from its events alone: it keeps counts of its own and shares none with
//! the service.

use std::collections::{BTreeMap, BTreeSet};

use super::{Broken, Observer, RunEnd};
use crate::ids::{RegionId, RequestKey};
use crate::quantity::Bytes;
use crate::records::{CopyRecord, History, Outcome, SlotLevels, SlotSet};
use crate::service::{QueueOrder, Settings, SlotKey, SlotPlace};
use crate::time::SimTime;

/// What one slot key should look like.
#[derive(Clone, Debug, Default)]
struct Expected {
    cap: u32,
    running: u32,
    draining: u32,
    /// Waiting copies in queue order.
    queue: BTreeSet<Place>,
}

/// The place of a copy in the queue: what the order goes by, then its number by acceptance.
type Place = (i64, u64);

/// Follows the events and reports the first invariant that doesn't hold: never more started than the
/// cap, starts in queue order at each key, slots held = running + draining, and outcomes that partition
/// the requests.
#[derive(Debug, Default)]
pub struct Auditor {
    order: QueueOrder,
    head_of_line_blocking: bool,
    keys: Vec<SlotKey>,
    /// Pairs with a cap of their own, which their source region's changes don't touch.
    own_caps: BTreeSet<(RegionId, RegionId)>,
    slots: Vec<Expected>,
    accepted: u64,
    /// The place in the queue that the unfinished copy of a request has or had.
    places: BTreeMap<RequestKey, Place>,
    /// The slot keys of each waiting copy, and its regions.
    waiting: BTreeMap<Place, (SlotSet, [RegionId; 2])>,
    /// Regions that are out: copies from and to them wait and hold up nobody (R4.4).
    out: BTreeSet<RegionId>,
    /// Requests that were made and have no outcome yet.
    open: BTreeSet<RequestKey>,
    broken: Option<Broken>,
}

impl Auditor {
    pub fn new(settings: &Settings) -> Self {
        Self {
            order: settings.queue,
            head_of_line_blocking: settings.head_of_line_blocking,
            own_caps: settings.pair_caps.keys().copied().collect(),
            ..Self::default()
        }
    }

    fn fail(&mut self, what: String) {
        self.broken.get_or_insert(Broken(what));
    }

    fn accept(
        &mut self,
        key: RequestKey,
        regions: [RegionId; 2],
        slots: SlotSet,
        priority: i32,
        size: Option<Bytes>,
    ) {
        self.open.insert(key);
        let goes_by = match self.order {
            QueueOrder::Fifo => 0,
            QueueOrder::Priority => i64::from(priority),
            QueueOrder::ShortestFirst => size.map_or(i64::MAX, |size| size.0.cast_signed()),
        };
        let place = (goes_by, self.accepted);
        self.accepted += 1;
        if self.places.insert(key, place).is_some() {
            self.fail(format!("request {key:?} was accepted while unfinished"));
        }
        self.waiting.insert(place, (slots, regions));
        for slot in slots.iter() {
            self.slots[slot as usize].queue.insert(place);
        }
    }

    fn start(&mut self, key: RequestKey, slots: SlotSet) {
        let Some(place) = self.places.get(&key).copied() else {
            return self.fail(format!("request {key:?} started without being accepted"));
        };
        // A copy ahead of it may wait on only if one of its own keys has no free slot, and if it holds up
        // nobody (R2.4).
        let has_free = |slot: u32| {
            let expected = &self.slots[slot as usize];
            expected.running + expected.draining < expected.cap
        };
        let is_touched = |regions: &[RegionId; 2]| regions.iter().any(|region| self.out.contains(region));
        if self.waiting.get(&place).is_some_and(|(_, regions)| is_touched(regions)) {
            return self.fail(format!("request {key:?} started during an outage of its region"));
        }
        let ahead = slots.iter().flat_map(|slot| self.slots[slot as usize].queue.range(..place));
        let ahead = ahead.filter_map(|place| self.waiting.get(place));
        let mut overtaken = ahead.filter(|(_, regions)| !is_touched(regions)).map(|(keys, _)| keys);
        if overtaken.any(|keys| self.head_of_line_blocking || keys.iter().all(has_free)) {
            self.fail(format!("request {key:?} started before a copy ahead of it in the queue"));
        }
        for slot in slots.iter() {
            let expected = &mut self.slots[slot as usize];
            let waited = expected.queue.remove(&place);
            expected.running += 1;
            let (held, cap) = (expected.running + expected.draining, expected.cap);
            if !waited {
                self.fail(format!("request {key:?} started without waiting at each of its slots"));
            }
            if held > cap {
                self.fail(format!("request {key:?} took slot {held} of {cap}"));
            }
        }
        self.waiting.remove(&place);
    }

    fn leave(&mut self, key: RequestKey, slots: SlotSet, was_running: bool, drains: bool) {
        let Some(place) = self.places.remove(&key) else {
            return self.fail(format!("request {key:?} ended without being accepted"));
        };
        self.waiting.remove(&place);
        for slot in slots.iter() {
            let expected = &mut self.slots[slot as usize];
            let is_right = if was_running {
                let running = expected.running.checked_sub(1);
                expected.running = running.unwrap_or(0);
                expected.draining += u32::from(drains);
                running.is_some()
            } else {
                expected.queue.remove(&place)
            };
            if !is_right {
                self.fail(format!("request {key:?} left slots it wasn't at"));
            }
        }
    }
}

impl Observer for Auditor {
    fn begin(&mut self, slots: &[(SlotKey, u32)]) {
        self.keys = slots.iter().map(|(key, _)| *key).collect();
        self.slots = slots.iter().map(|(_, cap)| Expected { cap: *cap, ..Expected::default() }).collect();
    }

    fn happened(&mut self, _at: SimTime, what: &History) {
        match *what {
            History::Accepted { key, from, to, slots, priority, size, .. } => {
                self.accept(key, [from, to], slots, priority, size);
            }
            History::AlreadyThere { key, is_running, from, to, slots, priority, size } => {
                self.accept(key, [from, to], slots, priority, size);
                if is_running {
                    self.start(key, slots);
                }
            }
            History::CopyRefused { key, .. }
            | History::Replayed { key, .. }
            | History::DryRun { key, .. }
            | History::HeldBack { key }
            | History::FoundExisting { key }
            | History::Skipped { key, .. } => drop(self.open.insert(key)),
            History::Started { key, slots } => self.start(key, slots),
            History::Completed { key, slots } | History::Failed { key, slots } => {
                self.leave(key, slots, true, false);
            }
            History::Cancelled { key, slots, was_running, drains, .. } => {
                self.leave(key, slots, was_running, drains);
            }
            History::DrainEnded { slots, .. } => {
                for slot in slots.iter() {
                    let draining = self.slots[slot as usize].draining.checked_sub(1);
                    self.slots[slot as usize].draining = draining.unwrap_or(0);
                    if draining.is_none() {
                        self.fail("a drain ended that never began".to_owned());
                    }
                }
            }
            History::CapChanged { region, cap } => {
                for (key, expected) in self.keys.iter().zip(&mut self.slots) {
                    let follows = match key.place {
                        SlotPlace::Region(of) => of == region,
                        SlotPlace::Pair(from, to) => from == region && !self.own_caps.contains(&(from, to)),
                    };
                    if follows {
                        expected.cap = cap;
                    }
                }
            }
            History::OutageBegan { region, .. } => drop(self.out.insert(region)),
            History::OutageEnded { region, .. } => drop(self.out.remove(&region)),
            History::Slowed { .. } | History::CapacityChanged { .. } => {}
            History::CallsAgain { .. } | History::Noticed { .. } | History::TimedOut { .. } => {}
            History::CancelRefused { .. } | History::Deleted { .. } | History::DeleteRefused { .. } => {}
        }
    }

    fn settled(&mut self, at: SimTime, slot: u32, levels: SlotLevels) {
        let expected = &self.slots[slot as usize];
        let held = expected.running + expected.draining;
        let counted = (expected.cap, held, expected.draining, expected.queue.len() as u64);
        let told = (levels.cap, levels.held, levels.draining, u64::from(levels.waiting));
        if counted != told {
            let key = self.keys[slot as usize];
            self.fail(format!(
                "at {at} {key:?} has cap, held, draining, waiting {told:?}; the events say {counted:?}"
            ));
        }
    }

    fn closed(&mut self, _at: SimTime, record: &CopyRecord) {
        if !self.open.remove(&record.key) {
            self.fail(format!("request {:?} closed without being made, or twice", record.key));
        }
        let is_unfinished = matches!(record.outcome, Outcome::Waiting | Outcome::Running);
        if self.places.contains_key(&record.key) != is_unfinished {
            self.fail(format!("request {:?} closed as {:?}", record.key, record.outcome));
        }
    }

    fn end(&mut self, _end: &RunEnd) {
        if let Some(key) = self.open.first() {
            self.fail(format!("request {key:?} was made but has no outcome"));
        }
    }

    fn broken(&mut self) -> Option<Broken> {
        self.broken.take()
    }
}
