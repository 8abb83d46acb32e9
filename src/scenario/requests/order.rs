//! An order in which every entry comes after those it refers to.

use std::collections::{BTreeMap, BTreeSet};

use super::{RequestResolver, Written};
use crate::scenario::decode::{Attempt, Entries, Spanned};
use crate::scenario::document::Span;
use crate::scenario::schema::{FaultText, ImageRef, RequestText};
use crate::scenario::selector::Selector;

/// Requests of a circle that a message names.
const SHOWN_OF_CIRCLE: usize = 10;

impl RequestResolver<'_> {
    /// An order in which every entry comes after those it refers to. A circle is a fault (R3.3): what is in
    /// one, or needs something that is, comes last, and finds nothing there yet that it could refer to.
    pub(super) fn order(&mut self) -> Vec<usize> {
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
        self.report_circles(&needs, &missing);
        order.extend((0..needs.len()).filter(|index| missing[*index] > 0));
        order
    }

    /// Every entry left over needs another one left over, so following them comes back: to where this walk
    /// has been, which is a circle, or to where an earlier one has.
    fn report_circles(&mut self, needs: &[Vec<usize>], missing: &[usize]) {
        let is_left = |index: &usize| missing[*index] > 0;
        let mut is_seen = vec![false; needs.len()];
        for start in (0..needs.len()).filter(is_left) {
            let mut path = Vec::new();
            let mut next = Some(start);
            while let Some(index) = next.filter(|index| !is_seen[*index]) {
                is_seen[index] = true;
                path.push(index);
                next = needs[index].iter().copied().find(is_left);
            }
            if let Some(begin) = path.iter().position(|seen| Some(*seen) == next) {
                self.report_circle(&path[begin..]);
            }
        }
    }

    fn report_circle(&mut self, circle: &[usize]) {
        let name = |index: &usize| self.written[*index].as_ref().map_or("?", |written| &written.name);
        let mut names: Vec<&str> = circle.iter().chain(circle.first()).map(name).collect();
        if names.len() > SHOWN_OF_CIRCLE {
            let _ = names.splice(SHOWN_OF_CIRCLE - 2..names.len() - 1, ["..."]);
        }
        let span = self.written[circle[0]].as_ref().map(reference_span).unwrap_or_default();
        let message = format!("these requests wait for each other: {}", names.join(" -> "));
        self.faults.add(span, message, "take one of the `after` (or `product_of`) away");
    }

    /// The entries that an entry refers to for its timing, image or target.
    pub(super) fn needs(&self, index: usize) -> Vec<usize> {
        let ids = self.references(index).into_iter().map(|text| Selector::parse(text).entry);
        let mut needed: Vec<usize> = ids.filter_map(|id| self.by_id.get(id).copied()).collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// The rows of traces that something refers to: a trace keeps what it must know of them.
    pub(super) fn wanted_rows(
        &self,
        faults: &Entries<Attempt<FaultText>>,
    ) -> BTreeMap<usize, BTreeSet<String>> {
        let mut wanted: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        let hit = faults.into_iter().filter_map(|(_, fault)| fault.value.as_ref()?.requests.as_ref());
        let hit = hit.flat_map(|requests| requests.each().map(|(text, _)| text.as_str()));
        for text in (0..self.written.len()).flat_map(|index| self.references(index)).chain(hit) {
            let parts = Selector::parse(text);
            if let (Some(index), Some(row)) = (self.by_id.get(parts.entry), parts.part) {
                wanted.entry(*index).or_default().insert(row.to_owned());
            }
        }
        wanted
    }

    /// What an entry refers to for its timing, image or target, as it is written.
    fn references(&self, index: usize) -> Vec<&str> {
        let Some(written) = &self.written[index] else { return Vec::new() };
        let mut texts: Vec<&str> = Vec::new();
        let images: Vec<&ImageRef> = match &written.text {
            RequestText::Copy(copy) => {
                texts.extend(copy.after.iter().flat_map(|after| after.each().map(|(text, _)| text.as_str())));
                copy.image.iter().flat_map(Spanned::each).map(|(image, _)| image).collect()
            }
            RequestText::Arrivals(arrivals) => {
                arrivals.copy.value.image.iter().flat_map(|image| image.value.things()).collect()
            }
            RequestText::Trace(trace) => {
                if let Some(ImageRef::ProductOf(text)) = trace.image().map(|image| &image.value) {
                    texts.push(text);
                }
                Vec::new()
            }
            RequestText::Cancel(target) | RequestText::Delete(target) => {
                texts.extend(target.copy.iter().map(|copy| copy.value.as_str()));
                if let Some(ImageRef::ProductOf(text)) = target.image.as_ref().map(|image| &image.value) {
                    texts.push(text);
                }
                Vec::new()
            }
        };
        texts.extend(images.into_iter().filter_map(|image| match image {
            ImageRef::ProductOf(text) => Some(text.as_str()),
            ImageRef::Name(_) | ImageRef::Literal(_) => None,
        }));
        texts
    }
}

/// Where an entry refers to others.
fn reference_span(written: &Written) -> Span {
    let reference = match &written.text {
        RequestText::Copy(copy) => {
            copy.after.as_ref().map(|after| after.span).or(copy.image.as_ref().map(|image| image.span))
        }
        RequestText::Arrivals(arrivals) => arrivals.copy.value.image.as_ref().map(|image| image.span),
        RequestText::Trace(trace) => trace.image().map(|image| image.span),
        RequestText::Cancel(_) | RequestText::Delete(_) => None,
    };
    reference.unwrap_or(written.span)
}
