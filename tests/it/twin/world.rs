//! What a run depends on: the settings, the places, who asks for what, and what is there from the start.

/// Whose slots a copy holds (R2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Source,
    Destination,
    Both,
    Pair,
}

/// What two unfinished copies must not share (R6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKey {
    ImageAndDestination,
    Image,
    Off,
}

/// Who is ahead in the queue (R2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    Fifo,
    Priority,
    ShortestFirst,
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Settings {
    pub scope: Scope,
    pub queue: Queue,
    /// R2.4: whether a copy that can't start holds up those behind it.
    pub head_of_line_blocking: bool,
    /// R2.3: slots are counted per account, or shared by all accounts.
    pub cap_per_account: bool,
    /// R2.5: `Some(0)` refuses what can't start, `None` queues without bound.
    pub max_queue: Option<u32>,
    pub conflict_key: ConflictKey,
    /// R6.3.
    pub request_lock_us: u64,
    /// R7.6.
    pub same_region_plain_allowed: bool,
    /// R7.2: CopyImage calls of an account in a source region and window; `None`: any number.
    pub rate_limit: Option<u64>,
    /// R7.3: how long an accepted call binds its token.
    pub token_life_us: u64,
    /// R7.7, of regions that have none of their own; `None`: any number.
    pub images_quota: Option<u64>,
    pub snapshots_quota: Option<u64>,
    /// R5.2.
    pub cancel_queued_allowed: bool,
    /// R5.2: a fraction of the progress, in millionths.
    pub point_of_no_return_millionths: Option<u32>,
    /// R5.2: how long a cancelled running copy still holds its slot.
    pub drain_us: u64,
    /// R1.7.
    pub horizon_us: Option<u64>,
}

/// Everything a run depends on.
#[derive(Clone, Debug)]
pub struct World {
    pub settings: Settings,
    /// Indices are in byte order of the region names.
    pub regions: Vec<Region>,
    pub links: Vec<Link>,
    /// (at, region, new cap).
    pub cap_changes: Vec<(u64, usize, u32)>,
    pub accounts: Vec<Account>,
    pub images: Vec<PutImage>,
    pub faults: Vec<Fault>,
    /// In file order; the index is the rank of a call (R1.4).
    pub ops: Vec<Op>,
}

/// A region, and what it offers (stages `key` to `quota` of the table).
#[derive(Clone, Debug)]
pub struct Region {
    /// R2.2: its cap at the start.
    pub cap: u32,
    pub copies_images: bool,
    pub sends_data: bool,
    /// The only other regions that may copy to here; `None`: all may.
    pub accepts_from: Option<Vec<usize>>,
    /// R7.8: whether plain images of other regions may be encrypted while they are copied to here.
    pub encrypts_across_regions: bool,
    /// R7.7: its own quotas, instead of those of the settings.
    pub images_quota: Option<u64>,
    pub snapshots_quota: Option<u64>,
}

impl Region {
    /// A region that offers everything.
    pub fn with_cap(cap: u32) -> Self {
        Region {
            cap,
            copies_images: true,
            sends_data: true,
            accepts_from: None,
            encrypts_across_regions: true,
            images_quota: None,
            snapshots_quota: None,
        }
    }
}

/// What is said of a pair of regions; never two of one pair.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    pub from: usize,
    pub to: usize,
    /// R2.3 (scope `Pair` only).
    pub cap: Option<u32>,
    /// Whether regulations forbid copies.
    pub is_forbidden: bool,
}

/// From an instant until before another one (R1.9), or for good.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub from: u64,
    pub until: Option<u64>,
}

impl Span {
    pub fn holds(&self, at: u64) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Account {
    /// When a payment is overdue.
    pub overdue: Vec<Span>,
    pub kms_enabled: bool,
    /// Regions in which its disks are encrypted by default.
    pub default_encryption: Vec<usize>,
}

impl Account {
    /// An account that may do everything.
    pub fn sound() -> Self {
        Account { overdue: Vec::new(), kms_enabled: true, default_encryption: Vec::new() }
    }
}

/// R7.8: CopyImage or CancelCopyImage calls that pass all checks get InternalError.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub of_cancels: bool,
    /// Calls to this region only.
    pub region: Option<usize>,
    pub span: Span,
}

/// The status of an image (R3.1, R6.2). Only images that the scenario puts there are UnAvailable or
/// Deprecated; `Cancelled` stands for "its record is gone".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Waiting,
    Creating,
    Available,
    CreateFailed,
    UnAvailable,
    Deprecated,
    Cancelled,
}

/// An image that is there from the start.
#[derive(Clone, Debug)]
pub struct PutImage {
    /// Its owner.
    pub account: usize,
    pub region: usize,
    /// Other accounts that see it.
    pub shared_with: Vec<usize>,
    pub cancellable: bool,
    pub name: Option<&'static str>,
    pub status: Status,
    /// (at, new status); never two at one time.
    pub status_changes: Vec<(u64, Status)>,
    pub is_encrypted: bool,
    pub disks: u64,
    pub size_bytes: Option<u64>,
}

impl PutImage {
    /// An image that can be copied.
    pub fn of(account: usize, region: usize) -> Self {
        PutImage {
            account,
            region,
            shared_with: Vec::new(),
            cancellable: true,
            name: None,
            status: Status::Available,
            status_changes: Vec::new(),
            is_encrypted: false,
            disks: 1,
            size_bytes: Some(1 << 30),
        }
    }
}

/// The image a call names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Put(usize),
    /// The product of the copy op with this index.
    ProductOf(usize),
    Unknown,
}

/// The region a call names; all unknown ones have one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Region(usize),
    Unknown,
}

impl Place {
    pub fn region(self) -> Option<usize> {
        match self {
            Place::Region(region) => Some(region),
            Place::Unknown => None,
        }
    }
}

/// A call in the file.
#[derive(Clone, Debug)]
pub enum Op {
    Copy(Box<CopyCall>),
    Cancel(TargetCall),
    Delete(TargetCall),
}

impl Op {
    pub fn copy(&self) -> Option<&CopyCall> {
        match self {
            Op::Copy(call) => Some(call),
            Op::Cancel(_) | Op::Delete(_) => None,
        }
    }

    pub fn copy_mut(&mut self) -> Option<&mut CopyCall> {
        match self {
            Op::Copy(call) => Some(call),
            Op::Cancel(_) | Op::Delete(_) => None,
        }
    }
}

/// A CopyImage call, and what is to become of its copy. What is `None` of its parameters is not given.
#[derive(Clone, Debug)]
pub struct CopyCall {
    pub at: Option<u64>,
    /// Indices of copy ops.
    pub after: Vec<usize>,
    pub delay: u64,
    /// `None`: the call carries no account.
    pub account: Option<usize>,
    pub image: Target,
    pub from: Place,
    pub to: Option<Place>,
    pub name: Option<&'static str>,
    pub encrypted: Option<bool>,
    pub token: Option<&'static str>,
    pub is_dry_run: bool,
    pub cancellable: bool,
    /// R2.4: 0 where it isn't written.
    pub priority: Option<i32>,
    pub duration_us: u64,
    pub fail_after_us: Option<u64>,
    /// How long after its end the image is deleted.
    pub retention_us: Option<u64>,
    /// Accepted before the run: it has no `at`, `after`, token or dry run then.
    pub already: Option<Already>,
}

impl CopyCall {
    /// R7.6: without a destination the source region is meant.
    pub fn destination(&self) -> Place {
        self.to.unwrap_or(self.from)
    }

    /// R6.4: an empty name is a missing one.
    pub fn written_name(&self) -> Option<&'static str> {
        self.name.filter(|name| !name.is_empty())
    }

    /// Whether the new image is to be encrypted.
    pub fn encrypts(&self) -> bool {
        self.encrypted == Some(true)
    }
}

/// A CancelCopyImage or DeleteImage call.
#[derive(Clone, Copy, Debug)]
pub struct TargetCall {
    pub at: u64,
    pub account: usize,
    pub target: Target,
    pub region: Place,
}

/// What a copy that was accepted before the run does at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Already {
    Queued,
    /// `None`: its whole length is left.
    Running {
        remaining_us: Option<u64>,
    },
}
