//! Small scenarios for tests, written down in few words: a limited region `a` from which everything is
//! copied to `r`, and calls in seconds.

use copysim::ids::RegionId;
use copysim::records::{History, Outcome, Sample, Tally, TallySettings};
use copysim::service::SlotPlace;
use copysim::simulation::{Auditor, run};
use copysim::time::SimTime;
use serde_json::{Value, json};

use crate::support::{Observed, Ran, faults, read, run_text, seconds};

/// A scenario that is still being written.
#[derive(Clone)]
pub struct Scene(pub Value);

impl Scene {
    /// `cap` slots in `a`; `r`, `s` and `t` are there to be copied to and have enough slots for anything.
    pub fn lane(cap: u32) -> Self {
        let wide = json!({ "cap": 1_000_000 });
        Self(json!({
            "schema_version": 1,
            "regions": { "a": { "cap": cap }, "r": wide, "s": wide, "t": wide },
            "images": {},
            "requests": [],
        }))
    }

    /// Sets what stands at a path such as `service.cancel.drain`.
    pub fn set(mut self, path: &str, value: impl Into<Value>) -> Self {
        let place = path.split('.').fold(&mut self.0, |place, key| &mut place[key]);
        *place = value.into();
        self
    }

    /// An image in `a`.
    pub fn image(self, name: &str) -> Self {
        self.set(&format!("images.{name}"), json!({ "region": "a", "size": "1GiB" }))
    }

    /// An entry of `requests`.
    pub fn request(mut self, kind: &str, body: Value) -> Self {
        let requests = self.0["requests"].as_array_mut().expect("requests are a list");
        requests.push(json!({ kind: body }));
        self
    }

    /// A copy of an image of its own to `r`, which takes `length` seconds.
    pub fn copy(self, id: &str, at: u64, length: u64) -> Self {
        self.copy_with(id, at, json!({ "duration": secs(length) }))
    }

    /// A copy of 600 s to `r` of an image of its own, but for what `body` says.
    pub fn copy_with(mut self, id: &str, at: u64, body: Value) -> Self {
        let mut call = json!({ "id": id, "at": secs(at), "to": "r" });
        if body.get("duration").is_none() && body.get("copy_time").is_none() {
            call["duration"] = secs(600).into();
        }
        if body.get("image").is_none() && body.get("after").is_none() {
            self = self.image(id);
            call["image"] = id.into();
        }
        for (key, value) in body.as_object().expect("the body is an object") {
            call[key] = value.clone();
        }
        self.request("copy", call)
    }

    /// Copies `c<first>` to `c<last>`, as the field cases call them.
    pub fn copies(self, prefix: &str, numbers: std::ops::RangeInclusive<u32>, at: u64, length: u64) -> Self {
        numbers.fold(self, |scene, number| scene.copy(&format!("{prefix}{number}"), at, length))
    }

    pub fn cancel(self, id: &str, at: u64, copy: &str) -> Self {
        self.request("cancel", json!({ "id": id, "at": secs(at), "copy": copy }))
    }

    pub fn delete(self, id: &str, at: u64, copy: &str) -> Self {
        self.request("delete", json!({ "id": id, "at": secs(at), "copy": copy }))
    }

    /// Cap changes of a region, as pairs of second and cap.
    pub fn caps(self, region: &str, changes: &[(u64, u32)]) -> Self {
        let changes: Vec<Value> =
            changes.iter().map(|(at, cap)| json!({ "at": secs(*at), "cap": cap })).collect();
        self.set(&format!("regions.{region}.cap_changes"), changes)
    }

    pub fn text(&self) -> String {
        self.0.to_string()
    }

    pub fn run(&self) -> Ran {
        run_text(&self.text())
    }

    /// As [`Scene::run`] for long runs: without the recount of the whole service after each event.
    pub fn run_long(&self) -> Ran {
        let scenario = read(&self.text());
        let mut observed = Observed::default();
        let auditor = Auditor::new(&scenario.model.settings);
        let end = run(&scenario.model, &mut (auditor, &mut observed), false);
        Ran { scenario, observed, end: end.unwrap_or_else(|error| panic!("{error:?}")) }
    }

    pub fn faults(&self) -> Vec<String> {
        faults(&self.text())
    }
}

/// A duration as the scenario writes it.
pub fn secs(seconds: u64) -> String {
    format!("{seconds}s")
}

impl Ran {
    /// Start and end of each copy to `r`.
    pub fn spans(&self, ids: &[&str]) -> Vec<(Option<u64>, Option<u64>)> {
        ids.iter().map(|id| self.span(&format!("{id}@r"))).collect()
    }

    /// Starts of copies to `r`.
    pub fn starts(&self, ids: &[&str]) -> Vec<Option<u64>> {
        self.spans(ids).into_iter().map(|(start, _)| start).collect()
    }

    pub fn outcome(&self, label: &str) -> Outcome {
        self.copy(label).outcome
    }

    /// The latest end of an Available copy.
    pub fn last_end(&self) -> Option<u64> {
        let ready = self.observed.records.iter().filter(|record| record.outcome == Outcome::Available);
        ready.filter_map(|record| record.end).max().map(seconds)
    }

    /// Slots held and copies waiting at a region's key whenever they had changed and the clock moved on.
    pub fn levels(&self, region: &str) -> Vec<(u64, u32, u32)> {
        let slot = self.slot(region);
        let levels = self.observed.levels.iter().filter(|(_, of, _)| *of == slot);
        levels.map(|(at, _, levels)| (seconds(*at), levels.held, levels.waiting)).collect()
    }

    fn slot(&self, region: &str) -> u32 {
        let number = self.scenario.catalog.regions.iter().position(|id| id == region);
        let place = SlotPlace::Region(RegionId(number.expect("a region of the scenario") as u32));
        let slot = self.observed.slots.iter().position(|key| key.place == place);
        slot.expect("the region has slots") as u32
    }

    /// The most slots ever held at once, also between two events of one instant, over all keys.
    pub fn peak_inside_instants(&self) -> u32 {
        let mut held = vec![0_u32; self.observed.slots.len()];
        let mut peak = 0;
        for (_, what) in &self.observed.history {
            match what {
                History::Started { slots, .. } | History::AlreadyThere { is_running: true, slots, .. } => {
                    slots.iter().for_each(|slot| held[slot as usize] += 1);
                    peak = held.iter().copied().chain([peak]).max().unwrap_or(0);
                }
                History::Completed { slots, .. }
                | History::Failed { slots, .. }
                | History::DrainEnded { slots, .. }
                | History::Cancelled { slots, was_running: true, drains: false, .. } => {
                    slots.iter().for_each(|slot| held[slot as usize] -= 1);
                }
                _ => {}
            }
        }
        peak
    }

    /// Whenever the clock moves on, a copy waits only where no slot is free. For scopes with one key.
    pub fn assert_no_slot_idles(&self) {
        for (at, slot, levels) in &self.observed.levels {
            let idles = levels.waiting > 0 && levels.held < levels.cap;
            assert!(!idles, "at {at} slot {slot} has {levels:?}");
        }
    }

    /// The figures of the run as reports make them.
    pub fn tally(&self) -> Tally {
        let settings = TallySettings {
            warm_up: self.scenario.warm_up,
            exact_limit: self.scenario.exact_limit,
            has_double_slots: self.scenario.model.settings.cap_scope == copysim::service::CapScope::Both,
            regions: self.scenario.catalog.regions.len() as u32,
            entries: self.scenario.catalog.entries.len() as u32,
        };
        let caps: Vec<u32> = self.observed.slots.iter().map(|key| self.first_cap(key.place)).collect();
        let mut tally = Tally::new(settings, &caps);
        for (at, slot, levels) in &self.observed.levels {
            tally.levels(*at, *slot, *levels);
        }
        for record in &self.observed.records {
            let closed = record.end.or(record.refused.and(record.sent)).unwrap_or(self.end.at);
            tally.add(record, closed);
        }
        tally.finish(self.end.at);
        tally
    }

    fn first_cap(&self, place: SlotPlace) -> u32 {
        let settings = &self.scenario.model.settings;
        match place {
            SlotPlace::Region(region) => settings.caps[region.0 as usize],
            SlotPlace::Pair(from, to) => {
                settings.pair_caps.get(&(from, to)).copied().unwrap_or(settings.caps[from.0 as usize])
            }
        }
    }

    /// Requests by label, in the order in which they started.
    pub fn order_of_starts(&self) -> Vec<String> {
        let started = self.observed.history.iter().filter_map(|(_, what)| match what {
            History::Started { key, .. } => Some(self.label(*key)),
            _ => None,
        });
        started.collect()
    }

    /// The history in words: second, what happened, and to which request.
    pub fn trace(&self) -> Vec<(u64, &'static str, String)> {
        let row = |(at, what): &(SimTime, History)| {
            let word = match what {
                History::Accepted { .. } => "accepted",
                History::AlreadyThere { is_running: true, .. } => "already running",
                History::AlreadyThere { is_running: false, .. } => "already queued",
                History::CopyRefused { .. } => "refused",
                History::Replayed { .. } => "replayed",
                History::DryRun { .. } => "dry run",
                History::Skipped { .. } => "skipped",
                History::Started { .. } => "started",
                History::Completed { .. } => "completed",
                History::Failed { .. } => "failed",
                History::Cancelled { .. } => "cancelled",
                History::CancelRefused { .. } => "cancel refused",
                History::DrainEnded { .. } => "drained",
                History::Deleted { .. } => "deleted",
                History::DeleteRefused { .. } => "delete refused",
                History::CapChanged { .. } => "cap changed",
                History::HeldBack { .. } => "held back",
                History::CallsAgain { .. } => "calls again",
                History::FoundExisting { .. } => "found existing",
                History::Noticed { .. } => "noticed",
                History::TimedOut { .. } => "timed out",
                History::OutageBegan { .. } => "outage began",
                History::OutageEnded { .. } => "outage ended",
                History::Slowed { .. } => "throughput changed",
                History::CapacityChanged { .. } => "capacity changed",
            };
            let label = what.request().map(|key| self.label(key)).unwrap_or_default();
            (seconds(*at), word, label)
        };
        self.observed.history.iter().map(row).collect()
    }
}

/// Mean of a figure in whole seconds.
pub fn mean_seconds(figure: &Sample) -> Option<u64> {
    figure.mean().map(|mean| {
        assert_eq!(mean.micros() % 1_000_000, 0, "{mean} is no whole second");
        mean.micros() / 1_000_000
    })
}
