//! The cap and the waiting list (R2), recounted each time.

use super::*;

/// The caps and the queue (section 2).
impl Twin<'_> {
    /// R2.3: the keys whose slots a copy holds.
    pub(super) fn keys(&self, from: usize, to: usize) -> Vec<Key> {
        match self.world.settings.scope {
            Scope::Source => vec![Key::Region(from)],
            Scope::Destination => vec![Key::Region(to)],
            Scope::Both if from == to => vec![Key::Region(from)],
            Scope::Both => vec![Key::Region(from), Key::Region(to)],
            Scope::Pair => vec![Key::Pair(from, to)],
        }
    }

    /// R2.2: the cap of a region now: its last change made, else its first cap.
    pub(super) fn region_cap(&self, region: usize) -> u32 {
        let mut cap = self.world.regions[region].cap;
        let mut since = 0;
        for (c, &(at, of, new)) in self.world.cap_changes.iter().enumerate() {
            if self.change_made[c] && of == region && at >= since {
                cap = new;
                since = at;
            }
        }
        cap
    }

    /// R2.3: the cap of a pair is its link's, else that of its source region.
    pub(super) fn cap(&self, key: Key) -> u64 {
        match key {
            Key::Region(region) => u64::from(self.region_cap(region)),
            Key::Pair(from, to) => {
                let link = self.world.links.iter().find(|link| (link.from, link.to) == (from, to));
                u64::from(link.and_then(|link| link.cap).unwrap_or(self.region_cap(from)))
            }
        }
    }

    /// Whether a job counts at this key for this account (R2.3).
    pub(super) fn counts_at(&self, job: &Job, account: usize, key: Key) -> bool {
        let same_account = job.account == account || !self.world.settings.cap_per_account;
        same_account && self.keys(job.from, job.to).contains(&key)
    }

    /// R2.3: slots held are those of running and draining copies.
    pub(super) fn held(&self, account: usize, key: Key) -> u64 {
        let mut held = 0;
        for job in &self.jobs {
            let holds = job.status == Status::Creating || job.draining;
            if holds && self.counts_at(job, account, key) {
                held += 1;
            }
        }
        held
    }

    /// The copies that wait at this key.
    pub(super) fn waiting(&self, account: usize, key: Key) -> u64 {
        let mut waiting = 0;
        for job in &self.jobs {
            if job.status == Status::Waiting && self.counts_at(job, account, key) {
                waiting += 1;
            }
        }
        waiting
    }

    /// R2.3 and R2.4: a waiting copy starts when at each of its keys slots held < cap, and where one that
    /// can't start holds up those behind it, no other is ahead of it at any of its keys.
    pub(super) fn can_start(&self, j: usize) -> bool {
        let job = &self.jobs[j];
        job.status == Status::Waiting
            && self.keys(job.from, job.to).into_iter().all(|key| {
                let is_held_up =
                    self.world.settings.head_of_line_blocking && !self.ahead_at(j, key).is_empty();
                self.held(job.account, key) < self.cap(key) && !is_held_up
            })
    }

    /// The jobs that wait at this key too and come before this one.
    fn ahead_at(&self, j: usize, key: Key) -> Vec<usize> {
        let mut ahead = self.queue();
        ahead.retain(|&other| self.counts_at(&self.jobs[other], self.jobs[j].account, key));
        ahead.into_iter().take_while(|&other| other != j).collect()
    }

    /// R2.4: the waiting jobs, first to last; of equal ones the first accepted.
    pub(super) fn queue(&self) -> Vec<usize> {
        let is_waiting = |&j: &usize| self.jobs[j].status == Status::Waiting;
        let mut queue: Vec<usize> = (0..self.jobs.len()).filter(is_waiting).collect();
        match self.world.settings.queue {
            Queue::Fifo => {}
            Queue::Priority => queue.sort_by_key(|&j| self.jobs[j].priority),
            // Those without a size last.
            Queue::ShortestFirst => {
                queue.sort_by_key(|&j| (self.jobs[j].size.is_none(), self.jobs[j].size));
            }
        }
        queue
    }

    /// R2.5: at any key, slots held + waiting >= cap + `max_queue`.
    pub(super) fn is_over_limit(&self, account: usize, from: usize, to: usize) -> bool {
        let Some(max_queue) = self.world.settings.max_queue else {
            return false;
        };
        self.keys(from, to).into_iter().any(|key| {
            let taken = self.held(account, key) + self.waiting(account, key);
            taken >= self.cap(key) + u64::from(max_queue)
        })
    }
}
