//! Tests of reading and counting on small graphs made here, and on real files where the test data is.

mod bad_files;
mod check_values;
mod cut;
mod folding;
mod hostile;
mod indexing;
mod layers;
mod quantized;
mod shapes;
mod shapes_constants;
mod shapes_layout;
mod shapes_quantised;
mod terms;
mod unknown;

use prost::Message as _;

use super::proto::{
    AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};
use super::{Account, Assume, Error, Result, decode};

/// A graph of nodes `op(inputs) -> output` over the input `x` of shape `dims`, ending in `y`.
pub(super) fn graph(dims: &[i64], initializers: Vec<TensorProto>, nodes: Vec<NodeProto>) -> GraphProto {
    GraphProto {
        node: nodes,
        initializer: initializers,
        input: vec![port("x", dims)],
        output: vec![port("y", &[])],
        ..Default::default()
    }
}

/// The bytes of a model of operator set 17 around a graph.
pub(super) fn encode(graph: GraphProto) -> Vec<u8> {
    let opset = OperatorSetIdProto { version: 17, ..Default::default() };
    ModelProto { ir_version: 8, graph: Some(graph), opset_import: vec![opset], ..Default::default() }
        .encode_to_vec()
}

pub(super) fn account(graph: GraphProto) -> Result<Account> {
    decode(&encode(graph))?.account(&Assume::default())
}

/// The error with its causes, as a command line prints it.
pub(super) fn text(error: &Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// A float input; negative sizes are open.
pub(super) fn port(name: &str, dims: &[i64]) -> ValueInfoProto {
    let dim = dims
        .iter()
        .map(|&d| DimensionProto { dim_value: (d >= 0).then_some(d), dim_param: (d < 0).then(|| "N".into()) });
    let tensor = TensorTypeProto { elem_type: 1, shape: Some(TensorShapeProto { dim: dim.collect() }) };
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type: Some(tensor) }) }
}

/// A tensor of zeros.
pub(super) fn zeros(name: &str, dims: &[i64]) -> TensorProto {
    let bytes = vec![0_u8; 4 * dims.iter().product::<i64>() as usize];
    TensorProto {
        name: name.into(),
        dims: dims.into(),
        data_type: 1,
        raw_data: bytes.into(),
        ..Default::default()
    }
}

pub(super) fn ints(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        name: name.into(),
        dims: vec![values.len() as i64],
        data_type: 7,
        int64_data: values.into(),
        ..Default::default()
    }
}

pub(super) fn node(op_type: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
    let input = inputs.iter().map(ToString::to_string).collect();
    NodeProto { op_type: op_type.into(), input, output: vec![output.into()], attribute, ..Default::default() }
}

pub(super) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: name.into(), i: value, r#type: 2, ..Default::default() }
}

pub(super) fn list(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { name: name.into(), ints: values.into(), r#type: 7, ..Default::default() }
}

pub(super) fn floats(name: &str, values: &[f32]) -> TensorProto {
    TensorProto {
        name: name.into(),
        dims: vec![values.len() as i64],
        data_type: 1,
        float_data: values.into(),
        ..Default::default()
    }
}

/// A single number.
pub(super) fn scalar(name: &str, value: i64) -> TensorProto {
    TensorProto { dims: vec![], ..ints(name, &[value]) }
}

pub(super) fn word(name: &str, value: &str) -> AttributeProto {
    AttributeProto { name: name.into(), s: value.as_bytes().to_vec().into(), r#type: 3, ..Default::default() }
}

/// 8-bit integers, all 0.
pub(super) fn bytes(name: &str, dims: &[i64]) -> TensorProto {
    let count = dims.iter().product::<i64>() as usize;
    TensorProto { data_type: 3, raw_data: vec![0; count].into(), ..zeros(name, dims) }
}
