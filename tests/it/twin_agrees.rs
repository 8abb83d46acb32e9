//! The simulator against the slow twin, on thousands of small nasty worlds, through the scenario text.

use copysim::ids::RequestKey;
use copysim::records::{History, Outcome};
use copysim::time::SimTime;

use crate::support::{Ran, faults, run_text};
use crate::twin::{self, Already, Op, Row, Scope, Target, World};
use crate::worlds::{any_world, describe, random_world};

/// Worlds compared in a test run.
const WORLDS: u64 = 12_000;

/// The scenario text of a world; operation `n` becomes the request `op<n>`.
pub fn scenario_text(world: &World) -> String {
    let settings = &world.settings;
    let mut service = serde_json::json!({
        "cap_scope": match settings.scope {
            Scope::Source => "source",
            Scope::Destination => "destination",
            Scope::Both => "both",
            Scope::Pair => "pair",
        },
        "cap_per_account": settings.cap_per_account,
        "conflict_key": match settings.conflict_key {
            twin::ConflictKey::ImageAndDestination => "image+destination",
            twin::ConflictKey::Image => "image",
            twin::ConflictKey::Off => "off",
        },
        "request_lock": micros(settings.request_lock_us),
        "same_region_plain": permission(settings.same_region_plain_allowed),
        "cancel": { "queued": permission(settings.cancel_queued_allowed), "drain": micros(settings.drain_us) },
    });
    match settings.max_queue {
        Some(0) => service["over_limit"] = "reject".into(),
        Some(max_queue) => service["max_queue"] = max_queue.into(),
        None => {}
    }
    if let Some(millionths) = settings.point_of_no_return_millionths {
        service["cancel"]["point_of_no_return"] = (f64::from(millionths) / 1e6).into();
    }
    let mut scenario = serde_json::json!({
        "schema_version": 1,
        "service": service,
        "regions": regions(world),
        "links": world.pair_caps.iter().map(|((from, to), cap)| serde_json::json!({
            "from": region(*from), "to": region(*to), "cap": cap,
        })).collect::<Vec<_>>(),
        "accounts": (0..world.accounts).map(|account| (account_name(account), serde_json::json!({})))
            .collect::<serde_json::Map<_, _>>(),
        "images": images(world),
        "requests": world.ops.iter().enumerate().map(|(index, op)| request(index, op)).collect::<Vec<_>>(),
    });
    if let Some(horizon) = settings.horizon_us {
        scenario["horizon"] = micros(horizon).into();
    }
    scenario.to_string()
}

fn regions(world: &World) -> serde_json::Map<String, serde_json::Value> {
    let changes = |index: usize| -> Vec<serde_json::Value> {
        let of_region = world.cap_changes.iter().filter(|(_, of, _)| *of == index);
        of_region.map(|(at, _, cap)| serde_json::json!({ "at": micros(*at), "cap": cap })).collect()
    };
    let entry = |(index, cap): (usize, &u32)| {
        (region(index), serde_json::json!({ "cap": cap, "cap_changes": changes(index) }))
    };
    world.caps.iter().enumerate().map(entry).collect()
}

fn images(world: &World) -> serde_json::Map<String, serde_json::Value> {
    let entry = |(index, image): (usize, &twin::PutImage)| {
        let mut text = serde_json::json!({
            "region": region(image.region),
            "account": account_name(image.account),
            "cancellable": image.cancellable,
            "size": "1GiB",
        });
        if let Some(name) = image.name {
            text["name"] = format!("name{name}").into();
        }
        (format!("i{index}"), text)
    };
    world.images.iter().enumerate().map(entry).collect()
}

fn request(index: usize, op: &Op) -> serde_json::Value {
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
            let mut text = serde_json::json!({
                "id": format!("op{index}"),
                "account": account_name(*account),
                "image": match image {
                    Target::Put(image) => format!("i{image}").into(),
                    Target::ProductOf(op) => serde_json::json!({ "product_of": format!("op{op}") }),
                    Target::Unknown => serde_json::json!({ "literal": "m-none" }),
                },
                "from": place(*from),
                "to": place(*to),
                "encrypted": encrypted,
                "cancellable": cancellable,
                "duration": micros(*duration_us),
            });
            if let Some(at) = at {
                text["at"] = micros(*at).into();
            }
            if !after.is_empty() {
                text["after"] = after.iter().map(|op| format!("op{op}")).collect::<Vec<_>>().into();
                text["delay"] = micros(*delay).into();
            }
            if let Some(name) = name {
                text["name"] = format!("name{name}").into();
            }
            if let Some(after) = fail_after_us {
                text["fail"] = serde_json::json!({ "after": micros(*after) });
            }
            if let Some(retention) = retention_us {
                text["retention"] = micros(*retention).into();
            }
            if let Some(already) = already {
                text["already"] = already_text(*already);
            }
            serde_json::json!({ "copy": text })
        }
        Op::Cancel { at, account, target, region } => {
            serde_json::json!({ "cancel": target_text(index, *at, *account, *target, *region) })
        }
        Op::Delete { at, account, target, region } => {
            serde_json::json!({ "delete": target_text(index, *at, *account, *target, *region) })
        }
    }
}

fn already_text(already: Already) -> serde_json::Value {
    match already {
        Already::Queued => "queued".into(),
        Already::Running { remaining_us: None } => serde_json::json!({ "running": {} }),
        Already::Running { remaining_us: Some(left) } => {
            serde_json::json!({ "running": { "remaining": micros(left) } })
        }
    }
}

fn target_text(
    index: usize,
    at: u64,
    account: usize,
    target: Target,
    region: Option<usize>,
) -> serde_json::Value {
    let mut text = serde_json::json!({
        "id": format!("op{index}"),
        "at": micros(at),
        "account": account_name(account),
        "region": place(region),
    });
    match target {
        Target::Put(image) => text["image"] = format!("i{image}").into(),
        Target::ProductOf(op) => text["copy"] = format!("op{op}").into(),
        Target::Unknown => text["image"] = serde_json::json!({ "literal": "m-none" }),
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

fn place(index: Option<usize>) -> serde_json::Value {
    index.map_or_else(|| serde_json::json!({ "literal": "nowhere" }), |index| region(index).into())
}

/// What the simulator did, in the twin's words.
pub fn history_of(ran: &Ran) -> twin::History {
    history_by(ran, |key| key.entry() as usize)
}

/// As [`history_of`], where `op` tells which operation of the world a request is of.
pub fn history_by(ran: &Ran, op: impl Fn(RequestKey) -> usize) -> twin::History {
    let mut rows: Vec<Row> = ran
        .observed
        .records
        .iter()
        .map(|record| Row {
            op: op(record.key),
            outcome: match record.outcome {
                Outcome::Available => twin::Outcome::Available,
                Outcome::Failed => twin::Outcome::Failed,
                Outcome::CancelledWaiting => twin::Outcome::CancelledWaiting,
                Outcome::CancelledRunning => twin::Outcome::CancelledRunning,
                Outcome::Refused => twin::Outcome::Refused,
                Outcome::Skipped => twin::Outcome::Skipped,
                Outcome::Replayed | Outcome::DryRun => panic!("the twin knows no tokens and dry runs"),
                Outcome::Waiting => twin::Outcome::Waiting,
                Outcome::Running => twin::Outcome::Running,
            },
            planned_us: record.planned.map(SimTime::micros),
            accepted_us: record.accepted.map(SimTime::micros),
            start_us: record.start.map(SimTime::micros),
            end_us: record.end.map(SimTime::micros),
            code: record.refused.map(|refused| refused.refusal.code.literal()),
        })
        .collect();
    rows.sort_by_key(|row| row.op);
    let mut calls = Vec::new();
    let mut started = Vec::new();
    for (at, what) in &ran.observed.history {
        let at = at.micros();
        match what {
            History::Cancelled { call, .. } | History::Deleted { call } => {
                calls.push((op(*call), at, Ok(())))
            }
            History::CancelRefused { call, refused } | History::DeleteRefused { call, refused } => {
                calls.push((op(*call), at, Err(refused.refusal.code.literal())));
            }
            History::Started { key, .. } => started.push((at, op(*key))),
            _ => {}
        }
    }
    twin::History {
        rows,
        calls,
        end_us: ran.end.at.micros(),
        started,
        can_never_start: ran.end.never_startable.iter().map(|key| op(*key)).collect(),
    }
}

#[test]
fn simulator_and_slow_twin_agree_on_random_worlds() {
    let mut circular = 0;
    for seed in 0..WORLDS {
        let world = random_world(seed);
        let text = scenario_text(&world);
        // The generator makes no circle of `after`, but a product may be that of a later follower.
        if faults(&text).iter().any(|fault| fault.contains("wait for each other")) {
            circular += 1;
            continue;
        }
        let (mine, theirs) = (history_of(&run_text(&text)), twin::run(&world));
        assert_eq!(mine, theirs, "world {seed}:\n{}\n{text}", describe(&world));
    }
    assert!(circular < WORLDS / 10, "{circular} of {WORLDS} worlds were left out");
}

#[test]
fn simulator_and_slow_twin_agree_on_the_states_in_which_a_run_can_begin() {
    let mut impossible = 0;
    for seed in 0..WORLDS {
        let world = any_world(seed);
        let text = scenario_text(&world);
        let faults = faults(&text);
        // The circle is found before anything else.
        if faults.iter().any(|fault| fault.contains("wait for each other")) {
            continue;
        }
        let can_begin = twin::can_begin(&world);
        assert_eq!(faults.is_empty(), can_begin, "world {seed}: {faults:?}\n{}\n{text}", describe(&world));
        impossible += u64::from(!can_begin);
    }
    assert!(impossible > WORLDS / 20, "only {impossible} of {WORLDS} worlds can't begin");
}
