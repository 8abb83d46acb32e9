//! `links`: patterns of region pairs, in the order in which they count (R4.1).

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::copytime::CopyTime;
use super::decode::{Attempt, Spanned};
use super::diagnostic::Diagnostic;
use super::document::Span;
use super::faults::{Faults, Notices};
use super::names::{matches, particularity};
use super::network::{Limit, capacity_changes};
use super::schema::{LinkText, OneOrMany};
use super::world::World;
use crate::ids::RegionId;

/// The links of a scenario, by what they match.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// Without a wildcard: there may be one for each pair of regions, so they are looked up.
    exact: FxHashMap<(RegionId, RegionId), Link>,
    /// With wildcards, the most particular first, then in the order of the file (R4.1).
    patterns: Vec<Link>,
    /// Those that all their pairs share, in the order of the file.
    shared: Vec<SharedLink>,
}

/// What all pairs share whose regions match one of its patterns.
#[derive(Clone, Debug)]
pub struct SharedLink {
    /// What it is called.
    pub name: String,
    from: Vec<String>,
    to: Vec<String>,
    pub limit: Limit,
}

impl Links {
    /// The links that match an ordered pair, the most particular first: no pattern has more literal
    /// characters and fewer wildcards than the ids themselves. `ids` are those of all regions.
    pub fn between(&self, from: RegionId, to: RegionId, ids: &[String]) -> impl Iterator<Item = &Link> {
        let [from_id, to_id] = [from, to].map(|region| ids[region.0 as usize].as_str());
        let is_meant = move |link: &&Link| matches(&link.from, from_id) && matches(&link.to, to_id);
        self.exact.get(&(from, to)).into_iter().chain(self.patterns.iter().filter(is_meant))
    }

    /// What the transfers of an ordered pair share with those of other pairs, by its place.
    pub fn shared_between(
        &self,
        from: RegionId,
        to: RegionId,
        ids: &[String],
    ) -> impl Iterator<Item = (usize, &SharedLink)> {
        let [from_id, to_id] = [from, to].map(|region| ids[region.0 as usize].as_str());
        let any = |patterns: &[String], id: &str| patterns.iter().any(|pattern| matches(pattern, id));
        let is_meant =
            move |(_, link): &(usize, &SharedLink)| any(&link.from, from_id) && any(&link.to, to_id);
        self.shared.iter().enumerate().filter(is_meant)
    }

    /// The shared link at a place.
    pub fn shared(&self, place: usize) -> &SharedLink {
        &self.shared[place]
    }

    /// Whether any of them says a cap.
    pub fn have_caps(&self) -> bool {
        self.all().any(|link| link.cap.is_some())
    }

    /// Whether any of them forbids anything.
    pub fn forbid(&self) -> bool {
        self.all().any(|link| link.forbidden == Some(true))
    }

    fn all(&self) -> impl Iterator<Item = &Link> {
        self.exact.values().chain(&self.patterns)
    }
}

/// A link pattern with what it says.
#[derive(Clone, Debug)]
pub struct Link {
    pub from: String,
    pub to: String,
    pub cap: Option<u32>,
    pub forbidden: Option<bool>,
    pub limit: Option<Limit>,
    pub copy_time: Option<CopyTime>,
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
                link.forbidden.is_some(),
                link.limit.is_some(),
                is_timed || time.setup.is_some(),
                is_timed || time.throughput.is_some(),
                is_timed || time.finalize.is_some(),
            ]
        };
        parts(self).into_iter().zip(parts(other)).any(|(left, right)| left && right)
    }
}

/// Reads the links into the world.
pub fn links(written: Vec<Attempt<LinkText>>, world: &mut World, faults: &mut Faults, notices: &mut Notices) {
    let mut first_use: BTreeMap<(String, String), Span> = BTreeMap::new();
    for Attempt { value: link, unread, .. } in written {
        faults.unread_keys = unread;
        let Some(link) = link else { continue };
        for (pattern, span) in link.from.each().chain(link.to.each()) {
            if !world.regions.iter().any(|region| matches(pattern, region)) {
                let message = format!("no region matches `{pattern}`");
                faults.unknown(span, message, pattern, "regions", world.region_names());
            }
        }
        shared(&link, world, faults);
        let copy_time = link.copy_time.as_ref().map(|written| world.copy_time_of(written, faults));
        let limit = limit_of(&link, faults);
        let ends = link.from.each().flat_map(|from| link.to.each().map(move |to| (from, to)));
        for ((from, span), (to, _)) in ends {
            let says_nothing =
                link.cap.is_none() && link.forbidden.is_none() && limit.is_none() && copy_time.is_none();
            if says_nothing && link.shared.is_some() {
                continue;
            }
            let patterns = (from.clone(), to.clone());
            if let Some(first) = first_use.get(&patterns) {
                let message = format!("the link from `{from}` to `{to}` is written twice");
                faults.push(
                    Diagnostic::error(Some(span), message)
                        .with_help("put what both say into one of them")
                        .with_related(*first, "first written here"),
                );
            }
            first_use.entry(patterns).or_insert(span);
            let link = Link {
                from: from.clone(),
                to: to.clone(),
                cap: link.cap.as_ref().map(|cap| cap.value),
                forbidden: link.forbidden,
                limit: limit.clone(),
                copy_time: copy_time.clone(),
            };
            if link.has_wildcard() {
                world.links.patterns.push(link);
            } else if let (Some(from), Some(to)) = (world.region(&link.from), world.region(&link.to)) {
                world.links.exact.insert((from, to), link);
            }
        }
    }
    world.links.patterns.sort_by_key(|link| std::cmp::Reverse(link.rank()));
    tell_ties(world, notices);
}

/// What each pair of a link can move.
fn limit_of(link: &LinkText, faults: &mut Faults) -> Option<Limit> {
    let changes = capacity_changes(&link.capacity_changes, faults);
    if let (None, Some(change)) = (link.capacity, link.capacity_changes.first()) {
        let message = "`capacity_changes` change a `capacity`, and this link says none";
        faults.add(change.at.span, message, "add `\"capacity\": ...`, what it can move at the start");
    }
    link.capacity.map(|capacity| Limit { capacity, changes })
}

/// What the pairs of a link share.
fn shared(link: &LinkText, world: &mut World, faults: &mut Faults) {
    let Some(cable) = &link.shared else { return };
    let patterns = |written: &Spanned<OneOrMany<String>>| {
        written.each().map(|(pattern, _)| pattern.clone()).collect::<Vec<_>>()
    };
    let (from, to) = (patterns(&link.from), patterns(&link.to));
    let name = match &cable.name {
        Some(name) if name.value.trim().is_empty() => {
            faults.add(name.span, "this link has no name", "write one, or leave `name` out");
            String::new()
        }
        Some(name) => name.value.clone(),
        None => format!("{} to {}, shared", from.join(" "), to.join(" ")),
    };
    if let Some(written) =
        cable.name.as_ref().filter(|_| world.links.shared.iter().any(|other| other.name == name))
    {
        let message = format!("two shared links are called `{name}`");
        faults.add(written.span, message, "give each a name of its own, or put all pairs into one link");
    }
    let changes = capacity_changes(&cable.capacity_changes, faults);
    let limit = Limit { capacity: cable.capacity, changes };
    world.links.shared.push(SharedLink { name, from, to, limit });
}

/// Which of two equally particular links counts is hardly seen in the file, so it is told.
fn tell_ties(world: &World, notices: &mut Notices) {
    let alike = world.links.patterns.chunk_by(|left, right| left.rank() == right.rank());
    let mut told = 0;
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
            told += 1;
            if told == MAX_TIES {
                return;
            }
        }
    }
}

/// Ties told: of many nobody reads every one.
const MAX_TIES: usize = 20;

/// Every pair of two, in order.
fn pairs(links: &[Link]) -> impl Iterator<Item = (&Link, &Link)> {
    links
        .iter()
        .enumerate()
        .flat_map(|(place, first)| links[place + 1..].iter().map(move |second| (first, second)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::scenario::Scenario;
    use crate::time::SimDuration;
    use crate::workload::{Course, CoursePlan, CourseWork, Entry, Member};

    #[test]
    fn r4_1_a_link_without_wildcards_counts_before_all_patterns() {
        let link = |from: &str, to: &str, seconds: u64| json!({ "from": from, "to": to, "copy_time": { "duration": format!("{seconds}s") } });
        let pairs = [("a", "b"), ("aa", "b"), ("a", "ab"), ("b", "a")];
        let copies = pairs.map(|(from, to)| json!({ "copy": { "image": format!("of-{from}"), "to": to } }));
        let text = json!({
            "schema_version": 1,
            "regions": { "a": {}, "aa": {}, "ab": {}, "b": {} },
            // `a*` with `b*` has as many literal characters as `a` with `b`.
            "links": [link("a*", "b*", 4), link("a", "*", 3), link("a", "b", 1), link("*", "*", 9)],
            "images": {
                "of-a": { "region": "a" }, "of-aa": { "region": "aa" }, "of-b": { "region": "b" },
            },
            "requests": copies,
        });
        let scenario = Scenario::read("x.json", text.to_string().into_bytes(), &[]).expect("it is valid");
        let length_of = |member: &Member| match member.course {
            CoursePlan::Fixed(Course { work: CourseWork::Known(work), .. }) => work.length(),
            other => panic!("{other:?}"),
        };
        let lengths = scenario.model.workload.entries.iter().map(|entry| match entry {
            Entry::Copy(copy) => length_of(&copy.members[0]),
            other => panic!("{other:?}"),
        });
        let expected = [1, 4, 3, 9].map(|seconds| Some(SimDuration::from_seconds(seconds)));
        assert_eq!(lengths.collect::<Vec<_>>(), expected);
    }
}
