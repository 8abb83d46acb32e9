//! Accepted copies that still hold something: a queue place, a slot, or a draining slot.

use super::queue::QueueRank;
use super::slab::Slab;
use crate::ids::{AccountId, CopyId, ImageId, RegionId};

/// Where an accepted copy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// In a queue; its image is `Waiting`.
    Waiting,
    /// Holds a slot; its image is `Creating`.
    Running,
    /// Was cancelled while running; only its slot is still held (R5.2).
    Draining,
}

/// An accepted copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Its place in the waiting list, with its number by acceptance (R1.4, R2.4).
    pub(super) rank: QueueRank,
    pub account: AccountId,
    pub source: ImageId,
    pub target: ImageId,
    pub from: RegionId,
    pub to: RegionId,
    pub phase: Phase,
    pub cancellable: bool,
    /// The line it waits in, which also names the slots it holds.
    pub(super) line: u32,
    pub(super) in_line: Links,
    /// Whether it waits outside of its line, since an outage touches it.
    pub(super) is_held_back: bool,
    /// Its place among the unfinished copies of its source image.
    pub(super) among_readers: Links,
}

/// All accepted copies that hold something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    slab: Slab<Copy>,
}

impl Copies {
    /// The id that a copy of this number will have if it is inserted next.
    pub(super) fn next_id(&self, acceptance: u64) -> CopyId {
        CopyId { acceptance, index: self.slab.next_place() }
    }

    pub(super) fn insert(&mut self, id: CopyId, copy: Copy) {
        let index = self.slab.insert(copy);
        debug_assert!(index == id.index, "it is inserted next");
    }

    /// The copy, unless it is gone.
    #[inline]
    pub fn get(&self, id: CopyId) -> Option<&Copy> {
        self.slab.get(id.index).filter(|copy| copy.rank.acceptance == id.acceptance)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: CopyId) -> Option<&mut Copy> {
        self.slab.get_mut(id.index).filter(|copy| copy.rank.acceptance == id.acceptance)
    }

    #[inline]
    pub(super) fn remove(&mut self, id: CopyId) {
        self.slab.remove(id.index);
    }

    #[inline]
    pub(super) fn at(&self, index: u32) -> &Copy {
        self.slab.get(index).expect("a list links copies that exist")
    }

    #[inline]
    pub(super) fn at_mut(&mut self, index: u32) -> &mut Copy {
        self.slab.get_mut(index).expect("a list links copies that exist")
    }

    pub fn iter(&self) -> impl Iterator<Item = (CopyId, &Copy)> {
        self.slab.iter().map(|(index, copy)| (CopyId { acceptance: copy.rank.acceptance, index }, copy))
    }
}

/// The place of a copy, or none; half as large as an `Option`, since there are four of them in each copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link(u32);

impl Link {
    /// No place: memory would be full long before.
    const NONE: Self = Self(u32::MAX);

    fn get(self) -> Option<u32> {
        (self != Self::NONE).then_some(self.0)
    }
}

impl Default for Link {
    fn default() -> Self {
        Self::NONE
    }
}

/// Neighbours in a list of copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Links {
    previous: Link,
    next: Link,
}

/// A doubly linked list through the copies themselves: any member leaves in constant time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    head: Link,
    tail: Link,
}

/// Which of a copy's links a list runs through.
pub type LinksOf = fn(&mut Copy) -> &mut Links;

impl List {
    pub fn head(&self) -> Option<u32> {
        self.head.get()
    }

    pub fn is_empty(&self) -> bool {
        self.head == Link::NONE
    }

    #[inline]
    pub(super) fn push_back(&mut self, index: u32, copies: &mut Copies, links: LinksOf) {
        *links(copies.at_mut(index)) = Links { previous: self.tail, next: Link::NONE };
        match self.tail.get() {
            Some(tail) => links(copies.at_mut(tail)).next = Link(index),
            None => self.head = Link(index),
        }
        self.tail = Link(index);
    }

    #[inline]
    pub(super) fn remove(&mut self, index: u32, copies: &mut Copies, links: LinksOf) {
        let Links { previous, next } = std::mem::take(links(copies.at_mut(index)));
        match previous.get() {
            Some(previous) => links(copies.at_mut(previous)).next = next,
            None => self.head = next,
        }
        match next.get() {
            Some(next) => links(copies.at_mut(next)).previous = previous,
            None => self.tail = previous,
        }
    }

    /// The members, first to last.
    pub(super) fn iter<'a>(
        &self,
        copies: &'a Copies,
        links: fn(&Copy) -> Links,
    ) -> impl Iterator<Item = (CopyId, &'a Copy)> {
        let mut next = self.head;
        std::iter::from_fn(move || {
            let index = next.get()?;
            let copy = copies.at(index);
            next = links(copy).next;
            Some((CopyId { acceptance: copy.rank.acceptance, index }, copy))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_copy_takes_little_memory() {
        assert!(size_of::<Option<Copy>>() <= 88, "{} bytes", size_of::<Option<Copy>>());
    }
}
