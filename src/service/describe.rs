//! DescribeImages: what a client that polls can see.

use super::Service;
use super::images::{Image, ImageStatus};
use crate::ids::{AccountId, ImageId, NameId, RegionId};
use crate::time::SimTime;

/// A DescribeImages call: of the images of an account in a region, those that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DescribeImages<'a> {
    pub account: AccountId,
    pub region: RegionId,
    /// Only the image of this id.
    pub image: Option<ImageId>,
    /// Only images of this written name.
    pub name: Option<NameId>,
    /// The statuses that are shown. Without a filter the service shows Available images only, so who
    /// asks for none doesn't see a copy that is still going on (D).
    pub statuses: Option<&'a [ImageStatus]>,
}

impl DescribeImages<'_> {
    /// What is shown where a call has no filter (D).
    pub const DEFAULT_STATUSES: &'static [ImageStatus] = &[ImageStatus::Available];

    fn shows(&self, status: ImageStatus) -> bool {
        self.statuses.unwrap_or(Self::DEFAULT_STATUSES).contains(&status)
    }
}

impl Service {
    /// Answers DescribeImages: the images that match, in the order in which they were made, each with its
    /// status now. By id or name it takes the same time however many images there are.
    pub fn describe_images(
        &self,
        now: SimTime,
        call: &DescribeImages<'_>,
    ) -> Vec<(ImageId, &Image, ImageStatus)> {
        let one = |id: ImageId| self.images.get(id).map(|image| (id, image));
        let by_name = |name| self.names.get(&(call.account, call.region, name)).copied();
        let (named, all) = match (call.image, call.name) {
            (Some(id), _) => (one(id), None),
            (None, Some(name)) => (by_name(name).and_then(one), None),
            (None, None) => (None, Some(self.images.iter())),
        };
        let candidates = named.into_iter().chain(all.into_iter().flatten());
        let mut shown: Vec<_> = candidates
            .filter(|(_, image)| image.owner == Some(call.account) && image.region == call.region)
            .filter(|(_, image)| call.name.is_none() || image.name == call.name)
            .map(|(id, image)| (id, image, self.status_of(now, image)))
            .filter(|(_, _, status)| call.shows(*status))
            .collect();
        shown.sort_unstable_by_key(|(id, _, _)| *id);
        shown
    }
}
