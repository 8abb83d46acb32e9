//! Clients of streams and traces, closed loops, and the figures of clients.

use copysim::records::{CopyRecord, Outcome};
use serde_json::{Value, json};

use crate::client_words::{again_on, patience};
use crate::scenes::{Scene, mean_seconds, secs};
use crate::support::{Ran, seconds};

/// A stream of copies from `a` of images that they bring along, of the client `c` if there is one.
fn stream(scene: Scene, process: Value, count: u64, copy: Value) -> Scene {
    let mut call = json!({ "from": "a", "size": "1GiB", "to": "r" });
    for (key, value) in copy.as_object().expect("an object") {
        call[key] = value.clone();
    }
    scene.request("arrivals", json!({ "id": "s", "process": process, "count": count, "copy": call }))
}

/// Label, planned and sent time and the time of the notice of each row, by number.
fn times(ran: &Ran) -> Vec<(String, u64, u64, u64)> {
    let mut records: Vec<&CopyRecord> = ran.observed.records.iter().collect();
    records.sort_by_key(|record| record.key);
    let time = |time: Option<_>| time.map(seconds).expect("it came so far");
    let row = |record: &&CopyRecord| {
        (ran.label(record.key), time(record.planned), time(record.sent), time(record.noticed))
    };
    records.iter().map(row).collect()
}

fn row(label: &str, planned: u64, sent: u64, noticed: u64) -> (String, u64, u64, u64) {
    (label.to_owned(), planned, sent, noticed)
}

#[test]
fn r8_1_arrivals_are_held_back_with_the_images_that_they_bring() {
    // One every 10 s to two regions, 100 s each, one in hand: they go one after the other, in the order of planned
    // time and place. The second arrival is planned at 10, when both of the first are still in hand or held back.
    let every = json!({ "periodic": { "every": "10s" } });
    let scene = Scene::lane(9).client("c", json!({ "concurrency": 1 }));
    let ran = stream(scene, every, 2, json!({ "to": ["r", "s"], "duration": "100s", "client": "c" })).run();
    let expected = [
        row("s#1@r", 0, 0, 100),
        row("s#1@s", 0, 100, 200),
        row("s#2@r", 10, 200, 300),
        row("s#2@s", 10, 300, 400),
    ];
    assert_eq!(times(&ran), expected);
    assert!(ran.observed.records.iter().all(|record| record.size.map(|size| size.0) == Some(1 << 30)));
}

#[test]
fn r8_2_arrivals_wait_from_their_own_calls() {
    // One slot, 100 s each: #1 runs from 0. #2 and #3 would wait up to 100, and are cancelled at 10 + 50 and 20 + 50.
    let every = json!({ "periodic": { "every": "10s" } });
    let scene =
        Scene::lane(1).client("c", json!({ "concurrency": 3, "timeout": patience(50, "cancel_if_waiting") }));
    let ran = stream(scene, every, 3, json!({ "duration": "100s", "client": "c" })).run();
    assert_eq!(
        ran.row("s#1@r"),
        "available: planned 0 sent 0 accepted 0 start 0 end 100 noticed 100 calls 1"
    );
    assert_eq!(
        ran.row("s#2@r"),
        "cancelled_waiting: planned 10 sent 10 accepted 10 end 60 noticed 60 timed_out 60 calls 1"
    );
    assert_eq!(
        ran.row("s#3@r"),
        "cancelled_waiting: planned 20 sent 20 accepted 20 end 70 noticed 70 timed_out 70 calls 1"
    );
}

#[test]
fn r8_1_workers_of_a_closed_loop_think_between_copies() {
    let closed = |workers: u64| json!({ "closed_loop": { "workers": workers, "think": "30s" } });
    // One worker: 100 s of copy, 30 s of thought.
    let copy = json!({ "duration": "100s" });
    let ran = stream(Scene::lane(9), closed(1), 3, copy.clone()).run();
    assert_eq!(
        times(&ran),
        [row("s#1@r", 0, 0, 100), row("s#2@r", 130, 130, 230), row("s#3@r", 260, 260, 360)]
    );
    assert_eq!(ran.end_seconds(), 360, "nobody asks for a fourth");
    // Two workers and one slot: #1 ends at 100 and #2 at 200; their workers ask again at 130 and 230.
    let ran = stream(Scene::lane(1), closed(2), 4, copy).run();
    let expected = [
        row("s#1@r", 0, 0, 100),
        row("s#2@r", 0, 0, 200),
        row("s#3@r", 130, 130, 300),
        row("s#4@r", 230, 230, 400),
    ];
    assert_eq!(times(&ran), expected);
    // An arrival with two copies is done when both are: the first at 100, the second in hand after it at 200.
    let client = Scene::lane(9).client("c", json!({ "concurrency": 1 }));
    let ran =
        stream(client, closed(1), 2, json!({ "to": ["r", "s"], "duration": "100s", "client": "c" })).run();
    let expected = [
        row("s#1@r", 0, 0, 100),
        row("s#1@s", 0, 100, 200),
        row("s#2@r", 230, 230, 330),
        row("s#2@s", 230, 330, 430),
    ];
    assert_eq!(times(&ran), expected);
}

#[test]
fn r8_1_workers_go_on_after_polls_time_outs_refusals_and_cancels() {
    let closed = json!({ "closed_loop": { "workers": 1, "think": "30s" } });
    let planned = |scene: Scene, client: Value, copy: Value| -> Vec<u64> {
        let mut copy = copy;
        copy["client"] = "c".into();
        let ran = stream(scene.client("c", client), closed.clone(), 3, copy).run();
        let mut planned: Vec<u64> = ran
            .observed
            .records
            .iter()
            .filter(|record| ran.label(record.key).starts_with("s#"))
            .filter_map(|record| record.planned.map(seconds))
            .collect();
        planned.sort_unstable();
        planned
    };
    let copy = || json!({ "duration": "100s" });
    // Seen at 120, so that the next one is planned at 150; and seen 120 s after that.
    assert_eq!(planned(Scene::lane(9), json!({ "poll": "60s" }), copy()), [0, 150, 300]);
    // Left after 40 s.
    assert_eq!(planned(Scene::lane(9), json!({ "timeout": patience(40, "leave") }), copy()), [0, 70, 140]);
    // Refused at once up to 100: at 0, 30 and 60.
    let busy = || Scene::lane(1).set("service.over_limit", "reject").copy("b", 0, 100);
    assert_eq!(planned(busy(), json!({}), copy()), [0, 30, 60]);
    // Called again 20 s later, and given up then: the next one 30 s after that.
    assert_eq!(planned(busy(), json!({ "retry": again_on("any", 2, 20) }), copy()), [0, 50, 100]);
    // Cancelled by somebody else at 50.
    assert_eq!(planned(Scene::lane(9).cancel("y", 50, "s#1"), json!({}), copy()), [0, 80, 210]);
    // Failed at 60.
    let fails = json!({ "duration": "100s", "fail": { "after": "60s" } });
    assert_eq!(planned(Scene::lane(9), json!({}), fails), [0, 90, 180]);
}

#[test]
fn r8_1_rows_of_a_trace_are_held_back_too() {
    let csv = "id,at,to,cancel_at\nx,0s,r,\ny,0s,s,50s\nz,10s,t,250s\n";
    let scene = Scene::lane(9).client("c", json!({ "concurrency": 1 })).image("web");
    let ran = scene.trace(json!({ "image": "web", "duration": "100s", "client": "c" })).run_trace(csv);
    // x: 0 to 100. The cancel of y at 50 is of an image that isn't there yet; y: 100 to 200; z: from 200, up to its
    // cancel at 250.
    assert_eq!(
        ran.row("t#x@r"),
        "available: planned 0 sent 0 accepted 0 start 0 end 100 noticed 100 calls 1"
    );
    assert_eq!(
        ran.row("t#y@s"),
        "available: planned 0 sent 100 accepted 100 start 100 end 200 noticed 200 calls 1"
    );
    let row = "cancelled_running: planned 10 sent 200 accepted 200 start 200 end 250 noticed 250 calls 1";
    assert_eq!(ran.row("t#z@t"), row);
}

#[test]
fn r8_3_rows_of_a_trace_are_called_again() {
    let csv = "id,at,duration\nb,0s,100s\nx,0s,10s\n";
    let scene =
        Scene::lane(1).set("service", json!({ "over_limit": "reject", "conflict_key": "off" })).image("web");
    let scene = scene.client("c", json!({ "retry": again_on("any", 9, 30) }));
    let ran = scene.trace(json!({ "image": "web", "to": "r", "client": "c" })).run_trace(csv);
    assert_eq!(
        ran.row("t#x@r"),
        "available: planned 0 sent 0 accepted 120 start 120 end 130 noticed 130 calls 5 refusals 4"
    );
}

/// One request in hand, six planned at 0, 100 s each, and a run that ends at 350.
fn six(warm_up: u64, horizon: u64) -> Ran {
    let scene = Scene::lane(9).client("c", json!({ "concurrency": 1 })).set("horizon", secs(horizon));
    let scene = scene.set("warm_up", secs(warm_up));
    (1..=6)
        .fold(scene, |scene, n| scene.ask(&format!("x{n}"), n / 4 * 50, json!({ "duration": "100s" })))
        .run()
}

#[test]
fn r9_1_what_was_not_sent_is_planned_all_the_same() {
    // Three are Available by 350, one runs, two are held back.
    let ran = six(0, 350);
    assert_eq!(
        ran.outcomes(),
        [(Outcome::Available, 3), (Outcome::Running, 1), (Outcome::NotSent, 2)].into()
    );
    let tally = ran.tally();
    assert_eq!((tally.all.outcomes.total(), tally.all.outcomes.of(Outcome::NotSent)), (6, 2));
    let behaviour = &tally.span.behaviour;
    // x2, x3 and x4 were sent late, the latter two planned at 0 and 50: 100, 200 and 250 s.
    assert_eq!(
        (behaviour.held_back, behaviour.longest_held_back.map(|time| time.micros())),
        (5, Some(250_000_000))
    );
    assert_eq!(behaviour.calls, 4);
}

#[test]
fn r9_2_lead_counts_from_the_planned_time() {
    let tally = six(0, 600).tally();
    let figures = &tally.all.figures;
    // Ends at 100, 200, ... 600; three planned at 0 and three at 50: (2100 - 150) / 6 = 325.
    assert_eq!((figures.lead.n(), mean_seconds(&figures.lead)), (6, Some(325)));
    assert_eq!(mean_seconds(&figures.total), Some(100));
    assert_eq!(mean_seconds(&figures.wait), Some(0));
}

#[test]
fn r9_4_a_request_counts_by_its_planned_time_not_by_its_call() {
    // x1 to x3 are planned at 0, before the warm-up is over; x4 to x6 at 50. x2 and x3 are sent after it.
    let tally = six(50, 600).tally();
    assert_eq!(tally.all.outcomes.total(), 3);
    // Ends at 400, 500 and 600, planned at 50.
    assert_eq!(mean_seconds(&tally.all.figures.lead), Some(450));
}

#[test]
fn r9_2_lead_leaves_out_what_its_client_has_not_noticed() {
    // Both are Available at 600. One is noticed at 750; the horizon comes before the poll of the other, planned at 10.
    let scene = Scene::lane(9).client("c", json!({ "poll": "250s" })).ask("x", 0, json!({}));
    let ran = scene.ask("y", 10, json!({ "duration": "590s" })).set("horizon", "755s").run();
    let tally = ran.tally();
    assert_eq!(tally.all.outcomes.of(Outcome::Available), 2);
    assert_eq!((tally.all.figures.lead.n(), mean_seconds(&tally.all.figures.lead)), (1, Some(750)));
    assert_eq!(tally.all.figures.total.n(), 2);
}

#[test]
fn r9_1_time_outs_are_counted_apart_from_outcomes() {
    // One slot. At 50 a client leaves x, which ends at 100, and another one has y cancelled, which waits.
    let scene = Scene::lane(1).client("c", json!({ "concurrency": 9 }));
    let x = json!({ "duration": "100s", "timeout": patience(50, "leave") });
    let scene = scene.ask("x", 0, x).ask("y", 0, json!({ "timeout": patience(50, "cancel") }));
    let ran = scene.ask("z", 0, json!({})).run();
    let tally = ran.tally();
    assert_eq!(ran.outcomes(), [(Outcome::Available, 2), (Outcome::CancelledWaiting, 1)].into());
    let behaviour = &tally.span.behaviour;
    assert_eq!(
        (behaviour.timed_out, behaviour.ready_after_all, behaviour.cancelled, behaviour.unseen),
        (2, 1, 1, 0)
    );
    assert_eq!(behaviour.needed.map(|needed| needed.micros()), Some(100_000_000));
    assert_eq!(tally.all.outcomes.total(), 3);
}
