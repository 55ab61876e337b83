//! How far two sets of logits are from each other.

use serde::Serialize;

use super::top::best;
use crate::feed::Logits;

/// Distance of `a` from `b`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Difference {
    /// `max |a - b|`.
    pub(crate) max_absolute: f64,
    /// `max |a - b| / max |b|`, both maxima over the whole tensor `[N, classes]`.
    pub(crate) max_relative: f64,
    /// Index of the input with the largest difference.
    pub(crate) worst_input: usize,
    /// Inputs whose highest-scored class is the same.
    pub(crate) top1_equal: usize,
}

impl Difference {
    /// Of two tensors of one shape; anything that is not finite makes the difference infinite.
    pub(crate) fn new(a: &Logits, b: &Logits) -> Self {
        let gaps = a.values.iter().zip(&b.values).map(|(x, y)| (f64::from(*x) - f64::from(*y)).abs());
        let finite = |gap: f64| if gap.is_finite() { gap } else { f64::INFINITY };
        let (worst, gap) = gaps
            .map(finite)
            .enumerate()
            .fold((0, 0.0), |worst, this| if this.1 > worst.1 { this } else { worst });
        let scale = b.values.iter().map(|y| f64::from(y.abs())).fold(0.0, f64::max);
        Self {
            max_absolute: gap,
            max_relative: if gap == 0.0 { 0.0 } else { gap / scale },
            worst_input: worst / b.classes.max(1),
            top1_equal: a.rows().zip(b.rows()).filter(|(x, y)| best(x) == best(y)).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_to_the_largest_value() {
        let logits = |values: &[f32]| Logits { classes: 2, values: values.into() };
        let difference = Difference::new(&logits(&[1.0, 4.0, 2.5, 2.0]), &logits(&[1.0, 4.0, 2.0, 2.25]));
        assert_eq!(
            difference,
            Difference { max_absolute: 0.5, max_relative: 0.125, worst_input: 1, top1_equal: 1 }
        );
        assert!(
            Difference::new(&logits(&[0.0; 4]), &logits(&[0.0; 4])).max_relative.abs() < f32::EPSILON.into()
        );
        assert!(Difference::new(&logits(&[f32::NAN, 1.0]), &logits(&[1.0, 1.0])).max_relative.is_infinite());
    }
}
