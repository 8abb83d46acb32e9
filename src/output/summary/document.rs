//! What summary.json holds: one type for each of its objects. They make its JSON Schema too.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::numbers::{Decimal, InOrder};
use crate::clock::Clock;

/// The figures of a run. A key whose value is unknown, such as a statistic of nothing, is left out.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Summary {
    /// The version of this form.
    #[schemars(extend("const" = "copysim/summary/1"))]
    pub schema: &'static str,
    /// The scenario's name: its file without folder and ending.
    pub scenario: String,
    /// The question that the scenario answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The seed of everything that is made up.
    pub seed: u64,
    /// What was laid over the scenario, as it was given: `service.cap=10`.
    pub overrides: Vec<String>,
    /// What a clock showed at 0; with it `_at` stands beside some times `_s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Clock>,
    /// Figures take only what was planned from here on (R9.4).
    pub warm_up_s: Decimal,
    /// The end of the run (R1.7).
    pub end_s: Decimal,
    /// What a clock showed then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_at: Option<String>,
    /// `horizon` when something was still to come, else `no work left` (R1.7).
    pub ended_by: &'static str,
    /// Copy requests by outcome (R9.1).
    pub requests: Requests,
    /// Copies that were accepted before the run began, if there were any. They aren't counted elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub already: Option<AlreadySummary>,
    /// Deletes of new images at the end of their retention, if there were any (R5.4). They are among the calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<RetentionSummary>,
    /// How requests with `expect` were answered, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expectations: Option<ExpectationsSummary>,
    /// The promises on the run in file order, if there are any, and whether they were kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checks: Option<Vec<CheckSummary>>,
    /// Copies whose time had not come by the end.
    pub not_planned: u64,
    /// Copies for which no slot would ever have been free (R1.7).
    pub never_startable: u64,
    /// Copies that hold a slot and could never go on, since a link of theirs can move nothing, if there are any (R4.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stalled: Option<u64>,
    /// Last end of Available copies - first planned time; unknown while one is unfinished (R9.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub makespan_s: Option<Decimal>,
    /// Available ends per hour (R9.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput_per_hour: Option<Decimal>,
    /// wait, waited, copy, total and lead (R9.2).
    pub figures: InOrder<Figure>,
    /// Calls by operation.
    pub calls: Vec<Answers>,
    /// Requests whose clients had waited long enough, whatever became of their copies (R8.2).
    pub timed_out: u64,
    /// By client with requests, if the scenario has clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<Vec<ClientSummary>>,
    /// Outages in the order in which they began, if there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outages: Option<Vec<OutageSummary>>,
    /// Shared links that copies can go over, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<LinkSummary>>,
    /// By destination, last ready first.
    pub destinations: Vec<DestinationSummary>,
    /// By owner of slots with requests.
    pub slots: Vec<SlotSummary>,
    /// By request of the scenario, in file order.
    pub by_request: Vec<RequestSummary>,
    /// Bytes moved.
    pub moved_bytes: u64,
    /// Bytes of these moved in vain, by copies that were cancelled or failed (R9.6).
    pub in_vain_bytes: u64,
    /// The same between two regions.
    pub traffic: Vec<TrafficSummary>,
    /// The settings in force.
    pub settings: Vec<SettingLine>,
    /// What is assumed and can't be set.
    pub fixed: Vec<FixedLine>,
    /// What was dropped or is easily overlooked in the scenario.
    pub notices: Vec<String>,
    /// What to beware of in these figures.
    pub warnings: Vec<String>,
}

/// What a client did (R8).
#[derive(Debug, JsonSchema, Serialize)]
pub struct ClientSummary {
    /// What it is called.
    pub client: String,
    /// Its copies, by outcome.
    pub requests: Requests,
    /// CopyImage calls that it made.
    pub calls: u64,
    /// Those of them that were refused.
    pub refusals: u64,
    /// The most calls for one of its requests, but for first ones, at one instant.
    pub again_at_once: u64,
    /// The longest lead of an Available copy: planned to known (R9.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_max_s: Option<Decimal>,
    /// Copies that failed and were asked for again.
    pub failures: u64,
    /// Requests for which it had waited long enough.
    pub timed_out: u64,
    /// Those of them whose copies became Available all the same.
    pub ready_after_all: u64,
    /// The longest time from the first call to the end of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed_max_s: Option<Decimal>,
    /// Requests that it held back, since it had no free place for them.
    pub held_back: u64,
    /// The longest time by which it sent one later than planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_back_max_s: Option<Decimal>,
    /// How it behaves, as it is set.
    pub settings: Vec<String>,
}

/// An outage of a region (R4.4).
#[derive(Debug, JsonSchema, Serialize)]
pub struct OutageSummary {
    /// Which region was out.
    pub region: String,
    /// When it began.
    pub from_s: Decimal,
    /// When it was over; without it the run ended before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_s: Option<Decimal>,
    /// What became of running copies: `pause` or `fail`.
    pub running: &'static str,
    /// Running copies that it touched when it began.
    pub touched_running: u32,
    /// Waiting copies that it touched when it began or was over, whichever is more.
    pub touched_waiting: u32,
}

/// A shared link (R4.2). Averages are over the time from the warm-up on.
#[derive(Debug, JsonSchema, Serialize)]
pub struct LinkSummary {
    /// What it is called.
    pub link: String,
    /// The least that it could move in a second.
    pub capacity_min_bytes_per_s: u64,
    /// The most that it could move in a second.
    pub capacity_max_bytes_per_s: u64,
    /// What was moved over it in a second, on the average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_mean_bytes_per_s: Option<Decimal>,
    /// What was used / what it could move, both over time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utilisation: Option<Decimal>,
    /// The share of the time in which it was full, so that its copies were slower than they can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full: Option<Decimal>,
    /// Transfers over it at a time, on the average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies_mean: Option<Decimal>,
    /// The most transfers over it at a time.
    pub copies_max: u64,
    /// The most that its transfers could have moved in a second, if each had had all that it can take.
    pub wanted_max_bytes_per_s: u64,
}

/// What copies that were there when the run began did then.
#[derive(Debug, JsonSchema, Serialize)]
pub struct AlreadySummary {
    /// Copies that held a slot.
    pub running: u64,
    /// Copies that waited.
    pub queued: u64,
}

/// Calls that must be answered in a certain way.
#[derive(Debug, JsonSchema, Serialize)]
pub struct ExpectationsSummary {
    /// Whether all of them were.
    pub passed: bool,
    /// Calls that were.
    pub held: u64,
    /// Calls that weren't.
    pub broken: u64,
    /// The first of those.
    pub first_broken: Vec<BrokenExpectation>,
}

/// A call that wasn't answered as it must be.
#[derive(Debug, JsonSchema, Serialize)]
pub struct BrokenExpectation {
    /// What the call is called.
    pub call: String,
    /// The answer that it must get: `accepted`, `replayed` or an error code.
    pub expected: &'static str,
    /// The answer that it got; without it the call was never made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<&'static str>,
    /// Why it was refused, and what would have been accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A promise on the run. The verdict is exact, whatever is shown of the value (R9.8).
#[derive(Debug, JsonSchema, Serialize)]
pub struct CheckSummary {
    /// What it looks at, in words.
    pub check: String,
    /// What is looked at.
    pub metric: &'static str,
    /// What is made of its values; without it, it is one value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stat: Option<String>,
    /// Of `share_within`: up to which value copies are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_s: Option<Decimal>,
    /// What it is of, as the scenario says; without it, of everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<CheckScope>,
    /// Whether it holds; never without data (R9.7).
    pub passed: bool,
    /// True where there is nothing to look at: then nothing is observed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_data: Option<bool>,
    /// The value of a count, a share or a level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Decimal>,
    /// The value of a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_s: Option<Decimal>,
    /// The value of a throughput.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_per_hour: Option<Decimal>,
    /// True where the value comes from buckets of 3 significant digits; the verdict doesn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approximate: Option<bool>,
    /// The limits of a count, a share or a level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<CheckLimit>,
    /// The limits of a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_s: Option<CheckLimit>,
    /// The limits of a throughput.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_per_hour: Option<CheckLimit>,
    /// Where large values are bounded: the copy with the largest one, or of a makespan the one ready last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst: Option<WorstCopy>,
}

/// Inclusive limits.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
pub struct CheckLimit {
    /// The least that it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Decimal>,
    /// The most that it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Decimal>,
    /// What it must be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<Decimal>,
}

/// What a check is of; every part that is given holds.
#[derive(Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct CheckScope {
    /// A request, or those of its copies that go to one region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Source regions, as ids or patterns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Vec<String>>,
    /// Destination regions, as ids or patterns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Vec<String>>,
    /// An image, or a group of images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// An account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Owners of slots, as ids or patterns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots: Option<Vec<String>>,
    /// The error code of calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// The copy with the largest value.
#[derive(Debug, JsonSchema, Serialize)]
pub struct WorstCopy {
    /// What it is called.
    pub copy: String,
    /// Its value; of a makespan when it was ready.
    pub value_s: Decimal,
}

/// Deletes at the end of a retention.
#[derive(Debug, JsonSchema, Serialize)]
pub struct RetentionSummary {
    /// Images that were deleted.
    pub deleted: u64,
    /// Deletes that were refused, such as of an image that was being copied on; these images stay.
    pub refused: u64,
}

/// Copy requests by outcome; all but `planned` sum to it (R9.1).
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Requests {
    /// Requests planned up to the end.
    pub planned: u64,
    /// How many ended so.
    #[serde(flatten)]
    pub outcomes: InOrder<u64>,
}

/// A duration figure: n, what is left out by outcome, and statistics unless n is 0.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Figure {
    /// Values that count.
    pub n: u64,
    /// Requests without a value, by outcome.
    pub left_out: InOrder<u64>,
    /// Whether percentiles are exact; else from buckets of 3 significant digits (R9.8).
    pub exact: bool,
    #[serde(flatten)]
    pub statistics: Option<Statistics>,
}

/// Statistics of a figure; percentiles are nearest rank (R9.5).
#[derive(Debug, JsonSchema, Serialize)]
pub struct Statistics {
    /// The least.
    pub min_s: Decimal,
    /// The mean, rounded half up to a microsecond.
    pub mean_s: Decimal,
    /// The median.
    pub p50_s: Decimal,
    /// The 90th percentile.
    pub p90_s: Decimal,
    /// The 95th percentile.
    pub p95_s: Decimal,
    /// The 99th percentile.
    pub p99_s: Decimal,
    /// The 99.9th percentile.
    #[serde(rename = "p99.9_s")]
    pub p99_9_s: Decimal,
    /// The largest.
    pub max_s: Decimal,
}

/// Calls of one operation.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Answers {
    /// `CopyImage`, `CancelCopyImage` or `DeleteImage`.
    pub operation: &'static str,
    /// Calls that were accepted.
    pub accepted: u64,
    /// Of CopyImage: calls that got the first answer of their client token again, so that nothing was made (R7.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replayed: Option<u64>,
    /// Of CopyImage: dry runs that nothing refused. The answer is DryRunOperation (HTTP 400), and nothing was
    /// made (R7.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry_runs: Option<u64>,
    /// Calls that were refused, by code.
    pub refused: Vec<RefusedCalls>,
}

/// Calls refused with one code.
#[derive(Debug, JsonSchema, Serialize)]
pub struct RefusedCalls {
    /// The error code as the vendor spells it.
    pub code: &'static str,
    /// Its HTTP status.
    pub http_status: u16,
    /// How many.
    pub count: u64,
}

/// The copies to one region.
#[derive(Debug, JsonSchema, Serialize)]
pub struct DestinationSummary {
    /// The region's id.
    pub region: String,
    /// Copy requests to there, by outcome.
    pub requests: Requests,
    /// The copy that was Available last there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_ready: Option<LastReady>,
}

/// The copy that was Available last in a region.
#[derive(Debug, JsonSchema, Serialize)]
pub struct LastReady {
    /// What it is called.
    pub copy: String,
    /// The request that it is of.
    pub request: String,
    /// The size of its image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// Start - accepted.
    pub wait_s: Decimal,
    /// End - start.
    pub copy_s: Decimal,
    /// When it was Available.
    pub ready_s: Decimal,
    /// What a clock showed then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<String>,
}

/// One owner of slots: a region or a pair, of one account or of all.
#[derive(Debug, JsonSchema, Serialize)]
pub struct SlotSummary {
    /// What it is called.
    pub slots: String,
    /// Copy requests that needed a slot of it, by outcome.
    pub requests: Requests,
    /// The lowest cap.
    pub cap_min: u64,
    /// The highest cap.
    pub cap_max: u64,
    /// The time average of the cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap_mean: Option<Decimal>,
    /// The time average of slots held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_use_mean: Option<Decimal>,
    /// The most slots held when the clock moved on.
    pub in_use_max: u64,
    /// Area of slots held / area of the cap (R9.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utilisation: Option<Decimal>,
    /// The time average of waiting copies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_mean: Option<Decimal>,
    /// The most copies that waited when the clock moved on.
    pub waiting_max: u64,
    /// The figures of copies that needed a slot of it.
    pub figures: InOrder<Figure>,
}

/// A request of the scenario that asked for copies.
#[derive(Debug, JsonSchema, Serialize)]
pub struct RequestSummary {
    /// What it is called.
    pub request: String,
    /// Its copies, by outcome.
    pub requests: Requests,
    /// When the first of them was planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_planned_s: Option<Decimal>,
    /// When the last of them was Available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_ready_s: Option<Decimal>,
    /// What a clock showed then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_ready_at: Option<String>,
    /// The one - the other; unknown while a copy is unfinished (R9.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub makespan_s: Option<Decimal>,
    /// The mean wait of those that started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_mean_s: Option<Decimal>,
    /// The longest wait of those that started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_max_s: Option<Decimal>,
}

/// What was moved between two regions.
#[derive(Debug, JsonSchema, Serialize)]
pub struct TrafficSummary {
    /// The source region.
    pub from: String,
    /// The destination region.
    pub to: String,
    /// Bytes moved.
    pub moved_bytes: u64,
    /// Bytes of these moved in vain.
    pub in_vain_bytes: u64,
}

/// A setting in force.
#[derive(Debug, JsonSchema, Serialize)]
pub struct SettingLine {
    /// Its path in the scenario.
    pub key: &'static str,
    /// Its value, as a scenario has it.
    pub value: String,
    /// `scenario` when the scenario says it, else `default`.
    pub from: &'static str,
    /// What the value rests on: `documented` by the vendor; `chosen` by the scenario where the vendor
    /// documents another value; else `assumed`, whoever says it.
    pub basis: &'static str,
    /// The rule of the model.
    pub rule: &'static str,
}

/// An assumption without a setting.
#[derive(Debug, JsonSchema, Serialize)]
pub struct FixedLine {
    /// The rule of the model.
    pub rule: &'static str,
    /// What is assumed.
    pub text: &'static str,
}
