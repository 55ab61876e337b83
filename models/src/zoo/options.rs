//! What surrounds cells, and what can be changed about any network.

use crate::error::Error;
use crate::genotype::Genotype;
use crate::spaces;
use crate::spaces::skeleton::{Skeleton, Stem};

/// How a network of the zoo is built. What is left out is as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The skeleton that cells are put on; mobile networks have their own.
    pub stem: Stem,
    /// Channels C of the first cell.
    pub channels: Option<usize>,
    /// Number of cells.
    pub cells: Option<usize>,
    /// Number of classes.
    pub classes: Option<usize>,
    /// Input height and width in pixels.
    pub size: Option<[usize; 2]>,
    /// Whether cell networks get their auxiliary head.
    pub auxiliary: bool,
}

impl Default for Options {
    /// The CIFAR skeleton as published, without its auxiliary head.
    fn default() -> Self {
        Self { stem: Stem::Cifar, channels: None, cells: None, classes: None, size: None, auxiliary: false }
    }
}

impl Options {
    /// The `ImageNet` skeleton as published, without its auxiliary head.
    #[must_use]
    pub fn imagenet() -> Self {
        Self { stem: Stem::ImageNet, ..Self::default() }
    }

    /// The skeleton that the cells of this genotype are put on: as its space publishes it, C36, 20 cells, 10 classes,
    /// 32x32 for DARTS on CIFAR and C48, 14 cells, 1000 classes, 224x224 for `ImageNet`; each number as asked for where
    /// it was.
    #[must_use]
    pub fn skeleton(&self, genotype: &Genotype) -> Skeleton {
        let published = spaces::of(genotype).published(self.stem);
        Skeleton {
            stem: self.stem,
            channels: self.channels.unwrap_or(published.channels),
            cells: self.cells.unwrap_or(published.cells),
            classes: self.classes.unwrap_or(published.classes),
            size: self.size.unwrap_or(published.size),
            auxiliary: self.auxiliary,
        }
    }

    /// Refuses what has no meaning for a mobile network rather than ignoring it.
    pub(super) fn check_mobile(&self, name: &str) -> Result<(), Error> {
        let refused = |what, found: String| {
            Err(Error::Size {
                what,
                expected: format!("nothing: {name} is a mobile network, which has no cells"),
                found,
            })
        };
        match (self.channels, self.cells, self.auxiliary) {
            (Some(channels), _, _) => refused("cell channels", channels.to_string()),
            (_, Some(cells), _) => refused("cells", cells.to_string()),
            (_, _, true) => refused("auxiliary heads", "1".into()),
            _ => Ok(()),
        }
    }
}
