//! Waiting lists, and their heads in order of acceptance.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::copies::List;

/// The copies that wait for the same slots, by acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Indices of its slot keys: one, or two different ones.
    pub keys: (u32, Option<u32>),
    pub waiting: List,
}

impl Line {
    pub fn keys(&self) -> impl Iterator<Item = usize> + use<> {
        std::iter::once(self.keys.0).chain(self.keys.1).map(|key| key as usize)
    }
}

/// Heads of lines by acceptance, earliest first. An entry is outdated once its line has another head.
#[derive(Clone, Debug, Default)]
pub(super) struct Heads(BinaryHeap<Reverse<(u64, u32)>>);

impl Heads {
    pub fn push(&mut self, acceptance: u64, line: u32) {
        self.0.push(Reverse((acceptance, line)));
    }

    pub fn peek(&self) -> Option<(u64, u32)> {
        self.0.peek().map(|Reverse(head)| *head)
    }

    pub fn pop(&mut self) -> Option<(u64, u32)> {
        self.0.pop().map(|Reverse(head)| head)
    }
}

impl PartialEq for Heads {
    fn eq(&self, other: &Self) -> bool {
        self.0.clone().into_sorted_vec() == other.0.clone().into_sorted_vec()
    }
}

impl Eq for Heads {}
