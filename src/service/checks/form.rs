//! What a call says, without a look at anything else (R7.5).

use super::super::Service;
use super::super::calls::CopyImage;
use super::super::form;
use super::super::refusal::Cause;
use super::Found;
use crate::time::SimTime;

pub(super) fn name(_: &Service, _: SimTime, call: &CopyImage) -> Found {
    call.parameters.name?.is_malformed.then_some(Cause::MalformedName)
}

pub(super) fn description(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let description = service.details(call)?.description.as_ref()?;
    form::description_fault(description)?;
    Some(Cause::MalformedDescription)
}

pub(super) fn repeated_tag(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let (earlier, later) = form::repeated_key(&service.details(call)?.tags)?;
    Some(Cause::RepeatedTag { earlier, later })
}

pub(super) fn key_but_plain(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    service.details(call)?.kms_key.as_ref()?;
    (call.parameters.encrypted == Some(false)).then_some(Cause::KeyWithoutEncryption)
}

pub(super) fn key_but_unsaid(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    service.details(call)?.kms_key.as_ref()?;
    call.parameters.encrypted.is_none().then_some(Cause::KeyWithoutEncryption)
}

pub(super) fn algorithm_but_plain(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    service.details(call)?.encrypt_algorithm.as_ref()?;
    (!call.parameters.encrypts()).then_some(Cause::AlgorithmWithoutEncryption)
}

pub(super) fn unknown_algorithm(service: &Service, _: SimTime, call: &CopyImage) -> Found {
    let algorithm = service.details(call)?.encrypt_algorithm.as_ref()?;
    algorithm.thing.known().is_none().then_some(Cause::UnknownAlgorithm)
}
