//! `copysim explain`: the life line of one copy.

use std::path::{Path, PathBuf};

use super::exit::{self, Exit, error_text, say};
use super::shell::word;
use super::{Result, interrupt, load, select};
use crate::output::{Explainer, NoSuchCopy};
use crate::scenario::visible;

/// Explain one copy: what happened to it, and who held the slots while it waited
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = exit::examples_and_statuses(EXAMPLES, &STATUSES))]
pub struct Args {
    /// The copy, as copies.csv calls it, such as `release@us-east-1`
    pub copy: String,

    /// The scenario file
    pub scenario: PathBuf,

    /// Lay a value over the scenario, such as `service.cap=10`, `regions.cn-*.cap=2` or `requests.hotfix.at=1h`
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,

    /// Run with this seed instead of the scenario's
    #[arg(long, value_name = "N", value_parser = load::seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,
}

const STATUSES: [u8; 8] = [
    exit::OK,
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
  copysim explain release@us-west-1 scenarios/quickstart.json";

pub fn explain(args: &Args) -> Result<()> {
    interrupt::say_when_interrupted("interrupted");
    reject_swapped(args)?;
    let scenario = load::scenario(&args.scenario, &args.set, args.seed)?;
    let mut explainer = Explainer::new(&args.copy, &scenario);
    let end = load::simulate(&args.scenario, &scenario, &mut explainer, false)?;
    match explainer.finish(end.at) {
        Ok(life_line) => say(&life_line.to_string()),
        Err(missing) => Err(Exit::with_text(exit::NO_INPUT, no_such_copy(&missing))),
    }
}

/// Says which way round the arguments go, if the first one is the scenario.
fn reject_swapped(args: &Args) -> Result<()> {
    let is_scenario = |path: &Path| path.is_file() || select::is_scenario(path);
    if !is_scenario(Path::new(&args.copy)) || is_scenario(&args.scenario) {
        return Ok(());
    }
    let (copy, scenario) = (word(&args.scenario.to_string_lossy()), word(&args.copy));
    let help = format!("write `copysim explain {copy} {scenario}`");
    Err(Exit::new(exit::USAGE, "the copy comes first, then the scenario", help))
}

/// The error with the copies that may have been meant.
fn no_such_copy(missing: &NoSuchCopy) -> String {
    let mut lines = vec![visible(&missing.message)];
    lines.extend(missing.copies.iter().map(|copy| format!("  {}", visible(copy))));
    if missing.more > 0 {
        lines.push(format!("  ... {} more (copies.csv)", missing.more));
    }
    error_text(&lines.join("\n"), &visible(&missing.help))
}
