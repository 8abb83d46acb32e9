//! Encryption: what the destination region and the key allow; and faults that are injected.

use super::{About, Exact, listed};
use crate::ids::RegionId;
use crate::service::codes::Code;
use crate::service::facts::{Among, InjectedFault, KeyState};

impl About<'_> {
    pub(super) fn no_keys_there(&self, region: RegionId) -> String {
        format!(
            "no key of one's own, such as `{}`, can be brought to {}; encrypt without naming a key, or name another \
             destination region",
            self.key(),
            self.region(region)
        )
    }

    pub(super) fn algorithm_not_offered(&self, region: RegionId) -> String {
        let offered: Vec<&str> = match &self.labels.facts.region(region).algorithms {
            Among::All => self.labels.algorithms.iter().map(String::as_str).collect(),
            Among::Only(some) => {
                let name = |place: u32| self.labels.algorithms.get(place as usize);
                some.iter().filter_map(|algorithm| name(algorithm.0)).map(String::as_str).collect()
            }
        };
        let region = self.region(region);
        format!(
            "{region} doesn't offer the algorithm `{}`; it offers {}",
            self.algorithm(),
            listed(offered.into_iter())
        )
    }

    pub(super) fn encrypted_by_default(&self, region: RegionId) -> String {
        let account = self.call.and_then(|call| call.account).map_or("?", |account| self.account(account));
        format!(
            "account `{account}` encrypts its disks in {} by default, and the copy of `{}` isn't encrypted; set \
             `encrypted` to true",
            self.region(region),
            self.image
        )
    }

    pub(super) fn key_not_authorized(&self) -> String {
        format!(
            "the service may not use the key `{}`; authorize it to, or name a key that it may use",
            self.key()
        )
    }

    pub(super) fn key_not_enabled(&self, state: KeyState) -> String {
        let state = match state {
            KeyState::PendingDeletion => "about to be deleted",
            state => state.name(),
        };
        format!("the key `{}` is {state}; only a key that is enabled can be used", self.key())
    }

    pub(super) fn key_not_taggable(&self) -> String {
        format!(
            "the service may not tag the key `{}`; allow it to, or name a key that it may tag",
            self.key()
        )
    }

    /// A data key that can't be made, or an error inside the service.
    pub(super) fn injected(&self, fault: usize) -> String {
        let what = match self.code {
            Code::InvalidParameterDataEncryptedKeyCreateFailed => {
                format!("no data key could be made from `{}` in {}", self.key(), self.to())
            }
            _ => format!("the service failed on the call for `{}`", self.image),
        };
        let found = self.labels.facts.faults.get(fault).map(|fault| (&fault.name, lasts(fault)));
        match found {
            Some((name, lasts)) => format!("{what}: that is the fault `{name}`, {lasts}"),
            None => what,
        }
    }
}

/// How to get past an injected fault.
fn lasts(fault: &InjectedFault) -> String {
    match (fault.probability, fault.span.until) {
        (Some(share), _) => format!("which {share} of such calls meet; call again"),
        (None, Some(until)) => format!("which lasts until {}; call again then", Exact(until)),
        (None, None) => "which lasts to the end; take it out of the scenario".to_owned(),
    }
}
