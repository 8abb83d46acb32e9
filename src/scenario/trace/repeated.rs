//! Rows that share a name.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::Cells;
use super::check::{Trace, row_name};
use super::columns::Column;
use super::faults::{Place, RowFaults, TextFault};
use super::names::Suspects;
use super::order::Order;
use super::record::{ReadError, Record};

/// A row that is called like others.
struct Namesake {
    row: u64,
    place: Place,
    has_id: bool,
}

/// Looks again at rows that may share a name, and tells those that do.
///
/// # Errors
/// When the file can't be read again.
pub fn check(
    trace: &Trace<'_>,
    order: Option<&Order>,
    suspects: &Suspects,
    faults: &mut RowFaults,
) -> Result<(), ReadError> {
    if suspects.offsets.is_empty() {
        return Ok(());
    }
    let by_name = namesakes(trace, named(trace, order, &suspects.offsets)?)?;
    let mut repeated = Vec::new();
    for (name, rows) in &by_name {
        let Some((first, others)) = rows.split_first() else { continue };
        repeated.extend(others.iter().map(|row| (row, name, first)));
    }
    repeated.sort_by_key(|(row, ..)| row.row);
    repeated.into_iter().for_each(|(row, name, first)| faults.push(fault(name, first, row)));
    faults.count_more(suspects.more);
    Ok(())
}

/// What the suspects are called, by where they begin.
fn named(
    trace: &Trace<'_>,
    order: Option<&Order>,
    suspects: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, String>, ReadError> {
    let mut names: BTreeMap<u64, String> = suspects.iter().map(|offset| (*offset, String::new())).collect();
    let mut number = 0;
    each(trace, order, |record, cells| {
        if let Some(name) = names.get_mut(&record.line.offset) {
            *name = row_name(cells, number).into_owned();
        }
        number += 1;
    })?;
    Ok(names)
}

/// The suspects by name, in the order of the file.
fn namesakes(
    trace: &Trace<'_>,
    names: BTreeMap<u64, String>,
) -> Result<BTreeMap<String, Vec<Namesake>>, ReadError> {
    let mut found: BTreeMap<String, Vec<Namesake>> = BTreeMap::new();
    each(trace, None, |record, cells| {
        if let Some(name) = names.get(&record.line.offset) {
            let id = record.field(Column::Id).filter(|_| cells.id.is_some());
            let span = id.map_or(0..record.line.text.len(), |field| field.place.clone());
            let row = Namesake { row: record.row, place: record.place(span), has_id: id.is_some() };
            found.entry(name.clone()).or_default().push(row);
        }
    })?;
    Ok(found)
}

/// Shows every row again.
fn each(
    trace: &Trace<'_>,
    order: Option<&Order>,
    mut see: impl FnMut(&Record<'_>, &Cells<'_>),
) -> Result<(), ReadError> {
    let mut rows = trace.rows(order)?;
    let mut faults = RowFaults::default();
    let starts_at = trace.rules.world.starts_at;
    while let Some(record) = rows.next(&mut faults)? {
        see(&record, &Cells::read(&record, starts_at, &mut faults));
    }
    Ok(())
}

fn fault(name: &str, first: &Namesake, row: &Namesake) -> TextFault {
    let help = if first.has_id && row.has_id {
        "give each row an id of its own"
    } else {
        "a row without an id is called by its number in the order of time: give every row an id, or none that \
         is a whole number"
    };
    TextFault {
        place: row.place.clone(),
        path: Some(format!("row {}, column {}", row.row, Column::Id.name())),
        message: format!("rows {} and {} are both called `{name}`", first.row, row.row),
        help: help.to_owned(),
        related: Some((first.place.clone(), "the first of them")),
    }
}
