//! From images to a measured ONNX file, through the three programs.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use serde_json::Value;

use crate::support::{run, start};
use crate::tiny::{TINY, folder_of};

/// Logits or labels from a file of predictions.
fn predictions(path: &Path) -> (Vec<usize>, Vec<usize>) {
    let bytes = fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let logits = file.tensor("logits").unwrap();
    let values: Vec<f32> = logits.data().as_chunks().0.iter().map(|&word| f32::from_le_bytes(word)).collect();
    let best = |row: &[f32]| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    let labels = file.tensor("labels").unwrap();
    let labels = labels.data().as_chunks().0.iter().map(|&word| i64::from_le_bytes(word) as usize);
    (values.chunks_exact(logits.shape()[1]).map(best).collect(), labels.collect())
}

fn lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A page that is whole by itself: every address in it is the name of the SVG namespace, and nothing is fetched.
fn self_contained(page: &str, genotype: &str) {
    assert!(page.contains(genotype.trim()), "the genotype is missing");
    assert!(page.contains("<svg"));
    for (at, _) in page.match_indices("http") {
        assert!(page[at..].starts_with("http://www.w3.org/2000/svg\""), "{}", &page[at..at + 60]);
    }
    for word in ["src=", "@import", "<link", "url("] {
        assert!(!page.contains(word), "{word}");
    }
}

fn the_run_folder_is_complete(root: &Path, genotype: &str) {
    let places = |file: &str| -> Vec<(u64, u64)> {
        let number = |line: &Value, key: &str| line[key].as_u64().unwrap();
        lines(&root.join(file)).iter().map(|line| (number(line, "epoch"), number(line, "step"))).collect()
    };
    assert_eq!(places("metrics.jsonl"), [(0, 2), (1, 0), (1, 2), (2, 0)], "(epochs done, steps done)");
    assert_eq!(places("alphas.jsonl"), [(0, 0), (0, 2), (1, 0), (1, 2), (2, 0)], "from the start on");
    assert!((1..=2).contains(&fs::read_dir(root.join("checkpoint")).unwrap().count()));
    let config = fs::read_to_string(root.join("config.toml")).unwrap();
    for setting in ["channels = 2", "sigma = 0.2", "source = \"embedded\"", "threads = 1"] {
        assert!(config.contains(setting), "{setting}");
    }
    assert!(root.join("weights.safetensors").is_file());
    self_contained(&fs::read_to_string(root.join("report.html")).unwrap(), genotype);
}

#[test]
fn from_images_to_a_measured_file() {
    let folder = folder_of("noisydarts-search run --out found --set report.every_steps=2");
    let folder = folder.path();
    let search = |line: &str| run(folder, &format!("noisydarts-search {line}"));
    let evaluate = |line: &str| run(folder, &format!("noisydarts-evaluate {line} --format json"));

    let derived = search("derive found");
    the_run_folder_is_complete(&folder.join("found"), derived.data());
    let json = fs::read_to_string(folder.join("found/genotype.json")).unwrap();
    assert_eq!(search("derive found --json").data(), json);
    let drawn = search("draw found/genotype.json");
    assert!(fs::read_to_string(folder.join("found/report.html")).unwrap().contains(drawn.data().trim()));

    let trained = search(&format!("train found/genotype.json --out trained {TINY}")).json();
    assert_eq!(
        (&trained["accuracy"]["images"], &trained["accuracy"]["data"]),
        (&50.into(), &"embedded:test".into())
    );
    self_contained(&fs::read_to_string(folder.join("trained/report.html")).unwrap(), derived.data());
    let export = "noisydarts-export found/genotype.json --weights trained/weights.safetensors --format json -o";
    let exported = run(folder, &format!("{export} model.onnx")).json();
    run(folder, &format!("{export} again.onnx")).data();
    assert_eq!(fs::read(folder.join("model.onnx")).unwrap(), fs::read(folder.join("again.onnx")).unwrap());

    let predicted = search("predict trained/weights.safetensors --limit 50 --out torch.safetensors").json();
    assert_eq!(predicted["correct"], trained["accuracy"]["correct"]);
    let (torch, labels) = predictions(&folder.join("torch.safetensors"));
    let correct = torch.iter().zip(&labels).filter(|(found, label)| found == label).count();
    assert_eq!(predicted["correct"], correct);
    let mut measured = 0;
    for runtime in ["ort", "tract"] {
        let line =
            format!("accuracy model.onnx --data embedded --limit 50 --runtime {runtime} --predictions logits");
        let found = evaluate(&line);
        if runtime == "ort" && found.stderr.contains("find ONNX Runtime") {
            eprintln!("without ONNX Runtime: {}", found.stderr);
            continue;
        }
        assert_eq!(found.json()["top1"]["correct"], correct, "{runtime}");
        assert_eq!(predictions(&folder.join("logits")).0, torch, "{runtime}, image by image");
        measured += 1;
    }
    let runtimes = if measured == 2 { "ort,tract" } else { "tract" };
    let parity = evaluate(&format!(
        "parity model.onnx --data embedded --reference torch.safetensors --runtime {runtimes}"
    ));
    assert_eq!(parity.json()["holds"], true, "{}", parity.stdout);
    let cost = evaluate("cost model.onnx").json();
    let macs = exported["macs"]["conv_linear"].as_u64().unwrap();
    assert!(cost.to_string().contains(&macs.to_string()), "{macs} MACs in {cost}");
    let latency = evaluate("latency model.onnx --runtime tract --runs 5").json();
    assert!(latency.to_string().contains("model.onnx"), "{latency}");
    assert!(evaluate("inspect model.onnx").data().contains("genotype"));

    let tuned = search(&format!(
        "train found/genotype.json --init trained/weights.safetensors --out tuned {TINY} --set retrain.epochs=1"
    ));
    tuned.data();
    let loss =
        |root: &str, line: usize| lines(&folder.join(root).join("metrics.jsonl"))[line]["train_loss"].as_f64();
    assert!(loss("tuned", 0) < loss("trained", 0), "fine-tuning starts where training ended");
    assert!(!tuned.stderr.contains("start anew"), "{}", tuned.stderr);
}

#[test]
fn a_genotype_drawn_at_random_can_be_trained() {
    let folder = tempfile::tempdir().unwrap();
    let sample = run(folder.path(), "noisydarts-search sample --seed 3 --out random.json");
    assert_eq!(sample.data(), "");
    let again = run(folder.path(), "noisydarts-search sample --seed 3");
    assert_eq!(fs::read_to_string(folder.path().join("random.json")).unwrap(), again.data());
    let other = run(folder.path(), "noisydarts-search sample --seed 4");
    assert_ne!(other.data(), again.data());
    let line = format!("noisydarts-search train random.json --out trained {TINY} --set retrain.epochs=1");
    run(folder.path(), &line).json();
}

#[test]
fn lists_say_what_there_is_and_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    for (list, words) in [
        ("methods", ["darts", "noisydarts", "Chu and Zhang 2021"]),
        ("spaces", ["darts", "DARTS", "201"]),
        ("presets", ["toy", "small", "paper"]),
        ("presets paper", ["[retrain]", "epochs = 600", "# [D] [N]"]),
    ] {
        let found = run(folder.path(), &format!("noisydarts-search {list}"));
        for word in words {
            assert!(found.data().contains(word), "{word} in {}", found.stdout);
        }
    }
}

#[test]
fn the_linear_classifier_learns() {
    let folder = tempfile::tempdir().unwrap();
    let line = "noisydarts-search baseline --threads 1 --set data.train_images=300 --set data.test_images=100";
    let found = run(folder.path(), line).json();
    assert_eq!(found["images"], 100, "{found}");
    // Ten classes: chance is 0.1.
    assert!(found["top1"].as_f64().unwrap() > 0.4, "{found}");
}

#[test]
fn help_goes_to_stdout() {
    let folder = tempfile::tempdir().unwrap();
    for program in ["noisydarts-search", "noisydarts-export", "noisydarts-evaluate"] {
        let child = start(folder.path(), &format!("{program} --help"));
        assert!(crate::support::finish(child).data().contains("Usage"));
    }
}
