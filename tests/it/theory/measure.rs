//! How each value of the theory is measured from the jobs of a run.

use copysim::records::Outcome;
use serde_json::Value;

use super::Row;
use super::jobs::{Job, Jobs};

/// Microseconds in a unit of time.
const UNIT: f64 = 60e6;

/// Bytes that a link of 60 MB/s moves in a unit of time.
const UNIT_OF_SIZE: f64 = 3.6e9;

/// The measured value of a row; none for a row that isn't known.
pub fn measure(row: &Row, jobs: &Jobs) -> Option<f64> {
    // The ids end in the metric, or in a word of their own where the metric is a sentence.
    let name = if row.id.ends_with(&row.metric) { row.metric.as_str() } else { row.id.rsplit('.').next()? };
    match row.case.split('.').next()? {
        "Q" => departures(name, jobs),
        "S" | "R" => transient(row, name, jobs),
        "P" | "O" | "U" => Some(exact(row, name, jobs)?),
        "M" => of_classes(name, jobs).or_else(|| steady(row, name, jobs)),
        _ => steady(row, name, jobs),
    }
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0_u64), |(sum, count), value| (sum + value, count + 1));
    sum / count as f64
}

fn variance(values: &[f64]) -> f64 {
    let centre = mean(values.iter().copied());
    mean(values.iter().map(|value| (value - centre).powi(2)))
}

/// Nearest rank, in integers.
fn percentile(mut values: Vec<f64>, percent: u64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let rank = (percent * values.len() as u64).div_ceil(100).max(1);
    values[rank as usize - 1]
}

fn share_above(values: &[f64], limit: f64) -> f64 {
    values.iter().filter(|value| **value > limit).count() as f64 / values.len() as f64
}

fn steady(row: &Row, name: &str, jobs: &Jobs) -> Option<f64> {
    let waits = || jobs.waits();
    let is_impatient = row.case.starts_with("I.");
    let waited = || -> Vec<f64> { jobs.counted().map(Job::waited).collect() };
    let totals = || -> Vec<f64> {
        jobs.counted().filter(|job| job.outcome == Outcome::Available).map(Job::total).collect()
    };
    if let Some(limit) = name.strip_prefix("tail_Wq_gt_") {
        return Some(share_above(&waits(), limit.parse().ok()?));
    }
    if let Some((_, size)) = row.id.split_once(".T_given_") {
        return Some(time_by_size(size.parse().ok()?, jobs));
    }
    if let Some(percent) = name.strip_prefix("wq_p") {
        let minutes = percent.strip_suffix("_minutes");
        return Some(percentile(waits(), minutes.unwrap_or(percent).parse().ok()?));
    }
    if let Some(percent) = name.strip_prefix("t_p") {
        return Some(percentile(totals(), percent.parse().ok()?));
    }
    Some(match name {
        "p_wait" if is_impatient => share_above(&waited(), 0.0),
        "p_wait" | "p_wait_accepted" => share_above(&waits(), 0.0),
        "Wq_all" if is_impatient => mean(waited()),
        "Wq" | "Wq_accepted" | "Wq_served" | "Wq_all" | "Wq_minutes" => mean(waits()),
        "Wq_given_wait" => mean(waits().into_iter().filter(|wait| *wait > 0.0)),
        "Wq_abandoned" => {
            mean(jobs.counted().filter(|job| job.outcome == Outcome::CancelledWaiting).map(Job::waited))
        }
        "var_Wq" => variance(&waits()),
        "W" | "T" => mean(totals()),
        "var_T" => variance(&totals()),
        "transfer_time" => mean(jobs.counted().filter_map(Job::copied)),
        "Lq" => jobs.time_average(|level| level.waiting),
        "L" => jobs.time_average(|level| level.waiting + level.held),
        "p_n_ge_5" => jobs.time_average(|level| u64::from(level.waiting + level.held >= 5)),
        "p_all_busy_time" => jobs.share_of_time_all_busy(),
        "mean_busy" | "carried" => jobs.time_average(|level| level.held),
        "p_block" => jobs.share(Outcome::Refused),
        "p_abandon" | "p_cancel_queued" => jobs.share(Outcome::CancelledWaiting),
        "p_cancel_running" => jobs.share(Outcome::CancelledRunning),
        "p_complete" => jobs.share(Outcome::Available),
        "throughput" => throughput(jobs),
        "throughput_per_hour" => throughput(jobs) * 60.0,
        "wasted_fraction" => {
            let ran = |job: &Job| job.start.map_or(0.0, |start| (job.end - start) as f64);
            let is_wasted = |job: &&Job| job.outcome == Outcome::CancelledRunning;
            let wasted: f64 = jobs.counted().filter(is_wasted).map(ran).sum();
            wasted / jobs.counted().map(ran).sum::<f64>()
        }
        _ => return None,
    })
}

/// The mean time of jobs of about this size, in proportion to their mean size.
fn time_by_size(size: f64, jobs: &Jobs) -> f64 {
    let size_of = |job: &&Job| job.bytes as f64 / UNIT_OF_SIZE;
    let alike: Vec<&Job> = jobs.counted().filter(|job| (size_of(job) / size - 1.0).abs() <= 0.05).collect();
    mean(alike.iter().map(|job| job.total())) / mean(alike.iter().map(size_of))
}

/// Available jobs in a unit of time, over the time in which they came.
fn throughput(jobs: &Jobs) -> f64 {
    let counted: Vec<&Job> = jobs.counted().collect();
    let span = (counted.last().expect("jobs").planned - counted[0].planned) as f64 / UNIT;
    counted.iter().filter(|job| job.outcome == Outcome::Available).count() as f64 / span
}

/// Two classes: the entries of the scenario.
fn of_classes(name: &str, jobs: &Jobs) -> Option<f64> {
    let waits = |class: u32| -> Vec<f64> {
        jobs.counted().filter(|job| job.key.entry() == class - 1).filter_map(Job::wait).collect()
    };
    if let Some(rest) = name.strip_prefix("tail_Wq") {
        let (class, limit) = rest.split_once("_gt_")?;
        return (!class.is_empty())
            .then(|| Some(share_above(&waits(class.parse().ok()?), limit.parse().ok()?)))?;
    }
    Some(match name {
        "Wq_class1" => mean(waits(1)),
        "Wq_class2" => mean(waits(2)),
        "wq1_p90" => percentile(waits(1), 90),
        "wq2_p90" => percentile(waits(2), 90),
        // Loads of 0.3 and 0.5.
        "conservation" => 0.3 * mean(waits(1)) + 0.5 * mean(waits(2)),
        _ => return None,
    })
}

/// Times between departures.
fn departures(name: &str, jobs: &Jobs) -> Option<f64> {
    let mut ends: Vec<u64> = jobs.counted().map(|job| job.end).collect();
    ends.sort_unstable();
    let between: Vec<f64> = ends.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / UNIT).collect();
    let centre = mean(between.iter().copied());
    Some(match name {
        "interdep_mean" => centre,
        "interdep_scv" => variance(&between) / (centre * centre),
        "interdep_lag1" => {
            let pairs = between.windows(2).map(|pair| (pair[0] - centre) * (pair[1] - centre));
            mean(pairs) / variance(&between)
        }
        _ => return None,
    })
}

/// Repetitions that begin empty, each so long after the one before it.
fn transient(row: &Row, name: &str, jobs: &Jobs) -> Option<f64> {
    let hours: u64 = match (row.case.as_str(), row.id.as_str()) {
        (case, _) if case.starts_with("S.n-th") => 10,
        (case, _) if case.starts_with("S.transient MM1") => 2,
        _ => 4,
    };
    let cycle = hours * 3_600_000_000;
    let cycles = jobs.all.last()?.planned / cycle + 1;
    let minute = |minutes: f64| (minutes * UNIT) as u64;
    let number = |key: &str| row.params.get(key).and_then(Value::as_f64);
    let segment = |from: u64, until: u64| {
        let is_in =
            move |job: &&Job| (minute(from as f64)..minute(until as f64)).contains(&(job.planned % cycle));
        mean(jobs.all.iter().filter(is_in).filter_map(Job::wait))
    };
    if let Some(rest) = row.id.strip_prefix("mtm5_seg") {
        let until: u64 = rest.split('.').next()?.parse().ok()?;
        return Some(segment(if until == 40 { 20 } else { until - 10 }, until));
    }
    Some(match name {
        "Wq_all" => segment(0, 40),
        "completions_by_40" => {
            let done = jobs.all.iter().filter(|job| job.end % cycle <= minute(40.0)).count();
            done as f64 / cycles as f64
        }
        "L_bar" => {
            let area = |cycle_number: u64| {
                let from = cycle_number * cycle;
                jobs.area(from, from + minute(40.0), |level| level.held + level.waiting)
            };
            mean((0..cycles).map(area)) / 40.0
        }
        "W" => {
            let n = number("n")? as usize;
            let mut waits = Vec::new();
            let mut first = 0;
            for cycle_number in 0..cycles {
                let end =
                    first + jobs.all[first..].partition_point(|job| job.planned / cycle <= cycle_number);
                waits.push(jobs.all[first..end].get(n - 1)?.wait()?);
                first = end;
            }
            mean(waits)
        }
        "N" | "Q" | "p_busy" => {
            let at = minute(number("t")?);
            let cap = number("c")? as u64;
            mean((0..cycles).map(|cycle_number| {
                let (held, waiting) = jobs.level_before(cycle_number * cycle + at);
                match name {
                    "N" => (held + waiting) as f64,
                    "Q" => waiting as f64,
                    _ => f64::from(u8::from(held + waiting >= cap)),
                }
            }))
        }
        _ => return None,
    })
}

/// Cases that come out in whole numbers, and bursts.
fn exact(row: &Row, name: &str, jobs: &Jobs) -> Option<f64> {
    let last = jobs.all.iter().map(|job| job.end).max()? as f64 / UNIT;
    if row.case.starts_with("P.burst exp") {
        return burst(name, jobs);
    }
    Some(match name {
        "Wq_first100" | "mean_wait_fifo" => mean(jobs.waits()),
        "mean_completion" | "mean_completion_fifo" | "mean_completion_spt" => {
            mean(jobs.all.iter().map(Job::total))
        }
        "peak_queue" => jobs.levels.iter().map(|level| level.waiting).max()? as f64,
        "blocked" => jobs.all.iter().filter(|job| job.outcome == Outcome::Refused).count() as f64,
        "completed" => jobs.all.iter().filter(|job| job.outcome == Outcome::Available).count() as f64,
        "start_job4" => jobs.all.last()?.start? as f64 / UNIT,
        "wasted" => {
            let wasted = jobs.all.iter().filter(|job| job.outcome == Outcome::CancelledRunning);
            wasted.map(|job| job.end - job.start.unwrap_or(job.end)).sum::<u64>() as f64 / UNIT
        }
        // The copy in question is the last one that is asked for.
        _ if row.id.starts_with("anom_prio") => jobs.all.last()?.start? as f64 / UNIT,
        _ => last,
    })
}

/// Bursts of equal size, each at one instant.
fn burst(name: &str, jobs: &Jobs) -> Option<f64> {
    let bursts = jobs.all.chunk_by(|one, other| one.planned == other.planned);
    let makespans: Vec<f64> = bursts.map(|burst| burst.iter().map(Job::total).fold(0.0, f64::max)).collect();
    Some(match name {
        "makespan" => mean(makespans),
        "sd_makespan" => variance(&makespans).sqrt(),
        "mean_wait" => mean(jobs.waits()),
        _ => return None,
    })
}
