//! Where calls come from: the entries of a scenario's `requests`, each a source in time order, and the
//! relays that wait for other copies. It never touches the cloud; it is asked for the next call and told
//! the answers.

mod arrivals;
mod client;
mod course;
mod faults;
mod handles;
mod load;
mod plan;
mod rows;
mod shape;

pub use arrivals::{
    ArrivalsEntry, Batch, BurstState, Gap, Numbering, Pick, Priorities, Process, Profile, ProfilePiece,
};
pub use client::{ClientId, ClientPlan, ClosedLoop, Delay, Poll, Retry, RetryCodes};
pub use course::{
    Course, CoursePlan, CourseWork, DrawPlan, DrawPlanId, DrawnSizes, DrawnTime, DrawnTimeout, Failure,
    FailureMoment, TimedOut, Timeout, Words,
};
pub use faults::FaultDraws;
pub use load::{Ask, AskCopy, AskTarget, Expiry, Load, LoadError, Operation};
pub use plan::{
    Already, AlreadyCopy, CopyEntry, Entry, FreshImage, HandleId, ImageSource, Member, Target, TargetEntry,
    Trigger, Workload,
};
pub use rows::{Row, RowSource, Rows, RowsError, TraceEntry};
pub use shape::{Repeat, Shape, ShapedSource};
