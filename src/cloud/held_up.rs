//! Runs in which copies can be held up: by outages of their regions (R4.4), and by others on shared links (R4.2).
//!
//! Elsewhere the end of a copy is known from its start, and nothing of this is there.

use std::sync::Arc;

use super::journey::{Journey, Next};
use super::timetable::{Change, Changed, OutageEffect};
use super::{BeyondTime, Class, Cloud, Happened, SideTable, Started, Surroundings, Touched};
use crate::ids::{CopyId, RegionId};
use crate::kernel::EventKey;
use crate::service::Phase;
use crate::time::SimTime;
use crate::transfer::{LinkId, LinkLevels, Network};

/// The ways of all running copies, and the links that they share.
#[derive(Clone, Debug)]
pub(super) struct HeldUp {
    network: Network,
    journeys: SideTable<Journey>,
    /// Transfers that are through in an instant; empty between them.
    through: Vec<CopyId>,
    /// Running copies of which something is due.
    due: u64,
}

impl HeldUp {
    pub fn new(surroundings: &Surroundings, regions: u32) -> Self {
        let network = Network::new(Arc::clone(&surroundings.network), regions, surroundings.bundles_flows);
        Self { network, journeys: SideTable::default(), through: Vec::new(), due: 0 }
    }

    /// The key of the next transfers that are through: before all other ends of their instant, among which they will
    /// be put.
    pub fn next_through(&mut self) -> Option<EventKey> {
        Some(EventKey::new(self.network.next_end()?, Class::End.into(), 0))
    }
}

impl Cloud {
    /// The way of a running copy, where copies can be held up.
    pub(super) fn journey(&self, id: CopyId) -> Option<(&Journey, &Network)> {
        let held_up = self.held_up.as_deref()?;
        Some((held_up.journeys.get(id)?, &held_up.network))
    }

    /// A copy starts.
    pub(super) fn begin_journey(&mut self, id: CopyId) -> Result<Started, BeyondTime> {
        let copy = self.service.copies().get(id).expect("only a waiting copy starts");
        let (from, to, now) = (copy.from, copy.to, self.now);
        self.service.start(id);
        let slots = self.slots_of(id);
        let held_up = self.held_up.as_mut().expect("copies can be held up");
        let run = self.runs.get_mut(id).expect("an accepted copy has its run");
        run.started = Some(now);
        let path = held_up.network.path(from, to);
        let mut journey =
            Journey::new(&run.work, run.fate, run.size, path, run.had_run).ok_or(BeyondTime(id))?;
        let next = journey.go_on(now, id, &mut held_up.network);
        held_up.journeys.put(id, journey);
        self.schedule(id, next)?;
        Ok(Started { slots, due: self.run(id).due })
    }

    /// What was due of a copy is outdated, and what comes next is put into the calendar.
    fn schedule(&mut self, id: CopyId, next: Next) -> Result<(), BeyondTime> {
        let due = match next {
            Next::At(at) => at,
            Next::Completed | Next::Failed => self.now,
            Next::Open => SimTime::MAX,
            Next::BeyondTime => return Err(BeyondTime(id)),
        };
        let run = self.runs.get_mut(id).expect("a running copy has its run");
        run.fails = next == Next::Failed;
        if run.due == due {
            return Ok(());
        }
        let is_outdated = self.set_due(id, due) != SimTime::MAX;
        if due != SimTime::MAX {
            self.calendar.push(EventKey::new(due, Class::End.into(), id.acceptance), id);
        }
        if is_outdated {
            self.outdated += 1;
            self.drop_most_outdated();
        }
        Ok(())
    }

    /// Something of a running copy is due at an instant, or nothing (the end of time). Gives what was due before.
    fn set_due(&mut self, id: CopyId, due: SimTime) -> SimTime {
        let run = self.runs.get_mut(id).expect("a running copy has its run");
        let was_due = std::mem::replace(&mut run.due, due);
        if let Some(held_up) = &mut self.held_up {
            held_up.due += u64::from(due != SimTime::MAX);
            held_up.due -= u64::from(was_due != SimTime::MAX);
        }
        was_due
    }

    /// The transfers that are through in this instant have their ends among the others of it. Gives the copy of the
    /// only one where nothing else ends: mostly there is one, and it needn't go through the calendar.
    pub(super) fn expect_through(&mut self) -> Option<CopyId> {
        let now = self.now;
        let is_alone = self.calendar.peek().is_none_or(|(key, _)| key.at() > now);
        let held_up = self.held_up.as_mut().expect("copies can be held up");
        let mut through = std::mem::take(&mut held_up.through);
        held_up.network.take_through(now, |id| through.push(id));
        for &id in &through {
            let held_up = self.held_up.as_mut().expect("copies can be held up");
            held_up.journeys.get_mut(id).expect("a transfer is of a running copy").is_through();
        }
        let only = match through[..] {
            [id] if is_alone && self.run(id).due == SimTime::MAX => Some(id),
            _ => None,
        };
        for &id in through.iter().filter(|_| only.is_none()) {
            self.schedule(id, Next::Completed).expect("now isn't beyond the end of time");
        }
        through.clear();
        self.held_up.as_mut().expect("copies can be held up").through = through;
        only
    }

    /// Something of a copy is due: goes to its next stage. None when it is over, or drains.
    pub(super) fn next_stage(&mut self, id: CopyId) -> Option<Happened> {
        if self.phase(id) == Some(Phase::Draining) {
            return None;
        }
        let now = self.now;
        let held_up = self.held_up.as_mut()?;
        let journey = held_up.journeys.get_mut(id).expect("a running copy has its way");
        let next = journey.next(now, id, &mut held_up.network);
        if matches!(next, Next::Completed | Next::Failed) {
            journey.stop(now, id, &mut held_up.network);
            self.set_due(id, SimTime::MAX);
            self.run_mut(id).fails = next == Next::Failed;
            return None;
        }
        // Its entry was taken from the calendar.
        self.set_due(id, SimTime::MAX);
        Some(match self.schedule(id, next) {
            Ok(()) => Happened::WentOn,
            Err(beyond) => Happened::BeyondTime(beyond),
        })
    }

    /// A running copy was cancelled: nothing of it is due any more.
    pub(super) fn stop(&mut self, id: CopyId) {
        if let Some(held_up) = &mut self.held_up
            && let Some(journey) = held_up.journeys.get_mut(id)
        {
            journey.stop(self.now, id, &mut held_up.network);
        }
        let was_due = self.set_due(id, SimTime::MAX);
        self.outdated += u64::from(was_due != SimTime::MAX);
    }

    /// The next change of the timetable comes.
    pub(super) fn change(&mut self) -> Happened {
        let Change { what, .. } = self.timetable.take().expect("a next change was announced");
        let mut touched = Touched::default();
        let done = match what {
            Changed::Cap { region, cap } => {
                self.service.set_cap(region, cap);
                Ok(())
            }
            Changed::Outage { region, running } => {
                self.begin_outage(region, running).map(|copies| touched = copies)
            }
            Changed::OutageOver { region } => self.end_outage(region).map(|copies| touched = copies),
            Changed::Slowed { region, to } => {
                // Where no transfer goes from or to a region that is slow at times, there may be nothing to slow down.
                if let Some(held_up) = &mut self.held_up {
                    held_up.network.set_slowed(region, to);
                }
                Ok(())
            }
            Changed::Capacity { link, capacity } => {
                let held_up = self.held_up.as_mut().expect("links are of runs that can be held up");
                held_up.network.set_capacity(link, capacity);
                Ok(())
            }
        };
        done.map_or_else(Happened::BeyondTime, |()| Happened::Changed(what, touched))
    }

    fn begin_outage(&mut self, region: RegionId, running: OutageEffect) -> Result<Touched, BeyondTime> {
        let waiting = self.service.begin_outage(region);
        let mut touched = Touched { running: 0, waiting };
        for id in self.service.running_at(region) {
            let now = self.now;
            let held_up = self.held_up.as_mut().expect("outages are of runs that can be held up");
            let journey = held_up.journeys.get_mut(id).expect("a running copy has its way");
            match running {
                OutageEffect::Fail => {
                    journey.fail(now);
                    self.schedule(id, Next::Failed)?;
                    touched.running += 1;
                }
                OutageEffect::Pause if journey.is_paused() => {}
                OutageEffect::Pause => {
                    journey.stop(now, id, &mut held_up.network);
                    self.schedule(id, Next::Open)?;
                    touched.running += 1;
                }
            }
        }
        Ok(touched)
    }

    fn end_outage(&mut self, region: RegionId) -> Result<Touched, BeyondTime> {
        let waiting = self.service.end_outage(region);
        let mut touched = Touched { running: 0, waiting };
        for id in self.service.running_at(region) {
            let copy = self.service.copies().get(id).expect("it runs");
            if self.service.is_touched(copy) {
                continue;
            }
            let now = self.now;
            let held_up = self.held_up.as_mut().expect("outages are of runs that can be held up");
            let journey = held_up.journeys.get_mut(id).expect("a running copy has its way");
            if journey.is_paused() {
                let next = journey.go_on(now, id, &mut held_up.network);
                self.schedule(id, next)?;
                touched.running += 1;
            }
        }
        Ok(touched)
    }

    /// Whether shares of links have to be computed anew, since everything of the instant has happened.
    #[inline]
    pub fn has_to_share(&self) -> bool {
        self.held_up.as_ref().is_some_and(|held_up| held_up.network.is_changed())
    }

    /// Computes the shares of links anew where something changed, and tells each link that this touched.
    pub fn share_links(&mut self, see: impl FnMut(LinkId, LinkLevels)) {
        if let Some(held_up) = &mut self.held_up {
            held_up.network.share(self.now, see);
        }
    }

    /// Whether a running copy moves, or will when shares are computed.
    pub(super) fn is_moving(&mut self) -> bool {
        let Some(held_up) = &mut self.held_up else { return false };
        let network = &mut held_up.network;
        if network.is_changed() || network.next_end().is_some() || network.never_through().is_some() {
            return true;
        }
        held_up.due > 0
    }

    /// A running copy that moves, but so slowly that it isn't through before the end of time.
    pub fn never_through(&mut self) -> Option<CopyId> {
        self.held_up.as_mut()?.network.never_through()
    }
}
