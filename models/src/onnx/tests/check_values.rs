//! Exact counts of files of other producers: `NOISYDARTS_TEST_DATA`, by default `../shared/data` from the workspace's root.

use std::path::PathBuf;

use super::super::{Assume, read};
use crate::conventions::{self, Term, Terms};
use crate::zoo;

fn data(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("NOISYDARTS_TEST_DATA")
        .map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").into(), PathBuf::from);
    let path = root.join("onnx").join(folder);
    if !path.is_dir() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn counts(path: PathBuf) -> (u64, u64) {
    let account = read(path).and_then(|m| m.account(&Assume::default())).expect("a model that can be counted");
    (account.macs, account.params)
}

/// Multiply-adds and parameters as `torchvision_reference.csv` has them, counted there with the `onnx` Python package.
#[test]
fn counts_torchvision_exports_exactly() {
    let Some(folder) = data("zero_weights") else { return };
    let table = std::fs::read_to_string(folder.join("../torchvision_reference.csv")).expect("the table");
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let expected: (u64, u64) = (cells[3].parse().expect("a number"), cells[4].parse().expect("a number"));
        assert_eq!(counts(folder.join(format!("{}.onnx.gz", cells[0]))), expected, "{}", cells[0]);
    }
}

/// Weights that are `ConstantOfShape` nodes. Parameters: torchvision's counts of the same networks (`AlexNet` in its original form with
/// groups), plus two running statistics per normalised channel where there is batch normalisation; multiply-adds of
/// `ResNet-50` and `DenseNet-121` are the published ones of `torchvision` and `timm`.
#[test]
fn counts_weights_that_are_nodes() {
    let Some(folder) = data("light") else { return };
    for (name, macs, params) in [
        ("bvlc_alexnet", 654_560_384, 60_965_224),
        ("vgg19", 19_632_062_464, 143_667_240),
        ("squeezenet", 349_151_936, 1_235_496),
        ("resnet50", 4_089_184_256, 25_557_032 + 2 * 26_560),
        ("densenet121", 2_834_161_664, 7_978_856 + 2 * 83_648),
    ] {
        assert_eq!(counts(folder.join(format!("light_{name}.onnx"))), (macs, params), "{name}");
    }
}

/// `torchvision`'s exports hold what our networks do, term by term. Their batch norms became biases.
#[test]
fn terms_are_those_of_our_networks() {
    let Some(folder) = data("zero_weights") else { return };
    for (file, name) in [
        ("mobilenet_v2", "mobilenet-v2"),
        ("mobilenet_v3_large", "mobilenet-v3-large"),
        ("efficientnet_b0", "efficientnet-b0"),
    ] {
        let model = read(folder.join(format!("{file}.onnx.gz"))).expect("a model");
        let account = model.account(&Assume::default()).expect("a model that can be counted");
        let mut expected = terms(name);
        expected[Term::Bias] += expected[Term::BatchNorm];
        expected[Term::BatchNorm] = 0;
        assert_eq!(account.nodes.iter().map(|node| node.terms).sum::<Terms>(), expected, "{file}");
    }
}

/// What our network holds is what the reader counts in `torchvision`'s `mobilenet_v3_small`, written by
/// `torch.onnx.export(dynamo=False, do_constant_folding=False)` of `PyTorch` 2.11 with its batch norms.
#[test]
fn terms_of_an_export_with_batch_norms() {
    let found = [
        (Term::ConvLinear, 56_510_400),
        (Term::Bias, 4_912),
        (Term::BatchNorm, 1_412_768),
        (Term::Squeezed, 285_376),
        (Term::GlobalIn, 28_224),
        (Term::GlobalOut, 576),
        (Term::Relu, 470_992),
    ];
    let found: Terms = found.map(|(term, count)| Terms::one(term, count)).into_iter().sum();
    assert_eq!(terms("mobilenet-v3-small"), found);
}

fn terms(name: &str) -> Terms {
    let network = zoo::network(name, &zoo::Options::default()).expect("a network of the zoo").inference();
    conventions::per_node(&network).into_iter().sum()
}

/// Every shape that the files in the folder `NOISYDARTS_TEST_SHAPES` declare is inferred. Made for files in which
/// `onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)` of the Python package declared the shapes.
#[test]
fn infers_the_shapes_that_onnx_does() {
    let Some(folder) = std::env::var_os("NOISYDARTS_TEST_SHAPES") else {
        return eprintln!("skipped: NOISYDARTS_TEST_SHAPES is not set");
    };
    let mut wrong = Vec::new();
    for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let model = read(&path).expect("a model");
        match model.account(&Assume::default()) {
            Ok(account) => {
                let differ = |(name, dims): &(&String, &Vec<usize>)| account.shapes.get(*name) != Some(*dims);
                let first = model.graph.declared.iter().find(differ);
                wrong.extend(first.map(|(name, dims)| {
                    format!("{}: {name} {dims:?}, not {:?}", path.display(), account.shapes.get(name))
                }));
            }
            Err(error) => wrong.push(format!("{}: {}", path.display(), super::text(&error))),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
