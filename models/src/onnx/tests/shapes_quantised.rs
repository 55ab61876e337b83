//! Quantised, recurrent, normalising and fused operators.

use super::shapes::{infer, shape};
use super::{account, bytes, graph, int, list, node, zeros};
use crate::onnx::proto::{NodeProto, TensorProto};

fn scalar(name: &str) -> TensorProto {
    TensorProto { dims: vec![], ..zeros(name, &[1]) }
}

/// Quantised input, weights and biases: 6 · 3 weights and 6 biases belong to the convolution, scales to none.
#[test]
fn dequantised_weights_are_parameters_of_the_convolution() {
    let nodes = vec![
        node("QuantizeLinear", &["x", "s"], "q", vec![]),
        node("DequantizeLinear", &["q", "s"], "a", vec![]),
        node("DequantizeLinear", &["w", "s"], "b", vec![]),
        node("DequantizeLinear", &["bias", "s"], "c", vec![]),
        node("Conv", &["a", "b", "c"], "y", vec![]),
    ];
    let bias = TensorProto { data_type: 6, ..zeros("bias", &[6]) };
    let counted = account(graph(&[1, 3, 4, 4], vec![scalar("s"), bytes("w", &[6, 3, 1, 1]), bias], nodes))
        .expect("counts");
    assert_eq!((counted.macs, counted.params, counted.unused), (6 * 3 * 16, 6 * 3 + 6, 0));
    assert_eq!(counted.nodes.iter().map(|n| n.params).collect::<Vec<_>>(), [0, 0, 0, 0, 24]);
}

#[test]
fn quantised_products() {
    let scales = ["xs", "xz", "w", "ws", "wz", "ys", "yz"];
    let constants =
        |w: &[i64]| scales.map(|name| if name == "w" { bytes(name, w) } else { scalar(name) }).to_vec();
    let conv = infer(&[1, 3, 4, 4], "QLinearConv", constants(&[6, 3, 1, 1]), vec![]);
    assert_eq!(conv, Ok((vec![1, 6, 4, 4], 6 * 3 * 16)));
    assert_eq!(infer(&[2, 5], "QLinearMatMul", constants(&[5, 3]), vec![]), Ok((vec![2, 3], 30)));
    assert_eq!(infer(&[2, 5], "MatMulInteger", vec![bytes("w", &[5, 3])], vec![]), Ok((vec![2, 3], 30)));
    let integer = infer(&[1, 3, 4, 4], "ConvInteger", vec![bytes("w", &[6, 3, 1, 1])], vec![]);
    assert_eq!(integer, Ok((vec![1, 6, 4, 4], 6 * 3 * 16)));
}

#[test]
fn dynamic_quantisation_has_three_outputs() {
    let outputs = ["y", "scale", "zero"].map(String::from).to_vec();
    let dynamic = NodeProto { output: outputs, ..node("DynamicQuantizeLinear", &["x"], "y", vec![]) };
    let counted = account(graph(&[2, 5], vec![], vec![dynamic])).expect("shapes");
    assert_eq!(
        [&counted.shapes["y"], &counted.shapes["scale"], &counted.shapes["zero"]],
        [&vec![2, 5], &vec![], &vec![]]
    );
}

/// 7 steps of a batch of 2, in 1 direction: each multiplies 3 inputs and 5 states by 4 · 5 gates.
#[test]
fn recurrent_layers() {
    let weights = |gates: i64| vec![zeros("w", &[1, gates * 5, 3]), zeros("r", &[1, gates * 5, 5])];
    assert_eq!(infer(&[7, 2, 3], "LSTM", weights(4), vec![]), Ok((vec![7, 1, 2, 5], 7 * 2 * 20 * 8)));
    assert_eq!(infer(&[7, 2, 3], "GRU", weights(3), vec![]), Ok((vec![7, 1, 2, 5], 7 * 2 * 15 * 8)));
    assert_eq!(infer(&[7, 2, 3], "RNN", weights(1), vec![int("layout", 1)]).map(|y| y.0), Ok(vec![7, 2, 1, 5]));
    assert!(infer(&[7, 2, 3], "RNN", weights(3), vec![]).is_err());
}

#[test]
fn of_onnx_runtime() {
    let fused = |name: &str, dims: &[i64], w: &[i64], attributes| {
        let fused = NodeProto { domain: "com.microsoft".into(), ..node(name, &["x", "w"], "y", attributes) };
        let counted = account(graph(dims, vec![zeros("w", w)], vec![fused])).expect(name);
        (counted.shapes["y"].clone(), counted.macs)
    };
    assert_eq!(fused("FusedConv", &[1, 3, 4, 4], &[6, 3, 1, 1], vec![]), (vec![1, 6, 4, 4], 6 * 3 * 16));
    assert_eq!(fused("BiasGelu", &[2, 6], &[6], vec![]), (vec![2, 6], 0));
    assert_eq!(fused("FusedMatMul", &[7, 2, 5], &[3, 5], vec![int("transB", 1)]), (vec![7, 2, 3], 210));
    let pool = vec![list("kernel_shape", &[2, 2]), list("strides", &[2, 2])];
    assert_eq!(fused("NhwcMaxPool", &[1, 8, 6, 3], &[1], pool), (vec![1, 4, 3, 3], 0));
}

#[test]
fn normalisations_keep_the_shape() {
    for op in ["GroupNormalization", "LpNormalization", "MeanVarianceNormalization", "RMSNormalization", "Celu"]
    {
        assert_eq!(shape(&[2, 6, 4], op, vec![zeros("s", &[6])], vec![]), [2, 6, 4], "{op}");
    }
}
