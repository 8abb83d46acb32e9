//! What reports tell of clients, outages and shared links, and what they say would mend it.

use serde_json::Value;

use crate::program::Place;

/// The summary of a scenario.
fn summary(text: &str) -> Value {
    let place = Place::new();
    place.write("x.json", text);
    serde_json::from_str(&place.stdout("run x.json --write none --format json")).expect("a document")
}

/// Whether a warning holds each of these texts.
fn warns(summary: &Value, texts: &[&str]) -> bool {
    let warnings = summary["warnings"].as_array().expect("a list");
    warnings
        .iter()
        .any(|warning| texts.iter().all(|text| warning.as_str().is_some_and(|of| of.contains(text))))
}

#[test]
fn r4_4_an_outage_counts_the_copies_that_were_asked_for_while_it_lasted() {
    let found = summary(
        r#"{ "schema_version": 1, "copy_time": { "duration": "10m" },
            "regions": { "a": { "outages": [{ "from": "0s", "to": "30m" }] }, "b": {} },
            "images": { "i": { "region": "a", "count": 3 } },
            "requests": [{ "copy": { "at": "5m", "image": "i", "to": "b" } }] }"#,
    );
    assert_eq!(found["outages"][0]["touched_waiting"], 3);
    assert!(
        warns(&found, &["outage of a", "3 waiting copies couldn't start", "'regions.a.outages=[]'"]),
        "{found}"
    );
}

#[test]
fn r4_2_a_cut_link_is_no_lack_of_slots() {
    let found = summary(
        r#"{ "schema_version": 1, "regions": { "a": { "egress": { "capacity": "0B/s" } }, "b": {} },
            "images": { "i": { "region": "a", "size": "1GiB" } },
            "requests": [{ "copy": { "id": "r", "image": "i", "to": "b" } }] }"#,
    );
    assert_eq!((&found["stalled"], &found["never_startable"]), (&1.into(), &0.into()));
    assert!(warns(&found, &["1 copy can never go on", "r@b", "raise its capacity"]), "{found}");
}

#[test]
fn r4_2_the_link_table_says_what_was_used_and_what_would_be_enough() {
    // Two copies of 60 MB that could have 2 MB/s each share 3 MB/s: 1.5 MB/s each for 40 s.
    let found = summary(
        r#"{ "schema_version": 1, "copy_time": { "setup": "0s", "throughput": "2MB/s" },
            "regions": { "a": {}, "b": {}, "c": {} },
            "links": [{ "from": "a", "to": ["b", "c"], "shared": { "name": "cable", "capacity": "3MB/s" } }],
            "images": { "i": { "region": "a", "size": "60MB" } },
            "requests": [{ "copy": { "image": "i", "to": ["b", "c"] } }] }"#,
    );
    let link = &found["links"][0];
    assert_eq!(found["end_s"], 40);
    assert_eq!((&link["link"], &link["utilisation"], &link["full"]), (&"cable".into(), &1.into(), &1.into()));
    assert_eq!(link["used_mean_bytes_per_s"], 3_000_000);
    assert_eq!((&link["copies_max"], &link["wanted_max_bytes_per_s"]), (&2.into(), &4_000_000.into()));
    assert!(
        warns(&found, &["link cable", "full for 40s (100 % of the time)", "4MB/s instead of 3MB/s"]),
        "{found}"
    );
}

#[test]
fn r9_3_there_is_no_makespan_while_a_client_holds_requests_back() {
    let found = summary(
        r#"{ "schema_version": 1, "copy_time": { "duration": "10s" }, "horizon": "10s",
            "regions": { "a": {}, "b": {} }, "images": { "i": { "region": "a", "count": 2 } },
            "clients": { "k": { "concurrency": 1, "poll": "4s" } },
            "requests": [{ "copy": { "image": "i", "to": "b", "client": "k" } }] }"#,
    );
    // The first is ready at 10 s, and its client would see that at 12 s.
    assert_eq!((&found["requests"]["available"], &found["requests"]["not_sent"]), (&1.into(), &1.into()));
    assert_eq!(found.get("makespan_s"), None);
    assert!(warns(&found, &["k:", "held back by the client", "never sent"]), "{found}");
}

#[test]
fn warnings_say_what_would_mend_it_for_whom() {
    // 35 min against a patience of 10; and somebody without a client who cancels.
    let found = summary(
        r#"{ "schema_version": 1, "copy_time": { "duration": "35m" }, "regions": { "a": {}, "b": {}, "c": {} },
            "images": { "i": { "region": "a" } },
            "clients": { "tool": { "preset": "ten_minute_wait" },
                         "blind": { "poll": "1m", "sees": "available" } },
            "requests": [{ "copy": { "image": "i", "to": "b", "client": "tool" } },
                         { "copy": { "image": "i", "to": "c", "client": "blind", "fail": { "at": 0.5 } } }] }"#,
    );
    assert!(warns(&found, &["tool: gave up on 1 of 1 requests", "up to 35m after the call"]), "{found}");
    assert!(warns(&found, &["blind: 1 of 1 copies failed", r#""sees": "all""#]), "{found}");
    let tool = &found["clients"][1];
    assert_eq!(
        (&tool["client"], &tool["timed_out"], &tool["ready_after_all"]),
        (&"tool".into(), &1.into(), &1.into())
    );
    assert_eq!((&tool["needed_max_s"], &tool["lead_max_s"]), (&2100.into(), &2100.into()));
}

#[test]
fn r8_the_terminal_tells_the_settings_of_a_client_apart() {
    let place = Place::new();
    place.write(
        "x.json",
        r#"{ "schema_version": 1, "copy_time": { "duration": "1m" }, "regions": { "a": {}, "b": {} },
            "images": { "i": { "region": "a" } },
            "clients": { "k": { "concurrency": 2, "poll": "30s", "sees": "all",
                                "timeout": { "after": "2h", "then": "leave" } } },
            "requests": [{ "copy": { "image": "i", "to": "b", "client": "k" } }] }"#,
    );
    let printed = place.stdout("run x.json --write none");
    let line = printed.lines().find(|line| line.starts_with("  k: ")).expect("a line of settings");
    let settings: Vec<&str> = line["  k: ".len()..].split("; ").collect();
    assert_eq!(settings.len(), 3, "{line}");
    for (setting, about) in settings.iter().zip(["2", "poll every 30s", "timeout after 2h"]) {
        assert!(setting.contains(about), "{line}");
    }
}

#[test]
fn notices_tell_what_counts_for_nothing() {
    let place = Place::new();
    place.write(
        "x.json",
        r#"{ "schema_version": 1, "regions": { "a": { "egress": { "capacity": "1GiB/s" } }, "b": {} },
            "images": { "i": { "region": "a" } },
            "clients": { "k": { "skip_existing": true,
                "retry": { "failed_copies": true, "attempts": 2, "delay": { "fixed": "1s" } } } },
            "requests": [{ "copy": { "id": "r", "image": "i", "to": "b", "client": "k", "duration": "1m",
                                     "client_token": "t" } }] }"#,
    );
    let notes = place.run("run x.json --write none").stderr;
    for expected in
        ["link egress of a: nothing goes over it", "and these copies have none", "\"token\": \"new\""]
    {
        assert!(notes.contains(expected), "{expected}: {notes}");
    }
}

#[test]
fn r2_2_service_presets_are_the_limits_of_others() {
    // 25 copies at once into one region: as AWS copies images 20 are accepted, as it copied snapshots 5; with the old
    // cap one runs at a time.
    let found = |preset: &str| {
        summary(&format!(
            r#"{{ "schema_version": 1, "service": {{ "preset": "{preset}" }}, "copy_time": {{ "duration": "10m" }},
                "regions": {{ "a": {{}}, "b": {{}} }}, "images": {{ "i": {{ "region": "a", "count": 25 }} }},
                "requests": [{{ "copy": {{ "image": "i", "to": "b" }} }}] }}"#
        ))
    };
    let outcomes = |found: Value| {
        let of = |name: &str| found["requests"][name].as_u64().expect("a count");
        (of("available"), of("refused"), found["makespan_s"].as_u64().expect("whole seconds"))
    };
    assert_eq!(outcomes(found("aws_images")), (20, 5, 600));
    assert_eq!(outcomes(found("aws_snapshots")), (5, 20, 600));
    assert_eq!(outcomes(found("huawei_images")), (25, 0, 5 * 600));
    assert_eq!(outcomes(found("old_cap")), (25, 0, 25 * 600));
}
