//! Random edits of a sample.

use super::super::super::diagnostic::render;
use super::*;

const SAMPLE: &str = r#"{
  // A comment with "quotes" and 日本語.
  "schema_version": 1, "seed": 42, "horizon": "12h",
  "service": { "cap": 5, "queue": "fifo", "cancel": { "point": 0.95 } },
  /* block */ "regions": { "cn-hangzhou": {}, "us-east-1": { "quota": 1e3, "on": true } },
  "requests": [ { "copy": { "id": "release\u00e9", "to": ["a", "b",], "at": null } }, -0.5e-3 ],
}
"#;

/// Pieces that are likelier than random bytes to reach the unusual paths.
const PIECES: [&str; 24] = [
    "\"", "\\", "{", "}", "[", "]", ",", ":", "//", "/*", "*/", "\n", "\r", "\\u", "\\ud83d", "'", "-", "1e",
    ".", "é", "\u{202e}", "\u{feff}", "\u{a0}", "NaN",
];

/// Random edits of a sample must never panic, neither when they are read nor
/// when their faults are shown.
#[test]
fn edited_texts_never_panic() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or_default() % limit
    };
    let mut accepted = 0;
    for _ in 0..200_000 {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for _ in 0..=random(3) {
            let at = random(bytes.len().max(1));
            if bytes.is_empty() {
                break;
            }
            match random(5) {
                0 => bytes[at] = u8::try_from(random(256)).unwrap_or_default(),
                1 => drop(bytes.remove(at)),
                2 => bytes.truncate(at.max(1)),
                3 => bytes.splice(at..at, PIECES[random(PIECES.len())].bytes()).for_each(drop),
                _ => bytes.swap(at, at / 2),
            }
        }
        match Document::parse("plan.jsonc", bytes) {
            Ok(document) => {
                accepted += 1;
                assert!(!document.root.canonical().is_empty());
            }
            Err(rejected) => {
                assert!(!rejected.diagnostics.is_empty());
                let screen = render(&rejected.sources, &rejected.diagnostics, false);
                assert!(screen.starts_with("error: "), "{screen}");
            }
        }
    }
    assert!(accepted > 1_000, "{accepted}");
}
