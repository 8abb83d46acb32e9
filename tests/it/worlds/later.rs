//! What is added to a world once its calls are known: retentions, and copies that are there at the start.

use super::*;
use crate::twin::can_begin;

/// Retentions that end together with other things, or soon after.
const RETENTIONS: [u64; 6] = [0, 1, 50, 100, 100, 200];

pub fn add_retentions(r: &mut Random, world: &mut World) {
    if !r.chance(50) {
        return;
    }
    let mut deletes = Vec::new();
    for (of, op) in world.ops.iter_mut().enumerate() {
        let Op::Copy { account, to: region, retention_us, .. } = op else { continue };
        *retention_us = r.chance(40).then_some(r.pick(&RETENTIONS));
        if retention_us.is_some() && r.chance(20) {
            // Perhaps before the retention ends.
            let at = r.pick(&[200, 300, 350, 400]);
            let (account, target, region) = (*account, Target::ProductOf(of), *region);
            deletes.push(Op::Delete { at, account, target, region });
        }
    }
    world.ops.extend(deletes);
}

/// Turns some copies that wait for nothing into ones of before the run.
pub fn add_initial_state(r: &mut Random, world: &mut World) {
    if !r.chance(45) {
        return;
    }
    let mut cancels = Vec::new();
    for (of, op) in world.ops.iter_mut().enumerate() {
        let Op::Copy { at, after, account, image, to, duration_us, already, .. } = op else { continue };
        let of_product = matches!(image, Target::ProductOf(_));
        if !after.is_empty() || !r.chance(if of_product { 5 } else { 50 }) {
            continue;
        }
        *at = None;
        let left = r.pick(&[None, Some(0), Some(1), Some(50), Some(100), Some(*duration_us)]);
        let left = left.filter(|left| left <= duration_us || r.chance(3));
        *already = Some(match r.chance(60) {
            true => Already::Running { remaining_us: left },
            false => Already::Queued,
        });
        if r.chance(35) {
            let (account, target, region) = (*account, Target::ProductOf(of), *to);
            cancels.push(Op::Cancel { at: r.pick(&[0, 0, 1, 50, 100]), account, target, region });
        }
    }
    world.ops.extend(cancels);
}

/// Lets copies of before the run be asked for at its start, the last one first, until the rest of them can
/// be there.
pub fn make_possible(world: &mut World) {
    while !can_begin(world) {
        let is_already = |op: &&mut Op| matches!(op, Op::Copy { already: Some(_), .. });
        match world.ops.iter_mut().rfind(is_already) {
            Some(Op::Copy { at, already, .. }) => (*at, *already) = (Some(0), None),
            _ => unreachable!("a world without copies of before can begin"),
        }
    }
}
