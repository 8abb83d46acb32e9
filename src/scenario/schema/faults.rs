//! Faults that are injected into the service.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::decode::Spanned;
use super::references::OneOrMany;
use crate::quantity::Fraction;
use crate::time::SimTime;

/// A fault of the service that calls meet after all other checks, or where a data key is made.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FaultText {
    /// The operation that fails.
    #[schemars(extend("default" = "CopyImage", "examples" = ["CancelCopyImage"], "x-rule" = "R7.8"))]
    pub operation: Option<Spanned<OperationText>>,
    /// What the calls are answered with.
    #[schemars(extend("default" = "InternalError", "examples" = ["InternalError"], "x-rule" = "R7.8"))]
    pub code: Option<Spanned<FaultCodeText>>,
    /// The share of calls that meet it, drawn for each. Without it: all.
    #[schemars(extend("examples" = [0.05], "x-rule" = "R7.8"))]
    pub probability: Option<Fraction>,
    /// The requests whose calls can meet it. Without it: all.
    #[schemars(extend("examples" = ["release@us-east-1", ["release", "hotfix"]], "x-rule" = "R7.8"))]
    pub requests: Option<Spanned<OneOrMany<String>>>,
    /// The first instant at which it can be met.
    #[schemars(extend("default" = "0s", "examples" = ["1h"], "x-rule" = "R1.9"))]
    pub from: SimTime,
    /// The first instant at which it can't be met any more. Without it: to the end.
    #[schemars(extend("examples" = ["2h"], "x-rule" = "R1.9"))]
    pub until: Option<Spanned<SimTime>>,
    /// Regions, as ids or patterns: that a call is sent to, or for a data key where it is made, the destination.
    /// Without it: all.
    #[schemars(extend("examples" = ["us-*"], "x-rule" = "R7.8"))]
    pub region: Option<Spanned<OneOrMany<String>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum OperationText {
    /// CopyImage calls.
    CopyImage,
    /// CancelCopyImage calls.
    CancelCopyImage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum FaultCodeText {
    /// An error inside the service (HTTP 500).
    InternalError,
    /// No data key can be made; only calls that name a key meet it (HTTP 403).
    #[serde(rename = "InvalidParameter.DataEncryptedKeyCreateFailed")]
    DataEncryptedKeyCreateFailed,
}
