//! What is due at an instant, and the service: acceptance, starts, ends and cancels.

use super::*;

/// Nothing of a small world happens later than this.
const LATEST: u64 = 6_000;

#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    End(usize),
    Cancel(usize),
    TimeOut(usize),
    Submit(usize),
    Start(usize),
    Poll(usize),
}

impl<'w> Twin<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        let mut tasks = Vec::new();
        for (entry, kind) in world.entries.iter().enumerate() {
            match kind {
                Entry::Copy { at, after, ask } => {
                    let step = if after.is_some() { Step::Unplanned } else { Step::Due(*at) };
                    tasks.push(Task::new(entry, 0, ask, *at, step));
                }
                Entry::Loop { workers, count, ask, .. } => {
                    let first = 0..(*workers).min(*count);
                    tasks.extend(first.map(|number| Task::new(entry, number, ask, 0, Step::Due(0))));
                }
                Entry::Cancel { .. } => {}
            }
        }
        let next_number = world.entries.iter().map(|entry| match entry {
            Entry::Loop { workers, .. } => *workers,
            _ => 0,
        });
        Self {
            world,
            now: 0,
            tasks,
            is_made: vec![false; world.entries.len()],
            acceptances: 0,
            next_number: next_number.collect(),
        }
    }

    /// Step by step up to the horizon, that instant included (R1.7).
    pub(super) fn run(&mut self) {
        let last = self.world.horizon.unwrap_or(LATEST);
        while self.now <= last {
            while let Some(event) = self.next() {
                self.handle(event);
            }
            let is_out = self.is_out();
            for copy in self.tasks.iter_mut().filter_map(|task| task.copy.as_mut()) {
                if copy.start.is_some() && copy.end.is_none() && !is_out {
                    copy.ran += STEP;
                }
            }
            self.now += STEP;
        }
    }

    fn is_out(&self) -> bool {
        self.world.outages.iter().any(|(from, to)| *from <= self.now && self.now < *to)
    }

    /// The smallest class that is due now, and in it the smallest rank (R1.3, R1.4).
    fn next(&self) -> Option<Event> {
        let mut due = Vec::new();
        for (i, task) in self.tasks.iter().enumerate() {
            let rank = (task.entry as u64, task.number);
            if self.ends_now(task) {
                due.push(((1, (task.copy.expect("it runs").acceptance, 0)), Event::End(i)));
            }
            if self.times_out_now(task) {
                due.push(((3, rank), Event::TimeOut(i)));
            }
            let is_due = matches!(task.step, Step::Due(at) | Step::Calls(at) if at <= self.now);
            if is_due || (task.step == Step::HeldBack && self.has_place_for(i)) {
                due.push(((4, rank), Event::Submit(i)));
            }
            if self.polls_now(task) {
                due.push(((6, rank), Event::Poll(i)));
            }
        }
        for (entry, kind) in self.world.entries.iter().enumerate() {
            if matches!(kind, Entry::Cancel { at, .. } if *at == self.now) && !self.is_made[entry] {
                due.push(((3, (entry as u64, 0)), Event::Cancel(entry)));
            }
        }
        if let Some(i) = self.first_in_line() {
            due.push(((5, (0, 0)), Event::Start(i)));
        }
        due.into_iter().min_by_key(|(order, _)| *order).map(|(_, event)| event)
    }

    /// The waiting copy that starts next, if one can (R2.1, R2.4, R4.4).
    fn first_in_line(&self) -> Option<usize> {
        if self.is_out() || self.running() >= self.world.cap {
            return None;
        }
        let waiting = (0..self.tasks.len()).filter_map(|i| {
            let copy = self.tasks[i].copy.filter(|copy| copy.start.is_none() && copy.end.is_none())?;
            Some((copy.acceptance, i))
        });
        waiting.min().map(|(_, i)| i)
    }

    fn unfinished(&self) -> impl Iterator<Item = Copy> {
        self.tasks.iter().filter_map(|task| task.copy).filter(|copy| copy.end.is_none())
    }

    fn running(&self) -> usize {
        self.unfinished().filter(|copy| copy.start.is_some()).count()
    }

    /// Whether a copy has run for as long as it does (R4.3).
    fn ends_now(&self, task: &Task) -> bool {
        let Some(copy) = task.copy else { return false };
        copy.start.is_some() && copy.end.is_none() && copy.ran >= task.ask.runs_for()
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::End(i) => {
                let result = if self.tasks[i].ask.fails() { "failed" } else { "available" };
                self.over(i, result);
            }
            Event::Cancel(entry) => {
                self.is_made[entry] = true;
                let Entry::Cancel { of, .. } = self.world.entries[entry] else { unreachable!() };
                let target = self.tasks.iter().position(|task| task.entry == of).expect("it names a copy");
                self.cancel(target);
            }
            Event::TimeOut(i) => self.time_out(i),
            Event::Submit(i) => self.submit(i),
            Event::Start(i) => {
                self.tasks[i].has_started = true;
                self.tasks[i].copy.as_mut().expect("it waits").start = Some(self.now);
            }
            Event::Poll(i) => self.notice(i),
        }
    }

    /// A call to the service: whether it is accepted (R2.5).
    pub(super) fn copy_image(&mut self, i: usize) -> bool {
        let room = self.world.max_queue.map(|queue| self.world.cap + queue);
        if room.is_some_and(|room| self.unfinished().count() >= room) {
            return false;
        }
        self.acceptances += 1;
        let (acceptance, accepted) = (self.acceptances, self.now);
        self.tasks[i].copy = Some(Copy { acceptance, accepted, start: None, end: None, ran: 0, result: "" });
        true
    }

    /// A cancel of the copy of a request: of one that is over, or was never accepted, nothing comes (R5.1, R5.3).
    pub(super) fn cancel(&mut self, i: usize) {
        match self.tasks[i].copy {
            Some(Copy { end: None, start: Some(_), .. }) => self.over(i, "cancelled_running"),
            Some(Copy { end: None, start: None, .. }) => self.over(i, "cancelled_waiting"),
            _ => {}
        }
    }

    fn over(&mut self, i: usize, result: &'static str) {
        let copy = self.tasks[i].copy.as_mut().expect("there is a copy");
        (copy.end, copy.result) = (Some(self.now), result);
        self.is_over(i);
    }
}

impl Ask {
    pub(super) fn fails(&self) -> bool {
        self.fail_after.is_some_and(|after| after <= self.length)
    }

    fn runs_for(&self) -> u64 {
        self.fail_after.filter(|_| self.fails()).unwrap_or(self.length)
    }
}
