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

/// What a cancel or delete names.
#[derive(Clone, Copy)]
struct Target {
    account: AccountId,
    region: Named<RegionId>,
    image: Named<ImageId>,
}

impl From<&CancelCopyImage> for Target {
    fn from(call: &CancelCopyImage) -> Self {
        Self { account: call.account, region: call.region, image: call.image }
    }
}

impl From<&DeleteImage> for Target {
    fn from(call: &DeleteImage) -> Self {
        Self { account: call.account, region: call.region, image: call.image }
    }
}

impl Target {
    fn unknown_region(self) -> Found {
        self.region.known().is_none().then_some(Cause::UnknownRegion)
    }

    fn unknown_image(self, service: &Service) -> Found {
        let region = self.region.known()?;
        self.image(service).is_none().then_some(Cause::UnknownImage { region, account: self.account })
    }

    /// The image that is named, if the caller owns it in the named region.
    fn image(self, service: &Service) -> Option<&Image> {
        let image = service.images.get(self.image.known()?)?;
        let is_there = Some(image.region) == self.region.known() && image.owner == Some(self.account);
        is_there.then_some(image)
    }
}

pub(super) fn cancel_region(_: &Service, _: SimTime, call: &CancelCopyImage) -> Found {
    Target::from(call).unknown_region()
}

pub(super) fn cancel_image(service: &Service, _: SimTime, call: &CancelCopyImage) -> Found {
    Target::from(call).unknown_image(service)
}

pub(super) fn not_from_copy(service: &Service, _: SimTime, call: &CancelCopyImage) -> Found {
    let image = Target::from(call).image(service)?;
    (image.origin == Origin::Given).then_some(Cause::NotFromCopy)
}

pub(super) fn copy_ended_or_queued(service: &Service, now: SimTime, call: &CancelCopyImage) -> Found {
    let image = Target::from(call).image(service)?;
    let status = service.status_of(now, image);
    if image.origin == Origin::Finished {
        return Some(Cause::CopyEnded { status });
    }
    let refused = status == ImageStatus::Waiting && !service.settings.cancel.queued_allowed;
    refused.then_some(Cause::QueuedNotCancellable)
}

pub(super) fn cancel_not_supported(service: &Service, _: SimTime, call: &CancelCopyImage) -> Found {
    let Origin::Unfinished(copy) = Target::from(call).image(service)?.origin else { return None };
    if !service.copies.get(copy)?.cancellable {
        return Some(Cause::MarkedNotCancellable);
    }
    let point = service.settings.cancel.point_of_no_return?;
    call.past_return.then_some(Cause::PastReturn { point })
}

pub(super) fn internal_error(service: &Service, now: SimTime, call: &CancelCopyImage) -> Found {
    service.injected(now, FaultOperation::CancelCopyImage, Code::InternalError, call.faults, call.region)
}

pub(super) fn delete_region(_: &Service, _: SimTime, call: &DeleteImage) -> Found {
    Target::from(call).unknown_region()
}

pub(super) fn delete_image(service: &Service, _: SimTime, call: &DeleteImage) -> Found {
    Target::from(call).unknown_image(service)
}

/// Source or target of an unfinished copy (R3.2, R5.4).
pub(super) fn in_use(service: &Service, _: SimTime, call: &DeleteImage) -> Found {
    let image = Target::from(call).image(service)?;
    let other = match image.origin {
        Origin::Unfinished(copy) => Some(copy),
        _ => service.readers_of(image).map(|(copy, _)| copy).next(),
    };
    other.map(|other| Cause::ImageInUse { other })
}
