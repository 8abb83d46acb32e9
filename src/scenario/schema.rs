//! The scenario as it is written: one type for each object of the file, before names are looked up.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::decode::{Attempt, Entries, Spanned};
use crate::clock::Clock;
use crate::quantity::{Bytes, Fraction, Rate};
use crate::time::{SimDuration, SimTime};

/// A scenario.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScenarioText {
    /// Where editors find the schema of this file.
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// The version of this format.
    pub schema_version: Option<Spanned<u64>>,
    /// The question that the scenario answers, for reports.
    pub description: Option<String>,
    /// The seed of everything that is made up.
    pub seed: Option<u64>,
    /// What a clock shows at 0.
    pub starts_at: Option<Clock>,
    /// The last instant of the run (R1.7).
    pub horizon: Option<SimTime>,
    /// Figures take what is planned from here on (R9.4).
    pub warm_up: Option<SimTime>,
    pub service: Attempt<ServiceText>,
    pub copy_time: Option<Spanned<CopyTimeText>>,
    pub accounts: Entries<Attempt<AccountText>>,
    pub regions: Entries<Attempt<RegionText>>,
    pub links: Vec<Attempt<LinkText>>,
    pub images: Entries<Attempt<ImageText>>,
    pub requests: Vec<Attempt<Spanned<RequestText>>>,
    /// Values kept exactly for each figure (R9.8).
    pub exact_limit: Option<u64>,
    /// Events in one instant beyond which the run stops (R1.8).
    pub max_events_per_instant: Option<u64>,
}

/// `service`: what holds in every region unless the region says otherwise.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceText {
    /// Copies that may run at once in a region (R2.2).
    pub cap: Option<u32>,
    /// Whose slots a copy holds (R2.3).
    pub cap_scope: Option<CapScopeText>,
    /// Whether each account has slots of its own (R2.3).
    pub cap_per_account: Option<bool>,
    /// The order of the waiting copies (R2.4).
    pub queue: Option<QueueText>,
    /// What happens to a call when the cap is reached (R2.5).
    pub over_limit: Option<OverLimitText>,
    /// Waiting copies from which a call is refused (R2.5).
    pub max_queue: Option<Spanned<u32>>,
    /// What two unfinished copies may not have in common (R6.1).
    pub conflict_key: Option<ConflictKeyText>,
    /// How long an accepted call locks its source image (R6.3).
    pub request_lock: Option<SimDuration>,
    /// A plain copy of an own image into its own region (R7.6).
    pub same_region_plain: Option<PermissionText>,
    pub cancel: Option<CancelText>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapScopeText {
    Source,
    Destination,
    Both,
    Pair,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueText {
    Fifo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverLimitText {
    Queue,
    Reject,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub enum ConflictKeyText {
    #[serde(rename = "image+destination")]
    ImageAndDestination,
    #[serde(rename = "image")]
    Image,
    #[serde(rename = "off")]
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionText {
    Allowed,
    Refused,
}

/// `service.cancel` (R5.2).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CancelText {
    /// Cancelling a copy that is still queued.
    pub queued: Option<PermissionText>,
    /// The progress from which a running copy can't be cancelled.
    pub point_of_no_return: Option<Fraction>,
    /// How long the slot stays held after the cancel of a running copy.
    pub drain: Option<SimDuration>,
}

/// `copy_time`, at the top, on a region, a link, an image or a request (R4.1).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CopyTimeText {
    pub setup: Option<SimDuration>,
    pub throughput: Option<Rate>,
    pub finalize: Option<SimDuration>,
    /// Instead of the three parts.
    pub duration: Option<SimDuration>,
}

/// An entry of `accounts`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountText {}

/// An entry of `regions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegionText {
    pub cap: Option<u32>,
    pub cap_changes: Vec<CapChangeText>,
    pub copy_time: Option<Spanned<CopyTimeText>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapChangeText {
    pub at: Spanned<SimTime>,
    pub cap: u32,
}

/// An entry of `links`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkText {
    pub from: Spanned<String>,
    pub to: Spanned<String>,
    pub cap: Option<Spanned<u32>>,
    pub copy_time: Option<Spanned<CopyTimeText>>,
}

/// An entry of `images`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageText {
    pub region: Spanned<String>,
    pub size: Option<Bytes>,
    /// A group of so many images of one kind.
    pub count: Option<Spanned<u32>>,
    pub account: Option<Spanned<String>>,
    /// The image's name in its region (R6.4).
    pub name: Option<Spanned<String>>,
    pub cancellable: Option<bool>,
    pub copy_time: Option<Spanned<CopyTimeText>>,
}

/// An entry of `requests`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestText {
    Copy(Box<CopyText>),
    Cancel(Box<TargetText>),
    Delete(Box<TargetText>),
    Arrivals(Box<ArrivalsText>),
}

/// `copy`: a listed CopyImage request, for one or more images and destinations.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CopyText {
    pub id: Option<Spanned<String>>,
    pub at: Option<Spanned<SimTime>>,
    /// Requests, or single copies of them, that must be Available first (R3.3).
    pub after: Option<Spanned<OneOrMany<String>>>,
    /// Time between that and the call.
    pub delay: Option<Spanned<SimDuration>>,
    pub image: Option<Spanned<OneOrMany<ImageRef>>>,
    pub from: Option<Spanned<RegionRef>>,
    pub to: Option<Spanned<OneOrMany<RegionRef>>>,
    pub name: Option<Spanned<String>>,
    pub encrypted: Option<bool>,
    pub cancellable: Option<bool>,
    pub account: Option<Spanned<String>>,
    pub duration: Option<Spanned<SimDuration>>,
    pub copy_time: Option<Spanned<CopyTimeText>>,
    pub fail: Option<Spanned<FailText>>,
}

/// `fail`: a scripted failure (R4.3).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FailText {
    /// After this running time.
    pub after: Option<SimDuration>,
    /// At this share of the progress.
    pub at: Option<Fraction>,
}

/// `cancel` and `delete`: a listed request on one image or on all copies of a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetText {
    pub id: Option<Spanned<String>>,
    pub at: SimTime,
    /// The products of these copies.
    pub copy: Option<Spanned<String>>,
    /// An image of the scenario, or an id that the service doesn't know.
    pub image: Option<Spanned<ImageRef>>,
    /// The region named in the call, where it isn't the image's own.
    pub region: Option<Spanned<RegionRef>>,
    pub account: Option<Spanned<String>>,
}

/// `arrivals`: a stream of CopyImage requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrivalsText {
    pub id: Option<Spanned<String>>,
    pub process: ProcessText,
    #[serde(default)]
    pub from: SimTime,
    pub until: Option<Spanned<SimTime>>,
    pub count: Option<Spanned<u64>>,
    pub copy: Spanned<ArrivalCopyText>,
}

/// `process`: when arrivals come.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessText {
    /// One arrival at `from`, and one more every so often.
    Periodic(PeriodicText),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodicText {
    pub every: Spanned<SimDuration>,
}

/// What each arrival asks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ArrivalCopyText {
    /// Images in turn; without them each arrival brings an image of its own along.
    pub image: Option<Spanned<OneOrMany<ImageRef>>>,
    /// The size of the image that an arrival brings along.
    pub size: Option<Spanned<Bytes>>,
    pub from: Option<Spanned<RegionRef>>,
    pub to: Option<Spanned<OneOrMany<RegionRef>>>,
    pub encrypted: Option<bool>,
    pub cancellable: Option<bool>,
    pub account: Option<Spanned<String>>,
    pub duration: Option<Spanned<SimDuration>>,
    pub copy_time: Option<Spanned<CopyTimeText>>,
    pub fail: Option<Spanned<FailText>>,
}

/// One thing, or a list of them.
#[derive(Clone, Debug)]
pub enum OneOrMany<T> {
    One(T),
    Many(Vec<Spanned<T>>),
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name or a list of names")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(StrDeserializer::new(text)).map(OneOrMany::One)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(OneOrMany::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMany::Many)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

/// A region by its id, or a text that the service doesn't know (R7.9).
#[derive(Clone, Debug)]
pub enum RegionRef {
    Id(String),
    Literal(String),
}

/// An image by its name in the scenario, the product of a copy, or an unknown id (R7.9).
#[derive(Clone, Debug)]
pub enum ImageRef {
    Name(String),
    ProductOf(String),
    Literal(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TaggedRegion {
    Literal(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TaggedImage {
    Literal(String),
    ProductOf(String),
}

/// A reference that is a string, or an object with one key that says what it is.
macro_rules! deserialize_reference {
    ($type:ty, $tagged:ty, $expected:literal, $from_text:expr, $from_tagged:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ReferenceVisitor;

                impl<'de> Visitor<'de> for ReferenceVisitor {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$type, E> {
                        Ok($from_text(text.to_owned()))
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$type, A::Error> {
                        <$tagged>::deserialize(MapAccessDeserializer::new(map)).map($from_tagged)
                    }
                }

                deserializer.deserialize_any(ReferenceVisitor)
            }
        }
    };
}

deserialize_reference!(
    RegionRef,
    TaggedRegion,
    "a region id, or {\"literal\": \"...\"}",
    RegionRef::Id,
    |TaggedRegion::Literal(text)| RegionRef::Literal(text)
);

deserialize_reference!(
    ImageRef,
    TaggedImage,
    "an image name, {\"product_of\": \"request@region\"} or {\"literal\": \"...\"}",
    ImageRef::Name,
    |tagged| match tagged {
        TaggedImage::Literal(text) => ImageRef::Literal(text),
        TaggedImage::ProductOf(text) => ImageRef::ProductOf(text),
    }
);
