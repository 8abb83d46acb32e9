//! Messages about a text, and how they look on the screen.

mod excerpt;
#[cfg(test)]
mod tests;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::document::{SourceId, Span};
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
    /// The same place in words: `requests[2].copy.duration`, or the row and column of a trace.
    pub path: Option<String>,
    /// What is wrong: lower case, no full stop, the user's words in backticks.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Other places that play a part, each with a label.
    pub related: Vec<(Span, String)>,
    /// What is to be mended.
    pub cause: Cause,
}

/// What has to be mended before a scenario can be run, the most serious last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A temporary file can't be written or read back.
    Write,
    /// A temporary file can't be created.
    Create,
    /// A file isn't there or can't be read.
    Input,
    /// What a file says.
    Text,
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
        let message = shortened(message.into());
        Diagnostic {
            severity,
            span,
            path: None,
            message,
            help: None,
            related: Vec::new(),
            cause: Cause::Text,
        }
    }

    /// The same with a line that says what to write.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(shortened(help.into()));
        self
    }

    /// The same with another place.
    #[must_use]
    pub fn with_related(mut self, span: Span, label: impl Into<String>) -> Diagnostic {
        self.related.push((span, label.into()));
        self
    }

    /// The same with another cause than the text.
    #[must_use]
    pub fn with_cause(mut self, cause: Cause) -> Diagnostic {
        self.cause = cause;
        self
    }

    /// The same with its place in words.
    #[must_use]
    pub fn with_path(mut self, path: Option<String>) -> Diagnostic {
        self.path = path;
        self
    }

    /// The same about another text.
    #[must_use]
    pub fn of(mut self, source: SourceId) -> Diagnostic {
        self.span = self.span.map(|span| span.of(source));
        self.related.iter_mut().for_each(|(span, _)| *span = span.of(source));
        self
    }
}

/// A text and the name that the user knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// The name as the user gave it: of a file, or of the option that the text is the value of.
    pub name: String,
    /// The text as read, a byte-order mark included; of a long file only what messages show.
    pub text: String,
    /// The line of the file that `text` begins with, counted from one.
    pub first_line: usize,
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
    /// A whole text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> SourceText {
        SourceText { name: name.into(), text: text.into(), first_line: 1 }
    }

    /// The position of a byte. An offset within a character counts as the
    /// character's beginning, one past the end as the end.
    pub fn position(&self, offset: usize) -> Position {
        Lines::of(self).position(offset)
    }
}

/// The texts that the messages about a scenario point into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    texts: Vec<SourceText>,
}

impl Sources {
    /// The scenario file alone.
    pub fn new(file: SourceText) -> Sources {
        Sources { texts: vec![file] }
    }

    /// The scenario file.
    pub fn file(&self) -> &SourceText {
        self.get(SourceId::FILE)
    }

    /// A text; the file for an id that is not of these sources.
    pub fn get(&self, id: SourceId) -> &SourceText {
        self.texts.get(id.0 as usize).unwrap_or(&self.texts[0])
    }

    /// Adds a text.
    pub fn add(&mut self, text: SourceText) -> SourceId {
        let id = self.next();
        self.texts.push(text);
        id
    }

    /// What the next text will be called.
    pub fn next(&self) -> SourceId {
        SourceId(u32::try_from(self.texts.len()).expect("fewer texts than 2^32"))
    }

    /// Where a span begins and ends.
    pub fn positions(&self, span: Span) -> (Position, Position) {
        positions(&Lines::of(self.get(span.source)), span)
    }

    /// For places of many spans: the lines of the texts are looked for once.
    pub fn places(&self) -> Places<'_> {
        Places { lines: self.texts.iter().map(Lines::of).collect() }
    }
}

fn positions(lines: &Lines<'_>, span: Span) -> (Position, Position) {
    (lines.position(span.start), lines.position(span.end))
}

/// The lines of several texts, by their ids.
pub struct Places<'a> {
    lines: Vec<Lines<'a>>,
}

impl<'a> Places<'a> {
    /// The lines of a text; those of the file for an id that is not of these texts.
    fn lines(&self, source: SourceId) -> &Lines<'a> {
        self.lines.get(source.0 as usize).unwrap_or(&self.lines[0])
    }

    /// Where a span begins and ends.
    pub fn positions(&self, span: Span) -> (Position, Position) {
        positions(self.lines(span.source), span)
    }

    /// The line that a span begins in; a long one is cut around the span, with `…` for what is left out.
    pub fn excerpt(&self, span: Span) -> String {
        Excerpt::of(self.lines(span.source), &[span]).text
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

/// The characters of a message that are told at most, and how many of them from its beginning.
const TOLD_LENGTH: usize = 600;
const TOLD_FIRST: usize = 400;

/// A message without the middle of what is far too long: names of users may have any length.
fn shortened(message: String) -> String {
    let count = message.chars().count();
    if count <= TOLD_LENGTH {
        return message;
    }
    let first: String = message.chars().take(TOLD_FIRST).collect();
    let last: String = message.chars().skip(count - (TOLD_LENGTH - TOLD_FIRST)).collect();
    format!("{first}…{last}")
}

/// The text with numbers in place of characters that steer a screen or can't be seen: names of files and
/// arguments may hold anything.
pub fn visible(text: &str) -> String {
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
/// but the arguments. Spans outside a text are taken as its end.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(SCREEN_WIDTH);
    let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
    ordered.sort_by_key(|diagnostic| diagnostic.span);
    let screen = Screen { places: sources.places(), sources, renderer };
    let shown: Vec<String> = ordered.into_iter().map(|diagnostic| screen.show(diagnostic) + "\n").collect();
    shown.join("\n")
}

/// What is needed to show a message.
struct Screen<'a> {
    sources: &'a Sources,
    places: Places<'a>,
    renderer: Renderer,
}

/// A place with its label; that of the message itself has none.
type Mark<'a> = (Span, Option<&'a str>);

impl Screen<'_> {
    fn show(&self, diagnostic: &Diagnostic) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.clone().primary_title(visible(&diagnostic.message));
        let mut body = Group::with_level(level);
        let head = match diagnostic.span {
            None => {
                let origin = Origin::path(visible(&self.sources.file().name));
                self.renderer.render(&[title.element(origin)])
            }
            Some(span) => {
                let mut texts = self.marks_by_text(span, diagnostic);
                let own = texts.remove(0);
                let excerpt = self.excerpt(&own);
                let (position, _) = self.places.positions(span);
                let origin = Origin::path(visible(&self.sources.get(span.source).name))
                    .line(position.line)
                    .char_column(position.column);
                // The renderer would take the column from the excerpt, in which
                // long lines are cut; so the head is made apart from the body and
                // moved to where the body's line numbers end.
                let head = self.renderer.render(&[title.element(origin)]);
                let others: Vec<_> = texts.iter().map(|marks| (marks, self.excerpt(marks))).collect();
                let last_lines = others.iter().map(|(_, excerpt)| excerpt.last_line());
                let last_line = last_lines.chain([excerpt.last_line()]).max().unwrap_or_default();
                body = body.element(snippet(&own, excerpt));
                for (marks, excerpt) in others {
                    let name = visible(&self.sources.get(marks[0].0.source).name);
                    body = body.element(snippet(marks, excerpt).path(name));
                }
                head.replacen('\n', &format!("\n{}", " ".repeat(last_line.to_string().len())), 1)
            }
        };
        // A single step says no more than the line that is shown.
        if let Some(path) = diagnostic.path.as_ref().filter(|path| path.contains(['.', '[', ' '])) {
            body = body.element(Level::NOTE.with_name("at").message(visible(path)));
        }
        if let Some(help) = &diagnostic.help {
            body = body.element(Level::HELP.message(visible(help)));
        }
        if body.is_empty() { head } else { format!("{head}\n{}", self.renderer.render(&[body])) }
    }

    /// The places of a message by the text that they are in, its own first.
    fn marks_by_text<'d>(&self, span: Span, diagnostic: &'d Diagnostic) -> Vec<Vec<Mark<'d>>> {
        let mut texts: Vec<Vec<Mark<'d>>> = vec![vec![(span, None)]];
        for (span, label) in &diagnostic.related {
            let mark = (*span, Some(label.as_str()));
            match texts.iter_mut().find(|marks| marks[0].0.source == span.source) {
                Some(marks) => marks.push(mark),
                None => texts.push(vec![mark]),
            }
        }
        texts
    }

    fn excerpt(&self, marks: &[Mark<'_>]) -> Excerpt {
        let spans: Vec<Span> = marks.iter().map(|(span, _)| *span).collect();
        Excerpt::of(self.places.lines(marks[0].0.source), &spans)
    }
}

/// The lines of the excerpt with marks under the places.
fn snippet(marks: &[Mark<'_>], excerpt: Excerpt) -> Snippet<'static, Annotation<'static>> {
    let mut snippet = Snippet::source(excerpt.text).line_start(excerpt.first_line);
    for ((_, label), place) in marks.iter().zip(excerpt.places) {
        let annotation = match label {
            None => AnnotationKind::Primary.span(place),
            Some(label) => AnnotationKind::Context.span(place).label(visible(label)),
        };
        snippet = snippet.annotation(annotation);
    }
    snippet
}
