//! Small random networks: few regions, few copies, and much that happens in the same instant.

use crate::worlds::Random;

/// Times are in microseconds, sizes in bytes, rates in bytes per second, shares in millionths.
#[derive(Clone, Debug)]
pub struct World {
    pub regions: Vec<Region>,
    pub pairs: Vec<Pair>,
    pub cables: Vec<Pair>,
    pub scope: Scope,
    pub point_of_no_return: Option<u64>,
    pub drain: u64,
    pub horizon: Option<u64>,
    pub copies: Vec<Copy>,
    /// When, and of which copy.
    pub cancels: Vec<(u64, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Source,
    Destination,
    Both,
}

#[derive(Clone, Debug)]
pub struct Limit {
    pub capacity: u64,
    pub changes: Vec<(u64, u64)>,
}

#[derive(Clone, Debug)]
pub struct Region {
    pub cap: u64,
    pub cap_changes: Vec<(u64, u64)>,
    pub egress: Option<Limit>,
    pub ingress: Option<Limit>,
    pub outages: Vec<Outage>,
    pub slow: Vec<Slow>,
}

#[derive(Clone, Copy, Debug)]
pub struct Outage {
    pub from: u64,
    pub to: u64,
    pub fails: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Slow {
    pub from: u64,
    pub to: u64,
    pub share: u64,
}

/// A limit of each pair, or of all pairs together, from one region to another; none stands for any.
#[derive(Clone, Debug)]
pub struct Pair {
    pub from: Option<usize>,
    pub to: Option<usize>,
    pub limit: Limit,
}

#[derive(Clone, Copy, Debug)]
pub struct Copy {
    pub at: u64,
    pub from: usize,
    pub to: usize,
    pub size: u64,
    pub work: Work,
    pub fail: Option<Fail>,
    /// Of a copy that runs when the run begins: how long it still would, if it were alone.
    pub remaining: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
pub enum Work {
    Given(u64),
    Phases { setup: u64, throughput: u64, finalize: u64 },
}

#[derive(Clone, Copy, Debug)]
pub enum Fail {
    After(u64),
    At(u64),
}

impl Copy {
    /// How long it takes alone and undisturbed.
    pub fn length(&self) -> u64 {
        match self.work {
            Work::Given(length) => length,
            Work::Phases { setup, throughput, finalize } => {
                let transfer = (u128::from(self.size) * 1_000_000).div_ceil(u128::from(throughput));
                setup + u64::try_from(transfer).expect("a short time") + finalize
            }
        }
    }

    /// Whether it has failed when it has run so long, alone and undisturbed.
    fn would_have_failed(&self, ran: u64) -> bool {
        let part_of = |done: u64, rate: u64, whole: u64, part: u64| {
            u128::from(done) * u128::from(rate) >= u128::from(whole) * u128::from(part)
        };
        match (self.fail, self.work) {
            (None, _) => false,
            (Some(Fail::After(time)), _) => ran >= time,
            (Some(Fail::At(0)), _) => true,
            (Some(Fail::At(part)), Work::Given(length)) => part_of(ran, 1_000_000, length, part),
            (Some(Fail::At(part)), Work::Phases { setup, throughput, .. }) => {
                ran >= setup && part_of(ran - setup, throughput, self.size, part)
            }
        }
    }
}

impl World {
    pub fn limits_mut(&mut self) -> impl Iterator<Item = &mut Limit> {
        let regions = self.regions.iter_mut();
        let regions = regions.flat_map(|region| region.egress.iter_mut().chain(&mut region.ingress));
        regions.chain(self.pairs.iter_mut().chain(&mut self.cables).map(|pair| &mut pair.limit))
    }
}

const SECOND: u64 = 1_000_000;

/// What the numbers of a world are like.
struct Mood {
    random: Random,
    /// Times are whole seconds and rates go into sizes, so that much is due at once.
    is_coarse: bool,
    /// By this sizes and rates are multiplied.
    scale: u64,
    /// What all copies reach by themselves, where they are alike.
    alike: Option<u64>,
}

impl Mood {
    fn below(&mut self, bound: u64) -> u64 {
        self.random.below(bound as usize) as u64
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.random.chance(percent)
    }

    fn maybe<T>(&mut self, percent: usize, of: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(percent).then(|| of(self))
    }

    fn time(&mut self, seconds: u64) -> u64 {
        if self.is_coarse { SECOND * self.below(seconds) } else { self.below(seconds * SECOND) }
    }

    /// At least 1.
    fn rate(&mut self) -> u64 {
        if self.is_coarse {
            return self.scale * self.random.pick(&[1, 2, 3, 4, 5, 6, 10, 12, 20, 30, 60]);
        }
        1 + self.below(60 * self.scale)
    }

    fn capacity(&mut self) -> u64 {
        match self.below(8) {
            0 => 0,
            // With this some shares of several flows are 0.
            1 => self.below(5),
            _ => self.rate(),
        }
    }

    fn size(&mut self) -> u64 {
        if self.is_coarse {
            return self.scale * self.random.pick(&[0, 1, 60, 60, 120, 180, 240, 360, 600]);
        }
        self.below(700 * self.scale)
    }

    fn limit(&mut self) -> Limit {
        let changes = self.maybe(30, |mood| mood.changes(Self::capacity)).unwrap_or_default();
        Limit { capacity: self.capacity(), changes }
    }

    /// At different times, in their order.
    fn changes(&mut self, mut value: impl FnMut(&mut Self) -> u64) -> Vec<(u64, u64)> {
        let count = 1 + self.below(3);
        let mut changes: Vec<(u64, u64)> = (0..count).map(|_| (self.time(120), value(self))).collect();
        changes.sort_unstable();
        changes.dedup_by_key(|(at, _)| *at);
        changes
    }

    /// One or two spans that don't overlap; the second one may begin when the first one ends.
    fn spans(&mut self) -> Vec<(u64, u64)> {
        let mut times: Vec<u64> = (0..4).map(|_| self.time(100)).collect();
        times.sort_unstable();
        let spans = [(times[0], times[1]), (times[if self.chance(30) { 1 } else { 2 }], times[3])];
        spans.into_iter().filter(|(from, to)| from < to).take(1 + self.below(2) as usize).collect()
    }

    fn region(&mut self) -> Region {
        let outages = self.maybe(25, Self::spans).unwrap_or_default();
        let outages = outages.into_iter().map(|(from, to)| Outage { from, to, fails: self.chance(30) });
        let outages = outages.collect();
        let slow = self.maybe(25, Self::spans).unwrap_or_default();
        let shares = [0, 1, 100_000, 333_333, 500_000, 750_000, 1_000_000];
        let slow = slow.into_iter().map(|(from, to)| Slow { from, to, share: self.random.pick(&shares) });
        let slow = slow.collect();
        Region {
            cap: self.random.pick(&[0, 1, 1, 2, 3, 5, 12]),
            cap_changes: self.maybe(20, |mood| mood.changes(|mood| mood.below(4))).unwrap_or_default(),
            egress: self.maybe(50, Self::limit),
            ingress: self.maybe(40, Self::limit),
            outages,
            slow,
        }
    }

    fn pair(&mut self, regions: u64) -> Pair {
        let mut end = || self.maybe(70, |mood| mood.below(regions) as usize);
        Pair { from: end(), to: end(), limit: self.limit() }
    }

    /// Limits of each pair, and of pairs together. A link is written once.
    fn links(&mut self, regions: u64) -> (Vec<Pair>, Vec<Pair>) {
        let mut links: Vec<Pair> = Vec::new();
        for _ in 0..self.below(6) {
            let link = self.pair(regions);
            if links.iter().all(|other| (other.from, other.to) != (link.from, link.to)) {
                links.push(link);
            }
        }
        let cables = links.split_off(self.below(1 + links.len() as u64) as usize);
        (links, cables)
    }

    fn copy(&mut self, regions: u64) -> Copy {
        let work = if self.chance(8) {
            Work::Given(self.time(60))
        } else {
            let setup = self.maybe(40, |mood| mood.time(10)).unwrap_or(0);
            let finalize = self.maybe(30, |mood| mood.time(10)).unwrap_or(0);
            let throughput = self.alike.unwrap_or_else(|| self.rate());
            Work::Phases { setup, throughput, finalize }
        };
        let fail = self.maybe(15, |mood| match mood.chance(50) {
            true => Fail::After(mood.time(60)),
            false => Fail::At(mood.random.pick(&[0, 1, 250_000, 333_333, 500_000, 999_999, 1_000_000])),
        });
        let at = if self.chance(40) { 0 } else { self.time(60) };
        let (from, to) = (self.below(regions) as usize, self.below(regions) as usize);
        Copy { at, from, to, size: self.size(), work, fail, remaining: None }
    }
}

/// The world with this seed; the same one for ever.
pub fn random_world(seed: u64) -> World {
    let mut random = Random::new(seed);
    let is_coarse = random.chance(60);
    let scale = random.pick(&[1, 1, 1_000, 1 << 20]);
    let mood = &mut Mood { random, is_coarse, scale, alike: None };
    mood.alike = mood.maybe(40, Mood::rate);
    let count = 1 + mood.below(6);
    let regions = (0..count).map(|_| mood.region()).collect();
    let (pairs, cables) = mood.links(count);
    let copies: Vec<Copy> = (0..1 + mood.below(12)).map(|_| mood.copy(count)).collect();
    let cancels = (0..mood.below(4)).map(|_| (mood.time(100), mood.below(copies.len() as u64) as usize));
    let cancels = cancels.collect();
    let mut world = World {
        regions,
        pairs,
        cables,
        scope: mood.random.pick(&[Scope::Source, Scope::Source, Scope::Destination, Scope::Both]),
        point_of_no_return: mood.maybe(20, |mood| mood.random.pick(&[0, 1, 400_000, 500_000, 1_000_000])),
        drain: mood.maybe(20, |mood| mood.time(20)).unwrap_or(0),
        horizon: mood.maybe(15, |mood| mood.time(120)),
        copies,
        cancels,
    };
    if mood.chance(20) {
        begin_in_the_middle(mood, &mut world);
    }
    world
}

/// Some copies already run when the run begins, as many as find a slot then.
fn begin_in_the_middle(mood: &mut Mood, world: &mut World) {
    let mut free: Vec<u64> = world.regions.iter().map(|region| region.cap).collect();
    for place in 0..world.copies.len() {
        let copy = world.copies[place];
        let keys = world.scope.keys(copy.from, copy.to);
        if mood.chance(50) && keys.iter().all(|key| free[*key] > 0) {
            keys.iter().for_each(|key| free[*key] -= 1);
            let length = copy.length();
            let ran = mood.time(40).min(length);
            let fail = copy.fail.filter(|_| !copy.would_have_failed(ran));
            world.copies[place] = Copy { at: 0, remaining: Some(length - ran), fail, ..copy };
        }
    }
}

impl Scope {
    /// The regions whose slots a copy holds.
    pub fn keys(self, from: usize, to: usize) -> Vec<usize> {
        match self {
            Self::Source => vec![from],
            Self::Destination => vec![to],
            Self::Both if from == to => vec![from],
            Self::Both => vec![from, to],
        }
    }
}
