//! Where in a document a place is, in words: `requests[2].copy.duration`.

use super::{Document, Node, SourceId, Span, Value};

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
/// all the same: an override may lie below it. An object that an override makes on the way to its value is
/// placed at its key, so it needn't be around the place.
fn find(node: &Node, span: Span, steps: &mut Vec<String>) -> bool {
    let depth = steps.len();
    let is_in_file = span.source == SourceId::FILE;
    let may_hold = |place: Span| !is_in_file || place.source != span.source || place.contains(span);
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

    #[test]
    fn a_place_in_an_override_has_the_path_that_it_came_to() {
        let mut document = Document::parse("plan.json", b"{ \"seed\": 1 }".to_vec()).expect("a document");
        for (number, (text, place)) in
            (1..).zip([("service.cap=-1", "-1"), ("service.cancel.drain=2", "2"), ("seed=x", "x")])
        {
            document.set("--set", text).expect("an override");
            let start = text.find(place).expect("the place is in the text");
            let span = Span::new(start, start + place.len()).of(SourceId(number));
            assert_eq!(document.path_of(span).as_deref(), text.split('=').next());
        }
    }
}
