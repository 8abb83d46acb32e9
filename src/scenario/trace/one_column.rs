//! One column of a CSV file, read as numbers. The file is written as a trace is, but its columns may have any
//! names.

use std::io;
use std::ops::Range;

use super::dialect::{self, Field};
use super::faults::{Place, RowFaults, TextFault};
use super::lines::{Line, Lines};
use super::record::{ReadError, cut_row, text_fault};
use crate::scenario::diagnostic::quoted;
use crate::scenario::files::Files;

/// Why a file has no column of numbers.
#[derive(Debug)]
pub enum NoValues {
    /// It can't be read.
    Io(io::Error),
    /// It has only these columns.
    NoColumn(Vec<String>),
    /// It holds no row.
    Empty,
    /// Faults that are told one by one, of so many.
    Text { faults: Vec<TextFault>, count: u64 },
}

impl From<ReadError> for NoValues {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => Self::Io(error),
            ReadError::Text(faults) => Self::Text { count: faults.len() as u64, faults },
        }
    }
}

/// Reads a cell, or says what is wrong and what to write.
pub type ReadCell<'a> = &'a dyn Fn(&str) -> Result<f64, (String, &'static str)>;

/// The values of a column in the order of the rows.
///
/// # Errors
/// See [`NoValues`].
pub fn read_column(
    files: &dyn Files,
    path: &str,
    column: &str,
    read: ReadCell<'_>,
) -> Result<Vec<f64>, NoValues> {
    let mut lines = Lines::new(files.open(path).map_err(NoValues::Io)?);
    let header = loop {
        if !advance(&mut lines)? {
            return Err(NoValues::Empty);
        }
        if !is_blank(lines.line()) {
            break Header::read(lines.line(), column)?;
        }
    };
    let mut values = Vec::new();
    let mut faults = RowFaults::default();
    let mut fields = Vec::new();
    let mut row = 0;
    while advance(&mut lines)? {
        let line = lines.line();
        if is_blank(line) {
            continue;
        }
        row += 1;
        let value = cut_row(line.text, header.width, &mut fields)
            .map_err(|bad| (bad.place, false, bad.message, bad.help))
            .and_then(|()| cell(line, &fields[header.place], read));
        match value {
            Ok(value) => values.push(value),
            Err((span, is_cell, message, help)) => {
                let place = Place { line: line.number, text: line.text.to_owned(), span };
                let of_cell = if is_cell { format!(", column {}", header.name) } else { String::new() };
                let path = Some(format!("row {row}{of_cell}"));
                faults.push(TextFault { path, ..text_fault(place, message, help) });
            }
        }
    }
    match faults.count() {
        0 if values.is_empty() => Err(NoValues::Empty),
        0 => Ok(values),
        count => Err(NoValues::Text { faults: faults.into_told(), count }),
    }
}

/// The place of a fault in its line, whether it is one of the column's cell, and the words.
type BadCell = (Range<usize>, bool, String, &'static str);

fn cell(line: Line<'_>, field: &Field, read: ReadCell<'_>) -> Result<f64, BadCell> {
    let text = field.text(line.text);
    let place = || field.place.clone();
    if text.is_empty() {
        return Err((place(), true, "this cell is empty".to_owned(), "write a value, or take the row out"));
    }
    read(&text).map_err(|(reason, help)| (place(), true, format!("{}: {reason}", quoted(&text)), help))
}

/// Where the column is.
struct Header {
    name: String,
    place: usize,
    width: usize,
}

impl Header {
    fn read(line: Line<'_>, column: &str) -> Result<Self, NoValues> {
        let place = |span| Place { line: line.number, text: line.text.to_owned(), span };
        let mut fields = Vec::new();
        let text = |fault| NoValues::Text { faults: vec![fault], count: 1 };
        dialect::cut(line.text, &mut fields)
            .map_err(|bad| text(text_fault(place(bad.place), bad.message, bad.help)))?;
        let names: Vec<String> = fields.iter().map(|field| field.text(line.text).into_owned()).collect();
        let same = |index: &usize| names[*index].eq_ignore_ascii_case(column);
        let found: Vec<usize> = (0..names.len()).filter(same).collect();
        match found.as_slice() {
            [] => Err(NoValues::NoColumn(names)),
            [only] => Ok(Self { name: names[*only].clone(), place: *only, width: names.len() }),
            [first, second, ..] => {
                let message = format!("the column {} comes twice", quoted(column));
                let fault =
                    text_fault(place(fields[*second].place.clone()), message, "leave one of the two out");
                let related = Some((place(fields[*first].place.clone()), "the first one"));
                Err(text(TextFault { related, ..fault }))
            }
        }
    }
}

fn advance(lines: &mut Lines) -> Result<bool, NoValues> {
    lines.advance().map_err(|error| ReadError::of_line(error).into())
}

fn is_blank(line: Line<'_>) -> bool {
    line.text.trim().is_empty()
}
