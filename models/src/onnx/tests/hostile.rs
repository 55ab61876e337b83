//! Files made to cost time or memory out of proportion, or to trip the arithmetic: an error or a count, at once.

use super::{account, encode, graph, int, ints, list, node, port, text, zeros};
use crate::conventions::Term;
use crate::onnx::proto::{AttributeProto, GraphProto, NodeProto, TensorProto};
use crate::onnx::{Assume, decode};

fn error(graph: GraphProto) -> String {
    text(&account(graph).unwrap_err())
}

/// Nodes `op(v0) -> v1`, `op(v1) -> v2` and so on, the last one writing `y`.
fn chain(length: usize, first: &str, make: impl Fn(&str, &str) -> NodeProto) -> Vec<NodeProto> {
    let name = |i: usize| match i {
        0 => first.to_string(),
        i if i == length => "y".into(),
        i => format!("v{i}"),
    };
    (0..length).map(|i| make(&name(i), &name(i + 1))).collect()
}

/// Outputs left out have no name, so they are no way back from a gate.
#[test]
fn a_gate_of_nameless_outputs_ends() {
    let value = AttributeProto {
        name: "value".into(),
        t: Some(zeros("", &[1, 4, 1, 1])),
        r#type: 4,
        ..Default::default()
    };
    let constant =
        NodeProto { output: vec!["g".into(), String::new()], ..node("Constant", &[""], "", vec![value]) };
    let counted = account(graph(&[1, 4, 6, 6], vec![], vec![constant, node("Mul", &["x", "g"], "y", vec![])]));
    assert_eq!(counted.unwrap().nodes[1].terms[Term::Squeezed], 0);
}

/// A way back of 10,000 nodes from each of 10,000 gates: a minute, if each walked it.
#[test]
fn long_gates_are_walked_once() {
    let length = 10_000;
    let mut nodes = vec![node("GlobalAveragePool", &["x"], "v0", vec![])];
    nodes.extend(chain(length, "v0", |x, y| node("Relu", &[x], y, vec![])));
    nodes.extend((0..length).map(|i| node("Mul", &["x", "y"], &format!("m{i}"), vec![])));
    let counted = account(graph(&[1, 4, 6, 6], vec![], nodes)).unwrap();
    assert_eq!(counted.nodes[0].terms[Term::Squeezed], 144);
}

/// A name of 100,000 letters that 20,000 values go back to: gigabytes, if each had its own copy.
#[test]
fn weights_handed_on_share_their_name() {
    let name = "w".repeat(100_000);
    let nodes = chain(20_000, &name, |x, y| node("Identity", &[x], y, vec![]));
    let mut last = nodes;
    last.push(node("Add", &["x", "y"], "z", vec![]));
    let counted = account(graph(&[1, 4], vec![zeros(&name, &[4])], last)).unwrap();
    assert_eq!(counted.params, 4);
}

/// Constants that grow, or are many: sizes are known to the end, elements only as long as they are few.
#[test]
fn long_constants_are_not_computed() {
    let joined = |parts: usize| {
        let nodes = vec![
            node("Concat", &vec!["s"; parts], "t", vec![int("axis", 0)]),
            node("Expand", &["x", "t"], "y", vec![]),
        ];
        account(graph(&[1], vec![ints("s", &[1])], nodes)).map_err(|e| text(&e))
    };
    assert_eq!(joined(8).unwrap().shapes["y"], [1; 8]);
    let unknown = "the value of input 1 must be known without running the model";
    assert!(joined(100).unwrap_err().ends_with(unknown));
    let many = ints("s", &[1; 1024]);
    let nodes = vec![node("Concat", &vec!["s"; 100_000], "y", vec![int("axis", 0)])];
    assert_eq!(account(graph(&[1], vec![many], nodes)).unwrap().shapes["y"], [102_400_000]);
}

#[test]
fn a_size_of_0_does_not_hide_an_overflow() {
    let nodes = |op| vec![node(op, &["x"], "y", vec![])];
    let huge = [0, 4, 1 << 40, 1 << 40];
    assert!(error(graph(&huge, vec![], nodes("Relu"))).ends_with("the number of elements overflows"));
    let bad = TensorProto { dims: huge.into(), ..zeros("w", &[0]) };
    assert!(error(graph(&[1], vec![bad], nodes("Relu"))).contains("impossible shape"));
}

#[test]
fn inputs_without_a_name_are_an_error() {
    let nodes = || vec![node("Relu", &["x"], "y", vec![])];
    let input = GraphProto { input: vec![port("x", &[1]), port("", &[1])], ..graph(&[1], vec![], nodes()) };
    assert_eq!(error(input), "an input or initializer has no name");
    assert_eq!(error(graph(&[1], vec![zeros("", &[1])], nodes())), "an input or initializer has no name");
}

/// A thousand axes for a shape of two: refused before they are looked at one by one.
#[test]
fn more_axes_than_the_rank_are_refused() {
    let many = || ints("a", &[0; 1024]);
    let unsqueeze = graph(&[2, 2], vec![many()], vec![node("Unsqueeze", &["x", "a"], "y", vec![])]);
    assert!(error(unsqueeze).contains("it expects at most 32 axes, not 1026"));
    let slice = graph(&[2, 2], vec![many()], vec![node("Slice", &["x", "a", "a", "a"], "y", vec![])]);
    assert!(error(slice).contains("it expects at most one slice per axis, not 1024"));
}

/// Thousands of unknown nodes and outputs, each with its declared shape.
#[test]
fn many_unknown_nodes_are_listed_in_linear_time() {
    let count = 40_000;
    let nodes: Vec<NodeProto> = (0..count).map(|i| node("Own", &["x"], &format!("v{i}"), vec![])).collect();
    let output = (0..count).map(|i| port(&format!("v{i}"), &[1, i])).collect();
    let model = decode(&encode(GraphProto { output, ..graph(&[1], vec![], nodes) })).unwrap();
    let counted = model.account(&Assume { allow_unknown: true, ..Assume::default() }).unwrap();
    assert_eq!(counted.unknown.len(), 40_000);
    assert_eq!(counted.shapes["v7"], [1, 7]);
}

/// Messages within messages, which a decoder might follow without end: subgraphs are not read, however deep.
#[test]
fn deep_nesting_is_skipped() {
    let mut inner = Vec::new();
    for _ in 0..10_000 {
        // Field 6 (a subgraph) of an attribute, field 1 (a node) of a graph, field 5 (an attribute) of a node.
        for field in [0x2a_u8, 0x0a, 0x32] {
            let mut outer = vec![field];
            prost::encoding::encode_varint(inner.len() as u64, &mut outer);
            outer.append(&mut inner);
            inner = outer;
        }
    }
    // An attribute of the model's only node, in field 5 of a node in field 1 of the graph in field 7.
    for field in [0x2a_u8, 0x0a, 0x3a] {
        let mut outer = vec![field];
        prost::encoding::encode_varint(inner.len() as u64, &mut outer);
        outer.append(&mut inner);
        inner = outer;
    }
    let opset = [0x42, 0x02, 0x10, 0x11];
    let model = decode(&[inner.as_slice(), &opset].concat()).unwrap();
    assert_eq!(
        text(&model.account(&Assume::default()).unwrap_err()),
        "node \"\" (): the operator is not supported"
    );
}

#[test]
fn sizes_beyond_counting_are_errors() {
    let huge = [1 << 20, 1 << 20, 1 << 20];
    let nodes = chain(3, "x", |x, y| node("Relu", &[x], y, vec![]));
    // 2^60 elements of four bytes, four times: just more than 64 bits hold.
    assert_eq!(error(graph(&huge, vec![], nodes)), "the number of bytes of activations overflows");
    let products = vec![node("MatMul", &["x", "x"], "y", vec![])];
    let wide = error(graph(&[1 << 30, 1 << 30], vec![], products));
    assert!(wide.ends_with("the number of multiply-adds overflows"), "{wide}");
    let pads = vec![list("kernel_shape", &[1, 1]), list("pads", &[i64::MAX, 0, 0, 0])];
    let padded = error(graph(&[1, 1, 4, 4], vec![], vec![node("MaxPool", &["x"], "y", pads)]));
    assert!(padded.contains("inputs of at least one [1, 1] window"), "{padded}");
}
