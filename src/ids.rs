//! Small numbers that stand for things of the scenario and the service. None of them is a `usize`, so
//! that results can't depend on the width of a machine word.

/// A region of the scenario; numbered in byte order of the region ids, so that the order of the file
/// changes nothing (R1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(pub u32);

/// An account that makes calls and owns images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u32);

/// A RAM user of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u32);

/// A key of the key service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

/// An encryption algorithm that the service knows by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlgorithmId(pub u32);

/// A resource group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

impl GroupId {
    /// The group of what is put into no other.
    pub const DEFAULT: Self = Self(0);
}

/// What is said of a given image beside the plain things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactsId(pub u32);

/// What a call says beside the plain things; equal ones have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DetailsId(pub u32);

/// A client token; equal texts have equal tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub [u64; 2]);

impl Token {
    /// The token of a further call that has one of its own.
    #[must_use]
    pub fn of_call(self, call: u32) -> Self {
        // Any other number would do: tokens are hashes.
        Self([self.0[0], self.0[1].wrapping_add(u64::from(call).wrapping_mul(0x9e37_79b9_7f4a_7c15))])
    }
}

/// A written image name; equal texts have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(pub u32);

/// An image record in the service: its place in memory and its number among all images made. The
/// number tells it from later images in the same place, so the id of a removed image stays unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId {
    pub serial: u64,
    pub index: u32,
}

/// An accepted copy: its number by acceptance, which is its rank (R1.4), and its place in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CopyId {
    pub acceptance: u64,
    pub index: u32,
}

/// What a call names: a thing of the scenario, or a text that the service doesn't know (R7.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named<T> {
    Known(T),
    Unknown,
}

impl<T: Copy> Named<T> {
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(thing) => Some(thing),
            Self::Unknown => None,
        }
    }
}

/// The place of a call in the scenario: the entry of `requests`, then its number in that entry
/// (image and destination of a fan-out, arrival number). Calls due together are made in this order
/// (R1.4), and results name a request by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey(u64);

impl RequestKey {
    const NUMBER_BITS: u32 = 40;
    /// The largest number of entries of `requests`.
    pub const MAX_ENTRIES: u64 = 1 << 20;
    /// The largest number of calls that one entry can make.
    pub const MAX_NUMBERS: u64 = 1 << Self::NUMBER_BITS;

    /// The key of call `number` of entry `entry`; `None` beyond the limits.
    pub fn new(entry: u32, number: u64) -> Option<Self> {
        let fits = u64::from(entry) < Self::MAX_ENTRIES && number < Self::MAX_NUMBERS;
        fits.then_some(Self(u64::from(entry) << Self::NUMBER_BITS | number))
    }

    pub fn entry(self) -> u32 {
        u32::try_from(self.0 >> Self::NUMBER_BITS).unwrap_or(u32::MAX)
    }

    pub fn number(self) -> u64 {
        self.0 & (Self::MAX_NUMBERS - 1)
    }

    /// The number of rows that a trace can have.
    pub const MAX_ROWS: u64 = Self::MAX_NUMBERS / 2;

    /// The cancel that a row asks for: it stands beside the row's copy, in the place of the row (R1.4).
    #[must_use]
    pub fn row_cancel(self) -> Self {
        Self(self.0 | Self::MAX_ROWS)
    }

    /// Whether the call of a trace is the cancel that a row asks for.
    pub fn is_row_cancel(self) -> bool {
        self.0 & Self::MAX_ROWS != 0
    }

    /// The row's copy, of a copy or a cancel of a trace.
    #[must_use]
    pub fn row(self) -> Self {
        Self(self.0 & !Self::MAX_ROWS)
    }

    /// The key that has this rank.
    pub fn from_rank(rank: u64) -> Self {
        Self(rank)
    }

    /// The rank of the call among calls of its instant and class.
    pub fn rank(self) -> u64 {
        self.0
    }
}
