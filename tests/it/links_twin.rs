//! The simulator against a slow twin that shares no code with it, on thousands of small random networks: copies over
//! shared links (R4.2), failures (R4.3), outages (R4.4) and cancels.

mod filling;
mod integrator;
mod scenario;
mod state;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use copysim::time::SimTime;

use crate::support::{Ran, read, try_run_scenario};
use integrator::Link;
use state::{Outcome, Row};
use world::{Copy, Limit, Work, World, random_world};

/// Networks compared in a test run.
const NETWORKS: u64 = 6_000;

const NAMES: [&str; 6] = ["r0", "r1", "r2", "r3", "r4", "r5"];

/// The names of regions, in an order that isn't that of the world.
const OTHER_NAMES: [&str; 6] = ["m3", "m5", "m0", "m4", "m1", "m2"];

fn simulate(world: &World, names: &[&str], bundles_flows: bool) -> Ran {
    let text = scenario::scenario(world, names).to_string();
    let mut scenario = read(&text);
    scenario.model.surroundings.bundles_flows = bundles_flows;
    try_run_scenario(scenario).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

/// What became of the copies, in the twin's words.
fn rows(ran: &Ran, world: &World) -> Vec<Option<Row>> {
    let mut rows = vec![None; world.copies.len()];
    for record in &ran.observed.records {
        use copysim::records::Outcome as Told;
        let outcome = match record.outcome {
            Told::Waiting => Outcome::Waiting,
            Told::Running => Outcome::Running,
            Told::Available => Outcome::Available,
            Told::Failed => Outcome::Failed,
            Told::CancelledWaiting => Outcome::CancelledWaiting,
            Told::CancelledRunning => Outcome::CancelledRunning,
            other => panic!("{other:?} isn't a fate of these copies"),
        };
        let (start, end) = (record.start.map(SimTime::micros), record.end.map(SimTime::micros));
        let row = Row { outcome, start, end, moved: record.moved.0 };
        assert_eq!(rows[record.key.entry() as usize].replace(row), None, "one record of each copy");
    }
    rows
}

/// What is used of each link from an instant on, whenever that changes. No more than there is.
fn used(ran: &Ran) -> BTreeMap<String, Vec<(u64, u64)>> {
    let mut used: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
    for (at, link, levels) in &ran.observed.shared {
        assert!(levels.used <= levels.capacity, "at {at} {levels:?}");
        let told = used.entry(ran.scenario.catalog.link(*link).to_owned()).or_default();
        if told.last().map_or(0, |(_, used)| *used) != levels.used {
            told.push((at.micros(), levels.used));
        }
    }
    used.retain(|_, told| !told.is_empty());
    used
}

/// What the simulator calls a link.
fn name_of(link: Link, world: &World, names: &[&str]) -> String {
    match link {
        Link::Egress(region) => format!("egress of {}", names[region]),
        Link::Ingress(region) => format!("ingress of {}", names[region]),
        Link::Pair(from, to) => format!("{} to {}", names[from], names[to]),
        Link::Cable(place) => scenario::cable_name(&world.cables[place], names),
    }
}

/// What is used of a link, over time, is what moved over it: millionths of bytes, since a byte per second moves one
/// in a microsecond.
fn assert_carried(used: &BTreeMap<String, Vec<(u64, u64)>>, ran: &integrator::Ran, world: &World) {
    let mut carried: BTreeMap<String, u128> = BTreeMap::new();
    for (link, millionths) in &ran.carried {
        carried.insert(name_of(*link, world, &NAMES), *millionths);
    }
    carried.retain(|_, millionths| *millionths > 0);
    let areas = used.iter().map(|(link, told)| {
        let ends = told.iter().skip(1).map(|(at, _)| *at).chain([ran.end]);
        let spans = told.iter().zip(ends);
        let area = spans.map(|((at, used), end)| u128::from(*used) * u128::from(end - at)).sum();
        (link.clone(), area)
    });
    let areas: BTreeMap<String, u128> = areas.filter(|(_, area)| *area > 0).collect();
    assert_eq!(areas, carried);
}

#[test]
fn r4_2_simulator_and_slow_twin_agree_on_random_networks() {
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    for seed in 0..NETWORKS {
        let world = random_world(seed);
        let ran = simulate(&world, &NAMES, true);
        let twin = integrator::run(&world);
        let context = || format!("network {seed}: {world:#?}\n{}", scenario::scenario(&world, &NAMES));
        assert_eq!(rows(&ran, &world), twin.rows, "{}", context());
        assert_eq!((ran.end.at.micros(), ran.end.by_horizon), (twin.end, twin.by_horizon), "{}", context());
        let used = used(&ran);
        let twins = twin.used.iter().map(|(link, told)| (name_of(*link, &world, &NAMES), told.clone()));
        let twins: BTreeMap<_, _> = twins.filter(|(_, told)| !told.is_empty()).collect();
        assert_eq!(used, twins, "{}", context());
        assert_carried(&used, &twin, &world);
        for row in twin.rows.iter().flatten() {
            *outcomes.entry(format!("{:?}", row.outcome)).or_default() += 1;
        }
    }
    // Every fate is met often enough to mean something.
    let few: BTreeSet<_> = outcomes.iter().filter(|(_, count)| **count < NETWORKS / 20).collect();
    assert!(outcomes.len() == 6 && few.is_empty(), "{outcomes:?}");
}

/// Instant, link, capacity, what is used of it, and flows: in this order, whatever order a run told of them in.
fn shared(ran: &Ran) -> Vec<(SimTime, u32, u64, u64, u64)> {
    let shared = ran.observed.shared.iter();
    let shared = shared.map(|(at, link, of)| (*at, link.0, of.capacity, of.used, of.flows));
    let mut shared: Vec<_> = shared.collect();
    shared.sort_unstable();
    shared
}

#[test]
fn r4_2_counting_flows_together_changes_nothing() {
    for seed in 0..NETWORKS {
        let world = random_world(seed);
        let (together, apart) = (simulate(&world, &NAMES, true), simulate(&world, &NAMES, false));
        let context = || scenario::scenario(&world, &NAMES);
        assert_eq!(together.observed.records, apart.observed.records, "network {seed}: {}", context());
        assert_eq!(together.observed.history, apart.observed.history, "network {seed}: {}", context());
        assert_eq!(together.observed.levels, apart.observed.levels, "network {seed}: {}", context());
        assert_eq!(shared(&together), shared(&apart), "network {seed}: {}", context());
        assert_eq!(together.end, apart.end, "network {seed}: {}", context());
    }
}

#[test]
fn r4_2_names_and_the_order_of_links_change_nothing() {
    for seed in 0..NETWORKS / 4 {
        let world = random_world(seed);
        let mut turned = world.clone();
        turned.cables.reverse();
        // Of equally particular limits of a pair the first one counts: these stay in their order.
        turned.pairs.sort_by_key(|pair| u8::from(pair.from.is_some()) + u8::from(pair.to.is_some()));
        let (ran, other) = (simulate(&world, &NAMES, true), simulate(&turned, &OTHER_NAMES, true));
        assert_eq!(rows(&ran, &world), rows(&other, &turned), "network {seed}");
        let series = |ran: &Ran| {
            let mut series: Vec<_> = used(ran).into_values().collect();
            series.sort_unstable();
            series
        };
        assert_eq!(series(&ran), series(&other), "network {seed}");
    }
}

/// What became of the copies, but for the bytes that have moved: of one that fails at a share of its progress those of
/// its last microsecond count where no link is there.
fn fates(ran: &Ran, world: &World) -> Vec<Option<Row>> {
    rows(ran, world).into_iter().map(|row| row.map(|row| Row { moved: 0, ..row })).collect()
}

#[test]
fn r4_2_links_that_are_wide_enough_change_nothing() {
    for seed in 0..NETWORKS / 4 {
        let world = random_world(seed);
        let throughput = |copy: &Copy| match copy.work {
            Work::Given(_) => 0,
            Work::Phases { throughput, .. } => throughput,
        };
        let enough: u64 = world.copies.iter().map(throughput).sum();
        let mut wide = world.clone();
        wide.limits_mut().for_each(|limit| *limit = Limit { capacity: enough, changes: Vec::new() });
        let mut free = world.clone();
        free.regions.iter_mut().for_each(|region| (region.egress, region.ingress) = (None, None));
        (free.pairs, free.cables) = (Vec::new(), Vec::new());
        let (wide, free) = (simulate(&wide, &NAMES, true), simulate(&free, &NAMES, true));
        assert_eq!(fates(&wide, &world), fates(&free, &world), "network {seed}");
    }
}

#[test]
fn r4_2_equal_copies_that_start_together_end_together() {
    for seed in 0..NETWORKS / 4 {
        let mut world = random_world(seed);
        world.copies = world.copies.iter().flat_map(|copy| [Copy { remaining: None, ..*copy }; 2]).collect();
        world.cancels.clear();
        for region in &mut world.regions {
            (region.cap, region.cap_changes) = (100, Vec::new());
        }
        for pair in rows(&simulate(&world, &NAMES, true), &world).chunks(2) {
            assert_eq!(pair[0], pair[1], "network {seed}: {}", scenario::scenario(&world, &NAMES));
        }
    }
}

#[test]
fn r4_2_an_available_copy_has_moved_its_size() {
    for seed in 0..NETWORKS / 4 {
        let world = random_world(seed);
        for (copy, row) in world.copies.iter().zip(rows(&simulate(&world, &NAMES, true), &world)) {
            let Some(row) = row.filter(|_| copy.remaining.is_none()) else { continue };
            assert!(row.moved <= copy.size, "network {seed}: {row:?} of {copy:?}");
            let has_all = row.moved == copy.size;
            assert!(has_all || row.outcome != Outcome::Available, "network {seed}: {row:?} of {copy:?}");
        }
    }
}
