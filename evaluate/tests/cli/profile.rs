//! `latency --profile`: nodes with their times and what they compute.

use serde_json::Value;

use super::{Tiny, data, evaluate, json, runtimes};

fn nodes(model: &str, runtime: &str, runs: &str) -> (Value, Vec<Value>) {
    let args = ["latency", model, "--profile", "--runs", runs, "--warmup", "1", "--runtime", runtime];
    let model = json(args, 0)["models"][0].take();
    let nodes = model["nodes"].as_array().expect("nodes").clone();
    (model, nodes)
}

fn sum(nodes: &[Value], field: &str) -> f64 {
    nodes.iter().map(|node| node[field].as_f64().expect("a number")).sum()
}

/// The convolution is counted by hand: 10 filters of 3x3x3 at 30x30 places; it reads 3x32x32 numbers and its filters.
#[test]
fn every_node_has_its_time_and_work() {
    let file = Tiny::default().write();
    for runtime in runtimes() {
        let (model, nodes) = nodes(file.path(), runtime, "20");
        let conv = nodes.iter().find(|node| node["macs"] != 0).expect("the convolution");
        assert_eq!((&conv["name"], &conv["macs"]), (&"a".into(), &(10 * 27 * 900).into()), "{runtime}");
        let rate = 243_000.0 / conv["ms"].as_f64().unwrap() / 1e6;
        assert!((conv["gmacs_per_s"].as_f64().unwrap() / rate - 1.0).abs() < 1e-9);
        assert!(conv["bytes"].as_u64().unwrap() >= 4 * (10 * 27 + 10 * 900), "weights and output: {conv}");
        assert!((sum(&nodes, "share") - 1.0).abs() < 1e-9 && conv["in_model"] == true, "{runtime}");
        let profile = &model["profile"];
        assert_eq!((&profile["runs"], &profile["macs_not_found"]), (&20.into(), &0.into()));
        assert!((profile["sum"].as_f64().unwrap() / sum(&nodes, "ms") - 1.0).abs() < 1e-9);
        if runtime == "ort" {
            assert!(nodes.iter().all(|node| node["provider"] == "CPUExecutionProvider"), "{nodes:?}");
        }
    }
}

/// ONNX Runtime fuses these networks' convolutions with what follows and names them after that; tract takes them apart.
#[test]
fn no_multiply_adds_are_lost_in_real_networks() {
    let Some(folder) = data("onnx") else { return };
    for name in ["pretrained/resnet20_cifar10.onnx", "zero_weights/mobilenet_v2.onnx.gz"] {
        let path = folder.join(name);
        let path = path.to_str().expect("a path");
        let macs = json(["cost", path], 0)[0]["macs"]["conv_linear"].as_f64();
        for runtime in runtimes() {
            let (model, nodes) = nodes(path, runtime, "1");
            assert_eq!(Some(sum(&nodes, "macs")), macs, "{name}, {runtime}");
            assert_eq!(model["profile"]["macs_not_found"], 0);
            let working = nodes.iter().filter(|node| node["macs"] != 0);
            let idle: Vec<&Value> =
                working.filter(|node| node["op"] == "IntoShape" || node["op"] == "Relu").collect();
            assert!(idle.is_empty(), "{name}, {runtime}: {idle:?}");
        }
    }
}

#[test]
fn every_format_has_the_nodes() {
    let file = Tiny::default().write();
    let print = |format: &str| {
        let args =
            ["latency", file.path(), "--profile", "--runs", "1", "--runtime", "tract", "--format", format];
        let output = evaluate(args);
        assert_eq!(output.status, 0, "{}", output.stderr);
        output.stdout
    };
    for (format, row) in [("text", "\na "), ("csv", ": nodes,"), ("markdown", "| a "), ("latex", "\na ")] {
        let printed = print(format);
        assert!(printed.contains(row) && printed.contains("GMAC/s"), "{format}: {printed}");
    }
    assert!(print("text").contains(": by operator\nop "), "{}", print("text"));
}
