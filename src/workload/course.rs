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
    /// Words that are read in vain, since another copy of the same source needs them ([`DrawPlan::read_up_to`]).
    in_vain: Option<Words>,
}

/// Words that a copy reads, by purpose (R10.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words([u32; Purpose::NAMES.len()]);

/// Something that is drawn is longer than simulated time; the field of the scenario that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeyondTime(pub &'static str);

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
    /// It goes on without its client.
    Leave,
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
    const ALL: [Self; Self::NAMES.len()] =
        [Self::Duration, Self::Setup, Self::Throughput, Self::Finalize, Self::Failure, Self::Timeout];
}

impl CopyDraws {
    /// The draws of the source of this name.
    pub fn new(seed: Seed, source: &str) -> Self {
        Self { seed, source: source.into(), streams: Default::default() }
    }

    #[inline]
    fn of(&mut self, purpose: Purpose) -> &mut Draws {
        let stream = &mut self.streams[purpose as usize];
        stream.get_or_insert_with(|| Draws::new(self.seed, Purpose::NAMES[purpose as usize], &self.source))
    }

    /// The next value; none beyond the largest of its type.
    #[inline]
    fn draw<T: Quantity>(&mut self, purpose: Purpose, drawn: &Drawn<T>) -> Option<T> {
        match drawn {
            Drawn::Fixed(value) => Some(*value),
            Drawn::Random(_) => drawn.draw(self.of(purpose)),
        }
    }

    #[inline]
    fn time(&mut self, purpose: Purpose, drawn: &Drawn<SimDuration>) -> Result<SimDuration, BeyondTime> {
        self.draw(purpose, drawn).ok_or(BeyondTime(Purpose::NAMES[purpose as usize]))
    }

    #[cold]
    fn read_in_vain(&mut self, words: Words) {
        for (purpose, count) in Purpose::ALL.into_iter().zip(words.0) {
            for _ in 0..count {
                self.of(purpose).uniform();
            }
        }
    }
}

impl Words {
    /// The most of both, for each purpose.
    pub fn most(self, other: Self) -> Self {
        let mut most = self;
        most.0.iter_mut().zip(other.0).for_each(|(words, more)| *words = (*words).max(more));
        most
    }
}

impl DrawPlan {
    pub fn new(time: DrawnTime, failure: Failure, timeout: Option<DrawnTimeout>) -> Self {
        Self { time, failure, timeout, in_vain: None }
    }

    /// A plan of what is fixed.
    pub fn of_fixed(course: Course) -> Self {
        let time = match course.work {
            CourseWork::Known(work) => DrawnTime::Known(work),
            CourseWork::OfSize(PhaseTimes { setup, rate, finalize }) => {
                DrawnTime::Phases { setup: setup.into(), throughput: rate.into(), finalize: finalize.into() }
            }
        };
        let moment = match course.fate {
            Fate::Completes => FailureMoment::Never,
            Fate::FailsAfter(time) => FailureMoment::After(time.into()),
            Fate::FailsAt(share) => FailureMoment::At(share),
        };
        let timeout =
            course.timeout.map(|Timeout { after, then }| DrawnTimeout { after: after.into(), then });
        Self::new(time, Failure { probability: None, moment }, timeout)
    }

    /// The words that it reads for each copy, but for those in vain.
    pub fn words(&self) -> Words {
        let [duration, setup, throughput, finalize] = match &self.time {
            DrawnTime::Known(_) => [0; 4],
            DrawnTime::Duration(duration) => [duration.uniforms(), 0, 0, 0],
            DrawnTime::Phases { setup, throughput, finalize } => {
                [0, setup.uniforms(), throughput.uniforms(), finalize.uniforms()]
            }
        };
        let timeout = self.timeout.as_ref().map_or(0, |timeout| timeout.after.uniforms());
        Words([duration, setup, throughput, finalize, self.failure.words(), timeout])
    }

    /// Lets it read so many words for each copy, some in vain, so that the draws of the next one don't depend on
    /// which of several plans a copy goes by (R10.1).
    pub fn read_up_to(&mut self, most: Words) {
        let own = self.words();
        let left = |place: usize| most.0[place].saturating_sub(own.0[place]);
        let left = Words(std::array::from_fn(left));
        self.in_vain = (left != Words::default()).then_some(left);
    }

    /// What copies do, where nothing of it is drawn.
    pub fn fixed(&self) -> Option<Course> {
        let DrawnTime::Known(work) = self.time else { return None };
        if self.in_vain.is_some() {
            return None;
        }
        let timeout = match &self.timeout {
            Some(timeout) => Some(Timeout { after: timeout.after.fixed()?, then: timeout.then }),
            None => None,
        };
        Some(Course { work: CourseWork::Known(work), fate: self.failure.fixed()?, timeout })
    }

    /// What the next copy does.
    ///
    /// # Errors
    /// When a time is drawn that is longer than simulated time. A throughput beyond the largest is the largest.
    #[inline(always)]
    pub fn next(&self, draws: &mut CopyDraws) -> Result<Course, BeyondTime> {
        if let Some(words) = self.in_vain {
            draws.read_in_vain(words);
        }
        let work = match &self.time {
            DrawnTime::Known(work) => CourseWork::Known(*work),
            DrawnTime::Duration(duration) => {
                CourseWork::Known(Work::Duration(draws.time(Purpose::Duration, duration)?))
            }
            DrawnTime::Phases { setup, throughput, finalize } => CourseWork::OfSize(PhaseTimes {
                setup: draws.time(Purpose::Setup, setup)?,
                rate: draws.draw(Purpose::Throughput, throughput).unwrap_or(Rate::MAX),
                finalize: draws.time(Purpose::Finalize, finalize)?,
            }),
        };
        let timeout = match &self.timeout {
            Some(timeout) => {
                Some(Timeout { after: draws.time(Purpose::Timeout, &timeout.after)?, then: timeout.then })
            }
            None => None,
        };
        Ok(Course { work, fate: self.failure.next(draws)?, timeout })
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

    fn words(&self) -> u32 {
        let moment = match &self.moment {
            FailureMoment::Never | FailureMoment::At(_) => 0,
            FailureMoment::After(time) => time.uniforms(),
            FailureMoment::Anywhere => 1,
        };
        moment + u32::from(self.probability.is_some())
    }

    /// How the next copy ends. The same words are read whether it fails or not.
    #[inline]
    fn next(&self, draws: &mut CopyDraws) -> Result<Fate, BeyondTime> {
        match (&self.moment, self.probability) {
            (FailureMoment::Never, None) => Ok(Fate::Completes),
            _ => self.draw(draws),
        }
    }

    fn draw(&self, draws: &mut CopyDraws) -> Result<Fate, BeyondTime> {
        let fails = match self.probability {
            Some(probability) => draws.of(Purpose::Failure).uniform().is_below(probability),
            None => true,
        };
        let fate = match &self.moment {
            FailureMoment::Never => Fate::Completes,
            FailureMoment::After(time) => Fate::FailsAfter(draws.time(Purpose::Failure, time)?),
            FailureMoment::At(share) => Fate::FailsAt(*share),
            FailureMoment::Anywhere => Fate::FailsAt(draws.of(Purpose::Failure).uniform().fraction()),
        };
        Ok(if fails { fate } else { Fate::Completes })
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
    /// The size of each of them; one beyond the largest size is the largest.
    pub fn sizes(&self, seed: Seed) -> Vec<Bytes> {
        let mut draws = Draws::new(seed, "image size", &self.name);
        (0..self.count).map(|_| self.size.draw(&mut draws).unwrap_or(Bytes::MAX)).collect()
    }
}
