//! The JSON Schema of a scenario, for editors and validators.
//!
//! It is of draft 7, which most editors know best. Beyond the standard it has `x-rule` (the rule of the model
//! behind a key) and `x-basis` (whether the vendor documents a default or it is assumed); the others,
//! `allowComments` and so on, are for editors.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::super::decode::{Attempt, Entries, Spanned};
use super::super::names::{MAX_NAME, NAME_PATTERN};
use super::super::values::{DayText, ExpectText, RateLimitText};
use super::{REQUIRED, ScenarioText, editor, snippets};
use crate::clock::Clock;
use crate::quantity::{Bytes, Capacity, Fraction, Rate};
use crate::records::Expectation;
use crate::time::{SimDuration, SimTime};

/// What the schema is called beside the scenarios that point to it.
pub const JSON_SCHEMA_FILE: &str = "scenario.schema.json";

/// The schema of a scenario, as it is written to a file.
pub fn json_schema() -> String {
    finished(scenario_schema())
}

/// The schema as the types give it.
pub(super) fn scenario_schema() -> Schema {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<ScenarioText>();
    schema.insert("title".to_owned(), "copysim scenario".into());
    schema.insert("required".to_owned(), json!(REQUIRED));
    schema.insert("allowComments".to_owned(), true.into());
    schema.insert("allowTrailingCommas".to_owned(), true.into());
    schema.insert("defaultSnippets".to_owned(), snippets::scenario());
    schema
}

/// The schema of another document, as it is written to a file.
pub fn schema_of<T: JsonSchema>(title: &str) -> String {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    finished(schema)
}

/// A schema in the form that is written: nothing that isn't given is `null`, and a description stands where a
/// thing is used.
pub(super) fn finished(mut schema: Schema) -> String {
    RecursiveTransform(without_null).transform(&mut schema);
    RecursiveTransform(editor::choices).transform(&mut schema);
    RecursiveTransform(editor::descriptions).transform(&mut schema);
    RecursiveTransform(plain).transform(&mut schema);
    if let Some(Value::Object(definitions)) = schema.get_mut("definitions") {
        definitions.values_mut().filter_map(Value::as_object_mut).for_each(about_a_definition);
        let named = std::mem::take(definitions).into_iter();
        *definitions = named.map(|(name, definition)| (without_suffix(&name), definition)).collect();
    }
    RecursiveTransform(in_order).transform(&mut schema);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// A key without a value is left out, and `null` is no value: what may be missing isn't required, that is all.
fn without_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        let is_null = |choice: &Value| choice.get("type").is_some_and(|name| name == "null");
        let count = choices.len();
        choices.retain(|choice| !is_null(choice));
        if let [Value::Object(only)] = choices.as_slice()
            && count > 1
        {
            let only = only.clone();
            object.remove("anyOf");
            // What is said of the key counts before what is said of its type.
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

/// Formats such as `uint32` and the names of types mean something in Rust only.
fn plain(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    object.remove("format");
    if object.get("default").is_some_and(Value::is_null) {
        object.remove("default");
    }
    if let Some(Value::String(reference)) = object.get_mut("$ref") {
        *reference = without_suffix(reference);
    }
    // Beside a reference older readers see nothing else.
    if object.len() > 1
        && let Some(reference) = object.remove("$ref")
    {
        object.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
}

/// Types of what is written end in `Text`, which is clear without it here.
fn without_suffix(name: &str) -> String {
    name.strip_suffix("Text").unwrap_or(name).to_owned()
}

/// Puts what is read first in front.
fn in_order(schema: &mut Schema) {
    const FIRST: [&str; 4] = ["$schema", "title", "description", "type"];
    const LAST: [&str; 5] = ["default", "examples", "x-basis", "x-rule", "x-kind"];
    let Some(object) = schema.as_object_mut() else { return };
    let place = |key: &str| match (FIRST.iter().position(|first| *first == key), LAST.contains(&key)) {
        (Some(place), _) => place,
        (None, false) => FIRST.len(),
        (None, true) => FIRST.len() + 1,
    };
    let mut entries: Vec<(String, Value)> = std::mem::take(object).into_iter().collect();
    entries.sort_by(|(left, _), (right, _)| {
        (place(left), is_own(left), left).cmp(&(place(right), is_own(right), right))
    });
    object.extend(entries);
}

/// Whether a key of a schema is no part of the standard.
fn is_own(key: &str) -> bool {
    key.starts_with("x-")
}

/// Editors show a description of the type in place of that of the key, which says more; a comment they leave
/// alone.
fn about_a_definition(definition: &mut Map<String, Value>) {
    if let Some(description) = definition.remove("description") {
        definition.insert(ABOUT.to_owned(), description);
    }
}

/// The key of what is said of a definition.
pub(super) const ABOUT: &str = "$comment";

/// The schema of what is written as a string of a certain form.
fn written(what: &str, pattern: &str, form: &str) -> Schema {
    let schema = json!({
        "type": "string", "pattern": pattern, "patternErrorMessage": form, "errorMessage": form, "x-kind": what,
    });
    Schema::try_from(schema).unwrap_or_default()
}

const DURATION: &str = r"^([0-9]+(\.[0-9]+)?(us|µs|μs|ms|s|m|h|d|w) ?)+$";
const DURATION_FORM: &str =
    "write a length with its unit, such as \"90s\" or \"2h30m\" (us, ms, s, m, h, d, w)";
const SIZE: &str = r"^[0-9]+(\.[0-9]+)?(B|[kMGTP]B|[KMGTP]iB)$";
const SIZE_FORM: &str = "write a size with its unit, such as \"40GiB\" or \"40GB\"";
const RATE: &str = r"^[0-9]+(\.[0-9]+)?(B|[kMGTP]B|[KMGTP]iB)/s$";
const RATE_FORM: &str = "write a size per second, such as \"15MiB/s\"";

const CLOCK: &str =
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})$";
const CLOCK_FORM: &str =
    "write a date, a time and the offset from UTC, such as \"2026-11-02T08:00:00+08:00\"";
const DAY: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
const DAY_FORM: &str = "write a day, such as \"2013-07-14\"";
pub(super) const NAME_FORM: &str = "use letters, digits, `-`, `_` and `.`";

/// A name with placeholders.
pub(super) const TEMPLATE_PATTERN: &str = r"^([^{}]|\{(image|to|from|request)\})*$";
pub(super) const TEMPLATE_FORM: &str = "in a name, {image}, {to}, {from} and {request} stand for something";

/// Types of values that are written as strings, in place wherever they are used.
macro_rules! written_schema {
    ($($type:ty: $name:literal, $pattern:expr, $form:expr;)*) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                written($name, $pattern, $form)
            }
        }
    )*};
}

written_schema! {
    SimDuration: "duration", DURATION, DURATION_FORM;
    SimTime: "time", DURATION, DURATION_FORM;
    Bytes: "size", SIZE, SIZE_FORM;
    Rate: "rate", RATE, RATE_FORM;
    Capacity: "capacity", RATE, RATE_FORM;
    Clock: "clock time", CLOCK, CLOCK_FORM;
    DayText: "day", DAY, DAY_FORM;
}

impl JsonSchema for ExpectText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "answer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = Expectation::words().collect();
        schemars::json_schema!({ "type": "string", "enum": words, "x-kind": "answer" })
    }
}

impl JsonSchema for RateLimitText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "rate limit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "integer", "minimum": 0, "maximum": u32::MAX }, { "const": "off" }],
            "x-kind": "number or \"off\"",
        })
    }
}

impl JsonSchema for Fraction {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "fraction".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let schema = json!({ "type": "number", "minimum": 0, "maximum": 1, "x-kind": "fraction" });
        Schema::try_from(schema).unwrap_or_default()
    }
}

/// Types that keep more of a value than its schema says.
macro_rules! same_schema {
    ($($type:ident),*) => {$(
        impl<T: JsonSchema> JsonSchema for $type<T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                T::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::json_schema(generator)
            }
        }
    )*};
}

same_schema!(Spanned, Attempt);

impl<T: JsonSchema> JsonSchema for Entries<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("EntriesOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let entry = generator.subschema_for::<T>();
        schemars::json_schema!({
            "type": "object",
            "propertyNames": {
                "pattern": NAME_PATTERN, "patternErrorMessage": NAME_FORM, "maxLength": MAX_NAME
            },
            "additionalProperties": entry,
        })
    }
}
