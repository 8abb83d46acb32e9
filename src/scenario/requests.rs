//! The entries of `requests`: names, references between them, and fan-outs expanded to single calls.
//!
//! A copy without an image copies the product of the copy it waits for, so entries are expanded in an
//! order in which what they refer to comes first; a circle of references is a fault.

use std::collections::BTreeMap;

use super::catalog::{CallInfo, Calls, EntryInfo, TargetInfo};
use super::copytime::{self, WorkError};
use super::decode::Spanned;
use super::diagnostic::Diagnostic;
use super::document::Span;
use super::fanout::{Destination, FanOut};
use super::names::suggestion;
use super::resolve::{Faults, World, check_name, checked_copy_time};
use super::schema::{
    ArrivalCopyText, ArrivalsText, CopyText, CopyTimeText, FailText, ImageRef, OneOrMany, ProcessText,
    RegionRef, RequestText, TargetText,
};
use super::selector::Selector;
use crate::ids::{AccountId, Named, RegionId, RequestKey};
use crate::quantity::Bytes;
use crate::time::{SimDuration, SimTime};
use crate::transfer::{Fate, Work};
use crate::workload::{
    ArrivalsEntry, CopyEntry, Entry, FreshImage, HandleId, ImageSource, Member, Process, Target, TargetEntry,
    Trigger,
};

/// A given image or a group of them.
pub struct GivenGroup {
    /// The place of the first among the given images.
    pub first: u32,
    /// How many, where it is a group.
    pub count: Option<u32>,
    pub region: RegionId,
    pub account: AccountId,
    pub size: Option<Bytes>,
    pub copy_time: Option<CopyTimeText>,
}

/// All requests, resolved.
pub struct Requests {
    pub entries: Vec<Entry>,
    pub infos: Vec<EntryInfo>,
    pub handles: u32,
    pub notices: Vec<String>,
}

/// An image that a call can name, with what is known of it.
#[derive(Clone)]
struct SourceImage {
    source: ImageSource,
    label: String,
    /// Where it is, if that is known.
    region: Option<(Named<RegionId>, String)>,
    account: Option<AccountId>,
    size: Option<Bytes>,
    /// Set on the image; products inherit it with the size.
    copy_time: Option<CopyTimeText>,
    has_size: bool,
}

/// A call of a request, with what its product will be.
#[derive(Clone)]
struct Call {
    member: Member,
    info: CallInfo,
    size: Option<Bytes>,
    copy_time: Option<CopyTimeText>,
}

/// The calls of an entry: of a listed request in one turn, of arrivals for each image in turn.
#[derive(Clone, Default)]
struct Expanded {
    turns: Vec<Vec<Call>>,
    /// Numbers reserved for each arrival.
    width: u64,
}

impl Expanded {
    fn new(turns: Vec<Vec<Call>>) -> Self {
        let width = turns.iter().map(Vec::len).max().unwrap_or(0) as u64;
        Self { turns, width }
    }

    /// The calls of one arrival, from 0; a listed request has only that.
    fn arrival(&self, arrival: u64) -> &[Call] {
        let turn = arrival.checked_rem(self.turns.len() as u64).unwrap_or(0);
        self.turns.get(turn as usize).map_or(&[], Vec::as_slice)
    }

    /// The first number of an arrival.
    fn first_of(&self, arrival: u64) -> u64 {
        arrival.saturating_mul(self.width)
    }

    fn call(&self, number: u64) -> &Call {
        let calls = self.arrival(number.checked_div(self.width).unwrap_or(0));
        &calls[number.checked_rem(self.width).unwrap_or(0) as usize]
    }
}

/// What the expansion of a request needs, common to listed copies and arrivals.
struct CallText<'a> {
    label: &'a str,
    span: Span,
    from: Option<&'a Spanned<RegionRef>>,
    to: Option<&'a Spanned<OneOrMany<RegionRef>>>,
    name: Option<&'a Spanned<String>>,
    encrypted: bool,
    cancellable: bool,
    account: Option<&'a Spanned<String>>,
    duration: Option<&'a Spanned<SimDuration>>,
    copy_time: Option<&'a Spanned<CopyTimeText>>,
    fail: Option<&'a Spanned<FailText>>,
}

/// An entry as far as it is known before references are followed.
struct Written {
    name: String,
    span: Span,
    text: RequestText,
}

/// Requests of a circle that a message names.
const SHOWN_OF_CIRCLE: usize = 10;

/// See the [module](self).
pub struct RequestResolver<'a> {
    world: &'a mut World,
    faults: &'a mut Faults,
    horizon: Option<SimTime>,
    written: Vec<Option<Written>>,
    by_id: BTreeMap<String, usize>,
    /// By entry.
    expanded: Vec<Expanded>,
    handles: BTreeMap<(u32, u64), HandleId>,
    notices: Vec<String>,
}

impl<'a> RequestResolver<'a> {
    pub fn new(world: &'a mut World, faults: &'a mut Faults, horizon: Option<SimTime>) -> Self {
        Self {
            world,
            faults,
            horizon,
            written: Vec::new(),
            by_id: BTreeMap::new(),
            expanded: Vec::new(),
            handles: BTreeMap::new(),
            notices: Vec::new(),
        }
    }

    pub fn resolve(mut self, requests: Vec<Option<Spanned<RequestText>>>) -> Requests {
        if requests.len() as u64 >= RequestKey::MAX_ENTRIES {
            let span = requests.iter().flatten().map(|request| request.span).next().unwrap_or_default();
            let message = format!("more than {} requests", RequestKey::MAX_ENTRIES);
            self.faults.add(span, message, "use `arrivals`, or several destinations in one request");
            return self.nothing();
        }
        self.name_entries(requests);
        self.expanded = vec![Expanded::default(); self.written.len()];
        let Some(order) = self.order() else { return self.nothing() };
        let mut entries: Vec<Option<(Entry, EntryInfo)>> = Vec::new();
        entries.resize_with(self.written.len(), || None);
        for index in order {
            let Some(written) = self.written[index].take() else { continue };
            entries[index] = self.entry(index, &written);
            self.written[index] = Some(written);
        }
        self.set_handles(entries)
    }

    fn nothing(self) -> Requests {
        Requests { entries: Vec::new(), infos: Vec::new(), handles: 0, notices: self.notices }
    }

    /// Gives every entry its name: the id, or kind and number among the unnamed of that kind (R3.4).
    fn name_entries(&mut self, requests: Vec<Option<Spanned<RequestText>>>) {
        let mut unnamed: BTreeMap<&'static str, u32> = BTreeMap::new();
        let mut first_use: BTreeMap<String, Span> = BTreeMap::new();
        for (index, request) in requests.into_iter().enumerate() {
            let Some(Spanned { value: text, span }) = request else {
                self.written.push(None);
                continue;
            };
            let (kind, id) = kind_and_id(&text);
            let name = match id {
                Some(id) => {
                    check_name(&id.value, id.span, self.faults);
                    if is_reserved(&id.value) {
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
            self.written.push(Some(Written { name, span, text }));
        }
    }

    /// An order in which every entry comes after those it refers to; a circle is a fault (R3.3).
    fn order(&mut self) -> Option<Vec<usize>> {
        let needs: Vec<Vec<usize>> = (0..self.written.len()).map(|index| self.needs(index)).collect();
        let mut missing: Vec<usize> = needs.iter().map(Vec::len).collect();
        let mut users = vec![Vec::new(); needs.len()];
        for (index, needed) in needs.iter().enumerate() {
            needed.iter().for_each(|other| users[*other].push(index));
        }
        let mut order: Vec<usize> = (0..needs.len()).filter(|index| missing[*index] == 0).collect();
        let mut done = 0;
        while let Some(index) = order.get(done).copied() {
            done += 1;
            for user in &users[index] {
                missing[*user] -= 1;
                if missing[*user] == 0 {
                    order.push(*user);
                }
            }
        }
        let Some(start) = missing.iter().position(|missing| *missing > 0) else { return Some(order) };
        self.report_circle(start, &needs, &missing);
        None
    }

    fn report_circle(&mut self, start: usize, needs: &[Vec<usize>], missing: &[usize]) {
        // Every entry left over needs another one left over: following them must come back.
        let mut path = vec![start];
        let mut next = start;
        let circle = loop {
            let Some(needed) = needs[next].iter().find(|other| missing[**other] > 0) else { return };
            if let Some(begin) = path.iter().position(|seen| seen == needed) {
                break &path[begin..];
            }
            path.push(*needed);
            next = *needed;
        };
        let name = |index: &usize| self.written[*index].as_ref().map_or("?", |written| &written.name);
        let mut names: Vec<&str> = circle.iter().chain(circle.first()).map(name).collect();
        if names.len() > SHOWN_OF_CIRCLE {
            let _ = names.splice(SHOWN_OF_CIRCLE - 2..names.len() - 1, ["..."]);
        }
        let span = self.written[circle[0]].as_ref().map(|written| written.span).unwrap_or_default();
        let message = format!("these requests wait for each other: {}", names.join(" -> "));
        self.faults.add(span, message, "take one of the `after` (or `product_of`) away");
    }

    /// The entries that an entry refers to for its timing, image or target.
    fn needs(&self, index: usize) -> Vec<usize> {
        let Some(written) = &self.written[index] else { return Vec::new() };
        let mut texts: Vec<&str> = Vec::new();
        let image = match &written.text {
            RequestText::Copy(copy) => {
                texts.extend(
                    copy.after.iter().flat_map(|after| after.value.iter().map(|(text, _)| text.as_str())),
                );
                copy.image.as_ref()
            }
            RequestText::Arrivals(arrivals) => arrivals.copy.value.image.as_ref(),
            RequestText::Cancel(target) | RequestText::Delete(target) => {
                texts.extend(target.copy.iter().map(|copy| copy.value.as_str()));
                if let Some(ImageRef::ProductOf(text)) = target.image.as_ref().map(|image| &image.value) {
                    texts.push(text);
                }
                None
            }
        };
        texts.extend(image.iter().flat_map(|image| image.value.iter()).filter_map(
            |(image, _)| match image {
                ImageRef::ProductOf(text) => Some(text.as_str()),
                ImageRef::Name(_) | ImageRef::Literal(_) => None,
            },
        ));
        let ids = texts.into_iter().filter_map(|text| Selector::parse(text).map(|parts| parts.entry));
        let mut needed: Vec<usize> = ids.filter_map(|id| self.by_id.get(id).copied()).collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    fn entry(&mut self, index: usize, written: &Written) -> Option<(Entry, EntryInfo)> {
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
        };
        Some((entry, EntryInfo { name: written.name.clone(), calls }))
    }

    fn listed(&mut self, index: usize, written: &Written, copy: &CopyText) -> Option<(Entry, Calls)> {
        let after = self.after(copy);
        let images = self.images_of_listed(copy, written.span, after.as_deref())?;
        let text = CallText {
            label: &written.name,
            span: written.span,
            from: copy.from.as_ref(),
            to: copy.to.as_ref(),
            name: copy.name.as_ref(),
            encrypted: copy.encrypted.unwrap_or(false),
            cancellable: copy.cancellable.unwrap_or(true),
            account: copy.account.as_ref(),
            duration: copy.duration.as_ref(),
            copy_time: copy.copy_time.as_ref(),
            fail: copy.fail.as_ref(),
        };
        if let Some(name) = &copy.name
            && images.len() > 1
            && !name.value.contains("{image}")
        {
            self.faults.add(
                name.span,
                "one name for several images would be taken by the first of them",
                "put {image} into the name",
            );
        }
        let mut calls = Vec::new();
        for image in &images {
            calls.extend(self.calls_of(&text, image)?);
        }
        let trigger = self.trigger(copy, after?)?;
        let infos = calls.iter().map(|call| call.info.clone()).collect();
        let members = calls.iter().map(|call| call.member.clone()).collect();
        self.expanded[index] = Expanded::new(vec![calls]);
        Some((Entry::Copy(CopyEntry { trigger, members }), Calls::Listed(infos)))
    }

    /// The copies that `after` names; an empty list without one.
    fn after(&mut self, copy: &CopyText) -> Option<Vec<(u32, u64)>> {
        let Some(after) = &copy.after else { return Some(Vec::new()) };
        let texts: Vec<(String, Option<Span>)> =
            after.value.iter().map(|(text, span)| (text.clone(), span)).collect();
        let mut named = Vec::new();
        for (text, span) in texts {
            named.extend(self.select(&text, span.unwrap_or(after.span))?);
        }
        named.sort_unstable();
        named.dedup();
        Some(named)
    }

    fn trigger(&mut self, copy: &CopyText, after: Vec<(u32, u64)>) -> Option<Trigger> {
        let at = copy.at.as_ref().map(|at| at.value);
        if after.is_empty() {
            if let Some(delay) = &copy.delay {
                self.faults.add(
                    delay.span,
                    "a `delay` counts from the end of the copies named by `after`",
                    "add `after`, or write the time as `at`",
                );
                return None;
            }
            return Some(Trigger::At(at.unwrap_or(SimTime::ZERO)));
        }
        let handles = after.into_iter().map(|copy| self.handle(copy)).collect();
        let delay = copy.delay.as_ref().map_or(SimDuration::ZERO, |delay| delay.value);
        Some(Trigger::After { handles, delay, not_before: at.unwrap_or(SimTime::ZERO) })
    }

    fn images_of_listed(
        &mut self,
        copy: &CopyText,
        span: Span,
        after: Option<&[(u32, u64)]>,
    ) -> Option<Vec<SourceImage>> {
        if let Some(image) = &copy.image {
            return self.images(image);
        }
        match after? {
            [one] => Some(vec![self.product(*one)]),
            [] => {
                self.faults.add(span, "this copy says no image", "add \"image\": \"...\"");
                None
            }
            several => {
                let message = format!("this copy waits for {} copies and says no image", several.len());
                self.faults.add(
                    span,
                    message,
                    "add \"image\", or let it wait for one copy, such as `id@region`",
                );
                None
            }
        }
    }

    fn images(&mut self, image: &Spanned<OneOrMany<ImageRef>>) -> Option<Vec<SourceImage>> {
        let mut images = Vec::new();
        for (reference, span) in image.value.iter() {
            images.extend(self.image(reference, span.unwrap_or(image.span))?);
        }
        if images.is_empty() {
            self.faults.add(image.span, "this list of images is empty", "name at least one image");
            return None;
        }
        Some(images)
    }

    /// The images behind one reference: all members of a group.
    fn image(&mut self, reference: &ImageRef, span: Span) -> Option<Vec<SourceImage>> {
        match reference {
            ImageRef::Name(name) => {
                let Some(group) = self.world.images.get(name) else {
                    let help = suggestion(name, "images", self.world.images.keys().map(String::as_str));
                    self.faults.add(span, format!("there is no image `{name}`"), help);
                    return None;
                };
                let region = self.world.regions[group.region.0 as usize].clone();
                let image = |member: u32| SourceImage {
                    source: ImageSource::Given(group.first + member),
                    label: if group.count.is_some() {
                        format!("{name}-{}", member + 1)
                    } else {
                        name.clone()
                    },
                    region: Some((Named::Known(group.region), region.clone())),
                    account: Some(group.account),
                    size: group.size,
                    copy_time: group.copy_time.clone(),
                    has_size: true,
                };
                Some((0..group.count.unwrap_or(1)).map(image).collect())
            }
            ImageRef::ProductOf(text) => match self.select(text, span)?.as_slice() {
                [one] => Some(vec![self.product(*one)]),
                several => {
                    let message = format!("`{text}` names {} copies", several.len());
                    self.faults.add(span, message, "name one copy, such as `id@region`");
                    None
                }
            },
            ImageRef::Literal(text) => Some(vec![SourceImage {
                source: ImageSource::Literal,
                label: text.clone(),
                region: None,
                account: None,
                size: None,
                copy_time: None,
                has_size: false,
            }]),
        }
    }

    /// The product of a copy as an image to copy.
    fn product(&mut self, copy: (u32, u64)) -> SourceImage {
        let handle = self.handle(copy);
        let call = self.call(copy);
        SourceImage {
            source: ImageSource::Product(handle),
            label: call.info.image.clone(),
            region: Some((call.member.to, call.info.to.clone())),
            account: Some(call.member.account),
            size: call.size,
            copy_time: call.copy_time.clone(),
            has_size: true,
        }
    }

    fn call(&self, (entry, number): (u32, u64)) -> &Call {
        self.expanded[entry as usize].call(number)
    }

    fn handle(&mut self, copy: (u32, u64)) -> HandleId {
        let next = HandleId(u32::try_from(self.handles.len()).expect("fewer references than 2^32"));
        *self.handles.entry(copy).or_insert(next)
    }

    /// The copies that a reference names.
    fn select(&mut self, text: &str, span: Span) -> Option<Vec<(u32, u64)>> {
        let Some(parts) = Selector::parse(text) else {
            self.faults.add(span, format!("`{text}` names no copy"), "arrivals are numbered from 1: `id#1`");
            return None;
        };
        let Some(index) = self.by_id.get(parts.entry).copied() else {
            let help = suggestion(parts.entry, "request ids", self.by_id.keys().map(String::as_str));
            self.faults.add(span, format!("there is no request `{}`", parts.entry), help);
            return None;
        };
        // An entry with a fault of its own has been reported already.
        let written = self.written[index].as_ref();
        let arrivals = match written.map(|written| &written.text) {
            Some(RequestText::Arrivals(arrivals)) => Some(arrivals.count.as_ref().map(|count| count.value)),
            Some(RequestText::Cancel(_) | RequestText::Delete(_)) => {
                let message = format!("`{}` is not a copy request", parts.entry);
                self.faults.add(span, message, "name a copy request");
                return None;
            }
            _ => None,
        };
        let arrival = match (arrivals, parts.arrival) {
            (Some(Some(count)), Some(arrival)) if arrival > count => {
                let message = format!("`{}` has only {count} arrivals", parts.entry);
                self.faults.add(
                    span,
                    message,
                    format!("name one from `{0}#1` to `{0}#{count}`", parts.entry),
                );
                return None;
            }
            (Some(_), Some(arrival)) => arrival - 1,
            (Some(_), None) => {
                let message = format!("`{}` is a stream of requests", parts.entry);
                self.faults.add(span, message, format!("name one arrival, such as `{}#1`", parts.entry));
                return None;
            }
            (None, Some(_)) => {
                let message = format!("`{}` is not a stream of requests", parts.entry);
                self.faults.add(span, message, "leave the number after `#` out");
                return None;
            }
            (None, None) => 0,
        };
        self.matching(index, arrival, parts, text, span)
    }

    fn matching(
        &mut self,
        index: usize,
        arrival: u64,
        parts: Selector<'_>,
        text: &str,
        span: Span,
    ) -> Option<Vec<(u32, u64)>> {
        let entry = u32::try_from(index).expect("the number of entries is limited");
        let is_meant = |call: &Call| {
            parts.region.is_none_or(|region| call.info.to == region)
                && parts.image.is_none_or(|image| call.info.image == image)
        };
        let expanded = &self.expanded[index];
        let (calls, first) = (expanded.arrival(arrival), expanded.first_of(arrival));
        let numbers =
            (0..).zip(calls).filter(|(_, call)| is_meant(call)).map(|(number, _)| (entry, first + number));
        let numbers: Vec<(u32, u64)> = numbers.collect();
        if numbers.is_empty() {
            if !calls.is_empty() {
                let mut known: Vec<&str> = calls.iter().map(|call| call.info.to.as_str()).collect();
                known.sort_unstable();
                known.dedup();
                let help = suggestion(parts.region.unwrap_or(""), "destinations of it", known);
                self.faults.add(span, format!("`{text}` names no copy of `{}`", parts.entry), help);
            }
            return None;
        }
        Some(numbers)
    }

    /// The calls of a request for one image: one for each destination.
    fn calls_of(&mut self, text: &CallText<'_>, image: &SourceImage) -> Option<Vec<Call>> {
        let from = match (text.from, &image.region) {
            (Some(from), _) => self.region_ref(&from.value, from.span)?,
            (None, Some(region)) => region.clone(),
            (None, None) => {
                let message = "a literal image is in no region of the scenario";
                self.faults.add(text.span, message, "add \"from\": the region to name in the call");
                return None;
            }
        };
        let account = match (text.account, image.account) {
            (None, Some(owner)) => owner,
            (written, _) => self.world.account(written, text.span, self.faults)?,
        };
        let fan_out = FanOut { label: text.label, from: &from, encrypted: text.encrypted };
        let destinations = fan_out.destinations(text.to, self.world, self.faults, &mut self.notices)?;
        let copy_time = text.copy_time.map(|written| checked_copy_time(written, self.faults));
        if let (Some(duration), Some(_)) = (text.duration, text.copy_time) {
            let message = "a request has either a `duration` or a `copy_time`";
            self.faults.add(duration.span, message, "leave one of the two out");
        }
        let own = text
            .duration
            .map(|duration| CopyTimeText { duration: Some(duration.value), ..CopyTimeText::default() })
            .or(copy_time);
        let fate = self.fate(text.fail)?;
        let name = text.name.map(|name| name.value.replace("{image}", &image.label));
        let name = name.map(|name| self.world.names.intern(&name));
        let mut calls = Vec::new();
        for Destination { region: to, text: to_text } in destinations {
            let work = self.work(text, own.as_ref(), image, from.0, to)?;
            let info =
                CallInfo { account, image: image.label.clone(), from: from.1.clone(), to: to_text, name };
            let member = Member {
                account,
                image: image.source,
                from: from.0,
                to,
                name,
                encrypted: text.encrypted,
                cancellable: text.cancellable,
                work,
                fate,
                handle: None,
            };
            calls.push(Call { member, info, size: image.size, copy_time: image.copy_time.clone() });
        }
        Some(calls)
    }

    /// The work by the most particular settings: request, image, link, source region, top (R4.1).
    fn work(
        &mut self,
        text: &CallText<'_>,
        own: Option<&CopyTimeText>,
        image: &SourceImage,
        from: Named<RegionId>,
        to: Named<RegionId>,
    ) -> Option<Work> {
        if !image.has_size {
            // The service doesn't know such an image, so no copy of it will ever run.
            return Some(Work::Duration(SimDuration::ZERO));
        }
        let world = &*self.world;
        let links = match (from, to) {
            (Named::Known(from), Named::Known(to)) => {
                world.links_of(from, to).filter_map(|link| link.copy_time.as_ref()).collect()
            }
            _ => Vec::new(),
        };
        let region = from.known().and_then(|from| world.region_copy_times[from.0 as usize].as_ref());
        let levels = own.into_iter().chain(image.copy_time.as_ref()).chain(links).chain(region);
        match copytime::work(levels.chain([&world.copy_time]), image.size) {
            Ok(work) => Some(work),
            Err(WorkError::NoSize) => {
                let whose = if image.label.is_empty() {
                    "their image".to_owned()
                } else {
                    format!("`{}`", image.label)
                };
                let message = format!("{whose} has no size, and no duration is given for this copy");
                let help = "add \"size\": \"40GiB\" to the image, or \"duration\" to the request";
                self.faults.add(text.span, message, help);
                None
            }
            Err(WorkError::TooLong) => {
                let message = "this copy would take longer than simulated time can be (285 years)";
                self.faults.add(text.span, message, "check the size and the throughput");
                None
            }
        }
    }

    fn fate(&mut self, fail: Option<&Spanned<FailText>>) -> Option<Fate> {
        let Some(fail) = fail else { return Some(Fate::Completes) };
        match (fail.value.after, fail.value.at) {
            (Some(time), None) => Some(Fate::FailsAfter(time)),
            (None, Some(share)) => Some(Fate::FailsAt(share)),
            _ => {
                self.faults.add(
                    fail.span,
                    "a failure comes either `after` a running time or `at` a share of the progress",
                    "write { \"after\": \"5m\" } or { \"at\": 0.5 }",
                );
                None
            }
        }
    }

    fn region_ref(&mut self, reference: &RegionRef, span: Span) -> Option<(Named<RegionId>, String)> {
        match reference {
            RegionRef::Id(id) => {
                let region = self.world.known_region(id, span, self.faults)?;
                Some((Named::Known(region), id.clone()))
            }
            RegionRef::Literal(text) => Some((Named::Unknown, text.clone())),
        }
    }

    fn arrivals(
        &mut self,
        index: usize,
        written: &Written,
        arrivals: &ArrivalsText,
    ) -> Option<(Entry, Calls)> {
        let ProcessText::Periodic(periodic) = &arrivals.process;
        if periodic.every.value == SimDuration::ZERO {
            let message = "arrivals every 0s would never let the clock move on";
            self.faults.add(periodic.every.span, message, "write a length of at least 1us");
            return None;
        }
        if let Some(until) = &arrivals.until
            && until.value <= arrivals.from
        {
            self.faults.add(until.span, "the span of these arrivals is empty", "let `until` be after `from`");
            return None;
        }
        if let Some(count) = arrivals.count.as_ref().filter(|count| count.value == 0) {
            self.faults.add(count.span, "a stream of 0 arrivals asks for nothing", "write at least 1");
            return None;
        }
        if arrivals.count.is_none() && arrivals.until.is_none() && self.horizon.is_none() {
            self.faults.add(written.span, "these arrivals never end", "add `count`, `until`, or a `horizon`");
            return None;
        }
        let (turns, fresh) = self.turns(written, &arrivals.copy)?;
        let expanded = Expanded::new(turns);
        let (turns, width) = (&expanded.turns, expanded.width);
        let infos = turns.iter().map(|turn| turn.iter().map(|call| call.info.clone()).collect()).collect();
        let members =
            turns.iter().map(|turn| turn.iter().map(|call| call.member.clone()).collect()).collect();
        let entry = ArrivalsEntry {
            process: Process::Periodic { every: periodic.every.value },
            from: arrivals.from,
            until: arrivals.until.as_ref().map(|until| until.value),
            count: arrivals.count.as_ref().map(|count| count.value),
            turns: members,
            width,
            fresh,
            named: Vec::new(),
        };
        self.expanded[index] = expanded;
        Some((Entry::Arrivals(entry), Calls::Arriving { turns: infos, width }))
    }

    /// The calls of an arrival: for each image in turn, or for the image that it brings along.
    fn turns(
        &mut self,
        written: &Written,
        copy: &Spanned<ArrivalCopyText>,
    ) -> Option<(Vec<Vec<Call>>, Option<FreshImage>)> {
        let text = CallText {
            label: &written.name,
            span: copy.span,
            from: copy.value.from.as_ref(),
            to: copy.value.to.as_ref(),
            name: None,
            encrypted: copy.value.encrypted.unwrap_or(false),
            cancellable: copy.value.cancellable.unwrap_or(true),
            account: copy.value.account.as_ref(),
            duration: copy.value.duration.as_ref(),
            copy_time: copy.value.copy_time.as_ref(),
            fail: copy.value.fail.as_ref(),
        };
        let (images, fresh) = match &copy.value.image {
            Some(images) => {
                if let Some(size) = &copy.value.size {
                    let message = "`size` is of an image that each arrival brings along";
                    self.faults.add(size.span, message, "leave `size` or `image` out");
                    return None;
                }
                (self.images(images)?, None)
            }
            None => {
                let (image, fresh) = self.fresh(&copy.value, copy.span)?;
                (vec![image], Some(fresh))
            }
        };
        let turns: Option<Vec<Vec<Call>>> = images.iter().map(|image| self.calls_of(&text, image)).collect();
        Some((turns?, fresh))
    }

    /// The image that each arrival brings along, in the region that it is copied from.
    fn fresh(&mut self, copy: &ArrivalCopyText, span: Span) -> Option<(SourceImage, FreshImage)> {
        let Some(from) = &copy.from else {
            let message = "these arrivals say neither an image nor where theirs are";
            self.faults.add(
                span,
                message,
                "add \"from\": a region (each arrival brings an image) or \"image\"",
            );
            return None;
        };
        let (Named::Known(region), text) = self.region_ref(&from.value, from.span)? else {
            self.faults.add(
                from.span,
                "an arrival can't bring an image to an unknown region",
                "name a region",
            );
            return None;
        };
        let account = self.world.account(copy.account.as_ref(), span, self.faults)?;
        let size = copy.size.as_ref().map(|size| size.value);
        let image = SourceImage {
            source: ImageSource::Fresh,
            label: String::new(),
            region: Some((Named::Known(region), text)),
            account: Some(account),
            size,
            copy_time: None,
            has_size: true,
        };
        Some((image, FreshImage { account, region, size }))
    }

    /// The targets of a cancel or delete.
    fn targets(&mut self, text: &TargetText, written: &Written) -> Option<(TargetEntry, Calls)> {
        let region = match &text.region {
            Some(region) => Some(self.region_ref(&region.value, region.span)?),
            None => None,
        };
        let images: Vec<(SourceImage, String)> = match (&text.copy, &text.image) {
            (Some(copy), None) => {
                let named = self.select(&copy.value, copy.span)?;
                named.into_iter().map(|one| (self.product(one), self.describe(one))).collect()
            }
            (None, Some(image)) => {
                let images = self.image(&image.value, image.span)?;
                images.into_iter().map(|image| (image.clone(), image.label)).collect()
            }
            _ => {
                let message = "this must name either a `copy` or an `image`";
                self.faults.add(written.span, message, "add \"copy\": \"id@region\" or \"image\": \"...\"");
                return None;
            }
        };
        let mut targets = Vec::new();
        let mut infos = Vec::new();
        for (image, what) in images {
            let Some((named, region_text)) = region.clone().or(image.region) else {
                let message = "a literal image is in no region of the scenario";
                self.faults.add(written.span, message, "add \"region\": the region to name in the call");
                return None;
            };
            let account = match (&text.account, image.account) {
                (None, Some(owner)) => owner,
                (account, _) => self.world.account(account.as_ref(), written.span, self.faults)?,
            };
            targets.push(Target { account, image: image.source, region: named });
            infos.push(TargetInfo { what, region: region_text });
        }
        Some((TargetEntry { at: text.at, targets }, Calls::Targets(infos)))
    }

    fn describe(&self, copy: (u32, u64)) -> String {
        let name = self.written[copy.0 as usize].as_ref().map_or("?", |written| &written.name);
        format!("{name}@{}", self.call(copy).info.to)
    }

    /// Tells each call that something names it.
    fn set_handles(self, entries: Vec<Option<(Entry, EntryInfo)>>) -> Requests {
        // A missing entry had a fault, and then nothing of this is used.
        let (mut entries, infos): (Vec<Entry>, Vec<EntryInfo>) = entries.into_iter().flatten().unzip();
        for ((entry, number), handle) in &self.handles {
            match entries.get_mut(*entry as usize) {
                Some(Entry::Copy(copy)) => {
                    if let Some(member) = copy.members.get_mut(*number as usize) {
                        member.handle = Some(*handle);
                    }
                }
                // Handles come in ascending order of entry and number.
                Some(Entry::Arrivals(arrivals)) => arrivals.named.push((*number, *handle)),
                Some(Entry::Cancel(_) | Entry::Delete(_)) | None => {}
            }
        }
        let handles = u32::try_from(self.handles.len()).expect("fewer references than 2^32");
        Requests { entries, infos, handles, notices: self.notices }
    }
}

impl<T> OneOrMany<T> {
    /// The elements; one that stands alone has no span of its own.
    pub fn iter(&self) -> impl Iterator<Item = (&T, Option<Span>)> {
        let (one, many) = match self {
            Self::One(one) => (Some((one, None)), [].as_slice()),
            Self::Many(many) => (None, many.as_slice()),
        };
        one.into_iter().chain(many.iter().map(|element| (&element.value, Some(element.span))))
    }
}

fn kind_and_id(text: &RequestText) -> (&'static str, Option<&Spanned<String>>) {
    match text {
        RequestText::Copy(copy) => ("copy", copy.id.as_ref()),
        RequestText::Cancel(target) => ("cancel", target.id.as_ref()),
        RequestText::Delete(target) => ("delete", target.id.as_ref()),
        RequestText::Arrivals(arrivals) => ("arrivals", arrivals.id.as_ref()),
    }
}

/// Whether an id looks like the name of an unnamed request.
fn is_reserved(id: &str) -> bool {
    id.rsplit_once('-').is_some_and(|(kind, number)| {
        matches!(kind, "copy" | "cancel" | "delete" | "arrivals")
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}
