//! Operators that are not in the tables.

use super::{account, encode, graph, list, node, port, text, zeros};
use crate::onnx::proto::{GraphProto, NodeProto};
use crate::onnx::{Account, Assume, decode};

fn allowed(graph: GraphProto) -> Account {
    let assume = Assume { allow_unknown: true, ..Assume::default() };
    decode(&encode(graph)).unwrap().account(&assume).unwrap()
}

/// A convolution, an operator of somebody's own, another convolution.
fn around(op: &str) -> GraphProto {
    let conv = |x: &str, w: &str, y: &str| node("Conv", &[x, w], y, vec![list("kernel_shape", &[1, 1])]);
    let own = NodeProto { domain: "org.example".into(), name: "mine".into(), ..node(op, &["a"], "b", vec![]) };
    graph(
        &[1, 3, 8, 8],
        vec![zeros("w1", &[4, 3, 1, 1]), zeros("w2", &[5, 4, 1, 1])],
        vec![conv("x", "w1", "a"), own, conv("b", "w2", "y")],
    )
}

#[test]
fn an_unknown_operator_is_an_error_that_names_its_node() {
    let error = text(&account(around("Frobnicate")).unwrap_err());
    assert!(error.contains("mine") && error.contains("org.example:Frobnicate"), "{error}");
}

#[test]
fn where_allowed_it_is_listed_with_all_that_depends_on_it() {
    let counted = allowed(around("Frobnicate"));
    assert_eq!(counted.macs, 4 * 3 * 64);
    let unknown: Vec<&str> = counted.unknown.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(unknown, ["mine", "y"]);
    assert!(counted.unknown[0].reason.contains("not supported"), "{}", counted.unknown[0].reason);
    assert!(counted.unknown[1].reason.contains("input 0"), "{}", counted.unknown[1].reason);
}

#[test]
fn a_declared_shape_lets_counting_go_on() {
    let declared = GraphProto { value_info: vec![port("b", &[1, 4, 2, 2])], ..around("Frobnicate") };
    let counted = allowed(declared);
    assert_eq!(counted.macs, 4 * 3 * 64 + 5 * 4 * 4);
    assert_eq!(counted.unknown.len(), 1);
    assert_eq!(counted.shapes["y"], [1, 5, 2, 2]);
    // A shape that is open, or cannot be, is none.
    for dims in [vec![1, 4, -1, 2], vec![1, 1 << 40, 1 << 40]] {
        let declared = GraphProto { value_info: vec![port("b", &dims)], ..around("Frobnicate") };
        assert_eq!(allowed(declared).unknown.len(), 2, "{dims:?}");
    }
}
