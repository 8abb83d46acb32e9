//! The random worlds again, with copies that wait for nothing written as rows of traces: the twin, which
//! knows no traces, must see no difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use copysim::ids::RequestKey;
use copysim::scenario::Files;
use serde_json::{Value, json};

use crate::support::{Texts, faults, run_with};
use crate::twin;
use crate::twin_agrees::history_by;
use crate::worlds::{describe, random_world, scenario_text};

/// Worlds compared in a test run.
const WORLDS: u64 = 6_000;

/// A world in which neighbours that can be rows are rows.
#[derive(Default)]
struct Traced {
    requests: Vec<Value>,
    files: BTreeMap<String, Vec<u8>>,
    /// By entry: the operations of its calls, in the order of their numbers.
    operations: Vec<Vec<usize>>,
    /// What operations that are rows are called now.
    names: BTreeMap<String, String>,
    rows: usize,
}

/// A row that is still to be written, with its operation.
type Pending = (usize, Value);

const COLUMNS: [&str; 13] = [
    "id",
    "at",
    "image",
    "from",
    "to",
    "name",
    "account",
    "duration",
    "encrypted",
    "cancellable",
    "client_token",
    "dry_run",
    "priority",
];

impl Traced {
    fn of(requests: &[Value]) -> Self {
        let mut traced = Self::default();
        let mut pending: Vec<Pending> = Vec::new();
        for (operation, request) in requests.iter().enumerate() {
            match request.get("copy").filter(|copy| can_be_a_row(copy)) {
                Some(copy) => pending.push((operation, copy.clone())),
                None => {
                    traced.write(&mut pending);
                    traced.requests.push(request.clone());
                    traced.operations.push(vec![operation]);
                }
            }
        }
        traced.write(&mut pending);
        for request in &mut traced.requests {
            rename(request, &traced.names);
        }
        traced
    }

    /// Writes neighbours as one trace, the later half of the lines first where that leaves rows of one
    /// time in their order.
    fn write(&mut self, pending: &mut Vec<Pending>) {
        if pending.is_empty() {
            return;
        }
        let id = format!("trace{}", self.requests.len());
        let mut in_time = pending.clone();
        in_time.sort_by_key(|(_, copy)| micros(copy));
        let (early, late) = in_time.split_at(in_time.len() / 2);
        let is_apart =
            early.last().map(|(_, copy)| micros(copy)) < late.first().map(|(_, copy)| micros(copy));
        let lines: Vec<&Pending> =
            if is_apart { late.iter().chain(early).collect() } else { pending.iter().collect() };
        let mut csv = format!("{}\n", COLUMNS.join(","));
        for (operation, copy) in lines {
            let cell = |key: &&str| match &copy[*key] {
                Value::String(text) => text.clone(),
                Value::Null if *key == "at" => "0s".to_owned(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            let cells: Vec<String> = COLUMNS.iter().map(cell).collect();
            csv += &format!("{}\n", cells.join(","));
            self.names.insert(format!("op{operation}"), format!("{id}#op{operation}"));
        }
        self.rows += pending.len();
        self.operations.push(in_time.into_iter().map(|(operation, _)| operation).collect());
        self.files.insert(format!("{id}.csv"), csv.into_bytes());
        self.requests.push(json!({ "trace": { "id": id, "file": format!("{id}.csv") } }));
        pending.clear();
    }

    fn operation(&self, key: RequestKey) -> usize {
        let operations = &self.operations[key.entry() as usize];
        operations.get(key.number() as usize).copied().unwrap_or(operations[0])
    }
}

/// Whether rows have columns for all that a copy says. They name images and regions only by their names, and
/// an empty cell says nothing: not that there is no account, nor that a name is empty.
fn can_be_a_row(copy: &Value) -> bool {
    let has_texts = ["image", "from", "account"].iter().all(|key| copy[*key].is_string());
    let mut said = copy.as_object().expect("a copy is an object").iter();
    has_texts && said.all(|(key, value)| COLUMNS.contains(&key.as_str()) && !value.is_object() && value != "")
}

fn micros(copy: &Value) -> u64 {
    let at = copy["at"].as_str().unwrap_or("0us");
    at.trim_end_matches("us").parse().expect("microseconds")
}

/// Lets references name the rows.
fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                match member {
                    Value::String(text) if ["copy", "product_of"].contains(&key.as_str()) => {
                        if let Some(name) = names.get(text) {
                            *text = name.clone();
                        }
                    }
                    Value::Array(waited) if key == "after" => {
                        for one in waited {
                            if let Some(name) = one.as_str().and_then(|text| names.get(text)) {
                                *one = name.clone().into();
                            }
                        }
                    }
                    _ => rename(member, names),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| rename(element, names)),
        _ => {}
    }
}

#[test]
fn simulator_and_slow_twin_agree_on_worlds_with_traces() {
    let (mut rows, mut notes) = (0, 0);
    for seed in 0..WORLDS {
        let world = random_world(seed);
        let text = scenario_text(&world);
        if !faults(&text).is_empty() {
            continue;
        }
        let mut scenario: Value = serde_json::from_str(&text).expect("a world is JSON");
        let traced = Traced::of(scenario["requests"].as_array().expect("requests"));
        scenario["requests"] = traced.requests.clone().into();
        let files: Arc<dyn Files> = Arc::new(Texts(traced.files.clone()));
        let ran = run_with(&scenario.to_string(), &files);
        let mine = history_by(&ran, |key| traced.operation(key));
        assert_eq!(
            mine,
            twin::run(&world),
            "world {seed}:\n{}\n{scenario}\n{:?}",
            describe(&world),
            traced.files.values().map(|csv| String::from_utf8_lossy(csv)).collect::<Vec<_>>()
        );
        rows += traced.rows;
        notes += ran.scenario.remarks.len();
    }
    assert!(rows > 10_000 && notes > 500, "only {rows} rows, and {notes} unsorted traces");
}
