use super::super::super::diagnostic::render;
use super::*;

const TEXT: &str = r#"{
  "service": { "cap": 5 },
  "regions": { "cn-a": {}, "cn-b": { "cap": 3 }, "us": {} },
  "images": { "web-3.0": { "region": "cn-a", "size": "1GiB" } },
  "requests": [ { "copy": { "id": "release", "to": ["us", "cn-b"] } }, { "delete": {} } ]
}"#;

fn document() -> Document {
    Document::parse("plan.jsonc", TEXT.as_bytes().to_vec()).expect("a document")
}

/// The canonical text after some overrides.
fn after(overrides: &[&str]) -> String {
    let mut document = document();
    for text in overrides {
        if let Err(faults) = document.set("--set", text) {
            panic!("{text}: {}", render(&document.sources, &faults, false));
        }
    }
    document.root.canonical()
}

/// The canonical text with one stretch of the file replaced.
fn edited(from: &str, to: &str) -> String {
    assert!(TEXT.contains(from), "{from}");
    let text = TEXT.replacen(from, to, 1);
    Document::parse("plan.jsonc", text.into_bytes()).expect("a document").root.canonical()
}

fn fault(text: &str) -> String {
    let mut document = document();
    let before = document.root.clone();
    let faults = document.set("--set", text).expect_err("a fault");
    assert_eq!(document.root, before, "nothing is half done");
    render(&document.sources, &faults, false)
}

#[test]
fn an_override_is_as_if_the_file_said_so() {
    for (overrides, from, to) in [
        (&["service.cap=10"][..], r#""cap": 5"#, r#""cap": 10"#),
        (&["service.cap=10", "service.cap=11"], r#""cap": 5"#, r#""cap": 11"#),
        (&["horizon=12h"], r#"{ "cap": 5 }"#, r#"{ "cap": 5 }, "horizon": "12h""#),
        (&["horizon=\"12h\""], r#"{ "cap": 5 }"#, r#"{ "cap": 5 }, "horizon": "12h""#),
        (&["service.cancel.drain=5s"], r#""cap": 5"#, r#""cap": 5, "cancel": { "drain": "5s" }"#),
        (&["regions.cn-b.cap=1"], r#""cap": 3"#, r#""cap": 1"#),
        (&["images.web-3.0.size=40GiB"], "1GiB", "40GiB"),
        (&["images[\"web-3.0\"].size=40GiB"], "1GiB", "40GiB"),
        (&["images.\"web-3.0\".size = 40GiB"], "1GiB", "40GiB"),
        (&["requests.release.to=us"], r#"["us", "cn-b"]"#, r#""us""#),
        (&["requests[0].copy.to[1]=cn-a"], r#""us", "cn-b""#, r#""us", "cn-a""#),
        (&["requests.0.copy.to.1=cn-a"], r#""us", "cn-b""#, r#""us", "cn-a""#),
        (&["requests.release.copy.to=us"], r#"["us", "cn-b"]"#, r#""us""#),
        (&["requests[0].to=us"], r#"["us", "cn-b"]"#, r#""us""#),
        (&["requests.rel*.to=us"], r#"["us", "cn-b"]"#, r#""us""#),
        (
            &["requests.release.name={image}-x"],
            r#""id": "release","#,
            r#""id": "release", "name": "{image}-x","#,
        ),
        (&["service.cap=null"], r#""cap": 5"#, ""),
        (&["regions.cn-*=null"], r#""cn-a": {}, "cn-b": { "cap": 3 }, "us""#, r#""us""#),
        (&["requests[1]=null"], r#", { "delete": {} }"#, ""),
        (&["requests.release=null"], r#"{ "copy": { "id": "release", "to": ["us", "cn-b"] } }, "#, ""),
        (&["regions.eu={ \"cap\": 1, }"], r#""us": {}"#, r#""us": {}, "eu": { "cap": 1 }"#),
    ] {
        assert_eq!(after(overrides), edited(from, to), "{overrides:?}");
    }
}

#[test]
fn a_pattern_sets_every_match() {
    let all = r#""regions": { "cn-a": { "cap": 2 }, "cn-b": { "cap": 2 }, "us": { "cap": 2 } }"#;
    let regions = r#""regions": { "cn-a": {}, "cn-b": { "cap": 3 }, "us": {} }"#;
    assert_eq!(after(&["regions.*.cap=2"]), edited(regions, all));
    let some = r#""regions": { "cn-a": { "cap": 2 }, "cn-b": { "cap": 2 }, "us": {} }"#;
    assert_eq!(after(&["regions.cn-*.cap=2"]), edited(regions, some));
    assert_eq!(after(&["requests[0].copy.to[*]=us"]), edited(r#"["us", "cn-b"]"#, r#"["us", "us"]"#));
}

#[test]
fn what_leads_nowhere_is_told_in_the_argument() {
    for (text, marked, words) in [
        ("regions.cn-c.cap=1", "cn-c", "did you mean `cn-a`?"),
        ("regions.eu-*.cap=1", "eu-*", "known keys here: `cn-a`, `cn-b`, `us`"),
        ("requests.relase.to=us", "relase", "did you mean `release`?"),
        ("requests[7].copy.to=us", "7", "elements are counted from 0 to 1"),
        ("requests.w*.to=us", "w*", "known ids: `release`"),
        ("service.most=null", "most", "known keys here: `cap`"),
        ("images.web-4.0.size=1GiB", "web-4", "images[\"a.b\"]"),
        ("requests.release={ \"to\": }", "}", ""),
        ("requests.\"0\".to=us", "\"0\"", "known ids: `release`"),
        ("requests[+0].copy.to=us", "+0", "known ids: `release`"),
        ("service.cap.most=1", "most", "end the path before it"),
        ("service.cap", "service.cap", "write `path=value`"),
        ("=5", "=", "write `path=value`"),
        ("service..cap=5", ".", "write `path=value`"),
        ("requests[0=5", "[0", "write `path=value`"),
        ("\"service=5", "\"service=5", "write `path=value`"),
        ("service={ \"cap\": }", "}", ""),
        ("horizon=\u{7}", "\u{7}", "visible text"),
    ] {
        let screen = fault(text);
        assert!(screen.contains(words), "{text}: {screen}");
        let lines: Vec<&str> = screen.lines().collect();
        assert!(lines[1].contains("--> --set:1:"), "{screen}");
        let shown = lines[3].split_once("| ").expect("the line").1;
        let marks = lines[4].split_once("| ").expect("the marks").1;
        let under: String =
            shown.chars().zip(marks.chars()).filter(|(_, mark)| *mark == '^').map(|(sign, _)| sign).collect();
        let marked = marked.replace('\u{7}', "␇");
        assert_eq!(under, marked, "{screen}");
    }
}

#[test]
fn a_path_without_end_is_told_and_not_followed() {
    let path = |steps: usize| vec!["a"; steps].join(".");
    let mut document = document();
    document.set("--set", &format!("{}=1", path(512))).expect("as deep as a text can be");
    for steps in [513, 60_000] {
        let screen = fault(&format!("{}=1", path(steps)));
        assert!(screen.contains("a path has at most 512 steps"), "{screen}");
    }
    // Quoted, a step spells a whole key or none.
    assert!(fault("images.\"web-3\".0.size=40GiB").contains("`images` has no `web-3`"));
}
