//! `latency` and `compare`: what they print, what they read back, and how they end.

use std::fs;

use serde_json::Value;

use super::{Tiny, TinyFile, evaluate, json, runtimes};

/// Short: these tests are not about times.
const SHORT: [&str; 4] = ["--seconds", "0.1", "--processes", "3"];

fn compare<'a>(args: impl IntoIterator<Item = &'a str>, status: i32) -> Value {
    json(["compare"].into_iter().chain(args).chain(SHORT), status)
}

/// What is said on stderr.
fn refused<'a>(args: impl IntoIterator<Item = &'a str>, status: i32) -> String {
    let output = evaluate(args.into_iter().chain(["--quiet"]));
    assert_eq!((output.status, output.stderr.lines().count()), (status, 1), "{}", output.stderr);
    output.stderr.trim().to_string()
}

#[test]
fn latency_says_how_and_where_it_was_measured() {
    let file = Tiny::default().write();
    let found = json(["latency", file.path(), "--runtime", "tract", "--runs", "64"], 0);
    assert_eq!(
        (&found["kind"], &found["schema"], &found["threads"]),
        (&"latency".into(), &1.into(), &1.into())
    );
    assert_eq!(found["environment"]["arch"], std::env::consts::ARCH);
    let model = &found["models"][0];
    let runs: u64 =
        model["rounds"].as_array().unwrap().iter().map(|round| round["wall"]["n"].as_u64().unwrap()).sum();
    assert_eq!((runs, model["samples"]["wall"].as_array().unwrap().len()), (64, 64));
    if cfg!(target_os = "linux") {
        let conditions = &model["rounds"][0]["conditions"];
        assert!(
            conditions["load_average"].is_f64() && conditions["involuntary_switches"].is_u64(),
            "{conditions}"
        );
        assert!(
            model["memory"].is_null() || model["memory"]["peak"].as_u64() >= model["memory"]["loaded"].as_u64()
        );
    }
}

#[test]
fn batches_and_resolutions_are_swept() {
    let file = Tiny { batch: None, ..Tiny::default() }.write();
    let found = json(["latency", file.path(), "--runtime", "tract", "--runs", "1", "--batch", "1,3"], 0);
    let shapes: Vec<&Value> = found["models"].as_array().unwrap().iter().map(|model| &model["input"]).collect();
    assert_eq!(shapes, [&serde_json::json!([1, 3, 32, 32]), &serde_json::json!([3, 3, 32, 32])]);
    let fixed = refused(["latency", file.path(), "--runtime", "tract", "--input", "3x32x32,3x64x64"], 2);
    assert!(
        fixed.starts_with("error: failed to accept --input: ") && fixed.ends_with("[N, 3, 32, 32]"),
        "{fixed}"
    );
}

#[test]
fn minutes_are_logged_one_by_one() {
    let file = Tiny::default().write();
    let args = ["latency", file.path(), "--runtime", "tract", "--minutes"];
    let found = json(args.iter().copied().chain(["0.01"]), 0);
    let model = &found["models"][0];
    assert_eq!((&found["runs"], &model["samples"]), (&Value::Null, &Value::Null));
    assert_eq!(model["rounds"].as_array().map(Vec::len), Some(1));
    assert!(evaluate(args.iter().copied().chain(["0.01"])).stdout.contains("\nminute  "));
    assert!(refused_by_the_parser(args.iter().copied().chain(["0"])).contains("expected a number above 0"));
}

fn refused_by_the_parser<'a>(args: impl IntoIterator<Item = &'a str>) -> String {
    let output = evaluate(args);
    assert_eq!(output.status, 2, "{}", output.stderr);
    output.stderr
}

#[test]
#[cfg(target_os = "linux")]
fn a_core_that_is_not_there() {
    let file = Tiny::default().write();
    let found = json(["latency", file.path(), "--runtime", "tract", "--runs", "1", "--pin", "auto"], 0);
    assert!(
        found["pinned"].is_null() || found["pinned"].as_array().map(Vec::len) == Some(1),
        "{}",
        found["pinned"]
    );
    let error = refused(["latency", file.path(), "--runtime", "tract", "--pin", "9999"], 2);
    assert!(error.starts_with("error: failed to accept --pin: core 9999 cannot be used"), "{error}");
}

/// 64 filters instead of 4 take longer by far, whatever else runs; the other way round nothing is slower.
fn fast_and_slow() -> [TinyFile; 2] {
    [4, 64].map(|classes| Tiny { classes, ..Tiny::default() }.write())
}

#[test]
fn a_slower_model_is_status_3() {
    let [fast, slow] = fast_and_slow();
    for runtime in runtimes() {
        let options = ["--runtime", runtime, "--max-regression", "50%"];
        let found = compare([fast.path(), slow.path()].into_iter().chain(options), 3);
        let pair = &found["comparisons"][0];
        assert_eq!((&found["kind"], &pair["outcome"]), (&"compare".into(), &"slower".into()));
        assert!(pair["wall"]["ratio"]["ratio"].as_f64() > Some(1.5), "{pair}");
        assert_eq!((&found["how"]["interleaved"]["processes"], &found["by"]), (&3.into(), &"cpu".into()));
        let rounds = found["how"]["interleaved"]["rounds"].as_u64();
        assert!(rounds >= Some(25) && found["conditions"].as_array().map(Vec::len) == Some(3), "{rounds:?}");
        let back = compare([slow.path(), fast.path()].into_iter().chain(options), 0);
        assert!(
            back["comparisons"][0]["verdict"].as_str().unwrap().ends_with(": not slower by more than 50.0 %")
        );
    }
}

/// One model in two ways.
#[test]
fn options_are_compared() {
    let file = Tiny { batch: None, classes: 64, ..Tiny::default() }.write();
    let found = compare([file.path(), "--runtime", "tract", "--batch", "1,16", "--max-regression", "100%"], 3);
    let pair = &found["comparisons"][0];
    assert!(pair["a"].as_str().unwrap().ends_with("(tract, 1 thread, 1x3x32x32)"), "{pair}");
    assert!(pair["b"].as_str().unwrap().ends_with("(tract, 1 thread, 16x3x32x32)"), "{pair}");
    let three = refused(["compare", file.path(), "--batch", "1,2,3"], 2);
    assert!(three.ends_with("--batch: one for both, or one for A and one for B; found 3"), "{three}");
}

/// A threshold far below any noise.
#[test]
fn no_verdict_where_a_differs_from_itself() {
    let file = Tiny::default().write();
    let args = ["compare", file.path(), "--runtime", "tract", "--max-regression", "0.000001%", "--quiet"];
    let output = evaluate(args.into_iter().chain(SHORT));
    assert_eq!(output.status, 1, "{}", output.stderr);
    assert!(output.stdout.contains("A / A"), "the figures are printed all the same: {}", output.stdout);
    assert!(output.stderr.starts_with("error: failed to judge ") && output.stderr.contains("raise --seconds"));
}

#[test]
fn earlier_results_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["fast", "slow"].map(|name| folder.path().join(name).to_str().unwrap().to_string());
    for (model, path) in fast_and_slow().iter().zip(&paths) {
        let args = ["latency", model.path(), "--runtime", "tract", "--runs", "120", "--format", "json"];
        fs::write(path, evaluate(args).stdout).unwrap();
    }
    let [fast, slow] = [&paths[0], &paths[1]].map(String::as_str);
    let found = json(["compare", fast, slow, "--max-regression", "100%"], 3);
    assert_eq!(found["how"]["apart"]["differences"], serde_json::json!([]));
    assert!(found["comparisons"][0]["wall"]["ratio"]["ratio"].as_f64() > Some(2.0), "{}", found["comparisons"]);
    json(["compare", slow, fast, "--max-regression", "100%"], 0);
}

#[test]
fn files_that_are_no_results() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    let model = Tiny::default().write();
    let short = json(["latency", model.path(), "--runtime", "tract", "--runs", "5"], 0).to_string();
    for (text, expected) in [
        (r#"{"epoch": 3}"#, "expected what `latency --format json` prints"),
        (r#"{"kind": "latency", "schema": 2}"#, "it has schema 2, this program knows 1"),
        (r#"{"kind": "latency", "schema": 1}"#, "missing field `environment` at line 1 column 32"),
        (&short[..40], "EOF while parsing"),
        (&short, "are too few for an interval: at least 60"),
    ] {
        fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let error = refused(["compare", path, path], 2);
        assert!(error.starts_with(&format!("error: failed to use the results in {path}: ")), "{error}");
        assert!(error.contains(expected), "{error}");
    }
    let mixed = refused(["compare", path.to_str().unwrap(), model.path()], 2);
    assert!(mixed.ends_with("is none: give two models, or two files of results"), "{mixed}");
}

/// What goes wrong in a process of its own is said as if it had gone wrong in this one.
#[test]
fn models_that_cannot_be_compared() {
    let file = Tiny::default().write();
    let none = refused(["compare", file.path(), "none.onnx"], 2);
    assert!(none.starts_with("error: failed to read none.onnx: "), "{none}");
    let threads = refused(["compare", file.path(), "--runtime", "tract", "--threads", "1,2"], 2);
    assert_eq!(threads, "error: failed to run tract with 2 threads: it runs one model on one thread");
    let folder = tempfile::tempdir().unwrap();
    let zoo = folder.path().join("latency");
    let zoo = refused(["compare", "zoo:noisydarts-a", zoo.to_str().unwrap()], 2);
    assert!(zoo.contains("noisydarts-export zoo:noisydarts-a"), "{zoo}");
}
