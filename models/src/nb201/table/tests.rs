#![allow(clippy::unwrap_used)]

use std::fs;

use sha2::{Digest as _, Sha256};

use super::*;

/// A CSV of all architectures with made-up values: every column takes many values and no two columns agree.
fn csv() -> String {
    let names: Vec<&str> = Column::all().map(Column::name).collect();
    let row = |architecture: Architecture| {
        let value = |column| made_up(architecture.rank(), column).to_string();
        let values: Vec<String> = Column::all().map(value).collect();
        format!("\nx,{architecture},{},{}", architecture.code(), values.join(","))
    };
    let rows: String = Architecture::all().map(row).collect();
    format!("extra,arch,code,{}{rows}", names.join(","))
}

fn made_up(rank: usize, column: Column) -> f64 {
    let at = Column::all().position(|other| other == column).unwrap();
    match column {
        Column::INDEX => (COUNT - 1 - rank) as f64,
        _ if column.is_accuracy() => ((rank * (at + 7)) % 1_000_001) as f64 / 1e4,
        _ if column.decimals() == 0 => (rank % (at + 300) * 1_000 * at) as f64,
        _ => (rank * rank % (1000 * at)) as f64 / 100.0,
    }
}

const COUNT: usize = crate::nb201::COUNT;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.0.path().join("file");
        fs::write(&path, bytes).unwrap();
        path
    }

    fn open(&self, bytes: &[u8]) -> Result<Table, OpenProblem> {
        Table::open(&self.write(bytes)).map_err(|error| match error {
            Error::Open { problem, .. } => problem,
            other => panic!("{other}"),
        })
    }
}

fn refused(text: &str) -> ImportProblem {
    import::parse(text).unwrap_err()
}

#[test]
fn every_value_is_read_as_it_was_imported() {
    let folder = Folder::new();
    let imported = import(&folder.write(csv().as_bytes())).unwrap();
    assert_eq!(imported.ignored, ["extra"]);
    let table = folder.open(&imported.bytes).unwrap();
    for row in table.rows() {
        for column in Column::all() {
            let expected = made_up(row.architecture.rank(), column);
            assert!((row.get(column) - expected).abs() < 1e-9, "{row:?} {}", column.name());
        }
    }
    let row = table.by_index(6111).unwrap();
    assert_eq!(row.architecture.rank(), COUNT - 1 - 6111);
    assert!(table.by_index(15_625).is_none());
    let windows = format!("\u{feff}{}\r\n", csv().replace('\n', "\r\n").replace(",code,", ",\"code\","));
    assert_eq!(import::parse(&windows).unwrap().bytes, imported.bytes);
}

#[test]
fn places_count_what_is_better() {
    let folder = Folder::new();
    let table = folder.open(&import::parse(&csv()).unwrap().bytes).unwrap();
    for name in ["cifar10_test", "lat_ms_pixel3", "params_cifar10"] {
        let column = Column::by_name(name).unwrap();
        let top = table.top(column, COUNT);
        let better = |a: f64, b: f64| if column.is_accuracy() { a > b } else { a < b };
        for (at, row) in top.iter().enumerate().step_by(997) {
            let place = row.place(column);
            assert!(place.place <= at + 1 && at < place.place - 1 + place.equal, "{name} {at}: {place:?}");
            assert!(
                place.place == 1 || better(top[place.place - 2].get(column), row.get(column)),
                "{name} {at}"
            );
        }
        assert_eq!(table.top(column, 3).len(), 3);
    }
}

#[test]
fn a_csv_without_a_column_or_a_row_is_refused() {
    let text = csv();
    let lines: Vec<&str> = text.lines().collect();
    let message = |text: &str| refused(text).to_string();
    let renamed = text.replacen("cifar100_test,", "cifar100_tset,", 1);
    assert!(message(&renamed).contains("there is no column \"cifar100_test\""), "{}", message(&renamed));
    assert!(message("a,b\n1,2\n").contains("no column \"arch\" among \"a,b\""), "{}", message("a,b\n1,2\n"));
    assert!(message("").contains("no column \"arch\" among \"\""));
    let without = [&lines[..3], &lines[5..]].concat().join("\n");
    let expected = ImportProblem::MissingRows {
        missing: 2,
        first: "|none~0|+|none~0|none~1|+|none~0|none~1|nor_conv_1x1~2|".into(),
        code: "000002".into(),
    };
    assert_eq!(refused(&without), expected);
    let twice = [&lines[..], &lines[7..8]].concat().join("\n");
    let what = "|none~0|+|none~0|none~1|+|none~0|skip_connect~1|skip_connect~2|".into();
    assert_eq!(refused(&twice), ImportProblem::Duplicate { line: 15_627, what, first: 8 });
    let cut = &text[..text.len() - 10];
    assert!(
        matches!(refused(cut), ImportProblem::Fields { line: 15_626, expected: 34, .. }),
        "{:?}",
        refused(cut)
    );
}

#[test]
fn a_wrong_value_is_refused_with_its_line_and_column() {
    let text = csv();
    let with = |column: &str, value: &str| {
        let at = text.lines().next().unwrap().split(',').position(|name| name == column).unwrap();
        let mut fields: Vec<&str> = text.lines().nth(4).unwrap().split(',').collect();
        fields[at] = value;
        let changed = fields.join(",");
        let lines: Vec<&str> = text.lines().take(4).chain([&changed[..]]).collect();
        refused(&lines.join("\n")).to_string()
    };
    let cases = [
        (
            "cifar10_test",
            "NaN",
            "line 5, column \"cifar10_test\": expected a number from 0 to 100, found \"NaN\"",
        ),
        ("cifar10_test", "100.1", "expected a number from 0 to 100"),
        ("lat_ms_fpga", "", "line 5, column \"lat_ms_fpga\": expected a number from 0 to 429496, found \"\""),
        ("lat_ms_fpga", "-1", "found \"-1\""),
        ("params_cifar10", "1.5", "expected a whole number from 0 to 4294967295"),
        ("index", "15625", "expected a whole number from 0 to 15624"),
        ("index", "15624", "line 5: index 15624 was on line 2 already"),
        ("code", "000004", "\"arch\" and \"code\" disagree"),
        ("code", "00003", "line 5, column \"code\": parse genotype at line 1, column 6"),
        ("arch", "|nor_conv_3x4~0|", "did you mean \"nor_conv_3x3\""),
    ];
    for (column, value, expected) in cases {
        let message = with(column, value);
        assert!(message.contains(expected), "{column} {value}: {message}");
    }
}

/// The same bytes with a checksum that fits again.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 32);
    let checksum = Sha256::digest(&bytes);
    [bytes, checksum.to_vec()].concat()
}

#[test]
fn a_damaged_table_is_not_opened() {
    let folder = Folder::new();
    let whole = import::parse(&csv()).unwrap().bytes;
    let problem = |bytes: &[u8]| folder.open(bytes).unwrap_err();
    for at in (0..whole.len()).step_by(10_007).chain(0..100).chain([whole.len() - 1]) {
        let mut damaged = whole.clone();
        damaged[at] ^= 64;
        assert!(folder.open(&damaged).is_err(), "byte {at}");
    }
    for length in [0, 1, 8, 11, 19, 20, 51, 52, 500, whole.len() - 1] {
        assert!(folder.open(&whole[..length]).is_err(), "{length} bytes");
    }
    let length = |found| OpenProblem::Length { expected: whole.len() as u64, found };
    assert_eq!(problem(&whole[..60]), length(60));
    assert_eq!(problem(&[&whole[..], b"more"].concat()), length(whole.len() as u64 + 4));
    assert_eq!(problem(b""), OpenProblem::NotATable { found: "it is empty" });
    assert!(matches!(problem(csv().as_bytes()), OpenProblem::NotATable { .. }));
    let mut newer = whole.clone();
    newer[8] = 2;
    assert_eq!(problem(&newer), OpenProblem::Version { found: 2 });
    let mut damaged = whole.clone();
    damaged[700_000] ^= 1;
    assert_eq!(problem(&damaged), OpenProblem::Checksum);
}

#[test]
fn a_whole_file_with_another_header_is_not_opened() {
    let folder = Folder::new();
    let whole = import::parse(&csv()).unwrap().bytes;
    // The first column is at byte 20: length of its name, "index", decimals, bits, kind.
    for (at, byte) in [(20, 200), (21, b'I'), (26, 1), (27, 33), (28, 2)] {
        let mut changed = whole.clone();
        changed[at] = byte;
        let expected = OpenProblem::Column { place: 1, expected: "index" };
        assert_eq!(folder.open(&sealed(changed)).unwrap_err(), expected, "byte {at} = {byte}");
    }
    let mut wider = whole.clone();
    wider[27] = 32;
    assert!(matches!(folder.open(&sealed(wider)).unwrap_err(), OpenProblem::Length { .. }));
}

#[test]
fn what_is_no_file_cannot_be_opened() {
    let folder = Folder::new();
    for (path, expected) in [(folder.0.path().join("none"), "No such file"), (folder.0.path().into(), "folder")]
    {
        let message = Table::open(&path).unwrap_err().to_string();
        assert!(message.contains(expected) && message.contains(&path.display().to_string()), "{message}");
    }
}
