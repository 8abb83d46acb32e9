//! What is wrong with a CSV file, told beside the faults of the scenario that names it.

use std::collections::BTreeMap;
use std::io;

use super::faults::{Place, TextFault};
use crate::scenario::diagnostic::{Cause, Diagnostic, SourceText};
use crate::scenario::document::{SourceId, Span};
use crate::scenario::faults::Faults;
use crate::scenario::files::io_words;

/// Why the file of this name can't be read, and the way out; `no_file_help` is that for what is no file.
pub fn unreadable(span: Span, name: &str, error: &io::Error, no_file_help: &str) -> Diagnostic {
    let (message, help) = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => (
            format!("there is no file `{name}`"),
            "check the path, which is counted from the folder of the scenario",
        ),
        io::ErrorKind::IsADirectory => (format!("`{name}` is a folder"), "name a CSV file"),
        io::ErrorKind::NotSeekable => (format!("`{name}` can't be read twice"), no_file_help),
        _ => (format!("can't read `{name}`: {}", io_words(error)), "check who may read it"),
    };
    Diagnostic::error(Some(span), message).with_help(help).with_cause(Cause::Input)
}

/// Tells faults of a file's text, which are so many; `what` is called so, and named at `span`.
pub fn tell(faults: &mut Faults, span: Span, name: &str, what: &str, told: Vec<TextFault>, count: u64) {
    let shown = told.len() as u64;
    if count > shown {
        let message = format!("{what} has {count} faults, of which {shown} are shown");
        faults.add(span, message, "put these right, and see what is left");
    }
    // The lines that were shown already.
    let mut lines: BTreeMap<u64, SourceId> = BTreeMap::new();
    for fault in told {
        let mut span = |place: Place| {
            let source = *lines.entry(place.line).or_insert_with(|| {
                let first_line = usize::try_from(place.line).unwrap_or(usize::MAX);
                faults.text(SourceText { name: name.to_owned(), text: place.text, first_line })
            });
            Span { source, start: place.span.start, end: place.span.end }
        };
        let related = fault.related.map(|(place, label)| (span(place), label));
        let mut diagnostic = Diagnostic::error(Some(span(fault.place)), fault.message)
            .with_help(fault.help)
            .with_path(fault.path);
        if let Some((span, label)) = related {
            diagnostic = diagnostic.with_related(span, label);
        }
        faults.push(diagnostic);
    }
}
