//! What queueing theory says of other orders than that of acceptance (R2.4): values worked out by hand or
//! by exhaustive search, and the paradoxes that a right simulator must show.

use serde_json::json;

use crate::scenes::{Scene, secs};
use crate::support::Ran;
use crate::worlds::Random;

/// Seconds of a unit of time.
const UNIT: u64 = 10;

/// `cap` slots in this order.
fn queue(cap: u32, order: &str) -> Scene {
    Scene::lane(cap).set("service", json!({ "queue": order, "rate_limit": "off" }))
}

/// A copy of this length with a priority; times in tenths of a unit.
fn job(scene: Scene, id: &str, at: u64, length: u64, priority: i32) -> Scene {
    let length = secs(length * UNIT / 10);
    scene.copy_with(id, at * UNIT / 10, json!({ "duration": length, "priority": priority }))
}

fn start(scene: &Scene, id: &str) -> Option<u64> {
    scene.run().span(&format!("{id}@r")).0
}

/// Two urgent jobs of 1 and two of 100 at once; another urgent one comes at 1.5.
#[test]
fn r2_4_more_slots_can_let_an_urgent_copy_start_later() {
    let start_of_h = |cap: u32| {
        let scene = job(job(queue(cap, "priority"), "h1", 0, 10, 0), "h2", 0, 10, 0);
        let scene = job(job(scene, "l1", 0, 1000, 1), "l2", 0, 1000, 1);
        start(&job(scene, "h", 15, 10, 0), "h")
    };
    assert_eq!([start_of_h(1), start_of_h(2)], [Some(2 * UNIT), Some(101 * UNIT)]);
}

/// A job of 100 and, perhaps, an urgent one of 1 at once; another urgent one comes at 0.5.
#[test]
fn r2_4_one_more_copy_can_let_another_start_sooner() {
    let start_of_h = |more: bool| {
        let scene = job(queue(1, "priority"), "low", 0, 1000, 1);
        let scene = if more { job(scene, "more", 0, 10, 0) } else { scene };
        start(&job(scene, "h", 5, 10, 0), "h")
    };
    assert_eq!([start_of_h(false), start_of_h(true)], [Some(100 * UNIT), Some(UNIT)]);
}

/// An urgent job of 1, or of 0.5, and one of 100 at once; another urgent one comes at 0.9.
#[test]
fn r2_4_a_shorter_copy_can_let_another_start_later() {
    let start_of_h = |length: u64| {
        let scene = job(job(queue(1, "priority"), "a", 0, length, 0), "low", 0, 1000, 1);
        start(&job(scene, "h", 9, 10, 0), "h")
    };
    assert_eq!([start_of_h(10), start_of_h(5)], [Some(UNIT), Some(1005 * UNIT / 10)]);
}

/// Graham's nine tasks with list order: T1 before T9, T4 before T5 to T8 (but for those freed).
fn graham(cap: u32, shorter_by: u64, freed: &[usize]) -> Option<u64> {
    const LENGTHS: [u64; 9] = [3, 2, 2, 2, 4, 4, 4, 4, 9];
    const AFTER: [usize; 9] = [0, 0, 0, 0, 4, 4, 4, 4, 1];
    let scene =
        (1..).zip(LENGTHS).zip(AFTER).fold(queue(cap, "priority"), |scene, ((task, length), after)| {
            let id = format!("t{task}");
            let mut body = json!({
                "image": id, "duration": secs((length - shorter_by) * UNIT), "priority": task,
            });
            if after > 0 && !freed.contains(&task) {
                body["after"] = format!("t{after}").into();
            }
            scene.image(&id).copy_with(&id, 0, body)
        });
    scene.run().last_end()
}

#[test]
fn r2_4_grahams_paradoxes() {
    assert_eq!(graham(3, 0, &[]), Some(12 * UNIT));
    assert_eq!(graham(4, 0, &[]), Some(15 * UNIT), "one slot more");
    assert_eq!(graham(3, 1, &[]), Some(13 * UNIT), "every task shorter");
    assert_eq!(graham(3, 0, &[5, 6]), Some(16 * UNIT), "fewer precedences");
}

const BURST: [u64; 12] = [7, 3, 5, 2, 8, 4, 6, 1, 9, 5, 3, 2];

/// These jobs at once on five slots, each of an image as large as it is long and with its length below zero as
/// priority.
fn burst(order: &str, lengths: &[u64]) -> Ran {
    let scene = (1..).zip(lengths).fold(queue(5, order), |scene, (number, length)| {
        let id = format!("j{number}");
        let priority = -i64::try_from(*length).expect("a short job");
        let image = json!({ "region": "a", "size": format!("{length}GiB") });
        let body = json!({ "image": id, "duration": secs(length * UNIT), "priority": priority });
        scene.set(&format!("images.{id}"), image).copy_with(&id, 0, body)
    });
    scene.run()
}

fn sum_of_ends(ran: &Ran) -> u64 {
    (1..=12).filter_map(|number| ran.span(&format!("j{number}@r")).1).sum()
}

fn sum_of_starts(ran: &Ran) -> u64 {
    (1..=12).filter_map(|number| ran.span(&format!("j{number}@r")).0).sum()
}

#[test]
fn r2_4_a_burst_in_three_orders() {
    let mut ascending = BURST;
    ascending.sort_unstable();
    let descending: Vec<u64> = ascending.iter().rev().copied().collect();
    let fifo = burst("fifo", &BURST);
    // Twelve jobs: means of 37 / 12 and 92 / 12.
    assert_eq!(
        (fifo.last_end(), sum_of_starts(&fifo), sum_of_ends(&fifo)),
        (Some(15 * UNIT), 37 * UNIT, 92 * UNIT)
    );
    // The longest first, by the order of the list and by priority.
    for longest_first in [burst("fifo", &descending), burst("priority", &BURST)] {
        assert_eq!(longest_first.last_end(), Some(12 * UNIT));
    }
    // The shortest first gives the least mean end, 6.5, by the order of the list and by size.
    for shortest_first in [burst("fifo", &ascending), burst("shortest_first", &BURST)] {
        assert_eq!(sum_of_ends(&shortest_first), 78 * UNIT);
    }
}

/// Copies with random times, lengths, sizes and priorities, some of them cancelled. `classes` are as many
/// priorities and sizes.
fn random_scene(seed: u64, cap: u32, classes: usize, order: &str) -> Scene {
    let mut random = Random::new(seed);
    (0..40).fold(queue(cap, order), |scene, number| {
        let (id, class) = (format!("j{number}"), random.below(classes));
        let at = random.below(60) as u64 * UNIT;
        let image = json!({ "region": "a", "size": format!("{}GiB", class + 1) });
        let body = json!({
            "image": id, "duration": secs((1 + random.below(9)) as u64 * UNIT), "priority": class,
        });
        let scene = scene.set(&format!("images.{id}"), image).copy_with(&id, at, body);
        let is_cancelled = random.chance(15);
        let cancel_at = at + random.below(30) as u64 * UNIT;
        if is_cancelled { scene.cancel(&format!("cancel-{id}"), cancel_at, &id) } else { scene }
    })
}

#[test]
fn r2_4_a_single_class_is_fifo() {
    for seed in 0..20 {
        for cap in 1..4 {
            let trace = |order: &str| random_scene(seed, cap, 1, order).run().trace();
            let fifo = trace("fifo");
            assert_eq!(trace("priority"), fifo);
            assert_eq!(trace("shortest_first"), fifo);
        }
    }
}

#[test]
fn r2_4_inside_a_class_the_order_is_that_of_acceptance() {
    for seed in 0..20 {
        for order in ["priority", "shortest_first"] {
            let ran = random_scene(seed, 2, 3, order).run();
            for class in 0..3_u64 {
                let size = (class + 1) << 30;
                let of_class = |record: &&copysim::records::CopyRecord| {
                    record.size.is_some_and(|of| of.0 == size) && record.start.is_some()
                };
                let mut records: Vec<_> = ran.observed.records.iter().filter(of_class).collect();
                // Calls of one instant are accepted by their place in the file.
                records.sort_by_key(|record| (record.accepted, record.key));
                assert!(records.is_sorted_by_key(|record| record.start), "class {class} of {seed}");
            }
        }
    }
}

/// With one slot and nothing cancelled, no order changes when the slot is idle.
#[test]
fn r2_4_busy_periods_of_one_slot_are_the_same_in_every_order() {
    for seed in 0..20 {
        let idle_from = |order: &str| {
            let mut scene = random_scene(seed, 1, 3, order);
            let requests = scene.0["requests"].as_array_mut().expect("a list");
            requests.retain(|request| request.get("copy").is_some());
            let levels = scene.run().levels("a");
            levels.into_iter().filter(|(_, held, _)| *held == 0).map(|(at, ..)| at).collect::<Vec<_>>()
        };
        let fifo = idle_from("fifo");
        assert!(!fifo.is_empty());
        assert_eq!(idle_from("priority"), fifo);
        assert_eq!(idle_from("shortest_first"), fifo);
    }
}
