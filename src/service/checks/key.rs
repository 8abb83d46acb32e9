//! Encryption: what the destination region and the key allow.

use super::super::Service;
use super::super::calls::CopyImage;
use super::super::codes::Code;
use super::super::facts::{FaultOperation, KeyFacts, KeyState};
use super::super::refusal::Cause;
use super::Found;
use crate::time::SimTime;

/// The key that a call names.
fn key<'a>(service: &'a Service, call: &CopyImage) -> Option<&'a KeyFacts> {
    let key = service.details(call)?.kms_key.as_ref()?;
    key.thing.known().map(|key| service.facts().key(key))
}

pub(super) fn none_there(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    service.details(call)?.kms_key.as_ref()?;
    let region = call.to.known()?;
    (!service.facts().region(region).accepts_keys).then_some(Cause::NoKeysThere { region })
}

pub(super) fn algorithm_not_offered(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let algorithm = service.details(call)?.encrypt_algorithm.as_ref()?.thing.known()?;
    let region = call.to.known()?;
    let is_offered = service.facts().region(region).algorithms.contains(&algorithm);
    (!is_offered).then_some(Cause::AlgorithmNotOffered { region })
}

pub(super) fn encrypted_by_default(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let region = call.to.known()?;
    let by_default = &service.facts().account(call.account()?).default_encryption;
    let refused = !call.parameters.encrypts() && by_default.contains(&region);
    refused.then_some(Cause::EncryptedByDefault { region })
}

pub(super) fn not_authorized(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    (!key(service, call)?.is_authorized).then_some(Cause::KeyNotAuthorized)
}

pub(super) fn not_enabled(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let state = key(service, call)?.state;
    (state != KeyState::Enabled).then_some(Cause::KeyNotEnabled { state })
}

pub(super) fn not_taggable(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    (!key(service, call)?.may_be_tagged).then_some(Cause::KeyNotTaggable)
}

/// The data key is made in the destination region.
pub(super) fn data_key_fails(service: &Service, now: SimTime, call: &CopyImage) -> Found {
    service.details(call)?.kms_key.as_ref()?;
    let code = Code::InvalidParameterDataEncryptedKeyCreateFailed;
    service.injected(now, FaultOperation::CopyImage, code, call.faults, call.to)
}
