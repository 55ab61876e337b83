//! Published networks as data: cells of the DARTS family and mobile networks, one file each.

mod details;
mod entries;

pub use details::{Convention, Definition, Details, Published};
pub use entries::ENTRIES;

use crate::error::Error;
use crate::genotype::Genotype;
use crate::network::Network;
use crate::spaces::darts;
use crate::spaces::skeleton::{Skeleton, Stem};

/// A network of the zoo: its name and its data, compiled in.
#[derive(Debug)]
pub struct Entry {
    /// Lower case with hyphens: `noisydarts-a`.
    pub name: &'static str,
    text: &'static str,
}

impl Entry {
    /// What the zoo knows about it.
    ///
    /// # Errors
    /// When the data file is wrong, which the tests of this crate rule out.
    pub fn details(&self) -> Result<Details, Error> {
        details::parse(self.text)
    }

    /// Its cells.
    ///
    /// # Errors
    /// When it is a mobile network, which has blocks instead of cells.
    pub fn genotype(&self) -> Result<Genotype, Error> {
        match self.details()?.definition {
            Definition::Cells(genotype) => Ok(genotype),
            Definition::Mobile(_) => Err(Error::Unknown {
                kind: "the cells of",
                name: self.name.into(),
                hint: "; it is a mobile network, which has none".into(),
            }),
        }
    }

    /// The network of this entry: cells on the skeleton that the options describe, mobile networks by themselves.
    ///
    /// # Errors
    /// When a size does not fit, or the options ask a mobile network for what only cell networks have.
    pub fn network(&self, options: &Options) -> Result<Network, Error> {
        match self.details()?.definition {
            Definition::Cells(genotype) => darts::derived(self.name, &genotype, &options.skeleton()),
            Definition::Mobile(mut mobile) => {
                options.check_mobile(self.name)?;
                mobile.classes = options.classes.unwrap_or(mobile.classes);
                mobile.size = options.size.unwrap_or(mobile.size);
                mobile.network(self.name)
            }
        }
    }
}

/// The entry of this name.
///
/// # Errors
/// When there is none; suggests the nearest.
pub fn by_name(name: &str) -> Result<&'static Entry, Error> {
    ENTRIES.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let known: Vec<&str> = ENTRIES.iter().map(|entry| entry.name).collect();
        Error::unknown("zoo network", name, &known)
    })
}

/// The network of this name.
///
/// # Errors
/// As [`by_name`] and [`Entry::network`].
pub fn network(name: &str, options: &Options) -> Result<Network, Error> {
    by_name(name)?.network(options)
}

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

    /// The skeleton that cells are put on: C36, 20 cells, 10 classes, 32x32 for CIFAR; C48, 14 cells,
    /// 1000 classes, 224x224 for `ImageNet`; each number as asked for where it was.
    #[must_use]
    pub fn skeleton(&self) -> Skeleton {
        let published = match self.stem {
            Stem::Cifar => Skeleton::cifar(10),
            Stem::ImageNet => Skeleton::imagenet(1000),
        };
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
    fn check_mobile(&self, name: &str) -> Result<(), Error> {
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

#[cfg(test)]
mod tests;
