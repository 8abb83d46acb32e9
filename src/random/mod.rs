//! Random draws that stay put (R10.1, R10.2).
//!
//! Each purpose of each source of requests has a stream of its own, found by the names of both. So a source
//! that is added, or moved in the file, changes no draw of another one.

mod logarithm;

pub use logarithm::{LnMethod, NEAR_ZERO};

use rand::SeedableRng;
use rand_chacha::ChaCha8Core;
use rand_chacha::rand_core::block::Generator;
use sha2::{Digest, Sha256};

use crate::quantity::Fraction;

/// What the streams of a run are made of, beside their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seed {
    pub seed: u64,
    pub replication: u64,
}

/// A running stream of draws.
#[derive(Clone, Debug)]
pub struct Draws {
    generator: ChaCha8Core,
    /// Draws that were made at once, as the generator makes them, and which of them is the next.
    block: [Uniform; BLOCK],
    next: usize,
    has_begun: bool,
    /// Whether it is the first block.
    is_first: bool,
    /// The logarithms of the block, if they were taken, and how.
    logarithms: Box<[f64]>,
    method: Option<LnMethod>,
}

/// Draws that are made at once.
const BLOCK: usize = 32;

/// A draw from the open interval from 0 to 1: (k + 1/2) / 2^52 for a whole number k below 2^52.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uniform(u64);

const UNIFORM_BITS: u32 = 52;

impl Draws {
    /// The stream of a purpose of the source of this name.
    pub fn new(seed: Seed, purpose: &str, source: &str) -> Self {
        let mut hasher = Sha256::new();
        let parts: [&[u8]; 5] = [
            b"copysim draws",
            &seed.seed.to_le_bytes(),
            &seed.replication.to_le_bytes(),
            purpose.as_bytes(),
            source.as_bytes(),
        ];
        for part in parts {
            // With its length, so that no two lists of parts run together to the same bytes.
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self {
            generator: ChaCha8Core::from_seed(hasher.finalize().into()),
            block: [Uniform(0); BLOCK],
            next: BLOCK,
            has_begun: false,
            is_first: false,
            logarithms: Box::default(),
            method: None,
        }
    }

    /// The next draw; it takes one word of 64 bits.
    #[inline]
    pub fn uniform(&mut self) -> Uniform {
        if self.next == BLOCK {
            self.fill();
        }
        let uniform = self.block[self.next];
        self.next += 1;
        uniform
    }

    /// The logarithm of what the next draw leaves to 1.
    #[inline(always)]
    pub fn ln_complement(&mut self, method: LnMethod) -> f64 {
        if self.next == BLOCK {
            self.fill_for(method);
        }
        if self.method == Some(method) {
            self.next += 1;
            self.logarithms[self.next - 1]
        } else {
            logarithm::ln_complement(self.uniform(), method)
        }
    }

    #[cold]
    fn fill_for(&mut self, method: LnMethod) {
        self.fill();
        // Of the first block few draws may be wanted.
        if self.is_first {
            return;
        }
        let each = logarithm::ln_complement_each(&self.block, method);
        if self.logarithms.is_empty() {
            self.logarithms = Box::new(each);
        } else {
            self.logarithms.copy_from_slice(&each);
        }
        self.method = Some(method);
    }

    #[cold]
    fn fill(&mut self) {
        let mut words = [0; 2 * BLOCK];
        self.generator.generate(&mut words);
        for (uniform, pair) in self.block.iter_mut().zip(words.chunks_exact(2)) {
            let word = u64::from(pair[1]) << 32 | u64::from(pair[0]);
            *uniform = Uniform(word >> (u64::BITS - UNIFORM_BITS));
        }
        self.next = 0;
        self.is_first = !self.has_begun;
        self.has_begun = true;
        self.method = None;
    }
}

impl Uniform {
    /// The draw as a number: (k + 1/2) x 2^-52, exactly; what it leaves to 1 is exact too.
    pub fn value(self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << (UNIFORM_BITS + 1)) as f64;
        (2 * self.0 + 1) as f64 * STEP
    }

    /// It as a share in millionths, rounded down.
    pub fn fraction(self) -> Fraction {
        let millionths = (u128::from(2 * self.0 + 1) * 1_000_000) >> (UNIFORM_BITS + 1);
        Fraction::from_millionths(millionths as u32).expect("a draw is below 1")
    }

    /// Whether it is below a share, decided in integers: (2k + 1) / 2^53 < millionths / 10^6.
    pub fn is_below(self, share: Fraction) -> bool {
        let left = u128::from(2 * self.0 + 1) * 1_000_000;
        left < u128::from(share.millionths()) << (UNIFORM_BITS + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(seed: u64, replication: u64, purpose: &str, source: &str) -> Uniform {
        Draws::new(Seed { seed, replication }, purpose, source).uniform()
    }

    #[test]
    fn r10_1_each_purpose_of_each_source_has_a_stream_of_its_own() {
        let one = first(1, 0, "fault a", "release");
        assert_eq!(one, first(1, 0, "fault a", "release"));
        let others = [
            first(2, 0, "fault a", "release"),
            first(1, 1, "fault a", "release"),
            first(1, 0, "fault b", "release"),
            first(1, 0, "fault a", "hotfix"),
            // The same letters, parted elsewhere.
            first(1, 0, "fault ar", "elease"),
        ];
        assert!(others.iter().all(|other| *other != one), "{one:?} {others:?}");
    }

    /// However draws and their logarithms take turns, each is of the next word.
    #[test]
    fn r10_2_logarithms_are_those_of_the_draws() {
        let ln = |uniform: Uniform, method| match method {
            LnMethod::Log1p if uniform.value() < NEAR_ZERO => libm::log1p(-uniform.value()),
            _ => libm::log(1.0 - uniform.value()),
        };
        let stream = || Draws::new(Seed::default(), "p", "s");
        let (mut draws, mut uniforms) = (stream(), stream());
        for number in 0..2_000_u32 {
            let uniform = uniforms.uniform();
            match number / 7 % 4 {
                0 => assert_eq!(draws.uniform(), uniform),
                1 => assert_eq!(draws.ln_complement(LnMethod::Log1p), ln(uniform, LnMethod::Log1p)),
                _ => assert_eq!(draws.ln_complement(LnMethod::Log), ln(uniform, LnMethod::Log)),
            }
        }
    }

    #[test]
    fn r10_2_no_draw_is_below_0_and_every_draw_is_below_1() {
        let mut draws = Draws::new(Seed::default(), "p", "s");
        for _ in 0..10_000 {
            let draw = draws.uniform();
            assert!(!draw.is_below(Fraction::ZERO) && draw.is_below(Fraction::ONE));
        }
        let half = Fraction::from_millionths(500_000).unwrap();
        assert!(Uniform((1 << 51) - 1).is_below(half), "just below a half");
        assert!(!Uniform(1 << 51).is_below(half), "just above it");
        assert!(Uniform((1 << 52) - 1).is_below(Fraction::ONE) && !Uniform(0).is_below(Fraction::ZERO));
    }

    /// Of a million draws about a tenth is below a tenth: within five standard deviations of 300.
    #[test]
    fn r10_2_shares_come_out() {
        let mut draws = Draws::new(Seed { seed: 7, replication: 0 }, "p", "s");
        let tenth = Fraction::from_millionths(100_000).unwrap();
        let below = (0..1_000_000).filter(|_| draws.uniform().is_below(tenth)).count();
        assert!(below.abs_diff(100_000) < 1_500, "{below}");
    }
}
