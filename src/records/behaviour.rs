//! What clients did for requests that belong together (R8).

use super::{CopyRecord, Outcome};
use crate::time::SimDuration;

/// Calls, and how long clients held requests back or waited for copies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    pub calls: u64,
    pub refusals: u64,
    /// The most calls of one request of the scenario, but for first ones, at one instant.
    pub again_at_once: u64,
    /// The longest lead of an Available copy.
    pub lead_max: Option<SimDuration>,
    /// Copies that failed and were asked for again.
    pub failures: u64,
    /// Requests whose clients had waited long enough.
    pub timed_out: u64,
    /// Those of them whose copies became Available all the same.
    pub ready_after_all: u64,
    /// The longest time from the first call to the end of those.
    pub needed: Option<SimDuration>,
    /// Requests whose clients cancelled the copy when they had waited long enough.
    pub cancelled: u64,
    /// Copies that failed or were cancelled without their clients ever knowing.
    pub unseen: u64,
    /// Requests that were sent later than they were planned, or not at all.
    pub held_back: u64,
    /// The longest time by which one was sent later.
    pub longest_held_back: Option<SimDuration>,
}

impl Behaviour {
    #[inline]
    pub(super) fn add(&mut self, record: &CopyRecord) {
        self.calls += u64::from(record.calls);
        self.refusals += u64::from(record.refusals);
        self.lead_max = self.lead_max.max(record.lead());
        // Mostly there is nothing else to be told.
        if record.timed_out.is_some()
            || record.sent != record.planned
            || record.failures > 0
            || record.noticed != record.end
        {
            self.add_rare(record);
        }
    }

    #[cold]
    fn add_rare(&mut self, record: &CopyRecord) {
        self.failures += u64::from(record.failures);
        self.timed_out += u64::from(record.timed_out.is_some());
        if let (Some(_), Outcome::Available, Some(sent), Some(end)) =
            (record.timed_out, record.outcome, record.sent, record.end)
        {
            self.ready_after_all += 1;
            self.needed = self.needed.max(Some(end.since(sent)));
        }
        match record.outcome {
            Outcome::CancelledWaiting | Outcome::CancelledRunning
                if record.timed_out.is_some() && record.noticed.is_some() =>
            {
                self.cancelled += 1;
            }
            Outcome::Failed | Outcome::CancelledWaiting | Outcome::CancelledRunning
                if record.noticed.is_none() =>
            {
                self.unseen += 1;
            }
            _ => {}
        }
        if let (Some(planned), Some(sent)) = (record.planned, record.sent)
            && planned < sent
        {
            self.held_back += 1;
            self.longest_held_back = self.longest_held_back.max(Some(sent.since(planned)));
        }
        self.held_back += u64::from(record.outcome == Outcome::NotSent);
    }

    /// Takes up that of other requests.
    pub fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.refusals += other.refusals;
        self.again_at_once = self.again_at_once.max(other.again_at_once);
        self.lead_max = self.lead_max.max(other.lead_max);
        self.failures += other.failures;
        self.timed_out += other.timed_out;
        self.ready_after_all += other.ready_after_all;
        self.needed = self.needed.max(other.needed);
        self.cancelled += other.cancelled;
        self.unseen += other.unseen;
        self.held_back += other.held_back;
        self.longest_held_back = self.longest_held_back.max(other.longest_held_back);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RequestKey;
    use crate::time::SimTime;

    #[test]
    fn r8_2_time_outs_are_counted_beside_what_becomes_of_copies() {
        let at = SimTime::from_micros;
        let record = |outcome, timed_out| CopyRecord {
            planned: at(0),
            sent: at(5),
            end: at(30),
            timed_out,
            calls: 2,
            refusals: 1,
            ..CopyRecord::new(RequestKey::from_rank(0), outcome)
        };
        let mut behaviour = Behaviour::default();
        behaviour.add(&record(Outcome::Available, None));
        behaviour.add(&record(Outcome::Available, at(10)));
        behaviour.add(&CopyRecord { noticed: at(30), ..record(Outcome::CancelledRunning, at(30)) });
        behaviour.add(&CopyRecord {
            planned: at(0),
            ..CopyRecord::new(RequestKey::from_rank(1), Outcome::NotSent)
        });
        let expected = Behaviour {
            calls: 6,
            refusals: 3,
            again_at_once: 0,
            // Ready at 30, though its client had given up at 10; the other's client hasn't noticed it.
            lead_max: SimDuration::from_micros(30),
            failures: 0,
            timed_out: 2,
            ready_after_all: 1,
            needed: SimDuration::from_micros(25),
            cancelled: 1,
            unseen: 0,
            held_back: 4,
            longest_held_back: SimDuration::from_micros(5),
        };
        assert_eq!(behaviour, expected);
    }
}
