//! Layers with more to them than one shape: transposed and deformable convolutions, products in Einstein's notation, recurrent layers,
//! normalisation. Expected values by hand.

use super::shapes::{infer, shape};
use super::{account, graph, int, list, node, word, zeros};
use crate::onnx::proto::NodeProto;

#[test]
fn transposed_convolutions() {
    let weights = || vec![zeros("w", &[4, 3, 3, 3])];
    let strides = || list("strides", &[2, 2]);
    let with = |extra| infer(&[1, 4, 5, 5], "ConvTranspose", weights(), vec![strides(), extra]);
    // 2 · (5 − 1) + 3 = 11, before padding; each of 4 · 25 inputs takes part in 3 · 9 products.
    let macs = 4 * 25 * 27;
    assert_eq!(with(list("pads", &[1, 1, 1, 1])), Ok((vec![1, 3, 9, 9], macs)));
    assert_eq!(with(list("output_padding", &[1, 0])), Ok((vec![1, 3, 12, 11], macs)));
    assert_eq!(with(list("output_shape", &[10, 10])), Ok((vec![1, 3, 10, 10], macs)));
    assert_eq!(with(word("auto_pad", "SAME_UPPER")), Ok((vec![1, 3, 10, 10], macs)));
    assert!(with(list("output_shape", &[1, 3, 10, 10])).is_err());
    let groups = infer(&[1, 4, 5, 5], "ConvTranspose", weights(), vec![strides(), int("group", 2)]);
    assert_eq!(groups, Ok((vec![1, 6, 11, 11], macs)));
}

#[test]
fn windows_of_tensorflow() {
    // ⌈9 / 2⌉ = 5 windows, whichever side is padded more; ⌊(9 − 3) / 2⌋ + 1 = 4 without padding.
    let conv = |pad: &str| {
        let attributes = vec![word("auto_pad", pad), list("strides", &[2, 2])];
        shape(&[1, 2, 9, 9], "Conv", vec![zeros("w", &[6, 2, 3, 3])], attributes)
    };
    assert_eq!(conv("SAME_UPPER"), [1, 6, 5, 5]);
    assert_eq!(conv("SAME_LOWER"), [1, 6, 5, 5]);
    assert_eq!(conv("VALID"), [1, 6, 4, 4]);
    let uneven = vec![list("pads", &[0, 0, 1, 1]), list("strides", &[2, 2])];
    assert_eq!(shape(&[1, 2, 8, 8], "Conv", vec![zeros("w", &[6, 2, 3, 3])], uneven), [1, 6, 4, 4]);
    let dilated = vec![list("kernel_shape", &[3, 3]), list("dilations", &[2, 2])];
    assert_eq!(shape(&[1, 2, 9, 9], "LpPool", vec![], dilated), [1, 2, 5, 5]);
    assert_eq!(
        shape(&[1, 2, 9, 9], "RoiAlign", vec![zeros("r", &[7, 4])], vec![int("output_height", 3)]),
        [7, 2, 3, 1]
    );
}

#[test]
fn sums_of_products() {
    let einsum = |dims: &[i64], other: &[i64], equation: &str| {
        infer(dims, "Einsum", vec![zeros("w", other)], vec![word("equation", equation)])
    };
    assert_eq!(einsum(&[2, 3], &[3, 4], "ij,jk->ik"), Ok((vec![2, 4], 24)));
    assert_eq!(einsum(&[2, 3], &[3, 4], "ij,jk"), Ok((vec![2, 4], 24)));
    assert_eq!(einsum(&[5, 2, 3], &[5, 4, 3], "b i d, b j d -> b i j"), Ok((vec![5, 2, 4], 120)));
    assert_eq!(einsum(&[7, 5, 2, 3], &[3, 4], "...ij,jk->...ik"), Ok((vec![7, 5, 2, 4], 7 * 5 * 24)));
    assert_eq!(einsum(&[3], &[4], "i,j->ij"), Ok((vec![3, 4], 12)));
    assert_eq!(infer(&[2, 3], "Einsum", vec![], vec![word("equation", "ij->ji")]), Ok((vec![3, 2], 0)));
    assert!(einsum(&[2, 3], &[4, 4], "ij,jk->ik").is_err());
    assert!(einsum(&[2, 3], &[3, 4], "ij,jk->il").is_err());
    assert!(einsum(&[2, 3], &[3, 4], "ij,jkl->ik").is_err());
}

#[test]
fn recurrent_layers() {
    // 10 steps of 2 sequences, in 2 directions; four gates of 8 units, each of which reads 5 inputs and 8 units.
    let lstm = infer(&[10, 2, 5], "LSTM", vec![zeros("w", &[2, 32, 5]), zeros("r", &[2, 32, 8])], vec![]);
    assert_eq!(lstm, Ok((vec![10, 2, 2, 8], 10 * 2 * 2 * 32 * 13)));
    let weights = || vec![zeros("w", &[1, 24, 5]), zeros("r", &[1, 24, 8])];
    let gru = infer(&[2, 10, 5], "GRU", weights(), vec![int("layout", 1)]);
    assert_eq!(gru, Ok((vec![2, 10, 1, 8], 2 * 10 * 24 * 13)));
    assert!(infer(&[10, 2, 6], "GRU", weights(), vec![]).is_err());
}

#[test]
fn normalisation_has_further_outputs() {
    let outputs = |op: &str, names: &[&str]| {
        let output = names.iter().map(ToString::to_string).collect();
        let norm = NodeProto { output, ..node(op, &["x", "w"], "", vec![]) };
        let counted =
            account(graph(&[2, 7, 4], vec![zeros("w", &[4])], vec![norm, node("Relu", &["x"], "y", vec![])]));
        let shapes = counted.expect("shapes that fit").shapes;
        names.iter().map(|name| shapes[*name].clone()).collect::<Vec<_>>()
    };
    assert_eq!(outputs("LayerNormalization", &["a", "b", "c"]), [vec![2, 7, 4], vec![2, 7, 1], vec![2, 7, 1]]);
    let skip = outputs("com.microsoft:SkipLayerNormalization", &["a", "b", "c", "d"]);
    assert_eq!([&skip[0], &skip[3]], [&[2, 7, 4]; 2]);
    assert_eq!(outputs("BatchNormalization", &["a", "b"]), [vec![2, 7, 4], vec![7]]);
    assert_eq!(shape(&[2, 7, 4], "GroupNormalization", vec![zeros("s", &[7])], vec![]), [2, 7, 4]);
}

#[test]
fn products_that_runtimes_fuse() {
    let transposed = vec![int("transB", 1)];
    let fused = infer(&[6, 2, 5], "com.microsoft:FusedMatMul", vec![zeros("w", &[6, 3, 5])], transposed);
    assert_eq!(fused, Ok((vec![6, 2, 3], 6 * 2 * 3 * 5)));
    let conv = infer(&[1, 2, 4, 4], "com.microsoft:FusedConv", vec![zeros("w", &[3, 2, 1, 1])], vec![]);
    assert_eq!(conv, Ok((vec![1, 3, 4, 4], 16 * 6)));
    assert_eq!(shape(&[1, 4], "com.microsoft:QuickGelu", vec![], vec![]), [1, 4]);
}
