//! What is known of regions, links, accounts and images when requests are resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::clients::Client;
use super::copytime::CopyTime;
use super::decode::Spanned;
use super::distributions::{Columns, resolve_drawn};
use super::document::Span;
use super::facts::Known;
use super::faults::Faults;
use super::links::{Link, Links};
use super::names::is_name;
use super::network::RegionLimits;
use super::requests::GivenGroup;
use super::schema::{Amount, CopyTimeText, DrawnText};
use crate::clock::Clock;
use crate::distribution::Drawn;
use crate::ids::{AccountId, DetailsId, NameId, Named, RegionId, UserId};
use crate::service::facts::{Details, Facts};
use crate::service::form::name_fault;
use crate::service::{GivenImage, WrittenName};
use crate::workload::DrawnSizes;

/// What is known of the regions, accounts and images when requests are resolved.
#[derive(Debug, Default)]
pub struct World {
    /// In byte order.
    pub regions: Vec<String>,
    pub region_copy_times: Vec<Option<CopyTime>>,
    /// By region.
    pub limits: Vec<RegionLimits>,
    /// In byte order.
    pub accounts: Vec<String>,
    pub links: Links,
    pub copy_time: CopyTime,
    pub images: BTreeMap<String, GivenGroup>,
    /// All images that are written, also those with a fault.
    pub image_names: BTreeSet<String>,
    pub given: Vec<GivenImage>,
    pub drawn_sizes: Vec<DrawnSizes>,
    /// In byte order of their names.
    pub clients: Vec<Client>,
    /// Columns of files that values are drawn from.
    pub columns: Columns,
    pub names: Names,
    /// What is true of all of them.
    pub facts: Facts,
    /// Users, by number: of which account, and what they are called.
    pub users: Vec<(AccountId, String)>,
    pub keys: Known,
    pub groups: Known,
    pub algorithms: Known,
    /// What calls say beside the plain things, by number.
    pub details_seen: FxHashMap<Details, DetailsId>,
    /// What a clock shows at 0: clock times in traces are counted from it.
    pub starts_at: Option<Clock>,
}

/// Written image names by number.
#[derive(Debug, Default)]
pub struct Names {
    texts: Vec<Arc<str>>,
    ids: FxHashMap<Arc<str>, NameId>,
}

impl Names {
    pub fn intern(&mut self, text: &str) -> NameId {
        match self.ids.get(text) {
            Some(id) => *id,
            None => self.add(text.into()),
        }
    }

    /// The name of a new image, with what is wrong with its form.
    pub fn written(&mut self, text: &str) -> WrittenName {
        WrittenName { id: self.intern(text), is_malformed: name_fault(text).is_some() }
    }

    /// As [`Names::intern`], for a text that is shared.
    pub fn intern_shared(&mut self, text: &Arc<str>) -> NameId {
        match self.ids.get(text) {
            Some(id) => *id,
            None => self.add(Arc::clone(text)),
        }
    }

    fn add(&mut self, text: Arc<str>) -> NameId {
        let id = NameId(u32::try_from(self.texts.len()).expect("fewer than 2^32 names"));
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, id);
        id
    }

    pub fn into_texts(self) -> Vec<Arc<str>> {
        self.texts
    }
}

impl World {
    /// What rows of a trace refer to: all but the images themselves and their names.
    pub fn for_rows(&self) -> Self {
        Self {
            regions: self.regions.clone(),
            region_copy_times: self.region_copy_times.clone(),
            accounts: self.accounts.clone(),
            links: self.links.clone(),
            copy_time: self.copy_time.clone(),
            images: self.images.clone(),
            image_names: self.image_names.clone(),
            users: self.users.clone(),
            starts_at: self.starts_at,
            ..Self::default()
        }
    }

    pub fn region(&self, id: &str) -> Option<RegionId> {
        place_of(id, &self.regions).map(RegionId)
    }

    /// What a text means to the service as it stands (R7.9).
    pub fn sent_region(&self, text: &str) -> Named<RegionId> {
        self.region(text).map_or(Named::Unknown, Named::Known)
    }

    /// The regions that a message can suggest: those whose ids can be ids.
    pub fn region_names(&self) -> impl Iterator<Item = &str> + Clone {
        self.regions.iter().map(String::as_str).filter(|id| is_name(id))
    }

    /// The region, or a fault that names the nearest one.
    pub fn known_region(&self, id: &str, span: Span, faults: &mut Faults) -> Option<RegionId> {
        let region = self.region(id);
        if region.is_none() {
            faults.unknown(span, format!("there is no region `{id}`"), id, "regions", self.region_names());
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
                    format!(
                        "add `\"account\": ...`, one of {}",
                        known().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
                    ),
                );
                return None;
            }
            return Some(AccountId(0));
        };
        let account = self.account_named(&written.value);
        if account.is_none() {
            let message = format!("there is no account `{}`", written.value);
            faults.unknown(written.span, message, &written.value, "accounts", known());
        }
        account
    }

    pub fn account_named(&self, name: &str) -> Option<AccountId> {
        place_of(name, &self.accounts).map(AccountId)
    }

    /// The links that match an ordered pair, most particular first.
    pub fn links_of(&self, from: RegionId, to: RegionId) -> impl Iterator<Item = &Link> {
        self.links.between(from, to, &self.regions)
    }

    /// The copy times that hold between two regions, most particular first: of links, of the source
    /// region, and at the top (R4.1).
    pub fn copy_times_between(
        &self,
        from: Named<RegionId>,
        to: Named<RegionId>,
    ) -> impl Iterator<Item = &CopyTime> {
        let pair = from.known().zip(to.known());
        let links = pair.into_iter().flat_map(|(from, to)| self.links_of(from, to));
        let region = from.known().and_then(|from| self.region_copy_times[from.0 as usize].as_ref());
        links.filter_map(|link| link.copy_time.as_ref()).chain(region).chain([&self.copy_time])
    }

    /// A given image: one that stands alone, or a member of a group by its number there (`fleet-3`).
    pub fn image(&self, name: &str) -> Option<(&GivenGroup, u32)> {
        if let Some(image) = self.images.get(name) {
            return image.count.is_none().then_some((image, 0));
        }
        let (group, number) = name.rsplit_once('-')?;
        let group = self.images.get(group)?;
        let member = number.parse().ok().filter(|member: &u32| member.to_string() == number)?;
        (1..=group.count?).contains(&member).then(|| (group, member - 1))
    }

    /// The caps of pairs that a link gives, most particular link first (R2.3).
    pub fn pair_caps(&self) -> FxHashMap<(RegionId, RegionId), u32> {
        if !self.links.have_caps() {
            return FxHashMap::default();
        }
        let cap = |(from, to)| Some(((from, to), self.links_of(from, to).find_map(|link| link.cap)?));
        self.pairs().filter_map(cap).collect()
    }

    /// The pairs between which a link forbids copies, most particular link first.
    pub fn forbidden_pairs(&self) -> FxHashSet<(RegionId, RegionId)> {
        if !self.links.forbid() {
            return FxHashSet::default();
        }
        // A pattern that matches a region on both sides is not meant for what stays in it.
        let is_forbidden = |(from, to): &(RegionId, RegionId)| {
            let mut links = self.links_of(*from, *to).filter(|link| from != to || link.from == link.to);
            links.find_map(|link| link.forbidden) == Some(true)
        };
        self.pairs().filter(is_forbidden).collect()
    }

    /// All ordered pairs of regions.
    fn pairs(&self) -> impl Iterator<Item = (RegionId, RegionId)> {
        let regions = || (0..).zip(&self.regions).map(|(number, _)| RegionId(number));
        regions().flat_map(move |from| regions().map(move |to| (from, to)))
    }

    /// What is written of something that may be drawn; none for a fault.
    pub fn drawn<T: Amount>(
        &mut self,
        written: &Spanned<DrawnText<T>>,
        faults: &mut Faults,
    ) -> Option<Drawn<T>> {
        resolve_drawn(written, &mut self.columns, faults)
    }

    /// What is written of a copy time: a duration stands instead of the parts (R4.1).
    pub fn copy_time_of(&mut self, written: &Spanned<CopyTimeText>, faults: &mut Faults) -> CopyTime {
        let CopyTimeText { setup, throughput, finalize, duration } = &written.value;
        if duration.is_some() && (setup.is_some() || throughput.is_some() || finalize.is_some()) {
            faults.add(
                written.span,
                "a copy time is either a `duration` or made of `setup`, `throughput` and `finalize`",
                "leave one of the two out",
            );
        }
        CopyTime {
            setup: setup.as_ref().and_then(|setup| self.drawn(setup, faults)),
            throughput: throughput.as_ref().and_then(|throughput| self.drawn(throughput, faults)),
            finalize: finalize.as_ref().and_then(|finalize| self.drawn(finalize, faults)),
            duration: duration.as_ref().and_then(|duration| self.drawn(duration, faults)),
        }
    }

    /// The user of an account by name, or a fault that names the nearest one.
    pub fn user(&self, id: AccountId, written: &Spanned<String>, faults: &mut Faults) -> Option<UserId> {
        let user = self.user_named(id, &written.value);
        if user.is_none() {
            let account = &self.accounts[id.0 as usize];
            let message = format!("there is no `{}` among the users of account `{account}`", written.value);
            let known = self.users.iter().filter(move |(of, _)| *of == id).map(|(_, name)| name.as_str());
            faults.unknown(written.span, message, &written.value, "users", known);
        }
        user
    }

    pub fn user_named(&self, account: AccountId, name: &str) -> Option<UserId> {
        let place = self.users.iter().position(|(of, known)| *of == account && known == name)?;
        u32::try_from(place).ok().map(UserId)
    }

    /// The number of what a call says beside the plain things; none if that is nothing.
    pub fn details(&mut self, details: Details) -> Option<DetailsId> {
        if details == Details::default() {
            return None;
        }
        let next = DetailsId(u32::try_from(self.facts.details.len()).expect("requests are limited"));
        let id = *self.details_seen.entry(details.clone()).or_insert(next);
        if id == next {
            self.facts.details.push(details);
        }
        Some(id)
    }
}

/// The place of a name among names in byte order.
fn place_of(name: &str, sorted: &[String]) -> Option<u32> {
    let place = sorted.binary_search_by(|known| known.as_str().cmp(name)).ok()?;
    u32::try_from(place).ok()
}
