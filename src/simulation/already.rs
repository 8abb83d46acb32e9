//! The copies that were accepted before the run begins: they are there before anything of its first
//! instant happens.

use std::collections::BTreeMap;

use super::calls::{call_of, work_of};
use super::run::{Run, Ticket};
use super::{Model, Observer, RunError};
use crate::cloud::{BeyondTime, CallError, Cloud, CopyView, SideTable, Surroundings};
use crate::ids::{ImageId, RequestKey};
use crate::records::{History, Refused, SlotSet};
use crate::service::{Cause, SlotKey};
use crate::time::SimDuration;
use crate::transfer::Work;
use crate::workload::{Already, AlreadyCopy, Load, LoadError, Workload};

/// Why copies can't be there when a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotThere {
    /// The service would have refused the copy.
    Refused(Refused),
    /// More copies are said to run than there are slots; this is the first one too many.
    BeyondCap { slot: SlotKey, cap: u32, running: u32 },
}

/// The state in which a run begins, against the rules of the service: everything that can't be.
pub fn impossible_start(model: &Model) -> Vec<(RequestKey, NotThere)> {
    let copies = model.workload.already();
    if copies.is_empty() {
        return Vec::new();
    }
    let mut cloud = Cloud::new(model.settings.clone(), Surroundings::default());
    let given =
        model.workload.given_images(model.seed).into_iter().map(|image| cloud.put_image(image)).collect();
    // A trace that can't be had any more is told by the run.
    let Ok(mut load) = model.load(given) else {
        return Vec::new();
    };
    let mut keys: SideTable<RequestKey> = SideTable::default();
    let mut slots = RunningCounts::default();
    let mut found = Vec::new();
    // None of them starts here: neither the answers to later ones nor the counts depend on it.
    for copy in &copies {
        let is_running = copy.state != Already::Queued;
        match put_queued(&mut cloud, &mut load, copy) {
            Ok((view, ..)) => {
                keys.put(view.id, copy.key);
                for index in view.slots.into_iter().flatten().filter(|_| is_running) {
                    if let Some(slot) = cloud.service().slots().iter().nth(index as usize) {
                        slots.count(slot.key, slot.cap, copy.key);
                    }
                }
            }
            Err(CallError::Refused(refusal)) => match refusal.cause {
                Cause::LimitReached(limit) if is_running => slots.count(limit.key, limit.cap, copy.key),
                Cause::SameConflictKey { other } => {
                    let other = keys.get(other).copied();
                    found.push((copy.key, NotThere::Refused(Refused { refusal, other })));
                }
                _ => found.push((copy.key, NotThere::Refused(Refused { refusal, other: None }))),
            },
            // Sums from the start of time on; those of the copy's own length are met in the run.
            Err(CallError::BeyondTime(_)) => {}
        }
    }
    found.extend(slots.beyond());
    found
}

/// Copies said to run, by slot key: the cap, how many, and the first one beyond the cap.
#[derive(Default)]
struct RunningCounts(BTreeMap<SlotKey, (u32, u32, Option<RequestKey>)>);

impl RunningCounts {
    fn count(&mut self, slot: SlotKey, cap: u32, copy: RequestKey) {
        let (_, running, first_beyond) = self.0.entry(slot).or_insert((cap, 0, None));
        *running += 1;
        if *running > cap {
            first_beyond.get_or_insert(copy);
        }
    }

    fn beyond(self) -> impl Iterator<Item = (RequestKey, NotThere)> {
        self.0.into_iter().filter_map(|(slot, (cap, running, first_beyond))| {
            Some((first_beyond?, NotThere::BeyondCap { slot, cap, running }))
        })
    }
}

/// Puts a copy into its queue, and tells the load which image it makes; also gives how long it takes.
fn put_queued(
    cloud: &mut Cloud,
    load: &mut Load<'_>,
    copy: &AlreadyCopy,
) -> Result<(CopyView, ImageId, Work), CallError> {
    let ask = load.listed_copy(copy.key, &copy.member).map_err(|error| match error {
        LoadError::BeyondTime { field, .. } => CallError::BeyondTime(field),
        other => unreachable!("a listed copy is no row or arrival: {other:?}"),
    })?;
    let work = work_of(cloud, &ask, ask.image);
    let (view, product) = cloud.put_queued(&call_of(copy.key, &ask), work, ask.course.fate)?;
    if ask.keeps_product {
        load.accepted(copy.key, ask.handle, product);
    }
    Ok((view, product, work))
}

impl<O: Observer> Run<'_, O> {
    /// Puts the copies of the initial state where they are: running ones before queued ones, so that each
    /// finds its slot.
    pub(super) fn put_already(&mut self, workload: &Workload) -> Result<(), RunError> {
        for copy in workload.already() {
            let key = copy.key;
            let (view, product, work) = match put_queued(&mut self.cloud, &mut self.load, &copy) {
                Ok(put) => put,
                Err(CallError::BeyondTime(field)) => return Err(RunError::BeyondTime { key, field }),
                Err(CallError::Refused(refusal)) => {
                    let what = format!("request {key:?} of the initial state was refused: {refusal:?}");
                    return Err(RunError::BrokenInvariant { at: self.cloud.now(), event: 0, what });
                }
            };
            let retention = copy.member.retention.map(|retention| (retention, product));
            self.tickets.put(
                view.id,
                Ticket { key, planned: None, handle: copy.member.handle, retention, errand: None },
            );
            let is_running = match copy.state {
                Already::Queued => false,
                Already::Running { remaining } => {
                    let had_run = work.has_run(remaining).unwrap_or(SimDuration::ZERO);
                    let field = "the copy's length";
                    let beyond = |BeyondTime(_)| RunError::BeyondTime { key, field };
                    self.cloud.put_running(view.id, had_run).map_err(beyond)?;
                    true
                }
            };
            let CopyView { from, to, size, .. } = view;
            let (slots, priority) = (SlotSet(view.slots), copy.member.priority);
            self.tell(History::AlreadyThere { key, is_running, from, to, slots, priority, size });
        }
        Ok(())
    }
}
