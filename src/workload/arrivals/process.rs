//! When the moments of a stream come: each brings one arrival or a batch of them.

use super::super::client::ClosedLoop;
use super::profile::Profile;
use crate::distribution::{Drawn, Quantity};
use crate::random::{Draws, LnMethod};
use crate::time::{SimDuration, SimTime};

/// An arrival process (R10.2). A new one is a variant here and in the scenario's schema.
#[derive(Clone, Debug)]
pub enum Process {
    /// One moment at the start of the span, and one more every so often; draws nothing.
    Periodic { every: SimDuration },
    /// Exponential times between moments.
    Poisson { gap: Gap },
    /// A Poisson process whose rate is piecewise constant in time.
    Profile(Profile),
    /// A Poisson process whose rate changes at random: it stays an exponential time in each state, and goes
    /// on to the next one, after the last to the first.
    Bursts { states: Vec<BurstState> },
    /// Independent times between moments, all of one distribution.
    Renewal { between: Drawn<SimDuration> },
    /// Workers that each ask for the next copy when they have thought about the last one.
    ClosedLoop(ClosedLoop),
}

/// The mean time between two moments of a Poisson process in microseconds, above zero; infinite where none come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap(f64);

impl Gap {
    /// Of a process with so many moments in a microsecond; none for a rate below zero.
    pub fn of_rate(per_microsecond: f64) -> Option<Self> {
        (per_microsecond >= 0.0 && per_microsecond.is_finite()).then(|| Self(1.0 / per_microsecond))
    }

    /// Moments in a microsecond.
    pub fn rate(self) -> f64 {
        1.0 / self.0
    }

    /// Whether there are no moments at all.
    pub fn is_never(self) -> bool {
        self.0.is_infinite()
    }

    /// The next time to a moment, by inversion, rounded half up to a microsecond; none that is longer than simulated
    /// time.
    #[inline]
    pub fn draw(self, draws: &mut Draws) -> Option<SimDuration> {
        exponential(self.0, draws)
    }
}

/// The next exponential time of this mean in microseconds.
fn exponential(mean: f64, draws: &mut Draws) -> Option<SimDuration> {
    SimDuration::from_f64(-mean * draws.ln_complement(LnMethod::Log))
}

/// A state of a process with bursts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BurstState {
    pub gap: Gap,
    /// The mean time in this state, in microseconds.
    pub stay: f64,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    At(SimTime),
    /// Nothing comes any more.
    Never,
    /// It would come after the end of simulated time.
    BeyondTime,
}

impl Next {
    fn of(at: Option<SimTime>) -> Self {
        at.map_or(Self::BeyondTime, Self::At)
    }
}

/// Where a process is in time.
#[derive(Clone, Debug)]
pub struct Moments {
    draws: Draws,
    /// Of a process with bursts: its state, and until when.
    state: usize,
    until: SimTime,
    stays: Draws,
}

impl Moments {
    /// `draws` are those of the times between moments, `stays` those of the times in a state.
    pub fn new(draws: Draws, stays: Draws) -> Self {
        Self { draws, state: 0, until: SimTime::ZERO, stays }
    }

    /// The first moment of a process that begins at `from`.
    pub fn first(&mut self, process: &Process, from: SimTime, limit: SimTime) -> Next {
        match process {
            Process::Periodic { .. } | Process::ClosedLoop(_) => Next::At(from),
            Process::Bursts { states } => {
                self.until = self.stay(from, states);
                self.next(process, from, limit)
            }
            _ => self.next(process, from, limit),
        }
    }

    /// The moment after one at `at`; of one after `limit` only that it comes later need be known.
    #[inline(always)]
    pub fn next(&mut self, process: &Process, at: SimTime, limit: SimTime) -> Next {
        match process {
            Process::Periodic { every } => Next::of(at.checked_add(*every)),
            Process::Poisson { gap } => {
                Next::of(gap.draw(&mut self.draws).and_then(|gap| at.checked_add(gap)))
            }
            // Its next arrival comes when a worker is ready for it.
            Process::ClosedLoop(_) => Next::At(at),
            Process::Renewal { between } => {
                Next::of(between.draw(&mut self.draws).and_then(|between| at.checked_add(between)))
            }
            Process::Profile(profile) => profile.next(at, limit, &mut self.draws),
            Process::Bursts { states } => self.next_of_bursts(states, at, limit),
        }
    }

    /// Drawn up to the end of the stay, and afresh from there on.
    fn next_of_bursts(&mut self, states: &[BurstState], mut at: SimTime, limit: SimTime) -> Next {
        loop {
            let gap = states[self.state].gap;
            let time = if gap.is_never() { None } else { gap.draw(&mut self.draws) };
            let next = time.and_then(|time| at.checked_add(time));
            if let Some(next) = next.filter(|next| *next < self.until) {
                return Next::At(next);
            }
            at = self.until;
            if at == SimTime::MAX {
                return Next::BeyondTime;
            }
            if at > limit {
                // Something comes after that; when, matters to nobody.
                return Next::At(at);
            }
            self.state = (self.state + 1) % states.len();
            self.until = self.stay(at, states);
        }
    }

    /// The end of a stay in the present state that begins at `at`.
    fn stay(&mut self, at: SimTime, states: &[BurstState]) -> SimTime {
        let stay = exponential(states[self.state].stay, &mut self.stays);
        stay.and_then(|stay| at.checked_add(stay)).unwrap_or(SimTime::MAX)
    }
}

impl Process {
    /// The field of the scenario that is added to get to the next moment, for messages.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Periodic { .. } => "every",
            Self::Poisson { .. } => "poisson",
            Self::Profile(_) => "profile",
            Self::Bursts { .. } => "bursts",
            Self::Renewal { .. } => "between",
            Self::ClosedLoop(_) => "think",
        }
    }

    /// Moments in a microsecond over a long time; none where no such figure holds for the whole of it.
    pub fn mean_rate(&self) -> Option<f64> {
        match self {
            Self::Periodic { every } => Some(1.0 / every.micros() as f64),
            Self::Poisson { gap } => Some(gap.rate()),
            Self::Profile(profile) => profile.mean_rate(),
            Self::Bursts { states } => {
                let moments: f64 = states.iter().map(|state| state.gap.rate() * state.stay).sum();
                let time: f64 = states.iter().map(|state| state.stay).sum();
                Some(moments / time)
            }
            Self::Renewal { between } => Some(1.0 / between.mean()),
            // It depends on how long copies take.
            Self::ClosedLoop(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    const SECOND: f64 = 1e6;

    fn moments() -> Moments {
        let draws = |purpose| Draws::new(Seed::default(), purpose, "s");
        Moments::new(draws("arrivals"), draws("stays"))
    }

    fn per_second(rate: f64) -> Gap {
        Gap::of_rate(rate / SECOND).unwrap()
    }

    /// The moments before `end`, in seconds.
    fn times(process: &Process, end: u64) -> Vec<f64> {
        let (mut moments, limit) =
            (moments(), SimTime::ZERO.checked_add(SimDuration::from_seconds(end)).unwrap());
        let mut next = moments.first(process, SimTime::ZERO, limit);
        let mut times = Vec::new();
        while let Next::At(at) = next
            && at < limit
        {
            times.push(at.micros() as f64 / SECOND);
            next = moments.next(process, at, limit);
        }
        times
    }

    /// Within five standard deviations of a Poisson count.
    fn assert_count(count: usize, mean: f64) {
        assert!((count as f64 - mean).abs() < 5.0 * mean.sqrt(), "{count} where {mean} are expected");
    }

    #[test]
    fn r10_2_poisson_arrivals_come_at_their_rate_and_independently() {
        let times = times(&Process::Poisson { gap: per_second(4.5) }, 100_000);
        assert_count(times.len(), 450_000.0);
        // Counts in seconds: mean and variance are both 4.5; the variance of a sample variance of n Poisson
        // counts is about (mu + 2 mu^2) / n.
        let mut counts = vec![0.0; 100_000];
        times.iter().for_each(|time| counts[*time as usize] += 1.0);
        let variance = counts.iter().map(|count: &f64| (count - 4.5).powi(2)).sum::<f64>() / 1e5;
        assert!((variance - 4.5).abs() < 5.0 * ((4.5 + 2.0 * 4.5 * 4.5) / 1e5_f64).sqrt(), "{variance}");
    }

    #[test]
    fn r10_2_bursts_stay_in_each_state_for_its_share_of_time() {
        let states = vec![
            BurstState { gap: per_second(0.0), stay: 30.0 * SECOND },
            BurstState { gap: per_second(20.0), stay: 10.0 * SECOND },
        ];
        let process = Process::Bursts { states };
        // 20 a second for a quarter of the time.
        assert!((process.mean_rate().unwrap() * SECOND - 5.0).abs() < 1e-9);
        let times = times(&process, 1_000_000);
        // Long-run variance of the count: rate t, and of the modulation 2 a^2 p^2 (1 - p)^2 (T0 + T1) ... with
        // a = 20, p = 1/4 and stays of 30 and 10 s: 2 x 400 x T0^2 T1^2 / (T0 + T1)^3 a second.
        let modulation = 2.0 * 400.0 * 900.0 * 100.0 / 64_000.0;
        let deviation = ((5.0 + modulation) * 1e6_f64).sqrt();
        assert!((times.len() as f64 - 5e6).abs() < 5.0 * deviation, "{}", times.len());
        // They come in bursts: most gaps are short, and few are long.
        let long = times.windows(2).filter(|pair| pair[1] - pair[0] > 2.0).count();
        assert!((20_000..30_000).contains(&long), "about one a cycle of 40 s: {long}");
    }

    #[test]
    fn r10_2_a_renewal_process_draws_each_gap() {
        let fixed = Process::Renewal { between: Drawn::from(SimDuration::from_seconds(2)) };
        assert_eq!(times(&fixed, 10), [2.0, 4.0, 6.0, 8.0], "the first gap begins at the start of the span");
        let periodic = Process::Periodic { every: SimDuration::from_seconds(2) };
        assert_eq!(times(&periodic, 10), [0.0, 2.0, 4.0, 6.0, 8.0]);
    }

    #[test]
    fn r1_1_a_gap_beyond_the_end_of_time_is_told() {
        let rare = Process::Poisson { gap: Gap::of_rate(1e-30).unwrap() };
        let bursts =
            Process::Bursts { states: vec![BurstState { gap: Gap::of_rate(1e-30).unwrap(), stay: 1e15 }; 2] };
        for process in [rare, bursts] {
            let first = moments().first(&process, SimTime::ZERO, SimTime::MAX);
            assert_eq!(first, Next::BeyondTime, "{process:?}");
        }
    }
}
