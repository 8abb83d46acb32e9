//! Promises on a run: what each looks at, within which limits, and whether they hold.
//!
//! A check is decided exactly, whatever is shown of its value: means and averages by their sums, percentiles
//! and shares by counting the values up to a limit (R9.8). Checks of one metric in one scope share what they
//! gather, and without checks nothing is gathered at all.

mod metric;
mod tally;
#[cfg(test)]
mod tests;
mod verdict;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

pub use metric::{Kind, Metric, Unit};
pub use tally::{CheckSettings, CheckTally};
pub use verdict::{Verdict, Worst};

use super::Percentile;
use crate::ids::{AccountId, RegionId, RequestKey};
use crate::service::codes::Code;
use crate::service::facts::Among;
use crate::service::{SlotKey, SlotPlace};
use crate::time::SimDuration;

/// A promise: a statistic of a metric, of what is in a scope, is within limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub metric: Metric,
    pub statistic: Statistic,
    pub scope: Scope,
    pub limits: Limits,
}

/// What is made of the values of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The metric is one value.
    Value,
    Min,
    /// Of a level: the average over time.
    Mean,
    Max,
    Percentile(Percentile),
    /// The values up to a limit / n (R9.6).
    ShareWithin(SimDuration),
    Count,
    /// The count / the copies planned.
    Share,
}

/// Inclusive limits in millionths of the unit; of durations these are microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub min: Option<u128>,
    pub max: Option<u128>,
    pub equals: Option<u128>,
}

/// Which requests, slots or calls a check looks at: those that every part names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The entry of `requests`.
    pub entry: Option<u32>,
    pub from: Among<RegionId>,
    pub to: Among<RegionId>,
    pub image: Option<ImageScope>,
    pub account: Option<AccountId>,
    pub slots: Option<SlotScope>,
    /// The code of a refused call.
    pub code: Option<Code>,
    /// Copies that the scenario lists in this scope, where they can be told: while fewer are planned, its
    /// makespan isn't known (R9.3).
    pub listed: Option<u64>,
}

/// An image by its name, or all images of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageScope {
    pub name: String,
    /// The members of a group, which are called `name-1` and so on.
    pub count: Option<u32>,
}

/// Owners of slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotScope {
    Regions(BTreeSet<RegionId>),
    /// Pairs from one of the first to one of the second.
    Pairs(Vec<(BTreeSet<RegionId>, BTreeSet<RegionId>)>),
}

/// What scopes can ask of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFacts<'a> {
    pub account: Option<AccountId>,
    pub image: Cow<'a, str>,
    pub from: Option<RegionId>,
    pub to: Option<RegionId>,
}

impl Check {
    pub fn unit(&self) -> Unit {
        match (self.statistic, self.metric.kind()) {
            (Statistic::ShareWithin(_) | Statistic::Count, _) => Unit::One,
            (_, Kind::Duration | Kind::Makespan) => Unit::Seconds,
            (_, Kind::Throughput) => Unit::PerHour,
            (_, Kind::Level | Kind::Count | Kind::Calls) => Unit::One,
        }
    }

    /// Whether it can be no number above 1.
    pub fn is_share(&self) -> bool {
        matches!(self.statistic, Statistic::Share | Statistic::ShareWithin(_))
    }

    /// Whether the copy with the largest value is what breaks it: it bounds large values.
    pub fn has_worst(&self) -> bool {
        match (self.metric.kind(), self.statistic) {
            (Kind::Duration, Statistic::ShareWithin(_)) => self.limits.min.is_some(),
            (Kind::Duration, Statistic::Mean | Statistic::Max | Statistic::Percentile(_))
            | (Kind::Makespan, _) => self.limits.max.is_some() || self.limits.equals.is_some(),
            _ => false,
        }
    }
}

impl Limits {
    /// Every limit that there is.
    pub fn each(self) -> impl Iterator<Item = u128> {
        [self.min, self.max, self.equals].into_iter().flatten()
    }
}

impl Scope {
    /// Everything.
    pub const ALL: Self = Self {
        entry: None,
        from: Among::All,
        to: Among::All,
        image: None,
        account: None,
        slots: None,
        code: None,
        listed: None,
    };

    /// Whether only the call itself tells what it is of: its record doesn't say.
    fn asks_for_account_or_image(&self) -> bool {
        self.account.is_some() || self.image.is_some()
    }

    fn asks_for_regions(&self) -> bool {
        [&self.from, &self.to].into_iter().any(|among| *among != Among::All)
    }

    /// Whether a request is in it; `regions` are its source and destination, as far as they are known.
    fn holds(
        &self,
        key: RequestKey,
        regions: (Option<RegionId>, Option<RegionId>),
        call: Option<&CallFacts<'_>>,
    ) -> bool {
        let is_among = |among: &Among<RegionId>, region: Option<RegionId>| {
            *among == Among::All || region.is_some_and(|region| among.contains(&region))
        };
        self.entry.is_none_or(|entry| key.entry() == entry)
            && is_among(&self.from, regions.0)
            && is_among(&self.to, regions.1)
            && self.account.is_none_or(|account| call.is_some_and(|call| call.account == Some(account)))
            && self.image.as_ref().is_none_or(|image| call.is_some_and(|call| image.holds(&call.image)))
    }

    fn holds_slot(&self, key: SlotKey) -> bool {
        let is_of_account = self.account.is_none_or(|account| key.account == Some(account));
        is_of_account && self.slots.as_ref().is_none_or(|slots| slots.holds(key.place))
    }
}

impl ImageScope {
    /// Whether an image that is called so is meant.
    pub fn holds(&self, image: &str) -> bool {
        let Some(count) = self.count else { return image == self.name };
        let number = image.strip_prefix(self.name.as_str()).and_then(|rest| rest.strip_prefix('-'));
        let number = number.and_then(|number| Some((number, number.parse::<u32>().ok()?)));
        number.is_some_and(|(text, number)| (1..=count).contains(&number) && number.to_string() == text)
    }
}

impl SlotScope {
    fn holds(&self, place: SlotPlace) -> bool {
        match (self, place) {
            (Self::Regions(regions), SlotPlace::Region(region)) => regions.contains(&region),
            (Self::Pairs(pairs), SlotPlace::Pair(from, to)) => {
                pairs.iter().any(|(sources, targets)| sources.contains(&from) && targets.contains(&to))
            }
            _ => false,
        }
    }
}

/// As a scenario has it: `p99.9`. A single value has no word, and a share within a limit has the limit beside it.
impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value => Ok(()),
            Self::Min => f.write_str("min"),
            Self::Mean => f.write_str("mean"),
            Self::Max => f.write_str("max"),
            Self::Percentile(percentile) => percentile.fmt(f),
            Self::ShareWithin(_) => f.write_str("share_within"),
            Self::Count => f.write_str("count"),
            Self::Share => f.write_str("share"),
        }
    }
}
