//! A world as the text of a scenario.

use serde_json::{Map, Value, json};

use crate::twin::{Account, Already, ConflictKey, CopyCall, Fault, Op, Place, PutImage, Queue, Region};
use crate::twin::{Scope, Span, Status, Target, TargetCall, World};

/// The scenario text of a world; operation `n` becomes the request `op<n>`.
pub fn scenario_text(world: &World) -> String {
    let links = world.links.iter().map(|link| {
        let mut text = json!({ "from": region(link.from), "to": region(link.to) });
        put(&mut text, "cap", link.cap);
        put(&mut text, "forbidden", link.is_forbidden.then_some(true));
        text
    });
    let mut scenario = json!({
        "schema_version": 1,
        "service": service(world),
        "regions": regions(world),
        "links": links.collect::<Vec<_>>(),
        "accounts": named("a", &world.accounts, account),
        "images": named("i", &world.images, image),
        "faults": named("f", &world.faults, fault),
        "requests": world.ops.iter().enumerate().map(|(index, op)| request(index, op)).collect::<Vec<_>>(),
    });
    put(&mut scenario, "horizon", world.settings.horizon_us.map(micros));
    scenario.to_string()
}

/// Sets what is given.
fn put(text: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        text[key] = value.into();
    }
}

fn named<T>(letter: &str, list: &[T], text: impl Fn(&T) -> Value) -> Map<String, Value> {
    list.iter().enumerate().map(|(index, element)| (format!("{letter}{index}"), text(element))).collect()
}

fn service(world: &World) -> Value {
    let settings = &world.settings;
    let mut service = json!({
        "cap_scope": match settings.scope {
            Scope::Source => "source",
            Scope::Destination => "destination",
            Scope::Both => "both",
            Scope::Pair => "pair",
        },
        "queue": match settings.queue {
            Queue::Fifo => "fifo",
            Queue::Priority => "priority",
            Queue::ShortestFirst => "shortest_first",
        },
        "head_of_line_blocking": settings.head_of_line_blocking,
        "cap_per_account": settings.cap_per_account,
        "conflict_key": match settings.conflict_key {
            ConflictKey::ImageAndDestination => "image+destination",
            ConflictKey::Image => "image",
            ConflictKey::Off => "off",
        },
        "request_lock": micros(settings.request_lock_us),
        "same_region_plain": permission(settings.same_region_plain_allowed),
        "rate_limit": settings.rate_limit.map_or(Value::from("off"), Value::from),
        "token_life": micros(settings.token_life_us),
        "cancel": { "queued": permission(settings.cancel_queued_allowed), "drain": micros(settings.drain_us) },
    });
    match settings.max_queue {
        Some(0) => service["over_limit"] = "reject".into(),
        max_queue => put(&mut service, "max_queue", max_queue),
    }
    put(&mut service, "images_quota", settings.images_quota);
    put(&mut service, "snapshots_quota", settings.snapshots_quota);
    let point = settings.point_of_no_return_millionths;
    put(&mut service["cancel"], "point_of_no_return", point.map(|point| f64::from(point) / 1e6));
    service
}

fn regions(world: &World) -> Map<String, Value> {
    let mut texts = named("r", &world.regions, region_text);
    for (at, of, cap) in &world.cap_changes {
        let changes = &mut texts[&region(*of)]["cap_changes"];
        let changes = changes.as_array_mut().expect("each region has a list of changes");
        changes.push(json!({ "at": micros(*at), "cap": cap }));
    }
    texts
}

fn region_text(facts: &Region) -> Value {
    let mut text = json!({ "cap": facts.cap, "cap_changes": [] });
    put(&mut text, "image_copy", (!facts.copies_images).then_some(false));
    put(&mut text, "sends_data", (!facts.sends_data).then_some(false));
    let list = |regions: &Vec<usize>| regions.iter().map(|index| region(*index)).collect::<Vec<_>>();
    put(&mut text, "accepts_from", facts.accepts_from.as_ref().map(list));
    put(&mut text, "encrypt_across_regions", (!facts.encrypts_across_regions).then_some("refused"));
    put(&mut text, "images_quota", facts.images_quota);
    put(&mut text, "snapshots_quota", facts.snapshots_quota);
    text
}

fn account(facts: &Account) -> Value {
    let mut text = json!({});
    if !facts.overdue.is_empty() {
        let span = |span: &Span| {
            let mut text = json!({});
            put_span(&mut text, *span);
            text
        };
        text["overdue"] = facts.overdue.iter().map(span).collect();
    }
    put(&mut text, "kms_enabled", (!facts.kms_enabled).then_some(false));
    if !facts.default_encryption.is_empty() {
        text["default_encryption"] = facts.default_encryption.iter().map(|index| region(*index)).collect();
    }
    text
}

fn put_span(text: &mut Value, span: Span) {
    text["from"] = micros(span.from).into();
    put(text, "until", span.until.map(micros));
}

fn image(facts: &PutImage) -> Value {
    let mut text = json!({
        "region": region(facts.region),
        "account": account_name(facts.account),
        "cancellable": facts.cancellable,
        "disks": facts.disks,
        "encrypted": facts.is_encrypted,
        "status": status(facts.status),
    });
    put(&mut text, "size", facts.size_bytes.map(|bytes| format!("{bytes}B")));
    put(&mut text, "name", facts.name);
    if !facts.shared_with.is_empty() {
        text["shared_with"] = facts.shared_with.iter().map(|account| account_name(*account)).collect();
    }
    let change = |(at, to): &(u64, Status)| json!({ "at": micros(*at), "status": status(*to) });
    text["status_changes"] = facts.status_changes.iter().map(change).collect();
    text
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Waiting => "Waiting",
        Status::Creating => "Creating",
        Status::Available => "Available",
        Status::CreateFailed => "CreateFailed",
        Status::UnAvailable => "UnAvailable",
        Status::Deprecated => "Deprecated",
        Status::Cancelled => unreachable!("no image is put there as cancelled"),
    }
}

fn fault(fault: &Fault) -> Value {
    let mut text = json!({ "operation": if fault.of_cancels { "CancelCopyImage" } else { "CopyImage" } });
    put(&mut text, "region", fault.region.map(region));
    put_span(&mut text, fault.span);
    text
}

fn request(index: usize, op: &Op) -> Value {
    match op {
        Op::Copy(call) => json!({ "copy": copy(index, call) }),
        Op::Cancel(call) => json!({ "cancel": target_call(index, call) }),
        Op::Delete(call) => json!({ "delete": target_call(index, call) }),
    }
}

fn copy(index: usize, call: &CopyCall) -> Value {
    let mut text = json!({
        "id": format!("op{index}"),
        "image": match call.image {
            Target::Put(image) => format!("i{image}").into(),
            Target::ProductOf(op) => json!({ "product_of": format!("op{op}") }),
            Target::Unknown => json!({ "literal": "m-none" }),
        },
        "from": place(call.from),
        "cancellable": call.cancellable,
        "duration": micros(call.duration_us),
    });
    match call.account {
        Some(account) => text["account"] = account_name(account).into(),
        None => text["anonymous"] = true.into(),
    }
    put(&mut text, "to", call.to.map(place));
    put(&mut text, "at", call.at.map(micros));
    if !call.after.is_empty() {
        text["after"] = call.after.iter().map(|op| format!("op{op}")).collect();
        text["delay"] = micros(call.delay).into();
    }
    put(&mut text, "name", call.name);
    put(&mut text, "encrypted", call.encrypted);
    put(&mut text, "client_token", call.token);
    put(&mut text, "dry_run", call.is_dry_run.then_some(true));
    put(&mut text, "priority", call.priority);
    put(&mut text, "fail", call.fail_after_us.map(|after| json!({ "after": micros(after) })));
    put(&mut text, "retention", call.retention_us.map(micros));
    put(&mut text, "already", call.already.map(already));
    text
}

fn already(already: Already) -> Value {
    match already {
        Already::Queued => "queued".into(),
        Already::Running { remaining_us: None } => json!({ "running": {} }),
        Already::Running { remaining_us: Some(left) } => json!({ "running": { "remaining": micros(left) } }),
    }
}

fn target_call(index: usize, call: &TargetCall) -> Value {
    let mut text = json!({
        "id": format!("op{index}"),
        "at": micros(call.at),
        "account": account_name(call.account),
        "region": place(call.region),
    });
    match call.target {
        Target::Put(image) => text["image"] = format!("i{image}").into(),
        Target::ProductOf(op) => text["copy"] = format!("op{op}").into(),
        Target::Unknown => text["image"] = json!({ "literal": "m-none" }),
    }
    text
}

fn micros(micros: u64) -> String {
    format!("{micros}us")
}

fn permission(is_allowed: bool) -> &'static str {
    if is_allowed { "allowed" } else { "refused" }
}

fn region(index: usize) -> String {
    format!("r{index}")
}

fn account_name(index: usize) -> String {
    format!("a{index}")
}

fn place(place: Place) -> Value {
    place.region().map_or_else(|| json!({ "literal": "nowhere" }), |index| region(index).into())
}
