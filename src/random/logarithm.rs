//! Natural logarithms of many numbers at once.
//!
//! Bit for bit those of the crate `libm`, whose method this is: fdlibm's, which writes a number as 2^k (1 + f) and
//! takes a polynomial in f / (2 + f). Without branches, so that the compiler does several at a time. A stream uses
//! these alone, so its draws would stay what they are if the crate's changed.

use super::{BLOCK, Uniform};

/// The smallest number of the range that is taken for 1 + f, about the square root of 1/2, by its upper half.
const LOWEST: u64 = 0x3fe6_a09e << 32;
const ONE: u64 = 0x3ff0_0000 << 32;
const MANTISSA: u64 = (1 << 52) - 1;

const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_588e-10;

/// Below this, `log1p` is taken, which has its argument for f: from there on it is no more precise than `log`.
pub const NEAR_ZERO: f64 = 0.0625;

/// Which function a logarithm is taken with: both give what a uniform leaves to 1, and may differ in the last bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LnMethod {
    /// `log(1 - u)`.
    Log,
    /// `log1p(-u)` where u is small, else as the other.
    Log1p,
}

/// The logarithm of what a uniform leaves to 1.
pub fn ln_complement(uniform: Uniform, method: LnMethod) -> f64 {
    let value = uniform.value();
    let near_zero = if method == LnMethod::Log1p { NEAR_ZERO } else { 0.0 };
    let (k, f) = reduced(1.0 - value);
    // Both are taken, as a choice between values is no branch.
    let is_near_zero = value < near_zero;
    of_reduced(if is_near_zero { 0.0 } else { k }, if is_near_zero { -value } else { f })
}

/// As [`ln_complement`], of a whole block.
pub fn ln_complement_each(uniforms: &[Uniform; BLOCK], method: LnMethod) -> [f64; BLOCK] {
    uniforms.map(|uniform| ln_complement(uniform, method))
}

/// The parts k and f of a number between 0 and 1.
fn reduced(number: f64) -> (f64, f64) {
    let bits = number.to_bits() + (ONE - LOWEST);
    // A whole number below 2^52 as the mantissa of a number from 2^52 on: exactly, and several at a time.
    let k = f64::from_bits((0x433 << 52) | (bits >> 52)) - ((1_u64 << 52) + 1023) as f64;
    (k, f64::from_bits((bits & MANTISSA) + LOWEST) - 1.0)
}

/// The logarithm of 2^k (1 + f).
fn of_reduced(k: f64, f: f64) -> f64 {
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = w * (COEFFICIENTS[1] + w * (COEFFICIENTS[3] + w * COEFFICIENTS[5]));
    let even = z * (COEFFICIENTS[0] + w * (COEFFICIENTS[2] + w * (COEFFICIENTS[4] + w * COEFFICIENTS[6])));
    s * (half_square + (even + odd)) + k * LN2_LOW - half_square + f + k * LN2_HIGH
}

/// Of the polynomial, to the lowest power first: nearly 2/3, 2/5, 2/7, ...
const COEFFICIENTS: [f64; 7] = [
    f64::from_bits(0x3fe5_5555_5555_5593),
    f64::from_bits(0x3fd9_9999_9997_fa04),
    f64::from_bits(0x3fd2_4924_9422_9359),
    f64::from_bits(0x3fcc_71c5_1d8e_78af),
    f64::from_bits(0x3fc7_4664_96cb_03de),
    f64::from_bits(0x3fc3_9a09_d078_c69f),
    f64::from_bits(0x3fc2_f112_df3e_5244),
];

#[cfg(test)]
mod tests {
    use super::super::{Draws, Seed, UNIFORM_BITS};
    use super::*;

    fn of_libm(uniform: Uniform, method: LnMethod) -> f64 {
        match method {
            LnMethod::Log1p if uniform.value() < NEAR_ZERO => libm::log1p(-uniform.value()),
            _ => libm::log(1.0 - uniform.value()),
        }
    }

    fn assert_equal(uniforms: [Uniform; BLOCK]) {
        for method in [LnMethod::Log, LnMethod::Log1p] {
            let expected = uniforms.map(|uniform| of_libm(uniform, method).to_bits());
            let found = ln_complement_each(&uniforms, method).map(f64::to_bits);
            assert_eq!(found, expected, "of {uniforms:?}");
        }
    }

    #[test]
    fn a_block_has_the_bits_of_the_crates_logarithms() {
        let mut draws = Draws::new(Seed::default(), "p", "s");
        for _ in 0..30_000 {
            let uniforms: [Uniform; BLOCK] = std::array::from_fn(|_| draws.uniform());
            assert_equal(uniforms);
            // Near 0 and near 1, where few draws are.
            assert_equal(std::array::from_fn(|place| Uniform(uniforms[place].0 >> (place + 4))));
            let last = (1 << UNIFORM_BITS) - 1;
            assert_equal(std::array::from_fn(|place| Uniform(last - (uniforms[place].0 >> (place + 4)))));
        }
    }

    #[test]
    fn where_the_parts_change_it_has_the_bits_of_the_crates_logarithms() {
        // Around the powers of two, the square roots of 1/2 between them, and where `log1p` takes over.
        let scale = (1_u64 << UNIFORM_BITS) as f64;
        let powers = (1..52).flat_map(|power| {
            [0.5_f64, std::f64::consts::FRAC_1_SQRT_2].map(|part| part * 0.5_f64.powi(power))
        });
        for point in powers.flat_map(|point| [point, 1.0 - point]) {
            let middle = ((point * scale) as u64).clamp(16, (1 << UNIFORM_BITS) - 17);
            assert_equal(std::array::from_fn(|place| Uniform(middle + place as u64 - 16)));
        }
    }
}
