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
//! | form of names, descriptions and tags (R7.5) | [`form`] |
//! | what the checks know of accounts, regions, images and keys | [`facts`] |
//! | rate limit and client tokens (R7.2, R7.3) | `tokens` |
//! | quotas (R7.7) | `usage` |
//! | cap, what starts next (R2) | [`Slots`] |
//! | order of the queue (R2.4) | [`QueueOrder`] |
//! | life of a copy (R3, R4.3, R5) | `life` |
//! | what an outage holds back (R4.4) | `outages` |
//! | life of an image (R3.1), what is remembered (R10.4) | [`Images`] |
//! | settings the vendor leaves open | [`Settings`] |

mod answers;
mod audit;
mod calls;
pub mod checks;
pub mod codes;
mod copies;
mod describe;
pub mod facts;
pub mod form;
mod images;
mod life;
mod lines;
mod outages;
mod queue;
mod refusal;
mod settings;
mod slab;
mod slots;
mod tokens;
mod usage;

use rustc_hash::FxHashMap;

pub use answers::{Admission, Answer, Cancelled};
pub use calls::{Caller, CancelCopyImage, CopyImage, DeleteImage, Parameters, WrittenName};
pub use copies::{Copies, Copy, Phase};
pub use describe::DescribeImages;
pub use images::{Image, ImageStatus, Images, Origin};
pub use queue::QueueOrder;
pub use refusal::{Cause, Refusal};
pub use settings::{CancelSettings, CapScope, ConflictKey, Settings};
pub use slots::{LimitReached, Slot, SlotKey, SlotPlace, Slots};

use crate::ids::{AccountId, CopyId, FactsId, ImageId, NameId, Named, RegionId};
use crate::quantity::Bytes;
use crate::time::SimTime;
use checks::{
    AFTER_TOKEN, ALL, STILL_TRUE, Seen, SeenTarget, UP_TO_TOKEN, first_of_cancel, first_of_copy,
    first_of_delete,
};
use codes::Code;
use copies::{Links, List};
use facts::{Among, Details, Facts, FaultHits, FaultOperation, ImageKind};
use queue::QueueRank;
use tokens::{Binding, CallCounts, Tokens};
use usage::Usage;

/// An image that the scenario puts into a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenImage {
    /// None: of nobody in the scenario.
    pub owner: Option<AccountId>,
    pub region: RegionId,
    pub name: Option<NameId>,
    pub size: Option<Bytes>,
    pub disks: u32,
    pub cancellable: bool,
    /// What more is said of it.
    pub facts: Option<FactsId>,
}

/// The state of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    settings: Settings,
    images: Images,
    copies: Copies,
    slots: Slots,
    /// Written names that are taken, by account and destination (R6.4).
    names: FxHashMap<(AccountId, RegionId, NameId), ImageId>,
    tokens: Tokens,
    calls: CallCounts,
    usage: Usage,
    accepted: u64,
    outages: outages::Outages,
    special: Special,
}

/// Whether anything is said of accounts and regions that checks have to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Special {
    accounts: bool,
    regions: bool,
}

impl Service {
    pub fn new(settings: Settings) -> Self {
        Self {
            slots: Slots::new(&settings),
            usage: Usage::new(settings.facts.have_quotas()),
            special: Special {
                accounts: settings.facts.have_special_accounts(),
                regions: settings.facts.have_special_regions(),
            },
            settings,
            images: Images::default(),
            copies: Copies::default(),
            names: FxHashMap::default(),
            tokens: Tokens::default(),
            calls: CallCounts::default(),
            accepted: 0,
            outages: outages::Outages::default(),
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
        self.put(given, 1)
    }

    /// As [`Service::put_image`], of an image for which only the next call asks: it goes when the copy of this call
    /// has ended. Where there is none, [`Service::forget`] has to be told.
    #[inline(always)]
    pub fn put_image_for_one(&mut self, given: GivenImage) -> ImageId {
        self.put(given, 0)
    }

    #[inline(always)]
    fn put(&mut self, given: GivenImage, keepers: u32) -> ImageId {
        if let Some(owner) = given.owner {
            self.usage.add(owner, given.region, 0);
        }
        let id = self.images.insert(Image {
            serial: 0,
            owner: given.owner,
            region: given.region,
            status: ImageStatus::Available,
            origin: Origin::Given,
            name: given.name,
            size: given.size,
            is_encrypted: given.facts.is_some_and(|facts| self.facts().image(Some(facts)).is_encrypted),
            disks: given.disks,
            facts: given.facts,
            cancellable: given.cancellable,
            locked_until: SimTime::ZERO,
            readers: List::default(),
            keepers,
            kept_by_token: false,
        });
        if let (Some(owner), Some(name)) = (given.owner, given.name) {
            self.names.insert((owner, given.region, name), id);
        }
        id
    }

    /// One more can ask for this image, if it is there: a request that was told of it by its token (R7.3).
    pub fn keep(&mut self, id: ImageId) {
        if let Some(image) = self.images.get_mut(id) {
            image.keepers = image.keepers.saturating_add(1);
        }
    }

    /// One of those that could ask for this image won't any more; after the last one its record goes as soon
    /// as no copy uses it (R10.4).
    #[inline]
    pub fn forget(&mut self, id: ImageId) {
        self.images.change(id, |image| image.keepers = image.keepers.saturating_sub(1));
    }

    /// Makes the slots of a pair of regions ready before the first copy between them is accepted, so
    /// that their cap is known from the start.
    pub fn prepare(&mut self, account: AccountId, from: RegionId, to: RegionId) {
        self.slots.line_for(account, from, to, &self.settings);
    }

    /// What is true of accounts, regions, images and keys.
    pub fn facts(&self) -> &Facts {
        &self.settings.facts
    }

    /// What a call says beside the plain things, if it says anything.
    pub fn details(&self, call: &CopyImage) -> Option<&Details> {
        call.parameters.details.map(|id| self.settings.facts.details(id))
    }

    /// The status of an image: of a given one it may change with time.
    pub fn status_of(&self, now: SimTime, image: &Image) -> ImageStatus {
        match image.facts {
            Some(facts) => self.facts().image(Some(facts)).status_at(now),
            None => image.status,
        }
    }

    /// The status of the image of this id, if it is there.
    pub fn status(&self, now: SimTime, id: ImageId) -> Option<ImageStatus> {
        self.images.get(id).map(|image| self.status_of(now, image))
    }

    /// Decides a CopyImage call.
    ///
    /// # Errors
    /// The first row of [`checks::COPY_IMAGE`] that applies.
    #[inline(always)]
    pub fn check_copy<'a>(&self, now: SimTime, call: &'a CopyImage) -> Result<Answer<'a>, Refusal> {
        let seen = Seen::new(self, now, call);
        if call.token.is_some() && !call.dry_run {
            return self.check_copy_with_token(now, call, &seen);
        }
        admitted(call, &seen, first_of_copy::<ALL>(&seen))
    }

    /// The answer of an equal call that binds the token comes before what the later rows say (R7.3).
    fn check_copy_with_token<'a>(
        &self,
        now: SimTime,
        call: &'a CopyImage,
        seen: &Seen<'_>,
    ) -> Result<Answer<'a>, Refusal> {
        if let Some(refusal) = first_of_copy::<UP_TO_TOKEN>(seen) {
            return Err(refusal);
        }
        if let Some(bound) = self.tokens.bound(now, call) {
            let tokens::Binding { request, attempt, product, .. } = *bound;
            return Ok(Answer::Replayed { request, attempt, product });
        }
        admitted(call, seen, first_of_copy::<AFTER_TOKEN>(seen))
    }

    /// Decides whether a copy can be there when the run begins: its call was made and accepted before.
    ///
    /// # Errors
    /// The first row of [`checks::COPY_IMAGE`] that applies, but those of who called and when.
    pub fn check_copy_there<'a>(&self, now: SimTime, call: &'a CopyImage) -> Result<Answer<'a>, Refusal> {
        let seen = Seen::new(self, now, call);
        admitted(call, &seen, first_of_copy::<STILL_TRUE>(&seen))
    }

    /// A CopyImage call was made, whatever its answer: it counts for the rate limit (R7.2), and tokens whose
    /// life is over are forgotten.
    #[inline]
    pub fn note_call(&mut self, now: SimTime, call: &CopyImage) {
        if let (Some(account), Some(_)) = (call.account(), self.settings.rate_limit) {
            self.calls.count(now, account, call.from);
        }
        if self.tokens.are_bound() {
            self.forget_tokens(now);
        }
    }

    fn forget_tokens(&mut self, now: SimTime) {
        while let Some(product) = self.tokens.expire(now) {
            self.images.change(product, |image| image.kept_by_token = false);
        }
    }

    /// Accepts a call: the new image is Waiting, the copy is queued, name and keys are taken.
    #[inline(always)]
    pub fn commit_copy(&mut self, now: SimTime, admission: &Admission<'_>) -> (CopyId, ImageId) {
        let &Admission { call, account, source, from, to, size, disks, cancellable } = admission;
        let name = call.parameters.name.map(|name| name.id);
        let acceptance = self.accepted;
        self.accepted += 1;
        let line = self.slots.line_for(account, from, to, &self.settings);
        let id = self.copies.next_id(acceptance);
        let target = self.images.insert(Image {
            serial: 0,
            owner: Some(account),
            region: to,
            status: ImageStatus::Waiting,
            origin: Origin::Unfinished(id),
            name,
            size,
            is_encrypted: call.parameters.encrypts(),
            disks,
            facts: None,
            cancellable: true,
            locked_until: SimTime::ZERO,
            readers: List::default(),
            keepers: u32::from(call.keep_product),
            kept_by_token: call.token.is_some(),
        });
        let copy = Copy {
            rank: QueueRank { key: self.settings.queue.key(call.priority, size), acceptance },
            account,
            source,
            target,
            from,
            to,
            phase: Phase::Waiting,
            cancellable,
            line,
            in_line: Links::default(),
            is_held_back: self.outages.touch(from, to),
            among_readers: Links::default(),
        };
        self.copies.insert(id, copy);
        if let Some(name) = name {
            self.names.insert((account, to, name), target);
        }
        self.usage.add(account, to, disks);
        if let Some(token) = call.token {
            self.forget_tokens(now);
            let until = now.checked_add(self.settings.token_life).unwrap_or(SimTime::MAX);
            self.tokens.bind((account, from, token), Binding::new(call, source, target, to, until));
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

    /// Decides a CancelCopyImage call.
    ///
    /// # Errors
    /// The first row of [`checks::CANCEL_COPY_IMAGE`] that applies.
    pub fn check_cancel(&self, now: SimTime, call: &CancelCopyImage) -> Result<CopyId, Refusal> {
        if let Some(refusal) = first_of_cancel::<ALL>(&SeenTarget::of_cancel(self, now, call)) {
            return Err(refusal);
        }
        match call.image.known().and_then(|id| self.images.get(id)).map(|image| image.origin) {
            Some(Origin::Unfinished(copy)) => Ok(copy),
            _ => unreachable!("the rows refuse everything but unfinished copies"),
        }
    }

    /// Decides a DeleteImage call.
    ///
    /// # Errors
    /// The first row of [`checks::DELETE_IMAGE`] that applies.
    pub fn check_delete(&self, now: SimTime, call: &DeleteImage) -> Result<ImageId, Refusal> {
        if let Some(refusal) = first_of_delete::<ALL>(&SeenTarget::of_delete(self, now, call)) {
            return Err(refusal);
        }
        Ok(call.image.known().expect("the lookup row refuses unknown images"))
    }

    /// Deletes a finished image and frees its name and its place in the quota; its snapshots stay (R5.4).
    pub fn commit_delete(&mut self, id: ImageId) {
        self.remove_image(id, 0);
    }

    /// The region's cap is now `cap` (R2.2).
    pub fn set_cap(&mut self, region: RegionId, cap: u32) {
        self.settings.caps[region.0 as usize] = cap;
        self.slots.set_cap(region, cap, &self.settings, &self.copies);
    }

    /// An image is gone, and so many of its snapshots with it.
    fn remove_image(&mut self, id: ImageId, snapshots: u32) {
        if let Some(image) = self.images.remove(id)
            && let Some(owner) = image.owner
        {
            self.usage.remove(owner, image.region, snapshots);
            if let Some(name) = image.name {
                self.names.remove(&(owner, image.region, name));
            }
        }
    }

    /// The source image of a call, if the caller may see one of this id in the source region: its own, one
    /// that is shared with it, a community or marketplace image.
    #[inline(always)]
    fn source(&self, call: &CopyImage) -> Option<&Image> {
        let (region, id) = (call.from.known()?, call.image.known()?);
        let image = self.images.get(id).filter(|image| image.region == region)?;
        let account = call.account()?;
        let is_visible = image.owner == Some(account) || {
            let facts = self.facts().image(image.facts);
            facts.kind != ImageKind::Custom || facts.shared_with.contains(&account)
        };
        is_visible.then_some(image)
    }

    /// The unfinished copies that read an image, with their destinations.
    fn readers_of(&self, image: &Image) -> impl Iterator<Item = (CopyId, RegionId)> {
        image.readers.iter(&self.copies, |copy| copy.among_readers).map(|(id, copy)| (id, copy.to))
    }

    /// The fault that a call meets, if one of those that it would meet holds now and there.
    fn injected(
        &self,
        now: SimTime,
        operation: FaultOperation,
        code: Code,
        hits: FaultHits,
        region: Named<RegionId>,
    ) -> Option<Cause> {
        if hits.is_empty() {
            return None;
        }
        let faults = self.facts().faults.iter().enumerate();
        let mut met = faults.filter(|(fault, injected)| {
            let is_there = match region {
                Named::Known(region) => injected.regions.contains(&region),
                Named::Unknown => injected.regions == Among::All,
            };
            hits.contains(*fault)
                && (injected.operation, injected.code) == (operation, code)
                && injected.span.contains(now)
                && is_there
        });
        met.next().map(|(fault, _)| Cause::Injected { fault })
    }
}

/// What a call admits, unless a row refuses it.
#[inline]
fn admitted<'a>(
    call: &'a CopyImage,
    seen: &Seen<'_>,
    refusal: Option<Refusal>,
) -> Result<Answer<'a>, Refusal> {
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let (Some(image), Some(source), Some(from), Some(to), Some(account)) =
        (seen.source(), call.image.known(), call.from.known(), call.to.known(), call.account())
    else {
        unreachable!("the rows refuse calls without an account, and unknown images and regions");
    };
    let cancellable = call.cancellable && image.cancellable;
    let (size, disks) = (image.size, image.disks);
    Ok(Answer::Admitted(Admission { call, account, source, from, to, size, disks, cancellable }))
}
