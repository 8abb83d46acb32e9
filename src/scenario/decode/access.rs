//! The parts of arrays, objects and choices, as serde asks for them.

use std::{iter, slice};

use serde::de::value::{
    BoolDeserializer, BorrowedStrDeserializer, MapAccessDeserializer, MapDeserializer, SeqDeserializer,
    UsizeDeserializer,
};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::super::document::{Member, Node, Span};
use super::fault::{self, Fault, Standing};
use super::spanned::SPANNED;
use super::{Context, Decoder};

/// The elements of an array.
pub(super) struct Elements<'de> {
    rest: slice::Iter<'de, Node>,
    context: &'de Context,
}

impl<'de> Elements<'de> {
    /// Lets a visitor take the elements; it must take all of them.
    pub(super) fn visit<V: Visitor<'de>>(
        array: Decoder<'de>,
        elements: &'de [Node],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let mut access = Elements { rest: elements.iter(), context: array.context };
        let value = visitor.visit_seq(&mut access).map_err(|fault| fault.about(array.node))?;
        match access.rest.next() {
            None => Ok(value),
            Some(extra) => {
                let taken = elements.len() - access.rest.len() - 1;
                let message = format!("expected a list of {taken} values, found {}", elements.len());
                Err(Fault::new(Some(extra.span), message).with_help("remove what is too much"))
            }
        }
    }
}

impl<'de> de::SeqAccess<'de> for Elements<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let context = self.context;
        let Some(node) = self.rest.find(|node| !context.passes_over(node.span, "[]")) else {
            return Ok(None);
        };
        let element = seed.deserialize(Decoder { node, context });
        element.map(Some).map_err(|fault| context.keep(fault.about(node), node.span))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The members of an object.
pub(super) struct Members<'de> {
    rest: slice::Iter<'de, Member>,
    member: Option<&'de Member>,
    context: &'de Context,
}

impl<'de> Members<'de> {
    /// Lets a visitor take the members.
    pub(super) fn visit<V: Visitor<'de>>(
        object: Decoder<'de>,
        members: &'de [Member],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let context = object.context;
        let access = Members { rest: members.iter(), member: None, context };
        visitor.visit_map(access).map_err(|fault| {
            let passed_over = members.iter().filter(|member| context.has_passed_over(member.key_span));
            fault.among(passed_over).about(object.node)
        })
    }
}

impl<'de> de::MapAccess<'de> for Members<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let context = self.context;
        self.member = self.rest.find(|member| !context.passes_over(member.key_span, &member.key));
        let Some(member) = self.member else { return Ok(None) };
        let key = seed.deserialize(Key(member));
        key.map(Some).map_err(|fault| context.keep(fault.about_key(member), member.key_span))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let member = self.member.take().ok_or_else(asked_out_of_turn)?;
        let (node, context) = (&member.value, self.context);
        let value = seed.deserialize(Decoder { node, context });
        value.map_err(|fault| context.keep(fault.about(node), member.key_span))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A visitor that asks for a value without asking for its key first.
fn asked_out_of_turn() -> Fault {
    Fault::new(None, "a value without a key")
}

/// The key of a member.
struct Key<'de>(&'de Member);

impl<'de> de::Deserializer<'de> for Key<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(&self.0.key).map_err(|fault: Fault| fault.about_key(self.0))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match name {
            SPANNED => {
                let span = self.0.key_span;
                visitor.visit_map(SpannedAccess::new(self, span))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor
            .visit_enum(BorrowedStrDeserializer::new(&self.0.key))
            .map_err(|fault: Fault| fault.about_key(self.0))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// Source, start, end and value of what [`super::Spanned`] holds, in this order.
pub(super) struct SpannedAccess<D> {
    span: Span,
    value: Option<D>,
    step: usize,
}

impl<D> SpannedAccess<D> {
    pub(super) fn new(value: D, span: Span) -> SpannedAccess<D> {
        SpannedAccess { span, value: Some(value), step: 0 }
    }
}

impl<'de, D: de::Deserializer<'de, Error = Fault>> de::MapAccess<'de> for SpannedAccess<D> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.step += 1;
        let step: UsizeDeserializer<Fault> = self.step.into_deserializer();
        seed.deserialize(step).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let number = match self.step {
            1 => self.span.source.0 as usize,
            2 => self.span.start,
            3 => self.span.end,
            _ => {
                let value = self.value.take().ok_or_else(asked_out_of_turn)?;
                return seed.deserialize(value);
            }
        };
        let number: UsizeDeserializer<Fault> = number.into_deserializer();
        seed.deserialize(number)
    }
}

/// The value, as often as [`super::Attempt`] asks for it; after each time, as a key, whether it is worth
/// another try, and after the last one what wasn't read.
pub(super) struct AttemptAccess<'de> {
    decoder: Decoder<'de>,
    tries: u32,
    answer: Option<bool>,
    /// What was passed over in a value that was read.
    unread: Option<Vec<String>>,
}

impl<'de> AttemptAccess<'de> {
    /// Faults of one value after which no more are looked for.
    const MOST_TRIES: u32 = 100;

    pub(super) fn new(decoder: Decoder<'de>) -> AttemptAccess<'de> {
        AttemptAccess { decoder, tries: 0, answer: None, unread: None }
    }
}

impl<'de> de::MapAccess<'de> for AttemptAccess<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let answer: Option<BoolDeserializer<Fault>> = self.answer.take().map(bool::into_deserializer);
        answer.map(|answer| seed.deserialize(answer)).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        if let Some(unread) = self.unread.take() {
            return seed.deserialize(SeqDeserializer::new(unread.into_iter()));
        }
        let Decoder { node, context } = self.decoder;
        let before = context.count_unread();
        self.tries += 1;
        let value = seed.deserialize(self.decoder).map_err(|fault| fault.about(node));
        match &value {
            Ok(_) => self.unread = Some(context.unread_since(before)),
            Err(fault) => {
                context.note(fault);
                self.answer = Some(fault.standing == Standing::Kept && self.tries < Self::MOST_TRIES);
            }
        }
        value
    }
}

/// A choice made by a word alone.
pub(super) struct WordAccess<'de> {
    decoder: Decoder<'de>,
    word: &'de str,
}

impl<'de> WordAccess<'de> {
    pub(super) fn new(decoder: Decoder<'de>, word: &'de str) -> WordAccess<'de> {
        WordAccess { decoder, word }
    }

    fn settings_missing(&self, may_be_empty: bool) -> Fault {
        fault::settings_missing(self.word, may_be_empty).about(self.decoder.node)
    }
}

/// An object without members.
type Nothing = MapDeserializer<'static, iter::Empty<(&'static str, &'static str)>, Fault>;

fn nothing() -> Nothing {
    MapDeserializer::new(iter::empty())
}

impl<'de> de::EnumAccess<'de> for WordAccess<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Fault> {
        seed.deserialize(self.decoder).map(|choice| (choice, self))
    }
}

impl<'de> de::VariantAccess<'de> for WordAccess<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        let read = seed.deserialize(MapAccessDeserializer::new(nothing()));
        Err(self.settings_missing(read.is_ok()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, _visitor: V) -> Result<V::Value, Fault> {
        Err(self.settings_missing(false))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        Err(self.settings_missing(visitor.visit_map(nothing()).is_ok()))
    }
}

/// A choice with settings.
pub(super) struct ChoiceAccess<'de> {
    member: &'de Member,
    context: &'de Context,
}

impl<'de> ChoiceAccess<'de> {
    pub(super) fn new(member: &'de Member, context: &'de Context) -> ChoiceAccess<'de> {
        ChoiceAccess { member, context }
    }

    fn settings(&self) -> Decoder<'de> {
        Decoder { node: &self.member.value, context: self.context }
    }
}

impl<'de> de::EnumAccess<'de> for ChoiceAccess<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Fault> {
        seed.deserialize(Key(self.member)).map(|choice| (choice, self))
    }
}

impl<'de> de::VariantAccess<'de> for ChoiceAccess<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Err(fault::no_settings(self.member))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self.settings()).map_err(|fault| fault.about(&self.member.value))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_tuple(self.settings(), length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_struct(self.settings(), "", fields, visitor)
    }
}
