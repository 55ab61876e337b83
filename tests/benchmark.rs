//! Benchmarks: runs over methods and seeds that end in one table, and can be stopped and gone on with.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use serde_json::Value;

use crate::nb201;
use crate::support::run;

/// One stage cell, four channels, one epoch on a few small pictures: seconds.
const TINY: &str = "--set search.cells=1 --set search.channels=4 --set search.epochs=1 --set search.batch=8 \
                    --set data.train_images=40 --set data.test_images=20 --threads 1 --seeds 2 --out out";

fn results(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("out/results.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn changed(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

#[test]
fn the_collapse_ends_in_a_table_and_a_picture() {
    let folder = nb201::folder(&nb201::csv());
    let folder = folder.path();
    let line = format!("noisydarts-search benchmark collapse {TINY} --table table");
    let table = run(folder, &line).data().to_string();
    let outcomes = results(folder);
    assert_eq!(outcomes.len(), 4, "two methods, two seeds");
    for outcome in &outcomes {
        // Accuracies of the made-up table fall from rank to rank, the same in every column.
        let genotype = outcome["genotype"].as_str().unwrap();
        let rank = models::nb201::Architecture::parse(genotype).unwrap().rank() as f64;
        let expected = (900_000.0 - 10.0 * rank) / 1e4;
        assert_eq!(outcome["looked_up"].as_object().unwrap().len(), 6);
        assert_eq!(outcome["looked_up"]["cifar10_test"], expected);
    }
    assert!(table.contains("| noisydarts |") && table.contains("n − 1"), "{table}");
    let svg = fs::read_to_string(folder.join("out/collapse.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("noisydarts"));
    let manifest = fs::read_to_string(folder.join("out/collapse/darts/seed-1/manifest.json")).unwrap();
    for key in ["\"libtorch\"", "\"processor\"", "\"search\"", "\"seed\": 1"] {
        assert!(manifest.contains(key), "{key} is missing: {manifest}");
    }
    // A second call runs nothing again and says the same.
    let metrics = folder.join("out/collapse/darts/seed-0/search/metrics.jsonl");
    let before = changed(&metrics);
    assert_eq!(run(folder, &line).data(), table);
    assert_eq!(changed(&metrics), before);
    // Other settings in the same place are refused, unless the runs are done.
    fs::remove_dir_all(folder.join("out/collapse/darts/seed-0")).unwrap();
    let other = format!("{line} --set search.batch=4");
    assert_eq!(run(folder, &other).status, Some(0), "only the missing run is run");
}

#[test]
fn found_cells_are_trained_where_no_table_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let line = format!(
        "noisydarts-search benchmark s2-cifar10 --methods darts {TINY} --seeds 1 --data embedded --preset toy \
         --set search.cells=3 --set retrain.channels=4 --set retrain.epochs=2 --set retrain.batch=8"
    )
    .replace("--set search.cells=1 ", "")
    .replace("--seeds 2 ", "");
    let table = run(folder, &line).data().to_string();
    assert!(table.contains("s2-cifar10 (embedded)") && table.contains("after the last epoch"), "{table}");
    let trained = &results(folder)[0]["trained"];
    assert!(trained["parameters"].as_u64().unwrap() > 0 && trained["macs"].as_u64().unwrap() > 0);
    assert!(trained["best"].as_f64() >= trained["last"].as_f64());
    let chosen = run(folder, &format!("{line} --select best-on-test"));
    assert!(chosen.data().contains("CHOSEN BY TEST ACCURACY"));
    let csv = fs::read_to_string(folder.join("out/results.csv")).unwrap();
    assert_eq!(csv.lines().count(), 2);
}

#[test]
fn what_cannot_be_run_is_said_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let refused = |line: &str, why: &str| {
        let ended = run(folder, &format!("noisydarts-search benchmark {line}"));
        assert_eq!(ended.status, Some(2), "{line}: {}", ended.stderr);
        assert!(ended.stderr.contains(why), "{line}: {}", ended.stderr);
        assert!(!folder.join("benchmarks").exists(), "{line}");
    };
    refused("colapse", "did you mean \"collapse\"");
    refused("s1-svhn", "needs svhn:DIR");
    refused("s1-svhn --data cifar10:there", "needs svhn:DIR");
    refused("collapse --methods nosydarts", "did you mean \"noisydarts\"");
    refused("collapse --set search.epochs=0", "search.epochs");
    let list = run(folder, "noisydarts-search benchmark");
    let numbered =
        list.data().lines().filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    assert_eq!(numbered.count(), 15);
}
