//! `copysim validate`: reads and checks scenarios without running them.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::annotations::annotate;
use super::check::GOLDEN;
use super::exit::{self, Exit, error_text, say, show};
use super::load::{Rejected, faults, read};
use super::select::files;
use super::{Result, interrupt, shown, talk};
use crate::output::style::{ERROR, NOTE, PASSED};
use crate::output::{DiagnosticsReport, FileReport};
use crate::scenario::{Calls, Scenario, visible};

/// Read and check scenarios without running them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = exit::examples_and_statuses(EXAMPLES, &STATUSES))]
pub struct Args {
    /// Scenario files, and folders with scenario files anywhere below them (but results and hidden folders)
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,

    /// Lay a value over each scenario, such as `service.cap=10`
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,

    /// How what is found is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const STATUSES: [u8; 7] = [
    exit::OK,
    exit::USAGE,
    exit::INVALID,
    exit::NO_INPUT,
    exit::CANT_CREATE,
    exit::CANT_WRITE,
    exit::INTERRUPTED,
];

const EXAMPLES: &str = "\
Examples:
  copysim validate scenarios/
  copysim validate scenarios/quickstart.json --set service.cap=10 --format json";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines for people
    Text,
    /// One document for programs, of the schema copysim/diagnostics/1
    Json,
}

/// A scenario, or why there is none.
type Outcome = std::result::Result<Scenario, Rejected>;

pub fn validate(args: &Args) -> Result<()> {
    interrupt::say_when_interrupted("interrupted");
    let paths = files(&args.paths, Path::new(GOLDEN))?;
    let mut statuses = Vec::new();
    let mut reports = Vec::new();
    for path in &paths {
        let outcome = read(path, &args.set);
        // What comes after faults is told apart from them.
        let gap = if statuses.last().is_none_or(|status| *status == exit::OK) { "" } else { "\n" };
        match args.format {
            Format::Text => show(&format!("{gap}{}", describe(path, &outcome)))?,
            Format::Json => reports.push(report(path, &outcome)),
        }
        if let Err(rejected) = &outcome {
            annotate(&rejected.annotations());
        }
        statuses.push(outcome.err().map_or(exit::OK, |rejected| rejected.status()));
    }
    match args.format {
        Format::Text => show(&format!("\n{}\n", counts(&statuses)))?,
        Format::Json => say(&DiagnosticsReport::new(reports).to_json().unwrap_or_default())?,
    }
    match exit::worst(statuses) {
        exit::OK => Ok(()),
        status => Err(Exit::with_text(status, String::new())),
    }
}

fn report(path: &Path, outcome: &Outcome) -> FileReport {
    let file = path.display().to_string();
    match outcome {
        Ok(scenario) => FileReport::valid(file, scenario),
        Err(Rejected::Invalid(error)) => FileReport::invalid(file, error),
        Err(Rejected::Unreadable { message, help, .. }) => {
            FileReport::unreadable(file, message.clone(), (*help).to_owned())
        }
    }
}

/// A line about a scenario, and what was found below it, with escape sequences for colour.
fn describe(path: &Path, outcome: &Outcome) -> String {
    let shown = shown(path);
    match outcome {
        Ok(scenario) => {
            let notices = scenario.notices.iter().chain(&scenario.remarks).filter(|_| talk::has_notes());
            let notices = notices.map(|notice| format!("  {NOTE}note:{NOTE:#} {}\n", visible(notice)));
            let notices: String = notices.collect();
            format!("{PASSED}ok{PASSED:#}     {shown}   {}\n{notices}", facts(scenario))
        }
        Err(Rejected::Invalid(error)) => {
            let faults = faults(error);
            format!("{ERROR}ERROR{ERROR:#}  {shown}   {}{}\n{}\n", faults.count, faults.only, faults.text)
        }
        Err(Rejected::Unreadable { message, help, .. }) => {
            format!("{ERROR}ERROR{ERROR:#}  {shown}\n{}", error_text(&visible(message), help))
        }
    }
}

/// `10 regions, 11 copies listed, 2 streams`: what tells whether it is the scenario that was meant.
fn facts(scenario: &Scenario) -> String {
    let (mut copies, mut streams, mut rows, mut traces) = (0, 0, 0, 0);
    for entry in &scenario.catalog.entries {
        match &entry.calls {
            Calls::Listed { calls, .. } => copies += calls.len() as u64,
            Calls::Arriving { .. } => streams += 1,
            Calls::Rows(info) => {
                traces += 1;
                rows += info.count;
            }
            Calls::Targets(_) => {}
        }
    }
    let mut facts = vec![
        counted(scenario.catalog.regions.len() as u64, "region", "regions"),
        counted(copies, "copy listed", "copies listed"),
    ];
    if streams > 0 {
        facts.push(counted(streams, "stream", "streams"));
    }
    if traces > 0 {
        facts.push(counted(rows, "row in a trace", "rows in traces"));
    }
    facts.join(", ")
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `13 valid, 1 invalid, 1 unreadable`; not checked is what no temporary file could be had for.
fn counts(statuses: &[u8]) -> String {
    let count = |of: &[u8]| statuses.iter().filter(|status| of.contains(status)).count();
    let mut text = format!("{} valid, {} invalid", count(&[exit::OK]), count(&[exit::INVALID]));
    for (of, word) in
        [(&[exit::NO_INPUT][..], "unreadable"), (&[exit::CANT_CREATE, exit::CANT_WRITE], "not checked")]
    {
        match count(of) {
            0 => {}
            several => text += &format!(", {several} {word}"),
        }
    }
    text
}
