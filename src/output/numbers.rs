//! Exact numbers for JSON: seconds and ratios as decimals that were never a float.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::ser::Serializer;
use serde_json::value::RawValue;

use crate::time::{Seconds, SimDuration, SimTime};

/// A whole number of millionths, written as a decimal: microseconds become seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub u64);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(Seconds(self.0).to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl JsonSchema for Decimal {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0 })
    }
}

impl From<SimTime> for Decimal {
    fn from(time: SimTime) -> Self {
        Self(time.micros())
    }
}

impl From<SimDuration> for Decimal {
    fn from(length: SimDuration) -> Self {
        Self(length.micros())
    }
}

/// A JSON object whose keys stand in an order that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InOrder<T>(pub Vec<(&'static str, T)>);

impl<T> InOrder<T> {
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<T: Serialize> Serialize for InOrder<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<T: JsonSchema> JsonSchema for InOrder<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("InOrderOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}

/// `millionths` for people, with `decimals` of them, rounded half up: `4.83`.
pub fn rounded(millionths: u64, decimals: u32) -> String {
    let unit = 10_u64.pow(6 - decimals.min(6));
    let digits = (millionths + unit / 2) / unit;
    let scale = 10_u64.pow(decimals.min(6));
    if decimals == 0 {
        return digits.to_string();
    }
    format!("{}.{:0width$}", digits / scale, digits % scale, width = decimals as usize)
}

/// A share in whole percent for people, rounded half up: `83 %`.
pub fn percent(millionths: u64) -> String {
    format!("{} %", rounded(millionths.saturating_mul(100), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let text = |value| serde_json::to_string(&Decimal(value)).unwrap();
        assert_eq!(text(9_007_199_254_740_991), "9007199254.740991");
        assert_eq!(text(2_100_000_000), "2100");
        assert_eq!(rounded(4_833_333, 1), "4.8");
        assert_eq!(rounded(4_850_000, 1), "4.9");
        assert_eq!(rounded(966_667, 2), "0.97");
        assert_eq!(rounded(1_500_000, 0), "2");
    }
}
