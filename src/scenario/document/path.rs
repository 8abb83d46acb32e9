//! Where in a document a place is, in words: `requests[2].copy.duration`.

use super::{Document, Node, Span, Value};

impl Document {
    /// The path of the innermost key or value around a place; none for a place at the top.
    pub fn path_of(&self, span: Span) -> Option<String> {
        let mut steps = Vec::new();
        find(&self.root, span, &mut steps);
        let path = steps.concat();
        (!path.is_empty()).then(|| path.strip_prefix('.').map(str::to_owned).unwrap_or(path))
    }
}

/// Collects the steps to the innermost value around a place. A value of another text is looked through
/// all the same: an override may lie below it.
fn find(node: &Node, span: Span, steps: &mut Vec<String>) -> bool {
    let depth = steps.len();
    let may_hold = |place: Span| place.source != span.source || place.contains(span);
    let inner = match &node.value {
        Value::Object(members) => members.iter().any(|member| {
            steps.push(step(&member.key));
            let found = member.key_span.contains(span)
                || (may_hold(member.value.span) && find(&member.value, span, steps));
            found || {
                steps.truncate(depth);
                false
            }
        }),
        Value::Array(elements) => {
            // Elements stand in the order of the text, so those before the place needn't be looked at.
            let first = if node.span.contains(span) {
                elements.partition_point(|element| {
                    element.span.source == span.source && element.span.end < span.start
                })
            } else {
                0
            };
            elements.iter().enumerate().skip(first).any(|(index, element)| {
                steps.push(format!("[{index}]"));
                (may_hold(element.span) && find(element, span, steps)) || {
                    steps.truncate(depth);
                    false
                }
            })
        }
        _ => false,
    };
    inner || node.span.contains(span)
}

/// A key as a step of a path: in quotes where it would be read as something else.
fn step(key: &str) -> String {
    let is_plain = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '-' | '$');
    if !key.is_empty() && key.chars().all(is_plain) { format!(".{key}") } else { format!("[\"{key}\"]") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str, place: &str) -> Option<String> {
        let document = Document::parse("plan.jsonc", text.as_bytes().to_vec()).expect("a document");
        let start = text.find(place).expect("the place is in the text");
        document.path_of(Span::new(start, start + place.len()))
    }

    #[test]
    fn a_place_has_the_path_of_its_innermost_value() {
        let text = r#"{ "requests": [ {}, { "copy": { "web-3.0": "5m", "to": ["us", "eu"] } } ], "x y": 1 }"#;
        assert_eq!(path(text, "\"5m\"").as_deref(), Some("requests[1].copy[\"web-3.0\"]"));
        assert_eq!(path(text, "\"web-3.0\"").as_deref(), Some("requests[1].copy[\"web-3.0\"]"));
        assert_eq!(path(text, "\"eu\"").as_deref(), Some("requests[1].copy.to[1]"));
        assert_eq!(path(text, "{ \"copy\"").as_deref(), Some("requests[1]"));
        assert_eq!(path(text, "\"x y\"").as_deref(), Some("[\"x y\"]"));
        assert_eq!(path(text, "{ \"requests\""), None);
    }
}
