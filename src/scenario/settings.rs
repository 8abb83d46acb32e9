//! The settings of the service: from the scenario to the model, and as reports show them, with the
//! assumptions that can't be set.

use super::copytime;
use super::resolve::Faults;
use super::schema::{
    CapScopeText, ConflictKeyText, CopyTimeText, OverLimitText, PermissionText, ServiceText,
};
use crate::service::{CancelSettings, CapScope, ConflictKey, Settings};
use crate::time::SimDuration;

/// Copies that may run at once in a region; older pages of the vendor say 1 (D, R2.2).
pub const DEFAULT_CAP: u32 = 5;

/// Where the value of a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The vendor documents it.
    Documented,
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
    /// What stands behind the default.
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
pub const FIXED: [FixedRule; 7] = [
    FixedRule {
        rule: "R1.3",
        text: "within an instant: ends, capacity changes, cancels and deletes, copy calls, starts",
    },
    FixedRule { rule: "R2.5", text: "a call over the limit is refused as ResourceLimitExceeded (HTTP 400)" },
    FixedRule { rule: "R3.3", text: "a relay is planned the moment its copies are known to be Available" },
    FixedRule { rule: "R5.4", text: "deleting an image leaves its snapshots" },
    FixedRule { rule: "R6.4", text: "a failed copy keeps its name until its image is deleted" },
    FixedRule { rule: "R7.1", text: "checks run in one fixed order and the first that applies answers" },
    FixedRule { rule: "R8.1", text: "clients notice the end of a copy as it happens" },
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
            "leave it out, or set \"over_limit\": \"queue\"",
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
    }
}

/// The settings in force, for reports.
pub fn setting_lines(text: &ServiceText, copy_time: &CopyTimeText) -> Vec<Setting> {
    use Source::{Assumed, Documented};
    let cancel = text.cancel.clone().unwrap_or_default();
    let permission = |written: Option<PermissionText>, default: PermissionText| {
        let is_allowed = written.unwrap_or(default) == PermissionText::Allowed;
        if is_allowed { "allowed" } else { "refused" }.to_owned()
    };
    let line = |key, value: String, is_set, source, rule| Setting { key, value, is_set, source, rule };
    let or = |written: Option<String>, default: &str| written.unwrap_or_else(|| default.to_owned());
    let over_limit = match (text.over_limit, &text.max_queue) {
        (Some(OverLimitText::Reject), _) => "reject".to_owned(),
        (_, Some(max_queue)) => format!("queue up to {}, then reject", max_queue.value),
        _ => "queue".to_owned(),
    };
    let mut lines = vec![
        line(
            "service.cap",
            text.cap.unwrap_or(DEFAULT_CAP).to_string(),
            text.cap.is_some(),
            Documented,
            "R2.2",
        ),
        line("service.cap_scope", scope_text(text).to_owned(), text.cap_scope.is_some(), Assumed, "R2.3"),
        line(
            "service.cap_per_account",
            text.cap_per_account.unwrap_or(true).to_string(),
            text.cap_per_account.is_some(),
            Assumed,
            "R2.3",
        ),
        line("service.queue", "fifo".to_owned(), text.queue.is_some(), Documented, "R2.4"),
        line("service.over_limit", over_limit, text.over_limit.is_some(), Assumed, "R2.5"),
        line(
            "service.conflict_key",
            conflict_text(text).to_owned(),
            text.conflict_key.is_some(),
            Assumed,
            "R6.1",
        ),
        line(
            "service.request_lock",
            text.request_lock.unwrap_or(SimDuration::ZERO).to_string(),
            text.request_lock.is_some(),
            Assumed,
            "R6.3",
        ),
        line(
            "service.same_region_plain",
            permission(text.same_region_plain, PermissionText::Refused),
            text.same_region_plain.is_some(),
            Assumed,
            "R7.6",
        ),
        line(
            "service.cancel.queued",
            permission(cancel.queued, PermissionText::Allowed),
            cancel.queued.is_some(),
            Assumed,
            "R5.2",
        ),
        line(
            "service.cancel.point_of_no_return",
            or(cancel.point_of_no_return.map(|point| point.to_string()), "none"),
            cancel.point_of_no_return.is_some(),
            Assumed,
            "R5.2",
        ),
        line(
            "service.cancel.drain",
            cancel.drain.unwrap_or(SimDuration::ZERO).to_string(),
            cancel.drain.is_some(),
            Assumed,
            "R5.2",
        ),
    ];
    lines.extend(copy_time_lines(copy_time));
    lines
}

fn copy_time_lines(time: &CopyTimeText) -> Vec<Setting> {
    let line =
        |key, value: String, is_set| Setting { key, value, is_set, source: Source::Assumed, rule: "R4.1" };
    if let Some(duration) = time.duration {
        return vec![line("copy_time.duration", duration.to_string(), true)];
    }
    vec![
        line(
            "copy_time.setup",
            time.setup.unwrap_or(copytime::DEFAULT_SETUP).to_string(),
            time.setup.is_some(),
        ),
        line(
            "copy_time.throughput",
            time.throughput.unwrap_or(copytime::DEFAULT_THROUGHPUT).to_string(),
            time.throughput.is_some(),
        ),
        line(
            "copy_time.finalize",
            time.finalize.unwrap_or(copytime::DEFAULT_FINALIZE).to_string(),
            time.finalize.is_some(),
        ),
    ]
}

fn scope_text(text: &ServiceText) -> &'static str {
    match text.cap_scope {
        None | Some(CapScopeText::Source) => "source",
        Some(CapScopeText::Destination) => "destination",
        Some(CapScopeText::Both) => "both",
        Some(CapScopeText::Pair) => "pair",
    }
}

fn conflict_text(text: &ServiceText) -> &'static str {
    match text.conflict_key {
        None | Some(ConflictKeyText::ImageAndDestination) => "image+destination",
        Some(ConflictKeyText::Image) => "image",
        Some(ConflictKeyText::Off) => "off",
    }
}
