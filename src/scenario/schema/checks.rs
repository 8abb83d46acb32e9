//! The entries of `checks`: promises on a run.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::json;

use super::super::decode::{Spanned, fault_with_help, only_key};
use super::super::diagnostic::quoted;
use super::super::names::nearest;
use super::references::OneOrMany;
use super::together::{excludes, one_is_needed};
use crate::records::Percentile;
use crate::records::checks::{Kind, Metric, Statistic};
use crate::time::{DurationError, SimDuration};

/// A promise: a figure of the run is within limits. A run that breaks one, or has no data for it, fails. Every part
/// of the scope that is given must hold.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend(
    "allOf" = [one_is_needed(&["max", "min", "equals"]), excludes("equals", &["min", "max"])]
))]
pub struct CheckText {
    /// What is looked at.
    #[schemars(extend("examples" = ["lead", "makespan", "refused"], "x-rule" = "R9.2"))]
    pub metric: Spanned<MetricText>,
    /// What is made of its values: `min`, `mean`, `max`, `count` or a percentile such as `p95` of a duration, or the
    /// share of values within a limit; `min`, `mean` (the average over time) or `max` of a level; `count` or `share`
    /// (of the planned) of copies. Counts need none, nor do `utilisation`, `makespan`, `refusals` and `throughput`.
    #[schemars(extend("examples" = ["p95", "p99.9", "mean", { "share_within": "10m" }], "x-rule" = "R9.5"))]
    pub stat: Option<Spanned<StatText>>,
    /// It is at most this. Durations have a unit, others are plain numbers.
    #[schemars(extend("examples" = ["2h", 0, 0.95], "x-rule" = "R9.8"))]
    pub max: Option<Spanned<LimitText>>,
    /// It is at least this.
    #[schemars(extend("examples" = [0.95, "10m"], "x-rule" = "R9.8"))]
    pub min: Option<Spanned<LimitText>>,
    /// It is exactly this.
    #[schemars(extend("examples" = [29, "3h30m"], "x-rule" = "R9.8"))]
    pub equals: Option<Spanned<LimitText>>,
    /// Only the copies of this request, or those of it to one region (`release@us-east-1`); of `refusals` the calls of
    /// a cancel or delete too.
    #[schemars(extend("examples" = ["release", "release@us-east-1"], "x-rule" = "R9.3"))]
    pub of: Option<Spanned<String>>,
    /// Only copies from these regions, as ids or patterns.
    #[schemars(extend("examples" = ["cn-*"]))]
    pub from: Option<Spanned<OneOrMany<String>>>,
    /// Only copies to these regions, as ids or patterns.
    #[schemars(extend("examples" = ["us-*", ["us-east-1", "eu-central-1"]]))]
    pub to: Option<Spanned<OneOrMany<String>>>,
    /// Only copies of this image, of one of a group (`web-3`), or of all of a group.
    #[schemars(extend("examples" = ["web-base"]))]
    pub image: Option<Spanned<String>>,
    /// Only what is of this account: copies, or slots where each account has its own.
    #[schemars(extend("examples" = ["web"], "x-rule" = "R2.3"))]
    pub account: Option<Spanned<String>>,
    /// Of levels: only the slots of these regions, or of these pairs (`cn-*>us-east-1`). Without it all slots, added
    /// up.
    #[schemars(extend("examples" = ["cn-hangzhou"], "x-rule" = "R9.4"))]
    pub slots: Option<Spanned<OneOrMany<String>>>,
    /// Of `refusals`: only calls that were answered with this error code.
    #[schemars(extend("examples" = ["Throttling.User"], "x-rule" = "R7.1"))]
    pub code: Option<Spanned<String>>,
}

/// A metric by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricText(pub Metric);

/// A statistic that is made of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatText(pub Statistic);

/// A limit as it is written; what a number is exactly, its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitText {
    Duration(SimDuration),
    Number,
}

struct MetricVisitor;

impl Visitor<'_> for MetricVisitor {
    type Value = MetricText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a metric, such as \"lead\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<MetricText, E> {
        Metric::parse(text).map(MetricText).ok_or_else(|| {
            fault_with_help(format_args!("there is no metric {}", quoted(text)), metric_meant(text))
        })
    }
}

impl<'de> Deserialize<'de> for MetricText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(MetricVisitor)
    }
}

/// What was likely meant by the name of a metric: one that is near, also with a statistic before or behind it.
fn metric_meant(text: &str) -> String {
    let near = |text: &str| nearest(text, Metric::ALL.iter().map(|metric| metric.word()));
    if let Some(metric) = near(text) {
        return format!("did you mean `{metric}`?");
    }
    let parts = [text.split_once(['_', '-', ' ']), text.rsplit_once(['_', '-', ' '])];
    let parts = parts.into_iter().flatten().flat_map(|(first, last)| [(first, last), (last, first)]);
    let meant = parts.into_iter().find_map(|(stat, metric)| Some((Statistic::parse(stat)?, near(metric)?)));
    match meant {
        Some((stat, metric)) => format!("did you mean `\"metric\": \"{metric}\", \"stat\": \"{stat}\"`?"),
        None => {
            let of_kind = |kind| Metric::ALL.iter().filter(move |metric| metric.kind() == kind);
            let kinds = [Kind::Duration, Kind::Makespan, Kind::Level, Kind::Calls, Kind::Throughput];
            let known = kinds.into_iter().flat_map(of_kind).map(|metric| format!("`{}`", metric.word()));
            format!(
                "write one of {}, or what copies are counted by: `available`, `cancelled_waiting`, `refused`, \
                 `unfinished` and so on",
                known.collect::<Vec<_>>().join(", ")
            )
        }
    }
}

/// The statistic that takes a limit.
const SHARE_WITHIN: &str = "share_within";

/// Statistics that are a word.
const WORDS: [(&str, Statistic); 5] = [
    ("min", Statistic::Min),
    ("mean", Statistic::Mean),
    ("max", Statistic::Max),
    ("count", Statistic::Count),
    ("share", Statistic::Share),
];

impl Statistic {
    fn parse(text: &str) -> Option<Self> {
        let word = WORDS.into_iter().find(|(word, _)| *word == text).map(|(_, statistic)| statistic);
        word.or_else(|| Percentile::parse(text).map(Self::Percentile))
    }
}

/// The statistics that take a setting.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum TaggedStat {
    /// The values up to this length / all values, from 0 to 1.
    ShareWithin(SimDuration),
}

struct StatVisitor;

impl<'de> Visitor<'de> for StatVisitor {
    type Value = StatText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a statistic such as \"p95\", or {\"share_within\": \"...\"}")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<StatText, E> {
        const HELP: &str = "write \"min\", \"mean\", \"max\", a percentile from \"p0\" to \"p100\" with up to four \
                            decimals such as \"p99.9\", \"count\", \"share\" or {\"share_within\": \"10m\"}";
        Statistic::parse(text).map(StatText).ok_or_else(|| {
            let near = nearest(text, WORDS.iter().map(|(word, _)| *word).chain([SHARE_WITHIN]));
            let help = match near {
                Some(SHARE_WITHIN) => {
                    "write { \"share_within\": \"30m\" }, with the limit of the values".to_owned()
                }
                Some(near) => format!("did you mean `{near}`?"),
                None => HELP.to_owned(),
            };
            fault_with_help(format_args!("there is no statistic {}", quoted(text)), help)
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<StatText, A::Error> {
        let TaggedStat::ShareWithin(limit) = only_key::<TaggedStat, A>(map)?;
        Ok(StatText(Statistic::ShareWithin(limit)))
    }
}

impl<'de> Deserialize<'de> for StatText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StatVisitor)
    }
}

struct LimitVisitor;

impl Visitor<'_> for LimitVisitor {
    type Value = LimitText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a duration with a unit such as \"2h\"")
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<LimitText, E> {
        Ok(LimitText::Number)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<LimitText, E> {
        Err(fault_with_help("a limit can't be negative", "no figure is: write 0 or more"))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<LimitText, E> {
        if number < 0.0 { self.visit_i64(-1) } else { Ok(LimitText::Number) }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<LimitText, E> {
        if text.ends_with('%') {
            let help = "write a share as a number from 0 to 1, such as 0.05";
            return Err(fault_with_help(format_args!("{} is no limit", quoted(text)), help));
        }
        let duration = SimDuration::parse(text).map(LimitText::Duration);
        duration.map_err(|error| fault_with_help(error, DurationError::HELP))
    }
}

impl<'de> Deserialize<'de> for LimitText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LimitVisitor)
    }
}

impl JsonSchema for MetricText {
    fn schema_name() -> Cow<'static, str> {
        "MetricText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = Metric::ALL.iter().map(|metric| metric.word()).collect();
        let meanings: Vec<&str> = Metric::ALL.iter().map(|metric| metric.about()).collect();
        json_schema!({ "type": "string", "enum": words, "markdownEnumDescriptions": meanings })
    }
}

impl JsonSchema for StatText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "statistic".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        const PATTERN: &str = r"^(min|mean|max|count|share|p0*(100(\.0+)?|[0-9]{1,2}(\.[0-9]{1,4}0*)?))$";
        let form = "write a statistic such as \"p95\", or { \"share_within\": \"10m\" }";
        let word = json!({ "type": "string", "pattern": PATTERN, "errorMessage": form });
        let tagged = generator.subschema_for::<TaggedStat>();
        json_schema!({ "anyOf": [word, tagged], "x-kind": "statistic" })
    }
}

impl JsonSchema for LimitText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "limit".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let duration = generator.subschema_for::<SimDuration>();
        json_schema!({
            "anyOf": [{ "type": "number", "minimum": 0 }, duration], "x-kind": "number or duration"
        })
    }
}
