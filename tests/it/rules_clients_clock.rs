//! No client keeps the clock from moving on (R1.8), and none costs more than what it sees.

use std::time::{Duration, Instant};

use copysim::records::Outcome;
use copysim::simulation::RunError;
use serde_json::{Value, json};

use crate::client_words::again_on;
use crate::program::Place;
use crate::scenes::Scene;
use crate::support::{Ran, seconds, try_run};

/// A closed loop of copies from `a` that bring their images along.
fn closed(scene: Scene, id: &str, workers: u64, think: Value, count: Option<u64>, copy: Value) -> Scene {
    let mut call = json!({ "from": "a", "size": "1GiB", "to": "r" });
    for (key, value) in copy.as_object().expect("an object") {
        call[key] = value.clone();
    }
    let process = json!({ "closed_loop": { "workers": workers, "think": think } });
    let mut body = json!({ "id": id, "process": process, "copy": call });
    if let Some(count) = count {
        body["count"] = count.into();
    }
    scene.request("arrivals", body)
}

/// A run that must be over within seconds, however slow the machine.
fn soon(scene: &Scene) -> Ran {
    let begin = Instant::now();
    let ran = scene.run_long();
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    ran
}

#[test]
fn r1_8_calls_a_microsecond_apart_with_full_jitter_move_the_clock_on() {
    // A factor from 0 to 2 of a microsecond, rounded to 0, 1 or 2: a call is at least 1 us after the one before it.
    let retry = json!({ "on": "any", "attempts": 1000, "delay": { "fixed": "1us" }, "jitter": 1 });
    let scene = Scene::lane(1).set("service.over_limit", "reject").client("c", json!({ "retry": retry }));
    let scene = scene.set("service.rate_limit", "off").copy("b", 0, 100).ask("x", 0, json!({}));
    let ran = soon(&scene.set("max_events_per_instant", 10));
    let record = ran.copy("x@r");
    assert_eq!((record.outcome, record.calls, record.refusals), (Outcome::Refused, 1000, 1000));
    let last = ran.observed.history.iter().rev().find(|(_, what)| what.request() == Some(record.key));
    // 999 delays of 1 or 2 us; u below 3/4 gives 1, so 1.25 us on the average.
    let last = last.map(|(at, _)| at.micros()).unwrap();
    assert!((999..=1998).contains(&last), "{last}");
}

#[test]
fn r1_8_a_closed_loop_whose_calls_are_all_refused() {
    // The only slot is taken for the whole time, and every microsecond a call is refused.
    let scene = Scene::lane(1)
        .set("service", json!({ "over_limit": "reject", "rate_limit": "off" }))
        .copy("b", 0, 100);
    let scene = closed(scene, "s", 3, json!("1us"), Some(30_000), json!({ "duration": "1s" }));
    let ran = soon(&scene.set("max_events_per_instant", 20));
    assert_eq!(ran.outcomes(), [(Outcome::Available, 1), (Outcome::Refused, 30_000)].into());
    // Three workers: 10 000 rounds, the last one at 9 999 us.
    let last = ran.observed.records.iter().filter_map(|record| record.planned).max();
    assert_eq!(last.map(|at| at.micros()), Some(9_999));
}

#[test]
fn r1_8_a_closed_loop_of_copies_without_length() {
    let lane = || Scene::lane(1).set("service.rate_limit", "off");
    let ran = soon(&closed(lane(), "s", 1, json!("1s"), Some(5_000), json!({ "duration": "0s" })));
    assert_eq!((ran.count(Outcome::Available), ran.end_seconds()), (5_000, 4_999));
    // Without a count the horizon ends it, that instant included.
    let endless =
        closed(lane(), "s", 2, json!("1s"), None, json!({ "duration": "0s" })).set("horizon", "1000s");
    assert_eq!(soon(&endless).count(Outcome::Available), 2 * 1001);
}

#[test]
fn r1_8_think_times_that_are_mostly_zero() {
    // Nine of ten thoughts take no time; the mean is above zero, so the clock moves on.
    let think = json!({ "mixture": [{ "weight": 9, "of": "0s" }, { "weight": 1, "of": "1s" }] });
    let lane = Scene::lane(1).set("service.rate_limit", "off");
    let ran = soon(&closed(lane, "s", 1, think, Some(5_000), json!({ "duration": "0s" })));
    assert_eq!(ran.count(Outcome::Available), 5_000);
    // 4 999 thoughts, a tenth of them of 1 s: 500 of a standard deviation of 21; five of these either way.
    assert!((390..=610).contains(&ran.end_seconds()), "{}", ran.end_seconds());
}

#[test]
fn r8_1_polls_that_see_nothing_cost_nothing() {
    // Ten billion polls of 1 us before the end of each copy, and one that sees it.
    let scene = Scene::lane(1).client("c", json!({ "poll": "1us", "concurrency": 1 }));
    let ran = soon(&scene.ask("x", 0, json!({ "duration": "10000s" })).ask(
        "y",
        0,
        json!({ "duration": "10000s" }),
    ));
    assert_eq!(
        ran.row("y@r"),
        "available: planned 0 sent 10000 accepted 10000 start 10000 end 20000 noticed 20000 calls 1"
    );
    assert!(ran.end.events < 20, "{}", ran.end.events);
}

#[test]
fn r1_7_polls_of_a_client_that_is_blind_keep_no_run_going() {
    let client = json!({ "poll": "1us", "sees": "available" });
    let scene = Scene::lane(1).client("c", client).ask("x", 0, json!({ "fail": { "after": "300s" } }));
    assert_eq!(soon(&scene).end_seconds(), 300);
    // Nor do time-outs of what is over, or of what has started.
    for then in ["leave", "cancel", "cancel_if_waiting"] {
        let client = json!({ "concurrency": 1, "timeout": { "after": "1000d", "then": then } });
        let ran = soon(&Scene::lane(1).client("c", client).ask("x", 0, json!({})));
        assert_eq!(ran.end_seconds(), 600, "{then}");
    }
}

#[test]
fn r1_7_a_call_still_to_be_made_keeps_the_run_going() {
    // Nothing else is left after 100: the call at 1000 is refused no more.
    let scene = Scene::lane(1).set("service.over_limit", "reject");
    let scene = scene.client("c", json!({ "retry": again_on("any", 2, 1000) })).copy("b", 0, 100);
    let ran = scene.ask("x", 0, json!({})).run();
    assert_eq!((ran.end_seconds(), ran.copy("x@r").accepted.map(seconds)), (1600, Some(1000)));
    // Requests that are held back behind a copy that can never start are counted, and the run ends.
    let ran = Scene::lane(0)
        .client("c", json!({ "concurrency": 1 }))
        .ask("x", 0, json!({}))
        .ask("y", 0, json!({}))
        .run();
    assert_eq!(ran.outcomes(), [(Outcome::Waiting, 1), (Outcome::NotSent, 1)].into());
    assert_eq!((ran.end_seconds(), ran.end.never_startable.len()), (0, 1));
}

#[test]
fn r1_8_a_loop_in_one_instant_is_cut_off_and_named() {
    // 60 workers at 0 who think about nothing for most of the time: more events than an instant may have.
    let think = json!({ "mixture": [{ "weight": 999_999, "of": "0s" }, { "weight": 1, "of": "1h" }] });
    let scene = Scene::lane(1).set("service.rate_limit", "off").set("max_events_per_instant", 1000);
    let scene = closed(scene.copy("b", 0, 0), "busy", 60, think, None, json!({ "duration": "0s" }))
        .set("horizon", "1h");
    let Err(RunError::TooManyEvents { at, limit, busiest }) = try_run(&scene.text()) else {
        panic!("it went through")
    };
    assert_eq!((at.micros(), limit, busiest), (0, 1000, Some(1)));
    let place = Place::new();
    place.write("s.json", scene.text());
    let ended = place.run("run s.json --write none");
    assert_eq!(ended.status, Some(65), "{ended:?}");
    let message = "s.json: more than 1000 events at 0s, most of them of `busy`";
    assert!(ended.stderr.contains(message), "{ended:?}");
}
