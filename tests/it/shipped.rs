//! Every shipped scenario answers its question with figures that come from arithmetic or a recursion.

use std::path::Path;
use std::sync::Arc;

use copysim::records::{CopyRecord, Outcome};
use copysim::scenario::{Files, Folder, Scenario};
use copysim::time::SimTime;

use crate::kiefer_wolfowitz;
use crate::support::{Ran, run_with, seconds, try_run_scenario};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

fn shipped(name: &str) -> Ran {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let files: Arc<dyn Files> = Arc::new(Folder::of(&path));
    run_with(&std::fs::read_to_string(path).expect("a shipped scenario can be read"), &files)
}

/// Starts and ends of the copies of a request in whole minutes, in order of start.
fn spans(ran: &Ran, request: &str) -> Vec<(u64, u64)> {
    let minutes = |time: Option<SimTime>| seconds(time.expect("the copy ran")) / MINUTE;
    let mut spans: Vec<(u64, u64)> = ran
        .observed
        .records
        .iter()
        .filter(|record| ran.scenario.catalog.entry(record.key) == request && record.start.is_some())
        .map(|record| (minutes(record.start), minutes(record.end)))
        .collect();
    spans.sort_unstable();
    spans
}

/// `count` copies of `length` minutes, `cap` at once, all asked for at `from`.
fn waves(count: u64, cap: u64, from: u64, length: u64) -> Vec<(u64, u64)> {
    (0..count).map(|copy| from + copy / cap * length).map(|start| (start, start + length)).collect()
}

#[test]
fn every_shipped_scenario_has_a_test_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let this = include_str!("shipped.rs");
    for file in std::fs::read_dir(folder).expect("there are scenarios") {
        let name = file.expect("a file").file_name().into_string().expect("a plain name");
        let is_tested = this.contains(&format!("\"{name}\""));
        assert!(
            is_tested || !name.ends_with(".json") || name.ends_with(".schema.json"),
            "{name} has no test"
        );
    }
}

#[test]
fn quickstart() {
    let ran = shipped("quickstart.json");
    // 27 GiB at 15 MiB/s are 1843.2 s, and 300 s of setup: 2143.2 s.
    let length = 2_143_200_000;
    let at = |label: &str| {
        let record = ran.copy(label);
        (record.start.map(SimTime::micros), record.end.map(SimTime::micros))
    };
    // Destinations in byte order: five run at once, the others wait for them.
    for region in ["ap-northeast-1", "ap-southeast-1", "cn-beijing", "cn-hongkong", "cn-shanghai"] {
        assert_eq!(at(&format!("release@{region}")), (Some(0), Some(length)));
    }
    // Without the cancelled one, three of the release and two of the hotfix share the next five slots.
    let second = (Some(length), Some(2 * length));
    for label in ["release@cn-shenzhen", "release@eu-central-1", "release@us-east-1", "hotfix@us-east-1"] {
        assert_eq!(at(label), second, "{label}");
    }
    assert_eq!(at("hotfix@us-west-1"), second);
    let cancelled = ran.copy("release@us-west-1");
    assert_eq!(cancelled.outcome, Outcome::CancelledWaiting);
    assert_eq!((cancelled.start, cancelled.end.map(seconds)), (None, Some(30 * MINUTE)));
    assert_eq!(ran.end.at.micros(), 2 * length);
}

#[test]
fn busy_week() {
    let ran = shipped("busy-week.json");
    let records = &ran.observed.records;
    let near = |count: usize, mean: f64, variance: f64| (count as f64 - mean).abs() < 5.0 * variance.sqrt();
    // 9 x 1 + 3 x 6 + 2 x 3 + 5 x 7 + 5 x 2 = 78 batches a day of 1.5 on the average, with a variance of 0.75.
    let batches = 7.0 * 78.0;
    assert!(near(records.len(), batches * 1.5, batches * (0.75 + 1.5 * 1.5)), "{}", records.len());
    let all = records.len() as f64;
    for (region, share) in
        [("cn-shanghai", 0.4), ("cn-beijing", 0.3), ("us-east-1", 0.2), ("eu-central-1", 0.1)]
    {
        let to =
            |record: &&CopyRecord| ran.scenario.catalog.region(record.to.expect("a destination")) == region;
        let count = records.iter().filter(to).count();
        assert!(near(count, all * share, all * share * (1.0 - share)), "{region}: {count}");
    }
    // Seven an hour from 14:00 to 19:00, and one from 0:00 to 9:00.
    let hour = |record: &&CopyRecord| record.planned.expect("it was planned").micros() / 3_600_000_000 % 24;
    let of_hours =
        |hours: std::ops::Range<u64>| records.iter().filter(|record| hours.contains(&hour(record))).count();
    assert!(near(of_hours(14..19), 7.0 * 35.0 * 1.5, 7.0 * 35.0 * 3.0), "{}", of_hours(14..19));
    assert!(near(of_hours(0..9), 7.0 * 9.0 * 1.5, 7.0 * 9.0 * 3.0), "{}", of_hours(0..9));
    let sizes: Vec<u64> = records.iter().map(|record| record.size.expect("a size").0).collect();
    let above = sizes.iter().filter(|size| **size > 20 << 30).count();
    assert!(near(above, all / 2.0, all / 4.0) && sizes.iter().all(|size| *size <= 200 << 30), "{above}");
}

#[test]
fn release_by_each_scope() {
    // Six waves of five where the source counts, one wave where only the destination or the pair does.
    for (name, cap) in [
        ("release-by-source.json", 5),
        ("release-by-both.json", 5),
        ("release-by-destination.json", 29),
        ("release-by-pair.json", 29),
    ] {
        let ran = shipped(name);
        assert_eq!(spans(&ran, "release"), waves(29, cap, 0, 35), "{name}");
        assert_eq!(ran.end_seconds(), if cap == 5 { 210 * MINUTE } else { 35 * MINUTE }, "{name}");
        assert_eq!(ran.count(Outcome::Available), 29);
    }
}

#[test]
fn release_by_relay() {
    let ran = shipped("release-by-relay.json");
    assert_eq!(spans(&ran, "hubs"), waves(5, 5, 0, 35));
    let relays = [("north", 5), ("south", 5), ("asia", 5), ("pacific", 5), ("west", 4)];
    for (relay, count) in relays {
        assert_eq!(spans(&ran, relay), waves(count, 5, 35, 35), "{relay}");
    }
    // 1 h 10 min, where the direct fan-out takes 3 h 30 min.
    assert_eq!(ran.end_seconds(), 70 * MINUTE);
    // All 29 other regions get the image, each once.
    let mut regions: Vec<&str> = ran
        .observed
        .records
        .iter()
        .map(|record| ran.scenario.catalog.region(record.to.expect("a known region")))
        .collect();
    regions.sort_unstable();
    regions.dedup();
    assert_eq!((regions.len(), regions.contains(&"cn-hangzhou")), (29, false));
}

#[test]
fn nightly_batch() {
    let ran = shipped("nightly-batch.json");
    // 60 GiB at 16 MiB/s are 3840 s, 15 GiB are 960 s, both after 300 s.
    let jobs: Vec<(u64, u64, Option<u64>)> =
        std::iter::repeat_n((0, 4140, None), 8).chain(std::iter::repeat_n((0, 1260, None), 32)).collect();
    let mut expected: Vec<(u64, u64)> = kiefer_wolfowitz::starts(5, &jobs)
        .into_iter()
        .zip(&jobs)
        .map(|(start, (_, length, _))| {
            start.map(|start| (start / MINUTE, (start + length) / MINUTE)).unwrap()
        })
        .collect();
    let mut found = spans(&ran, "large");
    found.extend(spans(&ran, "small"));
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
    // Eight large ones: five until 69 min, three until 138 min. The 32 small ones fill the other slots.
    assert_eq!(spans(&ran, "large"), waves(8, 5, 0, 69));
    assert_eq!(ran.end_seconds() / MINUTE, expected.iter().map(|(_, end)| *end).max().unwrap());
}

#[test]
fn cap_to_zero() {
    let ran = shipped("cap-to-zero.json");
    // At 70 min the cap is 0, so the third five wait for 180 min; running copies are not interrupted.
    let starts = [0, 35, 180, 215];
    let expected: Vec<(u64, u64)> =
        starts.iter().flat_map(|start| std::iter::repeat_n((*start, start + 35), 5)).collect();
    assert_eq!(spans(&ran, "batch"), expected);
    assert_eq!(ran.end_seconds(), 250 * MINUTE);
}

#[test]
fn cancel_storm() {
    let ran = shipped("cancel-storm.json");
    // Five of the release ran for twenty minutes; their slots drain for one minute more.
    assert_eq!(spans(&ran, "release"), vec![(0, 20); 5]);
    assert_eq!(ran.count(Outcome::CancelledWaiting), 24);
    assert_eq!(spans(&ran, "fix"), waves(29, 5, 21, 35));
    assert_eq!(ran.end_seconds(), (21 + 6 * 35) * MINUTE);
    // 15 of the 20 minutes moved 15 MiB/s: 13,500 MiB each, in vain.
    let vain: u64 = ran
        .observed
        .records
        .iter()
        .filter(|record| record.outcome == Outcome::CancelledRunning)
        .map(|record| record.moved.0)
        .sum();
    assert_eq!(vain, 5 * 13_500 * 1024 * 1024);
}

#[test]
fn reject_policy() {
    let ran = shipped("reject-policy.json");
    for (batch, hour) in [("batch-at-0", 0), ("batch-at-1", 60), ("batch-at-2", 120)] {
        assert_eq!(spans(&ran, batch), waves(20, 20, hour, 35), "{batch}");
    }
    assert_eq!((ran.count(Outcome::Available), ran.count(Outcome::Refused)), (60, 15));
    assert_eq!(ran.answer("batch-at-0:ami-21@eu-central-1"), "ResourceLimitExceeded");
}

#[test]
fn build_stream() {
    let ran = shipped("build-stream.json");
    // Two copies every 10 minutes up to and at 8 h: 49 arrivals.
    let jobs: Vec<(u64, u64, Option<u64>)> =
        (0..98).map(|copy| (copy / 2 * 10 * MINUTE, 30 * MINUTE, None)).collect();
    let starts = kiefer_wolfowitz::starts(5, &jobs);
    let horizon = 8 * 60 * MINUTE;
    assert_eq!(ran.observed.records.len(), 98);
    let mut records = ran.observed.records.clone();
    records.sort_by_key(|record| record.key);
    for (record, start) in records.iter().zip(starts) {
        let expected = start.filter(|start| *start <= horizon);
        assert_eq!(record.start.map(seconds), expected, "{:?}", record.key);
        let end = expected.map(|start| start + 30 * MINUTE).filter(|end| *end <= horizon);
        assert_eq!(record.end.map(seconds), end);
    }
}

#[test]
fn staged_rollout() {
    let ran = shipped("staged-rollout.json");
    // 30 GiB at 16 MiB/s are 32 min and at 8 MiB/s 64 min, both after 5 min.
    assert_eq!(spans(&ran, "canary"), [(0, 37), (0, 69)]);
    // Half an hour after the later one; two regions inside the country, three across its border.
    assert_eq!(spans(&ran, "rollout"), [(99, 136), (99, 136), (99, 168), (99, 168), (99, 168)]);
    // Half of the bytes are through after 5 + 32 min.
    let failed = ran.copy("canary-2@us-east-1");
    assert_eq!((failed.outcome, failed.end.map(seconds)), (Outcome::Failed, Some((360 + 37) * MINUTE)));
    assert_eq!(failed.moved.0, 15 << 30);
    assert_eq!(ran.count(Outcome::Skipped), 3);
}

#[test]
fn api_mistakes() {
    let ran = shipped("api-mistakes.json");
    for (call, code) in [
        ("first@us-east-1", "ok"),
        ("too-soon@eu-central-1", "InvalidOperation.Conflict"),
        ("twice@us-east-1", "OperationDenied.ImageCopyConflict"),
        ("name-taken@cn-shanghai", "InvalidImageName.Duplicated"),
        ("same-region@cn-hangzhou", "IncorrectDestinationRegion"),
        ("no-image@us-east-1", "InvalidImageId.NotFound"),
        ("no-region@us-east-9", "DestinationRegion.NotFound"),
        ("too-early@eu-central-1", "OperationDenied.ImageCopying"),
        ("delete-source", "OperationDenied.ImageCopying"),
        ("over-limit@us-east-1", "ResourceLimitExceeded"),
        ("cancel-late", "CancelNotSupported"),
        ("cancel-finished", "IncorrectImageStatus"),
        ("delete-product", "ok"),
        ("cancel-gone", "InvalidImageId.NotFound"),
        ("cancel-no-copy", "ImageCreatedNotFromCopy"),
        ("cancel-nowhere", "InvalidRegionId.NotFound"),
    ] {
        assert_eq!(ran.answer(call), code, "{call}");
    }
    // One slot is free at 2 min, the other at 10 min, and the first again at 12 min.
    assert_eq!(spans(&ran, "too-many"), [(2, 12), (10, 20), (12, 22)]);
}

#[test]
fn two_teams() {
    let ran = shipped("two-teams.json");
    assert_eq!(spans(&ran, "batch"), waves(10, 5, 0, 30));
    assert_eq!(spans(&ran, "hotfix"), waves(2, 2, 60, 30));
    // Asked for after a minute, started after an hour.
    let waited = ran.copy("hotfix:frontend-1@cn-shanghai").wait();
    assert_eq!(waited.map(|waited| waited.micros()), Some(59 * MINUTE * 1_000_000));
}

#[test]
fn warm_start() {
    let ran = shipped("warm-start.json");
    // Three run on, two of the archive take the free slots, and one slot each becomes free at 10 and 20 min.
    assert_eq!(spans(&ran, "copy-1"), [(0, 10)]);
    assert_eq!(spans(&ran, "copy-2"), [(0, 20), (0, 20)]);
    assert_eq!(spans(&ran, "copy-3"), [(0, 30), (0, 30), (10, 40), (20, 50)]);
    // So slots become free for the release at 20, 30, 30, 40, 50 and (the first of the release) 50 min.
    assert_eq!(spans(&ran, "release"), [(20, 50), (30, 60), (30, 60), (40, 70), (50, 80), (50, 80)]);
    // Without the backup: five at once and one more, an hour.
    let idle = waves(6, 5, 0, 30);
    assert_eq!(idle.last(), Some(&(30, 60)));
}

#[test]
fn weekly_images() {
    let ran = shipped("weekly-images.json");
    for (week, pilot) in
        [(1, "ok"), (2, "InvalidImageName.Duplicated"), (3, "ok"), (4, "InvalidImageName.Duplicated")]
    {
        for region in ["cn-shanghai", "us-east-1"] {
            let release = ran.copy(&format!("week-{week}@{region}"));
            assert_eq!(release.start.map(seconds), Some((week - 1) * 7 * DAY), "{week} {region}");
        }
        assert_eq!(ran.answer(&format!("pilot-{week}@us-east-1")), pilot);
    }
    // The last delete of the run is that of week 3: later ones would keep the run going for nothing.
    let deletes: Vec<(u64, String)> = ran
        .trace()
        .into_iter()
        .filter(|(_, what, _)| *what == "deleted")
        .map(|(at, _, label)| (at, label))
        .collect();
    let copied = 35 * MINUTE;
    let week =
        |week: u64, region: &str| (((week - 1) * 7 + 6) * DAY + copied, format!("week-{week}@{region}"));
    let (cn, us) = ("cn-shanghai", "us-east-1");
    let pilot = (8 * DAY + copied, "pilot-1@us-east-1".to_owned());
    let expected = [week(1, cn), week(1, us), pilot, week(2, cn), week(2, us), week(3, cn), week(3, us)];
    assert_eq!(deletes, expected);
    assert_eq!(ran.end_seconds(), 21 * DAY + copied);
}

/// The rows of november.csv: minute of the call, GiB, destination, minute of the cancel.
fn november_rows() -> Vec<(u64, u64, &'static str, Option<u64>)> {
    let row = |number: u64| {
        let (wave, place) = (number / 10, number % 10);
        let at = wave * 240 + place;
        let size = [15, 30, 45, 15, 60, 30][number as usize % 6];
        let to = ["cn-shanghai", "us-east-1", "eu-central-1", "ap-southeast-1"][number as usize % 4];
        (at, size, to, (place == 9).then_some(at + 40 + wave % 2 * 20))
    };
    (0..60).map(row).collect()
}

#[test]
fn november() {
    let rows = november_rows();
    let line = |(number, (at, size, to, cancel)): (usize, &(u64, u64, &str, Option<u64>))| {
        let cancel = cancel.map_or_else(String::new, |cancel| format!("{cancel}m"));
        format!("build-{}-{},{at}m,{size}GiB,{to},{cancel}", number / 10 + 1, number % 10 + 1)
    };
    let lines: Vec<String> = rows.iter().enumerate().map(line).collect();
    let file = include_str!("../../scenarios/traces/november.csv").replace("\r\n", "\n");
    assert_eq!(file, format!("id,at,size,to,cancel_at\n{}\n", lines.join("\n")));

    let ran = shipped("november.json");
    // 15 GiB at 15 MiB/s are 1024 s.
    let job = |(at, size, _, cancel): &(u64, u64, &str, Option<u64>)| {
        (at * MINUTE, 300 + size / 15 * 1024, cancel.map(|cancel| cancel * MINUTE))
    };
    let jobs: Vec<(u64, u64, Option<u64>)> = rows.iter().map(job).collect();
    let starts = kiefer_wolfowitz::starts(5, &jobs);
    for (number, ((_, length, cancel), start)) in jobs.iter().zip(starts).enumerate() {
        let label = format!("november#build-{}-{}@{}", number / 10 + 1, number % 10 + 1, rows[number].2);
        let record = ran.copy(&label);
        assert_eq!(record.start.map(seconds), start, "{label}");
        let end = start.map(|start| (start + length).min(cancel.unwrap_or(u64::MAX))).or(*cancel);
        assert_eq!(record.end.map(seconds), end, "{label}");
    }
    // Before the next ten come, nothing is left of the last ten.
    let last_of = |wave: usize| {
        let of_wave =
            |number: usize| ran.label(ran.observed.records[number].key).contains(&format!("#build-{wave}-"));
        (0..60).filter(|number| of_wave(*number)).map(|number| ran.observed.records[number].end).max()
    };
    for wave in 1..=6 {
        let last = last_of(wave).flatten().map(seconds).expect("ten copies");
        assert!(last < wave as u64 * 240 * MINUTE, "wave {wave} ends at {last} s");
    }
    let cancelled = [Outcome::CancelledWaiting, Outcome::CancelledRunning].map(|outcome| ran.count(outcome));
    assert_eq!(cancelled, [3, 3]);
}

#[test]
fn queue_orders() {
    // 60 GiB take 69 minutes and 15 GiB 21. The hotfix is asked for at 40; the five that run by then end at 69.
    // In order of acceptance three large and two small ones come next, then two small ones every 21 minutes up to
    // 132, three more at 138, and at 153 the last one and the hotfix. The shortest first: five small ones at 0,
    // five at 21, and at 42 the last two, the hotfix and two large ones.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/queue-orders.json");
    for (queue, span) in [("priority", (69, 90)), ("fifo", (153, 174)), ("shortest_first", (42, 63))] {
        let set = [format!("service.queue={queue}")];
        let text = std::fs::read(&path).expect("a shipped scenario can be read");
        let scenario = Scenario::read("queue-orders.json", text, &set).expect("it is valid in each order");
        assert_eq!(
            scenario.notices.is_empty(),
            queue == "priority",
            "elsewhere the priority counts for nothing"
        );
        let ran = try_run_scenario(scenario).expect("it can be run");
        assert_eq!(spans(&ran, "hotfix"), [span], "{queue}");
    }
}

/// What is answered to the copies of a request, by destination.
fn answers(ran: &Ran, request: &str) -> Vec<(String, String)> {
    let destinations = ["cn-shanghai", "eu-central-1", "us-east-1", "us-west-1"];
    let answer = |to: &&str| {
        let record = ran.copy(&format!("{request}@{to}"));
        let code = record.refused.map(|refused| refused.refusal.code.literal().to_owned());
        ((*to).to_owned(), code.unwrap_or_else(|| record.outcome.key().to_owned()))
    };
    destinations.iter().map(answer).collect()
}

#[test]
fn careful_release() {
    let ran = shipped("careful-release.json");
    // The quota of cn-shanghai is one image, which is there until 1 min.
    let asked = answers(&ran, "ask");
    assert_eq!(asked[0].1, "QuotaExceed.Image");
    assert!(asked[1..].iter().all(|(_, answer)| answer == "DryRunOperation"), "{asked:?}");
    // What met the fault is made the second time, and nothing twice.
    let (first, second) = (answers(&ran, "release"), answers(&ran, "again"));
    for ((to, first), (_, second)) in first.iter().zip(&second) {
        let expected = if first == "available" { "replayed" } else { "available" };
        assert_eq!(second, expected, "{to}: {first}");
    }
    assert!(first.iter().any(|(_, answer)| answer == "InternalError"), "the fault is met: {first:?}");
    assert!(first.iter().any(|(_, answer)| answer == "available"), "and not by all: {first:?}");
    // 27 GiB at 15 MiB/s are 1843.2 s, and 300 s before the first byte.
    let length = 2_143_200_000;
    for record in ran.observed.records.iter().filter(|record| record.outcome == Outcome::Available) {
        let (start, end) = record.start.zip(record.end).expect("it ran");
        assert_eq!((start, end.since(start).micros()), (record.accepted.expect("it was accepted"), length));
    }
    let ends = ["eu-central-1", "us-east-1"].map(|to| ran.copy(&format!("sealed@{to}")).end);
    assert_eq!(ends.map(|end| end.map(SimTime::micros)), [Some(3_600_000_000 + length); 2]);
}

/// 1 MiB/s in bytes per second.
const MIB: u64 = 1 << 20;

#[test]
fn release_day() {
    let ran = shipped("release-day.json");
    let ends = |request: &str, to: &str| ran.copy(&format!("{request}@{to}")).end.map(SimTime::micros);
    // Five copies of the web team have 4 MiB/s each of the 20 from 5 min on, and 2 MiB/s from 35 min on, when those
    // of the data team have come too. 40 GiB are 40960 MiB: 7200 by 35 min, and the rest takes 16880 s.
    let first = (35 * MINUTE + 16_880) * 1_000_000;
    for to in ["ap-northeast-1", "ap-southeast-1", "eu-central-1", "eu-west-1", "me-central-1"] {
        assert_eq!(ends("web", to), Some(first), "{to}");
        // The data team's have 33760 MiB by then. For 5 min they have 4 MiB/s, and then a seventh of the cable, since
        // two more go over it: 6000 MiB at 2995931 bytes/s.
        let rest = (6_000 * MIB * 1_000_000).div_ceil(20 * MIB / 7);
        assert_eq!(ends("data", to), Some(first + 300_000_000 + rest), "{to}");
    }
    // At home 40 GiB take 5 min and 40960 / 15 s, whatever the cable does.
    let at_home = ran.copy("web@cn-beijing").copy().map(|time| time.micros());
    assert_eq!(at_home, Some(300_000_000 + (40_960_u64 * 1_000_000).div_ceil(15)));
}

#[test]
fn outage_at_worst_hour() {
    let ran = shipped("outage-at-worst-hour.json");
    // The second wave would end at 70 min. It stands still from 50 to 110 min, and so do the three after it.
    let mut release = waves(5, 5, 0, 35);
    release.extend([(35, 130); 5]);
    release.extend(waves(6, 5, 130, 35));
    assert_eq!(spans(&ran, "release"), release);
    assert_eq!(spans(&ran, "relay"), waves(7, 5, 35, 35));
}

#[test]
fn retry_storm() {
    let ran = shipped("retry-storm.json");
    let of = |request: &str| {
        let records = ran.observed.records.iter();
        let calls: Vec<u64> = records
            .filter(|record| ran.scenario.catalog.entry(record.key) == request)
            .map(|record| u64::from(record.calls))
            .collect();
        calls.iter().sum::<u64>()
    };
    // Every ten minutes five more are accepted. Before the k-th five, 60 - 5k call in the instant in which slots are
    // free, and then 55 - 5k nine times.
    assert_eq!(of("storm"), (0..12).map(|k| (60 - 5 * k) + 9 * (55 - 5 * k)).sum::<u64>());
    assert_eq!(spans(&ran, "storm"), waves(60, 5, 0, 10));
    assert!(of("spread") * 5 < of("storm"), "{}", of("spread"));
    assert!(ran.observed.records.iter().all(|record| record.outcome == Outcome::Available));
}

#[test]
fn time_outs_and_truth() {
    let ran = shipped("time-outs-and-truth.json");
    let of = |request: &str| {
        let record = ran.copy(&format!("{request}@us-east-1"));
        let minutes = |time: Option<SimTime>| time.map(|time| seconds(time) / MINUTE);
        (record.outcome, minutes(record.end), minutes(record.noticed), minutes(record.timed_out))
    };
    assert_eq!(of("left"), (Outcome::Available, Some(35), None, Some(10)));
    assert_eq!(of("cancelled"), (Outcome::CancelledRunning, Some(10), Some(10), Some(10)));
    assert_eq!(of("awaited"), (Outcome::Available, Some(35), Some(35), None));
    // Half of 35 min; the polls are shown Available images only.
    assert_eq!(of("unseen"), (Outcome::Failed, Some(17), None, Some(120)));
}

#[test]
fn ten_workers() {
    let ran = shipped("ten-workers.json");
    // Five slots that are never free: 72 times five copies of 20 min in a day, the last ones at its very end.
    let of = |outcome| ran.observed.records.iter().filter(|record| record.outcome == outcome).count();
    assert_eq!(of(Outcome::Available), 72 * 5);
    let records: Vec<&CopyRecord> = ran.observed.records.iter().collect();
    // Who is done at 20 min asks again at 30, and has a slot at 40; those of the second five at 60 - 10 = 50 min.
    let waits = |record: &CopyRecord| record.wait().map(|wait| wait.micros() / 60_000_000);
    let waited: Vec<Option<u64>> = records[..20].iter().map(|record| waits(record)).collect();
    assert_eq!(waited[..5], [Some(0); 5]);
    assert_eq!(waited[5..10], [Some(20); 5]);
    assert_eq!(waited[10..], [Some(10); 10]);
}

#[test]
fn slow_region() {
    let ran = shipped("slow-region.json");
    // From 5 to 30 min 10 MiB/s of 30 720 MiB: 15 000. In the next 30 min 7.5 MiB/s: 13 500. 2 220 are left, which
    // take 222 s at 10 MiB/s.
    let end = Some((HOUR + 222) * 1_000_000);
    assert_eq!(ran.observed.records.len(), 6);
    assert!(ran.observed.records.iter().all(|record| record.end.map(SimTime::micros) == end));
}
