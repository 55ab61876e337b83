//! Proof before writing: the bytes are read back by another implementation of the format, and must be the network.

mod attributes;
mod lift;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use models::cost;
use models::layer::Layer;
use models::network::{Network, NodeId};
use models::onnx::{self, Assume, DataType, Dim, Graph, Port};

use crate::error::Error;
use crate::fold::Folded;
use crate::options::Batch;
use lift::Group;

/// The file format and the operator set that files are to have.
const FORMAT: i64 = 8;
const OPSET: i64 = 17;

/// Reads `bytes` and compares all of it with what was to be written: metadata, input and output, every node with its
/// settings and connections, every tensor bit by bit, every shape, the multiply-adds. Returns the number of nodes.
///
/// # Errors
/// [`Error::ReadBack`] when the bytes are no valid model, [`Error::Check`] naming what differs.
pub(crate) fn check(
    bytes: &onnx::Bytes,
    folded: &Folded,
    batch: Batch,
    metadata: &BTreeMap<String, String>,
) -> Result<usize, Error> {
    let model = onnx::Model::try_from(bytes.clone())?;
    equal("the header", &(FORMAT, OPSET, metadata), &(model.ir_version, model.opset, &model.metadata))?;
    ports(&model.graph, &folded.network, batch)?;
    nodes(&model.graph, &folded.network)?;
    tensors(&model.graph, folded)?;
    shapes(&model, folded, batch)?;
    Ok(model.graph.nodes.len())
}

fn equal<T: PartialEq + Debug>(path: &str, expected: &T, found: &T) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(differs(path, format!("{expected:?}"), format!("{found:?}"))) }
}

fn differs(path: &str, expected: impl Into<String>, found: impl Into<String>) -> Error {
    Error::Check { path: path.into(), expected: expected.into(), found: found.into() }
}

/// One input and one output, with their names and shapes.
fn ports(graph: &Graph, network: &Network, batch: Batch) -> Result<(), Error> {
    let batch = match batch {
        Batch::Fixed(images) => Dim::Fixed(images),
        Batch::Dynamic => Dim::Open("batch".into()),
    };
    let port = |name: &str, node: NodeId| {
        let sides = network.nodes[node].shape.dims().into_iter().map(Dim::Fixed);
        let dims = Some(std::iter::once(batch.clone()).chain(sides).collect());
        vec![Port { name: name.into(), data_type: DataType::F32, dims }]
    };
    equal("the inputs", &port(&network.nodes[0].path, 0), &graph.inputs)?;
    equal("the outputs", &port(&network.outputs[0].name, network.logits()), &graph.outputs)
}

/// The name of the value of each network node in the file. A node of one input that computes nothing has its input's.
fn value_names(network: &Network) -> Vec<&str> {
    let mut owners: Vec<NodeId> = Vec::with_capacity(network.nodes.len());
    for (id, node) in network.nodes.iter().enumerate() {
        owners.push(if is_silent(&node.layer, node.inputs.len()) { owners[node.inputs[0]] } else { id });
    }
    let logits = owners[network.logits()];
    let name =
        |&owner: &NodeId| if owner == logits { &network.outputs[0].name } else { &network.nodes[owner].path };
    owners.iter().map(name).map(String::as_str).collect()
}

/// Whether a layer with so many inputs is the identity at inference.
const fn is_silent(layer: &Layer, inputs: usize) -> bool {
    match layer {
        Layer::Add | Layer::Concat => inputs == 1,
        Layer::DropPath | Layer::Dropout(_) => true,
        _ => false,
    }
}

/// Lifts the file's nodes to layers, in order, and compares each with the network's.
fn nodes(graph: &Graph, network: &Network) -> Result<(), Error> {
    let names = value_names(network);
    let mut rest = graph.nodes.as_slice();
    for (node, name) in network.nodes.iter().zip(&names).skip(1) {
        if is_silent(&node.layer, node.inputs.len()) {
            continue;
        }
        let length = rest.iter().position(|found| found.name == node.path).map_or(0, |last| last + 1);
        let (nodes, after) = rest.split_at(length);
        rest = after;
        let group =
            Group { graph, path: &node.path, output: name, nodes, of: network.nodes[node.inputs[0]].shape };
        let (layer, inputs) =
            group.lift().map_err(|problem| differs(&node.path, node.layer.kind(), problem))?;
        let wanted: Vec<&str> = node.inputs.iter().map(|&input| names[input]).collect();
        equal(&node.path, &(normal(&node.layer), wanted), &(layer, inputs))?;
    }
    let left: Vec<&str> = rest.iter().map(onnx::Node::label).collect();
    equal("the end of the graph", &Vec::new(), &left)
}

/// A layer as far as a file for inference has it: of a batch normalisation only its factor and summand are left.
fn normal(layer: &Layer) -> Layer {
    match layer {
        Layer::BatchNorm(_) => lift::NORM,
        other => other.clone(),
    }
}

/// Every tensor is there, bit by bit, and every other constant is read by a node.
fn tensors(graph: &Graph, folded: &Folded) -> Result<(), Error> {
    for (name, tensor) in &folded.tensors {
        let stored = graph.initializers.get(name).ok_or_else(|| differs(name, "a tensor", "none"))?;
        equal(name, &tensor.dims, &stored.dims)?;
        let found = stored.floats()?;
        let same =
            tensor.data.iter().map(|value| value.to_bits()).eq(found.iter().map(|value| value.to_bits()));
        if !same {
            return Err(differs(name, "the folded weights", "other numbers"));
        }
    }
    let read: BTreeSet<&str> = graph.nodes.iter().flat_map(|node| &node.inputs).map(String::as_str).collect();
    let unread: Vec<&String> = graph.initializers.keys().filter(|name| !read.contains(name.as_str())).collect();
    equal("constants that nothing reads", &Vec::new(), &unread)
}

/// The file's own shape inference and count agree with the network's.
fn shapes(model: &onnx::Model, folded: &Folded, batch: Batch) -> Result<(), Error> {
    let network = &folded.network;
    let images = if let Batch::Fixed(images) = batch { images } else { 1 };
    let account = model.account(&Assume { batch: images, ..Assume::default() })?;
    for (node, name) in network.nodes.iter().zip(value_names(network)) {
        let expected = [vec![images], node.shape.dims()].concat();
        equal(&node.path, &Some(&expected), &account.shapes.get(name))?;
    }
    equal("multiply-adds", &(images as u64 * cost::total(network).macs), &account.macs)
}
