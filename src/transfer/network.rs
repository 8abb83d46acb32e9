//! Transfers that share links (R4.2): who moves how fast, and who is through next.
//!
//! Flows with the same links and the same ceiling always have the same share. They form a *bundle* with one count of
//! what a flow has moved that was in it from its beginning: a flow that joins at a count of c with so much left is
//! through when the count is c + what is left. So a change of shares touches bundles, not flows, and only the first
//! flow of each is looked at.
//!
//! Shares are computed anew once at the end of an instant, and only where bundles and links are connected to what
//! changed. Bytes are counted in millionths: a rate in bytes per second moves as many in a microsecond.

mod bundle;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use self::bundle::Bundle;
use super::filling::Filling;
use super::plan::{LinkId, NetworkPlan, PathId};
use crate::ids::{CopyId, RegionId};
use crate::kernel::Calendar;
use crate::quantity::{Capacity, Fraction, Rate};
use crate::time::SimTime;

/// A transfer that is going on: its bundle, and the count of that at which it is through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    bundle: u32,
    target: u128,
}

/// The present state of all shared links.
#[derive(Clone, Debug)]
pub struct Network {
    plan: Arc<NetworkPlan>,
    /// Whether flows that always move alike share a bundle; if not, each has one of its own, with the same results.
    are_bundled: bool,
    links: Vec<Link>,
    bundles: Vec<Bundle>,
    /// Places of bundles that are empty.
    unused: Vec<u32>,
    by_kind: FxHashMap<(PathId, Rate), u32>,
    /// By region: by what its transfers are slowed down now.
    slowed: Vec<Fraction>,
    /// When the first flow of each bundle is through. Entries of another time than the bundle's are outdated.
    ends: Calendar<u32>,
    /// Bundles and links that changed since shares were computed.
    changed: Vec<Part>,
    is_changed: bool,
    /// The number of the present search for what is connected.
    search: u64,
    found: Found,
    filling: Filling,
}

/// Bundles and links that are connected to what changed.
#[derive(Clone, Debug, Default)]
struct Found {
    bundles: Vec<u32>,
    links: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Bundle(u32),
    Link(u32),
}

#[derive(Clone, Debug)]
struct Link {
    capacity: u64,
    bundles: Vec<u32>,
    flows: u64,
    /// What its flows have of it, in bytes per second.
    used: u64,
    /// What they could move if each had all that it can take.
    wanted: u64,
    found_in: u64,
    /// Its place in the present filling.
    place: u32,
}

/// How much of a link is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkLevels {
    /// In bytes per second.
    pub capacity: u64,
    /// In bytes per second.
    pub used: u64,
    /// What its transfers could move if each had all that it can take, in bytes per second.
    pub wanted: u64,
    pub flows: u64,
}

impl Link {
    fn levels(&self) -> LinkLevels {
        let Self { capacity, used, wanted, flows, .. } = *self;
        LinkLevels { capacity, used, wanted, flows }
    }
}

impl Network {
    /// A network of idle links, of so many regions.
    pub fn new(plan: Arc<NetworkPlan>, regions: u32, are_bundled: bool) -> Self {
        let link = |capacity: &Capacity| Link {
            capacity: capacity.bytes_per_second(),
            bundles: Vec::new(),
            flows: 0,
            used: 0,
            wanted: 0,
            found_in: 0,
            place: 0,
        };
        Self {
            links: plan.capacities.iter().map(link).collect(),
            plan,
            are_bundled,
            bundles: Vec::new(),
            unused: Vec::new(),
            by_kind: FxHashMap::default(),
            slowed: vec![Fraction::ONE; regions as usize],
            ends: Calendar::default(),
            changed: Vec::new(),
            is_changed: false,
            search: 0,
            found: Found::default(),
            filling: Filling::default(),
        }
    }

    /// The path of transfers between two regions; none where each goes at its own throughput.
    #[inline]
    pub fn path(&self, from: RegionId, to: RegionId) -> Option<PathId> {
        self.plan.path(from, to)
    }

    /// A transfer begins, or goes on, with so many millionths of bytes left, more than 0. It moves from the next
    /// [`Network::share`] on.
    pub fn join(&mut self, now: SimTime, copy: CopyId, path: PathId, ceiling: Rate, left: u128) -> Flow {
        let place = self.bundle_for(path, ceiling, now);
        let target = self.bundles[place as usize].add(now, copy, left);
        self.resize(place, 1);
        Flow { bundle: place, target }
    }

    /// A transfer stops before it is through. Gives the millionths of bytes that are left of it.
    pub fn leave(&mut self, now: SimTime, copy: CopyId, flow: Flow) -> u128 {
        let left = self.left(now, flow);
        self.bundles[flow.bundle as usize].remove(copy);
        self.resize(flow.bundle, -1);
        left
    }

    /// The millionths of bytes that are left of a transfer.
    pub fn left(&self, now: SimTime, flow: Flow) -> u128 {
        flow.target.saturating_sub(self.bundles[flow.bundle as usize].count_at(now))
    }

    /// The next instant at which a transfer is through, unless shares change before.
    #[inline]
    pub fn next_end(&mut self) -> Option<SimTime> {
        while let Some((key, &bundle)) = self.ends.peek() {
            if self.bundles[bundle as usize].end == key.at() {
                return Some(key.at());
            }
            self.ends.pop();
        }
        None
    }

    /// Takes out the transfers that are through at `now`, which [`Network::next_end`] gave.
    pub fn take_through(&mut self, now: SimTime, mut through: impl FnMut(CopyId)) {
        while self.next_end() == Some(now) {
            let Some((_, place)) = self.ends.pop() else { return };
            let taken = self.bundles[place as usize].take_through(now, &mut through);
            self.resize(place, -taken);
        }
    }

    /// A link can move so much from now on.
    pub fn set_capacity(&mut self, link: LinkId, capacity: Capacity) {
        self.links[link.0 as usize].capacity = capacity.bytes_per_second();
        self.changed.push(Part::Link(link.0));
        self.is_changed = true;
    }

    /// Transfers from or to a region reach this share of their own throughput from now on; where both regions are
    /// slow, the slower one counts.
    pub fn set_slowed(&mut self, region: RegionId, share: Fraction) {
        self.slowed[region.0 as usize] = share;
        for place in 0..self.bundles.len() as u32 {
            let bundle = &self.bundles[place as usize];
            if bundle.size > 0 && self.plan.paths[bundle.path.0 as usize].slowed_by.contains(&region) {
                self.change_bundle(place);
            }
        }
    }

    /// Whether shares have to be computed anew.
    #[inline]
    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// A transfer that moves, but isn't through before the end of time, if there is one.
    pub fn never_through(&mut self) -> Option<CopyId> {
        let moves = |bundle: &&mut Bundle| bundle.size > 0 && bundle.share > 0 && bundle.end == SimTime::MAX;
        let first = self.bundles.iter_mut().filter(moves).filter_map(Bundle::first);
        first.map(|(_, copy)| copy).min()
    }

    /// Computes the shares anew of all that is connected to what changed, and tells each link of it.
    pub fn share(&mut self, now: SimTime, mut see: impl FnMut(LinkId, LinkLevels)) {
        self.is_changed = false;
        if let Some(place) = self.only_changed() {
            return self.share_alone(now, place, see);
        }
        self.find_connected();
        self.fill(now);
        for &link in &self.found.links {
            see(LinkId(link), self.links[link as usize].levels());
        }
        let found = std::mem::take(&mut self.found.bundles);
        for &place in &found {
            if self.bundles[place as usize].size == 0 {
                self.drop_bundle(place);
            }
        }
        self.found.bundles = found;
        self.tidy_ends();
    }

    /// The bundle that changed, if that is all and no other is connected to it.
    fn only_changed(&self) -> Option<u32> {
        let &[Part::Bundle(place)] = &self.changed[..] else { return None };
        let links = &self.plan.paths[self.bundles[place as usize].path.0 as usize].links;
        links.iter().all(|link| self.links[link.0 as usize].bundles.len() == 1).then_some(place)
    }

    /// As [`Network::share`], of the only bundle of some links: each of its flows has an equal part of the tightest.
    fn share_alone(&mut self, now: SimTime, place: u32, mut see: impl FnMut(LinkId, LinkLevels)) {
        self.changed.clear();
        let bundle = &self.bundles[place as usize];
        let (size, ceiling) = (bundle.size, self.ceiling(bundle));
        let links = &self.plan.paths[bundle.path.0 as usize].links;
        let of_link = |link: &LinkId| self.links[link.0 as usize].capacity.checked_div(size);
        let share = links.iter().filter_map(of_link).min().map_or(ceiling, |share| share.min(ceiling));
        for id in links {
            let link = &mut self.links[id.0 as usize];
            (link.used, link.wanted) = (size * share, size.saturating_mul(ceiling));
            see(*id, link.levels());
        }
        let bundle = &mut self.bundles[place as usize];
        bundle.is_changed = false;
        if size > 0 {
            bundle.set_share(now, share, &mut self.ends, place);
        } else {
            self.drop_bundle(place);
        }
        self.tidy_ends();
    }

    /// Gathers the changed bundles and links, and all that is connected to them.
    fn find_connected(&mut self) {
        self.search += 1;
        let found = &mut self.found;
        found.bundles.clear();
        found.links.clear();
        for part in self.changed.drain(..) {
            match part {
                Part::Bundle(place) => found.add_bundle(place, &mut self.bundles, self.search),
                Part::Link(place) => found.add_link(place, &mut self.links, self.search),
            }
        }
        let (mut bundles, mut links) = (0, 0);
        loop {
            if let Some(&place) = found.bundles.get(bundles) {
                bundles += 1;
                for link in &self.plan.paths[self.bundles[place as usize].path.0 as usize].links {
                    found.add_link(link.0, &mut self.links, self.search);
                }
            } else if let Some(&place) = found.links.get(links) {
                links += 1;
                for &bundle in &self.links[place as usize].bundles {
                    found.add_bundle(bundle, &mut self.bundles, self.search);
                }
            } else {
                return;
            }
        }
    }

    /// Gives the bundles that were found their shares.
    fn fill(&mut self, now: SimTime) {
        self.filling.clear();
        for &place in &self.found.links {
            let link = &mut self.links[place as usize];
            link.place = self.filling.add_link(link.capacity);
            link.wanted = 0;
        }
        for &place in &self.found.bundles {
            let bundle = &self.bundles[place as usize];
            if bundle.size > 0 {
                let (size, ceiling) = (bundle.size, self.ceiling(bundle));
                let links = &self.plan.paths[bundle.path.0 as usize].links;
                for link in links {
                    let wanted = &mut self.links[link.0 as usize].wanted;
                    *wanted = wanted.saturating_add(size.saturating_mul(ceiling));
                }
                let links = links.iter().map(|link| self.links[link.0 as usize].place);
                self.filling.add_group(size, ceiling, links);
            }
        }
        self.filling.fill();
        for &place in &self.found.links {
            let link = &mut self.links[place as usize];
            link.used = self.filling.used(link.place, link.capacity);
        }
        let mut groups = self.filling.groups().iter();
        for &place in &self.found.bundles {
            let bundle = &mut self.bundles[place as usize];
            if bundle.size > 0
                && let Some(group) = groups.next()
            {
                bundle.set_share(now, group.share, &mut self.ends, place);
            }
        }
    }

    /// What each flow of a bundle can reach by itself.
    fn ceiling(&self, bundle: &Bundle) -> u64 {
        let own = bundle.ceiling.bytes_per_second();
        let slowed_by = &self.plan.paths[bundle.path.0 as usize].slowed_by;
        match slowed_by.iter().map(|region| self.slowed[region.0 as usize]).min() {
            Some(share) => (u128::from(own) * u128::from(share.millionths()) / 1_000_000) as u64,
            None => own,
        }
    }

    fn bundle_for(&mut self, path: PathId, ceiling: Rate, now: SimTime) -> u32 {
        if self.are_bundled
            && let Some(&place) = self.by_kind.get(&(path, ceiling))
        {
            return place;
        }
        let place = match self.unused.pop() {
            Some(place) => {
                self.bundles[place as usize].renew(path, ceiling, now);
                place
            }
            None => {
                self.bundles.push(Bundle::new(path, ceiling, now));
                self.bundles.len() as u32 - 1
            }
        };
        self.by_kind.insert((path, ceiling), place);
        for link in &self.plan.paths[path.0 as usize].links {
            self.links[link.0 as usize].bundles.push(place);
        }
        place
    }

    fn drop_bundle(&mut self, place: u32) {
        let Bundle { path, ceiling, .. } = self.bundles[place as usize];
        for link in &self.plan.paths[path.0 as usize].links {
            self.links[link.0 as usize].bundles.retain(|bundle| *bundle != place);
        }
        if self.by_kind.get(&(path, ceiling)) == Some(&place) {
            self.by_kind.remove(&(path, ceiling));
        }
        self.bundles[place as usize].end = SimTime::MAX;
        self.unused.push(place);
    }

    /// A bundle has so many flows more or fewer.
    fn resize(&mut self, place: u32, change: i64) {
        let bundle = &mut self.bundles[place as usize];
        bundle.size = bundle.size.strict_add_signed(change);
        for link in &self.plan.paths[bundle.path.0 as usize].links {
            let link = &mut self.links[link.0 as usize];
            link.flows = link.flows.strict_add_signed(change);
        }
        self.change_bundle(place);
    }

    fn change_bundle(&mut self, place: u32) {
        let bundle = &mut self.bundles[place as usize];
        if !bundle.is_changed {
            bundle.is_changed = true;
            self.changed.push(Part::Bundle(place));
            self.is_changed = true;
        }
    }

    /// Outdated ends go when they are most of all.
    fn tidy_ends(&mut self) {
        if self.ends.pending() > 64 + 4 * self.bundles.len() {
            let bundles = &self.bundles;
            self.ends.retain(|key, place| bundles[*place as usize].end == key.at());
        }
    }
}

impl Found {
    fn add_bundle(&mut self, place: u32, bundles: &mut [Bundle], search: u64) {
        let bundle = &mut bundles[place as usize];
        bundle.is_changed = false;
        if bundle.found_in != search {
            bundle.found_in = search;
            self.bundles.push(place);
        }
    }

    fn add_link(&mut self, place: u32, links: &mut [Link], search: u64) {
        let link = &mut links[place as usize];
        if link.found_in != search {
            link.found_in = search;
            self.links.push(place);
        }
    }
}
