//! What a refused call is told: the code, and the fact behind it.

use super::codes::Code;
use super::images::ImageStatus;
use super::slots::LimitReached;
use crate::ids::{AccountId, CopyId, NameId, RegionId};
use crate::quantity::Fraction;
use crate::time::SimTime;

/// A refused call. It took no slot, queue place, name, quota or token (R7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    pub cause: Cause,
}

/// The fact that made a check refuse; words are made from it where it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The source region isn't one of the service.
    UnknownSourceRegion,
    /// The destination region isn't one of the service.
    UnknownDestinationRegion,
    /// The region of a cancel or delete isn't one of the service.
    UnknownRegion,
    /// No such image of this account in this region.
    UnknownImage { region: RegionId, account: AccountId },
    /// A plain copy of an own image into its own region.
    SameRegion { region: RegionId },
    /// The source image is the product of an unfinished copy.
    SourceUnfinished { status: ImageStatus },
    /// The source image is in a state that can't be copied.
    SourceStatus { status: ImageStatus },
    /// An accepted call locks the source image until this instant.
    Locked { until: SimTime },
    /// The account has an image of this name in the destination.
    NameTaken { name: NameId, region: RegionId },
    /// An unfinished copy has the same conflict key.
    SameConflictKey { other: CopyId },
    /// Cap and queue are full.
    LimitReached(LimitReached),
    /// The image isn't the product of a copy.
    NotFromCopy,
    /// The copy to cancel has ended.
    CopyEnded { status: ImageStatus },
    /// The copy to cancel is queued, and queued copies can't be cancelled here.
    QueuedNotCancellable,
    /// The copy or its image is marked as not cancellable.
    MarkedNotCancellable,
    /// The copy is past its point of no return.
    PastReturn { point: Fraction },
    /// The image to delete is the source or target of an unfinished copy.
    ImageInUse { other: CopyId },
}
