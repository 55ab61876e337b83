//! Foreign models whose accuracy is known: `expected_accuracy.csv` beside them. It was checked with ONNX Runtime's Python package.

use super::{data, json, runtimes};

/// Arguments for a model's accuracy on CIFAR-10's test set, prepared as these models want it: with `ImageNet`'s statistics.
fn accuracy(model: &str, runtime: &str, limit: &str) -> Option<serde_json::Value> {
    let path = data(&format!("onnx/pretrained/{model}_cifar10.onnx"))?;
    let cifar = format!("cifar10:{}", data("cifar10")?.display());
    let normalised = ["--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"];
    let args = ["accuracy", path.to_str()?, "--data", &cifar, "--runtime", runtime, "--limit", limit];
    Some(json(args.into_iter().chain(normalised), 0))
}

/// Counts by ONNX Runtime's Python package on the first 200 pictures.
#[test]
fn both_runtimes_agree_with_python() {
    for runtime in runtimes() {
        for (model, correct) in [("resnet20", 182), ("resnet56", 185)] {
            let Some(found) = accuracy(model, runtime, "200") else { return };
            assert_eq!(found["top1"]["correct"], correct, "{model} in {runtime}");
        }
    }
}

#[test]
fn resnet20_has_its_published_accuracy_on_all_pictures() {
    if !runtimes().contains(&"ort") {
        return;
    }
    let Some(found) = accuracy("resnet20", "ort", "10000") else { return };
    assert_eq!((&found["pictures"], &found["top1"]["correct"]), (&10_000.into(), &9173.into()));
    assert_eq!(found["top5"]["correct"], 9966);
}
