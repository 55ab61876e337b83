//! Counts against `PyTorch`: every network of the zoo, and the files exported of some, by the golden values that
//! `peers/counts.py` writes. There each of them was counted in modules that were written from the definitions or are
//! timm's, and in the file that `torch.onnx.export` makes of them.

use std::collections::BTreeSet;

use export::{Batch, Options, Target, Weights, lower};
use models::conventions::{Macs, Parameters};
use models::onnx::{self, Assume};
use models::zoo;

/// A row of the golden file: one network as one person wrote it in `PyTorch`.
struct Row {
    name: &'static str,
    options: zoo::Options,
    macs: u64,
    parameters: u64,
    /// Multiply-adds of the file that `PyTorch` exports, for some.
    file_macs: Option<u64>,
}

fn rows() -> Vec<Row> {
    let golden = include_str!("golden/torch-counts.csv");
    golden.lines().skip(1).map(Row::parse).collect()
}

impl Row {
    fn parse(line: &'static str) -> Self {
        let fields: Vec<&str> = line.split(',').collect();
        let [name, skeleton, _, macs, parameters, file_macs, _] = fields[..] else { panic!("{line}") };
        let options = match skeleton {
            "cifar" => zoo::Options::default(),
            "imagenet" => zoo::Options::imagenet(),
            _ => panic!("{line}"),
        };
        let number = |text: &str| text.parse().unwrap();
        let file_macs = (!file_macs.is_empty()).then(|| number(file_macs));
        Self { name, options, macs: number(macs), parameters: number(parameters), file_macs }
    }
}

#[test]
fn every_network_of_the_zoo_counts_as_in_pytorch() {
    let rows = rows();
    for row in &rows {
        let network = zoo::network(row.name, &row.options).unwrap();
        let counted = (Macs::of(&network).conv_linear, Parameters::of(&network).trained);
        assert_eq!(counted, (row.macs, row.parameters), "{}", row.name);
    }
    let golden: BTreeSet<&str> = rows.iter().map(|row| row.name).collect();
    assert_eq!(golden, zoo::ENTRIES.iter().map(|entry| entry.name).collect());
}

#[test]
fn exported_graphs_count_as_those_that_pytorch_exports() {
    let random = Options { batch: Batch::Fixed(1), target: Target::Cpu, allow_random: true };
    let rows = rows();
    let exported: Vec<_> = rows.iter().filter_map(|row| Some((row, row.file_macs?))).collect();
    assert!(exported.len() >= 14, "{}", exported.len());
    for (row, macs) in exported {
        let network = zoo::network(row.name, &row.options).unwrap();
        let model = lower(&network, &Weights::random(&network, 0), &random).unwrap();
        let file = onnx::decode(model.bytes()).unwrap().account(&Assume::default()).unwrap();
        assert_eq!(file.macs, macs, "{}", row.name);
        assert_eq!(model.trained_parameters, row.parameters, "{}", row.name);
        assert_eq!(file.params, Parameters::of(&network).deployed, "{}", row.name);
    }
}
