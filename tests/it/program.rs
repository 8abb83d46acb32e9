//! The program as its users start it: a folder of its own, and what came out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_copysim");

/// The folder of the project.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder to start the program in.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// With the quickstart scenario in the folder `scenarios`.
    pub fn with_quickstart() -> Self {
        let place = Self::new();
        let quickstart = repository().join("scenarios/quickstart.json");
        place.write("scenarios/quickstart.json", fs::read(quickstart).expect("the quickstart scenario"));
        place
    }

    /// With all shipped scenarios in the folder `scenarios`.
    pub fn with_scenarios() -> Self {
        let place = Self::new();
        for (name, content) in files_of(&repository().join("scenarios")) {
            place.write(&format!("scenarios/{name}"), content);
        }
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder to write into");
        fs::write(path, content).expect("a file that can be written");
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Every file below a folder by its path there.
    pub fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        files_of(&self.path(folder))
    }

    /// The files that eight processes write that run a scenario at the same time, each into a folder of its own.
    pub fn at_once(&self, scenario: &str) -> Vec<BTreeMap<String, Vec<u8>>> {
        let folders: Vec<String> = (0..8).map(|number| format!("r{number}")).collect();
        let start = |folder: &String| {
            let mut command = self.command(&format!("run {scenario} --out {folder}"));
            command.stdout(Stdio::null()).spawn().expect("it starts")
        };
        let runs: Vec<_> = folders.iter().map(start).collect();
        runs.into_iter().for_each(|mut run| assert!(run.wait().expect("it ends").success()));
        folders.iter().map(|folder| self.files(folder)).collect()
    }

    /// The program with these arguments, separated by spaces.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null());
        // Tests of the same thing wherever they run.
        for variable in
            ["CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"]
        {
            command.env_remove(variable);
        }
        command
    }

    pub fn run(&self, arguments: &str) -> Ended {
        Ended::of(self.command(arguments).output().expect("the program starts"), arguments)
    }

    /// Runs it, and gives what it printed, if it ended with 0.
    pub fn stdout(&self, arguments: &str) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.status, Some(0), "{ended:?}");
        ended.stdout
    }
}

/// How the program ended, and what it printed.
#[derive(Debug)]
pub struct Ended {
    #[expect(dead_code, reason = "for messages of failed tests")]
    pub arguments: String,
    /// None when a signal ended it.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// Whatever happens, the program doesn't panic, and nothing but text leaves it.
    pub fn of(output: Output, arguments: &str) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let ended = Self {
            arguments: arguments.to_owned(),
            status: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        assert!(ended.status != Some(101) && !ended.stderr.contains("panicked"), "{ended:?}");
        assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'), "{ended:?}");
        ended
    }
}

fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(root, &path, files);
            } else {
                let name = path.strip_prefix(root).expect("below the root").to_str().expect("a plain name");
                files.insert(name.to_owned(), fs::read(&path).expect("a readable file"));
            }
        }
    }
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files);
    files
}
