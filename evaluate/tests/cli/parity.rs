//! `parity`: what it allows, and where it says that two runs part.

use models::onnx::proto::{AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto};
use prost::Message as _;
use tempfile::TempDir;

use super::{evaluate, json, node, port, runtimes};

/// Inputs of `[1, 2, 4, 4]`.
const SIZES: [Option<i64>; 4] = [Some(1), Some(2), Some(4), Some(4)];

fn scalar(name: &str, value: f32) -> TensorProto {
    let raw_data = value.to_le_bytes().to_vec().into();
    TensorProto { name: name.into(), data_type: 1, raw_data, ..Default::default() }
}

/// A file of these nodes from `x` to `y`, which has the shape of `x`.
fn save(folder: &TempDir, name: &str, node: Vec<NodeProto>, initializer: Vec<TensorProto>) -> String {
    let graph = GraphProto {
        name: "g".into(),
        node,
        initializer,
        input: vec![port("x", &SIZES)],
        output: vec![port("y", &SIZES)],
        ..Default::default()
    };
    let opset_import = vec![OperatorSetIdProto { version: 17, ..Default::default() }];
    let model = ModelProto { ir_version: 8, graph: Some(graph), opset_import, ..Default::default() };
    let path = folder.path().join(name).display().to_string();
    std::fs::write(&path, model.encode_to_vec()).expect("a file");
    path
}

/// Two branches, side by side in the file: `r1`, `m1`, `r2` and `s1`, `s2`, `e`. `m1` multiplies by `factor`.
fn branches(folder: &TempDir, name: &str, factor: f32) -> String {
    let nodes = vec![
        node("Relu", &["x"], "r1", None),
        node("Abs", &["x"], "s1", None),
        node("Mul", &["r1", "factor"], "m1", None),
        node("Mul", &["s1", "half"], "s2", None),
        node("Neg", &["s2"], "e", None),
        node("Relu", &["m1"], "r2", None),
        node("Add", &["r2", "e"], "sum", None),
        node("Sigmoid", &["sum"], "y", None),
    ];
    save(folder, name, nodes, vec![scalar("factor", factor), scalar("half", 0.5)])
}

/// The nodes right before and after `e`, which agrees, are `s2`, which agrees too, and `r2`, which reads what differs.
#[test]
fn the_first_node_that_differs_is_named_across_branches() {
    let folder = tempfile::tempdir().unwrap();
    let (good, broken) = (branches(&folder, "good.onnx", 1.5), branches(&folder, "broken.onnx", 1.25));
    for runtime in runtimes() {
        let args = ["parity", &good, "--against", &broken, "--inputs", "20", "--runtime", runtime];
        let found = json(args, 3);
        let culprit = &found["culprit"];
        assert_eq!((&culprit["node"], &culprit["op"]), (&"m1".into(), &"Mul".into()), "{culprit}");
        assert_eq!(
            (&culprit["place"], &culprit["of"], &culprit["before"]),
            (&3.into(), &8.into(), &0.0.into())
        );
        // (1.5 - 1.25) / 1.5: the larger factor is in the first file, which comes second in the comparison.
        assert!((culprit["after"].as_f64().unwrap() - 1.0 / 6.0).abs() < 1e-6, "{culprit}");
        assert!(culprit["pieces"].as_u64().unwrap() < 8, "{culprit}");
        assert!(json(args.into_iter().chain(["--no-bisect"]), 3)["culprit"].is_null());
        let text = evaluate(args).stdout;
        assert!(text.contains("part at node \"m1\" (Mul, 3 of 8): what it reads differs by 0.00e0"), "{text}");
        assert_eq!(json(["parity", &good, "--against", &good, "--runtime", runtime], 0)["holds"], true);
    }
}

#[test]
fn tolerance_is_that_of_what_a_file_computes_in() {
    let both = runtimes();
    if both.len() < 2 {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let cast = |input: &str, output: &str, to: i64| {
        let mut cast = node("Cast", &[input], output, None);
        cast.attribute = vec![AttributeProto { name: "to".into(), i: to, r#type: 2, ..Default::default() }];
        cast
    };
    let zero =
        TensorProto { name: "zero".into(), data_type: 2, raw_data: vec![128].into(), ..Default::default() };
    let bytes = vec![
        node("QuantizeLinear", &["x", "step", "zero"], "q", None),
        node("DequantizeLinear", &["q", "step", "zero"], "y", None),
    ];
    let halves = vec![cast("x", "h", 10), node("Relu", &["h"], "r", None), cast("r", "y", 1)];
    let half = TensorProto {
        name: "w".into(),
        data_type: 10,
        // 1.5 as a half float.
        raw_data: vec![0x00, 0x3e].into(),
        ..Default::default()
    };
    let stored = vec![cast("w", "f", 1), node("Mul", &["x", "f"], "y", None)];
    let files = [
        ("bytes", save(&folder, "bytes.onnx", bytes, vec![scalar("step", 0.02), zero]), 0.1),
        ("half", save(&folder, "half.onnx", halves, vec![]), 5e-3),
        ("float", save(&folder, "stored.onnx", stored, vec![half]), 1e-5),
    ];
    for (precision, file, tolerance) in files {
        let found = json(["parity", &file, "--inputs", "16"], 0);
        assert_eq!((&found["kind"], &found["schema"]), (&"parity".into(), &1.into()));
        assert_eq!((&found["precision"], &found["tolerance"]), (&precision.into(), &tolerance.into()));
    }
}
