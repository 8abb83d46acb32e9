//! Streams of copies.

use super::{Call, CallText, Expanded, RequestResolver, SourceImage, Written};
use crate::ids::Named;
use crate::scenario::catalog::Calls;
use crate::scenario::decode::Spanned;
use crate::scenario::document::Span;
use crate::scenario::schema::{ArrivalCopyText, ArrivalsText, ProcessText};
use crate::time::SimDuration;
use crate::workload::{ArrivalsEntry, Entry, FreshImage, ImageSource, Process};

impl RequestResolver<'_> {
    pub(super) fn arrivals(
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
        if arrivals.count.is_none() && arrivals.until.is_none() && self.limits.horizon.is_none() {
            self.faults.lacking(
                written.span,
                &["count", "until", "horizon"],
                "these arrivals never end",
                "add `\"count\": ...` or `\"until\": ...`, or a `horizon` at the top",
            );
            return None;
        }
        let (turns, fresh) = self.turns(written, &arrivals.copy)?;
        let expanded = Expanded::new(turns);
        let (turns, width) = (&expanded.turns, expanded.width);
        let infos = turns.iter().map(|turn| turn.iter().map(|call| call.info.clone()).collect()).collect();
        let members = turns.iter().map(|turn| turn.iter().map(|call| call.member).collect()).collect();
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
    pub(super) fn turns(
        &mut self,
        written: &Written,
        copy: &Spanned<ArrivalCopyText>,
    ) -> Option<(Vec<Vec<Call>>, Option<FreshImage>)> {
        let text = CallText {
            label: &written.name,
            span: copy.span,
            to: copy.value.to.as_ref(),
            name: None,
            is_anonymous: false,
            parameters: copy.value.parameters(),
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
    pub(super) fn fresh(&mut self, copy: &ArrivalCopyText, span: Span) -> Option<(SourceImage, FreshImage)> {
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
        let size = copy.size.as_ref().map(|size| size.value);
        let image = SourceImage {
            source: ImageSource::Fresh,
            label: String::new(),
            region: Some((Named::Known(region), text)),
            account: Some(account),
            size,
            copy_time: None,
            is_known: true,
            place: None,
        };
        Some((image, FreshImage { account, region, size }))
    }
}
