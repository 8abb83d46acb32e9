//! How a request ended (R9.1).

/// What became of a copy request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Available,
    Failed,
    CancelledWaiting,
    CancelledRunning,
    /// Its last call was refused.
    Refused,
    /// A copy it waited for will never be Available, so it was never made (R3.3).
    Skipped,
    /// Its token gave the answer of an earlier request again (R7.3).
    Replayed,
    /// It was a dry run that nothing refused (R7.4).
    DryRun,
    /// Its client had no free place for it by the end of the run (R8.1).
    NotSent,
    /// Still queued at the end of the run.
    Waiting,
    /// Still holds a slot at the end of the run.
    Running,
}

impl Outcome {
    pub const ALL: [Self; 11] = [
        Self::Available,
        Self::Failed,
        Self::CancelledWaiting,
        Self::CancelledRunning,
        Self::Refused,
        Self::Skipped,
        Self::Replayed,
        Self::DryRun,
        Self::NotSent,
        Self::Waiting,
        Self::Running,
    ];

    /// Whether a copy was accepted for such a request.
    pub const fn is_of_accepted(self) -> bool {
        !matches!(self, Self::Refused | Self::Skipped | Self::Replayed | Self::DryRun | Self::NotSent)
    }

    /// The name in result files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Failed => "failed",
            Self::CancelledWaiting => "cancelled_waiting",
            Self::CancelledRunning => "cancelled_running",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
            Self::Replayed => "replayed",
            Self::DryRun => "dry_run",
            Self::NotSent => "not_sent",
            Self::Waiting => "waiting",
            Self::Running => "running",
        }
    }

    /// The name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::CancelledWaiting => "cancelled while waiting",
            Self::CancelledRunning => "cancelled while running",
            Self::DryRun => "dry run",
            Self::NotSent => "not sent by the end",
            Self::Waiting => "still waiting at the end",
            Self::Running => "still running at the end",
            other => other.key(),
        }
    }

    /// So many of them, for people: `3 available`, `2 dry runs`.
    pub fn counted(self, count: u64) -> String {
        let plural = if self == Self::DryRun && count != 1 { "s" } else { "" };
        format!("{count} {}{plural}", self.label())
    }
}

/// Requests by outcome; they sum to the requests planned (R9.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeCounts([u64; Outcome::ALL.len()]);

impl OutcomeCounts {
    pub fn add(&mut self, outcome: Outcome) {
        self.0[outcome as usize] += 1;
    }

    /// Takes up the counts of others.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(count, more)| *count += more);
    }

    pub fn of(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize]
    }

    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    pub fn unfinished(&self) -> u64 {
        self.of(Outcome::Waiting) + self.of(Outcome::Running)
    }

    /// The outcomes that occurred, with their counts.
    pub fn occurred(&self) -> impl Iterator<Item = (Outcome, u64)> {
        Outcome::ALL.into_iter().map(|outcome| (outcome, self.of(outcome))).filter(|(_, count)| *count > 0)
    }
}
