//! The text of a scenario and the tree of values that it holds.
//!
//! A scenario is JSON with comments and trailing commas, and nothing more. The
//! tree keeps the place of every key and value, and numbers as they are
//! written, so that every later message can point at its cause.

mod canonical;
mod encoding;
mod number;
mod overrides;
mod path;
mod scan;
mod syntax;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jsonc_parser::ast;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::diagnostic::{Diagnostic, SourceText, Sources};

pub(super) use encoding::{not_utf8_words, wide_encoding};
pub use number::{Decimal, Integer, LARGEST_INTEGER};

/// Which text a span is of: the file comes first, then what is laid over it or read for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(pub u32);

impl SourceId {
    /// The scenario file.
    pub const FILE: SourceId = SourceId(0);
}

/// A stretch of a text, in bytes from its beginning (a byte-order mark counts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The text that it is of.
    pub source: SourceId,
    /// The first byte.
    pub start: usize,
    /// One past the last byte; equal to `start` for a place between two bytes.
    pub end: usize,
}

impl Span {
    /// The stretch of the scenario file from `start` up to but without `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { source: SourceId::FILE, start, end }
    }

    /// The same stretch of another text.
    #[must_use]
    pub fn of(self, source: SourceId) -> Span {
        Span { source, ..self }
    }

    /// The first byte only, such as the brace that opens an object.
    pub fn first_byte(self) -> Span {
        Span { end: self.end.min(self.start.saturating_add(1)), ..self }
    }

    /// Whether `other` lies within this stretch.
    pub fn contains(self, other: Span) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }
}

/// A value together with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From the first to the last byte of the value, quotes and brackets included.
    pub span: Span,
    /// The value itself.
    pub value: Value,
}

/// What can stand as a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it is written, such as `1e3`.
    Number(String),
    /// A string with its escapes resolved.
    String(String),
    /// The elements of an array.
    Array(Vec<Node>),
    /// The members of an object, in the order of the text; no key occurs twice.
    Object(Vec<Member>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key with its escapes resolved.
    pub key: String,
    /// The place of the key, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.value)
    }

    /// The member with a key, if this is an object that has it.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.key == key)
    }

    /// The members of an object in the order of the text; none for other values.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements of an array; none for other values.
    pub fn elements(&self) -> &[Node] {
        match &self.value {
            Value::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The value at the end of these steps: keys of objects and indices of arrays.
    pub fn at_mut(&mut self, steps: &[&str]) -> Option<&mut Node> {
        steps.iter().try_fold(self, |node, step| match &mut node.value {
            Value::Object(members) => {
                members.iter_mut().find(|member| member.key == *step).map(|member| &mut member.value)
            }
            Value::Array(elements) => elements.get_mut(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Canonical JSON text for hashing: keys sorted, no comments, no blanks,
    /// and one spelling per number (`1e3`, `1000` and `1000.0` are the same).
    pub fn canonical(&self) -> String {
        canonical::canonical(self)
    }
}

/// A scenario text that holds one object, with what was laid over it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The file, then each override.
    pub sources: Sources,
    /// The outermost object.
    pub root: Node,
}

/// A text that is no document, and every fault that was found in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// The texts that the spans of the diagnostics refer to. Where the bytes
    /// are not UTF-8, replacement characters stand for what could not be read.
    pub sources: Sources,
    /// At least one error.
    pub diagnostics: Vec<Diagnostic>,
}

impl Document {
    /// Reads a document from the bytes of a file.
    ///
    /// # Errors
    ///
    /// Bytes that are not UTF-8, an empty text, text that is not JSON with
    /// comments and trailing commas, anything but an object at the top, a key
    /// that occurs twice in one object, control characters in strings or keys,
    /// and values nested too deeply. Repeated keys and control characters are
    /// all reported; of the errors of grammar only the first, as what follows
    /// one cannot be read with certainty.
    pub fn parse(name: &str, bytes: Vec<u8>) -> Result<Document, Rejected> {
        let (text, outcome) = match encoding::text_of(bytes) {
            Ok(text) => {
                let outcome = read(&text);
                (text, outcome)
            }
            Err((text, fault)) => (text, Err(vec![*fault])),
        };
        let sources = Sources::new(SourceText::new(name, text));
        match outcome {
            Ok(root) => Ok(Document { sources, root }),
            Err(diagnostics) => Err(Rejected { sources, diagnostics }),
        }
    }
}

/// The only extensions of JSON that a scenario may use.
const GRAMMAR: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The object that a scenario file holds.
fn read(text: &str) -> Result<Node, Vec<Diagnostic>> {
    let body = text.strip_prefix(encoding::BYTE_ORDER_MARK).unwrap_or(text);
    let root = value(body, text.len() - body.len(), SourceId::FILE)?;
    let root = root.ok_or_else(|| vec![syntax::nothing_in(body)])?;
    match root.value {
        Value::Object(_) => Ok(root),
        _ => Err(vec![syntax::not_an_object(&root)]),
    }
}

/// The value that a text holds, none if it is empty. `offset` is where `body` begins in its source.
fn value(body: &str, offset: usize, source: SourceId) -> Result<Option<Node>, Vec<Diagnostic>> {
    let mut faults = scan::faults(body, offset);
    let of_source = |faults: Vec<Diagnostic>| faults.into_iter().map(|fault| fault.of(source)).collect();
    let parsed = match parse_to_ast(body, &CollectOptions::default(), &GRAMMAR) {
        Ok(parsed) => parsed,
        Err(error) => {
            let fault = syntax::explain(body, offset, &error);
            // A string without an end makes the parser stumble only later on,
            // so the earlier of the two faults is the cause of the other.
            faults.truncate(1);
            return Err(of_source(match faults.first() {
                Some(earlier) if earlier.span < fault.span => faults,
                _ => vec![fault],
            }));
        }
    };
    let Some(value) = parsed.value else { return Ok(None) };
    let mut builder = Builder { body, offset, source, faults };
    let node = builder.node(value);
    if builder.faults.is_empty() { Ok(Some(node)) } else { Err(of_source(builder.faults)) }
}

/// Turns the parser's tree into nodes and collects what the grammar lets pass.
struct Builder<'a> {
    body: &'a str,
    offset: usize,
    source: SourceId,
    faults: Vec<Diagnostic>,
}

impl Builder<'_> {
    /// The parser limits the depth, so the recursion is bounded.
    fn node(&mut self, value: ast::Value<'_>) -> Node {
        match value {
            ast::Value::NullKeyword(word) => self.leaf(word.range, Value::Null),
            ast::Value::BooleanLit(word) => self.leaf(word.range, Value::Bool(word.value)),
            ast::Value::NumberLit(number) => self.leaf(number.range, Value::Number(number.value.to_owned())),
            ast::Value::StringLit(string) => {
                let span = self.span(string.range);
                self.check_string(span);
                self.leaf(string.range, Value::String(string.value.into_owned()))
            }
            ast::Value::Array(array) => {
                let range = array.range;
                let elements = array.elements.into_iter().map(|element| self.node(element));
                let elements = elements.collect();
                self.leaf(range, Value::Array(elements))
            }
            ast::Value::Object(object) => {
                let members = self.members(object.properties);
                self.leaf(object.range, Value::Object(members))
            }
        }
    }

    fn members(&mut self, properties: Vec<ast::ObjectProp<'_>>) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::with_capacity(properties.len());
        let mut first_spans: HashMap<String, Span> = HashMap::with_capacity(properties.len());
        for property in properties {
            let (range, key) = match property.name {
                ast::ObjectPropName::String(name) => (name.range, name.value.into_owned()),
                ast::ObjectPropName::Word(name) => (name.range, name.value.to_owned()),
            };
            let key_span = self.span(range);
            self.check_string(key_span);
            match first_spans.get(&key) {
                Some(&first) => self.faults.push(syntax::repeated_key(&key, key_span, first)),
                None => {
                    first_spans.insert(key.clone(), key_span);
                }
            }
            let value = self.node(property.value);
            members.push(Member { key, key_span, value });
        }
        members
    }

    fn check_string(&mut self, span: Span) {
        let range = span.start.saturating_sub(self.offset)..span.end.saturating_sub(self.offset);
        let raw = self.body.get(range).unwrap_or_default();
        self.faults.extend(scan::control_character(raw, span.start));
    }

    fn leaf(&self, range: jsonc_parser::common::Range, value: Value) -> Node {
        Node { span: self.span(range), value }
    }

    fn span(&self, range: jsonc_parser::common::Range) -> Span {
        Span::new(range.start + self.offset, range.end + self.offset).of(self.source)
    }
}
