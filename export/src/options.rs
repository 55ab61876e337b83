//! How a network is exported.

use std::fmt;
use std::str::FromStr;

/// How a network is exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The first dimension of input and output.
    pub batch: Batch,
    /// What the file is to run on.
    pub target: Target,
    /// Whether weights that are still at initialisation are exported all the same.
    pub allow_random: bool,
}

/// The number of images that a file takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// This many; 1 by default, which is what mobile accelerators need.
    Fixed(usize),
    /// Any number: the dimension is called `batch`.
    Dynamic,
}

impl Batch {
    /// The most images that [`Batch::from_str`] takes.
    pub const MOST: usize = 1 << 20;
}

impl Default for Batch {
    fn default() -> Self {
        Self::Fixed(1)
    }
}

impl FromStr for Batch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(images @ 1..=Self::MOST) => Ok(Self::Fixed(images)),
            _ if text == "dynamic" => Ok(Self::Dynamic),
            _ => Err(format!("expected a number of images from 1 to {}, or dynamic", Self::MOST)),
        }
    }
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(images) => images.fmt(f),
            Self::Dynamic => f.write_str("dynamic"),
        }
    }
}

/// What a file is to run on. The choices give the same numbers up to rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// The processor: hard swish and hard sigmoid as one operator each.
    #[default]
    Cpu,
    /// Phones: hard swish and hard sigmoid as arithmetic, which NNAPI and Core ML have throughout.
    Mobile,
}
