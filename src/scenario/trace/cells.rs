//! What the cells of a row say, each read by itself.

use std::borrow::Cow;

use super::columns::Column;
use super::faults::RowFaults;
use super::record::Record;
use crate::clock::{Clock, ClockError};
use crate::decimal::{self, DecimalError};
use crate::quantity::{Bytes, MAX_BYTES, SizeError};
use crate::scenario::diagnostic::{is_invisible, quoted};
use crate::scenario::names::{MAX_NAME, is_name};
use crate::scenario::requests::token_fault;
use crate::time::{DurationError, SimDuration, SimTime};

/// The cells of a row; what is empty isn't said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells<'a> {
    pub id: Option<Cow<'a, str>>,
    /// None only where it has a fault.
    pub at: Option<SimTime>,
    pub image: Option<Cow<'a, str>>,
    pub size: Option<Bytes>,
    pub from: Option<Cow<'a, str>>,
    pub to: Option<Cow<'a, str>>,
    pub name: Option<Cow<'a, str>>,
    pub account: Option<Cow<'a, str>>,
    pub duration: Option<SimDuration>,
    pub cancel_at: Option<SimTime>,
    pub encrypted: Option<bool>,
    pub cancellable: Option<bool>,
    pub dry_run: Option<bool>,
    pub client_token: Option<Cow<'a, str>>,
    pub priority: Option<i32>,
}

/// What is wrong with a value, and what to write instead.
type Bad = (Cow<'static, str>, &'static str);

impl<'a> Cells<'a> {
    /// Reads the cells of a row; those with a fault, which is told, are as if they were empty. Clock times
    /// are counted from what `starts_at` shows at 0.
    pub fn read(record: &Record<'a>, starts_at: Option<Clock>, faults: &mut RowFaults) -> Self {
        let before = faults.count();
        let time = |text| time(text, starts_at);
        let at = read(record, faults, Column::At, time)
            .or_else(|| read(record, faults, Column::AtS, |text| seconds(text).map(since_start)));
        if at.is_none() && faults.count() == before {
            let column = if record.field(Column::At).is_some() { Column::At } else { Column::AtS };
            faults.cell(record, column, || {
                (format!("`{}` is empty", column.name()), "say when this copy is asked for".to_owned())
            });
        }
        let cells = Self {
            id: read(record, faults, Column::Id, id),
            at,
            image: record.text(Column::Image),
            size: read(record, faults, Column::Size, size)
                .or_else(|| read(record, faults, Column::SizeBytes, size_bytes)),
            from: record.text(Column::From),
            to: record.text(Column::To),
            name: read(record, faults, Column::Name, image_name),
            account: record.text(Column::Account),
            duration: read(record, faults, Column::Duration, duration)
                .or_else(|| read(record, faults, Column::DurationS, seconds)),
            cancel_at: read(record, faults, Column::CancelAt, time)
                .or_else(|| read(record, faults, Column::CancelAtS, |text| seconds(text).map(since_start))),
            encrypted: read(record, faults, Column::Encrypted, truth),
            cancellable: read(record, faults, Column::Cancellable, truth),
            dry_run: read(record, faults, Column::DryRun, truth),
            client_token: read(record, faults, Column::ClientToken, client_token),
            priority: read(record, faults, Column::Priority, priority),
        };
        cells.check_cancel(record, faults);
        cells
    }

    /// A cancel in the instant of its copy would be sent before it (R1.3).
    fn check_cancel(&self, record: &Record<'_>, faults: &mut RowFaults) {
        let (Some(at), Some(cancel_at)) = (self.at, self.cancel_at) else { return };
        if cancel_at > at {
            return;
        }
        let has_units = record.field(Column::CancelAt).is_some();
        let column = if has_units { Column::CancelAt } else { Column::CancelAtS };
        faults.cell(record, column, || {
            let message =
                format!("the cancel at {cancel_at} is not after the copy, which is asked for at {at}");
            (message, "write a later time, counted from the start of the run like `at`".to_owned())
        });
    }
}

fn since_start(length: SimDuration) -> SimTime {
    SimTime::ZERO.checked_add(length).unwrap_or(SimTime::MAX)
}

/// Reads a cell that isn't empty.
fn read<'a, T>(
    record: &Record<'a>,
    faults: &mut RowFaults,
    column: Column,
    value: impl FnOnce(Cow<'a, str>) -> Result<T, Bad>,
) -> Option<T> {
    let text = record.text(column)?;
    match value(text.clone()) {
        Ok(value) => Some(value),
        Err((reason, help)) => {
            faults.cell(record, column, || (format!("{}: {reason}", quoted(&text)), help.to_owned()));
            None
        }
    }
}

/// A time since the start of the run, or what a clock shows.
fn time(text: Cow<'_, str>, starts_at: Option<Clock>) -> Result<SimTime, Bad> {
    if !Clock::is_meant(&text) {
        return duration(text).map(since_start);
    }
    let Some(clock) = starts_at else {
        let message = "this is a clock time, and the scenario doesn't say what a clock shows at the start";
        return Err((message.into(), CLOCK_HELP));
    };
    clock.instant_of(&text).map_err(|error| match error {
        ClockError::BeforeStart => {
            let message = format!("{error}, whose clock then shows {}", clock.rfc3339(SimTime::ZERO));
            (message.into(), "set `starts_at` in the scenario to the earliest time, or take the row out")
        }
        ClockError::TooLate => (error.to_string().into(), "check the year, and `starts_at` in the scenario"),
        _ => (error.to_string().into(), ClockError::HELP),
    })
}

const CLOCK_HELP: &str = "set `starts_at` in the scenario, such as \"2026-11-02T08:00:00+08:00\", or write \
                          times from the start on, such as 90s or 2h30m";

fn duration(text: Cow<'_, str>) -> Result<SimDuration, Bad> {
    SimDuration::parse(&text).map_err(|error| (error.to_string().into(), DurationError::HELP))
}

fn seconds(text: Cow<'_, str>) -> Result<SimDuration, Bad> {
    const HELP: &str =
        "write seconds as a plain decimal number, such as 90 or 0.5; a column without `_s` takes units";
    let micros = decimal::times_unit(&text, 1_000_000).map_err(|error| match error {
        DecimalError::Malformed if text.starts_with('-') => "a time can't be negative",
        DecimalError::Malformed => "this is not a number of seconds",
        DecimalError::TooFine => "a time has no part below a microsecond",
        DecimalError::TooLarge => TOO_LONG,
    });
    let micros = micros.map_err(|reason| (reason.into(), HELP))?;
    u64::try_from(micros).ok().and_then(SimDuration::from_micros).ok_or((TOO_LONG.into(), HELP))
}

const TOO_LONG: &str = "this is longer than simulated time can be (285 years)";

fn size(text: Cow<'_, str>) -> Result<Bytes, Bad> {
    Bytes::parse(&text).map_err(|error| (error.to_string().into(), SizeError::SIZE_HELP))
}

fn size_bytes(text: Cow<'_, str>) -> Result<Bytes, Bad> {
    const HELP: &str = "write a whole number of bytes; the column `size` takes units";
    let bytes = decimal::times_unit(&text, 1).map_err(|error| {
        let error = if text.starts_with('-') { SizeError::Negative } else { error.into() };
        (error.to_string().into(), HELP)
    })?;
    let bytes = u64::try_from(bytes).ok().filter(|bytes| *bytes <= MAX_BYTES);
    bytes.map(Bytes).ok_or_else(|| (SizeError::TooLarge.to_string().into(), HELP))
}

fn priority(text: Cow<'_, str>) -> Result<i32, Bad> {
    const HELP: &str = "write a whole number, such as 5 or -1; the smallest starts first";
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    text.parse::<i32>().map_err(|error| match error.kind() {
        PosOverflow | NegOverflow => {
            (format!("a priority is a number from {} to {}", i32::MIN, i32::MAX).into(), HELP)
        }
        _ => ("this is not a whole number".into(), HELP),
    })
}

fn truth(text: Cow<'_, str>) -> Result<bool, Bad> {
    // Spreadsheets write capitals.
    match [true, false].into_iter().find(|value| text.eq_ignore_ascii_case(&value.to_string())) {
        Some(value) => Ok(value),
        None => Err(("this is neither true nor false".into(), "write true or false")),
    }
}

fn id(text: Cow<'_, str>) -> Result<Cow<'_, str>, Bad> {
    if is_name(&text) {
        return Ok(text);
    }
    let message = format!("this can't be a name here; names have at most {MAX_NAME} signs");
    Err((message.into(), "use letters, digits, `-`, `_` and `.`"))
}

fn client_token(text: Cow<'_, str>) -> Result<Cow<'_, str>, Bad> {
    match token_fault(&text) {
        Some((reason, _)) => Err((reason.into(), "write at most 64 ASCII characters")),
        None => Ok(text),
    }
}

/// The name of the new image; unlike that of a listed copy it has nothing filled in.
fn image_name(text: Cow<'_, str>) -> Result<Cow<'_, str>, Bad> {
    if text.chars().any(is_invisible) {
        return Err(("a name can't hold characters that aren't seen".into(), "take them out"));
    }
    if text.contains(['{', '}']) {
        let reason = "the name in a row is taken as it stands, and no image's name has braces";
        return Err((reason.into(), "write the name itself, without braces"));
    }
    Ok(text)
}
