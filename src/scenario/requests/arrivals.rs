//! Streams of copies.

use std::collections::BTreeMap;

use super::process::{is_endless, process_of};
use super::{Call, CallText, Expanded, RequestResolver, SourceImage, Written};
use crate::distribution::{Drawn, Weights};
use crate::ids::Named;
use crate::quantity::Bytes;
use crate::scenario::catalog::Calls;
use crate::scenario::copytime::ImageSize;
use crate::scenario::decode::{Entries, Spanned};
use crate::scenario::document::Span;
use crate::scenario::fanout::ALL_OTHERS;
use crate::scenario::names::{matches, particularity};
use crate::scenario::schema::{
    ArrivalCopyText, ArrivalsText, BatchText, ChoiceText, Choosable, OneOfText, OneOrMany, PriorityText,
    ProcessText, RegionRef,
};
use crate::workload::{ArrivalsEntry, Batch, Entry, FreshImage, ImageSource, Pick, Priorities};

/// The calls of arrivals: by image, those to its destinations.
struct Turns {
    calls: Vec<Vec<Call>>,
    image: Pick,
    /// By image, where an arrival copies to one of the destinations.
    destination: Option<Vec<Pick>>,
    fresh: Option<FreshImage>,
    fresh_size: Option<Drawn<Bytes>>,
}

impl RequestResolver<'_> {
    pub(super) fn arrivals(
        &mut self,
        index: usize,
        written: &Written,
        arrivals: &ArrivalsText,
    ) -> Option<(Entry, Calls)> {
        let process = process_of(&arrivals.process, self.world, self.faults);
        let batch = self.batch(arrivals.batch.as_ref(), arrivals.count.as_ref().map(|count| count.value));
        let is_bounded = self.is_bounded(written, arrivals);
        let turns = self.turns(written, &arrivals.copy);
        let priorities = self.priorities(arrivals.copy.value.priority.as_ref());
        let (process, batch, turns, priorities) = (process?, batch?, turns?, priorities?);
        if !is_bounded {
            return None;
        }
        let expanded = Expanded::new(turns.calls, turns.image.is_drawn());
        let numbering = expanded.numbering;
        let each = |take: fn(&Call) -> _| -> Vec<Vec<_>> {
            expanded.turns.iter().map(|turn| turn.iter().map(take).collect()).collect()
        };
        let (draw_names, draw_slots) = match turns.destination {
            Some(_) => (Vec::new(), Vec::new()),
            None => draw_slots(&written.name, &expanded),
        };
        let entry = ArrivalsEntry {
            process,
            batch,
            from: arrivals.from,
            until: arrivals.until.as_ref().map(|until| until.value),
            count: arrivals.count.as_ref().map(|count| count.value),
            turns: each(|call| call.member),
            numbering,
            image: turns.image,
            destination: turns.destination,
            priorities,
            fresh: turns.fresh,
            fresh_size: turns.fresh_size,
            draw_names,
            draw_slots,
            named: Vec::new(),
        };
        let infos = expanded.turns.iter().map(|turn| turn.iter().map(|call| call.info.clone()).collect());
        let calls = Calls::Arriving { turns: infos.collect(), numbering };
        self.expanded[index] = expanded;
        Some((Entry::Arrivals(Box::new(entry)), calls))
    }

    /// Whether the stream has an end and isn't empty; else there is a fault.
    fn is_bounded(&mut self, written: &Written, arrivals: &ArrivalsText) -> bool {
        if let Some(until) = &arrivals.until
            && until.value <= arrivals.from
        {
            self.faults.add(until.span, "the span of these arrivals is empty", "let `until` be after `from`");
            return false;
        }
        if let Some(count) = arrivals.count.as_ref().filter(|count| count.value == 0) {
            self.faults.add(count.span, "a stream of 0 arrivals asks for nothing", "write at least 1");
            return false;
        }
        if let (ProcessText::ClosedLoop(_), Some(batch)) = (&arrivals.process.value, &arrivals.batch) {
            let message = "workers of a closed loop ask for one copy at a time";
            self.faults.add(batch.span, message, "leave `batch` out, or write more `workers`");
            return false;
        }
        if arrivals.count.is_none()
            && arrivals.until.is_none()
            && self.limits.horizon.is_none()
            && is_endless(&arrivals.process.value)
        {
            self.faults.lacking(
                written.span,
                &["count", "until", "horizon"],
                "these arrivals never end",
                "add `\"count\": ...` or `\"until\": ...`, or a `horizon` at the top",
            );
            return false;
        }
        true
    }

    fn batch(&mut self, written: Option<&Spanned<BatchText>>, count: Option<u64>) -> Option<Batch> {
        let Some(Spanned { value, span }) = written else { return Some(Batch::ONE) };
        match value {
            BatchText::Fixed(0) => {
                self.faults.add(*span, "a batch of 0 arrivals asks for nothing", "write at least 1");
                None
            }
            BatchText::Fixed(size) if count.unwrap_or(*size).min(*size) > self.limits.max_events => {
                let message = format!("{size} arrivals come at once, more than `max_events_per_instant`");
                self.faults.add(*span, message, format!("write at most {}", self.limits.max_events));
                None
            }
            BatchText::Fixed(size) => Some(Batch::Fixed(*size)),
            BatchText::Geometric(geometric) if geometric.mean < 1.0 => {
                let message =
                    format!("a batch has at least one arrival, and its mean can't be {}", geometric.mean);
                self.faults.add(*span, message, "write a `mean` of at least 1");
                None
            }
            BatchText::Geometric(geometric) if geometric.mean > self.limits.max_events as f64 => {
                let message = "more arrivals come at once than `max_events_per_instant`";
                self.faults.add(*span, message, format!("write at most {}", self.limits.max_events));
                None
            }
            BatchText::Geometric(geometric) => Some(Batch::Geometric { mean: geometric.mean }),
        }
    }

    /// The calls of an arrival: for each image, or for the one that it brings along.
    fn turns(&mut self, written: &Written, copy: &Spanned<ArrivalCopyText>) -> Option<Turns> {
        let text = &copy.value;
        if let (Some(_), Some(size)) = (&text.image, &text.size) {
            let message = "`size` is of an image that each arrival brings along";
            self.faults.add(size.span, message, "leave `size` or `image` out");
            return None;
        }
        let (images, image, fresh, fresh_size) = match &text.image {
            Some(images) => {
                let (images, image) = self.choice_of_images(images)?;
                (images, image, None, None)
            }
            None => {
                let (image, fresh, size) = self.fresh(text, copy.span)?;
                (vec![image], Pick::InTurn, Some(fresh), size)
            }
        };
        let to = text.to.as_ref().map(|to| self.plain(to));
        let call_text = CallText {
            label: &written.name,
            span: copy.span,
            to: to.as_ref(),
            name: None,
            is_anonymous: false,
            parameters: text.parameters(),
        };
        let calls: Option<Vec<Vec<Call>>> =
            images.iter().map(|image| self.calls_of(&call_text, image)).collect();
        let calls = calls?;
        let mut calls = calls;
        if let Some(ChoiceText::OneOf(_)) = text.to.as_ref().map(|to| &to.value) {
            // By name, so that the order in which they are written decides nothing (R10.1).
            calls.iter_mut().for_each(|calls| calls.sort_by(|one, other| one.info.to.cmp(&other.info.to)));
        }
        let destination = match &text.to {
            Some(to) => self.choice_of_destinations(to, &calls)?,
            None => None,
        };
        self.read_alike(&mut calls, destination.is_some());
        Some(Turns { calls, image, destination, fresh, fresh_size })
    }

    /// The things of a choice as a list.
    fn plain<T: Choosable + Clone>(&self, choice: &Spanned<ChoiceText<T>>) -> Spanned<OneOrMany<T>> {
        let value = match &choice.value {
            ChoiceText::Plain(plain) => plain.clone(),
            ChoiceText::InTurn(things) | ChoiceText::OneOf(OneOfText::Equal(things)) => {
                OneOrMany::Many(things.clone())
            }
            ChoiceText::OneOf(OneOfText::Weighted(weights)) => {
                let named = weights
                    .iter()
                    .map(|(name, _)| Spanned { value: T::of_name(name.value.clone()), span: name.span });
                OneOrMany::Many(named.collect())
            }
        };
        Spanned { value, span: choice.span }
    }

    fn choice_of_images(
        &mut self,
        choice: &Spanned<ChoiceText<crate::scenario::schema::ImageRef>>,
    ) -> Option<(Vec<SourceImage>, Pick)> {
        let ChoiceText::OneOf(one_of) = &choice.value else {
            return Some((self.images(&self.plain(choice))?, Pick::InTurn));
        };
        let mut weighted: Vec<(SourceImage, f64)> = Vec::new();
        match one_of {
            OneOfText::Equal(_) => {
                let images = self.images(&self.plain(choice))?;
                weighted.extend(images.into_iter().map(|image| (image, 1.0)));
            }
            OneOfText::Weighted(weights) => {
                for (name, weight) in weights {
                    let reference = OneOrMany::One(Choosable::of_name(name.value.clone()));
                    let members = self.images(&Spanned { value: reference, span: name.span })?;
                    let each = weight.value / members.len() as f64;
                    weighted.extend(members.into_iter().map(|image| (image, each)));
                }
            }
        }
        // By name, so that the order in which they are written decides nothing (R10.1).
        weighted.sort_by(|(one, _), (other, _)| one.label.cmp(&other.label));
        let (images, weights): (Vec<_>, Vec<_>) = weighted.into_iter().unzip();
        let pick = self.weights(weights, one_of, choice.span)?;
        Some((images, pick))
    }

    /// By image, which of its destinations an arrival copies to; none where it copies to all of them. The outer
    /// `None` is a fault.
    #[expect(clippy::option_option, reason = "no choice and a wrong one are different")]
    fn choice_of_destinations(
        &mut self,
        choice: &Spanned<ChoiceText<RegionRef>>,
        turns: &[Vec<Call>],
    ) -> Option<Option<Vec<Pick>>> {
        let one_of = match &choice.value {
            ChoiceText::Plain(_) => return Some(None),
            ChoiceText::InTurn(_) => return Some(Some(vec![Pick::InTurn; turns.len()])),
            ChoiceText::OneOf(one_of) => one_of,
        };
        let picks = turns.iter().map(|calls| {
            let weight = |call: &Call| match one_of {
                OneOfText::Equal(_) => 1.0,
                OneOfText::Weighted(weighted) => weight_of(&call.info.to, weighted),
            };
            self.weights(calls.iter().map(weight).collect(), one_of, choice.span)
        });
        picks.collect::<Option<Vec<_>>>().map(Some)
    }

    /// The priorities that arrivals take by a choice; the outer `None` is a fault.
    #[expect(clippy::option_option, reason = "no choice and a wrong one are different")]
    fn priorities(&mut self, written: Option<&Spanned<PriorityText>>) -> Option<Option<Priorities>> {
        let Some(Spanned { value, span }) = written else { return Some(None) };
        let plain =
            |numbers: &[Spanned<i32>]| -> Vec<i32> { numbers.iter().map(|number| number.value).collect() };
        let (of, pick) = match value {
            PriorityText::Fixed(_) => return Some(None),
            PriorityText::InTurn(numbers) => (plain(numbers), Pick::InTurn),
            PriorityText::OneOf(one_of) => {
                let mut weighted: Vec<(i32, f64)> = Vec::new();
                match one_of {
                    OneOfText::Equal(numbers) => {
                        weighted.extend(plain(numbers).into_iter().map(|number| (number, 1.0)));
                    }
                    OneOfText::Weighted(weights) => {
                        for (name, weight) in weights {
                            let Ok(number) = name.value.parse() else {
                                let message = format!("`{}` is no priority", name.value);
                                self.faults.add(name.span, message, "write whole numbers with their weights");
                                return None;
                            };
                            weighted.push((number, weight.value));
                        }
                    }
                }
                weighted.sort_by_key(|(number, _)| *number);
                let (of, weights): (Vec<i32>, Vec<f64>) = weighted.into_iter().unzip();
                let pick = if of.is_empty() { Pick::InTurn } else { self.weights(weights, one_of, *span)? };
                (of, pick)
            }
        };
        if of.is_empty() {
            self.faults.add(*span, "there is no priority to choose", "write one at least");
            return None;
        }
        Some(Some(Priorities { of, pick }))
    }

    /// A choice by weights; a wrong one is told where it is written.
    fn weights<T>(&mut self, weights: Vec<f64>, written: &OneOfText<T>, span: Span) -> Option<Pick> {
        match Weights::new(weights) {
            Ok(weights) => Some(Pick::Drawn(weights)),
            Err(unfit) => {
                let is_wrong = |weight: &f64| !(*weight >= 0.0 && weight.is_finite());
                let wrong = match written {
                    OneOfText::Weighted(weights) => {
                        weights.iter().find(|(_, weight)| is_wrong(&weight.value))
                    }
                    OneOfText::Equal(_) => None,
                };
                let span = wrong.map_or(span, |(_, weight)| weight.span);
                self.faults.add(span, unfit.to_string(), unfit.help());
                None
            }
        }
    }

    /// The image that each arrival brings along, in the region that it is copied from, and its size where that is
    /// drawn.
    fn fresh(
        &mut self,
        copy: &ArrivalCopyText,
        span: Span,
    ) -> Option<(SourceImage, FreshImage, Option<Drawn<Bytes>>)> {
        let Some(from) = &copy.from else {
            let message = "these arrivals say neither an image nor where theirs are";
            self.faults.lacking(
                span,
                &["image", "from"],
                message,
                "add `\"from\": ...`, a region (each arrival brings an image), or `\"image\": ...`",
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
        let size = match &copy.size {
            Some(size) => Some(self.world.drawn(size, self.faults)?),
            None => None,
        };
        let image = SourceImage {
            source: ImageSource::Fresh,
            label: String::new(),
            region: Some((Named::Known(region), text)),
            account: Some(account),
            size: size.as_ref().map(ImageSize::of),
            copy_time: None,
            is_known: true,
            place: None,
        };
        let fresh = FreshImage { account, region, size: size.as_ref().and_then(Drawn::fixed) };
        Some((image, fresh, size.filter(|size| size.fixed().is_none())))
    }
}

/// The weight of a region: of the names that mean it, the most particular says it.
fn weight_of(to: &str, weighted: &Entries<Spanned<f64>>) -> f64 {
    let is_meant = |name: &str| name == ALL_OTHERS || matches(name, to);
    let rank = |name: &str| if name == ALL_OTHERS { None } else { Some(particularity(name)) };
    let meant = weighted.iter().filter(|(name, _)| is_meant(&name.value));
    meant.max_by_key(|(name, _)| rank(&name.value)).map_or(0.0, |(_, weight)| weight.value)
}

/// What the draws of copies to each destination are found by, and by number of a call in an arrival, which of
/// them are its own.
fn draw_slots(name: &str, expanded: &Expanded) -> (Vec<String>, Vec<u32>) {
    let mut names: Vec<String> = Vec::new();
    let mut known: BTreeMap<&str, u32> = BTreeMap::new();
    let width = expanded.numbering.width as usize;
    let mut slots = vec![0; expanded.turns.len() * width];
    for (turn, calls) in expanded.turns.iter().enumerate() {
        for (place, call) in calls.iter().enumerate() {
            slots[turn * width + place] = *known.entry(&call.info.to).or_insert_with(|| {
                names.push(format!("{name}@{}", call.info.to));
                u32::try_from(names.len() - 1).expect("calls are limited")
            });
        }
    }
    (names, slots)
}
