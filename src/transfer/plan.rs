//! The links of a scenario and what goes over them, resolved to numbers.

use rustc_hash::FxHashMap;

use crate::ids::RegionId;
use crate::quantity::Capacity;

/// A limited link: the egress or ingress of a region, a pair of regions, or what several pairs share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

/// A place in [`NetworkPlan::paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId(pub u32);

/// What limits the transfers between two regions, beside the throughput of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// In ascending order.
    pub links: Vec<LinkId>,
    /// Of its two regions, those that are slowed down at times.
    pub slowed_by: Vec<RegionId>,
}

/// All links, and the path of each pair of regions whose transfers don't just go at their own throughput.
#[derive(Clone, Debug, Default)]
pub struct NetworkPlan {
    /// What each link can move at the start of the run.
    pub capacities: Vec<Capacity>,
    /// Different ones.
    pub paths: Vec<Path>,
    by_pair: FxHashMap<(RegionId, RegionId), PathId>,
    by_path: FxHashMap<Vec<u32>, PathId>,
}

impl NetworkPlan {
    /// Adds a link.
    pub fn add_link(&mut self, capacity: Capacity) -> LinkId {
        let id = LinkId(u32::try_from(self.capacities.len()).expect("links are limited"));
        self.capacities.push(capacity);
        id
    }

    /// The transfers from one region to another take this path. Without one they go at their own throughput.
    pub fn set_path(&mut self, from: RegionId, to: RegionId, mut path: Path) {
        path.links.sort_unstable();
        if path == Path::default() {
            return;
        }
        let links = path.links.iter().map(|link| link.0);
        let key: Vec<u32> =
            links.chain([u32::MAX]).chain(path.slowed_by.iter().map(|region| region.0)).collect();
        let next = PathId(u32::try_from(self.paths.len()).expect("pairs are limited"));
        let id = *self.by_path.entry(key).or_insert(next);
        if id == next {
            self.paths.push(path);
        }
        self.by_pair.insert((from, to), id);
    }

    pub fn path(&self, from: RegionId, to: RegionId) -> Option<PathId> {
        self.by_pair.get(&(from, to)).copied()
    }

    /// Whether every transfer goes at its own throughput.
    pub fn is_empty(&self) -> bool {
        self.by_pair.is_empty()
    }
}
