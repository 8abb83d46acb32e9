//! What goes wrong while decoding, in the user's terms.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::super::diagnostic::{Diagnostic, quoted};
use super::super::document::{Decimal, Member, Node, Span, Value};
use super::super::names::{is_name, nearest};

/// Parts the message from the help, and what is expected from its unit, in errors that pass through serde,
/// which knows text only. Documents with this character are refused when they are read, so no text of a user
/// can hold it.
const HELP_SEPARATOR: char = '\u{1F}';

/// A value that cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The innermost value or key that caused it.
    pub span: Option<Span>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// What was expected, until the value that was found is known.
    expected: Option<String>,
    /// The unit that a number is likely to lack, where a string with a unit was expected.
    unit: Option<String>,
    /// The key that its object lacks, where it is about that.
    missing: Option<&'static str>,
    /// Whether it is about a key that its object can't have and that is like none of those it can have.
    pub is_strange_key: bool,
    pub(super) standing: Standing,
}

/// What is still to be done about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is to be reported.
    New,
    /// It follows from a fault that has been reported.
    Consequence,
    /// It has been reported, and what it is about is passed over.
    Kept,
}

impl Fault {
    /// A fault without help.
    pub fn new(span: Option<Span>, message: impl Into<String>) -> Fault {
        Fault {
            span,
            message: message.into(),
            help: None,
            expected: None,
            unit: None,
            missing: None,
            is_strange_key: false,
            standing: Standing::New,
        }
    }

    /// The same with a line that says what to write.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }

    /// A value of another type than expected, not yet known which.
    pub(super) fn mismatch(expected: &dyn Expected) -> Fault {
        let text = expected.to_string();
        let (expected, unit) = match text.split_once(HELP_SEPARATOR) {
            Some((expected, unit)) => (expected, Some(unit.to_owned())),
            None => (text.as_str(), None),
        };
        let expected = in_user_terms(expected);
        let mut fault = Fault::new(None, format!("expected {expected}"));
        fault.expected = Some(expected);
        fault.unit = unit;
        fault
    }

    /// Gives a fault that has no place yet the place of a value.
    pub(super) fn about(self, node: &Node) -> Fault {
        let span = match self.expected {
            Some(_) => node.span,
            None => node.pointer(),
        };
        self.found(span, &node.describe())
    }

    /// A fault of an object as a whole follows from its members that were passed over. But a key is only
    /// then not missing if it is one of these, or what was most likely meant to be it.
    pub(super) fn among<'a>(mut self, mut passed_over: impl Iterator<Item = &'a Member>) -> Fault {
        let follows = match self.missing.take() {
            Some(missing) => passed_over.any(|member| nearest(&member.key, [missing]).is_some()),
            None => self.standing == Standing::New && passed_over.next().is_some(),
        };
        if follows {
            self.standing = Standing::Consequence;
        }
        self
    }

    /// Gives a fault that has no place yet the place of a key.
    pub(super) fn about_key(self, member: &Member) -> Fault {
        self.found(member.key_span, &format!("the key {}", quoted(&member.key)))
    }

    /// A key that an object lacks.
    pub fn missing_key(span: Option<Span>, key: &str) -> Fault {
        Fault::new(span, format!("the key `{key}` is missing")).with_help(format!("add `\"{key}\": ...`"))
    }

    /// Adds what to write in place of a value of another type: of some only quotes are wrong, or a unit is
    /// lacking.
    pub(super) fn with_way_out(self, value: &Value) -> Fault {
        let wants = |type_name: &str| {
            let begin = format!("expected {type_name}, found");
            self.message.starts_with(&begin)
        };
        // Signs and exponents have no place before a unit.
        let is_plain = |number: &str| number.bytes().all(|sign| sign.is_ascii_digit() || sign == b'.');
        let help = match value {
            Value::Number(text) if self.unit.is_some() && is_plain(text) => {
                let unit = self.unit.as_deref().unwrap_or_default();
                format!("write {}, or with another unit", quoted(&format!("\"{text}{unit}\"")))
            }
            Value::Number(text) if wants(A_STRING) => {
                format!("write {}", quoted(&format!("\"{text}\"")))
            }
            _ if wants(A_STRING) => "write it in quotes: `\"...\"`".to_owned(),
            Value::String(text)
                if (wants(A_NUMBER) || wants(A_WHOLE_NUMBER)) && Decimal::parse(text).is_some() =>
            {
                format!("write {} without quotes", quoted(text))
            }
            Value::String(text) if wants(A_BOOL) && (text == "true" || text == "false") => {
                format!("write `{text}` without quotes")
            }
            _ if wants(A_NUMBER) || wants(A_WHOLE_NUMBER) => "write a number, such as `5`".to_owned(),
            _ if wants(A_BOOL) => "write one of the two, without quotes".to_owned(),
            _ if wants(A_LIST) => "write `[ ... ]`".to_owned(),
            _ => return self,
        };
        self.with_help(help)
    }

    fn found(mut self, span: Span, found: &str) -> Fault {
        if self.span.is_none() {
            self.span = Some(span);
            if let Some(expected) = self.expected.take() {
                self.message = format!("expected {expected}, found {found}");
            }
        }
        self
    }
}

/// An error with a line that says what to write, for use in implementations
/// of `Deserialize` and `Visitor`, which know no error but serde's.
///
/// Decoding from a document yields a [`Fault`] with `message` and `help` apart.
pub fn fault_with_help<E: de::Error>(message: impl fmt::Display, help: impl fmt::Display) -> E {
    E::custom(format_args!("{message}{HELP_SEPARATOR}{help}"))
}

/// Reads an object with one key that says what it is, and no other: serde alone would pass over the others.
pub fn only_key<'de, T: de::Deserialize<'de>, A: de::MapAccess<'de>>(mut map: A) -> Result<T, A::Error> {
    if map.size_hint() == Some(0) {
        return Err(fault_with_help("this object is empty", "write one key that says what it is"));
    }
    let value = T::deserialize(de::value::MapAccessDeserializer::new(&mut map))?;
    match map.next_key::<String>()? {
        None => Ok(value),
        Some(key) => {
            let message = format_args!("`{key}` stands beside a key that says what this is");
            Err(fault_with_help(message, "write one of them only"))
        }
    }
}

/// What a visitor of a string with a unit expects, and the unit that a bare number is likely to lack; to be
/// called from its `expecting`.
pub fn expecting_unit(f: &mut fmt::Formatter<'_>, expected: &str, unit: &str) -> fmt::Result {
    write!(f, "{expected}{HELP_SEPARATOR}{unit}")
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Diagnostic {
        let diagnostic = Diagnostic::error(fault.span, fault.message);
        match fault.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Fault {
        let text = message.to_string();
        match text.split_once(HELP_SEPARATOR) {
            Some((message, help)) => Fault::new(None, message).with_help(help),
            None => Fault::new(None, text),
        }
    }

    fn invalid_type(_found: Unexpected<'_>, expected: &dyn Expected) -> Fault {
        Fault::mismatch(expected)
    }

    fn invalid_value(_found: Unexpected<'_>, expected: &dyn Expected) -> Fault {
        Fault::mismatch(expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Fault {
        let expected = in_user_terms(&expected.to_string());
        Fault::new(None, format!("expected {expected}, found {length}"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Fault {
        Fault::new(None, format!("unknown choice {}", quoted(variant)))
            .with_help(nearest_or_all(variant, expected))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Fault {
        let mut fault = Fault::new(None, format!("unknown key {}", quoted(field)));
        let is_near = nearest(field, expected.iter().copied()).is_some();
        fault.is_strange_key = !is_near && vendor_name(field, expected).is_none();
        fault.with_help(nearest_or_all(field, expected))
    }

    fn missing_field(field: &'static str) -> Fault {
        let mut fault = Fault::missing_key(None, field);
        fault.missing = Some(field);
        fault
    }

    fn duplicate_field(field: &'static str) -> Fault {
        Fault::new(None, format!("the key `{field}` is given twice")).with_help("keep one of its spellings")
    }
}

/// The error for an object that does not make exactly one choice.
pub(super) fn not_one_choice(span: Span, members: &[Member], variants: &[&str]) -> Fault {
    let message = match members {
        [] => "expected an object with one key, found none".to_owned(),
        [.., last] if members.len() == 2 => {
            let first = members.first().map_or("", |member| member.key.as_str());
            let (first, second) = (quoted(first), quoted(&last.key));
            format!("expected an object with one key, found two: {first} and {second}")
        }
        several => format!("expected an object with one key, found {}", several.len()),
    };
    Fault::new(Some(span), message).with_help(format!("write {}", one_of(variants)))
}

/// The error for a value that can make no choice; unless the type says itself
/// what it expects, its choices are listed.
pub(super) fn no_choice(expected: &dyn Expected, variants: &[&str]) -> Fault {
    let own = expected.to_string();
    if own.starts_with("enum ") {
        Fault::mismatch(&one_of(variants).as_str())
    } else {
        Fault::mismatch(expected)
    }
}

/// The error for a word that needs settings; all of these may be left out, or not.
pub(super) fn settings_missing(word: &str, may_be_empty: bool) -> Fault {
    let message = format!("{} needs settings", quoted(word));
    Fault::new(None, message).with_help(match may_be_empty {
        true => format!("write `{{ \"{word}\": {{}} }}`, with settings, if any, in the inner braces"),
        false => format!("write `{{ \"{word}\": ... }}`"),
    })
}

/// How an object with these keys looks.
pub(super) fn shape_of_keys(keys: &[&str]) -> String {
    match keys {
        [] => "write `{}`".to_owned(),
        [only] => format!("write `{{ \"{only}\": ... }}`"),
        several => {
            let keys = listed(several, ROOM_OF_KEYS, "more");
            format!("write `{{ ... }}` with keys such as {keys}")
        }
    }
}

/// How an object with names for keys looks; names in a list are likely meant to be its keys.
pub(super) fn shape_of_entries(found: &Value) -> String {
    let first = match found {
        Value::Array(elements) => elements.first().and_then(Node::as_str).filter(|name| is_name(name)),
        _ => None,
    };
    match first {
        Some(name) => format!("write `{{ \"{name}\": {{}}, ... }}`"),
        None => "write `{ \"name\": ... }`".to_owned(),
    }
}

/// The error for settings of a choice that has none.
pub(super) fn no_settings(member: &Member) -> Fault {
    let message = format!("{} has no settings", quoted(&member.key));
    let help = format!("write {} alone", quoted(&format!("\"{}\"", member.key)));
    Fault::new(Some(member.key_span), message).with_help(help)
}

/// What a value is, in the words of a message.
pub(super) fn description(value: &Value) -> String {
    match value {
        Value::Null => "`null`".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(text) => format!("the number {}", quoted(text)),
        Value::String(text) if text.is_empty() => "an empty string".to_owned(),
        Value::String(text) => format!("the string {}", quoted(text)),
        Value::Array(elements) if elements.is_empty() => "an empty list".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(members) if members.is_empty() => "an empty object".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

const A_STRING: &str = "a string";
const A_NUMBER: &str = "a number";
const A_WHOLE_NUMBER: &str = "a whole number";
const A_LIST: &str = "a list";
const A_BOOL: &str = "`true` or `false`";

/// What serde's own types expect is told in the words of Rust.
fn in_user_terms(expected: &str) -> String {
    let plain = match expected {
        "a boolean" => A_BOOL,
        "a sequence" => A_LIST,
        "a map" => "an object",
        "unit" => "`null`",
        "f32" | "f64" => A_NUMBER,
        "a character" => "a string of one character",
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => {
            A_WHOLE_NUMBER
        }
        other if other.starts_with("a nonzero ") => "a whole number other than 0",
        other if other.starts_with("struct ") => "an object",
        other if other.starts_with("tuple struct ") => A_LIST,
        other if other.starts_with("tuple variant ") => A_LIST,
        other if other.starts_with("enum ") => "a choice",
        other => {
            match other.strip_prefix("a tuple of size ").or_else(|| other.strip_prefix("an array of length "))
            {
                Some(length) => return format!("a list of {length} values"),
                None => other,
            }
        }
    };
    plain.to_owned()
}

/// The vendor's names of parameters that are far from the keys that say the same.
const VENDOR_NAMES: [(&str, &str); 7] = [
    ("RegionId", "from"),
    ("DestinationRegionId", "to"),
    ("DestinationImageName", "name"),
    ("DestinationDescription", "description"),
    ("KMSKeyId", "kms_key"),
    ("ResourceGroupId", "resource_group"),
    ("ImageId", "image"),
];

/// The key that says what a parameter of the vendor says.
fn vendor_name<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let (_, key) = VENDOR_NAMES.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word))?;
    known.iter().copied().find(|known| *known == key)
}

/// The known word that a wrong one most likely stands for, or all of them.
fn nearest_or_all(word: &str, known: &[&str]) -> String {
    match vendor_name(word, known).or_else(|| nearest(word, known.iter().copied())) {
        Some(known) => format!("did you mean `{known}`?"),
        None if known.is_empty() => "nothing can be written here".to_owned(),
        None => format!("write {}", one_of(known)),
    }
}

/// Letters that known words may take in a line.
const ROOM: usize = 120;
/// As [`ROOM`], of the keys of an object that isn't one.
const ROOM_OF_KEYS: usize = 50;

/// "`a`", "`a` or `b`", "one of `a`, `b` and so on".
fn one_of(known: &[&str]) -> String {
    match known {
        [] => "nothing".to_owned(),
        [only] => format!("`{only}`"),
        [first, second] => format!("`{first}` or `{second}`"),
        several => format!("one of {}", listed(several, ROOM, "others")),
    }
}

/// "`a`, `b`, `c`" as far as there is room, and how many more there are.
fn listed(known: &[&str], room: usize, rest: &str) -> String {
    let mut text = String::new();
    for (place, word) in known.iter().enumerate() {
        if place > 0 && text.len() + word.len() > room {
            return format!("{text} or {} {rest}", known.len() - place);
        }
        text.push_str(if place > 0 { ", `" } else { "`" });
        text.push_str(word);
        text.push('`');
    }
    text
}
