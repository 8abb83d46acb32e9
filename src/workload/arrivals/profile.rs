//! Rates that are piecewise constant in time, such as those of the hours of a day.

use super::process::{Gap, Next};
use crate::random::Draws;
use crate::time::{SimDuration, SimTime};

/// A Poisson process whose rate changes at given times, maybe in cycles.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The first begins at 0, and each one where the one before it ends.
    pieces: Vec<ProfilePiece>,
    /// The length of a cycle; without it the last piece goes on for good.
    period: Option<SimDuration>,
    /// How far into a cycle the run begins.
    phase: SimDuration,
}

/// When a piece ends.
enum End {
    At(SimTime),
    /// It goes on for good.
    Never,
    BeyondTime,
}

/// A rate from a time of the profile on.
#[derive(Clone, Copy, Debug)]
pub struct ProfilePiece {
    pub from: SimDuration,
    pub gap: Gap,
}

impl Profile {
    /// A profile of pieces in ascending order, the first from 0 on and, where there is a period, all within it.
    /// `phase` is the time of the cycle at which the run begins.
    pub fn new(pieces: Vec<ProfilePiece>, period: Option<SimDuration>, phase: SimDuration) -> Self {
        Self { pieces, period, phase }
    }

    /// The moment after `at`: drawn up to the boundary of the piece, and afresh from there on (R10.2). What
    /// comes after `limit` needn't be found.
    pub fn next(&self, mut at: SimTime, limit: SimTime, draws: &mut Draws) -> Next {
        loop {
            let (piece, end) = self.piece(at);
            let time = if piece.gap.is_never() { None } else { piece.gap.draw(draws) };
            let next = time.and_then(|time| at.checked_add(time));
            match (next, end) {
                (Some(next), End::At(end)) if next < end => return Next::At(next),
                // Something comes after that; when, matters to nobody.
                (_, End::At(end)) if end > limit => return Next::At(end),
                (_, End::At(end)) => at = end,
                (Some(next), _) => return Next::At(next),
                (None, End::Never) if piece.gap.is_never() => return Next::Never,
                (None, _) => return Next::BeyondTime,
            }
        }
    }

    /// The piece at a time, and when it ends.
    fn piece(&self, at: SimTime) -> (ProfilePiece, End) {
        let since = at.micros() + self.phase.micros();
        let into = self.period.map_or(since, |period| since % period.micros());
        let after = self.pieces.partition_point(|piece| piece.from.micros() <= into);
        let piece = self.pieces[after.saturating_sub(1)];
        let Some(end) = self.pieces.get(after).map(|next| next.from).or(self.period) else {
            return (piece, End::Never);
        };
        let left = SimDuration::from_micros(end.micros() - into);
        (piece, left.and_then(|left| at.checked_add(left)).map_or(End::BeyondTime, End::At))
    }

    /// Moments in a microsecond over a long time: over whole cycles, or at the rate that holds for good.
    pub fn mean_rate(&self) -> Option<f64> {
        let Some(period) = self.period else {
            return self.pieces.last().map(|last| last.gap.rate());
        };
        let ends = self.pieces.iter().skip(1).map(|piece| piece.from).chain([period]);
        let moments = self.pieces.iter().zip(ends).map(|(piece, end)| {
            let length = end.checked_sub(piece.from).unwrap_or(SimDuration::ZERO);
            piece.gap.rate() * length.micros() as f64
        });
        Some(moments.sum::<f64>() / period.micros() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    fn seconds(seconds: u64) -> SimDuration {
        SimDuration::from_seconds(seconds)
    }

    fn at(time: u64) -> SimTime {
        SimTime::ZERO.checked_add(seconds(time)).unwrap()
    }

    fn profile(pieces: &[(u64, f64)], period: Option<u64>, phase: u64) -> Profile {
        let piece = |(from, per_second): &(u64, f64)| ProfilePiece {
            from: seconds(*from),
            gap: Gap::of_rate(per_second / 1e6).unwrap(),
        };
        Profile::new(pieces.iter().map(piece).collect(), period.map(seconds), seconds(phase))
    }

    /// Moments before `end`, by second of the profile of 40 s.
    fn counts(profile: &Profile, end: u64) -> [u64; 40] {
        let mut draws = Draws::new(Seed::default(), "p", "s");
        let mut counts = [0; 40];
        let mut now = SimTime::ZERO;
        while let Next::At(next) = profile.next(now, at(end), &mut draws)
            && next < at(end)
        {
            counts[((next.micros() / 1_000_000 + profile.phase.micros() / 1_000_000) % 40) as usize] += 1;
            now = next;
        }
        counts
    }

    #[test]
    fn r10_2_each_piece_has_its_own_rate_in_every_cycle() {
        for phase in [0, 13] {
            let profile = profile(&[(0, 3.0), (10, 8.0), (20, 0.0), (30, 2.0)], Some(40), phase);
            let cycles = 5_000.0;
            for (second, count) in counts(&profile, 200_000).into_iter().enumerate() {
                let mean = cycles * [3.0, 8.0, 0.0, 2.0][second / 10];
                assert!((count as f64 - mean).abs() <= 5.0 * f64::sqrt(mean), "{second}: {count} {mean}");
            }
            // 30 + 80 + 0 + 20 in 40 s.
            assert!((profile.mean_rate().unwrap() * 1e6 - 3.25).abs() < 1e-9);
        }
    }

    #[test]
    fn without_a_period_the_last_rate_goes_on() {
        let ending = profile(&[(0, 100.0), (5, 0.0)], None, 0);
        let mut draws = Draws::new(Seed::default(), "p", "s");
        assert_eq!(ending.next(at(5), SimTime::MAX, &mut draws), Next::Never);
        assert_eq!(ending.mean_rate(), Some(0.0));
        let going_on = profile(&[(0, 0.0), (5, 1.0)], None, 0);
        let Next::At(first) = going_on.next(SimTime::ZERO, SimTime::MAX, &mut draws) else { panic!("none") };
        assert!(first > at(5));
        assert_eq!(profile(&[(0, 2.0)], None, 0).mean_rate(), Some(2e-6));
    }

    #[test]
    fn what_lies_beyond_the_limit_is_not_looked_for() {
        let rare = profile(&[(0, 0.0), (3, 1e-9)], Some(4), 0);
        let mut draws = Draws::new(Seed::default(), "p", "s");
        let Next::At(later) = rare.next(SimTime::ZERO, at(1000), &mut draws) else { panic!("it goes on") };
        assert!(later > at(1000) && later <= at(1004), "{later}");
    }
}
