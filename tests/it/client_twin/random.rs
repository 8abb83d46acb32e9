//! Small nasty worlds of clients: few different times, so that much happens in one instant.

use super::*;
use crate::worlds::Random;

pub fn random_world(seed: u64) -> World {
    let mut random = Random::new(seed);
    let clients: Vec<Client> = (0..1 + random.below(2)).map(|_| client(&mut random)).collect();
    let mut entries = Vec::new();
    for place in 0..2 + random.below(7) {
        let copies: Vec<usize> =
            (0..place).filter(|&entry| matches!(entries[entry], Entry::Copy { .. })).collect();
        let kind = random.below(10);
        entries.push(match kind {
            0 if !entries.iter().any(|entry| matches!(entry, Entry::Loop { .. })) => Entry::Loop {
                workers: 1 + random.below(3) as u64,
                count: 1 + random.below(6) as u64,
                think: random.pick(&[10, 20, 30]),
                ask: ask(&mut random, clients.len()),
            },
            1 | 2 if !copies.is_empty() => {
                Entry::Cancel { at: tens(&mut random, 12), of: random.pick(&copies) }
            }
            _ => {
                let follows = !copies.is_empty() && random.chance(20);
                Entry::Copy {
                    at: tens(&mut random, 5),
                    after: follows.then(|| random.pick(&copies)),
                    ask: ask(&mut random, clients.len()),
                }
            }
        });
    }
    World {
        cap: 1 + random.below(2),
        max_queue: random.chance(60).then(|| random.below(3)),
        outages: if random.chance(25) {
            vec![(tens(&mut random, 6), 80 + tens(&mut random, 4))]
        } else {
            Vec::new()
        },
        horizon: random.chance(30).then(|| tens(&mut random, 25)),
        clients,
        entries,
    }
}

/// From 0 up to and without so many tens of seconds.
fn tens(random: &mut Random, below: usize) -> u64 {
    STEP * random.below(below) as u64
}

fn client(random: &mut Random) -> Client {
    let poll = random.chance(40).then(|| random.pick(&[10, 20, 30, 50]));
    Client {
        concurrency: random.chance(50).then(|| 1 + random.below(2)),
        is_blind: poll.is_some() && random.chance(30),
        poll,
        retry: random.chance(60).then(|| retry(random)),
        timeout: random.chance(50).then(|| Timeout {
            after: random.pick(&[0, 10, 20, 30, 40, 60]),
            then: random.pick(&[Then::Leave, Then::Cancel, Then::CancelIfWaiting]),
        }),
    }
}

fn retry(random: &mut Random) -> Retry {
    let refusals = random.chance(70);
    Retry {
        refusals,
        failed_copies: !refusals || random.chance(50),
        attempts: 1 + random.below(4) as u32,
        delay: random.pick(&[10, 20, 30]),
        doubles_to: random.chance(40).then(|| random.pick(&[20, 40, 1000])),
    }
}

fn ask(random: &mut Random, clients: usize) -> Ask {
    Ask {
        client: random.chance(85).then(|| random.below(clients)),
        length: random.pick(&[0, 10, 20, 30, 50]),
        fail_after: random.chance(25).then(|| random.pick(&[0, 10, 20, 30])),
    }
}
