//! The calls of a workload, one after the other in the order of their keys (R1.3, R1.4).
//!
//! Each source has one pending call in the calendar: listed entries their next member, arrivals their
//! next arrival, traces their next row; and one for each cancel that a row asks for. So memory is needed for
//! what is pending only, and no rank depends on when a call was made ready.

mod arrivals;
mod traces;

use std::collections::BTreeMap;
use std::ops::Deref;

use self::arrivals::OpenArrivals;
use super::course::{BeyondTime, CopyDraws, Course, CoursePlan};
use super::faults::FaultDraws;
use super::handles::Handles;
use super::plan::{Entry, HandleId, ImageSource, Member, TargetEntry, Trigger, Workload};
use super::rows::OpenTrace;
use super::{FreshImage, RowsError};
use crate::cloud::Class;
use crate::ids::{AccountId, ImageId, Named, RegionId, RequestKey};
use crate::kernel::{Calendar, EventKey};
use crate::random::Seed;
use crate::service::DeleteImage;
use crate::service::facts::{FaultHits, FaultOperation};
use crate::time::{SimDuration, SimTime};

/// A call that is due.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    pub key: RequestKey,
    pub operation: Operation<'a>,
}

/// What a due call does.
#[derive(Clone, Debug)]
pub enum Operation<'a> {
    Copy(AskCopy<'a>),
    Cancel(AskTarget),
    Delete(AskTarget),
}

/// A due CopyImage call.
#[derive(Clone, Debug)]
pub struct AskCopy<'a> {
    /// What it asks for.
    pub member: MemberOf<'a>,
    /// What its copy will do: everything that is drawn for a request is drawn when it is made ready.
    pub course: Course,
    /// Its place in a queue by priority.
    pub priority: i32,
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
    /// Whether a worker of a closed loop asks for it: see [`Load::done`].
    pub is_of_loop: bool,
}

/// What a call asks for: as the scenario lists it, or as the row of a trace says it.
#[derive(Clone, Debug)]
pub enum MemberOf<'a> {
    Listed(&'a Member),
    Row(Box<Member>),
}

impl Deref for MemberOf<'_> {
    type Target = Member;

    fn deref(&self) -> &Member {
        match self {
            Self::Listed(member) => member,
            Self::Row(member) => member,
        }
    }
}

impl<'a> AskCopy<'a> {
    /// The call of a member that refers to nothing.
    fn of(member: MemberOf<'a>, course: Course) -> Self {
        Self {
            priority: member.priority,
            member,
            course,
            fresh: None,
            last_of_fresh: false,
            image: Named::Unknown,
            handle: None,
            keeps_product: false,
            faults: FaultHits::default(),
            is_row: false,
            is_of_loop: false,
        }
    }
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
    /// The calls of this entry are more than can be numbered.
    BeyondNumbers { entry: u32 },
    /// The rows of this entry can't be had.
    Rows { entry: u32, error: RowsError },
}

/// The sources of a workload with their pending calls.
#[derive(Debug)]
pub struct Load<'a> {
    workload: &'a Workload,
    /// What each given image is called in the cloud.
    given: Vec<ImageId>,
    handles: Handles,
    faults: FaultDraws<'a>,
    calendar: Calendar<u32>,
    /// Deletes of images whose retention will be over, by the request that made the image. They keep no
    /// run going.
    housekeeping: Calendar<Expiry>,
    seed: Seed,
    /// By entry: the stream that goes on.
    arrivals: Vec<Option<Box<OpenArrivals>>>,
    /// By entry of a trace: the draws of its rows.
    row_draws: BTreeMap<u32, CopyDraws>,
    /// By entry: the trace that is being read.
    traces: BTreeMap<u32, OpenTrace>,
    horizon: Option<SimTime>,
    /// Calls after the horizon that would have been skipped there.
    skipped_beyond: u64,
}

impl<'a> Load<'a> {
    /// `given` are the cloud's ids of [`Workload::given`].
    ///
    /// # Errors
    /// When the rows of a trace can't be had, or a first call lies beyond the end of time.
    pub fn new(
        workload: &'a Workload,
        seed: Seed,
        given: Vec<ImageId>,
        horizon: Option<SimTime>,
        faults: FaultDraws<'a>,
    ) -> Result<Self, LoadError> {
        let entries = workload.entries.len();
        let mut load = Self {
            handles: Handles::new(workload.handles, entries),
            given,
            faults,
            calendar: Calendar::default(),
            housekeeping: Calendar::default(),
            seed,
            arrivals: (0..entries).map(|_| None).collect(),
            row_draws: BTreeMap::new(),
            traces: BTreeMap::new(),
            horizon,
            skipped_beyond: 0,
            workload,
        };
        for (index, entry) in (0..).zip(&workload.entries) {
            if let Some((class, at, number)) = load.open(index, entry)? {
                load.calendar.push(key_of(at, class, index, number), index);
            }
        }
        Ok(load)
    }

    /// The first call of an entry, if its time is known.
    fn open(&mut self, index: u32, entry: &Entry) -> Result<Option<(Class, SimTime, u64)>, LoadError> {
        Ok(match entry {
            Entry::Copy(copy) => match &copy.trigger {
                Trigger::At(at) => (!copy.members.is_empty()).then_some((Class::Submit, *at, 0)),
                // Copies that are there when the run begins need no call.
                Trigger::Already(_) => None,
                Trigger::After { handles, .. } => {
                    self.handles.wait(index, handles);
                    None
                }
            },
            Entry::Cancel(entry) | Entry::Delete(entry) => {
                (!entry.targets.is_empty()).then_some((Class::Cancel, entry.at, 0))
            }
            Entry::Arrivals(arrivals) => {
                let first = self.open_arrivals(index, arrivals)?;
                first.map(|(at, number)| (Class::Submit, at, number))
            }
            Entry::Trace(trace) => {
                let rows = |error| LoadError::Rows { entry: index, error };
                let open = OpenTrace::new(trace).map_err(rows)?;
                let first = open.next_at();
                self.traces.insert(index, open);
                first.map(|at| (Class::Submit, at, 0))
            }
        })
    }

    /// The key of the next call.
    #[inline]
    pub fn peek(&self) -> Option<EventKey> {
        self.calendar.peek().map(|(key, _)| key)
    }

    /// The call that [`Load::peek`] announced, and makes the one after it ready.
    ///
    /// # Errors
    /// When the time of a following arrival lies beyond the end of time, and when a row can't be had.
    ///
    /// # Panics
    /// When no call was announced.
    #[inline]
    pub fn take(&mut self) -> Result<Ask<'a>, LoadError> {
        let (key, &entry) = self.calendar.peek().expect("a call was announced");
        let workload = self.workload;
        let request = request_of(key);
        let operation = match &workload.entries[entry as usize] {
            Entry::Copy(copy) => {
                self.next_in_entry(key, entry, copy.members.len());
                let member = &copy.members[request.number() as usize];
                let faults = self.faults.hits(request, FaultOperation::CopyImage);
                Operation::Copy(AskCopy { faults, ..self.listed_copy(request, member)? })
            }
            Entry::Cancel(cancel) => {
                let faults = self.faults.hits(request, FaultOperation::CancelCopyImage);
                Operation::Cancel(AskTarget { faults, ..self.target(key, entry, cancel) })
            }
            Entry::Delete(delete) => Operation::Delete(self.target(key, entry, delete)),
            Entry::Arrivals(arrivals) => return self.take_of_arrivals(key, entry, arrivals),
            Entry::Trace(trace) => return self.take_of_trace(key, entry, trace),
        };
        Ok(Ask { key: request, operation })
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
        let workload = self.workload;
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
        let workload = self.workload;
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
    pub fn reachable(&self, time: Option<SimTime>) -> Option<SimTime> {
        let is_cut_off = self.horizon.is_some_and(|horizon| horizon < SimTime::MAX);
        time.or(is_cut_off.then_some(SimTime::MAX))
    }

    fn next_in_entry(&mut self, key: EventKey, entry: u32, length: usize) {
        let number = request_of(key).number() + 1;
        if number < length as u64 {
            self.calendar.postpone(key_of(key.at(), class_of(key), entry, number));
        } else {
            self.calendar.pop();
        }
    }

    /// The call of a listed copy.
    ///
    /// # Errors
    /// When a time is drawn that is longer than simulated time.
    pub fn listed_copy<'m>(&self, key: RequestKey, member: &'m Member) -> Result<AskCopy<'m>, LoadError> {
        let draws = || {
            let source = &self.workload.draws[key.entry() as usize][key.number() as usize];
            CopyDraws::new(self.seed, source)
        };
        let course = match member.course {
            CoursePlan::Fixed(course) => course,
            CoursePlan::Drawn(plan) => {
                let beyond = |BeyondTime(field)| LoadError::BeyondTime { key, field };
                self.workload.draw_plan(plan).next(&mut draws()).map_err(beyond)?
            }
            CoursePlan::OfRow => unreachable!("only rows of traces bring their plan along"),
        };
        Ok(AskCopy {
            image: self.image(member.image, None),
            handle: member.handle,
            keeps_product: member.handle.is_some() || member.retention.is_some(),
            ..AskCopy::of(MemberOf::Listed(member), course)
        })
    }

    fn target(&mut self, key: EventKey, entry: u32, plan: &TargetEntry) -> AskTarget {
        self.next_in_entry(key, entry, plan.targets.len());
        let target = plan.targets[request_of(key).number() as usize];
        let image = self.image(target.image, None);
        let faults = FaultHits::default();
        AskTarget { account: target.account, region: target.region, image, is_last: false, faults }
    }

    /// The image that a named copy makes, as far as it is known now.
    pub fn product(&self, handle: HandleId) -> Named<ImageId> {
        self.image(ImageSource::Product(handle), None)
    }

    /// The faults that a further call of a request will meet.
    pub fn faults_of_further_call(&self, key: RequestKey, call: u32) -> FaultHits {
        self.faults.hits_of_further_call(key, call)
    }

    /// What the copy of call number `call` does, which follows one that failed: its draws are found by both numbers.
    /// None where nothing is drawn, and for the rows of traces, which do the same again.
    ///
    /// # Errors
    /// When a time is drawn that is longer than simulated time.
    pub fn course_of_further_copy(
        &self,
        ask: &AskCopy<'_>,
        key: RequestKey,
        call: u32,
    ) -> Result<Option<Course>, LoadError> {
        let CoursePlan::Drawn(plan) = ask.member.course else { return Ok(None) };
        let mut draws = CopyDraws::new(self.seed, &format!("{}/{call}", self.further_source(key)));
        let course = self.workload.draw_plan(plan).next(&mut draws);
        course.map(Some).map_err(|BeyondTime(field)| LoadError::BeyondTime { key, field })
    }

    /// See [`Workload::further_source`].
    pub fn further_source(&self, key: RequestKey) -> String {
        self.workload.further_source(key)
    }

    pub fn seed(&self) -> Seed {
        self.seed
    }

    #[inline]
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
