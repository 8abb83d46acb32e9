//! Refusals and run errors in words: what was refused, and what would be accepted.

use crate::ids::RequestKey;
use crate::records::Refused;
use crate::scenario::Catalog;
use crate::service::Cause;
use crate::simulation::RunError;
use crate::time::{SimDuration, SimTime};

/// Our own words for a refusal (R7.1): they name what was refused and what would be accepted.
pub fn refusal_message(refused: &Refused, key: RequestKey, catalog: &Catalog) -> String {
    let call = catalog.call(key);
    let image =
        call.map_or_else(|| catalog.target(key).map_or("?", |target| &target.what), |call| &call.image);
    let region = catalog.target(key).map_or("?", |target| &target.region);
    let other = refused.other.map_or_else(|| "another copy".to_owned(), |other| catalog.label(other));
    match refused.refusal.cause {
        Cause::UnknownSourceRegion => unknown_region("source region", call.map_or("?", |call| &call.from)),
        Cause::UnknownDestinationRegion => {
            unknown_region("destination region", call.map_or("?", |call| &call.to))
        }
        Cause::UnknownRegion => unknown_region("region", region),
        Cause::UnknownImage { region, account } => format!(
            "account `{}` has no image `{image}` in {}; it may not exist yet, be elsewhere, or be gone",
            catalog.account(account),
            catalog.region(region)
        ),
        Cause::SameRegion { region } => format!(
            "a plain copy of `{image}` into its own region {} changes nothing; encrypt it or name another region",
            catalog.region(region)
        ),
        Cause::SourceUnfinished { status } => format!(
            "`{image}` is {} here: it is the product of a copy that isn't finished; wait until it is Available",
            status.name()
        ),
        Cause::SourceStatus { status } => {
            format!("`{image}` is {}; only an Available image can be copied", status.name())
        }
        Cause::Locked { until } => {
            format!("`{image}` is locked by an accepted call until {}; call again then", Exact(until))
        }
        Cause::NameTaken { name, region } => format!(
            "the name `{}` is taken in {}; choose another one, or delete or cancel the image that has it",
            catalog.name(name),
            catalog.region(region)
        ),
        Cause::SameConflictKey { .. } => {
            format!(
                "`{image}` is being copied by {other} under the same conflict key; wait until that has ended"
            )
        }
        Cause::LimitReached(limit) => format!(
            "{} has {} slots and room for {} waiting copies; {} slots are held and {} copies wait; call again when \
             one has ended",
            catalog.slot(limit.key),
            limit.cap,
            limit.max_queue,
            limit.held,
            limit.waiting
        ),
        Cause::NotFromCopy => format!("`{image}` was not made by a copy; only a copy can be cancelled"),
        Cause::CopyEnded { status } => {
            format!("the copy has ended and its image is {}; delete the image instead", status.name())
        }
        Cause::QueuedNotCancellable => {
            "the copy is still queued, and only a running one can be cancelled here; call again once it runs"
                .to_owned()
        }
        Cause::MarkedNotCancellable => "the copy is marked as not cancellable; let it end".to_owned(),
        Cause::PastReturn { point } => {
            format!("the copy has reached {point} of its progress, its point of no return; let it end")
        }
        Cause::ImageInUse { .. } => {
            format!("`{image}` is the source or product of {other}; cancel that or wait until it has ended")
        }
    }
}

/// Why a request was never made: the copy that set it off may stand further up the tree (R3.3).
pub fn skipped_message(because: RequestKey, catalog: &Catalog) -> String {
    format!("it builds on {}, which will never be Available", catalog.label(because))
}

fn unknown_region(what: &str, name: &str) -> String {
    format!("the service has no {what} `{name}`; name one of the scenario's regions")
}

/// Why a run stopped, in words, with the way out.
pub fn run_error_message(error: &RunError, catalog: &Catalog) -> (String, String) {
    match error {
        RunError::BeyondTime { key, field } => (
            format!(
                "request `{}` passes the end of simulated time (285 years) when {field} is added",
                catalog.label(*key)
            ),
            "shorten it, or set a `horizon` before that".to_owned(),
        ),
        RunError::TooManyEvents { at, limit, busiest } => {
            let busiest = busiest
                .and_then(|entry| catalog.entries.get(entry as usize))
                .map_or_else(String::new, |entry| format!(", most of them of request `{}`", entry.name));
            (
                format!("more than {limit} events at {}{busiest}", Exact(*at)),
                "let time pass between them, or raise `max_events_per_instant`".to_owned(),
            )
        }
        RunError::BrokenInvariant { at, event, what } => (
            format!("broken invariant at {} (event {event}): {what}", Exact(*at)),
            "this is a bug of copysim: please report it with the scenario and the seed".to_owned(),
        ),
    }
}

/// An instant for people that can be found again in the result files.
struct Exact(SimTime);

impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let is_rounded =
            SimDuration::parse(&self.0.to_string()).map(SimDuration::micros) != Ok(self.0.micros());
        if is_rounded { write!(f, " ({} s)", crate::time::Seconds(self.0.micros())) } else { Ok(()) }
    }
}
