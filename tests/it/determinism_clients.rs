//! What clients do is the same in every process, whatever the order of blocks whose order means nothing; and another
//! client or request changes nothing of what is drawn for the others (R10.1, R10.3).

use std::collections::BTreeMap;

use copysim::records::CopyRecord;
use serde_json::{Value, json};

use crate::program::Place;
use crate::support::run_text;

/// An object of these members in this order.
fn object(members: &[(&str, Value)], is_reversed: bool) -> String {
    let mut texts: Vec<String> = members.iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
    if is_reversed {
        texts.reverse();
    }
    format!("{{ {} }}", texts.join(", "))
}

fn regions() -> Vec<(&'static str, Value)> {
    let outages = json!([{ "from": "20m", "to": "30m" }, { "from": "1h", "to": "61m", "running": "fail" }]);
    vec![
        ("a", json!({ "cap": 3, "egress": { "capacity": "40MiB/s" } })),
        ("b", json!({ "cap": 2, "outages": outages })),
        (
            "c",
            json!({ "ingress": { "capacity": "25MiB/s", "capacity_changes": [{ "at": "40m", "capacity": "0B/s" }, { "at": "50m", "capacity": "30MiB/s" }] } }),
        ),
        ("d", json!({ "degradations": [{ "from": "10m", "to": "2h", "throughput": 0.5 }] })),
    ]
}

fn clients() -> Vec<(&'static str, Value)> {
    let delay = json!({ "exponential": { "first": "20s", "max": "5m" } });
    let patience = json!({ "after": { "exponential": { "mean": "40m" } }, "then": "cancel_if_waiting" });
    vec![
        ("eager", json!({ "retry": { "on": "any", "attempts": 30, "delay": delay, "jitter": 1 } })),
        ("few", json!({ "concurrency": 2, "poll": "45s", "timeout": { "after": "50m", "then": "cancel" } })),
        (
            "steady",
            json!({ "concurrency": 4, "timeout": patience,
            "retry": { "on": "any", "failed_copies": true, "attempts": 4, "delay": { "fixed": "1m" }, "jitter": 0.3, "token": "new" } }),
        ),
    ]
}

/// Streams, closed loops and a fan-out of these clients; drawn lengths, think times and failures.
fn requests() -> Vec<Value> {
    let think = json!({ "exponential": { "mean": "4m" } });
    let size = json!({ "log_normal": { "median": "4GiB", "sigma": 0.7 } });
    let of = |client: &str, from: &str, to: Value| json!({ "from": from, "to": to, "size": size, "client": client, "fail": { "probability": 0.2 } });
    let stream = |id: &str, process: Value, copy: Value| json!({ "arrivals": { "id": id, "process": process, "count": 40, "copy": copy } });
    vec![
        json!({ "copy": { "id": "fan", "at": "5m", "image": "web", "to": "all-others", "client": "eager" } }),
        stream(
            "loop",
            json!({ "closed_loop": { "workers": 4, "think": think } }),
            of("steady", "b", json!(["c", "d"])),
        ),
        stream("busy", json!({ "poisson": { "per_hour": 40 } }), of("eager", "a", json!("c"))),
        stream("slow", json!({ "poisson": { "per_hour": 20 } }), of("few", "b", json!("a"))),
        json!({ "cancel": { "at": "30m", "copy": "busy#9" } }),
    ]
}

fn links() -> Vec<Value> {
    vec![
        json!({ "from": "a", "to": "c", "copy_time": { "throughput": "20MiB/s" } }),
        json!({ "from": "b", "to": "d", "capacity": "10MiB/s" }),
        json!({ "from": ["a*", "b*"], "to": ["c*", "d*"], "shared": { "name": "cable", "capacity": "50MiB/s" } }),
    ]
}

/// The whole; blocks in which order means nothing are reversed if `is_reversed`.
fn busy(
    regions: &[(&str, Value)],
    clients: &[(&str, Value)],
    requests: &[Value],
    is_reversed: bool,
) -> String {
    let mut links = links();
    if is_reversed {
        links.reverse();
    }
    format!(
        r#"{{ "schema_version": 1, "seed": 5, "horizon": "4h", "warm_up": "10m",
        "service": {{ "max_queue": 2 }}, "copy_time": {{ "setup": "1m" }},
        "faults": {{ "flaky": {{ "probability": 0.1 }} }},
        "images": {{ "web": {{ "region": "a", "size": "6GiB" }} }},
        "regions": {}, "clients": {}, "links": {}, "requests": {} }}"#,
        object(regions, is_reversed),
        object(clients, is_reversed),
        Value::from(links),
        Value::from(requests.to_vec())
    )
}

#[test]
fn r10_3_processes_and_orders_give_the_same_bytes() {
    let place = Place::new();
    place.write("busy.json", busy(&regions(), &clients(), &requests(), false));
    let results = place.at_once("busy.json");
    let first = &results[0];
    for (number, files) in results.iter().enumerate() {
        assert!(files == first, "process {number} gave other bytes");
    }
    // The order of links that are equally particular counts, but these are not.
    place.write("reversed/busy.json", busy(&regions(), &clients(), &requests(), true));
    place.stdout("run reversed/busy.json --out reversed-result");
    let other = place.files("reversed-result");
    let rows = |files: &BTreeMap<String, Vec<u8>>| files["copies.csv"].clone();
    assert!(rows(&other) == rows(first), "another order of the blocks gave other rows");
    for name in first.keys().filter(|name| !matches!(name.as_str(), "manifest.json" | "summary.json")) {
        assert!(other[name] == first[name], "another order of the blocks gave another {name}");
    }
}

#[test]
fn the_busy_scenario_has_what_clients_do() {
    let ran = run_text(&busy(&regions(), &clients(), &requests(), false));
    let records = &ran.observed.records;
    let some = |what: &str, is_it: fn(&CopyRecord) -> bool| {
        assert!(records.iter().any(is_it), "none was {what}");
    };
    some("held back", |record| record.sent > record.planned);
    some("called again", |record| record.calls > 2);
    some("asked for again after a failure", |record| record.failures > 0);
    some("timed out", |record| record.timed_out.is_some());
    some("noticed later", |record| record.noticed > record.end);
}

/// Every row of these requests by its label, but for the numbers that tell places in the file.
fn rows(text: &str, entries: &[&str]) -> BTreeMap<String, CopyRecord> {
    let ran = run_text(text);
    let label = |record: &CopyRecord| ran.scenario.catalog.label(record.key);
    let is_one = |label: &String| entries.iter().any(|entry| label.starts_with(entry));
    let rows = ran.observed.records.iter().map(|record| (label(record), *record));
    rows.filter(|(label, _)| is_one(label)).collect()
}

#[test]
fn r10_1_another_client_or_request_in_front_changes_no_draw() {
    let alone = rows(&busy(&regions(), &clients(), &requests(), false), &["busy#", "fan", "loop#", "slow#"]);
    // Of a client and between regions of its own, so that it takes no slot and no link of the others.
    let mut more_regions = regions();
    more_regions.insert(0, ("0x", json!({ "cap": 1 })));
    more_regions.insert(0, ("0y", json!({})));
    let mut more_clients = clients();
    let retry = json!({ "on": "any", "failed_copies": true, "attempts": 9, "delay": { "fixed": "7s" }, "jitter": 0.5 });
    more_clients.insert(0, ("a-first", json!({ "poll": "10s", "retry": retry })));
    let mut more = requests();
    let process = json!({ "closed_loop": { "workers": 9, "think": { "exponential": { "mean": "1m" } } } });
    let copy = json!({ "from": "0x", "to": "0y", "size": "1GiB", "client": "a-first", "fail": { "probability": 0.5 } });
    more.insert(0, json!({ "arrivals": { "id": "0first", "process": process, "count": 100, "copy": copy } }));
    // The fan-out would go to the new regions too.
    more[1]["copy"]["to"] = json!(["b", "c", "d"]);
    let with = rows(&busy(&more_regions, &more_clients, &more, false), &["busy#", "fan", "loop#", "slow#"]);
    assert_eq!(alone.keys().collect::<Vec<_>>(), with.keys().collect::<Vec<_>>());
    let told = |record: &CopyRecord| {
        let CopyRecord {
            planned,
            sent,
            accepted,
            start,
            end,
            noticed,
            timed_out,
            calls,
            refusals,
            failures,
            ..
        } = *record;
        (record.outcome, planned, sent, accepted, start, end, noticed, timed_out, calls, refusals, failures)
    };
    for (label, record) in &alone {
        assert_eq!(told(record), told(&with[label]), "{label}");
    }
}
