//! Search spaces: each is the function that builds its supernet, one file each.

pub(crate) mod cell;
pub mod darts;
pub mod mobilenet;
pub mod nb201;
pub mod robust;
pub mod skeleton;

use crate::error::Error;
use crate::genotype::{self, Genotype, discretise};
use crate::network::{Network, Table};
use skeleton::{Skeleton, Stem};

/// Choices that change a space's candidate operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpaceOptions {
    /// Whether the zero operation is a candidate, as in the original DARTS.
    pub none: bool,
}

/// A search space.
pub trait SearchSpace: Sync {
    /// Its name on command lines and in genotypes.
    fn name(&self) -> &'static str;
    /// What else it may be called on command lines.
    fn other_names(&self) -> &'static [&'static str] {
        &[]
    }
    /// One line on what it is.
    fn summary(&self) -> &'static str;
    /// Where it comes from.
    fn source(&self) -> &'static str;
    /// The choices: one table of candidate operations per kind of cell.
    fn tables(&self, skeleton: &Skeleton, options: SpaceOptions) -> Vec<Table>;

    /// The supernet of these tables, which may hold fewer candidates than [`Self::tables`] gives.
    ///
    /// # Errors
    /// When the skeleton's size or an operation does not fit.
    fn supernet_of(&self, skeleton: &Skeleton, tables: &[Table]) -> Result<Network, Error>;

    /// The network of all candidates.
    ///
    /// # Errors
    /// When the skeleton's size does not fit.
    fn supernet(&self, skeleton: &Skeleton, options: SpaceOptions) -> Result<Network, Error> {
        self.supernet_of(skeleton, &self.tables(skeleton, options))
    }

    /// The genotype of these mixing weights: `weights[table][row][op]`, one table per kind of cell.
    fn derive(&self, tables: &[Table], weights: &[Vec<Vec<f64>>]) -> Genotype {
        let mut cells = tables.iter().zip(weights).map(|(table, weights)| discretise(table, weights));
        let normal = cells.next().unwrap_or_else(|| discretise(&Table::default(), &[]));
        Genotype { space: genotype::TWO_INPUTS.into(), normal, reduce: cells.next() }
    }

    /// The network of a genotype of this space.
    ///
    /// # Errors
    /// When the skeleton's size or an operation does not fit.
    fn derived(&self, name: &str, genotype: &Genotype, skeleton: &Skeleton) -> Result<Network, Error> {
        darts::derived(name, genotype, skeleton)
    }

    /// The size that its networks are published at; the stem matters in the DARTS family alone.
    fn published(&self, stem: Stem) -> Skeleton {
        match stem {
            Stem::Cifar => Skeleton::cifar(10),
            Stem::ImageNet => Skeleton::imagenet(1000),
        }
    }

    /// Whether its networks can have an auxiliary head.
    fn has_auxiliary(&self) -> bool {
        true
    }
}

/// Every space.
pub const SPACES: &[&dyn SearchSpace] = &[
    &darts::Darts,
    &robust::S1,
    &robust::S2,
    &robust::S3,
    &robust::S4,
    &nb201::NasBench201,
    &mobilenet::Mobile,
];

/// The space of this name.
///
/// # Errors
/// When there is none; suggests the nearest.
pub fn by_name(name: &str) -> Result<&'static dyn SearchSpace, Error> {
    let known: Vec<&str> = SPACES.iter().map(|space| space.name()).collect();
    SPACES
        .iter()
        .find(|space| space.name() == name || space.other_names().contains(&name))
        .copied()
        .ok_or_else(|| Error::unknown("space", name, &known))
}

/// The space that builds the networks of this genotype.
#[must_use]
pub fn of(genotype: &Genotype) -> &'static dyn SearchSpace {
    match genotype.space.as_str() {
        genotype::NB201 => &nb201::NasBench201,
        genotype::MOBILE => &mobilenet::Mobile,
        _ => &darts::Darts,
    }
}

#[cfg(test)]
mod tests;
