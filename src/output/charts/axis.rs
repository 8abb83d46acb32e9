//! Scales in whole pixels, tick marks as people write them, and values in words. All in integers.

use super::text;
use crate::time::SimDuration;

pub(super) const MILLI: u64 = 1_000;
pub(super) const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

/// Steps of time axes in microseconds; beyond the last it goes on by 1, 2, 5 in powers of ten days.
const STEPS: [u64; 41] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    MILLI,
    2 * MILLI,
    5 * MILLI,
    10 * MILLI,
    20 * MILLI,
    50 * MILLI,
    100 * MILLI,
    200 * MILLI,
    500 * MILLI,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    50 * DAY,
];

/// Free pixels between two tick labels.
pub(super) const GAP: i32 = 14;
/// Fewest pixels between two tick marks of a time axis.
pub(super) const TIGHTEST: i32 = 44;

/// One tick mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Where, in the unit of the axis.
    pub at: u64,
    /// What is written there.
    pub label: String,
}

/// A scale from 0 to `end` over whole pixels; `length` may be negative for axes that go up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    start: i32,
    length: i32,
    end: u64,
}

impl Scale {
    /// The scale on which 0 lies at pixel `start` and `end` lies `length` pixels further.
    pub fn new(start: i32, length: i32, end: u64) -> Self {
        Self { start, length, end: end.max(1) }
    }

    /// The pixel nearest to a value; values beyond the end lie at the end.
    pub fn pixel(self, value: u64) -> i32 {
        let (value, end) = (i128::from(value.min(self.end)), i128::from(self.end));
        let twice = 2 * value * i128::from(self.length.unsigned_abs()) + end;
        let distance = i32::try_from(twice / (2 * end)).unwrap_or(i32::MAX);
        self.start + distance * self.length.signum()
    }

    /// The value at the far end.
    pub fn end(self) -> u64 {
        self.end
    }

    /// The pixel of 0.
    pub fn start(self) -> i32 {
        self.start
    }

    /// The pixel of the far end.
    pub fn far(self) -> i32 {
        self.start + self.length
    }
}

/// Tick marks from 0 to `end` microseconds on `length` pixels whose labels, centred, don't touch.
pub fn time_ticks(end: u64, length: i32, size: u32) -> Vec<Tick> {
    let fits = |step: &u64| {
        let spacing = Scale::new(0, length, end).pixel(*step);
        *step > end || (spacing >= TIGHTEST && widest(end, *step, size) + GAP <= spacing)
    };
    let step = time_steps().find(fits).unwrap_or(u64::MAX);
    (0..=end / step).map(|n| Tick { at: n * step, label: tick_label(n * step) }).collect()
}

/// The width of the widest label on an axis that has few enough ticks to be worth a look.
fn widest(end: u64, step: u64, size: u32) -> i32 {
    (0..=end / step).map(|n| text::width(&tick_label(n * step), size, false)).max().unwrap_or(0)
}

/// The steps of time axes, ascending.
pub(super) fn time_steps() -> impl Iterator<Item = u64> {
    STEPS.into_iter().chain(one_two_five(100).map_while(|days| days.checked_mul(DAY)))
}

/// 1, 2, 5, 10 … times `first` while it fits.
fn one_two_five(first: u64) -> impl Iterator<Item = u64> {
    let tens = std::iter::successors(Some(first), |tens: &u64| tens.checked_mul(10));
    tens.flat_map(|tens| [1, 2, 5].into_iter().filter_map(move |n| tens.checked_mul(n)))
}

/// The step of a time axis that divides `end` into at least `least` parts, as coarse as that allows.
pub fn time_step_of(end: u64, least: u64) -> u64 {
    time_steps().take_while(|step| end / step >= least).last().unwrap_or(1)
}

/// Tick marks from 0 to `end` in whole-number steps at least `spacing` pixels apart.
pub fn count_ticks(end: u64, length: i32, spacing: i32) -> Vec<Tick> {
    let scale = Scale::new(0, length, end);
    let step = one_two_five(1).find(|step| *step >= end || scale.pixel(*step) >= spacing).unwrap_or(u64::MAX);
    let ticks: Vec<Tick> =
        (0..=end / step).map(|n| Tick { at: n * step, label: count_short(n * step) }).collect();
    if ticks.len() > 1 || end == 0 {
        return ticks;
    }
    vec![Tick { at: 0, label: count_short(0) }, Tick { at: end, label: count_short(end) }]
}

/// The end of an axis for values up to `largest`: the next tick, unless that leaves much of it empty.
pub fn round_end(largest: u64, ticks: &[Tick]) -> u64 {
    let step = ticks.get(1).map_or(1, |tick| tick.at.max(1));
    let next = largest.div_ceil(step).saturating_mul(step);
    if next - largest <= largest / 4 { next } else { largest.saturating_add(largest / 20) }
}

/// A number of things with thousands set apart: `12,345`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A round number for an axis: whole millions and more with the letter of the power.
fn count_short(n: u64) -> String {
    let powers = [
        (1_000_000_000_000_000_000, "E"),
        (1_000_000_000_000_000, "P"),
        (1_000_000_000_000, "T"),
        (1_000_000_000, "G"),
        (1_000_000, "M"),
    ];
    match powers.into_iter().find(|(power, _)| n >= *power && n.is_multiple_of(*power)) {
        Some((power, letter)) => format!("{} {letter}", count(n / power)),
        None => count(n),
    }
}

/// The label of a tick mark, a length of time in full: `0`, `1.5 ms`, `30 min`, `1 h 30 min`, `1,000 d`.
fn tick_label(us: u64) -> String {
    match us {
        0 => "0".to_owned(),
        1..MILLI => format!("{us} µs"),
        MILLI..SECOND => format!("{} ms", decimal(us, MILLI)),
        SECOND..MINUTE => format!("{} s", decimal(us, SECOND)),
        _ => {
            let mut parts = Vec::new();
            for (amount, unit) in [(us / DAY, "d"), (us % DAY / HOUR, "h"), (us % HOUR / MINUTE, "min")] {
                if amount > 0 {
                    parts.push(format!("{} {unit}", count(amount)));
                }
            }
            if !us.is_multiple_of(MINUTE) {
                parts.push(format!("{} s", decimal(us % MINUTE, SECOND)));
            }
            parts.join(" ")
        }
    }
}

/// A value in words, in the form that the terminal has too: `35m 43s`.
pub fn duration(us: u64) -> String {
    SimDuration::from_micros(us).unwrap_or(SimDuration::MAX).to_string()
}

/// `value / unit` as an exact decimal without trailing zeros; the unit is a power of ten.
fn decimal(value: u64, unit: u64) -> String {
    let (whole, mut rest, mut place) = (value / unit, value % unit, unit);
    let mut digits = count(whole);
    if rest > 0 {
        digits.push('.');
    }
    while rest > 0 {
        place /= 10;
        digits.push_str(&(rest / place).to_string());
        rest %= place;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn time_ticks_are_human() {
        let on_800 =
            |end| time_ticks(end, 800, 13).into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(", ");
        assert_eq!(
            on_800(3 * HOUR + 30 * MINUTE),
            "0, 30 min, 1 h, 1 h 30 min, 2 h, 2 h 30 min, 3 h, 3 h 30 min"
        );
        assert_eq!(on_800(16_666 * SECOND), "0, 1 h, 2 h, 3 h, 4 h");
        assert_eq!(
            on_800(90 * SECOND),
            "0, 10 s, 20 s, 30 s, 40 s, 50 s, 1 min, 1 min 10 s, 1 min 20 s, 1 min 30 s"
        );
        assert_eq!(
            on_800(2_500),
            "0, 200 µs, 400 µs, 600 µs, 800 µs, 1 ms, 1.2 ms, 1.4 ms, 1.6 ms, 1.8 ms, 2 ms, 2.2 ms, 2.4 ms"
        );
        assert_eq!(on_800(10 * DAY), "0, 1 d, 2 d, 3 d, 4 d, 5 d, 6 d, 7 d, 8 d, 9 d, 10 d");
        assert_eq!(on_800(104_025 * DAY), "0, 20,000 d, 40,000 d, 60,000 d, 80,000 d, 100,000 d");
        assert_eq!(on_800(3), "0, 1 µs, 2 µs, 3 µs");
        assert_eq!(on_800(0), "0");
        assert!(on_800(u64::MAX).starts_with("0, "));
    }

    #[test]
    fn time_labels_never_touch() {
        for end in (0..64).flat_map(|bit| [1 << bit, (1 << bit) + (1 << bit) / 3]) {
            for length in [60, 385, 700] {
                let (ticks, scale) = (time_ticks(end, length, 13), Scale::new(0, length, end));
                for pair in ticks.windows(2) {
                    let [left, right] = pair else { continue };
                    let half = |tick: &Tick| text::width(&tick.label, 13, false) / 2 + 1;
                    assert!(
                        scale.pixel(left.at) + half(left) < scale.pixel(right.at) - half(right),
                        "{end} {pair:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn count_ticks_are_whole_numbers() {
        assert_eq!(labels(&count_ticks(5, 60, 20)), ["0", "2", "4"]);
        assert_eq!(labels(&count_ticks(5, 120, 20)), ["0", "1", "2", "3", "4", "5"]);
        assert_eq!(labels(&count_ticks(24, 60, 20)), ["0", "10", "20"]);
        assert_eq!(labels(&count_ticks(4_000, 60, 20)), ["0", "2,000", "4,000"]);
        assert_eq!(labels(&count_ticks(1, 60, 20)), ["0", "1"]);
        assert_eq!(labels(&count_ticks(0, 60, 20)), ["0"]);
        assert_eq!(labels(&count_ticks(3_000_000, 90, 20)), ["0", "1 M", "2 M", "3 M"]);
        assert_eq!(count_ticks(u64::MAX, 60, 20).len(), 2);
    }

    #[test]
    fn scales_round_to_the_nearest_pixel() {
        let scale = Scale::new(100, 200, 3);
        assert_eq!(
            [scale.pixel(0), scale.pixel(1), scale.pixel(2), scale.pixel(3), scale.pixel(9)],
            [100, 167, 233, 300, 300]
        );
        let up = Scale::new(100, -50, u64::MAX);
        assert_eq!([up.pixel(0), up.pixel(u64::MAX / 2), up.pixel(u64::MAX), up.far()], [100, 75, 50, 50]);
        assert_eq!(Scale::new(7, 10, 0).pixel(0), 7);
    }

    #[test]
    fn labels_in_words() {
        assert_eq!(tick_label(0), "0");
        assert_eq!(tick_label(999), "999 µs");
        assert_eq!(tick_label(1_200), "1.2 ms");
        assert_eq!(tick_label(35 * MINUTE), "35 min");
        assert_eq!(tick_label(DAY + 3 * HOUR + 30 * MINUTE), "1 d 3 h 30 min");
        assert_eq!(tick_label(104_025 * DAY), "104,025 d");
        assert_eq!(tick_label(90_500_000), "1 min 30.5 s");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn axes_end_on_a_tick_where_it_is_near() {
        let end = |largest| round_end(largest, &count_ticks(largest, 60, 20));
        assert_eq!([end(24), end(21), end(4_000), end(1), end(0)], [30, 22, 4_000, 1, 0]);
        assert_eq!(time_step_of(HOUR, 30), 2 * MINUTE);
        assert_eq!(time_step_of(0, 30), 1);
    }
}
