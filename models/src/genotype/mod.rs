//! Genotypes: the cells that a search finds, as text that people and programs exchange.
//!
//! Read and written as JSON (ours) and as the texts of the field: the Python of the DARTS family,
//! `Genotype(normal=[...], ...)`, `NAS-Bench-201`'s `|op~0|+|op~0|op~1|+...`, and the mobile space's `E6_K3,skip,...`.

mod cursor;
mod discretise;
mod json;
mod python;
mod rules;
mod strings;

use std::fmt;
use std::path::Path;

use crate::error::Error;
use crate::primitive::SKIP_CONNECT;

pub(crate) use cursor::error_at;
pub use discretise::{discretise, strongest_each};

/// The choices of a search: one cell of each kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genotype {
    /// `darts` (two inputs per node; `RobustDARTS`'s reduced spaces too), `fair-darts` (at most two, nodes without
    /// inputs allowed), `nb201` or `mobile`.
    pub space: String,
    /// The cell that keeps the size; of the mobile space the whole row of layers, edge `i_(i-1)` being layer i.
    pub normal: CellGenotype,
    /// The cell that halves height and width, in the spaces that search one.
    pub reduce: Option<CellGenotype>,
}

/// One kind of cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellGenotype {
    /// Its edges in published order.
    pub edges: Vec<Edge>,
    /// The nodes whose concatenation is its output.
    pub concat: Vec<usize>,
}

/// One operation between two nodes. In the DARTS family nodes 0 and 1 are the cell's inputs and intermediate nodes count
/// from 2; elsewhere node 0 is the only input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The node it feeds.
    pub node: usize,
    /// The node it reads, below `node`.
    pub from: usize,
    /// The operation's name.
    pub op: String,
}

/// The space of cells in which every node has exactly two inputs.
pub const TWO_INPUTS: &str = "darts";
/// The space of cells in which a node has at most two inputs.
pub const UP_TO_TWO_INPUTS: &str = "fair-darts";
/// The space of `NAS-Bench-201`: four nodes, an operation on each of six edges.
pub const NB201: &str = "nb201";
/// The space of the paper's `ImageNet` search: a row of inverted bottlenecks.
pub const MOBILE: &str = "mobile";

impl Genotype {
    /// Reads any of the text forms, told apart by how they begin.
    ///
    /// # Errors
    /// When the text is none, with line and column; when an edge, an operation or a count is wrong.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.trim_start() {
            json if json.starts_with('{') => json::parse(text),
            string if string.starts_with('|') => strings::parse_nb201(text),
            choices if strings::is_choices(choices) => strings::parse_choices(text),
            _ => python::parse(text),
        }
    }

    /// The JSON form, pretty-printed, with a final newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// The cells with their names.
    pub fn cells(&self) -> impl Iterator<Item = (&'static str, &CellGenotype)> {
        std::iter::once(("normal", &self.normal)).chain(self.reduce.iter().map(|cell| ("reduce", cell)))
    }

    /// How many operations of the normal cell are skip connections: the sign of collapse.
    #[must_use]
    pub fn normal_skips(&self) -> usize {
        self.normal.edges.iter().filter(|edge| edge.op == SKIP_CONNECT).count()
    }
}

impl fmt::Display for Genotype {
    /// The text that its field uses, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.space.as_str() {
            NB201 => strings::write_nb201(&self.normal, f),
            MOBILE => strings::write_choices(&self.normal, f),
            _ => python::write(self, f),
        }
    }
}

impl Edge {
    /// Its name in tables: node 5, predecessor 3 is `5_3`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}_{}", self.node, self.from)
    }
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
