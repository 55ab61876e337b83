//! Attributes of operators. Every one is written, also where its value is the standard's default.

use onnx_protobuf::AttributeProto;
use onnx_protobuf::attribute_proto::AttributeType;

/// A named setting of a node.
pub(crate) type Attr = AttributeProto;

pub(super) fn int(name: &str, value: i64) -> Attr {
    Attr { i: value, ..empty(name, AttributeType::INT) }
}

pub(super) fn float(name: &str, value: f32) -> Attr {
    Attr { f: value, ..empty(name, AttributeType::FLOAT) }
}

pub(super) fn ints(name: &str, values: &[usize]) -> Attr {
    Attr { ints: values.iter().map(|&value| value as i64).collect(), ..empty(name, AttributeType::INTS) }
}

fn empty(name: &str, kind: AttributeType) -> Attr {
    Attr { name: name.into(), type_: kind.into(), ..Attr::default() }
}
