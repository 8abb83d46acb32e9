//! What is wrong with scenarios, as a document for editors and CI jobs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::scenario::{Diagnostic, Places, Scenario, ScenarioError, Severity, Sources, Span};

/// The version of the document.
pub const DIAGNOSTICS_SCHEMA: &str = "copysim/diagnostics/1";

/// What was found in some scenarios.
#[derive(Debug, JsonSchema, Serialize)]
pub struct DiagnosticsReport {
    /// The version of this form.
    #[schemars(extend("const" = DIAGNOSTICS_SCHEMA))]
    pub schema: &'static str,
    /// Whether all of them can be run.
    pub valid: bool,
    /// The scenarios in the order in which they were checked: that of their paths.
    pub files: Vec<FileReport>,
}

/// What was found in one scenario.
#[derive(Debug, JsonSchema, Serialize)]
pub struct FileReport {
    /// The path of the scenario, as it was given or found below a folder that was given.
    pub file: String,
    /// Whether it can be run.
    pub valid: bool,
    /// What is worth knowing of one that can be run, in words.
    pub notices: Vec<String>,
    /// Everything that is wrong with it, in order of place.
    pub diagnostics: Vec<DiagnosticReport>,
}

/// One thing that is wrong.
#[derive(Debug, JsonSchema, Serialize)]
pub struct DiagnosticReport {
    /// How serious it is: with an error nothing can be run.
    pub severity: SeverityName,
    /// What is wrong, in one line.
    pub message: String,
    /// What to write instead; absent where the message says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The value that it is about, such as `requests[2].copy.duration`; absent where it is about the text
    /// as a whole, or about an override, which tells it itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The text that the place is in: the scenario's path, or `--set` for an override.
    pub file: String,
    /// The place in that text; absent where it is about the text as a whole.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// The line that the place begins in; a long one is cut around it, with `…` for what is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// Other places that play a part.
    pub related: Vec<RelatedReport>,
}

/// Another place that plays a part.
#[derive(Debug, JsonSchema, Serialize)]
pub struct RelatedReport {
    /// Which part it plays.
    pub label: String,
    /// The text that it is in, as in the diagnostic.
    pub file: String,
    /// The place in that text.
    #[serde(flatten)]
    pub place: Place,
}

/// A stretch of a text. Lines and columns are counted from one, columns in characters.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Place {
    /// The line of its first character.
    pub line: usize,
    /// The column of its first character.
    pub column: usize,
    /// The line in which it ends.
    pub end_line: usize,
    /// The column after its last character; the same as `column` for a place between two characters.
    pub end_column: usize,
}

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeverityName {
    /// Nothing can be run.
    Error,
    /// It can be run, but may not be what was meant.
    Warning,
    /// Something worth knowing.
    Note,
}

impl DiagnosticsReport {
    /// The document about these scenarios.
    pub fn new(files: Vec<FileReport>) -> Self {
        Self { schema: DIAGNOSTICS_SCHEMA, valid: files.iter().all(|file| file.valid), files }
    }

    /// The document as text.
    ///
    /// # Errors
    /// None in practice: every value can be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

impl FileReport {
    /// About a scenario that can be run.
    pub fn valid(file: String, scenario: &Scenario) -> Self {
        Self { file, valid: true, notices: scenario.notices.clone(), diagnostics: Vec::new() }
    }

    /// About one that has faults.
    pub fn invalid(file: String, error: &ScenarioError) -> Self {
        let (sources, places) = (&error.sources, error.sources.places());
        let diagnostics = error.diagnostics.iter();
        let diagnostics = diagnostics.map(|diagnostic| DiagnosticReport::new(diagnostic, sources, &places));
        Self { file, valid: false, notices: Vec::new(), diagnostics: diagnostics.collect() }
    }

    /// About a file that can't be read.
    pub fn unreadable(file: String, message: String, help: String) -> Self {
        let diagnostic = DiagnosticReport {
            severity: SeverityName::Error,
            message,
            help: Some(help).filter(|help| !help.is_empty()),
            path: None,
            file: file.clone(),
            place: None,
            excerpt: None,
            related: Vec::new(),
        };
        Self { file, valid: false, notices: Vec::new(), diagnostics: vec![diagnostic] }
    }
}

impl DiagnosticReport {
    fn new(diagnostic: &Diagnostic, sources: &Sources, places: &Places<'_>) -> Self {
        let related = diagnostic.related.iter().map(|(span, label)| RelatedReport {
            label: label.clone(),
            file: sources.get(span.source).name.clone(),
            place: Place::of(*span, places),
        });
        Self {
            severity: match diagnostic.severity {
                Severity::Error => SeverityName::Error,
                Severity::Warning => SeverityName::Warning,
                Severity::Note => SeverityName::Note,
            },
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            path: diagnostic.path.clone(),
            file: diagnostic.span.map_or(sources.file(), |span| sources.get(span.source)).name.clone(),
            place: diagnostic.span.map(|span| Place::of(span, places)),
            excerpt: diagnostic.span.map(|span| places.excerpt(span)),
            related: related.collect(),
        }
    }
}

impl Place {
    fn of(span: Span, places: &Places<'_>) -> Self {
        let (start, end) = places.positions(span);
        Self { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }
}
