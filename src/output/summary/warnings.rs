//! What a reader of the figures has to beware of.

use crate::scenario::{Labels, Scenario};
use crate::simulation::RunEnd;
use crate::time::SimTime;

/// Copies named in a warning before the rest is counted.
const NAMED: usize = 5;

pub fn warnings(end: &RunEnd, scenario: &Scenario, catalog: &Labels<'_>) -> Vec<String> {
    let (mut warnings, warm_up) = (Vec::new(), scenario.warm_up);
    if warm_up > SimTime::ZERO && warm_up >= end.at {
        warnings.push(format!(
            "the run ended at {}, before the end of the warm-up at {warm_up}: nothing is counted; shorten `warm_up`",
            end.at
        ));
    }
    if !end.never_startable.is_empty() {
        let mut names: Vec<String> =
            end.never_startable.iter().take(NAMED).map(|key| catalog.label(*key)).collect();
        if end.never_startable.len() > NAMED {
            names.push(format!("{} more", end.never_startable.len() - NAMED));
        }
        let (count, they) = match end.never_startable.len() {
            1 => ("1 copy".to_owned(), "it"),
            several => (format!("{several} copies"), "them"),
        };
        let ahead = if scenario.model.settings.head_of_line_blocking { " or one ahead in line" } else { "" };
        warnings.push(format!(
            "{count} can never start, since no slot will ever be free for {they}{ahead}: {}; raise the cap there",
            names.join(", ")
        ));
    }
    if end.not_planned > 0 {
        let count = end.not_planned;
        // Where the horizon ended nothing, more time changes nothing.
        let why = if end.by_horizon {
            "their time or the copies they wait for had not come, and a later `horizon` would show them"
        } else {
            "their time had not come, or they wait for copies that never end"
        };
        warnings.push(format!(
            "copies of the scenario that were not planned by the end of the run: {count}; {why}"
        ));
    }
    warnings
}
