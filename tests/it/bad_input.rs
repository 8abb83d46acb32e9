//! Scenarios with a mistake: each is told where it is, what is wrong and what to write instead; and no
//! text whatever makes the reader or a run panic.

mod begin;
mod clients;
mod contract;
mod notices;
mod streams;
mod together;
mod ways_out;

use copysim::scenario::{Diagnostic, Scenario, ScenarioError, Span, render};

/// Around the place that a message must point at.
const MARKS: [char; 2] = ['«', '»'];

/// The text without its marks, and the place between them.
fn marked(text: &str) -> (String, Span) {
    let [start, end] = MARKS.map(|mark| text.find(mark).unwrap_or_else(|| panic!("no {mark} in {text}")));
    let plain: String = text.split(MARKS).collect();
    (plain, Span::new(start, end - MARKS[0].len_utf8()))
}

/// A scenario with one more entry at the top.
fn top(entry: &str) -> String {
    format!(
        r#"{{
  "schema_version": 1,
  "regions": {{ "cn": {{}}, "us-east": {{}}, "us-west": {{}} }},
  "images": {{ "web": {{ "region": "cn", "size": "1GiB" }}, "api": {{ "region": "cn", "size": "1GiB" }} }},
  {entry}
}}"#
    )
}

/// A scenario with these requests.
fn requests(requests: &str) -> String {
    top(&format!(r#""requests": [{requests}]"#))
}

/// A scenario whose copy of `web` has these members too.
fn copy(members: &str) -> String {
    requests(&format!(r#"{{ "copy": {{ "id": "r", "image": "web", {members} }} }}"#))
}

/// A scenario with a stream with these members and a copy to us-east.
fn arrivals(members: &str) -> String {
    requests(&format!(r#"{{ "arrivals": {{ {members}, "copy": {{ "image": "web", "to": "us-east" }} }} }}"#))
}

/// A scenario with this text for its regions and a copy.
fn regions(regions: &str) -> String {
    format!(r#"{{ "schema_version": 1, "regions": {regions}, "requests": [] }}"#)
}

/// A scenario with these images.
fn images(images: &str) -> String {
    format!(r#"{{ "schema_version": 1, "regions": {{ "cn": {{}}, "us": {{}} }}, "images": {{ {images} }} }}"#)
}

fn read(bytes: &[u8]) -> Result<Scenario, ScenarioError> {
    Scenario::read("bad.json", bytes.to_vec(), &[])
}

fn error_of(text: &str) -> ScenarioError {
    read(text.as_bytes()).err().unwrap_or_else(|| panic!("this is valid:\n{text}"))
}

/// What every message owes its reader.
fn assert_is_useful(fault: &Diagnostic, screen: &str) {
    assert!(!fault.message.is_empty() && !fault.message.ends_with('.'), "{screen}");
    // "expected a string with a unit, such as \"90s\", found ..." has its way out within.
    let helps = fault.help.as_ref().is_some_and(|help| !help.is_empty());
    assert!(helps || fault.message.starts_with("expected "), "no help:\n{screen}");
    for rust in ["Option", "u32", "u64", "struct", "enum", "visitor", "serde", "RegionRef"] {
        assert!(!screen.contains(rust), "{rust} means nothing to a user:\n{screen}");
    }
    assert!(screen.lines().all(|line| line.chars().count() <= 160), "too wide:\n{screen}");
}

/// Checks that each text has one fault, at the marks, with these words in its message and its help.
fn assert_faults(cases: &[(String, &str, &str)]) {
    let mut wrong = Vec::new();
    for (text, message, help) in cases {
        let (plain, span) = marked(text);
        let error = error_of(&plain);
        let screen = render(&error.sources, &error.diagnostics, false);
        let [fault] = error.diagnostics.as_slice() else {
            wrong.push(format!("not one fault:\n{screen}"));
            continue;
        };
        assert_is_useful(fault, &screen);
        let helps = fault.help.as_deref().unwrap_or_default();
        if fault.span != Some(span) || !fault.message.contains(message) || !helps.contains(help) {
            let under = fault.span.map(|found| &plain[found.start..found.end]);
            wrong.push(format!(
                "want {:?} {message:?} {help:?}, found {under:?}\n{screen}",
                &plain[span.start..span.end]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faults_of_grammar() {
    let cases = [
        ("{ \"schema_version\": 1«» \"regions\": {} }", "comma", ""),
        ("{ \"schema_version\": «NaN», \"regions\": {} }", "NaN", ""),
        ("{ \"schema_version\": «'»1' }", "", "\""),
        ("{ \"schema_version\": «+1» }", "", ""),
        ("{ \"schema_version\": «0x1» }", "", ""),
        ("{ \"schema_version\": «.5» }", "", ""),
        ("{ «schema_version»: 1 }", "", "\"schema_version\""),
        ("{ \"schema_version\": 1, \"regions\": «{» \"cn\": {} ", "", "}"),
        ("{ \"regions\": [1, 2 «}»", "list is still open", "]"),
        ("{ \"description\": «\"»no end }", "never closed", "\""),
        ("{ } «{» }", "after the end", "remove"),
        ("«[]»", "object", "{"),
        ("{ \"a\": 1 «/*» no end }", "not closed", "*/"),
        ("{ \"seed\": 1, «\"seed\"»: 2 }", "`seed`", ""),
        ("{ \"description\": \"«\\u001b»[31m\" }", "control", ""),
        ("{ \"description\": \"a«\u{1b}»[31m\" }", "control", ""),
        ("{ \"description\": «\"a»\nb\" }", "not closed on its line", "\""),
        ("{ \"description\": \"«\\x»\" }", "", ""),
        ("{ \"seed\": «tru» }", "", ""),
        ("{ \"seed\" «}»", "colon", "\"key\": value"),
        ("{ \"seed\": 1«;» }", "", ""),
    ];
    assert_faults(&cases.map(|(text, message, help)| {
        let closed = if text.contains('»') { text.to_owned() } else { format!("{text}»") };
        (closed, message, help)
    }));
}

#[test]
fn bytes_that_are_no_text() {
    for bytes in
        [&b"\xff\xfe{\0}\0"[..], b"{ \"seed\": \xc3 }", b"\0", b"PK\x03\x04\x00\x00", b"\x89PNG\r\n\x1a\n"]
    {
        let error = read(bytes).unwrap_err();
        let screen = render(&error.sources, &error.diagnostics, false);
        assert_eq!(error.diagnostics.len(), 1, "{screen}");
        assert_is_useful(&error.diagnostics[0], &screen);
    }
}

#[test]
fn faults_at_the_top() {
    assert_faults(&[
        ("«{» \"regions\": {} }".to_owned(), "the key `schema_version` is missing", "\"schema_version\": 1"),
        ("«{» \"schema_version\": 1 }".to_owned(), "the key `regions` is missing", "cn-hangzhou"),
        (regions("{}").replace("1,", "«2»,"), "schema version 2", "version 1"),
        (regions("{}").replace("1,", "«\"1\"»,"), "number", "without quotes"),
        (top("«\"request\"»: []"), "`request`", "`requests`"),
        (top("«\"Seed\"»: 1"), "`Seed`", "`seed`"),
        (top("«\"colour\"»: 1"), "`colour`", "`seed`"),
        (top("\"seed\": «-1»"), "", "0"),
        (top("\"seed\": «1.5»"), "whole number", ""),
        (top("\"seed\": «1e400»"), "", ""),
        (top("\"seed\": «9007199254740993»"), "", ""),
        (top("\"seed\": «null»"), "`null`", ""),
        (top("\"description\": «7»"), "a string", "\"7\""),
        (top("\"horizon\": «\"10 parsecs\"»"), "`parsecs` is not a unit", "2h30m"),
        (top("\"horizon\": «\"10 m\"»"), "without a blank", "2h30m"),
        (top("\"horizon\": «10»"), "the number `10`", ""),
        (top("\"horizon\": «\"-1h\"»"), "negative", ""),
        (top("\"horizon\": «\"\"»"), "", ""),
        (top("\"horizon\": «\"1h1h\"»"), "", ""),
        (top("\"horizon\": «\"0.5us\"»"), "microsecond", ""),
        (top("\"horizon\": «\"999999999w\"»"), "285", ""),
        (top("\"exact_limit\": «\"many\"»"), "number", ""),
        (top("\"requests\": «{}»"), "a list", ""),
        (top("\"requests\": [«[]»]"), "", ""),
        (regions("«[\"cn\"]»"), "an object", ""),
        (regions("{ «\"c n\"»: {} }"), "`c n`", "letters"),
        (regions("{ «\"\"»: {} }"), "can't be a name", "letters"),
        (regions("{ \"cn\": {}, «\"cn\"»: {} }"), "`cn`", ""),
    ]);
}

#[test]
fn faults_of_service_regions_links_and_images() {
    assert_faults(&[
        (top("\"service\": { «\"caps\"»: 3 }"), "`caps`", "`cap`"),
        (top("\"service\": { \"cap\": «-1» }"), "`-1` is out of range", "4294967295"),
        (top("\"service\": { \"cap\": «1e400» }"), "", ""),
        (top("\"service\": { \"cap\": «4294967296» }"), "", "4294967295"),
        (top("\"service\": { \"cap_scope\": «\"sourse\"» }"), "`sourse`", "`source`"),
        (top("\"service\": { \"queue\": «\"lifo\"» }"), "`lifo`", "`fifo`"),
        (top("\"service\": { \"cap_per_account\": «\"true\"» }"), "`true`", "without quotes"),
        (top("\"service\": { \"over_limit\": \"reject\", \"max_queue\": «3» }"), "`max_queue`", "\"queue\""),
        (top("\"service\": { \"cancel\": { «\"drains\"»: \"1s\" } }"), "`drains`", "`drain`"),
        (top("\"service\": { \"cancel\": { \"point_of_no_return\": «1.5» } }"), "fraction", "0.95"),
        (top("\"service\": { \"cancel\": { \"point_of_no_return\": «-0.5» } }"), "", "0.95"),
        (top("\"service\": { \"cancel\": { \"point_of_no_return\": «0.0000001» } }"), "six decimals", ""),
        (top("\"copy_time\": «{ \"duration\": \"5m\", \"setup\": \"1m\" }»"), "either", "leave one"),
        (top("\"copy_time\": { \"throughput\": «\"0MiB/s\"» }"), "zero", ""),
        (top("\"copy_time\": { \"throughput\": «\"15MiB\"» }"), "per second", "15MiB/s"),
        (top("\"copy_time\": { \"throughput\": «\"15Mbit/s\"» }"), "`Mbit`", ""),
        (top("\"copy_time\": { «\"troughput\"»: \"15MiB/s\" }"), "`troughput`", "`throughput`"),
        (top("\"links\": [{ \"from\": «\"cm\"», \"to\": \"*\" }]"), "`cm`", "`cn`"),
        (top("\"links\": [{ \"from\": \"cn\", \"to\": «\"eu-*\"» }]"), "`eu-*`", "us-east"),
        (top("\"links\": [«{» \"from\": \"cn\" }]"), "`to`", "\"to\""),
        (top("\"accounts\": { \"a\": { «\"cap\"»: 1 } }"), "`cap`", ""),
        (regions("{ \"cn\": { «\"kap\"»: 1 } }"), "`kap`", "`cap`"),
        (regions("{ \"cn\": { \"cap_changes\": [{ \"at\": \"1h\", «\"cup\"»: 1 }] } }"), "`cup`", "`cap`"),
        (regions("{ \"cn\": { \"cap_changes\": [«{» \"at\": \"1h\" }] } }"), "`cap` is missing", ""),
        (
            regions(
                "{ \"cn\": { \"cap_changes\": [{\"at\":\"60m\",\"cap\":1}, {\"at\":«\"1h\"»,\"cap\":2}] } }",
            ),
            "changes its cap twice at 1h",
            "keep one",
        ),
        (images("\"web\": { \"region\": «\"cm\"» }"), "no region `cm`", "`cn`"),
        (images("\"web\": «{» \"size\": \"1GiB\" }"), "`region` is missing", ""),
        (images("\"web\": { \"region\": \"cn\", \"size\": «\"40\"» }"), "no unit", "40GiB"),
        (images("\"web\": { \"region\": \"cn\", \"size\": «\"40gib\"» }"), "`gib`", "40GiB"),
        (images("\"web\": { \"region\": \"cn\", \"size\": «\"9007199254740993B\"» }"), "2^53", ""),
        (images("\"web\": { \"region\": \"cn\", \"size\": «40» }"), "such as \"40GiB\"", ""),
        (images("\"web\": { \"region\": \"cn\", «\"sise\"»: \"1GiB\" }"), "`sise`", "`size`"),
        (images("\"web\": { \"region\": \"cn\", \"count\": «0» }"), "0 images", "1 to"),
        (images("\"web\": { \"region\": \"cn\", \"count\": «1000001» }"), "1000001", "1000000"),
        (images("\"web\": { \"region\": \"cn\", \"count\": 2, \"name\": «\"n\"» }"), "share one name", ""),
        (
            images(
                "\"a\": { \"region\": \"cn\", \"name\": \"n\" }, \"b\": { \"region\": \"cn\", \"name\": «\"n\"» }",
            ),
            "taken",
            "choose another",
        ),
        (images("\"web\": { \"region\": \"cn\", \"account\": «\"x\"» }"), "no account `x`", "`default`"),
    ]);
}

#[test]
fn faults_of_copies() {
    assert_faults(&[
        (copy("«\"too\"»: \"us-east\""), "`too`", "`to`"),
        (copy("\"to\": «\"us-eats\"»"), "no region `us-eats`", "`us-east`"),
        (copy("\"to\": [\"us-east\", «\"us-wets\"»]"), "no region `us-wets`", "`us-west`"),
        (copy("\"to\": «\"eu-*\"»"), "`eu-*`", "us-east"),
        (copy("\"to\": «[\"cn\"]»"), "no destination is left", "another region"),
        (copy("\"to\": «[]»"), "no destination is left", ""),
        (copy("\"to\": «5»"), "the number `5`", ""),
        (copy("\"to\": { «\"literally\"»: \"x\" }"), "`literally`", "`literal`"),
        (copy("\"at\": «\"noon\"»"), "", "2h30m"),
        (copy("\"from\": «\"mars\"», \"to\": \"us-east\""), "no region `mars`", "`cn`"),
        (copy("\"after\": «\"q\"»"), "no request `q`", "`r`"),
        (copy("\"delay\": «\"5m\"»"), "`delay`", "`\"after\": ...`"),
        (copy("\"fail\": «{}»"), "`after`", "0.5"),
        (copy("\"fail\": «{ \"at\": 0.5, \"after\": \"5m\" }»"), "either", ""),
        (
            copy("\"to\": \"us-east\", \"duration\": «\"5m\"», \"copy_time\": { \"setup\": \"1m\" }"),
            "`duration`",
            "leave one",
        ),
        (copy("\"to\": \"us-east\", \"copy_time\": { \"throughput\": «\"fast\"» }"), "", "15MiB/s"),
        (copy("\"account\": «\"x\"», \"to\": \"us-east\""), "no account `x`", ""),
        (copy("\"encrypted\": «1», \"to\": \"us-east\""), "`true` or `false`", ""),
        (requests("{ \"copy\": { \"image\": «\"wbe\"», \"to\": \"us-east\" } }"), "no image `wbe`", "`web`"),
        (requests("«{ \"copy\": { \"to\": \"us-east\" } }»"), "no image", "\"image\""),
        (requests("{ \"copy\": { \"image\": «[]», \"to\": \"us-east\" } }"), "empty", ""),
        (
            requests(
                "{ \"copy\": { \"image\": [\"web\", \"api\"], \"to\": \"us-east\", \"name\": «\"n\"» } }",
            ),
            "one name",
            "{image}",
        ),
        (
            requests("{ \"copy\": { \"id\": «\"copy-1\"», \"image\": \"web\", \"to\": \"us-east\" } }"),
            "`copy-1`",
            "another id",
        ),
        (
            requests("{ \"copy\": { \"id\": «\"a b\"», \"image\": \"web\", \"to\": \"us-east\" } }"),
            "`a b`",
            "letters",
        ),
        (
            requests(
                "{ \"copy\": { \"id\": \"a\", \"image\": \"web\", \"to\": \"us-east\" } }, \
                 { \"copy\": { \"id\": «\"a\"», \"image\": \"web\", \"to\": \"us-west\" } }",
            ),
            "`a` is used twice",
            "",
        ),
        (requests("{ «\"copie\"»: {} }"), "`copie`", "`copy`"),
        (requests("«{»}"), "one key", "`copy`"),
        (requests("«{» \"copy\": {}, \"delete\": {} }"), "found two", ""),
        (requests("«\"copy\"»"), "", ""),
        (
            requests("{ \"copy\": { \"image\": { \"literal\": \"m-x\" }, \"to\": \"us-east\" } }")
                .replace("{ \"copy\"", "«{ \"copy\"")
                .replace("} }]", "} }»]"),
            "literal image",
            "\"from\"",
        ),
    ]);
}

#[test]
fn faults_of_references() {
    let circle = "{ \"copy\": { \"id\": \"a\", \"image\": \"web\", \"to\": \"us-east\", \"after\": «\"b\"» } }, \
                  { \"copy\": { \"id\": \"b\", \"image\": \"web\", \"to\": \"us-west\", \"after\": \"a\" } }";
    let own = "{ \"copy\": { \"id\": \"a\", \"image\": \"web\", \"to\": \"us-east\", \"after\": «\"a\"» } }";
    let released = |more: &str| {
        requests(&format!(
            "{{ \"copy\": {{ \"id\": \"r\", \"image\": \"web\", \"to\": [\"us-east\", \"us-west\"] }} }}, {more}"
        ))
    };
    assert_faults(&[
        (requests(circle), "a -> b -> a", "`after`"),
        (requests(own), "a -> a", "`after`"),
        (released("{ \"cancel\": { \"at\": \"1m\", \"copy\": «\"q@us-east\"» } }"), "no request `q`", "`r`"),
        (
            released("{ \"cancel\": { \"at\": \"1m\", \"copy\": «\"r@us-eas\"» } }"),
            "no copy of `r`",
            "`us-east`",
        ),
        (released("{ \"cancel\": { \"at\": \"1m\", \"copy\": «\"r#1\"» } }"), "not a stream", "`#`"),
        (released("{ \"cancel\": { \"at\": \"1m\", \"copy\": «\"r#x\"» } }"), "not a stream", "after `#`"),
        (released("{ \"cancel\": «{» \"copy\": \"r\" } }"), "`at` is missing", ""),
        (released("«{ \"cancel\": { \"at\": \"1m\" } }»"), "`copy` or an `image`", ""),
        (released("«{ \"cancel\": { \"at\": \"1m\", \"copy\": \"r\", \"image\": \"web\" } }»"), "either", ""),
        (released("{ \"delete\": { \"at\": \"1m\", \"image\": «\"wep\"» } }"), "no image `wep`", "`web`"),
        (
            released("{ \"delete\": { \"at\": \"1m\", \"image\": «{ \"product_of\": \"r\" }» } }"),
            "2 copies",
            "id@region",
        ),
        (
            released("«{ \"copy\": { \"id\": \"x\", \"after\": \"r\", \"to\": \"cn\" } }»"),
            "2 copies",
            "id@region",
        ),
    ]);
}

#[test]
fn faults_of_streams() {
    assert_faults(&[
        (arrivals("\"count\": 3, \"process\": { \"periodic\": { \"every\": «\"0s\"» } }"), "0s", "1us"),
        (arrivals("\"count\": 3, \"process\": «{»}"), "one key", "`periodic`"),
        (arrivals("\"count\": 3, \"process\": { «\"poison\"»: {} }"), "`poison`", "did you mean `poisson`?"),
        (arrivals("\"count\": 3, \"process\": { \"periodic\": «{» } }"), "`every` is missing", ""),
        (
            arrivals("\"count\": «-3», \"process\": { \"periodic\": { \"every\": \"1s\" } }"),
            "`-3` is out of range",
            "",
        ),
        (arrivals("\"count\": «0», \"process\": { \"periodic\": { \"every\": \"1s\" } }"), "0 arrivals", "1"),
        (
            arrivals(
                "\"from\": \"1h\", \"until\": «\"1h\"», \"process\": { \"periodic\": { \"every\": \"1s\" } }",
            ),
            "empty",
            "after `from`",
        ),
        (
            arrivals("\"process\": { \"periodic\": { \"every\": \"1s\" } }")
                .replace("[{ \"arr", "[«{ \"arr")
                .replace("} }]", "} }»]"),
            "never end",
            "`\"count\": ...`",
        ),
        (
            requests(
                "{ \"arrivals\": { \"id\": \"s\", \"count\": 2, \"process\": { \"periodic\": { \"every\": \"1s\" } }, \
                 \"copy\": { \"image\": \"web\", \"to\": \"us-east\" } } }, \
                 { \"cancel\": { \"at\": \"1m\", \"copy\": «\"s#3\"» } }",
            ),
            "only 2 arrivals",
            "`s#1`",
        ),
        (
            requests(
                "{ \"arrivals\": { \"count\": 2, \"process\": { \"periodic\": { \"every\": \"1s\" } }, \
                 \"copy\": «{ \"to\": \"us-east\" }» } }",
            ),
            "neither",
            "\"from\"",
        ),
        (
            requests(
                "{ \"arrivals\": { \"count\": 2, \"process\": { \"periodic\": { \"every\": \"1s\" } }, \
                 \"copy\": { \"image\": \"web\", \"size\": «\"1GiB\"», \"to\": \"us-east\" } } }",
            ),
            "`size`",
            "leave",
        ),
    ]);
}

#[test]
fn texts_without_anything_have_no_place_to_point_at() {
    for (text, message) in
        [("", "the file is empty"), (" \n\t", "the file is empty"), ("// talk\n", "comments")]
    {
        let error = error_of(text);
        let [fault] = error.diagnostics.as_slice() else { panic!("{:?}", error.diagnostics) };
        assert!(fault.span.is_none() && fault.message.contains(message), "{fault:?}");
        assert!(fault.help.as_ref().is_some_and(|help| help.contains('{')), "{fault:?}");
    }
}

#[test]
fn all_faults_of_a_file_are_told_in_the_order_of_their_places() {
    let text = r#"{
  "schema_version": 1,
  "sed": 1,
  "horizon": "soon",
  "service": { "cap": -1 },
  "regions": { "cn": { "cap": "two" }, "us": { "cap_changes": [{ "at": "1h" }] } },
  "images": { "web": { "region": "cm" }, "api": { "region": "cn", "size": "1" } },
  "requests": [
    { "copy": { "image": "web", "to": "uz" } },
    { "cancel": { "at": "1m", "copy": "nobody" } },
    { "remove": {} }
  ]
}"#;
    let error = error_of(text);
    let screen = render(&error.sources, &error.diagnostics, false);
    let heads: Vec<&str> = screen.lines().filter_map(|line| line.trim_start().strip_prefix("--> ")).collect();
    let lines: Vec<&str> = heads.iter().map(|head| head.split(':').nth(1).unwrap_or_default()).collect();
    assert_eq!(lines, ["3", "4", "5", "6", "6", "7", "7", "9", "10", "11"], "{screen}");
    let spans: Vec<_> = error.diagnostics.iter().map(|fault| fault.span).collect();
    assert!(spans.is_sorted(), "{screen}");
}

#[test]
fn a_long_circle_is_told_in_short() {
    let copy = |number: usize| {
        let after = (number + 1) % 3000;
        format!(
            r#"{{ "copy": {{ "id": "r{number}", "image": "web", "to": "us-east", "after": "r{after}" }} }}"#
        )
    };
    let error = error_of(&requests(&(0..3000).map(copy).collect::<Vec<_>>().join(",")));
    let circle = "these requests wait for each other: \
                  r0 -> r1 -> r2 -> r3 -> r4 -> r5 -> r6 -> r7 -> ... -> r0";
    assert_eq!(error.diagnostics.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>(), [circle]);
}
