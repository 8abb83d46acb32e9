//! Overrides: `path=value` laid over a document, and checked like the file afterwards.
//!
//! A path is made of keys (`service.cap`), places in a list (`requests[2]`), ids of requests
//! (`requests.hotfix.at`) and patterns (`regions.cn-*.cap`). A value is JSON; anything else is a string,
//! so `horizon=12h` needs no quotes. Nodes that an override brings keep their place in its text, so later
//! messages point at it.

mod argument;
#[cfg(test)]
mod tests;

use super::super::diagnostic::{Diagnostic, SourceText, quoted};
use super::super::names::{matches, suggestion};
use super::{Document, Member, Node, SourceId, Value};
use argument::{Argument, Step};

/// Sections whose keys are names that the user chooses: an override finds one there or makes a whole new
/// one, but never half of one by a slip of the pen.
const NAMED: [&str; 3] = ["accounts", "images", "regions"];

impl Document {
    /// Lays `path=value` over the document; `name` is the option that it is the value of.
    ///
    /// # Errors
    /// A text that isn't of this form, or a path that leads nowhere; the document is unchanged then.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), Vec<Diagnostic>> {
        let source = self.sources.add(SourceText::new(name, text));
        let argument = Argument::parse(text, source)?;
        let mut changed = self.root.clone();
        lay(&mut changed, &argument.steps, None, &argument).map_err(|fault| vec![fault])?;
        self.root = changed;
        Ok(())
    }
}

/// Puts the value at the end of the path, at every place that the path matches. `above` is the key of
/// `node`, where it is one of the document's sections.
fn lay(node: &mut Node, steps: &[Step], above: Option<&str>, argument: &Argument) -> Result<(), Diagnostic> {
    let Some(step) = steps.first() else {
        *node = argument.value.clone();
        return Ok(());
    };
    let found = node.describe();
    match &mut node.value {
        Value::Object(members) => lay_in_object(members, steps, above, argument),
        Value::Array(elements) => lay_in_array(elements, step, &steps[1..], argument),
        _ => {
            let message = format!("{} is looked for in {found}, which has no keys", quoted(&step.text));
            Err(Diagnostic::error(Some(step.span), message).with_help("end the path before it"))
        }
    }
}

fn lay_in_object(
    members: &mut Vec<Member>,
    steps: &[Step],
    above: Option<&str>,
    argument: &Argument,
) -> Result<(), Diagnostic> {
    let (step, rest) = (&steps[0], &steps[1..]);
    // The sections of a document have no section above them.
    let is_top = above.is_none();
    let below = |key: &str| if is_top { Some(key.to_owned()) } else { Some(String::new()) };
    if step.is_pattern() {
        let mut is_found = false;
        for member in members.iter_mut().filter(|member| matches(&step.text, &member.key)) {
            is_found = true;
            lay(&mut member.value, rest, below(&member.key).as_deref(), argument)?;
        }
        return if is_found { Ok(()) } else { Err(nothing_matches(step, members)) };
    }
    if let Some((place, used)) = longest_key(members, steps) {
        let member = &mut members[place];
        let below = below(&member.key);
        return lay(&mut member.value, &steps[used..], below.as_deref(), argument);
    }
    if let Some(section) = above.filter(|section| NAMED.contains(section))
        && !rest.is_empty()
    {
        let known = members.iter().map(|member| member.key.as_str());
        let message = format!("{} has no {}", quoted(section), quoted(&step.text));
        return Err(
            Diagnostic::error(Some(step.span), message).with_help(suggestion(&step.text, section, known))
        );
    }
    let mut value = Node { span: step.span, value: Value::Object(Vec::new()) };
    lay(&mut value, rest, below(&step.text).as_deref(), argument)?;
    members.push(Member { key: step.text.clone(), key_span: step.span, value });
    Ok(())
}

/// The member with the longest key that the next steps spell, and how many steps that are: a key may have
/// dots in it (`images.web-3.0.size`).
fn longest_key(members: &[Member], steps: &[Step]) -> Option<(usize, usize)> {
    let plain = steps.iter().take_while(|step| step.is_plain()).count().max(1);
    (1..=plain).rev().find_map(|used| {
        let key = steps[..used].iter().map(|step| step.text.as_str()).collect::<Vec<_>>().join(".");
        members.iter().position(|member| member.key == key).map(|place| (place, used))
    })
}

fn lay_in_array(
    elements: &mut [Node],
    step: &Step,
    rest: &[Step],
    argument: &Argument,
) -> Result<(), Diagnostic> {
    let count = elements.len();
    if step.text == "*" && step.is_pattern() {
        return elements.iter_mut().try_for_each(|element| lay(element, rest, Some(""), argument));
    }
    if let Ok(index) = step.text.parse::<usize>() {
        return match elements.get_mut(index) {
            Some(element) => lay(element, rest, Some(""), argument),
            None => {
                let message = format!("there is no element {index} in a list of {count}");
                let help = match count {
                    0 => "the list is empty".to_owned(),
                    _ => format!("elements are counted from 0 to {}", count - 1),
                };
                Err(Diagnostic::error(Some(step.span), message).with_help(help))
            }
        };
    }
    let known: Vec<String> =
        elements.iter().filter_map(|element| id_of(element).map(str::to_owned)).collect();
    let with_id = elements.iter_mut().find(|element| id_of(element) == Some(&step.text));
    match with_id.and_then(|element| body_of(element)) {
        Some(body) => lay(body, rest, Some(""), argument),
        None => {
            let message = format!("no element of this list has the id {}", quoted(&step.text));
            let help = suggestion(&step.text, "ids", known.iter().map(String::as_str));
            Err(Diagnostic::error(Some(step.span), message).with_help(help))
        }
    }
}

/// The id of an element such as `{ "copy": { "id": "release", … } }`.
fn id_of(element: &Node) -> Option<&str> {
    match element.members() {
        [kind] => kind.value.get("id")?.as_str(),
        _ => None,
    }
}

/// What follows the kind of such an element.
fn body_of(element: &mut Node) -> Option<&mut Node> {
    match &mut element.value {
        Value::Object(members) => members.first_mut().map(|kind| &mut kind.value),
        _ => None,
    }
}

fn nothing_matches(step: &Step, members: &[Member]) -> Diagnostic {
    let message = format!("no key matches {}", quoted(&step.text));
    let known = members.iter().map(|member| member.key.as_str());
    Diagnostic::error(Some(step.span), message).with_help(suggestion(&step.text, "keys here", known))
}

/// The text of an argument that a bare value is: not JSON, so a string as it stands.
fn bare(text: &str, start: usize, source: SourceId) -> Node {
    let span = super::Span::new(start, start + text.len()).of(source);
    Node { span, value: Value::String(text.to_owned()) }
}
