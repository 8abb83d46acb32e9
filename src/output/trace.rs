//! trace.jsonl: everything that happened, one JSON object a line, in order.

use std::borrow::Cow;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::ids;
use super::numbers::Decimal;
use crate::ids::RequestKey;
use crate::records::{History, Refused};
use crate::scenario::{Labels, dry_run_message, later_refusal_message, refusal_message};
use crate::service::codes::Code;
use crate::time::SimTime;

/// One line. What an event has nothing to say of is left out.
#[derive(Default, JsonSchema, Serialize)]
pub struct Line<'a> {
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_s: Option<Decimal>,
    /// What happened: `accepted`, `replayed`, `dry_run`, `refused`, `already_running`, `already_queued`,
    /// `held_back`, `found_existing`, `calls_again`, `noticed`, `timed_out`, `skipped`, `started`, `available`, `failed`, `cancelled`, `cancel_refused`, `drained`, `deleted`,
    /// `delete_refused`, `cap_changed`, `outage_began`, `outage_ended`, `throughput_changed` or `capacity_changed`.
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
    /// The region that a cancel or delete names, or whose cap, outage or throughput it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    /// The cap from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<u32>,
    /// What an outage does to the running copies that it touches: `pause` or `fail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    running: Option<&'static str>,
    /// The share of its own throughput that a transfer from or to the region reaches from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    throughput: Option<String>,
    /// The shared link whose capacity changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    /// The capacity of the link from now on; 0 while it is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity_bytes_per_s: Option<u64>,
    /// The copy that was lost, for which this one was skipped; `retention` where an image was to be deleted
    /// since its retention was over; `failed` where a client deletes what is left of a failed copy before it calls
    /// again; `timeout` where a client had waited long enough and cancelled its copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// When its client calls again (R8.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    calls_again_at_s: Option<Decimal>,
    /// The copy whose answer a replayed call got again (R7.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    replays: Option<String>,
    /// Whether a cancelled copy was running; else it waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    was_running: Option<bool>,
    /// The error code of a refusal, as the vendor spells it; also that of a dry run that nothing refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// Its HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    /// Why it was refused; of a dry run what the call would do.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The id of the new image (R3.4); of a replayed call that of the first answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_id: Option<String>,
    /// The id of the call (R3.4); of a replayed one that of the first answer.
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
    labels: &Labels<'_>,
) -> io::Result<()> {
    let line = Line { at_s: Some(at.into()), ..Lines { seed, labels }.line(what) };
    serde_json::to_writer(&mut *target, &line)?;
    target.write_all(b"\n")
}

/// Makes lines of what happened.
struct Lines<'a> {
    seed: u64,
    labels: &'a Labels<'a>,
}

impl<'a> Lines<'a> {
    /// Something that happened to a copy.
    fn copy(&self, event: &'static str, key: RequestKey) -> Line<'a> {
        Line { event, copy: Some(self.labels.label(key)), ..Line::default() }
    }

    /// The answer to a cancel or delete call.
    fn call(&self, event: &'static str, key: RequestKey) -> Line<'a> {
        let (target, region) = self.labels.target(key).map(|target| (target.what, target.region)).unzip();
        let (call, request_id) = (Some(self.labels.label(key)), self.request_id(key, ids::FIRST_CALL));
        Line { event, call, target, region, request_id, ..Line::default() }
    }

    /// The answer to a later call on a copy's own image, which is called after the copy.
    fn later(
        &self,
        event: &'static str,
        because: &str,
        key: RequestKey,
        failed_call: Option<u32>,
    ) -> Line<'a> {
        let (request, number) = self.labels.hashed(key);
        Line {
            because: Some(because.to_owned()),
            region: self.labels.call(key).map(|call| call.to),
            request_id: Some(ids::later_request_id(
                self.seed,
                because,
                &request,
                number,
                failed_call.unwrap_or(1),
            )),
            ..self.copy(event, key)
        }
    }

    /// The id of the answer to a call of a request, by its number.
    fn request_id(&self, key: RequestKey, call: u32) -> Option<String> {
        let (request, number) = self.labels.hashed(key);
        Some(ids::request_id(self.seed, &request, number, call))
    }

    /// The id of the image that the copy of a call makes.
    fn image_id(&self, key: RequestKey, call: u32) -> Option<String> {
        let (request, number) = self.labels.hashed(key);
        Some(ids::image_id(self.seed, &request, number, call))
    }

    fn line(&self, what: &History) -> Line<'a> {
        let is_of_copy = |call: RequestKey| self.labels.call(call).is_some();
        match *what {
            History::Accepted { key, call, .. } => Line {
                image_id: self.image_id(key, call),
                request_id: self.request_id(key, call),
                ..self.copy("accepted", key)
            },
            History::AlreadyThere { key, is_running, .. } => Line {
                // Its call is none of this run.
                image_id: Some(ids::image_id(self.seed, self.labels.entry(key), key.number() + 1, 0)),
                ..self.copy(if is_running { "already_running" } else { "already_queued" }, key)
            },
            History::CopyRefused { key, call, refused } => {
                let message = refusal_message(&refused, key, self.labels);
                let request_id = self.request_id(key, call);
                Line { request_id, ..self.copy("refused", key).refused(&refused, message) }
            }
            History::Replayed { key, first, first_call, .. } => Line {
                replays: Some(self.labels.label(first)),
                image_id: self.image_id(first, first_call),
                request_id: self.request_id(first, first_call),
                ..self.copy("replayed", key)
            },
            History::HeldBack { key } => self.copy("held_back", key),
            History::CallsAgain { key, at } => {
                Line { calls_again_at_s: Some(at.into()), ..self.copy("calls_again", key) }
            }
            History::FoundExisting { key } => self.copy("found_existing", key),
            History::Noticed { key } => self.copy("noticed", key),
            History::TimedOut { key } => self.copy("timed_out", key),
            History::DryRun { key, call } => Line {
                code: Some(Code::DryRunOperation.literal()),
                http_status: Some(Code::DryRunOperation.http_status()),
                message: Some(dry_run_message(key, self.labels)),
                request_id: self.request_id(key, call),
                ..self.copy("dry_run", key)
            },
            History::Skipped { key, because } => {
                Line { because: Some(self.labels.label(because)), ..self.copy("skipped", key) }
            }
            History::Started { key, .. } => self.copy("started", key),
            History::Completed { key, .. } => self.copy("available", key),
            History::Failed { key, .. } => self.copy("failed", key),
            History::Cancelled { call, was_running, .. } if is_of_copy(call) => {
                Line { was_running: Some(was_running), ..self.later("cancelled", "timeout", call, None) }
            }
            History::CancelRefused { call, refused } if is_of_copy(call) => {
                let message = later_refusal_message(&refused, call, self.labels);
                self.later("cancel_refused", "timeout", call, None).refused(&refused, message)
            }
            History::Cancelled { call, key, was_running, .. } => Line {
                copy: Some(self.labels.label(key)),
                was_running: Some(was_running),
                ..self.call("cancelled", call)
            },
            History::CancelRefused { call, refused } => {
                let message = refusal_message(&refused, call, self.labels);
                self.call("cancel_refused", call).refused(&refused, message)
            }
            History::DrainEnded { key, .. } => self.copy("drained", key),
            History::Deleted { call, failed_call } if is_of_copy(call) => {
                self.later("deleted", why_deleted(failed_call), call, failed_call)
            }
            History::DeleteRefused { call, failed_call, refused } if is_of_copy(call) => {
                let message = later_refusal_message(&refused, call, self.labels);
                self.later("delete_refused", why_deleted(failed_call), call, failed_call)
                    .refused(&refused, message)
            }
            History::Deleted { call, .. } => self.call("deleted", call),
            History::DeleteRefused { call, refused, .. } => {
                let message = refusal_message(&refused, call, self.labels);
                self.call("delete_refused", call).refused(&refused, message)
            }
            History::CapChanged { region, cap } => Line {
                event: "cap_changed",
                region: Some(self.labels.region(region)),
                cap: Some(cap),
                ..Line::default()
            },
            History::OutageBegan { region, fails, .. } => Line {
                event: "outage_began",
                region: Some(self.labels.region(region)),
                running: Some(if fails { "fail" } else { "pause" }),
                ..Line::default()
            },
            History::OutageEnded { region, .. } => {
                Line { event: "outage_ended", region: Some(self.labels.region(region)), ..Line::default() }
            }
            History::Slowed { region, to } => Line {
                event: "throughput_changed",
                region: Some(self.labels.region(region)),
                throughput: Some(to.to_string()),
                ..Line::default()
            },
            History::CapacityChanged { link, capacity } => Line {
                event: "capacity_changed",
                link: Some(self.labels.link(link)),
                capacity_bytes_per_s: Some(capacity.bytes_per_second()),
                ..Line::default()
            },
        }
    }
}

/// Why an image is deleted that nothing of the scenario deletes.
fn why_deleted(failed_call: Option<u32>) -> &'static str {
    if failed_call.is_some() { "failed" } else { "retention" }
}

impl Line<'_> {
    /// The same with the refusal that was answered.
    fn refused(self, refused: &Refused, message: String) -> Self {
        Line {
            code: Some(refused.refusal.code.literal()),
            http_status: Some(refused.refusal.code.http_status()),
            message: Some(message),
            ..self
        }
    }
}
