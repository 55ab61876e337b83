//! `noisydarts-export quantize` as its users meet it, and what its files look like.
#![allow(clippy::unwrap_used, reason = "a test may")]
#![allow(clippy::float_cmp, reason = "the values come out exact")]

mod common;

use std::process::{Command, Output};

use common::{Folder, text};
use models::onnx::proto::{
    DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
    TensorTypeProto, TypeProto, ValueInfoProto,
};
use models::onnx::{self, DataType};
use prost::Message as _;

/// Runs the program; `{}` in an argument is the folder.
fn run(folder: &Folder, line: &str) -> Output {
    let here = text(&folder.path(""));
    let args = line.split_whitespace().map(|arg| arg.replace("{}", here.trim_end_matches('/')));
    Command::new(env!("CARGO_BIN_EXE_noisydarts-export")).args(args).output().unwrap()
}

fn succeeds(folder: &Folder, line: &str) -> [String; 2] {
    let output = run(folder, line);
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{line}: {stderr}");
    [stdout, stderr]
}

fn fails(folder: &Folder, line: &str, message: &str) {
    let output = run(folder, line);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
    assert!(stderr.contains(message) && stderr.lines().count() == 1, "{line}: {stderr}");
    assert!(!folder.path("q.onnx").exists() && output.stdout.is_empty(), "{line}");
}

fn floats(name: &str, dims: &[i64], value: f32) -> TensorProto {
    let count = dims.iter().product::<i64>() as usize;
    let float_data = vec![value; count];
    TensorProto { name: name.into(), dims: dims.into(), data_type: 1, float_data, ..TensorProto::default() }
}

fn node(op_type: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        name: format!("the_{output}"),
        op_type: op_type.into(),
        input: inputs.iter().map(ToString::to_string).collect(),
        output: vec![output.into()],
        ..NodeProto::default()
    }
}

fn port(name: &str, dims: &[Option<i64>]) -> ValueInfoProto {
    let dim = |size: &Option<i64>| match size {
        Some(_) => DimensionProto { dim_value: *size, dim_param: None },
        None => DimensionProto { dim_value: None, dim_param: Some("batch".into()) },
    };
    let shape = Some(TensorShapeProto { dim: dims.iter().map(dim).collect() });
    let tensor_type = Some(TensorTypeProto { elem_type: 1, shape });
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}

/// A 1x1 convolution from 3 to 2 channels of 28x28 pixels, and what comes after it up to `y`.
fn model(rest: Vec<NodeProto>, more: Vec<TensorProto>) -> ModelProto {
    let weight = floats("weight", &[2, 3, 1, 1], 0.25);
    let mut initializer = vec![weight, floats("bias", &[2], -0.5)];
    initializer.extend(more);
    let mut nodes = vec![node("Conv", &["x", "weight", "bias"], "conv")];
    nodes.extend(rest);
    let graph = GraphProto {
        node: nodes,
        name: "small".into(),
        initializer,
        input: vec![port("x", &[None, Some(3), Some(28), Some(28)])],
        output: vec![port("y", &[None, Some(2), Some(28), Some(28)])],
        ..GraphProto::default()
    };
    let set = OperatorSetIdProto { domain: String::new(), version: 17 };
    ModelProto { ir_version: 8, opset_import: vec![set], graph: Some(graph), ..ModelProto::default() }
}

fn write(folder: &Folder, model: &ModelProto) {
    folder.write("m.onnx", model.encode_to_vec());
}

const INT8: &str = "quantize {}/m.onnx --calibrate embedded --images 20 -o {}/q.onnx";

#[test]
fn a_convolution_becomes_integers_between_bytes() {
    let folder = Folder::new();
    write(&folder, &model(vec![node("Relu", &["conv"], "relu"), node("HardSwish", &["relu"], "y")], vec![]));
    let [data, said] = succeeds(&folder, INT8);
    assert!(data.contains("1 nodes with smaller weights") && data.lines().count() == 1, "{data}");
    assert!(said.contains("left in 32-bit floats: 1 HardSwish"), "{said}");
    assert!(said.contains("give --mean and --std"), "{said}");
    let quantised = onnx::read(folder.path("q.onnx")).unwrap();
    let operators: Vec<&str> = quantised.graph.nodes.iter().map(|node| node.op_type.as_str()).collect();
    let expected = [
        ["DequantizeLinear"; 2].as_slice(),
        &[
            "QuantizeLinear",
            "DequantizeLinear",
            "Conv",
            "Relu",
            "QuantizeLinear",
            "DequantizeLinear",
            "HardSwish",
        ],
    ];
    assert_eq!(operators, expected.concat(), "no bytes between the convolution and its ReLU");
    let tensors = &quantised.graph.initializers;
    let kind = |name: &str| tensors[name].data_type;
    assert_eq!([kind("weight.quantize"), kind("bias.quantize")], [DataType::I8, DataType::I32]);
    assert!(!tensors.contains_key("weight") && !tensors.contains_key("bias"));
    // 0.25 is 127 steps; a bias has steps of that times those of the input.
    let scale = tensors["weight.quantize.scale"].floats().unwrap()[0];
    assert!((scale - 0.25 / 127.0).abs() < 1e-9, "{scale}");
    let input = tensors["x.quantize.scale"].floats().unwrap()[0];
    assert_eq!(tensors["bias.quantize.scale"].floats().unwrap(), [scale * input; 2]);
    assert_eq!(tensors["bias.quantize"].ints().unwrap(), [(-0.5 / (scale * input)).round() as i64; 2]);
}

#[test]
fn equal_input_gives_equal_bytes_and_the_batch_stays_open() {
    let folder = Folder::new();
    write(&folder, &model(vec![node("Relu", &["conv"], "y")], vec![]));
    for method in ["min-max", "percentile", "entropy"] {
        let line = format!("{INT8} --method {method} --format json");
        let data = succeeds(&folder, &line);
        let bytes = std::fs::read(folder.path("q.onnx")).unwrap();
        assert_eq!(succeeds(&folder, &line), data);
        assert_eq!(std::fs::read(folder.path("q.onnx")).unwrap(), bytes);
        let quantised = onnx::decode(&bytes).unwrap();
        assert_eq!(quantised.graph.inputs[0].shape_text(), "[batch, 3, 28, 28]");
        assert!(quantised.metadata["noisydarts.quantization"].contains(method));
    }
}

#[test]
fn half_floats_are_the_weights_alone() {
    let folder = Folder::new();
    let large = vec![floats("large", &[2, 2, 1, 1], 1e5)];
    write(&folder, &model(vec![node("Conv", &["conv", "large"], "y")], large));
    let [_, said] = succeeds(&folder, "quantize {}/m.onnx --weights fp16 -o {}/q.onnx");
    assert!(said.contains("large stays in 32 bits"), "{said}");
    let halved = onnx::read(folder.path("q.onnx")).unwrap();
    let operators: Vec<&str> = halved.graph.nodes.iter().map(|node| node.op_type.as_str()).collect();
    assert_eq!(operators, ["Cast", "Conv", "Conv"]);
    let kinds: Vec<(&str, DataType)> =
        halved.graph.initializers.iter().map(|(name, tensor)| (name.as_str(), tensor.data_type)).collect();
    assert_eq!(kinds, [("bias", DataType::F32), ("large", DataType::F32), ("weight.half", DataType::F16)]);
    assert_eq!(halved.graph.inputs[0].data_type, DataType::F32);
}

#[test]
fn what_cannot_be_quantised_is_named() {
    let folder = Folder::new();
    write(&folder, &model(vec![node("Relu", &["conv"], "y")], vec![]));
    succeeds(&folder, "quantize {}/m.onnx --calibrate embedded --images 5 -o {}/done.onnx");
    fails(
        &folder,
        "quantize {}/done.onnx --calibrate embedded -o {}/q.onnx",
        "done.onnx: it is quantised already (node",
    );
    fails(&folder, "quantize {}/m.onnx -o {}/q.onnx", "accept --calibrate: it is missing");
    fails(&folder, &format!("{INT8} --weights fp16"), "half floats need no pictures");
    fails(&folder, "quantize {}/none.onnx --calibrate embedded -o {}/q.onnx", "none.onnx");
    fails(&folder, "quantize {}/m.onnx --calibrate nonsense -o {}/q.onnx", "nonsense");

    let mut bare = model(vec![node("Relu", &["x"], "y")], vec![]);
    bare.graph.as_mut().unwrap().node.remove(0);
    write(&folder, &bare);
    fails(&folder, INT8, "no Conv, Gemm or MatMul whose weights are constants");

    let mut infinite = model(vec![node("Relu", &["conv"], "y")], vec![]);
    infinite.graph.as_mut().unwrap().initializer[0].float_data[3] = f32::INFINITY;
    write(&folder, &infinite);
    fails(&folder, "quantize {}/m.onnx --weights fp16 -o {}/q.onnx", "\"weight\" holds inf");

    let mut vector = model(vec![node("Relu", &["conv"], "y")], vec![]);
    vector.graph.as_mut().unwrap().input[0] = port("x", &[None, Some(8)]);
    write(&folder, &vector);
    fails(&folder, INT8, "\"x\" takes f32 [batch, 8], expected pictures f32 [N, 3, H, W]");
}

#[test]
fn pictures_that_do_not_fit_and_numbers_that_are_none_are_named() {
    let folder = Folder::new();
    let mut small = model(vec![node("Relu", &["conv"], "y")], vec![]);
    small.graph.as_mut().unwrap().input[0] = port("x", &[None, Some(3), Some(16), Some(16)]);
    write(&folder, &small);
    fails(&folder, INT8, "picture 0 of embedded Fashion-MNIST train");

    // 0 times infinity, from a constant that is no weight.
    let rest = vec![node("Mul", &["conv", "huge"], "product"), node("Conv", &["product", "second"], "y")];
    let more = vec![floats("huge", &[1], f32::INFINITY), floats("second", &[2, 2, 1, 1], 1.0)];
    write(&folder, &model(rest, more));
    fails(&folder, INT8, "value \"product\" holds");
}

#[test]
fn old_operator_sets_are_raised_or_refused() {
    let folder = Folder::new();
    let mut old = model(vec![node("Relu", &["conv"], "y")], vec![]);
    (old.opset_import[0].version, old.ir_version) = (10, 5);
    write(&folder, &old);
    succeeds(&folder, INT8);
    let raised = onnx::read(folder.path("q.onnx")).unwrap();
    assert_eq!((raised.opset, raised.ir_version), (13, 8));
    std::fs::remove_file(folder.path("q.onnx")).unwrap();
    let mut softmax = model(vec![node("Softmax", &["conv"], "y")], vec![]);
    softmax.opset_import[0].version = 10;
    write(&folder, &softmax);
    fails(&folder, INT8, "its operator set 10 must become 13, but Softmax (node \"the_y\") changed in between");
}

#[test]
fn the_other_command_line_is_what_it_was() {
    let folder = Folder::new();
    let help = run(&folder, "--help");
    assert!(String::from_utf8(help.stdout).unwrap().contains("quantize"));
    let bare = run(&folder, "");
    assert_eq!(bare.status.code(), Some(2));
    assert!(
        String::from_utf8(bare.stderr).unwrap().contains("the following required arguments were not provided")
    );
}
