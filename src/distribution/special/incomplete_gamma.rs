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

    /// Both parts, by the term at `x`.
    fn parts(&self, x: f64, term: f64) -> Probability {
        if x < self.a + 1.0 {
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

    /// Q/(a x term) by Legendre's continued fraction, in Lentz's way.
    fn continued_fraction(&self, x: f64) -> f64 {
        let mut b = x + 1.0 - self.a;
        let mut c = f64::INFINITY;
        let mut d = 1.0 / b;
        let mut fraction = d;
        for step in 1..MAX_STEPS {
            let step = f64::from(step);
            let numerator = -step * (step - self.a);
            b += 2.0;
            d = 1.0 / (numerator * d + b);
            c = b + numerator / c;
            fraction *= c * d;
            if (c * d - 1.0).abs() < f64::EPSILON {
                break;
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
        let bend = self.a - x;
        let (excess, rise, bend) = if probability.is_lower_half() {
            let rise = slope / at.below;
            (libm::log(at.below / probability.below), rise, bend - rise)
        } else {
            let rise = -slope / at.above;
            (libm::log(at.above / probability.above), rise, bend - rise)
        };
        let newton = excess / rise;
        let correction = newton * bend / 2.0;
        newton / (1.0 - correction.clamp(-0.5, 0.5))
    }

    fn first_guess(&self, probability: Probability) -> f64 {
        let a = self.a;
        // P is nearly term x e^x near 0.
        let from_0 = || libm::exp(libm::log(probability.below * libm::tgamma(a + 1.0)) / a);
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
        if root < 0.3 && a < 100.0 { from_0() } else { a * root.max(0.01) * root.max(0.01) * root.max(0.01) }
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
