//! Accounts, their users, keys and resource groups.

use super::super::decode::{Attempt, Entries, Spanned};
use super::super::faults::Faults;
use super::super::resolve::in_order;
use super::super::schema::{AccountText, GroupText, KeyStateText, KeyText, UserText};
use super::super::world::World;
use super::{Known, time_span};
use crate::ids::{AccountId, GroupId};
use crate::service::facts::{AccountFacts, Among, KeyFacts, KeyState, TimeSpan, UserFacts};

const DEFAULT_ACCOUNT: &str = "default";

/// What the group is called of images that are put into no other.
const DEFAULT_GROUP: &str = "default";

/// Users that are still to be looked at, by the account that they are of: they name images.
pub type WrittenUsers = Vec<(AccountId, Entries<Attempt<UserText>>)>;

/// Reads the accounts into the world, in byte order, and gives their users.
pub fn accounts(
    written: Entries<Attempt<AccountText>>,
    world: &mut World,
    faults: &mut Faults,
) -> WrittenUsers {
    let written = in_order(written, faults);
    world.accounts = written.iter().map(|(name, _)| name.value.clone()).collect();
    if world.accounts.is_empty() {
        world.accounts.push(DEFAULT_ACCOUNT.to_owned());
    }
    let mut users = Vec::new();
    for (number, (_, account)) in (0..).zip(written) {
        faults.unread_keys = account.unread;
        let text = account.value.unwrap_or_default();
        let overdue = text.overdue.iter().map(|span| time_span(span.from, span.until.as_ref(), faults));
        let by_default = text.default_encryption.as_ref();
        let facts = AccountFacts {
            overdue: united(overdue.collect()),
            kms_enabled: text.kms_enabled.unwrap_or(true),
            kms_authorized: text.kms_authorized.unwrap_or(true),
            may_bring_keys: text.bring_your_own_key.unwrap_or(true),
            default_encryption: by_default.map_or(Among::NONE, |regions| world.among(Some(regions), faults)),
        };
        world.facts.accounts.push(facts);
        users.push((AccountId(number), text.users));
    }
    users
}

/// The spans without those that touch or overlap, so that the end of one is when it is really over.
fn united(mut spans: Vec<TimeSpan>) -> Vec<TimeSpan> {
    spans.sort_unstable_by_key(|span| span.from);
    let mut united: Vec<TimeSpan> = Vec::new();
    for span in spans {
        match united.last_mut() {
            Some(last) if last.until.is_none_or(|until| span.from <= until) => {
                last.until = last.until.zip(span.until).map(|(until, other)| until.max(other));
            }
            _ => united.push(span),
        }
    }
    united
}

/// Reads keys and resource groups into the world.
pub fn keys_and_groups(
    keys: Entries<Attempt<KeyText>>,
    groups: Entries<Attempt<GroupText>>,
    world: &mut World,
    faults: &mut Faults,
) {
    let mut names = Vec::new();
    for (name, key) in in_order(keys, faults) {
        faults.unread_keys = key.unread;
        names.push(name.value);
        let text = key.value.unwrap_or_default();
        let facts = KeyFacts {
            regions: world.among(text.regions.as_ref(), faults),
            state: match text.state {
                None | Some(KeyStateText::Enabled) => KeyState::Enabled,
                Some(KeyStateText::Disabled) => KeyState::Disabled,
                Some(KeyStateText::PendingDeletion) => KeyState::PendingDeletion,
            },
            is_authorized: text.authorized.unwrap_or(true),
            may_be_tagged: text.taggable.unwrap_or(true),
        };
        world.facts.keys.push(facts);
    }
    world.keys = Known::new("key", "kms_keys", names);
    let mut names = vec![DEFAULT_GROUP.to_owned()];
    for (name, _) in in_order(groups, faults) {
        if name.value == DEFAULT_GROUP {
            faults.add(name.span, "there always is a group `default`", "leave it out");
        }
        names.push(name.value);
    }
    world.groups = Known::new("resource group", "resource_groups", names);
}

/// Reads the users into the world, once its images and groups are known.
pub fn users(written: WrittenUsers, world: &mut World, faults: &mut Faults) {
    for (account, users) in written {
        for (name, user) in in_order(users, faults) {
            faults.unread_keys = user.unread;
            let text = user.value.unwrap_or_default();
            let images = text
                .images
                .map(|images| images.iter().filter_map(|image| places_of(image, world, faults)).collect());
            let groups = text.resource_groups.map_or(Among::All, |groups| {
                let known = groups.iter().filter_map(|group| world.groups.named(group, faults));
                Among::Only(known.map(GroupId).collect())
            });
            world.facts.users.push(UserFacts { images, groups });
            world.users.push((account, name.value));
        }
    }
}

/// The places of an image, of all members of a group, or of one of them.
fn places_of(image: &Spanned<String>, world: &World, faults: &mut Faults) -> Option<std::ops::Range<u64>> {
    let name = &image.value;
    let range = |first: u32, count: u32| u64::from(first)..u64::from(first) + u64::from(count);
    if let Some(group) = world.images.get(name) {
        return Some(range(group.first, group.count.unwrap_or(1)));
    }
    if let Some((group, member)) = world.image(name) {
        return Some(range(group.first + member, 1));
    }
    // One with a fault has been told already.
    if !world.image_names.contains(name) {
        let known = world.image_names.iter().map(String::as_str);
        faults.unknown(image.span, format!("there is no image `{name}`"), name, "images", known);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimTime;

    #[test]
    fn r1_9_spans_that_touch_or_overlap_are_one() {
        let at = |micros| SimTime::from_micros(micros).expect("a short time");
        let span = |from, until: Option<u64>| TimeSpan { from: at(from), until: until.map(at) };
        for (written, expected) in [
            (vec![span(10, Some(120)), span(0, Some(30))], vec![span(0, Some(120))]),
            (vec![span(0, Some(30)), span(30, Some(40))], vec![span(0, Some(40))]),
            (vec![span(0, Some(30)), span(31, None)], vec![span(0, Some(30)), span(31, None)]),
            (vec![span(0, Some(90)), span(10, Some(20))], vec![span(0, Some(90))]),
            (vec![span(5, None), span(7, Some(9))], vec![span(5, None)]),
            (vec![span(5, Some(8)), span(7, None)], vec![span(5, None)]),
        ] {
            assert_eq!(united(written.clone()), expected, "{written:?}");
        }
    }
}
