//! Parts of a model: layers, edges, cells, stages, by the names of its nodes.

use serde::Serialize;

use super::counted::{Counted, Node};
use crate::places::{ROWS, cell, edge, own};

/// How a model is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum By {
    /// One row per convention and per kind of thing that it counts
    Term,
    /// One row per node
    Layer,
    /// One row per edge of a cell, or block
    Edge,
    /// One row per cell, or block
    Cell,
    /// One row per resolution, stem and head apart
    Stage,
}

/// What a part of a model costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Part {
    pub(super) name: String,
    /// Kind of layer, where the part is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    /// Shape of its last output.
    pub(super) output: Vec<usize>,
    /// Multiply-adds of convolutions and linear layers.
    pub(super) macs: u64,
    pub(super) params: u64,
    /// Bytes of the outputs of its nodes.
    pub(super) activation_bytes: u64,
}

/// The parts of a model in the order in which they begin.
pub(super) fn parts(counted: &Counted, by: By) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut resolution = String::new();
    for node in &counted.nodes {
        resolution = resolution_of(&node.output).unwrap_or(resolution);
        let name = part_name(node, by, &resolution);
        match parts.iter_mut().rev().find(|part| part.name == name) {
            Some(part) if by != By::Layer => part.add(node),
            _ => parts.push(Part::new(name, node, by)),
        }
    }
    parts
}

impl Part {
    fn new(name: String, node: &Node, by: By) -> Self {
        Self {
            name,
            kind: (by == By::Layer).then(|| node.kind.clone()),
            output: node.output.clone(),
            macs: node.terms[models::conventions::Term::ConvLinear],
            params: node.params,
            activation_bytes: node.activation_bytes,
        }
    }

    fn add(&mut self, node: &Node) {
        self.output.clone_from(&node.output);
        self.macs += node.terms[models::conventions::Term::ConvLinear];
        self.params += node.params;
        self.activation_bytes += node.activation_bytes;
    }
}

/// The resolution of a feature map; none for vectors and for means over a map, which belong to what they are made of.
fn resolution_of(output: &[usize]) -> Option<String> {
    match output {
        [_, _, 1, 1] => None,
        [_, _, height, width] => Some(format!("{height}x{width}")),
        _ => None,
    }
}

fn part_name(node: &Node, by: By, resolution: &str) -> String {
    let name = node.name.as_str();
    match by {
        By::Term | By::Layer => name.into(),
        By::Edge => edge(name).into(),
        By::Cell => cell(name).into(),
        By::Stage => own(name, 1).filter(|first| !ROWS.contains(first)).unwrap_or(resolution).into(),
    }
}
