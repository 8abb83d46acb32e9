//! The rows of a file, cut into cells.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use super::columns::{Column, Header};
use super::dialect::{self, Field};
use super::faults::{Place, RowFaults, TextFault};
use super::lines::{Line, LineError, Lines};
use crate::scenario::document::not_utf8_words;

/// A row with its cells.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// Counted from 1 in the file, without the header and blank lines.
    pub row: u64,
    pub line: Line<'a>,
    fields: &'a [Field],
    header: &'a Header,
}

impl<'a> Record<'a> {
    pub fn field(&self, column: Column) -> Option<&'a Field> {
        self.fields.get(self.header.place(column)?)
    }

    /// What a row says in a column; none where the cell is empty.
    pub fn text(&self, column: Column) -> Option<Cow<'a, str>> {
        let text = self.field(column)?.text(self.line.text);
        (!text.is_empty()).then_some(text)
    }

    /// A stretch of the row, as messages keep it.
    pub fn place(&self, span: Range<usize>) -> Place {
        Place { line: self.line.number, text: self.line.text.to_owned(), span }
    }
}

/// Why a file can't be read as a trace.
#[derive(Debug)]
pub enum ReadError {
    Io(io::Error),
    /// What it holds is no trace.
    Text(Vec<TextFault>),
}

impl ReadError {
    pub fn of_line(error: LineError) -> Self {
        let (number, text, span, message, help) = match error {
            LineError::Io(error) => return Self::Io(error),
            LineError::Encoding(encoding) => {
                let message = format!("the file is encoded as {encoding}");
                (1, String::new(), 0..0, message, "save it as UTF-8")
            }
            LineError::NotUtf8 { number, text, byte, place } => {
                let (message, help) = not_utf8_words(Some(byte));
                (number, text, place..place + char::REPLACEMENT_CHARACTER.len_utf8(), message, help)
            }
            LineError::TooLong { number } => {
                let message = "this line is longer than 64 KiB".to_owned();
                (number, String::new(), 0..0, message, "is it a CSV file? Each row is one line")
            }
        };
        Self::Text(vec![text_fault(Place { line: number, text, span }, message, help)])
    }
}

pub fn text_fault(place: Place, message: impl Into<String>, help: impl Into<String>) -> TextFault {
    TextFault { place, path: None, message: message.into(), help: help.into(), related: None }
}

/// Reads the rows of a file: one after the other, or those at given places.
pub struct RowReader {
    lines: Lines,
    header: Header,
    fields: Vec<Field>,
    row: u64,
}

impl RowReader {
    /// Reads the header.
    ///
    /// # Errors
    /// When the file can't be read, or its header is wrong.
    pub fn new(mut lines: Lines) -> Result<Self, ReadError> {
        while lines.advance().map_err(ReadError::of_line)? {
            let line = lines.line();
            if !line.text.trim().is_empty() {
                let header = header(line)?;
                return Ok(Self { lines, header, fields: Vec::new(), row: 0 });
            }
        }
        let place = Place { line: 1, text: String::new(), span: 0..0 };
        let help = "begin with a line of column names, such as `id,at,image,to`";
        Err(ReadError::Text(vec![text_fault(place, "the file is empty", help)]))
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many rows were read one after the other, also those that can't be cut into cells.
    pub fn count(&self) -> u64 {
        self.row
    }

    /// The next row that can be cut into cells; lines that can't are faults.
    ///
    /// # Errors
    /// When the file can't be read on.
    pub fn next(&mut self, faults: &mut RowFaults) -> Result<Option<Record<'_>>, ReadError> {
        while self.lines.advance().map_err(ReadError::of_line)? {
            let line = self.lines.line();
            if line.text.trim().is_empty() {
                continue;
            }
            self.row += 1;
            match cut_row(line.text, self.header.width(), &mut self.fields) {
                Ok(()) => return Ok(Some(self.record())),
                Err(bad) => bad.tell(&self.record(), faults),
            }
        }
        Ok(None)
    }

    /// The line of `length` bytes that begins at `offset`; it is a fault if it can't be cut into cells.
    ///
    /// # Errors
    /// When the file can't be read there.
    pub fn at(&mut self, offset: u64, length: u32, faults: &mut RowFaults) -> Result<Record<'_>, ReadError> {
        self.lines.go_to(offset, length).map_err(ReadError::of_line)?;
        let bad = cut_row(self.lines.line().text, self.header.width(), &mut self.fields).err();
        let record = self.record();
        if let Some(bad) = bad {
            bad.tell(&record, faults);
        }
        Ok(record)
    }

    fn record(&self) -> Record<'_> {
        Record { row: self.row, line: self.lines.line(), fields: &self.fields, header: &self.header }
    }
}

fn header(line: Line<'_>) -> Result<Header, ReadError> {
    Header::read(line.text).map_err(|faults| {
        let place = |span| Place { line: line.number, text: line.text.to_owned(), span };
        let faults = faults.into_iter().map(|fault| TextFault {
            related: fault.related.map(|(span, label)| (place(span), label)),
            ..text_fault(place(fault.place), fault.message, fault.help)
        });
        ReadError::Text(faults.collect())
    })
}

/// Cuts a row into as many cells as the header has.
///
/// # Errors
/// Why the line is no row.
pub fn cut_row(line: &str, width: usize, fields: &mut Vec<Field>) -> Result<(), BadRow> {
    let whole = 0..line.len();
    dialect::cut(line, fields).map_err(|bad| BadRow {
        place: bad.place,
        message: bad.message.to_owned(),
        help: bad.help,
    })?;
    let found = fields.len();
    if found == width {
        return Ok(());
    }
    let cells = if found == 1 { "1 cell".to_owned() } else { format!("{found} cells") };
    let help = if found < width {
        "write a comma for every cell, also for those that stay empty"
    } else {
        "put a value that holds a comma into quotes, or take a comma away"
    };
    let message = format!("this row has {cells}, and the header has {width}");
    Err(BadRow { place: whole, message, help })
}

/// Why a line is no row.
pub struct BadRow {
    pub place: Range<usize>,
    pub message: String,
    pub help: &'static str,
}

impl BadRow {
    fn tell(self, record: &Record<'_>, faults: &mut RowFaults) {
        faults.add(record, self.place, None, || (self.message, self.help.to_owned()));
    }
}
