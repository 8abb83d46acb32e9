//! A slow and obvious twin of the image-copy service: every answer is found
//! anew by scanning the plain list of accepted copies. Numbers such as R1.3
//! name the rule that a piece stands for.
//!
//! Times are whole microseconds (R1.1); sums beyond the largest time are not
//! treated here, the worlds that are run are small.

mod begin;
mod calls;
mod events;
mod rows;
mod slots;
#[cfg(test)]
mod tests;

use events::is_unfinished;

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

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Settings {
    pub scope: Scope,
    /// R2.3: slots are counted per account, or shared by all accounts.
    pub cap_per_account: bool,
    /// R2.5: `Some(0)` refuses what can't start, `None` queues without bound.
    pub max_queue: Option<u32>,
    pub conflict_key: ConflictKey,
    /// R6.3.
    pub request_lock_us: u64,
    /// R7.6.
    pub same_region_plain_allowed: bool,
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
    /// One cap per region; indices are in byte order of the region names.
    pub caps: Vec<u32>,
    /// Caps of links, source first (scope `Pair` only).
    pub pair_caps: Vec<((usize, usize), u32)>,
    /// (at, region, new cap).
    pub cap_changes: Vec<(u64, usize, u32)>,
    pub accounts: usize,
    pub images: Vec<PutImage>,
    /// In file order; the index is the rank of a call (R1.4).
    pub ops: Vec<Op>,
}

/// An image that is there from the start.
#[derive(Clone, Debug)]
pub struct PutImage {
    pub account: usize,
    pub region: usize,
    pub cancellable: bool,
    pub name: Option<u32>,
}

/// The image a call names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Put(usize),
    /// The product of the copy op with this index.
    ProductOf(usize),
    Unknown,
}

/// A call in the file. A region that is `None` doesn't exist.
#[derive(Clone, Debug)]
pub enum Op {
    Copy {
        at: Option<u64>,
        /// Indices of copy ops.
        after: Vec<usize>,
        delay: u64,
        account: usize,
        image: Target,
        from: Option<usize>,
        to: Option<usize>,
        name: Option<u32>,
        encrypted: bool,
        cancellable: bool,
        duration_us: u64,
        fail_after_us: Option<u64>,
        /// How long after its end the image is deleted.
        retention_us: Option<u64>,
        /// Accepted before the run: `at` is `None` and `after` empty then.
        already: Option<Already>,
    },
    Cancel {
        at: u64,
        account: usize,
        target: Target,
        region: Option<usize>,
    },
    Delete {
        at: u64,
        account: usize,
        target: Target,
        region: Option<usize>,
    },
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

/// What became of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// One row per planned or skipped copy op, in op order.
    pub rows: Vec<Row>,
    /// (op, at, answer) of the cancels and deletes made, in the order handled;
    /// the op of a delete at the end of a retention is the copy's.
    pub calls: Vec<(usize, u64, Result<(), &'static str>)>,
    pub end_us: u64,
    /// (at, op) of the starts, in the order handled.
    pub started: Vec<(u64, usize)>,
    /// R1.7: copy ops that wait when nothing is left that could start them,
    /// in queue order; empty if the horizon cut the run.
    pub can_never_start: Vec<usize>,
}

/// What became of one copy op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub op: usize,
    pub outcome: Outcome,
    pub planned_us: Option<u64>,
    pub accepted_us: Option<u64>,
    pub start_us: Option<u64>,
    /// The end, the failure or the cancel.
    pub end_us: Option<u64>,
    /// The code of a refusal.
    pub code: Option<&'static str>,
}

/// The outcomes of R9.1 that a world can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Available,
    Failed,
    CancelledWaiting,
    CancelledRunning,
    Refused,
    Skipped,
    Waiting,
    Running,
}

/// Runs a world to its end; its initial state must be a possible one.
pub fn run(world: &World) -> History {
    let mut twin = Twin::new(world);
    assert!(twin.begin(), "a world begins in a possible state");
    let cut = twin.run_to_end();
    twin.history(cut)
}

/// Whether the service can be in the state in which the world begins.
pub fn can_begin(world: &World) -> bool {
    Twin::new(world).begin()
}

impl<'w> Twin<'w> {
    fn new(world: &'w World) -> Self {
        Twin {
            world,
            now: 0,
            jobs: Vec::new(),
            fates: vec![Fate::Unmade; world.ops.len()],
            put_deleted: vec![false; world.images.len()],
            change_made: vec![false; world.cap_changes.len()],
            calls: Vec::new(),
            started: Vec::new(),
        }
    }
}

/// R3.1: the status of the new image; `Cancelled` stands for "its record is gone".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Waiting,
    Creating,
    Available,
    CreateFailed,
    Cancelled,
}

/// An accepted copy. Its place in `Twin::jobs` is its rank of acceptance (R1.4).
#[derive(Clone, Debug)]
struct Job {
    op: usize,
    account: usize,
    image: Image,
    from: usize,
    to: usize,
    name: Option<u32>,
    cancellable: bool,
    duration: u64,
    fail_after: Option<u64>,
    retention: Option<u64>,
    /// The delete at the end of its retention was called.
    expired: bool,
    /// Accepted before the run, of which it had run so long.
    already: bool,
    had_run: u64,
    accepted: u64,
    status: Status,
    start: Option<u64>,
    end: Option<u64>,
    /// R5.2: cancelled while it ran, and the slot is still held.
    draining: bool,
    /// R5.4: the finished image was deleted.
    deleted: bool,
}

/// An image that is there: the index of a put image or of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Image {
    Put(usize),
    Product(usize),
}

/// What became of an op so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Unmade,
    /// A cancel or delete that was answered.
    Made,
    Accepted {
        job: usize,
    },
    Refused {
        at: u64,
        code: &'static str,
    },
    Skipped,
}

/// Where slots are counted (R2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Region(usize),
    Pair(usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// Completion or failure of a running job.
    End(usize),
    DrainEnd(usize),
    CapChange(usize),
    CancelOrDelete(usize),
    /// The delete at the end of a job's retention.
    Expiry(usize),
    Submit(usize),
    Start(usize),
}

/// Time, class (R1.3), rank (R1.4), and what happens.
type Due = (u64, u8, usize, Event);

#[derive(Clone, Debug)]
struct Twin<'w> {
    world: &'w World,
    /// The time of the last event handled.
    now: u64,
    jobs: Vec<Job>,
    /// One per op.
    fates: Vec<Fate>,
    /// One per put image.
    put_deleted: Vec<bool>,
    /// One per cap change.
    change_made: Vec<bool>,
    calls: Vec<(usize, u64, Result<(), &'static str>)>,
    started: Vec<(u64, usize)>,
}
