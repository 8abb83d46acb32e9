//! Checks against sums done by hand, and against sorted values.

use super::*;
use crate::records::{CopyRecord, Outcome, SlotLevels, SlotSet};
use crate::time::SimTime;

fn at(micros: u64) -> SimTime {
    SimTime::from_micros(micros).unwrap()
}

/// A check of everything.
fn check(metric: Metric, statistic: Statistic, limits: Limits) -> Check {
    Check { metric, statistic, scope: Scope::ALL, limits }
}

fn percentile(text: &str) -> Statistic {
    Statistic::Percentile(Percentile::parse(text).unwrap())
}

const fn at_most(limit: u128) -> Limits {
    Limits { min: None, max: Some(limit), equals: None }
}

const fn at_least(limit: u128) -> Limits {
    Limits { min: Some(limit), max: None, equals: None }
}

const fn exactly(limit: u128) -> Limits {
    Limits { min: None, max: None, equals: Some(limit) }
}

/// A copy of request `entry` that waited so long and was Available at once.
fn waited(entry: u32, number: u64, micros: u64) -> CopyRecord {
    let key = RequestKey::new(entry, number).unwrap();
    CopyRecord {
        from: Some(RegionId(0)),
        to: Some(RegionId(1)),
        planned: Some(SimTime::ZERO),
        accepted: Some(SimTime::ZERO),
        start: Some(at(micros)),
        end: Some(at(micros)),
        ..CopyRecord::new(key, Outcome::Available)
    }
}

const SETTINGS: CheckSettings = CheckSettings { warm_up: SimTime::ZERO, exact_limit: 10 };

/// The verdicts on records that close as they end, or at the end of the run.
fn verdicts_on(checks: Vec<Check>, records: &[CopyRecord], settings: CheckSettings) -> Vec<Verdict> {
    let end = records.iter().filter_map(|record| record.end).max().unwrap_or(at(1_000_000));
    let mut tally = CheckTally::new(checks, settings);
    tally.begin(&[]);
    for record in records {
        let facts = || CallFacts {
            account: Some(AccountId(record.key.entry())),
            image: format!("web-{}", record.key.number() + 1).into(),
            from: record.from,
            to: record.to,
        };
        tally.add(record, record.end.unwrap_or(end), true, facts, || None);
    }
    tally.finish(end);
    tally.verdicts(0)
}

fn verdict_on_waits(statistic: Statistic, limits: Limits, waits: &[u64]) -> Verdict {
    let records: Vec<CopyRecord> = (0..).zip(waits).map(|(number, wait)| waited(0, number, *wait)).collect();
    let checks = vec![check(Metric::Wait, statistic, limits)];
    verdicts_on(checks, &records, SETTINGS).remove(0)
}

#[test]
fn field_case_40_percentiles_are_decided_by_counting() {
    let long = [vec![1; 1000], vec![10_000_000]].concat();
    let short = [vec![1; 99], vec![10_000_000]].concat();
    let first = |n: u64| (1..=n).collect::<Vec<u64>>();
    for (values, text, expected) in [
        (vec![1, 2, 2, 2, 2], "p20", 1),
        (vec![1, 2, 2, 2, 2], "p25", 2),
        (vec![1, 2], "p50", 1),
        (vec![1, 2], "p51", 2),
        (long.clone(), "p99", 1),
        (long, "p100", 10_000_000),
        (short, "p99", 1),
        (first(100), "p55", 55),
        (first(100), "p7", 7),
        (first(50), "p14", 7),
        (first(1000), "p99.9", 999),
    ] {
        let passes = |limits| verdict_on_waits(percentile(text), limits, &values).passed;
        assert!(
            passes(exactly(expected)) && passes(at_most(expected)) && passes(at_least(expected)),
            "{text}"
        );
        assert!(!passes(at_most(expected - 1)) && !passes(at_least(expected + 1)), "{text}");
    }
}

#[test]
fn r9_8_buckets_decide_nothing() {
    // The first hundred are in one bucket of 3 digits, from 1220 to 1221 x 8192, whose last value is this.
    let waits = |micros| [vec![10_000_000; 99], vec![micros, 20_000_000]].concat();
    let bucket = 10_002_431;
    let upper = verdict_on_waits(percentile("p99"), at_most(20_000_000), &waits(10_000_000));
    assert_eq!((upper.observed, upper.is_approximate), (Some(bucket), true), "the edge of the bucket");
    let (p98, p99) = (percentile("p98"), percentile("p99"));
    for (statistic, limits, passed, observed) in [
        // Rank 99 of 101 is 10 s, rank 100 is one microsecond more.
        (p98, at_most(10_000_000), true, 10_000_000),
        (p99, at_most(10_000_000), false, bucket),
        (p99, at_most(10_000_001), true, 10_000_001),
        (p98, at_least(10_000_001), false, 10_000_000),
        (p99, at_least(10_000_001), true, bucket),
        (p98, exactly(10_000_000), true, 10_000_000),
        (p99, exactly(10_000_000), false, bucket),
        (p99, exactly(10_000_002), false, 10_000_001),
    ] {
        let verdict = verdict_on_waits(statistic, limits, &waits(10_000_001));
        assert_eq!((verdict.passed, verdict.observed), (passed, Some(observed)), "{statistic} {limits:?}");
        assert!(verdict.is_approximate);
    }
}

#[test]
fn means_are_decided_by_their_sums() {
    // 4/3 and 5/3: what is rounded to a limit is shown on its own side of it.
    for (waits, limits, passed, observed) in [
        ([1, 1, 2], at_most(1), false, 2),
        ([1, 1, 2], at_least(1), true, 1),
        ([1, 2, 2], at_most(2), true, 2),
        ([1, 2, 2], at_least(2), false, 1),
        ([1, 2, 2], exactly(2), false, 1),
        ([1, 1, 2], exactly(1), false, 2),
        ([1, 2, 3], exactly(2), true, 2),
    ] {
        let verdict = verdict_on_waits(Statistic::Mean, limits, &waits);
        assert_eq!((verdict.passed, verdict.observed), (passed, Some(observed)), "{waits:?} {limits:?}");
        assert!(!verdict.is_approximate);
    }
}

/// What is shown always agrees with the verdict, and the verdict with the sorted values.
#[test]
fn r9_8_verdicts_agree_with_sorted_values_and_with_what_is_shown() {
    let mut state = 1_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for round in 0..400 {
        let n = 1 + draw(40);
        let spread = [5, 3000, 50_000][usize::try_from(round % 3).unwrap()];
        let mut waits: Vec<u64> = (0..n).map(|_| 10_000_000 + draw(spread)).collect();
        let limit = 10_000_000 + draw(spread);
        let asked = Percentile::new(u32::try_from(draw(1_000_001)).unwrap()).unwrap();
        let limits = [at_most, at_least, exactly].map(|limits| limits(u128::from(limit)));
        let verdicts = limits.map(|limits| verdict_on_waits(Statistic::Percentile(asked), limits, &waits));
        waits.sort_unstable();
        let value = waits[usize::try_from(asked.rank(n) - 1).unwrap()];
        let expected = [value <= limit, value >= limit, value == limit];
        assert_eq!(verdicts.clone().map(|verdict| verdict.passed), expected, "{asked} of {waits:?}");
        let shown = verdicts.map(|verdict| verdict.observed.unwrap());
        let limit = u128::from(limit);
        assert_eq!([shown[0] <= limit, shown[1] >= limit, shown[2] == limit], expected, "{shown:?}");
    }
}

#[test]
fn r9_6_shares_count_values_up_to_a_limit() {
    let within = |micros| Statistic::ShareWithin(SimDuration::from_micros(micros).unwrap());
    let waits: Vec<u64> = (1..=30).collect();
    let passes = |statistic, limits| verdict_on_waits(statistic, limits, &waits).passed;
    // 10 of 30: a third is above 0.333333 and below 0.333334.
    assert!(passes(within(10), at_least(333_333)) && !passes(within(10), at_least(333_334)));
    assert!(passes(within(10), at_most(333_334)) && !passes(within(10), at_most(333_333)));
    assert_eq!(verdict_on_waits(within(10), at_most(333_333), &waits).observed, Some(333_334));
    assert!(passes(within(30), exactly(1_000_000)) && passes(within(0), exactly(0)));
}

#[test]
fn r9_7_a_statistic_of_nothing_is_no_data_and_not_passed() {
    let refused = CopyRecord {
        planned: Some(SimTime::ZERO),
        ..CopyRecord::new(RequestKey::from_rank(0), Outcome::Refused)
    };
    let within = Statistic::ShareWithin(SimDuration::MAX);
    let statistics = [Statistic::Min, Statistic::Mean, Statistic::Max, percentile("p95"), within];
    let on = |metric, statistic, limits| {
        verdicts_on(vec![check(metric, statistic, limits)], &[refused], SETTINGS).remove(0)
    };
    let everything = Limits { min: Some(0), max: Some(u128::MAX), equals: None };
    for statistic in statistics {
        for metric in [Metric::Wait, Metric::Waited, Metric::Copy, Metric::Total, Metric::Lead] {
            let verdict = on(metric, statistic, everything);
            assert_eq!((verdict.passed, verdict.observed), (false, None), "{metric:?} {statistic}");
            assert_eq!(verdict.worst, None);
        }
    }
    let counted = on(Metric::Wait, Statistic::Count, exactly(0));
    assert_eq!((counted.passed, counted.observed), (true, Some(0)), "a count of nothing is 0");
    assert_eq!(on(Metric::Makespan, Statistic::Value, everything).observed, None);
    assert_eq!(on(Metric::QueueLength, Statistic::Max, everything).observed, None, "no slots");
    assert_eq!(on(Metric::Utilisation, Statistic::Mean, everything).observed, None);
    assert_eq!(on(Metric::Available, Statistic::Count, at_least(1_000_000)).observed, Some(0));
    assert_eq!(on(Metric::Refused, Statistic::Share, exactly(1_000_000)).observed, Some(1_000_000));
    let none = verdicts_on(vec![check(Metric::Refused, Statistic::Share, everything)], &[], SETTINGS);
    assert_eq!(none[0].observed, None, "a share of nothing");
}

#[test]
fn r9_3_a_makespan_goes_from_the_first_planned_to_the_last_end() {
    let late = CopyRecord { planned: Some(at(5)), ..waited(0, 0, 40) };
    let early = CopyRecord { planned: Some(at(2)), ..waited(0, 1, 30) };
    let failed = CopyRecord { outcome: Outcome::Failed, ..waited(0, 2, 90) };
    let failed = CopyRecord { planned: Some(at(9)), ..failed };
    let whole = || check(Metric::Makespan, Statistic::Value, exactly(38));
    let on = |records: &[CopyRecord]| verdicts_on(vec![whole()], records, SETTINGS).remove(0);
    let verdict = on(&[early, late, failed]);
    assert_eq!((verdict.passed, verdict.observed), (true, Some(38)), "from 2 to 40, and a failure is no end");
    assert_eq!(verdict.worst.map(|worst| (worst.key, worst.value.micros())), Some((late.key, 40)));
    let unfinished = CopyRecord { end: None, start: None, outcome: Outcome::Waiting, ..waited(0, 3, 0) };
    assert_eq!(on(&[early, late, unfinished]).observed, None);
    // Of a request that lists three copies only two were planned.
    let listed = |count| Check { scope: Scope { listed: Some(count), ..Scope::ALL }, ..whole() };
    let verdicts = verdicts_on(vec![listed(2), listed(3)], &[early, late], SETTINGS);
    assert_eq!([verdicts[0].passed, verdicts[1].passed], [true, false]);
    let mut tally = CheckTally::new([whole()], SETTINGS);
    tally.add(&late, at(40), true, CallFacts::default, || None);
    tally.finish(at(40));
    assert!(tally.verdicts(1)[0].observed.is_none(), "a copy is still to be planned");
}

#[test]
fn every_part_of_a_scope_must_hold() {
    let only = |region| Among::Only(BTreeSet::from([RegionId(region)]));
    let image = |name: &str, count| Some(ImageScope { name: name.to_owned(), count });
    // Two requests of three copies each, from region 0 to region 1, of accounts 0 and 1 and images web-1 to web-3.
    let records: Vec<CopyRecord> =
        [0, 1].iter().flat_map(|entry| (0..3).map(|number| waited(*entry, number, 1))).collect();
    for (scope, expected) in [
        (Scope::ALL, 6),
        (Scope { entry: Some(1), ..Scope::ALL }, 3),
        (Scope { from: only(0), ..Scope::ALL }, 6),
        (Scope { from: only(1), ..Scope::ALL }, 0),
        (Scope { to: only(1), entry: Some(0), ..Scope::ALL }, 3),
        (Scope { account: Some(AccountId(1)), ..Scope::ALL }, 3),
        (Scope { account: Some(AccountId(1)), entry: Some(0), ..Scope::ALL }, 0),
        (Scope { image: image("web-2", None), ..Scope::ALL }, 2),
        (Scope { image: image("web", Some(2)), ..Scope::ALL }, 4),
        (Scope { image: image("web", None), ..Scope::ALL }, 0),
        (Scope { image: image("we", Some(3)), ..Scope::ALL }, 0),
    ] {
        let count = Check { scope, ..check(Metric::Planned, Statistic::Count, exactly(0)) };
        let verdict = verdicts_on(vec![count.clone()], &records, SETTINGS).remove(0);
        assert_eq!(verdict.observed, Some(expected * 1_000_000), "{:?}", count.scope);
    }
    let none = CopyRecord { from: None, ..waited(0, 0, 1) };
    let from = Check {
        scope: Scope { from: only(0), ..Scope::ALL },
        ..check(Metric::Planned, Statistic::Count, exactly(0))
    };
    assert!(verdicts_on(vec![from], &[none], SETTINGS)[0].passed, "of an unknown region it is none");
}

#[test]
fn the_worst_copy_is_named_where_large_values_are_bounded() {
    let records = [waited(0, 0, 3), waited(0, 1, 9), waited(0, 2, 9), waited(0, 3, 5)];
    let within = Statistic::ShareWithin(SimDuration::ZERO);
    for (statistic, limits, is_named) in [
        (Statistic::Max, at_most(1), true),
        (percentile("p50"), at_most(1), true),
        (Statistic::Mean, exactly(1), true),
        (within, at_least(1), true),
        (within, at_most(1), false),
        (Statistic::Max, at_least(1), false),
        (Statistic::Min, at_most(1), false),
        (Statistic::Count, at_most(1), false),
    ] {
        let verdict = verdicts_on(vec![check(Metric::Wait, statistic, limits)], &records, SETTINGS).remove(0);
        let named = verdict.worst.map(|worst| (worst.key.number(), worst.value.micros()));
        assert_eq!(named, is_named.then_some((1, 9)), "{statistic} {limits:?}: the first of equal ones");
    }
}

/// Cap 2 and 3. Held: 2 on [0, 10), 5 on [10, 20), 1 on [20, 40]. Waiting: 0, 4, 0.
#[test]
fn r9_4_levels_are_averaged_over_time_and_added_up_over_slots() {
    let key = |region| SlotKey { account: None, place: SlotPlace::Region(RegionId(region)) };
    let slots = [(key(0), 2), (key(1), 3)];
    let on = |scope: Option<SlotScope>, warm_up: u64, metric, statistic| {
        let scope = Scope { slots: scope, ..Scope::ALL };
        let check = Check { scope, ..check(metric, statistic, at_most(0)) };
        let settings = CheckSettings { warm_up: at(warm_up), ..SETTINGS };
        let mut tally = CheckTally::new([check], settings);
        tally.begin(&slots);
        for (time, slot, held, waiting, cap) in
            [(0, 0, 2, 0, 2), (10, 0, 2, 1, 2), (10, 1, 3, 3, 3), (20, 0, 0, 0, 2), (20, 1, 1, 0, 3)]
        {
            tally.levels(at(time), slot, SlotLevels { held, waiting, cap, draining: 0 });
        }
        for slot in 0..2 {
            let asked = CopyRecord { slots: SlotSet([Some(slot), None]), ..waited(0, 0, 1) };
            tally.add(&asked, at(40), true, CallFacts::default, || None);
        }
        tally.finish(at(40));
        tally.verdicts(0)[0].observed
    };
    let first = || Some(SlotScope::Regions(BTreeSet::from([RegionId(0)])));
    // (2 x 10 + 5 x 10 + 1 x 20) / 40, and / (5 x 40) of the cap.
    assert_eq!(on(None, 0, Metric::SlotsInUse, Statistic::Mean), Some(2_250_000));
    assert_eq!(on(None, 0, Metric::Utilisation, Statistic::Mean), Some(450_000));
    assert_eq!(on(None, 0, Metric::SlotsInUse, Statistic::Max), Some(5_000_000));
    assert_eq!(on(None, 0, Metric::SlotsInUse, Statistic::Min), Some(1_000_000));
    assert_eq!(on(None, 0, Metric::QueueLength, Statistic::Mean), Some(1_000_000));
    assert_eq!(on(None, 0, Metric::QueueLength, Statistic::Max), Some(4_000_000));
    assert_eq!(on(first(), 0, Metric::QueueLength, Statistic::Max), Some(1_000_000));
    assert_eq!(on(first(), 0, Metric::Utilisation, Statistic::Mean), Some(500_000));
    // From 20 on nobody waits and one slot is held.
    assert_eq!(on(None, 20, Metric::QueueLength, Statistic::Max), Some(0));
    assert_eq!(on(None, 20, Metric::SlotsInUse, Statistic::Mean), Some(1_000_000));
    assert_eq!(on(None, 41, Metric::SlotsInUse, Statistic::Max), None, "the run is over before");
    let none = Some(SlotScope::Regions(BTreeSet::from([RegionId(7)])));
    assert_eq!(on(none, 0, Metric::QueueLength, Statistic::Mean), None, "no such slots");
    let pair = Some(SlotScope::Pairs(vec![(BTreeSet::from([RegionId(0)]), BTreeSet::from([RegionId(1)]))]));
    assert_eq!(on(pair, 0, Metric::QueueLength, Statistic::Mean), None, "these are no pairs");
}

#[test]
fn r9_4_the_warm_up_holds_for_checks_too() {
    let settings = CheckSettings { warm_up: at(10), ..SETTINGS };
    let of = |metric| check(metric, Statistic::Value, at_most(0));
    let mut tally = CheckTally::new([of(Metric::Throughput), of(Metric::Refusals)], settings);
    let (key, code) = (RequestKey::from_rank(0), Code::ThrottlingUser);
    // Ready at 9 and 10 of [10, 3600 s + 10 us], whenever they were planned; refused at 9, 10 and 11.
    for micros in [9, 10] {
        tally.add(&waited(0, micros, micros), at(micros), false, CallFacts::default, || None);
    }
    for micros in [9, 10, 11] {
        tally.refused(at(micros), key, code, CallFacts::default);
    }
    tally.refused(at(12), key, Code::DryRunOperation, CallFacts::default);
    tally.finish(at(3_600_000_010));
    let observed: Vec<_> = tally.verdicts(0).into_iter().map(|verdict| verdict.observed).collect();
    assert_eq!(observed, [Some(1_000_000), Some(2_000_000)]);
}
