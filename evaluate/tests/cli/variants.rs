//! `variants`: one table whose figures are those of `accuracy`, with times of models that were run in turn.

use std::fs;

use super::{Tiny, evaluate, json, runtimes};

const DATA: [&str; 6] = ["--data", "embedded", "--limit", "200", "--fit", "pad"];
const SHORT: [&str; 4] = ["--seconds", "0.3", "--processes", "3"];

#[test]
fn rows_are_what_accuracy_says_of_both() {
    let first = Tiny::default().write();
    // Other means, so that it answers otherwise.
    let spec = r#"{"size":[32,32],"mean":[0.9,0.1,0.5],"std":[0.25,0.5,0.25],"fit":"pad"}"#;
    let other = Tiny { metadata: vec![("noisydarts.input", spec.into())], ..Tiny::default() }.write();
    let runtimes = runtimes();
    let models = [first.path(), other.path()];
    let names = runtimes.join(",");
    let asked = ["--runtime", &names];
    let found = json(["variants"].iter().chain(&models).chain(&DATA).chain(&SHORT).chain(&asked), 0);
    assert_eq!(
        (&found["kind"], &found["schema"], &found["pictures"]),
        (&"variants".into(), &1.into(), &200.into())
    );
    assert!(found["environment"]["os"].is_string());
    assert_eq!(found["rows"].as_array().map(Vec::len), Some(2 * runtimes.len()));
    for (at, runtime) in runtimes.into_iter().enumerate() {
        let rows = [0, 1].map(|model| &found["rows"][2 * at + model]);
        let asked = ["accuracy", first.path(), "--against", other.path(), "--runtime", runtime];
        let known = json(asked.iter().chain(&DATA), 0);
        let against = &known["against"];
        assert_eq!([&rows[0]["top1"], &rows[1]["top1"]], [&known["top1"], &against["top1"]], "{runtime}");
        let of = |key| &rows[1][key];
        assert_eq!(
            [of("only_first"), of("only_this"), of("p")],
            ["only_first", "only_second", "p"].map(|key| &against[key])
        );
        assert_ne!(of("only_first"), 0, "they differ");
        for (row, model) in rows.iter().zip(models) {
            assert_eq!((&row["model"], &row["runtime"]), (&model.into(), &runtime.into()));
            assert_eq!(row["bytes"], fs::metadata(model).expect("a file").len());
        }
        assert!(rows[0]["time"].is_null() && of("size_share").as_f64() > Some(1.0), "{}", rows[0]);
        let ratio = &of("time")["ratio"];
        let [low, middle, high] = [&ratio["interval"][0], &ratio["ratio"], &ratio["interval"][1]];
        assert!(low.as_f64() > Some(0.0) && low.as_f64() <= middle.as_f64(), "{ratio}");
        assert!(middle.as_f64() <= high.as_f64(), "{ratio}");
    }
}

#[test]
fn a_model_beside_itself_differs_in_nothing() {
    let model = Tiny::default().write();
    let args = ["variants", model.path(), model.path(), "--runtime", "tract", "--format", "csv"];
    let csv = evaluate(args.iter().chain(&DATA).chain(&SHORT)).stdout;
    let row = csv.lines().nth(2).expect("two rows");
    assert!(row.contains("100.00 %,+0.00,1.000"), "{csv}");
}

#[test]
fn what_does_not_fit_is_named_before_anything_is_measured() {
    let [ten, five] = [10, 5].map(|classes| Tiny { classes, ..Tiny::default() }.write());
    let alone = evaluate(["variants", ten.path()].iter().chain(&DATA));
    assert_eq!((alone.status, alone.stdout.as_str()), (2, ""), "{}", alone.stderr);
    let asked = ["variants", ten.path(), five.path(), "--runtime", "tract"];
    let found = evaluate(asked.iter().chain(&DATA));
    assert_eq!(found.status, 2, "{}", found.stderr);
    assert!(
        found.stderr.contains(five.path()) && found.stderr.contains("it tells 5 classes apart"),
        "{}",
        found.stderr
    );
}
