//! Whether two models differ, judged on the same pictures.

/// Exact two-sided p of McNemar's (1947) test: how likely it is that pictures which only one of two equally good models gets right
/// are divided at least as unevenly as `only_a` and `only_b`. Each of them is a coin's toss, so the number is a binomial tail; 1 where
/// there is none.
pub(crate) fn exact(only_a: usize, only_b: usize) -> f64 {
    let (n, least) = (only_a + only_b, only_a.min(only_b));
    // In logarithms, so that thousands of pictures do not underflow.
    let mut term = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = term.exp();
    for i in 0..least {
        term += ((n - i) as f64 / (i + 1) as f64).ln();
        tail += term.exp();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::exact;

    /// `2 * sum(comb(n, i) for i in range(k + 1)) / 2**n` as an exact fraction in Python, then rounded once.
    #[test]
    fn equals_the_exact_fraction() {
        let cases = [
            (0, 0, 1.0),
            (5, 5, 1.0),
            (0, 6, 0.03125),
            (10, 3, 0.092_285_156_25),
            (120, 80, 0.005_685_155_996_750_305_5),
            (2000, 2300, 5.079_935_568_924_032e-6),
        ];
        for (a, b, expected) in cases {
            for found in [exact(a, b), exact(b, a)] {
                assert!((found / expected - 1.0).abs() < 1e-9, "{a} {b}: {found:e}, expected {expected:e}");
            }
        }
    }
}
