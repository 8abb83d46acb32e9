//! stub
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
#[derive(Clone, Debug)]
pub enum DrawnText<T> {
    Fixed(T),
}
impl<'de, T: Deserialize<'de>> Deserialize<'de> for DrawnText<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        T::deserialize(d).map(DrawnText::Fixed)
    }
}
impl<T: JsonSchema> JsonSchema for DrawnText<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(g: &mut SchemaGenerator) -> Schema {
        g.subschema_for::<T>()
    }
}
