//! Requests that are read row by row while a run goes on, so that a trace of any length takes little
//! memory.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;

use super::course::DrawPlan;
use super::plan::{FreshImage, HandleId, Member};
use crate::ids::{AccountId, ImageId, RegionId};
use crate::service::facts::FaultHits;
use crate::time::SimTime;

/// A row of a trace: one copy, and the cancel of it if there is one.
#[derive(Clone, Debug)]
pub struct Row {
    /// When the copy is asked for.
    pub at: SimTime,
    /// What the row is called; without an id it goes by its rank.
    pub id: Option<Box<str>>,
    pub member: Member,
    /// What its copy does, where that is drawn.
    pub plan: Option<Arc<DrawPlan>>,
    /// The image that the row brings along.
    pub fresh: Option<FreshImage>,
    /// When its copy is cancelled; not before `at`.
    pub cancel_at: Option<SimTime>,
}

/// Rows that can be read again for each run.
pub trait RowSource: fmt::Debug + Send + Sync {
    /// Begins to read them.
    ///
    /// # Errors
    /// When they can't be read, or aren't what they were when the scenario was read.
    fn open(&self) -> Result<Box<dyn Rows>, RowsError>;
}

/// Rows in the order of their times; rows of one time in the order of the file (R1.4).
pub trait Rows: fmt::Debug {
    /// The next row; none after the last one.
    ///
    /// # Errors
    /// As [`RowSource::open`]. A change may be noticed only after the last row.
    fn next(&mut self) -> Result<Option<Row>, RowsError>;

    /// Goes on to the end, and gives how many rows were still to come.
    ///
    /// # Errors
    /// As [`Rows::next`].
    fn finish(&mut self) -> Result<u64, RowsError> {
        let mut left = 0;
        while self.next()?.is_some() {
            left += 1;
        }
        Ok(left)
    }
}

/// Why rows can't be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsError {
    /// The file can't be read, for this reason.
    Unreadable(io::ErrorKind),
    /// The file isn't what it was when it was checked.
    Changed,
}

/// A list of copy requests that is read while the run goes on.
#[derive(Clone, Debug)]
pub struct TraceEntry {
    pub source: Arc<dyn RowSource>,
    /// How many rows there are.
    pub count: u64,
    /// The accounts and regions between which rows copy: their slots exist from the start.
    pub lanes: Vec<(AccountId, RegionId, RegionId)>,
    /// The rows that something names, by their number in this entry, ascending.
    pub named: Vec<(u64, HandleId)>,
}

impl TraceEntry {
    /// The handle of a row that something names.
    pub fn handle(&self, number: u64) -> Option<HandleId> {
        let place = self.named.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(self.named[place].1)
    }
}

/// A trace that is being read.
#[derive(Debug)]
pub struct OpenTrace {
    rows: Box<dyn Rows>,
    /// The row whose call was taken last.
    taken: Option<Row>,
    /// The row whose call comes next.
    next: Option<Row>,
    /// By number of the row: cancels that are still to be sent, and the image, once there is one.
    cancels: BTreeMap<u64, RowCancel>,
}

/// A cancel that a row asks for.
#[derive(Clone, Copy, Debug)]
pub struct RowCancel {
    pub member: Member,
    /// The image that the copy makes; none while it isn't accepted (R5.3).
    pub image: Option<ImageId>,
    pub faults: FaultHits,
}

impl OpenTrace {
    /// Reads up to the first row.
    ///
    /// # Errors
    /// See [`RowSource::open`].
    pub fn new(entry: &TraceEntry) -> Result<Self, RowsError> {
        let mut rows = entry.source.open()?;
        let next = rows.next()?;
        Ok(Self { rows, taken: None, next, cancels: BTreeMap::new() })
    }

    /// When the next row is due.
    pub fn next_at(&self) -> Option<SimTime> {
        self.next.as_ref().map(|row| row.at)
    }

    /// Takes the next row, which maybe has this handle, and reads the one after it.
    ///
    /// # Errors
    /// See [`Rows::next`].
    pub fn take(&mut self, handle: Option<HandleId>) -> Result<Option<&Row>, RowsError> {
        self.taken = self.next.take();
        self.next = self.rows.next()?;
        if let Some(row) = &mut self.taken {
            row.member.handle = handle;
        }
        Ok(self.taken.as_ref())
    }

    /// The copy of the row that was taken last, which has this number, is to be cancelled.
    pub fn plan_cancel(&mut self, number: u64, faults: FaultHits) {
        if let Some(row) = &self.taken {
            self.cancels.insert(number, RowCancel { member: row.member, image: None, faults });
        }
    }

    /// The row that was taken last.
    pub fn taken(&self) -> Option<&Row> {
        self.taken.as_ref()
    }

    /// The copy of a row that is to be cancelled was accepted and makes this image.
    pub fn accepted(&mut self, number: u64, image: ImageId) {
        if let Some(cancel) = self.cancels.get_mut(&number) {
            cancel.image = Some(image);
        }
    }

    /// Whether the copy of a row is still to be cancelled.
    pub fn has_cancel(&self, number: u64) -> bool {
        self.cancels.contains_key(&number)
    }

    /// The cancel of a row is due.
    pub fn take_cancel(&mut self, number: u64) -> Option<RowCancel> {
        self.cancels.remove(&number)
    }

    /// Reads the rows whose time hasn't come, and gives how many there are.
    ///
    /// # Errors
    /// When the rows as a whole aren't what they were.
    pub fn finish(&mut self) -> Result<u64, RowsError> {
        match self.next.take() {
            Some(_) => Ok(1 + self.rows.finish()?),
            None => Ok(0),
        }
    }
}
