//! The result folder: nothing half-written is ever seen, and an earlier result stays until a new one is
//! whole.
//!
//! Files are written below a hidden staging folder inside the target, which is made before the run
//! starts, so a bad path fails at once. When the run is over the old manifest goes, the files are moved
//! into place, and the new manifest is moved last: a folder without one is incomplete for every reader.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::manifest::{self, MANIFEST};

/// What went wrong with a folder.
#[derive(Debug)]
pub enum FolderError {
    /// It can't be made or used.
    Create { path: PathBuf, source: io::Error },
    /// It holds something else than a result.
    NotAResult(PathBuf),
    /// A file in it can't be written.
    Write { path: PathBuf, source: io::Error },
}

impl std::fmt::Display for FolderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Create { path, source } => write!(f, "can't create `{}`: {source}", path.display()),
            Self::NotAResult(path) => {
                write!(f, "`{}` holds files but no {MANIFEST}, so it is no result to replace", path.display())
            }
            Self::Write { path, source } => write!(f, "can't write `{}`: {source}", path.display()),
        }
    }
}

/// A result that is being written.
#[derive(Debug)]
pub struct ResultFolder {
    target: PathBuf,
    staging: PathBuf,
    leftovers: Leftovers,
    files: Vec<String>,
    /// Files that have been moved into place.
    moved: Vec<PathBuf>,
    is_done: bool,
}

impl ResultFolder {
    /// Makes the folder `target`, or takes over an earlier result there.
    ///
    /// # Errors
    /// When it can't be made, or holds something that isn't a result.
    pub fn open(target: &Path) -> Result<Self, FolderError> {
        let create = |source| FolderError::Create { path: target.to_owned(), source };
        let has_files = match fs::read_dir(target) {
            Ok(mut entries) => entries.any(|entry| entry.is_ok_and(|entry| !is_staging(&entry.path()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(create(error)),
        };
        if has_files && !target.join(MANIFEST).is_file() {
            return Err(FolderError::NotAResult(target.to_owned()));
        }
        let staging = target.join(format!("{STAGING}{}", std::process::id()));
        let leftovers = Leftovers { folder: staging.clone(), made: missing(target) };
        fs::create_dir_all(&staging).map_err(create)?;
        let (files, moved) = (Vec::new(), Vec::new());
        Ok(Self { target: target.to_owned(), staging, leftovers, files, moved, is_done: false })
    }

    /// What is to be removed if the program is interrupted.
    pub fn leftovers(&self) -> &Leftovers {
        &self.leftovers
    }

    /// Opens a file of the result; `name` may lie in a sub-folder (`plots/gantt.svg`).
    ///
    /// # Errors
    /// When it can't be made.
    pub fn create(&mut self, name: &str) -> Result<BufWriter<File>, FolderError> {
        let path = self.staging.join(name);
        let create = |source| FolderError::Create { path: self.target.join(name), source };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(create)?;
        }
        let file = File::create(&path).map_err(create)?;
        self.files.push(name.to_owned());
        Ok(BufWriter::with_capacity(1 << 16, file))
    }

    /// Takes a file back.
    pub fn discard(&mut self, name: &str) {
        self.files.retain(|file| file != name);
        // It goes with the staging folder in any case.
        let _ = fs::remove_file(self.staging.join(name));
    }

    /// An error of writing one of the files.
    pub fn write_error(&self, name: &str, source: io::Error) -> FolderError {
        FolderError::Write { path: self.target.join(name), source }
    }

    /// The folder that holds the files until they are committed.
    pub fn staging(&self) -> &Path {
        &self.staging
    }

    /// Moves all files into place, the manifest last, and removes files of an earlier result that this
    /// one doesn't have. Files that no result wrote are left alone.
    ///
    /// # Errors
    /// When a file can't be read back, moved or removed.
    pub fn commit(mut self, about: &manifest::About) -> Result<(), FolderError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| FolderError::Write { path, source }
        };
        self.files.sort();
        let manifest_path = self.target.join(MANIFEST);
        let text = manifest::text(about, &self.staging, &self.files).map_err(at(&manifest_path))?;
        fs::write(self.staging.join(MANIFEST), text).map_err(at(&manifest_path))?;
        let earlier = manifest::files_of(&manifest_path);
        remove_if_there(&manifest_path).map_err(at(&manifest_path))?;
        for stale in earlier.iter().filter(|name| !self.files.contains(name)) {
            let path = self.target.join(stale);
            if path.is_file() {
                remove_if_there(&path).map_err(at(&path))?;
                // Takes `plots` away with its last chart; a folder that holds anything stays.
                let _ = path.parent().filter(|parent| *parent != self.target).map(fs::remove_dir);
            }
        }
        for name in self.files.iter().map(String::as_str).chain([MANIFEST]) {
            let path = self.target.join(name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(at(&path))?;
            }
            fs::rename(self.staging.join(name), &path).map_err(at(&path))?;
            self.moved.push(path);
        }
        self.is_done = true;
        Ok(())
    }
}

impl Drop for ResultFolder {
    /// Leaves nothing half-written behind.
    fn drop(&mut self) {
        let is_new = !self.leftovers.made.is_empty();
        for path in self.moved.iter().filter(|_| is_new && !self.is_done) {
            let _ = fs::remove_file(path);
            let _ = path.parent().filter(|parent| *parent != self.target).map(fs::remove_dir);
        }
        self.leftovers.remove();
    }
}

/// What a result that doesn't come about leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftovers {
    folder: PathBuf,
    /// Folders around it that had to be made, innermost first. They go only if they are empty: another run
    /// may have put its result there.
    made: Vec<PathBuf>,
}

impl Leftovers {
    /// A folder with all that is in it.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), made: Vec::new() }
    }

    /// Removes them. Nothing can be done about one that can't be removed; no reader takes it for a result.
    pub fn remove(&self) {
        let _ = fs::remove_dir_all(&self.folder);
        self.made.iter().take_while(|folder| fs::remove_dir(folder).is_ok()).for_each(drop);
    }
}

/// Removes a file, unless another run into the same folder was faster.
fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

const STAGING: &str = ".copysim-";

fn is_staging(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(STAGING))
}

/// The folders on the way to `target` that don't exist yet, innermost first.
fn missing(target: &Path) -> Vec<PathBuf> {
    let is_named = |path: &&Path| !path.as_os_str().is_empty();
    target.ancestors().filter(is_named).take_while(|path| !path.exists()).map(Path::to_owned).collect()
}
