//! Networks that are no files: zoo names and genotypes.

use std::fs;

use super::{evaluate, json};

/// What `cost` says about its models.
fn counted<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>, status: i32) -> serde_json::Value {
    let mut found = json(args, status);
    assert_eq!((found["kind"].as_str(), found["schema"].as_u64()), (Some("cost"), Some(1)));
    found["models"].take()
}

#[test]
fn counts_of_a_mobile_network_and_of_a_cell() {
    let costs = counted(["cost", "zoo:noisydarts-mobile-a-se", "zoo:noisydarts-a"], 0);
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
    let costs = counted(line.split(' '), 0);
    assert_eq!(costs[0]["macs"]["conv_linear"], 2 * 529_911_552);
    assert_eq!(costs[0]["params"]["trained"], 4_718_752);
    let auxiliary = counted("cost zoo:darts-v2 --auxiliary".split(' '), 0);
    assert_eq!(auxiliary[0]["params"]["trained"], 3_349_342 + 476_426);
    let wide = counted("cost zoo:mobilenet-v2 --input 3x192x160 --classes 10".split(' '), 0);
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
        let costs = counted(["cost", path.to_str().unwrap()], 0);
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
    assert!(names.contains(&"mnasnet-92") && text.contains("unpublished"));
    let output = evaluate(["cost", "zoo:noisydart-a"]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("noisydarts-a"), "{}", output.stderr);
    let output = evaluate(["cost", "zoo:fairnas-a", "--cells", "3"]);
    assert_eq!(output.status, 2, "{}", output.stderr);
}

#[test]
fn parts_add_up_to_the_whole() {
    for part in ["layer", "edge", "cell", "stage"] {
        for model in ["zoo:noisydarts-a", "zoo:efficientnet-b0"] {
            let cost = &counted(["cost", model, "--by", part], 0)[0];
            let parts = cost["parts"].as_array().unwrap();
            let sum = |field: &str| parts.iter().map(|part| part[field].as_u64().unwrap()).sum::<u64>();
            assert_eq!(sum("macs"), cost["macs"]["conv_linear"].as_u64().unwrap(), "{model} by {part}");
            assert_eq!(sum("params"), cost["params"]["without_aux"].as_u64().unwrap(), "{model} by {part}");
        }
    }
    let cells = counted("cost zoo:noisydarts-a --by cell".split(' '), 0);
    let names: Vec<&str> =
        cells[0]["parts"].as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
    // Input, stem, 20 cells, head.
    assert_eq!((names.len(), names[2], names[22]), (23, "cells.0", "head"));
    let stages = counted("cost zoo:noisydarts-mobile-a-se --by stage".split(' '), 0);
    let names: Vec<&str> =
        stages[0]["parts"].as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["input", "stem", "112x112", "56x56", "28x28", "14x14", "7x7", "head"]);
}

#[test]
fn conventions_are_reconciled_line_by_line() {
    let cost = &counted("cost zoo:mobilenet-v3-large --by term --batch 2".split(' '), 0)[0];
    for (at, convention) in models::conventions::CONVENTIONS.iter().enumerate() {
        let lines = cost["terms"].as_array().unwrap().iter();
        let sum: u64 =
            lines.map(|line| line["count"].as_u64().unwrap() * line["factors"][at].as_u64().unwrap()).sum();
        assert_eq!(sum, cost["macs"][convention.name].as_u64().unwrap(), "{}", convention.name);
    }
    assert_eq!(cost["macs"]["conv_linear"], 2 * 216_589_760);
    let text = evaluate("cost zoo:mobilenet-v3-large --by term".split(' ')).stdout;
    assert!(text.contains("4 x = 17 599 232"), "{text}");
}

#[test]
fn flops_are_two_for_each_multiply_add_and_only_when_asked_for() {
    assert_eq!(counted(["cost", "zoo:noisydarts-a"], 0)[0]["flops"], serde_json::Value::Null);
    assert_eq!(counted(["cost", "zoo:noisydarts-a", "--flops"], 0)[0]["flops"], 2 * 513_871_488);
}

#[test]
fn models_are_sorted_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("front.svg");
    let models =
        ["zoo:efficientnet-b0", "zoo:mobilenet-v3-large", "zoo:mobilenet-v2-0.5", "zoo:noisydarts-mobile-a"];
    let line = [&["cost"], &models[..], &["--sort", "top1", "--pareto", picture.to_str().unwrap()]].concat();
    let costs = counted(line, 0);
    let names: Vec<&str> = (0..4).map(|at| costs[at]["model"].as_str().unwrap()).collect();
    assert_eq!(names, [models[0], models[3], models[1], models[2]]);
    let svg = fs::read_to_string(&picture).unwrap();
    // The width without a published accuracy is not drawn.
    assert_eq!(svg.matches("<circle").count(), 3);
    let nothing = evaluate(["cost", "zoo:mobilenet-v2-0.5", "--pareto", picture.to_str().unwrap()]);
    assert_eq!(nothing.status, 2);
    assert!(nothing.stderr.contains("--pareto"), "{}", nothing.stderr);
}

#[test]
fn block_strings_are_counted_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.txt");
    let models::zoo::Definition::Mobile(mixnet) = models::zoo::Definition::of_zoo("mixnet-m").unwrap() else {
        panic!("mixnet-m is no mobile network")
    };
    fs::write(&path, mixnet.to_string()).unwrap();
    let costs =
        counted(["cost", path.to_str().unwrap(), "zoo:mobilenet-v2-0.35", "zoo:noisydarts-mobile:E6_K7"], 0);
    assert_eq!(costs[0]["macs"]["conv_linear"], 339_172_672);
    assert_eq!(costs[1]["params"]["trained"], 1_677_128);
    assert_eq!(costs[2]["params"]["trained"].as_u64().unwrap() / 100, 50_900);
    fs::write(&path, "ir_r1_k3_s1_c8").unwrap();
    let output = evaluate(["cost", path.to_str().unwrap()]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("net.txt") && output.stderr.contains("an expansion e"), "{}", output.stderr);
    let output = evaluate(["cost", "zoo:mnasnet-92"]);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("never published"), "{}", output.stderr);
}

#[test]
fn a_network_without_weights_is_not_run_but_the_way_out_is_named() {
    for command in ["latency", "inspect", "parity"] {
        let output = evaluate([command, "zoo:noisydarts-a"]);
        assert_eq!(output.status, 2, "{command}");
        assert!(output.stderr.contains("noisydarts-export zoo:noisydarts-a"), "{command}: {}", output.stderr);
    }
}
