//! Messages about a text, and how they look on the screen.

mod excerpt;
#[cfg(test)]
mod tests;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::document::Span;
use excerpt::{Excerpt, Lines};

pub(super) use excerpt::is_invisible;

/// The columns that a rendered message may take.
const SCREEN_WIDTH: usize = 140;

/// The characters of the user's text that a message quotes at most.
const QUOTED_LENGTH: usize = 60;

/// How serious a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing can be run.
    Error,
    /// It can be run, but may not be what was meant.
    Warning,
    /// Something worth knowing.
    Note,
}

/// A message about a place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How serious it is.
    pub severity: Severity,
    /// The place; `None` if it is about the text as a whole.
    pub span: Option<Span>,
    /// What is wrong: lower case, no full stop, the user's words in backticks.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Other places that play a part, each with a label.
    pub related: Vec<(Span, String)>,
}

impl Diagnostic {
    /// An error.
    pub fn error(span: Option<Span>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, span, message)
    }

    /// A warning.
    pub fn warning(span: Option<Span>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, span, message)
    }

    /// A note.
    pub fn note(span: Option<Span>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Note, span, message)
    }

    fn new(severity: Severity, span: Option<Span>, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity, span, message: message.into(), help: None, related: Vec::new() }
    }

    /// The same with a line that says what to write.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The same with another place.
    #[must_use]
    pub fn with_related(mut self, span: Span, label: impl Into<String>) -> Diagnostic {
        self.related.push((span, label.into()));
        self
    }
}

/// A text and the name that the user knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// The file name as the user gave it.
    pub name: String,
    /// The text as read, a byte-order mark included.
    pub text: String,
}

/// A line and a column, both counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line; lines end with LF or CRLF.
    pub line: usize,
    /// The column in characters; a byte-order mark is not counted.
    pub column: usize,
}

impl SourceText {
    /// The position of a byte. An offset within a character counts as the
    /// character's beginning, one past the end as the end.
    pub fn position(&self, offset: usize) -> Position {
        Lines::of(&self.text).position(offset)
    }
}

/// The user's text for a message: in backticks, shortened if it is long, and
/// with numbers in place of characters that cannot be shown.
pub fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTED_LENGTH).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("`{}`", visible(&shown))
}

/// The text without characters that steer a screen.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_invisible(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// The diagnostics as text for the screen, in the order of their places, with
/// an empty line between them; those about the text as a whole come first.
///
/// Without `colour` the text has no escape sequences and depends on nothing
/// but the arguments. Spans outside the text are taken as its end.
pub fn render(source: &SourceText, diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(SCREEN_WIDTH);
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    ordered.sort_by_key(|diagnostic| diagnostic.span);
    let lines = Lines::of(&source.text);
    let mut out = String::new();
    for (index, diagnostic) in ordered.into_iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&render_one(&source.name, &lines, diagnostic, &renderer));
        out.push('\n');
    }
    out
}

fn render_one(name: &str, lines: &Lines<'_>, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.clone().primary_title(visible(&diagnostic.message));
    let origin = Origin::path(visible(name));
    let mut body = Group::with_level(level);
    let head = match diagnostic.span {
        None => renderer.render(&[title.element(origin)]),
        Some(span) => {
            let related = diagnostic.related.iter();
            let spans = std::iter::once(span).chain(related.map(|(span, _)| *span));
            let excerpt = Excerpt::of(lines, &spans.collect::<Vec<_>>());
            let position = lines.position(span.start);
            let origin = origin.line(position.line).char_column(position.column);
            // The renderer would take the column from the excerpt, in which
            // long lines are cut; so the head is made apart from the body and
            // moved to where the body's line numbers end.
            let head = renderer.render(&[title.element(origin)]);
            let indent = " ".repeat(excerpt.last_line().to_string().len());
            body = body.element(snippet(diagnostic, excerpt));
            head.replacen('\n', &format!("\n{indent}"), 1)
        }
    };
    if let Some(help) = &diagnostic.help {
        body = body.element(Level::HELP.message(visible(help)));
    }
    if body.is_empty() { head } else { format!("{head}\n{}", renderer.render(&[body])) }
}

/// The lines of the excerpt with marks under the places.
fn snippet(diagnostic: &Diagnostic, excerpt: Excerpt) -> Snippet<'static, Annotation<'static>> {
    let mut snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line);
    for (index, place) in excerpt.places.iter().enumerate() {
        let label = index.checked_sub(1).and_then(|index| diagnostic.related.get(index));
        let annotation = match label {
            None => AnnotationKind::Primary.span(place.clone()),
            Some((_, label)) => AnnotationKind::Context.span(place.clone()).label(visible(label)),
        };
        snippet = snippet.annotation(annotation);
    }
    snippet
}
