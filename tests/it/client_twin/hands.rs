//! What clients do (R8.1 to R8.3).

use super::*;

impl Twin<'_> {
    fn client_of(&self, task: &Task) -> Client {
        task.ask.client.map_or_else(Client::default, |client| self.world.clients[client].clone())
    }

    fn client(&self, i: usize) -> Client {
        self.client_of(&self.tasks[i])
    }

    /// A request is planned, or called.
    pub(super) fn submit(&mut self, i: usize) {
        if let Step::Due(_) = self.tasks[i].step {
            self.tasks[i].planned = Some(self.now);
            self.tasks[i].step = Step::HeldBack;
        }
        if self.tasks[i].step == Step::HeldBack {
            if !self.has_place_for(i) {
                return;
            }
            self.tasks[i].in_hand = true;
        }
        let task = &mut self.tasks[i];
        task.sent = task.sent.or(Some(self.now));
        task.calls += 1;
        task.failures += u32::from(task.copy.is_some());
        (task.copy, task.noticed) = (None, None);
        if self.copy_image(i) {
            self.tasks[i].step = Step::Waits;
            return;
        }
        self.tasks[i].refusals += 1;
        match self.client(i).retry {
            Some(retry) if retry.refusals && self.tasks[i].calls < retry.attempts => {
                self.call_again(i, &retry)
            }
            _ => {
                self.done(i);
                self.lose(i);
            }
        }
    }

    /// R8.3: a fixed delay, or one that doubles.
    fn call_again(&mut self, i: usize, retry: &Retry) {
        let doubled = retry.delay << (self.tasks[i].calls - 1);
        let delay = retry.doubles_to.map_or(retry.delay, |longest| doubled.min(longest));
        self.tasks[i].step = Step::Calls(self.now + delay);
    }

    /// Whether the client of a failed copy will ask again, if it sees that it failed.
    fn retries_failure(&self, i: usize) -> Option<Retry> {
        let client = self.client(i);
        let calls = self.tasks[i].calls;
        client.retry.filter(|retry| retry.failed_copies && calls < retry.attempts && !client.is_blind)
    }

    /// The copy of a request is over: without polls its client notices that as it happens.
    pub(super) fn is_over(&mut self, i: usize) {
        let result = self.tasks[i].copy.expect("it is over").result;
        let waits = self.tasks[i].step == Step::Waits;
        if waits && self.client(i).poll.is_none() {
            self.notice(i);
        } else if result != "available" && !(result == "failed" && waits && self.retries_failure(i).is_some())
        {
            self.lose(i);
        }
    }

    /// Whether its client can see what became of a copy.
    fn sees(&self, task: &Task) -> bool {
        let is_available = task.copy.is_some_and(|copy| copy.result == "available");
        is_available || !self.client_of(task).is_blind
    }

    /// R8.1: polls come at whole intervals after the acceptance, the first one an interval later.
    pub(super) fn polls_now(&self, task: &Task) -> bool {
        let (Some(copy), Some(every)) = (task.copy, self.client_of(task).poll) else { return false };
        let is_over = task.step == Step::Waits && copy.end.is_some();
        is_over
            && self.sees(task)
            && self.now > copy.accepted
            && (self.now - copy.accepted).is_multiple_of(every)
    }

    pub(super) fn notice(&mut self, i: usize) {
        self.tasks[i].noticed = Some(self.now);
        let result = self.tasks[i].copy.expect("it is over").result;
        match self.retries_failure(i) {
            Some(retry) if result == "failed" => self.call_again(i, &retry),
            _ if result == "available" => {
                self.done(i);
                self.plan_followers(i);
            }
            _ => {
                self.done(i);
                self.lose(i);
            }
        }
    }

    /// R8.2: from the first call; void once the copy has started if it is for waiting copies.
    pub(super) fn times_out_now(&self, task: &Task) -> bool {
        let Some(Timeout { after, then }) = self.client_of(task).timeout else { return false };
        let is_in_hand = matches!(task.step, Step::Waits | Step::Calls(_));
        let is_void = task.is_patience_over || (then == Then::CancelIfWaiting && task.has_started);
        is_in_hand && !is_void && task.sent.is_some_and(|sent| sent + after == self.now)
    }

    pub(super) fn time_out(&mut self, i: usize) {
        self.tasks[i].is_patience_over = true;
        let task = &self.tasks[i];
        let ends_now = task.copy.is_some_and(|copy| copy.end == Some(self.now));
        if task.step == Step::Waits && ends_now && self.sees(task) {
            // R1.6: it finds the copy ended, and the client has noticed that.
            self.notice(i);
            if self.tasks[i].step == Step::Done {
                return;
            }
        }
        let then = self.client(i).timeout.expect("it timed out").then;
        self.tasks[i].timed_out = Some(self.now);
        let has_copy = self.tasks[i].step == Step::Waits;
        self.done(i);
        self.lose(i);
        let is_unfinished = self.tasks[i].copy.is_some_and(|copy| copy.end.is_none());
        if has_copy && is_unfinished && then != Then::Leave {
            self.cancel(i);
            // Who cancels knows.
            self.tasks[i].noticed = Some(self.now);
        }
    }

    /// Whether its client has a free place for a request that is held back: those that were planned before it, or stand
    /// before it, go first (R8.1).
    pub(super) fn has_place_for(&self, i: usize) -> bool {
        let client = self.tasks[i].ask.client;
        let of_client = || self.tasks.iter().filter(|task| task.ask.client == client);
        let order = |task: &Task| (task.planned, task.entry, task.number);
        let in_hand = of_client().filter(|task| task.in_hand).count();
        let ahead = of_client()
            .filter(|task| task.step == Step::HeldBack && order(task) < order(&self.tasks[i]))
            .count();
        self.client(i).concurrency.is_none_or(|places| in_hand + ahead < places)
    }

    /// Its client is done with a request: it has a free place, and a worker thinks about its next one.
    fn done(&mut self, i: usize) {
        self.tasks[i].step = Step::Done;
        self.tasks[i].in_hand = false;
        let entry = self.tasks[i].entry;
        if let Entry::Loop { count, think, ask, .. } = &self.world.entries[entry] {
            let number = self.next_number[entry];
            self.next_number[entry] += 1;
            if number < *count {
                let at = self.now + think;
                self.tasks.push(Task::new(entry, number, ask, at, Step::Due(at)));
            }
        }
    }

    fn followers(&self, i: usize) -> Vec<usize> {
        let entry = self.tasks[i].entry;
        let follows =
            |kind: &Entry| matches!(kind, Entry::Copy { after: Some(after), .. } if *after == entry);
        let is_one = |task: &Task| task.step == Step::Unplanned && follows(&self.world.entries[task.entry]);
        (0..self.tasks.len()).filter(|&j| is_one(&self.tasks[j])).collect()
    }

    fn plan_followers(&mut self, i: usize) {
        for follower in self.followers(i) {
            self.tasks[follower].step = Step::Due(self.now.max(self.tasks[follower].not_before));
        }
    }

    /// R3.3: what waits for it is skipped, and so on down the tree.
    fn lose(&mut self, i: usize) {
        for follower in self.followers(i) {
            self.tasks[follower].step = Step::Skipped;
            self.lose(follower);
        }
    }
}
