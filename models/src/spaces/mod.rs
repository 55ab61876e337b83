//! Search spaces: each is the function that builds its supernet, one file each.

pub(crate) mod cell;
pub mod darts;
pub mod mobilenet;
pub mod skeleton;

use crate::error::Error;
use crate::genotype::{Genotype, discretise};
use crate::network::Network;
use skeleton::Skeleton;

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
    /// One line on what it is.
    fn summary(&self) -> &'static str;
    /// Where it comes from.
    fn source(&self) -> &'static str;
    /// The network of all candidates.
    ///
    /// # Errors
    /// When the skeleton's size does not fit.
    fn supernet(&self, skeleton: &Skeleton, options: SpaceOptions) -> Result<Network, Error>;

    /// The genotype of these mixing weights: `weights[table][row][op]`, one table per kind of cell.
    fn derive(&self, supernet: &Network, weights: &[Vec<Vec<f64>>]) -> Genotype {
        let cell = |index: usize| discretise(&supernet.tables[index], &weights[index]);
        Genotype { space: self.name().into(), normal: cell(0), reduce: cell(1) }
    }

    /// The network of a genotype of this space.
    ///
    /// # Errors
    /// When the skeleton's size or an operation does not fit.
    fn derived(&self, name: &str, genotype: &Genotype, skeleton: &Skeleton) -> Result<Network, Error> {
        darts::derived(name, genotype, skeleton)
    }
}

/// Every space.
pub const SPACES: &[&dyn SearchSpace] = &[&darts::Darts];

/// The space of this name.
///
/// # Errors
/// When there is none; suggests the nearest.
pub fn by_name(name: &str) -> Result<&'static dyn SearchSpace, Error> {
    let known: Vec<&str> = SPACES.iter().map(|space| space.name()).collect();
    SPACES
        .iter()
        .find(|space| space.name() == name)
        .copied()
        .ok_or_else(|| Error::unknown("space", name, &known))
}

#[cfg(test)]
mod tests;
