//! What is added to a world once its calls are known: retentions, and copies that are there at the start.

use super::*;
use crate::twin::{ConflictKey, Queue, Scope, can_begin};

/// Retentions that end together with other things, or soon after.
const RETENTIONS: [u64; 6] = [0, 1, 50, 100, 100, 200];

/// The end of the first window of the rate limit (R7.2).
const WINDOW: u64 = 60_000_000;

pub fn add_retentions(r: &mut Random, world: &mut World) {
    if !r.chance(50) {
        return;
    }
    let mut deletes = Vec::new();
    for (of, op) in world.ops.iter_mut().enumerate() {
        let Some(call) = op.copy_mut() else { continue };
        call.retention_us = r.chance(50).then_some(r.pick(&RETENTIONS));
        if call.retention_us.is_some() && r.chance(30) {
            // Perhaps before the retention ends.
            deletes.push(Op::Delete(call_of_product(of, call, r.pick(&[200, 300, 350, 400]))));
        }
    }
    world.ops.extend(deletes);
}

fn call_of_product(of: usize, call: &CopyCall, at: u64) -> TargetCall {
    let (account, region) = (call.account.unwrap_or(0), call.destination());
    TargetCall { at, account, target: Target::ProductOf(of), region }
}

/// Turns some copies that wait for nothing into ones of before the run.
pub fn add_initial_state(r: &mut Random, world: &mut World) {
    if !r.chance(60) {
        return;
    }
    let mut cancels = Vec::new();
    for (of, op) in world.ops.iter_mut().enumerate() {
        let Some(call) = op.copy_mut() else { continue };
        let of_product = matches!(call.image, Target::ProductOf(_));
        let can_be = call.after.is_empty() && call.account.is_some();
        if !can_be || !r.chance(if of_product { 5 } else { 50 }) {
            continue;
        }
        (call.at, call.token, call.is_dry_run) = (None, None, false);
        let left = r.pick(&[None, None, Some(0), Some(1), Some(50), Some(100), Some(call.duration_us)]);
        let left = left.filter(|left| *left <= call.duration_us || r.chance(3));
        call.already = Some(match r.chance(60) {
            true => Already::Running { remaining_us: left },
            false => Already::Queued,
        });
        if r.chance(35) {
            cancels.push(Op::Cancel(call_of_product(of, call, r.pick(&[0, 0, 1, 50, 100]))));
        }
    }
    world.ops.extend(cancels);
}

/// Lets copies of before the run be asked for at its start, the last one first, until the rest of them can
/// be there.
pub fn make_possible(world: &mut World) {
    while !can_begin(world) {
        let mut copies = world.ops.iter_mut().filter_map(Op::copy_mut);
        let last = copies.rfind(|call| call.already.is_some());
        let call = last.expect("a world without copies of before can begin");
        (call.at, call.already) = (Some(0), None);
    }
}

/// Lets something else than acceptance decide who starts first, or one that can't start hold up the others.
pub fn add_queue_order(r: &mut Random, world: &mut World) {
    if r.chance(40) {
        return;
    }
    let settings = &mut world.settings;
    settings.queue =
        r.pick(&[Queue::Fifo, Queue::Priority, Queue::Priority, Queue::ShortestFirst, Queue::ShortestFirst]);
    settings.head_of_line_blocking = r.chance(45);
    // It makes no difference to copies with one key.
    if settings.head_of_line_blocking && r.chance(80) {
        settings.scope = Scope::Both;
    }
    for image in &mut world.images {
        image.size_bytes = r.pick(&[None, Some(1), Some(1), Some(1 << 30), Some(1 << 31), Some(3 << 30)]);
    }
    for call in world.ops.iter_mut().filter_map(Op::copy_mut) {
        call.priority = r.pick(&[None, None, Some(0), Some(-1), Some(1), Some(i32::MIN), Some(i32::MAX)]);
    }
    if r.chance(70) {
        crowd(world);
    }
}

/// Lets more copies wait for the same slots.
fn crowd(world: &mut World) {
    let settings = &mut world.settings;
    (settings.max_queue, settings.request_lock_us) = (None, 0);
    settings.conflict_key = ConflictKey::Off;
    world.regions.iter_mut().for_each(|region| region.cap = region.cap.min(1));
    for call in world.ops.iter_mut().filter_map(Op::copy_mut) {
        call.duration_us = call.duration_us.max(100);
    }
}

/// Lets most of what a world says happen so that the first window of the rate limit ends in its midst.
pub fn move_to_the_end_of_a_window(r: &mut Random, world: &mut World) {
    let limit = world.settings.rate_limit;
    if !r.chance(if limit.is_some_and(|limit| limit < 20) { 50 } else { 5 }) {
        return;
    }
    let by = WINDOW - r.pick(&[1, 100, 200, 300, 400]);
    for op in &mut world.ops {
        match op {
            Op::Copy(call) => call.at = call.at.map(|at| at + by),
            Op::Cancel(call) | Op::Delete(call) => call.at += by,
        }
    }
    world.cap_changes.iter_mut().for_each(|(at, ..)| *at += by);
    let overdue = world.accounts.iter_mut().flat_map(|account| &mut account.overdue);
    let faults = world.faults.iter_mut().map(|fault| &mut fault.span);
    for span in overdue.chain(faults) {
        span.from += by;
        span.until = span.until.map(|until| until + by);
    }
    for (at, _) in world.images.iter_mut().flat_map(|image| &mut image.status_changes) {
        *at += by;
    }
    world.settings.horizon_us = world.settings.horizon_us.map(|horizon| horizon + by);
}
