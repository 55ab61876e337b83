//! Top-1 and top-5: how often the right class is among the highest-scored ones.

use serde::Serialize;

/// Correct answers out of a number of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Share {
    /// How many were right.
    pub(crate) correct: usize,
    /// Percent that were right.
    pub(crate) percent: f64,
    /// 95 % confidence interval, in percent.
    pub(crate) interval: [f64; 2],
}

impl Share {
    /// Of `total` pictures, of which there is at least one.
    ///
    /// The interval is Wilson's (1927) score interval, which stays within 0 and 100 % and is right for shares near them.
    pub(crate) fn new(correct: usize, total: usize) -> Self {
        /// 97.5 % quantile of the normal distribution.
        const Z: f64 = 1.959_963_984_540_054;
        let (n, share) = (total as f64, correct as f64 / total as f64);
        let scale = 1.0 / (1.0 + Z * Z / n);
        let centre = scale * (share + Z * Z / (2.0 * n));
        let half = scale * Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let percent = |x: f64| 100.0 * x.clamp(0.0, 1.0);
        Self { correct, percent: percent(share), interval: [percent(centre - half), percent(centre + half)] }
    }
}

/// Position of the right class among all, from 0; of equal scores the lower class comes first.
pub(crate) fn rank(scores: &[f32], label: usize) -> usize {
    let own = scores[label];
    #[allow(clippy::float_cmp, reason = "equal scores are what the tie rule is about")]
    let before = |(class, &score): (usize, &f32)| score > own || (score == own && class < label);
    scores.iter().enumerate().filter(|&pair| before(pair)).count()
}

/// The class with the highest score, the lowest of them if there are several.
pub(crate) fn best(scores: &[f32]) -> usize {
    (1..scores.len()).fold(0, |best, class| if scores[class] > scores[best] { class } else { best })
}

/// How likely the model holds each class to be: the softmax of its scores, or these themselves where they are probabilities
/// already (none negative, together 1).
pub(crate) fn probabilities(scores: &[f32]) -> Vec<f64> {
    let sum: f64 = scores.iter().map(|score| f64::from(*score)).sum();
    if (sum - 1.0).abs() < 1e-3 && scores.iter().all(|score| *score >= 0.0) {
        return scores.iter().map(|score| f64::from(*score)).collect();
    }
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = scores.iter().map(|score| f64::from(score - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_unless_it_was_taken() {
        let close = |found: Vec<f64>, expected: [f64; 3]| {
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-7), "{found:?}");
        };
        // 1 / (1 + e + e^2) and so on.
        close(probabilities(&[1000.0, 1001.0, 1002.0]), [0.090_030_573, 0.244_728_471, 0.665_240_956]);
        close(probabilities(&[0.25, 0.5, 0.25]), [0.25, 0.5, 0.25]);
        close(probabilities(&[0.5, 1.0, -0.5]), [0.331_498_960, 0.546_549_387, 0.121_951_652]);
    }

    #[test]
    fn ranks_and_ties() {
        let scores = [1.0, 3.0, 3.0, 2.0];
        assert_eq!([0, 1, 2, 3].map(|label| rank(&scores, label)), [3, 0, 1, 2]);
        assert_eq!(best(&scores), 1);
    }

    /// The closed form, evaluated in Python.
    #[test]
    fn wilson_interval() {
        let close = |share: Share, low: f64, high: f64| {
            assert!(
                (share.interval[0] - low).abs() < 1e-4 && (share.interval[1] - high).abs() < 1e-4,
                "{share:?}"
            );
        };
        close(Share::new(9173, 10_000), 91.1740, 92.2539);
        close(Share::new(0, 10), 0.0, 27.7533);
        close(Share::new(10, 10), 72.2467, 100.0);
    }
}
