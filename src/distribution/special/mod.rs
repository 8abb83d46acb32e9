//! Special functions and their inverses, good to 10^-13 or so, with what they leave to 1.

mod incomplete_gamma;
pub mod normal;

pub use incomplete_gamma::IncompleteGamma;
