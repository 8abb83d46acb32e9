//! The service without a scenario around it.

use std::sync::Arc;

use copysim::ids::{AccountId, CopyId, ImageId, NameId, Named, RegionId, RequestKey};
use copysim::service::facts::FaultHits;
use copysim::service::{
    Answer, Caller, CancelSettings, CapScope, ConflictKey, CopyImage, GivenImage, Parameters, QueueOrder,
    Refusal, Service, Settings, WrittenName,
};
use copysim::time::{SimDuration, SimTime};

/// The defaults, with `regions` regions of this cap.
pub fn settings(regions: usize, cap: u32) -> Settings {
    Settings {
        caps: vec![cap; regions],
        pair_caps: std::iter::empty().collect(),
        cap_scope: CapScope::Source,
        cap_per_account: true,
        accounts: 1,
        queue: QueueOrder::Fifo,
        head_of_line_blocking: false,
        max_queue: None,
        conflict_key: ConflictKey::ImageAndDestination,
        request_lock: SimDuration::ZERO,
        same_region_plain: false,
        cancel: CancelSettings { queued_allowed: true, point_of_no_return: None, drain: SimDuration::ZERO },
        rate_limit: None,
        token_life: SimDuration::from_seconds(24 * 60 * 60),
        max_image_size: None,
        facts: Arc::default(),
    }
}

/// An image of the only account.
pub fn given(region: u32, name: Option<u32>) -> GivenImage {
    GivenImage {
        owner: Some(AccountId(0)),
        region: RegionId(region),
        name: name.map(NameId),
        size: None,
        disks: 1,
        cancellable: true,
        facts: None,
    }
}

/// A copy of an image in region 0, whose product is kept.
pub fn call(image: ImageId, to: u32, name: Option<u32>) -> CopyImage {
    CopyImage {
        request: RequestKey::from_rank(0),
        attempt: 1,
        caller: Some(Caller { account: AccountId(0), user: None }),
        image: Named::Known(image),
        from: Named::Known(RegionId(0)),
        to: Named::Known(RegionId(to)),
        parameters: Parameters {
            has_destination: true,
            name: name.map(|name| WrittenName { id: NameId(name), is_malformed: false }),
            ..Parameters::default()
        },
        token: None,
        dry_run: false,
        faults: FaultHits::default(),
        cancellable: true,
        priority: 0,
        keep_product: true,
    }
}

/// Makes a call without a token.
pub fn copy(service: &mut Service, now: SimTime, call: &CopyImage) -> Result<(CopyId, ImageId), Refusal> {
    match service.check_copy(now, call)? {
        Answer::Admitted(admission) => Ok(service.commit_copy(now, &admission)),
        Answer::Replayed { .. } => panic!("a call without a token is never replayed"),
    }
}
