//! Changing the graph: pairs of `QuantizeLinear` and `DequantizeLinear` where values are stored in bytes, and integers in
//! place of weights. Runtimes that know integer operators put them where a node stands between such pairs; to any other
//! runtime the file is one of 32-bit floats, rounded.

use std::collections::{BTreeMap, HashMap, HashSet};

use models::onnx::proto::{AttributeProto, GraphProto, NodeProto, TensorProto};

use super::scale::Affine;

/// Element types of `TensorProto`.
pub(super) const FLOAT: i32 = 1;
const UINT8: i32 = 2;
pub(super) const INT8: i32 = 3;
pub(super) const INT32: i32 = 6;

/// A graph under change. New names are those of the values they are made of, and a word.
pub(super) struct Rewrite {
    graph: GraphProto,
    names: HashSet<String>,
    /// Nodes to come before all others.
    head: Vec<NodeProto>,
    /// Values that were made before, by what they are made of.
    made: HashMap<Vec<u8>, String>,
}

impl Rewrite {
    pub(super) fn new(graph: GraphProto) -> Self {
        let nodes =
            graph.node.iter().flat_map(|node| node.input.iter().chain(&node.output).chain([&node.name]));
        let names = nodes.chain(graph.initializer.iter().map(|tensor| &tensor.name)).cloned().collect();
        Self { graph, names, head: Vec::new(), made: HashMap::new() }
    }

    /// Stores values in bytes: whoever reads one reads it after it was put into bytes and taken out again. What the graph
    /// gives stays as it is.
    pub(super) fn store(&mut self, values: &BTreeMap<String, String>, scales: &BTreeMap<String, Affine>) {
        let pairs: BTreeMap<&String, [NodeProto; 2]> = values
            .iter()
            .filter_map(|(value, owner)| Some((value, self.pair(value, owner, *scales.get(owner)?))))
            .collect();
        let mut nodes = Vec::with_capacity(self.graph.node.len() + 2 * pairs.len());
        for port in &self.graph.input {
            nodes.extend(pairs.get(&port.name).into_iter().flatten().cloned());
        }
        for mut node in std::mem::take(&mut self.graph.node) {
            for input in &mut node.input {
                if let Some([_, dequantize]) = pairs.get(input) {
                    input.clone_from(&dequantize.output[0]);
                }
            }
            let after: Vec<NodeProto> =
                node.output.iter().filter_map(|output| pairs.get(output)).flatten().cloned().collect();
            nodes.push(node);
            nodes.extend(after);
        }
        self.graph.node = nodes;
    }

    fn pair(&mut self, value: &str, owner: &str, scale: Affine) -> [NodeProto; 2] {
        let factor = self.constant(owner, "quantize.scale", FLOAT, &[], scale.scale.to_le_bytes().to_vec());
        let zero = self.constant(owner, "quantize.zero_point", UINT8, &[], vec![scale.zero_point]);
        let stored = self.fresh(&format!("{value}.quantize"));
        let read = self.fresh(&format!("{value}.dequantize"));
        let quantize = node("QuantizeLinear", &[value, &factor, &zero], &stored);
        [quantize, node("DequantizeLinear", &[&stored, &factor, &zero], &read)]
    }

    /// Puts integers in the place of one of a node's constants. `zero_point` is that of every channel; a scale per channel
    /// along `axis`.
    pub(super) fn replace(&mut self, place: (usize, usize), constant: Integers) {
        let (at, input) = place;
        let name = self.graph.node[at].input[input].clone();
        let channels = constant.scales.len();
        let scales = constant.scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
        let width = if constant.kind == INT32 { 4 } else { 1 };
        let values = self.constant(&name, "quantize", constant.kind, &constant.dims, constant.bytes);
        let scales = self.constant(&name, "quantize.scale", FLOAT, &[channels], scales);
        let zeros =
            self.constant(&name, "quantize.zero_point", constant.kind, &[channels], vec![0; channels * width]);
        let key = [values.as_bytes(), scales.as_bytes()].join(&0);
        let read = self.made.get(&key).cloned().unwrap_or_else(|| {
            let read = self.fresh(&format!("{name}.dequantize"));
            let mut dequantize = node("DequantizeLinear", &[&values, &scales, &zeros], &read);
            dequantize.attribute.push(integer("axis", constant.axis as i64));
            self.head.push(dequantize);
            self.made.insert(key, read.clone());
            read
        });
        self.graph.node[at].input[input] = read;
    }

    /// Stores a constant as half floats, which a `Cast` makes floats again, for all who read it.
    pub(super) fn halve(&mut self, name: &str, dims: &[usize], bytes: Vec<u8>) {
        const FLOAT16: i32 = 10;
        let half = self.constant(name, "half", FLOAT16, dims, bytes);
        let read = self.fresh(&format!("{name}.float"));
        for input in self.graph.node.iter_mut().flat_map(|node| &mut node.input) {
            if input == name {
                input.clone_from(&read);
            }
        }
        let mut cast = node("Cast", &[&half], &read);
        cast.attribute.push(integer("to", FLOAT.into()));
        self.head.push(cast);
    }

    /// The graph, without constants that nothing reads any more.
    pub(super) fn finish(mut self) -> GraphProto {
        self.head.append(&mut self.graph.node);
        let mut graph = GraphProto { node: self.head, ..self.graph };
        let reads = graph.node.iter().flat_map(|node| node.input.iter());
        let read: HashSet<String> =
            reads.chain(graph.output.iter().map(|output| &output.name)).cloned().collect();
        let constant = |node: &NodeProto| node.op_type == "Constant" && node.domain.is_empty();
        graph.node.retain(|node| !constant(node) || node.output.iter().any(|output| read.contains(output)));
        let dropped: HashSet<String> = graph
            .initializer
            .extract_if(.., |tensor| !read.contains(&tensor.name))
            .map(|tensor| tensor.name)
            .collect();
        graph.input.retain(|port| !dropped.contains(&port.name));
        graph
    }

    /// A constant of raw little-endian bytes; the same one as before where an equal one was made of the same value.
    fn constant(&mut self, of: &str, word: &str, kind: i32, dims: &[usize], bytes: Vec<u8>) -> String {
        let key = [of.as_bytes(), word.as_bytes(), &bytes].join(&0);
        if let Some(name) = self.made.get(&key) {
            return name.clone();
        }
        let name = self.fresh(&format!("{of}.{word}"));
        let dims = dims.iter().map(|&size| size as i64).collect();
        let raw_data = bytes.into();
        let tensor =
            TensorProto { name: name.clone(), data_type: kind, dims, raw_data, ..TensorProto::default() };
        self.graph.initializer.push(tensor);
        self.made.insert(key, name.clone());
        name
    }

    /// This name, or one like it that is not taken.
    fn fresh(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_string();
        while !self.names.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

/// Integers in place of a constant of floats, with a scale per channel and zero points of 0.
pub(super) struct Integers {
    /// Element type.
    pub(super) kind: i32,
    /// Sizes.
    pub(super) dims: Vec<usize>,
    /// The elements, little-endian.
    pub(super) bytes: Vec<u8>,
    /// One per channel.
    pub(super) scales: Vec<f32>,
    /// Which axis counts channels.
    pub(super) axis: usize,
}

/// A node that has the name of what it gives.
fn node(op_type: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        name: output.into(),
        op_type: op_type.into(),
        input: inputs.iter().map(ToString::to_string).collect(),
        output: vec![output.into()],
        ..NodeProto::default()
    }
}

fn integer(name: &str, value: i64) -> AttributeProto {
    const INT: i32 = 2;
    AttributeProto { name: name.into(), i: value, r#type: INT, ..AttributeProto::default() }
}
