//! Exit codes and what is said with them.

use std::io::{self, Write};
use std::process::ExitCode;

use super::{clean, error_text};
use crate::output::FolderError;

pub const OK: u8 = 0;
pub const FAILED: u8 = 1;
pub const USAGE: u8 = 2;
pub const INVALID: u8 = 65;
pub const NO_INPUT: u8 = 66;
pub const BUG: u8 = 70;
pub const CANT_CREATE: u8 = 73;
pub const CANT_WRITE: u8 = 74;

/// Why a command ends with another status than 0.
#[derive(Debug)]
pub struct Exit {
    status: u8,
    /// Shown on stderr as it is.
    text: String,
}

impl Exit {
    /// An error in one line with its way out.
    pub fn new(status: u8, message: impl AsRef<str>, help: impl AsRef<str>) -> Self {
        Self { status, text: error_text(&clean(message.as_ref()), &clean(help.as_ref())) }
    }

    /// An error that was put into words already.
    pub fn with_text(status: u8, text: String) -> Self {
        Self { status, text }
    }

    pub fn status(&self) -> u8 {
        self.status
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn report(&self) -> ExitCode {
        // Nothing is left to be done when stderr is closed.
        let _ = io::stderr().write_all(self.text.as_bytes());
        ExitCode::from(self.status)
    }
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

/// Prints to stdout. A reader that went away (`| head`) is no error.
pub fn say(text: &str) -> super::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Exit::new(CANT_WRITE, format!("can't write to stdout: {error}"), ""))
        }
        _ => Ok(()),
    }
}

/// The status for text that couldn't be printed.
pub fn of_output_error(error: &io::Error) -> ExitCode {
    ExitCode::from(if error.kind() == io::ErrorKind::BrokenPipe { OK } else { CANT_WRITE })
}
