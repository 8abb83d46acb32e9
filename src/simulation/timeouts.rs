//! Clients that have waited long enough for their copies (R8.2).

use rustc_hash::FxHashMap;

use super::errands::cancel_of;
use super::run::Run;
use super::{Observer, RunError};
use crate::cloud::{Class, Cloud, CopyView};
use crate::ids::{CopyId, ImageId, Named, RequestKey};
use crate::kernel::{Calendar, EventKey};
use crate::records::History;
use crate::service::Phase;
use crate::time::SimTime;
use crate::workload::{TimedOut, Timeout};

/// Clients that do nothing but wait for a copy, and not for ever.
#[derive(Debug, Default)]
pub(super) struct Timeouts {
    /// Time-outs that are still to come, of unfinished copies.
    calendar: Calendar<Waiting>,
    /// By acceptance: unfinished copies whose clients have given up, and when.
    left: FxHashMap<u64, SimTime>,
}

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
            (_, Some(Phase::Waiting)) | (TimedOut::Cancel | TimedOut::Leave, Some(Phase::Running)) => true,
        }
    }
}

impl Timeouts {
    /// The key of the next one. An outdated one neither happens nor moves the clock (R1.7).
    #[inline]
    pub fn peek(&mut self, cloud: &Cloud) -> Option<EventKey> {
        if self.calendar.pending() == 0 { None } else { self.next_live(cloud) }
    }

    fn next_live(&mut self, cloud: &Cloud) -> Option<EventKey> {
        loop {
            let (key, waiting) = self.calendar.peek()?;
            if waiting.is_live(cloud) {
                return Some(key);
            }
            self.calendar.pop();
        }
    }

    /// Outdated ones stay until their time; when they are most of all, they go, so that memory is needed for
    /// unfinished copies only (R10.4).
    fn drop_outdated(&mut self, cloud: &Cloud) {
        const FEW: u64 = 1024;
        let slots = cloud.service().slots();
        if self.calendar.pending() as u64 > FEW + 2 * (slots.waiting() + slots.running()) {
            self.calendar.retain(|_, waiting| waiting.is_live(cloud));
        }
    }

    /// When the client of a copy gave up, if it did.
    #[inline(always)]
    pub fn left(&self, copy: CopyId) -> Option<SimTime> {
        if self.left.is_empty() { None } else { self.left.get(&copy.acceptance).copied() }
    }

    /// When the client of a copy that ended then knew of that: at once, unless it had given up before.
    #[inline(always)]
    pub fn noticed(&self, copy: CopyId, end: Option<SimTime>) -> Option<SimTime> {
        end.filter(|_| self.left(copy).is_none())
    }

    /// A copy is over.
    #[inline(always)]
    pub fn forget(&mut self, copy: CopyId) {
        if !self.left.is_empty() {
            self.left.remove(&copy.acceptance);
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
        self.timeouts.calendar.push(EventKey::new(at, Class::Cancel.into(), key.rank()), waiting);
        Ok(())
    }

    /// A client has waited long enough, and maybe cancels its copy. Whatever the answer is, it waits no more.
    pub(super) fn time_out(&mut self) -> Result<(), RunError> {
        let Some((at, waiting)) = self.timeouts.calendar.pop() else { return Ok(()) };
        let key = RequestKey::from_rank(at.rank());
        self.timeouts.left.insert(waiting.copy.acceptance, at.at());
        self.tell(History::TimedOut { key });
        // What waits for it waits for its client's word, which never comes.
        let handle = self.ticket(waiting.copy).handle;
        if waiting.then == TimedOut::Leave {
            self.lose(key, handle);
            return Ok(());
        }
        let image =
            self.cloud.service().images().get(waiting.image).expect("an unfinished copy has its image");
        let account = image.owner.expect("a product has an owner");
        self.cancel_copy(key, cancel_of(account, Named::Known(image.region), waiting.image))?;
        self.lose(key, handle);
        Ok(())
    }
}
