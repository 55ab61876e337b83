//! Genotypes: the cells that a search finds, as text that people and programs exchange.
//!
//! Read and written as JSON (ours) and as the Python text of the DARTS family, `Genotype(normal=[...], ...)`.

mod cursor;
mod json;
mod python;

use std::fmt;
use std::path::Path;

use crate::error::Error;
use crate::network::Table;
use crate::primitive::{NONE, Primitive};

pub(crate) use cursor::error_at;

/// The choices of a search: one cell of each kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genotype {
    /// `darts` (two inputs per node) or `fair-darts` (at most two, nodes without inputs allowed).
    pub space: String,
    /// The cell that keeps the size.
    pub normal: CellGenotype,
    /// The cell that halves height and width.
    pub reduce: CellGenotype,
}

/// One kind of cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellGenotype {
    /// Its edges in published order.
    pub edges: Vec<Edge>,
    /// The nodes whose concatenation is its output.
    pub concat: Vec<usize>,
}

/// One operation between two nodes. Nodes 0 and 1 are the cell's inputs; intermediate nodes count from 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The node it feeds.
    pub node: usize,
    /// The node it reads, below `node`.
    pub from: usize,
    /// The operation's name.
    pub op: String,
}

/// The highest node that a cell may have; published ones end at 6. Without a bound, a number in a file would be a loop.
const LAST_NODE: usize = 100;

/// The space of cells in which every node has exactly two inputs.
pub const TWO_INPUTS: &str = "darts";
/// The space of cells in which a node has at most two inputs.
pub const UP_TO_TWO_INPUTS: &str = "fair-darts";

impl Genotype {
    /// Reads either text form, told apart by the first character.
    ///
    /// # Errors
    /// When the text is neither, with line and column; when an edge, an operation or a count is wrong.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.trim_start().starts_with('{') { json::parse(text) } else { python::parse(text) }
    }

    /// The JSON form, pretty-printed, with a final newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// The two cells with their names.
    #[must_use]
    pub fn cells(&self) -> [(&'static str, &CellGenotype); 2] {
        [("normal", &self.normal), ("reduce", &self.reduce)]
    }

    /// How many operations of the normal cell are skip connections: the sign of collapse.
    #[must_use]
    pub fn normal_skips(&self) -> usize {
        self.normal.edges.iter().filter(|edge| edge.op == crate::primitive::SKIP_CONNECT).count()
    }

    /// Checks what no parser sees: inputs per node, and what the output concatenates. Puts edges in the order of their nodes,
    /// which the Python form depends on: it does not name them.
    pub(crate) fn validated(mut self) -> Result<Self, Error> {
        for cell in [&mut self.normal, &mut self.reduce] {
            cell.edges.sort_by_key(|edge| edge.node);
        }
        for (name, cell) in self.cells() {
            cell.check(self.space == UP_TO_TWO_INPUTS)
                .map_err(|problem| Error::Genotype { cell: name.into(), problem })?;
        }
        Ok(self)
    }
}

impl fmt::Display for Genotype {
    /// The Python text of the DARTS family, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        python::write(self, f)
    }
}

impl Edge {
    /// Checks one edge by itself: predecessor below node, operation known.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.node < 2 {
            return Err(format!("an edge into node {}: intermediate nodes count from 2", self.node));
        }
        if self.node > LAST_NODE {
            return Err(format!("an edge into node {}: cells have at most nodes 2 to {LAST_NODE}", self.node));
        }
        if self.from >= self.node {
            return Err(format!(
                "an edge from node {} into node {}: it must come from a lower node",
                self.from, self.node
            ));
        }
        Primitive::by_name(&self.op).map(|_| ()).map_err(|error| error.to_string())
    }
}

impl CellGenotype {
    fn check(&self, sparse: bool) -> Result<(), String> {
        let last = self.edges.iter().map(|edge| edge.node).max().ok_or("no edges")?;
        for node in 2..=last {
            let inputs = self.edges.iter().filter(|edge| edge.node == node).count();
            if inputs > 2 || (inputs < 2 && !sparse) {
                let wanted = if sparse { "at most 2" } else { "exactly 2" };
                return Err(format!("node {node} has {inputs} inputs, expected {wanted}"));
            }
        }
        let concat = &self.concat;
        let live = |&node: &usize| self.edges.iter().any(|edge| edge.node == node);
        if concat.is_empty() {
            return Err("nothing is concatenated to the output".into());
        }
        if let Some(node) = concat.iter().find(|node| !live(node)) {
            return Err(format!("the output concatenates node {node}, which has no inputs"));
        }
        match (1..concat.len()).find(|&at| concat[..at].contains(&concat[at])) {
            Some(at) => Err(format!("the output concatenates node {} twice", concat[at])),
            None => Ok(()),
        }
    }
}

/// Derives a cell as DARTS does (search-space §1.4): each intermediate node keeps the two predecessors whose
/// strongest operation other than `none` weighs most, each with that operation, in descending order. Ties keep
/// the lower predecessor and the earlier operation.
///
/// `weights[row][op]` are the mixing weights of `table`.
#[must_use]
pub fn discretise(table: &Table, weights: &[Vec<f64>]) -> CellGenotype {
    let mut best: Vec<(Edge, f64)> =
        table.rows.iter().zip(weights).map(|(row, weights)| strongest(row, weights)).collect();
    // A stable sort: within a node, edges of equal weight stay in the order of their predecessors.
    best.sort_by(|a, b| a.0.node.cmp(&b.0.node).then(b.1.total_cmp(&a.1)));
    let mut edges: Vec<Edge> = Vec::new();
    for (edge, _) in best {
        if edges.iter().filter(|kept| kept.node == edge.node).count() < 2 {
            edges.push(edge);
        }
    }
    let mut concat: Vec<usize> = edges.iter().map(|edge| edge.node).collect();
    concat.dedup();
    CellGenotype { edges, concat }
}

fn strongest(row: &crate::network::Row, weights: &[f64]) -> (Edge, f64) {
    let (node, from) = split_edge(&row.edge).unwrap_or((2, 0));
    let mut best: Option<(&str, f64)> = None;
    for (op, &weight) in row.ops.iter().zip(weights).filter(|(op, _)| *op != NONE) {
        if best.is_none_or(|(_, most)| weight > most) {
            best = Some((op, weight));
        }
    }
    let (op, weight) = best.unwrap_or((NONE, f64::NEG_INFINITY));
    (Edge { node, from, op: op.into() }, weight)
}

/// `5_3` as node 5, predecessor 3.
pub(crate) fn split_edge(edge: &str) -> Option<(usize, usize)> {
    let (node, from) = edge.split_once('_')?;
    Some((node.parse().ok()?, from.parse().ok()?))
}

/// Reads a genotype file.
///
/// # Errors
/// With the path: when the file cannot be read, or as [`Genotype::parse`].
pub fn read(path: &Path) -> Result<Genotype, ReadError> {
    let text = std::fs::read_to_string(path).map_err(|source| ReadError::Io { path: path.into(), source })?;
    Genotype::parse(&text).map_err(|source| ReadError::Parse { path: path.into(), source })
}

/// Why a genotype could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The zoo has no such network.
    #[error(transparent)]
    Zoo(#[from] Error),
    /// The file cannot be read.
    #[error("read genotype file {path}: {source}")]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file's text is no genotype.
    #[error("read genotype file {path}: {source}")]
    Parse {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong, where.
        source: Error,
    },
}

#[cfg(test)]
mod tests;
