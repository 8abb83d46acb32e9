//! Field cases about clients: calls again, time-outs, and requests that are held back, with the figures as reports
//! show them.

use copysim::records::Outcome;
use serde_json::{Value, json};

use crate::client_words::{again_on, patience};
use crate::program::Place;
use crate::scenes::{Scene, secs};

/// What summary.json says of a scenario, and the columns of copies.csv by name.
fn report(scene: &Scene) -> (Value, Vec<Value>) {
    let place = Place::new();
    place.write("scenario.json", scene.text());
    place.stdout("run scenario.json --out r --write summary,rows");
    let files = place.files("r");
    let summary = serde_json::from_slice(&files["summary.json"]).unwrap();
    let mut reader = csv::Reader::from_reader(&*files["copies.csv"]);
    let rows = reader.deserialize().map(|row| Value::Object(row.unwrap())).collect();
    (summary, rows)
}

/// Copies `c1` to `c<n>` of 600 s at 0 s, all of the client `c`.
fn asked(scene: Scene, n: u32, length: u64) -> Scene {
    (1..=n).fold(scene, |scene, n| scene.ask(&format!("c{n}"), 0, json!({ "duration": secs(length) })))
}

/// A figure of one client.
fn of_client<'a>(summary: &'a Value, figure: &str) -> &'a Value {
    &summary["clients"][0][figure]
}

#[test]
fn field_case_04_the_service_queues() {
    let scene = asked(Scene::lane(5).client("c", json!({})), 6, 600);
    let ran = scene.run();
    // Five from 0 to 600, the sixth from 600 to 1200.
    assert_eq!(ran.last_end(), Some(1200));
    assert_eq!(
        ran.row("c6@r"),
        "available: planned 0 sent 0 accepted 0 start 600 end 1200 noticed 1200 calls 1"
    );
    let (summary, _) = report(&scene);
    assert_eq!([of_client(&summary, "calls"), of_client(&summary, "refusals")], [&json!(6), &json!(0)]);
    assert_eq!(summary["makespan_s"], json!(1200));
}

#[test]
fn field_case_04_the_service_refuses_and_the_client_calls_again() {
    let retry = json!({ "retry": again_on("ResourceLimitExceeded", 9, 420) });
    let lane = Scene::lane(5).set("service.over_limit", "reject").client("c", retry);
    let scene = asked(lane, 6, 600);
    let ran = scene.run();
    // Slots are free from 600 on, and the calls are at 0, 420 and 840.
    assert_eq!(
        ran.row("c6@r"),
        "available: planned 0 sent 0 accepted 840 start 840 end 1440 noticed 1440 calls 3 refusals 2"
    );
    assert_eq!(
        ran.story("c6@r"),
        "0 refused, 0 calls again, 420 refused, 420 calls again, 840 accepted, 840 started, 1440 completed"
    );
    let (summary, rows) = report(&scene);
    // Six calls at first and two again; refusals are no failures, and no request was given up.
    for (figure, expected) in [("calls", 8), ("refusals", 2), ("failures", 0), ("timed_out", 0)] {
        assert_eq!(of_client(&summary, figure), expected, "{figure}");
    }
    let requests = &summary["requests"];
    assert_eq!([&requests["available"], &requests["refused"], &requests["failed"]], [6, 0, 0]);
    assert_eq!(summary["makespan_s"], json!(1440));
    let sixth = rows.iter().find(|row| row["copy"] == "c6@r").unwrap();
    assert_eq!([&sixth["calls"], &sixth["refusals"], &sixth["failures"]], [3, 2, 0]);
    // The service's own figures begin with the acceptance, and `lead` counts the refused time too.
    assert_eq!([&sixth["wait_s"], &sixth["total_s"], &sixth["lead_s"]], [0, 600, 1440]);
}

#[test]
fn field_case_08_a_client_that_waits_too_short_a_time() {
    // A client that polls has to be followed, another one needn't be; the row is the same.
    for client in [json!({}), json!({ "poll": "30s" }), json!({ "concurrency": 2 })] {
        let mut client = client;
        client["timeout"] = patience(600, "leave");
        let scene = asked(Scene::lane(1).client("c", client), 2, 2100);
        let ran = scene.run();
        assert_eq!(
            ran.row("c1@r"),
            "available: planned 0 sent 0 accepted 0 start 0 end 2100 timed_out 600 calls 1"
        );
        // It waits for the slot that the first copy holds up to its end.
        assert_eq!(
            ran.row("c2@r"),
            "available: planned 0 sent 0 accepted 0 start 2100 end 4200 timed_out 600 calls 1"
        );
        assert_eq!(ran.levels("a"), [(0, 1, 1), (2100, 1, 0), (4200, 0, 0)]);
        let (summary, _) = report(&scene);
        for (figure, expected) in
            [("timed_out", 2), ("ready_after_all", 2), ("needed_max_s", 4200), ("calls", 2)]
        {
            assert_eq!(of_client(&summary, figure), expected, "{figure}");
        }
        assert_eq!(summary["requests"]["available"], 2);
        // Nobody watches any more: `lead` counts to the ends.
        let lead = &summary["figures"]["lead"];
        assert_eq!([&lead["n"], &lead["min_s"], &lead["max_s"]], [2, 2100, 4200]);
    }
}

#[test]
fn field_case_42_held_back_requests_count_from_their_planned_time() {
    let scene = asked(Scene::lane(5).client("c", json!({ "concurrency": 5 })), 10, 600);
    let ran = scene.run();
    assert_eq!(ran.count(Outcome::Available), 10);
    let (summary, rows) = report(&scene);
    // Five are sent at 0 and end at 600; each end makes room for one that ends at 1200.
    for (number, row) in (1..).zip(&rows) {
        let (sent, lead) = if number <= 5 { (0, 600) } else { (600, 1200) };
        assert_eq!(row["copy"], format!("c{number}@r"));
        assert_eq!([&row["planned_s"], &row["sent_s"], &row["accepted_s"]], [0, sent, sent], "{row}");
        // The server's wait is 0 for all, so that `total` is 600; `lead` has the time before the call too.
        assert_eq!([&row["wait_s"], &row["total_s"], &row["lead_s"]], [0, 600, lead], "{row}");
    }
    assert_eq!(rows.len(), 10);
    let figure = |figure: &str, statistic: &str| summary["figures"][figure][statistic].clone();
    // (5 x 600 + 5 x 1200) / 10 = 900.
    let lead = ["n", "min_s", "p50_s", "mean_s", "max_s"].map(|statistic| figure("lead", statistic));
    assert_eq!(lead, [10, 600, 600, 900, 1200].map(|n| json!(n)));
    assert_eq!(
        [figure("wait", "n"), figure("wait", "max_s"), figure("total", "max_s")],
        [10, 0, 600].map(|n| json!(n))
    );
    assert_eq!(
        [of_client(&summary, "held_back"), of_client(&summary, "held_back_max_s")],
        [&json!(5), &json!(600)]
    );
    assert_eq!(
        summary["warnings"],
        json!([
            "c: 5 of 10 requests were held back by the client, up to 10m; `lead` counts that, `wait` and `total` don't"
        ])
    );
}
