//! What stands in the way of a copy that is allowed as such: other copies, names, quotas, the limit of the
//! queue, faults; and the end of a dry run.

use super::super::codes::Code;
use super::super::facts::FaultOperation;
use super::super::images::Image;
use super::super::refusal::Cause;
use super::super::settings::ConflictKey;
use super::{Found, Seen};
use crate::ids::RegionId;

/// Half-open: at the last instant of the lock the image is free again (R6.3, R1.9).
pub(super) fn locked(seen: &Seen<'_>) -> Found {
    let Seen { now, .. } = *seen;
    let source = seen.source?;
    (now < source.locked_until).then_some(Cause::Locked { until: source.locked_until })
}

pub(super) fn name_taken(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let (name, region) = (call.parameters.name?.id, call.to.known()?);
    let is_taken = service.names.contains_key(&(call.account()?, region, name));
    is_taken.then_some(Cause::NameTaken { name, region })
}

/// An unfinished copy with the same key, queued or running (R6.1).
#[inline(always)]
pub(super) fn same_key(seen: &Seen<'_>) -> Found {
    let source = seen.source?;
    if source.readers.is_empty() { None } else { same_key_of(seen, source) }
}

/// The rest of it, which most calls don't come to.
fn same_key_of(seen: &Seen<'_>, source: &Image) -> Found {
    let Seen { service, call, .. } = *seen;
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

/// Refused when used + needed > quota (R7.7).
pub(super) fn images_used(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let region = call.to.known()?;
    let quota = service.facts().region(region).images_quota?;
    let used = service.usage.of(call.account()?, region).images;
    (used + 1 > quota).then_some(Cause::QuotaUsed { region, used, needed: 1, quota })
}

/// As [`images_used`], for the snapshots of the image's disks.
pub(super) fn snapshots_used(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let region = call.to.known()?;
    let quota = service.facts().region(region).snapshots_quota?;
    let needed = u64::from(seen.source?.disks);
    let used = service.usage.of(call.account()?, region).snapshots;
    (used + needed > quota).then_some(Cause::QuotaUsed { region, used, needed, quota })
}

#[inline(always)]
pub(super) fn over_limit(seen: &Seen<'_>) -> Found {
    over_limit_of(seen, seen.service.settings.max_queue?)
}

/// The rest of it, which most calls don't come to.
fn over_limit_of(seen: &Seen<'_>, max_queue: u32) -> Found {
    let Seen { service, call, .. } = *seen;
    let (account, from, to) = (call.account()?, call.from.known()?, call.to.known()?);
    service.slots.over_limit(account, from, to, max_queue, &service.settings).map(Cause::LimitReached)
}

pub(super) fn internal_error(seen: &Seen<'_>) -> Found {
    let Seen { service, now, call, .. } = *seen;
    service.injected(now, FaultOperation::CopyImage, Code::InternalError, call.faults, call.from)
}

pub(super) fn dry_run(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    call.dry_run.then_some(Cause::DryRun)
}
