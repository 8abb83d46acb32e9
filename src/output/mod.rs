//! From records and figures to bytes: files of a result folder, the terminal, charts.

pub mod charts;
mod distribution;
mod explain;
mod folder;
mod ids;
pub mod manifest;
mod messages;
mod numbers;
mod plots;
mod recorder;
mod rows;
mod summary;
mod terminal;
mod timeseries;
mod trace;

pub use explain::{Explainer, LifeLine};
pub use folder::{FolderError, Leftovers, ResultFolder};
pub use messages::{refusal_message, run_error_message};
pub use recorder::{Recorder, RunInfo, Written};
pub use summary::Summary;
pub use terminal::terminal_summary;

/// Said where copies hold slots at both their regions.
const WAITS_AT_BOTH: &str = "A copy waits at both its regions, even if only one of them holds it up.";

/// The kinds of files of a result folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
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
}
