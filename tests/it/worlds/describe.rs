//! A world in a few lines, for the messages of failed tests.

use super::*;

/// A world in a few lines, for messages about failures.
pub fn describe(world: &World) -> String {
    let mut text = String::new();
    let s = &world.settings;
    line(
        &mut text,
        format_args!(
            "scope {:?}, per account {}, max_queue {}, conflict {:?}, lock {}, same region plain {}, \
             cancel queued {}, no return {}, drain {}, horizon {}",
            s.scope,
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
    line(&mut text, format_args!("accounts {}, caps {:?}", world.accounts, world.caps));
    for ((from, to), cap) in &world.pair_caps {
        line(&mut text, format_args!("link r{from} -> r{to}: cap {cap}"));
    }
    for (at, region, cap) in &world.cap_changes {
        line(&mut text, format_args!("@{at} r{region}: cap {cap}"));
    }
    for (i, image) in world.images.iter().enumerate() {
        line(
            &mut text,
            format_args!(
                "image i{i}: account {} r{}{}{}",
                image.account,
                image.region,
                optional(" name ", image.name),
                if image.cancellable { "" } else { " uncancellable" },
            ),
        );
    }
    for (o, op) in world.ops.iter().enumerate() {
        line(&mut text, format_args!("#{o} {}", described(op)));
    }
    text
}

fn described(op: &Op) -> String {
    match op {
        Op::Copy {
            at,
            after,
            delay,
            account,
            image,
            from,
            to,
            name,
            encrypted,
            cancellable,
            duration_us,
            fail_after_us,
            retention_us,
            already,
        } => {
            let mut text = format!(
                "copy{} {} {} -> {} account {account} for {duration_us}{}{}{}",
                optional(" @", *at),
                target_text(*image),
                region_text(*from),
                region_text(*to),
                optional(" fails after ", *fail_after_us),
                optional(" name ", *name),
                optional(" kept ", *retention_us),
            );
            if let Some(already) = already {
                text.push_str(&format!(" already {already:?}"));
            }
            if !after.is_empty() {
                text.push_str(&format!(" after {after:?} + {delay}"));
            }
            for (mark, set) in [(" encrypted", *encrypted), (" uncancellable", !*cancellable)] {
                if set {
                    text.push_str(mark);
                }
            }
            text
        }
        Op::Cancel { at, account, target, region } => call_text("cancel", *at, *account, *target, *region),
        Op::Delete { at, account, target, region } => call_text("delete", *at, *account, *target, *region),
    }
}

fn call_text(kind: &str, at: u64, account: usize, target: Target, region: Option<usize>) -> String {
    let (target, region) = (target_text(target), region_text(region));
    format!("{kind} @{at} {target} in {region} account {account}")
}

fn target_text(target: Target) -> String {
    match target {
        Target::Put(i) => format!("i{i}"),
        Target::ProductOf(op) => format!("product of #{op}"),
        Target::Unknown => "unknown image".to_owned(),
    }
}

fn region_text(region: Option<usize>) -> String {
    region.map_or("unknown region".to_owned(), |r| format!("r{r}"))
}

fn optional<T: std::fmt::Display>(before: &str, value: Option<T>) -> String {
    value.map_or(String::new(), |value| format!("{before}{value}"))
}

fn shown<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("writing to a string never fails");
}
