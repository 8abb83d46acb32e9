//! The cap and the queue: who holds slots, who waits, and who starts next (R2.1-R2.4).
//!
//! A [`Slot`] counts what one key (a region or an ordered pair, of one account or of all) holds. A
//! [`Line`] is the waiting list of the copies with the same set of keys. All lines together are one
//! waiting list in queue order; `starts` finds the next copy that can start. Each key has a line of its own,
//! for the copies that need no slot of another key, and they share a number.

mod audit;
mod starts;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::copies::{Copies, Copy};
use super::lines::{Head, Heads, Line};
use super::queue::QueueOrder;
use super::settings::{CapScope, Settings};
use crate::ids::{AccountId, CopyId, RegionId};

/// What slots belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotKey {
    /// None where all accounts share the slots.
    pub account: Option<AccountId>,
    pub place: SlotPlace,
}

/// The region or pair part of a [`SlotKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotPlace {
    Region(RegionId),
    Pair(RegionId, RegionId),
}

impl SlotKey {
    /// The keys of a copy by the scope (R2.3): one, or two different ones.
    pub fn of_copy(
        scope: CapScope,
        account: Option<AccountId>,
        from: RegionId,
        to: RegionId,
    ) -> (Self, Option<Self>) {
        let region = |region| Self { account, place: SlotPlace::Region(region) };
        match scope {
            CapScope::Source => (region(from), None),
            CapScope::Destination => (region(to), None),
            CapScope::Both if from == to => (region(from), None),
            CapScope::Both => (region(from), Some(region(to))),
            CapScope::Pair => (Self { account, place: SlotPlace::Pair(from, to) }, None),
        }
    }
}

/// The counts of one slot key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub key: SlotKey,
    pub cap: u32,
    /// Slots held by running copies.
    pub running: u32,
    /// Slots held by cancelled copies that still drain.
    pub draining: u32,
    /// Copies that wait for a slot of this key.
    pub waiting: u32,
    /// Heads of lines that were found to lack a slot here.
    parked: Heads,
    /// Heads of all lines, where only the first of them can start; else empty.
    heads: BTreeSet<Head>,
    touched: bool,
}

impl Slot {
    /// Slots held, by running and by draining copies (R2.3).
    pub fn held(&self) -> u32 {
        self.running + self.draining
    }

    /// Whether a change of this region's cap changes the cap of this key.
    pub fn follows(&self, region: RegionId, settings: &Settings) -> bool {
        match self.key.place {
            SlotPlace::Region(of) => of == region,
            SlotPlace::Pair(from, to) => from == region && !settings.pair_caps.contains_key(&(from, to)),
        }
    }

    fn has_free(&self) -> bool {
        self.held() < self.cap
    }
}

/// All slot keys and lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slots {
    scope: CapScope,
    per_account: bool,
    queue: QueueOrder,
    /// Whether copies may need a slot at each of two keys. If not, no key has another line than its own.
    has_double_lines: bool,
    /// Whether lines hold each other up: those of a key, so there must be several of them.
    head_of_line_blocking: bool,
    regions: u32,
    slots: Vec<Slot>,
    /// Places of pair keys, made when a pair is first used.
    pairs: FxHashMap<SlotKey, u32>,
    lines: Vec<Line>,
    /// Places of lines with more than one key.
    double_lines: FxHashMap<(u32, u32), u32>,
    /// Heads that may be able to start.
    candidates: Heads,
    touched: Vec<u32>,
    waiting: u64,
    running: u64,
}

impl Slots {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut slots = Self {
            scope: settings.cap_scope,
            per_account: settings.cap_per_account,
            queue: settings.queue,
            has_double_lines: settings.cap_scope.has_two_keys(),
            head_of_line_blocking: settings.head_of_line_blocking && settings.cap_scope.has_two_keys(),
            regions: settings.regions(),
            slots: Vec::new(),
            pairs: FxHashMap::default(),
            lines: Vec::new(),
            double_lines: FxHashMap::default(),
            candidates: Heads::default(),
            touched: Vec::new(),
            waiting: 0,
            running: 0,
        };
        if settings.cap_scope != CapScope::Pair {
            let accounts = if settings.cap_per_account { settings.accounts } else { 1 };
            for account in 0..accounts {
                for (region, cap) in (0..).zip(&settings.caps) {
                    let account = settings.cap_per_account.then_some(AccountId(account));
                    slots.add(SlotKey { account, place: SlotPlace::Region(RegionId(region)) }, *cap);
                }
            }
        }
        slots
    }

    /// Adds a key with a line of its own.
    fn add(&mut self, key: SlotKey, cap: u32) -> u32 {
        let index = u32::try_from(self.slots.len()).expect("fewer than 2^32 slot keys");
        let line = self.add_line((index, None));
        debug_assert!(line == index, "all keys that can share lines exist from the start");
        self.slots.push(Slot {
            key,
            cap,
            running: 0,
            draining: 0,
            waiting: 0,
            parked: Heads::default(),
            heads: BTreeSet::new(),
            touched: false,
        });
        index
    }

    fn add_line(&mut self, keys: (u32, Option<u32>)) -> u32 {
        let line = u32::try_from(self.lines.len()).expect("fewer than 2^32 lines");
        self.lines.push(Line::new(keys, self.queue));
        line
    }

    /// The keys of a copy by the scope (R2.3): one, or two different ones.
    #[inline]
    fn keys_of(&self, account: AccountId, from: RegionId, to: RegionId) -> (SlotKey, Option<SlotKey>) {
        let account = self.per_account.then_some(account);
        SlotKey::of_copy(self.scope, account, from, to)
    }

    #[inline]
    fn index_of(&self, key: SlotKey) -> Option<u32> {
        match key.place {
            SlotPlace::Region(region) => Some(self.index_of_region(key.account, region)),
            SlotPlace::Pair(..) => self.pairs.get(&key).copied(),
        }
    }

    fn index_of_region(&self, account: Option<AccountId>, region: RegionId) -> u32 {
        account.map_or(0, |account| account.0) * self.regions + region.0
    }

    /// The first of the copy's keys at which slots held and copies waiting reach the cap and `max_queue`
    /// together (R2.5), with the counts there.
    pub(super) fn over_limit(
        &self,
        account: AccountId,
        from: RegionId,
        to: RegionId,
        max_queue: u32,
        settings: &Settings,
    ) -> Option<LimitReached> {
        let (first, second) = self.keys_of(account, from, to);
        std::iter::once(first).chain(second).find_map(|key| {
            let slot = self.index_of(key).map(|index| &self.slots[index as usize]);
            let reached = LimitReached {
                key,
                held: slot.map_or(0, Slot::held),
                waiting: slot.map_or(0, |slot| slot.waiting),
                cap: slot.map_or_else(|| current_cap(key, settings), |slot| slot.cap),
                max_queue,
            };
            let taken = u64::from(reached.held) + u64::from(reached.waiting);
            (taken >= u64::from(reached.cap) + u64::from(max_queue)).then_some(reached)
        })
    }

    /// The line of a copy, made if it is the first of its kind.
    #[inline(always)]
    pub(super) fn line_for(
        &mut self,
        account: AccountId,
        from: RegionId,
        to: RegionId,
        settings: &Settings,
    ) -> u32 {
        // These two have their keys from the start.
        let account_of_slots = self.per_account.then_some(account);
        match self.scope {
            CapScope::Source => return self.index_of_region(account_of_slots, from),
            CapScope::Destination => return self.index_of_region(account_of_slots, to),
            CapScope::Both | CapScope::Pair => {}
        }
        let (first, second) = self.keys_of(account, from, to);
        let first = match self.index_of(first) {
            Some(index) => index,
            None => {
                let index = self.add(first, current_cap(first, settings));
                self.pairs.insert(first, index);
                index
            }
        };
        let Some(second) = second.and_then(|key| self.index_of(key)) else {
            return first;
        };
        if let Some(line) = self.double_lines.get(&(first, second)) {
            return *line;
        }
        let line = self.add_line((first, Some(second)));
        self.double_lines.insert((first, second), line);
        line
    }

    /// Puts an accepted copy into its line.
    #[inline(always)]
    pub(super) fn enqueue(&mut self, id: CopyId, copies: &mut Copies) {
        let line = copies.at(id.index).line;
        self.waiting += 1;
        self.for_keys(line, |slot| slot.waiting += 1);
        if copies.at(id.index).is_held_back {
            return;
        }
        let waiting = &mut self.lines[line as usize].waiting;
        let before = waiting.head();
        waiting.insert(id.index, copies);
        let is_first = waiting.head() == Some(id.index);
        if is_first {
            self.head_changed(line, before, copies);
        }
    }

    /// Takes a waiting copy out of its line.
    #[inline]
    pub(super) fn leave_queue(&mut self, id: CopyId, copies: &mut Copies) {
        let line = copies.at(id.index).line;
        self.waiting -= 1;
        self.for_keys(line, |slot| slot.waiting -= 1);
        if !copies.at(id.index).is_held_back {
            self.leave_line(id, line, copies);
        }
    }

    /// A waiting copy steps out of its line. It goes on waiting.
    pub(super) fn hold_back(&mut self, id: CopyId, copies: &mut Copies) {
        self.leave_line(id, copies.at(id.index).line, copies);
        copies.at_mut(id.index).is_held_back = true;
    }

    /// Copies that were held back step into their lines again, each at its place in queue order.
    pub(super) fn let_back(&mut self, ids: Vec<CopyId>, copies: &mut Copies) {
        let mut by_line: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for id in ids {
            let copy = copies.at_mut(id.index);
            copy.is_held_back = false;
            by_line.entry(copy.line).or_default().push(id.index);
        }
        for (line, back) in by_line {
            let waiting = &mut self.lines[line as usize].waiting;
            let before = waiting.head();
            waiting.insert_all(back, copies);
            if waiting.head() != before {
                self.head_changed(line, before, copies);
            }
        }
    }

    /// A waiting copy takes a slot at each of its keys.
    #[inline(always)]
    pub(super) fn take(&mut self, id: CopyId, copies: &mut Copies) {
        let line = copies.at(id.index).line;
        self.waiting -= 1;
        self.running += 1;
        self.for_keys(line, |slot| {
            slot.waiting -= 1;
            slot.running += 1;
        });
        self.leave_line(id, line, copies);
    }

    #[inline(always)]
    fn leave_line(&mut self, id: CopyId, line: u32, copies: &mut Copies) {
        let waiting = &mut self.lines[line as usize].waiting;
        let was_first = waiting.head() == Some(id.index);
        waiting.remove(id.index, copies);
        if was_first {
            self.head_changed(line, Some(id.index), copies);
        }
    }

    /// A running copy gives its slots back.
    #[inline]
    pub(super) fn release_running(&mut self, line: u32, copies: &Copies) {
        self.running -= 1;
        self.for_keys(line, |slot| slot.running -= 1);
        self.freed(line, copies);
    }

    /// A running copy was cancelled and its slots begin to drain (R5.2).
    pub(super) fn begin_drain(&mut self, line: u32) {
        self.running -= 1;
        self.for_keys(line, |slot| {
            slot.running -= 1;
            slot.draining += 1;
        });
    }

    /// A draining copy gives its slots back.
    pub(super) fn release_draining(&mut self, line: u32, copies: &Copies) {
        self.for_keys(line, |slot| slot.draining -= 1);
        self.freed(line, copies);
    }

    /// The region's cap is now `cap`; a lower one never interrupts running copies (R2.2).
    pub(super) fn set_cap(&mut self, region: RegionId, cap: u32, settings: &Settings, copies: &Copies) {
        for key in (0..).take(self.slots.len()) {
            if self.slots[key as usize].follows(region, settings) {
                self.change(key, |slot| slot.cap = cap);
                self.look_at(key, copies);
            }
        }
    }

    /// The keys of a line may have free slots.
    #[inline(always)]
    fn freed(&mut self, line: u32, copies: &Copies) {
        let (first, second) = self.lines[line as usize].keys;
        self.look_at(first, copies);
        if let Some(second) = second {
            self.look_at(second, copies);
        }
    }

    /// Changes the counts of the keys of a line.
    #[inline(always)]
    fn for_keys(&mut self, line: u32, change: impl Fn(&mut Slot)) {
        let (first, second) = self.lines[line as usize].keys;
        self.change(first, &change);
        if let Some(second) = second {
            self.change(second, &change);
        }
    }

    #[inline(always)]
    fn change(&mut self, key: u32, change: impl Fn(&mut Slot)) {
        let slot = &mut self.slots[key as usize];
        change(slot);
        if !slot.touched {
            slot.touched = true;
            self.touched.push(key);
        }
    }

    /// Calls `see` with each slot key whose counts may have changed since the last call, by index.
    #[inline(always)]
    pub fn drain_touched(&mut self, mut see: impl FnMut(u32, &Slot)) {
        // Mostly there is one.
        if self.touched.len() > 1 {
            self.touched.sort_unstable();
        }
        for &index in &self.touched {
            let slot = &mut self.slots[index as usize];
            slot.touched = false;
            see(index, slot);
        }
        self.touched.clear();
    }

    /// All slot keys that exist so far.
    pub fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    /// The indices of the slot keys that a copy waits for or holds.
    #[inline]
    pub fn indices_of(&self, copy: &Copy) -> [Option<u32>; 2] {
        let (first, second) = self.lines[copy.line as usize].keys;
        [Some(first), second]
    }

    /// Copies waiting in all lines.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Copies running, draining ones not counted.
    pub fn running(&self) -> u64 {
        self.running
    }
}

fn current_cap(key: SlotKey, settings: &Settings) -> u32 {
    match key.place {
        SlotPlace::Region(region) => settings.caps[region.0 as usize],
        SlotPlace::Pair(from, to) => {
            settings.pair_caps.get(&(from, to)).copied().unwrap_or(settings.caps[from.0 as usize])
        }
    }
}

/// Why a call is over the limit (R2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitReached {
    pub key: SlotKey,
    pub held: u32,
    pub waiting: u32,
    pub cap: u32,
    pub max_queue: u32,
}
