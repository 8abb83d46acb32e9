//! Rows in the order of their times, however they stand in the file.

use std::sync::Arc;

use super::columns::Header;
use super::faults::RowFaults;
use super::record::{ReadError, Record, RowReader};
use crate::time::SimTime;

/// Where a row of an unsorted file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub at: SimTime,
    pub offset: u64,
    pub length: u32,
}

/// The places of the rows of an unsorted file, in the order of their times.
pub type Order = Arc<[Place]>;

/// The order of these places: by time, then as in the file.
pub fn sorted(mut places: Vec<Place>) -> Order {
    places.sort_unstable_by_key(|place| (place.at, place.offset));
    places.into()
}

/// A row that stands behind a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfOrder {
    pub row: u64,
    pub at: SimTime,
    pub before: SimTime,
}

/// The rows of a file in the order of their times.
pub struct OrderedRows {
    reader: RowReader,
    /// Of an unsorted file.
    order: Option<Order>,
    /// How many rows of it were given.
    given: usize,
}

impl OrderedRows {
    pub fn new(reader: RowReader, order: Option<Order>) -> Self {
        Self { reader, order, given: 0 }
    }

    pub fn header(&self) -> &Header {
        self.reader.header()
    }

    /// How many lines were read as rows; of the order of the file only.
    pub fn count(&self) -> u64 {
        self.reader.count()
    }

    /// The next row.
    ///
    /// # Errors
    /// When the file can't be read on.
    pub fn next(&mut self, faults: &mut RowFaults) -> Result<Option<Record<'_>>, ReadError> {
        let Some(order) = &self.order else { return self.reader.next(faults) };
        let Some(place) = order.get(self.given) else { return Ok(None) };
        self.given += 1;
        self.reader.at(place.offset, place.length, faults).map(Some)
    }
}
