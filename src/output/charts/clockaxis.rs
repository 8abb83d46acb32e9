//! Tick marks of a time axis where a clock shows round times: hours, days, Mondays, months, years.

use jiff::civil::{Date, DateTime, Time};

use super::axis::{DAY, GAP, MILLI, SECOND, Scale, TIGHTEST, Tick, time_steps};
use super::text;
use crate::clock::Clock;
use crate::time::SimTime;

const WEEK: u64 = 7 * DAY;
/// The longest step in days; beyond it axes count in months.
const LONGEST: u64 = 2 * WEEK;
/// Steps in months, from one month to a century.
const MONTHS: [u32; 10] = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200];

/// How far it is from one tick mark to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Microseconds, counted from a midnight before a Monday: a part of a day, or a few days.
    Length(u64),
    /// Months, counted from a January.
    Months(u32),
}

impl Step {
    /// All steps, ascending.
    fn all() -> impl Iterator<Item = Self> {
        let lengths = time_steps().take_while(|step| *step <= LONGEST).map(Self::Length);
        lengths.chain(MONTHS.map(Self::Months))
    }

    /// Microseconds from a tick mark to the next at least.
    fn shortest(self) -> u64 {
        match self {
            Self::Length(length) => length,
            Self::Months(months) => u64::from(months) * 28 * DAY,
        }
    }

    /// Where the tick marks lie, in microseconds from the start up to `end`.
    fn places(self, clock: Clock, end: u64) -> Vec<u64> {
        let start = clock.at(SimTime::ZERO);
        match self {
            Self::Length(step) => {
                let day = start.date().weekday().to_monday_zero_offset().unsigned_abs();
                let passed =
                    u64::from(day) * DAY + micros_between(midnight(start.date()), start).unwrap_or(0);
                let first = passed.next_multiple_of(step) - passed;
                (first..=end).step_by(usize::try_from(step).unwrap_or(usize::MAX)).collect()
            }
            Self::Months(step) => {
                let months = 12 * start.year().unsigned_abs();
                let first = u32::from(months) + u32::from(start.month().unsigned_abs()) - 1;
                let all = (first.next_multiple_of(step)..).step_by(step as usize);
                let starts = all.map_while(first_of_month).skip_while(|month| *month < start);
                let places = starts.map_while(|month| micros_between(start, month));
                places.take_while(|place| *place <= end).collect()
            }
        }
    }

    /// What stands at a tick mark: the day at midnight, and the year in January. The year of a day is left
    /// out, since it follows from the start, which the chart tells in full.
    fn label(self, at: DateTime) -> String {
        let is_midnight = at.time() == Time::midnight();
        let form = match self {
            Self::Months(_) if at.month() == 1 => "%Y",
            Self::Months(_) => "%b",
            Self::Length(step) if step >= DAY => "%-d %b",
            Self::Length(_) if is_midnight => "%a %-d %b",
            Self::Length(step) if step < MILLI => "%H:%M:%S%.6f",
            Self::Length(step) if step < SECOND => "%H:%M:%S%.3f",
            Self::Length(_) if at.second() == 0 => "%H:%M",
            Self::Length(_) => "%H:%M:%S",
        };
        at.strftime(form).to_string()
    }

    fn ticks(self, clock: Clock, end: u64) -> Vec<Tick> {
        let at = |place| clock.at(SimTime::from_micros(place).unwrap_or(SimTime::MAX));
        let tick = |place| Tick { at: place, label: self.label(at(place)) };
        self.places(clock, end).into_iter().map(tick).collect()
    }
}

/// The first instant of a month, counted from January of the year 0; none beyond the calendar.
fn first_of_month(month: u32) -> Option<DateTime> {
    let (year, month) = (i16::try_from(month / 12).ok()?, i8::try_from(month % 12 + 1).ok()?);
    Date::new(year, month, 1).ok().map(midnight)
}

fn midnight(date: Date) -> DateTime {
    date.to_datetime(Time::midnight())
}

fn micros_between(from: DateTime, to: DateTime) -> Option<u64> {
    u64::try_from(from.duration_until(to).as_micros()).ok()
}

/// Tick marks at round clock times from 0 to `end` microseconds on `length` pixels whose labels, centred,
/// don't touch. What lies beyond the end of simulated time has none.
pub fn clock_ticks(clock: Clock, end: u64, length: i32, size: u32) -> Vec<Tick> {
    let scale = Scale::new(0, length, end);
    let end = end.min(SimTime::MAX.micros());
    let half = |tick: &Tick| text::width(&tick.label, size, false) / 2 + 1;
    let fits = |ticks: &Vec<Tick>| {
        let pairs = ticks.windows(2).filter_map(|pair| <&[Tick; 2]>::try_from(pair).ok());
        let mut rooms = pairs.map(|[left, right]| {
            scale.pixel(right.at) - half(right) - GAP - scale.pixel(left.at) - half(left)
        });
        rooms.all(|room| room >= 0)
    };
    let is_wide = |step: &Step| step.shortest() > end || scale.pixel(step.shortest()) >= TIGHTEST;
    Step::all().filter(is_wide).map(|step| step.ticks(clock, end)).find(fits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60 * SECOND;
    const HOUR: u64 = 60 * MINUTE;

    fn clock(start: &str) -> Clock {
        Clock::parse(start).unwrap_or_else(|error| panic!("{start}: {error}"))
    }

    /// Labels with their places in `unit`, on 800 pixels.
    fn on_800(start: &str, end: u64, unit: u64) -> String {
        let tick = |tick: Tick| {
            assert_eq!(tick.at % unit, 0, "{start} {end} {tick:?}");
            format!("{} {}", tick.at / unit, tick.label)
        };
        clock_ticks(clock(start), end, 800, 13).into_iter().map(tick).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn ticks_lie_at_round_times_and_name_the_day_at_midnight() {
        // From 23:56:20 it is 40 s to the next minute, and 220 s to midnight.
        assert_eq!(
            on_800("2026-11-02T23:56:20+08:00", 6 * MINUTE, SECOND),
            "40 23:57, 100 23:58, 160 23:59, 220 Tue 3 Nov, 280 00:01, 340 00:02"
        );
        // From 8:07 it is 53 min to 9, and the offset, of half an hour too, changes nothing of it.
        let day =
            "53 09:00, 233 12:00, 413 15:00, 593 18:00, 773 21:00, 953 Tue 3 Nov, 1133 03:00, 1313 06:00";
        for offset in ["Z", "-03:30", "+05:45", "+14:00"] {
            assert_eq!(on_800(&format!("2026-11-02T08:07:00{offset}"), DAY, MINUTE), day);
        }
        assert_eq!(
            on_800("2026-12-31T20:00:00Z", 12 * HOUR, HOUR),
            "0 20:00, 2 22:00, 4 Fri 1 Jan, 6 02:00, 8 04:00, 10 06:00, 12 08:00"
        );
        assert_eq!(
            on_800("2026-11-02T08:00:00.25Z", 3 * SECOND, MILLI),
            "250 08:00:00.500, 750 08:00:01.000, 1250 08:00:01.500, 1750 08:00:02.000, 2250 08:00:02.500, \
             2750 08:00:03.000"
        );
        assert_eq!(
            on_800("2026-11-02T08:00:00.000001Z", 9, 1),
            "1 08:00:00.000002, 3 08:00:00.000004, 5 08:00:00.000006, 7 08:00:00.000008, 9 08:00:00.000010"
        );
        assert_eq!(on_800("2026-11-02T08:00:00.000001Z", 0, 1), "0 08:00:00.000001");
    }

    #[test]
    fn long_axes_count_in_days_mondays_months_and_years() {
        // 20 December 2026 is a Sunday; every second day counts from its Monday before.
        assert_eq!(
            on_800("2026-12-20T12:00:00+08:00", 21 * DAY, 12 * HOUR),
            "3 22 Dec, 7 24 Dec, 11 26 Dec, 15 28 Dec, 19 30 Dec, 23 1 Jan, 27 3 Jan, 31 5 Jan, 35 7 Jan, 39 9 Jan"
        );
        // The first Monday, then weeks.
        assert_eq!(
            on_800("2026-11-05T00:00:00Z", 60 * DAY, DAY),
            "4 9 Nov, 11 16 Nov, 18 23 Nov, 25 30 Nov, 32 7 Dec, 39 14 Dec, 46 21 Dec, 53 28 Dec, 60 4 Jan"
        );
        // 30 days of November, 31 of December and January, 28 and in leap years 29 of February.
        assert_eq!(
            on_800("2027-11-01T00:00:00Z", 300 * DAY, DAY),
            "0 Nov, 30 Dec, 61 2028, 92 Feb, 121 Mar, 152 Apr, 182 May, 213 Jun, 243 Jul, 274 Aug"
        );
        assert_eq!(
            on_800("2027-11-30T00:00:00Z", 300 * DAY, DAY),
            "1 Dec, 32 2028, 63 Feb, 92 Mar, 123 Apr, 153 May, 184 Jun, 214 Jul, 245 Aug, 276 Sep"
        );
        // 2028 is a leap year.
        assert_eq!(
            on_800("2026-12-31T00:00:00Z", 5 * 366 * DAY, DAY),
            "1 2027, 182 Jul, 366 2028, 548 Jul, 732 2029, 913 Jul, 1097 2030, 1278 Jul, 1462 2031, 1643 Jul, 1827 2032"
        );
        let longest = on_800("2200-12-31T23:59:59.999999Z", SimTime::MAX.micros(), 1);
        let years: Vec<&str> = longest.split(", ").filter_map(|tick| tick.split(' ').nth(1)).collect();
        assert_eq!((years.first(), years.last(), years.len()), (Some(&"2220"), Some(&"2480"), 14));
    }

    #[test]
    fn whatever_the_run_ticks_are_round_in_order_and_apart() {
        for start in ["1970-01-01T00:00:00Z", "2026-12-31T23:59:59.999999-03:30", "2200-12-31T12:34:56+05:45"]
        {
            let clock = clock(start);
            let at = |tick: &Tick| clock.at(SimTime::from_micros(tick.at).unwrap_or(SimTime::MAX));
            for end in (0..64).flat_map(|bit| [1 << bit, (1 << bit) + (1 << bit) / 3]) {
                for length in [280, 385, 830] {
                    let (ticks, scale) = (clock_ticks(clock, end, length, 13), Scale::new(0, length, end));
                    assert!(ticks.iter().all(|tick| tick.at <= end), "{start} {end} {ticks:?}");
                    for pair in ticks.windows(2) {
                        let gap = pair[1].at - pair[0].at;
                        let time = at(&pair[0]);
                        let passed = micros_between(midnight(time.date()), time).expect("after midnight");
                        let is_known = gap > LONGEST || time_steps().any(|step| step == gap);
                        assert!(passed.is_multiple_of(gap.min(DAY)) && is_known, "{start} {end} {pair:?}");
                        let half = |tick: &Tick| text::width(&tick.label, 13, false) / 2 + 1;
                        let edges = scale.pixel(pair[0].at) + half(&pair[0])
                            ..scale.pixel(pair[1].at) - half(&pair[1]);
                        assert!(!edges.is_empty(), "{start} {end} {pair:?}");
                    }
                    let is_day = |tick: &Tick| at(tick).time() == Time::midnight();
                    let colons = |tick: &Tick| tick.label.contains(':');
                    assert!(ticks.iter().all(|tick| is_day(tick) != colons(tick)), "{start} {end} {ticks:?}");
                    assert!(end > SimTime::MAX.micros() || !ticks.is_empty(), "{start} {end} {length}");
                }
            }
        }
    }
}
