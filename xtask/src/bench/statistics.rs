//! Ratios and their spread.

/// A median with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) median: f64,
    /// Ends of the 95 % interval.
    pub(super) interval: [f64; 2],
}

/// Drawn samples behind an interval.
const DRAWS: u64 = 2000;
/// What an interval leaves out at each end.
const TAIL: f64 = 0.025;

/// The middle value, or the mean of the two in the middle; not a number where there are none.
pub(super) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The median of the values and a bootstrap interval: the quantiles of the medians of samples that are drawn from
/// the values with replacement, by a generator that always starts the same.
pub(super) fn bootstrap(values: &[f64]) -> Spread {
    let mut random = Random(0);
    let mut sample = || (0..values.len()).map(|_| values[random.below(values.len())]).collect::<Vec<_>>();
    let medians: Vec<f64> = (0..DRAWS).map(|_| median(&sample())).collect();
    Spread { median: median(values), interval: [TAIL, 1.0 - TAIL].map(|share| quantile(&medians, share)) }
}

/// The exponent of a power law through these points: the slope of the line through their logarithms with the least
/// squared distance. Both coordinates are above 0.
pub(super) fn exponent(points: &[(f64, f64)]) -> f64 {
    let logarithms: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| logarithms.iter().map(of).sum::<f64>() / points.len() as f64;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let covariance: f64 = logarithms.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    covariance / logarithms.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}

/// Interpolated between the two nearest.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let high = sorted[(low + 1).min(last)];
    (high - sorted[low]).mul_add(part, sorted[low])
}

/// `SplitMix64` (Steele et al. 2014).
struct Random(u64);

impl Random {
    /// A number below `end`, which is small enough for the bias not to matter.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the values come out exact")]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_numbers_of_values() {
        assert_eq!([&[3.0, 1.0, 2.0][..], &[4.0, 1.0, 2.0, 3.0]].map(median), [2.0, 2.5]);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn quantiles_lie_between_values() {
        let values = [0.0, 10.0, 20.0, 30.0, 40.0];
        assert_eq!([0.0, 0.25, 0.375, 1.0].map(|share| quantile(&values, share)), [0.0, 10.0, 15.0, 40.0]);
    }

    #[test]
    fn the_interval_holds_the_median_and_no_value_beyond_the_extremes() {
        let values = [0.31, 0.29, 0.35, 0.30, 0.33, 0.28, 0.32];
        let spread = bootstrap(&values);
        let [low, high] = spread.interval;
        assert_eq!(spread.median, 0.31);
        assert!((0.28..0.31).contains(&low) && (0.311..=0.35).contains(&high), "{spread:?}");
        assert_eq!(spread, bootstrap(&values));
    }

    #[test]
    fn equal_values_have_no_spread() {
        assert_eq!(bootstrap(&[0.5; 7]), Spread { median: 0.5, interval: [0.5; 2] });
    }

    #[test]
    fn draws_reach_every_place_about_equally() {
        let mut random = Random(0);
        let mut counts = [0_u32; 7];
        for _ in 0..7000 {
            counts[random.below(7)] += 1;
        }
        // 1000 each; the standard deviation is 29.
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
    }

    #[test]
    fn power_laws_give_their_exponent() {
        let of = |power: f64| [2.0, 4.0, 8.0].map(|x: f64| (x, 3.0 * x.powf(power)));
        for power in [0.5, 1.0, 2.0] {
            assert!((exponent(&of(power)) - power).abs() < 1e-12);
        }
    }
}
