//! The command line: arguments, one file per command, exit codes.

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
mod write;

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use exit::Exit;

const EXIT_STATUS: &str = "\
Exit status:
  0    done, and every check passed
  1    a golden result differs or is missing
  2    the command line is wrong
  65   the scenario is invalid
  66   an input is missing or unreadable, or nothing is selected to run
  70   an invariant is broken: a bug of copysim
  73   an output can't be created
  74   an output can't be written
  130  interrupted";

/// A deterministic simulator of a cloud image-copy scheduler: when is every copy ready, and why?
#[derive(Debug, Parser)]
#[command(name = "copysim", version, disable_help_subcommand = true, after_help = HOME_EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const HOME_EXAMPLES: &str = "\
Examples:
  copysim run scenarios/quickstart.json
  copysim check scenarios/";

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    Explain(explain::Args),
    Check(check::Args),
    Schema(schema::Args),
    Init(init::Args),
}

/// Parses the arguments of the process, does what they say, and gives the exit status.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, everything else is a wrong command line.
            let status = if error.use_stderr() { exit::USAGE } else { exit::OK };
            if let Err(failed) = error.print() {
                return exit::of_output_error(&failed);
            }
            return ExitCode::from(status);
        }
    };
    let result = match &cli.command {
        None => exit::say(&Cli::command().render_help().to_string()),
        Some(Command::Run(args)) => run::run(args),
        Some(Command::Explain(args)) => explain::explain(args),
        Some(Command::Check(args)) => check::check(args),
        Some(Command::Schema(args)) => schema::schema(args),
        Some(Command::Init(args)) => init::init(args),
    };
    match result {
        Ok(()) => ExitCode::from(exit::OK),
        Err(exit) => exit.report(),
    }
}

/// A one-line error with its way out, as it is shown.
fn error_text(message: &str, help: &str) -> String {
    if help.is_empty() {
        format!("error: {message}\n")
    } else {
        format!("error: {message}\n  help: {help}\n")
    }
}

/// Something to know, on stderr.
fn note(text: &str) {
    // Talk that can't be shown is no reason to fail.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("note: {}\n", clean(text)).as_bytes());
}

/// A path as it is shown.
fn shown(path: &Path) -> String {
    clean(&path.to_string_lossy())
}

/// A text without what steers a screen or can't be seen: names of files may hold anything.
fn clean(text: &str) -> String {
    let is_unseen = |character: char| {
        let is_mark = matches!(character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        character.is_control() || is_mark
    };
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        if is_unseen(character) {
            out.extend(character.escape_unicode())
        } else {
            out.push(character)
        }
        out
    })
}

type Result<T> = std::result::Result<T, Exit>;
