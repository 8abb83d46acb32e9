//! The summary on the terminal: when each destination is ready, last first; the slots by region; and
//! what the run rests on.

use std::fmt::Write;

use super::numbers::{Decimal, rounded};
use super::summary::{DestinationSummary, Figure, Requests, SlotSummary, Summary};
use crate::quantity::Bytes;
use crate::records::Outcome;
use crate::time::{SimDuration, SimTime};

/// Destinations shown before the rest is counted.
const MAX_DESTINATIONS: usize = 10;
/// Slot keys shown before the rest is counted.
const MAX_SLOTS: usize = 10;

/// The text of a summary, at most about 100 columns wide.
pub fn terminal_summary(summary: &Summary) -> String {
    let mut text = String::new();
    head(&mut text, summary);
    destinations(&mut text, &summary.destinations);
    slots(&mut text, &summary.slots);
    refusals(&mut text, summary);
    footing(&mut text, summary);
    text
}

/// One line that says what ran, then what became of it.
fn head(text: &mut String, summary: &Summary) {
    let _ = writeln!(
        text,
        "{}   seed {}   {}   {}",
        summary.scenario,
        summary.seed,
        counted(summary.requests.planned, "copy", "copies"),
        cap(summary),
    );
    if let Some(description) = &summary.description {
        let _ = writeln!(text, "{description}");
    }
    let makespan = summary
        .makespan_s
        .map_or_else(|| "makespan: no data".to_owned(), |makespan| format!("makespan {}", length(makespan)));
    let _ = writeln!(text, "\n  {}   {makespan}", outcomes(&summary.requests));
    let ended = if summary.ended_by == "horizon" { "cut off by the horizon" } else { "no work left" };
    let _ = writeln!(text, "  ended at {}: {ended}", instant(summary.end_s));
}

/// `5 at once per source region (assumed)`: the cap where regions and links say nothing else.
fn cap(summary: &Summary) -> String {
    let setting = |key: &str| summary.settings.iter().find(|setting| setting.key == key);
    let cap = setting("service.cap").map_or("?", |setting| setting.value.as_str());
    let Some(scope) = setting("service.cap_scope") else { return cap.to_owned() };
    let place = match scope.value.as_str() {
        "destination" => "per destination region",
        "both" => "per source and per destination region",
        "pair" => "per pair of regions",
        _ => "per source region",
    };
    let assumed = if scope.from == "default" { " (assumed)" } else { "" };
    format!("{cap} at once {place}{assumed}")
}

/// `29 available, 2 refused`.
fn outcomes(requests: &Requests) -> String {
    let occurred = Outcome::ALL.into_iter().filter_map(|outcome| {
        let count = requests.outcomes.get(outcome.key()).copied().unwrap_or(0);
        (count > 0).then(|| format!("{count} {}", outcome.label()))
    });
    let occurred: Vec<String> = occurred.collect();
    if occurred.is_empty() { "no copy was requested".to_owned() } else { occurred.join(", ") }
}

fn destinations(text: &mut String, destinations: &[DestinationSummary]) {
    if destinations.is_empty() {
        return;
    }
    let has_several = destinations.iter().any(|destination| destination.requests.planned > 1);
    let mut table = Table::new(vec![
        "ready last".to_owned(),
        if has_several { "available".to_owned() } else { String::new() },
        "size".to_owned(),
        "waited".to_owned(),
        "copied".to_owned(),
        "ready at".to_owned(),
    ]);
    for destination in destinations.iter().take(MAX_DESTINATIONS) {
        let available = destination.requests.outcomes.get(Outcome::Available.key()).copied().unwrap_or(0);
        let count = if has_several {
            format!("{available} of {}", destination.requests.planned)
        } else {
            String::new()
        };
        let mut row = vec![destination.region.clone(), count];
        match &destination.last_ready {
            Some(last) => row.extend([
                last.size_bytes.map_or_else(|| "-".to_owned(), |size| Bytes(size).to_string()),
                length(last.wait_s),
                length(last.copy_s),
                instant(last.ready_s),
            ]),
            None => row.extend(["-", "-", "-", "no data"].map(str::to_owned)),
        }
        table.row(row);
    }
    let _ = writeln!(text, "\n{}", table.text());
    more(text, destinations.len(), MAX_DESTINATIONS);
}

fn slots(text: &mut String, slots: &[SlotSummary]) {
    if slots.is_empty() {
        return;
    }
    let mut table = Table::new(
        ["slots of", "available", "wait p50", "p95", "max", "in use", "cap", "most waiting"]
            .map(str::to_owned)
            .to_vec(),
    );
    // The busiest first: that is where a larger cap would help.
    let mut busiest: Vec<&SlotSummary> = slots.iter().collect();
    busiest.sort_by_key(|slot| std::cmp::Reverse(slot.waiting_mean.map_or(0, |mean| mean.0)));
    for slot in busiest.iter().take(MAX_SLOTS) {
        let available = slot.requests.outcomes.get(Outcome::Available.key()).copied().unwrap_or(0);
        let in_use = slot.in_use_mean.map_or_else(|| "no data".to_owned(), |mean| rounded(mean.0, 1));
        let cap = if slot.cap_min == slot.cap_max {
            slot.cap_max.to_string()
        } else {
            format!("{} to {}", slot.cap_min, slot.cap_max)
        };
        let mut row = vec![slot.slots.clone(), format!("{available} of {}", slot.requests.planned)];
        row.extend(wait(slot.figures.get("wait")));
        row.extend([in_use, cap, slot.waiting_max.to_string()]);
        table.row(row);
    }
    let _ = writeln!(text, "\n{}", table.text());
    more(text, slots.len(), MAX_SLOTS);
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
    let mut table = Table::new(["refused calls", "code", "HTTP", "count"].map(str::to_owned).to_vec());
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
    let assumed =
        summary.settings.iter().filter(|setting| setting.basis == "assumed" && setting.from == "default");
    let assumed: Vec<String> = assumed
        .map(|setting| {
            let key = setting.key.strip_prefix("service.").unwrap_or(setting.key);
            format!("{key} {}", setting.value)
        })
        .collect();
    if !assumed.is_empty() {
        let _ = writeln!(text, "\n{}", wrap("assumed: ", &assumed.join(", "), 98));
    }
}

/// Text in lines of at most `width` columns, continued under the first word.
fn wrap(first: &str, text: &str, width: usize) -> String {
    let indent = " ".repeat(first.chars().count());
    let mut lines = first.to_owned();
    let mut column = indent.len();
    for (place, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if place > 0 && column + 1 + length > width {
            lines.push('\n');
            lines.push_str(&indent);
            column = indent.len();
        } else if place > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

/// Columns as wide as their widest cell; the first to the left, the others to the right. Columns without
/// any text are left out.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(head: Vec<String>) -> Self {
        Self { rows: vec![head] }
    }

    fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    fn text(&self) -> String {
        let columns = self.rows[0].len();
        let width = |column: usize| self.rows.iter().map(|row| columns_of(&row[column])).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut lines = Vec::new();
        for row in &self.rows {
            let mut line = String::from("  ");
            for (column, (cell, width)) in
                row.iter().zip(&widths).enumerate().filter(|(_, (_, width))| **width > 0)
            {
                let padding = " ".repeat(width - columns_of(cell));
                if column == 0 {
                    line.push_str(cell);
                    line.push_str(&padding);
                } else {
                    line.push_str("   ");
                    line.push_str(&padding);
                    line.push_str(cell);
                }
            }
            lines.push(line.trim_end().to_owned());
        }
        lines.join("\n")
    }
}

/// Terminal columns of a text: wide characters take two.
fn columns_of(text: &str) -> usize {
    let is_wide = |sign: char| matches!(sign as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd);
    text.chars().map(|sign| if is_wide(sign) { 2 } else { 1 }).sum()
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn length(value: Decimal) -> String {
    SimDuration::from_micros(value.0).unwrap_or(SimDuration::MAX).to_string()
}

fn instant(value: Decimal) -> String {
    SimTime::from_micros(value.0).unwrap_or(SimTime::MAX).to_string()
}
