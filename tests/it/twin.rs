//! A slow and obvious twin of the image-copy service: every answer is found
//! anew by scanning the plain lists of accepted copies and of calls made.
//! Numbers such as R1.3 name the rule that a piece stands for.
//!
//! Times are whole microseconds (R1.1); sums beyond the largest time are not
//! treated here, the worlds that are run are small.

mod begin;
mod calls;
mod checks;
mod events;
mod names;
mod rows;
mod slots;
#[cfg(test)]
pub mod tests;
mod tokens;
mod world;

use events::is_unfinished;
pub use names::is_well_formed;
use tokens::Parameters;
pub use world::*;

/// A code of the vendor's table.
pub type Code = &'static str;

/// What became of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// One row per planned or skipped copy op, in op order.
    pub rows: Vec<Row>,
    /// (op, at, answer) of the cancels and deletes made, in the order handled;
    /// the op of a delete at the end of a retention is the copy's.
    pub calls: Vec<(usize, u64, Result<(), Code>)>,
    pub end_us: u64,
    /// (at, op) of the starts, in the order handled.
    pub started: Vec<(u64, usize)>,
    /// R1.7: copy ops that wait when nothing is left that could start them,
    /// by acceptance; empty if the horizon cut the run.
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
    pub code: Option<Code>,
    /// The copy op whose answer a replay gave again.
    pub replays: Option<usize>,
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
    Replayed,
    DryRun,
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

/// The whole state.
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
    /// Time, account and source region of the CopyImage calls that carried an account.
    copy_calls: Vec<(u64, usize, Place)>,
    calls: Vec<(usize, u64, Result<(), Code>)>,
    started: Vec<(u64, usize)>,
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
            copy_calls: Vec::new(),
            calls: Vec::new(),
            started: Vec::new(),
        }
    }
}

/// An accepted copy. Its place in `Twin::jobs` is its rank of acceptance (R1.4).
#[derive(Clone, Debug)]
struct Job {
    op: usize,
    account: usize,
    image: Image,
    from: usize,
    to: usize,
    /// As written; what the service makes up is unlike any other (R6.4).
    name: Option<&'static str>,
    token: Option<&'static str>,
    parameters: Parameters,
    /// Whether the new image is encrypted, and how many disks it has.
    is_encrypted: bool,
    disks: u64,
    cancellable: bool,
    priority: i32,
    /// Of its image, which is the size of what it makes.
    size: Option<u64>,
    duration: u64,
    fail_after: Option<u64>,
    retention: Option<u64>,
    /// The delete at the end of its retention was called.
    expired: bool,
    /// Accepted before the run, which it ran for so long.
    already: bool,
    had_run: u64,
    accepted: u64,
    status: Status,
    start: Option<u64>,
    end: Option<u64>,
    /// Cancelled while running, and its slot is still held.
    draining: bool,
    /// Its image was deleted.
    deleted: bool,
}

impl Job {
    /// Whether a cancel or delete took its image away.
    fn is_gone(&self) -> bool {
        self.status == Status::Cancelled || self.deleted
    }
}

/// An image that is there, or was: the index of a put image or of a job. It stands for the id.
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
        code: Code,
    },
    /// R7.3: it got the answer of this job's call again, whose image was perhaps no longer there.
    Replayed {
        at: u64,
        job: usize,
        was_gone: bool,
    },
    /// R7.4: a dry run that nothing refused.
    DryRun {
        at: u64,
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
