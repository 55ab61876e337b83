//! `noisydarts-export operations`: a space in pieces, as `noisydarts-evaluate lut` measures them and the search reads them.

use std::path::Path;

use models::lut::{LatencyTable, Line, write};
use models::onnx::{self, Assume};
use models::spaces::{self, SpaceOptions, skeleton::Stem};
use serde_json::Value;

use crate::support::run;

const SIZE: &str = "--input 32x32 --channels 8 --cells 4 --classes 10 --networks 3";

fn macs(folder: &Path, file: &Value) -> u64 {
    let path = folder.join(file.as_str().unwrap());
    let model = onnx::decode(&onnx::read_bytes(&path).unwrap()).unwrap();
    let account = model.account(&Assume { batch: 1, input: None, allow_unknown: false }).unwrap();
    account.macs
}

fn texts(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().unwrap().iter()
}

/// Each operation is there once, a network's multiply-adds are those of its pieces, and a table of the rows fits the supernet.
#[test]
fn pieces_make_up_the_networks() {
    let root = tempfile::tempdir().unwrap();
    let line = format!("noisydarts-export operations --space mobilenet {SIZE} -o pieces");
    run(root.path(), &line).data();
    let folder = root.path().join("pieces");
    let text = std::fs::read_to_string(folder.join("operations.json")).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    let fixed: u64 = texts(&list["fixed"]).map(|file| macs(&folder, file)).sum();
    let mut sizes = Vec::new();
    for network in texts(&list["networks"]) {
        let ops = network["genotype"].as_str().unwrap().split(',');
        let chosen = texts(&list["rows"]).zip(ops).map(|(row, op)| {
            let skip = op == "skip";
            let op =
                texts(row).find(|known| known["op"] == op || (skip && known["op"] == "skip_connect")).unwrap();
            texts(&op["files"]).map(|file| macs(&folder, file)).sum::<u64>()
        });
        let sum = fixed + chosen.sum::<u64>();
        assert_eq!(sum, macs(&folder, &network["file"]));
        sizes.push(sum);
    }
    sizes.dedup();
    assert!(sizes.len() == 3, "drawn apart: {sizes:?}");
    let space = spaces::by_name("mobile").unwrap();
    let skeleton = spaces::skeleton::Skeleton { cells: 4, ..space.published(Stem::ImageNet) };
    let tables = space.tables(&skeleton, SpaceOptions::default());
    let entries = texts(&list["rows"]).enumerate().flat_map(|(layer, row)| {
        texts(row).map(move |op| Line {
            layer: Some(layer),
            op: op["op"].as_str().unwrap().into(),
            milliseconds: 1.0,
            interval: [1.0; 2],
        })
    });
    let table = write(&[], &entries.collect::<Vec<_>>());
    let rows = LatencyTable::parse(&table, Path::new("t.csv"), "milliseconds").unwrap().rows(&tables).unwrap();
    assert_eq!(
        rows.iter().map(Vec::len).collect::<Vec<_>>(),
        [6, 7, 6, 7],
        "the second layer of a stage may be skipped"
    );
}

#[test]
fn spaces_of_cells_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let ended = run(root.path(), "noisydarts-export operations --space darts -o pieces");
    assert_eq!(ended.status, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("a space whose layers follow each other, such as mobile"),
        "{}",
        ended.stderr
    );
}
