//! Which waiting copy starts next (R2.4): the first in queue order that can.
//!
//! Only heads of lines can, and no start scans a queue or the lines of a region. How the heads are kept
//! depends on whether a copy that can't start holds up those behind it:
//!
//! - If not, and keys have several lines, each head is either a candidate or parked at one of its keys, found
//!   full. When that key has a free slot, the first of those parked there that can start becomes a candidate,
//!   and the next one only when that has started or can't any more. So where a key has a free slot, one of its
//!   lines is a candidate with a head before all that are parked there.
//! - Where no key has another line than its own, that line's head is a candidate or waits for a slot of this key.
//! - With head-of-line blocking each key knows the first of its heads, and a head that is first at each of
//!   its keys, all with a free slot, is a candidate.
//!
//! With several lines at a key a candidate may have lost its slot to another one by the time its turn comes.

use super::Slots;
use crate::ids::CopyId;
use crate::service::copies::Copies;
use crate::service::lines::{Head, Listed};

impl Slots {
    /// The first waiting copy in queue order that can start, if any can.
    #[inline]
    pub(in crate::service) fn first_startable(&mut self, copies: &Copies) -> Option<CopyId> {
        let head = self.candidates.first()?;
        let head = if self.has_double_lines { self.first_without_obstacle(copies)? } else { head };
        Some(CopyId { acceptance: head.rank.acceptance, index: head.copy })
    }

    fn first_without_obstacle(&mut self, copies: &Copies) -> Option<Head> {
        while let Some(head) = self.candidates.first() {
            if self.obstacle(head).is_none() {
                return Some(head);
            }
            // Another start took the slot that it would have had at one of its keys: what waits for the
            // same slots may start in its place.
            self.relist(head.line, copies);
        }
        None
    }

    /// A line has another head, and had that of `before`.
    #[inline]
    pub(super) fn head_changed(&mut self, line: u32, before: Option<u32>, copies: &Copies) {
        if self.has_double_lines {
            self.shared_head_changed(line, before, copies);
        } else {
            self.relist_own_line(line, copies);
        }
    }

    /// As [`Slots::head_changed`], where keys may have several lines.
    fn shared_head_changed(&mut self, line: u32, before: Option<u32>, copies: &Copies) {
        if self.head_of_line_blocking {
            let (before, now) = (before.map(|copy| head_of(line, copy, copies)), self.head(line, copies));
            for key in self.lines[line as usize].keys() {
                let heads = &mut self.slots[key].heads;
                before.map(|before| heads.remove(&before));
                heads.extend(now);
            }
        }
        self.relist(line, copies);
    }

    /// A key may have a free slot, or another line in front.
    #[inline]
    pub(super) fn look_at(&mut self, key: u32, copies: &Copies) {
        if self.has_double_lines {
            self.look_at_lines(key);
        } else {
            self.look_at_own_line(key, copies);
        }
    }

    /// As [`Slots::look_at`], where keys may have several lines.
    fn look_at_lines(&mut self, key: u32) {
        if self.head_of_line_blocking {
            if let Some(first) = self.slots[key as usize].heads.first().copied()
                && self.lines[first.line as usize].listed == Listed::Nowhere
            {
                self.list(first);
            }
            return;
        }
        while self.slots[key as usize].has_free() {
            let Some(first) = self.slots[key as usize].parked.first() else { return };
            self.unlist(first.line);
            // One that lacks a slot at its other key is parked there.
            if self.list(first) {
                return;
            }
        }
    }

    /// The only line of a key, which has its number, has another head.
    #[inline(always)]
    fn relist_own_line(&mut self, key: u32, copies: &Copies) {
        let listed = &mut self.lines[key as usize].listed;
        if *listed == Listed::Candidate {
            *listed = Listed::Nowhere;
            self.candidates.remove(key, &mut self.lines);
        }
        self.look_at_own_line(key, copies);
    }

    /// The only line of a key may be able to start a copy now, or not any more.
    #[inline(always)]
    fn look_at_own_line(&mut self, key: u32, copies: &Copies) {
        let line = &mut self.lines[key as usize];
        match line.listed {
            Listed::Nowhere if self.slots[key as usize].has_free() => {
                let Some(copy) = line.waiting.head() else { return };
                line.listed = Listed::Candidate;
                self.candidates.insert(head_of(key, copy, copies), &mut self.lines);
            }
            // The cap was lowered.
            Listed::Candidate if !self.slots[key as usize].has_free() => self.unlist(key),
            _ => {}
        }
    }

    /// Lists the head of a line anew, and then those that it may have held back as a candidate.
    fn relist(&mut self, line: u32, copies: &Copies) {
        let was_candidate = self.lines[line as usize].listed == Listed::Candidate;
        self.unlist(line);
        if let Some(head) = self.head(line, copies) {
            self.list(head);
        }
        if was_candidate || self.head_of_line_blocking {
            self.freed(line, copies);
        }
    }

    /// Lists a head that is listed nowhere, and says whether it can start.
    fn list(&mut self, head: Head) -> bool {
        let obstacle = self.obstacle(head);
        let listed = match obstacle {
            None => Listed::Candidate,
            Some(_) if self.head_of_line_blocking => Listed::Nowhere,
            Some(key) => Listed::Parked(key),
        };
        self.lines[head.line as usize].listed = listed;
        match listed {
            Listed::Candidate => self.candidates.insert(head, &mut self.lines),
            Listed::Parked(key) => self.slots[key as usize].parked.insert(head, &mut self.lines),
            Listed::Nowhere => {}
        }
        obstacle.is_none()
    }

    fn unlist(&mut self, line: u32) {
        match std::mem::replace(&mut self.lines[line as usize].listed, Listed::Nowhere) {
            Listed::Candidate => self.candidates.remove(line, &mut self.lines),
            Listed::Parked(key) => self.slots[key as usize].parked.remove(line, &mut self.lines),
            Listed::Nowhere => {}
        }
    }

    pub(super) fn head(&self, line: u32, copies: &Copies) -> Option<Head> {
        self.lines[line as usize].waiting.head().map(|copy| head_of(line, copy, copies))
    }

    /// A key that keeps the head of a line from starting: without a free slot, or where another is first.
    pub(super) fn obstacle(&self, head: Head) -> Option<u32> {
        let is_held_up = |key: &u32| {
            let slot = &self.slots[*key as usize];
            !slot.has_free() || (self.head_of_line_blocking && slot.heads.first() != Some(&head))
        };
        let (first, second) = self.lines[head.line as usize].keys;
        if is_held_up(&first) { Some(first) } else { second.filter(is_held_up) }
    }
}

fn head_of(line: u32, copy: u32, copies: &Copies) -> Head {
    Head { rank: copies.at(copy).rank, line, copy }
}
