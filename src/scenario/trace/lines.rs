//! The lines of a file that may be longer than the memory.

use std::io::{self, BufRead, BufReader, Read};

use crate::scenario::document::wide_encoding;
use crate::scenario::files::FileText;

/// The longest line, in bytes: above that it is surely something else.
const MAX_LINE: u64 = 1 << 16;

/// The mark with which some editors begin a UTF-8 file.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A line without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: u64,
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    pub text: &'a str,
}

/// Why there is no next line.
#[derive(Debug)]
pub enum LineError {
    Io(io::Error),
    /// The file is in this encoding.
    Encoding(&'static str),
    /// A line isn't UTF-8: what can be shown of it, and the place in that.
    NotUtf8 {
        number: u64,
        text: String,
        byte: u8,
        place: usize,
    },
    /// A line is longer than any line of a trace.
    TooLong {
        number: u64,
    },
}

/// The lines of a file: one after the other, or those at given places.
pub struct Lines {
    reader: BufReader<Box<dyn FileText>>,
    /// The line that was read last.
    text: String,
    /// Its number, and where it begins in the file.
    number: u64,
    offset: u64,
    /// How far the file has been read.
    position: u64,
}

impl Lines {
    /// To read one after the other.
    pub fn new(file: Box<dyn FileText>) -> Self {
        Self::with_capacity(1 << 16, file)
    }

    /// To read at given places, which may lie far apart.
    pub fn scattered(file: Box<dyn FileText>) -> Self {
        Self::with_capacity(1 << 12, file)
    }

    fn with_capacity(capacity: usize, file: Box<dyn FileText>) -> Self {
        let reader = BufReader::with_capacity(capacity, file);
        Self { reader, text: String::new(), number: 0, offset: 0, position: 0 }
    }

    /// The line that was read last.
    pub fn line(&self) -> Line<'_> {
        Line { number: self.number, offset: self.offset, text: &self.text }
    }

    /// Reads the next line; `false` at the end of the file. A byte-order mark belongs to no line.
    pub fn advance(&mut self) -> Result<bool, LineError> {
        let mut bytes = self.buffer();
        let mut limited = self.reader.by_ref().take(MAX_LINE + 1);
        let length = limited.read_until(b'\n', &mut bytes).map_err(LineError::Io)? as u64;
        if length == 0 {
            return Ok(false);
        }
        self.number += 1;
        self.offset = self.position;
        self.position += length;
        if self.number == 1 {
            if let Some(encoding) = wide_encoding(&bytes) {
                return Err(LineError::Encoding(encoding));
            }
            if bytes.starts_with(BYTE_ORDER_MARK) {
                bytes.drain(..BYTE_ORDER_MARK.len());
                self.offset += BYTE_ORDER_MARK.len() as u64;
            }
        }
        if length > MAX_LINE {
            return Err(LineError::TooLong { number: self.number });
        }
        self.keep(bytes).map(|()| true)
    }

    /// Reads the line of `length` bytes that begins at `offset`; its number isn't known.
    pub fn go_to(&mut self, offset: u64, length: u32) -> Result<(), LineError> {
        let distance = offset.cast_signed() - self.position.cast_signed();
        self.reader.seek_relative(distance).map_err(LineError::Io)?;
        let mut bytes = self.buffer();
        bytes.resize(length as usize, 0);
        self.reader.read_exact(&mut bytes).map_err(LineError::Io)?;
        (self.number, self.offset, self.position) = (0, offset, offset + u64::from(length));
        self.keep(bytes)
    }

    /// The memory of the last line, for the next one.
    fn buffer(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        bytes.clear();
        bytes
    }

    /// Makes the bytes the line that was read last, without their end.
    fn keep(&mut self, mut bytes: Vec<u8>) -> Result<(), LineError> {
        for end in [b'\n', b'\r'] {
            if bytes.last() == Some(&end) {
                bytes.pop();
            }
        }
        self.text = String::from_utf8(bytes).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            LineError::NotUtf8 {
                number: self.number,
                text: String::from_utf8_lossy(error.as_bytes()).into_owned(),
                byte: error.as_bytes().get(place).copied().unwrap_or_default(),
                place,
            }
        })?;
        Ok(())
    }
}
