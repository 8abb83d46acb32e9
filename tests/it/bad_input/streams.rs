//! Mistakes in what is drawn: arrival processes, batches, choices, failures and time-outs.

use super::{arrivals, assert_faults, requests};

/// A stream with this process.
fn process(process: &str) -> String {
    arrivals(&format!(r#""count": 5, "process": {process}"#))
}

/// A stream of five arrivals that ask for this.
fn asks(copy: &str) -> String {
    requests(&format!(
        r#"{{ "arrivals": {{ "id": "s", "count": 5, "process": {{ "poisson": {{ "per_hour": 1 }} }}, "copy": {copy} }} }}"#
    ))
}

#[test]
fn rates_and_processes() {
    assert_faults(&[
        (process(r#"«{ "poisson": { "per_hour": 0 } }»"#), "at a rate of 0 nothing ever arrives", "above 0"),
        (process(r#"«{ "poisson": { "per_hour": -2 } }»"#), "a rate can't be below 0", "unit of time"),
        (process(r#"{ "poisson": { «"per_year"»: 2 } }"#), "unknown choice `per_year`", "per_day"),
        (
            process(r#"{ «"poison"»: { "per_hour": 2 } }"#),
            "unknown choice `poison`",
            "did you mean `poisson`?",
        ),
        (
            process(r#"{ "renewal": { "between": «"0s"» } }"#),
            "these arrivals would never let the clock move on",
            "at least 1us",
        ),
    ]);
}

#[test]
fn profiles() {
    let profile = |rest: &str| process(&format!(r#"{{ "profile": {{ {rest} }} }}"#));
    assert_faults(&[
        (profile(r#""rates": «[]»"#), "this profile has no rates", "from `\"at\": \"0s\"` on"),
        (
            profile(r#""rates": [{ "at": «"1h"», "rate": { "per_hour": 1 } }]"#),
            "nothing says the rate before this",
            "let the first rate be at `0s`",
        ),
        (
            profile(
                r#""rates": [{ "at": "0s", "rate": { "per_hour": 1 } }, { "at": «"0s"», "rate": { "per_hour": 2 } }]"#,
            ),
            "this rate is at 0s, and the one before it at 0s",
            "in the order of their times",
        ),
        (
            profile(
                r#""period": "1d", "rates": [{ "at": "0s", "rate": { "per_hour": 1 } }, { "at": «"1d"», "rate": { "per_hour": 2 } }]"#,
            ),
            "a period is over after 1d",
            "within the period",
        ),
        (
            profile(r#""rates": «[{ "at": "0s", "rate": { "per_hour": 0 } }]»"#),
            "at these rates nothing ever arrives",
            "above 0",
        ),
        (
            profile(r#""period": «"0s"», "rates": [{ "at": "0s", "rate": { "per_hour": 1 } }]"#),
            "a period of 0s never goes on",
            "such as \"1d\"",
        ),
        (
            profile(r#""period": «"1us"», "rates": [{ "at": "0s", "rate": { "per_day": 1 } }]"#),
            "fewer than one arrives in 1000 periods",
            "a longer period",
        ),
    ]);
}

#[test]
fn bursts_and_batches() {
    let bursts = |states: &str| process(&format!(r#"{{ "bursts": {{ "states": {states} }} }}"#));
    let batch = |batch: &str| {
        arrivals(&format!(r#""count": 5, "process": {{ "poisson": {{ "per_hour": 1 }} }}, "batch": {batch}"#))
    };
    assert_faults(&[
        (
            bursts(r#"«[{ "rate": { "per_hour": 1 }, "stay": "1h" }]»"#),
            "with one state nothing ever changes",
            "at least two states",
        ),
        (
            bursts(
                r#"[{ "rate": { "per_hour": 1 }, "stay": «"0s"» }, { "rate": { "per_hour": 2 }, "stay": "1h" }]"#,
            ),
            "a state that lasts 0s is none",
            "a mean length",
        ),
        (
            bursts(
                r#"«[{ "rate": { "per_hour": 0 }, "stay": "1h" }, { "rate": { "per_hour": 0 }, "stay": "1h" }]»"#,
            ),
            "fewer than one arrives in 1000 rounds",
            "higher rates",
        ),
        (batch(r#"«{ "fixed": 0 }»"#), "a batch of 0 arrivals asks for nothing", "at least 1"),
        (batch(r#"«{ "geometric": { "mean": 0.5 } }»"#), "its mean can't be 0.5", "at least 1"),
    ]);
}

#[test]
fn choices() {
    assert_faults(&[
        (
            asks(r#"{ "image": { "one_of": { «"wep"»: 1 } }, "to": "us-east" }"#),
            "there is no image `wep`",
            "did you mean `web`?",
        ),
        (
            asks(r#"{ "image": "web", "to": { "one_of": { "us-east": «-1», "us-west": 1 } } }"#),
            "weights",
            "0 or more",
        ),
        (
            asks(r#"{ "image": "web", "to": «{ "one_of": { "us-east": 0 } }» }"#),
            "weights",
            "a weight above 0",
        ),
        (
            asks(r#"{ "image": "web", "to": "us-east", "priority": { "one_of": { «"high"»: 1 } } }"#),
            "`high` is no priority",
            "whole numbers",
        ),
        (
            asks(r#"{ "image": "web", "to": "us-east", "priority": «{ "in_turn": [] }» }"#),
            "there is no priority to choose",
            "one at least",
        ),
        (
            requests(
                r#"{ "copy": { "image": "web", "to": "us-east", "priority": «{ "in_turn": [1, 2] }» } }"#,
            ),
            "only arrivals can take one of several priorities",
            "a whole number",
        ),
        (
            asks(r#"{ "image": "web", "to": { «"one_off"»: ["us-east"] } }"#),
            "unknown choice `one_off`",
            "did you mean `one_of`?",
        ),
        (
            requests(
                r#"{ "arrivals": { "id": "s", "count": 5, "process": { "poisson": { "per_hour": 1 } },
                     "copy": { "image": "web", "to": { "one_of": ["us-east", "us-west"] } } } },
                   { "cancel": { "at": "1h", "copy": «"s#3"» } }"#,
            ),
            "which copy `s#3` is can't be told before the run",
            "without `one_of`",
        ),
    ]);
}

#[test]
fn failures_and_time_outs() {
    assert_faults(&[
        (
            asks(r#"{ "image": "web", "to": "us-east", "fail": «{ "after": "1m", "at": 0.5 }» }"#),
            "either `after` a running time or `at` a share",
            "probability",
        ),
        (asks(r#"{ "image": "web", "to": "us-east", "fail": «{}» }"#), "a failure comes either", "0.5"),
        (
            asks(r#"{ "image": "web", "to": "us-east", "fail": { "probability": «2» } }"#),
            "this fraction is above 1",
            "from 0 to 1",
        ),
        (
            asks(r#"{ "image": "web", "to": "us-east", "timeout": { "after": "1m", "then": «"go"» } }"#),
            "unknown choice `go`",
            "cancel_if_waiting",
        ),
        (
            asks(
                r#"{ "image": "web", "to": "us-east", "timeout": { "after": { "exponential": { "mean": «"0s"» } }, "then": "cancel" } }"#,
            ),
            "mean",
            "above 0",
        ),
        (
            requests(
                r#"{ "copy": { "image": "web", "to": "us-east", "already": { "running": { "remaining": «"1m"» } },
                     "duration": { "exponential": { "mean": "1h" } } } }"#,
            ),
            "how long these copies take is drawn",
            "leave `remaining` out",
        ),
    ]);
}
