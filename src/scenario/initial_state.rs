//! Whether the state in which a run begins is one that the service can be in.

use std::collections::BTreeMap;

use super::answers::refusal_message;
use super::diagnostic::Diagnostic;
use super::document::Span;
use super::{Labels, Scenario};
use crate::ids::RequestKey;
use crate::service::Cause;
use crate::simulation::{NotThere, impossible_start};

/// Checks it; `places` tell for each entry with such copies where it says so.
///
/// # Errors
/// Every copy that can't be there.
pub fn check(scenario: &Scenario, places: &BTreeMap<u32, Span>) -> Result<(), Vec<Diagnostic>> {
    if places.is_empty() {
        return Ok(());
    }
    let labels = Labels::new(&scenario.catalog);
    let fault = |(key, why): (RequestKey, NotThere)| {
        let (message, help) = words(key, &why, &labels);
        Diagnostic::error(places.get(&key.entry()).copied(), message).with_help(help)
    };
    let found: Vec<Diagnostic> = impossible_start(&scenario.model).into_iter().map(fault).collect();
    if found.is_empty() { Ok(()) } else { Err(found) }
}

fn words(key: RequestKey, why: &NotThere, catalog: &Labels<'_>) -> (String, String) {
    match why {
        NotThere::BeyondCap { slot, cap, running } => {
            let slots = if *cap == 1 { "slot" } else { "slots" };
            let place = catalog.slot(*slot);
            (
                format!("{running} copies can't run when the run begins: {place} has {cap} {slots}"),
                "let some of them be \"queued\", or raise the `cap` there".to_owned(),
            )
        }
        NotThere::Refused(refused) => {
            let (label, code) = (catalog.label(key), refused.refusal.code.literal());
            let message = format!("`{label}` can't be there: the service would have refused it with {code}");
            let help = match refused.refusal.cause {
                Cause::LimitReached(limit) => format!(
                    "at {} up to {} copies may run and {} wait: list fewer, or raise `max_queue`",
                    catalog.slot(limit.key),
                    limit.cap,
                    limit.max_queue
                ),
                _ => refusal_message(refused, key, catalog),
            };
            (message, help)
        }
    }
}
