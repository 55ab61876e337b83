use super::{encode, graph, node, port, text, zeros};
use crate::onnx::{Bytes, Dim, decode, proto::NodeProto, up_to};

fn plain(op_type: &str, inputs: &[&str], output: &str) -> NodeProto {
    node(op_type, inputs, output, Vec::new())
}

/// Two branches that meet: `a` to `b`, and `c`.
fn branches() -> Bytes {
    let nodes = vec![
        plain("Mul", &["x", "k"], "a"),
        plain("Mul", &["x", "l"], "c"),
        plain("Relu", &["a"], "b"),
        plain("Add", &["b", "c"], "y"),
    ];
    encode(graph(&[1, 3], vec![zeros("k", &[1]), zeros("l", &[1])], nodes)).into()
}

#[test]
fn a_piece_has_what_its_value_needs_and_nothing_else() {
    let model = decode(&up_to(&branches(), "b").unwrap()).unwrap();
    let operators: Vec<&str> = model.graph.nodes.iter().map(|node| node.op_type.as_str()).collect();
    assert_eq!(operators, ["Mul", "Relu", "Cast"]);
    assert_eq!(model.graph.initializers.keys().collect::<Vec<_>>(), ["k"]);
    assert_eq!(model.graph.inputs[0].dims, Some(vec![Dim::Fixed(1), Dim::Fixed(3)]));
    assert_eq!(model.graph.outputs.iter().map(|port| port.name.as_str()).collect::<Vec<_>>(), ["b.seen"]);
    assert_eq!((model.opset, model.ir_version), (17, 8));
    // A piece of a piece, whose output's name is taken.
    let again = decode(&up_to(&up_to(&branches(), "y").unwrap(), "y.seen").unwrap()).unwrap();
    assert_eq!(again.graph.nodes.len(), 6);
}

#[test]
fn constants_that_old_files_list_as_inputs_go_with_what_reads_them() {
    let mut old = graph(
        &[1, 3],
        vec![zeros("k", &[1])],
        vec![plain("Relu", &["x"], "a"), plain("Mul", &["a", "k"], "y")],
    );
    old.input.push(port("k", &[]));
    let bytes = Bytes::from(encode(old));
    assert_eq!(decode(&up_to(&bytes, "a").unwrap()).unwrap().graph.initializers.len(), 0);
    assert_eq!(decode(&up_to(&bytes, "y").unwrap()).unwrap().graph.initializers.len(), 1);
}

#[test]
fn values_that_no_node_gives_are_named() {
    for value in ["z", "x", "k", ""] {
        let error = up_to(&branches(), value).unwrap_err();
        assert_eq!(text(&error), format!("no node gives a value {value:?}"));
    }
    assert!(up_to(&Bytes::from_static(b"nonsense"), "a").is_err());
}
