//! The slow twin: goes from one instant at which anything is due to the next, and works everything out anew from the
//! rules (R1.3, R1.7, R2.3, R3.5, R4.2-R4.4, R5.2). Bytes are counted in millionths, which a rate in bytes per second
//! moves in a microsecond.

use std::collections::BTreeMap;

use super::filling::{Flow, shares};
use super::state::{Outcome, Phase, Row, State};
use super::world::{Limit, Pair, Work, World};

/// A link, by what it limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    Egress(usize),
    Ingress(usize),
    Pair(usize, usize),
    Cable(usize),
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Ran {
    /// By copy; none of one that was never called.
    pub rows: Vec<Option<Row>>,
    pub end: u64,
    pub by_horizon: bool,
    /// What is used of each link from an instant on, whenever that changes.
    pub used: BTreeMap<Link, Vec<(u64, u64)>>,
    /// Millionths that went over each link by the end. The last microsecond of a transfer may move more than was left.
    pub carried: BTreeMap<Link, u128>,
}

/// The run of a world.
pub fn run(world: &World) -> Ran {
    let mut twin = Twin::new(world);
    twin.begin();
    let mut at_horizon = None;
    loop {
        twin.instant();
        let next = twin.next();
        let horizon = world.horizon.filter(|horizon| next.is_none_or(|next| next > *horizon));
        if let (Some(horizon), None) = (horizon, &at_horizon) {
            let mut there = twin.clone();
            there.go_to(horizon);
            at_horizon = Some(there.ran(horizon, true));
        }
        let Some(next) = next else { break };
        twin.go_to(next);
    }
    // Nothing moves after the last instant up to which anything did.
    let last = twin.last;
    match at_horizon {
        Some(ran) if last > ran.end => ran,
        _ => twin.ran(last, false),
    }
}

#[derive(Clone)]
struct Twin<'w> {
    world: &'w World,
    now: u64,
    copies: Vec<State>,
    /// Accepted copies, in their order.
    accepted: Vec<usize>,
    out: Vec<bool>,
    used: BTreeMap<Link, Vec<(u64, u64)>>,
    carried: BTreeMap<Link, u128>,
    /// The last instant at which a call was made, a copy started or ended, or up to which one moved.
    last: u64,
}

impl<'w> Twin<'w> {
    fn new(world: &'w World) -> Self {
        let mut twin = Self {
            world,
            now: 0,
            copies: world.copies.iter().map(|copy| State::new(*copy)).collect(),
            accepted: Vec::new(),
            out: vec![false; world.regions.len()],
            used: BTreeMap::new(),
            carried: BTreeMap::new(),
            last: 0,
        };
        for place in 0..twin.copies.len() {
            let is_slowed = |region: usize| !world.regions[region].slow.is_empty();
            let is_limited =
                !twin.path(place).is_empty() || twin.regions_of(place).into_iter().any(is_slowed);
            twin.copies[place].is_limited = is_limited;
        }
        twin
    }

    /// Some copies run already: alone, as far as anybody knows.
    fn begin(&mut self) {
        for place in 0..self.copies.len() {
            let state = &mut self.copies[place];
            let Some(remaining) = state.copy.remaining else { continue };
            state.phase = Phase::Running;
            state.row.start = Some(0);
            state.ran = state.copy.length() - remaining;
            if let Work::Phases { setup, throughput, finalize } = state.copy.work {
                let moving = state.ran.saturating_sub(setup);
                let moved = u128::from(moving) * u128::from(throughput);
                state.moved = moved.min(state.goal());
                state.beyond = moved - state.moved;
                let is_through = state.ran >= setup && state.moved == state.whole();
                state.through = is_through.then(|| state.copy.length() - finalize);
            }
            // One of no length moves everything in the first instant of the run.
            state.had_moved = if state.ran == 0 { 0 } else { state.bytes() };
            self.accepted.push(place);
        }
    }

    /// Everything of one instant, by its classes.
    fn instant(&mut self) {
        self.end();
        self.change();
        self.end();
        self.cancel();
        self.call();
        while self.start() {
            self.end();
        }
        self.share();
    }

    fn regions_of(&self, place: usize) -> [usize; 2] {
        [self.copies[place].copy.from, self.copies[place].copy.to]
    }

    fn is_touched(&self, place: usize) -> bool {
        self.regions_of(place).into_iter().any(|region| self.out[region])
    }

    /// Copies that run and don't stand still.
    fn going(&self) -> Vec<usize> {
        let goes = |place: &usize| self.copies[*place].phase == Phase::Running && !self.is_touched(*place);
        self.accepted.iter().copied().filter(goes).collect()
    }

    fn end(&mut self) {
        for place in self.accepted.clone() {
            let (now, is_touched) = (self.now, self.is_touched(place));
            let state = &mut self.copies[place];
            match state.phase {
                Phase::Draining(until) if until <= now => state.phase = Phase::Over,
                Phase::Running if state.is_struck || !is_touched => {
                    if state.through.is_none() && state.has_reached(1_000_000) {
                        state.through = Some(state.ran);
                    }
                    if state.has_failed() {
                        self.close(place, Outcome::Failed);
                    } else if state.is_done() {
                        self.close(place, Outcome::Available);
                    }
                }
                _ => {}
            }
        }
    }

    fn close(&mut self, place: usize, outcome: Outcome) {
        let state = &mut self.copies[place];
        state.phase = Phase::Over;
        state.row.outcome = outcome;
        state.row.end = Some(self.now);
        self.last = self.now;
    }

    /// Outages begin and end; other changes are looked up when they matter.
    fn change(&mut self) {
        for (region, of) in self.world.regions.iter().enumerate() {
            let now = of.outages.iter().find(|outage| (outage.from..outage.to).contains(&self.now));
            self.out[region] = now.is_some();
            if now.is_some_and(|outage| outage.fails && outage.from == self.now) {
                for state in self.copies.iter_mut().filter(|state| state.phase == Phase::Running) {
                    state.is_struck |= [state.copy.from, state.copy.to].contains(&region);
                }
            }
        }
    }

    fn cancel(&mut self) {
        let (now, world) = (self.now, self.world);
        for (_, place) in world.cancels.iter().filter(|(at, _)| *at == now) {
            self.last = self.now;
            let state = &mut self.copies[*place];
            match state.phase {
                Phase::Waiting => self.close(*place, Outcome::CancelledWaiting),
                Phase::Running if world.point_of_no_return.is_some_and(|at| state.has_reached(at)) => {}
                Phase::Running => {
                    self.close(*place, Outcome::CancelledRunning);
                    if world.drain > 0 {
                        self.copies[*place].phase = Phase::Draining(now + world.drain);
                    }
                }
                _ => {}
            }
        }
    }

    fn call(&mut self) {
        for place in 0..self.copies.len() {
            let state = &mut self.copies[place];
            if state.phase == Phase::NotCalled && state.copy.at == self.now {
                state.phase = Phase::Waiting;
                self.accepted.push(place);
                self.last = self.now;
            }
        }
    }

    /// The first copy in line that can start does.
    fn start(&mut self) -> bool {
        let can_start = |place: &usize| {
            let [from, to] = self.regions_of(*place);
            let keys = self.world.scope.keys(from, to);
            self.copies[*place].phase == Phase::Waiting
                && !self.is_touched(*place)
                && keys.into_iter().all(|key| self.held(key) < self.cap(key))
        };
        let Some(place) = self.accepted.iter().copied().find(can_start) else { return false };
        self.copies[place].phase = Phase::Running;
        self.copies[place].row.start = Some(self.now);
        self.last = self.now;
        true
    }

    fn held(&self, key: usize) -> u64 {
        let holds = |state: &&State| {
            let is_held = matches!(state.phase, Phase::Running | Phase::Draining(_));
            is_held && self.world.scope.keys(state.copy.from, state.copy.to).contains(&key)
        };
        self.copies.iter().filter(holds).count() as u64
    }

    fn cap(&self, region: usize) -> u64 {
        let region = &self.world.regions[region];
        latest(region.cap, &region.cap_changes, self.now)
    }

    /// Shares are those of the copies that move now.
    fn share(&mut self) {
        let moving: Vec<usize> =
            self.going().into_iter().filter(|place| self.copies[*place].is_moving()).collect();
        let paths: Vec<Vec<Link>> = moving.iter().map(|place| self.path(*place)).collect();
        let mut links: Vec<Link> = paths.iter().flatten().copied().chain(self.used.keys().copied()).collect();
        links.sort_unstable();
        links.dedup();
        let capacities: Vec<u64> = links.iter().map(|link| self.capacity(*link)).collect();
        let place_of = |link: &Link| links.binary_search(link).expect("it is among them");
        let flows = moving.iter().zip(&paths).map(|(place, path)| Flow {
            ceiling: self.ceiling(*place),
            links: path.iter().map(place_of).collect(),
        });
        let flows: Vec<Flow> = flows.collect();
        let shares = shares(&capacities, &flows);
        self.copies.iter_mut().for_each(|state| state.share = 0);
        for (place, share) in moving.iter().zip(&shares) {
            self.copies[*place].share = *share;
        }
        for (number, link) in links.iter().enumerate() {
            let over = flows.iter().zip(&shares).filter(|(flow, _)| flow.links.contains(&number));
            let used = over.map(|(_, share)| share).sum();
            let told = self.used.entry(*link).or_default();
            if told.last().map_or(0, |(_, used)| *used) != used {
                told.push((self.now, used));
            }
        }
    }

    /// What a copy can reach by itself: the slower one of its regions counts.
    fn ceiling(&self, place: usize) -> u64 {
        let Work::Phases { throughput, .. } = self.copies[place].copy.work else { return 0 };
        let slow = self.regions_of(place).into_iter().flat_map(|region| &self.world.regions[region].slow);
        let slow = slow.filter(|slow| (slow.from..slow.to).contains(&self.now)).map(|slow| slow.share).min();
        (u128::from(throughput) * u128::from(slow.unwrap_or(1_000_000)) / 1_000_000) as u64
    }

    fn path(&self, place: usize) -> Vec<Link> {
        let [from, to] = self.regions_of(place);
        let mut path = Vec::new();
        if from != to {
            path.extend(self.world.regions[from].egress.as_ref().map(|_| Link::Egress(from)));
            path.extend(self.world.regions[to].ingress.as_ref().map(|_| Link::Ingress(to)));
        }
        path.extend(self.pair(from, to).map(|_| Link::Pair(from, to)));
        let cables = self.world.cables.iter().enumerate().filter(|(_, cable)| matches(cable, from, to));
        path.extend(cables.map(|(place, _)| Link::Cable(place)));
        path
    }

    /// Of the limits of this pair the most particular one, of equal ones the first.
    fn pair(&self, from: usize, to: usize) -> Option<&'w Pair> {
        let named = |pair: &Pair| u8::from(pair.from.is_some()) + u8::from(pair.to.is_some());
        let pairs: Vec<&Pair> = self.world.pairs.iter().filter(|pair| matches(pair, from, to)).collect();
        (0..=2).rev().find_map(|ends| pairs.iter().find(|pair| named(pair) == ends).copied())
    }

    fn capacity(&self, link: Link) -> u64 {
        let regions = &self.world.regions;
        let limit: Option<&Limit> = match link {
            Link::Egress(region) => regions[region].egress.as_ref(),
            Link::Ingress(region) => regions[region].ingress.as_ref(),
            Link::Pair(from, to) => self.pair(from, to).map(|pair| &pair.limit),
            Link::Cable(place) => Some(&self.world.cables[place].limit),
        };
        let limit = limit.expect("a path goes over links that there are");
        latest(limit.capacity, &limit.changes, self.now)
    }

    /// The next instant at which anything is due.
    fn next(&self) -> Option<u64> {
        let regions = &self.world.regions;
        let limits = regions.iter().flat_map(|region| region.egress.iter().chain(&region.ingress));
        let limits = limits.chain(self.world.pairs.iter().chain(&self.world.cables).map(|pair| &pair.limit));
        let caps = regions.iter().flat_map(|region| &region.cap_changes);
        let changes = limits.flat_map(|limit| &limit.changes).chain(caps).map(|(at, _)| *at);
        let outages = regions.iter().flat_map(|region| &region.outages).flat_map(|span| [span.from, span.to]);
        let slow = regions.iter().flat_map(|region| &region.slow).flat_map(|span| [span.from, span.to]);
        let calls = self.copies.iter().map(|state| state.copy.at);
        let calls = calls.chain(self.world.cancels.iter().map(|(at, _)| *at));
        let drains = self.copies.iter().filter_map(|state| match state.phase {
            Phase::Draining(until) => Some(until),
            _ => None,
        });
        let ends = self.going().into_iter().filter_map(|place| self.copies[place].time_left());
        let ends = ends.map(|left| self.now + left);
        let all = changes.chain(outages).chain(slow).chain(calls).chain(drains).chain(ends);
        all.filter(|at| *at > self.now).min()
    }

    /// Time passes, and nothing is due before `at`.
    fn go_to(&mut self, at: u64) {
        let length = at - self.now;
        for place in self.going() {
            let path = self.path(place);
            let state = &mut self.copies[place];
            let is_moving = state.is_moving();
            if is_moving {
                let more = u128::from(state.share) * u128::from(length);
                state.beyond = (state.moved + more).saturating_sub(state.goal());
                state.moved = (state.moved + more).min(state.goal());
                for link in path {
                    *self.carried.entry(link).or_default() += more;
                }
            }
            state.ran += length;
            if length > 0 && (!is_moving || state.share > 0) {
                self.last = at;
            }
        }
        self.now = at;
    }

    fn ran(mut self, end: u64, by_horizon: bool) -> Ran {
        for state in &mut self.copies {
            state.row.moved = state.bytes();
            if state.phase == Phase::Running {
                state.row.outcome = Outcome::Running;
            }
        }
        let row = |state: &State| (state.phase != Phase::NotCalled).then_some(state.row);
        let rows = self.copies.iter().map(row).collect();
        Ran { rows, end, by_horizon, used: self.used, carried: self.carried }
    }
}

/// The value that counts at an instant.
fn latest(first: u64, changes: &[(u64, u64)], now: u64) -> u64 {
    changes.iter().rfind(|(at, _)| *at <= now).map_or(first, |(_, value)| *value)
}

fn matches(pair: &Pair, from: usize, to: usize) -> bool {
    pair.from.is_none_or(|end| end == from) && pair.to.is_none_or(|end| end == to)
}
