//! Tables of NAS-Bench-201 that are none, and what is not in them.

use std::fs;

use super::{Case, all_are_refused, cut, noise};
use crate::nb201::{csv, folder};

const IMPORT: &[Case<'_>] = &[
    ("no file", "noisydarts-search nb201 import none.csv -o out", &["read none.csv", "No such file"]),
    ("noise", "noisydarts-search nb201 import noise -o out", &["read noise", "UTF-8"]),
    (
        "another header",
        "noisydarts-search nb201 import header.csv -o out",
        &["header.csv", "line 1", "\"n_seeds\""],
    ),
    (
        "rows missing",
        "noisydarts-search nb201 import rows.csv -o out",
        &[
            "rows.csv",
            "15622 of 15625",
            "|none~0|+|none~0|none~1|+|none~0|none~1|nor_conv_3x3~2|",
            "code 000003",
        ],
    ),
    (
        "a row twice",
        "noisydarts-search nb201 import twice.csv -o out",
        &["twice.csv", "line 15627", "on line 2 already"],
    ),
    (
        "a value that is none",
        "noisydarts-search nb201 import value.csv -o out",
        &["value.csv", "line 2", "\"cifar10_valid\"", "from 0 to 100", "\"high\""],
    ),
    ("a table", "noisydarts-search nb201 import table -o out", &["read table"]),
];

const TABLES: &[Case<'_>] = &[
    ("no table", "noisydarts-search nb201 query 0", &["--table", "NOISYDARTS_NB201", "nb201 import"]),
    ("no file", "noisydarts-search nb201 query 0 --table none", &["read none", "No such file"]),
    ("a folder", "noisydarts-search nb201 query 0 --table .", &["it is a folder"]),
    ("a CSV", "noisydarts-search nb201 query 0 --table nb201.csv", &["nb201.csv", "nb201 import"]),
    ("noise", "noisydarts-search nb201 top --table noise", &["noise", "it is no such table"]),
    ("an empty file", "noisydarts-search nb201 top --table empty", &["empty", "it is empty"]),
    ("cut short", "noisydarts-search nb201 check --table cut", &["cut", "bytes of", "cut short"]),
    ("damaged", "noisydarts-search nb201 rank 0 --table damaged", &["damaged", "checksum"]),
    ("another version", "noisydarts-search nb201 top --table newer", &["newer", "format 2", "reads format 1"]),
];

const QUERIES: &[Case<'_>] = &[
    (
        "an unknown operation",
        "noisydarts-search nb201 query |nor_conv_3x4~0|+|none~0|none~1|+|none~0|none~1|none~2| --table table",
        &["line 1, column 2", "did you mean \"nor_conv_3x3\""],
    ),
    ("a digit too high", "noisydarts-search nb201 query 000005 --table table", &["column 6", "from 0 to 4"]),
    ("an index too high", "noisydarts-search nb201 rank 15625 --table table", &["15625", "0 to 15624"]),
    (
        "another space",
        "noisydarts-search nb201 rank darts.json --table table",
        &["darts.json", "another space"],
    ),
    (
        "an unknown column",
        "noisydarts-search nb201 top --by cifar10-test --table table",
        &["cifar10-test", "did you mean \"cifar10_test\""],
    ),
    ("none of the best", "noisydarts-search nb201 top --count 0 --table table", &["--count", "1..=15625"]),
];

#[test]
fn what_is_no_table_of_nas_bench_201_is_refused() {
    let whole = csv();
    let folder = folder(&whole);
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    write("header.csv", whole.replacen("n_seeds", "seeds", 1).as_bytes());
    write("rows.csv", lines[..4].join("\n").as_bytes());
    write("twice.csv", [&lines[..], &lines[1..2]].concat().join("\n").as_bytes());
    write("value.csv", whole.replacen(",90,", ",high,", 1).as_bytes());
    write("noise", &noise(20_000));
    write("empty", b"");
    let table = fs::read(folder.path().join("table")).unwrap();
    let with = |at: usize, byte: u8| [&table[..at], &[byte], &table[at + 1..]].concat();
    write("newer", &with(8, 2));
    write("damaged", &with(table.len() / 2, !table[table.len() / 2]));
    cut(folder.path(), "table", "cut", 0.7);
    let darts = models::zoo::by_name("darts-v2").unwrap().genotype().unwrap();
    write("darts.json", darts.to_json().as_bytes());
    for cases in [IMPORT, TABLES, QUERIES] {
        all_are_refused(folder.path(), cases);
    }
    assert!(!folder.path().join("out").exists());
}
