//! Sample files that public HDR histogram tools read: `.hgrm` percentile text and `.hlog` interval
//! logs. Values are seconds in `.hgrm` and microseconds in `.hlog`.

use std::io::{self, Write};
use std::time::{Duration, UNIX_EPOCH};

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};

use crate::records::Sample;
use crate::time::SimDuration;

/// Percentile steps in each halving of the distance to 100 %.
const TICKS_PER_HALF: u64 = 5;
/// More halvings than any count of copies has.
const MAX_HALVINGS: u32 = 48;

/// Writes the percentile table. Ranks are whole numbers, so every machine writes the same bytes.
///
/// # Errors
/// When the target can't be written.
pub fn write_hgrm(target: &mut impl Write, sample: &Sample) -> io::Result<()> {
    writeln!(
        target,
        "{:>18} {:>14} {:>10} {:>16}\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    )?;
    let n = sample.n();
    let histogram = sample.histogram();
    let buckets = cumulative(&histogram, sample.max());
    let mut place = 0;
    for (numerator, denominator) in quantiles() {
        let rank = (u128::from(numerator) * u128::from(n)).div_ceil(u128::from(denominator)).max(1);
        while buckets.get(place).is_some_and(|(_, count)| u128::from(*count) < rank) {
            place += 1;
        }
        let Some((micros, count)) = buckets.get(place).filter(|(_, count)| *count < n) else { break };
        let quantile = numerator as f64 / denominator as f64;
        let odds = denominator as f64 / (denominator - numerator) as f64;
        writeln!(target, "{:>18} {quantile:>14.12} {count:>10} {odds:>16.2}", fixed(*micros))?;
    }
    if let Some((micros, count)) = buckets.last() {
        // 1/(1-1) has no value, so the last line has three columns.
        writeln!(target, "{:>18} {:>14.12} {count:>10}", fixed(*micros), 1.0)?;
    }
    let decimal =
        |value: Option<SimDuration>| value.map_or("no data".to_owned(), |value| fixed(value.micros()));
    writeln!(target, "#[Mean    = {:>12}, Max            = {:>12}]", decimal(sample.mean()), {
        decimal(sample.max())
    })?;
    writeln!(target, "#[Total count = {n}, values in seconds of simulated time]")
}

/// Ascending bucket edges with the number of values up to each; the last edge is the exact largest.
fn cumulative(histogram: &Histogram<u64>, max: Option<SimDuration>) -> Vec<(u64, u64)> {
    let max = max.map_or(0, SimDuration::micros);
    let mut count = 0;
    let with_count = histogram.iter_recorded().map(|bucket| {
        count += bucket.count_at_value();
        (histogram.highest_equivalent(bucket.value_iterated_to()).min(max), count)
    });
    with_count.collect()
}

/// 0, then in five steps to 1/2, in five to 3/4, and so on towards 1, as fractions.
fn quantiles() -> impl Iterator<Item = (u64, u64)> {
    (0..MAX_HALVINGS).flat_map(|halving| {
        let denominator = TICKS_PER_HALF << (halving + 1);
        (0..TICKS_PER_HALF).map(move |tick| (denominator - 2 * TICKS_PER_HALF + tick, denominator))
    })
}

fn fixed(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// Writes one interval from the start to `end_micros` of the clock.
///
/// # Errors
/// When the target can't be written.
pub fn write_hlog(target: &mut impl Write, figure: &str, sample: &Sample, end_micros: u64) -> io::Result<()> {
    let mut serializer = V2DeflateSerializer::new();
    let mut builder = IntervalLogWriterBuilder::new();
    builder
        .add_comment("values are microseconds of simulated time")
        .with_start_time(UNIX_EPOCH)
        .with_base_time(UNIX_EPOCH)
        .with_max_value_divisor(1_000_000.0);
    let mut log = builder.begin_log_with(&mut *target, &mut serializer)?;
    log.write_histogram(
        &sample.histogram(),
        Duration::ZERO,
        Duration::from_micros(end_micros),
        Tag::new(figure),
    )
    .map_err(|error| io::Error::other(error.to_string()))
}
