//! Accounts, regions, links and images.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::copytime::{DEFAULT_FINALIZE, DEFAULT_SETUP, DEFAULT_THROUGHPUT};
use super::super::decode::Spanned;
use super::snippets;
use super::together::excludes;
use crate::quantity::{Bytes, Rate};
use crate::time::{SimDuration, SimTime};

/// How long a copy takes: `setup`, size / `throughput` and `finalize`, or one `duration`. What is said on a
/// request counts before what is said on an image, a link, a region and at the top.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("allOf" = [excludes("duration", &["setup", "throughput", "finalize"])]))]
pub struct CopyTimeText {
    /// Time before the first byte; the slot is held.
    #[schemars(extend(
        "default" = DEFAULT_SETUP.to_string(), "examples" = ["5m"], "x-rule" = "R4.1", "x-basis" = "assumed"
    ))]
    pub setup: Option<SimDuration>,
    /// What one copy moves.
    #[schemars(extend(
        "default" = DEFAULT_THROUGHPUT.to_string(), "examples" = ["15MiB/s"], "x-rule" = "R4.1",
        "x-basis" = "assumed"
    ))]
    pub throughput: Option<Rate>,
    /// Time after the last byte; the slot is held.
    #[schemars(extend(
        "default" = DEFAULT_FINALIZE.to_string(), "examples" = ["30s"], "x-rule" = "R4.1", "x-basis" = "assumed"
    ))]
    pub finalize: Option<SimDuration>,
    /// The whole time, instead of the three parts.
    #[schemars(extend("examples" = ["35m"], "x-rule" = "R4.1"))]
    pub duration: Option<SimDuration>,
}

/// An account that makes calls and owns images; nothing more needs to be said of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountText {}

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
    /// How long copies from here take.
    #[schemars(extend("examples" = [{ "throughput": "8MiB/s" }], "x-rule" = "R4.1"))]
    pub copy_time: Option<Spanned<CopyTimeText>>,
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

/// What holds from some regions to others. Of several links that match a pair, the one with the most literal
/// characters counts, then the first in the file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("defaultSnippets" = snippets::link()))]
pub struct LinkText {
    /// The source region, or a pattern in which `*` stands for any text.
    #[schemars(extend("examples" = ["cn-*"], "x-rule" = "R4.1"))]
    pub from: Spanned<String>,
    /// The destination region, or a pattern.
    #[schemars(extend("examples" = ["us-*", "*"], "x-rule" = "R4.1"))]
    pub to: Spanned<String>,
    /// Copies that may run at once over each pair; counts only with `"cap_scope": "pair"`.
    #[schemars(extend("examples" = [2], "x-rule" = "R2.3"))]
    pub cap: Option<Spanned<u32>>,
    /// How long copies over this link take.
    #[schemars(extend("examples" = [{ "throughput": "8MiB/s" }], "x-rule" = "R4.1"))]
    pub copy_time: Option<Spanned<CopyTimeText>>,
}

/// An image that is there at the start, or a group of equal ones.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageText {
    /// Where it is.
    #[schemars(extend("examples" = ["cn-hangzhou"]))]
    pub region: Spanned<String>,
    /// Its size; needed unless its copies have a `duration`.
    #[schemars(extend("examples" = ["40GiB"], "x-rule" = "R4.1"))]
    pub size: Option<Bytes>,
    /// A group of so many images: `fleet` with 30 is `fleet-1` to `fleet-30`. A copy of the group copies all.
    #[schemars(extend("examples" = [30], "x-rule" = "R8.4"))]
    pub count: Option<Spanned<u32>>,
    /// Whose it is; needed where there are several accounts.
    #[schemars(extend("examples" = ["web"], "x-rule" = "R2.3"))]
    pub account: Option<Spanned<String>>,
    /// Its name in its region, which no other image of the account may have there.
    #[schemars(extend("examples" = ["golden-1"], "x-rule" = "R6.4"))]
    pub name: Option<Spanned<String>>,
    /// Whether copies of it can be cancelled.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R5.2", "x-basis" = "assumed"))]
    pub cancellable: Option<bool>,
    /// How long copies of it take.
    #[schemars(extend("examples" = [{ "duration": "35m" }], "x-rule" = "R4.1"))]
    pub copy_time: Option<Spanned<CopyTimeText>>,
}
