//! Small, nasty worlds: few regions, few distinct times, many ties.

use std::fmt::Write;

use crate::twin::{ConflictKey, Op, PutImage, Scope, Settings, Target, World};

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

/// The world with this seed; the same one for ever.
pub fn random_world(seed: u64) -> World {
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

/// A world in a few lines, for messages about failures.
pub fn describe(world: &World) -> String {
    let mut text = String::new();
    let s = &world.settings;
    line(
        &mut text,
        format_args!(
            "scope {:?}, per account {}, max_queue {}, conflict {:?}, lock {}, same region plain {}, \
             cancel queued {}, no return {}, drain {}, horizon {}",
            s.scope,
            s.cap_per_account,
            shown(s.max_queue),
            s.conflict_key,
            s.request_lock_us,
            s.same_region_plain_allowed,
            s.cancel_queued_allowed,
            shown(s.point_of_no_return_millionths),
            s.drain_us,
            shown(s.horizon_us),
        ),
    );
    line(&mut text, format_args!("accounts {}, caps {:?}", world.accounts, world.caps));
    for ((from, to), cap) in &world.pair_caps {
        line(&mut text, format_args!("link r{from} -> r{to}: cap {cap}"));
    }
    for (at, region, cap) in &world.cap_changes {
        line(&mut text, format_args!("@{at} r{region}: cap {cap}"));
    }
    for (i, image) in world.images.iter().enumerate() {
        line(
            &mut text,
            format_args!(
                "image i{i}: account {} r{}{}{}",
                image.account,
                image.region,
                optional(" name ", image.name),
                if image.cancellable { "" } else { " uncancellable" },
            ),
        );
    }
    for (o, op) in world.ops.iter().enumerate() {
        line(&mut text, format_args!("#{o} {}", described(op)));
    }
    text
}

fn described(op: &Op) -> String {
    match op {
        Op::Copy {
            at,
            after,
            delay,
            account,
            image,
            from,
            to,
            name,
            encrypted,
            cancellable,
            duration_us,
            fail_after_us,
        } => {
            let mut text = format!(
                "copy{} {} {} -> {} account {account} for {duration_us}{}{}",
                optional(" @", *at),
                target_text(*image),
                region_text(*from),
                region_text(*to),
                optional(" fails after ", *fail_after_us),
                optional(" name ", *name),
            );
            if !after.is_empty() {
                text.push_str(&format!(" after {after:?} + {delay}"));
            }
            for (mark, set) in [(" encrypted", *encrypted), (" uncancellable", !*cancellable)] {
                if set {
                    text.push_str(mark);
                }
            }
            text
        }
        Op::Cancel { at, account, target, region } => call_text("cancel", *at, *account, *target, *region),
        Op::Delete { at, account, target, region } => call_text("delete", *at, *account, *target, *region),
    }
}

fn call_text(kind: &str, at: u64, account: usize, target: Target, region: Option<usize>) -> String {
    let (target, region) = (target_text(target), region_text(region));
    format!("{kind} @{at} {target} in {region} account {account}")
}

fn target_text(target: Target) -> String {
    match target {
        Target::Put(i) => format!("i{i}"),
        Target::ProductOf(op) => format!("product of #{op}"),
        Target::Unknown => "unknown image".to_owned(),
    }
}

fn region_text(region: Option<usize>) -> String {
    region.map_or("unknown region".to_owned(), |r| format!("r{r}"))
}

fn optional<T: std::fmt::Display>(before: &str, value: Option<T>) -> String {
    value.map_or(String::new(), |value| format!("{before}{value}"))
}

fn shown<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("writing to a string never fails");
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{DURATIONS, Random, TIMES, describe, random_world};
    use crate::kiefer_wolfowitz;
    use crate::twin::{ConflictKey, History, Op, PutImage, Scope, Settings, Target, World, run};

    const SEEDS: u64 = 20_000;

    /// Each of these has to occur in at least one world of a hundred.
    const WANTED: [&str; 32] = [
        "outcome Available",
        "outcome Failed",
        "outcome CancelledWaiting",
        "outcome CancelledRunning",
        "outcome Refused",
        "outcome Skipped",
        "outcome Waiting",
        "outcome Running",
        "copy SourceRegion.NotFound",
        "copy DestinationRegion.NotFound",
        "copy InvalidImageId.NotFound",
        "copy IncorrectDestinationRegion",
        "copy OperationDenied.ImageCopying",
        "copy IncorrectImageStatus",
        "copy InvalidOperation.Conflict",
        "copy InvalidImageName.Duplicated",
        "copy OperationDenied.ImageCopyConflict",
        "copy ResourceLimitExceeded",
        "cancel ok",
        "cancel InvalidRegionId.NotFound",
        "cancel InvalidImageId.NotFound",
        "cancel ImageCreatedNotFromCopy",
        "cancel IncorrectImageStatus",
        "cancel CancelNotSupported",
        "delete ok",
        "delete InvalidRegionId.NotFound",
        "delete InvalidImageId.NotFound",
        "delete OperationDenied.ImageCopying",
        "literal product of a refused copy",
        "some can never start",
        "end at the horizon",
        "nothing left before the horizon",
    ];

    fn marks(world: &World, history: &History) -> BTreeSet<String> {
        let mut marks = BTreeSet::new();
        for row in &history.rows {
            marks.insert(format!("outcome {:?}", row.outcome));
            if let Some(code) = row.code {
                marks.insert(format!("copy {code}"));
            }
            if let Op::Copy { image: Target::ProductOf(of), .. } = world.ops[row.op] {
                let refused = history.rows.iter().any(|r| r.op == of && r.code.is_some());
                if refused && row.code.is_some() {
                    marks.insert("literal product of a refused copy".to_owned());
                }
            }
        }
        for (op, _, answer) in &history.calls {
            let kind = match world.ops[*op] {
                Op::Cancel { .. } => "cancel",
                _ => "delete",
            };
            marks.insert(format!("{kind} {}", answer.err().unwrap_or("ok")));
        }
        if !history.can_never_start.is_empty() {
            marks.insert("some can never start".to_owned());
        }
        if let Some(horizon) = world.settings.horizon_us {
            let mark = if history.end_us == horizon {
                "end at the horizon"
            } else {
                "nothing left before the horizon"
            };
            marks.insert(mark.to_owned());
        }
        marks
    }

    #[test]
    fn everything_wanted_is_in_one_world_of_a_hundred() {
        let mut worlds: BTreeMap<String, u64> = BTreeMap::new();
        for seed in 0..SEEDS {
            let world = random_world(seed);
            for mark in marks(&world, &run(&world)) {
                *worlds.entry(mark).or_default() += 1;
            }
        }
        for (mark, n) in &worlds {
            println!("{n:6} of {SEEDS} worlds: {mark}");
        }
        for mark in WANTED {
            let n = worlds.get(mark).copied().unwrap_or(0);
            assert!(n * 100 >= SEEDS, "{mark}: only {n} of {SEEDS} worlds");
        }
        for mark in worlds.keys() {
            assert!(WANTED.contains(&mark.as_str()), "{mark} isn't listed");
        }
    }

    /// What must hold in every world, read off the history alone.
    #[test]
    fn histories_are_sound() {
        for seed in 0..SEEDS {
            let world = random_world(seed);
            let history = run(&world);
            let text = describe(&world);
            let end = history.end_us;
            assert!(world.settings.horizon_us.is_none_or(|h| end <= h), "{text}");
            assert!(history.started.is_sorted_by_key(|s| s.0), "{text}");
            assert!(history.calls.is_sorted_by_key(|c| c.1), "{text}");
            let mut starts = 0;
            for row in &history.rows {
                let times = [row.planned_us, row.accepted_us, row.start_us, row.end_us];
                let times: Vec<u64> = times.into_iter().flatten().collect();
                assert!(times.is_sorted(), "seed {seed}: {row:?}\n{text}");
                assert!(times.iter().all(|&t| t <= end), "seed {seed}\n{text}");
                if let Some(start) = row.start_us {
                    assert!(history.started.contains(&(start, row.op)), "{text}");
                    starts += 1;
                }
            }
            assert_eq!(starts, history.started.len(), "seed {seed}\n{text}");
        }
    }

    /// One lane of servers: the twin and the recursion give the same starts.
    #[test]
    fn one_lane_agrees_with_the_recursion() {
        for seed in 0..2000 {
            let mut random = Random { state: seed, calm: false };
            let r = &mut random;
            let mut jobs = Vec::new();
            for _ in 0..1 + r.below(20) {
                let cancel = r.chance(40).then_some(r.pick(&[0, 50, 100, 200, 300, 400, 700]));
                jobs.push((r.pick(&TIMES), r.pick(&DURATIONS), cancel));
            }
            jobs.sort_by_key(|job| job.0);
            let mut world = random_world(0);
            world.settings = lane_settings();
            world.caps = vec![1 + r.below(3) as u32; 2];
            world.cap_changes.clear();
            world.images.clear();
            world.ops.clear();
            let cap = world.caps[0] as usize;
            jobs.iter().for_each(|job| add_to_lane(&mut world, *job));
            let rows = run(&world).rows;
            let starts: Vec<Option<u64>> = rows.iter().map(|row| row.start_us).collect();
            assert_eq!(starts, kiefer_wolfowitz::starts(cap, &jobs), "{}", describe(&world));
        }
    }

    fn lane_settings() -> Settings {
        Settings {
            scope: Scope::Source,
            cap_per_account: true,
            max_queue: None,
            conflict_key: ConflictKey::ImageAndDestination,
            request_lock_us: 0,
            same_region_plain_allowed: false,
            cancel_queued_allowed: true,
            point_of_no_return_millionths: None,
            drain_us: 0,
            horizon_us: None,
        }
    }

    /// A copy of a new image from r0 to r1, and perhaps its cancel.
    fn add_to_lane(world: &mut World, (at, duration_us, cancel_at): (u64, u64, Option<u64>)) {
        world.images.push(PutImage { account: 0, region: 0, cancellable: true, name: None });
        let copy = world.ops.len();
        world.ops.push(Op::Copy {
            at: Some(at),
            after: Vec::new(),
            delay: 0,
            account: 0,
            image: Target::Put(world.images.len() - 1),
            from: Some(0),
            to: Some(1),
            name: None,
            encrypted: false,
            cancellable: true,
            duration_us,
            fail_after_us: None,
        });
        if let Some(at) = cancel_at {
            world.ops.push(Op::Cancel { at, account: 0, target: Target::ProductOf(copy), region: Some(1) });
        }
    }

    #[test]
    fn predecessors_are_copies_and_never_form_a_cycle() {
        for seed in 0..SEEDS {
            let world = random_world(seed);
            let mut done = vec![false; world.ops.len()];
            for _ in 0..world.ops.len() {
                for (o, op) in world.ops.iter().enumerate() {
                    done[o] |= match op {
                        Op::Copy { after, .. } => after.iter().all(|&b| done[b] && is_copy(&world, b)),
                        _ => true,
                    };
                }
            }
            assert!(done.iter().all(|&d| d), "seed {seed}\n{}", describe(&world));
        }
    }

    fn is_copy(world: &World, op: usize) -> bool {
        matches!(world.ops[op], Op::Copy { .. })
    }

    #[test]
    fn a_seed_gives_one_world() {
        assert_eq!(describe(&random_world(7)), describe(&random_world(7)));
        assert_ne!(describe(&random_world(7)), describe(&random_world(8)));
        println!("{}", describe(&random_world(7)));
    }
}
