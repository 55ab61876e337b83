//! What stands in which column of a picture, before anything has coordinates.

use std::collections::{BTreeMap, BTreeSet};

use crate::genotype::{CellGenotype, Edge};
use crate::primitive::NONE;

/// One row of a column. Exactly one item of a column carries the signal of a node that is still needed there.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The node whose signal leaves it on the right.
    pub(super) source: usize,
    /// Whether that signal is anything but zero.
    pub(super) live: bool,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// An input of the cell.
    Input,
    /// An intermediate node with the operations that feed it.
    Node(Vec<Pill>),
    /// The line of a node of an earlier column on its way to a later one.
    Lane,
}

/// An edge.
#[derive(Clone, Debug)]
pub(super) struct Pill {
    pub(super) from: usize,
    pub(super) op: String,
    pub(super) live: bool,
}

/// The columns from left to right, the inputs first, and the nodes that are concatenated.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) columns: Vec<Vec<Item>>,
    pub(super) output: Vec<usize>,
}

impl Item {
    /// The nodes whose signals enter on the left, from top to bottom.
    pub(super) fn ports(&self) -> Vec<usize> {
        match &self.kind {
            Kind::Input => Vec::new(),
            Kind::Node(pills) => pills.iter().map(|pill| pill.from).collect(),
            Kind::Lane => vec![self.source],
        }
    }
}

impl Plan {
    /// Puts each node one column to the right of the last node that it reads.
    pub(super) fn new(cell: &CellGenotype) -> Self {
        // Cells of the DARTS family have two inputs; others begin with an edge into node 1.
        let inputs = if cell.edges.first().is_some_and(|edge| edge.node == 1) { 1 } else { 2 };
        let edges: Vec<&Edge> =
            cell.edges.iter().filter(|edge| edge.from < edge.node && edge.node >= inputs).collect();
        let output: BTreeSet<usize> = cell.concat.iter().copied().collect();
        let mentioned = edges.iter().flat_map(|edge| [edge.node, edge.from]).chain(output.iter().copied());
        let nodes: BTreeSet<usize> = mentioned.chain(0..inputs).collect();
        let mut made: BTreeMap<usize, (usize, Item)> = BTreeMap::new();
        for &node in &nodes {
            let placed = item(node, inputs, &edges, &made);
            made.insert(node, placed);
        }
        Self { columns: columns(&made, &edges, &output), output: output.into_iter().collect() }
    }
}

/// The column and the item of a node, given those of all nodes before it.
fn item(node: usize, inputs: usize, edges: &[&Edge], made: &BTreeMap<usize, (usize, Item)>) -> (usize, Item) {
    if node < inputs {
        return (0, Item { source: node, live: true, kind: Kind::Input });
    }
    let into: Vec<&&Edge> = edges.iter().filter(|edge| edge.node == node).collect();
    let column = into.iter().map(|edge| made[&edge.from].0 + 1).max().unwrap_or(1);
    let pill = |edge: &&&Edge| Pill {
        from: edge.from,
        op: edge.op.clone(),
        live: edge.op != NONE && made[&edge.from].1.live,
    };
    let pills: Vec<Pill> = into.iter().map(pill).collect();
    (column, Item { source: node, live: pills.iter().any(|pill| pill.live), kind: Kind::Node(pills) })
}

/// Sorts the items into their columns and adds the lanes between a node and its distant readers.
fn columns(made: &BTreeMap<usize, (usize, Item)>, edges: &[&Edge], output: &BTreeSet<usize>) -> Vec<Vec<Item>> {
    let count = made.values().map(|(column, _)| column + 1).max().unwrap_or(1);
    let mut columns = vec![Vec::new(); count];
    for (&node, (column, item)) in made {
        let readers = edges.iter().filter(|edge| edge.from == node).map(|edge| made[&edge.node].0);
        let last = if output.contains(&node) { count } else { readers.max().unwrap_or(*column) };
        columns[*column].push(item.clone());
        for lane in columns.iter_mut().take(last).skip(column + 1) {
            lane.push(Item { kind: Kind::Lane, ..item.clone() });
        }
    }
    columns
}
