//! The calendar: the pending events, smallest key first.
//!
//! An event's key says what it is (time, class, rank), never when it was put in, so the order in which
//! a program happens to schedule things can't change a run (R1.3, R1.4). Keys of one calendar are
//! unique by construction of the ranks.
//!
//! Nothing is ever removed from the middle. An event that has become outdated is recognised by its
//! owner when it reaches the top and dropped there, without moving the clock.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fmt;
use std::num::NonZeroU128;

use crate::time::SimTime;

/// When and in which order an event is handled: time, then class, then rank inside the class.
///
/// All three in one number, which is compared without a branch; a class is above 0, so that no key takes no room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey(NonZeroU128);

impl EventKey {
    const CLASS_BITS: u32 = 4;
    const RANK_BITS: u32 = 60;

    /// A key; `rank` must fit into 60 bits and `class` be from 1 to 15.
    pub fn new(at: SimTime, class: u8, rank: u64) -> Self {
        debug_assert!(
            rank < 1 << Self::RANK_BITS && class < 1 << Self::CLASS_BITS,
            "a rank or class that doesn't fit"
        );
        let class_and_rank = u64::from(class) << Self::RANK_BITS | rank;
        let key = u128::from(at.micros()) << u64::BITS | u128::from(class_and_rank);
        Self(NonZeroU128::new(key).expect("a class is above 0"))
    }

    /// The earliest of these.
    pub fn first_of<const N: usize>(keys: [Option<Self>; N]) -> Option<Self> {
        // No key wraps round to the largest number.
        let numbers = keys.map(|key| key.map_or(0, |key| key.0.get()).wrapping_sub(1));
        let first = numbers.into_iter().fold(u128::MAX, u128::min);
        NonZeroU128::new(first.wrapping_add(1)).map(Self)
    }

    pub fn at(self) -> SimTime {
        SimTime::from_micros((self.0.get() >> u64::BITS) as u64).unwrap_or(SimTime::MAX)
    }

    pub fn class(self) -> u8 {
        (self.class_and_rank() >> Self::RANK_BITS) as u8
    }

    pub fn rank(self) -> u64 {
        self.class_and_rank() & ((1 << Self::RANK_BITS) - 1)
    }

    fn class_and_rank(self) -> u64 {
        self.0.get() as u64
    }
}

impl fmt::Debug for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventKey({:?}, {}, {})", self.at(), self.class(), self.rank())
    }
}

/// Pending events with what they carry, given back by ascending key.
#[derive(Clone, Debug)]
pub struct Calendar<T> {
    heap: BinaryHeap<Entry<T>>,
}

impl<T> Default for Calendar<T> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new() }
    }
}

impl<T> Calendar<T> {
    pub fn push(&mut self, key: EventKey, what: T) {
        self.heap.push(Entry { key, what });
    }

    /// The next event, left in the calendar.
    pub fn peek(&self) -> Option<(EventKey, &T)> {
        self.heap.peek().map(|entry| (entry.key, &entry.what))
    }

    pub fn pop(&mut self) -> Option<(EventKey, T)> {
        self.heap.pop().map(|entry| (entry.key, entry.what))
    }

    /// Gives the next event a later key: cheaper than taking it out and putting it back.
    pub fn postpone(&mut self, key: EventKey) {
        if let Some(mut top) = self.heap.peek_mut() {
            top.key = key;
        }
    }

    /// How many events are pending, outdated ones too.
    pub fn pending(&self) -> usize {
        self.heap.len()
    }

    /// Keeps these events only.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&T) -> bool) {
        self.heap.retain(|entry| is_kept(&entry.what));
    }

    /// All pending events, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (EventKey, &T)> {
        self.heap.iter().map(|entry| (entry.key, &entry.what))
    }
}

#[derive(Clone, Debug)]
struct Entry<T> {
    key: EventKey,
    what: T,
}

impl<T> Ord for Entry<T> {
    /// Reversed, since the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }

    // The heap asks for these two: one comparison is enough.
    fn le(&self, other: &Self) -> bool {
        other.key <= self.key
    }

    fn lt(&self, other: &Self) -> bool {
        other.key < self.key
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<T> Eq for Entry<T> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(at: u64, class: u8, rank: u64) -> EventKey {
        EventKey::new(SimTime::from_micros(at).unwrap(), class, rank)
    }

    fn drain(mut calendar: Calendar<u32>) -> Vec<(EventKey, u32)> {
        std::iter::from_fn(|| calendar.pop()).collect()
    }

    #[test]
    fn r1_3_time_before_class_before_rank() {
        let mut calendar = Calendar::default();
        let ordered = [key(1, 7, 9), key(2, 1, 5), key(2, 1, 6), key(2, 4, 0), key(3, 1, 0)];
        for (what, key) in ordered.iter().enumerate().rev() {
            calendar.push(*key, what as u32);
        }
        assert_eq!(drain(calendar).iter().map(|(_, what)| *what).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!((ordered[1].class(), ordered[1].rank()), (1, 5));
    }

    #[test]
    fn postponing_the_top_lets_the_second_come_first() {
        let mut calendar = Calendar::default();
        calendar.push(key(1, 4, 0), 1);
        calendar.push(key(2, 4, 0), 2);
        calendar.postpone(key(3, 4, 0));
        assert_eq!(drain(calendar), [(key(2, 4, 0), 2), (key(3, 4, 0), 1)]);
    }

    proptest! {
        /// R1.4: however events of one instant are put in, they come out the same.
        #[test]
        fn r1_4_order_of_insertion_changes_nothing(
            events in prop::collection::btree_set((0_u64..3, 1_u8..8, 0_u64..20), 0..60),
            swaps in prop::collection::vec((0_usize..60, 0_usize..60), 0..100),
        ) {
            let mut shuffled: Vec<_> = events.iter().copied().collect();
            let count = shuffled.len().max(1);
            for (left, right) in swaps {
                if !shuffled.is_empty() {
                    shuffled.swap(left % count, right % count);
                }
            }
            let mut calendar = Calendar::default();
            for &(at, class, rank) in &shuffled {
                calendar.push(key(at, class, rank), 0);
            }
            let out: Vec<_> = drain(calendar).into_iter().map(|(key, _)| key).collect();
            let expected: Vec<_> = events.into_iter().map(|(at, class, rank)| key(at, class, rank)).collect();
            prop_assert_eq!(out, expected);
        }
    }
}
