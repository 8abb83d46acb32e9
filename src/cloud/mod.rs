//! The simulated cloud: the service, the running copies, their links, and the timetable of what changes. It has no idea where
//! calls come from: who makes them brings them in the order of the classes of an instant (R1.3), and pulls starts when
//! nothing else of it is left.

mod class;
mod held_up;
mod journey;
mod sidetable;
mod timetable;
mod view;

pub use class::Class;
pub use sidetable::SideTable;
pub use timetable::{Change, Changed, OutageEffect, Timetable};
pub use view::{Answered, BeyondTime, CallError, CopyView, Happened, ImageView, Started, Touched};

use crate::ids::{AccountId, CopyId, ImageId, Named, RegionId};
use crate::kernel::{Calendar, EventKey};
use crate::quantity::Bytes;
use crate::service::{
    Answer, CancelCopyImage, Cancelled, Copy, CopyImage, DeleteImage, DescribeImages, GivenImage, Image,
    ImageStatus, Origin, Phase, Refusal, Service, Settings, Slot,
};
use crate::time::{SimDuration, SimTime};
use crate::transfer::{Fate, NetworkPlan, Work};
use held_up::HeldUp;
use std::sync::Arc;

/// The copy part that the service doesn't care about: when it ends.
#[derive(Clone, Debug)]
struct Run {
    work: Work,
    fate: Fate,
    size: Option<Bytes>,
    accepted: SimTime,
    started: Option<SimTime>,
    /// How long it had run when the simulated run began.
    had_run: SimDuration,
    /// The instant of its end, or of the end of its drain; entries of another instant are outdated.
    due: SimTime,
    fails: bool,
}

impl Run {
    /// Bytes that have moved after a running time; what moved before the simulated run began isn't of it.
    #[inline]
    fn moved(&self, ran: SimDuration) -> Bytes {
        let moved = self.work.moved(self.size, ran);
        match self.had_run {
            SimDuration::ZERO => moved,
            had_run => Bytes(moved.0 - self.work.moved(self.size, had_run).0),
        }
    }
}

/// What happens around the service.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub changes: Vec<Change>,
    pub network: Arc<NetworkPlan>,
    /// Whether transfers that always move alike are counted together. It changes no result.
    pub bundles_flows: bool,
}

impl Surroundings {
    /// Whether the end of a copy can't be told from its start.
    fn hold_up(&self) -> bool {
        let is_outage = |change: &Change| matches!(change.what, Changed::Outage { .. });
        !self.network.is_empty() || self.changes.iter().any(is_outage)
    }
}

/// The service with its running copies and its timetable.
#[derive(Clone, Debug)]
pub struct Cloud {
    service: Service,
    calendar: Calendar<CopyId>,
    timetable: Timetable,
    /// Ends in the calendar that will never come, since their copies were cancelled.
    outdated: u64,
    runs: SideTable<Run>,
    /// Where the end of a copy can't be told from its start.
    held_up: Option<Box<HeldUp>>,
    now: SimTime,
    /// Before this instant it is known that a waiting copy can still start, if no call comes.
    moves_before: SimTime,
}

impl Cloud {
    pub fn new(settings: Settings, surroundings: Surroundings) -> Self {
        let regions = settings.regions();
        Self {
            held_up: surroundings.hold_up().then(|| Box::new(HeldUp::new(&surroundings, regions))),
            service: Service::new(settings),
            calendar: Calendar::default(),
            timetable: Timetable::new(surroundings.changes),
            outdated: 0,
            runs: SideTable::default(),
            now: SimTime::ZERO,
            moves_before: SimTime::ZERO,
        }
    }

    pub fn service(&self) -> &Service {
        &self.service
    }

    /// See [`Service::prepare`].
    pub fn prepare(&mut self, account: AccountId, from: RegionId, to: RegionId) {
        self.service.prepare(account, from, to);
    }

    /// See [`Service::put_image`].
    pub fn put_image(&mut self, given: GivenImage) -> ImageId {
        self.service.put_image(given)
    }

    /// See [`Service::put_image_for_one`].
    #[inline(always)]
    pub fn put_image_for_one(&mut self, given: GivenImage) -> ImageId {
        self.service.put_image_for_one(given)
    }

    /// See [`Service::keep`].
    pub fn keep_image(&mut self, id: ImageId) {
        self.service.keep(id);
    }

    /// See [`Service::forget`].
    pub fn forget_image(&mut self, id: ImageId) {
        self.service.forget(id);
    }

    /// The moment up to which everything has happened.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// The clock moves on to `now`; it never goes back.
    pub fn move_to(&mut self, now: SimTime) {
        debug_assert!(now >= self.now, "the clock never goes back");
        self.now = now;
    }

    /// CopyImage at this moment; `work` and `fate` say what the copy will do once it runs.
    ///
    /// # Errors
    /// The service's refusal, or a lock or token that would outlast simulated time.
    #[inline(always)]
    pub fn copy_image(&mut self, call: &CopyImage, work: Work, fate: Fate) -> Result<Answered, CallError> {
        let answer = self.service.check_copy(self.now, call);
        self.service.note_call(self.now, call);
        self.answer(answer?, work, fate)
    }

    #[inline(always)]
    fn answer(&mut self, answer: Answer<'_>, work: Work, fate: Fate) -> Result<Answered, CallError> {
        let admission = match answer {
            Answer::Admitted(admission) => admission,
            Answer::Replayed { request, attempt, product } => {
                return Ok(Answered::Replayed { request, attempt, product });
            }
        };
        let lock = self.service.settings().request_lock;
        self.now.checked_add(lock).ok_or(CallError::BeyondTime("service.request_lock"))?;
        if admission.binds_token() {
            let life = self.service.settings().token_life;
            self.now.checked_add(life).ok_or(CallError::BeyondTime("service.token_life"))?;
        }
        let (from, to, size) = (admission.from(), admission.to(), admission.size());
        let (id, image) = self.service.commit_copy(self.now, &admission);
        let run = Run {
            work,
            fate,
            size,
            accepted: self.now,
            started: None,
            had_run: SimDuration::ZERO,
            due: SimTime::MAX,
            fails: false,
        };
        self.runs.put(id, run);
        let (accepted, slots) = (self.now, self.slots_of(id));
        let view = CopyView {
            id,
            from,
            to,
            size,
            accepted,
            started: None,
            moved: Bytes(0),
            slots,
            unhindered: None,
        };
        Ok(Answered::Accepted(view, image))
    }

    /// A copy that was accepted before the run begins is put into its queue. Its call locks nothing any
    /// more (R6.3).
    ///
    /// # Errors
    /// As [`Cloud::copy_image`].
    pub fn put_queued(
        &mut self,
        call: &CopyImage,
        work: Work,
        fate: Fate,
    ) -> Result<(CopyView, ImageId), CallError> {
        let answer = self.service.check_copy_there(self.now, call)?;
        let Answered::Accepted(view, product) = self.answer(answer, work, fate)? else {
            unreachable!("a copy of the initial state carries no token");
        };
        if let Some(source) = call.image.known() {
            self.service.lift_lock(source);
        }
        Ok((view, product))
    }

    /// A copy that was just put into its queue holds its slots when the run begins and `had_run` by then.
    ///
    /// # Errors
    /// When it would end beyond simulated time.
    pub fn put_running(&mut self, id: CopyId, had_run: SimDuration) -> Result<(), BeyondTime> {
        self.run_mut(id).had_run = had_run;
        self.start(id).map(drop)
    }

    /// CancelCopyImage at this moment. Gives the copy as it was, and what became of it.
    ///
    /// # Errors
    /// The service's refusal, or a drain that would outlast simulated time.
    pub fn cancel(&mut self, mut call: CancelCopyImage) -> Result<(CopyView, Cancelled), CallError> {
        call.past_return = self.is_past_return(call.image);
        let id = self.service.check_cancel(self.now, &call)?;
        let view = self.view(id);
        let drained = self.now.checked_add(self.service.settings().cancel.drain);
        if drained.is_none() && view.started.is_some() {
            return Err(CallError::BeyondTime("service.cancel.drain"));
        }
        let cancelled = self.service.commit_cancel(id);
        if cancelled.was_running {
            self.stop(id);
            self.drop_most_outdated();
        }
        if let Some(due) = drained.filter(|_| cancelled.drains) {
            // In the instant in which it would have ended, both its ends pass for this one; the first ends it, and
            // then the other is outdated.
            self.run_mut(id).due = due;
            self.calendar.push(EventKey::new(due, Class::End.into(), id.acceptance), id);
        }
        Ok((view, cancelled))
    }

    /// DeleteImage at this moment.
    ///
    /// # Errors
    /// The service's refusal.
    pub fn delete(&mut self, call: &DeleteImage) -> Result<(), Refusal> {
        let image = self.service.check_delete(self.now, call)?;
        self.service.commit_delete(image);
        Ok(())
    }

    /// The key of the next event of the cloud itself: an end or a capacity change.
    #[inline]
    pub fn peek(&mut self) -> Option<EventKey> {
        if self.outdated > 0 {
            self.drop_outdated();
        }
        let end = self.calendar.peek().map(|(key, _)| key);
        let next = match self.timetable.peek() {
            None => end,
            change => EventKey::first_of([end, change]),
        };
        match &mut self.held_up {
            None => next,
            Some(held_up) => EventKey::first_of([next, held_up.next_through()]),
        }
    }

    /// Handles the event that [`Cloud::peek`] announced.
    #[inline(always)]
    pub fn advance(&mut self, key: EventKey) -> Happened {
        self.move_to(key.at());
        if key.class() == u8::from(Class::Capacity) {
            return self.change();
        }
        if self.held_up.is_some()
            && let Some(id) = self.expect_through()
        {
            return self.end(id);
        }
        let (_, id) = self.calendar.pop().expect("an end was announced");
        self.end(id)
    }

    /// The copy that starts next, if one can. To be asked when everything else of the instant has happened: starts
    /// are its last class (R1.3).
    #[inline]
    pub fn next_start(&mut self) -> Option<CopyId> {
        self.service.next_start()
    }

    /// The copy that [`Cloud::next_start`] gave starts. Its end may be due at once.
    ///
    /// # Errors
    /// When it would end beyond simulated time.
    #[inline(always)]
    pub fn start(&mut self, id: CopyId) -> Result<Started, BeyondTime> {
        let now = self.now;
        if self.held_up.is_some() {
            return self.begin_journey(id);
        }
        let run = self.run_mut(id);
        let plan = run.work.plan(run.fate).ok_or(BeyondTime(id))?;
        let left = plan.length.checked_sub(run.had_run).unwrap_or(SimDuration::ZERO);
        let due = now.checked_add(left).ok_or(BeyondTime(id))?;
        (run.started, run.due, run.fails) = (Some(now), due, plan.fails);
        self.calendar.push(EventKey::new(due, Class::End.into(), id.acceptance), id);
        self.service.start(id);
        Ok(Started { slots: self.slots_of(id), due })
    }

    #[inline(always)]
    fn end(&mut self, id: CopyId) -> Happened {
        if self.held_up.is_some()
            && let Some(happened) = self.next_stage(id)
        {
            return happened;
        }
        let (copy, run) = self.copy_and_run(id);
        let (phase, fails, view) = (copy.phase, run.fails, self.view_of(id, copy, run));
        match phase {
            Phase::Draining => {
                self.service.end_drain(id);
                Happened::DrainEnded { id, slots: view.slots }
            }
            _ if fails => {
                self.service.fail(id);
                Happened::Failed(view)
            }
            _ => {
                self.service.complete(id);
                Happened::Completed(view)
            }
        }
    }

    /// Whether, if no call comes any more, an unfinished copy can still move (R1.7): one runs and isn't held up for
    /// good, one can start, or one could after the changes and drains still to come.
    pub fn may_still_move(&mut self) -> bool {
        let slots = self.service.slots();
        let (waiting, running) = (slots.waiting(), slots.running());
        let is_moving = if self.held_up.is_some() { running > 0 && self.is_moving() } else { running > 0 };
        if is_moving || self.service.next_start().is_some() {
            return true;
        }
        if waiting + running == 0 {
            return false;
        }
        // Looked up once, not at each of the changes on the way there.
        if self.now >= self.moves_before {
            let Some(at) = self.moves_after_changes() else { return false };
            self.moves_before = at;
        }
        true
    }

    /// The instant at which a copy moves, if no call comes: none does now, so only changes and drain ends lie before
    /// it.
    fn moves_after_changes(&self) -> Option<SimTime> {
        let mut ahead = self.clone();
        loop {
            let key = ahead.peek();
            let is_instant_over = key.is_none_or(|key| key.at() > ahead.now);
            if is_instant_over && ahead.has_to_share() {
                // Not every change lets something move.
                ahead.share_links(|_, _| ());
                continue;
            }
            if is_instant_over && (ahead.next_start().is_some() || ahead.is_moving()) {
                return Some(ahead.now);
            }
            // An outage may let those fail that stand still, and let others go on for longer than time.
            if let Happened::Failed(_) | Happened::BeyondTime(_) = ahead.advance(key?) {
                return Some(ahead.now);
            }
        }
    }

    /// Calls `see` with each slot key whose counts changed since the last time. To be called when the
    /// clock is about to move on (R1.5).
    #[inline]
    pub fn settle(&mut self, see: impl FnMut(u32, &Slot)) {
        self.service.drain_touched(see);
    }

    /// All accepted copies that aren't finished, in order of acceptance.
    pub fn unfinished(&self) -> Vec<CopyView> {
        let copies = self.service.copies().iter().filter(|(_, copy)| copy.phase != Phase::Draining);
        let mut ids: Vec<CopyId> = copies.map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids.into_iter().map(|id| self.view(id)).collect()
    }

    fn view(&self, id: CopyId) -> CopyView {
        let (copy, run) = self.copy_and_run(id);
        self.view_of(id, copy, run)
    }

    #[inline]
    fn copy_and_run(&self, id: CopyId) -> (&Copy, &Run) {
        (self.service.copies().get(id).expect("what is asked for is a copy that exists"), self.run(id))
    }

    #[inline(always)]
    fn view_of(&self, id: CopyId, copy: &Copy, run: &Run) -> CopyView {
        CopyView {
            id,
            from: copy.from,
            to: copy.to,
            size: run.size,
            accepted: run.accepted,
            started: run.started,
            moved: self.moved(id, run),
            slots: self.service.slots().indices_of(copy),
            unhindered: self.held_up.as_ref().and_then(|_| Some(run.work.plan(run.fate)?.length)),
        }
    }

    /// The slot keys that a copy waits for or holds, by index.
    #[inline]
    fn slots_of(&self, id: CopyId) -> [Option<u32>; 2] {
        let copy = self.service.copies().get(id).expect("a copy that exists has its slots");
        self.service.slots().indices_of(copy)
    }

    /// Reaching the point of no return is being past it (R5.2).
    fn is_past_return(&self, image: Named<ImageId>) -> bool {
        let Some(point) = self.service.settings().cancel.point_of_no_return else { return false };
        let origin = image.known().and_then(|id| self.service.images().get(id)).map(|image| image.origin);
        let Some(Origin::Unfinished(id)) = origin else { return false };
        let run = self.run(id);
        match self.journey(id) {
            Some((journey, network)) => journey.has_reached(point, &run.work, self.now, network),
            None => self.has_run(run).is_some_and(|ran| ran >= run.work.moment_of(point)),
        }
    }

    /// Bytes that a copy has moved since the simulated run began.
    #[inline(always)]
    fn moved(&self, id: CopyId, run: &Run) -> Bytes {
        if self.held_up.is_some()
            && let Some((journey, network)) = self.journey(id)
        {
            return journey.moved(&run.work, run.size, self.now, network);
        }
        self.has_run(run).map_or(Bytes(0), |ran| run.moved(ran))
    }

    /// How long a copy that started has run, before the simulated run began too.
    fn has_run(&self, run: &Run) -> Option<SimDuration> {
        run.started.map(|started| {
            let ran = self.now.since(started);
            ran.checked_add(run.had_run).unwrap_or(SimDuration::MAX)
        })
    }

    #[inline]
    fn run(&self, id: CopyId) -> &Run {
        self.runs.get(id).expect("an accepted copy has its run")
    }

    #[inline]
    fn run_mut(&mut self, id: CopyId) -> &mut Run {
        self.runs.get_mut(id).expect("an accepted copy has its run")
    }

    /// Where an accepted copy is in its life; none once it is over.
    pub fn phase(&self, id: CopyId) -> Option<Phase> {
        self.service.copies().get(id).map(|copy| copy.phase)
    }

    fn is_live(&self, at: SimTime, id: CopyId) -> bool {
        self.phase(id).is_some_and(|phase| phase != Phase::Waiting) && self.run(id).due == at
    }

    /// An outdated timer neither runs nor moves the clock (R1.7).
    fn drop_outdated(&mut self) {
        while self.outdated > 0
            && let Some((key, id)) = self.calendar.peek()
            && !self.is_live(key.at(), *id)
        {
            self.calendar.pop();
            self.outdated -= 1;
        }
    }

    /// As [`Cloud::drop_outdated`], before their time: when most are outdated these go, so that memory is needed for
    /// unfinished copies only (R10.4).
    fn drop_most_outdated(&mut self) {
        const FEW: u64 = 1024;
        let pending = self.calendar.pending() as u64;
        if self.outdated > FEW && 2 * self.outdated > pending {
            let mut calendar = std::mem::take(&mut self.calendar);
            calendar.retain(|key, id| self.is_live(key.at(), *id));
            self.outdated -= pending - calendar.pending() as u64;
            self.calendar = calendar;
        }
    }

    /// Whether an image is there and Available.
    pub fn is_available(&self, id: ImageId) -> bool {
        self.service.status(self.now, id) == Some(ImageStatus::Available)
    }

    /// DescribeImages at this moment: what matches, with its status and progress.
    pub fn describe_images(&self, call: &DescribeImages<'_>) -> Vec<ImageView> {
        let progress = |origin: Origin, status: ImageStatus| match (origin, status) {
            (Origin::Unfinished(copy), _) => self.percent(&self.view(copy)),
            (_, ImageStatus::Waiting | ImageStatus::Creating | ImageStatus::CreateFailed) => 0,
            (_, ImageStatus::Available | ImageStatus::UnAvailable | ImageStatus::Deprecated) => 100,
        };
        let images = self.service.describe_images(self.now, call);
        let view = |(id, image, status): (ImageId, &Image, ImageStatus)| ImageView {
            id,
            status,
            progress: progress(image.origin, status),
        };
        images.into_iter().map(view).collect()
    }

    /// The progress of an unfinished copy in whole percent (R3.5).
    pub fn percent(&self, view: &CopyView) -> u8 {
        let run = self.run(view.id);
        match self.journey(view.id) {
            Some((journey, network)) => journey.percent(&run.work, self.now, network),
            None => self.has_run(run).map_or(0, |ran| run.work.percent(ran)),
        }
    }
}
