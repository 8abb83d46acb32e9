//! Reading a scenario file, and running what it says.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Result;
use super::annotations::{Annotation, Annotations};
use super::exit::{self, Exit, error_text};
use super::shell::word;
use super::talk::fact;
use crate::output::manifest::sha256;
use crate::output::run_error_message;
use crate::scenario::{
    Calls, Cause, Files, Folder, LARGEST_INTEGER, OVERRIDE, RowsInfo, Scenario, ScenarioError, io_words,
    render, visible,
};
use crate::simulation::{Auditor, Observer, RunEnd, RunError, run};
use crate::workload::RowsError;

/// Largest scenario file: above that it is surely something else.
const MAX_FILE: u64 = 1 << 30;

/// Errors shown of a scenario: a file that was generated wrongly has thousands of one kind.
const MAX_SHOWN: usize = 50;

/// Why there is no scenario to run.
pub enum Rejected {
    /// Its file is missing, or can't be read to its end.
    Unreadable { path: PathBuf, message: String, help: &'static str },
    /// It was read, and has these faults.
    Invalid(ScenarioError),
}

impl Rejected {
    /// The exit status that stands for it.
    pub fn status(&self) -> u8 {
        match self {
            Self::Unreadable { .. } => exit::NO_INPUT,
            Self::Invalid(error) => match error.cause() {
                Cause::Text => exit::INVALID,
                Cause::Input => exit::NO_INPUT,
                Cause::Create => exit::CANT_CREATE,
                Cause::Write => exit::CANT_WRITE,
            },
        }
    }

    /// Where it is shown beside the text.
    pub fn annotations(&self) -> Annotations {
        match self {
            Self::Unreadable { path, message, help } => {
                Annotation::at_first_line(path, message, *help).into()
            }
            Self::Invalid(error) => Annotation::of(error),
        }
    }
}

impl From<Rejected> for Exit {
    fn from(rejected: Rejected) -> Self {
        let annotations = rejected.annotations();
        let exit = match &rejected {
            Rejected::Unreadable { message, help, .. } => Self::new(rejected.status(), message, help),
            Rejected::Invalid(error) => {
                let (faults, name) = (faults(error), visible(&error.sources.file().name));
                let text = format!(
                    "{}\n\n{} in `{name}`{}; nothing was run\n",
                    faults.text, faults.count, faults.only
                );
                Self::with_text(rejected.status(), text)
            }
        };
        exit.at(annotations)
    }
}

/// The faults of a scenario for people.
pub struct Faults {
    /// The first of them, with escape sequences for colour.
    pub text: String,
    /// `3 errors`
    pub count: String,
    /// `, of which 50 are shown`, or nothing.
    pub only: String,
}

/// Puts the faults of a scenario into words.
pub fn faults(error: &ScenarioError) -> Faults {
    let count = error.diagnostics.len();
    let shown = &error.diagnostics[..count.min(MAX_SHOWN)];
    Faults {
        text: render(&error.sources, shown, true).trim_end().to_owned(),
        count: if count == 1 { "1 error".to_owned() } else { format!("{count} errors") },
        only: if shown.len() < count { format!(", of which {MAX_SHOWN} are shown") } else { String::new() },
    }
}

/// Reads and resolves a scenario with overrides; `seed` stands in for the one in the file.
pub fn scenario(path: &Path, overrides: &[String], seed: Option<u64>) -> Result<Scenario> {
    let scenario = read(path, overrides)?;
    Ok(match seed {
        Some(seed) => scenario.with_seed(seed),
        None => scenario,
    })
}

/// Reads and resolves a scenario with overrides.
///
/// # Errors
/// When it can't be read or has faults.
pub fn read(path: &Path, overrides: &[String]) -> std::result::Result<Scenario, Rejected> {
    let bytes = bytes_of(path)?;
    fact(|| format!("read `{}`: {} bytes", path.display(), bytes.len()));
    overrides.iter().for_each(|given| fact(|| format!("set {given}")));
    let files: Arc<dyn Files> = Arc::new(Folder::of(path));
    let scenario = Scenario::read_with(&path.display().to_string(), bytes, overrides, &files)
        .map_err(Rejected::Invalid)?;
    for entry in &scenario.catalog.entries {
        if let Calls::Rows(RowsInfo { file, count, .. }) = &entry.calls {
            fact(|| format!("read `{file}`: {count} {}", if *count == 1 { "row" } else { "rows" }));
        }
    }
    fact(|| format!("scenario hash {}", sha256(scenario.canonical.as_bytes())));
    Ok(scenario)
}

/// The whole of a scenario file.
fn bytes_of(path: &Path) -> std::result::Result<Vec<u8>, Rejected> {
    let rejected = |message, help| Rejected::Unreadable { path: path.to_owned(), message, help };
    let unreadable = |error: io::Error| {
        let help = match error.kind() {
            io::ErrorKind::NotFound if path == Path::new("-") => {
                "`/dev/stdin` reads what is piped in, where there is such a file"
            }
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                "check the path; `scenarios/quickstart.json` is one to start from"
            }
            io::ErrorKind::PermissionDenied => "check who may read it",
            _ => "",
        };
        rejected(format!("can't read `{}`: {}", path.display(), io_words(&error)), help)
    };
    let about = fs::metadata(path).map_err(unreadable)?;
    if about.is_dir() {
        let help = "name a scenario file; `copysim check` and `copysim validate` take folders";
        return Err(rejected(format!("`{}` is a folder", path.display()), help));
    }
    let too_large = || rejected(format!("`{}` is larger than 1 GiB", path.display()), "is it a scenario?");
    if about.len() > MAX_FILE {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // A device tells no size, and may have no end.
    fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE { Err(too_large()) } else { Ok(bytes) }
}

/// Reads a seed of the command line: as in a scenario, one that every JSON reader holds exactly.
pub fn seed(text: &str) -> std::result::Result<u64, String> {
    let seed = text.parse().ok().filter(|seed| *seed <= LARGEST_INTEGER);
    seed.ok_or_else(|| format!("write a whole number from 0 to {LARGEST_INTEGER}"))
}

/// The scenario's name: its file without folder and ending.
pub fn name_of(path: &Path) -> String {
    path.file_stem().map_or_else(|| "scenario".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// Runs a scenario, with the invariants checked after every event if asked for.
pub fn simulate(
    path: &Path,
    scenario: &Scenario,
    observer: &mut impl Observer,
    check_invariants: bool,
) -> Result<RunEnd> {
    let result = if check_invariants {
        let auditor = Auditor::new(&scenario.model.settings);
        run(&scenario.model, &mut (auditor, observer), true)
    } else {
        run(&scenario.model, observer, false)
    };
    let end = result.map_err(|error| {
        let (message, help) = run_error_message(&error, &scenario.catalog);
        if matches!(error, RunError::BrokenInvariant { .. }) {
            let again = visible(&again(path, scenario));
            let text = error_text(&message, &format!("{help}\n  again: {again}"));
            return Exit::with_text(exit::BUG, text);
        }
        let annotation = Annotation::at_first_line(path, &message, &help);
        let status = match error {
            RunError::Rows { error: RowsError::Unreadable(_), .. } => exit::NO_INPUT,
            _ => exit::INVALID,
        };
        Exit::new(status, format!("{}: {message}", path.display()), help).at(annotation)
    })?;
    fact(|| format!("simulated {} events up to {}", end.events, end.at));
    Ok(end)
}

/// The command that brings a broken invariant about again.
fn again(path: &Path, scenario: &Scenario) -> String {
    let set = scenario.overrides.iter().map(|given| format!(" {OVERRIDE} {}", word(given)));
    let (path, seed) = (word(&path.to_string_lossy()), scenario.seed());
    format!("copysim run {path}{} --seed {seed} --check-invariants", set.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_laid_over_the_scenario_is_in_the_command_that_brings_it_about_again() {
        let text = r#"{ "schema_version": 1, "regions": { "cn-a": {} }, "seed": 7 }"#;
        let overrides = ["service.cap=10".to_owned(), "regions.cn-*.cap=2".to_owned()];
        let scenario = Scenario::read("x.json", text.into(), &overrides).expect("a valid scenario");
        assert_eq!(
            again(Path::new("my plans/x.json"), &scenario),
            "copysim run 'my plans/x.json' --set service.cap=10 --set 'regions.cn-*.cap=2' --seed 7 \
             --check-invariants"
        );
    }
}
