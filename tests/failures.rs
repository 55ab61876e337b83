//! Searches and trainings that go wrong by themselves: values that are not finite, and collapse.

use std::fs;
use std::path::Path;

use models::primitive::SKIP_CONNECT;
use models::spaces::{SearchSpace as _, SpaceOptions, darts::Darts, skeleton::Skeleton};
use search::checkpoint::Checkpoints;
use tch::{Kind, Tensor};

use crate::support::run;
use crate::tiny::{TINY, folder_of};

/// The values of a message about values that are not finite: `(node, checkpoint)`.
fn stopped(folder: &Path, line: &str, what: &str, place: &str) -> (String, String) {
    let ended = run(folder, line);
    assert_eq!(ended.status, Some(1), "{}", ended.stderr);
    let errors: Vec<&str> = ended.stderr.lines().filter(|line| line.starts_with("error:")).collect();
    let expected = format!("error: failed to go on: {what} is not finite in {place}; first at ");
    let [error] = errors[..] else { panic!("{}", ended.stderr) };
    let rest = error.strip_prefix(&expected).unwrap_or_else(|| panic!("{error}"));
    let (node, checkpoint) = rest.split_once("; last good checkpoint: ").unwrap();
    assert!(!ended.stderr.contains("panicked"));
    (node.into(), checkpoint.into())
}

#[test]
fn values_that_are_not_finite_stop_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let often = format!("{TINY} --set checkpoint.every_steps=1");
    // The first step makes the stem's weights so large that the second one overflows in the stem.
    let line = format!("noisydarts-search run --out found {often} --set search.learning_rate=1e38");
    let (node, checkpoint) = stopped(folder.path(), &line, "the validation loss", "epoch 1, step 2");
    assert_eq!(
        (node.as_str(), checkpoint.as_str()),
        ("stem.conv (conv)", "found/checkpoint/00000-0000001.safetensors")
    );
    assert!(folder.path().join(&checkpoint).is_file());
    let line = "noisydarts-search run --resume found";
    assert_eq!(stopped(folder.path(), line, "the validation loss", "epoch 1, step 2"), (node, checkpoint));

    // Here only squares overflow, which are the variances of a batch norm: its name, before the state is saved.
    let line =
        format!("noisydarts-search train zoo:darts-v2 --out trained {often} --set retrain.learning_rate=1e20");
    let line = format!("{line} --set checkpoint.every_steps=1000");
    let (node, checkpoint) = stopped(folder.path(), &line, "the training loss", "epoch 1, step 2");
    assert_eq!((node.as_str(), checkpoint.as_str()), ("cells.0.preprocess0.bn (batch norm)", "none"));
    // Beyond 32-bit floats, so that the weights are not finite after one step: they must not become a checkpoint.
    let line =
        format!("noisydarts-search train zoo:darts-v2 --out tuned {often} --set retrain.learning_rate=1e39");
    let (node, checkpoint) = stopped(folder.path(), &line, "what is trained", "epoch 1, step 1");
    assert_eq!((node.as_str(), checkpoint.as_str()), ("stem.conv.weight", "none"));
}

/// Makes the skip connection the strongest operation of this many edges of the normal cell, in the last checkpoint.
fn favour_skips(root: &Path, edges: i64) {
    let skeleton = Skeleton { channels: 2, cells: 3, auxiliary: false, ..Skeleton::cifar(10) };
    let supernet = Darts.supernet(&skeleton, SpaceOptions::default()).unwrap();
    let ops = &supernet.tables[0].rows[0].ops;
    let skip = ops.iter().position(|op| op == SKIP_CONNECT).unwrap() as i64;
    let checkpoints = Checkpoints::new(root.join("checkpoint")).unwrap();
    let last = checkpoints.load_last().unwrap().unwrap();
    let alphas = Tensor::zeros(last.state["alphas"].size(), (Kind::Float, tch::Device::Cpu));
    for edge in 0..edges {
        let _ = alphas.get(edge * ops.len() as i64 + skip).fill_(5.0);
    }
    let state = last.state.iter().map(|(name, tensor)| {
        let tensor = if name == "alphas" { &alphas } else { tensor };
        (name.clone(), tensor.shallow_clone())
    });
    checkpoints.save(last.position, &state.collect()).unwrap();
}

#[test]
fn a_collapsed_search_says_so() {
    let folder = folder_of("noisydarts-search run --out found");
    let root = folder.path().join("found");
    let report = || fs::read_to_string(root.join("report.html")).unwrap();
    // The first five edges lead into nodes 2 and 3, which keep two each; the first nine into 2, 3 and 4.
    for (edges, skips, collapsed) in [(5, 4, false), (9, 6, true)] {
        favour_skips(&root, edges);
        let ended = run(folder.path(), "noisydarts-search run --quiet --resume found");
        assert_eq!(ended.data().split("normal_concat").next().unwrap().matches(SKIP_CONNECT).count(), skips);
        let warning =
            format!("{skips} of the normal cell's 8 edges are skip connections: the search has collapsed");
        assert_eq!(ended.stderr.contains(&format!("warning: {warning}\n")), collapsed, "{}", ended.stderr);
        assert_eq!(report().contains(&warning), collapsed);
    }
}
