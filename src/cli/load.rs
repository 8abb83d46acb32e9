//! Reading a scenario file, and running what it says.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::exit::{self, Exit};
use super::{Result, clean, error_text, shown};
use crate::output::run_error_message;
use crate::scenario::{Files, Folder, Scenario, ScenarioError, render};
use crate::simulation::{Auditor, Observer, RunEnd, RunError, run};
use crate::workload::RowsError;

/// Largest scenario file: above that it is surely something else.
const MAX_FILE: u64 = 1 << 30;

/// Errors shown of a scenario: a file that was generated wrongly has thousands of one kind.
const MAX_SHOWN: usize = 50;

const MAX_SEED: u64 = 1 << 53;

/// Reads and resolves a scenario with overrides; `seed` stands in for the one in the file.
pub fn scenario(path: &Path, overrides: &[String], seed: Option<u64>) -> Result<Scenario> {
    let name = path.display().to_string();
    let unreadable = |error: io::Error| {
        let help = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                "check the path; `scenarios/quickstart.json` is one to start from"
            }
            io::ErrorKind::PermissionDenied => "check who may read it",
            _ => "",
        };
        Exit::new(exit::NO_INPUT, format!("can't read `{name}`: {}", plain(&error)), help)
    };
    let about = fs::metadata(path).map_err(unreadable)?;
    if about.is_dir() {
        let help = "name a scenario file; `copysim check` takes folders";
        return Err(Exit::new(exit::NO_INPUT, format!("`{name}` is a folder"), help));
    }
    let too_large =
        || Exit::new(exit::NO_INPUT, format!("`{name}` is larger than 1 GiB"), "is it a scenario?");
    if about.len() > MAX_FILE {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // A device tells no size, and may have no end.
    fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large());
    }
    let files: Arc<dyn Files> = Arc::new(Folder::of(path));
    let mut scenario =
        Scenario::read_with(&name, bytes, overrides, &files).map_err(|error| invalid(&error))?;
    if let Some(seed) = seed {
        scenario.seed = seed;
    }
    Ok(scenario)
}

fn invalid(error: &ScenarioError) -> Exit {
    let count = error.diagnostics.len();
    let shown = &error.diagnostics[..count.min(MAX_SHOWN)];
    let found = if count == 1 { "1 error".to_owned() } else { format!("{count} errors") };
    let only = if shown.len() < count { format!(", of which {MAX_SHOWN} are shown") } else { String::new() };
    let text = render(&error.sources, shown, false);
    Exit::with_text(
        if error.is_of_input() { exit::NO_INPUT } else { exit::INVALID },
        format!(
            "{}\n\n{found} in `{}`{only}; nothing was run\n",
            text.trim_end(),
            clean(&error.sources.file().name)
        ),
    )
}

/// The words of an error without the operating system's number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// Reads a seed of the command line: as in a scenario, one that every JSON reader holds exactly.
pub fn seed(text: &str) -> std::result::Result<u64, String> {
    let seed = text.parse().ok().filter(|seed| *seed <= MAX_SEED);
    seed.ok_or_else(|| format!("write a whole number from 0 to {MAX_SEED}"))
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
        run(&scenario.model, &mut (auditor, Forward(observer)), true)
    } else {
        run(&scenario.model, observer, false)
    };
    result.map_err(|error| {
        let (message, help) = run_error_message(&error, &scenario.catalog);
        if matches!(error, RunError::BrokenInvariant { .. }) {
            let again = format!("copysim run {} --seed {} --check-invariants", shown(path), scenario.seed);
            let text = error_text(&message, &format!("{help}\n  again: {again}"));
            return Exit::with_text(exit::BUG, text);
        }
        let status = match error {
            RunError::Rows { error: RowsError::Unreadable(_), .. } => exit::NO_INPUT,
            _ => exit::INVALID,
        };
        Exit::new(status, format!("{}: {message}", path.display()), help)
    })
}

/// Lets a borrowed observer stand in a pair.
struct Forward<'a, O>(&'a mut O);

impl<O: Observer> Observer for Forward<'_, O> {
    fn begin(&mut self, slots: &[(crate::service::SlotKey, u32)]) {
        self.0.begin(slots);
    }

    fn planned(&mut self, key: crate::ids::RequestKey, row: &crate::workload::Row) {
        self.0.planned(key, row);
    }

    fn happened(&mut self, at: crate::time::SimTime, what: &crate::records::History) {
        self.0.happened(at, what);
    }

    fn settled(&mut self, at: crate::time::SimTime, slot: u32, levels: crate::records::SlotLevels) {
        self.0.settled(at, slot, levels);
    }

    fn closed(&mut self, at: crate::time::SimTime, record: &crate::records::CopyRecord) {
        self.0.closed(at, record);
    }

    fn end(&mut self, end: &RunEnd) {
        self.0.end(end);
    }

    fn broken(&mut self) -> Option<crate::simulation::Broken> {
        self.0.broken()
    }
}
