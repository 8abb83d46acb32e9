//! The ordered tables of checks: the first row that applies answers (R7.1).
//!
//! A row says under which fact its code is answered. Checks can read the service and nothing else, and
//! change nothing.

use super::codes::Code;
use super::images::{Image, ImageStatus, Origin};
use super::refusal::{Cause, Refusal};
use super::settings::ConflictKey;
use super::{CancelCopyImage, CopyImage, DeleteImage, Service};
use crate::ids::{AccountId, CopyId, ImageId, Named, RegionId};
use crate::time::SimTime;

/// One row of a table.
pub struct Check<Call> {
    pub code: Code,
    applies: fn(&Service, SimTime, &Call) -> Option<Cause>,
}

/// The checks of CopyImage in the order in which they are decided.
pub const COPY_IMAGE: [Check<CopyImage>; 10] = [
    Check { code: Code::SourceRegionNotFound, applies: source_region_unknown },
    Check { code: Code::DestinationRegionNotFound, applies: destination_region_unknown },
    Check { code: Code::InvalidImageIdNotFound, applies: source_image_unknown },
    Check { code: Code::IncorrectDestinationRegion, applies: plain_copy_into_same_region },
    Check { code: Code::OperationDeniedImageCopying, applies: source_unfinished },
    Check { code: Code::IncorrectImageStatus, applies: source_not_available },
    Check { code: Code::InvalidOperationConflict, applies: source_locked },
    Check { code: Code::InvalidImageNameDuplicated, applies: name_taken },
    Check { code: Code::OperationDeniedImageCopyConflict, applies: same_conflict_key },
    Check { code: Code::ResourceLimitExceeded, applies: over_limit },
];

/// The checks of CancelCopyImage in the order in which they are decided.
pub const CANCEL_COPY_IMAGE: [Check<CancelCopyImage>; 5] = [
    Check {
        code: Code::InvalidRegionIdNotFound,
        applies: |_, _, call| call.region.known().is_none().then_some(Cause::UnknownRegion),
    },
    Check {
        code: Code::InvalidImageIdNotFound,
        applies: |service, _, call| service.unknown_target(call.target()),
    },
    Check { code: Code::ImageCreatedNotFromCopy, applies: not_from_copy },
    Check { code: Code::IncorrectImageStatus, applies: copy_not_cancellable_now },
    Check { code: Code::CancelNotSupported, applies: cancel_not_supported },
];

/// The checks of DeleteImage in the order in which they are decided.
pub const DELETE_IMAGE: [Check<DeleteImage>; 3] = [
    Check {
        code: Code::InvalidRegionIdNotFound,
        applies: |_, _, call| call.region.known().is_none().then_some(Cause::UnknownRegion),
    },
    Check {
        code: Code::InvalidImageIdNotFound,
        applies: |service, _, call| service.unknown_target(call.target()),
    },
    Check { code: Code::OperationDeniedImageCopying, applies: image_in_use },
];

/// The answer of the first row that applies, if any does.
pub(super) fn first_refusal<Call>(
    table: &[Check<Call>],
    service: &Service,
    now: SimTime,
    call: &Call,
) -> Option<Refusal> {
    table.iter().find_map(|check| {
        (check.applies)(service, now, call).map(|cause| Refusal { code: check.code, cause })
    })
}

fn source_region_unknown(_: &Service, _: SimTime, call: &CopyImage) -> Option<Cause> {
    call.from.known().is_none().then_some(Cause::UnknownSourceRegion)
}

fn destination_region_unknown(_: &Service, _: SimTime, call: &CopyImage) -> Option<Cause> {
    call.to.known().is_none().then_some(Cause::UnknownDestinationRegion)
}

fn source_image_unknown(service: &Service, _: SimTime, call: &CopyImage) -> Option<Cause> {
    let region = call.from.known()?;
    let missing = service.source(call).is_none();
    missing.then_some(Cause::UnknownImage { region, account: call.account })
}

/// A plain copy of an own image into its own region changes nothing (R7.6).
fn plain_copy_into_same_region(service: &Service, _: SimTime, call: &CopyImage) -> Option<Cause> {
    let region = call.from.known()?;
    let refused = call.to == call.from && !call.encrypted && !service.settings.same_region_plain;
    refused.then_some(Cause::SameRegion { region })
}

/// Copying from the Waiting or Creating product of a copy (R6.2).
fn source_unfinished(service: &Service, _: SimTime, call: &CopyImage) -> Option<Cause> {
    let (_, source) = service.source(call)?;
    source.is_unfinished().then_some(Cause::SourceUnfinished { status: source.status })
}

fn source_not_available(service: &Service, _: SimTime, call: &CopyImage) -> Option<Cause> {
    let (_, source) = service.source(call)?;
    (source.status != ImageStatus::Available).then_some(Cause::SourceStatus { status: source.status })
}

/// Half-open: at the last instant of the lock the image is free again (R6.3, R1.9).
fn source_locked(service: &Service, now: SimTime, call: &CopyImage) -> Option<Cause> {
    let (_, source) = service.source(call)?;
    (now < source.locked_until).then_some(Cause::Locked { until: source.locked_until })
}

fn name_taken(service: &Service, _: SimTime, call: &CopyImage) -> Option<Cause> {
    let (name, region) = (call.name?, call.to.known()?);
    service.names.contains(&(call.account, region, name)).then_some(Cause::NameTaken { name, region })
}

/// An unfinished copy with the same key, queued or running (R6.1).
fn same_conflict_key(service: &Service, _: SimTime, call: &CopyImage) -> Option<Cause> {
    let (_, source) = service.source(call)?;
    let destination = call.to.known()?;
    let is_conflict: fn(RegionId, RegionId) -> bool = match service.settings.conflict_key {
        ConflictKey::Off => return None,
        ConflictKey::Image => |_, _| true,
        ConflictKey::ImageAndDestination => |mine, other| mine == other,
    };
    service
        .readers_of(source)
        .find(|(_, to)| is_conflict(destination, *to))
        .map(|(other, _)| Cause::SameConflictKey { other })
}

fn over_limit(service: &Service, _: SimTime, call: &CopyImage) -> Option<Cause> {
    let max_queue = service.settings.max_queue?;
    let (from, to) = (call.from.known()?, call.to.known()?);
    service.slots.over_limit(call.account, from, to, max_queue, &service.settings).map(Cause::LimitReached)
}

fn not_from_copy(service: &Service, _: SimTime, call: &CancelCopyImage) -> Option<Cause> {
    let image = service.target_image(call.target())?;
    (image.origin == Origin::Given).then_some(Cause::NotFromCopy)
}

fn copy_not_cancellable_now(service: &Service, _: SimTime, call: &CancelCopyImage) -> Option<Cause> {
    let image = service.target_image(call.target())?;
    if image.origin == Origin::Finished {
        return Some(Cause::CopyEnded { status: image.status });
    }
    let refused = image.status == ImageStatus::Waiting && !service.settings.cancel.queued_allowed;
    refused.then_some(Cause::QueuedNotCancellable)
}

fn cancel_not_supported(service: &Service, _: SimTime, call: &CancelCopyImage) -> Option<Cause> {
    let Origin::Unfinished(copy) = service.target_image(call.target())?.origin else {
        return None;
    };
    if !service.copies.get(copy)?.cancellable {
        return Some(Cause::MarkedNotCancellable);
    }
    let point = service.settings.cancel.point_of_no_return?;
    call.past_return.then_some(Cause::PastReturn { point })
}

/// Source or target of an unfinished copy (R3.2, R5.4).
fn image_in_use(service: &Service, _: SimTime, call: &DeleteImage) -> Option<Cause> {
    let image = service.target_image(call.target())?;
    let other = match image.origin {
        Origin::Unfinished(copy) => Some(copy),
        _ => service.readers_of(image).map(|(copy, _)| copy).next(),
    };
    other.map(|other| Cause::ImageInUse { other })
}

impl Service {
    /// The source image of a call, if the caller owns one of this id in the source region.
    pub(super) fn source(&self, call: &CopyImage) -> Option<(ImageId, &Image)> {
        let (region, id) = (call.from.known()?, call.image.known()?);
        let image = self.images.get(id)?;
        (image.region == region && image.account == call.account).then_some((id, image))
    }

    /// The image that a cancel or delete names, if its caller owns it in the named region.
    pub(super) fn target_image(&self, target: Target) -> Option<&Image> {
        let image = self.images.get(target.image.known()?)?;
        let is_there = Some(image.region) == target.region.known() && image.account == target.account;
        is_there.then_some(image)
    }

    fn unknown_target(&self, target: Target) -> Option<Cause> {
        let region = target.region.known()?;
        let missing = self.target_image(target).is_none();
        missing.then_some(Cause::UnknownImage { region, account: target.account })
    }

    /// The unfinished copies that read an image, with their destinations.
    fn readers_of(&self, image: &Image) -> impl Iterator<Item = (CopyId, RegionId)> {
        image.readers.iter(&self.copies, |copy| copy.among_readers).map(|(id, copy)| (id, copy.to))
    }
}

/// What a cancel or delete names.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub account: AccountId,
    pub region: Named<RegionId>,
    pub image: Named<ImageId>,
}

impl CancelCopyImage {
    fn target(&self) -> Target {
        Target { account: self.account, region: self.region, image: self.image }
    }
}

impl DeleteImage {
    fn target(&self) -> Target {
        Target { account: self.account, region: self.region, image: self.image }
    }
}
