//! The faults that are injected into the service (R7.8).

use std::collections::BTreeSet;

use super::RequestResolver;
use crate::ids::RequestKey;
use crate::scenario::decode::{Attempt, Entries, Spanned};
use crate::scenario::document::Span;
use crate::scenario::facts::time_span;
use crate::scenario::resolve::named;
use crate::scenario::schema::{FaultCodeText, FaultText, OneOrMany, OperationText, RequestText};
use crate::scenario::selector::Selector;
use crate::service::codes::Code;
use crate::service::facts::{FaultHits, FaultOperation, InjectedFault};
use crate::workload::Entry;

impl RequestResolver<'_> {
    /// Reads the faults into the world, once all requests are known.
    pub(super) fn injected_faults(
        &mut self,
        written: Entries<Attempt<FaultText>>,
        entries: &[Option<Entry>],
    ) {
        for (name, fault) in named(written, self.faults) {
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
    ) -> Option<BTreeSet<RequestKey>> {
        let mut keys = BTreeSet::new();
        for (text, span) in written.each() {
            let numbers = match operation {
                FaultOperation::CopyImage => self.select(text, span)?,
                FaultOperation::CancelCopyImage => self.cancels(text, span, entries)?,
            };
            let key =
                |(entry, number)| RequestKey::new(entry, number).expect("a request that is known has a key");
            keys.extend(numbers.into_iter().map(key));
        }
        Some(keys)
    }

    /// The calls of a cancel: all of them, or one by its number (`stop#2`).
    fn cancels(&mut self, text: &str, span: Span, entries: &[Option<Entry>]) -> Option<Vec<(u32, u64)>> {
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
        let entry = super::entry_number(index);
        let Some(part) = parts.part else { return Some((0..count).map(|number| (entry, number)).collect()) };
        let number = part.parse::<u64>().ok().filter(|number| (1..=count).contains(number));
        if number.is_none() {
            let message = format!("`{}` has no call `{part}`", parts.entry);
            self.faults.add(span, message, format!("it makes {count}, from `#1` on"));
        }
        number.map(|number| vec![(entry, number - 1)])
    }
}
