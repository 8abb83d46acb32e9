//! The duration figures of requests that are counted together (R9.2).

use std::sync::Arc;

use super::{CopyRecord, OutcomeCounts, Sample};
use crate::time::SimTime;

/// The duration figures of a group of requests (R9.2). Figures with the same values share them.
#[derive(Clone, Debug)]
pub struct Figures {
    pub wait: Arc<Sample>,
    pub waited: Arc<Sample>,
    pub copy: Arc<Sample>,
    pub total: Arc<Sample>,
    pub lead: Arc<Sample>,
}

/// Requests counted together.
#[derive(Clone, Debug)]
pub struct Group {
    pub outcomes: OutcomeCounts,
    /// Complete when the run is over.
    pub figures: Figures,
    /// Copies that started and are in [`Figures::wait`], by outcome.
    pub started: OutcomeCounts,
    gathered: Gathered,
}

/// Values while a run goes on: each is kept once, though it may belong to two figures.
#[derive(Clone, Debug)]
struct Gathered {
    /// Of copies that started: what they waited.
    wait: Sample,
    /// Of those that never did.
    waited: Sample,
    copy: Sample,
    /// Of copies that were called when they were planned, and whose end was noticed at once: total and lead.
    prompt: Sample,
    total: Sample,
    lead: Sample,
}

impl Group {
    pub fn new(exact_limit: u64) -> Self {
        Self {
            outcomes: OutcomeCounts::default(),
            started: OutcomeCounts::default(),
            figures: Figures::of(Gathered::new(0)),
            gathered: Gathered::new(exact_limit),
        }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, record: &CopyRecord, now: SimTime) {
        self.outcomes.add(record.outcome);
        let gathered = &mut self.gathered;
        match record.wait() {
            Some(wait) => {
                self.started.add(record.outcome);
                gathered.wait.add(wait);
            }
            None => record.waited(now).into_iter().for_each(|waited| gathered.waited.add(waited)),
        }
        let Some(copy) = record.copy() else { return };
        gathered.copy.add(copy);
        match (record.total(), record.lead()) {
            (Some(total), Some(lead)) if total == lead => gathered.prompt.add(total),
            (total, lead) => {
                total.into_iter().for_each(|total| gathered.total.add(total));
                lead.into_iter().for_each(|lead| gathered.lead.add(lead));
            }
        }
    }

    /// Takes up what another group has gathered.
    pub(super) fn merge(&mut self, other: &Self) {
        self.outcomes.merge(&other.outcomes);
        self.started.merge(&other.started);
        let ours = self.gathered.all_mut();
        ours.into_iter().zip(other.gathered.all()).for_each(|(ours, theirs)| ours.merge(theirs));
    }

    /// Everything is in: makes the figures of what was gathered.
    pub(super) fn seal(&mut self) {
        // Nothing is asked of what was gathered any more.
        self.figures = Figures::of(std::mem::replace(&mut self.gathered, Gathered::new(0)));
    }
}

impl Gathered {
    fn new(exact_limit: u64) -> Self {
        let sample = || Sample::new(exact_limit);
        Self {
            wait: sample(),
            waited: sample(),
            copy: sample(),
            prompt: sample(),
            total: sample(),
            lead: sample(),
        }
    }

    fn all(&self) -> [&Sample; 6] {
        [&self.wait, &self.waited, &self.copy, &self.prompt, &self.total, &self.lead]
    }

    fn all_mut(&mut self) -> [&mut Sample; 6] {
        [&mut self.wait, &mut self.waited, &mut self.copy, &mut self.prompt, &mut self.total, &mut self.lead]
    }
}

impl Figures {
    /// The names of the figures, in the order in which they are shown.
    pub const NAMES: [&'static str; 5] = ["wait", "waited", "copy", "total", "lead"];

    fn of(gathered: Gathered) -> Self {
        let Gathered { wait, waited, copy, prompt, total, lead } = gathered;
        let sealed = |mut sample: Sample| {
            sample.seal();
            Arc::new(sample)
        };
        let with = |common: &Arc<Sample>, mut own: Sample| {
            if own.n() == 0 {
                return Arc::clone(common);
            }
            own.merge(common);
            sealed(own)
        };
        let (wait, prompt) = (sealed(wait), sealed(prompt));
        Self {
            waited: with(&wait, waited),
            total: with(&prompt, total),
            lead: with(&prompt, lead),
            copy: sealed(copy),
            wait,
        }
    }

    /// The figures in the order of [`Figures::NAMES`].
    pub fn all(&self) -> [&Sample; 5] {
        [&self.wait, &self.waited, &self.copy, &self.total, &self.lead]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RequestKey;
    use crate::records::Outcome;

    /// Planned at 0, accepted at 5, run from 10 to 30.
    fn available(noticed: u64) -> CopyRecord {
        let at = |micros| SimTime::from_micros(micros);
        CopyRecord {
            planned: at(0),
            accepted: at(5),
            start: at(10),
            end: at(30),
            noticed: at(noticed),
            ..CopyRecord::new(RequestKey::from_rank(0), Outcome::Available)
        }
    }

    fn sums(group: &Group) -> [(u64, u128); 5] {
        group.figures.all().map(|sample| (sample.n(), sample.sum()))
    }

    #[test]
    fn figures_with_the_same_values_share_them() {
        let mut group = Group::new(10);
        let prompt = CopyRecord { planned: SimTime::from_micros(5), ..available(30) };
        (0..3).for_each(|_| group.add(&prompt, SimTime::MAX));
        group.seal();
        assert!(Arc::ptr_eq(&group.figures.wait, &group.figures.waited));
        assert!(Arc::ptr_eq(&group.figures.total, &group.figures.lead));
        assert_eq!(sums(&group), [(3, 15), (3, 15), (3, 60), (3, 75), (3, 75)]);
    }

    #[test]
    fn r9_2_figures_that_differ_have_all_their_values() {
        for exact_limit in [100, 3, 0] {
            let (mut one, mut other) = (Group::new(exact_limit), Group::new(exact_limit));
            let waiting = CopyRecord { start: None, end: None, outcome: Outcome::Waiting, ..available(40) };
            for group in [&mut one, &mut other] {
                group.add(&CopyRecord { planned: SimTime::from_micros(5), ..available(30) }, SimTime::MAX);
                group.add(&available(40), SimTime::MAX);
                group.add(&waiting, SimTime::from_micros(7).expect("a short time"));
            }
            one.merge(&other);
            one.seal();
            // Waits of 5, and 2 of the one that never started; totals of 25; leads of 25 and 40. Each twice.
            assert_eq!(sums(&one), [(4, 20), (6, 24), (4, 80), (4, 100), (4, 130)]);
            assert_eq!(one.figures.lead.max().map(|lead| lead.micros()), Some(40));
        }
    }
}
