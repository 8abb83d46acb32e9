//! What a call says, without a look at anything else (R7.5).

use super::super::form;
use super::super::refusal::Cause;
use super::{Found, Seen};

pub(super) fn name(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    call.parameters.name?.is_malformed.then_some(Cause::MalformedName)
}

pub(super) fn description(seen: &Seen<'_>) -> Found {
    let description = seen.details?.description.as_ref()?;
    form::description_fault(description)?;
    Some(Cause::MalformedDescription)
}

pub(super) fn repeated_tag(seen: &Seen<'_>) -> Found {
    let (earlier, later) = form::repeated_key(&seen.details?.tags)?;
    Some(Cause::RepeatedTag { earlier, later })
}

pub(super) fn key_but_plain(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    seen.details?.kms_key.as_ref()?;
    (call.parameters.encrypted == Some(false)).then_some(Cause::KeyWithoutEncryption)
}

pub(super) fn key_but_unsaid(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    seen.details?.kms_key.as_ref()?;
    call.parameters.encrypted.is_none().then_some(Cause::KeyWithoutEncryption)
}

pub(super) fn algorithm_but_plain(seen: &Seen<'_>) -> Found {
    let Seen { call, .. } = *seen;
    seen.details?.encrypt_algorithm.as_ref()?;
    (!call.parameters.encrypts()).then_some(Cause::AlgorithmWithoutEncryption)
}

pub(super) fn unknown_algorithm(seen: &Seen<'_>) -> Found {
    let algorithm = seen.details?.encrypt_algorithm.as_ref()?;
    algorithm.thing.known().is_none().then_some(Cause::UnknownAlgorithm)
}
