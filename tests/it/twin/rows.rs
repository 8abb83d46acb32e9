//! What became of each request (R9.1).

use super::*;

/// What is reported (R9.1, R1.7).
impl Twin<'_> {
    pub(super) fn history(self, cut_by_horizon: bool) -> History {
        let horizon = self.world.settings.horizon_us;
        let mut can_never_start = Vec::new();
        for job in &self.jobs {
            if job.status == Status::Waiting && !cut_by_horizon {
                can_never_start.push(job.op);
            }
        }
        let mut rows = Vec::new();
        for (o, op) in self.world.ops.iter().enumerate() {
            let Some(call) = op.copy() else { continue };
            // Nothing planned for later than the horizon has a row, skipped or not.
            let later = horizon.is_some_and(|h| call.at.unwrap_or(0) > h);
            if !later {
                rows.extend(self.row(o));
            }
        }
        History {
            rows,
            end_us: match horizon {
                Some(h) if cut_by_horizon => h,
                _ => self.now,
            },
            can_never_start,
            calls: self.calls,
            started: self.started,
        }
    }

    pub(super) fn row(&self, op: usize) -> Option<Row> {
        let empty = Row {
            op,
            outcome: Outcome::Skipped,
            planned_us: None,
            accepted_us: None,
            start_us: None,
            end_us: None,
            code: None,
            replays: None,
        };
        match self.fates[op] {
            Fate::Unmade | Fate::Made => None,
            Fate::Skipped => Some(empty),
            Fate::Refused { at, code } => {
                Some(Row { outcome: Outcome::Refused, planned_us: Some(at), code: Some(code), ..empty })
            }
            // Nothing was created: the copy is in the row of the first call (R7.3).
            Fate::Replayed { at, job, .. } => Some(Row {
                outcome: Outcome::Replayed,
                planned_us: Some(at),
                replays: Some(self.jobs[job].op),
                ..empty
            }),
            Fate::DryRun { at } => {
                let code = Some("DryRunOperation");
                Some(Row { outcome: Outcome::DryRun, planned_us: Some(at), code, ..empty })
            }
            Fate::Accepted { job } => {
                let job = &self.jobs[job];
                Some(Row {
                    outcome: outcome(job),
                    // Nobody holds a call back: it is sent and accepted as planned.
                    // One of before the run has no planned time.
                    planned_us: (!job.already).then_some(job.accepted),
                    accepted_us: Some(job.accepted),
                    start_us: job.start,
                    end_us: job.end,
                    ..empty
                })
            }
        }
    }
}

pub(super) fn outcome(job: &Job) -> Outcome {
    match job.status {
        Status::Waiting => Outcome::Waiting,
        Status::Creating => Outcome::Running,
        Status::Available => Outcome::Available,
        Status::CreateFailed => Outcome::Failed,
        Status::UnAvailable | Status::Deprecated => unreachable!("no copy comes to that"),
        Status::Cancelled if job.start.is_none() => Outcome::CancelledWaiting,
        Status::Cancelled => Outcome::CancelledRunning,
    }
}
