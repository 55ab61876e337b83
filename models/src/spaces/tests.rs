use super::*;
use crate::cost::{self, Cost};
use crate::genotype::Genotype;
use skeleton::Stem;

const SEARCH: Skeleton =
    Skeleton { stem: Stem::Cifar, channels: 16, cells: 8, classes: 10, size: [32, 32], auxiliary: false };

/// `NoisyDARTS-a`; check values in the paper's counts: 3,257,110 parameters, 513,871,488 multiply-adds.
fn noisy_darts_a() -> Genotype {
    Genotype::parse(include_str!("../../tests/noisydarts-a.txt")).unwrap()
}

fn cost_of(skeleton: &Skeleton) -> Cost {
    cost::total(&darts::derived("a", &noisy_darts_a(), skeleton).unwrap())
}

#[test]
fn the_supernet_has_the_published_number_of_weights() {
    for none in [false, true] {
        let supernet = darts::Darts.supernet(&SEARCH, SpaceOptions { none }).unwrap();
        assert_eq!(cost::total(&supernet).parameters, 1_930_618);
        assert_eq!(supernet.tables.len(), 2);
        assert!(supernet.tables.iter().all(|table| table.rows.len() == 14));
        assert_eq!(supernet.tables[0].rows[0].ops.len(), 7 + usize::from(none));
    }
}

#[test]
fn noisydarts_a_has_the_published_cost() {
    let bare = cost_of(&Skeleton { auxiliary: false, ..Skeleton::cifar(10) });
    assert_eq!((bare.parameters, bare.macs), (3_257_110, 513_871_488));
    let whole = cost_of(&Skeleton::cifar(10));
    assert_eq!(whole.parameters - bare.parameters, 476_426);
    let hundred = cost_of(&Skeleton::cifar(100)).parameters;
    let hundred_bare = cost_of(&Skeleton { auxiliary: false, ..Skeleton::cifar(100) }).parameters;
    assert_eq!(hundred - hundred_bare, 545_636);
}

#[test]
fn the_shipped_network_has_no_training_parts() {
    let network = darts::derived("a", &noisy_darts_a(), &Skeleton::cifar(10)).unwrap();
    let shipped = network.inference();
    assert_eq!(cost::total(&shipped).parameters, 3_257_110);
    assert!(shipped.auxiliary().is_none());
    assert!(shipped.nodes.iter().all(|node| node.layer.kind() != "drop path"));
    assert_eq!(shipped.classes(), 10);
}

#[test]
fn a_size_that_cannot_be_halved_names_the_node() {
    let error =
        darts::Darts.supernet(&Skeleton { size: [30, 30], ..SEARCH }, SpaceOptions::default()).unwrap_err();
    assert!(error.to_string().contains("divisible by 4"), "{error}");
    let error =
        darts::derived("a", &noisy_darts_a(), &Skeleton { size: [28, 28], ..Skeleton::cifar(10) }).unwrap_err();
    assert!(error.to_string().contains("auxiliary.conv2"), "{error}");
}
