//! CSV traces: requests that stand in a file of their own, one a row.
//!
//! A trace is read twice: once before the run, where every cell is checked and nothing is kept but sums
//! and hashes, and once while the run goes on, row by row. So a sorted trace takes the same memory
//! whatever its length; of an unsorted one only the places of its rows are kept.
//!
//! ```text
//! lines ──dialect──> cells of a record ──cells──> values ──rows──> the call that a row stands for
//! ```

mod cells;
mod check;
mod columns;
mod dialect;
mod digest;
mod faults;
mod lines;
mod names;
mod one_column;
mod order;
mod record;
mod repeated;
mod rows;
mod source;
mod telling;

pub use check::{Checked, Rejection, Trace};
pub use columns::Column;
pub use names::TemporaryFileError;
pub use one_column::{NoValues, read_column};
pub use rows::{Defaults, ResolvedRow, RowRules};
pub use telling::{tell, unreadable};
