//! What the cells of each space may be.

use super::{CellGenotype, Edge, Genotype, MOBILE, NB201, UP_TO_TWO_INPUTS};
use crate::error::Error;
use crate::nb201;
use crate::primitive::Primitive;
use crate::spaces::mobilenet;

/// The highest node that a cell may have; published ones end at 6. Without a bound, a number in a file would be a loop.
const LAST_NODE: usize = 100;

impl Genotype {
    /// Checks what no parser sees: inputs per node, and what the output concatenates. Puts edges in the order of their
    /// nodes, which the Python form depends on: it does not name them.
    pub(super) fn validated(mut self) -> Result<Self, Error> {
        for cell in std::iter::once(&mut self.normal).chain(&mut self.reduce) {
            cell.edges.sort_by_key(|edge| edge.node);
        }
        for (name, cell) in self.cells() {
            cell.check(&self.space).map_err(|problem| Error::Genotype { cell: name.into(), problem })?;
        }
        let paired = !matches!(self.space.as_str(), NB201 | MOBILE);
        if paired != self.reduce.is_some() {
            let problem = if paired { "missing".into() } else { format!("{} has none", self.space) };
            return Err(Error::Genotype { cell: "reduce".into(), problem });
        }
        Ok(self)
    }
}

impl Edge {
    /// Checks one edge by itself: predecessor below node, operation known in the space.
    pub(super) fn check(&self, space: &str) -> Result<(), String> {
        if self.from >= self.node {
            return Err(format!(
                "an edge from node {} into node {}: it must come from a lower node",
                self.from, self.node
            ));
        }
        match space {
            NB201 => self.check_nb201(),
            MOBILE => mobilenet::choice_of(&self.op).map(drop),
            _ => self.check_darts(),
        }
    }

    fn check_nb201(&self) -> Result<(), String> {
        if !nb201::EDGES.contains(&(self.node, self.from)) {
            return Err(format!("an edge {}_{}: the cell has nodes 0 to 3", self.node, self.from));
        }
        let known = nb201::OPS.contains(&self.op.as_str());
        if known { Ok(()) } else { Err(Error::unknown("operation", &self.op, &nb201::OPS).to_string()) }
    }

    fn check_darts(&self) -> Result<(), String> {
        if self.node < 2 {
            return Err(format!("an edge into node {}: intermediate nodes count from 2", self.node));
        }
        if self.node > LAST_NODE {
            return Err(format!("an edge into node {}: cells have at most nodes 2 to {LAST_NODE}", self.node));
        }
        Primitive::by_name(&self.op).map(|_| ()).map_err(|error| error.to_string())
    }
}

impl CellGenotype {
    fn check(&self, space: &str) -> Result<(), String> {
        match space {
            NB201 => self.check_edges(&nb201::EDGES),
            MOBILE => {
                let row: Vec<(usize, usize)> = (0..self.edges.len()).map(|layer| (layer + 1, layer)).collect();
                self.check_edges(&row)
            }
            _ => self.check_inputs(space == UP_TO_TWO_INPUTS),
        }
    }

    /// Exactly these edges `(node, from)`, the last node being the output.
    fn check_edges(&self, expected: &[(usize, usize)]) -> Result<(), String> {
        let found: Vec<(usize, usize)> = self.edges.iter().map(|edge| (edge.node, edge.from)).collect();
        let Some(&(last, _)) = expected.last() else { return Err("no edges".into()) };
        if let Some((node, from)) = expected.iter().find(|edge| !found.contains(edge)) {
            return Err(format!("edge {node}_{from} is missing"));
        }
        if found.len() > expected.len() {
            return Err(format!("{} edges, expected {}", found.len(), expected.len()));
        }
        if self.concat == [last] { Ok(()) } else { Err(format!("its output is node {last} alone")) }
    }

    /// Two inputs per node, or at most two.
    fn check_inputs(&self, sparse: bool) -> Result<(), String> {
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
