//! Who watches a run. Observers are static generics: what isn't watched costs nothing.

use super::{Broken, RunEnd};
use crate::ids::RequestKey;
use crate::records::{CopyRecord, History, SlotLevels};
use crate::service::SlotKey;
use crate::time::SimTime;
use crate::transfer::{LinkId, LinkLevels};
use crate::workload::Row;

/// Watches a run; every method does nothing unless it is written.
pub trait Observer {
    /// The run begins with these slot keys and caps; later calls name a key by its place here.
    fn begin(&mut self, _slots: &[(SlotKey, u32)]) {}

    /// A row of a trace is about to be called; its key stands for it from here on.
    fn planned(&mut self, _key: RequestKey, _row: &Row) {}

    /// Something happened. Within an instant, calls come in the order of events.
    fn happened(&mut self, _at: SimTime, _what: &History) {}

    /// The counts of a slot key at the moment when the clock moves on from `at` (R1.5).
    fn settled(&mut self, _at: SimTime, _slot: u32, _levels: SlotLevels) {}

    /// What is used of a shared link from `at` on (R4.2).
    fn shared(&mut self, _at: SimTime, _link: LinkId, _levels: LinkLevels) {}

    /// A request closed; at the end of the run, those that are unfinished follow (R9.6).
    fn closed(&mut self, _at: SimTime, _record: &CopyRecord) {}

    /// The run is over and every record was given.
    fn end(&mut self, _end: &RunEnd) {}

    /// An invariant that this observer found broken.
    fn broken(&mut self) -> Option<Broken> {
        None
    }
}

/// Watches nothing.
impl Observer for () {}

/// Both watch.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn begin(&mut self, slots: &[(SlotKey, u32)]) {
        self.0.begin(slots);
        self.1.begin(slots);
    }

    fn planned(&mut self, key: RequestKey, row: &Row) {
        self.0.planned(key, row);
        self.1.planned(key, row);
    }

    fn happened(&mut self, at: SimTime, what: &History) {
        self.0.happened(at, what);
        self.1.happened(at, what);
    }

    fn settled(&mut self, at: SimTime, slot: u32, levels: SlotLevels) {
        self.0.settled(at, slot, levels);
        self.1.settled(at, slot, levels);
    }

    fn shared(&mut self, at: SimTime, link: LinkId, levels: LinkLevels) {
        self.0.shared(at, link, levels);
        self.1.shared(at, link, levels);
    }

    fn closed(&mut self, at: SimTime, record: &CopyRecord) {
        self.0.closed(at, record);
        self.1.closed(at, record);
    }

    fn end(&mut self, end: &RunEnd) {
        self.0.end(end);
        self.1.end(end);
    }

    fn broken(&mut self) -> Option<Broken> {
        self.0.broken().or_else(|| self.1.broken())
    }
}

/// A borrowed observer watches too.
impl<A: Observer> Observer for &mut A {
    fn begin(&mut self, slots: &[(SlotKey, u32)]) {
        (**self).begin(slots);
    }

    fn planned(&mut self, key: RequestKey, row: &Row) {
        (**self).planned(key, row);
    }

    fn happened(&mut self, at: SimTime, what: &History) {
        (**self).happened(at, what);
    }

    fn settled(&mut self, at: SimTime, slot: u32, levels: SlotLevels) {
        (**self).settled(at, slot, levels);
    }

    fn shared(&mut self, at: SimTime, link: LinkId, levels: LinkLevels) {
        (**self).shared(at, link, levels);
    }

    fn closed(&mut self, at: SimTime, record: &CopyRecord) {
        (**self).closed(at, record);
    }

    fn end(&mut self, end: &RunEnd) {
        (**self).end(end);
    }

    fn broken(&mut self) -> Option<Broken> {
        (**self).broken()
    }
}
