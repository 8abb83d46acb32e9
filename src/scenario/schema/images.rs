//! Images that are there at the start.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::decode::Spanned;
use super::super::values::DayText;
use super::distributions::DrawnText;
use super::places::CopyTimeText;
use super::references::OneOrMany;
use super::together::excludes;
use crate::quantity::Bytes;
use crate::time::SimTime;

/// An image that is there at the start, or a group of equal ones.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("allOf" = [excludes("snapshots", &["disks"])]))]
pub struct ImageText {
    /// Where it is.
    #[schemars(extend("examples" = ["cn-hangzhou"]))]
    pub region: Spanned<String>,
    /// Its size, or how the size of each of a group is drawn; needed unless its copies have a `duration`.
    #[schemars(extend(
        "examples" = ["40GiB", { "log_normal": { "median": "40GiB", "sigma": 0.4 } }], "x-rule" = "R4.1"
    ))]
    pub size: Option<Spanned<DrawnText<Bytes>>>,
    /// A group of so many images: `fleet` with 30 is `fleet-1` to `fleet-30`. A copy of the group copies all.
    #[schemars(extend("examples" = [30], "x-rule" = "R8.4"))]
    pub count: Option<Spanned<u32>>,
    /// The account that owns it; needed where there are several accounts. Only of an image with the owner `self`.
    #[schemars(extend("examples" = ["web"], "x-rule" = "R2.3"))]
    pub account: Option<Spanned<String>>,
    /// Its name in its region, which no other image of the account may have there.
    #[schemars(extend("examples" = ["golden-1"], "x-rule" = "R6.4"))]
    pub name: Option<Spanned<String>>,
    /// Whose it is: of an account of the scenario, or of somebody else who shares, publishes or sells it.
    #[schemars(extend("default" = "self", "examples" = ["shared", "community"], "x-rule" = "R7.1"))]
    pub owner: Option<Spanned<OwnerText>>,
    /// The accounts that it is shared with; of an image with the owner `shared`, without it: all. They can copy
    /// it within its region.
    #[schemars(extend("examples" = [["data"]], "x-rule" = "R7.1"))]
    pub shared_with: Option<Vec<Spanned<String>>>,
    /// Its status at the start.
    #[schemars(extend("default" = "Available", "examples" = ["Creating"], "x-rule" = "R6.2"))]
    pub status: Option<StatusText>,
    /// Later values of the status.
    #[schemars(extend("examples" = [[{ "at": "1h", "status": "Available" }]], "x-rule" = "R6.2"))]
    #[serde(default)]
    pub status_changes: Vec<StatusChangeText>,
    /// The format of its data; a VHD image can't be copied.
    #[schemars(extend("default" = "raw", "examples" = ["vhd"], "x-rule" = "R7.1"))]
    pub format: Option<FormatText>,
    /// Whether it is a CloudBox image, which can't be copied.
    #[schemars(extend("default" = false, "examples" = [true], "x-rule" = "R7.1"))]
    pub cloud_box: Option<bool>,
    /// Whether its snapshots are encrypted; its copies then must be too.
    #[schemars(extend("default" = false, "examples" = [true], "x-rule" = "R7.1"))]
    pub encrypted: Option<bool>,
    /// Disks, each with a snapshot.
    #[schemars(extend("default" = 1, "examples" = [3], "x-rule" = "R7.7"))]
    pub disks: Option<Spanned<u32>>,
    /// The snapshots of its disks, where something is to be said of them.
    #[schemars(extend("examples" = [[{ "created": "2013-07-14" }]], "x-rule" = "R7.1"))]
    pub snapshots: Option<Spanned<Vec<SnapshotText>>>,
    /// Whether copies of it can be cancelled.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R5.2", "x-basis" = "assumed"))]
    pub cancellable: Option<bool>,
    /// How long copies of it take.
    #[schemars(extend("examples" = [{ "duration": "35m" }], "x-rule" = "R4.1"))]
    pub copy_time: Option<Spanned<CopyTimeText>>,
}

/// Whose an image is.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnerText {
    /// A custom image of `account`.
    #[serde(rename = "self")]
    Own,
    /// A custom image that an account outside of the scenario shares.
    Shared,
    /// A community image, which everybody sees and nobody can copy.
    Community,
    /// A product of the marketplace.
    Marketplace(MarketplaceText),
}

/// A product of the marketplace, with where and for whom it can be copied.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MarketplaceText {
    /// Regions in which it is published, as ids or patterns. Without it: all.
    #[schemars(extend("examples" = [["cn-*"]], "x-rule" = "R7.1"))]
    pub published: Option<Spanned<OneOrMany<String>>>,
    /// Accounts that may use it. Without it: all.
    #[schemars(extend("examples" = [["web"]], "x-rule" = "R7.1"))]
    pub authorized: Option<Vec<Spanned<String>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum StatusText {
    /// It can be copied.
    Available,
    /// It is still being made.
    Creating,
    /// It waits to be made.
    Waiting,
    /// It can't be used.
    UnAvailable,
    /// It could not be made.
    CreateFailed,
    /// It is phased out.
    Deprecated,
}

/// A change of the status.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusChangeText {
    /// When, from the start of the run.
    #[schemars(extend("examples" = ["1h"], "x-rule" = "R1.9"))]
    pub at: Spanned<SimTime>,
    /// The status from then on.
    #[schemars(extend("examples" = ["Deprecated"], "x-rule" = "R6.2"))]
    pub status: StatusText,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormatText {
    /// Raw data.
    Raw,
    /// VHD.
    Vhd,
}

/// A snapshot of an image.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SnapshotText {
    /// The day on which it was made; from before 2013-07-15 it can't be copied.
    #[schemars(extend("examples" = ["2013-07-14"], "x-rule" = "R7.1"))]
    pub created: Option<DayText>,
    /// Whether it still exists.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R7.1"))]
    pub exists: Option<bool>,
    /// Whether images may be made of it.
    #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R7.1"))]
    pub makes_images: Option<bool>,
}
