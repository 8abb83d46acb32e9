//! What the generator promises.

use std::collections::{BTreeMap, BTreeSet};

use super::{DURATIONS, Random, TIMES, describe, random_world};
use crate::kiefer_wolfowitz;
use crate::twin::tests::{copy_of, lane};
use crate::twin::{
    Already, CopyCall, History, Op, Outcome, Place, PutImage, Queue, Settings, Target, TargetCall, World, run,
};

const SEEDS: u64 = 20_000;

/// Each of these has to occur in at least one world of a hundred.
const WANTED: [&str; 73] = [
    "outcome Available",
    "outcome Failed",
    "outcome CancelledWaiting",
    "outcome CancelledRunning",
    "outcome Refused",
    "outcome Skipped",
    "outcome Replayed",
    "outcome DryRun",
    "outcome Waiting",
    "outcome Running",
    "replay of a cancelled copy",
    "replay of a failed copy",
    "replay of an Available copy",
    "replay of an unfinished copy",
    "copy InvalidAliUid.IsNull",
    "copy Throttling.User",
    "copy InvalidImageName.Malformed",
    "copy IdempotentParameterMismatch",
    "copy Account.Arrearage",
    "copy InvalidParameter.KmsNotEnabled",
    "copy SourceRegion.NotFound",
    "copy DestinationRegion.NotFound",
    "copy InvalidImageId.NotFound",
    "copy InvalidEncrypted.NotMatchDiskDefaultEncryption",
    "copy RegionNotSupportCopy",
    "copy IncorrectDestinationRegion",
    "copy OperationDenied.NonCompliantDestinationRegion",
    "copy InvalidOperation.CopyingDataFromThisRegionUnsupported",
    "copy InvalidOperation.CopyingDataToThisRegionUnsupported",
    "copy OperationDenied.ImageCopying",
    "copy IncorrectImageStatus",
    "copy OperationDenied.SameRegionOnly",
    "copy OperationDeined.EncryptedSnapshot",
    "copy OperationDenied.EncryptSnapshotAcrossRegion",
    "copy InvalidOperation.Conflict",
    "copy InvalidImageName.Duplicated",
    "copy OperationDenied.ImageCopyConflict",
    "copy QuotaExceed.Image",
    "copy QuotaExceed.Snapshot",
    "copy ResourceLimitExceeded",
    "copy InternalError",
    "copy DryRunOperation",
    "cancel ok",
    "cancel InvalidRegionId.NotFound",
    "cancel InvalidImageId.NotFound",
    "cancel ImageCreatedNotFromCopy",
    "cancel IncorrectImageStatus",
    "cancel CancelNotSupported",
    "cancel InternalError",
    "delete ok",
    "delete InvalidRegionId.NotFound",
    "delete InvalidImageId.NotFound",
    "delete OperationDenied.ImageCopying",
    "expiry InvalidImageId.NotFound",
    "expiry OperationDenied.ImageCopying",
    "expiry ok",
    "already queued Available",
    "already queued Failed",
    "already queued CancelledWaiting",
    "already queued CancelledRunning",
    "already queued Waiting",
    "already queued Running",
    "already running Available",
    "already running Failed",
    "already running CancelledRunning",
    "already running Running",
    "literal product of a refused copy",
    "some can never start",
    "starts that are those of the queue Priority alone",
    "starts that are those of the queue ShortestFirst alone",
    "held up by one ahead in line",
    "end at the horizon",
    "nothing left before the horizon",
];

fn marks(world: &World, history: &History) -> BTreeSet<String> {
    let mut marks = BTreeSet::new();
    for row in &history.rows {
        marks.insert(format!("outcome {:?}", row.outcome));
        let call = copy_call(world, row.op);
        if let Some(already) = call.already {
            let state = if already == Already::Queued { "queued" } else { "running" };
            marks.insert(format!("already {state} {:?}", row.outcome));
        }
        if let Some(code) = row.code {
            marks.insert(format!("copy {code}"));
        }
        if let Some(first) = row.replays {
            let first = history.rows.iter().find(|row| row.op == first).expect("a first call has a row");
            let what = match first.outcome {
                Outcome::Waiting | Outcome::Running => "an unfinished",
                Outcome::CancelledWaiting | Outcome::CancelledRunning => "a cancelled",
                Outcome::Failed => "a failed",
                _ => "an Available",
            };
            marks.insert(format!("replay of {what} copy"));
        }
        if let Target::ProductOf(of) = call.image {
            let refused = history.rows.iter().any(|r| r.op == of && r.code.is_some());
            if refused && row.code.is_some() {
                marks.insert("literal product of a refused copy".to_owned());
            }
        }
    }
    for (op, _, answer) in &history.calls {
        let kind = match world.ops[*op] {
            Op::Cancel(_) => "cancel",
            Op::Delete(_) => "delete",
            Op::Copy(_) => "expiry",
        };
        marks.insert(format!("{kind} {}", answer.err().unwrap_or("ok")));
    }
    if !history.can_never_start.is_empty() {
        marks.insert("some can never start".to_owned());
    }
    let queue = world.settings.queue;
    if queue != Queue::Fifo && would_start_otherwise(world, history, |settings| settings.queue = Queue::Fifo)
    {
        marks.insert(format!("starts that are those of the queue {queue:?} alone"));
    }
    let is_blocking = world.settings.head_of_line_blocking;
    if is_blocking && would_start_otherwise(world, history, |settings| settings.head_of_line_blocking = false)
    {
        marks.insert("held up by one ahead in line".to_owned());
    }
    if let Some(horizon) = world.settings.horizon_us {
        let mark =
            if history.end_us == horizon { "end at the horizon" } else { "nothing left before the horizon" };
        marks.insert(mark.to_owned());
    }
    marks
}

/// Whether other copies would start, or at other times, if the settings were changed.
fn would_start_otherwise(world: &World, history: &History, change: impl FnOnce(&mut Settings)) -> bool {
    let mut changed = world.clone();
    change(&mut changed.settings);
    run(&changed).started != history.started
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
            let was_running = matches!(copy_call(&world, row.op).already, Some(Already::Running { .. }));
            if let Some(start) = row.start_us.filter(|_| !was_running) {
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
        let mut random = Random::new(seed);
        let r = &mut random;
        let mut jobs = Vec::new();
        for _ in 0..1 + r.below(20) {
            let cancel = r.chance(40).then_some(r.pick(&[0, 50, 100, 200, 300, 400, 700]));
            jobs.push((r.pick(&TIMES), r.pick(&DURATIONS), cancel));
        }
        jobs.sort_by_key(|job| job.0);
        let cap = 1 + r.below(3) as u32;
        let mut world = lane(cap, 2);
        jobs.iter().for_each(|job| add_to_lane(&mut world, *job));
        let rows = run(&world).rows;
        let starts: Vec<Option<u64>> = rows.iter().map(|row| row.start_us).collect();
        assert_eq!(starts, kiefer_wolfowitz::starts(cap as usize, &jobs), "{}", describe(&world));
    }
}

/// A copy of a new image from r0 to r1, and perhaps its cancel.
fn add_to_lane(world: &mut World, (at, duration_us, cancel_at): (u64, u64, Option<u64>)) {
    world.images.push(PutImage::of(0, 0));
    let copy = world.ops.len();
    let image = Target::Put(world.images.len() - 1);
    let call = CopyCall { at: Some(at), duration_us, ..copy_of(image, 0, 1, 0, 0) };
    world.ops.push(Op::Copy(Box::new(call)));
    if let Some(at) = cancel_at {
        let (target, region) = (Target::ProductOf(copy), Place::Region(1));
        world.ops.push(Op::Cancel(TargetCall { at, account: 0, target, region }));
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
                    Op::Copy(call) => call.after.iter().all(|&b| done[b] && world.ops[b].copy().is_some()),
                    _ => true,
                };
            }
        }
        assert!(done.iter().all(|&d| d), "seed {seed}\n{}", describe(&world));
    }
}

fn copy_call(world: &World, op: usize) -> &CopyCall {
    world.ops[op].copy().expect("only copies have rows")
}

#[test]
fn a_seed_gives_one_world() {
    assert_eq!(describe(&random_world(7)), describe(&random_world(7)));
    assert_ne!(describe(&random_world(7)), describe(&random_world(8)));
    println!("{}", describe(&random_world(7)));
}
