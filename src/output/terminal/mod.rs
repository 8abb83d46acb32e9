//! The summary on the terminal: when each destination is ready, last first; the requests; the slots by
//! region; what the run rests on, and what to beware of.

mod behaviour;
mod table;
mod verdicts;

use std::fmt::Write;

use self::table::{Table, wrap};
pub use self::verdicts::{broken_check, broken_lines, check_lines};
use super::WAITS_AT_BOTH;
use super::messages::note_on_name;
use super::numbers::{Decimal, rounded};
use super::style::WARNING;
use super::summary::{
    AlreadySummary, Answers, Figure, Requests, RetentionSummary, SettingLine, SlotSummary, Summary,
};
use crate::quantity::Bytes;
use crate::records::Outcome;
use crate::scenario::visible;
use crate::time::{SimDuration, SimTime};

/// Destinations shown before the rest is counted.
const MAX_DESTINATIONS: usize = 10;
/// Requests up to which they are shown beside each other.
const MAX_REQUESTS: usize = 12;
/// Slot keys shown before the rest is counted.
const MAX_SLOTS: usize = 10;

/// The text of a summary, at most about 100 columns wide. Verdicts and warnings have escape sequences for colour.
pub fn terminal_summary(summary: &Summary) -> String {
    let mut text = String::new();
    head(&mut text, summary);
    destinations(&mut text, summary);
    requests(&mut text, summary);
    slots(&mut text, summary);
    behaviour::clients(&mut text, summary);
    behaviour::links(&mut text, summary);
    refusals(&mut text, summary);
    footing(&mut text, summary);
    text
}

/// One line that says what ran, what was laid over it, then what became of it.
fn head(text: &mut String, summary: &Summary) {
    let _ = writeln!(
        text,
        "{}   seed {}   {}   {}",
        summary.scenario,
        summary.seed,
        counted(summary.requests.planned, "copy", "copies"),
        cap(summary),
    );
    for given in &summary.overrides {
        let _ = writeln!(text, "set: {}", visible(given));
    }
    if let Some(description) = &summary.description {
        let _ = writeln!(text, "{description}");
    }
    if let Some(found) = &summary.expectations {
        verdicts::expectations(text, found);
    }
    verdicts::checks(text, summary.checks());
    let makespan = summary
        .makespan_s
        .map_or_else(|| "makespan: no data".to_owned(), |makespan| format!("makespan {}", length(makespan)));
    let _ = writeln!(text, "\n  {}   {makespan}", outcomes(summary));
    behaviour::lead(text, summary);
    if let Some(clock) = summary.starts_at {
        let _ = writeln!(text, "  started on {}", clock.start_in_words());
    }
    let end = instant(summary.end_s);
    let end = match summary.starts_at {
        Some(clock) => format!("{end} ({})", clock.label(sim_time(summary.end_s))),
        None => end,
    };
    let ended = match (summary.never_startable, summary.ended_by) {
        (0, _) if summary.stalled.is_some() => {
            let stalled = summary.stalled.unwrap_or(0);
            format!("stopped at {end}: {} can never go on", counted(stalled, "copy", "copies"))
        }
        (0, "horizon") => format!("ended at {end}: cut off by the horizon"),
        (0, _) => format!("ended at {end}: no work left"),
        (stuck, _) => format!("stopped at {end}: {} can never start", counted(stuck, "copy", "copies")),
    };
    let _ = writeln!(text, "  {ended}");
    let copy_calls = summary.calls.iter().find(|answers| answers.operation == "CopyImage");
    if let Some(without_copy) = copy_calls.and_then(without_copy_text) {
        let _ = writeln!(text, "  {without_copy}");
    }
    if let Some(already) = &summary.already {
        let _ = writeln!(text, "  {}", already_text(already));
    }
    if let Some(retention) = &summary.retention {
        let _ = writeln!(text, "  {}", retention_text(retention));
    }
    if summary.in_vain_bytes > 0 {
        let (moved, in_vain) = Bytes(summary.moved_bytes).beside(Bytes(summary.in_vain_bytes));
        let _ = writeln!(text, "  moved {moved}, {in_vain} of it in vain");
    }
}

/// `2 dry runs pass every check; 1 call got an earlier answer again by its token`.
fn without_copy_text(answers: &Answers) -> Option<String> {
    let told = |count: Option<u64>, one: &str, many: &str| match count {
        None | Some(0) => None,
        Some(1) => Some(format!("1 {one}")),
        Some(count) => Some(format!("{count} {many}")),
    };
    let dry_runs = told(answers.dry_runs, "dry run passes every check", "dry runs pass every check");
    let replayed = told(
        answers.replayed,
        "call got an earlier answer again by its token",
        "calls got an earlier answer again by their tokens",
    );
    let told: Vec<String> = dry_runs.into_iter().chain(replayed).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// `2 copies were running and 3 queued when the run began; they are not counted`.
fn already_text(already: &AlreadySummary) -> String {
    let AlreadySummary { running, queued } = already;
    let were = if running + queued == 1 { "copy was" } else { "copies were" };
    let what = match (running, queued) {
        (running, 0) => format!("{running} {were} running"),
        (0, queued) => format!("{queued} {were} queued"),
        (1, queued) => format!("1 copy was running and {queued} queued"),
        (running, queued) => format!("{running} copies were running and {queued} queued"),
    };
    format!("{what} when the run began: not counted here")
}

/// `150 images deleted at the end of their retention, 2 deletes refused`.
fn retention_text(retention: &RetentionSummary) -> String {
    let RetentionSummary { deleted, refused } = retention;
    let images = match deleted {
        1 => "1 image deleted at the end of its retention".to_owned(),
        _ => format!("{deleted} images deleted at the end of their retention"),
    };
    match refused {
        0 => images,
        _ => format!("{images}, {} refused", counted(*refused, "delete", "deletes")),
    }
}

/// `1 to 5 at once per pair of regions (assumed)`: the caps of the slots that were asked for.
fn cap(summary: &Summary) -> String {
    let setting = |key: &str| summary.settings.iter().find(|setting| setting.key == key);
    let asked = || summary.slots.iter().filter(|slot| slot.requests.planned > 0);
    let least = asked().map(|slot| slot.cap_min).min();
    let most = asked().map(|slot| slot.cap_max).max();
    let cap = match least.zip(most) {
        Some((least, most)) if least < most => format!("{least} to {most}"),
        Some((_, most)) => most.to_string(),
        None => setting("service.cap").map_or("?", |setting| setting.value.as_str()).to_owned(),
    };
    let Some(scope) = setting("service.cap_scope") else { return cap };
    let place = match scope.value.as_str() {
        "destination" => "per destination region",
        "both" => "per source and per destination region",
        "pair" => "per pair of regions",
        _ => "per source region",
    };
    format!("{cap} at once {place} (assumed)")
}

/// `29 available, 2 refused`.
fn outcomes(summary: &Summary) -> String {
    let occurred = Outcome::ALL.into_iter().filter_map(|outcome| {
        let count = summary.requests.outcomes.get(outcome.key()).copied().unwrap_or(0);
        (count > 0).then(|| outcome.counted(count))
    });
    let mut occurred: Vec<String> = occurred.collect();
    // It is no outcome: whatever became of the copy, its client had given up.
    match summary.timed_out {
        0 => {}
        1 => occurred.push("of these 1 timed out".to_owned()),
        several => occurred.push(format!("of these {several} timed out")),
    }
    match (occurred.is_empty(), summary.warm_up_s.0) {
        (false, _) => occurred.join(", "),
        (true, 0) => "no copy was requested".to_owned(),
        (true, _) => "no copy was planned after the warm-up".to_owned(),
    }
}

fn destinations(text: &mut String, summary: &Summary) {
    let destinations = &summary.destinations;
    if destinations.is_empty() {
        return;
    }
    let has_several = destinations.iter().any(|destination| destination.requests.planned > 1);
    let has_requests = summary.by_request.len() > 1;
    let mut table = Table::new(
        2,
        &[
            "ready last",
            if has_requests { "request" } else { "" },
            if has_several { "available" } else { "" },
            "size",
            "waited",
            "copied",
            "ready at",
            clock_heading(summary),
        ],
    );
    for destination in destinations.iter().take(MAX_DESTINATIONS) {
        let last = destination.last_ready.as_ref();
        let request = last.map_or("-", |last| &last.request);
        let mut row = vec![
            destination.region.clone(),
            if has_requests { request.to_owned() } else { String::new() },
            if has_several { available(&destination.requests) } else { String::new() },
        ];
        match last {
            Some(last) => row.extend([
                last.size_bytes.map_or_else(|| "-".to_owned(), |size| Bytes(size).to_string()),
                length(last.wait_s),
                length(last.copy_s),
                instant(last.ready_s),
            ]),
            None => row.extend(["-", "-", "-", "no data"].map(str::to_owned)),
        }
        row.push(clock_cell(summary, last.map(|last| last.ready_s)));
        table.row(row);
    }
    let _ = writeln!(text, "\n{}", table.text());
    more(text, destinations.len(), MAX_DESTINATIONS);
}

/// The copy requests of the scenario beside each other, where there are a few.
fn requests(text: &mut String, summary: &Summary) {
    let requests = &summary.by_request;
    if !(2..=MAX_REQUESTS).contains(&requests.len()) {
        return;
    }
    let head = ["request", "available", "last ready", clock_heading(summary), "makespan", "longest wait"];
    let mut table = Table::new(1, &head);
    for request in requests {
        let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        table.row(vec![
            request.request.clone(),
            available(&request.requests),
            or_dash(request.last_ready_s.map(instant)),
            clock_cell(summary, request.last_ready_s),
            request.makespan_s.map_or_else(|| "no data".to_owned(), length),
            or_dash(request.wait_max_s.map(length)),
        ]);
    }
    let _ = writeln!(text, "\n{}", table.text());
    let mut unnamed = requests.iter().filter_map(|request| note_on_name(&request.request));
    if let Some(first) = unnamed.next() {
        let more = if unnamed.next().is_some() { ", and so on" } else { "" };
        let _ = writeln!(text, "  {first}{more}");
    }
}

/// `29 of 31`.
fn available(requests: &Requests) -> String {
    let available = requests.outcomes.get(Outcome::Available.key()).copied().unwrap_or(0);
    format!("{available} of {}", requests.planned)
}

fn slots(text: &mut String, summary: &Summary) {
    let slots = &summary.slots;
    if slots.is_empty() {
        return;
    }
    let mut table = Table::new(
        1,
        &["slots of", "available", "started", "wait p50", "p95", "max", "in use", "cap", "most waiting"],
    );
    // The busiest first: that is where a larger cap would help.
    let mut busiest: Vec<&SlotSummary> = slots.iter().collect();
    busiest.sort_by_key(|slot| std::cmp::Reverse(slot.waiting_mean.map_or(0, |mean| mean.0)));
    for slot in busiest.iter().take(MAX_SLOTS) {
        let in_use = slot.in_use_mean.map_or_else(|| "no data".to_owned(), |mean| rounded(mean.0, 1));
        let cap = if slot.cap_min == slot.cap_max {
            slot.cap_max.to_string()
        } else {
            format!("{} to {}", slot.cap_min, slot.cap_max)
        };
        let started = slot.figures.get("wait").map_or(0, |wait| wait.n);
        let mut row = vec![
            slot.slots.clone(),
            available(&slot.requests),
            format!("{started} of {}", slot.requests.planned),
        ];
        row.extend(wait(slot.figures.get("wait")));
        row.extend([in_use, cap, slot.waiting_max.to_string()]);
        table.row(row);
    }
    let _ = writeln!(text, "\n{}", table.text());
    more(text, slots.len(), MAX_SLOTS);
    let is_both =
        summary.settings.iter().any(|setting| setting.key == "service.cap_scope" && setting.value == "both");
    if is_both && slots.iter().any(|slot| slot.waiting_max > 0) {
        let _ = writeln!(text, "  {WAITS_AT_BOTH}");
    }
}

fn wait(figure: Option<&Figure>) -> [String; 3] {
    let about = if figure.is_some_and(|figure| !figure.exact) { "~" } else { "" };
    match figure.and_then(|figure| figure.statistics.as_ref()) {
        Some(found) => [
            format!("{about}{}", length(found.p50_s)),
            format!("{about}{}", length(found.p95_s)),
            length(found.max_s),
        ],
        None => ["no data", "-", "-"].map(str::to_owned),
    }
}

fn more(text: &mut String, count: usize, shown: usize) {
    if count > shown {
        let _ = writeln!(text, "  ... {} more (summary.json)", count - shown);
    }
}

/// Refused calls of every operation, by code.
fn refusals(text: &mut String, summary: &Summary) {
    let mut table = Table::new(2, &["refused calls", "code", "HTTP", "count"]);
    for answers in &summary.calls {
        for refused in &answers.refused {
            table.row(vec![
                answers.operation.to_owned(),
                refused.code.to_owned(),
                refused.http_status.to_string(),
                refused.count.to_string(),
            ]);
        }
    }
    if !table.is_empty() {
        let _ = writeln!(text, "\n{}", table.text());
    }
}

/// What is assumed, and what to know.
fn footing(text: &mut String, summary: &Summary) {
    let inexact = summary.figures.values().any(|figure| !figure.exact);
    if inexact {
        let _ = writeln!(text, "\n  ~ percentiles from buckets of 3 significant digits (many copies)");
    }
    let assumed = |from: &str| {
        let lines = summary.settings.iter();
        let lines = lines.filter(|setting| setting.basis == "assumed" && setting.from == from);
        lines.map(in_words).collect::<Vec<_>>().join(",\n")
    };
    let assumed =
        [("assumed: ", assumed("default")), ("assumed, set by the scenario: ", assumed("scenario"))];
    // Name and value of a setting stay together.
    let assumed = assumed.iter().filter(|(_, settings)| !settings.is_empty());
    paragraph(text, assumed.map(|(first, settings)| wrap(first, settings.lines(), 98)));
    let warnings = summary.warnings.iter();
    let warnings = warnings.map(|warning| wrap("warning: ", warning.split(' '), 98));
    // Styled when it is wrapped: escape sequences take no columns.
    let word = format!("{WARNING}warning:{WARNING:#}");
    paragraph(text, warnings.map(|lines| lines.replacen("warning:", &word, 1)));
}

fn in_words(setting: &SettingLine) -> String {
    let key = setting.key.strip_prefix("service.").unwrap_or(setting.key);
    format!("{key} {}", setting.value)
}

/// Lines behind an empty one, if there are any.
fn paragraph(text: &mut String, lines: impl Iterator<Item = String>) {
    for (place, line) in lines.enumerate() {
        let gap = if place == 0 { "\n" } else { "" };
        let _ = writeln!(text, "{gap}{line}");
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn length(value: Decimal) -> String {
    SimDuration::from_micros(value.0).unwrap_or(SimDuration::MAX).to_string()
}

fn instant(value: Decimal) -> String {
    sim_time(value).to_string()
}

fn sim_time(value: Decimal) -> SimTime {
    SimTime::from_micros(value.0).unwrap_or(SimTime::MAX)
}

/// Over clock times in a table; without a clock their column is empty, and so left out.
fn clock_heading(summary: &Summary) -> &'static str {
    if summary.starts_at.is_some() { "clock" } else { "" }
}

fn clock_cell(summary: &Summary, time: Option<Decimal>) -> String {
    match (summary.starts_at, time) {
        (Some(clock), Some(time)) => clock.label(sim_time(time)),
        (Some(_), None) => "-".to_owned(),
        (None, _) => String::new(),
    }
}
