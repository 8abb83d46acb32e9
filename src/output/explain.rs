//! The life line of one copy: what happened to it when, and who held the slots while it waited.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::messages::refusal_message;
use crate::ids::RequestKey;
use crate::quantity::Bytes;
use crate::records::{CopyRecord, History, Outcome, SlotLevels, SlotSet};
use crate::scenario::{Catalog, nearest};
use crate::service::SlotKey;
use crate::simulation::Observer;
use crate::time::SimTime;

/// Holders shown before the rest is counted.
const MAX_HOLDERS: usize = 40;

/// Watches one copy, and the slots that it waits for.
pub struct Explainer<'a> {
    catalog: &'a Catalog,
    label: &'a str,
    slots: Vec<SlotKey>,
    /// By slot key: the copies that hold a slot now, since when.
    holding: Vec<BTreeMap<RequestKey, SimTime>>,
    /// By slot key: waiting copies and the cap.
    waiting: Vec<u32>,
    caps: Vec<u32>,
    /// The copy's request, once it is known.
    key: Option<RequestKey>,
    /// The slot keys it waits for now.
    waits_for: SlotSet,
    holders: Vec<Holder>,
    lines: Vec<(SimTime, String)>,
    record: Option<CopyRecord>,
    /// A few labels that are there, for the message when this one isn't.
    labels: Vec<String>,
}

struct Holder {
    slot: u32,
    copy: RequestKey,
    from: SimTime,
    until: Option<SimTime>,
}

/// What was found of a copy.
pub struct LifeLine(String);

impl std::fmt::Display for LifeLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<'a> Explainer<'a> {
    /// Watches the copy that is called `label`.
    pub fn new(label: &'a str, catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            label,
            slots: Vec::new(),
            holding: Vec::new(),
            waiting: Vec::new(),
            caps: Vec::new(),
            key: None,
            waits_for: SlotSet::default(),
            holders: Vec::new(),
            lines: Vec::new(),
            record: None,
            labels: Vec::new(),
        }
    }

    /// The life line in words.
    ///
    /// # Errors
    /// When the run had no such copy: the message and the way out.
    pub fn finish(self, end: SimTime) -> Result<LifeLine, (String, String)> {
        let Some(record) = &self.record else {
            let labels = || self.labels.iter().map(String::as_str);
            let help = match nearest(self.label, labels()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => match labels().next() {
                    Some(one) => format!("copies are called like `{one}`; copies.csv lists them all"),
                    None => "this run had no copies".to_owned(),
                },
            };
            return Err((format!("the run has no copy `{}`", self.label), help));
        };
        let mut text = String::new();
        self.head(&mut text, record);
        for (at, line) in &self.lines {
            let _ = writeln!(text, "  {:>10}   {line}", at.to_string());
        }
        let ending = match record.outcome {
            Outcome::Waiting => Some("still waiting when the run ended"),
            Outcome::Running => Some("still running when the run ended"),
            _ => None,
        };
        if let Some(ending) = ending {
            let percent = record.percent.filter(|_| record.start.is_some());
            let percent = percent.map_or_else(String::new, |percent| format!(", {percent} % done"));
            let _ = writeln!(text, "  {:>10}   {ending}{percent}", end.to_string());
        }
        self.holders_text(&mut text, record, end);
        Ok(LifeLine(text))
    }

    fn head(&self, text: &mut String, record: &CopyRecord) {
        let Some(call) = self.catalog.call(record.key) else { return };
        let size = record.size.map_or_else(String::new, |size: Bytes| format!("   {size}"));
        let image = if call.image.is_empty() { "its own image" } else { &call.image };
        let _ = writeln!(text, "{}   {image}   {} -> {}{size}\n", self.label, call.from, call.to);
    }

    fn holders_text(&self, text: &mut String, record: &CopyRecord, end: SimTime) {
        let Some(waited) = record.waited(end).filter(|waited| waited.micros() > 0) else { return };
        if self.holders.is_empty() {
            let _ = writeln!(text, "\nit waited {waited} and nobody held a slot: the cap was 0");
            return;
        }
        let _ = writeln!(text, "\nwhile it waited {waited}, slots were held by");
        let names: Vec<String> = self.holders.iter().map(|holder| self.catalog.label(holder.copy)).collect();
        let width = names.iter().take(MAX_HOLDERS).map(|name| name.chars().count()).max().unwrap_or(0);
        let several = record.slots.iter().count() > 1;
        for (holder, name) in self.holders.iter().zip(&names).take(MAX_HOLDERS) {
            let until = holder.until.map_or_else(|| "the end".to_owned(), |until| until.to_string());
            let slot = self.slots[holder.slot as usize];
            let slot = if several { format!("   of {}", self.catalog.slot(slot)) } else { String::new() };
            let padding = " ".repeat(width - name.chars().count());
            let _ = writeln!(text, "  {name}{padding}   {} to {until}{slot}", holder.from);
        }
        if self.holders.len() > MAX_HOLDERS {
            let _ = writeln!(text, "  ... {} more", self.holders.len() - MAX_HOLDERS);
        }
    }

    /// Whether this request is the one that is watched.
    fn is_it(&mut self, key: RequestKey) -> bool {
        if let Some(known) = self.key {
            return known == key;
        }
        let label = self.catalog.label(key);
        let is_it = label == self.label;
        if is_it {
            self.key = Some(key);
        } else if self.labels.len() < 1000 {
            self.labels.push(label);
        }
        is_it
    }

    fn say(&mut self, at: SimTime, line: impl Into<String>) {
        self.lines.push((at, line.into()));
    }

    fn accepted(&mut self, at: SimTime, key: RequestKey, slots: SlotSet) {
        if self.is_it(key) {
            let places: Vec<String> = slots.iter().map(|slot| self.place(slot)).collect();
            self.say(at, format!("accepted; {}", places.join("; ")));
            self.waits_for = slots;
            for slot in slots.iter() {
                for (copy, from) in &self.holding[slot as usize] {
                    self.holders.push(Holder { slot, copy: *copy, from: *from, until: None });
                }
            }
        }
        for slot in slots.iter() {
            self.waiting[slot as usize] += 1;
        }
    }

    /// What an arriving copy finds at a slot key.
    fn place(&self, slot: u32) -> String {
        let index = slot as usize;
        format!(
            "{} of {} slots of {} held, {} waiting before it",
            self.holding[index].len(),
            self.caps[index],
            self.catalog.slot(self.slots[index]),
            self.waiting[index]
        )
    }

    fn started(&mut self, at: SimTime, key: RequestKey, slots: SlotSet) {
        if self.is_it(key) {
            let waited = self
                .lines
                .last()
                .map_or_else(String::new, |(accepted, _)| format!(" after waiting {}", at.since(*accepted)));
            self.say(at, format!("started{waited}"));
            self.waits_for = SlotSet::default();
        }
        for slot in slots.iter() {
            self.waiting[slot as usize] -= 1;
            self.holding[slot as usize].insert(key, at);
            if self.waits_for.iter().any(|waited| waited == slot) {
                self.holders.push(Holder { slot, copy: key, from: at, until: None });
            }
        }
    }

    fn left(&mut self, at: SimTime, key: RequestKey, slots: SlotSet) {
        for slot in slots.iter() {
            self.holding[slot as usize].remove(&key);
        }
        for holder in self.holders.iter_mut().filter(|holder| holder.copy == key && holder.until.is_none()) {
            holder.until = Some(at);
        }
    }
}

impl Observer for Explainer<'_> {
    fn begin(&mut self, slots: &[(SlotKey, u32)]) {
        self.slots = slots.iter().map(|(key, _)| *key).collect();
        self.caps = slots.iter().map(|(_, cap)| *cap).collect();
        self.holding = vec![BTreeMap::new(); slots.len()];
        self.waiting = vec![0; slots.len()];
    }

    fn settled(&mut self, _at: SimTime, slot: u32, levels: SlotLevels) {
        self.caps[slot as usize] = levels.cap;
    }

    fn happened(&mut self, at: SimTime, what: &History) {
        match *what {
            History::Accepted { key, slots } => self.accepted(at, key, slots),
            History::CopyRefused { key, refused } => {
                if self.is_it(key) {
                    let code = refused.refusal.code;
                    let message = refusal_message(&refused, key, self.catalog);
                    self.say(at, format!("refused: {} ({}): {message}", code.literal(), code.http_status()));
                }
            }
            History::Skipped { key } => {
                if self.is_it(key) {
                    self.say(at, "skipped: a copy that it waits for will never be Available");
                }
            }
            History::Started { key, slots } => self.started(at, key, slots),
            History::Completed { key, slots } | History::Failed { key, slots } => {
                self.left(at, key, slots);
                if self.is_it(key) {
                    let is_available = matches!(what, History::Completed { .. });
                    let ran = self.lines.last().map_or(at.since(at), |(started, _)| at.since(*started));
                    let ending = if is_available { "available" } else { "failed" };
                    self.say(at, format!("{ending} after running {ran}"));
                }
            }
            History::Cancelled { call, key, slots, was_running, drains } => {
                if was_running && !drains {
                    self.left(at, key, slots);
                } else if !was_running {
                    for slot in slots.iter() {
                        self.waiting[slot as usize] -= 1;
                    }
                }
                if self.is_it(key) {
                    let by = self.catalog.label(call);
                    let state = if was_running { "running" } else { "waiting" };
                    self.say(at, format!("cancelled while {state}, by {by}"));
                    self.waits_for = SlotSet::default();
                }
            }
            History::DrainEnded { key, slots } => {
                self.left(at, key, slots);
                if self.is_it(key) {
                    self.say(at, "its slot is free again");
                }
            }
            History::CancelRefused { .. }
            | History::Deleted { .. }
            | History::DeleteRefused { .. }
            | History::CapChanged { .. } => {}
        }
    }

    fn closed(&mut self, _at: SimTime, record: &CopyRecord) {
        if self.is_it(record.key) {
            self.record = Some(*record);
        }
    }
}
