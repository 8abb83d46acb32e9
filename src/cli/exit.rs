//! Exit codes and what is said with them.

use std::io::{self, Write};
use std::process::ExitCode;

use super::annotations::{Annotations, annotate};
use super::talk::to_stderr;
use crate::output::FolderError;
use crate::output::style::{ERROR, HELP};
use crate::scenario::{io_words, visible};

pub const OK: u8 = 0;
pub const FAILED: u8 = 1;
pub const USAGE: u8 = 2;
pub const INVALID: u8 = 65;
pub const NO_INPUT: u8 = 66;
pub const BUG: u8 = 70;
pub const CANT_CREATE: u8 = 73;
pub const CANT_WRITE: u8 = 74;
pub const INTERRUPTED: u8 = 130;

/// What each status means.
const MEANINGS: [(u8, &str); 9] = [
    (OK, "done"),
    (FAILED, "done, but a promise is broken, or a golden result differs or is missing"),
    (USAGE, "the command line is wrong"),
    (INVALID, "the scenario is invalid"),
    (NO_INPUT, "an input is missing or unreadable, or nothing is selected to run"),
    (BUG, "an invariant is broken: a bug of copysim"),
    (CANT_CREATE, "an output or a temporary file can't be created"),
    (CANT_WRITE, "an output or a temporary file can't be written"),
    (INTERRUPTED, "interrupted"),
];

/// The end of a command's help: its examples, and the statuses that it can have.
pub fn examples_and_statuses(examples: &str, statuses: &[u8]) -> String {
    let known = MEANINGS.iter().filter(|(status, _)| statuses.contains(status));
    let lines = known.map(|(status, meaning)| format!("\n  {status:<4} {meaning}"));
    format!("{examples}\n\nExit status:{}", lines.collect::<String>())
}

/// From the least to the most serious outcome.
const BY_SEVERITY: [u8; 7] = [OK, FAILED, CANT_WRITE, CANT_CREATE, NO_INPUT, INVALID, BUG];

/// Of several outcomes the most serious one is the command's: 70, then 65 and 66, then 73 and 74, then 1.
pub fn worst(statuses: impl IntoIterator<Item = u8>) -> u8 {
    let severity = |status: &u8| BY_SEVERITY.iter().position(|other| other == status);
    statuses.into_iter().max_by_key(severity).unwrap_or(OK)
}

/// Why a command ends with another status than 0.
#[derive(Debug)]
pub struct Exit {
    status: u8,
    /// Shown on stderr, with escape sequences for colour.
    text: String,
    annotations: Annotations,
}

impl Exit {
    /// An error in one line with its way out.
    pub fn new(status: u8, message: impl AsRef<str>, help: impl AsRef<str>) -> Self {
        Self::with_text(status, error_text(&visible(message.as_ref()), &visible(help.as_ref())))
    }

    /// An error that was put into words already.
    pub fn with_text(status: u8, text: String) -> Self {
        Self { status, text, annotations: Annotations::default() }
    }

    /// The same, shown at its places too where that is asked for.
    #[must_use]
    pub fn at(self, annotations: impl Into<Annotations>) -> Self {
        Self { annotations: annotations.into(), ..self }
    }

    pub fn status(&self) -> u8 {
        self.status
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn annotations(&self) -> &Annotations {
        &self.annotations
    }

    pub fn report(&self) -> ExitCode {
        to_stderr(&self.text);
        annotate(&self.annotations);
        ExitCode::from(self.status)
    }
}

/// A one-line error with its way out, as it is shown.
pub fn error_text(message: &str, help: &str) -> String {
    let error = format!("{ERROR}error:{ERROR:#} {message}\n");
    if help.is_empty() { error } else { format!("{error}  {HELP}help:{HELP:#} {help}\n") }
}

impl Exit {
    /// A result folder that can't be written; `option` names another one.
    pub fn of_folder(error: &FolderError, option: &str) -> Self {
        let (status, help) = match error {
            FolderError::Create { .. } => (CANT_CREATE, format!("name another folder with {option}")),
            FolderError::NotAResult { .. } => {
                (CANT_CREATE, format!("move it away, or name an empty or new folder with {option}"))
            }
            FolderError::Write { .. } => {
                (CANT_WRITE, format!("make room there, or name another folder with {option}"))
            }
        };
        Self::new(status, error.to_string(), help)
    }
}

impl From<FolderError> for Exit {
    fn from(error: FolderError) -> Self {
        Self::of_folder(&error, "--out")
    }
}

/// Prints data to stdout as it is. A reader that went away (`| head`) is no error.
pub fn say(text: &str) -> super::Result<()> {
    print(&mut io::stdout().lock(), text)
}

/// As [`say`], a text for people with escape sequences for colour, which it loses where none is wanted.
pub fn show(text: &str) -> super::Result<()> {
    print(&mut anstream::AutoStream::auto(io::stdout().lock()), text)
}

fn print(stdout: &mut impl Write, text: &str) -> super::Result<()> {
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Exit::new(CANT_WRITE, format!("can't write to stdout: {}", io_words(&error)), ""))
        }
        _ => Ok(()),
    }
}

/// The status for text that couldn't be printed.
pub fn of_output_error(error: &io::Error) -> ExitCode {
    ExitCode::from(if error.kind() == io::ErrorKind::BrokenPipe { OK } else { CANT_WRITE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_serious_outcome_is_the_commands() {
        assert_eq!(worst([]), OK);
        assert_eq!(worst([FAILED, OK]), FAILED);
        assert_eq!(worst([CANT_WRITE, FAILED]), CANT_WRITE);
        assert_eq!(worst([NO_INPUT, CANT_CREATE, FAILED]), NO_INPUT);
        assert_eq!((worst([INVALID, NO_INPUT]), worst([NO_INPUT, INVALID])), (INVALID, INVALID));
        assert_eq!(worst([INVALID, BUG, NO_INPUT]), BUG);
    }
}
