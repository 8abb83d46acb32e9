//! What can be run but is hardly meant: a notice says so, once for each request.

use super::{read, requests, top};

fn notices(text: &str) -> Vec<String> {
    read(text.as_bytes()).unwrap_or_else(|error| panic!("{:?}", error.diagnostics)).notices
}

#[test]
fn r9_4_a_warm_up_that_lasts_to_the_horizon() {
    let told =
        "figures take only what is planned from the end of the warm-up at 2h on, and the run ends at 2h";
    assert_eq!(notices(&top(r#""warm_up": "2h", "horizon": "2h""#)), [told]);
    assert_eq!(notices(&top(r#""warm_up": "3h", "horizon": "2h""#)).len(), 1);
    assert!(notices(&top(r#""warm_up": "1h", "horizon": "2h""#)).is_empty());
    assert!(notices(&top(r#""warm_up": "3h""#)).is_empty());
}

#[test]
fn r1_7_calls_after_the_horizon() {
    let calls = |at: &str| {
        let calls = requests(&format!(
            r#"{{ "copy": {{ "id": "r", "at": "{at}", "image": ["web", "api"], "to": "all-others" }} }},
            {{ "cancel": {{ "id": "stop", "at": "{at}", "copy": "r" }} }},
            {{ "delete": {{ "at": "{at}", "image": "web" }} }}"#
        ));
        notices(&calls.replacen("\"requests\"", "\"horizon\": \"1h\", \"requests\"", 1))
    };
    // The horizon itself is still of the run.
    assert!(calls("1h").is_empty());
    let told =
        ["r", "stop", "delete-1"].map(|name| format!("{name}: never called at 2h, since the run ends at 1h"));
    assert_eq!(calls("2h"), told);
}

#[test]
fn r2_4_priorities_that_count_for_nothing() {
    let told = r#"the `priority` of a copy counts only with "queue": "priority""#;
    let copy = r#"{ "copy": { "image": "web", "to": "us-east", "priority": 0 } }"#;
    let arrivals = r#"{ "arrivals": { "process": { "periodic": { "every": "1h" } }, "count": 1,
                        "copy": { "from": "cn", "to": "us-east", "size": "1GiB", "priority": -1 } } }"#;
    for request in [copy, arrivals, &format!("{copy}, {arrivals}")] {
        let in_queue = |queue: &str| {
            let service = format!(r#""service": {{ "queue": "{queue}" }}, "requests""#);
            notices(&requests(request).replacen("\"requests\"", &service, 1))
        };
        assert_eq!(
            (notices(&requests(request)), in_queue("shortest_first")),
            (vec![told.into()], vec![told.into()])
        );
        assert!(in_queue("priority").is_empty());
    }
}

#[test]
fn r7_6_plain_copies_into_the_own_region() {
    let told = "r: a plain copy into the image's own region is refused (IncorrectDestinationRegion); encrypt it, \
                or name another region in `to`";
    let copy = |members: &str| {
        requests(&format!(r#"{{ "copy": {{ "id": "r", "image": ["web", "api"]{members} }} }}"#))
    };
    assert_eq!(notices(&copy("")), [told]);
    assert_eq!(notices(&copy(r#", "to": "cn""#)), [told]);
    assert!(notices(&copy(r#", "to": "cn", "encrypted": true"#)).is_empty());
    assert!(notices(&copy(r#", "to": "us-east""#)).is_empty());
    // A literal is sent as it stands, so it is meant.
    assert!(notices(&copy(r#", "to": { "literal": "cn" }"#)).is_empty());
    // Another region than the image's own: the image isn't found there, which is another matter.
    assert!(notices(&copy(r#", "from": "us-east""#)).is_empty());
    let allowed =
        copy("").replacen("\"requests\"", r#""service": { "same_region_plain": "allowed" }, "requests""#, 1);
    assert!(notices(&allowed).is_empty());
}

#[test]
fn a_throughput_that_is_almost_0_now_and_then() {
    let drawn = |throughput: &str| {
        let copy = format!(
            r#"{{ "copy": {{ "id": "r", "image": "web", "to": "us-east", "copy_time": {{ "throughput": {throughput} }} }} }}"#
        );
        notices(&requests(&copy))
    };
    // Of an exponential one a share of 1 - e^-0.000001 is below a millionth of the mean.
    let told = drawn(r#"{ "exponential": { "mean": "20MiB/s" } }"#);
    assert!(told.len() == 1 && told[0].contains("at the mean of 20MiB/s; truncate it below"), "{told:?}");
    assert_eq!(drawn(r#"{ "uniform": { "min": "1B/s", "max": "20MiB/s" } }"#).len(), 1);
    for steady in [
        r#""20MiB/s""#,
        r#"{ "log_normal": { "median": "20MiB/s", "sigma": 0.6 } }"#,
        r#"{ "truncated": { "of": { "exponential": { "mean": "20MiB/s" } }, "min": "1MiB/s" } }"#,
    ] {
        assert!(drawn(steady).is_empty(), "{steady}");
    }
}
