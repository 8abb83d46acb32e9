use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use serde::de::DeserializeOwned;

use super::super::document::Document;
use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    cap: u32,
    #[serde(default)]
    sigma: Option<f64>,
    #[serde(default)]
    queue: Option<Queue>,
    #[serde(default)]
    poll: Option<Duration>,
    #[serde(default)]
    to: Vec<Spanned<String>>,
    #[serde(default)]
    pair: Option<(u8, i8)>,
    #[serde(default)]
    on: bool,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Queue {
    Fifo,
    Periodic { every: u64 },
    Weights(Vec<f64>),
    Limit(u8),
}

/// A value that is written as a string.
#[derive(Debug, PartialEq)]
struct Duration(u64);

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        deserializer.deserialize_str(DurationVisitor)
    }
}

struct DurationVisitor;

impl Visitor<'_> for DurationVisitor {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string with a unit such as \"15m\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        let minutes = text.strip_suffix('m').and_then(|count| count.parse().ok());
        minutes.map(Duration).ok_or_else(|| fault_with_help(format!("no unit in `{text}`"), "write `15m`"))
    }
}

fn document(value: &str) -> Document {
    let text = format!("{{\"v\":{value}}}").into_bytes();
    Document::parse("plan.jsonc", text).expect("a document")
}

/// Decodes a value; faults are given as "`place` message (help)", the place as
/// the text that it spans.
fn attempted<T: DeserializeOwned>(value: &str) -> (Attempt<T>, Vec<String>) {
    let document = document(value);
    let node = document.root.get("v").expect("the value");
    let (attempt, faults) = decode(node, &Context::default());
    let faults = faults.into_iter().map(|fault| {
        let span = fault.span.expect("every fault has a place");
        let place = &document.sources.file().text[span.start..span.end];
        format!("{place} -- {fault}")
    });
    let faults = faults.collect();
    (attempt, faults)
}

fn decoded<T: DeserializeOwned>(value: &str) -> Result<T, Vec<String>> {
    let (attempt, faults) = attempted(value);
    match attempt.value {
        Some(value) if faults.is_empty() && attempt.is_whole => Ok(value),
        _ => Err(faults),
    }
}

fn faults<T: DeserializeOwned + fmt::Debug>(value: &str) -> Vec<String> {
    decoded::<T>(value).expect_err("a fault")
}

/// The only fault of a value.
fn fault<T: DeserializeOwned + fmt::Debug>(value: &str) -> String {
    let faults = faults::<T>(value);
    let [fault] = faults.as_slice() else { panic!("{value}: {faults:?}") };
    fault.clone()
}

#[test]
fn a_struct_is_read() {
    let text = r#"{"cap": 1e1, "sigma": 0.5, "queue": {"periodic": {"every": 3}},
        "poll": "15m", "to": ["a"], "pair": [255, -128], "on": true}"#;
    let service: Service = decoded(text).expect("a service");
    assert_eq!(service.cap, 10);
    assert_eq!(service.sigma, Some(0.5));
    assert_eq!(service.queue, Some(Queue::Periodic { every: 3 }));
    assert_eq!(service.poll, Some(Duration(15)));
    assert_eq!(service.to[0].len(), 1, "a spanned value derefs to it");
    assert_eq!(service.pair, Some((255, -128)));
    assert!(service.on);
    let fifo: Service = decoded(r#"{"cap": 0, "queue": "fifo"}"#).expect("a service");
    assert_eq!(fifo.queue, Some(Queue::Fifo));
}

#[test]
fn faults_are_at_their_innermost_cause() {
    for (text, expected) in [
        (r#"{}"#, "{ -- the key `cap` is missing (add `\"cap\": ...`)"),
        (r#"{"cap":1,"quue":1}"#, "\"quue\" -- unknown key `quue` (did you mean `queue`?)"),
        (r#"{"cap":1,"Queue":1}"#, "\"Queue\" -- unknown key `Queue` (did you mean `queue`?)"),
        (
            r#"{"cap":1,"bandwidth":1}"#,
            "\"bandwidth\" -- unknown key `bandwidth` (write one of `cap`, `sigma`, `queue`, `poll`, `to`, `pair`, `on`)",
        ),
        (r#"{"cap":[]}"#, "[] -- expected a whole number, found an empty list (write a number, such as `5`)"),
        (r#"{"cap":null}"#, "null -- expected a whole number, found `null` (write a number, such as `5`)"),
        (
            r#"{"cap":"5"}"#,
            "\"5\" -- expected a whole number, found the string `5` (write `5` without quotes)",
        ),
        (r#"{"cap":1,"sigma":null}"#, "null -- `null` can't be used here (leave the key out instead)"),
        (
            r#"{"cap":1,"poll":600}"#,
            "600 -- expected a string with a unit such as \"15m\", found the number `600`",
        ),
        (r#"{"cap":1,"poll":"15"}"#, "\"15\" -- no unit in `15` (write `15m`)"),
        (r#"{"cap":1,"to":"a"}"#, "\"a\" -- expected a list, found the string `a` (write `[ ... ]`)"),
        (r#"{"cap":1,"to":["a",1e3]}"#, "1e3 -- expected a string, found the number `1e3` (write `\"1e3\"`)"),
        (
            r#"{"cap":1,"on":1}"#,
            "1 -- expected `true` or `false`, found the number `1` (write one of the two, without quotes)",
        ),
        (
            r#"{"cap":1,"on":"true"}"#,
            "\"true\" -- expected `true` or `false`, found the string `true` (write `true` without quotes)",
        ),
        (r#"{"cap":1,"pair":[1]}"#, "[ -- expected a list of 2 values, found 1"),
        (
            r#"{"cap":1,"pair":[1,2,3,4]}"#,
            "3 -- expected a list of 2 values, found 4 (remove what is too much)",
        ),
        (
            r#"[1]"#,
            "[1] -- expected an object, found a list (write `{ ... }` with keys such as `cap`, `sigma`, `queue`, `poll`, `to`, `pair`, `on`)",
        ),
    ] {
        assert_eq!(fault::<Service>(text), expected);
    }
}

#[test]
fn choices_are_words_or_objects_with_one_key() {
    assert_eq!(decoded("\"fifo\""), Ok(Queue::Fifo));
    assert_eq!(decoded("{\"weights\":[1,0.5]}"), Ok(Queue::Weights(vec![1.0, 0.5])));
    assert_eq!(decoded("{\"limit\":2.55e2}"), Ok(Queue::Limit(255)));
    let all = "`fifo`, `periodic`, `weights`, `limit`";
    for (text, expected) in [
        ("\"fifi\"", "\"fifi\" -- unknown choice `fifi` (did you mean `fifo`?)".to_owned()),
        ("\"xyz\"", format!("\"xyz\" -- unknown choice `xyz` (write one of {all})")),
        ("{\"periodc\":{}}", "\"periodc\" -- unknown choice `periodc` (did you mean `periodic`?)".to_owned()),
        ("{}", format!("{{ -- expected an object with one key, found none (write one of {all})")),
        (
            "{\"fifo\":1,\"limit\":2}",
            format!(
                "{{ -- expected an object with one key, found two: `fifo` and `limit` (write one of {all})"
            ),
        ),
        (
            "{\"fifo\":1,\"limit\":2,\"x\":3}",
            format!("{{ -- expected an object with one key, found 3 (write one of {all})"),
        ),
        ("{\"fifo\":{}}", "\"fifo\" -- `fifo` has no settings (write `\"fifo\"` alone)".to_owned()),
        (
            "\"periodic\"",
            "\"periodic\" -- `periodic` needs settings (write `{ \"periodic\": ... }`)".to_owned(),
        ),
        ("\"limit\"", "\"limit\" -- `limit` needs settings (write `{ \"limit\": ... }`)".to_owned()),
        (
            "{\"periodic\":3}",
            "3 -- expected an object, found the number `3` (write `{ \"every\": ... }`)".to_owned(),
        ),
        ("{\"periodic\":{}}", "{ -- the key `every` is missing (add `\"every\": ...`)".to_owned()),
        ("{\"periodic\":{\"evry\":1}}", "\"evry\" -- unknown key `evry` (did you mean `every`?)".to_owned()),
        (
            "{\"limit\":256}",
            "256 -- the number `256` is out of range (write a whole number from 0 to 255)".to_owned(),
        ),
        ("5", format!("5 -- expected one of {all}, found the number `5`")),
    ] {
        assert_eq!(fault::<Queue>(text), expected);
    }
}

#[test]
fn whole_numbers_are_exact() {
    assert_eq!(decoded("1000"), Ok(1000_u64));
    assert_eq!(decoded("1e3"), Ok(1000_u16));
    assert_eq!(decoded("1000.0"), Ok(1000_u64));
    assert_eq!(decoded("-0"), Ok(0_u64));
    assert_eq!(decoded("-0.0"), Ok(0_u8));
    assert_eq!(decoded("9007199254740992"), Ok(9_007_199_254_740_992_u64));
    assert_eq!(decoded("-9007199254740992"), Ok(-9_007_199_254_740_992_i64));
    let range = "write a whole number from 0 to 9007199254740992";
    for text in ["9007199254740993", "18446744073709551616", "1e400", "1e999999999999", "-1"] {
        let expected = format!("{text} -- the number `{text}` is out of range ({range})");
        assert_eq!(fault::<u64>(text), expected);
    }
    for text in ["1.5", "1e-1", "1e-999999999999"] {
        let expected = format!("{text} -- expected a whole number, found the number `{text}` ({range})");
        assert_eq!(fault::<u64>(text), expected);
    }
    assert_eq!(
        fault::<std::num::NonZeroU8>("0"),
        "0 -- expected a whole number other than 0, found the number `0`"
    );
}

#[test]
fn floats_are_finite() {
    assert_eq!(decoded("1e3"), Ok(1000.0_f64));
    assert_eq!(decoded::<f64>("-0").map(f64::to_bits), Ok(0));
    for text in ["1e400", "-1e400", "1e-400"] {
        assert!(fault::<f64>(text).contains("is out of range"), "{text}");
    }
    assert_eq!(
        fault::<f64>("\"x\""),
        "\"x\" -- expected a number, found the string `x` (write a number, such as `5`)"
    );
}

/// Records what a visitor is given where the type leaves it open.
#[derive(Debug, PartialEq)]
enum Any {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Any, D::Error> {
        struct AnyVisitor;
        impl Visitor<'_> for AnyVisitor {
            type Value = Any;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any number")
            }
            fn visit_u64<E>(self, value: u64) -> Result<Any, E> {
                Ok(Any::Unsigned(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Any, E> {
                Ok(Any::Signed(value))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Any, E> {
                Ok(Any::Float(value))
            }
        }
        deserializer.deserialize_any(AnyVisitor)
    }
}

#[test]
fn open_types_are_told_what_kind_of_number_it_is() {
    assert_eq!(decoded("1.0e1"), Ok(Any::Unsigned(10)));
    assert_eq!(decoded("-3"), Ok(Any::Signed(-3)));
    assert_eq!(decoded("0.25"), Ok(Any::Float(0.25)));
    assert_eq!(decoded("1e20"), Ok(Any::Float(1e20)));
    assert!(fault::<Any>("1e400").contains("out of range"));
    assert_eq!(fault::<Any>("\"x\""), "\"x\" -- expected any number, found the string `x`");
    assert_eq!(fault::<Any>("{}"), "{} -- expected any number, found an empty object");
}

#[test]
fn entries_keep_order_and_places() {
    let entries: Entries<Spanned<u8>> = decoded("{\"b\":1,\"a\":2}").expect("entries");
    let found: Vec<_> =
        entries.iter().map(|(key, value)| (key.as_str(), key.span, value.value, value.span)).collect();
    assert_eq!(
        found,
        [("b", Span::new(6, 9), 1, Span::new(10, 11)), ("a", Span::new(12, 15), 2, Span::new(16, 17)),]
    );
    assert_eq!(entries.get("a").map(|value| value.value), Some(2));
    assert_eq!(entries.get("c"), None);
    assert_eq!(
        fault::<Entries<u8>>("[]"),
        "[] -- expected an object, found an empty list (write `{ \"name\": ... }`)"
    );
    assert_eq!(
        fault::<Entries<u8>>("{\"a\":true}"),
        "true -- expected a whole number, found `true` (write a number, such as `5`)"
    );
}

#[test]
fn all_faults_are_found_at_once() {
    let text = r#"{"cpa":1,"sigma":"x","queue":{"periodic":{"every":-1,"evry":2}},"poll":"x","to":["a",1,"b",{}],"on":1}"#;
    let expected = [
        "\"cpa\" -- unknown key `cpa` (did you mean `cap`?)",
        "\"x\" -- expected a number, found the string `x` (write a number, such as `5`)",
        "-1 -- the number `-1` is out of range (write a whole number from 0 to 9007199254740992)",
        "\"evry\" -- unknown key `evry` (did you mean `every`?)",
        "\"x\" -- no unit in `x` (write `15m`)",
        "1 -- expected a string, found the number `1` (write `\"1\"`)",
        "{} -- expected a string, found an empty object (write it in quotes: `\"...\"`)",
        "1 -- expected `true` or `false`, found the number `1` (write one of the two, without quotes)",
    ];
    let with_cap = text.replacen('{', "{\"cap\":7,", 1);
    let (attempt, found) = attempted::<Service>(&with_cap);
    assert_eq!(found, expected);
    let service = attempt.value.expect("what could be read");
    assert_eq!((service.cap, service.to.len(), attempt.is_whole), (7, 2, false));
    // What is missing is told when all that is there is right, and only if it isn't there.
    let (attempt, found) = attempted::<Service>(&text.replace("cpa", "colour"));
    assert!(attempt.value.is_none());
    assert_eq!(found.len(), expected.len() + 1);
    assert!(found[0].starts_with("{ -- the key `cap` is missing"), "{found:?}");
    assert_eq!(faults::<Service>(r#"{"cap":-1}"#).len(), 1);
}

#[test]
fn a_fault_of_one_attempt_leaves_the_others_whole() {
    let text = "{\"a\":{\"cap\":1},\"b\":{\"cap\":-1},\"c\":{\"cap\":1,\"cpa\":1},\"d\":7}";
    let (entries, found) = attempted::<Entries<Attempt<Service>>>(text);
    let entries = entries.value.expect("entries");
    let read = entries.iter().map(|(_, attempt)| (attempt.value.is_some(), attempt.is_whole));
    assert_eq!(read.collect::<Vec<_>>(), [(true, true), (false, false), (true, false), (false, false)]);
    let places: Vec<&str> = found.iter().filter_map(|fault| fault.split(" -- ").next()).collect();
    assert_eq!(places, ["-1", "\"cpa\"", "7"]);
}

/// A type that is checked after its parts have been read.
#[derive(Debug, Deserialize)]
#[serde(try_from = "u8")]
struct Even;

impl TryFrom<u8> for Even {
    type Error = &'static str;

    fn try_from(value: u8) -> Result<Even, Self::Error> {
        if value.is_multiple_of(2) { Ok(Even) } else { Err("odd") }
    }
}

#[test]
fn faults_of_later_checks_have_a_place_too() {
    assert_eq!(fault::<Even>("3"), "3 -- odd");
    assert_eq!(fault::<Vec<Even>>("[2,3]"), "3 -- odd");
    assert_eq!(fault::<Entries<Even>>("{\"a\":5}"), "5 -- odd");
    assert_eq!(fault::<Spanned<Even>>("7"), "7 -- odd");
}

#[test]
fn deep_values_are_decoded_and_skipped() {
    #[derive(Debug, Deserialize)]
    #[serde(transparent)]
    struct Deep(Vec<Deep>);
    let text = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let deep: Deep = decoded(&text).expect("deep arrays");
    assert_eq!(deep.0.len(), 1);
    assert!(decoded::<de::IgnoredAny>(&text).is_ok());
}
