//! The terms of our own networks, node by node.

use std::collections::HashSet;

use super::terms::{Term, Terms};
use crate::cost;
use crate::layer::{Activation, Conv2d, Layer};
use crate::network::{Network, NodeId};

/// The terms of each node, in order, for one image.
///
/// Training-only layers and choice points have none; the auxiliary head is counted where it is there.
#[must_use]
pub fn per_node(network: &Network) -> Vec<Terms> {
    let squeezes: HashSet<NodeId> = squeezes(network).collect();
    (0..network.nodes.len()).map(|id| node(network, id, squeezes.contains(&id))).collect()
}

fn node(network: &Network, id: NodeId, is_squeeze: bool) -> Terms {
    let node = &network.nodes[id];
    let out = node.shape.elements() as u64;
    let read = || network.nodes[node.inputs[0]].shape.elements() as u64;
    let mut terms = Terms::default();
    match &node.layer {
        Layer::Conv2d(Conv2d { bias, .. }) => {
            terms[Term::ConvLinear] = cost::macs(network, node);
            terms[Term::Bias] = if *bias { out } else { 0 };
        }
        Layer::Linear(_) => {
            terms[Term::ConvLinear] = cost::macs(network, node);
            terms[Term::Bias] = out;
        }
        Layer::BatchNorm(_) => terms[Term::BatchNorm] = out,
        Layer::Activation(Activation::Relu) => terms[Term::Relu] = out,
        Layer::Activation(Activation::Relu6) => terms[Term::Relu6] = out,
        Layer::Activation(Activation::Swish) => terms[Term::Swish] = out,
        Layer::MaxPool(_) => terms[Term::MaxIn] = read(),
        Layer::AvgPool(_) => {
            terms[Term::AverageIn] = read();
            terms[Term::AverageOut] = out;
        }
        Layer::GlobalAvgPool if is_squeeze => terms[Term::Squeezed] = read(),
        Layer::GlobalAvgPool => {
            terms[Term::GlobalIn] = read();
            terms[Term::GlobalOut] = out;
        }
        // No convention counts these: hard and plain sigmoids, sums and products of maps.
        Layer::Activation(Activation::HardSwish | Activation::Sigmoid | Activation::HardSigmoid)
        | Layer::Add
        | Layer::Scale
        | Layer::Input
        | Layer::Flatten
        | Layer::CropFirst
        | Layer::Channels { .. }
        | Layer::Shuffle { .. }
        | Layer::Zero { .. }
        | Layer::Noise { .. }
        | Layer::Concat
        | Layer::Mix(_)
        | Layer::DropPath
        | Layer::Dropout(_) => {}
    }
    terms
}

/// The global pools that the gates of squeeze-and-excitation begin with.
fn squeezes(network: &Network) -> impl Iterator<Item = NodeId> {
    let scales = network.nodes.iter().filter(|node| node.layer == Layer::Scale);
    scales.filter_map(|scale| pool_of_gate(network, scale.inputs[1]))
}

/// The global pool that a gate begins with, found by going back from its end.
fn pool_of_gate(network: &Network, mut at: NodeId) -> Option<NodeId> {
    while network.nodes[at].layer != Layer::GlobalAvgPool {
        at = *network.nodes[at].inputs.first()?;
    }
    Some(at)
}
