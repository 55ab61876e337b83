//! From ranges of numbers to scales and zero points: a number x is stored as `q = round(x / scale) + zero_point` (ties to
//! even, cut off at the ends of the integer type) and read as `scale * (q - zero_point)`.

/// How a whole tensor of activations is stored in bytes, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Affine {
    /// Positive and finite.
    pub(super) scale: f32,
    /// The byte that stands for 0.
    pub(super) zero_point: u8,
}

impl Affine {
    /// The finest steps that reach over the range, stretched to hold 0 where it does not: padding and the zeros that a
    /// `ReLU` leaves are exact then. A range of nothing but 0 has the scale 1.
    pub(super) fn over([low, high]: [f32; 2]) -> Self {
        let (low, high) = (f64::from(low.min(0.0)), f64::from(high.max(0.0)));
        let scale = (high - low) / 255.0;
        if scale < f64::from(f32::MIN_POSITIVE) {
            return Self { scale: 1.0, zero_point: 0 };
        }
        Self { scale: scale as f32, zero_point: (-low / scale).round_ties_even() as u8 }
    }
}

/// The scale per channel that reaches from `-largest` to `largest` in the integers -127 to 127; 1 for a channel of zeros.
pub(super) fn symmetric(largest: f32) -> f32 {
    let scale = f64::from(largest) / 127.0;
    if scale < f64::from(f32::MIN_POSITIVE) { 1.0 } else { scale as f32 }
}

/// The integers of a row of weights.
pub(super) fn weight(value: f32, scale: f32) -> i8 {
    (f64::from(value) / f64::from(scale)).round_ties_even().clamp(-127.0, 127.0) as i8
}

/// The largest integer that a bias may become: half of what 32 bits hold, so that the sum it starts has room.
const BIAS: f64 = (1_u32 << 30) as f64;

/// The scale of a weight channel, made larger where the bias would not fit 32 bits in steps of `input * scale`, as its
/// bias is stored. The channel then is all but its bias, so that coarser weights lose nothing.
pub(super) fn for_bias(scale: f32, input: f32, bias: f32) -> f32 {
    let least = f64::from(bias.abs()) / (f64::from(input) * BIAS);
    scale.max(least as f32)
}

/// The integer of a bias, in steps of its weight's scale times its input's.
pub(super) fn bias(value: f32, scale: f32) -> i32 {
    (f64::from(value) / f64::from(scale)).round_ties_even() as i32
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the values come out exact")]
mod tests {
    use super::*;

    /// By hand: 255 steps over the range; the zero point is how many of them lie below 0, rounded.
    #[test]
    fn activations() {
        assert_eq!(Affine::over([0.0, 2.55]), Affine { scale: 0.01, zero_point: 0 });
        assert_eq!(Affine::over([-1.0, 1.55]), Affine { scale: 0.01, zero_point: 100 });
        // 255 * 1 / 4 = 63.75.
        assert_eq!(Affine::over([-1.0, 3.0]), Affine { scale: 4.0 / 255.0, zero_point: 64 });
        // 127.5 is a tie, and 128 is even.
        assert_eq!(Affine::over([-1.0, 1.0]), Affine { scale: 2.0 / 255.0, zero_point: 128 });
    }

    #[test]
    fn ranges_are_stretched_to_zero() {
        assert_eq!(Affine::over([1.0, 5.1]), Affine { scale: 0.02, zero_point: 0 });
        assert_eq!(Affine::over([-5.1, -1.0]), Affine { scale: 0.02, zero_point: 255 });
        assert_eq!(Affine::over([0.0, 0.0]), Affine { scale: 1.0, zero_point: 0 });
        assert_eq!(Affine::over([0.0, 1e-40]), Affine { scale: 1.0, zero_point: 0 });
        let widest = Affine::over([f32::MIN, f32::MAX]);
        assert!(widest.scale.is_finite() && widest.zero_point == 128, "{widest:?}");
    }

    #[test]
    fn weights_are_symmetric() {
        assert_eq!(symmetric(1.27), 0.01);
        assert_eq!(symmetric(0.0), 1.0);
        assert_eq!([1.27, -1.27, 0.0, 0.004, 0.006].map(|value| weight(value, 0.01)), [127, -127, 0, 0, 1]);
        // Ties: 0.5 and 1.5 steps.
        assert_eq!([0.25, 0.75, -0.25].map(|value| weight(value, 0.5)), [0, 2, 0]);
        assert_eq!(weight(1.0, 1.0 / 128.0), 127, "cut off");
    }

    #[test]
    fn biases_have_the_scale_of_input_and_weight() {
        assert_eq!(bias(0.5, 0.125 * 0.25), 16);
        assert_eq!(bias(-0.5, 0.125 * 0.25), -16);
        assert_eq!(for_bias(0.25, 0.125, 0.5), 0.25, "it fits as it is");
        // 2^20 in steps of 2^-11 would be 2^31: the steps become 2^20 / 2^30 = 2^-10.
        let scale = for_bias(1.0 / 1024.0, 0.5, 1_048_576.0);
        assert_eq!(scale, 1.0 / 512.0);
        assert_eq!(bias(1_048_576.0, 0.5 * scale), 1 << 30);
    }
}
