//! Folding batch normalisations: what remains is convolutions with biases.
//!
//! At inference a batch normalisation is `x · scale + shift` per channel. Where all of its input comes from
//! convolutions or linear layers that nothing else reads, directly or through concatenations, their weights and
//! biases take it over, each the slice of its own channels. Elsewhere (behind a pool, or where the input is shared) it stays,
//! and its tensors become `scale` and `shift`.

use std::collections::BTreeMap;

use models::layer::{BatchNorm, Conv2d, Layer, Role};
use models::network::{Network, Node, NodeId};
use models::shape::Shape;

use crate::error::Error;
use crate::weights::{self, Tensor, Weights};

/// Suffix of the factor of a batch normalisation that stays.
pub(crate) const SCALE: &str = "scale";
/// Suffix of the summand of a batch normalisation that stays.
pub(crate) const SHIFT: &str = "shift";

/// A network for inference and all of its tensors, by name.
#[derive(Debug)]
pub(crate) struct Folded {
    /// The network; folded batch norms are gone, and what absorbed them has a bias.
    pub(crate) network: Network,
    /// Weights and biases of convolutions and linear layers, scales and shifts of the batch norms that stay.
    pub(crate) tensors: BTreeMap<String, Tensor>,
}

/// Folds the batch norms of `network`, which is one for inference, with weights that were checked against it.
///
/// # Errors
/// [`Error::Overflow`] when a folded number is beyond 32-bit floats.
pub(crate) fn fold(network: &Network, weights: &Weights) -> Result<Folded, Error> {
    let mut pass = Pass::new(network, weights);
    for (id, node) in network.nodes.iter().enumerate() {
        if let Layer::BatchNorm(norm) = &node.layer {
            pass.fold(id, Affine::of(node, norm, weights))?;
        }
    }
    Ok(Folded { network: pass.remaining(), tensors: pass.tensors })
}

/// `x · scale + shift` per channel.
struct Affine {
    scale: Vec<f64>,
    shift: Vec<f64>,
}

impl Affine {
    /// What a batch normalisation does at inference.
    fn of(node: &Node, norm: &BatchNorm, weights: &Weights) -> Self {
        let channels = node.shape.channels();
        let of = |role, default: f64| {
            let values = weights.of(node, role).map(|values| values.iter().copied().map(f64::from).collect());
            values.unwrap_or_else(|| vec![default; channels])
        };
        let (gain, shift) = (of(Role::Gain, 1.0), of(Role::Shift, 0.0));
        let (mean, variance) = (of(Role::RunningMean, 0.0), of(Role::RunningVar, 1.0));
        let scale: Vec<f64> =
            gain.iter().zip(variance).map(|(gain, variance)| gain / (variance + norm.eps).sqrt()).collect();
        let shift =
            shift.iter().zip(mean).zip(&scale).map(|((shift, mean), scale)| shift - mean * scale).collect();
        Self { scale, shift }
    }
}

/// The folding under way.
struct Pass<'a> {
    network: &'a Network,
    tensors: BTreeMap<String, Tensor>,
    /// How many nodes read each node; being the result of the network counts.
    readers: Vec<usize>,
    /// Which batch norms were taken over by what they read.
    absorbed: Vec<bool>,
}

impl<'a> Pass<'a> {
    fn new(network: &'a Network, weights: &Weights) -> Self {
        let mut readers = vec![0; network.nodes.len()];
        for &input in network.nodes.iter().flat_map(|node| &node.inputs) {
            readers[input] += 1;
        }
        readers[network.logits()] += 1;
        let names = network.nodes.iter().flat_map(|node| [Role::Weight, Role::Bias].map(|role| (node, role)));
        let kept =
            names.filter(|(node, _)| !matches!(node.layer, Layer::BatchNorm(_))).filter_map(|(node, role)| {
                let name = weights::name(&node.path, role);
                weights.tensors.get(&name).cloned().map(|tensor| (name, tensor))
            });
        Self { network, tensors: kept.collect(), readers, absorbed: vec![false; network.nodes.len()] }
    }

    fn fold(&mut self, id: NodeId, affine: Affine) -> Result<(), Error> {
        let node = &self.network.nodes[id];
        match self.sources(node.inputs[0]) {
            Some(sources) => {
                let mut first = 0;
                for source in sources {
                    let last = first + self.network.nodes[source].shape.channels();
                    self.absorb(source, &affine.scale[first..last], &affine.shift[first..last]);
                    self.finite(source, id)?;
                    first = last;
                }
                self.absorbed[id] = true;
            }
            None => self.keep(node, affine),
        }
        self.finite(id, id)
    }

    /// The convolutions and linear layers that make up this node's channels, in order, if nothing else reads them.
    fn sources(&self, id: NodeId) -> Option<Vec<NodeId>> {
        let node = &self.network.nodes[id];
        if self.readers[id] != 1 {
            return None;
        }
        match node.layer {
            Layer::Conv2d(_) | Layer::Linear(_) => Some(vec![id]),
            Layer::BatchNorm(_) if self.absorbed[id] => self.sources(node.inputs[0]),
            Layer::Concat => {
                let parts: Option<Vec<Vec<NodeId>>> =
                    node.inputs.iter().map(|&input| self.sources(input)).collect();
                parts.map(|parts| parts.concat())
            }
            _ => None,
        }
    }

    fn absorb(&mut self, source: NodeId, scale: &[f64], shift: &[f64]) {
        let path = &self.network.nodes[source].path;
        let bias = self.tensors.entry(weights::name(path, Role::Bias)).or_insert_with(|| zeros(scale.len()));
        for ((bias, scale), shift) in bias.data.iter_mut().zip(scale).zip(shift) {
            *bias = (f64::from(*bias) * scale + shift) as f32;
        }
        if let Some(weight) = self.tensors.get_mut(&weights::name(path, Role::Weight)) {
            let per_channel = weight.data.len() / scale.len();
            for (row, scale) in weight.data.chunks_exact_mut(per_channel).zip(scale) {
                for weight in row {
                    *weight = (f64::from(*weight) * scale) as f32;
                }
            }
        }
    }

    /// Leaves a batch normalisation in place, its tensors shaped to spread over `[N, C, H, W]` or `[N, C]`.
    fn keep(&mut self, node: &Node, affine: Affine) {
        let dims = match node.shape {
            Shape::Map { channels, .. } => vec![1, channels, 1, 1],
            Shape::Vector(features) => vec![1, features],
        };
        for (suffix, values) in [(SCALE, affine.scale), (SHIFT, affine.shift)] {
            let data = values.into_iter().map(|value| value as f32).collect();
            self.tensors.insert(format!("{}.{suffix}", node.path), Tensor { dims: dims.clone(), data });
        }
    }

    /// Checks the tensors of node `id` after folding the batch normalisation `norm`.
    fn finite(&self, id: NodeId, norm: NodeId) -> Result<(), Error> {
        let path = &self.network.nodes[id].path;
        let names = ["weight", "bias", SCALE, SHIFT].map(|suffix| format!("{path}.{suffix}"));
        let mut tensors = names.iter().filter_map(|name| self.tensors.get(name));
        if tensors.all(|tensor| tensor.data.iter().all(|value| value.is_finite())) {
            return Ok(());
        }
        Err(Error::Overflow { path: self.network.nodes[norm].path.clone() })
    }

    /// The network without the absorbed batch norms.
    fn remaining(&self) -> Network {
        let mut moved = Vec::with_capacity(self.network.nodes.len());
        let mut nodes: Vec<Node> = Vec::new();
        for (id, node) in self.network.nodes.iter().enumerate() {
            let inputs: Vec<NodeId> = node.inputs.iter().map(|&input| moved[input]).collect();
            if self.absorbed[id] {
                moved.push(inputs[0]);
            } else {
                moved.push(nodes.len());
                nodes.push(Node { inputs, layer: self.biased(node), ..node.clone() });
            }
        }
        let mut outputs = self.network.outputs.clone();
        for output in &mut outputs {
            output.node = moved[output.node];
        }
        Network { nodes, outputs, ..self.network.clone() }
    }

    /// The node's layer, with a bias where it got one.
    fn biased(&self, node: &Node) -> Layer {
        match &node.layer {
            Layer::Conv2d(conv) => {
                let bias = self.tensors.contains_key(&weights::name(&node.path, Role::Bias));
                Layer::Conv2d(Conv2d { bias, ..conv.clone() })
            }
            other => other.clone(),
        }
    }
}

fn zeros(channels: usize) -> Tensor {
    Tensor { dims: vec![channels], data: vec![0.0; channels] }
}
