//! What is there before anybody asks: settings, places, accounts, images and faults.

use super::{Random, TIMES};
use crate::twin::{
    Account, ConflictKey, Fault, Link, PutImage, Queue, Region, Scope, Settings, Span, Status,
};

const DAY: u64 = 86_400_000_000;

pub fn random_settings(r: &mut Random) -> Settings {
    let horizon = r.pick(&[0, 99, 100, 200, 250, 299, 300, 400, 500, 600, 601, 1000]);
    let settings = Settings {
        scope: r.pick(&[Scope::Source, Scope::Destination, Scope::Both, Scope::Pair]),
        queue: Queue::Fifo,
        head_of_line_blocking: false,
        cap_per_account: r.chance(50),
        max_queue: r.pick(&[None, None, None, None, Some(0), Some(1), Some(2), Some(3)]),
        conflict_key: r.pick(&[
            ConflictKey::ImageAndDestination,
            ConflictKey::ImageAndDestination,
            ConflictKey::Image,
            ConflictKey::Off,
            ConflictKey::Off,
        ]),
        request_lock_us: r.pick(&[0, 0, 0, 0, 1, 100, 200]),
        same_region_plain_allowed: r.chance(50),
        rate_limit: r.pick(&[None, None, None, None, Some(1000), Some(1), Some(2), Some(3), Some(5)]),
        token_life_us: r.pick(&[DAY, DAY, DAY, DAY, 0, 1, 100, 100, 200, 300]),
        images_quota: if r.chance(30) { Some(r.pick(&[0, 1, 2, 2, 3, 3, 4])) } else { None },
        snapshots_quota: if r.chance(30) { Some(r.pick(&[1, 2, 3, 4, 5, 6])) } else { None },
        cancel_queued_allowed: r.chance(70),
        point_of_no_return_millionths: r.pick(&[
            None,
            None,
            None,
            Some(1),
            Some(333_333),
            Some(500_000),
            Some(1_000_000),
        ]),
        drain_us: r.pick(&[0, 0, 1, 100, 150, 300]),
        horizon_us: r.chance(40).then_some(horizon),
    };
    if r.calm { calm(settings) } else { settings }
}

/// Without what refuses many calls.
fn calm(settings: Settings) -> Settings {
    Settings {
        conflict_key: ConflictKey::Off,
        request_lock_us: 0,
        same_region_plain_allowed: true,
        rate_limit: settings.rate_limit.map(|limit| limit + 6),
        images_quota: settings.images_quota.map(|quota| quota + 4),
        snapshots_quota: settings.snapshots_quota.map(|quota| quota + 4),
        ..settings
    }
}

pub fn random_regions(r: &mut Random) -> Vec<Region> {
    let regions = 1 + r.below(4);
    let region = |_| {
        let mut region = Region::with_cap(r.pick(&[0, 1, 1, 1, 1, 2, 2, 2, 3, 3]));
        region.copies_images = !r.odd(3);
        region.sends_data = !r.odd(4);
        region.accepts_from = r.odd(8).then_some(vec![r.below(regions)]);
        region.encrypts_across_regions = !r.odd(30);
        region.images_quota = r.odd(6).then_some(r.pick(&[0, 1, 2, 9]));
        region.snapshots_quota = r.odd(6).then_some(r.pick(&[0, 1, 2, 9]));
        region
    };
    (0..regions).map(region).collect()
}

pub fn random_links(r: &mut Random, scope: Scope, regions: usize) -> Vec<Link> {
    let mut links = Vec::new();
    for from in 0..regions {
        for to in 0..regions {
            let has_cap = scope == Scope::Pair && r.chance(30);
            let cap = has_cap.then_some(r.pick(&[0, 1, 1, 2]));
            let is_forbidden = r.odd(4);
            if cap.is_some() || is_forbidden {
                links.push(Link { from, to, cap, is_forbidden });
            }
        }
    }
    links
}

/// Never two changes of one region at one time.
pub fn random_cap_changes(r: &mut Random, regions: &[Region]) -> Vec<(u64, usize, u32)> {
    let mut wanted = Vec::new();
    for (region, cap) in regions.iter().map(|region| region.cap).enumerate() {
        let at = r.pick(&TIMES);
        if r.chance(20) {
            // To zero and back.
            wanted.push((at, region, 0));
            wanted.push((at + r.pick(&[1, 100, 200, 900]), region, cap.max(1)));
        } else if r.chance(25) {
            wanted.push((at, region, r.pick(&[0, 1, 2, 3])));
        }
        if r.chance(10) {
            wanted.push((r.pick(&[50, 300, 1200]), region, r.pick(&[0, 1, 3])));
        }
    }
    r.shuffle(&mut wanted);
    let mut changes: Vec<(u64, usize, u32)> = Vec::new();
    for new in wanted {
        if !changes.iter().any(|old| (old.0, old.1) == (new.0, new.1)) {
            changes.push(new);
        }
    }
    changes
}

pub fn random_accounts(r: &mut Random, regions: usize) -> Vec<Account> {
    let accounts = 1 + r.below(3);
    let account = |_| Account {
        overdue: if r.odd(12) { vec![random_span(r)] } else { Vec::new() },
        kms_enabled: !r.odd(5),
        default_encryption: if r.odd(6) { vec![r.below(regions)] } else { Vec::new() },
    };
    (0..accounts).map(account).collect()
}

fn random_span(r: &mut Random) -> Span {
    let from = r.pick(&TIMES);
    Span { from, until: r.chance(75).then_some(from + r.pick(&[1, 100, 100, 200, 300])) }
}

pub fn random_faults(r: &mut Random, regions: usize) -> Vec<Fault> {
    let mut faults = Vec::new();
    if r.odd(15) {
        let region = r.chance(50).then_some(r.below(regions));
        faults.push(Fault { of_cancels: false, region, span: random_span(r) });
    }
    // Those of cancels stand behind all that refuses cancels, and so are seldom met.
    if r.chance(30) {
        let region = r.chance(30).then_some(r.below(regions));
        let from = r.pick(&[0, 0, 100, 200]);
        let span = Span { from, until: r.chance(50).then_some(from + r.pick(&[50, 100, 200])) };
        faults.push(Fault { of_cancels: true, region, span });
    }
    faults
}

/// Never two put images with one name in one region and account.
pub fn random_images(r: &mut Random, regions: usize, accounts: usize) -> Vec<PutImage> {
    let mut images: Vec<PutImage> = Vec::new();
    for _ in 0..1 + r.below(4) {
        let mut image = PutImage::of(r.below(accounts), r.below(regions));
        image.cancellable = r.chance(85);
        image.name = random_name(r);
        image.shared_with =
            (0..accounts).filter(|&account| account != image.account && r.chance(35)).collect();
        image.is_encrypted = r.odd(12);
        image.disks = r.pick(&[1, 1, 1, 2, 3]);
        if r.odd(12) {
            image.status = random_status(r);
            if r.chance(60) {
                image.status_changes.push((r.pick(&[0, 50, 100, 200]), Status::Available));
            }
            if r.chance(30) {
                image.status_changes.push((r.pick(&[1, 150, 300, 400]), random_status(r)));
            }
        }
        let taken = images.iter().any(|other| {
            (other.account, other.region, other.name) == (image.account, image.region, image.name)
        });
        if taken {
            image.name = None;
        }
        images.push(image);
    }
    images
}

fn random_status(r: &mut Random) -> Status {
    r.pick(&[
        Status::Available,
        Status::Waiting,
        Status::Creating,
        Status::CreateFailed,
        Status::UnAvailable,
        Status::Deprecated,
    ])
}

/// A well-formed name, or none.
pub fn random_name(r: &mut Random) -> Option<&'static str> {
    r.pick(&[None, None, None, None, None, Some("name1"), Some("Name1"), Some("镜像-2")])
}
