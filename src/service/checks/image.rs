//! What the source image is like.

use jiff::civil::Date;

use super::super::Service;
use super::super::calls::CopyImage;
use super::super::facts::{ImageFacts, ImageKind};
use super::super::images::{Image, ImageStatus};
use super::super::refusal::Cause;
use super::Found;
use crate::time::SimTime;

/// Snapshots made before this day can't be copied.
const OLDEST_SNAPSHOT: Date = jiff::civil::date(2013, 7, 15);

/// The source image and what is said of it.
fn source<'a>(service: &'a Service, call: &CopyImage) -> Option<(&'a Image, &'a ImageFacts)> {
    let (_, image) = service.source(call)?;
    Some((image, service.facts().image(image.facts)))
}

/// Copying from the Waiting or Creating product of a copy (R6.2).
pub(super) fn unfinished(service: &Service, now: SimTime, call: &CopyImage) -> Found {
    let (_, source) = service.source(call)?;
    source.is_unfinished().then(|| Cause::SourceUnfinished { status: service.status_of(now, source) })
}

pub(super) fn not_available(service: &Service, now: SimTime, call: &CopyImage) -> Found {
    let (_, source) = service.source(call)?;
    let status = service.status_of(now, source);
    (status != ImageStatus::Available).then_some(Cause::SourceStatus { status })
}

pub(super) fn community(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let (_, facts) = source(service, call)?;
    (facts.kind == ImageKind::Community).then_some(Cause::CommunityImage)
}

pub(super) fn shared_elsewhere(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let (image, facts) = source(service, call)?;
    let is_shared = image.owner != call.account() && facts.kind == ImageKind::Custom;
    let region = image.region;
    (is_shared && call.to.known() != Some(region)).then_some(Cause::SharedImage { region })
}

pub(super) fn not_published(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let ImageKind::Marketplace { published, .. } = &source(service, call)?.1.kind else { return None };
    let region = call.to.known()?;
    (!published.contains(&region)).then_some(Cause::NotPublished { region })
}

pub(super) fn product_not_authorized(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let ImageKind::Marketplace { authorized, .. } = &source(service, call)?.1.kind else { return None };
    let account = call.account()?;
    (!authorized.contains(&account)).then_some(Cause::ProductNotAuthorized { account })
}

pub(super) fn vhd(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    source(service, call)?.1.is_vhd.then_some(Cause::VhdImage)
}

pub(super) fn cloud_box(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    source(service, call)?.1.is_cloud_box.then_some(Cause::CloudBoxImage)
}

pub(super) fn too_large(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let largest = service.settings.max_image_size?;
    let size = service.source(call)?.1.size?;
    (size > largest).then_some(Cause::TooLarge { size, largest })
}

pub(super) fn snapshot_not_usable(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let snapshots = &source(service, call)?.1.snapshots;
    let snapshot = snapshots.iter().position(|snapshot| !snapshot.makes_images)?;
    Some(Cause::SnapshotNotUsable { snapshot })
}

pub(super) fn snapshot_too_old(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let snapshots = &source(service, call)?.1.snapshots;
    let old = |created: Option<Date>| created.filter(|created| *created < OLDEST_SNAPSHOT);
    let mut created = snapshots.iter().enumerate();
    created
        .find_map(|(snapshot, facts)| Some(Cause::SnapshotTooOld { snapshot, created: old(facts.created)? }))
}

pub(super) fn encrypted(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let (_, source) = service.source(call)?;
    (source.is_encrypted && !call.parameters.encrypts()).then_some(Cause::EncryptedImage)
}

/// A plain image that is to be encrypted on its way to another region (R7.8).
pub(super) fn not_encrypted_there(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    if !call.parameters.encrypts() || call.from == call.to {
        return None;
    }
    let (_, source) = service.source(call)?;
    let region = call.to.known()?;
    let refused = !source.is_encrypted && !service.facts().region(region).encrypts_from_elsewhere;
    refused.then_some(Cause::NotEncryptedThere { region })
}
