//! The way of a running copy where its end isn't known from its start: outages hold it up (R4.4), and its transfer
//! shares links with others (R4.2).

use crate::ids::CopyId;
use crate::quantity::{Bytes, Fraction, Rate};
use crate::time::{SimDuration, SimTime};
use crate::transfer::{Fate, Flow, Network, PathId, Plan, Work};

/// Millionths of bytes in a byte.
const MILLIONTHS: u128 = 1_000_000;

/// How far a running copy has come.
#[derive(Clone, Debug)]
pub(super) struct Journey {
    stage: Stage,
    /// Set where its transfer shares links; apart from the stage, which changes often.
    transfer: Option<Transfer>,
    /// Since when it goes on; none while it stands still.
    since: Option<SimTime>,
    /// How long it had run by then.
    ran: SimDuration,
    /// The running time after which it fails.
    fails_after: Option<SimDuration>,
    /// What moved before the simulated run began.
    had_moved: Bytes,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// All of it, as planned.
    Whole(Plan),
    Setup,
    /// The transfer goes on.
    Moving(Flow),
    /// The transfer stands still, with so many millionths of bytes left.
    Left(u128),
    /// Up to this running time.
    Finalize(SimDuration),
}

/// A transfer over shared links.
#[derive(Clone, Copy, Debug)]
struct Transfer {
    path: PathId,
    ceiling: Rate,
    size: Bytes,
    setup: SimDuration,
    finalize: SimDuration,
    /// Millionths of bytes after which it is through, or the copy fails.
    goal: u128,
    fails_at_goal: bool,
}

/// What is next on the way of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Something is due then, at the latest.
    At(SimTime),
    /// Its transfer goes on for as long as it takes.
    Open,
    /// It is over.
    Completed,
    Failed,
    /// It would be due after the end of simulated time.
    BeyondTime,
}

impl Journey {
    /// The way of a copy that has run so long before it begins. None when it would be longer than simulated time.
    pub fn new(
        work: &Work,
        fate: Fate,
        size_of_image: Option<Bytes>,
        path: Option<PathId>,
        had_run: SimDuration,
    ) -> Option<Self> {
        let plan = work.plan(fate)?;
        let (Work::Phases { setup, size, rate, finalize, .. }, Some(path)) = (*work, path) else {
            let had_moved = match had_run {
                SimDuration::ZERO => Bytes(0),
                had_run => work.moved(size_of_image, had_run),
            };
            return Some(Self { had_moved, ..Self::of(Stage::Whole(plan), had_run) });
        };
        let whole = u128::from(size.0) * MILLIONTHS;
        let (goal, fails_at_goal, fails_after) = match fate {
            Fate::Completes => (whole, false, None),
            Fate::FailsAfter(time) => (whole, false, Some(time)),
            Fate::FailsAt(Fraction::ZERO) => (whole, false, Some(SimDuration::ZERO)),
            Fate::FailsAt(share) => (share.ceil_of(whole), true, None),
        };
        let moving = had_run.checked_sub(setup).unwrap_or(SimDuration::ZERO);
        // Before the run began nobody shared its links.
        let moved = (u128::from(moving.micros()) * u128::from(rate.bytes_per_second())).min(goal);
        let stage = if moving == SimDuration::ZERO {
            Stage::Setup
        } else if moved == goal && !fails_at_goal {
            Stage::Finalize(work.length()?)
        } else {
            Stage::Left(goal - moved)
        };
        let transfer = Some(Transfer { path, ceiling: rate, size, setup, finalize, goal, fails_at_goal });
        let had_moved = Bytes((moved / MILLIONTHS) as u64);
        Some(Self { transfer, fails_after, had_moved, ..Self::of(stage, had_run) })
    }

    fn of(stage: Stage, ran: SimDuration) -> Self {
        Self { stage, transfer: None, since: None, ran, fails_after: None, had_moved: Bytes(0) }
    }

    /// How long it has run by `now`.
    pub fn ran(&self, now: SimTime) -> SimDuration {
        let stretch = self.since.map_or(SimDuration::ZERO, |since| now.since(since));
        self.ran.checked_add(stretch).unwrap_or(SimDuration::MAX)
    }

    /// It begins, or goes on after it stood still.
    pub fn go_on(&mut self, now: SimTime, id: CopyId, network: &mut Network) -> Next {
        self.since = Some(now);
        if let (Stage::Left(left), Some(transfer)) = (self.stage, &self.transfer)
            && left > 0
        {
            self.stage = Stage::Moving(network.join(now, id, transfer.path, transfer.ceiling, left));
        }
        self.next(now, id, network)
    }

    /// It stands still from `now` on, or is over.
    pub fn stop(&mut self, now: SimTime, id: CopyId, network: &mut Network) {
        self.ran = self.ran(now);
        self.since = None;
        if let Stage::Moving(flow) = self.stage {
            self.stage = Stage::Left(network.leave(now, id, flow));
        }
    }

    /// Its transfer is through: the network has no flow of it any more.
    pub fn is_through(&mut self) {
        self.stage = Stage::Left(0);
    }

    /// It fails at once.
    pub fn fail(&mut self, now: SimTime) {
        self.fails_after = Some(self.ran(now));
    }

    /// Goes from stage to stage as far as it has come by `now`.
    pub fn next(&mut self, now: SimTime, id: CopyId, network: &mut Network) -> Next {
        loop {
            let ran = self.ran(now);
            if self.fails_after.is_some_and(|time| ran >= time) {
                return Next::Failed;
            }
            match (self.stage, &self.transfer) {
                (Stage::Whole(plan), _) if ran >= plan.length => {
                    return if plan.fails { Next::Failed } else { Next::Completed };
                }
                (Stage::Whole(plan), _) => return self.due(Some(plan.length), now),
                (Stage::Setup, Some(transfer)) if ran < transfer.setup => {
                    return self.due(Some(transfer.setup), now);
                }
                (Stage::Setup, Some(Transfer { goal: 0, .. })) => self.stage = Stage::Left(0),
                (Stage::Setup, Some(transfer)) => {
                    let flow = network.join(now, id, transfer.path, transfer.ceiling, transfer.goal);
                    self.stage = Stage::Moving(flow);
                }
                (Stage::Left(0), Some(Transfer { fails_at_goal: true, .. })) => return Next::Failed,
                (Stage::Left(0), Some(transfer)) => {
                    let Some(length) = ran.checked_add(transfer.finalize) else { return Next::BeyondTime };
                    self.stage = Stage::Finalize(length);
                    // A failure after the end never comes.
                    self.fails_after = self.fails_after.filter(|time| *time <= length);
                }
                (Stage::Finalize(length), _) if ran >= length => return Next::Completed,
                (Stage::Finalize(length), _) => return self.due(Some(length), now),
                (Stage::Moving(_) | Stage::Left(_) | Stage::Setup, _) => return self.due(None, now),
            }
        }
    }

    /// When its stage is over, after this running time in all, or it fails.
    fn due(&self, length: Option<SimDuration>, now: SimTime) -> Next {
        let Some(until) = length.into_iter().chain(self.fails_after).min() else { return Next::Open };
        let left = until.checked_sub(self.ran(now)).unwrap_or(SimDuration::ZERO);
        now.checked_add(left).map_or(Next::BeyondTime, Next::At)
    }

    /// Millionths of bytes that have moved, of how many in all; none where bytes aren't counted.
    fn moved_of(&self, now: SimTime, network: &Network) -> Option<(u128, u128)> {
        let transfer = self.transfer.as_ref()?;
        let left = match self.stage {
            Stage::Whole(_) | Stage::Finalize(_) => return None,
            Stage::Setup => transfer.goal,
            Stage::Moving(flow) => network.left(now, flow),
            Stage::Left(left) => left,
        };
        Some((transfer.goal - left, u128::from(transfer.size.0) * MILLIONTHS))
    }

    /// Bytes that have moved by `now` since the simulated run began, of a copy of an image of this size.
    pub fn moved(&self, work: &Work, size: Option<Bytes>, now: SimTime, network: &Network) -> Bytes {
        let moved = match (self.moved_of(now, network), self.stage) {
            (Some((moved, _)), _) => Bytes((moved / MILLIONTHS) as u64),
            (None, Stage::Finalize(_)) => size.unwrap_or(Bytes(0)),
            (None, _) => work.moved(size, self.ran(now)),
        };
        Bytes(moved.0.saturating_sub(self.had_moved.0))
    }

    /// Progress in whole percent, rounded down (R3.5).
    pub fn percent(&self, work: &Work, now: SimTime, network: &Network) -> u8 {
        match (self.moved_of(now, network), self.stage) {
            (_, Stage::Setup) => 0,
            (Some((moved, whole)), _) => {
                (moved * 100).checked_div(whole).map_or(100, |percent| percent as u8)
            }
            (None, Stage::Finalize(_)) => 100,
            (None, _) => work.percent(self.ran(now)),
        }
    }

    /// Whether its progress has reached a share (R5.2).
    pub fn has_reached(&self, share: Fraction, work: &Work, now: SimTime, network: &Network) -> bool {
        match (self.moved_of(now, network), self.stage) {
            (_, Stage::Setup) => share == Fraction::ZERO,
            (Some((moved, whole)), _) => moved >= share.ceil_of(whole),
            (None, Stage::Finalize(_)) => true,
            (None, _) => self.ran(now) >= work.moment_of(share),
        }
    }

    /// Whether it stands still by itself or by an outage.
    pub fn is_paused(&self) -> bool {
        self.since.is_none()
    }
}
