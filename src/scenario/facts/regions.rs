//! Regions: their caps over time, and what is true of them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::decode::{Attempt, Entries, Spanned};
use super::super::diagnostic::Diagnostic;
use super::super::document::Span;
use super::super::faults::Faults;
use super::super::network;
use super::super::resolve::in_order;
use super::super::schema::{PermissionText, RegionText, ServiceText};
use super::super::settings::{DEFAULT_ALGORITHMS, DEFAULT_CAP};
use super::super::world::World;
use super::Known;
use crate::cloud::{Change, Changed};
use crate::ids::{AlgorithmId, RegionId};
use crate::service::facts::{Among, RegionFacts};
use crate::time::SimTime;

/// Initial caps by region, and what changes of regions.
#[derive(Default)]
pub struct Caps {
    pub initial: Vec<u32>,
    pub changes: Vec<Change>,
}

/// The encryption algorithms that the service knows by name.
pub fn algorithms(service: &ServiceText, world: &mut World, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for name in service.encrypt_algorithms.iter().flatten() {
        faults.check_name(&name.value, name.span);
        if !seen.insert(&name.value) {
            faults.add(
                name.span,
                format!("the algorithm `{}` is named twice", name.value),
                "leave one of the two out",
            );
        }
    }
    let defaults = || DEFAULT_ALGORITHMS.map(str::to_owned).to_vec();
    let written = |names: &Vec<Spanned<String>>| names.iter().map(|name| name.value.clone()).collect();
    let names = service.encrypt_algorithms.as_ref().map_or_else(defaults, written);
    world.algorithms = Known::new("algorithm", "algorithms", names);
}

/// Reads the regions into the world, in byte order of their ids: the order of the file changes nothing (R1.4).
pub fn regions(
    written: Entries<Attempt<RegionText>>,
    service: &ServiceText,
    world: &mut World,
    faults: &mut Faults,
) -> Caps {
    let written = in_order(written, faults);
    world.regions = written.iter().map(|(id, _)| id.value.clone()).collect();
    let mut caps = Caps::default();
    for (number, (id, region)) in (0..).zip(written) {
        faults.unread_keys = region.unread;
        let region = region.value.unwrap_or_default();
        let copy_time = region.copy_time.as_ref().map(|written| world.copy_time_of(written, faults));
        world.region_copy_times.push(copy_time);
        caps.initial.push(region.cap.or(service.cap).unwrap_or(DEFAULT_CAP));
        cap_changes(RegionId(number), &id, &region, &mut caps, faults);
        let limits = network::of_region(RegionId(number), &id.value, &region, &mut caps.changes, faults);
        world.limits.push(limits);
        let facts = facts_of(&region, service, world, faults);
        world.facts.regions.push(facts);
    }
    caps
}

fn cap_changes(
    number: RegionId,
    id: &Spanned<String>,
    region: &RegionText,
    caps: &mut Caps,
    faults: &mut Faults,
) {
    let mut seen: BTreeMap<SimTime, Span> = BTreeMap::new();
    for change in &region.cap_changes {
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
        caps.changes.push(Change { at, what: Changed::Cap { region: number, cap: change.cap } });
    }
}

fn facts_of(region: &RegionText, service: &ServiceText, world: &World, faults: &mut Faults) -> RegionFacts {
    let algorithms = region.encrypt_algorithms.as_ref().map_or(Among::All, |names| {
        let known: BTreeSet<AlgorithmId> =
            names.iter().filter_map(|name| world.algorithms.named(name, faults)).map(AlgorithmId).collect();
        Among::Only(known)
    });
    let across = region.encrypt_across_regions.or(service.encrypt_across_regions);
    RegionFacts {
        offers_copy: region.image_copy.unwrap_or(true),
        sends: region.sends_data.unwrap_or(true),
        accepts_from: world.among(region.accepts_from.as_ref(), faults),
        accepts_keys: region.bring_your_own_key.unwrap_or(true),
        algorithms,
        encrypts_from_elsewhere: across != Some(PermissionText::Refused),
        images_quota: region.images_quota.or(service.images_quota),
        snapshots_quota: region.snapshots_quota.or(service.snapshots_quota),
    }
}
