//! The result folder: nothing half-written is ever seen, and an earlier result stays until a new one is
//! whole.
//!
//! Files are written below a hidden staging folder inside the target, which is made before the run
//! starts, so a bad path fails at once. When the run is over the old manifest goes, the files are moved
//! into place, and the new manifest is moved last: a folder without one is incomplete for every reader.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::manifest::{self, MANIFEST};
use super::{FILES, PLOTS, Part};
use crate::scenario::io_words;

/// What went wrong with a folder.
#[derive(Debug)]
pub enum FolderError {
    /// It can't be made or used.
    Create { path: PathBuf, source: io::Error },
    /// It holds something else than a result, such as this.
    NotAResult { path: PathBuf, foreign: String },
    /// A file in it can't be written.
    Write { path: PathBuf, source: io::Error },
}

impl std::fmt::Display for FolderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Create { path, source } => {
                write!(f, "can't create `{}`: {}", path.display(), io_words(source))
            }
            Self::NotAResult { path, foreign } => {
                write!(f, "`{}` is no result to replace: ", path.display())?;
                if foreign == MANIFEST {
                    write!(f, "its {MANIFEST} is not of copysim")
                } else {
                    write!(f, "it holds `{foreign}`, which is not of copysim")
                }
            }
            Self::Write { path, source } => {
                write!(f, "can't write `{}`: {}", path.display(), io_words(source))
            }
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
    /// Files that were there before, if no manifest lists them.
    earlier: Vec<String>,
    /// Files that have been moved into place.
    moved: Vec<PathBuf>,
    is_done: bool,
}

impl ResultFolder {
    /// Makes the folder `target`, or takes over an earlier result there, be it one that a failed move left
    /// incomplete.
    ///
    /// # Errors
    /// When it can't be made, or holds something that isn't a result.
    pub fn open(target: &Path) -> Result<Self, FolderError> {
        let _locked = lock(target);
        let content = Content::of(target).map_err(|source| cant_create(target, source))?;
        let is_ours = manifest::is_result(target);
        let foreign = if content.has_manifest {
            Some(MANIFEST.to_owned())
        } else if target.join(INCOMPLETE).exists() {
            content.foreign
        } else {
            content.foreign.or(content.files.first().cloned())
        };
        if let Some(foreign) = foreign.filter(|_| !is_ours) {
            return Err(FolderError::NotAResult { path: target.to_owned(), foreign });
        }
        Self::stage(target, if is_ours { Vec::new() } else { content.files })
    }

    /// Makes the folder `target` of a golden result, which has no manifest, or takes it over.
    ///
    /// # Errors
    /// When it can't be made, or holds something that no result has.
    pub fn open_bare(target: &Path) -> Result<Self, FolderError> {
        let content = Content::of(target).map_err(|source| cant_create(target, source))?;
        match content.foreign {
            Some(foreign) => Err(FolderError::NotAResult { path: target.to_owned(), foreign }),
            None => Self::stage(target, content.files),
        }
    }

    fn stage(target: &Path, earlier: Vec<String>) -> Result<Self, FolderError> {
        sweep(target);
        let made = missing(target);
        fs::create_dir_all(target).map_err(|source| cant_create(target, source))?;
        let (files, moved) = (Vec::new(), Vec::new());
        let staging = new_staging(target).map_err(|source| cant_create(target, source))?;
        let leftovers = Leftovers { folder: staging.clone(), made };
        Ok(Self { target: target.to_owned(), staging, leftovers, files, earlier, moved, is_done: false })
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
        debug_assert!(Part::of_file(name).is_some(), "no later run would replace {name}");
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

    /// Moves all files into place, the manifest last, and removes files of an earlier result that this
    /// one doesn't have. Files that no result wrote are left alone. Gives the names of the files.
    ///
    /// # Errors
    /// When a file can't be read back, moved or removed.
    pub fn commit(mut self, about: &manifest::About) -> Result<Vec<String>, FolderError> {
        self.files.sort();
        let path = self.target.join(MANIFEST);
        let failed = |source| FolderError::Write { path: path.clone(), source };
        let text = manifest::text(about, &self.staging, &self.files).map_err(failed)?;
        fs::write(self.staging.join(MANIFEST), text).map_err(failed)?;
        let _locked = lock(&self.target);
        let incomplete = self.target.join(INCOMPLETE);
        File::create(&incomplete).map_err(failed)?;
        self.replace()?;
        self.place(MANIFEST)?;
        remove_if_there(&incomplete)?;
        self.is_done = true;
        let mut names = std::mem::take(&mut self.files);
        names.push(MANIFEST.to_owned());
        Ok(names)
    }

    /// As [`commit`](Self::commit), but the result is all that the folder has afterwards, and without a
    /// manifest: a golden result is the same whoever made it.
    ///
    /// # Errors
    /// When a file can't be moved or removed.
    pub fn commit_bare(mut self) -> Result<(), FolderError> {
        self.replace()?;
        self.is_done = true;
        Ok(())
    }

    /// Puts the files in the place of the earlier ones.
    fn replace(&mut self) -> Result<(), FolderError> {
        let manifest_path = self.target.join(MANIFEST);
        let mut earlier = std::mem::take(&mut self.earlier);
        earlier.extend(manifest::files_of(&manifest_path).unwrap_or_default());
        remove_if_there(&manifest_path)?;
        for stale in earlier.iter().filter(|name| !self.files.contains(name)) {
            let path = self.target.join(stale);
            if path.is_dir() {
                continue;
            }
            remove_if_there(&path)?;
            // Takes `plots` away with its last chart; a folder that holds anything stays.
            let _ = path.parent().filter(|parent| *parent != self.target).map(fs::remove_dir);
        }
        for name in self.files.clone() {
            self.place(&name)?;
        }
        Ok(())
    }

    fn place(&mut self, name: &str) -> Result<(), FolderError> {
        let path = self.target.join(name);
        let failed = |source| FolderError::Write { path: path.clone(), source };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        fs::rename(self.staging.join(name), &path).map_err(failed)?;
        self.moved.push(path);
        Ok(())
    }
}

impl Drop for ResultFolder {
    /// Leaves nothing half-written behind.
    fn drop(&mut self) {
        let is_new = !self.leftovers.made.is_empty();
        if is_new && !self.is_done {
            for path in &self.moved {
                let _ = fs::remove_file(path);
                let _ = path.parent().filter(|parent| *parent != self.target).map(fs::remove_dir);
            }
            let _ = fs::remove_file(self.target.join(INCOMPLETE));
        }
        self.leftovers.remove();
    }
}

/// What is in a folder, as far as results are concerned.
#[derive(Debug, Default)]
pub struct Content {
    /// Files that a result can have, but the manifest, sorted.
    pub files: Vec<String>,
    pub has_manifest: bool,
    /// The first by name of what no result has.
    pub foreign: Option<String>,
}

impl Content {
    /// Looks at a folder; one that isn't there is empty. Links to folders aren't followed.
    ///
    /// # Errors
    /// When it can't be listed.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let mut content = Self::default();
        match fs::read_dir(folder) {
            Ok(entries) => content.take(entries, "")?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => (),
            Err(error) => return Err(error),
        }
        content.files.sort();
        Ok(content)
    }

    fn take(&mut self, entries: fs::ReadDir, below: &str) -> io::Result<()> {
        for entry in entries {
            let entry = entry?;
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            // What goes while it is looked at, as the files of another run do, is in nobody's way.
            let Ok(kind) = entry.file_type() else { continue };
            if (kind.is_dir() && staging_process(&name).is_some()) || name == INCOMPLETE {
                continue;
            }
            if kind.is_dir() && name == PLOTS {
                self.take(fs::read_dir(entry.path())?, &format!("{PLOTS}/"))?;
            } else if !kind.is_dir() && name == MANIFEST {
                self.has_manifest = true;
            } else if !kind.is_dir() && FILES.iter().any(|(file, _)| *file == name) {
                self.files.push(name);
            } else if self.foreign.as_ref().is_none_or(|other| name < *other) {
                self.foreign = Some(name);
            }
        }
        Ok(())
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
fn remove_if_there(path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(FolderError::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Begins the name of a staging folder; the number of the process that writes there follows.
const STAGING: &str = ".copysim-";

/// Stands in a folder while files are moved into it: what is left without it is of somebody else.
const INCOMPLETE: &str = ".copysim-incomplete";

/// The process that a staging folder belongs to, by the folder's name.
fn staging_process(name: &str) -> Option<u32> {
    let number = name.strip_prefix(STAGING)?;
    number.split('-').next()?.parse().ok()
}

/// Makes a staging folder that no other process has: in another container one may have the same number.
fn new_staging(target: &Path) -> io::Result<PathBuf> {
    let name = format!("{STAGING}{}", std::process::id());
    let mut path = target.join(&name);
    for attempt in 1.. {
        match fs::create_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                path = target.join(format!("{name}-{attempt}"));
            }
            result => return result.map(|()| path),
        }
    }
    unreachable!("some name is free")
}

/// Removes the staging folders of processes that were killed: none has their number, and they are old
/// enough not to be of a process on another machine that writes there now.
fn sweep(target: &Path) {
    const OLD: Duration = Duration::from_secs(24 * 60 * 60);
    let processes = Path::new("/proc");
    if !processes.join(std::process::id().to_string()).exists() {
        return;
    }
    for entry in fs::read_dir(target).into_iter().flatten().flatten() {
        let Some(process) = staging_process(&entry.file_name().to_string_lossy()) else { continue };
        let changed =
            entry.metadata().ok().filter(fs::Metadata::is_dir).and_then(|about| about.modified().ok());
        let is_old = changed.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > OLD);
        if is_old && !processes.join(process.to_string()).exists() {
            // One that can't be removed is in nobody's way.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Of two runs into one folder, one looks or moves after the other. Where a folder can't be locked, the
/// manifest tells a mixture by its sums.
fn lock(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.lock().ok().map(|()| folder)
}

fn cant_create(path: &Path, source: io::Error) -> FolderError {
    FolderError::Create { path: path.to_owned(), source }
}

/// The folders on the way to `target` that don't exist yet, innermost first.
fn missing(target: &Path) -> Vec<PathBuf> {
    let is_named = |path: &&Path| !path.as_os_str().is_empty();
    target.ancestors().filter(is_named).take_while(|path| !path.exists()).map(Path::to_owned).collect()
}
