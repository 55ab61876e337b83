//! Which range of an activation is worth being told apart, by how often its numbers occurred.

use clap::ValueEnum;

use super::histogram::Histogram;

/// How the range of an activation is chosen from what it was on the calibration pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// From the least to the largest number that occurred.
    #[default]
    MinMax,
    /// Without the rarest numbers at both ends.
    Percentile,
    /// The range whose 256 levels keep the most information: the least Kullback-Leibler divergence, after S. Migacz, "8-bit
    /// inference with `TensorRT`", GTC 2017. Zeros do not count, since every range holds 0 exactly.
    ///
    /// It may cut off too much: compare with min-max. A small mobile network lost 4.6 points by it and 0.4 by min-max
    Entropy,
}

impl Method {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MinMax => "min-max",
            Self::Percentile => "percentile",
            Self::Entropy => "entropy",
        }
    }

    /// The range, at most that of the numbers that occurred. `percentile` is the share to keep, of 100.
    pub(super) fn range(self, histogram: &Histogram, percentile: f64) -> [f32; 2] {
        match self {
            Self::MinMax => histogram.range(),
            Self::Percentile => without_tails(histogram, percentile),
            Self::Entropy => most_informative(histogram),
        }
    }
}

/// The edges of the bins between which so many of 100 numbers lie, an equal share being cut off at either end.
fn without_tails(histogram: &Histogram, percentile: f64) -> [f32; 2] {
    let [least, most] = histogram.range();
    let cut = histogram.total() as f64 * (100.0 - percentile) / 200.0;
    let count = |bin: &usize| {
        let zeros = if *bin == Histogram::ZERO { histogram.zeros() } else { 0 };
        histogram.counts()[*bin] + zeros
    };
    let bins = histogram.counts().len();
    let low = first_beyond(cut, (0..bins).map(|bin| count(&bin)));
    let high = first_beyond(cut, (0..bins).rev().map(|bin| count(&bin)));
    let edge = |bin: Option<usize>, otherwise: f32| bin.map_or(otherwise, |bin| histogram.edge(bin));
    [edge(low, least).max(least), edge(high.map(|below| bins - below), most).min(most)]
}

/// The first place at which the sum up to it is more than this.
fn first_beyond(cut: f64, counts: impl Iterator<Item = u64>) -> Option<usize> {
    let mut sum = 0;
    counts.into_iter().position(|count| {
        sum += count;
        sum as f64 > cut
    })
}

/// Levels of a byte.
const LEVELS: usize = 256;
/// How many ranges are tried, about.
const TRIED: usize = 256;

/// Of ranges that reach equally far to both sides of 0, as far as numbers occurred there, the one with the least
/// divergence; of equal ones the widest.
fn most_informative(histogram: &Histogram) -> [f32; 2] {
    let [least, most] = histogram.range();
    let counts = histogram.counts();
    let occupied = |bin: &usize| counts[*bin] > 0;
    let bins = 0..counts.len();
    let (Some(first), Some(last)) = (bins.clone().find(occupied), bins.rev().find(occupied)) else {
        return [least, most];
    };
    let (low, high) = (first.min(Histogram::ZERO), (last + 1).max(Histogram::ZERO));
    let farthest = (Histogram::ZERO - low).max(high - Histogram::ZERO);
    let reaches = (1..=farthest).rev().step_by(farthest.div_ceil(TRIED));
    let window =
        |reach: usize| (low.max(Histogram::ZERO.saturating_sub(reach)), high.min(Histogram::ZERO + reach));
    let candidates = reaches.map(window).filter(|(from, to)| to - from >= LEVELS);
    let judged = candidates.map(|(from, to)| (divergence(&counts[low..high], from - low, to - low), from, to));
    let best = judged.reduce(|best, next| if next.0 < best.0 { next } else { best });
    best.map_or([least, most], |(_, from, to)| [histogram.edge(from).max(least), histogram.edge(to).min(most)])
}

/// The Kullback-Leibler divergence, in nats, of what the levels over `counts[from..to]` tell from what occurred, numbers
/// outside counting as the nearest one inside. Infinite where something occurred of which the levels know nothing.
fn divergence(counts: &[u64], from: usize, to: usize) -> f64 {
    let kept = &counts[from..to];
    let mut occurred = kept.to_vec();
    occurred[0] += counts[..from].iter().sum::<u64>();
    occurred[to - from - 1] += counts[to..].iter().sum::<u64>();
    let [total, inside]: [u64; 2] = [occurred.iter().sum(), kept.iter().sum()];
    let mut divergence = 0.0;
    for level in 0..LEVELS {
        let [start, end] = [level, level + 1].map(|level| level * kept.len() / LEVELS);
        let alike = occurred[start..end].iter().filter(|count| **count > 0).count();
        let each = kept[start..end].iter().sum::<u64>() as f64 / alike.max(1) as f64 / inside.max(1) as f64;
        for count in occurred[start..end].iter().filter(|count| **count > 0) {
            let share = *count as f64 / total as f64;
            divergence += share * (share / each).ln();
        }
    }
    divergence
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the values come out exact")]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f32>) -> Histogram {
        let mut histogram = Histogram::new();
        histogram.add(&values.into_iter().collect::<Vec<_>>()).unwrap();
        histogram
    }

    /// 0.5, 1.5, ... 999.5 and one outlier, in bins of 1. 1 % of 1001 numbers is 10.01: the eleventh from either end stays,
    /// which is 10.5 and, after the outlier and ten more, 990.5.
    #[test]
    fn percentiles_are_edges_of_bins() {
        let histogram = of((0..1000).map(|i| i as f32 + 0.5).chain([4095.0]));
        assert_eq!(Method::Percentile.range(&histogram, 98.0), [10.0, 991.0]);
        assert_eq!(Method::Percentile.range(&histogram, 100.0), [0.5, 4095.0]);
        assert_eq!(Method::MinMax.range(&histogram, 98.0), [0.5, 4095.0]);
    }

    #[test]
    fn zeros_count_for_percentiles() {
        let histogram = of((0..100).map(|i| if i < 97 { 0.0 } else { i as f32 }));
        // 2 % at either end are two numbers: 99 and 98 go.
        assert_eq!(Method::Percentile.range(&histogram, 96.0)[0], 0.0);
        let high = Method::Percentile.range(&histogram, 96.0)[1];
        assert!((97.0..97.1).contains(&high), "{high}");
        assert_eq!(Method::Percentile.range(&of([0.0; 5]), 99.0), [0.0; 2]);
    }

    /// By hand, with 512 bins of which each level has two. (1, 3) told as (2, 2) of 4: 1/4 ln(1/2) + 3/4 ln(3/2).
    #[test]
    fn divergence_of_two_bins() {
        let mut counts = vec![0; 512];
        (counts[6], counts[7]) = (1, 3);
        let expected = 0.25 * 0.5_f64.ln() + 0.75 * 1.5_f64.ln();
        assert!((divergence(&counts, 0, 512) - expected).abs() < 1e-15);
        // Nothing is lost where each bin has a level of its own.
        assert_eq!(divergence(&counts, 0, 256), 0.0);
        // The two were cut off, onto a bin of which the levels know nothing.
        assert_eq!(divergence(&counts, 256, 512), f64::INFINITY);
    }

    #[test]
    fn entropy_cuts_off_a_lonely_outlier_and_nothing_of_a_flat_distribution() {
        let flat = (0..100_000).map(|i| (i % 4000) as f32 + 0.5);
        assert_eq!(Method::Entropy.range(&of(flat), 0.0), [0.5, 3999.5]);
        // A bell of width 1, and one number at 40.
        let bell = (1..200_000).map(|i| {
            let [a, b, c] = [i * 7 % 1009, i * 11 % 1013, i * 13 % 1019].map(|x| x as f32 / 1010.0);
            (a + b + c - 1.5) * 2.0
        });
        let [low, high] = Method::Entropy.range(&of(bell.chain([40.0])), 0.0);
        assert!((-3.1..-1.5).contains(&low) && (1.5..12.0).contains(&high), "{low} {high}");
        assert_eq!(Method::Entropy.range(&of([0.0, 0.0]), 0.0), [0.0, 0.0]);
    }
}
