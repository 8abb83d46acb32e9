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
use super::names::{NameCheck, TemporaryFileError};
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
    /// The time of the last one.
    pub last: SimTime,
    pub lanes: Vec<(AccountId, RegionId, RegionId)>,
    /// The rows that something refers to, with their numbers from 0 in the order of times.
    pub wanted: BTreeMap<String, (u64, ResolvedRow)>,
    /// The first row that stands behind a later one.
    pub out_of_order: Option<OutOfOrder>,
    /// Whether some row has a priority.
    pub has_priorities: bool,
}

/// Why a trace can't be run.
#[derive(Debug)]
pub enum Rejection {
    /// It can't be read.
    Io(io::Error),
    /// Its ids can't be compared.
    TemporaryFile(TemporaryFileError),
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

impl From<TemporaryFileError> for Rejection {
    fn from(error: TemporaryFileError) -> Self {
        Self::TemporaryFile(error)
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
        let mut numbers: FxHashMap<Arc<str>, NameId> = FxHashMap::default();
        let mut number_of = |name: &str| {
            if let Some(number) = numbers.get(name) {
                return Some(*number);
            }
            let name = Arc::from(name);
            let number = number_of(&name);
            numbers.insert(name, number);
            Some(number)
        };
        let FirstPass { mut survey, mut names, mut faults, has_all_times, out_of_order } =
            self.first_pass(&mut number_of)?;
        let mut order = None;
        let needs_order = faults.count() == 0 || names.as_ref().is_some_and(NameCheck::has_numbers);
        if out_of_order.is_some() && has_all_times && needs_order {
            let places = self.places(&mut number_of)?;
            survey = self.survey(&places, &mut names, &mut number_of)?;
            order = Some(places);
        }
        if let Some(names) = names {
            repeated::check(self, order.as_ref(), &names.suspects(has_all_times)?, &mut faults)?;
        }
        match faults.count() {
            0 if survey.count == 0 => return Err(Rejection::Empty),
            0 => {}
            count => return Err(Rejection::Text { faults: faults.into_told(), count }),
        }
        let mut lanes: Vec<_> = survey.lanes.into_iter().collect();
        lanes.sort_unstable();
        let source = TraceSource {
            files: Arc::clone(self.files),
            path: self.path.to_owned(),
            rules: Arc::clone(self.rules),
            names: Arc::new(numbers),
            order,
            hash: survey.digest.finish(),
        };
        let Survey { count, last, found, has_priorities, .. } = survey;
        Ok(Checked { source, count, last, lanes, wanted: found, out_of_order, has_priorities })
    }

    /// The rows in the order of the file, or in another one.
    pub(super) fn rows(&self, order: Option<&Order>) -> Result<OrderedRows, ReadError> {
        TraceSource::rows(&**self.files, self.path, order.cloned())
    }

    /// Checks every cell.
    fn first_pass(&self, number_of: NumberOf<'_>) -> Result<FirstPass, Rejection> {
        let mut rows = self.rows(None)?;
        let mut survey = Survey::new(self.wanted);
        // Without a column for ids all names are different by themselves.
        let mut names = rows.header().has(Column::Id).then(NameCheck::default);
        let mut out_of_order = None;
        let mut last = SimTime::ZERO;
        let mut number = 0;
        let mut has_all_times = true;
        let faults = self.walk(&mut rows, number_of, |record, cells, resolved| {
            if let Some(names) = &mut names {
                add_name(names, record, cells, number)?;
            }
            number += 1;
            let Some(at) = cells.at else {
                has_all_times = false;
                return Ok(());
            };
            if at < last {
                out_of_order.get_or_insert(OutOfOrder { row: record.row, at, before: last });
            }
            last = at;
            if let Some(resolved) = resolved.filter(|_| out_of_order.is_none()) {
                survey.add(cells, resolved);
            }
            Ok(())
        })?;
        // Nothing is known of lines that can't be cut into cells.
        has_all_times &= rows.count() == number;
        Ok(FirstPass { survey, names, faults, has_all_times, out_of_order })
    }

    /// Where the rows are, in the order of their times.
    fn places(&self, number_of: NumberOf<'_>) -> Result<Order, Rejection> {
        let mut places = Vec::new();
        self.walk(&mut self.rows(None)?, number_of, |record, cells, _| {
            let length = u32::try_from(record.line.text.len()).unwrap_or(u32::MAX);
            places.extend(cells.at.map(|at| Place { at, offset: record.line.offset, length }));
            Ok(())
        })?;
        Ok(sorted(places))
    }

    /// Looks at the rows in the order of their times. Names are found anew if they depend on it.
    fn survey(
        &self,
        order: &Order,
        names: &mut Option<NameCheck>,
        number_of: NumberOf<'_>,
    ) -> Result<Survey, Rejection> {
        let mut survey = Survey::new(self.wanted);
        let mut names = names.as_mut().filter(|names| names.has_numbers());
        if let Some(names) = &mut names {
            **names = NameCheck::default();
        }
        let mut number = 0;
        self.walk(&mut self.rows(Some(order))?, number_of, |record, cells, resolved| {
            if let Some(names) = &mut names {
                add_name(names, record, cells, number)?;
            }
            number += 1;
            if let Some(resolved) = resolved {
                survey.add(cells, resolved);
            }
            Ok(())
        })?;
        Ok(survey)
    }

    /// Shows each row that can be cut into cells, with its call if it has no fault, and gives the faults.
    fn walk(
        &self,
        rows: &mut OrderedRows,
        number_of: NumberOf<'_>,
        mut see: impl FnMut(&Record<'_>, &Cells<'_>, Option<ResolvedRow>) -> Result<(), TemporaryFileError>,
    ) -> Result<RowFaults, Rejection> {
        let mut faults = RowFaults::default();
        let mut resolver = RowResolver::new(Arc::clone(self.rules));
        while let Some(record) = rows.next(&mut faults)? {
            let (cells, resolved) = resolver.row(&record, number_of, &mut faults);
            see(&record, &cells, resolved)?;
        }
        Ok(faults)
    }
}

/// What is known after every row was read once, in the order of the file.
struct FirstPass {
    /// Of use only if no row is out of order.
    survey: Survey,
    names: Option<NameCheck>,
    faults: RowFaults,
    /// Whether the times of all rows are known, and so what number in time each row has.
    has_all_times: bool,
    out_of_order: Option<OutOfOrder>,
}

/// What has to be known of the rows as a whole.
struct Survey {
    digest: RowsDigest,
    count: u64,
    last: SimTime,
    lanes: FxHashSet<(AccountId, RegionId, RegionId)>,
    wanted: BTreeSet<String>,
    found: BTreeMap<String, (u64, ResolvedRow)>,
    has_priorities: bool,
}

impl Survey {
    fn new(wanted: &BTreeSet<String>) -> Self {
        Self {
            digest: RowsDigest::default(),
            count: 0,
            last: SimTime::ZERO,
            lanes: FxHashSet::default(),
            wanted: wanted.clone(),
            found: BTreeMap::new(),
            has_priorities: false,
        }
    }

    /// Takes the next row in the order of times.
    fn add(&mut self, cells: &Cells<'_>, resolved: ResolvedRow) {
        let number = self.count;
        self.count += 1;
        self.digest.add(cells);
        self.last = resolved.row.at;
        self.has_priorities |= cells.priority.is_some();
        let member = &resolved.row.member;
        if let (Named::Known(from), Named::Known(to)) = (member.from, member.to) {
            let caller = member.caller.expect("a row carries an account");
            self.lanes.insert((caller.account, from, to));
        }
        if self.wanted.is_empty() {
            return;
        }
        if let Some(wanted) = self.wanted.take(&*row_name(cells, number)) {
            self.found.insert(wanted, (number, resolved));
        }
    }
}

/// Adds what a row is called, unless that is an id with a fault.
fn add_name(
    names: &mut NameCheck,
    record: &Record<'_>,
    cells: &Cells<'_>,
    number: u64,
) -> Result<(), TemporaryFileError> {
    if cells.id.is_none() && record.text(Column::Id).is_some() {
        return Ok(());
    }
    names.add(&row_name(cells, number), cells.id.is_none(), record.line.offset)
}

/// What a row is called: its id, else its rank after the sort, from 1 (R3.4).
pub fn row_name<'a>(cells: &'a Cells<'_>, number: u64) -> Cow<'a, str> {
    match &cells.id {
        Some(id) => Cow::Borrowed(id),
        None => Cow::Owned((number + 1).to_string()),
    }
}
