//! `copysim check`: runs scenarios and compares their results with the golden ones, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use super::exit::{self, Exit, say};
use super::run::{WritePart, simulate_into, written};
use super::{EXIT_STATUS, Result, interrupt, load};
use crate::output::{Leftovers, Part, Written};

/// Run scenarios and compare their results with the golden ones
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_STATUS}"))]
pub struct Args {
    /// Scenario files, and folders with scenario files anywhere below them
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,

    /// Write the results as the new golden ones: the files that a golden result has, else summary and rows
    #[arg(long)]
    pub accept: bool,

    /// With --accept: the files of the golden result
    #[arg(long, value_name = "FILES", value_delimiter = ',', value_enum, requires = "accept")]
    pub write: Option<Vec<WritePart>>,

    /// The folder of the golden results
    #[arg(long, value_name = "DIR", default_value = "results/golden")]
    pub golden: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  copysim check scenarios/
  copysim check scenarios/quickstart.json --accept";

/// Files of a result that are not its content: where it was made shows in them.
const NOT_COMPARED: &str = "manifest.json";

/// What became of one scenario.
enum Verdict {
    Same(usize),
    Differs(Vec<String>),
    Missing,
    Accepted(usize),
}

pub fn check(args: &Args) -> Result<()> {
    let scenarios = select(&args.paths)?;
    let mut worst: Option<u8> = None;
    let mut failed = 0;
    for path in &scenarios {
        let (line, status) = match check_one(path, args) {
            Ok(verdict) => describe(path, &verdict),
            Err(exit) => (format!("ERROR  {}\n{}", path.display(), exit.text()), exit.status()),
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

/// The scenario files below the paths, sorted; a file is taken as it is named.
fn select(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            below(path, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        let named: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let message = format!("there is no scenario below {}", named.join(", "));
        return Err(Exit::new(exit::NO_INPUT, message, "name a folder with .json files"));
    }
    reject_equal_names(&found)?;
    Ok(found)
}

/// Golden results are kept by the scenario's name, so two of one name can't be told apart.
fn reject_equal_names(paths: &[PathBuf]) -> Result<()> {
    let mut names: Vec<(String, &PathBuf)> = paths.iter().map(|path| (load::name_of(path), path)).collect();
    names.sort();
    for pair in names.windows(2) {
        if pair[0].0 == pair[1].0 {
            let message = format!("`{}` and `{}` have one name", pair[0].1.display(), pair[1].1.display());
            return Err(Exit::new(
                exit::NO_INPUT,
                message,
                "rename one: golden results go by the file's name",
            ));
        }
    }
    Ok(())
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = |error: std::io::Error| {
        Exit::new(exit::NO_INPUT, format!("can't read `{}`: {error}", folder.display()), "")
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            below(&path, found)?;
        } else if path.extension().is_some_and(|ending| ending == "json" || ending == "jsonc")
            && !path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".schema.json"))
        {
            found.push(path);
        }
    }
    Ok(())
}

fn check_one(path: &Path, args: &Args) -> Result<Verdict> {
    let scenario = load::scenario(path, None)?;
    let golden = args.golden.join(load::name_of(path));
    let golden_files = files_below(&golden);
    let parts = match (&args.write, golden_files.is_empty()) {
        (Some(parts), _) => written(Some(parts)),
        (None, true) => Written::only(&[Part::Summary, Part::Rows]),
        (None, false) => Written::only(&Part::ALL),
    };
    let cant_create = |error: std::io::Error| {
        Exit::new(
            exit::CANT_CREATE,
            format!("can't make a temporary folder: {error}"),
            "set TMPDIR to a folder that can be written",
        )
    };
    let work = tempfile::tempdir().map_err(cant_create)?;
    let _guard = interrupt::guard(&Leftovers::of(work.path()));
    let fresh = work.path().join("result");
    simulate_into(path, &scenario, parts, Some(&fresh), false)?;
    let fresh_files = files_below(&fresh);
    if args.accept {
        let is_wanted =
            |name: &&String| args.write.is_some() || golden_files.is_empty() || golden_files.contains(name);
        let wanted: Vec<&String> = fresh_files.iter().filter(is_wanted).collect();
        accept(&fresh, &golden, &golden_files, &wanted)?;
        return Ok(Verdict::Accepted(wanted.len()));
    }
    if golden_files.is_empty() {
        return Ok(Verdict::Missing);
    }
    let differs = |name: &&String| !is_same(&fresh.join(name), &golden.join(name));
    let differing: Vec<String> = golden_files.iter().filter(differs).cloned().collect();
    Ok(if differing.is_empty() { Verdict::Same(golden_files.len()) } else { Verdict::Differs(differing) })
}

/// Whether two files can be read and are equal; a golden file that can't be read is never equal.
fn is_same(left: &Path, right: &Path) -> bool {
    matches!((fs::read(left), fs::read(right)), (Ok(left), Ok(right)) if left == right)
}

/// The files below a folder but the manifest, sorted, with `/` between folders.
fn files_below(folder: &Path) -> Vec<String> {
    fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(root, &path, files);
            } else if let Ok(inside) = path.strip_prefix(root) {
                let parts: Vec<String> =
                    inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
                files.push(parts.join("/"));
            }
        }
    }
    let mut files = Vec::new();
    collect(folder, folder, &mut files);
    files.retain(|name| name != NOT_COMPARED);
    files.sort();
    files
}

/// Makes these files the golden result, and takes away those that it no longer has.
fn accept(fresh: &Path, golden: &Path, earlier: &[String], files: &[&String]) -> Result<()> {
    let cant_create = |path: &Path, error: std::io::Error| {
        let message = format!("can't create `{}`: {error}", path.display());
        Exit::new(exit::CANT_CREATE, message, "name another folder with --golden")
    };
    let failed = |path: &Path, error: std::io::Error| {
        Exit::new(exit::CANT_WRITE, format!("can't write `{}`: {error}", path.display()), "")
    };
    for name in files {
        let target = golden.join(name);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(|error| cant_create(parent, error))?;
        }
        fs::copy(fresh.join(name), &target).map_err(|error| failed(&target, error))?;
    }
    for stale in earlier.iter().filter(|name| !files.contains(name)) {
        let target = golden.join(stale);
        fs::remove_file(&target).map_err(|error| failed(&target, error))?;
    }
    Ok(())
}

fn describe(path: &Path, verdict: &Verdict) -> (String, u8) {
    let shown = path.display();
    let again =
        format!("  help: look at it, then `copysim check {shown} --accept` makes it the golden result");
    match verdict {
        Verdict::Same(files) => (format!("PASS   {shown}   {files} files as golden"), exit::OK),
        Verdict::Accepted(files) => (format!("GOLDEN {shown}   {files} files accepted"), exit::OK),
        Verdict::Missing => (format!("FAIL   {shown}   no golden result\n{again}"), exit::FAILED),
        Verdict::Differs(files) => {
            (format!("FAIL   {shown}   differs from golden: {}\n{again}", files.join(", ")), exit::FAILED)
        }
    }
}
