//! The twin's answers to the rules of calls: limits, tokens, dry runs, quotas, who owns what, and their order.

use super::*;

/// A copy of this image from A to R at a second, for ten seconds, with the conflict key off.
fn small(image: Target, at: u64) -> CopyCall {
    copy_of(image, A, R, at, 10)
}

fn free_lane() -> World {
    let mut world = lane(9, 3);
    world.settings.conflict_key = ConflictKey::Off;
    world
}

#[test]
fn r7_2_windows_are_of_the_clock_and_all_calls_with_an_account_count() {
    let mut world = free_lane();
    world.settings.rate_limit = Some(2);
    let image = image(&mut world);
    add(&mut world, CopyCall { account: None, ..small(image, 58) });
    // Refused, and counted.
    add(&mut world, small(Target::Unknown, 58));
    add(&mut world, CopyCall { is_dry_run: true, ..small(image, 59) });
    add(&mut world, small(image, 59));
    add(&mut world, CopyCall { account: Some(1), ..small(image, 59) });
    add(&mut world, CopyCall { from: Place::Region(R), ..small(image, 59) });
    add(&mut world, small(image, 60));
    let (over, unknown) = (Some("Throttling.User"), Some("InvalidImageId.NotFound"));
    let want = [
        Some("InvalidAliUid.IsNull"),
        unknown,
        Some("DryRunOperation"),
        over,
        // Of another account and of another region.
        unknown,
        unknown,
        None,
    ];
    assert_eq!(codes(&run(&world)), want);
}

#[test]
fn r7_3_a_token_gives_the_first_answer_again_in_its_life() {
    let mut world = free_lane();
    world.settings.token_life_us = 100 * S;
    let image = image(&mut world);
    let call = CopyCall { token: Some("t"), ..small(image, 0) };
    // A refusal binds nothing.
    add(&mut world, CopyCall { name: Some("1"), ..call.clone() });
    for at in [0, 5, 99, 100] {
        add(&mut world, CopyCall { at: Some(at * S), ..call.clone() });
    }
    add(&mut world, CopyCall { token: Some("T"), at: Some(5 * S), ..call.clone() });
    let history = run(&world);
    let replays: Vec<Option<usize>> = history.rows.iter().map(|row| row.replays).collect();
    assert_eq!(replays, [None, None, Some(1), Some(1), None, None]);
    assert_eq!(count(&history, Outcome::Available), 3);
    // A replay has no copy of its own.
    assert_eq!((history.rows[2].planned_us, history.rows[2].accepted_us), (Some(5 * S), None));
}

#[test]
fn r7_3_other_parameters_with_a_bound_token_are_a_mismatch() {
    let mut world = free_lane();
    let image = image(&mut world);
    let call = CopyCall { token: Some("t"), ..small(image, 0) };
    add(&mut world, call.clone());
    for (other, is_equal) in [
        (CopyCall { name: Some("name1"), ..call.clone() }, false),
        (CopyCall { encrypted: Some(false), ..call.clone() }, false),
        (CopyCall { to: Some(Place::Region(2)), ..call.clone() }, false),
        (CopyCall { image: Target::Unknown, ..call.clone() }, false),
        // Not what a call asks for.
        (CopyCall { duration_us: 0, cancellable: false, ..call.clone() }, true),
    ] {
        world.ops.truncate(1);
        add(&mut world, other);
        let history = run(&world);
        let want = if is_equal { None } else { Some("IdempotentParameterMismatch") };
        assert_eq!(history.rows[1].code, want);
        assert_eq!(history.rows[1].replays, is_equal.then_some(0));
    }
    // R7.6: that destination is in effect, but absent is absent.
    world.ops.clear();
    world.settings.same_region_plain_allowed = true;
    add(&mut world, CopyCall { to: None, ..call.clone() });
    add(&mut world, CopyCall { to: Some(Place::Region(A)), ..call });
    assert_eq!(codes(&run(&world)), [None, Some("IdempotentParameterMismatch")]);
}

#[test]
fn r7_3_what_names_a_replayed_request_follows_the_first_copy() {
    let mut world = free_lane();
    let image = image(&mut world);
    let call = CopyCall { token: Some("t"), ..small(image, 0) };
    add(&mut world, call.clone());
    let again = add(&mut world, CopyCall { at: Some(5 * S), ..call.clone() });
    let late = add(&mut world, CopyCall { at: Some(50 * S), ..call });
    for of in [again, late] {
        let next = copy_of(Target::ProductOf(of), R, 2, 0, 10);
        add(&mut world, CopyCall { at: None, after: vec![of], delay: S, ..next });
    }
    let followers = |world: &World| starts(&run(world))[3..].to_vec();
    // The copy ends at 10 s, and the second client is told of that at 50 s.
    assert_eq!(followers(&world), [Some(11), Some(51)]);
    world.ops.push(cancel(7, Target::ProductOf(again), R));
    let history = run(&world);
    assert_eq!(outcomes(&history)[0], Outcome::CancelledRunning);
    assert_eq!(outcomes(&history)[3..], [Outcome::Skipped; 2]);
    // An image that is no longer there is never noticed as Available.
    world.ops.pop();
    world.ops.push(delete(40, Target::ProductOf(again), R));
    assert_eq!(followers(&world), [Some(11), None]);
    assert_eq!(outcomes(&run(&world))[4], Outcome::Skipped);
}

#[test]
fn r7_4_a_dry_run_leaves_nothing_behind() {
    let mut world = lane(9, 3);
    let image = image(&mut world);
    let call = CopyCall { token: Some("t"), name: Some("name1"), ..small(image, 0) };
    add(&mut world, CopyCall { is_dry_run: true, ..call.clone() });
    add(&mut world, call.clone());
    // It doesn't read its token either, and meets what the real call would.
    add(&mut world, CopyCall { is_dry_run: true, ..call });
    let follower = add(&mut world, CopyCall { after: vec![0], ..small(image, 0) });
    let history = run(&world);
    let want = [Some("DryRunOperation"), None, Some("InvalidImageName.Duplicated"), None];
    assert_eq!(codes(&history), want);
    assert_eq!(outcomes(&history)[0], Outcome::DryRun);
    assert_eq!(outcomes(&history)[follower], Outcome::Skipped);
}

#[test]
fn r7_7_quotas_are_used_from_acceptance_until_a_cancel_or_delete() {
    let mut world = free_lane();
    let image = image(&mut world);
    world.images[0].disks = 2;
    add(&mut world, small(image, 0));
    call(&mut world, 0).fail_after_us = Some(5 * S);
    add(&mut world, small(image, 20));
    let second = |world: &World| run(world).rows[1].code;
    // A failure gives nothing back.
    world.settings.images_quota = Some(1);
    assert_eq!(second(&world), Some("QuotaExceed.Image"));
    world.settings.snapshots_quota = Some(3);
    assert_eq!(second(&world), Some("QuotaExceed.Image"));
    world.regions[R].images_quota = Some(9);
    assert_eq!(second(&world), Some("QuotaExceed.Snapshot"));
    // A delete leaves the snapshots (R5.4).
    world.regions[R].images_quota = None;
    world.ops.push(delete(15, Target::ProductOf(0), R));
    assert_eq!(second(&world), Some("QuotaExceed.Snapshot"));
    world.settings.snapshots_quota = Some(4);
    assert_eq!(second(&world), None);
    // A cancel gives both back (R5.3).
    world.settings.snapshots_quota = Some(2);
    world.ops[2] = cancel(4, Target::ProductOf(0), R);
    assert_eq!(second(&world), None);
    // An image that is put there counts; its snapshots don't.
    world.images.push(PutImage { disks: 9, ..PutImage::of(0, R) });
    assert_eq!(codes(&run(&world)), [Some("QuotaExceed.Image"); 2]);
    world.settings.images_quota = Some(2);
    assert_eq!(second(&world), None);
}

#[test]
fn r6_1_conflicts_and_locks_are_of_the_image_whoever_asks() {
    let mut world = lane(9, 2);
    let image = image(&mut world);
    world.images[0].shared_with = vec![1];
    world.settings.same_region_plain_allowed = true;
    let own = copy_of(image, A, A, 0, 10);
    let other = CopyCall { account: Some(1), ..copy_of(image, A, A, 5, 10) };
    add(&mut world, own);
    add(&mut world, other.clone());
    let second = |world: &World| run(world).rows[1].code;
    assert_eq!(second(&world), Some("OperationDenied.ImageCopyConflict"));
    world.settings.request_lock_us = 6 * S;
    assert_eq!(second(&world), Some("InvalidOperation.Conflict"));
    // It is shared within its region, even plain copies of it, and only for copies.
    world.settings.same_region_plain_allowed = false;
    call(&mut world, 0).encrypted = Some(true);
    assert_eq!(second(&world), Some("InvalidOperation.Conflict"));
    call(&mut world, 1).to = Some(Place::Region(R));
    assert_eq!(second(&world), Some("OperationDenied.SameRegionOnly"));
    for op in [Op::Cancel as fn(TargetCall) -> Op, Op::Delete] {
        world.ops.push(op(TargetCall { account: 1, ..target_call(100, image, A) }));
    }
    assert_eq!(answers(&run(&world)), [Err("InvalidImageId.NotFound"); 2]);
}

#[test]
fn r1_9_spans_of_accounts_images_and_faults_are_half_open() {
    let asked_at = |world: &World, image: Target| {
        let mut world = world.clone();
        for at in [9, 10, 19, 20] {
            add(&mut world, small(image, at));
        }
        codes(&run(&world))
    };
    let span = Span { from: 10 * S, until: Some(20 * S) };
    let mut world = free_lane();
    let image = image(&mut world);
    world.accounts[0].overdue = vec![span];
    let overdue = Some("Account.Arrearage");
    assert_eq!(asked_at(&world, image), [None, overdue, overdue, None]);
    world.images[0].status_changes = vec![(10 * S, Status::Deprecated), (20 * S, Status::Available)];
    world.accounts[0].overdue.clear();
    let status = Some("IncorrectImageStatus");
    assert_eq!(asked_at(&world, image), [None, status, status, None]);
    world.images[0].status_changes.clear();
    world.faults.push(Fault { of_cancels: false, region: Some(A), span });
    let fault = Some("InternalError");
    assert_eq!(asked_at(&world, image), [None, fault, fault, None]);
}

/// One call to which a row of each stage applies: with the reasons taken away one after the other, the rows
/// answer in the order of the table.
#[test]
fn r7_1_the_stages_answer_in_the_order_of_the_table() {
    let mut world = lane(1, 2);
    let image = image(&mut world);
    world.settings.rate_limit = Some(1);
    // The image that is put there and the first copy.
    world.settings.images_quota = Some(2);
    world.settings.max_queue = Some(0);
    world.accounts[0].overdue = vec![Span { from: S, until: None }];
    world.accounts[0].default_encryption = vec![A];
    world.images[0].status_changes = vec![(S, Status::UnAvailable)];
    world.faults = vec![Fault { of_cancels: false, region: None, span: Span { from: S, until: None } }];
    let first = CopyCall { token: Some("t"), encrypted: Some(true), ..copy_of(image, A, A, 0, 90) };
    add(&mut world, first.clone());
    world.images[0].name = Some("name1");
    let at = Some(S);
    let (name, to) = (Some("?"), Some(Place::Unknown));
    let second = CopyCall { at, name, to, account: None, is_dry_run: false, encrypted: None, ..first };
    add(&mut world, second);
    type Way<'a> = (&'a str, fn(&mut World));
    let ways: [Way; 13] = [
        ("InvalidAliUid.IsNull", |world| call(world, 1).account = Some(0)),
        ("Throttling.User", |world| world.settings.rate_limit = None),
        ("InvalidImageName.Malformed", |world| call(world, 1).name = Some("name1")),
        ("IdempotentParameterMismatch", |world| call(world, 1).is_dry_run = true),
        ("Account.Arrearage", |world| world.accounts[0].overdue.clear()),
        ("DestinationRegion.NotFound", |world| call(world, 1).to = Some(Place::Region(A))),
        ("InvalidEncrypted.NotMatchDiskDefaultEncryption", |world| world.accounts[0] = Account::sound()),
        ("IncorrectDestinationRegion", |world| world.settings.same_region_plain_allowed = true),
        ("IncorrectImageStatus", |world| world.images[0].status_changes.clear()),
        ("InvalidImageName.Duplicated", |world| {
            world.images[0].name = None;
            world.settings.conflict_key = ConflictKey::Off;
        }),
        ("QuotaExceed.Image", |world| world.settings.images_quota = None),
        ("ResourceLimitExceeded", |world| world.settings.max_queue = None),
        ("InternalError", |world| world.faults.clear()),
    ];
    for (code, take_away) in ways {
        assert_eq!(run(&world).rows[1].code, Some(code));
        take_away(&mut world);
    }
    assert_eq!(run(&world).rows[1].outcome, Outcome::DryRun);
}

#[test]
fn r7_5_names() {
    let (longest, too_long) = ("n".repeat(128), "n".repeat(129));
    for name in ["n1", "镜像", "é.:_-9", "http:name", "acs", longest.as_str()] {
        assert!(is_well_formed(name), "{name}");
    }
    for name in ["n", "1n", "_n", "acs:n", "aliyun", "n n", "n/n", "n!", "nhttps://n", too_long.as_str()] {
        assert!(!is_well_formed(name), "{name}");
    }
}
