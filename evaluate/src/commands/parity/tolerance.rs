//! How far two runtimes may be from each other: it depends on what the file computes in.

use models::onnx::{Attribute, DataType, Node};
use serde::Serialize;

use crate::subject::ModelFile;

/// What a file's values are rounded to on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Precision {
    /// 32-bit floats; weights may be stored as anything that becomes floats before it is used.
    Float,
    /// 16-bit floats.
    Half,
    /// 8-bit integers.
    Bytes,
}

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Tolerance {
    /// Largest `max |a - b| / max |b|`.
    pub(super) relative: f64,
    /// Least share of inputs with the same highest-scored class.
    pub(super) top1: f64,
}

impl Precision {
    /// Of a file.
    pub(super) fn of(file: &ModelFile) -> Self {
        let graph = &file.model.graph;
        let is_half = |name: &String| {
            graph.initializers.get(name).is_some_and(|constant| constant.data_type == DataType::F16)
        };
        if graph.nodes.iter().any(rounds_to_bytes) {
            return Self::Bytes;
        }
        let in_halves = |node: &Node| match (node.op_type.as_str(), node.attributes.get("to")) {
            ("Cast", to) => to == Some(&Attribute::Int(FLOAT16)),
            _ => node.inputs.iter().any(is_half),
        };
        if graph.nodes.iter().any(in_halves) { Self::Half } else { Self::Float }
    }

    /// What is usual.
    ///
    /// Floats: sums in another order differ by a few units of `2^-24`; 1e-5 leaves room for hundreds of layers. Half floats: each
    /// value is rounded to `2^-11` = 5e-4 of itself; ten such roundings. Bytes: a value on the border of two steps goes to one in one
    /// runtime and to the other in another (ONNX Runtime computes in integers what tract computes in floats that stand for
    /// bytes), and later layers amplify that. In int8 files of ResNet-20 and ResNet-56, 1000 pictures and 256 random inputs, it
    /// came to at most 0.037 and to another class for 2 of 256.
    pub(super) fn usual(self) -> Tolerance {
        match self {
            Self::Float => Tolerance { relative: 1e-5, top1: 0.0 },
            Self::Half => Tolerance { relative: 5e-3, top1: 0.0 },
            Self::Bytes => Tolerance { relative: 0.1, top1: 0.95 },
        }
    }

    /// In words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Float => "32-bit floats",
            Self::Half => "16-bit floats",
            Self::Bytes => "8-bit integers",
        }
    }
}

/// `TensorProto.FLOAT16`.
const FLOAT16: i64 = 10;

/// Weights alone may be bytes that are made floats before they are used: that rounds nothing while the model runs.
fn rounds_to_bytes(node: &Node) -> bool {
    let name = node.op_type.rsplit(':').next().unwrap_or_default();
    ["QuantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger"].contains(&name)
        || name.starts_with("QLinear")
}
