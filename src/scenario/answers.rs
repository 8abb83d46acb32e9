//! Refusals in words: what was refused, and what would be accepted.

use super::{CallLabel, Labels};
use crate::ids::RequestKey;
use crate::records::Refused;
use crate::service::Cause;
use crate::time::{SimDuration, SimTime};

/// Our own words for a refusal (R7.1): they name what was refused and what would be accepted.
pub fn refusal_message(refused: &Refused, key: RequestKey, catalog: &Labels<'_>) -> String {
    let call = catalog.call(key);
    let target = catalog.target(key);
    let (call, target) = (call.as_ref(), target.as_ref());
    let image = call.map(|call| &*call.image).or(target.map(|target| &*target.what));
    let region = target.map_or("?", |target| target.region);
    message(refused, call, image.unwrap_or("?"), region, catalog)
}

/// The same for the delete of a copy's new image at the end of its retention.
pub fn retention_refusal_message(refused: &Refused, key: RequestKey, catalog: &Labels<'_>) -> String {
    let call = catalog.call(key);
    let call = call.as_ref();
    message(refused, call, &catalog.label(key), call.map_or("?", |call| call.to), catalog)
}

fn message(
    refused: &Refused,
    call: Option<&CallLabel<'_>>,
    image: &str,
    region: &str,
    catalog: &Labels<'_>,
) -> String {
    let other = refused.other.map_or_else(|| "another copy".to_owned(), |other| catalog.label(other));
    match refused.refusal.cause {
        Cause::UnknownSourceRegion => unknown_region("source region", call.map_or("?", |call| call.from)),
        Cause::UnknownDestinationRegion => {
            unknown_region("destination region", call.map_or("?", |call| call.to))
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
        cause => format!("{cause:?}"),
    }
}

fn unknown_region(what: &str, name: &str) -> String {
    format!("the service has no {what} `{name}`; name one of the scenario's regions")
}

/// An instant for people that can be found again in the result files.
pub struct Exact(pub SimTime);

impl std::fmt::Display for Exact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let is_rounded =
            SimDuration::parse(&self.0.to_string()).map(SimDuration::micros) != Ok(self.0.micros());
        if is_rounded { write!(f, " ({} s)", crate::time::Seconds(self.0.micros())) } else { Ok(()) }
    }
}
