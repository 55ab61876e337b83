//! Parameters and MACs of the benchmark's networks, by formula.
//!
//! The skeleton (Dong & Yang 2020, §2.1): 3x3 stem with batch norm; three stages of equal cells with C, 2C and 4C
//! channels; before the second and the third a residual block that halves the size, with a 1x1 convolution as its
//! shortcut; batch norm, mean, linear classifier. No convolution has a bias, all batch norms are affine.

use super::{Architecture, CONV_1X1, CONV_3X3};

/// The network around the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skeleton {
    /// Channels of the first stage.
    pub channels: u64,
    /// Cells per stage.
    pub cells: u64,
    /// Height and width of the input.
    pub size: u64,
    /// Classes.
    pub classes: u64,
}

/// What the benchmark trained on CIFAR-10.
pub const CIFAR10: Skeleton = Skeleton { channels: 16, cells: 5, size: 32, classes: 10 };

/// What the benchmark trained on `ImageNet16-120`.
pub const IMAGENET16: Skeleton = Skeleton { size: 16, classes: 120, ..CIFAR10 };

impl Skeleton {
    /// Trained parameters of the network of this architecture, all weights of batch norms among them.
    #[must_use]
    pub fn parameters(self, architecture: Architecture) -> u64 {
        let [c1, c3] = convolutions(architecture);
        let norm = |channels: u64| 2 * channels;
        let cell = |c: u64| c1 * (c * c + norm(c)) + c3 * (9 * c * c + norm(c));
        let stem = 27 * self.channels + norm(self.channels);
        let stages: u64 = self.stages().map(|(c, _)| self.cells * cell(c)).sum();
        let blocks: u64 = self.stages().skip(1).map(|(c, _)| block(c) + 2 * norm(c)).sum();
        let last = 4 * self.channels;
        stem + stages + blocks + norm(last) + last * self.classes + self.classes
    }

    /// Multiply-adds of convolutions and of the classifier for one image; no others, as the table counts them.
    #[must_use]
    pub fn macs(self, architecture: Architecture) -> u64 {
        let [c1, c3] = convolutions(architecture);
        let stem = 27 * self.channels * self.size * self.size;
        let stages: u64 = self.stages().map(|(c, pixels)| self.cells * (c1 + 9 * c3) * c * c * pixels).sum();
        let blocks: u64 = self.stages().skip(1).map(|(c, pixels)| block(c) * pixels).sum();
        stem + stages + blocks + 4 * self.channels * self.classes
    }

    /// Channels and pixels of each stage.
    fn stages(self) -> impl Iterator<Item = (u64, u64)> {
        (0..3).map(move |stage| {
            let size = self.size >> stage;
            (self.channels << stage, size * size)
        })
    }
}

/// How many 1x1 and 3x3 convolutions the cell has. Those that reach no output are trained and counted as well.
fn convolutions(architecture: Architecture) -> [u64; 2] {
    [CONV_1X1, CONV_3X3].map(|op| architecture.count(op) as u64)
}

/// Weights of the three convolutions of the residual block that doubles channels to `c`; each has one output per pixel of
/// the smaller size.
const fn block(c: u64) -> u64 {
    let half = c / 2;
    9 * half * c + 9 * c * c + half * c
}
