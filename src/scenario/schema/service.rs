//! `service`: the settings of the simulated service.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::decode::Spanned;
use super::super::settings::{DEFAULT_ALGORITHMS, DEFAULT_CAP};
use super::super::values::RateLimitText;
use crate::quantity::{Bytes, Fraction};
use crate::time::SimDuration;

/// Limits as they are elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServicePresetText {
    /// As AWS copies machine images: 20 at once into a destination, and more are rejected.
    AwsImages,
    /// As AWS copied snapshots: 5 at once into a destination, and more are rejected.
    AwsSnapshots,
    /// As Huawei Cloud copies images: 5 at once for each account.
    HuaweiImages,
    /// As older pages of this service's vendor say: 1 at once.
    OldCap,
}

/// What holds in every region unless the region says otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceText {
    /// Copies that may run at once, the rest are queued. Older pages of the vendor say 1.
    #[schemars(extend("default" = DEFAULT_CAP, "examples" = [5, 20], "x-rule" = "R2.2", "x-basis" = "documented"))]
    pub cap: Option<u32>,
    /// Whose slots a copy holds, and so what `cap` counts.
    #[schemars(extend("default" = "source", "examples" = ["source", "both"], "x-rule" = "R2.3", "x-basis" = "assumed"))]
    pub cap_scope: Option<CapScopeText>,
    /// Whether each account has slots of its own.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R2.3", "x-basis" = "assumed"))]
    pub cap_per_account: Option<bool>,
    /// The order in which waiting copies start.
    #[schemars(extend("default" = "fifo", "examples" = ["priority"], "x-rule" = "R2.4", "x-basis" = "documented"))]
    pub queue: Option<QueueText>,
    /// Whether a waiting copy starts only when it is first in line at each of its slots' owners. Else a copy behind
    /// one that can't start yet goes ahead if it can. It makes a difference where copies hold two slots
    /// (`"cap_scope": "both"`).
    #[schemars(extend("default" = false, "examples" = [true], "x-rule" = "R2.4", "x-basis" = "assumed"))]
    pub head_of_line_blocking: Option<bool>,
    /// What happens to a call when all slots are taken.
    #[schemars(extend("default" = "queue", "examples" = ["reject"], "x-rule" = "R2.5", "x-basis" = "assumed"))]
    pub over_limit: Option<OverLimitText>,
    /// Copies that may wait beyond the slots, for each owner of slots: a call is refused when slots held and copies
    /// waiting are as many as the cap and this together. So slots held beyond a lowered cap take room, and so do
    /// copies that wait for another owner's. Without it any number may wait.
    #[schemars(extend("examples" = [100], "x-rule" = "R2.5", "x-basis" = "assumed"))]
    pub max_queue: Option<Spanned<u32>>,
    /// What two unfinished copies may not have in common; a call for a second one is refused.
    #[schemars(extend(
        "default" = "image+destination", "examples" = ["image"], "x-rule" = "R6.1", "x-basis" = "assumed"
    ))]
    pub conflict_key: Option<ConflictKeyText>,
    /// How long an accepted call locks its source image against every other call.
    #[schemars(extend("default" = "0s", "examples" = ["10s"], "x-rule" = "R6.3", "x-basis" = "assumed"))]
    pub request_lock: Option<SimDuration>,
    /// A plain (not encrypting) copy of an own image into its own region.
    #[schemars(extend(
        "default" = "refused", "examples" = ["allowed"], "x-rule" = "R7.6", "x-basis" = "assumed"
    ))]
    pub same_region_plain: Option<PermissionText>,
    /// CopyImage calls that an account may make in a source region in each minute of the simulated clock, whatever
    /// their answers, or `off`. More are refused as Throttling.User until the minute is over.
    #[schemars(extend("default" = 1000, "examples" = ["off", 100], "x-rule" = "R7.2", "x-basis" = "documented"))]
    pub rate_limit: Option<RateLimitText>,
    /// How long an accepted call binds its client token.
    #[schemars(extend("default" = "1d", "examples" = ["1h"], "x-rule" = "R7.3", "x-basis" = "assumed"))]
    pub token_life: Option<SimDuration>,
    /// Images that an account may have in a region. Without it any number.
    #[schemars(extend("examples" = [100], "x-rule" = "R7.7", "x-basis" = "assumed"))]
    pub images_quota: Option<u64>,
    /// Snapshots that copies of an account may have in a region: each uses as many as its image has disks. Without
    /// it any number.
    #[schemars(extend("examples" = [200], "x-rule" = "R7.7", "x-basis" = "assumed"))]
    pub snapshots_quota: Option<u64>,
    /// The largest image that can be copied. Without it any can.
    #[schemars(extend("examples" = ["500GiB"], "x-rule" = "R7.8", "x-basis" = "assumed"))]
    pub max_image_size: Option<Bytes>,
    /// The names of encryption algorithms that the service knows at all; a region may offer fewer.
    #[schemars(extend(
        "default" = DEFAULT_ALGORITHMS, "examples" = [["aes-256"]], "x-rule" = "R7.8", "x-basis" = "assumed"
    ))]
    pub encrypt_algorithms: Option<Vec<Spanned<String>>>,
    /// Encrypting a plain image while it is copied to another region.
    #[schemars(extend(
        "default" = "allowed", "examples" = ["refused"], "x-rule" = "R7.8", "x-basis" = "assumed"
    ))]
    pub encrypt_across_regions: Option<PermissionText>,
    /// What CancelCopyImage can do.
    #[schemars(extend("examples" = [{ "drain": "30s" }], "x-rule" = "R5.2"))]
    pub cancel: Option<CancelText>,
    /// The limits of a service that is like another cloud's, or like this one's was: values of `cap`, `cap_scope`,
    /// `cap_per_account` and `over_limit` where these keys don't say others.
    #[schemars(extend("examples" = ["aws_images"], "x-rule" = "R2.2"))]
    pub preset: Option<ServicePresetText>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CapScopeText {
    /// A slot of the source region.
    Source,
    /// A slot of the destination region.
    Destination,
    /// A slot of each of the two; a copy within one region holds one.
    Both,
    /// A slot of the ordered pair of regions; its cap is that of the link, else of the source region.
    Pair,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueText {
    /// First accepted, first started.
    Fifo,
    /// The smallest `priority` of the copies first, which is 0 where none is written; equal ones by acceptance. A
    /// running copy is never interrupted.
    Priority,
    /// The smallest image first, equal ones by acceptance. A copy of an image without a `size` comes after all
    /// with one.
    ShortestFirst,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverLimitText {
    /// The copy waits, at most `max_queue` of them.
    Queue,
    /// The call is refused as ResourceLimitExceeded.
    Reject,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub enum ConflictKeyText {
    /// The source image and the destination region.
    #[serde(rename = "image+destination")]
    ImageAndDestination,
    /// The source image, whatever the destination.
    #[serde(rename = "image")]
    Image,
    /// Nothing: there are no conflicts.
    #[serde(rename = "off")]
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PermissionText {
    /// It is done.
    Allowed,
    /// The call is refused.
    Refused,
}

/// What CancelCopyImage can do.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CancelText {
    /// Cancelling a copy that is still queued; where refused, as IncorrectImageStatus.
    #[schemars(extend(
        "default" = "allowed", "examples" = ["refused"], "x-rule" = "R5.2", "x-basis" = "assumed"
    ))]
    pub queued: Option<PermissionText>,
    /// The share of the progress from which on a running copy can't be cancelled any more. Without it, never.
    #[schemars(extend("examples" = [0.95], "x-rule" = "R5.2", "x-basis" = "assumed"))]
    pub point_of_no_return: Option<Fraction>,
    /// How long the slot stays held after the cancel of a running copy.
    #[schemars(extend("default" = "0s", "examples" = ["30s"], "x-rule" = "R5.2", "x-basis" = "assumed"))]
    pub drain: Option<SimDuration>,
}

impl ServiceText {
    /// The same with what its preset stands for in the place of keys that aren't written.
    #[must_use]
    pub fn with_preset(self) -> Self {
        let (cap, scope, over_limit) = match self.preset {
            None => return self,
            Some(ServicePresetText::AwsImages) => {
                (20, CapScopeText::Destination, Some(OverLimitText::Reject))
            }
            Some(ServicePresetText::AwsSnapshots) => {
                (5, CapScopeText::Destination, Some(OverLimitText::Reject))
            }
            Some(ServicePresetText::HuaweiImages) => (5, CapScopeText::Source, None),
            Some(ServicePresetText::OldCap) => (1, CapScopeText::Source, None),
        };
        Self {
            cap: self.cap.or(Some(cap)),
            cap_scope: self.cap_scope.or(Some(scope)),
            cap_per_account: self.cap_per_account.or(Some(true)),
            over_limit: self.over_limit.or(over_limit.filter(|_| self.max_queue.is_none())),
            ..self
        }
    }
}
