//! Parts of a model: layers, edges, cells, stages, by the names of its nodes.
//!
//! Our own names say where a node belongs: `cells.3.edges.2_0.sep_conv_3x3.dw1`, `layers.4.depthwise.conv`. Names of other
//! exporters are scopes (`/blocks/blocks.1/conv_pw/Conv`): an edge is what surrounds a node there, a cell what surrounds that.

use serde::Serialize;

use super::counted::{Counted, Node};

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

/// Parts of our own names that hold several others.
const ROWS: [&str; 2] = ["cells", "layers"];
/// Our own names for what is before and behind these.
const ENDS: [&str; 6] = ["input", "stem", "stem0", "stem1", "head", "logits"];

/// The first so many parts of one of our names; none for names of other exporters.
fn own(name: &str, depth: usize) -> Option<&str> {
    let first = name.split('.').next()?;
    if ENDS.contains(&first) {
        return Some(if first == "logits" { "head" } else { first });
    }
    let end = name.match_indices('.').nth(depth - 1).map_or(name.len(), |(at, _)| at);
    ROWS.contains(&first).then_some(&name[..end])
}

fn edge(name: &str) -> &str {
    let depth = match name.split('.').nth(2) {
        Some("edges") => 4,
        _ if name.starts_with("cells.") => 3,
        _ => 2,
    };
    own(name, depth).unwrap_or_else(|| scope(name, 1))
}

fn cell(name: &str) -> &str {
    own(name, 2).unwrap_or_else(|| scope(name, 2))
}

/// A name without its last parts, of which at least one stays.
fn scope(name: &str, depth: usize) -> &str {
    let separator = if name.contains('/') { '/' } else { '.' };
    let ends = name.rmatch_indices(separator).map(|(at, _)| at).filter(|&at| at > 0);
    ends.take(depth).last().map_or(name, |at| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_names_say_where_a_node_belongs() {
        let name = "cells.3.edges.2_0.sep_conv_3x3.dw1";
        assert_eq!([edge(name), cell(name)], ["cells.3.edges.2_0", "cells.3"]);
        assert_eq!(edge("cells.3.pre0.conv"), "cells.3.pre0");
        let name = "layers.4.se.reduce";
        assert_eq!([edge(name), cell(name)], ["layers.4", "layers.4"]);
        assert_eq!([edge("stem.conv"), cell("logits")], ["stem", "head"]);
    }

    #[test]
    fn names_of_others_are_scopes() {
        let name = "/blocks/blocks.1/blocks.1.0/conv_pw/Conv";
        assert_eq!(edge(name), "/blocks/blocks.1/blocks.1.0/conv_pw");
        assert_eq!(cell(name), "/blocks/blocks.1/blocks.1.0");
        assert_eq!([edge("Conv_12"), edge("/Conv"), cell("a.b")], ["Conv_12", "/Conv", "a"]);
    }
}
