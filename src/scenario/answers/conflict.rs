//! What stands in the way of a copy that is allowed as such: other copies, names, quotas, the limit of the
//! queue; and the end of a dry run.

use super::{About, Exact};
use crate::ids::{NameId, RegionId};
use crate::service::LimitReached;
use crate::service::codes::Code;
use crate::time::SimTime;

impl About<'_> {
    pub(super) fn locked(&self, until: SimTime) -> String {
        format!("`{}` is locked by an accepted call until {}; call again then", self.image, Exact(until))
    }

    pub(super) fn name_taken(&self, name: NameId, region: RegionId) -> String {
        format!(
            "the name `{}` is taken in {}; choose another one, or delete or cancel the image that has it",
            self.labels.name(name),
            self.region(region)
        )
    }

    pub(super) fn same_conflict_key(&self) -> String {
        format!(
            "`{}` is being copied by {} under the same conflict key; wait until that has ended",
            self.image,
            self.other()
        )
    }

    pub(super) fn quota_used(&self, region: RegionId, used: u64, needed: u64, quota: u64) -> String {
        let account = self.call.and_then(|call| call.account).map_or("?", |account| self.account(account));
        // A delete leaves the snapshots (R5.4).
        let (things, way_out) = match self.code {
            Code::QuotaExceedSnapshot => ("snapshots", "cancel a copy to there that isn't finished"),
            _ => ("images", "delete or cancel some there"),
        };
        format!(
            "account `{account}` has {used} of the {quota} {things} that it may have in {}, and the copy of `{}` needs \
             {needed} more; {way_out}, or raise the quota",
            self.region(region),
            self.image
        )
    }

    pub(super) fn limit_reached(&self, limit: LimitReached) -> String {
        let LimitReached { key, cap, max_queue, held, waiting } = limit;
        let counted =
            |count: u32, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        format!(
            "{} has {} and room for {}; {} held and {}; call again when one has ended",
            self.labels.slot(key),
            counted(cap, "slot", "slots"),
            counted(max_queue, "waiting copy", "waiting copies"),
            counted(held, "slot is", "slots are"),
            counted(waiting, "copy waits", "copies wait")
        )
    }

    pub(super) fn dry_run(&self) -> String {
        format!(
            "the call would be accepted now; make it without `dry_run` to copy `{}` to {}",
            self.image,
            self.to()
        )
    }
}
