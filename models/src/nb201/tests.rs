#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use super::counts::{CIFAR10, IMAGENET16};
use super::{Architecture, COUNT};

fn parse(text: &str) -> Architecture {
    Architecture::parse(text).unwrap()
}

/// `ResNet_CODE` of `AutoDL-Projects: xautodl/models/cell_searchs/genotypes.py`.
const RESNET: &str = "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|";

#[test]
fn all_forms_of_every_architecture_lead_back_to_it() {
    assert_eq!((Architecture::all().len(), COUNT), (15_625, 15_625));
    for (rank, architecture) in Architecture::all().enumerate() {
        assert_eq!(architecture.rank(), rank);
        assert_eq!(Architecture::from_rank(rank), Some(architecture));
        assert_eq!(Architecture::new(architecture.indices()), Some(architecture));
        assert_eq!(parse(&architecture.to_string()), architecture);
        assert_eq!(parse(&architecture.code()), architecture);
    }
    assert_eq!(Architecture::from_rank(COUNT), None);
    assert_eq!(Architecture::new([0, 0, 0, 0, 0, 5]), None);
}

#[test]
fn the_resnet_of_the_benchmark() {
    let resnet = parse(RESNET);
    assert_eq!(resnet.to_string(), RESNET);
    assert_eq!(resnet.code(), "303101");
    assert_eq!(resnet.ops()[2], "nor_conv_3x3");
    assert_eq!(resnet.skips(), 2);
    assert_eq!(parse(&format!(" {RESNET}\n")), resnet);
}

#[test]
fn what_is_no_architecture_is_refused_with_its_place() {
    let cases = [
        ("", "line 1, column 1: expected \"|\", found the end"),
        (
            "|nor_conv_3x4~0|+",
            "column 2: expected a valid operation (find operation \"nor_conv_3x4\"; did you mean \"nor_conv_3x3\"?)",
        ),
        ("|none~0|+|none~0|none~0|", "column 22: expected \"~1|\""),
        ("|none~0|+|none~0|none~1|", "column 25: expected \"+|\", found the end"),
        ("\n|zero~0|", "line 2, column 2: expected a valid operation"),
        ("12345", "column 5: expected six digits from 0 to 4, found \"5\""),
        ("12340", "column 6: expected six digits from 0 to 4, found the end"),
        ("1234001", "column 7: expected nothing after the architecture"),
        ("1é2340", "column 2: expected six digits"),
        ("Genotype(normal=[])", "column 1: expected \"|\""),
    ];
    for (text, expected) in cases {
        let message = Architecture::parse(text).unwrap_err().to_string();
        assert!(message.contains(expected), "{text}: {message}");
    }
    let more = Architecture::parse(&format!("{RESNET}none~3|")).unwrap_err().to_string();
    assert!(more.contains("nothing after"), "{more}");
}

/// The least and the most of the table's columns `params_cifar10`, `flops_cifar10` and `flops_imagenet16`.
#[test]
fn counts_of_the_smallest_and_the_largest_network() {
    let [none, convs] = ["000000", "333333"].map(parse);
    assert_eq!([none, convs].map(|cell| CIFAR10.parameters(cell)), [73_306, 1_531_546]);
    assert_eq!([none, convs].map(|cell| CIFAR10.macs(cell)), [7_783_040, 220_119_680]);
    assert_eq!([none, convs].map(|cell| IMAGENET16.macs(cell)), [1_953_280, 55_037_440]);
}

/// The number of kinds was counted with `to_unique_str(consider_zero=False)` in Python.
#[test]
fn cells_are_of_as_many_kinds_as_the_benchmark_tells_apart() {
    let kinds: HashSet<String> = Architecture::all().map(Architecture::unrolled).collect();
    assert_eq!(kinds.len(), 12_751);
    let [shared, doubled] = ["221211", "122221"].map(parse);
    assert_eq!(shared.unrolled(), doubled.unrolled());
    assert!(CIFAR10.parameters(shared) < CIFAR10.parameters(doubled));
}
