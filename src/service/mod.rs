//! The simulated service: state of images, copies, slots, queues and names, and the operations on it.
//!
//! It is pure: it has no clock, draws nothing, prints nothing and schedules nothing. A caller brings the
//! time with each call. An operation is decided by a `check_…`, which can change nothing, and done by
//! the matching `commit_…`, which can't fail. Starts are pulled ([`Service::next_start`]) and ends are
//! told ([`Service::complete`], [`Service::fail`], [`Service::end_drain`]).
//!
//! | rule | where it stands |
//! |---|---|
//! | order of checks and their codes (R7.1) | [`checks`], [`codes`] |
//! | cap, queue, what starts next (R2) | [`Slots`] |
//! | life of an image (R3.1), what is remembered (R10.4) | [`Images`] |
//! | settings the vendor leaves open | [`Settings`] |

pub mod checks;
pub mod codes;
mod copies;
mod images;
mod lines;
mod refusal;
mod settings;
mod slab;
mod slots;

use rustc_hash::FxHashSet;

pub use copies::{Copies, Copy, Phase};
pub use images::{Image, ImageStatus, Images, Origin};
pub use refusal::{Cause, Refusal};
pub use settings::{CancelSettings, CapScope, ConflictKey, Settings};
pub use slots::{LimitReached, Slot, SlotKey, SlotPlace, Slots};

use crate::ids::{AccountId, CopyId, ImageId, NameId, Named, RegionId};
use crate::quantity::Bytes;
use crate::time::SimTime;
use copies::{Links, List};

/// A CopyImage call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyImage {
    pub account: AccountId,
    pub image: Named<ImageId>,
    pub from: Named<RegionId>,
    /// The destination in effect: where none was given, the source region (R7.6).
    pub to: Named<RegionId>,
    pub name: Option<NameId>,
    pub encrypted: bool,
    pub cancellable: bool,
    /// Whether anything can ask for the product later (R10.4).
    pub keep_product: bool,
}

/// A CancelCopyImage call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelCopyImage {
    pub account: AccountId,
    /// The region of the new image.
    pub region: Named<RegionId>,
    pub image: Named<ImageId>,
    /// Whether the copy has reached the point of no return, which only its caller can know (R5.2).
    pub past_return: bool,
}

/// A DeleteImage call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteImage {
    pub account: AccountId,
    pub region: Named<RegionId>,
    pub image: Named<ImageId>,
}

/// An image that the scenario puts into a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenImage {
    pub account: AccountId,
    pub region: RegionId,
    pub name: Option<NameId>,
    pub size: Option<Bytes>,
    pub cancellable: bool,
}

/// A CopyImage call that passed every check, to be committed at once.
#[derive(Debug)]
pub struct Admission {
    call: CopyImage,
    source: ImageId,
    from: RegionId,
    to: RegionId,
    size: Option<Bytes>,
    cancellable: bool,
}

impl Admission {
    /// The size of the image to copy, where it has one.
    pub fn size(&self) -> Option<Bytes> {
        self.size
    }
}

/// What became of a cancelled copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled {
    pub copy: CopyId,
    /// Whether it was running; else it was queued.
    pub was_running: bool,
    /// Whether its slot is still held for the drain time.
    pub drains: bool,
}

/// The state of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    settings: Settings,
    images: Images,
    copies: Copies,
    slots: Slots,
    /// Written names that are taken, by account and destination (R6.4).
    names: FxHashSet<(AccountId, RegionId, NameId)>,
    accepted: u64,
}

impl Service {
    pub fn new(settings: Settings) -> Self {
        Self {
            slots: Slots::new(&settings),
            settings,
            images: Images::default(),
            copies: Copies::default(),
            names: FxHashSet::default(),
            accepted: 0,
        }
    }

    /// The settings in force; caps are those of this moment.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn images(&self) -> &Images {
        &self.images
    }

    pub fn copies(&self) -> &Copies {
        &self.copies
    }

    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// See [`Slots::drain_touched`].
    pub fn drain_touched(&mut self, see: impl FnMut(u32, &Slot)) {
        self.slots.drain_touched(see);
    }

    /// Puts a given image into a region, Available, and takes its name (R6.4). It is kept until
    /// [`Service::forget`] says that nothing will ask for it any more.
    pub fn put_image(&mut self, given: GivenImage) -> ImageId {
        if let Some(name) = given.name {
            self.names.insert((given.account, given.region, name));
        }
        self.images.insert(Image {
            serial: 0,
            account: given.account,
            region: given.region,
            status: ImageStatus::Available,
            origin: Origin::Given,
            name: given.name,
            size: given.size,
            cancellable: given.cancellable,
            locked_until: SimTime::ZERO,
            readers: List::default(),
            kept: true,
        })
    }

    /// Nothing will ask for this image any more: its record goes as soon as no copy uses it (R10.4).
    pub fn forget(&mut self, id: ImageId) {
        if let Some(image) = self.images.get_mut(id) {
            image.kept = false;
        }
        self.images.drop_if_unused(id);
    }

    /// Makes the slots of a pair of regions ready before the first copy between them is accepted, so
    /// that their cap is known from the start.
    pub fn prepare(&mut self, account: AccountId, from: RegionId, to: RegionId) {
        self.slots.line_for(account, from, to, &self.settings);
    }

    /// Decides a CopyImage call.
    ///
    /// # Errors
    /// The first row of [`checks::COPY_IMAGE`] that applies.
    pub fn check_copy(&self, now: SimTime, call: &CopyImage) -> Result<Admission, Refusal> {
        if let Some(refusal) = checks::first_refusal(&checks::COPY_IMAGE, self, now, call) {
            return Err(refusal);
        }
        let (Some((source, image)), Some(from), Some(to)) =
            (self.source(call), call.from.known(), call.to.known())
        else {
            unreachable!("the lookup rows refuse unknown images and regions");
        };
        let cancellable = call.cancellable && image.cancellable;
        Ok(Admission { call: *call, source, from, to, size: image.size, cancellable })
    }

    /// Accepts a call: the new image is Waiting, the copy is queued, name and keys are taken.
    pub fn commit_copy(&mut self, now: SimTime, admission: Admission) -> (CopyId, ImageId) {
        let Admission { call, source, from, to, size, cancellable } = admission;
        let acceptance = self.accepted;
        self.accepted += 1;
        let line = self.slots.line_for(call.account, from, to, &self.settings);
        let target = self.images.insert(Image {
            serial: 0,
            account: call.account,
            region: to,
            status: ImageStatus::Waiting,
            origin: Origin::Finished,
            name: call.name,
            size,
            cancellable: true,
            locked_until: SimTime::ZERO,
            readers: List::default(),
            kept: call.keep_product,
        });
        let id = self.copies.insert(Copy {
            acceptance,
            account: call.account,
            source,
            target,
            from,
            to,
            phase: Phase::Waiting,
            cancellable,
            line,
            in_line: Links::default(),
            among_readers: Links::default(),
        });
        if let Some(image) = self.images.get_mut(target) {
            image.origin = Origin::Unfinished(id);
        }
        if let Some(name) = call.name {
            self.names.insert((call.account, to, name));
        }
        if let Some(image) = self.images.get_mut(source) {
            image.readers.push_back(id.index, &mut self.copies, |copy| &mut copy.among_readers);
            image.locked_until = now.checked_add(self.settings.request_lock).unwrap_or(SimTime::MAX);
        }
        self.slots.enqueue(id, &mut self.copies);
        (id, target)
    }

    /// The accepted calls on this image lock it no longer (R6.3).
    pub fn lift_lock(&mut self, id: ImageId) {
        if let Some(image) = self.images.get_mut(id) {
            image.locked_until = SimTime::ZERO;
        }
    }

    /// The next copy to start, if one can: earliest accepted first (R2.4).
    pub fn next_start(&mut self) -> Option<CopyId> {
        self.slots.first_startable(&self.copies)
    }

    /// The waiting copy takes its slots and its image is Creating.
    pub fn start(&mut self, id: CopyId) {
        self.slots.take(id, &mut self.copies);
        let copy = self.copies.get_mut(id).expect("only a waiting copy starts");
        copy.phase = Phase::Running;
        let target = copy.target;
        self.images.get_mut(target).expect("an unfinished copy has an image").status = ImageStatus::Creating;
    }

    /// The running copy is done: its image is Available and its slots are free.
    pub fn complete(&mut self, id: CopyId) {
        self.finish(id, ImageStatus::Available);
    }

    /// The running copy failed: its image is CreateFailed, keeps its name, and its slots are free (R4.3).
    pub fn fail(&mut self, id: CopyId) {
        self.finish(id, ImageStatus::CreateFailed);
    }

    fn finish(&mut self, id: CopyId, status: ImageStatus) {
        let copy = self.copies.get(id).cloned().expect("only a running copy ends");
        self.slots.release_running(&copy, &self.copies);
        self.leave_readers(id, &copy);
        if let Some(image) = self.images.get_mut(copy.target) {
            image.origin = Origin::Finished;
            image.status = status;
        }
        self.images.drop_if_unused(copy.target);
        self.copies.remove(id);
    }

    /// Decides a CancelCopyImage call.
    ///
    /// # Errors
    /// The first row of [`checks::CANCEL_COPY_IMAGE`] that applies.
    pub fn check_cancel(&self, now: SimTime, call: &CancelCopyImage) -> Result<CopyId, Refusal> {
        if let Some(refusal) = checks::first_refusal(&checks::CANCEL_COPY_IMAGE, self, now, call) {
            return Err(refusal);
        }
        match call.image.known().and_then(|id| self.images.get(id)).map(|image| image.origin) {
            Some(Origin::Unfinished(copy)) => Ok(copy),
            _ => unreachable!("the rows refuse everything but unfinished copies"),
        }
    }

    /// Cancels an unfinished copy: its image record, name and conflict key are gone at once (R5.3), its
    /// slot too unless the service drains it.
    pub fn commit_cancel(&mut self, id: CopyId) -> Cancelled {
        let copy = self.copies.get(id).cloned().expect("a checked cancel names an unfinished copy");
        let was_running = copy.phase == Phase::Running;
        let drains = was_running && self.settings.cancel.drain.micros() > 0;
        self.leave_readers(id, &copy);
        self.remove_image(copy.target);
        if drains {
            self.slots.begin_drain(&copy);
            if let Some(copy) = self.copies.get_mut(id) {
                copy.phase = Phase::Draining;
            }
        } else {
            if was_running {
                self.slots.release_running(&copy, &self.copies);
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
        self.slots.release_draining(&copy, &self.copies);
        self.copies.remove(id);
    }

    /// Decides a DeleteImage call.
    ///
    /// # Errors
    /// The first row of [`checks::DELETE_IMAGE`] that applies.
    pub fn check_delete(&self, now: SimTime, call: &DeleteImage) -> Result<ImageId, Refusal> {
        if let Some(refusal) = checks::first_refusal(&checks::DELETE_IMAGE, self, now, call) {
            return Err(refusal);
        }
        Ok(call.image.known().expect("the lookup row refuses unknown images"))
    }

    /// Deletes a finished image and frees its name (R5.4).
    pub fn commit_delete(&mut self, id: ImageId) {
        self.remove_image(id);
    }

    /// The region's cap is now `cap` (R2.2).
    pub fn set_cap(&mut self, region: RegionId, cap: u32) {
        self.settings.caps[region.0 as usize] = cap;
        self.slots.set_cap(region, cap, &self.settings, &self.copies);
    }

    fn remove_image(&mut self, id: ImageId) {
        if let Some(image) = self.images.remove(id)
            && let Some(name) = image.name
        {
            self.names.remove(&(image.account, image.region, name));
        }
    }

    /// The copy no longer reads its source: its conflict key is free (R6.1).
    fn leave_readers(&mut self, id: CopyId, copy: &Copy) {
        if let Some(source) = self.images.get_mut(copy.source) {
            source.readers.remove(id.index, &mut self.copies, |copy| &mut copy.among_readers);
        }
        self.images.drop_if_unused(copy.source);
    }

    /// Recounts the state from its parts: slots held and waiting from the copies, order of the queues,
    /// statuses from the phases, and each unfinished copy from the image that it makes.
    ///
    /// # Errors
    /// The first thing found that doesn't hold, in words.
    pub fn audit(&self) -> Result<(), String> {
        self.slots.audit(&self.copies)?;
        for (id, copy) in self.copies.iter() {
            let status = self.images.get(copy.target).map(|image| (image.status, image.origin));
            let expected = match copy.phase {
                Phase::Waiting => Some((ImageStatus::Waiting, Origin::Unfinished(id))),
                Phase::Running => Some((ImageStatus::Creating, Origin::Unfinished(id))),
                Phase::Draining => None,
            };
            if status != expected {
                return Err(format!(
                    "copy {} is {:?} but its image is {status:?}",
                    id.acceptance, copy.phase
                ));
            }
        }
        Ok(())
    }

    /// What must hold whenever the clock moves on: no free slot beside a startable copy (R1.5).
    ///
    /// # Errors
    /// In words, when a copy could start.
    pub fn audit_settled(&self) -> Result<(), String> {
        if self.slots.has_startable() {
            return Err("a slot is free beside a copy that could start".to_owned());
        }
        Ok(())
    }
}
