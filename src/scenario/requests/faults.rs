//! The faults that are injected into the service (R7.8).

use super::{RequestResolver, entry_number};
use crate::ids::RequestKey;
use crate::scenario::decode::{Attempt, Entries, Spanned};
use crate::scenario::document::Span;
use crate::scenario::facts::time_span;
use crate::scenario::resolve::in_order;
use crate::scenario::schema::{FaultCodeText, FaultText, OneOrMany, OperationText, RequestText};
use crate::scenario::selector::Selector;
use crate::service::codes::Code;
use crate::service::facts::{FaultHits, FaultOperation, FaultRequests, InjectedFault};
use crate::workload::Entry;

impl RequestResolver<'_> {
    /// Reads the faults into the world, once all requests are known.
    pub(super) fn injected_faults(
        &mut self,
        written: Entries<Attempt<FaultText>>,
        entries: &[Option<Entry>],
    ) {
        for (name, fault) in in_order(written, self.faults) {
            self.faults.unread_keys = fault.unread;
            let Some(text) = fault.value else { continue };
            if self.world.facts.faults.len() == FaultHits::MAX {
                let message = format!("more than {} faults are injected", FaultHits::MAX);
                self.faults.add(name.span, message, "let some of them hold for more regions or requests");
                return;
            }
            if let Some(fault) = self.injected_fault(name, &text, entries) {
                self.world.facts.faults.push(fault);
            }
        }
    }

    fn injected_fault(
        &mut self,
        name: Spanned<String>,
        text: &FaultText,
        entries: &[Option<Entry>],
    ) -> Option<InjectedFault> {
        let operation = match text.operation.as_ref().map(|operation| operation.value) {
            None | Some(OperationText::CopyImage) => FaultOperation::CopyImage,
            Some(OperationText::CancelCopyImage) => FaultOperation::CancelCopyImage,
        };
        let code = match text.code.as_ref().map(|code| code.value) {
            None | Some(FaultCodeText::InternalError) => Code::InternalError,
            Some(FaultCodeText::DataEncryptedKeyCreateFailed) => {
                Code::InvalidParameterDataEncryptedKeyCreateFailed
            }
        };
        if operation == FaultOperation::CancelCopyImage && code != Code::InternalError {
            let span = text.code.as_ref().map_or(name.span, |code| code.span);
            self.faults.add(span, "a cancel makes no data key", "let the `operation` be CopyImage");
        }
        let regions = self.world.among(text.region.as_ref(), self.faults);
        let requests = match &text.requests {
            Some(requests) => Some(self.hit_requests(requests, operation, entries)?),
            None => None,
        };
        let span = time_span(text.from, text.until.as_ref(), self.faults);
        let (name, probability) = (name.value, text.probability);
        Some(InjectedFault { name, operation, code, probability, requests, span, regions })
    }

    /// The requests that a fault can hit.
    fn hit_requests(
        &mut self,
        written: &Spanned<OneOrMany<String>>,
        operation: FaultOperation,
        entries: &[Option<Entry>],
    ) -> Option<FaultRequests> {
        if written.each().next().is_none() {
            self.faults.add(
                written.span,
                "this list of requests is empty",
                "name a request, or leave it out",
            );
        }
        let mut hit = FaultRequests::default();
        for (text, span) in written.each() {
            match self.whole_entry(text, operation) {
                Some(entry) => drop(hit.entries.insert(entry)),
                None => hit.calls.extend(self.single_calls(text, span, operation, entries)?),
            }
        }
        Some(hit)
    }

    /// The entry that a text names as a whole, if it makes calls of this kind.
    fn whole_entry(&self, text: &str, operation: FaultOperation) -> Option<u32> {
        let index = *self.by_id.get(text)?;
        let is_of_kind = match (&self.written[index].as_ref()?.text, operation) {
            (RequestText::Copy(_) | RequestText::Arrivals(_), FaultOperation::CopyImage)
            | (RequestText::Cancel(_), FaultOperation::CancelCopyImage)
            | (RequestText::Trace(_), _) => true,
            (RequestText::Copy(_) | RequestText::Arrivals(_) | RequestText::Cancel(_), _)
            | (RequestText::Delete(_), _) => false,
        };
        is_of_kind.then(|| entry_number(index))
    }

    /// Single calls: copies as references name them (`release@us-east-1`), a cancel by its number (`stop#2`).
    fn single_calls(
        &mut self,
        text: &str,
        span: Span,
        operation: FaultOperation,
        entries: &[Option<Entry>],
    ) -> Option<Vec<RequestKey>> {
        let numbers = match operation {
            FaultOperation::CopyImage => self.select(text, span)?,
            FaultOperation::CancelCopyImage => vec![self.cancel_call(text, span, entries)?],
        };
        let key =
            |(entry, number)| RequestKey::new(entry, number).expect("a request that is known has a key");
        Some(numbers.into_iter().map(key).collect())
    }

    fn cancel_call(&mut self, text: &str, span: Span, entries: &[Option<Entry>]) -> Option<(u32, u64)> {
        let parts = Selector::parse(text);
        let index = self.by_id.get(parts.entry).copied();
        let is_cancel = index.is_some_and(|index| {
            matches!(self.written[index].as_ref().map(|written| &written.text), Some(RequestText::Cancel(_)))
        });
        let Some(index) = index.filter(|_| is_cancel) else {
            if !self.faulty.contains(parts.entry) {
                let message = format!("there is no cancel `{}`", parts.entry);
                self.faults.add(span, message, "name a `cancel` by its `id`");
            }
            return None;
        };
        // One with a fault of its own has been told already.
        let Some(Entry::Cancel(cancel)) = &entries[index] else { return None };
        let count = cancel.targets.len() as u64;
        let number = parts.part.and_then(|part| part.parse::<u64>().ok());
        let number = number.filter(|number| (1..=count).contains(number));
        if number.is_none() {
            let message = format!("`{text}` is no call of `{}`", parts.entry);
            self.faults.add(span, message, format!("it makes {count}, from `{}#1` on", parts.entry));
        }
        number.map(|number| (entry_number(index), number - 1))
    }
}
