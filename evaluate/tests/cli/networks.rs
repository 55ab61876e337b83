//! Networks that are no files: zoo names and genotypes.

use std::fs;

use super::{evaluate, json};

#[test]
fn counts_of_a_mobile_network_and_of_a_cell() {
    let costs = json(["cost", "zoo:noisydarts-mobile-a-se", "zoo:noisydarts-a"], 0);
    let macs = |model: usize, convention: &str| costs[model]["macs"][convention].as_u64().unwrap();
    assert_eq!((macs(0, "conv_linear"), macs(0, "with_se_pool")), (446_669_312, 449_002_496));
    assert_eq!(macs(1, "conv_linear"), 513_871_488);
    assert_eq!(costs[0]["params"]["trained"], 5_547_124);
    assert_eq!(costs[1]["params"]["without_aux"], 3_257_110);
    assert_eq!(costs[1]["input"], serde_json::json!([1, 3, 32, 32]));
}

#[test]
fn flags_build_another_network() {
    let line = "cost zoo:darts-v2 --skeleton imagenet --batch 2";
    let costs = json(line.split(' '), 0);
    assert_eq!(costs[0]["macs"]["conv_linear"], 2 * 529_911_552);
    assert_eq!(costs[0]["params"]["trained"], 4_718_752);
    let auxiliary = json("cost zoo:darts-v2 --auxiliary".split(' '), 0);
    assert_eq!(auxiliary[0]["params"]["trained"], 3_349_342 + 476_426);
    let wide = json("cost zoo:mobilenet-v2 --input 3x192x160 --classes 10".split(' '), 0);
    assert_eq!(wide[0]["input"], serde_json::json!([1, 3, 192, 160]));
}

/// The shape that a file leaves open is its own affair, whatever networks of the zoo take.
#[test]
fn shapes_of_files_are_not_those_of_the_zoo() {
    let output = evaluate(["cost", "zoo:noisydarts-a", "--input", "1x32x32"]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("--input") && output.stderr.contains("3xHxW"), "{}", output.stderr);
    let missing = evaluate(["cost", "missing.onnx", "--input", "1x32x32"]);
    assert!(missing.stderr.contains("missing.onnx") && !missing.stderr.contains("zoo"), "{}", missing.stderr);
}

#[test]
fn genotype_files_are_counted_in_both_forms() {
    let folder = tempfile::tempdir().unwrap();
    let genotype = models::zoo::by_name("noisydarts-b").unwrap().genotype().unwrap();
    for (name, text) in [("b.json", genotype.to_json()), ("b.txt", genotype.to_string())] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let costs = json(["cost", path.to_str().unwrap()], 0);
        assert_eq!(costs[0]["macs"]["conv_linear"], 492_250_752, "{name}");
    }
    let broken = folder.path().join("broken.json");
    fs::write(&broken, "{\"schema\": 1,").unwrap();
    let output = evaluate(["cost", broken.to_str().unwrap()]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("broken.json") && output.stderr.contains("line 1"), "{}", output.stderr);
}

#[test]
fn the_zoo_is_listed_and_wrong_names_are_suggested() {
    let rows = json(["zoo"], 0);
    let names: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"noisydarts-a") && names.contains(&"fairnas-c"));
    let text = evaluate(["zoo"]).stdout;
    assert_eq!(text.lines().count(), names.len() + 1);
    let output = evaluate(["cost", "zoo:noisydart-a"]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("noisydarts-a"), "{}", output.stderr);
    let output = evaluate(["cost", "zoo:fairnas-a", "--cells", "3"]);
    assert_eq!(output.status, 2, "{}", output.stderr);
}
