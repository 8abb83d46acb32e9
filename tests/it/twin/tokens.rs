//! Calls that are made once too often: the rate limit (R7.2), client tokens (R7.3).

use super::*;

/// R7.2: [0 s, 60 s), [60 s, 120 s)...
const WINDOW_US: u64 = 60_000_000;

/// R7.3: what a call asks for, but for its token. What isn't given differs from everything that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    /// `None`: an id that is no image's.
    image: Option<Image>,
    to: Option<Place>,
    name: Option<&'static str>,
    encrypted: Option<bool>,
}

impl Twin<'_> {
    /// R7.2: whether an account made the allowed number of calls in this window and source region before.
    pub(super) fn is_throttled(&self, account: usize, from: Place) -> bool {
        let window = self.now / WINDOW_US;
        let mut made = 0;
        for &(at, by, to) in &self.copy_calls {
            if at / WINDOW_US == window && by == account && to == from {
                made += 1;
            }
        }
        self.world.settings.rate_limit.is_some_and(|limit| made >= limit)
    }

    /// The image whose id a call names, whether or not it is there. R5.3: a copy that wasn't sent or was
    /// refused has none.
    pub(super) fn id(&self, target: Target) -> Option<Image> {
        match target {
            Target::Unknown => None,
            Target::Put(i) => Some(Image::Put(i)),
            Target::ProductOf(op) => self.job_of(op).map(Image::Product),
        }
    }

    pub(super) fn parameters(&self, call: &CopyCall) -> Parameters {
        let (image, to) = (self.id(call.image), call.to);
        Parameters { image, to, name: call.written_name(), encrypted: call.encrypted }
    }

    /// R7.3: the job whose call bound the token of this one, if it has one and that is in its life.
    pub(super) fn first_with_token_of(&self, call: &CopyCall, account: usize) -> Option<usize> {
        let life = self.world.settings.token_life_us;
        self.jobs.iter().position(|job| {
            let same_scope = job.account == account && Place::Region(job.from) == call.from;
            let is_bound = !job.already && self.now - job.accepted < life;
            call.token.is_some() && job.token == call.token && same_scope && is_bound
        })
    }
}
