//! The calls of streams.

use super::{Ask, AskCopy, Load, LoadError, MemberOf, Operation, class_of, key_of, request_of};
use crate::ids::{ImageId, RequestKey};
use crate::kernel::EventKey;
use crate::quantity::Bytes;
use crate::random::{Draws, Seed};
use crate::service::facts::FaultOperation;
use crate::time::SimTime;
use crate::workload::arrivals::{NextArrival, Stream};
use crate::workload::course::{BeyondTime, CopyDraws, Course, CoursePlan};
use crate::workload::plan::{FreshImage, Member};
use crate::workload::{ArrivalsEntry, Priorities};

/// A stream that goes on.
#[derive(Debug)]
pub(super) struct OpenArrivals {
    stream: Stream,
    /// Of the images that arrivals bring along.
    sizes: Draws,
    /// By destination that each arrival copies to: draws of its copies, once there is one that needs them.
    copies: Vec<Option<CopyDraws>>,
    priorities: Draws,
    /// The image that the present arrival brought along.
    fresh: Option<ImageId>,
    /// The priority that it takes, where it is one of several.
    priority: Option<i32>,
}

impl OpenArrivals {
    /// The stream of the entry of this name.
    pub fn new(seed: Seed, name: &str) -> Self {
        let draws = |purpose| Draws::new(seed, purpose, name);
        Self {
            stream: Stream::new(seed, name),
            sizes: draws("size"),
            copies: Vec::new(),
            priorities: draws("priority"),
            fresh: None,
            priority: None,
        }
    }
}

impl<'a> Load<'a> {
    /// The first call of a stream.
    ///
    /// # Errors
    /// When it lies beyond the end of time.
    pub(super) fn open_arrivals(
        &mut self,
        entry: u32,
        arrivals: &ArrivalsEntry,
    ) -> Result<Option<(SimTime, u64)>, LoadError> {
        let mut open = Box::new(OpenArrivals::new(self.seed, &self.workload.names[entry as usize]));
        let first = open.stream.first(arrivals, self.limit(arrivals));
        self.arrivals[entry as usize] = Some(open);
        self.reached(first, entry, arrivals)
    }

    /// Tells the time and number of an arrival that comes.
    fn reached(
        &self,
        next: NextArrival,
        entry: u32,
        arrivals: &ArrivalsEntry,
    ) -> Result<Option<(SimTime, u64)>, LoadError> {
        match next {
            NextArrival::At(at, number) => Ok(Some((at, number))),
            NextArrival::Never => Ok(None),
            NextArrival::BeyondTime(arrival) => {
                let number = arrivals.numbering.number(arrival, 0, 0);
                // Beyond the horizon it matters to nobody when it comes, but it does.
                if let Some(end) = self.reachable(None) {
                    return Ok(Some((end, number)));
                }
                let key = RequestKey::new(entry, number).unwrap_or_else(|| super::key_in(entry, 0));
                Err(LoadError::BeyondTime { key, field: arrivals.process.field() })
            }
            NextArrival::BeyondNumbers => Err(LoadError::BeyondNumbers { entry }),
        }
    }

    /// What comes later than this needn't be known.
    fn limit(&self, arrivals: &ArrivalsEntry) -> SimTime {
        [arrivals.until, self.horizon].into_iter().flatten().min().unwrap_or(SimTime::MAX)
    }

    /// The next call of a stream; the one after it is made ready.
    pub(super) fn take_of_arrivals(
        &mut self,
        key: EventKey,
        entry: u32,
        arrivals: &'a ArrivalsEntry,
    ) -> Result<Ask<'a>, LoadError> {
        let request = request_of(key);
        let number = request.number();
        let numbering = arrivals.numbering;
        let (turn, call) = (numbering.turn(number), numbering.call(number));
        let calls = arrivals.turns[turn as usize].len() as u64;
        let is_first = arrivals.destination.is_some() || call == 0;
        let is_last = arrivals.destination.is_some() || call + 1 == calls;
        let member = &arrivals.turns[turn as usize][call as usize];
        let named = arrivals.named.binary_search_by_key(&number, |(number, _)| *number);
        let fresh = if is_first { self.fresh_of(entry, arrivals) } else { None };
        let beyond = |BeyondTime(field)| LoadError::BeyondTime { key: request, field };
        let course = self.course_of(member, entry, number, arrivals).map_err(beyond)?;
        let open = self.arrivals[entry as usize].as_mut().expect("a stream is open while it has calls");
        let [_, _, of_priority] = arrivals.rounds(numbering.arrival(number));
        if let Some(Priorities { of, pick }) = arrivals.priorities.as_ref().filter(|_| is_first) {
            let place = pick.place(of_priority, of.len() as u64, &mut open.priorities);
            open.priority = Some(of[place as usize]);
        }
        let (image, priority) = (open.fresh, open.priority.unwrap_or(member.priority));
        let ask = AskCopy {
            priority,
            fresh,
            last_of_fresh: arrivals.fresh.is_some() && is_last,
            image: self.image(member.image, image),
            handle: named.ok().map(|place| arrivals.named[place].1),
            keeps_product: named.is_ok() || member.retention.is_some(),
            ..AskCopy::of(MemberOf::Listed(member), course)
        };
        if is_last {
            self.next_arrival(key, entry, arrivals)?;
        } else {
            self.calendar.postpone(key_of(key.at, class_of(key), entry, number + 1));
        }
        let faults = self.faults.hits(request, FaultOperation::CopyImage);
        Ok(Ask { key: request, operation: Operation::Copy(AskCopy { faults, ..ask }) })
    }

    /// The image that a new arrival brings along.
    fn fresh_of(&mut self, entry: u32, arrivals: &ArrivalsEntry) -> Option<FreshImage> {
        let fresh = arrivals.fresh?;
        let Some(size) = &arrivals.fresh_size else { return Some(fresh) };
        let open = self.arrivals[entry as usize].as_mut()?;
        let size = size.draw(&mut open.sizes).unwrap_or(Bytes::MAX);
        Some(FreshImage { size: Some(size), ..fresh })
    }

    /// What the copy of a call does. Copies to one of several destinations share their draws; where each arrival
    /// copies to all of them, each destination has its own, so that another one changes none (R10.1).
    fn course_of(
        &mut self,
        member: &Member,
        entry: u32,
        number: u64,
        arrivals: &ArrivalsEntry,
    ) -> Result<Course, BeyondTime> {
        let plan = match member.course {
            CoursePlan::Fixed(course) => return Ok(course),
            CoursePlan::Drawn(plan) => self.workload.draw_plan(plan),
            CoursePlan::OfRow => unreachable!("only rows of traces bring their plan along"),
        };
        let slot = arrivals.draw_slot(number);
        let open = self.arrivals[entry as usize].as_mut().expect("a stream is open while it has calls");
        if open.copies.len() <= slot {
            open.copies.resize(slot + 1, None);
        }
        let source = arrivals.draw_names.get(slot).unwrap_or(&self.workload.names[entry as usize]);
        plan.next(open.copies[slot].get_or_insert_with(|| CopyDraws::new(self.seed, source)))
    }

    fn next_arrival(&mut self, key: EventKey, entry: u32, arrivals: &ArrivalsEntry) -> Result<(), LoadError> {
        let limit = self.limit(arrivals);
        let arrival = arrivals.numbering.arrival(request_of(key).number());
        let open = self.arrivals[entry as usize].as_mut().expect("a stream is open while it has calls");
        let next = open.stream.next(arrivals, arrival, key.at, limit);
        match self.reached(next, entry, arrivals)? {
            Some((at, number)) => self.calendar.postpone(key_of(at, class_of(key), entry, number)),
            None => drop(self.calendar.pop()),
        }
        Ok(())
    }

    /// The image that a first call of an arrival brought along is in the cloud under this id.
    pub fn put_fresh(&mut self, entry: u32, image: ImageId) {
        if let Some(open) = &mut self.arrivals[entry as usize] {
            open.fresh = Some(image);
        }
    }
}
