//! How many arrivals come at once.

use crate::random::Draws;

/// The size of the batches of a stream (R10.2). A new kind is a variant here and in the scenario's schema.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Batch {
    /// So many each time, at least 1.
    Fixed(u64),
    /// 1, 2, ... with P(k) = (1 - 1/mean)^(k - 1) / mean.
    Geometric { mean: f64 },
}

impl Batch {
    /// Arrivals one by one.
    pub const ONE: Self = Self::Fixed(1);

    /// The mean size.
    pub fn mean(self) -> f64 {
        match self {
            Self::Fixed(size) => size as f64,
            Self::Geometric { mean } => mean,
        }
    }

    /// The next size, by inversion; a fixed one takes no uniform.
    pub fn size(self, draws: &mut Draws) -> u64 {
        match self {
            Self::Fixed(size) => size,
            // A mean of 1 makes the divisor infinite, and every size 1.
            Self::Geometric { mean } => {
                let more = libm::log1p(-draws.uniform().value()) / libm::log1p(-1.0 / mean);
                (libm::floor(more) as u64).saturating_add(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    /// P(k) = 1/2^k for a mean of 2: a million sizes, each share within five standard deviations.
    #[test]
    fn r10_2_geometric_sizes_have_their_shares() {
        let mut draws = Draws::new(Seed::default(), "p", "s");
        let mut counts = [0_u64; 64];
        for _ in 0..1_000_000 {
            counts[Batch::Geometric { mean: 2.0 }.size(&mut draws) as usize] += 1;
        }
        assert_eq!(counts[0], 0);
        for (size, count) in counts.iter().enumerate().skip(1).take(10) {
            let share = 0.5_f64.powi(size as i32);
            let deviation = (1e6 * share * (1.0 - share)).sqrt();
            assert!((*count as f64 - 1e6 * share).abs() < 5.0 * deviation, "{size}: {count}");
        }
    }

    #[test]
    fn a_mean_of_one_is_one_at_a_time() {
        let mut draws = Draws::new(Seed::default(), "p", "s");
        assert!((0..1000).all(|_| Batch::Geometric { mean: 1.0 }.size(&mut draws) == 1));
        assert_eq!(Batch::Fixed(3).size(&mut draws), 3);
    }
}
