//! The rows of a trace, read while a run goes on.

use std::io;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::digest::{RowsDigest, RowsHash};
use super::faults::RowFaults;
use super::lines::Lines;
use super::order::{Order, OrderedRows};
use super::record::{ReadError, RowReader};
use super::rows::{ResolvedRow, RowResolver, RowRules};
use crate::ids::NameId;
use crate::scenario::files::Files;
use crate::time::SimTime;
use crate::workload::{Row, RowSource, Rows, RowsError};

/// A trace that was checked.
#[derive(Debug)]
pub struct TraceSource {
    pub files: Arc<dyn Files>,
    pub path: String,
    pub rules: Arc<RowRules>,
    /// The numbers of the image names that rows write.
    pub names: Arc<FxHashMap<Arc<str>, NameId>>,
    /// Of an unsorted file.
    pub order: Option<Order>,
    pub hash: RowsHash,
}

impl TraceSource {
    /// Opens the file, up to its header.
    ///
    /// # Errors
    /// When it can't be read, or its header is wrong.
    pub fn rows(files: &dyn Files, path: &str, order: Option<Order>) -> Result<OrderedRows, ReadError> {
        let file = files.open(path).map_err(ReadError::Io)?;
        let lines = if order.is_some() { Lines::scattered(file) } else { Lines::new(file) };
        Ok(OrderedRows::new(RowReader::new(lines)?, order))
    }
}

impl RowSource for TraceSource {
    fn open(&self) -> Result<Box<dyn Rows>, RowsError> {
        Ok(Box::new(OpenSource {
            rows: Self::rows(&*self.files, &self.path, self.order.clone())?,
            resolver: RowResolver::new(Arc::clone(&self.rules)),
            names: Arc::clone(&self.names),
            digest: RowsDigest::default(),
            expected: self.hash,
            last: SimTime::ZERO,
        }))
    }
}

/// A trace that is being read again.
struct OpenSource {
    rows: OrderedRows,
    resolver: RowResolver,
    names: Arc<FxHashMap<Arc<str>, NameId>>,
    digest: RowsDigest,
    /// The hash of all rows as they were checked.
    expected: RowsHash,
    /// The time of the row that was read last.
    last: SimTime,
}

impl Rows for OpenSource {
    fn next(&mut self) -> Result<Option<Row>, RowsError> {
        let mut faults = RowFaults::default();
        let Some(record) = self.rows.next(&mut faults)? else {
            let is_same = faults.count() == 0 && self.digest.clone().finish() == self.expected;
            return if is_same { Ok(None) } else { Err(RowsError::Changed) };
        };
        let mut number_of = |name: &str| self.names.get(name).copied();
        let (cells, resolved) = self.resolver.row(&record, &mut number_of, &mut faults);
        let ResolvedRow { row, .. } = resolved.ok_or(RowsError::Changed)?;
        if faults.count() > 0 || row.at < self.last {
            return Err(RowsError::Changed);
        }
        self.digest.add(&cells);
        self.last = row.at;
        Ok(Some(row))
    }
}

impl std::fmt::Debug for OpenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenSource").field("last", &self.last).finish_non_exhaustive()
    }
}

impl From<ReadError> for RowsError {
    /// What was a trace when it was checked, and no longer is, has changed.
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                Self::Unreadable(error.kind())
            }
            ReadError::Io(_) | ReadError::Text(_) => Self::Changed,
        }
    }
}
