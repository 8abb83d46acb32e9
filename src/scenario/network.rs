//! What transfers share, when regions are out or slow, and when that changes (R4.2, R4.4).

use std::collections::{BTreeMap, BTreeSet};

use super::decode::Spanned;
use super::diagnostic::Diagnostic;
use super::document::Span;
use super::faults::{Faults, Notices};
use super::schema::{
    CapacityChangeText, DegradationText, OutageEffectText, OutageText, RegionText, SharedText,
};
use super::world::World;
use crate::cloud::{Change, Changed, OutageEffect};
use crate::ids::{Named, RegionId};
use crate::quantity::{Capacity, Fraction};
use crate::time::SimTime;
use crate::transfer::{LinkId, NetworkPlan, Path, Work};
use crate::workload::{CoursePlan, CourseWork, DrawPlan, DrawnTime, Entry, Member};

/// What a link can move, from the start of the run and later.
#[derive(Clone, Debug)]
pub struct Limit {
    pub capacity: Capacity,
    pub changes: Vec<(SimTime, Capacity)>,
}

/// What limits the transfers of a region.
#[derive(Clone, Debug, Default)]
pub struct RegionLimits {
    pub egress: Option<Limit>,
    pub ingress: Option<Limit>,
    /// Whether its transfers are slow at times.
    pub is_slowed: bool,
}

/// A link, in the order in which links are shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum LinkKey {
    Egress(RegionId),
    Ingress(RegionId),
    Pair(RegionId, RegionId),
    /// By its place among the links of the scenario.
    Shared(usize),
}

/// All links with what they are called, and what changes of them.
#[derive(Debug, Default)]
pub struct Resolved {
    pub plan: NetworkPlan,
    pub names: Vec<String>,
    pub changes: Vec<Change>,
}

/// What a region says of outages and slow times, as changes, and its limits.
pub fn of_region(
    number: RegionId,
    id: &str,
    region: &RegionText,
    changes: &mut Vec<Change>,
    faults: &mut Faults,
) -> RegionLimits {
    outages(number, id, &region.outages, changes, faults);
    degradations(number, id, &region.degradations, changes, faults);
    RegionLimits {
        egress: region.egress.as_ref().map(|shared| limit(shared, faults)),
        ingress: region.ingress.as_ref().map(|shared| limit(shared, faults)),
        is_slowed: !region.degradations.is_empty(),
    }
}

fn outages(
    region: RegionId,
    id: &str,
    written: &[Spanned<OutageText>],
    changes: &mut Vec<Change>,
    faults: &mut Faults,
) {
    let spans = |outage: &OutageText| (outage.from, outage.to);
    for outage in apart(id, "outage", written, spans, faults) {
        let running = match outage.running {
            None | Some(OutageEffectText::Pause) => OutageEffect::Pause,
            Some(OutageEffectText::Fail) => OutageEffect::Fail,
        };
        changes.push(Change { at: outage.from, what: Changed::Outage { region, running } });
        changes.push(Change { at: outage.to, what: Changed::OutageOver { region } });
    }
}

fn degradations(
    region: RegionId,
    id: &str,
    written: &[Spanned<DegradationText>],
    changes: &mut Vec<Change>,
    faults: &mut Faults,
) {
    let spans = |degradation: &DegradationText| (degradation.from, degradation.to);
    let apart = apart(id, "degradation", written, spans, faults);
    for (place, degradation) in apart.iter().enumerate() {
        let slowed = |to| Changed::Slowed { region, to };
        changes.push(Change { at: degradation.from, what: slowed(degradation.throughput) });
        if apart.get(place + 1).is_none_or(|next| next.from != degradation.to) {
            changes.push(Change { at: degradation.to, what: slowed(Fraction::ONE) });
        }
    }
}

/// Spans of time in their order. None of them is empty, and no two overlap; else there is a fault.
fn apart<'t, T>(
    id: &str,
    what: &str,
    written: &'t [Spanned<T>],
    span: impl Fn(&T) -> (SimTime, SimTime),
    faults: &mut Faults,
) -> Vec<&'t T> {
    let mut sorted: Vec<&Spanned<T>> = written.iter().collect();
    sorted.sort_by_key(|one| span(&one.value).0);
    for one in written {
        let (from, to) = span(&one.value);
        if from >= to {
            let message = format!("this {what} of `{id}` is over before it begins");
            faults.add(one.span, message, "let `to` be after `from`");
            return Vec::new();
        }
    }
    for pair in sorted.windows(2) {
        let [first, second] = pair else { continue };
        if span(&second.value).0 < span(&first.value).1 {
            let message = format!("two {what}s of `{id}` overlap");
            faults.push(
                Diagnostic::error(Some(second.span), message)
                    .with_help("let one of them begin when the other is over, or make them one")
                    .with_related(first.span, "the other one"),
            );
            return Vec::new();
        }
    }
    sorted.into_iter().map(|one| &one.value).collect()
}

/// What a link can move.
pub fn limit(shared: &SharedText, faults: &mut Faults) -> Limit {
    Limit { capacity: shared.capacity, changes: capacity_changes(&shared.capacity_changes, faults) }
}

/// Later capacities, at most one at an instant.
pub fn capacity_changes(written: &[CapacityChangeText], faults: &mut Faults) -> Vec<(SimTime, Capacity)> {
    let mut seen: BTreeMap<SimTime, Span> = BTreeMap::new();
    for change in written {
        if let Some(first) = seen.insert(change.at.value, change.at.span) {
            faults.push(
                Diagnostic::error(
                    Some(change.at.span),
                    format!("this capacity changes twice at {}", change.at.value),
                )
                .with_help("keep one of the two")
                .with_related(first, "first change at this time"),
            );
        }
    }
    written.iter().map(|change| (change.at.value, change.capacity)).collect()
}

/// The links that the copies of these entries go over. What no copy uses isn't there.
pub fn network(entries: &[Entry], world: &World) -> Resolved {
    let mut paths: BTreeMap<(RegionId, RegionId), Vec<LinkKey>> = BTreeMap::new();
    for pair in pairs(entries) {
        paths.insert(pair, links_between(pair, world));
    }
    let keys: BTreeSet<&LinkKey> = paths.values().flatten().collect();
    let mut resolved = Resolved::default();
    let mut ids: BTreeMap<&LinkKey, LinkId> = BTreeMap::new();
    for key in keys {
        let (name, limit) = described(key, world);
        let link = resolved.plan.add_link(limit.capacity);
        resolved.names.push(name);
        ids.insert(key, link);
        let change = |&(at, capacity): &_| Change { at, what: Changed::Capacity { link, capacity } };
        resolved.changes.extend(limit.changes.iter().map(change));
    }
    for (&(from, to), keys) in &paths {
        let links = keys.iter().map(|key| ids[key]).collect();
        let mut slowed_by: Vec<RegionId> = vec![from, to];
        slowed_by.sort_unstable();
        slowed_by.dedup();
        slowed_by.retain(|region| world.limits[region.0 as usize].is_slowed);
        resolved.plan.set_path(from, to, Path { links, slowed_by });
    }
    resolved
}

/// The links of a pair of regions. A copy inside a region leaves it by no link but one of its own.
fn links_between((from, to): (RegionId, RegionId), world: &World) -> Vec<LinkKey> {
    let limits = |region: RegionId| &world.limits[region.0 as usize];
    let mut links = Vec::new();
    if from != to {
        links.extend(limits(from).egress.as_ref().map(|_| LinkKey::Egress(from)));
        links.extend(limits(to).ingress.as_ref().map(|_| LinkKey::Ingress(to)));
    }
    let mut of_pair = world.links.between(from, to, &world.regions);
    links.extend(of_pair.find(|link| link.limit.is_some()).map(|_| LinkKey::Pair(from, to)));
    links.extend(
        world.links.shared_between(from, to, &world.regions).map(|(place, _)| LinkKey::Shared(place)),
    );
    links
}

/// What a link is called, and its limit.
fn described<'w>(key: &LinkKey, world: &'w World) -> (String, &'w Limit) {
    let region = |region: &RegionId| &world.regions[region.0 as usize];
    let limits = |region: &RegionId| &world.limits[region.0 as usize];
    let found = match key {
        LinkKey::Egress(from) => (format!("egress of {}", region(from)), limits(from).egress.as_ref()),
        LinkKey::Ingress(to) => (format!("ingress of {}", region(to)), limits(to).ingress.as_ref()),
        LinkKey::Pair(from, to) => {
            let limit = world.links.between(*from, *to, &world.regions).find_map(|link| link.limit.as_ref());
            (format!("{} to {}", region(from), region(to)), limit)
        }
        LinkKey::Shared(place) => {
            let link = world.links.shared(*place);
            (link.name.clone(), Some(&link.limit))
        }
    };
    (found.0, found.1.expect("a link is there where something limits it"))
}

/// A copy with a given duration uses no link: where all copies over one have their durations, its limit counts for
/// nothing, which is hardly what was meant.
pub fn notice_unused(resolved: &Resolved, entries: &[Entry], plans: &[DrawPlan], notices: &mut Notices) {
    // What rows say isn't known here.
    if entries.iter().any(|entry| matches!(entry, Entry::Trace(_))) {
        return;
    }
    let mut used = BTreeSet::new();
    for member in members(entries).filter(|member| moves_bytes(member, plans)) {
        if let (Named::Known(from), Named::Known(to)) = (member.from, member.to)
            && let Some(path) = resolved.plan.path(from, to)
        {
            used.extend(resolved.plan.paths[path.0 as usize].links.iter().copied());
        }
    }
    for (place, name) in (0..).zip(&resolved.names) {
        if !used.contains(&LinkId(place)) {
            notices.add(format!(
                "link {name}: nothing goes over it, since all of its copies have a `duration`; give them a `copy_time` \
                 with a `throughput`"
            ));
        }
    }
}

/// Whether the copies of a call transfer bytes.
fn moves_bytes(member: &Member, plans: &[DrawPlan]) -> bool {
    match member.course {
        CoursePlan::Fixed(course) => !matches!(course.work, CourseWork::Known(Work::Duration(_))),
        CoursePlan::Drawn(plan) => !matches!(
            plans[plan.0 as usize].time,
            DrawnTime::Duration(_) | DrawnTime::Known(Work::Duration(_))
        ),
        CoursePlan::OfRow => true,
    }
}

/// The calls of these entries, but for the rows of traces.
fn members(entries: &[Entry]) -> impl Iterator<Item = &Member> {
    entries.iter().flat_map(|entry| {
        let (listed, arriving): (&[Member], &[Vec<Member>]) = match entry {
            Entry::Copy(copy) => (&copy.members, &[]),
            Entry::Arrivals(arrivals) => (&[], &arrivals.turns),
            Entry::Trace(_) | Entry::Cancel(_) | Entry::Delete(_) => (&[], &[]),
        };
        listed.iter().chain(arriving.iter().flatten())
    })
}

/// The pairs of regions that copies of these entries go between.
fn pairs(entries: &[Entry]) -> BTreeSet<(RegionId, RegionId)> {
    let mut pairs = BTreeSet::new();
    for member in members(entries) {
        if let (Named::Known(from), Named::Known(to)) = (member.from, member.to) {
            pairs.insert((from, to));
        }
    }
    let lanes = entries.iter().filter_map(|entry| match entry {
        Entry::Trace(trace) => Some(&trace.lanes),
        _ => None,
    });
    pairs.extend(lanes.flatten().map(|(_, from, to)| (*from, *to)));
    pairs
}
