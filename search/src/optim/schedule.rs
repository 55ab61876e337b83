//! Learning-rate schedules.

/// Cosine annealing from `start` at epoch 0 to `end` at epoch `epochs`, constant within an epoch:
/// `end + (start - end) · (1 + cos(π · epoch / epochs)) / 2`.
#[must_use]
pub fn cosine(start: f64, end: f64, epoch: usize, epochs: usize) -> f64 {
    let progress = epoch as f64 / epochs.max(1) as f64;
    (start - end).mul_add((1.0 + (std::f64::consts::PI * progress).cos()) / 2.0, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_runs_from_start_to_end() {
        // DARTS's search schedule: 0.025 to 0.001 in 50 epochs, 0.013 half-way.
        assert!((cosine(0.025, 0.001, 0, 50) - 0.025).abs() < 1e-15);
        assert!((cosine(0.025, 0.001, 25, 50) - 0.013).abs() < 1e-15);
        assert!((cosine(0.025, 0.001, 50, 50) - 0.001).abs() < 1e-15);
    }
}
