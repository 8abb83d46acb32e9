//! The twin itself held against the field cases, answers by hand. Regions are A = 0, R = 1, S = 2.

mod contract;
mod field_cases;
mod rules;

use super::*;

/// A second.
const S: u64 = 1_000_000;
const A: usize = 0;
const R: usize = 1;

/// One limited source region, as many regions as asked for, default settings.
pub fn lane(cap: u32, regions: usize) -> World {
    World {
        settings: Settings {
            scope: Scope::Source,
            queue: Queue::Fifo,
            head_of_line_blocking: false,
            cap_per_account: true,
            max_queue: None,
            conflict_key: ConflictKey::ImageAndDestination,
            request_lock_us: 0,
            same_region_plain_allowed: false,
            rate_limit: Some(1000),
            token_life_us: 86_400 * S,
            images_quota: None,
            snapshots_quota: None,
            cancel_queued_allowed: true,
            point_of_no_return_millionths: None,
            drain_us: 0,
            horizon_us: None,
        },
        regions: vec![Region::with_cap(cap); regions],
        links: Vec::new(),
        cap_changes: Vec::new(),
        accounts: vec![Account::sound(); 2],
        images: Vec::new(),
        faults: Vec::new(),
        ops: Vec::new(),
    }
}

/// A new image in A.
fn image(world: &mut World) -> Target {
    world.images.push(PutImage::of(0, A));
    Target::Put(world.images.len() - 1)
}

/// A copy of this image from one region to another at a second.
pub fn copy_of(image: Target, from: usize, to: usize, at: u64, seconds: u64) -> CopyCall {
    CopyCall {
        at: Some(at * S),
        after: Vec::new(),
        delay: 0,
        account: Some(0),
        image,
        from: Place::Region(from),
        to: Some(Place::Region(to)),
        name: None,
        encrypted: None,
        token: None,
        is_dry_run: false,
        cancellable: true,
        priority: None,
        duration_us: seconds * S,
        fail_after_us: None,
        retention_us: None,
        already: None,
    }
}

/// Adds a copy call; returns its index.
fn add(world: &mut World, call: CopyCall) -> usize {
    world.ops.push(Op::Copy(Box::new(call)));
    world.ops.len() - 1
}

fn call(world: &mut World, op: usize) -> &mut CopyCall {
    world.ops[op].copy_mut().expect("it is a copy")
}

/// Some copies of new images from A to R; returns the index of the first.
fn copies(world: &mut World, n: usize, at: u64, seconds: u64) -> usize {
    let first = world.ops.len();
    for _ in 0..n {
        let image = image(world);
        add(world, copy_of(image, A, R, at, seconds));
    }
    first
}

fn cancel(at: u64, target: Target, region: usize) -> Op {
    Op::Cancel(target_call(at, target, region))
}

fn delete(at: u64, target: Target, region: usize) -> Op {
    Op::Delete(target_call(at, target, region))
}

fn target_call(at: u64, target: Target, region: usize) -> TargetCall {
    TargetCall { at: at * S, account: 0, target, region: Place::Region(region) }
}

/// Starts in seconds, by op.
fn starts(history: &History) -> Vec<Option<u64>> {
    let seconds = |row: &Row| row.start_us.map(|t| t / S);
    history.rows.iter().map(seconds).collect()
}

/// Ends in seconds, by op.
fn ends(history: &History) -> Vec<Option<u64>> {
    let seconds = |row: &Row| row.end_us.map(|t| t / S);
    history.rows.iter().map(seconds).collect()
}

fn count(history: &History, outcome: Outcome) -> usize {
    let same = history.rows.iter().filter(|row| row.outcome == outcome);
    same.count()
}

fn outcomes(history: &History) -> Vec<Outcome> {
    history.rows.iter().map(|row| row.outcome).collect()
}

fn codes(history: &History) -> Vec<Option<&'static str>> {
    history.rows.iter().map(|row| row.code).collect()
}

fn answers(history: &History) -> Vec<Result<(), &'static str>> {
    history.calls.iter().map(|call| call.2).collect()
}

/// The most copies that run at once, every start and end taken one by one.
fn peak(history: &History) -> usize {
    let mut peak = 0;
    for (i, &(at, _)) in history.started.iter().enumerate() {
        let running = history.started[..=i].iter().filter(|(_, op)| {
            let row = history.rows.iter().find(|row| row.op == *op).unwrap();
            row.end_us.is_none_or(|end| end > at)
        });
        peak = peak.max(running.count());
    }
    peak
}
