//! What is printed after a run, and the same figures in summary.json, held against sums done by hand.

use serde_json::{Value, json};

use crate::program::Place;
use crate::scenes::{Scene, secs};

/// The printed summary and summary.json.
fn screens(scene: &Scene) -> (String, Value) {
    let place = Place::new();
    place.write("x.json", scene.text());
    let document = place.stdout("run x.json --write none --format json");
    (place.stdout("run x.json --write none"), serde_json::from_str(&document).unwrap())
}

fn text(scene: &Scene) -> String {
    screens(scene).0
}

/// The cells of the table row that begins with a word; the gaps between columns are two blanks or more.
fn row<'a>(text: &'a str, first: &str) -> Vec<&'a str> {
    let cells = |line: &'a str| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let mut rows = text.lines().map(cells).filter(|cells: &Vec<&str>| cells.first() == Some(&first));
    rows.next().unwrap_or_else(|| panic!("no row {first}:\n{text}"))
}

#[test]
fn a_setting_is_documented_chosen_or_assumed() {
    let basis = |scene: &Scene, key: &str| {
        let summary = screens(scene).1;
        let settings = summary["settings"].as_array().unwrap();
        let setting = settings.iter().find(|setting| setting["key"] == key).unwrap();
        [setting["from"].as_str().unwrap().to_owned(), setting["basis"].as_str().unwrap().to_owned()]
    };
    let plain = Scene::lane(5);
    assert_eq!(basis(&plain, "service.cap"), ["default", "documented"]);
    assert_eq!(basis(&plain, "service.cap_scope"), ["default", "assumed"]);
    for (cap, expected) in [(5, "documented"), (10, "chosen"), (1, "chosen")] {
        assert_eq!(basis(&Scene::lane(5).set("service.cap", cap), "service.cap"), ["scenario", expected]);
    }
    for scope in ["source", "both"] {
        let scene = Scene::lane(5).set("service.cap_scope", scope);
        assert_eq!(basis(&scene, "service.cap_scope"), ["scenario", "assumed"]);
    }
}

#[test]
fn what_is_assumed_is_said_whoever_says_it() {
    let written = Scene::lane(5).set("service.cap_scope", "destination").set("service.request_lock", "10s");
    let printed = text(&written.copy("x", 0, 60));
    assert!(printed.contains("at once per destination region (assumed)\n"), "{printed}");
    assert!(
        printed.contains("\nassumed, set by the scenario: cap_scope destination, request_lock 10s\n"),
        "{printed}"
    );
    let by_default = printed.split("\nassumed: ").nth(1).unwrap().split("\nassumed,").next().unwrap();
    assert!(!by_default.contains("cap_scope") && by_default.contains("over_limit queue"), "{printed}");
    let printed = text(&Scene::lane(5).copy("x", 0, 60));
    assert!(printed.contains("5 at once per source region (assumed)"), "{printed}");
    assert!(printed.contains("\nassumed: cap_scope source,") && !printed.contains("set by"), "{printed}");
}

#[test]
fn the_head_has_the_caps_that_were_asked_for() {
    let links = json!([{ "from": "a", "to": "r", "cap": 1 }, { "from": "a", "to": "s", "cap": 4 }]);
    let pairs = Scene::lane(7).set("service.cap_scope", "pair").set("links", links);
    let two = pairs.copy("x", 0, 60).copy_with("y", 0, json!({ "to": "s" }));
    assert!(text(&two).contains("   1 to 4 at once per pair of regions (assumed)\n"), "{}", text(&two));
    let three = two.copy_with("z", 0, json!({ "to": "t" }));
    assert!(text(&three).contains("   1 to 7 at once per pair of regions"), "the region's cap is the third");
    let changing = Scene::lane(5).caps("a", &[(30, 2)]).copy("x", 0, 60);
    assert!(text(&changing).contains("   2 to 5 at once per source region"), "{}", text(&changing));
    // The million slots of r, s and t are nobody's here.
    assert!(text(&Scene::lane(3).copy("x", 0, 60)).contains("   3 at once per source region"));
}

#[test]
fn copies_that_can_never_start_are_in_the_head_and_in_a_warning() {
    // Two run until 10 minutes; the cap is 0 from the first minute on, and three wait for ever.
    let scene = Scene::lane(2).caps("a", &[(60, 0)]).copies("c", 1..=5, 0, 600);
    let (printed, summary) = screens(&scene.copy_with("next", 0, json!({ "after": "c5", "to": ["s", "t"] })));
    assert!(printed.contains("\n  stopped at 10m: 3 copies can never start\n"), "{printed}");
    assert!(!printed.contains("no work left"), "{printed}");
    assert_eq!((&summary["never_startable"], &summary["not_planned"]), (&json!(3), &json!(2)));
    let warnings = printed.split("\n\nwarning: ").nth(1).unwrap();
    assert!(warnings.starts_with("3 copies can never start,"), "{printed}");
    let words = warnings.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.ends_with(
            "the end of the run: 2; their time had not come, or they wait for copies that never end"
        ),
        "{printed}"
    );
    assert!(!printed.contains("horizon"), "more time would change nothing: {printed}");
    assert!(printed.lines().all(|line| line.chars().count() <= 100), "{printed}");
    let cut = text(&Scene::lane(1).copy("now", 0, 600).copy("later", 900, 60).set("horizon", "5m"));
    assert!(
        cut.contains("ended at 5m: cut off by the horizon") && cut.contains("a later `horizon`"),
        "{cut}"
    );
}

#[test]
fn requests_stand_beside_each_other() {
    // One slot. big: 0 to 10 and 10 to 20 minutes; small, called at 5 minutes: 20 to 21 and 21 to 22.
    let scene = Scene::lane(1).image("b").image("s");
    let big = json!({ "image": "b", "to": ["r", "s"] });
    let small = json!({ "image": "s", "to": ["r", "t"], "duration": "1m" });
    let scene = scene.copy_with("big", 0, big).copy_with("small", 300, small);
    let (printed, summary) = screens(&scene);
    assert_eq!(row(&printed, "request"), ["request", "available", "last ready", "makespan", "longest wait"]);
    assert_eq!(row(&printed, "big"), ["big", "2 of 2", "20m", "20m", "10m"]);
    assert_eq!(row(&printed, "small"), ["small", "2 of 2", "22m", "17m", "16m"]);
    let told = |index: usize, key: &str| summary["by_request"][index][key].as_u64();
    let keys = ["first_planned_s", "last_ready_s", "makespan_s", "wait_mean_s", "wait_max_s"];
    assert_eq!(keys.map(|key| told(0, key)), [Some(0), Some(1200), Some(1200), Some(300), Some(600)]);
    assert_eq!(keys.map(|key| told(1, key)), [Some(300), Some(1320), Some(1020), Some(930), Some(960)]);
    // The last ready copy of each region is of this request.
    assert_eq!(row(&printed, "ready last")[..2], ["ready last", "request"]);
    assert_eq!(
        (row(&printed, "s")[1], row(&printed, "r")[1], row(&printed, "t")[1]),
        ("big", "small", "small")
    );
    let alone = text(&Scene::lane(1).copy("x", 0, 60));
    assert!(!alone.contains("longest wait") && !row(&alone, "ready last").contains(&"request"), "{alone}");
    let crowd = |last| text(&Scene::lane(1).copies("c", 1..=last, 0, 60));
    assert!(crowd(12).contains("longest wait") && !crowd(13).contains("longest wait"));
}

#[test]
fn the_slots_table_says_how_many_started() {
    // Of four, two start by 15 minutes, one is cancelled before, one waits.
    let scene = Scene::lane(1).copies("c", 1..=4, 0, 600).cancel("stop", 60, "c3").set("horizon", "15m");
    let printed = text(&scene);
    let (head, cells) = (row(&printed, "slots of"), row(&printed, "a"));
    assert_eq!((head[1], cells[1]), ("available", "1 of 4"));
    assert_eq!((head[2], cells[2]), ("started", "2 of 4"));
}

#[test]
fn traffic_in_vain_is_said() {
    // 8 GiB in 8 minutes: one copy is whole, one is cancelled after 2 minutes and 2 GiB, one fails at half,
    // after 4 GiB. 14 GiB in all, 6 of them in vain.
    let scene = Scene::lane(3).set("images.i", json!({ "region": "a", "size": "8GiB" }));
    let copy = |to: &str| json!({ "image": "i", "to": to, "duration": "8m" });
    let mut fails = copy("t");
    fails["fail"] = json!({ "at": 0.5 });
    let scene = scene.copy_with("whole", 0, copy("r"));
    assert!(!text(&scene).contains("in vain"));
    let scene = scene.copy_with("stopped", 0, copy("s")).cancel("stop", 120, "stopped");
    let (printed, summary) = screens(&scene.copy_with("broken", 0, fails));
    assert!(printed.contains("\n  moved 14GiB, 6GiB of it in vain\n"), "{printed}");
    let gib = |key: &str| summary[key].as_u64().map(|bytes| bytes >> 30);
    assert_eq!((gib("moved_bytes"), gib("in_vain_bytes")), (Some(14), Some(6)));
}

#[test]
fn where_a_copy_waits_at_both_its_regions_that_is_said() {
    let words = "A copy waits at both its regions, even if only one of them holds it up.";
    let scene =
        |scope: &str, count| Scene::lane(1).set("service.cap_scope", scope).copies("c", 1..=count, 0, 60);
    let says = |scene: &Scene| {
        let place = Place::new();
        place.write("x.json", scene.text());
        let printed = place.stdout("run x.json --out r");
        let chart = String::from_utf8(place.files("r")["plots/slots.svg"].clone()).unwrap();
        [printed.contains(words), chart.contains("A copy waits at both")]
    };
    assert_eq!(says(&scene("both", 2)), [true, true]);
    assert_eq!(says(&scene("both", 1)), [false, false], "nobody waits");
    assert_eq!(says(&scene("source", 2)), [false, false]);
}

#[test]
fn r9_4_calls_before_the_warm_up_are_counted_as_little_as_requests() {
    // Copies at 0 and 60 s, each refused again right after as its name is taken; only the later two count.
    let named = |to: &str| json!({ "image": "i", "name": "nn", "to": to });
    let scene = Scene::lane(5).image("i").set("warm_up", "1m");
    let scene = scene.copy_with("a1", 0, named("r")).copy_with("a2", 30, named("r"));
    let scene = scene.copy_with("b1", 60, named("s")).copy_with("b2", 90, named("s"));
    let summary = screens(&scene.cancel("early", 59, "a1").cancel("late", 120, "b1")).1;
    let refused =
        |call: &Value| call["refused"].as_array().unwrap().iter().map(|by| by["count"].as_u64()).sum();
    let calls: Vec<(&str, Option<u64>, Option<u64>)> = summary["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| (call["operation"].as_str().unwrap(), call["accepted"].as_u64(), refused(call)))
        .collect();
    assert_eq!(calls, [("CancelCopyImage", Some(1), Some(0)), ("CopyImage", Some(1), Some(1))]);
    let requests = &summary["requests"];
    assert_eq!((requests["planned"].as_u64(), requests["refused"].as_u64()), (Some(2), Some(1)));
}

#[test]
fn targets_are_called_as_the_rows_call_them() {
    let stream = json!({ "id": "stream", "process": { "periodic": { "every": "10s" } }, "count": 3,
        "copy": { "from": "a", "to": ["r", "s"], "size": "1GiB", "duration": "5m" } });
    let two = json!({ "image": ["web-1", "web-2"], "to": ["r", "s"] });
    let scene =
        Scene::lane(50).image("web-1").image("web-2").copy_with("two", 0, two).request("arrivals", stream);
    let scene = scene.cancel("c1", 60, "two:web-1@s").cancel("c2", 60, "stream#2@s").copy("one", 0, 600);
    let place = Place::new();
    place.write("x.json", scene.cancel("c3", 60, "one").text());
    place.stdout("run x.json --out r --write trace,rows");
    let files = place.files("r");
    let rows = String::from_utf8(files["copies.csv"].clone()).unwrap();
    let trace = String::from_utf8(files["trace.jsonl"].clone()).unwrap();
    let cancels = trace.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let targets: Vec<String> = cancels
        .filter(|line| line["event"] == "cancelled")
        .map(|line| {
            assert_eq!(line["target"], line["copy"]);
            line["target"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(targets, ["two:web-1@s", "stream#2@s", "one@r"]);
    assert!(targets.iter().all(|target| rows.contains(&format!("\n{target},"))), "{rows}");
}

#[test]
fn skipped_copies_name_the_copy_that_was_lost() {
    let scene = Scene::lane(5).copy_with("top", 0, json!({ "fail": { "after": "5m" } }));
    let scene = scene.copy_with("child", 0, json!({ "after": "top", "to": "s" }));
    let scene = scene.copy_with("grandchild", 0, json!({ "after": "child", "to": "t" }));
    let place = Place::new();
    place.write("x.json", scene.text());
    place.stdout("run x.json --out r --write trace,rows");
    let files = place.files("r");
    let mut rows = csv::Reader::from_reader(files["copies.csv"].as_slice());
    let column = rows.headers().unwrap().iter().position(|column| column == "message").unwrap();
    let messages: Vec<String> = rows.records().map(|row| row.unwrap()[column].to_owned()).collect();
    let lost = "it waits for top@r, which was refused, failed or was cancelled, or its client gave up on it";
    assert_eq!(messages, ["", lost, lost]);
    let trace = String::from_utf8(files["trace.jsonl"].clone()).unwrap();
    let lines = trace.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let skipped: Vec<Value> = lines.filter(|line| line["event"] == "skipped").collect();
    assert_eq!(skipped.len(), 2);
    assert!(skipped.iter().all(|line| line["because"] == "top@r" && line["at_s"] == 300), "{skipped:?}");
}

#[test]
fn a_lock_is_told_to_the_microsecond() {
    // Accepted at 0, locked for 60.4 s.
    let scene = Scene::lane(5).image("i").set("service.request_lock", "60400ms");
    let scene = scene.copy_with("x", 0, json!({ "image": "i" }));
    let place = Place::new();
    place
        .write("x.json", scene.copy_with("y", 60, json!({ "image": "i", "to": "s", "at": secs(60) })).text());
    place.stdout("run x.json --out r --write rows");
    let rows = String::from_utf8(place.files("r")["copies.csv"].clone()).unwrap();
    assert!(rows.contains("`i` is locked by an accepted call until 1m (60.4 s); call again then"), "{rows}");
}

#[test]
fn unnamed_requests_say_where_their_names_come_from() {
    let copy = json!({ "image": "os", "to": "r", "duration": "10m" });
    let scene = Scene::lane(5).image("os").copy("named", 0, 60);
    assert!(!text(&scene).contains("without an id"));
    let one = scene.request("copy", copy.clone());
    assert!(text(&one).contains("\n  copy-1 is the first copy without an id\n"), "{}", text(&one));
    let two = text(&one.request("copy", copy));
    assert!(two.contains("\n  copy-1 is the first copy without an id, and so on\n"), "{two}");
}

#[test]
fn r5_4_deletes_at_the_end_of_a_retention_are_told() {
    // They are over at 600 s and kept to 700 s; then `on`, from 650 to 1250 s, still copies the product of `a`.
    let kept = |id: &str| (id.to_owned(), json!({ "retention": "100s" }));
    let scene = [kept("a"), kept("b"), kept("c")]
        .into_iter()
        .fold(Scene::lane(5), |scene, (id, body)| scene.copy_with(&id, 0, body));
    let (printed, summary) = screens(&scene.clone().copy("last", 1000, 60));
    assert!(printed.contains("\n  3 images deleted at the end of their retention\n"), "{printed}");
    assert_eq!(summary["retention"], json!({ "deleted": 3, "refused": 0 }));
    let on = json!({ "after": "a", "from": "r", "to": "s", "delay": "50s" });
    let (printed, summary) = screens(&scene.clone().copy_with("on", 0, on));
    let words = "\n  2 images deleted at the end of their retention, 1 delete refused\n";
    assert!(printed.contains(words), "{printed}");
    assert_eq!(summary["retention"], json!({ "deleted": 2, "refused": 1 }));
    let (printed, summary) = screens(&Scene::lane(5).copy("x", 0, 60).delete("stop", 100, "x"));
    assert!(
        !printed.contains("retention") && summary["retention"].is_null(),
        "a listed delete is none: {printed}"
    );
    // From the warm-up on (R9.4).
    let (_, summary) = screens(&scene.set("warm_up", "701s").copy("last", 1000, 60));
    assert!(summary["retention"].is_null(), "{summary}");
}

#[test]
fn bytes_in_vain_have_the_unit_of_those_that_moved() {
    // Cancelled after 100 of 600 s it has moved a sixth of its 1 GiB; three others move all of it.
    let scene = Scene::lane(5).copies("c", 1..=4, 0, 600).cancel("stop", 100, "c4");
    assert!(text(&scene).contains("\n  moved 3.17GiB, 0.17GiB of it in vain\n"), "{}", text(&scene));
}
