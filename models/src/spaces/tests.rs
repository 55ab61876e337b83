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

fn weights_of(space: &str, skeleton: &Skeleton) -> u64 {
    cost::total(&by_name(space).unwrap().supernet(skeleton, SpaceOptions::default()).unwrap()).parameters
}

#[test]
fn the_reduced_spaces_have_the_published_numbers_of_weights() {
    // RobustDARTS's logs print 0.405146MB and 0.665466MB; S4 by own count: FactorizedReduce is gone.
    let counts = ["s1", "s2", "s3", "s4"].map(|space| weights_of(space, &SEARCH));
    assert_eq!(counts, [405_146, 665_466, 665_466, 624_506]);
    let alphas = |space: &str| -> usize {
        let tables = by_name(space).unwrap().tables(&SEARCH, SpaceOptions::default());
        tables.iter().flat_map(|table| &table.rows).map(|row| row.ops.len()).sum()
    };
    assert_eq!(["s1", "s2", "s3", "s4"].map(alphas), [56, 56, 84, 56]);
}

#[test]
fn s1_offers_skips_where_robustdarts_does() {
    let tables = robust::S1.tables(&SEARCH, SpaceOptions::default());
    let skips = tables
        .iter()
        .map(|table| table.rows.iter().filter(|row| row.ops.iter().any(|op| op == "skip_connect")).count());
    assert_eq!(skips.collect::<Vec<_>>(), [12, 6]);
}

#[test]
fn networks_of_nas_bench_201_have_the_tables_counts() {
    let skeleton = Skeleton { cells: 5, ..SEARCH };
    let cost = |text: &str| {
        let genotype = Genotype::parse(text).unwrap();
        assert_eq!(genotype.to_string(), text);
        assert_eq!(Genotype::parse(&genotype.to_json()).unwrap(), genotype);
        cost::total(&of(&genotype).derived("a", &genotype, &skeleton).unwrap())
    };
    // The first row of the benchmark's table, and its best cell on CIFAR-10.
    let first =
        "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|";
    assert_eq!((cost(first).parameters, cost(first).macs), (129_306, 15_647_360));
    // A cell without any connection still is a network.
    let nothing = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";
    assert!(cost(nothing).parameters > 0);
}

#[test]
fn the_mobile_space_is_the_19_layers_of_the_paper() {
    let skeleton = Skeleton { channels: 32, cells: 19, classes: 1000, size: [224, 224], ..SEARCH };
    let supernet = mobilenet::Mobile.supernet(&skeleton, SpaceOptions::default()).unwrap();
    let skips = supernet.tables[0].rows.iter().filter(|row| row.ops.len() == 7).count();
    assert_eq!((supernet.tables[0].rows.len(), skips), (19, 13));
    let choices = format!("{}E6_K3", "E6_K3,".repeat(18));
    let genotype = Genotype::parse(&choices).unwrap();
    assert_eq!(genotype.to_string(), choices);
    let ours = mobilenet::Mobile.derived("a", &genotype, &skeleton).unwrap();
    let published = mobilenet::backbone("E6_K3").unwrap().network("a").unwrap();
    assert_eq!(cost::total(&ours).parameters, cost::total(&published).parameters);
    // Half as wide, the first seven layers, small pictures.
    let small = Skeleton { channels: 16, cells: 7, classes: 10, size: [32, 32], ..SEARCH };
    let supernet = mobilenet::Mobile.supernet(&small, SpaceOptions::default()).unwrap();
    assert_eq!(supernet.tables[0].rows.len(), 7);
}

#[test]
fn networks_of_nas_bench_201_cost_what_the_closed_formulas_say() {
    use crate::nb201::{Architecture, counts};
    let skeleton = Skeleton { cells: 5, ..SEARCH };
    // Every 25th: all digits in all places.
    for architecture in Architecture::all().step_by(25) {
        let genotype = Genotype::from(&architecture);
        assert_eq!(genotype.nb201(), Some(architecture));
        let cost = cost::total(&nb201::NasBench201.derived("a", &genotype, &skeleton).unwrap());
        let expected = (counts::CIFAR10.parameters(architecture), counts::CIFAR10.macs(architecture));
        assert_eq!((cost.parameters, cost.macs), expected, "{architecture}");
    }
}
