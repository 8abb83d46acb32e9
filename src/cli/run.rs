//! `copysim run`: one scenario, its summary, and its result folder.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::annotations::{Annotation, Annotations};
use super::exit::{self, Exit, say, show};
use super::talk::{fact, note};
use super::write::{Choice, written};
use super::{Result, interrupt, load, shown};
use crate::output::manifest::{About, SCHEMA, sha256};
use crate::output::{
    Recorder, ResultFolder, RunInfo, Summary, Written, broken_check, broken_lines, terminal_summary,
};
use crate::scenario::Scenario;

/// Run a scenario, print when every copy is ready, and write the result folder
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = exit::examples_and_statuses(EXAMPLES, &STATUSES))]
pub struct Args {
    /// The scenario file
    pub scenario: PathBuf,

    /// The folder of the result
    // The help says it again, as its default isn't Markdown.
    #[arg(
        long,
        value_name = "DIR",
        help = "The folder of the result [default: results/runs/<scenario>/<seed>-<hash>]"
    )]
    pub out: Option<PathBuf>,

    /// Lay a value over the scenario, such as `service.cap=10`, `regions.cn-*.cap=2` or `requests.hotfix.at=1h`
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,

    /// Run with this seed instead of the scenario's
    #[arg(long, value_name = "N", value_parser = load::seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,

    /// The files to write, or `none`; without it all, but the trace only up to 100 thousand copies
    #[arg(long, value_name = "FILES", value_delimiter = ',', value_enum)]
    pub write: Option<Vec<Choice>>,

    /// How the summary is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// Check after every event that the simulation is consistent (slow; for finding bugs of copysim)
    #[arg(long)]
    pub check_invariants: bool,

    /// Compute everything the long way round; it gives the same results (for finding bugs of copysim)
    #[arg(long, hide = true)]
    pub no_short_cuts: bool,
}

const STATUSES: [u8; 9] = [
    exit::OK,
    exit::FAILED,
    exit::USAGE,
    exit::INVALID,
    exit::NO_INPUT,
    exit::BUG,
    exit::CANT_CREATE,
    exit::CANT_WRITE,
    exit::INTERRUPTED,
];

const EXAMPLES: &str = "\
Examples:
  copysim run scenarios/quickstart.json
  copysim run scenarios/quickstart.json --seed 7 --out results/runs/seven
  copysim run scenarios/quickstart.json --set service.cap=10
  copysim run scenarios/quickstart.json --write summary,rows --format json";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for people
    Text,
    /// The document of summary.json
    Json,
}

pub fn run(args: &Args) -> Result<()> {
    interrupt::say_when_interrupted("interrupted; nothing was written");
    let mut scenario = load::scenario(&args.scenario, &args.set, args.seed)?;
    scenario.model.surroundings.bundles_flows = !args.no_short_cuts;
    let written = written(args.write.as_deref());
    scenario.notices.iter().chain(&scenario.remarks).for_each(|notice| note(notice));
    let target = args.out.clone().unwrap_or_else(|| default_target(&args.scenario, &scenario));
    let is_written = written != Written::only(&[]);
    let Finished { summary, trace_was_cut, files } = simulate_into(
        &args.scenario,
        &scenario,
        written,
        is_written.then_some(&target),
        args.check_invariants,
    )?;
    match args.format {
        Format::Json => {
            say(&summary.to_json().unwrap_or_default())?;
            summary.warnings.iter().for_each(|warning| note(warning));
        }
        // Here the warnings are part of what is printed.
        Format::Text => show(&terminal_summary(&summary))?,
    }
    if trace_was_cut {
        note("more than 100 thousand copies: no trace.jsonl was written; `--write trace` writes it");
    }
    if is_written {
        fact(|| format!("wrote {} to `{}`", files.join(", "), target.display()));
        match args.format {
            Format::Text => say(&format!("\n{}\n", shown(&target)))?,
            Format::Json => note(&format!("results in {}", target.display())),
        }
    }
    if summary.has_passed() {
        return Ok(());
    }
    // What failed has been told with the summary.
    let annotations = broken_promises(&args.scenario, &scenario, &summary, "the summary has all figures");
    Err(Exit::with_text(exit::FAILED, String::new()).at(annotations))
}

/// What failed, for each check at its place; `help` says how to look further.
pub fn broken_promises(path: &Path, scenario: &Scenario, summary: &Summary, help: &str) -> Annotations {
    let expected = summary.expectations.iter().filter(|found| !found.passed);
    let expected = expected.map(|found| {
        let message = format!("not answered as expected: {}", broken_lines(found).join("; "));
        Annotation::at_first_line(path, message, help)
    });
    let checks = scenario.checks.iter().zip(summary.checks()).filter(|(_, check)| !check.passed);
    let checks = checks.map(|(written, check)| {
        Annotation::at(path, written.place, format!("check failed: {}", broken_check(check)), help)
    });
    expected.chain(checks).collect()
}

/// A run that came to its end.
pub struct Finished {
    pub summary: Summary,
    /// Whether the trace was left out.
    trace_was_cut: bool,
    /// The names of the files that were written.
    files: Vec<String>,
}

/// Runs a scenario and writes its result into a folder, if one is given.
pub fn simulate_into(
    path: &Path,
    scenario: &Scenario,
    written: Written,
    target: Option<&PathBuf>,
    check_invariants: bool,
) -> Result<Finished> {
    let name = load::name_of(path);
    let mut folder = target.map(|target| ResultFolder::open(target)).transpose()?;
    let _guard = folder.as_ref().map(|folder| interrupt::guard(folder.leftovers()));
    let info = RunInfo { name: &name, scenario };
    let mut recorder = Recorder::new(info, written, folder.as_mut())?;
    load::simulate(path, scenario, &mut recorder, check_invariants)?;
    let trace_was_cut = recorder.trace_was_cut();
    let summary = recorder.finish(folder.as_mut())?;
    let mut files = Vec::new();
    if let Some(folder) = folder {
        let mut held_off = interrupt::hold_off();
        files = folder.commit(&About {
            schema: SCHEMA,
            copysim_version: env!("CARGO_PKG_VERSION"),
            scenario: name.clone(),
            scenario_sha256: sha256(scenario.canonical.as_bytes()),
            seed: scenario.seed(),
            overrides: scenario.overrides.clone(),
        })?;
        held_off.is_written();
    }
    Ok(Finished { summary, trace_was_cut, files })
}

/// `results/runs/<scenario>/<seed>-<hash>`, where the hash is of what decides the run.
fn default_target(path: &Path, scenario: &Scenario) -> PathBuf {
    let hash = sha256(scenario.canonical.as_bytes());
    let folder = format!("{}-{}", scenario.seed(), &hash[..6]);
    Path::new("results").join("runs").join(load::name_of(path)).join(folder)
}
