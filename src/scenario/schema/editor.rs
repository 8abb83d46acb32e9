//! What makes a schema good to type by: choices that editors complete and explain, and descriptions that tell
//! the default and the rule too.

use schemars::Schema;
use serde_json::{Map, Value, json};

/// Choices in the form in which editors say most about them: words with their meanings, and objects of which
/// each key is a kind.
pub(super) fn choices(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let Some(Value::Array(choices)) = object.remove("oneOf") else { return };
    let (words, kinds): (Vec<&Value>, Vec<&Value>) =
        choices.iter().partition(|choice| choice.get("const").is_some());
    match (words.as_slice(), kinds.as_slice()) {
        ([], kinds) => object.extend(kinds_of(kinds)),
        (words, []) => object.extend(words_of(words)),
        (words, kinds) => {
            let (mut words, kinds) = (words_of(words), kinds_of(kinds));
            words.insert("errorMessage".to_owned(), ways_out(&words, &kinds).into());
            object.insert("anyOf".to_owned(), json!([words, kinds]));
        }
    }
}

/// A string that is one of some words.
fn words_of(choices: &[&Value]) -> Map<String, Value> {
    let part = |key: &str| choices.iter().filter_map(|choice| choice.get(key)).cloned().collect::<Vec<_>>();
    let meanings = part("description");
    object_of(json!({ "type": "string", "enum": part("const"), "markdownEnumDescriptions": meanings }))
}

/// An object with one key, which says what kind it is. What is said of a kind is said of its key.
fn kinds_of(choices: &[&Value]) -> Map<String, Value> {
    let mut properties = Map::new();
    for choice in choices {
        for (key, value) in choice.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let mut value = value.clone();
            if let (Some(value), Some(description)) = (value.as_object_mut(), choice.get("description")) {
                value.entry("description").or_insert_with(|| description.clone());
                if let Some(examples) = choice.get("examples") {
                    value.insert("examples".to_owned(), examples.clone());
                }
                // Without a type, editors don't open an object for it.
                if value.contains_key("$ref") {
                    value.insert("type".to_owned(), "object".into());
                }
            }
            properties.insert(key.clone(), value);
        }
    }
    object_of(json!({
        "type": "object", "properties": properties, "additionalProperties": false,
        "minProperties": 1, "maxProperties": 1,
    }))
}

/// Whether an object is one whose only key says what kind it is.
pub(super) fn is_of_kinds(schema: &Map<String, Value>) -> bool {
    schema.get("maxProperties").is_some_and(|most| *most == 1)
}

/// `write "queued" or { "running": ... }`.
fn ways_out(words: &Map<String, Value>, kinds: &Map<String, Value>) -> String {
    let words = words.get("enum").and_then(Value::as_array).into_iter().flatten().map(Value::to_string);
    let kinds = kinds.get("properties").and_then(Value::as_object).into_iter().flatten();
    let kinds = kinds.map(|(key, _)| format!("{{ \"{key}\": ... }}"));
    format!("write {}", words.chain(kinds).collect::<Vec<_>>().join(" or "))
}

fn object_of(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Descriptions in one line; of keys also in the form that editors show, with the default and the rule.
pub(super) fn descriptions(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    let properties = object.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(|properties| properties.values_mut()) {
        let Some(property) = property.as_object_mut() else { continue };
        if let Some(Value::String(text)) = property.get_mut("description") {
            *text = text.replace('\n', " ");
        }
        let text = |key: &str| property.get(key).and_then(Value::as_str);
        let about = text("description").unwrap_or_default();
        let assumed = if text("x-basis") == Some("assumed") { " (assumed)" } else { "" };
        let default = property.get("default").filter(|default| !default.is_null());
        let default = default.map(|default| format!("Default: `{default}`{assumed}."));
        let rule = text("x-rule").map(|rule| format!("Rule {rule}."));
        let facts: Vec<String> = default.into_iter().chain(rule).collect();
        if !facts.is_empty() {
            let shown = format!("{about}\n\n{}", facts.join(" "));
            property.insert("markdownDescription".to_owned(), shown.into());
        }
    }
}
