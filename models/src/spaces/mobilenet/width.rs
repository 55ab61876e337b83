//! Networks of other widths: every number of channels times a factor, rounded.

use super::MobileNet;

/// The multiple that numbers of channels are rounded to.
const DIVISOR: usize = 8;

impl MobileNet {
    /// The network with its channels times `width`, rounded to multiples of eight, never below nine tenths; the 1x1
    /// convolution of the head is widened but not narrowed, and hidden layers stay, as `MobileNetV2` has it.
    #[must_use]
    pub fn scaled(mut self, width: f64) -> Self {
        let scaled = |channels: usize| divisible(channels as f64 * width, DIVISOR);
        self.stem.channels = scaled(self.stem.channels);
        for block in &mut self.blocks {
            block.channels = scaled(block.channels);
        }
        self.head.channels = self.head.channels.max(scaled(self.head.channels));
        self
    }
}

/// The nearest multiple of `divisor`, at least one, and the next one where that loses more than a tenth.
pub(super) fn divisible(wanted: f64, divisor: usize) -> usize {
    let divisor = divisor.max(1);
    let rounded = ((wanted / divisor as f64 + 0.5).floor() as usize * divisor).max(divisor);
    if (rounded as f64) < 0.9 * wanted { rounded + divisor } else { rounded }
}
