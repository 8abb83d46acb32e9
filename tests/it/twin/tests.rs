//! The twin itself held against the field cases, answers by hand. Regions are A = 0, R = 1, S = 2.

mod field_cases;
mod rules;

use super::*;

/// A second.
const S: u64 = 1_000_000;
const A: usize = 0;
const R: usize = 1;

/// One limited source region, as many regions as asked for, default settings.
fn lane(cap: u32, regions: usize) -> World {
    World {
        settings: Settings {
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
        },
        caps: vec![cap; regions],
        pair_caps: Vec::new(),
        cap_changes: Vec::new(),
        accounts: 2,
        images: Vec::new(),
        ops: Vec::new(),
    }
}

/// A new image in A.
fn image(world: &mut World) -> Target {
    world.images.push(PutImage { account: 0, region: A, cancellable: true, name: None });
    Target::Put(world.images.len() - 1)
}

/// A copy of this image from one region to another at a second.
fn copy_of(image: Target, from: usize, to: usize, at: u64, seconds: u64) -> Op {
    Op::Copy {
        at: Some(at * S),
        after: Vec::new(),
        delay: 0,
        account: 0,
        image,
        from: Some(from),
        to: Some(to),
        name: None,
        encrypted: false,
        cancellable: true,
        duration_us: seconds * S,
        fail_after_us: None,
        retention_us: None,
        already: None,
    }
}

/// Some copies of new images from A to R; returns the index of the first.
fn copies(world: &mut World, n: usize, at: u64, seconds: u64) -> usize {
    let first = world.ops.len();
    for _ in 0..n {
        let image = image(world);
        world.ops.push(copy_of(image, A, R, at, seconds));
    }
    first
}

fn set_name(op: &mut Op, new: u32) {
    if let Op::Copy { name, .. } = op {
        *name = Some(new);
    }
}

fn set_failure(op: &mut Op, seconds: u64) {
    if let Op::Copy { fail_after_us, .. } = op {
        *fail_after_us = Some(seconds * S);
    }
}

/// Makes a copy wait for others; it has no time of its own then.
fn set_after(op: &mut Op, others: &[usize], seconds: u64) {
    if let Op::Copy { at, after, delay, .. } = op {
        *at = None;
        *after = others.to_vec();
        *delay = seconds * S;
    }
}

fn cancel(at: u64, target: Target, region: usize) -> Op {
    Op::Cancel { at: at * S, account: 0, target, region: Some(region) }
}

fn delete(at: u64, target: Target, region: usize) -> Op {
    Op::Delete { at: at * S, account: 0, target, region: Some(region) }
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
