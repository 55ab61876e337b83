//! A model cut off in the middle, to look at a value inside it.

use std::collections::{HashMap, HashSet};

use prost::{Message as _, bytes::Bytes};

use super::{
    error::{Error, Result},
    proto::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorTypeProto, TypeProto, ValueInfoProto},
};

/// `TensorProto.FLOAT`.
const FLOAT: i32 = 1;
/// `AttributeProto.INT`.
const INT: i32 = 2;

/// The file of `bytes` with what `value` needs and nothing else: its only output is that value, as 32-bit floats. Inputs
/// stay as they are.
///
/// # Errors
/// When the bytes are no ONNX file, or no node gives this value.
pub fn up_to(bytes: &Bytes, value: &str) -> Result<Bytes> {
    let mut model = ModelProto::decode(bytes.clone())?;
    let graph = model.graph.as_mut().ok_or(Error::NoGraph)?;
    let needed = needed(graph, value).ok_or_else(|| Error::NoValue { value: value.into() })?;
    let constants: HashSet<String> = graph.initializer.iter().map(|tensor| tensor.name.clone()).collect();
    graph.node.retain(|node| node.output.iter().any(|output| needed.contains(output)));
    graph.initializer.retain(|tensor| needed.contains(&tensor.name));
    graph.input.retain(|port| needed.contains(&port.name) || !constants.contains(&port.name));
    graph.value_info.clear();
    let mut name = format!("{value}.seen");
    while needed.contains(&name) {
        name.push('_');
    }
    graph.node.push(cast(value, &name));
    graph.output = vec![port(name)];
    Ok(model.encode_to_vec().into())
}

/// Names of the values that `value` is made of, itself included; none if no node gives it.
fn needed(graph: &GraphProto, value: &str) -> Option<HashSet<String>> {
    let makers =
        graph.node.iter().flat_map(|node| node.output.iter().map(move |output| (output.as_str(), node)));
    let makers: HashMap<&str, &NodeProto> = makers.filter(|(output, _)| !output.is_empty()).collect();
    makers.get(value)?;
    let (mut needed, mut next) = (HashSet::new(), vec![value]);
    while let Some(value) = next.pop() {
        if needed.insert(value.to_string())
            && let Some(node) = makers.get(value)
        {
            next.extend(node.input.iter().filter(|input| !input.is_empty()).map(String::as_str));
        }
    }
    Some(needed)
}

fn cast(value: &str, name: &str) -> NodeProto {
    let to = AttributeProto { name: "to".into(), i: FLOAT.into(), r#type: INT, ..Default::default() };
    NodeProto {
        input: vec![value.into()],
        output: vec![name.into()],
        name: name.into(),
        op_type: "Cast".into(),
        attribute: vec![to],
        ..Default::default()
    }
}

fn port(name: String) -> ValueInfoProto {
    let tensor = TensorTypeProto { elem_type: FLOAT, shape: None };
    ValueInfoProto { name, r#type: Some(TypeProto { tensor_type: Some(tensor) }) }
}
