//! The graph under construction, and the file it becomes.

use std::collections::BTreeMap;

use onnx_protobuf::tensor_proto::DataType;
use onnx_protobuf::tensor_shape_proto::{Dimension, dimension};
use onnx_protobuf::type_proto;
use onnx_protobuf::{
    GraphProto, Message as _, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, Version,
};

use super::op::Op;

/// Operator set: what ONNX Runtime from 1.12 and tract up to today read without a warning.
const OPSET: i64 = 17;
/// File format of 2021, of the same age; later ones are refused by runtimes that know all our operators.
const FORMAT: Version = Version::IR_VERSION_2021_7_30;

/// A value of the graph: the image, a constant, or what a node gives. Only a [`Graph`] makes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value(String);

/// One dimension of the graph's input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dim {
    /// A size.
    Fixed(usize),
    /// A size that is given when the model runs.
    Named(&'static str),
}

/// What a file says about itself.
#[derive(Debug)]
pub(crate) struct Header {
    /// The program that wrote it, and its version.
    pub(crate) producer: [&'static str; 2],
    /// Version of the model.
    pub(crate) version: i64,
    /// Further entries, written in order of their keys.
    pub(crate) metadata: BTreeMap<String, String>,
}

/// A graph of 32-bit floats under construction.
#[derive(Debug)]
pub(crate) struct Graph(GraphProto);

impl Graph {
    /// An empty graph.
    pub(crate) fn new(name: &str) -> Self {
        Self(GraphProto { name: name.into(), ..GraphProto::default() })
    }

    /// Declares an input.
    pub(crate) fn input(&mut self, name: &str, dims: &[Dim]) -> Value {
        self.0.input.push(port(name, dims));
        Value(name.into())
    }

    /// Stores a constant of these dimensions; none for a single number.
    pub(crate) fn floats(&mut self, name: &str, dims: &[usize], data: &[f32]) -> Value {
        self.constant(name, DataType::FLOAT, dims, bytes(data.iter().map(|value| value.to_le_bytes())))
    }

    /// Stores a vector of integers, such as a shape.
    pub(crate) fn ints(&mut self, name: &str, data: &[i64]) -> Value {
        self.constant(name, DataType::INT64, &[data.len()], bytes(data.iter().map(|value| value.to_le_bytes())))
    }

    fn constant(&mut self, name: &str, kind: DataType, dims: &[usize], raw_data: Vec<u8>) -> Value {
        self.0.initializer.push(TensorProto {
            name: name.into(),
            data_type: kind as i32,
            dims: dims.iter().map(|&dim| dim as i64).collect(),
            raw_data,
            ..TensorProto::default()
        });
        Value(name.into())
    }

    /// Appends a node; what it gives has its name.
    pub(crate) fn push<O: Op>(&mut self, name: &str, op: &O, inputs: &[&Value]) -> Value {
        self.0.node.push(NodeProto {
            name: name.into(),
            op_type: O::TYPE.into(),
            input: inputs.iter().map(|value| value.0.clone()).collect(),
            output: vec![name.into()],
            attribute: op.attributes(),
            ..NodeProto::default()
        });
        Value(name.into())
    }

    /// Declares an output and gives the value that name.
    pub(crate) fn output(&mut self, name: &str, value: &Value, dims: &[Dim]) {
        let names = self.0.node.iter_mut().flat_map(|node| node.input.iter_mut().chain(&mut node.output));
        for slot in names.filter(|slot| **slot == value.0) {
            *slot = name.into();
        }
        self.0.output.push(port(name, dims));
    }

    /// The finished file; none if it were longer than the 2 GiB that protobuf allows.
    pub(crate) fn finish(self, header: Header) -> Option<Vec<u8>> {
        let [name, version] = header.producer;
        let entry = |(key, value)| StringStringEntryProto { key, value, ..StringStringEntryProto::default() };
        let model = ModelProto {
            ir_version: FORMAT as i64,
            opset_import: vec![OperatorSetIdProto { version: OPSET, ..OperatorSetIdProto::default() }],
            producer_name: name.into(),
            producer_version: version.into(),
            model_version: header.version,
            graph: Some(self.0).into(),
            metadata_props: header.metadata.into_iter().map(entry).collect(),
            ..ModelProto::default()
        };
        let fits = i32::try_from(model.compute_size()).is_ok();
        fits.then(|| model.write_to_bytes().ok()).flatten()
    }
}

/// One after the other. Whole words are copied; flattening an iterator of them goes byte by byte.
fn bytes<const N: usize>(words: impl Iterator<Item = [u8; N]>) -> Vec<u8> {
    words.collect::<Vec<_>>().into_flattened()
}

fn port(name: &str, dims: &[Dim]) -> ValueInfoProto {
    let shape = TensorShapeProto { dim: dims.iter().map(dimension).collect(), ..TensorShapeProto::default() };
    let tensor = type_proto::Tensor {
        elem_type: DataType::FLOAT as i32,
        shape: Some(shape).into(),
        ..type_proto::Tensor::default()
    };
    let kind = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
    ValueInfoProto { name: name.into(), type_: Some(kind).into(), ..ValueInfoProto::default() }
}

fn dimension(dim: &Dim) -> Dimension {
    let value = match dim {
        Dim::Fixed(size) => dimension::Value::DimValue(*size as i64),
        Dim::Named(name) => dimension::Value::DimParam((*name).into()),
    };
    Dimension { value: Some(value), ..Dimension::default() }
}
