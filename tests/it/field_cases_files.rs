//! What went wrong for others in the files that people write.

use crate::program::Place;
use crate::scenes::Scene;
use crate::support::{faults, read, run_text};

/// A scenario with one more entry at the top.
fn top(entry: &str) -> String {
    format!(
        r#"{{
  "schema_version": 1,
  "regions": {{ "cn-hangzhou": {{}}, "us-east-1": {{}} }},
  "images": {{ "web": {{ "region": "cn-hangzhou", "size": "1GiB" }} }},
  {entry}
}}"#
    )
}

fn copy(members: &str) -> String {
    top(&format!(r#""requests": [{{ "copy": {{ "image": "web", "to": "us-east-1", {members} }} }}]"#))
}

/// The message of a scenario that has one fault.
fn fault(text: &str) -> String {
    let found = faults(text);
    let [fault] = found.as_slice() else { panic!("{found:?} in {text}") };
    fault.clone()
}

#[test]
fn field_case_48_the_same_key_twice() {
    let place = Place::new();
    place.write(
        "x.json",
        r#"{
  "schema_version": 1,
  "service": { "cap": 5, "cap": 50 },
  "regions": {
    "cn-hangzhou": {},
    "cn-hangzhou": { "cap": 1 }
  }
}"#,
    );
    let ended = place.run("run x.json");
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(65), ""));
    for (message, line) in [("the key `cap` occurs twice", 3), ("the key `cn-hangzhou` occurs twice", 6)] {
        let at = ended.stderr.find(message).unwrap_or_else(|| panic!("{}", ended.stderr));
        let next = ended.stderr[at..].lines().nth(1).unwrap();
        assert!(next.contains(&format!("x.json:{line}:")), "{next}");
    }
    assert!(!place.exists("results"), "nothing was run");
    let twice = top(r#""requests": [{ "copy": { "id": "a", "image": "web", "to": "us-east-1" } },
            { "copy": { "id": "a", "image": "web", "to": "us-east-1" } }]"#);
    assert_eq!(fault(&twice), "the id `a` is used twice");
}

#[test]
fn field_case_50_a_misspelt_key_is_never_ignored() {
    let place = Place::new();
    place.write("x.json", top(r#""service": { "capp": 1 }"#));
    let ended = place.run("run x.json");
    assert!(ended.stderr.contains("unknown key `capp`") && ended.stderr.contains("did you mean `cap`?"));
    // Inside a choice that is told by its key, and beside a choice that has no settings.
    let stream = r#""requests": [{ "arrivals": { "count": 1, "process": { "periodic": { "every": "1m", "evry": "2m" } },
        "copy": { "image": "web", "to": "us-east-1" } } }]"#;
    assert_eq!(fault(&top(stream)), "unknown key `evry`");
    assert_eq!(fault(&copy(r#""already": { "queued": { "since": "1m" } }"#)), "`queued` has no settings");
    assert_eq!(
        fault(&copy(r#""already": { "running": {}, "quued": {} }"#)),
        "expected an object with one key, found two: `running` and `quued`"
    );
}

#[test]
fn field_case_51_a_byte_order_mark_changes_nothing_and_other_encodings_are_named() {
    let text = copy(r#""duration": "5m""#);
    let results = |bytes: Vec<u8>| {
        let place = Place::new();
        place.write("x.json", bytes);
        place.stdout("run x.json --out r");
        place.files("r")
    };
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let crlf = text.replace('\n', "\r\n").into_bytes();
    let plain = results(text.clone().into_bytes());
    assert_eq!(plain, results(marked));
    assert_eq!(plain, results(crlf));
    let utf16: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let place = Place::new();
    place.write("x.json", utf16);
    let ended = place.run("run x.json");
    assert_eq!(ended.status, Some(65));
    assert!(ended.stderr.contains("encoded as UTF-16 (little-endian)"), "{}", ended.stderr);
}

#[test]
fn field_case_52_numbers_that_cant_be_held_and_brackets_without_end() {
    let cap = |number: &str| top(&format!(r#""service": {{ "cap": {number} }}"#));
    for number in ["1e400", "-1", "9007199254740993", "4294967296"] {
        assert_eq!(fault(&cap(number)), format!("the number `{number}` is out of range"));
    }
    assert_eq!(fault(&cap("NaN")), "`NaN` is not a number that can be used");
    let cap_of = |number: &str| read(&cap(number)).model.settings.caps[0];
    assert_eq!([cap_of("1e3"), cap_of("1000.0"), cap_of("-0.0")], [1000, 1000, 0]);
    let horizon = top(r#""horizon": "9007199254740993us""#);
    assert_eq!(fault(&horizon), "a time can't be longer than 2^53 - 1 microseconds (285 years)");
    let longest = read(&top(r#""horizon": "9007199254740991us""#));
    assert_eq!(longest.model.horizon.map(|horizon| horizon.micros()), Some(9_007_199_254_740_991));
    let place = Place::new();
    for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        place.write("deep.json", text);
        let ended = place.run("run deep.json");
        assert_eq!(ended.status, Some(65), "no signal: {ended:?}");
        assert!(ended.stderr.contains("nested too deeply"), "{}", ended.stderr);
    }
}

#[test]
fn field_case_58_minutes_months_and_units_of_size() {
    // The end of a copy of this length in a slot of its own.
    let seconds = |duration: &str| {
        let scene = Scene::lane(1).copy_with("x", 0, serde_json::json!({ "duration": duration }));
        scene.run().end_seconds()
    };
    for (written, expected) in [("10m", 600), ("1h30m", 5400), ("90s", 90), ("1d", 86_400), ("2w", 1_209_600)]
    {
        assert_eq!(seconds(written), expected, "{written}");
    }
    for (written, word) in [
        ("10M", "`M` is not a unit of time here: minutes are `m`"),
        ("1mo", "`mo` is not a unit of time here: months"),
        ("10 ", "no unit"),
        ("10", "no unit"),
        ("ten", "is not a unit of time"),
        ("1.5.2h", "not a duration"),
    ] {
        let message = fault(&copy(&format!(r#""duration": "{written}""#)));
        assert!(message.contains(word), "{written}: {message}");
    }
    // 2^30 bytes at 10^8 a second take 10.73741824 s, rounded up to the microsecond; 10^9 bytes take 10 s.
    for (size, micros) in [("1GiB", 10_737_419), ("1GB", 10_000_000)] {
        let text = copy(r#""copy_time": { "setup": "0s", "throughput": "100MB/s" }"#).replace("1GiB", size);
        assert_eq!(run_text(&text).end.at.micros(), micros, "{size}");
    }
}
