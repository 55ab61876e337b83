//! Random crop, flip and cutout, in the published order: crop, flip, normalise, cutout.

use models::input::InputSpec;

use crate::config::AugmentConfig;
use crate::random::Stream;

/// The augmentation of one stream.
pub(super) struct Augment {
    config: AugmentConfig,
    /// The probability that an image is cut out.
    pub(super) cutout_share: f64,
}

/// A square that cutout blanks, clipped at the borders.
struct Square {
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
}

impl Augment {
    pub(super) const fn new(config: AugmentConfig) -> Self {
        Self { config, cutout_share: 1.0 }
    }

    /// Writes the changed, normalised image `[3, H, W]` to `out`. Draws the same numbers whatever is enabled,
    /// so that switching one change off leaves the others as they were.
    pub(super) fn apply(&self, input: &InputSpec, planes: &[u8], draws: &mut Stream, out: &mut [f32]) {
        let [height, width] = input.size;
        let span = 2 * self.config.crop_padding + 1;
        let offset = [draws.below(span), draws.below(span)];
        let mirror = draws.coin() && self.config.flip;
        let centre = [draws.below(height), draws.below(width)];
        if self.config.crop_padding > 0 || mirror {
            let moved = self.moved(planes, input.size, offset, mirror);
            input.normalise_into(&moved, out);
        } else {
            input.normalise_into(planes, out);
        }
        if self.config.cutout > 0 && self.cuts_out(draws) {
            blank(out, input.size, &self.square(centre, input.size));
        }
    }

    /// Draws only where chance decides, so that a share of 1 leaves all other draws as they were.
    fn cuts_out(&self, draws: &mut Stream) -> bool {
        self.cutout_share >= 1.0 || (draws.next_u64() as f64) < self.cutout_share * 2_f64.powi(64)
    }

    /// The window at `offset` of the image padded with black, mirrored if asked.
    fn moved(&self, planes: &[u8], [height, width]: [usize; 2], offset: [usize; 2], mirror: bool) -> Vec<u8> {
        let padding = self.config.crop_padding;
        let mut moved = vec![0; planes.len()];
        for (from, to) in planes.chunks_exact(height * width).zip(moved.chunks_exact_mut(height * width)) {
            for y in rows_inside(offset[0], padding, height) {
                let source = &from[(y + offset[0] - padding) * width..][..width];
                let target = &mut to[y * width..][..width];
                for x in rows_inside(offset[1], padding, width) {
                    let place = if mirror { width - 1 - x } else { x };
                    target[place] = source[x + offset[1] - padding];
                }
            }
        }
        moved
    }

    fn square(&self, [y, x]: [usize; 2], [height, width]: [usize; 2]) -> Square {
        let half = self.config.cutout / 2;
        Square {
            rows: y.saturating_sub(half)..(y + half).min(height),
            columns: x.saturating_sub(half)..(x + half).min(width),
        }
    }
}

/// The places of a window of `size` at `offset` that fall on the image and not on its padding.
fn rows_inside(offset: usize, padding: usize, size: usize) -> std::ops::Range<usize> {
    padding.saturating_sub(offset)..size.min(size + padding - offset)
}

fn blank(out: &mut [f32], [height, width]: [usize; 2], square: &Square) {
    for plane in out.chunks_exact_mut(height * width) {
        for y in square.rows.clone() {
            plane[y * width..][square.columns.clone()].fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Seed};

    /// A spec under which a grey level is its own value.
    fn identity(size: [usize; 2]) -> InputSpec {
        InputSpec::new(size, [0.0; 3], [1.0 / 255.0; 3])
    }

    fn augmented(config: AugmentConfig, step: u64) -> Vec<f32> {
        let planes: Vec<u8> = (0..3 * 4 * 6).map(|at| at + 1).collect();
        let mut out = vec![0.0; planes.len()];
        let mut draws = Seed(1).stream(Purpose::TrainAugment, step);
        Augment::new(config).apply(&identity([4, 6]), &planes, &mut draws, &mut out);
        out
    }

    #[test]
    fn nothing_enabled_changes_nothing() {
        let out = augmented(AugmentConfig { crop_padding: 0, flip: false, cutout: 0 }, 0);
        assert!(
            out.iter().zip(1_u8..).all(|(&value, level)| (value - f32::from(level)).abs() < 1e-4),
            "{out:?}"
        );
    }

    #[test]
    fn crops_shift_the_picture_and_fill_with_black() {
        let config = AugmentConfig { crop_padding: 2, flip: false, cutout: 0 };
        for step in 0..50 {
            let span = 5;
            let mut draws = Seed(1).stream(Purpose::TrainAugment, step);
            let [dy, dx] = [draws.below(span), draws.below(span)];
            let out = augmented(config, step);
            for y in 0..4 {
                for x in 0..6 {
                    let (sy, sx) = ((y + dy).checked_sub(2), (x + dx).checked_sub(2));
                    let expected = match (sy, sx) {
                        (Some(sy), Some(sx)) if sy < 4 && sx < 6 => (sy * 6 + sx + 1) as f32,
                        _ => 0.0,
                    };
                    assert!((out[y * 6 + x] - expected).abs() < 1e-4, "step {step} at {y},{x}");
                }
            }
        }
    }

    #[test]
    fn flips_mirror_about_half_of_the_images() {
        let config = AugmentConfig { crop_padding: 0, flip: true, cutout: 0 };
        let mirrored = (0..1000).filter(|&step| (augmented(config, step)[0] - 6.0).abs() < 1e-4).count();
        // Binomial(1000, 1/2): standard deviation 16.
        assert!((420..580).contains(&mirrored), "{mirrored}");
    }

    #[test]
    fn a_share_of_the_images_is_cut_out_and_the_rest_as_without() {
        let config = AugmentConfig { crop_padding: 2, flip: true, cutout: 4 };
        let image = |config: AugmentConfig, share: f64, step: u64| {
            let mut augment = Augment::new(config);
            augment.cutout_share = share;
            // No value of zero, so that what is zero is cut out or black padding.
            let mut out = vec![0.0; 3 * 24];
            let mut draws = Seed(1).stream(Purpose::TrainAugment, step);
            augment.apply(&identity([4, 6]), &[7; 3 * 24], &mut draws, &mut out);
            out
        };
        let plain = |step| image(AugmentConfig { cutout: 0, ..config }, 1.0, step);
        let same = |share| (0..1000).filter(|&step| image(config, share, step) == plain(step)).count();
        assert_eq!(same(0.0), 1000);
        // A square may fall on padding alone: a few more than a half. Binomial(1000, 1/2): standard deviation 16.
        let [half, whole] = [same(0.5), same(1.0)];
        assert!(
            whole < 100 && (half as f64 - f64::midpoint(1000.0, whole as f64)).abs() < 80.0,
            "{half}, {whole}"
        );
    }

    #[test]
    fn cutout_blanks_the_same_square_in_every_channel() {
        let out = augmented(AugmentConfig { crop_padding: 0, flip: false, cutout: 4 }, 3);
        let blank = |plane: usize| -> Vec<bool> { out[plane * 24..][..24].iter().map(|&v| v == 0.0).collect() };
        assert_eq!(blank(0), blank(1));
        assert_eq!(blank(0), blank(2));
        let count = blank(0).iter().filter(|&&b| b).count();
        assert!((4..=16).contains(&count), "{count}");
    }
}
