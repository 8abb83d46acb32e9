//! What is said of checks that are wrong: where, what, and the way out.

use serde_json::{Value, json};

use copysim::scenario::Scenario;

use crate::scenes::Scene;

fn scene() -> Scene {
    let scene = Scene::lane(5).set("accounts", json!({ "one": {}, "two": {} }));
    let scene =
        scene.set("images.web", json!({ "region": "a", "size": "1GiB", "count": 2, "account": "one" }));
    let release = json!({ "image": "web", "to": ["r", "s"], "account": "one" });
    let scene = scene.copy_with("release", 0, release).cancel("stop", 60, "release@r");
    let stream = json!({ "id": "builds", "process": { "periodic": { "every": "1h" } }, "count": 2,
        "copy": { "from": "a", "to": "t", "size": "1GiB", "account": "two" } });
    let scene = scene.request("arrivals", stream);
    let there = json!({ "image": "web", "to": "t", "account": "one", "already": "queued" });
    let mut copy = there;
    copy["id"] = "there".into();
    scene.request("copy", copy)
}

/// Path, message and help of each fault of a scene with one check.
fn faults_of(scene: Scene, check: Value) -> Vec<[String; 3]> {
    let text = scene.checks(json!([check])).text();
    let faults = Scenario::read("test.json", text.into_bytes(), &[]).err().map(|error| error.diagnostics);
    let told = |fault: copysim::scenario::Diagnostic| {
        assert!(fault.span.is_some(), "{fault:?}");
        [fault.path.unwrap_or_default(), fault.message, fault.help.unwrap_or_default()]
    };
    faults.unwrap_or_default().into_iter().map(told).collect()
}

#[track_caller]
fn assert_fault(check: Value, path: &str, message: &str, help: &str) {
    let path = format!("checks[0]{path}");
    assert_eq!(faults_of(scene(), check), [[path, message.to_owned(), help.to_owned()]]);
}

const DURATIONS: &str =
    "\"mean\", \"max\", a percentile such as \"p95\", {\"share_within\": \"10m\"}, \"min\" or \"count\"";

#[test]
fn field_case_47_an_unknown_metric_is_an_input_error() {
    let metric = |metric: &str| json!({ "metric": metric, "max": 1 });
    let told = |word: &str, help: &str| {
        assert_fault(metric(word), ".metric", &format!("there is no metric `{word}`"), help);
    };
    told("p95_wiat", "did you mean `\"metric\": \"wait\", \"stat\": \"p95\"`?");
    told("lead p99.9", "did you mean `\"metric\": \"lead\", \"stat\": \"p99.9\"`?");
    told("mean_total", "did you mean `\"metric\": \"total\", \"stat\": \"mean\"`?");
    told("makspan", "did you mean `makespan`?");
    told("utilization", "did you mean `utilisation`?");
    told(
        "zzzzz",
        "write one of `wait`, `waited`, `copy`, `total`, `lead`, `makespan`, `queue_length`, `slots_in_use`, \
         `utilisation`, `refusals`, `throughput`, or what copies are counted by: `available`, \
         `cancelled_waiting`, `refused`, `unfinished` and so on",
    );
}

#[test]
fn statistics_must_exist_and_fit_their_metric() {
    let stat = |metric: &str, stat: Value| json!({ "metric": metric, "stat": stat, "max": 1 });
    for word in ["p101", "p95.12345", "p", "95", "variance"] {
        let faults = faults_of(scene(), stat("wait", json!(word)));
        assert_eq!(faults[0][1], format!("there is no statistic `{word}`"), "{faults:?}");
        assert!(faults[0][2].starts_with("write \"min\", \"mean\""), "{faults:?}");
    }
    assert_fault(
        stat("wait", json!("maen")),
        ".stat",
        "there is no statistic `maen`",
        "did you mean `mean`?",
    );
    let fits = |metric: &str, asked: Value, word: &str, help: &str| {
        assert_fault(stat(metric, asked), ".stat", &format!("`{metric}` has no `{word}`"), help);
    };
    fits("makespan", json!("p95"), "p95", "leave `stat` out: it is one value");
    fits("throughput", json!("mean"), "mean", "leave `stat` out: it is one value");
    fits("refusals", json!("max"), "max", "leave `stat` out: it is a count");
    fits("utilisation", json!("max"), "max", "leave `stat` out: it is an average");
    fits("queue_length", json!("p95"), "p95", "write \"mean\", \"max\" or \"min\"");
    fits("available", json!("mean"), "mean", "write \"count\" or \"share\"");
    fits("available", json!({ "share_within": "1m" }), "share_within", "write \"count\" or \"share\"");
    fits("wait", json!("share"), "share", &format!("write {DURATIONS}"));
    let bare = json!({ "metric": "lead", "max": "1h" });
    assert_fault(bare, ".metric", "`lead` has many values", &format!("add a `stat`: {DURATIONS}"));
    let bare = json!({ "metric": "slots_in_use", "max": 5 });
    let help = "add a `stat`: \"mean\", \"max\" or \"min\"";
    assert_fault(bare, ".metric", "`slots_in_use` has many values", help);
}

#[test]
fn limits_must_be_of_the_right_kind() {
    let wrong = |check: Value, key: &str, message: &str, help: &str| {
        assert_fault(check, &format!(".{key}"), message, help);
    };
    wrong(
        json!({ "metric": "makespan", "max": 600 }),
        "max",
        "`makespan` is a duration, and this has no unit",
        "write `\"600s\"`, or with another unit",
    );
    wrong(
        json!({ "metric": "refused", "max": "10m" }),
        "max",
        "this is a duration, but this is a whole number",
        "write a number such as 0",
    );
    wrong(
        json!({ "metric": "refused", "equals": 0.5 }),
        "equals",
        "this is a whole number",
        "write a number such as 0",
    );
    let share = |min: Value| json!({ "metric": "wait", "stat": { "share_within": "10m" }, "min": min });
    let help = "write a number such as 0.95";
    wrong(share(json!(95)), "min", "a share is a number from 0 to 1", help);
    let help_on_shares = "write a share as a number from 0 to 1, such as 0.05";
    wrong(share(json!("95%")), "min", "`95%` is no limit", help_on_shares);
    let level = |max: Value| json!({ "metric": "queue_length", "stat": "mean", "max": max });
    let help = "write a number such as 4.5";
    wrong(level(json!(0.123_456_7)), "max", "a limit has at most six decimals", help);
    wrong(level(json!(1e300)), "max", "this is more than any figure can be", help);
    wrong(level(json!(-1)), "max", "a limit can't be negative", "no figure is: write 0 or more");
    wrong(level(json!(-0.5)), "max", "a limit can't be negative", "no figure is: write 0 or more");
    let throughput = json!({ "metric": "throughput", "min": "1h" });
    let help = "write a number such as 8.5";
    wrong(throughput, "min", "this is a duration, but this is a number per hour", help);
}

#[test]
fn limits_must_go_together() {
    let none = json!({ "metric": "failed" });
    assert_fault(none, "", "this check has no limit", "add `max`, `min` or `equals`");
    let crossed = json!({ "metric": "lead", "stat": "p50", "min": "2h", "max": "1h" });
    assert_fault(crossed, ".min", "`min` is above `max`: no value is between them", "exchange the two");
    let both = json!({ "metric": "failed", "equals": 0, "max": 1 });
    assert_fault(both, ".equals", "`equals` doesn't go with `min` or `max`", "leave one of the two out");
    let touching = json!({ "metric": "failed", "min": 1, "max": 1 });
    assert!(faults_of(scene(), touching).is_empty());
}

#[test]
fn names_in_a_scope_must_exist() {
    let scoped = |key: &str, name: &str| {
        let mut check = json!({ "metric": "failed", "max": 0 });
        check[key] = name.into();
        check
    };
    let told = |key: &str, name: &str, message: &str, help: &str| {
        assert_fault(scoped(key, name), &format!(".{key}"), message, help);
    };
    told("of", "relaese", "there is no request `relaese`", "did you mean `release`?");
    told("of", "release@t", "`release@t` names no copy of `release`", "known destinations of it: `r`, `s`");
    told("of", "release:wep-1", "`release:wep-1` names no copy of `release`", "did you mean `web-1`?");
    told(
        "of",
        "stop",
        "`stop` is not a copy request",
        "name a copy request, or write `\"metric\": \"refusals\"`",
    );
    let help = "name all of them, `builds`, or those to one region, such as `builds@us-east-1`";
    told("of", "builds#1", "one arrival or row has no figures of its own", help);
    let message = "the copies of `there` were there when the run began, and no figure takes them";
    told("of", "there", message, "name another request, or slots, which count them");
    told("from", "x*", "no region matches `x*`", "known regions: `a`, `r`, `s`, `t`");
    told("image", "wep", "there is no image `wep`", "did you mean `web`?");
    told("image", "web-3", "there is no image `web-3`", "known images: `web`");
    told("account", "twoo", "there is no account `twoo`", "did you mean `two`?");
    let refusals = json!({ "metric": "refusals", "max": 0, "code": "Throtling.User" });
    assert_fault(refusals, ".code", "there is no code `Throtling.User`", "did you mean `Throttling.User`?");
    let unknown = json!({ "metric": "failed", "max": 0, "regoin": "a" });
    let faults = faults_of(scene(), unknown);
    assert_eq!(faults[0][..2], ["checks[0].regoin", "unknown key `regoin`"], "{faults:?}");
}

#[test]
fn scopes_must_have_the_metric() {
    let level = json!({ "metric": "queue_length", "stat": "mean", "max": 1, "to": "r" });
    let help = "leave it out, or name `slots`, such as \"cn-hangzhou\"";
    assert_fault(level, ".to", "`queue_length` is of slots, and `to` is of requests", help);
    let count = json!({ "metric": "failed", "max": 0, "slots": "a" });
    let help = "leave it out, or name requests by `of`, `from`, `to`, `image` or `account`";
    assert_fault(count, ".slots", "`failed` isn't of slots", help);
    let coded = json!({ "metric": "refused", "max": 0, "code": "Throttling.User" });
    let help = "leave it out, or write `\"metric\": \"refusals\"`, which counts calls by their codes";
    assert_fault(coded, ".code", "`refused` has no codes", help);
    let pair = json!({ "metric": "utilisation", "max": 1, "slots": "a>r" });
    let message = "slots are of single regions here: `cap_scope` isn't \"pair\"";
    assert_fault(pair.clone(), ".slots", message, "write `\"a\"`");
    let pairs = scene().set("service.cap_scope", "pair");
    assert!(faults_of(pairs.clone(), pair).is_empty());
    let single = json!({ "metric": "utilisation", "max": 1, "slots": "a" });
    assert_eq!(
        faults_of(pairs, single),
        [[
            "checks[0].slots",
            "slots are of pairs of regions here: `cap_scope` is \"pair\"",
            "write `\"a>*\"`"
        ]]
    );
    let shared = scene().set("service.cap_per_account", false);
    let of_account = json!({ "metric": "utilisation", "max": 1, "account": "one" });
    assert_eq!(
        faults_of(shared, of_account)[0][1],
        "slots are of no account here: `cap_per_account` is false"
    );
}

#[test]
fn a_check_of_what_has_a_fault_of_its_own_is_no_fault() {
    let text = scene().text().replacen("[\"r\",\"s\"]", "[\"r\",\"mars\"]", 1);
    for name in ["release", "release@s"] {
        let mut broken: Value = serde_json::from_str(&text).expect("JSON");
        broken["checks"] = json!([{ "metric": "failed", "max": 0, "of": name }]);
        assert_eq!(crate::support::faults(&broken.to_string()), ["there is no region `mars`"], "{name}");
    }
}
