//! `bench-step`: what it measures, where the time goes, and what it starts from.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::run;

const SMALL: &str = "--batch 8 --size 16 --steps 2 --threads 1 --device cpu";

fn bench(folder: &Path, arguments: &str) -> Value {
    run(folder, &format!("noisydarts-search bench-step {arguments} {SMALL}")).json()
}

#[test]
fn a_step_is_measured_and_computes_the_same_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "--space nb201 --channels 4 --cells 1";
    let [first, again] = [(), ()].map(|()| bench(folder.path(), arguments));
    for field in ["wall_s", "data_s"] {
        assert!(first[field].as_f64().unwrap() > 0.0, "{field}: {first}");
    }
    // A step of warming up and two that are timed; each trains weights and alphas.
    assert_eq!(["losses", "alpha_losses"].map(|field| first[field].as_array().unwrap().len()), [3, 3]);
    assert_eq!((&first["losses"], &first["alpha_losses"]), (&again["losses"], &again["alpha_losses"]));
    assert_eq!(
        ["space", "channels", "cells", "batch", "size"].map(|field| first[field].clone()),
        ["nb201".into(), 4.into(), 1.into(), 8.into(), Value::from(16)]
    );
}

#[test]
fn the_profile_has_every_node_that_is_computed() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(
        folder.path(),
        &format!("noisydarts-search bench-step --channels 4 --cells 3 --profile step.svg {SMALL}"),
    );
    let nodes = ended.json()["profile"].as_array().unwrap().clone();
    let count = |kind: &str| nodes.iter().filter(|node| node["kind"] == kind).count();
    // Three cells of 14 edges with one choice each; two depthwise and two pointwise convolutions of each separable one.
    assert_eq!([count("mix"), count("depthwise 5x5"), count("dilated depthwise 3x3")], [42, 84, 42]);
    let number = |node: &Value, field: &str| node[field].as_f64().unwrap();
    assert!(nodes.iter().all(|node| number(node, "forward_s") > 0.0 && number(node, "bytes") > 0.0));
    let convolutions = nodes.iter().filter(|node| node["kind"] == "conv 1x1");
    assert!(convolutions.map(|node| number(node, "backward_s")).sum::<f64>() > 0.0);
    assert!(ended.stderr.lines().any(|line| line.starts_with("dilated depthwise 5x5")), "{}", ended.stderr);
    let picture = fs::read_to_string(folder.path().join("step.svg")).unwrap();
    assert!(picture.starts_with("<svg") && picture.contains(">step</text>"), "{picture}");
}

#[test]
fn what_it_starts_from_is_written_by_name() {
    let folder = tempfile::tempdir().unwrap();
    bench(folder.path(), "--channels 4 --cells 3 --save start.safetensors");
    let bytes = fs::read(folder.path().join("start.safetensors")).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let shape = |name: &str| file.tensor(name).unwrap().shape().to_vec();
    assert_eq!((shape("images.0"), shape("labels.1")), (vec![8, 3, 16, 16], vec![8]));
    assert_eq!((shape("stem.conv.weight"), shape("alphas")), (vec![12, 3, 3, 3], vec![2 * 14 * 7]));
}

#[test]
fn trainings_are_timed_too_and_wrong_names_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let small = "--channels 4 --cells 3 --set retrain.auxiliary_weight=0";
    let trained = bench(folder.path(), &format!("--retrain zoo:noisydarts-a {small}"));
    assert_eq!((&trained["retrain"], trained["alpha_losses"][0].clone()), (&Value::from(true), Value::Null));
    let refused = run(folder.path(), "noisydarts-search bench-step --space drats");
    assert!(refused.status == Some(2) && refused.stderr.contains("darts"), "{}", refused.stderr);
}
