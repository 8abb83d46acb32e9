//! What calls that are not refused come to.

use super::calls::CopyImage;
use crate::ids::{AccountId, CopyId, ImageId, RegionId, RequestKey};
use crate::quantity::Bytes;

/// A CopyImage call that passed every check, to be committed at once.
#[derive(Debug)]
pub struct Admission<'a> {
    pub(super) call: &'a CopyImage,
    pub(super) account: AccountId,
    pub(super) source: ImageId,
    pub(super) from: RegionId,
    pub(super) to: RegionId,
    pub(super) size: Option<Bytes>,
    pub(super) disks: u32,
    pub(super) cancellable: bool,
}

/// What a CopyImage call that isn't refused is answered with.
#[derive(Debug)]
pub enum Answer<'a> {
    /// It passed every check.
    Admitted(Admission<'a>),
    /// Its token is bound by an equal call, whose answer is given again: of this request, with this image
    /// (R7.3).
    Replayed { request: RequestKey, attempt: u32, product: ImageId },
}

impl Admission<'_> {
    /// The source region.
    pub fn from(&self) -> RegionId {
        self.from
    }

    /// The destination region in effect.
    pub fn to(&self) -> RegionId {
        self.to
    }

    /// The size of the image to copy, where it has one.
    pub fn size(&self) -> Option<Bytes> {
        self.size
    }

    /// Whether the call binds a client token (R7.3).
    pub fn binds_token(&self) -> bool {
        self.call.token.is_some()
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
