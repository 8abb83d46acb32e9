//! Quantities that are drawn: a plain value, or an object with one key that names a distribution.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::super::decode::{Spanned, fault_with_help};
use super::super::values::Written;
use super::together::{excludes, one_is_needed};
use crate::distribution::Quantity;

/// A quantity that is written with its unit, and can be drawn.
pub trait Amount: Written + Quantity + for<'de> Deserialize<'de> {}

impl<T: Written + Quantity + for<'de> Deserialize<'de>> Amount for T {}

/// A quantity that is the same each time, or drawn each time.
#[derive(Clone, Debug)]
pub enum DrawnText<T> {
    Plain(T),
    Random(Box<DistributionText<T>>),
}

/// What a quantity is drawn from. Every value in it is written like the quantity itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", bound(deserialize = "T: Amount"))]
#[schemars(rename = "DistributionText", bound = "T: JsonSchema")]
pub enum DistributionText<T> {
    /// Times without memory: P(X > x) = e^(-x/mean).
    #[schemars(extend("examples" = [{ "mean": "10m" }]))]
    Exponential(ExponentialText<T>),
    /// The sum of `k` exponential times that have this mean together; it varies less than one of them, by a
    /// squared coefficient of variation of 1/k.
    #[schemars(extend("examples" = [{ "k": 3, "mean": "10m" }]))]
    Erlang(ErlangText<T>),
    /// Density in proportion to x^(shape - 1) e^(-x shape/mean): an Erlang distribution whose `k` needn't be whole.
    #[schemars(extend("examples" = [{ "shape": 2.5, "mean": "10m" }]))]
    Gamma(GammaText<T>),
    /// Many short times and some long ones, both exponential: it varies more than one exponential distribution. With
    /// s = sqrt((scv - 1)/(scv + 1)) a share p = (1 + s)/2 has the rate 2p/mean, and the others 2(1 - p)/mean.
    #[schemars(extend("examples" = [{ "mean": "10m", "scv": 4 }]))]
    HyperExponential(HyperExponentialText<T>),
    /// Its logarithm is normal. By `median` and `sigma`, the standard deviation of the natural logarithm; or by `mean`
    /// and `scv`.
    #[schemars(extend("examples" = [{ "median": "40GiB", "sigma": 0.4 }, { "mean": "40GiB", "scv": 0.5 }]))]
    LogNormal(LogNormalText<T>),
    /// All values from `min` to `max` alike.
    #[schemars(extend("examples" = [{ "min": "5m", "max": "15m" }]))]
    Uniform(UniformText<T>),
    /// A guess by three values: the density rises straight from `min` to `mode`, and falls straight to `max`.
    #[schemars(extend("examples" = [{ "min": "5m", "mode": "8m", "max": "20m" }]))]
    Triangular(TriangularText<T>),
    /// P(X > x) = e^-(x/scale)^shape, with the scale that gives this mean. Below a shape of 1 it varies more than an
    /// exponential distribution, above it less.
    #[schemars(extend("examples" = [{ "shape": 1.5, "mean": "10m" }]))]
    Weibull(WeibullText<T>),
    /// A heavy tail that is cut: P(X > x) falls as x^-shape from `min` on, given that X is at most `max`.
    #[schemars(extend("examples" = [{ "shape": 1.2, "min": "5GiB", "max": "500GiB" }]))]
    BoundedPareto(BoundedParetoText<T>),
    /// Always this value: for a part of a mixture.
    #[schemars(extend("examples" = ["10m"]))]
    Fixed(T),
    /// One of some values that were seen: as they are written here, or from a column of a CSV file.
    #[schemars(extend("examples" = [
        { "values": ["20GiB", "40GiB", "500GiB"], "weights": [5, 4, 1] }, { "file": "sizes.csv", "column": "size" },
    ]))]
    Empirical(EmpiricalText<T>),
    /// One of several quantities, chosen by their weights each time.
    #[schemars(extend("examples" = [
        [{ "weight": 9, "of": { "exponential": { "mean": "10m" } } }, { "weight": 1, "of": "3h" }],
    ]))]
    Mixture(#[schemars(extend("minItems" = 1))] Vec<PartText<T>>),
    /// Another distribution given that its value is from `min` to `max`.
    #[schemars(extend("examples" = [{ "of": { "exponential": { "mean": "10m" } }, "min": "1m", "max": "2h" }]))]
    Truncated(TruncatedText<T>),
}

/// Times without memory.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "ExponentialText", bound = "T: JsonSchema")]
pub struct ExponentialText<T> {
    /// The mean, above 0.
    #[schemars(extend("examples" = ["10m"], "x-rule" = "R10.2"))]
    pub mean: Spanned<T>,
}

/// A sum of exponential times.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "ErlangText", bound = "T: JsonSchema")]
pub struct ErlangText<T> {
    /// How many exponential times are added, from 1 to 100000.
    #[schemars(extend("minimum" = 1, "maximum" = 100_000, "examples" = [3], "x-rule" = "R10.2"))]
    pub k: Spanned<u32>,
    /// The mean of the sum, above 0.
    #[schemars(extend("examples" = ["10m"], "x-rule" = "R10.2"))]
    pub mean: Spanned<T>,
}

/// A gamma distribution.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "GammaText", bound = "T: JsonSchema")]
pub struct GammaText<T> {
    /// From 0.01 to 100000; the squared coefficient of variation is 1/shape.
    #[schemars(extend("minimum" = 0.01, "maximum" = 100_000, "examples" = [2.5], "x-rule" = "R10.2"))]
    pub shape: Spanned<f64>,
    /// The mean, above 0.
    #[schemars(extend("examples" = ["10m"], "x-rule" = "R10.2"))]
    pub mean: Spanned<T>,
}

/// Two exponential phases with balanced means.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "HyperExponentialText", bound = "T: JsonSchema")]
pub struct HyperExponentialText<T> {
    /// The mean, above 0.
    #[schemars(extend("examples" = ["10m"], "x-rule" = "R10.2"))]
    pub mean: Spanned<T>,
    /// The squared coefficient of variation (variance over mean squared), from 1 to 1000000.
    #[schemars(extend("minimum" = 1, "maximum" = 1_000_000, "examples" = [4], "x-rule" = "R10.2"))]
    pub scv: Spanned<f64>,
}

/// A log-normal distribution: `median` and `sigma`, or `mean` and `scv`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "LogNormalText", bound = "T: JsonSchema")]
#[schemars(extend("allOf" = [
    excludes("median", &["mean", "scv"]), excludes("sigma", &["mean", "scv"]),
    { "anyOf": [{ "required": ["median", "sigma"] }, { "required": ["mean", "scv"] }] },
]))]
pub struct LogNormalText<T> {
    /// The value that half of the draws are below, above 0.
    #[schemars(extend("examples" = ["40GiB"], "x-rule" = "R10.2"))]
    pub median: Option<Spanned<T>>,
    /// The standard deviation of the natural logarithm, above 0 and at most 30: about two thirds of the draws are
    /// from median/e^sigma to median x e^sigma.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 30, "examples" = [0.4], "x-rule" = "R10.2"))]
    pub sigma: Option<Spanned<f64>>,
    /// The mean, above 0.
    #[schemars(extend("examples" = ["40GiB"], "x-rule" = "R10.2"))]
    pub mean: Option<Spanned<T>>,
    /// The squared coefficient of variation (variance over mean squared), above 0 and at most 1000000.
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 1_000_000, "examples" = [0.5], "x-rule" = "R10.2"))]
    pub scv: Option<Spanned<f64>>,
}

/// All values within bounds alike.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "UniformText", bound = "T: JsonSchema")]
pub struct UniformText<T> {
    /// The least value.
    #[schemars(extend("examples" = ["5m"], "x-rule" = "R10.2"))]
    pub min: Spanned<T>,
    /// The greatest value, above `min`.
    #[schemars(extend("examples" = ["15m"], "x-rule" = "R10.2"))]
    pub max: Spanned<T>,
}

/// A guess by three values.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "TriangularText", bound = "T: JsonSchema")]
pub struct TriangularText<T> {
    /// The least value.
    #[schemars(extend("examples" = ["5m"], "x-rule" = "R10.2"))]
    pub min: Spanned<T>,
    /// The most likely value; it may be the same as one of the others.
    #[schemars(extend("examples" = ["8m"], "x-rule" = "R10.2"))]
    pub mode: Spanned<T>,
    /// The greatest value, above `min`.
    #[schemars(extend("examples" = ["20m"], "x-rule" = "R10.2"))]
    pub max: Spanned<T>,
}

/// A Weibull distribution.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "WeibullText", bound = "T: JsonSchema")]
pub struct WeibullText<T> {
    /// From 0.01 to 100000; at 1 it is an exponential distribution.
    #[schemars(extend("minimum" = 0.01, "maximum" = 100_000, "examples" = [1.5], "x-rule" = "R10.2"))]
    pub shape: Spanned<f64>,
    /// The mean, above 0.
    #[schemars(extend("examples" = ["10m"], "x-rule" = "R10.2"))]
    pub mean: Spanned<T>,
}

/// A Pareto distribution within bounds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "BoundedParetoText", bound = "T: JsonSchema")]
pub struct BoundedParetoText<T> {
    /// How fast the tail falls, from 0.01 to 100000: the smaller, the heavier.
    #[schemars(extend("minimum" = 0.01, "maximum" = 100_000, "examples" = [1.2], "x-rule" = "R10.2"))]
    pub shape: Spanned<f64>,
    /// The least value, above 0.
    #[schemars(extend("examples" = ["5GiB"], "x-rule" = "R10.2"))]
    pub min: Spanned<T>,
    /// The greatest value, above `min`.
    #[schemars(extend("examples" = ["500GiB"], "x-rule" = "R10.2"))]
    pub max: Spanned<T>,
}

/// Values that were seen: `values` with or without `weights`, or the `column` of a `file`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "EmpiricalText", bound = "T: JsonSchema")]
#[schemars(extend(
    "allOf" = [excludes("file", &["values", "weights"]), one_is_needed(&["values", "file"])],
    "dependencies" = { "file": ["column"], "column": ["file"], "weights": ["values"] },
))]
pub struct EmpiricalText<T> {
    /// The values, in any order.
    #[schemars(extend("minItems" = 1, "examples" = [["20GiB", "40GiB"]], "x-rule" = "R10.2"))]
    pub values: Option<Spanned<Vec<Spanned<T>>>>,
    /// How much each value counts beside the others, 0 or more. Without it: all the same.
    #[schemars(extend("examples" = [[3, 1]], "x-rule" = "R10.2"))]
    pub weights: Option<Spanned<Vec<Spanned<f64>>>>,
    /// A CSV file, by its path from the folder of the scenario, with the names of the columns in its first line.
    #[schemars(extend("examples" = ["sizes.csv"], "x-rule" = "R10.2"))]
    pub file: Option<Spanned<String>>,
    /// The column of the file whose cells are the values, one a row, with their units.
    #[schemars(extend("examples" = ["size"], "x-rule" = "R10.2"))]
    pub column: Option<Spanned<String>>,
}

/// A part of a mixture.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "PartText", bound = "T: JsonSchema")]
pub struct PartText<T> {
    /// How much it counts beside the others, 0 or more.
    #[schemars(extend("minimum" = 0, "examples" = [9], "x-rule" = "R10.2"))]
    pub weight: Spanned<f64>,
    /// What is drawn when this part is chosen.
    #[schemars(extend("examples" = ["3h", { "exponential": { "mean": "10m" } }], "x-rule" = "R10.2"))]
    pub of: Spanned<DrawnText<T>>,
}

/// A distribution within bounds, of which one may be left out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Amount"))]
#[schemars(rename = "TruncatedText", bound = "T: JsonSchema")]
#[schemars(extend("allOf" = [one_is_needed(&["min", "max"])]))]
pub struct TruncatedText<T> {
    /// The distribution.
    #[schemars(extend("examples" = [{ "exponential": { "mean": "10m" } }], "x-rule" = "R10.2"))]
    pub of: Spanned<DrawnText<T>>,
    /// The least value.
    #[schemars(extend("examples" = ["1m"], "x-rule" = "R10.2"))]
    pub min: Option<Spanned<T>>,
    /// The greatest value.
    #[schemars(extend("examples" = ["2h"], "x-rule" = "R10.2"))]
    pub max: Option<Spanned<T>>,
}

struct DrawnVisitor<T>(PhantomData<T>);

impl<T: Amount> DrawnVisitor<T> {
    fn expected(&self) -> String {
        format!("{}, or an object that names a distribution", T::EXPECTED)
    }

    /// The error for a number, which lacks a unit and quotes.
    fn bare_number<E: de::Error>(&self, number: &str) -> E {
        let message = format!("expected {}, found the number `{number}`", self.expected());
        let help = match T::UNIT {
            Some(unit) if !number.starts_with('-') => {
                format!("write `\"{number}{unit}\"`, or with another unit")
            }
            _ => "write a number with its unit, in quotes".to_owned(),
        };
        fault_with_help(message, help)
    }
}

impl<'de, T: Amount> Visitor<'de> for DrawnVisitor<T> {
    type Value = DrawnText<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expected())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<DrawnText<T>, E> {
        Err(self.bare_number(&number.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<DrawnText<T>, E> {
        Err(self.bare_number(&number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<DrawnText<T>, E> {
        Err(self.bare_number(&number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<DrawnText<T>, A::Error> {
        let message = format!("expected {}, found a list", self.expected());
        let help = "to draw one of several values, write `{ \"empirical\": { \"values\": [...] } }`";
        Err(fault_with_help(message, help))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<DrawnText<T>, E> {
        T::deserialize(StrDeserializer::new(text)).map(DrawnText::Plain)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DrawnText<T>, A::Error> {
        if map.size_hint() == Some(0) {
            let message = "expected an object that names a distribution, found an empty object";
            return Err(fault_with_help(message, EXAMPLE));
        }
        let distribution = DistributionText::deserialize(MapAccessDeserializer::new(&mut map))?;
        match map.next_key::<String>()? {
            None => Ok(DrawnText::Random(Box::new(distribution))),
            Some(other) => {
                let message = format!("expected an object with one key, found `{other}` too");
                Err(fault_with_help(
                    message,
                    "keep one; to draw from several distributions, write a `mixture`",
                ))
            }
        }
    }
}

const EXAMPLE: &str = "write `{ \"exponential\": { \"mean\": ... } }`, for instance";

impl<'de, T: Amount> Deserialize<'de> for DrawnText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DrawnVisitor(PhantomData))
    }
}

/// Stands for any quantity in the schema of a distribution, so that each kind is explained once.
pub struct ValueText;

impl JsonSchema for ValueText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        const FORM: &str =
            "write a number with its unit, like the quantity that is drawn: \"10m\", \"40GiB\", \"15MiB/s\"";
        json_schema!({
            "type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?[A-Za-zµμ]+(/s)? ?)+$",
            "patternErrorMessage": FORM, "errorMessage": FORM, "x-kind": "duration, size or rate",
        })
    }
}

impl<T: JsonSchema> JsonSchema for DrawnText<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Drawn{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let plain = generator.subschema_for::<T>();
        let random = generator.subschema_for::<DistributionText<ValueText>>();
        json_schema!({ "anyOf": [plain, random] })
    }
}
