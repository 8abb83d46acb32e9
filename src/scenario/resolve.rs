//! From the document to a scenario: sections are decoded one by one, so that one fault doesn't hide the
//! next, and names become numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Scenario;
use super::catalog::Catalog;
use super::decode::{Attempt, Entries, Spanned, decode};
use super::diagnostic::Diagnostic;
use super::document::{Document, Member, Node, Span, Value};
use super::faults::Faults;
use super::names::{matches, particularity};
use super::requests::{GivenGroup, RequestResolver};
use super::schema::{AccountText, CopyTimeText, ImageText, LinkText, RegionText, ServiceText};
use super::settings::{DEFAULT_CAP, service_settings, setting_lines};
use super::world::{Link, World, checked_copy_time};
use crate::cloud::CapChange;
use crate::ids::{AccountId, NameId, RegionId};
use crate::service::{CapScope, GivenImage};
use crate::simulation::Model;
use crate::time::SimTime;
use crate::workload::Workload;

const SCHEMA_VERSION: u64 = 1;
const DEFAULT_SEED: u64 = 1;
const DEFAULT_EXACT_LIMIT: u64 = 100_000;
const DEFAULT_MAX_EVENTS: u64 = 10_000_000;
const DEFAULT_ACCOUNT: &str = "default";
/// Largest group of images, so that a slip of the pen doesn't fill the memory.
const MAX_GROUP: u32 = 1_000_000;

const TOP_KEYS: [&str; 15] = [
    "$schema",
    "schema_version",
    "description",
    "seed",
    "horizon",
    "warm_up",
    "exact_limit",
    "max_events_per_instant",
    "service",
    "copy_time",
    "accounts",
    "regions",
    "links",
    "images",
    "requests",
];

/// The members of the document by key, and what is wrong with the others.
struct Top<'a> {
    root: &'a Node,
    members: &'a [Member],
}

impl<'a> Top<'a> {
    fn of(document: &'a Document, faults: &mut Faults) -> Self {
        let members = match &document.root.value {
            Value::Object(members) => members.as_slice(),
            _ => &[],
        };
        for member in members {
            if !TOP_KEYS.contains(&member.key.as_str()) {
                let message = format!("unknown key `{}`", member.key);
                faults.unknown(member.key_span, message, &member.key, "keys", TOP_KEYS);
            }
        }
        Self { root: &document.root, members }
    }

    fn get(&self, key: &str) -> Option<&'a Node> {
        self.members.iter().find(|member| member.key == key).map(|member| &member.value)
    }

    fn section<T: serde::de::DeserializeOwned>(&self, key: &str, faults: &mut Faults) -> Option<T> {
        faults.take(decode(self.get(key)?))
    }

    /// The entries of an object section; none stands for one with a fault, whose name is known all the
    /// same, so that what refers to it is no fault as well.
    fn entries<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
        faults: &mut Faults,
    ) -> Vec<(Spanned<String>, Option<T>)> {
        let entries: Option<Entries<Attempt<T>>> = self.section(key, faults);
        let taken = entries.into_iter().flatten().map(|(name, entry)| {
            faults.check_name(&name.value, name.span);
            (name, faults.take(entry.0))
        });
        taken.collect()
    }

    /// The elements of a list section; none stands for one with a fault.
    fn elements<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
        faults: &mut Faults,
    ) -> Vec<Option<Spanned<T>>> {
        let elements: Option<Vec<Attempt<Spanned<T>>>> = self.section(key, faults);
        elements.into_iter().flatten().map(|element| faults.take(element.0)).collect()
    }
}

/// Resolves a document.
///
/// # Errors
/// All faults, in order of place.
pub fn resolve(document: &Document) -> Result<Scenario, Vec<Diagnostic>> {
    let mut faults = Faults::default();
    let top = Top::of(document, &mut faults);
    check_version(&top, &mut faults);
    let service: ServiceText = top.section("service", &mut faults).unwrap_or_default();
    let mut world = World::default();
    let caps = regions(&top, &service, &mut world, &mut faults);
    links(&top, &mut world, &mut faults);
    accounts(&top, &mut world, &mut faults);
    world.copy_time = top
        .section::<Spanned<CopyTimeText>>("copy_time", &mut faults)
        .map_or_else(CopyTimeText::default, |written| checked_copy_time(&written, &mut faults));
    images(&top, &mut world, &mut faults);
    let mut settings = service_settings(&service, caps.initial, world.accounts.len(), &mut faults);
    if settings.cap_scope == CapScope::Pair {
        settings.pair_caps = world.pair_caps();
    }
    let requests = top.elements("requests", &mut faults);
    let horizon: Option<SimTime> = top.section("horizon", &mut faults);
    let faulty = faulty_ids(&top, &requests);
    let requests = RequestResolver::new(&mut world, &mut faults, horizon, faulty).resolve(requests);
    let description = top.section("description", &mut faults);
    let seed = top.section("seed", &mut faults).unwrap_or(DEFAULT_SEED);
    let warm_up = top.section("warm_up", &mut faults).unwrap_or(SimTime::ZERO);
    let exact_limit = top.section("exact_limit", &mut faults).unwrap_or(DEFAULT_EXACT_LIMIT);
    let max_events_per_instant =
        top.section("max_events_per_instant", &mut faults).unwrap_or(DEFAULT_MAX_EVENTS);
    if !faults.is_empty() {
        return Err(faults.in_order());
    }
    let mut notices = requests.notices;
    if settings.cap_scope != CapScope::Pair && world.links.iter().any(|link| link.cap.is_some()) {
        notices.add("the `cap` of a link counts only with \"cap_scope\": \"pair\"".to_owned());
    }
    let lines = setting_lines(&service, &world.copy_time);
    let workload = Workload { given: world.given, entries: requests.entries, handles: requests.handles };
    Ok(Scenario {
        description,
        seed,
        warm_up,
        exact_limit,
        settings: lines,
        notices: notices.into_texts(),
        canonical: canonical(&top),
        catalog: Catalog {
            regions: world.regions,
            accounts: world.accounts,
            names: world.names.into_texts(),
            entries: requests.infos,
        },
        model: Model {
            settings,
            cap_changes: caps.changes,
            workload: Arc::new(workload),
            horizon,
            max_events_per_instant,
        },
    })
}

/// The ids of requests with a fault of their own, as far as they can be read.
fn faulty_ids<T>(top: &Top<'_>, requests: &[Option<T>]) -> BTreeSet<String> {
    let nodes = top.get("requests").map_or(&[][..], Node::elements);
    let faulty = nodes.iter().zip(requests).filter(|(_, request)| request.is_none());
    let kinds = faulty.flat_map(|(node, _)| node.members());
    kinds.filter_map(|kind| kind.value.get("id")?.as_str()).map(str::to_owned).collect()
}

fn check_version(top: &Top<'_>, faults: &mut Faults) {
    match top.section::<Spanned<u64>>("schema_version", faults) {
        Some(version) if version.value != SCHEMA_VERSION => {
            let message = format!("this program doesn't know schema version {}", version.value);
            faults.add(version.span, message, format!("it reads version {SCHEMA_VERSION}"));
        }
        Some(_) => {}
        None if top.get("schema_version").is_none() => {
            let start = Span { start: top.root.span.start, end: top.root.span.start + 1 };
            faults.add(
                start,
                "`schema_version` is missing",
                format!("add \"schema_version\": {SCHEMA_VERSION}"),
            );
        }
        None => {}
    }
    top.section::<String>("$schema", faults);
}

/// Initial caps by region and their changes.
#[derive(Default)]
struct Caps {
    initial: Vec<u32>,
    changes: Vec<CapChange>,
}

fn regions(top: &Top<'_>, service: &ServiceText, world: &mut World, faults: &mut Faults) -> Caps {
    let mut written: Vec<(Spanned<String>, Option<RegionText>)> = top.entries("regions", faults);
    // Ids in byte order: the order of the file changes nothing (R1.4).
    written.sort_by(|(left, _), (right, _)| left.value.cmp(&right.value));
    if written.is_empty() && top.get("regions").is_none() {
        let start = Span { start: top.root.span.start, end: top.root.span.start + 1 };
        faults.add(start, "`regions` is missing", "add \"regions\": { \"cn-hangzhou\": {}, ... }");
    }
    let mut caps = Caps::default();
    for (number, (id, region)) in (0..).zip(written) {
        let region = region.unwrap_or_default();
        let copy_time = region.copy_time.as_ref().map(|written| checked_copy_time(written, faults));
        world.region_copy_times.push(copy_time);
        caps.initial.push(region.cap.or(service.cap).unwrap_or(DEFAULT_CAP));
        let mut seen: BTreeMap<SimTime, Span> = BTreeMap::new();
        for change in region.cap_changes {
            let at = change.at.value;
            if let Some(first) = seen.insert(at, change.at.span) {
                faults.push(
                    Diagnostic::error(
                        Some(change.at.span),
                        format!("`{}` changes its cap twice at {at}", id.value),
                    )
                    .with_help("keep one of the two")
                    .with_related(first, "first change at this time"),
                );
            }
            caps.changes.push(CapChange { at, region: RegionId(number), cap: change.cap });
        }
        world.regions.push(id.value);
    }
    caps
}

fn links(top: &Top<'_>, world: &mut World, faults: &mut Faults) {
    for link in top.elements::<LinkText>("links", faults).into_iter().flatten() {
        let link = link.value;
        for pattern in [&link.from, &link.to] {
            if !world.regions.iter().any(|region| matches(&pattern.value, region)) {
                let message = format!("no region matches `{}`", pattern.value);
                let known = world.regions.iter().map(String::as_str);
                faults.unknown(pattern.span, message, &pattern.value, "regions", known);
            }
        }
        let copy_time = link.copy_time.as_ref().map(|written| checked_copy_time(written, faults));
        let cap = link.cap.map(|cap| cap.value);
        world.links.push(Link { from: link.from.value, to: link.to.value, cap, copy_time });
    }
    world.links.sort_by_key(|link| {
        let (from, to) = (particularity(&link.from), particularity(&link.to));
        std::cmp::Reverse((from.0 + to.0, std::cmp::Reverse(from.1.0 + to.1.0)))
    });
}

fn accounts(top: &Top<'_>, world: &mut World, faults: &mut Faults) {
    let written: Vec<(Spanned<String>, Option<AccountText>)> = top.entries("accounts", faults);
    world.accounts = written.into_iter().map(|(id, _)| id.value).collect();
    world.accounts.sort();
    if world.accounts.is_empty() {
        world.accounts.push(DEFAULT_ACCOUNT.to_owned());
    }
}

fn images(top: &Top<'_>, world: &mut World, faults: &mut Faults) {
    let mut taken: BTreeMap<(AccountId, RegionId, NameId), Span> = BTreeMap::new();
    let mut written = Vec::new();
    for (key, image) in top.entries::<ImageText>("images", faults) {
        written.push(key.clone());
        world.image_names.insert(key.value.clone());
        let Some(image) = image else { continue };
        let account = world.account(image.account.as_ref(), key.span, faults);
        let region = world.known_region(&image.region.value, image.region.span, faults);
        let (Some(account), Some(region)) = (account, region) else { continue };
        // An empty name is none: the service makes one (R6.4).
        let name = image.name.as_ref().filter(|name| !name.value.is_empty());
        let name = name.map(|name| (world.names.intern(&name.value), name.span));
        let count = image.count.as_ref().map(|count| (count.value, count.span));
        if let Some((count, span)) = count
            && !(1..=MAX_GROUP).contains(&count)
        {
            faults.add(span, format!("a group can't have {count} images"), format!("write 1 to {MAX_GROUP}"));
            continue;
        }
        if let Some((name, span)) = name {
            if count.is_some() {
                faults.add(span, "the images of a group can't share one name", "leave `name` out");
            }
            if let Some(first) = taken.insert((account, region, name), span) {
                faults.push(
                    Diagnostic::error(Some(span), "this name is taken in this region")
                        .with_help("names are unique per account and region: choose another one")
                        .with_related(first, "taken here"),
                );
            }
        }
        let first = u32::try_from(world.given.len()).expect("groups are limited");
        let group = GivenGroup {
            first,
            count: count.map(|(count, _)| count),
            region,
            account,
            size: image.size,
            copy_time: image.copy_time.as_ref().map(|written| checked_copy_time(written, faults)),
        };
        let given = GivenImage {
            account,
            region,
            name: name.map(|(name, _)| name),
            size: image.size,
            cancellable: image.cancellable.unwrap_or(true),
        };
        world.given.extend(std::iter::repeat_n(given, count.map_or(1, |(count, _)| count) as usize));
        world.images.insert(key.value, group);
    }
    check_member_names(&written, world, faults);
}

/// A member of a group is called after it (`fleet-3`), so no other image can have that name.
fn check_member_names(written: &[Spanned<String>], world: &World, faults: &mut Faults) {
    for key in written {
        let Some((group, number)) = key.value.rsplit_once('-') else { continue };
        let count = world.images.get(group).and_then(|group| group.count).unwrap_or(0);
        let is_member = number.parse().is_ok_and(|number: u32| {
            (1..=count).contains(&number) && number.to_string() == key.value[group.len() + 1..]
        });
        if is_member {
            let message = format!("`{}` is the name of a member of the group `{group}`", key.value);
            faults.add(key.span, message, "choose another name");
        }
    }
}

/// What decides a run, in one form: description, schema link and seed don't count.
fn canonical(top: &Top<'_>) -> String {
    let mut counted: Vec<&Member> = top
        .members
        .iter()
        .filter(|member| !matches!(member.key.as_str(), "$schema" | "description" | "seed"))
        .collect();
    counted.sort_by(|left, right| left.key.cmp(&right.key));
    let parts = counted.into_iter().map(|member| format!("{}={}", member.key, member.value.canonical()));
    parts.collect::<Vec<_>>().join("\n")
}
