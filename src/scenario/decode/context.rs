//! What is remembered while a document is decoded: faults, and what is passed over because of them.

use std::cell::RefCell;

use rustc_hash::FxHashSet;

use super::super::document::{Node, Span};
use super::fault::{Fault, Standing};

/// Faults found so far, and the members and elements that had them.
#[derive(Debug, Default)]
pub struct Context {
    faults: RefCell<Vec<Fault>>,
    /// By the place of the key or element.
    passed_over: RefCell<FxHashSet<Span>>,
    /// What was passed over in the value that is being read: keys, and `[]` for elements.
    unread: RefCell<Vec<String>>,
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

    /// Whether a member or element was passed over.
    pub(super) fn has_passed_over(&self, place: Span) -> bool {
        let passed_over = self.passed_over.borrow();
        !passed_over.is_empty() && passed_over.contains(&place)
    }

    /// Whether a member or element, by its key, is to be passed over now.
    pub(super) fn passes_over(&self, place: Span, key: &str) -> bool {
        let is_passed = self.has_passed_over(place);
        if is_passed {
            self.unread.borrow_mut().push(key.to_owned());
        }
        is_passed
    }

    /// How many things have been passed over.
    pub(super) fn count_unread(&self) -> usize {
        self.unread.borrow().len()
    }

    /// What was passed over after the first so many.
    pub(super) fn unread_since(&self, count: usize) -> Vec<String> {
        self.unread.borrow().get(count..).unwrap_or_default().to_vec()
    }

    /// The keys of these objects that couldn't be read, those of what they hold left out.
    pub fn unread_members<'a>(&self, objects: impl Iterator<Item = &'a Node>) -> Vec<String> {
        let members = objects.flat_map(Node::members);
        members
            .filter(|member| self.has_passed_over(member.key_span))
            .map(|member| member.key.clone())
            .collect()
    }

    /// All faults, each once, in order of place.
    pub(super) fn take_faults(&self) -> Vec<Fault> {
        let mut faults = self.faults.take();
        faults.sort_by(|left, right| (left.span, &left.message).cmp(&(right.span, &right.message)));
        faults.dedup_by(|left, right| (left.span, &left.message) == (right.span, &right.message));
        faults
    }
}
