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

/// Published counts, `expected_accuracy.csv`; top-5 by ONNX Runtime's Python package.
#[test]
fn published_accuracies_are_reproduced_on_all_pictures() {
    if !runtimes().contains(&"ort") {
        return;
    }
    for (model, correct) in [("resnet20", 9173), ("resnet56", 9339)] {
        let Some(found) = accuracy(model, "ort", "10000") else { return };
        assert_eq!((&found["pictures"], &found["top1"]["correct"]), (&10_000.into(), &correct.into()));
        assert!(model != "resnet20" || found["top5"]["correct"] == 9966, "{}", found["top5"]);
    }
}

#[test]
#[ignore = "several minutes"]
fn tract_is_within_two_pictures_of_the_published_accuracies() {
    for (model, published) in [("resnet20", 9173), ("resnet56", 9339)] {
        let Some(found) = accuracy(model, "tract", "10000") else { return };
        let correct = found["top1"]["correct"].as_i64().expect("a count");
        assert!((correct - published).abs() <= 2, "{model}: {correct}");
    }
}

/// The pictures that seed 7 draws, both models' answers, by class too, and p: by a Python program that shares no code with
/// this one (`SplitMix64` and Fisher and Yates's shuffle written again, ONNX Runtime's package, an exact fraction).
#[test]
fn two_models_on_drawn_pictures_as_python_has_it() {
    let (Some(models), Some(cifar)) = (data("onnx/pretrained"), data("cifar10")) else { return };
    let path = |name: &str| models.join(name).display().to_string();
    let [first, second] = ["resnet20_cifar10.onnx", "resnet56_cifar10.onnx"].map(path);
    let cifar = format!("cifar10:{}", cifar.display());
    let folder = tempfile::tempdir().expect("a folder");
    let logits = folder.path().join("logits.safetensors").display().to_string();
    let normalised = ["--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225", "--data", &cifar];
    for runtime in runtimes() {
        let args = ["accuracy", &first, "--against", &second, "--runtime", runtime, "--predictions", &logits];
        let drawn = ["--sample", "300", "--seed", "7"];
        let found = json(args.into_iter().chain(drawn).chain(normalised), 0);
        assert_eq!(
            (&found["kind"], &found["schema"], &found["pictures"], &found["of"], &found["seed"]),
            (&"accuracy".into(), &1.into(), &300.into(), &10_000.into(), &7.into())
        );
        let against = &found["against"];
        assert_eq!(
            (
                &found["top1"]["correct"],
                &against["top1"]["correct"],
                &against["only_first"],
                &against["only_second"]
            ),
            (&272.into(), &281.into(), &6.into(), &15.into())
        );
        assert!((against["p"].as_f64().expect("p") - 0.078_353_881_835_937_5).abs() < 1e-12, "{against}");
        let of_class = |i: usize| {
            let class = &found["by_class"][i];
            [&class["pictures"], &class["correct"]].map(|n| n.as_u64().expect("a number"))
        };
        let expected = [
            [41, 36],
            [33, 32],
            [23, 21],
            [26, 20],
            [39, 37],
            [24, 19],
            [27, 25],
            [35, 32],
            [26, 26],
            [26, 24],
        ];
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(of_class), expected);
        let wrong: u64 =
            found["confused"].as_array().into_iter().flatten().filter_map(|c| c["pictures"].as_u64()).sum();
        assert_eq!((wrong, found["mistakes"].as_array().map(Vec::len)), (28, Some(28)));
        // The file says which pictures were drawn.
        let args = ["parity", &first, "--reference", &logits, "--runtime", runtime];
        let parity = json(args.into_iter().chain(normalised), 0);
        assert_eq!((&parity["inputs"], &parity["comparisons"][0]["max_relative"]), (&300.into(), &0.0.into()));
    }
}
