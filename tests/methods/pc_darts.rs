//! PC-DARTS: candidates touch C/K channels, the rest is shuffled in, edges are weighed.

use models::layer::Layer;
use models::network::{Builder, Network, Node};
use models::shape::Shape;
use models::spaces::darts::Darts;
use models::spaces::skeleton::{Skeleton, Stem};
use models::spaces::{SearchSpace as _, SpaceOptions};
use search::checkpoint::Position;
use search::config::Config;
use search::engine::Job as _;
use search::methods::{Method, Numbers, View, by_name};
use search::net::{Mode, Net, Statistics, Weights};
use search::random::Seed;
use search::search::Search;
use tch::{Device, Kind, Tensor};

use crate::supernet::{alone, config, numbers, pictures};

const K: usize = 4;

/// The tiny supernet with channels enough for a fourth of them to be halved.
fn settings() -> Config {
    let mut config = config("pc-darts");
    config.search.channels = 8;
    config
}

fn method() -> Box<dyn Method> {
    by_name("pc-darts", &settings()).unwrap()
}

fn supernet(skeleton: &Skeleton) -> Network {
    Darts.supernet(skeleton, SpaceOptions { none: true }).unwrap()
}

fn published() -> Skeleton {
    Skeleton { stem: Stem::Cifar, channels: 16, cells: 8, classes: 10, size: [32; 2], auxiliary: false }
}

/// Weights of the candidates of a cell's 14 edges on c channels: separable convolutions of 3 and 5 twice, dilated ones of 3
/// and 5 once, together 2·9 + 2·25 + 9 + 25 = 102 per channel for the depthwise and 6 c² for the pointwise part; at the 8
/// edges of stride 2 a factorized reduction of c² too.
fn weights_of_cell(channels: usize, reduction: bool) -> usize {
    14 * (102 * channels + 6 * channels * channels) + if reduction { 8 * channels * channels } else { 0 }
}

#[test]
fn candidates_have_the_weights_of_a_fourth_of_the_channels() {
    let cells = [16, 16, 32, 32, 32, 64, 64, 64];
    let of_all = |share: usize| {
        let cell =
            |(index, channels): (usize, &usize)| weights_of_cell(channels / share, matches!(index, 2 | 5));
        cells.iter().enumerate().map(cell).sum::<usize>()
    };
    let whole = Net::new(supernet(&published())).layout.weight_count() as usize;
    // The published count of the supernet of DARTS.
    assert_eq!(whole, 1_930_618);
    let partial = Net::new(method().prepare(supernet(&published())).unwrap()).layout.weight_count() as usize;
    assert_eq!(partial, whole - of_all(1) + of_all(K));
}

#[test]
fn candidates_have_the_shapes_of_a_fourth_of_the_channels() {
    let plain = supernet(&published());
    let network = method().prepare(plain.clone()).unwrap();
    let find = |network: &Network, path: &str| -> Node {
        network.nodes.iter().find(|node| node.path == path).unwrap().clone()
    };
    let mut mixes = 0;
    for node in plain.nodes.iter().filter(|node| matches!(node.layer, Layer::Mix(_))) {
        let edge = node.path.strip_suffix(".mix").unwrap();
        let mixed = find(&network, &node.path);
        let [channels, height, width] = node.shape.dims()[..] else { panic!("{}", node.path) };
        assert_eq!(mixed.shape, Shape::map(channels / K, height, width), "{edge}");
        assert!(mixed.inputs.iter().all(|&input| network.nodes[input].shape == mixed.shape), "{edge}");
        let shuffled = find(&network, &format!("{edge}.shuffle"));
        assert_eq!((shuffled.shape, shuffled.layer), (node.shape, Layer::Shuffle { groups: K }), "{edge}");
        mixes += 1;
    }
    assert_eq!(mixes, 8 * 14);
    let names: Vec<&str> = network.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["normal", "reduce", "normal.edges", "reduce.edges"]);
    let rows: Vec<usize> = network.tables[3].rows.iter().map(|row| row.ops.len()).collect();
    assert_eq!(rows, [2, 3, 4, 5], "edges into each node");
}

#[test]
fn a_shuffle_is_pytorchs() {
    let _alone = alone();
    let mut b = Builder::new("shuffle", Shape::map(12, 3, 5));
    let shuffled = b.push("shuffle", Layer::Shuffle { groups: 4 }, &[b.input()]).unwrap();
    b.output("logits", shuffled);
    let net = Net::new(b.finish().unwrap());
    let weights = Weights::initial(&net.layout, Seed(0), Device::Cpu);
    let statistics = Statistics::initial(&net.layout, Device::Cpu);
    let x = Tensor::randn([2, 12, 3, 5], (Kind::Float, Device::Cpu));
    let y = net.forward(&weights, &statistics, &x, Mode::EVALUATE, &[shuffled]).remove(0);
    assert_eq!(numbers(&y), numbers(&x.channel_shuffle(4)));
    // Channel 1 of the result is the first of the second group of three.
    assert_eq!(numbers(&y.select(1, 1)), numbers(&x.select(1, 3)));
    let refused = Builder::new("shuffle", Shape::map(10, 3, 5)).push("s", Layer::Shuffle { groups: 4 }, &[0]);
    assert!(refused.unwrap_err().to_string().contains("divisible by 4"));
}

/// By the operations alone edges 0 and 1 would lead to node 3; by operation times edge 1 and 2 do.
#[test]
fn derivation_multiplies_operations_with_edges() {
    let tables = method().prepare(supernet(&published())).unwrap().tables;
    let even = |row: &models::network::Row| vec![1.0 / row.ops.len() as f64; row.ops.len()];
    let mut weights: Numbers = tables.iter().map(|table| table.rows.iter().map(even).collect()).collect();
    let sure = |op: usize, weight: f64| {
        let mut row = vec![(1.0 - weight) / 7.0; 8];
        row[op] = weight;
        row
    };
    (weights[0][2], weights[0][3], weights[0][4]) = (sure(3, 0.9), sure(4, 0.8), sure(5, 0.6));
    let edges = |weights: &Numbers| {
        let view = View { space: &Darts, tables: &tables, alphas: &[], extras: &[] };
        let cell = method().derive(&view, weights).normal;
        let into_3 = cell.edges.into_iter().filter(|edge| edge.node == 3);
        into_3.map(|edge| (edge.from, edge.op)).collect::<Vec<(usize, String)>>()
    };
    assert_eq!(edges(&weights), [(0, "skip_connect".into()), (1, "sep_conv_3x3".into())]);
    weights[2][1] = vec![0.1, 0.4, 0.5];
    // 0.9 · 0.1 = 0.09, 0.8 · 0.4 = 0.32, 0.6 · 0.5 = 0.30.
    assert_eq!(edges(&weights), [(1, "sep_conv_3x3".into()), (2, "sep_conv_5x5".into())]);
}

#[test]
fn edges_are_trained_as_alphas_are() {
    let _alone = alone();
    let (mut config, images) = (settings(), pictures());
    config.search.alpha_start = 1;
    let mut search = Search::new(&config, &images, Device::Cpu).unwrap();
    let betas = |search: &Search<'_>| -> Vec<Vec<f32>> {
        search.architecture.alphas.views[28..].iter().map(numbers).collect()
    };
    let before = betas(&search);
    assert_eq!(before.iter().map(Vec::len).collect::<Vec<_>>(), [2, 3, 4, 5, 2, 3, 4, 5]);
    search.step(Position { epoch: 0, step: 0 }).unwrap();
    assert_eq!(betas(&search), before, "before search.alpha_start");
    search.step(Position { epoch: 1, step: 0 }).unwrap();
    let after = betas(&search);
    assert!(
        after
            .iter()
            .flatten()
            .zip(before.iter().flatten())
            .all(|(after, before)| after.to_bits() != before.to_bits())
    );
    let genotype = search.genotype();
    assert_eq!(models::genotype::Genotype::parse(&genotype.to_string()).unwrap(), genotype);
}

#[test]
fn what_does_not_fit_is_refused() {
    let message = |config: &Config| Search::new(config, &pictures(), Device::Cpu).err().unwrap();
    let mut other = settings();
    other.space = "nb201".into();
    let error = message(&other);
    assert!(error.is_users());
    let text = error.to_string();
    assert!(text.contains("search nb201 with pc-darts") && text.contains("darts, s1"), "{text}");
    let mut odd = settings();
    odd.search.channels = 6;
    let text = message(&odd).to_string();
    assert!(text.contains("cells.0.edges.2_0") && text.contains("search.channels"), "{text}");
    let mut none = settings();
    none.pc_darts.k = 1;
    assert!(message(&none).to_string().contains("pc_darts.k = 1"));
}
