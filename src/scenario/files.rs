//! The files that a scenario names, and where they are read from.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

/// A file that is open, and can be read more than once.
pub trait FileText: Read + Seek {}

impl<T: Read + Seek> FileText for T {}

/// Where the files that a scenario names are read from.
pub trait Files: fmt::Debug + Send + Sync {
    /// Opens a file by the path that the scenario says.
    ///
    /// # Errors
    /// When there is no such file or it can't be read; [`io::ErrorKind::NotSeekable`] for what can be read
    /// only once.
    fn open(&self, path: &str) -> io::Result<Box<dyn FileText>>;

    /// What messages call a file.
    fn name(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Files below the folder of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder that the scenario file `scenario` is in.
    pub fn of(scenario: &Path) -> Self {
        Self(scenario.parent().map(Path::to_owned).unwrap_or_default())
    }
}

impl Files for Folder {
    fn open(&self, path: &str) -> io::Result<Box<dyn FileText>> {
        let path = self.0.join(path);
        // Asked before it is opened, as opening a pipe waits for somebody who writes.
        let about = fs::metadata(&path)?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !about.is_file() {
            return Err(io::ErrorKind::NotSeekable.into());
        }
        Ok(Box::new(File::open(path)?))
    }

    fn name(&self, path: &str) -> String {
        self.0.join(path).display().to_string()
    }
}

/// The words of an error without the operating system's number.
pub fn io_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
