//! What decoding can't tell of keys, since it knows one object at a time: where a key belongs that stands in
//! the wrong object, and all the keys that an object lacks.
//!
//! The text is gone through once more for that, with the schema beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value as Json;

use super::decode::Fault;
use super::document::{Node, Span, Value};
use super::names::nearest;
use super::schema::json_schema;

/// The schema, which takes longer to make than a scenario to read: made once, and only if there is a fault.
static SCHEMA: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_str(&json_schema()).expect("the schema is written as JSON"));

/// Adds to faults of keys what the schema tells of them, and the other keys that are missing: decoding an
/// object ends at the first.
pub fn complete(faults: &mut Vec<Fault>, root: &Node) {
    if faults.is_empty() {
        return;
    }
    let schema: &Json = &SCHEMA;
    let mut review = Review { schema, homes: BTreeMap::new(), missing: Vec::new() };
    review.visit(root, &Scope { shape: schema, above: None });
    let Review { homes, missing, .. } = review;
    for fault in faults.iter_mut().filter(|fault| fault.is_strange_key) {
        let home = fault.span.and_then(|place| homes.get(&place).cloned());
        fault.help = home.or_else(|| fault.help.take());
    }
    let told = faults.iter().map(|fault| (fault.span, fault.message.clone())).collect::<BTreeSet<_>>();
    faults.extend(missing.into_iter().filter(|fault| !told.contains(&(fault.span, fault.message.clone()))));
}

/// The schema of a value, and of the object that has it.
struct Scope<'a> {
    shape: &'a Json,
    /// The key of the value there, and the schema of that object.
    above: Option<(&'a str, &'a Json)>,
}

struct Review<'a> {
    schema: &'a Json,
    /// By the place of a key that its object can't have: where it belongs.
    homes: BTreeMap<Span, String>,
    /// Every key that an object lacks.
    missing: Vec<Fault>,
}

impl<'a> Review<'a> {
    fn visit(&mut self, node: &'a Node, scope: &Scope<'a>) {
        match &node.value {
            Value::Array(elements) => {
                if let Some(shape) = self.find(scope.shape, &|shape| shape.get("items")) {
                    let scope = Scope { shape, above: None };
                    elements.iter().for_each(|element| self.visit(element, &scope));
                }
            }
            // Of several choices it isn't known which is meant.
            Value::Object(members) if members.len() != 1 && self.is_choice(scope.shape) => {}
            Value::Object(members) => {
                // What the file as a whole can't be without is told elsewhere.
                if !std::ptr::eq(scope.shape, self.schema) {
                    self.tell_missing(node, scope.shape);
                }
                for member in members {
                    if let Some(shape) = self.property(scope.shape, &member.key) {
                        let above = Some((member.key.as_str(), scope.shape));
                        self.visit(&member.value, &Scope { shape, above });
                    } else if let Some(help) = self.home(&member.key, scope) {
                        self.homes.insert(member.key_span, help);
                    }
                }
            }
            _ => {}
        }
    }

    /// Where a key belongs that its object can't have: one level down or up.
    fn home(&self, key: &str, scope: &Scope<'a>) -> Option<String> {
        let parts = self.find(scope.shape, &|shape| shape.get("properties")?.as_object());
        let mut parts = parts.into_iter().flatten();
        if let Some((part, _)) = parts.find(|(_, shape)| self.own(shape, key).is_some()) {
            return Some(format!("did you mean `{part}.{key}`?"));
        }
        let (own, above) = scope.above.filter(|(_, above)| !self.is_choice(above))?;
        self.own(above, key)?;
        Some(format!("write `{key}` beside `{own}`, not in it"))
    }

    /// All keys that an object lacks, unless an unknown one was most likely meant to be it.
    fn tell_missing(&mut self, node: &Node, shape: &'a Json) {
        // What one of several keys is needed for stands in parts without a type.
        let required = self.find(shape, &|shape| shape.get("type").and(shape.get("required"))?.as_array());
        let required = required.into_iter().flatten().filter_map(Json::as_str);
        for key in required.filter(|key| node.get(key).is_none()) {
            let unknown = node.members().iter().filter(|member| self.property(shape, &member.key).is_none());
            if unknown.into_iter().all(|member| nearest(&member.key, [key]).is_none()) {
                self.missing.push(Fault::missing_key(Some(node.span.first_byte()), key));
            }
        }
    }

    /// The schema of a key's value.
    fn property(&self, shape: &'a Json, key: &str) -> Option<&'a Json> {
        let entry =
            || self.find(shape, &|shape| shape.get("additionalProperties").filter(|any| any.is_object()));
        self.own(shape, key).or_else(entry)
    }

    /// Whether only one of the keys can be written.
    fn is_choice(&self, shape: &'a Json) -> bool {
        self.find(shape, &|shape| shape.get("maxProperties")?.as_u64()) == Some(1)
    }

    /// The same where the object has that key by itself: it is no name.
    fn own(&self, shape: &'a Json, key: &str) -> Option<&'a Json> {
        self.find(shape, &|shape| shape.get("properties")?.get(key))
    }

    /// What is looked for in a schema, or behind its references.
    fn find<T>(&self, shape: &'a Json, look: &impl Fn(&'a Json) -> Option<T>) -> Option<T> {
        if let Some(found) = look(shape) {
            return Some(found);
        }
        let reference = shape.get("$ref").and_then(Json::as_str);
        let target = reference.and_then(|path| self.schema.pointer(path.strip_prefix('#')?));
        let parts = ["allOf", "anyOf"].into_iter().filter_map(|key| shape.get(key)?.as_array());
        target.into_iter().chain(parts.flatten()).find_map(|shape| self.find(shape, look))
    }
}
