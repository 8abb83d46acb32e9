//! From records and figures to bytes: files of a result folder, the terminal, charts.

pub mod charts;
mod codes;
mod columns;
mod diagnostics;
mod expectations;
mod explain;
mod folder;
mod histograms;
mod ids;
pub mod manifest;
mod messages;
mod numbers;
mod plots;
mod recorder;
mod rows;
pub mod style;
mod summary;
mod terminal;
mod timeseries;
mod trace;

pub use codes::codes_table;
pub use diagnostics::{DiagnosticsReport, FileReport};
pub use explain::{Explainer, LifeLine, NoSuchCopy};
pub use folder::{Content, FolderError, Leftovers, ResultFolder};
pub use messages::run_error_message;
pub use recorder::{Recorder, RunInfo, Written};
pub use rows::CopiesRow;
pub use summary::{CheckSummary, Summary};
pub use terminal::{broken_check, broken_lines, check_lines, terminal_summary};
pub use timeseries::TimeseriesRow;
pub use trace::Line as TraceLine;

/// Said where copies hold slots at both their regions.
const WAITS_AT_BOTH: &str = "A copy waits at both its regions, even if only one of them holds it up.";

/// The kinds of files of a result folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Part {
    /// summary.json
    Summary,
    /// copies.csv
    Rows,
    /// timeseries.csv
    Timeseries,
    /// trace.jsonl
    Trace,
    /// wait, copy, total and lead as .hgrm and .hlog
    Histograms,
    /// plots/*.svg
    Charts,
}

impl Part {
    pub const ALL: [Self; 6] =
        [Self::Summary, Self::Rows, Self::Timeseries, Self::Trace, Self::Histograms, Self::Charts];

    /// The files of this kind.
    pub fn files(self) -> impl Iterator<Item = &'static str> {
        FILES.into_iter().filter(move |(_, part)| *part == self).map(|(name, _)| name)
    }

    /// The kind of a file by its name; none if no result has such a file.
    pub fn of_file(name: &str) -> Option<Self> {
        FILES.into_iter().find(|(file, _)| *file == name).map(|(_, part)| part)
    }
}

const SUMMARY: &str = "summary.json";
const ROWS: &str = "copies.csv";
const TIMESERIES: &str = "timeseries.csv";
const TRACE: &str = "trace.jsonl";
/// The folder of the charts.
const PLOTS: &str = "plots";

/// Every file that a result can have beside its manifest. Nothing else is ever written, replaced or removed.
const FILES: [(&str, Part); 16] = [
    (SUMMARY, Part::Summary),
    (ROWS, Part::Rows),
    (TIMESERIES, Part::Timeseries),
    (TRACE, Part::Trace),
    ("wait.hgrm", Part::Histograms),
    ("wait.hlog", Part::Histograms),
    ("copy.hgrm", Part::Histograms),
    ("copy.hlog", Part::Histograms),
    ("total.hgrm", Part::Histograms),
    ("total.hlog", Part::Histograms),
    ("lead.hgrm", Part::Histograms),
    ("lead.hlog", Part::Histograms),
    ("plots/latency.svg", Part::Charts),
    ("plots/slots.svg", Part::Charts),
    ("plots/gantt.svg", Part::Charts),
    ("plots/outcomes.svg", Part::Charts),
];
