//! The twin's answers to the field cases.

use super::*;

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
        call(&mut world, number - 1).fail_after_us = Some(300 * S);
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
        add(&mut world, copy_of(image, A, to, 0, 600));
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
        add(&mut world, copy_of(i1, A, R, 0, 600));
        add(&mut world, copy_of(i2, A, R, second_at, 600));
        add(&mut world, copy_of(i2, A, 2, 700, 600));
        (0..3).for_each(|op| call(&mut world, op).name = Some("name1"));
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
    add(&mut world, copy_of(image, A, A, 0, 600));
    let refused = run(&world);
    assert_eq!(codes(&refused), [Some("IncorrectDestinationRegion")]);
    world.settings.same_region_plain_allowed = true;
    assert_eq!(starts(&run(&world)), [Some(0)]);
    world.settings.same_region_plain_allowed = false;
    call(&mut world, 0).encrypted = Some(true);
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
        add(&mut world, copy_of(image, A, R, 0, 600));
        add(&mut world, copy_of(image, A, R, at, 600));
        call(&mut world, 1).name = Some("name1");
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
    call(&mut world, 1).name = Some("name7");
    call(&mut world, 2).name = Some("name7");
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
        add(&mut world, copy_of(Target::Unknown, A, R, 0, 600));
    }
    let history = run(&world);
    assert_eq!(codes(&history), [Some("InvalidImageId.NotFound"); 3]);
    assert_eq!(history.started, []);
    assert_eq!(ends(&history), [None; 3]);
    assert_eq!(history.end_us, 0);
}
