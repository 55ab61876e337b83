//! Damaged results of earlier steps: genotypes, weights, checkpoints.

use std::fs;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;

use super::{Case, all_are_refused, cut, noise};
use crate::support::run;
use crate::tiny::{TINY, folder_of};

const CASES: &[Case<'_>] = &[
    ("a genotype cut short", "noisydarts-search train cut.json", &["cut.json", "line"]),
    (
        "weights cut short",
        "noisydarts-search predict cut.safetensors --out logits",
        &["weights cut.safetensors", "truncated"],
    ),
    ("weights that are noise", "noisydarts-search predict noise --out logits", &["weights noise"]),
    ("weights that are not there", "noisydarts-search predict none --out logits", &["none", "No such file"]),
    (
        "weights without a tensor",
        "noisydarts-search predict less.safetensors --out logits",
        &["less.safetensors", "it has no stem.conv.weight"],
    ),
    (
        "weights without a description",
        "noisydarts-search predict bare.safetensors --out logits",
        &["bare.safetensors", "genotype"],
    ),
    (
        "first weights cut short",
        "noisydarts-search train zoo:darts-v2 --init cut.safetensors",
        &["weights cut.safetensors"],
    ),
    (
        "first weights that fit nowhere",
        "noisydarts-search train zoo:darts-v2 --set retrain.channels=3 --init bare.safetensors",
        &["bare.safetensors"],
    ),
    (
        "exported weights cut short",
        "noisydarts-export found/genotype.json --weights cut.safetensors -o out.onnx",
        &["cut.safetensors", "truncated"],
    ),
    (
        "weights with a flipped bit",
        "noisydarts-search predict bit.safetensors --out logits",
        &["weights bit.safetensors", "checksum"],
    ),
    (
        "exported weights with a flipped bit",
        "noisydarts-export found/genotype.json --weights bit.safetensors -o out.onnx",
        &["bit.safetensors", "checksum"],
    ),
    (
        "exported weights without a tensor",
        "noisydarts-export found/genotype.json --weights less.safetensors -o out.onnx",
        &["less.safetensors", "stem.conv.weight"],
    ),
    (
        "weights of another genotype",
        "noisydarts-export zoo:darts-v2 --weights trained/weights.safetensors -o out.onnx",
        &["trained/weights.safetensors", "edge 1 of the normal cell"],
    ),
    (
        "weights of another size",
        "noisydarts-export found/genotype.json --weights trained/weights.safetensors --channels 16 -o out.onnx",
        &["trained/weights.safetensors", "--channels", "2", "16"],
    ),
    (
        "a checkpoint cut short",
        "noisydarts-search run --resume short",
        &["checkpoint short/", "delete it to go on from"],
    ),
    (
        "a checkpoint with a flipped bit",
        "noisydarts-search run --resume flipped",
        &["flipped/", "checksum", "delete it"],
    ),
    (
        "a training taken for a search",
        "noisydarts-search run --resume trained",
        &["trained", "noisydarts-search train --resume"],
    ),
    ("a checkpoint of another run", "noisydarts-search run --resume other", &["other/", "other settings"]),
    (
        "a training's only checkpoint damaged",
        "noisydarts-search train --resume single",
        &["single/", "start the run anew"],
    ),
];

/// The checkpoints of a run, oldest first.
fn checkpoints(root: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root.join("checkpoint")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Copies a run and changes its last checkpoint.
fn spoiled(root: &Path, run: &str, name: &str, change: impl Fn(&mut Vec<u8>)) {
    fs::create_dir_all(root.join(name).join("checkpoint")).unwrap();
    for file in ["config.toml", "genotype.json", "metrics.jsonl", "alphas.jsonl"] {
        // A training has no alphas.
        let from = root.join(run).join(file);
        if from.exists() {
            fs::copy(from, root.join(name).join(file)).unwrap();
        }
    }
    for path in checkpoints(&root.join(run)) {
        fs::copy(&path, root.join(name).join("checkpoint").join(path.file_name().unwrap())).unwrap();
    }
    let last = checkpoints(&root.join(name)).pop().unwrap();
    let mut bytes = fs::read(&last).unwrap();
    change(&mut bytes);
    fs::write(last, bytes).unwrap();
}

/// The weights without the first convolution, with or without their description.
fn without_stem(root: &Path, to: &str, described: bool) {
    let bytes = fs::read(root.join("trained/weights.safetensors")).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let rest = file.iter().filter(|(name, _)| *name != "stem.conv.weight");
    let mut metadata = header.metadata().clone().filter(|_| described);
    // Changed by hand, so not sealed any more.
    if let Some(metadata) = &mut metadata {
        metadata.remove("sha256");
    }
    fs::write(root.join(to), safetensors::serialize(rest, metadata).unwrap()).unwrap();
}

#[test]
fn damaged_results_are_refused() {
    let folder = folder_of("noisydarts-search run --out found");
    let root = folder.path();
    run(root, &format!("noisydarts-search train found/genotype.json --out trained {TINY}")).data();
    run(
        root,
        &format!("noisydarts-search run --out larger {TINY} --set search.channels=3 --set search.epochs=1"),
    )
    .data();
    cut(root, "found/genotype.json", "cut.json", 0.5);
    cut(root, "trained/weights.safetensors", "cut.safetensors", 0.9);
    let mut weights = fs::read(root.join("trained/weights.safetensors")).unwrap();
    *weights.last_mut().unwrap() ^= 1;
    fs::write(root.join("bit.safetensors"), weights).unwrap();
    fs::write(root.join("noise"), noise(5000)).unwrap();
    without_stem(root, "less.safetensors", true);
    without_stem(root, "bare.safetensors", false);
    spoiled(root, "found", "short", |bytes| bytes.truncate(bytes.len() / 2));
    spoiled(root, "found", "flipped", |bytes| *bytes.last_mut().unwrap() ^= 1);
    let foreign = fs::read(checkpoints(&root.join("larger")).pop().unwrap()).unwrap();
    spoiled(root, "found", "other", |bytes| bytes.clone_from(&foreign));
    spoiled(root, "trained", "single", |bytes| bytes.truncate(100));
    fs::remove_file(&checkpoints(&root.join("single"))[0]).unwrap();
    all_are_refused(root, CASES);
    the_named_way_out_works(root);
}

/// Deleting the damaged checkpoint, as the message says, gives the result of the run that was never damaged.
fn the_named_way_out_works(root: &Path) {
    fs::remove_file(checkpoints(&root.join("flipped")).pop().unwrap()).unwrap();
    run(root, "noisydarts-search run --resume flipped").data();
    for name in ["weights.safetensors", "alphas.jsonl", "genotype.json"] {
        let [expected, found] = ["found", "flipped"].map(|run| fs::read(root.join(run).join(name)).unwrap());
        assert!(expected == found, "{name}");
    }
}
