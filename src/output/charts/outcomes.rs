//! How requests ended, and which codes calls were refused with, as bars.

use super::axis::{Scale, count};
use super::canvas::{Canvas, Look};
use super::page::{AXIS_LOOK, LEFT, NOTE_LOOK, Page, RIGHT, TICK_LOOK, TOP};
use super::theme::{HEADING, LABEL, Paint};
use crate::records::Outcome;

/// Calls refused with one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeBar {
    /// The operation that was called.
    pub operation: &'static str,
    /// The code as the service spells it.
    pub code: &'static str,
    /// Its HTTP status.
    pub http_status: u16,
    /// How many calls.
    pub count: u64,
}

/// Codes that have no bar of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoreCodes {
    /// How many codes, of each operation by itself.
    pub codes: u64,
    /// How many calls were refused with them.
    pub count: u64,
}

/// Requests by outcome, and refused calls by code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomesChart {
    /// What the chart shows.
    pub title: String,
    /// The outcomes that occurred, in the order in which they are drawn.
    pub outcomes: Vec<(Outcome, u64)>,
    /// The codes with a bar of their own, in the order in which they are drawn.
    pub codes: Vec<CodeBar>,
    /// The others, if there are any.
    pub more: Option<MoreCodes>,
    /// The line under the chart that says what is drawn.
    pub definition: String,
}

/// Height of a row, and of the bar in it.
const ROW: i32 = 22;
const BAR: i32 = 14;
/// Height of the name of a part.
const HEAD: i32 = HEADING as i32 + 13;
/// Height of the line of column names over the codes.
const COLUMNS: i32 = LABEL as i32 + 9;
/// Height of a part that says there is no data.
const EMPTY: i32 = 44;
/// Between the two parts.
const BETWEEN: i32 = 18;
/// Widest column of codes, in which the longest of the vendor's has room.
const CODES: i32 = 450;
/// Between two columns.
const GAP: i32 = 14;

/// The colour of an outcome, with how strongly it is painted; as in the other charts where they show it.
const fn tone(outcome: Outcome) -> (Paint, f64) {
    match outcome {
        Outcome::Available => (Paint::Running, 1.0),
        Outcome::Failed => (Paint::Failed, 1.0),
        Outcome::CancelledWaiting => (Paint::Cancelled, 0.6),
        Outcome::CancelledRunning => (Paint::Cancelled, 1.0),
        Outcome::Refused => REFUSED,
        Outcome::Skipped => (Paint::Muted, 0.5),
        Outcome::Replayed => (Paint::Total, 1.0),
        Outcome::DryRun => (Paint::Lead, 1.0),
        Outcome::NotSent => (Paint::Waiting, 0.5),
        Outcome::Waiting => (Paint::Waiting, 1.0),
        Outcome::Running => (Paint::Running, 0.55),
    }
}

const REFUSED: (Paint, f64) = (Paint::Muted, 1.0);
/// Codes without bars of their own, summed.
const SUMMED: (Paint, f64) = (Paint::Muted, 0.5);

/// The chart as the text of an SVG file.
pub fn draw(chart: &OutcomesChart) -> String {
    let outcomes = part_height(chart.outcomes.len(), 0);
    let rows = chart.codes.len() + usize::from(chart.more.is_some());
    let codes = part_height(rows, COLUMNS);
    let page = Page::new(&chart.title, &chart.definition, outcomes + BETWEEN + codes);
    draw_outcomes(&page, chart, TOP);
    draw_codes(&page, chart, TOP + outcomes + BETWEEN);
    page.finish(&format!("{} {}", chart.definition, summary(chart)))
}

/// The height of a part with so many rows and this height of column names.
fn part_height(rows: usize, columns: i32) -> i32 {
    let rows = i32::try_from(rows).unwrap_or(0);
    HEAD + if rows == 0 { EMPTY } else { columns + rows * ROW }
}

fn draw_head(page: &Page, words: &str, y: i32) {
    page.canvas.text(words, (LEFT, y), Look::new(HEADING, Paint::Ink).bold());
}

fn draw_outcomes(page: &Page, chart: &OutcomesChart, top: i32) {
    draw_head(page, "Requests by outcome", top);
    let y = top + HEAD;
    if chart.outcomes.is_empty() {
        page.no_data((LEFT, y), (RIGHT, y + EMPTY), "no data: no request was planned");
        return;
    }
    let labels = chart.outcomes.iter().map(|(outcome, _)| AXIS_LOOK.width(outcome.label()));
    let bars = Bars::new(LEFT + labels.max().unwrap_or(0) + GAP, chart.outcomes.iter().map(|(_, n)| *n));
    bars.draw_base(&page.canvas, y, chart.outcomes.len());
    for ((outcome, n), y) in chart.outcomes.iter().zip((y..).step_by(ROW.unsigned_abs() as usize)) {
        let title = format!("{}: {}", outcome.label(), count(*n));
        page.canvas.group("bar", Some(&title), || {
            page.canvas.text(outcome.label(), (LEFT, y + ROW / 2), AXIS_LOOK.middle());
            bars.draw(&page.canvas, *n, tone(*outcome), y);
        });
    }
}

fn draw_codes(page: &Page, chart: &OutcomesChart, top: i32) {
    draw_head(page, "Refused calls by code", top);
    let y = top + HEAD;
    if chart.codes.is_empty() {
        page.no_data((LEFT, y), (RIGHT, y + EMPTY), "no data: no call was refused");
        return;
    }
    let columns = Columns::of(chart);
    columns.draw_names(&page.canvas, y);
    let y = y + COLUMNS;
    let counts = chart.codes.iter().map(|bar| bar.count).chain(chart.more.map(|more| more.count));
    let bars = Bars::new(columns.http + GAP, counts);
    bars.draw_base(&page.canvas, y, chart.codes.len() + usize::from(chart.more.is_some()));
    let mut rows = (y..).step_by(ROW.unsigned_abs() as usize);
    for (bar, y) in chart.codes.iter().zip(rows.by_ref()) {
        let CodeBar { operation, code, http_status, count: n } = *bar;
        let title = format!("{operation}: {code} ({http_status}): {}", count(n));
        page.canvas.group("bar", Some(&title), || {
            let middle = y + ROW / 2;
            page.canvas.text(operation, (LEFT, middle), NOTE_LOOK.middle());
            page.canvas.text_within(code, (columns.code, middle), CODES, AXIS_LOOK.middle());
            page.canvas.text(&http_status.to_string(), (columns.http, middle), NOTE_LOOK.right().middle());
            bars.draw(&page.canvas, n, REFUSED, y);
        });
    }
    if let (Some(more), Some(y)) = (chart.more, rows.next()) {
        page.canvas.text(&more_words(more), (columns.code, y + ROW / 2), NOTE_LOOK.middle());
        bars.draw(&page.canvas, more.count, SUMMED, y);
    }
}

/// `6 more codes, summed`.
fn more_words(more: MoreCodes) -> String {
    let plural = if more.codes == 1 { "" } else { "s" };
    format!("{} more code{plural}, summed", count(more.codes))
}

/// Where the columns before the bars of codes stand.
struct Columns {
    /// Left edge of the codes.
    code: i32,
    /// Right edge of the statuses.
    http: i32,
}

impl Columns {
    fn of(chart: &OutcomesChart) -> Self {
        let widest = |texts: &mut dyn Iterator<Item = i32>| texts.max().unwrap_or(0);
        let operations = chart.codes.iter().map(|bar| NOTE_LOOK.width(bar.operation));
        let operation = widest(&mut operations.chain([TICK_LOOK.width("operation")]));
        let codes = chart.codes.iter().map(|bar| AXIS_LOOK.width(bar.code).min(CODES));
        let more = chart.more.map(|more| NOTE_LOOK.width(&more_words(more)));
        let code = widest(&mut codes.chain(more));
        let left = LEFT + operation + GAP;
        Self { code: left, http: left + code + GAP + TICK_LOOK.width("HTTP") }
    }

    fn draw_names(&self, canvas: &Canvas, y: i32) {
        canvas.text("operation", (LEFT, y), TICK_LOOK);
        canvas.text("code", (self.code, y), TICK_LOOK);
        canvas.text("HTTP", (self.http, y), TICK_LOOK.right());
        canvas.text("calls", (self.http + GAP, y), TICK_LOOK);
    }
}

/// Bars of one part with their counts behind them.
struct Bars {
    scale: Scale,
}

impl Bars {
    /// Bars from `left` on; the largest leaves room for its count.
    fn new(left: i32, counts: impl Iterator<Item = u64>) -> Self {
        let largest = counts.max().unwrap_or(0);
        let length = RIGHT - left - 6 - AXIS_LOOK.width(&count(largest));
        Self { scale: Scale::new(left, length, largest) }
    }

    /// The line from which the bars of so many rows begin.
    fn draw_base(&self, canvas: &Canvas, y: i32, rows: usize) {
        let height = i32::try_from(rows).unwrap_or(0) * ROW;
        canvas.upright(self.scale.start() - 1, y, y + height, Paint::Axis);
    }

    fn draw(&self, canvas: &Canvas, n: u64, (paint, share): (Paint, f64), y: i32) {
        // A single one among many is still shown.
        let end = self.scale.pixel(n).max(self.scale.start() + 1);
        let upper = y + (ROW - BAR) / 2;
        canvas.fill((self.scale.start(), upper), (end, upper + BAR), paint, share);
        canvas.text(&count(n), (end + 6, y + ROW / 2), AXIS_LOOK.middle());
    }
}

/// What is drawn, in words.
fn summary(chart: &OutcomesChart) -> String {
    let outcomes: Vec<String> = chart.outcomes.iter().map(|(outcome, n)| outcome.counted(*n)).collect();
    let code = |bar: &CodeBar| format!("{} {} {}", bar.operation, bar.code, bar.count);
    let more = chart.more.map(|more| format!("{} {}", more_words(more), more.count));
    let codes: Vec<String> = chart.codes.iter().map(code).chain(more).collect();
    let or_no_data = |words: Vec<String>| match words.is_empty() {
        true => "no data".to_owned(),
        false => words.join(", "),
    };
    format!("Requests: {}. Refused calls: {}.", or_no_data(outcomes), or_no_data(codes))
}
