//! Slots held and copies waiting over time, one panel for each slot region or pair.
//!
//! Held slots and the queue have an axis each, since five slots beside a queue of thousands would not be seen.

use super::axis::{self, Scale, Tick, count_ticks, round_end};
use super::canvas::{Canvas, Look};
use super::page::{self, AXIS_LOOK, LEFT, Labels, NOTE_LOOK, Page, RIGHT, TICK_LOOK, TICKS, TOP};
use super::theme::{HEADING, LABEL, Paint};
use crate::clock::Clock;

/// Levels that hold from `at_us` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelPoint {
    /// When, in microseconds from the start.
    pub at_us: u64,
    /// Slots held.
    pub held: u32,
    /// Copies queued.
    pub waiting: u64,
    /// Most slots that may be held.
    pub cap: u32,
}

/// The levels of one slot region or pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotsPanel {
    /// The region or pair.
    pub label: String,
    /// Levels in order of time.
    pub points: Vec<LevelPoint>,
}

/// Slots in use and copies waiting over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotsChart {
    /// What the chart shows.
    pub title: String,
    /// Up to six panels.
    pub panels: Vec<SlotsPanel>,
    /// When the run ended, in microseconds from the start.
    pub end_us: u64,
    /// Labels the time axes, if there is one.
    pub clock: Option<Clock>,
    /// The line under the chart that says what is drawn.
    pub definition: String,
}

/// Height of a panel's heading.
const HEAD: i32 = 26;
/// Gap between the two bands of a panel.
const BETWEEN: i32 = 16;
/// Room for the name of the waiting and held axes.
const NAME: i32 = 22;

/// Where the panels lie.
struct Grid {
    columns: i32,
    /// Height of one band; a panel has two.
    band: i32,
    /// Width of the labels before the plot.
    before: i32,
    /// Width of the cap's label after the plot.
    after: i32,
}

impl Grid {
    fn of(chart: &SlotsChart) -> Self {
        let panels = chart.panels.len();
        let columns = if panels > 3 { 2 } else { 1 };
        let band = match panels {
            0 | 1 => 150,
            2 => 90,
            _ => 76,
        };
        let widest = |labels: &mut dyn Iterator<Item = String>| {
            labels.map(|label| TICK_LOOK.width(&label)).max().unwrap_or(0)
        };
        let levels = || chart.panels.iter().map(Levels::of);
        let ticks =
            levels().flat_map(|levels| [levels.held_ticks(band), levels.waiting_ticks(band)]).flatten();
        let before = NAME + widest(&mut ticks.map(|tick| tick.label)) + 8;
        let after = widest(&mut levels().map(|levels| levels.cap_label())).max(40) + 10;
        Self { columns, band, before, after }
    }

    fn rows(&self, panels: usize) -> i32 {
        i32::try_from(panels).unwrap_or(0).saturating_add(self.columns - 1) / self.columns
    }

    fn panel(&self) -> i32 {
        HEAD + 2 * self.band + BETWEEN + TICKS + 16
    }

    /// The upper left corner and the plot's left and right edge of panel `index`.
    fn place(&self, index: usize) -> (i32, i32, (i32, i32)) {
        let index = i32::try_from(index).unwrap_or(0);
        let (column, row) = (index % self.columns, index / self.columns);
        let wide = (RIGHT - LEFT + 16) / self.columns;
        let x = LEFT + column * wide;
        (x, TOP + row * self.panel(), (x + self.before, x + wide - 16 - self.after))
    }
}

/// Where one band of a panel lies.
struct Band {
    /// Left edge with the axis name.
    x: i32,
    /// Left and right edge of the plot.
    plot: (i32, i32),
    /// Height of 0.
    base: i32,
}

/// The largest values of a panel.
struct Levels {
    held: u32,
    waiting: u64,
    cap: u32,
    last_cap: u32,
}

impl Levels {
    fn of(panel: &SlotsPanel) -> Self {
        let points = || panel.points.iter();
        Self {
            held: points().map(|point| point.held).max().unwrap_or(0),
            waiting: points().map(|point| point.waiting).max().unwrap_or(0),
            cap: points().map(|point| point.cap).max().unwrap_or(0),
            last_cap: panel.points.last().map_or(0, |point| point.cap),
        }
    }

    fn held_ticks(&self, band: i32) -> Vec<Tick> {
        count_ticks(u64::from(self.top()), band, 22)
    }

    /// The top of the scale of slots held. A cap far above it, as in "no limit", would flatten what is held.
    fn top(&self) -> u32 {
        const FAR: u32 = 20;
        let reachable = self.held.max(1).saturating_mul(FAR);
        if self.cap <= reachable { self.held.max(self.cap).max(1) } else { self.held.max(1) }
    }

    fn cap_label(&self) -> String {
        let above = if self.last_cap > self.top() { ", above" } else { "" };
        format!("cap {}{above}", axis::count(u64::from(self.last_cap)))
    }

    fn waiting_ticks(&self, band: i32) -> Vec<Tick> {
        let end = round_end(self.waiting.max(1), &count_ticks(self.waiting.max(1), band, 22));
        count_ticks(end, band, 22)
    }
}

/// The chart as the text of an SVG file.
pub fn draw(chart: &SlotsChart) -> String {
    let grid = Grid::of(chart);
    let body = if chart.panels.is_empty() { 120 } else { grid.rows(chart.panels.len()) * grid.panel() + 6 };
    let page = Page::new(&chart.title, &chart.definition, body);
    if chart.panels.is_empty() {
        page.no_data((LEFT, TOP), (RIGHT, TOP + body), "no data: no slot region was used");
    }
    for (index, panel) in chart.panels.iter().enumerate() {
        draw_panel(&page, &grid, index, chart, panel);
    }
    let summaries: Vec<String> =
        chart.panels.iter().map(|panel| format!("{}: {}.", panel.label, summary(panel))).collect();
    page.finish(&format!("{} {}", chart.definition, summaries.join(" ")))
}

fn draw_panel(page: &Page, grid: &Grid, index: usize, chart: &SlotsChart, panel: &SlotsPanel) {
    let (end_us, panels) = (chart.end_us, chart.panels.len());
    let canvas = &page.canvas;
    let (x, y, (left, right)) = grid.place(index);
    let (note, edge) = (summary(panel), right + grid.after);
    let note_width =
        if panel.points.is_empty() { 0 } else { NOTE_LOOK.width(&note).min(right - x - 90) + grid.after };
    let heading = Look::new(HEADING, Paint::Ink).bold();
    canvas.text_within(&panel.label, (x, y), edge - x - note_width - 12, heading);
    if !panel.points.is_empty() {
        canvas.text_within(&note, (right, y + 2), right - x - 90, NOTE_LOOK.right());
    }
    let upper = y + HEAD;
    let (middle, lower) = (upper + grid.band, upper + 2 * grid.band + BETWEEN);
    let time = Scale::new(left, right - left, end_us);
    let ticks = page::time_ticks(chart.clock, end_us, right - left);
    if panel.points.is_empty() {
        page.no_data((left, upper), (right, lower), "no data");
    } else {
        page::time_grid(canvas, time, &ticks, (upper, middle));
        page::time_grid(canvas, time, &ticks, (middle + BETWEEN, lower));
        let (runs, levels) = (runs(&panel.points, time), Levels::of(panel));
        let band = |base| Band { x, plot: (left, right), base };
        canvas.group("panel", Some(&format!("{}: {note}", panel.label)), || {
            draw_held(canvas, grid, &band(middle), &levels, &runs);
            draw_waiting(canvas, grid, &band(lower), &levels, &runs);
        });
        page::time_axis(canvas, time, &[], middle, Labels::None);
    }
    page::time_axis(canvas, time, &ticks, lower, Labels::Below);
    let in_last_row = index + grid.columns.unsigned_abs() as usize >= panels;
    if in_last_row {
        canvas.text(page::time_name(chart.clock), (right, lower + TICKS + 5), AXIS_LOOK.right());
    }
}

fn draw_held(canvas: &Canvas, grid: &Grid, band: &Band, levels: &Levels, runs: &[Run]) {
    let ticks = levels.held_ticks(grid.band);
    let scale = Scale::new(band.base, -grid.band, u64::from(levels.top()));
    page::count_axis(canvas, scale, &ticks, band.plot);
    canvas.text(
        "slots held",
        (band.x, band.base - grid.band / 2),
        Look::new(LABEL, Paint::Running).centred().upward(),
    );
    let held = steps(runs, |run| scale.pixel(u64::from(run.held)));
    area(canvas, held, band.base, (Paint::Running, Paint::Running, 0.4));
    let cap = steps(runs, |run| scale.pixel(u64::from(run.cap.min(levels.top()))));
    let end = cap.last().map_or(band.base, |(_, y)| *y);
    canvas.line(cap, Paint::Cap);
    canvas.text(&levels.cap_label(), (band.plot.1 + 8, end), Look::new(LABEL, Paint::Ink).middle());
}

fn draw_waiting(canvas: &Canvas, grid: &Grid, band: &Band, levels: &Levels, runs: &[Run]) {
    let ticks = levels.waiting_ticks(grid.band);
    let end = round_end(levels.waiting.max(1), &ticks);
    let scale = Scale::new(band.base, -grid.band, end);
    page::count_axis(canvas, scale, &ticks, band.plot);
    canvas.text(
        "waiting",
        (band.x, band.base - grid.band / 2),
        Look::new(LABEL, Paint::WaitingInk).centred().upward(),
    );
    area(
        canvas,
        steps(runs, |run| scale.pixel(run.waiting)),
        band.base,
        (Paint::WaitingInk, Paint::Waiting, 0.5),
    );
}

/// A step line with the area under it filled lightly.
fn area(canvas: &Canvas, line: Vec<(i32, i32)>, base: i32, (paint, under, share): (Paint, Paint, f64)) {
    if let [(left, _), .., (right, _)] = *line.as_slice() {
        let mut corners = vec![(left, base)];
        corners.extend(&line);
        corners.push((right, base));
        canvas.polygon(corners, under, share);
    }
    canvas.line(line, paint);
}

fn steps(runs: &[Run], height: impl Fn(&Run) -> i32) -> Vec<(i32, i32)> {
    runs.iter().flat_map(|run| [(run.from, height(run)), (run.to, height(run))]).collect()
}

fn summary(panel: &SlotsPanel) -> String {
    let levels = Levels::of(panel);
    match panel.points.is_empty() {
        true => "no data".to_owned(),
        false => format!(
            "at most {} held, {} waiting",
            axis::count(u64::from(levels.held)),
            axis::count(levels.waiting)
        ),
    }
}

/// Neighbouring pixel columns with the same levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    from: i32,
    to: i32,
    held: u32,
    waiting: u64,
    cap: u32,
}

/// The levels by pixel column: in each column the largest that held for any time within it.
fn runs(points: &[LevelPoint], time: Scale) -> Vec<Run> {
    let width = u64::from(time.far().abs_diff(time.start()));
    let column = |at_us: u64, up: u128| {
        let exact = u128::from(at_us.min(time.end())) * u128::from(width) + up * u128::from(time.end() - 1);
        usize::try_from(exact / u128::from(time.end())).unwrap_or(0)
    };
    let first_cap = points.first().map_or(0, |point| point.cap);
    let mut columns = vec![(0, 0, 0); usize::try_from(width).unwrap_or(0)];
    let ends = points.iter().skip(1).map(|point| point.at_us).chain([time.end()]);
    for (point, end) in points.iter().zip(ends).filter(|(point, end)| point.at_us < *end) {
        let within = columns.iter_mut().take(column(end, 1)).skip(column(point.at_us, 0));
        for (held, waiting, cap) in within {
            *held = point.held.max(*held);
            *waiting = point.waiting.max(*waiting);
            *cap = point.cap.max(*cap);
        }
    }
    let lead_in = points.first().map_or(0, |point| column(point.at_us, 0));
    columns.iter_mut().take(lead_in).for_each(|(_, _, cap)| *cap = first_cap);
    let mut runs: Vec<Run> = Vec::new();
    for ((held, waiting, cap), from) in columns.into_iter().zip(time.start()..) {
        match runs.last_mut() {
            Some(run) if (run.held, run.waiting, run.cap) == (held, waiting, cap) => run.to = from + 1,
            _ => runs.push(Run { from, to: from + 1, held, waiting, cap }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(at_us: u64, held: u32, waiting: u64) -> LevelPoint {
        LevelPoint { at_us, held, waiting, cap: 5 }
    }

    #[test]
    fn a_pixel_column_keeps_its_largest_level() {
        let points = [at(0, 1, 0), at(25, 5, 9), at(26, 2, 0), at(26, 4, 7), at(50, 0, 0)];
        let runs = runs(&points, Scale::new(10, 4, 100));
        let levels: Vec<_> = runs.iter().map(|run| (run.from, run.to, run.held, run.waiting)).collect();
        assert_eq!(levels, [(10, 11, 1, 0), (11, 12, 5, 9), (12, 14, 0, 0)]);
    }

    #[test]
    fn levels_before_the_first_and_after_the_end() {
        let late = runs(&[at(50, 3, 1), at(400, 9, 9)], Scale::new(0, 10, 100));
        let levels: Vec<_> = late.iter().map(|run| (run.from, run.to, run.held, run.cap)).collect();
        assert_eq!(levels, [(0, 5, 0, 5), (5, 10, 3, 5)]);
        assert_eq!(runs(&[], Scale::new(0, 10, 100)).len(), 1);
    }
}
