//! Max-min fair shares in whole bytes per second (R4.2).
//!
//! All flows are raised together. A flow stops at its own ceiling; when a link is full, all flows over it stop. The
//! share of a link is what is left of it / flows left, rounded down. Links with the same share are full at once, so no
//! share depends on the order of the links.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

/// A number of flows with the same ceiling over the same links.
#[derive(Clone, Debug)]
pub struct Group {
    pub flows: u64,
    /// What each of its flows can reach, in bytes per second.
    pub ceiling: u64,
    /// Where its links stand among those of all groups.
    links: Range<u32>,
    /// What each of its flows gets; the result.
    pub share: u64,
    is_done: bool,
}

/// Links and the groups of flows over them, to be filled. Can be used again after [`Filling::clear`].
#[derive(Clone, Debug, Default)]
pub struct Filling {
    groups: Vec<Group>,
    links: Vec<Link>,
    /// Places of the links of all groups.
    links_of_groups: Vec<u32>,
    by_ceiling: Vec<u32>,
    full: Vec<u32>,
    shares: BinaryHeap<Reverse<(u64, u32)>>,
}

#[derive(Clone, Debug, Default)]
struct Link {
    /// What is left of it, in bytes per second.
    left: u64,
    /// Flows over it that still rise.
    rising: u64,
    groups: Vec<u32>,
}

impl Link {
    /// What each flow that still rises gets if this link is the next to be full.
    fn share(&self) -> u64 {
        self.left / self.rising
    }
}

impl Filling {
    /// Forgets links and groups.
    pub fn clear(&mut self) {
        self.groups.clear();
        self.links.clear();
        self.links_of_groups.clear();
    }

    /// The groups, in the order in which they were added.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Adds a link and gives its place.
    pub fn add_link(&mut self, capacity: u64) -> u32 {
        self.links.push(Link { left: capacity, ..Link::default() });
        self.links.len() as u32 - 1
    }

    /// Adds a group of at least one flow over these links, by their places, each at most once.
    pub fn add_group(&mut self, flows: u64, ceiling: u64, links: impl Iterator<Item = u32>) {
        let place = self.groups.len() as u32;
        let first = self.links_of_groups.len() as u32;
        for link in links {
            self.links_of_groups.push(link);
            let link = &mut self.links[link as usize];
            link.rising += flows;
            link.groups.push(place);
        }
        let links = first..self.links_of_groups.len() as u32;
        self.groups.push(Group { flows, ceiling, links, share: 0, is_done: false });
    }

    /// What is used of a link, in bytes per second, once it is filled; `capacity` is what was added.
    pub fn used(&self, link: u32, capacity: u64) -> u64 {
        capacity - self.links[link as usize].left
    }

    /// Gives each group its share.
    pub fn fill(&mut self) {
        self.by_ceiling.clear();
        self.by_ceiling.extend(0..self.groups.len() as u32);
        let groups = &self.groups;
        self.by_ceiling.sort_unstable_by_key(|group| Reverse(groups[*group as usize].ceiling));
        self.shares.clear();
        let shares = (0..).zip(&self.links).filter(|(_, link)| link.rising > 0);
        self.shares.extend(shares.map(|(place, link)| Reverse((link.share(), place))));
        loop {
            while self.by_ceiling.last().is_some_and(|group| self.groups[*group as usize].is_done) {
                self.by_ceiling.pop();
            }
            let Some(&lowest) = self.by_ceiling.last() else { return };
            let ceiling = self.groups[lowest as usize].ceiling;
            match self.next_share() {
                Some(share) if share < ceiling => self.fill_links(share),
                _ => self.stop(lowest, ceiling),
            }
        }
    }

    /// The smallest share of a link. Shares only grow when others stop, so what was noted is a lower bound.
    fn next_share(&mut self) -> Option<u64> {
        while let Some(&Reverse((noted, place))) = self.shares.peek() {
            let link = &self.links[place as usize];
            if link.rising > 0 && link.share() == noted {
                return Some(noted);
            }
            self.shares.pop();
            if link.rising > 0 {
                self.shares.push(Reverse((link.share(), place)));
            }
        }
        None
    }

    /// All links with this share, the smallest, are full.
    fn fill_links(&mut self, share: u64) {
        self.full.clear();
        while self.next_share() == Some(share) {
            if let Some(Reverse((_, place))) = self.shares.pop() {
                self.full.push(place);
            }
        }
        let full = std::mem::take(&mut self.full);
        for &place in &full {
            for group in std::mem::take(&mut self.links[place as usize].groups) {
                if !self.groups[group as usize].is_done {
                    self.stop(group, share);
                }
            }
        }
        self.full = full;
    }

    /// The flows of a group rise no further.
    fn stop(&mut self, group: u32, share: u64) {
        let group = &mut self.groups[group as usize];
        (group.share, group.is_done) = (share, true);
        for &link in &self.links_of_groups[group.links.start as usize..group.links.end as usize] {
            let link = &mut self.links[link as usize];
            link.left -= group.flows * share;
            link.rising -= group.flows;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shares of flows, each with its ceiling and links.
    fn shares(capacities: &[u64], flows: &[(u64, &[u32])]) -> Vec<u64> {
        let mut filling = Filling::default();
        for capacity in capacities {
            filling.add_link(*capacity);
        }
        flows.iter().for_each(|(ceiling, links)| filling.add_group(1, *ceiling, links.iter().copied()));
        filling.fill();
        filling.groups().iter().map(|group| group.share).collect()
    }

    const FREE: u64 = u64::MAX >> 8;

    #[test]
    fn r4_2_one_link_is_shared_in_whole_bytes() {
        assert_eq!(shares(&[11], &[(FREE, &[0]), (FREE, &[0])]), [5, 5]);
        assert_eq!(shares(&[2], &[(FREE, &[0]), (FREE, &[0]), (FREE, &[0])]), [0, 0, 0]);
        assert_eq!(shares(&[], &[(7, &[])]), [7], "without a link it goes at its ceiling");
    }

    #[test]
    fn r4_2_what_a_ceiling_leaves_goes_to_the_others() {
        // 10: 2 is the ceiling of the first, and the others share 8.
        assert_eq!(shares(&[10], &[(2, &[0]), (FREE, &[0]), (FREE, &[0])]), [2, 4, 4]);
        assert_eq!(shares(&[10], &[(9, &[0])]), [9]);
    }

    #[test]
    fn r4_2_the_tightest_link_is_filled_first() {
        // Over 0 go a and b, over 1 go b and c: 1 gives 3 each, and a takes the 7 that b leaves.
        assert_eq!(shares(&[10, 6], &[(FREE, &[0]), (FREE, &[0, 1]), (FREE, &[1])]), [7, 3, 3]);
        // The parking lot: one flow over three links, one more over each of them.
        let lot: [(u64, &[u32]); 4] = [(FREE, &[0, 1, 2]), (FREE, &[0]), (FREE, &[1]), (FREE, &[2])];
        assert_eq!(shares(&[6, 8, 10], &lot), [3, 3, 5, 7]);
    }

    #[test]
    fn r4_2_links_with_the_same_share_are_full_at_once() {
        // 11 / 2 and 16 / 3 are both 5. One after the other, the first one's rest would go to the flow of the second.
        let flows: [(u64, &[u32]); 4] = [(FREE, &[0]), (FREE, &[0, 1]), (FREE, &[1]), (FREE, &[1])];
        assert_eq!(shares(&[11, 16], &flows), [5, 5, 5, 5]);
        let turned: [(u64, &[u32]); 4] = [(FREE, &[1]), (FREE, &[0, 1]), (FREE, &[0]), (FREE, &[0])];
        assert_eq!(shares(&[16, 11], &turned), [5, 5, 5, 5]);
    }

    #[test]
    fn a_group_of_flows_gets_what_its_flows_get_alone() {
        let mut together = Filling::default();
        together.add_link(100);
        together.add_link(40);
        together.add_group(3, 9, [0].into_iter());
        together.add_group(2, FREE, [0, 1].into_iter());
        together.fill();
        let alone: [(u64, &[u32]); 5] = [(9, &[0]), (9, &[0]), (9, &[0]), (FREE, &[0, 1]), (FREE, &[0, 1])];
        assert_eq!(together.groups().iter().map(|group| group.share).collect::<Vec<_>>(), [9, 20]);
        assert_eq!(shares(&[100, 40], &alone), [9, 9, 9, 20, 20]);
    }
}
