//! The checks of CancelCopyImage and DeleteImage (R5).

use super::super::Service;
use super::super::calls::{CancelCopyImage, DeleteImage};
use super::super::codes::Code;
use super::super::facts::FaultOperation;
use super::super::images::{Image, ImageStatus, Origin};
use super::super::refusal::Cause;
use super::Found;
use crate::ids::{AccountId, ImageId, Named, RegionId};
use crate::time::SimTime;

/// What the checks of a cancel or delete look at.
pub(in super::super) struct SeenTarget<'a, Call> {
    service: &'a Service,
    now: SimTime,
    call: &'a Call,
    account: AccountId,
    region: Named<RegionId>,
    /// The image that is named, if the caller owns it in the named region.
    image: Option<&'a Image>,
}

impl<'a> SeenTarget<'a, CancelCopyImage> {
    pub fn of_cancel(service: &'a Service, now: SimTime, call: &'a CancelCopyImage) -> Self {
        Self::new(service, now, call, call.account, call.region, call.image)
    }
}

impl<'a> SeenTarget<'a, DeleteImage> {
    pub fn of_delete(service: &'a Service, now: SimTime, call: &'a DeleteImage) -> Self {
        Self::new(service, now, call, call.account, call.region, call.image)
    }
}

impl<'a, Call> SeenTarget<'a, Call> {
    fn new(
        service: &'a Service,
        now: SimTime,
        call: &'a Call,
        account: AccountId,
        region: Named<RegionId>,
        image: Named<ImageId>,
    ) -> Self {
        let is_there = |image: &&Image| Some(image.region) == region.known() && image.owner == Some(account);
        let image = image.known().and_then(|id| service.images.get(id)).filter(is_there);
        Self { service, now, call, account, region, image }
    }
}

pub(super) fn unknown_region<Call>(seen: &SeenTarget<'_, Call>) -> Found {
    seen.region.known().is_none().then_some(Cause::UnknownRegion)
}

pub(super) fn unknown_image<Call>(seen: &SeenTarget<'_, Call>) -> Found {
    let region = seen.region.known()?;
    seen.image.is_none().then_some(Cause::UnknownImage { region, account: seen.account })
}

pub(super) fn not_from_copy(seen: &SeenTarget<'_, CancelCopyImage>) -> Found {
    (seen.image?.origin == Origin::Given).then_some(Cause::NotFromCopy)
}

pub(super) fn copy_ended_or_queued(seen: &SeenTarget<'_, CancelCopyImage>) -> Found {
    let image = seen.image?;
    let status = seen.service.status_of(seen.now, image);
    if image.origin == Origin::Finished {
        return Some(Cause::CopyEnded { status });
    }
    let refused = status == ImageStatus::Waiting && !seen.service.settings.cancel.queued_allowed;
    refused.then_some(Cause::QueuedNotCancellable)
}

pub(super) fn cancel_not_supported(seen: &SeenTarget<'_, CancelCopyImage>) -> Found {
    let Origin::Unfinished(copy) = seen.image?.origin else { return None };
    if !seen.service.copies.get(copy)?.cancellable {
        return Some(Cause::MarkedNotCancellable);
    }
    let point = seen.service.settings.cancel.point_of_no_return?;
    seen.call.past_return.then_some(Cause::PastReturn { point })
}

pub(super) fn internal_error(seen: &SeenTarget<'_, CancelCopyImage>) -> Found {
    let (operation, code) = (FaultOperation::CancelCopyImage, Code::InternalError);
    seen.service.injected(seen.now, operation, code, seen.call.faults, seen.region)
}

/// Source or target of an unfinished copy (R3.2, R5.4).
pub(super) fn in_use(seen: &SeenTarget<'_, DeleteImage>) -> Found {
    let image = seen.image?;
    let other = match image.origin {
        Origin::Unfinished(copy) => Some(copy),
        _ => seen.service.readers_of(image).map(|(copy, _)| copy).next(),
    };
    other.map(|other| Cause::ImageInUse { other })
}
