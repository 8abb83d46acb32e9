//! A slow and obvious program of clients (R8): one account, one limited region, first come first served, lengths
//! given. It walks through time in steps of ten seconds, and looks at every request at each of them for what is due.
//!
//! It shares nothing with the simulator. Numbers such as R1.3 name the rule that a piece stands for.

mod events;
mod hands;
pub mod random;
pub mod text;

/// All times are multiples of this many seconds.
pub const STEP: u64 = 10;

/// Everything that a run depends on. Times are in seconds.
#[derive(Clone, Debug)]
pub struct World {
    pub cap: usize,
    /// Copies that may wait beyond the cap; none: any number (R2.5).
    pub max_queue: Option<usize>,
    /// Spans in which the limited region is out; running copies stand still (R4.4).
    pub outages: Vec<(u64, u64)>,
    pub horizon: Option<u64>,
    pub clients: Vec<Client>,
    /// In the order of the file, which is their rank (R1.4).
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug, Default)]
pub struct Client {
    pub concurrency: Option<usize>,
    pub poll: Option<u64>,
    /// Its polls show Available images only.
    pub is_blind: bool,
    pub retry: Option<Retry>,
    pub timeout: Option<Timeout>,
}

#[derive(Clone, Debug)]
pub struct Retry {
    pub refusals: bool,
    pub failed_copies: bool,
    pub attempts: u32,
    pub delay: u64,
    /// The delay doubles from call to call, up to this.
    pub doubles_to: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
pub struct Timeout {
    pub after: u64,
    pub then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Leave,
    Cancel,
    CancelIfWaiting,
}

#[derive(Clone, Debug)]
pub enum Entry {
    Copy {
        at: u64,
        /// The entry whose copy it waits for.
        after: Option<usize>,
        ask: Ask,
    },
    /// Workers that ask for `count` copies in all, and think so long before each further one.
    Loop {
        workers: u64,
        count: u64,
        think: u64,
        ask: Ask,
    },
    Cancel {
        at: u64,
        of: usize,
    },
}

/// Who asks for what.
#[derive(Clone, Debug)]
pub struct Ask {
    pub client: Option<usize>,
    pub length: u64,
    pub fail_after: Option<u64>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub entry: usize,
    pub number: u64,
    pub outcome: &'static str,
    pub planned: Option<u64>,
    pub sent: Option<u64>,
    pub accepted: Option<u64>,
    pub start: Option<u64>,
    pub end: Option<u64>,
    pub noticed: Option<u64>,
    pub timed_out: Option<u64>,
    pub calls: u32,
    pub refusals: u32,
    pub failures: u32,
}

/// The rows of a run, by entry and number.
pub fn rows(world: &World) -> Vec<Row> {
    let mut twin = Twin::new(world);
    twin.run();
    let horizon = world.horizon.unwrap_or(u64::MAX);
    let mut rows: Vec<Row> =
        twin.tasks.iter().filter(|task| task.is_counted(horizon)).map(Task::row).collect();
    rows.sort_by_key(|row| (row.entry, row.number));
    rows
}

struct Twin<'w> {
    world: &'w World,
    now: u64,
    tasks: Vec<Task>,
    /// One for each entry: cancels that were made.
    is_made: Vec<bool>,
    acceptances: u64,
    /// One for each entry: the number of the next arrival.
    next_number: Vec<u64>,
}

/// A request.
#[derive(Clone, Debug)]
struct Task {
    entry: usize,
    number: u64,
    ask: Ask,
    /// When it may be planned at the earliest.
    not_before: u64,
    step: Step,
    /// It takes one of its client's places.
    in_hand: bool,
    planned: Option<u64>,
    sent: Option<u64>,
    noticed: Option<u64>,
    timed_out: Option<u64>,
    /// Its time-out came.
    is_patience_over: bool,
    calls: u32,
    refusals: u32,
    failures: u32,
    /// A copy of it has started.
    has_started: bool,
    /// What its last call led to.
    copy: Option<Copy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It waits for the copy that it is `after`.
    Unplanned,
    /// It is planned for this time.
    Due(u64),
    /// It is planned, and its client has no free place.
    HeldBack,
    /// Its client calls at this time.
    Calls(u64),
    /// Its client waits for its copy.
    Waits,
    /// Its client is done with it.
    Done,
    Skipped,
}

#[derive(Clone, Copy, Debug)]
struct Copy {
    acceptance: u64,
    accepted: u64,
    start: Option<u64>,
    end: Option<u64>,
    /// How long it ran, outages left out.
    ran: u64,
    /// What became of it once it is over.
    result: &'static str,
}

impl Task {
    fn new(entry: usize, number: u64, ask: &Ask, not_before: u64, step: Step) -> Self {
        Self {
            entry,
            number,
            ask: ask.clone(),
            not_before,
            step,
            in_hand: false,
            planned: None,
            sent: None,
            noticed: None,
            timed_out: None,
            is_patience_over: false,
            calls: 0,
            refusals: 0,
            failures: 0,
            has_started: false,
            copy: None,
        }
    }

    /// Whether it is one of the run: planned, or skipped though it could have been.
    fn is_counted(&self, horizon: u64) -> bool {
        self.planned.is_some() || (self.step == Step::Skipped && self.not_before <= horizon)
    }

    fn row(&self) -> Row {
        let outcome = match &self.copy {
            _ if self.step == Step::Skipped => "skipped",
            Some(Copy { end: Some(_), result, .. }) => result,
            Some(Copy { start: Some(_), .. }) => "running",
            Some(_) => "waiting",
            None if self.calls > 0 => "refused",
            None => "not_sent",
        };
        Row {
            entry: self.entry,
            number: self.number,
            outcome,
            planned: self.planned,
            sent: self.sent,
            accepted: self.copy.map(|copy| copy.accepted),
            start: self.copy.and_then(|copy| copy.start),
            end: self.copy.and_then(|copy| copy.end),
            noticed: self.noticed,
            timed_out: self.timed_out,
            calls: self.calls,
            refusals: self.refusals,
            failures: self.failures,
        }
    }
}
