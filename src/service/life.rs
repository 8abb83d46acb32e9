//! The life of an accepted copy: it starts, ends, fails, or is cancelled and drains (R3, R5.2).

use super::copies::{Copy, Phase};
use super::images::{ImageStatus, Origin};
use super::{Cancelled, Service};
use crate::ids::CopyId;

impl Service {
    /// The next copy to start, if one can: the first in queue order (R2.4).
    #[inline]
    pub fn next_start(&mut self) -> Option<CopyId> {
        self.slots.first_startable(&self.copies)
    }

    /// The waiting copy takes its slots and its image is Creating.
    #[inline(always)]
    pub fn start(&mut self, id: CopyId) {
        self.slots.take(id, &mut self.copies);
        let copy = self.copies.get_mut(id).expect("only a waiting copy starts");
        copy.phase = Phase::Running;
        let image = self.images.get_mut(copy.target).expect("an unfinished copy has an image");
        image.status = ImageStatus::Creating;
    }

    /// The running copy is done: its image is Available and its slots are free.
    #[inline(always)]
    pub fn complete(&mut self, id: CopyId) {
        self.finish(id, ImageStatus::Available);
    }

    /// The running copy failed: its image is CreateFailed, keeps its name, and its slots are free (R4.3).
    pub fn fail(&mut self, id: CopyId) {
        self.finish(id, ImageStatus::CreateFailed);
    }

    #[inline(always)]
    fn finish(&mut self, id: CopyId, status: ImageStatus) {
        let copy = self.copies.get(id).cloned().expect("only a running copy ends");
        self.slots.release_running(copy.line, &self.copies);
        self.leave_readers(id, &copy);
        self.images.change(copy.target, |image| {
            image.origin = Origin::Finished;
            image.status = status;
        });
        self.copies.remove(id);
    }

    /// Cancels an unfinished copy: its image record, name and conflict key are gone at once (R5.3), its
    /// slot too unless the service drains it.
    pub fn commit_cancel(&mut self, id: CopyId) -> Cancelled {
        let copy = self.copies.get(id).cloned().expect("a checked cancel names an unfinished copy");
        let was_running = copy.phase == Phase::Running;
        let drains = was_running && self.settings.cancel.drain.micros() > 0;
        self.leave_readers(id, &copy);
        let disks = self.images.get(copy.target).map_or(0, |image| image.disks);
        self.remove_image(copy.target, disks);
        if drains {
            self.slots.begin_drain(copy.line);
            if let Some(copy) = self.copies.get_mut(id) {
                copy.phase = Phase::Draining;
            }
        } else {
            if was_running {
                self.slots.release_running(copy.line, &self.copies);
            } else {
                self.slots.leave_queue(id, &mut self.copies);
            }
            self.copies.remove(id);
        }
        Cancelled { copy: id, was_running, drains }
    }

    /// The drain of a cancelled copy is over: its slots are free.
    pub fn end_drain(&mut self, id: CopyId) {
        let copy = self.copies.get(id).cloned().expect("only a draining copy ends its drain");
        self.slots.release_draining(copy.line, &self.copies);
        self.copies.remove(id);
    }

    /// The copy no longer reads its source: its conflict key is free (R6.1).
    #[inline(always)]
    fn leave_readers(&mut self, id: CopyId, copy: &Copy) {
        self.images.change(copy.source, |source| {
            source.readers.remove(id.index, &mut self.copies, |copy| &mut copy.among_readers);
        });
    }
}
