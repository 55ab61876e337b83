//! From a runtime's name for a node back to the model's.

use std::collections::HashMap;

use models::onnx::Graph;

/// Names of a model's nodes, and of the values they write: runtimes name their nodes after either.
pub(super) struct Names<'a>(HashMap<&'a str, usize>);

/// What separates a name from what a runtime appends: `conv_nchwc`, `act/QuickGeluFusion/`, `conv.matmatmul`, `relu#1`.
const SEPARATORS: [char; 4] = ['_', '/', '.', '#'];

impl<'a> Names<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        let values = graph.nodes.iter().enumerate();
        let values = values.flat_map(|(at, node)| node.outputs.iter().map(move |value| (value.as_str(), at)));
        let labels = graph.nodes.iter().enumerate().map(|(at, node)| (node.name.as_str(), at));
        Self(values.chain(labels).filter(|(name, _)| !name.is_empty()).collect())
    }

    /// The node whose name, or else the longest beginning of it, this is.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let mut beginnings =
            std::iter::successors(Some(name), |name| name.rfind(SEPARATORS).map(|end| &name[..end]));
        beginnings.find_map(|name| self.0.get(name)).copied()
    }
}
