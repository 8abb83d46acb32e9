//! Copies that are there when the run begins.

use super::{Call, RequestResolver, entry_number};
use crate::scenario::decode::Spanned;
use crate::scenario::schema::{AlreadyText, CopyText};
use crate::time::SimDuration;
use crate::workload::{Already, Course, CoursePlan, CourseWork, Trigger};

impl RequestResolver<'_> {
    /// The trigger of a request whose copies are there when the run begins.
    pub(super) fn already(
        &mut self,
        index: usize,
        copy: &CopyText,
        written: &Spanned<AlreadyText>,
        calls: &[Call],
    ) -> Option<Trigger> {
        let timing = [
            ("at", copy.at.as_ref().map(|at| at.span)),
            ("after", copy.after.as_ref().map(|after| after.span)),
            ("delay", copy.delay.as_ref().map(|delay| delay.span)),
            ("client", copy.client.as_ref().map(|client| client.span)),
            ("timeout", copy.timeout.as_ref().map(|timeout| timeout.span)),
            ("client_token", copy.client_token.as_ref().map(|token| token.span)),
            ("anonymous", copy.anonymous.is_some_and(|is_set| is_set).then_some(written.span)),
            ("dry_run", copy.dry_run.is_some_and(|is_set| is_set).then_some(written.span)),
            ("expect", copy.expect.as_ref().map(|expect| expect.span)),
        ];
        let mut is_right = true;
        for (key, span) in timing {
            let Some(span) = span else { continue };
            let message = format!("copies that are there when the run begins have no `{key}`");
            self.faults.add(span, message, format!("leave `{key}` or `already` out"));
            is_right = false;
        }
        let state = match &written.value {
            AlreadyText::Queued => Already::Queued,
            AlreadyText::Running(running) => {
                if let Some(remaining) = &running.remaining {
                    is_right &= self.is_left(copy, remaining, calls);
                }
                Already::Running { remaining: running.remaining.as_ref().map(|remaining| remaining.value) }
            }
        };
        self.already.insert(entry_number(index), written.span);
        is_right.then_some(Trigger::Already(state))
    }

    /// Whether every copy can have so long to run; else a fault.
    fn is_left(&mut self, copy: &CopyText, remaining: &Spanned<SimDuration>, calls: &[Call]) -> bool {
        // What the service can't know is refused, whatever its length.
        for call in calls.iter().filter(|call| call.is_known) {
            let CoursePlan::Fixed(Course { work: CourseWork::Known(work), fate, .. }) = call.member.course
            else {
                let message = "how long these copies take is drawn, so they can't have a given time left";
                self.faults.add(
                    remaining.span,
                    message,
                    "leave `remaining` out, or give the request a `duration`",
                );
                return false;
            };
            let Some(length) = work.length() else { continue };
            let Some(had_run) = work.has_run(Some(remaining.value)) else {
                let message =
                    format!("the copy to {} takes {length} in all, and can't have more left", call.info.to);
                let help = "write at most that, or give the request the `duration` that it really takes";
                self.faults.add(remaining.span, message, help);
                return false;
            };
            let end = work.plan(fate).map_or(length, |plan| plan.length);
            if had_run > end {
                let message = format!(
                    "with {} left the copy has run for {had_run}, but it would have failed after {end}",
                    remaining.value
                );
                let span = copy.fail.as_ref().map_or(remaining.span, |fail| fail.span);
                self.faults.add(span, message, "let it fail later, or have more left");
                return false;
            }
        }
        true
    }
}
