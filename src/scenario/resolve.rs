//! From the document to a scenario: the text is decoded as far as it goes, names become numbers, and all
//! faults are gathered.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Scenario;
use super::catalog::{Catalog, GivenNames};
use super::decode::{Attempt, Context, Entries, Fault, Spanned, decode};
use super::diagnostic::{Diagnostic, SourceText};
use super::document::{Document, Member, Node, Span, Value};
use super::faults::{Faults, Notices};
use super::files::Files;
use super::initial_state;
use super::links::links;
use super::requests::{GivenGroup, Limits, RequestResolver};
use super::schema::{
    AccountText, CopyTimeText, ImageText, NAMED, REQUIRED, RegionText, ScenarioText, ServiceText,
};
use super::settings::{DEFAULT_CAP, service_settings, setting_lines};
use super::shapes;
use super::world::{World, checked_copy_time};
use crate::cloud::CapChange;
use crate::ids::{AccountId, NameId, RegionId};
use crate::random::Seed;
use crate::service::{CapScope, GivenImage};
use crate::simulation::Model;
use crate::time::SimTime;
use crate::workload::Workload;

const SCHEMA_VERSION: u64 = 1;
pub const DEFAULT_SEED: u64 = 1;
pub const DEFAULT_EXACT_LIMIT: u64 = 100_000;
pub const DEFAULT_MAX_EVENTS: u64 = 10_000_000;
const DEFAULT_ACCOUNT: &str = "default";
/// Largest group of images, so that a slip of the pen doesn't fill the memory.
const MAX_GROUP: u32 = 1_000_000;
/// Images in all: each is kept in memory from the start.
const MAX_IMAGES: u64 = 2_000_000;

/// Resolves a document.
///
/// # Errors
/// All faults, and the texts beside the document that they point into.
pub fn resolve(
    document: &Document,
    files: &Arc<dyn Files>,
) -> Result<Scenario, (Vec<Diagnostic>, Vec<SourceText>)> {
    let mut faults = Faults::of(&document.sources);
    let text = read(&document.root, &mut faults);
    let service = text.service;
    faults.unread_keys = service.unread;
    let service = service.value.unwrap_or_default();
    let mut world = World { starts_at: text.starts_at, ..World::default() };
    let caps = regions(text.regions, &service, &mut world, &mut faults);
    let mut notices = Notices::default();
    notice_long_warm_up(text.warm_up, text.horizon, &mut notices);
    links(text.links, &mut world, &mut faults, &mut notices);
    accounts(text.accounts, &mut world, &mut faults);
    world.copy_time =
        text.copy_time.map_or_else(CopyTimeText::default, |written| checked_copy_time(&written, &mut faults));
    images(text.images, &mut world, &mut faults);
    let mut settings = service_settings(&service, caps.initial, world.accounts.len(), &mut faults);
    if settings.cap_scope == CapScope::Pair {
        settings.pair_caps = world.pair_caps();
    }
    let faulty = faulty_ids(&document.root, &text.requests);
    let limits = Limits { horizon: text.horizon, same_region_plain: settings.same_region_plain };
    let requests = RequestResolver::new(&mut world, &mut faults, files, limits, faulty);
    let requests = requests.resolve(text.requests);
    if !faults.is_empty() {
        return Err(faults.into_parts());
    }
    notices.append(requests.notices);
    if settings.cap_scope != CapScope::Pair && world.links.have_caps() {
        notices.add("the `cap` of a link counts only with \"cap_scope\": \"pair\"".to_owned());
    }
    let lines = setting_lines(&service, &world.copy_time);
    let names = requests.infos.iter().map(|entry| entry.name.clone()).collect();
    let workload =
        Workload { given: world.given, entries: requests.entries, names, handles: requests.handles };
    let seed = text.seed.unwrap_or(DEFAULT_SEED);
    let scenario = Scenario {
        description: text.description,
        seed,
        starts_at: text.starts_at,
        warm_up: text.warm_up.unwrap_or(SimTime::ZERO),
        exact_limit: text.exact_limit.unwrap_or(DEFAULT_EXACT_LIMIT),
        settings: lines,
        overrides: Vec::new(),
        notices: notices.into_texts(),
        remarks: requests.remarks.into_texts(),
        canonical: canonical(&document.root, &requests.rows),
        catalog: Catalog {
            images: GivenNames::of(&world.images),
            regions: world.regions,
            accounts: world.accounts,
            names: world.names.into_texts(),
            entries: requests.infos,
            users: Vec::new(),
            facts: Arc::clone(&settings.facts),
        },
        model: Model {
            settings,
            seed: Seed { seed, replication: 0 },
            cap_changes: caps.changes,
            workload: Arc::new(workload),
            horizon: text.horizon,
            max_events_per_instant: text.max_events_per_instant.unwrap_or(DEFAULT_MAX_EVENTS),
        },
    };
    initial_state::check(&scenario, &requests.already).map_err(|found| (found, Vec::new()))?;
    Ok(scenario)
}

/// What is written, as far as it can be read.
fn read(root: &Node, faults: &mut Faults) -> ScenarioText {
    let context = Context::default();
    let (text, mut found) = decode::<ScenarioText>(root, &context);
    shapes::complete(&mut found, root);
    found.into_iter().for_each(|fault| faults.push(fault.into()));
    let text = text.value.unwrap_or_default();
    faults.unread_at_top = context.unread_members([root].into_iter().chain(root.get("copy_time")));
    check_top(&text, root, faults);
    mark_unread(&text, root, faults);
    text
}

/// A warm-up that lasts as long as the run leaves nothing to figures (R9.4), or what is planned for the very
/// end.
fn notice_long_warm_up(warm_up: Option<SimTime>, horizon: Option<SimTime>, notices: &mut Notices) {
    if let (Some(warm_up), Some(horizon)) = (warm_up, horizon)
        && warm_up >= horizon
    {
        notices.add(format!(
            "figures take only what is planned from the end of the warm-up at {warm_up} on, and the run ends at \
             {horizon}"
        ));
    }
}

/// The ids of requests that can't be read, as far as they can be told.
fn faulty_ids<T>(root: &Node, requests: &[Attempt<T>]) -> BTreeSet<String> {
    let nodes = root.get("requests").map_or(&[][..], Node::elements);
    let faulty = nodes.iter().zip(requests).filter(|(_, request)| request.value.is_none());
    let kinds = faulty.flat_map(|(node, _)| node.members());
    kinds.filter_map(|kind| kind.value.get("id")?.as_str()).map(str::to_owned).collect()
}

/// Tells the faults which sections can't be read, or are missing.
fn mark_unread(text: &ScenarioText, root: &Node, faults: &mut Faults) {
    for section in NAMED {
        match root.get(section) {
            Some(node) if matches!(node.value, Value::Object(_)) => {}
            None if !REQUIRED.contains(&section) => {}
            Some(_) | None => faults.section_is_unread(section),
        }
    }
    if text.starts_at.is_none() && root.get("starts_at").is_some() {
        faults.section_is_unread("starts_at");
    }
}

/// What a scenario can't be without.
fn check_top(text: &ScenarioText, root: &Node, faults: &mut Faults) {
    if let Some(version) = text.schema_version.as_ref().filter(|version| version.value != SCHEMA_VERSION) {
        let message = format!("this program doesn't know schema version {}", version.value);
        faults.add(version.span, message, format!("it reads version {SCHEMA_VERSION}"));
    }
    for key in REQUIRED.into_iter().filter(|key| root.get(key).is_none()) {
        let help = match key {
            "schema_version" => format!("add `\"schema_version\": {SCHEMA_VERSION}`"),
            _ => "add `\"regions\": { \"cn-hangzhou\": {}, ... }`".to_owned(),
        };
        let fault = Fault::missing_key(Some(root.span.first_byte()), key).with_help(help);
        faults.push(fault.into());
    }
}

/// The entries of a section with names for keys. One without a value has a fault, but its name is known all
/// the same, so that what refers to it is no fault as well.
fn named<T>(entries: Entries<Attempt<T>>, faults: &mut Faults) -> Vec<(Spanned<String>, Attempt<T>)> {
    for (name, _) in &entries {
        faults.check_name(&name.value, name.span);
    }
    entries.0
}

/// Initial caps by region and their changes.
#[derive(Default)]
struct Caps {
    initial: Vec<u32>,
    changes: Vec<CapChange>,
}

fn regions(
    written: Entries<Attempt<RegionText>>,
    service: &ServiceText,
    world: &mut World,
    faults: &mut Faults,
) -> Caps {
    let mut written = named(written, faults);
    // Ids in byte order: the order of the file changes nothing (R1.4).
    written.sort_by(|(left, _), (right, _)| left.value.cmp(&right.value));
    let mut caps = Caps::default();
    for (number, (id, region)) in (0..).zip(written) {
        faults.unread_keys = region.unread;
        let region = region.value.unwrap_or_default();
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

fn accounts(written: Entries<Attempt<AccountText>>, world: &mut World, faults: &mut Faults) {
    world.accounts = named(written, faults).into_iter().map(|(id, _)| id.value).collect();
    world.accounts.sort();
    if world.accounts.is_empty() {
        world.accounts.push(DEFAULT_ACCOUNT.to_owned());
    }
}

/// Whether all images together can be kept; else a fault at the first one that is too many.
fn are_few(entries: &Entries<Attempt<ImageText>>, faults: &mut Faults) -> bool {
    let mut total = 0;
    for (key, image) in entries {
        let count = image.value.as_ref().and_then(|image| image.count.as_ref());
        total += count.map_or(1, |count| u64::from(count.value.min(MAX_GROUP)));
        if total > MAX_IMAGES {
            let span = count.map_or(key.span, |count| count.span);
            faults.add(span, format!("more than {MAX_IMAGES} images in all"), "make groups smaller");
            return false;
        }
    }
    true
}

fn images(entries: Entries<Attempt<ImageText>>, world: &mut World, faults: &mut Faults) {
    if !are_few(&entries, faults) {
        faults.section_is_unread("images");
        return;
    }
    let mut taken: BTreeMap<(AccountId, RegionId, NameId), Span> = BTreeMap::new();
    let mut written = Vec::new();
    for (key, Attempt { value: image, is_whole, unread }) in named(entries, faults) {
        faults.unread_keys = unread;
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
        let first = u32::try_from(world.given.len()).expect("images are limited");
        let group = GivenGroup {
            first,
            count: count.map(|(count, _)| count),
            region,
            account,
            size: image.size,
            place: key.span,
            copy_time: image.copy_time.as_ref().map(|written| checked_copy_time(written, faults)),
        };
        let given = GivenImage {
            owner: Some(account),
            region,
            name: name.map(|(name, _)| name),
            size: image.size,
            disks: 1,
            facts: None,
            cancellable: image.cancellable.unwrap_or(true),
        };
        world.given.extend(std::iter::repeat_n(given, count.map_or(1, |(count, _)| count) as usize));
        // Of one with a fault it isn't known what it is: nothing is checked against it.
        if is_whole {
            world.images.insert(key.value, group);
        }
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

/// What decides a run, in one form: description, schema link, seed and clock don't count, and of a trace
/// its rows and not what its file is called.
fn canonical(root: &Node, rows: &BTreeMap<usize, String>) -> String {
    let mut root = Cow::Borrowed(root);
    for (entry, hash) in rows {
        if let Some(file) = root.to_mut().at_mut(&["requests", &entry.to_string(), "trace", "file"]) {
            file.value = Value::String(format!("sha256:{hash}"));
        }
    }
    let is_counted =
        |member: &&Member| !matches!(member.key.as_str(), "$schema" | "description" | "seed" | "starts_at");
    let mut counted: Vec<&Member> = root.members().iter().filter(is_counted).collect();
    counted.sort_by(|left, right| left.key.cmp(&right.key));
    let parts = counted.into_iter().map(|member| format!("{}={}", member.key, member.value.canonical()));
    parts.collect::<Vec<_>>().join("\n")
}
