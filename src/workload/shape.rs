//! Traces that are asked for in another shape than they were recorded in: faster or slower, more or less of them,
//! again and again.

use std::sync::Arc;

use super::rows::{Row, RowSource, Rows, RowsError};
use crate::quantity::Factor;
use crate::time::{SimDuration, SimTime};

/// How the rows of a trace are asked for. Nothing is drawn: rows are left out or doubled evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Every time is multiplied by this.
    pub time: Factor,
    /// So many copies are asked for each row, on the average: of 0.5 every second row counts, of 1.5 every second
    /// one twice.
    pub rate: Factor,
    pub repeat: Repeat,
}

/// How often a trace is asked for, and how long after each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    pub every: SimDuration,
    pub times: u64,
}

impl Repeat {
    pub const ONCE: Self = Self { every: SimDuration::ZERO, times: 1 };
}

impl Shape {
    /// As it was recorded.
    pub const PLAIN: Self = Self { time: Factor::ONE, rate: Factor::ONE, repeat: Repeat::ONCE };

    /// Copies that are asked for a row, by its number in time.
    pub fn copies_of(&self, number: u64) -> u64 {
        self.rate.of(number + 1) - self.rate.of(number)
    }

    /// Copies that are asked for a trace of so many rows in all.
    pub fn count(&self, rows: u64) -> u64 {
        self.rate.of(rows).saturating_mul(self.repeat.times)
    }

    /// When a row at `at` is asked for in the first pass; none beyond the end of time.
    pub fn first_time(&self, at: SimTime) -> Option<SimTime> {
        SimTime::from_micros(self.time.of_rounded(at.micros())?)
    }

    /// When a row at `at` is asked for in the last pass; none beyond the end of time.
    pub fn last_time(&self, at: SimTime) -> Option<SimTime> {
        self.time(at, self.repeat.times.saturating_sub(1))
    }

    /// When a row at `at` is asked for in a pass, from 0.
    fn time(&self, at: SimTime, pass: u64) -> Option<SimTime> {
        let begin = self.repeat.every.micros().checked_mul(pass)?;
        self.first_time(at)?.checked_add(SimDuration::from_micros(begin)?)
    }
}

/// A trace in another shape.
#[derive(Debug)]
pub struct ShapedSource {
    pub rows: Arc<dyn RowSource>,
    pub shape: Shape,
}

impl RowSource for ShapedSource {
    fn open(&self) -> Result<Box<dyn Rows>, RowsError> {
        Ok(Box::new(Shaped {
            source: Arc::clone(&self.rows),
            shape: self.shape,
            rows: self.rows.open()?,
            pass: 0,
            number: 0,
            row: None,
            copies: 0,
        }))
    }
}

/// A shaped trace that is being read.
#[derive(Debug)]
struct Shaped {
    source: Arc<dyn RowSource>,
    shape: Shape,
    rows: Box<dyn Rows>,
    pass: u64,
    /// Of the next row in this pass.
    number: u64,
    /// The present row, and how many copies of it were given.
    row: Option<Row>,
    copies: u64,
}

impl Rows for Shaped {
    fn next(&mut self) -> Result<Option<Row>, RowsError> {
        loop {
            if let Some(row) = &self.row
                && self.copies < self.shape.copies_of(self.number - 1)
            {
                self.copies += 1;
                return Ok(Some(self.shaped(row)));
            }
            self.row = self.rows.next()?;
            self.copies = 0;
            if self.row.is_some() {
                self.number += 1;
                continue;
            }
            self.pass += 1;
            if self.pass >= self.shape.repeat.times {
                return Ok(None);
            }
            self.rows = self.source.open()?;
            self.number = 0;
        }
    }

    /// Only the present pass is read to its end: the later ones have the same rows.
    fn finish(&mut self) -> Result<u64, RowsError> {
        let (pass, number, given) = (self.pass, self.number, self.copies);
        let rest = self.rows.finish()?;
        let rows = number + rest;
        let of_present = if number > 0 { self.shape.copies_of(number - 1) - given } else { 0 };
        let later = self.shape.repeat.times.saturating_sub(pass + 1);
        let of_rest = self.shape.rate.of(rows) - self.shape.rate.of(number);
        Ok(of_present + of_rest + self.shape.rate.of(rows).saturating_mul(later))
    }
}

impl Shaped {
    /// The present row as it is asked for now. What lies beyond the end of time lies beyond the horizon too.
    fn shaped(&self, row: &Row) -> Row {
        let at = self.shape.time(row.at, self.pass).unwrap_or(SimTime::MAX);
        let cancel_at = row.cancel_at.map(|at| self.shape.time(at, self.pass).unwrap_or(SimTime::MAX));
        // A sign that no written id has keeps all of them apart.
        let id = row.id.as_ref().map(|id| {
            let pass = if self.pass > 0 { format!("~{}", self.pass + 1) } else { String::new() };
            let copy = if self.copies > 1 { format!("+{}", self.copies) } else { String::new() };
            format!("{id}{pass}{copy}").into_boxed_str()
        });
        Row { at, id, cancel_at, ..row.clone() }
    }
}
