//! P-DARTS: stages of more cells and fewer candidates, dropout on skip connections, few of them in the end.

use models::genotype::Genotype;
use models::layer::Mix;
use models::network::Table;
use models::spaces::darts::Darts;
use models::spaces::skeleton::Skeleton;
use models::spaces::{SearchSpace as _, SpaceOptions};
use search::checkpoint::Position;
use search::config::Config;
use search::engine::Job as _;
use search::methods::{Method, Moment, Numbers, Phase, Stage, View, by_name};
use search::net::Candidate;
use search::search::Search;
use tch::{Device, Kind, Tensor};

use crate::resume::Trial;
use crate::supernet::{alone, config, numbers, pictures};

/// Stages of 25 epochs, as published.
fn published() -> Config {
    let mut config = config("p-darts");
    config.darts.none = true;
    (config.search.epochs, config.search.alpha_start) = (75, 10);
    config.p_darts.dropout = vec![0.1, 0.4, 0.7];
    config
}

fn method() -> Box<dyn Method> {
    by_name("p-darts", &published()).unwrap()
}

fn tables() -> Vec<Table> {
    Darts.tables(&Skeleton::cifar(10), SpaceOptions { none: true })
}

fn random_alphas(ops: i64) -> Vec<Tensor> {
    (0..28).map(|_| Tensor::randn([ops], (Kind::Float, Device::Cpu))).collect()
}

fn next(epoch: usize, now: &Stage, alphas: &[Tensor]) -> Option<Stage> {
    method().restart(epoch, now, &View { space: &Darts, tables: &now.tables, alphas, extras: &[] })
}

/// The names of the strongest operations, from the strongest on.
fn ranked(ops: &[String], alpha: &Tensor) -> Vec<String> {
    let alpha = numbers(alpha);
    let mut order: Vec<usize> = (0..ops.len()).collect();
    order.sort_by(|&a, &b| alpha[b].total_cmp(&alpha[a]));
    order.into_iter().map(|k| ops[k].clone()).collect()
}

#[test]
fn each_edge_drops_its_weakest_candidates() {
    let _alone = alone();
    let mut stage = next(0, &Stage { cells: 8, tables: tables() }, &[]).unwrap();
    assert_eq!((stage.cells, &stage.tables), (5, &tables()));
    for (epoch, cells, before, after) in [(25, 11, 8, 5), (50, 17, 5, 3)] {
        let alphas = random_alphas(before);
        assert_eq!(next(epoch - 1, &stage, &alphas), None);
        let later = next(epoch, &stage, &alphas).unwrap();
        assert_eq!(later.cells, cells);
        let rows = |stage: &Stage| -> Vec<Vec<String>> {
            stage.tables.iter().flat_map(|table| &table.rows).map(|row| row.ops.clone()).collect()
        };
        for ((ops, kept), alpha) in rows(&stage).iter().zip(rows(&later)).zip(&alphas) {
            let strongest = &ranked(ops, alpha)[..after];
            let expected: Vec<&String> = ops.iter().filter(|op| strongest.contains(op)).collect();
            assert_eq!(kept.iter().collect::<Vec<_>>(), expected);
        }
        stage = later;
    }
}

#[test]
fn schedules_start_anew_with_each_stage() {
    let cycles = [0, 24, 25, 49, 50, 74].map(|epoch| method().cycle(epoch, 75));
    assert_eq!(cycles, [[0, 25], [24, 25], [0, 25], [24, 25], [0, 25], [24, 25]]);
    let mut uneven = published();
    uneven.search.epochs = 10;
    let uneven = by_name("p-darts", &uneven).unwrap();
    assert_eq!([2, 3, 5, 6, 9].map(|epoch| uneven.cycle(epoch, 10)), [[2, 3], [0, 3], [2, 3], [0, 4], [3, 4]]);
}

/// How much of a skip connection's output is dropped.
fn dropped(mix: &Mix, epoch: usize) -> f64 {
    let x = Tensor::ones([100, 10, 10, 10], (Kind::Float, Device::Cpu));
    let candidate = Candidate { mix, op: "skip_connect" };
    let y = method().perturb(candidate, &[], Moment { epoch, epochs: 75, phase: Phase::Weights }, x);
    y.eq(0.0).mean(Kind::Double).double_value(&[])
}

#[test]
fn skip_connections_of_stride_1_have_dropout_that_falls() {
    let _alone = alone();
    let normal = Mix { table: 0, row: 0 };
    // Epoch e of a stage of 25: r (24 - e) / 25 up to e = 9, then r exp(-0.2 (e - 10)).
    let rates = [
        (0, 0.1 * 24.0 / 25.0),
        (9, 0.1 * 15.0 / 25.0),
        (10, 0.1),
        (15, 0.1 * (-1.0_f64).exp()),
        (25, 0.4 * 24.0 / 25.0),
        (60, 0.7),
        (74, 0.7 * (-2.8_f64).exp()),
    ];
    for (epoch, rate) in rates {
        // Four standard deviations of a share of 100,000, at most 4 · 0.5 / √100,000 = 0.0063.
        assert!((dropped(&normal, epoch) - rate).abs() < 0.0063, "epoch {epoch}, expected {rate}");
    }
    // Edge 3_1 of the reduction cell has stride 2, 3_2 stride 1.
    assert!(dropped(&Mix { table: 1, row: 3 }, 60) == 0.0);
    assert!(dropped(&Mix { table: 1, row: 4 }, 60) > 0.6);
    let at = |epoch| Moment { epoch, epochs: 75, phase: Phase::Alphas };
    assert!(method().touches("skip_connect", at(0)) && !method().touches("sep_conv_3x3", at(0)));
}

/// Tables of these candidates on every edge.
fn of_ops(ops: &[&str]) -> Vec<Table> {
    let mut tables = tables();
    for row in tables.iter_mut().flat_map(|table| &mut table.rows) {
        row.ops = ops.iter().map(ToString::to_string).collect();
    }
    tables
}

fn derived(tables: &[Table], weights: &Numbers) -> Genotype {
    method().derive(&View { space: &Darts, tables, alphas: &[], extras: &[] }, weights)
}

/// Skip connections lead on every edge, the more so the later the edge.
fn skips_lead(others: usize) -> Numbers {
    let row = |at: usize| {
        let skip = 0.5 + at as f64 / 100.0;
        let rest = (0..others).map(|k| (1.0 - skip) / (others + k) as f64);
        std::iter::once(skip).chain(rest).collect()
    };
    vec![(0..14).map(row).collect(); 2]
}

#[test]
fn the_last_stage_has_two_skip_connections_in_its_normal_cell() {
    let last = of_ops(&["skip_connect", "sep_conv_3x3", "dil_conv_3x3"]);
    let genotype = derived(&last, &skips_lead(2));
    let skips: Vec<(usize, usize)> = genotype
        .normal
        .edges
        .iter()
        .filter(|edge| edge.op == "skip_connect")
        .map(|edge| (edge.node, edge.from))
        .collect();
    assert_eq!(skips, [(5, 3), (5, 4)], "the strongest two stay");
    let reduce = genotype.reduce.as_ref().unwrap();
    assert!(reduce.edges.iter().all(|edge| edge.op == "skip_connect"), "{genotype}");
    let order: Vec<(usize, usize)> = genotype.normal.edges.iter().map(|edge| (edge.node, edge.from)).collect();
    assert!(order.is_sorted(), "{genotype}");

    // Where there is nothing else to choose, it stays.
    let nothing_else = of_ops(&["skip_connect", "none"]);
    assert!(derived(&nothing_else, &skips_lead(1)).normal_skips() > 2);
    let earlier = of_ops(&["skip_connect", "sep_conv_3x3", "dil_conv_3x3", "max_pool_3x3", "none"]);
    assert_eq!(derived(&earlier, &skips_lead(4)).normal_skips(), 8, "earlier stages are reported as they are");
}

#[test]
fn a_search_goes_through_its_stages() {
    let _alone = alone();
    let (mut config, images) = (published(), pictures());
    (config.search.epochs, config.search.alpha_start, config.p_darts.cells) = (3, 0, vec![2, 3, 4]);
    let mut search = Search::new(&config, &images, Device::Cpu).unwrap();
    let mut weights = vec![];
    for (epoch, cells, ops) in [(0, 2, 8), (1, 3, 5), (2, 4, 3)] {
        search.step(Position { epoch, step: 0 }).unwrap();
        let network = search.network();
        let last = network.nodes.iter().filter_map(|node| node.path.strip_prefix("cells."));
        let last = last.filter_map(|rest| rest.split('.').next()?.parse::<usize>().ok()).max();
        assert_eq!(last, Some(cells - 1), "cells of stage {epoch}");
        assert!(network.tables.iter().flat_map(|table| &table.rows).all(|row| row.ops.len() == ops));
        // One step of Adam from alphas of about 1e-3.
        let largest = search.architecture.alphas.flat.abs().max().double_value(&[]);
        assert!(largest < 1e-2, "alphas of stage {epoch}: {largest}");
        weights.push(search.weights.flat.numel());
    }
    assert!(weights[0] != weights[1] && weights[1] != weights[2], "{weights:?}");
    let genotype = search.genotype();
    assert_eq!(Genotype::parse(&genotype.to_string()).unwrap(), genotype);
}

/// Two epochs, a stage each; it is killed in the middle of the second.
#[test]
fn a_search_killed_in_its_second_stage_survives() {
    let rest =
        "--method p-darts --set p_darts.cells=[3,4] --set p_darts.kept=[4] --set p_darts.dropout=[0.2,0.4]";
    let files = &["alphas.jsonl", "weights.safetensors", "genotype.json"];
    Trial::new("noisydarts-search run", rest, files).survives_a_kill_within_an_epoch();
}

#[test]
fn what_does_not_fit_is_refused() {
    let message = |change: &dyn Fn(&mut Config)| {
        let mut config = published();
        change(&mut config);
        by_name("p-darts", &config).err().unwrap().to_string()
    };
    assert!(message(&|config| config.space = "mobile".into()).contains("search mobile with p-darts"));
    assert!(message(&|config| config.p_darts.cells = vec![5]).contains("p_darts.kept = [5, 3]"));
    assert!(message(&|config| config.p_darts.dropout = vec![0.1, 1.0, 0.1]).contains("p_darts.dropout"));
    assert!(message(&|config| config.search.epochs = 2).contains("search.epochs = 2"));
}
