//! Running scenarios in tests through the reader that users go through, and what came of them.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::sync::Arc;

use copysim::ids::RequestKey;
use copysim::records::{CopyRecord, History, Outcome, SlotLevels};
use copysim::scenario::{Calls, FileText, Files, Scenario, ScenarioError, render};
use copysim::service::SlotKey;
use copysim::simulation::{Auditor, Observer, RunEnd, RunError, run};
use copysim::time::SimTime;
use copysim::transfer::{LinkId, LinkLevels};
use copysim::workload::Row;

/// Everything that a run told.
#[derive(Default)]
pub struct Observed {
    pub slots: Vec<SlotKey>,
    pub history: Vec<(SimTime, History)>,
    /// Records in the order in which they closed.
    pub records: Vec<CopyRecord>,
    /// Levels when the clock moved on.
    pub levels: Vec<(SimTime, u32, SlotLevels)>,
    /// What is used of shared links, whenever shares were computed.
    pub shared: Vec<(SimTime, LinkId, LinkLevels)>,
    /// Rows of traces as they were called.
    pub rows: BTreeMap<RequestKey, Row>,
}

impl Observer for Observed {
    fn begin(&mut self, slots: &[(SlotKey, u32)]) {
        self.slots = slots.iter().map(|(key, _)| *key).collect();
    }

    fn planned(&mut self, key: RequestKey, row: &Row) {
        self.rows.insert(key, row.clone());
    }

    fn happened(&mut self, at: SimTime, what: &History) {
        self.history.push((at, *what));
    }

    fn settled(&mut self, at: SimTime, slot: u32, levels: SlotLevels) {
        self.levels.push((at, slot, levels));
    }

    fn shared(&mut self, at: SimTime, link: LinkId, levels: LinkLevels) {
        self.shared.push((at, link, levels));
    }

    fn closed(&mut self, _at: SimTime, record: &CopyRecord) {
        self.records.push(*record);
    }
}

/// A finished run of a scenario.
pub struct Ran {
    pub scenario: Scenario,
    pub observed: Observed,
    pub end: RunEnd,
}

/// Files that a scenario names, as texts.
#[derive(Clone, Debug, Default)]
pub struct Texts(pub BTreeMap<String, Vec<u8>>);

impl Texts {
    pub fn one(name: &str, text: impl Into<Vec<u8>>) -> Self {
        Self(BTreeMap::from([(name.to_owned(), text.into())]))
    }
}

impl Files for Texts {
    fn open(&self, path: &str) -> io::Result<Box<dyn FileText>> {
        let text = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(text.clone())))
    }
}

/// Reads a scenario that names these files.
pub fn read_with(text: &str, files: &Arc<dyn Files>) -> Result<Scenario, ScenarioError> {
    Scenario::read_with("test.json", text.as_bytes().to_vec(), &[], files)
}

/// Reads a scenario; a test that isn't about errors fails with them on its screen.
pub fn read(text: &str) -> Scenario {
    Scenario::read("test.json", text.as_bytes().to_vec(), &[])
        .unwrap_or_else(|error| panic!("{}", render(&error.sources, &error.diagnostics, false)))
}

/// The messages of a scenario that must be wrong.
pub fn faults(text: &str) -> Vec<String> {
    match Scenario::read("test.json", text.as_bytes().to_vec(), &[]) {
        Ok(_) => Vec::new(),
        Err(error) => error.diagnostics.into_iter().map(|fault| fault.message).collect(),
    }
}

/// Runs a scenario with every invariant checked after every event.
pub fn run_text(text: &str) -> Ran {
    try_run(text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

/// As [`run_text`], for runs that may stop.
pub fn try_run(text: &str) -> Result<Ran, RunError> {
    try_run_scenario(read(text))
}

/// As [`run_text`], with the files that the scenario names.
pub fn run_with(text: &str, files: &Arc<dyn Files>) -> Ran {
    let scenario = read_with(text, files)
        .unwrap_or_else(|error| panic!("{}", render(&error.sources, &error.diagnostics, false)));
    try_run_scenario(scenario).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

pub fn try_run_scenario(scenario: Scenario) -> Result<Ran, RunError> {
    let mut observed = Observed::default();
    let auditor = Auditor::new(&scenario.model.settings);
    let end = run(&scenario.model, &mut (auditor, &mut observed), true)?;
    Ok(Ran { scenario, observed, end })
}

impl Ran {
    /// The record of the copy that is called `label`.
    pub fn copy(&self, label: &str) -> &CopyRecord {
        let mut found = self.observed.records.iter().filter(|record| self.label(record.key) == label);
        let record = found.next().unwrap_or_else(|| panic!("no copy is called {label}"));
        assert!(found.next().is_none(), "several copies are called {label}");
        record
    }

    /// What a request is called in results; a row of a trace goes by its id.
    pub fn label(&self, key: RequestKey) -> String {
        let catalog = &self.scenario.catalog;
        let Calls::Rows(_) = catalog.entries[key.entry() as usize].calls else { return catalog.label(key) };
        let row = &self.observed.rows[&key.row()];
        let name = row.id.as_ref().map_or_else(|| (key.row().number() + 1).to_string(), ToString::to_string);
        let to = row.member.to.known().map_or("?", |to| catalog.region(to));
        let what = if key.is_row_cancel() { "#cancel".to_owned() } else { format!("@{to}") };
        format!("{}#{name}{what}", catalog.entry(key))
    }

    /// Start and end of a copy in whole seconds.
    pub fn span(&self, label: &str) -> (Option<u64>, Option<u64>) {
        let record = self.copy(label);
        (record.start.map(seconds), record.end.map(seconds))
    }

    /// The code of a refused copy, cancel or delete, or `"ok"`.
    pub fn answer(&self, label: &str) -> &'static str {
        let is_it = |key: RequestKey| self.label(key) == label;
        let found = self.observed.history.iter().find_map(|(_, what)| match what {
            History::Accepted { key, .. } if is_it(*key) => Some("ok"),
            History::Cancelled { call, .. } | History::Deleted { call, .. } if is_it(*call) => Some("ok"),
            History::CopyRefused { key, refused, .. } if is_it(*key) => Some(refused.refusal.code.literal()),
            History::CancelRefused { call, refused } | History::DeleteRefused { call, refused, .. }
                if is_it(*call) =>
            {
                Some(refused.refusal.code.literal())
            }
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no call is called {label}"))
    }

    /// Requests by outcome.
    pub fn outcomes(&self) -> BTreeMap<Outcome, u64> {
        self.observed.records.iter().fold(BTreeMap::new(), |mut counts, record| {
            *counts.entry(record.outcome).or_default() += 1;
            counts
        })
    }

    pub fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes().get(&outcome).copied().unwrap_or(0)
    }

    /// The end of the run in whole seconds.
    pub fn end_seconds(&self) -> u64 {
        seconds(self.end.at)
    }
}

/// An instant that must be a whole second.
pub fn seconds(time: SimTime) -> u64 {
    assert_eq!(time.micros() % 1_000_000, 0, "{time} is no whole second");
    time.micros() / 1_000_000
}
