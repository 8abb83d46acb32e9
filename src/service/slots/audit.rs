//! What must hold of slots and lines, recounted from the copies.

use std::collections::BTreeSet;

use super::{Slot, Slots};
use crate::service::copies::{Copies, Phase};
use crate::service::lines::{Head, Line, Listed};

impl Slots {
    /// Recounts everything from the copies and compares (see [`crate::service::Service::audit`]).
    pub(in crate::service) fn audit(&self, copies: &Copies) -> Result<(), String> {
        self.audit_counts(copies)?;
        for line in &self.lines {
            let order = line.waiting.ranks(copies);
            if !order.is_sorted() {
                return Err(format!("a line isn't in queue order: {order:?}"));
            }
        }
        self.audit_heads(copies)?;
        let listed = |line: &&Line| line.listed != Listed::Nowhere;
        let heads = self.slots.iter().flat_map(|slot| slot.parked.iter()).chain(self.candidates.iter());
        if heads.count() != self.lines.iter().filter(listed).count() {
            return Err("heads are listed that no line knows of".to_owned());
        }
        (0..).zip(&self.lines).try_for_each(|(number, line)| self.audit_listed(number, line, copies))
    }

    fn audit_counts(&self, copies: &Copies) -> Result<(), String> {
        let mut counts = vec![[0_u32; 3]; self.slots.len()];
        for (_, copy) in copies.iter() {
            let column = match copy.phase {
                Phase::Waiting => 0,
                Phase::Running => 1,
                Phase::Draining => 2,
            };
            for key in self.lines[copy.line as usize].keys() {
                counts[key][column] += 1;
            }
        }
        for (slot, counted) in self.slots.iter().zip(&counts) {
            if [slot.waiting, slot.running, slot.draining] != *counted {
                return Err(format!(
                    "counts of waiting, running and draining copies are {counted:?}, not those of {slot:?}"
                ));
            }
        }
        Ok(())
    }

    /// With head-of-line blocking each key knows the heads of its lines.
    fn audit_heads(&self, copies: &Copies) -> Result<(), String> {
        for (key, slot) in self.slots.iter().enumerate() {
            let expected =
                if self.head_of_line_blocking { self.heads_at(key, copies) } else { BTreeSet::new() };
            if slot.heads != expected {
                return Err(format!("the heads at a key are {expected:?}, not those of {slot:?}"));
            }
        }
        Ok(())
    }

    fn heads_at(&self, key: usize, copies: &Copies) -> BTreeSet<Head> {
        let here = |(_, line): &(u32, &Line)| line.keys().any(|of| of == key);
        let lines = (0..).zip(&self.lines).filter(here);
        lines.filter_map(|(number, _)| self.head(number, copies)).collect()
    }

    /// The head of a line is listed where it will be found as soon as it can start.
    fn audit_listed(&self, number: u32, line: &Line, copies: &Copies) -> Result<(), String> {
        let head = self.head(number, copies);
        let is_right = match (line.listed, head) {
            (Listed::Candidate, Some(head)) => {
                let can_start = self.has_double_lines || self.obstacle(head).is_none();
                can_start && self.candidates.has(head, &self.lines)
            }
            (Listed::Parked(key), Some(head)) => {
                let slot = &self.slots[key as usize];
                slot.parked.has(head, &self.lines) && self.will_be_found(head, key, slot)
            }
            (Listed::Nowhere, Some(head)) => {
                let is_parked_elsewhere = self.has_double_lines && !self.head_of_line_blocking;
                !is_parked_elsewhere && self.obstacle(head).is_some()
            }
            (listed, None) => listed == Listed::Nowhere,
        };
        if is_right {
            Ok(())
        } else {
            Err(format!("a line with the head {head:?} is wrongly listed: {line:?}"))
        }
    }

    /// What is parked at a full key is looked at when it has a free slot, else when a candidate before it is.
    fn will_be_found(&self, head: Head, key: u32, slot: &Slot) -> bool {
        let holds_back = |candidate: &&Head| {
            let of_key = self.lines[candidate.line as usize].keys().any(|of| of == key as usize);
            of_key && **candidate < head
        };
        !slot.has_free() || self.candidates.iter().any(|candidate| holds_back(&candidate))
    }

    /// Whether some waiting copy could start now: must be false whenever the clock moves on (R1.5).
    pub(in crate::service) fn has_startable(&self, copies: &Copies) -> bool {
        (0..).zip(&self.lines).filter_map(|(number, line)| Some((line, self.head(number, copies)?))).any(
            |(line, head)| {
                line.keys().all(|key| {
                    let is_first =
                        || !self.head_of_line_blocking || self.heads_at(key, copies).first() == Some(&head);
                    self.slots[key].has_free() && is_first()
                })
            },
        )
    }
}
