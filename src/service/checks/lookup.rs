//! Whether what a call names is there.

use super::super::refusal::Cause;
use super::{Found, Seen};

pub(super) fn source_region(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    call.from.known().is_none().then_some(Cause::UnknownSourceRegion)
}

pub(super) fn destination_region(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    call.to.known().is_none().then_some(Cause::UnknownDestinationRegion)
}

pub(super) fn source_image(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    let (region, account) = (call.from.known()?, call.account()?);
    seen.source.is_none().then_some(Cause::UnknownImage { region, account })
}

pub(super) fn resource_group(seen: &Seen<'_>) -> Found {
    let group = seen.details?.resource_group.as_ref()?;
    group.thing.known().is_none().then_some(Cause::UnknownGroup)
}

pub(super) fn key(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let key = seen.details?.kms_key.as_ref()?;
    let region = call.to.known()?;
    let is_there = key.thing.known().is_some_and(|key| service.facts().key(key).regions.contains(&region));
    (!is_there).then_some(Cause::UnknownKey { region })
}

pub(super) fn snapshot(seen: &Seen<'_>) -> Found {
    let Seen { service, .. } = *seen;
    let image = seen.source?;
    let snapshots = &service.facts().image(image.facts).snapshots;
    let snapshot = snapshots.iter().position(|snapshot| !snapshot.exists)?;
    Some(Cause::SnapshotGone { snapshot })
}
