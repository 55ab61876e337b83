use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::*;
use crate::config::Config;

const CELL: &str = "Genotype(normal=[('skip_connect', 0), ('skip_connect', 1)], normal_concat=[2], \
                    reduce=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1)], reduce_concat=[2])";

/// A folder as a search writes it: two edges, the first with a skip weight that rises by `rise` per epoch.
fn folder(root: &Path, name: &str, seed: u64, rise: f64, change: impl Fn(&mut Config)) -> PathBuf {
    let path = root.join(name);
    fs::create_dir(&path).unwrap();
    let mut config = Config::preset("toy").unwrap();
    config.seed = seed;
    change(&mut config);
    fs::write(path.join("config.toml"), toml::to_string(&config).unwrap()).unwrap();
    fs::write(path.join("genotype.json"), CELL).unwrap();
    let weights = |epoch: u32| {
        let skip = 0.2 + rise * f64::from(epoch);
        json!([[0.3, skip, 0.5 - skip], [0.8, 0.1, 0.1]])
    };
    let mut alphas: Vec<Value> = (0..=3)
        .map(|epoch| json!({"epoch": epoch, "step": 0, "weights": {"normal": weights(epoch), "reduce": [[1.0]]}}))
        .collect();
    let ops = ["sep_conv_3x3", "skip_connect", "max_pool_3x3"];
    alphas[0]["ops"] = json!({"normal": [ops, ops], "reduce": [["sep_conv_3x3"]]});
    let metrics = (1..=3).map(|epoch| {
        json!({"epoch": epoch, "step": 0, "valid_accuracy": 0.25 * f64::from(epoch), "normal_skips": epoch - 1})
    });
    write_lines(&path.join("alphas.jsonl"), alphas);
    write_lines(&path.join("metrics.jsonl"), metrics);
    path
}

fn write_lines(path: &Path, lines: impl IntoIterator<Item = Value>) {
    fs::write(path, lines.into_iter().map(|line| line.to_string() + "\n").collect::<String>()).unwrap();
}

fn darts(config: &mut Config) {
    config.method = "darts".into();
}

#[test]
fn curves_are_what_the_files_say() {
    let root = tempfile::tempdir().unwrap();
    let run = Run::read(&folder(root.path(), "a", 3, 0.1, darts), None, None).unwrap();
    // Edge 1 has skip weights 0.2, 0.3, 0.4, 0.5, edge 2 always 0.1.
    let expected = [(0.0, 0.15), (1.0, 0.2), (2.0, 0.25), (3.0, 0.3)];
    let near = run.skip_weight.iter().zip(expected).all(|(a, b)| (a.0 - b.0).abs() + (a.1 - b.1).abs() < 1e-12);
    assert!(run.skip_weight.len() == 4 && near, "{:?}", run.skip_weight);
    assert_eq!(run.skips, [(1.0, 0.0), (2.0, 1.0), (3.0, 2.0)]);
    assert_eq!(run.dominating, ["skip_connect", "sep_conv_3x3"]);
    let line = "darts, seed 3  3 epochs, skip weight 0.300, 2 of 2 edges skip, validation accuracy 75.00 %\n";
    assert_eq!(summary(&[run]), line);
}

#[test]
fn runs_of_one_label_are_one_group() {
    let root = tempfile::tempdir().unwrap();
    let noisy = |sigma: f64| {
        move |config: &mut Config| {
            config.method = "noisydarts".into();
            config.noise.sigma = sigma;
        }
    };
    let paths = [
        folder(root.path(), "a", 1, 0.1, darts),
        folder(root.path(), "b", 1, 0.0, noisy(0.2)),
        folder(root.path(), "c", 2, 0.12, darts),
        folder(root.path(), "d", 1, 0.0, noisy(0.6)),
    ];
    let runs: Vec<Run> = paths.iter().map(|path| Run::read(path, None, None).unwrap()).collect();
    let labels: Vec<(&str, usize)> = groups(&runs).iter().map(|(label, runs)| (*label, runs.len())).collect();
    assert_eq!(labels, [("darts", 2), ("noisydarts, sigma 0.2", 1), ("noisydarts, sigma 0.6", 1)]);
    let svg = standalone(&runs);
    assert_eq!(svg.matches("<polygon").count(), 3, "one band per chart: only one group has two runs");
    assert!(svg.contains("(2 runs): 2.0 of 2 edges skip") && !svg.contains("NaN"));
    assert!(page(&runs).contains("noisydarts, sigma 0.6, seed 1"));
}

#[test]
fn other_spaces_are_not_compared() {
    let root = tempfile::tempdir().unwrap();
    let [first, mut second] =
        ["a", "b"].map(|name| Run::read(&folder(root.path(), name, 1, 0.1, darts), None, None).unwrap());
    second.check_comparable(&first).unwrap();
    second.space = "nb201".into();
    let error = second.check_comparable(&first).unwrap_err();
    assert!(error.is_users());
    let text = error.to_string();
    assert!(text.contains("its space is nb201, that of") && text.contains("a is darts"), "{text}");
}

#[test]
fn bad_folders_say_what_is_wrong() {
    let root = tempfile::tempdir().unwrap();
    let refusal = |path: &Path| Run::read(path, None, None).unwrap_err().to_string();
    assert!(refusal(root.path()).contains("no config.toml"));
    let path = folder(root.path(), "a", 1, 0.1, darts);
    let alphas = fs::read_to_string(path.join("alphas.jsonl")).unwrap();
    let rest = alphas.lines().skip(1).collect::<Vec<_>>().join("\n");
    let line = |ops: &str, weights: &str| {
        format!(
            "{{\"epoch\":0,\"step\":0,\"ops\":{{\"normal\":{ops}}},\"weights\":{{\"normal\":{weights}}}}}\n"
        )
    };
    let cases = [
        (rest, "line 1: the names of the operations are missing"),
        (line("[[\"skip_connect\"]]", "[[0.5,0.5]]"), "line 1: weights and names of operations do not fit"),
        (line("[[\"none\"]]", "[[1.0]]"), "no edge of its space has skip_connect"),
        ("{\"epoch\":0,\"step\":0}\n".into(), "no weights of a normal cell"),
    ];
    for (text, expected) in cases {
        fs::write(path.join("alphas.jsonl"), text).unwrap();
        assert!(refusal(&path).contains(expected), "{}", refusal(&path));
    }
    fs::write(path.join("metrics.jsonl"), "").unwrap();
    assert!(refusal(&path).contains("no epoch of its search is finished yet"));
    fs::remove_file(path.join("alphas.jsonl")).unwrap();
    assert!(refusal(&path).contains("not a search"));
}
