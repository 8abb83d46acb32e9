//! Checks a trace before it is run: every cell, the order of its rows, and their names.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::cells::Cells;
use super::columns::Column;
use super::digest::RowsDigest;
use super::faults::{RowFaults, TextFault};
use super::names::NameCheck;
use super::order::{Order, OrderedRows, OutOfOrder, Place, sorted};
use super::record::{ReadError, Record};
use super::repeated;
use super::rows::{ResolvedRow, RowResolver, RowRules};
use super::source::TraceSource;
use crate::ids::{AccountId, NameId, Named, RegionId};
use crate::scenario::files::Files;
use crate::time::SimTime;

/// A trace to be checked.
pub struct Trace<'a> {
    pub files: &'a Arc<dyn Files>,
    /// As the scenario writes it.
    pub path: &'a str,
    pub rules: &'a Arc<RowRules>,
    /// Rows that something refers to, by what they are called.
    pub wanted: &'a BTreeSet<String>,
}

/// What is known of a trace without a fault.
pub struct Checked {
    pub source: TraceSource,
    /// How many rows it has.
    pub count: u64,
    pub lanes: Vec<(AccountId, RegionId, RegionId)>,
    /// The rows that something refers to, with their numbers from 0 in the order of times.
    pub wanted: BTreeMap<String, (u64, ResolvedRow)>,
    /// The first row that stands behind a later one.
    pub out_of_order: Option<OutOfOrder>,
}

/// Why a trace can't be run.
#[derive(Debug)]
pub enum Rejection {
    /// It can't be read.
    Io(io::Error),
    /// It holds no row.
    Empty,
    /// Faults that are told one by one, of so many.
    Text { faults: Vec<TextFault>, count: u64 },
}

impl From<ReadError> for Rejection {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => Self::Io(error),
            ReadError::Text(faults) => Self::Text { count: faults.len() as u64, faults },
        }
    }
}

type NumberOf<'a> = &'a mut dyn FnMut(&str) -> Option<NameId>;

impl Trace<'_> {
    /// Reads the trace once if its rows are sorted, else twice more. `number_of` gives the number of a
    /// written image name.
    ///
    /// # Errors
    /// See [`Rejection`].
    pub fn check(&self, number_of: &mut dyn FnMut(&Arc<str>) -> NameId) -> Result<Checked, Rejection> {
        let mut names: FxHashMap<Arc<str>, NameId> = FxHashMap::default();
        let mut number_of = |name: &str| {
            if let Some(number) = names.get(name) {
                return Some(*number);
            }
            let name = Arc::from(name);
            let number = number_of(&name);
            names.insert(name, number);
            Some(number)
        };
        let (mut survey, out_of_order) = self.first_pass(&mut number_of)?;
        let mut order = None;
        if out_of_order.is_some() {
            let places = self.places(&mut number_of)?;
            survey = self.survey(&places, &mut number_of)?;
            order = Some(places);
        }
        if let Some(names) = survey.names {
            let suspects = names.suspects().map_err(Rejection::Io)?;
            repeated::check(self, order.as_ref(), &suspects)?;
        }
        let mut lanes: Vec<_> = survey.lanes.into_iter().collect();
        lanes.sort_unstable();
        let source = TraceSource {
            files: Arc::clone(self.files),
            path: self.path.to_owned(),
            rules: Arc::clone(self.rules),
            names: Arc::new(names),
            order,
            hash: survey.digest.finish(),
        };
        Ok(Checked { source, count: survey.count, lanes, wanted: survey.found, out_of_order })
    }

    /// The rows in the order of the file, or in another one.
    pub(super) fn rows(&self, order: Option<&Order>) -> Result<OrderedRows, ReadError> {
        TraceSource::rows(&**self.files, self.path, order.cloned())
    }

    /// Checks every cell. The survey is of use only if no row is out of order.
    fn first_pass(&self, number_of: NumberOf<'_>) -> Result<(Survey, Option<OutOfOrder>), Rejection> {
        let mut rows = self.rows(None)?;
        let mut survey = Survey::new(&rows, self.wanted);
        let mut out_of_order = None;
        let mut last = SimTime::ZERO;
        let faults = self.walk(&mut rows, number_of, |record, cells, resolved| {
            if cells.at < last {
                out_of_order.get_or_insert(OutOfOrder { row: record.row, at: cells.at, before: last });
            }
            last = cells.at;
            if out_of_order.is_none() { survey.add(record, cells, resolved) } else { Ok(()) }
        })?;
        match faults.count() {
            0 if last == SimTime::ZERO && survey.count == 0 && out_of_order.is_none() => {
                Err(Rejection::Empty)
            }
            0 => Ok((survey, out_of_order)),
            count => Err(Rejection::Text { faults: faults.into_told(), count }),
        }
    }

    /// Where the rows are, in the order of their times.
    fn places(&self, number_of: NumberOf<'_>) -> Result<Order, Rejection> {
        let mut places = Vec::new();
        self.walk(&mut self.rows(None)?, number_of, |record, cells, _| {
            let length = u32::try_from(record.line.text.len()).unwrap_or(u32::MAX);
            places.push(Place { at: cells.at, offset: record.line.offset, length });
            Ok(())
        })?;
        Ok(sorted(places))
    }

    /// Looks at the rows in the order of their times.
    fn survey(&self, order: &Order, number_of: NumberOf<'_>) -> Result<Survey, Rejection> {
        let mut rows = self.rows(Some(order))?;
        let mut survey = Survey::new(&rows, self.wanted);
        self.walk(&mut rows, number_of, |record, cells, resolved| survey.add(record, cells, resolved))?;
        Ok(survey)
    }

    /// Shows each row that has no fault, and gives the faults of the others.
    fn walk(
        &self,
        rows: &mut OrderedRows,
        number_of: NumberOf<'_>,
        mut see: impl FnMut(&Record<'_>, &Cells<'_>, ResolvedRow) -> io::Result<()>,
    ) -> Result<RowFaults, ReadError> {
        let mut faults = RowFaults::default();
        let mut resolver = RowResolver::new(Arc::clone(self.rules));
        while let Some(record) = rows.next(&mut faults)? {
            if let Some((cells, resolved)) = resolver.row(&record, number_of, &mut faults) {
                see(&record, &cells, resolved).map_err(ReadError::Io)?;
            }
        }
        Ok(faults)
    }
}

/// What has to be known of the rows as a whole.
struct Survey {
    digest: RowsDigest,
    count: u64,
    /// Without a column for ids all names are different by themselves.
    names: Option<NameCheck>,
    lanes: FxHashSet<(AccountId, RegionId, RegionId)>,
    wanted: BTreeSet<String>,
    found: BTreeMap<String, (u64, ResolvedRow)>,
}

impl Survey {
    fn new(rows: &OrderedRows, wanted: &BTreeSet<String>) -> Self {
        Self {
            digest: RowsDigest::default(),
            count: 0,
            names: rows.header().has(Column::Id).then(NameCheck::default),
            lanes: FxHashSet::default(),
            wanted: wanted.clone(),
            found: BTreeMap::new(),
        }
    }

    /// Takes the next row in the order of times.
    fn add(&mut self, record: &Record<'_>, cells: &Cells<'_>, resolved: ResolvedRow) -> io::Result<()> {
        let number = self.count;
        self.count += 1;
        self.digest.add(cells);
        let member = &resolved.row.member;
        if let (Named::Known(from), Named::Known(to)) = (member.from, member.to) {
            self.lanes.insert((member.account, from, to));
        }
        if self.names.is_none() && self.wanted.is_empty() {
            return Ok(());
        }
        let name = row_name(cells, number);
        if let Some(names) = &mut self.names {
            names.add(&name, record.line.offset)?;
        }
        if let Some(wanted) = self.wanted.take(&*name) {
            self.found.insert(wanted, (number, resolved));
        }
        Ok(())
    }
}

/// What a row is called: its id, else its rank after the sort, from 1 (R3.4).
pub fn row_name<'a>(cells: &'a Cells<'_>, number: u64) -> Cow<'a, str> {
    match &cells.id {
        Some(id) => Cow::Borrowed(id),
        None => Cow::Owned((number + 1).to_string()),
    }
}
