//! What is remembered while a document is decoded: faults, and what is passed over because of them.

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashSet;

use super::super::document::Span;
use super::fault::{Fault, Standing};

/// Faults found so far, and the members and elements that had them.
#[derive(Debug, Default)]
pub struct Context {
    faults: RefCell<Vec<Fault>>,
    /// By the place of the key or element.
    passed_over: RefCell<FxHashSet<Span>>,
    /// How often something was passed over: where this stays the same, a value was read as a whole.
    times: Cell<u64>,
}

impl Context {
    /// Keeps a fault and passes what it is about over from now on, unless a part of it was passed over: then
    /// it is worth another try.
    pub(super) fn keep(&self, mut fault: Fault, place: Span) -> Fault {
        if fault.standing != Standing::Kept {
            self.note(&fault);
            self.passed_over.borrow_mut().insert(place);
            fault.standing = Standing::Kept;
        }
        fault
    }

    /// Keeps a fault, unless it only follows from another one.
    pub(super) fn note(&self, fault: &Fault) {
        if fault.standing == Standing::New {
            self.faults.borrow_mut().push(fault.clone());
        }
    }

    /// Whether a member or element is to be passed over.
    pub(super) fn passes_over(&self, place: Span) -> bool {
        let passed_over = self.passed_over.borrow();
        let is_passed = !passed_over.is_empty() && passed_over.contains(&place);
        self.times.set(self.times.get() + u64::from(is_passed));
        is_passed
    }

    /// A count that grows whenever something is passed over.
    pub(super) fn times(&self) -> u64 {
        self.times.get()
    }

    /// All faults, each once, in order of place.
    pub(super) fn take_faults(&self) -> Vec<Fault> {
        let mut faults = self.faults.take();
        faults.sort_by(|left, right| (left.span, &left.message).cmp(&(right.span, &right.message)));
        faults.dedup_by(|left, right| (left.span, &left.message) == (right.span, &right.message));
        faults
    }
}
