//! A network as a scenario that users could have written.

use serde_json::{Value, json};

use super::world::{Copy, Fail, Limit, Pair, Region, Scope, Work, World};

fn micros(time: u64) -> String {
    format!("{time}us")
}

fn rate(rate: u64) -> String {
    format!("{rate}B/s")
}

fn share(millionths: u64) -> f64 {
    millionths as f64 / 1e6
}

fn limit(limit: &Limit) -> Value {
    let change = |(at, capacity): &_| json!({ "at": micros(*at), "capacity": rate(*capacity) });
    let changes: Vec<Value> = limit.changes.iter().map(change).collect();
    json!({ "capacity": rate(limit.capacity), "capacity_changes": changes })
}

fn region(region: &Region) -> Value {
    let caps = region.cap_changes.iter().map(|(at, cap)| json!({ "at": micros(*at), "cap": cap }));
    let outages = region.outages.iter().map(|outage| {
        let running = if outage.fails { "fail" } else { "pause" };
        json!({ "from": micros(outage.from), "to": micros(outage.to), "running": running })
    });
    let slow = region.slow.iter().map(
        |slow| json!({ "from": micros(slow.from), "to": micros(slow.to), "throughput": share(slow.share) }),
    );
    let mut text = json!({
        "cap": region.cap,
        "cap_changes": caps.collect::<Vec<_>>(),
        "outages": outages.collect::<Vec<_>>(),
        "degradations": slow.collect::<Vec<_>>(),
    });
    for (key, found) in [("egress", &region.egress), ("ingress", &region.ingress)] {
        if let Some(found) = found {
            text[key] = limit(found);
        }
    }
    text
}

/// What a region or any region is called.
fn end(end: Option<usize>, names: &[&str]) -> String {
    end.map_or("*", |region| names[region]).to_owned()
}

fn pair(pair: &Pair, names: &[&str]) -> Value {
    let mut text = limit(&pair.limit);
    text["from"] = end(pair.from, names).into();
    text["to"] = end(pair.to, names).into();
    text
}

fn cable(cable: &Pair, names: &[&str]) -> Value {
    let (from, to) = (end(cable.from, names), end(cable.to, names));
    json!({ "from": from, "to": to, "shared": limit(&cable.limit) })
}

fn copy(copy: &Copy, number: usize, names: &[&str]) -> Value {
    let mut text = json!({ "id": format!("c{number}"), "image": format!("i{number}"), "to": names[copy.to] });
    match copy.work {
        Work::Given(length) => text["duration"] = micros(length).into(),
        Work::Phases { setup, throughput, finalize } => {
            text["copy_time"] = json!({
                "setup": micros(setup), "throughput": rate(throughput), "finalize": micros(finalize),
            });
        }
    }
    match copy.fail {
        None => {}
        Some(Fail::After(time)) => text["fail"] = json!({ "after": micros(time) }),
        Some(Fail::At(part)) => text["fail"] = json!({ "at": share(part) }),
    }
    match copy.remaining {
        None => text["at"] = micros(copy.at).into(),
        Some(time) => text["already"] = json!({ "running": { "remaining": micros(time) } }),
    }
    json!({ "copy": text })
}

/// The scenario of a world whose regions have these names. Its copies are the first entries of `requests`.
pub fn scenario(world: &World, names: &[&str]) -> Value {
    let regions = world.regions.iter().zip(names).map(|(of, name)| ((*name).to_owned(), region(of)));
    let images = world.copies.iter().enumerate().map(|(number, copy)| {
        let size = format!("{}B", copy.size);
        (format!("i{number}"), json!({ "region": names[copy.from], "size": size }))
    });
    let links = world.pairs.iter().map(|of| pair(of, names));
    let links = links.chain(world.cables.iter().map(|of| cable(of, names)));
    let copies = world.copies.iter().enumerate().map(|(number, of)| copy(of, number, names));
    let cancels = world
        .cancels
        .iter()
        .map(|(at, of)| json!({ "cancel": { "at": micros(*at), "copy": format!("c{of}") } }));
    let scope = match world.scope {
        Scope::Source => "source",
        Scope::Destination => "destination",
        Scope::Both => "both",
    };
    let mut cancel = json!({ "drain": micros(world.drain) });
    if let Some(point) = world.point_of_no_return {
        cancel["point_of_no_return"] = share(point).into();
    }
    let mut text = json!({
        "schema_version": 1,
        "service": {
            "cap_scope": scope, "rate_limit": "off", "conflict_key": "off", "same_region_plain": "allowed",
            "cancel": cancel,
        },
        "regions": regions.collect::<serde_json::Map<_, _>>(),
        "links": links.collect::<Vec<_>>(),
        "images": images.collect::<serde_json::Map<_, _>>(),
        "requests": copies.chain(cancels).collect::<Vec<_>>(),
    });
    if let Some(horizon) = world.horizon {
        text["horizon"] = micros(horizon).into();
    }
    text
}

/// What each cable is called where links are told.
pub fn cable_name(cable: &Pair, names: &[&str]) -> String {
    format!("{} to {}, shared", end(cable.from, names), end(cable.to, names))
}
