//! What is known of regions, links, accounts and images when requests are resolved.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::decode::Spanned;
use super::document::Span;
use super::faults::Faults;
use super::links::Link;
use super::names::matches;
use super::requests::GivenGroup;
use super::schema::CopyTimeText;
use crate::ids::{AccountId, NameId, Named, RegionId};
use crate::service::GivenImage;

/// What is known of the regions, accounts and images when requests are resolved.
#[derive(Default)]
pub struct World {
    pub regions: Vec<String>,
    pub region_copy_times: Vec<Option<CopyTimeText>>,
    pub accounts: Vec<String>,
    /// Most particular first, then file order (R4.1).
    pub links: Vec<Link>,
    pub copy_time: CopyTimeText,
    pub images: BTreeMap<String, GivenGroup>,
    /// All images that are written, also those with a fault.
    pub image_names: BTreeSet<String>,
    pub given: Vec<GivenImage>,
    pub names: Names,
}

/// Written image names by number.
#[derive(Default)]
pub struct Names {
    texts: Vec<String>,
    ids: BTreeMap<String, NameId>,
}

impl Names {
    pub fn intern(&mut self, text: &str) -> NameId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = NameId(u32::try_from(self.texts.len()).expect("fewer than 2^32 names"));
        self.texts.push(text.to_owned());
        self.ids.insert(text.to_owned(), id);
        id
    }

    pub fn into_texts(self) -> Vec<String> {
        self.texts
    }
}

impl World {
    pub fn region(&self, id: &str) -> Option<RegionId> {
        let place = self.regions.binary_search_by(|known| known.as_str().cmp(id)).ok()?;
        u32::try_from(place).ok().map(RegionId)
    }

    /// What a text means to the service as it stands (R7.9).
    pub fn sent_region(&self, text: &str) -> Named<RegionId> {
        self.region(text).map_or(Named::Unknown, Named::Known)
    }

    /// The region, or a fault that names the nearest one.
    pub fn known_region(&self, id: &str, span: Span, faults: &mut Faults) -> Option<RegionId> {
        let region = self.region(id);
        if region.is_none() {
            let known = self.regions.iter().map(String::as_str);
            faults.unknown(span, format!("there is no region `{id}`"), id, "regions", known);
        }
        region
    }

    /// The account that is written, or the only one.
    pub fn account(
        &self,
        written: Option<&Spanned<String>>,
        owner: Span,
        faults: &mut Faults,
    ) -> Option<AccountId> {
        let known = || self.accounts.iter().map(String::as_str);
        let Some(written) = written else {
            if self.accounts.len() > 1 {
                faults.lacking(
                    owner,
                    &["account"],
                    "this scenario has several accounts, and this doesn't say whose it is",
                    format!("add \"account\": one of {}", known().collect::<Vec<_>>().join(", ")),
                );
                return None;
            }
            return Some(AccountId(0));
        };
        let place = self.accounts.iter().position(|known| *known == written.value);
        if place.is_none() {
            let message = format!("there is no account `{}`", written.value);
            faults.unknown(written.span, message, &written.value, "accounts", known());
        }
        place.and_then(|place| u32::try_from(place).ok()).map(AccountId)
    }

    /// The links that match an ordered pair, most particular first.
    pub fn links_of(&self, from: RegionId, to: RegionId) -> impl Iterator<Item = &Link> {
        let [from, to] = [from, to].map(|region| self.regions[region.0 as usize].as_str());
        self.links.iter().filter(move |link| matches(&link.from, from) && matches(&link.to, to))
    }

    /// The caps of pairs that a link gives, most particular link first (R2.3).
    pub fn pair_caps(&self) -> FxHashMap<(RegionId, RegionId), u32> {
        let regions = || (0..).zip(&self.regions).map(|(number, _)| RegionId(number));
        let mut caps = FxHashMap::default();
        if self.links.iter().all(|link| link.cap.is_none()) {
            return caps;
        }
        for from in regions() {
            for to in regions() {
                if let Some(cap) = self.links_of(from, to).find_map(|link| link.cap) {
                    caps.insert((from, to), cap);
                }
            }
        }
        caps
    }
}

/// A duration stands instead of the parts (R4.1).
pub fn checked_copy_time(written: &Spanned<CopyTimeText>, faults: &mut Faults) -> CopyTimeText {
    let text = &written.value;
    let has_parts = text.setup.is_some() || text.throughput.is_some() || text.finalize.is_some();
    if text.duration.is_some() && has_parts {
        faults.add(
            written.span,
            "a copy time is either a `duration` or made of `setup`, `throughput` and `finalize`",
            "leave one of the two out",
        );
    }
    text.clone()
}
