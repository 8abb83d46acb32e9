//! `copysim explain`: the life line of one copy.

use std::path::PathBuf;

use super::exit::{self, Exit, say};
use super::{EXIT_STATUS, Result, interrupt, load};
use crate::output::Explainer;

/// Explain one copy: what happened to it, and who held the slots while it waited
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}"))]
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

const EXAMPLES: &str = "\
Examples:
  copysim explain release@us-west-1 scenarios/quickstart.json";

pub fn explain(args: &Args) -> Result<()> {
    interrupt::say_when_interrupted("interrupted");
    let scenario = load::scenario(&args.scenario, &args.set, args.seed)?;
    let mut explainer = Explainer::new(&args.copy, &scenario);
    let end = load::simulate(&args.scenario, &scenario, &mut explainer, false)?;
    match explainer.finish(end.at) {
        Ok(life_line) => say(&life_line.to_string()),
        Err((message, help)) => Err(Exit::new(exit::NO_INPUT, message, help)),
    }
}
