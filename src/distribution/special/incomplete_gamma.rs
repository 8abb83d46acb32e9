//! The regularized incomplete gamma function and its inverse.

use super::super::probability::Probability;
use super::normal;

/// P(a, x) and Q(a, x) for one `a`: the cdf of a gamma distribution of shape `a` and scale 1.
#[derive(Clone, Copy, Debug)]
pub struct IncompleteGamma {
    a: f64,
    /// Γ(a + 1) up to [`LARGE`], else what it is over Stirling's formula.
    factor: f64,
}

/// From here on terms come from Stirling's formula, as powers and factorials lose digits.
const LARGE: f64 = 20.0;

/// Steps of any loop here; none comes near it.
const MAX_STEPS: u32 = 100_000;

impl IncompleteGamma {
    pub fn new(a: f64) -> Self {
        Self { a, factor: if a < LARGE { libm::tgamma(a + 1.0) } else { libm::exp(stirling_error(a)) } }
    }

    /// Both parts at `x`, each with full relative precision.
    pub fn at(&self, x: f64) -> Probability {
        if x <= 0.0 {
            return Probability::ZERO;
        }
        if x == f64::INFINITY {
            return Probability::ONE;
        }
        self.parts(x, self.term(x))
    }

    /// Both parts, by the term at `x`: each way is precise for the part that is the smaller one there, or nearly so.
    fn parts(&self, x: f64, term: f64) -> Probability {
        if x < self.a + 1.0 + libm::sqrt(self.a) {
            Probability::of_below((term * self.series(x)).min(1.0))
        } else {
            Probability::of_above((term * self.a * self.continued_fraction(x)).min(1.0))
        }
    }

    /// x^a e^-x / Γ(a + 1): x/a times the density.
    fn term(&self, x: f64) -> f64 {
        if self.a < LARGE {
            libm::pow(x, self.a) * libm::exp(-x) / self.factor
        } else {
            libm::exp(-deviance(self.a, x)) / (libm::sqrt(std::f64::consts::TAU * self.a) * self.factor)
        }
    }

    /// P/term = 1 + x/(a + 1) + x^2/((a + 1)(a + 2)) + ...
    fn series(&self, x: f64) -> f64 {
        let (mut sum, mut term, mut a) = (1.0, 1.0, self.a);
        for _ in 0..MAX_STEPS {
            a += 1.0;
            term *= x / a;
            sum += term;
            if term < sum * f64::EPSILON / 4.0 {
                break;
            }
        }
        sum
    }

    /// Q/(a x term) by Legendre's continued fraction: 1/(x + 1 - a - 1(1 - a)/(x + 3 - a - 2(2 - a)/(...))).
    fn continued_fraction(&self, x: f64) -> f64 {
        let mut b = x + 1.0 - self.a;
        // Numerators and denominators of the last two approximations.
        let (mut before, mut last) = ([0.0, 1.0], [1.0, b]);
        let mut fraction = 1.0 / b;
        for step in 1..MAX_STEPS {
            let number = f64::from(step);
            let numerator = number * (self.a - number);
            b += 2.0;
            let next = [b * last[0] + numerator * before[0], b * last[1] + numerator * before[1]];
            (before, last) = (last, next);
            // Divisions take most of the time, so not after each step.
            if step % 4 == 0 {
                let (scale, earlier) = (1.0 / last[1], fraction);
                before = before.map(|part| part * scale);
                last = [last[0] * scale, 1.0];
                fraction = last[0];
                if (fraction - earlier).abs() < fraction * f64::EPSILON {
                    break;
                }
            }
        }
        fraction
    }

    /// The value at which it is this probability.
    pub fn inverse(&self, probability: Probability) -> f64 {
        if probability.below <= 0.0 {
            return 0.0;
        }
        if probability.above <= 0.0 {
            return f64::INFINITY;
        }
        let mut x = self.first_guess(probability);
        for _ in 0..MAX_ROUNDS {
            if x == 0.0 {
                return 0.0;
            }
            let step = self.step(x, probability);
            x *= libm::exp(-step.clamp(-MAX_STEP, MAX_STEP));
            // Each step leaves about the cube of the last.
            if step.abs() * (1.0 + libm::sqrt(self.a)) < 1e-5 {
                break;
            }
        }
        x
    }

    /// How far ln x is too large: Halley's step for the logarithm of the smaller part, which is nearly
    /// straight where it is small.
    fn step(&self, x: f64, probability: Probability) -> f64 {
        let term = self.term(x);
        let at = self.parts(x, term);
        let slope = term * self.a;
        let (reached, wanted, rise) = if probability.is_lower_half() {
            (at.below, probability.below, slope / at.below)
        } else {
            (at.above, probability.above, -slope / at.above)
        };
        if reached == 0.0 {
            // Out of the range of numbers: back towards the middle.
            return if probability.is_lower_half() { -0.1 } else { 0.1 };
        }
        let bend = self.a - x - rise;
        let newton = libm::log(reached / wanted) / rise;
        let correction = newton * bend / 2.0;
        newton / (1.0 - correction.clamp(-0.5, 0.5))
    }

    fn first_guess(&self, probability: Probability) -> f64 {
        let a = self.a;
        // P is nearly term x e^x near 0.
        let from_0 = || libm::exp((libm::log(probability.below) + libm::lgamma(a + 1.0)) / a);
        if a < 1.0 {
            // Best and Roberts, algorithm AS 91.
            let turn = 1.0 - a * (0.253 + 0.12 * a);
            return if probability.below < turn {
                libm::pow(probability.below / turn, 1.0 / a)
            } else {
                1.0 - libm::log(probability.above / (1.0 - turn))
            };
        }
        // Wilson and Hilferty: the cube root is nearly normal.
        let root = 1.0 - 1.0 / (9.0 * a) + normal::quantile(probability) / (3.0 * libm::sqrt(a));
        if root < 0.3 { from_0() } else { a * root * root * root }
    }
}

const MAX_ROUNDS: u32 = 64;
const MAX_STEP: f64 = 3.0;

/// ln Γ(a + 1) less Stirling's formula, for large `a`.
fn stirling_error(a: f64) -> f64 {
    const TERMS: [f64; 7] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
    ];
    let square = a * a;
    TERMS.iter().rev().fold(0.0, |sum, term| sum / square + term) / a
}

/// a ln(a/x) + x - a without cancelling: Loader's "bd0".
fn deviance(a: f64, x: f64) -> f64 {
    let difference = a - x;
    if difference.abs() >= 0.1 * (a + x) {
        return a * libm::log(a / x) - difference;
    }
    let ratio = difference / (a + x);
    let square = ratio * ratio;
    let (mut sum, mut power) = (difference * ratio, 2.0 * a * ratio);
    for step in 1..MAX_STEPS {
        power *= square;
        let next = sum + power / f64::from(2 * step + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}
