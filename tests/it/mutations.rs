//! Single mistakes in a valid scenario: each part of it left out, written twice, misspelt or of another type.

use std::ops::Range;

use copysim::scenario::{Scenario, render};
use serde_json::{Value, json};

/// A scenario with nearly every key.
pub const RICH: &str = include_str!("../data/rich.json");

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Place(usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mistake {
    Delete,
    Duplicate,
    SwapType,
    MisspellKey,
    MisspellText,
}

/// A scenario with one mistake.
pub struct Mutation {
    pub what: String,
    pub document: Value,
    mistake: Mistake,
    /// To the part with the mistake; of one that is left out, to what it was in.
    path: Vec<Step>,
    /// What was left out or misspelt: a message may speak of it where it is referred to.
    words: Vec<String>,
}

impl Mutation {
    pub fn text(&self) -> String {
        self.written().0
    }

    /// The text, and where in it the mistake is.
    fn written(&self) -> (String, Range<usize>) {
        let mut writer = Writer { mutation: self, path: Vec::new(), text: String::new(), place: 0..0 };
        writer.value(&self.document);
        (writer.text, writer.place)
    }
}

/// Writes a document and notes where its mistake comes to lie.
struct Writer<'a> {
    mutation: &'a Mutation,
    path: Vec<Step>,
    text: String,
    place: Range<usize>,
}

impl Writer<'_> {
    fn is_there(&self) -> bool {
        self.path == self.mutation.path
    }

    fn value(&mut self, value: &Value) {
        let start = self.text.len();
        match value {
            Value::Object(members) => {
                self.text.push_str("{ ");
                for (index, (key, value)) in members.iter().enumerate() {
                    self.text.push_str(if index > 0 { ",\n" } else { "" });
                    self.path.push(Step::Key(key.clone()));
                    let repeats =
                        1 + u32::from(self.is_there() && self.mutation.mistake == Mistake::Duplicate);
                    for repeat in 0..repeats {
                        self.text.push_str(if repeat > 0 { ", " } else { "" });
                        let start = self.text.len();
                        self.text.push_str(&json!(key).to_string());
                        let end = self.text.len();
                        self.text.push_str(": ");
                        self.value(value);
                        // A fault of an object as a whole may be at its key.
                        if self.is_there() && self.mutation.mistake == Mistake::Delete {
                            self.place.start = start;
                        }
                        match self.mutation.mistake {
                            Mistake::MisspellKey if self.is_there() => self.place = start..end,
                            Mistake::Duplicate if self.is_there() => self.place = start..self.text.len(),
                            _ => {}
                        }
                    }
                    self.path.pop();
                }
                self.text.push_str(" }");
            }
            Value::Array(elements) => {
                self.text.push('[');
                for (index, element) in elements.iter().enumerate() {
                    self.text.push_str(if index > 0 { ", " } else { "" });
                    self.path.push(Step::Place(index));
                    self.value(element);
                    self.path.pop();
                }
                self.text.push(']');
            }
            other => self.text.push_str(&other.to_string()),
        }
        if self.is_there() && !matches!(self.mutation.mistake, Mistake::MisspellKey | Mistake::Duplicate) {
            self.place = start..self.text.len();
        }
    }
}

fn at<'a>(root: &'a mut Value, path: &[Step]) -> &'a mut Value {
    path.iter().fold(root, |value, step| match step {
        Step::Key(key) => &mut value[key],
        Step::Place(place) => &mut value[*place],
    })
}

/// Every mutation of one mistake.
pub fn mutations(text: &str) -> Vec<Mutation> {
    let root = crate::schema::document(text);
    let mut found = Vec::new();
    collect(&root, &root, &mut Vec::new(), &mut found);
    found
}

fn collect(root: &Value, value: &Value, path: &mut Vec<Step>, found: &mut Vec<Mutation>) {
    if !path.is_empty() {
        for mistake in [
            Mistake::Delete,
            Mistake::Duplicate,
            Mistake::SwapType,
            Mistake::MisspellKey,
            Mistake::MisspellText,
        ] {
            found.extend(mutated(root, value, path, mistake));
        }
    }
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                path.push(Step::Key(key.clone()));
                collect(root, value, path, found);
                path.pop();
            }
        }
        Value::Array(elements) => {
            for (place, value) in elements.iter().enumerate() {
                path.push(Step::Place(place));
                collect(root, value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// A name with two letters the other way round, or with one more.
fn misspelt(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    match letters.len() {
        0 | 1 => letters.push('x'),
        length if letters[length - 1] == letters[length - 2] => letters.push('x'),
        length => letters.swap(length - 1, length - 2),
    }
    letters.into_iter().collect()
}

fn mutated(root: &Value, value: &Value, path: &[Step], mistake: Mistake) -> Option<Mutation> {
    let mut document = root.clone();
    let (last, above) = path.split_last()?;
    let mut place = path.to_vec();
    let mut words: Vec<String> =
        value.as_str().map(str::to_owned).or_else(|| id_of(value)).into_iter().collect();
    if let Step::Key(key) = last {
        words.push(key.clone());
    }
    let parent = at(&mut document, above);
    match (mistake, last) {
        (Mistake::Delete, Step::Key(key)) => {
            parent.as_object_mut()?.shift_remove(key);
            place.pop();
        }
        (Mistake::Delete, Step::Place(index)) => {
            parent.as_array_mut()?.remove(*index);
            place.pop();
        }
        (Mistake::Duplicate, Step::Key(_)) => {}
        (Mistake::Duplicate, Step::Place(index)) => {
            parent.as_array_mut()?.insert(index + 1, value.clone());
            place.pop();
        }
        (Mistake::SwapType, _) => {
            *at(&mut document, path) = match value {
                Value::String(_) => json!(7),
                Value::Object(_) => json!([1]),
                _ => json!("x"),
            };
        }
        (Mistake::MisspellKey, Step::Key(key)) => {
            let members = parent.as_object_mut()?;
            let renamed = std::mem::take(members).into_iter().map(|(name, value)| {
                let name = if name == *key { misspelt(&name) } else { name };
                (name, value)
            });
            *members = renamed.collect();
            place.pop();
            place.push(Step::Key(misspelt(key)));
        }
        (Mistake::MisspellText, _) => {
            let text = value.as_str()?;
            *at(&mut document, path) = json!(misspelt(text));
        }
        (Mistake::MisspellKey, Step::Place(_)) => return None,
    }
    // An element that is written twice is marked by its list.
    let shown_as = match (mistake, last) {
        (Mistake::Duplicate, Step::Place(_)) => Mistake::Delete,
        _ => mistake,
    };
    let what = format!("{mistake:?} at {path:?}");
    Some(Mutation { what, document, mistake: shown_as, path: place, words })
}

/// The id of a request.
fn id_of(request: &Value) -> Option<String> {
    let kind = request.as_object()?.values().next()?;
    kind.get("id")?.as_str().map(str::to_owned)
}

#[test]
fn a_mistake_is_told_where_it_is() {
    let (mut valid, mut told) = (0, 0);
    let mut wrong = Vec::new();
    for mutation in mutations(RICH) {
        let (text, place) = mutation.written();
        assert!(!place.is_empty(), "{}", mutation.what);
        let Err(error) = Scenario::read("x.json", text.clone().into_bytes(), &[]) else {
            valid += 1;
            continue;
        };
        told += 1;
        let names = |fault: &copysim::scenario::Diagnostic| {
            // Whole names only: a key such as `at` is a part of many words.
            let parts = |text: &str| -> Vec<String> {
                text.split(|sign: char| "\"`@:#{} ,".contains(sign)).map(str::to_owned).collect()
            };
            let span = fault.span.map_or("", |span| &text[span.start..span.end]);
            let told = if span.len() < 60 { parts(span) } else { Vec::new() };
            let told = [told, parts(&fault.message)].concat();
            mutation
                .words
                .iter()
                .any(|word| told.iter().any(|part| part == word) || span == format!("\"{word}\""))
        };
        let covers = |fault: &copysim::scenario::Diagnostic| {
            let spans = fault.span.into_iter().chain(fault.related.iter().map(|(span, _)| *span));
            spans.into_iter().any(|span| span.start < place.end && place.start < span.end)
        };
        if !error.diagnostics.iter().any(|fault| covers(fault) || names(fault)) {
            wrong.push(format!("{}\n{}", mutation.what, render(&error.sources, &error.diagnostics, false)));
        }
    }
    assert!(wrong.is_empty(), "{} of {told}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(told > 300 && valid > 30, "{told} told, {valid} valid");
}

#[test]
fn one_mistake_is_not_told_a_dozen_times() {
    for mutation in mutations(RICH) {
        let Err(error) = Scenario::read("x.json", mutation.text().into_bytes(), &[]) else { continue };
        // A region or account that is gone is missed wherever it is named.
        let most = if matches!(mutation.mistake, Mistake::SwapType | Mistake::MisspellText) { 8 } else { 20 };
        let count = error.diagnostics.len();
        assert!(
            count <= most,
            "{count} faults: {}\n{}",
            mutation.what,
            render(&error.sources, &error.diagnostics, false)
        );
    }
}
