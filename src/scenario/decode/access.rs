//! The parts of arrays, objects and choices, as serde asks for them.

use std::slice;

use serde::de::value::{BorrowedStrDeserializer, SeqDeserializer, UsizeDeserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::super::document::{Member, Node, Span};
use super::fault::{self, Fault};
use super::spanned::SPANNED;

/// The elements of an array.
pub(super) struct Elements<'de> {
    rest: slice::Iter<'de, Node>,
}

impl<'de> Elements<'de> {
    /// Lets a visitor take the elements; it must take all of them.
    pub(super) fn visit<V: Visitor<'de>>(
        node: &'de Node,
        elements: &'de [Node],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let mut access = Elements { rest: elements.iter() };
        let value = visitor.visit_seq(&mut access).map_err(|fault| fault.about(node))?;
        match access.rest.next() {
            None => Ok(value),
            Some(extra) => {
                let taken = elements.len() - access.rest.len() - 1;
                let message = format!("expected an array of {taken} values, found {}", elements.len());
                Err(Fault::new(Some(extra.span), message).with_help("remove what is too much"))
            }
        }
    }
}

impl<'de> de::SeqAccess<'de> for Elements<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        self.rest.next().map(|node| seed.deserialize(node).map_err(|fault| fault.about(node))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The members of an object.
pub(super) struct Members<'de> {
    rest: slice::Iter<'de, Member>,
    value: Option<&'de Node>,
}

impl<'de> Members<'de> {
    pub(super) fn new(members: &'de [Member]) -> Members<'de> {
        Members { rest: members.iter(), value: None }
    }
}

impl<'de> de::MapAccess<'de> for Members<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some(member) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(&member.value);
        seed.deserialize(Key(member)).map(Some).map_err(|fault| fault.about_key(member))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let node = self.value.take().ok_or_else(asked_out_of_turn)?;
        seed.deserialize(node).map_err(|fault| fault.about(node))
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

/// Start, end and value of what [`super::Spanned`] holds, in this order.
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
            1 => self.span.start,
            2 => self.span.end,
            _ => {
                let value = self.value.take().ok_or_else(asked_out_of_turn)?;
                return seed.deserialize(value);
            }
        };
        let number: UsizeDeserializer<Fault> = number.into_deserializer();
        seed.deserialize(number)
    }
}

/// First the value; if that fails, the fault in parts (start, end, message and,
/// if there is one, help), as [`super::Attempt`] asks for them.
pub(super) struct AttemptAccess<'de> {
    node: &'de Node,
    fault: Option<Fault>,
}

impl<'de> AttemptAccess<'de> {
    pub(super) fn new(node: &'de Node) -> AttemptAccess<'de> {
        AttemptAccess { node, fault: None }
    }
}

impl<'de> de::MapAccess<'de> for AttemptAccess<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, _seed: K) -> Result<Option<K::Value>, Fault> {
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        if let Some(fault) = self.fault.take() {
            let span = fault.span.unwrap_or(self.node.span);
            let mut parts = vec![span.start.to_string(), span.end.to_string(), fault.message];
            parts.extend(fault.help);
            return seed.deserialize(SeqDeserializer::new(parts.into_iter()));
        }
        seed.deserialize(self.node).map_err(|fault| {
            let fault = fault.about(self.node);
            self.fault = Some(fault.clone());
            fault
        })
    }
}

/// A choice made by a word alone.
pub(super) struct WordAccess<'de> {
    node: &'de Node,
    word: &'de str,
}

impl<'de> WordAccess<'de> {
    pub(super) fn new(node: &'de Node, word: &'de str) -> WordAccess<'de> {
        WordAccess { node, word }
    }

    fn settings_missing(&self) -> Fault {
        fault::settings_missing(self.word).about(self.node)
    }
}

impl<'de> de::EnumAccess<'de> for WordAccess<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Fault> {
        seed.deserialize(self.node).map(|choice| (choice, self))
    }
}

impl<'de> de::VariantAccess<'de> for WordAccess<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _seed: T) -> Result<T::Value, Fault> {
        Err(self.settings_missing())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, _visitor: V) -> Result<V::Value, Fault> {
        Err(self.settings_missing())
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Fault> {
        Err(self.settings_missing())
    }
}

/// A choice with settings.
pub(super) struct ChoiceAccess<'de> {
    member: &'de Member,
}

impl<'de> ChoiceAccess<'de> {
    pub(super) fn new(member: &'de Member) -> ChoiceAccess<'de> {
        ChoiceAccess { member }
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
        let node = &self.member.value;
        seed.deserialize(node).map_err(|fault| fault.about(node))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_tuple(&self.member.value, length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        de::Deserializer::deserialize_map(&self.member.value, visitor)
    }
}
