//! Images that are there at the start.

use std::collections::BTreeMap;

use super::super::copytime::ImageSize;
use super::super::decode::{Attempt, Entries, Spanned};
use super::super::diagnostic::Diagnostic;
use super::super::document::Span;
use super::super::faults::Faults;
use super::super::requests::GivenGroup;
use super::super::resolve::named;
use super::super::schema::{FormatText, ImageText, OwnerText, SnapshotText, StatusText};
use super::super::world::World;
use crate::distribution::Drawn;
use crate::ids::{AccountId, FactsId, NameId, RegionId};
use crate::service::facts::{Among, ImageFacts, ImageKind, SnapshotFacts};
use crate::service::{GivenImage, ImageStatus};
use crate::time::SimTime;
use crate::workload::DrawnSizes;

/// Largest group of images, so that a slip of the pen doesn't fill the memory.
const MAX_GROUP: u32 = 1_000_000;
/// Images in all: each is kept in memory from the start.
const MAX_IMAGES: u64 = 2_000_000;

/// Names that are taken, with where they are written.
type Taken = BTreeMap<(AccountId, RegionId, NameId), Span>;

/// Reads the images into the world.
pub fn images(entries: Entries<Attempt<ImageText>>, world: &mut World, faults: &mut Faults) {
    if !are_few(&entries, faults) {
        faults.section_is_unread("images");
        return;
    }
    let mut taken = Taken::new();
    let mut written = Vec::new();
    for (key, Attempt { value: image, is_whole, unread }) in named(entries, faults) {
        faults.unread_keys = unread;
        written.push(key.clone());
        world.image_names.insert(key.value.clone());
        let Some((given, group)) = image.and_then(|image| one(&key, &image, &mut taken, world, faults))
        else {
            continue;
        };
        world.given.extend(std::iter::repeat_n(given, group.count.unwrap_or(1) as usize));
        // Of one with a fault it isn't known what it is: nothing is checked against it.
        if is_whole {
            world.images.insert(key.value, group);
        }
    }
    check_member_names(&written, world, faults);
}

/// Whether all images together can be kept; else a fault at the first one that is too many.
fn are_few(entries: &Entries<Attempt<ImageText>>, faults: &mut Faults) -> bool {
    let mut total = 0;
    for (key, image) in entries {
        let count = image.value.as_ref().and_then(|image| image.count.as_ref());
        total += count.map_or(1, |count| u64::from(count.value.min(MAX_GROUP)));
        if total > MAX_IMAGES {
            let span = count.map_or(key.span, |count| count.span);
            faults.add(span, format!("more than {MAX_IMAGES} images in all"), "make groups smaller");
            return false;
        }
    }
    true
}

/// One entry: the image that is given, and the group that it is, maybe of one.
fn one(
    key: &Spanned<String>,
    image: &ImageText,
    taken: &mut Taken,
    world: &mut World,
    faults: &mut Faults,
) -> Option<(GivenImage, GivenGroup)> {
    let is_own = matches!(image.owner.as_ref().map(|owner| &owner.value), None | Some(OwnerText::Own));
    // The outer option is a fault. Of an owner that can't be read nothing is asked.
    let is_owner_unread = faults.unread_keys.iter().any(|key| key == "owner");
    let owner = if is_own && !is_owner_unread {
        world.account(image.account.as_ref(), key.span, faults).map(Some)
    } else {
        check_not_own(image, faults);
        Some(None)
    };
    let region = world.known_region(&image.region.value, image.region.span, faults);
    let (owner, region) = (owner?, region?);
    let count = image.count.as_ref().map(|count| (count.value, count.span));
    if let Some((count, span)) = count.filter(|(count, _)| !(1..=MAX_GROUP).contains(count)) {
        faults.add(span, format!("a group can't have {count} images"), format!("write 1 to {MAX_GROUP}"));
        return None;
    }
    let name = name_of(image, owner.map(|owner| (owner, region)), taken, world, faults);
    let facts = facts_of(key, image, world, faults);
    let size = image.size.as_ref().and_then(|size| world.drawn(size, faults));
    let given = GivenImage {
        owner,
        region,
        name,
        size: size.as_ref().and_then(Drawn::fixed),
        disks: disks(image, faults),
        cancellable: image.cancellable.unwrap_or(true),
        facts,
    };
    let group = GivenGroup {
        first: u32::try_from(world.given.len()).expect("images are limited"),
        count: count.map(|(count, _)| count),
        region,
        account: owner,
        size: size.as_ref().map(ImageSize::of),
        place: key.span,
        copy_time: image.copy_time.as_ref().map(|written| world.copy_time_of(written, faults)),
    };
    if let Some(size) = size.filter(|size| size.fixed().is_none()) {
        let (name, count) = (key.value.clone(), group.count.unwrap_or(1));
        world.drawn_sizes.push(DrawnSizes { name, first: group.first, count, size });
    }
    Some((given, group))
}

/// What only an image of an account of the scenario has.
fn check_not_own(image: &ImageText, faults: &mut Faults) {
    let own = [("account", image.account.as_ref()), ("name", image.name.as_ref())];
    for (key, written) in own {
        if let Some(written) = written {
            let message = format!("an image of somebody else has no `{key}` here");
            faults.add(written.span, message, format!("leave `{key}` out, or let its `owner` be `self`"));
        }
    }
}

/// The number of its written name, which is taken from now on. An empty one is none: the service makes one
/// (R6.4).
fn name_of(
    image: &ImageText,
    owner: Option<(AccountId, RegionId)>,
    taken: &mut Taken,
    world: &mut World,
    faults: &mut Faults,
) -> Option<NameId> {
    let (account, region) = owner?;
    let name = image.name.as_ref().filter(|name| !name.value.is_empty())?;
    let id = world.names.intern(&name.value);
    if image.count.is_some() {
        faults.add(name.span, "the images of a group can't share one name", "leave `name` out");
    }
    if let Some(first) = taken.insert((account, region, id), name.span) {
        faults.push(
            Diagnostic::error(Some(name.span), "this name is taken in this region")
                .with_help("names are unique per account and region: choose another one")
                .with_related(first, "taken here"),
        );
    }
    Some(id)
}

/// How many disks it has, each with a snapshot.
fn disks(image: &ImageText, faults: &mut Faults) -> u32 {
    let snapshots = image.snapshots.as_ref();
    if let (Some(disks), Some(_)) = (&image.disks, snapshots) {
        let message = "an image has either `disks` or `snapshots`, one for each disk";
        faults.add(disks.span, message, "leave one of the two out");
    }
    let none = image.disks.as_ref().filter(|disks| disks.value == 0).map(|disks| disks.span);
    let none = none.or(snapshots.filter(|snapshots| snapshots.value.is_empty()).map(|empty| empty.span));
    if let Some(span) = none {
        faults.add(span, "an image has a disk at least", "write at least 1, or leave it out");
    }
    let count = snapshots.map(|snapshots| u32::try_from(snapshots.value.len()).unwrap_or(u32::MAX));
    count.or(image.disks.as_ref().map(|disks| disks.value)).unwrap_or(1)
}

/// What more is said of it, if anything is.
fn facts_of(
    key: &Spanned<String>,
    image: &ImageText,
    world: &mut World,
    faults: &mut Faults,
) -> Option<FactsId> {
    let facts = ImageFacts {
        kind: kind(image, world, faults),
        shared_with: shared_with(image, world, faults),
        statuses: statuses(key, image, faults),
        is_vhd: image.format == Some(FormatText::Vhd),
        is_cloud_box: image.cloud_box.unwrap_or(false),
        is_encrypted: image.encrypted.unwrap_or(false),
        snapshots: image.snapshots.iter().flat_map(|snapshots| &snapshots.value).map(snapshot).collect(),
    };
    if facts == ImageFacts::default() {
        return None;
    }
    let id = FactsId(u32::try_from(world.facts.images.len()).expect("images are limited"));
    world.facts.images.push(facts);
    Some(id)
}

fn kind(image: &ImageText, world: &World, faults: &mut Faults) -> ImageKind {
    match image.owner.as_ref().map(|owner| &owner.value) {
        None | Some(OwnerText::Own | OwnerText::Shared) => ImageKind::Custom,
        Some(OwnerText::Community) => ImageKind::Community,
        Some(OwnerText::Marketplace(product)) => ImageKind::Marketplace {
            published: world.among(product.published.as_ref(), faults),
            authorized: world.accounts_among(product.authorized.as_ref(), Among::All, faults),
        },
    }
}

fn shared_with(image: &ImageText, world: &World, faults: &mut Faults) -> Among<AccountId> {
    let owner = image.owner.as_ref().map(|owner| &owner.value);
    let everybody = matches!(owner, Some(OwnerText::Community | OwnerText::Marketplace(_)));
    if let Some(first) = image.shared_with.as_ref().and_then(|accounts| accounts.first())
        && everybody
    {
        faults.add(
            first.span,
            "everybody sees this image: it is shared with nobody",
            "leave `shared_with` out",
        );
    }
    let otherwise = if matches!(owner, Some(OwnerText::Shared)) { Among::All } else { Among::NONE };
    world.accounts_among(image.shared_with.as_ref(), otherwise, faults)
}

/// The statuses with the instants from which on they hold, in the order of time.
fn statuses(key: &Spanned<String>, image: &ImageText, faults: &mut Faults) -> Vec<(SimTime, ImageStatus)> {
    let mut places: BTreeMap<SimTime, Span> = BTreeMap::new();
    let mut statuses: BTreeMap<SimTime, ImageStatus> = BTreeMap::new();
    if let Some(first) = image.status.filter(|status| *status != StatusText::Available) {
        statuses.insert(SimTime::ZERO, status(first));
    }
    for change in &image.status_changes {
        let at = change.at.value;
        if let Some(first) = places.insert(at, change.at.span) {
            faults.push(
                Diagnostic::error(
                    Some(change.at.span),
                    format!("`{}` changes its status twice at {at}", key.value),
                )
                .with_help("keep one of the two")
                .with_related(first, "first change at this time"),
            );
        }
        statuses.insert(at, status(change.status));
    }
    statuses.into_iter().collect()
}

fn status(written: StatusText) -> ImageStatus {
    match written {
        StatusText::Available => ImageStatus::Available,
        StatusText::Creating => ImageStatus::Creating,
        StatusText::Waiting => ImageStatus::Waiting,
        StatusText::UnAvailable => ImageStatus::UnAvailable,
        StatusText::CreateFailed => ImageStatus::CreateFailed,
        StatusText::Deprecated => ImageStatus::Deprecated,
    }
}

fn snapshot(written: &SnapshotText) -> SnapshotFacts {
    SnapshotFacts {
        created: written.created.map(|day| day.0),
        exists: written.exists.unwrap_or(true),
        makes_images: written.makes_images.unwrap_or(true),
    }
}

/// A member of a group is called after it (`fleet-3`), so no other image can have that name.
fn check_member_names(written: &[Spanned<String>], world: &World, faults: &mut Faults) {
    for key in written {
        let Some((group, number)) = key.value.rsplit_once('-') else { continue };
        let count = world.images.get(group).and_then(|group| group.count).unwrap_or(0);
        let is_member = number.parse().is_ok_and(|number: u32| {
            (1..=count).contains(&number) && number.to_string() == key.value[group.len() + 1..]
        });
        if is_member {
            let message = format!("`{}` is the name of a member of the group `{group}`", key.value);
            faults.add(key.span, message, "choose another name");
        }
    }
}
