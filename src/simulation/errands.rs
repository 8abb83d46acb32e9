//! What clients do that have to be followed: they hold requests back, call again, poll, and give up (R8).

use super::calls::{call_of, work_of};
use super::clients::{Duty, Errand, ErrandId, State};
use super::run::{Run, Ticket};
use super::{Observer, RunError};
use crate::cloud::{Answered, CallError, CopyView};
use crate::ids::{AccountId, ImageId, Named, RegionId, RequestKey};
use crate::quantity::Bytes;
use crate::records::{CopyRecord, History, Outcome};
use crate::service::{CancelCopyImage, Cause, CopyImage, DeleteImage, DescribeImages, Refusal};
use crate::time::{SimDuration, SimTime};
use crate::workload::{AskCopy, Course, ImageSource, Poll, TimedOut};

impl<'a, O: Observer> Run<'a, O> {
    /// A request of a client that has to be followed is planned for this instant.
    #[cold]
    pub(super) fn hand_over(
        &mut self,
        key: RequestKey,
        ask: &AskCopy<'a>,
        image: Named<ImageId>,
    ) -> Result<(), RunError> {
        let now = self.cloud.now();
        // Each errand keeps the image of its arrival until its row is closed.
        if let (ImageSource::Fresh, Named::Known(image)) = (ask.member.image, image) {
            self.cloud.keep_image(image);
            if ask.last_of_fresh && ask.fresh.is_none() {
                self.cloud.forget_image(image);
            }
        }
        self.clients.drop_void(&self.cloud);
        let id = self.clients.add(key, Box::new(ask.clone()), image, now);
        if self.clients.take_place(id) {
            return self.send(id);
        }
        self.tell(History::HeldBack { key });
        Ok(())
    }

    /// A client does what it had to do next.
    pub(super) fn duty(&mut self) -> Result<(), RunError> {
        let Some((id, duty)) = self.clients.take(&self.cloud) else { return Ok(()) };
        match duty {
            // One that was planned in this instant too and stands before it may have taken the place.
            Duty::Call if self.clients.get(id).sent.is_none() => {
                if self.clients.take_place(id) {
                    self.send(id)
                } else {
                    Ok(())
                }
            }
            Duty::Call => self.attempt(id),
            Duty::Notice => {
                let key = self.clients.get(id).key;
                self.tell(History::Noticed { key });
                self.notice(id)
            }
            Duty::TimeOut(then) => self.errand_timed_out(id, then),
        }
    }

    /// The first call is made, and the time from which its client waits begins.
    fn send(&mut self, id: ErrandId) -> Result<(), RunError> {
        let now = self.cloud.now();
        let errand = self.clients.get_mut(id);
        errand.sent = Some(now);
        let (key, timeout) = (errand.key, errand.ask.course.timeout);
        if self.clients.plan(id).is_some_and(|plan| plan.skips_existing)
            && let Some(image) = self.existing(id)
        {
            return self.skip(id, image);
        }
        if let Some(timeout) = timeout {
            let at = self.load.reachable(now.checked_add(timeout.after));
            let at = at.ok_or(RunError::BeyondTime { key, field: "timeout" })?;
            self.clients.agree(id, at, Duty::TimeOut(timeout.then));
        }
        self.attempt(id)
    }

    /// An Available image that has the name already which this copy would have, as its client sees it.
    fn existing(&self, id: ErrandId) -> Option<ImageId> {
        let member = &self.clients.get(id).ask.member;
        let call = DescribeImages {
            account: member.caller?.account,
            region: member.to.known()?,
            image: None,
            name: Some(member.parameters.name?.id),
            statuses: None,
        };
        self.cloud.describe_images(&call).first().map(|image| image.id)
    }

    /// What was asked for is there: its client has that image, and asks for nothing.
    fn skip(&mut self, id: ErrandId, image: ImageId) -> Result<(), RunError> {
        let errand = self.clients.get(id);
        let (key, handle) = (errand.key, errand.ask.handle);
        self.tell(History::FoundExisting { key });
        let errand = self.clients.get_mut(id);
        errand.sent = None;
        let member = &errand.ask.member;
        let (from, to) = (member.from.known(), member.to.known());
        let row = CopyRecord { from, to, ..CopyRecord::new(key, Outcome::Skipped) };
        self.close(of_errand(row, self.clients.get(id)));
        self.is_done(id)?;
        self.forget_errand(id);
        if self.load.names(key, handle) {
            self.load.accepted(key, handle, image);
            self.cloud.keep_image(image);
        }
        match handle {
            Some(handle) => Ok(self.load.available(handle, self.cloud.now())?),
            None => Ok(()),
        }
    }

    /// The next call of an errand is made.
    fn attempt(&mut self, id: ErrandId) -> Result<(), RunError> {
        self.delete_failed(id)?;
        let errand = self.clients.get_mut(id);
        errand.calls += 1;
        errand.state = State::Calling;
        let (key, call_number) = (errand.key, errand.calls);
        // The cancel of its row may be over by now.
        let handle = errand.ask.handle;
        errand.ask.keeps_product = errand.ask.member.retention.is_some() || self.load.names(key, handle);
        if let ImageSource::Product(handle) = errand.ask.member.image {
            errand.image = self.load.product(handle);
        }
        if call_number > 1 {
            errand.ask.faults = self.load.faults_of_further_call(key, call_number);
        }
        let call = CopyImage { image: errand.image, attempt: call_number, ..call_of(key, &errand.ask) };
        let call = match self.clients.plan(id).and_then(|plan| plan.retry.as_ref()) {
            Some(retry) if retry.new_token && call_number > 1 => {
                CopyImage { token: call.token.map(|token| token.of_call(call_number)), ..call }
            }
            _ => call,
        };
        let errand = self.clients.get(id);
        let (work, fate) = (work_of(&self.cloud, &errand.ask, call.image), errand.ask.course.fate);
        match self.cloud.copy_image(&call, work, fate) {
            Ok(Answered::Accepted(view, product)) => {
                self.errand_accepted(id, &call, &view, product);
                Ok(())
            }
            Ok(Answered::Replayed { request, attempt, product }) => {
                self.errand_replayed(id, &call, (request, attempt), product)
            }
            Err(CallError::Refused(refusal)) => self.errand_refused(id, &call, refusal),
            Err(CallError::BeyondTime(field)) => Err(RunError::BeyondTime { key, field }),
        }
    }

    fn errand_accepted(&mut self, id: ErrandId, call: &CopyImage, view: &CopyView, product: ImageId) {
        // Its client may ask for it until the row is closed.
        self.cloud.keep_image(product);
        let errand = self.clients.get_mut(id);
        errand.state = State::Copying(view.id, product);
        let (planned, handle, keeps_product) =
            (Some(errand.planned), errand.ask.handle, errand.ask.keeps_product);
        let retention = errand.ask.member.retention.map(|retention| (retention, product));
        let key = errand.key;
        self.tickets.put(view.id, Ticket { key, planned, handle, retention, errand: Some(id) });
        if keeps_product {
            self.load.accepted(key, handle, product);
        }
        self.tell_accepted(call, view, product);
    }

    /// The answer of an earlier request was given again: its client has that image and asks for no more.
    fn errand_replayed(
        &mut self,
        id: ErrandId,
        call: &CopyImage,
        first: (RequestKey, u32),
        product: ImageId,
    ) -> Result<(), RunError> {
        let errand = self.clients.get(id);
        let (key, handle) = (errand.key, errand.ask.handle);
        let row = of_errand(self.unaccepted(key, call, Outcome::Replayed), errand);
        self.is_done(id)?;
        self.forget_errand(id);
        self.replayed(row, call, first, product, handle)
    }

    fn errand_refused(&mut self, id: ErrandId, call: &CopyImage, refusal: Refusal) -> Result<(), RunError> {
        let refused = self.refused(refusal);
        let key = call.request;
        if refusal.cause == Cause::DryRun {
            self.tell(History::DryRun { key, call: call.attempt });
            let row = CopyRecord { refused: Some(refused), ..self.unaccepted(key, call, Outcome::DryRun) };
            return self.close_errand(id, row);
        }
        let errand = self.clients.get_mut(id);
        errand.refusals += 1;
        self.tell(History::CopyRefused { key, call: call.attempt, refused });
        let row = CopyRecord { refused: Some(refused), ..self.unaccepted(key, call, Outcome::Refused) };
        let retry = self.clients.plan(id).and_then(|plan| plan.retry.as_ref());
        if retry.is_some_and(|retry| retry.follows(refusal.code, call.attempt)) {
            return self.call_again(id, row);
        }
        self.close_errand(id, row)
    }

    /// The client of an errand will call again; else `row` is how it ended.
    fn call_again(&mut self, id: ErrandId, row: CopyRecord) -> Result<(), RunError> {
        let (errand, plan) = (self.clients.get(id), self.clients.plan(id));
        let key = errand.key;
        let (Some(plan), calls) = (plan, errand.calls) else { return self.close_errand(id, row) };
        let Some(retry) = &plan.retry else { return self.close_errand(id, row) };
        let source = self.load.further_source(key);
        let delay = retry.delay_after(calls, self.load.seed(), &plan.name, &source);
        let at = self.load.reachable(self.cloud.now().checked_add(delay));
        let at = at.ok_or(RunError::BeyondTime { key, field: "retry.delay" })?;
        self.clients.get_mut(id).state = State::Retrying(row);
        self.tell(History::CallsAgain { key, at });
        self.clients.agree(id, at, Duty::Call);
        Ok(())
    }

    /// The copy of an errand is over, or was cancelled, maybe by its client (`is_by_client`). What was told of it
    /// already is not told again.
    #[cold]
    pub(super) fn errand_copy_over(
        &mut self,
        id: ErrandId,
        view: &CopyView,
        ticket: &Ticket,
        outcome: Outcome,
        is_by_client: bool,
    ) -> Result<(), RunError> {
        let row = CopyRecord { noticed: None, ..self.record(view, ticket, outcome) };
        let errand = self.clients.get_mut(id);
        let State::Copying(_, image) = errand.state else { unreachable!("a copy ends while it goes on") };
        errand.state = State::Unnoticed(row, image);
        if errand.timed_out.is_some() {
            // Nobody watches any more, but for who cancels it.
            self.close_row(id, CopyRecord { noticed: row.end.filter(|_| is_by_client), ..row });
            return Ok(());
        }
        let now = self.cloud.now();
        let Some(poll) = self.clients.plan(id).and_then(|plan| plan.poll) else { return self.notice(id) };
        if !self.sees(id, outcome) {
            // It keeps its place in its client's hands. Without a time-out nothing happens to it any more.
            if self.clients.get(id).ask.course.timeout.is_none() {
                self.close_row(id, row);
            }
            return Ok(());
        }
        match next_poll(view.accepted, now, poll) {
            Some(at) => self.clients.agree(id, at, Duty::Notice),
            None if self.load.reachable(None).is_some() => {}
            None => return Err(RunError::BeyondTime { key: ticket.key, field: "poll" }),
        }
        Ok(())
    }

    /// Whether the client of an errand calls again if its copy fails: not if it never sees that.
    pub(super) fn retries_failure(&self, id: ErrandId) -> bool {
        let errand = self.clients.get(id);
        let retry = self.clients.plan(id).and_then(|plan| plan.retry.as_ref());
        errand.timed_out.is_none()
            && self.sees(id, Outcome::Failed)
            && retry.is_some_and(|retry| retry.follows_failure(errand.calls))
    }

    /// Whether the client of an errand can notice that this is what became of its copy.
    fn sees(&self, id: ErrandId, outcome: Outcome) -> bool {
        let poll = self.clients.plan(id).and_then(|plan| plan.poll);
        outcome == Outcome::Available || poll.is_none_or(|poll| !poll.sees_available_only)
    }

    /// Whether the copy of an errand failed as this row says, and its client calls again for that.
    fn calls_again_for(&self, id: ErrandId, row: &CopyRecord) -> bool {
        row.outcome == Outcome::Failed && self.retries_failure(id)
    }

    /// A client notices that the copy of an errand is over.
    fn notice(&mut self, id: ErrandId) -> Result<(), RunError> {
        let now = self.cloud.now();
        let errand = self.clients.get(id);
        let State::Unnoticed(row, image) = errand.state else { return Ok(()) };
        let handle = errand.ask.handle;
        let row = CopyRecord { noticed: Some(now), ..row };
        if self.calls_again_for(id, &row) {
            self.clients.get_mut(id).failed_image = Some(image);
            return self.call_again(id, row);
        }
        self.is_done(id)?;
        self.close_row(id, row);
        match handle.filter(|_| row.outcome == Outcome::Available) {
            Some(handle) => Ok(self.load.available(handle, now)?),
            None => Ok(()),
        }
    }

    /// Before it calls again, a client deletes what is left of the copy that failed, so that its name is free. From
    /// now on that copy isn't the last one.
    fn delete_failed(&mut self, id: ErrandId) -> Result<(), RunError> {
        let errand = self.clients.get_mut(id);
        let Some(image) = errand.failed_image.take() else { return Ok(()) };
        // Another copy has luck of its own.
        if let Some(course) = self.load.course_of_further_copy(&errand.ask, errand.key, errand.calls + 1)? {
            errand.ask.course = Course { timeout: errand.ask.course.timeout, ..course };
        }
        if let State::Retrying(failed) = errand.state {
            errand.failures += 1;
            errand.moved_in_vain = Bytes(errand.moved_in_vain.0.saturating_add(failed.moved.0));
        }
        let (key, failed_call, (account, region)) = (errand.key, errand.calls, whose_product(errand));
        let answer = self.cloud.delete(&DeleteImage { account, region, image: Named::Known(image) });
        self.tell_deleted(key, answer, Some(failed_call));
        self.cloud.forget_image(image);
        Ok(())
    }

    /// A client has waited long enough. Whatever comes of that, it is done.
    fn errand_timed_out(&mut self, id: ErrandId, then: TimedOut) -> Result<(), RunError> {
        let now = self.cloud.now();
        let errand = self.clients.get(id);
        let (key, handle) = (errand.key, errand.ask.handle);
        match errand.state {
            State::Unnoticed(row, image) => {
                // It ends in this very instant, and that is noticed (R1.6).
                let knows = row.end == Some(now) && self.sees(id, row.outcome);
                if knows && self.clients.plan(id).is_some_and(|plan| plan.poll.is_some()) {
                    self.tell(History::Noticed { key });
                }
                if knows && !self.calls_again_for(id, &row) {
                    return self.notice(id);
                }
                self.give_up(id)?;
                self.cancel_unless(then == TimedOut::Leave || knows, id, image)?;
                self.close_row(id, CopyRecord { noticed: row.end.filter(|_| knows), ..row });
            }
            State::Retrying(row) => {
                self.give_up(id)?;
                self.close_row(id, row);
            }
            State::Copying(_, image) => {
                self.give_up(id)?;
                self.cancel_unless(then == TimedOut::Leave, id, image)?;
            }
            State::Calling => unreachable!("a client that calls has its answer in the same instant"),
        }
        // What waits for it waits for its client's word, which never comes.
        self.lose(key, handle);
        Ok(())
    }

    /// The row of an errand that its client is done with is closed.
    fn close_row(&mut self, id: ErrandId, row: CopyRecord) {
        self.close(of_errand(row, self.clients.get(id)));
        self.forget_errand(id);
    }

    fn give_up(&mut self, id: ErrandId) -> Result<(), RunError> {
        let now = self.cloud.now();
        let errand = self.clients.get_mut(id);
        errand.timed_out = Some(now);
        let key = errand.key;
        self.tell(History::TimedOut { key });
        self.is_done(id)
    }

    /// A client cancels the copy that makes an image, unless it leaves it to itself.
    fn cancel_unless(&mut self, leaves: bool, id: ErrandId, image: ImageId) -> Result<(), RunError> {
        if leaves {
            return Ok(());
        }
        let errand = self.clients.get(id);
        let (key, (account, region)) = (errand.key, whose_product(errand));
        self.cancel_copy(key, cancel_of(account, region, image))
    }

    /// The row of an errand is closed, and its request won't make an image.
    fn close_errand(&mut self, id: ErrandId, row: CopyRecord) -> Result<(), RunError> {
        let errand = self.clients.get(id);
        let (key, handle) = (errand.key, errand.ask.handle);
        self.is_done(id)?;
        self.close_row(id, row);
        self.lose(key, handle);
        Ok(())
    }

    /// A client is done with an errand: it has a free place, and a worker thinks about the next one.
    fn is_done(&mut self, id: ErrandId) -> Result<(), RunError> {
        let now = self.cloud.now();
        self.clients.free_place(id, now);
        let key = self.clients.get(id).key;
        Ok(self.load.done(key, now)?)
    }

    /// Nothing is left to be said of an errand.
    fn forget_errand(&mut self, id: ErrandId) {
        let errand = self.clients.get(id);
        let fresh = errand.image.known().filter(|_| errand.ask.member.image == ImageSource::Fresh);
        let failed = errand.failed_image;
        let product = match errand.state {
            State::Copying(_, image) | State::Unnoticed(_, image) => Some(image),
            State::Calling | State::Retrying(_) => None,
        };
        self.clients.remove(id);
        fresh.into_iter().chain(product).chain(failed).for_each(|image| self.cloud.forget_image(image));
    }

    /// The rows of errands that the end of the run cuts off, but for unfinished copies: copies that are over and
    /// whose clients don't know, requests that would have been called again, and those that weren't sent.
    pub(super) fn close_errands(&mut self) {
        let mut rows: Vec<(SimTime, CopyRecord)> = Vec::new();
        for (_, errand) in self.clients.left() {
            let row = match errand.state {
                State::Copying(..) => continue,
                State::Unnoticed(row, _) | State::Retrying(row) => row,
                State::Calling => self.not_sent(errand),
            };
            rows.push((errand.sent.unwrap_or(SimTime::MAX), of_errand(row, errand)));
        }
        rows.sort_by_key(|(sent, row)| (*sent, row.planned, row.key));
        rows.into_iter().for_each(|(_, row)| self.close(row));
    }

    fn not_sent(&self, errand: &Errand<'_>) -> CopyRecord {
        let image = errand.image.known().and_then(|id| self.cloud.service().images().get(id));
        CopyRecord {
            from: errand.ask.member.from.known(),
            to: errand.ask.member.to.known(),
            size: image.and_then(|image| image.size),
            ..CopyRecord::new(errand.key, Outcome::NotSent)
        }
    }
}

/// Whose an image is that a copy of an errand made, and where.
fn whose_product(errand: &Errand<'_>) -> (AccountId, Named<RegionId>) {
    let member = &errand.ask.member;
    (member.caller.expect("an accepted call carries an account").account, member.to)
}

/// The cancel that a client calls when it has waited long enough.
pub(super) fn cancel_of(account: AccountId, region: Named<RegionId>, image: ImageId) -> CancelCopyImage {
    let image = Named::Known(image);
    CancelCopyImage { account, region, image, faults: Default::default(), past_return: false }
}

/// A row with what is known of its errand.
pub(super) fn of_errand(row: CopyRecord, errand: &Errand<'_>) -> CopyRecord {
    CopyRecord {
        planned: Some(errand.planned),
        sent: errand.sent,
        calls: errand.calls,
        refusals: errand.refusals,
        failures: errand.failures,
        timed_out: errand.timed_out,
        moved: Bytes(row.moved.0.saturating_add(errand.moved_in_vain.0)),
        moved_in_vain: errand.moved_in_vain,
        ..row
    }
}

/// The first poll at or after `now` of a copy accepted then: the first of all comes an interval after the acceptance.
fn next_poll(accepted: SimTime, now: SimTime, poll: Poll) -> Option<SimTime> {
    let every = poll.every.micros();
    let polls = now.since(accepted).micros().div_ceil(every).max(1);
    SimDuration::from_micros(polls.checked_mul(every)?).and_then(|after| accepted.checked_add(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r8_1_polls_come_at_whole_intervals_after_the_acceptance() {
        let at = |micros| SimTime::from_micros(micros).expect("a time");
        let poll = Poll { every: SimDuration::from_micros(30).expect("short"), sees_available_only: false };
        let next = |now| next_poll(at(100), at(now), poll);
        assert_eq!(
            [100, 101, 130, 131, 160].map(next),
            [130, 130, 130, 160, 160].map(|micros| Some(at(micros)))
        );
        assert_eq!(next_poll(at(0), SimTime::MAX, poll), None, "after the end of time");
    }
}
