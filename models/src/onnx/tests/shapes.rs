//! Shape inference and counts, operator by operator.

use super::{account, graph, int, ints, list, node, text, zeros};
use crate::onnx::proto::{AttributeProto, NodeProto, TensorProto};

/// Output shape of one node over `x`, and its multiply-adds.
pub(super) fn infer(
    dims: &[i64],
    op: &str,
    constants: Vec<TensorProto>,
    attributes: Vec<AttributeProto>,
) -> Result<(Vec<usize>, u64), String> {
    let names: Vec<String> =
        std::iter::once("x".into()).chain(constants.iter().map(|t| t.name.clone())).collect();
    let inputs: Vec<&str> = names.iter().map(String::as_str).collect();
    let counted =
        account(graph(dims, constants, vec![node(op, &inputs, "y", attributes)])).map_err(|e| text(&e))?;
    Ok((counted.shapes["y"].clone(), counted.macs))
}

pub(super) fn shape(
    dims: &[i64],
    op: &str,
    constants: Vec<TensorProto>,
    attributes: Vec<AttributeProto>,
) -> Vec<usize> {
    infer(dims, op, constants, attributes).expect("shapes that fit").0
}

#[test]
fn convolutions() {
    let pads = || list("pads", &[1, 1, 1, 1]);
    let conv =
        infer(&[2, 8, 9, 9], "Conv", vec![zeros("w", &[16, 8, 3, 3])], vec![pads(), list("strides", &[2, 2])]);
    assert_eq!(conv, Ok((vec![2, 16, 5, 5], 2 * 16 * 25 * 72)));
    let depthwise = infer(
        &[1, 8, 9, 9],
        "Conv",
        vec![zeros("w", &[8, 1, 3, 3])],
        vec![int("group", 8), list("dilations", &[2, 2])],
    );
    assert_eq!(depthwise, Ok((vec![1, 8, 5, 5], 8 * 25 * 9)));
    let up =
        infer(&[1, 8, 4, 4], "ConvTranspose", vec![zeros("w", &[8, 6, 2, 2])], vec![list("strides", &[2, 2])]);
    assert_eq!(up, Ok((vec![1, 6, 8, 8], 8 * 16 * 24)));
    let odd = infer(&[1, 7, 9, 9], "Conv", vec![zeros("w", &[16, 8, 3, 3])], vec![]);
    let expected = "node \"y\" (Conv): it expects weights that take 7 channels in 1 groups, found [[1, 7, 9, 9], [16, 8, 3, 3]]";
    assert_eq!(odd, Err(expected.into()));
}

#[test]
fn matrix_products() {
    let gemm = infer(&[2, 5], "Gemm", vec![zeros("w", &[3, 5]), zeros("b", &[3])], vec![int("transB", 1)]);
    assert_eq!(gemm, Ok((vec![2, 3], 30)));
    assert_eq!(infer(&[4, 2, 5], "MatMul", vec![zeros("w", &[5, 3])], vec![]), Ok((vec![4, 2, 3], 120)));
}

#[test]
fn pools() {
    let pool = |extra| {
        shape(
            &[1, 4, 8, 8],
            "MaxPool",
            vec![],
            [vec![list("kernel_shape", &[3, 3]), list("strides", &[2, 2])], extra].concat(),
        )
    };
    assert_eq!(pool(vec![]), [1, 4, 3, 3]);
    assert_eq!(pool(vec![int("ceil_mode", 1)]), [1, 4, 4, 4]);
    assert_eq!(pool(vec![list("pads", &[0, 0, 1, 1])]), [1, 4, 4, 4]);
    assert_eq!(shape(&[1, 4, 8, 8], "GlobalAveragePool", vec![], vec![]), [1, 4, 1, 1]);
}

#[test]
fn shapes_and_axes() {
    assert_eq!(shape(&[2, 3, 4], "Reshape", vec![ints("s", &[0, -1])], vec![]), [2, 12]);
    assert_eq!(shape(&[2, 3, 4], "Flatten", vec![], vec![int("axis", 2)]), [6, 4]);
    assert_eq!(shape(&[2, 1, 4], "Squeeze", vec![ints("a", &[-2])], vec![]), [2, 4]);
    assert_eq!(shape(&[2, 4], "Unsqueeze", vec![ints("a", &[0, 3])], vec![]), [1, 2, 4, 1]);
    assert_eq!(shape(&[2, 3, 4], "Transpose", vec![], vec![list("perm", &[2, 0, 1])]), [4, 2, 3]);
    assert_eq!(shape(&[2, 3], "Concat", vec![zeros("w", &[2, 5])], vec![int("axis", -1)]), [2, 8]);
    assert_eq!(shape(&[2, 3], "Pad", vec![ints("p", &[0, 1, 0, 2])], vec![]), [2, 6]);
    assert_eq!(
        shape(
            &[2, 9],
            "Slice",
            vec![ints("s", &[-4]), ints("e", &[i64::MAX]), ints("a", &[1]), ints("t", &[2])],
            vec![]
        ),
        [2, 2]
    );
    assert_eq!(shape(&[2, 3, 4], "ReduceMean", vec![], vec![list("axes", &[-1, 1]), int("keepdims", 0)]), [2]);
    assert_eq!(shape(&[2, 3], "Add", vec![zeros("w", &[4, 1, 3])], vec![]), [4, 2, 3]);
    assert_eq!(shape(&[2, 3], "Expand", vec![ints("s", &[5, 1, 3])], vec![]), [5, 2, 3]);
}

/// A channel shuffle as `PyTorch` writes it: the shape is taken apart and put together again.
#[test]
fn arithmetic_of_shapes() {
    let nodes: Vec<NodeProto> = vec![
        node("Shape", &["x"], "shape", vec![]),
        node("Gather", &["shape", "one"], "c", vec![]),
        node("Div", &["c", "two"], "half", vec![]),
        node("Slice", &["shape", "one", "four"], "tail", vec![]),
        node("Concat", &["minus", "half", "two", "tail"], "target", vec![int("axis", 0)]),
        node("Reshape", &["x", "target"], "y", vec![]),
    ];
    let constants = vec![ints("one", &[1]), ints("two", &[2]), ints("four", &[4]), ints("minus", &[-1])];
    let error = account(graph(&[1, 8, 3, 3], constants.clone(), nodes.clone())).expect_err("too many elements");
    assert!(
        text(&error).contains("(Reshape): it expects 72 elements for the shape [-1, 4, 2, 8, 3, 3]"),
        "{}",
        text(&error)
    );
    let counted = account(graph(&[8, 8, 3, 3], constants, nodes)).expect("a shape that fits");
    assert_eq!(counted.shapes["y"], [1, 4, 2, 8, 3, 3]);
}

#[test]
fn shared_weights_count_once_and_settings_not_at_all() {
    let nodes = vec![
        node("Identity", &["w"], "w2", vec![]),
        node("Mul", &["x", "w"], "a", vec![]),
        node("Mul", &["a", "w2"], "b", vec![]),
        node("Clip", &["b", "low"], "y", vec![]),
    ];
    let scalar = TensorProto { dims: vec![], raw_data: vec![0; 4].into(), ..zeros("low", &[1]) };
    let counted =
        account(graph(&[1, 5], vec![zeros("w", &[5]), scalar, zeros("idle", &[7])], nodes)).expect("counts");
    assert_eq!((counted.macs, counted.params, counted.unused), (0, 5, 7));
    assert_eq!(counted.nodes.iter().map(|n| n.params).collect::<Vec<_>>(), [0, 5, 0, 0]);
}
