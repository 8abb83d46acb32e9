//! From the document to a scenario: the text is decoded as far as it goes, names become numbers, and all
//! faults are gathered.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Scenario;
use super::catalog::{Catalog, GivenNames};
use super::checks::{CheckContext, checks};
use super::clients::{Client, clients};
use super::copytime::CopyTime;
use super::decode::{Attempt, Context, Entries, Fault, Spanned, decode};
use super::diagnostic::{Diagnostic, SourceText};
use super::distributions::Columns;
use super::document::{Document, Member, Node, Value};
use super::facts;
use super::faults::{Faults, Notices};
use super::files::Files;
use super::initial_state;
use super::links::links;
use super::network::{self, network};
use super::requests::{Limits, RequestResolver};
use super::schema::{NAMED, REQUIRED, ScenarioText};
use super::settings::{service_settings, setting_lines};
use super::shapes;
use super::world::World;
use crate::cloud::Surroundings;
use crate::distribution::{Drawn, Quantity};
use crate::quantity::{Bytes, Fraction};
use crate::random::Seed;
use crate::service::{CapScope, QueueOrder, Settings};
use crate::simulation::Model;
use crate::time::SimTime;
use crate::workload::{DrawPlan, DrawnTime, Workload};

const SCHEMA_VERSION: u64 = 1;
pub const DEFAULT_SEED: u64 = 1;
pub const DEFAULT_EXACT_LIMIT: u64 = 100_000;
pub const DEFAULT_MAX_EVENTS: u64 = 10_000_000;

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
    let service = service.value.unwrap_or_default().with_preset();
    let mut world = World { starts_at: text.starts_at, columns: Columns::new(files), ..World::default() };
    facts::algorithms(&service, &mut world, &mut faults);
    let caps = facts::regions(text.regions, &service, &mut world, &mut faults);
    let mut notices = Notices::default();
    notice_long_warm_up(text.warm_up, text.horizon, &mut notices);
    links(text.links, &mut world, &mut faults, &mut notices);
    let users = facts::accounts(text.accounts, &mut world, &mut faults);
    facts::keys_and_groups(text.kms_keys, text.resource_groups, &mut world, &mut faults);
    world.copy_time = text
        .copy_time
        .as_ref()
        .map_or_else(CopyTime::default, |written| world.copy_time_of(written, &mut faults));
    facts::images(text.images, &mut world, &mut faults);
    facts::users(users, &mut world, &mut faults);
    clients(text.clients, &mut world, &mut faults);
    let mut settings = service_settings(&service, caps.initial, world.accounts.len(), &mut faults);
    if settings.cap_scope == CapScope::Pair {
        settings.pair_caps = world.pair_caps();
    }
    world.facts.forbidden = world.forbidden_pairs();
    let faulty = faulty_ids(&document.root, &text.requests);
    let max_events_per_instant = text.max_events_per_instant.unwrap_or(DEFAULT_MAX_EVENTS);
    let limits = Limits {
        horizon: text.horizon,
        same_region_plain: settings.same_region_plain,
        max_events: max_events_per_instant,
    };
    let requests = RequestResolver::new(&mut world, &mut faults, files, limits, faulty);
    let requests = requests.resolve(text.requests, text.faults);
    let nodes = document.root.get("checks").map_or(&[][..], Node::elements);
    let (ids, entries) = (request_ids(&document.root), requests.infos.as_slice());
    let context =
        CheckContext { world: &world, settings: &settings, entries, ids, sources: &document.sources };
    let checks = checks(text.checks, nodes, &context, &mut faults, &mut notices);
    if !faults.is_empty() {
        return Err(faults.into_parts());
    }
    notices.append(requests.notices);
    notice_what_counts_for_nothing(&settings, world.links.have_caps(), requests.has_priorities, &mut notices);
    requests.draw_plans.iter().for_each(|plan| notice_slow_throughput(plan, &mut notices));
    let network = network(&requests.entries, &world);
    network::notice_unused(&network, &requests.entries, &requests.draw_plans, &mut notices);
    settings.facts = Arc::new(world.facts);
    let lines = setting_lines(&service, &world.copy_time, document.root.get("copy_time"));
    let names = requests.infos.iter().map(|entry| entry.name.clone()).collect();
    let has_drawn_faults = settings.facts.faults.iter().any(|fault| fault.probability.is_some());
    let has_jitter =
        |client: &Client| client.plan.retry.as_ref().is_some_and(|retry| retry.jitter > Fraction::ZERO);
    let is_drawn =
        has_drawn_faults || !requests.draw_plans.is_empty() || world.clients.iter().any(has_jitter);
    let draws = requests.infos.iter().map(|entry| if is_drawn { entry.draw_names() } else { Vec::new() });
    let draws = draws.collect();
    let workload = Workload {
        given: world.given,
        drawn_sizes: world.drawn_sizes,
        entries: requests.entries,
        names,
        draws,
        draw_plans: requests.draw_plans,
        clients: world.clients.iter().map(|client| client.plan.clone()).collect(),
        handles: requests.handles,
    };
    let seed = text.seed.unwrap_or(DEFAULT_SEED);
    let scenario = Scenario {
        description: text.description,
        starts_at: text.starts_at,
        warm_up: text.warm_up.unwrap_or(SimTime::ZERO),
        exact_limit: text.exact_limit.unwrap_or(DEFAULT_EXACT_LIMIT),
        checks,
        settings: lines,
        overrides: Vec::new(),
        notices: notices.into_texts(),
        remarks: requests.remarks.into_texts(),
        canonical: canonical(&document.root, &requests.rows, &world.columns),
        catalog: Catalog {
            images: GivenNames::of(&world.images),
            regions: world.regions,
            accounts: world.accounts,
            names: world.names.into_texts(),
            entries: requests.infos,
            users: world.users.into_iter().map(|(_, name)| name).collect(),
            algorithms: world.algorithms.into_names(),
            groups: world.groups.into_names(),
            facts: Arc::clone(&settings.facts),
            token_life: settings.token_life,
            links: network.names,
            clients: world.clients.iter().map(Client::info).collect(),
        },
        model: Model {
            settings,
            seed: Seed { seed, replication: 0 },
            surroundings: Surroundings {
                changes: [caps.changes, network.changes].concat(),
                network: Arc::new(network.plan),
                bundles_flows: true,
            },
            workload: Arc::new(workload),
            horizon: text.horizon,
            max_events_per_instant,
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

/// What is written, and counts only with another setting.
fn notice_what_counts_for_nothing(
    settings: &Settings,
    have_link_caps: bool,
    have_priorities: bool,
    notices: &mut Notices,
) {
    if settings.cap_scope != CapScope::Pair && have_link_caps {
        notices.add("the `cap` of a link counts only with \"cap_scope\": \"pair\"".to_owned());
    }
    if settings.queue != QueueOrder::Priority && have_priorities {
        notices.add("the `priority` of a copy counts only with \"queue\": \"priority\"".to_owned());
    }
    if settings.head_of_line_blocking && !settings.cap_scope.has_two_keys() {
        notices.add("`head_of_line_blocking` counts only with \"cap_scope\": \"both\"".to_owned());
    }
}

/// A throughput that is now and then almost 0 makes copies that hardly end, so that the mean of their times says
/// nothing: of an exponential one it is infinite.
fn notice_slow_throughput(plan: &DrawPlan, notices: &mut Notices) {
    /// One copy in a million is looked at.
    const RARE: f64 = 1e-6;
    const MANY_TIMES: f64 = 1e3;
    let DrawnTime::Phases { throughput: Drawn::Random(distribution), .. } = &plan.time else { return };
    let (slow, mean) = (distribution.quantile(RARE), distribution.mean());
    if slow * MANY_TIMES < mean {
        notices.add(format!(
            "a `throughput` is drawn that is almost 0 now and then: one copy in a million takes more than a thousand \
             times as long as at the mean of {}/s; truncate it below, or draw the `duration`",
            Bytes::from_f64(mean).unwrap_or(Bytes::MAX)
        ));
    }
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
    ids_of(faulty.map(|(node, _)| node))
}

/// The ids of all requests, as far as they are written.
fn request_ids(root: &Node) -> BTreeSet<String> {
    ids_of(root.get("requests").map_or(&[][..], Node::elements).iter())
}

fn ids_of<'a>(requests: impl Iterator<Item = &'a Node>) -> BTreeSet<String> {
    let kinds = requests.flat_map(Node::members);
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
pub(super) fn named<T>(
    entries: Entries<Attempt<T>>,
    faults: &mut Faults,
) -> Vec<(Spanned<String>, Attempt<T>)> {
    for (name, _) in &entries {
        faults.check_name(&name.value, name.span);
    }
    entries.0
}

/// As [`named`], in byte order of the names: the order of the file changes nothing (R1.4, R10.3).
pub(super) fn in_order<T>(
    entries: Entries<Attempt<T>>,
    faults: &mut Faults,
) -> Vec<(Spanned<String>, Attempt<T>)> {
    let mut named = named(entries, faults);
    named.sort_by(|(left, _), (right, _)| left.value.cmp(&right.value));
    named
}

/// What decides a run, in one form: description, schema link, seed and clock don't count, and of a trace
/// its rows and not what its file is called.
fn canonical(root: &Node, rows: &BTreeMap<usize, String>, columns: &Columns) -> String {
    let mut root = Cow::Borrowed(root);
    if !columns.is_empty() {
        columns.stamp(root.to_mut());
    }
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
