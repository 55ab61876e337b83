//! Raises the operator set to 13, the first one with a scale per channel.
//!
//! Source of what changed: <https://github.com/onnx/onnx/blob/main/docs/Changelog.md>.

use models::onnx::proto::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto};

use super::error::Error;

/// The operator set that is needed.
const NEEDED: i64 = 13;
/// The file format that goes with it; from 4 on constants need not be inputs.
const FORMAT: i64 = 8;

/// Operators that mean the same in all operator sets from this one to [`NEEDED`].
const SAME: &[(i64, &[&str])] = &[
    (
        6,
        &[
            "Abs",
            "Ceil",
            "Elu",
            "Exp",
            "Floor",
            "HardSigmoid",
            "InstanceNormalization",
            "LeakyRelu",
            "Log",
            "Max",
        ],
    ),
    (6, &["Min", "Neg", "Reciprocal", "Relu", "Selu", "Sigmoid", "Sqrt", "Tanh"]),
    (7, &["Add", "Mul", "Sub", "Div", "Pow", "PRelu", "Gemm", "AveragePool"]),
    (
        1,
        &[
            "Conv",
            "ConvTranspose",
            "Constant",
            "Flatten",
            "Gather",
            "GlobalAveragePool",
            "GlobalMaxPool",
            "Identity",
        ],
    ),
    (
        1,
        &[
            "LRN",
            "MatMul",
            "MaxPool",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "Shape",
            "Size",
            "Softplus",
            "Transpose",
        ],
    ),
    (4, &["Concat"]),
    (5, &["Reshape"]),
    (
        9,
        &[
            "BatchNormalization",
            "Cast",
            "ConstantOfShape",
            "DepthToSpace",
            "Erf",
            "Expand",
            "SpaceToDepth",
            "Where",
        ],
    ),
    (10, &["Slice"]),
];

/// Operators whose settings became inputs: since which set, and which ones, in the order of the inputs.
const MOVED: &[(&str, i64, &[&str])] = &[
    ("Clip", 11, &["min", "max"]),
    ("Pad", 11, &["pads", "value"]),
    ("ReduceSum", 13, &["axes"]),
    ("Split", 13, &["split"]),
    ("Squeeze", 13, &["axes"]),
    ("Unsqueeze", 13, &["axes"]),
];

/// Rewrites the nodes whose form changed, and raises file format and operator set where they are too low.
///
/// # Errors
/// [`Error::Operators`] for a node that may mean something else in the newer set.
pub(super) fn raise(name: &str, model: &mut ModelProto, opset: i64) -> Result<(), Error> {
    model.ir_version = model.ir_version.max(FORMAT);
    let Some(graph) = model.graph.as_mut().filter(|_| opset < NEEDED) else { return Ok(()) };
    for at in 0..graph.node.len() {
        raise_node(graph, at, opset).ok_or_else(|| {
            let NodeProto { name: node, op_type, .. } = graph.node[at].clone();
            Error::Operators { model: name.into(), opset, node, op_type }
        })?;
    }
    for set in model.opset_import.iter_mut().filter(|set| matches!(set.domain.as_str(), "" | "ai.onnx")) {
        set.version = NEEDED;
    }
    Ok(())
}

/// Nothing where the node cannot be raised.
fn raise_node(graph: &mut GraphProto, at: usize, opset: i64) -> Option<()> {
    let op_type = graph.node[at].op_type.as_str();
    let is_same = |&(since, operators): &(i64, &[&str])| opset >= since && operators.contains(&op_type);
    if !matches!(graph.node[at].domain.as_str(), "" | "ai.onnx") || SAME.iter().any(is_same) {
        return Some(());
    }
    let &(_, since, settings) = MOVED.iter().find(|(operator, ..)| *operator == op_type)?;
    if opset < since {
        move_settings(graph, at, settings);
    }
    Some(())
}

/// Makes inputs of a node's settings; one that is not there is left out.
fn move_settings(graph: &mut GraphProto, at: usize, settings: &[&str]) {
    let node = &mut graph.node[at];
    let label = node.output.first().cloned().unwrap_or_default();
    for &setting in settings {
        let place = node.attribute.iter().position(|attribute| attribute.name == setting);
        let input = place.map(|place| constant(&label, node.attribute.remove(place)));
        node.input.push(input.as_ref().map(|tensor| tensor.name.clone()).unwrap_or_default());
        graph.initializer.extend(input);
    }
    while node.input.last().is_some_and(String::is_empty) {
        node.input.pop();
    }
}

fn constant(node: &str, setting: AttributeProto) -> TensorProto {
    let name = format!("{node}.{}", setting.name);
    if setting.ints.is_empty() {
        return TensorProto { name, data_type: 1, float_data: vec![setting.f], ..TensorProto::default() };
    }
    let dims = vec![setting.ints.len() as i64];
    TensorProto { name, dims, data_type: 7, int64_data: setting.ints, ..TensorProto::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(op_type: &str, attribute: Vec<AttributeProto>) -> ModelProto {
        let (input, output) = (vec!["x".into()], vec!["y".into()]);
        let node = NodeProto { op_type: op_type.into(), input, output, attribute, ..NodeProto::default() };
        let set = models::onnx::proto::OperatorSetIdProto { domain: String::new(), version: 10 };
        let graph = GraphProto { node: vec![node], ..GraphProto::default() };
        ModelProto { ir_version: 5, opset_import: vec![set], graph: Some(graph), ..ModelProto::default() }
    }

    #[test]
    fn settings_become_inputs() {
        let max = AttributeProto { name: "max".into(), f: 6.0, r#type: 1, ..AttributeProto::default() };
        let mut clip = model("Clip", vec![max]);
        raise("m", &mut clip, 10).unwrap();
        assert_eq!((clip.ir_version, clip.opset_import[0].version), (8, 13));
        let graph = clip.graph.unwrap();
        assert_eq!(graph.node[0].input, ["x", "", "y.max"], "no lower limit");
        assert!(graph.node[0].attribute.is_empty());
        assert_eq!((graph.initializer[0].dims.len(), graph.initializer[0].float_data[0]), (0, 6.0));
        let pads =
            AttributeProto { name: "pads".into(), ints: vec![0, 1, 0, 1], r#type: 7, ..Default::default() };
        let mut pad = model("Pad", vec![pads]);
        raise("m", &mut pad, 10).unwrap();
        let graph = pad.graph.unwrap();
        assert_eq!(
            (&graph.node[0].input[1], &graph.initializer[0].int64_data),
            (&"y.pads".into(), &vec![0, 1, 0, 1])
        );
    }

    #[test]
    fn what_changed_its_meaning_is_refused() {
        let error = raise("m", &mut model("Softmax", vec![]), 10).unwrap_err().to_string();
        assert!(error.contains("Softmax") && error.contains("operator set 10"), "{error}");
        raise("m", &mut model("Softmax", vec![]), 13).unwrap();
        assert!(raise("m", &mut model("Slice", vec![]), 9).is_err());
    }
}
