//! Skipped requests and run errors in words.

use crate::ids::RequestKey;
use crate::scenario::{Calls, Catalog, Exact, Labels, unnamed};
use crate::simulation::RunError;
use crate::workload::RowsError;

/// What a request is called in a sentence: `release`, or the cancel `cancel-1` (the first without an id).
pub fn request_in_words(name: &str) -> String {
    match unnamed(name) {
        Some((kind, number)) => format!("the {kind} `{name}` (the {} without an id)", ordinal(number)),
        None => format!("`{name}`"),
    }
}

/// A line that says where the name of a request comes from, if the scenario doesn't say it:
/// `copy-1 is the first copy without an id`.
pub fn note_on_name(name: &str) -> Option<String> {
    unnamed(name).map(|(kind, number)| format!("{name} is the {} {kind} without an id", ordinal(number)))
}

fn ordinal(number: u64) -> String {
    const WORDS: [&str; 10] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    let word = usize::try_from(number).ok().and_then(|number| WORDS.get(number.checked_sub(1)?));
    match (word, number % 100, number % 10) {
        (Some(word), ..) => (*word).to_owned(),
        (None, 11..=13, _) => format!("{number}th"),
        (None, _, 1) => format!("{number}st"),
        (None, _, 2) => format!("{number}nd"),
        (None, _, 3) => format!("{number}rd"),
        _ => format!("{number}th"),
    }
}

/// Why a request was never made: the copy that set it off may stand further up the tree (R3.3).
pub fn skipped_message(because: RequestKey, catalog: &Labels<'_>) -> String {
    format!(
        "it waits for {}, which was refused, failed or was cancelled, or its client gave up on it",
        catalog.label(because)
    )
}

/// The request that a run stopped at. The id of a row isn't known any more, and its rank may be the id of
/// another one.
fn failed_request(key: RequestKey, catalog: &Catalog) -> String {
    match &catalog.entries[key.entry() as usize].calls {
        Calls::Rows(_) => {
            format!("row {} (in the order of time) of `{}`", key.row().number() + 1, catalog.entry(key))
        }
        _ => format!("request `{}`", catalog.label(key)),
    }
}

/// Why a run stopped, in words, with the way out.
pub fn run_error_message(error: &RunError, catalog: &Catalog) -> (String, String) {
    match error {
        RunError::BeyondTime { key, field } => (
            format!(
                "{} passes the end of simulated time (285 years) when {field} is added",
                failed_request(*key, catalog)
            ),
            "shorten it, or set a `horizon` before that".to_owned(),
        ),
        RunError::TooManyEvents { at, limit, busiest } => {
            let busiest = busiest
                .and_then(|entry| catalog.entries.get(entry as usize))
                .map_or_else(String::new, |entry| {
                    format!(", most of them of {}", request_in_words(&entry.name))
                });
            (
                format!("more than {limit} events at {}{busiest}", Exact(*at)),
                "let time pass between them, or raise `max_events_per_instant`".to_owned(),
            )
        }
        RunError::BeyondNumbers { entry } => (
            format!(
                "{} makes more calls than can be numbered (10^12 by arrival, image and destination)",
                catalog
                    .entries
                    .get(*entry as usize)
                    .map_or_else(String::new, |entry| request_in_words(&entry.name))
            ),
            "let it choose from fewer images or destinations, or end it sooner with `count`".to_owned(),
        ),
        RunError::Rows { entry, error } => {
            let name = catalog.entries.get(*entry as usize).map_or("?", |entry| &entry.name);
            let name =
                unnamed(name).map_or_else(|| format!("the trace `{name}`"), |_| request_in_words(name));
            match error {
                RowsError::Changed => (
                    format!("{name} is not what it was when it was checked"),
                    "leave its file alone while it is run, and run it again".to_owned(),
                ),
                RowsError::Unreadable(why) => (
                    format!("{name} can't be read again: {why}"),
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
