//! Random services with all that can be true around them, and what can be done to them.

use std::sync::Arc;

use copysim::ids::{AccountId, AlgorithmId, FactsId, GroupId, KeyId, NameId, Named, RegionId};
use copysim::quantity::Bytes;
use copysim::service::codes::Code;
use copysim::service::facts::{
    AccountFacts, Among, Details, Facts, FaultOperation, ImageFacts, ImageKind, InjectedFault, KeyFacts,
    KeyState, RegionFacts, Sent, SnapshotFacts, Tag, TimeSpan, UserFacts,
};
use copysim::service::{ConflictKey, GivenImage, ImageStatus, Settings};
use copysim::time::{SimDuration, SimTime};
use proptest::prelude::*;

use crate::services::settings;

const REGIONS: u32 = 3;
const ACCOUNTS: u32 = 2;
const IMAGES: usize = 6;

pub fn at(seconds: u64) -> SimTime {
    SimTime::ZERO.checked_add(SimDuration::from_seconds(seconds)).expect("a small time")
}

/// True of most things.
fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.93)
}

fn region() -> impl Strategy<Value = RegionId> {
    (0..REGIONS).prop_map(RegionId)
}

fn among<T: Ord + Clone + std::fmt::Debug>(
    one: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Among<T>> {
    let some = prop::collection::btree_set(one, 0..3).prop_map(Among::Only);
    prop_oneof![5 => Just(Among::All), 1 => some]
}

prop_compose! {
    fn account_facts()(
        overdue in prop::option::weighted(0.2, (0_u64..60, 1_u64..20)),
        kms_enabled in mostly(),
        kms_authorized in mostly(),
        may_bring_keys in mostly(),
        default in prop::option::weighted(0.15, region()),
    ) -> AccountFacts {
        let span = |(from, length)| TimeSpan { from: at(from), until: Some(at(from + length)) };
        AccountFacts {
            overdue: overdue.map(span).into_iter().collect(),
            kms_enabled,
            kms_authorized,
            may_bring_keys,
            default_encryption: Among::Only(default.into_iter().collect()),
        }
    }
}

prop_compose! {
    fn region_facts()(
        (offers_copy, sends, accepts_keys, encrypts_from_elsewhere) in (mostly(), mostly(), mostly(), mostly()),
        accepts_from in among(region()),
        algorithms in among(Just(AlgorithmId(0))),
        images_quota in prop::option::weighted(0.3, 2_u64..7),
        snapshots_quota in prop::option::weighted(0.3, 0_u64..5),
    ) -> RegionFacts {
        RegionFacts {
            offers_copy, sends, accepts_from, accepts_keys, algorithms, encrypts_from_elsewhere, images_quota,
            snapshots_quota,
        }
    }
}

fn kind() -> impl Strategy<Value = ImageKind> {
    let product = (among(region()), among((0..ACCOUNTS).prop_map(AccountId)))
        .prop_map(|(published, authorized)| ImageKind::Marketplace { published, authorized });
    prop_oneof![8 => Just(ImageKind::Custom), 1 => Just(ImageKind::Community), 2 => product]
}

fn snapshot() -> impl Strategy<Value = SnapshotFacts> {
    let days = [jiff::civil::date(2013, 7, 14), jiff::civil::date(2013, 7, 15)];
    let created = prop::option::weighted(0.3, prop::sample::select(days.to_vec()));
    (created, mostly(), mostly()).prop_map(|(created, exists, makes_images)| SnapshotFacts {
        created,
        exists,
        makes_images,
    })
}

prop_compose! {
    fn image_facts()(
        kind in kind(),
        shared_with in among((0..ACCOUNTS).prop_map(AccountId)),
        change in prop::option::weighted(0.2, 0_u64..60),
        (plain, raw, unboxed) in (mostly(), mostly(), mostly()),
        snapshots in prop::collection::vec(snapshot(), 0..3),
    ) -> ImageFacts {
        let statuses = change.map(|change| (at(change), ImageStatus::UnAvailable)).into_iter().collect();
        ImageFacts {
            kind, shared_with, statuses, is_vhd: !raw, is_cloud_box: !unboxed, is_encrypted: !plain, snapshots,
        }
    }
}

prop_compose! {
    fn key_facts()(regions in among(region()), enabled in mostly(), is_authorized in mostly(), may_be_tagged in mostly())
        -> KeyFacts {
        let state = if enabled { KeyState::Enabled } else { KeyState::Disabled };
        KeyFacts { regions, state, is_authorized, may_be_tagged }
    }
}

/// What calls can say beside the plain things; the first is nothing special.
fn details() -> Vec<Details> {
    let tag = |key: &str| Tag { key: key.into(), value: "".into() };
    fn sent<T>(thing: Named<T>) -> Option<Sent<T>> {
        Some(Sent { thing, text: "text".into() })
    }
    let key = |thing| Details { kms_key: sent(thing), ..Details::default() };
    let algorithm = |thing| Details { encrypt_algorithm: sent(thing), ..Details::default() };
    let group = |thing| Details { resource_group: sent(thing), ..Details::default() };
    vec![
        Details { description: Some("a description".into()), ..Details::default() },
        Details { description: Some("x".into()), ..Details::default() },
        Details { tags: vec![tag("t"), tag("t")], ..Details::default() },
        key(Named::Known(KeyId(0))),
        key(Named::Known(KeyId(1))),
        key(Named::Unknown),
        algorithm(Named::Known(AlgorithmId(0))),
        algorithm(Named::Unknown),
        group(Named::Known(GroupId(1))),
        group(Named::Unknown),
    ]
}

fn faults() -> Vec<InjectedFault> {
    let fault = |name: &str, operation, code, span| InjectedFault {
        name: name.to_owned(),
        operation,
        code,
        probability: None,
        requests: None,
        span,
        regions: Among::All,
    };
    let until = TimeSpan { from: SimTime::ZERO, until: Some(at(30)) };
    vec![
        fault("broken", FaultOperation::CopyImage, Code::InternalError, TimeSpan::ALWAYS),
        fault("no-key", FaultOperation::CopyImage, Code::InvalidParameterDataEncryptedKeyCreateFailed, until),
    ]
}

/// A service with images, and what is true around it.
#[derive(Clone, Debug)]
pub struct World {
    pub settings: Settings,
    pub images: Vec<GivenImage>,
}

prop_compose! {
    fn facts()(
        accounts in prop::collection::vec(account_facts(), ACCOUNTS as usize),
        regions in prop::collection::vec(region_facts(), REGIONS as usize),
        images in prop::collection::vec(image_facts(), IMAGES),
        keys in prop::collection::vec(key_facts(), 2),
        forbidden in prop::option::weighted(0.3, (region(), region())),
    ) -> Facts {
        let rights = UserFacts { images: Some(vec![0..2, 3..4]), groups: Among::Only([GroupId(1)].into()) };
        Facts {
            accounts,
            users: vec![rights],
            regions,
            forbidden: forbidden.into_iter().collect(),
            images,
            keys,
            details: details(),
            faults: faults(),
        }
    }
}

prop_compose! {
    pub fn world()(
        facts in facts(),
        places in prop::collection::vec((prop::option::weighted(0.8, 0..ACCOUNTS), region(), 1_u32..3), IMAGES),
        cap in 0_u32..3,
        max_queue in prop::option::weighted(0.3, 0_u32..3),
        conflict_key in prop::sample::select(vec![ConflictKey::ImageAndDestination, ConflictKey::Image, ConflictKey::Off]),
        (lock, life) in (prop::sample::select(vec![0_u64, 0, 3]), 2_u64..30),
        same_region_plain in any::<bool>(),
    ) -> World {
        let images = (0..).zip(places).map(|(number, (owner, region, disks))| GivenImage {
            owner: owner.map(AccountId),
            region,
            name: Some(NameId(number)),
            size: Some(Bytes(u64::from(number))),
            disks,
            cancellable: true,
            facts: Some(FactsId(number)),
        });
        let settings = Settings {
            accounts: ACCOUNTS,
            max_queue,
            conflict_key,
            request_lock: SimDuration::from_seconds(lock),
            token_life: SimDuration::from_seconds(life),
            same_region_plain,
            max_image_size: Some(Bytes(4)),
            facts: Arc::new(facts),
            ..settings(REGIONS as usize, cap)
        };
        World { settings, images: images.collect() }
    }
}

/// A call, in which things are named by number.
#[derive(Clone, Debug)]
pub struct Ask {
    pub account: Option<u32>,
    pub is_user: bool,
    pub image: usize,
    /// Another source region than that of the image.
    pub from: Option<Option<u32>>,
    pub to: Option<u32>,
    pub name: Option<(u32, bool)>,
    pub encrypted: Option<bool>,
    pub details: Option<u32>,
    pub token: Option<u64>,
    pub dry_run: bool,
    pub faults: Vec<usize>,
}

prop_compose! {
    pub fn ask()(
        (account, is_user) in (prop::option::weighted(0.97, 0..ACCOUNTS), prop::bool::weighted(0.1)),
        image in 0..2 * IMAGES,
        from in prop::option::weighted(0.05, prop::option::of(0..REGIONS)),
        to in prop::option::weighted(0.97, 0..REGIONS),
        name in prop::option::weighted(0.5, (0_u32..12, prop::bool::weighted(0.1))),
        encrypted in prop_oneof![2 => Just(None), 1 => Just(Some(false)), 4 => Just(Some(true))],
        details in prop::option::weighted(0.5, 0..details().len() as u32),
        token in prop::option::weighted(0.4, 0_u64..3),
        dry_run in prop::bool::weighted(0.15),
        faults in prop_oneof![5 => Just(Vec::new()), 1 => prop::collection::vec(0..faults().len(), 1..3)],
    ) -> Ask {
        Ask { account, is_user, image, from, to, name, encrypted, details, token, dry_run, faults }
    }
}

#[derive(Clone, Debug)]
pub enum Step {
    Call(Ask),
    StartAll,
    EndOldest { fails: bool },
    Cancel(usize),
    Delete(usize),
    Wait(u64),
}

pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => ask().prop_map(Step::Call),
        2 => Just(Step::StartAll),
        2 => any::<bool>().prop_map(|fails| Step::EndOldest { fails }),
        1 => (0_usize..40).prop_map(Step::Cancel),
        1 => (0_usize..40).prop_map(Step::Delete),
        2 => (1_u64..10).prop_map(Step::Wait),
    ]
}
