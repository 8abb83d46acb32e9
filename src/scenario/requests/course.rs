//! What the copies of a request do: how long they take, whether they fail, and how long their clients wait.

use std::collections::BTreeMap;

use super::{Call, CallText, RequestResolver, SourceImage};
use crate::ids::{Named, RegionId};
use crate::scenario::clients;
use crate::scenario::copytime::{self, CopyTime, WorkError};
use crate::scenario::decode::Spanned;
use crate::scenario::schema::{FailText, ParametersText};
use crate::time::SimDuration;
use crate::transfer::{Fate, Work};
use crate::workload::{
    ClientId, Course, CoursePlan, CourseWork, DrawPlan, DrawPlanId, DrawnTime, DrawnTimeout, Failure,
    FailureMoment, Words,
};

/// What a request itself says of what its copies do.
#[derive(Clone, Debug)]
pub struct OwnCourse {
    /// Its duration or copy time.
    pub time: Option<CopyTime>,
    pub failure: Failure,
    pub timeout: Option<DrawnTimeout>,
    /// Set where its client has to be followed.
    pub client: Option<ClientId>,
}

impl RequestResolver<'_> {
    /// What the request itself says, or faults.
    pub(super) fn own_course(&mut self, text: &ParametersText<'_>) -> Option<OwnCourse> {
        let time = self.own_time(text);
        let failure = self.failure(text.fail);
        let client = match text.client {
            Some(name) => clients::named(name, self.world, self.faults),
            None => Some((None, None)),
        };
        let timeout = match text.timeout {
            Some(timeout) => clients::timeout_of(timeout, self.world, self.faults).map(Some),
            None => Some(None),
        };
        let (client, its_timeout) = client?;
        Some(OwnCourse { time: time?, failure: failure?, timeout: timeout?.or(its_timeout), client })
    }

    /// What the request itself says of how long its copies take; the outer `None` is a fault.
    #[expect(clippy::option_option, reason = "not written and wrong are different")]
    fn own_time(&mut self, text: &ParametersText<'_>) -> Option<Option<CopyTime>> {
        if let (Some(duration), Some(_)) = (text.duration, text.copy_time) {
            let message = "a request has either a `duration` or a `copy_time`";
            self.faults.add(duration.span, message, "leave one of the two out");
            return None;
        }
        if let Some(duration) = text.duration {
            let duration = self.world.drawn(duration, self.faults)?;
            return Some(Some(CopyTime { duration: Some(duration), ..CopyTime::default() }));
        }
        Some(text.copy_time.map(|written| self.world.copy_time_of(written, self.faults)))
    }

    fn failure(&mut self, fail: Option<&Spanned<FailText>>) -> Option<Failure> {
        let Some(fail) = fail else { return Some(Failure::NEVER) };
        let FailText { after, at, probability } = &fail.value;
        let moment = match (after, at) {
            (Some(time), None) => FailureMoment::After(self.world.drawn(time, self.faults)?),
            (None, Some(share)) => FailureMoment::At(*share),
            (None, None) if probability.is_some() => FailureMoment::Anywhere,
            (None, None) | (Some(_), Some(_)) => {
                self.faults.lacking(
                    fail.span,
                    &["after", "at", "probability"],
                    "a failure comes either `after` a running time or `at` a share of the progress",
                    "write `{ \"after\": \"5m\" }` or `{ \"at\": 0.5 }`, or for some of the copies `{ \"probability\": 0.1 }`",
                );
                return None;
            }
        };
        Some(Failure { probability: *probability, moment })
    }

    /// The course of the copies of a call by the most particular settings: request, image, link, source region,
    /// top (R4.1).
    pub(super) fn course(
        &mut self,
        text: &CallText<'_>,
        own: &OwnCourse,
        image: &SourceImage,
        from: Named<RegionId>,
        to: Named<RegionId>,
    ) -> Option<CoursePlan> {
        let time = self.time_of(text, own.time.as_ref(), image, from, to)?;
        let plan = DrawPlan::new(time, own.failure.clone(), own.timeout.clone());
        if let Some(course) = plan.fixed() {
            self.notice_late_failure(text.label, &course);
            return Some(CoursePlan::Fixed(course));
        }
        Some(CoursePlan::Drawn(self.add_plan(plan)))
    }

    /// Lets copies that share their draws read as many words, whichever of the calls an arrival makes: else that
    /// would move the draws of the next one (R10.1). Copies to each destination have draws of their own, unless an
    /// arrival copies to one of them.
    pub(super) fn read_alike(&mut self, turns: &mut [Vec<Call>], share_all: bool) {
        let source = |call: &Call| if share_all { String::new() } else { call.info.to.clone() };
        let mut most: BTreeMap<String, Words> = BTreeMap::new();
        for call in turns.iter().flatten() {
            if let CoursePlan::Drawn(plan) = call.member.course {
                let words = self.draw_plans[plan.0 as usize].words();
                most.entry(source(call)).and_modify(|most| *most = most.most(words)).or_insert(words);
            }
        }
        for call in turns.iter_mut().flatten() {
            let Some(most) = most.get(&source(call)).copied() else { continue };
            let id = match call.member.course {
                CoursePlan::Drawn(plan) => plan,
                CoursePlan::Fixed(course) => self.add_plan(DrawPlan::of_fixed(course)),
                CoursePlan::OfRow => continue,
            };
            self.draw_plans[id.0 as usize].read_up_to(most);
            call.member.course = CoursePlan::Drawn(id);
        }
    }

    fn add_plan(&mut self, plan: DrawPlan) -> DrawPlanId {
        let id = DrawPlanId(u32::try_from(self.draw_plans.len()).expect("calls are limited"));
        self.draw_plans.push(plan);
        id
    }

    fn time_of(
        &mut self,
        text: &CallText<'_>,
        own: Option<&CopyTime>,
        image: &SourceImage,
        from: Named<RegionId>,
        to: Named<RegionId>,
    ) -> Option<DrawnTime> {
        if !image.is_known {
            // The service doesn't know such an image, so no copy of it will ever run.
            return Some(DrawnTime::Known(Work::Duration(SimDuration::ZERO)));
        }
        let levels = own.into_iter().chain(image.copy_time.as_ref());
        match copytime::time_of(levels.chain(self.world.copy_times_between(from, to)), image.size) {
            Ok(time) => Some(time),
            Err(WorkError::NoSize) => {
                let whose = if image.label.is_empty() {
                    "their image".to_owned()
                } else {
                    format!("`{}`", image.label)
                };
                let message = format!("{whose} has no size, and no duration is given for this copy");
                let help =
                    "add `\"size\": \"40GiB\"` to the image, or `\"duration\": \"35m\"` to the request";
                let fault = self.faults.lacking(text.span, &["duration", "copy_time", "size"], message, help);
                if let (Some(fault), Some(place)) = (fault, image.place) {
                    fault.related.push((place, "this image".to_owned()));
                }
                None
            }
            Err(WorkError::TooLong) => {
                let message = "this copy would take longer than simulated time can be (285 years)";
                self.faults.add(text.span, message, "check the size and the throughput");
                None
            }
        }
    }

    /// A failure that would come after the end never comes (R4.3), which is hardly what was meant.
    fn notice_late_failure(&mut self, label: &str, course: &Course) {
        if let (Fate::FailsAfter(after), CourseWork::Known(work)) = (course.fate, course.work)
            && let Some(length) = work.length()
            && after > length
        {
            self.notices
                .add(format!("{label}: no failure after {after}, since the copy is done after {length}"));
        }
    }
}
