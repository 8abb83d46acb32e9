//! Distributions of wait, copy, total and lead: cumulative share over a light histogram.

use super::axis::{Scale, Tick, count, duration, round_end, time_step_of, time_ticks};
use super::canvas::{Canvas, Look};
use super::page::{self, AXIS_LOOK, LEFT, Labels, NOTE_LOOK, Page, RIGHT, TICK_LOOK, TICKS, TOP};
use super::theme::{HEADING, LABEL, NOTE, Paint};

/// One figure's distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatencySeries {
    /// `wait`, `copy`, `total` or `lead`.
    pub name: &'static str,
    /// Values in microseconds, ascending, with how many copies lie at or below each.
    pub steps: Vec<(u64, u64)>,
    /// How many copies the figure counts.
    pub n: u64,
    /// Half of the copies lie at or below this.
    pub p50: u64,
    /// 95 of 100 copies lie at or below this.
    pub p95: u64,
    /// 99 of 100 copies lie at or below this.
    pub p99: u64,
}

/// The distributions of several figures under one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatencyChart {
    /// What the chart shows.
    pub title: String,
    /// The figures; one without copies is said to have no data.
    pub series: Vec<LatencySeries>,
    /// The line under the chart that says what is drawn.
    pub definition: String,
}

/// Width of the names on the left, without the axis labels.
const NAMES: i32 = 152;
/// Where the plots begin and end; to the right of them times up to 999 days have room.
const PLOT: (i32, i32) = (LEFT + NAMES + 62, RIGHT - 190);
/// The size of longer times.
const SMALL: u32 = 10;
/// Where the names of the values stand, and where the values do.
const VALUES: (i32, i32) = (PLOT.1 + 18, PLOT.1 + 58);
/// Height of a plot.
const HEIGHT: i32 = 96;
/// Height of a row that says there is no data.
const EMPTY: i32 = 44;
/// Room for percentile names over a plot.
const OVER: i32 = LABEL as i32 + 5;
const BETWEEN: i32 = 14;
/// Fewest bars of a histogram: many narrow ones, fewer where copies are so spread that those get low.
const BARS: [u64; 3] = [40, 20, 10];
/// The share of copies, as 1 in so many, that the tallest bar has to show, or a wider one is tried.
const TALL: u64 = 4;

impl LatencySeries {
    fn has_data(&self) -> bool {
        self.n > 0 && !self.steps.is_empty()
    }

    fn largest(&self) -> u64 {
        self.steps.last().map_or(0, |(value, _)| *value)
    }

    fn percentiles(&self) -> [(&'static str, u64); 3] {
        [("p50", self.p50), ("p95", self.p95), ("p99", self.p99)]
    }

    /// What the axis has to reach: everything, unless a long tail would press the rest against the edge.
    fn reach(&self) -> u64 {
        let enough = self.p99.saturating_mul(5) / 2;
        if self.largest() > enough && enough > 0 {
            self.p99.saturating_add(self.p99 / 2)
        } else {
            self.largest()
        }
    }

    /// How many copies lie at or below a value.
    fn below(&self, value: u64) -> u64 {
        let after = self.steps.partition_point(|(at, _)| *at <= value);
        after.checked_sub(1).and_then(|last| self.steps.get(last)).map_or(0, |(_, copies)| *copies)
    }

    fn paint(&self) -> Paint {
        match self.name {
            "wait" => Paint::WaitingInk,
            "copy" => Paint::Running,
            "lead" => Paint::Lead,
            _ => Paint::Total,
        }
    }

    /// The colour of areas, with how strongly it is painted.
    fn tint(&self) -> (Paint, f64) {
        if self.name == "wait" { (Paint::Waiting, 0.4) } else { (self.paint(), 0.22) }
    }

    fn meaning(&self) -> &'static str {
        match self.name {
            "wait" => "start − accepted",
            "copy" => "end − start",
            "total" => "end − accepted",
            "lead" => "ready − planned",
            _ => "",
        }
    }
}

/// The time axes: one in common where that lets each figure be read, else one of its own.
struct Axes {
    common: u64,
}

impl Axes {
    fn of(series: &[LatencySeries]) -> Self {
        let reach = |lead: bool| {
            series.iter().filter(|one| (one.name == "lead") == lead).map(LatencySeries::reach).max()
        };
        let (own, lead) = (reach(false).unwrap_or(0), reach(true).unwrap_or(0));
        Self { common: if own == 0 || lead / 4 <= own { own.max(lead) } else { own } }
    }

    fn is_common(&self, series: &LatencySeries) -> bool {
        let reach = series.reach();
        reach == 0 || (self.common / 20 <= reach && reach <= self.common)
    }

    fn axis(&self, series: &LatencySeries) -> Axis {
        let reach = if self.is_common(series) { self.common } else { series.reach() };
        let length = PLOT.1 - PLOT.0;
        // Where everything took no time at all, a second shows it as well as any other length.
        let reach = if reach == 0 { 1_000_000 } else { reach.saturating_add((reach / 40).max(1)) };
        let end = round_end(reach, &time_ticks(reach, length, LABEL));
        Axis { scale: Scale::new(PLOT.0, length, end), ticks: time_ticks(end, length, LABEL) }
    }
}

struct Axis {
    scale: Scale,
    ticks: Vec<Tick>,
}

/// What a row shows and how high it is.
struct Row<'a> {
    series: &'a LatencySeries,
    labelled: bool,
    own: bool,
    /// The axis name stands under the last row with data.
    named: bool,
}

impl Row<'_> {
    fn height(&self) -> i32 {
        match self.series.has_data() {
            false => EMPTY + BETWEEN,
            true => {
                OVER + HEIGHT
                    + if self.labelled { TICKS } else { 0 }
                    + if self.named { 18 } else { 0 }
                    + BETWEEN
            }
        }
    }
}

/// The figures as rows; a time axis is labelled under the last row that uses it.
fn rows<'a>(chart: &'a LatencyChart, axes: &Axes) -> Vec<Row<'a>> {
    let common = |series: &LatencySeries| series.has_data() && axes.is_common(series);
    let last = chart.series.iter().rposition(common);
    let named = chart.series.iter().rposition(LatencySeries::has_data);
    let row = |(index, series): (usize, &'a LatencySeries)| {
        let own = !axes.is_common(series);
        let followed_by_own = chart.series.get(index + 1).is_some_and(|next| !common(next));
        Row {
            series,
            own,
            named: named == Some(index),
            labelled: own || last == Some(index) || followed_by_own,
        }
    };
    chart.series.iter().enumerate().map(row).collect()
}

/// The chart as the text of an SVG file.
pub fn draw(chart: &LatencyChart) -> String {
    let axes = Axes::of(&chart.series);
    let rows = rows(chart, &axes);
    let any = rows.iter().any(|row| row.series.has_data());
    let body: i32 = rows.iter().map(Row::height).sum::<i32>() - if any { 4 } else { 0 };
    let body = if rows.is_empty() { 120 } else { body };
    let drawn = if any {
        "Line: share of the copies at or below a duration. Bars: share of copies per interval."
    } else {
        ""
    };
    let page = Page::new(&chart.title, &format!("{} {drawn}", chart.definition), body);
    if rows.is_empty() {
        page.no_data((LEFT, TOP), (RIGHT, TOP + body), "no data");
    }
    let empty = rows.iter().take_while(|row| !row.series.has_data());
    let first = TOP + empty.map(Row::height).sum::<i32>();
    let mut y = TOP;
    for row in &rows {
        if row.series.has_data() {
            let title = format!("{} ({}): {}", row.series.name, row.series.meaning(), summary(row.series));
            if y == first {
                page.canvas.text("share of copies", (PLOT.0 - 8, y), AXIS_LOOK.right());
            }
            page.canvas
                .group("panel", Some(&title), || draw_row(&page.canvas, row, &axes.axis(row.series), y));
        } else {
            draw_names(&page.canvas, row, None, y);
            page.no_data((PLOT.0, y), (PLOT.1, y + EMPTY), "no data: no copy counts for this figure");
        }
        y += row.height();
    }
    let summaries: Vec<String> =
        chart.series.iter().map(|series| format!("{}: {}.", series.name, summary(series))).collect();
    page.finish(&format!("{} {}", chart.definition, summaries.join(" ")))
}

fn summary(series: &LatencySeries) -> String {
    if !series.has_data() {
        return "no data".to_owned();
    }
    let values: Vec<String> =
        series.percentiles().into_iter().map(|(name, value)| format!("{name} {}", duration(value))).collect();
    format!("n = {}, {}, largest {}", count(series.n), values.join(", "), duration(series.largest()))
}

fn draw_row(canvas: &Canvas, row: &Row<'_>, axis: &Axis, y: i32) {
    let (top, base) = (y + OVER, y + OVER + HEIGHT);
    let series = row.series;
    for (share, label) in [(0, "0 %"), (1, "50 %"), (2, "100 %")] {
        let height = base - share * HEIGHT / 2;
        canvas.level(PLOT.0, PLOT.1, height, Paint::Grid);
        canvas.text(label, (PLOT.0 - 8, height), TICK_LOOK.right().middle());
    }
    page::time_grid(canvas, axis.scale, &axis.ticks, (top, base));
    let bin = bin(series, axis.scale.end());
    draw_names(canvas, row, Some(bin), y + OVER - 4);
    draw_histogram(canvas, series, axis.scale, base, bin);
    page::time_axis(
        canvas,
        axis.scale,
        &axis.ticks,
        base,
        if row.labelled { Labels::Below } else { Labels::None },
    );
    if row.named {
        canvas.text("duration", (PLOT.1, base + TICKS + 5), AXIS_LOOK.right());
    }
    for (_, value) in series.percentiles() {
        canvas.upright(axis.scale.pixel(value), top - 3, base, Paint::Axis);
    }
    draw_curve(canvas, series, axis.scale, base);
    draw_percentiles(canvas, series, axis.scale, y, base);
    draw_values(canvas, series, axis.scale.end(), top - 2);
}

/// The figure's name with its meaning and size.
fn draw_names(canvas: &Canvas, row: &Row<'_>, bin: Option<u64>, y: i32) {
    canvas.text_within(row.series.name, (LEFT, y), NAMES, Look::new(HEADING, row.series.paint()).bold());
    let mut lines = vec![row.series.meaning().to_owned()];
    if let Some(bin) = bin {
        lines.push(format!("n = {}", count(row.series.n)));
        lines.push(format!("bars per {}", duration(bin)));
    }
    if row.own && bin.is_some() {
        lines.push("own time axis".to_owned());
    }
    for (line, y) in lines.iter().zip((y + HEADING as i32 + 5..).step_by(NOTE as usize + 5)) {
        canvas.text_within(line, (LEFT, y), NAMES, NOTE_LOOK);
    }
}

/// The interval of a bar, in microseconds: wider than the narrowest where bars are low and that makes
/// them half as high again; a few values far apart stay narrow.
fn bin(series: &LatencySeries, end: u64) -> u64 {
    let tallest = |bin| bars(series, end, bin).into_iter().map(|(_, copies)| copies).max().unwrap_or(0);
    let [narrow, wider @ ..] = BARS.map(|bars| time_step_of(end, bars));
    let (mut chosen, mut height) = (narrow, tallest(narrow));
    for bin in wider {
        let other = tallest(bin);
        if height.saturating_mul(TALL) < series.n && other.saturating_mul(2) >= height.saturating_mul(3) {
            (chosen, height) = (bin, other);
        }
    }
    chosen
}

/// The start of each interval of `bin` microseconds, with how many copies fall into it (its upper end
/// counts).
fn bars(series: &LatencySeries, end: u64, bin: u64) -> Vec<(u64, u64)> {
    let bins = (end / bin + 1).min(1_000);
    let bar = |n: u64| {
        let (from, to) = (n.saturating_mul(bin), (n + 1).saturating_mul(bin));
        let before = if n == 0 { 0 } else { series.below(from) };
        (from, series.below(to).saturating_sub(before))
    };
    (0..bins).map(bar).filter(|(from, _)| *from < end).collect()
}

/// The share of the copies in each interval, as a light area.
fn draw_histogram(canvas: &Canvas, series: &LatencySeries, time: Scale, base: i32, bin: u64) {
    let height = Scale::new(base, -HEIGHT, series.n);
    let mut corners = vec![(time.start(), base)];
    for (from, copies) in bars(series, time.end(), bin) {
        // Few copies beside many are still shown, as a pixel.
        let y = if copies > 0 { height.pixel(copies).min(base - 1) } else { base };
        let left = time.pixel(from);
        corners.extend([(left, y), (time.pixel(from.saturating_add(bin)).max(left + 1), y)]);
    }
    corners.push((time.far(), base));
    let (paint, share) = series.tint();
    canvas.polygon(corners, paint, share);
}

/// The cumulative share as a step line.
fn draw_curve(canvas: &Canvas, series: &LatencySeries, time: Scale, base: i32) {
    let share = Scale::new(base, -HEIGHT, series.n);
    let mut points = vec![(time.start(), base)];
    let mut height = base;
    for (value, copies) in series.steps.iter().filter(|(value, _)| *value <= time.end()) {
        let (x, y) = (time.pixel(*value), share.pixel(*copies));
        points.extend([(x, height), (x, y)]);
        height = y;
    }
    points.push((time.far(), height));
    canvas.line(points, series.paint());
}

/// Dots on the line with the percentiles' names above the plot; names that would touch share a label.
fn draw_percentiles(canvas: &Canvas, series: &LatencySeries, time: Scale, y: i32, base: i32) {
    let look = Look::new(LABEL, Paint::Ink);
    let share = Scale::new(base, -HEIGHT, 100);
    let mut labels: Vec<(String, Vec<(u64, i32)>)> = Vec::new();
    for ((name, value), percent) in series.percentiles().into_iter().zip([50, 95, 99]) {
        let x = time.pixel(value);
        canvas.dot((x, share.pixel(percent)), 3, series.paint());
        let mut label = (name.to_owned(), vec![(value, x)]);
        while let Some((words, places)) = labels.pop_if(|left| {
            centre(left) + look.width(&left.0) / 2 + 8 > centre(&label) - look.width(&label.0) / 2
        }) {
            let equal = places.last().map(|(value, _)| value) == label.1.first().map(|(value, _)| value);
            let words = format!("{words}{}{}", if equal { " = " } else { ", " }, label.0);
            label = (words, places.into_iter().chain(label.1).collect());
        }
        labels.push(label);
    }
    for label in labels {
        let half = look.width(&label.0) / 2 + 1;
        canvas.text(&label.0, (centre(&label).clamp(PLOT.0 + half, PLOT.1 - half), y), look.centred());
    }
}

/// The middle of the places a label names.
fn centre((_, places): &(String, Vec<(u64, i32)>)) -> i32 {
    let ends = places.first().zip(places.last());
    ends.map_or(0, |((_, first), (_, last))| (first + last) / 2)
}

/// Whether a value has room beside its name.
fn fits(look: Look, value: &str) -> bool {
    look.width(value) <= RIGHT - VALUES.1
}

/// The percentiles' values, the largest value, and how many lie beyond the axis.
fn draw_values(canvas: &Canvas, series: &LatencySeries, end: u64, y: i32) {
    let (x, value_x) = VALUES;
    let values = series.percentiles().into_iter().chain([("max", series.largest())]);
    let beyond = series.n.saturating_sub(series.below(end));
    let line = LABEL as i32 + 6;
    for ((name, value), y) in values.zip((y..).step_by(line.unsigned_abs() as usize)) {
        let (name_look, look) = match name {
            "max" => (NOTE_LOOK, NOTE_LOOK),
            _ => (Look::new(LABEL, series.paint()).bold(), AXIS_LOOK),
        };
        canvas.text(name, (x, y), name_look);
        let text = duration(value);
        let look = if fits(look, &text) { look } else { Look::new(SMALL, Paint::Ink) };
        canvas.text_within(&text, (value_x, y), RIGHT - value_x, look);
    }
    if beyond > 0 {
        canvas.text_within(
            &format!("{} further right", count(beyond)),
            (x, y + 4 * line),
            RIGHT - x,
            NOTE_LOOK,
        );
    }
}

#[cfg(test)]
mod tests;
