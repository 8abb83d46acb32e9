//! From the tree of a document to typed values.
//!
//! Types derive `serde::Deserialize` and are read straight from the nodes, so
//! that every fault carries the place of the innermost value that caused it.
//! Structs are to deny unknown fields; choices are externally tagged.
//!
//! serde stops at the first fault. So what has one is noted and passed over,
//! and the value around it is read again: in the end every fault has been found
//! ([`Context`], [`Attempt`]).

mod access;
mod context;
mod fault;
mod spanned;
#[cfg(test)]
mod tests;

use serde::de::{self, Deserialize, Visitor};

use super::document::{Decimal, Integer, LARGEST_INTEGER, Node, Span, Value};
use access::{AttemptAccess, ChoiceAccess, Elements, Members, SpannedAccess, WordAccess};

pub use context::Context;
pub use fault::{Fault, expecting_unit, fault_with_help, only_key};
pub use spanned::{Attempt, Entries, Spanned};

/// Decodes a value, passing over every part that can't be, and gives all faults in order of place.
pub fn decode<'de, T: Deserialize<'de>>(node: &'de Node, context: &'de Context) -> (Attempt<T>, Vec<Fault>) {
    let attempt = Attempt::deserialize(Decoder { node, context });
    let mut faults = context.take_faults();
    match attempt {
        Ok(attempt) => (attempt, faults),
        // An attempt fails at nothing that a document holds.
        Err(fault) => {
            faults.push(fault);
            (Attempt { value: None, is_whole: false, unread: Vec::new() }, faults)
        }
    }
}

/// A value as serde reads it.
#[derive(Clone, Copy)]
pub(super) struct Decoder<'de> {
    node: &'de Node,
    context: &'de Context,
}

impl Node {
    /// What a value is, in the words of a message: "the number `600`".
    pub fn describe(&self) -> String {
        fault::description(&self.value)
    }

    /// Where to point at a fault of the value as a whole: an object with a
    /// missing key is shown by its opening brace.
    fn pointer(&self) -> Span {
        match self.value {
            Value::Object(_) | Value::Array(_) => self.span.first_byte(),
            _ => self.span,
        }
    }

    /// The error for a value of another type than the visitor expects.
    fn mismatch<'de, V: Visitor<'de>>(&self, visitor: &V) -> Fault {
        Fault::mismatch(visitor).about(self).with_way_out(&self.value)
    }

    /// A whole number from `least` to `most`.
    fn integer<'de, V: Visitor<'de>>(&self, visitor: &V, least: i64, most: i64) -> Result<i64, Fault> {
        let Value::Number(text) = &self.value else {
            return Err(self.mismatch(visitor));
        };
        let range = format!("write a whole number from {least} to {most}");
        match Decimal::parse(text).map(|decimal| decimal.integer()) {
            Some(Integer::Whole(value)) if (least..=most).contains(&value) => Ok(value),
            Some(Integer::Fraction) => {
                let found = self.describe();
                Err(self.fault(format!("expected a whole number, found {found}"), range))
            }
            _ => Err(self.fault(format!("{} is out of range", self.describe()), range)),
        }
    }

    /// A finite floating-point number.
    fn float<'de, V: Visitor<'de>>(&self, visitor: &V) -> Result<f64, Fault> {
        let Value::Number(text) = &self.value else {
            return Err(self.mismatch(visitor));
        };
        Decimal::parse(text).and_then(|decimal| decimal.float()).ok_or_else(|| {
            let message = format!("{} is out of range", self.describe());
            self.fault(message, "write a number between 1e-300 and 1e300 in magnitude, or 0")
        })
    }

    fn fault(&self, message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault::new(Some(self.span), message).with_help(help)
    }
}

/// The largest and the smallest whole number, as ends of a range.
const MOST: i64 = LARGEST_INTEGER.cast_signed();
const LEAST: i64 = -MOST;

/// Whole numbers of each size: `method: type, visit, least, most`.
macro_rules! integers {
    ($($method:ident: $type:ty, $visit:ident, $least:expr, $most:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let value = self.node.integer(&visitor, $least, $most)?;
            // The range has been checked; a value outside is none of the type.
            match <$type>::try_from(value) {
                Ok(value) => visitor.$visit(value).map_err(|fault: Fault| fault.about(self.node)),
                Err(_) => Err(self.node.mismatch(&visitor)),
            }
        })*
    };
}

impl<'de> de::Deserializer<'de> for Decoder<'de> {
    type Error = Fault;

    integers! {
        deserialize_u8: u8, visit_u8, 0, i64::from(u8::MAX);
        deserialize_u16: u16, visit_u16, 0, i64::from(u16::MAX);
        deserialize_u32: u32, visit_u32, 0, i64::from(u32::MAX);
        deserialize_u64: u64, visit_u64, 0, MOST;
        deserialize_u128: u128, visit_u128, 0, MOST;
        deserialize_i8: i8, visit_i8, i64::from(i8::MIN), i64::from(i8::MAX);
        deserialize_i16: i16, visit_i16, i64::from(i16::MIN), i64::from(i16::MAX);
        deserialize_i32: i32, visit_i32, i64::from(i32::MIN), i64::from(i32::MAX);
        deserialize_i64: i64, visit_i64, LEAST, MOST;
        deserialize_i128: i128, visit_i128, LEAST, MOST;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(elements) => return Elements::visit(self, elements, visitor),
            Value::Object(members) => return Members::visit(self, members, visitor),
            Value::Number(text) => match Decimal::parse(text).map(|decimal| decimal.integer()) {
                Some(Integer::Whole(value)) => match u64::try_from(value) {
                    Ok(value) => visitor.visit_u64(value),
                    Err(_) => visitor.visit_i64(value),
                },
                _ => {
                    let value = self.node.float(&visitor)?;
                    visitor.visit_f64(value)
                }
            },
        }
        .map_err(|fault: Fault| fault.about(self.node))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.value {
            Value::Bool(_) => self.deserialize_any(visitor),
            _ => Err(self.node.mismatch(&visitor)),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = self.node.float(&visitor)?;
        visitor.visit_f64(value).map_err(|fault: Fault| fault.about(self.node))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.value {
            Value::String(_) => self.deserialize_any(visitor),
            _ => Err(self.node.mismatch(&visitor)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    /// A key without a value is left out: `null` says neither yes nor no.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.value {
            Value::Null => Err(self.node.fault("`null` can't be used here", "leave the key out instead")),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.value {
            Value::Null => self.deserialize_any(visitor),
            _ => Err(self.node.mismatch(&visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.value {
            Value::Array(_) => self.deserialize_any(visitor),
            _ => Err(self.node.mismatch(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.value {
            Value::Object(_) => self.deserialize_any(visitor),
            _ => {
                let shape = fault::shape_of_entries(&self.node.value);
                Err(self.node.mismatch(&visitor).with_help(shape))
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match name {
            spanned::SPANNED => visitor.visit_map(SpannedAccess::new(self, self.node.span)),
            spanned::ATTEMPT => visitor.visit_map(AttemptAccess::new(self)),
            // A list would fill the fields by their order, so only an object will do.
            _ => match self.node.value {
                Value::Object(_) => self.deserialize_any(visitor),
                _ => Err(self.node.mismatch(&visitor).with_help(fault::shape_of_keys(fields))),
            },
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::String(word) => visitor.visit_enum(WordAccess::new(self, word)),
            Value::Object(members) => match members.as_slice() {
                [member] => visitor.visit_enum(ChoiceAccess::new(member, self.context)),
                several => Err(fault::not_one_choice(self.node.pointer(), several, variants)),
            },
            _ => Err(fault::no_choice(&visitor, variants).about(self.node)),
        }
        .map_err(|fault: Fault| fault.about(self.node))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }
}
