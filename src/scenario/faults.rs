//! What is found while a scenario is resolved: faults, which stop it, and notices, which don't.

use std::collections::BTreeSet;

use super::diagnostic::{Diagnostic, SourceText, Sources};
use super::document::{SourceId, Span};
use super::names::{MAX_NAME, is_name, nearest, suggestion};

/// Unknown names for which a near one is looked for: of thousands of faults few are shown.
const MAX_SUGGESTIONS: usize = 200;
/// Notices told of one scenario.
const MAX_NOTICES: usize = 20;

/// All faults found so far.
#[derive(Debug, Default)]
pub struct Faults {
    found: Vec<Diagnostic>,
    /// Texts beside the scenario that faults point into; the first one is the source of this number.
    texts: Vec<SourceText>,
    first_text: u32,
    suggestions: usize,
    /// Keys of what is being checked that couldn't be read: it isn't known to lack them ([`Faults::lacking`]).
    pub unread_keys: Vec<String>,
    /// The same of what stands at the top and holds for all that is checked.
    pub unread_at_top: Vec<String>,
    /// Sections that couldn't be read or aren't there: what refers to something in them is no fault as well.
    unread_sections: BTreeSet<&'static str>,
}

impl Faults {
    /// Faults of a scenario that has these texts.
    pub fn of(sources: &Sources) -> Self {
        Self { first_text: sources.next().0, ..Self::default() }
    }

    /// Adds a text that faults can point into.
    pub fn text(&mut self, text: SourceText) -> SourceId {
        let number = u32::try_from(self.texts.len()).expect("few texts are shown");
        self.texts.push(text);
        SourceId(self.first_text + number)
    }

    pub fn add(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Diagnostic::error(Some(span), message).with_help(help));
    }

    /// A fault that is one only because none of these keys is there. Gives it, if it is told: it isn't where
    /// one of them couldn't be read, or where a key that was most likely meant to be one is unknown.
    pub fn lacking(
        &mut self,
        span: Span,
        keys: &[&str],
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<&mut Diagnostic> {
        let is_meant = |unread: &String| nearest(unread, keys.iter().copied()).is_some();
        if self.unread_keys.iter().chain(&self.unread_at_top).any(is_meant) {
            return None;
        }
        self.add(span, message, help);
        self.found.last_mut()
    }

    /// Nothing is known of a section.
    pub fn section_is_unread(&mut self, section: &'static str) {
        self.unread_sections.insert(section);
    }

    pub fn is_section_read(&self, section: &str) -> bool {
        !self.unread_sections.contains(section)
    }

    /// A word that names nothing; `known` are the names of that kind, called `plural`. Gives the fault, if it
    /// is told.
    pub fn unknown<'a>(
        &mut self,
        span: Span,
        message: impl Into<String>,
        word: &str,
        plural: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Option<&mut Diagnostic> {
        if !self.is_section_read(plural) {
            return None;
        }
        self.suggestions += 1;
        if self.suggestions > MAX_SUGGESTIONS {
            self.add(span, message, "check how it is spelt");
        } else {
            self.add(span, message, suggestion(word, plural, known));
        }
        self.found.last_mut()
    }

    /// Says what is wrong with a name, if anything is.
    pub fn check_name(&mut self, name: &str, span: Span) {
        if !is_name(name) {
            self.add(
                span,
                format!("`{name}` can't be a name here"),
                format!("use letters, digits, `-`, `_` and `.`, at most {MAX_NAME} of them"),
            );
        }
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many there are so far.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// All of them, and the texts beside the scenario that they point into.
    pub fn into_parts(self) -> (Vec<Diagnostic>, Vec<SourceText>) {
        (self.found, self.texts)
    }
}

/// What users should know of a scenario that is right, each told once.
#[derive(Debug, Default)]
pub struct Notices {
    texts: Vec<String>,
    seen: BTreeSet<String>,
}

impl Notices {
    pub fn add(&mut self, text: String) {
        if self.seen.insert(text.clone()) {
            self.texts.push(text);
        }
    }

    /// Takes up all that others found.
    pub fn append(&mut self, others: Self) {
        others.texts.into_iter().for_each(|text| self.add(text));
    }

    /// The first ones, and how many there are beyond them.
    pub fn into_texts(mut self) -> Vec<String> {
        let more = self.texts.len().saturating_sub(MAX_NOTICES);
        self.texts.truncate(MAX_NOTICES);
        if more > 0 {
            self.texts.push(format!("{more} more notices of these kinds"));
        }
        self.texts
    }
}
