//! The calls of a run, and what becomes of their answers.

use super::run::{Run, Ticket};
use super::{Observer, RunError};
use crate::cloud::{Answered, CallError, Cloud, CopyView};
use crate::ids::{ImageId, Named, RequestKey};
use crate::records::{CopyRecord, History, Outcome, SlotSet};
use crate::service::{
    CancelCopyImage, Cancelled, Cause, CopyImage, DeleteImage, GivenImage, Origin, Refusal,
};
use crate::time::SimDuration;
use crate::transfer::Work;
use crate::workload::{Ask, AskCopy, AskTarget, CourseWork, Expiry, HandleId, Member, Operation};

/// The CopyImage call of an ask.
pub(super) fn call_of(request: RequestKey, ask: &AskCopy<'_>) -> CopyImage {
    let member: &Member = &ask.member;
    CopyImage {
        request,
        attempt: 1,
        caller: member.caller,
        image: ask.image,
        from: member.from,
        to: member.to,
        parameters: member.parameters,
        token: member.token,
        dry_run: member.dry_run,
        faults: ask.faults,
        cancellable: member.cancellable,
        priority: ask.priority,
        keep_product: ask.keeps_product,
    }
}

/// How long the copy of an ask for this image takes. What is drawn without the size of the image counts with the
/// size that the image has; an image that isn't there is refused.
pub(super) fn work_of(cloud: &Cloud, ask: &AskCopy<'_>, image: Named<ImageId>) -> Work {
    let phases = match ask.course.work {
        CourseWork::Known(work) => return work,
        CourseWork::OfSize(phases) => phases,
    };
    let image = image.known().and_then(|id| cloud.service().images().get(id));
    let Some(size) = image.and_then(|image| image.size) else { return Work::Duration(SimDuration::ZERO) };
    phases.work(size)
}

impl<'a, O: Observer> Run<'a, O> {
    /// The next call of the load is made.
    #[inline]
    pub(super) fn call(&mut self) -> Result<(), RunError> {
        // Looked at where it is: an ask is large.
        match &self.load.take() {
            Ok(Ask { key, operation: Operation::Copy(ask) }) => self.copy_image(*key, ask),
            Ok(Ask { key, operation: Operation::Cancel(ask) }) => self.cancel(*key, *ask),
            Ok(Ask { key, operation: Operation::Delete(ask) }) => {
                self.delete(*key, *ask);
                Ok(())
            }
            Err(error) => Err((*error).into()),
        }
    }

    #[inline]
    fn copy_image(&mut self, key: RequestKey, ask: &AskCopy<'a>) -> Result<(), RunError> {
        if ask.is_row
            && let Some(row) = self.load.row(key)
        {
            self.observer.planned(key, row);
        }
        let mut image = ask.image;
        if let Some(fresh) = ask.fresh {
            let given = GivenImage {
                owner: Some(fresh.account),
                region: fresh.region,
                name: None,
                size: fresh.size,
                disks: 1,
                cancellable: true,
                facts: None,
            };
            let id = if ask.last_of_fresh {
                self.cloud.put_image_for_one(given)
            } else {
                self.cloud.put_image(given)
            };
            self.load.put_fresh(key.entry(), id);
            image = Named::Known(id);
        }
        if ask.member.client.is_some() || ask.is_of_loop {
            return self.hand_over(key, ask, image);
        }
        let call = CopyImage { image, ..call_of(key, ask) };
        let work = work_of(&self.cloud, ask, image);
        let answered = self.cloud.copy_image(&call, work, ask.course.fate);
        let is_accepted = matches!(answered, Ok(Answered::Accepted(..)));
        match answered {
            Ok(Answered::Accepted(view, product)) => {
                let retention = ask.member.retention.map(|retention| (retention, product));
                let planned = Some(self.cloud.now());
                self.tickets
                    .put(view.id, Ticket { key, planned, handle: ask.handle, retention, errand: None });
                if ask.keeps_product {
                    self.load.accepted(key, ask.handle, product);
                }
                self.tell_accepted(&call, &view, product);
                if let Some(timeout) = ask.course.timeout {
                    self.wait_for(key, &view, product, timeout)?;
                }
            }
            Ok(Answered::Replayed { request, attempt, product }) => {
                let row = self.unaccepted(key, &call, Outcome::Replayed);
                self.replayed(row, &call, (request, attempt), product, ask.handle)?
            }
            Err(CallError::Refused(refusal)) => self.copy_refused(key, &call, refusal, ask.handle),
            Err(CallError::BeyondTime(field)) => return Err(RunError::BeyondTime { key, field }),
        }
        // One that was put there for this call alone goes with its copy, if there is one.
        let goes_by_itself = ask.fresh.is_some() && is_accepted;
        if ask.last_of_fresh
            && !goes_by_itself
            && let Named::Known(id) = image
        {
            self.cloud.forget_image(id);
        }
        Ok(())
    }

    /// A call was accepted.
    #[inline(always)]
    pub(super) fn tell_accepted(&mut self, call: &CopyImage, view: &CopyView, product: ImageId) {
        if self.looks_for_names && call.parameters.name.is_some() {
            self.cloud.keep_image(product);
        }
        let CopyView { from, to, size, .. } = *view;
        let (slots, priority) = (SlotSet(view.slots), call.priority);
        let (key, call) = (call.request, call.attempt);
        self.tell(History::Accepted { key, call, from, to, slots, priority, size });
    }

    fn copy_refused(
        &mut self,
        key: RequestKey,
        call: &CopyImage,
        refusal: Refusal,
        handle: Option<HandleId>,
    ) {
        let refused = self.refused(refusal);
        let record = if refusal.cause == Cause::DryRun {
            self.tell(History::DryRun { key, call: call.attempt });
            self.unaccepted(key, call, Outcome::DryRun)
        } else {
            self.tell(History::CopyRefused { key, call: call.attempt, refused });
            CopyRecord { refusals: 1, ..self.unaccepted(key, call, Outcome::Refused) }
        };
        self.close(CopyRecord { refused: Some(refused), ..record });
        self.lose(key, handle);
    }

    /// The answer of an earlier request was given again: the client has its image, whatever became of it.
    pub(super) fn replayed(
        &mut self,
        row: CopyRecord,
        call: &CopyImage,
        (first, first_call): (RequestKey, u32),
        product: ImageId,
        handle: Option<HandleId>,
    ) -> Result<(), RunError> {
        let key = call.request;
        self.tell(History::Replayed { key, call: call.attempt, first, first_call });
        self.close(CopyRecord { replays: Some(first), replayed_call: first_call, ..row });
        if self.load.names(key, handle) {
            self.load.accepted(key, handle, product);
            self.cloud.keep_image(product);
        }
        let Some(handle) = handle else { return Ok(()) };
        match self.cloud.service().images().get(product).map(|image| image.origin) {
            Some(Origin::Unfinished(copy)) => self.also.entry(copy.acceptance).or_default().push(handle),
            Some(_) if self.cloud.is_available(product) => {
                self.load.available(handle, self.cloud.now())?;
            }
            _ => self.lose(key, Some(handle)),
        }
        Ok(())
    }

    /// The record of a request whose only call, made now, didn't lead to a copy.
    pub(super) fn unaccepted(&self, key: RequestKey, call: &CopyImage, outcome: Outcome) -> CopyRecord {
        let now = self.cloud.now();
        let image = call.image.known().and_then(|id| self.cloud.service().images().get(id));
        CopyRecord {
            from: call.from.known(),
            to: call.to.known(),
            size: image.and_then(|image| image.size),
            planned: Some(now),
            sent: Some(now),
            calls: 1,
            ..CopyRecord::new(key, outcome)
        }
    }

    fn cancel(&mut self, call: RequestKey, ask: AskTarget) -> Result<(), RunError> {
        let request = CancelCopyImage {
            account: ask.account,
            region: ask.region,
            image: ask.image,
            faults: ask.faults,
            past_return: false,
        };
        self.cancel_copy(call, request)?;
        if ask.is_last
            && let Named::Known(image) = ask.image
        {
            self.cloud.forget_image(image);
        }
        Ok(())
    }

    /// A cancel is called; `call` is the cancel, or the copy request whose client cancels it.
    pub(super) fn cancel_copy(&mut self, call: RequestKey, request: CancelCopyImage) -> Result<(), RunError> {
        match self.cloud.cancel(request) {
            Ok((view, Cancelled { was_running, drains, .. })) => {
                let ticket = self.ticket(view.id);
                let outcome = if was_running { Outcome::CancelledRunning } else { Outcome::CancelledWaiting };
                let slots = SlotSet(view.slots);
                self.tell(History::Cancelled { call, key: ticket.key, was_running, drains, slots });
                // Who cancels knows what becomes of the copy.
                let is_by_client = call == ticket.key;
                match ticket.errand {
                    None => self.close_accepted(&view, &ticket, outcome, is_by_client),
                    Some(errand) => self.errand_copy_over(errand, &view, &ticket, outcome, is_by_client)?,
                }
                self.lose_copy(view.id, ticket.key, ticket.handle);
            }
            Err(CallError::Refused(refusal)) => {
                let refused = self.refused(refusal);
                self.tell(History::CancelRefused { call, refused });
            }
            Err(CallError::BeyondTime(field)) => return Err(RunError::BeyondTime { key: call, field }),
        }
        Ok(())
    }

    fn delete(&mut self, call: RequestKey, ask: AskTarget) {
        let AskTarget { account, region, image, .. } = ask;
        self.delete_image(call, &DeleteImage { account, region, image });
    }

    /// The retention of an image is over. If it can't be deleted now, it stays: the call isn't made again.
    pub(super) fn housekeeping(&mut self) {
        let Some((key, Expiry { call, is_named })) = self.load.take_housekeeping() else { return };
        self.delete_image(key, &call);
        if let (Some(image), false) = (call.image.known(), is_named) {
            self.cloud.forget_image(image);
        }
    }

    fn delete_image(&mut self, call: RequestKey, request: &DeleteImage) {
        let answer = self.cloud.delete(request);
        self.tell_deleted(call, answer, None);
    }

    /// Tells the answer to a delete, which may be of what is left of the copy of a failed call.
    pub(super) fn tell_deleted(
        &mut self,
        call: RequestKey,
        answer: Result<(), Refusal>,
        failed_call: Option<u32>,
    ) {
        match answer {
            Ok(()) => self.tell(History::Deleted { call, failed_call }),
            Err(refusal) => {
                let refused = self.refused(refusal);
                self.tell(History::DeleteRefused { call, failed_call, refused });
            }
        }
    }
}
