//! Regions, links, and how long copies take.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::copytime::{DEFAULT_FINALIZE, DEFAULT_SETUP, DEFAULT_THROUGHPUT};
use super::super::decode::Spanned;
use super::distributions::DrawnText;
use super::references::OneOrMany;
use super::service::PermissionText;
use super::snippets;
use super::together::excludes;
use crate::quantity::{Capacity, Fraction, Rate};
use crate::time::{SimDuration, SimTime};

/// How long a copy takes: `setup`, size / `throughput` and `finalize`, or one `duration`; each is fixed, or drawn
/// for each copy from a distribution. What is said on a request counts before what is said on an image, a link, a region and at the top.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("allOf" = [excludes("duration", &["setup", "throughput", "finalize"])]))]
pub struct CopyTimeText {
    /// Time before the first byte; the slot is held.
    #[schemars(extend(
        "default" = DEFAULT_SETUP.to_string(), "examples" = ["5m", { "exponential": { "mean": "5m" } }], "x-rule" = "R4.1", "x-basis" = "assumed"
    ))]
    pub setup: Option<Spanned<DrawnText<SimDuration>>>,
    /// What one copy moves.
    #[schemars(extend(
        "default" = DEFAULT_THROUGHPUT.to_string(),
        "examples" = ["15MiB/s", { "log_normal": { "median": "15MiB/s", "sigma": 0.5 } }], "x-rule" = "R4.1",
        "x-basis" = "assumed"
    ))]
    pub throughput: Option<Spanned<DrawnText<Rate>>>,
    /// Time after the last byte; the slot is held.
    #[schemars(extend(
        "default" = DEFAULT_FINALIZE.to_string(), "examples" = ["30s"], "x-rule" = "R4.1", "x-basis" = "assumed"
    ))]
    pub finalize: Option<Spanned<DrawnText<SimDuration>>>,
    /// The whole time, instead of the three parts.
    #[schemars(extend("examples" = ["35m"], "x-rule" = "R4.1"))]
    pub duration: Option<Spanned<DrawnText<SimDuration>>>,
}

/// A region, by its id.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RegionText {
    /// Copies that may run at once here, instead of `service.cap`. With the scope `pair`: for every pair
    /// that this region is the source of.
    #[schemars(extend("examples" = [10], "x-rule" = "R2.2"))]
    pub cap: Option<u32>,
    /// Later values of the cap. A lower cap never interrupts running copies.
    #[schemars(extend("examples" = [[{ "at": "1h", "cap": 0 }, { "at": "90m", "cap": 5 }]], "x-rule" = "R2.2"))]
    pub cap_changes: Vec<CapChangeText>,
    /// Times in which this region is out. Copies from or to it don't start, and those behind them in the queue go
    /// ahead. Calls are answered as always.
    #[schemars(extend("examples" = [[{ "from": "2h", "to": "3h" }]], "x-rule" = "R4.4"))]
    pub outages: Vec<Spanned<OutageText>>,
    /// Times in which transfers from and to here reach a part of their throughput only.
    #[schemars(extend("examples" = [[{ "from": "2h", "to": "3h", "throughput": 0.5 }]], "x-rule" = "R4.2", "x-basis" = "assumed"))]
    pub degradations: Vec<Spanned<DegradationText>>,
    /// What all transfers from here to other regions share. Without it each goes at its own throughput.
    #[schemars(extend("examples" = [{ "capacity": "200MiB/s" }], "x-rule" = "R4.2", "x-basis" = "assumed"))]
    pub egress: Option<SharedText>,
    /// What all transfers from other regions to here share.
    #[schemars(extend("examples" = [{ "capacity": "200MiB/s" }], "x-rule" = "R4.2", "x-basis" = "assumed"))]
    pub ingress: Option<SharedText>,
    /// How long copies from here take.
    #[schemars(extend("examples" = [{ "throughput": "8MiB/s" }], "x-rule" = "R4.1"))]
    pub copy_time: Option<Spanned<CopyTimeText>>,
    /// Images that an account may have here, instead of `service.images_quota`.
    #[schemars(extend("examples" = [100], "x-rule" = "R7.7"))]
    pub images_quota: Option<u64>,
    /// Snapshots that copies of an account may have here, instead of `service.snapshots_quota`.
    #[schemars(extend("examples" = [200], "x-rule" = "R7.7"))]
    pub snapshots_quota: Option<u64>,
    /// Whether image copy is offered here; else no image is copied from or to here (RegionNotSupportCopy).
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub image_copy: Option<bool>,
    /// Whether data may leave this region.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub sends_data: Option<bool>,
    /// The only other regions that may copy data to here, as ids or patterns. Without it: all.
    #[schemars(extend("examples" = [["cn-*"]], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub accepts_from: Option<Spanned<OneOrMany<String>>>,
    /// Whether copies to here can be encrypted with a key of one's own.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub bring_your_own_key: Option<bool>,
    /// The algorithms that are offered here, of those that the service knows. Without it: all of them.
    #[schemars(extend("examples" = [["aes-256"]], "x-rule" = "R7.8", "x-basis" = "assumed"))]
    pub encrypt_algorithms: Option<Vec<Spanned<String>>>,
    /// Encrypting a plain image of another region while it is copied to here, instead of
    /// `service.encrypt_across_regions`.
    #[schemars(extend("examples" = ["refused"], "x-rule" = "R7.8", "x-basis" = "assumed"))]
    pub encrypt_across_regions: Option<PermissionText>,
}

/// A change of the cap.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapChangeText {
    /// When, from the start of the run.
    #[schemars(extend("examples" = ["1h"], "x-rule" = "R1.3"))]
    pub at: Spanned<SimTime>,
    /// The cap from then on.
    #[schemars(extend("examples" = [0, 5], "x-rule" = "R2.2"))]
    pub cap: u32,
}

/// A time in which a region is out, from its first instant up to its last.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutageText {
    /// Its first instant.
    #[schemars(extend("examples" = ["2h"], "x-rule" = "R1.9"))]
    pub from: SimTime,
    /// The instant at which it is over.
    #[schemars(extend("examples" = ["3h"], "x-rule" = "R1.9"))]
    pub to: SimTime,
    /// What becomes of the running copies from and to the region.
    #[schemars(extend("default" = "pause", "examples" = ["fail"], "x-rule" = "R4.4", "x-basis" = "assumed"))]
    pub running: Option<OutageEffectText>,
}

/// What an outage does to running copies.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutageEffectText {
    /// They stand still and keep their slots, and go on when nothing holds them up any more.
    Pause,
    /// They fail when it begins.
    Fail,
}

/// A time in which transfers from and to a region are slow.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DegradationText {
    /// Its first instant.
    #[schemars(extend("examples" = ["2h"], "x-rule" = "R1.9"))]
    pub from: SimTime,
    /// The instant at which it is over.
    #[schemars(extend("examples" = ["3h"], "x-rule" = "R1.9"))]
    pub to: SimTime,
    /// The share of its own throughput that each transfer reaches; of two slow regions the slower one counts. Setup,
    /// finalize, and copies with a given duration take as long as ever.
    #[schemars(extend("examples" = [0.5], "x-rule" = "R4.2", "x-basis" = "assumed"))]
    pub throughput: Fraction,
}

/// What transfers share: as fairly as it can be, so that nobody could have more without another having less who has
/// no more. Setup, finalize, and copies with a given duration use none of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedText {
    /// What it can move from the start of the run on.
    #[schemars(extend("examples" = ["200MiB/s"], "x-rule" = "R4.2"))]
    pub capacity: Capacity,
    /// What it can move later.
    #[serde(default)]
    #[schemars(extend("examples" = [[{ "at": "6h", "capacity": "50MiB/s" }]], "x-rule" = "R4.2"))]
    pub capacity_changes: Vec<CapacityChangeText>,
}

/// What the transfers of many pairs of regions share.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CableText {
    /// What reports call it; without it by its regions.
    #[schemars(extend("examples" = ["cross-border cable"], "x-rule" = "R4.2"))]
    pub name: Option<Spanned<String>>,
    /// What it can move from the start of the run on.
    #[schemars(extend("examples" = ["1GiB/s"], "x-rule" = "R4.2"))]
    pub capacity: Capacity,
    /// What it can move later.
    #[serde(default)]
    #[schemars(extend("examples" = [[{ "at": "6h", "capacity": "50MiB/s" }]], "x-rule" = "R4.2"))]
    pub capacity_changes: Vec<CapacityChangeText>,
}

/// A change of what a link can move.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityChangeText {
    /// When, from the start of the run.
    #[schemars(extend("examples" = ["6h"], "x-rule" = "R1.3"))]
    pub at: Spanned<SimTime>,
    /// What it can move from then on; `0B/s` while it is cut.
    #[schemars(extend("examples" = ["50MiB/s", "0B/s"], "x-rule" = "R4.2"))]
    pub capacity: Capacity,
}

/// What holds from some regions to others. For each key the link that says it counts: of several that match a pair,
/// the one with the most literal characters, then the first in the file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("defaultSnippets" = snippets::link()))]
pub struct LinkText {
    /// The source region, or a pattern in which `*` stands for any text, or a list of them.
    #[schemars(extend("examples" = ["cn-*", ["cn-beijing", "cn-hangzhou"]], "x-rule" = "R4.1"))]
    pub from: Spanned<OneOrMany<String>>,
    /// The destination region, or a pattern, or a list of them.
    #[schemars(extend("examples" = ["us-*", "*", ["us-*", "eu-*"]], "x-rule" = "R4.1"))]
    pub to: Spanned<OneOrMany<String>>,
    /// Copies that may run at once over each pair; counts only with `"cap_scope": "pair"`.
    #[schemars(extend("examples" = [2], "x-rule" = "R2.3"))]
    pub cap: Option<Spanned<u32>>,
    /// What the transfers of each pair of regions share. Without it each goes at its own throughput.
    #[schemars(extend("examples" = ["100MiB/s"], "x-rule" = "R4.2", "x-basis" = "assumed"))]
    pub capacity: Option<Capacity>,
    /// What each pair can move later.
    #[serde(default)]
    #[schemars(extend("examples" = [[{ "at": "6h", "capacity": "50MiB/s" }]], "x-rule" = "R4.2"))]
    pub capacity_changes: Vec<CapacityChangeText>,
    /// What the transfers of all pairs share that this link matches, whatever other links say: one cable.
    #[schemars(extend("examples" = [{ "name": "cable", "capacity": "1GiB/s" }], "x-rule" = "R4.2", "x-basis" = "assumed"))]
    pub shared: Option<CableText>,
    /// Whether regulations forbid copies over this link (OperationDenied.NonCompliantDestinationRegion).
    #[schemars(extend("default" = false, "examples" = [true], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub forbidden: Option<bool>,
    /// How long copies over this link take.
    #[schemars(extend("examples" = [{ "throughput": "8MiB/s" }], "x-rule" = "R4.1"))]
    pub copy_time: Option<Spanned<CopyTimeText>>,
}
