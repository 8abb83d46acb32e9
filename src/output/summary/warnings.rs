//! What a reader of the figures has to beware of.

use super::behaviour;
use crate::cloud::Changed;
use crate::ids::RequestKey;
use crate::records::checks::{Kind, Statistic};
use crate::records::{Outcome, OutcomeCounts, Tally};
use crate::scenario::{Labels, Scenario, ScenarioCheck};
use crate::service::{Settings, SlotKey, SlotPlace};
use crate::simulation::{Model, RunEnd, offered_loads};
use crate::time::SimTime;

/// A promise on times may pass over less than one copy in so many without a word.
const MOST: u64 = 20;

/// Copies named in a warning before the rest is counted.
const NAMED: usize = 5;

pub fn warnings(end: &RunEnd, scenario: &Scenario, tally: &Tally, catalog: &Labels<'_>) -> Vec<String> {
    let warm_up = scenario.warm_up;
    let mut warnings = overloads(&scenario.model, catalog);
    warnings.extend(promises_on_few(scenario, &tally.all.outcomes));
    warnings.extend(behaviour::warnings(tally, scenario));
    if warm_up > SimTime::ZERO && warm_up >= end.at {
        warnings.push(format!(
            "the run ended at {}, and the warm-up lasts to {warm_up}: nothing is counted; shorten `warm_up`",
            end.at
        ));
    }
    if let Some((count, they, names)) = in_words(&end.never_startable, catalog) {
        let ahead = if scenario.model.settings.head_of_line_blocking { " or one ahead in line" } else { "" };
        warnings.push(format!(
            "{count} can never start, since no slot will ever be free for {they}{ahead}: {names}; raise the cap there"
        ));
    }
    if let Some((count, they, names)) = in_words(&end.stalled, catalog) {
        warnings.push(format!(
            "{count} can never go on, since nothing can move over a link of {they}: {names}; raise its capacity, or let it \
             change later"
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

/// How many copies these are, a word for them, and what they are called; none of none.
fn in_words(copies: &[RequestKey], catalog: &Labels<'_>) -> Option<(String, &'static str, String)> {
    let (count, they) = match copies.len() {
        0 => return None,
        1 => ("1 copy".to_owned(), "it"),
        several => (format!("{several} copies"), "them"),
    };
    let mut names: Vec<String> = copies.iter().take(NAMED).map(|key| catalog.label(*key)).collect();
    if copies.len() > NAMED {
        names.push(format!("{} more", copies.len() - NAMED));
    }
    Some((count, they, names.join(", ")))
}

/// A promise on waits or times is about copies that started or became Available. It is easily kept where many never
/// did.
fn promises_on_few(scenario: &Scenario, outcomes: &OutcomeCounts) -> Option<String> {
    let is_on_times = |check: &ScenarioCheck| {
        check.check.metric.kind() == Kind::Duration && check.check.statistic != Statistic::Count
    };
    if !scenario.checks.iter().any(is_on_times) {
        return None;
    }
    let is_promised = |outcome| {
        let counts = |check: &ScenarioCheck| check.check.metric.word() == Outcome::key(outcome);
        scenario.checks.iter().any(counts)
    };
    let gone = [Outcome::CancelledWaiting, Outcome::Refused].into_iter();
    let gone = gone.filter(|outcome| !is_promised(*outcome)).map(|outcome| (outcome, outcomes.of(outcome)));
    let gone: Vec<(Outcome, u64)> = gone.filter(|(_, count)| *count > 0).collect();
    let count: u64 = gone.iter().map(|(_, count)| count).sum();
    // Of few it is easily seen.
    if count * MOST < outcomes.total() || count == 0 {
        return None;
    }
    let counted: Vec<String> = gone.iter().map(|(outcome, count)| outcome.counted(*count)).collect();
    let keys: Vec<String> = gone.iter().map(|(outcome, _)| format!("`{}`", outcome.key())).collect();
    Some(format!(
        "promises on waits and times leave out the copies that never started: {} of {}; promise their number too, by \
         checks on {}",
        counted.join(" and "),
        outcomes.total(),
        keys.join(" and ")
    ))
}

/// Slots to which streams offer more than they can take: their queues grow for as long as copies come (R2.4), or
/// copies are cancelled or refused.
fn overloads(model: &Model, catalog: &Labels<'_>) -> Vec<String> {
    // A bounded queue refuses what is too much, and then no figure depends on how long the run is.
    if model.settings.max_queue.is_some() {
        return Vec::new();
    }
    let overloaded = offered_loads(model).into_iter().filter_map(|(key, load)| {
        let cap = largest_cap(model, key);
        (load.overloads(cap) || load.sheds(cap)).then_some((key, load, cap))
    });
    let mut found: Vec<_> = overloaded.collect();
    let more = found.len().saturating_sub(NAMED);
    found.truncate(NAMED);
    let mut warnings: Vec<String> = found
        .into_iter()
        .map(|(key, load, cap)| {
            let slots = if cap == 1 { "slot" } else { "slots" };
            if !load.overloads(cap) {
                return format!(
                    "{}: streams offer {:.2} copies at a time to {cap} {slots}: what is too much is cancelled by \
                     clients that have waited long enough, or conflicts with copies that wait",
                    catalog.slot(key),
                    load.copies
                );
            }
            format!(
                "{}: streams offer {:.2} copies at a time to {cap} {slots}, so the queue grows for as long as \
                 they come: waits, totals and the queue length depend on how long the run is; read the throughput \
                 and how the queue grows over time, or raise the cap, or bound the queue with `max_queue`",
                catalog.slot(key),
                load.patient
            )
        })
        .collect();
    if more > 0 {
        warnings.push(format!("{more} more slot keys are offered more than they can take"));
    }
    warnings
}

/// The largest cap that a slot key ever has.
fn largest_cap(model: &Model, key: SlotKey) -> u32 {
    let Settings { caps, pair_caps, .. } = &model.settings;
    let region = match key.place {
        SlotPlace::Pair(from, to) => match pair_caps.get(&(from, to)) {
            Some(cap) => return *cap,
            None => from,
        },
        SlotPlace::Region(region) => region,
    };
    let changes = model.surroundings.changes.iter().filter_map(|change| match change.what {
        Changed::Cap { region: of, cap } if of == region => Some(cap),
        _ => None,
    });
    changes.fold(caps[region.0 as usize], u32::max)
}
