//! `links`: patterns of region pairs, in the order in which they count (R4.1).

use std::collections::BTreeMap;

use super::decode::Attempt;
use super::diagnostic::Diagnostic;
use super::document::Span;
use super::faults::{Faults, Notices};
use super::names::{matches, particularity};
use super::schema::{CopyTimeText, LinkText};
use super::world::{World, checked_copy_time};

/// A link pattern with what it says.
#[derive(Clone, Debug)]
pub struct Link {
    pub from: String,
    pub to: String,
    pub cap: Option<u32>,
    pub copy_time: Option<CopyTimeText>,
}

impl Link {
    /// More literal characters in both patterns win, then fewer wildcards.
    fn rank(&self) -> (usize, std::cmp::Reverse<usize>) {
        let (from, to) = (particularity(&self.from), particularity(&self.to));
        (from.0 + to.0, std::cmp::Reverse(from.1.0 + to.1.0))
    }

    fn has_wildcard(&self) -> bool {
        self.from.contains('*') || self.to.contains('*')
    }

    /// Whether both say something that only one of them can be asked for.
    fn says_the_same_as(&self, other: &Self) -> bool {
        let parts = |link: &Self| {
            let time = link.copy_time.clone().unwrap_or_default();
            let is_timed = time.duration.is_some();
            [
                link.cap.is_some(),
                is_timed || time.setup.is_some(),
                is_timed || time.throughput.is_some(),
                is_timed || time.finalize.is_some(),
            ]
        };
        parts(self).into_iter().zip(parts(other)).any(|(left, right)| left && right)
    }
}

/// Reads the links into the world, the most particular first, then in the order of the file.
pub fn links(written: Vec<Attempt<LinkText>>, world: &mut World, faults: &mut Faults, notices: &mut Notices) {
    let mut first_use: BTreeMap<(String, String), Span> = BTreeMap::new();
    for Attempt { value: link, unread, .. } in written {
        faults.unread_keys = unread;
        let Some(link) = link else { continue };
        for pattern in [&link.from, &link.to] {
            if !world.regions.iter().any(|region| matches(&pattern.value, region)) {
                let message = format!("no region matches `{}`", pattern.value);
                let known = world.regions.iter().map(String::as_str);
                faults.unknown(pattern.span, message, &pattern.value, "regions", known);
            }
        }
        let patterns = (link.from.value.clone(), link.to.value.clone());
        if let Some(first) = first_use.get(&patterns) {
            let message =
                format!("the link from `{}` to `{}` is written twice", link.from.value, link.to.value);
            faults.push(
                Diagnostic::error(Some(link.from.span), message)
                    .with_help("put what both say into one of them")
                    .with_related(*first, "first written here"),
            );
        }
        first_use.entry(patterns).or_insert(link.from.span);
        let copy_time = link.copy_time.as_ref().map(|written| checked_copy_time(written, faults));
        let cap = link.cap.map(|cap| cap.value);
        world.links.push(Link { from: link.from.value, to: link.to.value, cap, copy_time });
    }
    world.links.sort_by_key(|link| std::cmp::Reverse(link.rank()));
    tell_ties(world, notices);
}

/// Which of two equally particular links counts is hardly seen in the file, so it is told.
fn tell_ties(world: &World, notices: &mut Notices) {
    let alike = world.links.chunk_by(|left, right| left.rank() == right.rank());
    // Without a wildcard each is of one pair of regions, and two of the same one are a fault.
    let alike = alike.filter(|links| links[0].has_wildcard());
    for (first, second) in alike.flat_map(pairs) {
        let both = |patterns: [&str; 2]| {
            let matched = |region: &&String| patterns.iter().all(|pattern| matches(pattern, region));
            world.regions.iter().find(matched)
        };
        if first.says_the_same_as(second)
            && let Some(from) = both([&first.from, &second.from])
            && let Some(to) = both([&first.to, &second.to])
        {
            notices.add(format!(
                "from {from} to {to} two links count alike, and the first in the file is taken: \
                 `{}` to `{}`, not `{}` to `{}`",
                first.from, first.to, second.from, second.to
            ));
        }
    }
}

/// Every pair of two, in order.
fn pairs(links: &[Link]) -> impl Iterator<Item = (&Link, &Link)> {
    links
        .iter()
        .enumerate()
        .flat_map(|(place, first)| links[place + 1..].iter().map(move |second| (first, second)))
}
