//! One flat record per copy request, and the history of everything that happened.

use super::Outcome;
use crate::ids::{RegionId, RequestKey};
use crate::quantity::{Bytes, Capacity, Fraction};
use crate::service::Refusal;
use crate::time::{SimDuration, SimTime};
use crate::transfer::LinkId;

/// The slot keys that a copy waits for or holds, by index: none, one or two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotSet(pub [Option<u32>; 2]);

impl SlotSet {
    pub fn iter(self) -> impl Iterator<Item = u32> {
        self.0.into_iter().flatten()
    }
}

/// A refusal as a record keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    pub refusal: Refusal,
    /// The request of the copy that stood in the way, where the cause is one.
    pub other: Option<RequestKey>,
}

/// A copy request and what became of it (R9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyRecord {
    pub key: RequestKey,
    pub from: Option<RegionId>,
    pub to: Option<RegionId>,
    pub size: Option<Bytes>,
    /// When its first call was due; none for a request that was skipped, or accepted before the run began.
    pub planned: Option<SimTime>,
    /// When its first call was made.
    pub sent: Option<SimTime>,
    pub accepted: Option<SimTime>,
    pub start: Option<SimTime>,
    /// When it became Available or CreateFailed or was cancelled.
    pub end: Option<SimTime>,
    /// When its client knew of the end.
    pub noticed: Option<SimTime>,
    /// When its client had waited long enough, and was done with it (R8.2).
    pub timed_out: Option<SimTime>,
    pub calls: u32,
    pub refusals: u32,
    /// Copies made for it that failed before the last one, since its client called again.
    pub failures: u32,
    pub outcome: Outcome,
    pub refused: Option<Refused>,
    /// Of a skipped request: the copy whose refusal, failure or cancel set it off, up the tree (R3.3).
    pub blocked_by: Option<RequestKey>,
    /// Of a replayed request: the one whose answer was given again (R7.3).
    pub replays: Option<RequestKey>,
    /// Which call of that request it was whose answer was given.
    pub replayed_call: u32,
    /// Bytes moved by the end or up to the end of the run.
    pub moved: Bytes,
    /// Those of them that copies moved which failed, before the last one.
    pub moved_in_vain: Bytes,
    /// The progress at its end, of a copy that started; of an unfinished one at the end of the run (R3.5).
    pub percent: Option<u8>,
    /// How long it would have run without outages and others on its links; only where there may be any.
    pub unhindered: Option<SimDuration>,
    pub slots: SlotSet,
}

impl CopyRecord {
    /// A record of which nothing but the outcome is known.
    pub fn new(key: RequestKey, outcome: Outcome) -> Self {
        Self {
            key,
            from: None,
            to: None,
            size: None,
            planned: None,
            sent: None,
            accepted: None,
            start: None,
            end: None,
            noticed: None,
            timed_out: None,
            calls: 0,
            refusals: 0,
            failures: 0,
            outcome,
            refused: None,
            blocked_by: None,
            replays: None,
            replayed_call: 1,
            moved: Bytes(0),
            moved_in_vain: Bytes(0),
            percent: None,
            unhindered: None,
            slots: SlotSet::default(),
        }
    }

    /// Whether it was accepted before the run began. It holds slots and places in queues, but figures of
    /// requests leave it out as they do what is planned in the warm-up (R9.4).
    pub fn was_already_there(&self) -> bool {
        self.accepted.is_some() && self.planned.is_none()
    }

    /// Start - accepted, of a copy that started (R9.2).
    pub fn wait(&self) -> Option<SimDuration> {
        Some(self.start?.since(self.accepted?))
    }

    /// Accepted to start, cancel or end of the run (R9.2).
    pub fn waited(&self, end_of_run: SimTime) -> Option<SimDuration> {
        Some(self.start.or(self.end).unwrap_or(end_of_run).since(self.accepted?))
    }

    /// End - start, of an Available copy (R9.2).
    pub fn copy(&self) -> Option<SimDuration> {
        self.if_available(self.end?.since(self.start?))
    }

    /// End - accepted, of an Available copy (R9.2).
    pub fn total(&self) -> Option<SimDuration> {
        self.if_available(self.end?.since(self.accepted?))
    }

    /// Noticed - planned, of an Available copy; where its client gave up, end - planned (R9.2). None while its client
    /// has still to notice the end.
    pub fn lead(&self) -> Option<SimDuration> {
        let known = self.noticed.or(self.end.filter(|_| self.timed_out.is_some()))?;
        self.if_available(known.since(self.planned?))
    }

    fn if_available(&self, figure: SimDuration) -> Option<SimDuration> {
        (self.outcome == Outcome::Available).then_some(figure)
    }
}

/// The counts of a slot key at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotLevels {
    pub held: u32,
    pub draining: u32,
    pub waiting: u32,
    pub cap: u32,
}

/// Something that happened, in the order in which it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// A CopyImage call was accepted; the copy waits for or holds these slots. Priority and size may decide its
    /// place in the queue (R2.4).
    Accepted {
        key: RequestKey,
        /// Its number among the calls of its request, from 1.
        call: u32,
        from: RegionId,
        to: RegionId,
        slots: SlotSet,
        priority: i32,
        size: Option<Bytes>,
    },
    /// A copy was accepted before the run began, and waits for or holds these slots when it begins.
    AlreadyThere {
        key: RequestKey,
        is_running: bool,
        from: RegionId,
        to: RegionId,
        slots: SlotSet,
        priority: i32,
        size: Option<Bytes>,
    },
    /// A CopyImage call was refused, the one of this number among those of its request.
    CopyRefused {
        key: RequestKey,
        call: u32,
        refused: Refused,
    },
    /// A CopyImage call got the answer of the request `first` again, by its token.
    Replayed {
        key: RequestKey,
        call: u32,
        first: RequestKey,
        first_call: u32,
    },
    /// A dry run passed every check.
    DryRun {
        key: RequestKey,
        call: u32,
    },
    /// A request is planned, and waits until its client has a free place (R8.1).
    HeldBack {
        key: RequestKey,
    },
    /// A client will call again (R8.3).
    CallsAgain {
        key: RequestKey,
        at: SimTime,
    },
    /// A client doesn't call, since an Available image of the name is there.
    FoundExisting {
        key: RequestKey,
    },
    /// A client that polls noticed that a copy is over.
    Noticed {
        key: RequestKey,
    },
    /// A client has waited long enough (R8.2).
    TimedOut {
        key: RequestKey,
    },
    /// A request will never be made, since the copy `because` was refused, failed or was cancelled: it
    /// waits for that copy, or for one that was skipped for that reason too.
    Skipped {
        key: RequestKey,
        because: RequestKey,
    },
    Started {
        key: RequestKey,
        slots: SlotSet,
    },
    Completed {
        key: RequestKey,
        slots: SlotSet,
    },
    Failed {
        key: RequestKey,
        slots: SlotSet,
    },
    /// A cancel was accepted.
    Cancelled {
        call: RequestKey,
        key: RequestKey,
        was_running: bool,
        drains: bool,
        slots: SlotSet,
    },
    CancelRefused {
        call: RequestKey,
        refused: Refused,
    },
    DrainEnded {
        key: RequestKey,
        slots: SlotSet,
    },
    /// A delete was accepted. `call` is the delete request, or the copy request whose image was deleted at
    /// the end of its retention, or by its client since the copy of this call of it
    /// failed.
    Deleted {
        call: RequestKey,
        failed_call: Option<u32>,
    },
    /// A delete was refused; `call` as in [`History::Deleted`].
    DeleteRefused {
        call: RequestKey,
        failed_call: Option<u32>,
        refused: Refused,
    },
    CapChanged {
        region: RegionId,
        cap: u32,
    },
    /// An outage of a region began; its running copies fail, or stand still (R4.4).
    OutageBegan {
        region: RegionId,
        fails: bool,
        /// Running copies that it touches and no other outage did.
        running: u32,
        /// Waiting copies that can't start from now on.
        waiting: u32,
    },
    OutageEnded {
        region: RegionId,
        /// Waiting copies that can start again.
        waiting: u32,
    },
    /// Transfers from and to a region reach this share of their own throughput.
    Slowed {
        region: RegionId,
        to: Fraction,
    },
    /// A link can move so much (R4.2).
    CapacityChanged {
        link: LinkId,
        capacity: Capacity,
    },
}

impl History {
    /// The request that it happened to, or that did it.
    pub fn request(&self) -> Option<RequestKey> {
        match *self {
            Self::Accepted { key, .. }
            | Self::AlreadyThere { key, .. }
            | Self::CopyRefused { key, .. }
            | Self::Replayed { key, .. }
            | Self::DryRun { key, .. }
            | Self::HeldBack { key }
            | Self::CallsAgain { key, .. }
            | Self::FoundExisting { key }
            | Self::Noticed { key }
            | Self::TimedOut { key }
            | Self::Skipped { key, .. }
            | Self::Started { key, .. }
            | Self::Completed { key, .. }
            | Self::Failed { key, .. }
            | Self::Cancelled { key, .. }
            | Self::DrainEnded { key, .. } => Some(key),
            Self::CancelRefused { call, .. }
            | Self::Deleted { call, .. }
            | Self::DeleteRefused { call, .. } => Some(call),
            Self::CapChanged { .. }
            | Self::OutageBegan { .. }
            | Self::OutageEnded { .. }
            | Self::Slowed { .. }
            | Self::CapacityChanged { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Option<SimTime> {
        SimTime::from_micros(micros)
    }

    fn length(micros: u64) -> Option<SimDuration> {
        SimDuration::from_micros(micros)
    }

    /// Planned at 10, held back by its client until 15, accepted at 20, run from 50 to 80, noticed at 90.
    fn record(outcome: Outcome) -> CopyRecord {
        CopyRecord {
            planned: at(10),
            sent: at(15),
            accepted: at(20),
            start: at(50),
            end: at(80),
            noticed: at(90),
            ..CopyRecord::new(RequestKey::from_rank(0), outcome)
        }
    }

    #[test]
    fn r9_2_each_figure_counts_from_its_own_instant() {
        let end_of_run = SimTime::from_micros(1000).unwrap();
        let available = record(Outcome::Available);
        assert_eq!(available.wait(), length(30), "from acceptance, not from the planned time");
        assert_eq!(available.waited(end_of_run), length(30));
        assert_eq!(available.copy(), length(30));
        assert_eq!(available.total(), length(60));
        assert_eq!(available.lead(), length(80), "from the planned time to the notice");
        let unnoticed = CopyRecord { noticed: None, ..available };
        assert_eq!(unnoticed.lead(), None, "its client has still to notice it");
        let unwatched = CopyRecord { timed_out: at(60), ..unnoticed };
        assert_eq!(unwatched.lead(), length(70), "to the end where nobody watches");
    }

    #[test]
    fn r9_2_only_available_copies_have_copy_total_and_lead() {
        for outcome in [Outcome::Failed, Outcome::CancelledRunning] {
            let record = record(outcome);
            assert_eq!((record.copy(), record.total(), record.lead()), (None, None, None));
            assert_eq!(record.wait(), length(30), "it started, so it has a wait");
        }
    }

    #[test]
    fn r9_2_waited_goes_to_start_cancel_or_end_of_run() {
        let end_of_run = SimTime::from_micros(1000).unwrap();
        let never_started = CopyRecord { start: None, ..record(Outcome::CancelledWaiting) };
        assert_eq!(never_started.wait(), None);
        assert_eq!(never_started.waited(end_of_run), length(60));
        let unfinished = CopyRecord { start: None, end: None, ..record(Outcome::Waiting) };
        assert_eq!(unfinished.waited(end_of_run), length(980));
        let refused = CopyRecord { accepted: None, start: None, end: None, ..record(Outcome::Refused) };
        assert_eq!((refused.wait(), refused.waited(end_of_run)), (None, None));
    }
}
