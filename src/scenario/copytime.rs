//! How long a copy takes: the most particular setting wins (R4.1).

use super::schema::CopyTimeText;
use crate::quantity::{Bytes, Rate};
use crate::time::SimDuration;
use crate::transfer::Work;

/// 15 MiB/s, 5 minutes before and nothing after: 27 GiB then take about 35 minutes, the only duration of
/// this service that is public (A).
pub const DEFAULT_SETUP: SimDuration = SimDuration::from_seconds(300);
pub const DEFAULT_THROUGHPUT: Rate = Rate::new(15 << 20).expect("not zero");
pub const DEFAULT_FINALIZE: SimDuration = SimDuration::ZERO;

/// Why no work can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkError {
    /// The size of the image isn't known and no duration is given.
    NoSize,
    /// The transfer would take longer than simulated time can be.
    TooLong,
}

/// The work of a copy of `size` under these settings, most particular first.
///
/// # Errors
/// See [`WorkError`].
pub fn work<'a>(
    levels: impl IntoIterator<Item = &'a CopyTimeText>,
    size: Option<Bytes>,
) -> Result<Work, WorkError> {
    let settled = settle(levels);
    if let Some(duration) = settled.duration {
        return Ok(Work::Duration(duration));
    }
    let setup = settled.setup.unwrap_or(DEFAULT_SETUP);
    let throughput = settled.throughput.unwrap_or(DEFAULT_THROUGHPUT);
    let finalize = settled.finalize.unwrap_or(DEFAULT_FINALIZE);
    let size = size.ok_or(WorkError::NoSize)?;
    Work::phases(setup, size, throughput, finalize)
        .filter(|work| work.length().is_some())
        .ok_or(WorkError::TooLong)
}

/// What several levels say together. The first level that says anything decides between a duration and
/// phases; a phase it doesn't say comes from the next level that does.
pub fn settle<'a>(levels: impl IntoIterator<Item = &'a CopyTimeText>) -> CopyTimeText {
    let mut phases = CopyTimeText::default();
    let mut is_by_phases = false;
    for level in levels {
        if let Some(duration) = level.duration {
            if !is_by_phases {
                return CopyTimeText { duration: Some(duration), ..CopyTimeText::default() };
            }
            continue;
        }
        is_by_phases |= level.setup.is_some() || level.throughput.is_some() || level.finalize.is_some();
        phases.setup = phases.setup.or(level.setup);
        phases.throughput = phases.throughput.or(level.throughput);
        phases.finalize = phases.finalize.or(level.finalize);
    }
    phases
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Option<SimDuration> {
        Some(SimDuration::from_seconds(seconds))
    }

    #[test]
    fn r4_1_the_most_particular_level_wins_part_by_part() {
        let request = CopyTimeText { setup: seconds(1), ..CopyTimeText::default() };
        let link = CopyTimeText { throughput: Rate::new(10), ..CopyTimeText::default() };
        let region = CopyTimeText { duration: seconds(9), ..CopyTimeText::default() };
        let top = CopyTimeText { setup: seconds(100), finalize: seconds(3), ..CopyTimeText::default() };
        let size = Some(Bytes(100));
        // 1 s of setup, 100 bytes at 10 bytes/s, 3 s of finalize: the duration is less particular.
        let by_phases = work([&request, &link, &region, &top], size).unwrap();
        assert_eq!(by_phases.length(), seconds(14));
        assert_eq!(work([&region, &top], None).unwrap().length(), seconds(9));
        assert_eq!(work([&top], None), Err(WorkError::NoSize));
        // Nothing said: 5 minutes and 15 MiB/s.
        assert_eq!(work([], Some(Bytes(15 << 20))).unwrap().length(), seconds(301));
    }
}
