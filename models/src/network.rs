//! Networks as data: a list of nodes, built with every shape checked.

use std::collections::HashMap;

use crate::error::Error;
use crate::infer::Mismatch;
use crate::layer::{Layer, TensorSpec};
use crate::shape::Shape;

/// Index of a node in its network. Inputs always come before the nodes that use them.
pub type NodeId = usize;

/// One step of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its unique name, the name of its weights everywhere: `cells.3.edges.2_0.sep_conv_3x3.dw1`.
    pub path: String,
    /// What it computes.
    pub layer: Layer,
    /// The nodes it reads.
    pub inputs: Vec<NodeId>,
    /// The shape of what it gives.
    pub shape: Shape,
}

/// A named result of a network: `logits` first, `auxiliary` second where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// The node that computes it.
    pub node: NodeId,
}

/// One table of architecture parameters (alpha), shared by all cells of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Cell kind: `normal`, `reduce`; `layers` in the mobile space.
    pub name: String,
    /// One row per edge.
    pub rows: Vec<Row>,
}

/// The candidate operations of one edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The edge, `node_predecessor`: `2_0`.
    pub edge: String,
    /// Names of the candidate operations, in the order of the architecture parameters.
    pub ops: Vec<String>,
}

/// A network: a search space's supernet, a derived net, a zoo model.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// A name for reports and files.
    pub name: String,
    /// The nodes in an order that can be executed.
    pub nodes: Vec<Node>,
    /// What it returns.
    pub outputs: Vec<Output>,
    /// Architecture-parameter tables of its choice points; empty in a derived net.
    pub tables: Vec<Table>,
}

impl Network {
    /// The shape of the input image.
    #[must_use]
    pub fn input(&self) -> Shape {
        self.nodes[0].shape
    }

    /// The node that gives the logits.
    #[must_use]
    pub fn logits(&self) -> NodeId {
        self.outputs[0].node
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.nodes[self.logits()].shape.elements()
    }

    /// The node that gives the auxiliary logits, where there is an auxiliary head.
    #[must_use]
    pub fn auxiliary(&self) -> Option<NodeId> {
        self.outputs.iter().find(|output| output.name == "auxiliary").map(|output| output.node)
    }

    /// The tensors a node stores.
    #[must_use]
    pub fn tensors(&self, node: &Node) -> Vec<TensorSpec> {
        node.inputs.first().map_or_else(Vec::new, |&first| node.layer.tensors(self.nodes[first].shape))
    }

    /// The network as it is shipped: without the auxiliary head, drop-path and dropout, and without nodes
    /// that nothing reads any more. Paths of what stays are unchanged.
    #[must_use]
    pub fn inference(&self) -> Self {
        let logits = self.logits();
        let needed = self.needed(&[logits]);
        let mut moved = vec![None; self.nodes.len()];
        let mut nodes = Vec::new();
        for (id, node) in self.nodes.iter().enumerate().filter(|&(id, _)| needed[id]) {
            let inputs: Vec<NodeId> = node.inputs.iter().filter_map(|&input| moved[input]).collect();
            moved[id] = if matches!(node.layer, Layer::DropPath | Layer::Dropout(_)) {
                Some(inputs[0])
            } else {
                nodes.push(Node { inputs, ..node.clone() });
                Some(nodes.len() - 1)
            };
        }
        let node = moved[logits].unwrap_or(0);
        let outputs = vec![Output { name: self.outputs[0].name.clone(), node }];
        Self { name: self.name.clone(), nodes, outputs, tables: self.tables.clone() }
    }

    /// Which nodes the given ones depend on, themselves and the input included.
    #[must_use]
    pub fn needed(&self, wanted: &[NodeId]) -> Vec<bool> {
        let mut needed = vec![false; self.nodes.len()];
        needed[0] = true;
        for &id in wanted {
            needed[id] = true;
        }
        for id in (0..self.nodes.len()).rev().filter(|&id| id > 0) {
            if needed[id] {
                for &input in &self.nodes[id].inputs {
                    needed[input] = true;
                }
            }
        }
        needed
    }
}

/// The most numbers that one activation or one tensor of weights may have: 8 GiB of 32-bit floats.
const MOST: u64 = 1 << 31;

/// Refuses what no machine holds, so that counts of networks fit their integers.
fn bounded(layer: &Layer, inputs: &[Shape], output: Shape) -> Result<Shape, Mismatch> {
    let weights = inputs.first().map_or_else(Vec::new, |&input| layer.tensors(input));
    let tensors = weights.into_iter().map(|spec| spec.dims).chain([output.dims()]);
    for dims in tensors {
        let elements = dims.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64));
        if elements.is_none_or(|elements| elements > MOST) {
            let expected = format!("at most {MOST} numbers in a tensor");
            return Err(Mismatch { expected, found: format!("{dims:?}") });
        }
    }
    Ok(output)
}

/// Appends nodes to a network, checking shapes and names as it goes.
#[derive(Debug)]
pub struct Builder {
    network: Network,
    by_path: HashMap<String, NodeId>,
}

impl Builder {
    /// Starts a network on images of this shape.
    #[must_use]
    pub fn new(name: impl Into<String>, input: Shape) -> Self {
        let image = Node { path: "input".into(), layer: Layer::Input, inputs: vec![], shape: input };
        let network = Network { name: name.into(), nodes: vec![image], outputs: vec![], tables: vec![] };
        Self { network, by_path: HashMap::from([("input".into(), 0)]) }
    }

    /// The image.
    #[must_use]
    pub const fn input(&self) -> NodeId {
        0
    }

    /// The shape of what a node gives.
    #[must_use]
    pub fn shape(&self, node: NodeId) -> Shape {
        self.network.nodes[node].shape
    }

    /// Appends a node.
    ///
    /// # Errors
    /// When the inputs' shapes do not fit the layer, or the path is taken.
    pub fn push(&mut self, path: impl Into<String>, layer: Layer, inputs: &[NodeId]) -> Result<NodeId, Error> {
        let path = path.into();
        let shapes: Vec<Shape> = inputs.iter().map(|&input| self.shape(input)).collect();
        let shape = layer.output(&shapes).and_then(|shape| bounded(&layer, &shapes, shape));
        let shape = shape.map_err(|mismatch| Error::Shape {
            path: path.clone(),
            layer: layer.kind(),
            expected: mismatch.expected,
            found: mismatch.found,
        })?;
        let id = self.network.nodes.len();
        if self.by_path.insert(path.clone(), id).is_some() {
            return Err(Error::DuplicatePath { path });
        }
        self.network.nodes.push(Node { path, layer, inputs: inputs.to_vec(), shape });
        Ok(id)
    }

    /// Appends layers one after the other; `parts` names each below `path`.
    ///
    /// # Errors
    /// As [`Builder::push`].
    pub fn chain(&mut self, path: &str, from: NodeId, parts: Vec<(&str, Layer)>) -> Result<NodeId, Error> {
        parts.into_iter().try_fold(from, |x, (name, layer)| self.push(format!("{path}.{name}"), layer, &[x]))
    }

    /// Adds a table of architecture parameters and returns its index.
    pub fn table(&mut self, table: Table) -> usize {
        self.network.tables.push(table);
        self.network.tables.len() - 1
    }

    /// Declares a result of the network; the first one is the logits.
    pub fn output(&mut self, name: &str, node: NodeId) {
        self.network.outputs.push(Output { name: name.into(), node });
    }

    /// The finished network.
    ///
    /// # Errors
    /// When no output was declared.
    pub fn finish(self) -> Result<Network, Error> {
        if self.network.outputs.is_empty() {
            return Err(Error::NoOutput { network: self.network.name });
        }
        Ok(self.network)
    }
}
