//! The simulator against the slow program of clients, on thousands of small nasty worlds, through the scenario text.

use std::collections::BTreeMap;

use copysim::time::SimTime;

use crate::client_twin::random::random_world;
use crate::client_twin::text::scene;
use crate::client_twin::{self, Row};
use crate::support::{Ran, seconds};

/// Worlds compared in a test run.
const WORLDS: u64 = 20_000;

/// What the simulator's rows say, in the twin's words.
fn rows_of(ran: &Ran) -> Vec<Row> {
    let time = |time: Option<SimTime>| time.map(seconds);
    let row = |record: &copysim::records::CopyRecord| Row {
        entry: record.key.entry() as usize,
        number: record.key.number(),
        outcome: record.outcome.key(),
        planned: time(record.planned),
        sent: time(record.sent),
        accepted: time(record.accepted),
        start: time(record.start),
        end: time(record.end),
        noticed: time(record.noticed),
        timed_out: time(record.timed_out),
        calls: record.calls,
        refusals: record.refusals,
        failures: record.failures,
    };
    let mut rows: Vec<Row> = ran.observed.records.iter().map(row).collect();
    rows.sort_by_key(|row| (row.entry, row.number));
    rows
}

#[test]
fn r8_simulator_and_slow_twin_agree_on_random_clients() {
    let mut met: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..WORLDS {
        let world = random_world(seed);
        let scene = scene(&world);
        let (mine, theirs) = (rows_of(&scene.run()), client_twin::rows(&world));
        assert_eq!(mine, theirs, "world {seed}: {world:#?}\n{}", scene.text());
        for row in &mine {
            *met.entry(row.outcome).or_default() += 1;
            let kinds = [
                ("held back", row.sent > row.planned),
                ("called again", row.refusals > 1),
                ("failed and called again", row.failures > 0),
                ("timed out", row.timed_out.is_some()),
                ("noticed later", row.noticed > row.end),
            ];
            kinds.into_iter().for_each(|(kind, is_met)| *met.entry(kind).or_default() += u64::from(is_met));
        }
    }
    // Nothing is agreed on only because it never comes.
    for (kind, times) in &met {
        assert!(*times > WORLDS / 50, "{kind}: {times}");
    }
    assert_eq!(met.len(), 14, "{met:?}");
}
