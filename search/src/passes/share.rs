//! Common subexpressions: what several edges compute from one node is computed once.
//!
//! In a DARTS supernet every edge from a node starts with the same ReLU, and has the same pools with the same
//! non-affine batch norms: of 14 edges' worth five remain.

use std::collections::HashMap;

use models::layer::Layer;
use models::network::{Network, Node, NodeId, Output};

/// The network with equal computations merged; the first of equal nodes stays, with its path.
///
/// Only nodes without trained weights and without random draws are merged. Merged batch norms keep one set of
/// running statistics, which is what each of them had.
#[must_use]
pub fn share(network: &Network) -> Network {
    let mut moved: Vec<NodeId> = Vec::with_capacity(network.nodes.len());
    let mut nodes: Vec<Node> = Vec::with_capacity(network.nodes.len());
    let mut readers: HashMap<Vec<NodeId>, Vec<NodeId>> = HashMap::new();
    for node in &network.nodes {
        let inputs: Vec<NodeId> = node.inputs.iter().map(|&input| moved[input]).collect();
        let equals = readers.entry(inputs.clone()).or_default();
        let twin = equals.iter().copied().find(|&id| nodes[id].layer == node.layer);
        if let Some(twin) = twin.filter(|_| is_pure(network, node)) {
            moved.push(twin);
        } else {
            equals.push(nodes.len());
            moved.push(nodes.len());
            nodes.push(Node { inputs, ..node.clone() });
        }
    }
    let outputs = network.outputs.iter().map(|output| Output { node: moved[output.node], ..output.clone() });
    Network { outputs: outputs.collect(), nodes, name: network.name.clone(), tables: network.tables.clone() }
}

/// Whether two such nodes with equal inputs always have equal values.
fn is_pure(network: &Network, node: &Node) -> bool {
    let draws = matches!(
        node.layer,
        Layer::DropPath | Layer::Dropout(_) | Layer::Noise { .. } | Layer::Mix(_) | Layer::Input
    );
    !draws && !network.tensors(node).iter().any(|spec| spec.role.is_trained())
}

#[cfg(test)]
mod tests {
    use models::spaces::skeleton::{Skeleton, Stem};
    use models::spaces::{SearchSpace, SpaceOptions, robust};

    use super::*;

    #[test]
    fn every_edge_keeps_noise_of_its_own() {
        let skeleton =
            Skeleton { stem: Stem::Cifar, channels: 4, cells: 3, classes: 10, size: [16; 2], auxiliary: false };
        let supernet = robust::S4.supernet(&skeleton, SpaceOptions::default()).unwrap();
        let draws = |network: &Network| {
            network.nodes.iter().filter(|node| matches!(node.layer, Layer::Noise { .. })).count()
        };
        // Three cells of 14 edges.
        assert_eq!([draws(&supernet), draws(&share(&supernet))], [42, 42]);
    }
}
