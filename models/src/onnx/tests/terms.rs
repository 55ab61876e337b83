//! What conventions count in graphs of other producers, and memory.

use super::{account, graph, int, ints, list, node, zeros};
use crate::conventions::{Macs, Term, Terms};
use crate::memory::Memory;
use crate::onnx::proto::{AttributeProto, NodeProto, TensorProto};

fn number(name: &str, value: f32) -> TensorProto {
    TensorProto { name: name.into(), data_type: 1, float_data: vec![value], ..Default::default() }
}

fn terms(constants: Vec<TensorProto>, nodes: Vec<NodeProto>) -> Terms {
    let counted = account(graph(&[1, 4, 6, 6], constants, nodes)).unwrap();
    counted.nodes.iter().map(|node| node.terms).sum()
}

fn only(expected: &[(Term, u64)]) -> Terms {
    expected.iter().map(|&(term, count)| Terms::one(term, count)).sum()
}

const MAP: u64 = 4 * 36;

#[test]
fn batch_norms_biases_and_pools_are_counted_by_element() {
    let conv = node("Conv", &["x", "w", "b"], "a", vec![list("kernel_shape", &[1, 1])]);
    let norm = node("BatchNormalization", &["a", "g", "s", "m", "v"], "n", vec![]);
    let window = || vec![list("kernel_shape", &[2, 2]), list("strides", &[2, 2])];
    let nodes = vec![
        conv,
        norm,
        node("AveragePool", &["n"], "p", window()),
        node("MaxPool", &["p"], "q", vec![list("kernel_shape", &[3, 3])]),
        node("GlobalAveragePool", &["n"], "y", vec![]),
    ];
    let constants = vec![
        zeros("w", &[4, 4, 1, 1]),
        zeros("b", &[4]),
        zeros("g", &[4]),
        zeros("s", &[4]),
        zeros("m", &[4]),
        zeros("v", &[4]),
    ];
    let expected = [
        (Term::ConvLinear, 16 * 36),
        (Term::Bias, MAP),
        (Term::BatchNorm, MAP),
        (Term::AverageIn, MAP),
        (Term::AverageOut, 36),
        (Term::MaxIn, 36),
        (Term::GlobalIn, MAP),
        (Term::GlobalOut, 4),
    ];
    let found = terms(constants, nodes);
    assert_eq!(found, only(&expected));
    assert_eq!(Macs::from(&found).thop_0_1, 16 * 36 + 4 * MAP + 36 + MAP + 4);
}

#[test]
fn the_mean_of_a_gate_is_told_from_other_means() {
    let axes = || list("axes", &[2, 3]);
    let gate = |pool: NodeProto| {
        vec![pool, node("Sigmoid", &["p"], "g", vec![]), node("Mul", &["g", "x"], "y", vec![])]
    };
    let squeezed = only(&[(Term::Squeezed, MAP)]);
    assert_eq!(terms(vec![], gate(node("GlobalAveragePool", &["x"], "p", vec![]))), squeezed);
    assert_eq!(
        terms(vec![], gate(node("ReduceMean", &["x"], "p", vec![axes(), int("keepdims", 1)]))),
        squeezed
    );
    let other = vec![node("ReduceMean", &["x"], "y", vec![axes()])];
    assert_eq!(terms(vec![], other), Terms::default());
}

#[test]
fn activations_are_told_apart_by_what_they_compute() {
    let swish = vec![node("Sigmoid", &["x"], "s", vec![]), node("Mul", &["x", "s"], "y", vec![])];
    assert_eq!(terms(vec![], swish), only(&[(Term::Swish, MAP)]));
    let gate = vec![node("Sigmoid", &["x"], "s", vec![]), node("Mul", &["s", "s"], "y", vec![])];
    assert_eq!(terms(vec![], gate), Terms::default());
    let clip = |max: f32, input: &str| {
        let constants = vec![number("low", 0.0), number("high", max), number("three", 3.0)];
        let shift = node("Add", &["x", "three"], "t", vec![]);
        terms(constants, vec![shift, node("Clip", &[input, "low", "high"], "y", vec![])])
    };
    assert_eq!(clip(6.0, "x"), only(&[(Term::Relu6, MAP)]));
    assert_eq!(clip(1.0, "x"), Terms::default());
    assert_eq!(clip(6.0, "t"), Terms::default(), "a hard sigmoid");
    let float = |name: &str, f: f32| AttributeProto { name: name.into(), f, r#type: 1, ..Default::default() };
    let old = vec![node("Clip", &["x"], "y", vec![float("min", 0.0), float("max", 6.0)])];
    assert_eq!(terms(vec![], old), only(&[(Term::Relu6, MAP)]));
}

#[test]
fn constants_take_no_activation_memory() {
    let shape = ints("shape", &[1, -1]);
    let nodes = vec![
        node("Relu", &["x"], "a", vec![]),
        node("Add", &["a", "w"], "b", vec![]),
        node("Add", &["b", "x"], "c", vec![]),
        node("Reshape", &["c", "shape"], "y", vec![]),
    ];
    let counted = account(graph(&[1, 4, 6, 6], vec![zeros("w", &[4, 6, 6]), shape], nodes)).unwrap();
    // x lives until the second sum: x, a and b at once, then x, b and c.
    assert_eq!(counted.memory, Memory { sum: 5 * 4 * MAP, peak: 3 * 4 * MAP });
    assert_eq!(counted.nodes[1].activation_bytes, 4 * MAP);
}

/// 8-bit values between `QuantizeLinear` and `DequantizeLinear`, truth values and other types where nodes make them.
#[test]
fn memory_follows_the_types_of_values() {
    let scale = || zeros("scale", &[]);
    let nodes = vec![
        node("QuantizeLinear", &["x", "scale"], "q", vec![]),
        node("MaxPool", &["q"], "p", vec![list("kernel_shape", &[1, 1])]),
        node("DequantizeLinear", &["p", "scale"], "d", vec![]),
        node("Greater", &["d", "x"], "g", vec![]),
        node("Where", &["g", "d", "x"], "w", vec![]),
        node("Cast", &["w"], "y", vec![int("to", 10)]),
    ];
    let counted = account(graph(&[1, 4, 6, 6], vec![scale()], nodes)).unwrap();
    let bytes: Vec<u64> = counted.nodes.iter().map(|node| node.activation_bytes / MAP).collect();
    assert_eq!(bytes, [1, 1, 4, 1, 4, 2]);
    assert_eq!(counted.memory.sum, (4 + 1 + 1 + 4 + 1 + 4 + 2) * MAP);
}
