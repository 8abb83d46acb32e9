//! What requests must be answered with.

use crate::service::codes::Code;

/// The answer that a call must get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// It is accepted, and done.
    Accepted,
    /// It gets the first answer of its token again.
    Replayed,
    /// It gets this code.
    Code(Code),
}

const ACCEPTED: &str = "accepted";
const REPLAYED: &str = "replayed";

impl Expectation {
    /// The answer to a dry run that nothing refuses.
    pub const DRY_RUN: Self = Self::Code(Code::DryRunOperation);

    /// Reads it as a scenario has it.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            ACCEPTED => Some(Self::Accepted),
            REPLAYED => Some(Self::Replayed),
            code => Code::of_literal(code).map(Self::Code),
        }
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => ACCEPTED,
            Self::Replayed => REPLAYED,
            Self::Code(code) => code.literal(),
        }
    }

    /// All that can be expected.
    pub fn words() -> impl Iterator<Item = &'static str> + Clone {
        [ACCEPTED, REPLAYED].into_iter().chain(Code::ALL.iter().map(|code| code.literal()))
    }
}
