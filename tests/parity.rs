//! libtorch, ONNX Runtime and tract agree: the same tensors in the network that is trained and in the file that is shipped.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::PathBuf;

use evaluate::ModelFile;
use evaluate::runtimes::{self, RUNTIMES};
use export::{Batch, Options, Target, Weights, lower};
use models::layer::{BatchNorm, Conv2d, Layer};
use models::network::{Builder, Network};
use models::primitive::{OpSpec, PRIMITIVES, Primitive, Style};
use models::shape::Shape;
use models::spaces::skeleton::{Skeleton, Stem};
use models::zoo;
use search::net::layout::Slot;
use search::net::{Mode, Net, Statistics};
use tch::{Tensor, no_grad};

use crate::golden::{difference, draw};
use crate::supernet::numbers;

/// Bound of issue 2, relative to the largest logit.
const TOLERANCE: f64 = 1e-5;
/// Pictures per network.
const BATCH: usize = 4;

/// Logits of `BATCH` pictures by libtorch, which runs the network as it is trained: auxiliary head, drop-path and all.
fn by_libtorch(network: &Network, weights: &Weights, pictures: &[f32]) -> Vec<f32> {
    let net = Net::new(network.clone());
    let flat = |slots: &[Slot]| {
        let tensors = slots.iter().flat_map(|slot| &weights.tensors[&slot.name].data);
        Tensor::from_slice(&tensors.copied().collect::<Vec<f32>>())
    };
    let trained = search::net::Weights::from_flat(&net.layout.weights, &flat(&net.layout.weights));
    let statistics = Statistics::from_flat(&net.layout, &flat(&net.layout.statistics));
    let shape: Vec<i64> = shape(network).iter().map(|&side| side as i64).collect();
    let pictures = Tensor::from_slice(pictures).view(shape.as_slice());
    numbers(&no_grad(|| net.logits(&trained, &statistics, &pictures, Mode::EVALUATE)))
}

fn shape(network: &Network) -> Vec<usize> {
    [vec![BATCH], network.input().dims()].concat()
}

/// The class of each picture.
fn classes(network: &Network, logits: &[f32]) -> Vec<usize> {
    let largest = |logits: &[f32]| (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
    logits.chunks_exact(network.classes()).map(largest).collect()
}

/// Exports with random weights and statistics, runs everywhere, and returns the largest difference from libtorch.
fn parity(network: &Network) -> f64 {
    let weights = Weights::random(network, 7);
    let options = Options { batch: Batch::Fixed(BATCH), target: Target::Cpu, allow_random: true };
    let model = lower(network, &weights, &options).unwrap();
    let pictures = draw(&network.name, shape(network).iter().product(), 2.0, 0.0);
    let expected = by_libtorch(network, &weights, &pictures);
    let file = ModelFile {
        path: PathBuf::from(&network.name),
        model: models::onnx::decode(model.bytes()).unwrap(),
        bytes: models::onnx::Bytes::copy_from_slice(model.bytes()),
    };
    let options = runtimes::Options { shape: shape(network), threads: 1, ..runtimes::Options::default() };
    let compare = |runtime: &&dyn runtimes::Runtime| {
        if let Err(error) = runtime.about(&options) {
            assert!(std::env::var_os("NOISYDARTS_REQUIRE_ORT").is_none(), "{error}");
            eprintln!("skipped {}: {error}", runtime.name());
            return 0.0;
        }
        let found = runtime.load(&file, &options).unwrap().run(&pictures).unwrap();
        let difference = difference(&found, &expected);
        assert!(difference <= TOLERANCE, "{} on {}: {difference:e}", network.name, runtime.name());
        assert_eq!(
            classes(network, &found),
            classes(network, &expected),
            "{} on {}",
            network.name,
            runtime.name()
        );
        difference
    };
    RUNTIMES.iter().map(compare).fold(0.0, f64::max)
}

/// The largest difference over all of these networks.
fn worst(networks: impl Iterator<Item = Network>) -> f64 {
    networks.map(|network| parity(&network)).fold(0.0, f64::max)
}

/// An operation between a stem and a head.
fn around(primitive: &Primitive, spec: OpSpec) -> Network {
    let mut b = Builder::new(format!("{} at stride {}", primitive.name, spec.stride), Shape::map(3, 12, 8));
    let norm = Layer::BatchNorm(BatchNorm::new(true));
    let conv = Layer::Conv2d(Conv2d::same(spec.channels, 3, 1));
    let stem = b.chain("stem", 0, vec![("conv", conv), ("bn", norm)]).unwrap();
    let x = primitive.build(&mut b, "op", stem, spec).unwrap();
    let head = vec![("pool", Layer::GlobalAvgPool), ("flatten", Layer::Flatten), ("linear", Layer::Linear(10))];
    let logits = b.chain("head", x, head).unwrap();
    b.output("logits", logits);
    b.finish().unwrap()
}

#[test]
fn every_operation_gives_the_same_on_every_runtime() {
    let specs = [(1, Style::Retrain), (2, Style::Retrain), (1, Style::Search), (2, Style::Search)];
    let networks = PRIMITIVES.iter().filter(|primitive| primitive.name != "noise").flat_map(|primitive| {
        // 4 channels take libtorch's general kernels, 8 those for channels innermost.
        let spec =
            |channels| specs.map(|(stride, style)| around(primitive, OpSpec { channels, stride, style }));
        [spec(4), spec(8)].concat()
    });
    eprintln!("operations: {:.1e}", worst(networks));
}

#[test]
fn every_published_cell_gives_the_same_on_every_runtime() {
    let cells = zoo::ENTRIES.iter().filter(|entry| entry.genotype().is_ok());
    let options = zoo::Options {
        channels: Some(4),
        cells: Some(3),
        classes: Some(10),
        size: Some([16, 16]),
        ..zoo::Options::default()
    };
    eprintln!("cells: {:.1e}", worst(cells.map(|entry| entry.network(&options).unwrap())));
}

#[test]
fn both_skeletons_give_the_same_with_their_auxiliary_heads() {
    let on = |stem, size| {
        let options = zoo::Options {
            stem,
            channels: Some(8),
            cells: Some(4),
            classes: Some(10),
            size: Some([size; 2]),
            auxiliary: true,
        };
        zoo::network("noisydarts-a", &options).unwrap()
    };
    eprintln!("skeletons: {:.1e}", worst([on(Stem::Cifar, 32), on(Stem::ImageNet, 224)].into_iter()));
}

#[test]
fn every_mobile_network_gives_the_same_on_every_runtime() {
    let mobile = zoo::ENTRIES.iter().filter(|entry| entry.genotype().is_err());
    let options = zoo::Options { classes: Some(10), size: Some([32, 32]), ..zoo::Options::default() };
    eprintln!("mobile networks: {:.1e}", worst(mobile.map(|entry| entry.network(&options).unwrap())));
}

#[test]
fn networks_of_the_other_spaces_give_the_same_on_every_runtime() {
    let genotypes = [
        "|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_3x3~2|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|",
        "E6_K7,skip,E3_K5,E6_K3_SE,skip,E3_K7,E6_K5",
    ];
    let network = |text: &str| {
        let genotype = models::genotype::Genotype::parse(text).unwrap();
        let (channels, cells, classes, size) = (8, 1, 10, [32, 32]);
        let skeleton = Skeleton { stem: Stem::Cifar, channels, cells, classes, size, auxiliary: false };
        models::spaces::of(&genotype).derived(text, &genotype, &skeleton).unwrap()
    };
    eprintln!("other spaces: {:.1e}", worst(genotypes.into_iter().map(network)));
}
