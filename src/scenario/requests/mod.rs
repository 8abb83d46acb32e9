//! The entries of `requests`: names, references between them, and fan-outs expanded to single calls.
//!
//! A copy without an image copies the product of the copy it waits for, so entries are expanded in an
//! order in which what they refer to comes first; a circle of references is a fault.

mod already;
mod arrivals;
mod calls;
mod course;
mod expected;
mod faults;
mod order;
mod parameters;
mod process;
mod references;
mod targets;
mod template;
mod traces;

pub use course::OwnCourse;
pub use parameters::{token_fault, token_of};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ids::{AccountId, Named, RegionId, RequestKey};
use crate::scenario::catalog::{CallInfo, EntryInfo};
use crate::scenario::copytime::{CopyTime, ImageSize};
use crate::scenario::decode::{Attempt, Entries, Spanned};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Span;
use crate::scenario::faults::{Faults, Notices};
use crate::scenario::files::Files;
use crate::scenario::names;
use crate::scenario::schema::{FaultText, OneOrMany, ParametersText, RegionRef, RequestText};
use crate::scenario::world::World;
use crate::time::{SimDuration, SimTime};
use crate::workload::{DrawPlan, Entry, HandleId, ImageSource, Member, Numbering};

/// A given image or a group of them.
#[derive(Clone, Debug)]
pub struct GivenGroup {
    /// The place of the first among the given images.
    pub first: u32,
    /// How many, where it is a group.
    pub count: Option<u32>,
    pub region: RegionId,
    /// None: of nobody in the scenario.
    pub account: Option<AccountId>,
    pub size: Option<ImageSize>,
    pub copy_time: Option<CopyTime>,
    /// Where its name is written.
    pub place: Span,
}

/// All requests, resolved.
pub struct Requests {
    pub entries: Vec<Entry>,
    pub infos: Vec<EntryInfo>,
    pub handles: u32,
    /// Where entries of the initial state say that they are.
    pub already: BTreeMap<u32, Span>,
    /// By entry: the hash of the rows of its trace.
    pub rows: BTreeMap<usize, String>,
    pub draw_plans: Vec<DrawPlan>,
    pub notices: Notices,
    /// What was noticed of the files of traces.
    pub remarks: Notices,
    /// Whether some copy has a written priority.
    pub has_priorities: bool,
}

/// An image that a call can name, with what is known of it.
#[derive(Clone, Debug)]
pub struct SourceImage {
    pub source: ImageSource,
    pub label: String,
    /// Where it is, if that is known.
    pub region: Option<(Named<RegionId>, String)>,
    pub account: Option<AccountId>,
    pub size: Option<ImageSize>,
    /// Set on the image; products inherit it with the size.
    pub copy_time: Option<CopyTime>,
    /// Whether the service can know it; a copy of a literal never runs, nor one of what that would make.
    pub is_known: bool,
    /// Where the scenario has it.
    pub place: Option<Span>,
}

impl SourceImage {
    /// A given image: the member of its group with this place, counted from 0.
    fn given(group: &GivenGroup, member: u32, label: String, region: String) -> Self {
        Self {
            source: ImageSource::Given(group.first + member),
            label,
            region: Some((Named::Known(group.region), region)),
            account: group.account,
            size: group.size,
            copy_time: group.copy_time.clone(),
            is_known: true,
            place: Some(group.place),
        }
    }
}

/// A call of a request, with what its product will be.
#[derive(Clone)]
struct Call {
    member: Member,
    info: CallInfo,
    size: Option<ImageSize>,
    copy_time: Option<CopyTime>,
    /// Of its image, and so of its product.
    is_known: bool,
}

/// The calls of an entry: of a listed request in one turn, of arrivals for each image in turn, of a trace
/// those of the rows that something refers to.
#[derive(Clone, Default)]
struct Expanded {
    turns: Vec<Vec<Call>>,
    numbering: Numbering,
    /// Of a trace without a fault.
    rows: Option<WantedRows>,
}

/// Rows of a trace that something refers to.
#[derive(Clone, Default)]
struct WantedRows {
    numbers: BTreeMap<String, u64>,
    /// By number: what the row is called, and its call.
    calls: BTreeMap<u64, (String, [Call; 1])>,
}

impl Expanded {
    /// Calls by image; the image of an arrival may be drawn.
    fn new(turns: Vec<Vec<Call>>, has_drawn_turns: bool) -> Self {
        let width = turns.iter().map(Vec::len).max().unwrap_or(0) as u64;
        let numbering = Numbering { turns: turns.len() as u64, width, has_drawn_turns };
        Self { turns, numbering, rows: None }
    }

    fn of_rows(rows: WantedRows) -> Self {
        let numbering = Numbering { turns: 0, width: 1, has_drawn_turns: false };
        Self { turns: Vec::new(), numbering, rows: Some(rows) }
    }

    /// What a row of a trace is called.
    fn row_name(&self, number: u64) -> Option<&str> {
        self.rows.as_ref()?.calls.get(&number).map(|(name, _)| name.as_str())
    }

    /// The calls of one arrival or row, from 0; a listed request has only that.
    fn arrival(&self, arrival: u64) -> &[Call] {
        if let Some(rows) = &self.rows {
            return rows.calls.get(&arrival).map_or(&[], |(_, call)| call);
        }
        let turn = arrival.checked_rem(self.turns.len() as u64).unwrap_or(0);
        self.turns.get(turn as usize).map_or(&[], Vec::as_slice)
    }

    /// The first number of an arrival whose image isn't drawn.
    fn first_of(&self, arrival: u64) -> u64 {
        arrival.saturating_mul(self.numbering.width)
    }

    fn call(&self, number: u64) -> &Call {
        &self.arrival(self.numbering.arrival(number))[self.numbering.call(number) as usize]
    }
}

/// What the expansion of a request needs, common to listed copies and arrivals.
struct CallText<'a> {
    label: &'a str,
    span: Span,
    to: Option<&'a Spanned<OneOrMany<RegionRef>>>,
    name: Option<&'a Spanned<String>>,
    /// Whether the calls carry no account.
    is_anonymous: bool,
    parameters: ParametersText<'a>,
}

/// An entry as far as it is known before references are followed.
struct Written {
    name: String,
    span: Span,
    text: RequestText,
    /// Whether all of it could be read.
    is_whole: bool,
    /// What of it couldn't.
    unread: Vec<String>,
}

/// Settings beyond which a request makes no call, or one in vain.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The last instant of the run.
    pub horizon: Option<SimTime>,
    /// Whether a plain copy may go to the image's own region (R7.6).
    pub same_region_plain: bool,
    /// Events that one instant may have (R1.8).
    pub max_events: u64,
}

/// Names, orders and expands the entries of `requests`.
pub struct RequestResolver<'a> {
    world: &'a mut World,
    faults: &'a mut Faults,
    files: &'a Arc<dyn Files>,
    limits: Limits,
    written: Vec<Option<Written>>,
    by_id: BTreeMap<String, usize>,
    /// Ids of requests that have a fault: what refers to them is no fault as well.
    faulty: BTreeSet<String>,
    /// By entry.
    expanded: Vec<Expanded>,
    handles: BTreeMap<(u32, u64), HandleId>,
    already: BTreeMap<u32, Span>,
    /// By entry: the rows of a trace that something refers to, and then the hash of all of its rows.
    wanted: BTreeMap<usize, BTreeSet<String>>,
    rows: BTreeMap<usize, String>,
    /// What the rows of traces refer to, once there is a trace.
    row_world: Option<Arc<World>>,
    /// What is drawn for copies, by its id.
    draw_plans: Vec<DrawPlan>,
    notices: Notices,
    remarks: Notices,
    has_priorities: bool,
    /// Calls written out so far.
    calls: usize,
}

/// Calls that a scenario may list: each is kept in memory from the start.
const MAX_CALLS: usize = 2_000_000;

impl<'a> RequestResolver<'a> {
    pub fn new(
        world: &'a mut World,
        faults: &'a mut Faults,
        files: &'a Arc<dyn Files>,
        limits: Limits,
        faulty: BTreeSet<String>,
    ) -> Self {
        Self {
            world,
            faults,
            files,
            limits,
            written: Vec::new(),
            by_id: BTreeMap::new(),
            faulty,
            expanded: Vec::new(),
            handles: BTreeMap::new(),
            already: BTreeMap::new(),
            wanted: BTreeMap::new(),
            rows: BTreeMap::new(),
            row_world: None,
            draw_plans: Vec::new(),
            notices: Notices::default(),
            remarks: Notices::default(),
            has_priorities: false,
            calls: 0,
        }
    }

    pub fn resolve(
        mut self,
        requests: Vec<Attempt<Spanned<RequestText>>>,
        faults: Entries<Attempt<FaultText>>,
    ) -> Requests {
        if requests.len() as u64 >= RequestKey::MAX_ENTRIES {
            let first = requests.iter().find_map(|request| request.value.as_ref());
            let span = first.map(|request| request.span).unwrap_or_default();
            let message = format!("more than {} requests", RequestKey::MAX_ENTRIES);
            self.faults.add(span, message, "use `arrivals`, or several destinations in one request");
            return self.nothing();
        }
        self.name_entries(requests);
        self.notice_too_late();
        self.expanded = vec![Expanded::default(); self.written.len()];
        self.wanted = self.wanted_rows(&faults);
        let order = self.order();
        let mut entries: Vec<Option<Entry>> = Vec::new();
        entries.resize_with(self.written.len(), || None);
        let mut infos: Vec<Option<EntryInfo>> = vec![None; self.written.len()];
        for index in order {
            let Some(written) = self.written[index].take() else { continue };
            (entries[index], infos[index]) = self.entry(index, &written).unzip();
            self.written[index] = Some(written);
        }
        self.injected_faults(faults, &entries);
        self.set_handles(entries, infos.into_iter().flatten().collect())
    }

    fn nothing(self) -> Requests {
        Requests {
            entries: Vec::new(),
            infos: Vec::new(),
            handles: 0,
            already: BTreeMap::new(),
            rows: BTreeMap::new(),
            draw_plans: Vec::new(),
            notices: self.notices,
            remarks: self.remarks,
            has_priorities: self.has_priorities,
        }
    }

    /// Gives every entry its name: the id, or kind and number among the unnamed of that kind (R3.4).
    fn name_entries(&mut self, requests: Vec<Attempt<Spanned<RequestText>>>) {
        let mut unnamed: BTreeMap<&'static str, u32> = BTreeMap::new();
        let mut first_use: BTreeMap<String, Span> = BTreeMap::new();
        for (index, Attempt { value: request, is_whole, unread }) in requests.into_iter().enumerate() {
            let Some(Spanned { value: text, span }) = request else {
                self.written.push(None);
                continue;
            };
            let (kind, id) = kind_and_id(&text);
            let name = match id {
                Some(id) => {
                    self.faults.check_name(&id.value, id.span);
                    if names::unnamed(&id.value).is_some() {
                        let message = format!("`{}` is how an unnamed request is called", id.value);
                        self.faults.add(id.span, message, "choose another id");
                    }
                    if let Some(first) = first_use.insert(id.value.clone(), id.span) {
                        self.faults.push(
                            Diagnostic::error(Some(id.span), format!("the id `{}` is used twice", id.value))
                                .with_help("give each request an id of its own")
                                .with_related(first, "first used here"),
                        );
                    }
                    self.by_id.insert(id.value.clone(), index);
                    id.value.clone()
                }
                None => {
                    let number = unnamed.entry(kind).or_default();
                    *number += 1;
                    format!("{kind}-{number}")
                }
            };
            self.written.push(Some(Written { name, span, text, is_whole, unread }));
        }
    }

    fn entry(&mut self, index: usize, written: &Written) -> Option<(Entry, EntryInfo)> {
        self.faults.unread_keys.clone_from(&written.unread);
        let (entry, calls) = match &written.text {
            RequestText::Copy(copy) => self.listed(index, written, copy)?,
            RequestText::Cancel(target) => {
                let (entry, info) = self.targets(target, written)?;
                (Entry::Cancel(entry), info)
            }
            RequestText::Delete(target) => {
                let (entry, info) = self.targets(target, written)?;
                (Entry::Delete(entry), info)
            }
            RequestText::Arrivals(arrivals) => self.arrivals(index, written, arrivals)?,
            RequestText::Trace(trace) => self.trace(index, written, trace)?,
        };
        let is_already = self.already.contains_key(&entry_number(index));
        let (name, after) = (written.name.clone(), after_text(&written.text));
        let expect = self.expected(&written.text);
        let client = client_of(&written.text).map(|name| name.value.clone());
        Some((entry, EntryInfo { name, calls, after, is_already, client, expect }))
    }

    /// A call after the end of the run is never made, which is hardly what was meant.
    fn notice_too_late(&mut self) {
        let Some(horizon) = self.limits.horizon else { return };
        for written in self.written.iter().flatten() {
            let at = match &written.text {
                RequestText::Copy(copy) => copy.at.as_ref().map(|at| at.value),
                RequestText::Cancel(target) | RequestText::Delete(target) => Some(target.at),
                RequestText::Arrivals(_) | RequestText::Trace(_) => None,
            };
            if let Some(at) = at.filter(|at| *at > horizon) {
                let name = &written.name;
                self.notices.add(format!("{name}: never called at {at}, since the run ends at {horizon}"));
            }
        }
    }

    /// Tells each call that something names it.
    fn set_handles(self, entries: Vec<Option<Entry>>, infos: Vec<EntryInfo>) -> Requests {
        // A missing entry had a fault, and then nothing of this is used. One without would move all that
        // follow it to other places, so it must not pass in silence.
        if self.faults.is_empty()
            && let Some(missing) = entries.iter().position(Option::is_none)
        {
            let span = self.written[missing].as_ref().map(|written| written.span).unwrap_or_default();
            self.faults.add(
                span,
                "this request can't be resolved",
                "this is a bug of copysim: please report it",
            );
        }
        let mut entries: Vec<Entry> = entries.into_iter().flatten().collect();
        for ((entry, number), handle) in &self.handles {
            match entries.get_mut(*entry as usize) {
                Some(Entry::Copy(copy)) => {
                    if let Some(member) = copy.members.get_mut(*number as usize) {
                        member.handle = Some(*handle);
                    }
                }
                // Handles come in ascending order of entry and number.
                Some(Entry::Arrivals(arrivals)) => arrivals.named.push((*number, *handle)),
                Some(Entry::Trace(trace)) => trace.named.push((*number, *handle)),
                Some(Entry::Cancel(_) | Entry::Delete(_)) | None => {}
            }
        }
        let handles = u32::try_from(self.handles.len()).expect("fewer references than 2^32");
        let Self { already, rows, draw_plans, notices, remarks, has_priorities, .. } = self;
        Requests { entries, infos, handles, already, rows, draw_plans, notices, remarks, has_priorities }
    }
}

/// An entry's number in a [`RequestKey`].
fn entry_number(index: usize) -> u32 {
    u32::try_from(index).expect("the number of entries is limited")
}

fn kind_and_id(text: &RequestText) -> (&'static str, Option<&Spanned<String>>) {
    match text {
        RequestText::Copy(copy) => ("copy", copy.id.as_ref()),
        RequestText::Cancel(target) => ("cancel", target.id.as_ref()),
        RequestText::Delete(target) => ("delete", target.id.as_ref()),
        RequestText::Arrivals(arrivals) => ("arrivals", arrivals.id.as_ref()),
        RequestText::Trace(trace) => ("trace", trace.id.as_ref()),
    }
}

/// The client that a request names.
fn client_of(text: &RequestText) -> Option<&Spanned<String>> {
    match text {
        RequestText::Copy(copy) => copy.client.as_ref(),
        RequestText::Arrivals(arrivals) => arrivals.copy.value.client.as_ref(),
        RequestText::Trace(trace) => trace.copy.as_ref()?.value.client.as_ref(),
        RequestText::Cancel(_) | RequestText::Delete(_) => None,
    }
}

/// What a request waits for, as it is written: `canary`, `hubs@cn-beijing, 30m later, not before 2h`.
fn after_text(text: &RequestText) -> Option<String> {
    /// Named before the rest is counted.
    const NAMED: usize = 4;
    let RequestText::Copy(copy) = text else { return None };
    let after = copy.after.as_ref()?;
    let mut named: Vec<String> = after.each().take(NAMED).map(|(name, _)| name.clone()).collect();
    let more = after.each().count().saturating_sub(NAMED);
    if more > 0 {
        named.push(format!("{more} more"));
    }
    let delay = copy.delay.as_ref().filter(|delay| delay.value > SimDuration::ZERO);
    let delay = delay.map_or_else(String::new, |delay| format!(", {} later", delay.value));
    let at = copy.at.as_ref().filter(|at| at.value > SimTime::ZERO);
    let at = at.map_or_else(String::new, |at| format!(", not before {}", at.value));
    Some(format!("{}{delay}{at}", named.join(" and ")))
}
