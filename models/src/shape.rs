//! Activation shapes, without the batch dimension.

use std::fmt;

/// The shape of one activation of one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A feature map `[C, H, W]`.
    Map {
        /// Number of channels C.
        channels: usize,
        /// Height H in pixels.
        height: usize,
        /// Width W in pixels.
        width: usize,
    },
    /// A vector of this many features.
    Vector(usize),
}

impl Shape {
    /// A feature map `[C, H, W]`.
    #[must_use]
    pub const fn map(channels: usize, height: usize, width: usize) -> Self {
        Self::Map { channels, height, width }
    }

    /// Number of elements per image.
    #[must_use]
    pub const fn elements(self) -> usize {
        match self {
            Self::Map { channels, height, width } => channels * height * width,
            Self::Vector(features) => features,
        }
    }

    /// Number of channels (of features, for a vector).
    #[must_use]
    pub const fn channels(self) -> usize {
        match self {
            Self::Map { channels, .. } => channels,
            Self::Vector(features) => features,
        }
    }

    /// The dimensions in order: `[C, H, W]` or `[features]`.
    #[must_use]
    pub fn dims(self) -> Vec<usize> {
        match self {
            Self::Map { channels, height, width } => vec![channels, height, width],
            Self::Vector(features) => vec![features],
        }
    }
}

impl fmt::Display for Shape {
    /// `36x32x32`, as command lines write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map { channels, height, width } => write!(f, "{channels}x{height}x{width}"),
            Self::Vector(features) => write!(f, "{features}"),
        }
    }
}
