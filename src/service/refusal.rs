//! What a refused call is told: the code, and the fact behind it.

use jiff::civil::Date;

use super::codes::Code;
use super::facts::KeyState;
use super::images::ImageStatus;
use super::slots::LimitReached;
use crate::ids::{AccountId, CopyId, NameId, RegionId, RequestKey, UserId};
use crate::quantity::{Bytes, Fraction};
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
    /// The call carries no account.
    NoAccount,
    /// The account has made its calls of this window in this region.
    Throttled {
        limit: u32,
        until: SimTime,
    },
    /// The name of the new image is malformed.
    MalformedName,
    /// The description of the new image is malformed.
    MalformedDescription,
    /// Two tags carry one key: their places, from 0.
    RepeatedTag {
        earlier: usize,
        later: usize,
    },
    /// A key is named and `Encrypted` isn't true.
    KeyWithoutEncryption,
    /// An algorithm is named and `Encrypted` isn't true.
    AlgorithmWithoutEncryption,
    /// The service knows no algorithm of this name.
    UnknownAlgorithm,
    /// The token is bound by an accepted request in which this parameter is another one.
    TokenBound {
        by: RequestKey,
        parameter: &'static str,
    },
    /// A payment of the account is overdue.
    Overdue {
        account: AccountId,
        until: Option<SimTime>,
    },
    /// The user may not act on the image.
    ImageNotAllowed {
        user: UserId,
    },
    /// The user may not act on the resource group, given or default.
    GroupNotAllowed {
        user: UserId,
    },
    KmsNotEnabled {
        account: AccountId,
    },
    KmsNotAuthorized {
        account: AccountId,
    },
    /// The account isn't on the list of those who may bring keys of their own.
    NotOnKeyList {
        account: AccountId,
    },
    /// The source region isn't one of the service.
    UnknownSourceRegion,
    /// The destination region isn't one of the service.
    UnknownDestinationRegion,
    /// The region of a cancel or delete isn't one of the service.
    UnknownRegion,
    /// No such image of this account in this region.
    UnknownImage {
        region: RegionId,
        account: AccountId,
    },
    UnknownGroup,
    /// There is no such key in the destination.
    UnknownKey {
        region: RegionId,
    },
    /// The snapshot of this place, from 0, is gone.
    SnapshotGone {
        snapshot: usize,
    },
    /// No keys of one's own in the destination.
    NoKeysThere {
        region: RegionId,
    },
    /// The destination doesn't offer the algorithm.
    AlgorithmNotOffered {
        region: RegionId,
    },
    /// Disks of the account are encrypted by default in the destination.
    EncryptedByDefault {
        region: RegionId,
    },
    KeyNotAuthorized,
    KeyNotEnabled {
        state: KeyState,
    },
    KeyNotTaggable,
    /// A fault that the scenario injects, by its place among them.
    Injected {
        fault: usize,
    },
    /// The region doesn't offer image copy.
    CopyNotOffered {
        region: RegionId,
    },
    /// A plain copy of an own image into its own region.
    SameRegion {
        region: RegionId,
    },
    /// Regulations forbid copies between the two regions.
    ForbiddenPair {
        from: RegionId,
        to: RegionId,
    },
    /// Data may not leave the source region.
    MayNotLeave {
        region: RegionId,
    },
    /// The destination takes data of listed regions only.
    NotAccepted {
        region: RegionId,
    },
    /// The source image is the product of an unfinished copy.
    SourceUnfinished {
        status: ImageStatus,
    },
    /// The source image is in a state that can't be copied.
    SourceStatus {
        status: ImageStatus,
    },
    CommunityImage,
    /// An image shared by another account can be copied in its own region only.
    SharedImage {
        region: RegionId,
    },
    /// The marketplace product isn't published in the destination.
    NotPublished {
        region: RegionId,
    },
    /// The marketplace product isn't authorized for the account.
    ProductNotAuthorized {
        account: AccountId,
    },
    VhdImage,
    CloudBoxImage,
    TooLarge {
        size: Bytes,
        largest: Bytes,
    },
    /// No image may be made of the snapshot of this place, from 0.
    SnapshotNotUsable {
        snapshot: usize,
    },
    /// The snapshot of this place, from 0, was made on this day.
    SnapshotTooOld {
        snapshot: usize,
        created: Date,
    },
    /// The image is encrypted and the copy wouldn't be.
    EncryptedImage,
    /// The destination doesn't encrypt plain images of other regions.
    NotEncryptedThere {
        region: RegionId,
    },
    /// An accepted call locks the source image until this instant.
    Locked {
        until: SimTime,
    },
    /// The account has an image of this name in the destination.
    NameTaken {
        name: NameId,
        region: RegionId,
    },
    /// An unfinished copy has the same conflict key.
    SameConflictKey {
        other: CopyId,
    },
    /// The account's images or snapshots in the destination leave no room for these.
    QuotaUsed {
        region: RegionId,
        used: u64,
        needed: u64,
        quota: u64,
    },
    /// Cap and queue are full.
    LimitReached(LimitReached),
    /// No check refused the dry run.
    DryRun,
    /// The image isn't the product of a copy.
    NotFromCopy,
    /// The copy to cancel has ended.
    CopyEnded {
        status: ImageStatus,
    },
    /// The copy to cancel is queued, and queued copies can't be cancelled here.
    QueuedNotCancellable,
    /// The copy or its image is marked as not cancellable.
    MarkedNotCancellable,
    /// The copy is past its point of no return.
    PastReturn {
        point: Fraction,
    },
    /// The image to delete is the source or target of an unfinished copy.
    ImageInUse {
        other: CopyId,
    },
}
