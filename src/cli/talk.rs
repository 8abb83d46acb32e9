//! What is said beside the data: how much of it, in which colours, and notes on stderr.
//!
//! Colours follow one choice for the whole process ([`anstream::ColorChoice::global`]), which clap's own
//! texts keep to as well: `--color`, else none where NO_COLOR is set to anything or no terminal reads.

use std::ffi::OsString;
use std::io::Write;
use std::sync::atomic::{AtomicU8, Ordering};

use clap::{ColorChoice, ValueEnum};

use crate::output::style::NOTE;
use crate::scenario::visible;

/// Options of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Options {
    /// When to use colours: `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,

    /// Say no notes on stderr, only errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,

    /// Say on stderr what was read, run and written
    #[arg(short, long, global = true)]
    verbose: bool,
}

const ERRORS: u8 = 0;
const NOTES: u8 = 1;
const FACTS: u8 = 2;

/// How much is said, set once from the command line.
static LEVEL: AtomicU8 = AtomicU8::new(NOTES);

impl Options {
    /// From now on as much is said as these options want.
    pub fn set_level(&self) {
        let level = match (self.quiet, self.verbose) {
            (true, _) => ERRORS,
            (false, true) => FACTS,
            (false, false) => NOTES,
        };
        LEVEL.store(level, Ordering::Relaxed);
    }
}

/// Sets the colours of the process by `--color` among its arguments. This comes before they are parsed, as
/// it holds for what is wrong with them too; a wrong value is left to the parser.
pub fn set_colours(arguments: impl Iterator<Item = OsString>) {
    let choice = match choice_of(arguments) {
        Some(ColorChoice::Always) => anstream::ColorChoice::Always,
        Some(ColorChoice::Never) => anstream::ColorChoice::Never,
        Some(ColorChoice::Auto) | None => anstream::ColorChoice::Auto,
    };
    choice.write_global();
}

fn choice_of(arguments: impl Iterator<Item = OsString>) -> Option<ColorChoice> {
    let is_option = |argument: &OsString| argument != "--";
    let mut arguments = arguments.take_while(is_option);
    let mut choice = None;
    while let Some(argument) = arguments.next() {
        let argument = argument.to_string_lossy();
        let value = match argument.strip_prefix("--color") {
            Some("") => arguments.next().map(|value| value.to_string_lossy().into_owned()),
            Some(value) => value.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        choice = value.and_then(|value| ColorChoice::from_str(&value, false).ok()).or(choice);
    }
    choice
}

/// Whether notes are wanted.
pub fn has_notes() -> bool {
    LEVEL.load(Ordering::Relaxed) >= NOTES
}

/// Something to know, on stderr.
pub fn note(text: &str) {
    if has_notes() {
        to_stderr(&format!("{NOTE}note:{NOTE:#} {}\n", visible(text)));
    }
}

/// A fact about what is being done, on stderr, for those who want to know.
pub fn fact(text: impl FnOnce() -> String) {
    if LEVEL.load(Ordering::Relaxed) >= FACTS {
        to_stderr(&format!("info: {}\n", visible(&text())));
    }
}

/// Writes a text with colours to stderr. Talk that can't be shown is no reason to fail.
pub fn to_stderr(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_of_colours_is_found_wherever_it_stands() {
        let choice = |text: &str| choice_of(text.split(' ').map(OsString::from));
        assert_eq!(choice("copysim run x.json"), None);
        assert_eq!(choice("copysim --color always run x.json"), Some(ColorChoice::Always));
        assert_eq!(choice("copysim run x.json --color=never"), Some(ColorChoice::Never));
        assert_eq!(choice("copysim run x.json --color auto"), Some(ColorChoice::Auto));
        assert_eq!(choice("copysim run -- --color always"), None);
        assert_eq!(choice("copysim --color sometimes"), None);
        assert_eq!(choice("copysim --colors always"), None);
        assert_eq!(choice("copysim --color"), None);
    }
}
