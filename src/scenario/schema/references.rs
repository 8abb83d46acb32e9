//! How a scenario names images, regions and copies.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::super::decode::{Spanned, only_key};
use super::super::document::Span;

/// One thing, or a list of them.
#[derive(Clone, Debug)]
pub enum OneOrMany<T> {
    One(T),
    Many(Vec<Spanned<T>>),
}

impl<T> Spanned<OneOrMany<T>> {
    /// The elements with their places.
    pub fn each(&self) -> impl Iterator<Item = (&T, Span)> {
        let (one, many) = match &self.value {
            OneOrMany::One(one) => (Some((one, self.span)), [].as_slice()),
            OneOrMany::Many(many) => (None, many.as_slice()),
        };
        one.into_iter().chain(many.iter().map(|element| (&element.value, element.span)))
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name or a list of names")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(StrDeserializer::new(text)).map(OneOrMany::One)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(OneOrMany::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMany::Many)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

/// A region by its id, or a text that the service doesn't know (R7.9).
#[derive(Clone, Debug)]
pub enum RegionRef {
    Id(String),
    Literal(String),
}

/// An image by its name in the scenario, the product of a copy, or an unknown id (R7.9).
#[derive(Clone, Debug)]
pub enum ImageRef {
    Name(String),
    ProductOf(String),
    Literal(String),
}

/// A key, resource group or algorithm by its name, or a text that the service doesn't know (R7.9).
#[derive(Clone, Debug)]
pub enum NameRef {
    Name(String),
    Literal(String),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum TaggedText {
    /// A text that is sent to the service as it stands, known to it or not.
    Literal(String),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum TaggedImage {
    /// An id that is sent to the service as it stands.
    Literal(String),
    /// The new image of another copy, such as `release@us-east-1`.
    ProductOf(String),
}

/// A reference that is a string, or an object with one key that says what it is.
macro_rules! deserialize_reference {
    ($type:ty, $tagged:ty, $expected:literal, $from_text:expr, $from_tagged:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ReferenceVisitor;

                impl<'de> Visitor<'de> for ReferenceVisitor {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$type, E> {
                        Ok($from_text(text.to_owned()))
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$type, A::Error> {
                        only_key::<$tagged, A>(map).map($from_tagged)
                    }
                }

                deserializer.deserialize_any(ReferenceVisitor)
            }
        }
    };
}

deserialize_reference!(
    RegionRef,
    TaggedText,
    "a region id, or {\"literal\": \"...\"}",
    RegionRef::Id,
    |TaggedText::Literal(text)| RegionRef::Literal(text)
);

deserialize_reference!(
    NameRef,
    TaggedText,
    "a name, or {\"literal\": \"...\"}",
    NameRef::Name,
    |TaggedText::Literal(text)| NameRef::Literal(text)
);

deserialize_reference!(
    ImageRef,
    TaggedImage,
    "an image name, {\"product_of\": \"request@region\"} or {\"literal\": \"...\"}",
    ImageRef::Name,
    |tagged| match tagged {
        TaggedImage::Literal(text) => ImageRef::Literal(text),
        TaggedImage::ProductOf(text) => ImageRef::ProductOf(text),
    }
);

/// The schema of a reference: a name, or an object that says what it is. It has no description, since editors
/// would show that in place of what is said of the key.
macro_rules! reference_schema {
    ($type:ty, $tagged:ty, $name:literal, $example:literal, $form:literal) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let tagged = generator.subschema_for::<$tagged>();
                let name = json_schema!({ "type": "string", "examples": [$example], "errorMessage": $form });
                json_schema!({ "anyOf": [name, tagged] })
            }
        }
    };
}

reference_schema!(
    RegionRef,
    TaggedText,
    "RegionReference",
    "cn-hangzhou",
    "write the id of a region, or { \"literal\": \"...\" }"
);
reference_schema!(
    NameRef,
    TaggedText,
    "NameReference",
    "production",
    "write a name, or { \"literal\": \"...\" }"
);
reference_schema!(
    ImageRef,
    TaggedImage,
    "ImageReference",
    "web",
    "write the name of an image, { \"product_of\": \"release@us-east-1\" } or { \"literal\": \"...\" }"
);

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
}
