//! Mistakes in clients, closed loops, outages and capacities.

use super::{arrivals, assert_faults, copy, regions, requests, top};

/// A scenario with a client of these keys.
fn client(keys: &str) -> String {
    top(&format!(r#""clients": {{ "c": {{ {keys} }} }}"#))
}

/// A scenario with a client that calls again like this.
fn retry(keys: &str) -> String {
    client(&format!(r#""retry": {{ {keys} }}"#))
}

/// Calls three times after any refusal, with this delay.
fn delay(delay: &str) -> String {
    retry(&format!(r#""on": "any", "attempts": 3, "delay": {delay}"#))
}

#[test]
fn r1_8_clients_that_would_never_let_the_clock_move_on() {
    let again = "a client that calls again after 0s would never let the clock move on";
    let closed =
        |keys: &str| arrivals(&format!(r#""count": 5, "process": {{ "closed_loop": {{ {keys} }} }}"#));
    assert_faults(&[
        (delay(r#"«{ "fixed": "0s" }»"#), again, "above zero"),
        (delay(r#"«{ "exponential": { "first": "0us" } }»"#), again, "above zero"),
        (delay(r#"«{ "exponential": { "first": "1s", "max": "0s" } }»"#), again, "above zero"),
        (client(r#""poll": «"0s"»"#), "polls every 0s", "above zero"),
        (closed(r#""workers": 2, "think": «"0s"»"#), "workers that never think", "above zero"),
        (
            closed(r#""workers": 2, "think": «{ "mixture": [{ "weight": 1, "of": "0s" }] }»"#),
            "workers that never think",
            "above zero",
        ),
        (closed(r#""workers": «0», "think": "1s""#), "without workers nothing is asked for", "at least 1"),
    ]);
}

#[test]
fn r8_clients_that_never_ask_for_anything() {
    assert_faults(&[
        (client(r#""concurrency": «0»"#), "has no request in hand", "at least 1"),
        (client(r#""concurrency": «-1»"#), "`-1` is out of range", "4294967295"),
        (
            retry(r#""on": "any", "attempts": «0», "delay": { "fixed": "1s" }"#),
            "a client that makes no call",
            "with the first one",
        ),
        (
            retry(r#""on": "any", «"attempt"»: 2, "attempts": 2, "delay": { "fixed": "1s" }"#),
            "`attempt`",
            "`attempts`",
        ),
        (
            client(r#""retry": «{» "on": "any", "delay": { "fixed": "1s" } }"#),
            "the key `attempts` is missing",
            "",
        ),
        (client(r#""retry": «{» "on": "any", "attempts": 2 }"#), "the key `delay` is missing", ""),
        (
            client(r#""retry": «{ "attempts": 2, "delay": { "fixed": "1s" } }»"#),
            "after which answers",
            "failed_copies",
        ),
        (
            retry(r#""on": "any", "attempts": 2, "jitter": «1.5», "delay": { "fixed": "1s" }"#),
            "this is not a fraction from 0 to 1",
            "from 0 to 1",
        ),
        (client(r#""timeout": «{» "then": "leave" }"#), "the key `after` is missing", ""),
        (client(r#""preset": «"ten_minutes_wait"»"#), "`ten_minutes_wait`", "`ten_minute_wait`"),
    ]);
}

#[test]
fn r8_names_that_clients_have_to_do_with() {
    let on = |on: &str| retry(&format!(r#""on": {on}, "attempts": 2, "delay": {{ "fixed": "1s" }}"#));
    let one = r#""clients": { "pipeline": {} }"#;
    let with = |member: &str| copy(member).replacen("\"requests\"", &format!("{one}, \"requests\""), 1);
    assert_faults(&[
        (with(r#""to": "us-east", "client": «"pipelin"»"#), "there is no client `pipelin`", "did you mean `pipeline`?"),
        (copy(r#""to": "us-east", "client": «"pipeline"»"#), "there is no client `pipeline`", ""),
        (on(r#"«"Throttling.Usr"»"#), "never answers `Throttling.Usr`", "did you mean `Throttling.User`?"),
        (on(r#"["Throttling.User", «"any"»]"#), "never answers `any`", "copysim schema codes"),
        // A code of CancelCopyImage.
        (on(r#"«"CancelNotSupported"»"#), "CopyImage never answers `CancelNotSupported`", "copysim schema codes"),
        (client(r#""sees": «"available"»"#), "`sees` is of polls", "\"poll\": \"30s\""),
        (client(r#""poll": "30s", "sees": «"everything"»"#), "`everything`", "available"),
        (
            requests(
                r#"{ "copy": { "image": "web", "to": "us-east", "already": "queued", "client": «"pipeline"» } }"#,
            )
            .replacen("\"requests\"", &format!("{one}, \"requests\""), 1),
            "have no `client`",
            "leave `client` or `already` out",
        ),
    ]);
}

#[test]
fn r4_4_outages_of_a_region() {
    let outages = |outages: &str| regions(&format!(r#"{{ "cn": {{ "outages": {outages} }} }}"#));
    assert_faults(&[
        (
            outages(r#"[«{ "from": "1h", "to": "1h" }»]"#),
            "this outage of `cn` is over before it begins",
            "after `from`",
        ),
        (
            outages(r#"[«{ "from": "1h", "to": "30m" }»]"#),
            "this outage of `cn` is over before it begins",
            "after `from`",
        ),
        (
            outages(r#"[«{ "from": "2h", "to": "4h" }», { "from": "1h", "to": "2h1us" }]"#),
            "two outages of `cn` overlap",
            "make them one",
        ),
        (outages(r#"[{ "from": "1h", "to": "2h", "running": «"stop"» }]"#), "`stop`", "pause"),
    ]);
    // Half-open spans: one may begin in the instant in which the other is over (R1.9).
    let apart =
        regions(r#"{ "cn": { "outages": [{ "from": "1h", "to": "2h" }, { "from": "2h", "to": "3h" }] } }"#);
    assert!(super::read(apart.as_bytes()).is_ok());
}

#[test]
fn r4_2_capacities_that_change() {
    let egress = |egress: &str| regions(&format!(r#"{{ "cn": {{ "egress": {egress} }} }}"#));
    let link = |keys: &str| top(&format!(r#""links": [{{ "from": "cn", "to": "us-*", {keys} }}]"#));
    let twice = r#"[{ "at": "1h", "capacity": "1MiB/s" }, { "at": «"60m"», "capacity": "2MiB/s" }]"#;
    assert_faults(&[
        (egress(r#"{ "capacity": «"1MiB"» }"#), "per second", ""),
        (egress(r#"«{» "capacity_changes": [] }"#), "the key `capacity` is missing", ""),
        (
            egress(&format!(r#"{{ "capacity": "1MiB/s", "capacity_changes": {twice} }}"#)),
            "this capacity changes twice at 1h",
            "keep one of the two",
        ),
        (
            link(&format!(r#""capacity": "1MiB/s", "capacity_changes": {twice}"#)),
            "changes twice",
            "keep one of the two",
        ),
        (
            link(r#""capacity_changes": [{ "at": «"1h"», "capacity": "1MiB/s" }]"#),
            "this link says none",
            "add `\"capacity\": ...`",
        ),
    ]);
}

#[test]
fn r4_2_each_shared_link_has_a_name_of_its_own() {
    let cables = |second: &str| {
        top(&format!(
            r#""links": [{{ "from": "cn", "to": "us-*", "shared": {{ "name": "x", "capacity": "5MB/s" }} }},
                {{ "from": "cn", "to": "us-*", "shared": {{ "name": {second}, "capacity": "6MB/s" }} }}]"#
        ))
    };
    assert_faults(&[(cables(r#"«"x"»"#), "two shared links are called `x`", "a name of its own")]);
    // Two cables over the same pairs are two limits.
    assert!(super::read(cables(r#""y""#).as_bytes()).is_ok());
}

#[test]
fn workers_of_a_closed_loop_ask_for_one_copy_at_a_time() {
    let batch = arrivals(
        r#""count": 5, "process": { "closed_loop": { "workers": 2, "think": "1s" } }, "batch": «{ "fixed": 3 }»"#,
    );
    assert_faults(&[(batch, "one copy at a time", "more `workers`")]);
}
