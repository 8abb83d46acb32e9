//! The simulator against the slow twin, on thousands of small nasty worlds, through the scenario text.

use copysim::ids::RequestKey;
use copysim::records::{History, Outcome};
use copysim::service::form::name_fault;
use copysim::time::SimTime;

use crate::support::{Ran, faults, run_text};
use crate::twin::{self, Row};
use crate::worlds::{Random, any_world, describe, random_world, scenario_text};

/// Worlds compared in a test run.
const WORLDS: u64 = 12_000;

/// What the simulator did, in the twin's words.
pub fn history_of(ran: &Ran) -> twin::History {
    history_by(ran, |key| key.entry() as usize)
}

/// As [`history_of`], where `op` tells which operation of the world a request is of.
pub fn history_by(ran: &Ran, op: impl Fn(RequestKey) -> usize) -> twin::History {
    let mut rows: Vec<Row> = ran
        .observed
        .records
        .iter()
        .map(|record| Row {
            op: op(record.key),
            outcome: match record.outcome {
                Outcome::NotSent => panic!("the twin's clients hold nothing back"),
                Outcome::Available => twin::Outcome::Available,
                Outcome::Failed => twin::Outcome::Failed,
                Outcome::CancelledWaiting => twin::Outcome::CancelledWaiting,
                Outcome::CancelledRunning => twin::Outcome::CancelledRunning,
                Outcome::Refused => twin::Outcome::Refused,
                Outcome::Skipped => twin::Outcome::Skipped,
                Outcome::Replayed => twin::Outcome::Replayed,
                Outcome::DryRun => twin::Outcome::DryRun,
                Outcome::Waiting => twin::Outcome::Waiting,
                Outcome::Running => twin::Outcome::Running,
            },
            planned_us: record.planned.map(SimTime::micros),
            accepted_us: record.accepted.map(SimTime::micros),
            start_us: record.start.map(SimTime::micros),
            end_us: record.end.map(SimTime::micros),
            code: record.refused.map(|refused| refused.refusal.code.literal()),
            replays: record.replays.map(&op),
        })
        .collect();
    rows.sort_by_key(|row| row.op);
    let mut calls = Vec::new();
    let mut started = Vec::new();
    for (at, what) in &ran.observed.history {
        let at = at.micros();
        match what {
            History::Cancelled { call, .. } | History::Deleted { call, .. } => {
                calls.push((op(*call), at, Ok(())))
            }
            History::CancelRefused { call, refused } | History::DeleteRefused { call, refused, .. } => {
                calls.push((op(*call), at, Err(refused.refusal.code.literal())));
            }
            History::Started { key, .. } => started.push((at, op(*key))),
            _ => {}
        }
    }
    twin::History {
        rows,
        calls,
        end_us: ran.end.at.micros(),
        started,
        can_never_start: ran.end.never_startable.iter().map(|key| op(*key)).collect(),
    }
}

#[test]
fn simulator_and_slow_twin_agree_on_random_worlds() {
    let mut circular = 0;
    for seed in 0..WORLDS {
        let world = random_world(seed);
        let text = scenario_text(&world);
        // The generator makes no circle of `after`, but a product may be that of a later follower.
        if faults(&text).iter().any(|fault| fault.contains("wait for each other")) {
            circular += 1;
            continue;
        }
        let (mine, theirs) = (history_of(&run_text(&text)), twin::run(&world));
        assert_eq!(mine, theirs, "world {seed}:\n{}\n{text}", describe(&world));
    }
    assert!(circular < WORLDS / 10, "{circular} of {WORLDS} worlds were left out");
}

#[test]
fn simulator_and_slow_twin_agree_on_the_states_in_which_a_run_can_begin() {
    let mut impossible = 0;
    for seed in 0..WORLDS {
        let world = any_world(seed);
        let text = scenario_text(&world);
        let faults = faults(&text);
        // The circle is found before anything else.
        if faults.iter().any(|fault| fault.contains("wait for each other")) {
            continue;
        }
        let can_begin = twin::can_begin(&world);
        assert_eq!(faults.is_empty(), can_begin, "world {seed}: {faults:?}\n{}\n{text}", describe(&world));
        impossible += u64::from(!can_begin);
    }
    assert!(impossible > WORLDS / 20, "only {impossible} of {WORLDS} worlds can't begin");
}

/// Names are made of pieces on both sides of the rules of form, and of lengths around the longest one.
#[test]
fn simulator_and_slow_twin_agree_on_the_form_of_names() {
    const PIECES: [&str; 22] = [
        "a", "Z", "é", "镜", "ª", "ⅷ", "1", "٣", "²", ".", ":", "_", "-", " ", "/", "!", "\u{301}", "acs:",
        "aliyun", "Acs:", "http://", "https:",
    ];
    let mut well_formed = 0;
    for seed in 0..50_000 {
        let mut random = Random::new(seed);
        let mut name = String::new();
        for _ in 0..random.below(5) {
            name += random.pick(&PIECES);
        }
        if random.chance(20) {
            let length = random.pick(&[1, 2, 127, 128, 129]);
            name.extend(std::iter::repeat_n('镜', length).skip(name.chars().count()));
        }
        let is_well_formed = twin::is_well_formed(&name);
        assert_eq!(name_fault(&name).is_none(), is_well_formed, "{name:?}");
        well_formed += u32::from(is_well_formed);
    }
    assert!(well_formed > 2_000, "only {well_formed} well-formed names");
}
