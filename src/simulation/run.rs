//! The loop of a run.
//!
//! The path of a copy through it, from its call through its start to its end, goes down to the service. It is inlined
//! as a whole where that was measured to be faster, by about a fifth.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::clients::{Clients, ErrandId};
use super::errands::of_errand;
use super::timeouts::Timeouts;
use super::{Broken, Model, Observer, RunEnd, RunError};
use crate::cloud::{
    BeyondTime, Changed, Class, Cloud, CopyView, Happened, OutageEffect, SideTable, Started, Touched,
};
use crate::ids::{CopyId, ImageId, Named, RequestKey};
use crate::kernel::EventKey;
use crate::records::{CopyRecord, History, Outcome, Refused, SlotLevels, SlotSet};
use crate::service::{Cause, DeleteImage, Refusal, Slot};
use crate::time::{SimDuration, SimTime};
use crate::workload::{Entry, Expiry, HandleId, Load, Member, Workload};

/// What is kept of an accepted request until it closes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    pub key: RequestKey,
    /// None for a copy that was accepted before the run began.
    pub planned: Option<SimTime>,
    pub handle: Option<HandleId>,
    /// How long its image is kept, and the image.
    pub retention: Option<(SimDuration, ImageId)>,
    /// Set where its client has to be followed.
    pub errand: Option<ErrandId>,
}

/// A run in progress.
pub(super) struct Run<'a, O> {
    pub cloud: Cloud,
    pub load: Load<'a>,
    pub tickets: SideTable<Ticket>,
    pub timeouts: Timeouts,
    pub clients: Clients<'a>,
    /// Further handles of unfinished copies, by acceptance: of requests that were answered with the same
    /// image (R7.3).
    pub also: FxHashMap<u64, Vec<HandleId>>,
    /// Whether some client looks for images by their names, so that named ones stay known.
    pub looks_for_names: bool,
    instant: Instant,
    pub observer: &'a mut O,
    audit: bool,
}

/// What comes next.
#[derive(Clone, Copy)]
enum Due {
    /// A call of the load.
    Call,
    /// An event of the cloud.
    Event,
    /// A client has waited long enough.
    TimeOut,
    /// A client that has to be followed does something.
    Duty,
    /// The retention of an image is over.
    Housekeeping,
}

/// Counts the events of the present instant, and of each entry once they are many (R1.8).
pub(super) struct Instant {
    events: u64,
    total: u64,
    limit: u64,
    by_entry: FxHashMap<u32, u64>,
}

/// Runs a model to its end; `audit` checks the invariants after every event.
///
/// # Errors
/// See [`RunError`].
pub fn run(model: &Model, observer: &mut impl Observer, audit: bool) -> Result<RunEnd, RunError> {
    let mut cloud = Cloud::new(model.settings.clone(), model.surroundings.clone());
    prepare_slots(&mut cloud, &model.workload);
    let given =
        model.workload.given_images(model.seed).into_iter().map(|image| cloud.put_image(image)).collect();
    let load = model.load(given)?;
    observer.begin(&cloud.service().slots().iter().map(|slot| (slot.key, slot.cap)).collect::<Vec<_>>());
    let instant =
        Instant { events: 0, total: 0, limit: model.max_events_per_instant, by_entry: FxHashMap::default() };
    let mut run = Run {
        cloud,
        load,
        tickets: SideTable::default(),
        timeouts: Timeouts::default(),
        clients: Clients::new(&model.workload.clients),
        looks_for_names: model.workload.clients.iter().any(|client| client.skips_existing),
        also: FxHashMap::default(),
        instant,
        observer,
        audit,
    };
    run.put_already(&model.workload)?;
    run.play(model.horizon)
}

/// Slot keys exist from the start, so that their caps over time are known whatever happens.
fn prepare_slots(cloud: &mut Cloud, workload: &Workload) {
    let prepare = |cloud: &mut Cloud, member: &Member| {
        if let (Some(caller), Named::Known(from), Named::Known(to)) = (member.caller, member.from, member.to)
        {
            cloud.prepare(caller.account, from, to);
        }
    };
    for entry in &workload.entries {
        match entry {
            Entry::Copy(copy) => copy.members.iter().for_each(|member| prepare(cloud, member)),
            Entry::Arrivals(arrivals) => {
                arrivals.turns.iter().flatten().for_each(|member| prepare(cloud, member));
            }
            Entry::Trace(trace) => {
                trace.lanes.iter().for_each(|(account, from, to)| cloud.prepare(*account, *from, *to));
            }
            Entry::Cancel(_) | Entry::Delete(_) => {}
        }
    }
}

impl Instant {
    #[cold]
    fn count_entry(&mut self, key: RequestKey) {
        *self.by_entry.entry(key.entry()).or_default() += 1;
    }

    /// Whether there are so many events in this instant that those of each entry are counted.
    fn is_busy(&self) -> bool {
        self.events > self.limit / 2
    }

    /// The clock moved on.
    fn reset(&mut self) {
        if self.is_busy() {
            self.by_entry.clear();
        }
        self.events = 0;
    }
}

impl<O: Observer> Run<'_, O> {
    fn play(mut self, horizon: Option<SimTime>) -> Result<RunEnd, RunError> {
        loop {
            let (call, timeout) = (self.load.peek(), self.timeouts.peek(&self.cloud));
            let duty = self.clients.peek(&self.cloud);
            if call.is_none() && timeout.is_none() && duty.is_none() && !self.cloud.may_still_move() {
                let at = self.cloud.now();
                return self.finish(at, false);
            }
            let (key, due) = self.next(call, timeout, duty);
            let is_instant_over = key.is_none_or(|key| key.at() > self.cloud.now());
            // Polls come after starts (R1.3).
            let is_time_to_start =
                is_instant_over || key.is_some_and(|key| key.class() > Class::Start.into());
            if (is_time_to_start && self.start_waiting()?) || (is_instant_over && self.share_links()) {
                continue;
            }
            let Some(key) = key else {
                // All that moves is too slow to be through before the end of time.
                let now = self.cloud.now();
                return self.finish(horizon.unwrap_or(now), horizon.is_some());
            };
            if let Some(horizon) = horizon.filter(|horizon| key.at() > *horizon) {
                return self.finish(horizon, true);
            }
            if is_instant_over {
                self.settle()?;
                self.instant.reset();
                self.cloud.move_to(key.at());
            }
            self.count()?;
            match due {
                Due::Call => self.call()?,
                Due::Event => self.event(key)?,
                Due::TimeOut => self.time_out()?,
                Due::Duty => self.duty()?,
                Due::Housekeeping => self.housekeeping(),
            }
            self.audit()?;
        }
    }

    /// What is due next, if anything is, starts left aside: those are pulled when nothing else of the instant is left
    /// (R1.3).
    #[inline]
    fn next(
        &mut self,
        call: Option<EventKey>,
        timeout: Option<EventKey>,
        duty: Option<EventKey>,
    ) -> (Option<EventKey>, Due) {
        let event = self.cloud.peek();
        let mut next =
            if EventKey::comes_before(event, call) { (event, Due::Event) } else { (call, Due::Call) };
        // Most runs have none of these.
        let housekeeping = self.load.peek_housekeeping();
        for (key, due) in [(timeout, Due::TimeOut), (duty, Due::Duty), (housekeeping, Due::Housekeeping)] {
            if key.is_some() && EventKey::comes_before(key, next.0) {
                next = (key, due);
            }
        }
        next
    }

    /// Everything else of the instant has happened: copies start, until none can or one ends at once. Gives whether
    /// one started.
    #[inline]
    fn start_waiting(&mut self) -> Result<bool, RunError> {
        let mut have_started = false;
        while let Some(id) = self.cloud.next_start() {
            self.count()?;
            let key = self.ticket(id).key;
            let started = self.cloud.start(id);
            let Started { slots, due } = started.map_err(|BeyondTime(id)| self.beyond_time(id))?;
            self.tell(History::Started { key, slots: SlotSet(slots) });
            self.audit()?;
            have_started = true;
            if due == self.cloud.now() {
                break;
            }
        }
        Ok(have_started)
    }

    /// Everything of the instant has happened: shares of links are computed anew where that changed them (R4.2).
    /// Gives whether something is due at another time.
    #[inline]
    fn share_links(&mut self) -> bool {
        if !self.cloud.has_to_share() {
            return false;
        }
        let (now, observer) = (self.cloud.now(), &mut *self.observer);
        self.cloud.share_links(|link, levels| observer.shared(now, link, levels));
        true
    }

    fn audit(&mut self) -> Result<(), RunError> {
        if self.audit { self.check(self.cloud.service().audit().map_err(Broken)) } else { Ok(()) }
    }

    /// The next event of the cloud happens.
    #[inline]
    fn event(&mut self, key: EventKey) -> Result<(), RunError> {
        match self.cloud.advance(key) {
            Happened::Completed(view) => {
                let ticket = self.ticket(view.id);
                self.tell(History::Completed { key: ticket.key, slots: SlotSet(view.slots) });
                match ticket.errand {
                    None => self.close_accepted(&view, &ticket, Outcome::Available, false),
                    Some(errand) => {
                        self.errand_copy_over(errand, &view, &ticket, Outcome::Available, false)?
                    }
                }
                self.retain(&ticket)?;
                let handle = ticket.handle.filter(|_| ticket.errand.is_none());
                for handle in handle.into_iter().chain(self.further_handles(view.id)) {
                    self.load.available(handle, self.cloud.now())?;
                }
            }
            Happened::Failed(view) => {
                let ticket = self.ticket(view.id);
                let Ticket { key, handle, retention, .. } = ticket;
                self.tell(History::Failed { key, slots: SlotSet(view.slots) });
                let calls_again = ticket.errand.is_some_and(|errand| self.retries_failure(errand));
                match ticket.errand {
                    None => self.close_accepted(&view, &ticket, Outcome::Failed, false),
                    Some(errand) => self.errand_copy_over(errand, &view, &ticket, Outcome::Failed, false)?,
                }
                // It was kept for the delete at the end of its retention, which only an Available image has.
                if let (Some((_, image)), false) = (retention, self.load.names(key, handle)) {
                    self.cloud.forget_image(image);
                }
                self.lose_copy(view.id, key, handle.filter(|_| !calls_again));
            }
            Happened::DrainEnded { id, slots } => {
                let key = self.ticket(id).key;
                self.tell(History::DrainEnded { key, slots: SlotSet(slots) });
            }
            Happened::WentOn => {}
            Happened::Changed(changed, touched) => self.tell(told(changed, touched)),
            Happened::BeyondTime(BeyondTime(id)) => return Err(self.beyond_time(id)),
        }
        Ok(())
    }

    /// An image is Available: its delete is due when its retention is over.
    fn retain(&mut self, ticket: &Ticket) -> Result<(), RunError> {
        let Some((retention, id)) = ticket.retention else { return Ok(()) };
        // It may have been deleted in the instant in which it became Available.
        let Some(image) = self.cloud.service().images().get(id) else { return Ok(()) };
        let account = image.owner.expect("a product has an owner");
        let region = Named::Known(image.region);
        let call = DeleteImage { account, region, image: Named::Known(id) };
        let expiry = Expiry { call, is_named: self.load.names(ticket.key, ticket.handle) };
        Ok(self.load.retain(ticket.key, self.cloud.now(), retention, expiry)?)
    }

    /// A copy will never be Available: what waits for it is skipped, and so on down the tree (R3.3).
    pub(super) fn lose(&mut self, lost: RequestKey, handle: Option<HandleId>) {
        let Some(handle) = handle else { return };
        for (key, member) in self.load.lost(handle) {
            self.tell(History::Skipped { key, because: lost });
            self.close(CopyRecord {
                from: member.from.known(),
                to: member.to.known(),
                blocked_by: Some(lost),
                ..CopyRecord::new(key, Outcome::Skipped)
            });
        }
    }

    /// As [`Run::lose`], of an accepted copy, which requests that were replayed may have got too.
    pub(super) fn lose_copy(&mut self, id: CopyId, lost: RequestKey, handle: Option<HandleId>) {
        for handle in handle.into_iter().chain(self.further_handles(id)) {
            self.lose(lost, Some(handle));
        }
    }

    /// The handles of requests that were answered with the image of a copy that has now ended.
    fn further_handles(&mut self, id: CopyId) -> Vec<HandleId> {
        if self.also.is_empty() { Vec::new() } else { self.also.remove(&id.acceptance).unwrap_or_default() }
    }

    /// The row of a copy that is over is closed; `is_by_client`: its client cancelled it.
    pub(super) fn close_accepted(
        &mut self,
        view: &CopyView,
        ticket: &Ticket,
        outcome: Outcome,
        is_by_client: bool,
    ) {
        let mut record = self.record(view, ticket, outcome);
        if is_by_client {
            record.noticed = record.end;
        }
        self.close(record);
        self.timeouts.forget(view.id);
    }

    #[inline]
    pub(super) fn record(&self, view: &CopyView, ticket: &Ticket, outcome: Outcome) -> CopyRecord {
        let is_unfinished = matches!(outcome, Outcome::Waiting | Outcome::Running);
        let end = (!is_unfinished).then_some(self.cloud.now());
        CopyRecord {
            from: Some(view.from),
            to: Some(view.to),
            size: view.size,
            planned: ticket.planned,
            sent: ticket.planned.and(Some(view.accepted)),
            accepted: Some(view.accepted),
            start: view.started,
            end,
            timed_out: self.timeouts.left(view.id),
            noticed: self.timeouts.noticed(view.id, end),
            calls: u32::from(ticket.planned.is_some()),
            moved: view.moved,
            percent: (view.started.is_some() || is_unfinished).then(|| self.progress(view, outcome)),
            unhindered: view.unhindered,
            slots: SlotSet(view.slots),
            ..CopyRecord::new(ticket.key, outcome)
        }
    }

    /// In whole percent; an Available copy needn't be asked.
    fn progress(&self, view: &CopyView, outcome: Outcome) -> u8 {
        if outcome == Outcome::Available { 100 } else { self.cloud.percent(view) }
    }

    /// The clock is about to move on: levels are read and invariants of a settled moment hold (R1.5).
    #[inline(always)]
    fn settle(&mut self) -> Result<(), RunError> {
        let now = self.cloud.now();
        let observer = &mut *self.observer;
        self.cloud.settle(|index, slot| observer.settled(now, index, levels(slot)));
        if self.audit {
            self.check(self.cloud.service().audit_settled().map_err(Broken))?;
        }
        Ok(())
    }

    fn finish(mut self, at: SimTime, by_horizon: bool) -> Result<RunEnd, RunError> {
        // The last transfers may have ended in this instant.
        self.share_links();
        self.settle()?;
        self.cloud.move_to(at);
        if !by_horizon && let Some(id) = self.cloud.never_through() {
            return Err(self.beyond_time(id));
        }
        let (mut never_startable, mut stalled) = (Vec::new(), Vec::new());
        for view in self.cloud.unfinished() {
            let outcome = if view.started.is_some() { Outcome::Running } else { Outcome::Waiting };
            let ticket = self.ticket(view.id);
            let record = self.record(&view, &ticket, outcome);
            let record = match ticket.errand {
                Some(errand) => of_errand(record, self.clients.get(errand)),
                None => record,
            };
            if !by_horizon {
                let list = if outcome == Outcome::Waiting { &mut never_startable } else { &mut stalled };
                list.push(record.key);
            }
            self.close(record);
        }
        self.close_errands();
        let end = RunEnd {
            at,
            events: self.instant.total,
            by_horizon,
            not_planned: self.load.not_planned()?,
            never_startable,
            stalled,
        };
        self.observer.end(&end);
        self.check(Ok(()))?;
        Ok(end)
    }

    /// Counts an event; too many in one instant end the run (R1.8).
    #[inline(always)]
    fn count(&mut self) -> Result<(), RunError> {
        self.instant.total += 1;
        self.instant.events += 1;
        if self.instant.events <= self.instant.limit { Ok(()) } else { Err(self.too_many_events()) }
    }

    #[cold]
    fn too_many_events(&self) -> RunError {
        let busiest = self.instant.by_entry.iter().max_by_key(|(entry, count)| (**count, Reverse(**entry)));
        let busiest = busiest.map(|(entry, _)| *entry);
        RunError::TooManyEvents { at: self.cloud.now(), limit: self.instant.limit, busiest }
    }

    fn beyond_time(&self, id: CopyId) -> RunError {
        RunError::BeyondTime { key: self.ticket(id).key, field: "the copy's length" }
    }

    fn check(&mut self, found: Result<(), Broken>) -> Result<(), RunError> {
        let broken = found.err().or_else(|| self.observer.broken());
        match broken {
            None => Ok(()),
            Some(Broken(what)) => {
                Err(RunError::BrokenInvariant { at: self.cloud.now(), event: self.instant.total, what })
            }
        }
    }

    // Inlined, so that what an observer has to do is known for each kind of event.
    #[inline(always)]
    pub(super) fn tell(&mut self, what: History) {
        if self.instant.is_busy()
            && let Some(key) = what.request()
        {
            self.instant.count_entry(key);
        }
        self.observer.happened(self.cloud.now(), &what);
    }

    #[inline]
    pub(super) fn close(&mut self, record: CopyRecord) {
        self.observer.closed(self.cloud.now(), &record);
    }

    #[inline]
    pub(super) fn ticket(&self, id: CopyId) -> Ticket {
        *self.tickets.get(id).expect("an accepted copy has its ticket")
    }

    /// A refusal with the request of the copy that stood in the way.
    pub(super) fn refused(&self, refusal: Refusal) -> Refused {
        let other = match refusal.cause {
            Cause::SameConflictKey { other } | Cause::ImageInUse { other } => Some(self.ticket(other).key),
            Cause::TokenBound { by, .. } => Some(by),
            _ => None,
        };
        Refused { refusal, other }
    }
}

/// A change as history tells it.
fn told(changed: Changed, touched: Touched) -> History {
    match changed {
        Changed::Cap { region, cap } => History::CapChanged { region, cap },
        Changed::Outage { region, running } => {
            let Touched { running: copies, waiting } = touched;
            History::OutageBegan { region, fails: running == OutageEffect::Fail, running: copies, waiting }
        }
        Changed::OutageOver { region } => History::OutageEnded { region, waiting: touched.waiting },
        Changed::Slowed { region, to } => History::Slowed { region, to },
        Changed::Capacity { link, capacity } => History::CapacityChanged { link, capacity },
    }
}

fn levels(slot: &Slot) -> SlotLevels {
    SlotLevels { held: slot.held(), draining: slot.draining, waiting: slot.waiting, cap: slot.cap }
}
