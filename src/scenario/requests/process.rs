//! Arrival processes.

use crate::scenario::decode::Spanned;
use crate::scenario::faults::Faults;
use crate::scenario::schema::{BurstsText, PieceText, ProcessText, ProfileText, RateText};
use crate::scenario::world::World;
use crate::time::SimDuration;
use crate::workload::{BurstState, ClosedLoop, Gap, Process, Profile, ProfilePiece};

const DAY: SimDuration = SimDuration::from_seconds(24 * 60 * 60);
const WEEK: SimDuration = SimDuration::from_seconds(7 * 24 * 60 * 60);

/// Cycles of a profile or of bursts in which at least one arrival is expected: where fewer come, looking for the
/// next one would take as long as the run.
const MAX_CYCLES: f64 = 1000.0;

/// The process that is written; none for a fault.
pub fn process_of(written: &Spanned<ProcessText>, world: &mut World, faults: &mut Faults) -> Option<Process> {
    match &written.value {
        ProcessText::Periodic(periodic) => {
            if periodic.every.value == SimDuration::ZERO {
                let message = "arrivals every 0s would never let the clock move on";
                faults.add(periodic.every.span, message, "write a length of at least 1us");
                return None;
            }
            Some(Process::Periodic { every: periodic.every.value })
        }
        ProcessText::Poisson(rate) => {
            let rate = Spanned { value: *rate, span: written.span };
            let gap = gap(&rate, faults)?;
            if gap.is_never() {
                faults.add(rate.span, "at a rate of 0 nothing ever arrives", "write a rate above 0");
                return None;
            }
            Some(Process::Poisson { gap })
        }
        ProcessText::Profile(profile) => profile_of(profile, world, faults).map(Process::Profile),
        ProcessText::Bursts(bursts) => bursts_of(bursts, faults),
        ProcessText::Renewal(renewal) => {
            let between = world.drawn(&renewal.between, faults)?;
            if between.mean() < 0.5 {
                let message = "with no time between them, these arrivals would never let the clock move on";
                faults.add(renewal.between.span, message, "write times of at least 1us on the average");
                return None;
            }
            Some(Process::Renewal { between })
        }
        ProcessText::ClosedLoop(closed) => {
            if closed.workers.value == 0 {
                faults.add(closed.workers.span, "without workers nothing is asked for", "write at least 1");
                return None;
            }
            let think = world.drawn(&closed.think, faults)?;
            if think.mean() < 0.5 {
                let message = "workers that never think could go round for ever while the clock stands still";
                faults.add(closed.think.span, message, "write a time above zero, such as \"1s\"");
                return None;
            }
            Some(Process::ClosedLoop(ClosedLoop { workers: closed.workers.value, think }))
        }
    }
}

/// Whether a process goes on for good.
pub fn is_endless(process: &ProcessText) -> bool {
    match process {
        ProcessText::Profile(ProfileText { rates, period: None }) => {
            rates.value.last().is_none_or(|last| per_microsecond(&last.rate) > 0.0)
        }
        _ => true,
    }
}

fn per_microsecond(rate: &RateText) -> f64 {
    match rate {
        RateText::PerSecond(rate) => rate / 1e6,
        RateText::PerMinute(rate) => rate / 60e6,
        RateText::PerHour(rate) => rate / 3_600e6,
        RateText::PerDay(rate) => rate / 86_400e6,
    }
}

fn gap(rate: &Spanned<RateText>, faults: &mut Faults) -> Option<Gap> {
    let gap = Gap::of_rate(per_microsecond(&rate.value));
    if gap.is_some_and(|gap| gap.rate() > 1.0) {
        let message = "at more than one arrival in a microsecond the clock would hardly move on";
        faults.add(rate.span, message, "write a lower rate; `batch` lets several come at once");
        return None;
    }
    if gap.is_none() {
        faults.add(rate.span, "a rate can't be below 0", "write how many arrive in a unit of time");
    }
    gap
}

fn profile_of(profile: &ProfileText, world: &World, faults: &mut Faults) -> Option<Profile> {
    let pieces: Option<Vec<ProfilePiece>> =
        profile.rates.iter().map(|piece| piece_of(piece, faults)).collect();
    let pieces = pieces?;
    let period = profile.period.as_ref();
    if let Some(period) = period.filter(|period| period.value == SimDuration::ZERO) {
        faults.add(period.span, "a period of 0s never goes on", "write a length such as \"1d\"");
        return None;
    }
    let Some(first) = profile.rates.first() else {
        faults.add(
            profile.rates.span,
            "this profile has no rates",
            "write one at least, from `\"at\": \"0s\"` on",
        );
        return None;
    };
    if first.at.value != SimDuration::ZERO {
        faults.add(first.at.span, "nothing says the rate before this", "let the first rate be at `0s`");
        return None;
    }
    for pair in profile.rates.windows(2) {
        if pair[1].at.value <= pair[0].at.value {
            let message = format!(
                "this rate is at {}, and the one before it at {}",
                pair[1].at.value, pair[0].at.value
            );
            faults.add(pair[1].at.span, message, "write the rates in the order of their times");
            return None;
        }
    }
    let last = &profile.rates[pieces.len() - 1].at;
    if let Some(period) = period.filter(|period| last.value >= period.value) {
        let message = format!("this rate is at {}, and a period is over after {}", last.value, period.value);
        faults.add(last.span, message, "write times within the period, or a longer period");
        return None;
    }
    if pieces.iter().all(|piece| piece.gap.is_never()) {
        faults.add(profile.rates.span, "at these rates nothing ever arrives", "write a rate above 0");
        return None;
    }
    let profile = Profile::new(pieces, period.map(|period| period.value), phase(period, world));
    if let (Some(rate), Some(period)) = (profile.mean_rate(), period)
        && rate * period.value.micros() as f64 * MAX_CYCLES < 1.0
    {
        let message = format!("at these rates fewer than one arrives in {MAX_CYCLES} periods");
        faults.add(period.span, message, "write a longer period, or higher rates");
        return None;
    }
    Some(profile)
}

fn piece_of(piece: &PieceText, faults: &mut Faults) -> Option<ProfilePiece> {
    Some(ProfilePiece { from: piece.at.value, gap: gap(&piece.rate, faults)? })
}

/// How far into a period the run begins: days count from midnight, and weeks from Monday, where it is known what
/// the clock shows.
fn phase(period: Option<&Spanned<SimDuration>>, world: &World) -> SimDuration {
    match (period, world.starts_at) {
        (Some(period), Some(clock)) if period.value == DAY => clock.since_midnight(),
        (Some(period), Some(clock)) if period.value == WEEK => clock.since_monday(),
        _ => SimDuration::ZERO,
    }
}

fn bursts_of(bursts: &BurstsText, faults: &mut Faults) -> Option<Process> {
    if bursts.states.len() < 2 {
        let help = "write at least two states, or `poisson` for one rate";
        faults.add(bursts.states.span, "with one state nothing ever changes", help);
        return None;
    }
    let mut states = Vec::new();
    for state in &bursts.states.value {
        if state.stay.value == SimDuration::ZERO {
            faults.add(
                state.stay.span,
                "a state that lasts 0s is none",
                "write a mean length such as \"20m\"",
            );
            return None;
        }
        states.push(BurstState { gap: gap(&state.rate, faults)?, stay: state.stay.micros() as f64 });
    }
    let expected: f64 = states.iter().map(|state| state.gap.rate() * state.stay).sum();
    if expected * MAX_CYCLES < 1.0 {
        let message = format!("at these rates fewer than one arrives in {MAX_CYCLES} rounds of the states");
        faults.add(bursts.states.span, message, "write longer states, or higher rates");
        return None;
    }
    Some(Process::Bursts { states })
}
