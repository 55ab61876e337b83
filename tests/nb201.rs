//! The table of NAS-Bench-201 by command line, on made-up values.

use std::fs;
use std::path::Path;

use models::nb201::Architecture;
use models::nb201::counts::{CIFAR10, IMAGENET16};
use models::nb201::table::Column;
use serde_json::Value;

use crate::support::run;

/// A CSV with true counts, and with the architecture of rank `r` in place `r + 1` by every accuracy.
pub(crate) fn csv() -> String {
    let names: Vec<&str> = Column::all().map(Column::name).collect();
    let row = |architecture: Architecture| {
        let values: Vec<String> = Column::all().map(|column| value(architecture, column).to_string()).collect();
        format!("{},{architecture},{}\n", architecture.code(), values.join(","))
    };
    let rows: String = Architecture::all().map(row).collect();
    format!("code,arch,{}\n{rows}", names.join(","))
}

fn value(architecture: Architecture, column: Column) -> f64 {
    let rank = architecture.rank() as f64;
    match column {
        Column::INDEX => rank,
        Column::SEEDS => 3.0,
        Column::PARAMETERS | Column::PARAMETERS_NATS => CIFAR10.parameters(architecture) as f64,
        Column::MACS => CIFAR10.macs(architecture) as f64,
        Column::MACS_IMAGENET16 => IMAGENET16.macs(architecture) as f64,
        _ if column.is_accuracy() => (900_000.0 - 10.0 * rank) / 1e4,
        _ => rank,
    }
}

/// A folder with the CSV and the table `table`.
pub(crate) fn folder(csv: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("nb201.csv"), csv).unwrap();
    let made = run(folder.path(), "noisydarts-search nb201 import nb201.csv -o table").json();
    assert_eq!(made["bytes"], fs::metadata(folder.path().join("table")).unwrap().len());
    folder
}

fn json(folder: &Path, line: &str) -> Value {
    run(folder, &format!("noisydarts-search nb201 {line} --table table --format json")).json()
}

#[test]
fn an_architecture_is_found_under_each_of_its_names() {
    let folder = folder(&csv());
    let string = "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|";
    fs::write(folder.path().join("genotype"), string).unwrap();
    for name in [string, "000200", "50", "genotype"] {
        let row = json(folder.path(), &format!("query {name}"));
        assert_eq!((&row["code"], &row["index"]), (&"000200".into(), &50.into()), "{name}");
        // One 1x1 convolution more than the cell of nothing, in each of 15 cells.
        assert_eq!(row["params_cifar10"], 73_306 + 28_000);
        assert_eq!(row["cifar10_test"], 89.95);
    }
    let text = run(folder.path(), "noisydarts-search nb201 query 50 --table table");
    assert!(
        text.data().starts_with(string) && text.data().contains("CIFAR-100         89.95   89.95"),
        "{}",
        text.data()
    );
}

#[test]
fn places_and_the_best() {
    let folder = folder(&csv());
    let rank = json(folder.path(), "rank 000200");
    assert_eq!(rank["places"]["imagenet16_valid_12ep"]["place"], 51);
    let best = json(folder.path(), "top --count 3");
    let codes: Vec<&str> =
        best["rows"].as_array().unwrap().iter().filter_map(|row| row["code"].as_str()).collect();
    assert_eq!(codes, ["000000", "000001", "000002"]);
    let all =
        run(folder.path(), "noisydarts-search nb201 top --by index --count 15625 --table table --format csv");
    assert_eq!(all.data(), csv());
}

#[test]
fn counts_are_compared_with_the_formulas() {
    let whole = csv();
    let check = |csv: &str| run(folder(csv).path(), "noisydarts-search nb201 check --table table");
    assert!(check(&whole).data().starts_with("parameters and MACs of 15625 of 15625"));
    let changed = |code: &str, from: usize, to: usize, nth: usize| {
        let line = whole.lines().find(|line| line.starts_with(code)).unwrap();
        let mut fields: Vec<String> = line.split(',').map(String::from).collect();
        assert_eq!(fields[nth], from.to_string());
        fields[nth] = to.to_string();
        check(&whole.replace(line, &fields.join(",")))
    };
    // Index 737 of the real benchmark, whose second count is that of 221211.
    let explained = changed("122221", 185_306, 157_306, 17);
    assert!(explained.data().contains("params_cifar10_nats is 157306, the count of |nor_conv_1x1~0|"));
    for (nth, from) in [(16, 185_306), (18, 23_511_680)] {
        let ended = changed("122221", from, 157_306, nth);
        assert_eq!(ended.status, Some(3), "{}", ended.stderr);
        assert!(ended.stdout.contains(&format!("by formula {from}")), "{}", ended.stdout);
    }
}
