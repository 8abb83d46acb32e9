//! What messages say to write instead: for values of another type, for names and keys in the wrong place, and
//! for clock times.

use copysim::scenario::Scenario;

use super::{assert_faults, copy, error_of, images, regions, requests, top};

#[test]
fn values_of_another_type() {
    let cap_change = r#"{ "cn": { "cap_changes": [{ "at": "1h", "cap": «null» }] } }"#;
    assert_faults(&[
        (top(r#""service": { "cap": «"ten"» }"#), "a whole number, found the string `ten`", "such as `5`"),
        (top(r#""service": { "cap": «null» }"#), "`null` can't be used here", "leave the key out"),
        (regions(cap_change), "a whole number, found `null`", "such as `5`"),
        (top(r#""description": «true»"#), "a string, found `true`", r#"`"..."`"#),
        (
            copy(r#""to": "us-east", "encrypted": «0»"#),
            "`true` or `false`, found the number",
            "one of the two",
        ),
        (top(r#""links": «{ "from": "cn" }»"#), "expected a list, found an object", "write `[ ... ]`"),
        (regions(r#"«["eu", "us"]»"#), "expected an object, found a list", r#"write `{ "eu": {}, ... }`"#),
        (regions("«[5]»"), "expected an object, found a list", r#"write `{ "name": ... }`"#),
        (top(r#""service": «[]»"#), "expected an object, found an empty list", "with keys such as `cap`"),
        (regions(r#"{ "cn": «7» }"#), "expected an object, found the number `7`", "with keys such as `cap`"),
        (
            top(r#""resource_groups": { "web": «1» }"#),
            "expected an object, found the number `1`",
            "write `{}`",
        ),
    ]);
}

#[test]
fn a_word_in_place_of_settings() {
    assert_faults(&[
        (
            copy(r#""to": "us-east", "already": «"running"»"#),
            "`running` needs settings",
            r#"write `{ "running": {} }`"#,
        ),
        (requests(r#"«"cancel"»"#), "`cancel` needs settings", r#"write `{ "cancel": ... }`"#),
    ]);
}

#[test]
fn r8_4_words_that_mean_all_others() {
    for word in ["all", "All", "others", "all_others", "all-other", "*all*", "*others"] {
        let text = copy(&format!(r#""to": «"{word}"»"#));
        assert_faults(&[(text, "region", "did you mean `all-others`?")]);
        let text = copy(&format!(r#""to": ["us-east", «"{word}"»]"#));
        assert_faults(&[(text, "region", "did you mean `all-others`?")]);
    }
    // A source can't be all others, and a region may be called so.
    assert_faults(&[(copy(r#""from": «"all"», "to": "us-east""#), "no region `all`", "known regions:")]);
    let text = r#"{ "schema_version": 1, "regions": { "cn": {}, "all": {} },
        "images": { "web": { "region": "cn", "size": "1GiB" } },
        "requests": [{ "copy": { "image": "web", "to": "all" } }] }"#;
    assert!(super::read(text.as_bytes()).is_ok());
}

#[test]
fn names_that_are_faults_are_not_suggested() {
    let text = r#"{ "schema_version": 1, "regions": { "cn": {}, "u s": {} },
        "images": { "w b": { "region": "uu", "size": "1GiB" }, "web": { "region": "cn", "size": "1GiB" } },
        "requests": [{ "copy": { "image": "q", "to": "uus" } }] }"#;
    let error = error_of(text);
    let helps: Vec<&str> = error.diagnostics.iter().filter_map(|fault| fault.help.as_deref()).collect();
    let names = "use letters, digits, `-`, `_` and `.`, at most 128 of them";
    assert_eq!(
        helps,
        [names, names, "known regions: `cn`", "known images: `web`", "known regions: `cn`"],
        "{error:?}"
    );
}

#[test]
fn r3_3_a_copy_in_place_of_an_image() {
    let after = |image: &str| {
        requests(&format!(
            r#"{{ "copy": {{ "id": "r", "image": "web", "to": "us-east" }} }},
               {{ "copy": {{ "image": {image}, "to": "us-west" }} }}"#
        ))
    };
    assert_faults(&[
        (after(r#"«"r@us-east"»"#), "no image `r@us-east`", r#"`{ "product_of": "r@us-east" }`"#),
        (after(r#"«"r#1@us-east"»"#), "no image `r#1@us-east`", r#"`{ "product_of": "r#1@us-east" }`"#),
        (after(r#"["api", «"r"»]"#), "no image `r`", r#"`{ "product_of": "r" }`"#),
        (after(r#"«"s@us-east"»"#), "no image `s@us-east`", r#"`{ "product_of": "s@us-east" }`"#),
        (after(r#"«"wep"»"#), "no image `wep`", "did you mean `web`?"),
    ]);
    let right = after(r#"{ "product_of": "r@us-east" }"#);
    assert!(super::read(right.as_bytes()).is_ok());
}

#[test]
fn keys_that_belong_to_another_object() {
    assert_faults(&[
        (top(r#"«"cap"»: 10"#), "unknown key `cap`", "did you mean `service.cap`?"),
        (top(r#"«"drain"»: "1s""#), "unknown key `drain`", "write one of"),
        (top(r#""service": { «"drain"»: "1s" }"#), "unknown key `drain`", "did you mean `cancel.drain`?"),
        (
            top(r#""service": { "cancel": { «"cap_scope"»: "both" } }"#),
            "unknown key `cap_scope`",
            "write `cap_scope` beside `cancel`, not in it",
        ),
        (
            regions(r#"{ "cn": { «"throughput"»: "1MiB/s" } }"#),
            "unknown key `throughput`",
            "did you mean `copy_time.throughput`?",
        ),
        (
            requests(r#"{ "copy": { "image": "web", "to": "us-east", «"delete"»: {} } }"#),
            "unknown key `delete`",
            "write one of `id`",
        ),
        // A group isn't a key of the file, and a name is no key.
        (
            top(r#""resource_groups": { "a": { «"cap"»: 1 } }"#),
            "unknown key `cap`",
            "nothing can be written here",
        ),
        (
            requests(
                r#"{ "arrivals": { "count": 1, "process": { "periodic": { "every": "1s" } },
                     "copy": { "image": "web", "to": "us-east", «"until"»: "1h" } } }"#,
            ),
            "unknown key `until`",
            "write `until` beside `copy`, not in it",
        ),
    ]);
    let set =
        Scenario::read("bad.json", top(r#""seed": 1"#).into_bytes(), &["cap=10".to_owned()]).unwrap_err();
    let [fault] = set.diagnostics.as_slice() else { panic!("{set:?}") };
    assert_eq!(fault.help.as_deref(), Some("did you mean `service.cap`?"));
}

#[test]
fn clock_times_in_place_of_times_since_the_start() {
    for time in ["2026-11-02T22:00:00+08:00", "2026-11-02", "10:30", "9:00", "22:00:00"] {
        let clock = format!("`{time}` is a clock time");
        assert_faults(&[
            (copy(&format!(r#""to": "us-east", "at": «"{time}"»"#)), &clock, "from the start of the run"),
            (top(&format!(r#""horizon": «"{time}"»"#)), &clock, r#"`"14h"`"#),
        ]);
    }
    // A length is none, and neither is a word.
    assert_faults(&[
        (copy(r#""to": "us-east", "duration": «"00:35"»"#), "`:` is not a unit", "2h30m"),
        (copy(r#""to": "us-east", "at": «"-1h"»"#), "negative", "2h30m"),
        (images(r#""web": { "region": "cn", "size": «"10:30"» }"#), "", "40GiB"),
    ]);
}

#[test]
fn a_name_is_suggested_only_if_it_is_near() {
    for (word, help) in [
        ("q", "known regions: `cn`, `us-east`, `us-west`"),
        ("uz", "known regions: `cn`, `us-east`, `us-west`"),
        ("cm", "did you mean `cn`?"),
        ("CN", "did you mean `cn`?"),
        ("us_east", "did you mean `us-east`?"),
    ] {
        let error = error_of(&copy(&format!(r#""to": "{word}""#)));
        assert_eq!(error.diagnostics[0].help.as_deref(), Some(help), "{word}");
    }
}
