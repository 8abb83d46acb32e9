//! Client tokens that are bound, and how many calls were made in the present window (R7.2, R7.3).

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::calls::{CopyImage, Parameters};
use crate::ids::{AccountId, ImageId, Named, RegionId, RequestKey, Token};
use crate::time::{SimDuration, SimTime};

/// Whose a token is: accounts and source regions have tokens of their own.
type TokenKey = (AccountId, RegionId, Token);

/// The accepted call that binds a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The request whose call it was.
    pub request: RequestKey,
    /// Which of its calls it was.
    pub attempt: u32,
    /// The image that was its answer.
    pub product: ImageId,
    source: ImageId,
    to: RegionId,
    parameters: Parameters,
    until: SimTime,
}

impl Binding {
    /// The first parameter in which a call differs from the one that binds its token.
    pub fn difference(&self, call: &CopyImage) -> Option<&'static str> {
        let (mine, other) = (&self.parameters, &call.parameters);
        let differs = [
            ("ImageId", Named::Known(self.source) != call.image),
            (
                "DestinationRegionId",
                mine.has_destination != other.has_destination || Named::Known(self.to) != call.to,
            ),
            ("DestinationImageName", mine.name != other.name),
            ("Encrypted", mine.encrypted != other.encrypted),
            ("another parameter", mine.details != other.details),
        ];
        differs.into_iter().find(|(_, differs)| *differs).map(|(parameter, _)| parameter)
    }
}

/// All tokens in their life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    bound: FxHashMap<TokenKey, Binding>,
    /// All lives have one length, so they end in the order in which they begin.
    ends: VecDeque<(SimTime, TokenKey)>,
}

impl Tokens {
    /// The call that binds the token of this one; at the end of its life it is free again (R1.9).
    pub fn bound(&self, now: SimTime, call: &CopyImage) -> Option<&Binding> {
        let key = (call.account()?, call.from.known()?, call.token?);
        self.bound.get(&key).filter(|binding| now < binding.until)
    }

    /// Whether any token is bound.
    pub fn are_bound(&self) -> bool {
        !self.ends.is_empty()
    }

    /// An accepted call binds its token, which is free.
    pub fn bind(&mut self, key: TokenKey, binding: Binding) {
        self.ends.push_back((binding.until, key));
        self.bound.insert(key, binding);
    }

    /// Lets go of a token whose life is over by now, if there is one left, and gives the image that it
    /// answered with.
    pub fn expire(&mut self, now: SimTime) -> Option<ImageId> {
        let (until, key) = *self.ends.front()?;
        if until > now {
            return None;
        }
        self.ends.pop_front();
        self.bound.remove(&key).map(|binding| binding.product)
    }
}

impl Binding {
    pub fn new(call: &CopyImage, source: ImageId, product: ImageId, to: RegionId, until: SimTime) -> Self {
        Self {
            request: call.request,
            attempt: call.attempt,
            product,
            source,
            to,
            parameters: call.parameters,
            until,
        }
    }
}

/// The length of a window of the rate limit (R7.2).
pub const WINDOW: SimDuration = SimDuration::from_seconds(60);

/// CopyImage calls of each account in each source region, in the last window in which it made any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallCounts(FxHashMap<(AccountId, Named<RegionId>), (u64, u32)>);

impl CallCounts {
    /// Calls made in the window of `now`.
    pub fn in_window(&self, now: SimTime, account: AccountId, region: Named<RegionId>) -> u32 {
        match self.0.get(&(account, region)) {
            Some((window, calls)) if *window == window_of(now) => *calls,
            _ => 0,
        }
    }

    /// One more call is made.
    pub fn count(&mut self, now: SimTime, account: AccountId, region: Named<RegionId>) {
        let (window, calls) = self.0.entry((account, region)).or_default();
        if *window != window_of(now) {
            (*window, *calls) = (window_of(now), 0);
        }
        *calls = calls.saturating_add(1);
    }
}

fn window_of(now: SimTime) -> u64 {
    now.micros() / WINDOW.micros()
}

/// The end of the window of `now`.
pub fn window_end(now: SimTime) -> SimTime {
    let end = (window_of(now) + 1).saturating_mul(WINDOW.micros());
    SimTime::from_micros(end).unwrap_or(SimTime::MAX)
}
