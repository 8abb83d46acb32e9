//! Accounts with their users, keys and resource groups: who may do what.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::decode::{Attempt, Entries, Spanned};
use super::references::OneOrMany;
use crate::time::SimTime;

/// An account that makes calls and owns images. Nothing more needs to be said of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccountText {
    /// When a payment of it is overdue; calls are then refused as Account.Arrearage.
    #[schemars(extend("examples" = [[{ "from": "1h", "until": "2h" }]], "x-rule" = "R7.1"))]
    pub overdue: Vec<TimeSpanText>,
    /// Whether it has enabled KMS, without which nothing can be encrypted.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub kms_enabled: Option<bool>,
    /// Whether it has authorized the service to use KMS, without which nothing can be encrypted.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub kms_authorized: Option<bool>,
    /// Whether it is on the list of those who may encrypt with a key of their own.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub bring_your_own_key: Option<bool>,
    /// Regions in which its disks are encrypted by default, as ids or patterns: a copy to there must be encrypted.
    #[schemars(extend("examples" = [["us-*"]], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub default_encryption: Option<Spanned<OneOrMany<String>>>,
    /// Its RAM users, by name.
    #[schemars(extend("examples" = [{ "ci": { "images": ["web"] } }], "x-rule" = "R7.1"))]
    pub users: Entries<Attempt<UserText>>,
}

/// A RAM user of an account.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UserText {
    /// The images of the scenario that the user may act on, and no others: new images of copies neither. Without
    /// it: all images.
    #[schemars(extend("examples" = [["web", "fleet"]], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub images: Option<Vec<Spanned<String>>>,
    /// The resource groups that the user may act on; `default` is that of images put into no other. Without
    /// it: all groups.
    #[schemars(extend("examples" = [["production"]], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub resource_groups: Option<Vec<Spanned<String>>>,
}

/// From an instant until before another one.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TimeSpanText {
    /// The first instant.
    #[schemars(extend("default" = "0s", "examples" = ["1h"], "x-rule" = "R1.9"))]
    pub from: SimTime,
    /// The first instant after it. Without it: for good.
    #[schemars(extend("examples" = ["2h"], "x-rule" = "R1.9"))]
    pub until: Option<Spanned<SimTime>>,
}

/// A key of the key service (KMS).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeyText {
    /// Where it exists, as ids or patterns. Without it: everywhere.
    #[schemars(extend("examples" = [["us-*"]], "x-rule" = "R7.1"))]
    pub regions: Option<Spanned<OneOrMany<String>>>,
    /// Its state.
    #[schemars(extend("default" = "enabled", "examples" = ["disabled"], "x-rule" = "R7.1"))]
    pub state: Option<KeyStateText>,
    /// Whether the service may use it.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub authorized: Option<bool>,
    /// Whether the service may tag it.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R7.1", "x-basis" = "assumed"))]
    pub taggable: Option<bool>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyStateText {
    /// It can be used.
    Enabled,
    /// It can't be used now.
    Disabled,
    /// It is about to be deleted.
    PendingDeletion,
}

/// A resource group; nothing more needs to be said of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupText {}
