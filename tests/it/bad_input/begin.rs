//! Mistakes in what a run begins with, in retentions and in names with placeholders.

use super::{arrivals, assert_faults, copy, images, requests};

/// `us-east`, for 60 s in all.
fn already(members: &str) -> String {
    copy(&format!(r#""to": "us-east", "duration": "60s", {members}"#))
}

#[test]
fn faults_of_copies_that_are_there_at_the_start() {
    let running = r#""already": { "running": { "remaining": "5s" } }"#;
    assert_faults(&[
        (already(r#""already": "queued", "at": «"5s"»"#), "have no `at`", "leave `at` or `already` out"),
        (already(r#""already": "queued", "at": «"0s"»"#), "have no `at`", "leave `at` or `already` out"),
        (already(&format!(r#"{running}, "delay": «"5s"»"#)), "have no `delay`", "leave `delay`"),
        (already(r#""already": «"started"»"#), "started", "running"),
        (already(r#""already": «"running"»"#), "running", "`{ \"running\": {} }`"),
        (already(r#""already": { «"runing"»: {} }"#), "runing", "running"),
        (already(r#""already": { "running": { «"left"»: "5s" } }"#), "left", "remaining"),
        (already(r#""already": { "running": { "remaining": «5» } }"#), "a string with a unit", ""),
        (
            already(r#""already": { "running": { "remaining": «"61s"» } }"#),
            "the copy to us-east takes 1m in all, and can't have more left",
            "`duration`",
        ),
        (
            already(r#""already": { "running": { "remaining": "20s" } }, "fail": «{ "after": "39s" }»"#),
            "with 20s left the copy has run for 40s, but it would have failed after 39s",
            "fail later",
        ),
        (
            already(r#""already": «"queued"», "from": { "literal": "nowhere" }"#),
            "refused it with SourceRegion.NotFound",
            "nowhere",
        ),
    ]);
    let after = r#"{ "copy": { "id": "a", "image": "api", "to": "us-east" } }, { "copy": { "image": "web",
        "to": "us-east", "already": "queued", "after": «"a"» } }"#;
    assert_faults(&[(super::requests(after), "have no `after`", "leave `after` or `already` out")]);
    let stream =
        arrivals(r#""process": { "periodic": { "every": "5s" } }, "count": 1, «"already"»: "queued""#);
    assert_faults(&[(stream, "unknown key `already`", "")]);
}

#[test]
fn r6_4_faults_of_names_with_placeholders() {
    let name = |name: &str| copy(&format!(r#""to": ["us-east", "us-west"], "name": «"{name}"»"#));
    assert_faults(&[
        (name("web-{region}"), "`{region}` stands for nothing", "`{image}`, `{to}`, `{from}`, `{request}`"),
        (name("web-{imag}"), "`{imag}` stands for nothing", "did you mean `{image}`?"),
        (name("web-{}"), "`{}` stands for nothing", "`{image}`, `{to}`, `{from}`, `{request}`"),
        (name("web-{to"), "a `{` without its `}`", "`{image}`, `{to}`, `{from}`, `{request}`"),
        (name("web-to}"), "a `}` without its `{`", "`{image}`, `{to}`, `{from}`, `{request}`"),
    ]);
    let several = super::requests(
        r#"{ "copy": { "image": ["web", "api"], "to": "us-east", "name": «"{to}-{request}"» } }"#,
    );
    assert_faults(&[(several, "one name for several images", "{image}")]);
}

#[test]
fn faults_of_retentions() {
    assert_faults(&[
        (copy(r#""to": "us-east", "retention": «5»"#), "a string with a unit", ""),
        (copy(r#""to": "us-east", «"retension"»: "5d""#), "unknown key `retension`", "`retention`"),
    ]);
}

#[test]
fn more_images_than_memory_are_one_fault() {
    let group = |name: &str, count: &str| format!(r#""{name}": {{ "region": "cn", "count": {count} }}"#);
    let two = [group("a", "1e6"), group("b", "1e6")].join(", ");
    let words = "more than 2000000 images";
    assert_faults(&[
        (images(&format!("{two}, {}", group("c", "«1»"))), words, "groups smaller"),
        (images(&format!("{two}, «\"c\"»: {{ \"region\": \"cn\" }}")), words, "groups smaller"),
        // Neither the groups behind it nor what names them are faults as well.
        (
            requests(r#"{ "copy": { "image": "e", "to": "us-east" } }"#).replace(
                r#""api": {"#,
                &format!(
                    "{}, {}, {}, \"api\": {{",
                    group("a", "1e6"),
                    group("d", "«1e6»"),
                    group("e", "1e6")
                ),
            ),
            words,
            "groups smaller",
        ),
    ]);
}
