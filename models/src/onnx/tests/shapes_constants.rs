//! Arithmetic of shapes: constants are computed where a shape depends on them.

use super::shapes::shape;
use super::{account, graph, int, ints, node, text, zeros};
use crate::onnx::proto::{NodeProto, TensorProto};

/// The constant that the nodes leave in `s`, seen through the shape of a `ConstantOfShape`.
fn known(dims: &[i64], constants: Vec<TensorProto>, mut nodes: Vec<NodeProto>) -> Vec<usize> {
    nodes.push(node("ConstantOfShape", &["s"], "y", vec![]));
    account(graph(dims, constants, nodes)).map_err(|e| text(&e)).expect("known sizes").shapes["y"].clone()
}

fn float(name: &str, value: f32) -> TensorProto {
    TensorProto { dims: vec![], raw_data: value.to_le_bytes().to_vec().into(), ..zeros(name, &[1]) }
}

/// An operator, its two operands and the result.
type Case = (&'static str, &'static [i64], &'static [i64], [usize; 2]);

#[test]
fn of_two_integers() {
    let apply = |op: &str, a: &[i64], b: &[i64]| {
        known(&[1], vec![ints("a", a), ints("b", b)], vec![node(op, &["a", "b"], "s", vec![])])
    };
    let cases: [Case; 13] = [
        ("Add", &[2, 3], &[4], [6, 7]),
        ("Sub", &[9, 8], &[4, 1], [5, 7]),
        ("Div", &[9], &[4, 2], [2, 4]),
        ("Max", &[9, 3], &[4], [9, 4]),
        ("Min", &[9, 3], &[4], [4, 3]),
        ("Mod", &[9, -9], &[4], [1, 3]),
        ("Equal", &[9, 3], &[3], [0, 1]),
        ("Greater", &[9, 3], &[3], [1, 0]),
        ("GreaterOrEqual", &[9, 3], &[3], [1, 1]),
        ("Less", &[9, 3], &[4], [0, 1]),
        ("And", &[1, 0], &[1], [1, 0]),
        ("Or", &[1, 0], &[0], [1, 0]),
        ("Xor", &[1, 0], &[1], [0, 1]),
    ];
    for (op, a, b, expected) in cases {
        assert_eq!(apply(op, a, b), expected, "{op}");
    }
}

#[test]
fn of_one_integer() {
    let apply =
        |op: &str, value: i64| known(&[1], vec![ints("a", &[value])], vec![node(op, &["a"], "s", vec![])]);
    let cases = [("Neg", -3, 3), ("Abs", -3, 3), ("Sign", 3, 1), ("Not", 0, 1), ("Not", 3, 0), ("Floor", 3, 3)];
    for (op, value, expected) in cases {
        assert_eq!(apply(op, value), [expected], "{op}");
    }
}

/// `Expand` with -1 for sizes to keep, as the exporter of `PyTorch` writes it: those are replaced by 1.
#[test]
fn sizes_to_keep() {
    let nodes = vec![
        node("Equal", &["target", "minus"], "keep", vec![]),
        node("Where", &["keep", "one", "target"], "shape", vec![]),
        node("Expand", &["x", "shape"], "y", vec![]),
    ];
    let constants = vec![ints("target", &[4, -1, -1]), ints("minus", &[-1]), ints("one", &[1])];
    let counted = account(graph(&[1, 2, 3], constants, nodes)).expect("a shape that fits");
    assert_eq!(counted.shapes["y"], [4, 2, 3]);
}

/// The padding of `TensorFlow`, computed in floats: ceil(7 / 2) = 4.
#[test]
fn through_floats() {
    let nodes = vec![
        node("Shape", &["x"], "shape", vec![int("start", 1)]),
        node("Cast", &["shape"], "float", vec![int("to", 1)]),
        node("Div", &["float", "two"], "half", vec![]),
        node("Ceil", &["half"], "up", vec![]),
        node("Cast", &["up"], "s", vec![int("to", 7)]),
    ];
    assert_eq!(known(&[1, 7, 8], vec![float("two", 2.0)], nodes), [4, 4]);
}

#[test]
fn ranges_and_sizes() {
    let range = |start, limit, delta| {
        let constants = vec![ints("a", &[start]), ints("b", &[limit]), ints("c", &[delta])];
        known(&[1], constants, vec![node("Range", &["a", "b", "c"], "s", vec![])])
    };
    assert_eq!(range(1, 6, 2), [1, 3, 5]);
    assert_eq!(range(5, 0, -2), [5, 3, 1]);
    assert_eq!(range(5, 5, 1), [0; 0]);
    let nodes = vec![node("Size", &["x"], "n", vec![]), node("Reshape", &["n", "vector"], "s", vec![])];
    assert_eq!(known(&[3, 5], vec![ints("vector", &[1])], nodes), [15]);
}

#[test]
fn positions_of_what_is_not_zero() {
    let nodes = vec![node("NonZero", &["a"], "p", vec![]), node("Reshape", &["p", "flat"], "s", vec![])];
    assert_eq!(known(&[1], vec![ints("a", &[0, 7, 0, 9]), ints("flat", &[-1])], nodes), [1, 3]);
    let error = account(graph(&[4], vec![], vec![node("NonZero", &["x"], "y", vec![])])).expect_err("unknown");
    assert!(text(&error).contains("the value of input 0 must be known"), "{}", text(&error));
}

#[test]
fn truth_has_the_common_shape() {
    for op in ["Equal", "Less", "And", "Mod"] {
        assert_eq!(shape(&[2, 3], op, vec![zeros("w", &[4, 1, 3])], vec![]), [4, 2, 3], "{op}");
    }
}

/// Beside a size 0 the others are free: nothing may walk along them.
#[test]
fn empty_constants_of_huge_shape() {
    let empty = TensorProto { dims: vec![0, 1 << 40], int64_data: vec![], ..ints("e", &[]) };
    let nodes = vec![
        node("Transpose", &["e"], "t", vec![]),
        node("Slice", &["t", "zero", "one", "zero"], "cut", vec![]),
        node("Gather", &["cut", "none"], "y", vec![int("axis", 1)]),
    ];
    let constants = vec![empty, ints("zero", &[0]), ints("one", &[1]), ints("none", &[])];
    let counted = account(graph(&[1], constants, nodes)).expect("shapes that fit");
    assert_eq!((&counted.shapes["t"], &counted.shapes["y"]), (&vec![1 << 40, 0], &vec![1, 0]));
}
