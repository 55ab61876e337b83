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

    fn tables(&self, _skeleton: &Skeleton, options: SpaceOptions) -> Vec<Table> {
        let none = options.none.then_some(NONE);
        let ops: Vec<&str> = none.into_iter().chain(OPS).collect();
        tables(|_, _| ops.clone())
    }

    fn supernet_of(&self, skeleton: &Skeleton, tables: &[Table]) -> Result<Network, Error> {
        supernet_of("darts-supernet", skeleton, tables)
    }
}

/// The tables of a space on this cell; `ops` gives the candidates by kind of cell (0 normal, 1 reduction) and edge.
pub(super) fn tables(ops: impl Fn(usize, usize) -> Vec<&'static str>) -> Vec<Table> {
    let table = |(kind, name): (usize, &str)| {
        let row = |(at, (node, from)): (usize, (usize, usize))| Row {
            edge: format!("{node}_{from}"),
            ops: ops(kind, at).into_iter().map(String::from).collect(),
        };
        Table { name: name.into(), rows: edges().enumerate().map(row).collect() }
    };
    ["normal", "reduce"].into_iter().enumerate().map(table).collect()
}

/// The supernet of these two tables.
pub(super) fn supernet_of(name: &str, skeleton: &Skeleton, tables: &[Table]) -> Result<Network, Error> {
    let mut b = skeleton::start(name, skeleton);
    let plans: Vec<CellPlan> = tables.iter().map(|table| mixed(table, b.table(table.clone()))).collect();
    let [normal, reduce] = &plans[..] else {
        let found = plans.len().to_string();
        return Err(Error::Size { what: "tables of operations", expected: "two".into(), found });
    };
    skeleton::build(b, skeleton, &Cells { normal, reduce, style: Style::Search })
}

/// The network of a genotype, as it is retrained. Drop-path stands on every edge but identities.
///
/// # Errors
/// When a size or an operation does not fit; names the node.
pub fn derived(name: &str, genotype: &Genotype, skeleton: &Skeleton) -> Result<Network, Error> {
    let b = skeleton::start(name, skeleton);
    let missing = || Error::Genotype { cell: "reduce".into(), problem: "missing".into() };
    let reduce = genotype.reduce.as_ref().ok_or_else(missing)?;
    let [normal, reduce] = [&genotype.normal, reduce].map(chosen);
    skeleton::build(b, skeleton, &Cells { normal: &normal, reduce: &reduce, style: Style::Retrain })
}

/// Every edge of a cell in the order of its architecture parameters: into node 2, 3, 4, 5, by predecessor.
fn edges() -> impl Iterator<Item = (usize, usize)> {
    (2..2 + STEPS).flat_map(|node| (0..node).map(move |from| (node, from)))
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
