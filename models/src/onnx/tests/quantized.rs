//! Quantised graphs: integer weights are parameters, scales are not.

use super::{account, bytes, floats, graph, int, ints, node, zeros};
use crate::onnx::Account;
use crate::onnx::proto::{NodeProto, TensorProto};

fn scale(name: &str) -> TensorProto {
    TensorProto { dims: vec![], ..floats(name, &[0.5]) }
}

fn counted(constants: Vec<TensorProto>, nodes: Vec<NodeProto>) -> Account {
    account(graph(&[1, 4, 6, 6], constants, nodes)).expect("a graph that can be counted")
}

/// Weights, an activation and a bias behind quantisation and back, with a scale per filter.
#[test]
fn quantised_and_back() {
    let nodes = vec![
        node("QuantizeLinear", &["x", "s", "z"], "q", vec![]),
        node("DequantizeLinear", &["q", "s", "z"], "a", vec![]),
        node("DequantizeLinear", &["w8", "ws"], "w", vec![int("axis", 0)]),
        node("DequantizeLinear", &["b8", "ws"], "b", vec![int("axis", 0)]),
        node("Conv", &["a", "w", "b"], "y", vec![]),
    ];
    let bias = TensorProto { data_type: 6, ..zeros("b8", &[8]) };
    let constants =
        vec![scale("s"), bytes("z", &[]), bytes("w8", &[8, 4, 3, 3]), bias, floats("ws", &[0.1; 8])];
    let account = counted(constants, nodes);
    assert_eq!((account.macs, account.params, account.unused), (8 * 16 * 36, 8 * 36 + 8, 0));
    assert_eq!(account.nodes[4].params, 296);
}

#[test]
fn operators_on_integers() {
    let conv = |op: &str, inputs: &[&str], bias: u64| {
        let constants = vec![
            scale("s"),
            bytes("z", &[]),
            bytes("w", &[8, 4, 1, 1]),
            floats("ws", &[0.1; 8]),
            TensorProto { data_type: 6, ..zeros("b", &[8]) },
        ];
        let account = counted(constants, vec![node(op, inputs, "y", vec![])]);
        assert_eq!(account.shapes["y"], [1, 8, 6, 6]);
        assert_eq!((account.macs, account.params), (8 * 4 * 36, 32 + bias));
    };
    conv("QLinearConv", &["x", "s", "z", "w", "ws", "z", "s", "z", "b"], 8);
    conv("QLinearConv", &["x", "s", "z", "w", "ws", "z", "s", "z"], 0);
    conv("ConvInteger", &["x", "w", "z", "z"], 0);
}

#[test]
fn products_on_integers() {
    let quantise = NodeProto {
        output: vec!["q".into(), "s".into(), "z".into()],
        ..node("DynamicQuantizeLinear", &["x"], "", vec![])
    };
    let product = node("MatMulInteger", &["q", "w", "z"], "y", vec![]);
    let account = counted(vec![bytes("w", &[6, 5])], vec![quantise, product]);
    assert_eq!(account.shapes["y"], [1, 4, 6, 5]);
    assert_eq!((account.macs, account.params), (4 * 6 * 6 * 5, 30));
}

#[test]
fn operators_of_onnx_runtime() {
    let shape = |op: &str, inputs: &[&str], attributes| {
        let constants = vec![scale("s"), bytes("z", &[]), bytes("o", &[4, 1, 1])];
        counted(constants, vec![node(op, inputs, "y", attributes)]).shapes["y"].clone()
    };
    let twice = ["x", "s", "z", "o", "s", "z", "s", "z"];
    assert_eq!(shape("com.microsoft:QLinearAdd", &twice, vec![]), [1, 4, 6, 6]);
    let joined = ["s", "z", "x", "s", "z", "x", "s", "z"];
    assert_eq!(shape("com.microsoft:QLinearConcat", &joined, vec![int("axis", 1)]), [1, 8, 6, 6]);
    let pooled = ["x", "s", "z", "s", "z"];
    assert_eq!(shape("com.microsoft:QLinearGlobalAveragePool", &pooled, vec![]), [1, 4, 1, 1]);
    // Read as [N, H, W, C].
    let last = vec![int("channels_last", 1)];
    assert_eq!(shape("com.microsoft:QLinearGlobalAveragePool", &pooled, last), [1, 1, 1, 6]);
}

#[test]
fn tables_of_embeddings() {
    let tokens = ints("i", &[3, 1, 4, 1, 5, 9]);
    let nodes = vec![
        node("Gather", &["table", "i"], "t", vec![]),
        node("DequantizeLinear", &["t", "s", "z"], "e", vec![]),
        node("Mul", &["e", "x"], "y", vec![]),
    ];
    let account = counted(vec![bytes("table", &[50, 6]), tokens, scale("s"), bytes("z", &[])], nodes);
    assert_eq!(account.shapes["e"], [6, 6]);
    assert_eq!((account.params, account.nodes[0].params), (300, 300));
}
