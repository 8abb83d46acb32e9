//! `copysim check`: runs scenarios and compares their results with the golden ones, byte for byte.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::difference::difference;
use super::exit::{self, Exit, say};
use super::run::simulate_into;
use super::select::select;
use super::{EXIT_STATUS, Result, clean, interrupt, load, shown};
use crate::output::{Content, FolderError, Leftovers, Part, ResultFolder, Written};

/// Run scenarios and compare their results with the golden ones
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}"))]
pub struct Args {
    /// Scenario files, and folders with scenario files anywhere below them (but results and hidden folders)
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,

    /// Write the results as the new golden ones: the files that a golden result has, else summary and rows
    #[arg(long)]
    pub accept: bool,

    /// With --accept: the files of the golden result
    #[arg(long, value_name = "FILES", value_delimiter = ',', value_enum, requires = "accept")]
    pub write: Option<Vec<Part>>,

    /// The folder of the golden results
    #[arg(long, value_name = "DIR", default_value = GOLDEN)]
    pub golden: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  copysim check scenarios/
  copysim check scenarios/quickstart.json --accept";

const GOLDEN: &str = "results/golden";

/// Files whose differences are shown; the others are only named.
const MAX_SHOWN: usize = 3;

/// What became of one scenario.
enum Verdict {
    Same(usize),
    /// Names of the files that differ, and where the first of them do.
    Differs(Vec<(String, String)>),
    Missing,
    /// The golden result is as it should be, but for this beside it.
    Foreign(String),
    /// The number of files, and what became of an earlier golden result.
    Accepted(usize, Vec<String>),
}

pub fn check(args: &Args) -> Result<()> {
    if args.accept && std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") {
        let help = "look at the difference and accept it on your own machine; CI only compares";
        return Err(Exit::new(exit::USAGE, "golden results are not accepted under CI", help));
    }
    interrupt::say_when_interrupted("interrupted");
    let scenarios = select(&args.paths, &args.golden)?;
    let mut worst: Option<u8> = None;
    let mut failed = 0;
    for path in &scenarios {
        let (line, status) = match check_one(path, args) {
            Ok(verdict) => describe(path, &verdict, &args.golden),
            Err(exit) => (format!("ERROR  {}\n{}", shown(path), exit.text().trim_end()), exit.status()),
        };
        say(&format!("{line}\n"))?;
        if status != exit::OK {
            failed += 1;
            worst = worst.into_iter().chain([status]).max_by_key(|status| severity(*status));
        }
    }
    say(&format!("\n{} passed, {failed} failed\n", scenarios.len() - failed))?;
    match worst {
        None => Ok(()),
        Some(status) => Err(Exit::with_text(status, String::new())),
    }
}

/// Of several outcomes the most serious one is the command's: 70, then 65 and 66, then 73 and 74, then 1.
fn severity(status: u8) -> u8 {
    match status {
        exit::BUG => 4,
        exit::INVALID | exit::NO_INPUT => 3,
        exit::CANT_CREATE | exit::CANT_WRITE => 2,
        _ => 1,
    }
}

fn check_one(path: &Path, args: &Args) -> Result<Verdict> {
    let scenario = load::scenario(path, &[], None)?;
    let golden = args.golden.join(load::name_of(path));
    let earlier = content_of(&golden)?;
    let parts = match &args.write {
        Some(parts) => parts.clone(),
        None if earlier.files.is_empty() => vec![Part::Summary, Part::Rows],
        None => earlier.files.iter().filter_map(|name| Part::of_file(name)).collect(),
    };
    // Opened before the run starts, so what can't be replaced is said at once.
    let target = args
        .accept
        .then(|| ResultFolder::open_bare(&golden))
        .transpose()
        .map_err(|error| Exit::of_folder(&error, "--golden"))?;
    let _golden_guard = target.as_ref().map(|folder| interrupt::guard(folder.leftovers()));
    let cant_create = |error: io::Error| {
        Exit::new(
            exit::CANT_CREATE,
            format!("can't make a temporary folder: {error}"),
            "set TMPDIR to a folder that can be written",
        )
    };
    let work = tempfile::tempdir().map_err(cant_create)?;
    let _guard = interrupt::guard(&Leftovers::of(work.path()));
    let fresh = work.path().join("result");
    simulate_into(path, &scenario, Written::only(&parts), Some(&fresh), false)?;
    let Some(target) = target else { return Ok(compare(&fresh, &golden, &earlier)) };
    let mut files = content_of(&fresh)?.files;
    // Without a choice it stays with the files that are there.
    files.retain(|name| args.write.is_some() || earlier.files.is_empty() || earlier.files.contains(name));
    let changes = changes(&fresh, &golden, &files, &earlier.files);
    accept(&fresh, target, &files).map_err(|error| Exit::of_folder(&error, "--golden"))?;
    Ok(Verdict::Accepted(files.len(), changes))
}

fn content_of(folder: &Path) -> Result<Content> {
    match Content::of(folder) {
        // A file that stands where a folder is looked for.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(Content::default()),
        content => content.map_err(|error| {
            Exit::new(exit::NO_INPUT, format!("can't read `{}`: {error}", folder.display()), "")
        }),
    }
}

/// Compares every file of the golden result with the new one.
fn compare(fresh: &Path, golden: &Path, earlier: &Content) -> Verdict {
    let mut differing: Vec<(String, String)> = earlier
        .files
        .iter()
        .filter_map(|name| {
            let found = difference(name, &golden.join(name), &fresh.join(name))?;
            Some((name.clone(), found))
        })
        .collect();
    match &earlier.foreign {
        Some(foreign) if differing.is_empty() => return Verdict::Foreign(clean(foreign)),
        Some(foreign) => {
            let foreign = clean(foreign);
            differing
                .push((foreign.clone(), format!("  {foreign}: no result has such a file; move it away")));
        }
        None => (),
    }
    match (differing.is_empty(), earlier.files.len()) {
        (false, _) => Verdict::Differs(differing),
        (true, 0) => Verdict::Missing,
        (true, files) => Verdict::Same(files),
    }
}

/// What accepting these files changes in an earlier golden result, in words.
fn changes(fresh: &Path, golden: &Path, files: &[String], earlier: &[String]) -> Vec<String> {
    if earlier.is_empty() {
        return Vec::new();
    }
    let is_changed = |name: &&String| fs::read(golden.join(name)).ok() != fs::read(fresh.join(name)).ok();
    let (old, added): (Vec<_>, Vec<_>) = files.iter().partition(|name| earlier.contains(name));
    let changed: Vec<&String> = old.into_iter().filter(is_changed).collect();
    let removed: Vec<&String> = earlier.iter().filter(|name| !files.contains(name)).collect();
    let mut words = Vec::new();
    for (names, what) in [(changed, "changed"), (added, "added"), (removed, "removed")] {
        if !names.is_empty() {
            let list: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            words.push(format!("{} {what}: {}", names.len(), list.join(", ")));
        }
    }
    if words.is_empty() {
        words.push("none changed".to_owned());
    }
    words
}

/// Makes these files the golden result, and takes away those that it no longer has.
fn accept(fresh: &Path, mut target: ResultFolder, files: &[String]) -> std::result::Result<(), FolderError> {
    for name in files {
        let mut file = target.create(name)?;
        File::open(fresh.join(name))
            .and_then(|mut source| io::copy(&mut source, &mut file))
            .and_then(|_| file.flush())
            .map_err(|error| target.write_error(name, error))?;
    }
    let _held_off = interrupt::hold_off();
    target.commit_bare()
}

fn describe(path: &Path, verdict: &Verdict, golden: &Path) -> (String, u8) {
    let shown = shown(path);
    let option = if golden == Path::new(GOLDEN) {
        String::new()
    } else {
        format!(" --golden {}", super::shown(golden))
    };
    let accept = format!("`copysim check {shown}{option} --accept` makes it the golden result");
    match verdict {
        Verdict::Same(files) => (format!("PASS   {shown}   {} as golden", count(*files)), exit::OK),
        Verdict::Accepted(files, changes) => {
            let before = if changes.is_empty() { "" } else { ", " };
            let line = format!("GOLDEN {shown}   {} accepted{before}{}", count(*files), changes.join("; "));
            (line, exit::OK)
        }
        Verdict::Missing => {
            let run = format!("`copysim run {shown}` shows the result");
            (format!("FAIL   {shown}   no golden result\n  help: {run}; {accept}"), exit::FAILED)
        }
        Verdict::Foreign(name) => {
            let folder = golden.join(load::name_of(path));
            let what = format!("`{}` holds `{name}`, and no result has such a file", super::shown(&folder));
            (format!("FAIL   {shown}   {what}\n  help: move it away"), exit::FAILED)
        }
        Verdict::Differs(files) => {
            let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
            let mut lines = vec![format!("FAIL   {shown}   differs from golden: {}", names.join(", "))];
            lines.extend(files.iter().take(MAX_SHOWN).map(|(_, difference)| difference.clone()));
            lines.push(format!("  help: `copysim run {shown} --out DIR` writes the new result;"));
            lines.push(format!("        {accept}"));
            (lines.join("\n"), exit::FAILED)
        }
    }
}

fn count(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}
