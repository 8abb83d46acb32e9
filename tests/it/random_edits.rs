//! Scenarios with random bytes changed: reading one never panics, and neither does a run of one that is
//! still valid.

use std::sync::Arc;

use copysim::records::CopyRecord;
use copysim::scenario::{Files, Scenario, render};
use copysim::simulation::{Auditor, Broken, Observer, RunError, run};
use copysim::time::SimTime;

use crate::support::{Texts, read_with};

/// Edits of each scenario; `COPYSIM_EDITS` asks for more of them.
fn edits() -> u64 {
    std::env::var("COPYSIM_EDITS").ok().and_then(|count| count.parse().ok()).unwrap_or(50_000)
}

/// Ends a run after so many records or moves of the clock, however long an edit has made it.
struct Limit {
    left: u32,
}

impl Limit {
    fn count(&mut self) {
        self.left = self.left.saturating_sub(1);
    }
}

const LIMIT: &str = "long enough";

impl Observer for Limit {
    fn settled(&mut self, _at: SimTime, _slot: u32, _levels: copysim::records::SlotLevels) {
        self.count();
    }

    fn closed(&mut self, _at: SimTime, _record: &CopyRecord) {
        self.count();
    }

    fn broken(&mut self) -> Option<Broken> {
        (self.left == 0).then(|| Broken(LIMIT.to_owned()))
    }
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One to three bytes changed, put in, taken out, or a stretch written twice. Half of the new bytes are
/// of those that a scenario has a meaning for; half of the edits only change digits, since most of what
/// comes of them can be run.
fn edited(original: &[u8], state: &mut u64) -> Vec<u8> {
    const TELLING: &[u8] = b"0123456789-+.eE\"{}[],:/*\\ smhdwu\n@#";
    let mut bytes = original.to_vec();
    let only_digits = next(state).is_multiple_of(2);
    for _ in 0..=next(state) % 3 {
        let at = (next(state) % bytes.len() as u64) as usize;
        let any = next(state);
        if only_digits {
            if let Some(digit) = bytes[at..].iter_mut().find(|byte| byte.is_ascii_digit()) {
                *digit = b'0' + (any % 10) as u8;
            }
            continue;
        }
        let byte = if any.is_multiple_of(2) {
            TELLING[(any / 2) as usize % TELLING.len()]
        } else {
            (any >> 8) as u8
        };
        match next(state) % 4 {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            _ => {
                let end = (at + 1 + (any % 12) as usize).min(bytes.len());
                let stretch = bytes[at..end].to_vec();
                bytes.splice(at..at, stretch);
            }
        }
    }
    bytes
}

/// Counts of texts that could still be run, and of runs that ended by themselves.
fn assert_survives(original: &str, seed: u64) -> (u32, u32) {
    let mut state = seed;
    let (mut valid, mut ended) = (0, 0);
    for _ in 0..edits() {
        let bytes = edited(original.as_bytes(), &mut state);
        match Scenario::read("edited.json", bytes.clone(), &[]) {
            Err(error) => {
                assert!(!error.diagnostics.is_empty(), "no word about {}", String::from_utf8_lossy(&bytes));
                let screen = render(&error.sources, &error.diagnostics, false);
                assert!(screen.starts_with("error: ") && !screen.contains('\u{1b}'), "{screen}");
            }
            Ok(scenario) => {
                valid += 1;
                let auditor = Auditor::new(&scenario.model.settings);
                match run(&scenario.model, &mut (auditor, Limit { left: 2_000 }), true) {
                    Ok(_) => ended += 1,
                    Err(RunError::BrokenInvariant { what, .. }) => {
                        assert_eq!(what, LIMIT, "{}", String::from_utf8_lossy(&bytes));
                    }
                    Err(
                        RunError::BeyondTime { .. }
                        | RunError::BeyondNumbers { .. }
                        | RunError::TooManyEvents { .. }
                        | RunError::Rows { .. },
                    ) => {}
                }
            }
        }
    }
    (valid, ended)
}

#[test]
fn edits_of_the_quickstart() {
    let text = include_str!("../../scenarios/quickstart.json");
    let (valid, ended) = assert_survives(text, 1);
    assert!(valid > 5_000 && ended > 5_000, "too few are still valid: {valid}, {ended}");
}

#[test]
fn edits_of_a_rich_scenario() {
    let text = include_str!("../data/rich.json");
    let (valid, ended) = assert_survives(text, 2);
    assert!(valid > 5_000 && ended > 2_000, "too few are still valid: {valid}, {ended}");
}

#[test]
fn edits_of_a_trace() {
    let scenario = r#"{
        "schema_version": 1,
        "copy_time": { "duration": "10m" },
        "regions": { "a": { "cap": 2 }, "r": {}, "s": {} },
        "images": { "web": { "region": "a", "size": "1GiB" } },
        "requests": [{ "trace": { "id": "t", "file": "t.csv" } }]
    }"#;
    let csv = "id,at,image,size,from,to,name,duration_s,cancel_at,encrypted\n\
               job-1,0s,web,,,r,gold,,,\n\
               \"job-2\", 90s ,,2GiB,a,s,,600,15m,true\r\n\
               ,1m,web,,a,s,\"an \"\"x\"\"\",12.5,,false\n\
               job-4,1h2m,,3GB,a,r,,,2h,\n";
    let mut state = 3;
    let (mut valid, mut unsorted) = (0, 0);
    for _ in 0..edits() {
        let bytes = edited(csv.as_bytes(), &mut state);
        let shown = || String::from_utf8_lossy(&bytes).into_owned();
        let files: Arc<dyn Files> = Arc::new(Texts::one("t.csv", bytes.clone()));
        match read_with(scenario, &files) {
            Err(error) => {
                let screen = render(&error.sources, &error.diagnostics, false);
                assert!(screen.starts_with("error: ") && screen.contains("help: "), "{screen}");
                assert!(!screen.contains(['\u{1b}', '\r']), "{screen}");
            }
            Ok(scenario) => {
                valid += 1;
                unsorted += scenario.remarks.len();
                let auditor = Auditor::new(&scenario.model.settings);
                let ended = run(&scenario.model, &mut (auditor, Limit { left: 2_000 }), true);
                let is_right = matches!(ended, Ok(_) | Err(RunError::BeyondTime { .. }));
                assert!(is_right, "{ended:?}: {}", shown());
            }
        }
    }
    assert!(valid > 10_000 && unsorted > 1_000, "too few are still valid: {valid}, {unsorted}");
}
