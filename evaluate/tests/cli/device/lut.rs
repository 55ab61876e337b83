//! `lut` on files that stand for a space's operations; that of a real space is in the workspace's own tests.

use std::{fs, path::Path};

use super::{Tiny, result, sshd::Sshd};
use crate::evaluate;

/// Two rows of two operations, one of which does nothing; whole networks that are as large as their parts.
fn operations(folder: &Path) {
    for (name, classes) in
        [("piece-0", 2), ("piece-1", 8), ("piece-2", 64), ("network-0", 10), ("network-1", 66)]
    {
        fs::write(folder.join(format!("{name}.onnx")), Tiny { classes, ..Tiny::default() }.bytes()).unwrap();
    }
    let row = r#"[{"op":"small","files":["piece-1.onnx"]},{"op":"large","files":["piece-2.onnx"]},{"op":"skip_connect","files":[]}]"#;
    let list = format!(
        r#"{{"kind":"operations","schema":1,"space":"mobile","input":[32,32],"fixed":["piece-0.onnx"],"rows":[{row},{row}],
        "networks":[{{"file":"network-0.onnx","genotype":"small,skip"}},{{"file":"network-1.onnx","genotype":"skip_connect,large"}},
        {{"file":"network-1.onnx","genotype":"large,skip"}}]}}"#
    );
    fs::write(folder.join("operations.json"), list).unwrap();
}

/// What the search would read: every operation of every row, the large one slower.
fn check(table: &Path) {
    let read = models::lut::LatencyTable::read(table, "milliseconds").unwrap();
    for layer in [0, 1] {
        let [small, large] = ["small", "large"].map(|op| read.milliseconds(layer, op).unwrap());
        assert!(large > small && small > 0.0, "{small} {large}");
        assert!(read.milliseconds(layer, "skip_connect").unwrap().abs() < 1e-12);
    }
    // What networks take beside their operations, which may be less than nothing.
    assert!(read.base().is_finite());
}

#[test]
fn a_table_is_measured_and_not_twice() {
    let [folder, out] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    operations(folder.path());
    let [table, kept] = ["t.csv", "kept"].map(|name| out.path().join(name).to_str().unwrap().to_string());
    let args = ["lut", folder.path().to_str().unwrap(), "--runtime", "tract", "--runs", "8", "-o", &table];
    let args = [&args[..], &["--keep", &kept, "--format", "json"]].concat();
    let found = result(&evaluate(&args));
    assert_eq!((&found["kind"], &found["device"], &found["runs"]), (&"lut".into(), &"local".into(), &8.into()));
    assert_eq!(found["files"].as_object().map(serde_json::Map::len), Some(5));
    assert_eq!(found["sums"]["networks"].as_array().map(Vec::len), Some(3));
    assert!(found["sums"]["spearman"].as_f64().is_some_and(|rank| rank > 0.5), "{}", found["sums"]);
    check(Path::new(&table));
    // All is there already: nothing is measured, and so nothing differs.
    assert_eq!(super::names(Path::new(&kept)).len(), 4, "two groups of operations, two networks");
    assert_eq!(result(&evaluate(&args)), found);
}

#[test]
fn on_a_device_too() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = sshd.bench("");
    let folder = tempfile::tempdir().unwrap();
    operations(folder.path());
    let table = folder.path().join("t.csv");
    let args = ["lut", folder.path().to_str().unwrap(), "--runs", "8", "-o", table.to_str().unwrap()];
    let output = bench.run(&args);
    assert_eq!(output.status, 0, "{}", output.stderr);
    assert!(output.stdout.contains("mobile at 32x32 on ssh:127.0.0.1"), "{}", output.stdout);
    assert!(output.stderr.contains("of 4 groups of files measured"), "{}", output.stderr);
    check(&table);
    assert!(bench.left().is_empty(), "{:?}", bench.left());
}

#[test]
fn what_is_no_list_of_operations() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let missing = evaluate(["lut", path, "--runtime", "tract"]);
    assert_eq!(missing.status, 2);
    assert!(missing.stderr.contains("operations.json: "), "{}", missing.stderr);
    operations(folder.path());
    let list = folder.path().join("operations.json");
    let text = fs::read_to_string(&list).unwrap();
    for (from, to, expected) in [
        ("\"schema\":1", "\"schema\":2", "it has schema 2, this program knows 1"),
        ("\"kind\":\"operations\"", "\"kind\":\"x\"", "expected what `noisydarts-export operations` writes"),
    ] {
        fs::write(&list, text.replace(from, to)).unwrap();
        let error = evaluate(["lut", path, "--runtime", "tract"]);
        assert_eq!(error.status, 2);
        assert!(error.stderr.contains(expected), "{}", error.stderr);
    }
}

/// The whole way, for a small part of the space, where the other program was built too.
#[test]
fn a_space_by_its_name() {
    let export = Path::new(super::PROGRAM).with_file_name("noisydarts-export");
    if !export.is_file() {
        eprintln!("skipped: {} was not built", export.display());
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let table = out.path().join("t.csv");
    let size = ["--input", "32x32", "--channels", "8", "--cells", "2", "--networks", "3", "--runs", "6"];
    let args = ["lut", "--space", "mobilenet", "--runtime", "tract", "-o", table.to_str().unwrap()];
    let output = evaluate(args.iter().chain(&size));
    assert_eq!(output.status, 0, "{}", output.stderr);
    assert!(output.stdout.contains("cost.table="), "{}", output.stdout);
    let read = models::lut::LatencyTable::read(&table, "milliseconds").unwrap();
    let space = models::spaces::by_name("mobile").unwrap();
    let published = space.published(models::spaces::skeleton::Stem::ImageNet);
    let skeleton = models::spaces::skeleton::Skeleton { cells: 2, ..published };
    let rows = read.rows(&space.tables(&skeleton, models::spaces::SpaceOptions::default())).unwrap();
    assert!(rows.iter().flatten().filter(|milliseconds| **milliseconds > 0.0).count() == 12, "{rows:?}");
    let unknown = evaluate(["lut", "--space", "mobilnet", "--runtime", "tract"]);
    assert_eq!(unknown.status, 2);
    assert!(
        unknown.stderr.contains("write the operations of mobilnet: failed to find space"),
        "{}",
        unknown.stderr
    );
}
