//! Who calls: identity, rate, token, and what the account and its user may do.

use super::super::facts::Among;
use super::super::refusal::Cause;
use super::super::tokens::window_end;
use super::{Found, Seen};
use crate::ids::GroupId;

pub(super) fn missing(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    call.caller.is_none().then_some(Cause::NoAccount)
}

/// Every call that carries an account counts, whatever its answer (R7.2).
pub(super) fn over_rate(seen: &Seen<'_>) -> Found {
    let Seen { service, now, call, .. } = *seen;
    let limit = service.settings.rate_limit?;
    let made = service.calls.in_window(now, call.account()?, call.from);
    (made >= limit).then(|| Cause::Throttled { limit, until: window_end(now) })
}

/// A dry run doesn't read its token (R7.4).
#[inline(always)]
pub(super) fn token_bound(seen: &Seen<'_>) -> Found {
    let Seen { service, now, call, .. } = *seen;
    if call.token.is_none() || call.dry_run {
        return None;
    }
    let binding = service.tokens.bound(now, call)?;
    let parameter = binding.difference(call)?;
    Some(Cause::TokenBound { by: binding.request, parameter })
}

pub(super) fn overdue(seen: &Seen<'_>) -> Found {
    let Seen { service, now, call, .. } = *seen;
    let account = call.account()?;
    let span = service.facts().account(account).overdue.iter().find(|span| span.contains(now))?;
    Some(Cause::Overdue { account, until: span.until })
}

/// Rights are on what the call names, whether it exists or not; who names no group acts on the default one.
pub(super) fn not_allowed(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let user = call.caller?.user?;
    let rights = service.facts().user(user);
    if !rights.may_use(call.image) {
        return Some(Cause::ImageNotAllowed { user });
    }
    let named = seen.details.and_then(|details| details.resource_group.as_ref());
    let group = named.map_or(Some(GroupId::DEFAULT), |group| group.thing.known());
    let is_allowed = match group {
        Some(group) => rights.groups.contains(&group),
        None => rights.groups == Among::All,
    };
    (!is_allowed).then_some(Cause::GroupNotAllowed { user })
}

pub(super) fn kms_not_enabled(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let account = call.account()?;
    let refused = call.parameters.encrypts() && !service.facts().account(account).kms_enabled;
    refused.then_some(Cause::KmsNotEnabled { account })
}

pub(super) fn kms_not_authorized(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let account = call.account()?;
    let refused = call.parameters.encrypts() && !service.facts().account(account).kms_authorized;
    refused.then_some(Cause::KmsNotAuthorized { account })
}

pub(super) fn not_on_key_list(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    seen.details?.kms_key.as_ref()?;
    let account = call.account()?;
    (!service.facts().account(account).may_bring_keys).then_some(Cause::NotOnKeyList { account })
}
