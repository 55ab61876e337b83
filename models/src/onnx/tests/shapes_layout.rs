//! Layout, indexing, resampling and sums of products, operator by operator.

use super::shapes::{infer, shape};
use super::{account, floats, graph, int, ints, list, node, text, word, zeros};
use crate::onnx::proto::NodeProto;

#[test]
fn gathering_and_scattering() {
    assert_eq!(shape(&[5, 3, 4], "Gather", vec![ints("i", &[0, 2])], vec![int("axis", 1)]), [5, 2, 4]);
    assert_eq!(shape(&[5, 3], "GatherElements", vec![zeros("i", &[2, 3])], vec![]), [2, 3]);
    assert_eq!(shape(&[5, 3, 4], "GatherND", vec![zeros("i", &[7, 2])], vec![]), [7, 4]);
    assert_eq!(shape(&[5, 3, 4], "GatherND", vec![zeros("i", &[5, 1])], vec![int("batch_dims", 1)]), [5, 4]);
    assert!(infer(&[5], "GatherND", vec![zeros("i", &[7, 2])], vec![]).is_err());
    let scatter = vec![zeros("i", &[2, 1]), zeros("u", &[2, 4])];
    assert_eq!(shape(&[5, 4], "ScatterND", scatter, vec![]), [5, 4]);
    let depth = vec![ints("d", &[7]), zeros("v", &[2])];
    assert_eq!(shape(&[2, 3], "OneHot", depth, vec![int("axis", 1)]), [2, 7, 3]);
}

#[test]
fn extremes() {
    assert_eq!(shape(&[2, 9], "TopK", vec![ints("k", &[4])], vec![]), [2, 4]);
    assert!(infer(&[2, 9], "TopK", vec![ints("k", &[10])], vec![]).is_err());
    assert_eq!(shape(&[2, 9], "ArgMax", vec![], vec![int("axis", -1)]), [2, 1]);
    assert_eq!(shape(&[2, 9], "ArgMin", vec![], vec![int("keepdims", 0)]), [9]);
}

#[test]
fn blocks_and_copies() {
    assert_eq!(shape(&[1, 12, 3, 5], "DepthToSpace", vec![], vec![int("blocksize", 2)]), [1, 3, 6, 10]);
    assert_eq!(shape(&[1, 3, 6, 10], "SpaceToDepth", vec![], vec![int("blocksize", 2)]), [1, 12, 3, 5]);
    assert!(infer(&[1, 3, 6, 10], "SpaceToDepth", vec![], vec![int("blocksize", 0)]).is_err());
    assert_eq!(shape(&[2, 3], "Tile", vec![ints("r", &[3, 1])], vec![]), [6, 3]);
    assert!(infer(&[2, 3], "Tile", vec![ints("r", &[1 << 62, 1 << 62])], vec![]).is_err());
}

#[test]
fn paddings() {
    assert_eq!(shape(&[4, 6], "Pad", vec![], vec![list("pads", &[0, -1, 1, -2])]), [5, 3]);
    let nodes = vec![node("Pad", &["x", "p", "", "a"], "y", vec![])];
    let counted = account(graph(&[4, 6], vec![ints("p", &[2, 3]), ints("a", &[-1])], nodes));
    assert_eq!(counted.expect("pads of one axis").shapes["y"], [4, 11]);
}

/// ⌊9 · 1.5⌋ = 13.
#[test]
fn resampling() {
    let resize = |inputs: &[&str], constants| {
        let counted = account(graph(&[1, 3, 8, 9], constants, vec![node("Resize", inputs, "y", vec![])]));
        counted.map(|c| (c.shapes["y"].clone(), c.params)).map_err(|e| text(&e))
    };
    let scales = vec![floats("scales", &[1.0, 1.0, 2.0, 1.5])];
    assert_eq!(resize(&["x", "", "scales"], scales), Ok((vec![1, 3, 16, 13], 0)));
    let sizes = vec![ints("sizes", &[1, 3, 7, 7])];
    assert_eq!(resize(&["x", "", "", "sizes"], sizes), Ok((vec![1, 3, 7, 7], 0)));
    assert!(resize(&["x", "", "scales"], vec![floats("scales", &[1.0, 1.0, -2.0, 1.0])]).is_err());
    assert!(resize(&["x", "", "scales"], vec![floats("scales", &[1.0, 1.0, 1e30, 1e30])]).is_err());
    assert_eq!(shape(&[1, 3, 8, 9], "Upsample", vec![floats("s", &[1., 1., 2., 2.])], vec![]), [1, 3, 16, 18]);
    assert_eq!(shape(&[2, 3, 8, 9], "GridSample", vec![zeros("g", &[2, 4, 5, 2])], vec![]), [2, 3, 4, 5]);
}

#[test]
fn splits() {
    let split = |attributes| NodeProto {
        output: vec!["y".into(), "b".into(), "c".into()],
        ..node("Split", &["x"], "y", attributes)
    };
    let sizes = |attributes| {
        let counted = account(graph(&[7, 2], vec![], vec![split(attributes)])).expect("parts");
        ["y", "b", "c"].map(|part| counted.shapes[part][0])
    };
    assert_eq!(sizes(vec![list("split", &[4, 1, 2])]), [4, 1, 2]);
    assert_eq!(sizes(vec![int("num_outputs", 3)]), [3, 3, 1]);
}

/// The paddings of `PyTorch`, from the last axis to the first, are turned round: rows of pairs, reversed, transposed.
#[test]
fn paddings_turned_round() {
    let nodes = vec![
        node("Reshape", &["pairs", "two"], "rows", vec![]),
        node("Slice", &["rows", "last", "first", "zero", "last"], "reversed", vec![]),
        node("Transpose", &["reversed"], "columns", vec![list("perm", &[1, 0])]),
        node("Reshape", &["columns", "last"], "pads", vec![]),
        node("Pad", &["x", "pads"], "y", vec![]),
    ];
    let constants = vec![
        ints("pairs", &[1, 2, 3, 4]),
        ints("two", &[-1, 2]),
        ints("last", &[-1]),
        ints("first", &[i64::MIN + 1]),
        ints("zero", &[0]),
    ];
    let counted = account(graph(&[10, 20], constants, nodes)).expect("known pads");
    assert_eq!(counted.shapes["y"], [10 + 3 + 4, 20 + 1 + 2]);
}

#[test]
fn sums_of_products() {
    let einsum = |dims: &[i64], equation: &str, other: Option<&[i64]>| {
        let others = other.map(|dims| zeros("w", dims)).into_iter().collect();
        infer(dims, "Einsum", others, vec![word("equation", equation)])
    };
    assert_eq!(einsum(&[2, 3, 4], "bij, bjk -> bik", Some(&[2, 4, 5])), Ok((vec![2, 3, 5], 120)));
    assert_eq!(einsum(&[7, 3, 4], "...ij,jk", Some(&[4, 5])), Ok((vec![7, 3, 5], 420)));
    assert_eq!(einsum(&[3, 3], "ii->i", None), Ok((vec![3], 0)));
    assert!(einsum(&[3, 4], "ij,jk->ik", Some(&[5, 6])).is_err());
    assert!(einsum(&[3, 4], "ij->z", None).is_err());
}
