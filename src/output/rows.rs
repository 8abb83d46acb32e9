//! copies.csv: one flat row per copy request, in the order in which requests close (R9.1, R9.6).

use std::io::{self, Write};

use super::ids;
use super::messages::skipped_message;
use crate::records::{CopyRecord, Outcome};
use crate::scenario::{Labels, refusal_message};
use crate::time::{Seconds, SimDuration, SimTime};

/// The columns, in order.
const COLUMNS: [&str; 31] = [
    "copy",
    "request",
    "number",
    "account",
    "image",
    "from",
    "to",
    "name",
    "size_bytes",
    "outcome",
    "counted",
    "planned_s",
    "sent_s",
    "accepted_s",
    "start_s",
    "end_s",
    "noticed_s",
    "wait_s",
    "waited_s",
    "ran_s",
    "copy_s",
    "total_s",
    "lead_s",
    "calls",
    "refusals",
    "progress_percent",
    "moved_bytes",
    "code",
    "http_status",
    "message",
    "image_id",
];

/// Writes rows as they close.
pub struct RowWriter<W: Write> {
    csv: csv::Writer<W>,
    seed: u64,
}

impl<W: Write> RowWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// When the target can't be written.
    pub fn new(target: W, seed: u64) -> io::Result<Self> {
        let mut csv = csv::Writer::from_writer(target);
        csv.write_record(COLUMNS)?;
        Ok(Self { csv, seed })
    }

    /// Writes one row; an unfinished copy is told how long it has waited and run by `now`. Figures take it
    /// if it `is_counted`.
    ///
    /// # Errors
    /// When the target can't be written.
    pub fn write(
        &mut self,
        record: &CopyRecord,
        now: SimTime,
        is_counted: bool,
        catalog: &Labels<'_>,
    ) -> io::Result<()> {
        let call = catalog.call(record.key);
        let call = call.as_ref();
        let (request, request_number) = catalog.hashed(record.key);
        let entry = catalog.entry(record.key);
        let time = |time: Option<SimTime>| optional(time.map(|time| Seconds(time.micros())));
        let length = |length: Option<SimDuration>| optional(length.map(|length| Seconds(length.micros())));
        let refusal = record.refused.as_ref();
        let code = refusal.map(|refused| refused.refusal.code);
        let ran = record.start.map(|start| record.end.unwrap_or(now).since(start));
        let number = record.key.number() + 1;
        let is_accepted = record.accepted.is_some();
        self.csv.write_record([
            catalog.label(record.key).as_str(),
            entry,
            &number.to_string(),
            call.map_or("", |call| catalog.account(call.account)),
            call.map_or("", |call| &*call.image),
            call.map_or("", |call| call.from),
            call.map_or("", |call| call.to),
            call.and_then(|call| call.name).map_or("", |name| catalog.name(name)),
            &optional(record.size.map(|size| size.0)),
            record.outcome.key(),
            if is_counted { "true" } else { "false" },
            &time(record.planned),
            &time(record.sent),
            &time(record.accepted),
            &time(record.start),
            &time(record.end),
            &time(record.noticed),
            &length(record.wait()),
            &length(record.waited(now)),
            &length(ran),
            &length(record.copy()),
            &length(record.total()),
            &length(record.lead()),
            &record.calls.to_string(),
            &record.refusals.to_string(),
            &optional(record.percent),
            &if record.outcome == Outcome::Skipped { String::new() } else { record.moved.0.to_string() },
            code.map_or("", |code| code.literal()),
            &optional(code.map(|code| code.http_status())),
            &message(record, catalog),
            &if is_accepted {
                ids::image_id(self.seed, &request, request_number, record.calls)
            } else {
                String::new()
            },
        ])?;
        Ok(())
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// When the target can't be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.csv.flush()
    }
}

/// Why it was refused or skipped.
fn message(record: &CopyRecord, catalog: &Labels<'_>) -> String {
    match (&record.refused, record.blocked_by) {
        (Some(refused), _) => refusal_message(refused, record.key, catalog),
        (None, Some(because)) => skipped_message(because, catalog),
        (None, None) => String::new(),
    }
}

fn optional<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
