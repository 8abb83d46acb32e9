//! `copysim init`: a scenario to start from, with a comment for everything in it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::exit::{self, Exit, say};
use super::shell::word;
use super::talk::note;
use super::{Result, shown};
use crate::scenario::{JSON_SCHEMA_FILE, io_words, json_schema, visible};

/// Write a commented scenario to start from, and the schema for your editor beside it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = exit::examples_and_statuses(EXAMPLES, &STATUSES))]
pub struct Args {
    /// The scenario to write, such as `plans/release`, with folders that are missing; without it, it is called as
    /// the template
    pub name: Option<PathBuf>,

    /// What it is to be like
    #[arg(long, value_enum, default_value_t = Template::Release)]
    pub template: Template,
}

const STATUSES: [u8; 4] = [exit::OK, exit::USAGE, exit::CANT_CREATE, exit::CANT_WRITE];

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

/// The ending of the scenario among the files of a template.
const JSON: &str = "json";

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
            Self::Release => &[(JSON, include_str!("templates/release.json"))],
            Self::Nightly => &[(JSON, include_str!("templates/nightly.json"))],
            Self::Trace => {
                &[(JSON, include_str!("templates/trace.json")), ("csv", include_str!("templates/trace.csv"))]
            }
        }
    }
}

pub fn init(args: &Args) -> Result<()> {
    let path = args.name.clone().unwrap_or_else(|| PathBuf::from(args.template.name()));
    let (path, ending) = without_ending(path);
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        let message = format!("`{}` names no file", path.display());
        return Err(Exit::new(exit::USAGE, message, "write a name such as `plans/release`"));
    };
    let with_ending = |ending: &str| path.with_file_name(format!("{name}.{ending}"));
    let scenario = with_ending(ending);
    let files = args.template.files().iter().map(|(kind, text)| {
        let path = if *kind == JSON { scenario.clone() } else { with_ending(kind) };
        (path, text.replace(NAME, &name))
    });
    let files: Vec<(PathBuf, String)> = files.collect();
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
    let schema = path.with_file_name(JSON_SCHEMA_FILE);
    let is_written = write_schema(&schema)?;
    let written = files.iter().map(|(path, _)| path).chain(is_written.then_some(&schema));
    let written: Vec<String> = written.map(|path| shown(path)).collect();
    let scenario = visible(&word(&scenario.to_string_lossy()));
    say(&format!(
        "wrote {}\n\nnext:\n  copysim run {scenario}\n  copysim validate {scenario}\n",
        written.join(", ")
    ))
}

/// A path without the ending of a scenario, and the ending that the scenario gets.
fn without_ending(path: PathBuf) -> (PathBuf, &'static str) {
    let ending =
        [JSON, "jsonc"].into_iter().find(|known| path.extension().is_some_and(|ending| ending == *known));
    match ending {
        Some(ending) => (path.with_extension(""), ending),
        None => (path, JSON),
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

/// Writes the schema, or brings an older one of copysim up to date. Any other file is left alone.
fn write_schema(path: &Path) -> Result<bool> {
    let schema = json_schema();
    match fs::read_to_string(path) {
        Ok(present) if present == schema => return Ok(false),
        Ok(present) if is_ours(&present) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Ok(_) | Err(_) => {
            note(&format!(
                "`{}` is not of copysim and was kept, so an editor checks the scenario by it; \
                 `copysim schema` prints the right one",
                path.display()
            ));
            return Ok(false);
        }
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
    let message = format!("can't write `{}`: {}", path.display(), io_words(error));
    Exit::new(exit::CANT_CREATE, message, "choose a folder that can be written")
}
