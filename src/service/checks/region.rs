//! Between which regions data may go.

use super::super::calls::CopyImage;
use super::super::refusal::Cause;
use super::{Found, Seen};
use crate::ids::RegionId;

fn both(call: &CopyImage) -> Option<(RegionId, RegionId)> {
    call.from.known().zip(call.to.known())
}

pub(super) fn copy_not_offered(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let (from, to) = both(call)?;
    let region = [from, to].into_iter().find(|region| !service.facts().region(*region).offers_copy)?;
    Some(Cause::CopyNotOffered { region })
}

/// A plain copy of an own image into its own region changes nothing (R7.6).
#[inline(always)]
pub(super) fn plain_into_same(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let (region, to) = both(call)?;
    if to != region || call.parameters.encrypts() || service.settings.same_region_plain {
        return None;
    }
    let image = seen.source?;
    (image.owner == call.account()).then_some(Cause::SameRegion { region })
}

pub(super) fn forbidden_pair(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let (from, to) = both(call)?;
    service.facts().forbidden.contains(&(from, to)).then_some(Cause::ForbiddenPair { from, to })
}

pub(super) fn may_not_leave(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let (region, to) = both(call)?;
    let refused = to != region && !service.facts().region(region).sends;
    refused.then_some(Cause::MayNotLeave { region })
}

pub(super) fn not_accepted(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let (from, region) = both(call)?;
    let refused = from != region && !service.facts().region(region).accepts_from.contains(&from);
    refused.then_some(Cause::NotAccepted { region })
}
