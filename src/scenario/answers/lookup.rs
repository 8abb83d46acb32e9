//! Whether what a call names is there.

use super::{About, listed};
use crate::ids::{AccountId, RegionId};
use crate::service::facts::Among;

impl About<'_> {
    pub(super) fn unknown_source_region(&self) -> String {
        no_region("source region", self.from())
    }

    pub(super) fn unknown_destination_region(&self) -> String {
        no_region("destination region", self.to())
    }

    pub(super) fn unknown_region(&self) -> String {
        no_region("region", self.region)
    }

    pub(super) fn unknown_image(&self, region: RegionId, account: AccountId) -> String {
        format!(
            "account `{}` has no image `{}` in {}; it may be elsewhere, of somebody else, not there yet, or gone",
            self.account(account),
            self.image,
            self.region(region)
        )
    }

    pub(super) fn unknown_group(&self) -> String {
        format!(
            "there is no resource group `{}`; name one that there is ({}), or none",
            self.group().unwrap_or("?"),
            listed(self.labels.groups.iter().map(String::as_str))
        )
    }

    pub(super) fn unknown_key(&self, region: RegionId) -> String {
        let (key, there) = (self.key(), self.region(region));
        let thing = self.details().and_then(|details| details.kms_key.as_ref()?.thing.known());
        match thing.map(|key| &self.labels.facts.key(key).regions) {
            Some(Among::Only(regions)) if !regions.is_empty() => format!(
                "there is no key `{key}` in {there}, only in {}; name a key of {there}",
                self.regions(regions)
            ),
            _ => format!("there is no key `{key}`; name a key of {there}"),
        }
    }

    pub(super) fn snapshot_gone(&self, snapshot: usize) -> String {
        format!(
            "snapshot {} of `{}` is gone; only an image whose snapshots exist can be copied",
            snapshot + 1,
            self.image
        )
    }
}

fn no_region(what: &str, name: &str) -> String {
    format!("the service has no {what} `{name}`; name one of the scenario's regions")
}
