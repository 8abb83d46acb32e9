//! What the watcher of a copy makes of the events of a run.

use std::collections::BTreeMap;

use super::Explainer;
use crate::ids::{RegionId, RequestKey};
use crate::output::messages::{request_in_words, skipped_message};
use crate::quantity::{Capacity, Fraction};
use crate::records::{CopyRecord, History, Refused, SlotLevels, SlotSet};
use crate::scenario::{Labels, dry_run_message, later_refusal_message, refusal_message};
use crate::service::SlotKey;
use crate::service::codes::Code;
use crate::simulation::Observer;
use crate::time::SimTime;
use crate::transfer::LinkId;
use crate::workload::Row;

impl Observer for Explainer<'_> {
    fn begin(&mut self, slots: &[(SlotKey, u32)]) {
        self.slots = slots.iter().map(|(key, _)| *key).collect();
        self.caps = slots.iter().map(|(_, cap)| *cap).collect();
        self.holding = vec![BTreeMap::new(); slots.len()];
        self.waiting = vec![0; slots.len()];
    }

    fn settled(&mut self, _at: SimTime, slot: u32, levels: SlotLevels) {
        for line in self.lines.iter_mut().filter(|line| line.unsure == Some((slot, levels.cap))) {
            line.unsure = None;
        }
        // What didn't come true by the end of its instant never will.
        self.lines.retain(|line| line.unsure.is_none_or(|(of, _)| of != slot));
        self.caps[slot as usize] = levels.cap;
    }

    fn planned(&mut self, key: RequestKey, row: &Row) {
        self.names.planned(key, row);
    }

    fn happened(&mut self, at: SimTime, what: &History) {
        match *what {
            History::Accepted { key, from, to, slots, .. } => {
                self.accepted(at, key, slots, "accepted");
                self.asked_between(at, key, from, to);
            }
            History::AlreadyThere { key, is_running, from, to, slots, .. } => {
                if is_running {
                    self.already_running(at, key, slots);
                } else {
                    self.accepted(at, key, slots, "already queued when the run began");
                }
                self.asked_between(at, key, from, to);
            }
            History::CopyRefused { key, refused, .. } => {
                let message = |names: &Labels<'_>| refusal_message(&refused, key, names);
                self.answered(at, key, "refused", refused.refusal.code, message);
            }
            History::Replayed { key, first, .. } => self.replayed(at, key, first),
            History::DryRun { key, .. } => {
                let message = |names: &Labels<'_>| dry_run_message(key, names);
                self.answered(at, key, "dry run", Code::DryRunOperation, message);
            }
            History::Skipped { key, because } => {
                if self.is_it(key) {
                    self.say(at, format!("skipped: {}", skipped_message(because, &self.names)));
                }
            }
            History::Started { key, slots } => self.started(at, key, slots),
            History::Completed { key, slots } => self.ended(at, key, slots, "available"),
            History::Failed { key, slots } => self.ended(at, key, slots, "failed"),
            History::Cancelled { call, key, slots, was_running, drains } => {
                self.leaves_by_cancel(at, key, slots, was_running, drains);
                self.cancelled(at, call, key, was_running);
            }
            History::DrainEnded { key, slots } => {
                self.left(at, key, slots);
                if self.is_it(key) {
                    self.say(at, "its slot is free again");
                }
            }
            History::CapChanged { .. }
            | History::OutageBegan { .. }
            | History::OutageEnded { .. }
            | History::Slowed { .. }
            | History::CapacityChanged { .. } => self.surroundings_changed(at, what),
            _ => self.later_call(at, what),
        }
        self.names.answered(at, what);
    }

    fn closed(&mut self, _at: SimTime, record: &CopyRecord) {
        let is_it = self.is_it(record.key);
        if is_it {
            self.record = Some(*record);
        } else if self.key.is_none() {
            self.others.add(record.key, self.names.label(record.key));
        }
        self.names.closed(record);
        if let Some(to) = record.to.filter(|_| is_it) {
            // It is shown when the run is over.
            self.names.pin(to, record.key);
        }
    }
}

impl Explainer<'_> {
    /// A cancelled copy gives its place or its slots back, unless these drain.
    fn leaves_by_cancel(
        &mut self,
        at: SimTime,
        key: RequestKey,
        slots: SlotSet,
        was_running: bool,
        drains: bool,
    ) {
        if was_running && !drains {
            self.left(at, key, slots);
        } else if !was_running {
            for slot in slots.iter() {
                self.waiting[slot as usize] -= 1;
            }
        }
    }

    fn cancelled(&mut self, at: SimTime, call: RequestKey, key: RequestKey, was_running: bool) {
        if !self.is_it(key) {
            return;
        }
        let by = if call == key {
            "its client".to_owned()
        } else if call.is_row_cancel() {
            "its row's cancel_at".to_owned()
        } else {
            request_in_words(self.names.entry(call))
        };
        let state = if was_running { "running" } else { "waiting" };
        self.say(at, format!("cancelled while {state}, by {by}"));
        self.is_copying = false;
        self.waits_for = SlotSet::default();
    }

    /// What clients do beside their calls, and what they call later for a copy of theirs: the call of a copy request is
    /// the delete at the end of a retention or of a failed copy, or the cancel after a time-out.
    fn later_call(&mut self, at: SimTime, what: &History) {
        let Some(key) = what.request() else { return };
        if !self.is_it(key) {
            return;
        }
        let because = |refused: &Refused, names: &Labels<'_>| {
            let message = later_refusal_message(refused, key, names);
            format!("{}: {message}", refused.refusal.code.literal())
        };
        let text = match what {
            History::Deleted { failed_call: Some(_), .. } => {
                "its image is deleted by its client, as it failed".to_owned()
            }
            History::Deleted { .. } => "its image is deleted, as its retention is over".to_owned(),
            History::DeleteRefused { failed_call, refused, .. } => {
                let why = if failed_call.is_some() { "it failed" } else { "its retention is over" };
                format!("{why}, but it can't be deleted: {}", because(refused, &self.names))
            }
            History::CancelRefused { refused, .. } => {
                format!("its client cancels it, but that is refused: {}", because(refused, &self.names))
            }
            History::HeldBack { .. } => "planned, and held back: its client has no free place".to_owned(),
            History::CallsAgain { at, .. } => format!("its client will call again at {at}"),
            History::FoundExisting { .. } => "not called: an Available image of its name is there".to_owned(),
            History::Noticed { .. } => "its client polls, and knows of the end".to_owned(),
            History::TimedOut { .. } => "its client has waited long enough, and is done with it".to_owned(),
            _ => return,
        };
        self.say(at, text);
    }

    fn surroundings_changed(&mut self, at: SimTime, what: &History) {
        match *what {
            History::CapChanged { region, cap } => self.cap_changed(at, region, cap),
            History::OutageBegan { region, fails, .. } => self.outage(at, region, Some(fails)),
            History::OutageEnded { region, .. } => self.outage(at, region, None),
            History::Slowed { region, to } => self.slowed(at, region, to),
            History::CapacityChanged { link, capacity } => self.capacity_changed(at, link, capacity),
            _ => {}
        }
    }

    /// A copy between two regions is there. One of them may be out already.
    fn asked_between(&mut self, at: SimTime, key: RequestKey, from: RegionId, to: RegionId) {
        if !self.is_it(key) {
            return;
        }
        self.regions = Some((from, to));
        self.is_copying = true;
        for region in [from, to].into_iter().filter(|region| self.out.contains(region)).collect::<Vec<_>>() {
            self.outage(at, region, Some(false));
        }
    }

    /// An outage of a region begins, which `fails` the running copies or not, or is over.
    fn outage(&mut self, at: SimTime, region: RegionId, fails: Option<bool>) {
        match fails {
            Some(_) => self.out.insert(region),
            None => self.out.remove(&region),
        };
        if !self.is_on_its_way(region) {
            return;
        }
        self.is_held_by_outage |= fails.is_some() && self.started_at.is_none();
        let name = self.names.region(region);
        let text = match (fails, self.started_at) {
            (Some(_), None) => format!("outage of {name}: it can't start"),
            (Some(true), Some(_)) => format!("outage of {name}: running copies fail"),
            (Some(false), Some(_)) => format!("outage of {name}: it stands still and keeps its slot"),
            (None, None) => format!("the outage of {name} is over: it can start again"),
            (None, Some(_)) => format!("the outage of {name} is over"),
        };
        self.say(at, text);
    }

    fn slowed(&mut self, at: SimTime, region: RegionId, to: Fraction) {
        if self.is_on_its_way(region) {
            let text = match to {
                Fraction::ONE => {
                    format!("transfers from and to {} are as fast as ever", self.names.region(region))
                }
                to => format!(
                    "transfers from and to {} reach {to} of their throughput",
                    self.names.region(region)
                ),
            };
            self.say(at, text);
        }
    }

    fn capacity_changed(&mut self, at: SimTime, link: LinkId, capacity: Capacity) {
        if self.is_unfinished().is_some_and(|(from, to)| self.goes_over(link, from, to)) {
            self.say(at, format!("{} can move {capacity} from now on", self.names.link(link)));
        }
    }

    fn goes_over(&self, link: LinkId, from: RegionId, to: RegionId) -> bool {
        let path = self.network.path(from, to);
        path.is_some_and(|path| self.network.paths[path.0 as usize].links.contains(&link))
    }

    /// The regions of the copy, while it is accepted and not over.
    fn is_unfinished(&self) -> Option<(RegionId, RegionId)> {
        self.regions.filter(|_| self.is_copying)
    }

    fn is_on_its_way(&self, region: RegionId) -> bool {
        self.is_unfinished().is_some_and(|(from, to)| from == region || to == region)
    }
}
