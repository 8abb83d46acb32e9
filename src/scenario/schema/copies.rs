//! What CopyImage calls say: of a listed copy, of an arrival, of the rows of a trace.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::decode::Spanned;
use super::super::names::NAME_PATTERN;
use super::super::values::ExpectText;
use super::choice::{ChoiceText, PriorityText};
use super::distributions::DrawnText;
use super::json::{NAME_FORM, TEMPLATE_FORM, TEMPLATE_PATTERN};
use super::places::CopyTimeText;
use super::references::{ImageRef, NameRef, OneOrMany, RegionRef};
use super::requests::{AlreadyText, FailText, TimeoutText};
use super::together::{excludes, one_is_needed};
use crate::quantity::Bytes;
use crate::service::form::MAX_TAGS;
use crate::time::{SimDuration, SimTime};

/// Makes a type of keys of its own and those that every CopyImage call has: the parameters of the vendor's page
/// in its words, and what the simulation has to know.
macro_rules! with_parameters {
    ($(#[$about:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $(#[$about])*
        pub struct $name {
            $($own)*
            /// The region that is named as the source; without it the region of the image.
            #[schemars(extend("examples" = ["cn-hangzhou"], "x-rule" = "R7.9"))]
            pub from: Option<Spanned<RegionRef>>,
            /// The description of the new image, of 2 to 256 characters.
            #[schemars(extend("examples" = ["The golden image of November."], "x-rule" = "R7.5"))]
            pub description: Option<String>,
            /// Whether the new image is encrypted; such a copy may go to its own region. Written as `false` is not
            /// the same to the service as not written.
            #[schemars(extend("default" = false, "examples" = [true], "x-rule" = "R7.6"))]
            pub encrypted: Option<bool>,
            /// The key to encrypt with, one of `kms_keys`.
            #[schemars(extend("examples" = ["golden"], "x-rule" = "R7.9"))]
            pub kms_key: Option<Spanned<NameRef>>,
            /// The algorithm to encrypt with.
            #[schemars(extend("examples" = ["aes-256"], "x-rule" = "R7.8"))]
            pub encrypt_algorithm: Option<Spanned<NameRef>>,
            /// The resource group of the new image; without it `default`.
            #[schemars(extend("examples" = ["production"], "x-rule" = "R7.9"))]
            pub resource_group: Option<Spanned<NameRef>>,
            /// Tags of the new image.
            #[schemars(extend(
                "maxItems" = MAX_TAGS, "examples" = [[{ "key": "team", "value": "web" }]], "x-rule" = "R7.5"
            ))]
            pub tags: Option<Spanned<Vec<Spanned<TagText>>>>,
            /// Whether the call only asks what would be answered: nothing is made, and where nothing is in the way
            /// the answer is DryRunOperation.
            #[schemars(extend("default" = false, "examples" = [true], "x-rule" = "R7.4"))]
            pub dry_run: Option<bool>,
            /// The client token, at most 64 ASCII characters; `{image}`, `{from}`, `{to}` and `{request}` are filled
            /// in, but in a trace, where a column has the token of each row. A second call with a token gets the first
            /// answer again.
            #[schemars(extend(
                "pattern" = TEMPLATE_PATTERN, "patternErrorMessage" = TEMPLATE_FORM,
                "examples" = ["release-{to}"], "x-rule" = "R7.3"
            ))]
            pub client_token: Option<Spanned<String>>,
            /// Who asks; without it the owner of the image.
            #[schemars(extend("examples" = ["web"], "x-rule" = "R2.3"))]
            pub account: Option<Spanned<String>>,
            /// The RAM user of the account who asks; without it the account itself, which may do everything.
            #[schemars(extend("examples" = ["ci"], "x-rule" = "R7.1"))]
            pub user: Option<Spanned<String>>,
            /// Whether the copy can be cancelled.
            #[schemars(extend("default" = true, "examples" = [false], "x-rule" = "R5.2", "x-basis" = "assumed"))]
            pub cancellable: Option<bool>,
            /// Which of the waiting copies start first if `queue` is `priority`: the smallest number, which may be
            /// below zero. It is no parameter of the vendor's call, and so says nothing to client tokens.
            /// Arrivals may take one of several: `{ "in_turn": [0, 1] }` or `{ "one_of": { "0": 9, "-1": 1 } }`.
            #[schemars(extend(
                "default" = 0, "examples" = [-1, { "one_of": { "0": 9, "-1": 1 } }], "x-rule" = "R2.4"
            ))]
            pub priority: Option<Spanned<PriorityText>>,
            /// How long each copy takes once it runs, whatever is said elsewhere.
            #[schemars(extend(
                "examples" = ["35m", { "exponential": { "mean": "10m" } }], "x-rule" = "R4.1"
            ))]
            pub duration: Option<Spanned<DrawnText<SimDuration>>>,
            /// How long each copy takes, in parts.
            #[schemars(extend("examples" = [{ "throughput": "8MiB/s" }], "x-rule" = "R4.1"))]
            pub copy_time: Option<Spanned<CopyTimeText>>,
            /// Lets every copy fail, or some of them.
            #[schemars(extend("examples" = [{ "at": 0.5 }, { "probability": 0.02 }], "x-rule" = "R4.3"))]
            pub fail: Option<Spanned<FailText>>,
            /// Whose request it is: one of `clients`.
            #[schemars(extend("examples" = ["pipeline"], "x-rule" = "R8.1"))]
            pub client: Option<Spanned<String>>,
            /// How long the client waits for each copy, and what it does then, whatever is said of the client.
            #[schemars(extend(
                "examples" = [{ "after": "1h", "then": "cancel" }], "x-rule" = "R8.2"
            ))]
            pub timeout: Option<Spanned<TimeoutText>>,
            /// How long each new image is kept: DeleteImage is called once, so long after it became Available. These
            /// calls keep no run going: when no other work is left, it ends.
            #[schemars(extend("examples" = ["30d"], "x-rule" = "R5.4"))]
            pub retention: Option<SimDuration>,
        }

        impl $name {
            /// What every call says.
            pub fn parameters(&self) -> ParametersText<'_> {
                ParametersText {
                    from: self.from.as_ref(),
                    description: self.description.as_deref(),
                    encrypted: self.encrypted,
                    kms_key: self.kms_key.as_ref(),
                    encrypt_algorithm: self.encrypt_algorithm.as_ref(),
                    resource_group: self.resource_group.as_ref(),
                    tags: self.tags.as_ref(),
                    dry_run: self.dry_run.unwrap_or(false),
                    client_token: self.client_token.as_ref(),
                    account: self.account.as_ref(),
                    user: self.user.as_ref(),
                    cancellable: self.cancellable.unwrap_or(true),
                    priority: self.priority.as_ref(),
                    duration: self.duration.as_ref(),
                    copy_time: self.copy_time.as_ref(),
                    fail: self.fail.as_ref(),
                    client: self.client.as_ref(),
                    timeout: self.timeout.as_ref(),
                    retention: self.retention,
                }
            }
        }
    };
}

/// What every CopyImage call says, wherever it is written.
#[derive(Clone, Copy, Debug)]
pub struct ParametersText<'a> {
    pub from: Option<&'a Spanned<RegionRef>>,
    pub description: Option<&'a str>,
    pub encrypted: Option<bool>,
    pub kms_key: Option<&'a Spanned<NameRef>>,
    pub encrypt_algorithm: Option<&'a Spanned<NameRef>>,
    pub resource_group: Option<&'a Spanned<NameRef>>,
    pub tags: Option<&'a Spanned<Vec<Spanned<TagText>>>>,
    pub dry_run: bool,
    pub client_token: Option<&'a Spanned<String>>,
    pub account: Option<&'a Spanned<String>>,
    pub user: Option<&'a Spanned<String>>,
    pub cancellable: bool,
    pub priority: Option<&'a Spanned<PriorityText>>,
    pub duration: Option<&'a Spanned<DrawnText<SimDuration>>>,
    pub copy_time: Option<&'a Spanned<CopyTimeText>>,
    pub fail: Option<&'a Spanned<FailText>>,
    pub client: Option<&'a Spanned<String>>,
    pub timeout: Option<&'a Spanned<TimeoutText>>,
    pub retention: Option<SimDuration>,
}

with_parameters! {
    /// CopyImage, for one or more images and destinations.
    #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields, default)]
    #[schemars(extend(
        "allOf" = [
            excludes("already", &["at", "after", "delay", "anonymous", "client_token", "client", "dry_run", "expect", "timeout"]),
            excludes("duration", &["copy_time"]),
            excludes("anonymous", &["account", "user"]),
        ],
        "dependencies" = { "delay": ["after"] },
    ))]
    pub struct CopyText {
        /// What it is called: its copies are `release@us-east-1`, or `release:web@us-east-1` with several images.
        #[schemars(extend(
            "pattern" = NAME_PATTERN, "patternErrorMessage" = NAME_FORM, "examples" = ["release"], "x-rule" = "R3.4"
        ))]
        pub id: Option<Spanned<String>>,
        /// When the calls are made. With `after` too: not before this.
        #[schemars(extend("default" = "0s", "examples" = ["30m"], "x-rule" = "R1.4"))]
        pub at: Option<Spanned<SimTime>>,
        /// Set for copies that were accepted before the run begins: what they do when it begins. They are there
        /// before anything else, the running ones first, in the order of the file. They hold slots and places in
        /// queues, but figures of requests leave them out.
        #[schemars(extend("examples" = ["queued", { "running": { "remaining": "12m" } }], "x-rule" = "R9.4"))]
        pub already: Option<Spanned<AlreadyText>>,
        /// Copies that must be Available first: all of a request (`canary`) or one (`canary@us-east-1`). If one of
        /// them fails or is refused or cancelled, this is skipped.
        #[schemars(extend("examples" = ["canary", ["hubs@cn-beijing"]], "x-rule" = "R3.3"))]
        pub after: Option<Spanned<OneOrMany<String>>>,
        /// Time between that and the calls.
        #[schemars(extend("default" = "0s", "examples" = ["30m"], "x-rule" = "R3.3"))]
        pub delay: Option<Spanned<SimDuration>>,
        /// What is copied. Without it: the product of the one copy that this waits for.
        #[schemars(extend("examples" = ["web-base", ["web", "api"]], "x-rule" = "R8.4"))]
        pub image: Option<Spanned<OneOrMany<ImageRef>>>,
        /// Where to: a region, a list, a pattern such as `cn-*`, or `all-others`. Without it: the source region. Calls
        /// are made image by image, and for each in the order of this list; those of a pattern by the region's id. A
        /// pattern and a list leave the source region out, unless the copy is encrypted.
        #[schemars(extend("examples" = ["us-east-1", "all-others", ["cn-*", "us-east-1"]], "x-rule" = "R8.4"))]
        pub to: Option<Spanned<OneOrMany<RegionRef>>>,
        /// The name of the new images, in which `{image}`, `{from}`, `{to}` and `{request}` are filled in. Without
        /// it the service makes one.
        #[schemars(extend(
            "pattern" = TEMPLATE_PATTERN, "patternErrorMessage" = TEMPLATE_FORM,
            "examples" = ["golden-{image}-{to}"], "x-rule" = "R6.4"))]
        pub name: Option<Spanned<String>>,
        /// Whether the calls carry no account at all (InvalidAliUid.IsNull).
        #[schemars(extend("default" = false, "examples" = [true], "x-rule" = "R7.1"))]
        pub anonymous: Option<bool>,
        /// What each of the calls must be answered with: `accepted`, `replayed` or an error code. Another answer, or none,
        /// fails the run and `copysim check`.
        #[schemars(extend("examples" = ["accepted", "InvalidImageName.Duplicated"], "x-rule" = "R7.1"))]
        pub expect: Option<Spanned<ExpectText>>,
    }
}

with_parameters! {
    /// What each arrival asks for.
    #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields, default)]
    #[schemars(extend("allOf" = [
        excludes("image", &["size"]), excludes("duration", &["copy_time"]), one_is_needed(&["image", "from"])
    ]))]
    pub struct ArrivalCopyText {
        /// Images that arrivals take in turn, or one that is drawn each time: `{ "one_of": ["web", "api"] }`, or by
        /// weights `{ "one_of": { "web": 3, "api": 1 } }`, where the images of a group share its weight. Without it
        /// each arrival brings a new image along, in `from`.
        #[schemars(extend(
            "examples" = ["fleet", { "one_of": { "web": 3, "api": 1 } }], "x-rule" = "R8.4"
        ))]
        pub image: Option<Spanned<ChoiceText<ImageRef>>>,
        /// The size of the image that an arrival brings along.
        #[schemars(extend(
            "examples" = ["20GiB", { "log_normal": { "median": "40GiB", "sigma": 0.4 } }], "x-rule" = "R4.1"
        ))]
        pub size: Option<Spanned<DrawnText<Bytes>>>,
        /// Where to: a region, a list, a pattern such as `cn-*`, or `all-others`; each arrival copies to all of them.
        /// With `{ "in_turn": [...] }` it copies to one after the other (to the next when images in turn have come
        /// round), and with `{ "one_of": [...] }`, or by weights
        /// `{ "one_of": { "us-east-1": 3, "eu-*": 1 } }`, to one that is drawn; the most particular name that means a
        /// region says its weight.
        #[schemars(extend("examples" = [
            "us-east-1", ["us-east-1", "eu-central-1"], { "one_of": { "us-east-1": 3, "eu-central-1": 1 } }
        ], "x-rule" = "R8.4"))]
        pub to: Option<Spanned<ChoiceText<RegionRef>>>,
    }
}

with_parameters! {
    /// What holds for every row of a trace that doesn't say otherwise.
    #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields, default)]
    pub struct TraceCopyText {
        /// The image that rows copy. Without it each row brings a new image along, in `from`.
        #[schemars(extend("examples" = ["web-base"], "x-rule" = "R8.4"))]
        pub image: Option<Spanned<ImageRef>>,
        /// The size of the image that a row brings along.
        #[schemars(extend("examples" = ["20GiB"], "x-rule" = "R4.1"))]
        pub size: Option<Spanned<Bytes>>,
        /// The destination; without it the source region.
        #[schemars(extend("examples" = ["us-east-1"], "x-rule" = "R7.6"))]
        pub to: Option<Spanned<RegionRef>>,
    }
}

/// A tag of a new image.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TagText {
    /// Of 1 to 128 characters, and of no other tag.
    #[schemars(extend("examples" = ["team"], "x-rule" = "R7.5"))]
    pub key: Spanned<String>,
    /// Of at most 128 characters.
    #[schemars(extend("default" = "", "examples" = ["web"], "x-rule" = "R7.5"))]
    pub value: Option<Spanned<String>>,
}
