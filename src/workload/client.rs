//! How clients behave (R8): how many requests they have in hand, how they learn of the end of a copy, and when they
//! call again.

use crate::distribution::Drawn;
use crate::quantity::Fraction;
use crate::random::{Draws, Seed};
use crate::service::codes::Code;
use crate::time::SimDuration;

/// A place in [`super::Workload::clients`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

/// A client. How long it waits for a copy is part of what is drawn for each copy ([`super::Timeout`]).
#[derive(Clone, Debug)]
pub struct ClientPlan {
    pub name: String,
    /// Requests that it has in hand at once; none: any number (R8.1).
    pub concurrency: Option<u32>,
    /// None: it notices the end of a copy as it happens.
    pub poll: Option<Poll>,
    /// None: it calls once.
    pub retry: Option<Retry>,
    /// Whether it asks, before its first call, for an Available image of the same name, and calls only without one.
    pub skips_existing: bool,
}

/// How a client looks after its copies: by DescribeImages, every so often from the acceptance on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    pub every: SimDuration,
    /// Whether it asks without a filter, and so is shown Available images only: it never notices that a copy failed
    /// or was cancelled.
    pub sees_available_only: bool,
}

/// When a client calls again (R8.3).
#[derive(Clone, Debug)]
pub struct Retry {
    pub on: RetryCodes,
    /// Whether it calls again for a copy that failed, after it has deleted what is left of it.
    pub failed_copies: bool,
    /// Calls in all.
    pub attempts: u32,
    pub delay: Delay,
    /// By so much the delay is longer or shorter at most, as a share of it.
    pub jitter: Fraction,
    /// Whether each further call has a client token of its own.
    pub new_token: bool,
}

/// After which refusals a client calls again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryCodes {
    Any,
    These(Vec<Code>),
}

/// How long a client waits before it calls again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    Fixed(SimDuration),
    /// Twice as long each time, up to a longest.
    Exponential {
        first: SimDuration,
        max: SimDuration,
    },
}

impl RetryCodes {
    fn has(&self, code: Code) -> bool {
        match self {
            Self::Any => true,
            Self::These(codes) => codes.contains(&code),
        }
    }
}

impl Retry {
    /// Whether it calls again after its call number `call`, from 1, was refused.
    pub fn follows(&self, code: Code, call: u32) -> bool {
        call < self.attempts && self.on.has(code)
    }

    /// Whether it calls again after the copy of its call number `call` failed.
    pub fn follows_failure(&self, call: u32) -> bool {
        call < self.attempts && self.failed_copies
    }

    /// How long after the answer to call number `call`, from 1, of a request it calls again: at least a microsecond.
    /// The draw is found by client, request and call, whatever else is drawn (R10.1).
    pub fn delay_after(&self, call: u32, seed: Seed, client: &str, request: &str) -> SimDuration {
        let delay = match self.delay {
            Delay::Fixed(delay) => delay,
            Delay::Exponential { first, max } => {
                let factor = 1_u64.checked_shl(call - 1).unwrap_or(u64::MAX);
                let micros = first.micros().saturating_mul(factor).min(max.micros());
                SimDuration::from_micros(micros).unwrap_or(SimDuration::MAX)
            }
        };
        let delay = if self.jitter == Fraction::ZERO {
            delay
        } else {
            let source = format!("{client}/{request}/{call}");
            let uniform = Draws::new(seed, "retry jitter", &source).uniform();
            jittered(delay, self.jitter, uniform.fraction())
        };
        delay.max(SimDuration::from_micros(1).unwrap_or(SimDuration::ZERO))
    }
}

/// A delay times 1 - `jitter` + 2 x `jitter` x `uniform`, rounded half up to a microsecond.
fn jittered(delay: SimDuration, jitter: Fraction, uniform: Fraction) -> SimDuration {
    const ONE: u128 = 1_000_000;
    let (jitter, uniform) = (u128::from(jitter.millionths()), u128::from(uniform.millionths()));
    // In millionths of millionths.
    let factor = ONE * (ONE - jitter) + 2 * jitter * uniform;
    let micros = (u128::from(delay.micros()) * factor + ONE * ONE / 2) / (ONE * ONE);
    u64::try_from(micros).ok().and_then(SimDuration::from_micros).unwrap_or(SimDuration::MAX)
}

/// Workers that each ask for one thing at a time, and think before they ask for the next one.
#[derive(Clone, Debug)]
pub struct ClosedLoop {
    pub workers: u64,
    pub think: Drawn<SimDuration>,
}

impl ClosedLoop {
    /// The next time to think; none when it is longer than simulated time.
    pub fn think(&self, draws: &mut Draws) -> Option<SimDuration> {
        match &self.think {
            Drawn::Fixed(think) => Some(*think),
            Drawn::Random(_) => self.think.draw(draws),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> SimDuration {
        SimDuration::from_seconds(seconds)
    }

    fn retry(delay: Delay, jitter: u32) -> Retry {
        Retry {
            on: RetryCodes::These(vec![Code::ThrottlingUser]),
            failed_copies: false,
            attempts: 9,
            delay,
            jitter: Fraction::from_millionths(jitter).expect("a share"),
            new_token: false,
        }
    }

    #[test]
    fn r8_3_a_delay_doubles_up_to_its_longest() {
        let retry = retry(Delay::Exponential { first: seconds(10), max: seconds(100) }, 0);
        let delays = [1, 2, 3, 4, 5, 70].map(|call| retry.delay_after(call, Seed::default(), "c", "r"));
        assert_eq!(delays, [10, 20, 40, 80, 100, 100].map(seconds));
    }

    #[test]
    fn r8_3_jitter_is_a_factor_around_1() {
        let share = |millionths| Fraction::from_millionths(millionths).expect("a share");
        // 10 s x (1 - 0.2 + 0.4 u) for u = 0, 1/4, 1/2 and 1.
        let factors =
            [0, 250_000, 500_000, 1_000_000].map(|u| jittered(seconds(10), share(200_000), share(u)));
        assert_eq!(factors, [8, 9, 10, 12].map(seconds));
        let retry = retry(Delay::Fixed(seconds(10)), 200_000);
        let delay = |request, call| retry.delay_after(call, Seed::default(), "c", request);
        assert_eq!(delay("r", 1), delay("r", 1), "it is drawn by client, request and call");
        assert_ne!(delay("r", 1), delay("r", 2));
        assert_ne!(delay("r", 1), delay("s", 1));
        for call in 1..200 {
            assert!((seconds(8)..=seconds(12)).contains(&delay("r", call)));
        }
    }

    #[test]
    fn r1_8_no_delay_is_zero() {
        let micro = SimDuration::from_micros(1).expect("short");
        let all = retry(Delay::Fixed(micro), 1_000_000);
        assert!((1..100).all(|call| all.delay_after(call, Seed::default(), "c", "r") >= micro));
    }

    #[test]
    fn r8_3_it_calls_again_for_its_codes_while_calls_are_left() {
        let retry = retry(Delay::Fixed(seconds(1)), 0);
        assert!(retry.follows(Code::ThrottlingUser, 8));
        assert!(!retry.follows(Code::ThrottlingUser, 9), "9 calls in all");
        assert!(!retry.follows(Code::InternalError, 1));
        assert!(!retry.follows_failure(1));
    }
}
