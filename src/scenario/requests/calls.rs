//! Listed copies: when they are made, and one call for each image and destination.

use super::course::OwnCourse;
use super::template::{Filling, Template};
use super::{Call, CallText, Expanded, MAX_CALLS, RequestResolver, SourceImage, Written};
use crate::ids::{DetailsId, Named, RegionId};
use crate::scenario::catalog::{CallInfo, Calls};
use crate::scenario::decode::Spanned;
use crate::scenario::document::Span;
use crate::scenario::fanout::{Destination, FanOut};
use crate::scenario::faults::Notices;
use crate::scenario::schema::{CopyText, OneOrMany, PriorityText, RegionRef};
use crate::service::{Caller, Parameters};
use crate::time::{SimDuration, SimTime};
use crate::workload::{CopyEntry, Entry, ImageSource, Member, Trigger};

/// What the calls of a request for one image have in common.
struct Common<'a> {
    text: &'a CallText<'a>,
    image: &'a SourceImage,
    from: &'a (Named<RegionId>, String),
    own: OwnCourse,
    caller: Option<Caller>,
    details: Option<DetailsId>,
    name: Option<(Template<'a>, Span)>,
    token: Option<(Template<'a>, Span)>,
}

impl RequestResolver<'_> {
    pub(super) fn listed(
        &mut self,
        index: usize,
        written: &Written,
        copy: &CopyText,
    ) -> Option<(Entry, Calls)> {
        let after = self.after(copy);
        self.check_delay(copy);
        let Some(images) = self.images_of_listed(copy, written.span, after.as_deref()) else {
            // What else is wrong with it is told all the same.
            self.check_regions(copy.from.as_ref(), copy.to.as_ref());
            return None;
        };
        let text = CallText {
            label: &written.name,
            span: written.span,
            to: copy.to.as_ref(),
            // An empty name is none: the service makes one (R6.4).
            name: copy.name.as_ref().filter(|name| !name.value.is_empty()),
            is_anonymous: copy.anonymous.unwrap_or(false),
            parameters: copy.parameters(),
        };
        self.check_anonymous(copy);
        self.check_priority(copy.priority.as_ref());
        if let Some(name) = text.name
            && images.len() > 1
            && !name.value.contains("{image}")
        {
            self.faults.add(
                name.span,
                "one name for several images would be taken by the first of them",
                "put `{image}` into the name",
            );
        }
        let mut calls = Vec::new();
        for image in &images {
            calls.extend(self.calls_of(&text, image)?);
        }
        let trigger = match &copy.already {
            Some(already) => self.already(index, copy, already, &calls)?,
            None => self.trigger(copy, after?)?,
        };
        let infos = calls.iter().map(|call| call.info.clone()).collect();
        let members = calls.iter().map(|call| call.member).collect();
        self.expanded[index] = Expanded::new(vec![calls], false);
        Some((Entry::Copy(CopyEntry { trigger, members }), Calls::listed(infos)))
    }

    /// Only arrivals take one of several priorities.
    pub(super) fn check_priority(&mut self, priority: Option<&Spanned<PriorityText>>) {
        if let Some(priority) = priority.filter(|priority| !matches!(priority.value, PriorityText::Fixed(_)))
        {
            let message = "only arrivals can take one of several priorities";
            self.faults.add(priority.span, message, "write a whole number");
        }
    }

    /// The copies that `after` names; an empty list without one.
    pub(super) fn after(&mut self, copy: &CopyText) -> Option<Vec<(u32, u64)>> {
        let Some(after) = &copy.after else { return Some(Vec::new()) };
        let selected: Vec<Option<Vec<(u32, u64)>>> =
            after.each().map(|(text, span)| self.select(text, span)).collect();
        let mut named = selected.into_iter().collect::<Option<Vec<_>>>()?.concat();
        named.sort_unstable();
        named.dedup();
        Some(named)
    }

    fn check_delay(&mut self, copy: &CopyText) {
        if let (Some(delay), None, None) = (&copy.delay, &copy.after, &copy.already) {
            self.faults.lacking(
                delay.span,
                &["after"],
                "a `delay` counts from the end of the copies named by `after`",
                "add `\"after\": ...`, or write the time as `at`",
            );
        }
    }

    pub(super) fn trigger(&mut self, copy: &CopyText, after: Vec<(u32, u64)>) -> Option<Trigger> {
        let at = copy.at.as_ref().map(|at| at.value);
        if after.is_empty() {
            return Some(Trigger::At(at.unwrap_or(SimTime::ZERO)));
        }
        let handles = after.into_iter().map(|copy| self.handle(copy)).collect();
        let delay = copy.delay.as_ref().map_or(SimDuration::ZERO, |delay| delay.value);
        Some(Trigger::After { handles, delay, not_before: at.unwrap_or(SimTime::ZERO) })
    }

    pub(super) fn images_of_listed(
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
                self.faults.lacking(
                    span,
                    &["image", "after"],
                    "this copy says no image",
                    "add `\"image\": ...`",
                );
                None
            }
            several => {
                let message = format!("this copy waits for {} copies and says no image", several.len());
                self.faults.lacking(
                    span,
                    &["image"],
                    message,
                    "add `\"image\": ...`, or let it wait for one copy, such as `id@region`",
                );
                None
            }
        }
    }

    /// Reports regions that don't exist, of a request that can't be expanded.
    fn check_regions(
        &mut self,
        from: Option<&Spanned<RegionRef>>,
        to: Option<&Spanned<OneOrMany<RegionRef>>>,
    ) {
        if let Some(from) = from {
            self.region_ref(&from.value, from.span);
        }
        let nowhere = (Named::Unknown, String::new());
        let fan_out = FanOut { label: "", from: &nowhere, encrypted: true };
        fan_out.destinations(to, self.world, self.faults, &mut Notices::default());
    }

    /// The calls of a request for one image: one for each destination. Everything is looked at before the
    /// first fault ends it.
    pub(super) fn calls_of(&mut self, text: &CallText<'_>, image: &SourceImage) -> Option<Vec<Call>> {
        let parameters = &text.parameters;
        let caller = self.caller_of(text, image);
        self.has_priorities |= parameters.priority.is_some();
        let own = self.own_course(parameters);
        let details = self.details(parameters);
        let name = self.optional_template(text.name);
        let token = self.optional_template(parameters.client_token);
        let Some(from) = self.source_region(text, image) else {
            self.check_regions(None, text.to);
            return None;
        };
        if image.source == ImageSource::Fresh
            && let Some((template, span)) = token.as_ref().and_then(Option::as_ref)
            && template.has_image()
        {
            let message = "each arrival brings an image of its own, and they share one client token";
            self.faults.add(*span, message, "leave `{image}` out, or name an `image`");
            return None;
        }
        let encrypted = parameters.encrypted == Some(true);
        let fan_out = FanOut { label: text.label, from: &from, encrypted };
        let destinations = fan_out.destinations(text.to, self.world, self.faults, &mut self.notices);
        let (caller, own, destinations, details) = (caller?, own?, destinations?, details?);
        let common = Common { text, image, from: &from, own, caller, details, name: name?, token: token? };
        self.calls += destinations.len();
        if self.calls > MAX_CALLS {
            let message = format!("the scenario lists more than {MAX_CALLS} copies");
            let help = "use `arrivals`, which take no memory for what isn't due yet";
            self.faults.add(text.span, message, help);
            return None;
        }
        destinations.into_iter().map(|destination| self.call_to(&common, destination)).collect()
    }

    /// The call to one destination.
    fn call_to(&mut self, common: &Common<'_>, destination: Destination) -> Option<Call> {
        let Common { text, image, from, caller, .. } = *common;
        let parameters = &text.parameters;
        let Destination { region: to, text: to_text } = destination;
        let course = self.course(text, &common.own, image, from.0, to)?;
        self.notice_own_region(common, to);
        self.notice_client(common);
        let filling = Filling { image: &image.label, from: &from.1, to: &to_text, request: text.label };
        let name = common.name.as_ref().map(|(name, _)| self.world.names.written(&name.fill(&filling)));
        let token = self.token(common.token.as_ref(), &filling)?;
        let said = Parameters {
            has_destination: text.to.is_some(),
            name,
            encrypted: parameters.encrypted,
            details: common.details,
        };
        let info = CallInfo {
            account: caller.map(|caller| caller.account),
            image: image.label.clone(),
            from: from.1.clone(),
            to: to_text,
            parameters: said,
        };
        let member = Member {
            caller,
            image: image.source,
            from: from.0,
            to,
            parameters: said,
            token,
            dry_run: parameters.dry_run,
            cancellable: parameters.cancellable,
            priority: fixed_priority(parameters.priority),
            course,
            retention: parameters.retention,
            client: common.own.client,
            handle: None,
        };
        Some(Call {
            member,
            info,
            size: image.size,
            copy_time: image.copy_time.clone(),
            is_known: image.is_known,
        })
    }

    /// Who makes the calls; the outer `None` is a fault.
    #[expect(clippy::option_option, reason = "a call without a caller is no fault")]
    fn caller_of(&mut self, text: &CallText<'_>, image: &SourceImage) -> Option<Option<Caller>> {
        if text.is_anonymous {
            return Some(None);
        }
        let account = match (text.parameters.account, image.account) {
            (None, Some(owner)) => owner,
            (written, _) => self.world.account(written, text.span, self.faults)?,
        };
        self.caller(account, text.parameters.user).map(Some)
    }

    /// Calls without an account are nobody's.
    fn check_anonymous(&mut self, copy: &CopyText) {
        if copy.anonymous != Some(true) {
            return;
        }
        for (key, written) in [("account", &copy.account), ("user", &copy.user)] {
            if let Some(written) = written {
                let message = format!("an anonymous call has no `{key}`");
                self.faults.add(written.span, message, format!("leave `{key}` or `anonymous` out"));
            }
        }
    }

    /// The template that a text is, with its place; the outer `None` is a fault.
    #[expect(clippy::option_option, reason = "not written and wrong are different")]
    fn optional_template<'t>(
        &mut self,
        written: Option<&'t Spanned<String>>,
    ) -> Option<Option<(Template<'t>, Span)>> {
        match written {
            Some(written) => Some(Some((self.template(written)?, written.span))),
            None => Some(None),
        }
    }

    /// The region that the calls name as the source.
    fn source_region(
        &mut self,
        text: &CallText<'_>,
        image: &SourceImage,
    ) -> Option<(Named<RegionId>, String)> {
        if let Some(from) = text.parameters.from {
            return self.region_ref(&from.value, from.span);
        }
        if image.region.is_none() {
            let message = "a literal image is in no region of the scenario";
            let help = "add `\"from\": ...`, the region to name in the call";
            self.faults.lacking(text.span, &["from"], message, help);
        }
        image.region.clone()
    }

    /// What a client can't do as it is asked.
    fn notice_client(&mut self, common: &Common<'_>) {
        let Some(client) = common.own.client else { return };
        let plan = &self.world.clients[client.0 as usize].plan;
        let (label, name) = (common.text.label, &plan.name);
        if plan.skips_existing && common.name.is_none() {
            self.notices.add(format!(
                "{label}: `{name}` looks for images of the same name (`skip_existing`), and these copies have none"
            ));
        }
        if let Some(retry) = &plan.retry
            && retry.failed_copies
            && !retry.new_token
            && common.token.is_some()
        {
            self.notices.add(format!(
                "{label}: when a copy has failed, `{name}` calls again with the same client token, and so gets the \
                 answer of the failed copy again; `\"token\": \"new\"` asks for another copy"
            ));
        }
    }

    /// A plain copy of an own image into its own region is refused (R7.6): as a rule a destination was
    /// forgotten, unless it is written as a literal.
    fn notice_own_region(&mut self, common: &Common<'_>, to: Named<RegionId>) {
        let Common { text, image, from, caller, .. } = *common;
        let is_own = image.region.as_ref().is_some_and(|(region, _)| *region == from.0 && *region == to)
            && caller.is_some_and(|caller| image.account == Some(caller.account));
        let is_meant = matches!(text.to.map(|to| &to.value), Some(OneOrMany::One(RegionRef::Literal(_))));
        if is_own
            && !is_meant
            && from.0.known().is_some()
            && text.parameters.encrypted != Some(true)
            && !self.limits.same_region_plain
        {
            self.notices.add(format!(
                "{}: a plain copy into the image's own region is refused (IncorrectDestinationRegion); \
                 encrypt it, or name another region in `to`",
                text.label
            ));
        }
    }
}

/// The priority of copies that don't take one of several.
pub(super) fn fixed_priority(priority: Option<&Spanned<PriorityText>>) -> i32 {
    match priority.map(|priority| &priority.value) {
        Some(PriorityText::Fixed(priority)) => *priority,
        _ => 0,
    }
}
