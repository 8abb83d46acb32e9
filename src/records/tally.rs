//! The figures of a run, added up record by record in integers.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::{
    Behaviour, CopyRecord, Group, History, LinkTally, Outcome, OutcomeCounts, SlotLevels, SlotSet,
    TimeAverage,
};
use crate::ids::{RegionId, RequestKey};
use crate::quantity::{Bytes, Capacity};
use crate::service::codes::Code;
use crate::time::{SimDuration, SimTime};
use crate::transfer::{LinkId, LinkLevels};

/// What a tally has to know before the run.
#[derive(Clone, Copy, Debug)]
pub struct TallySettings {
    pub warm_up: SimTime,
    /// Values kept exactly for each figure (R9.8).
    pub exact_limit: u64,
    /// Whether a copy may hold slots at two keys.
    pub has_double_slots: bool,
    pub regions: u32,
    /// Entries of `requests`.
    pub entries: u32,
}

/// What was copied into one region.
#[derive(Clone, Debug, Default)]
pub struct Destination {
    pub outcomes: OutcomeCounts,
    /// The copy that was Available last.
    pub last_ready: Option<ReadyCopy>,
}

/// A copy that was Available last somewhere.
#[derive(Clone, Copy, Debug)]
pub struct ReadyCopy {
    pub key: RequestKey,
    pub size: Option<Bytes>,
    pub wait: Option<SimDuration>,
    pub copy: Option<SimDuration>,
    pub end: SimTime,
}

/// From the first planned time to the last end of requests that belong together (R9.3).
#[derive(Clone, Debug, Default)]
pub struct RequestSpan {
    pub outcomes: OutcomeCounts,
    pub first_planned: Option<SimTime>,
    pub last_ready: Option<SimTime>,
    /// Requests that figures leave out: those planned in the warm-up.
    left_out: u64,
    /// Copies that started, with how long they waited in all and at most.
    started: u64,
    wait_micros: u128,
    wait_max: Option<SimDuration>,
    /// What clients did for them.
    pub behaviour: Behaviour,
    /// The last instant at which clients called again, and how often.
    again: (SimTime, u64),
}

impl RequestSpan {
    #[inline]
    pub(super) fn add(&mut self, record: &CopyRecord) {
        self.outcomes.add(record.outcome);
        self.behaviour.add(record);
        if let Some(planned) = record.planned {
            self.first_planned = Some(self.first_planned.map_or(planned, |first| first.min(planned)));
        }
        if record.outcome == Outcome::Available {
            self.last_ready = self.last_ready.max(record.end);
        }
        if let Some(wait) = record.wait() {
            self.started += 1;
            self.wait_micros += u128::from(wait.micros());
            self.wait_max = self.wait_max.max(Some(wait));
        }
    }

    /// A request is left out of it.
    pub(super) fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// Whether so many requests were planned, those that are left out too.
    pub fn has_all(&self, listed: u64) -> bool {
        self.outcomes.total() + self.left_out >= listed
    }

    /// Takes up another span.
    fn merge(&mut self, other: &Self) {
        self.outcomes.merge(&other.outcomes);
        let planned = [self.first_planned, other.first_planned];
        self.first_planned = planned.into_iter().flatten().min();
        self.last_ready = self.last_ready.max(other.last_ready);
        self.left_out += other.left_out;
        self.started += other.started;
        self.wait_micros += other.wait_micros;
        self.wait_max = self.wait_max.max(other.wait_max);
        self.behaviour.merge(&other.behaviour);
    }

    /// The longest wait of a copy that started.
    pub fn wait_max(&self) -> Option<SimDuration> {
        self.wait_max
    }

    /// The mean wait of the copies that started, rounded half up to a microsecond (R9.5).
    pub fn wait_mean(&self) -> Option<SimDuration> {
        let started = u128::from(self.started);
        let mean = (self.wait_micros + started / 2).checked_div(started)?;
        u64::try_from(mean).ok().and_then(SimDuration::from_micros)
    }

    /// The makespan; no data while a copy is unfinished or when none became Available.
    pub fn makespan(&self) -> Option<SimDuration> {
        if self.outcomes.unfinished() + self.outcomes.of(Outcome::NotSent) > 0 {
            return None;
        }
        Some(self.last_ready?.since(self.first_planned?))
    }
}

/// An outage of a region (R4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutageSpan {
    pub region: RegionId,
    pub from: SimTime,
    /// None where the run ended before.
    pub to: Option<SimTime>,
    pub fails: bool,
    /// Running copies that it touched when it began.
    pub running: u32,
    /// Waiting copies that it touched when it began or was over, whichever is more.
    pub waiting: u32,
}

/// Bytes moved between two regions, and those moved in vain by cancels and failures (R9.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub moved: u128,
    pub in_vain: u128,
}

/// The slots of one key over time, and the requests that used them.
#[derive(Clone, Debug)]
pub struct SlotTally {
    pub held: TimeAverage,
    pub cap: TimeAverage,
    pub waiting: TimeAverage,
    pub group: Group,
}

/// Copies that were accepted before the run began, by what they did when it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlreadyThere {
    pub running: u64,
    pub queued: u64,
}

/// Deletes at the end of a retention, of those made at or after the warm-up (R9.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionDeletes {
    pub accepted: u64,
    pub refused: u64,
}

/// What a call was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallAnswer {
    Accepted,
    /// The first answer of its token again (R7.3).
    Replayed,
    /// It was a dry run that nothing refused (R7.4).
    DryRun,
    Refused(Code),
}

/// Calls of one operation by their answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerCounts {
    pub accepted: u64,
    pub replayed: u64,
    pub dry_runs: u64,
    pub refused: BTreeMap<Code, u64>,
}

impl AnswerCounts {
    #[inline]
    fn add(&mut self, answer: CallAnswer) {
        let count = match answer {
            CallAnswer::Accepted => &mut self.accepted,
            CallAnswer::Replayed => &mut self.replayed,
            CallAnswer::DryRun => &mut self.dry_runs,
            CallAnswer::Refused(code) => self.refused(code),
        };
        *count += 1;
    }

    #[inline(never)]
    fn refused(&mut self, code: Code) -> &mut u64 {
        self.refused.entry(code).or_default()
    }
}

/// An operation of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    CancelCopyImage,
    CopyImage,
    DeleteImage,
}

impl Operation {
    const ALL: [Self; 3] = [Self::CancelCopyImage, Self::CopyImage, Self::DeleteImage];

    /// Its name, as the vendor spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CancelCopyImage => "CancelCopyImage",
            Self::CopyImage => "CopyImage",
            Self::DeleteImage => "DeleteImage",
        }
    }
}

/// Calls by operation and answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallCounts([AnswerCounts; Operation::ALL.len()]);

impl CallCounts {
    /// Those of each operation that was called, in byte order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (Operation, &AnswerCounts)> {
        let counts = Operation::ALL.into_iter().zip(&self.0);
        counts.filter(|(_, counts)| **counts != AnswerCounts::default())
    }
}

/// All figures of a run.
#[derive(Clone, Debug)]
pub struct Tally {
    settings: TallySettings,
    pub all: Group,
    pub span: RequestSpan,
    /// By entry of `requests`.
    pub spans: Vec<RequestSpan>,
    /// By slot key, as the run numbers them.
    pub slots: Vec<SlotTally>,
    /// In the order in which they began.
    pub outages: Vec<OutageSpan>,
    /// By shared link.
    pub links: Vec<LinkTally>,
    /// By region.
    pub destinations: Vec<Destination>,
    pub traffic: FxHashMap<(RegionId, RegionId), Traffic>,
    /// The answers to calls that were made at or after the warm-up (R9.4).
    pub calls: CallCounts,
    /// Copies that were there when the run began; figures of requests leave them out.
    pub already: AlreadyThere,
    pub retention: RetentionDeletes,
    /// Copies that became Available in [warm-up, end].
    pub ready_in_span: u64,
    end: SimTime,
}

impl Tally {
    /// A tally for slot keys with these caps.
    pub fn new(settings: TallySettings, caps: &[u32]) -> Self {
        let average = |level| TimeAverage::new(settings.warm_up, level);
        let slot = |cap: &u32| SlotTally {
            held: average(0),
            cap: average(u64::from(*cap)),
            waiting: average(0),
            group: Group::new(settings.exact_limit),
        };
        Self {
            all: Group::new(settings.exact_limit),
            span: RequestSpan::default(),
            spans: vec![RequestSpan::default(); settings.entries as usize],
            slots: caps.iter().map(slot).collect(),
            outages: Vec::new(),
            links: Vec::new(),
            destinations: vec![Destination::default(); settings.regions as usize],
            traffic: FxHashMap::default(),
            calls: CallCounts::default(),
            already: AlreadyThere::default(),
            retention: RetentionDeletes::default(),
            ready_in_span: 0,
            end: SimTime::ZERO,
            settings,
        }
    }

    /// The same with shared links that can move so much at the start.
    #[must_use]
    pub fn with_links(self, capacities: &[Capacity]) -> Self {
        let link = |capacity: &Capacity| LinkTally::new(self.settings.warm_up, capacity.bytes_per_second());
        Self { links: capacities.iter().map(link).collect(), ..self }
    }

    /// An outage begins or is over.
    pub fn outage(&mut self, at: SimTime, what: &History) {
        match *what {
            History::OutageBegan { region, fails, running, waiting } => {
                self.outages.push(OutageSpan { region, from: at, to: None, fails, running, waiting });
            }
            History::OutageEnded { region, waiting } => {
                let mut open = self.outages.iter_mut().rev();
                if let Some(outage) = open.find(|outage| outage.region == region) {
                    outage.to = Some(at);
                    outage.waiting = outage.waiting.max(waiting);
                }
            }
            _ => {}
        }
    }

    /// What is used of a shared link from `at` on.
    pub fn shared(&mut self, at: SimTime, link: LinkId, levels: LinkLevels) {
        self.links[link.0 as usize].set(at, levels);
    }

    /// The counts of a slot key from `at` on.
    #[inline(always)]
    pub fn levels(&mut self, at: SimTime, slot: u32, levels: SlotLevels) {
        let slot = &mut self.slots[slot as usize];
        slot.held.set(at, u64::from(levels.held));
        slot.cap.set(at, u64::from(levels.cap));
        slot.waiting.set(at, u64::from(levels.waiting));
    }

    /// A call was answered at `at`.
    #[inline]
    pub fn answered(&mut self, at: SimTime, operation: Operation, answer: CallAnswer) {
        if at >= self.settings.warm_up {
            self.calls.0[operation as usize].add(answer);
        }
    }

    /// A call of a request was made at `at` that isn't its first one (R8.3).
    #[cold]
    pub fn called_again(&mut self, at: SimTime, key: RequestKey) {
        if at >= self.settings.warm_up {
            let span = &mut self.spans[key.entry() as usize];
            let count = if span.again.0 == at { span.again.1 + 1 } else { 1 };
            span.again = (at, count);
            span.behaviour.again_at_once = span.behaviour.again_at_once.max(count);
        }
    }

    /// An image was to be deleted at the end of its retention.
    pub fn retention_ended(&mut self, at: SimTime, is_refused: bool) {
        if at >= self.settings.warm_up {
            let RetentionDeletes { accepted, refused } = &mut self.retention;
            *if is_refused { refused } else { accepted } += 1;
        }
    }

    /// A copy was accepted before the run began.
    pub fn already(&mut self, is_running: bool) {
        let count = if is_running { &mut self.already.running } else { &mut self.already.queued };
        *count += 1;
    }

    /// A request closed at `now`, or is unfinished at the end of the run, which is `now`. Gives whether
    /// figures of requests take it (R9.4): not one that was there when the run began. One that was skipped
    /// has no planned time either, and the moment at which that was known stands in.
    #[inline]
    pub fn add(&mut self, record: &CopyRecord, now: SimTime) -> bool {
        if record.outcome == Outcome::Available && now >= self.settings.warm_up {
            self.ready_in_span += 1;
        }
        if record.was_already_there() || record.planned.unwrap_or(now) < self.settings.warm_up {
            self.spans[record.key.entry() as usize].leave_out();
            return false;
        }
        self.spans[record.key.entry() as usize].add(record);
        let SlotSet([first, second]) = record.slots;
        if let Some(slot) = first {
            self.slots[slot as usize].group.add(record, now);
        }
        if let Some(slot) = second {
            self.slots[slot as usize].group.add(record, now);
        }
        // What is of one slot key is added up at the end.
        if first.is_none() || self.settings.has_double_slots {
            self.all.add(record, now);
        }
        if let Some(to) = record.to {
            self.destinations[to.0 as usize].add(record);
        }
        if let (Some(from), Some(to)) = (record.from, record.to)
            && record.moved > Bytes(0)
        {
            let traffic = self.traffic.entry((from, to)).or_default();
            traffic.moved += u128::from(record.moved.0);
            let is_in_vain = !matches!(record.outcome, Outcome::Available | Outcome::Running);
            let in_vain = if is_in_vain { record.moved } else { record.moved_in_vain };
            traffic.in_vain += u128::from(in_vain.0);
        }
        true
    }

    /// The run is over at `end`, and every record is in. To be called once.
    pub fn finish(&mut self, end: SimTime) {
        self.end = end;
        self.spans.iter().for_each(|span| self.span.merge(span));
        for slot in &mut self.slots {
            if !self.settings.has_double_slots {
                self.all.merge(&slot.group);
            }
            slot.held.finish(end);
            slot.cap.finish(end);
            slot.waiting.finish(end);
            slot.group.seal();
        }
        self.links.iter_mut().for_each(|link| link.finish(end));
        self.all.seal();
    }

    pub fn end(&self) -> SimTime {
        self.end
    }

    /// The length of [warm-up, end].
    pub fn span_length(&self) -> SimDuration {
        self.end.since(self.settings.warm_up)
    }
}

impl Destination {
    fn add(&mut self, record: &CopyRecord) {
        self.outcomes.add(record.outcome);
        let Some(end) = record.end.filter(|_| record.outcome == Outcome::Available) else { return };
        if self.last_ready.is_none_or(|last| end > last.end) {
            let CopyRecord { key, size, .. } = *record;
            self.last_ready = Some(ReadyCopy { key, size, wait: record.wait(), copy: record.copy(), end });
        }
    }
}
