//! The DARTS space (Liu et al. 2019; Benchmark 1 of the paper): cells of two inputs and four intermediate
//! nodes, 14 edges, 7 candidate operations (8 with `none`).
//!
//! The released `NoisyDARTS` code and the paper's §4.1 leave `none` out; it is an option here.

use crate::error::Error;
use crate::genotype::{CellGenotype, Edge, Genotype};
use crate::layer::Mix;
use crate::network::{Network, Row, Table};
use crate::primitive::{NONE, Style};
use crate::spaces::cell::{CellPlan, Choice, EdgePlan};
use crate::spaces::skeleton::{self, Cells, Skeleton};
use crate::spaces::{SearchSpace, SpaceOptions};

/// Intermediate nodes of a cell.
const STEPS: usize = 4;

/// The candidate operations in the order of `NoisyDARTS`'s architecture parameters.
pub const OPS: [&str; 7] = [
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
];

/// The DARTS space.
pub struct Darts;

impl SearchSpace for Darts {
    fn name(&self) -> &'static str {
        "darts"
    }

    fn summary(&self) -> &'static str {
        "cells of 14 edges with 7 operations each (8 with none), normal and reduction"
    }

    fn source(&self) -> &'static str {
        "Liu et al. 2019, DARTS; without none as in NoisyDARTS §4.1 and its released code"
    }

    fn supernet(&self, skeleton: &Skeleton, options: SpaceOptions) -> Result<Network, Error> {
        let mut b = skeleton::start("darts-supernet", skeleton);
        let [normal, reduce] = ["normal", "reduce"].map(|cell| {
            let table = table(cell, options);
            let index = b.table(table.clone());
            mixed(&table, index)
        });
        skeleton::build(b, skeleton, &Cells { normal: &normal, reduce: &reduce, style: Style::Search })
    }
}

/// The network of a genotype, as it is retrained. Drop-path stands on every edge but identities.
///
/// # Errors
/// When a size or an operation does not fit; names the node.
pub fn derived(name: &str, genotype: &Genotype, skeleton: &Skeleton) -> Result<Network, Error> {
    let b = skeleton::start(name, skeleton);
    let [normal, reduce] = [&genotype.normal, &genotype.reduce].map(chosen);
    skeleton::build(b, skeleton, &Cells { normal: &normal, reduce: &reduce, style: Style::Retrain })
}

/// Every edge of a cell in the order of its architecture parameters: into node 2, 3, 4, 5, by predecessor.
fn edges() -> impl Iterator<Item = (usize, usize)> {
    (2..2 + STEPS).flat_map(|node| (0..node).map(move |from| (node, from)))
}

fn table(cell: &str, options: SpaceOptions) -> Table {
    let none = options.none.then_some(NONE);
    let ops: Vec<String> = none.into_iter().chain(OPS).map(String::from).collect();
    let rows = edges().map(|(node, from)| Row { edge: format!("{node}_{from}"), ops: ops.clone() }).collect();
    Table { name: cell.into(), rows }
}

fn mixed(table: &Table, index: usize) -> CellPlan {
    let plan = |(row, (node, from)): (usize, (usize, usize))| EdgePlan {
        node,
        from,
        choice: Choice::Mix(Mix { table: index, row }, table.rows[row].ops.clone()),
    };
    CellPlan { edges: edges().enumerate().map(plan).collect(), concat: (2..2 + STEPS).collect() }
}

fn chosen(cell: &CellGenotype) -> CellPlan {
    let plan =
        |edge: &Edge| EdgePlan { node: edge.node, from: edge.from, choice: Choice::One(edge.op.clone()) };
    CellPlan { edges: cell.edges.iter().map(plan).collect(), concat: cell.concat.clone() }
}
