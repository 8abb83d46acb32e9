//! Streams of CopyImage calls: when arrivals come.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::decode::Spanned;
use super::super::names::NAME_PATTERN;
use super::copies::ArrivalCopyText;
use super::distributions::DrawnText;
use super::json::NAME_FORM;
use crate::time::{SimDuration, SimTime};

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
    #[schemars(extend("examples" = [{ "poisson": { "per_hour": 12 } }, { "periodic": { "every": "10m" } }]))]
    pub process: Spanned<ProcessText>,
    /// How many come at once, each time; without it one.
    #[schemars(extend("examples" = [{ "fixed": 3 }, { "geometric": { "mean": 2 } }], "x-rule" = "R10.2"))]
    pub batch: Option<Spanned<BatchText>>,
    /// The first instant at which one can come.
    #[serde(default)]
    #[schemars(extend("default" = "0s", "examples" = ["1h"], "x-rule" = "R1.9"))]
    pub from: SimTime,
    /// No arrival comes at or after this instant.
    #[schemars(extend("examples" = ["11h"], "x-rule" = "R1.9"))]
    pub until: Option<Spanned<SimTime>>,
    /// The most arrivals that come; the last batch may be cut off.
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
    #[schemars(extend("examples" = [{ "every": "10m" }]))]
    Periodic(PeriodicText),
    /// Independent arrivals at one rate: the times between them are exponential.
    #[schemars(extend("examples" = [{ "per_hour": 12 }]))]
    Poisson(RateText),
    /// Independent arrivals at a rate that changes at given times, such as those of a day.
    #[schemars(extend("examples" = [{ "period": "1d", "rates": [
        { "at": "0h", "rate": { "per_hour": 1 } }, { "at": "9h", "rate": { "per_hour": 6 } },
        { "at": "18h", "rate": { "per_hour": 2 } }
    ] }]))]
    Profile(ProfileText),
    /// Independent arrivals at a rate that changes at random: calm and bursts.
    #[schemars(extend("examples" = [{ "states": [
        { "rate": { "per_hour": 2 }, "stay": "4h" }, { "rate": { "per_hour": 60 }, "stay": "20m" }
    ] }]))]
    Bursts(BurstsText),
    /// Times between arrivals that are drawn one by one from one distribution; the first one begins at `from`.
    #[schemars(extend("examples" = [{ "between": { "erlang": { "k": 4, "mean": "10m" } } }]))]
    Renewal(RenewalText),
    /// Workers that each ask for one copy after the other: for the next one when they know of the end of the last one,
    /// have given up or timed out, and have thought about it.
    #[schemars(extend("examples" = [{ "workers": 5, "think": "10m" }]))]
    ClosedLoop(ClosedLoopText),
}

/// Workers that ask for one copy after the other.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedLoopText {
    /// How many there are; all ask for their first copy at `from`.
    #[schemars(extend("minimum" = 1, "examples" = [5], "x-rule" = "R8.1"))]
    pub workers: Spanned<u64>,
    /// How long a worker thinks before it asks again, above zero.
    #[schemars(extend("examples" = ["10m", { "exponential": { "mean": "10m" } }], "x-rule" = "R1.8"))]
    pub think: Spanned<DrawnText<SimDuration>>,
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

/// Arrivals, or batches of them, in a unit of time, on the average.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(extend("examples" = [{ "per_hour": 12 }], "x-rule" = "R10.2"))]
#[expect(clippy::enum_variant_names, reason = "they are the keys of the file")]
pub enum RateText {
    /// In a second.
    PerSecond(f64),
    /// In a minute.
    PerMinute(f64),
    /// In an hour.
    PerHour(f64),
    /// In a day.
    PerDay(f64),
}

/// Rates by time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileText {
    /// The rates one after the other, the first at `0s`.
    #[schemars(extend("minItems" = 1, "examples" = [[
        { "at": "0s", "rate": { "per_hour": 2 } }, { "at": "9h", "rate": { "per_hour": 20 } },
        { "at": "18h", "rate": { "per_hour": 2 } }
    ]], "x-rule" = "R10.2"))]
    pub rates: Spanned<Vec<PieceText>>,
    /// After so long they begin again; without it the last one goes on. A day counts from midnight and a week from
    /// Monday where `starts_at` says what the clock shows; else, and with other periods, from the start of the run.
    #[schemars(extend("examples" = ["1d", "1w"], "x-rule" = "R10.2"))]
    pub period: Option<Spanned<SimDuration>>,
}

/// A rate from a time on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PieceText {
    /// From this time of the period on.
    #[schemars(extend("examples" = ["9h"]))]
    pub at: Spanned<SimDuration>,
    /// Arrivals in a unit of time.
    #[schemars(extend("examples" = [{ "per_hour": 20 }], "x-rule" = "R10.2"))]
    pub rate: Spanned<RateText>,
}

/// A rate that changes at random.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BurstsText {
    /// The states, at least two: each goes on to the next one, and the last to the first, in which the stream begins.
    #[schemars(extend("minItems" = 2, "examples" = [[
        { "rate": { "per_hour": 2 }, "stay": "4h" }, { "rate": { "per_hour": 60 }, "stay": "20m" }
    ]], "x-rule" = "R10.2"))]
    pub states: Spanned<Vec<BurstStateText>>,
}

/// A state of a rate that changes at random.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BurstStateText {
    /// Arrivals in a unit of time.
    #[schemars(extend("examples" = [{ "per_hour": 20 }], "x-rule" = "R10.2"))]
    pub rate: Spanned<RateText>,
    /// The mean time in this state, which is exponential.
    #[schemars(extend("examples" = ["20m"]))]
    pub stay: Spanned<SimDuration>,
}

/// Times between arrivals of one distribution.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalText {
    /// The time between two arrivals.
    #[schemars(extend("examples" = [{ "erlang": { "k": 4, "mean": "10m" } }], "x-rule" = "R10.2"))]
    pub between: Spanned<DrawnText<SimDuration>>,
}

/// How many arrivals come at once.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchText {
    /// So many each time.
    #[schemars(extend("examples" = [3]))]
    Fixed(u64),
    /// 1, 2, 3, ... with a probability that falls by the same factor each time.
    #[schemars(extend("examples" = [{ "mean": 2 }]))]
    Geometric(GeometricText),
}

/// A geometric number, at least 1.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeometricText {
    /// The mean, at least 1.
    #[schemars(extend("minimum" = 1, "examples" = [2]))]
    pub mean: f64,
}
