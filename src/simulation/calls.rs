//! The calls of a run, and what becomes of their answers.

use super::run::{Run, Ticket};
use super::{Observer, RunError};
use crate::cloud::CallError;
use crate::ids::{Named, RequestKey};
use crate::records::{CopyRecord, History, Outcome, SlotSet};
use crate::service::{CancelCopyImage, Cancelled, CopyImage, DeleteImage, GivenImage, Refusal};
use crate::workload::{Ask, AskCopy, AskTarget, Expiry, HandleId, Operation};

/// The CopyImage call of an ask.
pub(super) fn call_of(ask: &AskCopy) -> CopyImage {
    let member = &ask.member;
    CopyImage {
        account: member.account,
        image: ask.image,
        from: member.from,
        to: member.to,
        name: member.name,
        encrypted: member.encrypted,
        cancellable: member.cancellable,
        keep_product: ask.keeps_product,
    }
}

impl<O: Observer> Run<'_, O> {
    /// The next call of the load is made.
    pub(super) fn call(&mut self) -> Result<(), RunError> {
        let Some(Ask { key, operation }) = self.load.take()? else { return Ok(()) };
        match operation {
            Operation::Copy(ask) => self.copy_image(key, ask)?,
            Operation::Cancel(ask) => self.cancel(key, ask)?,
            Operation::Delete(ask) => self.delete(key, ask),
        }
        Ok(())
    }

    fn copy_image(&mut self, key: RequestKey, ask: AskCopy) -> Result<(), RunError> {
        if ask.is_row
            && let Some(row) = self.load.row(key)
        {
            self.observer.planned(key, row);
        }
        let mut image = ask.image;
        if let Some(fresh) = ask.fresh {
            let id = self.cloud.put_image(GivenImage {
                account: fresh.account,
                region: fresh.region,
                name: None,
                size: fresh.size,
                cancellable: true,
            });
            self.load.put_fresh(key, id);
            image = Named::Known(id);
        }
        let member = ask.member;
        let call = CopyImage { image, ..call_of(&ask) };
        match self.cloud.copy_image(&call, member.work, member.fate) {
            Ok((view, product)) => {
                let retention = member.retention.map(|retention| (retention, product));
                let planned = Some(self.cloud.now());
                self.tickets.put(view.id, Ticket { key, planned, handle: ask.handle, retention });
                if ask.keeps_product {
                    self.load.accepted(key, ask.handle, product);
                }
                self.tell(History::Accepted { key, slots: SlotSet(view.slots) });
            }
            Err(CallError::Refused(refusal)) => self.copy_refused(key, &call, refusal, ask.handle),
            Err(CallError::BeyondTime(field)) => return Err(RunError::BeyondTime { key, field }),
        }
        if ask.last_of_fresh
            && let Named::Known(id) = image
        {
            self.cloud.forget_image(id);
        }
        Ok(())
    }

    fn copy_refused(
        &mut self,
        key: RequestKey,
        call: &CopyImage,
        refusal: Refusal,
        handle: Option<HandleId>,
    ) {
        let refused = self.refused(refusal);
        let now = self.cloud.now();
        self.tell(History::CopyRefused { key, refused });
        let size = call
            .image
            .known()
            .and_then(|id| self.cloud.service().images().get(id))
            .and_then(|image| image.size);
        self.close(CopyRecord {
            from: call.from.known(),
            to: call.to.known(),
            size,
            planned: Some(now),
            sent: Some(now),
            calls: 1,
            refusals: 1,
            refused: Some(refused),
            ..CopyRecord::new(key, Outcome::Refused)
        });
        self.lose(key, handle);
    }

    fn cancel(&mut self, call: RequestKey, ask: AskTarget) -> Result<(), RunError> {
        let request = CancelCopyImage {
            account: ask.account,
            region: ask.region,
            image: ask.image,
            past_return: false,
        };
        match self.cloud.cancel(request) {
            Ok((view, Cancelled { was_running, drains, .. })) => {
                let ticket = self.ticket(view.id);
                let outcome = if was_running { Outcome::CancelledRunning } else { Outcome::CancelledWaiting };
                let slots = SlotSet(view.slots);
                self.tell(History::Cancelled { call, key: ticket.key, was_running, drains, slots });
                self.close_accepted(&view, outcome);
                self.lose(ticket.key, ticket.handle);
            }
            Err(CallError::Refused(refusal)) => {
                let refused = self.refused(refusal);
                self.tell(History::CancelRefused { call, refused });
            }
            Err(CallError::BeyondTime(field)) => return Err(RunError::BeyondTime { key: call, field }),
        }
        if ask.is_last
            && let Named::Known(image) = ask.image
        {
            self.cloud.forget_image(image);
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
        match self.cloud.delete(request) {
            Ok(()) => self.tell(History::Deleted { call }),
            Err(refusal) => {
                let refused = self.refused(refusal);
                self.tell(History::DeleteRefused { call, refused });
            }
        }
    }
}
