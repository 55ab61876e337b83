//! The table of `NAS-Bench-201`, made from the real CSV.
//!
//! It lies in `NOISYDARTS_TEST_DATA`, default `../shared/data` from the project's root; a test says so on stderr and passes
//! where it is absent. The rows of its check values were found with Python's `csv`, not with this code.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use models::nb201::counts::{CIFAR10, IMAGENET16};
use models::nb201::table::{Column, Row, Table, import};
use models::nb201::{Architecture, COUNT};

struct Real {
    csv: String,
    table: Table,
    bytes: usize,
    _folder: tempfile::TempDir,
}

/// The real table, or `None` with a line on stderr.
fn real() -> Option<Real> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("NOISYDARTS_TEST_DATA").map_or(default, PathBuf::from);
    let path = root.join("nasbench201/nb201_full.csv");
    if !path.exists() {
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nb201.table");
    let imported = import(&path).unwrap();
    assert_eq!(imported.ignored, [""; 0]);
    fs::write(&file, &imported.bytes).unwrap();
    let csv = fs::read_to_string(&path).unwrap();
    Some(Real { csv, table: Table::open(&file).unwrap(), bytes: imported.bytes.len(), _folder: folder })
}

fn column(name: &str) -> Column {
    Column::by_name(name).unwrap()
}

/// Whether the value is this one, to the last digit that is kept.
fn is(row: Row<'_>, name: &str, expected: f64) -> bool {
    (row.get(column(name)) - expected).abs() < 1e-9
}

#[test]
fn every_number_of_the_csv_is_kept_to_its_last_digit() {
    let Some(real) = real() else { return };
    assert!(real.bytes < 1_000_000, "{} bytes", real.bytes);
    let mut lines = real.csv.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut rows = 0;
    for line in lines {
        let fields: HashMap<&str, &str> = names.iter().copied().zip(line.split(',')).collect();
        let row = real.table.row(Architecture::parse(fields["arch"]).unwrap());
        assert_eq!(row.architecture.code(), fields["code"]);
        for name in names.iter().filter(|name| !["arch", "code"].contains(name)) {
            let expected: f64 = fields[name].parse().unwrap();
            // Both are the double nearest to the decimal number.
            assert_eq!(row.get(column(name)).to_bits(), expected.to_bits(), "{line}: {name}");
        }
        rows += 1;
    }
    assert_eq!(rows, COUNT);
}

#[test]
fn the_best_and_the_collapsed_cell_are_the_published_ones() {
    let Some(real) = real() else { return };
    for (name, index, best) in
        [("cifar10_test", 6111, "94.37"), ("cifar100_test", 9930, "73.51"), ("imagenet16_test", 857, "47.31")]
    {
        let top = real.table.top(column(name), 2);
        assert!(is(top[0], "index", f64::from(index)), "{name}");
        assert_eq!(format!("{:.2}", top[0].get(column(name))), best);
        assert_eq!(top[0].place(column(name)).place, 1);
        assert_eq!(real.table.by_index(index).unwrap().architecture, top[0].architecture);
    }
    let skips = real.table.row(Architecture::parse("111111").unwrap());
    assert!(is(skips, "index", 1835.0));
    let tests = skips.accuracies().map(|(_, [_, test])| format!("{test:.2}"));
    assert_eq!(tests, ["54.30", "15.61", "16.32"]);
}

#[test]
fn formulas_give_the_counts_of_all_architectures() {
    let Some(real) = real() else { return };
    for row in real.table.rows() {
        let counts = [
            CIFAR10.parameters(row.architecture),
            CIFAR10.macs(row.architecture),
            IMAGENET16.macs(row.architecture),
        ];
        let columns = [Column::PARAMETERS, Column::MACS, Column::MACS_IMAGENET16];
        assert_eq!(counts, columns.map(|column| row.get(column) as u64), "{}", row.architecture);
    }
}

/// The second column of parameters has, for 150 architectures, the count of another cell that computes the same.
#[test]
fn the_table_contradicts_itself_for_150_architectures() {
    let Some(real) = real() else { return };
    let mut kinds: HashMap<String, HashSet<u64>> = HashMap::new();
    for row in real.table.rows() {
        let parameters = CIFAR10.parameters(row.architecture);
        kinds.entry(row.architecture.unrolled()).or_default().insert(parameters);
    }
    let different =
        |row: &Row<'_>| row.get(Column::PARAMETERS_NATS) as u64 != row.get(Column::PARAMETERS) as u64;
    let rows: Vec<Row<'_>> = real.table.rows().filter(different).collect();
    assert_eq!((rows.len(), COUNT - rows.len()), (150, 15_475));
    for row in rows {
        let other = row.get(Column::PARAMETERS_NATS) as u64;
        assert!(kinds[&row.architecture.unrolled()].contains(&other), "{}", row.architecture);
    }
}
