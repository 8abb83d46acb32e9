//! What is true of accounts, regions, images and keys: the causes behind the answers of the service.
//!
//! A scenario describes them; a run never changes them, though some hold only for a span of time. What is
//! left at its default here makes no check apply, so a simple scenario needs none of it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use rustc_hash::FxHashSet;

use super::codes::Code;
use super::images::ImageStatus;
use crate::ids::{
    AccountId, AlgorithmId, DetailsId, FactsId, GroupId, ImageId, KeyId, Named, RegionId, RequestKey, UserId,
};
use crate::quantity::Fraction;
use crate::time::SimTime;

/// All facts of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// By account; beyond the end, one of which nothing is said.
    pub accounts: Vec<AccountFacts>,
    pub users: Vec<UserFacts>,
    /// By region; beyond the end, one of which nothing is said.
    pub regions: Vec<RegionFacts>,
    /// Ordered pairs between which copies would be against regulations.
    pub forbidden: FxHashSet<(RegionId, RegionId)>,
    /// Of given images of which something is said.
    pub images: Vec<ImageFacts>,
    pub keys: Vec<KeyFacts>,
    /// What calls say beside the plain things; equal ones are one.
    pub details: Vec<Details>,
    /// At most [`FaultHits::MAX`].
    pub faults: Vec<InjectedFault>,
}

/// All of something, or some of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Among<T> {
    All,
    Only(BTreeSet<T>),
}

impl<T: Ord> Among<T> {
    pub const NONE: Self = Self::Only(BTreeSet::new());

    pub fn contains(&self, thing: &T) -> bool {
        match self {
            Self::All => true,
            Self::Only(some) => some.contains(thing),
        }
    }
}

/// From an instant until before another one, or for good (R1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSpan {
    pub from: SimTime,
    pub until: Option<SimTime>,
}

impl TimeSpan {
    pub const ALWAYS: Self = Self { from: SimTime::ZERO, until: None };

    pub fn contains(self, at: SimTime) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// What is true of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFacts {
    /// When a payment is overdue.
    pub overdue: Vec<TimeSpan>,
    pub kms_enabled: bool,
    /// Whether the image service may call the key service for it.
    pub kms_authorized: bool,
    /// Whether it is on the list of those who may bring keys of their own.
    pub may_bring_keys: bool,
    /// Where its disks are encrypted unless a call says otherwise.
    pub default_encryption: Among<RegionId>,
}

impl AccountFacts {
    const PLAIN: Self = Self {
        overdue: Vec::new(),
        kms_enabled: true,
        kms_authorized: true,
        may_bring_keys: true,
        default_encryption: Among::NONE,
    };
}

impl Default for AccountFacts {
    fn default() -> Self {
        Self::PLAIN
    }
}

/// What a RAM user of an account may act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFacts {
    /// Given images, as ranges of their places in the scenario; none: all images.
    pub images: Option<Vec<Range<u64>>>,
    /// Resource groups, the default one among them or not.
    pub groups: Among<GroupId>,
}

impl UserFacts {
    /// Whether the user may act on an image. Given images are put into the service before all others, so
    /// the place of one is its serial number.
    pub fn may_use(&self, image: Named<ImageId>) -> bool {
        let Some(images) = &self.images else { return true };
        image.known().is_some_and(|image| images.iter().any(|range| range.contains(&image.serial)))
    }
}

/// What is true of a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionFacts {
    /// Whether it offers image copy.
    pub offers_copy: bool,
    /// Whether data may leave it.
    pub sends: bool,
    /// Other regions that may send data to it.
    pub accepts_from: Among<RegionId>,
    /// Whether keys of one's own can be brought.
    pub accepts_keys: bool,
    pub algorithms: Among<AlgorithmId>,
    /// Whether a plain image of another region can be encrypted while it is copied to here.
    pub encrypts_from_elsewhere: bool,
    /// Images and snapshots that each account may have (R7.7).
    pub images_quota: Option<u64>,
    pub snapshots_quota: Option<u64>,
}

impl RegionFacts {
    const PLAIN: Self = Self {
        offers_copy: true,
        sends: true,
        accepts_from: Among::All,
        accepts_keys: true,
        algorithms: Among::All,
        encrypts_from_elsewhere: true,
        images_quota: None,
        snapshots_quota: None,
    };
}

impl Default for RegionFacts {
    fn default() -> Self {
        Self::PLAIN
    }
}

/// Whose an image is, beside the account that owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageKind {
    Custom,
    Community,
    /// A marketplace product, published in some regions and authorized for some accounts.
    Marketplace {
        published: Among<RegionId>,
        authorized: Among<AccountId>,
    },
}

/// What is true of a given image, beside its region, owner and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFacts {
    pub kind: ImageKind,
    /// Other accounts that it is shared with.
    pub shared_with: Among<AccountId>,
    /// Its status from an instant on, ascending; before the first it is Available.
    pub statuses: Vec<(SimTime, ImageStatus)>,
    pub is_vhd: bool,
    pub is_cloud_box: bool,
    pub is_encrypted: bool,
    pub snapshots: Vec<SnapshotFacts>,
}

impl Default for ImageFacts {
    fn default() -> Self {
        Self {
            kind: ImageKind::Custom,
            shared_with: Among::NONE,
            statuses: Vec::new(),
            is_vhd: false,
            is_cloud_box: false,
            is_encrypted: false,
            snapshots: Vec::new(),
        }
    }
}

impl ImageFacts {
    /// Its status at an instant, while the image is there.
    pub fn status_at(&self, at: SimTime) -> ImageStatus {
        let later = self.statuses.partition_point(|(from, _)| *from <= at);
        later.checked_sub(1).map_or(ImageStatus::Available, |last| self.statuses[last].1)
    }
}

/// A snapshot of a given image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotFacts {
    pub created: Option<Date>,
    /// Whether it still exists.
    pub exists: bool,
    /// Whether images may be made of it.
    pub makes_images: bool,
}

/// The state of a key of the key service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    Enabled,
    Disabled,
    PendingDeletion,
}

impl KeyState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::PendingDeletion => "pending deletion",
        }
    }
}

/// What is true of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// Where it exists.
    pub regions: Among<RegionId>,
    pub state: KeyState,
    /// Whether the image service may use it.
    pub is_authorized: bool,
    /// Whether the image service may tag it.
    pub may_be_tagged: bool,
}

/// A thing that a call names, with the text that is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sent<T> {
    pub thing: Named<T>,
    pub text: Arc<str>,
}

/// A tag for the new image.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    pub key: Arc<str>,
    pub value: Arc<str>,
}

/// What a CopyImage call says beside the plain things.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Details {
    pub description: Option<Arc<str>>,
    pub kms_key: Option<Sent<KeyId>>,
    pub encrypt_algorithm: Option<Sent<AlgorithmId>>,
    pub resource_group: Option<Sent<GroupId>>,
    pub tags: Vec<Tag>,
}

/// An operation that a fault can be injected into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultOperation {
    CopyImage,
    CancelCopyImage,
}

/// A fault that some calls meet (R7.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InjectedFault {
    pub name: String,
    pub operation: FaultOperation,
    /// `InternalError` or `InvalidParameter.DataEncryptedKeyCreateFailed`.
    pub code: Code,
    /// The share of calls that meet it, by a draw for each; none: all.
    pub probability: Option<Fraction>,
    /// The requests whose calls can meet it; none: all.
    pub requests: Option<FaultRequests>,
    pub span: TimeSpan,
    /// Regions that calls are sent to; for the data key, where it is made: the destination.
    pub regions: Among<RegionId>,
}

/// Requests that a fault can hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultRequests {
    /// Whole entries of `requests`.
    pub entries: BTreeSet<u32>,
    /// Single calls.
    pub calls: BTreeSet<RequestKey>,
}

impl FaultRequests {
    /// Whether any call of an entry is among them.
    pub fn may_be_of(&self, entry: u32) -> bool {
        let first = RequestKey::new(entry, 0);
        self.entries.contains(&entry)
            || first.is_some_and(|first| {
                self.calls.range(first..).next().is_some_and(|call| call.entry() == entry)
            })
    }

    pub fn contains(&self, key: RequestKey) -> bool {
        self.entries.contains(&key.entry()) || self.calls.contains(&key)
    }
}

/// The faults that a call will meet, if it gets so far while they hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultHits(u64);

impl FaultHits {
    /// The most faults that can be injected.
    pub const MAX: usize = 64;

    pub fn add(&mut self, fault: usize) {
        self.0 |= 1 << fault;
    }

    pub fn contains(self, fault: usize) -> bool {
        self.0 >> fault & 1 == 1
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Facts {
    pub fn account(&self, id: AccountId) -> &AccountFacts {
        static PLAIN: AccountFacts = AccountFacts::PLAIN;
        self.accounts.get(id.0 as usize).unwrap_or(&PLAIN)
    }

    pub fn region(&self, id: RegionId) -> &RegionFacts {
        static PLAIN: RegionFacts = RegionFacts::PLAIN;
        self.regions.get(id.0 as usize).unwrap_or(&PLAIN)
    }

    pub fn user(&self, id: UserId) -> &UserFacts {
        &self.users[id.0 as usize]
    }

    pub fn key(&self, id: KeyId) -> &KeyFacts {
        &self.keys[id.0 as usize]
    }

    /// What is true of an image: of a given one what its scenario says, of others nothing special.
    pub fn image(&self, id: Option<FactsId>) -> &ImageFacts {
        static PLAIN: LazyLock<ImageFacts> = LazyLock::new(ImageFacts::default);
        id.map_or_else(|| &*PLAIN, |id| &self.images[id.0 as usize])
    }

    pub fn details(&self, id: DetailsId) -> &Details {
        &self.details[id.0 as usize]
    }

    /// Whether anything is said of an account.
    pub fn have_special_accounts(&self) -> bool {
        self.accounts.iter().any(|account| *account != AccountFacts::PLAIN)
    }

    /// Whether anything is said of a region, or of a pair of them.
    pub fn have_special_regions(&self) -> bool {
        !self.forbidden.is_empty() || self.regions.iter().any(|region| *region != RegionFacts::PLAIN)
    }

    /// Whether any region limits images or snapshots.
    pub fn have_quotas(&self) -> bool {
        self.regions.iter().any(|region| region.images_quota.is_some() || region.snapshots_quota.is_some())
    }
}
