//! The life line of one copy: what happened to it when, and who held the slots while it waited.

mod events;
mod missing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

pub use self::missing::NoSuchCopy;
use self::missing::Others;
use super::messages::note_on_name;
use crate::clock::Clock;
use crate::ids::{RegionId, RequestKey};
use crate::quantity::Bytes;
use crate::records::{CopyRecord, Outcome, SlotSet};
use crate::scenario::{Labels, Scenario};
use crate::service::codes::Code;
use crate::service::{QueueOrder, SlotKey, SlotPlace};
use crate::time::SimTime;
use crate::transfer::NetworkPlan;

/// Holders shown before the rest is counted.
const MAX_HOLDERS: usize = 40;
/// Copies named that started with it before the rest is counted.
const MAX_AHEAD: usize = 8;

/// Least width of the column of times.
const MIN_TIMES: usize = 10;

/// Watches one copy, and the slots that it waits for.
pub struct Explainer<'a> {
    names: Labels<'a>,
    clock: Option<Clock>,
    label: &'a str,
    order: QueueOrder,
    head_of_line_blocking: bool,
    slots: Vec<SlotKey>,
    /// By slot key: the copies that hold a slot now, since when.
    holding: Vec<BTreeMap<RequestKey, SimTime>>,
    /// By slot key: waiting copies and the cap.
    waiting: Vec<u32>,
    caps: Vec<u32>,
    /// The copy's request, once it is known.
    key: Option<RequestKey>,
    /// Its regions, once it is accepted.
    regions: Option<(RegionId, RegionId)>,
    network: Arc<NetworkPlan>,
    /// Whether a copy of it is accepted and not over.
    is_copying: bool,
    /// Regions that are out now.
    out: BTreeSet<RegionId>,
    /// Whether an outage kept it from starting.
    is_held_by_outage: bool,
    /// The slot keys it waits for now.
    waits_for: SlotSet,
    holders: Vec<Holder>,
    /// Where in `holders` a copy stands that still holds this slot.
    still_held: BTreeMap<(RequestKey, u32), usize>,
    lines: Vec<Line>,
    accepted_at: Option<SimTime>,
    started_at: Option<SimTime>,
    record: Option<CopyRecord>,
    /// For the message when there is no such copy.
    others: Others<'a>,
}

/// Something that happened.
struct Line {
    at: SimTime,
    text: String,
    /// The new cap of a slot key, until it is known whether it holds: a link may have a cap of its own.
    unsure: Option<(u32, u32)>,
}

struct Holder {
    slot: u32,
    copy: RequestKey,
    label: String,
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
    /// Watches the copy that is called `label` in a run of a scenario.
    pub fn new(label: &'a str, scenario: &'a Scenario) -> Self {
        Self {
            names: Labels::new(&scenario.catalog),
            clock: scenario.starts_at,
            label,
            order: scenario.model.settings.queue,
            head_of_line_blocking: scenario.model.settings.head_of_line_blocking,
            slots: Vec::new(),
            holding: Vec::new(),
            waiting: Vec::new(),
            caps: Vec::new(),
            key: None,
            regions: None,
            is_copying: false,
            out: BTreeSet::new(),
            is_held_by_outage: false,
            network: Arc::clone(&scenario.model.surroundings.network),
            waits_for: SlotSet::default(),
            holders: Vec::new(),
            still_held: BTreeMap::new(),
            lines: Vec::new(),
            accepted_at: None,
            started_at: None,
            record: None,
            others: Others::of(label),
        }
    }

    /// The life line in words.
    ///
    /// # Errors
    /// When the run had no such copy.
    pub fn finish(self, end: SimTime) -> Result<LifeLine, NoSuchCopy> {
        let Some(record) = &self.record else { return Err(self.others.no_such_copy()) };
        let mut text = String::new();
        self.head(&mut text, record);
        self.life(&mut text, record, end);
        self.hindrance(&mut text, record);
        self.holders_text(&mut text, record, end);
        Ok(LifeLine(text))
    }

    /// What happened to it, a line for each instant, with the clock beside it if there is one.
    fn life(&self, text: &mut String, record: &CopyRecord, end: SimTime) {
        let after = self.after(record).map(|after| (SimTime::ZERO, format!("waits for {after}")));
        let happened = self.lines.iter().filter(|line| line.unsure.is_none());
        let happened = happened.map(|line| (line.at, line.text.clone()));
        let lines: Vec<(SimTime, String)> =
            after.into_iter().chain(happened).chain(unfinished(record).map(|text| (end, text))).collect();
        let label = |at: SimTime| self.clock.map_or_else(String::new, |clock| clock.label(at));
        let width = lines.iter().map(|(at, _)| label(*at).len()).max().unwrap_or(0);
        let times = lines.iter().map(|(at, _)| at.to_string().len()).max().unwrap_or(0).max(MIN_TIMES);
        for (at, what) in &lines {
            let clock = if width > 0 { format!("   {:>width$}", label(*at)) } else { String::new() };
            let _ = writeln!(text, "  {:>times$}{clock}   {what}", at.to_string());
        }
    }

    /// How much sooner it would have been ready if nothing had held it up once it ran.
    fn hindrance(&self, text: &mut String, record: &CopyRecord) {
        let (Some(ran), Some(unhindered)) = (record.copy(), record.unhindered) else { return };
        let Some((from, to)) = self.regions.filter(|_| ran > unhindered) else { return };
        let links =
            self.network.path(from, to).map_or(&[][..], |path| &self.network.paths[path.0 as usize].links);
        let links: Vec<&str> = links.iter().map(|link| self.names.link(*link)).collect();
        let over =
            if links.is_empty() { String::new() } else { format!("; it shared {}", links.join(" and ")) };
        let _ = writeln!(text, "\nundisturbed it would have run {unhindered}{over}");
    }

    fn head(&self, text: &mut String, record: &CopyRecord) {
        let Some(call) = self.names.call(record.key) else { return };
        let size = record.size.map_or_else(String::new, |size: Bytes| format!("   {size}"));
        let image = if call.is_fresh { "its own image" } else { &*call.image };
        let after = self.after(record).map_or_else(String::new, |after| format!("   after {after}"));
        let _ = writeln!(text, "{}   {image}   {} -> {}{size}{after}", self.label, call.from, call.to);
        if let Some(unnamed) = note_on_name(self.names.entry(record.key)) {
            let _ = writeln!(text, "{unnamed}");
        }
        if let Some(clock) = self.clock {
            let _ = writeln!(text, "the run started on {}", clock.start_in_words());
        }
        text.push('\n');
    }

    fn after(&self, record: &CopyRecord) -> Option<&str> {
        self.names.entries[record.key.entry() as usize].after.as_deref()
    }

    /// Who held the slots during [accepted, start or cancel), and who started together with it.
    fn holders_text(&self, text: &mut String, record: &CopyRecord, end: SimTime) {
        let Some(accepted) = record.accepted else { return };
        let until = record.start.or(record.end).unwrap_or(end);
        if until == accepted {
            return;
        }
        let overlaps =
            |holder: &&Holder| holder.from < until && holder.until.is_none_or(|left| left > accepted);
        let holders: Vec<&Holder> = self.holders.iter().filter(overlaps).collect();
        let waited = until.since(accepted);
        if holders.is_empty() {
            let ahead = if self.head_of_line_blocking { ", or that of one ahead of it in line" } else { "" };
            let why = if self.is_held_by_outage { "its region was out" } else { "the cap was 0" };
            let _ = writeln!(text, "\nit waited {waited} and nobody held a slot: {why}{ahead}");
        } else {
            let _ = writeln!(text, "\nwhile it waited {waited}, slots were held by");
            self.holder_lines(text, &holders, record.slots.iter().count() > 1);
        }
        let mut seen = BTreeSet::new();
        let with_it = self.holders.iter().filter(|holder| Some(holder.from) == record.start);
        let ahead: Vec<&Holder> = with_it.filter(|holder| seen.insert(holder.copy)).collect();
        if !ahead.is_empty() {
            let mut names: Vec<String> =
                ahead.iter().take(MAX_AHEAD).map(|holder| holder.label.clone()).collect();
            if ahead.len() > MAX_AHEAD {
                names.push(format!("{} more", ahead.len() - MAX_AHEAD));
            }
            let _ = writeln!(text, "\nstarted with it, ahead in the queue: {}", names.join(", "));
        }
    }

    fn holder_lines(&self, text: &mut String, holders: &[&Holder], several: bool) {
        let shown = || holders.iter().take(MAX_HOLDERS);
        let width = shown().map(|holder| holder.label.chars().count()).max().unwrap_or(0);
        for holder in shown() {
            let name = &holder.label;
            let until = holder.until.map_or_else(|| "the end".to_owned(), |until| until.to_string());
            let slot = self.slots[holder.slot as usize];
            let slot = if several { format!("   of {}", self.names.slot(slot)) } else { String::new() };
            let clock = self.clock.map_or_else(String::new, |clock| match holder.until {
                Some(until) => format!(" ({})", clock.span_label(holder.from, until)),
                None => format!(" (from {})", clock.label(holder.from)),
            });
            let padding = " ".repeat(width - name.chars().count());
            let _ = writeln!(text, "  {name}{padding}   {} to {until}{clock}{slot}", holder.from);
        }
        if holders.len() > MAX_HOLDERS {
            let _ = writeln!(text, "  ... {} more", holders.len() - MAX_HOLDERS);
        }
    }

    /// Whether this request is the one that is watched.
    fn is_it(&mut self, key: RequestKey) -> bool {
        if let Some(known) = self.key {
            return known == key;
        }
        let is_it = self.names.label(key) == self.label;
        if is_it {
            self.key = Some(key);
        }
        is_it
    }

    fn say(&mut self, at: SimTime, text: impl Into<String>) {
        self.lines.push(Line { at, text: text.into(), unsure: None });
    }

    /// A copy waits from now on; `how` says how that came about.
    fn accepted(&mut self, at: SimTime, key: RequestKey, slots: SlotSet, how: &str) {
        if self.is_it(key) {
            let promised = slots.iter().count() == 1 && self.order == QueueOrder::Fifo;
            let places: Vec<String> = slots.iter().map(|slot| self.place(slot, promised)).collect();
            self.say(at, format!("{how}; {}", places.join("; ")));
            self.accepted_at = Some(at);
            self.waits_for = slots;
            for slot in slots.iter() {
                for (copy, from) in self.holding[slot as usize].clone() {
                    self.holds(slot, copy, from);
                }
            }
        }
        for slot in slots.iter() {
            self.waiting[slot as usize] += 1;
        }
    }

    /// What an arriving copy finds at a slot key. A free slot is `promised` to those that wait before it:
    /// they start once all calls of the instant are answered. With two keys either may hold them up, and in
    /// another order than that of acceptance it may go ahead of them.
    fn place(&self, slot: u32, promised: bool) -> String {
        let index = slot as usize;
        let (cap, waiting) = (self.caps[index], self.waiting[index]);
        let held = u32::try_from(self.holding[index].len()).unwrap_or(u32::MAX);
        let name = self.names.slot(self.slots[index]);
        if !promised {
            let before = if self.order == QueueOrder::Fifo { " before it" } else { "" };
            return format!("{held} of {cap} slots of {name} held, {waiting} waiting{before}");
        }
        // More than the cap are held after it was lowered.
        let taken = (held + waiting).min(cap).max(held);
        format!("{taken} of {cap} slots of {name} taken, {} waiting before it", held + waiting - taken)
    }

    /// The cap of a region changed: slots of it, or of pairs from it, that the copy waits for may have a
    /// new cap.
    fn cap_changed(&mut self, at: SimTime, region: RegionId, cap: u32) {
        for slot in self.waits_for.iter() {
            let key = self.slots[slot as usize];
            let (SlotPlace::Region(of) | SlotPlace::Pair(of, _)) = key.place;
            if of == region && self.caps[slot as usize] != cap {
                let text = format!("the cap of {} is now {cap}", self.names.slot(key));
                self.lines.push(Line { at, text, unsure: Some((slot, cap)) });
            }
        }
    }

    /// A call was answered with a code; the message is made only if it is told.
    fn answered(
        &mut self,
        at: SimTime,
        key: RequestKey,
        how: &str,
        code: Code,
        message: impl FnOnce(&Labels<'_>) -> String,
    ) {
        if self.is_it(key) {
            let message = message(&self.names);
            self.say(at, format!("{how}: {} ({}): {message}", code.literal(), code.http_status()));
        }
    }

    /// A call got the answer of another one again (R7.3): both are told.
    fn replayed(&mut self, at: SimTime, key: RequestKey, first: RequestKey) {
        if self.is_it(key) {
            let first = self.names.label(first);
            self.say(at, format!("answered as {first} was, by its client token; nothing new is copied"));
        } else if self.is_it(first) {
            let key = self.names.label(key);
            self.say(at, format!("its answer is given again to {key}, which has its client token"));
        }
    }

    fn already_running(&mut self, at: SimTime, key: RequestKey, slots: SlotSet) {
        if self.is_it(key) {
            self.say(at, "already running when the run began");
            (self.accepted_at, self.started_at) = (Some(at), Some(at));
        }
        slots.iter().for_each(|slot| self.takes(slot, key, at));
    }

    fn started(&mut self, at: SimTime, key: RequestKey, slots: SlotSet) {
        if self.is_it(key) {
            let waited = self
                .accepted_at
                .map_or_else(String::new, |accepted| format!(" after waiting {}", at.since(accepted)));
            self.say(at, format!("started{waited}"));
            self.started_at = Some(at);
            self.waits_for = SlotSet::default();
        }
        for slot in slots.iter() {
            self.waiting[slot as usize] -= 1;
            self.takes(slot, key, at);
        }
    }

    fn takes(&mut self, slot: u32, key: RequestKey, at: SimTime) {
        self.holding[slot as usize].insert(key, at);
        if self.waits_for.iter().any(|waited| waited == slot) {
            self.holds(slot, key, at);
        }
    }

    fn ended(&mut self, at: SimTime, key: RequestKey, slots: SlotSet, ending: &str) {
        self.left(at, key, slots);
        if self.is_it(key) {
            let ran = at.since(self.started_at.unwrap_or(at));
            self.say(at, format!("{ending} after running {ran}"));
            self.is_copying = false;
            self.started_at = None;
        }
    }

    fn left(&mut self, at: SimTime, key: RequestKey, slots: SlotSet) {
        for slot in slots.iter() {
            self.holding[slot as usize].remove(&key);
            if let Some(place) = self.still_held.remove(&(key, slot)) {
                self.holders[place].until = Some(at);
            }
        }
    }

    fn holds(&mut self, slot: u32, copy: RequestKey, from: SimTime) {
        self.still_held.insert((copy, slot), self.holders.len());
        let label = self.names.label(copy);
        self.holders.push(Holder { slot, copy, label, from, until: None });
    }
}

/// What is said of a copy that the end of the run cut off.
fn unfinished(record: &CopyRecord) -> Option<String> {
    let state = match record.outcome {
        Outcome::Waiting => "still waiting when the run ended",
        Outcome::Running => "still running when the run ended",
        _ => return None,
    };
    let percent = record.percent.filter(|_| record.start.is_some());
    Some(percent.map_or_else(|| state.to_owned(), |percent| format!("{state}, {percent} % done")))
}
