//! Smoothed curves.

/// Values in the window that RobustDARTS averages over, and so Figure 1 of the NoisyDARTS paper.
pub const WINDOW: usize = 5;

/// The centred moving average over `window` neighbouring values, fewer at the ends.
///
/// Figure 1 plots eigenvalues smoothed as in RobustDARTS (Zela et al. 2020), whose local average is this one with
/// `window` = [`WINDOW`]. An even window counts as the next odd one.
#[must_use]
pub fn smoothed(values: &[f64], window: usize) -> Vec<f64> {
    (0..values.len()).map(|at| local_average(values, at, window / 2)).collect()
}

/// The mean of the values at most `reach` places from `at`, of which there must be one.
pub(super) fn local_average(values: &[f64], at: usize, reach: usize) -> f64 {
    let end = (at + reach + 1).min(values.len());
    let near = &values[at.saturating_sub(reach)..end];
    near.iter().sum::<f64>() / near.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_cut_at_both_ends() {
        let means = smoothed(&[1.0, 2.0, 6.0, 3.0, 8.0, 100.0], WINDOW);
        assert_eq!(means, [3.0, 3.0, 4.0, 23.8, 29.25, 37.0]);
        assert_eq!(smoothed(&[1.0, 5.0], 1), [1.0, 5.0]);
        assert!(smoothed(&[], WINDOW).is_empty());
    }
}
