//! What copies do, and what of it is drawn when their calls are generated (R10.1): how long they take, whether
//! they fail, and how long their clients wait.

use crate::distribution::{Drawn, Quantity};
use crate::quantity::{Bytes, Fraction, Rate};
use crate::random::{Draws, Seed};
use crate::time::SimDuration;
use crate::transfer::{Fate, PhaseTimes, Work};

/// What a copy does: how long it takes, whether it fails, and how long its client waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    pub work: CourseWork,
    pub fate: Fate,
    pub timeout: Option<Timeout>,
}

/// How long a copy takes, as far as it is known without the size of its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CourseWork {
    Known(Work),
    OfSize(PhaseTimes),
}

/// The course of the copies of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoursePlan {
    Fixed(Course),
    Drawn(DrawPlanId),
    /// It is drawn by the plan that comes with the row of a trace.
    OfRow,
}

/// A place in [`super::Workload::draw_plans`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawPlanId(pub u32);

/// What is drawn for each copy of a request.
#[derive(Clone, Debug)]
pub struct DrawPlan {
    pub time: DrawnTime,
    pub failure: Failure,
    pub timeout: Option<DrawnTimeout>,
}

/// How long copies take.
#[derive(Clone, Debug)]
pub enum DrawnTime {
    Known(Work),
    Duration(Drawn<SimDuration>),
    Phases { setup: Drawn<SimDuration>, throughput: Drawn<Rate>, finalize: Drawn<SimDuration> },
}

/// Whether and when copies fail (R4.3).
#[derive(Clone, Debug)]
pub struct Failure {
    /// None: each of them, if it is due before the copy ends.
    pub probability: Option<Fraction>,
    pub moment: FailureMoment,
}

/// When a copy fails.
#[derive(Clone, Debug)]
pub enum FailureMoment {
    Never,
    After(Drawn<SimDuration>),
    At(Fraction),
    /// At a share of the progress that is drawn uniformly.
    Anywhere,
}

/// What a client does when it has waited long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    /// From the first call.
    pub after: SimDuration,
    pub then: TimedOut,
}

/// What becomes of a copy whose client has waited long enough (R8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimedOut {
    /// It is cancelled.
    Cancel,
    /// It is cancelled unless it has started.
    CancelIfWaiting,
}

/// As [`Timeout`], before it is drawn.
#[derive(Clone, Debug)]
pub struct DrawnTimeout {
    pub after: Drawn<SimDuration>,
    pub then: TimedOut,
}

/// The draws of one source of copies: a running stream for each purpose, made when it is first needed.
#[derive(Clone, Debug)]
pub struct CopyDraws {
    seed: Seed,
    source: Box<str>,
    streams: [Option<Draws>; Purpose::NAMES.len()],
}

/// What something is drawn for.
#[derive(Clone, Copy)]
enum Purpose {
    Duration,
    Setup,
    Throughput,
    Finalize,
    Failure,
    Timeout,
}

impl Purpose {
    const NAMES: [&'static str; 6] = ["duration", "setup", "throughput", "finalize", "failure", "timeout"];
}

impl CopyDraws {
    /// The draws of the source of this name.
    pub fn new(seed: Seed, source: &str) -> Self {
        Self { seed, source: source.into(), streams: Default::default() }
    }

    fn of(&mut self, purpose: Purpose) -> &mut Draws {
        let stream = &mut self.streams[purpose as usize];
        stream.get_or_insert_with(|| Draws::new(self.seed, Purpose::NAMES[purpose as usize], &self.source))
    }

    /// A value beyond the largest of its type is the largest: what it is added to then passes the end of time.
    fn draw<T: Quantity>(&mut self, purpose: Purpose, drawn: &Drawn<T>, largest: T) -> T {
        match drawn {
            Drawn::Fixed(value) => *value,
            Drawn::Random(_) => drawn.draw(self.of(purpose)).unwrap_or(largest),
        }
    }

    fn time(&mut self, purpose: Purpose, drawn: &Drawn<SimDuration>) -> SimDuration {
        self.draw(purpose, drawn, SimDuration::MAX)
    }
}

impl DrawPlan {
    /// What copies do, where nothing of it is drawn.
    pub fn fixed(&self) -> Option<Course> {
        let DrawnTime::Known(work) = self.time else { return None };
        let timeout = match &self.timeout {
            Some(timeout) => Some(Timeout { after: timeout.after.fixed()?, then: timeout.then }),
            None => None,
        };
        Some(Course { work: CourseWork::Known(work), fate: self.failure.fixed()?, timeout })
    }

    /// What the next copy does.
    pub fn next(&self, draws: &mut CopyDraws) -> Course {
        let work = match &self.time {
            DrawnTime::Known(work) => CourseWork::Known(*work),
            DrawnTime::Duration(duration) => {
                CourseWork::Known(Work::Duration(draws.time(Purpose::Duration, duration)))
            }
            DrawnTime::Phases { setup, throughput, finalize } => CourseWork::OfSize(PhaseTimes {
                setup: draws.time(Purpose::Setup, setup),
                rate: draws.draw(Purpose::Throughput, throughput, Rate::MAX),
                finalize: draws.time(Purpose::Finalize, finalize),
            }),
        };
        let timeout = self.timeout.as_ref().map(|timeout| Timeout {
            after: draws.time(Purpose::Timeout, &timeout.after),
            then: timeout.then,
        });
        Course { work, fate: self.failure.next(draws), timeout }
    }
}

impl Failure {
    /// A failure that never comes.
    pub const NEVER: Self = Self { probability: None, moment: FailureMoment::Never };

    /// How every copy ends, where that isn't drawn.
    pub fn fixed(&self) -> Option<Fate> {
        match &self.moment {
            FailureMoment::Never => Some(Fate::Completes),
            _ if self.probability.is_some() => None,
            FailureMoment::After(time) => time.fixed().map(Fate::FailsAfter),
            FailureMoment::At(share) => Some(Fate::FailsAt(*share)),
            FailureMoment::Anywhere => None,
        }
    }

    /// How the next copy ends. The same words are read whether it fails or not.
    fn next(&self, draws: &mut CopyDraws) -> Fate {
        let fails = match self.probability {
            Some(probability) => draws.of(Purpose::Failure).uniform().is_below(probability),
            None => true,
        };
        let fate = match &self.moment {
            FailureMoment::Never => Fate::Completes,
            FailureMoment::After(time) => Fate::FailsAfter(draws.time(Purpose::Failure, time)),
            FailureMoment::At(share) => Fate::FailsAt(*share),
            FailureMoment::Anywhere => Fate::FailsAt(draws.of(Purpose::Failure).uniform().fraction()),
        };
        if fails { fate } else { Fate::Completes }
    }
}

/// Given images whose sizes are drawn: those of one entry of `images`, maybe a group.
#[derive(Clone, Debug)]
pub struct DrawnSizes {
    /// The entry's name.
    pub name: String,
    /// Its first place in [`super::Workload::given`].
    pub first: u32,
    pub count: u32,
    pub size: Drawn<Bytes>,
}

impl DrawnSizes {
    /// The size of each of them.
    pub fn sizes(&self, seed: Seed) -> Vec<Bytes> {
        let mut draws = Draws::new(seed, "size", &self.name);
        (0..self.count).map(|_| self.size.draw(&mut draws).unwrap_or(Bytes::MAX)).collect()
    }
}
