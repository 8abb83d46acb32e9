//! The service without a scenario around it.

use copysim::ids::{AccountId, ImageId, NameId, Named, RegionId};
use copysim::service::{CancelSettings, CapScope, ConflictKey, CopyImage, GivenImage, Settings};
use copysim::time::SimDuration;

/// The defaults, with `regions` regions of this cap.
pub fn settings(regions: usize, cap: u32) -> Settings {
    Settings {
        caps: vec![cap; regions],
        pair_caps: std::iter::empty().collect(),
        cap_scope: CapScope::Source,
        cap_per_account: true,
        accounts: 1,
        max_queue: None,
        conflict_key: ConflictKey::ImageAndDestination,
        request_lock: SimDuration::ZERO,
        same_region_plain: false,
        cancel: CancelSettings { queued_allowed: true, point_of_no_return: None, drain: SimDuration::ZERO },
    }
}

/// An image of the only account.
pub fn given(region: u32, name: Option<u32>) -> GivenImage {
    GivenImage {
        account: AccountId(0),
        region: RegionId(region),
        name: name.map(NameId),
        size: None,
        cancellable: true,
    }
}

/// A copy of an image in region 0, whose product is kept.
pub fn call(image: ImageId, to: u32, name: Option<u32>) -> CopyImage {
    CopyImage {
        account: AccountId(0),
        image: Named::Known(image),
        from: Named::Known(RegionId(0)),
        to: Named::Known(RegionId(to)),
        name: name.map(NameId),
        encrypted: false,
        cancellable: true,
        keep_product: true,
    }
}
