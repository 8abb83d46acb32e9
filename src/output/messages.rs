//! Skipped requests and run errors in words.

use crate::ids::RequestKey;
use crate::scenario::{Catalog, Exact, Labels};
use crate::simulation::RunError;
use crate::workload::RowsError;

/// Why a request was never made: the copy that set it off may stand further up the tree (R3.3).
pub fn skipped_message(because: RequestKey, catalog: &Labels<'_>) -> String {
    format!("it builds on {}, which will never be Available", catalog.label(because))
}

/// Why a run stopped, in words, with the way out.
pub fn run_error_message(error: &RunError, catalog: &Catalog) -> (String, String) {
    match error {
        RunError::BeyondTime { key, field } => (
            format!(
                "request `{}` passes the end of simulated time (285 years) when {field} is added",
                catalog.label(*key)
            ),
            "shorten it, or set a `horizon` before that".to_owned(),
        ),
        RunError::TooManyEvents { at, limit, busiest } => {
            let busiest = busiest
                .and_then(|entry| catalog.entries.get(entry as usize))
                .map_or_else(String::new, |entry| format!(", most of them of request `{}`", entry.name));
            (
                format!("more than {limit} events at {}{busiest}", Exact(*at)),
                "let time pass between them, or raise `max_events_per_instant`".to_owned(),
            )
        }
        RunError::Rows { entry, error } => {
            let name = catalog.entries.get(*entry as usize).map_or("?", |entry| &entry.name);
            match error {
                RowsError::Changed => (
                    format!("the trace of request `{name}` is not what it was when it was checked"),
                    "leave its file alone while it is run, and run it again".to_owned(),
                ),
                RowsError::Unreadable(why) => (
                    format!("the trace of request `{name}` can't be read again: {why}"),
                    "check that its file is still there".to_owned(),
                ),
            }
        }
        RunError::BrokenInvariant { at, event, what } => (
            format!("broken invariant at {} (event {event}): {what}", Exact(*at)),
            "this is a bug of copysim: please report it with the scenario and the seed".to_owned(),
        ),
    }
}
