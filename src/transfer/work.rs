//! When a running copy ends, and how far it has come: setup, transfer and finalize, or a given duration
//! (R3.5, R4.1, R4.3). Copies here run independently of each other.

use crate::quantity::{Bytes, Fraction, Rate};
use crate::time::SimDuration;

/// The work of a copy once it holds its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A duration that was given.
    Duration(SimDuration),
    /// `setup` + `size` / `rate` + `finalize`; `transfer` is the middle part.
    Phases { setup: SimDuration, size: Bytes, rate: Rate, transfer: SimDuration, finalize: SimDuration },
}

/// How long a copy takes, whatever the size of its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseTimes {
    pub setup: SimDuration,
    pub rate: Rate,
    pub finalize: SimDuration,
}

/// Whether and when a copy fails (R4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Completes,
    /// After this time of running.
    FailsAfter(SimDuration),
    /// At this share of its progress.
    FailsAt(Fraction),
}

/// How long a copy will hold its slot and how it ends, if nobody cancels it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub length: SimDuration,
    pub fails: bool,
}

impl PhaseTimes {
    /// The work of a copy of `size`. A transfer that is longer than time can be has no end: see [`Work::length`].
    pub fn work(self, size: Bytes) -> Work {
        let Self { setup, rate, finalize } = self;
        let transfer = size.time_at(rate).unwrap_or(SimDuration::MAX);
        Work::Phases { setup, size, rate, transfer, finalize }
    }
}

impl Work {
    /// The work of moving `size` at `rate`; `None` when the transfer alone is longer than time can be.
    pub fn phases(setup: SimDuration, size: Bytes, rate: Rate, finalize: SimDuration) -> Option<Self> {
        Some(Self::Phases { setup, size, rate, transfer: size.time_at(rate)?, finalize })
    }

    /// The full length, `None` when it is longer than simulated time can be.
    pub fn length(&self) -> Option<SimDuration> {
        match *self {
            Self::Duration(length) => Some(length),
            Self::Phases { transfer: SimDuration::MAX, .. } => None,
            Self::Phases { setup, transfer, finalize, .. } => {
                setup.checked_add(transfer)?.checked_add(finalize)
            }
        }
    }

    /// How long a copy with so much left to run has run; without that it begins just now. `None` when it
    /// is shorter than what is left, or longer than simulated time can be.
    pub fn has_run(&self, remaining: Option<SimDuration>) -> Option<SimDuration> {
        let Some(remaining) = remaining else { return Some(SimDuration::ZERO) };
        self.length()?.checked_sub(remaining)
    }

    /// How the copy ends. A failure that isn't due after the end is a failure, even at the end (R4.3).
    #[inline(always)]
    pub fn plan(&self, fate: Fate) -> Option<Plan> {
        let length = self.length()?;
        let failure = match fate {
            Fate::Completes => None,
            Fate::FailsAfter(time) => Some(time),
            Fate::FailsAt(share) => Some(self.moment_of(share)),
        };
        Some(match failure {
            Some(moment) if moment <= length => Plan { length: moment, fails: true },
            _ => Plan { length, fails: false },
        })
    }

    /// The running time at which the progress first reaches `share` (R3.5).
    pub fn moment_of(&self, share: Fraction) -> SimDuration {
        if share == Fraction::ZERO {
            return SimDuration::ZERO;
        }
        let whole = |micros: u128| {
            u64::try_from(micros).ok().and_then(SimDuration::from_micros).unwrap_or(SimDuration::MAX)
        };
        match *self {
            Self::Duration(length) => whole(share.ceil_of(u128::from(length.micros()))),
            Self::Phases { setup, size, rate, .. } => {
                // Bytes are counted in millionths, which is also the unit of the share.
                let needed = u128::from(share.millionths()) * u128::from(size.0);
                let moving = needed.div_ceil(u128::from(rate.bytes_per_second()));
                whole(u128::from(setup.micros()) + moving)
            }
        }
    }

    /// Progress in whole percent after a running time, rounded down (R3.5).
    pub fn percent(&self, running: SimDuration) -> u8 {
        // A percent is reached in the microsecond in which its last part is done: bytes, which a rate moves
        // in millionths, or time.
        let (done, whole) = match *self {
            Self::Duration(length) => (u128::from(running.micros()), u128::from(length.micros())),
            Self::Phases { setup, size, rate, .. } => {
                if running < setup {
                    return 0;
                }
                let moving = u128::from(running.micros() - setup.micros());
                (moving * u128::from(rate.bytes_per_second()), u128::from(size.0) * 1_000_000)
            }
        };
        (done * 100).checked_div(whole).map_or(100, |percent| percent.min(100) as u8)
    }

    /// The bytes of an image of `size` that have moved after a running time, rounded down.
    pub fn moved(&self, size: Option<Bytes>, running: SimDuration) -> Bytes {
        match *self {
            Self::Phases { setup, size, rate, transfer, .. } => {
                let moving = running.micros().saturating_sub(setup.micros());
                if moving >= transfer.micros() {
                    return size;
                }
                let bytes = u128::from(rate.bytes_per_second()) * u128::from(moving) / 1_000_000;
                Bytes(u64::try_from(bytes).unwrap_or(u64::MAX).min(size.0))
            }
            Self::Duration(length) => {
                let size = size.unwrap_or(Bytes(0));
                if size == Bytes(0) || running >= length {
                    return size;
                }
                let Some(bytes) =
                    (u128::from(size.0) * u128::from(running.micros())).checked_div(length.micros().into())
                else {
                    return size;
                };
                Bytes(u64::try_from(bytes).unwrap_or(u64::MAX).min(size.0))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> SimDuration {
        SimDuration::from_seconds(seconds)
    }

    /// 1000 bytes at 100 bytes/s between 5 s of setup and 2 s of finalize.
    fn seventeen_seconds() -> Work {
        Work::phases(seconds(5), Bytes(1000), Rate::new(100).unwrap(), seconds(2)).unwrap()
    }

    fn half() -> Fraction {
        Fraction::from_millionths(500_000).unwrap()
    }

    #[test]
    fn r4_1_27_gib_at_15_mib_s_after_5_minutes_take_about_35_minutes() {
        let work =
            Work::phases(seconds(300), Bytes(27 << 30), Rate::new(15 << 20).unwrap(), SimDuration::ZERO);
        // 27 x 1024 / 15 = 1843.2 s, and 300 s of setup.
        assert_eq!(work.unwrap().length().unwrap().micros(), 2_143_200_000);
    }

    #[test]
    fn r3_5_progress_stands_still_in_setup_and_is_whole_in_finalize() {
        let work = seventeen_seconds();
        assert_eq!(work.length(), Some(seconds(17)));
        for (running, percent, moved) in
            [(0, 0, 0), (5, 0, 0), (10, 50, 500), (15, 100, 1000), (17, 100, 1000)]
        {
            assert_eq!(work.percent(seconds(running)), percent, "after {running} s");
            assert_eq!(work.moved(None, seconds(running)), Bytes(moved), "after {running} s");
        }
        let given = Work::Duration(seconds(600));
        assert_eq!(given.percent(seconds(599)), 99);
        assert_eq!(given.moved(Some(Bytes(100)), seconds(300)), Bytes(50));
        assert_eq!(Work::Duration(SimDuration::ZERO).percent(SimDuration::ZERO), 100);
        assert_eq!(Work::Duration(SimDuration::ZERO).moved(Some(Bytes(7)), SimDuration::ZERO), Bytes(7));
    }

    #[test]
    fn r3_5_each_percent_comes_in_the_microsecond_in_which_it_is_done() {
        let micros = |micros| SimDuration::from_micros(micros).unwrap();
        // 7 bytes at 3 bytes/s after 1 us: p % are p x 70000 millionths, and 3 come in a microsecond.
        let odd = Work::phases(micros(1), Bytes(7), Rate::new(3).unwrap(), micros(9)).unwrap();
        for percent in 1..=100_u8 {
            let moment = 1 + (u64::from(percent) * 70_000).div_ceil(3);
            assert_eq!(
                (odd.percent(micros(moment - 1)), odd.percent(micros(moment))),
                (percent - 1, percent)
            );
            let given = Work::Duration(micros(333));
            let moment = (u64::from(percent) * 333).div_ceil(100);
            assert!(given.percent(micros(moment)) >= percent && given.percent(micros(moment - 1)) < percent);
        }
        let nothing = Work::phases(micros(5), Bytes(0), Rate::new(3).unwrap(), micros(9)).unwrap();
        assert_eq!((nothing.percent(micros(4)), nothing.percent(micros(5))), (0, 100));
        let widest = Work::phases(SimDuration::ZERO, Bytes(1 << 53), Rate::new(1 << 53).unwrap(), micros(9));
        assert_eq!(widest.unwrap().percent(SimDuration::MAX), 100, "no overflow");
    }

    #[test]
    fn r4_3_a_failure_at_the_very_end_is_a_failure() {
        let work = seventeen_seconds();
        let plan = |fate| work.plan(fate).unwrap();
        assert_eq!(plan(Fate::Completes), Plan { length: seconds(17), fails: false });
        assert_eq!(plan(Fate::FailsAfter(seconds(17))), Plan { length: seconds(17), fails: true });
        assert_eq!(plan(Fate::FailsAfter(seconds(18))), Plan { length: seconds(17), fails: false });
        assert_eq!(plan(Fate::FailsAt(half())), Plan { length: seconds(10), fails: true });
        assert_eq!(plan(Fate::FailsAt(Fraction::ONE)), Plan { length: seconds(15), fails: true });
        assert_eq!(plan(Fate::FailsAt(Fraction::ZERO)), Plan { length: SimDuration::ZERO, fails: true });
    }

    #[test]
    fn what_is_left_tells_what_has_run() {
        let work = seventeen_seconds();
        assert_eq!(work.has_run(None), Some(SimDuration::ZERO));
        assert_eq!(work.has_run(Some(seconds(17))), Some(SimDuration::ZERO));
        assert_eq!(work.has_run(Some(seconds(2))), Some(seconds(15)));
        assert_eq!(work.has_run(Some(SimDuration::ZERO)), Some(seconds(17)));
        assert_eq!(work.has_run(Some(seconds(18))), None);
    }

    #[test]
    fn r1_1_a_length_beyond_the_end_of_time_is_none() {
        let rate = Rate::new(1).unwrap();
        assert_eq!(Work::phases(SimDuration::ZERO, Bytes(1 << 50), rate, SimDuration::ZERO), None);
        let long = Work::phases(SimDuration::MAX, Bytes(1), rate, SimDuration::ZERO).unwrap();
        assert_eq!(long.length(), None);
    }
}
