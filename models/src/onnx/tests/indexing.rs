//! Picking, placing and resizing. Expected shapes: the operators' documentation, by hand.

use super::shapes::{infer, shape};
use super::{account, floats, graph, int, ints, list, node, scalar, text, word, zeros};
use crate::onnx::proto::{AttributeProto, NodeProto};

#[test]
fn picking() {
    assert_eq!(shape(&[5, 6, 7], "Gather", vec![ints("i", &[0, -1])], vec![int("axis", 1)]), [5, 2, 7]);
    assert_eq!(shape(&[5, 6], "Gather", vec![scalar("i", 3)], vec![]), [6]);
    let out = infer(&[5, 6], "Gather", vec![ints("i", &[5])], vec![]).unwrap_err();
    assert!(out.contains("it expects indices below 5"), "{out}");
    assert_eq!(shape(&[5, 6], "GatherElements", vec![zeros("i", &[2, 6])], vec![]), [2, 6]);
    assert_eq!(shape(&[5, 6, 7], "GatherND", vec![zeros("i", &[3, 2])], vec![]), [3, 7]);
    assert_eq!(
        shape(&[5, 6, 7], "GatherND", vec![zeros("i", &[5, 3, 1])], vec![int("batch_dims", 1)]),
        [5, 3, 7]
    );
    assert!(infer(&[5, 6], "GatherND", vec![zeros("i", &[2, 3])], vec![]).is_err());
    assert_eq!(shape(&[5, 6], "ScatterND", vec![zeros("i", &[2, 1]), zeros("u", &[2, 6])], vec![]), [5, 6]);
    assert_eq!(shape(&[4], "OneHot", vec![scalar("d", 10), zeros("v", &[2])], vec![]), [4, 10]);
    assert_eq!(shape(&[4, 9], "TopK", vec![ints("k", &[3])], vec![]), [4, 3]);
    assert_eq!(shape(&[4, 9], "TopK", vec![], vec![int("axis", 0), int("k", 2)]), [2, 9]);
    assert_eq!(shape(&[4, 9], "ArgMax", vec![], vec![int("axis", 1), int("keepdims", 0)]), [4]);
    let some = infer(&[4, 9], "NonZero", vec![], vec![]).unwrap_err();
    assert!(some.ends_with("the value of input 0 must be known without running the model"), "{some}");
}

#[test]
fn slices_of_the_first_operator_set_and_backwards() {
    let old = vec![list("starts", &[1]), list("ends", &[-1]), list("axes", &[1])];
    assert_eq!(shape(&[4, 9], "Slice", vec![], old), [4, 7]);
    let back = vec![ints("s", &[-1]), ints("e", &[i64::MIN]), ints("a", &[1]), ints("t", &[-2])];
    assert_eq!(shape(&[4, 9], "Slice", back, vec![]), [4, 5]);
}

#[test]
fn splits() {
    let parts = |inputs: &[&str], constants, count: usize| {
        let names: Vec<String> = (0..count).map(|i| format!("p{i}")).collect();
        let split = NodeProto { output: names, ..node("Split", inputs, "", vec![int("axis", 1)]) };
        let whole = node("Relu", &["x"], "y", vec![]);
        let counted = account(graph(&[2, 10], constants, vec![split, whole])).map_err(|e| text(&e))?;
        Ok::<_, String>((0..count).map(|i| counted.shapes[&format!("p{i}")][1]).collect::<Vec<_>>())
    };
    assert_eq!(parts(&["x"], vec![], 2), Ok(vec![5, 5]));
    assert_eq!(parts(&["x"], vec![], 3), Ok(vec![4, 4, 2]));
    assert_eq!(parts(&["x", "s"], vec![ints("s", &[7, 3])], 2), Ok(vec![7, 3]));
    assert!(parts(&["x", "s"], vec![ints("s", &[7, 4])], 2).is_err());
}

#[test]
fn padding() {
    assert_eq!(shape(&[2, 3], "Pad", vec![], vec![list("pads", &[0, 1, 0, 2])]), [2, 6]);
    assert_eq!(shape(&[2, 8], "Pad", vec![ints("p", &[0, -1, 0, -2])], vec![]), [2, 5]);
    let some_axes = vec![ints("p", &[1, 2]), scalar("v", 0), ints("a", &[-1])];
    assert_eq!(shape(&[2, 3], "Pad", some_axes, vec![]), [2, 6]);
}

#[test]
fn blocks_and_tiles() {
    assert_eq!(shape(&[1, 12, 4, 5], "DepthToSpace", vec![], vec![int("blocksize", 2)]), [1, 3, 8, 10]);
    assert_eq!(shape(&[1, 3, 8, 10], "SpaceToDepth", vec![], vec![int("blocksize", 2)]), [1, 12, 4, 5]);
    assert!(infer(&[1, 3, 7, 10], "SpaceToDepth", vec![], vec![int("blocksize", 2)]).is_err());
    assert_eq!(shape(&[2, 3], "Tile", vec![ints("n", &[4, 1])], vec![]), [8, 3]);
    assert_eq!(
        shape(&[1, 18, 9], "Col2Im", vec![ints("i", &[5, 5]), ints("b", &[3, 3])], vec![]),
        [1, 2, 5, 5]
    );
    assert_eq!(shape(&[2, 0, 3], "Reshape", vec![ints("s", &[0, 6])], vec![int("allowzero", 1)]), [0, 6]);
}

#[test]
fn resizing() {
    let map = [1, 3, 5, 7];
    let half = || floats("s", &[1.0, 1.0, 2.0, 0.5]);
    // An empty roi, as exporters write it.
    assert_eq!(shape(&map, "Resize", vec![floats("r", &[]), half()], vec![]), [1, 3, 10, 3]);
    let sizes = vec![floats("r", &[]), floats("s", &[]), ints("n", &[1, 3, 20, 30])];
    assert_eq!(shape(&map, "Resize", sizes, vec![]), [1, 3, 20, 30]);
    let axes = vec![floats("r", &[]), floats("s", &[2.0, 2.0])];
    assert_eq!(shape(&map, "Resize", axes, vec![list("axes", &[2, 3])]), [1, 3, 10, 14]);
    assert_eq!(shape(&map, "Upsample", vec![half()], vec![]), [1, 3, 10, 3]);
    let factors = AttributeProto {
        name: "scales".into(),
        floats: vec![1.0, 1.0, 3.0, 3.0],
        r#type: 6,
        ..Default::default()
    };
    assert_eq!(shape(&map, "Upsample", vec![], vec![factors]), [1, 3, 15, 21]);
    assert_eq!(shape(&map, "GridSample", vec![zeros("g", &[1, 8, 9, 2])], vec![]), [1, 3, 8, 9]);
    let counted = account(graph(&map, vec![half()], vec![node("Upsample", &["x", "s"], "y", vec![])])).unwrap();
    assert_eq!((counted.params, counted.unused), (0, 0), "factors are settings");
    let keep = vec![word("keep_aspect_ratio_policy", "not_larger")];
    assert!(infer(&map, "Resize", vec![floats("r", &[]), half()], keep).is_err());
}
