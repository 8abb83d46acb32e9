//! The JSON Schema of scenarios, held against an independent validator, and the pages made from the types.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::mutations::{RICH, mutations};
use crate::program::{Place, repository};

fn schema() -> Value {
    let text = Place::new().stdout("schema");
    serde_json::from_str(&text).expect("a JSON document")
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft7::new(schema).expect("a schema of draft 7")
}

/// A scenario as other programs read it: without comments and trailing commas.
pub fn document(text: &str) -> Value {
    jsonc_parser::parse_to_serde_value(text, &jsonc_parser::ParseOptions::default())
        .expect("JSON with comments")
}

#[test]
fn committed_pages_are_fresh() {
    let place = Place::new();
    let outputs = ["summary", "copies", "timeseries", "trace", "manifest", "diagnostics"];
    let outputs = outputs.map(|kind| (format!("docs/schemas/{kind}.schema.json"), format!("schema {kind}")));
    let scenario = [
        ("scenarios/scenario.schema.json".to_owned(), "schema".to_owned()),
        ("docs/scenario.md".to_owned(), "schema reference".to_owned()),
    ];
    for (file, command) in scenario.into_iter().chain(outputs) {
        let committed = std::fs::read_to_string(repository().join(&file)).expect("a committed file");
        assert!(committed == place.stdout(&command), "`copysim {command} > {file}` brings it up to date");
    }
}

#[test]
fn it_is_a_schema_and_every_shipped_scenario_keeps_to_it() {
    let schema = schema();
    assert!(jsonschema::draft7::meta::is_valid(&schema));
    let validator = validator(&schema);
    let mut seen = 0;
    for entry in std::fs::read_dir(repository().join("scenarios")).expect("the shipped scenarios") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.ends_with(".json") || name.ends_with(".schema.json") {
            continue;
        }
        let scenario = document(&std::fs::read_to_string(&path).expect("a scenario"));
        let faults: Vec<String> = validator
            .iter_errors(&scenario)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
        assert_eq!(scenario["$schema"], "./scenario.schema.json", "{name} points editors to the schema");
        seen += 1;
    }
    assert!(seen >= 14, "{seen} scenarios");
}

/// Every property of an object in the schema, with its path.
fn properties(schema: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    if let Some(properties_of) = schema.get("properties").and_then(Value::as_object) {
        found.extend(properties_of.iter().map(|(key, value)| (format!("{path}/{key}"), value.clone())));
    }
    match schema {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| properties(value, &format!("{path}/{key}"), found));
        }
        Value::Array(elements) => elements.iter().for_each(|value| properties(value, path, found)),
        _ => {}
    }
}

#[test]
fn every_key_is_described_and_its_examples_are_right() {
    let schema = schema();
    let mut found = Vec::new();
    properties(&schema, "", &mut found);
    assert!(found.len() > 70, "{} keys", found.len());
    let definitions = schema["definitions"].as_object().expect("definitions");
    let kinds = definitions.iter().filter(|(_, definition)| definition.to_string().contains("maxProperties"));
    let kinds: Vec<&String> = kinds.map(|(name, _)| name).collect();
    for (path, property) in found {
        let is_literal = path.ends_with("/literal") || path.ends_with("/product_of");
        let description = property["description"].as_str().unwrap_or_default();
        assert!(is_literal || description.ends_with('.'), "{path}: {description:?}");
        // A kind of request has the examples of its keys.
        let is_kind = kinds.iter().any(|kind| path.starts_with(&format!("/definitions/{kind}/")));
        let examples = property["examples"].as_array().cloned().unwrap_or_default();
        assert!(is_kind || is_literal || !examples.is_empty(), "{path} has no example");
        let mut alone = property.clone();
        alone["definitions"] = schema["definitions"].clone();
        let validator = validator(&alone);
        for example in examples.iter().chain(property.get("default")) {
            assert!(validator.is_valid(example), "{path}: {example}");
        }
    }
}

#[test]
fn examples_at_the_top_are_read() {
    let schema = schema();
    let needed = json!({ "schema_version": 1, "regions": { "cn-hangzhou": {}, "us-east-1": {} } });
    for (key, property) in schema["properties"].as_object().expect("properties") {
        for example in property["examples"].as_array().expect("examples") {
            let mut scenario = needed.clone();
            scenario[key] = example.clone();
            if key == "requests" {
                scenario["images"] = schema["properties"]["images"]["examples"][0].clone();
            }
            crate::support::read(&scenario.to_string());
        }
    }
}

#[test]
fn defaults_are_those_in_force() {
    let schema = schema();
    let scenario = crate::support::read(r#"{ "schema_version": 1, "regions": {} }"#);
    for setting in &scenario.settings {
        let mut place = &schema;
        for key in setting.key.split('.') {
            let reference = place["allOf"][0]["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
            let object = reference.map_or(place, |pointer| schema.pointer(pointer).expect("a definition"));
            place = &object["properties"][key];
        }
        let written = match &place["default"] {
            Value::Null => "none".to_owned(),
            Value::String(text) => text.clone(),
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            other => other.to_string(),
        };
        assert_eq!(written, setting.value, "{}", setting.key);
        assert_eq!(place["x-rule"], setting.rule, "{}", setting.key);
        let basis = format!("{:?}", setting.source).to_lowercase();
        assert_eq!(place["x-basis"], basis, "{}", setting.key);
    }
}

/// What the schema refuses is refused by the reader too, and what the reader finds wrong with the form of a
/// value is refused by the schema: an editor says neither too much nor too little.
#[test]
fn the_schema_and_the_reader_agree() {
    let validator = validator(&schema());
    let is_of_form = |message: &str| {
        let begins =
            ["expected ", "unknown key ", "unknown choice "].iter().any(|words| message.starts_with(words));
        begins || message.ends_with(" is missing")
    };
    let (mut refused, mut accepted) = (0, 0);
    for mutation in mutations(RICH) {
        let by_schema = validator.is_valid(&mutation.document);
        let by_reader = copysim::scenario::Scenario::read("x.json", mutation.text().into_bytes(), &[]);
        let faults = by_reader.err().map(|error| error.diagnostics).unwrap_or_default();
        let of_form = faults.iter().any(|fault| is_of_form(&fault.message));
        if by_schema {
            accepted += 1;
            assert!(!of_form, "the schema passes {}: {faults:#?}", mutation.what);
        } else {
            refused += 1;
            assert!(!faults.is_empty(), "only the schema refuses {}", mutation.what);
        }
    }
    assert!(refused > 100 && accepted > 20, "{refused} refused, {accepted} accepted");
}

/// The schema of a kind of output.
fn schema_of(kind: &str) -> Value {
    let text = Place::new().stdout(&format!("schema {kind}"));
    let schema: Value = serde_json::from_str(&text).expect("a JSON document");
    assert!(jsonschema::draft7::meta::is_valid(&schema), "{kind}");
    schema
}

fn assert_keeps_to(kind: &str, validator: &Validator, document: &Value) {
    let faults: Vec<String> =
        validator.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{kind}: {faults:#?} in {document}");
}

/// The rows of a CSV file as objects: numbers and flags as the schema has them, no key for an empty cell.
fn rows(schema: &Value, file: &[u8]) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(file);
    let columns: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let known: Vec<&String> = schema["properties"].as_object().expect("properties").keys().collect();
    assert_eq!(known, columns.iter().collect::<Vec<_>>(), "every column in its order");
    let cell = |(column, text): (&String, &str)| {
        let value = match schema["properties"][column]["type"].as_str() {
            Some("string") => json!(text),
            _ => serde_json::from_str(text).expect("a number or a flag"),
        };
        (!text.is_empty()).then(|| (column.clone(), value))
    };
    let row = |record: csv::StringRecord| {
        let cells = columns.iter().zip(record.iter()).filter(|(_, text)| !text.is_empty());
        Value::Object(cells.filter_map(cell).collect())
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

#[test]
fn every_output_keeps_to_its_schema() {
    let place = Place::with_scenarios();
    let (mut copies, mut lines) = (0, 0);
    for scenario in ["quickstart", "api-mistakes", "november", "nightly-batch", "warm-start", "weekly-images"]
    {
        place.stdout(&format!("run scenarios/{scenario}.json --out out/{scenario}"));
        let files = place.files(&format!("out/{scenario}"));
        for kind in ["summary", "manifest"] {
            let document = serde_json::from_slice(&files[&format!("{kind}.json")]).expect("a JSON document");
            assert_keeps_to(kind, &validator(&schema_of(kind)), &document);
        }
        for kind in ["copies", "timeseries"] {
            let schema = schema_of(kind);
            let validator = validator(&schema);
            for row in rows(&schema, &files[&format!("{kind}.csv")]) {
                assert_keeps_to(kind, &validator, &row);
                copies += 1;
            }
        }
        let line_validator = validator(&schema_of("trace"));
        for line in String::from_utf8_lossy(&files["trace.jsonl"]).lines() {
            assert_keeps_to("trace", &line_validator, &serde_json::from_str(line).expect("a JSON document"));
            lines += 1;
        }
    }
    assert!(copies > 100 && lines > 100, "{copies} rows, {lines} lines");
    place.write("wrong.json", r#"{ "schema_version": 1, "regions": {}, "sed": 1, "horizon": 5 }"#);
    let ended = place.run("validate scenarios wrong.json --set seed=2 --format json");
    let document = serde_json::from_str(&ended.stdout).expect("one JSON document");
    assert_keeps_to("diagnostics", &validator(&schema_of("diagnostics")), &document);
    assert_eq!(document["files"].as_array().map(|files| files.len() > 14), Some(true));
}

#[test]
fn every_key_of_an_output_is_described() {
    for kind in ["summary", "copies", "timeseries", "trace", "manifest", "diagnostics"] {
        let mut found = Vec::new();
        properties(&schema_of(kind), "", &mut found);
        assert!(found.len() > 5, "{kind}");
        for (path, property) in found {
            let description = property["description"].as_str().unwrap_or_default();
            assert!(description.ends_with('.'), "{kind}{path}: {description:?}");
        }
    }
}
