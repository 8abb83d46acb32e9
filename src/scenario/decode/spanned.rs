//! Field types that keep what plain values lose: places, order and faults.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::super::document::{SourceId, Span};

/// Struct names by which the types here ask a node for more than its value;
/// no type in Rust can have them.
pub(super) const SPANNED: &str = "$Spanned";
pub(super) const ATTEMPT: &str = "$Attempt";

/// A value and its place; for a key, the place of the key.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub span: Span,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = &["source", "start", "end", "value"];
        deserializer.deserialize_struct(SPANNED, fields, SpannedVisitor(PhantomData))
    }
}

struct SpannedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SpannedVisitor<T> {
    type Value = Spanned<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a document")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Spanned<T>, A::Error> {
        let source = SourceId(part(&mut map)?);
        let (start, end, value) = (part(&mut map)?, part(&mut map)?, part(&mut map)?);
        Ok(Spanned { value, span: Span { source, start, end } })
    }
}

fn part<'de, T: Deserialize<'de>, A: MapAccess<'de>>(map: &mut A) -> Result<T, A::Error> {
    match map.next_entry::<IgnoredAny, T>()? {
        Some((_, value)) => Ok(value),
        None => Err(A::Error::custom("a value without a place")),
    }
}

/// The entries of an object in the order of the text, each key with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries<T>(pub Vec<(Spanned<String>, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Entries<T> {
        Entries(Vec::new())
    }
}

impl<T> Entries<T> {
    /// The entries in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, (Spanned<String>, T)> {
        self.0.iter()
    }

    /// The value of a key. The search looks at every entry.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.iter().find(|(name, _)| name.value == key).map(|(_, value)| value)
    }
}

impl<T> IntoIterator for Entries<T> {
    type Item = (Spanned<String>, T);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Entries<T> {
    type Item = &'a (Spanned<String>, T);
    type IntoIter = std::slice::Iter<'a, (Spanned<String>, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

/// A value as far as it could be read. As the type of elements and fields it
/// lets the rest be decoded too, so that all faults are reported in one go:
/// `Vec<Attempt<T>>`, `Entries<Attempt<T>>`.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt<T> {
    /// The value, without the parts that have a fault; none if it can't be without them.
    pub value: Option<T>,
    /// Whether it has no fault.
    pub is_whole: bool,
    /// Keys at any depth that have one, and `[]` for elements: these are not known to be missing.
    pub unread: Vec<String>,
}

/// What isn't written has no fault.
impl<T> Default for Attempt<T> {
    fn default() -> Attempt<T> {
        Attempt { value: None, is_whole: true, unread: Vec::new() }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Attempt<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct(ATTEMPT, &[], AttemptVisitor(PhantomData))
    }
}

struct AttemptVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AttemptVisitor<T> {
    type Value = Attempt<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a document")
    }

    /// The node's side keeps the faults and says whether the value is worth another try without them.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attempt<T>, A::Error> {
        loop {
            if let Ok(value) = map.next_value::<T>() {
                let unread: Vec<String> = map.next_value()?;
                return Ok(Attempt { value: Some(value), is_whole: unread.is_empty(), unread });
            }
            if !map.next_key::<bool>()?.unwrap_or(false) {
                return Ok(Attempt { value: None, is_whole: false, unread: Vec::new() });
            }
        }
    }
}
