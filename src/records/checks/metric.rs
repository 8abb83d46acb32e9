//! What a check can look at.

use crate::records::{CopyRecord, Outcome};
use crate::time::{SimDuration, SimTime};

/// One line for each metric: what is said of it, its name here, and its name in files.
macro_rules! metrics {
    ($($(#[doc = $about:literal])+ $name:ident = $word:literal,)*) => {
        /// A figure of a run that a check can look at (R9.2, R9.3, R9.4).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric {
            $($(#[doc = $about])+ $name,)*
        }

        impl Metric {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in files.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// What it is, in a sentence.
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($about),+).trim_ascii(),)*
                }
            }
        }
    };
}

metrics! {
    /// Start - accepted, of every copy that started.
    Wait = "wait",
    /// Accepted to start, cancel or end of the run, of every accepted copy.
    Waited = "waited",
    /// End - start, of Available copies.
    Copy = "copy",
    /// End - accepted, of Available copies.
    Total = "total",
    /// Ready - planned, of Available copies.
    Lead = "lead",
    /// Last end of Available copies - first planned time; no data while one is unfinished.
    Makespan = "makespan",
    /// Waiting copies over time.
    QueueLength = "queue_length",
    /// Slots held over time.
    SlotsInUse = "slots_in_use",
    /// Area of slots held / area of the cap; without `slots`, of all slots that anything asked for.
    Utilisation = "utilisation",
    /// Copies that were planned.
    Planned = "planned",
    /// Copies that were accepted.
    Accepted = "accepted",
    /// Copies that became Available.
    Available = "available",
    /// Copies that failed.
    Failed = "failed",
    /// Copies that were cancelled while they waited.
    CancelledWaiting = "cancelled_waiting",
    /// Copies that were cancelled while they ran.
    CancelledRunning = "cancelled_running",
    /// Copies whose last call was refused.
    Refused = "refused",
    /// Copies that were never asked for, since one that they wait for will never be Available.
    Skipped = "skipped",
    /// Copies whose token gave the answer of an earlier request again.
    Replayed = "replayed",
    /// Dry runs that nothing refused.
    DryRun = "dry_run",
    /// Copies that their clients held back up to the end of the run.
    NotSent = "not_sent",
    /// Copies whose clients had waited long enough, whatever became of them.
    TimedOut = "timed_out",
    /// Copies that still wait at the end of the run.
    Waiting = "waiting",
    /// Copies that still run at the end of the run.
    Running = "running",
    /// Copies that still wait or run at the end of the run.
    Unfinished = "unfinished",
    /// Calls of any operation that were refused, of all codes or of one `code`.
    Refusals = "refusals",
    /// Available ends per hour.
    Throughput = "throughput",
}

/// What sort of figure a metric is: it decides which statistics there are of it, and its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A duration of each copy.
    Duration,
    Makespan,
    /// A level over time.
    Level,
    /// A number of copies.
    Count,
    /// A number of calls.
    Calls,
    Throughput,
}

/// What the values of a metric are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    PerHour,
    /// Plain numbers: counts, levels and shares.
    One,
}

impl Metric {
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|metric| metric.word() == word)
    }

    pub const fn kind(self) -> Kind {
        match self {
            Self::Wait | Self::Waited | Self::Copy | Self::Total | Self::Lead => Kind::Duration,
            Self::Makespan => Kind::Makespan,
            Self::QueueLength | Self::SlotsInUse | Self::Utilisation => Kind::Level,
            Self::Refusals => Kind::Calls,
            Self::Throughput => Kind::Throughput,
            _ => Kind::Count,
        }
    }

    /// Its value of a copy that closed at `now`; none where the copy has none, or the metric isn't a duration.
    pub fn duration(self, record: &CopyRecord, now: SimTime) -> Option<SimDuration> {
        match self {
            Self::Wait => record.wait(),
            Self::Waited => record.waited(now),
            Self::Copy => record.copy(),
            Self::Total => record.total(),
            Self::Lead => record.lead(),
            _ => None,
        }
    }

    /// Whether it counts copies that ended so.
    pub fn counts(self, outcome: Outcome) -> bool {
        match self {
            Self::Planned => true,
            // It is no outcome.
            Self::TimedOut => false,
            Self::Accepted => outcome.is_of_accepted(),
            Self::Unfinished => matches!(outcome, Outcome::Waiting | Outcome::Running),
            other => outcome.key() == other.word(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_a_metric() {
        for outcome in Outcome::ALL {
            let metric = Metric::parse(outcome.key()).expect("a metric of that name");
            assert_eq!(metric.kind(), Kind::Count);
            assert_eq!(Outcome::ALL.into_iter().filter(|other| metric.counts(*other)).count(), 1);
        }
        assert!(Metric::ALL.iter().all(|metric| Metric::parse(metric.word()) == Some(*metric)));
        assert!(Metric::ALL.iter().all(|metric| metric.about().ends_with('.')));
    }
}
