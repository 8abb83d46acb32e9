//! The calendar: the pending events, smallest key first.
//!
//! An event's key says what it is (time, class, rank), never when it was put in, so the order in which
//! a program happens to schedule things can't change a run (R1.3, R1.4). Keys of one calendar are
//! unique by construction of the ranks, but for outdated events: of equal keys any comes first.
//!
//! An event that has become outdated is recognised by its owner when it reaches the top and dropped there, without
//! moving the clock; or before, together with many others.

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
    #[inline]
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
        keys.into_iter().flatten().min()
    }

    /// Whether `key` comes before `other`; no key comes after all others.
    #[inline]
    pub fn comes_before(key: Option<Self>, other: Option<Self>) -> bool {
        // No key wraps round to the largest number.
        let number = |key: Option<Self>| key.map_or(0, |key| key.0.get()).wrapping_sub(1);
        number(key) < number(other)
    }

    #[inline]
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

/// Pending events with what they carry, given back by ascending key: a binary heap, the smallest key on top.
///
/// An event that is taken leaves a gap at the top. Mostly a following one is put in soon, which then sinks from
/// there: half the work of closing the gap and letting it rise from the bottom.
#[derive(Clone, Debug)]
pub struct Calendar<T> {
    entries: Vec<Entry<T>>,
    /// Whether the top was taken.
    has_gap: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry<T> {
    key: EventKey,
    what: T,
}

impl<T> Default for Calendar<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), has_gap: false }
    }
}

impl<T: Copy> Calendar<T> {
    #[inline]
    pub fn push(&mut self, key: EventKey, what: T) {
        let entry = Entry { key, what };
        if self.has_gap {
            self.has_gap = false;
            self.sink(entry);
        } else {
            self.entries.push(entry);
            self.rise();
        }
    }

    /// The next event, left in the calendar.
    #[inline]
    pub fn peek(&self) -> Option<(EventKey, &T)> {
        let next = if self.has_gap {
            match (self.entries.get(1), self.entries.get(2)) {
                (Some(left), Some(right)) if right.key < left.key => Some(right),
                (left, _) => left,
            }
        } else {
            self.entries.first()
        };
        next.map(|entry| (entry.key, &entry.what))
    }

    #[inline]
    pub fn pop(&mut self) -> Option<(EventKey, T)> {
        self.close_gap();
        let next = self.entries.first()?;
        self.has_gap = true;
        Some((next.key, next.what))
    }

    /// Gives the next event, if there is one, another key.
    #[inline]
    pub fn postpone(&mut self, key: EventKey) {
        if let Some((_, what)) = self.pop() {
            self.push(key, what);
        }
    }

    /// How many events are pending, outdated ones too.
    pub fn pending(&self) -> usize {
        self.entries.len() - usize::from(self.has_gap)
    }

    /// Keeps these events only.
    pub fn retain(&mut self, mut is_kept: impl FnMut(EventKey, &T) -> bool) {
        self.close_gap();
        self.entries.retain(|entry| is_kept(entry.key, &entry.what));
        // Any ascending list is a heap.
        self.entries.sort_unstable_by_key(|entry| entry.key);
    }

    /// All pending events, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (EventKey, &T)> {
        self.entries.iter().skip(usize::from(self.has_gap)).map(|entry| (entry.key, &entry.what))
    }

    #[inline]
    fn close_gap(&mut self) {
        if self.has_gap {
            self.has_gap = false;
            let last = self.entries.pop();
            if let Some(last) = last.filter(|_| !self.entries.is_empty()) {
                self.sink(last);
            }
        }
    }

    /// Puts an entry into the gap at the top, or below it where smaller ones move up.
    fn sink(&mut self, entry: Entry<T>) {
        let entries = &mut self.entries[..];
        let mut place = 0;
        loop {
            let left = 2 * place + 1;
            let Some(first) = entries.get(left) else { break };
            let is_right = entries.get(left + 1).is_some_and(|right| right.key < first.key);
            let child = left + usize::from(is_right);
            if entry.key < entries[child].key {
                break;
            }
            entries[place] = entries[child];
            place = child;
        }
        entries[place] = entry;
    }

    /// The last entry moves up to its place.
    fn rise(&mut self) {
        let mut place = self.entries.len() - 1;
        let entry = self.entries[place];
        while place > 0 {
            let parent = (place - 1) / 2;
            if self.entries[parent].key < entry.key {
                break;
            }
            self.entries[place] = self.entries[parent];
            place = parent;
        }
        self.entries[place] = entry;
    }
}

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
    fn no_key_takes_no_room() {
        assert_eq!(size_of::<Option<EventKey>>(), size_of::<EventKey>());
    }

    #[test]
    fn no_key_comes_after_all_others() {
        let (early, late) = (Some(key(1, 7, 9)), Some(key(2, 1, 5)));
        let before = EventKey::comes_before;
        assert!(before(early, late) && !before(late, early) && !before(early, early));
        assert!(before(late, None) && !before(None, late) && !before(None, None));
        assert_eq!(EventKey::first_of([None, late, early, None]), early);
        assert_eq!(EventKey::first_of([None, None]), None);
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
        /// Whatever is put in, taken, postponed and dropped, the smallest key comes next.
        #[test]
        fn the_smallest_key_is_always_next(steps in prop::collection::vec((0_u8..8, 0_u64..50), 0..200)) {
            let mut calendar = Calendar::default();
            let mut expected = std::collections::BTreeMap::new();
            for (number, (step, at)) in (0_u64..).zip(steps) {
                // Keys are unique.
                let key = key(at, 1, number);
                match step {
                    0..4 => {
                        calendar.push(key, number);
                        expected.insert(key, number);
                    }
                    4 | 5 => prop_assert_eq!(calendar.pop(), expected.pop_first()),
                    6 => {
                        calendar.postpone(key);
                        expected.pop_first().map(|(_, what)| expected.insert(key, what));
                    }
                    _ => {
                        calendar.retain(|_, what| what % 3 > 0);
                        expected.retain(|_, what| *what % 3 > 0);
                    }
                }
                let first = expected.first_key_value().map(|(key, what)| (*key, what));
                prop_assert_eq!(calendar.peek(), first);
                prop_assert_eq!(calendar.pending(), expected.len());
                let mut all: Vec<_> = calendar.iter().map(|(key, what)| (key, *what)).collect();
                all.sort_unstable();
                prop_assert_eq!(all, expected.iter().map(|(key, what)| (*key, *what)).collect::<Vec<_>>());
            }
        }

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
