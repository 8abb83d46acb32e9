//! The calls of traces.

use super::{Ask, AskCopy, AskTarget, Load, LoadError, MemberOf, Operation, key_of, request_of};
use crate::cloud::Class;
use crate::ids::{Named, RequestKey};
use crate::kernel::EventKey;
use crate::service::facts::FaultOperation;
use crate::workload::course::{BeyondTime, CopyDraws, CoursePlan};
use crate::workload::rows::{OpenTrace, RowCancel};
use crate::workload::{Row, RowsError, TraceEntry};

impl<'a> Load<'a> {
    /// The row of a trace whose call was taken last.
    pub fn row(&self, key: RequestKey) -> Option<&Row> {
        self.traces.get(&key.entry()).and_then(OpenTrace::taken)
    }

    /// The next call of a trace. Apart from the others, since these are made more often.
    #[inline(never)]
    pub(super) fn take_of_trace(
        &mut self,
        key: EventKey,
        entry: u32,
        trace: &TraceEntry,
    ) -> Result<Ask<'a>, LoadError> {
        let request = request_of(key);
        let operation = if request.is_row_cancel() {
            self.calendar.pop();
            Operation::Cancel(self.row_cancel(request.row()))
        } else {
            Operation::Copy(self.next_row(key, entry, trace)?)
        };
        Ok(Ask { key: request, operation })
    }

    /// The call of the next row; the row after it is made ready, and the cancel that it asks for.
    fn next_row(&mut self, key: EventKey, entry: u32, trace: &TraceEntry) -> Result<AskCopy<'a>, LoadError> {
        let changed = |error| LoadError::Rows { entry, error };
        let number = request_of(key).number();
        let open = self.traces.get_mut(&entry).ok_or(changed(RowsError::Changed))?;
        let row = open.take(trace.handle(number)).map_err(changed)?;
        let Row { member, fresh, cancel_at, plan, .. } = row.ok_or(changed(RowsError::Changed))?;
        let (member, fresh, cancel_at, plan) = (*member, *fresh, *cancel_at, plan.clone());
        let course = match (member.course, plan) {
            (CoursePlan::Fixed(course), _) => course,
            (_, Some(plan)) => {
                let source = &self.workload.names[entry as usize];
                let draws = self.row_draws.entry(entry).or_insert_with(|| CopyDraws::new(self.seed, source));
                let beyond = |BeyondTime(field)| LoadError::BeyondTime { key: request_of(key), field };
                plan.next(draws).map_err(beyond)?
            }
            (_, None) => unreachable!("a row brings along what it draws by"),
        };
        match open.next_at() {
            Some(at) => self.calendar.postpone(key_of(at, Class::Submit, entry, number + 1)),
            None => drop(self.calendar.pop()),
        }
        let request = request_of(key);
        let faults = self.faults.hits(request, FaultOperation::CopyImage);
        // Drawn with the row, in the order of rows, though it is called later.
        let of_cancel = self.faults.hits(request.row_cancel(), FaultOperation::CancelCopyImage);
        if let Some(at) = cancel_at {
            open.plan_cancel(number, of_cancel);
            self.calendar.push(EventKey::new(at, Class::Cancel.into(), request.row_cancel().rank()), entry);
        }
        Ok(AskCopy {
            fresh,
            last_of_fresh: fresh.is_some(),
            image: self.image(member.image, None),
            handle: member.handle,
            keeps_product: member.handle.is_some() || member.retention.is_some() || cancel_at.is_some(),
            faults,
            is_row: true,
            ..AskCopy::of(MemberOf::Row(Box::new(member)), course)
        })
    }

    /// The cancel that a row asks for: of its image, or of an unknown one where it has none (R5.3).
    fn row_cancel(&mut self, key: RequestKey) -> AskTarget {
        let open = self.traces.get_mut(&key.entry()).expect("only an open trace has cancels");
        let RowCancel { member, image, faults } =
            open.take_cancel(key.number()).expect("a cancel is due once");
        let image = image.map_or(Named::Unknown, Named::Known);
        let is_last = member.handle.is_none() && member.retention.is_none();
        let account = member.caller.expect("a row carries an account").account;
        AskTarget { account, region: member.to, image, is_last, faults }
    }
}
