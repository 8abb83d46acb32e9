//! Small, nasty worlds: few regions, few distinct times, many ties.

mod describe;
mod facts;
mod later;
mod scenario;
#[cfg(test)]
mod tests;

pub use describe::describe;
pub use scenario::scenario_text;

use crate::twin::{Already, CopyCall, Op, Place, Target, TargetCall, World};
use facts::random_name;

/// SplitMix64, and the mood of the world that is made with it.
pub struct Random {
    state: u64,
    /// A calm world has no mistakes in its calls and few reasons to refuse
    /// them, so that more copies meet in its queues.
    calm: bool,
    /// Calls carry tokens, and are repeated.
    has_tokens: bool,
    has_dry_runs: bool,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Random { state: seed, calm: false, has_tokens: false, has_dry_runs: false };
        random.calm = random.chance(50);
        random.has_tokens = random.chance(50);
        random.has_dry_runs = random.chance(30);
        random
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of 0..n; the slight bias of a remainder doesn't matter here.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A chance of something odd, in worlds that aren't calm.
    fn odd(&mut self, percent: usize) -> bool {
        self.chance(percent) && !self.calm
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}

const TIMES: [u64; 9] = [0, 0, 0, 100, 100, 200, 300, 400, 600];
/// For calls that need something to be there already.
const LATER: [u64; 8] = [0, 100, 100, 200, 300, 400, 500, 600];
const DURATIONS: [u64; 7] = [0, 100, 100, 200, 250, 300, 300];
const TOKENS: [&str; 5] = ["token", "Token", "t", "u", "1"];
/// Names that aren't well-formed (R7.5), and one that counts as missing (R6.4).
const ODD_NAMES: [&str; 8] = ["n", "1name", "acs:name", "aliyun-name", "na me", "name?", "http://name", ""];

/// The world with this seed; the same one for ever. It begins in a possible state.
pub fn random_world(seed: u64) -> World {
    let mut world = any_world(seed);
    later::make_possible(&mut world);
    world
}

/// As [`random_world`], but the state in which it begins may be impossible.
pub fn any_world(seed: u64) -> World {
    let mut random = Random::new(seed);
    let r = &mut random;
    let settings = facts::random_settings(r);
    let regions = facts::random_regions(r);
    let links = facts::random_links(r, settings.scope, regions.len());
    let cap_changes = facts::random_cap_changes(r, &regions);
    let accounts = facts::random_accounts(r, regions.len());
    let images = facts::random_images(r, regions.len(), accounts.len());
    let faults = facts::random_faults(r, regions.len());
    let mut world =
        World { settings, regions, links, cap_changes, accounts, images, faults, ops: Vec::new() };
    world.ops = random_ops(r, &world);
    later::add_retentions(r, &mut world);
    later::add_initial_state(r, &mut world);
    later::move_to_the_end_of_a_window(r, &mut world);
    later::add_queue_order(r, &mut world);
    world
}

#[derive(Clone, Copy)]
enum Kind {
    Copy,
    Cancel,
    Delete,
}

fn random_ops(r: &mut Random, world: &World) -> Vec<Op> {
    let copies = if r.calm { 4 + r.below(9) } else { 1 + r.below(12) };
    let mut kinds = vec![Kind::Copy; copies];
    let tokens = if r.has_tokens { 2 } else { 0 };
    for _ in 0..r.below(3 + copies / 2) + tokens {
        kinds.push(r.pick(&[Kind::Cancel, Kind::Cancel, Kind::Delete]));
    }
    r.shuffle(&mut kinds);
    let mut places = Vec::new();
    for (place, kind) in kinds.iter().enumerate() {
        if matches!(kind, Kind::Copy) {
            places.push(place);
        }
    }
    // Copies refer to those made before them here: in most worlds those that
    // stand before them in the file; in some any others, yet never in a cycle.
    let all = places.clone();
    if r.chance(15) {
        r.shuffle(&mut places);
    }
    let mut ops: Vec<Option<Op>> = vec![None; kinds.len()];
    let mut made: Vec<usize> = Vec::new();
    for &place in &places {
        let again = r.has_tokens && !made.is_empty() && r.chance(40);
        let call = if again {
            let first = copy(&ops, r.pick(&made)).clone();
            repeated(r, world, first)
        } else {
            random_copy(r, world, &ops, &made, &all)
        };
        ops[place] = Some(Op::Copy(Box::new(call)));
        made.push(place);
    }
    for (place, &kind) in kinds.iter().enumerate() {
        if !matches!(kind, Kind::Copy) {
            ops[place] = Some(random_call(r, world, &ops, &made, kind));
        }
    }
    ops.into_iter().flatten().collect()
}

fn copy(ops: &[Option<Op>], place: usize) -> &CopyCall {
    ops[place].as_ref().and_then(Op::copy).expect("only copies made before are asked for")
}

fn random_copy(r: &mut Random, world: &World, ops: &[Option<Op>], made: &[usize], all: &[usize]) -> CopyCall {
    let regions = world.regions.len();
    let mut after = Vec::new();
    if !made.is_empty() && r.chance(30) {
        after.push(r.pick(made));
        let second = r.pick(made);
        if r.chance(25) && !after.contains(&second) {
            after.push(second);
        }
    }
    let (image, account, from) = random_image(r, world, ops, &after, made, all);
    let is_encrypted = is_encrypted(world, ops, image);
    let is_shared = matches!(image, Target::Put(i) if world.images[i].account != account);
    let mut to = Place::Region(r.below(regions));
    if is_shared && r.chance(70) {
        to = from;
    } else if r.odd(2) {
        to = Place::Unknown;
    } else if to == from && r.chance(60) {
        to = Place::Region(r.below(regions));
    }
    let encrypted = if r.chance(if is_encrypted || from == to { 60 } else { 15 }) {
        Some(true)
    } else {
        r.pick(&[None, None, None, Some(false)])
    };
    let at = match (image, after.is_empty()) {
        (Target::ProductOf(_), true) => r.chance(95).then_some(r.pick(&LATER)),
        (_, true) => r.chance(85).then_some(r.pick(&TIMES)),
        (_, false) => r.chance(25).then_some(r.pick(&TIMES)),
    };
    CopyCall {
        at,
        after,
        delay: r.pick(&[0, 0, 0, 1, 50, 100]),
        account: (!r.odd(2)).then_some(account),
        image,
        from,
        to: (!r.chance(if from == to { 30 } else { 2 })).then_some(to),
        name: if r.odd(6) { Some(r.pick(&ODD_NAMES)) } else { random_name(r) },
        encrypted,
        token: random_token(r),
        is_dry_run: is_dry_run(r),
        cancellable: r.chance(85),
        priority: None,
        duration_us: r.pick(&DURATIONS),
        fail_after_us: r.chance(26).then_some(r.pick(&[0, 50, 100, 100, 200, 300, 400])),
        retention_us: None,
        already: None,
    }
}

/// An image to copy, who asks for it and where it is, with mistakes.
fn random_image(
    r: &mut Random,
    world: &World,
    ops: &[Option<Op>],
    after: &[usize],
    made: &[usize],
    all: &[usize],
) -> (Target, usize, Place) {
    let product = |of: usize| {
        let call = copy(ops, of);
        (Target::ProductOf(of), call.account.unwrap_or(0), call.destination())
    };
    let put = r.below(world.images.len());
    let facts = &world.images[put];
    let (mut image, mut account, mut from) = (Target::Put(put), facts.account, Place::Region(facts.region));
    if !after.is_empty() && r.chance(60) {
        (image, account, from) = product(after[0]);
    } else if !made.is_empty() && r.chance(if r.calm { 8 } else { 20 }) {
        // A product without waiting for it: not there, unfinished, failed or gone.
        let mut of = r.pick(made);
        if copy(ops, of).fail_after_us.is_none() {
            of = r.pick(made);
        }
        (image, account, from) = product(of);
    } else if r.odd(3) {
        image = Target::ProductOf(r.pick(all));
    } else if r.odd(3) {
        image = Target::Unknown;
    } else if !facts.shared_with.is_empty() && r.chance(50) {
        account = r.pick(&facts.shared_with);
    }
    if r.odd(3) {
        account = r.below(world.accounts.len());
    }
    if r.odd(3) {
        from = Place::Region(r.below(world.regions.len()));
    } else if r.odd(2) {
        from = Place::Unknown;
    }
    (image, account, from)
}

/// Whether a copy of this image has to be encrypted.
fn is_encrypted(world: &World, ops: &[Option<Op>], image: Target) -> bool {
    match image {
        Target::Put(i) => world.images[i].is_encrypted,
        Target::ProductOf(op) => ops[op].as_ref().and_then(Op::copy).is_some_and(CopyCall::encrypts),
        Target::Unknown => false,
    }
}

/// The same call somewhat later: a replay where it has a token in its life, if nothing of it has changed.
fn repeated(r: &mut Random, world: &World, mut call: CopyCall) -> CopyCall {
    call.at = call.at.map(|at| at + r.pick(&[0, 0, 1, 50, 100, 100, 200, 200, 300]));
    call.is_dry_run = is_dry_run(r);
    call.duration_us = r.pick(&DURATIONS);
    call.cancellable = r.chance(85);
    if r.chance(75) {
        return call;
    }
    let region = Place::Region(r.below(world.regions.len()));
    match r.below(6) {
        0 => call.to = Some(region),
        1 => call.to = if call.to.is_none() { Some(call.from) } else { None },
        2 => call.name = random_name(r),
        3 => call.encrypted = r.pick(&[None, Some(false), Some(true)]),
        4 => call.account = Some(r.below(world.accounts.len())),
        _ => call.token = random_token(r),
    }
    call
}

fn random_token(r: &mut Random) -> Option<&'static str> {
    (r.has_tokens && r.chance(80)).then_some(r.pick(&TOKENS))
}

fn is_dry_run(r: &mut Random) -> bool {
    r.has_dry_runs && r.chance(20)
}

/// A cancel or a delete, mostly of something that is there.
fn random_call(r: &mut Random, world: &World, ops: &[Option<Op>], copies: &[usize], kind: Kind) -> Op {
    let of_put = match kind {
        Kind::Delete => 45,
        _ => 8,
    };
    let (mut account, target, mut region);
    let mut at = r.pick(&[0, 50, 100, 100, 150, 200, 200, 300, 300, 400, 600]);
    if r.chance(of_put) {
        let put = r.below(world.images.len());
        account = world.images[put].account;
        target = Target::Put(put);
        region = Place::Region(world.images[put].region);
    } else {
        let of = r.pick(copies);
        let call = copy(ops, of);
        (account, region) = (call.account.unwrap_or(0), call.destination());
        if let Some(of_copy) = call.at {
            at = of_copy + r.pick(&[0, 1, 50, 50, 100, 100, 150, 200, 200, 300]);
        }
        target = if r.odd(4) { Target::Unknown } else { Target::ProductOf(of) };
    }
    if r.odd(4) {
        account = r.below(world.accounts.len());
    }
    if r.odd(6) {
        region = Place::Region(r.below(world.regions.len()));
    } else if r.odd(5) {
        region = Place::Unknown;
    }
    let call = TargetCall { at, account, target, region };
    match kind {
        Kind::Delete => Op::Delete(call),
        _ => Op::Cancel(call),
    }
}
