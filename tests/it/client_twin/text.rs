//! A world as the scenario that says the same.

use serde_json::{Value, json};

use super::*;
use crate::scenes::{Scene, secs};

pub fn scene(world: &World) -> Scene {
    let mut scene = Scene::lane(world.cap as u32);
    if let Some(queue) = world.max_queue {
        scene = match queue {
            0 => scene.set("service.over_limit", "reject"),
            some => scene.set("service.max_queue", some),
        };
    }
    let outages = world.outages.iter().map(|(from, to)| json!({ "from": secs(*from), "to": secs(*to) }));
    scene = scene.set("regions.a.outages", outages.collect::<Vec<Value>>());
    if let Some(horizon) = world.horizon {
        scene = scene.set("horizon", secs(horizon));
    }
    for (number, client) in world.clients.iter().enumerate() {
        scene = scene.client(&format!("c{number}"), client_text(client));
    }
    world.entries.iter().enumerate().fold(scene, |scene, (number, entry)| entry_text(scene, number, entry))
}

/// An object without the members that are `null`.
fn without_nulls(mut object: Value) -> Value {
    object.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    object
}

fn client_text(client: &Client) -> Value {
    let timeout = client.timeout.map(|Timeout { after, then }| {
        let then = match then {
            Then::Leave => "leave",
            Then::Cancel => "cancel",
            Then::CancelIfWaiting => "cancel_if_waiting",
        };
        json!({ "after": secs(after), "then": then })
    });
    let retry = client.retry.as_ref().map(|retry| {
        let delay = match retry.doubles_to {
            None => json!({ "fixed": secs(retry.delay) }),
            Some(longest) => json!({ "exponential": { "first": secs(retry.delay), "max": secs(longest) } }),
        };
        let on = retry.refusals.then_some("ResourceLimitExceeded");
        let failed = retry.failed_copies.then_some(true);
        without_nulls(
            json!({ "on": on, "failed_copies": failed, "attempts": retry.attempts, "delay": delay }),
        )
    });
    without_nulls(json!({
        "concurrency": client.concurrency,
        "poll": client.poll.map(secs),
        "sees": client.is_blind.then_some("available"),
        "retry": retry,
        "timeout": timeout,
    }))
}

fn entry_text(scene: Scene, number: usize, entry: &Entry) -> Scene {
    let id = format!("e{number}");
    match entry {
        Entry::Cancel { at, of } => scene.cancel(&id, *at, &format!("e{of}")),
        Entry::Copy { at, after, ask } => {
            let mut call = ask_text(ask);
            // With an image of its own, so that it is one more copy of the limited region.
            call["image"] = id.as_str().into();
            if let Some(after) = after {
                call["after"] = format!("e{after}").into();
            }
            scene.image(&id).copy_with(&id, *at, call)
        }
        Entry::Loop { workers, count, think, ask } => {
            let mut call = ask_text(ask);
            (call["from"], call["size"], call["to"]) = ("a".into(), "1GiB".into(), "r".into());
            let process = json!({ "closed_loop": { "workers": workers, "think": secs(*think) } });
            scene.request("arrivals", json!({ "id": id, "process": process, "count": count, "copy": call }))
        }
    }
}

fn ask_text(ask: &Ask) -> Value {
    without_nulls(json!({
        "client": ask.client.map(|client| format!("c{client}")),
        "duration": secs(ask.length),
        "fail": ask.fail_after.map(|after| json!({ "after": secs(after) })),
    }))
}
