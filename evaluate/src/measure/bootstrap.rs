//! How sure a ratio of times is: bootstrap intervals (Efron, 1979) over rounds nested in processes, drawn as whole processes.

use serde::{Deserialize, Serialize};

use super::quantile::quantile;
use crate::random::Random;

/// A ratio with its 95 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ratio {
    pub(crate) ratio: f64,
    pub(crate) interval: [f64; 2],
}

/// How often samples are drawn anew.
const DRAWS: usize = 1000;

/// Drawing begins with this, so that equal samples give an equal interval.
const SEED: u64 = 0;

impl Ratio {
    /// Of times that were measured in turn, in several processes: each gives the logarithm of a ratio. The estimate is their
    /// geometric mean.
    ///
    /// Rounds of one process are no independent samples (they share the layout of its memory), so whole processes are drawn: drawing
    /// rounds too would count what they differ by twice (Davison and Hinkley, 1997, section 3.8). One fewer is drawn than there are, which
    /// makes the variance unbiased for few of them (Rao and Wu, 1988), and the interval is wider by what Student's distribution is
    /// wider than the normal one.
    pub(crate) fn of_processes(logarithms: &[f64]) -> Self {
        let (estimate, freedom) = (mean(logarithms.iter().copied()), logarithms.len().saturating_sub(1).max(1));
        let wider = student(freedom as f64) / NORMAL;
        Self::new(estimate, |random| {
            let drawn = mean((0..freedom).map(|_| logarithms[random.below(logarithms.len())]));
            estimate + wider * (drawn - estimate)
        })
    }

    /// Of two measurements apart: `b` over `a`.
    pub(crate) fn of_samples(a: &[f64], b: &[f64]) -> Self {
        let ratio = |a: &[f64], b: &[f64]| typical(b.iter().copied()).ln() - typical(a.iter().copied()).ln();
        Self::new(ratio(a, b), |random| ratio(&again(a, random), &again(b, random)))
    }

    fn new(estimate: f64, mut draw: impl FnMut(&mut Random) -> f64) -> Self {
        let mut random = Random::new(SEED);
        let mut drawn: Vec<f64> = (0..DRAWS).map(|_| draw(&mut random)).collect();
        drawn.sort_unstable_by(f64::total_cmp);
        let interval = [0.025, 0.975].map(|q| quantile(&drawn, q).exp());
        Self { ratio: estimate.exp(), interval }
    }

    /// Half the width of the interval, as a share of the ratio.
    pub(crate) fn half_width(&self) -> f64 {
        (self.interval[1] - self.interval[0]) / (2.0 * self.ratio)
    }
}

/// 97.5 % quantile of the normal distribution.
const NORMAL: f64 = 1.959_963_984_540_054;

/// 97.5 % quantile of Student's distribution: Fisher and Cornish's expansion (Abramowitz and Stegun, 1964, 26.7.5).
fn student(freedom: f64) -> f64 {
    let [z, z3, z5, z7] = [1, 3, 5, 7].map(|power| NORMAL.powi(power));
    let terms = [
        (z3 + z) / 4.0,
        (5.0 * z5 + 16.0 * z3 + 3.0 * z) / 96.0,
        (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / 384.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| (sum + term) / freedom) + z
}

/// The time of a model from its rounds, of which there is at least one: the lower quartile. What disturbs only ever adds time, so
/// the faster half of the rounds says more; the fastest round alone says less, for there may be only one like it.
pub(crate) fn typical(times: impl Iterator<Item = f64>) -> f64 {
    let mut times: Vec<f64> = times.collect();
    let rank = times.len().div_ceil(4).max(1) - 1;
    *times.select_nth_unstable_by(rank, f64::total_cmp).1
}

/// As many samples, drawn from these with replacement.
fn again<T: Copy>(samples: &[T], random: &mut Random) -> Vec<T> {
    (0..samples.len()).map(|_| samples[random.below(samples.len())]).collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// About normal: the sum of twelve uniform numbers (variance 1/12 each, here scaled from [-2, 2)).
    fn normal(random: &mut Random) -> f64 {
        random.values(12).iter().map(|v| f64::from(*v) / 4.0).sum()
    }

    #[test]
    fn equal_times_leave_no_doubt() {
        let ratio = Ratio::of_processes(&[1.05_f64.ln(); 7]);
        assert!((ratio.ratio - 1.05).abs() < 1e-12 && ratio.half_width() < 1e-12, "{ratio:?}");
        assert!((Ratio::of_samples(&[2.0; 5], &[3.0; 5]).ratio - 1.5).abs() < 1e-12);
    }

    /// Table 26.10 of Abramowitz and Stegun.
    #[test]
    fn quantiles_of_student() {
        for (freedom, quantile, within) in
            [(2.0, 4.303, 0.2), (5.0, 2.571, 0.01), (9.0, 2.262, 0.001), (1e6, 1.960, 0.001)]
        {
            assert!((student(freedom) - quantile).abs() < within, "{freedom}: {}", student(freedom));
        }
    }

    #[test]
    fn a_quarter_is_not_slower() {
        let typical = |times: &[f64]| typical(times.iter().copied());
        assert_eq!(
            [typical(&[4.0, 1.0, 3.0, 2.0]), typical(&[7.0])].map(f64::to_bits),
            [1.0, 7.0].map(f64::to_bits)
        );
        assert_eq!(typical(&[5.0, 9.0, 1.0, 8.0, 2.0, 7.0, 6.0, 3.0]).to_bits(), 2.0_f64.to_bits());
    }

    /// Eight values of mean 0.05 and standard deviation 0.01069 (variance 8 * 0.0001 / 7): 2.365 standard errors of 0.00378.
    #[test]
    fn the_interval_of_a_mean_is_students() {
        let logarithms = [0.04, 0.06, 0.04, 0.06, 0.04, 0.06, 0.04, 0.06];
        let Ratio { ratio, interval } = Ratio::of_processes(&logarithms);
        let [low, high] = interval.map(f64::ln);
        assert!((ratio.ln() - 0.05).abs() < 1e-12);
        // Seven draws of two values make a coarse distribution: their mean moves in steps of 0.0029, 0.0034 when widened.
        assert!((low - 0.0411).abs() < 0.0035 && (high - 0.0589).abs() < 0.0035, "{low} {high}");
    }

    /// The standard error of the lower quartile of n normal samples is sqrt(1/4 * 3/4) / phi(-0.6745) = 1.3626 times sigma / sqrt(n).
    /// With n = 400 and sigma = 0.02 that is 0.001363, of the quartile at 1 - 0.6745 sigma = 0.98651, in each of both: times 1.96.
    #[test]
    fn the_interval_of_a_quartile_has_its_known_width() {
        let mut random = Random::new(7);
        let mut samples =
            |centre: f64| (0..400).map(|_| centre * (1.0 + 0.02 * normal(&mut random))).collect::<Vec<_>>();
        let apart = Ratio::of_samples(&samples(3.0), &samples(3.15));
        assert!((0.0028..0.0050).contains(&apart.half_width()), "known: 0.00383, found {}", apart.half_width());
        assert!(apart.interval[0] > 1.04 && apart.interval[1] < 1.06, "{apart:?}");
    }

    /// 400 experiments of 6 processes: the true ratio is outside in few of them. 5 % would be 20; 40 is more than 4 standard deviations
    /// (4.4 each) beyond that. Without the two corrections for few processes it is outside in one of seven.
    #[test]
    fn the_interval_covers_the_truth() {
        let mut random = Random::new(3);
        let missed = (0..400).filter(|_| {
            let logarithms: Vec<f64> = (0..6).map(|_| 0.01 * normal(&mut random)).collect();
            let [low, high] = Ratio::of_processes(&logarithms).interval;
            low > 1.0 || high < 1.0
        });
        let missed = missed.count();
        assert!(missed <= 40, "{missed} of 400");
    }
}
