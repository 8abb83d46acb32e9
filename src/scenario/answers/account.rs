//! Who calls: identity, rate, token, and what the account and its user may do.

use super::{About, Exact, listed};
use crate::ids::{AccountId, GroupId, RequestKey, UserId};
use crate::scenario::CallLabel;
use crate::service::facts::{Among, Details, Sent};
use crate::time::SimTime;

/// What the service calls the parameters that it doesn't tell apart.
const REST: &str = "another parameter";

impl About<'_> {
    pub(super) fn no_account(&self) -> String {
        format!(
            "the call to copy `{}` carries no account; make it for an account of the scenario",
            self.image
        )
    }

    pub(super) fn throttled(&self, limit: u32, until: SimTime) -> String {
        let account = self.call.and_then(|call| call.account).map_or("?", |account| self.account(account));
        let (from, until) = (self.from(), Exact(until));
        let calls = match limit {
            0 => {
                return format!(
                    "account `{account}` may make no CopyImage calls in {from}; raise `rate_limit`"
                );
            }
            1 => "the one CopyImage call".to_owned(),
            _ => format!("the {limit} CopyImage calls"),
        };
        format!(
            "account `{account}` has made {calls} of this minute in {from}; call again at {until} or later"
        )
    }

    pub(super) fn token_bound(&self, by: RequestKey, parameter: &'static str) -> String {
        let first = self.labels.label(by);
        let bound = self.labels.call(by);
        let difference = match bound.as_ref().zip(self.call) {
            Some((theirs, mine)) => self.difference(parameter, theirs, mine),
            None => has_other(parameter),
        };
        format!(
            "the client token is bound by {first}, which {difference}; repeat that call as it was, or send \
             another token"
        )
    }

    /// How the call that binds a token differs in a parameter from the one that was refused.
    fn difference(&self, parameter: &str, theirs: &CallLabel<'_>, mine: &CallLabel<'_>) -> String {
        let values = |of: &CallLabel<'_>| match parameter {
            "ImageId" => Some(of.image.to_string()),
            "DestinationRegionId" => of.parameters.has_destination.then(|| of.to.to_owned()),
            "DestinationImageName" => of.parameters.name.map(|name| self.labels.name(name.id).to_owned()),
            "Encrypted" => of.parameters.encrypted.map(|encrypted| encrypted.to_string()),
            _ => None,
        };
        let (theirs_is, mine_is) = (values(theirs), values(mine));
        if theirs_is != mine_is {
            return has_and_not(parameter, theirs_is.as_deref(), mine_is.as_deref());
        }
        let none = Details::default();
        let details = |of: &CallLabel<'_>| match of.parameters.details {
            Some(id) => self.labels.facts.details(id),
            None => &none,
        };
        let (theirs, mine) = (details(theirs), details(mine));
        let texts = [
            ("DestinationDescription", theirs.description.as_deref(), mine.description.as_deref()),
            ("KMSKeyId", sent(&theirs.kms_key), sent(&mine.kms_key)),
            ("EncryptAlgorithm", sent(&theirs.encrypt_algorithm), sent(&mine.encrypt_algorithm)),
            ("ResourceGroupId", sent(&theirs.resource_group), sent(&mine.resource_group)),
        ];
        match texts.into_iter().find(|(_, theirs, mine)| theirs != mine) {
            Some((parameter, theirs, mine)) => has_and_not(parameter, theirs, mine),
            None if theirs.tags != mine.tags => "has other tags".to_owned(),
            // Two images of one name, such as that of a row and the one that an arrival brought along.
            None => has_other(parameter),
        }
    }

    pub(super) fn overdue(&self, account: AccountId, until: Option<SimTime>) -> String {
        let account = self.account(account);
        match until {
            Some(until) => {
                format!("a payment of account `{account}` is overdue until {}; call again then", Exact(until))
            }
            None => format!(
                "a payment of account `{account}` is overdue, and stays so; copy with an account that has paid"
            ),
        }
    }

    pub(super) fn image_not_allowed(&self, user: UserId) -> String {
        format!(
            "{} may not act on `{}` in {}, only on listed images, and new images of copies are on no list; call as a \
             user who may, or as the account itself",
            self.user(user),
            self.image,
            self.from()
        )
    }

    pub(super) fn group_not_allowed(&self, user: UserId) -> String {
        let named = match self.group() {
            Some(group) => format!("the resource group `{group}`"),
            None => "the default resource group, and the call names no other".to_owned(),
        };
        let allowed = match self.labels.facts.users.get(user.0 as usize).map(|user| &user.groups) {
            Some(Among::Only(groups)) => {
                let name = |group: &GroupId| self.labels.groups.get(group.0 as usize);
                let names: Vec<&str> = groups.iter().filter_map(name).map(String::as_str).collect();
                listed(names.into_iter())
            }
            Some(Among::All) | None => "any that there is".to_owned(),
        };
        format!(
            "{} may not act on {named}; name one that this user may act on ({allowed}), or call as the account \
             itself",
            self.user(user)
        )
    }

    /// `user `ci` of account `web``.
    fn user(&self, user: UserId) -> String {
        let name = self.labels.users.get(user.0 as usize).map_or("?", String::as_str);
        match self.call.and_then(|call| call.account) {
            Some(account) => format!("user `{name}` of account `{}`", self.account(account)),
            None => format!("user `{name}`"),
        }
    }

    pub(super) fn kms_not_enabled(&self, account: AccountId) -> String {
        format!(
            "account `{}` hasn't enabled KMS, so `{}` can't be encrypted for it; enable KMS, or copy without \
             encryption",
            self.account(account),
            self.image
        )
    }

    pub(super) fn kms_not_authorized(&self, account: AccountId) -> String {
        format!(
            "account `{}` hasn't authorized the service to use KMS, so `{}` can't be encrypted for it; authorize \
             it, or copy without encryption",
            self.account(account),
            self.image
        )
    }

    pub(super) fn not_on_key_list(&self, account: AccountId) -> String {
        format!(
            "account `{}` isn't on the list of those who may bring keys of their own, such as `{}`; encrypt \
             without naming a key",
            self.account(account),
            self.key()
        )
    }
}

fn sent<T>(sent: &Option<Sent<T>>) -> Option<&str> {
    sent.as_ref().map(|sent| &*sent.text)
}

/// `has DestinationRegionId `us-east-1`, not `eu-central-1``.
fn has_and_not(parameter: &str, theirs: Option<&str>, mine: Option<&str>) -> String {
    match (theirs, mine) {
        (Some(theirs), Some(mine)) => format!("has {parameter} `{theirs}`, not `{mine}`"),
        (Some(theirs), None) => format!("has {parameter} `{theirs}`, where this call has none"),
        (None, Some(mine)) => format!("has no {parameter}, where this call has `{mine}`"),
        (None, None) => has_other(parameter),
    }
}

fn has_other(parameter: &str) -> String {
    if parameter == REST { "has other parameters".to_owned() } else { format!("has another {parameter}") }
}
