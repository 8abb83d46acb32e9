use std::io::{self, Cursor};

use serde_json::{Value as Json, json};

use super::super::decode::{Context, decode};
use super::super::document::Document;
use super::super::files::FileText;
use super::super::schema::schema_of;
use super::*;
use crate::quantity::{Bytes, Rate};
use crate::time::SimDuration;

/// The one file `sizes.csv`.
#[derive(Debug)]
struct Sizes(&'static str);

impl Files for Sizes {
    fn open(&self, path: &str) -> io::Result<Box<dyn FileText>> {
        if path == "sizes.csv" {
            Ok(Box::new(Cursor::new(self.0)))
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }
}

const CSV: &str = "id,Size,when\na,20GiB,5m\n\nb,\"40GiB\",6m\nc,40GiB,7m\n";

fn document(value: &str) -> Document {
    Document::parse("test.json", format!("{{\"v\":{value}}}").into_bytes()).expect("a document")
}

/// What a value is resolved to, and its faults as "`place` -- message (help)".
fn attempt<T: Amount>(value: &str, csv: &'static str) -> (Option<Drawn<T>>, Vec<String>) {
    let document = document(value);
    let context = Context::default();
    let node = document.root.get("v").expect("the value");
    let (text, found) = decode::<Spanned<DrawnText<T>>>(node, &context);
    let mut faults = Faults::of(&document.sources);
    found.into_iter().for_each(|fault| faults.push(fault.into()));
    faults.unread_keys = text.unread;
    let files: Arc<dyn Files> = Arc::new(Sizes(csv));
    let drawn = text.value.and_then(|text| resolve_drawn(&text, &mut Columns::new(&files), &mut faults));
    let (found, texts) = faults.into_parts();
    let shown = found.into_iter().map(|fault| {
        let span = fault.span.expect("every fault has a place");
        let text = match span.source.0 {
            0 => &document.sources.file().text,
            number => &texts[number as usize - 1].text,
        };
        let path = fault.path.map_or_else(String::new, |path| format!(" [{path}]"));
        let help = fault.help.expect("every fault has a way out");
        format!("{}{path} -- {} ({help})", &text[span.start..span.end], fault.message)
    });
    (drawn, shown.collect())
}

fn read<T: Amount>(value: &str) -> Drawn<T> {
    let (drawn, faults) = attempt(value, CSV);
    assert!(faults.is_empty(), "{value}: {faults:#?}");
    drawn.expect("a quantity without faults")
}

fn assert_faults<T: Amount>(value: &str, expected: &[&str]) {
    assert_eq!(attempt::<T>(value, CSV).1, expected, "{value}");
}

#[test]
fn plain_values_stay_fixed() {
    assert_eq!(read::<SimDuration>("\"5m\"").fixed(), Some(SimDuration::from_seconds(300)));
    assert_eq!(read::<Bytes>("\"40GiB\"").fixed(), Some(Bytes(40 << 30)));
    assert_eq!(read::<Rate>("{\"fixed\":\"15MiB/s\"}").fixed(), Rate::new(15 << 20));
    assert_eq!(read::<Bytes>("\"1B\"").uniforms(), 0);
}

/// Means by hand, in microseconds or bytes, and the uniforms of each kind.
#[test]
fn r10_2_every_kind_is_read_with_its_units() {
    let minute = 60e6;
    let cases = [
        (r#"{"exponential":{"mean":"10m"}}"#, 10.0, 1),
        (r#"{"erlang":{"k":3,"mean":"10m"}}"#, 10.0, 1),
        (r#"{"gamma":{"shape":2.5,"mean":"10m"}}"#, 10.0, 1),
        (r#"{"hyper_exponential":{"mean":"10m","scv":4}}"#, 10.0, 2),
        (r#"{"log_normal":{"mean":"10m","scv":0.5}}"#, 10.0, 1),
        // e^(1/2)
        (r#"{"log_normal":{"median":"10m","sigma":1}}"#, 16.487_212_707_001_28, 1),
        (r#"{"uniform":{"min":"5m","max":"15m"}}"#, 10.0, 1),
        (r#"{"triangular":{"min":"5m","mode":"8m","max":"20m"}}"#, 11.0, 1),
        (r#"{"weibull":{"shape":1.5,"mean":"10m"}}"#, 10.0, 1),
        // With shape 2: 2 min max/(min + max).
        (r#"{"bounded_pareto":{"shape":2,"min":"5m","max":"15m"}}"#, 7.5, 1),
        (r#"{"empirical":{"values":["1m","2m","6m"]}}"#, 3.0, 1),
        (r#"{"empirical":{"values":["1m","2m","6m"],"weights":[1,0,3]}}"#, 4.75, 1),
        (r#"{"empirical":{"file":"sizes.csv","column":"when"}}"#, 6.0, 1),
        (r#"{"mixture":[{"weight":3,"of":"2m"},{"weight":1,"of":{"exponential":{"mean":"10m"}}}]}"#, 4.0, 2),
        (r#"{"truncated":{"of":{"uniform":{"min":"0s","max":"15m"}},"min":"3m","max":"5m"}}"#, 4.0, 1),
        (r#"{"truncated":{"of":{"uniform":{"min":"0s","max":"15m"}},"max":"5m"}}"#, 2.5, 1),
    ];
    for (text, minutes, uniforms) in cases {
        let drawn = read::<SimDuration>(text);
        assert!((drawn.mean() / minute - minutes).abs() < 1e-9, "{text}: {}", drawn.mean() / minute);
        assert_eq!(drawn.uniforms(), uniforms, "{text}");
    }
    let sizes = read::<Bytes>(r#"{"empirical":{"file":"sizes.csv","column":"size"}}"#);
    assert!((sizes.mean() * 3.0 - (100_u64 << 30) as f64).abs() < 1.0, "{}", sizes.mean());
    let rate = read::<Rate>(r#"{"uniform":{"min":"1MiB/s","max":"3MiB/s"}}"#);
    assert!((rate.mean() - (2_u64 << 20) as f64).abs() < 1e-6);
}

#[test]
fn what_is_no_distribution_is_told() {
    let kinds = "write one of `exponential`, `erlang`, `gamma`, `hyper_exponential`, `log_normal`, `uniform`, \
                 `triangular`, `weibull`, `bounded_pareto` or 4 others";
    for (text, expected) in [
        (r#"{"exponental":{"mean":"5m"}}"#, "\"exponental\" -- unknown choice `exponental` (did you mean `exponential`?)".to_owned()),
        (r#"{"zipf":{}}"#, format!("\"zipf\" -- unknown choice `zipf` ({kinds})")),
        (
            r#"{"pareto":{}}"#,
            "\"pareto\" -- unknown choice `pareto` (did you mean `bounded_pareto`?)".to_owned(),
        ),
        (r#"{}"#, "{ -- expected an object that names a distribution, found an empty object (write `{ \"exponential\": { \"mean\": ... } }`, for instance)".to_owned()),
        (
            r#"{"fixed":"5m","exponential":{"mean":"5m"}}"#,
            "{ -- expected an object with one key, found `exponential` too (keep one; to draw from several distributions, write a `mixture`)".to_owned(),
        ),
        (r#"{"exponential":{"mean":"5m","men":1}}"#, "\"men\" -- unknown key `men` (did you mean `mean`?)".to_owned()),
        (r#"{"exponential":{}}"#, "{ -- the key `mean` is missing (add `\"mean\": ...`)".to_owned()),
        (r#"{"exponential":"5m"}"#, "\"5m\" -- expected an object, found the string `5m` (write `{ \"mean\": ... }`)".to_owned()),
        (
            "5",
            "5 -- expected a string with a unit, such as \"90s\" or \"2h30m\", or an object that names a distribution, found the number `5` (write `\"5s\"`, or with another unit)".to_owned(),
        ),
        (
            "-5",
            "-5 -- expected a string with a unit, such as \"90s\" or \"2h30m\", or an object that names a distribution, found the number `-5` (write a number with its unit, in quotes)".to_owned(),
        ),
        (
            "[\"5m\",\"6m\"]",
            "[ -- expected a string with a unit, such as \"90s\" or \"2h30m\", or an object that names a distribution, found a list (to draw one of several values, write `{ \"empirical\": { \"values\": [...] } }`)".to_owned(),
        ),
        ("\"5\"", format!("\"5\" -- this duration has no unit ({})", crate::time::DurationError::HELP)),
        (
            r#"{"exponential":{"mean":600}}"#,
            "600 -- expected a string with a unit, such as \"90s\" or \"2h30m\", found the number `600` (write `\"600s\"`, or with another unit)".to_owned(),
        ),
        (
            r#"{"erlang":{"k":1.5,"mean":"5m"}}"#,
            "1.5 -- expected a whole number, found the number `1.5` (write a whole number from 0 to 4294967295)".to_owned(),
        ),
    ] {
        assert_faults::<SimDuration>(text, &[&expected]);
    }
}

#[test]
fn parameters_that_do_not_fit_are_told_at_their_place() {
    let positive = "write a value above 0, or a plain value for what doesn't vary";
    for (text, expected) in [
        (r#"{"exponential":{"mean":"0s"}}"#, format!("\"0s\" -- `mean` must be above 0 ({positive})")),
        (r#"{"log_normal":{"median":"5m","sigma":-1}}"#, "-1 -- `sigma` can't be negative (write 0 or more)".to_owned()),
        (r#"{"log_normal":{"median":"5m","sigma":0}}"#, format!("0 -- `sigma` must be above 0 ({positive})")),
        (r#"{"log_normal":{"median":"5m","sigma":31}}"#, "31 -- `sigma` must be from 0 to 30 (write a number from 0 to 30)".to_owned()),
        (
            r#"{"log_normal":{"median":"5m","scv":1}}"#,
            "{\"log_normal\":{\"median\":\"5m\",\"scv\":1}} -- `log_normal` needs either `median` and `sigma`, or `mean` and `scv` (write `{ \"median\": ..., \"sigma\": 0.4 }` or `{ \"mean\": ..., \"scv\": 0.5 }`)".to_owned(),
        ),
        (r#"{"erlang":{"k":0,"mean":"5m"}}"#, "0 -- `k` must be from 1 to 100000 (write a number from 1 to 100000)".to_owned()),
        (r#"{"gamma":{"shape":0,"mean":"5m"}}"#, "0 -- `shape` must be from 0.01 to 100000 (write a number from 0.01 to 100000)".to_owned()),
        (r#"{"hyper_exponential":{"scv":0.5,"mean":"5m"}}"#, "0.5 -- `scv` must be from 1 to 1000000 (write a number from 1 to 1000000)".to_owned()),
        (
            r#"{"uniform":{"min":"5m","max":"5m"}}"#,
            "\"5m\" -- `min` must be below `max` (the smaller one comes first; for what doesn't vary write a plain value)".to_owned(),
        ),
        (
            r#"{"triangular":{"min":"5m","mode":"9m","max":"8m"}}"#,
            "\"9m\" -- `mode` can't be above `max` (the smaller one comes first)".to_owned(),
        ),
        (r#"{"empirical":{"values":[]}}"#, "[] -- `values` is empty (write one at least)".to_owned()),
        (
            r#"{"empirical":{"values":["5m"],"weights":[1,2]}}"#,
            "[1,2] -- there are 2 weights for 1 values (write one weight for each value, in the same order, or leave the weights out)".to_owned(),
        ),
        (
            r#"{"empirical":{"values":["5m","6m"],"weights":[1,-2]}}"#,
            "-2 -- `weights` can't be negative (write 0 or more)".to_owned(),
        ),
        (
            r#"{"empirical":{"values":["5m"],"weights":[0]}}"#,
            "[0] -- all weights are 0, so nothing could ever be drawn (give one at least a weight above 0)".to_owned(),
        ),
        (
            r#"{"empirical":{"values":["5m"],"file":"sizes.csv"}}"#,
            "{\"empirical\":{\"values\":[\"5m\"],\"file\":\"sizes.csv\"}} -- `empirical` needs either `values`, with or without `weights`, or `file` and `column` (write `{ \"values\": [...] }` or `{ \"file\": \"sizes.csv\", \"column\": \"size\" }`)".to_owned(),
        ),
        (r#"{"mixture":[]}"#, "{\"mixture\":[]} -- `mixture` is empty (write one at least)".to_owned()),
        (
            r#"{"mixture":[{"weight":-1,"of":"5m"}]}"#,
            "-1 -- `weight` can't be negative (write 0 or more)".to_owned(),
        ),
        (
            r#"{"truncated":{"of":"5m"}}"#,
            "{\"truncated\":{\"of\":\"5m\"}} -- `truncated` needs `min` or `max` (add one of them, or both)".to_owned(),
        ),
        (
            r#"{"truncated":{"of":"5m","min":"9m","max":"8m"}}"#,
            "\"9m\" -- `min` can't be above `max` (the smaller one comes first)".to_owned(),
        ),
        (
            r#"{"truncated":{"of":{"exponential":{"mean":"1s"}},"min":"9m"}}"#,
            "{\"truncated\":{\"of\":{\"exponential\":{\"mean\":\"1s\"}},\"min\":\"9m\"}} -- less than one in a billion of the values lies between `min` and `max` (move `min` and `max` to where the values are)".to_owned(),
        ),
    ] {
        assert_faults::<SimDuration>(text, &[&expected]);
    }
}

#[test]
fn all_faults_of_a_quantity_are_told_at_once() {
    assert_faults::<SimDuration>(
        r#"{"mixture":[{"weight":1,"of":{"exponential":{"mean":"0s"}}},{"weight":1,"of":{"uniform":{"min":"2s","max":"1s"}}}]}"#,
        &[
            "\"0s\" -- `mean` must be above 0 (write a value above 0, or a plain value for what doesn't vary)",
            "\"2s\" -- `min` must be below `max` (the smaller one comes first; for what doesn't vary write a plain value)",
        ],
    );
    assert_faults::<SimDuration>(
        r#"{"mixture":[{"weight":"1","of":{"exponentiol":{"mean":"0s"}}},{"wait":1,"of":"5m"}]}"#,
        &[
            "\"1\" -- expected a number, found the string `1` (write `1` without quotes)",
            "\"exponentiol\" -- unknown choice `exponentiol` (did you mean `exponential`?)",
            "{ -- the key `weight` is missing (add `\"weight\": ...`)",
            "\"wait\" -- unknown key `wait` (write `weight` or `of`)",
        ],
    );
}

#[test]
fn columns_are_told_what_is_wrong_with_them() {
    let of = |file: &str, column: &str| format!(r#"{{"empirical":{{"file":"{file}","column":"{column}"}}}}"#);
    let faults = |text: &str, csv| attempt::<Bytes>(text, csv).1;
    assert_eq!(
        faults(&of("size.csv", "size"), CSV),
        [
            "\"size.csv\" -- there is no file `size.csv` (check the path, which is counted from the folder of the scenario)"
        ]
    );
    assert_eq!(
        faults(&of("sizes.csv", "siez"), CSV),
        ["\"siez\" -- `sizes.csv` has no column `siez` (did you mean `Size`?)"]
    );
    let no_rows = "\"sizes.csv\" -- `sizes.csv` has no rows (write a line with the names of the columns, and a line for each value)";
    assert_eq!(faults(&of("sizes.csv", "size"), ""), [no_rows]);
    assert_eq!(faults(&of("sizes.csv", "size"), "size\n"), [no_rows]);
    let found = faults(&of("sizes.csv", "size"), "id,size\na,4\nb,\nc,40GiB\nd\n");
    assert_eq!(
        found,
        [
            format!("4 [row 1, column size] -- `4`: this size has no unit ({})", crate::quantity::SizeError::SIZE_HELP),
            " [row 2, column size] -- this cell is empty (write a value, or take the row out)".to_owned(),
            "d [row 4] -- this row has 1 cell, and the header has 2 (write a comma for every cell, also for those that stay empty)".to_owned(),
        ]
    );
    assert_eq!(
        faults(&of("sizes.csv", "size"), "size,size\n1B,1B\n"),
        ["size -- the column `size` comes twice (leave one of the two out)"]
    );
}

/// Equal values decide equal runs, whatever the file and its columns are called and in which order they stand.
#[test]
fn r10_3_what_a_column_says_is_part_of_what_decides_a_run() {
    let canonical = |csv: &'static str, column: &str| {
        let text = format!(r#"[{{"size":{{"empirical":{{"file":"sizes.csv","column":"{column}"}}}}}}]"#);
        let mut document = document(&text);
        let files: Arc<dyn Files> = Arc::new(Sizes(csv));
        let mut columns = Columns::new(&files);
        let mut faults = Faults::of(&document.sources);
        let node = document.root.get("v").and_then(|list| list.elements()[0].get("size")).expect("a size");
        let (size, _) = decode::<Spanned<DrawnText<Bytes>>>(node, &Context::default());
        resolve_drawn(&size.value.expect("a size"), &mut columns, &mut faults).expect("a column");
        columns.stamp(&mut document.root);
        document.root.canonical()
    };
    let first = canonical(CSV, "size");
    assert!(first.contains("\"file\":\"sha256:") && !first.contains("sizes.csv"), "{first}");
    assert_eq!(first, canonical("bytes\n40GiB\n40GiB\n20GiB\n", "bytes"));
    assert_ne!(first, canonical("size\n20GiB\n40GiB\n", "size"));
}

/// The JSON Schema of a duration that is drawn.
fn schema() -> Json {
    serde_json::from_str(&schema_of::<DrawnText<SimDuration>>("a duration")).expect("a JSON document")
}

#[test]
fn examples_of_every_kind_are_read() {
    let schema = schema();
    let validator = jsonschema::draft7::new(&schema).expect("a schema of draft 7");
    let kinds = schema["definitions"]["Distribution"]["properties"].as_object().expect("kinds");
    assert_eq!(kinds.len(), 13);
    for (kind, about) in kinds {
        let examples = about["examples"].as_array().unwrap_or_else(|| panic!("{kind} has no example"));
        for example in examples {
            let value = json!({ kind: example });
            assert!(validator.is_valid(&value), "{value}");
            let text = value.to_string();
            let faults = if text.contains("GiB\"") || text.contains("\"size\"") {
                attempt::<Bytes>(&text, CSV).1
            } else {
                attempt::<SimDuration>(&text, CSV).1
            };
            assert!(faults.is_empty(), "{value}: {faults:#?}");
        }
    }
}

/// Editors mark what the reader refuses, as far as a schema can say it.
#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let schema = schema();
    let validator = jsonschema::draft7::new(&schema).expect("a schema of draft 7");
    for value in [
        json!(5),
        json!("5"),
        json!({}),
        json!(["5m"]),
        json!({ "fixed": "5m", "exponential": { "mean": "5m" } }),
        json!({ "exponental": { "mean": "5m" } }),
        json!({ "exponential": {} }),
        json!({ "exponential": { "mean": 5 } }),
        json!({ "exponential": { "mean": "5m", "max": "9m" } }),
        json!({ "erlang": { "k": 0, "mean": "5m" } }),
        json!({ "gamma": { "shape": "2", "mean": "5m" } }),
        json!({ "hyper_exponential": { "scv": 0.5, "mean": "5m" } }),
        json!({ "log_normal": { "median": "5m", "sigma": 0 } }),
        json!({ "log_normal": { "median": "5m", "scv": 1 } }),
        json!({ "log_normal": { "median": "5m", "sigma": 1, "mean": "5m" } }),
        json!({ "empirical": {} }),
        json!({ "empirical": { "values": [] } }),
        json!({ "empirical": { "file": "sizes.csv" } }),
        json!({ "empirical": { "values": ["5m"], "file": "sizes.csv", "column": "when" } }),
        json!({ "empirical": { "file": "sizes.csv", "column": "when", "weights": [1] } }),
        json!({ "mixture": [] }),
        json!({ "mixture": [{ "weight": -1, "of": "5m" }] }),
        json!({ "mixture": [{ "of": "5m" }] }),
        json!({ "truncated": { "of": "5m" } }),
        json!({ "truncated": { "of": { "uniform": { "min": "1m" } }, "min": "5m" } }),
    ] {
        assert!(!validator.is_valid(&value), "the schema passes {value}");
        assert!(!attempt::<SimDuration>(&value.to_string(), CSV).1.is_empty(), "the reader passes {value}");
    }
}
