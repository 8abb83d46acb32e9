//! What is wrong with the rows of a trace: the first faults with their places, and how many there are.

use std::ops::Range;

use super::columns::Column;
use super::record::Record;

/// Faults that are told one by one.
const MAX_TOLD: usize = 40;

/// A place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the line, from 1, and its text.
    pub line: u64,
    pub text: String,
    /// The stretch of the line.
    pub span: Range<usize>,
}

/// A fault of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFault {
    pub place: Place,
    /// The row and column, where it is one of a row.
    pub path: Option<String>,
    pub message: String,
    pub help: String,
    /// Another place that plays a part.
    pub related: Option<(Place, &'static str)>,
}

/// Faults of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowFaults {
    told: Vec<TextFault>,
    count: u64,
}

impl RowFaults {
    pub fn count(&self) -> u64 {
        self.count
    }

    /// So many faults more, of which nothing is told.
    pub fn count_more(&mut self, count: u64) {
        self.count += count;
    }

    /// The faults that are told one by one.
    pub fn into_told(self) -> Vec<TextFault> {
        self.told
    }

    /// A fault at a stretch of a row; it is put into words only if it is told.
    pub fn add(
        &mut self,
        record: &Record<'_>,
        span: Range<usize>,
        column: Option<Column>,
        words: impl FnOnce() -> (String, String),
    ) {
        self.count += 1;
        if self.told.len() < MAX_TOLD {
            let (message, help) = words();
            let row = record.row;
            let path = match column {
                Some(column) => format!("row {row}, column {}", column.name()),
                None => format!("row {row}"),
            };
            let place = record.place(span);
            self.told.push(TextFault { place, path: Some(path), message, help, related: None });
        }
    }

    /// A fault of one column's cell, or of the whole row where it has no such cell.
    pub fn cell(&mut self, record: &Record<'_>, column: Column, words: impl FnOnce() -> (String, String)) {
        match record.field(column) {
            Some(field) => self.add(record, field.place.clone(), Some(column), words),
            None => self.row(record, words),
        }
    }

    /// A fault of a row as a whole.
    pub fn row(&mut self, record: &Record<'_>, words: impl FnOnce() -> (String, String)) {
        self.add(record, 0..record.line.text.len(), None, words);
    }

    /// A fault that was put into words already.
    pub fn push(&mut self, fault: TextFault) {
        self.count += 1;
        if self.told.len() < MAX_TOLD {
            self.told.push(fault);
        }
    }
}
