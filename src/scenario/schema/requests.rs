//! The entries of `requests`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::decode::Spanned;
use super::super::names::NAME_PATTERN;
use super::super::values::ExpectText;
use super::arrivals::ArrivalsText;
use super::copies::{CopyText, TraceCopyText};
use super::distributions::DrawnText;
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

/// A failure: `after` a running time or `at` a share of the progress, of each copy or with a `probability`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend(
    "allOf" = [excludes("after", &["at"]), one_is_needed(&["after", "at", "probability"])]
))]
pub struct FailText {
    /// After this running time; a copy that is done before that doesn't fail.
    #[schemars(extend(
        "examples" = ["5m", { "exponential": { "mean": "2h" } }], "x-rule" = "R4.3"
    ))]
    pub after: Option<Spanned<DrawnText<SimDuration>>>,
    /// At this share of the progress. Without `after` and this, at a share that is drawn uniformly.
    #[schemars(extend("examples" = [0.5], "x-rule" = "R4.3"))]
    pub at: Option<Fraction>,
    /// The share of the copies that fail; without it all do.
    #[schemars(extend("examples" = [0.02], "x-rule" = "R4.3"))]
    pub probability: Option<Fraction>,
}

/// What a client does when it has waited long enough for a copy.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeoutText {
    /// How long it waits, from its call.
    #[schemars(extend("examples" = ["1h", { "exponential": { "mean": "30m" } }], "x-rule" = "R8.2"))]
    pub after: Spanned<DrawnText<SimDuration>>,
    /// What it does then, unless it knows that the copy is over.
    #[serde(default)]
    #[schemars(extend("default" = "leave", "examples" = ["cancel_if_waiting"], "x-rule" = "R8.2"))]
    pub then: Option<ThenText>,
}

/// What a client does when it has waited long enough.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThenText {
    /// It gives up, and the copy goes on without it.
    Leave,
    /// It calls CancelCopyImage.
    Cancel,
    /// It calls CancelCopyImage if the copy is still queued.
    CancelIfWaiting,
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
    /// A number by which every time of the trace is multiplied: with 0.5 the same rows come twice as fast.
    #[schemars(extend("default" = 1, "exclusiveMinimum" = 0, "examples" = [0.5]))]
    pub time_factor: Option<Spanned<f64>>,
    /// How many copies are asked for each row, on the average: with 0.5 every second row counts, and with 1.5 every
    /// second one twice (`job-17`, `job-17+2`), at the same instant: where rows name images, the second one conflicts
    /// with the first (`conflict_key`). `time_factor` raises the rate without that.
    #[schemars(extend("default" = 1, "exclusiveMinimum" = 0, "examples" = [1.5]))]
    pub rate_factor: Option<Spanned<f64>>,
    /// Lets the trace come again: the rows of the second time are `job-17~2`.
    #[schemars(extend("examples" = [{ "every": "1w", "times": 4 }]))]
    pub repeat: Option<Spanned<RepeatText>>,
}

/// How often a trace comes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepeatText {
    /// The time from the beginning of one to that of the next, at least the length of the trace.
    #[schemars(extend("examples" = ["1w"]))]
    pub every: Spanned<SimDuration>,
    /// How often it comes in all.
    #[schemars(extend("minimum" = 1, "examples" = [4]))]
    pub times: Spanned<u64>,
}

impl TraceText {
    /// The image of rows that say none.
    pub fn image(&self) -> Option<&Spanned<ImageRef>> {
        self.copy.as_ref()?.value.image.as_ref()
    }
}
