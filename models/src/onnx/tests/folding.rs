//! Arithmetic of constants: the shape that `Expand` gives tells what was computed. Expected values: numpy.

use super::{account, floats, graph, int, ints, list, node, scalar};
use crate::onnx::proto::{NodeProto, TensorProto};

/// The elements of `s`, computed by these nodes, as the shape that a number is expanded to.
fn computed(constants: Vec<TensorProto>, mut nodes: Vec<NodeProto>) -> Vec<usize> {
    nodes.push(node("Expand", &["x", "s"], "y", vec![]));
    account(graph(&[1], constants, nodes)).expect("a constant").shapes["y"].clone()
}

fn binary(op: &str, a: &[i64], b: &[i64]) -> Vec<usize> {
    computed(vec![ints("a", a), ints("b", b)], vec![node(op, &["a", "b"], "s", vec![])])
}

#[test]
fn integers() {
    assert_eq!(binary("Add", &[2, 3], &[4]), [6, 7]);
    assert_eq!(binary("Sub", &[9], &[4, 5]), [5, 4]);
    assert_eq!(binary("Mul", &[2, 3], &[4, 5]), [8, 15]);
    assert_eq!(binary("Div", &[7, 9], &[2]), [3, 4]);
    assert_eq!(binary("Max", &[2, 9], &[4]), [4, 9]);
    assert_eq!(binary("Min", &[2, 9], &[4]), [2, 4]);
    assert_eq!(binary("Mod", &[7, -7], &[4]), [3, 1]);
}

#[test]
fn truth_values_choose() {
    let chosen = |op: &str| {
        let nodes = vec![node(op, &["a", "b"], "c", vec![]), node("Where", &["c", "yes", "no"], "s", vec![])];
        computed(vec![ints("a", &[1, 2, 3]), ints("b", &[2]), ints("yes", &[7]), ints("no", &[5])], nodes)
    };
    assert_eq!(chosen("Equal"), [5, 7, 5]);
    assert_eq!(chosen("Less"), [7, 5, 5]);
    assert_eq!(chosen("LessOrEqual"), [7, 7, 5]);
    assert_eq!(chosen("Greater"), [5, 5, 7]);
    assert_eq!(chosen("GreaterOrEqual"), [5, 7, 7]);
    let logic = |op: &str| binary(op, &[0, 0, 1, 1], &[0, 1, 0, 1]);
    assert_eq!([logic("And"), logic("Or"), logic("Xor")], [[0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]]);
}

#[test]
fn one_operand() {
    let one = |op: &str, values: &[i64]| computed(vec![ints("a", values)], vec![node(op, &["a"], "s", vec![])]);
    assert_eq!(one("Neg", &[-3]), [3]);
    assert_eq!(one("Abs", &[-3, 3]), [3, 3]);
    assert_eq!(one("Not", &[0, 5]), [1, 0]);
    assert_eq!(one("ReduceProd", &[2, 3, 4]), [24]);
    assert_eq!(one("ReduceMax", &[2, 9, 4]), [9]);
    let clip = vec![node("Clip", &["a", "low", "high"], "s", vec![])];
    assert_eq!(computed(vec![ints("a", &[1, 5, 9]), scalar("low", 2), scalar("high", 6)], clip), [2, 5, 6]);
}

/// Sizes that are divided as floats and rounded up, as padding to `SAME` is computed.
#[test]
fn floats_become_integers() {
    let rounded = |op: &str| {
        let nodes = vec![
            node("Shape", &["x"], "shape", vec![]),
            node("Concat", &["shape", "sizes"], "all", vec![int("axis", 0)]),
            node("Cast", &["all"], "real", vec![int("to", 1)]),
            node("Div", &["real", "two"], "half", vec![]),
            node(op, &["half"], "whole", vec![]),
            node("Cast", &["whole"], "s", vec![int("to", 7)]),
        ];
        computed(vec![ints("sizes", &[5, 8]), floats("two", &[2.0])], nodes)
    };
    assert_eq!(rounded("Ceil"), [1, 3, 4]);
    assert_eq!(rounded("Floor"), [0, 2, 4]);
    assert_eq!(rounded("Round"), [0, 2, 4]);
}

#[test]
fn ranges_and_rearrangements() {
    let range = |bounds: [i64; 3]| {
        let [start, limit, step] = bounds;
        let constants = vec![scalar("a", start), scalar("b", limit), scalar("c", step)];
        computed(constants, vec![node("Range", &["a", "b", "c"], "s", vec![])])
    };
    assert_eq!(range([1, 8, 3]), [1, 4, 7]);
    assert_eq!(range([5, 1, -2]), [5, 3]);
    assert_eq!(range([5, 5, 1]), [1], "a shape of no axes");
    let pads = vec![
        node("Reshape", &["a", "pairs"], "m", vec![]),
        node("Slice", &["m", "minus", "start", "zero", "minus"], "r", vec![]),
        node("Transpose", &["r"], "t", vec![list("perm", &[1, 0])]),
        node("Reshape", &["t", "minus"], "s", vec![]),
    ];
    let constants = vec![
        ints("a", &[1, 2, 3, 4, 5, 6]),
        ints("pairs", &[3, 2]),
        ints("minus", &[-1]),
        ints("start", &[i64::MIN]),
        ints("zero", &[0]),
    ];
    assert_eq!(computed(constants, pads), [5, 3, 1, 6, 4, 2]);
    let tile = vec![node("Tile", &["a", "n"], "s", vec![])];
    assert_eq!(computed(vec![ints("a", &[2, 3]), ints("n", &[2])], tile), [2, 3, 2, 3]);
    let split = NodeProto { output: vec!["p".into(), "s".into()], ..node("Split", &["a"], "", vec![]) };
    assert_eq!(computed(vec![ints("a", &[2, 3, 4, 5])], vec![split]), [4, 5]);
    assert_eq!(computed(vec![ints("a", &[2, 3, 4])], vec![node("Size", &["a"], "s", vec![])]), [3]);
}
