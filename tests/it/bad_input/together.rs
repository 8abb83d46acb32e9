//! One mistake hides no other, and none is told that only follows from another one.

use copysim::scenario::{Scenario, ScenarioError};

use super::{arrivals, error_of, requests, top};

fn messages(error: &ScenarioError) -> Vec<&str> {
    error.diagnostics.iter().map(|fault| fault.message.as_str()).collect()
}

#[test]
fn r3_3_a_circle_hides_nothing_else() {
    let text = requests(
        r#"{ "copy": { "id": "a", "image": "web", "to": "us-east", "after": "b" } },
        { "copy": { "id": "b", "image": "web", "to": "mars", "after": "a" } },
        { "copy": { "id": "c", "after": "b", "to": "venus" } },
        { "copy": { "id": "d", "image": "wep", "to": "us-west" } },
        { "cancel": { "at": "1m", "copy": "d@us-east" } },
        { "cancel": { "at": "1m", "copy": "a@us-west" } },
        { "copy": { "id": "e", "image": "web", "to": "us-west", "after": "f" } },
        { "copy": { "id": "f", "image": "web", "to": "us-west", "after": "e" } }"#,
    );
    let expected = [
        "these requests wait for each other: a -> b -> a",
        "there is no region `mars`",
        "there is no region `venus`",
        "there is no image `wep`",
        "these requests wait for each other: e -> f -> e",
    ];
    assert_eq!(messages(&error_of(&text)), expected);
}

#[test]
fn a_key_at_the_top_that_cant_be_read_is_given() {
    let endless = arrivals(r#""process": { "periodic": { "every": "1s" } }"#);
    let with = |key: &str| endless.replacen("\"requests\"", &format!("{key}, \"requests\""), 1);
    let [unread, misspelt] = [r#""horizon": "3 days""#, r#""horzion": "3d""#].map(|key| error_of(&with(key)));
    assert_eq!(messages(&unread), ["`days` is not a unit of time here: days are `d`"]);
    assert_eq!(messages(&misspelt), ["unknown key `horzion`"]);
    let set = Scenario::read("bad.json", endless.into_bytes(), &["horizon=none".to_owned()]).unwrap_err();
    assert_eq!(set.diagnostics.len(), 1, "{set:?}");
    // The same of how long copies take.
    let text = r#"{ "schema_version": 1, "regions": { "cn": {}, "us": {} }, "copy_time": { "duration": 5 },
        "images": { "web": { "region": "cn" } }, "requests": [{ "copy": { "image": "web", "to": "us" } }] }"#;
    let [fault] = &error_of(text).diagnostics[..] else { panic!("more than the duration") };
    assert!(fault.message.ends_with("found the number `5`"), "{fault:?}");
}

#[test]
fn every_missing_key_is_told() {
    let text = r#"{ "links": [{}, { "form": "cn" }, { "from": "cn" }], "images": { "web": {} },
        "requests": [{ "arrivals": { "until": "soon" } }, { "cancel": { "copy": 5 } }] }"#;
    let missing = |key: &str| format!("the key `{key}` is missing");
    let error = error_of(text);
    let expected = [
        missing("schema_version"),
        missing("regions"),
        missing("from"),
        missing("to"),
        missing("to"),
        "unknown key `form`".to_owned(),
        missing("to"),
        missing("region"),
        missing("process"),
        missing("copy"),
        "`soon`".to_owned(),
        missing("at"),
        "expected a string, found the number `5`".to_owned(),
    ];
    let mut found = messages(&error);
    found[10] = "`soon`";
    assert_eq!(found, expected);
    for fault in error.diagnostics.iter().filter(|fault| fault.message.ends_with("is missing")).skip(2) {
        let key = fault.message.split('`').nth(1).unwrap_or_default();
        assert_eq!(fault.help, Some(format!("add `\"{key}\": ...`")));
    }
}

#[test]
fn every_name_of_a_list_is_looked_at() {
    let list = requests(
        r#"{ "copy": { "image": ["x", "web", "y"], "to": ["us-east", "mars", "venus"], "after": ["p", "q"] } }"#,
    );
    let expected = [
        "there is no image `x`",
        "there is no image `y`",
        "there is no region `mars`",
        "there is no region `venus`",
        "there is no request `p`",
        "there is no request `q`",
    ];
    assert_eq!(messages(&error_of(&list)), expected);
    assert_eq!(messages(&error_of(&top(r#""horizon": null"#))), ["`null` can't be used here"]);
}
