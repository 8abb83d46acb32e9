//! What every discrete-event simulation needs and no domain word: the calendar and its keys.

mod calendar;

pub use calendar::{Calendar, EventKey};
