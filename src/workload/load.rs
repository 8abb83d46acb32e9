//! The calls of a workload, one after the other in the order of their keys (R1.3, R1.4).
//!
//! Each source has one pending call in the calendar: listed entries their next member, arrivals their
//! next arrival, traces their next row; and one for each cancel that a row asks for. So memory is needed for
//! what is pending only, and no rank depends on when a call was made ready.

mod traces;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::faults::FaultDraws;
use super::handles::Handles;
use super::plan::{Entry, HandleId, ImageSource, Member, TargetEntry, Trigger, Workload};
use super::rows::OpenTrace;
use super::{ArrivalsEntry, FreshImage, RowsError};
use crate::cloud::Class;
use crate::ids::{AccountId, ImageId, Named, RegionId, RequestKey};
use crate::kernel::{Calendar, EventKey};
use crate::service::DeleteImage;
use crate::service::facts::{FaultHits, FaultOperation};
use crate::time::{SimDuration, SimTime};

/// A call that is due.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub key: RequestKey,
    pub operation: Operation,
}

/// What a due call does.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    Copy(AskCopy),
    Cancel(AskTarget),
    Delete(AskTarget),
}

/// A due CopyImage call.
#[derive(Clone, Copy, Debug)]
pub struct AskCopy {
    /// What it asks for; everything that is drawn for a request is drawn when it is made ready.
    pub member: Member,
    /// The image to put into the cloud right before the call.
    pub fresh: Option<FreshImage>,
    /// Whether this is the last call of an arrival that brought an image along.
    pub last_of_fresh: bool,
    pub image: Named<ImageId>,
    pub handle: Option<HandleId>,
    /// Whether something asks for the new image later (R10.4).
    pub keeps_product: bool,
    pub faults: FaultHits,
    /// Whether a row of a trace asks for it: see [`Load::row`].
    pub is_row: bool,
}

/// A due cancel or delete.
#[derive(Clone, Copy, Debug)]
pub struct AskTarget {
    pub account: AccountId,
    pub region: Named<RegionId>,
    pub image: Named<ImageId>,
    /// Whether nothing asks for the image after this call (R10.4).
    pub is_last: bool,
    pub faults: FaultHits,
}

/// The end of an image's retention.
#[derive(Clone, Copy, Debug)]
pub struct Expiry {
    pub call: DeleteImage,
    /// Whether something else of the scenario names the image too.
    pub is_named: bool,
}

/// Why there is no next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// A sum passed the end of simulated time (R1.1); `field` of the scenario was added last.
    BeyondTime { key: RequestKey, field: &'static str },
    /// The rows of this entry can't be had.
    Rows { entry: u32, error: RowsError },
}

/// The sources of a workload with their pending calls.
#[derive(Debug)]
pub struct Load {
    workload: Arc<Workload>,
    /// What each given image is called in the cloud.
    given: Vec<ImageId>,
    handles: Handles,
    faults: FaultDraws,
    calendar: Calendar<u32>,
    /// Deletes of images whose retention will be over, by the request that made the image. They keep no
    /// run going.
    housekeeping: Calendar<Expiry>,
    /// By entry: the image that its present arrival brought along.
    fresh: Vec<Option<ImageId>>,
    /// By entry: the trace that is being read.
    traces: BTreeMap<u32, OpenTrace>,
    horizon: Option<SimTime>,
    /// Calls after the horizon that would have been skipped there.
    skipped_beyond: u64,
}

impl Load {
    /// `given` are the cloud's ids of [`Workload::given`].
    ///
    /// # Errors
    /// When the rows of a trace can't be had.
    pub fn new(
        workload: Arc<Workload>,
        given: Vec<ImageId>,
        horizon: Option<SimTime>,
        faults: FaultDraws,
    ) -> Result<Self, LoadError> {
        let mut handles = Handles::new(workload.handles, workload.entries.len());
        let mut calendar = Calendar::default();
        let mut traces = BTreeMap::new();
        for (index, entry) in (0..).zip(&workload.entries) {
            let (class, at) = match entry {
                Entry::Copy(copy) => match &copy.trigger {
                    Trigger::At(at) if !copy.members.is_empty() => (Class::Submit, *at),
                    // Copies that are there when the run begins need no call.
                    Trigger::At(_) | Trigger::Already(_) => continue,
                    Trigger::After { handles: after, .. } => {
                        handles.wait(index, after);
                        continue;
                    }
                },
                Entry::Cancel(entry) | Entry::Delete(entry) if !entry.targets.is_empty() => {
                    (Class::Cancel, entry.at)
                }
                Entry::Cancel(_) | Entry::Delete(_) => continue,
                Entry::Arrivals(arrivals) if arrivals.has_arrival(0, arrivals.from) => {
                    (Class::Submit, arrivals.from)
                }
                Entry::Arrivals(_) => continue,
                Entry::Trace(trace) => {
                    let rows = |error| LoadError::Rows { entry: index, error };
                    let open = OpenTrace::new(trace).map_err(rows)?;
                    let first = open.next_at();
                    traces.insert(index, open);
                    let Some(at) = first else { continue };
                    (Class::Submit, at)
                }
            };
            calendar.push(key_of(at, class, index, 0), index);
        }
        let fresh = vec![None; workload.entries.len()];
        let housekeeping = Calendar::default();
        let skipped_beyond = 0;
        Ok(Self {
            workload,
            given,
            handles,
            faults,
            calendar,
            housekeeping,
            fresh,
            traces,
            horizon,
            skipped_beyond,
        })
    }

    /// The key of the next call.
    pub fn peek(&self) -> Option<EventKey> {
        self.calendar.peek().map(|(key, _)| key)
    }

    /// The next call, and makes the one after it ready.
    ///
    /// # Errors
    /// When the time of a following arrival lies beyond the end of time, and when a row can't be had.
    pub fn take(&mut self) -> Result<Option<Ask>, LoadError> {
        let Some((key, entry)) = self.calendar.peek().map(|(key, entry)| (key, *entry)) else {
            return Ok(None);
        };
        let workload = Arc::clone(&self.workload);
        let request = request_of(key);
        let operation = match &workload.entries[entry as usize] {
            Entry::Copy(copy) => {
                self.next_in_entry(key, entry, copy.members.len());
                let member = &copy.members[request.number() as usize];
                let faults = self.faults.hits(request, FaultOperation::CopyImage);
                Operation::Copy(AskCopy { faults, ..self.listed_copy(member) })
            }
            Entry::Cancel(cancel) => {
                let faults = self.faults.hits(request, FaultOperation::CancelCopyImage);
                Operation::Cancel(AskTarget { faults, ..self.target(key, entry, cancel) })
            }
            Entry::Delete(delete) => Operation::Delete(self.target(key, entry, delete)),
            Entry::Arrivals(arrivals) => {
                let ask = self.arrival(entry, arrivals, request.number());
                self.next_arrival(key, entry, arrivals)?;
                let faults = self.faults.hits(request, FaultOperation::CopyImage);
                Operation::Copy(AskCopy { faults, ..ask })
            }
            Entry::Trace(trace) => return self.take_of_trace(key, entry, trace).map(Some),
        };
        Ok(Some(Ask { key: request, operation }))
    }

    /// The image that a first call of an arrival brought along is in the cloud under this id.
    pub fn put_fresh(&mut self, key: RequestKey, image: ImageId) {
        self.fresh[key.entry() as usize] = Some(image);
    }

    /// Whether something asks for the image of a copy, beside its retention: what names its handle, or the
    /// cancel of its row.
    pub fn names(&self, key: RequestKey, handle: Option<HandleId>) -> bool {
        let is_cancelled = |trace: &OpenTrace| trace.has_cancel(key.number());
        handle.is_some() || self.traces.get(&key.entry()).is_some_and(is_cancelled)
    }

    /// A copy was accepted and has this image, which something asks for later: what names its handle, or
    /// the cancel of its row.
    pub fn accepted(&mut self, key: RequestKey, handle: Option<HandleId>, image: ImageId) {
        if let Some(handle) = handle {
            self.handles.accepted(handle, image);
        }
        if let Some(trace) = self.traces.get_mut(&key.entry()) {
            trace.accepted(key.number(), image);
        }
    }

    /// A named copy is known to be Available: calls that waited for it are planned.
    ///
    /// # Errors
    /// When a call would be planned beyond the end of time.
    pub fn available(&mut self, handle: HandleId, now: SimTime) -> Result<(), LoadError> {
        let workload = Arc::clone(&self.workload);
        for entry in self.handles.available(handle) {
            let Entry::Copy(copy) = &workload.entries[entry as usize] else { continue };
            let Trigger::After { delay, not_before, .. } = &copy.trigger else { continue };
            let ready = self.reachable(now.checked_add(*delay));
            let ready = ready.ok_or(LoadError::BeyondTime { key: key_in(entry, 0), field: "delay" })?;
            if !copy.members.is_empty() {
                self.calendar.push(key_of(ready.max(*not_before), Class::Submit, entry, 0), entry);
            }
        }
        Ok(())
    }

    /// The image of request `key` is Available, and is to be deleted when its retention is over.
    ///
    /// # Errors
    /// When that is beyond the end of time.
    pub fn retain(
        &mut self,
        key: RequestKey,
        now: SimTime,
        retention: SimDuration,
        expiry: Expiry,
    ) -> Result<(), LoadError> {
        let over = self.reachable(now.checked_add(retention));
        let over = over.ok_or(LoadError::BeyondTime { key, field: "retention" })?;
        self.housekeeping.push(EventKey::new(over, Class::Cancel.into(), key.rank()), expiry);
        Ok(())
    }

    /// The key of the next delete of an image whose retention is over. It is a call like any other, but
    /// no work that a run would go on for.
    pub fn peek_housekeeping(&self) -> Option<EventKey> {
        self.housekeeping.peek().map(|(key, _)| key)
    }

    /// The next delete of an image whose retention is over, and the request that made the image.
    pub fn take_housekeeping(&mut self) -> Option<(RequestKey, Expiry)> {
        self.housekeeping.pop().map(|(key, expiry)| (request_of(key), expiry))
    }

    /// A named copy will never be Available: gives the calls that will therefore never be made, and
    /// those that waited for these, and so on down the tree (R3.3).
    pub fn lost(&mut self, handle: HandleId) -> Vec<(RequestKey, Member)> {
        let workload = Arc::clone(&self.workload);
        let mut skipped = Vec::new();
        let mut lost = vec![handle];
        while let Some(handle) = lost.pop() {
            for entry in self.handles.lost(handle) {
                let Entry::Copy(copy) = &workload.entries[entry as usize] else { continue };
                // A call that couldn't have been made before the horizon isn't one of this run.
                let is_counted = self.horizon.is_none_or(|horizon| copy.trigger.not_before() <= horizon);
                for (number, member) in (0..).zip(&copy.members) {
                    if is_counted {
                        skipped.push((key_in(entry, number), *member));
                    } else {
                        self.skipped_beyond += 1;
                    }
                    lost.extend(member.handle);
                }
            }
        }
        skipped.sort_unstable_by_key(|(key, _)| *key);
        skipped
    }

    /// Listed copies and rows whose time hadn't come by the end of the run, or that still waited for others.
    ///
    /// # Errors
    /// When the rest of a trace can't be read, or its rows aren't what they were.
    pub fn not_planned(&mut self) -> Result<u64, LoadError> {
        let mut rows = 0;
        for (entry, trace) in &mut self.traces {
            rows += trace.finish().map_err(|error| LoadError::Rows { entry: *entry, error })?;
        }
        let members = |entry: u32| match &self.workload.entries[entry as usize] {
            Entry::Copy(copy) => copy.members.len() as u64,
            _ => 0,
        };
        let later =
            self.calendar.iter().map(|(key, entry)| members(*entry).saturating_sub(request_of(key).number()));
        let waiting = self.handles.still_waiting().map(members);
        Ok(later.sum::<u64>() + waiting.sum::<u64>() + self.skipped_beyond + rows)
    }

    /// A time that couldn't be added up; none when it matters, which it doesn't beyond the horizon.
    fn reachable(&self, time: Option<SimTime>) -> Option<SimTime> {
        let is_cut_off = self.horizon.is_some_and(|horizon| horizon < SimTime::MAX);
        time.or(is_cut_off.then_some(SimTime::MAX))
    }

    fn next_in_entry(&mut self, key: EventKey, entry: u32, length: usize) {
        let number = request_of(key).number() + 1;
        if number < length as u64 {
            self.calendar.postpone(key_of(key.at, class_of(key), entry, number));
        } else {
            self.calendar.pop();
        }
    }

    fn next_arrival(&mut self, key: EventKey, entry: u32, arrivals: &ArrivalsEntry) -> Result<(), LoadError> {
        let (arrival, call) = arrivals.arrival_of(request_of(key).number());
        if call + 1 < arrivals.members(arrival).len() as u64 {
            self.calendar.postpone(key_of(key.at, Class::Submit, entry, arrival * arrivals.width + call + 1));
            return Ok(());
        }
        let arrival = arrival + 1;
        let at = arrivals.process.next_after(key.at);
        // Without a sum, the end of time stands in for it: an `until` ends the stream before that.
        if !arrivals.has_arrival(arrival, at.unwrap_or(SimTime::MAX)) {
            self.calendar.pop();
            return Ok(());
        }
        let at = self.reachable(at);
        let at = at.ok_or(LoadError::BeyondTime { key: request_of(key), field: arrivals.process.field() })?;
        self.calendar.postpone(key_of(at, Class::Submit, entry, arrival * arrivals.width));
        Ok(())
    }

    /// The call of a listed copy.
    pub fn listed_copy(&self, member: &Member) -> AskCopy {
        let image = self.image(member.image, None);
        AskCopy {
            member: *member,
            fresh: None,
            last_of_fresh: false,
            image,
            handle: member.handle,
            keeps_product: member.handle.is_some() || member.retention.is_some(),
            faults: FaultHits::default(),
            is_row: false,
        }
    }

    fn arrival(&self, entry: u32, arrivals: &ArrivalsEntry, number: u64) -> AskCopy {
        let (arrival, call) = arrivals.arrival_of(number);
        let members = arrivals.members(arrival);
        let named = arrivals.named.binary_search_by_key(&number, |(number, _)| *number);
        let member = members[call as usize];
        AskCopy {
            member,
            fresh: arrivals.fresh.filter(|_| call == 0),
            last_of_fresh: arrivals.fresh.is_some() && call + 1 == members.len() as u64,
            image: self.image(member.image, self.fresh[entry as usize]),
            handle: named.ok().map(|place| arrivals.named[place].1),
            keeps_product: named.is_ok() || member.retention.is_some(),
            faults: FaultHits::default(),
            is_row: false,
        }
    }

    fn target(&mut self, key: EventKey, entry: u32, plan: &TargetEntry) -> AskTarget {
        self.next_in_entry(key, entry, plan.targets.len());
        let target = plan.targets[request_of(key).number() as usize];
        let image = self.image(target.image, None);
        let faults = FaultHits::default();
        AskTarget { account: target.account, region: target.region, image, is_last: false, faults }
    }

    fn image(&self, source: ImageSource, fresh: Option<ImageId>) -> Named<ImageId> {
        let id = match source {
            ImageSource::Given(place) => self.given.get(place as usize).copied(),
            ImageSource::Product(handle) => self.handles.image(handle),
            ImageSource::Literal => None,
            ImageSource::Fresh => fresh,
        };
        id.map_or(Named::Unknown, Named::Known)
    }
}

impl ArrivalsEntry {
    fn has_arrival(&self, arrival: u64, at: SimTime) -> bool {
        self.count.is_none_or(|count| arrival < count)
            && self.until.is_none_or(|until| at < until)
            && self.width > 0
            && (arrival + 1).saturating_mul(self.width) < RequestKey::MAX_NUMBERS
    }
}

fn key_in(entry: u32, number: u64) -> RequestKey {
    RequestKey::new(entry, number).expect("entries and numbers are limited when the scenario is read")
}

fn key_of(at: SimTime, class: Class, entry: u32, number: u64) -> EventKey {
    EventKey::new(at, class.into(), key_in(entry, number).rank())
}

fn request_of(key: EventKey) -> RequestKey {
    RequestKey::from_rank(key.rank())
}

fn class_of(key: EventKey) -> Class {
    if key.class() == u8::from(Class::Cancel) { Class::Cancel } else { Class::Submit }
}
