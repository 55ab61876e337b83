//! The one-line texts of spaces without reduction cells: `NAS-Bench-201`'s string, and the mobile space's choices.

use std::fmt;

use super::{CellGenotype, Edge, Genotype, MOBILE, NB201, error_at};
use crate::error::Error;
use crate::nb201::{Architecture, EDGES};
use crate::primitive::SKIP_CONNECT;
use crate::spaces::mobilenet;

/// How the mobile space's choices write a skip connection.
const SKIP: &str = "skip";

pub(super) fn parse_nb201(text: &str) -> Result<Genotype, Error> {
    Architecture::parse(text.trim()).map(|architecture| Genotype::from(&architecture))
}

impl From<&Architecture> for Genotype {
    fn from(architecture: &Architecture) -> Self {
        let edge = |((node, from), op): ((usize, usize), &str)| Edge { node, from, op: op.into() };
        let edges: Vec<Edge> = EDGES.into_iter().zip(architecture.ops()).map(edge).collect();
        let normal = CellGenotype { concat: edges.last().map(|edge| edge.node).into_iter().collect(), edges };
        Self { space: NB201.into(), normal, reduce: None }
    }
}

impl Genotype {
    /// The architecture of `NAS-Bench-201` that this is; none in other spaces.
    #[must_use]
    pub fn nb201(&self) -> Option<Architecture> {
        (self.space == NB201).then(|| Architecture::parse(&self.to_string()).ok()).flatten()
    }
}

pub(super) fn write_nb201(cell: &CellGenotype, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, edge) in cell.edges.iter().enumerate() {
        if edge.from == 0 {
            f.write_str(if at == 0 { "|" } else { "+|" })?;
        }
        write!(f, "{}~{}|", edge.op, edge.from)?;
    }
    Ok(())
}

/// Whether a text is a list of choices of the mobile space.
pub(super) fn is_choices(text: &str) -> bool {
    let first = text.split(',').next().unwrap_or_default().trim();
    first == SKIP || mobilenet::choice_of(first).is_ok()
}

pub(super) fn parse_choices(text: &str) -> Result<Genotype, Error> {
    let mut edges = Vec::new();
    let mut offset = 0;
    for (layer, part) in text.split(',').enumerate() {
        let name = part.trim();
        let op = if name == SKIP { SKIP_CONNECT } else { name };
        let place = offset + (part.len() - part.trim_start().len());
        let edge = Edge { node: layer + 1, from: layer, op: op.into() };
        edge.check(MOBILE).map_err(|problem| error_at(text, place, &problem))?;
        edges.push(edge);
        offset += part.len() + 1;
    }
    let normal = CellGenotype { concat: vec![edges.len()], edges };
    Genotype { space: MOBILE.into(), normal, reduce: None }.validated()
}

pub(super) fn write_choices(cell: &CellGenotype, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let name = |edge: &Edge| if edge.op == SKIP_CONNECT { SKIP.into() } else { edge.op.clone() };
    f.write_str(&cell.edges.iter().map(name).collect::<Vec<String>>().join(","))
}
