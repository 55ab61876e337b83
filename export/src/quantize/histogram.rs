//! How often which numbers occurred.

/// Bins for negative numbers, and as many for the others.
const SIDE: usize = 4096;
/// The exponent of the finest bins: what lies within `SIDE * 2^FINEST` of 0 is as good as 0.
const FINEST: i32 = -60;

/// A histogram that is made coarser as larger numbers come.
///
/// Bins are `2^exponent` wide and start at multiples of that, so a coarser bin is exactly two finer ones: the counts do not
/// depend on the order in which the numbers came, nor on how they were spread over several histograms.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Histogram {
    exponent: i32,
    /// Of all numbers but those that are 0.
    counts: Vec<u64>,
    zeros: u64,
    least: f32,
    most: f32,
}

impl Histogram {
    pub(super) fn new() -> Self {
        Self { exponent: FINEST, counts: vec![0; 2 * SIDE], zeros: 0, least: f32::MAX, most: f32::MIN }
    }

    /// Counts these numbers.
    ///
    /// # Errors
    /// The first one that is not finite; nothing is counted then.
    pub(super) fn add(&mut self, values: &[f32]) -> Result<(), f32> {
        if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
            return Err(value);
        }
        if values.is_empty() {
            return Ok(());
        }
        let (least, most) =
            values.iter().fold((self.least, self.most), |(low, high), &x| (low.min(x), high.max(x)));
        (self.least, self.most) = (least, most);
        self.coarsen(needed(least.abs().max(most.abs())));
        // A power of two: the product is exact.
        let bins_per_unit = 2_f64.powi(-self.exponent);
        for &value in values {
            if value == 0.0 {
                self.zeros += 1;
            } else {
                let bin = (f64::from(value) * bins_per_unit).floor() as i64 + SIDE as i64;
                self.counts[bin as usize] += 1;
            }
        }
        Ok(())
    }

    /// Adds what another one has counted.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.coarsen(other.exponent);
        other.coarsen(self.exponent);
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        self.zeros += other.zeros;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }

    /// The least and the largest number; zeros where none was counted.
    pub(super) fn range(&self) -> [f32; 2] {
        if self.least > self.most { [0.0; 2] } else { [self.least, self.most] }
    }

    /// How many numbers were counted, the zeros among them.
    pub(super) fn total(&self) -> u64 {
        self.zeros + self.counts.iter().sum::<u64>()
    }

    /// The counts of all numbers but 0; the bins from [`Self::ZERO`] on are those of positive numbers.
    pub(super) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many numbers were 0.
    pub(super) const fn zeros(&self) -> u64 {
        self.zeros
    }

    /// The bin that starts at 0.
    pub(super) const ZERO: usize = SIDE;

    /// Where a bin starts and the one before ends; `bin` may be one more than the last.
    pub(super) fn edge(&self, bin: usize) -> f32 {
        ((bin as f64 - SIDE as f64) * 2_f64.powi(self.exponent)) as f32
    }

    fn coarsen(&mut self, exponent: i32) {
        if exponent <= self.exponent {
            return;
        }
        let shift = (exponent - self.exponent).min(i32::BITS as i32 - 1);
        let mut coarser = vec![0; 2 * SIDE];
        for (bin, count) in self.counts.iter().enumerate() {
            coarser[(((bin as i32 - SIDE as i32) >> shift) + SIDE as i32) as usize] += count;
        }
        (self.counts, self.exponent) = (coarser, exponent);
    }
}

/// The exponent of the finest bins that numbers of this size fit into.
fn needed(largest: f32) -> i32 {
    let mut exponent = FINEST;
    while f64::from(largest) >= SIDE as f64 * 2_f64.powi(exponent) {
        exponent += 1;
    }
    exponent
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the values come out exact")]
mod tests {
    use super::*;

    fn of(values: &[f32]) -> Histogram {
        let mut histogram = Histogram::new();
        histogram.add(values).unwrap();
        histogram
    }

    /// Bins of 1 up to 4096, of 2 from there on.
    #[test]
    fn numbers_fall_into_bins() {
        let mut histogram = of(&[4095.5, 0.0, 1.0, 1.5, -0.5, -1.0, -1.5]);
        assert_eq!((histogram.total(), histogram.zeros(), histogram.range()), (7, 1, [-1.5, 4095.5]));
        let at = |histogram: &Histogram, edge: f32| {
            let bin = (0..2 * SIDE).find(|&bin| histogram.edge(bin) == edge).unwrap();
            histogram.counts()[bin]
        };
        let counts = [-2.0, -1.0, 0.0, 1.0, 2.0, 4095.0].map(|edge| at(&histogram, edge));
        assert_eq!(counts, [1, 2, 0, 2, 0, 1]);
        histogram.add(&[4096.0]).unwrap();
        assert_eq!([-2.0, 0.0, 4094.0, 4096.0].map(|edge| at(&histogram, edge)), [3, 2, 1, 1]);
        assert_eq!(histogram.edge(Histogram::ZERO), 0.0);
    }

    #[test]
    fn the_order_makes_no_difference() {
        let values: Vec<f32> = (1..400_u32).map(|i| (i * i % 97) as f32 * 0.37 - 11.0).collect();
        let whole = of(&values);
        let reversed: Vec<f32> = values.iter().rev().copied().collect();
        assert_eq!(of(&reversed), whole);
        for split in [1, 100, 398] {
            let mut parts = of(&values[split..]);
            parts.merge(of(&values[..split]));
            assert_eq!(parts, whole);
        }
        let mut one_by_one = Histogram::new();
        for value in &values {
            one_by_one.add(&[*value]).unwrap();
        }
        assert_eq!(one_by_one, whole);
    }

    #[test]
    fn extremes_are_counted_and_what_is_no_number_is_refused() {
        let mut histogram = of(&[f32::MAX, f32::MIN, 1e-38]);
        assert_eq!((histogram.total(), histogram.range()), (3, [f32::MIN, f32::MAX]));
        assert_eq!(histogram.add(&[1.0, f32::INFINITY]), Err(f32::INFINITY));
        assert!(histogram.add(&[f32::NAN]).unwrap_err().is_nan());
        assert_eq!(histogram.total(), 3);
        assert_eq!(Histogram::new().range(), [0.0; 2]);
    }
}
