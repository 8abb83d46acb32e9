//! The scenario file: read, checked, and resolved to a model to run and a catalog of its names.
//!
//! ```text
//! text ──> Document (nodes with spans) ──decode──> schema types ──resolve──> Scenario | all diagnostics
//! ```

mod answers;
mod catalog;
mod checks;
mod clients;
mod copytime;
mod decode;
mod diagnostic;
#[allow(dead_code, reason = "fields take it from the next step on")]
mod distributions;
mod document;
mod facts;
mod fanout;
mod faults;
mod files;
mod initial_state;
mod labels;
mod links;
mod names;
mod network;
mod requests;
mod resolve;
mod schema;
mod selector;
mod settings;
mod shapes;
mod trace;
mod values;
mod world;

pub use answers::{Exact, dry_run_message, later_refusal_message, refusal_message};
pub use catalog::{CallInfo, Calls, Catalog, ClientInfo, EntryInfo, GivenNames, RowsInfo, TargetInfo};
pub use checks::{ScenarioCheck, WrittenScope};
pub use diagnostic::{Cause, Diagnostic, Places, Position, Severity, SourceText, Sources, render, visible};
pub use document::{LARGEST_INTEGER, SourceId, Span};
pub use files::{FileText, Files, Folder, io_words};
pub use labels::{CallLabel, Labels, TargetLabel};
pub use names::{nearest, unnamed};
pub use schema::{JSON_SCHEMA_FILE, json_schema, reference_page, schema_of};
pub use settings::{FIXED, FixedRule, Setting, Source};

use std::path::Path;
use std::sync::Arc;

use document::Document;

use crate::clock::Clock;
use crate::simulation::Model;
use crate::time::SimTime;

/// A scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub description: Option<String>,
    /// What a clock shows at 0. It changes no time, only what people read beside one.
    pub starts_at: Option<Clock>,
    /// Figures take what is planned from here on (R9.4).
    pub warm_up: SimTime,
    /// Values kept exactly for each figure (R9.8).
    pub exact_limit: u64,
    /// Promises on the run, in the order of the file.
    pub checks: Vec<ScenarioCheck>,
    pub model: Model,
    pub catalog: Catalog,
    /// The settings in force, for reports.
    pub settings: Vec<Setting>,
    /// What was laid over the file, as it was given and in that order: `service.cap=10`.
    pub overrides: Vec<String>,
    /// What was dropped from fan-outs, in words (R8.4).
    pub notices: Vec<String>,
    /// What was noticed of the files that it names. It is of no account for a run, so no result tells it.
    pub remarks: Vec<String>,
    /// The text without comments, description, seed and clock, in one canonical form: equal texts run alike.
    pub canonical: String,
}

impl Scenario {
    /// The seed of everything that is made up or drawn.
    pub fn seed(&self) -> u64 {
        self.model.seed.seed
    }

    /// The same scenario with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.model.seed.seed = seed;
        self
    }

    /// Reads a scenario from the bytes of a file called `name`, with overrides laid over it (`path=value`).
    /// The files that it names are below the folder of `name`.
    ///
    /// # Errors
    /// Everything that is wrong with it, with places in the text.
    pub fn read(name: &str, bytes: Vec<u8>, overrides: &[String]) -> Result<Self, ScenarioError> {
        let files: Arc<dyn Files> = Arc::new(Folder::of(Path::new(name)));
        Self::read_with(name, bytes, overrides, &files)
    }

    /// As [`Scenario::read`], with the files that the scenario names from anywhere.
    ///
    /// # Errors
    /// As [`Scenario::read`].
    pub fn read_with(
        name: &str,
        bytes: Vec<u8>,
        overrides: &[String],
        files: &Arc<dyn Files>,
    ) -> Result<Self, ScenarioError> {
        let mut document = Document::parse(name, bytes).map_err(|rejected| ScenarioError {
            sources: rejected.sources,
            diagnostics: rejected.diagnostics,
        })?;
        let set = overrides.iter().flat_map(|text| document.set(OVERRIDE, text).err().unwrap_or_default());
        let mut diagnostics: Vec<Diagnostic> = set.collect();
        let resolved = resolve::resolve(&document, files);
        match resolved {
            Ok(scenario) if diagnostics.is_empty() => {
                return Ok(Self { overrides: overrides.to_vec(), ..scenario });
            }
            Ok(_) => {}
            Err((found, texts)) => {
                diagnostics.extend(found);
                for text in texts {
                    document.sources.add(text);
                }
            }
        }
        diagnostics.sort_by_key(|diagnostic| diagnostic.span);
        for diagnostic in diagnostics.iter_mut().take(MAX_PATHS) {
            let path = || diagnostic.span.and_then(|span| document.path_of(span));
            diagnostic.path = diagnostic.path.take().or_else(path);
        }
        Err(ScenarioError { sources: document.sources, diagnostics })
    }
}

/// The option that overrides are the values of, as messages name it.
pub const OVERRIDE: &str = "--set";

/// The first faults, whose path is looked up: of more than these nobody reads every one.
const MAX_PATHS: usize = 1_000;

/// Everything that is wrong with a scenario.
#[derive(Clone, Debug)]
pub struct ScenarioError {
    /// The texts that the diagnostics point into.
    pub sources: Sources,
    /// In order of place.
    pub diagnostics: Vec<Diagnostic>,
}

impl ScenarioError {
    /// The most serious cause.
    pub fn cause(&self) -> Cause {
        self.diagnostics.iter().map(|diagnostic| diagnostic.cause).max().unwrap_or(Cause::Text)
    }
}
