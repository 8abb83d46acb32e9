//! From what is written of a promise to a check of a run.

mod limits;
mod scope;

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use super::catalog::EntryInfo;
use super::decode::{Attempt, Spanned};
use super::diagnostic::{Position, Sources};
use super::document::{Node, SourceId};
use super::faults::{Faults, Notices};
use super::schema::{CheckText, OneOrMany};
use super::world::World;
use crate::records::checks::{Check, Kind, Limits, Metric, Statistic};
use crate::service::Settings;

/// A promise of a scenario.
#[derive(Clone, Debug)]
pub struct ScenarioCheck {
    pub check: Check,
    /// Its scope as it is written.
    pub written: WrittenScope,
    /// Where it stands in the file; none if it was laid over it.
    pub place: Option<(Position, Position)>,
}

/// A scope as a scenario has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenScope {
    pub of: Option<String>,
    pub from: Vec<String>,
    pub to: Vec<String>,
    pub image: Option<String>,
    pub account: Option<String>,
    pub slots: Vec<String>,
    pub code: Option<String>,
}

/// What checks refer to.
pub struct CheckContext<'a> {
    pub world: &'a World,
    pub settings: &'a Settings,
    /// The entries of `requests`; those with a fault are missing.
    pub entries: &'a [EntryInfo],
    /// Their ids, as far as they are written.
    pub ids: BTreeSet<String>,
    pub sources: &'a Sources,
}

/// The checks of a scenario; `nodes` are what they are read from.
pub fn checks(
    written: Vec<Attempt<Spanned<CheckText>>>,
    nodes: &[Node],
    context: &CheckContext<'_>,
    faults: &mut Faults,
    notices: &mut Notices,
) -> Vec<ScenarioCheck> {
    let mut checks = Vec::new();
    for (attempt, node) in written.into_iter().zip(nodes) {
        // What is made of a part only would lead to faults that are none.
        let Some(text) = attempt.value.filter(|_| attempt.is_whole) else { continue };
        if let Some(check) = check(&text, node, context, faults) {
            notice_what_always_holds(&check, notices);
            checks.push(check);
        }
    }
    checks
}

fn check(
    text: &Spanned<CheckText>,
    node: &Node,
    context: &CheckContext<'_>,
    faults: &mut Faults,
) -> Option<ScenarioCheck> {
    let metric = text.metric.value.0;
    // Each of them tells its own faults, also where another one has some.
    let statistic = statistic(text, metric, faults);
    let scope = scope::scope(text, metric, context, faults);
    let statistic = statistic?;
    let unlimited = Check { metric, statistic, scope: scope?, limits: Limits::default() };
    let limits = limits::limits(text, node, &unlimited, faults)?;
    let is_of_file = text.span.source == SourceId::FILE;
    Some(ScenarioCheck {
        check: Check { limits, ..unlimited },
        written: WrittenScope::of(text),
        place: is_of_file.then(|| context.sources.positions(text.span)),
    })
}

/// The statistic that is written, or the only one that a metric has without a word.
fn statistic(text: &Spanned<CheckText>, metric: Metric, faults: &mut Faults) -> Option<Statistic> {
    let (kind, word) = (metric.kind(), metric.word());
    let Some(stat) = &text.stat else {
        return match kind {
            Kind::Count => Some(Statistic::Count),
            Kind::Makespan | Kind::Calls | Kind::Throughput => Some(Statistic::Value),
            Kind::Level if metric == Metric::Utilisation => Some(Statistic::Mean),
            Kind::Level | Kind::Duration => {
                let help = format!("add a `stat`: {}", ways_out(metric));
                faults.add(text.metric.span, format!("`{word}` has many values"), help);
                None
            }
        };
    };
    let statistic = stat.value.0;
    let fits = match kind {
        Kind::Duration => !matches!(statistic, Statistic::Share | Statistic::Value),
        Kind::Level if metric == Metric::Utilisation => statistic == Statistic::Mean,
        Kind::Level => matches!(statistic, Statistic::Min | Statistic::Mean | Statistic::Max),
        Kind::Count => matches!(statistic, Statistic::Count | Statistic::Share),
        Kind::Calls => statistic == Statistic::Count,
        Kind::Makespan | Kind::Throughput => false,
    };
    if !fits {
        let message = format!("`{word}` has no `{statistic}`");
        let help = match kind {
            Kind::Makespan | Kind::Throughput => "leave `stat` out: it is one value".to_owned(),
            Kind::Calls => "leave `stat` out: it is a count".to_owned(),
            Kind::Level if metric == Metric::Utilisation => "leave `stat` out: it is an average".to_owned(),
            _ => format!("write {}", ways_out(metric)),
        };
        faults.add(stat.span, message, help);
    }
    fits.then(|| if kind == Kind::Calls { Statistic::Value } else { statistic })
}

/// The statistics of a metric, in words.
fn ways_out(metric: Metric) -> &'static str {
    match metric.kind() {
        Kind::Duration => {
            "\"mean\", \"max\", a percentile such as \"p95\", {\"share_within\": \"10m\"}, \"min\" or \"count\""
        }
        Kind::Level => "\"mean\", \"max\" or \"min\"",
        _ => "\"count\" or \"share\"",
    }
}

/// A promise that can't be broken is likely meant otherwise.
fn notice_what_always_holds(scenario_check: &ScenarioCheck, notices: &mut Notices) {
    const ONE: u128 = 1_000_000;
    let Check { limits, metric, statistic, .. } = &scenario_check.check;
    let is_without_min = limits.min.is_none_or(|min| min == 0);
    let is_without_max =
        limits.max.is_none_or(|max| scenario_check.check.is_share() && max == ONE) && limits.equals.is_none();
    if !is_without_min || !is_without_max {
        return;
    }
    let limit = if limits.max.is_some() { "above 1" } else { "below 0" };
    let has_always_data =
        matches!(metric.kind(), Kind::Count | Kind::Calls) && *statistic != Statistic::Share;
    let what = if has_always_data { "this can't fail" } else { "this fails only where there is no data" };
    notices.add(format!("check `{scenario_check}`: it is never {limit}, so {what}"));
}

impl WrittenScope {
    fn of(text: &CheckText) -> Self {
        let word = |written: &Option<Spanned<String>>| written.as_ref().map(|written| written.value.clone());
        let words = |written: &Option<Spanned<OneOrMany<String>>>| {
            written.iter().flat_map(|written| written.each()).map(|(word, _)| word.clone()).collect()
        };
        Self {
            of: word(&text.of),
            from: words(&text.from),
            to: words(&text.to),
            image: word(&text.image),
            account: word(&text.account),
            slots: words(&text.slots),
            code: word(&text.code),
        }
    }
}

/// What a check looks at: `lead p95 of release`, `wait share within 10m to us-*`.
impl fmt::Display for ScenarioCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Check { metric, statistic, .. } = &self.check;
        f.write_str(metric.word())?;
        match statistic {
            Statistic::ShareWithin(limit) => write!(f, " share within {limit}")?,
            Statistic::Count if metric.kind() == Kind::Count => {}
            Statistic::Mean if *metric == Metric::Utilisation => {}
            Statistic::Value => {}
            other => write!(f, " {other}")?,
        }
        let WrittenScope { of, from, to, image, account, slots, code } = &self.written;
        let mut part = |word: &str, names: &[String]| {
            if names.is_empty() { Ok(()) } else { write!(f, " {word} {}", names.join(", ")) }
        };
        part("of", of.as_slice())?;
        part("from", from)?;
        part("to", to)?;
        part("image", image.as_slice())?;
        part("account", account.as_slice())?;
        part("slots", slots)?;
        match code {
            Some(code) => {
                f.write_char(' ')?;
                f.write_str(code)
            }
            None => Ok(()),
        }
    }
}
