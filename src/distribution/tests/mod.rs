mod draws;
mod laws;
mod quantiles;

use super::{Distribution, Unfit};
use crate::random::{Draws, Seed};

/// A distribution with its first four moments, E[X^k], by its formula.
struct Case {
    name: &'static str,
    distribution: Distribution,
    moments: [f64; 4],
    /// Uniforms that each variate takes.
    uniforms: u32,
    is_continuous: bool,
}

fn case(
    name: &'static str,
    distribution: Result<Distribution, Unfit>,
    uniforms: u32,
    moment: impl Fn(i32) -> f64,
) -> Case {
    let distribution = distribution.expect("parameters that fit");
    Case { name, distribution, moments: [1, 2, 3, 4].map(moment), uniforms, is_continuous: true }
}

/// E[X^k] of an exponential distribution, over mean^k.
fn factorial(k: i32) -> f64 {
    (1..=k).map(f64::from).product()
}

/// a (a + 1) ... (a + k - 1)
fn rising(a: f64, k: i32) -> f64 {
    (0..k).map(|step| a + f64::from(step)).product()
}

/// Simpson's rule.
fn integral(from: f64, to: f64, of: impl Fn(f64) -> f64) -> f64 {
    const STEPS: u32 = 20_000;
    let width = (to - from) / f64::from(STEPS);
    let weight = |step: u32| match step {
        0 | STEPS => 1.0,
        odd if odd % 2 == 1 => 4.0,
        _ => 2.0,
    };
    (0..=STEPS).map(|step| weight(step) * of(from + width * f64::from(step))).sum::<f64>() * width / 3.0
}

/// E[X^k] given that X is within bounds, by its density up to a factor.
fn within(from: f64, to: f64, density: impl Fn(f64) -> f64) -> impl Fn(i32) -> f64 {
    move |k| integral(from, to, |x| x.powi(k) * density(x)) / integral(from, to, &density)
}

/// One of each kind, and of those that are made of others.
fn cases() -> Vec<Case> {
    let exponential = Distribution::exponential(10.0).expect("a mean above 0");
    let fixed = Distribution::fixed(4.0).expect("a value");
    let log_normal = Distribution::log_normal(40.0, 0.4).expect("parameters that fit");
    let root_pi = std::f64::consts::PI.sqrt();
    let phases = [(0.5 + 0.15_f64.sqrt()), (0.5 - 0.15_f64.sqrt())];
    let of_triangle = within(1.0, 5.0, |x| if x < 2.0 { x - 1.0 } else { (5.0 - x) / 3.0 });
    let discrete = |case: Case| Case { is_continuous: false, ..case };
    let seen = [(3.0, 1.0), (5.0, 3.0), (20.0, 1.0)];
    let (values, weights) = seen.into_iter().unzip();
    let mixed = vec![(3.0, fixed.clone()), (1.0, exponential.clone())];
    vec![
        case("exponential", Distribution::exponential(10.0), 1, |k| 10_f64.powi(k) * factorial(k)),
        case("erlang", Distribution::erlang(3, 10.0), 1, |k| (10.0 / 3.0_f64).powi(k) * rising(3.0, k)),
        case("gamma", Distribution::gamma(0.4, 10.0), 1, |k| 25_f64.powi(k) * rising(0.4, k)),
        case("gamma of a large shape", Distribution::gamma(50.0, 10.0), 1, |k| {
            0.2_f64.powi(k) * rising(50.0, k)
        }),
        // With scv 4: s = sqrt(3/5), p = 1/2 + sqrt(0.15), means 10/(2p) and 10/(2(1 - p)).
        case("hyper_exponential", Distribution::hyper_exponential(10.0, 4.0), 2, |k| {
            phases.iter().map(|p| p * (5.0 / p).powi(k) * factorial(k)).sum()
        }),
        case("log_normal", Distribution::log_normal(40.0, 0.4), 1, |k| {
            40_f64.powi(k) * (0.08 * f64::from(k * k)).exp()
        }),
        // With scv 1/4: e^(sigma^2) = 5/4, and the median is mean (5/4)^(-1/2).
        case("log_normal of a mean", Distribution::log_normal_of_mean(10.0, 0.25), 1, |k| {
            10_f64.powi(k) * 1.25_f64.powf(f64::from(k * k - k) / 2.0)
        }),
        case("uniform", Distribution::uniform(2.0, 5.0), 1, |k| {
            (5_f64.powi(k + 1) - 2_f64.powi(k + 1)) / (3.0 * f64::from(k + 1))
        }),
        case("triangular", Distribution::triangular(1.0, 2.0, 5.0), 1, of_triangle),
        // Shape 2: E[X^k] = scale^k Γ(1 + k/2), with scale = 20/sqrt(pi).
        case("weibull", Distribution::weibull(2.0, 10.0), 1, |k| {
            let gamma = [root_pi / 2.0, 1.0, 0.75 * root_pi, 2.0];
            (20.0 / root_pi).powi(k) * gamma[usize::try_from(k - 1).expect("a moment")]
        }),
        // Shape 1.5 from 1 to 100: E[X^k] = 1.5 (100^(k - 1.5) - 1)/(k - 1.5)/(1 - 100^-1.5).
        case("bounded_pareto", Distribution::bounded_pareto(1.5, 1.0, 100.0), 1, |k| {
            let power = f64::from(k) - 1.5;
            1.5 * (100_f64.powf(power) - 1.0) / power / 0.999
        }),
        discrete(case("fixed", Distribution::fixed(4.0), 0, |k| 4_f64.powi(k))),
        discrete(case("empirical", Distribution::empirical(values, Some(weights)), 1, |k| {
            seen.iter().map(|(value, weight): &(f64, f64)| value.powi(k) * weight / 5.0).sum()
        })),
        discrete(case("mixture", Distribution::mixture(mixed.clone()), 2, |k| {
            0.75 * 4_f64.powi(k) + 0.25 * 10_f64.powi(k) * factorial(k)
        })),
        case("truncated", exponential.truncated(5.0, 30.0), 1, within(5.0, 30.0, |x| (-x / 10.0).exp())),
        case(
            "truncated log_normal",
            log_normal.truncated(30.0, 90.0),
            1,
            within(30.0, 90.0, |x| {
                let z = (x / 40.0).ln() / 0.4;
                (-z * z / 2.0).exp() / x
            }),
        ),
        // What is left of the exponential part is its share from 2 to 20: e^-0.2 - e^-2.
        discrete(case(
            "truncated mixture",
            Distribution::mixture(mixed).and_then(|mixture| mixture.truncated(2.0, 20.0)),
            2,
            |k| {
                let (fixed, left) = (0.75, 0.25 * ((-0.2_f64).exp() - (-2_f64).exp()));
                let moment = within(2.0, 20.0, |x| (-x / 10.0).exp())(k);
                (fixed * 4_f64.powi(k) + left * moment) / (fixed + left)
            },
        )),
    ]
}

/// The draws of a case, always the same ones.
fn stream(case: &Case) -> Draws {
    Draws::new(Seed { seed: 20, replication: 0 }, "distribution", case.name)
}

fn variates(case: &Case, count: usize) -> Vec<f64> {
    let mut draws = stream(case);
    (0..count).map(|_| case.distribution.draw(&mut draws)).collect()
}
