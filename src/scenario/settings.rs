//! The settings of the service: from the scenario to the model, and as reports show them, with the
//! assumptions that can't be set.

use std::fmt;

use super::copytime::{self, CopyTime};
use super::document::Node;
use super::faults::Faults;
use super::schema::{CapScopeText, ConflictKeyText, OverLimitText, PermissionText, QueueText, ServiceText};
use crate::distribution::Drawn;
use crate::service::{CancelSettings, CapScope, ConflictKey, QueueOrder, Settings};
use crate::time::SimDuration;
use std::sync::Arc;

/// Copies that may run at once in a region; older pages of the vendor say 1 (D, R2.2).
pub const DEFAULT_CAP: u32 = 5;

/// Names of encryption algorithms that the service knows (A, R7.8).
pub const DEFAULT_ALGORITHMS: [&str; 2] = ["aes-256", "sm4-128"];

/// CopyImage calls of an account in a source region in a minute (D, R7.2).
pub const DEFAULT_RATE_LIMIT: u32 = 1000;

/// How long a token is bound (A, R7.3).
pub const DEFAULT_TOKEN_LIFE: SimDuration = SimDuration::from_seconds(24 * 60 * 60);

/// Where the value of a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The vendor documents it.
    Documented,
    /// The scenario says something else than what the vendor documents.
    Chosen,
    /// No public source settles it.
    Assumed,
}

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its path in the scenario.
    pub key: &'static str,
    pub value: String,
    /// Whether the scenario says it.
    pub is_set: bool,
    /// What stands behind the value.
    pub source: Source,
    pub rule: &'static str,
}

/// An assumption without a setting.
#[derive(Clone, Copy, Debug)]
pub struct FixedRule {
    pub rule: &'static str,
    pub text: &'static str,
}

/// What is assumed and can't be set.
pub const FIXED: [FixedRule; 12] = [
    FixedRule {
        rule: "R1.3",
        text: "within an instant: ends, changes of caps, outages and links, cancels, deletes and time-outs, copy calls, \
               starts, polls",
    },
    FixedRule { rule: "R2.5", text: "a call over the limit is refused as ResourceLimitExceeded (HTTP 400)" },
    FixedRule { rule: "R3.3", text: "a relay is planned the moment its copies are known to be Available" },
    FixedRule { rule: "R5.4", text: "deleting an image leaves its snapshots" },
    FixedRule { rule: "R6.4", text: "a failed copy keeps its name until its image is deleted" },
    FixedRule { rule: "R7.1", text: "checks run in one fixed order and the first that applies answers" },
    FixedRule {
        rule: "R7.2",
        text: "the windows of the rate limit are the minutes of the simulated clock; throttled calls get HTTP 400",
    },
    FixedRule { rule: "R7.3", text: "refused calls bind no client token and are checked afresh" },
    FixedRule {
        rule: "R7.4",
        text: "a dry run neither reads nor binds its client token; DryRunOperation is HTTP 400",
    },
    FixedRule { rule: "R7.5", text: "a character is a Unicode scalar value, a letter any alphabetic one" },
    FixedRule { rule: "R7.7", text: "a cancel gives an image's place in the quotas back, a failure doesn't" },
    FixedRule {
        rule: "R8.1",
        text: "clients without a `poll` notice the end of a copy as it happens; polls come at whole intervals after \
               the acceptance",
    },
];

/// The model's settings; caps of pairs are added when the links are known.
pub fn service_settings(
    text: &ServiceText,
    caps: Vec<u32>,
    accounts: usize,
    faults: &mut Faults,
) -> Settings {
    let over_limit = text.over_limit.unwrap_or(OverLimitText::Queue);
    if let (OverLimitText::Reject, Some(max_queue)) = (over_limit, &text.max_queue) {
        faults.add(
            max_queue.span,
            "`max_queue` means nothing where calls over the limit are rejected",
            "leave it out, or set `\"over_limit\": \"queue\"`",
        );
    }
    let cancel = text.cancel.clone().unwrap_or_default();
    Settings {
        caps,
        pair_caps: rustc_hash::FxHashMap::default(),
        cap_scope: match text.cap_scope {
            None | Some(CapScopeText::Source) => CapScope::Source,
            Some(CapScopeText::Destination) => CapScope::Destination,
            Some(CapScopeText::Both) => CapScope::Both,
            Some(CapScopeText::Pair) => CapScope::Pair,
        },
        cap_per_account: text.cap_per_account.unwrap_or(true),
        accounts: u32::try_from(accounts).unwrap_or(u32::MAX),
        queue: match text.queue {
            None | Some(QueueText::Fifo) => QueueOrder::Fifo,
            Some(QueueText::Priority) => QueueOrder::Priority,
            Some(QueueText::ShortestFirst) => QueueOrder::ShortestFirst,
        },
        head_of_line_blocking: text.head_of_line_blocking.unwrap_or(false),
        max_queue: match over_limit {
            OverLimitText::Reject => Some(0),
            OverLimitText::Queue => text.max_queue.as_ref().map(|max_queue| max_queue.value),
        },
        conflict_key: match text.conflict_key {
            None | Some(ConflictKeyText::ImageAndDestination) => ConflictKey::ImageAndDestination,
            Some(ConflictKeyText::Image) => ConflictKey::Image,
            Some(ConflictKeyText::Off) => ConflictKey::Off,
        },
        request_lock: text.request_lock.unwrap_or(SimDuration::ZERO),
        same_region_plain: text.same_region_plain == Some(PermissionText::Allowed),
        cancel: CancelSettings {
            queued_allowed: cancel.queued != Some(PermissionText::Refused),
            point_of_no_return: cancel.point_of_no_return,
            drain: cancel.drain.unwrap_or(SimDuration::ZERO),
        },
        rate_limit: text.rate_limit.map_or(Some(DEFAULT_RATE_LIMIT), |written| written.0),
        token_life: text.token_life.unwrap_or(DEFAULT_TOKEN_LIFE),
        max_image_size: text.max_image_size,
        facts: Arc::default(),
    }
}

/// The settings in force, for reports.
pub fn setting_lines(text: &ServiceText, copy_time: &CopyTime, written: Option<&Node>) -> Vec<Setting> {
    use Source::{Assumed, Documented};
    let cancel = text.cancel.clone().unwrap_or_default();
    let cap = text.cap.map(|cap| cap.to_string());
    let over_limit = match (text.over_limit, &text.max_queue) {
        (Some(OverLimitText::Reject), _) => Some("reject".to_owned()),
        (_, Some(max_queue)) => Some(format!("queue up to {}, then reject", max_queue.value)),
        (written, None) => written.map(|_| "queue".to_owned()),
    };
    let scope = text.cap_scope.map(|_| scope_text(text).to_owned());
    let per_account = text.cap_per_account.map(|is_set| is_set.to_string());
    let queue = text.queue.map(|queue| queue_text(queue).to_owned());
    let blocking = text.head_of_line_blocking.map(|is_set| is_set.to_string());
    let conflict = text.conflict_key.map(|_| conflict_text(text).to_owned());
    let point = cancel.point_of_no_return.map(|point| point.to_string());
    let rate_limit = text.rate_limit.map(|limit| limit.0.map_or("off".to_owned(), |calls| calls.to_string()));
    let number = |written: Option<u64>| written.map(|number| number.to_string());
    let largest = text.max_image_size.map(|size| size.to_string());
    let algorithms = text
        .encrypt_algorithms
        .as_ref()
        .map(|names| names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(" "));
    let across = permission(text.encrypt_across_regions);
    let mut lines = vec![
        line("service.cap", cap, &DEFAULT_CAP.to_string(), Documented, "R2.2"),
        line("service.cap_scope", scope, "source", Assumed, "R2.3"),
        line("service.cap_per_account", per_account, "true", Assumed, "R2.3"),
        line("service.queue", queue, "fifo", Documented, "R2.4"),
        line("service.head_of_line_blocking", blocking, "false", Assumed, "R2.4"),
        line("service.over_limit", over_limit, "queue", Assumed, "R2.5"),
        line("service.conflict_key", conflict, "image+destination", Assumed, "R6.1"),
        line("service.request_lock", length(text.request_lock), "0s", Assumed, "R6.3"),
        line("service.same_region_plain", permission(text.same_region_plain), "refused", Assumed, "R7.6"),
        line("service.rate_limit", rate_limit, &DEFAULT_RATE_LIMIT.to_string(), Documented, "R7.2"),
        line("service.token_life", length(text.token_life), &DEFAULT_TOKEN_LIFE.to_string(), Assumed, "R7.3"),
        line("service.images_quota", number(text.images_quota), "none", Assumed, "R7.7"),
        line("service.snapshots_quota", number(text.snapshots_quota), "none", Assumed, "R7.7"),
        line("service.max_image_size", largest, "none", Assumed, "R7.8"),
        line("service.encrypt_algorithms", algorithms, &DEFAULT_ALGORITHMS.join(" "), Assumed, "R7.8"),
        line("service.encrypt_across_regions", across, "allowed", Assumed, "R7.8"),
        line("service.cancel.queued", permission(cancel.queued), "allowed", Assumed, "R5.2"),
        line("service.cancel.point_of_no_return", point, "none", Assumed, "R5.2"),
        line("service.cancel.drain", length(cancel.drain), "0s", Assumed, "R5.2"),
    ];
    lines.extend(copy_time_lines(copy_time, written));
    lines
}

fn copy_time_lines(time: &CopyTime, written: Option<&Node>) -> Vec<Setting> {
    // What is drawn is shown as it is written.
    let text = |key: &str| {
        written.and_then(|copy_time| copy_time.get(key)).map_or_else(String::new, Node::canonical)
    };
    let part = |key, written, default: &str| line(key, written, default, Source::Assumed, "R4.1");
    if time.duration.is_some() {
        return vec![part("copy_time.duration", drawn(time.duration.as_ref(), || text("duration")), "none")];
    }
    let throughput = drawn(time.throughput.as_ref(), || text("throughput"));
    vec![
        part(
            "copy_time.setup",
            drawn(time.setup.as_ref(), || text("setup")),
            &copytime::DEFAULT_SETUP.to_string(),
        ),
        part("copy_time.throughput", throughput, &copytime::DEFAULT_THROUGHPUT.to_string()),
        part(
            "copy_time.finalize",
            drawn(time.finalize.as_ref(), || text("finalize")),
            &copytime::DEFAULT_FINALIZE.to_string(),
        ),
    ]
}

fn line(
    key: &'static str,
    written: Option<String>,
    default: &str,
    source_of_default: Source,
    rule: &'static str,
) -> Setting {
    let is_set = written.is_some();
    let value = written.unwrap_or_else(|| default.to_owned());
    let source = match source_of_default {
        Source::Documented if value != default => Source::Chosen,
        source => source,
    };
    Setting { key, value, is_set, source, rule }
}

fn drawn<T: fmt::Display>(written: Option<&Drawn<T>>, text: impl Fn() -> String) -> Option<String> {
    written.map(|written| match written {
        Drawn::Fixed(value) => value.to_string(),
        Drawn::Random(_) => text(),
    })
}

fn length(written: Option<SimDuration>) -> Option<String> {
    written.map(|length| length.to_string())
}

fn permission(written: Option<PermissionText>) -> Option<String> {
    written.map(|written| if written == PermissionText::Allowed { "allowed" } else { "refused" }.to_owned())
}

fn scope_text(text: &ServiceText) -> &'static str {
    match text.cap_scope {
        None | Some(CapScopeText::Source) => "source",
        Some(CapScopeText::Destination) => "destination",
        Some(CapScopeText::Both) => "both",
        Some(CapScopeText::Pair) => "pair",
    }
}

fn queue_text(queue: QueueText) -> &'static str {
    match queue {
        QueueText::Fifo => "fifo",
        QueueText::Priority => "priority",
        QueueText::ShortestFirst => "shortest_first",
    }
}

fn conflict_text(text: &ServiceText) -> &'static str {
    match text.conflict_key {
        None | Some(ConflictKeyText::ImageAndDestination) => "image+destination",
        Some(ConflictKeyText::Image) => "image",
        Some(ConflictKeyText::Off) => "off",
    }
}
