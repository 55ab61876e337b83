//! `FairDARTS` (Chu et al. 2020): a gate per operation instead of a competition among them.
//!
//! Mixed edge: `ō(x) = Σ_k σ(α_k) · o_k(x)` with the logistic σ and α from 0, all gates half open. The loss of the
//! alphas is `L_v + w · L01` with the zero-one loss `L01 = −mean((σ(α) − ½)²)`, which drives the gates apart; the
//! released code (`fairdarts/separate_loss.py`) gives each kind of cell such a mean and adds them up.
//!
//! Derivation (`fairdarts/utils.py`, `threshold_sparse`): each node keeps at most its two strongest edges as in DARTS, each
//! with its strongest operation, and of these the ones whose gate is at least 0.85. A node can end up without inputs, and is
//! not in the cell's output then. A cell in which nothing is open that far keeps the strongest edge from its own inputs:
//! ours, since small searches end early. Spaces that need an operation on every edge get the most open one.

use models::genotype::{CellGenotype, Edge, Genotype, UP_TO_TWO_INPUTS};
use models::network::Table;
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::{Entry, Method, Moment, Numbers, Place, View, family};
use crate::config::ensure;
use crate::error::Error;

/// Settings of `FairDARTS`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FairDartsConfig {
    /// Weight w of the zero-one loss, at least 0.
    pub zero_one_weight: f64,
    /// How open a gate must be to be derived, in (0, 1).
    pub threshold: f64,
}

impl FairDartsConfig {
    /// Refuses settings that mean nothing.
    ///
    /// # Errors
    /// When a number is out of range; names the key.
    fn check(&self) -> Result<(), Error> {
        let weight = self.zero_one_weight;
        let finite = weight.is_finite() && weight >= 0.0;
        ensure(finite, "fair_darts.zero_one_weight", weight, "a finite number, at least 0")?;
        let open = self.threshold > 0.0 && self.threshold < 1.0;
        ensure(open, "fair_darts.threshold", self.threshold, "between 0 and 1, both excluded")
    }
}

/// DARTS with gates.
struct FairDarts {
    config: FairDartsConfig,
}

impl Method for FairDarts {
    fn probabilities(&self, place: &Place<'_>, _moment: Moment) -> Tensor {
        place.alpha.sigmoid()
    }

    fn penalty(&self, view: &View<'_>, _moment: Moment) -> Option<Tensor> {
        let mut alphas = view.alphas.iter();
        let losses = view.tables.iter().map(|table| {
            let rows: Vec<&Tensor> = alphas.by_ref().take(table.rows.len()).collect();
            -(Tensor::cat(&rows, 0).sigmoid() - 0.5).square().mean(None::<Kind>)
        });
        losses.reduce(|sum, loss| sum + loss).map(|loss| loss * self.config.zero_one_weight)
    }

    fn derive(&self, view: &View<'_>, probabilities: &Numbers) -> Genotype {
        let derived = view.space.derive(view.tables, probabilities);
        if !family::is_darts(view.space.name()) {
            return derived;
        }
        let gates = |at: usize| Gates { table: &view.tables[at], gates: &probabilities[at] };
        let normal = self.thinned(derived.normal, &gates(0));
        let reduce = derived.reduce.map(|cell| self.thinned(cell, &gates(1)));
        Genotype { space: UP_TO_TWO_INPUTS.into(), normal, reduce }
    }
}

/// The gates of one kind of cell.
struct Gates<'a> {
    table: &'a Table,
    gates: &'a [Vec<f64>],
}

impl Gates<'_> {
    fn of(&self, edge: &Edge) -> f64 {
        let name = edge.name();
        let row = self.table.rows.iter().position(|row| row.edge == name);
        let gate = |row: usize| {
            let op = self.table.rows[row].ops.iter().position(|op| *op == edge.op)?;
            self.gates[row].get(op)
        };
        row.and_then(gate).copied().unwrap_or(0.0)
    }
}

impl FairDarts {
    /// The edges whose gates are open far enough, and the nodes that the cell's inputs still reach.
    fn thinned(&self, cell: CellGenotype, gates: &Gates<'_>) -> CellGenotype {
        let open = |edge: &&Edge| gates.of(edge) >= self.config.threshold;
        let edges: Vec<_> = cell.edges.iter().filter(open).cloned().collect();
        let concat = reached(&edges);
        if !concat.is_empty() {
            return CellGenotype { edges, concat };
        }
        let from_inputs = cell.edges.into_iter().filter(|edge| edge.from < 2);
        let strongest = from_inputs.max_by(|a, b| gates.of(a).total_cmp(&gates.of(b)));
        let edges: Vec<_> = strongest.into_iter().collect();
        CellGenotype { concat: reached(&edges), edges }
    }
}

/// The intermediate nodes that something flows into from the cell's inputs, ascending.
fn reached(edges: &[Edge]) -> Vec<usize> {
    let mut nodes = vec![0, 1];
    // Edges come by ascending node.
    for edge in edges {
        if nodes.contains(&edge.from) && !nodes.contains(&edge.node) {
            nodes.push(edge.node);
        }
    }
    nodes.split_off(2)
}

pub(super) const ENTRY: Entry = Entry {
    name: "fair-darts",
    summary: "a sigmoid gate per operation, driven to 0 or 1; derived by a threshold",
    source: "Chu et al. 2020, Fair DARTS: Eliminating Unfair Advantages in Differentiable Architecture Search",
    settings: "search.alpha_init = 0.0",
    published: include_str!("../../presets/methods/fair_darts.toml"),
    make: |config| {
        config.fair_darts.check()?;
        Ok(Box::new(FairDarts { config: config.fair_darts.clone() }))
    },
};
