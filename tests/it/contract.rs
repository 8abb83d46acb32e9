//! The scenarios of the contract: one for each row of the list of the vendor's codes, in which a request is
//! refused by that row and its legal neighbour is accepted (R7.1).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::error_codes::rows;
use crate::program::{Place, repository};
use crate::schema::document;
use crate::support::Ran;
use copysim::records::Outcome;

/// Operations, what their requests are called in a scenario, and what is told when one is done.
const OPERATIONS: [(&str, &str, &str); 3] = [
    ("CopyImage", "copy", "accepted"),
    ("CancelCopyImage", "cancel", "cancelled"),
    ("DeleteImage", "delete", "deleted"),
];

/// A row of the list.
struct Row {
    kind: &'static str,
    /// The event of an accepted request.
    done: &'static str,
    code: &'static str,
    status: u16,
}

impl Row {
    /// The name of its scenario.
    fn name(&self) -> String {
        format!("{}-{}", self.kind, self.code)
    }

    fn text(&self) -> String {
        let path = repository().join(format!("scenarios/contract/{}.json", self.name()));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The body of the request with this id.
    fn request(&self, id: &str) -> Map<String, Value> {
        let scenario = document(&self.text());
        let requests = scenario["requests"].as_array().expect("requests");
        let mut bodies = requests.iter().filter_map(|request| request[self.kind].as_object());
        let found = bodies.find(|body| body["id"] == id);
        found.unwrap_or_else(|| panic!("{} has no {} `{id}`", self.name(), self.kind)).clone()
    }
}

fn all_rows() -> Vec<Row> {
    let of = |(operation, kind, done): (&str, &'static str, &'static str)| {
        let row = move |(_, status, code)| Row { kind, done, code, status };
        rows(operation).into_iter().map(row)
    };
    OPERATIONS.into_iter().flat_map(of).collect()
}

#[test]
fn r7_1_every_row_has_a_scenario_and_every_scenario_a_row() {
    let folder = repository().join("scenarios/contract");
    let names = std::fs::read_dir(folder)
        .expect("the scenarios of the contract")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"));
    let expected: BTreeSet<String> = all_rows().iter().map(|row| format!("{}.json", row.name())).collect();
    assert_eq!(names.collect::<BTreeSet<String>>(), expected);
    assert_eq!(expected.len(), 63);
}

#[test]
fn r7_1_each_scenario_says_what_it_shows() {
    for row in all_rows() {
        let name = row.name();
        let scenario = document(&row.text());
        assert_eq!(scenario["$schema"], "../scenario.schema.json", "{name}");
        let description = scenario["description"].as_str().unwrap_or_default();
        assert!(description.ends_with('.') && !description.trim_end_matches('.').contains(". "), "{name}");
        let (refused, accepted) = (row.request("refused"), row.request("accepted"));
        assert_eq!(
            (&refused["expect"], &accepted["expect"]),
            (&row.code.into(), &"accepted".into()),
            "{name}"
        );
        let differing = differences(&refused, &accepted);
        assert!(differing.len() <= 1, "{name}: one fact decides, and these differ: {differing:?}");
    }
}

/// In what two requests differ, beside what they are called; a cancel names a copy or an image.
fn differences<'a>(left: &'a Map<String, Value>, right: &'a Map<String, Value>) -> BTreeSet<&'a str> {
    let keys = left.keys().chain(right.keys()).filter(|key| left.get(*key) != right.get(*key));
    let said = keys.map(String::as_str).filter(|key| !["id", "expect"].contains(key));
    said.map(|key| if key == "copy" { "image" } else { key }).collect()
}

#[test]
fn r7_1_the_refused_request_gets_the_code_of_the_row_and_its_neighbour_is_accepted() {
    let place = Place::with_scenarios();
    // One process runs them all, and ends with 0 only if every `expect` holds.
    place.stdout("check scenarios/contract --accept --golden out --write rows,trace");
    let out = place.files("out");
    for row in all_rows() {
        let file = |file: &str| String::from_utf8_lossy(&out[&format!("{}/{file}", row.name())]).into_owned();
        check_events(&row, &events(&row, &file("trace.jsonl")));
        if row.kind == "copy" {
            check_copies(&row, &file("copies.csv"));
        }
    }
}

/// The answers to the two requests, by their ids.
fn events(row: &Row, trace: &str) -> BTreeMap<String, Value> {
    let key = if row.kind == "copy" { "copy" } else { "call" };
    let mut answers = BTreeMap::new();
    for line in trace.lines().map(|line| serde_json::from_str::<Value>(line).expect("a JSON document")) {
        let id = line[key].as_str().and_then(|label| label.split('@').next()).unwrap_or_default();
        let is_answer = !["started", "available"].iter().any(|event| line["event"] == *event);
        if is_answer && ["refused", "accepted"].contains(&id) {
            let earlier = answers.insert(id.to_owned(), line);
            assert!(earlier.is_none(), "{} is answered twice: {earlier:?}", row.name());
        }
    }
    answers
}

fn check_events(row: &Row, answers: &BTreeMap<String, Value>) {
    let refused = &answers["refused"];
    assert_eq!(refused["code"], row.code);
    assert_eq!(refused["http_status"], row.status, "{}", row.name());
    let accepted = &answers["accepted"];
    assert_eq!((&accepted["event"], &accepted["code"]), (&row.done.into(), &Value::Null), "{}", row.name());
}

fn check_copies(row: &Row, copies: &str) {
    let mut reader = csv::Reader::from_reader(copies.as_bytes());
    let by_id: BTreeMap<String, BTreeMap<String, String>> = reader
        .deserialize()
        .map(|row: Result<BTreeMap<String, String>, _>| row.expect("a row"))
        .map(|row| (row["request"].clone(), row))
        .collect();
    let said = |id: &str| ["outcome", "code", "http_status"].map(|column| by_id[id][column].clone());
    let outcome = if row.code == "DryRunOperation" { Outcome::DryRun } else { Outcome::Refused };
    assert_eq!(said("refused"), [outcome.key(), row.code, &row.status.to_string()], "{}", row.name());
    assert_eq!(said("accepted"), [Outcome::Available.key(), "", ""], "{}", row.name());
}

impl Ran {
    /// What a copy request was told: `accepted`, `replayed` or the code; or that it was skipped.
    pub fn told(&self, label: &str) -> &'static str {
        let record = self.copy(label);
        match record.refused {
            Some(refused) => refused.refusal.code.literal(),
            None if record.accepted.is_some() => "accepted",
            None => record.outcome.key(),
        }
    }

    /// As [`Ran::told`], of several copies to `r`.
    pub fn all_told<const N: usize>(&self, ids: [&str; N]) -> [&'static str; N] {
        ids.map(|id| self.told(&format!("{id}@r")))
    }
}
