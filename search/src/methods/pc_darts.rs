//! PC-DARTS (Xu et al. 2020): a part of the channels is searched, and edges are weighed too.
//!
//! Each edge mixes its candidates on the first 1/K of the channels only; the others go round them, at stride 2 through a
//! 2x2 max-pool, and a channel shuffle of K groups follows:
//! `f_ij(x) = shuffle_K([Σ_k softmax(α_ij)_k · o_k(x[:C/K]), x[C/K:]])`.
//! Skip connections lose their advantage, since most of every feature is passed on anyway, and memory falls.
//!
//! What changes from step to step is steadied by edge normalisation: `x_j = Σ_i softmax(β_j)_i · f_ij(x_i)` over the edges
//! into node j. The betas are architecture parameters as the alphas are, in tables of their own.
//!
//! Derivation: as DARTS from `softmax(α_ij)_k · softmax(β_j)_i`.

use models::genotype::Genotype;
use models::network::Network;
use serde::{Deserialize, Serialize};

use super::{Entry, Method, Numbers, View, family};
use crate::config::ensure;
use crate::error::Error;
use crate::passes::with_partial_channels;

/// Settings of PC-DARTS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PcDartsConfig {
    /// The K of which one K-th of the channels is searched, at least 2.
    pub k: usize,
}

impl PcDartsConfig {
    /// Refuses settings that mean nothing.
    ///
    /// # Errors
    /// When no channel would go round the candidates.
    fn check(&self) -> Result<(), Error> {
        ensure(self.k >= 2, "pc_darts.k", self.k, "at least 2")
    }
}

/// DARTS on a part of the channels.
struct PcDarts {
    k: usize,
}

impl Method for PcDarts {
    fn prepare(&self, supernet: Network) -> Result<Network, Error> {
        Ok(with_partial_channels(&supernet, self.k)?)
    }

    fn derive(&self, view: &View<'_>, probabilities: &Numbers) -> Genotype {
        // The space's tables come first, then one of edges for each.
        let (ops, edges) = probabilities.split_at(view.tables.len() / 2);
        let weighed = ops.iter().zip(edges).map(|(rows, edges)| by_edge(rows, edges)).collect::<Numbers>();
        view.space.derive(&view.tables[..ops.len()], &weighed)
    }
}

/// Each edge's probabilities, times the edge's own.
fn by_edge(rows: &[Vec<f64>], edges: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let weighed = |(row, edge): (&Vec<f64>, &f64)| row.iter().map(|weight| weight * edge).collect();
    rows.iter().zip(edges.iter().flatten()).map(weighed).collect()
}

pub(super) const ENTRY: Entry = Entry {
    name: "pc-darts",
    summary: "DARTS on a fraction of the channels, with weights on the edges",
    source: "Xu et al. 2020, PC-DARTS: Partial Channel Connections for Memory-Efficient Architecture Search",
    settings: "",
    published: include_str!("../../presets/methods/pc_darts.toml"),
    make: |config| {
        family::only_darts("pc-darts", &config.space, "cells whose nodes add up edges of equal channels")?;
        config.pc_darts.check()?;
        Ok(Box::new(PcDarts { k: config.pc_darts.k }))
    },
};
