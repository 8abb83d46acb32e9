//! The scenario as it is written: one type for each object of the file, before names are looked up.
//!
//! These types are the format. They decode a file, and what they say of themselves makes the JSON Schema
//! ([`json_schema`]) and the reference page ([`reference_page`]): how a key is written is said here and
//! nowhere else. What it means is said where the scenario is resolved.

mod accounts;
mod arrivals;
mod checks;
mod choice;
mod clients;
mod copies;
mod distributions;
mod editor;
mod faults;
mod images;
mod json;
mod page;
mod places;
mod references;
mod requests;
mod service;
mod snippets;
#[cfg(test)]
mod tests;
mod together;

use schemars::JsonSchema;
use serde::Deserialize;

use super::decode::{Attempt, Entries, Spanned};
use super::resolve::{DEFAULT_EXACT_LIMIT, DEFAULT_MAX_EVENTS, DEFAULT_SEED};
use crate::clock::Clock;
use crate::time::SimTime;

pub use accounts::{AccountText, GroupText, KeyStateText, KeyText, UserText};
pub use arrivals::{ArrivalsText, BatchText, BurstsText, PieceText, ProcessText, ProfileText, RateText};
pub use checks::{CheckText, LimitText};
pub use choice::{ChoiceText, Choosable, OneOfText, PriorityText};
pub use clients::{ClientText, DelayText, PresetText, RetryText, SeesText, TokenText};
pub use copies::{ArrivalCopyText, CopyText, ParametersText, TagText, TraceCopyText};
pub use distributions::{
    Amount, DistributionText, DrawnText, EmpiricalText, LogNormalText, PartText, TruncatedText,
};
pub use faults::{FaultCodeText, FaultText, OperationText};
pub use images::{FormatText, ImageText, OwnerText, SnapshotText, StatusText};
pub use json::{JSON_SCHEMA_FILE, json_schema, schema_of};
pub use page::reference_page;
pub use places::{
    CapacityChangeText, CopyTimeText, DegradationText, LinkText, OutageEffectText, OutageText, RegionText,
    SharedText,
};
pub use references::{ImageRef, NameRef, OneOrMany, RegionRef};
pub use requests::{
    AlreadyText, FailText, RepeatText, RequestText, TargetText, ThenText, TimeoutText, TraceText,
};
pub use service::{CapScopeText, ConflictKeyText, OverLimitText, PermissionText, QueueText, ServiceText};

/// The keys that a scenario can't be without.
pub const REQUIRED: [&str; 2] = ["schema_version", "regions"];

/// The sections whose keys are names that the user chooses, to which the rest of a scenario refers: an
/// override finds one there or makes a whole new one, but never half of one by a slip of the pen.
pub const NAMED: [&str; 7] =
    ["accounts", "clients", "faults", "images", "kms_keys", "regions", "resource_groups"];

/// A copysim scenario: regions, images, and what is asked of the service when.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScenarioText {
    /// Where editors find the schema of this file; it counts for nothing else.
    #[serde(rename = "$schema")]
    #[schemars(extend("examples" = ["scenario.schema.json"]))]
    pub schema: Option<String>,
    /// The version of this format.
    #[schemars(extend("const" = 1, "examples" = [1]))]
    pub schema_version: Option<Spanned<u64>>,
    /// The question that the scenario answers; reports begin with it.
    #[schemars(extend("examples" = ["When is the last of thirty regions ready?"]))]
    pub description: Option<String>,
    /// The seed of everything that is made up. The same scenario, seed and version give the same bytes.
    #[schemars(extend("default" = DEFAULT_SEED, "examples" = [42], "x-rule" = "R10.1"))]
    pub seed: Option<u64>,
    /// What a clock shows at the start of the run, with its offset from UTC: reports then tell clock times too, and
    /// rows of traces may.
    #[schemars(extend("examples" = ["2026-11-02T08:00:00+08:00"], "x-rule" = "R1.1"))]
    pub starts_at: Option<Clock>,
    /// The last instant of the run. Without it the run ends when no work is left.
    #[schemars(extend("examples" = ["12h"], "x-rule" = "R1.7"))]
    pub horizon: Option<SimTime>,
    /// Figures take only what is planned from here on.
    #[schemars(extend("default" = "0s", "examples" = ["1h"], "x-rule" = "R9.4"))]
    pub warm_up: Option<SimTime>,
    /// What holds in every region unless the region says otherwise.
    #[schemars(extend("examples" = [{ "cap": 5, "cap_scope": "source" }], "x-rule" = "R2"))]
    pub service: Attempt<ServiceText>,
    /// How long a copy takes, unless a region, a link, an image or a request says otherwise.
    #[schemars(extend("examples" = [{ "setup": "5m", "throughput": "15MiB/s" }], "x-rule" = "R4.1"))]
    pub copy_time: Option<Spanned<CopyTimeText>>,
    /// The accounts, by name; without them there is one.
    #[schemars(extend("examples" = [{ "data": {}, "web": {} }], "x-rule" = "R2.3"))]
    pub accounts: Entries<Attempt<AccountText>>,
    /// The keys that copies can be encrypted with, by name.
    #[schemars(extend("examples" = [{ "golden": { "regions": ["us-*"] } }], "x-rule" = "R7.9"))]
    pub kms_keys: Entries<Attempt<KeyText>>,
    /// The resource groups that there are beside `default`, by name.
    #[schemars(extend("examples" = [{ "production": {} }], "x-rule" = "R7.9"))]
    pub resource_groups: Entries<Attempt<GroupText>>,
    /// The regions, by id.
    #[schemars(extend("examples" = [{ "cn-hangzhou": {}, "us-east-1": { "cap": 10 } }]))]
    pub regions: Entries<Attempt<RegionText>>,
    /// What holds from some regions to others.
    #[schemars(extend("examples" = [[{ "from": "cn-*", "to": "us-*", "copy_time": { "throughput": "8MiB/s" } }]]))]
    pub links: Vec<Attempt<LinkText>>,
    /// The images that are there at the start, by name.
    #[schemars(extend("examples" = [{ "web-base": { "region": "cn-hangzhou", "size": "40GiB" } }]))]
    pub images: Entries<Attempt<ImageText>>,
    /// How those behave who ask for copies, by name.
    #[schemars(extend("examples" = [{ "pipeline": { "concurrency": 5, "poll": "30s" } }], "x-rule" = "R8"))]
    pub clients: Entries<Attempt<ClientText>>,
    /// Faults of the service that are injected, by name. Which calls meet them is drawn from the seed.
    #[schemars(extend("examples" = [{ "flaky": { "probability": 0.05 } }], "x-rule" = "R7.8"))]
    pub faults: Entries<Attempt<FaultText>>,
    /// What is asked of the service. Calls of one instant are made in this order.
    #[schemars(extend(
        "examples" = [[{ "copy": { "id": "release", "image": "web-base", "to": "all-others" } }]],
        "x-rule" = "R1.4"
    ))]
    pub requests: Vec<Attempt<Spanned<RequestText>>>,
    /// Promises on the run: one that is broken, or has no data, fails it.
    #[schemars(extend(
        "examples" = [[
            { "metric": "lead", "stat": "p95", "max": "2h" },
            { "metric": "wait", "stat": { "share_within": "10m" }, "min": 0.95 },
            { "metric": "refused", "max": 0 }
        ]],
        "x-rule" = "R9.8"
    ))]
    pub checks: Vec<Attempt<Spanned<CheckText>>>,
    /// Values kept exactly for each figure; of more, percentiles come from a histogram and are marked.
    #[schemars(extend("default" = DEFAULT_EXACT_LIMIT, "examples" = [1_000_000], "x-rule" = "R9.8"))]
    pub exact_limit: Option<u64>,
    /// Events in one instant beyond which the run stops: a guard against loops in which no time passes.
    #[schemars(extend("default" = DEFAULT_MAX_EVENTS, "examples" = [1_000_000], "x-rule" = "R1.8"))]
    pub max_events_per_instant: Option<u64>,
}
