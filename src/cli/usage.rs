//! What is wrong with a command line, in the form that all errors have.

use std::error::Error as _;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::Cli;
use super::exit::error_text;
use crate::output::style::HELP;
use crate::scenario::{nearest, visible};

/// The error, its way out and how the command is used, with escape sequences for colour.
pub fn usage_error(error: &Error) -> String {
    let text = error_text(&visible(&message(error)), &visible(&help(error)));
    match context(error, ContextKind::Usage) {
        Some(usage) => {
            let usage = usage.trim_start_matches("Usage:").split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{text}  {HELP}usage:{HELP:#} {}\n", visible(&usage))
        }
        None => text,
    }
}

fn message(error: &Error) -> String {
    let said = |kind| context(error, kind).unwrap_or_default();
    let (argument, value) = (said(ContextKind::InvalidArg), said(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("there is no command `{}`", said(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => format!("unexpected argument `{argument}`"),
        ErrorKind::InvalidValue if value.is_empty() => format!("`{argument}` needs a value"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("`{argument}` can't be `{value}`")
        }
        ErrorKind::MissingRequiredArgument => format!("`{argument}` is missing"),
        ErrorKind::ArgumentConflict => {
            format!("`{argument}` and `{}` exclude each other", said(ContextKind::PriorArg))
        }
        _ => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            line.strip_prefix("error: ").unwrap_or(line).to_owned()
        }
    }
}

fn help(error: &Error) -> String {
    let unknown = context(error, ContextKind::InvalidSubcommand);
    let command = Cli::command();
    let commands: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    if let Some(unknown) = unknown {
        return match nearest(&unknown, commands.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the commands are {}", commands.join(", ")),
        };
    }
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    if let Some(near) = near.into_iter().find_map(|kind| context(error, kind)) {
        return format!("did you mean `{near}`?");
    }
    match (error.source(), error.get(ContextKind::ValidValue)) {
        (Some(source), _) => source.to_string(),
        (None, Some(ContextValue::Strings(values))) if !values.is_empty() => {
            format!("it takes {}", values.join(", "))
        }
        _ => "`--help` tells what the command takes".to_owned(),
    }
}

/// What the parser found of a kind, as text; several are told one behind the other.
fn context(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join("`, `")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        _ => None,
    }
}
