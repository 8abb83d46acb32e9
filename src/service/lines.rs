//! Waiting lists, and the order of their heads.

use std::collections::BTreeMap;

use super::copies::{Copies, List};
use super::queue::{QueueOrder, QueueRank};

/// The copies that wait for the same slots, in queue order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Indices of its slot keys: one, or two different ones.
    pub keys: (u32, Option<u32>),
    pub waiting: Waiting,
    /// Where its head is listed, and at which position there.
    pub listed: Listed,
    position: u32,
}

impl Line {
    pub fn new(keys: (u32, Option<u32>), order: QueueOrder) -> Self {
        Self { keys, waiting: Waiting::new(order), listed: Listed::Nowhere, position: 0 }
    }

    pub fn keys(&self) -> impl Iterator<Item = usize> + use<> {
        std::iter::once(self.keys.0).chain(self.keys.1).map(|key| key as usize)
    }
}

/// Where the head of a line is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    Nowhere,
    /// Among those that may be able to start.
    Candidate,
    /// At this slot key, where it was found to lack a slot.
    Parked(u32),
}

/// The copies of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    ByAcceptance(List),
    /// Those of each key by acceptance. Keys without copies are left out.
    ByKey(BTreeMap<u64, List>),
}

impl Waiting {
    fn new(order: QueueOrder) -> Self {
        match order {
            QueueOrder::Fifo => Self::ByAcceptance(List::default()),
            QueueOrder::Priority | QueueOrder::ShortestFirst => Self::ByKey(BTreeMap::new()),
        }
    }

    /// The place in memory of the first copy.
    #[inline]
    pub fn head(&self) -> Option<u32> {
        match self {
            Self::ByAcceptance(list) => list.head(),
            Self::ByKey(lists) => lists.first_key_value().and_then(|(_, list)| list.head()),
        }
    }

    /// Puts in the copy that was accepted last.
    #[inline(always)]
    pub fn insert(&mut self, index: u32, copies: &mut Copies) {
        let list = match self {
            Self::ByAcceptance(list) => list,
            Self::ByKey(lists) => lists.entry(copies.at(index).rank.key).or_default(),
        };
        list.push_back(index, copies, |copy| &mut copy.in_line);
    }

    /// Puts in copies that were accepted at any time.
    pub fn insert_all(&mut self, mut more: Vec<u32>, copies: &mut Copies) {
        let lists: Vec<&List> = match &*self {
            Self::ByAcceptance(list) => vec![list],
            Self::ByKey(lists) => lists.values().collect(),
        };
        let there = lists.into_iter().flat_map(|list| list.iter(copies, |copy| copy.in_line));
        let there: Vec<u32> = there.map(|(id, _)| id.index).collect();
        there.iter().for_each(|index| self.remove(*index, copies));
        more.extend(there);
        more.sort_unstable_by_key(|index| copies.at(*index).rank);
        more.into_iter().for_each(|index| self.insert(index, copies));
    }

    #[inline(always)]
    pub fn remove(&mut self, index: u32, copies: &mut Copies) {
        match self {
            Self::ByAcceptance(list) => list.remove(index, copies, |copy| &mut copy.in_line),
            Self::ByKey(lists) => {
                let key = copies.at(index).rank.key;
                let list = lists.get_mut(&key).expect("a waiting copy is in the list of its key");
                list.remove(index, copies, |copy| &mut copy.in_line);
                if list.is_empty() {
                    lists.remove(&key);
                }
            }
        }
    }

    /// The ranks of the copies, first to last.
    pub fn ranks(&self, copies: &Copies) -> Vec<QueueRank> {
        let lists: Vec<&List> = match self {
            Self::ByAcceptance(list) => vec![list],
            Self::ByKey(lists) => lists.values().collect(),
        };
        let copies = lists.into_iter().flat_map(|list| list.iter(copies, |copy| copy.in_line));
        copies.map(|(_, copy)| copy.rank).collect()
    }
}

/// The head of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Head {
    pub rank: QueueRank,
    pub line: u32,
    /// The copy's place in memory.
    pub copy: u32,
}

/// Heads of lines, the first in queue order on top: a binary heap in which each line knows its position,
/// so that it can be taken out from anywhere and nothing outdated piles up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heads(Vec<Head>);

impl Heads {
    #[inline]
    pub fn first(&self) -> Option<Head> {
        self.0.first().copied()
    }

    #[inline(always)]
    pub fn insert(&mut self, head: Head, lines: &mut [Line]) {
        self.0.push(head);
        self.rise(self.0.len() - 1, head, lines);
    }

    /// Takes out the head of a line that is listed here. Down to the bottom the first of those below move up
    /// into the gap, and the last one rises from there: it mostly belongs there.
    pub fn remove(&mut self, line: u32, lines: &mut [Line]) {
        let mut gap = lines[line as usize].position as usize;
        let last = self.0.pop().expect("a listed line has a head");
        let length = self.0.len();
        if gap == length {
            return;
        }
        while 2 * gap + 1 < length {
            let (left, right) = (2 * gap + 1, (2 * gap + 2).min(length - 1));
            let first = if self.0[right].rank < self.0[left].rank { right } else { left };
            self.put(gap, self.0[first], lines);
            gap = first;
        }
        self.rise(gap, last, lines);
    }

    /// Whether this head is listed where its line says.
    pub fn has(&self, head: Head, lines: &[Line]) -> bool {
        self.0.get(lines[head.line as usize].position as usize) == Some(&head)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Head> {
        self.0.iter()
    }

    /// Puts a head at a position or above it, where those that come after it give way.
    #[inline(always)]
    fn rise(&mut self, mut position: usize, head: Head, lines: &mut [Line]) {
        while position > 0 {
            let parent = (position - 1) / 2;
            if self.0[parent].rank < head.rank {
                break;
            }
            self.put(position, self.0[parent], lines);
            position = parent;
        }
        self.put(position, head, lines);
    }

    fn put(&mut self, position: usize, head: Head, lines: &mut [Line]) {
        self.0[position] = head;
        lines[head.line as usize].position = u32::try_from(position).expect("fewer than 2^32 lines");
    }
}
