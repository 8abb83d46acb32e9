//! Small, nasty worlds: few regions, few distinct times, many ties.

mod describe;
mod later;
#[cfg(test)]
mod tests;

pub use describe::describe;

use std::fmt::Write;

use crate::twin::{Already, ConflictKey, Op, PutImage, Scope, Settings, Target, World};

/// SplitMix64, and the mood of the world that is made with it.
struct Random {
    state: u64,
    /// A calm world has no mistakes in its calls and few reasons to refuse
    /// them, so that more copies meet in its queues.
    calm: bool,
}

impl Random {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of 0..n; the slight bias of a remainder doesn't matter here.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A chance of something odd, in worlds that aren't calm.
    fn odd(&mut self, percent: usize) -> bool {
        self.chance(percent) && !self.calm
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
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

/// The world with this seed; the same one for ever. It begins in a possible state.
pub fn random_world(seed: u64) -> World {
    let mut world = any_world(seed);
    later::make_possible(&mut world);
    world
}

/// As [`random_world`], but the state in which it begins may be impossible.
pub fn any_world(seed: u64) -> World {
    let mut random = Random { state: seed, calm: false };
    let r = &mut random;
    r.calm = r.chance(50);
    let regions = 1 + r.below(4);
    let accounts = 1 + r.below(2);
    let mut settings = random_settings(r);
    if r.calm {
        settings.conflict_key = ConflictKey::Off;
        settings.request_lock_us = 0;
        settings.same_region_plain_allowed = true;
    }
    let mut caps = Vec::new();
    for _ in 0..regions {
        caps.push(r.pick(&[0, 1, 1, 1, 1, 2, 2, 2, 3, 3]));
    }
    let mut pair_caps = Vec::new();
    if settings.scope == Scope::Pair {
        for from in 0..regions {
            for to in 0..regions {
                if r.chance(30) {
                    pair_caps.push(((from, to), r.pick(&[0, 1, 1, 2])));
                }
            }
        }
    }
    let cap_changes = random_cap_changes(r, &caps);
    let images = random_images(r, regions, accounts);
    let mut world = World { settings, caps, pair_caps, cap_changes, accounts, images, ops: Vec::new() };
    world.ops = random_ops(r, &world);
    later::add_retentions(r, &mut world);
    later::add_initial_state(r, &mut world);
    world
}

fn random_settings(r: &mut Random) -> Settings {
    let horizon = r.pick(&[0, 99, 100, 200, 250, 299, 300, 400, 500, 600, 601, 1000]);
    Settings {
        scope: r.pick(&[Scope::Source, Scope::Destination, Scope::Both, Scope::Pair]),
        cap_per_account: r.chance(50),
        max_queue: r.pick(&[None, None, None, None, Some(0), Some(1), Some(2), Some(3)]),
        conflict_key: r.pick(&[
            ConflictKey::ImageAndDestination,
            ConflictKey::ImageAndDestination,
            ConflictKey::Image,
            ConflictKey::Off,
            ConflictKey::Off,
        ]),
        request_lock_us: r.pick(&[0, 0, 0, 0, 1, 100, 200]),
        same_region_plain_allowed: r.chance(50),
        cancel_queued_allowed: r.chance(70),
        point_of_no_return_millionths: r.pick(&[
            None,
            None,
            None,
            Some(1),
            Some(333_333),
            Some(500_000),
            Some(1_000_000),
        ]),
        drain_us: r.pick(&[0, 0, 1, 100, 150, 300]),
        horizon_us: r.chance(40).then_some(horizon),
    }
}

/// Never two changes of one region at one time.
fn random_cap_changes(r: &mut Random, caps: &[u32]) -> Vec<(u64, usize, u32)> {
    let mut wanted = Vec::new();
    for (region, &cap) in caps.iter().enumerate() {
        let at = r.pick(&TIMES);
        if r.chance(20) {
            // To zero and back.
            wanted.push((at, region, 0));
            wanted.push((at + r.pick(&[1, 100, 200, 900]), region, cap.max(1)));
        } else if r.chance(25) {
            wanted.push((at, region, r.pick(&[0, 1, 2, 3])));
        }
        if r.chance(10) {
            wanted.push((r.pick(&[50, 300, 1200]), region, r.pick(&[0, 1, 3])));
        }
    }
    r.shuffle(&mut wanted);
    let mut changes: Vec<(u64, usize, u32)> = Vec::new();
    for new in wanted {
        if !changes.iter().any(|old| (old.0, old.1) == (new.0, new.1)) {
            changes.push(new);
        }
    }
    changes
}

/// Never two put images with one name in one region and account.
fn random_images(r: &mut Random, regions: usize, accounts: usize) -> Vec<PutImage> {
    let mut images: Vec<PutImage> = Vec::new();
    for _ in 0..1 + r.below(4) {
        let mut image = PutImage {
            account: r.below(accounts),
            region: r.below(regions),
            cancellable: r.chance(85),
            name: random_name(r),
        };
        let taken = images.iter().any(|other| {
            (other.account, other.region, other.name) == (image.account, image.region, image.name)
        });
        if taken {
            image.name = None;
        }
        images.push(image);
    }
    images
}

fn random_name(r: &mut Random) -> Option<u32> {
    r.pick(&[None, None, None, None, None, Some(1), Some(2), Some(3)])
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
    for _ in 0..r.below(3 + copies / 2) {
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
        ops[place] = Some(random_copy(r, world, &ops, &made, &all));
        made.push(place);
    }
    for (place, &kind) in kinds.iter().enumerate() {
        if !matches!(kind, Kind::Copy) {
            ops[place] = Some(random_call(r, world, &ops, &made, kind));
        }
    }
    ops.into_iter().flatten().collect()
}

/// Account and destination of a copy op.
fn product(ops: &[Option<Op>], place: usize) -> (usize, Option<usize>) {
    match &ops[place] {
        Some(Op::Copy { account, to, .. }) => (*account, *to),
        _ => unreachable!("only copies made before are asked for"),
    }
}

fn may_fail(ops: &[Option<Op>], place: usize) -> bool {
    matches!(ops[place], Some(Op::Copy { fail_after_us: Some(_), .. }))
}

fn random_copy(r: &mut Random, world: &World, ops: &[Option<Op>], made: &[usize], all: &[usize]) -> Op {
    let regions = world.caps.len();
    let mut after = Vec::new();
    if !made.is_empty() && r.chance(30) {
        after.push(r.pick(made));
        let second = r.pick(made);
        if r.chance(25) && !after.contains(&second) {
            after.push(second);
        }
    }
    let put = r.below(world.images.len());
    let mut image = Target::Put(put);
    let mut account = world.images[put].account;
    let mut from = Some(world.images[put].region);
    if !after.is_empty() && r.chance(60) {
        image = Target::ProductOf(after[0]);
        (account, from) = product(ops, after[0]);
    } else if !made.is_empty() && r.chance(if r.calm { 8 } else { 20 }) {
        // A product without waiting for it: not there, unfinished, failed or gone.
        let mut of = r.pick(made);
        if !may_fail(ops, of) {
            of = r.pick(made);
        }
        image = Target::ProductOf(of);
        (account, from) = product(ops, of);
    } else if r.odd(3) {
        image = Target::ProductOf(r.pick(all));
    } else if r.odd(3) {
        image = Target::Unknown;
    }
    if r.odd(3) {
        account = r.below(world.accounts);
    }
    if r.odd(3) {
        from = Some(r.below(regions));
    } else if r.odd(2) {
        from = None;
    }
    let mut to = (!r.odd(2)).then_some(r.below(regions));
    if to == from && to.is_some() && r.chance(60) {
        to = Some(r.below(regions));
    }
    let at = match (image, after.is_empty()) {
        (Target::ProductOf(_), true) => r.chance(95).then_some(r.pick(&LATER)),
        (_, true) => r.chance(85).then_some(r.pick(&TIMES)),
        (_, false) => r.chance(25).then_some(r.pick(&TIMES)),
    };
    Op::Copy {
        at,
        after,
        delay: r.pick(&[0, 0, 0, 1, 50, 100]),
        account,
        image,
        from,
        to,
        name: random_name(r),
        encrypted: r.chance(if from == to { 60 } else { 10 }),
        cancellable: r.chance(85),
        duration_us: r.pick(&DURATIONS),
        fail_after_us: r.chance(20).then_some(r.pick(&[0, 50, 100, 100, 200, 300, 400])),
        retention_us: None,
        already: None,
    }
}

/// A cancel or a delete, mostly of something that is there.
fn random_call(r: &mut Random, world: &World, ops: &[Option<Op>], copies: &[usize], kind: Kind) -> Op {
    let regions = world.caps.len();
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
        region = Some(world.images[put].region);
    } else {
        let of = r.pick(copies);
        (account, region) = product(ops, of);
        if let Some(Op::Copy { at: Some(of_copy), .. }) = ops[of] {
            at = of_copy + r.pick(&[0, 1, 50, 50, 100, 100, 150, 200, 200, 300]);
        }
        target = if r.odd(4) { Target::Unknown } else { Target::ProductOf(of) };
    }
    if r.odd(3) {
        account = r.below(world.accounts);
    }
    if r.odd(6) {
        region = Some(r.below(regions));
    } else if r.odd(5) {
        region = None;
    }
    match kind {
        Kind::Delete => Op::Delete { at, account, target, region },
        _ => Op::Cancel { at, account, target, region },
    }
}
