//! The text of an override: steps of a path, `=`, and a value.

use super::super::super::diagnostic::{Diagnostic, quoted};
use super::super::{Node, SourceId, Span, Value, scan, value};
use super::bare;

/// A step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) text: String,
    pub(super) span: Span,
    /// Whether it stands in brackets or quotes.
    is_marked: bool,
    /// Whether it stands in quotes, so that nothing in it has a meaning.
    is_quoted: bool,
}

impl Step {
    /// Whether it stands for every key that matches.
    pub(super) fn is_pattern(&self) -> bool {
        !self.is_quoted && self.text.contains('*')
    }

    /// The place in a list that it stands for.
    pub(super) fn index(&self) -> Option<usize> {
        let is_number = !self.is_quoted && self.text.bytes().all(|sign| sign.is_ascii_digit());
        is_number.then(|| self.text.parse().ok()).flatten()
    }

    /// Whether it may be a part of a key with dots.
    pub(super) fn is_plain(&self) -> bool {
        !self.is_marked && !self.is_quoted && !self.is_pattern()
    }
}

/// An override.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Argument {
    pub(super) steps: Vec<Step>,
    pub(super) value: Node,
}

impl Argument {
    /// Whether it takes out what its path leads to.
    pub(super) fn removes(&self) -> bool {
        self.value.value == Value::Null
    }
}

/// Steps of a path: as deep as a text can be nested, since every step may be an object of its own.
const MAX_STEPS: usize = 512;

const FORM: &str = "write `path=value`, such as `service.cap=10` or `regions.cn-*.cap=2`";

impl Argument {
    pub(super) fn parse(text: &str, source: SourceId) -> Result<Argument, Vec<Diagnostic>> {
        let mut reader = Reader { text, at: 0, source };
        let steps = reader.path().map_err(|fault| vec![fault])?;
        let start = reader.at;
        let written = &text[start..];
        let begin = start + written.len() - written.trim_start().len();
        let value = value_of(written.trim(), begin, source)?;
        Ok(Argument { steps, value })
    }
}

/// The value: JSON, or else a string as it stands.
fn value_of(text: &str, start: usize, source: SourceId) -> Result<Node, Vec<Diagnostic>> {
    match value(text, start, source) {
        Ok(Some(node)) => Ok(node),
        Err(faults) if is_meant_as_json(text) => Err(faults),
        Ok(None) | Err(_) => match scan::refused_character(text, start) {
            Some(fault) => Err(vec![fault.of(source)]),
            None => Ok(bare(text, start, source)),
        },
    }
}

/// Whether a text that isn't JSON was to be some: `{image}-x` is a name, `{ "a": }` a slip.
fn is_meant_as_json(text: &str) -> bool {
    match text.strip_prefix('{') {
        Some(inside) => inside.trim_start().starts_with(['"', '}', '/']) || inside.trim().is_empty(),
        None => text.starts_with(['[', '"']),
    }
}

/// Reads a path up to its `=`.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    source: SourceId,
}

impl Reader<'_> {
    fn path(&mut self) -> Result<Vec<Step>, Diagnostic> {
        let mut steps = Vec::new();
        loop {
            steps.push(self.step(steps.is_empty())?);
            match self.rest().chars().next() {
                Some('=') => {
                    self.at += 1;
                    return Ok(steps);
                }
                Some('.') => self.at += 1,
                Some('[') => {}
                Some(_) => return Err(self.fault(self.at..self.at + 1, "a `.` or `=` is missing here")),
                None => return Err(self.fault(0..self.text.len(), "this has no `=`")),
            }
            if steps.len() == MAX_STEPS {
                let what = format!("a path has at most {MAX_STEPS} steps");
                return Err(self.fault(0..self.at, &what));
            }
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn step(&mut self, is_first: bool) -> Result<Step, Diagnostic> {
        let rest = self.rest();
        if rest.starts_with('[') && !is_first {
            return self.bracket();
        }
        if rest.starts_with('"') {
            return self.quoted_step();
        }
        let length = rest.find(['.', '=', '[']).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.fault(self.at..(self.at + 1).min(self.text.len()), "a key is missing here"));
        }
        let step = self.made(self.at..self.at + length, self.at..self.at + length);
        self.at += length;
        Ok(step)
    }

    /// `[2]`, `[*]` or `["a key"]`.
    fn bracket(&mut self) -> Result<Step, Diagnostic> {
        let open = self.at;
        self.at += 1;
        let mut step = if self.rest().starts_with('"') {
            self.quoted_step()?
        } else {
            let length = self.rest().find([']', '=']).unwrap_or(self.rest().len());
            let step = self.made(self.at..self.at + length, self.at..self.at + length);
            self.at += length;
            step
        };
        if !self.rest().starts_with(']') || step.text.is_empty() {
            return Err(self.fault(open..self.at, "this `[` needs a place and a `]`"));
        }
        self.at += 1;
        step.is_marked = true;
        Ok(step)
    }

    fn quoted_step(&mut self) -> Result<Step, Diagnostic> {
        let open = self.at;
        let Some(length) = self.rest()[1..].find('"') else {
            return Err(self.fault(open..self.text.len(), "this `\"` is never closed"));
        };
        self.at += length + 2;
        let mut step = self.made(open + 1..open + 1 + length, open..self.at);
        step.is_quoted = true;
        Ok(step)
    }

    fn made(&self, text: std::ops::Range<usize>, place: std::ops::Range<usize>) -> Step {
        let text = self.text[text].trim().to_owned();
        let span = Span::new(place.start, place.end).of(self.source);
        Step { text, span, is_marked: false, is_quoted: false }
    }

    fn fault(&self, place: std::ops::Range<usize>, what: &str) -> Diagnostic {
        let end = self.text.ceil_char_boundary(place.end.min(self.text.len()));
        let span = Span::new(place.start, end).of(self.source);
        Diagnostic::error(Some(span), format!("{} is no override: {what}", quoted(self.text))).with_help(FORM)
    }
}
