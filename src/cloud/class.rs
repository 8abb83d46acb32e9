//! The order inside an instant (R1.3).

/// The class of an event: at one instant, lower classes are handled first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Class {
    /// Completion, failure, end of a drain.
    End = 1,
    /// Capacity change.
    Capacity = 2,
    /// Cancel or delete call.
    Cancel = 3,
    /// Copy call.
    Submit = 4,
    /// Start of a waiting copy. Starts are pulled, so no key has it; it stands here for the order.
    Start = 5,
}

impl From<Class> for u8 {
    fn from(class: Class) -> Self {
        class as Self
    }
}
