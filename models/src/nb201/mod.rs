//! `NAS-Bench-201` (Dong & Yang, ICLR 2020): its 15,625 architectures and the table of what each reaches.
//!
//! A cell has four nodes, its input 0 to its output 3, and one of five operations on each of six edges; a node is the sum
//! of its edges. Every cell was trained on three data sets, so that a search's result can be looked up: [`table`].

pub mod counts;
mod parse;
pub mod table;
mod unroll;

use std::fmt;

/// The candidate operations in published order; architectures hold their indices.
pub const OPS: [&str; 5] = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];

/// The edges in published order: the node fed, the node read.
pub const EDGES: [(usize, usize); 6] = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)];

/// How many architectures there are: five operations on six edges.
pub const COUNT: usize = OPS.len().pow(EDGES.len() as u32);

const SKIP: u8 = 1;
const CONV_1X1: u8 = 2;
const CONV_3X3: u8 = 3;

/// One cell of the benchmark. Displayed as its string form, `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Architecture {
    ops: [u8; EDGES.len()],
}

impl Architecture {
    /// The architecture with these operations, indices into [`OPS`], on [`EDGES`]; none where one is no operation.
    #[must_use]
    pub fn new(ops: [u8; EDGES.len()]) -> Option<Self> {
        ops.iter().all(|&op| usize::from(op) < OPS.len()).then_some(Self { ops })
    }

    /// The architecture of this rank, below [`COUNT`].
    #[must_use]
    pub fn from_rank(rank: usize) -> Option<Self> {
        (rank < COUNT).then(|| Self::decode(rank))
    }

    /// All architectures by rank.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..COUNT).map(Self::decode)
    }

    /// Place among all architectures, below [`COUNT`]: the [code](Self::code) read as a number in base 5.
    #[must_use]
    pub fn rank(self) -> usize {
        self.ops.iter().fold(0, |rank, &op| OPS.len() * rank + usize::from(op))
    }

    /// The operations by edge, as indices into [`OPS`].
    #[must_use]
    pub const fn indices(self) -> [u8; EDGES.len()] {
        self.ops
    }

    /// The names of the operations by edge.
    #[must_use]
    pub fn ops(self) -> [&'static str; EDGES.len()] {
        self.ops.map(|op| OPS[usize::from(op)])
    }

    /// One digit per edge, `333331` for instance: the indices of the operations.
    #[must_use]
    pub fn code(self) -> String {
        self.ops.iter().map(|op| char::from(b'0' + op)).collect()
    }

    /// How many edges are skip connections: the sign of collapse. Six is where plain DARTS ends.
    #[must_use]
    pub fn skips(self) -> usize {
        self.count(SKIP)
    }

    fn decode(mut rank: usize) -> Self {
        let mut ops = [0; EDGES.len()];
        for op in ops.iter_mut().rev() {
            *op = (rank % OPS.len()) as u8;
            rank /= OPS.len();
        }
        Self { ops }
    }

    fn count(self, wanted: u8) -> usize {
        self.ops.into_iter().map(|op| usize::from(op == wanted)).sum()
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((node, from), op) in EDGES.into_iter().zip(self.ops()) {
            f.write_str(if from > 0 || node == 1 { "" } else { "+" })?;
            f.write_str(if from == 0 { "|" } else { "" })?;
            write!(f, "{op}~{from}|")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
