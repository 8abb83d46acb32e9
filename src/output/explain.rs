//! The life line of one copy: what happened to it when, and who held the slots while it waited.

mod missing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

pub use self::missing::NoSuchCopy;
use self::missing::Others;
use super::messages::{note_on_name, request_in_words, skipped_message};
use crate::clock::Clock;
use crate::ids::{RegionId, RequestKey};
use crate::quantity::{Bytes, Capacity, Fraction};
use crate::records::{CopyRecord, History, Outcome, SlotLevels, SlotSet};
use crate::scenario::{Labels, Scenario, dry_run_message, later_refusal_message, refusal_message};
use crate::service::codes::Code;
use crate::service::{QueueOrder, SlotKey, SlotPlace};
use crate::simulation::Observer;
use crate::time::SimTime;
use crate::transfer::{LinkId, NetworkPlan};
use crate::workload::Row;

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
            let _ = writeln!(text, "\nit waited {waited} and nobody held a slot: the cap was 0{ahead}");
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

    /// Says something, if it is of the request that is watched.
    fn say_of(&mut self, at: SimTime, key: RequestKey, text: &str) {
        if self.is_it(key) {
            self.say(at, text);
        }
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

    /// An outage of a region begins, which `fails` the running copies or not, or is over.
    fn outage(&mut self, at: SimTime, region: RegionId, fails: Option<bool>) {
        if !self.is_on_its_way(region) {
            return;
        }
        let name = self.names.region(region);
        let text = match (fails, self.started_at) {
            (Some(_), None) => format!("outage of {name}: it can't start"),
            (Some(true), Some(_)) => format!("outage of {name}: running copies fail"),
            (Some(false), Some(_)) => format!("outage of {name}: it stands still and keeps its slot"),
            (None, None) => format!("the outage of {name} is over: it can start again"),
            (None, Some(_)) => format!("the outage of {name} is over"),
        };
        self.say(at, text);
    }

    fn slowed(&mut self, at: SimTime, region: RegionId, to: Fraction) {
        if self.is_on_its_way(region) {
            let text = match to {
                Fraction::ONE => {
                    format!("transfers from and to {} are as fast as ever", self.names.region(region))
                }
                to => format!(
                    "transfers from and to {} reach {to} of their throughput",
                    self.names.region(region)
                ),
            };
            self.say(at, text);
        }
    }

    fn capacity_changed(&mut self, at: SimTime, link: LinkId, capacity: Capacity) {
        if self.is_unfinished().is_some_and(|(from, to)| self.goes_over(link, from, to)) {
            self.say(at, format!("{} can move {capacity} from now on", self.names.link(link)));
        }
    }

    fn goes_over(&self, link: LinkId, from: RegionId, to: RegionId) -> bool {
        let path = self.network.path(from, to);
        path.is_some_and(|path| self.network.paths[path.0 as usize].links.contains(&link))
    }

    /// The regions of the copy, while it is accepted and not over.
    fn is_unfinished(&self) -> Option<(RegionId, RegionId)> {
        self.regions.filter(|_| self.record.is_none())
    }

    fn is_on_its_way(&self, region: RegionId) -> bool {
        self.is_unfinished().is_some_and(|(from, to)| from == region || to == region)
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

impl Observer for Explainer<'_> {
    fn begin(&mut self, slots: &[(SlotKey, u32)]) {
        self.slots = slots.iter().map(|(key, _)| *key).collect();
        self.caps = slots.iter().map(|(_, cap)| *cap).collect();
        self.holding = vec![BTreeMap::new(); slots.len()];
        self.waiting = vec![0; slots.len()];
    }

    fn settled(&mut self, _at: SimTime, slot: u32, levels: SlotLevels) {
        for line in self.lines.iter_mut().filter(|line| line.unsure == Some((slot, levels.cap))) {
            line.unsure = None;
        }
        // What didn't come true by the end of its instant never will.
        self.lines.retain(|line| line.unsure.is_none_or(|(of, _)| of != slot));
        self.caps[slot as usize] = levels.cap;
    }

    fn planned(&mut self, key: RequestKey, row: &Row) {
        self.names.planned(key, row);
    }

    fn happened(&mut self, at: SimTime, what: &History) {
        match *what {
            History::Accepted { key, from, to, slots, .. } => {
                self.accepted(at, key, slots, "accepted");
                if self.is_it(key) {
                    self.regions = Some((from, to));
                }
            }
            History::AlreadyThere { key, is_running, from, to, slots, .. } => {
                if is_running {
                    self.already_running(at, key, slots);
                } else {
                    self.accepted(at, key, slots, "already queued when the run began");
                }
                if self.is_it(key) {
                    self.regions = Some((from, to));
                }
            }
            History::CopyRefused { key, refused, .. } => {
                let message = |names: &Labels<'_>| refusal_message(&refused, key, names);
                self.answered(at, key, "refused", refused.refusal.code, message);
            }
            History::Replayed { key, first, .. } => self.replayed(at, key, first),
            History::DryRun { key, .. } => {
                let message = |names: &Labels<'_>| dry_run_message(key, names);
                self.answered(at, key, "dry run", Code::DryRunOperation, message);
            }
            History::Skipped { key, because } => {
                if self.is_it(key) {
                    self.say(at, format!("skipped: {}", skipped_message(because, &self.names)));
                }
            }
            History::Started { key, slots } => self.started(at, key, slots),
            History::Completed { key, slots } => self.ended(at, key, slots, "available"),
            History::Failed { key, slots } => self.ended(at, key, slots, "failed"),
            History::Cancelled { call, key, slots, was_running, drains } => {
                if was_running && !drains {
                    self.left(at, key, slots);
                } else if !was_running {
                    for slot in slots.iter() {
                        self.waiting[slot as usize] -= 1;
                    }
                }
                if self.is_it(key) {
                    let by = if call == key {
                        "its client, which had waited long enough".to_owned()
                    } else if call.is_row_cancel() {
                        "its row's cancel_at".to_owned()
                    } else {
                        request_in_words(self.names.entry(call))
                    };
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
            History::CapChanged { region, cap } => self.cap_changed(at, region, cap),
            History::OutageBegan { region, fails, .. } => self.outage(at, region, Some(fails)),
            History::OutageEnded { region } => self.outage(at, region, None),
            History::Slowed { region, to } => self.slowed(at, region, to),
            History::CapacityChanged { link, capacity } => self.capacity_changed(at, link, capacity),
            // The call of a copy request is that at the end of its image's retention.
            History::Deleted { call, is_failed } => {
                if self.is_it(call) {
                    let why =
                        if is_failed { "by its client, as it failed" } else { "as its retention is over" };
                    self.say(at, format!("its image is deleted, {why}"));
                }
            }
            History::DeleteRefused { call, is_failed, refused } => {
                if self.is_it(call) {
                    let code = refused.refusal.code.literal();
                    let message = later_refusal_message(&refused, call, &self.names);
                    let why = if is_failed { "it failed" } else { "its retention is over" };
                    self.say(at, format!("{why}, but it can't be deleted: {code}: {message}"));
                }
            }
            History::HeldBack { key } => {
                self.say_of(at, key, "planned, and held back: its client has no free place")
            }
            History::CallsAgain { key, at: then } => {
                self.say_of(at, key, &format!("its client will call again at {then}"));
            }
            History::FoundExisting { key } => {
                self.say_of(at, key, "not called: an Available image of its name is there");
            }
            History::Noticed { key } => self.say_of(at, key, "its client polls, and knows of the end"),
            History::TimedOut { key } => {
                self.say_of(at, key, "its client has waited long enough, and is done with it")
            }
            // The call of a copy request is that of its client, which has waited long enough.
            History::CancelRefused { call, refused } => {
                if self.is_it(call) {
                    let message = later_refusal_message(&refused, call, &self.names);
                    let code = refused.refusal.code.literal();
                    self.say(
                        at,
                        format!(
                            "its client has waited long enough, but its cancel is refused: {code}: {message}"
                        ),
                    );
                }
            }
        }
        self.names.answered(at, what);
    }

    fn closed(&mut self, _at: SimTime, record: &CopyRecord) {
        let is_it = self.is_it(record.key);
        if is_it {
            self.record = Some(*record);
        } else if self.key.is_none() {
            self.others.add(record.key, self.names.label(record.key));
        }
        self.names.closed(record);
        if let Some(to) = record.to.filter(|_| is_it) {
            // It is shown when the run is over.
            self.names.pin(to, record.key);
        }
    }
}
