//! The jobs of a run, and the levels of its one line over time.

use std::collections::BTreeMap;

use copysim::ids::RequestKey;
use copysim::records::{CopyRecord, History, Outcome, SlotLevels};
use copysim::simulation::{Observer, RunEnd};
use copysim::time::SimTime;

/// Microseconds in a unit of time: a minute.
const UNIT: f64 = 60e6;

#[derive(Clone, Copy, Debug)]
pub struct Job {
    pub key: RequestKey,
    pub planned: u64,
    pub accepted: bool,
    pub start: Option<u64>,
    pub end: u64,
    pub outcome: Outcome,
    pub bytes: u64,
}

impl Job {
    /// Accepted to start, in units of time.
    pub fn wait(&self) -> Option<f64> {
        Some((self.start? - self.planned) as f64 / UNIT)
    }

    /// Accepted to start or end.
    pub fn waited(&self) -> f64 {
        (self.start.unwrap_or(self.end) - self.planned) as f64 / UNIT
    }

    /// Start to end.
    pub fn copied(&self) -> Option<f64> {
        Some((self.end - self.start?) as f64 / UNIT)
    }

    /// Accepted to end.
    pub fn total(&self) -> f64 {
        (self.end - self.planned) as f64 / UNIT
    }
}

/// A level between two instants.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    pub from: u64,
    pub held: u64,
    pub waiting: u64,
    pub cap: u64,
}

/// What is measured.
#[derive(Debug, Default)]
pub struct Jobs {
    warm_up: u64,
    /// All of them, in the order in which they were planned.
    pub all: Vec<Job>,
    /// Levels at the source, from 0 on.
    pub levels: Vec<Level>,
    pub end: u64,
    busy: BTreeMap<u32, ()>,
    slot: Option<u32>,
    submitted: u64,
    accepted: u64,
    started: u64,
    ended: u64,
}

impl Observer for Jobs {
    fn happened(&mut self, _at: SimTime, what: &History) {
        match what {
            History::Accepted { slots, .. } => {
                self.slot = self.slot.or(slots.iter().next());
                self.submitted += 1;
                self.accepted += 1;
            }
            History::CopyRefused { .. } => self.submitted += 1,
            History::Started { .. } => self.started += 1,
            History::Completed { .. } | History::Failed { .. } | History::Cancelled { .. } => self.ended += 1,
            _ => {}
        }
    }

    fn settled(&mut self, at: SimTime, slot: u32, levels: SlotLevels) {
        if self.slot == Some(slot) {
            let level = Level {
                from: at.micros(),
                held: levels.held.into(),
                waiting: levels.waiting.into(),
                cap: levels.cap.into(),
            };
            self.levels.push(level);
        } else {
            self.busy.insert(slot, ());
        }
    }

    fn closed(&mut self, at: SimTime, record: &CopyRecord) {
        self.all.push(Job {
            key: record.key,
            planned: record.planned.expect("every job is planned").micros(),
            accepted: record.accepted.is_some(),
            start: record.start.map(SimTime::micros),
            end: record.end.unwrap_or(at).micros(),
            outcome: record.outcome,
            bytes: record.size.map_or(0, |size| size.0),
        });
    }

    fn end(&mut self, end: &RunEnd) {
        self.end = end.at.micros();
    }
}

impl Jobs {
    pub fn new(warm_up: SimTime) -> Self {
        Self { warm_up: warm_up.micros(), ..Self::default() }
    }

    pub fn finish(&mut self) {
        self.all.sort_by_key(|job| (job.planned, job.key));
    }

    /// Those planned after the warm-up.
    pub fn counted(&self) -> impl Iterator<Item = &Job> {
        self.all.iter().filter(|job| job.planned >= self.warm_up)
    }

    /// The waits of those that started.
    pub fn waits(&self) -> Vec<f64> {
        self.counted().filter_map(Job::wait).collect()
    }

    /// The share of jobs that ended so.
    pub fn share(&self, outcome: Outcome) -> f64 {
        let all = self.counted().count() as f64;
        self.counted().filter(|job| job.outcome == outcome).count() as f64 / all
    }

    /// The integral of something of the levels over [from, until), in units of time.
    pub fn area(&self, from: u64, until: u64, of: impl Fn(&Level) -> u64) -> f64 {
        let ends = self.levels.iter().skip(1).map(|level| level.from).chain([self.end]);
        let area: u128 = self
            .levels
            .iter()
            .zip(ends)
            .map(|(level, end)| {
                let length = end.min(until).saturating_sub(level.from.max(from));
                u128::from(of(level)) * u128::from(length)
            })
            .sum();
        area as f64 / UNIT
    }

    /// The time average of something of the levels after the warm-up.
    pub fn time_average(&self, of: impl Fn(&Level) -> u64) -> f64 {
        self.area(self.warm_up, self.end, of) / ((self.end - self.warm_up) as f64 / UNIT)
    }

    pub fn share_of_time_all_busy(&self) -> f64 {
        self.time_average(|level| u64::from(level.held >= level.cap))
    }

    /// The share of jobs that had to wait: they found all slots taken when they came.
    pub fn share_finding_all_busy(&self) -> f64 {
        let waits = self.waits();
        waits.iter().filter(|wait| **wait > 0.0).count() as f64 / waits.len() as f64
    }

    /// The level just before an instant.
    pub fn level_before(&self, at: u64) -> (u64, u64) {
        let after = self.levels.partition_point(|level| level.from < at);
        after.checked_sub(1).map_or((0, 0), |last| (self.levels[last].held, self.levels[last].waiting))
    }

    /// Conservation and Little's law, exactly: all runs here begin and end empty (T1, T2).
    pub fn assert_conserved(&self, name: &str) {
        assert_eq!(self.submitted, self.all.len() as u64, "{name}: every job has one outcome");
        assert_eq!(self.accepted, self.ended, "{name}: every accepted job ended");
        assert!(self.busy.values().next().is_none() || self.slot.is_some(), "{name}");
        let micros = |of: fn(&Job) -> u64| self.all.iter().map(|job| u128::from(of(job))).sum::<u128>();
        let waited = micros(|job| if job.accepted { job.start.unwrap_or(job.end) - job.planned } else { 0 });
        let ran = micros(|job| job.start.map_or(0, |start| job.end - start));
        let ends = self.levels.iter().skip(1).map(|level| level.from).chain([self.end]);
        let (mut waiting, mut held) = (0_u128, 0_u128);
        for (level, end) in self.levels.iter().zip(ends) {
            let length = u128::from(end - level.from);
            waiting += length * u128::from(level.waiting);
            held += length * u128::from(level.held);
        }
        assert_eq!(waiting, waited, "{name}: the area of the queue is the sum of the waits");
        assert_eq!(held, ran, "{name}: the area of the slots is the sum of the copy times");
        let started = self.all.iter().filter(|job| job.start.is_some()).count() as u64;
        assert_eq!(started, self.started, "{name}");
    }
}
