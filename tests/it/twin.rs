//! A slow and obvious twin of the image-copy service: every answer is found
//! anew by scanning the plain list of accepted copies. Numbers such as R1.3
//! name the rule that a piece stands for.
//!
//! Times are whole microseconds (R1.1); sums beyond the largest time are not
//! treated here, the worlds that are run are small.

/// Whose slots a copy holds (R2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Source,
    Destination,
    Both,
    Pair,
}

/// What two unfinished copies must not share (R6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKey {
    ImageAndDestination,
    Image,
    Off,
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Settings {
    pub scope: Scope,
    /// R2.3: slots are counted per account, or shared by all accounts.
    pub cap_per_account: bool,
    /// R2.5: `Some(0)` refuses what can't start, `None` queues without bound.
    pub max_queue: Option<u32>,
    pub conflict_key: ConflictKey,
    /// R6.3.
    pub request_lock_us: u64,
    /// R7.6.
    pub same_region_plain_allowed: bool,
    /// R5.2.
    pub cancel_queued_allowed: bool,
    /// R5.2: a fraction of the progress, in millionths.
    pub point_of_no_return_millionths: Option<u32>,
    /// R5.2: how long a cancelled running copy still holds its slot.
    pub drain_us: u64,
    /// R1.7.
    pub horizon_us: Option<u64>,
}

/// Everything a run depends on.
#[derive(Clone, Debug)]
pub struct World {
    pub settings: Settings,
    /// One cap per region; indices are in byte order of the region names.
    pub caps: Vec<u32>,
    /// Caps of links, source first (scope `Pair` only).
    pub pair_caps: Vec<((usize, usize), u32)>,
    /// (at, region, new cap).
    pub cap_changes: Vec<(u64, usize, u32)>,
    pub accounts: usize,
    pub images: Vec<PutImage>,
    /// In file order; the index is the rank of a call (R1.4).
    pub ops: Vec<Op>,
}

/// An image that is there from the start.
#[derive(Clone, Debug)]
pub struct PutImage {
    pub account: usize,
    pub region: usize,
    pub cancellable: bool,
    pub name: Option<u32>,
}

/// The image a call names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Put(usize),
    /// The product of the copy op with this index.
    ProductOf(usize),
    Unknown,
}

/// A call in the file. A region that is `None` doesn't exist.
#[derive(Clone, Debug)]
pub enum Op {
    Copy {
        at: Option<u64>,
        /// Indices of copy ops.
        after: Vec<usize>,
        delay: u64,
        account: usize,
        image: Target,
        from: Option<usize>,
        to: Option<usize>,
        name: Option<u32>,
        encrypted: bool,
        cancellable: bool,
        duration_us: u64,
        fail_after_us: Option<u64>,
    },
    Cancel {
        at: u64,
        account: usize,
        target: Target,
        region: Option<usize>,
    },
    Delete {
        at: u64,
        account: usize,
        target: Target,
        region: Option<usize>,
    },
}

/// What became of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// One row per planned or skipped copy op, in op order.
    pub rows: Vec<Row>,
    /// (op, at, answer) of the cancels and deletes made, in the order handled.
    pub calls: Vec<(usize, u64, Result<(), &'static str>)>,
    pub end_us: u64,
    /// (at, op) of the starts, in the order handled.
    pub started: Vec<(u64, usize)>,
    /// R1.7: copy ops that wait when nothing is left that could start them,
    /// in queue order; empty if the horizon cut the run.
    pub can_never_start: Vec<usize>,
}

/// What became of one copy op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub op: usize,
    pub outcome: Outcome,
    pub planned_us: Option<u64>,
    pub accepted_us: Option<u64>,
    pub start_us: Option<u64>,
    /// The end, the failure or the cancel.
    pub end_us: Option<u64>,
    /// The code of a refusal.
    pub code: Option<&'static str>,
}

/// The outcomes of R9.1 that a world can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Available,
    Failed,
    CancelledWaiting,
    CancelledRunning,
    Refused,
    Skipped,
    Waiting,
    Running,
}

/// Runs a world to its end.
pub fn run(world: &World) -> History {
    let mut twin = Twin {
        world,
        now: 0,
        jobs: Vec::new(),
        fates: vec![Fate::Unmade; world.ops.len()],
        put_deleted: vec![false; world.images.len()],
        change_made: vec![false; world.cap_changes.len()],
        calls: Vec::new(),
        started: Vec::new(),
    };
    let cut = twin.run_to_end();
    twin.history(cut)
}

/// R3.1: the status of the new image; `Cancelled` stands for "its record is gone".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Waiting,
    Creating,
    Available,
    CreateFailed,
    Cancelled,
}

/// An accepted copy. Its place in `Twin::jobs` is its rank of acceptance (R1.4).
#[derive(Clone, Debug)]
struct Job {
    op: usize,
    account: usize,
    image: Image,
    from: usize,
    to: usize,
    name: Option<u32>,
    cancellable: bool,
    duration: u64,
    fail_after: Option<u64>,
    accepted: u64,
    status: Status,
    start: Option<u64>,
    end: Option<u64>,
    /// R5.2: cancelled while it ran, and the slot is still held.
    draining: bool,
    /// R5.4: the finished image was deleted.
    deleted: bool,
}

/// An image that is there: the index of a put image or of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Image {
    Put(usize),
    Product(usize),
}

/// What became of an op so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Unmade,
    /// A cancel or delete that was answered.
    Made,
    Accepted {
        job: usize,
    },
    Refused {
        at: u64,
        code: &'static str,
    },
    Skipped,
}

/// Where slots are counted (R2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Region(usize),
    Pair(usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// Completion or failure of a running job.
    End(usize),
    DrainEnd(usize),
    CapChange(usize),
    CancelOrDelete(usize),
    Submit(usize),
    Start(usize),
}

/// Time, class (R1.3), rank (R1.4), and what happens.
type Due = (u64, u8, usize, Event);

#[derive(Clone, Debug)]
struct Twin<'w> {
    world: &'w World,
    /// The time of the last event handled.
    now: u64,
    jobs: Vec<Job>,
    /// One per op.
    fates: Vec<Fate>,
    /// One per put image.
    put_deleted: Vec<bool>,
    /// One per cap change.
    change_made: Vec<bool>,
    calls: Vec<(usize, u64, Result<(), &'static str>)>,
    started: Vec<(u64, usize)>,
}

/// The run and its calendar (section 1).
impl Twin<'_> {
    /// R1.7. Returns true if something was still to come at the horizon.
    fn run_to_end(&mut self) -> bool {
        while self.work_is_left() {
            let (time, _, _, event) = self.next_event().expect("work that is left has an event");
            let beyond = self.world.settings.horizon_us.is_some_and(|h| time > h);
            if beyond {
                return true;
            }
            assert!(time >= self.now, "the clock never goes back (R1.3)");
            self.now = time;
            self.handle(event);
            self.skip_what_follows_a_loss();
        }
        false
    }

    /// R1.3: the smallest (time, class, rank) of all that is due.
    fn next_event(&self) -> Option<Due> {
        let mut due = self.ends_due();
        due.extend(self.changes_due());
        due.extend(self.calls_due());
        due.extend(self.start_due());
        // The first of equal ones: cap changes of one region and time keep their order.
        due.into_iter().min_by_key(|&(time, class, rank, _)| (time, class, rank))
    }

    /// Class 1: completions, failures and ends of drains; rank: acceptance.
    fn ends_due(&self) -> Vec<Due> {
        let mut due = Vec::new();
        for (j, job) in self.jobs.iter().enumerate() {
            if job.status == Status::Creating {
                due.push((end_of(job), 1, j, Event::End(j)));
            }
            if job.draining {
                let cancelled = job.end.expect("a draining copy was cancelled");
                let time = cancelled + self.world.settings.drain_us;
                due.push((time, 1, j, Event::DrainEnd(j)));
            }
        }
        due
    }

    /// Class 2: cap changes; rank: region.
    fn changes_due(&self) -> Vec<Due> {
        let mut due = Vec::new();
        for (c, &(at, region, _)) in self.world.cap_changes.iter().enumerate() {
            if !self.change_made[c] {
                due.push((at, 2, region, Event::CapChange(c)));
            }
        }
        due
    }

    /// Class 3: cancels and deletes; class 4: submits; rank: place in the file.
    fn calls_due(&self) -> Vec<Due> {
        let mut due = Vec::new();
        for (o, op) in self.world.ops.iter().enumerate() {
            if self.fates[o] != Fate::Unmade {
                continue;
            }
            match op {
                Op::Cancel { at, .. } | Op::Delete { at, .. } => {
                    due.push((*at, 3, o, Event::CancelOrDelete(o)));
                }
                Op::Copy { .. } => {
                    if let Some(planned) = self.planned(o) {
                        due.push((planned, 4, o, Event::Submit(o)));
                    }
                }
            }
        }
        due
    }

    /// Class 5: one start; rank: acceptance. R1.5 and R2.4: the first in the
    /// queue that can start, so that one start after the other fills all slots.
    fn start_due(&self) -> Option<Due> {
        (0..self.jobs.len()).find(|&j| self.can_start(j)).map(|j| (self.now, 5, j, Event::Start(j)))
    }

    /// R1.7: a call still to be made, or an unfinished copy that can still move.
    fn work_is_left(&self) -> bool {
        !self.calls_due().is_empty()
            || self.jobs.iter().any(|job| job.status == Status::Creating)
            || self.a_waiting_copy_may_start()
    }

    /// R1.7: can a waiting copy start now, or after what remains of the cap
    /// changes and drain ends? Asked when no copy runs and no call is to come,
    /// so nothing else can move. Starts are looked at when the classes before
    /// them are empty (R1.5), so first everything due at an instant is done.
    fn a_waiting_copy_may_start(&self) -> bool {
        let mut ahead = self.clone();
        loop {
            while let Some(event) = ahead.change_or_drain_end_at(ahead.now) {
                ahead.handle(event);
            }
            if ahead.start_due().is_some() {
                return true;
            }
            let mut later = ahead.ends_due();
            later.extend(ahead.changes_due());
            match later.into_iter().map(|(time, ..)| time).min() {
                Some(time) => ahead.now = time,
                None => return false,
            }
        }
    }

    /// The next cap change or drain end that is due at this time.
    fn change_or_drain_end_at(&self, time: u64) -> Option<Event> {
        let mut due = self.ends_due();
        due.extend(self.changes_due());
        due.into_iter()
            .filter(|&(at, ..)| at == time)
            .min_by_key(|&(_, class, rank, _)| (class, rank))
            .map(|(.., event)| event)
    }

    /// R3.3: when a copy op is to be submitted; `None` while that is open.
    /// Clients notice an end as it happens (R8.1).
    fn planned(&self, op: usize) -> Option<u64> {
        let Op::Copy { at, after, delay, .. } = &self.world.ops[op] else {
            unreachable!("only copies are planned");
        };
        let mut planned = at.unwrap_or(0);
        for &before in after {
            let job = self.job_of(before)?;
            if self.jobs[job].status != Status::Available {
                return None;
            }
            let end = self.jobs[job].end.expect("an Available copy has ended");
            planned = planned.max(end + delay);
        }
        Some(planned)
    }

    /// R3.3: what follows a copy that was refused, failed, was cancelled or
    /// was skipped is skipped, and so on down the tree.
    fn skip_what_follows_a_loss(&mut self) {
        loop {
            let next = (0..self.world.ops.len()).find(|&o| {
                let Op::Copy { after, .. } = &self.world.ops[o] else {
                    return false;
                };
                self.fates[o] == Fate::Unmade && after.iter().any(|&before| self.is_lost(before))
            });
            match next {
                Some(op) => self.fates[op] = Fate::Skipped,
                None => return,
            }
        }
    }

    /// Whether a copy op can no longer become Available.
    fn is_lost(&self, op: usize) -> bool {
        match self.fates[op] {
            Fate::Refused { .. } | Fate::Skipped => true,
            Fate::Accepted { job } => {
                matches!(self.jobs[job].status, Status::CreateFailed | Status::Cancelled)
            }
            Fate::Unmade | Fate::Made => false,
        }
    }

    fn job_of(&self, op: usize) -> Option<usize> {
        self.jobs.iter().position(|job| job.op == op)
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::End(j) => {
                let job = &mut self.jobs[j];
                job.end = Some(self.now);
                job.status = if fails(job) { Status::CreateFailed } else { Status::Available };
            }
            Event::DrainEnd(j) => self.jobs[j].draining = false,
            Event::CapChange(c) => self.change_made[c] = true,
            Event::CancelOrDelete(op) => {
                let answer = self.cancel_or_delete(op);
                self.fates[op] = Fate::Made;
                self.calls.push((op, self.now, answer));
            }
            Event::Submit(op) => self.submit(op),
            Event::Start(j) => {
                let job = &mut self.jobs[j];
                job.start = Some(self.now);
                job.status = Status::Creating;
                self.started.push((self.now, job.op));
            }
        }
    }
}

/// R4.3: a failure that doesn't come after the end of the copy happens.
fn fails(job: &Job) -> bool {
    job.fail_after.is_some_and(|after| after <= job.duration)
}

/// When a running copy completes or fails, whichever is first.
fn end_of(job: &Job) -> u64 {
    let start = job.start.expect("a running copy has started");
    match job.fail_after {
        Some(after) => start + after.min(job.duration),
        None => start + job.duration,
    }
}

/// R3.2: Waiting or Creating.
fn is_unfinished(job: &Job) -> bool {
    matches!(job.status, Status::Waiting | Status::Creating)
}

/// The caps and the queue (section 2).
impl Twin<'_> {
    /// R2.3: the keys whose slots a copy holds.
    fn keys(&self, from: usize, to: usize) -> Vec<Key> {
        match self.world.settings.scope {
            Scope::Source => vec![Key::Region(from)],
            Scope::Destination => vec![Key::Region(to)],
            Scope::Both if from == to => vec![Key::Region(from)],
            Scope::Both => vec![Key::Region(from), Key::Region(to)],
            Scope::Pair => vec![Key::Pair(from, to)],
        }
    }

    /// R2.2: the cap of a region now: its last change made, else its first cap.
    fn region_cap(&self, region: usize) -> u32 {
        let mut cap = self.world.caps[region];
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
    fn cap(&self, key: Key) -> u64 {
        match key {
            Key::Region(region) => u64::from(self.region_cap(region)),
            Key::Pair(from, to) => {
                let link = self.world.pair_caps.iter().find(|l| l.0 == (from, to));
                u64::from(link.map_or(self.region_cap(from), |l| l.1))
            }
        }
    }

    /// Whether a job counts at this key for this account (R2.3).
    fn counts_at(&self, job: &Job, account: usize, key: Key) -> bool {
        let same_account = job.account == account || !self.world.settings.cap_per_account;
        same_account && self.keys(job.from, job.to).contains(&key)
    }

    /// R2.3: slots held are those of running and draining copies.
    fn held(&self, account: usize, key: Key) -> u64 {
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
    fn waiting(&self, account: usize, key: Key) -> u64 {
        let mut waiting = 0;
        for job in &self.jobs {
            if job.status == Status::Waiting && self.counts_at(job, account, key) {
                waiting += 1;
            }
        }
        waiting
    }

    /// R2.3: a waiting copy starts when at each of its keys slots held < cap.
    fn can_start(&self, j: usize) -> bool {
        let job = &self.jobs[j];
        job.status == Status::Waiting
            && self.keys(job.from, job.to).into_iter().all(|key| self.held(job.account, key) < self.cap(key))
    }

    /// R2.5: at any key, slots held + waiting >= cap + `max_queue`.
    fn is_over_limit(&self, account: usize, from: usize, to: usize) -> bool {
        let Some(max_queue) = self.world.settings.max_queue else {
            return false;
        };
        self.keys(from, to).into_iter().any(|key| {
            let taken = self.held(account, key) + self.waiting(account, key);
            taken >= self.cap(key) + u64::from(max_queue)
        })
    }
}

/// The calls (sections 3, 5 and 6, and the table of codes).
impl Twin<'_> {
    /// The image that an account means in a region, if it is there.
    fn find(&self, target: Target, account: usize, region: usize) -> Option<Image> {
        match target {
            Target::Unknown => None,
            Target::Put(i) => {
                let put = &self.world.images[i];
                let there = put.account == account && put.region == region && !self.put_deleted[i];
                there.then_some(Image::Put(i))
            }
            // R5.3: a copy that wasn't sent or was refused has no image.
            Target::ProductOf(op) => {
                let j = self.job_of(op)?;
                let job = &self.jobs[j];
                let gone = job.status == Status::Cancelled || job.deleted;
                let there = job.account == account && job.to == region && !gone;
                there.then_some(Image::Product(j))
            }
        }
    }

    fn submit(&mut self, op: usize) {
        self.fates[op] = match self.check_copy(op) {
            Err(code) => Fate::Refused { at: self.now, code },
            Ok(job) => {
                self.jobs.push(job);
                Fate::Accepted { job: self.jobs.len() - 1 }
            }
        };
    }

    /// R7.1: the checks of CopyImage in the order of the table; the first that
    /// applies answers. A call that passes all becomes a waiting copy.
    fn check_copy(&self, op: usize) -> Result<Job, &'static str> {
        let Op::Copy {
            account,
            image,
            from,
            to,
            name,
            encrypted,
            cancellable,
            duration_us,
            fail_after_us,
            ..
        } = self.world.ops[op]
        else {
            unreachable!("only copies are submitted");
        };
        let settings = &self.world.settings;
        let from = from.ok_or("SourceRegion.NotFound")?;
        let to = to.ok_or("DestinationRegion.NotFound")?;
        let image = self.find(image, account, from).ok_or("InvalidImageId.NotFound")?;
        // R7.6: every image that is found is the account's own.
        if from == to && !encrypted && !settings.same_region_plain_allowed {
            return Err("IncorrectDestinationRegion");
        }
        // R6.2.
        match self.status(image) {
            Status::Waiting | Status::Creating => return Err("OperationDenied.ImageCopying"),
            Status::CreateFailed => return Err("IncorrectImageStatus"),
            Status::Available => {}
            Status::Cancelled => unreachable!("a cancelled image is not found"),
        }
        if self.is_locked(image) {
            return Err("InvalidOperation.Conflict");
        }
        if self.name_is_taken(account, to, name) {
            return Err("InvalidImageName.Duplicated");
        }
        if self.is_in_conflict(image, to) {
            return Err("OperationDenied.ImageCopyConflict");
        }
        if self.is_over_limit(account, from, to) {
            return Err("ResourceLimitExceeded");
        }
        Ok(Job {
            op,
            account,
            image,
            from,
            to,
            name,
            // R5.2: of the request or of the image that it copies.
            cancellable: cancellable && self.image_is_cancellable(image),
            duration: duration_us,
            fail_after: fail_after_us,
            accepted: self.now,
            status: Status::Waiting,
            start: None,
            end: None,
            draining: false,
            deleted: false,
        })
    }

    fn status(&self, image: Image) -> Status {
        match image {
            Image::Put(_) => Status::Available,
            Image::Product(j) => self.jobs[j].status,
        }
    }

    /// R5.2: only images that the scenario puts there can be marked.
    fn image_is_cancellable(&self, image: Image) -> bool {
        match image {
            Image::Put(i) => self.world.images[i].cancellable,
            Image::Product(_) => true,
        }
    }

    /// R6.3 and R1.9: within [acceptance, acceptance + lock) of any accepted
    /// copy of this image, whatever became of it.
    fn is_locked(&self, image: Image) -> bool {
        let lock = self.world.settings.request_lock_us;
        self.jobs.iter().any(|job| job.image == image && self.now - job.accepted < lock)
    }

    /// R6.4: names are unique per account and destination. Put images hold
    /// theirs until deleted, copies from acceptance until cancel or delete.
    fn name_is_taken(&self, account: usize, to: usize, name: Option<u32>) -> bool {
        if name.is_none() {
            return false;
        }
        for (i, put) in self.world.images.iter().enumerate() {
            let there = put.account == account && put.region == to && !self.put_deleted[i];
            if there && put.name == name {
                return true;
            }
        }
        for job in &self.jobs {
            let gone = job.status == Status::Cancelled || job.deleted;
            if job.account == account && job.to == to && !gone && job.name == name {
                return true;
            }
        }
        false
    }

    /// R6.1: an unfinished copy with the same key, whatever account asks.
    fn is_in_conflict(&self, image: Image, to: usize) -> bool {
        self.jobs.iter().any(|job| {
            let same_key = match self.world.settings.conflict_key {
                ConflictKey::ImageAndDestination => job.image == image && job.to == to,
                ConflictKey::Image => job.image == image,
                ConflictKey::Off => false,
            };
            same_key && is_unfinished(job)
        })
    }

    /// The two lookups that CancelCopyImage and DeleteImage share, then each.
    fn cancel_or_delete(&mut self, op: usize) -> Result<(), &'static str> {
        let (account, target, region, is_cancel) = match self.world.ops[op] {
            Op::Cancel { account, target, region, .. } => (account, target, region, true),
            Op::Delete { account, target, region, .. } => (account, target, region, false),
            Op::Copy { .. } => unreachable!("a copy is submitted"),
        };
        let region = region.ok_or("InvalidRegionId.NotFound")?;
        let image = self.find(target, account, region).ok_or("InvalidImageId.NotFound")?;
        if is_cancel { self.cancel(image) } else { self.delete(image) }
    }

    /// R5.1 and R5.2, in the order of the table.
    fn cancel(&mut self, image: Image) -> Result<(), &'static str> {
        let Image::Product(j) = image else {
            return Err("ImageCreatedNotFromCopy");
        };
        let job = &self.jobs[j];
        if !is_unfinished(job) {
            return Err("IncorrectImageStatus");
        }
        let queued = job.status == Status::Waiting;
        if queued && !self.world.settings.cancel_queued_allowed {
            return Err("IncorrectImageStatus");
        }
        if !job.cancellable || self.is_past_no_return(job) {
            return Err("CancelNotSupported");
        }
        let drains = !queued && self.world.settings.drain_us > 0;
        let job = &mut self.jobs[j];
        job.status = Status::Cancelled;
        job.end = Some(self.now);
        job.draining = drains;
        Ok(())
    }

    /// R5.2 and R3.5: progress of a running copy is time run / duration;
    /// reaching the point of no return is being past it.
    fn is_past_no_return(&self, job: &Job) -> bool {
        let Some(point) = self.world.settings.point_of_no_return_millionths else {
            return false;
        };
        let Some(start) = job.start else {
            return false;
        };
        // A copy of zero length that runs counts as progress 1.
        let (run, of) = match job.duration {
            0 => (1, 1),
            duration => (self.now - start, duration),
        };
        u128::from(run) * 1_000_000 >= u128::from(point) * u128::from(of)
    }

    /// R5.4 and R3.2: not while the image is source or target of an unfinished copy.
    fn delete(&mut self, image: Image) -> Result<(), &'static str> {
        for (j, job) in self.jobs.iter().enumerate() {
            let touches = job.image == image || image == Image::Product(j);
            if touches && is_unfinished(job) {
                return Err("OperationDenied.ImageCopying");
            }
        }
        match image {
            Image::Put(i) => self.put_deleted[i] = true,
            Image::Product(j) => self.jobs[j].deleted = true,
        }
        Ok(())
    }
}

/// What is reported (R9.1, R1.7).
impl Twin<'_> {
    fn history(self, cut_by_horizon: bool) -> History {
        let horizon = self.world.settings.horizon_us;
        let mut can_never_start = Vec::new();
        for job in &self.jobs {
            if job.status == Status::Waiting && !cut_by_horizon {
                can_never_start.push(job.op);
            }
        }
        let mut rows = Vec::new();
        for (o, op) in self.world.ops.iter().enumerate() {
            let Op::Copy { at, .. } = op else { continue };
            // Nothing planned for later than the horizon has a row, skipped or not.
            let later = horizon.is_some_and(|h| at.unwrap_or(0) > h);
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

    fn row(&self, op: usize) -> Option<Row> {
        let empty = Row {
            op,
            outcome: Outcome::Skipped,
            planned_us: None,
            accepted_us: None,
            start_us: None,
            end_us: None,
            code: None,
        };
        match self.fates[op] {
            Fate::Unmade | Fate::Made => None,
            Fate::Skipped => Some(empty),
            Fate::Refused { at, code } => {
                Some(Row { outcome: Outcome::Refused, planned_us: Some(at), code: Some(code), ..empty })
            }
            Fate::Accepted { job } => {
                let job = &self.jobs[job];
                Some(Row {
                    outcome: outcome(job),
                    // Nobody holds a call back: it is sent and accepted as planned.
                    planned_us: Some(job.accepted),
                    accepted_us: Some(job.accepted),
                    start_us: job.start,
                    end_us: job.end,
                    ..empty
                })
            }
        }
    }
}

fn outcome(job: &Job) -> Outcome {
    match job.status {
        Status::Waiting => Outcome::Waiting,
        Status::Creating => Outcome::Running,
        Status::Available => Outcome::Available,
        Status::CreateFailed => Outcome::Failed,
        Status::Cancelled if job.start.is_none() => Outcome::CancelledWaiting,
        Status::Cancelled => Outcome::CancelledRunning,
    }
}

/// The field cases, answers by hand. Regions are A = 0, R = 1, S = 2.
#[cfg(test)]
mod tests;
