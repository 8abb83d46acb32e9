//! Refusals in words: what was refused, and what would be accepted.
//!
//! The words stand in files as the checks do ([`crate::service::checks`]).

mod account;
mod conflict;
mod form;
mod image;
mod key;
mod lookup;
mod region;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{CallLabel, Labels};
use crate::ids::{AccountId, RegionId, RequestKey};
use crate::records::Refused;
use crate::service::codes::Code;
use crate::service::facts::Details;
use crate::service::{Cause, Refusal};
use crate::time::{SimDuration, SimTime};

/// Things named in a message before the rest is counted.
const NAMED: usize = 5;

/// Our own words for a refusal (R7.1): they name what was refused and what would be accepted.
pub fn refusal_message(refused: &Refused, key: RequestKey, labels: &Labels<'_>) -> String {
    let call = labels.call(key);
    let target = labels.target(key);
    let (call, target) = (call.as_ref(), target.as_ref());
    let image = call.map(|call| &*call.image).or(target.map(|target| &*target.what));
    let region = target.map_or("?", |target| target.region);
    let (code, other) = (refused.refusal.code, refused.other);
    let about = About { labels, code, call, image: image.unwrap_or("?"), region, other };
    about.words(refused.refusal.cause)
}

/// The same for a later call on a copy's new image: the delete at the end of its retention, or the cancel after a
/// time-out.
pub fn later_refusal_message(refused: &Refused, key: RequestKey, labels: &Labels<'_>) -> String {
    let call = labels.call(key);
    let (call, image) = (call.as_ref(), labels.label(key));
    let region = call.map_or("?", |call| call.to);
    let (code, other) = (refused.refusal.code, refused.other);
    About { labels, code, call, image: &image, region, other }.words(refused.refusal.cause)
}

/// The same for a dry run that nothing refuses (R7.4).
pub fn dry_run_message(key: RequestKey, labels: &Labels<'_>) -> String {
    let refusal = Refusal { code: Code::DryRunOperation, cause: Cause::DryRun };
    refusal_message(&Refused { refusal, other: None }, key, labels)
}

/// What a refusal is about, with the names that its words need.
struct About<'a> {
    labels: &'a Labels<'a>,
    code: Code,
    /// The CopyImage call, if it is one.
    call: Option<&'a CallLabel<'a>>,
    /// The image that is to be copied, cancelled or deleted.
    image: &'a str,
    /// The region that a cancel or delete names.
    region: &'a str,
    /// The request that stands in the way, where the cause is one.
    other: Option<RequestKey>,
}

impl About<'_> {
    /// Every cause in the order of the tables of checks.
    fn words(&self, cause: Cause) -> String {
        match cause {
            Cause::NoAccount => self.no_account(),
            Cause::Throttled { limit, until } => self.throttled(limit, until),
            Cause::MalformedName => self.malformed_name(),
            Cause::MalformedDescription => self.malformed_description(),
            Cause::RepeatedTag { earlier, later } => self.repeated_tag(earlier, later),
            Cause::KeyWithoutEncryption => self.key_without_encryption(),
            Cause::AlgorithmWithoutEncryption => self.algorithm_without_encryption(),
            Cause::UnknownAlgorithm => self.unknown_algorithm(),
            Cause::TokenBound { by, parameter } => self.token_bound(by, parameter),
            Cause::Overdue { account, until } => self.overdue(account, until),
            Cause::ImageNotAllowed { user } => self.image_not_allowed(user),
            Cause::GroupNotAllowed { user } => self.group_not_allowed(user),
            Cause::KmsNotEnabled { account } => self.kms_not_enabled(account),
            Cause::KmsNotAuthorized { account } => self.kms_not_authorized(account),
            Cause::NotOnKeyList { account } => self.not_on_key_list(account),
            Cause::UnknownSourceRegion => self.unknown_source_region(),
            Cause::UnknownDestinationRegion => self.unknown_destination_region(),
            Cause::UnknownRegion => self.unknown_region(),
            Cause::UnknownImage { region, account } => self.unknown_image(region, account),
            Cause::UnknownGroup => self.unknown_group(),
            Cause::UnknownKey { region } => self.unknown_key(region),
            Cause::SnapshotGone { snapshot } => self.snapshot_gone(snapshot),
            Cause::NoKeysThere { region } => self.no_keys_there(region),
            Cause::AlgorithmNotOffered { region } => self.algorithm_not_offered(region),
            Cause::EncryptedByDefault { region } => self.encrypted_by_default(region),
            Cause::KeyNotAuthorized => self.key_not_authorized(),
            Cause::KeyNotEnabled { state } => self.key_not_enabled(state),
            Cause::KeyNotTaggable => self.key_not_taggable(),
            Cause::Injected { fault } => self.injected(fault),
            Cause::CopyNotOffered { region } => self.copy_not_offered(region),
            Cause::SameRegion { region } => self.same_region(region),
            Cause::ForbiddenPair { from, to } => self.forbidden_pair(from, to),
            Cause::MayNotLeave { region } => self.may_not_leave(region),
            Cause::NotAccepted { region } => self.not_accepted(region),
            Cause::SourceUnfinished { status } => self.source_unfinished(status),
            Cause::SourceStatus { status } => self.source_status(status),
            Cause::CommunityImage => self.community_image(),
            Cause::SharedImage { region } => self.shared_image(region),
            Cause::NotPublished { region } => self.not_published(region),
            Cause::ProductNotAuthorized { account } => self.product_not_authorized(account),
            Cause::VhdImage => self.vhd_image(),
            Cause::CloudBoxImage => self.cloud_box_image(),
            Cause::TooLarge { size, largest } => self.too_large(size, largest),
            Cause::SnapshotNotUsable { snapshot } => self.snapshot_not_usable(snapshot),
            Cause::SnapshotTooOld { snapshot, created } => self.snapshot_too_old(snapshot, created),
            Cause::EncryptedImage => self.encrypted_image(),
            Cause::NotEncryptedThere { region } => self.not_encrypted_there(region),
            Cause::Locked { until } => self.locked(until),
            Cause::NameTaken { name, region } => self.name_taken(name, region),
            Cause::SameConflictKey { .. } => self.same_conflict_key(),
            Cause::QuotaUsed { region, used, needed, quota } => self.quota_used(region, used, needed, quota),
            Cause::LimitReached(limit) => self.limit_reached(limit),
            Cause::DryRun => self.dry_run(),
            Cause::NotFromCopy => self.not_from_copy(),
            Cause::CopyEnded { status } => self.copy_ended(status),
            Cause::QueuedNotCancellable => self.queued_not_cancellable(),
            Cause::MarkedNotCancellable => self.marked_not_cancellable(),
            Cause::PastReturn { point } => self.past_return(point),
            Cause::ImageInUse { .. } => self.image_in_use(),
        }
    }

    fn account(&self, id: AccountId) -> &str {
        self.labels.account(id)
    }

    fn region(&self, id: RegionId) -> &str {
        self.labels.region(id)
    }

    /// The regions that a call names, as it sends them.
    fn from(&self) -> &str {
        self.call.map_or("?", |call| call.from)
    }

    fn to(&self) -> &str {
        self.call.map_or("?", |call| call.to)
    }

    /// What a copy is called, where one stands in the way.
    fn other(&self) -> String {
        self.other.map_or_else(|| "another copy".to_owned(), |other| self.labels.label(other))
    }

    /// What the call says beside the plain things.
    fn details(&self) -> Option<&Details> {
        let details = self.call?.parameters.details?;
        Some(self.labels.facts.details(details))
    }

    /// The key, algorithm and resource group that the call names, as it sends them.
    fn key(&self) -> &str {
        self.details().and_then(|details| details.kms_key.as_ref()).map_or("?", |key| &key.text)
    }

    fn algorithm(&self) -> &str {
        let algorithm = self.details().and_then(|details| details.encrypt_algorithm.as_ref());
        algorithm.map_or("?", |algorithm| &algorithm.text)
    }

    fn group(&self) -> Option<&str> {
        self.details()?.resource_group.as_ref().map(|group| &*group.text)
    }

    fn regions(&self, ids: &BTreeSet<RegionId>) -> String {
        listed(ids.iter().map(|id| self.region(*id)))
    }
}

/// `a, b and c`; of many the first few, and how many more there are.
fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut shown: Vec<String> = names.take(NAMED).map(str::to_owned).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// An instant for people that can be found again in the result files.
pub struct Exact(pub SimTime);

impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let is_rounded =
            SimDuration::parse(&self.0.to_string()).map(SimDuration::micros) != Ok(self.0.micros());
        if is_rounded { write!(f, " ({} s)", crate::time::Seconds(self.0.micros())) } else { Ok(()) }
    }
}
