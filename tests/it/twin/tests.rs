//! The twin itself held against the field cases, answers by hand. Regions are A = 0, R = 1, S = 2.

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

#[test]
fn case_01_the_sixth_copy_waits() {
    let mut world = lane(5, 2);
    copies(&mut world, 8, 0, 600);
    let history = run(&world);
    let (now, then) = (Some(0), Some(600));
    let want = [now, now, now, now, now, then, then, then];
    assert_eq!(starts(&history), want);
    assert_eq!(count(&history, Outcome::Available), 8);
    assert_eq!(peak(&history), 5);
    assert_eq!(history.end_us, 1200 * S);
}

#[test]
fn case_03_failures_give_their_slots_back() {
    let mut world = lane(5, 2);
    copies(&mut world, 81, 0, 600);
    assert_eq!(run(&world).end_us, 10_200 * S);
    for number in (4..=80).step_by(4) {
        set_failure(&mut world.ops[number - 1], 300);
    }
    let history = run(&world);
    assert_eq!(count(&history, Outcome::Available), 61);
    assert_eq!(count(&history, Outcome::Failed), 20);
    assert_eq!(history.end_us, 8700 * S);
}

#[test]
fn case_05_fan_out_to_23_regions() {
    let mut world = lane(5, 24);
    let image = image(&mut world);
    for to in 1..24 {
        world.ops.push(copy_of(image, A, to, 0, 600));
    }
    let history = run(&world);
    let mut want = Vec::new();
    for (at, n) in [(0, 5), (600, 5), (1200, 5), (1800, 5), (2400, 3)] {
        want.extend(vec![Some(at); n]);
    }
    assert_eq!(starts(&history), want);
    assert_eq!(history.end_us, 3000 * S);
    world.settings.scope = Scope::Destination;
    let history = run(&world);
    assert_eq!(starts(&history), vec![Some(0); 23]);
    assert_eq!(history.end_us, 600 * S);
    assert_eq!(count(&history, Outcome::Refused), 0);
}

#[test]
fn case_06_duplicate_names() {
    for second_at in [700, 300] {
        let mut world = lane(5, 3);
        let (i1, i2) = (image(&mut world), image(&mut world));
        world.ops.push(copy_of(i1, A, R, 0, 600));
        world.ops.push(copy_of(i2, A, R, second_at, 600));
        world.ops.push(copy_of(i2, A, 2, 700, 600));
        world.ops.iter_mut().for_each(|op| set_name(op, 1));
        let history = run(&world);
        let duplicated = Some("InvalidImageName.Duplicated");
        assert_eq!(codes(&history), [None, duplicated, None]);
        assert_eq!(starts(&history), [Some(0), None, Some(700)]);
        assert_eq!(ends(&history), [Some(600), None, Some(1300)]);
    }
}

#[test]
fn case_07_states_at_three_times() {
    use Outcome::{Available, Running, Waiting};
    let mut world = lane(5, 2);
    copies(&mut world, 7, 0, 600);
    for (at, want) in [(1, [0, 5, 2]), (601, [5, 2, 0])] {
        world.settings.horizon_us = Some(at * S);
        let history = run(&world);
        let got = [Available, Running, Waiting].map(|o| count(&history, o));
        assert_eq!(got, want);
        assert_eq!(history.end_us, at * S);
    }
    // At 1201 nothing is left; the last event was at 1200.
    world.settings.horizon_us = Some(1201 * S);
    let history = run(&world);
    assert_eq!(count(&history, Available), 7);
    assert_eq!(history.end_us, 1200 * S);
}

#[test]
fn case_10_what_cancel_answers() {
    let mut world = lane(1, 2);
    copies(&mut world, 2, 0, 600);
    let (a, b) = (Target::ProductOf(0), Target::ProductOf(1));
    world.ops.push(cancel(100, b, R));
    world.ops.push(cancel(700, a, R));
    world.ops.push(cancel(800, b, R));
    world.ops.push(cancel(50, a, A));
    world.ops.push(cancel(60, Target::Put(0), A));
    world.ops.push(delete(70, a, R));
    world.ops.push(delete(80, Target::Put(0), A));
    let history = run(&world);
    let want = [
        (5, 50 * S, Err("InvalidImageId.NotFound")),
        (6, 60 * S, Err("ImageCreatedNotFromCopy")),
        (7, 70 * S, Err("OperationDenied.ImageCopying")),
        (8, 80 * S, Err("OperationDenied.ImageCopying")),
        (2, 100 * S, Ok(())),
        (3, 700 * S, Err("IncorrectImageStatus")),
        (4, 800 * S, Err("InvalidImageId.NotFound")),
    ];
    assert_eq!(history.calls, want);
    let want = [Outcome::Available, Outcome::CancelledWaiting];
    assert_eq!(outcomes(&history), want);
    assert_eq!(ends(&history), [Some(600), Some(100)]);
}

#[test]
fn case_11_a_copy_into_its_own_region() {
    let mut world = lane(5, 2);
    let image = image(&mut world);
    world.ops.push(copy_of(image, A, A, 0, 600));
    let refused = run(&world);
    assert_eq!(codes(&refused), [Some("IncorrectDestinationRegion")]);
    world.settings.same_region_plain_allowed = true;
    assert_eq!(starts(&run(&world)), [Some(0)]);
    world.settings.same_region_plain_allowed = false;
    if let Op::Copy { encrypted, .. } = &mut world.ops[0] {
        *encrypted = true;
    }
    assert_eq!(starts(&run(&world)), [Some(0)]);
}

#[test]
fn cases_16_and_17_waiting_ones_come_before_new_ones() {
    let mut world = lane(5, 2);
    copies(&mut world, 10, 0, 600);
    copies(&mut world, 10, 600, 600);
    let history = run(&world);
    let mut want = Vec::new();
    for at in [0, 600, 1200, 1800] {
        want.extend([Some(at); 5]);
    }
    assert_eq!(starts(&history), want);
    assert_eq!(peak(&history), 5);
    assert_eq!(history.end_us, 2400 * S);
}

#[test]
fn case_20_completion_before_submit() {
    for (at, code) in [(600, None), (599, Some("OperationDenied.ImageCopyConflict"))] {
        let mut world = lane(5, 2);
        let image = image(&mut world);
        world.ops.push(copy_of(image, A, R, 0, 600));
        world.ops.push(copy_of(image, A, R, at, 600));
        set_name(&mut world.ops[1], 1);
        let history = run(&world);
        assert_eq!(codes(&history), [None, code]);
        if code.is_none() {
            assert_eq!(ends(&history), [Some(600), Some(1200)]);
        }
    }
}

#[test]
fn case_21_cancel_in_the_instant_of_end_or_start() {
    let mut world = lane(1, 2);
    copies(&mut world, 3, 0, 600);
    world.ops.push(cancel(600, Target::ProductOf(0), R));
    world.ops.push(cancel(600, Target::ProductOf(1), R));
    let history = run(&world);
    assert_eq!(answers(&history), [Err("IncorrectImageStatus"), Ok(())]);
    let (done, gone) = (Outcome::Available, Outcome::CancelledWaiting);
    assert_eq!(outcomes(&history), [done, gone, done]);
    assert_eq!(starts(&history), [Some(0), None, Some(600)]);
    assert_eq!(ends(&history), [Some(600), Some(600), Some(1200)]);
}

#[test]
fn case_23_a_cancelled_waiter_is_out_of_the_queue() {
    let mut world = lane(1, 2);
    copies(&mut world, 3, 0, 600);
    world.ops.push(cancel(100, Target::ProductOf(1), R));
    let history = run(&world);
    assert_eq!(starts(&history), [Some(0), None, Some(600)]);
    assert_eq!(ends(&history), [Some(600), Some(100), Some(1200)]);
}

#[test]
fn case_24_two_slots_freed_start_two() {
    let mut world = lane(2, 2);
    copies(&mut world, 4, 0, 600);
    let want = [Some(0), Some(0), Some(600), Some(600)];
    assert_eq!(starts(&run(&world)), want);
    world.ops.push(cancel(100, Target::ProductOf(0), R));
    world.ops.push(cancel(100, Target::ProductOf(1), R));
    let history = run(&world);
    let want = [Some(0), Some(0), Some(100), Some(100)];
    assert_eq!(starts(&history), want);
    let want = [Some(100), Some(100), Some(700), Some(700)];
    assert_eq!(ends(&history), want);
}

#[test]
fn case_26_the_cap_goes_down_even_to_zero() {
    let mut world = lane(5, 2);
    copies(&mut world, 8, 0, 600);
    for (at, cap) in [(300, 2), (900, 0), (1500, 5)] {
        world.cap_changes.push((at * S, A, cap));
    }
    let history = run(&world);
    let mut want = vec![Some(0); 5];
    want.extend([Some(600), Some(600), Some(1500)]);
    assert_eq!(starts(&history), want);
    assert_eq!(history.end_us, 2100 * S);
}

#[test]
fn case_27_unfinished_copies_have_rows() {
    let mut world = lane(1, 2);
    copies(&mut world, 3, 0, 600);
    world.settings.horizon_us = Some(700 * S);
    let history = run(&world);
    let want = [Outcome::Available, Outcome::Running, Outcome::Waiting];
    assert_eq!(outcomes(&history), want);
    assert_eq!(starts(&history), [Some(0), Some(600), None]);
    assert_eq!(history.end_us, 700 * S);
    assert!(history.can_never_start.is_empty());
}

#[test]
fn case_28_a_refused_copy_has_no_start_and_no_end() {
    let mut world = lane(5, 2);
    copies(&mut world, 3, 0, 600);
    set_name(&mut world.ops[1], 7);
    set_name(&mut world.ops[2], 7);
    let history = run(&world);
    let (done, refused) = (Outcome::Available, Outcome::Refused);
    assert_eq!(outcomes(&history), [done, done, refused]);
    assert_eq!(starts(&history)[2], None);
    assert_eq!(ends(&history)[2], None);
    assert_eq!(history.rows[2].accepted_us, None);
    assert_eq!(history.rows[2].planned_us, Some(0));
}

#[test]
fn case_29_the_horizon_is_inclusive() {
    let mut world = lane(5, 2);
    copies(&mut world, 3, 0, 600);
    for (horizon, outcome) in [(600, Outcome::Available), (599, Outcome::Running)] {
        world.settings.horizon_us = Some(horizon * S);
        let history = run(&world);
        assert_eq!(outcomes(&history), [outcome; 3]);
        assert_eq!(history.end_us, horizon * S);
    }
    let mut world = lane(5, 2);
    copies(&mut world, 1, 10, 600);
    world.settings.horizon_us = Some(5 * S);
    let history = run(&world);
    assert_eq!(history.rows, []);
    assert_eq!(history.end_us, 5 * S);
}

/// A tenth of the case's copies: the twin is slow.
#[test]
fn case_32_zero_length_copies_end() {
    let mut world = lane(5, 2);
    copies(&mut world, 1000, 0, 0);
    let history = run(&world);
    assert_eq!(count(&history, Outcome::Available), 1000);
    assert_eq!(history.end_us, 0);
    assert!(peak(&history) <= 5);
}

#[test]
fn case_38_every_copy_is_refused() {
    let mut world = lane(5, 2);
    for _ in 0..3 {
        world.ops.push(copy_of(Target::Unknown, A, R, 0, 600));
    }
    let history = run(&world);
    assert_eq!(codes(&history), [Some("InvalidImageId.NotFound"); 3]);
    assert_eq!(history.started, []);
    assert_eq!(ends(&history), [None; 3]);
    assert_eq!(history.end_us, 0);
}

#[test]
fn a_drain_holds_the_slot_but_not_name_or_key() {
    let mut world = lane(1, 2);
    world.settings.drain_us = 50 * S;
    copies(&mut world, 2, 0, 600);
    set_name(&mut world.ops[0], 1);
    world.ops.push(cancel(100, Target::ProductOf(0), R));
    world.ops.push(copy_of(Target::Put(0), A, R, 100, 10));
    set_name(&mut world.ops[3], 1);
    let history = run(&world);
    assert_eq!(starts(&history), [Some(0), Some(150), Some(750)]);
    assert_eq!(ends(&history), [Some(100), Some(750), Some(760)]);
    // R1.7: a drain that nobody waits for doesn't lengthen the run.
    world.ops.truncate(3);
    world.ops[1] = copy_of(Target::Put(1), A, R, 0, 600);
    world.caps[A] = 2;
    world.ops.push(cancel(580, Target::ProductOf(1), R));
    assert_eq!(run(&world).end_us, 580 * S);
}

#[test]
fn cancel_settings() {
    let mut world = lane(1, 2);
    copies(&mut world, 2, 0, 600);
    let (running, queued) = (Target::ProductOf(0), Target::ProductOf(1));
    world.ops.push(cancel(300, running, R));
    world.ops.push(cancel(300, queued, R));
    let status = Err("IncorrectImageStatus");
    let not_supported = Err("CancelNotSupported");
    assert_eq!(answers(&run(&world)), [Ok(()), Ok(())]);
    world.settings.cancel_queued_allowed = false;
    assert_eq!(answers(&run(&world)), [Ok(()), status]);
    world.settings.point_of_no_return_millionths = Some(500_001);
    assert_eq!(answers(&run(&world)), [Ok(()), status]);
    world.settings.point_of_no_return_millionths = Some(500_000);
    assert_eq!(answers(&run(&world)), [not_supported, status]);
    world.settings.point_of_no_return_millionths = None;
    world.images[0].cancellable = false;
    world.images[1].cancellable = false;
    assert_eq!(answers(&run(&world)), [not_supported, status]);
    world.settings.cancel_queued_allowed = true;
    assert_eq!(answers(&run(&world)), [not_supported, not_supported]);
}

#[test]
fn after_waits_and_skips_down_the_tree() {
    let mut world = lane(1, 3);
    copies(&mut world, 2, 0, 600);
    for (others, product) in [(vec![0], 0), (vec![0, 1], 1), (vec![2], 2)] {
        let mut op = copy_of(Target::ProductOf(product), R, 2, 0, 10);
        set_after(&mut op, &others, 5);
        world.ops.push(op);
    }
    // The third copy is a product in region S.
    if let Op::Copy { from, to, .. } = &mut world.ops[4] {
        (*from, *to) = (Some(2), Some(A));
    }
    let history = run(&world);
    let want = [0, 600, 605, 1205, 620].map(Some);
    assert_eq!(starts(&history), want);
    assert_eq!(history.rows[4].planned_us, Some(620 * S));
    // R3.3: 2 follows the failure of 0, 3 too, and 4 follows 2.
    set_failure(&mut world.ops[0], 600);
    let history = run(&world);
    let skipped = Outcome::Skipped;
    let want = [Outcome::Failed, Outcome::Available, skipped, skipped, skipped];
    assert_eq!(outcomes(&history), want);
    assert_eq!(history.rows[4].planned_us, None);
    assert_eq!(history.end_us, 1200 * S);
}

#[test]
fn the_state_of_a_source_that_is_a_product() {
    let mut world = lane(1, 3);
    copies(&mut world, 2, 0, 600);
    set_failure(&mut world.ops[1], 100);
    for (of, at) in [(0, 599), (1, 600), (1, 700), (0, 600)] {
        let op = copy_of(Target::ProductOf(of), R, 2, at, 10);
        world.ops.push(op);
    }
    let copying = Some("OperationDenied.ImageCopying");
    let status = Some("IncorrectImageStatus");
    let want = [None, None, copying, copying, status, None];
    assert_eq!(codes(&run(&world)), want);
}

#[test]
fn the_request_lock_is_half_open_and_outlives_the_copy() {
    let mut world = lane(5, 3);
    world.settings.request_lock_us = 100 * S;
    let image = image(&mut world);
    world.ops.push(copy_of(image, A, R, 0, 10));
    for at in [50, 99, 100] {
        world.ops.push(copy_of(image, A, 2, at, 10));
    }
    let conflict = Some("InvalidOperation.Conflict");
    assert_eq!(codes(&run(&world)), [None, conflict, conflict, None]);
}

#[test]
fn a_limit_that_refuses() {
    let mut world = lane(1, 2);
    copies(&mut world, 3, 0, 600);
    // The slot freed at 600 is free for the first of these (R2.5).
    copies(&mut world, 2, 600, 600);
    let limit = Some("ResourceLimitExceeded");
    world.settings.max_queue = Some(0);
    assert_eq!(codes(&run(&world)), [None, limit, limit, None, limit]);
    // The one that waits is promised the slot freed at 600.
    world.settings.max_queue = Some(1);
    assert_eq!(codes(&run(&world)), [None, None, limit, None, limit]);
}

#[test]
fn scopes_hold_other_slots() {
    let mut world = lane(1, 3);
    let (i0, i1, i2) = (image(&mut world), image(&mut world), image(&mut world));
    world.images[2].region = 2;
    world.ops.push(copy_of(i0, A, R, 0, 10));
    world.ops.push(copy_of(i1, A, 2, 0, 10));
    world.ops.push(copy_of(i2, 2, R, 0, 10));
    let of = |scope: Scope, world: &mut World| {
        world.settings.scope = scope;
        starts(&run(world))
    };
    let (t0, t10, t20) = (Some(0), Some(10), Some(20));
    assert_eq!(of(Scope::Source, &mut world), [t0, t10, t0]);
    assert_eq!(of(Scope::Destination, &mut world), [t0, t0, t10]);
    assert_eq!(of(Scope::Both, &mut world), [t0, t10, t20]);
    assert_eq!(of(Scope::Pair, &mut world), [t0, t0, t0]);
    world.pair_caps.push(((A, 2), 0));
    assert_eq!(of(Scope::Pair, &mut world), [t0, None, t0]);
    assert_eq!(run(&world).can_never_start, [1]);
    assert_eq!(run(&world).end_us, 10 * S);
}

#[test]
fn slots_per_account_or_shared() {
    let mut world = lane(1, 2);
    copies(&mut world, 2, 0, 600);
    world.images[1].account = 1;
    if let Op::Copy { account, .. } = &mut world.ops[1] {
        *account = 1;
    }
    assert_eq!(starts(&run(&world)), [Some(0), Some(0)]);
    world.settings.cap_per_account = false;
    assert_eq!(starts(&run(&world)), [Some(0), Some(600)]);
}

#[test]
fn deletes_free_names_and_failures_keep_them() {
    let mut world = lane(5, 2);
    copies(&mut world, 1, 0, 100);
    copies(&mut world, 1, 100, 100);
    world.ops.push(delete(150, Target::ProductOf(0), R));
    copies(&mut world, 1, 150, 100);
    world.ops.push(delete(160, Target::ProductOf(0), R));
    set_failure(&mut world.ops[0], 50);
    for op in [0, 1, 3] {
        set_name(&mut world.ops[op], 1);
    }
    let history = run(&world);
    let duplicated = Some("InvalidImageName.Duplicated");
    assert_eq!(codes(&history), [None, duplicated, None]);
    let gone = Err("InvalidImageId.NotFound");
    assert_eq!(answers(&history), [Ok(()), gone]);
    assert_eq!(outcomes(&history)[0], Outcome::Failed);
}

#[test]
fn cap_changes_keep_a_run_going_only_for_a_waiting_copy() {
    let mut world = lane(0, 2);
    world.cap_changes = vec![(100 * S, A, 0), (900 * S, R, 3)];
    copies(&mut world, 1, 10, 600);
    // No change ever lets it start: the last event is the submit.
    let history = run(&world);
    assert_eq!(history.end_us, 10 * S);
    assert_eq!(history.can_never_start, [0]);
    // One cap rises in the instant in which the other falls: no start either.
    world.settings.scope = Scope::Both;
    world.cap_changes = vec![(100 * S, A, 1), (100 * S, R, 0), (200 * S, A, 0)];
    world.caps[R] = 1;
    assert_eq!(run(&world).end_us, 10 * S);
    world.cap_changes.push((150 * S, R, 1));
    assert_eq!(starts(&run(&world)), [Some(150)]);
    // The start would come after the horizon: still to come.
    world.settings.horizon_us = Some(120 * S);
    let history = run(&world);
    assert_eq!(history.end_us, 120 * S);
    assert!(history.can_never_start.is_empty());
}
