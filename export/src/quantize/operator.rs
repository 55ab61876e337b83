//! What becomes of an operator when the values around it are stored in bytes.

use std::collections::HashMap;

use models::onnx::proto::NodeProto;
use models::onnx::{DataType, Tensor};

/// How an operator takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Weights times activations: integer weights, bytes in and out.
    Weighted(Weighted),
    /// Bytes in and out.
    Bytes,
    /// Gives some of its input's numbers, and no others: bytes of the same scale in and out.
    Moves,
    /// Cuts numbers off, as storing them in bytes does: needs no bytes between itself and what it reads.
    Clamps,
    /// Stays as it is.
    Float,
    /// Gives something other than activations, such as a shape.
    Aside,
}

/// Where an operator's weights are, and its bias if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weighted {
    /// Which axis of the weights counts output channels.
    pub(super) axis: usize,
    /// Whether there is a bias, the third input.
    pub(super) bias: bool,
}

/// Operators with weights, for messages.
pub(super) const WEIGHTED: &str = "Conv, Gemm or MatMul";

/// The kind of a node. `carries` tells the values that depend on the pictures.
pub(super) fn kind(
    node: &NodeProto,
    constants: &HashMap<&str, &Tensor>,
    carries: impl Fn(&str) -> bool,
) -> Kind {
    if !matches!(node.domain.as_str(), "" | "ai.onnx") {
        return Kind::Float;
    }
    let all_carry = node.input.iter().all(|input| carries(input));
    match node.op_type.as_str() {
        "Conv" | "Gemm" | "MatMul" => weighted(node, constants).map_or(Kind::Float, Kind::Weighted),
        "Add" | "Mul" | "Concat" if !all_carry => Kind::Float,
        "Add" | "Mul" | "Concat" | "AveragePool" | "GlobalAveragePool" | "Sigmoid" => Kind::Bytes,
        "MaxPool" if node.output.len() > 1 => Kind::Float,
        "Flatten" | "Identity" | "MaxPool" | "Reshape" | "Slice" | "Squeeze" | "Transpose" | "Unsqueeze" => {
            Kind::Moves
        }
        "Relu" | "Clip" => Kind::Clamps,
        "Shape" | "Size" | "ArgMax" | "ArgMin" | "Cast" | "NonZero" => Kind::Aside,
        _ => Kind::Float,
    }
}

/// Nothing where the node is none that computes in integers.
fn weighted(node: &NodeProto, constants: &HashMap<&str, &Tensor>) -> Option<Weighted> {
    let constant = |index: usize| constants.get(node.input.get(index)?.as_str()).copied();
    let weight = constant(1).filter(|weight| weight.data_type == DataType::F32)?;
    let axis = match (node.op_type.as_str(), weight.dims.len()) {
        ("Conv", 3..) => 0,
        ("Gemm", 2) if is_plain_gemm(node) => usize::from(!is_transposed(node)),
        ("MatMul", 2) => 1,
        _ => return None,
    };
    let has_bias = node.input.get(2).is_some_and(|bias| !bias.is_empty());
    let channels = weight.dims[axis];
    let fits = |bias: &Tensor| bias.data_type == DataType::F32 && bias.elements() == channels;
    (!has_bias || constant(2).is_some_and(fits)).then_some(Weighted { axis, bias: has_bias })
}

fn is_transposed(node: &NodeProto) -> bool {
    node.attribute.iter().any(|attribute| attribute.name == "transB" && attribute.i != 0)
}

fn is_plain_gemm(node: &NodeProto) -> bool {
    node.attribute.iter().all(|attribute| match attribute.name.as_str() {
        "alpha" | "beta" => attribute.f.to_bits() == 1.0_f32.to_bits(),
        "transA" => attribute.i == 0,
        _ => true,
    })
}
