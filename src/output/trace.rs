//! trace.jsonl: everything that happened, one JSON object a line, in order.

use std::borrow::Cow;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::ids;
use super::numbers::Decimal;
use crate::ids::RequestKey;
use crate::records::{History, Refused};
use crate::scenario::{Labels, refusal_message, retention_refusal_message};
use crate::time::SimTime;

/// One line. What an event has nothing to say of is left out.
#[derive(Default, JsonSchema, Serialize)]
pub struct Line<'a> {
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_s: Option<Decimal>,
    /// What happened: `accepted`, `refused`, `already_running`, `already_queued`, `skipped`, `started`,
    /// `available`, `failed`, `cancelled`, `cancel_refused`, `drained`, `deleted`, `delete_refused` or
    /// `cap_changed`.
    event: &'static str,
    /// The copy that it happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<String>,
    /// The cancel or delete call that did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<String>,
    /// The copy or image that a cancel or delete names.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Cow<'a, str>>,
    /// The region that a cancel or delete names, or whose cap changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    /// The cap from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<u32>,
    /// The copy that was lost, for which this one was skipped; `retention` where an image was to be deleted
    /// since its retention was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// Whether a cancelled copy was running; else it waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    was_running: Option<bool>,
    /// The error code of a refusal, as the vendor spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// Its HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The id of the new image (R3.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    image_id: Option<String>,
    /// The id of the call (R3.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// Writes one line.
///
/// # Errors
/// When the target can't be written.
pub fn write(
    target: &mut impl Write,
    at: SimTime,
    what: &History,
    seed: u64,
    catalog: &Labels<'_>,
) -> io::Result<()> {
    let mut line = line(what, seed, catalog);
    line.at_s = Some(at.into());
    serde_json::to_writer(&mut *target, &line)?;
    target.write_all(b"\n")
}

fn line<'a>(what: &History, seed: u64, catalog: &'a Labels<'_>) -> Line<'a> {
    let copy = |event, key| Line { event, copy: Some(catalog.label(key)), ..Line::default() };
    let request_id = |key: RequestKey| {
        let (request, number) = catalog.hashed(key);
        Some(ids::request_id(seed, &request, number, 1))
    };
    let call = |event, key: RequestKey| {
        let target = catalog.target(key).map(|target| (target.what, target.region));
        let (target, region) = target.unzip();
        let (call, request_id) = (Some(catalog.label(key)), request_id(key));
        Line { event, call, target, region, request_id, ..Line::default() }
    };
    // The delete of a copy's image at the end of its retention is called after the copy.
    let retention_id = |key: RequestKey| {
        let (request, number) = catalog.hashed(key);
        Some(ids::retention_request_id(seed, &request, number))
    };
    let retention = |event, key: RequestKey| Line {
        because: Some("retention".to_owned()),
        region: catalog.call(key).map(|call| call.to),
        request_id: retention_id(key),
        ..copy(event, key)
    };
    let refused = |line: Line<'a>, key: RequestKey, refused: &Refused| Line {
        code: Some(refused.refusal.code.literal()),
        http_status: Some(refused.refusal.code.http_status()),
        message: Some(refusal_message(refused, key, catalog)),
        request_id: request_id(key),
        ..line
    };
    match what {
        History::Accepted { key, .. } => Line {
            image_id: {
                let (request, number) = catalog.hashed(*key);
                Some(ids::image_id(seed, &request, number, 1))
            },
            request_id: request_id(*key),
            ..copy("accepted", *key)
        },
        History::AlreadyThere { key, is_running, .. } => Line {
            // Its call is none of this run.
            image_id: Some(ids::image_id(seed, catalog.entry(*key), key.number() + 1, 0)),
            ..copy(if *is_running { "already_running" } else { "already_queued" }, *key)
        },
        History::CopyRefused { key, refused: answer } => refused(copy("refused", *key), *key, answer),
        History::Skipped { key, because } => {
            Line { because: Some(catalog.label(*because)), ..copy("skipped", *key) }
        }
        History::Started { key, .. } => copy("started", *key),
        History::Completed { key, .. } => copy("available", *key),
        History::Failed { key, .. } => copy("failed", *key),
        History::Cancelled { call: by, key, was_running, .. } => Line {
            copy: Some(catalog.label(*key)),
            was_running: Some(*was_running),
            ..call("cancelled", *by)
        },
        History::CancelRefused { call: by, refused: answer } => {
            refused(call("cancel_refused", *by), *by, answer)
        }
        History::DrainEnded { key, .. } => copy("drained", *key),
        History::Deleted { call: by } if catalog.call(*by).is_some() => retention("deleted", *by),
        History::DeleteRefused { call: by, refused: answer } if catalog.call(*by).is_some() => Line {
            message: Some(retention_refusal_message(answer, *by, catalog)),
            request_id: retention_id(*by),
            ..refused(retention("delete_refused", *by), *by, answer)
        },
        History::Deleted { call: by } => call("deleted", *by),
        History::DeleteRefused { call: by, refused: answer } => {
            refused(call("delete_refused", *by), *by, answer)
        }
        History::CapChanged { region, cap } => Line {
            event: "cap_changed",
            region: Some(catalog.region(*region)),
            cap: Some(*cap),
            ..Line::default()
        },
    }
}
