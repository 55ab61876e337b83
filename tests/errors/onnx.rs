//! Files that are no networks, met without libtorch: genotypes for the exporter, ONNX files for the evaluator.

use std::fs;

use super::{Case, all_are_refused, cut, noise};
use crate::support::run;

const EXPORT: &[Case<'_>] = &[
    ("no file", "noisydarts-export none.json --allow-random -o out.onnx", &["none.json", "No such file"]),
    ("a genotype cut short", "noisydarts-export cut.json --allow-random -o out.onnx", &["cut.json", "line"]),
    (
        "an unknown operation",
        "noisydarts-export operation.json --allow-random -o out.onnx",
        &["operation.json", "line", "sep_conv_3x4", "did you mean \"sep_conv_3x3\""],
    ),
    (
        "an edge that goes back",
        "noisydarts-export edge.json --allow-random -o out.onnx",
        &["edge.json", "from node 5 into node 2", "lower node"],
    ),
    (
        "too many edges",
        "noisydarts-export inputs.json --allow-random -o out.onnx",
        &["inputs.json", "normal cell", "node 2", "exactly 2"],
    ),
    ("text that is none", "noisydarts-export text --allow-random -o out.onnx", &["text", "line 1"]),
    ("noise", "noisydarts-export noise --allow-random -o out.onnx", &["noise"]),
    ("an unknown network", "noisydarts-export zoo:noisydart-a -o out.onnx", &["did you mean \"noisydarts-a\""]),
    ("weights never trained", "noisydarts-export zoo:noisydarts-a -o out.onnx", &["--allow-random"]),
    (
        "weights cut short",
        "noisydarts-export zoo:noisydarts-a --weights noise -o out.onnx",
        &["noise", "safetensors"],
    ),
];

/// What is wrong, the file, and what the message must contain besides its name.
const FILES: &[Case<'_>] = &[
    ("no file", "none.onnx", &["No such file"]),
    ("a folder", "folder", &["it is a folder"]),
    ("nothing in it", "empty.onnx", &["the file is empty"]),
    ("cut short", "cut.onnx", &["truncated"]),
    ("noise", "noise", &["not an ONNX file"]),
    ("text", "text", &["not an ONNX file"]),
    ("a genotype", "edge.json", &["not an ONNX file"]),
];

const EVALUATE: &[Case<'_>] = &[
    (
        "logits that are none",
        "noisydarts-evaluate parity model.onnx --data embedded --reference noise",
        &["noise", "safetensors"],
    ),
    ("an unknown runtime", "noisydarts-evaluate latency model.onnx --runtime trakt", &["trakt", "tract"]),
    (
        "a mean of two numbers",
        "noisydarts-evaluate accuracy model.onnx --data embedded --mean 0.5,0.5",
        &["--mean", "three numbers"],
    ),
    (
        "a batch that does not fit",
        "noisydarts-evaluate latency model.onnx --runtime tract --batch 3",
        &["--batch", "batches of 1"],
    ),
    (
        "an ONNX Runtime that is not there",
        "noisydarts-evaluate latency model.onnx --runtime ort --ort-dylib none.so",
        &["none.so", "no such file"],
    ),
];

/// The folder with one good model and everything that is none.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let genotype = models::zoo::by_name("noisydarts-a").unwrap().genotype().unwrap().to_json();
    let changed =
        |name: &str, from: &str, to: &str| fs::write(path(name), genotype.replacen(from, to, 1)).unwrap();
    let second = genotype.match_indices("[\"2_").nth(1).unwrap().0;
    let first = genotype.find("[\"2_").unwrap();
    let edge = genotype[first..second].trim_end();
    changed("inputs.json", edge, &format!("{edge} {edge}"));
    changed("edge.json", "\"2_0\"", "\"2_5\"");
    let op = genotype[first..].split('"').nth(3).unwrap();
    changed("operation.json", op, "sep_conv_3x4");
    fs::write(path("whole.json"), &genotype).unwrap();
    cut(folder.path(), "whole.json", "cut.json", 0.6);
    fs::write(path("text"), "The quick brown fox jumps over the lazy dog.\n").unwrap();
    fs::write(path("noise"), noise(20_000)).unwrap();
    fs::write(path("empty.onnx"), "").unwrap();
    fs::create_dir(path("folder")).unwrap();
    let export = "noisydarts-export zoo:noisydarts-a --channels 4 --cells 3 --allow-random -o model.onnx";
    run(folder.path(), export).data();
    cut(folder.path(), "model.onnx", "cut.onnx", 0.7);
    folder
}

#[test]
fn what_is_no_genotype_is_not_exported() {
    let folder = folder();
    all_are_refused(folder.path(), EXPORT);
    assert!(!folder.path().join("out.onnx").exists());
}

#[test]
fn what_is_no_network_is_not_evaluated() {
    let folder = folder();
    all_are_refused(folder.path(), EVALUATE);
    let refused = |command: &str, &(what, file, expected): &Case<'_>| {
        let line = format!("noisydarts-evaluate {command} {file}");
        all_are_refused(folder.path(), &[(what, &line, &[&[file], expected].concat())]);
    };
    for file in FILES {
        refused("inspect", file);
    }
    for command in ["cost", "latency", "parity", "accuracy --data embedded"] {
        refused(command, &FILES[3]);
    }
}
