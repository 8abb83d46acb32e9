//! Whether what a call names is there.

use super::super::Service;
use super::super::calls::CopyImage;
use super::super::refusal::Cause;
use super::Found;
use crate::time::SimTime;

pub(super) fn source_region(_: &Service, _: SimTime, call: &CopyImage) -> Found {
    call.from.known().is_none().then_some(Cause::UnknownSourceRegion)
}

pub(super) fn destination_region(_: &Service, _: SimTime, call: &CopyImage) -> Found {
    call.to.known().is_none().then_some(Cause::UnknownDestinationRegion)
}

pub(super) fn source_image(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let (region, account) = (call.from.known()?, call.account()?);
    service.source(call).is_none().then_some(Cause::UnknownImage { region, account })
}

pub(super) fn resource_group(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let group = service.details(call)?.resource_group.as_ref()?;
    group.thing.known().is_none().then_some(Cause::UnknownGroup)
}

pub(super) fn key(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let key = service.details(call)?.kms_key.as_ref()?;
    let region = call.to.known()?;
    let is_there = key.thing.known().is_some_and(|key| service.facts().key(key).regions.contains(&region));
    (!is_there).then_some(Cause::UnknownKey { region })
}

pub(super) fn snapshot(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let (_, image) = service.source(call)?;
    let snapshots = &service.facts().image(image.facts).snapshots;
    let snapshot = snapshots.iter().position(|snapshot| !snapshot.exists)?;
    Some(Cause::SnapshotGone { snapshot })
}
