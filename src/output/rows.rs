//! copies.csv: one flat row per copy request, in the order in which requests close (R9.1, R9.6).

use std::borrow::Cow;
use std::io::{self, Write};

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::columns::Kind::{Count, Flag, Text, Time};
use super::columns::{Column, column, header, row_schema};
use super::ids;
use super::messages::skipped_message;
use crate::records::{CopyRecord, Outcome};
use crate::scenario::{Labels, refusal_message};
use crate::time::{Seconds, SimDuration, SimTime};

/// The columns, in order.
const COLUMNS: [Column; 34] = [
    column("copy", Text, "What the copy is called everywhere."),
    column("request", Text, "The request that it is of."),
    column(
        "number",
        Count,
        "Its number in the request, from 1: of a stream that of the arrival, of a trace by time.",
    ),
    column("account", Text, "Who asks; empty where the calls carry no account."),
    column(
        "image",
        Text,
        "What is copied; an image that an arrival or row brought along is called after it.",
    ),
    column("from", Text, "The source region."),
    column("to", Text, "The destination region."),
    column("name", Text, "The written name of the new image; empty where the service makes one."),
    column("size_bytes", Count, "The size of the image."),
    column("outcome", Text, "What became of it (R9.1)."),
    column("counted", Flag, "Whether figures take it: not before the warm-up (R9.4)."),
    column("planned_s", Time, "When its first call was due."),
    column("sent_s", Time, "When its first call was made."),
    column("accepted_s", Time, "When it was accepted."),
    column("start_s", Time, "When it began to run."),
    column("end_s", Time, "When it was Available or CreateFailed, or was cancelled."),
    column("noticed_s", Time, "When its client knew of the end."),
    column("timed_out_s", Time, "When its client had waited long enough, and was done with it (R8.2)."),
    column("wait_s", Time, "Start - accepted (R9.2)."),
    column("waited_s", Time, "Accepted to start, cancel or end of the run (R9.2)."),
    column("ran_s", Time, "Start to end, or to the end of the run."),
    column("copy_s", Time, "End - start, of an Available copy (R9.2)."),
    column("total_s", Time, "End - accepted, of an Available copy (R9.2)."),
    column(
        "lead_s",
        Time,
        "Noticed - planned, of an Available copy; end - planned where its client gave up (R9.2).",
    ),
    column("calls", Count, "Calls made for it."),
    column("refusals", Count, "Calls of these that were refused."),
    column(
        "failures",
        Count,
        "Copies made for it that failed before the last one, since its client called again.",
    ),
    column("progress_percent", Count, "How far it came (R3.5)."),
    column("moved_bytes", Count, "Bytes moved."),
    column(
        "code",
        Text,
        "The error code of the last refusal, as the vendor spells it; of a dry run that nothing refused \
         DryRunOperation.",
    ),
    column("http_status", Count, "Its HTTP status."),
    column("message", Text, "Why it was refused or skipped; of a dry run what the call would do."),
    column(
        "image_id",
        Text,
        "The id of the new image (R3.4); of a replayed request that of the first answer.",
    ),
    column("replays", Text, "Of a replayed request: the copy whose answer was given again (R7.3)."),
];

/// The schema of a row.
pub struct CopiesRow;

impl JsonSchema for CopiesRow {
    fn schema_name() -> Cow<'static, str> {
        "CopiesRow".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        row_schema(&COLUMNS)
    }
}

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
        csv.write_record(header(&COLUMNS))?;
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
        let entry = catalog.entry(record.key);
        let time = |time: Option<SimTime>| optional(time.map(|time| Seconds(time.micros())));
        let length = |length: Option<SimDuration>| optional(length.map(|length| Seconds(length.micros())));
        let refusal = record.refused.as_ref();
        let code = refusal.map(|refused| refused.refusal.code);
        let ran = record.start.map(|start| record.end.unwrap_or(now).since(start));
        let number = catalog.arrival(record.key).unwrap_or(record.key.number() + 1);
        self.csv.write_record([
            catalog.label(record.key).as_str(),
            entry,
            &number.to_string(),
            call.and_then(|call| call.account).map_or("", |account| catalog.account(account)),
            call.map_or("", |call| &*call.image),
            call.map_or("", |call| call.from),
            call.map_or("", |call| call.to),
            call.and_then(|call| call.parameters.name).map_or("", |name| catalog.name(name.id)),
            &optional(record.size.map(|size| size.0)),
            record.outcome.key(),
            if is_counted { "true" } else { "false" },
            &time(record.planned),
            &time(record.sent),
            &time(record.accepted),
            &time(record.start),
            &time(record.end),
            &time(record.noticed),
            &time(record.timed_out),
            &length(record.wait()),
            &length(record.waited(now)),
            &length(ran),
            &length(record.copy()),
            &length(record.total()),
            &length(record.lead()),
            &record.calls.to_string(),
            &record.refusals.to_string(),
            &record.failures.to_string(),
            &optional(record.percent),
            &if record.outcome == Outcome::Skipped { String::new() } else { record.moved.0.to_string() },
            code.map_or("", |code| code.literal()),
            &optional(code.map(|code| code.http_status())),
            &message(record, catalog),
            &self.image_id(record, catalog),
            &record.replays.map_or_else(String::new, |first| catalog.label(first)),
        ])?;
        Ok(())
    }

    /// The id of the image in the answer: of an accepted request its own, of a replayed one that of the first.
    fn image_id(&self, record: &CopyRecord, catalog: &Labels<'_>) -> String {
        let (key, call) = match (record.accepted, record.replays) {
            (Some(_), _) => (record.key, record.calls),
            (None, Some(first)) => (first, record.replayed_call),
            (None, None) => return String::new(),
        };
        let (request, number) = catalog.hashed(key);
        ids::image_id(self.seed, &request, number, call)
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
        (None, None) if record.outcome == Outcome::Skipped => {
            "an Available image of its name is there already".to_owned()
        }
        (None, None) => String::new(),
    }
}

fn optional<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
