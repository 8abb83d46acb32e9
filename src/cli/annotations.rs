//! Annotations for GitHub: in its workflows, lines of this form on stderr show a message at its place in
//! the file.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::talk::to_stderr;
use crate::scenario::{Diagnostic, OVERRIDE, Position, ScenarioError, Sources, visible};

/// Annotations of one process: GitHub shows no more of one step.
const MAX_ANNOTATIONS: usize = 10;

/// Annotations so far, with those beyond the limit.
static FOUND: AtomicUsize = AtomicUsize::new(0);

/// A message at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The file as the user named it; none for what is wrong on the command line.
    file: Option<String>,
    place: Option<(Position, Position)>,
    message: String,
    help: String,
}

impl Annotation {
    /// A message about a file as a whole, at its first line.
    pub fn at_first_line(path: &Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        let start = Position { line: 1, column: 1 };
        Self {
            file: Some(path.display().to_string()),
            place: Some((start, start)),
            message: message.into(),
            help: help.into(),
        }
    }

    /// A message about a place in a scenario file; without one, at its first line.
    pub fn at(
        path: &Path,
        place: Option<(Position, Position)>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let first_line = Self::at_first_line(path, message, help);
        Self { place: place.or(first_line.place), ..first_line }
    }

    /// The first faults of a scenario.
    pub fn of(error: &ScenarioError) -> Annotations {
        let first = error.diagnostics.iter().take(MAX_ANNOTATIONS);
        Annotations {
            first: first.map(|fault| Self::of_fault(fault, &error.sources)).collect(),
            more: error.diagnostics.len().saturating_sub(MAX_ANNOTATIONS),
        }
    }

    fn of_fault(fault: &Diagnostic, sources: &Sources) -> Self {
        let text = fault.span.map_or(sources.file(), |span| sources.get(span.source));
        let is_file = text.name != OVERRIDE;
        Self {
            file: is_file.then(|| text.name.clone()),
            place: fault.span.filter(|_| is_file).map(|span| sources.positions(span)),
            message: fault.message.clone(),
            help: fault.help.clone().unwrap_or_default(),
        }
    }
}

/// What one file or result gives rise to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    first: Vec<Annotation>,
    /// How many there are that nobody would be shown.
    more: usize,
}

impl FromIterator<Annotation> for Annotations {
    fn from_iter<T: IntoIterator<Item = Annotation>>(all: T) -> Self {
        let mut first: Vec<Annotation> = all.into_iter().collect();
        let more = first.len().saturating_sub(MAX_ANNOTATIONS);
        first.truncate(MAX_ANNOTATIONS);
        Self { first, more }
    }
}

impl From<Annotation> for Annotations {
    fn from(annotation: Annotation) -> Self {
        Self { first: vec![annotation], more: 0 }
    }
}

/// `::error file=a.json,line=3,endLine=3,col=5,endColumn=9,title=copysim::message%0Ahelp: …`
impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "::error ")?;
        if let Some(file) = &self.file {
            write!(f, "file={},", property(file))?;
        }
        if let Some((start, end)) = self.place {
            write!(f, "line={},endLine={},", start.line, end.line)?;
            // GitHub takes columns only within one line.
            if start.line == end.line {
                write!(f, "col={},endColumn={},", start.column, end.column)?;
            }
        }
        write!(f, "title=copysim::{}", data(&visible(&self.message)))?;
        if !self.help.is_empty() {
            write!(f, "%0Ahelp: {}", data(&visible(&self.help)))?;
        }
        Ok(())
    }
}

/// Writes annotations where GitHub asks for them, up to its limit. They go to stderr, so that a document on
/// stdout stays one; GitHub reads both.
pub fn annotate(annotations: &Annotations) {
    if std::env::var_os("GITHUB_ACTIONS").is_none_or(|value| value != "true") {
        return;
    }
    for annotation in &annotations.first {
        if FOUND.fetch_add(1, Ordering::Relaxed) < MAX_ANNOTATIONS {
            to_stderr(&format!("{annotation}\n"));
        }
    }
    FOUND.fetch_add(annotations.more, Ordering::Relaxed);
}

/// Says last how many annotations GitHub isn't given: the log has them.
pub fn tell_rest() {
    match FOUND.load(Ordering::Relaxed).saturating_sub(MAX_ANNOTATIONS) {
        0 => {}
        1 => to_stderr("::notice title=copysim::1 more error is in the log of this step\n"),
        more => {
            to_stderr(&format!("::notice title=copysim::{more} more errors are in the log of this step\n"))
        }
    }
}

/// Escapes a message, as GitHub wants it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property, as GitHub wants it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_is_escaped() {
        let annotation = Annotation::at_first_line(Path::new("a,b:c%\n.json"), "100% wrong: a, b", "x%0Ay");
        assert_eq!(
            annotation.to_string(),
            "::error file=a%2Cb%3Ac%25%0A.json,line=1,endLine=1,col=1,endColumn=1,title=copysim::\
             100%25 wrong: a, b%0Ahelp: x%250Ay"
        );
    }

    #[test]
    fn columns_are_told_only_within_one_line() {
        let position = |line, column| Position { line, column };
        let text = |place| {
            let message = "wrong".to_owned();
            Annotation { file: Some("a.json".to_owned()), place, message, help: String::new() }.to_string()
        };
        assert_eq!(
            text(Some((position(2, 5), position(2, 9)))),
            "::error file=a.json,line=2,endLine=2,col=5,endColumn=9,title=copysim::wrong"
        );
        let several = text(Some((position(2, 5), position(4, 2))));
        assert_eq!(several, "::error file=a.json,line=2,endLine=4,title=copysim::wrong");
        assert_eq!(text(None), "::error file=a.json,title=copysim::wrong");
    }
}
