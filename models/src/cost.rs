//! What a network costs: multiply-adds, parameters and activation bytes, per node and in all.
//!
//! Multiply-adds are those of convolutions and linear layers, without bias: the convention of the papers.

use std::ops::Add;

use crate::layer::{Layer, Role};
use crate::network::{Network, Node};
use crate::shape::Shape;

/// Bytes of one activation value.
const F32_BYTES: u64 = 4;

/// What one node costs for one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeCost {
    /// Path of the node.
    pub path: String,
    /// Kind of its layer.
    pub kind: &'static str,
    /// Shape of its output.
    pub shape: Shape,
    /// The cost.
    pub cost: Cost,
}

/// A cost, of one node or summed. Multiply-adds and bytes are per image. Sums stop at the largest integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Multiply-adds of convolutions and linear layers.
    pub macs: u64,
    /// Trained parameters.
    pub parameters: u64,
    /// Those of them that belong to batch norms.
    pub norm_parameters: u64,
    /// Bytes of the output in 32-bit floats.
    pub activation_bytes: u64,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            macs: self.macs.saturating_add(other.macs),
            parameters: self.parameters.saturating_add(other.parameters),
            norm_parameters: self.norm_parameters.saturating_add(other.norm_parameters),
            activation_bytes: self.activation_bytes.saturating_add(other.activation_bytes),
        }
    }
}

/// The cost of every node, in order.
#[must_use]
pub fn per_node(network: &Network) -> Vec<NodeCost> {
    let of = |node: &Node| NodeCost {
        path: node.path.clone(),
        kind: node.layer.kind(),
        shape: node.shape,
        cost: node_cost(network, node),
    };
    network.nodes.iter().map(of).collect()
}

/// The cost of the whole network, auxiliary head included where there is one.
#[must_use]
pub fn total(network: &Network) -> Cost {
    network.nodes.iter().map(|node| node_cost(network, node)).fold(Cost::default(), Add::add)
}

pub(crate) fn node_cost(network: &Network, node: &Node) -> Cost {
    let specs = network.tensors(node);
    let count = |wanted: &dyn Fn(Role) -> bool| -> u64 {
        specs.iter().filter(|spec| wanted(spec.role)).map(|spec| spec.elements() as u64).sum()
    };
    Cost {
        macs: macs(network, node),
        parameters: count(&Role::is_trained),
        norm_parameters: count(&|role| matches!(role, Role::Gain | Role::Shift)),
        activation_bytes: node.shape.elements() as u64 * F32_BYTES,
    }
}

/// Each weight of a convolution is used once per output pixel, each of a linear layer once.
pub(crate) fn macs(network: &Network, node: &Node) -> u64 {
    let weights: u64 = network
        .tensors(node)
        .iter()
        .filter(|spec| spec.role == Role::Weight)
        .map(|spec| spec.elements() as u64)
        .sum();
    match (&node.layer, node.shape) {
        (Layer::Conv2d(_), Shape::Map { height, width, .. }) => weights * (height * width) as u64,
        _ => weights,
    }
}
