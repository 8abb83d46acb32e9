//! Charts as stand-alone SVG text: one theme, whole pixels, the same bytes for the same input on every machine.
//!
//! Each chart is a plain data struct and a `draw` function that turns it into the text of one SVG file.

pub mod axis;
pub mod backend;
mod canvas;
mod clockaxis;
pub mod gantt;
pub mod latency;
pub mod outcomes;
mod page;
pub mod slots;
pub mod text;
pub mod theme;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
