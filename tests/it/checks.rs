//! Promises on a run, through the command line: exit codes, verdicts on the screen and in files, and what is said
//! of checks that are wrong.

mod faults;
mod golden;

use std::process::Command;

use serde_json::{Value, json};

use crate::program::{Ended, Place};
use crate::scenes::Scene;

impl Scene {
    fn checks(self, checks: impl Into<Value>) -> Self {
        self.set("checks", checks)
    }
}

/// How a run of a scene ends, and the checks of its summary.json.
fn checked(scene: &Scene) -> (Ended, Vec<Value>) {
    let place = Place::new();
    place.write("x.json", scene.text());
    let ended = place.run("run x.json --write none --format json");
    let summary: Value = serde_json::from_str(&ended.stdout).expect("one document");
    let checks = summary["checks"].as_array().cloned().unwrap_or_default();
    (ended, checks)
}

/// The verdict on one check of a scene.
fn verdict(scene: &Scene, check: Value) -> Value {
    let (ended, mut checks) = checked(&scene.clone().checks(json!([check])));
    let verdict = checks.remove(0);
    assert_eq!(ended.status, Some(i32::from(verdict["passed"] == false)), "{ended:?}");
    verdict
}

/// `lane(5)`, 8 x 600 @0.
fn eight() -> Scene {
    Scene::lane(5).copies("c", 1..=8, 0, 600)
}

/// The scene of field case 14: the middle one of three regions fails.
fn one_bad_region() -> Scene {
    let copy = |id: &str, to: &str| (id.to_owned(), json!({ "to": to }));
    let mut bad = copy("second", "s");
    bad.1["fail"] = json!({ "after": "300s" });
    let copies = [copy("first", "r"), bad, copy("third", "t")];
    let scene = copies.into_iter().fold(Scene::lane(5), |scene, (id, body)| scene.copy_with(&id, 0, body));
    scene.checks(json!([{ "metric": "failed", "max": 0 }, { "metric": "available", "equals": 2 }]))
}

#[test]
fn field_case_14_one_bad_region_fails_the_run_and_nothing_is_missing() {
    let place = Place::new();
    place.write("x.json", one_bad_region().text());
    let ended = place.run("run x.json --out result");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.stdout.contains("  2 available, 1 failed "), "{ended:?}");
    let files = place.files("result");
    assert!(files.contains_key("manifest.json") && files.contains_key("plots/gantt.svg"), "it is complete");
    let rows = String::from_utf8(files["copies.csv"].clone()).expect("text");
    assert!(rows.lines().any(|row| row.starts_with("second@s,") && row.contains(",failed,")), "{rows}");
    let summary: Value = serde_json::from_slice(&files["summary.json"]).expect("a JSON document");
    let counts = ["planned", "available", "failed"].map(|key| summary["requests"][key].as_u64());
    assert_eq!(counts, [Some(3), Some(2), Some(1)]);
    let verdicts = summary["checks"].as_array().expect("checks");
    assert_eq!(verdicts[0]["passed"], false);
    assert_eq!((&verdicts[0]["observed"], &verdicts[0]["limit"]), (&json!(1), &json!({ "max": 0 })));
    assert_eq!(verdicts[1]["passed"], true);
}

#[test]
fn field_case_46_a_failed_check_is_told_as_failed_everywhere() {
    let checks = json!([
        { "metric": "makespan", "max": "1000s" }, { "metric": "wait", "stat": "p99.99", "max": "600s" }
    ]);
    let (ended, verdicts) = checked(&eight().checks(checks));
    assert_eq!(ended.status, Some(1));
    assert_eq!(
        verdicts,
        [
            json!({
                "check": "makespan", "metric": "makespan", "passed": false,
                "observed_s": 1200, "limit_s": { "max": 1000 }, "worst": { "copy": "c6@r", "value_s": 1200 },
            }),
            json!({
                "check": "wait p99.99", "metric": "wait", "stat": "p99.99", "passed": true,
                "observed_s": 600, "limit_s": { "max": 600 }, "worst": { "copy": "c6@r", "value_s": 600 },
            }),
        ]
    );
}

#[test]
fn field_case_47_a_check_without_data_is_not_passed() {
    // The copies go to where the images are, so all are refused.
    let scene = Scene::lane(5).copy_with("x", 0, json!({ "to": "a" }));
    let checks = json!([
        { "metric": "available", "min": 1 }, { "metric": "wait", "stat": "p95", "max": "600s" }
    ]);
    let (ended, verdicts) = checked(&scene.checks(checks));
    assert_eq!(ended.status, Some(1));
    let told =
        |verdict: &Value| [&verdict["passed"], &verdict["observed"], &verdict["no_data"]].map(Clone::clone);
    assert_eq!(told(&verdicts[0]), [json!(false), json!(0), Value::Null]);
    assert_eq!(told(&verdicts[1]), [json!(false), Value::Null, json!(true)]);
    assert!(verdicts[1].get("observed_s").is_none(), "neither 0 nor NaN");
}

#[test]
fn field_case_38_without_data_the_screen_says_so() {
    let scene = Scene::lane(5).copy_with("x", 0, json!({ "to": "a" }));
    let place = Place::new();
    let checks = json!([{ "metric": "lead", "stat": "mean", "max": "1h" }]);
    place.write("x.json", scene.checks(checks).text());
    let ended = place.run("run x.json --write none");
    assert!(ended.stdout.contains("\n  NO DATA   lead mean   no data   <= 1h\n"), "{ended:?}");
}

#[test]
fn a_run_whose_promises_are_kept_ends_with_0() {
    let scene = eight().checks(json!([{ "metric": "makespan", "equals": "20m" }]));
    let (ended, verdicts) = checked(&scene);
    assert_eq!((ended.status, verdicts[0]["passed"].as_bool()), (Some(0), Some(true)));
    let (_, none) = checked(&eight());
    assert!(none.is_empty(), "without checks there is no such key");
}

/// Every metric of one run, against the sums of field case 46's lane: five wait 0, three 600 s; two waves.
#[test]
fn every_metric_is_what_arithmetic_says() {
    let scene = eight();
    let value = |metric: &str, stat: Value| {
        let mut check = json!({ "metric": metric, "max": 0 });
        let is_duration = ["wait", "waited", "copy", "total", "lead", "makespan"].contains(&metric);
        if is_duration && stat != "count" && stat.get("share_within").is_none() {
            check["max"] = "0s".into();
        }
        if !stat.is_null() {
            check["stat"] = stat;
        }
        let verdict = verdict(&scene, check);
        let keys = ["observed", "observed_s", "observed_per_hour"];
        keys.into_iter().find_map(|key| verdict[key].as_f64()).expect("a value")
    };
    for (metric, stat, expected) in [
        ("wait", json!("mean"), 225.0),
        ("wait", json!("p62.5"), 0.0),
        ("wait", json!("p62.6"), 600.0),
        ("wait", json!("count"), 8.0),
        ("wait", json!({ "share_within": "599s" }), 0.625),
        ("waited", json!("max"), 600.0),
        ("copy", json!("min"), 600.0),
        ("total", json!("mean"), 825.0),
        ("lead", json!("p100"), 1200.0),
        ("makespan", Value::Null, 1200.0),
        ("queue_length", json!("mean"), 1.5),
        ("queue_length", json!("max"), 3.0),
        ("queue_length", json!("min"), 0.0),
        ("slots_in_use", json!("mean"), 4.0),
        ("slots_in_use", json!("max"), 5.0),
        ("slots_in_use", json!("min"), 0.0),
        ("utilisation", Value::Null, 0.8),
        ("planned", Value::Null, 8.0),
        ("available", json!("share"), 1.0),
        ("refused", Value::Null, 0.0),
        ("unfinished", Value::Null, 0.0),
        ("refusals", Value::Null, 0.0),
        ("throughput", Value::Null, 24.0),
    ] {
        assert!((value(metric, stat.clone()) - expected).abs() < 1e-9, "{metric} {stat}");
    }
}

#[test]
fn r9_8_a_percentile_is_exact_beyond_the_exact_limit() {
    // 40 copies wait 0, 10000 s, 20000 s and so on to 390000 s on one slot: rank 39 of 40 is p97.5.
    let scene = Scene::lane(1).copies("c", 1..=40, 0, 10_000).set("exact_limit", 10);
    let passed = |stat: &str, limit: Value| {
        let mut check = json!({ "metric": "wait", "stat": stat });
        check.as_object_mut().expect("an object").extend(limit.as_object().expect("an object").clone());
        let verdict = verdict(&scene, check);
        assert_eq!(verdict["approximate"], true);
        let (observed, limits) = (verdict["observed_s"].as_f64().expect("a value"), &verdict["limit_s"]);
        let agrees = limits["max"].as_f64().is_none_or(|max| observed <= max)
            && limits["min"].as_f64().is_none_or(|min| observed >= min);
        assert_eq!(verdict["passed"], agrees, "what is shown agrees: {verdict}");
        agrees
    };
    assert!(passed("p97.5", json!({ "max": "380000s" })), "its bucket reaches beyond");
    assert!(!passed("p97.5", json!({ "max": "379999999999us" })));
    assert!(passed("p97.5", json!({ "min": "380000s" })));
    assert!(!passed("p97.5", json!({ "min": "380000000001us" })), "its bucket reaches there");
    assert!(!passed("p97.5001", json!({ "max": "380000s" })), "rank 40");
}

#[test]
fn r9_3_the_makespan_of_a_request_and_of_its_copies_to_a_region() {
    // One slot: x to r, s and t by 10, 20 and 30 minutes; y planned at 5 minutes, done at 40.
    let all = json!({ "to": ["r", "s", "t"] });
    let scene = Scene::lane(1).copy_with("x", 0, all).copy_with("y", 300, json!({ "to": "s" }));
    let makespan = |scene: &Scene, of: &str| {
        let mut check = json!({ "metric": "makespan", "max": "1h" });
        if !of.is_empty() {
            check["of"] = of.into();
        }
        verdict(scene, check)["observed_s"].as_u64()
    };
    for (of, expected) in [("", 2400), ("x", 1800), ("x@s", 1200), ("y", 2100)] {
        assert_eq!(makespan(&scene, of), Some(expected), "{of}");
    }
    // At 25 minutes x to t still runs and y waits.
    let cut = scene.clone().set("horizon", "25m");
    for (of, expected) in [("", None), ("x", None), ("x@s", Some(1200)), ("y", None)] {
        assert_eq!(makespan(&cut, of), expected, "{of}");
    }
    // Nothing of z is planned by then, so the makespan of all isn't known, that of x is.
    let late = scene.copy("z", 9000, 60).set("horizon", "2h");
    assert_eq!((makespan(&late, ""), makespan(&late, "x"), makespan(&late, "z")), (None, Some(1800), None));
}

#[test]
fn r7_1_refused_calls_are_counted_by_their_codes() {
    // Two copies with one name, a copy to where the image is, a dry run, and a cancel of what is done.
    let named = |at: u64| (at, json!({ "image": "i", "name": "nn", "to": "r" }));
    let scene = [named(0), named(10)]
        .into_iter()
        .fold(Scene::lane(5).image("i"), |scene, (at, body)| scene.copy_with(&format!("n{at}"), at, body));
    let scene = scene.copy_with("home", 20, json!({ "image": "i", "to": "a" }));
    let scene = scene.copy_with("dry", 30, json!({ "image": "i", "to": "s", "dry_run": true }));
    let scene = scene.cancel("stop", 900, "n0");
    let count = |check: Value| {
        let mut check = check;
        check["metric"] = "refusals".into();
        check["max"] = 0.into();
        verdict(&scene, check)["observed"].as_u64()
    };
    assert_eq!(count(json!({})), Some(3), "a dry run that passes is no refusal");
    assert_eq!(count(json!({ "code": "InvalidImageName.Duplicated" })), Some(1));
    assert_eq!(count(json!({ "code": "IncorrectImageStatus" })), Some(1));
    assert_eq!(count(json!({ "code": "DryRunOperation" })), Some(1));
    assert_eq!(count(json!({ "code": "Throttling.User" })), Some(0));
    assert_eq!(count(json!({ "of": "stop" })), Some(1));
    assert_eq!(count(json!({ "of": "home" })), Some(1));
    assert_eq!(count(json!({ "to": "r" })), Some(1), "of the copies to r one was refused");
    assert_eq!(count(json!({ "image": "i" })), Some(2), "a cancel names no image to copy");
}

#[test]
fn scopes_by_account_image_and_region() {
    let scene = Scene::lane(2).set("accounts", json!({ "one": {}, "two": {} }));
    let scene = scene.set("images.w", json!({ "region": "a", "size": "1GiB", "count": 3, "account": "one" }));
    let scene = scene.set("images.v", json!({ "region": "a", "size": "1GiB", "account": "two" }));
    let to = |image: &str, to: Value| json!({ "image": image, "to": to });
    let scene =
        scene.copy_with("many", 0, to("w", json!("r"))).copy_with("few", 0, to("v", json!(["r", "s"])));
    let count = |scope: Value| {
        let mut check = scope;
        check["metric"] = "available".into();
        check["min"] = 1.into();
        verdict(&scene, check)["observed"].as_u64()
    };
    assert_eq!(count(json!({})), Some(5));
    assert_eq!(count(json!({ "account": "one" })), Some(3));
    assert_eq!(count(json!({ "image": "w" })), Some(3));
    assert_eq!(count(json!({ "image": "w-2" })), Some(1));
    assert_eq!(count(json!({ "of": "many:w-2" })), Some(1));
    assert_eq!(count(json!({ "of": "many:w-2@r" })), Some(1));
    assert_eq!(count(json!({ "to": ["r", "t"], "from": "a*", "account": "two" })), Some(1));
    // Each account has two slots of its own: three copies of 600 s are two waves, two are one.
    let peak = |scope: Value| {
        let mut check = scope;
        check["metric"] = "slots_in_use".into();
        check["stat"] = "max".into();
        check["max"] = 1.into();
        verdict(&scene, check)["observed"].as_u64()
    };
    assert_eq!(peak(json!({ "slots": "a" })), Some(4));
    assert_eq!(peak(json!({ "slots": "a", "account": "two" })), Some(2));
    assert_eq!(
        peak(json!({ "slots": ["a", "r"] })),
        Some(4),
        "where the source counts, nobody needs those of r"
    );
    assert_eq!(peak(json!({ "slots": "r" })), Some(0));
    // Of all slots only those count that anything asked for: 5 copies of 600 s in 1200 s, 4 slots.
    let use_of = |mut check: Value| {
        check["metric"] = "utilisation".into();
        check["min"] = 0.1.into();
        verdict(&scene, check)["observed"].as_f64()
    };
    assert_eq!((use_of(json!({})), use_of(json!({ "slots": "r" }))), (Some(0.625), Some(0.0)));
}

#[test]
fn slots_of_pairs_are_named_as_results_name_them() {
    let scene = Scene::lane(1).set("service.cap_scope", "pair").set("service.cap", 1);
    let scene = scene.copies("c", 1..=3, 0, 600).copy_with("other", 0, json!({ "to": "s" }));
    let waiting = |slots: &str| {
        let check = json!({ "metric": "queue_length", "stat": "max", "slots": slots, "max": 0 });
        verdict(&scene, check)["observed"].as_u64()
    };
    assert_eq!((waiting("a>r"), waiting("a>s"), waiting("a>*")), (Some(2), Some(0), Some(2)));
}

#[test]
fn the_worst_row_of_a_trace_is_called_by_its_id() {
    let scene =
        Scene::lane(1).request("trace", json!({ "id": "log", "file": "t.csv", "copy": { "from": "a" } }));
    let place = Place::new();
    let scene = scene.checks(json!([
        { "metric": "wait", "stat": "max", "max": "5m", "of": "log" },
        { "metric": "makespan", "max": "15m" }
    ]));
    place.write("x.json", scene.text());
    let rows = |ids: &[&str]| ids.iter().map(|id| format!("{id},0s,1GiB,r,10m\n")).collect::<String>();
    place.write("t.csv", format!("id,at,size,to,duration\n{}", rows(&["job-a", "job-b", "job-c"])));
    let ended = place.run("run x.json --write none");
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("longest: log#job-c@r 20m\n"), "{ended:?}");
    assert!(ended.stdout.contains("last ready: log#job-c@r\n"), "{ended:?}");
}

#[test]
fn a_promise_that_cant_be_broken_is_noticed() {
    let noticed = |check: Value| {
        let place = Place::new();
        place.write("x.json", eight().checks(json!([check])).text());
        place.run("run x.json --write none").stderr
    };
    assert_eq!(
        noticed(json!({ "metric": "failed", "min": 0 })),
        "note: check `failed`: it is never below 0, so this can't fail\n"
    );
    assert_eq!(
        noticed(json!({ "metric": "wait", "stat": { "share_within": "1h" }, "max": 1 })),
        "note: check `wait share within 1h`: it is never above 1, so this fails only where there is no data\n"
    );
    assert_eq!(
        noticed(json!({ "metric": "lead", "stat": "p95", "min": "0s" })),
        "note: check `lead p95`: it is never below 0, so this fails only where there is no data\n"
    );
    assert_eq!(noticed(json!({ "metric": "failed", "min": 0, "max": 2 })), "");
    assert_eq!(noticed(json!({ "metric": "failed", "equals": 0 })), "");
}

/// The screen up to the figures.
fn screen(checks: Value) -> String {
    let place = Place::new();
    place.write("plan.json", eight().checks(checks).text());
    let ended = place.run("run plan.json --write none");
    ended.stdout.split("\n\n").take(2).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn verdicts_lead_the_screen() {
    insta::assert_snapshot!(screen(json!([
        { "metric": "makespan", "max": "1000s" },
        { "metric": "makespan", "max": "20m", "of": "c1" },
        { "metric": "wait", "stat": "mean", "equals": "225s" },
        { "metric": "wait", "stat": { "share_within": "10m" }, "min": 0.95 },
        { "metric": "lead", "stat": "p50", "min": "10m", "max": "20m" },
        { "metric": "lead", "stat": "p99.9", "max": "1h", "to": ["s", "t"] },
        { "metric": "queue_length", "stat": "mean", "max": 1.499999, "slots": "a" },
        { "metric": "throughput", "min": 25 },
        { "metric": "refusals", "max": 0, "code": "Throttling.User" },
    ])));
}

#[test]
fn values_beside_a_limit_are_not_rounded_to_it() {
    // 600.4 s would be rounded to 10 minutes.
    let place = Place::new();
    let scene = Scene::lane(5).copy_with("x", 0, json!({ "duration": "600400ms" }));
    let scene = scene.checks(json!([{ "metric": "lead", "stat": "max", "max": "10m" }]));
    place.write("x.json", scene.text());
    let ended = place.run("run x.json --write none");
    assert!(ended.stdout.contains("  FAIL   lead max   600.4s   <= 10m   longest: x@r 10m\n"), "{ended:?}");
}

#[test]
fn verdicts_have_their_colours() {
    let place = Place::new();
    let checks = json!([{ "metric": "failed", "max": 0 }, { "metric": "makespan", "max": "1s" }]);
    place.write("x.json", eight().checks(checks).text());
    let mut command: Command = place.command("run x.json --write none --color always");
    let output = command.output().expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("text");
    // Green for what passed, red for what failed.
    assert!(text.contains("\u{1b}[1m\u{1b}[32mPASS\u{1b}[0m   failed"), "{text:?}");
    assert!(text.contains("\u{1b}[1m\u{1b}[91mFAIL\u{1b}[0m   makespan"), "{text:?}");
}

#[test]
fn a_failed_check_is_annotated_at_its_line() {
    let place = Place::new();
    let text = r#"{ "schema_version": 1, "regions": { "a": {}, "r": {} },
  "images": { "i": { "region": "a", "size": "1GiB" } },
  "requests": [{ "copy": { "id": "x", "image": "i", "to": "r", "duration": "10m" } }],
  "checks": [
    { "metric": "failed", "max": 0 },
    { "metric": "makespan", "max": "5m" },
  ] }"#;
    place.write("x.json", text);
    let annotations = |arguments: &str| {
        let output =
            place.command(arguments).env("GITHUB_ACTIONS", "true").output().expect("the program starts");
        let ended = Ended::of(output, arguments);
        assert_eq!(ended.status, Some(1), "{ended:?}");
        ended.stderr.lines().filter(|line| line.starts_with("::error")).map(str::to_owned).collect::<Vec<_>>()
    };
    let at = "::error file=x.json,line=6,endLine=6,col=5,endColumn=42,title=copysim::";
    let message = "check failed: makespan is 10m, and must be <= 5m; last ready: x@r";
    for arguments in ["run x.json --write none", "run x.json --write none --format json", "check x.json"] {
        let found = annotations(arguments);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("{at}{message}%0Ahelp: ")), "{found:?}");
    }
    // What was laid over the file has no line there.
    let found = annotations(r#"run x.json --write none --set checks=[{"metric":"makespan","max":"1m"}]"#);
    assert!(found[0].starts_with("::error file=x.json,line=1,endLine=1,col=1,endColumn=1,"), "{found:?}");
}

#[test]
fn slots_that_were_asked_for_by_copies_of_no_length_count() {
    let scene = Scene::lane(1).set("service.cap_scope", "destination");
    let scene = scene.set("regions.r.cap", 1).set("regions.s.cap", 1).copies("c", 1..=1, 0, 10);
    let used = |length: u64| {
        let scene =
            scene.clone().copy_with("other", 0, json!({ "to": "s", "duration": format!("{length}s") }));
        verdict(&scene, json!({ "metric": "utilisation", "max": 1 }))["observed"].as_f64()
    };
    // Ten seconds of two slots; with the other one held for a second more.
    assert_eq!((used(0), used(1)), (Some(0.5), Some(0.55)));
}

#[test]
fn a_promise_on_waits_says_how_many_copies_it_leaves_out() {
    // Two slots, and copies of ten minutes: of twelve the third and later ones wait, and ten give up after a minute.
    let copy = json!({ "timeout": { "after": "1m", "then": "cancel_if_waiting" } });
    let scene = (0..12).fold(Scene::lane(2), |scene, n| scene.copy_with(&format!("c{n}"), 0, copy.clone()));
    let wait = json!({ "metric": "wait", "stat": "max", "max": "1h" });
    let warned = |checks: Value| {
        let place = Place::new();
        place.write("x.json", scene.clone().checks(checks).text());
        place.run("run x.json --write none").stdout.contains("leave out the copies that never started")
    };
    assert!(warned(json!([wait])));
    assert!(!warned(json!([wait, { "metric": "cancelled_waiting", "max": 10 }])));
    assert!(!warned(json!([{ "metric": "unfinished", "max": 0 }])));
}
