//! `copysim check`: runs scenarios and compares their results with the golden ones, byte for byte.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::annotations::{Annotation, Annotations, annotate};
use super::difference::difference;
use super::exit::{self, Exit, show};
use super::run::{broken_promises, simulate_into};
use super::select::select;
use super::{Result, interrupt, load, shown};
use crate::output::style::{ERROR, PASSED};
use crate::output::{
    CheckSummary, Content, FolderError, Leftovers, Part, ResultFolder, Summary, Written, broken_lines,
    check_lines,
};
use crate::scenario::{Scenario, io_words, visible};

/// Run scenarios, hold their promises, and compare their results with the golden ones
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = exit::examples_and_statuses(EXAMPLES, &STATUSES))]
pub struct Args {
    /// Scenario files, and folders with scenario files anywhere below them (but results and hidden folders)
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,

    /// Write the results as the new golden ones: the files that a golden result has, else summary and rows; a
    /// scenario with checks gets its first one only with --write
    #[arg(long)]
    pub accept: bool,

    /// With --accept: the files of the golden result
    #[arg(long, value_name = "FILES", value_delimiter = ',', value_enum, requires = "accept")]
    pub write: Option<Vec<Part>>,

    /// The folder of the golden results
    #[arg(long, value_name = "DIR", default_value = GOLDEN)]
    pub golden: PathBuf,
}

const STATUSES: [u8; 9] = [
    exit::OK,
    exit::FAILED,
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
  copysim check scenarios/
  copysim check scenarios/quickstart.json --accept";

pub const GOLDEN: &str = "results/golden";

/// Files whose differences are shown; the others are only named.
const MAX_SHOWN: usize = 3;

/// What became of one scenario.
enum Verdict {
    /// The number of files, and of checks that passed.
    Same(usize, usize),
    /// There is no golden result, and so many checks passed.
    Kept(usize),
    /// Names of the files that differ, and where the first of them do.
    Differs(Vec<(String, String)>),
    Missing,
    /// Checks failed, or requests weren't answered as the scenario expects; the golden result is left as it is.
    Broken(Broken),
    /// The golden result is as it should be, but for this beside it.
    Foreign(String),
    /// The number of files, and what became of an earlier golden result.
    Accepted(usize, Vec<String>),
}

/// What a run breaks of its promises.
struct Broken {
    what: String,
    /// With escape sequences for colour.
    lines: Vec<String>,
    help: String,
    annotations: Annotations,
}

pub fn check(args: &Args) -> Result<()> {
    if args.accept && std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") {
        let help = "look at the difference and accept it on your own machine; CI only compares";
        return Err(Exit::new(exit::USAGE, "golden results are not accepted under CI", help));
    }
    interrupt::say_when_interrupted("interrupted");
    let scenarios = select(&args.paths, &args.golden)?;
    let mut statuses = Vec::new();
    for path in &scenarios {
        let told = match check_one(path, args) {
            Ok(verdict) => describe(path, &verdict, &args.golden),
            Err(exit) => failed(path, &exit),
        };
        show(&format!("{}\n", told.text))?;
        annotate(&told.annotations);
        statuses.push(told.status);
    }
    let failed = statuses.iter().filter(|status| **status != exit::OK).count();
    show(&format!("\n{} passed, {failed} failed\n", scenarios.len() - failed))?;
    match exit::worst(statuses) {
        exit::OK => Ok(()),
        status => Err(Exit::with_text(status, String::new())),
    }
}

/// What is told of one scenario.
struct Told {
    /// With escape sequences for colour.
    text: String,
    annotations: Annotations,
    status: u8,
}

/// A scenario that couldn't be run, or whose result couldn't be kept.
fn failed(path: &Path, exit: &Exit) -> Told {
    Told {
        text: format!("{ERROR}ERROR{ERROR:#}  {}\n{}", shown(path), exit.text().trim_end()),
        annotations: exit.annotations().clone(),
        status: exit.status(),
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
    // With checks alone there is no golden result, and none comes to be by the way.
    let has_golden = !earlier.files.is_empty() || earlier.foreign.is_some();
    let is_by_checks = !scenario.checks.is_empty() && !has_golden && args.write.is_none();
    let parts = if is_by_checks { Vec::new() } else { parts };
    // Opened before the run starts, so what can't be replaced is said at once.
    let target = (args.accept && !is_by_checks)
        .then(|| ResultFolder::open_bare(&golden))
        .transpose()
        .map_err(|error| Exit::of_folder(&error, "--golden"))?;
    let _golden_guard = target.as_ref().map(|folder| interrupt::guard(folder.leftovers()));
    let cant_create = |error: io::Error| {
        Exit::new(
            exit::CANT_CREATE,
            format!("can't make a temporary folder: {}", io_words(&error)),
            "set TMPDIR to a folder that can be written",
        )
    };
    let work = tempfile::tempdir().map_err(cant_create)?;
    let _guard = interrupt::guard(&Leftovers::of(work.path()));
    let fresh = work.path().join("result");
    let summary = simulate_into(path, &scenario, Written::only(&parts), Some(&fresh), false)?.summary;
    if !summary.has_passed() {
        return Ok(Verdict::Broken(broken(path, &scenario, &summary)));
    }
    let checks = summary.checks().len();
    if is_by_checks {
        return Ok(Verdict::Kept(checks));
    }
    let Some(target) = target else { return Ok(compare(&fresh, &golden, &earlier, checks)) };
    let mut files = content_of(&fresh)?.files;
    // Without a choice it stays with the files that are there.
    files.retain(|name| args.write.is_some() || earlier.files.is_empty() || earlier.files.contains(name));
    let changes = changes(&fresh, &golden, &files, &earlier.files);
    accept(&fresh, target, &files).map_err(|error| Exit::of_folder(&error, "--golden"))?;
    Ok(Verdict::Accepted(files.len(), changes))
}

/// What is told of promises that weren't kept.
fn broken(path: &Path, scenario: &Scenario, summary: &Summary) -> Broken {
    let shown = shown(path);
    let failed: Vec<&CheckSummary> = summary.checks().iter().filter(|check| !check.passed).collect();
    let unexpected = summary.expectations.iter().filter(|found| !found.passed);
    let mut lines: Vec<String> = unexpected.flat_map(broken_lines).map(|line| format!("  {line}")).collect();
    let (mut what, mut help) = (Vec::new(), Vec::new());
    if !lines.is_empty() {
        what.push("not answered as expected".to_owned());
        help.push(format!(
            "change the request or its `expect`; copies.csv and trace.jsonl of `copysim run {shown}` tell every answer"
        ));
    }
    if !failed.is_empty() {
        let of = summary.checks().len();
        what.push(format!("{} of {} failed", failed.len(), count(of, "check")));
        help.push(format!(
            "`copysim run {shown}` shows all figures; change what they come from, or the limits"
        ));
        lines.extend(check_lines(failed.into_iter()));
    }
    let help = help.join("; ");
    let annotations = broken_promises(path, scenario, summary, &help);
    Broken { what: what.join(", "), lines, help, annotations }
}

fn content_of(folder: &Path) -> Result<Content> {
    match Content::of(folder) {
        // A file that stands where a folder is looked for.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(Content::default()),
        content => content.map_err(|error| {
            Exit::new(exit::NO_INPUT, format!("can't read `{}`: {}", folder.display(), io_words(&error)), "")
        }),
    }
}

/// Compares every file of the golden result with the new one.
fn compare(fresh: &Path, golden: &Path, earlier: &Content, checks: usize) -> Verdict {
    let mut differing: Vec<(String, String)> = earlier
        .files
        .iter()
        .filter_map(|name| {
            let found = difference(name, &golden.join(name), &fresh.join(name))?;
            Some((name.clone(), found))
        })
        .collect();
    match &earlier.foreign {
        Some(foreign) if differing.is_empty() => return Verdict::Foreign(visible(foreign)),
        Some(foreign) => {
            let foreign = visible(foreign);
            differing
                .push((foreign.clone(), format!("  {foreign}: no result has such a file; move it away")));
        }
        None => (),
    }
    match (differing.is_empty(), earlier.files.len()) {
        (false, _) => Verdict::Differs(differing),
        (true, 0) => Verdict::Missing,
        (true, files) => Verdict::Same(files, checks),
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

fn describe(path: &Path, verdict: &Verdict, golden: &Path) -> Told {
    let shown = shown(path);
    match verdict {
        Verdict::Same(files, checks) => {
            let checks = if *checks > 0 { format!(", {}", count(*checks, "check")) } else { String::new() };
            let files = count(*files, "file");
            passed(format!("{PASSED}PASS{PASSED:#}   {shown}   {files} as golden{checks}"))
        }
        Verdict::Kept(checks) => {
            passed(format!("{PASSED}PASS{PASSED:#}   {shown}   {}", count(*checks, "check")))
        }
        Verdict::Accepted(files, changes) => {
            let before = if changes.is_empty() { "" } else { ", " };
            passed(format!(
                "GOLDEN {shown}   {} accepted{before}{}",
                count(*files, "file"),
                changes.join("; ")
            ))
        }
        Verdict::Broken(broken) => {
            let (lines, help) = (broken.lines.join("\n"), &broken.help);
            let told = missed(path, &broken.what, &format!("{lines}\n  help: {help}"), help);
            Told { annotations: broken.annotations.clone(), ..told }
        }
        Verdict::Missing => {
            let accept = accepting(&shown, golden);
            let help =
                format!("`copysim run {shown}` shows the result; {accept}; with `checks` it needs none");
            missed(path, "no golden result", &format!("  help: {help}"), &help)
        }
        Verdict::Foreign(name) => {
            let folder = golden.join(load::name_of(path));
            let what = format!("`{}` holds `{name}`, and no result has such a file", super::shown(&folder));
            missed(path, &what, "  help: move it away", "move it away")
        }
        Verdict::Differs(files) => {
            let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
            let accept = accepting(&shown, golden);
            let run = format!("`copysim run {shown} --out DIR` writes the new result;");
            let mut lines: Vec<&str> =
                files.iter().take(MAX_SHOWN).map(|(_, difference)| difference.as_str()).collect();
            let ways_out = format!("  help: {run}\n        {accept}");
            lines.push(&ways_out);
            let what = format!("differs from golden: {}", names.join(", "));
            missed(path, &what, &lines.join("\n"), &format!("{run} {accept}"))
        }
    }
}

/// The command that makes the result of a scenario the golden one, in a sentence.
fn accepting(shown: &str, golden: &Path) -> String {
    let option = if golden == Path::new(GOLDEN) {
        String::new()
    } else {
        format!(" --golden {}", super::shown(golden))
    };
    format!("`copysim check {shown}{option} --accept` makes it the golden result")
}

fn passed(text: String) -> Told {
    Told { text, annotations: Annotations::default(), status: exit::OK }
}

/// A golden result that isn't as it should be: what is wrong, and the lines about it.
fn missed(path: &Path, what: &str, lines: &str, help: &str) -> Told {
    Told {
        text: format!("{ERROR}FAIL{ERROR:#}   {}   {what}\n{lines}", shown(path)),
        annotations: Annotation::at_first_line(path, what, help).into(),
        status: exit::FAILED,
    }
}

fn count(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
