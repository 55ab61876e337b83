//! Sharing what is computed twice: every edge from a node has a `ReLU` of its own, and may have a pool, where one does.
//!
//! ONNX Runtime finds this by itself, other runtimes need not; and where one `ReLU` is all that reads a convolution, a runtime
//! can compute the two as one.

use std::collections::HashMap;

use models::network::{Network, Node, NodeId};

/// Merges nodes without tensors that compute the same of the same inputs; the first one stays, with its path.
#[must_use]
pub(crate) fn share(network: &Network) -> Network {
    let mut moved: Vec<NodeId> = Vec::with_capacity(network.nodes.len());
    let mut shared = Network { nodes: Vec::new(), ..network.clone() };
    let mut by_inputs: HashMap<Vec<NodeId>, Vec<NodeId>> = HashMap::new();
    for node in &network.nodes {
        let inputs: Vec<NodeId> = node.inputs.iter().map(|&input| moved[input]).collect();
        let twins = by_inputs.entry(inputs.clone()).or_default();
        let twin = twins.iter().copied().find(|&twin| shared.nodes[twin].layer == node.layer);
        let twin = twin.filter(|_| network.tensors(node).is_empty());
        moved.push(twin.unwrap_or(shared.nodes.len()));
        if twin.is_none() {
            twins.push(shared.nodes.len());
            shared.nodes.push(Node { inputs, ..node.clone() });
        }
    }
    for output in &mut shared.outputs {
        output.node = moved[output.node];
    }
    shared
}
