//! `copysim init`: a scenario to start from, with a comment for everything in it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::exit::{self, Exit, say};
use super::{EXIT_STATUS, Result, shown};
use crate::scenario::{JSON_SCHEMA_FILE, json_schema};

/// Write a commented scenario to start from, and the schema for your editor beside it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}"))]
pub struct Args {
    /// The scenario to write, such as `plans/release`; without it, it is called as the template
    pub name: Option<PathBuf>,

    /// What it is to be like
    #[arg(long, value_enum, default_value_t = Template::Release)]
    pub template: Template,
}

const EXAMPLES: &str = "\
Examples:
  copysim init
  copysim init plans/nightly --template nightly";

/// What a scenario can start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// One image to every other region, and a hotfix behind it
    Release,
    /// Batches of many images at a clock time, beside a stream of builds
    Nightly,
    /// Requests from a CSV file
    Trace,
}

/// Stands in the templates for the name of the scenario.
const NAME: &str = "NAME";

impl Template {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Nightly => "nightly",
            Self::Trace => "trace",
        }
    }

    /// Its files, by their endings.
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Release => &[("json", include_str!("templates/release.json"))],
            Self::Nightly => &[("json", include_str!("templates/nightly.json"))],
            Self::Trace => &[
                ("json", include_str!("templates/trace.json")),
                ("csv", include_str!("templates/trace.csv")),
            ],
        }
    }
}

pub fn init(args: &Args) -> Result<()> {
    let path = args.name.clone().unwrap_or_else(|| PathBuf::from(args.template.name()));
    let path =
        if path.extension().is_some_and(|ending| ending == "json") { path.with_extension("") } else { path };
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        let message = format!("`{}` names no file", path.display());
        return Err(Exit::new(exit::USAGE, message, "write a name such as `plans/release`"));
    };
    let with_ending = |ending: &str| path.with_file_name(format!("{name}.{ending}"));
    let schema = path.with_file_name(JSON_SCHEMA_FILE);
    let files: Vec<(PathBuf, String)> = args
        .template
        .files()
        .iter()
        .map(|(ending, text)| (with_ending(ending), text.replace(NAME, &name)))
        .collect();
    // Looked at before anything is written, so that nothing is half done.
    if let Some((taken, _)) = files.iter().find(|(path, _)| path.exists()) {
        let message = format!("`{}` is there already", taken.display());
        return Err(Exit::new(exit::CANT_CREATE, message, "choose another name, or move it away"));
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| cant_write(folder, &error))?;
    }
    for (path, text) in &files {
        write_new(path, text).map_err(|error| cant_write(path, &error))?;
    }
    let schema_is_written = write_schema(&schema)?;
    let written = files.iter().map(|(path, _)| path).chain(schema_is_written.then_some(&schema));
    let written: Vec<String> = written.map(|path| shown(path)).collect();
    let scenario = shown(&with_ending("json"));
    say(&format!(
        "wrote {}\n\nnext:\n  copysim run {scenario}\n  copysim validate {scenario}\n",
        written.join(", ")
    ))
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

/// Writes the schema, or brings an older one of copysim up to date. Any other file is left alone.
fn write_schema(path: &Path) -> Result<bool> {
    let schema = json_schema();
    match fs::read_to_string(path) {
        Ok(present) if present == schema || !is_ours(&present) => return Ok(false),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Ok(false),
        Ok(_) | Err(_) => {}
    }
    fs::write(path, schema).map_err(|error| cant_write(path, &error))?;
    Ok(true)
}

/// Whether a schema was written by copysim, of whatever version.
fn is_ours(schema: &str) -> bool {
    let title = |document: serde_json::Value| document.get("title")?.as_str().map(str::to_owned);
    serde_json::from_str(schema).ok().and_then(title).is_some_and(|title| title == "copysim scenario")
}

fn cant_write(path: &Path, error: &io::Error) -> Exit {
    let message = format!("can't write `{}`: {error}", path.display());
    Exit::new(exit::CANT_CREATE, message, "choose a folder that can be written")
}
