//! What the cloud answers and tells.

use super::Changed;
use crate::ids::{CopyId, ImageId, RegionId, RequestKey};
use crate::quantity::Bytes;
use crate::service::{ImageStatus, Refusal};
use crate::time::{SimDuration, SimTime};

/// An accepted copy as the outside sees it, at the moment of an answer or event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyView {
    pub id: CopyId,
    pub from: RegionId,
    pub to: RegionId,
    pub size: Option<Bytes>,
    pub accepted: SimTime,
    pub started: Option<SimTime>,
    /// Bytes moved so far, since the run began.
    pub moved: Bytes,
    /// The slot keys it waits for or holds, by index.
    pub slots: [Option<u32>; 2],
    /// How long it would run if nothing held it up; only where something may.
    pub unhindered: Option<SimDuration>,
}

/// What a CopyImage call that wasn't refused came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// The copy, and the image that it makes.
    Accepted(CopyView, ImageId),
    /// The answer of an earlier request with the same token, and its image (R7.3).
    Replayed { request: RequestKey, attempt: u32, product: ImageId },
}

/// What a client that polls sees of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageView {
    pub id: ImageId,
    pub status: ImageStatus,
    /// In whole percent, rounded down (R3.5).
    pub progress: u8,
}

/// A copy that started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// The slot keys that it holds, by index.
    pub slots: [Option<u32>; 2],
    /// When it ends, unless something comes between.
    pub due: SimTime,
}

/// What an event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    Completed(CopyView),
    Failed(CopyView),
    DrainEnded {
        id: CopyId,
        slots: [Option<u32>; 2],
    },
    /// A running copy came to the next stage of its way.
    WentOn,
    /// Something of the timetable changed. An outage tells how many running copies it holds up or lets go, and how many
    /// waiting ones.
    Changed(Changed, Touched),
    /// A running copy would end after the end of simulated time.
    BeyondTime(BeyondTime),
}

/// Copies that an outage touches when it begins, and no other does, or that go on when it is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    pub running: u32,
    pub waiting: u32,
}

/// A copy would end after the end of simulated time (R1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeyondTime(pub CopyId);

/// Why a call came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The service refused it.
    Refused(Refusal),
    /// It would set off something after the end of simulated time; the field was added last (R1.1).
    BeyondTime(&'static str),
}

impl From<Refusal> for CallError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
