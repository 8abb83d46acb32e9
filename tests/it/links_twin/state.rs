//! How far a copy of the slow twin has come (R3.5, R4.2, R4.3).

use super::world::{Copy, Fail, Work};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Waiting,
    Running,
    Available,
    Failed,
    CancelledWaiting,
    CancelledRunning,
}

/// What became of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub outcome: Outcome,
    pub start: Option<u64>,
    pub end: Option<u64>,
    pub moved: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    NotCalled,
    Waiting,
    Running,
    /// Holds its slots up to an instant, after a cancel.
    Draining(u64),
    Over,
}

#[derive(Clone, Debug)]
pub struct State {
    pub copy: Copy,
    pub phase: Phase,
    pub row: Row,
    /// Running time, without pauses.
    pub ran: u64,
    /// Millionths, at most its goal.
    pub moved: u128,
    /// What its last microsecond moved beyond its goal. It counts, up to the size, where nothing limits the transfer
    /// but its own throughput.
    pub beyond: u128,
    pub is_limited: bool,
    /// Whole bytes that had moved before the run began.
    pub had_moved: u64,
    /// The running time at which its transfer was through.
    pub through: Option<u64>,
    /// Bytes per second, now.
    pub share: u64,
    /// An outage lets it fail.
    pub is_struck: bool,
}

impl State {
    pub fn new(copy: Copy) -> Self {
        let row = Row { outcome: Outcome::Waiting, start: None, end: None, moved: 0 };
        Self {
            copy,
            phase: Phase::NotCalled,
            row,
            ran: 0,
            moved: 0,
            beyond: 0,
            is_limited: false,
            had_moved: 0,
            through: None,
            share: 0,
            is_struck: false,
        }
    }

    pub fn whole(&self) -> u128 {
        u128::from(self.copy.size) * 1_000_000
    }

    /// Millionths after which its transfer stops.
    pub fn goal(&self) -> u128 {
        match self.copy.fail {
            Some(Fail::At(part)) => u128::from(self.copy.size) * u128::from(part),
            _ => self.whole(),
        }
    }

    /// Whether its progress has reached a part in millionths.
    pub fn has_reached(&self, part: u64) -> bool {
        match self.copy.work {
            _ if part == 0 => true,
            Work::Given(length) => u128::from(self.ran) * 1_000_000 >= u128::from(part) * u128::from(length),
            Work::Phases { setup, .. } => {
                self.ran >= setup && self.moved >= u128::from(self.copy.size) * u128::from(part)
            }
        }
    }

    pub fn is_moving(&self) -> bool {
        match self.copy.work {
            Work::Given(_) => false,
            Work::Phases { setup, .. } => self.ran >= setup && self.moved < self.goal(),
        }
    }

    pub fn has_failed(&self) -> bool {
        let is_due = match self.copy.fail {
            None => false,
            Some(Fail::After(time)) => self.ran >= time,
            Some(Fail::At(part)) => self.has_reached(part),
        };
        is_due || self.is_struck
    }

    pub fn is_done(&self) -> bool {
        match self.copy.work {
            Work::Given(length) => self.ran >= length,
            Work::Phases { finalize, .. } => {
                self.through.is_some_and(|through| self.ran >= through + finalize)
            }
        }
    }

    /// How long it takes until anything is due of it, if it goes on as it does now.
    pub fn time_left(&self) -> Option<u64> {
        let failure = match (self.copy.fail, self.copy.work) {
            (Some(Fail::After(time)), _) => Some(time),
            (Some(Fail::At(part)), Work::Given(length)) => {
                Some((u128::from(part) * u128::from(length)).div_ceil(1_000_000) as u64)
            }
            _ => None,
        };
        let stage = match self.copy.work {
            Work::Given(length) => Some(length),
            Work::Phases { setup, .. } if self.ran < setup => Some(setup),
            Work::Phases { finalize, .. } => match self.through {
                Some(through) => Some(through + finalize),
                None if self.share == 0 => None,
                None => {
                    let left = (self.goal() - self.moved).div_ceil(u128::from(self.share));
                    Some(self.ran + u64::try_from(left).expect("a time"))
                }
            },
        };
        failure.into_iter().chain(stage).min().map(|until| until - self.ran)
    }

    /// Whole bytes that have moved since the run began.
    pub fn bytes(&self) -> u64 {
        let all = match self.copy.work {
            _ if self.row.start.is_none() => 0,
            Work::Given(length) if self.ran >= length => u128::from(self.copy.size),
            Work::Given(length) => u128::from(self.copy.size) * u128::from(self.ran) / u128::from(length),
            Work::Phases { .. } if self.is_limited => self.moved / 1_000_000,
            Work::Phases { .. } => (self.moved + self.beyond).min(self.whole()) / 1_000_000,
        };
        all as u64 - self.had_moved
    }
}
