//! One scenario, one result: the same bytes from every process, in every environment, and whatever the
//! order of blocks whose order means nothing.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use crate::program::{Ended, Place};

/// Thirty regions and about three hundred copies with everything that can happen to them. Regions and
/// images are written from the last to the first if `reversed`.
pub fn busy_scenario(reversed: bool) -> String {
    let mut regions: Vec<String> = (1..=30).map(region).collect();
    let mut images: Vec<String> = (1..=6)
        .map(|number| {
            let (region, size) = (number * 4, 3 + number * 2);
            format!(r#""web-{number}": {{ "region": "r{region:02}", "size": "{size}GiB" }}"#)
        })
        .collect();
    images.push(r#""many": { "region": "r02", "size": "5GB", "count": 4 }"#.to_owned());
    images.push(r#""shy": { "region": "r30", "size": "9GB", "cancellable": false }"#.to_owned());
    if reversed {
        regions.reverse();
        images.reverse();
    }
    format!(
        r#"{{
  "schema_version": 1, "seed": 11, "horizon": "9h",
  "service": {{ "cap": 3, "max_queue": 25,
    "cancel": {{ "drain": "20s", "point_of_no_return": 0.9 }} }},
  "copy_time": {{ "setup": "90s", "throughput": "25MiB/s", "finalize": "7s" }},
  "regions": {{ {} }},
  "links": [{{ "from": "r0*", "to": "r1*", "copy_time": {{ "throughput": "17MB/s" }} }}],
  "images": {{ {} }},
  "requests": [ {} ]
}}"#,
        regions.join(", "),
        images.join(", "),
        REQUESTS
    )
}

fn region(number: u32) -> String {
    let mut settings = Vec::new();
    if number.is_multiple_of(4) {
        settings.push(r#""cap_changes": [{ "at": "10m", "cap": 0 }, { "at": "25m", "cap": 5 }]"#.to_owned());
    }
    if number.is_multiple_of(7) {
        settings.push(format!(r#""cap": 1, "copy_time": {{ "duration": "{number}m" }}"#));
    }
    format!(r#""r{number:02}": {{ {} }}"#, settings.join(", "))
}

const REQUESTS: &str = r#"
    { "copy": { "id": "release", "image": ["web-1", "web-2", "web-3", "web-4", "web-5", "web-6"],
        "to": "all-others", "name": "prod-{image}" } },
    { "copy": { "id": "wave", "after": "release:web-1@r05", "delay": "30s", "to": ["r01", "r1*"] } },
    { "copy": { "id": "late", "after": "wave@r12", "to": "r2*" } },
    { "copy": { "id": "broken", "at": "2m", "image": "many", "to": ["r04", "r05", "r06"], "fail": { "at": 0.5 } } },
    { "copy": { "id": "orphan", "after": "broken:many-1@r04", "to": "r09" } },
    { "copy": { "id": "timed", "at": "3m", "image": "shy", "to": "r1*", "fail": { "after": "4m" } } },
    { "copy": { "at": "4m", "image": { "literal": "m-x" }, "from": "r01", "to": { "literal": "mars" } } },
    { "copy": { "id": "asked", "at": "8h", "image": "shy", "to": "r26", "client_token": "T" } },
    { "copy": { "id": "again", "at": "481m", "image": "shy", "to": "r26", "client_token": "T" } },
    { "copy": { "id": "dry", "at": "8h", "image": "shy", "to": "r27", "dry_run": true } },
    { "arrivals": { "id": "nightly", "process": { "periodic": { "every": "7m" } }, "count": 40,
        "copy": { "from": "r03", "size": "20GiB", "to": "r08" } } },
    { "arrivals": { "id": "turns", "process": { "periodic": { "every": "11m" } }, "from": "1m", "until": "3h",
        "copy": { "image": ["many", "web-2"], "to": ["r17", "r18"] } } },
    { "cancel": { "at": "5m", "copy": "release@r11" } },
    { "cancel": { "at": "6m", "copy": "timed" } },
    { "cancel": { "at": "16m", "copy": "nightly#3" } },
    { "cancel": { "at": "8h", "copy": "release:web-2@r10" } },
    { "delete": { "at": "1h", "image": "web-3" } },
    { "delete": { "at": "7h", "copy": "wave" } }
"#;

type Files = BTreeMap<String, Vec<u8>>;

/// Says which files differ, since their bytes on a screen would help nobody.
fn assert_same(left: &Files, right: &Files, what: &str) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(left), names(right), "{what}");
    let differing: Vec<&String> = left.keys().filter(|name| left[*name] != right[*name]).collect();
    assert!(differing.is_empty(), "{what}: {differing:?}");
}

#[test]
fn the_busy_scenario_has_everything() {
    let place = Place::new();
    place.write("busy.json", busy_scenario(false));
    let summary = place.stdout("run busy.json --write none --format json");
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    let requests = summary["requests"].as_object().unwrap();
    assert!(requests["planned"].as_u64().unwrap() >= 280, "{requests:?}");
    for (outcome, count) in requests {
        // Nothing holds a slot for the whole time up to the horizon, and no client has to be followed.
        let is_rare = matches!(outcome.as_str(), "waiting" | "running" | "not_sent");
        assert!(is_rare || count.as_u64().unwrap() > 0, "{outcome}: {requests:?}");
    }
    let printed = place.run("run busy.json --write none");
    assert!(!printed.stdout.contains("can never start"), "{printed:?}");
}

#[test]
fn processes_give_the_same_bytes() {
    let place = Place::new();
    place.write("busy.json", busy_scenario(false));
    let results = place.at_once("busy.json");
    assert!(results[0].len() > 10);
    results.iter().for_each(|files| assert_same(&results[0], files, "another process"));
}

#[test]
fn the_order_of_regions_and_images_changes_nothing() {
    let place = Place::new();
    place.write("a/busy.json", busy_scenario(false));
    place.write("b/busy.json", busy_scenario(true));
    place.stdout("run a/busy.json --out ra");
    place.stdout("run b/busy.json --out rb");
    // Keys are sorted before the scenario is hashed, so that even the manifests are the same.
    assert_same(&place.files("ra"), &place.files("rb"), "reversed blocks");
    let talking = busy_scenario(false).replacen('{', "{ // words for people\n  \"description\": \"d\",", 1);
    place.write("c/busy.json", talking);
    place.stdout("run c/busy.json --out rc");
    let mut talking = place.files("rc");
    assert!(String::from_utf8_lossy(&talking["summary.json"]).contains("\"description\": \"d\""));
    let plain = place.files("ra");
    for name in ["summary.json", "manifest.json"] {
        talking.insert(name.to_owned(), plain[name].clone());
    }
    assert_same(&plain, &talking, "a comment and a description");
}

#[test]
fn the_environment_changes_nothing() {
    let place = Place::new();
    place.write("busy.json", busy_scenario(false));
    place.stdout("run busy.json --out r");
    let expected = place.files("r");
    let settings: [&[(&str, &str)]; 6] = [
        &[("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-FMA")],
        &[("LANG", "de_DE.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")],
        &[("TZ", "Pacific/Kiritimati")],
        &[("HOME", "/nonexistent"), ("USER", "nobody")],
        &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"), ("COLUMNS", "20"), ("TERM", "dumb")],
        &[("CI", "true"), ("RUST_BACKTRACE", "1"), ("MALLOC_ARENA_MAX", "1")],
    ];
    for (number, setting) in settings.iter().enumerate() {
        let mut command = place.command(&format!("run busy.json --out r{number}"));
        let ended = Ended::of(command.envs(setting.iter().copied()).output().unwrap(), "run");
        assert_eq!(ended.status, Some(0), "{setting:?}: {ended:?}");
        assert_same(&expected, &place.files(&format!("r{number}")), &format!("{setting:?}"));
    }
    let [scenario, out] = ["busy.json", "elsewhere"].map(|name| place.path(name));
    let mut command = place.command("");
    command.arg("run").arg(scenario).arg("--out").arg(out).current_dir("/").env_clear();
    assert!(command.output().unwrap().status.success());
    assert_same(&expected, &place.files("elsewhere"), "another folder and no environment");
}

#[test]
fn nothing_tells_where_and_when_a_result_was_made() {
    let place = Place::new();
    place.write("busy.json", busy_scenario(false));
    let [scenario, out] = ["busy.json", "r"].map(|name| place.path(name));
    let run = || {
        let mut command = place.command("");
        command.arg("run").arg(&scenario).arg("--out").arg(&out);
        assert!(command.output().unwrap().status.success());
        place.files("r")
    };
    let files = run();
    // A stamp of the time in any form would be another one by then.
    std::thread::sleep(Duration::from_millis(1_100));
    assert_same(&files, &run(), "a second later");
    let mut telling = vec![place.path("").to_string_lossy().into_owned()];
    telling.push(env!("CARGO_MANIFEST_DIR").to_owned());
    // Short names of hosts are ordinary words.
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    telling.extend(Some(host.trim().to_owned()).filter(|host| host.len() > 7));
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        for word in &telling {
            assert!(!text.contains(word.as_str()), "{name} tells {word}");
        }
        assert!(!has_date(&text), "{name} has a date");
    }
}

/// Whether a text holds a date of this century, such as 2000-01-31.
fn has_date(text: &str) -> bool {
    let is_date = |(place, _): (usize, &str)| {
        let date = text.as_bytes().get(place..place + 10).unwrap_or_default();
        let shape = date.iter().map(|byte| if byte.is_ascii_digit() { '0' } else { char::from(*byte) });
        shape.eq("0000-00-00".chars())
    };
    text.match_indices("20").any(is_date)
}
