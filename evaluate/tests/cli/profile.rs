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
        let macs = json(["cost", path], 0)["models"][0]["macs"]["conv_linear"].as_f64();
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

/// The library on `PyPI` has the processor alone.
#[test]
fn a_provider_that_is_not_there_is_an_error() {
    if !runtimes().contains(&"ort") {
        return;
    }
    let file = Tiny::default().write();
    for provider in ["xnnpack", "nnapi", "coreml", "cuda", "qnn"] {
        let args = ["latency", file.path(), "--runs", "1", "--provider", provider];
        let refused = evaluate(args);
        assert_eq!(refused.status, 2, "{}", refused.stderr);
        let expected = format!("error: failed to use the execution provider {provider} (");
        assert!(refused.stderr.starts_with(&expected), "{}", refused.stderr);
        assert!(refused.stderr.contains("--ort-dylib") && refused.stderr.contains("--allow-fallback"));
        assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
        let allowed = evaluate(args.into_iter().chain(["--allow-fallback"]));
        assert_eq!(allowed.status, 0, "{}", allowed.stderr);
        assert!(
            allowed.stderr.contains(&format!("nodes ran on {provider}; all ran on cpu")),
            "{}",
            allowed.stderr
        );
    }
}

#[test]
fn the_profile_proves_which_provider_ran_the_nodes() {
    let file = Tiny::default().write();
    for runtime in runtimes() {
        let args = ["latency", file.path(), "--runs", "1", "--provider", "cpu", "--runtime", runtime];
        let placed = json(args, 0)["models"][0]["placed"].take();
        assert_eq!(placed[0]["provider"], "CPUExecutionProvider");
        assert!(placed[0]["nodes"].as_array().is_some_and(|nodes| !nodes.is_empty()) && placed[1].is_null());
        assert!(evaluate(args).stdout.contains("its nodes ran on cpu ("), "{runtime}");
    }
}

#[test]
fn providers_that_make_no_sense() {
    let file = Tiny::default().write();
    let said = |args: &[&str]| {
        let output = evaluate(["latency", file.path()].iter().chain(args));
        assert_eq!(output.status, 2, "{}", output.stderr);
        output.stderr
    };
    assert!(said(&["--provider", "cpu,xnnpack"]).contains("cpu takes every node"));
    let tract = said(&["--runtime", "tract", "--provider", "cuda"]);
    assert_eq!(
        tract,
        "error: failed to accept --provider: tract runs everything on the processor by itself; use --runtime ort\n"
    );
    assert!(said(&["--allow-fallback"]).contains("--provider"));
}
