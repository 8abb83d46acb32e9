//! The calls that the service answers.

use super::facts::FaultHits;
use crate::ids::{AccountId, DetailsId, ImageId, NameId, Named, RegionId, RequestKey, Token, UserId};

/// Who makes a call: an account, or a RAM user of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: AccountId,
    pub user: Option<UserId>,
}

/// A name written for the new image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenName {
    pub id: NameId,
    /// Whether its form breaks a rule ([`super::form::name_fault`] says which).
    pub is_malformed: bool,
}

/// What a CopyImage call says beside who copies what from where to where. Absent is absent: a parameter
/// that is written with the value it has by default is another one to a token (R7.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Whether the destination is written; else it is the source region (R7.6).
    pub has_destination: bool,
    pub name: Option<WrittenName>,
    pub encrypted: Option<bool>,
    /// The rest.
    pub details: Option<DetailsId>,
}

impl Parameters {
    /// Whether the new image is to be encrypted.
    pub fn encrypts(self) -> bool {
        self.encrypted == Some(true)
    }
}

/// A CopyImage call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyImage {
    /// The request it is made for, by which later answers name it.
    pub request: RequestKey,
    /// Its number among the calls that are made for that request, from 1.
    pub attempt: u32,
    /// None: the call carries no account.
    pub caller: Option<Caller>,
    pub image: Named<ImageId>,
    pub from: Named<RegionId>,
    /// The destination in effect: where none was given, the source region (R7.6).
    pub to: Named<RegionId>,
    pub parameters: Parameters,
    pub token: Option<Token>,
    pub dry_run: bool,
    pub faults: FaultHits,
    pub cancellable: bool,
    /// Counts in a queue by priority: smaller is sooner (R2.4). It isn't part of the vendor's call, so a token
    /// doesn't bind it.
    pub priority: i32,
    /// Whether anything can ask for the product later (R10.4).
    pub keep_product: bool,
}

impl CopyImage {
    pub fn account(&self) -> Option<AccountId> {
        self.caller.map(|caller| caller.account)
    }
}

/// A CancelCopyImage call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelCopyImage {
    pub account: AccountId,
    /// The region of the new image.
    pub region: Named<RegionId>,
    pub image: Named<ImageId>,
    pub faults: FaultHits,
    /// Whether the copy has reached the point of no return, which only its caller can know (R5.2).
    pub past_return: bool,
}

/// A DeleteImage call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteImage {
    pub account: AccountId,
    pub region: Named<RegionId>,
    pub image: Named<ImageId>,
}
