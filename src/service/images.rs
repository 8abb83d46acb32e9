//! The image records of the service.

use super::copies::List;
use super::slab::Slab;
use crate::ids::{AccountId, CopyId, ImageId, NameId, RegionId};
use crate::quantity::Bytes;
use crate::time::SimTime;

/// The status that DescribeImages shows (R3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageStatus {
    Waiting,
    Creating,
    Available,
    CreateFailed,
}

impl ImageStatus {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Creating => "Creating",
            Self::Available => "Available",
            Self::CreateFailed => "CreateFailed",
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
    pub account: AccountId,
    pub region: RegionId,
    pub status: ImageStatus,
    pub origin: Origin,
    /// Its written name; a name that the service made is unique and not stored (R6.4).
    pub name: Option<NameId>,
    pub size: Option<Bytes>,
    /// Whether copies of it can be cancelled (R5.2).
    pub cancellable: bool,
    /// Calls on it are refused before this instant (R6.3).
    pub(super) locked_until: SimTime,
    /// Unfinished copies that read it.
    pub(super) readers: List,
    /// Whether anything can still ask for it (R10.4); else it goes when nothing uses it.
    pub(super) kept: bool,
}

impl Image {
    pub fn is_unfinished(&self) -> bool {
        matches!(self.origin, Origin::Unfinished(_))
    }
}

/// All images that can be asked for or are in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images {
    slab: Slab<Image>,
    made: u64,
}

impl Images {
    pub(super) fn insert(&mut self, mut image: Image) -> ImageId {
        let serial = self.made;
        self.made += 1;
        image.serial = serial;
        ImageId { serial, index: self.slab.insert(image) }
    }

    /// The image, unless it was removed.
    pub fn get(&self, id: ImageId) -> Option<&Image> {
        self.slab.get(id.index).filter(|image| image.serial == id.serial)
    }

    pub(super) fn get_mut(&mut self, id: ImageId) -> Option<&mut Image> {
        self.slab.get_mut(id.index).filter(|image| image.serial == id.serial)
    }

    pub(super) fn remove(&mut self, id: ImageId) -> Option<Image> {
        self.get(id)?;
        self.slab.remove(id.index)
    }

    /// Removes the image if nothing uses it and nothing can ask for it.
    pub(super) fn drop_if_unused(&mut self, id: ImageId) {
        if self.get(id).is_some_and(|image| !image.kept && !image.is_unfinished() && image.readers.is_empty())
        {
            self.slab.remove(id.index);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (ImageId, &Image)> {
        self.slab.iter().map(|(index, image)| (ImageId { serial: image.serial, index }, image))
    }
}
