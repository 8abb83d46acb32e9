//! summary.json and copies.csv tell the same story: figures are worked out again from the rows, in whole
//! microseconds, by code that shares nothing with the program.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::determinism::busy_scenario;
use crate::program::Place;

const COLUMNS: &str = "copy request number account image from to name size_bytes outcome counted \
    planned_s sent_s accepted_s start_s end_s noticed_s timed_out_s wait_s waited_s ran_s copy_s total_s lead_s calls refusals failures \
    progress_percent moved_bytes code http_status message image_id replays";

const OUTCOMES: [&str; 11] = [
    "available",
    "failed",
    "cancelled_waiting",
    "cancelled_running",
    "refused",
    "skipped",
    "replayed",
    "dry_run",
    "not_sent",
    "waiting",
    "running",
];

type Row = BTreeMap<String, String>;

/// The rows of copies.csv by column; the reader refuses rows of another length than the header.
fn rows(bytes: &[u8]) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header, COLUMNS.split_whitespace().collect::<Vec<_>>());
    let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    reader.records().map(|record| header.iter().cloned().zip(cells(record.unwrap())).collect()).collect()
}

/// Microseconds of exact decimal seconds; none of an empty cell.
fn micros(cell: &str) -> Option<u64> {
    if cell.is_empty() {
        return None;
    }
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, ""));
    assert!(fraction.len() <= 6 && !cell.ends_with('.') && !cell.starts_with('+'), "{cell}");
    assert!(!fraction.ends_with('0'), "trailing zeros: {cell}");
    let micros = format!("{fraction:0<6}").parse::<u64>().unwrap();
    Some(whole.parse::<u64>().unwrap() * 1_000_000 + micros)
}

/// What is compared of a summary; numbers as they are written.
#[derive(Deserialize)]
struct Summary {
    warm_up_s: Box<RawValue>,
    end_s: Box<RawValue>,
    requests: BTreeMap<String, u64>,
    not_planned: u64,
    makespan_s: Option<Box<RawValue>>,
    throughput_per_hour: Option<Box<RawValue>>,
    figures: BTreeMap<String, BTreeMap<String, Box<RawValue>>>,
    destinations: Vec<Destination>,
    by_request: Vec<ByRequest>,
    traffic: Vec<Traffic>,
}

#[derive(Deserialize)]
struct Destination {
    region: String,
    requests: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct ByRequest {
    request: String,
    requests: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Traffic {
    from: String,
    to: String,
    moved_bytes: u64,
    in_vain_bytes: u64,
}

fn outcomes<'a>(rows: impl Iterator<Item = &'a Row> + Clone) -> BTreeMap<String, u64> {
    let count = |outcome: &str| rows.clone().filter(|row| row["outcome"] == outcome).count() as u64;
    let mut counts: BTreeMap<String, u64> =
        OUTCOMES.iter().map(|outcome| ((*outcome).to_owned(), count(outcome))).collect();
    counts.insert("planned".to_owned(), rows.count() as u64);
    counts
}

/// Statistics of values by their definitions (R9.5), by the keys of the summary.
fn statistics(mut values: Vec<u64>) -> BTreeMap<&'static str, u64> {
    values.sort_unstable();
    let n = values.len() as u64;
    let mut found = BTreeMap::new();
    let (Some(min), Some(max)) = (values.first(), values.last()) else { return found };
    let sum: u64 = values.iter().sum();
    found.insert("min_s", *min);
    found.insert("max_s", *max);
    found.insert("mean_s", sum / n + u64::from(sum % n * 2 >= n));
    for (key, per_mille) in [("p50_s", 500), ("p90_s", 900), ("p95_s", 950), ("p99_s", 990), ("p99.9_s", 999)]
    {
        let rank = (1..=n).find(|rank| rank * 1000 >= per_mille * n).unwrap_or(1);
        found.insert(key, values[rank as usize - 1]);
    }
    found
}

fn assert_figures(summary: &Summary, rows: &[&Row], name: &str) {
    assert_eq!(summary.figures.keys().collect::<Vec<_>>(), ["copy", "lead", "total", "wait", "waited"]);
    for (figure, told) in &summary.figures {
        let told = |key: &str| told.get(key).map(|value| value.get());
        let values: Vec<u64> = rows.iter().filter_map(|row| micros(&row[&format!("{figure}_s")])).collect();
        assert_eq!(told("n"), Some(values.len().to_string().as_str()), "{name} {figure}");
        assert_eq!(told("exact"), Some("true"), "{name} {figure}");
        let mut left_out: BTreeMap<&str, u64> = BTreeMap::new();
        for row in rows.iter().filter(|row| row[&format!("{figure}_s")].is_empty()) {
            *left_out.entry(row["outcome"].as_str()).or_default() += 1;
        }
        let told_left_out: BTreeMap<&str, u64> = serde_json::from_str(told("left_out").unwrap()).unwrap();
        assert_eq!(told_left_out, left_out, "{name} {figure}");
        let expected = statistics(values);
        for key in ["min_s", "mean_s", "p50_s", "p90_s", "p95_s", "p99_s", "p99.9_s", "max_s"] {
            let told = told(key).and_then(micros);
            assert_eq!(told, expected.get(key).copied(), "{name} {figure} {key}");
        }
    }
}

/// The cells of a row agree with each other, and what a row can't have is empty.
fn assert_row(row: &Row, end: u64) {
    let at = |column: &str| micros(&row[&format!("{column}_s")]);
    let between = |from: Option<u64>, to: Option<u64>| Some(to?.checked_sub(from?).expect("time goes on"));
    let outcome = row["outcome"].as_str();
    let if_available = |value: Option<u64>| value.filter(|_| outcome == "available");
    let (accepted, start, ended) = (at("accepted"), at("start"), at("end"));
    assert_eq!(at("wait"), between(accepted, start), "{row:?}");
    assert_eq!(at("waited"), between(accepted, start.or(ended).or(Some(end))), "{row:?}");
    assert_eq!(at("ran"), between(start, ended.or(Some(end))), "{row:?}");
    assert_eq!(at("copy"), if_available(between(start, ended)), "{row:?}");
    assert_eq!(at("total"), if_available(between(accepted, ended)), "{row:?}");
    assert_eq!(at("lead"), if_available(between(at("planned"), at("noticed"))), "{row:?}");
    let has = |column: &str| !row[column].is_empty();
    let is_refused = matches!(outcome, "refused" | "dry_run");
    let has_cause = is_refused || outcome == "skipped";
    assert_eq!(
        (has("code"), has("http_status"), has("message")),
        (is_refused, is_refused, has_cause),
        "{row:?}"
    );
    assert_eq!(has("progress_percent"), start.is_some() || outcome == "waiting", "{row:?}");
    assert!(outcome != "available" || row["progress_percent"] == "100", "{row:?}");
    assert_eq!(has("image_id"), accepted.is_some() || outcome == "replayed", "{row:?}");
    assert_eq!(has("replays"), outcome == "replayed", "{row:?}");
    assert_eq!(has("planned_s"), outcome != "skipped", "{row:?}");
    let has_no_end = ["refused", "skipped", "replayed", "dry_run", "waiting", "running"];
    assert_eq!(ended.is_none(), has_no_end.contains(&outcome), "{row:?}");
    for cell in row.values() {
        assert!(!matches!(cell.as_str(), "-" | "null" | "NaN" | "None" | "?"), "{row:?}");
    }
}

fn assert_traffic(summary: &Summary, rows: &[&Row], name: &str) {
    let mut expected: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for row in rows {
        let moved: u64 = row["moved_bytes"].parse().unwrap_or(0);
        let is_in_vain = !matches!(row["outcome"].as_str(), "available" | "running");
        if moved > 0 {
            let pair = expected.entry((&row["from"], &row["to"])).or_default();
            pair.0 += moved;
            pair.1 += if is_in_vain { moved } else { 0 };
        }
    }
    for pair in &summary.traffic {
        let worked_out = expected.remove(&(pair.from.as_str(), pair.to.as_str()));
        assert_eq!(
            worked_out,
            Some((pair.moved_bytes, pair.in_vain_bytes)),
            "{name} {} {}",
            pair.from,
            pair.to
        );
    }
    assert!(expected.is_empty(), "{name}: {expected:?}");
}

/// Runs a scenario and holds its summary against its rows.
fn assert_agree(name: &str, text: &str) {
    let place = Place::new();
    place.write("scenario.json", text);
    place.stdout("run scenario.json --out r --write summary,rows");
    let files = place.files("r");
    let summary: Summary = serde_json::from_slice(&files["summary.json"]).unwrap();
    let all = rows(&files["copies.csv"]);
    let number = |raw: &RawValue| micros(raw.get()).unwrap();
    let (warm_up, end) = (number(&summary.warm_up_s), number(&summary.end_s));
    all.iter().for_each(|row| assert_row(row, end));
    let counted: Vec<&Row> =
        all.iter().filter(|row| micros(&row["planned_s"]).is_none_or(|planned| planned >= warm_up)).collect();
    let marked: Vec<&Row> = all.iter().filter(|row| row["counted"] == "true").collect();
    assert_eq!(marked, counted, "{name}");
    let rows_of = |column: &'static str, value: &str| {
        outcomes(counted.iter().copied().filter(|row| row[column] == value).collect::<Vec<_>>().into_iter())
    };
    assert_eq!(summary.requests, outcomes(counted.iter().copied()), "{name}");
    for destination in &summary.destinations {
        assert_eq!(destination.requests, rows_of("to", &destination.region), "{name}");
    }
    for request in &summary.by_request {
        assert_eq!(request.requests, rows_of("request", &request.request), "{name}");
    }
    assert_figures(&summary, &counted, name);
    assert_traffic(&summary, &counted, name);
    let available = |row: &&&Row| row["outcome"] == "available";
    let last = counted.iter().filter(available).filter_map(|row| micros(&row["end_s"])).max();
    let first = counted.iter().filter_map(|row| micros(&row["planned_s"])).min();
    let is_finished =
        summary.not_planned == 0 && summary.requests["waiting"] + summary.requests["running"] == 0;
    let makespan = last.zip(first).filter(|_| is_finished).map(|(last, first)| last - first);
    assert_eq!(summary.makespan_s.as_deref().map(number), makespan, "{name}");
    let ready = all.iter().filter(|row| available(&row)).filter_map(|row| micros(&row["end_s"]));
    let ready = ready.filter(|end| *end >= warm_up).count() as u128 * 3_600_000_000 * 1_000_000;
    let length = u128::from(end - warm_up);
    let throughput = (length > 0).then(|| (ready + length / 2) / length);
    assert_eq!(
        summary.throughput_per_hour.as_deref().map(|told| u128::from(number(told))),
        throughput,
        "{name}"
    );
}

#[test]
fn figures_agree_with_the_rows() {
    let busy = busy_scenario(false);
    let all_refused = r#"{ "schema_version": 1, "regions": { "a": {} }, "requests": [
        { "copy": { "image": { "literal": "m-1" }, "from": "a", "to": "a" } } ] }"#;
    let nothing = r#"{ "schema_version": 1, "regions": { "a": {} } }"#;
    let odd = r#"{ "schema_version": 1, "regions": { "a": { "cap": 2 }, "b": {} }, "requests": [
        { "arrivals": { "process": { "periodic": { "every": "333333us" } }, "count": 1001,
          "copy": { "from": "a", "to": "b", "duration": "777777us" } } } ] }"#;
    let answers = crate::results_answers::scene().text();
    let warm = busy.replace("\"horizon\": \"9h\"", "\"horizon\": \"2h\", \"warm_up\": \"5m\"");
    for (name, text) in [
        ("quickstart", include_str!("../../scenarios/quickstart.json")),
        ("busy", &busy),
        ("cut off", &busy.replace("\"horizon\": \"9h\"", "\"horizon\": \"12m\"")),
        ("warm-up", &warm),
        ("all refused", all_refused),
        ("nothing", nothing),
        ("odd microseconds", odd),
        ("answers", &answers),
    ] {
        assert_agree(name, text);
    }
}

#[test]
fn statistics_of_nothing_are_absent() {
    let place = Place::new();
    place.write("nothing.json", r#"{ "schema_version": 1, "regions": { "a": {} } }"#);
    let summary = place.stdout("run nothing.json --write none --format json");
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert!(summary.get("makespan_s").is_none() && summary["requests"]["planned"] == 0);
    assert_eq!(summary["figures"]["wait"], serde_json::json!({ "n": 0, "left_out": {}, "exact": true }));
    let text = place.stdout("run nothing.json --write none");
    assert!(text.contains("no copy was requested   makespan: no data"), "{text}");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
}

#[test]
fn r9_4_slots_that_are_only_waited_for_are_shown() {
    // One copy waits at `a` all the time, asked for before the warm-up.
    let place = Place::new();
    place.write(
        "waits.json",
        r#"{ "schema_version": 1, "warm_up": "5s", "copy_time": { "duration": "1m" },
             "regions": { "a": { "cap": 0 }, "b": {} }, "images": { "i": { "region": "a" } },
             "requests": [{ "copy": { "id": "x", "image": "i", "to": "b" } },
                          { "cancel": { "at": "30m", "copy": "x" } }] }"#,
    );
    let summary = place.stdout("run waits.json --write none --format json");
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["slots"][0]["slots"], "a");
    assert_eq!(summary["slots"][0]["waiting_mean"], 1);
    assert_eq!(summary["requests"]["planned"], 0);
}
