//! `clients`: how those behave who ask for copies.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::decode::Spanned;
use super::references::OneOrMany;
use super::requests::TimeoutText;
use crate::quantity::Fraction;
use crate::time::SimDuration;

/// A client, by its name. Requests say whose they are with `client`; others are of clients that call once, notice the
/// end of a copy as it happens, and wait for as long as it takes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientText {
    /// The behaviour of a kind of tool that is met in public, to which the other keys are added.
    #[schemars(extend("examples" = ["five_at_a_time"], "x-rule" = "R8"))]
    pub preset: Option<PresetText>,
    /// Requests that it has in hand at once, from its first call until it knows of the end, has timed out or given up;
    /// the others wait until one of these places is free, by their planned time. Without it any number.
    #[schemars(extend("minimum" = 1, "examples" = [5], "x-rule" = "R8.1"))]
    pub concurrency: Option<Spanned<u32>>,
    /// How it learns of the end of a copy: DescribeImages, at this interval from the acceptance on. Without it as it
    /// happens.
    #[schemars(extend("examples" = ["30s"], "x-rule" = "R8.1"))]
    pub poll: Option<Spanned<SimDuration>>,
    /// Which images its polls are shown. Without a filter the service shows Available ones only (`available`): then
    /// it never learns that a copy failed or was cancelled.
    #[schemars(extend("default" = "all", "examples" = ["available"], "x-rule" = "R8.1", "x-basis" = "assumed"))]
    pub sees: Option<Spanned<SeesText>>,
    /// How long it waits for each copy, and what it does then. A request may say its own.
    #[schemars(extend("examples" = [{ "after": "10m" }], "x-rule" = "R8.2"))]
    pub timeout: Option<Spanned<TimeoutText>>,
    /// When it calls again. Without it it calls once.
    #[schemars(extend(
        "examples" = [{ "on": ["Throttling.User"], "attempts": 5, "delay": { "fixed": "30s" } }], "x-rule" = "R8.3"
    ))]
    pub retry: Option<Spanned<RetryText>>,
    /// Whether it first asks for an Available image of the same name in the destination, and doesn't call if there is
    /// one. It doesn't see copies that are still going on. It counts for copies with a `name`.
    #[schemars(extend("default" = false, "examples" = [true], "x-rule" = "R8.1", "x-basis" = "assumed"))]
    pub skip_existing: bool,
}

/// How tools behave that copy images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresetText {
    /// It calls for every destination and waits for none of them: the same as no keys at all.
    SerialFanOut,
    /// It waits ten minutes for a copy and gives up, while the copy goes on: `timeout` 10m, then `leave`.
    TenMinuteWait,
    /// It has five copies in hand and waits for each of them: `concurrency` 5.
    FiveAtATime,
    /// It calls again three times, whatever the refusal, about as soon as it has the answer: `retry` on `any`,
    /// 4 attempts, 1s apart.
    ImmediateRetry,
    /// It copies only if no Available image has the name, and doesn't see the copies that are still going on:
    /// `skip_existing`.
    NameExistsCheck,
}

/// Which images a client sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeesText {
    /// Images of any status.
    All,
    /// Available images only, as by the service's default filter.
    Available,
}

/// When a client calls again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryText {
    /// The error codes of CopyImage after which it calls again, or `any`.
    #[serde(default)]
    #[schemars(extend("examples" = [["Throttling.User", "InvalidOperation.Conflict"], "any"], "x-rule" = "R8.3"))]
    pub on: Option<Spanned<OneOrMany<String>>>,
    /// Whether it calls again for a copy that failed; it first deletes the image that is left of it.
    #[serde(default)]
    #[schemars(extend("default" = false, "examples" = [true], "x-rule" = "R8.3"))]
    pub failed_copies: bool,
    /// Calls in all, with the first one.
    #[schemars(extend("minimum" = 1, "examples" = [5], "x-rule" = "R8.3"))]
    pub attempts: Spanned<u32>,
    /// How long it waits before it calls again.
    #[schemars(extend(
        "examples" = [{ "fixed": "30s" }, { "exponential": { "first": "10s", "max": "5m" } }], "x-rule" = "R8.3"
    ))]
    pub delay: Spanned<DelayText>,
    /// By what share each delay is longer or shorter at most; how much is drawn.
    #[serde(default)]
    #[schemars(extend("default" = 0, "examples" = [0.2], "x-rule" = "R8.3"))]
    pub jitter: Option<Fraction>,
    /// The client token of further calls, of requests that have one: the `same`, or a `new` one each time.
    #[serde(default)]
    #[schemars(extend("default" = "same", "examples" = ["new"], "x-rule" = "R8.3"))]
    pub token: Option<TokenText>,
}

/// How long a client waits before it calls again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DelayText {
    /// The same time before each call.
    Fixed(SimDuration),
    /// Twice as long before each further call.
    Exponential(ExponentialText),
}

/// A delay that doubles.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExponentialText {
    /// Before the second call.
    #[schemars(extend("examples" = ["10s"], "x-rule" = "R8.3"))]
    pub first: SimDuration,
    /// The longest one; without it there is none.
    #[serde(default)]
    #[schemars(extend("examples" = ["5m"], "x-rule" = "R8.3"))]
    pub max: Option<SimDuration>,
}

/// The client token of further calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenText {
    /// The token of the first call.
    Same,
    /// A token of its own for each call.
    New,
}
