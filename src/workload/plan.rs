//! What a scenario asks for, resolved to numbers: the calls to be made and when.

use super::{ArrivalsEntry, ClientId, ClientPlan, CoursePlan, DrawPlan, DrawPlanId, DrawnSizes, TraceEntry};
use crate::ids::{AccountId, Named, RegionId, RequestKey, Token};
use crate::quantity::Bytes;
use crate::random::Seed;
use crate::service::{Caller, GivenImage, Parameters};
use crate::time::{SimDuration, SimTime};

/// A copy that something else in the scenario names: an `after`, a cancel, a delete, an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandleId(pub u32);

/// Everything a scenario puts into the cloud and asks of it.
#[derive(Clone, Debug, Default)]
pub struct Workload {
    /// Images that are there at the start.
    pub given: Vec<GivenImage>,
    /// Those of them whose sizes are drawn.
    pub drawn_sizes: Vec<DrawnSizes>,
    /// The entries of `requests`, in file order.
    pub entries: Vec<Entry>,
    /// What the entries are called: draws are found by these names (R10.1).
    pub names: Vec<String>,
    /// By entry and place of a call in it, what its draws are found by; empty where nothing is drawn, and
    /// for the rows of traces, which share those of their entry.
    pub draws: Vec<Vec<String>>,
    /// What is drawn for copies that say so, by [`CoursePlan::Drawn`].
    pub draw_plans: Vec<DrawPlan>,
    /// Clients that requests are of.
    pub clients: Vec<ClientPlan>,
    /// How many copies something names.
    pub handles: u32,
}

/// One entry of `requests`.
#[derive(Clone, Debug)]
pub enum Entry {
    Copy(CopyEntry),
    Cancel(TargetEntry),
    Delete(TargetEntry),
    Arrivals(Box<ArrivalsEntry>),
    Trace(TraceEntry),
}

/// A listed copy request: one call for each image and destination.
#[derive(Clone, Debug)]
pub struct CopyEntry {
    pub trigger: Trigger,
    pub members: Vec<Member>,
}

/// When the calls of a copy entry are made.
#[derive(Clone, Debug)]
pub enum Trigger {
    At(SimTime),
    /// `delay` after all of these copies are known to be Available, but not before an instant (R3.3).
    After {
        handles: Vec<HandleId>,
        delay: SimDuration,
        not_before: SimTime,
    },
    /// Their calls were accepted before the run began.
    Already(Already),
}

/// What a copy that was accepted before the run began does when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Already {
    Queued,
    /// It holds its slots, and has so long to run; none: its whole length.
    Running {
        remaining: Option<SimDuration>,
    },
}

/// A copy that was accepted before the run began.
#[derive(Clone, Copy, Debug)]
pub struct AlreadyCopy {
    pub key: RequestKey,
    pub member: Member,
    pub state: Already,
}

impl Workload {
    /// The images that are there at the start, with the sizes that are drawn for them.
    pub fn given_images(&self, seed: Seed) -> Vec<GivenImage> {
        let mut given = self.given.clone();
        for drawn in &self.drawn_sizes {
            let images = &mut given[drawn.first as usize..][..drawn.count as usize];
            for (image, size) in images.iter_mut().zip(drawn.sizes(seed)) {
                image.size = Some(size);
            }
        }
        given
    }

    /// What the draws for further calls of a request are found by: what it copies where, and of an arrival or row its
    /// number, so that another destination changes none of them (R10.1).
    pub fn further_source(&self, key: RequestKey) -> String {
        let entry = key.entry() as usize;
        let (name, number) = (&self.names[entry], key.number());
        match &self.entries[entry] {
            Entry::Arrivals(arrivals) => {
                let source = arrivals.draw_names.get(arrivals.draw_slot(number)).unwrap_or(name);
                format!("{source}#{}", arrivals.numbering.arrival(number) + 1)
            }
            _ => match self.draws[entry].get(number as usize) {
                Some(source) => source.clone(),
                None => format!("{name}#{}", number + 1),
            },
        }
    }

    pub fn draw_plan(&self, id: DrawPlanId) -> &DrawPlan {
        &self.draw_plans[id.0 as usize]
    }

    /// The copies that are there when the run begins, in the order of their acceptance: the running ones
    /// in the order of the file, then the queued ones.
    pub fn already(&self) -> Vec<AlreadyCopy> {
        let mut copies = Vec::new();
        for (index, entry) in (0..).zip(&self.entries) {
            let Entry::Copy(CopyEntry { trigger: Trigger::Already(state), members }) = entry else {
                continue;
            };
            for (number, member) in (0..).zip(members) {
                let key = RequestKey::new(index, number).expect("entries and numbers are limited");
                copies.push(AlreadyCopy { key, member: *member, state: *state });
            }
        }
        copies.sort_by_key(|copy| copy.state == Already::Queued);
        copies
    }
}

impl Trigger {
    /// The earliest instant at which the calls can be made.
    pub fn not_before(&self) -> SimTime {
        match self {
            Self::At(at) => *at,
            Self::After { not_before, .. } => *not_before,
            Self::Already(_) => SimTime::ZERO,
        }
    }
}

/// One call of a copy request.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// None: the call carries no account.
    pub caller: Option<Caller>,
    pub image: ImageSource,
    pub from: Named<RegionId>,
    /// The destination in effect.
    pub to: Named<RegionId>,
    pub parameters: Parameters,
    pub token: Option<Token>,
    pub dry_run: bool,
    pub cancellable: bool,
    /// Its place in a queue by priority: smaller is sooner (R2.4).
    pub priority: i32,
    pub course: CoursePlan,
    /// How long its image is kept once it is Available; none: for good.
    pub retention: Option<SimDuration>,
    /// Whose request it is, where that is a client that does more than wait.
    pub client: Option<ClientId>,
    /// Set where something names this copy.
    pub handle: Option<HandleId>,
}

/// The image that a call names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageSource {
    /// A given image, by its place in [`Workload::given`].
    Given(u32),
    /// The product of another copy.
    Product(HandleId),
    /// An id that the service doesn't know.
    Literal,
    /// The image that this arrival brought along.
    Fresh,
}

/// A listed cancel or delete request: one call for each target.
#[derive(Clone, Debug)]
pub struct TargetEntry {
    pub at: SimTime,
    pub targets: Vec<Target>,
}

/// The image that a cancel or delete names, and where.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub account: AccountId,
    pub image: ImageSource,
    pub region: Named<RegionId>,
}

/// The image that an arrival brings along.
#[derive(Clone, Copy, Debug)]
pub struct FreshImage {
    pub account: AccountId,
    pub region: RegionId,
    pub size: Option<Bytes>,
}
