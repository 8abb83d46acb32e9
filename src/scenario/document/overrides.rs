//! Overrides: `path=value` laid over a document, and checked like the file afterwards.
//!
//! A path is made of keys (`service.cap`), places in a list (`requests[2].at`), ids of requests
//! (`requests.hotfix.at`) and patterns (`regions.cn-*.cap`). A value is JSON; anything else is a string,
//! so `horizon=12h` needs no quotes; `null` takes a key or an element out. Nodes that an override brings
//! keep their place in its text, so later messages point at it.

mod argument;
#[cfg(test)]
mod tests;

use super::super::diagnostic::{Diagnostic, SourceText, quoted};
use super::super::names::{matches, suggestion};
use super::super::schema::NAMED;
use super::{Document, Member, Node, SourceId, Value};
use argument::{Argument, Step};

impl Document {
    /// Lays `path=value` over the document; `name` is the option that it is the value of.
    ///
    /// # Errors
    /// A text that isn't of this form, or a path that leads nowhere; the document is unchanged then.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), Vec<Diagnostic>> {
        let source = self.sources.add(SourceText::new(name, text));
        let argument = Argument::parse(text, source)?;
        let mut changed = self.root.clone();
        lay(&mut changed, &argument.steps, Place::Top, &argument).map_err(|fault| vec![fault])?;
        self.root = changed;
        Ok(())
    }
}

/// Where in a document a part is: which keys may come below it.
#[derive(Clone, Copy, PartialEq)]
enum Place<'a> {
    /// The outermost object, whose keys are sections.
    Top,
    /// The value of a section.
    Section(&'a str),
    Below,
}

impl<'a> Place<'a> {
    fn under(self, key: &'a str) -> Self {
        if self == Self::Top { Self::Section(key) } else { Self::Below }
    }
}

/// Puts the value at the end of the path, at every place that the path matches.
fn lay(node: &mut Node, steps: &[Step], place: Place<'_>, argument: &Argument) -> Result<(), Diagnostic> {
    let Some(step) = steps.first() else {
        *node = argument.value.clone();
        return Ok(());
    };
    let found = node.describe();
    match &mut node.value {
        Value::Object(members) => lay_in_object(members, steps, place, argument),
        Value::Array(elements) => lay_in_array(elements, steps, argument),
        _ => {
            let message = format!("{} is looked for in {found}, which has no keys", quoted(&step.text));
            Err(Diagnostic::error(Some(step.span), message).with_help("end the path before it"))
        }
    }
}

fn lay_in_object(
    members: &mut Vec<Member>,
    steps: &[Step],
    place: Place<'_>,
    argument: &Argument,
) -> Result<(), Diagnostic> {
    let (step, rest) = (&steps[0], &steps[1..]);
    if step.is_pattern() {
        if !members.iter().any(|member| matches(&step.text, &member.key)) {
            return Err(nothing_matches(step, members));
        }
        if rest.is_empty() && argument.removes() {
            members.retain(|member| !matches(&step.text, &member.key));
            return Ok(());
        }
        let mut matching = members.iter_mut().filter(|member| matches(&step.text, &member.key));
        return matching
            .try_for_each(|Member { key, value, .. }| lay(value, rest, place.under(key), argument));
    }
    if let Some((index, used)) = longest_key(members, steps) {
        if steps.len() == used && argument.removes() {
            members.remove(index);
            return Ok(());
        }
        let Member { key, value, .. } = &mut members[index];
        return lay(value, &steps[used..], place.under(key), argument);
    }
    match place {
        // An override finds a name that users choose, or makes a whole new one, never half of one by a slip.
        Place::Section(section) if NAMED.contains(&section) && (!rest.is_empty() || argument.removes()) => {
            return Err(no_such_name(step, section, members));
        }
        _ if argument.removes() => return Err(nothing_to_remove(step, members)),
        _ => {}
    }
    let mut value = Node { span: step.span, value: Value::Object(Vec::new()) };
    lay(&mut value, rest, place.under(&step.text), argument)?;
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

/// Elements go by their place, or by their id if they are entries of `requests`; a pattern matches ids, and
/// `*` every element.
fn lay_in_array(elements: &mut Vec<Node>, steps: &[Step], argument: &Argument) -> Result<(), Diagnostic> {
    let (step, rest) = (&steps[0], &steps[1..]);
    let has_id = || elements.iter().any(|element| id_of(element) == Some(&step.text));
    let index = step.index().filter(|_| step.is_place() || !has_id());
    let is_meant = |(place, element): (usize, &Node)| match index {
        Some(index) => place == index,
        None if step.is_pattern() => {
            step.text == "*" || id_of(element).is_some_and(|id| matches(&step.text, id))
        }
        None => id_of(element) == Some(&step.text),
    };
    let meant: Vec<usize> =
        elements.iter().enumerate().filter(|entry| is_meant(*entry)).map(|(place, _)| place).collect();
    if meant.is_empty() && !(step.is_pattern() && elements.is_empty()) {
        return Err(no_such_element(step, index, elements));
    }
    if rest.is_empty() && argument.removes() {
        for place in meant.into_iter().rev() {
            elements.remove(place);
        }
        return Ok(());
    }
    meant.into_iter().try_for_each(|place| {
        let element = &mut elements[place];
        let goes_into_body = goes_into_body(element, rest);
        match &mut element.value {
            Value::Object(members) if goes_into_body => {
                lay(&mut members[0].value, rest, Place::Below, argument)
            }
            _ => lay(element, rest, Place::Below, argument),
        }
    })
}

/// The id of an element such as `{ "copy": { "id": "release", … } }`.
fn id_of(element: &Node) -> Option<&str> {
    match element.members() {
        [kind] => kind.value.get("id")?.as_str(),
        _ => None,
    }
}

/// Whether a path goes on in what follows the kind of such an element, as it doesn't name the kind itself.
fn goes_into_body(element: &Node, rest: &[Step]) -> bool {
    match (element.members(), rest.first()) {
        ([kind], Some(next)) => kind.key != next.text && matches!(kind.value.value, Value::Object(_)),
        _ => false,
    }
}

fn no_such_element(step: &Step, index: Option<usize>, elements: &[Node]) -> Diagnostic {
    let count = elements.len();
    let (message, help) = match index {
        Some(index) => {
            let help = match count {
                0 => "the list is empty".to_owned(),
                1 => "its only element is 0".to_owned(),
                _ => format!("elements are counted from 0 to {}", count - 1),
            };
            (format!("there is no element {index} in a list of {count}"), help)
        }
        None => {
            let known = elements.iter().filter_map(id_of);
            let message = format!("no element of this list has the id {}", quoted(&step.text));
            (message, suggestion(&step.text, "ids", known))
        }
    };
    Diagnostic::error(Some(step.span), message).with_help(help)
}

fn no_such_name(step: &Step, section: &str, members: &[Member]) -> Diagnostic {
    let known = members.iter().map(|member| member.key.as_str());
    let message = format!("{} has no {}", quoted(section), quoted(&step.text));
    let help = suggestion(&step.text, section, known);
    let with_dot = if members.iter().any(|member| member.key.contains('.')) {
        format!("; a name with dots that isn't there yet is written as `{section}[\"a.b\"]`")
    } else {
        String::new()
    };
    Diagnostic::error(Some(step.span), message).with_help(help + &with_dot)
}

fn nothing_to_remove(step: &Step, members: &[Member]) -> Diagnostic {
    let known = members.iter().map(|member| member.key.as_str());
    let message = format!("there is no {} to take out", quoted(&step.text));
    Diagnostic::error(Some(step.span), message).with_help(suggestion(&step.text, "keys here", known))
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
