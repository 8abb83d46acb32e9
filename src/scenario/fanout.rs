//! Destinations of a request, expanded (R8.4).

use std::collections::BTreeSet;

use super::decode::Spanned;
use super::document::Span;
use super::faults::{Faults, Notices};
use super::names::{matches, nearest};
use super::schema::{OneOrMany, RegionRef};
use super::world::World;
use crate::ids::{Named, RegionId};

/// The word for every region but the source.
pub const ALL_OTHERS: &str = "all-others";

const MEANT_ALL_OTHERS: &str = "did you mean `all-others`?";

/// A destination as a call names it.
pub struct Destination {
    pub region: Named<RegionId>,
    pub text: String,
}

/// What decides which destinations a request has.
pub struct FanOut<'a> {
    /// The request, for notices.
    pub label: &'a str,
    pub from: &'a (Named<RegionId>, String),
    /// An encrypted copy may go to its own region (R7.6).
    pub encrypted: bool,
}

impl FanOut<'_> {
    /// The destinations in effect: none given is the source region (R7.6), and a single region is sent as
    /// it stands. In a list and behind a wildcard, repeated destinations are dropped with a notice, and so
    /// is the source region unless the copy is encrypted.
    pub fn destinations(
        &self,
        to: Option<&Spanned<OneOrMany<RegionRef>>>,
        world: &World,
        faults: &mut Faults,
        notices: &mut Notices,
    ) -> Option<Vec<Destination>> {
        let Some(to) = to else {
            return Some(vec![Destination { region: self.from.0, text: self.from.1.clone() }]);
        };
        if let OneOrMany::One(one) = &to.value
            && !is_pattern(one)
        {
            return self.matching(one, to.span, world, faults);
        }
        let mut seen = BTreeSet::new();
        let mut kept = Vec::new();
        let found: Vec<Option<Vec<Destination>>> =
            to.each().map(|(reference, span)| self.matching(reference, span, world, faults)).collect();
        for destination in found.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten() {
            let is_source = destination.text == self.from.1 && !self.encrypted;
            if is_source {
                self.notice(notices, &destination.text, "is the source region: no copy is made there");
            } else if seen.insert(destination.text.clone()) {
                kept.push(destination);
            } else {
                self.notice(notices, &destination.text, "is named twice: one copy is made there");
            }
        }
        if kept.is_empty() {
            faults.lacking(
                to.span,
                &["[]"],
                "no destination is left for this request",
                "name another region than the source",
            );
            return None;
        }
        Some(kept)
    }

    fn notice(&self, notices: &mut Notices, region: &str, what: &str) {
        notices.add(format!("{}: {region} {what}", self.label));
    }

    fn matching(
        &self,
        reference: &RegionRef,
        span: Span,
        world: &World,
        faults: &mut Faults,
    ) -> Option<Vec<Destination>> {
        let destination = |(number, id): (u32, &String)| Destination {
            region: Named::Known(RegionId(number)),
            text: id.clone(),
        };
        let all = || (0..).zip(&world.regions);
        match reference {
            RegionRef::Literal(text) => {
                Some(vec![Destination { region: world.sent_region(text), text: text.clone() }])
            }
            RegionRef::Id(id) if id == ALL_OTHERS => {
                Some(all().filter(|(_, id)| **id != self.from.1).map(destination).collect())
            }
            RegionRef::Id(pattern) if pattern.contains('*') => {
                let found: Vec<Destination> =
                    all().filter(|(_, id)| matches(pattern, id)).map(destination).collect();
                if found.is_empty() {
                    let message = format!("no region matches `{pattern}`");
                    if is_like_all_others(pattern) {
                        faults.add(span, message, MEANT_ALL_OTHERS);
                    } else {
                        faults.unknown(span, message, pattern, "regions", world.region_names());
                    }
                    return None;
                }
                Some(found)
            }
            RegionRef::Id(id) if world.region(id).is_none() && is_like_all_others(id) => {
                faults.add(span, format!("there is no region `{id}`"), MEANT_ALL_OTHERS);
                None
            }
            RegionRef::Id(id) => {
                let region = world.known_region(id, span, faults)?;
                Some(vec![Destination { region: Named::Known(region), text: id.clone() }])
            }
        }
    }
}

/// Whether a word that names no region most likely means all others: it is a part of that, or nearly that.
fn is_like_all_others(word: &str) -> bool {
    /// The shortest part that means it: `all`.
    const SHORTEST: usize = 3;
    let word = word.trim_matches('*').to_lowercase();
    (word.len() >= SHORTEST && ALL_OTHERS.contains(&word)) || nearest(&word, [ALL_OTHERS]).is_some()
}

fn is_pattern(reference: &RegionRef) -> bool {
    matches!(reference, RegionRef::Id(id) if id == ALL_OTHERS || id.contains('*'))
}
