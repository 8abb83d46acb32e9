//! Encryption: what the destination region and the key allow.

use super::super::codes::Code;
use super::super::facts::{FaultOperation, KeyFacts, KeyState};
use super::super::refusal::Cause;
use super::{Found, Seen};

/// The key that a call names.
fn key<'a>(seen: &Seen<'a>) -> Option<&'a KeyFacts> {
    let key = seen.details?.kms_key.as_ref()?;
    key.thing.known().map(|key| seen.service.facts().key(key))
}

pub(super) fn none_there(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    seen.details?.kms_key.as_ref()?;
    let region = call.to.known()?;
    (!service.facts().region(region).accepts_keys).then_some(Cause::NoKeysThere { region })
}

pub(super) fn algorithm_not_offered(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let algorithm = seen.details?.encrypt_algorithm.as_ref()?.thing.known()?;
    let region = call.to.known()?;
    let is_offered = service.facts().region(region).algorithms.contains(&algorithm);
    (!is_offered).then_some(Cause::AlgorithmNotOffered { region })
}

pub(super) fn encrypted_by_default(seen: &Seen<'_>) -> Found {
    let Seen { service, call, .. } = *seen;
    let region = call.to.known()?;
    let by_default = &service.facts().account(call.account()?).default_encryption;
    let refused = !call.parameters.encrypts() && by_default.contains(&region);
    refused.then_some(Cause::EncryptedByDefault { region })
}

pub(super) fn not_authorized(seen: &Seen<'_>) -> Found {
    (!key(seen)?.is_authorized).then_some(Cause::KeyNotAuthorized)
}

pub(super) fn not_enabled(seen: &Seen<'_>) -> Found {
    let state = key(seen)?.state;
    (state != KeyState::Enabled).then_some(Cause::KeyNotEnabled { state })
}

pub(super) fn not_taggable(seen: &Seen<'_>) -> Found {
    (!key(seen)?.may_be_tagged).then_some(Cause::KeyNotTaggable)
}

/// The data key is made in the destination region.
pub(super) fn data_key_fails(seen: &Seen<'_>) -> Found {
    let Seen { service, now, call, .. } = *seen;
    seen.details?.kms_key.as_ref()?;
    let code = Code::InvalidParameterDataEncryptedKeyCreateFailed;
    service.injected(now, FaultOperation::CopyImage, code, call.faults, call.to)
}
