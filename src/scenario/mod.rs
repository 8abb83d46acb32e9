//! The scenario file: read, checked, and resolved to a model to run and a catalog of its names.
//!
//! ```text
//! text ──> Document (nodes with spans) ──decode──> schema types ──resolve──> Scenario | all diagnostics
//! ```

mod catalog;
mod copytime;
mod decode;
mod diagnostic;
mod document;
mod fanout;
mod faults;
mod names;
mod requests;
mod resolve;
mod schema;
mod selector;
mod settings;
mod values;
mod world;

pub use catalog::{CallInfo, Calls, Catalog, EntryInfo, TargetInfo};
pub use diagnostic::{Diagnostic, Severity, SourceText, render};
pub use document::Span;
pub use names::nearest;
pub use settings::{FIXED, FixedRule, Setting, Source};

use crate::simulation::Model;
use crate::time::SimTime;

/// A scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub description: Option<String>,
    pub seed: u64,
    /// Figures take what is planned from here on (R9.4).
    pub warm_up: SimTime,
    /// Values kept exactly for each figure (R9.8).
    pub exact_limit: u64,
    pub model: Model,
    pub catalog: Catalog,
    /// The settings in force, for reports.
    pub settings: Vec<Setting>,
    /// What was dropped from fan-outs, in words (R8.4).
    pub notices: Vec<String>,
    /// The text without comments, description and seed, in one canonical form: equal texts run alike.
    pub canonical: String,
}

impl Scenario {
    /// Reads a scenario from the bytes of a file called `name`.
    ///
    /// # Errors
    /// Everything that is wrong with it, with places in the text.
    pub fn read(name: &str, bytes: Vec<u8>) -> Result<Self, ScenarioError> {
        let document = document::Document::parse(name, bytes)
            .map_err(|rejected| ScenarioError { text: rejected.source, diagnostics: rejected.diagnostics })?;
        let resolved = resolve::resolve(&document);
        resolved.map_err(|diagnostics| ScenarioError { text: document.source, diagnostics })
    }
}

/// Everything that is wrong with a scenario.
#[derive(Clone, Debug)]
pub struct ScenarioError {
    pub text: SourceText,
    pub diagnostics: Vec<Diagnostic>,
}
