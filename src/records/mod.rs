//! What a run leaves behind: one record per request, the history of events, and figures made from
//! integers that add up exactly. Nothing here knows the engine.

mod behaviour;
mod buckets;
pub mod checks;
mod expectation;
mod figures;
mod links;
mod outcome;
mod record;
mod sample;
mod tally;
mod timeaverage;

pub use behaviour::Behaviour;
pub use expectation::Expectation;
pub use figures::{Figures, Group};
pub use links::LinkTally;
pub use outcome::{Outcome, OutcomeCounts};
pub use record::{CopyRecord, History, Refused, SlotLevels, SlotSet};
pub use sample::{Percentile, Sample};
pub use tally::{
    AlreadyThere, AnswerCounts, CallAnswer, CallCounts, Destination, Operation, OutageSpan, ReadyCopy,
    RequestSpan, RetentionDeletes, SlotTally, Tally, TallySettings, Traffic,
};
pub use timeaverage::{TimeAverage, ratio_millionths};
