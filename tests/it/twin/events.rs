//! What happens next, and when the run ends (R1).

use super::*;

/// The run and its calendar (section 1).
impl Twin<'_> {
    /// R1.7. Returns true if something was still to come at the horizon.
    pub(super) fn run_to_end(&mut self) -> bool {
        while self.work_is_left() {
            let (time, _, _, event) = self.next_event().expect("work that is left has an event");
            let beyond = self.world.settings.horizon_us.is_some_and(|h| time > h);
            if beyond {
                return true;
            }
            assert!(time >= self.now, "the clock never goes back (R1.3)");
            self.now = time;
            self.handle(event);
            self.skip_what_follows_a_loss();
        }
        false
    }

    /// R1.3: the smallest (time, class, rank) of all that is due.
    pub(super) fn next_event(&self) -> Option<Due> {
        let mut due = self.ends_due();
        due.extend(self.changes_due());
        due.extend(self.calls_due());
        due.extend(self.expiries_due());
        due.extend(self.start_due());
        // The first of equal ones: cap changes of one region and time keep their order.
        due.into_iter().min_by_key(|&(time, class, rank, _)| (time, class, rank))
    }

    /// Class 1: completions, failures and ends of drains; rank: acceptance.
    pub(super) fn ends_due(&self) -> Vec<Due> {
        let mut due = Vec::new();
        for (j, job) in self.jobs.iter().enumerate() {
            if job.status == Status::Creating {
                due.push((end_of(job), 1, j, Event::End(j)));
            }
            if job.draining {
                let cancelled = job.end.expect("a draining copy was cancelled");
                let time = cancelled + self.world.settings.drain_us;
                due.push((time, 1, j, Event::DrainEnd(j)));
            }
        }
        due
    }

    /// Class 2: cap changes; rank: region.
    pub(super) fn changes_due(&self) -> Vec<Due> {
        let mut due = Vec::new();
        for (c, &(at, region, _)) in self.world.cap_changes.iter().enumerate() {
            if !self.change_made[c] {
                due.push((at, 2, region, Event::CapChange(c)));
            }
        }
        due
    }

    /// Class 3: cancels and deletes; class 4: submits; rank: place in the file.
    pub(super) fn calls_due(&self) -> Vec<Due> {
        let mut due = Vec::new();
        for (o, op) in self.world.ops.iter().enumerate() {
            if self.fates[o] != Fate::Unmade {
                continue;
            }
            match op {
                Op::Cancel(call) | Op::Delete(call) => {
                    due.push((call.at, 3, o, Event::CancelOrDelete(o)));
                }
                Op::Copy(call) => {
                    if let Some(planned) = self.planned(call) {
                        due.push((planned, 4, o, Event::Submit(o)));
                    }
                }
            }
        }
        due
    }

    /// Class 3: deletes at the end of a retention; rank: place of the copy in
    /// the file. They are no work (R1.7).
    pub(super) fn expiries_due(&self) -> Vec<Due> {
        let mut due = Vec::new();
        for (j, job) in self.jobs.iter().enumerate() {
            if let (Status::Available, Some(retention), false) = (job.status, job.retention, job.expired) {
                let end = job.end.expect("an Available copy has ended");
                due.push((end + retention, 3, job.op, Event::Expiry(j)));
            }
        }
        due
    }

    /// Class 5: one start; rank: acceptance. R1.5 and R2.4: the first in the
    /// queue that can start, so that one start after the other fills all slots.
    pub(super) fn start_due(&self) -> Option<Due> {
        let first = self.queue().into_iter().find(|&j| self.can_start(j));
        first.map(|j| (self.now, 5, j, Event::Start(j)))
    }

    /// R1.7: a call still to be made, or an unfinished copy that can still move.
    pub(super) fn work_is_left(&self) -> bool {
        !self.calls_due().is_empty()
            || self.jobs.iter().any(|job| job.status == Status::Creating)
            || self.a_waiting_copy_may_start()
    }

    /// R1.7: can a waiting copy start now, or after what remains of the cap
    /// changes and drain ends? Asked when no copy runs and no call is to come,
    /// so nothing else can move. Starts are looked at when the classes before
    /// them are empty (R1.5), so first everything due at an instant is done.
    pub(super) fn a_waiting_copy_may_start(&self) -> bool {
        let mut ahead = self.clone();
        loop {
            while let Some(event) = ahead.change_or_drain_end_at(ahead.now) {
                ahead.handle(event);
            }
            if ahead.start_due().is_some() {
                return true;
            }
            let mut later = ahead.ends_due();
            later.extend(ahead.changes_due());
            match later.into_iter().map(|(time, ..)| time).min() {
                Some(time) => ahead.now = time,
                None => return false,
            }
        }
    }

    /// The next cap change or drain end that is due at this time.
    pub(super) fn change_or_drain_end_at(&self, time: u64) -> Option<Event> {
        let mut due = self.ends_due();
        due.extend(self.changes_due());
        due.into_iter()
            .filter(|&(at, ..)| at == time)
            .min_by_key(|&(_, class, rank, _)| (class, rank))
            .map(|(.., event)| event)
    }

    /// R3.3: when a copy op is to be submitted; `None` while that is open.
    pub(super) fn planned(&self, call: &CopyCall) -> Option<u64> {
        let mut planned = call.at.unwrap_or(0);
        for &before in &call.after {
            planned = planned.max(self.noticed(before)? + call.delay);
        }
        Some(planned)
    }

    /// When the client of a copy op notices that its copy is Available: as that happens (R8.1); of one
    /// that got an earlier answer again, not before it got it (R7.3).
    fn noticed(&self, op: usize) -> Option<u64> {
        let job = &self.jobs[self.job_of(op)?];
        if job.status != Status::Available {
            return None;
        }
        let end = job.end.expect("an Available copy has ended");
        match self.fates[op] {
            Fate::Replayed { at, .. } => Some(at.max(end)),
            _ => Some(end),
        }
    }

    /// R3.3: what follows a copy that was refused, failed, was cancelled or
    /// was skipped is skipped, and so on down the tree.
    pub(super) fn skip_what_follows_a_loss(&mut self) {
        loop {
            let next = (0..self.world.ops.len()).find(|&o| {
                let Some(call) = self.world.ops[o].copy() else { return false };
                self.fates[o] == Fate::Unmade && call.after.iter().any(|&before| self.is_lost(before))
            });
            match next {
                Some(op) => self.fates[op] = Fate::Skipped,
                None => return,
            }
        }
    }

    /// Whether a copy op can no longer become Available.
    pub(super) fn is_lost(&self, op: usize) -> bool {
        match self.fates[op] {
            // A dry run makes no copy (R7.4).
            Fate::Refused { .. } | Fate::DryRun { .. } | Fate::Skipped => true,
            // Nobody sees an image as Available that was deleted before.
            Fate::Replayed { was_gone: true, .. } => true,
            Fate::Accepted { job } | Fate::Replayed { job, .. } => {
                matches!(self.jobs[job].status, Status::CreateFailed | Status::Cancelled)
            }
            Fate::Unmade | Fate::Made => false,
        }
    }

    /// The copy that a copy op was told of: its own, or that of the call whose answer it got again (R7.3).
    pub(super) fn job_of(&self, op: usize) -> Option<usize> {
        match self.fates[op] {
            Fate::Accepted { job } | Fate::Replayed { job, .. } => Some(job),
            _ => None,
        }
    }

    pub(super) fn handle(&mut self, event: Event) {
        match event {
            Event::End(j) => {
                let job = &mut self.jobs[j];
                job.end = Some(self.now);
                job.status = if fails(job) { Status::CreateFailed } else { Status::Available };
            }
            Event::DrainEnd(j) => self.jobs[j].draining = false,
            Event::CapChange(c) => self.change_made[c] = true,
            Event::CancelOrDelete(op) => {
                let answer = self.cancel_or_delete(op);
                self.fates[op] = Fate::Made;
                self.calls.push((op, self.now, answer));
            }
            Event::Expiry(j) => {
                let answer = self.expire(j);
                self.jobs[j].expired = true;
                self.calls.push((self.jobs[j].op, self.now, answer));
            }
            Event::Submit(op) => self.submit(op),
            Event::Start(j) => {
                let job = &mut self.jobs[j];
                job.start = Some(self.now);
                job.status = Status::Creating;
                self.started.push((self.now, job.op));
            }
        }
    }
}

/// R4.3: a failure that doesn't come after the end of the copy happens.
pub(super) fn fails(job: &Job) -> bool {
    job.fail_after.is_some_and(|after| after <= job.duration)
}

/// When a running copy completes or fails, whichever is first.
pub(super) fn end_of(job: &Job) -> u64 {
    let start = job.start.expect("a running copy has started");
    start + end_of_run(job) - job.had_run
}

/// How long a copy runs until it completes or fails.
pub(super) fn end_of_run(job: &Job) -> u64 {
    job.fail_after.map_or(job.duration, |after| after.min(job.duration))
}

/// R3.2: Waiting or Creating.
pub(super) fn is_unfinished(job: &Job) -> bool {
    matches!(job.status, Status::Waiting | Status::Creating)
}
