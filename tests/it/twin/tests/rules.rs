//! The twin's answers rule by rule.

use super::*;

#[test]
fn a_drain_holds_the_slot_but_not_name_or_key() {
    let mut world = lane(1, 2);
    world.settings.drain_us = 50 * S;
    copies(&mut world, 2, 0, 600);
    call(&mut world, 0).name = Some("name1");
    world.ops.push(cancel(100, Target::ProductOf(0), R));
    add(&mut world, copy_of(Target::Put(0), A, R, 100, 10));
    call(&mut world, 3).name = Some("name1");
    let history = run(&world);
    assert_eq!(starts(&history), [Some(0), Some(150), Some(750)]);
    assert_eq!(ends(&history), [Some(100), Some(750), Some(760)]);
    // R1.7: a drain that nobody waits for doesn't lengthen the run.
    world.ops.truncate(3);
    *call(&mut world, 1) = copy_of(Target::Put(1), A, R, 0, 600);
    world.regions[A].cap = 2;
    world.ops.push(cancel(580, Target::ProductOf(1), R));
    assert_eq!(run(&world).end_us, 580 * S);
}

#[test]
fn orders_of_the_queue() {
    let mut world = lane(1, 2);
    copies(&mut world, 4, 0, 100);
    for (op, priority, size) in
        [(0, None, Some(3)), (1, Some(5), None), (2, Some(-1), Some(1)), (3, Some(5), Some(3))]
    {
        call(&mut world, op).priority = priority;
        world.images[op].size_bytes = size;
    }
    for (queue, expected) in [
        (Queue::Fifo, [0, 100, 200, 300]),
        (Queue::Priority, [100, 200, 0, 300]),
        (Queue::ShortestFirst, [100, 300, 0, 200]),
    ] {
        world.settings.queue = queue;
        assert_eq!(starts(&run(&world)), expected.map(Some), "{queue:?}");
    }
}

#[test]
fn head_of_line_blocking() {
    let mut world = lane(2, 3);
    world.settings.scope = Scope::Both;
    world.regions[R].cap = 1;
    copies(&mut world, 3, 0, 100);
    call(&mut world, 2).to = Some(Place::Region(2));
    for (is_blocking, expected) in [(false, [0, 100, 0]), (true, [0, 100, 100])] {
        world.settings.head_of_line_blocking = is_blocking;
        assert_eq!(starts(&run(&world)), expected.map(Some));
    }
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
        let product = copy_of(Target::ProductOf(product), R, 2, 0, 10);
        add(&mut world, CopyCall { at: None, after: others, delay: 5 * S, ..product });
    }
    // The third copy is a product in region S.
    (call(&mut world, 4).from, call(&mut world, 4).to) = (Place::Region(2), Some(Place::Region(A)));
    let history = run(&world);
    let want = [0, 600, 605, 1205, 620].map(Some);
    assert_eq!(starts(&history), want);
    assert_eq!(history.rows[4].planned_us, Some(620 * S));
    // R3.3: 2 follows the failure of 0, 3 too, and 4 follows 2.
    call(&mut world, 0).fail_after_us = Some(600 * S);
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
    call(&mut world, 1).fail_after_us = Some(100 * S);
    for (of, at) in [(0, 599), (1, 600), (1, 700), (0, 600)] {
        add(&mut world, copy_of(Target::ProductOf(of), R, 2, at, 10));
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
    add(&mut world, copy_of(image, A, R, 0, 10));
    for at in [50, 99, 100] {
        add(&mut world, copy_of(image, A, 2, at, 10));
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
    add(&mut world, copy_of(i0, A, R, 0, 10));
    add(&mut world, copy_of(i1, A, 2, 0, 10));
    add(&mut world, copy_of(i2, 2, R, 0, 10));
    let of = |scope: Scope, world: &mut World| {
        world.settings.scope = scope;
        starts(&run(world))
    };
    let (t0, t10, t20) = (Some(0), Some(10), Some(20));
    assert_eq!(of(Scope::Source, &mut world), [t0, t10, t0]);
    assert_eq!(of(Scope::Destination, &mut world), [t0, t0, t10]);
    assert_eq!(of(Scope::Both, &mut world), [t0, t10, t20]);
    assert_eq!(of(Scope::Pair, &mut world), [t0, t0, t0]);
    world.links.push(Link { from: A, to: 2, cap: Some(0), is_forbidden: false });
    assert_eq!(of(Scope::Pair, &mut world), [t0, None, t0]);
    assert_eq!(run(&world).can_never_start, [1]);
    assert_eq!(run(&world).end_us, 10 * S);
}

#[test]
fn slots_per_account_or_shared() {
    let mut world = lane(1, 2);
    copies(&mut world, 2, 0, 600);
    world.images[1].account = 1;
    call(&mut world, 1).account = Some(1);
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
    call(&mut world, 0).fail_after_us = Some(50 * S);
    for op in [0, 1, 3] {
        call(&mut world, op).name = Some("name1");
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
    world.regions[R].cap = 1;
    assert_eq!(run(&world).end_us, 10 * S);
    world.cap_changes.push((150 * S, R, 1));
    assert_eq!(starts(&run(&world)), [Some(150)]);
    // The start would come after the horizon: still to come.
    world.settings.horizon_us = Some(120 * S);
    let history = run(&world);
    assert_eq!(history.end_us, 120 * S);
    assert!(history.can_never_start.is_empty());
}
