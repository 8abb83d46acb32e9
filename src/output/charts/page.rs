//! What all charts share: title, definition line, axes.

use super::axis::{self, Scale, Tick};
use super::canvas::{Canvas, Look};
use super::clockaxis::clock_ticks;
use super::text;
use super::theme::{LABEL, MARGIN, NOTE, Paint, TITLE, WIDTH};
use crate::clock::Clock;

/// Left edge of what a chart draws.
pub(super) const LEFT: i32 = MARGIN;
/// Right edge of what a chart draws.
pub(super) const RIGHT: i32 = WIDTH - MARGIN;
/// Upper edge of what a chart draws, under the title.
pub(super) const TOP: i32 = MARGIN + TITLE as i32 + 16;
/// Height of a line of tick labels with its tick marks.
pub(super) const TICKS: i32 = TICK + 3 + LABEL as i32;

const TICK: i32 = 5;
const NOTE_LINE: i32 = NOTE as i32 + 5;
const NOTE_LINES: usize = 4;

/// The look of tick labels.
pub(super) const TICK_LOOK: Look = Look::new(LABEL, Paint::Muted);
/// The look of axis names.
pub(super) const AXIS_LOOK: Look = Look::new(LABEL, Paint::Ink);
/// The look of notes.
pub(super) const NOTE_LOOK: Look = Look::new(NOTE, Paint::Muted);

/// A chart's canvas with title and definition drawn.
pub(super) struct Page {
    pub canvas: Canvas,
    title: String,
}

impl Page {
    /// A page with `body` pixels of height between the title and the definition.
    pub fn new(title: &str, definition: &str, body: i32) -> Self {
        let lines = text::wrap(definition, NOTE, RIGHT - LEFT, NOTE_LINES);
        let notes = i32::try_from(lines.len()).unwrap_or(0) * NOTE_LINE;
        let foot = TOP + body + if lines.is_empty() { 0 } else { 14 };
        let height = foot + notes + MARGIN - 5;
        let canvas = Canvas::new(WIDTH, height);
        canvas.fill((0, 0), (WIDTH, height), Paint::Background, 1.0);
        canvas.text_within(title, (LEFT, MARGIN), RIGHT - LEFT, Look::new(TITLE, Paint::Ink).bold());
        for (line, y) in lines.iter().zip((foot..).step_by(NOTE_LINE.unsigned_abs() as usize)) {
            canvas.text(line, (LEFT, y), NOTE_LOOK);
        }
        Self { canvas, title: title.to_owned() }
    }

    /// The finished file.
    pub fn finish(self, description: &str) -> String {
        self.canvas.finish(&self.title, description)
    }

    /// Says in words that there is nothing to draw in this part.
    pub fn no_data(&self, from: (i32, i32), to: (i32, i32), words: &str) {
        self.canvas.fill(from, to, Paint::Grid, 0.5);
        let look = Look::new(LABEL, Paint::Muted).centred().middle();
        self.canvas.text_within(words, ((from.0 + to.0) / 2, (from.1 + to.1) / 2), to.0 - from.0 - 16, look);
    }
}

/// Where the labels of a time axis stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Labels {
    Above,
    Below,
    None,
}

/// Tick marks from 0 to `end` microseconds on `length` pixels: times of a clock, or lengths from the start.
pub(super) fn time_ticks(clock: Option<Clock>, end: u64, length: i32) -> Vec<Tick> {
    match clock {
        Some(clock) => clock_ticks(clock, end, length, LABEL),
        None => axis::time_ticks(end, length, LABEL),
    }
}

/// What such an axis is called.
pub(super) fn time_name(clock: Option<Clock>) -> &'static str {
    if clock.is_some() { "clock time" } else { "time from start" }
}

/// Grid lines of a time axis over the heights `from_y` to `to_y`.
pub(super) fn time_grid(canvas: &Canvas, scale: Scale, ticks: &[Tick], (from_y, to_y): (i32, i32)) {
    for tick in ticks {
        canvas.upright(scale.pixel(tick.at), from_y, to_y, Paint::Grid);
    }
}

/// A time axis at height `y`: its line, tick marks and labels.
pub(super) fn time_axis(canvas: &Canvas, scale: Scale, ticks: &[Tick], y: i32, labels: Labels) {
    canvas.level(scale.start(), scale.far() + 1, y, Paint::Axis);
    let (from, to, label) = match labels {
        Labels::None => return,
        Labels::Below => (y + 1, y + TICK, y + TICK + 3),
        Labels::Above => (y - TICK + 1, y, y - TICK - 2 - LABEL as i32),
    };
    for tick in ticks {
        let x = scale.pixel(tick.at);
        canvas.upright(x, from, to, Paint::Axis);
        // A label that would leave the picture stays out; its mark stands.
        let half = TICK_LOOK.width(&tick.label) / 2 + 1;
        if x - half > 2 && x + half < WIDTH - 2 {
            canvas.text(&tick.label, (x, label), TICK_LOOK.centred());
        }
    }
}

/// An axis of numbers that goes up at `left`: grid lines as far as `right`, labels before it.
pub(super) fn count_axis(canvas: &Canvas, scale: Scale, ticks: &[Tick], (left, right): (i32, i32)) {
    for tick in ticks {
        let y = scale.pixel(tick.at);
        canvas.level(left, right, y, Paint::Grid);
        canvas.text(&tick.label, (left - 8, y), TICK_LOOK.right().middle());
    }
}
