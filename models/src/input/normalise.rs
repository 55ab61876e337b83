//! From byte planes to the numbers a network takes.

use super::{CHANNELS, Error, InputSpec, Layout};
use crate::data::Picture;

impl InputSpec {
    /// Normalises byte planes `[N, 3, H, W]` (any N) into `out`, in the order of this spec's layout: `(x / 255 - mean) / std` in
    /// `f32`, each step rounded, in this order. It is what torchvision's `ToTensor` and `Normalize` compute.
    ///
    /// # Panics
    /// When `planes` and `out` differ in length, or that is not a multiple of `3 * H * W`.
    pub fn normalise_into(&self, planes: &[u8], out: &mut [f32]) {
        let plane = self.size[0] * self.size[1];
        assert_eq!(planes.len(), out.len(), "bytes to normalise, and room for them");
        assert_eq!(planes.len() % (CHANNELS * plane), 0, "whole pictures of {:?}", self.size);
        let pictures = planes.chunks_exact(CHANNELS * plane).zip(out.chunks_exact_mut(CHANNELS * plane));
        for (from, to) in pictures {
            for (channel, from) in from.chunks_exact(plane).enumerate() {
                match self.layout {
                    Layout::Nchw => self.normalise(channel, from, to[channel * plane..].iter_mut()),
                    Layout::Nhwc => self.normalise(channel, from, to[channel..].iter_mut().step_by(CHANNELS)),
                }
            }
        }
    }

    fn normalise<'a>(&self, channel: usize, from: &[u8], to: impl Iterator<Item = &'a mut f32>) {
        let (mean, std) = (self.mean[channel], self.std[channel]);
        for (x, y) in from.iter().zip(to) {
            *y = (f32::from(*x) / 255.0 - mean) / std;
        }
    }

    /// One picture as the network's input, `[3, H, W]` or `[H, W, 3]`: [`Self::fit`], then [`Self::normalise_into`].
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn tensor(&self, picture: &Picture) -> Result<Vec<f32>, Error> {
        let planes = self.fit(picture)?;
        let mut out = vec![0.0; planes.len()];
        self.normalise_into(&planes, &mut out);
        Ok(out)
    }
}
