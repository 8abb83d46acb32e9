//! What the source image is like.

use jiff::civil::Date;

use super::About;
use crate::ids::{AccountId, RegionId};
use crate::quantity::Bytes;
use crate::service::ImageStatus;

impl About<'_> {
    pub(super) fn source_unfinished(&self, status: ImageStatus) -> String {
        format!(
            "`{}` is {} here: it is the product of a copy that isn't finished; wait until it is Available",
            self.image,
            status.name()
        )
    }

    pub(super) fn source_status(&self, status: ImageStatus) -> String {
        format!("`{}` is {}; only an Available image can be copied", self.image, status.name())
    }

    pub(super) fn community_image(&self) -> String {
        format!("`{}` is a community image; only custom images can be copied", self.image)
    }

    pub(super) fn shared_image(&self, region: RegionId) -> String {
        let region = self.region(region);
        format!(
            "`{}` is shared by another account, and can be copied within its region {region} only; name that as the \
             destination",
            self.image
        )
    }

    pub(super) fn not_published(&self, region: RegionId) -> String {
        format!(
            "the marketplace product `{}` isn't published in {}; name a destination region in which it is",
            self.image,
            self.region(region)
        )
    }

    pub(super) fn product_not_authorized(&self, account: AccountId) -> String {
        format!(
            "the marketplace product `{}` isn't authorized for account `{}`; copy it with an account that may use it",
            self.image,
            self.account(account)
        )
    }

    pub(super) fn vhd_image(&self) -> String {
        format!("the format of `{}` is VHD; only an image of another format can be copied", self.image)
    }

    pub(super) fn cloud_box_image(&self) -> String {
        format!("`{}` is a CloudBox image, which can't be copied; copy an image of another kind", self.image)
    }

    pub(super) fn too_large(&self, size: Bytes, largest: Bytes) -> String {
        let (mut size_text, mut largest_text) = (size.to_string(), largest.to_string());
        // Rounded, it may be no larger.
        if Bytes::parse(&size_text).is_ok_and(|shown| shown <= largest) {
            (size_text, largest_text) = (format!("{}B", size.0), format!("{}B", largest.0));
        }
        format!("`{}` has {size_text}; images of up to {largest_text} can be copied", self.image)
    }

    pub(super) fn snapshot_not_usable(&self, snapshot: usize) -> String {
        format!(
            "no image may be made of snapshot {} of `{}`; a copy needs this to be allowed for every snapshot",
            snapshot + 1,
            self.image
        )
    }

    pub(super) fn snapshot_too_old(&self, snapshot: usize, created: Date) -> String {
        format!(
            "snapshot {} of `{}` was made on {created}; only snapshots made on 2013-07-15 or later can be copied",
            snapshot + 1,
            self.image
        )
    }

    pub(super) fn encrypted_image(&self) -> String {
        format!("`{}` is encrypted, and its copy wouldn't be; set `encrypted` to true", self.image)
    }

    pub(super) fn not_encrypted_there(&self, region: RegionId) -> String {
        format!(
            "{} encrypts no plain images of other regions, such as `{}`; copy it plain, or encrypt it within {} first",
            self.region(region),
            self.image,
            self.from()
        )
    }
}
