//! Every command on a small model made here and on the embedded pictures.

use super::{Tiny, evaluate, json, runtimes};

/// Counted by hand: 10 filters of 3x3x3 at 30x30 places.
#[test]
fn cost_counts_and_reads_metadata() {
    let file = Tiny { metadata: vec![("noisydarts.parameters", "290".into())], ..Tiny::default() }.write();
    let costs = &json(["cost", file.path(), file.path()], 0)["models"];
    assert_eq!(costs.as_array().map(Vec::len), Some(2));
    assert_eq!(costs[1]["macs"]["conv_linear"], 10 * 27 * 30 * 30);
    assert_eq!(
        costs[1]["params"],
        serde_json::json!({ "trained": 290, "without_aux": null, "batch_norm": null, "deployed": 270 })
    );
    let larger = &json(["cost", "--batch", "2", "--input", "3x34x34", file.path()], 0)["models"];
    assert_eq!(larger[0]["macs"]["conv_linear"], 2 * 10 * 27 * 32 * 32);
}

#[test]
fn inspect_shows_what_is_there() {
    let genotype = r#"{"schema":1,"normal":[]}"#;
    let file =
        Tiny { batch: None, metadata: vec![("noisydarts.genotype", genotype.into())], ..Tiny::default() }
            .write();
    let seen = json(["inspect", file.path()], 0);
    assert_eq!((&seen["opset"], &seen["ir_version"]), (&17.into(), &8.into()));
    assert_eq!(seen["inputs"][0]["shape"], "[N, 3, 32, 32]");
    assert_eq!(seen["operators"], serde_json::json!({ "Conv": 1, "Flatten": 1, "GlobalAveragePool": 1 }));
    assert_eq!(seen["metadata"]["noisydarts.genotype"]["schema"], 1);
    let text = evaluate(["inspect", file.path()]).stdout;
    assert!(text.contains("MACs (conv_linear)  243 000") && text.contains("\"normal\":[]"), "{text}");
}

/// Equal answers whatever the batch, the number of threads and the runtime; a last, partial batch included.
#[test]
fn accuracy_does_not_depend_on_batches_and_threads() {
    let [fixed, open] = [Some(1), None].map(|batch| Tiny { batch, ..Tiny::default() }.write());
    let predictions = tempfile::tempdir().unwrap();
    for (i, runtime) in runtimes().into_iter().enumerate() {
        let args = ["accuracy", "--data", "embedded", "--limit", "50", "--fit", "pad", "--runtime", runtime];
        let run = |extra: &[&str]| json(args.iter().chain(extra), 0);
        let path = predictions.path().join(format!("{i}.safetensors"));
        let one = run(&[fixed.path(), "--threads", "1", "--predictions", path.to_str().unwrap()]);
        assert_eq!(
            (&one["pictures"], &one["batch"], &one["input_from"]),
            (&50.into(), &1.into(), &"data".into())
        );
        for batch in ["7", "32"] {
            let many = run(&[open.path(), "--threads", "3", "--batch", batch]);
            assert_eq!(
                (&many["top1"], &many["top5"]),
                (&one["top1"], &one["top5"]),
                "{runtime}, batch {batch}"
            );
        }
        // The logits that were written are what the runtimes compute.
        let args = ["parity", fixed.path(), "--data", "embedded", "--fit", "pad", "--runtime", runtime];
        let parity = json(args.iter().copied().chain(["--reference", path.to_str().unwrap()]), 0);
        assert_eq!((&parity["inputs"], &parity["comparisons"][0]["max_relative"]), (&50.into(), &0.0.into()));
    }
}

#[test]
fn the_models_own_input_spec_is_used() {
    let spec = r#"{"size":[32,32],"mean":[0.5,0.5,0.5],"std":[0.25,0.25,0.25],"fit":"pad"}"#;
    let file = Tiny { metadata: vec![("noisydarts.input", spec.into())], ..Tiny::default() }.write();
    let args = ["accuracy", file.path(), "--data", "embedded", "--limit", "5", "--runtime", "tract"];
    let own = json(args, 0);
    assert_eq!((&own["input_from"], &own["input"]["mean"][0]), (&"metadata".into(), &0.5.into()));
    let flags = json(args.into_iter().chain(["--mean", "0,0,0", "--std", "1,1,1"]), 0);
    assert_eq!((&flags["input_from"], &flags["input"]["mean"][0]), (&"flags".into(), &0.0.into()));
}

#[test]
fn latency_keeps_load_first_and_steady_apart() {
    let file = Tiny::default().write();
    for runtime in runtimes() {
        let args = ["latency", file.path(), "--runs", "64", "--runtime", runtime];
        let measured = &json(args, 0)["models"][0];
        assert_eq!(measured["input"], serde_json::json!([1, 3, 32, 32]));
        let wall = &measured["wall"];
        assert!(
            measured["load"]["wall"].as_f64() > Some(0.0) && measured["first"]["wall"].as_f64() > Some(0.0)
        );
        assert!(wall["min"].as_f64() <= wall["p50"].as_f64() && wall["p50"].as_f64() <= wall["p90"].as_f64());
        assert!(wall["p99"].is_null(), "64 runs are too few for a 99th percentile");
        assert!(measured["warmup_runs"].as_u64() >= Some(3));
    }
}

#[test]
fn a_tolerance_that_does_not_hold_is_status_3() {
    let file = Tiny::default().write();
    if runtimes().len() < 2 {
        return;
    }
    let loose = json(["parity", file.path(), "--inputs", "8"], 0);
    assert_eq!((&loose["holds"], &loose["comparisons"][0]["top1_equal"]), (&true.into(), &8.into()));
    let strict = json(["parity", file.path(), "--inputs", "8", "--tolerance=-1"], 3);
    assert_eq!(strict["holds"], false);
}
