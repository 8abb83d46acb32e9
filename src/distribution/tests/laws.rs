//! What holds for every distribution.

use super::super::Distribution;
use super::{cases, variates};

/// From the least to the greatest draw that there is.
fn probabilities() -> Vec<f64> {
    let least = f64::EPSILON / 2.0;
    let inner = (1..1_000).map(|step| f64::from(step) / 1_000.0);
    let low = (1..=52).rev().map(|power| 0.5_f64.powi(power) - least);
    let mut all: Vec<f64> = low.clone().chain(inner).chain(low.map(|p| 1.0 - p)).collect();
    all.extend([least, 1.0 - least]);
    all.sort_by(f64::total_cmp);
    all
}

#[test]
fn r10_2_means_are_those_of_the_formulas() {
    for case in cases() {
        let (found, expected) = (case.distribution.mean(), case.moments[0]);
        assert!((found / expected - 1.0).abs() < 1e-10, "{}: {found} for {expected}", case.name);
    }
}

/// Means and variances of 100,000 draws, within five standard errors by the formulas.
#[test]
fn r10_2_moments_come_out() {
    const COUNT: usize = 100_000;
    for case in cases() {
        let draws = variates(&case, COUNT);
        let count = COUNT as f64;
        let [m1, m2, m3, m4] = case.moments;
        let variance = m2 - m1 * m1;
        let fourth = m4 - 4.0 * m1 * m3 + 6.0 * m1 * m1 * m2 - 3.0 * m1.powi(4);
        let mean = draws.iter().sum::<f64>() / count;
        // About the true mean, so that its error is the plain one of a mean of squares.
        let found = draws.iter().map(|x| (x - m1) * (x - m1)).sum::<f64>() / count;
        let errors =
            [(variance / count).max(0.0).sqrt(), ((fourth - variance * variance) / count).max(0.0).sqrt()];
        assert!((mean - m1).abs() <= 5.0 * errors[0] + 1e-9, "{}: mean {mean} for {m1}", case.name);
        assert!((found - variance).abs() <= 5.0 * errors[1] + 1e-9, "{}: {found} for {variance}", case.name);
    }
}

/// Kolmogorov and Smirnov: the greatest distance between the shares of 20,000 draws and the probabilities is
/// above sqrt(ln(2 x 10^6)/(2 x 20,000)) = 0.01905 once in a million times, and less often where single values
/// have a probability of their own.
#[test]
fn r10_2_draws_fit_their_distribution() {
    const COUNT: usize = 20_000;
    for case in cases() {
        let mut draws = variates(&case, COUNT);
        draws.sort_by(f64::total_cmp);
        let share = |count: usize| count as f64 / COUNT as f64;
        let distance = draws.iter().map(|x| {
            let up_to = share(draws.partition_point(|other| other <= x)) - case.distribution.cdf(*x);
            let before =
                share(draws.partition_point(|other| other < x)) - case.distribution.cdf(x.next_down());
            up_to.abs().max(before.abs())
        });
        let distance = distance.fold(0.0, f64::max);
        assert!(distance < 0.01905, "{}: {distance}", case.name);
    }
}

#[test]
fn r10_2_the_cdf_undoes_the_quantile() {
    for case in cases() {
        for p in probabilities() {
            let x = case.distribution.quantile(p);
            let back = case.distribution.cdf(x);
            if case.is_continuous {
                // A quantile is rounded, by half a unit in its last place.
                let rounding =
                    (case.distribution.cdf(x.next_up()) - case.distribution.cdf(x.next_down())).abs();
                // Next to a lower bound that isn't 0 that of the bound is taken away.
                let cut = if case.name.starts_with("truncated") { 1e-15 } else { 0.0 };
                assert!((back - p).abs() <= 1e-12 * p + rounding + cut, "{} at {p}: {back}", case.name);
            } else {
                assert!(back >= p * (1.0 - 1e-12), "{} at {p}: {back}", case.name);
                let below = case.distribution.cdf(x * (1.0 - 1e-12));
                assert!(x == 0.0 || below <= p * (1.0 + 1e-9), "{} at {p}: {below}", case.name);
            }
        }
    }
}

#[test]
fn r10_2_quantiles_rise() {
    for case in cases() {
        let quantiles: Vec<f64> =
            probabilities().into_iter().map(|p| case.distribution.quantile(p)).collect();
        assert!(quantiles.iter().all(|x| x.is_finite() && *x >= 0.0), "{}", case.name);
        // Two quantiles that lie closer than they are precise may be in any order.
        let rises = quantiles.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + 1e-13));
        assert!(rises, "{}: {quantiles:?}", case.name);
    }
}

/// F(x | within) = (F(x) - F(min)) / (F(max) - F(min)), and nothing is drawn beyond the bounds.
#[test]
fn r10_2_truncation_is_conditioning() {
    for case in cases() {
        let (min, max) = (case.distribution.quantile(0.2), case.distribution.quantile(0.9));
        let Ok(truncated) = case.distribution.truncated(min, max) else { panic!("{}", case.name) };
        let before = case.distribution.cdf(min.next_down());
        let whole = case.distribution.cdf(max) - before;
        for step in 0..=20 {
            let x = min + (max - min) * f64::from(step) / 20.0;
            let expected = (case.distribution.cdf(x) - before) / whole;
            let found = truncated.cdf(x);
            assert!((found - expected).abs() < 1e-11, "{} at {x}: {found} for {expected}", case.name);
        }
        let ends = [f64::EPSILON / 2.0, 0.5, 1.0 - f64::EPSILON / 2.0].map(|p| truncated.quantile(p));
        assert!(ends.iter().all(|x| (min..=max).contains(x)), "{}: {ends:?}", case.name);
    }
}

/// Far out an exponential distribution looks as at its beginning: it has no memory.
#[test]
fn r10_2_truncation_keeps_its_precision_far_out() {
    let exponential = Distribution::exponential(1.0).expect("a mean above 0");
    let tail = exponential.truncated(20.0, f64::INFINITY).expect("2 in 10^9 are left");
    for p in probabilities() {
        let (found, expected) = (tail.quantile(p), 20.0 + exponential.quantile(p));
        assert!((found - expected).abs() < 1e-13 * expected, "at {p}: {found} for {expected}");
    }
    assert!((tail.mean() - 21.0).abs() < 1e-9, "{}", tail.mean());
}

#[test]
fn r10_2_a_truncation_that_leaves_nothing_is_refused() {
    let exponential = Distribution::exponential(1.0).expect("a mean above 0");
    // e^-20 = 2.1 x 10^-9 and e^-21 = 7.6 x 10^-10.
    assert!(exponential.truncated(20.0, f64::INFINITY).is_ok());
    assert!(exponential.truncated(21.0, f64::INFINITY).is_err());
    assert!(exponential.truncated(3.0, 2.0).is_err());
    assert!(exponential.truncated(-1.0, 2.0).is_err());
    let values = Distribution::empirical(vec![1.0, 5.0, 9.0], None).expect("values");
    assert!(values.truncated(2.0, 4.0).is_err());
    let left = values.truncated(5.0, 9.0).expect("both bounds are included");
    assert_eq!((left.quantile(0.5), left.quantile(0.51), left.mean()), (5.0, 9.0, 7.0));
}
