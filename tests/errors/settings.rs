//! Settings, names, flags and folders.

use std::fs;

use super::{Case, all_are_refused};
use crate::tiny::{TINY, folder_of};

const CASES: &[Case<'_>] = &[
    (
        "an unknown setting",
        "noisydarts-search run --set search.epoch=3",
        &["search.epoch", "did you mean \"search.epochs\""],
    ),
    ("a setting without a value", "noisydarts-search run --set search.epochs", &["search.epochs", "key=value"]),
    (
        "text for a number",
        "noisydarts-search run --set search.epochs=many",
        &["search.epochs", "a whole number", "many"],
    ),
    (
        "a fraction for a whole number",
        "noisydarts-search run --set search.batch=1.5",
        &["search.batch", "a whole number"],
    ),
    ("a negative size", "noisydarts-search run --set search.channels=-1", &["search.channels", "-1"]),
    ("no channels", "noisydarts-search run --set search.channels=0", &["channels 0", "at least 1"]),
    ("an unknown choice", "noisydarts-search run --set noise.scope=sik", &["noise.scope", "sik", "skip"]),
    (
        "a value out of range",
        "noisydarts-search run --set data.valid_portion=1",
        &["data.valid_portion", "between 0 and 1"],
    ),
    ("a size that is none", "noisydarts-search run --set data.size=big", &["data.size", "HEIGHTxWIDTH"]),
    ("no TOML", "noisydarts-search run --config broken.toml", &["broken.toml", "line 2"]),
    (
        "an unknown setting in a file",
        "noisydarts-search run --config key.toml",
        &["key.toml", "did you mean \"noise.sigma\""],
    ),
    ("a missing file of settings", "noisydarts-search run --config none.toml", &["none.toml", "No such file"]),
    (
        "an unknown method",
        "noisydarts-search run --method noisydart",
        &["noisydart", "did you mean \"noisydarts\""],
    ),
    ("an unknown space", "noisydarts-search run --space dart", &["dart", "did you mean \"darts\""]),
    ("an unknown preset", "noisydarts-search run --preset tiny", &["preset \"tiny\"", "toy"]),
    ("an unknown preset to print", "noisydarts-search presets papr", &["papr", "did you mean \"paper\""]),
    ("an unknown space to sample", "noisydarts-search sample --space dart", &["did you mean \"darts\""]),
    (
        "an unknown network",
        "noisydarts-search train zoo:noisydart-a",
        &["noisydart-a", "did you mean \"noisydarts-a\""],
    ),
    ("an unknown device", "noisydarts-search run --device gpu", &["gpu", "auto, cpu, cuda or cuda:N"]),
    ("an unknown flag", "noisydarts-search run --sed 1", &["--sed", "--seed"]),
    ("a seed that is none", "noisydarts-search run --seed minus", &["--seed", "minus"]),
    ("too large a batch", "noisydarts-search run --set search.batch=33", &["search.batch = 33", "64"]),
    (
        "too large a batch to train with",
        "noisydarts-search train zoo:darts-v2 --set data.train_images=50 --set retrain.batch=51",
        &["retrain.batch = 51", "50"],
    ),
    (
        "pictures that cannot be halved twice",
        "noisydarts-search run --set data.size=30x30",
        &["15x15", "divisible by 4"],
    ),
    (
        "pictures too small for the auxiliary head",
        "noisydarts-search train zoo:darts-v2 --set retrain.auxiliary_weight=0.4",
        &["retrain.auxiliary_weight = 0.4", "expected 0", "32x32"],
    ),
    ("a folder that holds a run", "noisydarts-search run --out found", &["found", "--resume", "another --out"]),
    ("a folder without a run", "noisydarts-search run --resume empty", &["empty", "not a run folder"]),
    (
        "a folder that is not there",
        "noisydarts-search train --resume nowhere",
        &["nowhere", "not a run folder"],
    ),
    ("a run without a genotype", "noisydarts-search derive begun", &["begun", "no epoch"]),
    ("a run with broken settings", "noisydarts-search run --resume broken", &["broken/config.toml"]),
    ("new settings for an old run", "noisydarts-search run --resume found --seed 1", &["--resume", "--seed"]),
    ("a search gone on with as a training", "noisydarts-search train --resume found", &["found"]),
    ("no genotype", "noisydarts-search train", &["GENOTYPE"]),
];

#[test]
fn wrong_settings_and_names_are_refused() {
    let folder = folder_of("noisydarts-search run --out found");
    let path = |name: &str| folder.path().join(name);
    for name in ["empty", "begun", "broken"] {
        fs::create_dir(path(name)).unwrap();
    }
    let settings = fs::read_to_string(path("found/config.toml")).unwrap();
    fs::write(path("begun/config.toml"), &settings).unwrap();
    fs::write(path("broken/config.toml"), &settings[..settings.len() / 2]).unwrap();
    fs::write(path("broken.toml"), "[search]\nepochs =\n").unwrap();
    fs::write(path("key.toml"), "[noise]\nsigmma = 0.1\n").unwrap();
    // Small, so that what is not refused ends soon.
    let line = |line: &str| match line.split_once(" run ") {
        Some((program, rest)) if !rest.contains("--resume") => format!("{program} run {TINY} {rest}"),
        _ => line.into(),
    };
    let lines: Vec<String> = CASES.iter().map(|case| line(case.1)).collect();
    let cases: Vec<Case<'_>> =
        CASES.iter().zip(&lines).map(|(case, line)| (case.0, line.as_str(), case.2)).collect();
    all_are_refused(folder.path(), &cases);
    assert!(!path("runs").exists(), "a refused run leaves nothing behind");
}

#[test]
fn a_gpu_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for line in ["run", "train zoo:darts-v2", "predict none.safetensors --out logits"] {
        let line = format!("noisydarts-search {line} --device cuda");
        all_are_refused(folder.path(), &[("no GPU", &line, &["\"cuda\"", "no GPU", "--device cpu"])]);
    }
}
