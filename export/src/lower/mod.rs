//! From a network and its weights to an ONNX graph.

mod activation;

use models::layer::{Layer, Role};
use models::network::{Network, Node};
use models::onnx::Bytes;
use models::shape::Shape;
use sha2::{Digest as _, Sha256};

use crate::check::check;
use crate::error::Error;
use crate::fold::{Folded, SCALE, SHIFT, fold};
use crate::metadata;
use crate::model::Model;
use crate::onnx::{Dim, Graph, Value, op};
use crate::options::{Batch, Options};
use crate::share::share;
use crate::weights::{Weights, hex, name};

/// The name of the open batch dimension.
const BATCH: &str = "batch";

/// Exports a network: as it is for inference, batch norms folded, checked by reading the file back.
///
/// `weights` are those of the whole `network`, auxiliary head included where it has one. The file takes images
/// `[N, C, H, W]` under the name of the network's first node and gives logits `[N, classes]` under the name of its first
/// output; N is [`Options::batch`]. Equal arguments give equal bytes.
///
/// # Errors
/// When the weights do not fit the network ([`Error::Tensors`]), contradict it ([`Error::Contradiction`]) or are not
/// trained ([`Error::Untrained`]), when the network is a supernet ([`Error::Mix`]), and when the file is not the network
/// ([`Error::Check`], which would be a bug).
pub fn lower(network: &Network, weights: &Weights, options: &Options) -> Result<Model, Error> {
    weights.check(network)?;
    weights.summary.check(network, &weights.label())?;
    let shipped = network.inference();
    if !options.allow_random {
        weights.refuse_untrained(&shipped)?;
    }
    let mut folded = fold(&shipped, weights)?;
    folded.network = share(&folded.network);
    let header = metadata::header(&shipped, weights)?;
    let metadata = header.metadata.clone();
    let too_long = || Error::TooLong { network: network.name.clone() };
    let bytes = Bytes::from(graph(&folded, options)?.finish(header).ok_or_else(too_long)?);
    let (sha256, nodes) =
        rayon::join(|| hex(&Sha256::digest(&bytes)), || check(&bytes, &folded, options.batch, &metadata));
    Ok(Model::new(bytes, sha256, nodes?, &shipped, &folded))
}

/// The graph of a folded network.
fn graph(folded: &Folded, options: &Options) -> Result<Graph, Error> {
    let network = &folded.network;
    let mut lowering = Lowering { graph: Graph::new(&network.name), folded, options };
    let mut values: Vec<Value> = Vec::with_capacity(network.nodes.len());
    for node in &network.nodes {
        let inputs: Vec<&Value> = node.inputs.iter().map(|&input| &values[input]).collect();
        let value = lowering.node(node, &inputs)?;
        values.push(value);
    }
    let logits = &values[network.logits()];
    if *logits == values[0] {
        return Err(Error::Empty { network: network.name.clone() });
    }
    let dims = lowering.dims(network.nodes[network.logits()].shape);
    lowering.graph.output(&network.outputs[0].name, logits, &dims);
    Ok(lowering.graph)
}

/// The graph under construction.
struct Lowering<'a> {
    graph: Graph,
    folded: &'a Folded,
    options: &'a Options,
}

impl Lowering<'_> {
    /// Appends what a node computes. A layer that takes several operators names the last one as the node, and the others
    /// below it.
    fn node(&mut self, node: &Node, inputs: &[&Value]) -> Result<Value, Error> {
        let path = node.path.as_str();
        let graph = &mut self.graph;
        Ok(match &node.layer {
            Layer::Input => {
                let dims = self.dims(node.shape);
                self.graph.input(path, &dims)
            }
            Layer::Conv2d(conv) => self.weighted(path, &op::Conv(conv), inputs[0]),
            Layer::Linear(_) => self.weighted(path, &op::Gemm, inputs[0]),
            Layer::BatchNorm(_) => self.norm(path, inputs[0]),
            Layer::Activation(activation) => self.activation(path, *activation, inputs[0]),
            Layer::MaxPool(pool) => graph.push(path, &op::MaxPool(pool), inputs),
            Layer::AvgPool(pool) => graph.push(path, &op::AveragePool(pool), inputs),
            Layer::GlobalAvgPool => graph.push(path, &op::GlobalAveragePool, inputs),
            Layer::Flatten => self.flatten(path, node.shape.elements(), inputs[0]),
            Layer::CropFirst => {
                self.slice(path, path, Window { start: 1, step: 1, of: self.input(node) }, inputs[0])
            }
            Layer::Channels { start, count } => self.channels(path, [*start, start + count], inputs[0]),
            Layer::Zero { stride } => {
                self.zero(path, Window { start: 0, step: *stride, of: self.input(node) }, inputs[0])
            }
            Layer::Add => self.sum(path, inputs),
            Layer::Concat => match inputs {
                [only] => (*only).clone(),
                _ => graph.push(path, &op::Concat, inputs),
            },
            Layer::Scale => graph.push(path, &op::Mul, inputs),
            Layer::Shuffle { .. } => return Err(Error::Shuffle { path: path.into() }),
            Layer::Noise { .. } => return Err(Error::Noise { path: path.into() }),
            Layer::Mix(_) => return Err(Error::Mix { path: path.into(), candidates: inputs.len() }),
            // Training only; the identity at inference.
            Layer::DropPath | Layer::Dropout(_) => inputs[0].clone(),
        })
    }

    /// The dimensions of an activation of this shape, batch first.
    fn dims(&self, shape: Shape) -> Vec<Dim> {
        let batch = match self.options.batch {
            Batch::Fixed(images) => Dim::Fixed(images),
            Batch::Dynamic => Dim::Named(BATCH),
        };
        std::iter::once(batch).chain(shape.dims().into_iter().map(Dim::Fixed)).collect()
    }

    /// The shape of what a node reads.
    fn input(&self, node: &Node) -> Shape {
        self.folded.network.nodes[node.inputs[0]].shape
    }

    /// A tensor of the network, where it is there.
    fn tensor(&mut self, name: &str) -> Option<Value> {
        let tensor = self.folded.tensors.get(name)?;
        Some(self.graph.floats(name, &tensor.dims, &tensor.data))
    }

    /// A single number that belongs to the node at `path`.
    fn number(&mut self, path: &str, suffix: &str, value: f32) -> Value {
        self.graph.floats(&format!("{path}.{suffix}"), &[], &[value])
    }

    /// A convolution or linear layer, with its weight and the bias that it may have.
    fn weighted<O: op::Op>(&mut self, path: &str, op: &O, x: &Value) -> Value {
        let tensors = [Role::Weight, Role::Bias].map(|role| self.tensor(&name(path, role)));
        let inputs: Vec<&Value> = std::iter::once(x).chain(tensors.iter().flatten()).collect();
        self.graph.push(path, op, &inputs)
    }

    /// A batch normalisation that could not be folded.
    fn norm(&mut self, path: &str, x: &Value) -> Value {
        let [scale, shift] = [SCALE, SHIFT].map(|suffix| self.tensor(&format!("{path}.{suffix}")));
        let scaled = scale
            .map_or_else(|| x.clone(), |scale| self.graph.push(&format!("{path}.mul"), &op::Mul, &[x, &scale]));
        shift.map_or_else(|| scaled.clone(), |shift| self.graph.push(path, &op::Add, &[&scaled, &shift]))
    }

    /// `[N, C, H, W]` to `[N, elements]`. The open dimension is the batch, so one form serves every batch size.
    fn flatten(&mut self, path: &str, elements: usize, x: &Value) -> Value {
        let shape = self.graph.ints(&format!("{path}.shape"), &[-1, elements as i64]);
        self.graph.push(path, &op::Reshape, &[x, &shape])
    }

    /// Part of a feature map; `path` names the node, `owner` its constants.
    fn slice(&mut self, path: &str, owner: &str, window: Window, x: &Value) -> Value {
        let ends: Vec<i64> = window.of.dims()[1..].iter().map(|&side| side as i64).collect();
        let [start, step] = [window.start, window.step].map(|value| [value as i64; 2]);
        let constants: [(&str, &[i64]); 4] =
            [("starts", &start), ("ends", &ends), ("axes", &[2, 3]), ("steps", &step)];
        let constants = constants.map(|(suffix, values)| self.graph.ints(&format!("{owner}.{suffix}"), values));
        let [starts, ends, axes, steps] = &constants;
        self.graph.push(path, &op::Slice, &[x, starts, ends, axes, steps])
    }

    /// Channels from the first of these to before the second.
    fn channels(&mut self, path: &str, [start, end]: [usize; 2], x: &Value) -> Value {
        let constants = [("starts", start as i64), ("ends", end as i64), ("axes", 1)];
        let constants = constants.map(|(suffix, value)| self.graph.ints(&format!("{path}.{suffix}"), &[value]));
        let [starts, ends, axes] = &constants;
        self.graph.push(path, &op::Slice, &[x, starts, ends, axes])
    }

    /// Zeros in the strided shape of the input: as `PyTorch` has it, a product, so that a NaN stays one.
    fn zero(&mut self, path: &str, window: Window, x: &Value) -> Value {
        let part =
            if window.step == 1 { x.clone() } else { self.slice(&format!("{path}.slice"), path, window, x) };
        let zero = self.number(path, "factor", 0.0);
        self.graph.push(path, &op::Mul, &[&part, &zero])
    }

    /// A chain of two-input sums, which phones have too; few have the operator of many inputs.
    fn sum(&mut self, path: &str, inputs: &[&Value]) -> Value {
        let [first, middle @ .., last] = inputs else { return inputs[0].clone() };
        let mut sum = (*first).clone();
        for (nth, term) in middle.iter().enumerate() {
            sum = self.graph.push(&format!("{path}.sum{}", nth + 1), &op::Add, &[&sum, term]);
        }
        self.graph.push(path, &op::Add, &[&sum, last])
    }
}

/// Rows and columns of a feature map: from `start` to the end, every `step`-th.
#[derive(Clone, Copy)]
struct Window {
    start: usize,
    step: usize,
    of: Shape,
}
