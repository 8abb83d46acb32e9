//! The promises on a run, and whether they hold.

use super::super::numbers::Decimal;
use super::{CheckLimit, CheckScope, CheckSummary, WorstCopy};
use crate::records::checks::{CheckTally, Statistic, Unit, Verdict, Worst};
use crate::scenario::{Labels, ScenarioCheck};
use crate::simulation::RunEnd;

pub fn checks(
    checks: &[ScenarioCheck],
    tally: &CheckTally,
    end: &RunEnd,
    labels: &Labels<'_>,
) -> Option<Vec<CheckSummary>> {
    let verdicts = tally.verdicts(end.not_planned);
    let summaries = checks.iter().zip(verdicts).map(|(check, verdict)| summary(check, verdict, labels));
    (!checks.is_empty()).then(|| summaries.collect())
}

fn summary(scenario_check: &ScenarioCheck, verdict: Verdict, labels: &Labels<'_>) -> CheckSummary {
    let check = &scenario_check.check;
    let unit = check.unit();
    let limits = check.limits;
    let limit = CheckLimit {
        min: limits.min.map(decimal),
        max: limits.max.map(decimal),
        equals: limits.equals.map(decimal),
    };
    let of_unit = |wanted| (unit == wanted).then_some(());
    let observed = verdict.observed.map(decimal);
    let (statistic, within) = match check.statistic {
        Statistic::Value => (None, None),
        Statistic::ShareWithin(within) => (Some("share_within".to_owned()), Some(within.into())),
        other => (Some(other.to_string()), None),
    };
    CheckSummary {
        check: scenario_check.to_string(),
        metric: check.metric.word(),
        stat: statistic,
        within_s: within,
        scope: scope(scenario_check),
        passed: verdict.passed,
        no_data: observed.is_none().then_some(true),
        observed: of_unit(Unit::One).and(observed),
        observed_s: of_unit(Unit::Seconds).and(observed),
        observed_per_hour: of_unit(Unit::PerHour).and(observed),
        approximate: verdict.is_approximate.then_some(true),
        limit: of_unit(Unit::One).map(|()| limit),
        limit_s: of_unit(Unit::Seconds).map(|()| limit),
        limit_per_hour: of_unit(Unit::PerHour).map(|()| limit),
        worst: verdict.worst.map(|worst| worst_copy(worst, labels)),
    }
}

/// What is beyond 64 bits is beyond every figure that is shown.
fn decimal(millionths: u128) -> Decimal {
    Decimal(u64::try_from(millionths).unwrap_or(u64::MAX))
}

fn worst_copy(Worst { key, value, name }: Worst, labels: &Labels<'_>) -> WorstCopy {
    WorstCopy { copy: name.unwrap_or_else(|| labels.label(key)), value_s: value.into() }
}

/// None where a check is of everything.
fn scope(check: &ScenarioCheck) -> Option<CheckScope> {
    let written = check.written.clone();
    let several = |names: Vec<String>| (!names.is_empty()).then_some(names);
    let scope = CheckScope {
        of: written.of,
        from: several(written.from),
        to: several(written.to),
        image: written.image,
        account: written.account,
        slots: several(written.slots),
        code: written.code,
    };
    (scope != CheckScope::default()).then_some(scope)
}
