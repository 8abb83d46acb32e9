//! What a reference names: images, copies of other requests, regions.

use std::collections::BTreeSet;

use super::{Call, RequestResolver, SourceImage, entry_number};
use crate::ids::{Named, RegionId};
use crate::scenario::decode::Spanned;
use crate::scenario::diagnostic::quoted;
use crate::scenario::document::Span;
use crate::scenario::names::is_name;
use crate::scenario::schema::{ChoiceText, ImageRef, OneOrMany, RegionRef, RequestText};
use crate::scenario::selector::Selector;
use crate::workload::{HandleId, ImageSource};

impl RequestResolver<'_> {
    pub(super) fn images(&mut self, image: &Spanned<OneOrMany<ImageRef>>) -> Option<Vec<SourceImage>> {
        let mut images: Vec<SourceImage> = Vec::new();
        let mut seen = BTreeSet::new();
        let found: Vec<Option<Vec<SourceImage>>> =
            image.each().map(|(reference, span)| self.image(reference, span)).collect();
        for found in found.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten() {
            if seen.insert(found.label.clone()) {
                images.push(found);
            } else {
                self.notices.add(format!("image `{}` is named twice: it is copied once", found.label));
            }
        }
        if images.is_empty() {
            self.faults.lacking(
                image.span,
                &["[]"],
                "this list of images is empty",
                "name at least one image",
            );
            return None;
        }
        Some(images)
    }

    /// The images behind one reference: all members of a group.
    pub(super) fn image(&mut self, reference: &ImageRef, span: Span) -> Option<Vec<SourceImage>> {
        match reference {
            ImageRef::Name(name) => {
                let Some(group) = self.world.images.get(name) else {
                    // An image with a fault of its own has been reported already.
                    if !self.world.image_names.contains(name) {
                        self.no_image(name, span);
                    }
                    return None;
                };
                let region = self.world.regions[group.region.0 as usize].clone();
                let image = |member: u32| {
                    let label = match group.count {
                        Some(_) => format!("{name}-{}", member + 1),
                        None => name.clone(),
                    };
                    SourceImage::given(group, member, label, region.clone())
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
                is_known: false,
                place: None,
            }]),
        }
    }

    /// Tells that an image is none. One that is written as copies are called is likely meant as their product.
    fn no_image(&mut self, name: &str, span: Span) {
        let message = format!("there is no image `{name}`");
        let request = Selector::parse(name).entry;
        if name.contains('@') || self.by_id.contains_key(request) || self.faulty.contains(request) {
            let help = format!(
                "the product of a copy is written {}",
                quoted(&format!("{{ \"product_of\": \"{name}\" }}"))
            );
            self.faults.add(span, message, help);
            return;
        }
        let known = self.world.image_names.iter().map(String::as_str).filter(|name| is_name(name));
        self.faults.unknown(span, message, name, "images", known);
    }

    /// The product of a copy as an image to copy.
    pub(super) fn product(&mut self, copy: (u32, u64)) -> SourceImage {
        let handle = self.handle(copy);
        let call = self.call(copy);
        SourceImage {
            source: ImageSource::Product(handle),
            label: call.info.image.clone(),
            region: Some((call.member.to, call.info.to.clone())),
            account: call.info.account,
            size: call.size,
            copy_time: call.copy_time.clone(),
            is_known: call.is_known,
            place: None,
        }
    }

    pub(super) fn call(&self, (entry, number): (u32, u64)) -> &Call {
        self.expanded[entry as usize].call(number)
    }

    pub(super) fn handle(&mut self, copy: (u32, u64)) -> HandleId {
        let next = HandleId(u32::try_from(self.handles.len()).expect("fewer references than 2^32"));
        *self.handles.entry(copy).or_insert(next)
    }

    /// The copies that a reference names.
    pub(super) fn select(&mut self, text: &str, span: Span) -> Option<Vec<(u32, u64)>> {
        let parts = Selector::parse(text);
        let Some(index) = self.by_id.get(parts.entry).copied() else {
            if !self.faulty.contains(parts.entry) {
                let known =
                    self.by_id.keys().chain(&self.faulty).map(String::as_str).filter(|id| is_name(id));
                let message = format!("there is no request `{}`", parts.entry);
                self.faults.unknown(span, message, parts.entry, "request ids", known);
            }
            return None;
        };
        // An entry with a fault of its own has been reported already, and what it copies isn't known.
        let written = self.written[index].as_ref();
        if written.is_some_and(|written| !written.is_whole) {
            return None;
        }
        let arrivals = match written.map(|written| &written.text) {
            Some(RequestText::Arrivals(arrivals)) => Some(arrivals.count.as_ref().map(|count| count.value)),
            Some(RequestText::Cancel(_) | RequestText::Delete(_)) => {
                let message = format!("`{}` is not a copy request", parts.entry);
                self.faults.add(span, message, "name a copy request");
                return None;
            }
            Some(RequestText::Trace(_)) => {
                let number = self.row(index, parts, span)?;
                return self.matching(index, number, parts, text, span);
            }
            _ => None,
        };
        if arrivals.is_some() && parts.part.is_some() && parts.arrival().is_none() {
            self.faults.add(span, format!("`{text}` names no copy"), "arrivals are numbered from 1: `id#1`");
            return None;
        }
        let arrival = match (arrivals, parts.arrival()) {
            (Some(Some(count)), Some(arrival)) if arrival > count => {
                let message = format!("`{}` has only {count} arrivals", parts.entry);
                self.faults.add(
                    span,
                    message,
                    format!("name one from `{0}#1` to `{0}#{count}`", parts.entry),
                );
                return None;
            }
            (Some(_), Some(_)) if self.takes_by_choice(index) => {
                let message = format!("which copy `{text}` is can't be told before the run");
                let help = "name copies of a request without `one_of` and `in_turn`";
                self.faults.add(span, message, help);
                return None;
            }
            (Some(_), Some(arrival)) if !self.expanded[index].numbering.can_have(arrival - 1) => {
                let message = format!("`{}` never has {arrival} arrivals", parts.entry);
                self.faults.add(span, message, "write a smaller number");
                return None;
            }
            (Some(_), Some(arrival)) => arrival - 1,
            (Some(_), None) => {
                let message = format!("`{}` is a stream of requests", parts.entry);
                self.faults.add(span, message, format!("name one arrival, such as `{}#1`", parts.entry));
                return None;
            }
            (None, _) if parts.part.is_some() => {
                let message = format!("`{}` is not a stream of requests", parts.entry);
                self.faults.add(span, message, "leave the number after `#` out");
                return None;
            }
            (None, _) => 0,
        };
        self.matching(index, arrival, parts, text, span)
    }

    /// Whether arrivals copy one of several images or to one of several destinations, by a choice.
    fn takes_by_choice(&self, index: usize) -> bool {
        let Some(RequestText::Arrivals(arrivals)) = self.written[index].as_ref().map(|written| &written.text)
        else {
            return false;
        };
        let copy = &arrivals.copy.value;
        let is_image_drawn =
            copy.image.as_ref().is_some_and(|image| matches!(image.value, ChoiceText::OneOf(_)));
        let has_one_destination =
            copy.to.as_ref().is_some_and(|to| !matches!(to.value, ChoiceText::Plain(_)));
        is_image_drawn || has_one_destination
    }

    pub(super) fn matching(
        &mut self,
        index: usize,
        arrival: u64,
        parts: Selector<'_>,
        text: &str,
        span: Span,
    ) -> Option<Vec<(u32, u64)>> {
        let entry = entry_number(index);
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
                let message = format!("`{text}` names no copy of `{}`", parts.entry);
                let word = parts.region.unwrap_or("");
                let fault = self.faults.unknown(span, message, word, "destinations of it", known);
                if let (Some(fault), Some(target)) = (fault, &self.written[index]) {
                    fault.related.push((target.span, format!("`{}` is this", parts.entry)));
                }
            }
            return None;
        }
        Some(numbers)
    }

    pub(super) fn region_ref(
        &mut self,
        reference: &RegionRef,
        span: Span,
    ) -> Option<(Named<RegionId>, String)> {
        match reference {
            RegionRef::Id(id) => {
                let region = self.world.known_region(id, span, self.faults)?;
                Some((Named::Known(region), id.clone()))
            }
            RegionRef::Literal(text) => Some((self.world.sent_region(text), text.clone())),
        }
    }

    /// The copy's label, as [`crate::scenario::Catalog::label`] makes it in results.
    pub(super) fn describe(&self, copy: (u32, u64)) -> String {
        let name = self.written[copy.0 as usize].as_ref().map_or("?", |written| &written.name);
        let (expanded, info) = (&self.expanded[copy.0 as usize], &self.call(copy).info);
        if let Some(row) = expanded.row_name(copy.1) {
            return format!("{name}#{row}@{}", info.to);
        }
        let is_stream = matches!(
            self.written[copy.0 as usize].as_ref().map(|written| &written.text),
            Some(RequestText::Arrivals(_))
        );
        if is_stream {
            let arrival = expanded.numbering.arrival(copy.1) + 1;
            return format!("{name}#{arrival}@{}", info.to);
        }
        let has_several = expanded.arrival(0).iter().any(|call| call.info.image != info.image);
        let image = if has_several { format!(":{}", info.image) } else { String::new() };
        format!("{name}{image}@{}", info.to)
    }
}
