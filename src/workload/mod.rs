//! Where calls come from: the entries of a scenario's `requests`, each a source in time order, and the
//! relays that wait for other copies. It never touches the cloud; it is asked for the next call and told
//! the answers.

mod faults;
mod handles;
mod load;
mod plan;
mod process;
mod rows;

pub use faults::FaultDraws;
pub use load::{Ask, AskCopy, AskTarget, Expiry, Load, LoadError, Operation};
pub use plan::{
    Already, AlreadyCopy, ArrivalsEntry, CopyEntry, Entry, FreshImage, HandleId, ImageSource, Member, Target,
    TargetEntry, Trigger, Workload,
};
pub use process::Process;
pub use rows::{Row, RowSource, Rows, RowsError, TraceEntry};
