//! Bytes moved between regions (R9.6).

use super::TrafficSummary;
use crate::ids::RegionId;
use crate::records::{Tally, Traffic};
use crate::scenario::Catalog;

/// Bytes beyond what JSON readers can hold are as many as they can.
pub fn whole(bytes: u128) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The traffic between two regions, by their ids.
pub fn traffic(tally: &Tally, catalog: &Catalog) -> Vec<TrafficSummary> {
    let mut pairs: Vec<_> = tally.traffic.iter().collect();
    pairs.sort_by_key(|(pair, _)| **pair);
    let summary = |((from, to), traffic): (&(RegionId, RegionId), &Traffic)| TrafficSummary {
        from: catalog.region(*from).to_owned(),
        to: catalog.region(*to).to_owned(),
        moved_bytes: whole(traffic.moved),
        in_vain_bytes: whole(traffic.in_vain),
    };
    pairs.into_iter().map(summary).collect()
}
