//! The names behind the numbers of a run, for everything that is shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::requests::GivenGroup;
use crate::ids::{AccountId, NameId, RegionId, RequestKey};
use crate::records::Expectation;
use crate::service::facts::Facts;
use crate::service::{Parameters, SlotKey, SlotPlace};
use crate::time::SimDuration;
use crate::transfer::LinkId;
use crate::workload::Numbering;

/// The texts of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Region ids in byte order.
    pub regions: Vec<String>,
    /// Accounts in byte order.
    pub accounts: Vec<String>,
    /// Written image names.
    pub names: Vec<Arc<str>>,
    pub images: GivenNames,
    /// The entries of `requests`, in file order.
    pub entries: Vec<EntryInfo>,
    /// RAM users.
    pub users: Vec<String>,
    /// Encryption algorithms that the service knows.
    pub algorithms: Vec<String>,
    /// Resource groups, the default one first.
    pub groups: Vec<String>,
    /// What calls say beside the plain things, and what they are checked against.
    pub facts: Arc<Facts>,
    /// How long an accepted call binds its token (R7.3).
    pub token_life: SimDuration,
    /// Shared links.
    pub links: Vec<String>,
    /// In byte order of their names.
    pub clients: Vec<ClientInfo>,
}

/// What is shown of a client.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    pub name: String,
    /// How it behaves, a setting in each.
    pub settings: Vec<String>,
    /// Whether its polls are shown Available images only.
    pub sees_available_only: bool,
    /// Set where it calls again.
    pub retry: Option<RetryInfo>,
}

/// How a client calls again.
#[derive(Clone, Copy, Debug)]
pub struct RetryInfo {
    pub has_jitter: bool,
    pub doubles: bool,
}

/// What is shown of an entry of `requests`.
#[derive(Clone, Debug)]
pub struct EntryInfo {
    /// Its id, or a name made from its kind and number among the unnamed of that kind (R3.4).
    pub name: String,
    pub calls: Calls,
    /// Whether its copies were accepted before the run began.
    pub is_already: bool,
    /// What its copies wait for, as it is written: `hubs@cn-beijing, 30m later`.
    pub after: Option<String>,
    /// Whose it is, where it says so.
    pub client: Option<String>,
    /// What each of its calls must be answered with.
    pub expect: Option<Expectation>,
}

impl EntryInfo {
    /// By place in the entry, what the draws for a call are found by: what it copies to where, so that another
    /// destination changes none of them (R10.1). Of an arrival, without its number.
    pub fn draw_names(&self) -> Vec<String> {
        let copy = |call: &CallInfo| format!("{}:{}@{}", self.name, call.image, call.to);
        match &self.calls {
            Calls::Listed { calls, .. } => calls.iter().map(copy).collect(),
            Calls::Arriving { turns, numbering } => {
                let turn = |turn: &Vec<CallInfo>| {
                    let mut names: Vec<String> = turn.iter().map(copy).collect();
                    names.resize(numbering.width as usize, String::new());
                    names
                };
                turns.iter().flat_map(turn).collect()
            }
            Calls::Targets(targets) => targets
                .iter()
                .map(|target| format!("{}:{}@{}", self.name, target.what, target.region))
                .collect(),
            Calls::Rows(_) => Vec::new(),
        }
    }
}

/// The calls of an entry.
#[derive(Clone, Debug)]
pub enum Calls {
    /// Copies, by number.
    Listed { calls: Vec<CallInfo>, has_several_images: bool },
    /// Copies, by image that an arrival can take.
    Arriving { turns: Vec<Vec<CallInfo>>, numbering: Numbering },
    /// Copies that are read from a file, by their rank in time.
    Rows(RowsInfo),
    /// Cancels or deletes.
    Targets(Vec<TargetInfo>),
}

/// What is shown of the rows of a trace, beside what each of them says.
#[derive(Clone, Debug)]
pub struct RowsInfo {
    /// What messages call the file.
    pub file: String,
    pub count: u64,
    /// The image of rows that say none, where it is no given one.
    pub image: Option<String>,
    /// The regions of rows that say none, as they are written.
    pub from: String,
    pub to: String,
}

/// What the given images are called.
#[derive(Clone, Debug, Default)]
pub struct GivenNames(Vec<GivenName>);

/// A given image, or a group of them, by its first place in the workload.
#[derive(Clone, Debug)]
struct GivenName {
    first: u32,
    name: String,
    is_group: bool,
}

impl GivenNames {
    /// The names of these images and groups.
    pub fn of(images: &BTreeMap<String, GivenGroup>) -> Self {
        let name = |(name, group): (&String, &GivenGroup)| GivenName {
            first: group.first,
            name: name.clone(),
            is_group: group.count.is_some(),
        };
        let mut names: Vec<GivenName> = images.iter().map(name).collect();
        names.sort_by_key(|image| image.first);
        Self(names)
    }

    /// What an image is called, by its place in the workload: a member of a group goes by its number.
    pub fn name(&self, place: u32) -> String {
        let after = self.0.partition_point(|image| image.first <= place);
        match after.checked_sub(1).map(|index| &self.0[index]) {
            Some(image) if image.is_group => format!("{}-{}", image.name, place - image.first + 1),
            Some(image) => image.name.clone(),
            None => String::new(),
        }
    }
}

/// What is shown of a cancel or delete call.
#[derive(Clone, Debug)]
pub struct TargetInfo {
    /// The copy whose product it names, or the image.
    pub what: String,
    pub region: String,
}

/// What is shown of a copy call.
#[derive(Clone, Debug)]
pub struct CallInfo {
    /// None: the call carries no account.
    pub account: Option<AccountId>,
    pub image: String,
    pub from: String,
    pub to: String,
    pub parameters: Parameters,
}

impl Calls {
    /// The copies of a listed request.
    pub fn listed(calls: Vec<CallInfo>) -> Self {
        let has_several_images = calls.windows(2).any(|pair| pair[0].image != pair[1].image);
        Self::Listed { calls, has_several_images }
    }
}

impl Catalog {
    pub fn region(&self, id: RegionId) -> &str {
        &self.regions[id.0 as usize]
    }

    /// What a shared link is called.
    pub fn link(&self, id: LinkId) -> &str {
        &self.links[id.0 as usize]
    }

    pub fn account(&self, id: AccountId) -> &str {
        &self.accounts[id.0 as usize]
    }

    pub fn name(&self, id: NameId) -> &str {
        &self.names[id.0 as usize]
    }

    /// The name of a request's entry.
    pub fn entry(&self, key: RequestKey) -> &str {
        &self.entries[key.entry() as usize].name
    }

    /// The call behind a copy request.
    pub fn call(&self, key: RequestKey) -> Option<&CallInfo> {
        match &self.entries[key.entry() as usize].calls {
            Calls::Listed { calls, .. } => calls.get(key.number() as usize),
            Calls::Arriving { turns, numbering } => {
                let turn = turns.get(numbering.turn(key.number()) as usize)?;
                turn.get(numbering.call(key.number()) as usize)
            }
            Calls::Rows(_) | Calls::Targets(_) => None,
        }
    }

    /// The arrival number of a request, from 1, where it comes from a stream.
    pub fn arrival(&self, key: RequestKey) -> Option<u64> {
        match &self.entries[key.entry() as usize].calls {
            Calls::Arriving { numbering, .. } => Some(numbering.arrival(key.number()) + 1),
            Calls::Listed { .. } | Calls::Rows(_) | Calls::Targets(_) => None,
        }
    }

    /// How a request is called everywhere: `release@us-east-1`, `nightly:web@us-east-1` where a request
    /// copies several images, `stream#17@us-east-1` for an arrival, `stop#2` for a second cancel. Of a row
    /// only the rank is known here; [`Labels`](super::Labels) knows the rest.
    pub fn label(&self, key: RequestKey) -> String {
        let entry = &self.entries[key.entry() as usize];
        match (&entry.calls, self.call(key)) {
            (Calls::Listed { has_several_images, .. }, Some(call)) => {
                let image = if *has_several_images { format!(":{}", call.image) } else { String::new() };
                format!("{}{image}@{}", entry.name, call.to)
            }
            (Calls::Arriving { numbering, .. }, Some(call)) => {
                format!("{}#{}@{}", entry.name, numbering.arrival(key.number()) + 1, call.to)
            }
            (Calls::Rows(_), _) => {
                let cancel = if key.is_row_cancel() { "#cancel" } else { "" };
                format!("{}#{}{cancel}", entry.name, key.row().number() + 1)
            }
            (Calls::Targets(targets), _) if targets.len() > 1 => {
                format!("{}#{}", entry.name, key.number() + 1)
            }
            _ => entry.name.clone(),
        }
    }

    /// The cancel or delete call of a request.
    pub fn target(&self, key: RequestKey) -> Option<&TargetInfo> {
        match &self.entries[key.entry() as usize].calls {
            Calls::Targets(targets) => targets.get(key.number() as usize),
            Calls::Listed { .. } | Calls::Arriving { .. } | Calls::Rows(_) => None,
        }
    }

    /// `cn-hangzhou`, or `cn-hangzhou>us-east-1` for a pair, behind the account where each has slots of
    /// its own and there are several.
    pub fn slot(&self, key: SlotKey) -> String {
        let place = match key.place {
            SlotPlace::Region(region) => self.region(region).to_owned(),
            SlotPlace::Pair(from, to) => format!("{}>{}", self.region(from), self.region(to)),
        };
        match key.account {
            Some(account) if self.accounts.len() > 1 => format!("{}/{place}", self.account(account)),
            _ => place,
        }
    }
}
