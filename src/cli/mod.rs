//! The command line: arguments, one file per command, exit codes.

mod annotations;
mod check;
mod difference;
mod exit;
mod explain;
mod init;
mod interrupt;
mod load;
mod run;
mod schema;
mod select;
mod shell;
mod talk;
mod usage;
mod validate;
mod write;

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::scenario::visible;
use exit::Exit;

/// A deterministic simulator of a cloud image-copy scheduler: when is every copy ready, and why?
#[derive(Debug, Parser)]
#[command(name = "copysim", version, after_help = HOME_EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    talk: talk::Options,
}

const HOME_EXAMPLES: &str = "\
Examples:
  copysim run scenarios/quickstart.json
  copysim check scenarios/";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Validate(validate::Args),
    Run(run::Args),
    Explain(explain::Args),
    Check(check::Args),
    Schema(schema::Args),
}

/// Parses the arguments of the process, does what they say, and gives the exit status.
pub fn main() -> ExitCode {
    talk::set_colours(std::env::args_os().skip(1));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, everything else is a wrong command line.
            if error.use_stderr() {
                return Exit::with_text(exit::USAGE, usage::usage_error(&error)).report();
            }
            return error.print().map_or_else(|failed| exit::of_output_error(&failed), |()| exit::OK.into());
        }
    };
    cli.talk.set_level();
    let result = match &cli.command {
        None => exit::show(&Cli::command().render_help().ansi().to_string()),
        Some(Command::Init(args)) => init::init(args),
        Some(Command::Validate(args)) => validate::validate(args),
        Some(Command::Run(args)) => run::run(args),
        Some(Command::Explain(args)) => explain::explain(args),
        Some(Command::Check(args)) => check::check(args),
        Some(Command::Schema(args)) => schema::schema(args),
    };
    let status = match result {
        Ok(()) => ExitCode::from(exit::OK),
        Err(exit) => exit.report(),
    };
    annotations::tell_rest();
    status
}

/// A path as it is shown.
fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

type Result<T> = std::result::Result<T, Exit>;
