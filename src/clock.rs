//! Clock times: what a clock on the wall shows at an instant of a run.
//!
//! They are labels for people. A run knows only [`SimTime`], and nothing here asks for the time of the
//! machine or for the rules of a time zone: the offset from UTC stays what the scenario says.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use serde::{Serialize, Serializer};

use crate::decimal::{self, DecimalError};
use crate::time::{SimDuration, SimTime};

/// Years in which a run may start. 285 years later, at the end of simulated time (R1.1), the calendar
/// still goes on.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2200;

/// A clock with a fixed offset from UTC, set to the start of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// What it shows at 0.
    start: DateTime,
    /// How far it is ahead of UTC, in minutes.
    ahead: i16,
}

impl Clock {
    /// Reads what the clock shows at 0, as RFC 3339 writes it: `2026-11-02T08:00:00+08:00`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, ClockError> {
        let clock = Self::showing(text)?;
        if YEARS.contains(&clock.start.year()) { Ok(clock) } else { Err(ClockError::Year) }
    }

    /// The clock that shows this at 0, in whatever year.
    fn showing(text: &str) -> Result<Self, ClockError> {
        let rest = after(text, "0000-00-00T00:00:00").ok_or(ClockError::Malformed)?;
        let date = Date::new(number(&text[..4])?, number(&text[5..7])?, number(&text[8..10])?);
        let (hour, minute, second) = (number(&text[11..13])?, number(&text[14..16])?, number(&text[17..19])?);
        let (fraction, offset) = match rest.strip_prefix('.') {
            Some(tail) => tail.split_at(tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len())),
            None => ("0", rest),
        };
        let micros = decimal::times_unit(&format!("0.{fraction}"), 1_000_000)?;
        let ahead = minutes_ahead(offset)?;
        let date = date.map_err(|_| ClockError::NoSuchDay)?;
        if second == 60 {
            return Err(ClockError::LeapSecond);
        }
        let nanos = i32::try_from(micros * 1_000).map_err(|_| ClockError::Malformed)?;
        let time = Time::new(hour, minute, second, nanos).map_err(|_| ClockError::NoSuchTime)?;
        Ok(Self { start: DateTime::from_parts(date, time), ahead })
    }

    /// Whether a text is meant as a clock time, right or wrong: it begins with a year.
    pub fn is_meant(text: &str) -> bool {
        after(text, "0000-").is_some()
    }

    /// The instant at which it is as late as a clock of any offset from UTC shows, written as in
    /// [`Clock::parse`].
    ///
    /// # Errors
    /// What is wrong with the text, and times that no run has: those before 0 and beyond the last one (R1.1).
    pub fn instant_of(self, text: &str) -> Result<SimTime, ClockError> {
        let other = Self::showing(text)?;
        let shown = other.start.duration_since(self.start).as_micros();
        let micros = shown - i128::from(other.ahead - self.ahead) * 60_000_000;
        if micros < 0 {
            return Err(ClockError::BeforeStart);
        }
        u64::try_from(micros).ok().and_then(SimTime::from_micros).ok_or(ClockError::TooLate)
    }

    /// How long before 0 the day began.
    pub fn since_midnight(self) -> SimDuration {
        let midnight = DateTime::from_parts(self.start.date(), Time::midnight());
        let micros = self.start.duration_since(midnight).as_micros();
        u64::try_from(micros).ok().and_then(SimDuration::from_micros).expect("less than a day")
    }

    /// How long before 0 Monday began.
    pub fn since_monday(self) -> SimDuration {
        const DAY_MICROS: u64 = 24 * 60 * 60 * 1_000_000;
        let days = u64::from(self.start.weekday().to_monday_zero_offset().unsigned_abs());
        let micros = self.since_midnight().micros() + days * DAY_MICROS;
        SimDuration::from_micros(micros).expect("less than a week")
    }

    /// What it shows at an instant, exactly.
    pub fn at(self, time: SimTime) -> DateTime {
        self.start.saturating_add(SignedDuration::from_micros(time.micros().cast_signed()))
    }

    /// The same for reading beside a simulated time, rounded (half up) to the second: `11:30` on the day of
    /// the start, else `Tue 3 Nov 02:15`, in another year `Fri 1 Jan 2027 02:15`; seconds unless they are 0.
    pub fn label(self, time: SimTime) -> String {
        in_words(self.rounded(time), self.start.date())
    }

    /// Two such labels, the second without a day that the first one has: `Tue 3 Nov 02:15 to 02:45`.
    pub fn span_label(self, from: SimTime, until: SimTime) -> String {
        format!("{} to {}", self.label(from), in_words(self.rounded(until), self.rounded(from).date()))
    }

    fn rounded(self, time: SimTime) -> DateTime {
        self.at(time).saturating_add(SignedDuration::from_millis(500))
    }

    /// The start in full, with the offset: `Mon 2 Nov 2026 at 08:00 (UTC+08:00)`.
    pub fn start_in_words(self) -> String {
        let is_minute = self.start.second() == 0 && self.start.subsec_nanosecond() == 0;
        let seconds = if is_minute { "" } else { ":%S%.f" };
        let start = self.start.strftime(&format!("%a %-d %b %Y at %H:%M{seconds}")).to_string();
        format!("{start} (UTC{})", self.offset().unwrap_or_default())
    }

    /// What it shows at an instant in the one form for machines: as RFC 3339 writes it, exact, with `Z` for
    /// UTC itself.
    pub fn rfc3339(self, time: SimTime) -> String {
        let offset = self.offset().unwrap_or_else(|| "Z".to_owned());
        format!("{}{offset}", self.at(time).strftime("%Y-%m-%dT%H:%M:%S%.f"))
    }

    /// `+08:00`; none for UTC itself.
    fn offset(self) -> Option<String> {
        let (sign, minutes) = (if self.ahead < 0 { '-' } else { '+' }, self.ahead.unsigned_abs());
        (minutes > 0).then(|| format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
    }
}

impl Serialize for Clock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339(SimTime::ZERO))
    }
}

/// A time to the second for a reader whose thoughts are on the day `known`.
fn in_words(shown: DateTime, known: Date) -> String {
    let day = match (shown.date() == known, shown.year() == known.year()) {
        (true, _) => "",
        (false, true) => "%a %-d %b ",
        (false, false) => "%a %-d %b %Y ",
    };
    let seconds = if shown.second() == 0 { "" } else { ":%S" };
    shown.strftime(&format!("{day}%H:%M{seconds}")).to_string()
}

/// What follows a beginning of this shape, in which `0` stands for any digit.
fn after<'a>(text: &'a str, shape: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(shape.len())?;
    let fits = |(found, wanted): (u8, u8)| match wanted {
        b'0' => found.is_ascii_digit(),
        _ => found.eq_ignore_ascii_case(&wanted),
    };
    head.bytes().zip(shape.bytes()).all(fits).then_some(rest)
}

fn number<T: FromStr>(digits: &str) -> Result<T, ClockError> {
    digits.parse().map_err(|_| ClockError::Malformed)
}

/// How far a clock with this offset is ahead of UTC, in minutes.
fn minutes_ahead(offset: &str) -> Result<i16, ClockError> {
    match offset {
        "" => return Err(ClockError::NoOffset),
        "Z" | "z" => return Ok(0),
        _ if offset.contains(|c: char| c == '[' || c.is_alphabetic()) => return Err(ClockError::ZoneName),
        _ => (),
    }
    let (sign, unsigned) = match (offset.strip_prefix('+'), offset.strip_prefix('-')) {
        (Some(unsigned), _) => (1, unsigned),
        (None, Some(unsigned)) => (-1, unsigned),
        (None, None) => return Err(ClockError::Offset),
    };
    if after(unsigned, "00:00") != Some("") {
        return Err(ClockError::Offset);
    }
    let (hours, minutes): (i16, i16) = (number(&unsigned[..2])?, number(&unsigned[3..])?);
    if hours > 23 || minutes > 59 {
        return Err(ClockError::Offset);
    }
    Ok(sign * (60 * hours + minutes))
}

/// What is wrong with a written clock time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockError {
    /// Not a date and a time to the second.
    Malformed,
    NoOffset,
    /// Not of the form `+08:00`, or a day and more.
    Offset,
    /// A time zone, whose offset may change.
    ZoneName,
    /// The 31st of a short month, or the 13th month.
    NoSuchDay,
    NoSuchTime,
    LeapSecond,
    /// Outside of the years in which a run may start.
    Year,
    /// A part below one microsecond.
    TooFine,
    /// Earlier than what the clock shows at 0.
    BeforeStart,
    /// Later than simulated time can be.
    TooLate,
}

impl From<DecimalError> for ClockError {
    fn from(error: DecimalError) -> Self {
        match error {
            DecimalError::TooFine => Self::TooFine,
            DecimalError::Malformed | DecimalError::TooLarge => Self::Malformed,
        }
    }
}

impl ClockError {
    /// The way out, in words.
    pub const HELP: &'static str = "write a day, a time and its offset from UTC, such as \
                                    \"2026-11-02T08:00:00+08:00\" or \"2026-11-02T00:00:00Z\"";
}

impl fmt::Display for ClockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => write!(f, "this is not a day and a time with seconds"),
            Self::NoOffset => write!(f, "this time has no offset from UTC"),
            Self::Offset => write!(f, "this offset from UTC is not one from -23:59 to +23:59"),
            Self::ZoneName => write!(f, "time zones by name are not known here, only fixed offsets from UTC"),
            Self::NoSuchDay => write!(f, "there is no such day"),
            Self::NoSuchTime => write!(f, "there is no such time of day"),
            Self::LeapSecond => write!(f, "leap seconds are not known here"),
            Self::Year => write!(f, "a run can't start before {} or after {}", YEARS.start(), YEARS.end()),
            Self::TooFine => write!(f, "a time can't be finer than one microsecond"),
            Self::BeforeStart => write!(f, "this is before the start of the run"),
            Self::TooLate => write!(f, "this is later than simulated time can be (285 years)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    fn clock(text: &str) -> Clock {
        Clock::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn after_start(length: &str) -> SimTime {
        SimTime::ZERO.checked_add(SimDuration::parse(length).unwrap()).unwrap()
    }

    #[test]
    fn labels_name_the_day_where_it_is_another_one() {
        for (start, passed, label) in [
            ("2026-11-02T08:00:00+08:00", "0s", "08:00"),
            ("2026-11-02T08:00:00+08:00", "3h30m", "11:30"),
            ("2026-11-02T08:00:00+08:00", "35m43s", "08:35:43"),
            ("2026-11-02T08:00:00+08:00", "15h59m59s", "23:59:59"),
            ("2026-11-02T08:00:00+08:00", "16h", "Tue 3 Nov 00:00"),
            ("2026-11-02T08:00:00+08:00", "18h15m", "Tue 3 Nov 02:15"),
            ("2026-11-02T08:00:30Z", "1d", "Tue 3 Nov 08:00:30"),
            // The ends of a month, of a year, and of February in years with and without a 29th.
            ("2026-11-30T22:00:00-05:30", "2h1m", "Tue 1 Dec 00:01"),
            ("2026-12-31T23:00:00+05:45", "90m", "Fri 1 Jan 2027 00:30"),
            ("2028-02-28T23:00:00Z", "1h", "Tue 29 Feb 00:00"),
            ("2027-02-28T23:00:00Z", "1h", "Mon 1 Mar 00:00"),
            ("2100-02-28T12:00:00Z", "12h", "Mon 1 Mar 00:00"),
            // A year of 365 days, and a week.
            ("2026-01-01T00:00:00Z", "365d", "Fri 1 Jan 2027 00:00"),
            ("2026-11-02T08:00:00+08:00", "1w", "Mon 9 Nov 08:00"),
        ] {
            assert_eq!(clock(start).label(after_start(passed)), label, "{start} and {passed}");
        }
    }

    #[test]
    fn labels_are_rounded_to_the_second_as_lengths_are() {
        let eight = clock("2026-11-02T08:00:00+08:00");
        assert_eq!(eight.label(after_start("2143200ms")), "08:35:43");
        assert_eq!(eight.label(after_start("2143500ms")), "08:35:44");
        assert_eq!(eight.label(after_start("59999ms")), "08:01");
        // What is rounded up to midnight is of the next day.
        assert_eq!(clock("2026-12-31T23:59:59Z").label(after_start("500ms")), "Fri 1 Jan 2027 00:00");
        let late = clock("2026-11-02T08:00:00.75Z");
        assert_eq!(
            (late.label(SimTime::ZERO), late.label(after_start("740ms"))),
            ("08:00:01".into(), "08:00:01".into())
        );
    }

    #[test]
    fn the_second_of_two_labels_names_a_day_only_if_it_is_another_one() {
        let evening = clock("2026-12-30T22:00:00+08:00");
        let span = |from, until| evening.span_label(after_start(from), after_start(until));
        assert_eq!(span("0s", "30m"), "22:00 to 22:30");
        assert_eq!(span("0s", "3h"), "22:00 to Thu 31 Dec 01:00");
        assert_eq!(span("3h", "4h"), "Thu 31 Dec 01:00 to 02:00");
        assert_eq!(span("3h", "26h"), "Thu 31 Dec 01:00 to Fri 1 Jan 2027 00:00");
    }

    #[test]
    fn starts_in_one_form_for_machines_and_one_for_people() {
        for (written, form, words) in [
            ("2026-11-02T08:00:00+08:00", "2026-11-02T08:00:00+08:00", "Mon 2 Nov 2026 at 08:00 (UTC+08:00)"),
            ("2026-11-02t08:00:00.500000z", "2026-11-02T08:00:00.5Z", "Mon 2 Nov 2026 at 08:00:00.5 (UTC)"),
            ("2026-11-02T08:00:01-00:00", "2026-11-02T08:00:01Z", "Mon 2 Nov 2026 at 08:00:01 (UTC)"),
            ("2026-11-02T08:00:00-00:30", "2026-11-02T08:00:00-00:30", "Mon 2 Nov 2026 at 08:00 (UTC-00:30)"),
            (
                "1970-01-01T00:00:00.000001+23:59",
                "1970-01-01T00:00:00.000001+23:59",
                "Thu 1 Jan 1970 at 00:00:00.000001 (UTC+23:59)",
            ),
            ("2200-12-31T23:59:59.0000000Z", "2200-12-31T23:59:59Z", "Wed 31 Dec 2200 at 23:59:59 (UTC)"),
        ] {
            let read = clock(written);
            assert_eq!((read.rfc3339(SimTime::ZERO).as_str(), read.start_in_words().as_str()), (form, words));
            assert_eq!(clock(form), read, "{form} reads back");
        }
        assert_eq!(
            clock("2026-11-02T20:00:00+08:00").rfc3339(after_start("4h18m0.000001s")),
            "2026-11-03T00:18:00.000001+08:00"
        );
    }

    #[test]
    fn refuses_what_is_no_start() {
        use ClockError::*;
        for (text, expected) in [
            ("", Malformed),
            ("08:00", Malformed),
            ("2026-11-02", Malformed),
            ("2026-11-02T08:00Z", Malformed),
            ("2026-11-02 08:00:00Z", Malformed),
            ("20261102T080000Z", Malformed),
            ("+2026-11-02T08:00:00Z", Malformed),
            ("-026-11-02T08:00:00Z", Malformed),
            ("２０２６-11-02T08:00:00Z", Malformed),
            ("2026-11-02T08:00:00.Z", Malformed),
            ("2026-11-02T08:00:00", NoOffset),
            ("2026-11-02T08:00:00.5", NoOffset),
            ("2026-11-02T08:00:00+08", Offset),
            ("2026-11-02T08:00:00+0800", Offset),
            ("2026-11-02T08:00:00 +08:00", Offset),
            ("2026-11-02T08:00:00+24:00", Offset),
            ("2026-11-02T08:00:00+08:60", Offset),
            ("2026-11-02T08:00:00+08:00:00", Offset),
            ("2026-11-02T08:00:00,5+08:00", Offset),
            ("2026-11-02T08:00:00+08:00[Asia/Shanghai]", ZoneName),
            ("2026-11-02T08:00:00[Asia/Shanghai]", ZoneName),
            ("2026-11-02T08:00:00Z[UTC]", ZoneName),
            ("2026-11-02T08:00:00 CST", ZoneName),
            ("2026-02-29T08:00:00Z", NoSuchDay),
            ("2026-11-31T08:00:00Z", NoSuchDay),
            ("2026-13-01T08:00:00Z", NoSuchDay),
            ("2026-00-01T08:00:00Z", NoSuchDay),
            ("2026-11-02T24:00:00Z", NoSuchTime),
            ("2026-11-02T08:60:00Z", NoSuchTime),
            ("2026-11-02T08:00:61Z", NoSuchTime),
            ("2016-12-31T23:59:60Z", LeapSecond),
            ("1969-12-31T23:59:59Z", Year),
            ("2201-01-01T00:00:00Z", Year),
            ("0000-01-01T00:00:00Z", Year),
            ("2026-11-02T08:00:00.1234567Z", TooFine),
        ] {
            assert_eq!(Clock::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn clock_times_of_any_offset_are_counted_from_the_start() {
        for (start, shown, passed) in [
            ("2026-11-02T22:00:00+08:00", "2026-11-02T22:00:00+08:00", "0s"),
            ("2026-11-02T22:00:00+08:00", "2026-11-02T14:00:00Z", "0s"),
            ("2026-11-02T22:00:00+08:00", "2026-11-02T08:30:00.000001-05:30", "1us"),
            ("2026-11-02T22:00:00.75Z", "2026-11-02t22:00:01.25z", "500ms"),
            // Tokyo is an hour ahead of Shanghai, so that midnight there is two hours after ten here less one.
            ("2026-11-02T22:00:00+08:00", "2026-11-03T00:00:00+09:00", "1h"),
            // The night to a 29th of February, and a year with that day.
            ("2028-02-28T23:00:00Z", "2028-03-01T00:00:00Z", "25h"),
            ("2028-01-01T00:00:00-23:59", "2029-01-01T00:00:00-23:59", "366d"),
            ("2026-01-01T00:00:00-23:59", "2026-01-03T00:00:00+23:59", "2m"),
            ("2200-12-31T00:00:00Z", "2201-01-01T00:00:00Z", "1d"),
        ] {
            assert_eq!(clock(start).instant_of(shown), Ok(after_start(passed)), "{start} and {shown}");
        }
        let ten = clock("2026-11-02T22:00:00+08:00");
        for (shown, error) in [
            ("2026-11-02T21:59:59.999999+08:00", ClockError::BeforeStart),
            ("2026-11-02T22:00:00+08:01", ClockError::BeforeStart),
            ("0000-01-01T00:00:00Z", ClockError::BeforeStart),
            ("9999-12-31T23:59:59Z", ClockError::TooLate),
            ("2026-11-02T22:00:00", ClockError::NoOffset),
            ("2026-11-02", ClockError::Malformed),
            ("2026-12-31T23:59:60Z", ClockError::LeapSecond),
        ] {
            assert_eq!(ten.instant_of(shown), Err(error), "{shown}");
        }
    }

    #[test]
    fn r1_1_the_last_instant_has_a_clock_time() {
        let last = clock("2200-12-31T23:59:59.999999+23:59");
        // As below, and a microsecond more.
        assert_eq!(last.instant_of("2486-06-04T23:47:34.74099+23:59"), Ok(SimTime::MAX));
        assert_eq!(last.instant_of("2486-06-04T23:47:34.740991+23:59"), Err(ClockError::TooLate));
    }

    #[test]
    fn r1_1_the_latest_start_and_the_largest_time_have_labels() {
        let last = clock("2200-12-31T23:59:59.999999+23:59");
        // 2^53 - 1 us are 104249 days and 23:47:34.740991. The 285 years from 2201 on have 70 leap days (every
        // fourth from 2204 to 2484 without 2300), 104095 days in all: 154 more lead to 4 June 2486.
        assert_eq!(last.rfc3339(SimTime::MAX), "2486-06-04T23:47:34.74099+23:59");
        assert_eq!(last.label(SimTime::MAX), "Tue 4 Jun 2486 23:47:35");
    }
}
