//! timeseries.csv: the counts of each slot key whenever the clock moved on and they had changed (R1.5).

use std::borrow::Cow;
use std::io::{self, Write};

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::columns::Kind::{Count, Text, Time};
use super::columns::{Column, column, header, row_schema};
use crate::records::SlotLevels;
use crate::time::{Seconds, SimTime};

/// The columns, in order.
const COLUMNS: [Column; 6] = [
    column("time_s", Time, "When the clock moved on from these counts."),
    column("slots", Text, "Whose slots: a region or a pair, of one account or of all."),
    column("cap", Count, "The cap."),
    column("in_use", Count, "Slots held, draining ones too."),
    column("draining", Count, "Slots of these that are still held by cancelled copies."),
    column("waiting", Count, "Copies that wait."),
];

/// The schema of a row.
pub struct TimeseriesRow;

impl JsonSchema for TimeseriesRow {
    fn schema_name() -> Cow<'static, str> {
        "TimeseriesRow".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        row_schema(&COLUMNS)
    }
}

/// Writes levels as they change.
pub struct TimeseriesWriter<W: Write> {
    csv: csv::Writer<W>,
    last: Vec<SlotLevels>,
}

impl<W: Write> TimeseriesWriter<W> {
    /// Writes the header and the levels before anything happens.
    ///
    /// # Errors
    /// When the target can't be written.
    pub fn new(target: W) -> io::Result<Self> {
        let mut csv = csv::Writer::from_writer(target);
        csv.write_record(header(&COLUMNS))?;
        Ok(Self { csv, last: Vec::new() })
    }

    /// The caps of the slot keys at the start, by index.
    pub fn begin(&mut self, caps: &[u32]) {
        self.last = caps.iter().map(|cap| SlotLevels { cap: *cap, ..SlotLevels::default() }).collect();
    }

    /// Writes the levels of a slot key called `name`, if they differ from the last ones.
    ///
    /// # Errors
    /// When the target can't be written.
    pub fn write(&mut self, at: SimTime, slot: u32, name: &str, levels: SlotLevels) -> io::Result<()> {
        let last = &mut self.last[slot as usize];
        if *last == levels {
            return Ok(());
        }
        *last = levels;
        self.csv.write_record([
            Seconds(at.micros()).to_string().as_str(),
            name,
            &levels.cap.to_string(),
            &levels.held.to_string(),
            &levels.draining.to_string(),
            &levels.waiting.to_string(),
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
