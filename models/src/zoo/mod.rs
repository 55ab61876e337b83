//! Published networks as data: cells of the DARTS family and mobile networks, one file each.

mod definition;
mod details;
mod entries;
mod options;

pub use definition::{Definition, Named, name_of, open};
pub use details::{Details, Published};
pub use entries::{ENTRIES, UNPUBLISHED};
pub use options::Options;

use crate::error::Error;
use crate::genotype::Genotype;
use crate::network::Network;

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

    /// What it is made of.
    ///
    /// # Errors
    /// When its layers were never published.
    pub fn definition(&self) -> Result<Definition, Error> {
        self.details()?.definition.ok_or_else(|| Error::Unknown {
            kind: "the layers of",
            name: self.name.into(),
            hint: "; they were never published".into(),
        })
    }

    /// Its cells.
    ///
    /// # Errors
    /// When it is a mobile network, which has blocks instead of cells.
    pub fn genotype(&self) -> Result<Genotype, Error> {
        self.definition()?.cells(self.name)
    }

    /// The network of this entry.
    ///
    /// # Errors
    /// As [`Definition::network`].
    pub fn network(&self, options: &Options) -> Result<Network, Error> {
        self.definition()?.network(self.name, options)
    }
}

/// The entry of this name, of those without a public definition too.
///
/// # Errors
/// When there is none; suggests the nearest.
pub fn by_name(name: &str) -> Result<&'static Entry, Error> {
    let mut all = ENTRIES.iter().chain(UNPUBLISHED);
    all.find(|entry| entry.name == name).ok_or_else(|| {
        let known: Vec<&str> = ENTRIES.iter().map(|entry| entry.name).collect();
        Error::unknown("zoo network", name, &known)
    })
}

/// The network of this name.
///
/// # Errors
/// As [`Definition::of_zoo`] and [`Definition::network`].
pub fn network(name: &str, options: &Options) -> Result<Network, Error> {
    Definition::of_zoo(name)?.network(name, options)
}

#[cfg(test)]
mod tests;
