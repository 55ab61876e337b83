//! Percentiles, and whether there are enough samples for them.

use serde::{Deserialize, Serialize};

/// A percentile in milliseconds; none where there are too few samples for it.
pub(crate) type Percentile = Option<f64>;

/// Summary of a list of times in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Times {
    /// Number of samples.
    pub(crate) n: usize,
    /// The shortest.
    pub(crate) min: f64,
    /// Median; needs 20 samples.
    pub(crate) p50: Percentile,
    /// Needs 64 samples.
    pub(crate) p90: Percentile,
    /// Needs 662 samples.
    pub(crate) p99: Percentile,
}

impl Times {
    /// Of at least one sample. The limits for p90 and p99 are those of `MLPerf`'s load generator (a binomial bound on early stopping).
    pub(crate) fn new(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let enough = |needed: usize, q: f64| (sorted.len() >= needed).then(|| quantile(&sorted, q));
        Self {
            n: sorted.len(),
            min: sorted[0],
            p50: enough(20, 0.5),
            p90: enough(64, 0.9),
            p99: enough(662, 0.99),
        }
    }
}

/// The value below which a share `q` of the sorted samples lies: the nearest rank.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// The median of at least one sample, however few there are.
pub(crate) fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    quantile(&sorted, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_need_samples() {
        let times = |n: u32| Times::new(&(1..=n).rev().map(f64::from).collect::<Vec<_>>());
        assert_eq!(times(19), Times { n: 19, min: 1.0, p50: None, p90: None, p99: None });
        assert_eq!(times(100), Times { n: 100, min: 1.0, p50: Some(50.0), p90: Some(90.0), p99: None });
        assert_eq!(times(1000).p99, Some(990.0));
    }
}
