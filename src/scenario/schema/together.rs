//! Which keys of an object go together, as far as a schema can say it: an editor then marks what the reader
//! would refuse.

use serde_json::{Value, json};

/// `key` excludes each of `others`.
pub(super) fn excludes(key: &str, others: &[&str]) -> Value {
    let each = others.iter().map(|other| json!({ "required": [other] }));
    let named = others.iter().map(|other| format!("`{other}`")).collect::<Vec<_>>().join(" or ");
    json!({
        "not": { "required": [key], "anyOf": each.collect::<Vec<_>>() },
        "errorMessage": format!("`{key}` doesn't go with {named}: leave one of the two out"),
    })
}

/// One of the keys must be there.
pub(super) fn one_is_needed(keys: &[&str]) -> Value {
    let each = keys.iter().map(|key| json!({ "required": [key] }));
    json!({ "anyOf": each.collect::<Vec<_>>() })
}
