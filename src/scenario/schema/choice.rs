//! Which of several things each arrival takes.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::super::decode::{Entries, Spanned, only_key};
use super::references::{ImageRef, OneOrMany, RegionRef};

/// One or several things, and how an arrival takes them.
#[derive(Clone, Debug)]
pub enum ChoiceText<T> {
    /// Images: one after the other. Destinations: all of them.
    Plain(OneOrMany<T>),
    /// One of them, one after the other.
    InTurn(Vec<Spanned<T>>),
    /// One of them, drawn.
    OneOf(OneOfText<T>),
}

/// Things to draw from.
#[derive(Clone, Debug)]
pub enum OneOfText<T> {
    /// Each as likely as every other.
    Equal(Vec<Spanned<T>>),
    /// Names with their weights.
    Weighted(Entries<Spanned<f64>>),
}

impl<T> ChoiceText<T> {
    /// The things that are written, but for those that have weights, which go by their names.
    pub fn things(&self) -> Vec<&T> {
        match self {
            Self::Plain(OneOrMany::One(one)) => vec![one],
            Self::Plain(OneOrMany::Many(many)) | Self::InTurn(many) | Self::OneOf(OneOfText::Equal(many)) => {
                many.iter().map(|thing| &thing.value).collect()
            }
            Self::OneOf(OneOfText::Weighted(_)) => Vec::new(),
        }
    }
}

/// What can be chosen: it is written as a text, or as an object with one key.
pub trait Choosable: Sized {
    /// The object, or that of a choice.
    type Tagged: for<'de> Deserialize<'de>;

    fn of_name(name: String) -> Self;

    fn of_tagged(tagged: Self::Tagged) -> ChoiceText<Self>;
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum TaggedImageChoice {
    /// One after the other.
    InTurn(Vec<Spanned<ImageRef>>),
    /// One of them, drawn: a list, or names with weights.
    OneOf(OneOfText<ImageRef>),
    /// An id that is sent to the service as it stands.
    Literal(String),
    /// The new image of another copy, such as `release@us-east-1`.
    ProductOf(String),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum TaggedRegionChoice {
    /// One after the other.
    InTurn(Vec<Spanned<RegionRef>>),
    /// One of them, drawn: a list, or ids with weights.
    OneOf(OneOfText<RegionRef>),
    /// A text that is sent to the service as it stands, known to it or not.
    Literal(String),
}

impl Choosable for ImageRef {
    type Tagged = TaggedImageChoice;

    fn of_name(name: String) -> Self {
        Self::Name(name)
    }

    fn of_tagged(tagged: TaggedImageChoice) -> ChoiceText<Self> {
        match tagged {
            TaggedImageChoice::InTurn(images) => ChoiceText::InTurn(images),
            TaggedImageChoice::OneOf(images) => ChoiceText::OneOf(images),
            TaggedImageChoice::Literal(text) => ChoiceText::Plain(OneOrMany::One(Self::Literal(text))),
            TaggedImageChoice::ProductOf(text) => ChoiceText::Plain(OneOrMany::One(Self::ProductOf(text))),
        }
    }
}

impl Choosable for RegionRef {
    type Tagged = TaggedRegionChoice;

    fn of_name(name: String) -> Self {
        Self::Id(name)
    }

    fn of_tagged(tagged: TaggedRegionChoice) -> ChoiceText<Self> {
        match tagged {
            TaggedRegionChoice::InTurn(regions) => ChoiceText::InTurn(regions),
            TaggedRegionChoice::OneOf(regions) => ChoiceText::OneOf(regions),
            TaggedRegionChoice::Literal(text) => ChoiceText::Plain(OneOrMany::One(Self::Literal(text))),
        }
    }
}

/// A priority, or several of which each arrival takes one.
#[derive(Clone, Debug)]
pub enum PriorityText {
    Fixed(i32),
    InTurn(Vec<Spanned<i32>>),
    OneOf(OneOfText<i32>),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum TaggedPriority {
    /// One after the other.
    InTurn(Vec<Spanned<i32>>),
    /// One of them, drawn: a list, or numbers with weights.
    OneOf(OneOfText<i32>),
}

struct PriorityVisitor;

impl<'de> Visitor<'de> for PriorityVisitor {
    type Value = PriorityText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, {\"in_turn\": [...]} or {\"one_of\": [...]}")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<PriorityText, E> {
        i32::deserialize(number.into_deserializer()).map(PriorityText::Fixed)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<PriorityText, E> {
        i32::deserialize(number.into_deserializer()).map(PriorityText::Fixed)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PriorityText, A::Error> {
        only_key::<TaggedPriority, A>(map).map(|tagged| match tagged {
            TaggedPriority::InTurn(numbers) => PriorityText::InTurn(numbers),
            TaggedPriority::OneOf(numbers) => PriorityText::OneOf(numbers),
        })
    }
}

impl<'de> Deserialize<'de> for PriorityText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PriorityVisitor)
    }
}

impl JsonSchema for PriorityText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Priority".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<i32>();
        let tagged = generator.subschema_for::<TaggedPriority>();
        json_schema!({ "anyOf": [one, tagged] })
    }
}

struct ChoiceVisitor<T>(PhantomData<T>);

impl<'de, T: Choosable + Deserialize<'de>> Visitor<'de> for ChoiceVisitor<T> {
    type Value = ChoiceText<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, a list of names, {\"in_turn\": [...]} or {\"one_of\": [...]}")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(StrDeserializer::new(text)).map(|one| ChoiceText::Plain(OneOrMany::One(one)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        only_key::<T::Tagged, A>(map).map(T::of_tagged)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        let many = Vec::deserialize(SeqAccessDeserializer::new(list))?;
        Ok(ChoiceText::Plain(OneOrMany::Many(many)))
    }
}

impl<'de, T: Choosable + Deserialize<'de>> Deserialize<'de> for ChoiceText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChoiceVisitor(PhantomData))
    }
}

struct OneOfVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOfVisitor<T> {
    type Value = OneOfText<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a list, or an object of names with weights such as {\"us-east-1\": 3, \"eu-central-1\": 1}",
        )
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOfText::Equal)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Entries::deserialize(MapAccessDeserializer::new(map)).map(OneOfText::Weighted)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOfText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOfVisitor(PhantomData))
    }
}

impl<T: Choosable + JsonSchema> JsonSchema for ChoiceText<T>
where
    T::Tagged: JsonSchema,
{
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Choice{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        let tagged = generator.subschema_for::<T::Tagged>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }, tagged] })
    }
}

impl<T: JsonSchema> JsonSchema for OneOfText<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        let weights = json_schema!({ "type": "object", "additionalProperties": { "type": "number", "minimum": 0 }, "minProperties": 1 });
        json_schema!({ "anyOf": [{ "type": "array", "items": one, "minItems": 1 }, weights] })
    }
}
