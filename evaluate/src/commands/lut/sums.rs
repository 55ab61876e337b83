//! How far the sum of a network's operations is from its own time.

use std::collections::BTreeMap;

use models::primitive::SKIP_CONNECT;
use serde::Serialize;

use super::{operations::Operations, result::Time};
use crate::error::Result;

/// Sums of operations beside whole networks. Times in milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct Sums {
    /// Time of what every network has.
    pub(super) fixed: f64,
    /// Mean of a whole network's time less the sum of its parts: what the sums leave out (below 0: have too much).
    pub(super) overhead: f64,
    /// Spearman's rank correlation of sums and times; none for fewer than three networks.
    pub(super) spearman: Option<f64>,
    /// Errors of the sums as they are.
    pub(super) plain: Errors,
    /// Errors of the sums with the overhead added, each network's left out of its own.
    pub(super) corrected: Errors,
    /// Each network.
    pub(super) networks: Vec<Beside>,
}

/// Absolute errors relative to the measured times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Errors {
    pub(super) mean: f64,
    pub(super) largest: f64,
}

/// A whole network.
#[derive(Debug, Serialize)]
pub(super) struct Beside {
    pub(super) genotype: String,
    /// Of its operations and the fixed parts.
    pub(super) sum: f64,
    pub(super) measured: f64,
}

impl Sums {
    /// Of these times by file.
    pub(super) fn new(operations: &Operations, times: &BTreeMap<String, Time>) -> Result<Self> {
        let time = |file: &String| {
            let missing = || operations.refused(format!("{file} was not measured"));
            times.get(file).map(|time| time.milliseconds).ok_or_else(missing)
        };
        let all = |files: &[String]| files.iter().map(time).sum::<Result<f64>>();
        let fixed = all(&operations.list.fixed)?;
        let mut networks = Vec::new();
        for whole in &operations.list.networks {
            let ops = whole.genotype.split(',').map(str::trim);
            let chosen = operations.list.rows.iter().zip(ops).map(|(row, op)| {
                let same = |known: &str| known == op || (known == SKIP_CONNECT && op == "skip");
                let found = row.iter().find(|operation| same(&operation.op));
                all(&found.ok_or_else(|| operations.refused(format!("{op:?} is in no row")))?.files)
            });
            let sum = fixed + chosen.sum::<Result<f64>>()?;
            let measured = time(&whole.file)?;
            networks.push(Beside { genotype: whole.genotype.clone(), sum, measured });
        }
        Ok(Self::of(fixed, networks))
    }

    fn of(fixed: f64, networks: Vec<Beside>) -> Self {
        let n = networks.len() as f64;
        let missing: f64 = networks.iter().map(|network| network.measured - network.sum).sum();
        let others = |network: &Beside| match n {
            n if n > 1.0 => (missing - (network.measured - network.sum)) / (n - 1.0),
            _ => 0.0,
        };
        let pairs: Vec<[f64; 2]> = networks.iter().map(|network| [network.sum, network.measured]).collect();
        Self {
            fixed,
            overhead: missing / n.max(1.0),
            spearman: spearman(&pairs),
            plain: Errors::of(networks.iter().map(|network| (network.sum, network.measured))),
            corrected: Errors::of(
                networks.iter().map(|network| (network.sum + others(network), network.measured)),
            ),
            networks,
        }
    }
}

impl Errors {
    fn of(pairs: impl Iterator<Item = (f64, f64)>) -> Self {
        let errors: Vec<f64> =
            pairs.map(|(sum, measured)| (sum - measured).abs() / measured.max(1e-9)).collect();
        let mean = errors.iter().sum::<f64>() / errors.len().max(1) as f64;
        Self { mean, largest: errors.into_iter().fold(0.0, f64::max) }
    }
}

/// Spearman's rank correlation (1904): Pearson's of the ranks, equal values sharing theirs.
fn spearman(pairs: &[[f64; 2]]) -> Option<f64> {
    if pairs.len() < 3 {
        return None;
    }
    let ranks = [0, 1].map(|side| {
        let values: Vec<f64> = pairs.iter().map(|pair| pair[side]).collect();
        let rank = |value: &f64| {
            let below = values.iter().filter(|other| *other < value).count() as f64;
            let equal = values.iter().filter(|other| other.total_cmp(value).is_eq()).count() as f64;
            below + (equal + 1.0) / 2.0
        };
        values.iter().map(rank).collect::<Vec<f64>>()
    });
    let mean = (pairs.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    let [a, b] = &ranks;
    let scale = (product(a, a) * product(b, b)).sqrt();
    (scale > 0.0).then(|| product(a, b) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: ranks 1 2.5 2.5 4 and 1 3 2 4, so 4.5 over the root of 4.5 times 5.
    #[test]
    fn rank_correlation() {
        let pairs = [[1.0, 10.0], [2.0, 30.0], [2.0, 20.0], [5.0, 90.0]];
        assert!((spearman(&pairs).unwrap() - 4.5 / (4.5_f64 * 5.0).sqrt()).abs() < 1e-12);
        let falling = [[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]];
        assert!((spearman(&falling).unwrap() + 1.0).abs() < 1e-12);
        assert_eq!(spearman(&pairs[..2]), None);
        assert_eq!(spearman(&[[1.0, 1.0]; 3]), None);
    }

    #[test]
    fn what_the_sums_leave_out() {
        let beside = |sum, measured| Beside { genotype: String::new(), sum, measured };
        let sums = Sums::of(1.0, vec![beside(8.0, 10.0), beside(18.0, 20.0), beside(27.0, 30.0)]);
        assert!((sums.overhead - 7.0 / 3.0).abs() < 1e-12);
        assert!(
            (sums.plain.mean - (0.2 + 0.1 + 0.1) / 3.0).abs() < 1e-12
                && (sums.plain.largest - 0.2).abs() < 1e-12
        );
        // Without itself the first lacks 2.5, of which 2 are true.
        assert!((sums.corrected.largest - 0.05).abs() < 1e-12, "{:?}", sums.corrected);
    }
}
