use std::collections::BTreeSet;

use super::*;
use crate::conventions;
use crate::cost::{self, Cost};
use crate::shape::Shape;

fn cells() -> impl Iterator<Item = (&'static Entry, Genotype)> {
    ENTRIES.iter().filter_map(|entry| entry.genotype().ok().map(|genotype| (entry, genotype)))
}

fn cost_of(name: &str, options: &Options) -> Cost {
    cost::total(&network(name, options).unwrap())
}

/// Elements that batch norms compute for one image.
fn norm_elements(network: &Network) -> u64 {
    let norms = network.nodes.iter().filter(|node| node.layer.kind() == "batch norm");
    norms.map(|node| node.shape.elements() as u64).sum()
}

#[test]
fn every_data_file_is_listed_once_and_reads() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/zoo");
    let file = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let files: BTreeSet<String> = std::fs::read_dir(folder).unwrap().map(file).collect();
    let all = || ENTRIES.iter().chain(UNPUBLISHED);
    let listed: BTreeSet<String> = all().map(|entry| format!("{}.json", entry.name)).collect();
    assert_eq!(files, listed);
    assert_eq!(all().count(), listed.len());
    for entry in all() {
        let details = entry.details().unwrap_or_else(|error| panic!("{}: {error}", entry.name));
        assert!(!details.title.is_empty() && !details.source.is_empty() && !details.note.is_empty());
        assert_eq!(details.definition.is_none(), UNPUBLISHED.iter().any(|other| other.name == entry.name));
    }
}

#[test]
fn every_genotype_round_trips_through_both_text_forms() {
    for (entry, genotype) in cells() {
        for text in [genotype.to_json(), genotype.to_string()] {
            assert_eq!(Genotype::parse(&text).unwrap(), genotype, "{}: {text}", entry.name);
        }
    }
}

/// Parameters to 4 decimals of a million and multiply-adds to 2, from a counter that shares no code with this one
/// (C36, 20 cells, 10 classes, no auxiliary head); batch-norm elements likewise.
#[test]
fn every_cell_costs_what_an_independent_counter_says() {
    let golden = include_str!("../../tests/golden/zoo-cells.csv");
    let rows: Vec<&str> = golden.lines().skip(1).collect();
    assert_eq!(rows.len(), cells().count());
    for row in rows {
        let fields: Vec<&str> = row.split(',').collect();
        let network = network(fields[0], &Options::default()).unwrap();
        let cost = cost::total(&network);
        let millions = |count: u64, decimals: usize| format!("{:.decimals$}", count as f64 / 1e6);
        assert_eq!(millions(cost.parameters, 4), fields[1], "parameters of {}", fields[0]);
        assert_eq!(millions(cost.macs, 2), fields[2], "multiply-adds of {}", fields[0]);
        assert_eq!(millions(norm_elements(&network), 2), fields[3], "batch-norm elements of {}", fields[0]);
    }
}

/// Exact counts of two counters, one on `PyTorch` modules and one on ONNX graphs, that agree with each other.
#[test]
fn golden_counts_are_met_to_the_last_multiply_add() {
    let cifar = Options::default();
    for (name, macs, parameters) in [
        ("darts-v1", 500_987_520, 3_169_414),
        ("darts-v2", 528_359_040, 3_349_342),
        ("nasnet-a", 603_452_448, 3_830_950),
        ("amoebanet-a", 488_931_552, 3_145_078),
        ("noisydarts-a", 513_871_488, 3_257_110),
        ("noisydarts-b", 492_250_752, 3_097_918),
        ("noisydarts-c", 529_603_200, 3_337_246),
        ("noisydarts-d", 492_195_456, 3_062_062),
        ("noisydarts-e", 519_566_976, 3_241_990),
        ("noisydarts-f", 428_411_520, 2_685_574),
        ("noisydarts-g", 528_469_632, 3_328_390),
        ("noisydarts-h", 492_693_120, 3_101_374),
        ("noisydarts-i", 485_808_768, 3_071_782),
        ("noisydarts-j", 467_782_272, 2_946_286),
        ("noisydarts-mobile-a", 446_014_976, 4_882_184),
        ("noisydarts-mobile-a-se", 446_669_312, 5_547_124),
        ("mobilenet-v2", 300_774_272, 3_504_872),
        ("mobilenet-v2-1.4", 582_195_824, 6_108_776),
        ("mobilenet-v3-small", 56_510_400, 2_542_856),
        ("mnasnet-b1", 314_415_872, 4_383_312),
        ("mnasnet-a1", 311_579_072, 3_887_038),
        ("mobilenet-v3-large", 216_589_760, 5_483_032),
        ("efficientnet-b0", 385_814_752, 5_288_548),
        ("mixnet-m", 339_172_672, 5_014_382),
    ] {
        let cost = cost_of(name, &cifar);
        assert_eq!((cost.macs, cost.parameters), (macs, parameters), "{name}");
    }
    let transferred = cost_of("noisydarts-mobile-a-t", &cifar);
    assert_eq!(transferred.parameters, 5_547_124 - 990 * 1281);
}

/// Millions of parameters and of multiply-adds as an independent counter has them, to the decimals that it gives.
#[test]
fn mobile_networks_cost_what_an_independent_counter_says() {
    let decimals = |text: &str| text.len() - text.find('.').unwrap() - 1;
    let as_written = |count: u64, text: &str| format!("{:.*}", decimals(text), count as f64 / 1e6);
    for (name, parameters, macs) in [
        ("fairnas-a", "4.6514", "388.12"),
        ("fairnas-b", "4.5063", "345.30"),
        ("fairnas-c", "4.3979", "321.02"),
        ("scarlet-a", "6.7077", "365.31"),
        ("scarlet-b", "6.5316", "326.85"),
        ("scarlet-c", "6.0737", "280.08"),
        ("proxylessnas-r-mobile", "4.080512", "320.4"),
        ("mixnet-s", "4.134606", "239.2"),
        ("mixnet-l", "7.329252", "555.3"),
    ] {
        let cost = cost_of(name, &Options::default());
        let found = [as_written(cost.parameters, parameters), as_written(cost.macs, macs)];
        assert_eq!(found, [parameters, macs], "{name}");
    }
}

#[test]
fn golden_counts_are_met_on_the_imagenet_skeleton() {
    let imagenet = Options::imagenet();
    let exact = |name| {
        let cost = cost_of(name, &imagenet);
        (cost.macs, cost.parameters)
    };
    assert_eq!(exact("darts-v2"), (529_911_552, 4_718_752));
    assert_eq!(exact("darts-v1"), (505_864_704, 4_510_432));
    let gdas = Options { channels: Some(50), ..imagenet };
    // Parameters to 4 decimals of a million and multiply-adds to 2; GDAS alone was published at C = 50.
    for (name, options, parameters, macs) in [
        ("p-darts", imagenet, "4.9444", "542.82"),
        ("pc-darts-imagenet", imagenet, "5.3425", "581.63"),
        ("pc-darts-cifar", imagenet, "5.2706", "571.14"),
        ("gdas", gdas, "5.3451", "581.01"),
        ("pr-darts", imagenet, "4.9813", "543.37"),
        ("fairdarts-b", imagenet, "4.8652", "541.20"),
    ] {
        let cost = cost_of(name, &options);
        assert_eq!(format!("{:.4}", cost.parameters as f64 / 1e6), parameters, "{name}");
        assert_eq!(format!("{:.2}", cost.macs as f64 / 1e6), macs, "{name}");
    }
}

#[test]
fn options_change_what_they_name() {
    let options = Options {
        channels: Some(8),
        cells: Some(5),
        classes: Some(7),
        size: Some([48, 32]),
        ..Options::default()
    };
    let small = network("noisydarts-a", &options).unwrap();
    assert_eq!((small.input(), small.classes()), (Shape::map(3, 48, 32), 7));
    assert!(small.auxiliary().is_none());
    let whole = network("noisydarts-a", &Options { auxiliary: true, ..Options::default() }).unwrap();
    assert!(whole.auxiliary().is_some());
    let mobile = Options { classes: Some(3), size: Some([64, 96]), ..Options::default() };
    let mobile = network("mobilenet-v2", &mobile).unwrap();
    assert_eq!((mobile.input(), mobile.classes()), (Shape::map(3, 64, 96), 3));
}

#[test]
fn what_a_mobile_network_lacks_is_refused() {
    let refused = |options| network("mobilenet-v2", &options).unwrap_err().to_string();
    assert!(refused(Options { channels: Some(8), ..Options::default() }).contains("cell channels 8"));
    assert!(refused(Options { cells: Some(5), ..Options::default() }).contains("cells 5"));
    assert!(refused(Options { auxiliary: true, ..Options::default() }).contains("auxiliary"));
    let error = by_name("mobilenet-v2").unwrap().genotype().unwrap_err();
    assert!(error.to_string().contains("mobile network"), "{error}");
}

#[test]
fn a_network_without_public_layers_is_listed_and_not_invented() {
    let error = network("mnasnet-92", &Options::default()).unwrap_err().to_string();
    assert!(error.contains("mnasnet-92") && error.contains("never published"), "{error}");
}

#[test]
fn the_nearest_name_is_suggested() {
    let error = by_name("noisy-darts-a").unwrap_err().to_string();
    assert!(error.contains("did you mean \"noisydarts-a\""), "{error}");
}

#[test]
fn published_figures_follow_from_the_definitions_where_the_convention_is_known() {
    for (entry, _) in cells() {
        let network = network(entry.name, &Options::default()).unwrap();
        let terms = conventions::per_node(&network).into_iter().sum();
        let rows = entry.details().unwrap().published;
        for row in rows.iter().filter(|row| row.data == "CIFAR-10") {
            let Some(convention) = row.convention else { continue };
            let counted = convention.count(&terms) as f64 / 1e6;
            let difference = counted - row.macs.unwrap();
            // Published figures are rounded or cut off.
            assert!(
                (-0.5..1.0).contains(&difference),
                "{} in {}: off by {difference} M",
                entry.name,
                row.place
            );
        }
    }
}
