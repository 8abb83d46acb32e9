//! The ordered tables of checks: the first row that applies answers (R7.1).
//!
//! A row says at which stage it stands, which code it answers with, for what cause in words, and which
//! function looks whether it applies. Checks can read the service and nothing else, and change nothing.

mod account;
mod conflict;
mod form;
mod image;
mod key;
mod lookup;
mod region;
mod target;

pub(super) use target::SeenTarget;

use super::Service;
use super::calls::{CancelCopyImage, CopyImage, DeleteImage};
use super::codes::Code;
use super::facts::{Details, ImageFacts};
use super::images::Image;
use super::refusal::{Cause, Refusal};
use crate::time::SimTime;

/// What a check looks at; stages are decided in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Identity,
    Throttle,
    Form,
    Token,
    Account,
    Lookup,
    Key,
    Region,
    Image,
    Conflict,
    Quota,
    Limit,
    Fault,
    DryRun,
}

impl Stage {
    /// The name in the list of the vendor's codes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Throttle => "throttle",
            Self::Form => "form",
            Self::Token => "token",
            Self::Account => "account",
            Self::Lookup => "lookup",
            Self::Key => "key",
            Self::Region => "region",
            Self::Image => "image",
            Self::Conflict => "conflict",
            Self::Quota => "quota",
            Self::Limit => "limit",
            Self::Fault => "fault",
            Self::DryRun => "dry_run",
        }
    }
}

/// Parts of a table: a call whose token is bound by an equal one is answered between the last two. They are
/// numbers, so that each part is compiled for itself.
pub(super) const ALL: u8 = 0;
pub(super) const UP_TO_TOKEN: u8 = 1;
pub(super) const AFTER_TOKEN: u8 = 2;
/// What concerns a copy that was accepted before the run: not who called when.
pub(super) const STILL_TRUE: u8 = 3;

const fn is_of(part: u8, stage: Stage) -> bool {
    match part {
        UP_TO_TOKEN => stage as u8 <= Stage::Token as u8,
        AFTER_TOKEN => stage as u8 > Stage::Token as u8,
        STILL_TRUE => !matches!(stage, Stage::Throttle | Stage::Account),
        _ => true,
    }
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    pub stage: Stage,
    pub code: Code,
    /// When it applies, in words.
    pub cause: &'static str,
}

/// What the checks of a CopyImage call look at: the call and what it names, looked up once.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    service: &'a Service,
    now: SimTime,
    call: &'a CopyImage,
    /// The source image, if the caller can see one of this id in the source region.
    source: Option<&'a Image>,
    /// What the call says beside the plain things.
    details: Option<&'a Details>,
}

impl<'a> Seen<'a> {
    #[inline(always)]
    pub(super) fn new(service: &'a Service, now: SimTime, call: &'a CopyImage) -> Self {
        Self { service, now, call, source: service.source(call), details: service.details(call) }
    }

    pub(super) fn source(&self) -> Option<&'a Image> {
        self.source
    }

    /// Whether the call says more than the plain things.
    fn says_more(&self) -> bool {
        self.details.is_some()
    }

    /// Whether there are accounts that aren't plain ones, or a user calls.
    fn has_account_facts(&self) -> bool {
        self.service.special.accounts || self.call.caller.is_some_and(|caller| caller.user.is_some())
    }

    /// Whether more is said of the image than the plain things.
    fn has_image_facts(&self) -> bool {
        self.source.is_some_and(|image| image.facts.is_some())
    }

    /// Whether there are regions that don't offer everything to everyone.
    fn has_region_facts(&self) -> bool {
        self.service.special.regions
    }

    /// Whether faults are injected into this call.
    fn may_meet_faults(&self) -> bool {
        !self.call.faults.is_empty()
    }

    /// The source image with what more is said of it, if anything is.
    fn image(&self) -> Option<(&'a Image, &'a ImageFacts)> {
        let image = self.source?;
        image.facts?;
        Some((image, self.service.facts().image(image.facts)))
    }
}

/// A table, and the function that gives the answer of its first row that applies. The rows are called by name, so
/// that the compiler sees through them.
///
/// Rows stand in groups: none of a group can apply unless its condition holds. So a plain call is decided by a
/// few of them.
macro_rules! table {
    (
        $(#[$doc:meta])* $name:ident, $first:ident($seen:ty):
        $($when:path { $($stage:ident $code:ident $check:path, $cause:literal;)+ })+
    ) => {
        $(#[$doc])*
        pub const $name: &[Check] =
            &[$($(Check { stage: Stage::$stage, code: Code::$code, cause: $cause },)+)+];

        /// The answer of the first row that applies among those of a part of the table.
        #[inline]
        pub(super) fn $first<const PART: u8>(seen: &$seen) -> Option<Refusal> {
            $(
                if $when(seen) {
                    $(
                        if is_of(PART, Stage::$stage)
                            && let Some(cause) = $check(seen)
                        {
                            return Some(Refusal { code: Code::$code, cause });
                        }
                    )+
                } else {
                    debug_assert!(true $(&& $check(seen).is_none())+, "a group is passed over, and a row of it applies");
                }
            )+
            None
        }
    };
}

/// The condition of rows that may apply to any call.
fn always<T>(_: &T) -> bool {
    true
}

/// What a check finds: why its row applies, or nothing.
type Found = Option<Cause>;

table! {
    /// The checks of CopyImage in the order in which they are decided.
    COPY_IMAGE, first_of_copy(Seen<'_>):
    always {
        Identity InvalidAliUidIsNull account::missing, "the call carries no account";
        Throttle ThrottlingUser account::over_rate, "the account has made all the calls of this window in the source region";
        Form InvalidImageNameMalformed form::name, "the name breaks a rule of length, first character, characters or prefix";
    }
    Seen::says_more {
        Form InvalidDescriptionMalformed form::description, "the description breaks a rule of length or prefix";
        Form DuplicateTagKey form::repeated_tag, "two tags have one key";
        Form InvalidParameterEncryptedIllegal form::key_but_plain, "a key is named, and `encrypted` is false";
        Form InvalidEncryptedNotMatchKmsKeyId form::key_but_unsaid, "a key is named, and `encrypted` isn't said";
        Form InvalidEncryptedNotMatchEncryptAlgorithm form::algorithm_but_plain, "an algorithm is named, and `encrypted` isn't true";
        Form InvalidEncryptAlgorithm form::unknown_algorithm, "the service knows no algorithm of that name";
    }
    always {
        Token IdempotentParameterMismatch account::token_bound, "the token is bound by an accepted call with other parameters";
    }
    Seen::has_account_facts {
        Account AccountArrearage account::overdue, "a payment of the account is overdue at that time";
        Account Forbbiden account::not_allowed, "the user may not act on the image, or on the resource group (named or default)";
        Account InvalidParameterKmsNotEnabled account::kms_not_enabled, "the copy is encrypted, and the account hasn't enabled KMS";
        Account OperationDeniedKmsServiceUnauthorized account::kms_not_authorized, "the copy is encrypted, and the account hasn't authorized the use of KMS";
        Account UserNotInTheWhiteList account::not_on_key_list, "a key is named, and the account isn't on the list of those who may bring keys";
    }
    always {
        Lookup SourceRegionNotFound lookup::source_region, "the service has no such source region";
        Lookup DestinationRegionNotFound lookup::destination_region, "the service has no such destination region";
        Lookup InvalidImageIdNotFound lookup::source_image, "the account has no such image in the source region: it is elsewhere, someone else's, deleted or cancelled";
    }
    Seen::says_more {
        Lookup InvalidResourceGroupNotFound lookup::resource_group, "there is no such resource group";
        Lookup InvalidParameterKMSKeyIdNotFound lookup::key, "there is no such key in the destination region";
    }
    Seen::has_image_facts {
        Lookup InvalidSnapshotIdNotFound lookup::snapshot, "a snapshot of the image is gone";
    }
    Seen::says_more {
        Key InvalidRegionNotSupport key::none_there, "a key is named, and none can be brought to the destination region";
        Key InvalidRegionIdNotSupportEncryptAlgorithm key::algorithm_not_offered, "the destination region doesn't offer the algorithm";
    }
    Seen::has_account_facts {
        Key InvalidEncryptedNotMatchDiskDefaultEncryption key::encrypted_by_default, "the account encrypts its disks in the destination region by default, and the copy isn't encrypted";
    }
    Seen::says_more {
        Key InvalidParameterKMSKeyIdKMSUnauthorized key::not_authorized, "the service may not use the key";
        Key InvalidParameterKMSKeyIdCMKNotEnabled key::not_enabled, "the key isn't enabled";
        Key InvalidParameterKMSKeyIdCMKUnauthorized key::not_taggable, "the service may not tag the key";
        Key InvalidParameterDataEncryptedKeyCreateFailed key::data_key_fails, "a key is named, and making a data key fails (an injected fault)";
    }
    Seen::has_region_facts {
        Region RegionNotSupportCopy region::copy_not_offered, "the source or destination region doesn't offer image copy";
    }
    always {
        Region IncorrectDestinationRegion region::plain_into_same, "the destination is the source region, the image is the account's own, and the copy isn't encrypted";
    }
    Seen::has_region_facts {
        Region OperationDeniedNonCompliantDestinationRegion region::forbidden_pair, "regulations forbid copies from the source to the destination region";
        Region InvalidOperationCopyingDataFromThisRegionUnsupported region::may_not_leave, "data may not leave the source region";
        Region InvalidOperationCopyingDataToThisRegionUnsupported region::not_accepted, "the destination region takes data of some regions only, and the source is none of them";
    }
    always {
        Image OperationDeniedImageCopying image::unfinished, "the image is itself the Waiting or Creating product of a copy";
        Image IncorrectImageStatus image::not_available, "the image isn't Available";
    }
    Seen::has_image_facts {
        Image OperationDeniedCommunityImage image::community, "the image is a community image";
        Image OperationDeniedSameRegionOnly image::shared_elsewhere, "the image is shared by another account, and the destination is another region";
        Image OperationDeniedNotPublished image::not_published, "the image is a marketplace product that isn't published in the destination region";
        Image OperationDeniedNotAuthorized image::product_not_authorized, "the image is a marketplace product that isn't authorized for the account";
        Image InvalidOperationVhdImageUnsupported image::vhd, "the format of the image is VHD";
        Image InvalidOperationCloudBoxImageCopyUnsupported image::cloud_box, "the image is a CloudBox image";
    }
    always {
        Image SizeExceedImage image::too_large, "the image is larger than the service copies";
    }
    Seen::has_image_facts {
        Image OperationDenied image::snapshot_not_usable, "no image may be made of a snapshot of the image";
        Image InvalidSnapshotTooOld image::snapshot_too_old, "a snapshot of the image was made before 2013-07-15";
    }
    always {
        Image OperationDeinedEncryptedSnapshot image::encrypted, "the image is encrypted, and the copy isn't";
    }
    Seen::has_region_facts {
        Image OperationDeniedEncryptSnapshotAcrossRegion image::not_encrypted_there, "the image is plain, the copy is encrypted, and the destination is another region that refuses this";
    }
    always {
        Conflict InvalidOperationConflict conflict::locked, "an accepted call still locks the image";
        Conflict InvalidImageNameDuplicated conflict::name_taken, "the account has an image of that name in the destination region, finished or not";
        Conflict OperationDeniedImageCopyConflict conflict::same_key, "an unfinished copy has the same conflict key";
    }
    Seen::has_region_facts {
        Quota QuotaExceedImage conflict::images_used, "the images of the account in the destination region are as many as it may have";
        Quota QuotaExceedSnapshot conflict::snapshots_used, "the snapshots of the account in the destination region leave no room for those of the copy";
    }
    always {
        Limit ResourceLimitExceeded conflict::over_limit, "all slots are taken, and the queue has no place or there is none";
    }
    Seen::may_meet_faults {
        Fault InternalError conflict::internal_error, "an injected fault";
    }
    always {
        DryRun DryRunOperation conflict::dry_run, "the call is a dry run that nothing else refuses";
    }
}

table! {
    /// The checks of CancelCopyImage in the order in which they are decided.
    CANCEL_COPY_IMAGE, first_of_cancel(SeenTarget<'_, CancelCopyImage>):
    always {
        Lookup InvalidRegionIdNotFound target::unknown_region, "the service has no such region";
        Lookup InvalidImageIdNotFound target::unknown_image, "the account has no such image in the region: it is elsewhere, deleted, or was cancelled before";
        Image ImageCreatedNotFromCopy target::not_from_copy, "the image isn't the product of a copy";
        Image IncorrectImageStatus target::copy_ended_or_queued, "the copy is finished or failed, or still queued where that can't be cancelled";
        Image CancelNotSupported target::cancel_not_supported, "the copy is past its point of no return, or is marked as not cancellable";
        Fault InternalError target::internal_error, "an injected fault";
    }
}

table! {
    /// The checks of DeleteImage in the order in which they are decided.
    DELETE_IMAGE, first_of_delete(SeenTarget<'_, DeleteImage>):
    always {
        Lookup InvalidRegionIdNotFound target::unknown_region, "the service has no such region";
        Lookup InvalidImageIdNotFound target::unknown_image, "the account has no such image in the region";
        Conflict OperationDeniedImageCopying target::in_use, "the image is the source or the product of an unfinished copy";
    }
}
