//! Which scenarios a command takes: files as they are named, and what lies below folders.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::exit::{self, Exit};
use super::{Result, load, shown};
use crate::output::manifest::is_result;
use crate::scenario::io_words;

/// As [`files`], of scenarios with golden results: those are kept by name, so no two may have one name.
pub fn select(paths: &[PathBuf], golden: &Path) -> Result<Vec<PathBuf>> {
    let found = files(paths, golden)?;
    reject_equal_names(&found)?;
    Ok(found)
}

/// The scenario files below the paths, sorted, each once. A file is taken as it is named; in folders,
/// results, the golden ones too, and what tools put there are passed by.
///
/// # Errors
/// When a folder can't be read, or there is no scenario.
pub fn files(paths: &[PathBuf], golden: &Path) -> Result<Vec<PathBuf>> {
    let mut selection =
        Selection { golden: golden.canonicalize().ok(), folders: HashSet::new(), found: Vec::new() };
    for path in paths {
        if path.is_dir() {
            selection.below(path)?;
        } else {
            selection.found.push(path.clone());
        }
    }
    let found = each_once(selection.found);
    if found.is_empty() {
        let named: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let message = format!("there is no scenario below {}", named.join(", "));
        return Err(Exit::new(exit::NO_INPUT, message, "name a folder with .json files"));
    }
    Ok(found)
}

struct Selection {
    golden: Option<PathBuf>,
    /// Folders that were looked into, so that links can't lead in circles.
    folders: HashSet<PathBuf>,
    found: Vec<PathBuf>,
}

impl Selection {
    fn below(&mut self, folder: &Path) -> Result<()> {
        let unreadable = |error: std::io::Error| {
            Exit::new(exit::NO_INPUT, format!("can't read `{}`: {}", folder.display(), io_words(&error)), "")
        };
        if !self.folders.insert(folder.canonicalize().map_err(unreadable)?) {
            return Ok(());
        }
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                if !self.is_passed_by(&path) {
                    self.below(&path)?;
                }
            } else if is_scenario(&path) {
                self.found.push(path);
            }
        }
        Ok(())
    }

    /// Hidden folders, caches such as the build folder of cargo, results, and the golden results hold
    /// JSON files that are no scenarios.
    fn is_passed_by(&self, folder: &Path) -> bool {
        let is_hidden = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let is_golden = || self.golden.is_some() && folder.canonicalize().ok() == self.golden;
        is_hidden || folder.join("CACHEDIR.TAG").is_file() || is_result(folder) || is_golden()
    }
}

/// Whether a file is called as scenarios are.
pub fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json" || ending == "jsonc")
        && !path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".schema.json"))
}

/// Leaves out files that come again by another way, and sorts the others. A link with a name of its own
/// stays: it has a golden result of its own.
fn each_once(mut found: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    found.retain(|path| {
        // What can't be followed is reported when it is read.
        let place = path.canonicalize().unwrap_or_else(|_| path.clone());
        seen.insert((place, load::name_of(path)))
    });
    found.sort();
    found
}

/// Says which two have one name, if any have.
fn reject_equal_names(paths: &[PathBuf]) -> Result<()> {
    let mut names: Vec<(String, &PathBuf)> = paths.iter().map(|path| (load::name_of(path), path)).collect();
    names.sort();
    for pair in names.windows(2) {
        if pair[0].0 == pair[1].0 {
            let message = format!("`{}` and `{}` have one name", shown(pair[0].1), shown(pair[1].1));
            let help = "rename one: golden results go by the file's name";
            return Err(Exit::new(exit::NO_INPUT, message, help));
        }
    }
    Ok(())
}
