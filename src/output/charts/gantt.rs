//! Copies as bars over time: waiting, then running, then how they ended.

use super::axis::{Scale, duration};
use super::canvas::{Canvas, Look};
use super::page::{self, AXIS_LOOK, LEFT, Labels, NOTE_LOOK, Page, RIGHT, TICKS, TOP};
use super::text;
use super::theme::{NOTE, Paint};
use crate::clock::Clock;
use crate::time::SimTime;

/// How a copy's bar ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarEnd {
    /// The image became available.
    Available,
    /// The copy failed.
    Failed,
    /// Cancelled while it waited.
    CancelledWaiting,
    /// Cancelled while it ran.
    CancelledRunning,
    /// The run ended while it waited.
    Waiting,
    /// The run ended while it ran.
    Running,
}

/// One copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GanttBar {
    /// The copy's name.
    pub label: String,
    /// When the request was accepted, in microseconds from the start.
    pub accepted_us: u64,
    /// When it got a slot, if it did.
    pub start_us: Option<u64>,
    /// When it ended or was cancelled; the end of the run for unfinished copies.
    pub end_us: u64,
    /// How it ended.
    pub end: BarEnd,
}

/// Copies over time, a row each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GanttChart {
    /// What the chart shows.
    pub title: String,
    /// Up to 300 copies in order of acceptance.
    pub bars: Vec<GanttBar>,
    /// Where the time axis ends, in microseconds from the start, if no bar goes on further.
    pub end_us: u64,
    /// Labels the time axis, if there is one.
    pub clock: Option<Clock>,
    /// The line under the chart that says what is drawn.
    pub definition: String,
}

impl BarEnd {
    const ALL: [Self; 6] = [
        Self::Available,
        Self::Failed,
        Self::CancelledRunning,
        Self::CancelledWaiting,
        Self::Running,
        Self::Waiting,
    ];

    /// What the legend says.
    const fn words(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Failed => "failed",
            Self::CancelledRunning => "cancelled while running",
            Self::CancelledWaiting => "cancelled while waiting",
            Self::Running => "still running at the end",
            Self::Waiting => "still waiting at the end",
        }
    }

    /// The colour of the bar's last part.
    const fn paint(self) -> Paint {
        match self {
            Self::Available | Self::Running => Paint::Running,
            Self::Failed => Paint::Failed,
            Self::CancelledRunning => Paint::Cancelled,
            Self::CancelledWaiting | Self::Waiting => Paint::Waiting,
        }
    }

    const fn never_ran(self) -> bool {
        matches!(self, Self::CancelledWaiting | Self::Waiting)
    }
}

/// How strongly waiting is painted.
const LIGHT: f64 = 0.55;
/// Widest row label.
const LABELS: i32 = 240;
/// How far an unfinished bar fades out beyond the end of the run.
const FADE: i32 = 24;
/// Width of a legend key.
const KEY: i32 = 34;
const LEGEND_LINE: i32 = NOTE as i32 + 9;

/// How much lower than the bar of a running copy that of a waiting one is, on each side.
fn inset(height: i32) -> i32 {
    if height > 6 { height / 4 } else { 1 }
}

/// Sizes of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rows {
    height: i32,
    font: u32,
}

impl Rows {
    /// 22 pixels for few rows, 18 up to 40, then ever less down to 9 pixels at 300.
    fn of(bars: usize) -> Self {
        let bars = i32::try_from(bars).unwrap_or(i32::MAX);
        let height = match bars {
            0..=16 => 22,
            17..=40 => 18,
            _ => (18 - (bars - 40) / 20).max(9),
        };
        let font = match height {
            15.. => 12,
            12..15 => 11,
            10..12 => 9,
            _ => 8,
        };
        Self { height, font }
    }
}

/// The chart as the text of an SVG file.
pub fn draw(chart: &GanttChart) -> String {
    let rows = Rows::of(chart.bars.len());
    let legend = legend_of(&chart.bars);
    let legend_height = legend.last().map_or(0, |(_, (_, y))| y + LEGEND_LINE + 8);
    let bars = i32::try_from(chart.bars.len()).unwrap_or(0).saturating_mul(rows.height);
    let body = if bars == 0 { 120 } else { legend_height + 2 * (TICKS + 18) + bars + 8 };
    let page = Page::new(&chart.title, &chart.definition, body);
    if bars == 0 {
        page.no_data((LEFT, TOP), (RIGHT, TOP + body), "no data: no copy was accepted");
    } else {
        draw_legend(&page.canvas, &legend);
        draw_rows(&page.canvas, chart, rows, TOP + legend_height + TICKS + 18);
    }
    page.finish(&format!("{} {}", chart.definition, summary(&chart.bars)))
}

/// The keys of the legend with their places; only what occurs.
fn legend_of(bars: &[GanttBar]) -> Vec<(Option<BarEnd>, (i32, i32))> {
    let waits = bars.iter().any(|bar| bar.start_us.unwrap_or(bar.end_us) > bar.accepted_us);
    let ends = BarEnd::ALL.into_iter().filter(|end| bars.iter().any(|bar| bar.end == *end));
    let (mut x, mut y) = (LEFT, 0);
    let keys = waits.then_some(None).into_iter().chain(ends.map(Some));
    keys.map(|key| {
        let wide = KEY + 8 + NOTE_LOOK.width(key_words(key));
        if x + wide > RIGHT && x > LEFT {
            (x, y) = (LEFT, y + LEGEND_LINE);
        }
        let place = (x, y);
        x += wide + 14;
        (key, place)
    })
    .collect()
}

fn key_words(key: Option<BarEnd>) -> &'static str {
    match key {
        None => "waiting",
        Some(BarEnd::Available) => "running",
        Some(end) => end.words(),
    }
}

fn draw_legend(canvas: &Canvas, legend: &[(Option<BarEnd>, (i32, i32))]) {
    for (key, (x, y)) in legend {
        let (x, middle) = (*x, TOP + y + NOTE as i32 / 2);
        let (from, to) = (x, x + KEY - 8);
        match key {
            None => canvas.fill((from, middle - 3), (to, middle + 3), Paint::Waiting, LIGHT),
            Some(end) => {
                let strength = if end.never_ran() { LIGHT } else { 1.0 };
                let open = matches!(end, BarEnd::Running | BarEnd::Waiting);
                let solid = if open { from + 8 } else { to };
                let half = if end.never_ran() { 3 } else { 5 };
                canvas.fill((from, middle - half), (solid, middle + half), end.paint(), strength);
                draw_end(canvas, *end, (solid, middle), 10);
            }
        }
        canvas.text(key_words(*key), (x + KEY + 4, middle), NOTE_LOOK.middle());
    }
}

/// The rows with their time axes; `top` is the height of the first row.
fn draw_rows(canvas: &Canvas, chart: &GanttChart, rows: Rows, top: i32) {
    let longest = chart
        .bars
        .iter()
        .map(|bar| text::width(&text::clean(&bar.label), rows.font, false))
        .max()
        .unwrap_or(0);
    let labels = longest.clamp(30, LABELS);
    let (left, right) = (LEFT + labels + 10, RIGHT - FADE - 8);
    let bottom = top + i32::try_from(chart.bars.len()).unwrap_or(0) * rows.height;
    let latest = chart.bars.iter().map(|bar| bar.end_us).max().unwrap_or(0).max(chart.end_us);
    let time = Scale::new(left, right - left, latest);
    let ticks = page::time_ticks(chart.clock, latest, right - left);
    page::time_grid(canvas, time, &ticks, (top, bottom));
    page::time_axis(canvas, time, &ticks, top - 1, Labels::Above);
    page::time_axis(canvas, time, &ticks, bottom, Labels::Below);
    canvas.text(page::time_name(chart.clock), (right, top - TICKS - 18), AXIS_LOOK.right());
    canvas.text("copy, in order of acceptance", (LEFT, top - TICKS - 18), AXIS_LOOK);
    canvas.text(page::time_name(chart.clock), (right, bottom + TICKS + 5), AXIS_LOOK.right());
    for (index, bar) in chart.bars.iter().enumerate() {
        let index = i32::try_from(index).unwrap_or(0);
        let y = top + index * rows.height;
        if index > 0 && index % 5 == 0 {
            canvas.level(LEFT, right, y, Paint::Grid);
        }
        canvas.group("copy", Some(&title_of(bar, chart.clock)), || {
            let look = Look::new(rows.font, Paint::Ink).right().middle();
            canvas.text_within(&bar.label, (left - 8, y + rows.height / 2), labels, look);
            draw_bar(canvas, bar, time, (y, rows.height));
        });
    }
}

fn draw_bar(canvas: &Canvas, bar: &GanttBar, time: Scale, (y, height): (i32, i32)) {
    let gap = if height > 14 { 3 } else { 1 };
    let (from_y, to_y) = (y + gap, y + height - gap);
    let accepted = time.pixel(bar.accepted_us);
    let end = time.pixel(bar.end_us.max(bar.accepted_us));
    let start = bar.start_us.map_or(end, |start| time.pixel(start).clamp(accepted, end));
    let lower = inset(to_y - from_y);
    canvas.fill((accepted, from_y + lower), (start, to_y - lower), Paint::Waiting, LIGHT);
    // What took less than a pixel is still shown.
    if bar.start_us.is_some() {
        canvas.fill((start, from_y), (end.max(start + 1), to_y), bar.end.paint(), 1.0);
    } else if start == accepted {
        canvas.fill((accepted, from_y + lower), (accepted + 1, to_y - lower), Paint::Waiting, 1.0);
    }
    draw_end(canvas, bar.end, (end, (from_y + to_y) / 2), to_y - from_y);
}

/// The mark at the end of a bar of `height` pixels.
fn draw_end(canvas: &Canvas, end: BarEnd, (x, y): (i32, i32), height: i32) {
    let r = (height / 2).clamp(3, 6);
    let diamond = |r: i32| vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y), (x, y - r)];
    match end {
        BarEnd::Available => {}
        BarEnd::Failed => {
            canvas.polygon(
                vec![
                    (x - r - 1, y - r - 1),
                    (x + r + 1, y - r - 1),
                    (x + r + 1, y + r + 1),
                    (x - r - 1, y + r + 1),
                ],
                Paint::Background,
                1.0,
            );
            canvas.line(vec![(x - r, y - r), (x + r, y + r)], Paint::Failed);
            canvas.line(vec![(x - r, y + r), (x + r, y - r)], Paint::Failed);
        }
        BarEnd::CancelledRunning => {
            canvas.polygon(diamond(r + 2), Paint::Background, 1.0);
            canvas.polygon(diamond(r + 1), Paint::CancelledInk, 1.0);
        }
        BarEnd::CancelledWaiting => {
            canvas.polygon(diamond(r + 2), Paint::Background, 1.0);
            canvas.line(diamond(r), Paint::CancelledInk);
        }
        BarEnd::Waiting | BarEnd::Running => {
            let strength = if end == BarEnd::Waiting { LIGHT } else { 1.0 };
            let lower = if end == BarEnd::Waiting { inset(height) } else { 0 };
            let (from_y, to_y) = (y - height / 2 + lower, y - height / 2 + height - lower);
            for (step, share) in [0.8, 0.6, 0.4, 0.2].into_iter().enumerate() {
                let from = x + i32::try_from(step).unwrap_or(0) * (FADE / 4);
                canvas.fill((from, from_y), (from + FADE / 4 - 2, to_y), end.paint(), share * strength);
            }
        }
    }
}

/// What is shown when pointing at a copy.
fn title_of(bar: &GanttBar, clock: Option<Clock>) -> String {
    let accepted = SimTime::from_micros(bar.accepted_us).unwrap_or(SimTime::MAX);
    let shown = clock.map_or_else(String::new, |clock| format!(" ({})", clock.label(accepted)));
    let waited = duration(bar.start_us.unwrap_or(bar.end_us).saturating_sub(bar.accepted_us));
    let ran = bar
        .start_us
        .map(|start| format!(", ran {}", duration(bar.end_us.saturating_sub(start))))
        .unwrap_or_default();
    format!(
        "{}: accepted at {}{shown}, waited {waited}{ran}, {}",
        bar.label,
        duration(bar.accepted_us),
        bar.end.words()
    )
}

/// How many copies ended in which way.
fn summary(bars: &[GanttBar]) -> String {
    let count = |end| bars.iter().filter(|bar| bar.end == end).count();
    let parts = BarEnd::ALL.into_iter().map(|end| (count(end), end.words())).filter(|(n, _)| *n > 0);
    let parts: Vec<String> = parts.map(|(n, words)| format!("{n} {words}")).collect();
    format!(
        "{} copies: {}.",
        bars.len(),
        if parts.is_empty() { "no data".to_owned() } else { parts.join(", ") }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_shrink_with_their_number() {
        let heights = [1, 16, 40, 60, 100, 200, 300, 5_000].map(|bars| Rows::of(bars).height);
        assert_eq!(heights, [22, 22, 18, 17, 15, 10, 9, 9]);
        assert!((1..400).all(|bars| Rows::of(bars).font.cast_signed() < Rows::of(bars).height));
        assert_eq!(Rows::of(40).font, 12);
    }

    #[test]
    fn the_legend_shows_what_occurs() {
        let bar = |end, start_us| GanttBar { label: String::new(), accepted_us: 0, start_us, end_us: 9, end };
        let keys = |bars: &[GanttBar]| {
            legend_of(bars).into_iter().map(|(key, _)| key_words(key)).collect::<Vec<_>>()
        };
        assert_eq!(keys(&[bar(BarEnd::Available, Some(0))]), ["running"]);
        assert_eq!(
            keys(&[bar(BarEnd::Waiting, None), bar(BarEnd::Failed, Some(1))]),
            ["waiting", "failed", "still waiting at the end"]
        );
        let all: Vec<GanttBar> = BarEnd::ALL.into_iter().map(|end| bar(end, Some(1))).collect();
        let places: Vec<(i32, i32)> = legend_of(&all).into_iter().map(|(_, place)| place).collect();
        assert!(places.iter().any(|(_, y)| *y > 0));
    }
}
