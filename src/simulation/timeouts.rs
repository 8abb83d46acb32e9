//! Clients that have waited long enough for their copies (R8.2).

use super::run::Run;
use super::{Observer, RunError};
use crate::cloud::{Class, Cloud, CopyView};
use crate::ids::{CopyId, ImageId, Named, RequestKey};
use crate::kernel::{Calendar, EventKey};
use crate::service::{CancelCopyImage, Phase};
use crate::workload::{TimedOut, Timeout};

/// Time-outs that are still to come, of unfinished copies.
#[derive(Debug, Default)]
pub(super) struct Timeouts(Calendar<Waiting>);

/// A client that waits for a copy.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    copy: CopyId,
    image: ImageId,
    then: TimedOut,
}

impl Waiting {
    /// Whether its client still waits: the copy isn't over, and hasn't started where that ends its patience.
    fn is_live(&self, cloud: &Cloud) -> bool {
        match (self.then, cloud.phase(self.copy)) {
            (_, None | Some(Phase::Draining)) | (TimedOut::CancelIfWaiting, Some(Phase::Running)) => false,
            (_, Some(Phase::Waiting)) | (TimedOut::Cancel, Some(Phase::Running)) => true,
        }
    }
}

impl Timeouts {
    /// The key of the next one. An outdated one neither happens nor moves the clock (R1.7).
    #[inline]
    pub fn peek(&mut self, cloud: &Cloud) -> Option<EventKey> {
        if self.0.pending() == 0 { None } else { self.next_live(cloud) }
    }

    fn next_live(&mut self, cloud: &Cloud) -> Option<EventKey> {
        loop {
            let (key, waiting) = self.0.peek()?;
            if waiting.is_live(cloud) {
                return Some(key);
            }
            self.0.pop();
        }
    }
}

impl Timeouts {
    /// Outdated ones stay until their time; when they are most of all, they go, so that memory is needed for
    /// unfinished copies only (R10.4).
    fn drop_outdated(&mut self, cloud: &Cloud) {
        const FEW: u64 = 1024;
        let slots = cloud.service().slots();
        if self.0.pending() as u64 > FEW + 2 * (slots.waiting() + slots.running()) {
            self.0.retain(|_, waiting| waiting.is_live(cloud));
        }
    }
}

impl<O: Observer> Run<'_, O> {
    /// The client of an accepted copy begins to wait for it.
    pub(super) fn wait_for(
        &mut self,
        key: RequestKey,
        view: &CopyView,
        image: ImageId,
        timeout: Timeout,
    ) -> Result<(), RunError> {
        let at = self.load.reachable(self.cloud.now().checked_add(timeout.after));
        let at = at.ok_or(RunError::BeyondTime { key, field: "timeout" })?;
        let waiting = Waiting { copy: view.id, image, then: timeout.then };
        self.timeouts.drop_outdated(&self.cloud);
        self.timeouts.0.push(EventKey::new(at, Class::Cancel.into(), key.rank()), waiting);
        Ok(())
    }

    /// A client has waited long enough, and cancels its copy. Whatever the answer is, it waits no more.
    pub(super) fn time_out(&mut self) -> Result<(), RunError> {
        let Some((key, waiting)) = self.timeouts.0.pop() else { return Ok(()) };
        let image =
            self.cloud.service().images().get(waiting.image).expect("an unfinished copy has its image");
        let cancel = CancelCopyImage {
            account: image.owner.expect("a product has an owner"),
            region: Named::Known(image.region),
            image: Named::Known(waiting.image),
            faults: Default::default(),
            past_return: false,
        };
        self.cancel_copy(RequestKey::from_rank(key.rank()), cancel)
    }
}
