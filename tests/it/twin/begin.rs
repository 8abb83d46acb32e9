//! The copies that are there before anything of the first instant happens.

use super::events::{end_of_run, is_unfinished};
use super::*;

impl Twin<'_> {
    /// Accepts the copies of the initial state, running ones first, and starts
    /// those. Returns false if the service can't be in that state.
    pub(super) fn begin(&mut self) -> bool {
        for queued in [false, true] {
            for (op, call) in self.world.ops.iter().enumerate() {
                let Some(call) = call.copy() else { continue };
                let Some(already) = call.already else { continue };
                if (already == Already::Queued) != queued {
                    continue;
                }
                let Ok(mut job) = self.check_already(op, call) else { return false };
                job.already = true;
                if let Already::Running { remaining_us } = already {
                    let left = remaining_us.unwrap_or(job.duration);
                    if left > job.duration || job.duration - left > end_of_run(&job) {
                        return false;
                    }
                    job.had_run = job.duration - left;
                    job.status = Status::Creating;
                    job.start = Some(0);
                }
                self.fates[op] = Fate::Accepted { job: self.jobs.len() };
                self.jobs.push(job);
            }
        }
        self.jobs.iter().filter(|job| is_unfinished(job) && job.start.is_some()).all(|job| {
            self.keys(job.from, job.to).into_iter().all(|key| self.held(job.account, key) <= self.cap(key))
        })
    }
}
