//! Between which regions data may go.

use std::collections::BTreeSet;

use super::About;
use crate::ids::RegionId;
use crate::service::facts::Among;

impl About<'_> {
    pub(super) fn copy_not_offered(&self, region: RegionId) -> String {
        let region = self.region(region);
        let role = if region == self.from() { "source" } else { "destination" };
        format!("{region} doesn't offer image copy; name another {role} region")
    }

    pub(super) fn same_region(&self, region: RegionId) -> String {
        format!(
            "a plain copy of `{}` into its own region {} changes nothing; encrypt it or name another region",
            self.image,
            self.region(region)
        )
    }

    pub(super) fn forbidden_pair(&self, from: RegionId, to: RegionId) -> String {
        format!(
            "regulations forbid copies from {} to {}; name another destination region",
            self.region(from),
            self.region(to)
        )
    }

    pub(super) fn may_not_leave(&self, region: RegionId) -> String {
        let region = self.region(region);
        format!("data may not leave {region}; `{}` can be copied within {region} only", self.image)
    }

    pub(super) fn not_accepted(&self, region: RegionId) -> String {
        // Within a region data needn't be accepted.
        let accepted = match &self.labels.facts.region(region).accepts_from {
            Among::Only(some) => some.iter().copied().filter(|from| *from != region).collect(),
            Among::All => BTreeSet::new(),
        };
        let accepted = match accepted.is_empty() {
            true => "no data of other regions".to_owned(),
            false => format!("data of {} only", self.regions(&accepted)),
        };
        format!(
            "{} takes {accepted}, and `{}` is in {}; name another destination region",
            self.region(region),
            self.image,
            self.from()
        )
    }
}
