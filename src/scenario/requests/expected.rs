//! What the calls of a request must be answered with.

use super::RequestResolver;
use crate::records::Expectation;
use crate::scenario::decode::Spanned;
use crate::scenario::names::nearest;
use crate::scenario::schema::{CopyText, RequestText};
use crate::scenario::values::ExpectText;
use crate::service::checks::{CANCEL_COPY_IMAGE, COPY_IMAGE, Check, DELETE_IMAGE};

impl RequestResolver<'_> {
    /// What the calls of an entry must be answered with; what can never be the answer is a fault.
    pub(super) fn expected(&mut self, text: &RequestText) -> Option<Expectation> {
        let (expect, operation, checks) = match text {
            RequestText::Copy(copy) => (copy.expect.as_ref(), "CopyImage", COPY_IMAGE),
            RequestText::Cancel(target) => (target.expect.as_ref(), "CancelCopyImage", CANCEL_COPY_IMAGE),
            RequestText::Delete(target) => (target.expect.as_ref(), "DeleteImage", DELETE_IMAGE),
            RequestText::Arrivals(_) | RequestText::Trace(_) => (None, "", COPY_IMAGE),
        };
        let expect = expect?;
        if let RequestText::Copy(copy) = text {
            self.check_copy_expectation(copy, expect);
        }
        self.check_operation(expect, operation, checks);
        Some(expect.value.0)
    }

    /// Each operation has answers of its own.
    fn check_operation(&mut self, expect: &Spanned<ExpectText>, operation: &str, checks: &'static [Check]) {
        let word = match expect.value.0 {
            Expectation::Accepted => return,
            Expectation::Replayed if operation == "CopyImage" => return,
            Expectation::Code(code) if checks.iter().any(|check| check.code == code) => return,
            Expectation::Replayed | Expectation::Code(_) => expect.value.0.word(),
        };
        let help = match nearest(word, checks.iter().map(|check| check.code.literal())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`copysim schema codes` lists the codes of {operation}"),
        };
        self.faults.add(expect.span, format!("{operation} never answers `{word}`"), help);
    }

    /// Dry runs and tokens have answers that other calls can't get.
    fn check_copy_expectation(&mut self, copy: &CopyText, expect: &Spanned<ExpectText>) {
        let is_dry = copy.dry_run == Some(true);
        let (message, help) = match expect.value.0 {
            Expectation::Accepted if is_dry => ("a dry run is never accepted", "expect \"DryRunOperation\""),
            Expectation::Replayed if is_dry => ("a dry run is never replayed", "expect \"DryRunOperation\""),
            Expectation::Replayed if copy.client_token.is_none() => (
                "a call without a client token is never replayed",
                "add the `client_token` of the first call",
            ),
            Expectation::DRY_RUN if !is_dry => {
                ("only a dry run is answered so", "add `\"dry_run\": true`, or expect \"accepted\"")
            }
            _ => return,
        };
        self.faults.add(expect.span, message, help);
    }
}
