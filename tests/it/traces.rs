//! CSV traces: how a file may be written, that its rows are calls like any others, and what they are called.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use copysim::ids::RequestKey;
use copysim::records::{CopyRecord, History, Outcome, SlotSet};
use copysim::scenario::{FileText, Files};
use copysim::simulation::RunError;
use copysim::time::SimTime;
use copysim::workload::RowsError;
use serde_json::{Value, json};

use crate::scenes::{Scene, secs};
use crate::support::{Ran, Texts, read_with, run_with, seconds, try_run_scenario};

pub fn files(csv: impl Into<Vec<u8>>) -> Arc<dyn Files> {
    Arc::new(Texts::one("t.csv", csv))
}

impl Scene {
    /// An entry for the trace `t.csv`, called `t`.
    pub fn trace(self, copy: Value) -> Self {
        self.request("trace", json!({ "id": "t", "file": "t.csv", "copy": copy }))
    }

    pub fn run_trace(&self, csv: impl Into<Vec<u8>>) -> Ran {
        run_with(&self.text(), &files(csv))
    }
}

/// One slot from `a` to `r`, where every row copies for ten minutes.
fn lane() -> Scene {
    Scene::lane(1).image("web").trace(json!({ "image": "web", "to": "r", "duration": "10m" }))
}

/// As [`lane`], and copies of one image don't stand in each other's way.
fn free() -> Scene {
    lane().set("service", json!({ "conflict_key": "off" }))
}

/// What became of each copy, by label.
fn fates(ran: &Ran) -> BTreeMap<String, (Outcome, Option<u64>, Option<u64>)> {
    let fate = |record: &CopyRecord| {
        (ran.label(record.key), (record.outcome, record.start.map(seconds), record.end.map(seconds)))
    };
    ran.observed.records.iter().map(fate).collect()
}

#[test]
fn a_file_may_be_written_in_many_ways() {
    let plain = "id,at,to\nx,0s,r\ny,60s,s\nz,90s,t\n";
    let expected = free().run_trace(plain);
    assert_eq!(expected.copy("t#z@t").start.map(seconds), Some(1200));
    for other in [
        "id,at,to\r\nx,0s,r\r\ny,60s,s\r\nz,90s,t\r\n",
        "id,at,to\nx,0s,r\ny,60s,s\nz,90s,t",
        "\u{feff}id,at,to\nx,0s,r\ny,60s,s\nz,90s,t\n",
        "\u{feff}\"id\",\"at\",\"to\"\n\"x\",\"0s\",\"r\"\ny,60s,s\nz,90s,t\n",
        "to,id,at\nr,x,0s\ns,y,60s\nt,z,90s\n",
        " id ,\tat , to\n x , 0s,r \n\ty\t,60s, \"s\" \nz,\" 90s \",t\n",
        "\n\nid,at,to\n\nx,0s,r\n  \ny,60s,s\r\n\r\nz,90s,t\n\n",
        "id,at_s,to\nx,0,r\ny,60,s\nz,90.000,t\n",
        "id,at,to,name,cancel_at,duration_s\nx,0s,r,,,\ny,1m,s,,,\nz,1m30s,t,,,\n",
    ] {
        let ran = free().run_trace(other);
        assert_eq!(fates(&ran), fates(&expected), "{other:?}");
        assert_eq!(ran.scenario.canonical, expected.scenario.canonical, "{other:?}");
    }
    for other in
        ["id,at,to\nx,0s,r\ny,61s,s\nz,90s,t\n", "id,at,to\nx,0s,r\ny,60s,r\nz,90s,t\n", "id,at,to\nx,0s,r\n"]
    {
        assert_ne!(free().run_trace(other).scenario.canonical, expected.scenario.canonical, "{other:?}");
    }
}

#[test]
fn a_spreadsheet_may_write_capitals() {
    let scene = Scene::lane(1).image("web").trace(json!({ "image": "web", "duration": "1m" }));
    let small = scene.run_trace("id,at,encrypted,cancel_at\nplain,0s,false,\nlocked,0s,true,30s\n");
    let large = scene.run_trace("ID,At,ENCRYPTED,Cancel_At\nplain,0s,FALSE,\nlocked,0s,TRUE,30s\n");
    assert_eq!(large.observed.records, small.observed.records);
    assert_eq!(large.scenario.canonical, small.scenario.canonical);
    assert_eq!(large.outcome("t#locked@a"), Outcome::CancelledRunning);
}

#[test]
fn r1_1_clock_times_are_counted_from_the_start() {
    let start = "2026-11-02T22:00:00+08:00";
    let clocked = free().set("starts_at", start);
    // At the start it is 14:00 in UTC and 23:00 in Tokyo.
    let by_clock = "id,at,cancel_at\n\
                    a,2026-11-02T22:00:00+08:00,\n\
                    b,2026-11-02T14:05:00.5Z,\n\
                    c,600.000001s,2026-11-03T01:19:59.000001+09:00\n\
                    d,2026-11-02T23:00:00+08:00,2h20m\n";
    let since_start = "id,at,cancel_at\n\
                       a,0s,\n\
                       b,300.5s,\n\
                       c,600.000001s,8399.000001s\n\
                       d,1h,8400s\n";
    let [clock, plain] = [by_clock, since_start].map(|csv| clocked.run_trace(csv));
    assert_eq!(clock.observed.records, plain.observed.records);
    assert_eq!(clock.observed.history, plain.observed.history);
    assert_eq!(clock.scenario.canonical, plain.scenario.canonical);
    assert_eq!(clock.copy("t#d@r").planned, SimTime::from_micros(3_600_000_000));
    // Another start makes other times of them, and so another scenario.
    let earlier = free().set("starts_at", "2026-11-02T13:00:00Z").run_trace(by_clock);
    assert_eq!(earlier.span("t#a@r"), (Some(3600), Some(4200)));
    assert_ne!(earlier.scenario.canonical, clock.scenario.canonical);
    // Of times since the start it changes nothing.
    assert_eq!(free().run_trace(since_start).scenario.canonical, plain.scenario.canonical);
}

#[test]
fn the_name_of_the_file_does_not_count_but_its_rows_do() {
    let hash = |name: &str, csv: &str| {
        let scene = Scene::lane(1).image("web").request(
            "trace",
            json!({ "file": name, "copy": { "image": "web", "to": "r", "duration": "1m" } }),
        );
        let files: Arc<dyn Files> = Arc::new(Texts::one(name, csv));
        read_with(&scene.text(), &files).expect("a valid trace").canonical
    };
    assert_eq!(hash("a.csv", "at\n0s\n"), hash("b/c.csv", "at_s\n0\n"));
    assert_ne!(hash("a.csv", "at\n0s\n"), hash("a.csv", "at\n1s\n"));
    // 64 signs of a SHA-256.
    let canonical = hash("a.csv", "at\n0s\n");
    let (_, rest) = canonical.split_once("sha256:").expect("the rows are hashed");
    assert!(rest.chars().take(64).all(|sign| sign.is_ascii_hexdigit()), "{canonical}");
}

#[test]
fn field_case_54_a_shuffled_trace_is_a_sorted_one() {
    let rows: Vec<String> = (0..10).map(|row| format!("job-{row},{}s,{}s", row * 100, 150 + row)).collect();
    let sorted = format!("id,at,duration\n{}\n", rows.join("\n"));
    let order = [6, 2, 9, 0, 5, 1, 8, 3, 7, 4];
    let shuffled: Vec<&str> = order.iter().map(|row| rows[*row].as_str()).collect();
    let shuffled = format!("id,at,duration\n{}\n", shuffled.join("\n"));
    let [sorted, shuffled] = [sorted, shuffled].map(|csv| free().run_trace(csv));
    assert_eq!(sorted.observed.records, shuffled.observed.records);
    assert_eq!(sorted.observed.history, shuffled.observed.history);
    assert_eq!(sorted.scenario.canonical, shuffled.scenario.canonical);
    assert_eq!(sorted.scenario.remarks, [""; 0]);
    assert_eq!(
        shuffled.scenario.remarks,
        [
            "t: row 2 of `t.csv` at 3m 20s is earlier than the row before it at 10m; the rows were sorted by time"
        ]
    );
    // One slot: each copy begins when the one before it ends.
    let mut free_from = 0;
    for row in 0..10 {
        let start = free_from.max(row * 100);
        free_from = start + 150 + row;
        assert_eq!(sorted.span(&format!("t#job-{row}@r")), (Some(start), Some(free_from)));
    }
}

#[test]
fn field_case_54_rows_of_one_time_keep_the_order_of_the_file() {
    // Row 3 comes before all in time; b and a stay as they are.
    let ran = free().run_trace("id,at\nb,5s\na,5s\nfirst,0s\nc,5s\n");
    let starts = ["first", "b", "a", "c"].map(|id| ran.span(&format!("t#{id}@r")).0);
    assert_eq!(starts, [Some(0), Some(600), Some(1200), Some(1800)]);
    assert_eq!(ran.order_of_starts(), ["t#first@r", "t#b@r", "t#a@r", "t#c@r"]);
}

#[test]
fn r3_4_rows_without_an_id_are_called_by_their_rank() {
    let ran = free().run_trace("at,id\n20s,\n0s,\n10s,x\n30s,\n");
    let labels: Vec<String> = ran.order_of_starts();
    assert_eq!(labels, ["t#1@r", "t#x@r", "t#3@r", "t#4@r"]);
}

#[test]
fn rows_are_calls_like_listed_ones() {
    // Two images, three destinations, own images, names, failures of all, and cancels.
    let csv = "at,image,from,to,name,account,duration,encrypted,cancellable,cancel_at\n\
               0s,web,,r,gold,,100s,,,\n\
               0s,api,,s,,,200s,true,,\n\
               10s,web,,r,,,100s,,,\n\
               10s,api,a,t,,,300s,,false,60s\n\
               20s,web,a,r,gold,,,,,50s\n\
               30s,,b,r,,,70s,,,600s\n\
               30s,web,,a,,,50s,true,,\n";
    let rows: [(u64, Value); 7] = [
        (0, json!({ "image": "web", "to": "r", "name": "gold", "duration": "100s" })),
        (0, json!({ "image": "api", "to": "s", "duration": "200s", "encrypted": true })),
        (10, json!({ "image": "web", "to": "r", "duration": "100s" })),
        (10, json!({ "image": "api", "from": "a", "to": "t", "duration": "300s", "cancellable": false })),
        (20, json!({ "image": "web", "from": "a", "to": "r", "name": "gold" })),
        (30, json!({ "image": "own", "from": "b", "to": "r", "duration": "70s" })),
        (30, json!({ "image": "web", "to": "a", "duration": "50s", "encrypted": true })),
    ];
    for scope in ["source", "destination", "both", "pair"] {
        for cap in [1, 2, 3] {
            let scene = Scene::lane(cap)
                .set("service", json!({ "cap_scope": scope, "cancel": { "drain": "7s" } }))
                .set("regions.b", json!({}))
                .set("copy_time", json!({ "setup": "1s", "throughput": "16MiB/s" }))
                .image("web")
                .image("api")
                .set("images.own", json!({ "region": "b" }));
            let traced = scene.clone().trace(json!({ "fail": { "after": "250s" } })).run_trace(csv);
            let mut listed = scene;
            for (number, (at, body)) in rows.iter().enumerate() {
                let mut body = body.clone();
                body["id"] = format!("c{number}").into();
                body["at"] = secs(*at).into();
                body["fail"] = json!({ "after": "250s" });
                listed = listed.request("copy", body);
            }
            let cancels = [(3, 60, "t"), (4, 50, "r"), (5, 600, "r")];
            for (number, at, to) in cancels {
                listed = listed.cancel(&format!("cancel-of-{number}"), at, &format!("c{number}@{to}"));
            }
            let listed = listed.run();
            for (number, (_, body)) in rows.iter().enumerate() {
                let to = body["to"].as_str().expect("a region");
                let (theirs, mine) = (
                    *listed.copy(&format!("c{number}@{to}")),
                    *traced.copy(&format!("t#{}@{to}", number + 1)),
                );
                assert_eq!(told(&mine), told(&theirs), "row {number} with cap {cap} by {scope}");
            }
            for (number, _, _) in cancels {
                let theirs = listed.answer(&format!("cancel-of-{number}"));
                assert_eq!(
                    traced.answer(&format!("t#{}#cancel", number + 1)),
                    theirs,
                    "{number}, {cap}, {scope}"
                );
            }
            assert_eq!(traced.end, listed.end);
        }
    }
}

/// What a record tells, whatever its request and its slots are called.
fn told(record: &CopyRecord) -> (CopyRecord, Option<&'static str>) {
    let key = RequestKey::from_rank(0);
    let code = record.refused.map(|refused| refused.refusal.code.literal());
    (CopyRecord { key, refused: None, slots: SlotSet::default(), ..*record }, code)
}

#[test]
fn r1_4_rows_come_in_the_place_of_their_entry() {
    let entry = |scene: Scene, id: &str| scene.copy(id, 60, 600);
    let trace = json!({ "image": "web", "to": "r", "duration": "10m" });
    let scene = entry(Scene::lane(1).image("web"), "before")
        .trace(trace)
        .set("service", json!({ "conflict_key": "off" }));
    let ran = entry(scene, "after").run_trace("id,at\ny,60s\nx,60s\n");
    assert_eq!(ran.order_of_starts(), ["before@r", "t#y@r", "t#x@r", "after@r"]);
}

#[test]
fn r1_3_the_cancel_of_a_row_comes_before_calls_and_after_ends() {
    // The first ends at 600 s in the instant of its cancel; the second would start in that of its own.
    let ran = free().run_trace("id,at,cancel_at\na,0s,600s\nb,0s,600s\nc,0s,\nd,600s,\n");
    assert_eq!(ran.answer("t#a#cancel"), "IncorrectImageStatus");
    assert_eq!(ran.answer("t#b#cancel"), "ok");
    assert_eq!((ran.outcome("t#a@r"), ran.outcome("t#b@r")), (Outcome::Available, Outcome::CancelledWaiting));
    assert_eq!((ran.span("t#c@r").0, ran.span("t#d@r").0), (Some(600), Some(1200)));
}

#[test]
fn r5_3_the_cancel_of_a_row_without_an_image_names_none() {
    let scene = lane().set("service", json!({ "conflict_key": "image" }));
    let ran = scene.run_trace("id,at,cancel_at\na,0s,\nb,10s,20s\n");
    assert_eq!(
        (ran.outcome("t#b@r"), ran.answer("t#b#cancel")),
        (Outcome::Refused, "InvalidImageId.NotFound")
    );
    assert_eq!(ran.outcome("t#a@r"), Outcome::Available);
}

#[test]
fn what_a_row_does_not_say_is_said_by_the_entry() {
    let scene = Scene::lane(9)
        .set("images.fleet", json!({ "region": "a", "count": 12, "size": "16MiB" }))
        .set("copy_time", json!({ "setup": "0s", "throughput": "1MiB/s" }))
        .set(
            "images.slow",
            json!({ "region": "a", "size": "16MiB", "copy_time": { "throughput": "512KiB/s" } }),
        );
    let csv = "id,at,image,size,from,to\n\
               default,0s,,,,\n\
               member,0s,fleet-12,,,s\n\
               slow,0s,slow,,,s\n\
               own,0s,,64MiB,s,t\n";
    let ran = scene.clone().trace(json!({ "image": "fleet-3", "to": "r" })).run_trace(csv);
    // 16 MiB at 1 MiB/s, the same at half of it, and 64 MiB.
    for (label, end) in [("t#default@r", 16), ("t#member@s", 16), ("t#slow@s", 32), ("t#own@t", 64)] {
        assert_eq!(ran.span(label), (Some(0), Some(end)), "{label}");
    }
    let sized = scene.trace(json!({ "size": "8MiB", "from": "s", "to": "r" })).run_trace("at\n0s\n");
    assert_eq!(sized.span("t#1@r"), (Some(0), Some(8)));
    assert_eq!(sized.copy("t#1@r").size.map(|size| size.0), Some(8 << 20));
}

#[test]
fn r7_6_no_destination_is_the_source() {
    let scene = Scene::lane(1).image("web").trace(json!({ "image": "web", "duration": "1m" }));
    let ran = scene.run_trace("id,at,encrypted\nplain,0s,\nlocked,0s,true\n");
    assert_eq!(ran.answer("t#plain@a"), "IncorrectDestinationRegion");
    assert_eq!(ran.outcome("t#locked@a"), Outcome::Available);
}

#[test]
fn r7_9_the_entry_may_name_what_the_service_does_not_know() {
    let run = |copy: Value| {
        let scene = Scene::lane(1).image("web").trace(copy);
        scene.run_trace("at\n0s\n").observed.records[0].refused.map(|refused| refused.refusal.code.literal())
    };
    let nowhere = json!({ "literal": "nowhere" });
    let unknown = json!({ "image": { "literal": "m-none" }, "from": "a", "to": "r" });
    assert_eq!(run(unknown), Some("InvalidImageId.NotFound"));
    let to = json!({ "image": "web", "to": nowhere, "duration": "1m" });
    assert_eq!(run(to), Some("DestinationRegion.NotFound"));
}

#[test]
fn r3_3_others_may_name_a_row() {
    let scene = lane()
        .set("service", json!({ "conflict_key": "off" }))
        .copy_with("next", 0, json!({ "after": "t#job-7@r", "from": "r", "to": "s" }))
        .copy_with("relay", 1500, json!({ "image": { "product_of": "t#2" }, "from": "r", "to": "t" }))
        .cancel("stop", 1300, "t#3@r")
        .delete("drop", 1700, "t#job-7");
    // By time: job-7, then the two without an id.
    let ran = scene.run_trace("id,at\n,20s\njob-7,0s\n,10s\n");
    assert_eq!(ran.span("t#job-7@r"), (Some(0), Some(600)));
    assert_eq!(ran.span("next@s"), (Some(600), Some(1200)));
    assert_eq!((ran.span("t#2@r"), ran.span("relay@t")), ((Some(600), Some(1200)), (Some(1500), Some(2100))));
    assert_eq!((ran.answer("stop"), ran.outcome("t#3@r")), ("ok", Outcome::CancelledRunning));
    assert_eq!(ran.answer("drop"), "ok");
    let deleted = ran.observed.history.iter().find_map(|(_, what)| match what {
        History::Deleted { call, .. } => ran.scenario.catalog.target(*call),
        _ => None,
    });
    assert_eq!(deleted.map(|target| target.what.as_str()), Some("t#job-7@r"));
}

#[test]
fn r3_3_what_waits_for_a_lost_row_is_skipped() {
    let scene = free().copy_with("next", 0, json!({ "after": "t#b", "to": "s" }));
    let ran = scene.run_trace("id,at,cancel_at\na,0s,\nb,0s,30s\n");
    assert_eq!(ran.outcome("next@s"), Outcome::Skipped);
    assert_eq!(ran.label(ran.copy("next@s").blocked_by.expect("a row")), "t#b@r");
}

#[test]
fn rows_beyond_the_horizon_were_not_planned() {
    let scene = free().set("horizon", "100s");
    let ran = scene.run_trace("at\n0s\n50s\n100s\n101s\n9h\n");
    assert_eq!((ran.observed.records.len(), ran.end.not_planned), (3, 2));
    assert!(ran.end.by_horizon);
}

#[test]
fn r5_4_images_of_rows_may_be_deleted_after_a_retention() {
    let copy = json!({ "image": "web", "to": "r", "duration": "1m", "retention": "10m" });
    let scene = Scene::lane(2).image("web").trace(copy).set("service", json!({ "conflict_key": "off" }));
    let scene = scene.copy("later", 4000, 60);
    // The name is free again at 60 s + 10 min.
    let ran = scene.run_trace("id,at,name,cancel_at\na,0s,gold,\nb,659s,gold,\nc,660s,gold,700s\nd,0s,,1h\n");
    assert_eq!(ran.answer("t#b@r"), "InvalidImageName.Duplicated");
    assert_eq!((ran.answer("t#a@r"), ran.answer("t#c@r"), ran.answer("t#c#cancel")), ("ok", "ok", "ok"));
    assert_eq!(ran.answer("t#d#cancel"), "InvalidImageId.NotFound", "it was deleted after ten minutes");
}

/// A file that is another one when it is opened again.
#[derive(Debug)]
struct Changing {
    texts: [&'static str; 2],
    /// How often it was opened, and how often the first text is given.
    opened: AtomicUsize,
    first: usize,
}

impl Files for Changing {
    fn open(&self, _path: &str) -> io::Result<Box<dyn FileText>> {
        let is_first = self.opened.fetch_add(1, Ordering::SeqCst) < self.first;
        match self.texts[usize::from(!is_first)] {
            "gone" => Err(io::ErrorKind::NotFound.into()),
            text => Ok(Box::new(Cursor::new(text))),
        }
    }
}

#[test]
fn a_file_that_changes_before_it_is_run_stops_the_run() {
    let sorted = "id,at\na,0s\nb,10s\nc,20s\n";
    let unsorted = "id,at\nb,10s\na,0s\nc,20s\n";
    let changed = [
        "id,at\na,0s\nb,10s\nc,21s\n",
        "id,at\na,0s\nb,10s\n",
        "id,at\na,0s\nb,10s\nc,20s\nd,20s\n",
        "id,at\na,0s\nB,10s\nc,20s\n",
        "id,at\na,0s\nb,10s,x\nc,20s\n",
        "id,at\na,0s\nb,1xs\nc,20s\n",
        "id,at\nb,10s\nc,20s\na,0s\n",
        "id\na\nb\nc\n",
        "",
        "gone",
    ];
    // A sorted file is read once before the run, another one three times.
    for (first, reads) in [(sorted, 1), (unsorted, 3)] {
        for horizon in ["1h", "5s"] {
            let scene = free().set("horizon", horizon);
            for second in changed {
                let files: Arc<dyn Files> =
                    Arc::new(Changing { texts: [first, second], opened: AtomicUsize::new(0), first: reads });
                let scenario = read_with(&scene.text(), &files).expect("a valid trace");
                let error =
                    try_run_scenario(scenario).err().unwrap_or_else(|| panic!("{first:?} {second:?}"));
                let RunError::Rows { entry: 0, error } = error else { panic!("{second:?}: {error:?}") };
                let is_gone = error == RowsError::Unreadable(io::ErrorKind::NotFound);
                assert!(
                    is_gone == (second == "gone") && (is_gone || error == RowsError::Changed),
                    "{error:?}"
                );
            }
        }
    }
    // Other quotes are no change of a sorted file.
    let files: Arc<dyn Files> = Arc::new(Changing {
        texts: [sorted, "at,id\n\"0s\",a\r\n10s,b\n\n0.02ks,c\n"],
        opened: AtomicUsize::new(0),
        first: 1,
    });
    assert!(try_run_scenario(read_with(&free().text(), &files).expect("valid")).is_err(), "ks is no unit");
    let files: Arc<dyn Files> = Arc::new(Changing {
        texts: [sorted, "at,id\n\"0s\",a\r\n10s,b\n\n20000ms,c\n"],
        opened: AtomicUsize::new(0),
        first: 1,
    });
    assert!(try_run_scenario(read_with(&free().text(), &files).expect("valid")).is_ok());
}
