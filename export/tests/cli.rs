//! The program as its users meet it.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::process::{Command, Output};

use common::{Folder, GENOTYPE, bytes, metadata, network, tensors, text};

struct Session(Folder);

impl Session {
    /// A folder with a genotype, and weights that were trained for it.
    fn new() -> Self {
        let folder = Folder::new();
        folder.write("genotype.txt", GENOTYPE);
        folder.write("weights.safetensors", bytes(&tensors(&network()), Some(metadata())));
        Self(folder)
    }

    /// Runs the program in a folder of its own; `{}` in an argument is that folder.
    fn run(&self, line: &str) -> Output {
        let folder = text(&self.0.path(""));
        let args = line.split_whitespace().map(|arg| arg.replace("{}", folder.trim_end_matches('/')));
        Command::new(env!("CARGO_BIN_EXE_noisydarts-export")).args(args).output().unwrap()
    }

    fn fails(&self, status: i32, line: &str, message: &str) {
        let output = self.run(line);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{line}: {error}");
        assert!(error.contains(message), "{line}: {error}");
        assert!(output.stdout.is_empty());
        assert!(!self.0.names().iter().any(|name| name.contains(".onnx")), "{line} left a file behind");
    }

    fn export(&self, line: &str) -> Vec<u8> {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        std::fs::read(self.0.path("m.onnx")).unwrap()
    }
}

#[test]
fn weights_say_what_to_build() {
    let session = Session::new();
    let first = session.export("{}/genotype.txt --weights {}/weights.safetensors -o {}/m.onnx");
    let model = models::onnx::decode(&first).unwrap();
    assert_eq!(model.graph.inputs[0].shape_text(), "[1, 3, 16, 16]");
    assert_eq!(model.graph.outputs[0].shape_text(), "[1, 5]");
    let agreeing = "--skeleton cifar --channels 4 --cells 3 --classes 5 --input 16x16";
    let again = session
        .export(&format!("{{}}/genotype.txt --weights {{}}/weights.safetensors {agreeing} -o {{}}/m.onnx"));
    assert_eq!(first, again, "equal input gives equal bytes");
    let zoo = session.export("zoo:noisydarts-a --weights {}/weights.safetensors -o {}/m.onnx --batch dynamic");
    let model = models::onnx::decode(&zoo).unwrap();
    assert_eq!(model.graph.inputs[0].shape_text(), "[batch, 3, 16, 16]");
}

#[test]
fn the_summary_is_one_line_of_data() {
    let session = Session::new();
    let line = "zoo:noisydarts-a --allow-random --channels 4 --cells 3 -o {}/m.onnx";
    let text = String::from_utf8(session.run(line).stdout).unwrap();
    assert!(text.lines().count() == 1 && text.contains(" MACs, "), "{text}");
    let json = session.run(&format!("{line} --format json")).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let written = session.export(line);
    assert_eq!(json["bytes"], written.len());
    assert_eq!(json["nodes"], models::onnx::decode(&written).unwrap().graph.nodes.len());
    assert!(text.contains(json["sha256"].as_str().unwrap()));
    assert!(json["params"]["trained"].as_u64() > json["params"]["deployed"].as_u64());
    assert_eq!(session.0.names(), ["genotype.txt", "m.onnx", "weights.safetensors"]);
}

#[test]
fn seeds_and_targets_change_the_file() {
    let session = Session::new();
    let line = "zoo:noisydarts-a --channels 4 --cells 3 --allow-random -o {}/m.onnx";
    let first = session.export(line);
    assert_eq!(first, session.export(&format!("{line} --seed 0 --target cpu --batch 1")));
    assert_ne!(first, session.export(&format!("{line} --seed 1")));
    assert_ne!(first, session.export(&format!("{line} --batch 2")));
    let mobile =
        session.export("zoo:mobilenet-v3-large --input 32x32 --target mobile --allow-random -o {}/m.onnx");
    let mobile = models::onnx::decode(&mobile).unwrap();
    assert!(!mobile.graph.histogram().keys().any(|op| op.starts_with("Hard")));
}

#[test]
fn contradictions_name_both_sides() {
    let session = Session::new();
    let with =
        |flags: &str| format!("{{}}/genotype.txt --weights {{}}/weights.safetensors -o {{}}/m.onnx {flags}");
    for (flags, message) in [
        ("--skeleton imagenet", "--skeleton is cifar there, but imagenet is asked for"),
        ("--channels 8", "--channels is 4 there, but 8 is asked for"),
        ("--cells 8", "--cells is 3 there, but 8 is asked for"),
        ("--classes 10", "--classes is 5 there, but 10 is asked for"),
        ("--input 32x32", "--input is 16x16 there, but 32x32 is asked for"),
    ] {
        session.fails(2, &with(flags), message);
    }
    let other = "zoo:noisydarts-b --weights {}/weights.safetensors -o {}/m.onnx";
    session.fails(
        2,
        other,
        "edge 4 of the normal cell is 3_2 dil_conv_3x3 there, but 3_2 dil_conv_5x5 is asked for",
    );
}

#[test]
fn wrong_input_is_status_2_and_leaves_nothing() {
    let session = Session::new();
    session.fails(2, "zoo:noisydarts-a -o {}/m.onnx", "give trained weights, or say --allow-random");
    session.fails(2, "zoo:noisydarts-aa --allow-random -o {}/m.onnx", "did you mean");
    session.fails(2, "{}/missing.txt --allow-random -o {}/m.onnx", "missing.txt");
    session.fails(2, "{}/weights.safetensors --allow-random -o {}/m.onnx", "weights.safetensors");
    session.fails(2, "{}/genotype.txt --weights {}/genotype.txt -o {}/m.onnx", "not a valid safetensors file");
    session.fails(2, "zoo:noisydarts-a --allow-random --input 30x30 -o {}/m.onnx", "divisible by 4");
    session.fails(2, "zoo:noisydarts-a --allow-random --input 30 -o {}/m.onnx", "such as 32x32");
    session.fails(2, "zoo:noisydarts-a --allow-random --batch 0 -o {}/m.onnx", "or dynamic");
    session.fails(2, "zoo:mobilenet-v2 --allow-random --cells 3 -o {}/m.onnx", "mobile network");
    session.fails(2, "zoo:noisydarts-a --allow-random", "--output");
}

#[test]
fn a_place_that_cannot_be_written_is_status_1() {
    let session = Session::new();
    let line = "zoo:noisydarts-a --allow-random --channels 4 --cells 3 -o ";
    session.fails(1, &format!("{line} {{}}/missing/m"), "missing/m: ");
    session.fails(1, &format!("{line} {{}}"), "something other than a file");
}

#[test]
fn block_strings_and_parametric_networks_are_exported() {
    let session = Session::new();
    let text = "size=32 classes=7 stem=8 head=16 ds_r1_k3_s1_e1_c8 ir_r2_k3.5_a1.1_s2_e6_c16_se0.25_nhs";
    session.0.write("net.txt", text);
    let file = session.export("{}/net.txt --allow-random -o {}/m.onnx");
    let model = models::onnx::decode(&file).unwrap();
    assert_eq!(model.graph.inputs[0].shape_text(), "[1, 3, 32, 32]");
    assert_eq!(model.graph.outputs[0].shape_text(), "[1, 7]");
    for name in ["mobilenet-v2-0.35", "noisydarts-mobile:E3_K3"] {
        let file = session.export(&format!("zoo:{name} --input 32x32 --allow-random -o {{}}/m.onnx"));
        assert_eq!(models::onnx::decode(&file).unwrap().graph.name, name);
    }
    std::fs::remove_file(session.0.path("m.onnx")).unwrap();
    session.0.write("net.txt", "ir_r1_k3_s1_c8");
    session.fails(2, "{}/net.txt --allow-random -o {}/m.onnx", "an expansion e");
    session.fails(2, "zoo:mnasnet-92 --allow-random -o {}/m.onnx", "never published");
}
