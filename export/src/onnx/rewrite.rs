//! Writing a file that was read and changed: from the messages that `models::onnx` reads to those that are written.

use models::onnx::proto as read;
use onnx_protobuf::tensor_shape_proto::{Dimension, dimension};
use onnx_protobuf::type_proto;
use onnx_protobuf::{
    AttributeProto, GraphProto, Message as _, ModelProto, NodeProto, OperatorSetIdProto,
    StringStringEntryProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto,
};
use protobuf::EnumOrUnknown;

/// The bytes of a model; none if they were more than the 2 GiB that protobuf allows.
pub(crate) fn encode(model: &read::ModelProto) -> Option<Vec<u8>> {
    let model = ModelProto {
        ir_version: model.ir_version,
        opset_import: model.opset_import.iter().map(operators).collect(),
        producer_name: model.producer_name.clone(),
        producer_version: model.producer_version.clone(),
        domain: model.domain.clone(),
        model_version: model.model_version.unwrap_or_default(),
        doc_string: model.doc_string.clone(),
        graph: model.graph.as_ref().map(graph).into(),
        metadata_props: model.metadata_props.iter().map(entry).collect(),
        ..ModelProto::default()
    };
    let fits = i32::try_from(model.compute_size()).is_ok();
    fits.then(|| model.write_to_bytes().ok()).flatten()
}

fn operators(set: &read::OperatorSetIdProto) -> OperatorSetIdProto {
    OperatorSetIdProto { domain: set.domain.clone(), version: set.version, ..OperatorSetIdProto::default() }
}

fn entry(entry: &read::StringStringEntryProto) -> StringStringEntryProto {
    let read::StringStringEntryProto { key, value } = entry.clone();
    StringStringEntryProto { key, value, ..StringStringEntryProto::default() }
}

fn graph(graph: &read::GraphProto) -> GraphProto {
    GraphProto {
        node: graph.node.iter().map(node).collect(),
        name: graph.name.clone(),
        initializer: graph.initializer.iter().map(tensor).collect(),
        input: graph.input.iter().map(port).collect(),
        output: graph.output.iter().map(port).collect(),
        value_info: graph.value_info.iter().map(port).collect(),
        ..GraphProto::default()
    }
}

fn node(node: &read::NodeProto) -> NodeProto {
    NodeProto {
        input: node.input.clone(),
        output: node.output.clone(),
        name: node.name.clone(),
        op_type: node.op_type.clone(),
        domain: node.domain.clone(),
        attribute: node.attribute.iter().map(attribute).collect(),
        ..NodeProto::default()
    }
}

fn attribute(attribute: &read::AttributeProto) -> AttributeProto {
    AttributeProto {
        name: attribute.name.clone(),
        type_: EnumOrUnknown::from_i32(attribute.r#type),
        f: attribute.f,
        i: attribute.i,
        s: attribute.s.to_vec(),
        t: attribute.t.as_ref().map(tensor).into(),
        floats: attribute.floats.clone(),
        ints: attribute.ints.clone(),
        strings: attribute.strings.iter().map(|text| text.to_vec()).collect(),
        ..AttributeProto::default()
    }
}

fn tensor(tensor: &read::TensorProto) -> TensorProto {
    TensorProto {
        dims: tensor.dims.clone(),
        data_type: tensor.data_type,
        float_data: tensor.float_data.clone(),
        int32_data: tensor.int32_data.clone(),
        string_data: tensor.string_data.iter().map(|text| text.to_vec()).collect(),
        int64_data: tensor.int64_data.clone(),
        name: tensor.name.clone(),
        raw_data: tensor.raw_data.to_vec(),
        double_data: tensor.double_data.clone(),
        uint64_data: tensor.uint64_data.clone(),
        ..TensorProto::default()
    }
}

fn port(port: &read::ValueInfoProto) -> ValueInfoProto {
    let kind = port.r#type.as_ref().map(|kind| TypeProto {
        value: kind.tensor_type.as_ref().map(|tensor| type_proto::Value::TensorType(tensor_type(tensor))),
        ..TypeProto::default()
    });
    ValueInfoProto { name: port.name.clone(), type_: kind.into(), ..ValueInfoProto::default() }
}

fn tensor_type(tensor: &read::TensorTypeProto) -> type_proto::Tensor {
    let shape = tensor.shape.as_ref().map(|shape| TensorShapeProto {
        dim: shape.dim.iter().map(dim).collect(),
        ..TensorShapeProto::default()
    });
    type_proto::Tensor { elem_type: tensor.elem_type, shape: shape.into(), ..type_proto::Tensor::default() }
}

fn dim(dim: &read::DimensionProto) -> Dimension {
    let size = dim.dim_value.map(dimension::Value::DimValue);
    let value = size.or_else(|| dim.dim_param.clone().map(dimension::Value::DimParam));
    Dimension { value, ..Dimension::default() }
}
