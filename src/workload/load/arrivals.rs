//! The calls of streams.

use super::{Ask, AskCopy, Load, LoadError, MemberOf, Operation, class_of, key_of, request_of};
use crate::cloud::Class;
use crate::ids::{ImageId, RequestKey};
use crate::kernel::EventKey;
use crate::quantity::Bytes;
use crate::random::{Draws, Seed};
use crate::service::facts::FaultOperation;
use crate::time::SimTime;
use crate::workload::arrivals::{NextArrival, Stream};
use crate::workload::course::{BeyondTime, CopyDraws, Course, CoursePlan};
use crate::workload::plan::{Entry, FreshImage, Member};
use crate::workload::{ArrivalsEntry, Priorities, Process};
use std::collections::BTreeMap;

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
    image: Option<ImageId>,
    /// The priority that it takes, where it is one of several.
    priority: Option<i32>,
    /// What comes later than this needn't be known.
    limit: SimTime,
    workers: Workers,
}

/// The workers of a closed loop.
#[derive(Debug)]
struct Workers {
    /// The times that they think.
    think: Draws,
    /// The number of the next arrival.
    next: u64,
    /// By arrival with several copies: how many of these its worker still waits for.
    waiting: BTreeMap<u64, u64>,
}

impl OpenArrivals {
    /// The stream of the entry of this name; what comes later than `limit` needn't be known.
    pub fn new(seed: Seed, name: &str, limit: SimTime, process: &Process) -> Self {
        let draws = |purpose| Draws::new(seed, purpose, name);
        let first = if let Process::ClosedLoop(closed) = process { closed.workers } else { 0 };
        Self {
            workers: Workers { think: draws("think"), next: first, waiting: BTreeMap::new() },
            stream: Stream::new(seed, name),
            sizes: draws("size"),
            copies: Vec::new(),
            priorities: draws("priority"),
            image: None,
            priority: None,
            limit,
        }
    }

    /// The image that a new arrival brings along.
    fn draw_fresh(&mut self, arrivals: &ArrivalsEntry) -> Option<FreshImage> {
        let fresh = arrivals.fresh?;
        let Some(size) = &arrivals.fresh_size else { return Some(fresh) };
        let size = size.draw(&mut self.sizes).unwrap_or(Bytes::MAX);
        Some(FreshImage { size: Some(size), ..fresh })
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
        let limit = [arrivals.until, self.horizon].into_iter().flatten().min().unwrap_or(SimTime::MAX);
        let mut open = Box::new(OpenArrivals::new(
            self.seed,
            &self.workload.names[entry as usize],
            limit,
            &arrivals.process,
        ));
        let first = open.stream.first(arrivals, limit);
        self.arrivals[entry as usize] = Some(open);
        self.reached(first, entry, arrivals)
    }

    /// Tells the time and number of an arrival that comes.
    #[inline]
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

    /// The next call of a stream; the one after it is made ready.
    #[inline]
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
        let members = &arrivals.turns[turn as usize];
        let member = &members[call as usize];
        let copies_to_one = arrivals.destination.is_some();
        let is_first = copies_to_one || call == 0;
        let is_last = copies_to_one || call + 1 == members.len() as u64;
        let open = self.arrivals[entry as usize].as_mut().expect("a stream is open while it has calls");
        let fresh = if is_first { open.draw_fresh(arrivals) } else { None };
        if let Some(Priorities { of, pick }) = &arrivals.priorities
            && is_first
        {
            let round = arrivals.priority_round(numbering.arrival(number));
            let place = pick.place(round, of.len() as u64, &mut open.priorities);
            open.priority = Some(of[place as usize]);
        }
        // One that comes with this call isn't there yet.
        let own_image = if fresh.is_some() { None } else { open.image };
        let priority = open.priority.unwrap_or(member.priority);
        let course = self.course_of(member, entry, number, arrivals);
        let course = course.map_err(|BeyondTime(field)| LoadError::BeyondTime { key: request, field })?;
        if is_last {
            self.next_arrival(key, entry, arrivals)?;
        } else {
            self.calendar.postpone(key_of(key.at(), class_of(key), entry, number + 1));
        }
        let handle = arrivals.handle(number);
        let image = self.image(member.image, own_image);
        let faults = self.faults.hits(request, FaultOperation::CopyImage);
        Ok(Ask {
            key: request,
            operation: Operation::Copy(AskCopy {
                member: MemberOf::Listed(member),
                course,
                priority,
                fresh,
                last_of_fresh: arrivals.fresh.is_some() && is_last,
                image,
                handle,
                keeps_product: handle.is_some() || member.retention.is_some(),
                faults,
                is_row: false,
                is_of_loop: matches!(arrivals.process, Process::ClosedLoop(_)),
            }),
        })
    }

    /// What the copy of a call does. Copies to one of several destinations share their draws; where each arrival
    /// copies to all of them, each destination has its own, so that another one changes none (R10.1).
    #[inline(always)]
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
        let draws = open.copies[slot].get_or_insert_with(|| {
            let source = arrivals.draw_names.get(slot).unwrap_or(&self.workload.names[entry as usize]);
            CopyDraws::new(self.seed, source)
        });
        plan.next(draws)
    }

    #[inline(always)]
    fn next_arrival(&mut self, key: EventKey, entry: u32, arrivals: &ArrivalsEntry) -> Result<(), LoadError> {
        let arrival = arrivals.numbering.arrival(request_of(key).number());
        let open = self.arrivals[entry as usize].as_mut().expect("a stream is open while it has calls");
        let next = open.stream.next(arrivals, arrival, key.at(), open.limit);
        match self.reached(next, entry, arrivals)? {
            Some((at, number)) => self.calendar.postpone(key_of(at, class_of(key), entry, number)),
            None => drop(self.calendar.pop()),
        }
        Ok(())
    }

    /// The client of a request is done with it. A worker of a closed loop thinks, and then asks for the next copy.
    ///
    /// # Errors
    /// When that lies beyond the end of time.
    pub fn done(&mut self, key: RequestKey, now: SimTime) -> Result<(), LoadError> {
        let workload = self.workload;
        let entry = key.entry();
        let Entry::Arrivals(arrivals) = &workload.entries[entry as usize] else { return Ok(()) };
        let Process::ClosedLoop(closed) = &arrivals.process else { return Ok(()) };
        let numbering = arrivals.numbering;
        let arrival = numbering.arrival(key.number());
        let copies = arrivals.turns[numbering.turn(key.number()) as usize].len() as u64;
        let workers = &mut self.arrivals[entry as usize].as_mut().expect("a stream has calls").workers;
        if arrivals.destination.is_none() && copies > 1 {
            let waiting = workers.waiting.entry(arrival).or_insert(copies);
            *waiting -= 1;
            if *waiting > 0 {
                return Ok(());
            }
            workers.waiting.remove(&arrival);
        }
        let next = workers.next;
        workers.next += 1;
        let think = closed.think(&mut workers.think);
        let at = self.reachable(think.and_then(|think| now.checked_add(think)));
        let at = at.ok_or(LoadError::BeyondTime { key, field: "think" })?;
        let open = self.arrivals[entry as usize].as_mut().expect("a stream has calls");
        let next = open.stream.next_of_loop(arrivals, next, at);
        if let Some((at, number)) = self.reached(next, entry, arrivals)? {
            self.calendar.push(key_of(at, Class::Submit, entry, number), entry);
        }
        Ok(())
    }

    /// The image that a first call of an arrival brought along is in the cloud under this id.
    pub fn put_fresh(&mut self, entry: u32, image: ImageId) {
        if let Some(open) = &mut self.arrivals[entry as usize] {
            open.image = Some(image);
        }
    }
}
