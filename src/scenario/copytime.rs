//! How long a copy takes: the most particular setting wins (R4.1).

use crate::distribution::Drawn;
use crate::quantity::{Bytes, Rate};
use crate::time::SimDuration;
use crate::transfer::Work;
use crate::workload::DrawnTime;

/// 15 MiB/s, 5 minutes before and nothing after: 27 GiB then take about 35 minutes, the only duration of
/// this service that is public (A).
pub const DEFAULT_SETUP: SimDuration = SimDuration::from_seconds(300);
pub const DEFAULT_THROUGHPUT: Rate = Rate::new(15 << 20).expect("not zero");
pub const DEFAULT_FINALIZE: SimDuration = SimDuration::ZERO;

/// How long copies take, as far as one place of the scenario says it.
#[derive(Clone, Debug, Default)]
pub struct CopyTime {
    pub setup: Option<Drawn<SimDuration>>,
    pub throughput: Option<Drawn<Rate>>,
    pub finalize: Option<Drawn<SimDuration>>,
    /// The whole time, instead of the three parts.
    pub duration: Option<Drawn<SimDuration>>,
}

/// The size of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageSize {
    Known(Bytes),
    /// It is drawn when the run begins, or when its image comes.
    Drawn,
}

impl ImageSize {
    /// Of what is written.
    pub fn of(size: &Drawn<Bytes>) -> Self {
        size.fixed().map_or(Self::Drawn, Self::Known)
    }
}

/// Why no work can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkError {
    /// The size of the image isn't known and no duration is given.
    NoSize,
    /// The transfer would take longer than simulated time can be.
    TooLong,
}

/// How long a copy of an image of `size` takes under these settings, most particular first.
///
/// # Errors
/// See [`WorkError`].
pub fn time_of<'a>(
    levels: impl IntoIterator<Item = &'a CopyTime>,
    size: Option<ImageSize>,
) -> Result<DrawnTime, WorkError> {
    let settled = settle(levels);
    if let Some(duration) = settled.duration {
        return Ok(match duration.fixed() {
            Some(duration) => DrawnTime::Known(Work::Duration(duration)),
            None => DrawnTime::Duration(duration),
        });
    }
    let setup = settled.setup.unwrap_or(Drawn::Fixed(DEFAULT_SETUP));
    let throughput = settled.throughput.unwrap_or(Drawn::Fixed(DEFAULT_THROUGHPUT));
    let finalize = settled.finalize.unwrap_or(Drawn::Fixed(DEFAULT_FINALIZE));
    let size = size.ok_or(WorkError::NoSize)?;
    if let (ImageSize::Known(size), Some(setup), Some(rate), Some(finalize)) =
        (size, setup.fixed(), throughput.fixed(), finalize.fixed())
    {
        let work = Work::phases(setup, size, rate, finalize).filter(|work| work.length().is_some());
        return work.map(DrawnTime::Known).ok_or(WorkError::TooLong);
    }
    Ok(DrawnTime::Phases { setup, throughput, finalize })
}

/// What several levels say together. The first level that says anything decides between a duration and
/// phases; a phase it doesn't say comes from the next level that does.
pub fn settle<'a>(levels: impl IntoIterator<Item = &'a CopyTime>) -> CopyTime {
    let mut phases = CopyTime::default();
    let mut is_by_phases = false;
    for level in levels {
        if let Some(duration) = &level.duration {
            if !is_by_phases {
                return CopyTime { duration: Some(duration.clone()), ..CopyTime::default() };
            }
            continue;
        }
        is_by_phases |= level.setup.is_some() || level.throughput.is_some() || level.finalize.is_some();
        phases.setup = phases.setup.or_else(|| level.setup.clone());
        phases.throughput = phases.throughput.or_else(|| level.throughput.clone());
        phases.finalize = phases.finalize.or_else(|| level.finalize.clone());
    }
    phases
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Option<Drawn<SimDuration>> {
        Some(SimDuration::from_seconds(seconds).into())
    }

    fn length(levels: &[&CopyTime], size: Option<Bytes>) -> Result<Option<SimDuration>, WorkError> {
        match time_of(levels.iter().copied(), size.map(ImageSize::Known))? {
            DrawnTime::Known(work) => Ok(work.length()),
            drawn => panic!("{drawn:?} isn't known"),
        }
    }

    #[test]
    fn r4_1_the_most_particular_level_wins_part_by_part() {
        let request = CopyTime { setup: seconds(1), ..CopyTime::default() };
        let link = CopyTime { throughput: Rate::new(10).map(Drawn::from), ..CopyTime::default() };
        let region = CopyTime { duration: seconds(9), ..CopyTime::default() };
        let top = CopyTime { setup: seconds(100), finalize: seconds(3), ..CopyTime::default() };
        let size = Some(Bytes(100));
        let seconds = |seconds| Ok(Some(SimDuration::from_seconds(seconds)));
        // 1 s of setup, 100 bytes at 10 bytes/s, 3 s of finalize: the duration is less particular.
        assert_eq!(length(&[&request, &link, &region, &top], size), seconds(14));
        assert_eq!(length(&[&region, &top], None), seconds(9));
        assert_eq!(length(&[&top], None), Err(WorkError::NoSize));
        // Nothing said: 5 minutes and 15 MiB/s.
        assert_eq!(length(&[], Some(Bytes(15 << 20))), seconds(301));
    }

    #[test]
    fn r4_1_a_drawn_part_or_size_lets_the_time_be_drawn() {
        let drawn = time_of([], Some(ImageSize::Drawn)).unwrap();
        assert!(matches!(drawn, DrawnTime::Phases { .. }), "{drawn:?}");
        let duration = CopyTime { duration: seconds(9), ..CopyTime::default() };
        let known = time_of([&duration], Some(ImageSize::Drawn)).unwrap();
        assert!(matches!(known, DrawnTime::Known(_)), "a duration doesn't depend on the size: {known:?}");
    }
}
