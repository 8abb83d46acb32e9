//! The observer of a run that is to be written down: tallies figures and streams the files.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::expectations::Expectations;
use super::folder::{FolderError, ResultFolder};
use super::histograms::{write_hgrm, write_hlog};
use super::plots::PlotData;
use super::rows::RowWriter;
use super::summary::Summary;
use super::timeseries::TimeseriesWriter;
use super::trace;
use super::{PLOTS, Part, ROWS, SUMMARY, TIMESERIES, TRACE};
use crate::ids::{RegionId, RequestKey};
use crate::records::checks::{CallFacts, CheckSettings, CheckTally};
use crate::records::{
    CallAnswer, CopyRecord, Figures, History, Operation, Refused, SlotLevels, Tally, TallySettings,
};
use crate::scenario::{Labels, Scenario};
use crate::service::SlotKey;
use crate::service::codes::Code;
use crate::simulation::{Observer, RunEnd};
use crate::time::SimTime;
use crate::transfer::{LinkId, LinkLevels};
use crate::workload::Row;

/// Beyond so many requested copies the trace is left out, unless it was asked for.
const TRACE_LIMIT: u64 = 100_000;

/// What a run is of.
#[derive(Clone, Copy)]
pub struct RunInfo<'a> {
    /// The scenario's name: its file without folder and ending.
    pub name: &'a str,
    pub scenario: &'a Scenario,
}

/// Which files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    parts: [bool; Part::ALL.len()],
    /// Whether the trace is written whatever its length.
    whole_trace: bool,
}

impl Written {
    /// These files and no others.
    pub fn only(parts: &[Part]) -> Self {
        Self { parts: Part::ALL.map(|part| parts.contains(&part)), whole_trace: parts.contains(&Part::Trace) }
    }

    /// Every file; the trace only of runs that aren't too long.
    pub fn by_default() -> Self {
        Self { whole_trace: false, ..Self::only(&Part::ALL) }
    }

    pub fn has(&self, part: Part) -> bool {
        self.parts[part as usize]
    }
}

/// Writes a run down.
pub struct Recorder<'a> {
    info: RunInfo<'a>,
    labels: Labels<'a>,
    written: Written,
    tally: Tally,
    slots: Vec<SlotKey>,
    slot_names: Vec<String>,
    rows: Option<RowWriter<BufWriter<File>>>,
    timeseries: Option<TimeseriesWriter<BufWriter<File>>>,
    trace: Option<BufWriter<File>>,
    plots: Option<PlotData>,
    expectations: Expectations,
    checks: CheckTally,
    /// Copies asked for so far, whatever came of them.
    requested: u64,
    trace_was_cut: bool,
    end: Option<RunEnd>,
    /// The first error of writing, with the file's name.
    error: Option<(&'static str, io::Error)>,
}

impl<'a> Recorder<'a> {
    /// Opens the files that are written while the run goes on.
    ///
    /// # Errors
    /// When one of them can't be made.
    pub fn new(
        info: RunInfo<'a>,
        written: Written,
        mut folder: Option<&mut ResultFolder>,
    ) -> Result<Self, FolderError> {
        let mut open = |part, name| match folder.as_deref_mut().filter(|_| written.has(part)) {
            Some(folder) => folder.create(name).map(Some),
            None => Ok(None),
        };
        let (rows, timeseries, trace) =
            (open(Part::Rows, ROWS)?, open(Part::Timeseries, TIMESERIES)?, open(Part::Trace, TRACE)?);
        let mut error = None;
        let mut keep = |name, failed: io::Error| {
            error.get_or_insert((name, failed));
        };
        let seed = info.scenario.seed();
        Ok(Self {
            info,
            labels: Labels::new(&info.scenario.catalog),
            written,
            tally: Tally::new(tally_settings(info.scenario), &[]),
            slots: Vec::new(),
            slot_names: Vec::new(),
            rows: rows.and_then(|file| RowWriter::new(file, seed).map_err(|error| keep(ROWS, error)).ok()),
            timeseries: timeseries
                .and_then(|file| TimeseriesWriter::new(file).map_err(|error| keep(TIMESERIES, error)).ok()),
            trace,
            plots: (folder.is_some() && written.has(Part::Charts)).then(PlotData::default),
            expectations: Expectations::of(&info.scenario.catalog),
            checks: check_tally(info.scenario),
            requested: 0,
            trace_was_cut: false,
            end: None,
            error,
        })
    }

    /// Whether the trace was left out because the run was long.
    pub fn trace_was_cut(&self) -> bool {
        self.trace_was_cut
    }

    /// Finishes the files and gives the summary.
    ///
    /// # Errors
    /// The first file that couldn't be written.
    pub fn finish(mut self, folder: Option<&mut ResultFolder>) -> Result<Summary, FolderError> {
        let end = self.end.take().expect("a run that is over has told its end");
        let found = std::mem::take(&mut self.expectations).finish();
        let summary =
            Summary::new(&self.info, &self.tally, &self.slots, &end, found, &self.checks, &self.labels);
        let Some(folder) = folder else { return Ok(summary) };
        if let Some((name, source)) = self.error.take() {
            return Err(folder.write_error(name, source));
        }
        let flushed = [
            (ROWS, self.rows.take().map(RowWriter::finish)),
            (TIMESERIES, self.timeseries.take().map(TimeseriesWriter::finish)),
            (TRACE, self.trace.take().map(|mut file| file.flush())),
        ];
        for (name, result) in flushed {
            result.unwrap_or(Ok(())).map_err(|source| folder.write_error(name, source))?;
        }
        if self.trace_was_cut {
            folder.discard(TRACE);
        }
        if self.written.has(Part::Summary) {
            write(folder, SUMMARY, |file| file.write_all(summary.to_json()?.as_bytes()))?;
        }
        if self.written.has(Part::Histograms) {
            self.write_histograms(folder)?;
        }
        if let Some(plots) = &self.plots {
            for plot in plots.draw(self.info.name, &self.tally, &self.slots, self.info.scenario) {
                let name = format!("{PLOTS}/{}", plot.name);
                write(folder, &name, |file| file.write_all(plot.svg.as_bytes()))?;
            }
        }
        Ok(summary)
    }

    fn write_histograms(&self, folder: &mut ResultFolder) -> Result<(), FolderError> {
        let end = self.tally.end().micros();
        let figures = Figures::NAMES.into_iter().zip(self.tally.all.figures.all());
        for (name, figure) in figures {
            for file_name in Part::Histograms.files() {
                match file_name.strip_prefix(name) {
                    Some(".hgrm") => write(folder, file_name, |file| write_hgrm(file, figure))?,
                    Some(".hlog") => write(folder, file_name, |file| write_hlog(file, name, figure, end))?,
                    _ => (),
                }
            }
        }
        Ok(())
    }

    /// A call was answered.
    #[inline(always)]
    fn answered(&mut self, at: SimTime, what: &History, operation: Operation, answer: CallAnswer) {
        self.tally.answered(at, operation, answer);
        self.check_refusal(at, what, answer);
        // Before a row that has nothing left to answer is forgotten.
        self.count_retention(at, what);
        if self.labels.has_rows() {
            self.labels.answered(at, what);
        }
        if self.expectations.are_any() {
            self.expectations.answered(what);
        }
    }

    /// A dry run that passes is answered with a code as well, though it is no refusal (R7.4).
    #[inline(always)]
    fn check_refusal(&mut self, at: SimTime, what: &History, answer: CallAnswer) {
        let code = match answer {
            CallAnswer::Refused(code) => code,
            CallAnswer::DryRun => Code::DryRunOperation,
            CallAnswer::Accepted | CallAnswer::Replayed => return,
        };
        if let Some(key) = what.request() {
            let labels = &self.labels;
            self.checks.refused(at, key, code, || call_facts(key, labels));
        }
    }

    /// The call of a delete at the end of a retention is that of the copy.
    #[inline(always)]
    fn count_retention(&mut self, at: SimTime, what: &History) {
        if let History::Deleted { call, failed_call: None }
        | History::DeleteRefused { call, failed_call: None, .. } = what
            && self.labels.call(*call).is_some()
        {
            self.tally.retention_ended(at, matches!(what, History::DeleteRefused { .. }));
        }
    }

    /// Writes an event into the trace, or gives it up as soon as the run is known to be long. Copies are counted
    /// when they are asked for: they may all end with the run, and then it would be too late.
    fn trace(&mut self, at: SimTime, what: &History) {
        let is_copy = matches!(
            what,
            History::Accepted { .. }
                | History::AlreadyThere { .. }
                | History::CopyRefused { .. }
                | History::Replayed { .. }
                | History::DryRun { .. }
                | History::Skipped { .. }
        );
        self.requested += u64::from(is_copy);
        if self.requested > TRACE_LIMIT && !self.written.whole_trace {
            self.trace = None;
            self.trace_was_cut = true;
        }
        if let Some(file) = &mut self.trace {
            let result = trace::write(file, at, what, self.info.scenario.seed(), &self.labels);
            self.keep(TRACE, result);
        }
    }

    /// Of rows only those that were Available last somewhere are shown after they have closed.
    fn label_of_closed(&mut self, record: &CopyRecord) {
        if !self.labels.has_rows() {
            return;
        }
        self.labels.closed(record);
        if let Some(to) = record.to {
            let last_ready = self.tally.destinations[to.0 as usize].last_ready;
            if last_ready.is_some_and(|last| last.key == record.key) {
                self.labels.pin(to, record.key);
            }
        }
    }

    fn keep(&mut self, name: &'static str, result: io::Result<()>) {
        if let Err(error) = result {
            self.error.get_or_insert((name, error));
        }
    }
}

impl Observer for Recorder<'_> {
    fn begin(&mut self, slots: &[(SlotKey, u32)]) {
        let caps: Vec<u32> = slots.iter().map(|(_, cap)| *cap).collect();
        self.slots = slots.iter().map(|(key, _)| *key).collect();
        self.slot_names = self.slots.iter().map(|key| self.info.scenario.catalog.slot(*key)).collect();
        let capacities = &self.info.scenario.model.surroundings.network.capacities;
        self.tally = Tally::new(tally_settings(self.info.scenario), &caps).with_links(capacities);
        self.checks.begin(slots);
        if let Some(timeseries) = &mut self.timeseries {
            timeseries.begin(&caps);
        }
        if let Some(plots) = &mut self.plots {
            plots.begin(slots);
        }
    }

    fn planned(&mut self, key: RequestKey, row: &Row) {
        self.labels.planned(key, row);
    }

    #[inline(always)]
    fn happened(&mut self, at: SimTime, what: &History) {
        if let Some((operation, answer)) = answer_of(what) {
            self.answered(at, what, operation, answer);
        }
        match what {
            History::AlreadyThere { is_running, .. } => self.tally.already(*is_running),
            History::Accepted { key, call: 2.., .. } | History::CopyRefused { key, call: 2.., .. } => {
                self.tally.called_again(at, *key);
            }
            History::OutageBegan { .. } | History::OutageEnded { .. } => self.tally.outage(at, what),
            _ => {}
        }
        if self.trace.is_some() {
            self.trace(at, what);
        }
    }

    #[inline(always)]
    fn settled(&mut self, at: SimTime, slot: u32, levels: SlotLevels) {
        self.tally.levels(at, slot, levels);
        self.checks.levels(at, slot, levels);
        if let Some(timeseries) = &mut self.timeseries {
            let result = timeseries.write(at, slot, &self.slot_names[slot as usize], levels);
            self.keep(TIMESERIES, result);
        }
        if let Some(plots) = &mut self.plots {
            plots.levels(at, slot, levels);
        }
    }

    fn shared(&mut self, at: SimTime, link: LinkId, levels: LinkLevels) {
        self.tally.shared(at, link, levels);
    }

    #[inline]
    fn closed(&mut self, at: SimTime, record: &CopyRecord) {
        let is_counted = self.tally.add(record, at);
        let (key, labels) = (record.key, &self.labels);
        self.checks.add(record, at, is_counted, || call_facts(key, labels), || labels.row_label(key));
        if let Some(rows) = &mut self.rows {
            let result = rows.write(record, at, is_counted, &self.labels);
            self.keep(ROWS, result);
        }
        if let Some(plots) = &mut self.plots {
            plots.closed(record, &self.labels);
        }
        self.label_of_closed(record);
    }

    fn end(&mut self, end: &RunEnd) {
        self.tally.finish(end.at);
        self.checks.finish(end.at);
        self.end = Some(end.clone());
    }
}

/// The operation whose call this was the answer to, and the answer.
#[inline]
fn answer_of(what: &History) -> Option<(Operation, CallAnswer)> {
    let refused = |refused: &Refused| CallAnswer::Refused(refused.refusal.code);
    Some(match what {
        History::Accepted { .. } => (Operation::CopyImage, CallAnswer::Accepted),
        History::Replayed { .. } => (Operation::CopyImage, CallAnswer::Replayed),
        History::DryRun { .. } => (Operation::CopyImage, CallAnswer::DryRun),
        History::CopyRefused { refused: why, .. } => (Operation::CopyImage, refused(why)),
        History::Cancelled { .. } => (Operation::CancelCopyImage, CallAnswer::Accepted),
        History::CancelRefused { refused: why, .. } => (Operation::CancelCopyImage, refused(why)),
        History::Deleted { .. } => (Operation::DeleteImage, CallAnswer::Accepted),
        History::DeleteRefused { refused: why, .. } => (Operation::DeleteImage, refused(why)),
        _ => return None,
    })
}

/// What the scopes of checks can ask of a call.
fn call_facts<'a>(key: RequestKey, labels: &'a Labels<'_>) -> CallFacts<'a> {
    let Some(call) = labels.call(key) else { return CallFacts::default() };
    let region = |id: &str| {
        let place = labels.regions.binary_search_by(|known| known.as_str().cmp(id)).ok()?;
        u32::try_from(place).ok().map(RegionId)
    };
    CallFacts { account: call.account, from: region(call.from), to: region(call.to), image: call.image }
}

fn check_tally(scenario: &Scenario) -> CheckTally {
    let settings = CheckSettings { warm_up: scenario.warm_up, exact_limit: scenario.exact_limit };
    CheckTally::new(scenario.checks.iter().map(|check| check.check.clone()), settings)
}

fn tally_settings(scenario: &Scenario) -> TallySettings {
    let count = |length: usize| u32::try_from(length).expect("regions and entries are limited");
    TallySettings {
        warm_up: scenario.warm_up,
        exact_limit: scenario.exact_limit,
        has_double_slots: scenario.model.settings.cap_scope.has_two_keys(),
        regions: count(scenario.catalog.regions.len()),
        entries: count(scenario.catalog.entries.len()),
    }
}

fn write(
    folder: &mut ResultFolder,
    name: &str,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), FolderError> {
    let mut file = folder.create(name)?;
    fill(&mut file).and_then(|()| file.flush()).map_err(|source| folder.write_error(name, source))
}
