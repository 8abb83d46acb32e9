//! The image records of the service.

use super::copies::List;
use super::slab::Slab;
use crate::ids::{AccountId, CopyId, FactsId, ImageId, NameId, RegionId};
use crate::quantity::Bytes;
use crate::time::SimTime;

/// The status that DescribeImages shows (R3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageStatus {
    Waiting,
    Creating,
    Available,
    CreateFailed,
    /// Only of given images: made unusable.
    UnAvailable,
    /// Only of given images: phased out.
    Deprecated,
}

impl ImageStatus {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Creating => "Creating",
            Self::Available => "Available",
            Self::CreateFailed => "CreateFailed",
            Self::UnAvailable => "UnAvailable",
            Self::Deprecated => "Deprecated",
        }
    }
}

/// Where an image comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was there.
    Given,
    /// A copy that isn't finished makes it.
    Unfinished(CopyId),
    /// A copy made it, or failed to.
    Finished,
}

/// An image record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub(super) serial: u64,
    /// Whose it is; none: of nobody in the scenario.
    pub owner: Option<AccountId>,
    pub region: RegionId,
    /// The status of a product; a given image has it from its facts ([`super::Service::status_of`]).
    pub(super) status: ImageStatus,
    pub origin: Origin,
    /// Its written name; a name that the service made is unique and not stored (R6.4).
    pub name: Option<NameId>,
    pub size: Option<Bytes>,
    pub is_encrypted: bool,
    /// Disks, and so snapshots.
    pub disks: u32,
    /// What the scenario says of it beside that.
    pub(super) facts: Option<FactsId>,
    /// Whether copies of it can be cancelled (R5.2).
    pub cancellable: bool,
    /// Calls on it are refused before this instant (R6.3).
    pub(super) locked_until: SimTime,
    /// Unfinished copies that read it.
    pub(super) readers: List,
    /// How many can still ask for it (R10.4); without any it goes when nothing uses it.
    pub(super) keepers: u32,
    /// Whether a client token still answers with it (R7.3).
    pub(super) kept_by_token: bool,
}

impl Image {
    pub fn is_unfinished(&self) -> bool {
        matches!(self.origin, Origin::Unfinished(_))
    }

    fn is_unused(&self) -> bool {
        self.keepers == 0 && !self.kept_by_token && !self.is_unfinished() && self.readers.is_empty()
    }
}

/// All images that can be asked for or are in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images {
    slab: Slab<Image>,
    made: u64,
}

impl Images {
    #[inline]
    pub(super) fn insert(&mut self, mut image: Image) -> ImageId {
        let serial = self.made;
        self.made += 1;
        image.serial = serial;
        ImageId { serial, index: self.slab.insert(image) }
    }

    /// The image, unless it was removed.
    #[inline]
    pub fn get(&self, id: ImageId) -> Option<&Image> {
        self.slab.get(id.index).filter(|image| image.serial == id.serial)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: ImageId) -> Option<&mut Image> {
        self.slab.get_mut(id.index).filter(|image| image.serial == id.serial)
    }

    pub(super) fn remove(&mut self, id: ImageId) -> Option<Image> {
        let image = self.get(id)?.clone();
        self.slab.remove(id.index);
        Some(image)
    }

    /// Changes an image that is there, and removes it if then nothing uses it and nothing can ask for it.
    #[inline(always)]
    pub(super) fn change(&mut self, id: ImageId, change: impl FnOnce(&mut Image)) {
        let Some(image) = self.get_mut(id) else { return };
        change(image);
        if image.is_unused() {
            self.slab.remove(id.index);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (ImageId, &Image)> {
        self.slab.iter().map(|(index, image)| (ImageId { serial: image.serial, index }, image))
    }
}
