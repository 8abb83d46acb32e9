//! The order inside an instant (R1.3).

/// The class of an event: at one instant, lower classes are handled first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Class {
    /// Completion, failure, end of a drain, a setup or a transfer.
    End = 1,
    /// Change of capacity, or outage.
    Capacity = 2,
    /// Cancel or delete call, or a client has waited long enough.
    Cancel = 3,
    /// Copy call.
    Submit = 4,
    /// Start of a waiting copy. Starts are pulled, so no key has it; it stands here for the order.
    Start = 5,
    /// A client polls.
    Poll = 6,
}

impl From<Class> for u8 {
    fn from(class: Class) -> Self {
        class as Self
    }
}
