//! Streams of copies.

use super::process::{is_endless, process_of};
use super::{Call, CallText, Expanded, RequestResolver, SourceImage, Written};
use crate::distribution::{Drawn, Weights};
use crate::ids::Named;
use crate::quantity::Bytes;
use crate::scenario::catalog::Calls;
use crate::scenario::copytime::ImageSize;
use crate::scenario::decode::{Entries, Spanned};
use crate::scenario::document::Span;
use crate::scenario::names::matches;
use crate::scenario::schema::{
    ArrivalCopyText, ArrivalsText, BatchText, ChoiceText, Choosable, OneOfText, OneOrMany, PriorityText,
    RegionRef,
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
        let batch = self.batch(arrivals.batch.as_ref());
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

    fn batch(&mut self, written: Option<&Spanned<BatchText>>) -> Option<Batch> {
        let Some(Spanned { value, span }) = written else { return Some(Batch::ONE) };
        match value {
            BatchText::Fixed(0) => {
                self.faults.add(*span, "a batch of 0 arrivals asks for nothing", "write at least 1");
                None
            }
            BatchText::Fixed(size) => Some(Batch::Fixed(*size)),
            BatchText::Geometric(geometric) if geometric.mean < 1.0 => {
                let message =
                    format!("a batch has at least one arrival, and its mean can't be {}", geometric.mean);
                self.faults.add(*span, message, "write a `mean` of at least 1");
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
        let destination = match &text.to {
            Some(to) => self.choice_of_destinations(to, &calls)?,
            None => None,
        };
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
        let OneOfText::Weighted(weighted) = one_of else {
            let images = self.images(&self.plain(choice))?;
            let pick = equal(images.len());
            return Some((images, pick));
        };
        let (mut images, mut weights) = (Vec::new(), Vec::new());
        for (name, weight) in weighted {
            let reference = OneOrMany::One(Choosable::of_name(name.value.clone()));
            let members = self.images(&Spanned { value: reference, span: name.span })?;
            weights.extend(std::iter::repeat_n(weight.value, members.len()));
            images.extend(members);
        }
        let pick = self.weights(weights, weighted, choice.span)?;
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
        let picks = turns.iter().map(|calls| match one_of {
            OneOfText::Equal(_) => Some(equal(calls.len())),
            OneOfText::Weighted(weighted) => {
                // The first that names a region, or matches it, says its weight.
                let weight = |call: &Call| {
                    let to = &call.info.to;
                    let is_meant = |name: &str| name == "all-others" || matches(name, to);
                    let meant = weighted.iter().find(|(name, _)| is_meant(&name.value));
                    meant.map_or(0.0, |(_, weight)| weight.value)
                };
                self.weights(calls.iter().map(weight).collect(), weighted, choice.span)
            }
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
            PriorityText::OneOf(OneOfText::Equal(numbers)) if !numbers.is_empty() => {
                (plain(numbers), equal(numbers.len()))
            }
            PriorityText::OneOf(OneOfText::Equal(_)) => (Vec::new(), Pick::InTurn),
            PriorityText::OneOf(OneOfText::Weighted(weighted)) => {
                let mut of = Vec::new();
                for (name, _) in weighted {
                    let Ok(number) = name.value.parse() else {
                        let message = format!("`{}` is no priority", name.value);
                        self.faults.add(name.span, message, "write whole numbers with their weights");
                        return None;
                    };
                    of.push(number);
                }
                let weights = weighted.iter().map(|(_, weight)| weight.value).collect();
                (of, self.weights(weights, weighted, *span)?)
            }
        };
        if of.is_empty() {
            self.faults.add(*span, "there is no priority to choose", "write one at least");
            return None;
        }
        Some(Some(Priorities { of, pick }))
    }

    fn weights(&mut self, weights: Vec<f64>, written: &Entries<Spanned<f64>>, span: Span) -> Option<Pick> {
        match Weights::new(weights) {
            Ok(weights) => Some(Pick::Drawn(weights)),
            Err(unfit) => {
                let wrong =
                    written.iter().find(|(_, weight)| !(weight.value >= 0.0 && weight.value.is_finite()));
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

/// Each of so many things as likely as every other.
fn equal(things: usize) -> Pick {
    Pick::Drawn(Weights::new(vec![1.0; things]).expect("there is at least one thing, and all weigh the same"))
}

/// What the draws of copies to each destination are found by, and by number of a call in an arrival, which of
/// them are its own.
fn draw_slots(name: &str, expanded: &Expanded) -> (Vec<String>, Vec<u32>) {
    let mut names: Vec<String> = Vec::new();
    let width = expanded.numbering.width as usize;
    let mut slots = vec![0; expanded.turns.len() * width];
    for (turn, calls) in expanded.turns.iter().enumerate() {
        for (place, call) in calls.iter().enumerate() {
            let name = format!("{name}@{}", call.info.to);
            let slot = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
            slots[turn * width + place] = u32::try_from(slot).expect("destinations are regions");
        }
    }
    (names, slots)
}
