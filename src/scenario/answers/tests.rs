//! The words of every cause, stage by stage.

mod things;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::ids::{AlgorithmId, DetailsId, GroupId, KeyId, NameId, Named, UserId};
use crate::quantity::Fraction;
use crate::scenario::{CallInfo, Calls, Catalog, EntryInfo, TargetInfo};
use crate::service::facts::{
    Among, Facts, FaultOperation, InjectedFault, KeyFacts, KeyState, RegionFacts, Sent, Tag, TimeSpan,
    UserFacts,
};
use crate::service::{Parameters, WrittenName};

const HANGZHOU: RegionId = RegionId(0);
const CENTRAL: RegionId = RegionId(1);
const EAST: RegionId = RegionId(2);
const WEB: AccountId = AccountId(1);
const CI: UserId = UserId(0);

/// A call of `web`: `app` from cn-hangzhou to us-east-1.
fn plain() -> CallInfo {
    let (from, to) = ("cn-hangzhou".into(), "us-east-1".into());
    let parameters = Parameters { has_destination: true, ..Parameters::default() };
    CallInfo { account: Some(WEB), image: "app".into(), from, to, parameters }
}

/// The same with [`details`].
fn full() -> CallInfo {
    with(|parameters| parameters.details = Some(DetailsId(0)))
}

fn with(change: impl FnOnce(&mut Parameters)) -> CallInfo {
    let mut call = plain();
    change(&mut call.parameters);
    call
}

fn named(number: u32) -> CallInfo {
    with(|parameters| parameters.name = Some(WrittenName { id: NameId(number), is_malformed: true }))
}

fn details() -> Vec<Details> {
    let tag = |key: &str| Tag { key: key.into(), value: "x".into() };
    let full = Details {
        description: Some("http://wiki".into()),
        kms_key: Some(Sent { thing: Named::Known(KeyId(0)), text: "golden-key".into() }),
        encrypt_algorithm: Some(Sent { thing: Named::Known(AlgorithmId(1)), text: "sm4".into() }),
        resource_group: Some(Sent { thing: Named::Known(GroupId(1)), text: "production".into() }),
        tags: vec![tag("team"), tag("cost"), tag("team")],
    };
    let other_key = Sent { thing: Named::Unknown, text: "silver-key".into() };
    let other = Details { kms_key: Some(other_key), ..full.clone() };
    let untagged = Details { tags: Vec::new(), ..full.clone() };
    vec![full, other, untagged]
}

fn facts() -> Facts {
    let fault = |name: &str, probability, until| InjectedFault {
        name: name.into(),
        operation: FaultOperation::CopyImage,
        code: Code::InternalError,
        probability,
        requests: None,
        span: TimeSpan { from: SimTime::ZERO, until },
        regions: Among::All,
    };
    let only = |regions: &[RegionId]| Among::Only(regions.iter().copied().collect());
    let key = KeyFacts {
        regions: only(&[HANGZHOU, CENTRAL]),
        state: KeyState::Enabled,
        is_authorized: true,
        may_be_tagged: true,
    };
    let central = RegionFacts { accepts_from: Among::NONE, ..RegionFacts::default() };
    let east = RegionFacts {
        // A pattern takes the region itself in too.
        accepts_from: only(&[CENTRAL, EAST]),
        algorithms: Among::Only(BTreeSet::from([AlgorithmId(0)])),
        ..RegionFacts::default()
    };
    Facts {
        regions: vec![RegionFacts::default(), central, east],
        users: [Among::Only(BTreeSet::from([GroupId::DEFAULT])), Among::NONE]
            .map(|groups| UserFacts { images: None, groups })
            .to_vec(),
        keys: vec![key],
        details: details(),
        faults: vec![
            fault("flaky", Fraction::from_millionths(50_000), None),
            fault("morning", None, Some(minutes(90))),
            fault("broken", None, None),
        ],
        ..Facts::default()
    }
}

fn minutes(minutes: u64) -> SimTime {
    SimTime::from_micros(minutes * 60_000_000).expect("a time")
}

/// The words of a refusal of `call`, where a copy of `first` is the other one.
fn words_beside(first: CallInfo, call: CallInfo, cause: Cause, code: Code) -> String {
    let entry = |name: &str, calls| EntryInfo {
        name: name.into(),
        calls,
        is_already: false,
        after: None,
        client: None,
        expect: None,
    };
    let target = TargetInfo { what: "first@us-east-1".into(), region: "mars".into() };
    let catalog = Catalog {
        regions: ["cn-hangzhou", "eu-central-1", "us-east-1"].map(str::to_owned).to_vec(),
        accounts: ["data", "web"].map(str::to_owned).to_vec(),
        names: vec!["1st".into(), "a b".into(), "n".repeat(129).into(), "acs:x".into(), "golden".into()],
        entries: vec![
            entry("first", Calls::listed(vec![first])),
            entry("second", Calls::listed(vec![call])),
            entry("stop", Calls::Targets(vec![target])),
        ],
        users: vec!["ci".into(), "dev".into()],
        algorithms: ["aes-256", "sm4"].map(str::to_owned).to_vec(),
        groups: ["default", "production"].map(str::to_owned).to_vec(),
        facts: Arc::new(facts()),
        ..Catalog::default()
    };
    let is_of_copy = !matches!(
        cause,
        Cause::UnknownRegion
            | Cause::NotFromCopy
            | Cause::CopyEnded { .. }
            | Cause::QueuedNotCancellable
            | Cause::MarkedNotCancellable
            | Cause::PastReturn { .. }
            | Cause::ImageInUse { .. }
    );
    let key = |entry| RequestKey::new(entry, 0).expect("a small number");
    let refused = Refused { refusal: Refusal { code, cause }, other: Some(key(0)) };
    refusal_message(&refused, key(if is_of_copy { 1 } else { 2 }), &Labels::new(&catalog))
}

fn words(call: CallInfo, cause: Cause) -> String {
    words_beside(plain(), call, cause, Code::InternalError)
}

#[test]
fn r7_1_identity() {
    let anonymous = CallInfo { account: None, ..plain() };
    assert_eq!(
        words(anonymous, Cause::NoAccount),
        "the call to copy `app` carries no account; make it for an account of the scenario"
    );
}

#[test]
fn r7_2_throttle() {
    let throttled = |limit| words(plain(), Cause::Throttled { limit, until: minutes(3) });
    assert_eq!(
        throttled(1000),
        "account `web` has made the 1000 CopyImage calls of this minute in cn-hangzhou; call again at 3m or later"
    );
    assert_eq!(
        throttled(1),
        "account `web` has made the one CopyImage call of this minute in cn-hangzhou; call again at 3m or later"
    );
    assert_eq!(throttled(0), "account `web` may make no CopyImage calls in cn-hangzhou; raise `rate_limit`");
}

#[test]
fn r7_5_form() {
    for (name, expected) in [
        (0, "the name `1st` begins with `1`; begin with a letter"),
        (1, "the name `a b` holds ` `; use letters, digits, `.`, `:`, `_` and `-`"),
        (
            2,
            "the name `nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...` is of 129 characters; write 2 to 128 characters",
        ),
        (3, "the name `acs:x` begins with `acs:`; begin with something else than `acs:`"),
    ] {
        assert_eq!(words(named(name), Cause::MalformedName), expected);
    }
    assert_eq!(
        words(full(), Cause::MalformedDescription),
        "the description `http://wiki` begins with `http://`; begin with something else than `http://`"
    );
    assert_eq!(
        words(full(), Cause::RepeatedTag { earlier: 0, later: 2 }),
        "the tags 1 and 3 have one key, `team`; give each tag a key of its own"
    );
    let unencrypted =
        CallInfo { parameters: Parameters { encrypted: Some(false), ..full().parameters }, ..full() };
    assert_eq!(
        words(unencrypted, Cause::KeyWithoutEncryption),
        "the key `golden-key` is named, but `encrypted` is false; set it to true, or name no key"
    );
    assert_eq!(
        words(full(), Cause::KeyWithoutEncryption),
        "the key `golden-key` is named, but `encrypted` isn't said; set it to true, or name no key"
    );
    assert_eq!(
        words(full(), Cause::AlgorithmWithoutEncryption),
        "the algorithm `sm4` is named, but `encrypted` isn't said; set it to true, or name none"
    );
    assert_eq!(
        words(full(), Cause::UnknownAlgorithm),
        "the service knows no algorithm `sm4`; it knows aes-256 and sm4"
    );
}

#[test]
fn r7_3_token() {
    let bound = |first: CallInfo, call: CallInfo, parameter| {
        let by = RequestKey::new(0, 0).expect("a small number");
        let words = words_beside(first, call, Cause::TokenBound { by, parameter }, Code::InternalError);
        let start = "the client token is bound by first@";
        let end = "; repeat that call as it was, or send another token";
        let middle = words.strip_prefix(start).and_then(|words| words.strip_suffix(end));
        middle.unwrap_or_else(|| panic!("{words}")).to_owned()
    };
    let elsewhere = CallInfo { to: "eu-central-1".into(), ..plain() };
    assert_eq!(
        bound(elsewhere, plain(), "DestinationRegionId"),
        "eu-central-1, which has DestinationRegionId `eu-central-1`, not `us-east-1`"
    );
    let unsaid = with(|parameters| parameters.has_destination = false);
    assert_eq!(
        bound(unsaid, plain(), "DestinationRegionId"),
        "us-east-1, which has no DestinationRegionId, where this call has `us-east-1`"
    );
    let image = CallInfo { image: "api".into(), ..plain() };
    assert_eq!(bound(image, plain(), "ImageId"), "us-east-1, which has ImageId `api`, not `app`");
    assert_eq!(
        bound(named(4), plain(), "DestinationImageName"),
        "us-east-1, which has DestinationImageName `golden`, where this call has none"
    );
    let encrypted = with(|parameters| parameters.encrypted = Some(true));
    assert_eq!(
        bound(plain(), encrypted, "Encrypted"),
        "us-east-1, which has no Encrypted, where this call has `true`"
    );
    let of = |number| with(|parameters| parameters.details = Some(DetailsId(number)));
    for (first, call, expected) in [
        (of(0), of(1), "us-east-1, which has KMSKeyId `golden-key`, not `silver-key`"),
        (of(0), of(2), "us-east-1, which has other tags"),
        (
            of(0),
            plain(),
            "us-east-1, which has DestinationDescription `http://wiki`, where this call has none",
        ),
    ] {
        assert_eq!(bound(first, call, "another parameter"), expected);
    }
}

#[test]
fn r7_1_account() {
    assert_eq!(
        words(plain(), Cause::Overdue { account: WEB, until: Some(minutes(120)) }),
        "a payment of account `web` is overdue until 2h; call again then"
    );
    assert_eq!(
        words(plain(), Cause::Overdue { account: WEB, until: None }),
        "a payment of account `web` is overdue, and stays so; copy with an account that has paid"
    );
    assert_eq!(
        words(plain(), Cause::ImageNotAllowed { user: CI }),
        "user `ci` of account `web` may not act on `app` in cn-hangzhou, only on listed images, and new images of \
         copies are on no list; call as a user who may, or as the account itself"
    );
    assert_eq!(
        words(full(), Cause::GroupNotAllowed { user: CI }),
        "user `ci` of account `web` may not act on the resource group `production`; name one that this user may \
         act on (default), or call as the account itself"
    );
    assert_eq!(
        words(plain(), Cause::GroupNotAllowed { user: UserId(1) }),
        "user `dev` of account `web` may not act on the default resource group, and the call names no other; name \
         one that this user may act on (none), or call as the account itself"
    );
    assert_eq!(
        words(plain(), Cause::KmsNotEnabled { account: WEB }),
        "account `web` hasn't enabled KMS, so `app` can't be encrypted for it; enable KMS, or copy without \
         encryption"
    );
    assert_eq!(
        words(plain(), Cause::KmsNotAuthorized { account: WEB }),
        "account `web` hasn't authorized the service to use KMS, so `app` can't be encrypted for it; authorize it, \
         or copy without encryption"
    );
    assert_eq!(
        words(full(), Cause::NotOnKeyList { account: WEB }),
        "account `web` isn't on the list of those who may bring keys of their own, such as `golden-key`; encrypt \
         without naming a key"
    );
}

#[test]
fn long_lists_are_cut() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    for (count, expected) in
        [(0, "none"), (1, "a"), (2, "a and b"), (5, "a, b, c, d and e"), (7, "a, b, c, d, e and 2 more")]
    {
        assert_eq!(listed(names[..count].iter().copied()), expected);
    }
}
