//! A world in a few lines, for the messages of failed tests.

use std::fmt::{Debug, Display, Write};

use super::*;
use crate::twin::TargetCall;

/// A world in a few lines, for messages about failures.
pub fn describe(world: &World) -> String {
    let mut text = String::new();
    let s = &world.settings;
    line(
        &mut text,
        format_args!(
            "scope {:?}, queue {:?}, blocking {}, per account {}, max_queue {}, conflict {:?}, lock {}, \
             same region plain {}, \
             cancel queued {}, no return {}, drain {}, horizon {}",
            s.scope,
            s.queue,
            s.head_of_line_blocking,
            s.cap_per_account,
            shown(s.max_queue),
            s.conflict_key,
            s.request_lock_us,
            s.same_region_plain_allowed,
            s.cancel_queued_allowed,
            shown(s.point_of_no_return_millionths),
            s.drain_us,
            shown(s.horizon_us),
        ),
    );
    line(
        &mut text,
        format_args!(
            "rate limit {}, token life {}, images {}, snapshots {}",
            shown(s.rate_limit),
            s.token_life_us,
            shown(s.images_quota),
            shown(s.snapshots_quota),
        ),
    );
    numbered(&mut text, "r", &world.regions);
    world.links.iter().for_each(|link| line(&mut text, format_args!("{link:?}")));
    for (at, region, cap) in &world.cap_changes {
        line(&mut text, format_args!("@{at} r{region}: cap {cap}"));
    }
    numbered(&mut text, "a", &world.accounts);
    numbered(&mut text, "i", &world.images);
    numbered(&mut text, "f", &world.faults);
    for (o, op) in world.ops.iter().enumerate() {
        let described = match op {
            Op::Copy(call) => copy_text(call),
            Op::Cancel(call) => call_text("cancel", call),
            Op::Delete(call) => call_text("delete", call),
        };
        line(&mut text, format_args!("#{o} {described}"));
    }
    text
}

fn numbered(text: &mut String, letter: &str, list: &[impl Debug]) {
    for (index, element) in list.iter().enumerate() {
        line(text, format_args!("{letter}{index}: {element:?}"));
    }
}

fn copy_text(call: &CopyCall) -> String {
    let mut text = format!(
        "copy{} {} {} -> {} {} for {}{}{}{}{}{}{}",
        optional(" @", call.at),
        target_text(call.image),
        place_text(call.from),
        call.to.map_or("itself".to_owned(), place_text),
        call.account.map_or("anonymous".to_owned(), |account| format!("account {account}")),
        call.duration_us,
        optional(" fails after ", call.fail_after_us),
        call.name.map_or(String::new(), |name| format!(" name {name:?}")),
        optional(" kept ", call.retention_us),
        optional(" encrypted ", call.encrypted),
        optional(" token ", call.token),
        optional(" priority ", call.priority),
    );
    if let Some(already) = call.already {
        text.push_str(&format!(" already {already:?}"));
    }
    if !call.after.is_empty() {
        text.push_str(&format!(" after {:?} + {}", call.after, call.delay));
    }
    for (mark, set) in [(" dry run", call.is_dry_run), (" uncancellable", !call.cancellable)] {
        if set {
            text.push_str(mark);
        }
    }
    text
}

fn call_text(kind: &str, call: &TargetCall) -> String {
    let (target, region) = (target_text(call.target), place_text(call.region));
    format!("{kind} @{} {target} in {region} account {}", call.at, call.account)
}

fn target_text(target: Target) -> String {
    match target {
        Target::Put(i) => format!("i{i}"),
        Target::ProductOf(op) => format!("product of #{op}"),
        Target::Unknown => "unknown image".to_owned(),
    }
}

fn place_text(place: Place) -> String {
    place.region().map_or("unknown region".to_owned(), |region| format!("r{region}"))
}

fn optional<T: Display>(before: &str, value: Option<T>) -> String {
    value.map_or(String::new(), |value| format!("{before}{value}"))
}

fn shown<T: Display>(value: Option<T>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("writing to a string never fails");
}
