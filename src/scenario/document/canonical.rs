//! Canonical text of a value.

use super::{Decimal, Member, Node, Value};

/// Canonical JSON text of a node; see [`Node::canonical`].
pub(super) fn canonical(node: &Node) -> String {
    let mut out = String::new();
    write_node(node, &mut out);
    out
}

fn write_node(node: &Node, out: &mut String) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        // Every number of a document is a decimal; the text itself is the
        // fallback for nodes that were put together by hand.
        Value::Number(text) => match Decimal::parse(text) {
            Some(decimal) => out.push_str(&decimal.to_string()),
            None => out.push_str(text),
        },
        Value::String(text) => write_string(text, out),
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_node(element, out);
            }
            out.push(']');
        }
        Value::Object(members) => write_object(members, out),
    }
}

fn write_object(members: &[Member], out: &mut String) {
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    out.push('{');
    for (index, member) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(&member.key, out);
        out.push(':');
        write_node(&member.value, out);
    }
    out.push('}');
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}
