//! What checks look at, gathered while a run goes on.

use super::verdict::{self, Whole};
use super::{CallFacts, Check, Kind, Metric, Scope, Statistic, Verdict, Worst};
use crate::ids::RequestKey;
use crate::records::{
    CopyRecord, Outcome, OutcomeCounts, Percentile, RequestSpan, Sample, SlotLevels, SlotSet, TimeAverage,
};
use crate::service::SlotKey;
use crate::service::codes::Code;
use crate::time::{SimDuration, SimTime};

/// What has to be known before the run.
#[derive(Clone, Copy, Debug)]
pub struct CheckSettings {
    pub warm_up: SimTime,
    /// Values kept exactly for each figure (R9.8).
    pub exact_limit: u64,
}

/// The promises on a run, and what is known of them so far.
#[derive(Clone, Debug)]
pub struct CheckTally {
    settings: CheckSettings,
    /// Each with the place of what it looks at.
    checks: Vec<(Check, usize)>,
    gathered: Vec<Gathered>,
    /// Whether a scope asks for what only the call of a request, or of a refusal, tells.
    asks_requests: bool,
    asks_refusals: bool,
    end: SimTime,
}

/// What is gathered for one metric, or for all metrics of one kind, in one scope.
#[derive(Clone, Debug)]
struct Gathered {
    scope: Scope,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Durations {
        metric: Metric,
        sample: Sample,
        worst: Option<Worst>,
    },
    Makespan {
        span: RequestSpan,
        last: Option<Worst>,
    },
    Levels(Box<Levels>),
    Requests {
        outcomes: OutcomeCounts,
        timed_out: u64,
    },
    Calls(u64),
    /// Available ends in [warm-up, end].
    Ready(u64),
}

/// The sums over all slots of a scope.
#[derive(Clone, Debug)]
struct Levels {
    /// By slot key; none for one that isn't in the scope.
    slots: Vec<Option<SlotUse>>,
    held: TimeAverage,
    waiting: TimeAverage,
}

/// The slots of one key.
#[derive(Clone, Debug)]
struct SlotUse {
    now: SlotLevels,
    cap: TimeAverage,
    /// Whether their use is asked for: the scope names them, or something asked for them.
    is_meant: bool,
}

impl CheckTally {
    pub fn new(checks: impl IntoIterator<Item = Check>, settings: CheckSettings) -> Self {
        let mut tally = Self {
            settings,
            checks: Vec::new(),
            gathered: Vec::new(),
            asks_requests: false,
            asks_refusals: false,
            end: SimTime::ZERO,
        };
        for check in checks {
            let place = tally.place_of(&check);
            tally.gathered[place].what.watch(&check);
            let scope = &check.scope;
            match check.metric.kind() {
                Kind::Calls => {
                    tally.asks_refusals |= scope.asks_for_account_or_image() || scope.asks_for_regions();
                }
                Kind::Level => {}
                _ => tally.asks_requests |= scope.asks_for_account_or_image(),
            }
            tally.checks.push((check, place));
        }
        tally
    }

    /// Where what a check looks at is gathered.
    fn place_of(&mut self, check: &Check) -> usize {
        let is_it = |gathered: &Gathered| gathered.scope == check.scope && gathered.what.serves(check.metric);
        self.gathered.iter().position(is_it).unwrap_or_else(|| {
            let what = What::new(check.metric, self.settings);
            self.gathered.push(Gathered { scope: check.scope.clone(), what });
            self.gathered.len() - 1
        })
    }

    /// The run begins with these slot keys and caps.
    pub fn begin(&mut self, slots: &[(SlotKey, u32)]) {
        for Gathered { scope, what } in &mut self.gathered {
            if let What::Levels(levels) = what {
                **levels = Levels::new(self.settings.warm_up, scope, slots);
            }
        }
    }

    /// The counts of a slot key from `at` on.
    #[inline]
    pub fn levels(&mut self, at: SimTime, slot: u32, levels: SlotLevels) {
        for Gathered { what, .. } in &mut self.gathered {
            if let What::Levels(sums) = what {
                sums.set(at, slot, levels);
            }
        }
    }

    /// A call was refused at `at`; `call` tells what it asked for, if a scope wants to know.
    pub fn refused<'a>(
        &mut self,
        at: SimTime,
        key: RequestKey,
        code: Code,
        call: impl FnOnce() -> CallFacts<'a>,
    ) {
        if at < self.settings.warm_up || self.gathered.is_empty() {
            return;
        }
        let call = self.asks_refusals.then(call);
        let regions = call.as_ref().map_or((None, None), |call| (call.from, call.to));
        for Gathered { scope, what } in &mut self.gathered {
            // A dry run that nothing refuses is answered with a code too, but it is no refusal (R7.4).
            let is_meant = scope.code.map_or(code != Code::DryRunOperation, |only| only == code);
            if let What::Calls(count) = what
                && is_meant
                && scope.holds(key, regions, call.as_ref())
            {
                *count += 1;
            }
        }
    }

    /// A request closed at `now`; `is_counted` as [`crate::records::Tally::add`] gives it. `call` tells what it
    /// asked for, if a scope wants to know; `name` what it is called, where that isn't known later on.
    #[inline]
    pub fn add<'a>(
        &mut self,
        record: &CopyRecord,
        now: SimTime,
        is_counted: bool,
        call: impl FnOnce() -> CallFacts<'a>,
        name: impl Fn() -> Option<String>,
    ) {
        if self.gathered.is_empty() {
            return;
        }
        let is_ready = record.outcome == Outcome::Available && now >= self.settings.warm_up;
        let call = self.asks_requests.then(call);
        for Gathered { scope, what } in &mut self.gathered {
            if let What::Levels(levels) = what {
                levels.asked_for(record.slots);
                continue;
            }
            let is_wanted = if matches!(what, What::Ready(_)) { is_ready } else { is_counted };
            // Whether all of a request was planned, those that are left out tell too.
            let is_wanted = is_wanted || matches!(what, What::Makespan { .. });
            if is_wanted && scope.holds(record.key, (record.from, record.to), call.as_ref()) {
                match what {
                    What::Makespan { span, .. } if !is_counted => span.leave_out(),
                    _ => what.add(record, now, &name),
                }
            }
        }
    }

    /// The run is over at `end`, and every record is in.
    pub fn finish(&mut self, end: SimTime) {
        self.end = end;
        for gathered in &mut self.gathered {
            match &mut gathered.what {
                What::Durations { sample, .. } => sample.seal(),
                What::Levels(levels) => levels.finish(end),
                _ => {}
            }
        }
    }

    /// What became of each check, in their order. `not_planned` are the copies whose time had not come.
    pub fn verdicts(&self, not_planned: u64) -> Vec<Verdict> {
        let verdict = |(check, place): &(Check, usize)| {
            // Nothing was looked at, so nothing can be said, not even that something never happened.
            if self.end < self.settings.warm_up {
                return verdict::NO_DATA;
            }
            let verdict = self.gathered[*place].what.verdict(check, self, not_planned);
            let worst = self.gathered[*place].what.worst().filter(|_| check.has_worst());
            Verdict { worst: worst.filter(|_| verdict.observed.is_some()).cloned(), ..verdict }
        };
        self.checks.iter().map(verdict).collect()
    }
}

impl What {
    fn new(metric: Metric, settings: CheckSettings) -> Self {
        match metric.kind() {
            Kind::Duration => {
                Self::Durations { metric, sample: Sample::new(settings.exact_limit), worst: None }
            }
            Kind::Makespan => Self::Makespan { span: RequestSpan::default(), last: None },
            Kind::Level => Self::Levels(Box::new(Levels::new(settings.warm_up, &Scope::ALL, &[]))),
            Kind::Count => Self::Requests { outcomes: OutcomeCounts::default(), timed_out: 0 },
            Kind::Calls => Self::Calls(0),
            Kind::Throughput => Self::Ready(0),
        }
    }

    /// Whether it is what a metric is made of.
    fn serves(&self, of: Metric) -> bool {
        match (self, of.kind()) {
            (Self::Durations { metric, .. }, _) => *metric == of,
            (Self::Makespan { .. }, Kind::Makespan)
            | (Self::Levels(_), Kind::Level)
            | (Self::Requests { .. }, Kind::Count)
            | (Self::Calls(_), Kind::Calls)
            | (Self::Ready(_), Kind::Throughput) => true,
            _ => false,
        }
    }

    /// Percentiles and shares are decided by counting values, so their limits are known before the first.
    fn watch(&mut self, check: &Check) {
        let Self::Durations { sample, .. } = self else { return };
        match check.statistic {
            Statistic::ShareWithin(limit) => sample.watch(limit.micros()),
            Statistic::Percentile(_) => {
                for limit in check.limits.each().filter_map(|limit| u64::try_from(limit).ok()) {
                    sample.watch(limit);
                    sample.watch(limit.saturating_sub(1));
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, record: &CopyRecord, now: SimTime, name: &impl Fn() -> Option<String>) {
        match self {
            Self::Durations { metric, sample, worst } => {
                let Some(value) = metric.duration(record, now) else { return };
                sample.add(value);
                keep_larger(worst, record.key, value, name);
            }
            Self::Makespan { span, last } => {
                span.add(record);
                if let Some(end) = record.end.filter(|_| record.outcome == Outcome::Available) {
                    keep_larger(last, record.key, end.since(SimTime::ZERO), name);
                }
            }
            Self::Requests { outcomes, timed_out } => {
                outcomes.add(record.outcome);
                *timed_out += u64::from(record.timed_out.is_some());
            }
            Self::Ready(count) => *count += 1,
            Self::Levels(_) | Self::Calls(_) => {}
        }
    }

    /// The copy with the largest value, or the last that was ready.
    fn worst(&self) -> Option<&Worst> {
        match self {
            Self::Durations { worst, .. } | Self::Makespan { last: worst, .. } => worst.as_ref(),
            _ => None,
        }
    }

    fn verdict(&self, check: &Check, tally: &CheckTally, not_planned: u64) -> Verdict {
        let (statistic, limits) = (check.statistic, check.limits);
        match self {
            Self::Durations { sample, .. } => match statistic {
                Statistic::Percentile(percentile) => verdict::of_percentile(sample, percentile, limits),
                other => verdict::of_value(of_sample(sample, other), limits),
            },
            Self::Makespan { span, .. } => {
                let is_whole = match check.scope.listed {
                    Some(listed) => span.has_all(listed),
                    None => not_planned == 0,
                };
                let makespan = span.makespan().filter(|_| is_whole);
                verdict::of_value(makespan.map(Whole::micros), limits)
            }
            Self::Levels(levels) => verdict::of_value(levels.value(check.metric, statistic), limits),
            Self::Requests { outcomes: counts, timed_out } => {
                let of = |outcome| if check.metric.counts(outcome) { counts.of(outcome) } else { 0 };
                let count = match check.metric {
                    Metric::TimedOut => *timed_out,
                    _ => Outcome::ALL.into_iter().map(of).sum(),
                };
                let value = match statistic {
                    Statistic::Share => Whole::ratio(u128::from(count), u128::from(counts.total())),
                    _ => Some(Whole::count(count)),
                };
                verdict::of_value(value, limits)
            }
            Self::Calls(count) => verdict::of_value(Some(Whole::count(*count)), limits),
            Self::Ready(count) => {
                const HOUR_MICROS: u128 = 3_600_000_000;
                let length = u128::from(tally.end.since(tally.settings.warm_up).micros());
                verdict::of_value(Whole::ratio(u128::from(*count) * HOUR_MICROS, length), limits)
            }
        }
    }
}

/// A statistic of durations that isn't a percentile; none where there are no values (R9.7), but for their count.
fn of_sample(sample: &Sample, statistic: Statistic) -> Option<Whole> {
    match statistic {
        Statistic::Count => Some(Whole::count(sample.n())),
        Statistic::Min => sample.min().map(Whole::micros),
        Statistic::Max => sample.max().map(Whole::micros),
        Statistic::Mean => Whole::millionths(sample.sum(), u128::from(sample.n())),
        Statistic::ShareWithin(limit) => {
            Whole::ratio(u128::from(sample.count_up_to(limit.micros())?), u128::from(sample.n()))
        }
        Statistic::Percentile(Percentile { .. }) | Statistic::Share | Statistic::Value => None,
    }
}

/// Of equal values the first stays.
fn keep_larger(
    worst: &mut Option<Worst>,
    key: RequestKey,
    value: SimDuration,
    name: &impl Fn() -> Option<String>,
) {
    if worst.as_ref().is_none_or(|worst| value > worst.value) {
        *worst = Some(Worst { key, value, name: name() });
    }
}

impl Levels {
    fn new(warm_up: SimTime, scope: &Scope, slots: &[(SlotKey, u32)]) -> Self {
        let slot = |(key, cap): &(SlotKey, u32)| {
            let cap = TimeAverage::new(warm_up, u64::from(*cap));
            let slot = SlotUse { now: SlotLevels::default(), cap, is_meant: scope.slots.is_some() };
            scope.holds_slot(*key).then_some(slot)
        };
        let none = TimeAverage::new(warm_up, 0);
        Self { slots: slots.iter().map(slot).collect(), held: none.clone(), waiting: none }
    }

    /// Levels that hold for no time count nowhere, so slots may be told one after the other.
    fn set(&mut self, at: SimTime, slot: u32, levels: SlotLevels) {
        let Some(Some(SlotUse { now, cap, .. })) = self.slots.get_mut(slot as usize) else { return };
        for (sum, old, new) in
            [(&mut self.held, now.held, levels.held), (&mut self.waiting, now.waiting, levels.waiting)]
        {
            sum.set(at, sum.level() - u64::from(old) + u64::from(new));
        }
        cap.set(at, u64::from(levels.cap));
        *now = levels;
    }

    /// A copy asked for these slots, whether it held them for a time or not.
    fn asked_for(&mut self, slots: SlotSet) {
        for slot in slots.iter() {
            if let Some(Some(slot)) = self.slots.get_mut(slot as usize) {
                slot.is_meant = true;
            }
        }
    }

    fn finish(&mut self, end: SimTime) {
        let caps = self.slots.iter_mut().flatten().map(|slot| &mut slot.cap);
        for level in caps.chain([&mut self.held, &mut self.waiting]) {
            level.finish(end);
        }
    }

    /// No data where the scope has no slots, or the run was over before the end of the warm-up.
    fn value(&self, metric: Metric, statistic: Statistic) -> Option<Whole> {
        if self.slots.iter().flatten().next().is_none() || !self.held.has_begun() {
            return None;
        }
        if metric == Metric::Utilisation {
            let meant = self.slots.iter().flatten().filter(|slot| slot.is_meant);
            return Whole::ratio(self.held.area(), meant.map(|slot| slot.cap.area()).sum());
        }
        let level = if metric == Metric::QueueLength { &self.waiting } else { &self.held };
        match statistic {
            Statistic::Min => Some(Whole::count(level.low())),
            Statistic::Max => Some(Whole::count(level.peak())),
            _ => Whole::ratio(level.area(), u128::from(level.length().micros())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::*;

    #[test]
    fn checks_of_one_metric_in_one_scope_share_what_they_gather() {
        let settings = CheckSettings { warm_up: SimTime::ZERO, exact_limit: 10 };
        let check = |metric, statistic, entry| Check {
            metric,
            statistic,
            scope: Scope { entry, ..Scope::ALL },
            limits: Limits { max: Some(1), ..Limits::default() },
        };
        let gathered = |checks: Vec<Check>| CheckTally::new(checks, settings).gathered.len();
        let percentiles = (0..10).map(|percent| Percentile::new(percent * 100_000).expect("at most 100"));
        let ten: Vec<Check> = percentiles
            .map(|percentile| check(Metric::Wait, Statistic::Percentile(percentile), None))
            .collect();
        assert_eq!(gathered(ten.clone()), 1);
        let lead = check(Metric::Lead, Statistic::Mean, None);
        let of_one = check(Metric::Wait, Statistic::Mean, Some(1));
        assert_eq!(gathered([ten, vec![lead, of_one]].concat()), 3);
        let counts = [Metric::Available, Metric::Refused, Metric::Planned];
        assert_eq!(gathered(counts.map(|metric| check(metric, Statistic::Count, None)).to_vec()), 1);
        assert_eq!(gathered(Vec::new()), 0);
    }
}
