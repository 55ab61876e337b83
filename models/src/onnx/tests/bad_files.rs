//! Files that are wrong: each has its own clear error, never a panic.

use std::fs;

use super::super::proto::{GraphProto, ModelProto, StringStringEntryProto, TensorProto};
use super::super::{decode, read};
use super::{account, encode, graph, ints, node, port, text, zeros};
use prost::Message as _;

fn tiny() -> GraphProto {
    graph(&[1, 3, 8, 8], vec![zeros("w", &[4, 3, 3, 3])], vec![node("Conv", &["x", "w"], "y", vec![])])
}

fn error(graph: GraphProto) -> String {
    text(&account(graph).expect_err("a bad graph"))
}

#[test]
fn files_that_are_no_models() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = text(&read(folder.path().join("none.onnx")).expect_err("missing"));
    assert!(
        missing.starts_with("read ") && missing.ends_with("none.onnx: No such file or directory (os error 2)"),
        "{missing}"
    );
    assert!(text(&read(folder.path()).expect_err("a folder")).ends_with("it is a folder, not an ONNX file"));
    let good = encode(tiny());
    let cases: [(&[u8], &str); 5] = [
        (b"", "the file is empty"),
        (b"once upon a time", "it is not an ONNX file (byte 0: \"once upon a \")"),
        (
            &good[..good.len() / 2],
            "the file is truncated: at byte 5 `graph` announces 508 bytes and 253 are there",
        ),
        (&[0x1f, 0x8b, 8, 0, 0], "unexpected end of file"),
        (&[0x08, 0x08, 0x42, 0x02, 0x10, 0x11], "there is no graph in it"),
    ];
    for (bytes, expected) in cases {
        let path = folder.path().join("model.onnx");
        fs::write(&path, bytes).expect("a file");
        let found = text(&read(&path).expect_err("a bad file"));
        assert_eq!(found, format!("read {}: {expected}", path.display()));
    }
}

/// Every prefix, and every byte changed in turn, is an error or a model; nothing panics or hangs.
#[test]
fn damage_never_panics() {
    let good = encode(tiny());
    for end in 0..good.len() {
        let _ = decode(&good[..end]);
    }
    for i in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[i] ^= 1 << bit;
            let _ = decode(&bytes).and_then(|m| m.account(&crate::onnx::Assume::default()));
        }
    }
}

#[test]
fn graphs_that_do_not_hold_together() {
    let with = |nodes| graph(&[1, 4], vec![], nodes);
    let cycle = with(vec![
        node("Add", &["x", "b"], "a", vec![]),
        node("Relu", &["a"], "b", vec![]),
        node("Relu", &["b"], "y", vec![]),
    ]);
    assert_eq!(error(cycle), "node \"a\" (Add): the graph has a cycle");
    let missing = error(with(vec![node("Add", &["x", "w"], "y", vec![])]));
    assert_eq!(
        missing,
        "node \"y\" (Add): \"w\" is read, but it is no input, no initializer and no node's output"
    );
    assert!(error(with(vec![])).starts_with("\"y\" is read, but"));
    let twice = error(with(vec![node("Relu", &["x"], "y", vec![]), node("Relu", &["x"], "y", vec![])]));
    assert_eq!(twice, "node \"y\" (Relu): value \"y\" is defined twice");
    assert_eq!(
        error(with(vec![node("Florp", &["x"], "y", vec![])])),
        "node \"y\" (Florp): the operator is not supported"
    );
    assert_eq!(error(with(vec![node("Relu", &[], "y", vec![])])), "node \"y\" (Relu): input 0 is missing");
    let open = GraphProto { input: vec![port("x", &[-1, 3, -1, 8])], ..tiny() };
    assert_eq!(error(open), "input \"x\" has the open shape [N, 3, N, 8]; give its size");
}

#[test]
fn tensors_that_cannot_be() {
    let with = |w: TensorProto| GraphProto { initializer: vec![w], ..tiny() };
    let short = TensorProto { raw_data: vec![0; 10].into(), ..zeros("w", &[4, 3, 3, 3]) };
    assert_eq!(error(with(short)), "tensor \"w\" of shape [4, 3, 3, 3] needs 432 bytes, found 10");
    let negative = TensorProto { dims: vec![4, -3], ..zeros("w", &[1]) };
    assert_eq!(error(with(negative)), "\"w\" has the impossible shape [4, -3]");
    let huge = TensorProto { dims: vec![i64::MAX, 8], ..zeros("w", &[1]) };
    assert!(error(with(huge)).starts_with("\"w\" has the impossible shape"));
    let location = StringStringEntryProto { key: "location".into(), value: "weights.bin".into() };
    let external = TensorProto { external_data: vec![location], data_location: 1, ..zeros("w", &[1]) };
    assert!(error(with(external)).starts_with("tensor \"w\" keeps its data in another file"));
}

/// Shapes and ranks that double with every node: bounded time and memory.
#[test]
fn explosions_are_errors() {
    let name = |i: usize| if i == 0 { "x".to_string() } else { format!("v{i}") };
    let chain = |op: &str, last: usize| -> Vec<_> {
        (0..=last)
            .map(|i| node(op, &[&name(i), &name(i)], &if i == last { "y".into() } else { name(i + 1) }, vec![]))
            .collect()
    };
    let doubled = error(graph(&[2, 2], vec![], chain("Concat", 80)));
    assert!(doubled.contains("expects shapes that agree") || doubled.contains("overflows"), "{doubled}");
    assert!(error(graph(&[2, 2], vec![], chain("Gather", 80))).contains("overflows"));
    let of_shape = vec![node("ConstantOfShape", &["s"], "y", vec![])];
    assert!(error(graph(&[1], vec![ints("s", &[1 << 40, 1 << 40])], of_shape)).contains("impossible shape"));
}

#[test]
fn a_model_needs_the_standard_operators() {
    let bytes = ModelProto { graph: Some(tiny()), ..Default::default() }.encode_to_vec();
    assert_eq!(
        text(&decode(&bytes).expect_err("no opset")),
        "it names no version of the standard operator set"
    );
}
