//! What a call names, and what stands in its way.

use super::*;
use crate::ids::CopyId;
use crate::quantity::Bytes;
use crate::service::{ImageStatus, LimitReached, SlotKey, SlotPlace};

#[test]
fn r7_1_lookup() {
    assert_eq!(
        words(CallInfo { from: "mars".into(), ..plain() }, Cause::UnknownSourceRegion),
        "the service has no source region `mars`; name one of the scenario's regions"
    );
    assert_eq!(
        words(CallInfo { to: "mars".into(), ..plain() }, Cause::UnknownDestinationRegion),
        "the service has no destination region `mars`; name one of the scenario's regions"
    );
    assert_eq!(
        words(plain(), Cause::UnknownRegion),
        "the service has no region `mars`; name one of the scenario's regions"
    );
    assert_eq!(
        words(plain(), Cause::UnknownImage { region: HANGZHOU, account: WEB }),
        "account `web` has no image `app` in cn-hangzhou; it may be elsewhere, of somebody else, not there yet, or gone"
    );
    assert_eq!(
        words(full(), Cause::UnknownGroup),
        "there is no resource group `production`; name one that there is (default and production), or none"
    );
    assert_eq!(
        words(full(), Cause::UnknownKey { region: EAST }),
        "there is no key `golden-key` in us-east-1, only in cn-hangzhou and eu-central-1; name a key of us-east-1"
    );
    let unknown = with(|parameters| parameters.details = Some(DetailsId(1)));
    assert_eq!(
        words(unknown, Cause::UnknownKey { region: EAST }),
        "there is no key `silver-key`; name a key of us-east-1"
    );
    assert_eq!(
        words(plain(), Cause::SnapshotGone { snapshot: 1 }),
        "snapshot 2 of `app` is gone; only an image whose snapshots exist can be copied"
    );
}

#[test]
fn r7_1_key() {
    assert_eq!(
        words(full(), Cause::NoKeysThere { region: EAST }),
        "no key of one's own, such as `golden-key`, can be brought to us-east-1; encrypt without naming a key, or \
         name another destination region"
    );
    assert_eq!(
        words(full(), Cause::AlgorithmNotOffered { region: EAST }),
        "us-east-1 doesn't offer the algorithm `sm4`; it offers aes-256"
    );
    assert_eq!(
        words(plain(), Cause::EncryptedByDefault { region: EAST }),
        "account `web` encrypts its disks in us-east-1 by default, and the copy of `app` isn't encrypted; set \
         `encrypted` to true"
    );
    assert_eq!(
        words(full(), Cause::KeyNotAuthorized),
        "the service may not use the key `golden-key`; authorize it to, or name a key that it may use"
    );
    for (state, expected) in
        [(KeyState::Disabled, "disabled"), (KeyState::PendingDeletion, "about to be deleted")]
    {
        assert_eq!(
            words(full(), Cause::KeyNotEnabled { state }),
            format!("the key `golden-key` is {expected}; only a key that is enabled can be used")
        );
    }
    assert_eq!(
        words(full(), Cause::KeyNotTaggable),
        "the service may not tag the key `golden-key`; allow it to, or name a key that it may tag"
    );
    let code = Code::InvalidParameterDataEncryptedKeyCreateFailed;
    assert_eq!(
        words_beside(plain(), full(), Cause::Injected { fault: 0 }, code),
        "no data key could be made from `golden-key` in us-east-1: that is the fault `flaky`, which 0.05 of such \
         calls meet; call again"
    );
}

#[test]
fn r7_1_region() {
    assert_eq!(
        words(plain(), Cause::CopyNotOffered { region: EAST }),
        "us-east-1 doesn't offer image copy; name another destination region"
    );
    assert_eq!(
        words(plain(), Cause::CopyNotOffered { region: HANGZHOU }),
        "cn-hangzhou doesn't offer image copy; name another source region"
    );
    assert_eq!(
        words(plain(), Cause::SameRegion { region: HANGZHOU }),
        "a plain copy of `app` into its own region cn-hangzhou changes nothing; encrypt it or name another region"
    );
    assert_eq!(
        words(plain(), Cause::ForbiddenPair { from: HANGZHOU, to: EAST }),
        "regulations forbid copies from cn-hangzhou to us-east-1; name another destination region"
    );
    assert_eq!(
        words(plain(), Cause::MayNotLeave { region: HANGZHOU }),
        "data may not leave cn-hangzhou; `app` can be copied within cn-hangzhou only"
    );
    assert_eq!(
        words(plain(), Cause::NotAccepted { region: EAST }),
        "us-east-1 takes data of eu-central-1 only, and `app` is in cn-hangzhou; name another destination region"
    );
    assert_eq!(
        words(plain(), Cause::NotAccepted { region: CENTRAL }),
        "eu-central-1 takes no data of other regions, and `app` is in cn-hangzhou; name another destination region"
    );
}

#[test]
fn r7_1_image_as_it_is_owned() {
    for (cause, expected) in [
        (
            Cause::SourceUnfinished { status: ImageStatus::Creating },
            "`app` is Creating here: it is the product of a copy that isn't finished; wait until it is Available",
        ),
        (
            Cause::SourceStatus { status: ImageStatus::Deprecated },
            "`app` is Deprecated; only an Available image can be copied",
        ),
        (Cause::CommunityImage, "`app` is a community image; only custom images can be copied"),
        (
            Cause::SharedImage { region: HANGZHOU },
            "`app` is shared by another account, and can be copied within its region cn-hangzhou only; name that as \
             the destination",
        ),
        (
            Cause::NotPublished { region: EAST },
            "the marketplace product `app` isn't published in us-east-1; name a destination region in which it is",
        ),
        (
            Cause::ProductNotAuthorized { account: WEB },
            "the marketplace product `app` isn't authorized for account `web`; copy it with an account that may use \
             it",
        ),
        (Cause::VhdImage, "the format of `app` is VHD; only an image of another format can be copied"),
        (
            Cause::CloudBoxImage,
            "`app` is a CloudBox image, which can't be copied; copy an image of another kind",
        ),
    ] {
        assert_eq!(words(plain(), cause), expected);
    }
}

#[test]
fn r7_1_image_as_it_is_made() {
    let gib = |count: u64| count << 30;
    let too_large = |size, largest| Cause::TooLarge { size: Bytes(size), largest: Bytes(largest) };
    for (cause, expected) in [
        (too_large(gib(600), gib(500)), "`app` has 600GiB; images of up to 500GiB can be copied"),
        (
            // 500 x 2^30 + 1; both would be 500.00GiB.
            too_large(gib(500) + 1, gib(500)),
            "`app` has 536870912001B; images of up to 536870912000B can be copied",
        ),
        (
            Cause::SnapshotNotUsable { snapshot: 0 },
            "no image may be made of snapshot 1 of `app`; a copy needs this to be allowed for every snapshot",
        ),
        (
            Cause::SnapshotTooOld { snapshot: 2, created: jiff::civil::date(2013, 7, 14) },
            "snapshot 3 of `app` was made on 2013-07-14; only snapshots made on 2013-07-15 or later can be copied",
        ),
        (Cause::EncryptedImage, "`app` is encrypted, and its copy wouldn't be; set `encrypted` to true"),
        (
            Cause::NotEncryptedThere { region: EAST },
            "us-east-1 encrypts no plain images of other regions, such as `app`; copy it plain, or encrypt it within \
             cn-hangzhou first",
        ),
    ] {
        assert_eq!(words(plain(), cause), expected);
    }
}

#[test]
fn r6_conflict() {
    assert_eq!(
        words(plain(), Cause::Locked { until: minutes(1) }),
        "`app` is locked by an accepted call until 1m; call again then"
    );
    assert_eq!(
        words(plain(), Cause::NameTaken { name: NameId(4), region: EAST }),
        "the name `golden` is taken in us-east-1; choose another one, or delete or cancel the image that has it"
    );
    assert_eq!(
        words(plain(), Cause::SameConflictKey { other: CopyId { acceptance: 0, index: 0 } }),
        "`app` is being copied by first@us-east-1 under the same conflict key; wait until that has ended"
    );
}

#[test]
fn r7_7_quota() {
    let used = |used, needed, quota, code| {
        words_beside(plain(), plain(), Cause::QuotaUsed { region: EAST, used, needed, quota }, code)
    };
    assert_eq!(
        used(100, 1, 100, Code::QuotaExceedImage),
        "account `web` has 100 of the 100 images that it may have in us-east-1, and the copy of `app` needs 1 more; \
         delete or cancel some there, or raise the quota"
    );
    assert_eq!(
        used(7, 3, 9, Code::QuotaExceedSnapshot),
        "account `web` has 7 of the 9 snapshots that it may have in us-east-1, and the copy of `app` needs 3 more; \
         cancel a copy to there that isn't finished, or raise the quota"
    );
}

#[test]
fn r2_5_limit() {
    let key = SlotKey { account: Some(WEB), place: SlotPlace::Region(HANGZHOU) };
    let limit = |cap, max_queue| {
        let limit = LimitReached { key, cap, max_queue, held: cap, waiting: max_queue };
        words(plain(), Cause::LimitReached(limit))
    };
    assert_eq!(
        limit(5, 2),
        "web/cn-hangzhou has 5 slots and room for 2 waiting copies; 5 slots are held and 2 copies wait; call again \
         when one has ended"
    );
    assert_eq!(
        limit(1, 1),
        "web/cn-hangzhou has 1 slot and room for 1 waiting copy; 1 slot is held and 1 copy waits; call again when one \
         has ended"
    );
}

#[test]
fn r7_8_fault() {
    for (fault, expected) in [
        (0, "flaky`, which 0.05 of such calls meet; call again"),
        (1, "morning`, which lasts until 1h 30m; call again then"),
        (2, "broken`, which lasts to the end; take it out of the scenario"),
    ] {
        assert_eq!(
            words(plain(), Cause::Injected { fault }),
            format!("the service failed on the call for `app`: that is the fault `{expected}")
        );
    }
}

#[test]
fn r7_4_dry_run() {
    assert_eq!(
        words(plain(), Cause::DryRun),
        "the call would be accepted now; make it without `dry_run` to copy `app` to us-east-1"
    );
}

#[test]
fn r5_cancel_and_delete() {
    for (cause, expected) in [
        (Cause::NotFromCopy, "`first@us-east-1` was not made by a copy; only a copy can be cancelled"),
        (
            Cause::CopyEnded { status: ImageStatus::CreateFailed },
            "the copy has ended and its image is CreateFailed; delete the image instead",
        ),
        (
            Cause::QueuedNotCancellable,
            "the copy is still queued, and only a running one can be cancelled here; call again once it runs",
        ),
        (Cause::MarkedNotCancellable, "the copy is marked as not cancellable; let it end"),
        (
            Cause::PastReturn { point: Fraction::from_millionths(900_000).expect("at most 1") },
            "the copy has reached 0.9 of its progress, its point of no return; let it end",
        ),
        (
            Cause::ImageInUse { other: CopyId { acceptance: 0, index: 0 } },
            "`first@us-east-1` is the source or product of first@us-east-1; cancel that or wait until it has ended",
        ),
    ] {
        assert_eq!(words(plain(), cause), expected);
    }
}
