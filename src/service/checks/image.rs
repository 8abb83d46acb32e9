//! What the source image is like.

use jiff::civil::Date;

use super::super::facts::ImageKind;
use super::super::images::ImageStatus;
use super::super::refusal::Cause;
use super::{Found, Seen};

/// Snapshots made before this day can't be copied.
const OLDEST_SNAPSHOT: Date = jiff::civil::date(2013, 7, 15);

/// Copying from the Waiting or Creating product of a copy (R6.2).
#[inline(always)]
pub(super) fn unfinished(seen: &Seen<'_>) -> Found {
    let Seen { service, now, .. } = *seen;
    let source = seen.source?;
    source.is_unfinished().then(|| Cause::SourceUnfinished { status: service.status_of(now, source) })
}

#[inline(always)]
pub(super) fn not_available(seen: &Seen<'_>) -> Found {
    let Seen { service, now, .. } = *seen;
    let source = seen.source?;
    let status = service.status_of(now, source);
    (status != ImageStatus::Available).then_some(Cause::SourceStatus { status })
}

pub(super) fn community(seen: &Seen<'_>) -> Found {
    let (_, facts) = seen.image()?;
    (facts.kind == ImageKind::Community).then_some(Cause::CommunityImage)
}

pub(super) fn shared_elsewhere(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    let (image, facts) = seen.image()?;
    let is_shared = image.owner != call.account() && facts.kind == ImageKind::Custom;
    let region = image.region;
    (is_shared && call.to.known() != Some(region)).then_some(Cause::SharedImage { region })
}

pub(super) fn not_published(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    let ImageKind::Marketplace { published, .. } = &seen.image()?.1.kind else { return None };
    let region = call.to.known()?;
    (!published.contains(&region)).then_some(Cause::NotPublished { region })
}

pub(super) fn product_not_authorized(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    let ImageKind::Marketplace { authorized, .. } = &seen.image()?.1.kind else { return None };
    let account = call.account()?;
    (!authorized.contains(&account)).then_some(Cause::ProductNotAuthorized { account })
}

pub(super) fn vhd(seen: &Seen<'_>) -> Found {
    seen.image()?.1.is_vhd.then_some(Cause::VhdImage)
}

pub(super) fn cloud_box(seen: &Seen<'_>) -> Found {
    seen.image()?.1.is_cloud_box.then_some(Cause::CloudBoxImage)
}

pub(super) fn too_large(seen: &Seen<'_>) -> Found {
    let Seen { service, .. } = *seen;
    let largest = service.settings.max_image_size?;
    let size = seen.source?.size?;
    (size > largest).then_some(Cause::TooLarge { size, largest })
}

pub(super) fn snapshot_not_usable(seen: &Seen<'_>) -> Found {
    let snapshots = &seen.image()?.1.snapshots;
    let snapshot = snapshots.iter().position(|snapshot| !snapshot.makes_images)?;
    Some(Cause::SnapshotNotUsable { snapshot })
}

pub(super) fn snapshot_too_old(seen: &Seen<'_>) -> Found {
    let snapshots = &seen.image()?.1.snapshots;
    let old = |created: Option<Date>| created.filter(|created| *created < OLDEST_SNAPSHOT);
    let mut created = snapshots.iter().enumerate();
    created
        .find_map(|(snapshot, facts)| Some(Cause::SnapshotTooOld { snapshot, created: old(facts.created)? }))
}

pub(super) fn encrypted(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    let source = seen.source?;
    (source.is_encrypted && !call.parameters.encrypts()).then_some(Cause::EncryptedImage)
}

/// A plain image that is to be encrypted on its way to another region (R7.8).
pub(super) fn not_encrypted_there(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    if !call.parameters.encrypts() || call.from == call.to {
        return None;
    }
    let source = seen.source?;
    let region = call.to.known()?;
    let refused = !source.is_encrypted && !service.facts().region(region).encrypts_from_elsewhere;
    refused.then_some(Cause::NotEncryptedThere { region })
}
