//! Where in a genotype a node is, by its name: nodes are named after their path in the network.

/// The part of a network that a node belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// `cells.3`, or `layers.7` in a chain of blocks.
    pub(crate) part: String,
    /// What the genotype chose an operation for: `cells.3.edges.2_0`, and in a chain of blocks the block itself.
    pub(crate) edge: Option<String>,
}

impl Place {
    /// The place of a node with this name; none outside cells and blocks, and for names that are no paths.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let steps: Vec<&str> = name.split('.').collect();
        let is_number = |text: &str| text.parse::<u16>().is_ok();
        match steps.as_slice() {
            ["cells", cell, "edges", edge, _, ..] if is_number(cell) => {
                let part = format!("cells.{cell}");
                Some(Self { edge: Some(format!("{part}.edges.{edge}")), part })
            }
            ["cells", cell, _, ..] if is_number(cell) => {
                Some(Self { part: format!("cells.{cell}"), edge: None })
            }
            ["layers", layer, _, ..] if is_number(layer) => {
                let part = format!("layers.{layer}");
                Some(Self { edge: Some(part.clone()), part })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_cell_and_edge() {
        let place = |name: &str| Place::of(name).map(|place| (place.part, place.edge.unwrap_or_default()));
        let found = |part: &str, edge: &str| Some((part.to_string(), edge.to_string()));
        assert_eq!(place("cells.3.edges.2_0.sep_conv_3x3.dw1"), found("cells.3", "cells.3.edges.2_0"));
        assert_eq!(place("cells.12.nodes.4"), found("cells.12", ""));
        assert_eq!(place("layers.7.depthwise.conv"), found("layers.7", "layers.7"));
        assert_eq!([place("stem.conv"), place("/layer1/layer1.0/Add"), place("cells.x.y")], [None, None, None]);
    }
}
