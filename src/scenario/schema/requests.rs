//! The entries of `requests`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::decode::Spanned;
use super::super::names::NAME_PATTERN;
use super::super::values::ExpectText;
use super::copies::{ArrivalCopyText, CopyText, TraceCopyText};
use super::json::NAME_FORM;
use super::references::{ImageRef, RegionRef};
use super::snippets;
use super::together::{excludes, one_is_needed};
use crate::quantity::Fraction;
use crate::time::{SimDuration, SimTime};

/// Something that is asked of the service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(extend("defaultSnippets" = snippets::requests()))]
pub enum RequestText {
    /// CopyImage, for one or more images and destinations.
    Copy(Box<CopyText>),
    /// CancelCopyImage, of one copy or of all copies of a request.
    Cancel(Box<TargetText>),
    /// DeleteImage, of one image or of the products of a request.
    Delete(Box<TargetText>),
    /// A stream of CopyImage calls.
    Arrivals(Box<ArrivalsText>),
    /// CopyImage calls that stand in a CSV file, one a row.
    Trace(Box<TraceText>),
}

/// What a copy that was accepted before the run does when it begins.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlreadyText {
    /// It waits for a slot.
    Queued,
    /// It holds its slots.
    Running(RunningText),
}

/// A copy that holds its slots when the run begins.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunningText {
    /// How long it still runs; without it, its whole length. The rest of its length lies before the run, and
    /// so do the bytes that moved in that time.
    #[schemars(extend("examples" = ["12m"], "x-rule" = "R3.5"))]
    pub remaining: Option<Spanned<SimDuration>>,
}

/// A failure: `after` a running time or `at` a share of the progress.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("allOf" = [excludes("after", &["at"]), one_is_needed(&["after", "at"])]))]
pub struct FailText {
    /// After this running time; a copy that is done before that doesn't fail.
    #[schemars(extend("examples" = ["5m"], "x-rule" = "R4.3"))]
    pub after: Option<SimDuration>,
    /// At this share of the progress.
    #[schemars(extend("examples" = [0.5], "x-rule" = "R4.3"))]
    pub at: Option<Fraction>,
}

/// What a cancel or delete names: a `copy` or an `image`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("allOf" = [excludes("copy", &["image"]), one_is_needed(&["copy", "image"])]))]
pub struct TargetText {
    /// What it is called.
    #[schemars(extend(
        "pattern" = NAME_PATTERN, "patternErrorMessage" = NAME_FORM, "examples" = ["stop"], "x-rule" = "R3.4"
    ))]
    pub id: Option<Spanned<String>>,
    /// When the calls are made.
    #[schemars(extend("examples" = ["20m"], "x-rule" = "R1.3"))]
    pub at: SimTime,
    /// The new images of these copies: all of a request, or one (`release@us-east-1`).
    #[schemars(extend("examples" = ["release@us-east-1"], "x-rule" = "R5.1"))]
    pub copy: Option<Spanned<String>>,
    /// An image of the scenario, or an id that the service doesn't know.
    #[schemars(extend("examples" = ["web-base"], "x-rule" = "R5.4"))]
    pub image: Option<Spanned<ImageRef>>,
    /// The region named in the call, where it isn't the image's own.
    #[schemars(extend("examples" = ["us-east-1"], "x-rule" = "R5.1"))]
    pub region: Option<Spanned<RegionRef>>,
    /// Who asks; without it the owner of the image.
    #[schemars(extend("examples" = ["web"], "x-rule" = "R2.3"))]
    pub account: Option<Spanned<String>>,
    /// What each of the calls must be answered with: `accepted` or an error code. Another answer, or none, fails the
    /// run and `copysim check`.
    #[schemars(extend("examples" = ["accepted", "IncorrectImageStatus"], "x-rule" = "R7.1"))]
    pub expect: Option<Spanned<ExpectText>>,
}

/// A stream of CopyImage calls, bounded by `count`, `until` or the horizon.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrivalsText {
    /// What it is called: its third arrival is `builds#3`.
    #[schemars(extend(
        "pattern" = NAME_PATTERN, "patternErrorMessage" = NAME_FORM, "examples" = ["builds"], "x-rule" = "R3.4"
    ))]
    pub id: Option<Spanned<String>>,
    /// When arrivals come.
    #[schemars(extend("examples" = [{ "periodic": { "every": "10m" } }]))]
    pub process: ProcessText,
    /// The first instant at which one can come.
    #[serde(default)]
    #[schemars(extend("default" = "0s", "examples" = ["1h"], "x-rule" = "R1.9"))]
    pub from: SimTime,
    /// No arrival comes at or after this instant.
    #[schemars(extend("examples" = ["11h"], "x-rule" = "R1.9"))]
    pub until: Option<Spanned<SimTime>>,
    /// The most arrivals that come.
    #[schemars(extend("examples" = [1000]))]
    pub count: Option<Spanned<u64>>,
    /// What each of them asks for.
    #[schemars(extend("examples" = [{ "from": "cn-hangzhou", "size": "20GiB", "to": "us-east-1" }]))]
    pub copy: Spanned<ArrivalCopyText>,
}

/// When arrivals come.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProcessText {
    /// One arrival at `from`, and one more every so often.
    Periodic(PeriodicText),
}

/// Arrivals at equal distances.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodicText {
    /// The time between two arrivals, above zero.
    #[schemars(extend(
        "not" = { "pattern": "^(0+(\\.0+)?[a-zµμ]+ ?)+$" }, "errorMessage" = "write a length above zero, such as \"10m\"",
        "examples" = ["10m"]))]
    pub every: Spanned<SimDuration>,
}

/// CopyImage calls that stand in a CSV file, one a row, with a cancel of each where a row says so.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceText {
    /// What it is called: its rows are `november#job-17@us-east-1`, by their `id` or by their number in time.
    #[schemars(extend(
        "pattern" = NAME_PATTERN, "patternErrorMessage" = NAME_FORM, "examples" = ["november"], "x-rule" = "R3.4"
    ))]
    pub id: Option<Spanned<String>>,
    /// The file, by its path from the folder of the scenario. Its first line names the columns, in any order:
    /// `at` or `at_s`, and what else rows say: `id`, `image` or `size`, `from`, `to`, `name`, `account`,
    /// `duration`, `cancel_at`, `encrypted`, `cancellable`, `dry_run`, `client_token`, `priority`.
    #[schemars(extend("examples" = ["traces/november.csv"], "x-rule" = "R1.4"))]
    pub file: Spanned<String>,
    /// What holds for every row that doesn't say otherwise.
    #[schemars(extend("examples" = [{ "from": "cn-hangzhou", "duration": "35m" }]))]
    pub copy: Option<Spanned<TraceCopyText>>,
}

impl TraceText {
    /// The image of rows that say none.
    pub fn image(&self) -> Option<&Spanned<ImageRef>> {
        self.copy.as_ref()?.value.image.as_ref()
    }
}
