//! From what is written of accounts, regions, images and keys to the facts that checks look at.

mod accounts;
mod images;
mod names;
mod regions;

pub use accounts::{accounts, keys_and_groups, users};
pub use images::images;
pub use names::Known;
pub use regions::{algorithms, regions};

use std::collections::BTreeSet;

use super::decode::Spanned;
use super::document::Span;
use super::faults::Faults;
use super::names::matches;
use super::schema::OneOrMany;
use super::world::World;
use crate::ids::{AccountId, RegionId};
use crate::service::facts::{Among, TimeSpan};
use crate::time::SimTime;

impl World {
    /// The regions that a list of ids and patterns names; without one, all.
    pub fn among(
        &self,
        written: Option<&Spanned<OneOrMany<String>>>,
        faults: &mut Faults,
    ) -> Among<RegionId> {
        let Some(written) = written else { return Among::All };
        if written.each().next().is_none() {
            faults.add(written.span, "this list of regions is empty", "name a region, or leave it out");
        }
        let mut some = BTreeSet::new();
        for (pattern, span) in written.each() {
            let ids = (0..).zip(&self.regions).filter(|(_, id)| matches(pattern, id));
            let found: Vec<RegionId> = ids.map(|(number, _)| RegionId(number)).collect();
            let is_found = !found.is_empty();
            some.extend(found);
            if !is_found {
                let message = format!("no region matches `{pattern}`");
                faults.unknown(span, message, pattern, "regions", self.region_names());
            }
        }
        Among::Only(some)
    }

    /// The accounts of a list; without one, what is given.
    pub fn accounts_among(
        &self,
        written: Option<&Vec<Spanned<String>>>,
        otherwise: Among<AccountId>,
        faults: &mut Faults,
    ) -> Among<AccountId> {
        let Some(written) = written else { return otherwise };
        let place = Span::default();
        let known = written.iter().filter_map(|name| self.account(Some(name), place, faults));
        Among::Only(known.collect())
    }
}

/// A span of time that must not be empty.
pub fn time_span(from: SimTime, until: Option<&Spanned<SimTime>>, faults: &mut Faults) -> TimeSpan {
    if let Some(until) = until.filter(|until| until.value <= from) {
        faults.add(until.span, "this span of time is empty", "let `until` be after `from`");
    }
    TimeSpan { from, until: until.map(|until| until.value) }
}
